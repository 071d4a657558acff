//! What an operator may do to people, beyond having the permission.
//!
//! Every person is written through `save`, which asks here first, so that a run, an import or an undo can do no more than
//! an edit: nobody changes somebody who holds permissions of administration that they lack themselves, nobody changes
//! what decides about themself, only a superuser touches superusers and the marks, and roles and groups are given and
//! taken only by who holds what they grant, or where they are assignable.

use std::collections::BTreeSet;

use super::org_lookup::Ids;
use super::{Facts, KIND, User};
use crate::context::{CompanyScope, Context, Denied, Refusal, Subject, Via, Why};
use crate::error::{Failure, Kind, Result};
use crate::store::Tx;
use crate::{group, role};

/// Whether the person exists for an actor who would do what the permission allows: who may neither look at them nor do
/// that is told as if there were nobody.
pub(super) fn is_seen(cx: &Context, user: &User, permission: &str) -> bool {
    cx.actor.is_account(user.id) || cx.actor.has_any(&["users.view", permission], user.company_id)
}

/// Refuses an actor who may not look at the person.
pub(super) fn require_view(cx: &Context, user: &User) -> Result<(), Denied> {
    if cx.actor.is_oneself(user.id) {
        return Ok(());
    }
    cx.actor
        .require("users.view", user.company_id)
        .map_err(|denied| denied.about(KIND, user.id, &user.facts.email))
}

/// Refuses an actor who lacks the permission for the person's company, or who stands below the person.
pub(super) fn require_manage(cx: &Context, tx: &Tx<'_>, user: &User, permission: &'static str) -> Result<()> {
    about(user, require_authority(cx, tx, user, permission))
}

/// Refuses an actor who may not make people of that company, or bring them into it; asked before anything else is looked
/// up there, for what is said of an unknown name could name what only others may see.
pub(super) fn require_entry(
    cx: &Context,
    old: Option<&User>,
    new: &Facts,
    company: Option<i64>,
) -> Result<(), Denied> {
    match old {
        None if new.directory.is_some() => require_any(cx, ["users.add", SYNC], company),
        None => cx.actor.require("users.add", company),
        Some(old)
            if old.facts == *new
                || is_deletion(&old.facts, new)
                || is_requirement(&old.facts, new)
                || cx.actor.is_oneself(old.id) =>
        {
            Ok(())
        }
        Some(_) if new.directory.is_some() => require_any(cx, ["users.edit", SYNC], company),
        Some(_) => cx.actor.require("users.edit", company),
    }
}

/// What follows directories takes. Who has it alone makes runs of what a directory says, and changes nobody by hand.
pub(crate) const SYNC: &str = "directory.sync";

