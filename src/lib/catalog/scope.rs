//! For which companies somebody has each permission: the union of many grants, put together quickly.

use super::list::PERMISSIONS;
use super::{Permission, Reach};

/// For which companies a permission is had.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Scope {
    /// For all, those to come included.
    Everywhere,
    /// For these, by id; for none when there are none.
    Companies(Vec<i64>),
}

/// The scope of every permission of the catalogue.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Scopes(Vec<Scope>);

impl Scope {
    /// Whether the permission is had for no company.
    pub(crate) fn is_nowhere(&self) -> bool {
        matches!(self, Self::Companies(companies) if companies.is_empty())
    }

    /// Every reach of it, companies by id.
    pub(crate) fn reaches(&self) -> impl Iterator<Item = Reach> {
        let (everywhere, companies) = match self {
            Self::Everywhere => (Some(Reach::Everywhere), &[][..]),
            Self::Companies(companies) => (None, companies.as_slice()),
        };
        everywhere.into_iter().chain(companies.iter().map(|company| Reach::Company(*company)))
    }

    fn add(&mut self, reach: Reach) {
        match (self, reach) {
            (Self::Everywhere, _) => {}
            (scope @ Self::Companies(_), Reach::Everywhere) => *scope = Self::Everywhere,
            (Self::Companies(companies), Reach::Company(company)) => {
                if let Err(place) = companies.binary_search(&company) {
                    companies.insert(place, company);
                }
            }
        }
    }
}

impl Scopes {
    /// Nothing for anybody.
    pub(crate) fn none() -> Self {
        Self(vec![Scope::Companies(Vec::new()); PERMISSIONS.len()])
    }

    /// Everything for all companies, as superusers have it.
    pub(crate) fn everything() -> Self {
        Self(vec![Scope::Everywhere; PERMISSIONS.len()])
    }

    /// Takes all back, and keeps the room.
    pub(crate) fn clear(&mut self) {
        for scope in &mut self.0 {
            match scope {
                Scope::Companies(companies) => companies.clear(),
                Scope::Everywhere => *scope = Scope::Companies(Vec::new()),
            }
        }
    }

    /// Adds a permission.
    pub(crate) fn add(&mut self, permission: Permission, reach: Reach) {
        if let Some(scope) = self.0.get_mut(permission.0) {
            scope.add(reach);
        }
    }

    /// Where one permission is had.
    pub(crate) fn of(&self, permission: Permission) -> &Scope {
        const NOWHERE: &Scope = &Scope::Companies(Vec::new());
        self.0.get(permission.0).unwrap_or(NOWHERE)
    }
}
