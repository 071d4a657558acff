//! A plan as it is told: a line a change for people, one document or one object a line for programs.

use std::io::{BufWriter, Write};

use serde_json::{Value, json};

use crate::audit::cli::listing;
use crate::cli::output::{Stdout, record};
use crate::cli::{App, output, prompt};
use crate::context::Context;
use crate::error::Result;
use crate::run::{
    Action, Change, Committed, Effect, Engine, Error, LeftOut, Loss, Summary, Tense, changes, staged,
};
use crate::store::Tx;
use crate::text::count::counted;
use crate::text::width::{sanitize_for_terminal, sanitize_json};

use super::{ChangeRow, say_left};

record! {
    /// What one person loses, as printed.
    LossRow, table ["email", "groups", "permissions"] {
        /// The login name.
        email: String,
        /// First and last name.
        full_name: Option<String>,
        /// The company's name.
        company: Option<String>,
        /// The groups they are no longer in.
        groups: Vec<String>,
        /// What nothing else grants them: `permission`, or `permission@Company`.
        permissions: Vec<String>,
        /// Whether they are in the bin, where nothing is in force.
        in_bin: bool,
        /// What is taken from who is in the bin: ``role `clerk` ``, ``department `Sales` ``.
        taken: Vec<String>,
    }
}

impl From<Loss> for LossRow {
    fn from(loss: Loss) -> Self {
        let Loss { email, full_name, company, groups, permissions, in_bin, taken } = loss;
        Self { email, full_name, company, groups, permissions, in_bin, taken }
    }
}

/// Ends a command that made a run, after its commit: says what was done and how to undo it, or fails when the brake holds
/// it. With `--dry-run` the whole plan is printed; the store was let go of before. Programs get the document of a plan with
/// the run's id and without the changes, which `run show` has.
pub(crate) fn finish(app: &App, cx: &Context, committed: &Committed) -> Result<()> {
    let Committed { run, summary, left, .. } = committed;
    if cx.dry_run {
        let most = listing::most_named(app, cx, || cx.read(people_staged))?;
        cx.read(|tx| print_plan(app, tx, run.is_some().then_some(most), summary))?;
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
            return Err(Error::would_be_held(&cx.actor, because).into());
        }
        (Some(run), Some(because)) => {
            return Err(Error::held(&cx.actor, run, because).into());
        }
        (Some(run), None) if !cx.dry_run => {
            app.out.say(&format!("run `{}`; undo it with `secboard run undo {}`", run.id, run.id));
        }
        _ => {}
    }
    Ok(left.check(run.as_ref().filter(|_| !cx.dry_run))?)
}

/// Several plans as they are made, printed one after the other.
pub(crate) struct Plans<'a> {
    app: &'a App,
    /// None where they are printed as lines for people.
    list: Option<output::List<ChangeRow>>,
}

impl<'a> Plans<'a> {
    /// None yet.
    pub(crate) fn begin(app: &'a App) -> Result<Self> {
        let list = if app.out.is_table() { None } else { Some(app.out.list::<ChangeRow>()?) };
        Ok(Self { app, list })
    }

    /// Prints the plan that was made last.
    pub(crate) fn print(&mut self, cx: &Context) -> Result<()> {
        let most = listing::most_named(self.app, cx, || cx.read(people_staged))?;
        cx.read(|tx| {
            let Some(list) = &mut self.list else {
                let mut out = Lines::to(Stdout::of_answer());
                first_staged(tx, most, |change| write_change(&mut out, &change, LeftOut::default()))?;
                return out.finish();
            };
            first_staged(tx, most, |change| list.row(&ChangeRow::new(change, LeftOut::default())))
        })
    }

    /// Ends what was printed.
    pub(crate) fn finish(self) -> Result<()> {
        self.list.map_or(Ok(()), output::List::finish)
    }
}

