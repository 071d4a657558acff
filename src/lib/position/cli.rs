//! `secboard position`.

use clap::{Args, Subcommand};

use super::{Draft, Edit, Place, Position, Uses, Which};
use crate::cli::color::ColorOf;
use crate::cli::output::record;
use crate::cli::{App, Outcome, filter_text, prompt};
use crate::error::Result;
use crate::text::color::Color;

/// Positions: what people are in a department
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Make a position
    #[command(
        after_help = "Examples:\n  secboard position create 'Head of Treasury' --company acme-bank --department 'Treasury'\n  secboard position create 'Analyst' --company acme-bank --parent-position 'Head of Treasury'"
    )]
    Create(Create),
    /// List positions with how many people have them
    #[command(
        after_help = "Examples:\n  secboard position list --company acme-bank\n  secboard position list --department 'Treasury'"
    )]
    List {
        /// Only those of this company
        #[arg(long, value_parser = filter_text)]
        company: Option<String>,
        /// Only those of this department
        #[arg(long, value_parser = filter_text)]
        department: Option<String>,
    },
    /// Show one position
    #[command(after_help = "Examples:\n  secboard position show 'Analyst' --department 'Treasury'")]
    Show(Named),
    /// Change a position
    #[command(
        after_help = "Examples:\n  secboard position edit 'Analyst' --department 'Treasury' --name 'Senior Analyst'\n  secboard position edit 'Analyst' --department 'Treasury' --to-department 'Finance'"
    )]
    Edit(EditArgs),
    /// Delete a position that nothing refers to
    #[command(after_help = "Examples:\n  secboard position delete 'Analyst' --department 'Treasury' --yes")]
    Delete(Named),
}

#[derive(Debug, Args)]
pub(crate) struct Named {
    /// Its name, in any letter case
    position: String,
    /// Its company; needed when more than one has a position of that name
    #[arg(long)]
    company: Option<String>,
    /// Its department; needed when more than one has a position of that name
    #[arg(long)]
    department: Option<String>,
}

#[derive(Debug, Args)]
pub(crate) struct Create {
    /// Its name
    name: String,
    /// Its company
    #[arg(long)]
    company: String,
    /// The department it belongs to; that of --parent-position unless given
    #[arg(long, required_unless_present = "parent_position")]
    department: Option<String>,
    /// The position it hangs under
    #[arg(long, value_name = "POSITION")]
    parent_position: Option<String>,
    #[command(flatten)]
    color: ColorOf,
    /// A note
    #[arg(long, value_name = "TEXT")]
    note: Option<String>,
    /// Succeed when there is one of that name already
    #[arg(long)]
    if_absent: bool,
}

#[derive(Debug, Args)]
pub(crate) struct EditArgs {
    #[command(flatten)]
    named: Named,
    /// The new name
    #[arg(long)]
    name: Option<String>,
    /// The department it moves to, with the positions under it; with --parent-position, where that one is
    #[arg(long, value_name = "DEPARTMENT")]
    to_department: Option<String>,
    /// The position it hangs under
    #[arg(long, value_name = "POSITION")]
    parent_position: Option<String>,
    #[command(flatten)]
    color: ColorOf,
    /// The new note; an empty one removes it
    #[arg(long, value_name = "TEXT")]
    note: Option<String>,
}

record! {
    /// A position as it is printed.
    PositionRow, table ["name", "company", "department", "parent_position", "people"] {
        /// The id.
        id: i64,
        /// The name.
        name: String,
        /// The company.
        company: String,
        /// The department it belongs to.
        department: String,
        /// The position it hangs under.
        parent_position: Option<String>,
        /// People outside the bin.
        people: i64,
        /// Positions directly under it.
        positions: i64,
        /// Departments directly under it.
        departments: i64,
        /// `#rrggbb`.
        color: Option<String>,
        /// The note.
        note: Option<String>,
        /// RFC 3339.
        created_at: String,
        /// RFC 3339.
        updated_at: String,
    }
    paint |row, name| match name {
        "name" => Color::parse_optional(row.color.as_deref()?).ok()?,
        _ => None,
    }
}

impl PositionRow {
    fn new(position: Position, uses: Uses) -> Self {
        Self {
            id: position.id,
            name: position.name,
            company: position.company,
            department: position.department,
            parent_position: position.parent_name,
            people: uses.people,
            positions: uses.positions,
            departments: uses.departments,
            color: position.color,
            note: position.note,
            created_at: position.created_at.to_string(),
            updated_at: position.updated_at.to_string(),
        }
    }
}

impl From<Named> for Which {
    fn from(named: Named) -> Self {
        Self { name: named.position, company: named.company, department: named.department }
    }
}

/// Runs a verb.
pub(crate) fn run(app: &App, command: Command) -> Result<Outcome> {
    match command {
        Command::Create(arguments) => create(app, arguments)?,
        Command::List { company, department } => list(app, company.as_deref(), department.as_deref())?,
        Command::Show(named) => {
            let (position, uses) = super::get(&app.reader()?, &named.into())?;
            app.out.object(&PositionRow::new(position, uses))?;
        }
        Command::Edit(arguments) => edit(app, arguments)?,
        Command::Delete(named) => delete(app, &named.into())?,
    }
    Ok(Outcome::Done)
}

fn create(app: &App, arguments: Create) -> Result<()> {
    let draft = Draft {
        name: arguments.name,
        company: arguments.company,
        place: Place { department: arguments.department, parent_position: arguments.parent_position },
        color: arguments.color.color,
        note: arguments.note,
    };
    let (position, uses, is_new) = super::create(&app.writer()?, &draft, arguments.if_absent)?;
    if is_new {
        app.done(&format!("created position `{}` in `{}`", position.name, position.department));
    } else {
        app.done(&format!(
            "no change: there is a position `{}` in `{}` already",
            position.name, position.department
        ));
    }
    app.print_if_asked(&PositionRow::new(position, uses))
}

fn list(app: &App, company: Option<&str>, department: Option<&str>) -> Result<()> {
    let cx = app.reader()?;
    let mut list = app.out.list::<PositionRow>()?;
    super::list(&cx, company, department, |position, uses| list.row(&PositionRow::new(position, uses)))?;
    list.finish()
}

fn edit(app: &App, arguments: EditArgs) -> Result<()> {
    let place = Place { department: arguments.to_department, parent_position: arguments.parent_position };
    let edit = Edit {
        name: arguments.name,
        place: Some(place).filter(|place| *place != Place::default()),
        color: arguments.color.color,
        note: arguments.note,
    };
    let (position, uses, changed) = super::edit(&app.writer()?, &arguments.named.into(), &edit)?;
    if changed.is_empty() {
        app.done("no change");
    } else {
        app.done(&format!("changed position `{}`: {}", position.name, changed.join(", ")));
    }
    app.print_if_asked(&PositionRow::new(position, uses))
}

fn delete(app: &App, which: &Which) -> Result<()> {
    let cx = app.writer()?;
    let position = super::before_delete(&cx, which)?;
    prompt::confirm(app, &format!("Delete position `{}` of `{}`?", position.name, position.department))?;
    let position = super::delete(&cx, which)?;
    app.done(&format!("deleted position `{}` of `{}`", position.name, position.department));
    Ok(())
}
