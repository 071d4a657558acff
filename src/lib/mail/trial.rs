//! Trying an account: the way of a mail, step by step, and what to do where it ends.

use std::path::Path;

use serde_json::json;

use super::account;
use super::address::Mailbox;
use super::error::Error;
use super::message::compose::{Composed, message_id};
use super::message::templates::Templates;
use super::message::{Message, Reader};
use super::outbox::{self, Rest};
use super::ready::{Letter, Ready};
use super::runs_programs;
use super::server::{self, Auth, ServerKind};
use super::transport::failure::{Cause, Failure, TlsFault, Whose};
use super::transport::turn::Turn;
use super::transport::walk::Step;
use super::transport::{Outcome, Security, Walk, block_on};
use crate::audit::{self, Event, fields_of};
use crate::context::Context;
use crate::error::Result;
use crate::setting::site;
use crate::store::Tx;
use crate::text::email::Email;
use crate::text::shell::secboard;

/// How the way went.
pub(crate) struct Tried {
    /// The account.
    pub(crate) account: String,
    /// The steps that went well.
    pub(crate) walk: Walk,
    /// Where it ended, if not at its end, and what to do.
    pub(crate) failure: Option<(Failure, String)>,
    /// Whether a mail was sent.
    pub(crate) is_sent: bool,
    /// Whether mails leave by the account when they are sent.
    pub(crate) is_active: bool,
    /// The rest of the account, whatever came of this.
    pub(crate) rest: Option<Rest>,
    /// Why the audit does not have how it ended, if it has only that it began.
    pub(crate) unrecorded: Option<crate::error::Failure>,
}

/// Walks the way of a mail from an account; to an address, a mail is sent. Without one the way ends before a mail would be
/// said, and the recipient asked for is the sender.
pub(crate) fn run(cx: &Context, name: &str, to: Option<&str>) -> Result<Tried> {
    cx.actor.require_anywhere("mail.send")?;
    let (ready, mail) = cx.read(|tx| prepare(cx, tx, name, to))?;
    let sends = to.is_some() && !cx.dry_run;
    if sends {
        // A mail cannot be taken back: what cannot be recorded is not begun.
        cx.write(|tx| note(cx, tx, name_of(&ready), &mail, "begun"))?;
    }
    let mut walk = Walk::default();
    let gone = block_on(cx.cancel.unless_unwanted(go(&ready, &mail, sends, &mut walk)))
        .map_err(|source| Error::NoRuntime { source })?;
    let id = ready.server.id;
    let kept = if ready.has_given() { cx.write_in_earnest(|tx| server::put_given(tx, id)) } else { Ok(()) };
    let Some(gone) = gone else {
        if sends {
            cx.write_in_earnest(|tx| note(cx, tx, name_of(&ready), &mail, "interrupted"))?;
        }
        return Err(Error::CutShort { sent: 0, unanswered: sends.into() }.into());
    };
    let failure = gone.err().map(|failure| {
        let advice = advice(&failure, &ready);
        (failure, advice)
    });
    let ended = failure.as_ref().map_or_else(|| "sent".to_owned(), |(failure, _)| failure.in_codes());
    let id = ready.account.id;
    let written = |tx: &Tx<'_>| {
        // What has just sent a mail is well.
        if failure.is_none() {
            outbox::end_rest(tx, id)?;
        }
        note(cx, tx, name_of(&ready), &mail, &ended)
    };
    let written = if sends { cx.write_in_earnest(written) } else { Ok(()) };
    let unrecorded = written.and(kept).err();
    // Whoever interrupts it now is told all the same what became of the mail.
    let resting = cx.cancel.regardless(|| cx.read(|tx| outbox::resting(cx, tx)))?;
    Ok(Tried {
        rest: resting.into_iter().find(|rest| rest.account_id == id),
        account: name_of(&ready).to_owned(),
        is_active: ready.account.facts.active,
        walk,
        is_sent: sends && failure.is_none(),
        failure,
        unrecorded,
    })
}

fn prepare(cx: &Context, tx: &Tx<'_>, name: &str, to: Option<&str>) -> Result<(Ready, Composed)> {
    let seen = cx.actor.scope_of_any(&["mail.view", "mail.send"]);
    let account = account::get_in(tx, name, &seen)?;
    cx.actor.require("mail.send", account.facts.company_id)?;
    let ready = Ready::of(cx, tx, account)?;
    if ready.needs_program() && !runs_programs(cx) {
        let why = "the account sends by a program, which only root or the owner of the store has run";
        return Err(cx.actor.denied(why).into());
    }
    let (to, account) = match to {
        Some(address) => (Mailbox::new("", &Email::parse(address)?)?, address),
        None => (ready.from().clone(), ready.account.facts.from.as_str()),
    };
    let language = *cx.settings.get(&site::LANGUAGE);
    let (sender, server) = (ready.account.facts.name.clone(), ready.account.facts.server.clone());
    let letter = Letter {
        message: &Message::Test { sender, server, at: cx.now() },
        attachments: &[],
        to: &to,
        reader: &Reader { name: String::new(), account: account.to_owned(), language },
        message_id: &message_id(&*cx.rng, ready.from().path())?,
        date: cx.now(),
    };
    let mail = ready.compose(cx, &Templates::of_site(cx.templates.as_deref(), cx.now()).0, &letter)?;
    Ok((ready, mail))
}

