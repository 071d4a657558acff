//! What fuzz targets share.

use std::thread;

/// Ends the fuzzer only over a panic of its own thread.
///
/// The reader of workbooks may panic over a malformed file: it runs on a thread that may end so, and the file is refused
/// in words. What matters is that the thread that reads rows copes.
pub fn let_readers_panic() {
    std::panic::set_hook(Box::new(|panic| {
        if thread::current().name() == Some("main") {
            eprintln!("{panic}");
            std::process::abort();
        }
    }));
}
