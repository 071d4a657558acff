//! Runs: changes in bulk that are planned first, held when they would hurt too many, applied in one transaction, listed,
//! and undone.
//!
//! Whoever changes many things (an import, a verb on many people, later the directory sync) plans one subject at a time
//! and hands each [`Change`] to the [`Planner`], which keeps it in the store: a million changes take little memory. Then
//! the *brake* looks at how many people would lose access. A plan it holds stays in the store as a held run, which
//! `run release` applies; any other is applied at once. A change keeps the fields as they were, which is all that `run
//! undo` needs. With `--dry-run` the very same happens in a transaction that is taken back at the end.
//!
//! The engine knows none of the things it changes. Each kind of subject has a [`Target`], listed in the registry, that
//! applies one change with exactly one audit row, and reverts it unless its subject has been changed since.

mod brake;
pub(crate) mod cli;

mod engine;
mod error;
mod store;

#[cfg(test)]
mod tests;

pub(crate) use engine::{Planner, Spec, execute};
pub(crate) use error::Error;
pub(crate) use store::Run;

use serde::Serialize;

use crate::audit::{self, Entry, Fields};
use crate::context::{Companies, Context};
use crate::error::{Kind, Result};
use crate::store::Tx;

/// The word for a run in the audit.
pub(crate) const KIND: &str = "run";

/// What a change does to its subject; the words of plans and summaries.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Action {
    /// It comes to be.
    Create,
    /// Some of its fields change.
    Update,
    /// A person loses access.
    Deactivate,
    /// A person goes to the bin.
    Delete,
}

impl Action {
    /// The word.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Create => "create",
            Self::Update => "update",
            Self::Deactivate => "deactivate",
            Self::Delete => "delete",
        }
    }

    fn parse(word: &str) -> Self {
        match word {
            "create" => Self::Create,
            "deactivate" => Self::Deactivate,
            "delete" => Self::Delete,
            _ => Self::Update,
        }
    }
}

/// One planned change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Change {
    /// What it does.
    pub(crate) action: Action,
    /// The kind of the subject, which finds its [`Target`].
    pub(crate) kind: String,
    /// The subject's name as people use it.
    pub(crate) subject: String,
    /// The subject's id; none for what is to be created.
    pub(crate) subject_id: Option<i64>,
    /// The changed fields as they are: the inverse. No secrets.
    pub(crate) before: Fields,
    /// The changed fields as they will be. No secrets.
    pub(crate) after: Fields,
    /// Why.
    pub(crate) reason: Option<String>,
    /// A secret that goes with the change, sealed; wiped when it is applied.
    pub(crate) sealed: Option<Vec<u8>>,
}

/// What a target needs to know of the change it applies.
pub(crate) struct Step<'a> {
    /// The run.
    pub(crate) run: &'a str,
    /// What made the run, such as `user.import`; the action of the audit rows.
    pub(crate) made_by: &'a str,
    /// The place of the change in the run, for opening its secret.
    pub(crate) seq: i64,
    /// The audit row at which the names in the change were read; none when they were read in this very transaction.
    pub(crate) named_at: Option<i64>,
}

impl Step<'_> {
    /// Refuses a name that something has had only since the names in the change were read: it may have been that of
    /// another then.
    pub(crate) fn check_name(&self, tx: &Tx<'_>, thing: (&'static str, i64), name: &str) -> Result<()> {
        Ok(self.check_named(thing.0, name, self.last_named(tx, thing)?)?)
    }

    /// The audit row that gave something its name, the run's own apart.
    pub(crate) fn last_named(&self, tx: &Tx<'_>, thing: (&'static str, i64)) -> Result<Option<i64>> {
        audit::last_named(tx, thing, self.run)
    }

    /// Refuses a name that was given at that audit row, like [`Step::check_name`].
    pub(crate) fn check_named(
        &self,
        kind: &'static str,
        name: &str,
        given: Option<i64>,
    ) -> Result<(), Error> {
        match self.named_at {
            Some(read) if given > Some(read) => Err(Error::NamedSince { kind, name: name.to_owned() }),
            _ => Ok(()),
        }
    }
}

/// How a kind of subject is changed by runs.
pub(crate) trait Target {
    /// The kind.
    fn kind(&self) -> &'static str;

