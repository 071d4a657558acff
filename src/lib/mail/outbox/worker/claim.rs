//! Taking the next mail, in the transaction in which it was written down what became of the last one.

use std::rc::Rc;
use std::time::Duration;

use super::super::meters::ENDED;
use super::super::store::{self, leases as lent, sizes, work};
use super::super::{Due, MailState, QueuedMail, content, leases, link, opened};
use super::order::next;
use super::report::Unmade;
use super::verdict::{Begun, Decision, Fate, Verdict, after, rest_of};
use super::{LEASE, LOOK, Visits, Worker};
use crate::context::Context;
use crate::error::{Failure, Result};
use crate::mail::account;
use crate::mail::address::Mailbox;
use crate::mail::error::Error as MailError;
use crate::mail::message::Reader;
use crate::mail::message::compose::{Attachment, Composed, message_id};
use crate::mail::ready::{Letter, Ready};
use crate::mail::transport::SizeLimit;
use crate::store::{Error as StoreError, Tx};
use crate::text::email::{self, Email};
use crate::text::instant::Instant;

/// How many mails that cannot go are passed over in one transaction.
const PASSED_OVER: usize = 100;

/// A mail that is about to be handed over.
pub(super) struct Job {
    pub(super) begun: Begun,
    pub(super) ready: Rc<Ready>,
    /// The mail, or why it cannot be made.
    pub(super) mail: Result<Composed, String>,
}

/// What was decided about an attempt, to be written down.
pub(super) struct Settled {
    pub(super) account: (i64, String),
    pub(super) decision: Decision,
    /// Its server, and what that has said of the size of mails.
    pub(super) size: (i64, SizeLimit),
    /// Whether that knows something now.
    pub(super) is_given: bool,
}

/// A mail as it was taken, before it is made.
pub(super) struct Taken {
    mail: QueuedMail,
    number: i64,
    at: Instant,
    others_left: bool,
    /// Whether nothing else may be in hand meanwhile.
    pub(super) goes_alone: bool,
    to: Email,
    reader: Reader,
    content: content::Content,
    message_id: String,
    ready: Rc<Ready>,
}

/// What there is to do.
pub(super) enum Next {
    /// Make this and hand it over.
    Mail(Box<Taken>),
    /// Wait, for the server takes no more just now.
    Wait(Duration),
    /// Wait, for the next mail goes alone, and others are in hand.
    Alone,
    /// Ask again.
    Again,
    /// Nothing.
    Nothing,
}

/// How many mails were passed over, which is told once that is written down.
#[derive(Default)]
pub(super) struct Passed {
    pub(super) dropped: u64,
    /// Those that could not be made, and so have failed.
    pub(super) unmade: Vec<Unmade>,
}

