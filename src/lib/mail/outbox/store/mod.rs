//! The SQL of the outbox: mails, their attempts, and what becomes of both.

pub(super) mod ahead;
pub(super) mod elsewhere;
pub(super) mod forgotten;
pub(super) mod leases;
pub(super) mod letters;
pub(super) mod meters;
pub(super) mod of_run;
pub(super) mod often;
pub(super) mod sizes;
pub(super) mod trials;
pub(super) mod work;

use rusqlite::{OptionalExtension as _, Row, ToSql, named_params};

use super::{Attempt, AttemptOutcome, ListFilter, MailState, QueuedMail, UNMADE};
use crate::context::CompanyScope;
use crate::error::Result;
use crate::mail::message::Urgency;
use crate::store::value::{of_row, one_row, word};
use crate::store::{SealedColumn, Tx};
use crate::text::email::{self, Email};
use crate::text::instant::Instant;

/// What mails tell where that is a secret, which key rotation finds.
pub(crate) const SEALED: SealedColumn = SealedColumn {
    table: "mails",
    column: "sealed",
    after: "
        SELECT '', seq, sealed
        FROM mails
        WHERE seq > :row AND :owner = '' AND sealed IS NOT NULL
        ORDER BY seq
        LIMIT 1000",
    replace: "UPDATE mails SET sealed = :sealed WHERE seq = :row AND :owner = ''",
};

/// The tokens of links, which key rotation finds.
pub(crate) const LINK_SEALED: SealedColumn = SealedColumn {
    table: "mails",
    column: "link_sealed",
    after: "
        SELECT '', seq, link_sealed
        FROM mails
        WHERE seq > :row AND :owner = '' AND link_sealed IS NOT NULL
        ORDER BY seq
        LIMIT 1000",
    replace: "UPDATE mails SET link_sealed = :sealed WHERE seq = :row AND :owner = ''",
};

/// How many mails wait since before that, and since when the oldest does.
const OLDER: &str = "
    SELECT count(*), min(created_at)
    FROM mails
    WHERE state = 'queued' AND created_at < :before
    HAVING count(*) > 0";

/// How many mails failed since then because they could not be made at their last attempt, and the last of them.
const UNMADE_SINCE: &str = "
    SELECT count(*), m.id, max(m.ended_at)
    FROM mails m
    WHERE m.ended_at >= :since AND +m.state = 'failed'
        AND EXISTS (
            SELECT 1
            FROM mail_attempts a
            WHERE a.mail = m.seq AND a.outcome = 'failed' AND a.step = :step
                AND a.number = (SELECT max(number) FROM mail_attempts WHERE mail = m.seq)
        )
    HAVING count(*) > 0";

/// How many mails are deleted in one transaction.
pub(super) const BATCH: u32 = 1000;

const INSERT: &str = "
    INSERT INTO mails (seq, id, message, feature, urgency, company_id, user_id, to_address, to_folded, to_name, facts,
        sealed, has_link, run, state, due_at, attempts, created_at)
    VALUES (:seq, :id, :message, :feature, :urgency, :company, :user, :to, :to_folded, :to_name, :facts,
        :sealed, :has_link, :run, 'queued', :due, 0, :now)";

/// What there is to know of a mail.
macro_rules! mails {
    ($($rest:literal),+) => {
        concat!(
            "SELECT seq, id, message, feature, urgency, company_id, user_id, to_address, to_name, facts, has_link, run, state,
                due_at, attempts, message_id, leased_until, ended_at, why, created_at,
                (SELECT count(*) FROM mail_attempts a WHERE a.mail = mails.seq) AS tries
            FROM mails ",
            $($rest),+
        )
    };
}
use mails;

const BY_ID: &str = mails!("WHERE id = :id");

const ALL: &str = mails!(
    "WHERE (:state IS NULL OR state = :state)
        AND (:companies IS NULL OR company_id IN (SELECT value FROM json_each(:companies)))
        AND (:feature IS NULL OR feature = :feature)
        AND (:since IS NULL OR created_at >= :since)
    ORDER BY seq DESC
    LIMIT :limit"
);

const TO: &str = mails!(
    "WHERE seq IN (
            SELECT seq FROM mails WHERE user_id = :user
            UNION SELECT seq FROM mails WHERE to_folded = :address
        )
        AND (:state IS NULL OR state = :state)
        AND (:companies IS NULL OR company_id IN (SELECT value FROM json_each(:companies)))
        AND (:feature IS NULL OR feature = :feature)
        AND (:since IS NULL OR created_at >= :since)
    ORDER BY seq DESC
    LIMIT :limit"
);

const ATTEMPTS: &str = "
    SELECT mail, number, at, account, step, answer, outcome, milliseconds
    FROM mail_attempts
    WHERE mail = :mail
    ORDER BY number";

const WAITS: &str = "
    SELECT EXISTS (SELECT 1 FROM mails WHERE user_id = :user AND message = :message AND state IN ('queued', 'sending'))";

const BY_SEQ: &str = mails!("WHERE seq = :seq");

