//! Setting a person's password: policy, hash, audit row.
//!
//! What is set here is known to an administrator; a generated one is always flagged, so that the person chooses another
//! at the next login.

use serde_json::json;

use super::create::stored;
use super::store::{self, Origin, User};
use super::{Error, KIND, get_in, guard};
use crate::audit::{self, Entry, Fields};
use crate::context::Context;
use crate::error::Result;
use crate::password::hash::{HashCost, Hasher};
use crate::password::policy::{About, Policy, check};
use crate::password::{check_differs, generate};
use crate::store::Tx;
use crate::text::secret::Secret;

/// Whether the next login leads to the change page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum MustChange {
    /// It does.
    Yes,
    /// It does not.
    No,
    /// As it was before.
    AsBefore,
}

/// Sets the password of the person `who`.
pub(super) fn set(cx: &Context, who: &str, password: &Secret, must_change: MustChange) -> Result<User> {
    let user = cx.read(|tx| {
        let user = get_in(cx, tx, who)?;
        guard::touch(cx, tx, &user, "users.edit")?;
        Ok(user)
    })?;
    let hash = prepare(cx, &user, password)?;
    cx.write(|tx| {
        let now = get_in(cx, tx, who)?;
        guard::touch(cx, tx, &now, "users.edit")?;
        // Whoever has another name or password since the look may not have this one.
        let hash = if now == user { hash } else { prepare(cx, &now, password)? };
        let flag = match must_change {
            MustChange::Yes => true,
            MustChange::No => false,
            MustChange::AsBefore => now.facts.must_change_password,
        };
        set_in(cx, tx, &now, &hash, flag)?;
        stored(tx, now.id)
    })
}

/// Gives the person `who` a random password, which is returned, and flags it for change.
pub(super) fn set_generated(cx: &Context, who: &str) -> Result<(User, Secret)> {
    let password = generate::generate(&*cx.rng)?;
    Ok((set(cx, who, &password, MustChange::Yes)?, password))
}

/// Refuses an account whose password is the directory's.
pub(super) fn has_own_password(user: &User) -> Result<(), Error> {
    match user.origin {
        Origin::Local => Ok(()),
        Origin::Directory => Err(Error::DirectoryPassword { email: user.facts.email.clone() }),
    }
}

/// Checks a new password for a person: the policy, and that it differs from the one they have.
///
/// Hashing takes a while, so this is done before the store is locked for the change.
pub(super) fn prepare(cx: &Context, user: &User, password: &Secret) -> Result<String> {
    has_own_password(user)?;
    let facts = &user.facts;
    let names =
        [facts.first_name.as_deref().unwrap_or_default(), facts.last_name.as_deref().unwrap_or_default()];
    let about = About {
        names: &names,
        email: &facts.email,
        company: facts.company.as_deref().unwrap_or_default(),
        site: &cx.settings.site_name,
    };
    let policy = Policy { profile: cx.settings.password_profile, second_factor: facts.two_factor_required };
    check(password, policy, &about)?;
    let hasher = Hasher::new(HashCost::of(&cx.settings))?;
    if let Some(stored) = &user.password_hash {
        check_differs(&hasher, stored.expose(), password)?;
    }
    hasher.hash(&*cx.rng, password)
}

/// Stores a prepared hash; the audit learns that the password changed, nothing else.
pub(super) fn set_in(cx: &Context, tx: &Tx<'_>, user: &User, hash: &str, must_change: bool) -> Result<()> {
    let (mut before, mut after) = (Fields::new(), Fields::new());
    after.insert("password".into(), json!("changed"));
    if user.facts.must_change_password != must_change {
        before.insert("must_change_password".into(), json!(user.facts.must_change_password));
        after.insert("must_change_password".into(), json!(must_change));
    }
    let (before, after) = (audit::fields_text(&before), audit::fields_text(&after));
    let entry = Entry::new("user.set_password", KIND, &user.facts.email);
    let revision = audit::record(
        cx,
        tx,
        Entry { subject_id: Some(user.id), before: before.as_deref(), after: after.as_deref(), ..entry },
    )?;
    store::set_password(tx, user.id, hash, must_change, revision, cx.now())
}
