//! Verbs that change one fact of people: of one person as a plain change, of several as a run with plan, brake and undo.

mod error;

use std::collections::HashSet;

pub(crate) use error::Error;

use super::assignments::loses_last_group;
use super::create::stored;
use super::filter::{self, Filter, Page};
use super::org_lookup::OrgLookup;
use super::password::has_own_password;
use super::save::{self, Record};
use super::{Facts, KIND, User, find_in, get_in, guard, invite, login, losses, not_found};
use crate::context::Context;
use crate::error::{Failure, Kind, Result};
use crate::run::{
    self, Action, Ask, Assignment, BinLoss, BinRemoval, Change, Committed, Engine, Ids, Plan, Planner, Spec,
    Users,
};
use crate::store::Tx;
use crate::{group, role};

/// What is done to each person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Verb {
    /// The switch goes on.
    Activate,
    /// The switch goes off.
    Deactivate,
    /// To the bin.
    Delete,
    /// The next login leads to the change page, or does so no longer.
    ForcePasswordChange(bool),
    /// A second factor is required, or is so no longer.
    RequireSecondFactor(bool),
    /// They are sent a link to choose their first password.
    Invite,
    /// They hold the role of this slug.
    AddRole {
        /// The slug.
        role: String,
        /// Whether its groups come with it.
        with_groups: bool,
    },
    /// They hold it no longer.
    RemoveRole(String),
    /// They are in the group of this name by hand.
    AddGroup(String),
    /// They are no longer in it by hand.
    RemoveGroup(String),
    /// They are no longer in it, by hand or by a directory: it ends.
    LeaveGroup(String),
}

impl Verb {
    /// The action in the audit, and the kind of the run.
    pub(crate) const fn action(&self) -> &'static str {
        match self {
            Self::Activate => "user.activate",
            Self::Deactivate => "user.deactivate",
            Self::Delete => "user.delete",
            Self::ForcePasswordChange(_) => "user.force_password_change",
            Self::RequireSecondFactor(true) => "two_factor.require",
            Self::RequireSecondFactor(false) => "two_factor.unrequire",
            Self::Invite => "user.invite",
            Self::AddRole { .. } => "user.add_role",
            Self::RemoveRole(_) => "user.remove_role",
            Self::AddGroup(_) => "user.add_group",
            Self::RemoveGroup(_) | Self::LeaveGroup(_) => "user.remove_group",
        }
    }

    /// The permission it needs.
    pub(crate) const fn needs(&self) -> &'static str {
        match self {
            Self::Delete => "users.delete",
            Self::RequireSecondFactor(_) => "two_factor.require",
            _ => "users.edit",
        }
    }

    /// Whether people lose something by it that they will miss at once.
    pub(crate) const fn is_destructive(&self) -> bool {
        matches!(self, Self::Deactivate | Self::Delete)
    }

    /// Whether it can take a role or a group from people, and so what these let them do.
    pub(crate) const fn takes_assignments(&self) -> bool {
        matches!(
            self,
            Self::RemoveRole(_)
                | Self::RemoveGroup(_)
                | Self::LeaveGroup(_)
                | Self::AddRole { with_groups: false, .. }
        )
    }

    fn changed(&self, facts: &Facts) -> Facts {
        let mut facts = facts.clone();
        match self {
            Self::Activate => facts.active = true,
            Self::Deactivate => facts.active = false,
            Self::Delete => facts.deleted = true,
            Self::ForcePasswordChange(on) => facts.must_change_password = *on,
            Self::RequireSecondFactor(on) => facts.two_factor_required = *on,
            // Nothing that an administrator writes of them.
            Self::Invite => {}
            Self::AddRole { role, with_groups } => {
                put(&mut facts.roles, role);
                if *with_groups {
                    take(&mut facts.roles_without_groups, role);
                } else {
                    put(&mut facts.roles_without_groups, role);
                }
            }
            Self::RemoveRole(role) => {
                take(&mut facts.roles, role);
                take(&mut facts.roles_without_groups, role);
            }
            Self::AddGroup(group) => put(&mut facts.groups, group),
            Self::RemoveGroup(group) => take(&mut facts.groups, group),
            Self::LeaveGroup(group) => {
                take(&mut facts.groups, group);
                take(&mut facts.directory_groups, group);
            }
        }
        facts
    }

    fn check(&self, user: &User) -> Result<(), super::Error> {
        match self {
            Self::ForcePasswordChange(_) => has_own_password(user),
            _ => Ok(()),
        }
    }
}

/// Adds a name to an ordered list, once.
fn put(names: &mut Vec<String>, name: &str) {
    if let Err(place) = names.binary_search_by(|other| other.as_str().cmp(name)) {
        names.insert(place, name.to_owned());
    }
}

fn take(names: &mut Vec<String>, name: &str) {
    names.retain(|other| other != name);
}

/// Who is meant when it is not a single person.
#[derive(Debug, Clone)]
pub(crate) enum Who {
    /// These, by email or id.
    Named(Vec<String>),
    /// Everybody who passes; with the filter's words, for the run.
    Filtered(Box<Filter>, String),
}

