//! What a mail says: its cause with the facts, told in the language of who reads it.
//!
//! Each message has one template, rendered twice: the pieces it is put together from (a paragraph, a row of facts) exist
//! as text and as HTML, so both parts say the same. [`templates`] finds the template, built in or a site's own;
//! [`compose`] makes a mail of what was rendered.

use std::net::IpAddr;

use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};

use crate::i18n::Language;
use crate::text::color::Color;
use crate::text::date::Day;
use crate::text::email::Email;
use crate::text::instant::Instant;
use links::Links;

pub(crate) mod compose;
mod facts;
mod folder;
pub(crate) mod links;
pub(crate) mod names;
mod often;
mod pieces;
mod samples;
pub(crate) mod templates;
mod way;

#[cfg(test)]
mod tests;

/// What every mail knows of the site.
#[derive(Debug, Clone)]
pub(crate) struct Site {
    /// Its name.
    pub(crate) name: String,
    /// The scheme of links.
    pub(crate) protocol: &'static str,
    /// The host in links.
    pub(crate) host: String,
    /// Its colour, the bar on top; none is the product's.
    pub(crate) color: Option<Color>,
    /// Whose clocks are told.
    pub(crate) zone: TimeZone,
}

/// Who reads the mail.
#[derive(Debug, Clone)]
pub(crate) struct Reader {
    /// The first name; empty where none is known.
    pub(crate) name: String,
    /// The email address of the account the mail is about.
    pub(crate) account: String,
    /// The language.
    pub(crate) language: Language,
}

const fn yes() -> bool {
    true
}

/// How soon a mail leaves, beside others that are due.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Urgency {
    /// Somebody waits for it.
    Awaited,
    /// A notice or an alert.
    Notice,
    /// The rest, and whatever a run queued.
    Rest,
}

/// What a message is for, which decides how long it is due and who may drop it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Purpose {
    /// It tells somebody what was done to their account. That stays so, whatever becomes of the account.
    Notice,
    /// It reminds somebody of what is ahead, for as long as it is.
    Reminder,
    /// It tells administrators what they have to know, for as long as it is so.
    Alert,
    /// It carries what somebody wrote or asked for.
    Letter,
}

/// Who asked for an export with permissions of an account, and which of them it took.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct AskedBy {
    /// The id of the account.
    pub(crate) account: i64,
    /// What it took.
    pub(crate) took: Vec<Took>,
}

/// A permission that an export took.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Took {
    /// Its name.
    pub(crate) permission: String,
    /// For which companies it was held; none for all.
    pub(crate) companies: Option<Vec<i64>>,
}

