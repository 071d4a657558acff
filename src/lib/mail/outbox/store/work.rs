//! The SQL of the worker: which mail is next, how attempts end, and the rests of accounts.

use rusqlite::{OptionalExtension as _, Row, RowIndex, named_params};

use super::{end, mail, mails, number_of};
use crate::error::Result;
use crate::mail::message::Urgency;
use crate::mail::outbox::{AttemptOutcome, MailState, QueuedMail, UNMADE};
use crate::store::Tx;
use crate::store::value::{of_row, one_row};
use crate::text::instant::Instant;

/// For what and whose mails wait, how many are due, and how many of these carry a link.
const WAITING: &str = "
    SELECT feature, company_id, count(*) FILTER (WHERE due_at <= :now) AS due,
        count(*) FILTER (WHERE due_at <= :now AND has_link = 1) AS links
    FROM mails INDEXED BY mails_waiting
    WHERE state = 'queued'
    GROUP BY feature, company_id
    ORDER BY feature, company_id";

/// The same by message: what would go.
const WAITING_MESSAGES: &str = "
    SELECT feature, company_id, message, count(*) AS due
    FROM mails
    WHERE state = 'queued' AND due_at <= :now AND (has_link = 0 OR :links)
    GROUP BY feature, company_id, message
    ORDER BY min(urgency), message";

/// The first of one urgency among these uses; each use is an array of a feature and a company, 0 for none.
const NEXT: &str = mails!(
    "INDEXED BY mails_waiting
    WHERE state = 'queued' AND urgency = :urgency AND due_at <= :now AND (has_link = 0 OR :links)
        AND (feature, coalesce(company_id, 0)) IN (SELECT value ->> 0, value ->> 1 FROM json_each(:uses))
    ORDER BY due_at, seq
    LIMIT 1"
);

/// The same among those that were never tried.
const NEXT_UNTRIED: &str = mails!(
    "INDEXED BY mails_waiting
    WHERE state = 'queued' AND urgency = :urgency AND due_at <= :now AND (has_link = 0 OR :links) AND message_id IS NULL
        AND (feature, coalesce(company_id, 0)) IN (SELECT value ->> 0, value ->> 1 FROM json_each(:uses))
    ORDER BY due_at, seq
    LIMIT 1"
);

const BEGIN: &str = "
    UPDATE mails
    SET state = 'sending', worker = :worker, leased_until = :until, attempts = attempts + 1, message_id = :message_id, why = NULL
    WHERE seq = :seq AND state = 'queued'";

const LINK: &str = "SELECT link_sealed, link_until FROM mails WHERE seq = :seq";

const SET_LINK: &str =
    "UPDATE mails SET link_sealed = :sealed, link_until = :until WHERE seq = :seq AND has_link = 1";

const BEGIN_ATTEMPT: &str = "
    INSERT INTO mail_attempts (mail, number, at, account, outcome)
    SELECT :mail, coalesce(max(number), 0) + 1, :now, :account, 'begun'
    FROM mail_attempts
    WHERE mail = :mail
    RETURNING number";

const END_ATTEMPT: &str = "
    UPDATE mail_attempts
    SET outcome = :outcome, step = :step, answer = :answer, milliseconds = :milliseconds
    WHERE mail = :mail AND number = :number";

const FORGET_ATTEMPT: &str = "DELETE FROM mail_attempts WHERE mail = :mail AND number = :number";

/// A mail that was taken was taken, whoever has the lease by now.
const SENT: &str = "
    UPDATE mails
    SET state = 'sent', why = NULL, ended_at = :now, sealed = NULL, link_sealed = NULL, link_until = NULL, worker = NULL,
        leased_until = NULL
    WHERE seq = :seq AND ended_at IS NULL";

const FAILED: &str = "
    UPDATE mails
    SET state = 'failed', why = :why, ended_at = :now, sealed = NULL, link_sealed = NULL, link_until = NULL, worker = NULL,
        leased_until = NULL
    WHERE seq = :seq AND worker = :worker";

const LATER: &str = "
    UPDATE mails
    SET state = 'queued', due_at = :due, why = :why, worker = NULL, leased_until = NULL
    WHERE seq = :seq AND worker = :worker";

