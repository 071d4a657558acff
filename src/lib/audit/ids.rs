//! The ids of new things: none that the audit tells of already, or what it tells of somebody else would be told of them.

use super::{Error, store};
use crate::error::Result;
use crate::store::{Memory, Tx};

/// The kinds of whose next things no row tells.
#[derive(Debug, Default)]
struct Untold(Vec<&'static str>);

impl Memory for Untold {
    fn settle(&mut self, _: &Tx<'_>) -> Result<()> {
        Ok(())
    }
}

/// The id of the next thing of a kind, which stands in a table.
///
/// # Errors
/// [`Error::UsedId`] when a row tells of it, or of one after it: somebody set back which was the last.
pub(crate) fn new_id(tx: &Tx<'_>, (kind, table): (&'static str, &'static str)) -> Result<i64> {
    let id = tx.next_id(table)?;
    tx.in_mind(|untold: &mut Untold| {
        if !untold.0.contains(&kind) {
            if store::tells_of(tx, kind, id)? {
                return Err(Error::UsedId { kind, id }.into());
            }
            untold.0.push(kind);
        }
        Ok(id)
    })
}
