//! Imports: people from CSV, JSONL and XLSX files, as one run.
//!
//! The headings of each file are matched to fields first ([`columns`]). Then every row is read, checked and planned on its
//! own ([`mod@plan`]), whatever was wrong with the rows before it, so that all that has to be mended is told at once ([`bad`]).
//! When nothing was wrong, or the good rows alone are wanted, the run engine applies the plan.
//!
//! An empty cell says nothing: the field stays as it is, or has its default on a new person. `never` clears a date. What
//! an export prints beyond the writable fields is not read, so that an export can be imported again.
//!
//! With accounts only, the file brings bare accounts with the password hashes of another system. The hashes are sealed
//! while they wait in the plan, and stand in no plan, audit row or message.

mod bad;
mod cell;
pub(super) mod columns;
mod error;
mod faults;
mod plan;
mod seen;
mod store;

#[cfg(test)]
mod tests;

pub(crate) use bad::Bad;
pub(crate) use columns::{Field, Mapping};
pub(crate) use error::Error;

use self::columns::Columns;
use self::plan::Plan;
use crate::context::Context;
use crate::error::Result;
use crate::run::{self, Engine, Spec};
use crate::tabular::{FileOrStream, ReadOptions, Source, Table};

/// What to do with somebody who exists already.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) enum OnExisting {
    /// Refuse the row.
    #[default]
    Fail,
    /// Leave them as they are.
    Skip,
    /// Change what the row has.
    Update,
}

/// How to import.
#[derive(Debug, Clone, Default)]
pub(crate) struct Options {
    /// How files are read.
    pub(crate) read: ReadOptions,
    /// Headings that mean something else than they say.
    pub(crate) map: Vec<Mapping>,
    /// What to do with people who exist already.
    pub(crate) on_existing: OnExisting,
    /// Make companies, departments and positions that do not exist.
    pub(crate) create_missing: bool,
    /// Import the good rows even if there are bad ones.
    pub(crate) partial: bool,
    /// Make accounts without profiles, with their password hashes.
    pub(crate) accounts_only: bool,
    /// Whether new people are invited.
    pub(crate) invite: bool,
}

impl Options {
    /// The fields that such an import writes.
    pub(crate) fn fields(&self) -> &'static [Field] {
        if self.accounts_only { &Field::OF_ACCOUNTS } else { &Field::OF_PEOPLE }
    }
}

/// A file that was opened, with the meaning of its columns.
pub(crate) struct Input {
    table: Table,
    columns: Columns,
}

/// An import under way.
pub(crate) struct Import<'a> {
    /// How to import.
    pub(crate) options: &'a Options,
    /// Takes what is wrong with rows.
    pub(crate) bad: &'a mut Bad,
    /// Told after each row how many there were.
    pub(crate) tick: &'a mut dyn FnMut(u64),
}

/// Opens files and matches their columns.
pub(crate) fn open(files: &[FileOrStream], options: &Options) -> Result<Vec<Input>> {
    files
        .iter()
        .map(|file| {
            let table = Table::open(Source::named(file), options.read.clone())?;
            let columns = Columns::new(table.name(), table.header(), &options.map, options.fields())?;
            // Of a file whose later rows may have more columns, that is known row by row, and at its end.
            if !table.grows() {
                columns::check_mapped(table.name(), table.header(), &options.map)?;
                check_complete(&table, &columns, options)?;
            }
            Ok(Input { table, columns })
        })
        .collect()
}

/// Refuses a file in which every row would lack something, and the workbook that is no file to import: its one column of
/// names, and its groups, have no field.
fn check_complete(table: &Table, columns: &Columns, options: &Options) -> Result<(), Error> {
    let has_names = [Field::FirstName, Field::LastName].iter().any(|name| columns.place(*name).is_some());
    if !has_names && columns::is_hand_out(table.header()) {
        return Err(Error::HandOut { file: table.name().to_owned() });
    }
    let needed: &[Field] = if options.accounts_only || options.on_existing == OnExisting::Update {
        &[Field::Email]
    } else {
        &[Field::Email, Field::FirstName, Field::LastName, Field::Company]
    };
    let missing: Vec<&str> =
        needed.iter().filter(|field| columns.place(**field).is_none()).map(|field| field.name()).collect();
    if missing.is_empty() {
        Ok(())
    } else {
        Err(Error::MissingColumns { file: table.name().to_owned(), missing })
    }
}

/// A file in the list of runs.
fn source(name: &str) -> &str {
    if name == "-" { "standard input" } else { name }
}

/// Plans an import of the opened files.
///
/// Fails with [`Error::Refused`] if rows were refused and a partial import was not asked for.
pub(crate) fn plan(
    cx: &Context,
    engine: &mut Engine,
    inputs: Vec<Input>,
    import: Import<'_>,
) -> Result<run::Plan> {
    let sources: Vec<&str> = inputs.iter().map(|input| source(input.table.name())).collect();
    let spec = Spec {
        kind: "user.import",
        source: &sources.join(", "),
        repeats: !inputs.iter().any(|input| input.table.name() == "-"),
        is_whole: !import.options.partial,
    };
    run::plan(cx, engine, &spec, |tx, planner| {
        let Import { options, bad, tick } = import;
        planner.concerns_all(cx, "users.edit")?;
        let mut plan = Plan::new(cx, tx, options);
        for input in inputs {
            plan.file(planner, bad, input, tick)?;
        }
        plan.end()?;
        bad.finish()?;
        match bad.error(options.partial) {
            Some(error) if !options.partial => Err(error.into()),
            _ => Ok(()),
        }
    })
}
