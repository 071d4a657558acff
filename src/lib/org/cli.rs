//! `secboard org`.

use std::io::Write as _;
use std::path::Path;

use clap::{Args, Subcommand};

use super::Error;
use super::chart::{self, Branch, Form, TextStyle};
use crate::audit::cli::listing::{self, Listing};
use crate::cli::output::{self, Format};
use crate::cli::values;
use crate::cli::{App, Outcome, filter_text};
use crate::company;
use crate::context::CompanyScope;
use crate::error::Result;
use crate::tabular::FileOrStream;

values! {
    Form {
        Text "text": "A tree for reading on a terminal",
        Json "json": "One JSON document",
        Dot "dot": "A graph for Graphviz",
        Mermaid "mermaid": "A flowchart for Mermaid",
        Svg "svg": "A picture that needs nothing beside it",
    }
}

/// The organisation as one tree
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Draw companies, departments, positions and people as a tree
    ///
    /// As JSON, one company is an object and all companies are a list of them
    #[command(
        after_help = "Examples:\n  secboard org chart --company acme-bank\n  secboard org chart --company acme-bank --no-people --output acme.svg\n  secboard org chart --form dot | dot -Tpdf > chart.pdf"
    )]
    Chart(Chart),
}

#[derive(Debug, Args)]
pub(crate) struct Chart {
    /// Only this company
    #[arg(long, value_parser = filter_text)]
    company: Option<String>,
    /// What to draw it as; unless given, the ending of --output decides: .txt .json .dot .mmd .svg
    #[arg(long, value_name = "FORM")]
    form: Option<Form>,
    /// Leave people out
    #[arg(long, conflicts_with = "people")]
    no_people: bool,
    /// Show people, as is done unless told otherwise
    #[arg(long, conflicts_with = "no_people")]
    people: bool,
    /// The file to write; - is standard output
    #[arg(long, value_name = "FILE")]
    output: Option<FileOrStream>,
}

/// Runs a verb.
pub(crate) fn run(app: &App, command: Command) -> Result<Outcome> {
    match command {
        Command::Chart(arguments) => chart(app, &arguments)?,
    }
    Ok(Outcome::Done)
}

fn chart(app: &App, arguments: &Chart) -> Result<()> {
    let cx = app.reader()?;
    let form =
        form_of(arguments.form, arguments.output.as_ref().and_then(FileOrStream::file), app.out.format)?;
    let company = arguments.company.as_deref();
    let charts = chart::read(&cx, company, !arguments.no_people)?;
    let seen = cx.actor.scope("org.view_chart");
    let scope = match company {
        Some(name) => CompanyScope::These(vec![cx.read(|tx| company::id_in(tx, name, &seen))?]),
        None => seen,
    };
    let listing = Listing {
        scope,
        words: company.unwrap_or_default().to_owned(),
        advice: "leave people out with `--no-people`",
    };
    listing::give(app, &cx, &listing, |_| Ok(charts.iter().map(Branch::people).sum()))?;
    let text = if form == Form::Json && app.out.format == Format::Jsonl {
        chart::json_lines(&charts)?
    } else {
        let look = match arguments.output {
            Some(_) => TextStyle::default(),
            None => TextStyle { width: app.out.width, color: app.out.color },
        };
        chart::render(&charts, form, arguments.company.is_some(), look)?
    };
    match &arguments.output {
        Some(place) => write(app, place, &text),
        None => output::text(&text),
    }
}

/// The form that was asked for: by name, by the file's ending, by the global format.
fn form_of(asked: Option<Form>, file: Option<&Path>, format: Format) -> Result<Form> {
    let by_ending = || file.map_or(Ok(None), by_ending);
    match (asked.map_or_else(by_ending, |form| Ok(Some(form)))?, format) {
        (Some(form), _) => Ok(form),
        (None, Format::Table) => Ok(Form::Text),
        (None, Format::Json | Format::Jsonl) => Ok(Form::Json),
        (None, Format::Csv) => Err(Error::NoRows.into()),
    }
}

/// The form that a file's name asks for, if it does.
fn by_ending(file: &Path) -> Result<Option<Form>, Error> {
    let Some(extension) = file.extension() else { return Ok(None) };
    match extension.to_string_lossy().to_ascii_lowercase().as_str() {
        "txt" => Ok(Some(Form::Text)),
        "json" => Ok(Some(Form::Json)),
        "dot" | "gv" => Ok(Some(Form::Dot)),
        "mmd" => Ok(Some(Form::Mermaid)),
        "svg" => Ok(Some(Form::Svg)),
        _ => Err(Error::UnknownExtension { file: file.display().to_string() }),
    }
}

fn write(app: &App, place: &FileOrStream, text: &str) -> Result<()> {
    let mut out = app.output(place)?;
    if let Err(source) = out.write_all(text.as_bytes()) {
        return Err(out.failed(source).into());
    }
    out.commit()?;
    if place.file().is_some() {
        app.out.say(&format!("wrote `{place}`"));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::{Format, by_ending, form_of};
    use crate::error::Kind;
    use crate::org::chart::Form;

    #[test]
    fn the_flag_decides_then_the_ending_then_the_global_format() {
        let svg = Some(Path::new("a.SVG"));
        assert_eq!(form_of(Some(Form::Dot), svg, Format::Json).unwrap(), Form::Dot);
        assert_eq!(form_of(None, svg, Format::Json).unwrap(), Form::Svg);
        assert_eq!(form_of(None, None, Format::Jsonl).unwrap(), Form::Json);
        assert_eq!(form_of(None, None, Format::Table).unwrap(), Form::Text);
        assert_eq!(by_ending(Path::new("chart")).unwrap(), None);
        assert!(by_ending(Path::new("chart.docx")).is_err());
    }

    #[test]
    fn a_tree_is_no_csv() {
        let error = form_of(None, None, Format::Csv).unwrap_err();
        assert_eq!((error.code(), error.kind()), ("org.no_rows", Kind::Usage));
    }
}
