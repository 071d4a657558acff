//! `secboard upkeep`.

use std::marker::PhantomData;

use clap::Args;
use clap::builder::{PossibleValue, PossibleValuesParser};

use super::{Report, Task};
use crate::cli::output::record;
use crate::cli::{App, Outcome, stop};
use crate::error::Result;

/// The examples of its help.
pub(crate) const EXAMPLES: &str = "\
Each task does its own, whatever becomes of the others. Ends with 1 when something failed, and with 69 when nothing did and \
something waits for a server.

Examples:
  secboard upkeep
  secboard upkeep --only outbox
  secboard upkeep --except bin -o json

For cron, every five minutes, as a line of /etc/cron.d/secboard for the user who owns the store:
  */5 * * * *  secboard  /usr/local/bin/secboard upkeep --quiet";

/// What there is to do; given by the composition root.
pub(crate) trait Tasks {
    /// In the order in which it is done.
    const ALL: &'static [&'static Task];
}

fn names<T: Tasks>() -> PossibleValuesParser {
    PossibleValuesParser::new(T::ALL.iter().map(|task| PossibleValue::new(task.name).help(task.about)))
}

#[derive(Debug, Args)]
pub(crate) struct Upkeep<T: Tasks + Clone + Send + Sync + 'static> {
    /// Do these alone
    #[arg(long, value_name = "TASK", value_delimiter = ',', value_parser = names::<T>(), conflicts_with = "except")]
    only: Vec<String>,
    /// Do all but these
    #[arg(long, value_name = "TASK", value_delimiter = ',', value_parser = names::<T>())]
    except: Vec<String>,
    #[arg(skip)]
    tasks: PhantomData<T>,
}

record! {
    /// What became of a task, as printed.
    TaskRow, table ["task", "result", "detail"] {
        /// Which.
        task: &'static str,
        /// `done`, `nothing`, `left`, `failed`.
        result: &'static str,
        /// What it did, or why it failed.
        detail: String,
        /// To how many things it did it.
        count: i64,
    }
}

impl TaskRow {
    fn new(task: &Task, done: &Result<Report>) -> Self {
        let task = task.name;
        match done {
            Ok(Report { count, said, rest }) => {
                let result = match (count, rest) {
                    (_, Some(_)) => "left",
                    (0, None) => "nothing",
                    (_, None) => "done",
                };
                let count = i64::try_from(*count).unwrap_or(i64::MAX);
                Self { task, result, detail: said.clone(), count }
            }
            Err(failure) => Self { task, result: "failed", detail: failure.to_string(), count: 0 },
        }
    }
}

/// Runs the command.
pub(crate) fn run<T: Tasks + Clone + Send + Sync>(app: &App, arguments: &Upkeep<T>) -> Result<Outcome> {
    let mut cx = app.writer()?;
    let is_meant = |task: &&&Task| match (arguments.only.as_slice(), arguments.except.as_slice()) {
        ([], except) => !except.iter().any(|name| name == task.name),
        (only, _) => only.iter().any(|name| name == task.name),
    };
    let tasks: Vec<&'static Task> = T::ALL.iter().filter(is_meant).copied().collect();
    let watch = stop::watch(&cx.cancel);
    let mut rows = Vec::with_capacity(tasks.len());
    let done =
        super::run((&mut cx, &|| app.writer()), &tasks, |task, done| rows.push(TaskRow::new(task, done)));
    drop(watch);
    // Whoever wants to hear of errors alone, as cron does, is given rows only where programs read them.
    if !(app.globals.quiet && app.out.is_table()) {
        let mut list = app.out.list::<TaskRow>()?;
        rows.iter().try_for_each(|row| list.row(row))?;
        list.finish()?;
    }
    done?;
    if app.globals.dry_run {
        app.done("all could be done");
    }
    Ok(Outcome::Done)
}
