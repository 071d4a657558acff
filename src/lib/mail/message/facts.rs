//! What templates know of a message.

use std::net::IpAddr;

use minijinja::{Value, context};

use super::links::Links;
use super::{Message, Site, names};
use crate::i18n::{Language, day, moment};
use crate::text::instant::Instant;
use crate::text::shell::secboard;

impl Message {
    /// The facts without which the mail is of no use, by the names that templates use: a template that does not say one is
    /// wrong.
    pub(super) fn essence(&self) -> Vec<(&'static str, &str)> {
        match self {
            Self::EmailChangedOld { new, .. } | Self::EmailChangedNew { new, .. } => {
                vec![("new", new.as_str())]
            }
            Self::RunHeld { run, .. } => vec![("run", run)],
            Self::AccountRests { sender, .. } => vec![("sender", sender)],
            Self::CertificateEnds { server, .. } => vec![("server", server)],
            Self::Disowned { email, .. } | Self::Contact { email, .. } => vec![("email", email.as_str())],
            _ => self.links().into_iter().flat_map(Links::texts).collect(),
        }
    }

    /// The facts by the names that templates use.
    pub(super) fn facts(&self, site: &Site, language: Language) -> Value {
        let when = |at: &Instant| moment(language, *at, &site.zone);
        let from = |client: &Option<IpAddr>| client.map(|address| address.to_string());
        let links =
            || self.links().map(|links| links.facts(self.purposes(), site, language)).unwrap_or_default();
        match self {
            Self::PasswordSet { at, is_first, .. } => context! { when => when(at), is_first, ..links() },
            Self::Invitation { at, .. } => context! { when => when(at), ..links() },
            Self::PasswordChanged { at, client, is_first, more, .. } => {
                let more = counted(*more);
                context! { when => when(at), client => from(client), is_first, more, ..links() }
            }
            Self::FactorAdded { at, client, more, .. }
            | Self::FactorRemoved { at, client, more, .. }
            | Self::BackupCodesMade { at, client, more, .. } => {
                let more = counted(*more);
                context! { when => when(at), client => from(client), more, ..links() }
            }
            Self::FirstLogin { at, client, .. } => {
                context! { when => when(at), client => from(client), ..links() }
            }
            Self::FactorReset { at, was_enrolled, is_logged_out, is_required, until, .. } => {
                let until = until.as_ref().map(when);
                context! { when => when(at), was_enrolled, is_logged_out, is_required, until, ..links() }
            }
            Self::BackupCodeUsed { at, client, left, more, .. } => {
                let more = counted(*more);
                context! { when => when(at), client => from(client), left, more, ..links() }
            }
            Self::FactorUnfinished { at, client, browser, .. } => {
                context! { when => when(at), client => from(client), browser, ..links() }
            }
            Self::NewBrowser { at, client, browser, more, .. } => {
                let more = counted(*more);
                context! { when => when(at), client => from(client), browser, more, ..links() }
            }
            Self::PasswordReset { at, client, is_protection, factor, .. } => {
                let factor = factor.as_ref().map(when);
                context! { when => when(at), client => from(client), is_protection, factor, ..links() }
            }
            Self::PasswordElsewhere { at, client } => context! { when => when(at), client => from(client) },
            Self::Disowned { email, at, client, factor } => {
                let (factor, email) = (factor.as_ref().map(when), email.as_str());
                let reset = secboard("two-factor reset").operand(email).flags("--reason stolen");
                context! {
                    when => when(at), client => from(client), email, factor, reset => reset.to_string()
                }
            }
            Self::StaffGiven { at } | Self::SuperuserGiven { at } => context! { when => when(at) },
            Self::EmailChangedOld { old, new, at } | Self::EmailChangedNew { old, new, at } => {
                context! { when => when(at), old => old.as_str(), new => new.as_str() }
            }
            Self::AccountEnding { last_day } => context! { last_day => day(language, *last_day) },
            Self::RunHeld { run, source, people, at } => {
                context! { when => when(at), run, source => names::source(source), people }
            }
            Self::AccountRests { sender, since } => {
                let look = secboard("mail test").option("--account", sender).to_string();
                context! { sender, since => when(since), look }
            }
            Self::MailsWait { mails, since } => context! { mails, since => when(since) },
            Self::MailsUnmade { mails, last, at } => {
                let look = secboard("mail outbox show").operand(last).to_string();
                context! { mails, when => when(at), look }
            }
            Self::DirectoryFails { connection, since } => {
                let (connection, look) = named(connection);
                context! { connection, since => when(since), look }
            }
            Self::CertificateEnds { connection, server, until } => {
                let (connection, look) = named(connection);
                context! { connection, server, until => when(until), look }
            }
            Self::SiteCertificateEnds { file, until } => {
                context! { file, until => when(until), look => "secboardd --check" }
            }
            Self::Test { sender, server, at } => context! { when => when(at), sender, server },
            Self::Export { file, rows, at, .. } => context! { when => when(at), file, rows },
            Self::Contact { id, topic, name, email, phone, company, subject, text, at, client } => {
                let show = secboard("mail contact show").operand(id).to_string();
                let email = email.as_str();
                context! {
                    when => when(at), client => from(client), show, topic, name, email, phone, company, subject, text
                }
            }
            Self::Free { subject, text, .. } => context! { subject, text },
        }
    }
}

/// A connection to a directory, whose name others than superusers give, and the command that looks at it.
fn named(connection: &str) -> (Option<&str>, String) {
    let name = names::source(connection);
    let look = name
        .map_or_else(|| "secboard ad list".to_owned(), |name| secboard("ad test").operand(name).to_string());
    (name, look)
}

/// How many more times something was done, where it was.
fn counted(more: Option<u32>) -> Option<u32> {
    more.filter(|more| *more > 0)
}
