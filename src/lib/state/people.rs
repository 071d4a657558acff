//! People, worked forward from the audit, one after the other.

use std::collections::{BTreeMap, BTreeSet};
use std::mem;

use serde::{Deserialize, Deserializer};

use super::store::Made;
use super::things::{Lost, Things, unknown};
use crate::audit::Error;
use crate::org::unit;
use crate::text::guid::Guid;
use crate::text::instant::Instant;
use crate::{company, group, role};

/// What a row says of a password that came with an import.
const PASSWORD_IMPORTED: &str = "imported";

/// What a row says that a person became; absent is unchanged.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Delta {
    email: Option<String>,
    first_name: FieldDelta<String>,
    last_name: FieldDelta<String>,
    phone: FieldDelta<String>,
    company: FieldDelta<String>,
    department: FieldDelta<String>,
    position: FieldDelta<String>,
    active: Option<bool>,
    start_date: FieldDelta<String>,
    end_date: FieldDelta<String>,
    staff: Option<bool>,
    superuser: Option<bool>,
    profile_completed: Option<bool>,
    two_factor_required: Option<bool>,
    must_change_password: Option<bool>,
    color: FieldDelta<String>,
    language: FieldDelta<String>,
    roles: Option<Vec<String>>,
    roles_without_groups: Option<Vec<String>>,
    groups: Option<Vec<String>>,
    deleted: Option<bool>,
    password: Option<String>,
    photo: FieldDelta<Photo>,
    directory: FieldDelta<i64>,
    directory_guid: FieldDelta<Guid>,
    directory_disabled: Option<bool>,
    directory_expires_at: FieldDelta<Instant>,
    directory_missing_since: FieldDelta<Instant>,
    directory_groups: Option<Vec<String>>,
}

/// What a row says of a field that can be nothing.
#[derive(Debug, Default)]
pub(super) enum FieldDelta<T> {
    /// It is not in the row.
    #[default]
    Nothing,
    /// It became this.
    Became(Option<T>),
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for FieldDelta<T> {
    fn deserialize<D: Deserializer<'de>>(value: D) -> Result<Self, D::Error> {
        Option::deserialize(value).map(Self::Became)
    }
}

impl<T> FieldDelta<T> {
    /// What it is after the row, if it was that before.
    fn or(self, before: Option<T>) -> Option<T> {
        match self {
            Self::Nothing => before,
            Self::Became(after) => after,
        }
    }
}

/// What the audit has of a photo.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub(super) struct Photo {
    pub(super) media_type: String,
    pub(super) width: i64,
    pub(super) height: i64,
    pub(super) bytes: i64,
    /// In hexadecimal; rows did not always have it.
    #[serde(default)]
    pub(super) sha256: Option<String>,
}

impl Photo {
    /// As it is told in a difference.
    pub(super) fn told(&self) -> String {
        let Self { media_type, width, height, bytes, sha256 } = self;
        let digest = sha256.as_ref().map(|digest| format!(", SHA-256 {digest}")).unwrap_or_default();
        format!("{media_type}, {width} × {height}, {bytes} bytes{digest}")
    }
}

/// Somebody as the audit has them.
#[derive(Debug, Clone, Default)]
#[expect(clippy::struct_excessive_bools, reason = "they are independent switches, as the manual has them")]
pub(super) struct Person {
    pub(super) email: String,
    pub(super) first_name: Option<String>,
    pub(super) last_name: Option<String>,
    pub(super) phone: Option<String>,
    pub(super) company: Option<i64>,
    pub(super) department: Option<i64>,
    /// Positions of two departments may be called alike: one of these.
    pub(super) position: Vec<i64>,
    pub(super) active: bool,
    pub(super) start_date: Option<String>,
    pub(super) end_date: Option<String>,
    pub(super) staff: bool,
    pub(super) superuser: bool,
    pub(super) profile_completed: bool,
    pub(super) two_factor_required: bool,
    /// The row that said last whether it is.
    pub(super) two_factor_said: i64,
    pub(super) must_change_password: bool,
    pub(super) color: Option<String>,
    pub(super) language: Option<String>,
    /// Each with since when.
    pub(super) roles: BTreeMap<i64, i64>,
    pub(super) roles_without_groups: BTreeSet<i64>,
    /// Each with since when.
    pub(super) groups: BTreeMap<i64, i64>,
    /// Since when they are in the bin.
    pub(super) deleted: Option<i64>,
    /// Whether a password was ever set; which is not in the audit.
    pub(super) password: bool,
    /// When it was set last; one that came with an import was set elsewhere.
    pub(super) password_changed: Option<i64>,
    /// The connection whose directory manages the account.
    pub(super) directory: Option<i64>,
    pub(super) directory_guid: Option<Guid>,
    pub(super) directory_disabled: bool,
    pub(super) directory_expires_at: Option<Instant>,
    pub(super) directory_missing_since: Option<Instant>,
    /// The groups of the directory, each with since when.
    pub(super) directory_groups: BTreeMap<i64, i64>,
    pub(super) photo: Option<Photo>,
    /// When they got a photo, and when the last one.
    pub(super) photo_made: Made,
    /// When the first row was written, and when the last.
    pub(super) made: Made,
    /// The last row.
    pub(super) revision: i64,
}

