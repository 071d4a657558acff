//! Deleting roles, and taking them from people.

use super::store::{self, Holder};
use super::{Error, KIND, Role, check_may_give, which_in};
use crate::audit::{self, Entry};
use crate::context::Context;
use crate::error::Result;
use crate::permission::{self, Loss, Origin};
use crate::store::Tx;
use crate::text::count::named;
use crate::user::bulk;

/// Deletes a role; one that somebody holds only by `force`, which takes it from them first. People in the bin lose it.
/// Returns it, and who lost what.
///
/// # Errors
/// Also when so many would lose their last group that a run which took it from them would be held.
pub(crate) fn delete(cx: &Context, role: &str, force: bool) -> Result<(Role, Vec<Loss>)> {
    cx.write(|tx| {
        let role = which_in(cx, tx, role, "roles.delete")?;
        role.require(cx, "roles.delete")?;
        let holders = store::holders(tx, role.id)?;
        if let (Some(holders), false) = (said(&holders), force) {
            return Err(Error::InUse { role: role.slug, holders }.into());
        }
        let losses = losses(cx, tx, &role, &holders)?;
        if !holders.is_empty() {
            check_may_give(cx, tx, &role.groups)?;
            take(cx, tx, &role, &holders)?;
        }
        let before = audit::fields_text(&role.fields());
        let entry = Entry::new("role.delete", KIND, &role.slug);
        audit::record(cx, tx, Entry { subject_id: Some(role.id), before: before.as_deref(), ..entry })?;
        store::delete(tx, role.id)?;
        Ok((role, losses))
    })
}

/// Takes a role from those who could not hold it as it will be, because it is no longer for their company; only by
/// `force`. Who is in the bin loses it when restored.
pub(super) fn take_from_others(cx: &Context, tx: &Tx<'_>, old: &Role, new: &Role, force: bool) -> Result<()> {
    let mut others = store::holders(tx, old.id)?;
    others.retain(|holder| !holder.in_bin && !new.suits(holder.company_id));
    if let (Some(holders), false) = (said(&others), force) {
        return Err(Error::HeldElsewhere { role: old.slug.clone(), holders }.into());
    }
    losses(cx, tx, old, &others)?;
    take(cx, tx, old, &others)
}

/// Who loses what with the role, the bin apart.
fn losses(cx: &Context, tx: &Tx<'_>, role: &Role, holders: &[Holder]) -> Result<Vec<Loss>> {
    let live: Vec<i64> = holders.iter().filter(|holder| !holder.in_bin).map(|holder| holder.id).collect();
    let brings = |origin: &Origin| matches!(origin, Origin::Role(slug) if *slug == role.slug);
    permission::losses(cx, tx, &live, "roles.edit", |membership| membership.origins.iter().all(brings))
}

fn take(cx: &Context, tx: &Tx<'_>, role: &Role, holders: &[Holder]) -> Result<()> {
    let ids: Vec<i64> = holders.iter().map(|holder| holder.id).collect();
    bulk::each(cx, tx, &ids, &bulk::Verb::RemoveRole(role.slug.clone()))
}

/// How many people outside the bin, and who the first are; none for nobody.
fn said(holders: &[Holder]) -> Option<String> {
    let live = holders.iter().filter(|holder| !holder.in_bin);
    let emails: Vec<String> = live.map(|holder| holder.email.clone()).collect();
    (!emails.is_empty()).then(|| named(&emails, "person", "people"))
}