/// The attempt is none of those after which a mail has failed.
const STOPPED: &str = "
    UPDATE mails
    SET state = 'queued', due_at = :due, why = :why, attempts = attempts - 1, worker = NULL, leased_until = NULL
    WHERE seq = :seq AND worker = :worker";

/// As if it had not been begun.
const BACK: &str = "
    UPDATE mails
    SET state = 'queued', attempts = attempts - 1, worker = NULL, leased_until = NULL
    WHERE seq = :seq AND worker = :worker";

/// Whether another mail left by an account since one was refused as the account may be.
const OTHERS_LEFT: &str = "
    SELECT EXISTS (
        SELECT 1 FROM mail_attempts
        WHERE account = :account AND outcome = 'sent' AND at > (
            SELECT min(at) FROM mail_attempts
            WHERE mail = :mail AND account = :account AND outcome = 'later' AND answer GLOB '5*'
        )
    )";

const SENDING: &str = "SELECT count(*) FROM mails WHERE state = 'sending'";

/// What was handed to a server since then.
const TRIED: &str = "
    SELECT count(*), min(a.at)
    FROM mail_attempts a
    WHERE a.account IN (SELECT name FROM mail_accounts WHERE server_id = :server) AND a.at > :since
        AND a.step IS NOT :unmade";

/// The last attempts by an account that have ended, the latest first.
const LAST_OF_ACCOUNT: &str = "
    SELECT a.mail, a.answer, m.to_address
    FROM mail_attempts a JOIN mails m ON m.seq = a.mail
    WHERE a.account = :account AND a.at > :since AND a.outcome <> 'begun' AND a.step IS NOT :unmade
    ORDER BY a.at DESC
    LIMIT 20";

const RESTS: &str = "
    SELECT r.account_id, a.name AS account, r.since, r.until, r.times, r.first_at, r.step, r.answer
    FROM mail_rests r JOIN mail_accounts a ON a.id = r.account_id
    ORDER BY r.account_id";

const PUT_REST: &str = "
    INSERT INTO mail_rests (account_id, since, until, times, first_at, step, answer)
    VALUES (:account, :since, :until, :times, :first, :step, :answer)
    ON CONFLICT (account_id) DO UPDATE
    SET since = excluded.since, until = excluded.until, times = excluded.times, step = excluded.step,
        answer = excluded.answer";

const END_REST: &str = "DELETE FROM mail_rests WHERE account_id = :account";

/// Mails that wait for one use.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::mail::outbox) struct Waiting {
    pub(in crate::mail::outbox) feature: String,
    pub(in crate::mail::outbox) company_id: Option<i64>,
    pub(in crate::mail::outbox) due: u64,
    pub(in crate::mail::outbox) links: u64,
}

/// An account that rests, or has rested since a mail left by it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Rest {
    /// The account.
    pub(crate) account_id: i64,
    /// How it is called.
    pub(crate) account: String,
    /// When it failed last.
    pub(crate) since: Instant,
    /// Until when it rests.
    pub(crate) until: Instant,
    /// How often it has failed since a mail left by it.
    pub(crate) times: u32,
    /// When it failed first since then.
    pub(crate) first_at: Instant,
    /// At which step.
    pub(crate) step: String,
    /// The answer of the server, or what else happened.
    pub(crate) answer: String,
}

/// How an attempt ended, as it is written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::mail::outbox) struct Ended {
    pub(in crate::mail::outbox) outcome: AttemptOutcome,
    pub(in crate::mail::outbox) step: Option<String>,
    pub(in crate::mail::outbox) answer: String,
    pub(in crate::mail::outbox) milliseconds: i64,
}

/// One of the last attempts of an account.
pub(in crate::mail::outbox) struct Last {
    pub(in crate::mail::outbox) mail: i64,
    pub(in crate::mail::outbox) answer: String,
    pub(in crate::mail::outbox) to: Option<String>,
}

/// A number of things.
fn count(row: &Row<'_>, column: impl RowIndex) -> rusqlite::Result<u64> {
    Ok(row.get::<_, i64>(column)?.unsigned_abs())
}

