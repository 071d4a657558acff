//! Groups: what people are allowed, by being in them.
//!
//! A group grants nothing until something is granted to it. It is of one company, whose people alone it takes and for
//! which alone its grants count, or of none and for all. Names differ within a company, and among the groups of none; how
//! a group is named where that is not enough is in [`name`]. Who is in a group is a fact of people, kept by `user`; what
//! roles bring is worked out whenever it is asked.

pub(crate) mod cli;
mod create;
mod delete;
mod edit;
mod error;
mod grant;
mod name;
mod potential;
mod rules;
mod show;
mod store;
pub(crate) mod target;

#[cfg(test)]
pub(crate) mod tests;

pub(crate) use create::{New, create, create_in};
pub(crate) use delete::{Deleted, delete};
pub(crate) use edit::{Edit, Edited, edit};
pub(crate) use error::Error;
pub(crate) use grant::{Grant, GrantSpec, Granted, Revoked, grant, grant_in, grants_in, named, revoke};
pub(crate) use name::{Selector, by_id, canonical, find_id_in, find_in, get_in, not_found, resolve};
pub(crate) use potential::{refuse_below, refuse_those_above};
pub(crate) use rules::{check_may_give, check_not_own, is_told, may_give_what, name_to_give};
pub(crate) use show::{Member, Shown, each_granting, each_member, each_shown, list, roles, show};

use serde_json::json;

use crate::audit::Fields;
use crate::error::Result;
use crate::store::Tx;
use crate::text::instant::Instant;

/// The word for a group in the audit and in runs.
pub(crate) const KIND: &str = "group";

/// A group as it is stored, with how much hangs on it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Group {
    /// Never reused.
    pub(crate) id: i64,
    /// As typed.
    pub(crate) name: String,
    /// The name of its company; none when it is for all.
    pub(crate) company: Option<String>,
    /// Its company.
    pub(crate) company_id: Option<i64>,
    /// Free text.
    pub(crate) description: Option<String>,
    /// `#rrggbb`, for lists.
    pub(crate) color: Option<String>,
    /// Operators may give and take it without holding its grants.
    pub(crate) assignable: bool,
    /// The audit row of the last change.
    pub(crate) revision: i64,
    /// When it was made.
    pub(crate) created_at: Instant,
    /// When it was last changed.
    pub(crate) updated_at: Instant,
    /// People outside the bin who are in it, however they came in.
    pub(crate) members: i64,
    /// Its grants.
    pub(crate) grants: i64,
    /// The roles that bring it.
    pub(crate) roles: i64,
}

/// A group and whose it is, without what hangs on it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Found {
    /// Never reused.
    pub(crate) id: i64,
    /// As typed.
    pub(crate) name: String,
    /// Its company; none when it is for all.
    pub(crate) company_id: Option<i64>,
    /// The company's name.
    pub(crate) company: Option<String>,
    /// Operators may give and take it without holding its grants.
    pub(crate) assignable: bool,
}

/// What an administrator decides of a group, its grants apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Properties<'a> {
    name: &'a str,
    company: Option<&'a str>,
    company_id: Option<i64>,
    description: Option<&'a str>,
    color: Option<&'a str>,
    assignable: bool,
}

impl Group {
    /// How it is named everywhere: `Name`, or `Name@Company`.
    pub(crate) fn canonical(&self) -> String {
        canonical(&self.name, self.company.as_deref())
    }

    fn properties(&self) -> Properties<'_> {
        Properties {
            name: &self.name,
            company: self.company.as_deref(),
            company_id: self.company_id,
            description: self.description.as_deref(),
            color: self.color.as_deref(),
            assignable: self.assignable,
        }
    }
}

impl Found {
    /// How it is named everywhere: `Name`, or `Name@Company`.
    pub(crate) fn canonical(&self) -> String {
        canonical(&self.name, self.company.as_deref())
    }
}

impl From<Group> for Found {
    fn from(group: Group) -> Self {
        Self {
            id: group.id,
            name: group.name,
            company_id: group.company_id,
            company: group.company,
            assignable: group.assignable,
        }
    }
}

impl Properties<'_> {
    /// As the audit has them.
    fn fields(&self) -> Fields {
        let mut fields = Fields::new();
        fields.insert("name".into(), json!(self.name));
        fields.insert("company".into(), json!(self.company));
        fields.insert("description".into(), json!(self.description));
        fields.insert("color".into(), json!(self.color));
        fields.insert("assignable".into(), json!(self.assignable));
        fields
    }
}

/// Calls `each` with every group, of one company or of all, by name, in a transaction of the caller.
pub(crate) fn list_in(
    tx: &Tx<'_>,
    company_id: Option<i64>,
    each: impl FnMut(Group) -> Result<()>,
) -> Result<()> {
    store::list(tx, company_id, each)
}
