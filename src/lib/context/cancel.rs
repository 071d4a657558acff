//! The wish that work ends before it is done: Ctrl-C, SIGTERM, a request whose sender went away.

use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use crate::error::Result;
use crate::store;

/// How often it is looked whether something is still wanted that is waited for.
const TICK: Duration = Duration::from_millis(200);

/// Says whether work is still wanted. Its clones say the same, in any thread.
///
/// SQLite asks it while it works for a [`Context`](super::Context); other work that lasts asks [`CancelToken::check`]
/// between two of its pieces.
#[derive(Debug, Clone, Default)]
pub(crate) struct CancelToken {
    wished: Arc<AtomicBool>,
    /// Set while something has to be done all the same.
    deaf: Arc<AtomicBool>,
}

impl CancelToken {
    /// Wishes that the work ends.
    pub(crate) fn cancel(&self) {
        self.wished.store(true, Ordering::SeqCst);
    }

    /// Takes the wish back: what it was about is done.
    pub(crate) fn reset(&self) {
        self.wished.store(false, Ordering::SeqCst);
    }

    /// Whether the work is to end.
    pub(crate) fn is_cancelled(&self) -> bool {
        self.wished.load(Ordering::SeqCst) && !self.deaf.load(Ordering::SeqCst)
    }

    /// The same question, for whoever works elsewhere.
    pub(crate) fn is_unwanted(&self) -> impl Fn() -> bool + Send + 'static {
        let asked = self.clone();
        move || asked.is_cancelled()
    }

    /// Fails once the work is to end.
    pub(crate) fn check(&self) -> Result<(), store::Error> {
        if self.is_cancelled() { Err(store::Error::Interrupted) } else { Ok(()) }
    }

    /// Waits for something as long as somebody wants it; what is dropped then ends what it has begun.
    pub(crate) async fn unless_unwanted<T>(&self, work: impl Future<Output = T>) -> Option<T> {
        let mut work = pin!(work);
        loop {
            if let Ok(done) = tokio::time::timeout(TICK, work.as_mut()).await {
                return Some(done);
            }
            if self.is_cancelled() {
                return None;
            }
        }
    }

    /// Does what has to be done whoever wishes otherwise, such as the record of how work ended.
    pub(crate) fn regardless<T>(&self, work: impl FnOnce() -> T) -> T {
        let before = self.deaf.swap(true, Ordering::SeqCst);
        let done = work();
        self.deaf.store(before, Ordering::SeqCst);
        done
    }

    /// What a signal handler sets.
    pub(crate) fn flag(&self) -> Arc<AtomicBool> {
        Arc::clone(&self.wished)
    }
}

/// Waits for a thread to end, and no longer than until then; whether it has. One that has not goes on by itself.
pub(crate) fn join_until(thread: JoinHandle<()>, until: Instant) -> bool {
    /// How often it is looked at.
    const LOOK: Duration = Duration::from_millis(10);
    while !thread.is_finished() && Instant::now() < until {
        thread::sleep(LOOK);
    }
    let has_ended = thread.is_finished();
    if has_ended {
        thread.join().ok();
    }
    has_ended
}

#[cfg(test)]
mod tests {
    use super::CancelToken;
    use crate::context::Context;

    /// A query that ends when it is interrupted, and at some time in this century.
    const ENDLESS: &str = "
        WITH RECURSIVE counter (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM counter WHERE n < 1000000000000)
        SELECT count(*) FROM counter";

    fn run(cx: &Context, sql: &str) -> crate::error::Result<i64> {
        cx.read(|tx| Ok(tx.sql().query_row(sql, [], |row| row.get(0))?))
    }

    #[test]
    fn a_wish_ends_what_the_store_is_doing_and_later_reads_and_changes() {
        let cx = Context::for_tests();
        let (token, (begun, is_begun)) = (cx.cancel.clone(), std::sync::mpsc::channel());
        let waiting = std::thread::spawn(move || {
            is_begun.recv().unwrap();
            token.cancel();
        });
        begun.send(()).unwrap();
        assert_eq!(run(&cx, ENDLESS).unwrap_err().code(), "interrupted");
        waiting.join().unwrap();
        assert_eq!(cx.cancel.check().unwrap_err().to_string(), "interrupted; nothing was changed");
        assert_eq!(cx.write(|_| Ok(())).unwrap_err().code(), "interrupted");
        cx.cancel.reset();
        assert_eq!(run(&cx, "SELECT 1").unwrap(), 1);
    }

    #[test]
    fn what_has_to_be_done_is_done_regardless() {
        let cx = Context::for_tests();
        cx.cancel.cancel();
        let counted = "
            WITH RECURSIVE counter (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM counter WHERE n < 100000)
            SELECT count(*) FROM counter";
        assert_eq!(cx.cancel.regardless(|| run(&cx, counted)).unwrap(), 100_000);
        assert_eq!(run(&cx, counted).unwrap_err().code(), "interrupted");
        assert_eq!(
            cx.write_in_earnest(|_| Ok(7)).unwrap(),
            7,
            "whoever goes away undoes no count of an attempt"
        );
        assert!(cx.cancel.is_cancelled());
    }

    #[test]
    fn a_token_is_of_one_context_alone() {
        let (one, other) = (CancelToken::default(), CancelToken::default());
        one.clone().cancel();
        assert!(one.is_cancelled() && !other.is_cancelled());
    }
}
