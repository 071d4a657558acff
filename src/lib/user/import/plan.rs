//! One row at a time: what it asks for, what is wrong with it, and the change it becomes.

use serde_json::json;
use zeroize::Zeroizing;

use super::binned::Binned;
use super::cell::Cells;
use super::columns::Headings;
use super::compared::{compare, refuse_edited_email};
use super::faults::Faults;
use super::field::Field;
use super::seen::{Seen, Stood};
use super::told::{Replaced, Told};
use super::unfit::UnfitHeadings;
use super::{Bad, Input, OnExisting, Options};
use crate::audit::Fields;
use crate::context::Context;
use crate::error::{BadRow, Result};
use crate::password::foreign;
use crate::run::{self, Change, Planner};
use crate::store::Tx;
use crate::tabular::{Next, Row};
use crate::text::email::{self, Email};
use crate::text::list;
use crate::text::name;
use crate::user::bulk::action_on;
use crate::user::invite::target::invitation;
use crate::user::login::Moment;
use crate::user::org_lookup::{NewPlace, OrgLookup};
use crate::user::target::seal_hash;
use crate::user::{Facts, KIND, User, guard, login, rules, store};

/// New people who are invited go by numbers from here on, which are far from those of new places.
const FIRST_NEW: i64 = i64::MIN;

/// A plan that grows row by row.
pub(super) struct Plan<'a> {
    pub(super) cx: &'a Context,
    pub(super) tx: &'a Tx<'a>,
    pub(super) options: &'a Options,
    pub(super) cells: Cells<'a>,
    pub(super) places: OrgLookup,
    files: Vec<String>,
    /// The place of the file that is read.
    file: u32,
    seen: Seen,
    /// What to know of the row's email.
    pub(super) warning: Option<String>,
    /// What else to know: of the names of places that the row makes, and of who lies in the bin.
    warnings: Vec<String>,
    binned: Binned,
    replaced: Replaced,
    moment: Moment,
}

/// What becomes of a row.
enum Outcome {
    /// It asks for something.
    Wanted(Box<Wanted>),
    /// It is about somebody who is left as they are.
    Skipped,
    /// Another row said the same.
    Repeated,
}

/// What a row asks for.
struct Wanted {
    /// Who is there already.
    old: Option<User>,
    facts: Facts,
    hash: Option<Zeroizing<String>>,
    /// Fields of which the row says nothing, and a constant does.
    constants: Vec<Field>,
}

/// What the rows before this one say of its email.
enum Before {
    Nothing,
    /// Just this.
    Same,
    /// Something else.
    Other,
}

impl<'a> Plan<'a> {
    pub(super) fn new(cx: &'a Context, tx: &'a Tx<'a>, options: &'a Options) -> Self {
        let places = OrgLookup::of_run();
        let places = if options.create_missing { places.planning() } else { places };
        Self {
            cx,
            tx,
            options,
            cells: Cells::new(cx, &options.rules),
            places,
            files: Vec::new(),
            file: 0,
            seen: Seen::new(),
            warning: None,
            warnings: Vec::new(),
            binned: Binned::default(),
            replaced: Replaced::default(),
            moment: Moment::of(cx),
        }
    }

    /// Plans every row of a file.
    pub(super) fn file(
        &mut self,
        planner: &mut Planner<'_>,
        bad: &mut Bad,
        input: Input<'_>,
        tick: &mut dyn FnMut(u64),
    ) -> Result<()> {
        let Input { mut table, mut columns } = input;
        let name = table.name().to_owned();
        self.file = u32::try_from(self.files.len()).unwrap_or(u32::MAX);
        self.files.push(table.name().to_owned());
        self.check_constants(&columns)?;
        let mut row = Row::new();
        let mut told = Told::default();
        loop {
            let next = table.next_row_of(&mut row, &mut |header, place| {
                columns.extend(Headings { file: &name, header });
                columns.is_read(place)
            })?;
            let headings = Headings { file: &name, header: table.header() };
            columns.extend(headings);
            if next != Next::End {
                told.see(&columns, headings.header, &row);
            }
            let faults = match next {
                Next::End => {
                    self.options.rules.check_headings(&name, headings.header)?;
                    columns.check_options(&name)?;
                    if table.grows() && bad.has_rows() {
                        UnfitHeadings::of_all(&table, &columns, self.options)?;
                    }
                    told.tell(bad, &table, &columns, self.cx.dry_run);
                    return Ok(());
                }
                Next::Bad(faults) => faults,
                Next::Row => self.row((planner, bad), Faults::of(&table, &columns, &row))?,
            };
            let read = bad.count_row();
            let warnings = self.warning.take().into_iter().chain(self.warnings.drain(..));
            if faults.is_empty() {
                warnings.for_each(|warning| bad.warn(warning));
            } else {
                planner.refused();
                bad.add(faults)?;
            }
            tick(read);
            self.cx.cancel.check()?;
        }
    }

    /// Forgets what only further rows would be compared with.
    pub(super) fn end(self, bad: &mut Bad) -> Result<()> {
        self.replaced.tell(bad);
        self.seen.clear(self.tx)
    }

