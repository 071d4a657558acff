//! Of whom a refusal speaks: the mail and who gets it, or the account that sends.
//!
//! A relay refuses what is the account's fault (a quota that is used up, a block list, a missing login) often no earlier than
//! at RCPT or behind the mail. [`TABLE`] says by the three digits, the enhanced code (RFC 3463, the registry of RFC 5248, and
//! what large providers add to it) and the words of whom an answer speaks; the first row that fits decides. Where it may be
//! either, several alike to different domains have to say it before it is the account's. So it is with a refusal for good that
//! names nobody: whatever its words mean, if it is said alike of everybody it is not the fault of one mail.

use super::reply::Enhanced;

/// Of whom an answer speaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum About {
    /// The mail, or who gets it.
    Mail,
    /// Of nobody in particular: a refusal for good without a code or words that we know.
    Nobody,
    /// Perhaps the account.
    AccountPerhaps,
    /// The account: any other mail would be answered alike.
    Account,
}

/// What an answer means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Judgement {
    /// Of whom it speaks.
    pub(crate) about: About,
    /// What it says, in words of our own; by them it is judged the same when it is read again.
    pub(crate) meaning: &'static str,
    /// Whether it was judged by its enhanced code.
    pub(crate) is_by_code: bool,
}

/// The three digits of a row.
#[derive(Clone, Copy)]
enum Status {
    /// Any refusal.
    Any,
    /// For now.
    Later,
    /// For good.
    Never,
    /// Exactly these.
    Is(u16),
}

/// The enhanced code of a row: its subject, and its detail.
#[derive(Clone, Copy)]
enum Code {
    /// Any or none.
    Any,
    /// None.
    None,
    /// Any of a subject.
    Subject(u16),
    /// Exactly this.
    Is(u16, u16),
    /// From one detail to another.
    Between(u16, u16, u16),
}

/// What a server says that limits or bars the sender, and words of our own for it, which hold one of them.
struct Words {
    any_of: &'static [&'static str],
}

const GREYLISTED: Words = Words { any_of: &["greylist", "graylist", "grey list", "gray list"] };

const LOGIN: Words = Words {
    any_of: &[
        "authentication required",
        "authentication is required",
        "must authenticate",
        "not authenticated",
        "authenticate first",
        "not logged in",
        "log in first",
        "login required",
        "login is refused",
    ],
};

/// A quota of whoever gets the mail is none of these.
const LIMIT: Words = Words {
    any_of: &[
        "too many mails",
        "too many messages",
        "too many emails",
        "too much mail",
        "per hour",
        "per day",
        "hourly",
        "daily",
        "rate limit",
        "rate-limit",
        "ratelimit",
        "relay limit",
        "sending limit",
        "sending quota",
        "message limit",
        "limit exceeded for",
        "exceeded your",
        "unusual rate",
        "throttl",
    ],
};

const BLOCK: Words = Words {
    any_of: &[
        "blocked using",
        "has been blocked",
        "been temporarily blocked",
        "sender is blocked",
        "blocklist",
        "block list",
        "blacklist",
        "black list",
        "denylist",
        "spamhaus",
        "dnsbl",
        "reputation",
        "banned",
    ],
};

/// The second is how qmail says that it does not relay.
const RELAY: Words = Words { any_of: &["relay", "rcpthosts"] };

/// How Exchange Online says, by a code of the way, that it knows nobody of that address.
const REJECTED: Words = Words { any_of: &["recipient address rejected"] };

/// Whom the mail is to, and nobody else.
const RECIPIENT: Words = Words {
    any_of: &[
        "no such user",
        "no such person",
        "no such recipient",
        "no such address",
        "no such mailbox",
        "no such domain",
        "no mailbox here",
        "user unknown",
        "unknown user",
        "recipient unknown",
        "unknown recipient",
        "invalid recipient",
        "invalid mailbox",
        "user not found",
        "recipient not found",
        "mailbox not found",
        "user does not exist",
        "user doesn't exist",
        "address does not exist",
        "account that you tried to reach does not exist",
        "mailbox full",
        "mailbox is full",
        "over quota",
        "unrouteable address",
    ],
};

const SENDER: Words = Words { any_of: &["sender"] };

/// Most of what is said of authenticity is a policy of who gets the mail.
const POLICY: Words = Words { any_of: &["policy", "authenticat"] };

const ANYTHING: Words = Words { any_of: &[] };

type Row = (Status, Code, &'static Words, About, &'static str);

