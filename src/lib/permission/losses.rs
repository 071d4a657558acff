//! Who loses what when a group or a role goes.

use super::access::{Access, Membership};
use super::{Permission, Reach, covers, store};
use crate::cli::output::record;
use crate::context::Context;
use crate::error::Result;
use crate::run;
use crate::store::Tx;
use crate::user::{self, User, filter};

record! {
    /// What one person loses, as printed.
    Loss, table ["email", "groups", "permissions"] {
        /// The login name.
        email: String,
        /// First and last name.
        full_name: Option<String>,
        /// The company's name.
        company: Option<String>,
        /// The groups they are no longer in.
        groups: Vec<String>,
        /// What nothing else grants them: `permission`, or `permission@Company`.
        permissions: Vec<String>,
    }
}

/// Who loses what, of those the actor may be told of; refused when the brake would hold that so many lose their last
/// group.
///
/// `people` are ids; `goes` says which of somebody's groups they will no longer be in. `permission` is what the actor
/// needs, which says among whom the brake counts.
pub(crate) fn losses(
    cx: &Context,
    tx: &Tx<'_>,
    people: &[i64],
    permission: &'static str,
    goes: impl Fn(&Membership) -> bool,
) -> Result<Vec<Loss>> {
    let companies = store::companies(tx)?;
    let name = |id: i64| companies.get(&id).cloned().unwrap_or_default();
    let told = cx.actor.reach("groups.view");
    let (mut losses, mut without_any) = (Vec::new(), 0);
    for id in people {
        let Some(user) = user::by_id(tx, *id)? else { continue };
        let access = Access::load(cx, tx, &user)?;
        let (gone, left): (Vec<&Membership>, Vec<&Membership>) =
            access.memberships.iter().partition(|membership| goes(membership));
        without_any += u64::from(left.is_empty() && !gone.is_empty());
        if told.contain(user.company_id) && !gone.is_empty() {
            let permissions = lost(&access, &goes).map(|(permission, reach)| text(permission, reach, name));
            losses.push(loss(&user, &gone, permissions.collect()));
        }
    }
    run::check_brake(cx, without_any, filter::in_scope(cx, tx, permission)?)?;
    Ok(losses)
}

fn loss(user: &User, gone: &[&Membership], permissions: Vec<String>) -> Loss {
    let facts = &user.facts;
    Loss {
        email: facts.email.clone(),
        full_name: facts.has_profile().then(|| facts.full_name()),
        company: facts.company.clone(),
        groups: gone.iter().map(|membership| membership.name.clone()).collect(),
        permissions,
    }
}

/// Each permission, with where, that only what goes grants.
fn lost(access: &Access, goes: impl Fn(&Membership) -> bool) -> impl Iterator<Item = (Permission, Reach)> {
    let by_others = move |permission: Permission, reach: &Reach| {
        let mut others = access.granted(permission).filter(|(because, _)| !goes(because.membership));
        others.any(|(_, other)| covers(other, reach.company()))
    };
    let asked = Permission::all().filter(|_| !access.superuser);
    asked.flat_map(move |permission| {
        let mut reaches: Vec<Reach> = access.granted(permission).map(|(_, reach)| reach).collect();
        reaches.sort_unstable();
        reaches.dedup();
        reaches.retain(|reach| !by_others(permission, reach));
        reaches.into_iter().map(move |reach| (permission, reach))
    })
}

fn text(permission: Permission, reach: Reach, name: impl Fn(i64) -> String) -> String {
    match reach.company() {
        Some(company) => format!("{}@{}", permission.id(), name(company)),
        None => permission.id().to_owned(),
    }
}
