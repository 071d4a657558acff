//! Deleting groups.

use super::name::{Wish, which_in};
use super::{Error, Group, KIND, Which, grant, show, store};
use crate::audit::{self, Entry};
use crate::context::Context;
use crate::error::Result;
use crate::store::Tx;

/// The most names a message gives of those who are in a group, and of the roles that bring it.
const NAMED: usize = 3;

/// Deletes a group that nobody is in and no role brings.
pub(crate) fn delete(cx: &Context, which: &Which) -> Result<Group> {
    cx.write(|tx| {
        let group = which_in(cx, tx, which, Wish::Change("groups.delete"))?;
        let uses = uses(tx, &group)?;
        if !uses.is_empty() {
            return Err(Error::InUse { group: group.canonical(), uses }.into());
        }
        let mut before = group.properties().fields();
        before.extend(grant::fields(&grant::grants_in(tx, group.id)?));
        let before = audit::fields_text(&before);
        let subject = group.canonical();
        let entry = Entry::new("group.delete", KIND, &subject);
        audit::record(cx, tx, Entry { subject_id: Some(group.id), before: before.as_deref(), ..entry })?;
        store::delete(tx, group.id)?;
        Ok(group)
    })
}

/// Who is in the group and which roles bring it, counted, with the first of each; empty when there is nothing.
fn uses(tx: &Tx<'_>, group: &Group) -> Result<String> {
    let mut people = Vec::new();
    store::members(tx, group.id, |member| {
        people.push(member.email);
        Ok(())
    })?;
    let roles = show::roles(tx, group.id)?;
    let said = [said(&people, "person", "people"), said(&roles, "role", "roles")];
    Ok(said.into_iter().flatten().collect::<Vec<_>>().join(", "))
}

/// `3 people (a, b, c)`.
fn said(names: &[String], one: &str, many: &str) -> Option<String> {
    let what = if names.len() == 1 { one } else { many };
    let first = names.get(..NAMED).map_or_else(|| names.join(", "), |first| first.join(", "));
    let more = if names.len() > NAMED { ", …" } else { "" };
    (!names.is_empty()).then(|| format!("{} {what} ({first}{more})", names.len()))
}
