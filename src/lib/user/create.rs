//! Making people, and giving a profile to an account that has none.

use super::org_lookup::OrgLookup;
use super::save::{self, Record};
use super::store::{self, User};
use super::{Error, Facts, avatar, get_in, guard};
use crate::context::Context;
use crate::error::Result;
use crate::photo::Photo;
use crate::store::Tx;
use crate::text::email;
use crate::text::secret::Secret;

/// Makes a person; returns them and whether they are new (`if_absent` accepts the one there is, and leaves them alone).
pub(crate) fn create(
    cx: &Context,
    facts: Facts,
    photo: Option<&Photo>,
    if_absent: bool,
) -> Result<(User, bool)> {
    create_then(cx, facts, photo, if_absent, |_, _| Ok(()))
}

/// The same, and `then` something else with who is new, in the transaction that makes them.
pub(super) fn create_then(
    cx: &Context,
    facts: Facts,
    photo: Option<&Photo>,
    if_absent: bool,
    then: impl FnOnce(&Tx<'_>, &User) -> Result<()>,
) -> Result<(User, bool)> {
    cx.write(|tx| {
        if let Some(user) = store::by_email(tx, &email::key(&facts.email))? {
            if !guard::is_seen(cx, &user, "users.add") {
                return Err(Error::Taken { email: facts.email }.into());
            }
            return if if_absent {
                cx.actor.require("users.add", user.company_id)?;
                Ok((user, false))
            } else {
                Err(Error::Exists { email: user.facts.email }.into())
            };
        }
        let id = save::insert(cx, tx, &mut OrgLookup::default(), facts, Record::of("user.create"))?;
        if let Some(photo) = photo {
            avatar::set_in(cx, tx, &stored(tx, id)?, photo)?;
        }
        let user = stored(tx, id)?;
        then(tx, &user)?;
        Ok((user, true))
    })
}

/// Gives a profile to the account `who`.
pub(crate) fn adopt(cx: &Context, who: &str, profile: impl FnOnce(&mut Facts) -> Result<()>) -> Result<User> {
    cx.write(|tx| {
        let user = get_in(cx, tx, who, "users.edit")?;
        guard::require_manage(cx, tx, &user, "users.edit")?;
        if user.facts.has_profile() {
            return Err(Error::HasProfile { email: user.facts.email }.into());
        }
        let mut facts = user.facts.clone();
        profile(&mut facts)?;
        let saved = save::update(cx, tx, &mut OrgLookup::default(), &user, facts, Record::of("user.adopt"))?;
        stored(tx, saved.id)
    })
}

/// Makes the first person of a store, a superuser, in the transaction that makes the store.
pub(crate) fn create_first_superuser(
    cx: &Context,
    tx: &Tx<'_>,
    facts: Facts,
    password: &Secret,
) -> Result<()> {
    let facts = Facts { superuser: true, staff: true, ..facts };
    let must_change = facts.must_change_password;
    let id = save::insert(cx, tx, &mut OrgLookup::default(), facts, Record::of("user.create"))?;
    let user = stored(tx, id)?;
    let hash = super::password::prepare(cx, &user, password)?;
    super::password::set_in(cx, tx, &user, &hash, must_change)
}

/// The person just written.
pub(super) fn stored(tx: &Tx<'_>, id: i64) -> Result<User> {
    Ok(store::by_id(tx, id)?.ok_or_else(|| Error::NotFound { who: id.to_string(), near: None })?)
}
