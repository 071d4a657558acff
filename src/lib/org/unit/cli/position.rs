//! `secboard position`.

use clap::{Args, Subcommand};

use super::Verb;
use crate::cli::color::ColorOf;
use crate::cli::{App, Outcome, filter_text};
use crate::error::Result;
use crate::org::unit::{Draft, Edit, Selector, UnitKind, UnitParent};
use crate::run::Engine;

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
    Show(SelectorArgs),
    /// Change a position
    #[command(
        after_help = "Examples:\n  secboard position edit 'Analyst' --department 'Treasury' --name 'Senior Analyst'\n  secboard position edit 'Analyst' --department 'Treasury' --to-department 'Finance'"
    )]
    Edit(EditArgs),
    /// Delete a position that nothing refers to
    #[command(
        after_help = "People in the bin do not keep it: it is taken from them as well, which is said, and `run undo` \
        brings it back.\n\nExamples:\n  secboard position delete 'Analyst' --department 'Treasury' --yes"
    )]
    Delete(SelectorArgs),
}

#[derive(Debug, Args)]
pub(crate) struct SelectorArgs {
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
    named: SelectorArgs,
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

row! {
    /// A position as it is printed.
    PositionRow, table ["name", "company", "department", "parent_position", "people"],
    /// The department it belongs to.
    department
}

impl From<SelectorArgs> for Selector {
    fn from(named: SelectorArgs) -> Self {
        Self { name: named.position, company: named.company, department: named.department }
    }
}

/// Runs a verb.
pub(crate) fn run(app: &App, command: Command, engine: &mut Engine) -> Result<Outcome> {
    let verb = match command {
        Command::Create(Create { name, company, department, parent_position, color, note, if_absent }) => {
            let place = UnitParent { department, parent_position };
            Verb::Create { draft: Draft { name, company, place, color: color.color, note }, if_absent }
        }
        Command::List { company, department } => Verb::List { company, department },
        Command::Show(named) => Verb::Show(named.into()),
        Command::Edit(EditArgs { named, name, to_department, parent_position, color, note }) => {
            let place = UnitParent { department: to_department, parent_position };
            let place = Some(place).filter(|place| *place != UnitParent::default());
            Verb::Edit(named.into(), Edit { name, place, color: color.color, note })
        }
        Command::Delete(named) => Verb::Delete(named.into()),
    };
    super::run::<PositionRow>(app, engine, UnitKind::Position, verb)
}
