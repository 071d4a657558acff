//! The dashboard of a role: which sections its holders see at a glance, which widgets in each, in which order.
//!
//! Sections and widgets are those of the [catalogue](CATALOGUE), each on or off, in any order; a widget never leaves its
//! section. Every role begins with all of them on, in the catalogue's order, and only a dashboard that differs from that
//! is stored. What a stored dashboard or a file does not name comes last and off, so a widget that a later version
//! brings changes no dashboard that somebody arranged; what the catalogue no longer has is dropped when it is read.
//!
//! A widget shows data of one module. A role that names its modules shows the widgets of those alone.

mod change;
mod view;

pub(crate) use change::{Change, change, replace, reset};
#[cfg(test)]
pub(super) use view::together;
pub(crate) use view::{View, of_person};

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::Error;
use crate::text::suggest::nearest;

/// The sections in the order of a new role: name, and the widgets with the module whose data each shows.
const CATALOGUE: &[(&str, &[(&str, &str)])] = &[
    (
        "top_panel",
        &[
            ("security_index", "incidents"),
            ("incidents_critical_mttr", "incidents"),
            ("mandatory_processes_pct", "documents_mandatory"),
            ("compliance_traffic_light", "compliance_framework"),
        ],
    ),
    (
        "compliance",
        &[
            ("framework_pct", "compliance_framework"),
            ("failed_controls", "compliance_framework"),
            ("audit_readiness", "compliance_framework"),
            ("mandatory_status", "documents_mandatory"),
        ],
    ),
    (
        "risks_tprm",
        &[
            ("risks_by_level", "risk"),
            ("top_risks", "risk"),
            ("risk_plans", "risk"),
            ("tprm_suppliers", "tprm"),
        ],
    ),
    (
        "operations",
        &[
            ("incidents_by_period", "incidents"),
            ("mttd_mttr", "incidents"),
            ("incident_categories", "incidents"),
            ("fim_critical", "fim"),
        ],
    ),
    (
        "access",
        &[
            ("access_requests", "isam"),
            ("excessive_rights", "isam"),
            ("access_review", "isam"),
            ("api_keys", "isam"),
        ],
    ),
    (
        "people",
        &[
            ("training_completion", "quizzes"),
            ("quiz_results", "quizzes"),
            ("gophish_metrics", "phishing"),
            ("department_risk_profile", "risk"),
        ],
    ),
];

/// Every section, each once, in the order they are shown.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "Given")]
pub(crate) struct Dashboard {
    sections: Vec<Section>,
}

/// A section with all its widgets, in the order they are shown.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct Section {
    /// Its name in the catalogue.
    #[serde(rename = "section")]
    pub(crate) name: &'static str,
    /// Whether it is shown.
    pub(crate) on: bool,
    /// Its widgets.
    pub(crate) widgets: Vec<Widget>,
}

/// A widget.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct Widget {
    /// Its name in the catalogue.
    #[serde(rename = "widget")]
    pub(crate) name: &'static str,
    /// Whether it is shown, as long as its section is.
    pub(crate) on: bool,
}

/// A dashboard as it is stored or given in a file, where anything may be missing, twice or unknown.
#[derive(Debug, Deserialize)]
struct Given {
    sections: Vec<GivenSection>,
}

#[derive(Debug, Deserialize)]
struct GivenSection {
    section: String,
    on: bool,
    #[serde(default)]
    widgets: Vec<GivenWidget>,
}

#[derive(Debug, Deserialize)]
struct GivenWidget {
    widget: String,
    on: bool,
}

impl Default for Dashboard {
    fn default() -> Self {
        let sections = CATALOGUE.iter().map(|&(name, widgets)| Section {
            name,
            on: true,
            widgets: widgets.iter().map(|&(name, _)| Widget { name, on: true }).collect(),
        });
        Self { sections: sections.collect() }
    }
}

impl Dashboard {
    /// These sections alone, in this order, with all their widgets.
    pub(crate) fn of(names: &[&str]) -> Self {
        let place = |name: &str| names.iter().position(|wanted| *wanted == name);
        let mut sections = Self::default().sections;
        sections.sort_by_key(|section| place(section.name).unwrap_or(usize::MAX));
        for section in &mut sections {
            section.on = place(section.name).is_some();
        }
        Self { sections }
    }

    /// What the store keeps; nothing for the dashboard every role begins with.
    pub(super) fn stored(&self) -> Option<String> {
        Some(self.recorded()).filter(|recorded| !recorded.is_null()).map(|recorded| recorded.to_string())
    }

