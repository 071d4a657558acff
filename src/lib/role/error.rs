//! What a role command refuses.

use crate::error::{Explain, Kind};
use crate::text::shell::secboard;
use crate::text::suggest::{near_or_new, nearest_one};

/// What a role command refuses.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Error {
    /// No role has this name or slug.
    #[error("there is no role `{name}`")]
    NotFound {
        /// The name as typed.
        name: String,
        /// The one that is nearly the same.
        near: Option<String>,
    },
    /// The name is taken.
    #[error("there is a role `{name}` already")]
    Exists {
        /// The name of the one there is.
        name: String,
    },
    /// The name that a role was to get is another's.
    #[error("there is a role `{name}` already")]
    NameTaken {
        /// The name of the one there is.
        name: String,
    },
    /// The name is that of a role which the actor may not look at.
    #[error("the name `{name}` is taken")]
    Taken {
        /// As typed.
        name: String,
    },
    /// The slug is taken, or is what another role is called.
    #[error("the slug `{slug}` belongs to {}", .owner.as_ref().map_or_else(|| "another role".to_owned(), |owner| format!("the role `{owner}`")))]
    SlugTaken {
        /// The slug.
        slug: String,
        /// The name of the role that has it, for who may look at it.
        owner: Option<String>,
    },
    /// The slug has other characters than it may.
    #[error("`{slug}` is no slug")]
    BadSlug {
        /// The slug as typed.
        slug: String,
    },
    /// Nothing of the name can be written in the letters of a slug.
    #[error("no slug can be made from the name `{name}`, which has neither letters nor digits")]
    NoSlug {
        /// The name.
        name: String,
    },
    /// A group of a company the role is not for.
    #[error(
        "the role `{role}` is not for the company of {}, so nobody could get it from there",
        .group.as_ref().map_or_else(|| "a group that it brings".to_owned(), |group| format!("the group `{group}`"))
    )]
    GroupElsewhere {
        /// The role.
        role: String,
        /// The group, with its company, for who may look at it.
        group: Option<String>,
    },
    /// Somebody holds it.
    #[error("role `{role}` is held by {holders}")]
    InUse {
        /// Its slug.
        role: String,
        /// How many hold it, and the first of them.
        holders: String,
    },
    /// People of companies it shall not be for hold it.
    #[error("role `{role}` is held by people of other companies or of none: {holders}")]
    HeldElsewhere {
        /// Its slug.
        role: String,
        /// How many hold it, and the first of them.
        holders: String,
    },
    /// There is no such section or widget of a dashboard.
    #[error("dashboards have no {what} `{name}`")]
    UnknownPart {
        /// A section, a widget, or either.
        what: &'static str,
        /// The name as typed.
        name: String,
        /// Names that are nearly the same.
        near: Vec<&'static str>,
    },
    /// The widget belongs to another section.
    #[error("the widget `{widget}` belongs to the section `{section}`")]
    WidgetElsewhere {
        /// The widget.
        widget: String,
        /// Its section.
        section: &'static str,
    },
    /// The same company, group or module is put in and taken out at once.
    #[error("`{name}` is both added and removed")]
    AddedAndRemoved {
        /// Its name.
        name: String,
    },
    /// A section or widget is named more than once.
    #[error("`{name}` is named twice")]
    Twice {
        /// Its name.
        name: String,
    },
    /// Things that do not stand beside each other cannot be put in order.
    #[error("`{one}` and `{other}` are not in one section, so they have no order between them")]
    Apart {
        /// The first.
        one: String,
        /// The one that is elsewhere.
        other: String,
    },
    /// The file of a dashboard is none.
    #[error("this is no dashboard")]
    BadDashboard {
        /// What is wrong, and where.
        source: serde_json::Error,
    },
}

impl Error {
    /// The error for a name that none of these names is; the nearest are offered.
    pub(super) fn not_found(name: &str, names: &[String]) -> Self {
        Self::NotFound { name: name.to_owned(), near: nearest_one(name, names.iter().map(String::as_str)) }
    }
}

