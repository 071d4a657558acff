//! What there is to know of a file as a whole, when all of its rows were read: nothing of it is passed over in silence.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::Bad;
use super::columns::{Columns, Headings};
use super::error::option;
use super::field::Field;
use super::nothing;
use super::opposite::{Way, is_time};
use crate::audit::Fields;
use crate::tabular::{Row, Table};

/// What is counted while rows are read.
#[derive(Debug, Default)]
pub(super) struct Told {
    /// Values in columns without a name that are left out, by their places.
    nameless: BTreeMap<usize, u64>,
    /// Columns that are left out and may say who is switched off, as far as the header was looked at.
    suspects: Vec<(usize, Way)>,
    looked_at: usize,
    /// Rows in which such a column says so.
    off: BTreeMap<usize, u64>,
    /// Those of them that hold times.
    times: BTreeSet<usize>,
    /// Names that other systems write where there is none, by their places: the first, and in how many rows.
    nothing: BTreeMap<usize, (String, u64)>,
    /// What words say in each of them, for there are few.
    words: HashMap<usize, HashMap<String, bool>>,
}

/// Words of a column that are remembered.
const WORDS: usize = 64;

/// For how many people a constant took the place of what the store had, by field.
#[derive(Debug, Default)]
pub(super) struct Replaced(BTreeMap<&'static str, u64>);

impl Replaced {
    /// Looks at a change of somebody whose row left these fields to constants.
    pub(super) fn see(&mut self, constants: &[Field], before: &Fields) {
        let was_there = |field: &&Field| {
            before.get(field.name()).is_some_and(|value| {
                !value.is_null() && value.as_array().is_none_or(|entries| !entries.is_empty())
            })
        };
        for field in constants.iter().filter(was_there) {
            *self.0.entry(field.name()).or_default() += 1;
        }
    }

    pub(super) fn tell(self, bad: &mut Bad) {
        let fields: Vec<String> = self
            .0
            .iter()
            .map(|(field, people)| format!("{field} of {}", counted(*people, "person", "people")))
            .collect();
        if !fields.is_empty() {
            bad.note(format!(
                "what was there before gives way to `--set`, where a row says nothing: {}",
                fields.join(", ")
            ));
        }
    }
}

impl Told {
    /// Counts words for nothing among names, which are read as they stand.
    fn see_nothing(&mut self, columns: &Columns<'_>, row: &Row) {
        let names =
            columns.sources().iter().filter(|source| source.field.is_text() && !source.field.is_list());
        for column in names.flat_map(|source| &source.columns) {
            let text = row.get(column.place).trim();
            if nothing::is_word(text) && column.words.is_none_or(|words| words.value(text).is_none()) {
                self.nothing.entry(column.place).or_insert_with(|| (text.to_owned(), 0)).1 += 1;
            }
        }
    }

    /// Looks at a row, whatever becomes of it.
    pub(super) fn see(&mut self, columns: &Columns<'_>, header: &[String], row: &Row) {
        if self.looked_at != header.len() {
            self.looked_at = header.len();
            self.suspects = columns.may_say_who_is_off(header).collect();
        }
        for &(place, way) in &self.suspects {
            let word = row.get(place).trim();
            let words = self.words.entry(place).or_default();
            let known = words.get(word).copied();
            let is_off = known.unwrap_or_else(|| way.says_off(word));
            if known.is_none() && words.len() < WORDS {
                words.insert(word.to_owned(), is_off);
                if is_time(word) {
                    self.times.insert(place);
                }
            }
            if is_off {
                *self.off.entry(place).or_default() += 1;
            }
        }
        self.see_nothing(columns, row);
        for place in columns.nameless().filter(|place| !row.get(*place).trim().is_empty()) {
            *self.nameless.entry(place).or_default() += 1;
        }
    }

    /// Tells which columns are left out; on a dry run also what nothing in such a file says.
    pub(super) fn tell(self, bad: &mut Bad, table: &Table, columns: &Columns<'_>, dry_run: bool) {
        let headings = Headings { file: table.name(), header: table.header() };
        let nameless = self.nameless.iter().map(|(place, values)| {
            format!("column {}, which has no name ({})", place + 1, counted(*values, "value", "values"))
        });
        let ignored: Vec<String> = columns.ignored(headings.header).chain(nameless).collect();
        table.remarks(&|place| columns.is_read(place)).into_iter().for_each(|remark| bad.note(remark));
        for (place, (word, rows)) in &self.nothing {
            let heading = columns.name(headings.header, *place);
            let words = option("--values", &format!("{heading}:{word}="));
            bad.note(format!(
                "`{heading}` holds `{word}` or the like in {}, read as a name: if it stands for nothing, say so with `{}`",
                counted(*rows, "row", "rows"),
                words.trim()
            ));
        }
        if ignored.is_empty() {
            return;
        }
        bad.note(format!("left out of `{}`: {}", headings.file, ignored.join(", ")));
        let off = self.off.iter().map(|(place, rows)| (columns.name(headings.header, *place), *rows));
        let off: BTreeMap<String, u64> = off.collect();
        let mut lost = columns.lost(headings.header, |place| self.times.contains(&place));
        lost.extend(off.keys().filter(|heading| !lost.contains(heading)).cloned().collect::<Vec<_>>());
        if !lost.is_empty() {
            let told = |heading: &String| match off.get(heading) {
                None => heading.clone(),
                Some(rows) => format!("{heading} ({} so)", counted(*rows, "row says", "rows say")),
            };
            let lost: Vec<String> = lost.iter().map(told).collect();
            bad.note(format!("among these, who is switched off may stand in: {}", lost.join(", ")));
        }
        let unsaid: Vec<&str> = columns.unsaid().filter(|field| is_missed(*field)).map(Field::name).collect();
        if dry_run && !unsaid.is_empty() {
            bad.note(format!("nothing in `{}` says: {}", headings.file, unsaid.join(", ")));
        }
    }
}

const fn is_missed(field: Field) -> bool {
    matches!(
        field,
        Field::Department
            | Field::Position
            | Field::Phone
            | Field::StartDate
            | Field::EndDate
            | Field::Active
            | Field::Roles
            | Field::Groups
    )
}

fn counted(number: u64, one: &str, many: &str) -> String {
    if number == 1 { format!("1 {one}") } else { format!("{number} {many}") }
}