const SEALED_OF: &str = "SELECT sealed FROM mails WHERE seq = :seq";

const REQUEUE: &str = "
    UPDATE mails
    SET state = 'queued', due_at = :now, attempts = 0, ended_at = NULL, why = NULL
    WHERE seq = :seq AND state IN ('queued', 'failed', 'dropped')";

const END: &str = "
    UPDATE mails
    SET state = :state, why = :why, ended_at = :now, sealed = NULL, link_sealed = NULL, link_until = NULL, worker = NULL,
        leased_until = NULL
    WHERE seq = :seq AND ended_at IS NULL";

const DELETE_ENDED: &str = "
    DELETE FROM mails
    WHERE seq IN (SELECT seq FROM mails WHERE ended_at < :before ORDER BY ended_at LIMIT :batch)";

/// What is written of a mail when it is queued.
pub(super) struct NewRow<'a> {
    pub(super) seq: i64,
    pub(super) id: &'a str,
    pub(super) message: &'a str,
    pub(super) feature: &'a str,
    pub(super) urgency: Urgency,
    pub(super) company_id: Option<i64>,
    pub(super) user_id: Option<i64>,
    pub(super) to: &'a Email,
    pub(super) to_name: Option<&'a str>,
    pub(super) facts: Option<&'a str>,
    pub(super) sealed: Option<&'a [u8]>,
    pub(super) has_link: bool,
    pub(super) run: Option<&'a str>,
    pub(super) due: Instant,
    pub(super) now: Instant,
}

pub(super) fn insert(tx: &Tx<'_>, new: &NewRow<'_>) -> Result<()> {
    let inserted = tx.sql().prepare_cached(INSERT)?.execute(named_params! {
        ":seq": new.seq,
        ":id": new.id,
        ":message": new.message,
        ":feature": new.feature,
        ":urgency": number_of(new.urgency),
        ":company": new.company_id,
        ":user": new.user_id,
        ":to": new.to.as_str(),
        ":to_folded": new.to.folded(),
        ":to_name": new.to_name,
        ":facts": new.facts,
        ":sealed": new.sealed,
        ":has_link": new.has_link,
        ":run": new.run,
        ":due": new.due.micros(),
        ":now": new.now.micros(),
    })?;
    Ok(one_row(inserted, "mails", new.seq)?)
}

const fn number_of(urgency: Urgency) -> i64 {
    match urgency {
        Urgency::Awaited => 0,
        Urgency::Notice => 1,
        Urgency::Rest => 2,
    }
}

pub(super) fn mail(row: &Row<'_>) -> rusqlite::Result<QueuedMail> {
    let time =
        |column| Ok::<_, rusqlite::Error>(row.get::<_, Option<i64>>(column)?.map(Instant::from_micros));
    of_row(("mails", "seq"), row, |row| {
        Ok(QueuedMail {
            seq: row.get("seq")?,
            id: row.get("id")?,
            message: row.get("message")?,
            feature: row.get("feature")?,
            urgency: match row.get("urgency")? {
                0 => Urgency::Awaited,
                1 => Urgency::Notice,
                _ => Urgency::Rest,
            },
            company_id: row.get("company_id")?,
            user_id: row.get("user_id")?,
            to: row.get("to_address")?,
            to_name: row.get("to_name")?,
            facts: row.get("facts")?,
            has_link: row.get("has_link")?,
            run: row.get("run")?,
            state: worded(row, "state", &MailState::WORDS)?,
            due_at: Instant::from_micros(row.get("due_at")?),
            attempts: row.get("attempts")?,
            tries: row.get("tries")?,
            message_id: row.get("message_id")?,
            leased_until: time("leased_until")?,
            ended_at: time("ended_at")?,
            why: row.get("why")?,
            created_at: Instant::from_micros(row.get("created_at")?),
        })
    })
}

fn attempt(row: &Row<'_>) -> rusqlite::Result<Attempt> {
    of_row(("mail_attempts", "mail"), row, |row| {
        Ok(Attempt {
            number: row.get("number")?,
            at: Instant::from_micros(row.get("at")?),
            account: row.get("account")?,
            step: row.get("step")?,
            answer: row.get("answer")?,
            outcome: worded(row, "outcome", &AttemptOutcome::WORDS)?,
            milliseconds: row.get("milliseconds")?,
        })
    })
}

/// A column of a few words.
fn worded<T: Copy>(row: &Row<'_>, column: &str, words: &[(&str, T)]) -> rusqlite::Result<T> {
    let place = row.as_ref().column_index(column)?;
    word(row.get_ref(place)?, words).map_err(|error| {
        rusqlite::Error::FromSqlConversionFailure(place, rusqlite::types::Type::Text, Box::new(error))
    })
}

pub(super) fn by_id(tx: &Tx<'_>, id: &str) -> Result<Option<QueuedMail>> {
    Ok(tx.sql().prepare_cached(BY_ID)?.query_row(named_params! { ":id": id }, mail).optional()?)
}

