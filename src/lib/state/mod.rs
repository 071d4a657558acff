//! The state that the audit tells, held against the tables: what was changed past secboard is found.
//!
//! Every row is worked forward. What is not about people is kept in memory, with how it was called when ([`things`],
//! [`names`]); people are many, so their rows are read by person, in step with their tables, and none is kept ([`people`]).
//! The same tells where somebody worked then, by the names of then ([`places_then`]). Of runs it is known what was planned,
//! made, and taken back ([`runs`]).
//!
//! What rows never tell cannot be proved: the hash of a password, what is counted of failed logins, what is worked out from the rest
//! for searches and the order of lists. `docs/SECURITY.md` names every such column, and a test holds that there is no other.

mod factors;
mod history;
mod names;
mod people;
mod runs;
mod store;
mod things;

#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet, HashMap};

use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use crate::audit::{Difference, HoldTables, State, Tally};
use crate::catalog::Origin;
use crate::context::Context;
use crate::context::settings::Definition;
use crate::crypto::hex::hex;
use crate::error::Result;
use crate::group;
use crate::store::Tx;
use crate::text::email;
use crate::text::fold::fold;
use crate::text::instant::Instant;
use factors::Factor;
pub(crate) use history::{GroupThen, History, KeptHistory, places_then};
use people::{Person, Walk};
use store::{Beside, Columns, Made, Stored, Walked};
use things::{KINDS, Operator, Things};

/// What holds every table against the audit.
pub(crate) const TABLES: HoldTables =
    HoldTables { things: &store::KINDS, subjects: check_subjects, runs: runs::check };

fn check_subjects(cx: &Context, tx: &Tx<'_>, tally: &mut Tally) -> Result<State> {
    let mut things = Things::default();
    store::changes_of_things(tx, i64::MAX, |change| {
        tally.add(change.seq, &change.kind, change.id);
        things.follow(change)
    })?;
    let mut state = State::default();
    state.check_things(tx, &things)?;
    state.check_grants(tx, &things)?;
    state.check_operators(tx, &things)?;
    state.check_settings(cx, tx, &things)?;
    let mut beside = Beside::of(tx)?;
    let last_person = state.check_people(&mut beside.walk()?, &things, tally)?;
    state.check_last_ids(tx, &things, last_person)?;
    Ok(state)
}

/// A row that differences are noted for.
#[derive(Clone, Copy)]
struct RowRef<'a> {
    table: &'static str,
    row: &'a dyn std::fmt::Display,
}

/// The most microseconds between the time of a row of the audit and that of what is written with it: most are one, and a
/// clock may be set between two looks at it.
const NEAR: u64 = 60 * 1_000_000;

const NOTHING: &str = "not there";
const THERE: &str = "there";

impl State {
    fn note(&mut self, at: RowRef<'_>, field: &str, (expected, found): (&Value, &Value)) {
        self.differences += 1;
        if self.has_room() {
            let told =
                |value: &Value| value.as_str().map_or_else(|| value.to_string(), |text| format!("`{text}`"));
            self.first.push(Difference {
                table: at.table,
                row: at.row.to_string(),
                field: field.to_owned(),
                expected: told(expected),
                found: told(found),
            });
        }
    }

    fn compare(&mut self, at: RowRef<'_>, field: &str, expected: &Value, found: &Value) {
        if expected != found {
            self.note(at, field, (expected, found));
        }
    }

    fn compare_time(&mut self, at: RowRef<'_>, field: &str, expected: Option<i64>, found: Option<i64>) {
        let is_near = match (expected, found) {
            (Some(expected), Some(found)) => expected.abs_diff(found) <= NEAR,
            (expected, found) => expected == found,
        };
        if !is_near {
            let told = |time: Option<i64>| json!(time.map(Instant::from_micros));
            self.note(at, field, (&told(expected), &told(found)));
        }
    }

    fn compare_made(&mut self, at: RowRef<'_>, expected: Made, found: Made) {
        self.compare_time(at, "created_at", Some(expected.created), Some(found.created));
        self.compare_time(at, "updated_at", Some(expected.updated), Some(found.updated));
    }

    /// Notes a row that stands in only one of the two.
    fn note_row(&mut self, at: RowRef<'_>, is_stored: bool) {
        let (expected, found) = if is_stored { (NOTHING, THERE) } else { (THERE, NOTHING) };
        self.differences += 1;
        if self.has_room() {
            let (expected, found) = (expected.to_owned(), found.to_owned());
            let (table, row) = (at.table, at.row.to_string());
            self.first.push(Difference { table, row, field: "it".to_owned(), expected, found });
        }
    }

