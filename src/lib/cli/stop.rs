//! Ctrl-C during long work: the running statement is interrupted, the transaction rolls back, and the command ends with
//! 130 and a sentence, with nothing half-done and no temporary file left behind. A second Ctrl-C ends the process where it
//! stands, and the store takes the unfinished transaction back when it is next opened.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, LazyLock};
use std::time::Duration;

use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM, SIGXFSZ};
use signal_hook::iterator::Signals;
use signal_hook::low_level::emulate_default_handler;

use crate::context::Context;
use crate::error::Result;
use crate::store;

/// How often a running import or export is interrupted anew: an interruption is lost on SQLite when it meets no running
/// statement.
const AGAIN: Duration = Duration::from_millis(20);

/// Makes a write beyond the limit on file sizes fail like one on a full disk, where the system would end the process
/// without a word.
pub(super) fn survive_file_size_limit() {
    signal_hook::flag::register(SIGXFSZ, Arc::default()).ok();
}

/// Whether Ctrl-C ends the process where it stands, as it does until something asks or watches; every handler of a process
/// stays for good, so this one asks here.
static ENDS_AT_ONCE: LazyLock<Arc<AtomicBool>> = LazyLock::new(|| {
    let ends = Arc::new(AtomicBool::new(true));
    signal_hook::flag::register_conditional_default(SIGINT, Arc::clone(&ends)).ok();
    ends
});

/// While it lives, Ctrl-C does not end the process: what asks a question sees it among the keys.
pub(super) struct Hold {
    ended_at_once: bool,
}

/// Keeps Ctrl-C from ending the process.
pub(super) fn hold() -> Hold {
    Hold { ended_at_once: ENDS_AT_ONCE.swap(false, Ordering::SeqCst) }
}

impl Drop for Hold {
    fn drop(&mut self) {
        ENDS_AT_ONCE.store(self.ended_at_once, Ordering::SeqCst);
    }
}

/// Watches for the wish to stop while it lives in a command.
#[derive(Clone)]
pub(crate) struct Stop {
    wished: Arc<AtomicBool>,
}

impl Stop {
    /// Starts watching; interrupts the store's running statement when the wish comes, and each one after it.
    pub(crate) fn watch(cx: &Context) -> Self {
        let stop = Self { wished: Arc::new(AtomicBool::new(false)) };
        let handle = cx.store.interrupt_handle();
        let wished = Arc::downgrade(&stop.wished);
        ENDS_AT_ONCE.store(false, Ordering::SeqCst);
        if let Ok(mut signals) = Signals::new([SIGINT, SIGTERM, SIGHUP]) {
            std::thread::spawn(move || {
                if signals.forever().next().is_none() {
                    return;
                }
                while let Some(wished) = wished.upgrade() {
                    wished.store(true, Ordering::SeqCst);
                    handle.interrupt();
                    drop(wished);
                    std::thread::sleep(AGAIN);
                    // Whoever asks twice waits for something that no statement ends, such as input that does not come.
                    for signal in signals.pending() {
                        emulate_default_handler(signal).ok();
                    }
                }
            });
        }
        stop
    }

    /// Fails with [`store::Error::Interrupted`] once the wish came; asked between two pieces of work.
    pub(crate) fn check(&self) -> Result<()> {
        if self.wished.load(Ordering::SeqCst) { Err(store::Error::Interrupted.into()) } else { Ok(()) }
    }
}
