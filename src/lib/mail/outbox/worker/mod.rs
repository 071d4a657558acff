//! The worker: what is due leaves, in its order, by the account that is routed for it.
//!
//! Each server has *lanes*, as many as it takes connections; a lane hands over one mail after the other, and keeps its
//! connection while the account stays the same. In one transaction it writes down what became of a mail and takes the next
//! ([`claim`], in the order of [`order`]), so whatever is queued meanwhile goes in its order, several workers share the work, and of a worker that is
//! killed only what it had in hand is in doubt. What becomes of a mail and its account is decided by [`verdict`]; [`ways`]
//! knows by which account what leaves. All of it is one thread.

mod claim;
mod lane;
mod order;
mod report;
mod verdict;
mod ways;

#[cfg(test)]
mod tests;

pub(crate) use report::{Because, Left, Planned, Report};
pub(super) use ways::{Ways, kept};

use std::cell::{Cell, RefCell};
use std::collections::HashMap;
use std::future::poll_fn;
use std::pin::Pin;
use std::rc::Rc;
use std::task::Poll;
use std::time::{Duration, Instant as Moment};

use super::Readers;
use super::leases;
use super::store::{ahead, leases as lent, work};
use crate::context::{CancelToken, Context, Reopen};
use crate::crypto::key::KeyError;
use crate::crypto::rng::short_id;
use crate::error::{Failure, Kind, Result};
use crate::mail::account;
use crate::mail::message::templates::Templates;
use crate::mail::ready::Ready;
use crate::mail::runs_programs;
use crate::mail::transport::turn::Turns;
use crate::store::Tx;
use crate::text::secret::Secret;
use verdict::{LONGEST_REST, LONGEST_WAIT, Series, after};

/// How long a mail is a worker's own, unless it says that it still has it.
const LEASE: Duration = Duration::from_secs(120);

/// How soon a lane that cannot take anything looks again.
const LOOK: Duration = Duration::from_millis(200);

/// For how long it is known by which accounts mails leave.
const KNOWN: Duration = Duration::from_millis(500);

/// How often a store that is busy is asked again, each time after the wait that the store has of its own.
const PATIENCE: u32 = 6;

/// Where a worker gets the store from: anew for each piece of work, so that a key or a setting that somebody changed
/// meanwhile is the one in use.
pub(crate) trait Visits {
    /// Lends a context to `work`, which may be asked to do it again.
    fn visit<T>(&self, work: impl Fn(&Context) -> Result<T>) -> Result<T>;
}

/// The store of a command, opened again when its key was replaced meanwhile.
pub(crate) struct Reopening<'a> {
    first: &'a Context,
    reopen: &'a Reopen<'a>,
    again: RefCell<Option<Context>>,
}

impl<'a> Reopening<'a> {
    /// The store as it is open, and how it is opened again.
    pub(crate) const fn new(first: &'a Context, reopen: &'a Reopen<'a>) -> Self {
        Self { first, reopen, again: RefCell::new(None) }
    }

    fn once<T>(&self, work: impl Fn(&Context) -> Result<T>) -> Result<T> {
        work(self.again.borrow().as_ref().unwrap_or(self.first))
    }
}

impl Visits for Reopening<'_> {
    fn visit<T>(&self, work: impl Fn(&Context) -> Result<T>) -> Result<T> {
        match self.once(&work) {
            Err(failure) if matches!(failure.get(), Some(KeyError::Replaced)) => {
                let mut again = (self.reopen)()?;
                again.store.interrupt_when(self.first.cancel.is_unwanted());
                again.cancel = self.first.cancel.clone();
                self.again.replace(Some(again));
                self.once(work)
            }
            done => done,
        }
    }
}

#[cfg(test)]
impl Visits for Context {
    fn visit<T>(&self, work: impl Fn(&Self) -> Result<T>) -> Result<T> {
        work(self)
    }
}

