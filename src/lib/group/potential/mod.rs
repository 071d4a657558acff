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

/// What somebody could have: each permission their groups grant, with where, even while the account is not active or a role
/// of theirs brings nothing, for either can change without anything being given to them.
pub(crate) fn potential_grants(tx: &Tx<'_>, user: i64) -> Result<Vec<(Permission, GrantScope)>> {
    store::grants(tx, user)
}

/// Refuses an actor who would change what somebody may do who holds permissions of administration that the actor lacks,
/// as [`potential_grants`] has them. What superusers may do no group decides.
pub(crate) fn refuse_those_above(cx: &Context, tx: &Tx<'_>, ids: &[i64]) -> Result<()> {
    if cx.actor.is_superuser() || ids.is_empty() {
        return Ok(());
    }
    let high = store::administration(tx)?.into_iter().filter(|(_, permission, scope)| {
        !cx.actor.scope(permission.id()).cover(&CompanyScope::of_grants(slice::from_ref(scope)))
    });
    let high: HashMap<i64, Permission> = high.map(|(group, permission, _)| (group, permission)).collect();
    let groups: Vec<i64> = high.keys().copied().collect();
    let Some((id, group)) = store::first_in(tx, ids, &groups)? else { return Ok(()) };
    let permission = high.get(&group).map_or("", |permission| permission.id());
    let person = store::person(tx, id)?;
    let seen = person.as_ref().filter(|(_, company)| cx.actor.reach_of_names().contain(*company));
    let who = seen.map_or_else(|| "somebody who has it".to_owned(), |(email, _)| format!("`{email}`"));
    let why =
        format!("{who} holds the permission of administration `{permission}` further than the actor does");
    let denied = cx.actor.denied(why);
    Err(match person {
        Some((email, _)) => denied.about(PERSON, id, &email).into(),
        None => denied.into(),
    })
}
