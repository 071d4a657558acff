//! Imports: people from CSV, JSONL and XLSX files, as one run.
//!
//! The headings of each file are matched to fields first ([`columns`]). Then every row is read, checked and planned on its
//! own ([`mod@plan`]), whatever was wrong with the rows before it, so that all that has to be mended is told at once ([`bad`]).
//! When nothing was wrong, or the good rows alone are wanted, the run engine applies the plan.
//!
//! How files are read is said in one place ([`rules`]): which field a heading means ([`field`], [`heading`]), what the words of
//! a column stand for, what is the same for everybody, in which order days are written. For the exports of other systems such
//! rules are shipped ([`profile`]).
//!
//! An empty cell says nothing: the field stays as it is, or has its default on a new person, unless it is said to clear. A key
//! that an object lacks is no empty cell.
//! `never` clears a date. What an export of ours has beyond the writable fields is compared, so that an export can be imported
//! again and no change to it is lost in silence, but for what becomes another by itself; in any other file it is as unknown as every column that means nothing here.
//!
//! With accounts only, the file brings bare accounts with the password hashes of another system. The hashes are sealed
//! while they wait in the plan, and stand in no plan, audit row or message.

mod bad;
mod binned;
mod cell;
mod columns;
mod compared;
mod constants;
mod doubled;
mod error;
mod faults;
pub(super) mod field;
mod full_name;
mod heading;
mod nothing;
mod opposite;
mod places;
mod plan;
mod profile;
mod rules;
mod seen;
mod store;
mod told;
mod unfit;
mod useless;

#[cfg(test)]
pub(crate) mod tests;

pub(crate) use bad::Bad;
pub(crate) use error::Error;
pub(crate) use field::{Field, Whom};
pub(super) use plan::new_place;
pub(crate) use profile::{FileOptions, Profile};
pub(crate) use rules::{Clear, Constant, Mapping, Rules, Words, delimiter, email_domain, separator};
pub(crate) use useless::Reading;

use self::columns::{Columns, Headings};
use self::plan::Plan;
use self::unfit::UnfitHeadings;
use crate::context::Context;
use crate::error::{Failure, Result};
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
    /// How what is in them is read.
    pub(crate) rules: Rules,
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
    /// The profile that was typed.
    pub(crate) profile: Option<Profile>,
    /// What was typed of how files are read.
    pub(crate) reading: Vec<Reading>,
    /// The command as it was typed, for the one that comes next.
    pub(crate) typed: String,
}

impl Options {
    /// Whom it brings.
    pub(crate) const fn whom(&self) -> Whom {
        if self.accounts_only { Whom::Accounts } else { Whom::People }
    }
}

/// A file that was opened, with the meaning of its columns.
pub(crate) struct Input<'a> {
    table: Table,
    columns: Columns<'a>,
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

/// Opens files and matches their columns. What comes by a pipe is awaited to its end: nobody is waited for later, while the
/// store is read.
pub(crate) fn open<'a>(cx: &Context, files: &[FileOrStream], options: &'a Options) -> Result<Vec<Input<'a>>> {
    let inputs = files
        .iter()
        .map(|file| {
            let read = ReadOptions { left_out: options.rules.left_out(), ..options.read.clone() };
            let source = Source::named(file).while_wanted(cx.cancel.is_unwanted())?;
            let table = Table::open(source, read).or_else(|fault| {
                cx.cancel.check()?;
                Err(Failure::from(fault))
            })?;
            let headings = Headings { file: table.name(), header: table.header() };
            let mut columns = Columns::new(headings, &options.rules, options.whom());
            if !table.grows() {
                options.rules.check_headings(headings.file, headings.header)?;
            }
            check_hand_out(&table, &columns)?;
            UnfitHeadings::of(&table, &mut columns, options)?;
            if !table.grows() {
                columns.check_options(headings.file)?;
            }
            Ok(Input { table, columns })
        })
        .collect::<Result<Vec<_>>>()?;
    useless::check(&inputs, &options.reading)?;
    Ok(inputs)
}

/// Refuses the workbook that is no file to import: its one column of names, and its groups, have no field.
fn check_hand_out(table: &Table, columns: &Columns<'_>) -> Result<(), Error> {
    let names = [Field::FirstName, Field::LastName, Field::FullName];
    let has_names = names.iter().any(|name| columns.source(*name).is_some());
    if !has_names && heading::is_hand_out(table.header()) {
        return Err(Error::HandOut { file: table.name().to_owned() });
    }
    Ok(())
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
    inputs: Vec<Input<'_>>,
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
        plan.end(bad)?;
        bad.finish()?;
        match bad.error(options.partial) {
            Some(error) if !options.partial => Err(error.into()),
            _ => Ok(()),
        }
    })
}
