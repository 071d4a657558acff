//! Changing one person's facts.
//!
//! What takes nothing from them is a plain change ([`edit`]). A new company takes the roles and groups that are not for it, and
//! those that are named may be given up: that is proposed ([`propose`]), as a run of one change that is asked about, held
//! and undone. Either way the facts are worked out by one function, looked up by [`OrgLookup`], and written through
//! [`save`].

use super::avatar::PhotoChange;
use super::bulk::plan_one;
use super::create::stored;
use super::org_lookup::OrgLookup;
use super::save::{self, Record};
use super::store::User;
use super::{Error, Facts, avatar, get_in, guard, rules};
use crate::context::Context;
use crate::error::{Explain, Kind, Result};
use crate::run::{self, Ask, Committed, Effect, Engine, Spec};
use crate::store::Tx;
use crate::text::fold::fold;
use crate::text::shell::secboard;

/// What an edit did.
pub(crate) struct Edited {
    /// The person now.
    pub(crate) user: User,
    /// The names of the fields that changed.
    pub(crate) changed: Vec<String>,
    /// What does not fit the new company or department.
    pub(crate) cleared: Cleared,
    /// What became of it, when it was proposed.
    pub(crate) committed: Committed,
}

/// A photo that was to be changed beside what is a run.
#[derive(Debug, thiserror::Error)]
#[error("no photo is changed beside what takes something, which can be held and undone: `{email}` would lose {}", .taken.join(", "))]
pub(crate) struct PhotoWithRun {
    email: String,
    taken: Vec<String>,
}

impl Explain for PhotoWithRun {
    fn code(&self) -> &'static str {
        "user.photo_with_run"
    }

    fn kind(&self) -> Kind {
        Kind::Refused
    }

    fn field(&self) -> Option<&'static str> {
        Some("photo")
    }

    fn advice(&self) -> Option<String> {
        let command = secboard("user avatar set").operand(&self.email).word("FILE");
        Some(format!("change the photo alone, with `{command}`"))
    }
}

/// What is asked before a new company takes roles or groups from somebody.
pub(crate) struct AskMove<'a> {
    /// Whether it is to be told what the person loses.
    pub(crate) with_losses: bool,
    /// Refuses unless it is let; returns whether somebody was asked.
    pub(crate) question: &'a dyn Fn(&Move<'_>) -> Result<bool>,
}

/// A move that takes roles or groups from somebody.
pub(crate) struct Move<'a> {
    /// From whom.
    pub(crate) email: &'a str,
    /// The roles and groups.
    pub(crate) taken: &'a [String],
    /// What that takes from them.
    pub(crate) effect: &'a Effect,
}

/// Changes the person `who` like [`edit`]; roles and groups that a new company takes are a run, when `ask` lets it, and so
/// are those that are named, where what they bring goes.
///
/// A run can be held and undone and keeps no pictures, so a photo is refused beside it.
pub(crate) fn propose(
    cx: &Context,
    engine: &mut Engine,
    who: &str,
    photo: &PhotoChange,
    change: impl Fn(&mut Facts) -> Result<()>,
    ask: &AskMove<'_>,
) -> Result<Edited> {
    let spec = Spec { kind: "user.edit", source: "", repeats: false, is_whole: true };
    let (plan, (old, facts, cleared)) = run::plan_for(cx, engine, &spec, |tx, planner| {
        let old = get_in(cx, tx, who, "users.edit")?;
        guard::require_manage(cx, tx, &old, "users.edit")?;
        planner.comes_from(&old.facts.email);
        planner.concerns_all(cx, "users.edit")?;
        let mut places = OrgLookup::default();
        let (mut facts, named, cleared) = changed(cx, tx, &mut places, &old, &change)?;
        let asked = facts.clone();
        let ids = guard::about(&old, places.resolve(cx, tx, Some(&old), &mut facts))?;
        named.check_kept(cx, tx, &mut places, (&old.facts, &facts))?;
        let cleared = Cleared { taken: taken_away(cx, tx, &mut places, &old, (&asked, &facts))?, ..cleared };
        let given_up = given_up(&old.facts, &facts);
        if !(cleared.taken.is_empty() && given_up.is_empty()) {
            rules::check(&facts)?;
            guard::require_change(cx, tx, &old, &facts, &ids)?;
            if !matches!(photo, PhotoChange::Keep) {
                let taken = if cleared.taken.is_empty() { given_up } else { cleared.taken };
                return Err(PhotoWithRun { email: old.facts.email, taken }.into());
            }
            plan_one(cx, tx, &mut places, planner, (&old, &facts))?;
        }
        Ok((old, facts, cleared))
    })?;
    let outright = || {
        cx.write(|tx| {
            let Changed { id, fields: changed, cleared } = edit_in(cx, tx, who, photo, &change)?;
            Ok(Edited { user: stored(tx, id)?, changed, cleared, committed: Committed::default() })
        })
    };
    if plan.is_empty() {
        return outright();
    }
    let question =
        |effect: &Effect| (ask.question)(&Move { email: &old.facts.email, taken: &cleared.taken, effect });
    let committed = if cleared.taken.is_empty() {
        run::propose(cx, engine, plan, &Ask::nothing(ask.with_losses))?
    } else {
        run::propose_run(cx, engine, plan, &Ask { with_losses: ask.with_losses, question: &question })?
    };
    if cx.dry_run && committed.run.is_none() {
        return outright();
    }
    let (_, after) = old.facts.difference(&facts);
    let changed = after.into_iter().map(|(field, _)| field).collect();
    let user = if cx.dry_run { User { facts, ..old } } else { cx.read(|tx| stored(tx, old.id))? };
    Ok(Edited { user, changed, cleared, committed })
}