    /// Plans a row, unless something is wrong with it.
    fn row(
        &mut self,
        (planner, bad): (&mut Planner<'_>, &mut Bad),
        mut faults: Faults<'_>,
    ) -> Result<Vec<BadRow>> {
        faults.has_region = self.cells.has_region();
        if faults.refuse_hashes() {
            return Ok(faults.found);
        }
        let outcome = self.read(&mut faults)?;
        if !faults.found.is_empty() {
            self.places.forget_planned();
            return Ok(faults.found);
        }
        match outcome {
            Outcome::Wanted(wanted) => self.change(planner, *wanted)?,
            Outcome::Skipped => planner.unchanged(),
            Outcome::Repeated => bad.count_repeated(),
        }
        Ok(Vec::new())
    }

    /// What the row asks for.
    fn read(&mut self, faults: &mut Faults<'_>) -> Result<Outcome> {
        let email = Email::parse(&self.cells.email(faults.cell(Field::Email)));
        let email = faults.check(Field::Email, email)?;
        let old = match &email {
            None => None,
            Some(email) => {
                let folded = email.folded();
                match self.before(faults, &folded)? {
                    Before::Same => return Ok(Outcome::Repeated),
                    // What they have is not missing in a row that only says something else of them.
                    Before::Other if self.options.on_existing != OnExisting::Update => None,
                    Before::Other | Before::Nothing => self.known(faults, &folded)?,
                }
            }
        };
        if old.is_some() && self.options.on_existing != OnExisting::Update {
            return Ok(Outcome::Skipped);
        }
        if let (Some(email), None) = (&email, &old) {
            if faults.found.is_empty() {
                refuse_edited_email(self.cx, self.tx, faults, self.moment)?;
            }
            let told = (email.as_str(), email.folded());
            self.warnings.extend(self.binned.warning(self.cx, self.tx, (told.0, &told.1))?);
        }
        self.warning = match &email {
            Some(email) if old.is_none() => email::warning(email.as_str()),
            _ => None,
        };
        let mut facts = match &old {
            Some(user) => user.facts.clone(),
            None => Facts::new(email.map(|email| email.as_str().to_owned()).unwrap_or_default()),
        };
        self.write(faults, &mut facts)?;
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
        compare(faults, old.as_ref(), &facts, self.moment);
        let hash = if old.is_none() { password_hash(faults)? } else { None };
        let constants = if old.is_some() { faults.constants() } else { Vec::new() };
        Ok(Outcome::Wanted(Box::new(Wanted { old, facts, hash, constants })))
    }

    /// Writes what the cells say into the facts.
    fn write(&self, faults: &mut Faults<'_>, facts: &mut Facts) -> Result<()> {
        let columns = faults.columns;
        let is_whole = faults.is_said(Field::FullName);
        for source in columns.sources() {
            let (field, text) = (source.field, faults.cell(source.field));
            let is_name = matches!(field, Field::FirstName | Field::LastName);
            if is_whole && is_name && !faults.is_said(field) {
                // The whole name says both, and a constant counts where nothing does.
                continue;
            }
            if text.is_empty() {
                if self.options.rules.clears(field) && faults.says_nothing(source) {
                    Cells::clear(facts, field);
                }
            } else if !faults.refuse_typed(field) {
                faults.check(field, self.cells.write(facts, field, text))?;
            }
        }
        // Where there is a cell for one of the names, it says that name and not the whole one.
        if is_whole {
            for field in
                [Field::FirstName, Field::LastName].into_iter().filter(|field| faults.is_said(*field))
            {
                self.cells.write(facts, field, faults.cell(field)).ok();
            }
        }
        Ok(())
    }

    /// What another row of the import says of this email; one that says something else is a fault. A cell that could not be
    /// read says nothing, so that such a row repeats none, and none repeats it.
    fn before(&mut self, faults: &mut Faults<'_>, folded: &str) -> Result<Before> {
        if !faults.found.is_empty() {
            return Ok(Before::Nothing);
        }
        let here = Stood { file: self.file, line: faults.row.line(), digest: faults.digest(&self.cells) };
        let Some(Stood { file, line, digest }) = self.seen.before(self.tx, folded, here)? else {
            return Ok(Before::Nothing);
        };
        if digest == here.digest {
            return Ok(Before::Same);
        }
        let file = self.files.get(file as usize).filter(|_| file != here.file);
        let place = file.map_or_else(String::new, |file| format!(" of `{file}`"));
        let advice = "keep one of the two rows, or leave out the columns in which they differ";
        faults.add(
            Field::Email,
            format!("stands on line {line}{place} already, with other values"),
            Some(advice.to_owned()),
        );
        Ok(Before::Other)
    }

    /// Who has this email already in the store.
    fn known(&mut self, faults: &mut Faults<'_>, folded: &str) -> Result<Option<User>> {
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
            let is_told = field != Field::Company && !faults.cell(Field::FullName).is_empty();
            if part.is_none() && faults.cell(field).is_empty() && !is_told {
                let advice = match field {
                    Field::Company => {
                        "every person has one; `--set company=NAME` says it where a row does not"
                    }
                    _ => "every person has one",
                };
                faults.add(field, "is missing".to_owned(), Some(advice.to_owned()));
            }
        }
    }

    fn change(&mut self, planner: &mut Planner<'_>, wanted: Wanted) -> Result<()> {
        for place in self.places.take_planned() {
            self.warnings.extend(name::warning(&place.name));
            planner.change(&new_place(place))?;
        }
        let Some(old) = wanted.old else { return self.create(planner, wanted.facts, wanted.hash) };
        match self.update(&old, &wanted.facts)? {
            Some(change) => {
                self.replaced.see(&wanted.constants, &change.before);
                planner.change(&change)?;
            }
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
        let hindrance = login::hindrances(&facts, self.moment).into_iter().next();
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

/// The making of a place, which goes by its number in the changes after it.
pub(in crate::user) fn new_place(place: NewPlace) -> Change {
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