async fn go(ready: &Ready, mail: &Composed, sends: bool, walk: &mut Walk) -> Result<(), Failure> {
    let token = if ready.takes_token() { Some(ready.token().await?) } else { None };
    let mut sender = ready.sender(token.as_ref())?.telling();
    let gone = if sends {
        match sender.send(mail, walk, &mut Turn::alone()).await {
            Outcome::Sent { .. } => Ok(()),
            Outcome::Failed(failure) => Err(failure),
        }
    } else {
        sender.try_out(mail, walk).await
    };
    sender.close().await;
    gone
}

fn name_of(ready: &Ready) -> &str {
    &ready.account.facts.name
}

/// That a mail is about to be sent, and then what came of it.
fn note(cx: &Context, tx: &Tx<'_>, account: &str, mail: &Composed, outcome: &str) -> Result<()> {
    let told = fields_of([("to", json!(mail.recipient.to_string())), ("outcome", json!(outcome))]);
    audit::note(cx, tx, Event::without_id("mail.test", "mail", account), &told)?;
    Ok(())
}

/// What to do about a failure.
fn advice(failure: &Failure, ready: &Ready) -> String {
    let server =
        |flags: &str| secboard("mail server edit").operand(&ready.server.facts.name).flags(flags).to_string();
    let account = |flags: &str| {
        secboard("mail account edit").operand(&ready.account.facts.name).flags(flags).to_string()
    };
    let security = ready.server.facts.way.smtp().map(|smtp| smtp.protection.security());
    match &failure.cause {
        Cause::Answer(reply) if is_of_introduction(failure) => format!(
            "the server {} how this site introduces itself, which is by its host: set that to a name that the DNS knows, with `{}`",
            if reply.is_permanent() { "refuses" } else { "does not take for now" },
            secboard("setting set").flags("site.domain …")
        ),
        Cause::Answer(reply) => match failure.step {
            Step::Auth if reply.is_permanent() => login_refused(ready.server.facts.way.auth(), failure, server, account),
            Step::Mail => format!(
                "let the server send for `{}`, or write from another address, with `{}`",
                ready.account.facts.from,
                account("--from …")
            ),
            Step::Rcpt if reply.is_transient() => {
                "the server wants to be asked again later, as greylisting does: try again in some minutes".to_owned()
            }
            Step::Rcpt if ready.server.facts.way.auth() == Auth::None => format!(
                "the server may relay only for who logs in, with `{}`, or for machines it knows: ask its administrator",
                server("--auth plain")
            ),
            Step::Rcpt => "see whether the address is right; if it is, ask the administrator of the server whether this \
                account may send there"
                .to_owned(),
            _ if reply.is_transient() => "the server is not ready: try again in some minutes".to_owned(),
            _ => "ask the administrator of the server what that means".to_owned(),
        },
        Cause::Unresolved { .. } => {
            format!("correct the host with `{}`, or see whether this machine has DNS", server("--host …"))
        }
        Cause::Unreachable { .. } => format!(
            "see whether the server listens there and no firewall is between, or correct it with `{}`",
            server("--host … --port …")
        ),
        Cause::Nonsense { .. } if failure.step == Step::Greeting => {
            format!("something else listens there: correct it with `{}`", server("--host … --port …"))
        }
        // Only behind STARTTLS: the port speaks plain first, and the server has agreed to what it does not do.
        Cause::TimedOut { .. } | Cause::Closed | Cause::Broken { .. } | Cause::Tls(TlsFault::NotTls)
            if failure.step == Step::Tls && security == Some(Security::StartTls) =>
        {
            "the server agrees to STARTTLS and then speaks no TLS: tell its administrator, and try from another network, for \
            something in between may break it"
                .to_owned()
        }
        Cause::TimedOut { .. } | Cause::Closed | Cause::Broken { .. }
            if failure.step == Step::Tls || failure.step == Step::Greeting && security != Some(Security::Tls) =>
        {
            format!("port and security may not fit: {}", other_security(&ready.server.facts, server))
        }
        Cause::TimedOut { .. } if matches!(failure.step, Step::Dns | Step::Tcp) => {
            "see whether a firewall is between; providers of machines often close port 25".to_owned()
        }
        Cause::Tls(TlsFault::UnknownAuthority) => format!(
            "if the server is yours, trust its authority with `{}`; if not, somebody may be in between",
            server("--ca-file …")
        ),
        Cause::Tls(TlsFault::WrongName { .. }) => {
            format!("use the name that the certificate is for, with `{}`", server("--host …"))
        }
        Cause::Tls(TlsFault::NotTls) => {
            format!("the port may speak plain first: {}", other_security(&ready.server.facts, server))
        }
        Cause::Tls(TlsFault::Expired | TlsFault::NotYetValid | TlsFault::AuthorityAsServer) => {
            "have the certificate of the server made again, and see whether the clocks are right".to_owned()
        }
        Cause::Tls(TlsFault::OldVersion) => "have the server speak TLS 1.2 or newer".to_owned(),
        Cause::NoStartTls => format!(
            "ask the provider; if it speaks TLS from the first byte, {}",
            other_security(&ready.server.facts, server)
        ),
        Cause::Injected => "do not send from this network, and tell the administrator of the server".to_owned(),
        Cause::NoLogin { .. } => format!("choose one that is offered, with `{}`", server("--auth …")),
        Cause::NoUtf8 { .. } => "use an address in ASCII, or a server that knows SMTPUTF8".to_owned(),
        Cause::Local { .. } if failure.step == Step::Auth => {
            "run the command of the token by hand, as the owner of the store".to_owned()
        }
        Cause::Local { .. } => local(failure.whose, &ready.server.facts, server),
        Cause::TooLarge { .. }
        | Cause::TooLittle { .. }
        | Cause::Early
        | Cause::Configuration { .. }
        | Cause::Tls(TlsFault::Other { .. })
        | Cause::TimedOut { .. }
        | Cause::Nonsense { .. }
        | Cause::Closed
        | Cause::Broken { .. }
        | Cause::Endless => "try again in some minutes; if it stays so, ask the administrator of the server".to_owned(),
    }
}

