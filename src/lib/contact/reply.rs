//! The answer that everybody is sent at once, where the site has one.
//!
//! It goes to an address that somebody typed, who may be anybody. So it repeats of them only what can be a name and what can be
//! a subject, never an address to click on; goes once a day to one address; and not at all where a program would answer, or
//! where it would come back to this site. It says that it was made by a program (`Auto-Submitted`), as every mail from here, so
//! that no other program answers.

use super::settings::{
    self, AUTO_REPLY, AUTO_REPLY_ADDRESS, AUTO_REPLY_BODY, AUTO_REPLY_SUBJECT, SUPPORT_EMAIL,
};
use super::{Topic, Written};
use crate::context::Context;
use crate::error::Result;
use crate::mail::message::Message;
use crate::mail::message::names::beside_address;
use crate::mail::outbox::{self, NewMail};
use crate::mail::settings::ALERTS_TO;
use crate::mail::{account, route};
use crate::store::Tx;
use crate::text::email::{self, Email};
use crate::throttle;

/// What it is for, by which its account is chosen.
pub(super) const FEATURE: &str = "contact-auto-reply";

/// What programs are called that send mails, letters and digits alone: nobody reads what they are sent, or they answer.
const PROGRAMS: [&str; 16] = [
    "noreply",
    "donotreply",
    "dontreply",
    "noanswer",
    "nichtantworten",
    "neodpovidat",
    "mailerdaemon",
    "postmaster",
    "daemon",
    "bounce",
    "bounces",
    "autoreply",
    "autoresponder",
    "listserv",
    "majordomo",
    "mailman",
];

/// How the addresses of programs and of lists begin.
const BEGINNINGS: [&str; 6] = ["noreply", "donotreply", "bounce-", "bounces-", "bounce+", "owner-"];

/// How the addresses of lists end.
const ENDINGS: [&str; 10] = [
    "-request",
    "-owner",
    "-bounces",
    "-bounce",
    "-noreply",
    "-unsubscribe",
    "-subscribe",
    "-admin",
    "-confirm",
    "-leave",
];

/// Sends it, if it is to be sent; whether it was.
pub(super) fn send(cx: &Context, tx: &Tx<'_>, written: &Written) -> Result<bool> {
    let Some((subject, text)) = said(cx, written) else { return Ok(false) };
    let is_sent = route::chosen(tx, FEATURE, None)?.is_some();
    if !is_sent || is_program(&written.email) || is_own(cx, tx, &written.email)? {
        return Ok(false);
    }
    if !throttle::take_contact_reply(cx, tx, &written.email.folded())? {
        return Ok(false);
    }
    let message = Message::Free { subject, text, reply_to: cx.settings.get(&AUTO_REPLY_ADDRESS).clone() };
    let name = beside_address(&written.name);
    let mail = NewMail { message: &message, to: &written.email, name, user: None, company: None, run: None };
    outbox::queue_with(cx, tx, &mail, FEATURE, &[])?;
    Ok(true)
}

/// What is missing of an answer that is switched on, by the names of settings.
pub(super) fn missing(cx: &Context) -> Vec<&'static str> {
    if !cx.settings.get(&AUTO_REPLY) {
        return Vec::new();
    }
    let mut missing = Vec::new();
    for text in [&AUTO_REPLY_SUBJECT, &AUTO_REPLY_BODY] {
        if cx.settings.get(text).is_empty() {
            missing.push(text.about.name);
        }
    }
    if cx.settings.get(&AUTO_REPLY_ADDRESS).is_none() {
        missing.push(AUTO_REPLY_ADDRESS.about.name);
    }
    missing
}

/// Subject and text, where the answer is switched on and whole.
fn said(cx: &Context, written: &Written) -> Option<(String, String)> {
    if !cx.settings.get(&AUTO_REPLY) || !missing(cx).is_empty() {
        return None;
    }
    let name = Some(beside_address(&written.name)).filter(|name| !name.is_empty());
    let name = name.unwrap_or(written.email.as_str());
    let subject = repeated(&written.subject).unwrap_or_else(|| written.topic.word());
    let filled = |text: &str| fill(text, (name, subject));
    // A line that is too long for a header would keep the mail back.
    let line: String = filled(cx.settings.get::<String>(&AUTO_REPLY_SUBJECT)).chars().take(200).collect();
    Some((line, filled(cx.settings.get::<String>(&AUTO_REPLY_BODY))))
}