/// Refuses an actor who has neither for a company, as without the first.
fn require_any(cx: &Context, [first, second]: [&'static str; 2], company: Option<i64>) -> Result<(), Denied> {
    if cx.actor.scope(second).contain(company) { Ok(()) } else { cx.actor.require(first, company) }
}

/// Refuses to change which entry somebody is, what is said of them there, or into which groups that puts them, to who does not
/// follow directories. What goes with the company they leave is no such change, nor what a directory itself says of somebody whom
/// the actor may edit: `user refresh`.
fn directory_state(cx: &Context, old: &Facts, new: &Facts, company: Option<i64>) -> Result<()> {
    let gains = new.directory_groups.iter().any(|group| !old.directory_groups.contains(group));
    if gains || old.directory_state() != new.directory_state() {
        match cx.via {
            Via::Directory => require_any(cx, [SYNC, "users.edit"], company)?,
            _ => cx.actor.require(SYNC, company)?,
        }
    }
    Ok(())
}

/// Refuses a change that is not the actor's to make: of `old` to these facts, whose names mean these ids.
pub(super) fn require_change(cx: &Context, tx: &Tx<'_>, old: &User, new: &Facts, ids: &Ids) -> Result<()> {
    about(old, own_standing(cx, old, new))?;
    if cx.actor.is_superuser() {
        return Ok(());
    }
    if cx.actor.is_oneself(old.id) {
        return about(old, own_profile(cx, old, new));
    }
    about(old, {
        require_authority(cx, tx, old, permission_for(cx, old, new))
            .and_then(|()| marks(cx, (old.facts.staff, old.facts.superuser), new))
            .and_then(|()| second_factor(cx, old.facts.two_factor_required, new, ids))
            .and_then(|()| directory_state(cx, &old.facts, new, ids.company))
            .and_then(|()| check_assignments(cx, tx, &old.facts, new))
    })
}

/// Refuses to take from somebody in the bin what ends, where it could not be taken from them outside: they come back with
/// what they had. Only that whoever may end a place in a company may end it for the company's people there.
pub(super) fn lose(cx: &Context, tx: &Tx<'_>, old: &User, new: &Facts) -> Result<()> {
    if cx.actor.is_superuser() {
        return Ok(());
    }
    let result = if old.facts.place() == new.place() {
        require_authority(cx, tx, old, "users.edit").and_then(|()| check_assignments(cx, tx, &old.facts, new))
    } else {
        below(cx, tx, old)
    };
    about(old, result.map_err(|failure| of_the_bin(cx, failure)))
}

/// A refusal that says that it is about somebody whom no list shows.
fn of_the_bin(cx: &Context, failure: Failure) -> Failure {
    let taken = "it would be taken from somebody in the bin";
    let why = match failure.get::<Denied>().map(|denied| &denied.why) {
        Some(Why::Rule(rule)) => format!("{taken}, and {rule}"),
        Some(Why::Missing { permission, scope }) => format!("{taken}, which needs `{permission}` {scope}"),
        None => return failure,
    };
    cx.actor.denied(why).into()
}

/// Refuses to make a person that is not the actor's to make.
pub(super) fn require_create(cx: &Context, tx: &Tx<'_>, new: &Facts, ids: &Ids) -> Result<()> {
    if cx.actor.is_superuser() {
        return Ok(());
    }
    marks(cx, (false, false), new)?;
    second_factor(cx, false, new, ids)?;
    directory_state(cx, &Facts::new(new.email.clone()), new, ids.company)?;
    check_assignments(cx, tx, &Facts::new(new.email.clone()), new)
}

/// How a person is called who is skipped: by the email, if the actor may see it.
pub(super) fn display_name(cx: &Context, user: &User) -> String {
    if require_view(cx, user).is_ok() { user.facts.email.clone() } else { user.id.to_string() }
}

/// Refuses to permanently delete a person who is not the actor's to delete.
pub(super) fn require_erase(cx: &Context, tx: &Tx<'_>, user: &User, permission: &'static str) -> Result<()> {
    require_manage(cx, tx, user, permission)?;
    Ok(not_oneself(cx, user, "nobody ends their own account")?)
}

/// Refuses an actor, superusers too, who would do to themself what only another may, for that reason.
pub(super) fn not_oneself(cx: &Context, user: &User, why: &str) -> Result<(), Denied> {
    if cx.actor.is_account(user.id) {
        return Err(cx.actor.denied(why).about(KIND, user.id, &user.facts.email));
    }
    Ok(())
}

/// Notes that the actor may not change this person, where the others of a run are changed.
pub(super) fn note(cx: &Context, user: &User, refused: &Failure) {
    if refused.kind() == Kind::Denied {
        let subject = Subject { kind: KIND, id: user.id, name: user.facts.email.clone() };
        cx.note_refusal(Refusal { subject: Some(subject), why: refused.to_string() });
    }
}

/// Whether the change moves somebody to the bin.
fn is_deletion(old: &Facts, new: &Facts) -> bool {
    new.deleted && !old.deleted
}

/// The same result; a refusal says whom it was about.
pub(super) fn about<T>(user: &User, result: Result<T>) -> Result<T> {
    result.map_err(|failure| match failure.get::<Denied>() {
        Some(Denied { actor, why, subject: None }) => {
            let denied = Denied { actor: actor.clone(), why: why.clone(), subject: None };
            denied.about(KIND, user.id, &user.facts.email).into()
        }
        _ => failure,
    })
}

fn require_authority(cx: &Context, tx: &Tx<'_>, user: &User, permission: &'static str) -> Result<()> {
    let is_own = permission == "users.edit" && cx.actor.is_oneself(user.id);
    if is_own || cx.actor.is_superuser() {
        return Ok(());
    }
    cx.actor.require(permission, user.company_id)?;
    below(cx, tx, user)
}

/// Refuses an actor who stands below the person.
fn below(cx: &Context, tx: &Tx<'_>, user: &User) -> Result<()> {
    if cx.actor.is_service() {
        return Ok(());
    }
    if user.facts.superuser {
        return Err(cx.actor.denied("only a superuser changes a superuser").into());
    }
    group::refuse_below(cx, tx, user.id)
}

/// What it needs to make a change of a person; to change nothing, what lets the actor change something of them.
fn permission_for(cx: &Context, old: &User, new: &Facts) -> &'static str {
    let may = |permission| cx.actor.scope(permission).contain(old.company_id);
    let changes_nothing = || old.facts == *new && !may("users.edit") && may("two_factor.require");
    if is_deletion(&old.facts, new) {
        "users.delete"
    } else if is_requirement(&old.facts, new) || changes_nothing() {
        "two_factor.require"
    } else if new.directory.is_some() && !may("users.edit") && may(SYNC) {
        SYNC
    } else {
        "users.edit"
    }
}

