//! The audit: one row for every change, written in the change's own transaction, in a chain of hashes.
//!
//! Each row's hash covers the hash of the row before it, so an edited, removed or inserted row breaks the chain from
//! there on, and [`verify`] names the first broken row. A chain rewritten as a whole still fits together; therefore each
//! row has a keyed hash too, which takes the key of the store ([`keyed`]). Who has that key as well is caught only against
//! a head kept elsewhere, which is what [`checkpoint`] is for. Triggers refuse updates and deletes.
//!
//! The order of what happened is that of the rows, never that of their times: a clock may be wrong. The past of a time is
//! everything up to the last row whose time is not later ([`last_at`]).
//!
//! Rows hold no secrets: whoever records a change passes only fields that may be shown, and a password is the word
//! "changed".

mod actions;
mod asked;
pub(crate) mod chain;
pub(crate) mod cli;
mod error;
mod ids;
mod keyed;
mod state;
mod store;
mod tail;
mod tally;

#[cfg(test)]
mod tests;

use std::collections::BTreeSet;

use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

pub(crate) use actions::may_make_runs;
pub(crate) use asked::{Asked, people_called};
pub(crate) use chain::{Checkpoint, Verdict};
pub(crate) use error::Error;
pub(crate) use ids::new_id;
pub(crate) use keyed::{check_key, check_may_renew, renew as renew_key};
pub(crate) use state::{Difference, HoldTables, State};
pub(crate) use store::{Filter, Row, RowOfRun, SEALED, rows_of_runs};
pub(crate) use tail::{next_seq, time_of};
pub(crate) use tally::Tally;

use crate::context::meters::Gauge;
use crate::context::{Actor, Context};
use crate::error::Result;
use crate::store::Tx;
use crate::text::instant::Instant;
use chain::{Against, KnownKey};
use keyed::AuditKey;

/// The changed fields of one side, as a JSON object.
pub(crate) type Fields = Map<String, Value>;

/// One side of a change.
pub(crate) trait Side {
    /// As it is stored, the text of a JSON object; nothing where there are no fields.
    fn text(&self) -> serde_json::Result<Option<String>>;
}

impl Side for Fields {
    fn text(&self) -> serde_json::Result<Option<String>> {
        if self.is_empty() { Ok(None) } else { serde_json::to_string(self).map(Some) }
    }
}

/// What happened, and to what. When, by whom, through which door and why the [`Context`] knows, unless it is said here.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Event<'a> {
    /// What happened, such as `user.create`.
    action: &'a str,
    /// What it happened to: `user`, `company`, ….
    kind: &'a str,
    /// The subject's id in its table.
    subject_id: Option<i64>,
    /// The subject's name as people use it.
    subject: &'a str,
    /// The run it belongs to.
    run: Option<&'a str>,
    /// Why, when it is not the reason of the context.
    reason: Option<&'a str>,
    /// Who, when it is not the actor of the context.
    actor: Option<&'a Actor>,
}

impl<'a> Event<'a> {
    /// What happened to a thing of that kind and id.
    pub(crate) const fn of(action: &'a str, (kind, id): (&'a str, i64), subject: &'a str) -> Self {
        Self { subject_id: Some(id), ..Self::without_id(action, kind, subject) }
    }

    /// What happened to something that has no id, such as a setting or a run.
    pub(crate) const fn without_id(action: &'a str, kind: &'a str, subject: &'a str) -> Self {
        Self { action, kind, subject_id: None, subject, run: None, reason: None, actor: None }
    }

    /// As a part of a run.
    pub(crate) const fn in_run(self, run: Option<&'a str>) -> Self {
        Self { run, ..self }
    }

    /// By somebody else than the actor of the context, who was nobody until they were found to be that person.
    pub(crate) const fn by(self, actor: &'a Actor) -> Self {
        Self { actor: Some(actor), ..self }
    }

    /// For another reason than that of the context.
    pub(crate) const fn because(self, reason: Option<&'a str>) -> Self {
        Self { reason, ..self }
    }
}