/// Says what became of one of several plans; the error that it ends with, where the brake holds it or something was left out.
pub(crate) fn say_one(app: &App, cx: &Context, committed: &Committed, what: &str) -> Option<Error> {
    let Committed { run, summary, left, .. } = committed;
    let held = run.as_ref().and_then(|run| run.held_because.as_ref().map(|because| (run, because)));
    say_left(app, left);
    let said = sentence(summary);
    match (run, held) {
        (_, Some((run, because))) => {
            app.done(&format!("{what}: planned, not done: {said}"));
            Some(if cx.dry_run {
                Error::would_be_held(&cx.actor, because)
            } else {
                Error::held(&cx.actor, run, because)
            })
        }
        (Some(run), None) => {
            app.done(&format!("{what}: {said}"));
            if !cx.dry_run {
                app.out.say(&format!("run `{}`; undo it with `secboard run undo {}`", run.id, run.id));
            }
            left.check(Some(run).filter(|_| !cx.dry_run)).err()
        }
        (None, None) => None,
    }
}

/// Ends a command whose change is a run only if it took something from somebody: says what was done, or fails when the
/// brake holds it. `losses` says whether who loses what is printed.
pub(crate) fn finish_proposed(
    app: &App,
    cx: &Context,
    committed: &Committed,
    (done, losses): (&str, bool),
) -> Result<()> {
    let Committed { run, summary, left, losses: who, in_bin } = committed;
    // People are told of the bin in a sentence.
    let in_the_bin = if app.out.is_table() { &[] } else { in_bin.told() };
    let losing = who.len() + in_the_bin.len();
    // For people, nobody who loses anything is no list that is empty.
    if losses && !(app.out.is_table() && losing == 0) {
        let mut list = app.out.list::<LossRow>()?;
        let most = listing::most_named(app, cx, || Ok(losing as u64))?;
        let named = who.iter().chain(in_the_bin).take(usize::try_from(most).unwrap_or(usize::MAX));
        named.cloned().try_for_each(|loss| list.row(&LossRow::from(loss)))?;
        list.finish()?;
    }
    say_left(app, left);
    let held = run.as_ref().and_then(|run| run.held_because.as_ref().map(|because| (run, because)));
    if let Some((run, because)) = held {
        app.done(&format!("planned, not done: {}", summary.effect.said(Tense::Would)));
        return Err(if cx.dry_run {
            Error::would_be_held(&cx.actor, because)
        } else {
            Error::held(&cx.actor, run, because)
        }
        .into());
    }
    app.done(done);
    if !in_bin.is_nobody() {
        let who = if cx.dry_run { in_bin.named() } else { in_bin.counted() };
        app.out.say(&format!("also taken from {who}"));
    }
    if let Some(run) = run {
        say_effect(app, &summary.effect);
        if !cx.dry_run {
            app.out.say(&format!("run `{}`; undo it with `secboard run undo {}`", run.id, run.id));
        }
    }
    Ok(left.check(run.as_ref().filter(|_| !cx.dry_run))?)
}

/// Ends a command that changed one thing, like [`finish_proposed`]: prints the thing, or with `--dry-run` who loses what.
pub(crate) fn finish_changed(
    app: &App,
    cx: &Context,
    committed: &Committed,
    done: &str,
    row: &impl output::Record,
) -> Result<()> {
    let with_losses = cx.dry_run && committed.run.is_some();
    finish_proposed(app, cx, committed, (done, with_losses))?;
    if with_losses { Ok(()) } else { app.print_if_asked(row) }
}

/// Asks whether so much may be taken from people; returns whether somebody answered.
pub(crate) fn ask(app: &App, effect: &Effect) -> Result<bool> {
    prompt::confirm(app, &question(effect, "Go on?"))
}

/// Whether so many mails are not sent without asking.
pub(crate) fn are_many(cx: &Context, engine: &Engine, mails: u64) -> bool {
    mails > engine.mails.unasked(&cx.settings)
}

/// Asks whether so many mails may be sent, where they are not without asking.
pub(crate) fn ask_mails(app: &App, cx: &Context, engine: &Engine, mails: u64) -> Result<()> {
    if !are_many(cx, engine, mails) {
        return Ok(());
    }
    prompt::confirm(app, &format!("{} would be sent. Go on?", counted(&[(mails, "mail", "mails")])))?;
    Ok(())
}

