//! Work that is done after a page was answered: so the answer tells nothing of it, not even by how long it takes.
//!
//! What is quick and what is slow have a thread each, which does it in the order in which it came: nobody waits behind the
//! passwords of others. What finds the store busy is tried again for a while; what fails is logged. When the pages end, what
//! waits is done first, as far as there is time; what is not done then is logged, each for itself.

use std::collections::VecDeque;
use std::mem;
use std::net::IpAddr;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use http::{Method, StatusCode};

use super::front::network;
use super::serve::{Log, Panicked, Served};
use crate::context::Site;
use crate::error::{Explain, Failure, Kind, Result};

/// Work on a site. It may be begun again, as long as the store is busy.
pub(crate) type Work = Box<dyn Fn(&Site) -> Result<()> + Send>;

/// How long work takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Pace {
    /// A look at the store, and a change of it.
    Quick,
    /// A password is hashed too.
    Slow,
}

/// How much may wait at each pace, and how much of it from one address.
const MOST: usize = 1000;
const MOST_OF_AN_ADDRESS: usize = 100;

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

/// The pages ended before it was done.
#[derive(Debug, thiserror::Error)]
#[error("it was not done by the end")]
struct Undone;

impl Explain for Undone {
    fn code(&self) -> &'static str {
        "web.undone"
    }

    fn kind(&self) -> Kind {
        Kind::Interrupted
    }
}

