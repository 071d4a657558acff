//! Whether a store is read or changed by this thread just now, so that others wait, or the log of the store grows.

use std::cell::Cell;

thread_local! {
    /// How many transactions are open.
    static OPEN: Cell<u32> = const { Cell::new(0) };
}

/// While it lives, a transaction of this thread is open.
#[derive(Debug)]
pub(super) struct InUse;

impl InUse {
    pub(super) fn begin() -> Self {
        OPEN.set(OPEN.get() + 1);
        Self
    }
}

impl Drop for InUse {
    fn drop(&mut self) {
        OPEN.set(OPEN.get() - 1);
    }
}

/// Whether this thread reads or changes a store just now: nothing is waited for then that may take long.
pub(crate) fn is_in_use() -> bool {
    OPEN.get() > 0
}