    fn check_things(&mut self, tx: &Tx<'_>, things: &Things) -> Result<()> {
        for (place, (kind, table)) in KINDS.into_iter().enumerate() {
            let mut seen = BTreeSet::new();
            store::things(tx, place, |stored| {
                seen.insert(stored.id);
                self.check_thing((kind, table), things, &stored);
            })?;
            let mut missing: Vec<i64> =
                things.all.keys().filter(|(of, _)| *of == kind).map(|(_, id)| *id).collect();
            missing.sort_unstable();
            for id in missing.into_iter().filter(|id| !seen.contains(id)) {
                self.note_row(RowRef { table, row: &id }, false);
            }
        }
        Ok(())
    }

    fn check_thing(&mut self, (kind, table): (&'static str, &'static str), things: &Things, stored: &Stored) {
        self.subjects += 1;
        let at = RowRef { table, row: &stored.id };
        let Some(thing) = things.all.get(&(kind, stored.id)) else { return self.note_row(at, true) };
        self.compare(at, "revision", &json!(thing.revision), &json!(stored.revision));
        self.compare_made(at, thing.made, stored.made);
        self.compare(at, "name_folded", &json!(fold(&stored.name)), &json!(stored.name_folded));
        for (field, found) in &stored.fields {
            let expected = thing.fields.get(field).unwrap_or(&Value::Null);
            // Positions of two departments may be called alike: any of them is as good.
            let is_one = found.is_i64() && expected.as_array().is_some_and(|ids| ids.contains(found));
            if !is_one {
                self.compare(at, field, expected, found);
            }
        }
    }

    fn check_grants(&mut self, tx: &Tx<'_>, things: &Things) -> Result<()> {
        let mut stored: HashMap<i64, BTreeMap<(String, Option<i64>), i64>> = HashMap::new();
        store::grants(tx, |group, grant, since| {
            stored.entry(group).or_default().insert(grant, since);
        })?;
        let told = |(permission, company): &(String, Option<i64>)| match company {
            Some(company) => format!("{permission} for company {company}"),
            None => permission.clone(),
        };
        let mut groups: Vec<_> = things.all.iter().filter(|((kind, _), _)| *kind == group::KIND).collect();
        groups.sort_unstable_by_key(|((_, id), _)| *id);
        let none = BTreeMap::new();
        for ((_, id), group) in groups {
            let found = stored.get(id).unwrap_or(&none);
            let row = |grant: &(String, Option<i64>)| format!("{id} ({})", told(grant));
            self.compare_since("grants", row, &group.grants, found);
        }
        Ok(())
    }

    /// Holds what somebody or something has, each with since when, against what the audit tells of that.
    fn compare_since<K: Ord>(
        &mut self,
        table: &'static str,
        row: impl Fn(&K) -> String,
        expected: &BTreeMap<K, i64>,
        found: &BTreeMap<K, i64>,
    ) {
        for (key, since) in expected {
            match found.get(key) {
                None => self.note_row(RowRef { table, row: &row(key) }, false),
                Some(stored) if since.abs_diff(*stored) <= NEAR => {}
                Some(stored) => {
                    self.compare_time(
                        RowRef { table, row: &row(key) },
                        "created_at",
                        Some(*since),
                        Some(*stored),
                    );
                }
            }
        }
        for key in found.keys().filter(|key| !expected.contains_key(key)) {
            self.note_row(RowRef { table, row: &row(key) }, true);
        }
    }

    fn check_operators(&mut self, tx: &Tx<'_>, things: &Things) -> Result<()> {
        let stored = store::operators(tx)?;
        let account_of = |operator: &Operator| match operator.account_id {
            Some(id) => Ok(Some(id)),
            None => store::account_called(tx, &operator.account, operator.revision),
        };
        for found in &stored {
            self.subjects += 1;
            let at = RowRef { table: "operators", row: &found.uid };
            let Some(operator) = things.operators.get(&found.uid) else {
                self.note_row(at, true);
                continue;
            };
            self.compare(at, "shell_user", &json!(operator.shell_user), &json!(found.shell_user));
            self.compare(at, "user_id", &json!(account_of(operator)?), &json!(found.user));
            self.compare(at, "revision", &json!(operator.revision), &json!(found.revision));
            self.compare_made(at, operator.made, found.made);
        }
        for (uid, operator) in &things.operators {
            if stored.iter().any(|stored| stored.uid == *uid) {
                continue;
            }
            // Whoever is permanently deleted is nobody's account.
            if account_of(operator)?.map_or(Ok(false), |id| store::is_there(tx, id))? {
                self.note_row(RowRef { table: "operators", row: uid }, false);
            }
        }
        Ok(())
    }

