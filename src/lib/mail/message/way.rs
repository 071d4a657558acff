//! By which account a message leaves, and how soon.

use super::{Message, Urgency};

impl Message {
    /// The feature it is for, by which its account is chosen.
    pub(crate) const fn feature(&self) -> &'static str {
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
            | Self::SuperuserGiven { .. } => "security-notice",
            Self::AccountEnding { .. } => "reminder",
            Self::RunHeld { .. }
            | Self::AccountRests { .. }
            | Self::MailsWait { .. }
            | Self::MailsUnmade { .. }
            | Self::Disowned { .. } => "alert",
            Self::PasswordReset { .. } | Self::PasswordElsewhere { .. } => "password-reset",
            Self::FirstLogin { .. } => "first-login",
            Self::Invitation { .. } => "invite",
            Self::Export { .. } => "export",
            Self::Test { .. } => "test",
            Self::Free { .. } => "message",
        }
    }

    /// How soon it leaves, unless a run queues it.
    pub(crate) const fn urgency(&self) -> Urgency {
        match self {
            Self::Test { .. }
            | Self::PasswordReset { .. }
            | Self::PasswordElsewhere { .. }
            | Self::FirstLogin { .. }
            | Self::Invitation { .. } => Urgency::Awaited,
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
            | Self::SuperuserGiven { .. }
            | Self::RunHeld { .. }
            | Self::AccountRests { .. }
            | Self::MailsWait { .. }
            | Self::MailsUnmade { .. }
            | Self::Disowned { .. } => Urgency::Notice,
            Self::AccountEnding { .. } | Self::Export { .. } | Self::Free { .. } => Urgency::Rest,
        }
    }
}
