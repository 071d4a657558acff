//! The memory in which Argon2id works, and the bound on how many hashes run at once.
//!
//! Getting 19 MiB from the system for every hash costs a third of its time, so each seat of the pool keeps its memory.
//! There are as many seats as processors; who finds none free waits, and a visitor only for a while. More hashes at once
//! would only make all of them slower, and the memory of a daemon under attack would grow without bound.

use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use argon2::Block;

/// How long whoever needs a seat waits for one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Patience {
    /// Until one is free: a command has nothing else to do.
    Endless,
    /// So long at most, and not at all where a queue waits already: somebody else is to be served too.
    Short(Duration),
}

/// How many wait for each seat at most, of those who do not wait for ever. A hash takes some 30 ms, so that whoever is let
/// into the queue is served within half a second.
const QUEUE_A_SEAT: usize = 16;

/// A fixed number of seats, each with its memory.
pub(super) struct Pool {
    state: Mutex<State>,
    left: Condvar,
    seats: usize,
}

/// The seats that nobody has, and who waits for one.
struct State {
    free: Vec<Vec<Block>>,
    waiting: usize,
}

impl Pool {
    /// A pool of so many seats; nothing is allocated before it is used.
    pub(super) fn new(seats: usize) -> Self {
        let state = State { free: vec![Vec::new(); seats], waiting: 0 };
        Self { state: Mutex::new(state), left: Condvar::new(), seats }
    }

    /// A seat, as soon as one is free; it keeps `kept` blocks of 1 KiB between two hashes. None where that would take longer
    /// than the patience lasts.
    pub(super) fn take(&self, kept: usize, patience: Patience) -> Option<Seat<'_>> {
        let mut state = self.lock();
        if let Some(memory) = state.free.pop() {
            return Some(Seat { pool: self, memory, kept });
        }
        if patience != Patience::Endless && state.waiting >= QUEUE_A_SEAT * self.seats {
            return None;
        }
        state.waiting += 1;
        let (mut state, memory) = self.wait(state, patience);
        state.waiting -= 1;
        memory.map(|memory| Seat { pool: self, memory, kept })
    }

    /// How many hashes run, and how many wait.
    pub(super) fn load(&self) -> (usize, usize) {
        let state = self.lock();
        (self.seats.saturating_sub(state.free.len()), state.waiting)
    }

    fn wait<'a>(
        &self,
        mut state: MutexGuard<'a, State>,
        patience: Patience,
    ) -> (MutexGuard<'a, State>, Option<Vec<Block>>) {
        let began = Instant::now();
        loop {
            state = match patience {
                Patience::Endless => self.left.wait(state).unwrap_or_else(PoisonError::into_inner),
                Patience::Short(most) => {
                    let Some(rest) = most.checked_sub(began.elapsed()) else { return (state, None) };
                    self.left.wait_timeout(state, rest).unwrap_or_else(PoisonError::into_inner).0
                }
            };
            if let Some(memory) = state.free.pop() {
                return (state, Some(memory));
            }
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The right to run one hash, and the memory for it; dropping it makes room for the next.
pub(super) struct Seat<'a> {
    pool: &'a Pool,
    memory: Vec<Block>,
    kept: usize,
}

impl Seat<'_> {
    /// At least `count` blocks. They hold what the last hash left, which Argon2 overwrites before it reads.
    pub(super) fn blocks(&mut self, count: usize) -> &mut [Block] {
        if self.memory.len() < count {
            self.memory.resize(count, Block::new());
        }
        &mut self.memory
    }
}

impl Drop for Seat<'_> {
    fn drop(&mut self) {
        let mut memory = std::mem::take(&mut self.memory);
        if memory.len() > self.kept {
            memory.truncate(self.kept);
            memory.shrink_to_fit();
        }
        self.pool.lock().free.push(memory);
        self.pool.left.notify_one();
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};
    use std::thread;
    use std::time::Duration;

    use super::{Patience, Pool, QUEUE_A_SEAT, Seat};

    /// A seat that keeps 8 blocks, however long that takes.
    fn take(pool: &Pool) -> Seat<'_> {
        pool.take(8, Patience::Endless).unwrap()
    }

    #[test]
    fn p7_no_more_hashes_run_at_once_than_there_are_seats() {
        let pool = Pool::new(2);
        let (running, most) = (AtomicUsize::new(0), AtomicUsize::new(0));
        thread::scope(|scope| {
            for _ in 0..16 {
                scope.spawn(|| {
                    let _seat = take(&pool);
                    most.fetch_max(running.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
                    thread::yield_now();
                    running.fetch_sub(1, Ordering::SeqCst);
                });
            }
        });
        assert!(most.into_inner() <= 2);
        assert_eq!(pool.lock().free.len(), 2, "every seat was given back");
    }

    #[test]
    fn p7_a_seat_is_given_back_when_its_hash_panics() {
        let pool = Pool::new(1);
        let died = thread::scope(|scope| {
            scope
                .spawn(|| {
                    let _seat = take(&pool);
                    panic!("in the middle of a hash");
                })
                .join()
        });
        assert!(died.is_err());
        assert_eq!(take(&pool).blocks(3).len(), 3);
    }

    #[test]
    fn p7_a_seat_keeps_its_memory_and_no_more_than_agreed() {
        let pool = Pool::new(1);
        take(&pool).blocks(8).fill(argon2::Block::new());
        assert_eq!(take(&pool).memory.len(), 8);
        take(&pool).blocks(64).fill(argon2::Block::new());
        let seat = take(&pool);
        assert_eq!((seat.memory.len(), seat.memory.capacity()), (8, 8));
    }

    #[test]
    fn p7_who_waits_too_long_for_a_seat_is_refused_and_the_next_is_served() {
        let pool = Pool::new(1);
        let seat = take(&pool);
        assert!(pool.take(8, Patience::Short(Duration::from_millis(5))).is_none());
        drop(seat);
        assert!(pool.take(8, Patience::Short(Duration::ZERO)).is_some());
        assert_eq!(pool.lock().waiting, 0, "nobody waits any more");
    }

    #[test]
    fn p7_a_queue_that_is_full_takes_nobody_else_and_keeps_who_waits_in_it() {
        let pool = Pool::new(1);
        let seat = take(&pool);
        thread::scope(|scope| {
            let served: Vec<_> = (0..QUEUE_A_SEAT).map(|_| scope.spawn(|| drop(take(&pool)))).collect();
            while pool.lock().waiting < QUEUE_A_SEAT {
                thread::yield_now();
            }
            assert!(pool.take(8, Patience::Short(Duration::from_secs(3600))).is_none(), "at once");
            drop(seat);
            for served in served {
                served.join().unwrap();
            }
        });
        assert!(pool.take(8, Patience::Short(Duration::ZERO)).is_some());
    }
}