/// What a person no longer has because it belongs to a company or department that they leave.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Cleared {
    /// The fields.
    pub(crate) fields: Vec<String>,
    /// The roles and groups, such as ``role `clerk` `` or ``group `Desk@Acme` of role `night` ``.
    pub(crate) taken: Vec<String>,
}

impl Cleared {
    /// All of it, if there is anything.
    pub(crate) fn said(&self) -> Option<String> {
        let all: Vec<&str> = self.fields.iter().chain(&self.taken).map(String::as_str).collect();
        (!all.is_empty()).then(|| all.join(", "))
    }
}

/// What a plain change did.
pub(crate) struct Changed {
    /// Whose.
    pub(crate) id: i64,
    /// The names of the fields that changed.
    pub(crate) fields: Vec<String>,
    /// What does not fit the new company or department.
    pub(crate) cleared: Cleared,
}

/// Changes the person `who` by `change`, and the photo.
///
/// A new company clears the department and position of the old one, a new department the position, unless new ones
/// come with it; [`Changed::cleared`] says so.
pub(crate) fn edit(
    cx: &Context,
    who: &str,
    photo: &PhotoChange,
    change: impl Fn(&mut Facts) -> Result<()>,
) -> Result<Changed> {
    cx.write(|tx| edit_in(cx, tx, who, photo, &change))
}

fn edit_in(
    cx: &Context,
    tx: &Tx<'_>,
    who: &str,
    photo: &PhotoChange,
    change: impl Fn(&mut Facts) -> Result<()>,
) -> Result<Changed> {
    let old = get_in(cx, tx, who, "users.edit")?;
    guard::require_manage(cx, tx, &old, "users.edit")?;
    let mut places = OrgLookup::default();
    let (facts, named, cleared) = changed(cx, tx, &mut places, &old, &change)?;
    let asked = facts.clone();
    let saved = save::update(cx, tx, &mut places, &old, facts, Record::of("user.edit"))?;
    named.check_kept(cx, tx, &mut places, (&old.facts, &saved.facts))?;
    let taken = taken_away(cx, tx, &mut places, &old, (&asked, &saved.facts))?;
    let mut fields: Vec<String> = saved.after.keys().cloned().collect();
    let id = old.id;
    if avatar::change_in(cx, tx, &User { facts: saved.facts, ..old }, photo)? {
        fields.push("photo".to_owned());
    }
    Ok(Changed { id, fields, cleared: Cleared { taken, ..cleared } })
}