    fn check_settings(&mut self, cx: &Context, tx: &Tx<'_>, things: &Things) -> Result<()> {
        let stored = store::settings(tx)?;
        let names: BTreeSet<&String> = stored.keys().chain(things.settings.keys()).collect();
        for name in names {
            self.subjects += 1;
            let at = RowRef { table: "settings", row: name };
            let default = cx.settings.table.find(name).map(Definition::show_default);
            let values = things.settings.get(name).map(Vec::as_slice).unwrap_or_default();
            let found = stored.get(name);
            let expected = values.last().map(|(value, _)| value.clone()).or_else(|| default.clone());
            let value = found.map(|(value, _)| value.clone()).or_else(|| default.clone());
            self.compare(at, "value", &json!(expected), &json!(value));
            // What has its default is not stored, so that a value after it begins a row.
            let row = values.rsplit(|(value, _)| Some(value) == default.as_ref()).next();
            let row = row.and_then(|values| Some((values.first()?.1, values.last()?.1)));
            if let (Some((created, updated)), Some((_, made))) = (row, found) {
                self.compare_made(at, Made { created, updated }, *made);
            }
        }
        Ok(())
    }

    /// Holds against the audit which ids were given away: an id that is given twice would be of two.
    fn check_last_ids(&mut self, tx: &Tx<'_>, things: &Things, last_person: i64) -> Result<()> {
        let stored = store::last_ids(tx)?;
        let last_of =
            |kind: &str| things.first_made.keys().filter(|(of, _)| *of == kind).map(|(_, id)| *id).max();
        let things = KINDS.into_iter().map(|(kind, table)| (table, last_of(kind).unwrap_or(0)));
        for (table, last) in things.chain([("users", last_person)]) {
            let found = stored.get(table).copied().unwrap_or(0);
            if found < last {
                let at = RowRef { table: "sqlite_sequence", row: &table };
                self.note(at, "seq", (&json!(last), &json!(found)));
            }
        }
        Ok(())
    }

    /// Checks everybody; returns the highest id that somebody ever had.
    fn check_people(&mut self, walked: &mut Walked<'_>, things: &Things, tally: &mut Tally) -> Result<i64> {
        let mut last = 0;
        while let Some(id) = [walked.changes.id, walked.people.id].into_iter().flatten().min() {
            self.subjects += 1;
            let mut walk = Walk::of(things, id);
            walked.changes_of(id, |change| {
                tally.add_next(change.seq, store::PERSON, id);
                walk.follow(change)
            })?;
            let mut factor = Factor::default();
            walked.factor_changes_of(id, |told, after| {
                tally.add(told.0, store::FACTOR, Some(id));
                factor.follow(told, after)
            })?;
            self.check_person(walked, id, walk.end().map(|person| (person, factor)))?;
            last = id;
        }
        Ok(last)
    }

    fn check_person(
        &mut self,
        walked: &mut Walked<'_>,
        id: i64,
        person: Option<(Person, Factor)>,
    ) -> Result<()> {
        let at = RowRef { table: "users", row: &id };
        let is_stored = walked.people.id == Some(id);
        let Some((person, factor)) = person else {
            if is_stored {
                self.note_row(at, true);
                walked.people.next()?;
            }
            walked.roles_of(id, |_, _| {})?;
            walked.groups_of(id, |_, _| {})?;
            self.check_factor(walked, id, &Factor::default())?;
            return walked.photo_of(id, |_, _, _| {});
        };
        if !is_stored {
            self.note_row(at, false);
            return Ok(());
        }
        if let Some(columns) = walked.person() {
            self.check_columns(at, &person, &columns)?;
            let grace = columns.number(27)?;
            self.compare_time(at, "two_factor_grace_until", factor.grace_of(&person), grace);
        }
        walked.people.next()?;
        self.check_holdings(walked, id, &person)?;
        self.check_factor(walked, id, &factor)?;
        self.check_photo(walked, id, &person)
    }

