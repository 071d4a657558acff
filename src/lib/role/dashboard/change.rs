//! Arranging a role's dashboard.

use super::{Dashboard, check_once, section_names, section_of, unknown, widget_names};
use crate::context::Context;
use crate::error::Result;
use crate::role::{Error, Role, edit};

/// What to change of a dashboard.
#[derive(Debug, Clone, Default)]
pub(crate) struct Change {
    /// Sections to switch.
    pub(crate) sections: Vec<String>,
    /// Widgets to switch.
    pub(crate) widgets: Vec<String>,
    /// On or off.
    pub(crate) on: bool,
    /// Sections, or widgets of one section, that come first, in this order; the others follow as they are.
    pub(crate) order: Vec<String>,
}

/// Changes the dashboard of a role; returns the role and whether anything changed.
pub(crate) fn change(cx: &Context, role: &str, change: &Change) -> Result<(Role, bool)> {
    edit::dashboard(cx, role, |old| change.applied_to(old))
}

/// Gives a role this dashboard; returns the role and whether anything changed.
pub(crate) fn replace(cx: &Context, role: &str, new: &Dashboard) -> Result<(Role, bool)> {
    edit::dashboard(cx, role, |_| Ok(new.clone()))
}

/// Gives a role the dashboard every role begins with; returns the role and whether anything changed.
pub(crate) fn reset(cx: &Context, role: &str) -> Result<(Role, bool)> {
    replace(cx, role, &Dashboard::default())
}

impl Change {
    /// The dashboard with the change made.
    ///
    /// # Errors
    /// When it names a section or widget that there is not, one twice, or orders what does not stand beside each other.
    pub(super) fn applied_to(&self, old: &Dashboard) -> Result<Dashboard, Error> {
        let mut new = old.clone();
        for name in &self.sections {
            let section = new.sections.iter_mut().find(|section| section.name == name);
            section.ok_or_else(|| unknown("section", name, section_names()))?.on = self.on;
        }
        for name in &self.widgets {
            let mut widgets = new.sections.iter_mut().flat_map(|section| &mut section.widgets);
            let widget = widgets.find(|widget| widget.name == name);
            widget.ok_or_else(|| unknown("widget", name, widget_names()))?.on = self.on;
        }
        self.put_in_order(&mut new)?;
        Ok(new)
    }

    fn put_in_order(&self, dashboard: &mut Dashboard) -> Result<(), Error> {
        check_once(self.order.iter().map(String::as_str))?;
        let place = |name: &str| self.order.iter().position(|wanted| wanted == name).unwrap_or(usize::MAX);
        let Some(first) = self.order.first() else { return Ok(()) };
        let siblings = Siblings::of(first)?;
        for name in &self.order {
            if Siblings::of(name)? != siblings {
                return Err(Error::Apart { one: first.clone(), other: name.clone() });
            }
        }
        match siblings {
            Siblings::Sections => dashboard.sections.sort_by_key(|section| place(section.name)),
            Siblings::WidgetsOf(name) => {
                for section in dashboard.sections.iter_mut().filter(|section| section.name == name) {
                    section.widgets.sort_by_key(|widget| place(widget.name));
                }
            }
        }
        Ok(())
    }
}

/// What can be put in order together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Siblings {
    Sections,
    WidgetsOf(&'static str),
}

impl Siblings {
    fn of(name: &str) -> Result<Self, Error> {
        if section_names().any(|section| section == name) {
            return Ok(Self::Sections);
        }
        let section = section_of(name)
            .ok_or_else(|| unknown("section or widget", name, section_names().chain(widget_names())))?;
        Ok(Self::WidgetsOf(section))
    }
}