/// The first row that fits decides.
#[rustfmt::skip]
const TABLE: &[Row] = {
    use About::{Account, AccountPerhaps, Mail, Nobody};
    use Code::{Any as AnyCode, Between, Is, None as NoCode, Subject};
    use Status::{Any, Is as Exactly, Later, Never};
    &[
        // Whoever asks to come again later than this one mail does it of each mail in its turn.
        (Later, AnyCode, &GREYLISTED, Mail, "greylisted"),
        // A login is missing or no longer good (RFC 4954).
        (Exactly(530), AnyCode, &ANYTHING, Account, "a login is required"),
        (Exactly(534), AnyCode, &ANYTHING, Account, "the login is refused"),
        (Exactly(535), AnyCode, &ANYTHING, Account, "the login is refused"),
        (Exactly(538), AnyCode, &ANYTHING, Account, "a login is required"),
        (Any, Is(7, 8), &ANYTHING, Account, "the login is refused"),
        (Any, Is(7, 9), &ANYTHING, Account, "the login is refused"),
        (Any, Is(7, 11), &ANYTHING, Account, "the login is refused"),
        (Any, Is(7, 13), &ANYTHING, Account, "the login is refused"),
        // A host that takes no mail from us at all (RFC 7504), as 556 is a domain that takes none.
        (Exactly(521), AnyCode, &ANYTHING, Account, "the server takes no mail"),
        (Exactly(556), AnyCode, &ANYTHING, Mail, "the domain takes no mail"),
        // The quota of whoever sends: Google says 5.4.5, Microsoft 5.1.90 and 5.7.705.
        (Any, Is(4, 5), &ANYTHING, Account, "too many mails"),
        (Any, Is(1, 90), &ANYTHING, Account, "too many mails"),
        (Any, Is(7, 705), &ANYTHING, Account, "too many mails"),
        // Microsoft: no login, and a login that may not write from this address.
        (Any, Is(7, 57), &ANYTHING, Account, "a login is required"),
        (Any, Is(7, 60), &ANYTHING, Account, "the sender is refused"),
        (Any, Is(2, 252), &ANYTHING, Account, "the sender is refused"),
        // Addresses.
        (Any, Is(1, 0), &ANYTHING, AccountPerhaps, "the address or the sender is refused"),
        (Any, Is(1, 1), &ANYTHING, Mail, "no such mailbox"),
        (Any, Is(1, 2), &ANYTHING, Mail, "no such domain"),
        (Any, Is(1, 7), &ANYTHING, AccountPerhaps, "the sender is refused"),
        (Any, Is(1, 8), &ANYTHING, AccountPerhaps, "the sender is refused"),
        (Any, Subject(1), &ANYTHING, Mail, "the address is refused"),
        // Mailboxes; a limit of whoever sends wears such a code too.
        (Any, Subject(2), &LIMIT, AccountPerhaps, "too many mails"),
        (Any, Is(2, 1), &ANYTHING, Mail, "the mailbox is switched off"),
        (Any, Is(2, 2), &ANYTHING, Mail, "the mailbox is full"),
        (Any, Is(2, 3), &ANYTHING, Mail, "too large"),
        (Any, Subject(2), &ANYTHING, Mail, "the mailbox takes nothing"),
        // The server itself.
        (Any, Is(3, 4), &ANYTHING, Mail, "too large"),
        (Any, Subject(3), &ANYTHING, AccountPerhaps, "the server is not ready"),
        // The way behind it; a loop may be at the server that it is handed to.
        (Any, Subject(4), &LIMIT, AccountPerhaps, "too many mails"),
        (Any, Is(4, 6), &ANYTHING, AccountPerhaps, "it goes in circles"),
        (Any, Is(4, 4), &ANYTHING, Mail, "no way leads there"),
        (Never, Is(4, 1), &REJECTED, Mail, "no such mailbox"),
        (Never, Subject(4), &ANYTHING, Nobody, "it cannot be passed on"),
        (Any, Subject(4), &ANYTHING, Mail, "it cannot be passed on"),
        // The dialogue.
        (Any, Is(5, 3), &LIMIT, AccountPerhaps, "too many mails"),
        (Never, Is(5, 3), &ANYTHING, Nobody, "the server does not understand"),
        (Any, Is(5, 3), &ANYTHING, Mail, "the server does not understand"),
        (Any, Subject(5), &LOGIN, Account, "the login is refused"),
        (Any, Subject(5), &ANYTHING, AccountPerhaps, "the server does not understand"),
        // What it holds.
        (Any, Subject(6), &ANYTHING, Mail, "what it holds is refused"),
        // Policy: for good it may always be the account; for now a bare `4.7.1` is how mails are greylisted without a word.
        (Later, Subject(7), &LOGIN, AccountPerhaps, "the login is refused"),
        (Later, Subject(7), &LIMIT, AccountPerhaps, "too many mails"),
        (Later, Subject(7), &BLOCK, AccountPerhaps, "on a block list"),
        (Later, Is(7, 0), &ANYTHING, AccountPerhaps, "put off by policy"),
        (Later, Between(7, 23, 29), &ANYTHING, AccountPerhaps, "put off by policy"),
        (Later, Between(7, 500, 999), &ANYTHING, AccountPerhaps, "put off by policy"),
        (Exactly(421), Subject(7), &ANYTHING, AccountPerhaps, "put off by policy"),
        (Later, Subject(7), &ANYTHING, Mail, "put off for now"),
        (Any, Subject(7), &ANYTHING, AccountPerhaps, "refused by policy"),
        // Without an enhanced code the words tell.
        (Any, NoCode, &LOGIN, Account, "the login is refused"),
        (Any, NoCode, &LIMIT, AccountPerhaps, "too many mails"),
        (Any, NoCode, &BLOCK, AccountPerhaps, "on a block list"),
        (Exactly(421), AnyCode, &ANYTHING, AccountPerhaps, "the server ends the connection"),
        (Exactly(552), NoCode, &ANYTHING, Mail, "too large, or the mailbox is full"),
        (Later, AnyCode, &ANYTHING, Mail, "put off"),
        (Any, NoCode, &RELAY, AccountPerhaps, "relaying is refused"),
        (Any, NoCode, &SENDER, AccountPerhaps, "the sender is refused"),
        (Any, NoCode, &POLICY, AccountPerhaps, "refused by policy"),
        (Any, NoCode, &RECIPIENT, Mail, "no such mailbox, or user unknown"),
        (Any, Subject(0), &RECIPIENT, Mail, "no such mailbox, or user unknown"),
        (Any, AnyCode, &ANYTHING, Nobody, "refused"),
    ]
};

