//! The SQL of runs.

use rusqlite::{Row, named_params};

use super::{Action, Change, Done, Summary};
use crate::audit::Fields;
use crate::context::Actor;
use crate::error::Result;
use crate::store::Tx;
use crate::store::value::{json, of_row};
use crate::text::instant::Instant;

/// Changes read at a time while others are written.
const BATCH: i64 = 1000;

const INSERT: &str = "
    INSERT INTO runs (id, kind, source, state, actor, actor_id, summary, reason, created_at, updated_at)
    VALUES (:id, :kind, :source, 'held', :actor, :actor_id, '{}', :reason, :now, :now)";

const DELETE: &str = "DELETE FROM runs WHERE id = :id";

const SET_PLAN: &str =
    "UPDATE runs SET summary = :summary, held_because = :held_because, updated_at = :now WHERE id = :id";

const SET_APPLIED: &str =
    "UPDATE runs SET state = 'applied', first_audit_seq = :first, updated_at = :now WHERE id = :id";

const SET_STATE: &str = "UPDATE runs SET state = :state, updated_at = :now WHERE id = :id";

const LIST: &str = "
    SELECT id, kind, source, state, actor, actor_id, summary, held_because, reason, first_audit_seq, created_at, updated_at
    FROM runs
    ORDER BY rowid DESC
    LIMIT :limit";

const FIND: &str = "
    SELECT id, kind, source, state, actor, actor_id, summary, held_because, reason, first_audit_seq, created_at, updated_at
    FROM runs
    WHERE id >= :id AND id < :id || char(1114111)
    ORDER BY id";

const INSERT_CHANGE: &str = "
    INSERT INTO run_changes (run_id, seq, action, kind, subject, subject_id, before, after, reason, sealed)
    VALUES (:run, :seq, :action, :kind, :subject, :subject_id, :before, :after, :reason, :sealed)";

const CHANGES: &str = "
    SELECT seq, action, kind, subject, subject_id, before, after, reason, sealed, undo_refused
    FROM run_changes
    WHERE run_id = :run AND seq > :after
    ORDER BY seq
    LIMIT :batch";

/// The audit knows the id of what a change created; each change has one row there, in the same order.
const DONE: &str = "
    SELECT c.seq, c.action, c.kind, c.subject, a.subject_id, c.before, c.after, c.reason, NULL AS sealed, c.undo_refused,
        a.seq AS revision
    FROM run_changes c
    JOIN audit a ON a.seq = :first + c.seq - 1
    WHERE c.run_id = :run AND c.seq < :before AND (:all OR c.undo_refused IS NOT NULL)
    ORDER BY c.seq DESC
    LIMIT :batch";

const WIPE_SEALED: &str = "UPDATE run_changes SET sealed = NULL WHERE run_id = :run AND sealed IS NOT NULL";

const SET_UNDO_REFUSED: &str =
    "UPDATE run_changes SET undo_refused = :reason WHERE run_id = :run AND seq = :seq";

/// A run as stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Run {
    /// Ten characters.
    pub(crate) id: String,
    /// What made it.
    pub(crate) kind: String,
    /// What it came from.
    pub(crate) source: String,
    /// `held`, `applied`, `undone`, `partly_undone`.
    pub(crate) state: String,
    /// Who ran it.
    pub(crate) actor: String,
    /// The account that ran it; none for the system actor.
    pub(super) actor_id: Option<i64>,
    /// How many changes it holds.
    pub(crate) summary: Summary,
    /// Why the brake held it.
    pub(crate) held_because: Option<String>,
    /// The given reason.
    pub(crate) reason: Option<String>,
    /// The audit row of its first change.
    pub(crate) first_audit_seq: Option<i64>,
    /// When it was planned.
    pub(crate) created_at: Instant,
    /// When its state last changed.
    pub(crate) updated_at: Instant,
}

impl Run {
    /// Whether this account made it, whatever either was called then.
    pub(super) fn is_of(&self, actor: &Actor) -> bool {
        self.actor_id.is_some_and(|id| actor.is_account(id))
    }
}

