//! The SQL of messages by the contact form.

use rusqlite::{OptionalExtension as _, Row, named_params};

use super::{ListFilter, Received, Topic, Written};
use crate::context::Context;
use crate::error::Result;
use crate::store::value::{of_row, one_row, word};
use crate::store::{SealedColumn, Tx};
use crate::text::instant::Instant;

/// What people wrote, which key rotation finds.
pub(crate) const TEXT: SealedColumn = SealedColumn {
    table: "contact_messages",
    column: "text_sealed",
    after: "
        SELECT '', seq, text_sealed
        FROM contact_messages
        WHERE seq > :row AND :owner = '' AND text_sealed IS NOT NULL
        ORDER BY seq
        LIMIT 1000",
    replace: "UPDATE contact_messages SET text_sealed = :sealed WHERE seq = :row AND :owner = ''",
};

const INSERT: &str = "
    INSERT INTO contact_messages (seq, id, topic, name, email, phone, company, subject, text_sealed, language, client, mails,
        answered, created_at)
    VALUES (:seq, :id, :topic, :name, :email, :phone, :company, :subject, :text, :language, :client, :mails, :answered,
        :now)";

const LIST: &str = "
    SELECT seq, id, topic, name, email, phone, company, subject, language, client, mails, answered, created_at, closed_at,
        closed_by
    FROM contact_messages
    WHERE (:closed IS NULL OR (closed_at IS NOT NULL) = :closed)
        AND (:topic IS NULL OR topic = :topic)
        AND (:since IS NULL OR created_at >= :since)
    ORDER BY seq DESC
    LIMIT :limit";

const GET: &str = "
    SELECT seq, id, topic, name, email, phone, company, subject, language, client, mails, answered, created_at, closed_at,
        closed_by, text_sealed
    FROM contact_messages
    WHERE id = :id";

const CLOSE: &str = "UPDATE contact_messages SET closed_at = :now, closed_by = :by WHERE seq = :seq";

const UNTOLD: &str = "SELECT count(*) FROM contact_messages WHERE closed_at IS NULL AND mails = 0";

const COUNT_OLD: &str = "SELECT count(*) FROM contact_messages WHERE created_at < :before";

const CLEAN_UP: &str = "DELETE FROM contact_messages WHERE created_at < :before";

/// A message that is kept.
pub(super) struct NewRow<'a> {
    pub(super) seq: i64,
    pub(super) id: &'a str,
    pub(super) written: &'a Written,
    pub(super) sealed: &'a [u8],
    pub(super) mails: u32,
    pub(super) is_answered: bool,
}

pub(super) fn insert(tx: &Tx<'_>, row: &NewRow<'_>, cx: &Context) -> Result<()> {
    let written = row.written;
    tx.sql().prepare_cached(INSERT)?.execute(named_params! {
        ":seq": row.seq,
        ":id": row.id,
        ":topic": written.topic.word(),
        ":name": written.name,
        ":email": written.email.as_str(),
        ":phone": written.phone,
        ":company": written.company,
        ":subject": written.subject,
        ":text": row.sealed,
        ":language": written.language.tag(),
        ":client": cx.via.client().map(|client| client.to_string()),
        ":mails": row.mails,
        ":answered": row.is_answered,
        ":now": cx.now().micros(),
    })?;
    Ok(())
}

pub(super) fn list(tx: &Tx<'_>, filter: &ListFilter) -> Result<Vec<Received>> {
    let mut statement = tx.sql().prepare_cached(LIST)?;
    let parameters = named_params! {
        ":closed": filter.is_closed,
        ":topic": filter.topic.map(Topic::word),
        ":since": filter.since.map(Instant::micros),
        ":limit": filter.limit.map_or(-1, i64::from),
    };
    Ok(statement.query_map(parameters, received)?.collect::<rusqlite::Result<_>>()?)
}

/// A message, and what was written as it is sealed.
pub(super) fn get(tx: &Tx<'_>, id: &str) -> Result<Option<(Received, Option<Vec<u8>>)>> {
    let mut statement = tx.sql().prepare_cached(GET)?;
    let read = |row: &Row<'_>| Ok((received(row)?, row.get("text_sealed")?));
    Ok(statement.query_row(named_params! { ":id": id }, read).optional()?)
}

pub(super) fn close(tx: &Tx<'_>, seq: i64, (now, by): (Instant, &str)) -> Result<()> {
    let parameters = named_params! { ":seq": seq, ":now": now.micros(), ":by": by };
    Ok(one_row(tx.sql().prepare_cached(CLOSE)?.execute(parameters)?, "contact_messages", seq)?)
}

/// How many open messages there are of which nobody was told.
pub(super) fn untold(tx: &Tx<'_>) -> Result<u64> {
    Ok(tx.sql().prepare_cached(UNTOLD)?.query_row([], |row| row.get::<_, i64>(0))?.unsigned_abs())
}

pub(super) fn count_old(tx: &Tx<'_>, before: Instant) -> Result<u64> {
    let parameters = named_params! { ":before": before.micros() };
    Ok(tx.sql().prepare_cached(COUNT_OLD)?.query_row(parameters, |row| row.get::<_, i64>(0))?.unsigned_abs())
}

pub(super) fn clean_up(tx: &Tx<'_>, before: Instant) -> Result<u64> {
    Ok(tx.sql().prepare_cached(CLEAN_UP)?.execute(named_params! { ":before": before.micros() })? as u64)
}

fn received(row: &Row<'_>) -> rusqlite::Result<Received> {
    of_row(("contact_messages", "seq"), row, |row| {
        let closed_at: Option<i64> = row.get("closed_at")?;
        let closed_by: Option<String> = row.get("closed_by")?;
        Ok(Received {
            seq: row.get("seq")?,
            id: row.get("id")?,
            topic: word(row.get_ref("topic")?, &Topic::WORDS)?,
            name: row.get("name")?,
            email: row.get("email")?,
            phone: row.get("phone")?,
            company: row.get("company")?,
            subject: row.get("subject")?,
            language: row.get("language")?,
            client: row.get("client")?,
            mails: row.get("mails")?,
            is_answered: row.get("answered")?,
            created_at: Instant::from_micros(row.get("created_at")?),
            closed: closed_at.map(Instant::from_micros).zip(closed_by),
        })
    })
}

#[cfg(test)]
pub(super) const STATEMENTS: &[&str] =
    &[INSERT, LIST, GET, CLOSE, UNTOLD, COUNT_OLD, CLEAN_UP, TEXT.after, TEXT.replace];
