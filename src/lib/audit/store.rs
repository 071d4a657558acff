//! The SQL of the audit.

use rusqlite::{OptionalExtension as _, Row as SqlRow, named_params};

use super::Entry;
use super::chain::{Checkpoint, Hash, Link, Verdict};
use crate::error::Result;
use crate::store::Tx;
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

/// The filters compare folded text only where people type it; an absent filter passes everything.
const LIST: &str = "
    SELECT seq, at, actor, shell_user, via, action, kind, subject_id, subject, before, after, reason, run_id, hash
    FROM audit
    WHERE (:since IS NULL OR at >= :since)
        AND (:until IS NULL OR at < :until)
        AND (:actor IS NULL OR actor = :actor OR shell_user = :actor)
        AND (:subject IS NULL OR lower(subject) = lower(:subject))
        AND (:action IS NULL OR action = :action OR substr(action, 1, length(:action) + 1) = :action || '.')
        AND (:run IS NULL OR run_id = :run)
    ORDER BY seq DESC
    LIMIT :limit";

const CHANGES_SINCE: &str = "
    SELECT seq, at, actor, shell_user, via, action, kind, subject_id, subject, before, after, reason, run_id, hash
    FROM audit
    WHERE kind = :kind AND subject_id = :subject_id AND at > :at
    ORDER BY seq DESC";

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
    hash: Hash,
}

impl Row {
    fn link(&self) -> Link<'_> {
        Link {
            seq: self.seq,
            at: self.at,
            actor: &self.actor,
            shell_user: self.shell_user.as_deref(),
            via: &self.via,
            entry: Entry {
                action: &self.action,
                kind: &self.kind,
                subject_id: self.subject_id,
                subject: &self.subject,
                before: self.before.as_deref(),
                after: self.after.as_deref(),
                reason: self.reason.as_deref(),
                run: self.run.as_deref(),
            },
        }
    }
}

fn row(sql: &SqlRow<'_>) -> rusqlite::Result<Row> {
    Ok(Row {
        seq: sql.get("seq")?,
        at: Instant::from_micros(sql.get("at")?),
        actor: sql.get("actor")?,
        shell_user: sql.get("shell_user")?,
        via: sql.get("via")?,
        action: sql.get("action")?,
        kind: sql.get("kind")?,
        subject_id: sql.get("subject_id")?,
        subject: sql.get("subject")?,
        before: sql.get("before")?,
        after: sql.get("after")?,
        reason: sql.get("reason")?,
        run: sql.get("run_id")?,
        hash: sql.get("hash")?,
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
        ":subject": filter.subject,
        ":action": filter.action,
        ":run": filter.run,
        ":limit": filter.limit.map_or(-1, i64::from),
    })?;
    while let Some(sql) = rows.next()? {
        each(row(sql)?)?;
    }
    Ok(())
}

pub(super) fn changes_since(tx: &Tx<'_>, kind: &str, subject_id: i64, at: Instant) -> Result<Vec<Row>> {
    let mut statement = tx.sql().prepare_cached(CHANGES_SINCE)?;
    let parameters = named_params! { ":kind": kind, ":subject_id": subject_id, ":at": at.micros() };
    let rows = statement.query_map(parameters, row)?.collect::<Result<_, _>>()?;
    Ok(rows)
}

pub(super) fn verify(tx: &Tx<'_>, checkpoint: Option<&Checkpoint>) -> Result<Verdict> {
    let mut verdict = Verdict { rows: 0, broken: None, head: None };
    let mut statement = tx.sql().prepare(ALL)?;
    let mut rows = statement.query([])?;
    while let Some(sql) = rows.next()? {
        let row = row(sql)?;
        if let Some(reason) = misfit(&verdict, &row, checkpoint) {
            verdict.broken = Some((row.seq, reason));
            return Ok(verdict);
        }
        verdict.rows += 1;
        verdict.head = Some(Checkpoint { seq: row.seq, at: row.at, hash: row.hash });
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

/// Why `row` does not continue the chain walked so far.
fn misfit(so_far: &Verdict, row: &Row, checkpoint: Option<&Checkpoint>) -> Option<String> {
    if row.seq != so_far.rows + 1 {
        return Some(format!("row {} is missing", so_far.rows + 1));
    }
    if row.link().hash(so_far.head.as_ref().map(|head| &head.hash)) != row.hash {
        return Some("its hash does not fit its fields and the row before".to_owned());
    }
    match checkpoint {
        Some(checkpoint) if checkpoint.seq == row.seq && checkpoint.hash != row.hash => {
            Some("the chain does not pass through the checkpoint".to_owned())
        }
        _ => None,
    }
}

#[cfg(test)]
pub(super) const STATEMENTS: &[&str] = &[HEAD, INSERT, ALL, ONE, LIST, CHANGES_SINCE, HIGHEST];
