//! One row at a time: what it asks for, what is wrong with it, and the change it becomes.

use serde_json::json;
use zeroize::Zeroizing;

use super::cell::Cells;
use super::columns::{Field, check_mapped};
use super::faults::Faults;
use super::seen::{Seen, Stood};
use super::{Bad, Input, OnExisting, Options};
use crate::audit::Fields;
use crate::context::{Context, Denied, Why};
use crate::error::{BadRow, Failure, Kind, Result};
use crate::password::foreign;
use crate::run::{self, Change, Planner};
use crate::store::Tx;
use crate::tabular::{Next, Row};
use crate::text::email::{self, Email};
use crate::text::fold::fold;
use crate::text::list;
use crate::user::bulk::action_on;
use crate::user::edit::taken_away;
use crate::user::invite::target::invitation;
use crate::user::org_lookup::{Ids, NewPlace, OrgLookup};
use crate::user::target::seal_hash;
use crate::user::{self, Facts, KIND, User, guard, login, rules, store};

/// New people who are invited go by numbers from here on, which are far from those of new places.
const FIRST_NEW: i64 = i64::MIN;

/// A plan that grows row by row.
pub(super) struct Plan<'a> {
    cx: &'a Context,
    tx: &'a Tx<'a>,
    options: &'a Options,
    cells: Cells<'a>,
    places: OrgLookup,
    files: Vec<String>,
    /// The place of the file that is read.
    file: u32,
    seen: Seen,
    /// What to know of the row's email.
    warning: Option<String>,
}

/// What a row asks for.
struct Wanted {
    /// Who is there already.
    old: Option<User>,
    facts: Facts,
    hash: Option<Zeroizing<String>>,
}

impl<'a> Plan<'a> {
    pub(super) fn new(cx: &'a Context, tx: &'a Tx<'a>, options: &'a Options) -> Self {
        let places = OrgLookup::of_run();
        let places = if options.create_missing { places.planning() } else { places };
        let cells = Cells::new(cx);
        Self { cx, tx, options, cells, places, files: Vec::new(), file: 0, seen: Seen::new(), warning: None }
    }

    /// Plans every row of a file.
    pub(super) fn file(
        &mut self,
        planner: &mut Planner<'_>,
        bad: &mut Bad,
        input: Input,
        tick: &mut dyn FnMut(u64),
    ) -> Result<()> {
        let Input { mut table, mut columns } = input;
        self.file = u32::try_from(self.files.len()).unwrap_or(u32::MAX);
        self.files.push(table.name().to_owned());
        let mut row = Row::new();
        loop {
            let next = table.next_row(&mut row)?;
            columns.extend(table.name(), table.header(), &self.options.map, self.options.fields());
            let faults = match next {
                Next::End => return Ok(check_mapped(table.name(), table.header(), &self.options.map)?),
                Next::Bad(faults) => faults,
                Next::Row => self.row(planner, Faults::none(&table, &columns, &row))?,
            };
            let read = bad.count_row();
            let warning = self.warning.take();
            if faults.is_empty() {
                if let Some(warning) = warning {
                    bad.warn(warning);
                }
            } else {
                planner.refused();
                bad.add(faults)?;
            }
            tick(read);
            self.cx.cancel.check()?;
        }
    }

    /// Forgets what only further rows would be compared with.
    pub(super) fn end(self) -> Result<()> {
        self.seen.clear(self.tx)
    }

    /// Plans a row, unless something is wrong with it.
    fn row(&mut self, planner: &mut Planner<'_>, mut faults: Faults<'_>) -> Result<Vec<BadRow>> {
        if faults.refuse_hashes() {
            return Ok(faults.found);
        }
        let wanted = self.read(&mut faults)?;
        if !faults.found.is_empty() {
            self.places.forget_planned();
            return Ok(faults.found);
        }
        match wanted {
            None => planner.unchanged(),
            Some(wanted) => self.change(planner, wanted)?,
        }
        Ok(Vec::new())
    }

