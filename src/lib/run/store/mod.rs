//! The SQL of runs.

pub(super) mod held;
mod proof;

#[cfg(test)]
pub(super) use proof::STATEMENTS as OF_PROOF;
pub(super) use proof::plan_digest;
pub(crate) use proof::{StoredRun, changes_of_run, ids_of_runs, orphaned_changes, stored_run};

use rusqlite::{Row, RowIndex, named_params};
use serde::Serialize;
use serde::de::IgnoredAny;

use super::{Action, Change, Done, Error, LeftOut, Summary};
use crate::audit::fields_text;
use crate::context::Actor;
use crate::error::Result;
use crate::store::value::{json, json_if_any, of_row, one_row, word};
use crate::store::{SealedColumn, Tx};
use crate::text::instant::Instant;

/// The column that key rotation finds.
pub(crate) const SEALED: SealedColumn = SealedColumn {
    table: "run_changes",
    column: "sealed",
    after: "
        SELECT run_id, seq, sealed
        FROM run_changes
        WHERE (run_id, seq) > (:owner, :row) AND sealed IS NOT NULL
        ORDER BY run_id, seq
        LIMIT 1000",
    replace: "UPDATE run_changes SET sealed = :sealed WHERE run_id = :owner AND seq = :row",
};

/// Changes read at a time while others are written: few enough to stay at hand.
const BATCH: i64 = 100;

/// Where the changes of a plan are until it is applied. A temporary table is the connection's own: to write into it locks
/// nothing of the store.
const STAGE: &str = "
    CREATE TEMP TABLE IF NOT EXISTS planned_changes (
        seq INTEGER PRIMARY KEY,
        action TEXT NOT NULL,
        kind TEXT NOT NULL,
        subject TEXT NOT NULL,
        subject_id INTEGER,
        before TEXT,
        after TEXT,
        ids TEXT,
        reason TEXT,
        sealed BLOB
    ) STRICT";

const CLEAR_STAGE: &str = "DELETE FROM temp.planned_changes";

const STAGE_CHANGE: &str = "
    INSERT INTO temp.planned_changes (seq, action, kind, subject, subject_id, before, after, ids, reason, sealed)
    VALUES (:seq, :action, :kind, :subject, :subject_id, :before, :after, :ids, :reason, :sealed)";

/// Every column of a change, in the order of planning; the last statement passes over what a plan makes.
macro_rules! changes {
    ($left:literal, $from:literal) => {
        concat!(
            "SELECT seq, action, kind, subject, subject_id, before, after, ids, reason, sealed, ",
            $left,
            " FROM ",
            $from,
            " AND seq > :after ORDER BY seq LIMIT :batch"
        )
    };
}

const STAGED: &str =
    changes!("NULL AS left_out, NULL AS undo_refused", "temp.planned_changes WHERE :run IS NULL");

const CHANGES: &str = changes!("left_out, undo_refused", "run_changes WHERE run_id = :run");

const NOT_MADE: &str =
    changes!("left_out, undo_refused", "run_changes WHERE run_id = :run AND action <> 'create'");

const KEEP_STAGE: &str = "
    INSERT INTO run_changes (run_id, seq, action, kind, subject, subject_id, before, after, ids, reason, sealed)
    SELECT :run, seq, action, kind, subject, subject_id, before, after, ids, reason, sealed
    FROM temp.planned_changes
    ORDER BY seq";

const INSERT: &str = "
    INSERT INTO runs
        (id, kind, source, source_id, state, actor, actor_id, summary, meant, reason, created_at, updated_at)
    VALUES
        (:id, :kind, :source, :source_id, 'held', :actor, :actor_id, '{}', :meant, :reason, :now, :now)";

const SET_APPLIED: &str = "
    UPDATE runs
    SET state = 'applied', first_audit_seq = :first, summary = :summary, updated_at = :now
    WHERE id = :id";

const SET_HELD: &str = "UPDATE runs SET summary = :summary, held_because = :because WHERE id = :id";

