//! The emails that an import has read, each with where it stood first: the first few in memory, all others in a temporary
//! table, so that a file of ten million rows takes no more memory than one of a few.

use std::collections::HashMap;
use std::collections::hash_map::Entry;

use super::store;
use crate::error::Result;
use crate::store::Tx;

/// Emails that are in memory at most, some thirty megabytes of them.
const IN_MEMORY: usize = 250_000;

/// A row of one of the files.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Stood {
    /// The place of the file among those of the import.
    pub(super) file: u32,
    pub(super) line: u64,
    /// What tells it from rows that say anything else.
    pub(super) digest: u64,
}

/// Folded emails with where they stood first.
pub(super) struct Seen {
    last: HashMap<Box<str>, Stood>,
    most: usize,
    /// Whether some are in the table.
    is_written: bool,
}

impl Seen {
    pub(super) fn new() -> Self {
        Self::keeping(IN_MEMORY)
    }

    /// With so many in memory at most.
    pub(super) fn keeping(most: usize) -> Self {
        Self { last: HashMap::new(), most, is_written: false }
    }

    /// Where the email stood before; else it is noted that it stands here.
    pub(super) fn before(&mut self, tx: &Tx<'_>, folded: &str, here: Stood) -> Result<Option<Stood>> {
        if self.is_written
            && let Some(before) = store::seen(tx, folded)?
        {
            return Ok(Some(before));
        }
        match self.last.entry(folded.into()) {
            Entry::Occupied(before) => return Ok(Some(*before.get())),
            Entry::Vacant(new) => new.insert(here),
        };
        if self.last.len() >= self.most {
            self.write(tx)?;
        }
        Ok(None)
    }

    /// Forgets all of them, and gives back the room that they took.
    pub(super) fn clear(self, tx: &Tx<'_>) -> Result<()> {
        if self.is_written { store::drop_seen(tx) } else { Ok(()) }
    }

    /// In their order, so that each page of the table is written once.
    fn write(&mut self, tx: &Tx<'_>) -> Result<()> {
        if !self.is_written {
            store::make_seen(tx)?;
            self.is_written = true;
        }
        let mut all: Vec<(Box<str>, Stood)> = self.last.drain().collect();
        all.sort_unstable_by(|(one, _), (other, _)| one.cmp(other));
        all.iter().try_for_each(|(email, stood)| store::add_seen(tx, email, *stood))
    }
}

#[cfg(test)]
mod tests {
    use super::{Seen, Stood};
    use crate::context::Context;

    #[test]
    fn an_email_is_known_however_long_ago_it_was_read() {
        let cx = Context::for_tests();
        cx.store
            .stage(|tx| {
                for _ in 0..2 {
                    let mut seen = Seen::keeping(3);
                    for line in 0..20 {
                        let here = Stood { file: 1, line, digest: line * 3 };
                        let email = format!("{}@acme.example", 7 * line % 20);
                        assert_eq!(seen.before(tx, &email, here)?, None);
                    }
                    for line in 0..20 {
                        let again = Stood { file: 2, line: 100, digest: 0 };
                        let email = format!("{}@acme.example", 7 * line % 20);
                        assert_eq!(
                            seen.before(tx, &email, again)?,
                            Some(Stood { file: 1, line, digest: line * 3 })
                        );
                    }
                    seen.clear(tx)?;
                }
                Ok(())
            })
            .unwrap();
    }
}
