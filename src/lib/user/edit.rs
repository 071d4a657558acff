//! Changing one person's facts.

use super::avatar::PhotoChange;
use super::create::stored;
use super::places::Places;
use super::save::{self, Record};
use super::store::User;
use super::{Facts, avatar, get_in};
use crate::context::Context;
use crate::error::Result;

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
    change: impl FnOnce(&mut Facts) -> Result<()>,
) -> Result<Edited> {
    cx.write(|tx| {
        let old = get_in(tx, who)?;
        let mut facts = old.facts.clone();
        change(&mut facts)?;
        let mut places = Places::default();
        places.name_company(tx, &mut facts)?;
        let cleared = clear_what_does_not_fit(&old.facts, &mut facts);
        let saved = save::update(cx, tx, &mut places, &old, facts, Record::of("user.edit"))?;
        save::keep_a_superuser(cx, tx, Some(&old.facts))?;
        let mut changed: Vec<String> = saved.after.keys().cloned().collect();
        if avatar::change_in(cx, tx, &stored(tx, old.id)?, photo)? {
            changed.push("photo".to_owned());
        }
        Ok(Edited { user: stored(tx, old.id)?, changed, cleared })
    })
}

/// Clears what belongs to a company or department that the person leaves.
pub(super) fn clear_what_does_not_fit(old: &Facts, new: &mut Facts) -> Vec<&'static str> {
    let mut cleared = Vec::new();
    let leaves_company = old.company != new.company;
    if leaves_company && new.department.is_some() && new.department == old.department {
        new.department = None;
        cleared.push("department");
    }
    let leaves_department = leaves_company || old.department != new.department;
    if leaves_department && new.position.is_some() && new.position == old.position {
        new.position = None;
        cleared.push("position");
    }
    cleared
}
