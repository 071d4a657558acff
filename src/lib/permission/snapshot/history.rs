//! Taking a [`AccessSnapshot`] back in time: every audit row since is undone, the last first. Since is by the order of the rows; a
//! clock may have been wrong.
//!
//! The audit names companies, groups and roles as they were named at the time of the row; the snapshot has been taken back
//! to just that time when the row is undone, so its names are the right ones. A row that says what a thing was before and
//! nothing after tells of its end, one the other way round of its making.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use serde::Deserialize as _;
use serde_json::Value;

use super::store::{self, Change};
use super::{AccessSnapshot, Company, Group, Person, Role, SnapshotScope};
use crate::audit::{self, Fields};
use crate::catalog::{Origin, Permission};
use crate::error::Result;
use crate::store::Tx;
use crate::text::date::Day;
use crate::text::instant::Instant;
use crate::{company, group, role, user};

/// What a membership is written down as that was given by hand.
const MANUAL: &str = "manual";

pub(super) fn rewind(
    tx: &Tx<'_>,
    snapshot: AccessSnapshot,
    scope: SnapshotScope,
    at: Instant,
) -> Result<AccessSnapshot> {
    let mut back = Past { snapshot, scope, names: None };
    store::changes(tx, scope, audit::last_at(tx, at)?, |change| back.undo(&change))?;
    Ok(back.snapshot)
}

/// A snapshot on its way back.
struct Past {
    snapshot: AccessSnapshot,
    scope: SnapshotScope,
    /// Ids by name; made when first needed after a name changed.
    names: Option<Names>,
}

#[derive(Default)]
struct Names {
    companies: HashMap<String, i64>,
    groups: HashMap<String, i64>,
    roles: HashMap<String, i64>,
}

impl Past {
    /// # Errors
    /// When a row says what cannot be: a value of another kind, a name that nothing had then.
    fn undo(&mut self, change: &Change) -> Result<()> {
        let undone = match change.kind.as_str() {
            user::KIND => self.undo_person(change),
            company::KIND => self.undo_company(change),
            group::KIND => self.undo_group(change),
            role::KIND => self.undo_role(change),
            _ => Ok(()),
        };
        let Change { seq, .. } = *change;
        Ok(undone.map_err(|Odd(column, reason)| audit::Error::Damaged { seq, column, reason })?)
    }

    fn undo_person(&mut self, Change { id, before, after, .. }: &Change) -> Undone {
        if was_made(before, after, "email") {
            self.snapshot.people.remove(id);
            return Ok(());
        }
        let ended = before.contains_key("email").then(Person::default);
        let Some(mut person) = self.snapshot.people.remove(id).or(ended) else { return Ok(()) };
        set_plain_facts(&mut person, before)?;
        if let Some(company) = before.get("company") {
            person.company = self.company(company)?;
        }
        self.set_roles(&mut person, before)?;
        if let Some(names) = before.get("groups") {
            let groups = ids(names, "group", &self.names().groups)?;
            person.groups.retain(|(_, origin)| origin != MANUAL);
            person.groups.extend(groups.into_iter().map(|group| (group, MANUAL.to_owned())));
        }
        self.set_directory_groups(&mut person, before)?;
        self.snapshot.people.insert(*id, person);
        Ok(())
    }

    /// What a directory gives is of the connection that manages the account.
    fn set_directory_groups(&mut self, person: &mut Person, before: &Fields) -> Undone {
        let groups = match before.get("directory_groups") {
            Some(names) => ids(names, "group", &self.names().groups)?,
            None if before.contains_key("directory") => {
                let by_directory = person.groups.iter().filter(|(_, origin)| origin != MANUAL);
                by_directory.map(|(group, _)| *group).collect()
            }
            None => return Ok(()),
        };
        person.groups.retain(|(_, origin)| origin == MANUAL);
        if let Some(connection) = person.directory {
            let origin = Origin::Directory(connection.to_string()).to_string();
            person.groups.extend(groups.into_iter().map(|group| (group, origin.clone())));
        }
        Ok(())
    }

