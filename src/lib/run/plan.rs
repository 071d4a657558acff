//! Planning: what a run will do, worked out in one snapshot, with nothing locked.

use serde::Serialize;

use super::brake::Limits;
use super::target::Engine;
use super::{AffectedPeople, Assignment, BinLosses, Change, Error, Summary, store};
use crate::audit;
use crate::context::{Actor, Context};
use crate::crypto::rng::short_id;
use crate::error::Result;
use crate::store::Tx;

/// What is to be run.
pub(crate) struct Spec<'a> {
    /// What makes the run, such as `user.import`.
    pub(crate) kind: &'a str,
    /// What it comes from: a file's name, the filters of a verb.
    pub(crate) source: &'a str,
    /// Whether the source is the same each time: then a newer run of it takes the place of one that is held.
    pub(crate) repeats: bool,
    /// Whether it is applied as a whole or not at all, should something have changed since it was planned.
    pub(crate) is_whole: bool,
}

/// A plan. Its changes are in a temporary table of the connection, which has room for one plan.
#[derive(Debug, Clone)]
pub(crate) struct Plan {
    /// The id the run will have.
    pub(super) run: String,
    pub(super) kind: String,
    pub(super) source: String,
    /// The id of what that is, whatever it is called.
    pub(super) source_id: Option<i64>,
    pub(super) repeats: bool,
    pub(super) is_whole: bool,
    pub(super) summary: Summary,
    /// How many changes there are.
    pub(super) changes: i64,
    /// The audit row that the next change in the store would have had when it was made.
    pub(super) next_row: i64,
    /// Live people it could concern, for the brake.
    pub(super) in_scope: u64,
    /// From whom it can take something.
    pub(super) affected: AffectedPeople,
    /// From whom in the bin it takes something.
    pub(super) in_bin: BinLosses,
    /// Who was meant; see [`Planner::meant`].
    pub(super) meant: Option<String>,
    /// Whether people are told of it by mail.
    pub(super) tells_people: bool,
    /// What the brake lets through.
    pub(super) limits: Limits,
    /// Why it is held, whatever it takes.
    pub(super) held_because: Vec<String>,
}

/// Takes the changes of a plan, one at a time.
pub(crate) struct Planner<'a> {
    pub(super) tx: &'a Tx<'a>,
    pub(super) engine: &'a mut Engine,
    pub(super) plan: Plan,
}

impl Planner<'_> {
    /// The id of the run.
    pub(crate) fn run(&self) -> &str {
        &self.plan.run
    }

    /// The place the next change will have.
    pub(crate) fn next_seq(&self) -> i64 {
        self.plan.changes + 1
    }

    /// Says what the plan comes from, where that is known only now.
    pub(crate) fn comes_from(&mut self, source: &str) {
        source.clone_into(&mut self.plan.source);
    }

    /// Says which thing of the store the plan comes from, which stays the same whatever it is called.
    pub(crate) const fn comes_from_id(&mut self, id: i64) {
        self.plan.source_id = Some(id);
    }

    /// Says how many people may lose something, and what share of those the plan could concern, in per cent; what the site
    /// decides where none is given.
    pub(crate) fn brake(&mut self, people: Option<u32>, percent: Option<u32>) {
        self.plan.limits = Limits { people, percent };
    }

    /// How many of those whom the plan could concern may lose something.
    pub(crate) fn allowed(&self, cx: &Context) -> u64 {
        self.plan.limits.allowed(&cx.settings, self.plan.in_scope)
    }

    /// Has the plan held for this reason, whatever it takes.
    pub(crate) fn hold(&mut self, because: String) {
        self.plan.held_because.push(because);
    }

    /// Says how many live people the plan could concern, for the brake.
    pub(crate) fn concerns(&mut self, in_scope: u64) {
        self.plan.in_scope = in_scope;
    }

    /// Says that the plan could concern all people for whom the actor has the permission.
    pub(crate) fn concerns_all(&mut self, cx: &Context, permission: &str) -> Result<()> {
        self.plan.in_scope = self.engine.users.in_scope(cx, self.tx, permission)?;
        Ok(())
    }

    /// Plans that these people no longer have it, nor anything else that would end with it.
    pub(crate) fn let_go(&mut self, cx: &Context, assignment: &Assignment<'_>, people: &[i64]) -> Result<()> {
        let (users, tx) = (self.engine.users, self.tx);
        users.let_go(cx, tx, self, assignment, people)
    }

    /// Says who is meant, so that the target can ask again for each of them when the plan is applied later.
    pub(crate) fn meant(&mut self, meant: &impl Serialize) -> Result<()> {
        self.plan.meant = Some(store::text_of(meant)?);
        Ok(())
    }

    /// Adds a change.
    pub(crate) fn change(&mut self, change: &Change) -> Result<()> {
        let target = self.engine.target(&self.plan.run, &change.kind)?;
        let counted = target.counted();
        target.affected(self.tx, change, &mut self.plan.affected)?;
        if self.plan.tells_people {
            self.plan.summary.mails += target.mails(change);
        }
        store::stage_change(self.tx, self.next_seq(), change)?;
        self.plan.changes += 1;
        self.plan.summary.count(counted, change.action);
        Ok(())
    }

    /// Counts a person who stays as they are.
    pub(crate) fn unchanged(&mut self) {
        self.plan.summary.people.unchanged += 1;
    }

    /// Counts a person whose change a rule refuses.
    pub(crate) fn refused(&mut self) {
        self.plan.summary.people.refused += 1;
    }
}