/// What stands in a row beside when, by whom and through which door.
#[derive(Debug, Clone, Copy)]
struct Entry<'a> {
    event: Event<'a>,
    /// The changed fields before, as the text of a JSON object.
    before: Option<&'a str>,
    /// The changed fields after.
    after: Option<&'a str>,
}

impl Entry<'_> {
    /// Tells what was asked about. What becomes of a run itself is not: its id is another each time.
    fn tell(&self, cx: &Context) {
        let Event { action, kind, subject_id, subject, run, .. } = self.event;
        if subject_id.is_some() || run != Some(subject) {
            let id = subject_id.map(i64::to_le_bytes);
            let id = id.as_ref().map_or(&[][..], |id| id.as_slice());
            let [before, after] = [self.before, self.after].map(|side| side.unwrap_or_default().as_bytes());
            cx.asked.tell(&[action.as_bytes(), kind.as_bytes(), id, subject.as_bytes(), before, after]);
        }
    }
}

/// How many rows were ever written.
pub(crate) static HEAD: Gauge = Gauge {
    name: "secboard_audit_head",
    about: "The number of the last row of the audit",
    label: None,
    read: |cx| cx.read(|tx| Ok(vec![("", store::highest(tx)?)])),
};

/// Records a change, the fields that differ as they were and as they are, and returns the number of the row. There is no
/// other way to record one.
pub(crate) fn change(
    cx: &Context,
    tx: &Tx<'_>,
    subject: Event<'_>,
    before: &Fields,
    after: &impl Side,
) -> Result<i64> {
    let after = after.text().map_err(|source| Error::Unwritable { source })?;
    let before = fields_text(before)?;
    debug_assert!(before.is_some() || after.is_some(), "`{}` changes nothing", subject.action);
    add(cx, tx, Entry { event: subject, before: before.as_deref(), after: after.as_deref() })
}

/// Records what changes no state: what was done, tried or refused, with what there is to tell of it.
pub(crate) fn note(cx: &Context, tx: &Tx<'_>, subject: Event<'_>, told: &Fields) -> Result<i64> {
    let told = fields_text(told)?;
    add(cx, tx, Entry { event: subject, before: None, after: told.as_deref() })
}

/// Adds a row to the chain.
fn add(cx: &Context, tx: &Tx<'_>, entry: Entry<'_>) -> Result<i64> {
    let Entry { event, .. } = entry;
    #[cfg(test)]
    assert!(actions::is_known(event.action), "`{}` is to be in the list of known actions", event.action);
    entry.tell(cx);
    let event = event.because(event.reason.or(cx.reason.as_deref()));
    tail::add(cx, tx, Entry { event, ..entry })
}

/// Fields as they are stored, the text of a JSON object; nothing for none.
pub(crate) fn fields_text(fields: &Fields) -> Result<Option<String>, Error> {
    fields.text().map_err(|source| Error::Unwritable { source })
}

/// Fields of these names, in their order.
pub(crate) fn fields_of<const N: usize>(fields: [(&str, Value); N]) -> Fields {
    fields.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
}

/// The fields that differ between two states, as they were and as they are.
pub(crate) fn difference(before: &Fields, after: &Fields) -> (Fields, Fields) {
    let differing = |these: &Fields, those: &Fields| {
        let differ = these.iter().filter(|(name, value)| those.get(*name) != Some(value));
        differ.map(|(name, value)| (name.clone(), value.clone())).collect()
    };
    (differing(before, after), differing(after, before))
}

/// Finds what the filter means, for [`list_found`].
///
/// # Errors
/// When the audit tells of no such subject, or there is no such run or action.
pub(crate) fn find(cx: &Context, filter: &mut Filter) -> Result<Asked> {
    cx.actor.require("audit.view", None)?;
    cx.read(|tx| Asked::find(tx, filter))
}

/// Calls `each` with the rows that pass the filter, newest first, and are about what was found to be meant.
///
/// # Errors
/// When there are none, and no such actor either.
pub(crate) fn list_found(
    cx: &Context,
    filter: &Filter,
    asked: &Asked,
    each: impl FnMut(Row) -> Result<()>,
) -> Result<()> {
    cx.actor.require("audit.view", None)?;
    cx.read(|tx| {
        let listed = store::list(tx, filter, asked.rows.as_deref(), each)?;
        match &filter.actor {
            Some(actor) if listed == 0 && !store::knows_actor(tx, actor)? => {
                Err(Error::UnknownActor { actor: actor.clone() }.into())
            }
            _ => Ok(()),
        }
    })
}