/// One row about a person.
#[derive(Debug, Clone, Copy)]
pub(super) struct Change<'a> {
    pub(super) seq: i64,
    pub(super) at: i64,
    /// Whether it is about somebody who was there, with an email.
    pub(super) had_email: bool,
    pub(super) after: Option<&'a str>,
}

/// Somebody on the way from their first row to their last.
#[derive(Debug)]
pub(super) struct Walk<'a> {
    things: &'a Things,
    /// What they lost in the bin and that was not taken from them yet.
    lost: &'a [(i64, Lost)],
    person: Option<Person>,
}

impl<'a> Walk<'a> {
    /// Before the first row of the person with this id.
    pub(super) fn of(things: &'a Things, id: i64) -> Self {
        let lost = if things.lost.is_empty() { None } else { things.lost.get(&id) };
        Self { things, lost: lost.map_or(&[], Vec::as_slice), person: None }
    }

    /// Takes the next row.
    ///
    /// # Errors
    /// When it does not decode, or names what there was not.
    pub(super) fn follow(&mut self, change: Change<'_>) -> Result<(), Error> {
        self.lose_before(change.seq);
        let Some(after) = change.after else {
            if change.had_email {
                self.person = None;
            }
            return Ok(());
        };
        let damaged = |error: serde_json::Error| Error::Damaged {
            seq: change.seq,
            column: "after",
            reason: format!("says of a person what cannot be: {error}"),
        };
        let mut delta: Delta = serde_json::from_str(after).map_err(damaged)?;
        let new = || Person { made: Made { created: change.at, updated: change.at }, ..Person::default() };
        let mut person = self.person.take().unwrap_or_else(new);
        person.revision = change.seq;
        person.made.updated = change.at;
        person.work_in(&mut delta, change.seq, self.things)?;
        person.hold(&mut delta, change, self.things)?;
        person.be(delta, change.at);
        self.person = Some(person);
        Ok(())
    }

    /// As they are when the row `seq` is written; nothing when there is nobody then.
    pub(super) fn now(&mut self, seq: i64) -> Option<Person> {
        self.lose_before(seq);
        self.person.clone()
    }

    /// As they are after all rows; nothing when there is nobody any more.
    pub(super) fn end(mut self) -> Option<Person> {
        self.lose_before(i64::MAX);
        let mut person = self.person?;
        // Nobody in the bin keeps a department or position alive.
        if person.department.is_some_and(|id| !self.things.departments.is_there(id)) {
            person.department = None;
            person.position.clear();
        }
        person.position.retain(|id| self.things.positions.is_there(*id));
        Some(person)
    }

    fn lose_before(&mut self, seq: i64) {
        while let Some(((at, lost), rest)) = self.lost.split_first() {
            if *at > seq {
                return;
            }
            self.lost = rest;
            let Some(person) = &mut self.person else { continue };
            person.position.clear();
            if *lost != Lost::Position {
                person.department = None;
            }
            if *lost == Lost::Company {
                person.company = None;
            }
        }
    }
}

impl Person {
    /// Where they worked and what they held, and `other` does not: kinds and ids.
    pub(super) fn without(&self, other: &Self) -> Vec<(&'static str, i64)> {
        let places = [
            (company::KIND, self.company, other.company),
            (unit::DEPARTMENT, self.department, other.department),
        ];
        let places = places.into_iter().filter(|(_, had, has)| had != has);
        let mut lost: Vec<_> = places.filter_map(|(kind, had, _)| Some((kind, had?))).collect();
        if let Some(first) = self.position.first()
            && !self.position.iter().any(|id| other.position.contains(id))
        {
            lost.push((unit::POSITION, *first));
        }
        let gone = |had: &BTreeMap<i64, i64>, has: &BTreeMap<i64, i64>| -> Vec<i64> {
            had.keys().filter(|id| !has.contains_key(id)).copied().collect()
        };
        lost.extend(gone(&self.roles, &other.roles).into_iter().map(|id| (role::KIND, id)));
        let all = |person: &Self| -> BTreeMap<i64, i64> {
            person.groups.iter().chain(&person.directory_groups).map(|(id, since)| (*id, *since)).collect()
        };
        lost.extend(gone(&all(self), &all(other)).into_iter().map(|id| (group::KIND, id)));
        lost
    }

