//! What people could have by the groups they are in, and by those that roles of theirs could bring.

mod store;

use std::collections::HashMap;
use std::slice;

#[cfg(test)]
pub(super) use store::STATEMENTS;

use crate::catalog::{GrantScope, Permission};
use crate::context::{CompanyScope, Context};
use crate::error::Result;
use crate::store::Tx;

/// The word for a person in the audit.
const PERSON: &str = "user";

/// Refuses an actor who would change somebody that stands above them: who could have a permission of administration for a
/// company for which the actor lacks it, even while the account is not active or a role of theirs brings nothing, for
/// either can change without anything being given to them. Superusers stand below nobody, and a service works for the site.
pub(crate) fn refuse_below(cx: &Context, tx: &Tx<'_>, user: i64) -> Result<()> {
    if stands_below_nobody(cx) {
        return Ok(());
    }
    let further = store::grants(tx, user)?
        .into_iter()
        .filter(|(permission, scope)| permission.administers() && goes_further(cx, *permission, *scope));
    match further.map(|(permission, _)| permission).min() {
        Some(permission) => Err(cx.actor.denied(why("the person", permission)).into()),
        None => Ok(()),
    }
}

/// Refuses like [`refuse_below`] whoever would change what any of these may do. What superusers may do no group decides.
pub(crate) fn refuse_those_above(cx: &Context, tx: &Tx<'_>, ids: &[i64]) -> Result<()> {
    if stands_below_nobody(cx) || ids.is_empty() {
        return Ok(());
    }
    let mut high = store::administration(tx)?;
    high.retain(|(_, permission, scope)| goes_further(cx, *permission, *scope));
    let high: HashMap<i64, Permission> =
        high.into_iter().map(|(group, permission, _)| (group, permission)).collect();
    let groups: Vec<i64> = high.keys().copied().collect();
    let Some((id, group)) = store::first_in(tx, ids, &groups)? else { return Ok(()) };
    let Some(permission) = high.get(&group) else { return Ok(()) };
    let person = store::person(tx, id)?;
    let seen = person.as_ref().filter(|(_, company)| cx.actor.reach_of_names().contain(*company));
    let who = seen.map_or_else(|| "somebody who has it".to_owned(), |(email, _)| format!("`{email}`"));
    let denied = cx.actor.denied(why(&who, *permission));
    Err(match person {
        Some((email, _)) => denied.about(PERSON, id, &email).into(),
        None => denied.into(),
    })
}

fn stands_below_nobody(cx: &Context) -> bool {
    cx.actor.is_superuser() || cx.actor.is_service()
}

/// Whether a grant is for a company for which the actor lacks the permission.
fn goes_further(cx: &Context, permission: Permission, scope: GrantScope) -> bool {
    !cx.actor.scope(permission.id()).cover(&CompanyScope::of_grants(slice::from_ref(&scope)))
}

fn why(who: &str, permission: Permission) -> String {
    let permission = permission.id();
    format!("{who} holds the permission of administration `{permission}` further than the actor does")
}
