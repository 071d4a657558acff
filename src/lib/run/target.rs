//! What runs can change: the targets that the composition root lists, and what each is told.

use std::collections::HashMap;

use super::makers::EDITING;
use super::{Action, AffectedPeople, Change, Error, Mails, Measure, Measured, Recorded, UserCounts, Users};
use crate::audit::Fields;
use crate::context::{Actor, Context};
use crate::error::{Kind, Result};
use crate::store::Tx;

/// Everything that runs can change, in no particular order.
pub(crate) struct Engine {
    targets: Vec<Box<dyn Target>>,
    measure: Box<dyn Measure>,
    /// Who has what is changed.
    pub(crate) users: &'static dyn Users,
    /// What is mailed because of it.
    pub(crate) mails: &'static dyn Mails,
    /// What the account of an id may do today; refuses one that may not act.
    pub(super) account: ActingAccount,
}

/// Finds out what an account may do today.
pub(crate) type ActingAccount = fn(&Context, &Tx<'_>, i64) -> Result<Actor>;

impl Engine {
    /// One that can change what these targets are for, and measures what that takes from people.
    pub(crate) fn new(
        targets: Vec<Box<dyn Target>>,
        measure: Box<dyn Measure>,
        users: &'static dyn Users,
        mails: &'static dyn Mails,
        account: ActingAccount,
    ) -> Self {
        Self { targets, measure, users, mails, account }
    }

    /// Every kind of thing that it can change.
    #[cfg(test)]
    pub(super) fn kinds(&self) -> impl Iterator<Item = &'static str> {
        self.targets.iter().map(|target| target.kind())
    }

    /// What each kind is counted as.
    pub(super) fn counted(&self) -> impl Iterator<Item = &'static str> {
        self.targets.iter().map(|target| target.counted())
    }

    /// Calls `each` with every target.
    pub(super) fn each(&mut self, each: impl FnMut(&mut Box<dyn Target>) -> Result<()>) -> Result<()> {
        self.targets.iter_mut().try_for_each(each)
    }

    /// Refuses an actor who stands below one of those whom changes reach through what they have, and notes what those have
    /// whom changes can take something from.
    pub(super) fn begin(&mut self, cx: &Context, tx: &Tx<'_>, affected: &AffectedPeople) -> Result<()> {
        if affected.is_empty() {
            return Ok(());
        }
        self.users.refuse_those_above(cx, tx, &affected.having())?;
        self.measure.before(cx, tx, affected)
    }

    /// What the changes since took from them.
    pub(super) fn measure(
        &mut self,
        cx: &Context,
        tx: &Tx<'_>,
        affected: &AffectedPeople,
        with_losses: bool,
    ) -> Result<Measured> {
        if affected.is_empty() { Ok(Measured::default()) } else { self.measure.after(cx, tx, with_losses) }
    }

    /// Any of the permissions that lets runs of a kind be made, such as `group.revoke`.
    pub(super) fn makers(&self, run: &str) -> &'static [&'static str] {
        let of = run.split('.').next().unwrap_or_default();
        let target = self.targets.iter().find(|target| target.is_of(of));
        target.map_or(&[EDITING], |target| target.makers(run))
    }

    /// The target of a kind.
    pub(super) fn target(&mut self, run: &str, kind: &str) -> Result<&mut Box<dyn Target>, Error> {
        let unknown = || Error::UnknownKind { id: run.to_owned(), kind: kind.to_owned() };
        self.targets.iter_mut().find(|target| target.kind() == kind).ok_or_else(unknown)
    }
}

/// How a kind of subject is changed by runs.
pub(crate) trait Target {
    /// The kind.
    fn kind(&self) -> &'static str;

    /// What it is counted as in summaries.
    fn counted(&self) -> &'static str;

    /// Any of the permissions that lets runs of a kind be made that begin with one of these, such as `group.revoke`.
    fn makers(&self, _run: &str) -> &'static [&'static str] {
        &[EDITING]
    }

    /// Whether runs whose kind begins with this word change what it changes.
    fn is_of(&self, word: &str) -> bool {
        self.kind() == word
    }

    /// Tells the people from whom a change, made or taken back, can take something; what comes to be takes nothing.
    fn affected(&self, _tx: &Tx<'_>, _change: &Change, _affected: &mut AffectedPeople) -> Result<()> {
        Ok(())
    }

    /// How many mails a planned change causes.
    fn mails(&self, _change: &Change) -> u64 {
        0
    }

    /// Prepares for the changes of a plan, before the first of them is applied or taken back.
    fn begin(&mut self, _cx: &Context, _tx: &Tx<'_>, _coming: &Coming<'_>) -> Result<()> {
        Ok(())
    }

    /// Applies a change, writing exactly one audit row; returns the id of its subject.
    fn apply(&mut self, cx: &Context, tx: &Tx<'_>, step: &Step<'_>, change: &Change) -> Result<i64>;

    /// Takes a change back whose audit row was `revision`, with exactly one audit row; says why not when the subject has
    /// been changed since.
    fn revert(&mut self, cx: &Context, tx: &Tx<'_>, step: &Step<'_>, done: &Done) -> Result<Reverted>;

    /// What must hold after all changes of a run, or after an undo.
    fn finish(&mut self, _cx: &Context, _tx: &Tx<'_>) -> Result<()> {
        Ok(())
    }
}

