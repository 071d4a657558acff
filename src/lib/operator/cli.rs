//! `secboard setting operator`.

use std::fmt::Write as _;

use clap::Subcommand;

use super::map::Listed;
use super::{needs, shell};
use crate::cli::output::record;
use crate::cli::{App, Outcome};
use crate::error::Result;

/// Operators: which account each shell user has
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// List shell users who may be operators, and why not
    #[command(
        after_help = "Examples:\n  secboard setting operator list\n  secboard setting operator list -o json"
    )]
    List,
    /// Give a shell user an account, whose permissions decide from then on
    ///
    /// The shell user runs `sudo -u OWNER secboard …`, where OWNER is the user that the store belongs to. The account has
    /// to be active and marked as staff whenever it is used.
    #[command(
        after_help = "Examples:\n  secboard setting operator set olena olena@acme.example\n  secboard setting operator set 1004 olena@acme.example"
    )]
    Set {
        /// Name or number of the shell user
        #[arg(value_name = "SHELL_USER")]
        shell_user: String,
        /// Email or id of the account
        #[arg(value_name = "EMAIL")]
        user: String,
    },
    /// Take the account from a shell user, who is no operator then
    #[command(after_help = "Examples:\n  secboard setting operator remove olena")]
    Remove {
        /// Name or number of the shell user
        #[arg(value_name = "SHELL_USER")]
        shell_user: String,
    },
}

record! {
    /// An operator as printed.
    OperatorRow, table ["shell_user", "uid", "account", "may_act", "why_not"] {
        /// The name at the shell.
        shell_user: String,
        /// The number at the shell.
        uid: i64,
        /// The account's email.
        account: String,
        /// Whether the account may act today.
        may_act: bool,
        /// Why not.
        why_not: Option<String>,
        /// RFC 3339.
        created_at: String,
        /// RFC 3339.
        updated_at: String,
    }
}

impl From<Listed> for OperatorRow {
    fn from((operator, why_not): Listed) -> Self {
        Self {
            shell_user: operator.shell_user,
            uid: operator.uid.into(),
            account: operator.email,
            may_act: why_not.is_none(),
            why_not,
            created_at: operator.created_at.to_string(),
            updated_at: operator.updated_at.to_string(),
        }
    }
}

/// Runs a verb.
pub(crate) fn run(app: &App, command: &Command) -> Result<Outcome> {
    match command {
        Command::List => list(app)?,
        Command::Set { shell_user, user } => set(app, shell_user, user)?,
        Command::Remove { shell_user } => remove(app, shell_user)?,
    }
    Ok(Outcome::Done)
}

fn list(app: &App) -> Result<()> {
    let mut list = app.out.list::<OperatorRow>()?;
    super::list(&app.reader()?)?.into_iter().try_for_each(|operator| list.row(&operator.into()))?;
    list.finish()
}

fn set(app: &App, shell_user: &str, who: &str) -> Result<()> {
    let owner = shell::owner(&app.config()?.store);
    let (listed, is_changed) = super::set(&app.writer()?, shell_user, who, owner)?;
    let row = OperatorRow::from(listed);
    let does = format!("`{}` acts as `{}`", row.shell_user, row.account);
    app.done(&if is_changed { does } else { format!("no change: {does} already") });
    if let Some(why_not) = &row.why_not {
        app.out.say(&format!("not yet: {why_not}"));
    }
    app.print_if_asked(&row)
}

fn remove(app: &App, shell_user: &str) -> Result<()> {
    app.done(&match super::remove(&app.writer()?, shell_user)? {
        Some(operator) => format!("`{}` is no operator any more", operator.shell_user),
        None => format!("no change: `{shell_user}` is no operator"),
    });
    Ok(())
}

/// The command line with what each command needs below its help, before the examples.
pub(crate) fn with_requirements(root: clap::Command) -> clap::Command {
    add_requirements(root, "")
}

/// A noun with the same, for its verbs.
pub(crate) fn noun_with_requirements(noun: clap::Command) -> clap::Command {
    let path = noun.get_name().to_owned();
    add_requirements(noun, &path)
}

fn add_requirements(command: clap::Command, path: &str) -> clap::Command {
    let mut command = command.mut_subcommands(|below| {
        let name = below.get_name().to_owned();
        add_requirements(below, format!("{path} {name}").trim_start())
    });
    if let Some(line) = needs::line(path) {
        let mut text = format!("Needs: {}", needs::words(line));
        if let Some(after) = command.get_after_help() {
            write!(text, "\n\n{after}").ok();
        }
        command = command.after_help(text);
    }
    command
}