    /// What the row asks for; nothing for somebody who is skipped.
    fn read(&mut self, faults: &mut Faults<'_>) -> Result<Option<Wanted>> {
        let email = faults.check(Field::Email, Email::parse(faults.cell(Field::Email)))?;
        let old = match &email {
            None => None,
            Some(email) => self.known(faults, &email.folded())?,
        };
        if old.is_some() && self.options.on_existing != OnExisting::Update {
            return Ok(None);
        }
        self.warning = match &email {
            Some(email) if old.is_none() => email::warning(email.as_str()),
            _ => None,
        };
        let mut facts = match &old {
            Some(user) => user.facts.clone(),
            None => Facts::new(email.map(|email| email.as_str().to_owned()).unwrap_or_default()),
        };
        let columns = faults.columns;
        for (place, field) in columns.iter() {
            let text = faults.row.get(place).trim();
            if !text.is_empty() {
                faults.check(field, self.cells.write(&mut facts, field, text))?;
            }
        }
        let by_hand = faults.check(Field::GroupsByHand, list::split(faults.cell(Field::GroupsByHand)))?;
        let by_hand = by_hand.unwrap_or_default();
        if !by_hand.is_empty() && faults.cell(Field::Groups).is_empty() {
            facts.groups.clear();
        }
        facts.groups.extend_from_slice(&by_hand);
        self.check_complete(faults, old.as_ref(), &facts);
        let last = if faults.cell(Field::EndDate).is_empty() { Field::StartDate } else { Field::EndDate };
        faults.check(last, rules::check_dates(&facts))?;
        self.place(faults, old.as_ref(), &mut facts, &by_hand)?;
        let hash = if old.is_none() { password_hash(faults)? } else { None };
        Ok(Some(Wanted { old, facts, hash }))
    }

    /// Who has this email already, in the file or in the store.
    fn known(&mut self, faults: &mut Faults<'_>, folded: &str) -> Result<Option<User>> {
        let here = Stood { file: self.file, line: faults.row.line() };
        if let Some(Stood { file, line }) = self.seen.before(self.tx, folded, here)? {
            let file = self.files.get(file as usize).filter(|_| file != here.file);
            let place = file.map_or_else(String::new, |file| format!(" of `{file}`"));
            let advice = "keep one of the two rows";
            faults.add(
                Field::Email,
                format!("stands on line {line}{place} already"),
                Some(advice.to_owned()),
            );
            return Ok(None);
        }
        let user = store::by_email(self.tx, folded)?;
        let is_seen = |user: &User| {
            ["users.add", "users.edit"].iter().any(|permission| guard::is_seen(self.cx, user, permission))
        };
        if user.as_ref().is_some_and(|user| !is_seen(user)) {
            // That much cannot be kept from who may make people: an email is one person's.
            faults.add(Field::Email, "is taken".to_owned(), Some("choose another".to_owned()));
            return Ok(None);
        }
        if user.is_some() && self.options.on_existing == OnExisting::Fail {
            let advice = "`--on-existing update` changes them, `--on-existing skip` skips them";
            let reason = "belongs to somebody who exists already".to_owned();
            faults.add(Field::Email, reason, Some(advice.to_owned()));
        }
        Ok(user)
    }

    /// A person needs both names and a company; an account alone needs none of them.
    fn check_complete(&self, faults: &mut Faults<'_>, old: Option<&User>, facts: &Facts) {
        let parts = [
            (Field::FirstName, &facts.first_name),
            (Field::LastName, &facts.last_name),
            (Field::Company, &facts.company),
        ];
        let is_bare = parts.iter().all(|(_, part)| part.is_none());
        if is_bare && (self.options.accounts_only || old.is_some()) {
            return;
        }
        for (field, part) in parts {
            if part.is_none() && faults.cell(field).is_empty() {
                faults.add(field, "is missing".to_owned(), Some("every person has one".to_owned()));
            }
        }
    }

