//! The one writer of a process that serves many at once: changes that wait for each other become durable together.
//!
//! Whoever has the turn has the connection, and makes its change in its own thread. When it is done and others wait, it
//! hands on the turn with the transaction still open, and waits for its end. The one after whom nobody waits commits, and
//! tells all of the group how that went: nobody learns that a change is made before it is on the disk. While the disk
//! works, the next group gathers.
//!
//! Each change but the first lies in a savepoint, so that one that fails or panics takes back itself and nothing else.
//! `docs/adr/0015-changes-that-wait-are-committed-together.md` weighs the alternatives.

#[cfg(test)]
mod tests;

use std::collections::VecDeque;
use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use rusqlite::ffi;

use super::{Error, Store, Tx};
use crate::error::Result;

/// The most changes that are committed together.
const LARGEST_GROUP: usize = 64;

/// How long a group gathers at most: a crowd that never ends must not keep the first of it waiting.
const LONGEST_GROUP: Duration = Duration::from_millis(20);

/// The writer of a store, for every thread of a process.
#[derive(Debug)]
pub(crate) struct Writer {
    path: PathBuf,
    /// How long a change waits for others before it is refused as [`Error::Busy`].
    patience: Duration,
    queue: Mutex<Queue>,
}

/// Who waits for the turn, and the turn itself while nobody has it.
#[derive(Debug)]
struct Queue {
    free: Option<Hand>,
    waiting: VecDeque<(u64, SyncSender<Hand>)>,
    numbers: u64,
}

/// What whoever has the turn has in hand.
#[derive(Debug, Default)]
struct Hand {
    store: Option<Store>,
    /// The changes of the transaction that is open; none when none is.
    group: Option<Group>,
}

/// Changes that are made and not yet committed.
#[derive(Debug)]
struct Group {
    began: Instant,
    /// Those who wait to hear how it ends.
    waiting: Vec<SyncSender<Ended>>,
}

/// How a group ended: committed, or why not.
type Ended = Result<(), Error>;

/// The turn, which goes to the next when it is dropped.
struct Turn<'writer> {
    writer: &'writer Writer,
    hand: Hand,
}

/// A change under way, which is taken back when it is dropped.
struct Change<'turn> {
    store: &'turn Store,
    group: &'turn mut Option<Group>,
    is_kept: bool,
}

impl Writer {
    /// The writer of the store at `path`, which is opened when the first change is made. Each change waits no longer than
    /// `patience` for its turn, and for whoever else holds the store.
    pub(crate) fn new(path: &Path, patience: Duration) -> Self {
        let queue = Queue { free: Some(Hand::default()), waiting: VecDeque::new(), numbers: 0 };
        Self { path: path.to_owned(), patience, queue: Mutex::new(queue) }
    }

    /// Makes a change like [`Store::write`], in one transaction with others that wait. When this returns, it is durable.
    ///
    /// # Errors
    /// Those of `work`; and why it could not be made durable, when nothing of it was changed.
    pub(crate) fn write<T>(&self, work: impl FnOnce(&Tx<'_>) -> Result<T>) -> Result<T> {
        self.write_within(self.patience, work)
    }

    /// The same, where it can be begun within so long; what can wait for another time is not worth more.
    ///
    /// # Errors
    /// [`Error::Busy`] when it cannot.
    pub(crate) fn write_within<T>(
        &self,
        patience: Duration,
        work: impl FnOnce(&Tx<'_>) -> Result<T>,
    ) -> Result<T> {
        let deadline = Instant::now() + patience;
        let mut turn = self.turn(deadline)?;
        let change = turn.hand.begin(&self.path, deadline)?;
        let value = change.make(work)?;
        let ended = change.keep()?;
        drop(turn);
        ended.recv().unwrap_or(Err(Error::TakenBack))?;
        Ok(value)
    }

    /// Runs `work`, which changes the store through a connection of its own, while nobody else of this process does.
    pub(crate) fn alone<T>(&self, work: impl FnOnce() -> Result<T>) -> Result<T> {
        let mut turn = self.turn(Instant::now() + self.patience)?;
        turn.hand.commit();
        work()
    }

    /// Waits for the turn.
    fn turn(&self, deadline: Instant) -> Result<Turn<'_>, Error> {
        let (number, given) = {
            let mut queue = self.queue();
            if let Some(hand) = queue.free.take() {
                return Ok(Turn { writer: self, hand });
            }
            let (give, given) = sync_channel(1);
            queue.numbers += 1;
            let number = queue.numbers;
            queue.waiting.push_back((number, give));
            (number, given)
        };
        let left = deadline.saturating_duration_since(Instant::now());
        let hand = given.recv_timeout(left).or_else(|_| {
            self.queue().waiting.retain(|(waiting, _)| *waiting != number);
            // It may have come this very moment.
            given.try_recv()
        });
        hand.map(|hand| Turn { writer: self, hand }).map_err(|_| busy())
    }

    fn queue(&self) -> MutexGuard<'_, Queue> {
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Turn<'_> {
    fn drop(&mut self) {
        let mut hand = std::mem::take(&mut self.hand);
        let mut queue = self.writer.queue();
        if hand.group.as_ref().is_some_and(|group| queue.waiting.is_empty() || group.is_full()) {
            // Others come and wait meanwhile.
            drop(queue);
            hand.commit();
            queue = self.writer.queue();
        }
        while let Some((_, next)) = queue.waiting.pop_front() {
            match next.send(hand) {
                Ok(()) => return,
                Err(unsent) => hand = unsent.0,
            }
        }
        queue.free = Some(hand);
    }
}

impl Hand {
    /// Begins a change: in the transaction that is open, or in a new one.
    fn begin(&mut self, path: &Path, deadline: Instant) -> Result<Change<'_>, Error> {
        let is_good =
            |store: &Store| store.is_kept() && store.is_at(path) && store.connection.is_autocommit();
        let store = match self.store.take() {
            Some(store) if self.group.is_some() || is_good(&store) => store,
            _ => Store::open_writer(path)?,
        };
        let store = self.store.insert(store);
        if self.group.is_some() {
            store.connection.execute_batch("SAVEPOINT change")?;
            return Ok(Change { store, group: &mut self.group, is_kept: false });
        }
        store.connection.busy_timeout(deadline.saturating_duration_since(Instant::now()))?;
        store.connection.execute_batch("BEGIN IMMEDIATE")?;
        let change = Change { store, group: &mut self.group, is_kept: false };
        change.store.check_schema(path)?;
        change.store.connection.take_schema_of_file().map_err(Error::from)?;
        Ok(change)
    }

