//! `secboard export`.

use std::path::Path;

use clap::{Args, Subcommand};

use super::{AccessRow, Error, Format, GrantRow, GroupRow, Request, UserSelection, Watch};
use crate::cli::output::stream::{self, Encoding};
use crate::cli::output::{Format as Print, FormatArg, Record};
use crate::cli::{App, Outcome, Progress, stop};
use crate::context::Context;
use crate::error::Result;
use crate::role::cli::RoleRow;
use crate::tabular::FileOrStream;
use crate::tabular::file::Output;
use crate::tabular::guard::Guarded;
use crate::text::count;
use crate::user::cli::row::UserRow;
use crate::user::filter::cli::{FilterArgs, SortArgs};

/// Exports: workbooks and files of rows to hand out
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Write people into a workbook, or as CSV, JSON, JSON Lines
    ///
    /// The workbook has a row for everybody whom the filters show, in their colour, and a second sheet that says when, by
    /// whom and with which filters it was made. The other formats hold the same rows as `user list`, and `user import` reads
    /// them; the workbook is to hand out, and no import reads it. What to write is said
    /// by --format (xlsx, csv, json, jsonl), else by the end of the file's name; without either it is a workbook. A file
    /// appears when it is complete, and only its owner can read it. The audit keeps who exported what.
    #[command(after_help = "Examples:\n  \
        secboard export users --output people.xlsx\n  \
        secboard export users --company 'Acme Bank' --status active --output acme.xlsx\n  \
        secboard export users --employment past --sort end_date:desc --output - -o csv --columns email,end_date")]
    Users(OfPeople),
    /// Write roles with what each brings
    ///
    /// The workbook has a row for each role, in its colour; the inactive ones stand there too. The other formats hold the
    /// same rows as `role list`.
    #[command(after_help = "Examples:\n  \
        secboard export roles --output roles.xlsx\n  \
        secboard export roles --output roles.csv --columns slug,groups,holders")]
    Roles(Destination),
    /// Write groups with how much hangs on each
    #[command(after_help = "Examples:\n  \
        secboard export groups --output groups.xlsx\n  \
        secboard export groups --output - -o jsonl")]
    Groups(Destination),
    /// Write what groups grant
    ///
    /// The workbook has a sheet for each module: a row for each group that grants something in it, a column for each
    /// permission, and in the cells a tick for all companies or the names of those it is granted for. The other formats
    /// hold a row for each grant.
    #[command(after_help = "Examples:\n  \
        secboard export permissions --output permissions.xlsx\n  \
        secboard export permissions --output permissions.csv")]
    Permissions(Destination),
    /// Write who may do what, and where that comes from
    ///
    /// The workbook begins with a sheet of people, their roles and their groups, each with all that it comes from. Then
    /// comes a sheet for each module: a row for everybody who may do something in it, a column for each permission, and in
    /// the cells a tick for all companies or the names of those it holds for. The other formats hold a row for each person,
    /// permission and company, with the grants behind it. Only active people are shown: nobody else may do anything.
    #[command(after_help = "Examples:\n  \
        secboard export access --output access.xlsx\n  \
        secboard export access --company 'Acme Bank' --output acme.xlsx\n  \
        secboard export access --search olena@acme.example -o jsonl --output -")]
    Access(OfPeople),
}

/// Where to write.
#[derive(Debug, Args)]
pub(crate) struct Destination {
    /// The file to write, or - for standard output
    #[arg(long, value_name = "FILE", default_value = "-", hide_default_value = true)]
    output: FileOrStream,
}

/// Where to write, and about whom.
#[derive(Debug, Args)]
pub(crate) struct OfPeople {
    #[command(flatten)]
    place: Destination,
    #[command(flatten)]
    filter: FilterArgs,
    #[command(flatten)]
    sort: SortArgs,
}

