//! Work that is done after a page was answered: so the answer tells nothing of it, not even by how long it takes.
//!
//! One thread does it, in the order in which it came. What finds the store busy is tried again for a while; what fails is
//! logged. When the pages end, what waits is done first.

use std::collections::VecDeque;
use std::net::IpAddr;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use http::{Method, StatusCode};

use super::serve::{Log, Panicked, Served};
use crate::context::Site;
use crate::error::{Explain, Kind, Result};

/// Work on a site. It may be begun again, as long as the store is busy.
pub(crate) type Work = Box<dyn Fn(&Site) -> Result<()> + Send>;

/// How much may wait.
const MOST: usize = 1000;

/// How long work that finds the store busy is tried again, and how long is waited between.
const PATIENCE: Duration = Duration::from_secs(600);
const PAUSE: Duration = Duration::from_secs(1);

/// More waits than may.
#[derive(Debug, thiserror::Error)]
#[error("too much waits to be done after other pages")]
pub(super) struct Crowded;

impl Explain for Crowded {
    fn code(&self) -> &'static str {
        "web.crowded"
    }

    fn kind(&self) -> Kind {
        Kind::Busy
    }
}

/// Work that waits, for which page and for whom.
struct Waiting {
    route: &'static str,
    client: IpAddr,
    work: Work,
}

#[derive(Default)]
struct State {
    waiting: VecDeque<Waiting>,
    is_working: bool,
    is_over: bool,
}

#[derive(Default)]
struct Shared {
    state: Mutex<State>,
    changed: Condvar,
}

/// What does the work.
pub(super) struct Later {
    shared: Arc<Shared>,
    thread: Option<JoinHandle<()>>,
}

impl Later {
    /// Begins to do work on a site.
    pub(super) fn begin(site: Arc<Site>, log: Arc<Log>) -> Self {
        let shared = Arc::new(Shared::default());
        let own = Arc::clone(&shared);
        let thread = thread::Builder::new().name("later".to_owned()).spawn(move || own.work(&site, &log));
        Self { shared, thread: thread.ok() }
    }

    /// Has work done as soon as what came before it is.
    ///
    /// # Errors
    /// When too much waits.
    pub(super) fn add(&self, (route, client): (&'static str, IpAddr), work: Work) -> Result<(), Crowded> {
        let mut state = self.shared.state();
        if state.waiting.len() >= MOST || self.thread.is_none() {
            return Err(Crowded);
        }
        state.waiting.push_back(Waiting { route, client, work });
        self.shared.changed.notify_all();
        Ok(())
    }

    /// Waits until nothing is left to do.
    #[cfg(test)]
    pub(super) fn settle(&self) {
        let mut state = self.shared.state();
        while state.is_working || !state.waiting.is_empty() {
            state = self.shared.changed.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
    }
}

impl Drop for Later {
    fn drop(&mut self) {
        self.shared.state().is_over = true;
        self.shared.changed.notify_all();
        if let Some(thread) = self.thread.take() {
            thread.join().ok();
        }
    }
}

impl Shared {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn work(&self, site: &Site, log: &Log) {
        while let Some(waiting) = self.next() {
            self.carry_out(site, log, &waiting);
            self.state().is_working = false;
            self.changed.notify_all();
        }
    }

    /// What came first; nothing once all is over and done.
    fn next(&self) -> Option<Waiting> {
        let mut state = self.state();
        loop {
            if let Some(waiting) = state.waiting.pop_front() {
                state.is_working = true;
                return Some(waiting);
            }
            if state.is_over {
                return None;
            }
            state = self.changed.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
    }

    fn carry_out(&self, site: &Site, log: &Log, waiting: &Waiting) {
        let begun = Instant::now();
        let failure = loop {
            let done = catch_unwind(AssertUnwindSafe(|| (waiting.work)(site)));
            match done.unwrap_or_else(|_| Err(Panicked.into())) {
                Ok(()) => return,
                Err(failure) if failure.kind() == Kind::Busy && begun.elapsed() < PATIENCE => {
                    if self.is_over_after(PAUSE) {
                        break failure;
                    }
                }
                Err(failure) => break failure,
            }
        };
        log(&Served {
            route: waiting.route,
            method: Method::POST,
            status: StatusCode::INTERNAL_SERVER_ERROR,
            client: waiting.client,
            took: begun.elapsed(),
            failure: Some(failure),
        });
    }

    /// Waits so long, unless all is over.
    fn is_over_after(&self, pause: Duration) -> bool {
        let state = self.state();
        let waited = self.changed.wait_timeout_while(state, pause, |state| !state.is_over);
        waited.map_or(true, |(state, _)| state.is_over)
    }
}