    /// What the audit keeps; null for the dashboard every role begins with.
    pub(crate) fn recorded(&self) -> Value {
        if *self == Self::default() {
            return Value::Null;
        }
        let widget = |widget: &Widget| json!({ "widget": widget.name, "on": widget.on });
        let section = |section: &Section| {
            let widgets: Value = section.widgets.iter().map(widget).collect();
            json!({ "section": section.name, "on": section.on, "widgets": widgets })
        };
        json!({ "sections": self.sections.iter().map(section).collect::<Value>() })
    }

    /// Reads the JSON of `role dashboard show`.
    ///
    /// # Errors
    /// When it is no such JSON, or names anything twice, in a wrong section, or that there is not.
    pub(crate) fn parse(json: &[u8]) -> Result<Self, Error> {
        let given: Given = serde_json::from_slice(json).map_err(|source| Error::BadDashboard { source })?;
        check(&given)?;
        Ok(given.into())
    }

    /// The sections in their order.
    pub(crate) fn sections(&self) -> &[Section] {
        &self.sections
    }
}

/// What is named, in that order, then the rest, off. The unknown and repeated is left out.
impl From<Given> for Dashboard {
    fn from(given: Given) -> Self {
        let mut rest = Self::default().sections;
        let mut sections = Vec::new();
        for given in given.sections {
            if let Some(place) = rest.iter().position(|section| section.name == given.section) {
                let mut section = rest.remove(place);
                section.on = given.on;
                section.arrange(given.widgets);
                sections.push(section);
            }
        }
        sections.extend(rest.into_iter().map(Section::off));
        Self { sections }
    }
}

impl Section {
    fn arrange(&mut self, given: Vec<GivenWidget>) {
        let mut rest = std::mem::take(&mut self.widgets);
        for given in given {
            if let Some(place) = rest.iter().position(|widget| widget.name == given.widget) {
                self.widgets.push(Widget { on: given.on, ..rest.remove(place) });
            }
        }
        self.widgets.extend(rest.into_iter().map(|widget| Widget { on: false, ..widget }));
    }

    fn off(mut self) -> Self {
        self.on = false;
        self.arrange(Vec::new());
        self
    }
}

impl Widget {
    /// The module whose data it shows.
    pub(crate) fn module(&self) -> &'static str {
        widgets().find(|(name, _)| *name == self.name).map_or("", |(_, module)| module)
    }

    /// Whether a role with these modules may show it; a role without any may show all.
    pub(crate) fn is_allowed(&self, modules: &[String]) -> bool {
        modules.is_empty() || modules.iter().any(|module| module == self.module())
    }
}

/// The names of all sections.
pub(crate) fn section_names() -> impl Iterator<Item = &'static str> {
    CATALOGUE.iter().map(|(name, _)| *name)
}

/// The names of all widgets.
pub(crate) fn widget_names() -> impl Iterator<Item = &'static str> {
    widgets().map(|(name, _)| name)
}

fn widgets() -> impl Iterator<Item = (&'static str, &'static str)> {
    CATALOGUE.iter().flat_map(|(_, widgets)| widgets.iter().copied())
}

/// The section a widget belongs to.
fn section_of(widget: &str) -> Option<&'static str> {
    let holds = |widgets: &[(&str, &str)]| widgets.iter().any(|(name, _)| *name == widget);
    CATALOGUE.iter().find(|(_, widgets)| holds(widgets)).map(|(section, _)| *section)
}

fn unknown(what: &'static str, name: &str, known: impl Iterator<Item = &'static str>) -> Error {
    Error::UnknownPart { what, name: name.to_owned(), near: nearest(name, known) }
}

/// Refuses what is unknown, repeated or in a wrong section.
fn check(given: &Given) -> Result<(), Error> {
    check_once(given.sections.iter().map(|section| section.section.as_str()))?;
    for section in &given.sections {
        if !section_names().any(|name| name == section.section) {
            return Err(unknown("section", &section.section, section_names()));
        }
        check_once(section.widgets.iter().map(|widget| widget.widget.as_str()))?;
        for widget in &section.widgets {
            let Some(owner) = section_of(&widget.widget) else {
                return Err(unknown("widget", &widget.widget, widget_names()));
            };
            if owner != section.section {
                return Err(Error::WidgetElsewhere { widget: widget.widget.clone(), section: owner });
            }
        }
    }
    Ok(())
}

fn check_once<'a>(names: impl Iterator<Item = &'a str>) -> Result<(), Error> {
    let mut seen = std::collections::HashSet::new();
    for name in names {
        if !seen.insert(name) {
            return Err(Error::Twice { name: name.to_owned() });
        }
    }
    Ok(())
}
