//! The SQL of the audit.

use rusqlite::{OptionalExtension as _, Row as SqlRow, named_params};

use super::Entry;
use super::chain::{Checkpoint, Hash, Link, Verdict};
use crate::error::Result;
use crate::store::Tx;
use crate::text::fold::fold;
use crate::text::instant::Instant;

const HEAD: &str = "SELECT seq, at, hash FROM audit ORDER BY seq DESC LIMIT 1";

const INSERT: &str = "
    INSERT INTO audit (seq, at, actor, shell_user, via, action, kind, subject_id, subject, before, after, reason, run_id, hash)
    VALUES (:seq, :at, :actor, :shell_user, :via, :action, :kind, :subject_id, :subject, :before, :after, :reason, :run_id, :hash)";

const ALL: &str = "
    SELECT seq, at, actor, shell_user, via, action, kind, subject_id, subject, before, after, reason, run_id, hash
    FROM audit
    ORDER BY seq";

const ONE: &str = "
    SELECT seq, at, actor, shell_user, via, action, kind, subject_id, subject, before, after, reason, run_id, hash
    FROM audit
    WHERE seq = :seq";

/// An absent filter passes everything. The subject is compared outside, folded, and so the limit is counted there too.
const LIST: &str = "
    SELECT seq, at, actor, shell_user, via, action, kind, subject_id, subject, before, after, reason, run_id, hash
    FROM audit
    WHERE (:since IS NULL OR at >= :since)
        AND (:until IS NULL OR at < :until)
        AND (:actor IS NULL OR actor = :actor OR shell_user = :actor)
        AND (:action IS NULL OR action = :action OR substr(action, 1, length(:action) + 1) = :action || '.')
        AND (:run IS NULL OR run_id = :run)
    ORDER BY seq DESC";

const CHANGES_SINCE: &str = "
    SELECT seq, at, actor, shell_user, via, action, kind, subject_id, subject, before, after, reason, run_id, hash
    FROM audit
    WHERE kind = :kind AND subject_id = :subject_id AND at > :at
    ORDER BY seq DESC";

/// The rows that gave something the name it has, or the place that is part of its name.
const NAMED: &str = "
    SELECT max(seq)
    FROM audit
    WHERE kind = :kind AND subject_id = :subject_id AND run_id IS NOT :run
        AND (json_type(after, '$.name') IS NOT NULL OR json_type(after, '$.slug') IS NOT NULL
            OR json_type(after, '$.company') IS NOT NULL OR json_type(after, '$.department') IS NOT NULL)";

/// The row of a subject that stood before the change which the row `seq` took back; refusals change nothing.
const BEFORE_UNDONE: &str = "
    SELECT (
        SELECT max(o.seq)
        FROM audit o
        WHERE o.kind = :kind AND o.subject_id = :subject_id AND o.action <> 'permission.denied' AND o.seq < (
            SELECT max(d.seq)
            FROM audit d
            WHERE d.kind = :kind AND d.subject_id = :subject_id AND d.run_id = u.run_id AND d.seq < u.seq
                AND u.action = d.action || '.undo'))
    FROM audit u
    WHERE u.seq = :seq AND u.run_id IS NOT NULL";

const FIRST_OF_RUN: &str = "SELECT min(seq) FROM audit WHERE run_id = :run";

const HIGHEST: &str = "SELECT coalesce((SELECT seq FROM sqlite_sequence WHERE name = 'audit'), 0)";

/// Which rows to list.
#[derive(Debug, Default)]
pub(crate) struct Filter {
    /// At or after.
    pub(crate) since: Option<Instant>,
    /// Before.
    pub(crate) until: Option<Instant>,
    /// By this account or shell user.
    pub(crate) actor: Option<String>,
    /// About this subject.
    pub(crate) subject: Option<String>,
    /// This action, or all of a feature (`user`).
    pub(crate) action: Option<String>,
    /// Of this run.
    pub(crate) run: Option<String>,
    /// At most so many.
    pub(crate) limit: Option<u32>,
}