const SET_STATE: &str = "UPDATE runs SET state = :state, updated_at = :now WHERE id = :id";

macro_rules! runs {
    ($rest:literal) => {
        concat!(
            "SELECT id, kind, source, state, actor, actor_id, summary, held_because, meant, reason, first_audit_seq,
                created_at, updated_at
            FROM runs ",
            $rest
        )
    };
}

const LIST: &str = runs!("ORDER BY rowid DESC LIMIT :limit");

const FIND: &str = runs!("WHERE id >= :id AND id < :id || char(1114111) ORDER BY id");

/// What has an id is the same whatever it is called.
const HELD_OF: &str = "
    SELECT id FROM runs
    WHERE state = 'held' AND kind = :kind AND actor_id IS :actor_id
        AND (source_id = :source_id OR source_id IS NULL AND source = :source)";

const HELD_BY_ANYBODY: &str = "
    SELECT id FROM runs
    WHERE state = 'held' AND kind = :kind AND (source_id = :source_id OR source_id IS NULL AND source = :source)";

/// The audit knows the id of what a change created; each change has one row there, in the same order.
const DONE: &str = "
    SELECT c.seq, c.action, c.kind, c.subject, a.subject_id, c.before, c.after, c.ids, c.reason, NULL AS sealed, c.left_out,
        c.undo_refused, a.seq AS revision
    FROM run_changes c
    LEFT JOIN audit a ON a.seq = :first + c.seq - 1 AND a.run_id = c.run_id AND a.kind = c.kind
    WHERE c.run_id = :run AND c.seq < :before AND c.left_out IS NULL AND (:all OR c.undo_refused IS NOT NULL)
    ORDER BY c.seq DESC
    LIMIT :batch";

const WIPE_SEALED: &str = "UPDATE run_changes SET sealed = NULL WHERE run_id = :run AND sealed IS NOT NULL";

const SET_LEFT_OUT: &str = "UPDATE run_changes SET left_out = :reason WHERE run_id = :run AND seq = :seq";

const SET_UNDO_REFUSED: &str =
    "UPDATE run_changes SET undo_refused = :reason WHERE run_id = :run AND seq = :seq";

/// How far a run has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum State {
    /// The brake holds it.
    Held,
    /// It was done.
    Applied,
    /// It was taken back.
    Undone,
    /// It was taken back but for some.
    PartlyUndone,
    /// Somebody ended it while it was held.
    Discarded,
    /// A newer run of the same source ended it while it was held.
    Superseded,
}

impl State {
    const WORDS: [(&str, Self); 6] = [
        ("held", Self::Held),
        ("applied", Self::Applied),
        ("undone", Self::Undone),
        ("partly_undone", Self::PartlyUndone),
        ("discarded", Self::Discarded),
        ("superseded", Self::Superseded),
    ];

    /// The word in lists and in the store.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Held => "held",
            Self::Applied => "applied",
            Self::Undone => "undone",
            Self::PartlyUndone => "partly_undone",
            Self::Discarded => "discarded",
            Self::Superseded => "superseded",
        }
    }
}

/// A run as stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Run {
    /// Ten characters.
    pub(crate) id: String,
    /// What made it.
    pub(crate) kind: String,
    /// What it came from.
    pub(crate) source: String,
    /// How far it has come.
    pub(crate) state: State,
    /// Who ran it.
    pub(crate) actor: String,
    /// The account that ran it; none for the system actor.
    pub(super) actor_id: Option<i64>,
    /// How many changes it holds.
    pub(crate) summary: Summary,
    /// Why the brake held it.
    pub(crate) held_because: Option<String>,
    /// Who was meant, in the words of the target that can be asked again.
    pub(super) meant: Option<String>,
    /// The given reason.
    pub(crate) reason: Option<String>,
    /// The audit row of its first change.
    pub(crate) first_audit_seq: Option<i64>,
    /// When it was planned.
    pub(crate) created_at: Instant,
    /// When its state last changed.
    pub(crate) updated_at: Instant,
}

