//! What people do to their own account, as often as they like: such mails have a bound.

use super::Message;

impl Message {
    /// How many more times it was done since the mail before, where that is counted: of what people do to their own account.
    pub(crate) const fn more_mut(&mut self) -> Option<&mut Option<u32>> {
        match self {
            Self::PasswordChanged { more, .. }
            | Self::FactorAdded { more, .. }
            | Self::FactorRemoved { more, .. }
            | Self::BackupCodeUsed { more, .. }
            | Self::BackupCodesMade { more, .. }
            | Self::NewBrowser { more, .. } => Some(more),
            _ => None,
        }
    }
}
