//! Ctrl-C during long work: the running statement is interrupted, the transaction rolls back, and the command ends with
//! 130 and a sentence, with nothing half-done and no temporary file left behind. A second Ctrl-C ends the process where it
//! stands, and the store takes the unfinished transaction back when it is next opened.

use std::io;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, LazyLock};
use std::thread::{self, JoinHandle};

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use signal_hook::SigId;
use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM, SIGXFSZ};
use signal_hook::flag::{register, register_conditional_default};
use signal_hook::iterator::{Handle, Signals};
use signal_hook::low_level::{emulate_default_handler, unregister};

use crate::context::CancelToken;

/// The signals that ask a command to end.
const SIGNALS: [i32; 3] = [SIGINT, SIGTERM, SIGHUP];

/// Makes a write beyond the limit on file sizes fail like one on a full disk, where the system would end the process
/// without a word. The limit is the highest that is allowed: whoever runs secboard does not choose what it can write.
pub(crate) fn survive_file_size_limit() {
    register(SIGXFSZ, Arc::default()).ok();
    let limit = getrlimit(Resource::Fsize);
    setrlimit(Resource::Fsize, Rlimit { current: limit.maximum, ..limit }).ok();
}

/// Whether each of [`SIGNALS`] ends the process where it stands, as it does until something asks or watches; once there
/// was a handler the system no longer sees to that, so this one does.
static ENDS_AT_ONCE: LazyLock<[Arc<AtomicBool>; 3]> = LazyLock::new(|| {
    SIGNALS.map(|signal| {
        let ends = Arc::new(AtomicBool::new(true));
        register_conditional_default(signal, Arc::clone(&ends)).ok();
        ends
    })
});

/// While it lives, some signals do not end the process where it stands.
pub(super) struct Hold {
    held: &'static [Arc<AtomicBool>],
}

impl Hold {
    fn of(held: &'static [Arc<AtomicBool>]) -> Self {
        for ends in held {
            ends.store(false, Ordering::SeqCst);
        }
        Self { held }
    }
}

impl Drop for Hold {
    fn drop(&mut self) {
        for ends in self.held {
            ends.store(true, Ordering::SeqCst);
        }
    }
}

/// Keeps Ctrl-C from ending the process: what asks a question sees it among the keys.
pub(super) fn hold() -> Hold {
    let [ctrl_c, ..] = &*ENDS_AT_ONCE;
    Hold::of(std::slice::from_ref(ctrl_c))
}

/// While it lives, something is put right before a signal from elsewhere ends the process.
pub(super) struct Righting {
    signals: Handle,
    thread: Option<JoinHandle<()>>,
    _held: Hold,
}

/// Puts something right before SIGTERM or SIGHUP ends the process, as they do nevertheless.
pub(super) fn put_right_at_the_end(put_right: impl FnOnce() + Send + 'static) -> io::Result<Righting> {
    let [_, from_elsewhere @ ..] = &*ENDS_AT_ONCE;
    let mut signals = Signals::new([SIGTERM, SIGHUP])?;
    let (handle, held) = (signals.handle(), Hold::of(from_elsewhere));
    let thread = thread::Builder::new().spawn(move || {
        let waited_for = signals.forever().next();
        // It may have come and woken who waited for an answer, and then it was over.
        if let Some(signal) = waited_for.or_else(|| signals.pending().next()) {
            put_right();
            emulate_default_handler(signal).ok();
        }
    })?;
    Ok(Righting { signals: handle, thread: Some(thread), _held: held })
}

impl Drop for Righting {
    fn drop(&mut self) {
        self.signals.close();
        self.thread.take().map(JoinHandle::join);
    }
}

/// While it lives, a signal cancels the work of a command.
pub(crate) struct Watch {
    cancel: CancelToken,
    handlers: Vec<SigId>,
    _held: Hold,
}

/// Begins to watch: the first signal cancels the work.
pub(crate) fn watch(cancel: &CancelToken) -> Watch {
    let held = Hold::of(&*ENDS_AT_ONCE);
    // The one before the other: whoever asks twice waits for something that no wish ends, such as input that does not come.
    let second = SIGNALS.map(|signal| register_conditional_default(signal, cancel.flag()));
    let first = SIGNALS.map(|signal| register(signal, cancel.flag()));
    let handlers = second.into_iter().chain(first).flatten().collect();
    Watch { cancel: cancel.clone(), handlers, _held: held }
}

impl Drop for Watch {
    fn drop(&mut self) {
        for handler in self.handlers.drain(..) {
            unregister(handler);
        }
        // What was watched over is done: a wish that comes too late must not end what follows.
        self.cancel.reset();
    }
}