    fn check_columns(&mut self, at: RowRef<'_>, person: &Person, columns: &Columns<'_>) -> Result<()> {
        let texts = [
            (2, "email", Some(&person.email)),
            (4, "first_name", person.first_name.as_ref()),
            (5, "last_name", person.last_name.as_ref()),
            (6, "phone", person.phone.as_ref()),
            (11, "start_date", person.start_date.as_ref()),
            (12, "end_date", person.end_date.as_ref()),
            (18, "color", person.color.as_ref()),
            (19, "language", person.language.as_ref()),
        ];
        for (index, field, expected) in texts {
            let found = columns.text(index)?;
            if found != expected.map(String::as_str) {
                self.note(at, field, (&json!(expected), &json!(found)));
            }
        }
        let folded = email::key(&person.email);
        if columns.text(3)? != Some(folded.as_str()) {
            self.note(at, "email_folded", (&json!(folded), &json!(columns.text(3)?)));
        }
        let origin = if person.directory.is_some() { "directory" } else { "local" };
        if columns.text(22)? != Some(origin) {
            self.note(at, "origin", (&json!(origin), &json!(columns.text(22)?)));
        }
        let guid = person.directory_guid.map(|guid| hex(guid.bytes())).unwrap_or_default();
        if columns.text(29)? != Some(guid.as_str()) {
            self.note(at, "directory_guid", (&json!(guid), &json!(columns.text(29)?)));
        }
        let numbers = [
            (1, "revision", Some(person.revision)),
            (7, "company_id", person.company),
            (8, "department_id", person.department),
            (10, "active", Some(i64::from(person.active))),
            (13, "staff", Some(i64::from(person.staff))),
            (14, "superuser", Some(i64::from(person.superuser))),
            (15, "profile_completed", Some(i64::from(person.profile_completed))),
            (16, "two_factor_required", Some(i64::from(person.two_factor_required))),
            (17, "must_change_password", Some(i64::from(person.must_change_password))),
            (20, "being in the bin", Some(i64::from(person.deleted.is_some()))),
            (21, "having a password", Some(i64::from(person.password))),
            (28, "directory_id", person.directory),
            (30, "directory_disabled", Some(i64::from(person.directory_disabled))),
            (31, "directory_expires_at", person.directory_expires_at.map(Instant::micros)),
            (32, "directory_missing_since", person.directory_missing_since.map(Instant::micros)),
        ];
        for (index, field, expected) in numbers {
            let found = columns.number(index)?;
            if found != expected {
                self.note(at, field, (&json!(expected), &json!(found)));
            }
        }
        let times = [
            (23, "created_at", Some(person.made.created)),
            (24, "updated_at", Some(person.made.updated)),
            (25, "deleted_at", person.deleted),
            (26, "password_changed_at", person.password_changed),
        ];
        for (index, field, expected) in times {
            self.compare_time(at, field, expected, columns.number(index)?);
        }
        let position = columns.number(9)?;
        let is_right = position.map_or(person.position.is_empty(), |id| person.position.contains(&id));
        if !is_right {
            self.note(at, "position_id", (&json!(person.position.first()), &json!(position)));
        }
        Ok(())
    }

    fn check_holdings(&mut self, walked: &mut Walked<'_>, id: i64, person: &Person) -> Result<()> {
        let mut roles = BTreeMap::new();
        walked.roles_of(id, |role, since| {
            roles.insert(role, since);
        })?;
        let applied = |role: i64| !person.roles_without_groups.contains(&role);
        let expected = person.roles.iter().map(|(role, since)| ((*role, applied(*role)), *since)).collect();
        let row = |(role, applied): &(i64, bool)| {
            let how = if *applied { "" } else { " without its groups" };
            format!("{id} (role {role}{how})")
        };
        self.compare_since("user_roles", row, &expected, &roles);
        let mut groups = BTreeMap::new();
        walked.groups_of(id, |group, since| {
            groups.insert(group, since);
        })?;
        let by_hand = person.groups.iter().map(|(group, since)| ((*group, "manual".to_owned()), *since));
        let directory = Origin::Directory(person.directory.unwrap_or_default().to_string()).to_string();
        let given =
            person.directory_groups.iter().map(|(group, since)| ((*group, directory.clone()), *since));
        let all = by_hand.chain(given).collect();
        let row = |(group, origin): &(i64, String)| format!("{id} (group {group}, {origin})");
        self.compare_since("memberships", row, &all, &groups);
        Ok(())
    }

    fn check_photo(&mut self, walked: &mut Walked<'_>, id: i64, person: &Person) -> Result<()> {
        let at = RowRef { table: "photos", row: &id };
        let mut found = None;
        walked.photo_of(id, |(media_type, width, height), made, image| {
            let bytes = i64::try_from(image.len()).unwrap_or(i64::MAX);
            let of_row = person.photo.as_ref().and_then(|photo| photo.sha256.as_ref());
            let sha256 = of_row.map(|_| hex(&Sha256::digest(image)));
            found = Some((people::Photo { media_type, width, height, bytes, sha256 }, made));
        })?;
        match (&person.photo, &found) {
            (Some(expected), Some((found, made))) => {
                if expected != found {
                    self.note(at, "the picture", (&json!(expected.told()), &json!(found.told())));
                }
                self.compare_made(at, person.photo_made, *made);
            }
            (Some(_), None) => self.note_row(at, false),
            (None, Some(_)) => self.note_row(at, true),
            (None, None) => {}
        }
        Ok(())
    }
}
