//! The mails that runs cause. The engine knows them by this alone.

use super::Run;
use crate::context::{Context, Settings};
use crate::error::Result;
use crate::store::Tx;

/// Mails of a run that wait to be sent.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct WaitingMails {
    /// How many.
    pub(crate) count: u64,
    /// The place of the last of them among all mails; 0 for none.
    pub(crate) last: i64,
}

/// What is mailed because of runs.
pub(crate) trait Mails {
    /// The most that are queued without asking.
    fn unasked(&self, settings: &Settings) -> u64;

    /// Those of a run that wait, behind that place.
    fn waiting(&self, tx: &Tx<'_>, run: &str, behind: i64) -> Result<WaitingMails>;

    /// Tells those who can release it that a run is held; those of one cause are told together.
    fn tell_held(&self, cx: &Context, tx: &Tx<'_>, run: &Run, cause: &str) -> Result<()>;
}
