//! For which companies permissions are granted: by one grant, and by many together, put together quickly.

use super::Permission;
use super::list::PERMISSIONS;
use crate::context::CompanyScope;

/// For which companies a grant in a group counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) enum GrantScope {
    /// For all, those to come included.
    Everywhere,
    /// For this one.
    Company(i64),
}

impl GrantScope {
    /// The company; none for all.
    pub(crate) fn company(self) -> Option<i64> {
        match self {
            Self::Everywhere => None,
            Self::Company(company) => Some(company),
        }
    }
}

/// The scope of a grant: as granted, cut to the company whose group it is. A company's group grants nothing for another.
pub(crate) fn grant_scope(group_company: Option<i64>, grant_company: Option<i64>) -> Option<GrantScope> {
    match (group_company, grant_company) {
        (None, None) => Some(GrantScope::Everywhere),
        (None, Some(company)) | (Some(company), None) => Some(GrantScope::Company(company)),
        (Some(own), Some(company)) => (own == company).then_some(GrantScope::Company(company)),
    }
}

/// Whether a grant of this scope answers the question for `asked`; without a company the question is "for all".
pub(crate) fn covers(scope: GrantScope, asked: Option<i64>) -> bool {
    match scope {
        GrantScope::Everywhere => true,
        GrantScope::Company(company) => asked == Some(company),
    }
}

impl CompanyScope {
    /// Those that any of the grants counts for.
    pub(crate) fn of_grants(scopes: &[GrantScope]) -> Self {
        let companies: Option<Vec<i64>> = scopes.iter().map(|scope| scope.company()).collect();
        companies.map_or(Self::All, Self::of)
    }

    /// The scopes of grants that together count for it, companies by id.
    pub(crate) fn grant_scopes(&self) -> impl Iterator<Item = GrantScope> {
        let (everywhere, companies) = match self {
            Self::All => (Some(GrantScope::Everywhere), &[][..]),
            Self::These(companies) => (None, companies.as_slice()),
        };
        everywhere.into_iter().chain(companies.iter().map(|company| GrantScope::Company(*company)))
    }

    fn add_grant(&mut self, scope: GrantScope) {
        match scope {
            GrantScope::Everywhere => *self = Self::All,
            GrantScope::Company(company) => self.add(company),
        }
    }
}

/// For which companies every permission of the catalogue is had.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct PermissionScopes(Vec<CompanyScope>);

impl PermissionScopes {
    /// Nothing for anybody.
    pub(crate) fn none() -> Self {
        Self(vec![CompanyScope::none(); PERMISSIONS.len()])
    }

    /// Everything for all companies, as superusers have it.
    pub(crate) fn everything() -> Self {
        Self(vec![CompanyScope::All; PERMISSIONS.len()])
    }

    /// Takes all back, and keeps the room.
    pub(crate) fn clear(&mut self) {
        self.0.iter_mut().for_each(CompanyScope::clear);
    }

    /// Adds a permission.
    pub(crate) fn add(&mut self, permission: Permission, scope: GrantScope) {
        if let Some(of_permission) = self.0.get_mut(permission.0) {
            of_permission.add_grant(scope);
        }
    }

    /// For which companies one permission is had.
    pub(crate) fn of(&self, permission: Permission) -> &CompanyScope {
        const NOWHERE: &CompanyScope = &CompanyScope::none();
        self.0.get(permission.0).unwrap_or(NOWHERE)
    }
}
