//! Who is deleted permanently is no longer named by the mails to them: that they were, and how it went, stays known.

use super::store;
use crate::context::Context;
use crate::error::Result;
use crate::store::Tx;

/// Forgets to whom mails were: those to a person, and those of nobody to the address they have, but for alerts. What waits is dropped; what is
/// being sent is left to its worker.
pub(crate) fn forget_person(cx: &Context, tx: &Tx<'_>, user: i64, folded: &str) -> Result<()> {
    if store::forgotten::has_any(tx, user, folded)? {
        store::forgotten::forget(tx, (user, folded), ("the person was deleted permanently", cx.now()))?;
    }
    Ok(())
}
