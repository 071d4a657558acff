//! Making roles.

use super::dashboard::Dashboard;
use super::edit::{companies_in, groups_in, modules_of};
use super::{Error, KIND, Role, check_may_give, check_name, check_slug, require_for, store};
use crate::audit::{self, Event, Fields};
use crate::context::Context;
use crate::error::Result;
use crate::store::Tx;
use crate::text::color::Color;
use crate::text::fold::fold;
use crate::text::name::check_title;
use crate::text::note::check_note;
use crate::text::slug::slug;

/// A role to be made.
#[derive(Debug, Clone, Default)]
pub(crate) struct New {
    /// Its name.
    pub(crate) name: String,
    /// Its slug; made from the name when absent.
    pub(crate) slug: Option<String>,
    /// Free text.
    pub(crate) description: Option<String>,
    /// `#rrggbb`, of its badge.
    pub(crate) color: Option<String>,
    /// The place in lists.
    pub(crate) order: i64,
    /// The companies whose people may hold it, by name or slug; none for all.
    pub(crate) companies: Vec<String>,
    /// The groups it brings, by name.
    pub(crate) groups: Vec<String>,
    /// The modules whose widgets its dashboard may show; none for all.
    pub(crate) modules: Vec<String>,
    /// What its holders see at a glance.
    pub(crate) dashboard: Dashboard,
    /// Not offered yet, and bringing nothing.
    pub(crate) inactive: bool,
}

/// Makes a role; returns it and whether it is new (`if_absent` accepts the one there is).
pub(crate) fn create(cx: &Context, new: &New, if_absent: bool) -> Result<(Role, bool)> {
    cx.write(|tx| {
        cx.actor.require_anywhere("roles.add")?;
        let name = check_title(&new.name)?;
        if let Some(found) = super::find_in(tx, &name)?
            && fold(&found.name) == fold(&name)
            && super::is_seen(cx, &found)
            && if_absent
        {
            found.require(cx, "roles.add")?;
            return Ok((found, false));
        }
        new.description.as_deref().map_or(Ok(None), check_note)?;
        Ok((create_in(cx, tx, new, None)?, true))
    })
}

/// Makes a role in a transaction of the caller.
pub(crate) fn create_in(cx: &Context, tx: &Tx<'_>, new: &New, run: Option<&str>) -> Result<Role> {
    cx.actor.require_anywhere("roles.add")?;
    let companies = companies_in(cx, tx, &new.companies, "roles.add")?;
    require_for(cx, &companies, "roles.add")?;
    let name = check_name(cx, tx, &new.name, None)?;
    let slug = match &new.slug {
        Some(given) => check_slug(cx, tx, given, None)?,
        None => check_slug(cx, tx, &slug(&name).ok_or_else(|| Error::NoSlug { name: name.clone() })?, None)?,
    };
    let color = new.color.as_deref().map_or(Ok(None), Color::parse_optional)?;
    let mut role = Role {
        id: audit::new_id(tx, (KIND, "roles"))?,
        name,
        slug,
        description: new.description.clone().filter(|text| !text.is_empty()),
        color: color.map(|color| color.to_string()),
        order: new.order,
        companies,
        groups: groups_in(cx, tx, &new.groups, "roles.add")?,
        modules: modules_of(&new.modules)?,
        active: !new.inactive,
        dashboard: new.dashboard.clone(),
        revision: 0,
        created_at: cx.now(),
        updated_at: cx.now(),
        holders: 0,
    };
    role.check_groups(cx)?;
    check_may_give(cx, tx, &role.groups)?;
    let subject = Event::of("role.create", (KIND, role.id), &role.slug).in_run(run);
    role.revision = audit::change(cx, tx, subject, &Fields::new(), &role.fields())?;
    store::insert(tx, &role)?;
    store::get(tx, role.id)
}
