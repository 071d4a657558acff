//! What a feature keeps in mind while a transaction lasts, so as not to read it again for each of many changes.

use std::any::Any;
use std::fmt::Debug;

use super::Tx;
use crate::error::Result;

/// What one feature keeps in mind. It holds for one transaction, and is forgotten where part of that is taken back.
pub(crate) trait Memory: Any + Debug {
    /// Writes what has not been written yet; nothing may be left of that when the transaction ends.
    fn settle(&mut self, tx: &Tx<'_>) -> Result<()>;
}

impl Tx<'_> {
    /// Runs `work` with what is kept in mind, which is the default of it the first time.
    pub(crate) fn in_mind<M: Memory + Default, T>(
        &self,
        work: impl FnOnce(&mut M) -> Result<T>,
    ) -> Result<T> {
        let mut memories = self.memories.borrow_mut();
        for memory in memories.iter_mut() {
            if let Some(memory) = (&mut **memory as &mut dyn Any).downcast_mut() {
                return work(memory);
            }
        }
        let mut memory = M::default();
        let done = work(&mut memory);
        memories.push(Box::new(memory));
        done
    }

    /// Writes all that waits to be written.
    pub(super) fn settle(&self) -> Result<()> {
        self.settle_search()?;
        self.memories.borrow_mut().iter_mut().try_for_each(|memory| memory.settle(self))
    }

    /// Forgets what was kept in mind, and what waits.
    pub(super) fn forget(&self) {
        self.waiting.take();
        self.memories.take();
    }
}