pub(in crate::mail::outbox) fn waiting(tx: &Tx<'_>, now: Instant) -> Result<Vec<Waiting>> {
    let mut statement = tx.sql().prepare_cached(WAITING)?;
    let waiting = statement.query_map(named_params! { ":now": now.micros() }, |row| {
        Ok(Waiting {
            feature: row.get("feature")?,
            company_id: row.get("company_id")?,
            due: count(row, "due")?,
            links: count(row, "links")?,
        })
    })?;
    Ok(waiting.collect::<Result<_, _>>()?)
}

/// How many mails of one message are due for one use.
pub(in crate::mail::outbox) struct WaitingMessage {
    /// What they are for.
    pub(in crate::mail::outbox) feature: String,
    /// Whose they are.
    pub(in crate::mail::outbox) company_id: Option<i64>,
    /// The name of the message.
    pub(in crate::mail::outbox) message: String,
    /// How many.
    pub(in crate::mail::outbox) count: u64,
}

/// The messages that are due, by what they are for.
pub(in crate::mail::outbox) fn waiting_messages(
    tx: &Tx<'_>,
    now: Instant,
    links: bool,
) -> Result<Vec<WaitingMessage>> {
    let mut statement = tx.sql().prepare_cached(WAITING_MESSAGES)?;
    let waiting = statement.query_map(named_params! { ":now": now.micros(), ":links": links }, |row| {
        Ok(WaitingMessage {
            feature: row.get("feature")?,
            company_id: row.get("company_id")?,
            message: row.get("message")?,
            count: count(row, "due")?,
        })
    })?;
    Ok(waiting.collect::<Result<_, _>>()?)
}

/// The next mail of one urgency for these uses.
pub(in crate::mail::outbox) fn next(
    tx: &Tx<'_>,
    place: (Urgency, &str),
    links: bool,
    now: Instant,
) -> Result<Option<QueuedMail>> {
    first(tx, NEXT, place, links, now)
}

/// The next mail of one urgency for these uses that was never tried.
pub(in crate::mail::outbox) fn next_untried(
    tx: &Tx<'_>,
    place: (Urgency, &str),
    links: bool,
    now: Instant,
) -> Result<Option<QueuedMail>> {
    first(tx, NEXT_UNTRIED, place, links, now)
}

fn first(
    tx: &Tx<'_>,
    sql: &str,
    (urgency, uses): (Urgency, &str),
    links: bool,
    now: Instant,
) -> Result<Option<QueuedMail>> {
    let parameters = named_params! { ":urgency": number_of(urgency), ":uses": uses, ":links": links, ":now": now.micros() };
    Ok(tx.sql().prepare_cached(sql)?.query_row(parameters, mail).optional()?)
}

/// Gives a mail to a worker, and begins an attempt; its number.
pub(in crate::mail::outbox) fn begin(
    tx: &Tx<'_>,
    (seq, message_id): (i64, &str),
    account: &str,
    (worker, until): (&str, Instant),
    now: Instant,
) -> Result<i64> {
    let begun = tx.sql().prepare_cached(BEGIN)?.execute(named_params! {
        ":seq": seq,
        ":message_id": message_id,
        ":worker": worker,
        ":until": until.micros(),
    })?;
    one_row(begun, "mails", seq)?;
    begin_attempt(tx, seq, account, now)
}

fn begin_attempt(tx: &Tx<'_>, seq: i64, account: &str, now: Instant) -> Result<i64> {
    let parameters = named_params! { ":mail": seq, ":now": now.micros(), ":account": account };
    Ok(tx.sql().prepare_cached(BEGIN_ATTEMPT)?.query_row(parameters, |row| row.get(0))?)
}

/// A mail has failed before it could be given to a worker, for it cannot be made.
pub(in crate::mail::outbox) fn never_made(
    tx: &Tx<'_>,
    seq: i64,
    account: &str,
    why: &str,
    now: Instant,
) -> Result<()> {
    let number = begin_attempt(tx, seq, account, now)?;
    let (step, answer) = (Some(UNMADE.to_owned()), why.to_owned());
    let ended = Ended { outcome: AttemptOutcome::Failed, step, answer, milliseconds: 0 };
    end_attempt(tx, (seq, number), &ended)?;
    end(tx, seq, MailState::Failed, Some(why), now)
}

