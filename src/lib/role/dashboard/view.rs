//! What a person sees: the dashboards of all their roles together.

use serde::Serialize;

use super::Dashboard;
use crate::context::Context;
use crate::error::Result;
use crate::role::{Role, store};
use crate::run::Engine;

/// What a person sees, in the order it is shown.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct View {
    /// The person's email.
    pub(crate) person: String,
    /// The slugs of the roles it comes from, in role order.
    pub(crate) roles: Vec<String>,
    /// The sections that show something.
    pub(crate) sections: Vec<Shown>,
}

/// A section a person sees.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct Shown {
    /// Its name.
    #[serde(rename = "section")]
    pub(crate) name: &'static str,
    /// Its widgets; never none.
    pub(crate) widgets: Vec<&'static str>,
}

/// What the person of that email or id sees.
///
/// Roles that are inactive, or not for the person's company, show nothing.
pub(crate) fn of_person(cx: &Context, engine: &Engine, who: &str) -> Result<View> {
    cx.read(|tx| {
        cx.actor.require_anywhere("roles.view")?;
        let (id, person) = engine.users.find(cx, tx, who, "roles.view")?;
        cx.actor.require("roles.view", store::company_of(tx, id)?)?;
        let roles = store::in_force_of(tx, id)?;
        Ok(View {
            person,
            sections: together(&roles),
            roles: roles.into_iter().map(|role| role.slug).collect(),
        })
    })
}

/// What the roles show together: sections and widgets stand where the first role that shows them has them.
pub(in crate::role) fn together(roles: &[Role]) -> Vec<Shown> {
    let mut sections: Vec<Shown> = Vec::new();
    for role in roles {
        for shown in shown_by(&role.dashboard, &role.modules) {
            match sections.iter_mut().find(|section| section.name == shown.name) {
                Some(section) => {
                    let new = shown.widgets.into_iter().filter(|widget| !section.widgets.contains(widget));
                    let new: Vec<_> = new.collect();
                    section.widgets.extend(new);
                }
                None => sections.push(shown),
            }
        }
    }
    sections
}

/// What one dashboard shows of the modules that are allowed.
fn shown_by(dashboard: &Dashboard, modules: &[String]) -> Vec<Shown> {
    let shown = dashboard.sections().iter().filter(|section| section.on).map(|section| Shown {
        name: section.name,
        widgets: section
            .widgets
            .iter()
            .filter(|widget| widget.on && widget.is_allowed(modules))
            .map(|widget| widget.name)
            .collect(),
    });
    shown.filter(|section| !section.widgets.is_empty()).collect()
}