/// A question, after what the answer would take from people.
pub(crate) fn question(effect: &Effect, question: &str) -> String {
    if effect.is_nothing() {
        question.to_owned()
    } else {
        format!("{}. {question}", effect.said(Tense::Would))
    }
}

/// Says what was taken from people, or with `--dry-run` would be; nothing of nothing.
pub(crate) fn say_effect(app: &App, effect: &Effect) {
    if !effect.is_nothing() {
        app.out.say(&effect.said(if app.globals.dry_run { Tense::Would } else { Tense::Done }));
    }
}

/// Prints what is planned, if anything is, up to so many changes.
fn print_plan(app: &App, tx: &Tx<'_>, most: Option<u64>, summary: &Summary) -> Result<()> {
    let mut out = Lines::to(Stdout::of_answer());
    match (app.out.format, most) {
        (output::Format::Json, _) => write_document(&mut out, tx, most, summary)?,
        (_, None) => {}
        (output::Format::Table, Some(most)) => {
            first_staged(tx, most, |change| write_change(&mut out, &change, LeftOut::default()))?;
        }
        (output::Format::Csv, Some(most)) => {
            let mut list = app.out.list::<ChangeRow>()?;
            first_staged(tx, most, |change| list.row(&ChangeRow::new(change, LeftOut::default())))?;
            list.finish()?;
        }
        (output::Format::Jsonl, Some(most)) => {
            first_staged(tx, most, |change| out.line(&sanitize_json(&object(&change).to_string())))?;
        }
    }
    out.finish()
}

/// How many people the plan that was made last names.
fn people_staged(tx: &Tx<'_>) -> Result<u64> {
    let mut people = 0;
    staged(tx, |change| {
        people += u64::from(change.names_somebody());
        Ok(())
    })?;
    Ok(people)
}

fn first_staged(tx: &Tx<'_>, most: u64, mut each: impl FnMut(Change) -> Result<()>) -> Result<()> {
    let mut left = most;
    staged(tx, |change| {
        let is_shown = left > 0;
        left = left.saturating_sub(1);
        if is_shown { each(change) } else { Ok(()) }
    })
}

/// The changes of a run, a line each.
pub(super) fn print_changes(tx: &Tx<'_>, run: &str) -> Result<()> {
    let mut out = Lines::to(Stdout::of_long_list());
    changes(tx, run, |change, left_out| write_change(&mut out, &change, left_out))?;
    out.finish()
}

/// Lines written in large pieces.
struct Lines {
    out: BufWriter<Stdout>,
}

impl Lines {
    fn to(stdout: Stdout) -> Self {
        Self { out: BufWriter::with_capacity(1 << 16, stdout) }
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
    let mails = summary.mails;
    format!(
        "{{\"run\": {}, \"summary\": {people}, \"also\": {also}, \"mails\": {mails}, \"changes\": [",
        json!(id)
    )
}

fn write_document(out: &mut Lines, tx: &Tx<'_>, most: Option<u64>, summary: &Summary) -> Result<()> {
    let mut before = opening(None, summary);
    if let Some(most) = most {
        first_staged(tx, most, |change| {
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
    let gone = change
        .before
        .iter()
        .filter(|(name, _)| matches!(change.action, Action::Update) && !change.after.contains_key(*name));
    let gone = gone.map(|(name, value)| format!("{name}: less {}", word(value)));
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
        .chain(gone)
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
        (summary.also("invitations"), "invited", "invited"),
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
    let things =
        counted(&[(summary.also("groups"), "group", "groups"), (summary.also("roles"), "role", "roles")]);
    let changed =
        summary.also("invitations") + people.create + people.update + people.deactivate + people.delete;
    let people = match (changed, said.is_empty()) {
        (_, true) if !things.is_empty() => format!("changed: {things}"),
        (_, true) => "no change".to_owned(),
        (0, false) if made.is_empty() => format!("no change; people: {said}"),
        _ if !things.is_empty() => format!("people: {said}; also changed: {things}"),
        _ => format!("people: {said}"),
    };
    let said = if made.is_empty() { people } else { format!("{people}; also created: {made}") };
    if summary.mails == 0 { said } else { format!("{said}; mails: {}", summary.mails) }
}
