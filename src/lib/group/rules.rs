//! What operators may do with groups: nobody passes on what they do not have.

use super::name::{RequiredAccess, is_visible, resolve_selector};
use super::{Found, Grant, Selector, grant, store};
use crate::catalog::{GrantScope, grant_scope};
use crate::context::Context;
use crate::error::Result;
use crate::store::Tx;

/// Refuses unless the actor has each grant of a group of `company_id` as far as the grant reaches; `who` begins the
/// sentence that says so.
pub(super) fn check_has(cx: &Context, company_id: Option<i64>, grants: &[Grant], who: &str) -> Result<()> {
    let lacks = |grant: &&Grant| {
        let asked = match grant_scope(company_id, grant.company_id) {
            Some(GrantScope::Everywhere) => None,
            Some(GrantScope::Company(company)) => Some(company),
            None => return false,
        };
        !cx.actor.scope(&grant.permission).contain(asked)
    };
    let mut lacking = grants.iter().filter(lacks).peekable();
    if lacking.peek().is_none() {
        return Ok(());
    }
    // A company that the actor has nothing to do with is not named.
    let known = cx.actor.widest_scope();
    let why = match lacking.find(|grant| grant.company_id.is_none() || known.contain(grant.company_id)) {
        Some(grant) => format!("{who} has to have `{}` as far as the group grants it", grant.text()),
        None => format!("{who} has to have all that the group grants, as far as it does"),
    };
    Err(cx.actor.denied(why).into())
}

/// Refuses an operator who would change what they have themselves, for `holders` have it: what is given to
/// them, and what is taken from them, is others' to decide. `why` says it.
pub(crate) fn check_not_own(cx: &Context, mut holders: impl Iterator<Item = i64>, why: &str) -> Result<()> {
    if !cx.actor.is_superuser() && holders.any(|holder| cx.actor.is_account(holder)) {
        return Err(cx.actor.denied(why).into());
    }
    Ok(())
}

/// Refuses an operator who is in the group, or would be by a role that they hold.
pub(super) fn check_not_in(cx: &Context, tx: &Tx<'_>, group: i64) -> Result<()> {
    let mut people = Vec::new();
    store::each_who_could_be_in(tx, group, |person| people.push(person))?;
    check_not_own(cx, people.into_iter(), "nobody changes what their own groups grant")
}

/// Refuses unless the actor may give the group to people and take it from them, or make roles of it. Who may not look at it
/// is not told what it grants, and its name only when it was named, and not brought by a role.
pub(crate) fn check_may_give(cx: &Context, tx: &Tx<'_>, group: &Found, is_named: bool) -> Result<()> {
    if group.assignable || cx.actor.is_superuser() {
        return Ok(());
    }
    let is_told = is_told(cx, group.company_id);
    let who = if is_told || is_named {
        format!("`{}` is not assignable, so who gives or takes it", group.canonical())
    } else {
        "who gives or takes a group that is not assignable".to_owned()
    };
    let has = check_has(cx, group.company_id, &grant::grants_in(tx, group.id)?, &who);
    if has.is_ok() || is_told {
        return has;
    }
    Err(cx.actor.denied(format!("{who} has to have all that it grants")).into())
}

/// Whether the actor may give people these grants by that group: it is assignable, or they have each as far as the group
/// grants it.
pub(crate) fn may_give_what(cx: &Context, group: &Found, grants: &[Grant]) -> bool {
    group.assignable || cx.actor.is_superuser() || check_has(cx, group.company_id, grants, "").is_ok()
}

/// Whether groups of that company, or of none, are named to the actor who did not name them.
pub(crate) fn is_told(cx: &Context, company: Option<i64>) -> bool {
    is_visible(&cx.actor.scope_of_any(&["groups.view", "groups.edit"]), company)
}

/// How the group that is meant is named everywhere, for an actor who may put people into it and take them out.
pub(crate) fn name_to_give(cx: &Context, which: &Selector) -> Result<String> {
    cx.read(|tx| {
        let found = Found::from(resolve_selector(cx, tx, which, RequiredAccess::Use("groups.edit"))?);
        check_may_give(cx, tx, &found, true)?;
        Ok(found.canonical())
    })
}