    /// Commits what is made, and tells everybody.
    fn commit(&mut self) {
        let (Some(group), Some(store)) = (self.group.take(), &self.store) else { return };
        let ended = store.connection.execute_batch("COMMIT");
        if ended.is_err() && !store.connection.is_autocommit() {
            store.connection.execute_batch("ROLLBACK").ok();
        }
        let may_stay = store.is_kept();
        group.tell(|| ended.as_ref().map_or_else(|error| Err(copy(error).into()), |()| Ok(())));
        if !may_stay {
            self.store = None;
        }
    }
}

impl Change<'_> {
    fn make<T>(&self, work: impl FnOnce(&Tx<'_>) -> Result<T>) -> Result<T> {
        let tx = Tx::on(&self.store.connection);
        let value = work(&tx);
        tx.expect_few()?;
        let value = value?;
        tx.settle()?;
        Ok(value)
    }

    /// Keeps the change, and returns what will tell how the group ends.
    fn keep(mut self) -> Result<Receiver<Ended>, Error> {
        if self.store.connection.is_autocommit() {
            return Err(Error::TakenBack);
        }
        if self.group.is_some() {
            self.store.connection.execute_batch("RELEASE change")?;
        }
        self.is_kept = true;
        let (tell, told) = sync_channel(1);
        let group = self.group.get_or_insert_with(|| Group { began: Instant::now(), waiting: Vec::new() });
        group.waiting.push(tell);
        Ok(told)
    }
}

impl Drop for Change<'_> {
    fn drop(&mut self) {
        if self.is_kept {
            return;
        }
        let connection = &self.store.connection;
        let is_undone = self.group.is_some()
            && !connection.is_autocommit()
            && connection.execute_batch("ROLLBACK TO change; RELEASE change").is_ok();
        if is_undone {
            return;
        }
        // Nobody else has a part in the transaction; or SQLite took back all of it, as it does on some errors.
        if !connection.is_autocommit() {
            connection.execute_batch("ROLLBACK").ok();
        }
        if let Some(group) = self.group.take() {
            group.tell(|| Err(Error::TakenBack));
        }
    }
}

impl Group {
    fn is_full(&self) -> bool {
        self.waiting.len() >= LARGEST_GROUP || self.began.elapsed() >= LONGEST_GROUP
    }

    fn tell(self, ended: impl Fn() -> Ended) {
        for waiting in self.waiting {
            waiting.send(ended()).ok();
        }
    }
}

/// What a change is told that waited in vain.
fn busy() -> Error {
    rusqlite::Error::SqliteFailure(ffi::Error::new(ffi::SQLITE_BUSY), None).into()
}

/// The same refusal of SQLite, for one more who is to be told.
fn copy(error: &rusqlite::Error) -> rusqlite::Error {
    let code = error.sqlite_error().copied().unwrap_or(ffi::Error::new(ffi::SQLITE_ERROR));
    rusqlite::Error::SqliteFailure(code, Some(error.to_string()))
}
