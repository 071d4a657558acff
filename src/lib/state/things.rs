//! Companies, departments, positions, groups, roles, what sends mails, operators and settings, worked forward from the audit.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use serde_json::{Value, json};

use super::names::Names;
use super::store::Made;
use crate::audit::{self, Error, Fields};
use crate::org::unit;
use crate::{company, group, role};

/// A row about something other than a person.
pub(super) struct Change {
    pub(super) seq: i64,
    pub(super) kind: String,
    pub(super) id: Option<i64>,
    pub(super) subject: String,
    pub(super) before: Option<String>,
    pub(super) after: Option<String>,
    pub(super) at: i64,
}

/// Something as the audit has it: its fields, in which other things stand by id.
#[derive(Debug, Default)]
pub(super) struct Thing {
    pub(super) fields: BTreeMap<String, Value>,
    /// Permission and company, each with since when.
    pub(super) grants: BTreeMap<(String, Option<i64>), i64>,
    /// The last row.
    pub(super) revision: i64,
    /// When it was first made, and when the last row was written.
    pub(super) made: Made,
}

/// An operator as the audit has it.
#[derive(Debug)]
pub(super) struct Operator {
    pub(super) shell_user: String,
    /// The account, where the row has its id.
    pub(super) account_id: Option<i64>,
    /// The account as it was called then.
    pub(super) account: String,
    pub(super) revision: i64,
    pub(super) made: Made,
}

/// What people in the bin lost with something, without a row of their own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Lost {
    /// All of company, department and position.
    Company,
    /// Department and position.
    Department,
    /// The position.
    Position,
}

