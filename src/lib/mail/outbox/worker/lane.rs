//! A lane: the mails of one server, one after the other, each written down before the next is handed over.

use std::collections::BTreeSet;
use std::pin::pin;
use std::rc::Rc;
use std::time::{Duration, Instant as Moment};

use super::super::AttemptOutcome;
use super::super::store::work::{self, Rest};
use super::super::store::{elsewhere, leases};
use super::claim::{Job, Next, Passed, Settled};
use super::verdict::{Decision, Fate, Series, Went, after, decide};
use super::{LEASE, LOOK, Visits, Worker};
use crate::context::Context;
use crate::error::Result;
use crate::mail::ready::Ready;
use crate::mail::transport::failure::{Failure as Refused, Whose};
use crate::mail::transport::turn::Turn;
use crate::mail::transport::walk::Step;
use crate::mail::transport::{Outcome, Sender, SizeLimit, Walk};
use crate::text::instant::Instant;

/// How often a worker says that it still has its mails.
const RENEWAL: Duration = Duration::from_secs(30);

/// How often a lane that waits looks whether it is still wanted.
const TICK: Duration = Duration::from_millis(200);

/// How long the answer to a mail that is being handed over is waited for when nothing more is wanted.
const PARTING: Duration = Duration::from_secs(10);

/// What a lane sends with.
struct Seat {
    ready: Rc<Ready>,
    sender: Option<Sender>,
}