impl Plan {
    /// Whether it changes nothing.
    pub(crate) fn is_empty(&self) -> bool {
        self.changes == 0
    }

    /// How many people it changes.
    pub(crate) const fn people(&self) -> u64 {
        let people = &self.summary.people;
        people.all() - people.unchanged - people.refused
    }

    /// What it has in common with those that somebody makes from the same source; one that repeats nothing is a cause of its
    /// own.
    pub(super) fn cause(&self, actor: &Actor) -> String {
        if self.repeats {
            format!("{} of {} by {}", self.kind, self.source, actor.name)
        } else {
            self.run.clone()
        }
    }

    /// How many mails it causes.
    pub(crate) const fn mails(&self) -> u64 {
        self.summary.mails
    }
}

/// Plans in one snapshot: however long it takes, nobody else is kept from writing.
pub(crate) fn plan(
    cx: &Context,
    engine: &mut Engine,
    spec: &Spec<'_>,
    work: impl FnOnce(&Tx<'_>, &mut Planner<'_>) -> Result<()>,
) -> Result<Plan> {
    cx.stage(|tx| plan_in(cx, tx, engine, spec, |planner| work(tx, planner)))
}

/// Plans like [`plan()`], and returns what was found on the way.
pub(crate) fn plan_for<T>(
    cx: &Context,
    engine: &mut Engine,
    spec: &Spec<'_>,
    work: impl FnOnce(&Tx<'_>, &mut Planner<'_>) -> Result<T>,
) -> Result<(Plan, T)> {
    cx.stage(|tx| {
        let mut found = None;
        let plan = plan_in(cx, tx, engine, spec, |planner| {
            found = Some(work(tx, planner)?);
            Ok(())
        })?;
        Ok((plan, found.ok_or(Error::NotMade)?))
    })
}

/// Plans in a transaction of the caller.
pub(crate) fn plan_in(
    cx: &Context,
    tx: &Tx<'_>,
    engine: &mut Engine,
    spec: &Spec<'_>,
    work: impl FnOnce(&mut Planner<'_>) -> Result<()>,
) -> Result<Plan> {
    store::clear_stage(tx)?;
    let plan = Plan {
        run: short_id(&*cx.rng)?,
        kind: spec.kind.to_owned(),
        source: spec.source.to_owned(),
        source_id: None,
        repeats: spec.repeats,
        is_whole: spec.is_whole,
        summary: Summary::of(engine.counted()),
        changes: 0,
        next_row: audit::next_seq(tx)?,
        in_scope: 0,
        affected: AffectedPeople::default(),
        in_bin: BinLosses::default(),
        meant: None,
        tells_people: cx.tells_people,
        limits: Limits::default(),
        held_because: Vec::new(),
    };
    let mut planner = Planner { tx, engine, plan };
    work(&mut planner)?;
    Ok(planner.plan)
}

/// Calls `each` with the changes of the plan that was made last, in their order.
pub(crate) fn staged(tx: &Tx<'_>, mut each: impl FnMut(Change) -> Result<()>) -> Result<()> {
    store::each_staged(tx, |row| each(row.change))
}
