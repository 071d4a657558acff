//! `secboard company`.

use clap::{Args, Subcommand};

use super::{Company, Edit, New, Uses};
use crate::cli::output::record;
use crate::cli::{App, Outcome, prompt};
use crate::error::Result;
use crate::run::{self, Engine};

/// Companies: whose people, departments and positions everything else is
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Make a company
    #[command(
        after_help = "Examples:\n  secboard company create 'Acme Bank'\n  secboard company create 'Дніпро Енерго' --slug dnipro --if-absent"
    )]
    Create(Create),
    /// List companies with how many people they have
    #[command(after_help = "Examples:\n  secboard company list\n  secboard company list -o json")]
    List,
    /// Show one company
    #[command(after_help = "Examples:\n  secboard company show acme-bank")]
    Show {
        /// Its name, in any letter case, or its slug
        company: String,
    },
    /// Change a company
    #[command(after_help = "Examples:\n  secboard company edit acme-bank --name 'Acme Bank Ltd'")]
    Edit(EditArgs),
    /// Delete a company that nothing refers to
    #[command(
        after_help = "People in the bin do not keep it: it is taken from them as well, which is said, and `run undo` brings it back. \
        Whoever is restored without it needs another company.\n\nExamples:\n  secboard company delete 'Old Company' --yes"
    )]
    Delete {
        /// Its name, in any letter case, or its slug
        company: String,
    },
}

#[derive(Debug, Args)]
pub(crate) struct Create {
    /// Its name
    name: String,
    /// For file names and addresses; made from the name unless given
    #[arg(long)]
    slug: Option<String>,
    /// A note
    #[arg(long, value_name = "TEXT")]
    note: Option<String>,
    /// Succeed when there is one of that name already
    #[arg(long)]
    if_absent: bool,
}

#[derive(Debug, Args)]
pub(crate) struct EditArgs {
    /// Its name, in any letter case, or its slug
    company: String,
    /// The new name
    #[arg(long)]
    name: Option<String>,
    /// The new slug
    #[arg(long)]
    slug: Option<String>,
    /// The new note; an empty one removes it
    #[arg(long, value_name = "TEXT")]
    note: Option<String>,
}

record! {
    /// A company as it is printed.
    CompanyRow, table ["name", "slug", "people", "departments", "positions"] {
        /// The id.
        id: i64,
        /// The name.
        name: String,
        /// The slug.
        slug: String,
        /// People outside the bin.
        people: i64,
        /// Departments.
        departments: i64,
        /// Positions.
        positions: i64,
        /// The note.
        note: Option<String>,
        /// RFC 3339.
        created_at: String,
        /// RFC 3339.
        updated_at: String,
    }
}

impl CompanyRow {
    fn new(company: Company, uses: Uses) -> Self {
        Self {
            id: company.id,
            name: company.name,
            slug: company.slug,
            people: uses.people,
            departments: uses.departments,
            positions: uses.positions,
            note: company.note,
            created_at: company.created_at.to_string(),
            updated_at: company.updated_at.to_string(),
        }
    }
}

/// Runs a verb.
pub(crate) fn run(app: &App, command: Command, engine: &mut Engine) -> Result<Outcome> {
    match command {
        Command::Create(arguments) => create(app, arguments)?,
        Command::List => list(app)?,
        Command::Show { company } => show(app, &company)?,
        Command::Edit(arguments) => edit(app, arguments)?,
        Command::Delete { company } => delete(app, engine, &company)?,
    }
    Ok(Outcome::Done)
}

fn create(app: &App, arguments: Create) -> Result<()> {
    let new = New { name: arguments.name, slug: arguments.slug, note: arguments.note };
    let cx = app.writer()?;
    let (company, is_new) = super::create(&cx, &new, arguments.if_absent)?;
    if is_new {
        app.done(&format!("created company `{}`, slug `{}`", company.name, company.slug));
    } else {
        app.done(&format!("no change: there is a company `{}` already", company.name));
    }
    let uses = super::uses(&cx, &company)?;
    app.print_if_asked(&CompanyRow::new(company, uses))
}

fn show(app: &App, name: &str) -> Result<()> {
    let cx = app.reader()?;
    let company = super::get(&cx, name)?;
    let uses = super::uses(&cx, &company)?;
    app.out.object(&CompanyRow::new(company, uses))
}

fn list(app: &App) -> Result<()> {
    let cx = app.reader()?;
    let mut list = app.out.list::<CompanyRow>()?;
    super::list(&cx, |company, uses| list.row(&CompanyRow::new(company, uses)))?;
    list.finish()
}

fn edit(app: &App, arguments: EditArgs) -> Result<()> {
    let edit = Edit { name: arguments.name, slug: arguments.slug, note: arguments.note };
    let cx = app.writer()?;
    let (company, changed) = super::edit(&cx, &arguments.company, &edit)?;
    if changed.is_empty() {
        app.done("no change");
    } else {
        app.done(&format!("changed company `{}`: {}", company.name, changed.join(", ")));
    }
    let uses = super::uses(&cx, &company)?;
    app.print_if_asked(&CompanyRow::new(company, uses))
}

fn delete(app: &App, engine: &mut Engine, name: &str) -> Result<()> {
    let mut cx = app.writer()?;
    prompt::confirm_rehearsed(
        app,
        &mut cx,
        |cx| super::delete(cx, engine, name),
        |(company, committed)| format!("Delete company `{}`{}?", company.name, committed.in_bin.asked()),
    )?;
    let (company, committed) = super::delete(&cx, engine, name)?;
    let done = format!("deleted company `{}`", company.name);
    run::cli::finish_proposed(app, &cx, &committed, (&done, !app.out.is_table()))
}
