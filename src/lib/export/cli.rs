//! `secboard export`.

use std::path::{Path, PathBuf};

use clap::{Args, Subcommand};

use super::{Error, Format, Request};
use crate::cli::output::stream::{self, Encoding};
use crate::cli::output::{Format as Print, FormatArg};
use crate::cli::{App, Outcome, Progress, Stop};
use crate::error::Result;
use crate::tabular::file::Output;
use crate::text::count;
use crate::user::filter::cli::{FilterArgs, SortArgs};
use crate::user::filter::{self, Count};
use crate::user::row::UserRow;

/// Exports: workbooks and files of rows to hand out
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Write people into a workbook, or as CSV, JSON, JSON Lines
    ///
    /// The workbook has a row for everybody whom the filters show, in their colour, and a second sheet that says when, by
    /// whom and with which filters it was made. The other formats hold the same rows as `user list`. What to write is said
    /// by --format (xlsx, csv, json, jsonl), else by the end of the file's name; without either it is a workbook. A file
    /// appears when it is complete, and only its owner can read it. The audit keeps who exported what.
    #[command(after_help = "Examples:\n  \
        secboard export users --output people.xlsx\n  \
        secboard export users --company 'Acme Bank' --status active --output acme.xlsx\n  \
        secboard export users --employment past --sort end_date:desc --output - -o csv --columns email,end_date")]
    Users(Users),
}

#[derive(Debug, Args)]
pub(crate) struct Users {
    /// The file to write, or - for standard output
    #[arg(long, value_name = "FILE", default_value = "-", hide_default_value = true)]
    output: PathBuf,
    #[command(flatten)]
    filter: FilterArgs,
    #[command(flatten)]
    sort: SortArgs,
}

/// Runs a verb.
pub(crate) fn run(app: &App, command: Command) -> Result<Outcome> {
    let Command::Users(arguments) = command;
    users(app, &arguments)?;
    Ok(Outcome::Done)
}

fn users(app: &App, arguments: &Users) -> Result<()> {
    let format = format(app, &arguments.output)?;
    let page = arguments.sort.everybody()?;
    let cx = app.writer()?;
    let filter = cx.read(|tx| arguments.filter.filter(&cx, tx, "users.export"))?;
    let place = place(&arguments.output);
    if cx.dry_run {
        let (Count::Exactly(people) | Count::MoreThan(people)) =
            cx.read(|tx| filter::count(&cx, tx, &filter, None))?;
        app.done(&format!("wrote {} to {place}", count::people(people)));
        return Ok(());
    }
    let name = arguments.output.file_name().unwrap_or(arguments.output.as_os_str());
    let request = Request {
        filter,
        words: arguments.filter.words(),
        page,
        format,
        name: name.to_string_lossy().into_owned(),
    };
    let stop = Stop::watch(&cx);
    let output = Output::create(&arguments.output)?.stopped_by({
        let stop = stop.clone();
        move || stop.check().is_err()
    });
    let progress = Progress::rows(app, "writing");
    let written = super::users(&cx, &request, output, &mut |people| {
        progress.at(people);
        stop.check()
    });
    drop(progress);
    // What the wish to stop broke is told as the wish.
    let people = written.or_else(|failure| stop.check().and(Err(failure)))?;
    app.done(&format!("wrote {} to {place}", count::people(people)));
    Ok(())
}

/// The output in a sentence.
fn place(output: &Path) -> String {
    if output == Path::new("-") { "standard output".to_owned() } else { format!("`{}`", output.display()) }
}

/// What is asked for, else what the file's name says, else a workbook.
fn format(app: &App, output: &Path) -> Result<Format> {
    let asked = match app.globals.format {
        Some(asked) => asked,
        None => by_extension(output)?,
    };
    let encoding = match asked {
        FormatArg::Xlsx if app.out.columns.is_some() => return Err(Error::FixedColumns.into()),
        FormatArg::Xlsx if output == Path::new("-") && app.out.width.is_some() => {
            return Err(Error::Terminal.into());
        }
        FormatArg::Xlsx => return Ok(Format::Xlsx),
        FormatArg::Print(Print::Table) => return Err(Error::Table.into()),
        FormatArg::Print(Print::Json) => Encoding::Json,
        FormatArg::Print(Print::Jsonl) => Encoding::Jsonl,
        FormatArg::Print(Print::Csv) => Encoding::Csv { raw: app.out.raw },
    };
    Ok(Format::Rows { encoding, columns: stream::columns::<UserRow>(app.out.columns.as_deref())? })
}

fn by_extension(output: &Path) -> Result<FormatArg, Error> {
    let Some(extension) = output.extension() else { return Ok(FormatArg::Xlsx) };
    match extension.to_string_lossy().to_ascii_lowercase().as_str() {
        "xlsx" => Ok(FormatArg::Xlsx),
        "csv" => Ok(FormatArg::Print(Print::Csv)),
        "json" => Ok(FormatArg::Print(Print::Json)),
        "jsonl" | "ndjson" => Ok(FormatArg::Print(Print::Jsonl)),
        _ => Err(Error::UnknownExtension { file: output.display().to_string() }),
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::by_extension;
    use crate::cli::output::{Format, FormatArg};

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
            assert_eq!(by_extension(Path::new(name)).unwrap(), format, "{name}");
        }
        assert!(by_extension(Path::new("people.ods")).is_err(), "a workbook of another kind is not made up");
    }
}