/// Finds what the filter means, and calls `each` with the rows that pass.
#[cfg(test)]
pub(crate) fn list(cx: &Context, filter: &Filter, each: impl FnMut(Row) -> Result<()>) -> Result<()> {
    let mut filter = filter.clone();
    let asked = find(cx, &mut filter)?;
    list_found(cx, &filter, &asked, each)
}

/// One row.
pub(crate) fn show(cx: &Context, seq: i64) -> Result<Row> {
    cx.actor.require("audit.view", None)?;
    cx.read(|tx| Ok(store::get(tx, seq)?.ok_or(Error::NotFound { seq })?))
}

/// How the key of the store is missed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum MissedKey {
    /// It is not at hand.
    Away,
    /// What is in its place is no key, or not the one that the store names: one of them was changed.
    Wrong,
}

/// What is to be proved beside the plain chain.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Proof<'a> {
    /// That it passes through this head, which was kept elsewhere.
    pub(crate) checkpoint: Option<&'a Checkpoint>,
    /// Not that rows were written with the key, for this is how the key of the store is missed.
    pub(crate) missed_key: Option<MissedKey>,
    /// That the tables hold what it tells, by those who know the tables, and name nothing that is not there.
    pub(crate) state: Option<HoldTables>,
    /// That no page of the file is damaged, and that each index has every row.
    pub(crate) file: bool,
}

/// What is wrong where the rows that state was worked forward from are not those of the chain.
const INDEX_LIES: &str = "the index `audit_by_subject` has other rows than the audit";

/// The most damages of the file that are named.
const DAMAGES_NAMED: u32 = 20;

/// Walks the whole chain and says whether it holds.
pub(crate) fn verify(cx: &Context, proof: Proof<'_>) -> Result<Verdict> {
    cx.actor.require("audit.view", None)?;
    cx.read(|tx| {
        let (key, is_damaged) = match AuditKey::of_store(cx, tx) {
            _ if proof.missed_key.is_some() => (KnownKey::Sealed, false),
            Err(failure) if matches!(failure.get(), Some(Error::BadKey)) => (KnownKey::Sealed, true),
            key => (key?.map_or(KnownKey::None, KnownKey::This), false),
        };
        let against = Against { checkpoint: proof.checkpoint.cloned(), key };
        let check = move |tx: &Tx<'_>| {
            let mut damages = tx.orphans()?;
            if proof.file {
                damages.extend(tx.damages(DAMAGES_NAMED)?);
            }
            Ok(damages)
        };
        let reads_tables = proof.file || proof.state.is_some();
        let file = reads_tables.then(|| tx.begin_beside(cx.cancel.is_unwanted(), check)).transpose()?;
        let mut verdict = match proof.state {
            None => store::verify(tx, &against, &mut Tally::default())?,
            Some(hold) => verify_state(cx, tx, against, hold)?,
        };
        verdict.key_is_damaged = is_damaged;
        verdict.key_is_wrong = proof.missed_key == Some(MissedKey::Wrong);
        if let Some(file) = file {
            verdict.damages.extend(file.end(tx)?);
        }
        Ok(verdict)
    })
}

/// Walks the chain and holds the runs against it, while the rest is held against it beside.
fn verify_state(cx: &Context, tx: &Tx<'_>, against: Against, hold: HoldTables) -> Result<Verdict> {
    let mut tally = Tally::of(hold.things);
    let unused = tally.clone();
    let walk = move |tx: &Tx<'_>| {
        let (mut told, mut met) = (unused.clone(), unused.clone());
        let verdict = store::verify(tx, &against, &mut told)?;
        let runs = if verdict.broken.is_none() { (hold.runs)(tx, &mut met)? } else { State::default() };
        Ok((verdict, runs, told, met))
    };
    let beside = tx.begin_beside(cx.cancel.is_unwanted(), walk.clone())?;
    let subjects = (hold.subjects)(cx, tx, &mut tally);
    let (mut verdict, mut runs, mut told, mut met) = beside.end(tx)?;
    if verdict.head != store::head(tx)? {
        // Something was written between the beginnings of the two: this walk sees what the tables were held against.
        (verdict, runs, told, met) = walk(tx)?;
    }
    if verdict.broken.is_none() {
        verdict.state = Some(subjects?.with(runs));
        if !told.is_of(&[tally, met]) {
            verdict.damages.push(INDEX_LIES.to_owned());
        }
    }
    Ok(verdict)
}

