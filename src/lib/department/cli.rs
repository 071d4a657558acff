//! `secboard department`.

use clap::{Args, Subcommand};

use super::{Department, Draft, Edit, Parent, ParentName, Uses, Which};
use crate::cli::color::ColorOf;
use crate::cli::output::record;
use crate::cli::{App, Outcome, filter_text, prompt};
use crate::error::Result;
use crate::text::color::Color;

/// Departments: parts of a company, under each other or under the position that leads them
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Make a department
    #[command(
        after_help = "Examples:\n  secboard department create 'Treasury' --company acme-bank --parent 'Finance'\n  secboard department create 'IT' --company acme-bank --parent-position 'Chief Engineer' --color '#4477aa'"
    )]
    Create(Create),
    /// List departments with how many people they have
    #[command(after_help = "Examples:\n  secboard department list --company acme-bank")]
    List {
        /// Only those of this company
        #[arg(long, value_parser = filter_text)]
        company: Option<String>,
    },
    /// Show one department
    #[command(after_help = "Examples:\n  secboard department show 'Treasury' --company acme-bank")]
    Show(Named),
    /// Change a department
    #[command(
        after_help = "Examples:\n  secboard department edit 'Treasury' --company acme-bank --name 'Cash' --parent 'Finance'\n  secboard department edit 'IT' --top --color ''"
    )]
    Edit(EditArgs),
    /// Delete a department that nothing refers to
    #[command(after_help = "Examples:\n  secboard department delete 'Archive' --company acme-bank --yes")]
    Delete(Named),
}

#[derive(Debug, Args)]
pub(crate) struct Named {
    /// Its name, in any letter case
    department: String,
    /// Its company; needed when more than one has a department of that name
    #[arg(long)]
    company: Option<String>,
}

#[derive(Debug, Args)]
pub(crate) struct ParentArgs {
    /// The department it hangs under; with --parent-position, the department which that position belongs to
    #[arg(long, value_name = "DEPARTMENT")]
    parent: Option<String>,
    /// The position it hangs under
    #[arg(long, value_name = "POSITION")]
    parent_position: Option<String>,
}

#[derive(Debug, Args)]
pub(crate) struct Create {
    /// Its name
    name: String,
    /// Its company
    #[arg(long)]
    company: String,
    #[command(flatten)]
    parent: ParentArgs,
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
    #[command(flatten)]
    parent: ParentArgs,
    /// Hang it directly under its company
    #[arg(long, conflicts_with_all = ["parent", "parent_position"])]
    top: bool,
    #[command(flatten)]
    color: ColorOf,
    /// The new note; an empty one removes it
    #[arg(long, value_name = "TEXT")]
    note: Option<String>,
}

record! {
    /// A department as it is printed.
    DepartmentRow, table ["name", "company", "parent", "parent_position", "people", "positions"] {
        /// The id.
        id: i64,
        /// The name.
        name: String,
        /// The company.
        company: String,
        /// The department it hangs under.
        parent: Option<String>,
        /// The position it hangs under.
        parent_position: Option<String>,
        /// People outside the bin.
        people: i64,
        /// Positions.
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

impl DepartmentRow {
    fn new(department: Department, uses: Uses) -> Self {
        let (parent, parent_position) = match department.parent {
            Parent::Company | Parent::Department(_) => (department.parent_name, None),
            Parent::Position(_) => (None, department.parent_name),
        };
        Self {
            id: department.id,
            name: department.name,
            company: department.company,
            parent,
            parent_position,
            people: uses.people,
            positions: uses.positions,
            departments: uses.departments,
            color: department.color,
            note: department.note,
            created_at: department.created_at.to_string(),
            updated_at: department.updated_at.to_string(),
        }
    }
}

impl From<Named> for Which {
    fn from(named: Named) -> Self {
        Self { name: named.department, company: named.company }
    }
}

impl ParentArgs {
    /// The parent that was asked for, if any was.
    fn name(self) -> Option<ParentName> {
        match (self.parent, self.parent_position) {
            (department, Some(name)) => Some(ParentName::Position { name, department }),
            (Some(department), None) => Some(ParentName::Department(department)),
            (None, None) => None,
        }
    }
}

/// Runs a verb.
pub(crate) fn run(app: &App, command: Command) -> Result<Outcome> {
    match command {
        Command::Create(arguments) => create(app, arguments)?,
        Command::List { company } => list(app, company.as_deref())?,
        Command::Show(named) => {
            let (department, uses) = super::get(&app.reader()?, &named.into())?;
            app.out.object(&DepartmentRow::new(department, uses))?;
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
        parent: arguments.parent.name().unwrap_or_default(),
        color: arguments.color.color,
        note: arguments.note,
    };
    let (department, uses, is_new) = super::create(&app.writer()?, &draft, arguments.if_absent)?;
    if is_new {
        app.done(&format!("created department `{}` of `{}`", department.name, department.company));
    } else {
        app.done(&format!(
            "no change: there is a department `{}` in `{}` already",
            department.name, department.company
        ));
    }
    app.print_if_asked(&DepartmentRow::new(department, uses))
}

fn list(app: &App, company: Option<&str>) -> Result<()> {
    let cx = app.reader()?;
    let mut list = app.out.list::<DepartmentRow>()?;
    super::list(&cx, company, |department, uses| list.row(&DepartmentRow::new(department, uses)))?;
    list.finish()
}

fn edit(app: &App, arguments: EditArgs) -> Result<()> {
    let edit = Edit {
        name: arguments.name,
        parent: if arguments.top { Some(ParentName::Company) } else { arguments.parent.name() },
        color: arguments.color.color,
        note: arguments.note,
    };
    let (department, uses, changed) = super::edit(&app.writer()?, &arguments.named.into(), &edit)?;
    if changed.is_empty() {
        app.done("no change");
    } else {
        app.done(&format!("changed department `{}`: {}", department.name, changed.join(", ")));
    }
    app.print_if_asked(&DepartmentRow::new(department, uses))
}

fn delete(app: &App, which: &Which) -> Result<()> {
    let cx = app.writer()?;
    let department = super::before_delete(&cx, which)?;
    prompt::confirm(app, &format!("Delete department `{}` of `{}`?", department.name, department.company))?;
    let department = super::delete(&cx, which)?;
    app.done(&format!("deleted department `{}` of `{}`", department.name, department.company));
    Ok(())
}