/// A run that begins.
pub(super) struct NewRun<'a> {
    pub(super) id: &'a str,
    pub(super) kind: &'a str,
    /// What it comes from, and the id of that if it has one.
    pub(super) source: (&'a str, Option<i64>),
    pub(super) actor: &'a Actor,
    pub(super) meant: Option<&'a str>,
    pub(super) reason: Option<&'a str>,
    pub(super) now: Instant,
}

/// A stored change.
pub(super) struct ChangeRow {
    pub(super) seq: i64,
    pub(super) change: Change,
    pub(super) left_out: LeftOut,
}

fn run(row: &Row<'_>) -> rusqlite::Result<Run> {
    of_row(("runs", "id"), row, |row| {
        json_if_any::<IgnoredAny>(row, "meant")?;
        Ok(Run {
            id: row.get("id")?,
            kind: row.get("kind")?,
            source: row.get("source")?,
            state: worded(row, "state", &State::WORDS)?,
            actor: row.get("actor")?,
            actor_id: row.get("actor_id")?,
            summary: json(row, "summary")?,
            held_because: row.get("held_because")?,
            meant: row.get("meant")?,
            reason: row.get("reason")?,
            first_audit_seq: row.get("first_audit_seq")?,
            created_at: Instant::from_micros(row.get("created_at")?),
            updated_at: Instant::from_micros(row.get("updated_at")?),
        })
    })
}

/// By place: a name would be looked for among all columns, for each of a million changes.
fn change_row(row: &Row<'_>) -> rusqlite::Result<ChangeRow> {
    of_row(("run_changes", "seq"), row, |row| {
        Ok(ChangeRow {
            seq: row.get(0)?,
            change: Change {
                action: worded(row, 1, &Action::WORDS)?,
                kind: row.get(2)?,
                subject: row.get(3)?,
                subject_id: row.get(4)?,
                before: json_if_any(row, 5)?.unwrap_or_default(),
                after: json_if_any(row, 6)?.unwrap_or_default(),
                ids: json_if_any(row, 7)?.unwrap_or_default(),
                reason: row.get(8)?,
                sealed: row.get(9)?,
            },
            left_out: LeftOut { of_run: row.get(10)?, of_undo: row.get(11)? },
        })
    })
}

/// A column of a few words.
fn worded<T: Copy>(row: &Row<'_>, column: impl RowIndex, words: &[(&str, T)]) -> rusqlite::Result<T> {
    let place = column.idx(row.as_ref())?;
    word(row.get_ref(place)?, words).map_err(|error| {
        rusqlite::Error::FromSqlConversionFailure(place, rusqlite::types::Type::Text, Box::new(error))
    })
}

/// Makes room for a plan, in place of the one before.
pub(super) fn clear_stage(tx: &Tx<'_>) -> Result<()> {
    tx.sql().execute_batch(STAGE)?;
    tx.sql().prepare_cached(CLEAR_STAGE)?.execute([])?;
    Ok(())
}

pub(super) fn stage_change(tx: &Tx<'_>, seq: i64, change: &Change) -> Result<()> {
    let ids = if change.ids.is_empty() { None } else { Some(text_of(&change.ids)?) };
    let staged = tx.sql().prepare_cached(STAGE_CHANGE)?.execute(named_params! {
        ":seq": seq,
        ":action": change.action.name(),
        ":kind": change.kind,
        ":subject": change.subject,
        ":subject_id": change.subject_id,
        ":before": fields_text(&change.before)?,
        ":after": fields_text(&change.after)?,
        ":ids": ids,
        ":reason": change.reason,
        ":sealed": change.sealed,
    })?;
    Ok(one_row(staged, "planned_changes", seq)?)
}

/// The text that a store keeps of something.
pub(super) fn text_of(value: &impl Serialize) -> Result<String, Error> {
    serde_json::to_string(value).map_err(|source| Error::Unwritable { source })
}

