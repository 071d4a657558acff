//! `secboard run`, and how plans are printed by every command that makes runs.

use std::io::{self, BufWriter, Seek as _, Write};

use clap::{Args, Subcommand};
use serde_json::{Value, json};
use tempfile::SpooledTempFile;

use super::{Action, Change, Error, Run, Summary, Target};
use crate::audit::Fields;
use crate::cli::output::{self, record};
use crate::cli::{App, Outcome, Stop, prompt};
use crate::context::Context;
use crate::error::Result;
use crate::store::Tx;
use crate::text::count::counted;
use crate::text::width::{sanitize_for_terminal, sanitize_json};

/// Refused people that an undo names on standard error; all are in `run show`.
const REFUSED_SHOWN: usize = 20;

/// Bytes of a plan that are held in memory until they are printed; a longer one goes through a temporary file.
const MOST_IN_MEMORY: usize = 1 << 20;

/// Runs: what was changed in bulk, to look at and to undo
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// List runs, newest first
    #[command(after_help = "Examples:\n  secboard run list\n  secboard run list --limit 5 -o json")]
    List {
        /// At most so many
        #[arg(long, value_name = "N")]
        limit: Option<u32>,
    },
    /// Show a run with every change it made or would make
    #[command(
        after_help = "With -o json it is one object, the run as `run list` has it with its changes; with jsonl and \
        csv it is the changes alone. --columns chooses among the fields of a change.\n\nExamples:\n  secboard run show 7k3m\n  secboard run show 7k3m -o jsonl"
    )]
    Show {
        /// Its id, or the beginning of it
        run: String,
    },
    /// Take a run back: each person as they were, but for those changed since
    #[command(after_help = "People the run made are erased. Passwords and purges are not undone.\n\n\
        Ends with 1 when some were left as they are.\n\nExamples:\n  secboard run undo 7k3m --yes")]
    Undo {
        /// Its id, or the beginning of it
        run: String,
    },
    /// Apply a run that the brake holds
    #[command(after_help = "Examples:\n  secboard run release 7k3m")]
    Release(Release),
}

#[derive(Debug, Args)]
pub(crate) struct Release {
    /// Its id, or the beginning of it
    run: String,
}

record! {
    /// A run as printed.
    RunRow, table ["id", "created_at", "kind", "state", "source", "create", "update", "deactivate", "delete"] {
        /// The id.
        id: String,
        /// RFC 3339.
        created_at: String,
        /// What made it.
        kind: String,
        /// `held`, `applied`, `undone`, `partly_undone`.
        state: String,
        /// What it came from.
        source: String,
        /// Who ran it.
        actor: String,
        /// People created.
        create: i64,
        /// People changed.
        update: i64,
        /// People who lost access.
        deactivate: i64,
        /// People moved to the bin.
        delete: i64,
        /// Companies created.
        companies: i64,
        /// Departments created.
        departments: i64,
        /// Positions created.
        positions: i64,
        /// Why the brake held it.
        held_because: Option<String>,
        /// The given reason.
        reason: Option<String>,
        /// RFC 3339.
        updated_at: String,
    }
}

impl From<Run> for RunRow {
    fn from(run: Run) -> Self {
        let (people, also) = (run.summary.people, run.summary.also);
        let number = |count: u64| i64::try_from(count).unwrap_or(i64::MAX);
        Self {
            id: run.id,
            created_at: run.created_at.to_string(),
            kind: run.kind,
            state: run.state,
            source: run.source,
            actor: run.actor,
            create: number(people.create),
            update: number(people.update),
            deactivate: number(people.deactivate),
            delete: number(people.delete),
            companies: number(also.companies),
            departments: number(also.departments),
            positions: number(also.positions),
            held_because: run.held_because,
            reason: run.reason,
            updated_at: run.updated_at.to_string(),
        }
    }
}

record! {
    /// A change as printed.
    ChangeRow, table ["action", "kind", "subject", "before", "after", "undo_refused"] {
        /// `create`, `update`, `deactivate`, `delete`.
        action: &'static str,
        /// `user`, `company`, `department`, `position`.
        kind: String,
        /// The name.
        subject: String,
        /// The changed fields before.
        before: Fields,
        /// The changed fields after.
        after: Fields,
        /// Why.
        reason: Option<String>,
        /// Why an undo left it.
        undo_refused: Option<String>,
    }
}

/// Runs a verb.
pub(crate) fn run(app: &App, command: Command, targets: &mut [Box<dyn Target>]) -> Result<Outcome> {
    match command {
        Command::List { limit } => list(app, limit)?,
        Command::Show { run } => show(app, &run)?,
        Command::Undo { run } => return undo(app, targets, &run),
        Command::Release(arguments) => release(app, targets, &arguments.run)?,
    }
    Ok(Outcome::Done)
}

fn list(app: &App, limit: Option<u32>) -> Result<()> {
    let cx = app.reader()?;
    let mut list = app.out.list::<RunRow>()?;
    super::list(&cx, limit, |run| list.row(&run.into()))?;
    list.finish()
}

