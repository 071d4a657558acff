//! What one person may do, loaded once for many questions.

use std::collections::BTreeMap;

use serde::Serialize;

use super::store;
use crate::catalog::{GrantScope, Origin, Permission, covers, grant_scope};
use crate::context::Context;
use crate::error::Result;
use crate::store::Tx;
use crate::user::{self, User};

/// A group somebody is in, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Membership {
    /// The group's id.
    pub(crate) group: i64,
    /// Its name, with its company's where it has one.
    pub(crate) name: String,
    /// Its company.
    pub(crate) company: Option<i64>,
    /// All that it comes from.
    pub(crate) origins: Vec<Origin>,
}

/// A grant that says yes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Because<'a> {
    /// Through this group.
    pub(crate) membership: &'a Membership,
    /// The company the grant names; none for all.
    pub(crate) grant_company: Option<i64>,
}

/// A grant that says yes, in the words of the answers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct Via {
    /// The group, with its company's name where it has one.
    pub(crate) group: String,
    /// The company the grant names; none for all.
    pub(crate) grant_company: Option<String>,
    /// How the person came into the group.
    pub(crate) origins: Vec<Origin>,
}

impl Because<'_> {
    /// In words, with the names of companies.
    pub(super) fn named(&self, company: impl Fn(i64) -> String) -> Via {
        Via {
            group: self.membership.name.clone(),
            grant_company: self.grant_company.map(company),
            origins: self.membership.origins.clone(),
        }
    }
}

/// A grant of a group somebody is in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Granted {
    /// Which membership, by its place in the list.
    pub(super) membership: usize,
    /// The company the grant names; none for all.
    pub(super) company: Option<i64>,
}

/// What one person may do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Access {
    /// Whether the account is active; if not, the answer is no, whatever follows.
    pub(crate) active: bool,
    /// Whether the person bypasses every check.
    pub(crate) superuser: bool,
    /// The groups the person is in, by name.
    pub(crate) memberships: Vec<Membership>,
    grants: BTreeMap<Permission, Vec<Granted>>,
}

impl Access {
    /// Everything the person may do.
    pub(crate) fn load(cx: &Context, tx: &Tx<'_>, user: &User) -> Result<Self> {
        let memberships = store::memberships(tx, user.id)?;
        let grants = store::grants(tx, user.id, &memberships)?;
        Ok(Self::of(is_active(cx, user), user.facts.superuser, memberships, grants))
    }

    /// What somebody in these groups may do; the order of the grants, group by group, is that of the answers.
    pub(super) fn of(
        active: bool,
        superuser: bool,
        memberships: Vec<Membership>,
        mut grants: BTreeMap<Permission, Vec<Granted>>,
    ) -> Self {
        for granted in grants.values_mut() {
            granted.sort_unstable();
        }
        Self { active, superuser, memberships, grants }
    }

    /// Whether the person has the permission for `company`; without one, for all companies.
    pub(crate) fn allows(&self, permission: Permission, company: Option<i64>) -> bool {
        self.active && (self.superuser || self.because(permission, company).next().is_some())
    }

    /// The grants that say yes, superuser and activity apart.
    pub(crate) fn because(
        &self,
        permission: Permission,
        company: Option<i64>,
    ) -> impl Iterator<Item = Because<'_>> {
        self.granted(permission).filter(move |(_, scope)| covers(*scope, company)).map(|(because, _)| because)
    }

    /// For which companies the person has the permission.
    pub(crate) fn scopes(&self, permission: Permission) -> Vec<GrantScope> {
        if !self.active {
            return Vec::new();
        }
        if self.superuser {
            return vec![GrantScope::Everywhere];
        }
        let mut all: Vec<GrantScope> = self.granted(permission).map(|(_, scope)| scope).collect();
        all.sort_unstable();
        all.dedup();
        if all.first() == Some(&GrantScope::Everywhere) {
            all.truncate(1);
        }
        all
    }

    /// Every permission the person has, with for which companies.
    pub(crate) fn permissions(&self) -> impl Iterator<Item = (Permission, GrantScope)> {
        Permission::all()
            .flat_map(|permission| self.scopes(permission).into_iter().map(move |scope| (permission, scope)))
    }

    pub(super) fn granted(&self, permission: Permission) -> impl Iterator<Item = (Because<'_>, GrantScope)> {
        self.grants.get(&permission).into_iter().flatten().filter_map(|granted| {
            let membership = self.memberships.get(granted.membership)?;
            let scope = grant_scope(membership.company, granted.company)?;
            Some((Because { membership, grant_company: granted.company }, scope))
        })
    }
}

fn is_active(cx: &Context, user: &User) -> bool {
    !user.facts.deleted && user::login::is_active(user, user::login::Moment::of(cx))
}