/// Makes what is staged the changes of a run.
pub(super) fn keep_stage(tx: &Tx<'_>, run: &str) -> Result<()> {
    tx.sql().prepare_cached(KEEP_STAGE)?.execute(named_params! { ":run": run })?;
    Ok(())
}

pub(super) fn insert(tx: &Tx<'_>, new: &NewRun<'_>) -> Result<()> {
    let inserted = tx.sql().prepare_cached(INSERT)?.execute(named_params! {
        ":id": new.id, ":kind": new.kind, ":source": new.source.0, ":source_id": new.source.1, ":actor": new.actor.name,
        ":actor_id": new.actor.account_id(), ":meant": new.meant, ":reason": new.reason, ":now": new.now.micros(),
    })?;
    Ok(one_row(inserted, "runs", new.id)?)
}

pub(super) fn set_held(tx: &Tx<'_>, id: &str, summary: &Summary, because: &str) -> Result<()> {
    let parameters = named_params! { ":id": id, ":summary": text_of(summary)?, ":because": because };
    Ok(one_row(tx.sql().prepare_cached(SET_HELD)?.execute(parameters)?, "runs", id)?)
}

pub(super) fn set_applied(tx: &Tx<'_>, id: &str, first: i64, summary: &Summary, now: Instant) -> Result<()> {
    let parameters =
        named_params! { ":id": id, ":first": first, ":summary": text_of(summary)?, ":now": now.micros() };
    Ok(one_row(tx.sql().prepare_cached(SET_APPLIED)?.execute(parameters)?, "runs", id)?)
}

pub(super) fn set_state(tx: &Tx<'_>, id: &str, state: State, now: Instant) -> Result<()> {
    let parameters = named_params! { ":id": id, ":state": state.name(), ":now": now.micros() };
    Ok(one_row(tx.sql().prepare_cached(SET_STATE)?.execute(parameters)?, "runs", id)?)
}

pub(super) fn list(tx: &Tx<'_>, limit: Option<u32>, mut each: impl FnMut(Run) -> Result<()>) -> Result<()> {
    let mut statement = tx.sql().prepare_cached(LIST)?;
    let mut rows = statement.query(named_params! { ":limit": limit.map_or(-1, i64::from) })?;
    while let Some(row) = rows.next()? {
        each(run(row)?)?;
    }
    Ok(())
}

/// The runs whose id begins with `id`.
pub(super) fn find(tx: &Tx<'_>, id: &str) -> Result<Vec<Run>> {
    let mut statement = tx.sql().prepare_cached(FIND)?;
    let runs = statement.query_map(named_params! { ":id": id }, run)?.collect::<Result<_, _>>()?;
    Ok(runs)
}

/// The held runs of a kind and source that the actor made.
pub(super) fn held_of(
    tx: &Tx<'_>,
    kind: &str,
    (source, id): (&str, Option<i64>),
    actor: &Actor,
) -> Result<Vec<String>> {
    let mut statement = tx.sql().prepare_cached(HELD_OF)?;
    let parameters = named_params! {
        ":kind": kind, ":source": source, ":source_id": id, ":actor_id": actor.account_id(),
    };
    Ok(statement.query_map(parameters, |row| row.get(0))?.collect::<Result<_, _>>()?)
}

/// The held runs of a kind and source.
pub(super) fn held_by_anybody(
    tx: &Tx<'_>,
    kind: &str,
    (source, id): (&str, Option<i64>),
) -> Result<Vec<String>> {
    let mut statement = tx.sql().prepare_cached(HELD_BY_ANYBODY)?;
    let values = named_params! { ":kind": kind, ":source": source, ":source_id": id };
    let held = statement.query_map(values, |row| row.get(0))?;
    Ok(held.collect::<Result<_, _>>()?)
}

