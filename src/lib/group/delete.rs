//! Deleting groups.

use super::name::{Wish, which_in};
use super::{Error, Found, Group, KIND, Which, check_may_give, grant, show, store};
use crate::audit::{self, Entry};
use crate::context::Context;
use crate::error::Result;
use crate::permission::{self, Loss, Membership, Origin};
use crate::role;
use crate::store::Tx;
use crate::text::count::named;
use crate::user::bulk::{self, Verb};

/// The group that is meant to be deleted, and who would lose it, in words; nobody when they are empty.
pub(crate) fn before_delete(cx: &Context, which: &Which) -> Result<(Group, String)> {
    cx.read(|tx| {
        let group = which_in(cx, tx, which, Wish::Change("groups.delete"))?;
        let uses = uses(tx, &group)?;
        Ok((group, uses))
    })
}

/// Deletes a group that nobody is in and no role brings; with `force` it is taken from them first. Returns who lost
/// what. People in the bin do not keep a group alive: they lose it too.
///
/// # Errors
/// Also when so many would lose their last group that a run which took it from them would be held.
pub(crate) fn delete(cx: &Context, which: &Which, force: bool) -> Result<Vec<Loss>> {
    cx.write(|tx| {
        let group = which_in(cx, tx, which, Wish::Change("groups.delete"))?;
        let mut losses = Vec::new();
        if force && !uses(tx, &group)?.is_empty() {
            let goes = |membership: &Membership| membership.group == group.id;
            losses = permission::losses(cx, tx, &people(tx, &group)?, "groups.delete", goes)?;
            take_from_all(cx, tx, &group)?;
        }
        let uses = uses(tx, &group)?;
        if !uses.is_empty() {
            return Err(Error::InUse { group: group.canonical(), uses }.into());
        }
        let in_bin = store::members_in_bin(tx, group.id)?;
        bulk::each(cx, tx, &in_bin, &Verb::RemoveGroup(group.canonical()))?;
        let mut before = group.properties().fields();
        before.extend(grant::fields(&grant::grants_in(tx, group.id)?));
        let before = audit::fields_text(&before);
        let subject = group.canonical();
        let entry = Entry::new("group.delete", KIND, &subject);
        audit::record(cx, tx, Entry { subject_id: Some(group.id), before: before.as_deref(), ..entry })?;
        store::delete(tx, group.id)?;
        Ok(losses)
    })
}

/// Takes the group from the roles that bring it and from the people who were put into it, each in a change of its own.
fn take_from_all(cx: &Context, tx: &Tx<'_>, group: &Group) -> Result<()> {
    check_may_give(cx, tx, &Found::from(group.clone()))?;
    let name = group.canonical();
    for slug in show::roles(tx, group.id)? {
        let groups = role::Changes { remove: vec![name.clone()], ..role::Changes::default() };
        role::edit_in(cx, tx, &slug, &role::Edit { groups, ..role::Edit::default() })?;
    }
    let mut people = Vec::new();
    store::members(tx, group.id, |member| {
        if member.origins.contains(&Origin::Manual) {
            people.push(member.email);
        }
        Ok(())
    })?;
    let verb = Verb::RemoveGroup(name);
    people.iter().try_for_each(|email| bulk::one_in(cx, tx, email, &verb).map(|_| ()))
}

/// The ids of everybody in the group.
fn people(tx: &Tx<'_>, group: &Group) -> Result<Vec<i64>> {
    let mut people = Vec::new();
    store::members(tx, group.id, |member| {
        people.push(member.id);
        Ok(())
    })?;
    Ok(people)
}

/// Who is in the group and which roles bring it, counted, with the first of each; empty when there is nothing.
fn uses(tx: &Tx<'_>, group: &Group) -> Result<String> {
    let mut people = Vec::new();
    store::members(tx, group.id, |member| {
        people.push(member.email);
        Ok(())
    })?;
    let roles = show::roles(tx, group.id)?;
    let uses = [(people, "person", "people"), (roles, "role", "roles")];
    let uses = uses.iter().filter(|(names, ..)| !names.is_empty());
    Ok(uses.map(|(names, one, many)| named(names, one, many)).collect::<Vec<_>>().join(", "))
}