    /// Prepares for changes of so many people, before the first of them is applied.
    fn begin(&mut self, _tx: &Tx<'_>, _people: &People) -> Result<()> {
        Ok(())
    }

    /// Applies a change, writing exactly one audit row.
    fn apply(&mut self, cx: &Context, tx: &Tx<'_>, step: &Step<'_>, change: &Change) -> Result<()>;

    /// Takes a change back whose audit row was `revision`; says why not when the subject has been changed since.
    fn revert(&mut self, cx: &Context, tx: &Tx<'_>, step: &Step<'_>, done: &Done) -> Result<Reverted>;

    /// What must hold after all changes of a run, or after an undo.
    fn finish(&mut self, _cx: &Context, _tx: &Tx<'_>) -> Result<()> {
        Ok(())
    }
}

/// A change that was applied.
#[derive(Debug, Clone)]
pub(crate) struct Done {
    /// The change.
    pub(crate) change: Change,
    /// The subject's id.
    pub(crate) subject_id: i64,
    /// The audit row of the change.
    pub(crate) revision: i64,
}

/// What became of a change that was to be reverted.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Reverted {
    /// It is as it was before.
    Yes,
    /// It was left as it is, for this reason.
    No(String),
}

impl Reverted {
    /// The subject is no longer there.
    pub(crate) fn gone() -> Self {
        Self::No("is gone".to_owned())
    }

    /// The subject is not as the run left it.
    pub(crate) fn changed() -> Self {
        Self::No("has been changed since".to_owned())
    }
}

/// Takes a creation back with `delete`, unless the subject, now at `revision`, has been changed since or is in use.
pub(crate) fn revert_creation(
    revision: i64,
    done: &Done,
    delete: impl FnOnce() -> Result<()>,
) -> Result<Reverted> {
    if revision != done.revision {
        return Ok(Reverted::changed());
    }
    match delete() {
        Ok(()) => Ok(Reverted::Yes),
        Err(failure) if failure.kind() == Kind::Refused => {
            let message = failure.to_string();
            // Whoever tells it names the subject first.
            let named = format!("{} `{}` ", done.change.kind, done.change.subject);
            Ok(Reverted::No(message.strip_prefix(&named).unwrap_or(&message).to_owned()))
        }
        Err(failure) => Err(failure),
    }
}

/// A field of a change that is text; empty when it is not there.
pub(crate) fn text<'a>(fields: &'a Fields, name: &str) -> &'a str {
    fields.get(name).and_then(serde_json::Value::as_str).unwrap_or_default()
}

/// How many changes of each kind a plan holds.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, serde::Deserialize)]
pub(crate) struct Summary {
    /// People.
    pub(crate) people: People,
    /// What is created beside them, by kind.
    pub(crate) also: Also,
}

/// How many people each action concerns.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, serde::Deserialize)]
pub(crate) struct People {
    /// Created.
    pub(crate) create: u64,
    /// Changed.
    pub(crate) update: u64,
    /// Losing access.
    pub(crate) deactivate: u64,
    /// Going to the bin.
    pub(crate) delete: u64,
    /// Looked at and left as they are.
    pub(crate) unchanged: u64,
    /// Refused by a rule.
    pub(crate) refused: u64,
}

impl People {
    /// Everybody the plan looked at.
    pub(crate) const fn all(&self) -> u64 {
        self.create + self.update + self.deactivate + self.delete + self.unchanged + self.refused
    }
}

/// What is created beside people.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, serde::Deserialize)]
pub(crate) struct Also {
    /// Companies.
    pub(crate) companies: u64,
    /// Departments.
    pub(crate) departments: u64,
    /// Positions.
    pub(crate) positions: u64,
}

/// What an undo did.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Undone {
    /// Changes taken back.
    pub(crate) reverted: u64,
    /// Subjects left as they are, and why.
    pub(crate) refused: Vec<(String, String)>,
    /// How many were left; `refused` names the first of them.
    pub(crate) refused_count: u64,
}

/// Refused subjects that an undo names; the rest is counted.
const REFUSED_NAMED: usize = 1000;

/// Runs that a message names.
const NAMED: usize = 10;

/// The run whose id begins with `id`.
pub(crate) fn get(tx: &Tx<'_>, id: &str) -> Result<Run> {
    only(tx, id, |_| true)
}

