//! Setting a person's password: policy, hash, audit row.

use serde_json::json;

use super::store::{self, Origin, User};
use super::{Error, KIND};
use crate::audit::{self, Entry, Fields};
use crate::context::Context;
use crate::error::Result;
use crate::password::check_differs;
use crate::password::hash::{HashCost, Hasher};
use crate::password::policy::{About, Policy, check};
use crate::store::Tx;
use crate::text::secret::Secret;

/// Checks a new password for a person: the policy, and that it differs from the one they have.
///
/// Hashing takes a while, so this is done before the store is locked for the change.
pub(super) fn prepare(cx: &Context, user: &User, password: &Secret) -> Result<String> {
    let facts = &user.facts;
    if user.origin == Origin::Directory {
        return Err(Error::DirectoryPassword { email: facts.email.clone() }.into());
    }
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