    fn be(&mut self, delta: Delta, at: i64) {
        let texts = [
            (&mut self.first_name, delta.first_name),
            (&mut self.last_name, delta.last_name),
            (&mut self.phone, delta.phone),
            (&mut self.start_date, delta.start_date),
            (&mut self.end_date, delta.end_date),
            (&mut self.color, delta.color),
            (&mut self.language, delta.language),
        ];
        for (fact, value) in texts {
            *fact = value.or(fact.take());
        }
        if delta.two_factor_required.is_some() {
            self.two_factor_said = self.revision;
        }
        let switches = [
            (&mut self.active, delta.active),
            (&mut self.staff, delta.staff),
            (&mut self.superuser, delta.superuser),
            (&mut self.profile_completed, delta.profile_completed),
            (&mut self.two_factor_required, delta.two_factor_required),
            (&mut self.must_change_password, delta.must_change_password),
            (&mut self.directory_disabled, delta.directory_disabled),
        ];
        for (fact, value) in switches {
            *fact = value.unwrap_or(*fact);
        }
        if let Some(email) = delta.email {
            self.email = email;
        }
        if let Some(deleted) = delta.deleted {
            self.deleted = deleted.then(|| self.deleted.unwrap_or(at));
        }
        if let FieldDelta::Became(photo) = delta.photo {
            self.photo_made.updated = at;
            if self.photo.is_none() {
                self.photo_made.created = at;
            }
            self.photo = photo;
        }
        self.directory_guid = delta.directory_guid.or(self.directory_guid);
        self.directory_expires_at = delta.directory_expires_at.or(self.directory_expires_at);
        self.directory_missing_since = delta.directory_missing_since.or(self.directory_missing_since);
        if let Some(how) = delta.password {
            self.password = true;
            if how != PASSWORD_IMPORTED {
                self.password_changed = Some(at);
            }
        }
    }

    /// Company, department and position. A department of the same name may be another company's, and is then not in the
    /// row.
    fn work_in(&mut self, delta: &mut Delta, seq: i64, things: &Things) -> Result<(), Error> {
        let (company, department, position) =
            (mem::take(&mut delta.company), mem::take(&mut delta.department), mem::take(&mut delta.position));
        if let (FieldDelta::Nothing, FieldDelta::Nothing, FieldDelta::Nothing) =
            (&company, &department, &position)
        {
            return Ok(());
        }
        let was = |name: Option<&str>| name.map(str::to_owned);
        let old_department = was(self.department.and_then(|id| things.departments.of(id, seq)));
        let old_position = was(self.position.first().and_then(|id| things.positions.of(*id, seq)));
        if let FieldDelta::Became(name) = company {
            let found = |name: String| {
                let id = things.companies.at(0, &name, seq).next_back();
                id.ok_or_else(|| unknown(seq, company::KIND, &name))
            };
            self.company = name.map(found).transpose()?;
        }
        let scope = self.company.unwrap_or(0);
        let found = |name: String| {
            let id = things.departments.at(scope, &name, seq).next_back();
            id.ok_or_else(|| unknown(seq, unit::DEPARTMENT, &name))
        };
        self.department = department.or(old_department).map(found).transpose()?;
        self.position = match position.or(old_position) {
            None => Vec::new(),
            Some(name) => {
                let ids: Vec<i64> = things.positions.at(scope, &name, seq).collect();
                if ids.is_empty() {
                    return Err(unknown(seq, unit::POSITION, &name));
                }
                ids
            }
        };
        Ok(())
    }

    fn hold(&mut self, delta: &mut Delta, change: Change<'_>, things: &Things) -> Result<(), Error> {
        let seq = change.seq;
        if let FieldDelta::Became(directory) = mem::take(&mut delta.directory) {
            self.directory = directory;
            // What a directory gives is of its connection, and a password goes when it takes an account over or leaves it.
            self.directory_groups.values_mut().for_each(|since| *since = change.at);
            (self.password, self.password_changed) = (false, None);
        }
        let since = |had: &BTreeMap<i64, i64>, id: i64| (id, had.get(&id).copied().unwrap_or(change.at));
        let role = |slug: &String| {
            things.roles.at(0, slug, seq).next_back().ok_or_else(|| unknown(seq, role::KIND, slug))
        };
        let group = |name: &String| things.group(name, seq).ok_or_else(|| unknown(seq, group::KIND, name));
        if let Some(slugs) = &delta.roles {
            let held = slugs.iter().map(|slug| Ok(since(&self.roles, role(slug)?)));
            self.roles = held.collect::<Result<_, Error>>()?;
        }
        if let Some(slugs) = &delta.roles_without_groups {
            self.roles_without_groups = slugs.iter().map(role).collect::<Result<_, _>>()?;
        }
        if let Some(names) = &delta.groups {
            let held = names.iter().map(|name| Ok(since(&self.groups, group(name)?)));
            self.groups = held.collect::<Result<_, Error>>()?;
        }
        if let Some(names) = &delta.directory_groups {
            let held = names.iter().map(|name| Ok(since(&self.directory_groups, group(name)?)));
            self.directory_groups = held.collect::<Result<_, Error>>()?;
        }
        Ok(())
    }
}