/// The sealed token of a mail, and until when it is good.
pub(in crate::mail::outbox) fn link(tx: &Tx<'_>, seq: i64) -> Result<(Option<Vec<u8>>, Option<Instant>)> {
    let link = tx.sql().prepare_cached(LINK)?.query_row(named_params! { ":seq": seq }, |row| {
        Ok((row.get(0)?, row.get::<_, Option<i64>>(1)?.map(Instant::from_micros)))
    })?;
    Ok(link)
}

pub(in crate::mail::outbox) fn set_link(tx: &Tx<'_>, seq: i64, sealed: &[u8], until: Instant) -> Result<()> {
    let parameters = named_params! { ":seq": seq, ":sealed": sealed, ":until": until.micros() };
    Ok(one_row(tx.sql().prepare_cached(SET_LINK)?.execute(parameters)?, "mails", seq)?)
}

/// Writes how an attempt ended; what is gone with its mail is not there any more.
pub(in crate::mail::outbox) fn end_attempt(
    tx: &Tx<'_>,
    (mail, number): (i64, i64),
    ended: &Ended,
) -> Result<()> {
    tx.sql().prepare_cached(END_ATTEMPT)?.execute(named_params! {
        ":mail": mail,
        ":number": number,
        ":outcome": ended.outcome.word(),
        ":step": ended.step,
        ":answer": ended.answer,
        ":milliseconds": ended.milliseconds,
    })?;
    Ok(())
}

pub(in crate::mail::outbox) fn forget_attempt(tx: &Tx<'_>, (mail, number): (i64, i64)) -> Result<()> {
    let parameters = named_params! { ":mail": mail, ":number": number };
    tx.sql().prepare_cached(FORGET_ATTEMPT)?.execute(parameters)?;
    Ok(())
}

/// A mail was sent.
pub(in crate::mail::outbox) fn sent(tx: &Tx<'_>, seq: i64, now: Instant) -> Result<()> {
    let parameters = named_params! { ":seq": seq, ":now": now.micros() };
    tx.sql().prepare_cached(SENT)?.execute(parameters)?;
    Ok(())
}

/// A mail has failed, unless it is another worker's by now.
pub(in crate::mail::outbox) fn failed(
    tx: &Tx<'_>,
    (seq, worker): (i64, &str),
    why: &str,
    now: Instant,
) -> Result<()> {
    let parameters = named_params! { ":seq": seq, ":worker": worker, ":why": why, ":now": now.micros() };
    tx.sql().prepare_cached(FAILED)?.execute(parameters)?;
    Ok(())
}

/// A mail goes later, unless it is another worker's by now.
pub(in crate::mail::outbox) fn later(
    tx: &Tx<'_>,
    (seq, worker): (i64, &str),
    why: &str,
    due: Instant,
) -> Result<()> {
    let parameters = named_params! { ":seq": seq, ":worker": worker, ":why": why, ":due": due.micros() };
    tx.sql().prepare_cached(LATER)?.execute(parameters)?;
    Ok(())
}

/// A mail goes later, or stays due, whose attempt is none of those after which it has failed, unless it is another worker's by now.
pub(in crate::mail::outbox) fn stopped(
    tx: &Tx<'_>,
    (seq, worker): (i64, &str),
    why: &str,
    due: Instant,
) -> Result<()> {
    let parameters = named_params! { ":seq": seq, ":worker": worker, ":why": why, ":due": due.micros() };
    tx.sql().prepare_cached(STOPPED)?.execute(parameters)?;
    Ok(())
}

/// A mail waits as before, unless it is another worker's by now.
pub(in crate::mail::outbox) fn back(tx: &Tx<'_>, (seq, worker): (i64, &str)) -> Result<()> {
    let parameters = named_params! { ":seq": seq, ":worker": worker };
    tx.sql().prepare_cached(BACK)?.execute(parameters)?;
    Ok(())
}

/// Whether another mail left by an account since this one was refused as the account may be.
pub(in crate::mail::outbox) fn others_left(tx: &Tx<'_>, mail: i64, account: &str) -> Result<bool> {
    let parameters = named_params! { ":mail": mail, ":account": account };
    Ok(tx.sql().prepare_cached(OTHERS_LEFT)?.query_row(parameters, |row| row.get(0))?)
}

