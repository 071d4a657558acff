//! `secboard company`.

use clap::{Args, Subcommand};

use super::{Company, Edit, New, Uses, control_word};
use crate::cli::output::{self, record};
use crate::cli::{App, Outcome, prompt};
use crate::error::Result;
use crate::run::{self, Engine};
use crate::text::secret::Secret;

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
    /// The word that people of a company type, beside their email, to be sent a link for their first login
    #[command(subcommand, arg_required_else_help = true)]
    ControlWord(ControlWord),
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

/// The word that people of a company type, beside their email, to be sent a link for their first login
#[derive(Debug, Subcommand)]
pub(crate) enum ControlWord {
    /// Give a company a control word of at least 12 characters, in the place of the one that it has
    #[command(
        after_help = "Asks twice on a terminal.\n\nExamples:\n  secboard company control-word set acme-bank\n  \
        secboard company control-word set acme-bank --word-stdin < word.txt"
    )]
    Set {
        /// Its name, in any letter case, or its slug
        company: String,
        /// Read the word from standard input
        #[arg(long)]
        word_stdin: bool,
    },
    /// Give a company a random control word, which is printed once
    #[command(after_help = "Examples:\n  secboard company control-word rotate acme-bank")]
    Rotate {
        /// Its name, in any letter case, or its slug
        company: String,
    },
    /// Take the control word from a company: its people log in for the first time by an invitation alone
    #[command(after_help = "Examples:\n  secboard company control-word remove acme-bank")]
    Remove {
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
        /// When its control word was set, RFC 3339.
        control_word_set_at: Option<String>,
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
            control_word_set_at: company.control_word_at.map(|at| at.to_string()),
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
        Command::ControlWord(verb) => change_control_word(app, &verb)?,
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
        app.warn_of_name(&company.name);
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
    if edit.name.is_some() {
        app.warn_of_name(&company.name);
    }
    let uses = super::uses(&cx, &company)?;
    app.print_if_asked(&CompanyRow::new(company, uses))
}

fn change_control_word(app: &App, verb: &ControlWord) -> Result<()> {
    let cx = app.writer()?;
    match verb {
        ControlWord::Set { company, word_stdin } => {
            cx.read(|tx| control_word::to_change(&cx, tx, company))?;
            let word = if *word_stdin {
                prompt::secret_from_stdin()?
            } else {
                prompt::ask_new_secret(app, "control word", "--word-stdin")?
            };
            let company = control_word::set(&cx, company, &word)?;
            app.done(&format!("set the control word of `{}`", company.name));
        }
        ControlWord::Rotate { company } => {
            if !cx.dry_run {
                output::await_reader()?;
            }
            let show = |company: &Company, word: &Secret| {
                output::secret_of(&app.out, ("company", &company.name), ("control_word", word))
            };
            let company = control_word::rotate(&cx, company, show)?;
            app.done(&format!("set a random control word for `{}`", company.name));
        }
        ControlWord::Remove { company } => {
            let (company, had_one) = control_word::remove(&cx, company)?;
            app.done(&if had_one {
                format!("`{}` has no control word any more", company.name)
            } else {
                format!("no change: `{}` has no control word", company.name)
            });
        }
    }
    Ok(())
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
