//! A plan as it is told: a line a change for people, one document or one object a line for programs.

use std::io::{self, BufWriter, Write};

use serde_json::{Value, json};

use crate::cli::{App, output};
use crate::context::Context;
use crate::error::Result;
use crate::run::{Action, Change, Committed, Error, LeftOut, Summary, changes, staged};
use crate::store::Tx;
use crate::text::count::counted;
use crate::text::width::{sanitize_for_terminal, sanitize_json};

use super::say_left;

/// Ends a command that made a run, after its commit: says what was done and how to undo it, or fails when the brake holds
/// it. With `--dry-run` the whole plan is printed; the store was let go of before. Programs get the document of a plan with
/// the run's id and without the changes, which `run show` has.
pub(crate) fn finish(app: &App, cx: &Context, committed: &Committed) -> Result<()> {
    let Committed { run, summary, left } = committed;
    if cx.dry_run {
        cx.read(|tx| print_plan(tx, app.out.format, run.is_some(), summary))?;
    } else if matches!(app.out.format, output::Format::Json | output::Format::Jsonl) {
        let opening = opening(run.as_ref().map(|run| run.id.as_str()), summary);
        output::text(&format!("{opening}]}}\n"))?;
    }
    let held = run.as_ref().and_then(|run| run.held_because.as_ref());
    say_left(app, left);
    let said = sentence(summary);
    app.done(&if held.is_some() { format!("planned, not done: {said}") } else { said });
    match (run, held) {
        (_, Some(because)) if cx.dry_run => {
            return Err(Error::WouldBeHeld { because: because.clone() }.into());
        }
        (Some(run), Some(because)) => {
            return Err(Error::Held { id: run.id.clone(), because: because.clone() }.into());
        }
        (Some(run), None) if !cx.dry_run => {
            app.out.say(&format!("run `{}`; undo it with `secboard run undo {}`", run.id, run.id));
        }
        _ => {}
    }
    Ok(left.check()?)
}

fn print_plan(tx: &Tx<'_>, format: output::Format, has_changes: bool, summary: &Summary) -> Result<()> {
    let mut out = Lines::to_output();
    match format {
        output::Format::Json => write_document(&mut out, tx, has_changes, summary)?,
        _ if !has_changes => {}
        output::Format::Table | output::Format::Csv => {
            staged(tx, |change| write_change(&mut out, &change, LeftOut::default()))?;
        }
        output::Format::Jsonl => staged(tx, |change| out.line(&sanitize_json(&object(&change).to_string())))?,
    }
    out.finish()
}

/// The changes of a run, a line each.
pub(super) fn print_changes(tx: &Tx<'_>, run: &str) -> Result<()> {
    let mut out = Lines::to_output();
    changes(tx, run, |change, left_out| write_change(&mut out, &change, left_out))?;
    out.finish()
}

/// Lines written in large pieces.
struct Lines {
    out: BufWriter<io::StdoutLock<'static>>,
}

impl Lines {
    fn to_output() -> Self {
        Self { out: BufWriter::with_capacity(1 << 16, io::stdout().lock()) }
    }

    fn line(&mut self, line: &str) -> Result<()> {
        writeln!(self.out, "{line}").map_err(output::Error::from)?;
        Ok(())
    }

    fn finish(mut self) -> Result<()> {
        self.out.flush().map_err(output::Error::from)?;
        Ok(())
    }
}

/// The beginning of a plan's document, up to its changes.
fn opening(id: Option<&str>, summary: &Summary) -> String {
    let (people, also) = (json!(summary.people), json!(summary.also));
    format!("{{\"run\": {}, \"summary\": {people}, \"also\": {also}, \"changes\": [", json!(id))
}

fn write_document(out: &mut Lines, tx: &Tx<'_>, has_changes: bool, summary: &Summary) -> Result<()> {
    let mut before = opening(None, summary);
    if has_changes {
        staged(tx, |change| {
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

/// A line: `+` created, `~` changed, `-` losing access.
fn write_change(out: &mut Lines, change: &Change, left_out: LeftOut) -> Result<()> {
    let why = match left_out {
        LeftOut { of_run: Some(reason), .. } => format!("  (left out: {reason})"),
        LeftOut { of_undo: Some(reason), .. } => format!("  (left by undo: {reason})"),
        LeftOut { of_run: None, of_undo: None } => String::new(),
    };
    out.line(&sanitize_for_terminal(&format!("{}{why}", diff_line(change))))
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
pub(super) fn sentence(summary: &Summary) -> String {
    let people = &summary.people;
    let said = counted(&[
        (people.create, "created", "created"),
        (people.update, "changed", "changed"),
        (people.deactivate, "losing access", "losing access"),
        (people.delete, "moved to the bin", "moved to the bin"),
        (people.unchanged, "unchanged", "unchanged"),
        (people.refused, "refused", "refused"),
    ]);
    let made = counted(&[
        (summary.also("companies"), "company", "companies"),
        (summary.also("departments"), "department", "departments"),
        (summary.also("positions"), "position", "positions"),
    ]);
    let changed = people.create + people.update + people.deactivate + people.delete;
    let people = match (changed, said.is_empty()) {
        (_, true) => "no change".to_owned(),
        (0, false) if made.is_empty() => format!("no change; people: {said}"),
        _ => format!("people: {said}"),
    };
    if made.is_empty() { people } else { format!("{people}; also created: {made}") }
}