fn show(app: &App, id: &str) -> Result<()> {
    let cx = app.reader()?;
    cx.read(|tx| {
        let run = super::get_to_see(&cx, tx, id)?;
        if app.out.is_table() && app.out.columns.is_none() {
            let id = run.id.clone();
            app.out.object(&RunRow::from(run))?;
            output::text("\n")?;
            let mut out = Lines::to(io::stdout().lock(), output::Error::from);
            write_diff(&mut out, tx, &id)?;
            return out.finish().map(drop);
        }
        let id = run.id.clone();
        let is_document = app.out.format == output::Format::Json;
        let mut list = app.out.list::<ChangeRow>()?;
        if is_document {
            output::begin_object(&RunRow::from(run), "changes")?;
        }
        super::changes(tx, &id, |change, undo_refused| {
            list.row(&ChangeRow {
                action: change.action.name(),
                kind: change.kind,
                subject: change.subject,
                before: change.before,
                after: change.after,
                reason: change.reason,
                undo_refused,
            })
        })?;
        list.finish()?;
        if is_document { output::text("}\n") } else { Ok(()) }
    })
}

fn undo(app: &App, targets: &mut [Box<dyn Target>], id: &str) -> Result<Outcome> {
    let cx = app.writer()?;
    let run = cx.read(|tx| super::get_to_see(&cx, tx, id))?;
    prompt::confirm(app, &format!("Take back run `{}` ({}, {})?", run.id, run.kind, run.source))?;
    let stop = Stop::watch(&cx);
    let undone = super::undo(&cx, targets, &run.id)?;
    drop(stop);
    for (subject, reason) in undone.refused.iter().take(REFUSED_SHOWN) {
        app.out.say(&format!("left `{subject}` as it is: {reason}"));
    }
    app.done(&match undone.refused_count {
        0 => format!("run `{}`: {} taken back", run.id, undone.reverted),
        left => format!("run `{}`: {} taken back, {left} left", run.id, undone.reverted),
    });
    if !app.out.is_table() {
        let refused: Vec<Value> = undone
            .refused
            .iter()
            .map(|(subject, reason)| json!({"subject": subject, "reason": reason}))
            .collect();
        app.out.document(&json!({
            "run": run.id, "reverted": undone.reverted, "refused": undone.refused_count, "left": refused,
        }))?;
    }
    Ok(if undone.refused_count == 0 { Outcome::Done } else { Outcome::No })
}

fn release(app: &App, targets: &mut [Box<dyn Target>], id: &str) -> Result<()> {
    let cx = app.writer()?;
    let stop = Stop::watch(&cx);
    let run = super::release(&cx, targets, id)?;
    drop(stop);
    app.done(&format!("released run `{}`; undo it with `secboard run undo {}`", run.id, run.id));
    app.print_if_asked(&RunRow::from(run))
}

/// What a command made in its transaction, to be told after it.
pub(crate) struct Made {
    run: Option<Run>,
    summary: Summary,
    /// What a dry run would do, to be printed.
    plan: Option<SpooledTempFile>,
}

impl Made {
    /// Writes down what a dry run would do before it is taken back: a line a change for people, one document or one
    /// object a line for programs. Nothing is printed yet: whoever reads slowly would keep every other process from
    /// writing.
    pub(crate) fn new(
        app: &App,
        cx: &Context,
        tx: &Tx<'_>,
        run: Option<Run>,
        summary: Summary,
    ) -> Result<Self> {
        let mut made = Self { run, summary, plan: None };
        if cx.dry_run {
            made.plan = Some(made.write_plan(tx, app.out.format)?);
        }
        Ok(made)
    }

    fn write_plan(&self, tx: &Tx<'_>, format: output::Format) -> Result<SpooledTempFile> {
        let failed = |source| output::Error::Spool { source };
        let mut out = Lines::to(SpooledTempFile::new(MOST_IN_MEMORY), failed);
        match (format, &self.run) {
            (output::Format::Json, run) => {
                write_document(&mut out, tx, run.as_ref().map(|run| run.id.as_str()), &self.summary)?;
            }
            (_, None) => {}
            (output::Format::Table | output::Format::Csv, Some(run)) => write_diff(&mut out, tx, &run.id)?,
            (output::Format::Jsonl, Some(run)) => {
                super::changes(tx, &run.id, |change, _| {
                    out.line(&sanitize_json(&object(&change).to_string()))
                })?;
            }
        }
        out.finish()
    }
}