/// The companies of a scope as a JSON array; none for all.
fn companies(scope: &CompanyScope) -> Option<String> {
    match scope {
        CompanyScope::All => None,
        CompanyScope::These(ids) => {
            let ids: Vec<String> = ids.iter().map(i64::to_string).collect();
            Some(format!("[{}]", ids.join(",")))
        }
    }
}

pub(super) fn list(tx: &Tx<'_>, filter: &ListFilter<'_>) -> Result<Vec<QueuedMail>> {
    let is_to_somebody = filter.user.is_some() || filter.address.is_some();
    let sql = if is_to_somebody { TO } else { ALL };
    let (state, address) = (filter.state.map(MailState::word), filter.address.map(email::key));
    let companies = companies(&filter.scope);
    let since = filter.since.map(Instant::micros);
    let mut parameters: Vec<(&str, &dyn ToSql)> = vec![
        (":state", &state),
        (":companies", &companies),
        (":feature", &filter.feature),
        (":since", &since),
        (":limit", &filter.limit),
    ];
    if is_to_somebody {
        parameters.extend([(":user", &filter.user as &dyn ToSql), (":address", &address)]);
    }
    let mut statement = tx.sql().prepare_cached(sql)?;
    let mails = statement.query_map(parameters.as_slice(), mail)?;
    Ok(mails.collect::<Result<_, _>>()?)
}

pub(super) fn attempts(tx: &Tx<'_>, seq: i64) -> Result<Vec<Attempt>> {
    let mut statement = tx.sql().prepare_cached(ATTEMPTS)?;
    let attempts = statement.query_map(named_params! { ":mail": seq }, attempt)?;
    Ok(attempts.collect::<Result<_, _>>()?)
}

/// How many mails wait since before that, and since when the oldest does.
pub(super) fn older(tx: &Tx<'_>, before: Instant) -> Result<Option<(u64, Instant)>> {
    let mut statement = tx.sql().prepare_cached(OLDER)?;
    let found = statement.query_row(named_params! { ":before": before.micros() }, |row| {
        Ok((row.get::<_, i64>(0)?.unsigned_abs(), Instant::from_micros(row.get(1)?)))
    });
    Ok(found.optional()?)
}

/// How many mails have failed since then because they could not be made, which the last one is, and when that failed.
pub(super) fn unmade(tx: &Tx<'_>, since: Instant) -> Result<Option<(u64, String, Instant)>> {
    let mut statement = tx.sql().prepare_cached(UNMADE_SINCE)?;
    let parameters = named_params! { ":since": since.micros(), ":step": UNMADE };
    let found = statement.query_row(parameters, |row| {
        Ok((row.get::<_, i64>(0)?.unsigned_abs(), row.get(1)?, Instant::from_micros(row.get(2)?)))
    });
    Ok(found.optional()?)
}

/// Whether a mail of that message to a person has not left yet.
pub(super) fn waits(tx: &Tx<'_>, user: i64, message: &str) -> Result<bool> {
    let parameters = named_params! { ":user": user, ":message": message };
    Ok(tx.sql().prepare_cached(WAITS)?.query_row(parameters, |row| row.get(0))?)
}

pub(super) fn by_seq(tx: &Tx<'_>, seq: i64) -> Result<Option<QueuedMail>> {
    Ok(tx.sql().prepare_cached(BY_SEQ)?.query_row(named_params! { ":seq": seq }, mail).optional()?)
}

/// What is sealed of a mail.
pub(super) fn sealed(tx: &Tx<'_>, seq: i64) -> Result<Option<Vec<u8>>> {
    Ok(tx.sql().prepare_cached(SEALED_OF)?.query_row(named_params! { ":seq": seq }, |row| row.get(0))?)
}

/// Has a mail wait anew, as if it had never been tried.
pub(super) fn requeue(tx: &Tx<'_>, seq: i64, now: Instant) -> Result<()> {
    let parameters = named_params! { ":seq": seq, ":now": now.micros() };
    Ok(one_row(tx.sql().prepare_cached(REQUEUE)?.execute(parameters)?, "mails", seq)?)
}

/// Ends a mail, and wipes what was sealed.
pub(super) fn end(tx: &Tx<'_>, seq: i64, state: MailState, why: Option<&str>, now: Instant) -> Result<()> {
    let parameters = named_params! { ":seq": seq, ":state": state.word(), ":why": why, ":now": now.micros() };
    Ok(one_row(tx.sql().prepare_cached(END)?.execute(parameters)?, "mails", seq)?)
}

/// Deletes some mails that ended before that; how many.
pub(super) fn delete_ended(tx: &Tx<'_>, before: Instant) -> Result<u64> {
    let parameters = named_params! { ":before": before.micros(), ":batch": BATCH };
    Ok(tx.sql().prepare_cached(DELETE_ENDED)?.execute(parameters)? as u64)
}

#[cfg(test)]
pub(in crate::mail) const STATEMENTS: &[&str] = &[
    WAITS,
    BY_SEQ,
    INSERT,
    BY_ID,
    ALL,
    TO,
    ATTEMPTS,
    SEALED_OF,
    OLDER,
    UNMADE_SINCE,
    REQUEUE,
    END,
    DELETE_ENDED,
];