/// A row of the audit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Row {
    /// The place in the chain.
    pub(crate) seq: i64,
    /// When.
    pub(crate) at: Instant,
    /// Who.
    pub(crate) actor: String,
    /// The shell user behind.
    pub(crate) shell_user: Option<String>,
    /// Through which door.
    pub(crate) via: String,
    /// What happened.
    pub(crate) action: String,
    /// What it happened to.
    pub(crate) kind: String,
    /// The subject's id.
    pub(crate) subject_id: Option<i64>,
    /// The subject's name then.
    pub(crate) subject: String,
    /// The changed fields before, the text of a JSON object.
    pub(crate) before: Option<String>,
    /// The changed fields after.
    pub(crate) after: Option<String>,
    /// Why.
    pub(crate) reason: Option<String>,
    /// The run.
    pub(crate) run: Option<String>,
    /// What ties it to the row before, SHA-256.
    pub(crate) hash: Hash,
}

/// The fields of a row in the order of the statements, borrowed from SQLite.
fn link<'a>(sql: &'a SqlRow<'_>) -> rusqlite::Result<(Link<'a>, Hash)> {
    let text = |index: usize| Ok::<_, rusqlite::Error>(sql.get_ref(index)?.as_str()?);
    let optional = |index: usize| Ok::<_, rusqlite::Error>(sql.get_ref(index)?.as_str_or_null()?);
    let link = Link {
        seq: sql.get(0)?,
        at: Instant::from_micros(sql.get(1)?),
        actor: text(2)?,
        shell_user: optional(3)?,
        via: text(4)?,
        entry: Entry {
            action: text(5)?,
            kind: text(6)?,
            subject_id: sql.get(7)?,
            subject: text(8)?,
            before: optional(9)?,
            after: optional(10)?,
            reason: optional(11)?,
            run: optional(12)?,
        },
    };
    Ok((link, sql.get(13)?))
}

fn row(sql: &SqlRow<'_>) -> rusqlite::Result<Row> {
    let (link, hash) = link(sql)?;
    let entry = link.entry;
    let owned = |text: Option<&str>| text.map(str::to_owned);
    Ok(Row {
        seq: link.seq,
        at: link.at,
        actor: link.actor.to_owned(),
        shell_user: owned(link.shell_user),
        via: link.via.to_owned(),
        action: entry.action.to_owned(),
        kind: entry.kind.to_owned(),
        subject_id: entry.subject_id,
        subject: entry.subject.to_owned(),
        before: owned(entry.before),
        after: owned(entry.after),
        reason: owned(entry.reason),
        run: owned(entry.run),
        hash,
    })
}

pub(super) fn head(tx: &Tx<'_>) -> Result<Option<Checkpoint>> {
    let mut statement = tx.sql().prepare_cached(HEAD)?;
    let head = statement
        .query_row([], |row| {
            Ok(Checkpoint {
                seq: row.get("seq")?,
                at: Instant::from_micros(row.get("at")?),
                hash: row.get("hash")?,
            })
        })
        .optional()?;
    Ok(head)
}

pub(super) fn insert(tx: &Tx<'_>, link: &Link<'_>, hash: &Hash) -> Result<()> {
    let entry = &link.entry;
    tx.sql().prepare_cached(INSERT)?.execute(named_params! {
        ":seq": link.seq,
        ":at": link.at.micros(),
        ":actor": link.actor,
        ":shell_user": link.shell_user,
        ":via": link.via,
        ":action": entry.action,
        ":kind": entry.kind,
        ":subject_id": entry.subject_id,
        ":subject": entry.subject,
        ":before": entry.before,
        ":after": entry.after,
        ":reason": entry.reason,
        ":run_id": entry.run,
        ":hash": hash,
    })?;
    Ok(())
}

pub(super) fn get(tx: &Tx<'_>, seq: i64) -> Result<Option<Row>> {
    Ok(tx.sql().prepare_cached(ONE)?.query_row(named_params! { ":seq": seq }, row).optional()?)
}

pub(super) fn list(tx: &Tx<'_>, filter: &Filter, mut each: impl FnMut(Row) -> Result<()>) -> Result<()> {
    let mut statement = tx.sql().prepare_cached(LIST)?;
    let mut rows = statement.query(named_params! {
        ":since": filter.since.map(Instant::micros),
        ":until": filter.until.map(Instant::micros),
        ":actor": filter.actor,
        ":action": filter.action,
        ":run": filter.run,
    })?;
    let subject = filter.subject.as_deref().map(fold);
    let mut left = filter.limit.unwrap_or(u32::MAX);
    while left > 0
        && let Some(sql) = rows.next()?
    {
        let row = row(sql)?;
        if subject.as_ref().is_none_or(|subject| *subject == fold(&row.subject)) {
            each(row)?;
            left -= 1;
        }
    }
    Ok(())
}