    fn set_roles(&mut self, person: &mut Person, before: &Fields) -> Undone {
        let mut held =
            |field: &str| before.get(field).map(|slugs| ids(slugs, "role", &self.names().roles)).transpose();
        let without = held("roles_without_groups")?;
        if let Some(held) = held("roles")? {
            let applied = |id: &i64| person.roles.get(id).copied().unwrap_or(true);
            person.roles = held.into_iter().map(|id| (id, applied(&id))).collect::<BTreeMap<_, _>>();
        }
        if let Some(without) = without {
            for (id, applied) in &mut person.roles {
                *applied = !without.contains(id);
            }
        }
        Ok(())
    }

    fn undo_company(&mut self, Change { id, before, after, .. }: &Change) -> Undone {
        self.names = None;
        if was_made(before, after, "name") {
            self.snapshot.companies.remove(id);
            return Ok(());
        }
        let company: &mut Company = self.snapshot.companies.entry(*id).or_default();
        set_text(&mut company.name, before, "name")?;
        set_text(&mut company.slug, before, "slug")?;
        // People in the bin lose a company that is deleted, and nothing else is written down of it.
        for person in before.get("people_in_bin").map(numbers).transpose()?.unwrap_or_default() {
            if let Some(person) = self.snapshot.people.get_mut(&person) {
                person.company = Some(*id);
            }
        }
        Ok(())
    }

    fn undo_group(&mut self, Change { id, before, after, .. }: &Change) -> Undone {
        if was_made(before, after, "name") {
            self.snapshot.groups.remove(id);
            self.names = None;
            return Ok(());
        }
        let taken = self.grants(before)?;
        let given = self.grants(after)?;
        let company = before.get("company").map(|company| self.company(company)).transpose()?;
        if before.contains_key("name") || company.is_some() {
            self.names = None;
        }
        let group: &mut Group = self.snapshot.groups.entry(*id).or_default();
        set_text(&mut group.name, before, "name")?;
        if let Some(company) = company {
            group.company = company;
        }
        group.grants.retain(|grant| !given.contains(grant));
        group.grants.extend(taken);
        Ok(())
    }

    fn undo_role(&mut self, Change { id, before, after, .. }: &Change) -> Undone {
        if was_made(before, after, "name") {
            self.snapshot.roles.remove(id);
            self.names = None;
            return Ok(());
        }
        let names = self.names();
        let companies =
            before.get("companies").map(|listed| ids(listed, "company", &names.companies)).transpose()?;
        let groups = before.get("groups").map(|listed| ids(listed, "group", &names.groups)).transpose()?;
        if before.contains_key("slug") {
            self.names = None;
        }
        let role: &mut Role = self.snapshot.roles.entry(*id).or_default();
        set_text(&mut role.name, before, "name")?;
        set_text(&mut role.slug, before, "slug")?;
        set_switch(&mut role.active, before, "active")?;
        role.companies = companies.unwrap_or(std::mem::take(&mut role.companies));
        role.groups = groups.unwrap_or(std::mem::take(&mut role.groups));
        Ok(())
    }

    /// The grants of one side that are looked at: `permission`, or `permission@Company`. What the catalogue no longer knows
    /// answers no question.
    fn grants(&mut self, side: &Fields) -> Result<BTreeSet<(Permission, Option<i64>)>, Odd> {
        let mut grants = BTreeSet::new();
        let Some(listed) = side.get("grants") else { return Ok(grants) };
        let asked = self.scope.permission;
        let companies = &self.names().companies;
        for text in texts(listed)? {
            let (id, company) = text.split_once('@').map_or((text, None), |(id, name)| (id, Some(name)));
            let known = Permission::find(id).filter(|found| asked.is_none_or(|asked| asked == *found));
            if let Some(permission) = known {
                grants
                    .insert((permission, company.map(|name| id_of(name, "company", companies)).transpose()?));
            }
        }
        Ok(grants)
    }

    fn company(&mut self, name: &Value) -> Result<Option<i64>, Odd> {
        let companies = &self.names().companies;
        text_or_null(name, "company")?.map(|name| id_of(name, "company", companies)).transpose()
    }

