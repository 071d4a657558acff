//! `secboard department`.

use clap::{Args, Subcommand};

use super::Verb;
use crate::cli::color::ColorOf;
use crate::cli::{App, Outcome, filter_text};
use crate::error::Result;
use crate::org::unit::{Draft, Edit, Selector, UnitKind, UnitParent};
use crate::run::Engine;

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
    Show(SelectorArgs),
    /// Change a department
    #[command(
        after_help = "Examples:\n  secboard department edit 'Treasury' --company acme-bank --name 'Cash' --parent 'Finance'\n  secboard department edit 'IT' --top --color ''"
    )]
    Edit(EditArgs),
    /// Delete a department that nothing refers to
    #[command(
        after_help = "People in the bin do not keep it: it is taken from them as well, which is said, and `run undo` \
        brings it back.\n\nExamples:\n  secboard department delete 'Archive' --company acme-bank --yes"
    )]
    Delete(SelectorArgs),
}

#[derive(Debug, Args)]
pub(crate) struct SelectorArgs {
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
    named: SelectorArgs,
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

row! {
    /// A department as it is printed.
    DepartmentRow, table ["name", "company", "parent", "parent_position", "people", "positions"],
    /// The department it hangs under.
    parent
}

impl From<SelectorArgs> for Selector {
    fn from(named: SelectorArgs) -> Self {
        Self { name: named.department, company: named.company, department: None }
    }
}

impl From<ParentArgs> for UnitParent {
    fn from(parent: ParentArgs) -> Self {
        Self { department: parent.parent, parent_position: parent.parent_position }
    }
}

/// Runs a verb.
pub(crate) fn run(app: &App, command: Command, engine: &mut Engine) -> Result<Outcome> {
    let verb = match command {
        Command::Create(Create { name, company, parent, color, note, if_absent }) => {
            let place = parent.into();
            Verb::Create { draft: Draft { name, company, place, color: color.color, note }, if_absent }
        }
        Command::List { company } => Verb::List { company, department: None },
        Command::Show(named) => Verb::Show(named.into()),
        Command::Edit(EditArgs { named, name, parent, top, color, note }) => {
            let place = Some(UnitParent::from(parent)).filter(|place| top || *place != UnitParent::default());
            Verb::Edit(named.into(), Edit { name, place, color: color.color, note })
        }
        Command::Delete(named) => Verb::Delete(named.into()),
    };
    super::run::<DepartmentRow>(app, engine, UnitKind::Department, verb)
}
