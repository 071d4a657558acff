//! Deleting roles.

use super::{Error, KIND, Role, get_in, store};
use crate::audit::{self, Entry};
use crate::context::Context;
use crate::error::Result;
use crate::text::count::named;

/// Deletes a role that nobody holds.
pub(crate) fn delete(cx: &Context, role: &str) -> Result<Role> {
    cx.write(|tx| {
        let role = get_in(tx, role)?;
        role.require(cx, "roles.delete")?;
        let holders = store::holders(tx, role.id)?;
        if !holders.is_empty() {
            let holders = named(&holders, "person", "people");
            return Err(Error::InUse { role: role.slug, holders }.into());
        }
        let before = audit::fields_text(&role.fields());
        let entry = Entry::new("role.delete", KIND, &role.slug);
        audit::record(cx, tx, Entry { subject_id: Some(role.id), before: before.as_deref(), ..entry })?;
        store::delete(tx, role.id)?;
        Ok(role)
    })
}
