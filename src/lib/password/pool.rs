//! The memory in which Argon2id works, and the bound on how many hashes run at once.
//!
//! Getting 19 MiB from the system for every hash costs a third of its time, so each seat of the pool keeps its memory.
//! There are as many seats as processors; who finds none free waits. More hashes at once would only make all of them
//! slower, and the memory of a daemon under attack would grow without bound.

use std::sync::{Condvar, Mutex, PoisonError};

use argon2::Block;

/// A fixed number of seats, each with its memory.
pub(super) struct Pool {
    free: Mutex<Vec<Vec<Block>>>,
    left: Condvar,
    /// How many blocks of 1 KiB a seat keeps between two hashes.
    kept: usize,
}

impl Pool {
    /// A pool whose seats keep `kept` blocks each; nothing is allocated before it is used.
    pub(super) fn new(seats: usize, kept: usize) -> Self {
        Self { free: Mutex::new(vec![Vec::new(); seats]), left: Condvar::new(), kept }
    }

    /// A seat, as soon as one is free.
    pub(super) fn take(&self) -> Seat<'_> {
        let mut free = self.free.lock().unwrap_or_else(PoisonError::into_inner);
        loop {
            if let Some(memory) = free.pop() {
                return Seat { pool: self, memory };
            }
            free = self.left.wait(free).unwrap_or_else(PoisonError::into_inner);
        }
    }
}

/// The right to run one hash, and the memory for it; dropping it makes room for the next.
pub(super) struct Seat<'a> {
    pool: &'a Pool,
    memory: Vec<Block>,
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
        if memory.len() > self.pool.kept {
            memory.truncate(self.pool.kept);
            memory.shrink_to_fit();
        }
        self.pool.free.lock().unwrap_or_else(PoisonError::into_inner).push(memory);
        self.pool.left.notify_one();
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};
    use std::thread;

    use super::Pool;

    #[test]
    fn p7_no_more_hashes_run_at_once_than_there_are_seats() {
        let pool = Pool::new(2, 8);
        let (running, most) = (AtomicUsize::new(0), AtomicUsize::new(0));
        thread::scope(|scope| {
            for _ in 0..16 {
                scope.spawn(|| {
                    let _seat = pool.take();
                    most.fetch_max(running.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
                    thread::yield_now();
                    running.fetch_sub(1, Ordering::SeqCst);
                });
            }
        });
        assert!(most.into_inner() <= 2);
        assert_eq!(pool.free.into_inner().unwrap().len(), 2, "every seat was given back");
    }

    #[test]
    fn p7_a_seat_is_given_back_when_its_hash_panics() {
        let pool = Pool::new(1, 8);
        let died = thread::scope(|scope| {
            scope
                .spawn(|| {
                    let _seat = pool.take();
                    panic!("in the middle of a hash");
                })
                .join()
        });
        assert!(died.is_err());
        assert_eq!(pool.take().blocks(3).len(), 3);
    }

    #[test]
    fn p7_a_seat_keeps_its_memory_and_no_more_than_agreed() {
        let pool = Pool::new(1, 8);
        pool.take().blocks(8).fill(argon2::Block::new());
        assert_eq!(pool.take().memory.len(), 8);
        pool.take().blocks(64).fill(argon2::Block::new());
        let seat = pool.take();
        assert_eq!((seat.memory.len(), seat.memory.capacity()), (8, 8));
    }
}
