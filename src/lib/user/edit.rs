//! Changing one person's facts.

use super::avatar::PhotoChange;
use super::create::stored;
use super::places::Places;
use super::save::{self, Record};
use super::store::User;
use super::{Facts, avatar, get_in, guard};
use crate::context::Context;
use crate::error::Result;
use crate::text::fold::fold;

/// What an edit did.
pub(crate) struct Edited {
    /// The person now.
    pub(crate) user: User,
    /// The names of the fields that changed.
    pub(crate) changed: Vec<String>,
    /// Fields that were cleared because they do not fit the new company or department.
    pub(crate) cleared: Vec<&'static str>,
}

/// Changes the person `who` by `change`, and the photo.
///
/// A new company clears the department and position of the old one, a new department the position, unless new ones
/// come with it; [`Edited::cleared`] says so.
pub(crate) fn edit(
    cx: &Context,
    who: &str,
    photo: &PhotoChange,
    change: impl Fn(&mut Facts) -> Result<()>,
) -> Result<Edited> {
    cx.write(|tx| {
        let old = get_in(cx, tx, who, "users.edit")?;
        guard::touch(cx, tx, &old, "users.edit")?;
        let mut facts = old.facts.clone();
        change(&mut facts)?;
        let mut places = Places::default();
        if facts.company != old.facts.company {
            places.name_company(cx, tx, &mut facts)?;
        }
        let named = Named::by(&change, &old.facts)?;
        let mut cleared = clear_what_does_not_fit(&old.facts, &mut facts, named);
        let asked = facts.clone();
        let saved = save::update(cx, tx, &mut places, &old, facts, Record::of("user.edit"))?;
        let mut user = stored(tx, old.id)?;
        cleared.extend(taken_away(&old.facts, &asked, &user.facts));
        let mut changed: Vec<String> = saved.after.keys().cloned().collect();
        if avatar::change_in(cx, tx, &user, photo)? {
            changed.push("photo".to_owned());
            user = stored(tx, old.id)?;
        }
        Ok(Edited { user, changed, cleared })
    })
}

/// The holdings of `old` that were asked to stay and did not, for they do not fit the new company.
fn taken_away(old: &Facts, asked: &Facts, saved: &Facts) -> Vec<&'static str> {
    let lost = |old: &[String], asked: &[String], saved: &[String]| {
        old.iter().any(|name| asked.contains(name) && !saved.contains(name))
    };
    let roles = lost(&old.roles, &asked.roles, &saved.roles).then_some("roles");
    let groups = lost(&old.groups, &asked.groups, &saved.groups).then_some("groups");
    roles.into_iter().chain(groups).collect()
}

/// What a change names: a department may have the same name in the company that is left and in the new one, so comparing
/// names would not tell.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Named {
    department: bool,
    position: bool,
}

impl Named {
    fn by(change: impl Fn(&mut Facts) -> Result<()>, old: &Facts) -> Result<Self> {
        let mut bare = Facts { department: None, position: None, ..old.clone() };
        change(&mut bare)?;
        Ok(Self { department: bare.department.is_some(), position: bare.position.is_some() })
    }
}

/// Clears what belongs to a company or department that the person leaves, unless it is named anew.
pub(super) fn clear_what_does_not_fit(old: &Facts, new: &mut Facts, named: Named) -> Vec<&'static str> {
    let folded = |name: &Option<String>| name.as_deref().map(fold);
    let mut cleared = Vec::new();
    let leaves_company = old.company != new.company;
    if leaves_company && new.department.is_some() && !named.department {
        new.department = None;
        cleared.push("department");
    }
    let leaves_department = leaves_company || folded(&old.department) != folded(&new.department);
    if leaves_department && new.position.is_some() && !named.position {
        new.position = None;
        cleared.push("position");
    }
    cleared
}
