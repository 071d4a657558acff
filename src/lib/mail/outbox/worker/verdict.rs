//! What becomes of a mail, and of its account, when an attempt has ended.
//!
//! A mail that a server refuses for good has failed, and one that it puts off goes later, but for one thing: an answer that
//! speaks of the sender, of relaying, of a limit or of policy may mean the account. Such mails are kept back while the same is
//! said of one after the other, and wait as before when it has been said to [`ALIKE`] domains, or to as many mailboxes and
//! nothing waits that goes to another domain: then the account rests, and whatever was under way by then waits too. They have
//! failed, or were put off, when another mail leaves by the account; as long as nobody knows, they go later. An answer for good
//! that names nobody is treated alike; but there what was tried is kept in mind, so that mails which really cannot be delivered
//! fail as soon as another has left, and after a rest those are tried first that were not.

use std::collections::BTreeSet;
use std::time::Duration;

use super::super::store::work::{Ended, Last, Rest};
use super::super::{AttemptOutcome, UNMADE};
use crate::mail::transport::failure::{Failure, Whose};
use crate::mail::transport::{Outcome, Reply, Suspicion};
use crate::text::email;
use crate::text::instant::Instant;

/// So many domains alike are no chance, nor so many mailboxes where there is nobody else to ask.
const ALIKE: usize = 5;

/// How many minutes a mail waits after each attempt that the server put off, or did not answer.
const WAITS: [u32; MOST_ATTEMPTS as usize - 1] = [1, 5, 15, 60, 240, 720, 1440, 1440, 1440, 1440];

/// How long a mail waits that a worker gave up when it was ended: the server may have taken it.
const AFTER_STOP: Duration = Duration::from_secs(60);

/// The attempt after which no other follows.
pub(super) const MOST_ATTEMPTS: u32 = 11;

/// What is said of a mail that has had its last attempt.
const PUT_OFF_LAST: &str = "put off for the last time: ";

/// The longest time that a mail waits from one attempt to the next.
pub(super) const LONGEST_WAIT: Duration = Duration::from_secs(60 * 1440);

/// The longest time that an account rests.
pub(super) const LONGEST_REST: Duration = Duration::from_secs(60 * 60);

/// How many minutes an account rests each time.
const RESTS: [u32; 5] = [1, 5, 15, 30, 60];

/// An attempt that has begun.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Begun {
    /// The mail.
    pub(super) seq: i64,
    /// The number of the attempt.
    pub(super) number: i64,
    /// How many there were since it was queued, with this one.
    pub(super) attempts: u32,
    /// Where it goes, in the one spelling of it.
    pub(super) mailbox: String,
    /// When it was taken.
    pub(super) at: Instant,
    /// Whether another mail has left by the account since this one was refused as the account may be.
    pub(super) others_left: bool,
}

/// How an attempt went.
pub(super) enum Went {
    /// To its end, whatever that was.
    Through(Outcome),
    /// The mail could not be made.
    Unmade(String),
    /// It was given up before there was an answer.
    Stopped,
}

/// What becomes of a mail.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Fate {
    Sent,
    Failed {
        why: String,
    },
    Later {
        why: String,
        due: Instant,
    },
    /// It goes again, and the attempt, which the worker ended itself, is none of those after which a mail has failed.
    Stopped {
        why: String,
        due: Instant,
    },
    /// It waits as before, and the attempt is none.
    Back,
    /// It waits as before, and the attempt is none of those after which a mail has failed.
    Kept {
        why: String,
    },
}

/// What becomes of an attempt and its mail.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Ruling {
    pub(super) seq: i64,
    pub(super) number: i64,
    pub(super) fate: Fate,
    /// As it is recorded.
    pub(super) ended: Ended,
}

/// What becomes of an account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Verdict {
    /// Nothing new.
    Same,
    /// Mails leave by it.
    Well,
    /// It failed.
    Rests { step: String, answer: String, begun: Instant },
}

/// What is decided when an attempt has ended.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Decision {
    pub(super) rulings: Vec<Ruling>,
    pub(super) account: Verdict,
}

/// Whether something waits for an account that goes to another domain than these.
pub(super) type GoesElsewhere<'a> = dyn Fn(&BTreeSet<&str>) -> bool + 'a;

/// What becomes of a mail if the account is well.
#[derive(Debug, Clone, PartialEq, Eq)]
struct KeptBack {
    ruling: Ruling,
    /// How many attempts there were.
    attempts: u32,
    /// Whether what was said of it names nobody.
    names_nobody: bool,
}

/// Refusals of one account in a row that say the same.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Series {
    reason: Option<Suspicion>,
    mailboxes: BTreeSet<String>,
    kept: Vec<KeptBack>,
    /// When the account was found to rest last.
    rested: Option<Instant>,
}

