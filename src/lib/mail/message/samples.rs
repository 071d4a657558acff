//! One of each message with made-up facts.

use std::net::IpAddr;

use jiff::tz::TimeZone;

use super::links::Links;
use super::{Message, Purpose};
use crate::text::email::Email;
use crate::text::instant::Instant;

impl Message {
    /// The names of all messages, by the alphabet.
    pub(crate) fn names() -> Vec<&'static str> {
        let mut names: Vec<&'static str> =
            Self::samples(Instant::from_micros(0)).iter().map(Self::name).collect();
        names.sort_unstable();
        names.dedup();
        names
    }

    /// The names of the messages that are for this.
    pub(crate) fn names_of(purpose: Purpose) -> Vec<&'static str> {
        let samples = Self::samples(Instant::from_micros(0));
        let mut names: Vec<&'static str> =
            samples.iter().filter(|sample| sample.purpose() == purpose).map(Self::name).collect();
        names.dedup();
        names
    }

    /// One of each kind of each, with made-up facts: what a template is tried with, and what a preview shows.
    pub(crate) fn samples(at: Instant) -> Vec<Self> {
        let email = |text| Email::parse(text).ok();
        let (old, new) = (email("anna.koval@acme.example"), email("anna.shevchenko@acme.example"));
        // An address for documentation.
        let client = Some(IpAddr::from([198, 51, 100, 7]));
        let mut samples = vec![
            Self::PasswordSet { at, is_first: false, links: Links::default() },
            Self::PasswordSet { at, is_first: true, links: Links::default() },
            Self::PasswordChanged { at, client, is_first: false, more: None, links: Links::default() },
            Self::PasswordChanged { at, client, is_first: true, more: None, links: Links::default() },
            Self::FactorAdded { at, client, more: None, links: Links::default() },
            Self::FactorRemoved { at, client, more: None, links: Links::default() },
            Self::FactorReset {
                at,
                was_enrolled: true,
                is_logged_out: true,
                is_required: true,
                until: Some(at),
                links: Links::default(),
            },
            Self::reset_of_nothing(at),
            Self::BackupCodeUsed { at, client, left: 9, more: None, links: Links::default() },
            Self::BackupCodeUsed { at, client, left: 3, more: None, links: Links::default() },
            Self::BackupCodesMade { at, client, more: None, links: Links::default() },
            Self::FactorUnfinished { at, client, browser: "Chrome, Windows".into(), links: Links::default() },
            Self::NewBrowser {
                at,
                client,
                browser: "Firefox, Linux".into(),
                more: None,
                links: Links::default(),
            },
            Self::NewBrowser {
                at,
                client,
                browser: "Firefox, Linux".into(),
                more: Some(4),
                links: Links::default(),
            },
            Self::PasswordReset { at, client, is_protection: false, factor: None, links: Links::default() },
            Self::PasswordReset { at, client, is_protection: true, factor: None, links: Links::default() },
            Self::PasswordReset {
                at,
                client,
                is_protection: true,
                factor: Some(at),
                links: Links::default(),
            },
            Self::PasswordElsewhere { at, client },
            Self::FirstLogin { at, client, links: Links::default() },
            Self::Invitation { at, links: Links::default() },
            Self::StaffGiven { at },
            Self::SuperuserGiven { at },
            Self::RunHeld { run: "7k2m9xq4td".into(), source: "people.csv".into(), people: 42, at },
            Self::AccountRests { sender: "noreply".into(), since: at },
            Self::MailsWait { mails: 17, since: at },
            Self::MailsUnmade { mails: 3, last: "k3v8d0wq2m".into(), at },
            Self::DirectoryFails { connection: "corp".into(), since: at },
            Self::CertificateEnds {
                connection: "corp".into(),
                server: "ldaps://dc1.corp.example".into(),
                until: at,
            },
            Self::SiteCertificateEnds { file: "/etc/secboard/chain.pem".into(), until: at },
            Self::Test { sender: "noreply".into(), server: "relay".into(), at },
            Self::Export { file: "users.xlsx".into(), rows: 1200, at, asked: None },
            Self::Free {
                subject: "Maintenance on Sunday".into(),
                text: "Hello,\n\nthe site rests.".into(),
                reply_to: None,
            },
        ];
        if let (Some(old), Some(new)) = (old, new) {
            samples.push(Self::Disowned { email: old.clone(), at, client, factor: None });
            samples.push(Self::Disowned { email: old.clone(), at, client, factor: Some(at) });
            samples.push(Self::Contact {
                id: "7k3m9x2b4d".into(),
                topic: "support".into(),
                name: "Анна Коваль".into(),
                email: old.clone(),
                phone: Some("+380 44 123 45 67".into()),
                company: Some("Acme Bank".into()),
                subject: "The report of March".into(),
                text: "Hello,\n\nit ends in the middle of a line.".into(),
                at,
                client,
            });
            samples.push(Self::EmailChangedOld { old: old.clone(), new: new.clone(), at });
            samples.push(Self::EmailChangedNew { old, new, at });
        }
        if let Some(last_day) = at.day_in(&TimeZone::UTC) {
            samples.push(Self::AccountEnding { last_day });
        }
        for sample in &mut samples {
            sample.put_links(Links::sample(sample.purposes(), at));
        }
        samples
    }

    /// Somebody's second factor was reset who had none.
    fn reset_of_nothing(at: Instant) -> Self {
        Self::FactorReset {
            at,
            was_enrolled: false,
            is_logged_out: false,
            is_required: false,
            until: None,
            links: Links::default(),
        }
    }
}