pub(super) fn changes_since(tx: &Tx<'_>, kind: &str, subject_id: i64, at: Instant) -> Result<Vec<Row>> {
    let mut statement = tx.sql().prepare_cached(CHANGES_SINCE)?;
    let parameters = named_params! { ":kind": kind, ":subject_id": subject_id, ":at": at.micros() };
    let rows = statement.query_map(parameters, row)?.collect::<Result<_, _>>()?;
    Ok(rows)
}

pub(super) fn last_named(tx: &Tx<'_>, kind: &str, subject_id: i64, run: &str) -> Result<Option<i64>> {
    let mut statement = tx.sql().prepare_cached(NAMED)?;
    let parameters = named_params! { ":kind": kind, ":subject_id": subject_id, ":run": run };
    Ok(statement.query_row(parameters, |row| row.get(0))?)
}

pub(super) fn first_of_run(tx: &Tx<'_>, run: &str) -> Result<Option<i64>> {
    let mut statement = tx.sql().prepare_cached(FIRST_OF_RUN)?;
    Ok(statement.query_row(named_params! { ":run": run }, |row| row.get(0))?)
}

pub(super) fn before_undone(tx: &Tx<'_>, kind: &str, subject_id: i64, seq: i64) -> Result<Option<i64>> {
    let mut statement = tx.sql().prepare_cached(BEFORE_UNDONE)?;
    let parameters = named_params! { ":kind": kind, ":subject_id": subject_id, ":seq": seq };
    Ok(statement.query_row(parameters, |row| row.get(0)).optional()?.flatten())
}

pub(super) fn verify(tx: &Tx<'_>, checkpoint: Option<&Checkpoint>) -> Result<Verdict> {
    let mut verdict = Verdict { rows: 0, broken: None, head: None };
    let mut statement = tx.sql().prepare(ALL)?;
    let mut rows = statement.query([])?;
    while let Some(sql) = rows.next()? {
        match next(&verdict, sql, checkpoint) {
            Ok(head) => {
                verdict.rows += 1;
                verdict.head = Some(head);
            }
            Err(broken) => {
                verdict.broken = Some(broken);
                return Ok(verdict);
            }
        }
    }
    let reached = verdict.rows;
    let highest: i64 = tx.sql().query_row(HIGHEST, [], |row| row.get(0))?;
    let expected = highest.max(checkpoint.map_or(0, |checkpoint| checkpoint.seq));
    if reached < expected {
        verdict.broken =
            Some((reached + 1, format!("the chain ends here, but row {expected} was written once")));
    }
    Ok(verdict)
}

/// The head after one more row, or that row and why it does not continue the chain walked so far.
fn next(
    so_far: &Verdict,
    sql: &SqlRow<'_>,
    checkpoint: Option<&Checkpoint>,
) -> Result<Checkpoint, (i64, String)> {
    let expected = so_far.rows + 1;
    let (link, hash) =
        link(sql).map_err(|error| (expected, format!("it holds what was never written there: {error}")))?;
    let broken = |reason: &str| Err((link.seq, reason.to_owned()));
    if link.seq != expected {
        return Err((link.seq, format!("row {expected} is missing")));
    }
    if link.hash(so_far.head.as_ref().map(|head| &head.hash)) != hash {
        return broken("its hash does not fit its fields and the row before");
    }
    if checkpoint.is_some_and(|checkpoint| checkpoint.seq == link.seq && checkpoint.hash != hash) {
        return broken("the chain does not pass through the checkpoint");
    }
    Ok(Checkpoint { seq: link.seq, at: link.at, hash })
}

#[cfg(test)]
pub(super) const STATEMENTS: &[&str] =
    &[HEAD, INSERT, ALL, ONE, LIST, CHANGES_SINCE, NAMED, FIRST_OF_RUN, BEFORE_UNDONE, HIGHEST];
