//! A row as its fields are read: the value of each with its cell, and what is wrong with it.

use std::hash::{DefaultHasher, Hash as _, Hasher as _};

use super::cell::{Cells, yes_or_no};
use super::columns::{Columns, SourceColumn, ValueSource};
use super::error::{Error, option};
use super::field::Field;
use super::nothing;
use crate::error::{BadRow, Explain as _, Failure, Kind, Result};
use crate::tabular::{CellKind, Row, Table};
use crate::text::fold::fold;
use crate::text::list;
use crate::text::secret::holds_hash;

/// Names that are told to list where a word is not known.
const LISTED: usize = 12;

/// What stands for a day that never comes.
const NEVER: &str = "never";

/// What a message says of the value that it begins with.
fn said_of<'m>(value: &str, message: &'m str) -> Option<&'m str> {
    message.strip_prefix(&format!("`{value}` "))
}

/// The value of a field, and the column it is from; none for one that is the same for everybody.
#[derive(Debug, Clone, Copy, Default)]
struct Value<'a> {
    text: &'a str,
    place: Option<usize>,
}

/// What is wrong with the row that is being read.
pub(super) struct Faults<'a> {
    table: &'a Table,
    pub(super) columns: &'a Columns<'a>,
    pub(super) row: &'a Row,
    values: [Value<'a>; Field::COUNT],
    pub(super) found: Vec<BadRow>,
    /// Nothing is wrong with company, department and position so far.
    pub(super) places_are_good: bool,
    /// It is known whose phones they are that have no country.
    pub(super) has_region: bool,
}

impl<'a> Faults<'a> {
    pub(super) fn of(table: &'a Table, columns: &'a Columns<'a>, row: &'a Row) -> Self {
        let has = |place: usize| !row.get(place).trim().is_empty();
        let refused = columns.refused().iter().filter(|(place, _)| has(*place));
        let told = refused.map(|(place, error)| BadRow {
            is_sentence: true,
            ..table.fault_of(row, Some(*place), error.to_string(), error.advice())
        });
        let found = told.collect();
        let values = [Value::default(); Field::COUNT];
        let mut faults = Self { table, columns, row, values, found, places_are_good: true, has_region: true };
        for source in columns.sources() {
            let value = faults.value(source);
            if let Some(place) = faults.values.get_mut(source.field as usize) {
                *place = value;
            }
        }
        faults
    }