/// The head of the chain, to be kept somewhere else; nothing while the audit is empty.
pub(crate) fn checkpoint(cx: &Context) -> Result<Option<Checkpoint>> {
    cx.actor.require("audit.view", None)?;
    cx.read(store::head)
}

/// The last row whose time is not later than `at`, 0 for none: the past of that time is all up to it, whatever the clock
/// said before.
pub(crate) fn last_at(tx: &Tx<'_>, at: Instant) -> Result<i64> {
    store::last_at(tx, at)
}

/// The changes of a subject, newest first: undone in this order, they lead back to how it was before.
pub(crate) fn changes_of(tx: &Tx<'_>, kind: &str, subject_id: i64) -> Result<Vec<Row>> {
    store::changes_of(tx, kind, subject_id)
}

/// The subjects that a row up to `seq` calls by this name, folded.
pub(crate) fn called(tx: &Tx<'_>, kind: &str, folded: &str, seq: i64) -> Result<BTreeSet<i64>> {
    store::called(tx, kind, folded, seq)
}

/// One side of the row `seq` as it is stored; nothing where there is none.
///
/// # Errors
/// [`Error::Damaged`] when it is no JSON object.
pub(crate) fn decode(seq: i64, column: &'static str, text: Option<&str>) -> Result<Fields, Error> {
    let damaged = |reason| Error::Damaged { seq, column, reason };
    let read = |text: &str| {
        serde_json::from_str(text).map_err(|error| damaged(format!("is no JSON object: {error}")))
    };
    text.map_or_else(|| Ok(Fields::new()), read)
}

impl Row {
    /// Whether it tells that something was taken back.
    pub(crate) fn is_undo(&self) -> bool {
        self.action.strip_suffix(actions::UNDO).is_some()
    }

    /// The changed fields as they were.
    ///
    /// # Errors
    /// [`Error::Damaged`] when they are no JSON object.
    pub(crate) fn fields_before(&self) -> Result<Fields, Error> {
        decode(self.seq, "before", self.before.as_deref())
    }

    /// What a field became; none where the row does not tell of it.
    ///
    /// # Errors
    /// [`Error::Damaged`] when it is nothing of that sort.
    pub(crate) fn became<T: DeserializeOwned>(&self, field: &str) -> Result<Option<T>, Error> {
        let read = |value| {
            serde_json::from_value(value).map_err(|error| Error::Damaged {
                seq: self.seq,
                column: "after",
                reason: format!("has a `{field}` that does not read: {error}"),
            })
        };
        self.fields_after()?.remove(field).map(read).transpose()
    }

    /// The changed fields as they became.
    ///
    /// # Errors
    /// [`Error::Damaged`] when they are no JSON object.
    pub(crate) fn fields_after(&self) -> Result<Fields, Error> {
        decode(self.seq, "after", self.after.as_deref())
    }
}

/// Whether the last change of a subject, now at the row `at`, is that of the row `revision`, but for later ones that were
/// taken back. What came in between a change and its undo, and was not taken back itself, stands.
pub(crate) fn stands_at(tx: &Tx<'_>, subject: (&str, i64), mut at: i64, revision: i64) -> Result<bool> {
    while at > revision {
        match store::undone_by(tx, subject, at)? {
            Some(undone) if stands_at(tx, subject, undone.before_undo, undone.seq)? => {
                let Some(before) = undone.before else { return Ok(false) };
                at = before;
            }
            _ => return Ok(false),
        }
    }
    Ok(at == revision)
}
