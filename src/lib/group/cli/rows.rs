//! Groups as they are printed.

use std::borrow::Cow;

use serde::Serialize;

use crate::catalog::Permission;
use crate::cli::output::{Field, append_json, record};
use crate::group::{Group, Member, Shown};
use crate::text::color::Color;

record! {
    /// A group of a list.
    GroupRow, table ["name", "company", "members", "grants", "roles", "assignable"] {
        /// The id.
        id: i64,
        /// The name.
        name: String,
        /// The only company it is for.
        company: Option<String>,
        /// People outside the bin.
        members: i64,
        /// Grants.
        grants: i64,
        /// Roles that bring it.
        roles: i64,
        /// Operators may give it without holding its grants.
        assignable: bool,
        /// `#rrggbb`.
        color: Option<String>,
        /// What it is for.
        description: Option<String>,
        /// RFC 3339.
        created_at: String,
        /// RFC 3339.
        updated_at: String,
    }
    paint |row, name| match name {
        "name" => Color::parse_optional(row.color.as_deref()?).ok()?,
        _ => None,
    }
}

impl From<Group> for GroupRow {
    fn from(group: Group) -> Self {
        Self {
            id: group.id,
            name: group.name,
            company: group.company,
            members: group.members,
            grants: group.grants,
            roles: group.roles,
            assignable: group.assignable,
            color: group.color,
            description: group.description,
            created_at: group.created_at.to_string(),
            updated_at: group.updated_at.to_string(),
        }
    }
}

/// What a group grants of one module as far as one company, or all.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct GrantedOfModule {
    /// The module.
    module: String,
    /// For which company; null for all.
    company: Option<String>,
    /// The ids.
    permissions: Vec<String>,
}

impl GrantedOfModule {
    /// The grants of a group, module by module, those of one scope together.
    fn all(shown: &Shown) -> Vec<Self> {
        let mut all: Vec<Self> = Vec::new();
        for grant in &shown.grants {
            let module = grant.permission.split_once('.').map_or("", |(module, _)| module);
            let same = all.iter_mut().find(|line| line.module == module && line.company == grant.company);
            match same {
                Some(line) => line.permissions.push(grant.permission.clone()),
                None => all.push(Self {
                    module: module.to_owned(),
                    company: grant.company.clone(),
                    permissions: vec![grant.permission.clone()],
                }),
            }
        }
        all
    }

    /// What they let one do; the whole module is said in one word.
    fn actions(&self) -> String {
        let whole = Permission::all().filter(|permission| permission.module() == self.module).count();
        if self.permissions.len() == whole {
            return "everything".to_owned();
        }
        let action = |id: &String| id.split_once('.').map_or(id.clone(), |(_, action)| action.to_owned());
        self.permissions.iter().map(action).collect::<Vec<_>>().join(", ")
    }
}

impl Field for GrantedOfModule {
    fn text(&self) -> Cow<'_, str> {
        let company = self.company.as_deref().unwrap_or("all companies");
        Cow::Owned(format!("{} for {company}: {}", self.module, self.actions()))
    }

    fn json(&self, out: &mut Vec<u8>) {
        append_json(out, self);
    }
}

record! {
    /// What a group grants, for people.
    GrantRow, table ["module", "company", "granted"] below ["granted"] {
        /// The module.
        module: String,
        /// For which company.
        company: String,
        /// The actions.
        granted: String,
    }
}

impl From<GrantedOfModule> for GrantRow {
    fn from(line: GrantedOfModule) -> Self {
        Self {
            granted: line.actions(),
            module: line.module,
            company: line.company.unwrap_or_else(|| "(all)".to_owned()),
        }
    }
}

record! {
    /// One group with all there is to say of it.
    ShownRow, table [] {
        /// The id.
        id: i64,
        /// The name.
        name: String,
        /// The only company it is for.
        company: Option<String>,
        /// How it is named everywhere.
        canonical: String,
        /// What it is for.
        description: Option<String>,
        /// `#rrggbb`.
        color: Option<String>,
        /// Operators may give it without holding its grants.
        assignable: bool,
        /// People outside the bin.
        members: i64,
        /// The slugs of the roles that bring it.
        brought_by: Vec<String>,
        /// RFC 3339.
        created_at: String,
        /// RFC 3339.
        updated_at: String,
        /// What it grants.
        granted: Vec<GrantedOfModule>,
    }
    paint |row, name| match name {
        "name" => Color::parse_optional(row.color.as_deref()?).ok()?,
        _ => None,
    }
}

impl From<Shown> for ShownRow {
    fn from(shown: Shown) -> Self {
        let granted = GrantedOfModule::all(&shown);
        let Shown { group, roles, .. } = shown;
        Self {
            canonical: group.canonical(),
            id: group.id,
            name: group.name,
            company: group.company,
            description: group.description,
            color: group.color,
            assignable: group.assignable,
            members: group.members,
            brought_by: roles,
            created_at: group.created_at.to_string(),
            updated_at: group.updated_at.to_string(),
            granted,
        }
    }
}

record! {
    /// Somebody who is in a group.
    MemberRow, table ["full_name", "email", "company", "department", "origins"] {
        /// The person's id.
        id: i64,
        /// The login name.
        email: String,
        /// First and last name.
        full_name: Option<String>,
        /// The company.
        company: Option<String>,
        /// The department.
        department: Option<String>,
        /// `manual`, `role:SLUG`, `directory:CONNECTION`.
        origins: Vec<String>,
    }
}

impl From<Member> for MemberRow {
    fn from(member: Member) -> Self {
        Self {
            id: member.id,
            email: member.email,
            full_name: member.full_name,
            company: member.company,
            department: member.department,
            origins: member.origins.into_iter().map(String::from).collect(),
        }
    }
}
