//! One picture is unpacked at a time: it may take hundreds of megabytes, and a site is asked by many at once.

use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use super::{Photo, PhotoError, check};
use crate::error::Result;

/// How long somebody waits for their turn; one picture takes a second or two.
const PATIENCE: Duration = Duration::from_secs(5);

/// How many wait at most; whoever comes then is told to come again.
const MOST_WAITING: usize = 2;

static TURNS: Turns = Turns { state: Mutex::new(State { taken: false, waiting: 0 }), left: Condvar::new() };

/// Whose turn it is.
struct Turns {
    state: Mutex<State>,
    left: Condvar,
}

struct State {
    taken: bool,
    waiting: usize,
}

/// The right to unpack a picture; dropping it makes room for the next.
struct Turn<'a>(&'a Turns);

impl Turns {
    /// A turn, as soon as there is one; none where too many wait, or it takes too long.
    fn take(&self, patience: Duration) -> Option<Turn<'_>> {
        let mut state = self.lock();
        if state.taken {
            if state.waiting >= MOST_WAITING {
                return None;
            }
            state.waiting += 1;
            let waited = self.left.wait_timeout_while(state, patience, |state| state.taken);
            state = waited.unwrap_or_else(PoisonError::into_inner).0;
            state.waiting -= 1;
            if state.taken {
                return None;
            }
        }
        state.taken = true;
        drop(state);
        Some(Turn(self))
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Turn<'_> {
    fn drop(&mut self) {
        self.0.lock().taken = false;
        self.0.left.notify_one();
    }
}

/// Like [`check_photo`](super::check_photo), when it is the turn of this picture.
///
/// # Errors
/// What is wrong with the picture; that too many are sent at once.
pub(crate) fn check_in_turn(bytes: &[u8]) -> Result<Photo> {
    let _turn = TURNS.take(PATIENCE).ok_or(PhotoError::Busy)?;
    Ok(check(bytes)?)
}

#[cfg(test)]
mod tests {
    use std::sync::{Condvar, Mutex};
    use std::time::Duration;

    use super::{MOST_WAITING, State, Turns};

    fn turns() -> Turns {
        Turns { state: Mutex::new(State { taken: false, waiting: 0 }), left: Condvar::new() }
    }

    #[test]
    fn a8_pictures_are_unpacked_one_after_the_other_and_few_wait() {
        let turns = turns();
        let first = turns.take(Duration::ZERO).unwrap();
        assert!(turns.take(Duration::ZERO).is_none(), "it takes too long");
        let served = std::thread::scope(|scope| {
            let waiting: Vec<_> = (0..MOST_WAITING)
                .map(|_| scope.spawn(|| turns.take(Duration::from_secs(60)).is_some()))
                .collect();
            while turns.lock().waiting < MOST_WAITING {
                std::thread::yield_now();
            }
            assert!(turns.take(Duration::from_secs(60)).is_none(), "too many wait");
            drop(first);
            waiting.into_iter().map(|each| each.join().unwrap()).collect::<Vec<_>>()
        });
        assert_eq!(served, [true; MOST_WAITING]);
        assert!(turns.take(Duration::ZERO).is_some());
    }

    #[test]
    fn a8_whoever_fails_gives_the_turn_back() {
        let turns = turns();
        let failed = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
            let _turn = turns.take(Duration::ZERO).unwrap();
            std::panic::resume_unwind(Box::new(()));
        }));
        assert!(failed.is_err() && turns.take(Duration::ZERO).is_some());
    }
}