    /// Looks up where the person works; what belongs to a company or department that is left is cleared.
    fn place(
        &mut self,
        faults: &mut Faults<'_>,
        old: Option<&User>,
        facts: &mut Facts,
        by_hand: &[String],
    ) -> Result<()> {
        if let Some(old) = old {
            let may = guard::require_manage(self.cx, self.tx, old, "users.edit");
            if faults.check(Field::Email, may)?.is_none() {
                return Ok(());
            }
            if let Err(failure) = self.places.name_company(self.cx, self.tx, facts) {
                self.refuse(faults, place_of(&failure), failure)?;
            }
            clear_what_is_left(faults, &old.facts, facts);
        }
        if faults.places_are_good {
            let asked = facts.clone();
            let refused = match self.places.resolve(self.cx, self.tx, old, facts) {
                Ok(ids) => {
                    old.map_or(Ok(()), |old| self.warn_of_taken(old, &asked, facts))?;
                    self.guard(old, facts, &ids).err().map(|failure| (Field::Email, failure))
                }
                Err(failure) => Some((place_of(&failure), failure)),
            };
            let is_refused = refused.is_some();
            if let Some((field, failure)) = refused {
                let is_certain = matches!(field, Field::Company | Field::Department | Field::Position);
                let cause = if is_certain { None } else { self.cause(faults, old, (&facts.email, &failure)) };
                self.refuse(faults, cause.unwrap_or(field), failure)?;
            }
            // What is not there was told of already.
            if !is_refused && !faults.cell(Field::Groups).is_empty() {
                let old = old.map(|old| &old.facts);
                self.places.leave_out_brought(self.cx, self.tx, (old, by_hand), facts)?;
            }
        }
        Ok(())
    }

    /// Notes which roles and groups a new company takes, for the row does not name them.
    fn warn_of_taken(&mut self, old: &User, asked: &Facts, facts: &Facts) -> Result<()> {
        let taken = taken_away(self.cx, self.tx, &mut self.places, old, (asked, facts))?.join(", ");
        let warning = || format!("the new company of `{}` takes from them: {taken}", facts.email);
        self.warning = if taken.is_empty() { self.warning.take() } else { Some(warning()) };
        Ok(())
    }

    /// Refuses a row that is not the actor's to bring in.
    fn guard(&self, old: Option<&User>, facts: &Facts, ids: &Ids) -> Result<()> {
        match old {
            Some(old) => guard::require_change(self.cx, self.tx, old, facts, ids),
            None => guard::require_create(self.cx, self.tx, facts, ids),
        }
    }

    /// The cell that the failure comes from: the row is written again, cell after cell, until it fails like that.
    fn cause(
        &mut self,
        faults: &Faults<'_>,
        old: Option<&User>,
        (email, failure): (&str, &Failure),
    ) -> Option<Field> {
        let told = failure.to_string();
        let mut facts = old.map_or_else(|| Facts::new(email.to_owned()), |old| old.facts.clone());
        let written = self.options.fields().iter().filter(|field| !faults.cell(**field).is_empty());
        written.copied().find(|field| {
            let text = faults.cell(*field);
            if *field == Field::GroupsByHand {
                if faults.cell(Field::Groups).is_empty() {
                    facts.groups.clear();
                }
                facts.groups.extend(list::split(text).unwrap_or_default());
            }
            // What does not read has been told of already.
            self.cells.write(&mut facts, *field, text).ok();
            let mut facts = facts.clone();
            if let Some(old) = old {
                clear_what_is_left(faults, &old.facts, &mut facts);
            }
            let ids = self.places.resolve(self.cx, self.tx, old, &mut facts);
            let allowed = ids.and_then(|ids| self.guard(old, &facts, &ids));
            allowed.is_err_and(|failure| failure.to_string() == told)
        })
    }

    fn refuse(&self, faults: &mut Faults<'_>, field: Field, failure: Failure) -> Result<()> {
        let is_place = matches!(field, Field::Company | Field::Department | Field::Position);
        let can_be_made = failure.kind() == Kind::NotFound && is_place && !self.options.create_missing;
        let is_without = matches!(failure.get(), Some(user::Error::Without { .. }));
        let is_hidden = matches!(failure.get(), Some(crate::company::Error::Exists { .. }));
        faults.failure(field, failure, |advice| match (can_be_made, is_without) {
            _ if is_hidden => "ask an administrator who may".to_owned(),
            (true, _) if advice.ends_with('?') => {
                format!("{advice} `--create-missing` makes what is missing")
            }
            (true, _) => "`--create-missing` makes what is missing".to_owned(),
            (_, true) => "name the company in the same row".to_owned(),
            _ => advice,
        })
    }

    fn change(&mut self, planner: &mut Planner<'_>, wanted: Wanted) -> Result<()> {
        for place in self.places.take_planned() {
            planner.change(&new_place(place))?;
        }
        let Some(old) = wanted.old else { return self.create(planner, wanted.facts, wanted.hash) };
        match self.update(&old, &wanted.facts)? {
            Some(change) => planner.change(&change)?,
            None => planner.unchanged(),
        }
        Ok(())
    }