impl<V: Visits> Worker<'_, V> {
    /// Writes down what was settled, and takes the next mail of a server; one of this account first, among mails that nobody
    /// waits for.
    pub(super) fn write_and_take(
        &self,
        settled: Option<&Settled>,
        (server, own): (i64, Option<i64>),
    ) -> Result<(Next, Passed)> {
        self.visits.visit(|cx| {
            cx.write(|tx| {
                if let Some(settled) = settled {
                    self.write(cx, tx, settled)?;
                }
                let mut passed = Passed::default();
                let next = self.take(cx, tx, (server, own), &mut passed)?;
                Ok((next, passed))
            })
        })
    }

    /// Writes down what was settled.
    pub(super) fn write(&self, cx: &Context, tx: &Tx<'_>, settled: &Settled) -> Result<()> {
        let now = cx.now();
        for ruling in &settled.decision.rulings {
            let (mail, attempt) = ((ruling.seq, self.name.as_str()), (ruling.seq, ruling.number));
            match &ruling.fate {
                Fate::Sent => {
                    work::sent(tx, ruling.seq, now)?;
                    cx.meters.count(&ENDED, "sent");
                }
                Fate::Failed { why } => {
                    work::failed(tx, mail, why, now)?;
                    cx.meters.count(&ENDED, "failed");
                }
                Fate::Later { why, due } => work::later(tx, mail, why, *due)?,
                Fate::Stopped { why, due } => work::stopped(tx, mail, why, *due)?,
                Fate::Back => work::back(tx, mail)?,
                Fate::Kept { why } => work::stopped(tx, mail, why, now)?,
            }
            if ruling.fate == Fate::Back {
                work::forget_attempt(tx, attempt)?;
            } else {
                work::end_attempt(tx, attempt, &ruling.ended)?;
            }
        }
        let (account, name) = (settled.account.0, settled.account.1.as_str());
        match &settled.decision.account {
            // Which mail is next no longer depends on it.
            Verdict::Well if work::end_rest(tx, account)? => self.forget_ways(),
            Verdict::Same | Verdict::Well => {}
            Verdict::Rests { step, answer, begun } => {
                let rests = work::rests(tx)?;
                let before = rests.iter().find(|rest| rest.account_id == account);
                if let Some(rest) = rest_of((account, name), before, (step, answer), *begun, now) {
                    work::put_rest(tx, &rest)?;
                }
                // The next mail is taken in this transaction.
                self.forget_ways();
            }
        }
        let (server, limit) = settled.size;
        if settled.is_given {
            crate::mail::server::put_given(tx, server)?;
        }
        let limit = match limit {
            SizeLimit::Unknown => return Ok(()),
            SizeLimit::None => None,
            SizeLimit::Bytes(bytes) => Some(bytes),
        };
        if sizes::size(tx, server)? != limit {
            sizes::put_size(tx, server, limit)?;
        }
        Ok(())
    }

    /// Takes the next mail that is still due.
    fn take(
        &self,
        cx: &Context,
        tx: &Tx<'_>,
        (server, own): (i64, Option<i64>),
        passed: &mut Passed,
    ) -> Result<Next> {
        let now = cx.now();
        leases::expire(cx, tx, after(now, LEASE))?;
        if self.has_one_alone.get() {
            return Ok(Next::Wait(LOOK));
        }
        let ways = self.ways(cx, tx)?;
        if let Some(rate) = ways.rate(server)
            && let Some(wait) = wait_for_rate(tx, (server, rate), now)?
        {
            return Ok(Next::Wait(wait));
        }
        for _ in 0..PASSED_OVER {
            let Some(mail) = next(tx, &ways, (server, own), now)? else { return Ok(Next::Nothing) };
            let Some(account) = ways.account(&mail.feature, mail.company_id) else {
                return Ok(Next::Nothing);
            };
            let ready = match self.ready(cx, tx, account) {
                Ok(ready) => ready,
                Err(failure) => {
                    self.rest_unready(cx, tx, account, &failure)?;
                    return Ok(Next::Again);
                }
            };
            // A mail without a Message-ID was never tried.
            let goes_alone = mail.message_id.is_some() && leases::goes_alone(tx, mail.seq)?;
            if goes_alone && lent::has_in_hand(tx, &self.name)? {
                return Ok(Next::Alone);
            }
            match self.begin(cx, tx, (mail, goes_alone), &ready)? {
                Begin::Taken(taken) => return Ok(Next::Mail(taken)),
                Begin::Dropped => passed.dropped += 1,
                Begin::Unmade(unmade) => passed.unmade.push(unmade),
            }
        }
        Ok(Next::Again)
    }

    /// Begins an attempt, or ends a mail for which there is none to be.
    fn begin(
        &self,
        cx: &Context,
        tx: &Tx<'_>,
        (mail, goes_alone): (QueuedMail, bool),
        ready: &Rc<Ready>,
    ) -> Result<Begin> {
        let now = cx.now();
        let end = |state, why: &str| store::end(tx, mail.seq, state, Some(why), now);
        let Some(to) = mail.to.as_deref() else {
            end(MailState::Dropped, "the person was deleted permanently")?;
            return Ok(Begin::Dropped);
        };
        let account = ready.account.facts.name.as_str();
        let parts = Email::parse(to).map_err(Failure::from).and_then(|to| {
            let gone = || MailError::NothingLeft { id: mail.id.clone() };
            Ok((to, opened(cx, tx, &mail)?.ok_or_else(gone)?))
        });
        let (to, content) = match parts {
            Ok(parts) => parts,
            Err(failure) if is_of_store(&failure) => return Err(failure),
            Err(failure) => {
                let (code, why) = unmade(&failure);
                work::never_made(tx, mail.seq, account, &why, now)?;
                return Ok(Begin::Unmade(Unmade { mail: mail.id, code }));
            }
        };
        let reader = match self.readers.reader(cx, tx, &mail, &content.message)? {
            Due::Reader(reader) => reader,
            Due::No { why } => {
                end(MailState::Dropped, &why)?;
                self.readers.dropped(tx, &mail, &content.message)?;
                return Ok(Begin::Dropped);
            }
        };
        let (content, message_id) = Self::identify(cx, tx, &mail, content, ready)?;
        let lease = (self.name.as_str(), after(now, LEASE));
        // A mail without a Message-ID was never tried.
        let others_left = mail.message_id.is_some() && work::others_left(tx, mail.seq, account)?;
        let number = work::begin(tx, (mail.seq, &message_id), account, lease, now)?;
        let ready = Rc::clone(ready);
        let taken =
            Taken { mail, number, at: now, others_left, goes_alone, to, reader, content, message_id, ready };
        Ok(Begin::Taken(Box::new(taken)))
    }

    /// The Message-ID of a mail, new at its first attempt, and the tokens of links in it. One that is no longer good is
    /// replaced, and then it is another mail.
    fn identify(
        cx: &Context,
        tx: &Tx<'_>,
        mail: &QueuedMail,
        mut content: content::Content,
        ready: &Ready,
    ) -> Result<(content::Content, String)> {
        let mut known = mail.message_id.clone();
        if let (true, Some(user)) = (mail.has_link, mail.user_id) {
            let (links, is_new) = link::links(cx, tx, (mail, user), content.message.purposes())?;
            content.message.put_links(links);
            known = known.filter(|_| !is_new);
        }
        let id = known.map_or_else(|| message_id(&*cx.rng, ready.from().path()), Ok)?;
        Ok((content, id))
    }

    /// The mail as it leaves.
    pub(super) fn made(&self, taken: &Taken) -> Result<Job> {
        self.visits.visit(|cx| Ok(self.made_from(cx, taken)))
    }

    fn made_from(&self, cx: &Context, taken: &Taken) -> Job {
        let Taken { mail, number, at, others_left, goes_alone: _, to, reader, content, message_id, ready } =
            taken;
        let begun = Begun {
            seq: mail.seq,
            number: *number,
            attempts: mail.attempts + 1,
            mailbox: email::key(to.as_str()),
            at: *at,
            others_left: *others_left,
        };
        let attachments: Vec<Attachment<'_>> =
            content.attachments.iter().map(content::Enclosure::as_attachment).collect();
        let made = Mailbox::of_person(mail.to_name.as_deref().unwrap_or_default(), to).map_err(Failure::from);
        let made = made.and_then(|to| {
            let letter = Letter {
                message: &content.message,
                attachments: &attachments,
                to: &to,
                reader,
                message_id,
                date: mail.created_at,
            };
            ready.compose(cx, self.templates, &letter)
        });
        let mail = made.map_err(|failure| {
            let (code, why) = unmade(&failure);
            self.report.borrow_mut().unmade.push(Unmade { mail: mail.id.clone(), code });
            why
        });
        Job { begun, ready: Rc::clone(ready), mail }
    }

    /// An account ready to send; made anew when it or its server was changed.
    fn ready(&self, cx: &Context, tx: &Tx<'_>, id: i64) -> Result<Rc<Ready>> {
        let account = account::by_id(tx, id)?;
        let server = crate::mail::server::by_id(tx, account.facts.server_id)?;
        let mut accounts = self.accounts.borrow_mut();
        if let Some(ready) = accounts.get(&id)
            && (&ready.account, &ready.server) == (&account, &server)
        {
            return Ok(Rc::clone(ready));
        }
        let ready = Rc::new(Ready::of(cx, tx, account)?);
        accounts.insert(id, Rc::clone(&ready));
        Ok(ready)
    }

    /// An account that cannot be made ready rests: its password does not open, a file that it needs is gone.
    fn rest_unready(&self, cx: &Context, tx: &Tx<'_>, id: i64, failure: &Failure) -> Result<()> {
        let name = account::by_id(tx, id)?.facts.name;
        let (step, answer) = (crate::mail::transport::walk::Step::Setup.to_string(), failure.to_string());
        let verdict = Verdict::Rests { step, answer, begun: cx.now() };
        let decision = Decision { rulings: Vec::new(), account: verdict };
        let size = (0, SizeLimit::Unknown);
        self.write(cx, tx, &Settled { account: (id, name), decision, size, is_given: false })
    }
}

/// How it went to begin an attempt.
enum Begin {
    Taken(Box<Taken>),
    Dropped,
    Unmade(Unmade),
}

/// Why a mail could not be made: the code, and the words that its attempt keeps.
fn unmade(failure: &Failure) -> (&'static str, String) {
    let code = failure.code();
    (code, format!("it could not be made ({code}): {failure}"))
}

/// How long is to be waited until a server may be given another mail.
fn wait_for_rate(tx: &Tx<'_>, (server, rate): (i64, u32), now: Instant) -> Result<Option<Duration>> {
    const MINUTE: i64 = 60_000_000;
    let since = Instant::from_micros(now.micros() - MINUTE);
    let (tried, first) = work::tried(tx, server, since)?;
    let Some(first) = first.filter(|_| tried >= u64::from(rate)) else { return Ok(None) };
    let wait = (first.micros() + MINUTE - now.micros()).max(1);
    Ok(Some(Duration::from_micros(wait.unsigned_abs())))
}

/// Whether it is the store that failed, rather than what it holds.
fn is_of_store(failure: &Failure) -> bool {
    failure.get::<StoreError>().is_some()
}