/// Does it to one person; returns them and whether anything changed.
pub(crate) fn apply_one(cx: &Context, who: &str, verb: &Verb) -> Result<(User, bool)> {
    cx.write(|tx| apply_one_in(cx, tx, who, verb))
}

/// What was done to one person.
pub(crate) struct DoneToOne {
    /// The person now, or as they would be.
    pub(crate) user: User,
    /// Whether anything changed, or would.
    pub(crate) is_changed: bool,
    /// What became of it, where it was proposed.
    pub(crate) committed: Committed,
}

/// Does it to one person like [`apply_one`]; what takes something from them that is in force is a run, so that it can be
/// held and undone. `with_losses` asks what they lose.
pub(crate) fn propose_one(
    cx: &Context,
    engine: &mut Engine,
    (who, verb): (&str, &Verb),
    with_losses: bool,
) -> Result<DoneToOne> {
    if *verb == Verb::Invite {
        let user = invite::invite(cx, who)?;
        return Ok(DoneToOne { user, is_changed: true, committed: Committed::default() });
    }
    let plainly = |committed| {
        let (user, is_changed) = apply_one(cx, who, verb)?;
        Ok(DoneToOne { user, is_changed, committed })
    };
    if !verb.takes_assignments() {
        return plainly(Committed::default());
    }
    let spec = Spec { kind: verb.action(), source: "", repeats: false, is_whole: true };
    let (plan, (old, facts)) = run::plan_for(cx, engine, &spec, |tx, planner| {
        let user = get_in(cx, tx, who, verb.needs())?;
        planner.comes_from(&user.facts.email);
        planner.concerns_all(cx, verb.needs())?;
        let mut places = OrgLookup::default();
        let facts = changed(cx, tx, &mut places, verb, &user)?;
        plan_one(cx, tx, &mut places, planner, (&user, &facts))?;
        Ok((user, facts))
    })?;
    let is_changed = !plan.is_empty();
    let committed = run::propose(cx, engine, plan, &Ask::nothing(with_losses))?;
    let user = match (cx.dry_run, &committed.run) {
        (false, _) => cx.read(|tx| stored(tx, old.id))?,
        (true, Some(_)) => User { facts, ..old },
        (true, None) => return plainly(committed),
    };
    Ok(DoneToOne { user, is_changed, committed })
}

/// Does it to one person in a transaction of the caller.
pub(crate) fn apply_one_in(cx: &Context, tx: &Tx<'_>, who: &str, verb: &Verb) -> Result<(User, bool)> {
    let user = get_in(cx, tx, who, verb.needs())?;
    guard::require_manage(cx, tx, &user, verb.needs())?;
    verb.check(&user)?;
    let facts = verb.changed(&user.facts);
    let saved = save::update(cx, tx, &mut OrgLookup::default(), &user, facts, Record::of(verb.action()))?;
    Ok((stored(tx, user.id)?, !saved.is_nothing()))
}

/// The people there are, for runs.
pub(crate) struct Everybody;

impl Users for Everybody {
    fn in_scope(&self, cx: &Context, tx: &Tx<'_>, permission: &str) -> Result<u64> {
        filter::in_scope(cx, tx, permission)
    }

    fn find(&self, cx: &Context, tx: &Tx<'_>, who: &str, permission: &str) -> Result<(i64, String)> {
        get_in(cx, tx, who, permission).map(|user| (user.id, user.facts.email))
    }

    fn refuse_those_above(&self, cx: &Context, tx: &Tx<'_>, people: &[i64]) -> Result<()> {
        group::refuse_those_above(cx, tx, people)
    }

    fn losing(&self, cx: &Context, tx: &Tx<'_>, lost: BinRemoval<'_>) -> Result<Vec<BinLoss>> {
        losses::planned(cx, tx, lost)
    }

    fn let_go(
        &self,
        cx: &Context,
        tx: &Tx<'_>,
        planner: &mut Planner<'_>,
        assignment: &Assignment<'_>,
        people: &[i64],
    ) -> Result<()> {
        let verb = match *assignment {
            Assignment::Role(slug) => Verb::RemoveRole(slug.to_owned()),
            Assignment::Group(id, name) => {
                for slug in group::roles(tx, id)? {
                    role::plan_without_group(cx, tx, planner, &slug, id)?;
                }
                Verb::LeaveGroup(name.to_owned())
            }
        };
        let mut places = OrgLookup::default();
        for id in people {
            let user = stored(tx, *id)?;
            let facts = changed(cx, tx, &mut places, &verb, &user)?;
            plan_one(cx, tx, &mut places, planner, (&user, &facts))?;
        }
        Ok(())
    }
}