/// The facts as they are asked to be, what of them was named, and what was cleared in them.
fn changed(
    cx: &Context,
    tx: &Tx<'_>,
    places: &mut OrgLookup,
    old: &User,
    change: impl Fn(&mut Facts) -> Result<()>,
) -> Result<(Facts, NamedFields, Cleared)> {
    let mut facts = old.facts.clone();
    change(&mut facts)?;
    if facts.company != old.facts.company {
        places.name_company(cx, tx, &mut facts)?;
    }
    let named = NamedFields::by(&change, &old.facts)?;
    let fields = clear_what_does_not_fit(&old.facts, &mut facts, &named);
    let fields = fields.into_iter().map(str::to_owned).collect();
    Ok((facts, named, Cleared { fields, taken: Vec::new() }))
}

/// What of their access somebody has no longer who has `new` after `old`, such as ``group `Desk@Acme` ``.
fn given_up(old: &Facts, new: &Facts) -> Vec<String> {
    let gone = |word: &str, old: &[String], new: &[String]| {
        let gone = old.iter().filter(|name| !new.contains(name));
        gone.map(|name| format!("{word} `{name}`")).collect::<Vec<_>>()
    };
    let mut given_up = gone("role", &old.roles, &new.roles);
    given_up.extend(gone("group", &old.groups, &new.groups));
    given_up.extend(gone("the groups of role", &new.roles_without_groups, &old.roles_without_groups));
    if old.superuser && !new.superuser {
        given_up.push("all that a superuser may do".to_owned());
    }
    given_up
}

/// The roles and groups of `old` that were asked to stay and did not, for they do not fit the new company; also the groups
/// of the old one that came with a role which stays.
pub(super) fn taken_away(
    cx: &Context,
    tx: &Tx<'_>,
    places: &mut OrgLookup,
    old: &User,
    (asked, saved): (&Facts, &Facts),
) -> Result<Vec<String>> {
    let lost = |word: &str, old: &[String], asked: &[String], saved: &[String]| {
        let lost = old.iter().filter(|name| asked.contains(name) && !saved.contains(name));
        lost.map(|name| format!("{word} `{name}`")).collect::<Vec<_>>()
    };
    if saved.company == old.facts.company && asked.assignments() == saved.assignments() {
        return Ok(Vec::new());
    }
    let (roles, groups) = places.assignments_of(cx, tx, &old.facts, (&asked.roles, &asked.groups))?;
    let mut taken = lost("role", &old.facts.roles, &roles, &saved.roles);
    taken.extend(lost("group", &old.facts.groups, &groups, &saved.groups));
    let left = places.left_behind(tx, old, saved)?.into_iter();
    taken.extend(left.map(|(group, role)| format!("group `{group}` of role `{role}`")));
    Ok(taken)
}

/// What a change names: a department may have the same name in the company that is left and in the new one, and a role
/// that somebody holds may be named again, so comparing names would not tell.
#[derive(Debug, Clone, Default)]
pub(super) struct NamedFields {
    department: bool,
    position: bool,
    roles: Vec<String>,
    groups: Vec<String>,
}

impl NamedFields {
    fn by(change: impl Fn(&mut Facts) -> Result<()>, old: &Facts) -> Result<Self> {
        let (department, position, roles, groups) = (None, None, Vec::new(), Vec::new());
        let mut bare = Facts { department, position, roles, groups, ..old.clone() };
        change(&mut bare)?;
        Ok(Self {
            department: bare.department.is_some(),
            position: bare.position.is_some(),
            roles: bare.roles,
            groups: bare.groups,
        })
    }

    /// Refuses to leave a role or group out that is named, because it is not for the new company.
    fn check_kept(
        &self,
        cx: &Context,
        tx: &Tx<'_>,
        places: &mut OrgLookup,
        (old, saved): (&Facts, &Facts),
    ) -> Result<()> {
        let (roles, groups) = places.assignments_of(cx, tx, old, (&self.roles, &self.groups))?;
        let email = || saved.email.clone();
        if let Some(role) = roles.into_iter().find(|role| !saved.roles.contains(role)) {
            return Err(Error::RoleElsewhere { role, email: email() }.into());
        }
        match groups.into_iter().find(|group| !saved.groups.contains(group)) {
            Some(group) => Err(Error::GroupElsewhere { group, email: email() }.into()),
            None => Ok(()),
        }
    }
}

/// Clears what belongs to a company or department that the person leaves, unless it is named again.
pub(super) fn clear_what_does_not_fit(
    old: &Facts,
    new: &mut Facts,
    named: &NamedFields,
) -> Vec<&'static str> {
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