/// Whether the change is that a second factor is required, or no longer, and nothing else.
fn is_requirement(old: &Facts, new: &Facts) -> bool {
    let two_factor_required = new.two_factor_required;
    old.two_factor_required != two_factor_required && Facts { two_factor_required, ..old.clone() } == *new
}

/// What decides what one may do oneself, how one is named, and how one logs in: nobody changes it of themself, superusers
/// as little.
fn own_standing(cx: &Context, old: &User, new: &Facts) -> Result<()> {
    let standing = |facts: &Facts| {
        (
            (facts.roles.clone(), facts.roles_without_groups.clone(), facts.groups.clone()),
            (facts.staff, facts.superuser, facts.active, facts.deleted, facts.two_factor_required),
            (facts.start_date, facts.end_date, facts.company.clone(), facts.email.clone()),
            (facts.directory_state(), facts.directory_groups.clone()),
        )
    };
    if !cx.actor.is_account(old.id) {
        return Ok(());
    }
    if standing(&old.facts) != standing(new) {
        let why = "nobody changes their own email, roles, groups, marks, switch, dates, company or whether a second factor \
                   is required of them";
        return Err(cx.actor.denied(why).into());
    }
    if old.facts.must_change_password && !new.must_change_password {
        return Err(cx.actor.denied("nobody spares themself a forced change of the password").into());
    }
    Ok(())
}

/// What a person changes of themself at the web: how they are called, their phone and their language, and that they have
/// completed it. The photo, which is none of the facts, is theirs too.
fn own_profile(cx: &Context, old: &User, new: &Facts) -> Result<()> {
    let own = Facts {
        first_name: new.first_name.clone(),
        last_name: new.last_name.clone(),
        phone: new.phone.clone(),
        language: new.language.clone(),
        profile_completed: old.facts.profile_completed || new.profile_completed,
        ..old.facts.clone()
    };
    if own == *new {
        return Ok(());
    }
    Err(cx.actor.denied("only the own name, phone, language and photo are changed here").into())
}

fn marks(cx: &Context, old: (bool, bool), new: &Facts) -> Result<()> {
    if old == (new.staff, new.superuser) {
        return Ok(());
    }
    Err(cx.actor.denied("only a superuser changes the marks `staff` and `superuser`").into())
}

fn second_factor(cx: &Context, required: bool, new: &Facts, ids: &Ids) -> Result<()> {
    if required != new.two_factor_required {
        cx.actor.require("two_factor.require", ids.company)?;
    }
    Ok(())
}

/// Each role and group that the change gives or takes has to be the actor's to give; so have the groups that roles bring
/// or cease to bring because the person changes company.
fn check_assignments(cx: &Context, tx: &Tx<'_>, old: &Facts, new: &Facts) -> Result<()> {
    let named: BTreeSet<String> = differing(&old.groups, &new.groups).cloned().collect();
    let mut groups = named.clone();
    let roles: BTreeSet<&String> = differing(&old.roles, &new.roles)
        .chain(differing(&old.roles_without_groups, &new.roles_without_groups))
        .collect();
    for slug in roles {
        groups.extend(brought(tx, slug, |_| true)?);
    }
    if old.company != new.company {
        for slug in new.roles.iter().filter(|slug| old.roles.contains(slug)) {
            groups.extend(brought(tx, slug, |company| company.is_some())?);
        }
    }
    for name in groups {
        if let Some(group) = group::find_id_in(tx, &name, &CompanyScope::All)? {
            group::check_may_give(cx, tx, &group, named.contains(&name))?;
        }
    }
    Ok(())
}

/// The groups of a role whose company passes, even while the role is inactive.
fn brought(tx: &Tx<'_>, slug: &str, passes: impl Fn(Option<i64>) -> bool) -> Result<Vec<String>> {
    let groups = role::find_in(tx, slug)?.map(|role| role.groups).unwrap_or_default();
    Ok(groups.into_iter().filter(|group| passes(group.company_id)).map(|group| group.name).collect())
}

/// What stands in only one of the two.
fn differing<'a>(one: &'a [String], other: &'a [String]) -> impl Iterator<Item = &'a String> {
    let only = |of: &'a [String], without: &'a [String]| of.iter().filter(|name| !without.contains(name));
    only(one, other).chain(only(other, one))
}