/// Ends a command that made a run, after its commit: says what was done and how to undo it, or fails when the brake holds
/// it. Programs get the document of a plan with the run's id and without the changes, which `run show` has.
pub(crate) fn finish(app: &App, cx: &Context, made: Made) -> Result<()> {
    let Made { run, summary, plan } = made;
    if let Some(plan) = plan {
        print(plan).map_err(output::Error::from)?;
    }
    let held = run.as_ref().and_then(|run| run.held_because.as_ref());
    if !cx.dry_run && matches!(app.out.format, output::Format::Json | output::Format::Jsonl) {
        let opening = opening(run.as_ref().map(|run| run.id.as_str()), &summary);
        output::text(&format!("{opening}]}}\n"))?;
    }
    let said = sentence(&summary);
    app.done(&if held.is_some() { format!("planned, not done: {said}") } else { said });
    match (&run, held) {
        (_, Some(because)) if cx.dry_run => Err(Error::WouldBeHeld { because: because.clone() }.into()),
        (Some(run), Some(because)) => {
            Err(Error::Held { id: run.id.clone(), because: because.clone() }.into())
        }
        (Some(run), None) if !cx.dry_run => {
            app.out.say(&format!("run `{}`; undo it with `secboard run undo {}`", run.id, run.id));
            Ok(())
        }
        _ => Ok(()),
    }
}

fn print(mut plan: SpooledTempFile) -> io::Result<()> {
    plan.rewind()?;
    let mut out = io::stdout().lock();
    io::copy(&mut plan, &mut out)?;
    out.flush()
}

/// Lines written in large pieces.
struct Lines<W: Write> {
    out: BufWriter<W>,
    /// What it means when they cannot be.
    failed: fn(io::Error) -> output::Error,
}

impl<W: Write> Lines<W> {
    fn to(out: W, failed: fn(io::Error) -> output::Error) -> Self {
        Self { out: BufWriter::with_capacity(1 << 16, out), failed }
    }

    fn line(&mut self, line: &str) -> Result<()> {
        writeln!(self.out, "{line}").map_err(self.failed)?;
        Ok(())
    }

    fn finish(mut self) -> Result<W> {
        self.out.flush().map_err(self.failed)?;
        Ok(self.out.into_inner().map_err(|error| (self.failed)(error.into_error()))?)
    }
}

/// The beginning of a plan's document, up to its changes.
fn opening(id: Option<&str>, summary: &Summary) -> String {
    let (people, also) = (json!(summary.people), json!(summary.also));
    format!("{{\"run\": {}, \"summary\": {people}, \"also\": {also}, \"changes\": [", json!(id))
}

fn write_document(
    out: &mut Lines<impl Write>,
    tx: &Tx<'_>,
    id: Option<&str>,
    summary: &Summary,
) -> Result<()> {
    let mut before = opening(None, summary);
    if let Some(id) = id {
        super::changes(tx, id, |change, _| {
            out.line(&before)?;
            before = sanitize_json(&format!("{},", object(&change))).into_owned();
            Ok(())
        })?;
    }
    out.line(before.trim_end_matches(','))?;
    out.line("]}")
}

fn object(change: &Change) -> Value {
    json!({
        "action": change.action.name(), "kind": change.kind, "subject": change.subject, "before": change.before,
        "after": change.after, "reason": change.reason,
    })
}

/// A line a change: `+` created, `~` changed, `-` losing access.
fn write_diff(out: &mut Lines<impl Write>, tx: &Tx<'_>, run: &str) -> Result<()> {
    super::changes(tx, run, |change, undo_refused| {
        let left = undo_refused.map(|reason| format!("  (left by undo: {reason})")).unwrap_or_default();
        out.line(&sanitize_for_terminal(&format!("{}{left}", diff_line(&change))))
    })
}

fn diff_line(change: &Change) -> String {
    let sign = match change.action {
        Action::Create => '+',
        Action::Update => '~',
        Action::Deactivate | Action::Delete => '-',
    };
    let fields: Vec<String> = change
        .after
        .iter()
        .filter(|(name, value)| {
            !(change.action == Action::Create && value.as_str() == Some(&change.subject) && *name == "email")
        })
        .map(|(name, value)| match change.before.get(name) {
            Some(before) => format!("{name}: {} → {}", word(before), word(value)),
            None => format!("{name}={}", word(value)),
        })
        .collect();
    format!("{sign} {} {}  {}", change.kind, change.subject, fields.join(", ")).trim_end().to_owned()
}

fn word(value: &Value) -> String {
    match value {
        Value::Null => "none".to_owned(),
        Value::Bool(yes) => if *yes { "yes" } else { "no" }.to_owned(),
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

/// The summary in words: only what there is.
fn sentence(summary: &Summary) -> String {
    let (people, also) = (&summary.people, &summary.also);
    let said = counted(&[
        (people.create, "created", "created"),
        (people.update, "changed", "changed"),
        (people.deactivate, "losing access", "losing access"),
        (people.delete, "moved to the bin", "moved to the bin"),
        (people.unchanged, "unchanged", "unchanged"),
        (people.refused, "refused", "refused"),
    ]);
    let made = counted(&[
        (also.companies, "company", "companies"),
        (also.departments, "department", "departments"),
        (also.positions, "position", "positions"),
    ]);
    let changed = people.create + people.update + people.deactivate + people.delete;
    let people = match (changed, said.is_empty()) {
        (_, true) => "no change".to_owned(),
        (0, false) if made.is_empty() => format!("no change; people: {said}"),
        _ => format!("people: {said}"),
    };
    if made.is_empty() { people } else { format!("{people}; also created: {made}") }
}