impl Series {
    /// The one that the last attempts of an account, the latest first, are about to be.
    pub(super) fn of(last: &[Last]) -> Self {
        let mut series = Self::default();
        for attempt in last {
            let reason = Reply::parse(attempt.answer.as_bytes()).as_ref().and_then(Reply::suspicion);
            if reason.is_none() || series.reason.is_some() && series.reason != reason {
                break;
            }
            series.reason = reason;
            series
                .mailboxes
                .insert(attempt.to.as_deref().map_or_else(|| attempt.mail.to_string(), email::key));
        }
        series
    }

    /// Where the mails go of which the same was said.
    fn domains(&self) -> BTreeSet<&str> {
        self.mailboxes.iter().filter_map(|mailbox| mailbox.rsplit('@').next()).collect()
    }

    /// Whether it means the account: several domains say the same, or several mailboxes, and nothing goes elsewhere.
    fn is_of_account(&self, goes_elsewhere: &GoesElsewhere<'_>) -> bool {
        let domains = self.domains();
        domains.len() >= ALIKE || self.mailboxes.len() >= ALIKE && !goes_elsewhere(&domains)
    }

    /// Nothing more comes that could say whose failure it is: what was kept back waits as before and the account rests, if it
    /// means that, or else it goes later.
    pub(super) fn close(&mut self, now: Instant, goes_elsewhere: &GoesElsewhere<'_>) -> Decision {
        let last = self.kept.last().map(|kept| kept.ruling.ended.clone());
        if let Some(Ended { step, answer, .. }) = last
            && self.is_of_account(goes_elsewhere)
        {
            let account = Verdict::Rests { step: step.unwrap_or_default(), answer, begun: now };
            return Decision { rulings: self.take_back(now), account };
        }
        Decision { rulings: self.put_off(now), account: Verdict::Same }
    }

    /// The account was found to rest, by this worker or another.
    pub(super) fn rests_since(&mut self, at: Instant) {
        self.rested = self.rested.max(Some(at));
    }

    /// Something else was said in between; of what is kept back nobody knows more for that.
    fn interrupt(&mut self) {
        self.reason = None;
        self.mailboxes.clear();
    }

    /// Ends it; what was kept back.
    fn end(&mut self) -> Vec<KeptBack> {
        self.interrupt();
        std::mem::take(&mut self.kept)
    }

    /// What was kept back is the mails' own after all, for the account is well: they have failed or were put off, as was said.
    fn let_stand(&mut self) -> Vec<Ruling> {
        self.end().into_iter().map(|kept| kept.ruling).collect()
    }

    /// What was kept back goes later, for nobody knows yet whose failure it is.
    fn put_off(&mut self, now: Instant) -> Vec<Ruling> {
        self.end().into_iter().map(|kept| kept.ruling.put_off(kept.attempts, now)).collect()
    }

    /// What was kept back waits as before.
    fn take_back(&mut self, now: Instant) -> Vec<Ruling> {
        self.rests_since(now);
        self.end().into_iter().map(KeptBack::take_back).collect()
    }
}

impl KeptBack {
    fn take_back(self) -> Ruling {
        match self.ruling.fate {
            Fate::Failed { why } if self.names_nobody => Ruling {
                fate: Fate::Kept { why },
                ended: Ended { outcome: AttemptOutcome::Later, ..self.ruling.ended },
                ..self.ruling
            },
            _ => Ruling { fate: Fate::Back, ..self.ruling },
        }
    }
}

impl Ruling {
    /// The mail goes later instead of failing, unless it has been put off for the last time.
    fn put_off(self, attempts: u32, now: Instant) -> Self {
        let Fate::Failed { why } = self.fate else { return self };
        match wait(attempts) {
            Some(wait) => Self {
                fate: Fate::Later { why, due: after(now, wait) },
                ended: Ended { outcome: AttemptOutcome::Later, ..self.ended },
                ..self
            },
            None => Self { fate: Fate::Failed { why: format!("{PUT_OFF_LAST}{why}") }, ..self },
        }
    }
}

