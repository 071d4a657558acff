//! An account that acts: whether it may, and what.

use std::collections::HashMap;

use super::Error;
use crate::catalog::Permission;
use crate::context::{Account, Actor, Authority, CompanyScope, Context};
use crate::error::Result;
use crate::permission::Access;
use crate::store::Tx;
use crate::user::{self, User, login};

/// Refuses an account that may not act at the shell today.
pub(super) fn check(cx: &Context, user: &User) -> Result<(), Error> {
    let email = user.facts.email.clone();
    if user.facts.deleted {
        return Err(Error::Inactive { email, reason: "the account is in the bin".to_owned() });
    }
    let reasons = login::inactive_reasons(user, login::Moment::of(cx));
    if !reasons.is_empty() {
        return Err(Error::Inactive { email, reason: reasons.join(", ") });
    }
    if !user.facts.staff && !user.facts.superuser {
        return Err(Error::NotStaff { email });
    }
    Ok(())
}

/// The actor that the account of that id is.
///
/// # Errors
/// When there is no such account, or it may not act today.
pub(crate) fn acting_account(cx: &Context, tx: &Tx<'_>, id: i64) -> Result<Actor> {
    let user = user::by_id(tx, id)?.ok_or(Error::AccountGone)?;
    actor(cx, tx, &user)
}

/// The actor that an account is, with everything it may do now.
pub(crate) fn actor(cx: &Context, tx: &Tx<'_>, user: &User) -> Result<Actor> {
    check(cx, user)?;
    let access = Access::load(cx, tx, user)?;
    let held: HashMap<&'static str, CompanyScope> = Permission::all()
        .map(|permission| (permission.id(), CompanyScope::of_grants(&access.scopes(permission))))
        .filter(|(_, companies)| !companies.is_empty())
        .collect();
    Ok(Actor {
        name: user.facts.email.clone(),
        shell_user: cx.actor.shell_user.clone(),
        authority: Authority::Account(Account {
            id: user.id,
            superuser: user.facts.superuser,
            permissions: held,
        }),
    })
}
