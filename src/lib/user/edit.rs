//! Changing one person's facts.

use std::cell::Cell;

use super::avatar::PhotoChange;
use super::bulk::plan_one;
use super::create::stored;
use super::places::Places;
use super::save::{self, Record};
use super::store::User;
use super::{Facts, avatar, get_in, guard, rules};
use crate::context::Context;
use crate::error::Result;
use crate::run::{self, Action, Ask, Committed, Effect, Engine, Spec};
use crate::store::Tx;
use crate::text::fold::fold;

/// What an edit did.
pub(crate) struct Edited {
    /// The person now.
    pub(crate) user: User,
    /// The names of the fields that changed.
    pub(crate) changed: Vec<String>,
    /// Fields that were cleared because they do not fit the new company or department.
    pub(crate) cleared: Vec<String>,
    /// What became of it, when it was proposed.
    pub(crate) committed: Committed,
}

/// Changes the person `who` like [`edit`]; roles and groups that a new company takes are a run, when `ask` lets it.
///
/// The photo is no part of the run, and is changed before it, so that the run can be undone.
pub(crate) fn propose(
    cx: &Context,
    engine: &mut Engine,
    who: &str,
    photo: &PhotoChange,
    change: impl Fn(&mut Facts) -> Result<()>,
    ask: &Ask<'_>,
) -> Result<Edited> {
    let spec = Spec { kind: "user.edit", source: "", repeats: false, is_whole: true };
    let (plan, (old, facts, cleared)) = run::plan_for(cx, engine, &spec, |tx, planner| {
        let old = get_in(cx, tx, who, "users.edit")?;
        guard::touch(cx, tx, &old, "users.edit")?;
        planner.comes_from(&old.facts.email);
        planner.concerns_all(cx, "users.edit")?;
        let mut places = Places::default();
        let (mut facts, mut cleared) = changed(cx, tx, &mut places, &old, &change)?;
        let asked = facts.clone();
        let ids = guard::about(&old, places.resolve(cx, tx, Some(&old), &mut facts))?;
        let taken = taken_away(&old.facts, &asked, &facts);
        if !taken.is_empty() {
            rules::check(&facts)?;
            guard::change(cx, tx, &old, &facts, &ids)?;
            plan_one(cx, tx, &mut places, planner, Action::Update, (&old, &facts))?;
        }
        cleared.extend(taken);
        Ok((old, facts, cleared))
    })?;
    if plan.is_empty() {
        return edit(cx, who, photo, change);
    }
    let has_photo = Cell::new(None);
    let change_photo = || {
        has_photo.set(Some(cx.write(|tx| avatar::change_in(cx, tx, &old, photo))?));
        Ok(())
    };
    let question = |effect: &Effect| (ask.question)(effect).and_then(|()| change_photo());
    let committed = run::propose(cx, engine, plan, &Ask { question: &question, ..*ask })?;
    if has_photo.get().is_none() {
        change_photo()?;
    }
    let (_, after) = old.facts.difference(&facts);
    let mut changed: Vec<String> = after.into_iter().map(|(field, _)| field).collect();
    changed.extend(has_photo.get().filter(|is_new| *is_new).map(|_| "photo".to_owned()));
    let user = if cx.dry_run { User { facts, ..old } } else { cx.read(|tx| stored(tx, old.id))? };
    Ok(Edited { user, changed, cleared, committed })
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
        let mut places = Places::default();
        let (facts, mut cleared) = changed(cx, tx, &mut places, &old, &change)?;
        let asked = facts.clone();
        let saved = save::update(cx, tx, &mut places, &old, facts, Record::of("user.edit"))?;
        let mut user = stored(tx, old.id)?;
        cleared.extend(taken_away(&old.facts, &asked, &user.facts));
        let mut changed: Vec<String> = saved.after.keys().cloned().collect();
        if avatar::change_in(cx, tx, &user, photo)? {
            changed.push("photo".to_owned());
            user = stored(tx, old.id)?;
        }
        Ok(Edited { user, changed, cleared, committed: Committed::default() })
    })
}

/// The facts as they are asked to be, and what was cleared in them.
fn changed(
    cx: &Context,
    tx: &Tx<'_>,
    places: &mut Places,
    old: &User,
    change: impl Fn(&mut Facts) -> Result<()>,
) -> Result<(Facts, Vec<String>)> {
    let mut facts = old.facts.clone();
    change(&mut facts)?;
    if facts.company != old.facts.company {
        places.name_company(cx, tx, &mut facts)?;
    }
    let named = Named::by(&change, &old.facts)?;
    let cleared = clear_what_does_not_fit(&old.facts, &mut facts, named);
    Ok((facts, cleared.into_iter().map(str::to_owned).collect()))
}

/// The roles and groups of `old` that were asked to stay and did not, for they do not fit the new company.
fn taken_away(old: &Facts, asked: &Facts, saved: &Facts) -> Vec<String> {
    let lost = |word: &str, old: &[String], asked: &[String], saved: &[String]| {
        let lost = old.iter().filter(|name| asked.contains(name) && !saved.contains(name));
        lost.map(|name| format!("{word} `{name}`")).collect::<Vec<_>>()
    };
    let mut taken = lost("role", &old.roles, &asked.roles, &saved.roles);
    taken.extend(lost("group", &old.groups, &asked.groups, &saved.groups));
    taken
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