/// Decides what becomes of a mail and its account.
pub(super) fn decide(
    begun: &Begun,
    went: Went,
    took: Duration,
    now: Instant,
    (series, goes_elsewhere): (&mut Series, &GoesElsewhere<'_>),
) -> Decision {
    let milliseconds = i64::try_from(took.as_millis()).unwrap_or(i64::MAX);
    let ruling = |fate, outcome, step: Option<String>, answer: String| Ruling {
        seq: begun.seq,
        number: begun.number,
        fate,
        ended: Ended { outcome, step, answer, milliseconds },
    };
    let failure = match went {
        Went::Through(Outcome::Sent { words }) => {
            let mut rulings = series.let_stand();
            rulings.push(ruling(Fate::Sent, AttemptOutcome::Sent, None, words));
            return Decision { rulings, account: Verdict::Well };
        }
        Went::Through(Outcome::Failed(failure)) => failure,
        Went::Unmade(why) => {
            let step = Some(UNMADE.to_owned());
            let ended = ruling(Fate::Failed { why: why.clone() }, AttemptOutcome::Failed, step, why);
            return Decision { rulings: vec![ended], account: Verdict::Same };
        }
        Went::Stopped => {
            let why = "the worker was ended before there was an answer".to_owned();
            let fate = Fate::Stopped { why: why.clone(), due: after(now, AFTER_STOP) };
            let ended = ruling(fate, AttemptOutcome::Unknown, None, why);
            return Decision { rulings: vec![ended], account: Verdict::Same };
        }
    };
    let (step, answer) = (failure.step.to_string(), failure.cause.to_string());
    let ruling = |fate, outcome| ruling(fate, outcome, Some(step.clone()), answer.clone());
    let why = failure.to_string();
    let failed = |outcome| ruling(Fate::Failed { why: why.clone() }, outcome);
    let later = |outcome| {
        let later = failed(outcome).put_off(begun.attempts, now);
        Ruling { ended: Ended { outcome, ..later.ended }, ..later }
    };
    let (mut rulings, own, account) = match failure.whose {
        Whose::Account => {
            (series.take_back(now), ruling(Fate::Back, AttemptOutcome::Later), rest(&failure, begun))
        }
        // Who says nothing says nothing of the series either.
        Whose::Unknown => (Vec::new(), later(AttemptOutcome::Unknown), Verdict::Same),
        Whose::MailForNow | Whose::MailForGood => {
            let own = match failure.whose {
                Whose::MailForNow => later(AttemptOutcome::Later),
                _ => failed(AttemptOutcome::Failed),
            };
            if let Some(reason) = failure.reply().and_then(Reply::suspicion) {
                return alike(begun, own, (reason, rest(&failure, begun)), now, (series, goes_elsewhere));
            }
            series.interrupt();
            (Vec::new(), own, Verdict::Same)
        }
    };
    rulings.push(own);
    Decision { rulings, account }
}

/// A refusal that may mean the account; with what becomes of the mail if it does not.
fn alike(
    begun: &Begun,
    own: Ruling,
    (reason, rests): (Suspicion, Verdict),
    now: Instant,
    (series, goes_elsewhere): (&mut Series, &GoesElsewhere<'_>),
) -> Decision {
    if series.rested.is_some_and(|rested| begun.at <= rested) {
        // It was under way when the account was found to rest, and says nothing new.
        let back = Ruling { fate: Fate::Back, ..own };
        return Decision { rulings: vec![back], account: Verdict::Same };
    }
    if begun.others_left {
        return Decision { rulings: vec![own], account: Verdict::Same };
    }
    let names_nobody = reason.names_nobody;
    if series.reason.as_ref() != Some(&reason) {
        series.interrupt();
        series.reason = Some(reason);
    }
    let is_another = series.mailboxes.insert(begun.mailbox.clone());
    series.kept.push(KeptBack { ruling: own, attempts: begun.attempts, names_nobody });
    // It takes a look at all that waits.
    let is_time =
        is_another && series.mailboxes.len().is_multiple_of(ALIKE) || series.domains().len() >= ALIKE;
    if is_time && series.is_of_account(goes_elsewhere) {
        return Decision { rulings: series.take_back(now), account: rests };
    }
    Decision { rulings: Vec::new(), account: Verdict::Same }
}

fn rest(failure: &Failure, begun: &Begun) -> Verdict {
    Verdict::Rests { step: failure.step.to_string(), answer: failure.cause.to_string(), begun: begun.at }
}

/// How long a mail waits after so many attempts; none if it has waited long enough.
fn wait(attempts: u32) -> Option<Duration> {
    let at = usize::try_from(attempts.saturating_sub(1)).ok()?;
    WAITS.get(at).map(|minutes| Duration::from_secs(60 * u64::from(*minutes)))
}

/// The rest of an account that failed at an attempt begun at `begun`; none if it rests for that already.
pub(super) fn rest_of(
    account: (i64, &str),
    before: Option<&Rest>,
    (step, answer): (&str, &str),
    begun: Instant,
    now: Instant,
) -> Option<Rest> {
    if before.is_some_and(|before| before.since >= begun && before.until > now) {
        return None;
    }
    let times = before.map_or(0, |before| before.times).saturating_add(1);
    let at = usize::try_from(times - 1).unwrap_or(usize::MAX).min(RESTS.len() - 1);
    let minutes = RESTS.get(at).copied().unwrap_or_default();
    Some(Rest {
        account_id: account.0,
        account: account.1.to_owned(),
        since: now,
        until: after(now, Duration::from_secs(60 * u64::from(minutes))).whole_second(),
        times,
        first_at: before.map_or(now, |before| before.first_at),
        step: step.to_owned(),
        answer: answer.to_owned(),
    })
}

/// That much later.
pub(super) fn after(at: Instant, by: Duration) -> Instant {
    Instant::from_micros(at.micros().saturating_add(i64::try_from(by.as_micros()).unwrap_or(i64::MAX)))
}