impl<V: Visits> Worker<'_, V> {
    /// Hands mails of one server over, one after the other, while there are any.
    pub(super) async fn lane(&self, server: i64) -> Result<()> {
        let turns = Rc::clone(self.turns.borrow_mut().entry(server).or_default());
        let (mut seat, mut turn): (Option<Seat>, Option<Turn<'_>>) = (None, None);
        let mut settled: Option<Settled> = None;
        let ended = loop {
            let own = seat.as_ref().map(|seat| seat.ready.account.id);
            let next = self.settle_and_take(settled.take(), (server, own)).await;
            // Whatever was taken is written down: now it is the turn of others, whose mail is with the server while this one is made.
            if turn.take().is_some() {
                tokio::task::yield_now().await;
            }
            let job = match next {
                Ok(Next::Mail(taken)) => match self.made(&taken) {
                    Ok(job) => job,
                    Err(failure) => break Err(self.is_over_by(failure)),
                },
                Ok(Next::Again) => continue,
                Ok(Next::Wait(wait)) => {
                    self.pause(wait).await;
                    continue;
                }
                Ok(Next::Alone) => {
                    // Once nothing else is under way, what is kept back would be in hand for ever.
                    if self.handing.get() == 0
                        && let Err(failure) = self.end_series().await
                    {
                        break Err(self.is_over_by(failure));
                    }
                    self.pause(LOOK).await;
                    continue;
                }
                Ok(Next::Nothing) => break Ok(()),
                Err(failure) => break Err(self.is_over_by(failure)),
            };
            let mut at = match seat.take() {
                Some(at) if Rc::ptr_eq(&at.ready, &job.ready) => at,
                other => {
                    if let Some(Seat { sender: Some(sender), .. }) = other {
                        sender.close().await;
                    }
                    Seat { ready: Rc::clone(&job.ready), sender: None }
                }
            };
            let begun = Moment::now();
            let handed = self.watched(self.hand_over(&mut at, &job, turn.insert(Turn::of(&turns)))).await;
            self.has_one_alone.set(false);
            self.handing.update(|handing| handing.saturating_sub(1));
            settled = Some(self.settle(&job, &at, handed.unwrap_or(Went::Stopped), begun.elapsed()));
            seat = Some(at);
        };
        if let Some(Seat { sender: Some(sender), .. }) = seat {
            sender.close().await;
        }
        ended
    }

    /// Writes down what was settled and takes the next mail; nothing once nothing more is wanted.
    async fn settle_and_take(&self, settled: Option<Settled>, place: (i64, Option<i64>)) -> Result<Next> {
        self.renew_leases();
        if !self.is_wanted() {
            return match settled {
                Some(settled) => self.insist(&settled).await.map(|()| Next::Nothing),
                None => Ok(Next::Nothing),
            };
        }
        match self.patiently(|| self.write_and_take(settled.as_ref(), place)) {
            Ok((next, passed)) => {
                if let Next::Mail(taken) = &next {
                    self.has_one_alone.set(taken.goes_alone);
                    self.handing.update(|handing| handing.saturating_add(1));
                }
                if let Some(settled) = &settled {
                    self.tell(settled);
                }
                let mut report = self.report.borrow_mut();
                let Passed { dropped, unmade } = passed;
                report.dropped += dropped;
                report.failed += unmade.len() as u64;
                report.unmade.extend(unmade);
                Ok(next)
            }
            Err(failure) => {
                if let Some(settled) = &settled {
                    self.insist(settled).await?;
                }
                // Whoever wants nothing more has been answered.
                if self.cancel.is_cancelled() { Ok(Next::Nothing) } else { Err(failure) }
            }
        }
    }

    /// Writes down what was settled, whoever wishes otherwise, and if it takes as long as the lease.
    async fn insist(&self, settled: &Settled) -> Result<()> {
        let begun = Moment::now();
        loop {
            let write = |cx: &Context| cx.write_in_earnest(|tx| self.write(cx, tx, settled));
            match self.visits.visit(write) {
                Ok(()) => {
                    self.tell(settled);
                    return Ok(());
                }
                Err(failure) if begun.elapsed() > LEASE => return Err(failure),
                Err(_) => tokio::time::sleep(Duration::from_secs(1)).await,
            }
        }
    }

    /// Counts what was written down.
    fn tell(&self, settled: &Settled) {
        let mut report = self.report.borrow_mut();
        for ruling in &settled.decision.rulings {
            report.unanswered += u64::from(ruling.ended.outcome == AttemptOutcome::Unknown);
            match ruling.fate {
                Fate::Sent => report.sent += 1,
                Fate::Failed { .. } => report.failed += 1,
                Fate::Later { .. } | Fate::Stopped { .. } => report.later += 1,
                Fate::Back | Fate::Kept { .. } => {}
            }
        }
    }

    /// What becomes of a mail that was handed over, and of its account.
    fn settle(&self, job: &Job, seat: &Seat, went: Went, took: Duration) -> Settled {
        let account = &seat.ready.account;
        let now = self.visits.visit(|cx| Ok(cx.now())).unwrap_or(job.begun.at);
        let mut all = self.series.borrow_mut();
        let series = all.entry(account.id).or_insert_with(|| self.series_of(account.id, &account.facts.name));
        if matches!(went, Went::Through(Outcome::Failed(_)))
            && let Some(rest) = self.rest(account.id)
        {
            series.rests_since(rest.since);
        }
        let server = seat.ready.server.id;
        let went = self.unrepeated(server, went);
        let elsewhere = |domains: &BTreeSet<&str>| self.goes_elsewhere((server, account.id), domains);
        let decision = decide(&job.begun, went, took, now, (series, &elsewhere));
        let size = seat.sender.as_ref().map_or(SizeLimit::Unknown, Sender::size_limit);
        let is_given = self.turns.borrow().get(&server).is_some_and(|turns| turns.given().is_more());
        let account = (account.id, account.facts.name.clone());
        Settled { account, decision, size: (server, size), is_given }
    }

    /// What happened, without words of a server that another worker has given something since this one began: after the answer
    /// came is soon enough, for what is given later is not in it.
    fn unrepeated(&self, server: i64, went: Went) -> Went {
        let asked = self.visits.visit(|cx| cx.read(|tx| leases::is_given(tx, server, &self.name)));
        match went {
            // What is not known is not repeated.
            Went::Through(outcome) if asked.unwrap_or(true) => Went::Through(outcome.unrepeated()),
            went => went,
        }
    }

    /// Whether something is due for an account that goes to another domain than these.
    fn goes_elsewhere(&self, (server, account): (i64, i64), domains: &BTreeSet<&str>) -> bool {
        let waits = self.visits.visit(|cx| {
            cx.read(|tx| {
                let ways = self.ways(cx, tx)?;
                elsewhere::waits(
                    tx,
                    &ways.uses_of(server, |only| only == account),
                    domains,
                    ways.links,
                    cx.now(),
                )
            })
        });
        // What is not known has nobody rest.
        waits.unwrap_or(true)
    }

    /// The refusals in a row that earlier workers have met with an account, since it rested last.
    fn series_of(&self, id: i64, name: &str) -> Series {
        let since = self.rest(id).map_or(Instant::from_micros(0), |rest| rest.since);
        let last = self.visits.visit(|cx| cx.read(|tx| work::last_of_account(tx, name, since)));
        last.map(|last| Series::of(&last)).unwrap_or_default()
    }

    /// The rest of an account, if it has not sent since.
    fn rest(&self, account: i64) -> Option<Rest> {
        let rests = self.visits.visit(|cx| cx.read(work::rests)).unwrap_or_default();
        rests.into_iter().find(|rest| rest.account_id == account)
    }

    /// Decides of what is still kept back: nothing more comes now that could say whose failure it is. What was said so far is
    /// in the store then, for whatever is refused later.
    pub(super) async fn end_series(&self) -> Result<()> {
        let now = self.visits.visit(|cx| Ok(cx.now()))?;
        let close = |(account, mut series): (i64, Series)| {
            let server = self.accounts.borrow().get(&account).map_or(0, |ready| ready.server.id);
            let elsewhere = |domains: &BTreeSet<&str>| self.goes_elsewhere((server, account), domains);
            (account, series.close(now, &elsewhere))
        };
        let closed: Vec<(i64, Decision)> = self.series.take().into_iter().map(close).collect();
        for (account, decision) in closed.into_iter().filter(|(_, decision)| !decision.rulings.is_empty()) {
            self.insist(&Settled {
                account: (account, String::new()),
                decision,
                size: (0, SizeLimit::Unknown),
                is_given: false,
            })
            .await?;
        }
        Ok(())
    }

    /// Hands a mail over. A token that was kept and is refused is asked for anew, once.
    async fn hand_over(&self, seat: &mut Seat, job: &Job, turn: &mut Turn<'_>) -> Went {
        let mail = match &job.mail {
            Ok(mail) => mail,
            Err(why) => return Went::Unmade(why.clone()),
        };
        loop {
            let account = seat.ready.account.id;
            let was_kept = self.tokens.borrow().contains_key(&account);
            let mut sender = match seat.sender.take() {
                Some(sender) => sender,
                None => match self.sender(&seat.ready).await {
                    Ok(sender) => sender,
                    Err(failure) => return Went::Through(Outcome::Failed(failure)),
                },
            };
            let outcome = sender.send(mail, &mut Walk::default(), turn).await;
            if let Outcome::Failed(failure) = &outcome
                && failure.step == Step::Auth
            {
                self.tokens.borrow_mut().remove(&account);
                if was_kept {
                    continue;
                }
            }
            let is_of_account =
                matches!(&outcome, Outcome::Failed(failure) if failure.whose == Whose::Account);
            seat.sender = Some(sender).filter(|_| !is_of_account);
            return Went::Through(outcome);
        }
    }

    /// What hands the mails of an account over.
    async fn sender(&self, ready: &Ready) -> Result<Sender, Refused> {
        if !ready.takes_token() {
            return ready.sender(None);
        }
        let kept = self.tokens.borrow().get(&ready.account.id).cloned();
        let token = match kept {
            Some(token) => token,
            None => ready.token().await?,
        };
        self.tokens.borrow_mut().insert(ready.account.id, token.clone());
        ready.sender(Some(&token))
    }

    /// Waits for something, and says meanwhile that its mails are still this worker's; none if nothing more is wanted and it
    /// does not come soon.
    async fn watched<T>(&self, awaited: impl Future<Output = T>) -> Option<T> {
        let mut awaited = pin!(awaited);
        let mut unwanted: Option<Moment> = None;
        loop {
            if let Ok(done) = tokio::time::timeout(TICK, awaited.as_mut()).await {
                return Some(done);
            }
            self.renew_leases();
            if self.cancel.is_cancelled() && unwanted.get_or_insert_with(Moment::now).elapsed() > PARTING {
                return None;
            }
        }
    }

    fn renew_leases(&self) {
        if self.renewed.get().elapsed() < RENEWAL {
            return;
        }
        self.renewed.set(Moment::now());
        let renew =
            |cx: &Context| cx.write_in_earnest(|tx| leases::renew(tx, &self.name, after(cx.now(), LEASE)));
        // A store that cannot be written now is tried again the next time.
        self.visits.visit(renew).ok();
    }

    /// Waits, though no longer than a moment, for much may have changed by then.
    async fn pause(&self, wait: Duration) {
        let end = Moment::now() + wait.min(Duration::from_secs(1));
        while self.is_wanted() && Moment::now() < end {
            tokio::time::sleep(TICK.min(end.saturating_duration_since(Moment::now()))).await;
        }
    }
}