/// For which page work is done, and for whom.
type Asker = (&'static str, IpAddr);

/// Work that waits.
struct Waiting {
    asker: Asker,
    work: Work,
}

#[derive(Default)]
struct State {
    waiting: VecDeque<Waiting>,
    at_work: Option<Asker>,
    is_over: bool,
    /// Whether nobody does the work: no thread could be had, or it has ended.
    is_deserted: bool,
}

/// Work of one pace.
#[derive(Default)]
struct Lane {
    state: Mutex<State>,
    changed: Condvar,
}

/// What does the work.
pub(super) struct Later {
    quick: Arc<Lane>,
    slow: Arc<Lane>,
    log: Arc<Log>,
}

impl Later {
    /// Begins to do work on a site.
    pub(super) fn begin(site: &Arc<Site>, log: &Arc<Log>) -> Self {
        let (quick, slow) = (Lane::begin("later", site, log), Lane::begin("later, slow", site, log));
        Self { quick, slow, log: Arc::clone(log) }
    }

    /// Has work done as soon as what came before it at its pace is.
    ///
    /// # Errors
    /// When too much waits, of all or of that address, or nothing more is begun.
    pub(super) fn add(&self, asker: Asker, pace: Pace, work: Work) -> Result<(), Crowded> {
        let lane = match pace {
            Pace::Quick => &self.quick,
            Pace::Slow => &self.slow,
        };
        let mut state = lane.state();
        let of_address = |waiting: &&Waiting| network(waiting.asker.1) == network(asker.1);
        let is_crowded = state.waiting.len() >= MOST
            || state.waiting.iter().filter(of_address).count() >= MOST_OF_AN_ADDRESS;
        if is_crowded || state.is_deserted || state.is_over {
            return Err(Crowded);
        }
        state.waiting.push_back(Waiting { asker, work });
        lane.changed.notify_all();
        Ok(())
    }

    /// Takes nothing more, does until then what waits, and logs what is not done by then.
    pub(super) fn end(&self, until: Instant) {
        let lanes = [&self.quick, &self.slow];
        for lane in lanes {
            lane.state().is_over = true;
            lane.changed.notify_all();
        }
        for asker in lanes.into_iter().flat_map(|lane| lane.end(until)) {
            log_failure(&self.log, asker, Duration::ZERO, Undone.into());
        }
    }

    /// Waits until nothing is left to do.
    #[cfg(test)]
    pub(super) fn settle(&self) {
        for lane in [&self.quick, &self.slow] {
            let is_something_left = |state: &mut State| state.at_work.is_some() || !state.waiting.is_empty();
            drop(lane.changed.wait_while(lane.state(), is_something_left));
        }
    }
}

impl Drop for Later {
    fn drop(&mut self) {
        // Whoever wanted to wait for what is left has done so.
        self.end(Instant::now());
    }
}

impl Lane {
    fn begin(name: &str, site: &Arc<Site>, log: &Arc<Log>) -> Arc<Self> {
        let lane = Arc::new(Self::default());
        let (own, site, log) = (Arc::clone(&lane), Arc::clone(site), Arc::clone(log));
        let thread = thread::Builder::new().name(name.to_owned()).spawn(move || own.work(&site, &log));
        lane.state().is_deserted = thread.is_err();
        lane
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn work(&self, site: &Site, log: &Log) {
        while let Some(waiting) = self.next() {
            self.carry_out(site, log, &waiting);
            self.state().at_work = None;
            self.changed.notify_all();
        }
        self.state().is_deserted = true;
        self.changed.notify_all();
    }

    /// What came first; nothing once all is over and done.
    fn next(&self) -> Option<Waiting> {
        let mut state = self.state();
        loop {
            if let Some(waiting) = state.waiting.pop_front() {
                state.at_work = Some(waiting.asker);
                return Some(waiting);
            }
            if state.is_over {
                return None;
            }
            state = self.changed.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
    }

    /// Waits until all is done, and no longer than until then; what is not done, which is taken away.
    fn end(&self, until: Instant) -> Vec<Asker> {
        let left = until.saturating_duration_since(Instant::now());
        let is_attended = |state: &mut State| !state.is_deserted;
        let waited = self.changed.wait_timeout_while(self.state(), left, is_attended);
        let (mut state, _) = waited.unwrap_or_else(PoisonError::into_inner);
        let begun = state.at_work.take();
        begun
            .into_iter()
            .chain(mem::take(&mut state.waiting).into_iter().map(|waiting| waiting.asker))
            .collect()
    }

    fn carry_out(&self, site: &Site, log: &Log, waiting: &Waiting) {
        let begun = Instant::now();
        let failure = loop {
            let done = catch_unwind(AssertUnwindSafe(|| (waiting.work)(site)));
            match done.unwrap_or_else(|_| Err(Panicked.into())) {
                Ok(()) => return,
                Err(failure) if failure.kind() == Kind::Busy && begun.elapsed() < PATIENCE => {
                    self.pause();
                    if self.state().at_work.is_none() {
                        // It was given up, and told of.
                        return;
                    }
                }
                Err(failure) => break failure,
            }
        };
        log_failure(log, waiting.asker, begun.elapsed(), failure);
    }

    /// Waits a while, unless what is at work was given up.
    fn pause(&self) {
        let is_wanted = |state: &mut State| state.at_work.is_some();
        drop(self.changed.wait_timeout_while(self.state(), PAUSE, is_wanted));
    }
}

fn log_failure(log: &Log, (route, client): Asker, took: Duration, failure: Failure) {
    let (method, status) = (Method::POST, StatusCode::INTERNAL_SERVER_ERROR);
    log(&Served { route, method, status, client, took, failure: Some(failure) });
}

#[cfg(test)]
mod tests {
    use std::net::IpAddr;
    use std::sync::{Arc, Mutex, mpsc};

    use super::{Crowded, Later, MOST_OF_AN_ADDRESS, Pace, Work};
    use crate::web::tests::TestSite;

    #[test]
    fn who_asks_for_much_work_keeps_the_work_of_nobody_else_out() {
        let site = TestSite::new();
        let later = Later::begin(&site.site, &Arc::new(Box::new(|_| ())));
        let (go_on, waits) = mpsc::channel::<()>();
        let waits = Mutex::new(waits);
        let (begun, begins) = mpsc::channel();
        let first: Work = Box::new(move |_| {
            begun.send(()).unwrap();
            waits.lock().unwrap().recv().unwrap();
            Ok(())
        });
        let add = |address: &str, work: Work| {
            let address: IpAddr = address.parse().unwrap();
            later.add(("ask", address), Pace::Slow, work)
        };
        let nothing = || -> Work { Box::new(|_| Ok(())) };
        add("2001:db8::1", first).unwrap();
        begins.recv().unwrap();
        for number in 0..MOST_OF_AN_ADDRESS {
            add(&format!("2001:db8::{number:x}"), nothing()).unwrap();
        }
        assert!(matches!(add("2001:db8::ffff", nothing()), Err(Crowded)), "of one network");
        for address in ["2001:db8:0:1::1", "192.0.2.1"] {
            add(address, nothing()).unwrap();
        }
        go_on.send(()).unwrap();
        later.settle();
        add("2001:db8::1", nothing()).unwrap();
    }
}
