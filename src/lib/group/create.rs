//! Making groups.

use super::{Group, KIND, Properties, name, store};
use crate::audit::{self, Event, Fields};
use crate::company;
use crate::context::Context;
use crate::error::Result;
use crate::store::Tx;
use crate::text::color::Color;
use crate::text::fold::fold;
use crate::text::note::check_note;

/// A group to be made; it grants nothing at first.
#[derive(Debug, Clone, Default)]
pub(crate) struct New {
    /// Its name.
    pub(crate) name: String,
    /// The only company it is for.
    pub(crate) company_id: Option<i64>,
    /// Free text.
    pub(crate) description: Option<String>,
    /// `#rrggbb`, for lists.
    pub(crate) color: Option<String>,
}

/// Makes a group of the company of that name or slug, or of none, whatever `new` says of it; returns it and whether it is
/// new (`if_absent` accepts the one there is).
pub(crate) fn create(
    cx: &Context,
    new: &New,
    company: Option<&str>,
    if_absent: bool,
) -> Result<(Group, bool)> {
    cx.write(|tx| {
        cx.actor.require_anywhere("groups.add")?;
        let seen = cx.actor.scope_of_any(&["org.view", "groups.add"]);
        let company_id = company.map(|name| company::id_in(tx, name, &seen)).transpose()?;
        cx.actor.require("groups.add", company_id)?;
        let name = name::check(&new.name)?;
        let same = store::named(tx, &fold(&name))?.into_iter().find(|group| group.company_id == company_id);
        if let (Some(found), true) = (same, if_absent) {
            return Ok((store::get(tx, found.id)?, false));
        }
        let id = create_in(cx, tx, &New { company_id, ..new.clone() }, None)?;
        Ok((store::get(tx, id)?, true))
    })
}

/// Makes a group in a transaction of the caller; returns its id.
pub(crate) fn create_in(cx: &Context, tx: &Tx<'_>, new: &New, run: Option<&str>) -> Result<i64> {
    cx.actor.require("groups.add", new.company_id)?;
    let name = name::check(&new.name)?;
    name::check_free(tx, &name, new.company_id, None)?;
    let color = new.color.as_deref().map_or(Ok(None), Color::parse_optional)?.map(|color| color.to_string());
    let description = new.description.as_deref().map_or(Ok(None), check_note)?;
    let company = super::target::company_name(tx, new.company_id)?;
    let properties = Properties {
        name: &name,
        company: company.as_deref(),
        company_id: new.company_id,
        description: description.as_deref(),
        color: color.as_deref(),
        assignable: false,
    };
    let id = audit::new_id(tx, (KIND, "groups"))?;
    let name = super::canonical(properties.name, properties.company);
    let subject = Event::of("group.create", (KIND, id), &name).in_run(run);
    let revision = audit::change(cx, tx, subject, &Fields::new(), &properties.fields())?;
    store::insert(tx, &store::Values { id, properties, revision, now: cx.now() })?;
    Ok(id)
}
