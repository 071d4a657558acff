//! `secboard export`.

use std::path::Path;

use clap::{Args, Subcommand};

use super::letter::Letter;
use super::{AccessRow, Error, Format, GrantRow, GroupRow, Request, UserSelection, Watch};
use crate::cli::output::stream::{self, Encoding, RowColumn};
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
    /// them; the workbook is to hand out, and no import reads it. `--columns` chooses the fields, and calls them as another
    /// program wants them: 'User name=email'; `!` turns yes and no round: 'Block sign in=!active'. What to write is said
    /// by --format (xlsx, csv, json, jsonl), else by the end of the file's name; without either it is a workbook. A file
    /// appears when it is complete, and only its owner can read it. The audit keeps who exported what.
    #[command(after_help = "Examples:\n  \
        secboard export users --output people.xlsx\n  \
        secboard export users --company 'Acme Bank' --status active --output acme.xlsx\n  \
        secboard export users --employment past --sort end_date:desc --output - -o csv --columns email,end_date\n  \
        secboard export users --output upload.csv --columns 'User name=email,Name=full_name,Block sign in=!active'")]
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
    /// Mail it instead, as an attachment of at most 10 MiB; an operator, to their own address only
    #[arg(long, value_name = "EMAIL", conflicts_with = "output")]
    mail_to: Option<String>,
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
        Command::Users(arguments) => {
            of_people::<UserRow>(app, &arguments, ("users", super::users::TAKES), super::users)?;
        }
        Command::Access(arguments) => {
            of_people::<AccessRow>(app, &arguments, ("access", super::access::TAKES), super::access)?;
        }
        Command::Roles(place) => {
            of::<RoleRow>(app, &place, ("role", "roles", super::roles::TAKES), super::roles)?;
        }
        Command::Groups(place) => {
            of::<GroupRow>(app, &place, ("group", "groups", super::groups::TAKES), super::groups)?;
        }
        Command::Permissions(place) => {
            let called = ("grant", "permissions", super::permissions::TAKES);
            of::<GrantRow>(app, &place, called, super::permissions)?;
        }
    }
    Ok(Outcome::Done)
}

fn of_people<R: Record>(
    app: &App,
    arguments: &OfPeople,
    (called, takes): (&str, &[&str]),
    export: PeopleExport,
) -> Result<()> {
    let cx = app.writer()?;
    let format = format::<R>(app, &arguments.place)?;
    let page = arguments.sort.everybody()?;
    let filter = cx.read(|tx| arguments.filter.filter(&cx, tx, "users.export"))?;
    let people = UserSelection { filter, page };
    let request = Request { words: arguments.filter.words(), ..arguments.place.request(format, called) };
    let written = arguments
        .place
        .write(app, &cx, (&request, takes), |output, watch| export(&cx, &people, &request, output, watch))?;
    app.done(&format!("wrote {} to {}", count::people(written), arguments.place));
    Ok(())
}

fn of<R: Record>(
    app: &App,
    place: &Destination,
    (one, called, takes): (&str, &str, &[&str]),
    export: Export,
) -> Result<()> {
    let cx = app.writer()?;
    let request = place.request(format::<R>(app, place)?, called);
    let write = |output, watch: Watch<'_>| export(&cx, &request, output, watch);
    let written = place.write(app, &cx, (&request, takes), write)?;
    let many = if written == 1 { "" } else { "s" };
    app.done(&format!("wrote {written} {one}{many} to {place}"));
    Ok(())
}

impl Destination {
    /// What is asked for; a file that nobody named is called by what is in it.
    fn request(&self, format: Format, called: &str) -> Request {
        let name = match self.output.file().and_then(Path::file_name) {
            Some(name) => name.to_string_lossy().into_owned(),
            None if self.mail_to.is_some() => format!("{called}.{}", format.name()),
            None => self.output.to_string(),
        };
        Request { format, name, words: String::new(), mail_to: self.mail_to.clone() }
    }

    /// Lets `export` write there, or nowhere on a dry run.
    fn write(
        &self,
        app: &App,
        cx: &Context,
        (request, takes): (&Request, &[&str]),
        export: impl FnOnce(Output, Watch<'_>) -> Result<u64>,
    ) -> Result<u64> {
        let _watch = stop::watch(&cx.cancel);
        let letter = self.mail_to.as_deref().map(|to| Letter::to(cx, to, takes)).transpose()?;
        let output = match &letter {
            _ if cx.dry_run => Output::stream("-", Box::new(std::io::sink())),
            Some(letter) => Output::stream(&request.name, Box::new(letter.file.clone())),
            None => app.output(&self.output)?,
        };
        let cancel = cx.cancel.clone();
        let output = output.stopped_by(move || cancel.is_cancelled());
        let progress = Progress::rows(app, "writing");
        let written = export(output, &mut |count| progress.at(count));
        drop(progress);
        // What the wish to stop broke is told as the wish.
        let written = written.or_else(|failure| cx.cancel.check().map_err(Into::into).and(Err(failure)));
        match letter {
            None => written,
            Some(letter) => {
                letter.file.check()?;
                let written = written?;
                letter.post(app, cx, &request.name, written)?;
                Ok(written)
            }
        }
    }
}

impl std::fmt::Display for Destination {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match (&self.mail_to, &self.output) {
            (Some(to), _) => write!(f, "a mail to {to}"),
            (None, FileOrStream::Stream) => f.write_str("standard output"),
            (None, FileOrStream::File(file)) => write!(f, "`{}`", file.display()),
        }
    }
}

/// What is asked for, else what the file's name says, else a workbook.
fn format<R: Record>(app: &App, place: &Destination) -> Result<Format> {
    let output = &place.output;
    let is_shown = place.mail_to.is_none() && *output == FileOrStream::Stream;
    let asked = match app.globals.format {
        Some(asked) => asked,
        None => by_extension(output)?,
    };
    let encoding = match asked {
        FormatArg::Xlsx if is_shown && app.out.width.is_some() => return Err(Error::Terminal.into()),
        FormatArg::Xlsx if app.out.columns.is_none() => return Ok(Format::Xlsx),
        FormatArg::Xlsx => {
            return Ok(Format::Sheet { columns: stream::columns::<R>(app.out.columns.as_deref())? });
        }
        FormatArg::Print(Print::Table) => return Err(Error::Table.into()),
        FormatArg::Print(Print::Json) => Encoding::Json,
        FormatArg::Print(Print::Jsonl) => Encoding::Jsonl,
        FormatArg::Print(Print::Csv) => app.out.csv(Guarded::Everywhere, is_shown),
    };
    let columns = stream::columns::<R>(app.out.columns.as_deref())?;
    if !matches!(encoding, Encoding::Csv { .. }) && columns.iter().any(RowColumn::is_renamed::<R>) {
        return Err(Error::NamesOfJson.into());
    }
    Ok(Format::Rows { encoding, columns })
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
