//! `secboard mail`.

mod account;
mod doctor;
mod flush;
mod outbox;
mod preview;
mod route;
mod send;
mod server;
mod test;

use clap::Subcommand;

use crate::cli::{App, Outcome, values};
use crate::context::Context;
use crate::error::{Explain as _, Result};
use crate::i18n::Language;
use crate::mail::Error;
use crate::mail::doctor::Check;
use crate::mail::message::templates::Templates;
use crate::mail::outbox::MailState;
use crate::mail::outbox::Readers;
use crate::mail::server::{Auth, ServerKind};
use crate::mail::transport::Security;

values! {
    ServerKind {
        Smtp "smtp": "A server that speaks SMTP",
        File "file": "A folder, in which each mail is a file: for trying, and for sites without SMTP",
        Sendmail "sendmail": "A program of this machine that takes mails as sendmail does",
    }
    Security {
        StartTls "starttls": "Plain first, then TLS by the command STARTTLS; port 587",
        Tls "tls": "TLS from the first byte; port 465",
        None "none": "Plain, for everybody on the way to read",
    }
    Auth {
        Plain "plain": "User name and password in one line",
        Login "login": "User name and password in two lines, for older servers",
        XOAuth2 "xoauth2": "A token of OAuth 2, which a command prints",
        None "none": "Nobody logs in",
    }
    MailState {
        Queued "queued": "It waits",
        Sending "sending": "It is being sent",
        Sent "sent": "A server took it",
        Failed "failed": "It was refused for good",
        Dropped "dropped": "It was no longer due",
    }
    Language {
        English "en": "English",
        Ukrainian "uk": "Ukrainian",
    }
}

/// Mail: by which servers and accounts mails leave, and whether they would
#[derive(Debug, Subcommand)]
pub(crate) enum Command<C: Subcommand> {
    /// Servers: one that speaks SMTP, a folder, a local program
    #[command(alias = "servers", subcommand, arg_required_else_help = true)]
    Server(server::Command),
    /// Accounts: whom mails are from, with what they log in, what signs them
    #[command(alias = "accounts", subcommand, arg_required_else_help = true)]
    Account(account::Command),
    /// Routes: which account is taken for which feature of which company
    #[command(alias = "routes", subcommand, arg_required_else_help = true)]
    Route(route::Command),
    /// Walk the way of a mail step by step, and say what to do where it ends
    #[command(
        after_help = "Without --to the way ends before a mail is said, and nothing is sent. The exit code is 1 where the way \
        ends early.\n\nExamples:\n  secboard mail test --account noreply\n  secboard mail test --account noreply --to olena@acme.example"
    )]
    Test(test::Test),
    /// Queue a mail with words and files of your own, and print its id
    ///
    /// For other programs and for administrators. Words and files lie encrypted in the store until the mail has left, and the
    /// audit has to whom it went alone. At most 64 KiB of text, and 10 files of 10 MiB in all.
    #[command(
        after_help = "Examples:\n  echo 'The site rests on Sunday.' | secboard mail send --to olena@acme.example --subject \
        Maintenance\n  secboard mail send --to olena@acme.example --subject Report --text report.txt --attach report.pdf \
        --feature report --company 'Acme Bank'"
    )]
    Send(send::Send),
    /// The outbox: every mail, whether it left, and why not
    #[command(subcommand, arg_required_else_help = true)]
    Outbox(outbox::Command),
    /// List what became of the mails to somebody, the newest first
    #[command(after_help = "Those to other addresses of the person are among them.\n\nExamples:\n  \
        secboard mail trace olena@acme.example\n  secboard mail trace olena@acme.example -o json | jq -r '.[0].state'")]
    Trace(outbox::Trace),
    /// Show a message as somebody would read it, with made-up facts
    ///
    /// Messages are account-ending, account-rests, backup-code-used, backup-codes-made, certificate-ends, contact, directory-fails,
    /// disowned, email-changed-new, email-changed-old, export, factor-added, factor-removed, factor-reset, factor-unfinished, first-login, free, invitation,
    /// mails-unmade, mails-wait, new-browser, password-changed, password-elsewhere, password-reset, password-set, run-held, site-certificate-ends,
    /// staff-given, superuser-given and test. Each is in the language of whose
    /// address it is, and comes from the folder `templates` of secboard.toml(5) where there is such a template. The exit code
    /// is 1 where that cannot be used.
    #[command(after_help = "Examples:\n  secboard mail preview password-set --to olena@acme.example\n  \
        secboard mail preview password-set --to olena@acme.example --html > mail.html\n  \
        secboard mail preview account-ending --to olena@acme.example --language uk -o json")]
    Preview(preview::PreviewArgs),
    /// Find out what keeps mails from leaving, and from being believed
    ///
    /// Looks at servers, accounts, routes, the outbox, templates, and asks the DNS what the domains of senders publish: who may
    /// send (SPF), the key that signs (DKIM), what is done with forged mails (DMARC). Nothing is sent.
    #[command(
        after_help = "The exit code is 1 where something keeps mails from leaving or being believed, and 0 where \
        there are only warnings.\n\nExamples:\n  secboard mail doctor\n  secboard mail doctor --offline -o json"
    )]
    Doctor(doctor::Doctor),
    /// Messages by the contact form: what people wrote, and whether somebody has seen to it
    #[command(subcommand, arg_required_else_help = true)]
    Contact(C),
    /// Send what waits in the outbox and is due, now
    #[command(
        after_help = "Ends when nothing is left that can leave now. The exit code is 0 when nothing due is left, 1 when \
        some mails have failed for good, 69 when an account rests or none is routed, and mails wait for it. Several may run at \
        once. With --dry-run it says what would go.\n\nExamples:\n  secboard mail flush\n  secboard mail flush --dry-run"
    )]
    Flush,
}

/// What the rooms above have to do with mails.
pub(crate) struct Above<'a, C> {
    /// Who reads them.
    pub(crate) readers: &'a dyn Readers,
    /// Runs a verb of the contact form.
    pub(crate) contact: fn(&App, C) -> Result<()>,
    /// What else the doctor looks at.
    pub(crate) check: Check,
}

/// Runs a verb.
pub(crate) fn run<C: Subcommand>(app: &App, command: Command<C>, above: &Above<'_, C>) -> Result<Outcome> {
    match command {
        Command::Server(verb) => server::run(app, verb)?,
        Command::Account(verb) => account::run(app, verb)?,
        Command::Route(verb) => return route::run(app, verb),
        Command::Test(arguments) => return test::run(app, &arguments),
        Command::Send(arguments) => return send::run(app, arguments),
        Command::Outbox(verb) => outbox::run(app, verb)?,
        Command::Trace(arguments) => return outbox::trace(app, &arguments),
        Command::Preview(arguments) => return preview::run(app, &arguments),
        Command::Contact(verb) => (above.contact)(app, verb)?,
        Command::Doctor(arguments) => return doctor::run(app, &arguments, above.check),
        Command::Flush => return flush::run(app, above.readers),
    }
    Ok(Outcome::Done)
}

/// The templates of the site. What is wrong in them is told by `mail doctor`.
fn templates(app: &App, cx: &Context) -> Result<Templates> {
    Ok(Templates::of_site(app.config()?.templates.as_deref(), cx.now()).0)
}

/// Says why an account cannot log in as it is, and what to type next.
fn say_unfit(app: &App, why: &Error) {
    let advice = why.advice().map(|hint| format!("; {hint}")).unwrap_or_default();
    app.out.say(&format!("warning: {why}{advice}"));
}
