//! A store and its key, open for everybody whom one process serves.
//!
//! A command makes one [`Context`] for itself. The daemon opens a [`Site`] once, and [`Site::serve`] makes a context for
//! each request out of what there is: a free connection that reads, the key and the settings, which are read again when
//! somebody changed the store, and the writer that all share. The work is lent its context, and who acts with it; neither
//! can be copied, so neither outlives the request.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use super::settings::Table;
use super::{
    Actor, Asked, CancelToken, Clock, Context, Meters, Refusals, RevalidateActor, Settings, SystemClock, Via,
};
use crate::crypto::key::{KeyError, MasterKey};
use crate::crypto::rng::{Random, SystemRandom};
use crate::crypto::seal::Opened;
use crate::error::Result;
use crate::store::{Store, Writer};

/// How many connections are kept for those who come later.
const MOST_FREE: usize = 16;

/// How long a visit waits for whoever holds the store.
const PATIENCE: Duration = Duration::from_secs(8);

/// A store and its key, for every thread of a process.
pub(crate) struct Site {
    store: PathBuf,
    key: PathBuf,
    settings: &'static Table,
    clock: Arc<dyn Clock>,
    rng: Arc<dyn Random>,
    writer: Arc<Writer>,
    keys: Mutex<Keys>,
    /// Who is asked for names of the DNS, if not those that the machine asks.
    resolver: Mutex<Option<SocketAddr>>,
    meters: Arc<Meters>,
    /// Connections that nobody uses now.
    free: Mutex<Vec<Reader>>,
}

/// The master key, and what was opened with it last.
#[derive(Clone)]
struct Keys {
    master: Arc<MasterKey>,
    opened: Arc<Opened>,
}

/// A connection, and what it read of the store last.
struct Reader {
    store: Store,
    /// What tells whether the store was changed since.
    version: i64,
    keys: Keys,
    settings: Arc<Settings>,
}

/// Who comes, with what, and whether they still wait.
pub(crate) struct Visit {
    /// Who acts.
    pub(crate) actor: Actor,
    /// Whether it still is who may do that, asked before each change.
    pub(crate) revalidate_actor: RevalidateActor,
    /// Through which door.
    pub(crate) via: Via,
    /// Why, for the audit.
    pub(crate) reason: Option<String>,
    /// Whether changes are computed, shown and taken back.
    pub(crate) dry_run: bool,
    /// Takes what is refused while the rest is done; whoever let the visitor in records it.
    pub(crate) refusals: Refusals,
    /// Ends the work when it is no longer wanted.
    pub(crate) cancel: CancelToken,
}

impl Visit {
    /// A visit of somebody who may change what their permissions let them.
    pub(crate) fn of(actor: Actor, via: Via) -> Self {
        Self {
            actor,
            revalidate_actor: |_, _| Ok(()),
            via,
            reason: None,
            dry_run: false,
            refusals: Refusals::default(),
            cancel: CancelToken::default(),
        }
    }
}

impl Keys {
    fn of(master: MasterKey) -> Self {
        Self { master: Arc::new(master), opened: Arc::default() }
    }
}

impl Site {
    /// Opens a store with its key, each at its path, and upgrades an older schema.
    ///
    /// # Errors
    /// What keeps either from being used; later, each visit meets again what is wrong by then.
    pub(crate) fn open(store: &Path, key: &Path, settings: &'static Table) -> Result<Self> {
        let master = Store::open(store)?.load_key(key)?;
        let site = Self {
            store: store.to_owned(),
            key: key.to_owned(),
            settings,
            clock: Arc::new(SystemClock),
            rng: Arc::new(SystemRandom),
            writer: Arc::new(Writer::new(store, PATIENCE)),
            keys: Mutex::new(Keys::of(master)),
            resolver: Mutex::default(),
            meters: Arc::default(),
            free: Mutex::default(),
        };
        site.check()?;
        Ok(site)
    }

    /// Has visits ask that server for names of the DNS from now on, or those that the machine asks.
    pub(crate) fn ask_for_names(&self, resolver: Option<SocketAddr>) {
        *self.resolver.lock().unwrap_or_else(PoisonError::into_inner) = resolver;
    }

