//! The catalogue: what there is to be allowed, in words of its own, with no people in it.
//!
//! It [lists](PERMISSIONS) every permission, `module.action`. A grant says (group, permission, company or all); [`grant_scope`]
//! says how far one goes, and [`covers`] is the single place that decides whether it answers a question.

pub(crate) mod cli;
mod document;
mod error;
mod list;
mod menu;
mod origin;
mod scope;

#[cfg(test)]
mod tests;

pub(crate) use document::document;
pub(crate) use error::Error;
pub(crate) use menu::Visibility;
pub(crate) use origin::Origin;
pub(crate) use scope::{GrantScope, PermissionScopes, covers, grant_scope};

use std::collections::HashMap;
use std::fmt;
use std::sync::LazyLock;

use list::{ADMINISTRATION, MODULES, PERMISSIONS};

use crate::text::suggest::nearest;

/// A permission of the catalogue.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Permission(usize);

impl Permission {
    /// All of them, in the order of the catalogue.
    pub(crate) fn all() -> impl Iterator<Item = Self> {
        (0..PERMISSIONS.len()).map(Self)
    }

    /// The one with this id.
    pub(crate) fn find(id: &str) -> Option<Self> {
        static PLACES: LazyLock<HashMap<&str, usize>> =
            LazyLock::new(|| PERMISSIONS.iter().enumerate().map(|(place, (id, _))| (*id, place)).collect());
        PLACES.get(id).copied().map(Self)
    }

    /// The one with this id; the nearest ones are offered when there is none.
    pub(crate) fn parse(id: &str) -> Result<Self, Error> {
        Self::find(id).ok_or_else(|| Error::unknown_permission(id))
    }

    /// `module.action`.
    pub(crate) fn id(self) -> &'static str {
        PERMISSIONS.get(self.0).map_or("", |(id, _)| id)
    }

    /// What it lets one do.
    pub(crate) fn meaning(self) -> &'static str {
        PERMISSIONS.get(self.0).map_or("", |(_, meaning)| meaning)
    }

    /// The module's name.
    pub(crate) fn module(self) -> &'static str {
        self.id().split_once('.').map_or("", |(module, _)| module)
    }

    /// What comes after the module.
    pub(crate) fn action(self) -> &'static str {
        self.id().split_once('.').map_or("", |(_, action)| action)
    }

    /// Whether it is about people, their access, or this program, rather than about what other programs show.
    pub(crate) fn administers(self) -> bool {
        ADMINISTRATION.contains(&self.module())
    }

    /// Whether it lets one look at something: a menu link is no view.
    pub(crate) fn is_view(self) -> bool {
        self.action() == "view" || self.action().starts_with("view_")
    }

    /// Whether it shows the module's link in the menu.
    pub(crate) fn is_show_link(self) -> bool {
        self.action() == "show_link"
    }
}

impl fmt::Debug for Permission {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.id())
    }
}

/// A module of the catalogue.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct Module {
    /// As in the ids of its permissions.
    pub(crate) name: &'static str,
    /// As people read it.
    pub(crate) title: &'static str,
}

impl Module {
    /// All of them, in the order of the catalogue.
    pub(crate) fn all() -> impl Iterator<Item = Self> {
        MODULES.iter().map(|&(name, title)| Self { name, title })
    }

    /// The one of this name; the nearest ones are offered when there is none.
    pub(crate) fn parse(name: &str) -> Result<Self, Error> {
        Self::all().find(|module| module.name == name).ok_or_else(|| Error::UnknownModule {
            name: name.to_owned(),
            near: nearest(name, MODULES.iter().map(|(name, _)| *name)),
        })
    }

    /// Its permissions.
    pub(crate) fn permissions(self) -> impl Iterator<Item = Permission> {
        Permission::all().filter(move |permission| permission.module() == self.name)
    }

    /// The permission for its link; none when it is no menu module.
    pub(crate) fn show_link(self) -> Option<Permission> {
        self.permissions().find(|permission| permission.is_show_link())
    }
}

/// How much of a module a preset grants.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Level {
    /// Looking, and the menu link.
    View,
    /// Looking, adding and editing, and the menu link.
    Edit,
    /// Everything in the module.
    Full,
}

impl Level {
    /// Whether the preset holds this permission.
    pub(crate) fn holds(self, permission: Permission) -> bool {
        let looks = permission.is_view() || permission.is_show_link();
        let begins = |verb: &str| {
            permission
                .action()
                .strip_prefix(verb)
                .is_some_and(|rest| rest.is_empty() || rest.starts_with('_'))
        };
        match self {
            Self::View => looks,
            Self::Edit => looks || begins("add") || begins("edit"),
            Self::Full => true,
        }
    }
}

/// The permissions a pattern names: one id, `module.*`, or `*` for all.
pub(crate) fn matching(pattern: &str) -> Result<Vec<Permission>, Error> {
    if pattern == "*" {
        return Ok(Permission::all().collect());
    }
    match pattern.strip_suffix(".*") {
        Some(module) => Ok(Module::parse(module)?.permissions().collect()),
        None => Ok(vec![Permission::parse(pattern)?]),
    }
}