/// A cause for a mail, with its facts. In the outbox it is a JSON object with the name of the message among its facts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "message", rename_all = "kebab-case")]
pub(crate) enum Message {
    /// An administrator set a password.
    PasswordSet {
        /// When.
        at: Instant,
        /// Whether there was none before.
        #[serde(default)]
        is_first: bool,
        /// The way to disown it.
        #[serde(skip)]
        links: Links,
    },
    /// The person set the password.
    PasswordChanged {
        /// When.
        at: Instant,
        /// From which address.
        #[serde(default)]
        client: Option<IpAddr>,
        /// Whether there was none before.
        #[serde(default)]
        is_first: bool,
        /// How many more times it was done since the mail before; none where each is told by itself.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        more: Option<u32>,
        /// The way to disown it.
        #[serde(skip)]
        links: Links,
    },
    /// The person set up a second factor.
    FactorAdded {
        /// When.
        at: Instant,
        /// From which address.
        client: Option<IpAddr>,
        /// How many more times it was done since the mail before; none where each is told by itself.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        more: Option<u32>,
        /// The way to disown it.
        #[serde(skip)]
        links: Links,
    },
    /// The person removed the second factor.
    FactorRemoved {
        /// When.
        at: Instant,
        /// From which address.
        client: Option<IpAddr>,
        /// How many more times it was done since the mail before; none where each is told by itself.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        more: Option<u32>,
        /// The way to disown it.
        #[serde(skip)]
        links: Links,
    },
    /// An administrator ended the second factor.
    FactorReset {
        /// When.
        at: Instant,
        /// Whether there was one; of mails from before that was said, there was.
        #[serde(default = "yes")]
        was_enrolled: bool,
        /// Whether they were logged out.
        #[serde(default = "yes")]
        is_logged_out: bool,
        /// Whether another one has to be set up.
        is_required: bool,
        /// Until when, where that was said.
        until: Option<Instant>,
        /// The way to disown it.
        #[serde(skip)]
        links: Links,
    },
    /// A backup code was used.
    BackupCodeUsed {
        /// When.
        at: Instant,
        /// From which address.
        client: Option<IpAddr>,
        /// How many are left.
        left: u32,
        /// How many more times it was done since the mail before; none where each is told by itself.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        more: Option<u32>,
        /// The way to disown it.
        #[serde(skip)]
        links: Links,
    },
    /// The person made new backup codes.
    BackupCodesMade {
        /// When.
        at: Instant,
        /// From which address.
        client: Option<IpAddr>,
        /// How many more times it was done since the mail before; none where each is told by itself.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        more: Option<u32>,
        /// The way to disown it.
        #[serde(skip)]
        links: Links,
    },
    /// The password was right, and the second factor did not follow.
    FactorUnfinished {
        /// When the password was right.
        at: Instant,
        /// From which address.
        client: Option<IpAddr>,
        /// With which browser.
        browser: String,
        /// The way to disown it.
        #[serde(skip)]
        links: Links,
    },
    /// Somebody logged in with a browser that did not before.
    NewBrowser {
        /// When.
        at: Instant,
        /// From which address.
        client: Option<IpAddr>,
        /// Which browser.
        browser: String,
        /// How many more times it was done since the mail before; none where each is told by itself.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        more: Option<u32>,
        /// The way to disown it.
        #[serde(skip)]
        links: Links,
    },
    /// A link to choose another password.
    PasswordReset {
        /// When it was asked for.
        at: Instant,
        /// From which address.
        client: Option<IpAddr>,
        /// The account is held until a password was chosen by it: somebody else had been there.
        is_protection: bool,
        /// When a second factor was set up that may be theirs, which no link removes.
        #[serde(default)]
        factor: Option<Instant>,
        /// Its links.
        #[serde(skip)]
        links: Links,
    },
    /// A link was asked for whose account has its password elsewhere.
    PasswordElsewhere {
        /// When.
        at: Instant,
        /// From which address.
        client: Option<IpAddr>,
    },
    /// A link to log in for the first time.
    FirstLogin {
        /// When it was asked for.
        at: Instant,
        /// From which address.
        client: Option<IpAddr>,
        /// Its links.
        #[serde(skip)]
        links: Links,
    },
    /// An administrator invites somebody to choose their first password.
    Invitation {
        /// When.
        at: Instant,
        /// Its links.
        #[serde(skip)]
        links: Links,
    },
    /// Somebody said that what was done to their account was not them; told to administrators.
    Disowned {
        /// Whose account.
        email: Email,
        /// When they said so.
        at: Instant,
        /// From which address.
        client: Option<IpAddr>,
        /// When a second factor was set up that may be of somebody else.
        #[serde(default)]
        factor: Option<Instant>,
    },
    /// The email address was changed; told to the old one.
    EmailChangedOld {
        /// The old address, to which this goes.
        old: Email,
        /// The new one.
        new: Email,
        /// When.
        at: Instant,
    },
    /// The email address was changed; told to the new one.
    EmailChangedNew {
        /// The old address.
        old: Email,
        /// The new one, to which this goes.
        new: Email,
        /// When.
        at: Instant,
    },
    /// The person was made staff.
    StaffGiven {
        /// When.
        at: Instant,
    },
    /// The person was made a superuser.
    SuperuserGiven {
        /// When.
        at: Instant,
    },
    /// The account is about to end.
    AccountEnding {
        /// The last day on which it may log in.
        last_day: Day,
    },
    /// A run is held by the brake; told to those who can release it.
    RunHeld {
        /// Its id.
        run: String,
        /// Where it came from.
        source: String,
        /// How many people would have less.
        people: u64,
        /// When.
        at: Instant,
    },
    /// An account of mail has rested for long; told to administrators.
    AccountRests {
        /// The account of mail.
        sender: String,
        /// Since when nothing has left by it.
        since: Instant,
    },
    /// Mails have waited for long; told to administrators.
    MailsWait {
        /// How many.
        mails: u64,
        /// Since when the oldest waits.
        since: Instant,
    },
    /// Mails could not be made, and so have failed; told to administrators.
    MailsUnmade {
        /// How many.
        mails: u64,
        /// The last of them.
        last: String,
        /// When that was to leave.
        at: Instant,
    },
    /// A directory could not be followed for long; told to administrators.
    DirectoryFails {
        /// Its connection.
        connection: String,
        /// Since when no sync was one.
        since: Instant,
    },
    /// The certificate of a server of a directory is about to end; told to administrators.
    CertificateEnds {
        /// The connection.
        connection: String,
        /// The server, as it is written there.
        server: String,
        /// When it ends.
        until: Instant,
    },
    /// The certificate of the site is about to end; told to administrators.
    SiteCertificateEnds {
        /// The file that it stands in.
        file: String,
        /// When it ends.
        until: Instant,
    },
    /// Somebody tries how mails are sent.
    Test {
        /// The account of mail that sends.
        sender: String,
        /// The server it sends through.
        server: String,
        /// When.
        at: Instant,
    },
    /// An export, which is attached.
    Export {
        /// The name of the file.
        file: String,
        /// How many rows it has.
        rows: u64,
        /// When it was made.
        at: Instant,
        /// Who asked for it with permissions of an account; nobody where the owner of the store did.
        asked: Option<AskedBy>,
    },
    /// What somebody wrote by the contact form.
    Contact {
        /// The id by which it is kept.
        id: String,
        /// What it is about.
        topic: String,
        /// Who wrote, as they say.
        name: String,
        /// Where they are answered, as they say.
        email: Email,
        /// Their phone, as they say.
        phone: Option<String>,
        /// Their company, as they say.
        company: Option<String>,
        /// The subject.
        subject: String,
        /// What they wrote, of any number of lines.
        text: String,
        /// When.
        at: Instant,
        /// From which address.
        client: Option<IpAddr>,
    },
    /// What an administrator or another program wrote.
    Free {
        /// The subject.
        subject: String,
        /// The text, of any number of lines.
        text: String,
        /// Where answers go, if elsewhere than those to the account.
        reply_to: Option<Email>,
    },
}