    /// What is counted of all visits, and of whoever shares it.
    pub(crate) const fn meters(&self) -> &Arc<Meters> {
        &self.meters
    }

    /// Whether the store answers.
    pub(crate) fn check(&self) -> Result<()> {
        let reader = self.reader()?;
        reader.store.read(|tx| self.settings.load(tx))?;
        self.give_back(reader);
        Ok(())
    }

    /// Lets somebody act: lends a context to `work`, until it is done.
    pub(crate) fn serve<T>(&self, visit: Visit, work: impl FnOnce(&Context) -> Result<T>) -> Result<T> {
        let Reader { mut store, version, keys, settings } = self.reader()?;
        let Visit { actor, revalidate_actor, via, reason, dry_run, refusals, cancel } = visit;
        let asked = cancel.clone();
        store.interrupt_when(move || asked.is_cancelled());
        let cx = Context {
            store,
            writer: Some(Arc::clone(&self.writer)),
            clock: Arc::clone(&self.clock),
            rng: Arc::clone(&self.rng),
            key: Arc::clone(&keys.master),
            opened: Arc::clone(&keys.opened),
            settings: Arc::clone(&settings),
            templates: None,
            resolver: *self.resolver.lock().unwrap_or_else(PoisonError::into_inner),
            actor,
            revalidate_actor,
            via,
            reason,
            dry_run,
            tells_people: true,
            refusals,
            asked: Asked::default(),
            cancel,
            meters: Arc::clone(&self.meters),
        };
        // A connection that work panicked with is closed, not given back.
        let done = work(&cx);
        let Context { mut store, .. } = cx;
        store.interrupt_when(|| false);
        self.give_back(Reader { store, version, keys, settings });
        done
    }

    /// A connection that knows the store as it is.
    fn reader(&self) -> Result<Reader> {
        let free = self.free().pop();
        let Some(mut reader) = free.filter(|reader| reader.store.is_at(&self.store)) else {
            let store = Store::open_reader(&self.store)?;
            store.wait_no_longer_than(PATIENCE)?;
            let version = store.data_version()?;
            let (keys, settings) = self.look_at(&store)?;
            return Ok(Reader { store, version, keys, settings });
        };
        let version = reader.store.data_version()?;
        if version != reader.version {
            reader.store.check_schema(&self.store)?;
            let (keys, settings) = self.look_at(&reader.store)?;
            reader = Reader { version, keys, settings, ..reader };
        }
        Ok(reader)
    }

    /// The key and the settings as they are now; a key that another process replaced is read from its file.
    fn look_at(&self, store: &Store) -> Result<(Keys, Arc<Settings>)> {
        let known = self.keys().clone();
        let looked = store.read(|tx| {
            let settings = Arc::new(self.settings.load(tx)?);
            Ok((tx.check_key(&known.master), settings))
        });
        let (checked, settings) = looked?;
        let keys = match checked {
            Ok(()) => known,
            Err(failure) if failure.get::<KeyError>().is_some() => {
                let keys = Keys::of(store.load_key(&self.key)?);
                *self.keys() = keys.clone();
                keys
            }
            Err(failure) => return Err(failure),
        };
        Ok((keys, settings))
    }

    fn give_back(&self, reader: Reader) {
        let mut free = self.free();
        if reader.store.is_kept() && free.len() < MOST_FREE {
            free.push(reader);
        }
    }

    fn keys(&self) -> MutexGuard<'_, Keys> {
        self.keys.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn free(&self) -> MutexGuard<'_, Vec<Reader>> {
        self.free.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
impl Site {
    /// Has it go by that clock.
    pub(crate) fn go_by(&mut self, clock: Arc<dyn Clock>) {
        self.clock = clock;
    }

    /// Makes it that time, and the randomness the same each time.
    pub(crate) fn stop_clock(&mut self, at: crate::text::instant::Instant) {
        self.clock = Arc::new(super::FixedClock::new(at));
        self.rng = Arc::new(crate::crypto::rng::SeededRandom::new(1));
    }
}

/// A site is of all threads.
const _: () = {
    const fn is_shared<T: Send + Sync>() {}
    is_shared::<Site>();
};