/// Sends what is due, until nothing is left that can leave now. What was done is told also when something failed in the
/// end.
pub(crate) async fn work(
    visits: &impl Visits,
    readers: &dyn Readers,
    templates: &Templates,
    cancel: &CancelToken,
) -> (Report, Result<()>) {
    let name = match visits.visit(|cx| short_id(&*cx.rng)) {
        Ok(name) => name,
        Err(failure) => return (Report::default(), Err(failure)),
    };
    let worker = Worker {
        visits,
        readers,
        templates,
        cancel: cancel.clone(),
        name,
        is_over: Cell::new(false),
        has_one_alone: Cell::new(false),
        handing: Cell::new(0),
        renewed: Cell::new(Moment::now()),
        ways: RefCell::default(),
        accounts: RefCell::default(),
        series: RefCell::default(),
        tokens: RefCell::default(),
        turns: RefCell::default(),
        report: RefCell::default(),
    };
    worker.run().await
}

/// Refuses an actor who may not have mails sent, whosoever they are.
pub(crate) fn check_may_send(cx: &Context) -> Result<()> {
    Ok(cx.actor.require("mail.send", None)?)
}

/// What would leave now: for each message and account, how many mails; and what would not.
pub(crate) fn preview(cx: &Context) -> Result<(Vec<Planned>, Vec<Left>)> {
    cx.read(|tx| {
        let ways = Ways::of(cx, tx, runs_programs(cx))?;
        let mut planned: Vec<Planned> = Vec::new();
        for waiting in work::waiting_messages(tx, cx.now(), ways.links)? {
            let work::WaitingMessage { feature, company_id, message, count: mails } = waiting;
            let Some(id) = ways.account(&feature, company_id) else { continue };
            let account = account::by_id(tx, id)?.facts.name;
            let is_same = |other: &&mut Planned| (&other.message, &other.account) == (&message, &account);
            match planned.iter_mut().find(is_same) {
                Some(same) => same.mails += mails,
                None => planned.push(Planned { message, account, mails }),
            }
        }
        Ok((planned, ways.left()))
    })
}

/// One worker, at work once.
struct Worker<'a, V> {
    visits: &'a V,
    readers: &'a dyn Readers,
    templates: &'a Templates,
    cancel: CancelToken,
    /// By which its leases are known.
    name: String,
    /// Set when something failed after which nothing more is taken.
    is_over: Cell<bool>,
    /// Whether it has a mail in hand beside which it takes no other.
    has_one_alone: Cell<bool>,
    /// How many mails its lanes are handing over; what is kept back is in hand too, and not among them.
    handing: Cell<u32>,
    renewed: Cell<Moment>,
    ways: RefCell<Option<(Moment, Rc<Ways>)>>,
    accounts: RefCell<HashMap<i64, Rc<Ready>>>,
    /// By account.
    series: RefCell<HashMap<i64, Series>>,
    /// By account, until they are refused.
    tokens: RefCell<HashMap<i64, Secret>>,
    /// By server.
    turns: RefCell<HashMap<i64, Rc<Turns>>>,
    report: RefCell<Report>,
}

/// A lane of a server, until it has ended.
type Lane<'a> = (i64, Pin<Box<dyn Future<Output = Result<()>> + 'a>>);