/// Everything but people, as the audit has it, and how all of it was called when.
#[derive(Debug, Default)]
pub(super) struct Things {
    pub(super) companies: Names,
    pub(super) departments: Names,
    pub(super) positions: Names,
    pub(super) groups: Names,
    pub(super) roles: Names,
    mail_servers: Names,
    mail_accounts: Names,
    connections: Names,
    /// By kind and id.
    pub(super) all: HashMap<(&'static str, i64), Thing>,
    /// When each was made that there ever was: what an undo puts back is as old as it was.
    pub(super) first_made: HashMap<(&'static str, i64), i64>,
    pub(super) operators: BTreeMap<i64, Operator>,
    /// The values that each setting had, and since when.
    pub(super) settings: BTreeMap<String, Vec<(String, i64)>>,
    /// By person, in order.
    pub(super) lost: HashMap<i64, Vec<(i64, Lost)>>,
}

/// Kinds, each with the table that holds it.
pub(super) const KINDS: [(&str, &str); 9] = [
    (company::KIND, "companies"),
    (unit::DEPARTMENT, "departments"),
    (unit::POSITION, "positions"),
    (group::KIND, "groups"),
    (role::KIND, "roles"),
    (MAIL_SERVER, "mail_servers"),
    (MAIL_ACCOUNT, "mail_accounts"),
    (MAIL_ROUTE, "mail_routes"),
    (DIRECTORY, "directory_connections"),
];

/// The kinds of mail.
const MAIL_SERVER: &str = "mail_server";
const MAIL_ACCOUNT: &str = "mail_account";
const MAIL_ROUTE: &str = "mail_route";

/// The kind of connections to directories.
const DIRECTORY: &str = "directory";

impl Things {
    /// Takes the next row.
    ///
    /// # Errors
    /// When it does not decode, or names what there was not.
    pub(super) fn follow(&mut self, change: &Change) -> Result<(), Error> {
        let side =
            |column: &'static str, text: &Option<String>| audit::decode(change.seq, column, text.as_deref());
        let (before, after) = (side("before", &change.before)?, side("after", &change.after)?);
        if let Some(id) = change.id
            && let Some((kind, _)) = KINDS.iter().find(|(kind, _)| *kind == change.kind)
        {
            self.note_lost(kind, change, (&before, &after))?;
            return self.follow_thing((kind, id), change, (&before, &after));
        }
        match change.kind.as_str() {
            "org" => self.note_lost("org", change, (&before, &after)),
            "operator" => self.follow_operator(change, (&before, &after)),
            "setting" => {
                let value = text(change.seq, "after", after.get("value").unwrap_or(&Value::Null))?;
                let values = self.settings.entry(change.subject.clone()).or_default();
                values.push((value.to_owned(), change.at));
                Ok(())
            }
            _ => Ok(()),
        }
    }

    fn follow_thing(
        &mut self,
        (kind, id): (&'static str, i64),
        change: &Change,
        (before, after): (&Fields, &Fields),
    ) -> Result<(), Error> {
        let seq = change.seq;
        // A route has no name of its own.
        let is_named = kind != MAIL_ROUTE;
        if change.after.is_none() && (before.contains_key("name") || !is_named) {
            self.all.remove(&(kind, id));
            if is_named {
                self.names(kind).end(id, seq);
            }
            return Ok(());
        }
        let mut thing = self.all.remove(&(kind, id)).unwrap_or_default();
        thing.revision = seq;
        let created = *self.first_made.entry((kind, id)).or_insert(change.at);
        thing.made = Made { created, updated: change.at };
        if let Some(grants) = before.get("grants") {
            for grant in self.grants(seq, "before", grants)? {
                thing.grants.remove(&grant);
            }
        }
        if let Some(grants) = after.get("grants") {
            let given = self.grants(seq, "after", grants)?;
            thing.grants.extend(given.into_iter().map(|grant| (grant, change.at)));
        }
        // The company first, for departments and positions are named within it.
        if let Some(value) = after.get("company") {
            let company = self.reference(seq, (company::KIND, 0), value)?;
            thing.fields.insert("company".to_owned(), company);
        }
        let scope = thing.fields.get("company").and_then(Value::as_i64).unwrap_or(0);
        for (name, value) in after {
            let value = match (kind, name.as_str()) {
                (_, "company" | "grants" | "people_in_bin") => continue,
                (_, "parent") | (unit::POSITION, "department") => {
                    self.reference(seq, (unit::DEPARTMENT, scope), value)?
                }
                (_, "parent_position") => self.reference(seq, (unit::POSITION, scope), value)?,
                (role::KIND, "companies") => self.references(seq, company::KIND, value)?,
                (role::KIND, "groups") => self.references(seq, group::KIND, value)?,
                (MAIL_ACCOUNT, "server") => self.reference(seq, (MAIL_SERVER, 0), value)?,
                (MAIL_ROUTE, "account" | "second") => self.reference(seq, (MAIL_ACCOUNT, 0), value)?,
                _ => value.clone(),
            };
            thing.fields.insert(name.clone(), value);
        }
        if is_named {
            let name = if kind == role::KIND { "slug" } else { "name" };
            let called = thing.fields.get(name).and_then(Value::as_str).unwrap_or_default().to_owned();
            let is_alone =
                matches!(kind, company::KIND | role::KIND | MAIL_SERVER | MAIL_ACCOUNT | DIRECTORY);
            self.names(kind).set(id, (if is_alone { 0 } else { scope }, &called), seq);
        }
        self.all.insert((kind, id), thing);
        Ok(())
    }

    fn note_lost(
        &mut self,
        kind: &str,
        change: &Change,
        (before, after): (&Fields, &Fields),
    ) -> Result<(), Error> {
        let Some(people) = before.get("people_in_bin") else { return Ok(()) };
        let lost = match kind {
            company::KIND => Lost::Company,
            unit::DEPARTMENT if after.is_empty() => Lost::Department,
            _ => Lost::Position,
        };
        let ids = people.as_array().and_then(|ids| ids.iter().map(Value::as_i64).collect::<Option<Vec<_>>>());
        for person in ids.ok_or_else(|| odd(change.seq, "before", people))? {
            self.lost.entry(person).or_default().push((change.seq, lost));
        }
        Ok(())
    }

    fn follow_operator(&mut self, change: &Change, (before, after): (&Fields, &Fields)) -> Result<(), Error> {
        let uid = |column, fields: &Fields| {
            let uid = fields.get("uid").unwrap_or(&Value::Null);
            uid.as_i64().ok_or_else(|| odd(change.seq, column, uid))
        };
        let mut created = change.at;
        if change.before.is_some()
            && let Some(old) = self.operators.remove(&uid("before", before)?)
        {
            created = old.made.created;
        }
        if change.after.is_some() {
            let operator = Operator {
                shell_user: change.subject.clone(),
                account_id: account_id(change.seq, after.get("account_id"))?,
                account: text(change.seq, "after", after.get("account").unwrap_or(&Value::Null))?.to_owned(),
                revision: change.seq,
                made: Made { created, updated: change.at },
            };
            self.operators.insert(uid("after", after)?, operator);
        }
        Ok(())
    }

    /// How people's facts named something when the row `seq` was written; none while it was not there.
    pub(super) fn called(&self, kind: &str, id: i64, seq: i64) -> Option<String> {
        let names = match kind {
            company::KIND => &self.companies,
            unit::DEPARTMENT => &self.departments,
            unit::POSITION => &self.positions,
            group::KIND => {
                let (scope, name) = self.groups.within(id, seq)?;
                return Some(group::canonical(name, self.companies.of(scope, seq)));
            }
            _ => &self.roles,
        };
        names.of(id, seq).map(str::to_owned)
    }

    fn names(&mut self, kind: &str) -> &mut Names {
        match kind {
            company::KIND => &mut self.companies,
            unit::DEPARTMENT => &mut self.departments,
            unit::POSITION => &mut self.positions,
            group::KIND => &mut self.groups,
            MAIL_SERVER => &mut self.mail_servers,
            MAIL_ACCOUNT => &mut self.mail_accounts,
            DIRECTORY => &mut self.connections,
            _ => &mut self.roles,
        }
    }

    /// The id behind a name; where several things were called so, all of them.
    fn reference(&self, seq: i64, (kind, scope): (&str, i64), name: &Value) -> Result<Value, Error> {
        if name.is_null() {
            return Ok(Value::Null);
        }
        let name = text(seq, "after", name)?;
        let ids: Vec<i64> = match kind {
            company::KIND => self.companies.at(0, name, seq).collect(),
            unit::DEPARTMENT => self.departments.at(scope, name, seq).collect(),
            unit::POSITION => self.positions.at(scope, name, seq).collect(),
            MAIL_SERVER => self.mail_servers.at(scope, name, seq).collect(),
            MAIL_ACCOUNT => self.mail_accounts.at(scope, name, seq).collect(),
            _ => self.group(name, seq).into_iter().collect(),
        };
        match ids.as_slice() {
            [] => Err(unknown(seq, kind, name)),
            [id] => Ok(json!(id)),
            _ => Ok(json!(ids)),
        }
    }

    /// The ids behind a list of names, in order.
    fn references(&self, seq: i64, kind: &str, names: &Value) -> Result<Value, Error> {
        let names = names.as_array().ok_or_else(|| odd(seq, "after", names))?;
        let ids = names.iter().map(|name| {
            self.reference(seq, (kind, 0), name)?.as_i64().ok_or_else(|| odd(seq, "after", name))
        });
        Ok(json!(ids.collect::<Result<BTreeSet<i64>, Error>>()?))
    }

    /// The group that was called so: `Name`, or `Name@Company`.
    pub(super) fn group(&self, name: &str, seq: i64) -> Option<i64> {
        let (name, scope) = match name.split_once('@') {
            Some((name, company)) => (name, self.companies.at(0, company, seq).next_back()?),
            None => (name, 0),
        };
        self.groups.at(scope, name, seq).next_back()
    }

    fn grants(
        &self,
        seq: i64,
        column: &'static str,
        grants: &Value,
    ) -> Result<Vec<(String, Option<i64>)>, Error> {
        let mut found = Vec::new();
        for grant in grants.as_array().ok_or_else(|| odd(seq, column, grants))? {
            let grant = text(seq, column, grant)?;
            let (permission, company) = match grant.split_once('@') {
                Some((permission, company)) => {
                    let id = self.companies.at(0, company, seq).next_back();
                    (permission, Some(id.ok_or_else(|| unknown(seq, company::KIND, company))?))
                }
                None => (grant, None),
            };
            found.push((permission.to_owned(), company));
        }
        Ok(found)
    }
}

fn text<'a>(seq: i64, column: &'static str, value: &'a Value) -> Result<&'a str, Error> {
    value.as_str().ok_or_else(|| odd(seq, column, value))
}

/// The id of an operator's account; an older secboard did not write it.
fn account_id(seq: i64, value: Option<&Value>) -> Result<Option<i64>, Error> {
    value.map(|id| id.as_i64().ok_or_else(|| odd(seq, "after", id))).transpose()
}

fn odd(seq: i64, column: &'static str, value: &Value) -> Error {
    Error::Damaged { seq, column, reason: format!("has `{value}` where that cannot be") }
}

pub(super) fn unknown(seq: i64, kind: &str, name: &str) -> Error {
    Error::Damaged { seq, column: "after", reason: format!("names the {kind} `{name}`, which there was not") }
}