/// A run that begins.
pub(super) struct NewRun<'a> {
    pub(super) id: &'a str,
    pub(super) kind: &'a str,
    pub(super) source: &'a str,
    pub(super) actor: &'a Actor,
    pub(super) reason: Option<&'a str>,
    pub(super) now: Instant,
}

/// A stored change.
pub(super) struct ChangeRow {
    pub(super) seq: i64,
    pub(super) change: Change,
    pub(super) undo_refused: Option<String>,
}

fn run(row: &Row<'_>) -> rusqlite::Result<Run> {
    of_row(("runs", "id"), row, whole)
}

fn whole(row: &Row<'_>) -> rusqlite::Result<Run> {
    Ok(Run {
        id: row.get("id")?,
        kind: row.get("kind")?,
        source: row.get("source")?,
        state: row.get("state")?,
        actor: row.get("actor")?,
        actor_id: row.get("actor_id")?,
        summary: json(row, "summary")?,
        held_because: row.get("held_because")?,
        reason: row.get("reason")?,
        first_audit_seq: row.get("first_audit_seq")?,
        created_at: Instant::from_micros(row.get("created_at")?),
        updated_at: Instant::from_micros(row.get("updated_at")?),
    })
}

fn change_row(row: &Row<'_>) -> rusqlite::Result<ChangeRow> {
    let fields = |index: usize| -> rusqlite::Result<Fields> {
        let text: Option<String> = row.get(index)?;
        Ok(text.and_then(|text| serde_json::from_str(&text).ok()).unwrap_or_default())
    };
    let action: String = row.get(1)?;
    Ok(ChangeRow {
        seq: row.get(0)?,
        change: Change {
            action: Action::parse(&action),
            kind: row.get(2)?,
            subject: row.get(3)?,
            subject_id: row.get(4)?,
            before: fields(5)?,
            after: fields(6)?,
            reason: row.get(7)?,
            sealed: row.get(8)?,
        },
        undo_refused: row.get(9)?,
    })
}

pub(super) fn insert(tx: &Tx<'_>, new: &NewRun<'_>) -> Result<()> {
    tx.sql().prepare_cached(INSERT)?.execute(named_params! {
        ":id": new.id, ":kind": new.kind, ":source": new.source, ":actor": new.actor.name,
        ":actor_id": new.actor.account_id(), ":reason": new.reason, ":now": new.now.micros(),
    })?;
    Ok(())
}

pub(super) fn delete(tx: &Tx<'_>, id: &str) -> Result<()> {
    tx.sql().prepare_cached(DELETE)?.execute(named_params! { ":id": id })?;
    Ok(())
}

pub(super) fn set_plan(
    tx: &Tx<'_>,
    id: &str,
    summary: &Summary,
    held_because: Option<&str>,
    now: Instant,
) -> Result<()> {
    let summary = serde_json::to_string(summary).unwrap_or_else(|_| "{}".to_owned());
    tx.sql().prepare_cached(SET_PLAN)?.execute(named_params! {
        ":id": id, ":summary": summary, ":held_because": held_because, ":now": now.micros(),
    })?;
    Ok(())
}

pub(super) fn set_applied(tx: &Tx<'_>, id: &str, first: i64, now: Instant) -> Result<()> {
    let parameters = named_params! { ":id": id, ":first": first, ":now": now.micros() };
    tx.sql().prepare_cached(SET_APPLIED)?.execute(parameters)?;
    Ok(())
}

pub(super) fn set_state(tx: &Tx<'_>, id: &str, state: &str, now: Instant) -> Result<()> {
    let parameters = named_params! { ":id": id, ":state": state, ":now": now.micros() };
    tx.sql().prepare_cached(SET_STATE)?.execute(parameters)?;
    Ok(())
}