/// What a plan is about, for a target that prepares for it.
pub(crate) struct Coming<'a> {
    /// The run; none for changes that are none.
    pub(crate) run: Option<&'a str>,
    /// How many people it changes.
    pub(crate) people: &'a UserCounts,
    /// Who was meant, where that may have changed since the plan was made; in the words of the target that was asked then.
    pub(crate) meant: Option<&'a str>,
    /// A run is taken back: whom it created, it deletes permanently.
    pub(crate) is_undo: bool,
}

/// What a target needs to know of the change it applies.
pub(crate) struct Step<'a> {
    /// The run; none for a change that is none.
    pub(crate) run: Option<&'a str>,
    /// What made it, such as `user.import`; the action of the audit rows.
    pub(crate) made_by: &'a str,
    /// The place of the change in the run, for opening its secret.
    pub(crate) seq: i64,
    /// Nothing was changed since the change was planned: its names mean what they meant, and its subject is as it was.
    pub(crate) is_fresh: bool,
    /// The ids of what changes before it made, by the numbers they went by in the plan.
    pub(crate) made: &'a HashMap<i64, i64>,
}

impl Step<'_> {
    /// The id behind the name in a field; none where the field is empty.
    pub(crate) fn id(&self, fields: &Fields, ids: &Fields, field: &str) -> Result<Option<i64>, Error> {
        if !fields.contains_key(field) {
            return Ok(None);
        }
        Recorded { fields, ids }.id_behind(field)?.map(|id| self.made(id)).transpose()
    }

    /// The ids behind the names in a field that holds a list.
    pub(crate) fn list(&self, fields: &Fields, ids: &Fields, field: &str) -> Result<Vec<i64>, Error> {
        let listed = Recorded { fields, ids }.ids(field)?;
        listed.into_iter().map(|id| self.made(id)).collect()
    }

    /// The id behind the name in a field of what comes to be; where nothing was changed since it was planned, the name is
    /// as good.
    pub(crate) fn id_or(
        &self,
        change: &Change,
        field: &str,
        find: impl FnOnce(&str) -> Result<i64>,
    ) -> Result<i64> {
        match self.id(&change.after, &change.ids.after, field) {
            Ok(Some(id)) => Ok(id),
            Ok(None) | Err(Error::WithoutIds) if self.is_fresh => find(change.will_be().field(field)?),
            Ok(None) => Err(Error::NotMade.into()),
            Err(error) => Err(error.into()),
        }
    }

    fn made(&self, id: i64) -> Result<i64, Error> {
        if id >= 0 { Ok(id) } else { self.made.get(&id).copied().ok_or(Error::NotMade) }
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

impl Done {
    /// Takes it back: what it ended is put back, if it is still gone, and anything else it did is taken back from its
    /// subject, if that is found.
    pub(crate) fn revert<T>(
        &self,
        found: Option<T>,
        put_back: impl FnOnce() -> Result<()>,
        take_back: impl FnOnce(T) -> Result<Reverted>,
    ) -> Result<Reverted> {
        match (found, self.change.action) {
            (None, Action::Delete) => Reverted::of(put_back()),
            (Some(_), Action::Delete) => Ok(Reverted::changed()),
            (None, _) => Ok(Reverted::gone()),
            (Some(subject), _) => take_back(subject),
        }
    }
}

/// What became of a change that was to be reverted.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Reverted {
    /// It is as it was before.
    Yes,
    /// It is as it was before, but for what is gone meanwhile.
    Without {
        /// What that is.
        what: String,
        /// The runs that took it, and whose undo gives it back.
        runs: Vec<String>,
    },
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

    /// Somebody in the bin has what the run made, and would lose it.
    pub(crate) fn of_somebody_in_the_bin() -> Self {
        Self::No("somebody in the bin still has it".to_owned())
    }

    /// What a rule refuses leaves one subject as it is; anything else ends the undo.
    pub(crate) fn of(result: Result<()>) -> Result<Self> {
        match result {
            Ok(()) => Ok(Self::Yes),
            Err(failure) if is_refusal(failure.kind()) => Ok(Self::No(failure.to_string())),
            Err(failure) => Err(failure),
        }
    }
}

/// Whether an error is about one subject only, so that the others of a run can go on.
pub(super) fn is_refusal(kind: Kind) -> bool {
    matches!(kind, Kind::Refused | Kind::NotFound | Kind::CannotCreate | Kind::Denied)
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