impl Urgency {
    /// All of them, the most urgent first.
    pub(crate) const ALL: [Self; 3] = [Self::Awaited, Self::Notice, Self::Rest];
}

impl Message {
    /// The name of the message, which is that of its template.
    pub(crate) const fn name(&self) -> &'static str {
        match self {
            Self::PasswordSet { .. } => "password-set",
            Self::PasswordChanged { .. } => "password-changed",
            Self::FactorAdded { .. } => "factor-added",
            Self::FactorRemoved { .. } => "factor-removed",
            Self::FactorReset { .. } => "factor-reset",
            Self::BackupCodeUsed { .. } => "backup-code-used",
            Self::BackupCodesMade { .. } => "backup-codes-made",
            Self::FactorUnfinished { .. } => "factor-unfinished",
            Self::NewBrowser { .. } => "new-browser",
            Self::PasswordReset { .. } => "password-reset",
            Self::PasswordElsewhere { .. } => "password-elsewhere",
            Self::FirstLogin { .. } => "first-login",
            Self::Invitation { .. } => "invitation",
            Self::Disowned { .. } => "disowned",
            Self::EmailChangedOld { .. } => "email-changed-old",
            Self::EmailChangedNew { .. } => "email-changed-new",
            Self::StaffGiven { .. } => "staff-given",
            Self::SuperuserGiven { .. } => "superuser-given",
            Self::AccountEnding { .. } => "account-ending",
            Self::RunHeld { .. } => "run-held",
            Self::AccountRests { .. } => "account-rests",
            Self::MailsWait { .. } => "mails-wait",
            Self::MailsUnmade { .. } => "mails-unmade",
            Self::DirectoryFails { .. } => "directory-fails",
            Self::CertificateEnds { .. } => "certificate-ends",
            Self::SiteCertificateEnds { .. } => "site-certificate-ends",
            Self::Test { .. } => "test",
            Self::Export { .. } => "export",
            Self::Contact { .. } => "contact",
            Self::Free { .. } => "free",
        }
    }

    /// Whether its facts are kept from whoever looks into the store or at the outbox.
    pub(crate) const fn is_sealed(&self) -> bool {
        matches!(self, Self::Export { .. } | Self::Contact { .. } | Self::Free { .. })
    }

    /// Where answers go, if the message says so.
    pub(crate) const fn reply_to(&self) -> Option<&Email> {
        match self {
            Self::Free { reply_to, .. } => reply_to.as_ref(),
            Self::Contact { email, .. } => Some(email),
            _ => None,
        }
    }
}