pub(super) fn list(tx: &Tx<'_>, limit: Option<u32>, mut each: impl FnMut(Run) -> Result<()>) -> Result<()> {
    let mut statement = tx.sql().prepare_cached(LIST)?;
    let mut rows = statement.query(named_params! { ":limit": limit.map_or(-1, i64::from) })?;
    while let Some(row) = rows.next()? {
        each(run(row)?)?;
    }
    Ok(())
}

/// The runs whose id begins with `id`, two at most.
pub(super) fn find(tx: &Tx<'_>, id: &str) -> Result<Vec<Run>> {
    let mut statement = tx.sql().prepare_cached(FIND)?;
    let runs = statement.query_map(named_params! { ":id": id }, run)?.collect::<Result<_, _>>()?;
    Ok(runs)
}

pub(super) fn insert_change(tx: &Tx<'_>, run: &str, seq: i64, change: &Change) -> Result<()> {
    tx.sql().prepare_cached(INSERT_CHANGE)?.execute(named_params! {
        ":run": run,
        ":seq": seq,
        ":action": change.action.name(),
        ":kind": change.kind,
        ":subject": change.subject,
        ":subject_id": change.subject_id,
        ":before": crate::audit::fields_text(&change.before),
        ":after": crate::audit::fields_text(&change.after),
        ":reason": change.reason,
        ":sealed": change.sealed,
    })?;
    Ok(())
}

/// Calls `each` with every change in order; it may write while it is called.
pub(super) fn each_change(
    tx: &Tx<'_>,
    run: &str,
    mut each: impl FnMut(ChangeRow) -> Result<()>,
) -> Result<()> {
    let mut after = 0;
    loop {
        let mut statement = tx.sql().prepare_cached(CHANGES)?;
        let parameters = named_params! { ":run": run, ":after": after, ":batch": BATCH };
        let batch = statement.query_map(parameters, change_row)?.collect::<Result<Vec<_>, _>>()?;
        drop(statement);
        let Some(last) = batch.last() else { return Ok(()) };
        after = last.seq;
        for row in batch {
            each(row)?;
        }
    }
}

/// Calls `each` with every applied change, the last first; `only_refused` takes those that an earlier undo left.
pub(super) fn each_done(
    tx: &Tx<'_>,
    run: &Run,
    only_refused: bool,
    mut each: impl FnMut(i64, Done) -> Result<()>,
) -> Result<()> {
    let mut before = i64::MAX;
    loop {
        let mut statement = tx.sql().prepare_cached(DONE)?;
        let parameters = named_params! {
            ":run": run.id, ":first": run.first_audit_seq, ":before": before, ":all": !only_refused, ":batch": BATCH,
        };
        let batch = statement
            .query_map(parameters, |row| Ok((change_row(row)?, row.get::<_, i64>("revision")?)))?
            .collect::<Result<Vec<_>, _>>()?;
        drop(statement);
        let Some((last, _)) = batch.last() else { return Ok(()) };
        before = last.seq;
        for (row, revision) in batch {
            let subject_id = row.change.subject_id.unwrap_or_default();
            each(row.seq, Done { change: row.change, subject_id, revision })?;
        }
    }
}

pub(super) fn wipe_sealed(tx: &Tx<'_>, run: &str) -> Result<()> {
    tx.sql().prepare_cached(WIPE_SEALED)?.execute(named_params! { ":run": run })?;
    Ok(())
}

pub(super) fn set_undo_refused(tx: &Tx<'_>, run: &str, seq: i64, reason: Option<&str>) -> Result<()> {
    let parameters = named_params! { ":run": run, ":seq": seq, ":reason": reason };
    tx.sql().prepare_cached(SET_UNDO_REFUSED)?.execute(parameters)?;
    Ok(())
}

#[cfg(test)]
pub(super) const STATEMENTS: &[&str] = &[
    INSERT,
    DELETE,
    SET_PLAN,
    SET_APPLIED,
    SET_STATE,
    LIST,
    FIND,
    INSERT_CHANGE,
    CHANGES,
    DONE,
    WIPE_SEALED,
    SET_UNDO_REFUSED,
];