impl<V: Visits> Worker<'_, V> {
    async fn run(self) -> (Report, Result<()>) {
        let mut lanes: Vec<Lane<'_>> = Vec::new();
        let mut is_watched = false;
        let mut ended = self.bring_back_from_ahead().map_err(|failure| self.is_over_by(failure));
        loop {
            if self.is_wanted() {
                match self.missing_lanes(&lanes) {
                    Ok(missing) => lanes.extend(
                        missing
                            .into_iter()
                            .map(|server| (server, Box::pin(self.lane(server)) as Pin<Box<_>>)),
                    ),
                    Err(failure) => ended = ended.and(Err(self.is_over_by(failure))),
                }
            }
            if !lanes.is_empty() {
                ended = ended.and(next_ended(&mut lanes).await);
            } else if is_watched || !self.is_wanted() {
                break;
            } else {
                // What is queued now leaves at once, if it can.
                is_watched = true;
                ended = ended.and(self.watch().map_err(|failure| self.is_over_by(failure)));
            }
        }
        drop(lanes);
        ended = ended.and(self.end_series().await);
        let looked = self.cancel.regardless(|| {
            self.visits.visit(|cx| {
                cx.read(|tx| Ok((Ways::of(cx, tx, runs_programs(cx))?.left(), work::sending(tx)?)))
            })
        });
        let is_cut_short = self.cancel.is_cancelled();
        let report = Report { is_cut_short, ..self.report.into_inner() };
        match looked {
            Ok((left, others)) => (Report { left, others, ..report }, ended),
            Err(failure) => (report, ended.and(Err(failure))),
        }
    }

    /// What a clock that was ahead has put off for years is due now.
    fn bring_back_from_ahead(&self) -> Result<()> {
        self.patiently(|| {
            self.visits.visit(|cx| {
                let now = cx.now();
                let latest = (after(now, LONGEST_WAIT), after(now, LONGEST_REST));
                if cx.read(|tx| ahead::is_far_ahead(tx, latest))? {
                    cx.write(|tx| ahead::bring_back(tx, now, latest))?;
                }
                Ok(())
            })
        })
    }

    /// Has administrators be told what keeps mails from leaving.
    fn watch(&self) -> Result<()> {
        self.patiently(|| self.visits.visit(|cx| self.readers.watch(cx)))
    }

    fn is_wanted(&self) -> bool {
        !self.is_over.get() && !self.cancel.is_cancelled()
    }

    /// Has nothing more be taken.
    fn is_over_by(&self, failure: Failure) -> Failure {
        self.is_over.set(true);
        failure
    }

    /// The servers that have more to do than lanes, each as often as it lacks one.
    fn missing_lanes(&self, lanes: &[Lane<'_>]) -> Result<Vec<i64>> {
        self.forget_ways();
        let ways = self.patiently(|| {
            self.visits.visit(|cx| {
                let (now, latest) = (cx.now(), after(cx.now(), LEASE));
                if cx.read(|tx| lent::has_expired(tx, now, latest))? {
                    cx.write(|tx| leases::expire(cx, tx, latest))?;
                }
                cx.read(|tx| self.ways(cx, tx))
            })
        })?;
        let mut missing = Vec::new();
        for (server, wanted) in ways.servers() {
            let open = lanes.iter().filter(|(of, _)| *of == server).count() as u64;
            missing.extend((open..wanted).map(|_| server));
        }
        Ok(missing)
    }

    /// By which accounts mails leave.
    fn ways(&self, cx: &Context, tx: &Tx<'_>) -> Result<Rc<Ways>> {
        if let Some((known, ways)) = &*self.ways.borrow()
            && known.elapsed() < KNOWN
        {
            return Ok(Rc::clone(ways));
        }
        let ways = Rc::new(Ways::of(cx, tx, runs_programs(cx))?);
        *self.ways.borrow_mut() = Some((Moment::now(), Rc::clone(&ways)));
        Ok(ways)
    }

    fn forget_ways(&self) {
        self.ways.borrow_mut().take();
    }

    /// Does something again while the store is busy.
    fn patiently<T>(&self, work: impl Fn() -> Result<T>) -> Result<T> {
        let mut tries = 0;
        loop {
            tries += 1;
            match work() {
                Err(failure) if failure.kind() == Kind::Busy && tries < PATIENCE && self.is_wanted() => {}
                done => return done,
            }
        }
    }
}

/// Waits until one of the lanes has ended, and takes it out.
async fn next_ended(lanes: &mut Vec<Lane<'_>>) -> Result<()> {
    poll_fn(|cx| {
        for at in 0..lanes.len() {
            let Some((_, lane)) = lanes.get_mut(at) else { continue };
            if let Poll::Ready(ended) = lane.as_mut().poll(cx) {
                drop(lanes.swap_remove(at));
                return Poll::Ready(ended);
            }
        }
        Poll::Pending
    })
    .await
}
