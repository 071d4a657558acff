//! Ctrl-Z while the store is locked: everybody else would wait for as long as the process stands still, so it stops when it
//! has let the store go.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, LazyLock, Mutex, PoisonError};

use nix::sys::signal::{SigSet, SigmaskHow, Signal};
use signal_hook::consts::SIGTSTP;
use signal_hook::flag::{register, register_conditional_default};
use signal_hook::low_level::emulate_default_handler;

/// What Ctrl-Z does; none where whoever started the process has it ignore that.
static CTRL_Z: LazyLock<Option<CtrlZ>> = LazyLock::new(|| (!is_ignored(SIGTSTP)).then(CtrlZ::handled));

struct CtrlZ {
    stops_at_once: Arc<AtomicBool>,
    was_typed: Arc<AtomicBool>,
    holds: Mutex<usize>,
}

impl CtrlZ {
    fn handled() -> Self {
        let (stops_at_once, was_typed) = (Arc::new(AtomicBool::new(true)), Arc::default());
        register_conditional_default(SIGTSTP, Arc::clone(&stops_at_once)).ok();
        register(SIGTSTP, Arc::clone(&was_typed)).ok();
        Self { stops_at_once, was_typed, holds: Mutex::default() }
    }

    /// One more, or one fewer, who must not be stopped.
    fn hold(&self, is_more: bool) {
        let mut holds = self.holds.lock().unwrap_or_else(PoisonError::into_inner);
        if is_more {
            if *holds == 0 {
                self.was_typed.store(false, Ordering::SeqCst);
                self.stops_at_once.store(false, Ordering::SeqCst);
            }
            *holds += 1;
            return;
        }
        *holds = holds.saturating_sub(1);
        if *holds == 0 {
            self.stops_at_once.store(true, Ordering::SeqCst);
            if self.was_typed.swap(false, Ordering::SeqCst) {
                emulate_default_handler(SIGTSTP).ok();
            }
        }
    }
}

/// While it lives, the process is not stopped by what is typed on its terminal, nor this thread by reading or writing there
/// from the background.
#[derive(Debug)]
pub(super) struct Unstopped {
    mask: Option<SigSet>,
}

impl Unstopped {
    pub(super) fn begin() -> Self {
        if let Some(ctrl_z) = &*CTRL_Z {
            ctrl_z.hold(true);
        }
        Self { mask: off_the_terminal() }
    }
}

impl Drop for Unstopped {
    fn drop(&mut self) {
        restore(self.mask.take());
        if let Some(ctrl_z) = &*CTRL_Z {
            ctrl_z.hold(false);
        }
    }
}

/// Starts a thread that writes to the terminal while others may have locked the store: from the background too.
pub(crate) fn starting_a_writer<T>(start: impl FnOnce() -> T) -> T {
    let mask = off_the_terminal();
    let started = start();
    restore(mask);
    started
}

/// Keeps this thread, and those it starts, from being stopped for using a terminal from the background.
fn off_the_terminal() -> Option<SigSet> {
    let mut signals = SigSet::empty();
    signals.add(Signal::SIGTTIN);
    signals.add(Signal::SIGTTOU);
    signals.thread_swap_mask(SigmaskHow::SIG_BLOCK).ok()
}

fn restore(mask: Option<SigSet>) {
    mask.and_then(|mask| mask.thread_set_mask().ok());
}

/// Whether this process was started to ignore a signal.
fn is_ignored(signal: i32) -> bool {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let mask = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    let mask = mask.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok());
    mask.is_some_and(|mask| (mask >> (signal - 1)) & 1 == 1)
}
