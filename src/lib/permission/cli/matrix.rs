//! `secboard permission matrix`.

use std::fmt::Write as _;

use clap::Args;

use super::{ScopeArgs, of_module};
use crate::catalog::Module;
use crate::cli::output::{self, record};
use crate::cli::{App, filter_text};
use crate::error::Result;
use crate::permission::matrix::{Cell, Of, matrix};

#[derive(Debug, Args)]
pub(crate) struct MatrixArgs {
    #[command(flatten)]
    of: OfArgs,
    /// Only this module, permission by permission
    #[arg(long, value_name = "MODULE", value_parser = filter_text)]
    module: Option<String>,
    #[command(flatten)]
    place: ScopeArgs,
}

/// Whose.
#[derive(Debug, Args)]
#[group(required = true, multiple = false)]
struct OfArgs {
    /// What this person has
    #[arg(long, value_name = "EMAIL", value_parser = filter_text)]
    user: Option<String>,
    /// What this group gives
    #[arg(long, value_name = "GROUP", value_parser = filter_text)]
    group: Option<String>,
    /// What this role gives through its groups
    #[arg(long, value_name = "ROLE", value_parser = filter_text)]
    role: Option<String>,
}

record! {
    /// A permission and what there is of it, as printed.
    CellRow, table ["permission", "allowed", "companies"] {
        /// The module.
        module: &'static str,
        /// What comes after the module.
        action: &'static str,
        /// The permission.
        permission: &'static str,
        /// Held for the company asked for, or for all.
        allowed: bool,
        /// Held for all companies.
        everywhere: bool,
        /// The companies it is held for, when not for all.
        companies: Vec<String>,
    }
}

impl From<Cell> for CellRow {
    fn from(cell: Cell) -> Self {
        Self {
            module: cell.permission.module(),
            action: cell.permission.action(),
            permission: cell.permission.id(),
            allowed: cell.allowed,
            everywhere: cell.everywhere,
            companies: cell.companies,
        }
    }
}

pub(super) fn run(app: &App, arguments: &MatrixArgs) -> Result<()> {
    let cx = app.reader()?;
    let is_asked = of_module(arguments.module.as_deref())?;
    let mut cells = matrix(&cx, arguments.of.of(), arguments.place.asked(&cx)?)?;
    cells.retain(|cell| is_asked(cell.permission));
    if app.out.is_table() && app.out.columns.is_none() && arguments.module.is_none() {
        return output::text(&table(&cells, arguments.place.is_for_all()));
    }
    let mut list = app.out.list::<CellRow>()?;
    cells.into_iter().try_for_each(|cell| list.row(&cell.into()))?;
    list.finish()
}

impl OfArgs {
    fn of(&self) -> Of<'_> {
        match (&self.user, &self.group, &self.role) {
            (Some(user), ..) => Of::User(user),
            (None, Some(group), _) => Of::Group(group),
            (None, None, role) => Of::Role(role.as_deref().unwrap_or_default()),
        }
    }
}

/// The columns: actions by what they begin with, so that all modules fit one table.
const VERBS: [&str; 6] = ["view", "add", "edit", "delete", "other", "link"];

/// What stands below a table with a star in it: which companies these are depends on what was asked for.
const fn star(is_for_all: bool) -> &'static str {
    if is_for_all {
        "\n* some for some companies only; see them with `-o json` or `--module`\n"
    } else {
        "\n* some for other companies; see them with `-o json` or `--module`\n"
    }
}

fn verb(action: &str) -> &'static str {
    let first = action.split('_').next().unwrap_or(action);
    match first {
        "view" | "add" | "edit" | "delete" => {
            VERBS.into_iter().find(|verb| *verb == first).unwrap_or("other")
        }
        _ if action == "show_link" => "link",
        _ => "other",
    }
}

fn table(cells: &[Cell], is_for_all: bool) -> String {
    let mut text = format!("{:<22}", "MODULE");
    for verb in VERBS {
        write!(text, "{:>8}", verb.to_uppercase()).ok();
    }
    text.push('\n');
    for module in Module::all() {
        let mut line = format!("{:<22}", module.name);
        for verb_of_column in VERBS {
            let of_both = |cell: &&Cell| {
                cell.permission.module() == module.name && verb(cell.permission.action()) == verb_of_column
            };
            let column: Vec<&Cell> = cells.iter().filter(of_both).collect();
            write!(line, "{:>8}", summary(&column)).ok();
        }
        text.push_str(line.trim_end());
        text.push('\n');
    }
    if text.contains('*') {
        text.push_str(star(is_for_all));
    }
    text
}

/// `yes` for all of them, `-` for none, or how many of how many; a star when some are held elsewhere only.
fn summary(cells: &[&Cell]) -> String {
    let allowed = cells.iter().filter(|cell| cell.allowed).count();
    let elsewhere = cells.iter().any(|cell| !cell.allowed && !cell.companies.is_empty());
    let star = if elsewhere { "*" } else { "" };
    match (allowed, cells.len()) {
        (0, 0) => String::new(),
        (0, _) => format!("-{star}"),
        (allowed, all) if allowed == all => "yes".to_owned(),
        (allowed, all) => format!("{allowed}/{all}{star}"),
    }
}