impl Status {
    const fn fits(self, status: u16) -> bool {
        match self {
            Self::Any => true,
            Self::Later => status < 500,
            Self::Never => status >= 500,
            Self::Is(other) => status == other,
        }
    }
}

impl Code {
    const fn fits(self, code: Option<Enhanced>) -> bool {
        let Some(Enhanced { subject, detail, .. }) = code else {
            return matches!(self, Self::Any | Self::None);
        };
        match self {
            Self::Any => true,
            Self::None => false,
            Self::Subject(other) => subject == other,
            Self::Is(of, exactly) => subject == of && detail == exactly,
            Self::Between(of, first, last) => subject == of && first <= detail && detail <= last,
        }
    }
}

impl Words {
    fn fits(&self, said: &str) -> bool {
        self.any_of.is_empty() || self.any_of.iter().any(|word| said.contains(word))
    }
}

/// What a refusal means, by its three digits, its enhanced code and what is said, in small letters.
pub(super) fn judge(status: u16, code: Option<Enhanced>, said: &str) -> Judgement {
    let fits = |row: &&Row| row.0.fits(status) && row.1.fits(code) && row.2.fits(said);
    let found = TABLE.iter().find(fits);
    let is_by_code =
        found.is_some_and(|row| matches!(row.1, Code::Subject(_) | Code::Is(..) | Code::Between(..)));
    let (about, meaning) = found.map_or((About::Mail, "refused"), |row| (row.3, row.4));
    Judgement { about, meaning, is_by_code }
}

#[cfg(test)]
mod tests {
    use super::super::Reply;
    use super::About;

    fn about(line: &str) -> About {
        Reply::parse(line.as_bytes()).unwrap().judged().about
    }

    #[test]
    fn m2_what_speaks_of_the_account_is_the_accounts_wherever_it_is_said() {
        for line in [
            "530 5.7.0 Authentication required",
            "530 Must issue a STARTTLS command first",
            "530-5.5.1 Authentication Required. Learn more at",
            "550 5.5.1 Authentication required",
            "535 5.7.8 Username and Password not accepted",
            "550 5.7.57 Client not authenticated to send mail",
            "550 5.7.60 SMTP; Client does not have permissions to send as this sender",
            "554 5.2.252 SendAsDenied; noreply@acme.example not allowed to send as ada@acme.example",
            "550 5.4.5 Daily user sending quota exceeded",
            "451 4.4.5 Server busy, try again later",
            "550 5.1.90 Your message can't be sent because you've reached your daily limit",
            "550 5.7.705 Access denied, tenant has exceeded threshold",
            "521 acme.example does not accept mail from you",
            "521 5.2.1 not taken",
            "550 You must authenticate first",
        ] {
            assert_eq!(about(line), About::Account, "{line}");
        }
    }

