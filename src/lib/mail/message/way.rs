//! What a message is for, by which account it leaves, and how soon: each is said once of every message.

use super::{Message, Purpose, Urgency};

impl Message {
    /// What it is for.
    pub(crate) const fn purpose(&self) -> Purpose {
        self.way().0
    }

    /// The feature it is for, by which its account is chosen.
    pub(crate) const fn feature(&self) -> &'static str {
        self.way().1
    }

    /// How soon it leaves, unless a run queues it.
    pub(crate) const fn urgency(&self) -> Urgency {
        self.way().2
    }

    const fn way(&self) -> (Purpose, &'static str, Urgency) {
        match self {
            Self::PasswordSet { .. }
            | Self::PasswordChanged { .. }
            | Self::FactorAdded { .. }
            | Self::FactorRemoved { .. }
            | Self::FactorReset { .. }
            | Self::BackupCodeUsed { .. }
            | Self::BackupCodesMade { .. }
            | Self::FactorUnfinished { .. }
            | Self::NewBrowser { .. }
            | Self::EmailChangedOld { .. }
            | Self::EmailChangedNew { .. }
            | Self::StaffGiven { .. }
            | Self::SuperuserGiven { .. } => (Purpose::Notice, "security-notice", Urgency::Notice),
            Self::AccountEnding { .. } => (Purpose::Reminder, "reminder", Urgency::Rest),
            Self::RunHeld { .. }
            | Self::AccountRests { .. }
            | Self::MailsWait { .. }
            | Self::MailsUnmade { .. }
            | Self::SiteCertificateEnds { .. }
            | Self::Disowned { .. } => (Purpose::Alert, "alert", Urgency::Notice),
            Self::DirectoryFails { .. } | Self::CertificateEnds { .. } => {
                (Purpose::Alert, "directory-alert", Urgency::Notice)
            }
            Self::PasswordReset { .. } | Self::PasswordElsewhere { .. } => {
                (Purpose::Letter, "password-reset", Urgency::Awaited)
            }
            Self::FirstLogin { .. } => (Purpose::Letter, "first-login", Urgency::Awaited),
            Self::Invitation { .. } => (Purpose::Letter, "invite", Urgency::Awaited),
            Self::Test { .. } => (Purpose::Letter, "test", Urgency::Awaited),
            Self::Export { .. } => (Purpose::Letter, "export", Urgency::Rest),
            Self::Contact { .. } => (Purpose::Letter, "contact", Urgency::Rest),
            Self::Free { .. } => (Purpose::Letter, "message", Urgency::Rest),
        }
    }
}