/// Plans to do it to several people.
///
/// Whom a rule does not let have it (a directory's password, a role of another company) is skipped, counted, and
/// told to `refused` with the reason.
pub(crate) fn plan(
    cx: &Context,
    engine: &mut Engine,
    who: &Who,
    verb: &Verb,
    mut refused: impl FnMut(&User, &Failure),
) -> Result<Plan> {
    let source = match who {
        Who::Named(names) => format!("{} named", names.len()),
        Who::Filtered(_, words) if words.is_empty() => "everybody".to_owned(),
        Who::Filtered(_, words) => words.clone(),
    };
    let repeats = matches!(who, Who::Filtered(..));
    let spec = Spec { kind: verb.action(), source: &source, repeats, is_whole: false };
    let mut places = OrgLookup::default();
    run::plan(cx, engine, &spec, |tx, planner| {
        planner.concerns_all(cx, verb.needs())?;
        let mut plan = |user: &User| match plan_verb(cx, tx, (&mut places, planner), verb, user) {
            Ok(()) => Ok(()),
            Err(failure) if matches!(failure.kind(), Kind::Refused | Kind::Denied) => {
                planner.refused();
                guard::note(cx, user, &failure);
                refused(user, &failure);
                Ok(())
            }
            Err(failure) => Err(failure),
        };
        match who {
            Who::Named(names) => named(cx, tx, names, verb.needs())?.iter().try_for_each(plan),
            Who::Filtered(filter, _) => {
                filter::each(cx, tx, filter, Page::default(), |user| plan(&user))?;
                planner.meant(filter)
            }
        }
    })
}

/// Plans what the verb does to one person.
fn plan_verb(
    cx: &Context,
    tx: &Tx<'_>,
    (places, planner): (&mut OrgLookup, &mut Planner<'_>),
    verb: &Verb,
    user: &User,
) -> Result<()> {
    let facts = changed(cx, tx, places, verb, user)?;
    match verb {
        Verb::Invite => invite::target::plan_one(cx, planner, user),
        _ => plan_one(cx, tx, places, planner, (user, &facts)),
    }
}

/// The facts as the verb leaves them.
fn changed(cx: &Context, tx: &Tx<'_>, places: &mut OrgLookup, verb: &Verb, user: &User) -> Result<Facts> {
    guard::require_manage(cx, tx, user, verb.needs())?;
    verb.check(user)?;
    let mut facts = verb.changed(&user.facts);
    let ids = places.resolve(cx, tx, Some(user), &mut facts)?;
    guard::require_change(cx, tx, user, &facts, &ids)?;
    Ok(facts)
}

/// Plans what differs of one person's facts.
pub(super) fn plan_one(
    cx: &Context,
    tx: &Tx<'_>,
    places: &mut OrgLookup,
    planner: &mut Planner<'_>,
    (user, facts): (&User, &Facts),
) -> Result<()> {
    let (before, after) = user.facts.difference(facts);
    if after.is_empty() {
        planner.unchanged();
        return Ok(());
    }
    let mut ids = Ids {
        before: places.ids_of(cx, tx, &before, &user.facts)?,
        after: places.ids_of(cx, tx, &after, facts)?,
        ..Ids::default()
    };
    if user.facts.deleted {
        // So that whoever is in the bin is found there when it is applied.
        ids.before.insert("deleted".to_owned(), true.into());
    }
    let subject = (user.facts.email.clone(), user.id);
    let action = action_on(cx, user, facts);
    planner.change(&Change { ids, ..Change::of(action, KIND, subject, (before, after)) })
}

/// What a change does to somebody, as summaries count it: whether they go to the bin, lose the login that they have today
/// or the last of their groups, or only change.
pub(super) fn action_on(cx: &Context, old: &User, new: &Facts) -> Action {
    if new.deleted && !old.facts.deleted {
        return Action::Delete;
    }
    let loses_access =
        login::loses_access(&old.facts, new, login::Moment::of(cx)) || loses_last_group(old, new);
    if loses_access { Action::Deactivate } else { Action::Update }
}

/// The people of these emails and ids, each once, as [`get_in`] finds them; every unknown name is told at once.
pub(super) fn named(cx: &Context, tx: &Tx<'_>, names: &[String], permission: &str) -> Result<Vec<User>> {
    let find = |who: &str| Ok(find_in(tx, who)?.filter(|user| guard::is_seen(cx, user, permission)));
    find_all(names, find, |who| match who {
        [only] => Ok(not_found(cx, tx, only, permission)?.into()),
        _ => Ok(Error::NotFoundAny { who: who.to_vec() }.into()),
    })
}

/// What `find` finds for each name, each person once; `missing` tells of the names that it finds nobody for.
pub(super) fn find_all(
    names: &[String],
    find: impl Fn(&str) -> Result<Option<User>>,
    missing: impl Fn(&[String]) -> Result<Failure>,
) -> Result<Vec<User>> {
    let (mut users, mut unknown, mut seen) = (Vec::new(), Vec::new(), HashSet::new());
    for name in names {
        match find(name)? {
            Some(user) if seen.insert(user.id) => users.push(user),
            Some(_) => {}
            None => unknown.push(name.clone()),
        }
    }
    if unknown.is_empty() { Ok(users) } else { Err(missing(&unknown)?) }
}