    #[test]
    fn m2_what_may_speak_of_the_account_is_asked_of_several_domains() {
        for line in [
            "554 5.7.1 relay access denied",
            "550 5.7.1 Service unavailable, Client host [192.0.2.1] blocked using Spamhaus",
            "554 5.7.1 Recipient address rejected: You have exceeded your quota",
            "553 5.7.1 Sender address rejected: not owned by user app",
            "550 5.7.26 Unauthenticated email is not accepted due to the domain's DMARC policy",
            "550 5.1.0 <noreply@acme.example> sender rejected",
            "550 5.1.8 Sender address rejected: domain not found",
            "553 5.1.7 bad sender",
            "554 5.4.6 Too many hops",
            "421 4.7.0 unusual rate of unsolicited mail from your IP address",
            "421 4.7.28 too much",
            "451 4.7.500 Server busy. Please try again later",
            "451 4.7.1 Rate limit exceeded",
            "450 4.7.1 Error: too much mail from 192.0.2.1",
            "450 4.2.1 Peak SMTP relay limit exceeded for customer",
            "452 4.3.1 Insufficient system storage",
            "451 4.3.0 Temporary system problem",
            "421 closing",
            "421 4.3.2 shutting down",
            "550 Domain acme.example has exceeded the max emails per hour (501/500) allowed",
            "554 Your access to this mail system has been rejected due to the sending MTA's poor reputation",
            "550 relay not permitted",
            "550 Sender verify failed",
            "550 SPF authentication failed",
            "553 sorry, that domain isn't in my list of allowed rcpthosts",
            "553 sorry, that domain isn't in my list of allowed rcpthosts (#5.7.1)",
        ] {
            assert_eq!(about(line), About::AccountPerhaps, "{line}");
        }
    }

    #[test]
    fn what_speaks_of_the_mail_is_the_mails() {
        for line in [
            "550 5.1.1 no such user",
            "550 5.1.10 recipient not found",
            "550 no such user here",
            "552 5.2.2 mailbox full",
            "452 4.2.2 The email account is over quota",
            "450 4.2.1 The user you are trying to contact is receiving mail too quickly",
            "432 4.2.1 try later",
            "450 4.2.0 Greylisted, see http://postgrey.example",
            "451 4.7.1 Greylisting in action, please come back in 00:05:00",
            "451 4.7.1 Try again later",
            "450 greylisted: rate limit of strangers",
            "450 4.1.2 domain not found",
            "550 sorry, no mailbox here by that name. (#5.1.1)",
            "550 #5.1.1 rejected",
            "550 5.0.0 User unknown",
            "550 5.4.4 Host not found",
            "450 4.4.1 no answer from the host",
            "556 5.1.10 the domain takes no mail",
            "554 5.6.0 malformed",
            "552 5.3.4 too large",
            "550 5.4.1 Recipient address rejected: Access denied",
            "552 mailbox quota exceeded",
            "451 try again",
        ] {
            assert_eq!(about(line), About::Mail, "{line}");
        }
    }

    #[test]
    fn m2_a_refusal_for_good_that_names_nobody_is_asked_of_others_and_counts_by_its_words() {
        for (line, alike) in [
            (
                "550 Access denied - Invalid HELO name (See RFC2821 4.1.1.1)",
                "550 Access denied - Invalid HELO name",
            ),
            ("554 Transaction failed", "554 transaction failed."),
            ("550 Administrative prohibition", "550 administrative prohibition"),
            ("550 5.0.0 <olena@acme.example>: no", "550 5.0.0 <petro@other.example>: no"),
            ("553 not acme.example, says q7F3a", "553 not other.example, says k2"),
        ] {
            assert_eq!((about(line), about(alike)), (About::Nobody, About::Nobody), "{line}");
            let suspicion = |line: &str| Reply::parse(line.as_bytes()).unwrap().suspicion().unwrap();
            let is_same = suspicion(line) == suspicion(alike);
            assert_eq!(is_same, !line.contains("HELO"), "{line}");
            assert!(suspicion(line) != suspicion("550 something else"), "{line}");
        }
    }

    /// What is stored of an answer may be its codes with words of our own.
    #[test]
    fn an_answer_is_judged_alike_when_it_is_read_again() {
        for line in [
            "530 need it",
            "550 authenticate first",
            "550 not authentic: authentication failed",
            "550 too many messages",
            "550 listed at spamhaus",
            "550 relaying no",
            "550 sender no",
            "550 policy no",
            "450 4.2.1 relay limit exceeded",
            "451 4.7.1 greylisting",
            "451 4.7.1 throttled",
            "451 4.7.1 bad reputation",
            "421 bye",
            "554 5.7.1 no",
            "552 full",
        ] {
            let reply = Reply::parse(line.as_bytes()).unwrap();
            let code = reply.enhanced().map(|code| format!(" {code}")).unwrap_or_default();
            let kept = format!("{}{code} ({})", reply.status(), reply.judged().meaning);
            let again = Reply::parse(kept.as_bytes()).unwrap();
            assert_eq!(again.judged().about, reply.judged().about, "{kept}");
            assert_eq!(again.suspicion(), reply.suspicion(), "{kept}");
        }
    }
}