/// One of the operations that export people.
type PeopleExport = fn(&Context, &UserSelection, &Request, Output, Watch<'_>) -> Result<u64>;

/// One of the operations that export something else.
type Export = fn(&Context, &Request, Output, Watch<'_>) -> Result<u64>;

/// Runs a verb.
pub(crate) fn run(app: &App, command: Command) -> Result<Outcome> {
    match command {
        Command::Users(arguments) => of_people::<UserRow>(app, &arguments, super::users)?,
        Command::Access(arguments) => of_people::<AccessRow>(app, &arguments, super::access)?,
        Command::Roles(place) => of::<RoleRow>(app, &place, "role", super::roles)?,
        Command::Groups(place) => of::<GroupRow>(app, &place, "group", super::groups)?,
        Command::Permissions(place) => of::<GrantRow>(app, &place, "grant", super::permissions)?,
    }
    Ok(Outcome::Done)
}

fn of_people<R: Record>(app: &App, arguments: &OfPeople, export: PeopleExport) -> Result<()> {
    let format = format::<R>(app, &arguments.place.output)?;
    let page = arguments.sort.everybody()?;
    let cx = app.writer()?;
    let filter = cx.read(|tx| arguments.filter.filter(&cx, tx, "users.export"))?;
    let people = UserSelection { filter, page };
    let request = Request { words: arguments.filter.words(), ..arguments.place.request(format) };
    let written =
        arguments.place.write(app, &cx, |output, watch| export(&cx, &people, &request, output, watch))?;
    app.done(&format!("wrote {} to {}", count::people(written), arguments.place));
    Ok(())
}

fn of<R: Record>(app: &App, place: &Destination, one: &str, export: Export) -> Result<()> {
    let request = place.request(format::<R>(app, &place.output)?);
    let cx = app.writer()?;
    let written = place.write(app, &cx, |output, watch| export(&cx, &request, output, watch))?;
    let many = if written == 1 { "" } else { "s" };
    app.done(&format!("wrote {written} {one}{many} to {place}"));
    Ok(())
}

impl Destination {
    fn request(&self, format: Format) -> Request {
        let name = match self.output.file().and_then(Path::file_name) {
            Some(name) => name.to_string_lossy().into_owned(),
            None => self.output.to_string(),
        };
        Request { format, name, words: String::new() }
    }

    /// Lets `export` write there, or nowhere on a dry run.
    fn write(
        &self,
        app: &App,
        cx: &Context,
        export: impl FnOnce(Output, Watch<'_>) -> Result<u64>,
    ) -> Result<u64> {
        let _watch = stop::watch(&cx.cancel);
        let output = if cx.dry_run {
            Output::stream("-", Box::new(std::io::sink()))
        } else {
            app.output(&self.output)?
        };
        let cancel = cx.cancel.clone();
        let output = output.stopped_by(move || cancel.is_cancelled());
        let progress = Progress::rows(app, "writing");
        let written = export(output, &mut |count| progress.at(count));
        drop(progress);
        // What the wish to stop broke is told as the wish.
        written.or_else(|failure| cx.cancel.check().map_err(Into::into).and(Err(failure)))
    }
}

impl std::fmt::Display for Destination {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match &self.output {
            FileOrStream::Stream => f.write_str("standard output"),
            FileOrStream::File(file) => write!(f, "`{}`", file.display()),
        }
    }
}

/// What is asked for, else what the file's name says, else a workbook.
fn format<R: Record>(app: &App, output: &FileOrStream) -> Result<Format> {
    let asked = match app.globals.format {
        Some(asked) => asked,
        None => by_extension(output)?,
    };
    let encoding = match asked {
        FormatArg::Xlsx if app.out.columns.is_some() => return Err(Error::FixedColumns.into()),
        FormatArg::Xlsx if *output == FileOrStream::Stream && app.out.width.is_some() => {
            return Err(Error::Terminal.into());
        }
        FormatArg::Xlsx => return Ok(Format::Xlsx),
        FormatArg::Print(Print::Table) => return Err(Error::Table.into()),
        FormatArg::Print(Print::Json) => Encoding::Json,
        FormatArg::Print(Print::Jsonl) => Encoding::Jsonl,
        FormatArg::Print(Print::Csv) => app.out.csv(Guarded::Everywhere, *output == FileOrStream::Stream),
    };
    Ok(Format::Rows { encoding, columns: stream::columns::<R>(app.out.columns.as_deref())? })
}

fn by_extension(output: &FileOrStream) -> Result<FormatArg, Error> {
    let Some(extension) = output.file().and_then(Path::extension) else { return Ok(FormatArg::Xlsx) };
    match extension.to_string_lossy().to_ascii_lowercase().as_str() {
        "xlsx" => Ok(FormatArg::Xlsx),
        "csv" => Ok(FormatArg::Print(Print::Csv)),
        "json" => Ok(FormatArg::Print(Print::Json)),
        "jsonl" | "ndjson" => Ok(FormatArg::Print(Print::Jsonl)),
        _ => Err(Error::UnknownExtension { file: output.to_string() }),
    }
}

#[cfg(test)]
mod tests {
    use std::ffi::OsString;

    use super::by_extension;
    use crate::cli::output::{Format, FormatArg};
    use crate::tabular::FileOrStream;

    #[test]
    fn the_files_name_says_the_format() {
        for (name, format) in [
            ("-", FormatArg::Xlsx),
            ("people", FormatArg::Xlsx),
            ("/dev/stdout", FormatArg::Xlsx),
            ("people.2026.XLSX", FormatArg::Xlsx),
            ("people.csv", FormatArg::Print(Format::Csv)),
            ("a.b/people.json", FormatArg::Print(Format::Json)),
            ("people.jsonl", FormatArg::Print(Format::Jsonl)),
        ] {
            assert_eq!(by_extension(&FileOrStream::from(OsString::from(name))).unwrap(), format, "{name}");
        }
        assert!(
            by_extension(&FileOrStream::from(OsString::from("people.ods"))).is_err(),
            "a workbook of another kind is not made up"
        );
    }
}