/// Fills in both; what they hold themselves is filled in no further.
fn fill(text: &str, (name, subject): (&str, &str)) -> String {
    let [of_name, of_subject] = settings::HOLES;
    let within = |part: &str| part.split(of_subject).collect::<Vec<_>>().join(subject);
    text.split(of_name).map(within).collect::<Vec<_>>().join(name)
}

/// A subject, where nothing in it could be an address to go to or to call.
fn repeated(subject: &str) -> Option<&str> {
    let is_plain = |word: &str| {
        let word = word.trim_end_matches(['.', ',', '!', '?', ':', ';', '…', ')']);
        let digits = word.chars().filter(char::is_ascii_digit).count();
        !word.contains(['.', '/', '\\', ':', '@', '<', '>']) && digits < 7
    };
    let digits = subject.chars().filter(|c| c.is_numeric()).count();
    let is_short = subject.chars().count() <= 100 && digits <= 8;
    (is_short && subject.split_whitespace().all(is_plain)).then_some(subject)
}

/// Whether a program has this address, or a list.
fn is_program(email: &Email) -> bool {
    let folded = email.folded();
    let local = folded.rsplit_once('@').map_or("", |(local, _)| local);
    let (name, _) = local.split_once('+').unwrap_or((local, ""));
    let plain: String = name.chars().filter(|c| c.is_alphanumeric()).collect();
    let begins = |with: &&str| local.starts_with(*with) || plain.starts_with(*with);
    PROGRAMS.contains(&plain.as_str())
        || BEGINNINGS.iter().any(begins)
        || ENDINGS.iter().any(|with| name.ends_with(with))
}

/// Whether this is an address of the site itself: what is sent there would come back.
fn is_own(cx: &Context, tx: &Tx<'_>, email: &Email) -> Result<bool> {
    let key = email.folded();
    let is_it = |own: &Email| own.folded() == key;
    let topics =
        Topic::WORDS.iter().any(|(_, topic)| cx.settings.get(settings::recipients(*topic)).iter().any(is_it));
    let single = [&settings::EMAIL, &SUPPORT_EMAIL, &AUTO_REPLY_ADDRESS];
    let single = single.iter().any(|setting| cx.settings.get(setting).iter().any(is_it));
    if topics || single || cx.settings.get(&ALERTS_TO).iter().any(is_it) {
        return Ok(true);
    }
    let accounts = account::all(tx)?;
    Ok(accounts.iter().any(|account| {
        let replies = account.facts.reply_to.as_deref();
        [Some(account.facts.from.as_str()), replies].into_iter().flatten().any(|own| email::key(own) == key)
    }))
}

#[cfg(test)]
mod tests {
    use super::{fill, is_program, repeated};
    use crate::text::email::Email;

    #[test]
    fn no_program_and_no_list_is_answered() {
        let is_program = |email: &str| is_program(&Email::parse(email).unwrap());
        for email in [
            "no-reply@acme.example",
            "NoReply@acme.example",
            "do_not.reply+7@acme.example",
            "noreply-billing@acme.example",
            "mailer-daemon@acme.example",
            "postmaster@acme.example",
            "bounces+12=a.example@acme.example",
            "owner-users@acme.example",
            "users-request@acme.example",
            "users-bounces+anna@acme.example",
        ] {
            assert!(is_program(email), "{email}");
        }
        for email in
            ["anna@acme.example", "nora@acme.example", "reply@acme.example", "anna+noreply@acme.example"]
        {
            assert!(!is_program(email), "{email}");
        }
    }

    #[test]
    fn a_subject_is_repeated_where_it_leads_nowhere() {
        for subject in ["The report of March", "Звіт за березень?", "Question: prices (2026)", "How much..."]
        {
            assert_eq!(repeated(subject), Some(subject));
        }
        for subject in [
            "Win at evil.example",
            "https://evil.example",
            "call 0800 123 456",
            "call 08001234567",
            "write to a@evil.example",
            "<b>free</b>",
            &"word ".repeat(21),
        ] {
            assert_eq!(repeated(subject), None, "{subject}");
        }
    }

    #[test]
    fn what_is_filled_in_is_filled_in_no_further() {
        assert_eq!(fill("{name}: {subject}", ("A {subject}", "B {name}")), "A {subject}: B {name}");
        assert_eq!(fill("nothing", ("A", "B")), "nothing");
    }
}