/// How many mails workers have.
pub(in crate::mail::outbox) fn sending(tx: &Tx<'_>) -> Result<u64> {
    Ok(tx.sql().prepare_cached(SENDING)?.query_row([], |row| count(row, 0))?)
}

/// How many attempts by a server were begun after `since`, and when the first of them was.
pub(in crate::mail::outbox) fn tried(
    tx: &Tx<'_>,
    server: i64,
    since: Instant,
) -> Result<(u64, Option<Instant>)> {
    let parameters = named_params! { ":server": server, ":since": since.micros(), ":unmade": UNMADE };
    let tried = tx.sql().prepare_cached(TRIED)?.query_row(parameters, |row| {
        Ok((count(row, 0)?, row.get::<_, Option<i64>>(1)?.map(Instant::from_micros)))
    })?;
    Ok(tried)
}

/// The last attempts by an account after `since`, the latest first.
pub(in crate::mail::outbox) fn last_of_account(
    tx: &Tx<'_>,
    account: &str,
    since: Instant,
) -> Result<Vec<Last>> {
    let mut statement = tx.sql().prepare_cached(LAST_OF_ACCOUNT)?;
    let parameters = named_params! { ":account": account, ":since": since.micros(), ":unmade": UNMADE };
    let attempts = statement.query_map(parameters, |row| {
        of_row(("mail_attempts", "mail"), row, |row| {
            Ok(Last {
                mail: row.get("mail")?,
                answer: row.get::<_, Option<String>>("answer")?.unwrap_or_default(),
                to: row.get("to_address")?,
            })
        })
    })?;
    Ok(attempts.collect::<Result<_, _>>()?)
}

fn rest(row: &Row<'_>) -> rusqlite::Result<Rest> {
    of_row(("mail_rests", "account_id"), row, |row| {
        Ok(Rest {
            account_id: row.get("account_id")?,
            account: row.get("account")?,
            since: Instant::from_micros(row.get("since")?),
            until: Instant::from_micros(row.get("until")?),
            times: row.get("times")?,
            first_at: Instant::from_micros(row.get("first_at")?),
            step: row.get("step")?,
            answer: row.get("answer")?,
        })
    })
}

/// The rests of all accounts, over or not.
pub(in crate::mail::outbox) fn rests(tx: &Tx<'_>) -> Result<Vec<Rest>> {
    let mut statement = tx.sql().prepare_cached(RESTS)?;
    let rests = statement.query_map([], rest)?;
    Ok(rests.collect::<Result<_, _>>()?)
}

pub(in crate::mail::outbox) fn put_rest(tx: &Tx<'_>, rest: &Rest) -> Result<()> {
    let put = tx.sql().prepare_cached(PUT_REST)?.execute(named_params! {
        ":account": rest.account_id,
        ":since": rest.since.micros(),
        ":until": rest.until.micros(),
        ":times": rest.times,
        ":first": rest.first_at.micros(),
        ":step": rest.step,
        ":answer": rest.answer,
    })?;
    Ok(one_row(put, "mail_rests", rest.account_id)?)
}

/// An account rests no longer; whether it had a rest.
pub(in crate::mail::outbox) fn end_rest(tx: &Tx<'_>, account: i64) -> Result<bool> {
    Ok(tx.sql().prepare_cached(END_REST)?.execute(named_params! { ":account": account })? > 0)
}

#[cfg(test)]
pub(in crate::mail) const STATEMENTS: &[&str] = &[
    WAITING,
    WAITING_MESSAGES,
    NEXT,
    NEXT_UNTRIED,
    BEGIN,
    LINK,
    SET_LINK,
    BEGIN_ATTEMPT,
    END_ATTEMPT,
    FORGET_ATTEMPT,
    SENT,
    FAILED,
    LATER,
    STOPPED,
    BACK,
    OTHERS_LEFT,
    SENDING,
    TRIED,
    LAST_OF_ACCOUNT,
    RESTS,
    PUT_REST,
    END_REST,
];