/// Calls `each` with every change in order; it may write while it is called.
pub(super) fn each_change(tx: &Tx<'_>, run: &str, each: impl FnMut(ChangeRow) -> Result<()>) -> Result<()> {
    each_of(tx, CHANGES, Some(run), each)
}

/// Calls `each` with every change of the plan that was made last, like [`each_change`].
pub(super) fn each_staged(tx: &Tx<'_>, each: impl FnMut(ChangeRow) -> Result<()>) -> Result<()> {
    each_of(tx, STAGED, None, each)
}

/// Calls `each` with every change that made nothing, like [`each_change`].
pub(super) fn each_not_made(
    tx: &Tx<'_>,
    run: &str,
    mut each: impl FnMut(Change) -> Result<()>,
) -> Result<()> {
    each_of(tx, NOT_MADE, Some(run), |row| each(row.change))
}

fn each_of(
    tx: &Tx<'_>,
    sql: &str,
    run: Option<&str>,
    mut each: impl FnMut(ChangeRow) -> Result<()>,
) -> Result<()> {
    let mut after = 0;
    loop {
        let mut statement = tx.sql().prepare_cached(sql)?;
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

/// Calls `each` with every applied change, the last first, and with whether an earlier undo left it; `only_refused` takes
/// those alone.
pub(super) fn each_done(
    tx: &Tx<'_>,
    run: &Run,
    only_refused: bool,
    mut each: impl FnMut(i64, bool, Done) -> Result<()>,
) -> Result<()> {
    let mut before = i64::MAX;
    loop {
        let mut statement = tx.sql().prepare_cached(DONE)?;
        let parameters = named_params! {
            ":run": run.id, ":first": run.first_audit_seq, ":before": before, ":all": !only_refused, ":batch": BATCH,
        };
        let batch = statement
            .query_map(parameters, |row| Ok((change_row(row)?, row.get::<_, Option<i64>>(12)?)))?
            .collect::<Result<Vec<_>, _>>()?;
        drop(statement);
        let Some((last, _)) = batch.last() else { return Ok(()) };
        before = last.seq;
        for (row, revision) in batch {
            let (Some(revision), Some(subject_id)) = (revision, row.change.subject_id) else {
                let subject = row.change.subject;
                return Err(Error::NotOneRow { id: run.id.clone(), subject }.into());
            };
            let was_left = row.left_out.of_undo.is_some();
            each(row.seq, was_left, Done { change: row.change, subject_id, revision })?;
        }
    }
}

pub(super) fn wipe_sealed(tx: &Tx<'_>, run: &str) -> Result<()> {
    tx.sql().prepare_cached(WIPE_SEALED)?.execute(named_params! { ":run": run })?;
    Ok(())
}

pub(super) fn set_left_out(tx: &Tx<'_>, run: &str, seq: i64, reason: &str) -> Result<()> {
    let parameters = named_params! { ":run": run, ":seq": seq, ":reason": reason };
    Ok(one_row(tx.sql().prepare_cached(SET_LEFT_OUT)?.execute(parameters)?, "run_changes", seq)?)
}

pub(super) fn set_undo_refused(tx: &Tx<'_>, run: &str, seq: i64, reason: Option<&str>) -> Result<()> {
    let parameters = named_params! { ":run": run, ":seq": seq, ":reason": reason };
    Ok(one_row(tx.sql().prepare_cached(SET_UNDO_REFUSED)?.execute(parameters)?, "run_changes", seq)?)
}

#[cfg(test)]
pub(super) const STATEMENTS: &[&str] = &[
    CLEAR_STAGE,
    STAGE_CHANGE,
    STAGED,
    KEEP_STAGE,
    INSERT,
    SET_APPLIED,
    SET_HELD,
    SET_STATE,
    LIST,
    FIND,
    HELD_OF,
    HELD_BY_ANYBODY,
    CHANGES,
    NOT_MADE,
    DONE,
    WIPE_SEALED,
    SET_LEFT_OUT,
    SET_UNDO_REFUSED,
];