    /// The first cell of a field that says something, else what is the same for everybody. Of several that say whether somebody is
    /// active one that says no counts: each can switch somebody off.
    fn value(&mut self, source: &ValueSource<'a>) -> Value<'a> {
        let is_decided =
            |value: &Value<'_>| source.field != Field::Active || !matches!(yes_or_no(value.text), Ok(true));
        let mut first = None;
        for column in &source.columns {
            match self.said(source.field, column) {
                Some(value) if is_decided(&value) => return value,
                said => first = first.or(said),
            }
        }
        let place = source.columns.first().map(|column| column.place);
        let for_all =
            || source.constant.map_or(Value { text: "", place }, |text| Value { text, place: None });
        first.unwrap_or_else(for_all)
    }

    /// What a cell says, if it says anything. A word that is not listed is a fault where the words are closed; a day or a name is
    /// read as ever.
    fn said(&mut self, field: Field, column: &SourceColumn<'a>) -> Option<Value<'a>> {
        let text = match self.row.get(column.place).trim() {
            "" => return None,
            "0" if column.counts_ticks && column.words.is_none_or(|words| words.value("0").is_none()) => {
                NEVER
            }
            text => text,
        };
        let place = Some(column.place);
        let Some(words) = column.words else { return Some(Value { text, place }) };
        match words.value(text) {
            Some("") => None,
            Some(value) => Some(Value { text: value, place }),
            None if !field.has_closed_words() => Some(Value { text, place }),
            None => {
                let known: Vec<&str> =
                    words.values.iter().take(LISTED).map(|(word, _)| word.as_str()).collect();
                let error = Error::UnknownWord { text: text.to_owned(), known: known.join(", ") };
                let message = error.to_string();
                let reason = said_of(text, &message).unwrap_or(&message).to_owned();
                self.found.push(self.table.fault_of(self.row, place, reason, error.advice()));
                Some(Value { text: "", place })
            }
        }
    }

    /// Refuses password hashes in the columns of other fields, where they would be stored for everybody to read.
    pub(super) fn refuse_hashes(&mut self) -> bool {
        let columns = self.columns;
        let misplaced = columns.sources().iter().map(|source| source.field);
        let misplaced =
            misplaced.filter(|field| *field != Field::PasswordHash && holds_hash(self.cell(*field)));
        let misplaced: Vec<Field> = misplaced.collect();
        for &field in &misplaced {
            let advice = "`--accounts-only` takes it from the column `password_hash`";
            self.add(field, "holds the hash of a password".to_owned(), Some(advice.to_owned()));
        }
        !misplaced.is_empty()
    }

    /// Refuses what another program made of a name: a day of `1-2`, a truth value of `True`, the error of a formula, U+FFFD of a
    /// letter that it could not read.
    pub(super) fn refuse_typed(&mut self, field: Field) -> bool {
        if is_formula_error(self.cell(field)) {
            let advice = "mend the formula in the spreadsheet program, or clear the cell";
            self.add(
                field,
                "is the error that a formula gave, not a value".to_owned(),
                Some(advice.to_owned()),
            );
            return true;
        }
        if field.is_text() && self.cell(field).contains('\u{FFFD}') {
            let reason = "has lost letters, for which `\u{FFFD}` stands, before it came here";
            let advice = "export it again as UTF-8 from where it comes from, or write the letters anew";
            self.add(field, reason.to_owned(), Some(advice.to_owned()));
            return true;
        }
        let kind = self.place(field).and_then(|place| self.row.kind(place)).filter(|_| field.is_text());
        let reason = match kind {
            None => return false,
            Some(CellKind::Date) => "is a date in the file, not a name",
            Some(CellKind::Truth) => "is a truth value in the file, not a name",
        };
        let advice = "make the cell one of text, and write the name as it is";
        self.add(field, reason.to_owned(), Some(advice.to_owned()));
        true
    }

    /// The value of a field; empty when nothing says it.
    pub(super) fn cell(&self, field: Field) -> &'a str {
        self.values.get(field as usize).map(|value| value.text).unwrap_or_default()
    }

    /// Whether the row has a cell of that field and nothing in it: a key that an object lacks is none. What one of the two
    /// columns of groups says, the other one does not unsay.
    pub(super) fn says_nothing(&self, source: &ValueSource<'_>) -> bool {
        let is_unsaid = match source.field {
            Field::Groups => self.cell(Field::GroupsByHand).is_empty(),
            Field::GroupsByHand => self.cell(Field::Groups).is_empty(),
            _ => true,
        };
        is_unsaid && source.columns.iter().any(|column| !self.row.is_absent(column.place))
    }

    /// The column that the value of a field is from, or would be.
    fn place(&self, field: Field) -> Option<usize> {
        self.values.get(field as usize).and_then(|value| value.place)
    }

    /// What tells two rows of one email apart that say anything else of the person: not letter case where it makes no
    /// difference, nor the order of a list, nor how a day, a phone or yes and no are written.
    pub(super) fn digest(&self, cells: &Cells<'_>) -> u64 {
        let mut hasher = DefaultHasher::new();
        let sources = self.columns.sources().iter().filter(|source| source.field != Field::Email);
        let mut sources: Vec<&ValueSource<'_>> = sources.collect();
        // Whatever the order of the columns, which another file may have otherwise.
        sources.sort_unstable_by_key(|source| source.field as usize);
        for source in sources {
            let (field, text) = (source.field, self.cell(source.field));
            if !text.is_empty() {
                (field as usize, meant(cells, field, text)).hash(&mut hasher);
            } else if self.columns.rules().clears(field) && self.says_nothing(source) {
                (field as usize, "").hash(&mut hasher);
            }
        }
        hasher.finish()
    }

    /// Whether a cell of the row says the field, and not a constant.
    pub(super) fn is_said(&self, field: Field) -> bool {
        self.place(field).is_some() && !self.cell(field).is_empty()
    }

    /// The fields of which the row says nothing, and a constant does.
    pub(super) fn constants(&self) -> Vec<Field> {
        let said = self.columns.sources().iter().filter(|source| source.constant.is_some());
        said.map(|source| source.field).filter(|field| self.place(*field).is_none()).collect()
    }

    pub(super) fn add(&mut self, field: Field, reason: String, advice: Option<String>) {
        let fault = self.fault(field, reason, advice);
        self.found.push(fault);
    }

    /// A fault of a cell that is read to be compared.
    pub(super) fn add_at(&mut self, place: usize, reason: String, advice: String) {
        self.found.push(self.table.fault_of(self.row, Some(place), reason, Some(advice)));
    }

    fn fault(&mut self, field: Field, reason: String, advice: Option<String>) -> BadRow {
        let mut fault = self.table.fault_of(self.row, self.place(field), reason, advice);
        if field == Field::PasswordHash {
            fault.value.clear();
        }
        if fault.column.is_empty() {
            field.name().clone_into(&mut fault.column);
        }
        self.places_are_good &= !matches!(field, Field::Company | Field::Department | Field::Position);
        fault
    }

    /// Gives the value of a field, or notes why it is refused.
    pub(super) fn check<T, E: Into<Failure>>(
        &mut self,
        field: Field,
        result: Result<T, E>,
    ) -> Result<Option<T>> {
        match result {
            Ok(value) => Ok(Some(value)),
            Err(error) => {
                let asks_for_order = field.is_day()
                    && self.columns.rules().date_order.is_none()
                    && self.cell(field).contains(|c: char| c.is_ascii_digit());
                let needs_region = !self.has_region && !self.cell(field).starts_with('+');
                let has_no_domain =
                    field == Field::Email && !self.cell(field).is_empty() && !self.cell(field).contains('@');
                let words = self.words_to_list(field);
                let nothing = self.word_for_nothing(field);
                let advice_of_field = |advice| match field {
                    _ if nothing.is_some() => {
                        let nothing = nothing.as_deref().unwrap_or_default();
                        format!("{advice}; or say that the word stands for nothing: `{nothing}`")
                    }
                    _ if words.is_some() => {
                        let words = words.as_deref().unwrap_or_default();
                        format!("{advice}; or say what the words of the column stand for: `{words}`")
                    }
                    Field::Email if has_no_domain => {
                        format!(
                            "{advice}; or say once what stands behind the `@` of all: `--email-domain DOMAIN`"
                        )
                    }
                    Field::Color => "write it like `#ffcc00`".to_owned(),
                    Field::Phone if needs_region => {
                        format!(
                            "{advice}; or say once whose numbers those without a country are: `secboard setting set site.region CODE`"
                        )
                    }
                    _ if asks_for_order => {
                        format!(
                            "{advice}; or say in which order days are written: `--date-format dmy`, `mdy` or `ymd`"
                        )
                    }
                    _ => advice,
                };
                self.failure(field, error.into(), advice_of_field).map(|()| None)
            }
        }
    }

    /// The option that says that a cell stands for nothing, where it looks like it.
    pub(super) fn word_for_nothing(&self, field: Field) -> Option<String> {
        let text = self.cell(field);
        let place = self.place(field).filter(|_| nothing::is_word(text))?;
        let heading = self.columns.name(self.table.header(), place);
        Some(option("--values", &format!("{heading}:{text}=")).trim().to_owned())
    }

    /// The option that says what the words of a column of yes and no stand for, where none says it.
    fn words_to_list(&self, field: Field) -> Option<String> {
        let place = self.place(field).filter(|place| field.is_switch() && !self.columns.has_words(*place))?;
        let heading = self.columns.name(self.table.header(), place);
        Some(option("--values", &format!("{heading}:WORD=yes,WORD=no")).trim().to_owned())
    }

    /// Notes an error of the row's own; any other ends the import.
    pub(super) fn failure(
        &mut self,
        field: Field,
        failure: Failure,
        advice: impl FnOnce(String) -> String,
    ) -> Result<()> {
        if !matches!(
            failure.kind(),
            Kind::Refused | Kind::NotFound | Kind::CannotCreate | Kind::Usage | Kind::Denied
        ) {
            return Err(failure);
        }
        let message = failure.to_string();
        let said_of_it = said_of(self.cell(field), &message);
        let advice = failure.explain().hint().map(advice);
        let mut fault = self.fault(field, said_of_it.unwrap_or(&message).to_owned(), advice);
        fault.is_sentence = said_of_it.is_none();
        fault.is_denied = failure.kind() == Kind::Denied;
        self.found.push(fault);
        Ok(())
    }
}

/// What a value means, as far as two rows are compared.
fn meant(cells: &Cells<'_>, field: Field, text: &str) -> Vec<String> {
    if field.is_list() {
        let entries = list::split(text).unwrap_or_else(|_| vec![text.to_owned()]);
        let mut entries: Vec<String> = entries.iter().map(|entry| fold(entry)).collect();
        entries.sort_unstable();
        entries.dedup();
        return entries;
    }
    vec![match field {
        _ if field.is_of_case() => text.to_owned(),
        _ if field.is_switch() => yes_or_no(text).map_or_else(|_| fold(text), |is| is.to_string()),
        Field::StartDate | Field::EndDate => {
            let day = cells.read_day(field, text);
            day.map_or_else(|_| fold(text), |day| day.map_or_else(|| NEVER.to_owned(), |day| day.to_string()))
        }
        Field::Phone => text.chars().filter(|c| c.is_alphanumeric() || *c == '+').collect(),
        _ => fold(text),
    }]
}

/// What formulas without a value leave in a cell, in the languages of our neighbours too.
const FORMULA_ERRORS: &[&str] = &[
    "#n/a",
    "#ref!",
    "#value!",
    "#name?",
    "#div/0!",
    "#null!",
    "#num!",
    "#spill!",
    "#calc!",
    "#error!",
    "#nv",
    "#bezug!",
    "#wert!",
    "#zahl!",
    "#feld!",
    "#valeur!",
    "#nom?",
    "#nombre!",
    "#¡ref!",
    "#¡valor!",
    "#¿nombre?",
    "#¡num!",
    "#¡div/0!",
    "#н/д",
    "#посилання!",
    "#знач!",
    "#ссылка!",
    "#имя?",
    "#ім'я?",
];

/// Whether a cell holds what a spreadsheet program shows instead of a value: the error of a formula, or nothing but `#` where the
/// column was too narrow.
fn is_formula_error(text: &str) -> bool {
    text.starts_with('#')
        && (text.len() > 1 && text.bytes().all(|byte| byte == b'#')
            || FORMULA_ERRORS.contains(&fold(text).as_str()))
}