/// The run whose id begins with `id`, among those that are seen.
fn only(tx: &Tx<'_>, id: &str, is_seen: impl Fn(&Run) -> bool) -> Result<Run> {
    let not_found = || Error::NotFound { id: id.to_owned() };
    // Every id begins with nothing: an empty variable in a script must not name the only run there is.
    if id.is_empty() {
        return Err(not_found().into());
    }
    let mut found = store::find(tx, id)?;
    found.retain(is_seen);
    match found.as_slice() {
        [_, _, ..] => {
            let runs = found.into_iter().take(NAMED).map(|run| run.id).collect();
            Err(Error::Ambiguous { id: id.to_owned(), runs }.into())
        }
        _ => Ok(found.pop().ok_or_else(not_found)?),
    }
}

/// Calls `each` with every run, newest first.
///
/// Who may not edit everybody sees their own.
pub(crate) fn list(cx: &Context, limit: Option<u32>, mut each: impl FnMut(Run) -> Result<()>) -> Result<()> {
    cx.actor.require_anywhere("users.edit")?;
    if cx.actor.reach("users.edit") == Companies::All {
        return cx.read(|tx| store::list(tx, limit, each));
    }
    let mut left = limit.unwrap_or(u32::MAX);
    cx.read(|tx| {
        store::list(tx, None, |run| {
            if left == 0 || !run.is_of(&cx.actor) {
                return Ok(());
            }
            left -= 1;
            each(run)
        })
    })
}

/// The run whose id begins with `id`, for an actor who made it or may edit everybody.
pub(crate) fn get_to_see(cx: &Context, tx: &Tx<'_>, id: &str) -> Result<Run> {
    cx.actor.require_anywhere("users.edit")?;
    let sees_all = cx.actor.reach("users.edit") == Companies::All;
    only(tx, id, |run| sees_all || run.is_of(&cx.actor))
}

/// Calls `each` with the changes of a run, in their order, each with why an undo left it.
pub(crate) fn changes(
    tx: &Tx<'_>,
    run: &str,
    mut each: impl FnMut(Change, Option<String>) -> Result<()>,
) -> Result<()> {
    store::each_change(tx, run, |row| each(row.change, row.undo_refused))
}

/// Refuses what would take access from so many of the people in scope that a run which did it would be held.
pub(crate) fn check_brake(cx: &Context, losing: u64, in_scope: u64) -> Result<(), Error> {
    let losing = People { deactivate: losing, ..People::default() };
    match brake::holds(&cx.settings, &losing, in_scope) {
        Some(because) => Err(Error::TooMany { because }),
        None => Ok(()),
    }
}

/// Applies a run that the brake holds.
pub(crate) fn release(cx: &Context, targets: &mut [Box<dyn Target>], id: &str) -> Result<Run> {
    cx.write(|tx| {
        cx.actor.require("users.edit", None)?;
        let run = get(tx, id)?;
        if run.state != "held" {
            return Err(Error::not_held(run).into());
        }
        tx.expect_many()?;
        audit::record(cx, tx, Entry { run: Some(&run.id), ..Entry::new("run.release", KIND, &run.id) })?;
        engine::begin(tx, targets, &run.summary.people)?;
        let named_at = audit::first_of_run(tx, &run.id)?;
        engine::apply(cx, tx, targets, (&run.id, &run.kind), named_at)?;
        get(tx, &run.id)
    })
}

/// Takes a run back: the last change first, each subject as it was, but for those changed since.
pub(crate) fn undo(cx: &Context, targets: &mut [Box<dyn Target>], id: &str) -> Result<Undone> {
    cx.write(|tx| {
        let run = get_to_see(cx, tx, id)?;
        if !run.is_of(&cx.actor) && !cx.actor.is_superuser() {
            return Err(cx.actor.denied("an operator takes back only what they did themselves").into());
        }
        if run.state != "applied" && run.state != "partly_undone" {
            return Err(Error::not_applied(run).into());
        }
        tx.expect_many()?;
        audit::record(cx, tx, Entry { run: Some(&run.id), ..Entry::new("run.undo", KIND, &run.id) })?;
        engine::revert(cx, tx, targets, &run)
    })
}