/// What to do about a login that is refused for good, by the way in which the account logs in.
fn login_refused(
    auth: Auth,
    failure: &Failure,
    server: impl Fn(&str) -> String,
    account: impl Fn(&str) -> String,
) -> String {
    // What nobody else says: that the tenant or the mailbox allows no such login.
    let is_of_microsoft = failure.cause.to_string().contains(" 5.7.139 ");
    let also = match (auth, is_of_microsoft) {
        (Auth::XOAuth2, true) => "; and see whether SMTP AUTH is allowed for it and its tenant",
        (Auth::XOAuth2, false) => "",
        (_, true) => {
            let to = server("--auth xoauth2 --token-command …");
            return format!("Microsoft 365 takes no password: log in with a token, with `{to}`");
        }
        (_, false) => {
            let to = account("--user … --password-stdin");
            return format!(
                "give user and password again, with `{to}`; some providers want a password made for programs"
            );
        }
    };
    format!(
        "run the command of the token by hand, as the owner of the store; see whether the mailbox is granted to the application, \
        and whether the user is that mailbox, or name it with `{}`{also}",
        account("--user …")
    )
}

/// Whether the server refuses how this site introduces itself; many say so no earlier than at RCPT.
fn is_of_introduction(failure: &Failure) -> bool {
    let said = failure.cause.to_string().to_lowercase();
    let is_named = said.split(|c: char| !c.is_alphanumeric()).any(|word| word == "helo" || word == "ehlo");
    // What the server does not know at all is no refusal of a name.
    let is_unknown = failure.reply().is_some_and(|reply| (500..=502).contains(&reply.status()));
    is_named && !is_unknown && failure.step >= Step::Ehlo
}

/// How to have port and security fit: a port of one's own stays as it is.
fn other_security(facts: &server::Facts, server: impl Fn(&str) -> String) -> String {
    let (starttls, tls) = ("--security starttls", "--security tls");
    let smtp = facts.way.smtp();
    match (smtp.map(|smtp| smtp.port), smtp.map(|smtp| smtp.protection.security())) {
        (Some(25 | 465 | 587) | None, Some(Security::Tls)) => {
            format!("`{}`", server(&format!("--port 587 {starttls}")))
        }
        (Some(25 | 465 | 587) | None, Some(Security::StartTls)) => {
            format!("`{}`", server(&format!("--port 465 {tls}")))
        }
        (Some(25 | 465 | 587) | None, _) => format!(
            "`{}` or `{}`",
            server(&format!("--port 587 {starttls}")),
            server(&format!("--port 465 {tls}"))
        ),
        (_, Some(Security::Tls)) => format!("`{}`", server(starttls)),
        (_, Some(Security::StartTls)) => format!("`{}`", server(tls)),
        (_, _) => format!("`{}` or `{}`", server(starttls), server(tls)),
    }
}

/// What to do about a mail that a folder or a program did not take.
fn local(whose: Whose, facts: &server::Facts, server: impl Fn(&str) -> String) -> String {
    let place = facts.way.folder().or_else(|| facts.way.command()?.first().map(String::as_str));
    let is_there = place.is_some_and(|place| Path::new(place).exists());
    match (whose, facts.way.kind()) {
        (Whose::MailForGood, _) => {
            "see whether the address is right: the program refuses this mail".to_owned()
        }
        (Whose::MailForNow, _) => {
            "the program wants to be asked again later: try again in some minutes".to_owned()
        }
        (_, ServerKind::File) if is_there => "let the owner of the store write there".to_owned(),
        (_, ServerKind::File) => format!("make the folder, or name another with `{}`", server("--folder …")),
        _ if is_there => "run it by hand, as the owner of the store, and see what it says".to_owned(),
        _ => format!("install it, or name another with `{}`", server("--command …")),
    }
}