    /// Plans to make somebody, and to invite them if that is asked for; who cannot get in by an invitation is told.
    fn create(
        &mut self,
        planner: &mut Planner<'_>,
        facts: Facts,
        hash: Option<Zeroizing<String>>,
    ) -> Result<()> {
        let number = FIRST_NEW + planner.next_seq();
        let email = facts.email.clone();
        let hindrance = login::hindrances(&facts, self.cx.today()).into_iter().next();
        let is_invited = self.options.invite && hash.is_none() && hindrance.is_none();
        let mut change = self.creation(planner, facts, hash)?;
        if let (true, Some(hindrance)) = (self.options.invite, hindrance) {
            self.warning.get_or_insert(format!("`{email}` is not invited: {}", hindrance.detail));
        }
        if is_invited {
            change.ids.planned = Some(number);
            planner.change(&change)?;
            return planner.change(&invitation(&email, number));
        }
        planner.change(&change)
    }

    fn creation(
        &mut self,
        planner: &Planner<'_>,
        facts: Facts,
        hash: Option<Zeroizing<String>>,
    ) -> Result<Change> {
        let mut after = facts.as_created();
        let ids =
            run::Ids { after: self.places.ids_of(self.cx, self.tx, &after, &facts)?, ..run::Ids::default() };
        let sealed = match hash {
            None => None,
            Some(hash) => {
                after.insert("password".to_owned(), json!("imported"));
                Some(seal_hash(self.cx, planner.run(), planner.next_seq(), &hash)?)
            }
        };
        Ok(Change { ids, sealed, ..Change::creation(KIND, facts.email, after) })
    }

    fn update(&mut self, old: &User, facts: &Facts) -> Result<Option<Change>> {
        let (before, after) = old.facts.difference(facts);
        if after.is_empty() {
            return Ok(None);
        }
        let action = action_on(self.cx, old, facts);
        let ids = run::Ids {
            before: self.places.ids_of(self.cx, self.tx, &before, &old.facts)?,
            after: self.places.ids_of(self.cx, self.tx, &after, facts)?,
            ..run::Ids::default()
        };
        Ok(Some(Change {
            ids,
            ..Change::of(action, KIND, (old.facts.email.clone(), old.id), (before, after))
        }))
    }
}

/// The field of a name that means nothing, or nothing that fits; what is said of none is said of the company.
fn place_of(failure: &Failure) -> Field {
    if let Some(Denied { why: Why::Missing { permission, .. }, .. }) = failure.get() {
        return match *permission {
            "departments.add" => Field::Department,
            "positions.add" => Field::Position,
            _ => Field::Company,
        };
    }
    let named = |name| Field::OF_PEOPLE.into_iter().find(|field| field.name() == name);
    failure.explain().field().and_then(named).unwrap_or(Field::Company)
}

/// The making of a place, which goes by its number in the changes after it.
fn new_place(place: NewPlace) -> Change {
    let NewPlace { kind, id, name, within } = place;
    let mut ids = run::Ids { planned: Some(id), ..run::Ids::default() };
    let mut after = Fields::from_iter([("name".to_owned(), json!(name))]);
    for (field, of, id) in within {
        after.insert(field.to_owned(), json!(of));
        ids.after.insert(field.to_owned(), json!(id));
    }
    Change { ids, ..Change::creation(kind, name, after) }
}

/// The password hash in the row, if there is one; it must be one that can be checked at a login.
fn password_hash(faults: &mut Faults<'_>) -> Result<Option<Zeroizing<String>>> {
    let text = faults.cell(Field::PasswordHash);
    let scheme = faults.check(Field::PasswordHash, foreign::recognise(text))?;
    Ok(scheme.flatten().map(|_| Zeroizing::new(text.to_owned())))
}

/// Clears department and position of the old place, unless the row names them again.
fn clear_what_is_left(faults: &Faults<'_>, old: &Facts, new: &mut Facts) {
    let folded = |name: &Option<String>| name.as_deref().map(fold);
    let leaves_company = old.company.is_some() && old.company != new.company;
    if leaves_company && faults.cell(Field::Department).is_empty() {
        new.department = None;
    }
    let leaves_department = leaves_company || folded(&old.department) != folded(&new.department);
    if leaves_department && faults.cell(Field::Position).is_empty() {
        new.position = None;
    }
}