    fn names(&mut self) -> &Names {
        let snapshot = &self.snapshot;
        self.names.get_or_insert_with(|| Names {
            companies: snapshot.companies.iter().map(|(id, company)| (company.name.clone(), *id)).collect(),
            groups: snapshot.groups.iter().map(|(id, group)| (snapshot.group_name(group), *id)).collect(),
            roles: snapshot.roles.iter().map(|(id, role)| (role.slug.clone(), *id)).collect(),
        })
    }
}

/// Whether a row tells of the making of a thing, all of which have a name.
fn was_made(before: &Fields, after: &Fields, name: &str) -> bool {
    before.is_empty() && after.contains_key(name)
}

fn set_plain_facts(person: &mut Person, before: &Fields) -> Undone {
    set_text(&mut person.email, before, "email")?;
    for (fact, name) in [(&mut person.first_name, "first_name"), (&mut person.last_name, "last_name")] {
        if let Some(value) = before.get(name) {
            *fact = text_or_null(value, name)?.map(str::to_owned);
        }
    }
    for (day, name) in [(&mut person.start_date, "start_date"), (&mut person.end_date, "end_date")] {
        if let Some(value) = before.get(name) {
            let parsed = text_or_null(value, name)?.map(Day::parse).transpose();
            *day = parsed.map_err(|_| Odd::kind(name, value))?;
        }
    }
    for (switch, name) in [
        (&mut person.active, "active"),
        (&mut person.superuser, "superuser"),
        (&mut person.deleted, "deleted"),
        (&mut person.directory_disabled, "directory_disabled"),
    ] {
        set_switch(switch, before, name)?;
    }
    for (time, name) in [
        (&mut person.directory_expires_at, "directory_expires_at"),
        (&mut person.directory_missing_since, "directory_missing_since"),
    ] {
        if let Some(value) = before.get(name) {
            *time = Option::deserialize(value).map_err(|_| Odd::kind(name, value))?;
        }
    }
    if let Some(value) = before.get("directory") {
        person.directory = Option::deserialize(value).map_err(|_| Odd::kind("directory", value))?;
    }
    Ok(())
}

/// What a row cannot have said, in which column.
struct Odd(&'static str, String);

type Undone = Result<(), Odd>;

impl Odd {
    fn kind(name: &str, value: &Value) -> Self {
        Self("before", format!("has `{value}` as `{name}`, which it cannot be"))
    }
}

fn set_text(text: &mut String, before: &Fields, name: &str) -> Undone {
    if let Some(value) = before.get(name) {
        value.as_str().ok_or_else(|| Odd::kind(name, value))?.clone_into(text);
    }
    Ok(())
}

fn set_switch(switch: &mut bool, before: &Fields, name: &str) -> Undone {
    if let Some(value) = before.get(name) {
        *switch = value.as_bool().ok_or_else(|| Odd::kind(name, value))?;
    }
    Ok(())
}

fn text_or_null<'a>(value: &'a Value, name: &str) -> Result<Option<&'a str>, Odd> {
    if value.is_null() { Ok(None) } else { Ok(Some(value.as_str().ok_or_else(|| Odd::kind(name, value))?)) }
}

fn texts(list: &Value) -> Result<Vec<&str>, Odd> {
    let texts = list.as_array().and_then(|list| list.iter().map(Value::as_str).collect());
    texts.ok_or_else(|| Odd::kind("list", list))
}

fn numbers(list: &Value) -> Result<Vec<i64>, Odd> {
    let numbers = list.as_array().and_then(|list| list.iter().map(Value::as_i64).collect());
    numbers.ok_or_else(|| Odd::kind("list", list))
}

/// The ids of what had these names.
fn ids(names: &Value, what: &str, known: &HashMap<String, i64>) -> Result<BTreeSet<i64>, Odd> {
    texts(names)?.into_iter().map(|name| id_of(name, what, known)).collect()
}

fn id_of(name: &str, what: &str, known: &HashMap<String, i64>) -> Result<i64, Odd> {
    known
        .get(name)
        .copied()
        .ok_or_else(|| Odd("before", format!("names the {what} `{name}`, which there was not")))
}