impl Explain for Error {
    fn code(&self) -> &'static str {
        match self {
            Self::NotFound { .. } => "role.not_found",
            Self::Exists { .. } | Self::NameTaken { .. } | Self::Taken { .. } => "role.exists",
            Self::SlugTaken { .. } => "role.slug_taken",
            Self::BadSlug { .. } => "role.bad_slug",
            Self::NoSlug { .. } => "role.no_slug",
            Self::GroupElsewhere { .. } => "role.group_elsewhere",
            Self::InUse { .. } => "role.in_use",
            Self::HeldElsewhere { .. } => "role.held_elsewhere",
            Self::UnknownPart { .. } => "role.unknown_part",
            Self::WidgetElsewhere { .. } => "role.widget_elsewhere",
            Self::AddedAndRemoved { .. } => "role.added_and_removed",
            Self::Twice { .. } => "role.twice",
            Self::Apart { .. } => "role.apart",
            Self::BadDashboard { .. } => "role.bad_dashboard",
        }
    }

    fn kind(&self) -> Kind {
        match self {
            Self::NotFound { .. } | Self::UnknownPart { .. } => Kind::NotFound,
            Self::Exists { .. } | Self::NameTaken { .. } | Self::Taken { .. } | Self::SlugTaken { .. } => {
                Kind::CannotCreate
            }
            Self::AddedAndRemoved { .. } => Kind::Usage,
            Self::BadSlug { .. }
            | Self::NoSlug { .. }
            | Self::GroupElsewhere { .. }
            | Self::InUse { .. }
            | Self::HeldElsewhere { .. }
            | Self::WidgetElsewhere { .. }
            | Self::Twice { .. }
            | Self::Apart { .. }
            | Self::BadDashboard { .. } => Kind::Refused,
        }
    }

    fn field(&self) -> Option<&'static str> {
        match self {
            Self::NotFound { .. } => Some("roles"),
            Self::Exists { .. } | Self::NameTaken { .. } | Self::Taken { .. } => Some("name"),
            Self::SlugTaken { .. } | Self::BadSlug { .. } | Self::NoSlug { .. } => Some("slug"),
            Self::GroupElsewhere { .. } => Some("groups"),
            _ => None,
        }
    }

    fn command(&self) -> Option<String> {
        match self {
            Self::NotFound { near: None, .. } => Some("secboard role list".to_owned()),
            _ => None,
        }
    }

    fn advice(&self) -> Option<String> {
        Some(match self {
            Self::NotFound { name, near } => {
                near_or_new(near.as_deref(), name, secboard("role create").operand(name))
            }
            Self::Taken { .. } => "choose another".to_owned(),
            Self::Exists { .. } => "add `--if-absent` if that is all right".to_owned(),
            Self::NameTaken { .. } => "choose another name".to_owned(),
            Self::SlugTaken { .. } => "choose another with `--slug`".to_owned(),
            Self::BadSlug { .. } => "use lower-case letters a to z, digits and hyphens".to_owned(),
            Self::NoSlug { .. } => "give one with `--slug`, such as `--slug night-shift`".to_owned(),
            Self::GroupElsewhere { .. } => "leave the group out, or add its company to the role".to_owned(),
            Self::InUse { .. } | Self::HeldElsewhere { .. } => {
                "take it from them first with `secboard user remove-role EMAIL ROLE`, or add `--force`"
                    .to_owned()
            }
            Self::UnknownPart { near, .. } => match near.first() {
                Some(near) => format!("did you mean `{near}`?"),
                None => "see them with `secboard role dashboard show ROLE`".to_owned(),
            },
            Self::WidgetElsewhere { section, .. } => format!("name it in the section `{section}`"),
            Self::AddedAndRemoved { .. } => "name it in one of the two".to_owned(),
            Self::Twice { .. } => "name it once".to_owned(),
            Self::Apart { .. } => "order sections, or the widgets of one section, at a time".to_owned(),
            Self::BadDashboard { .. } => {
                "begin with what `secboard role dashboard show ROLE -o json` prints".to_owned()
            }
        })
    }
}
