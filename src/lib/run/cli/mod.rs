//! `secboard run`, and how plans are printed by every command that makes runs.

mod plan;

use clap::{Args, Subcommand};
use serde_json::{Value, json};

pub(crate) use plan::{
    Plans, are_many, ask, ask_mails, finish, finish_changed, finish_proposed, question, say_effect, say_one,
};

use super::{Change, Committed, Engine, Left, LeftOut, Run, Undone};
use crate::audit::Fields;
use crate::audit::cli::listing::{self, Listing};
use crate::cli::output::{self, record};
use crate::cli::{App, NoticeArgs, Outcome, prompt, stop};
use crate::context::Context;
use crate::error::Result;
use crate::store::Tx;
use crate::text::count::counted;

/// Subjects that were skipped that are named on standard error; all are in `run show`.
const LEFT_SHOWN: usize = 20;

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
    #[command(
        after_help = "People the run made are erased. Passwords and purges are not undone. Who comes back from the bin \
        comes without what was deleted in the meantime, which is named. Mails of the run that still wait are dropped; who had \
        theirs is told of the undo.\n\n\
        With -o csv it prints what was skipped or came back without something, and why.\n\n\
        Ends with 1 when some were skipped, or came back without something.\n\nExamples:\n  secboard run undo 7k3m --yes"
    )]
    Undo {
        /// Its id, or the beginning of it
        run: String,
        #[command(flatten)]
        notice: NoticeArgs,
    },
    /// Apply a run that the brake holds
    #[command(
        after_help = "What was changed since the run was planned, or is no longer meant by its filter, is left out and named. \
        So is what the account that made it may not do itself any more; where that may not act at all, nothing is released. \
        Who releases it has to be allowed all the rest of it, and nobody releases what is about themself: else the run stays held. \
        A run that changes or ends something else than people is refused when that no longer fits. People are told by mail \
        what the run does to their accounts, also where it was planned with --no-notice, unless it is released with it.\n\n\
        Ends with 1 when something was left out.\n\nExamples:\n  secboard run release 7k3m"
    )]
    Release(Release),
    /// End a run that the brake holds, without applying it
    #[command(
        after_help = "Who made it ends it, or who could apply all of it and is not affected by it.\n\n\
        Examples:\n  secboard run discard 7k3m"
    )]
    Discard {
        /// Its id, or the beginning of it
        run: String,
    },
}

#[derive(Debug, Args)]
pub(crate) struct Release {
    /// Its id, or the beginning of it
    run: String,
    #[command(flatten)]
    notice: NoticeArgs,
}

record! {
    /// A run as printed.
    RunRow, table ["id", "created_at", "kind", "state", "source", "create", "update", "deactivate", "delete", "losing"] {
        /// The id.
        id: String,
        /// RFC 3339.
        created_at: String,
        /// What made it.
        kind: String,
        /// `held`, `applied`, `undone`, `partly_undone`, `discarded`, `superseded`.
        state: &'static str,
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
        /// Companies created or deleted.
        companies: i64,
        /// Departments created or deleted.
        departments: i64,
        /// Positions created or deleted.
        positions: i64,
        /// Groups changed or deleted.
        groups: i64,
        /// Roles changed or deleted.
        roles: i64,
        /// Mails that tell people of it.
        mails: i64,
        /// People who may do less than before by it, or would; of a run of an older secboard it is not known.
        losing: i64,
        /// Those of them who may no longer log in.
        without_login: i64,
        /// Those who may, and are in no group any more.
        without_group: i64,
        /// What the others are no longer permitted, counted for each person and company.
        permissions: i64,
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
        let number = |count: u64| i64::try_from(count).unwrap_or(i64::MAX);
        let also = |kind: &str| number(run.summary.also(kind));
        let (companies, departments, positions) = (also("companies"), also("departments"), also("positions"));
        let (groups, roles) = (also("groups"), also("roles"));
        let mails = number(run.summary.mails);
        let (people, effect) = (run.summary.people, run.summary.effect);
        Self {
            id: run.id,
            created_at: run.created_at.to_string(),
            kind: run.kind,
            state: run.state.name(),
            source: run.source,
            actor: run.actor,
            create: number(people.create),
            update: number(people.update),
            deactivate: number(people.deactivate),
            delete: number(people.delete),
            companies,
            departments,
            positions,
            groups,
            roles,
            mails,
            losing: number(effect.people),
            without_login: number(effect.without_login),
            without_group: number(effect.without_group),
            permissions: number(effect.permissions),
            held_because: run.held_because,
            reason: run.reason,
            updated_at: run.updated_at.to_string(),
        }
    }
}

record! {
    /// A change as printed.
    ChangeRow, table ["action", "kind", "subject", "before", "after", "left_out", "undo_refused"] {
        /// `create`, `update`, `deactivate`, `delete`.
        action: &'static str,
        /// `user`, `company`, `department`, `position`, `group`, `role`.
        kind: String,
        /// The name.
        subject: String,
        /// The changed fields before.
        before: Fields,
        /// The changed fields after.
        after: Fields,
        /// Why.
        reason: Option<String>,
        /// Why it was left out when the run was applied.
        left_out: Option<String>,
        /// Why an undo left it.
        undo_refused: Option<String>,
    }
}

impl ChangeRow {
    fn new(change: Change, left: LeftOut) -> Self {
        Self {
            action: change.action.name(),
            kind: change.kind,
            subject: change.subject,
            before: change.before,
            after: change.after,
            reason: change.reason,
            left_out: left.of_run,
            undo_refused: left.of_undo,
        }
    }
}

record! {
    /// Something that an undo skipped, as printed.
    LeftRow, table ["subject", "reason"] {
        /// The name.
        subject: String,
        /// Why.
        reason: String,
    }
}

/// Runs a verb.
pub(crate) fn run(app: &App, command: Command, engine: &mut Engine) -> Result<Outcome> {
    match command {
        Command::List { limit } => list(app, engine, limit)?,
        Command::Show { run } => show(app, engine, &run)?,
        Command::Undo { run, notice } => return undo(app, engine, &run, notice),
        Command::Release(arguments) => release(app, engine, &arguments)?,
        Command::Discard { run } => discard(app, engine, &run)?,
    }
    Ok(Outcome::Done)
}

fn list(app: &App, engine: &Engine, limit: Option<u32>) -> Result<()> {
    let cx = app.reader()?;
    let mut list = app.out.long_list::<RunRow>()?;
    super::list(&cx, engine, limit, |run| list.row(&run.into()))?;
    list.finish()
}

fn show(app: &App, engine: &Engine, id: &str) -> Result<()> {
    let cx = app.reader()?;
    let listing = Listing {
        scope: cx.read(|tx| Ok(super::get_to_see(&cx, tx, engine, id)?.scope(engine, &cx.actor)))?,
        words: id.to_owned(),
        advice: "`secboard run list` says how many it changed",
    };
    listing::give(app, &cx, &listing, |_| cx.read(|tx| people_in(&cx, tx, engine, id)))?;
    cx.read(|tx| {
        let run = super::get_to_see(&cx, tx, engine, id)?;
        if app.out.is_table() && app.out.columns.is_none() {
            app.out.object(&RunRow::from(run.clone()))?;
            output::text("\n")?;
            return plan::print_changes(tx, &run.id);
        }
        let is_document = app.out.format == output::Format::Json;
        let mut list = app.out.long_list::<ChangeRow>()?;
        if is_document {
            output::begin_object(&RunRow::from(run.clone()), "changes")?;
        }
        super::changes(tx, &run.id, |change, left| list.row(&ChangeRow::new(change, left)))?;
        list.finish()?;
        if is_document { output::text("}\n") } else { Ok(()) }
    })
}

/// How many people a run names.
fn people_in(cx: &Context, tx: &Tx<'_>, engine: &Engine, id: &str) -> Result<u64> {
    let run = super::get_to_see(cx, tx, engine, id)?;
    let mut people = 0;
    super::changes(tx, &run.id, |change, _| {
        people += u64::from(change.names_somebody());
        Ok(())
    })?;
    Ok(people)
}

fn undo(app: &App, engine: &mut Engine, id: &str, notice: NoticeArgs) -> Result<Outcome> {
    let mut cx = notice.writer(app)?;
    let run = cx.read(|tx| super::get_to_undo(&cx, tx, engine, id))?;
    prompt::confirm_rehearsed(
        app,
        &mut cx,
        |cx| super::undo(cx, engine, &run.id),
        |_| format!("Take back run `{}` ({}, {})?", run.id, run.kind, run.source),
    )?;
    let watch = stop::watch(&cx.cancel);
    let undone = super::undo(&cx, engine, &run.id)?;
    drop(watch);
    say_left(app, &undone.left);
    for (subject, what) in undone.without.named.iter().take(LEFT_SHOWN) {
        app.out
            .say(&format!("`{subject}` is back without {what}, which is gone by now or not yours to give"));
    }
    if !undone.taken_by.is_empty() {
        let undo: Vec<String> =
            undone.taken_by.iter().map(|run| format!("`secboard run undo {run}`")).collect();
        app.out.say(&format!("bring it back with {}", undo.join(", ")));
    }
    say_effect(app, &undone.effect);
    let rest = counted(&[
        (undone.without.count, "not whole", "not whole"),
        (undone.left.count, "left", "left"),
        (undone.mails_dropped, "mail dropped", "mails dropped"),
        (undone.mails_queued, "mail queued", "mails queued"),
    ]);
    let rest = if rest.is_empty() { rest } else { format!(", {rest}") };
    app.done(&format!("run `{}`: {} taken back{rest}", run.id, undone.reverted));
    if !app.out.is_table() {
        print_undone(app, &cx, &run.id, &undone)?;
    }
    Ok(if undone.left.count + undone.without.count == 0 { Outcome::Done } else { Outcome::No })
}

/// What became of an undo, for programs: as CSV what was skipped or came back without something, and why.
fn print_undone(app: &App, cx: &Context, run: &str, undone: &Undone) -> Result<()> {
    let (left, without) = (&undone.left, &undone.without);
    let most = listing::most_named(app, cx, || Ok(left.people + without.people))?;
    let most = usize::try_from(most).unwrap_or(usize::MAX);
    let without = without.named.iter().take(most.saturating_sub(left.named.len()));
    let left = left.named.iter().take(most);
    if app.out.format == output::Format::Csv {
        let mut list = app.out.list::<LeftRow>()?;
        let without = without.map(|(subject, what)| (subject.clone(), format!("is back without {what}")));
        let rows = left.cloned().chain(without);
        rows.map(|(subject, reason)| LeftRow { subject, reason }).try_for_each(|row| list.row(&row))?;
        return list.finish();
    }
    let object = |what: &'static str| move |(subject, said): &(String, String)| json!({"subject": subject, what: said});
    app.out.document(&json!({
        "run": run, "reverted": undone.reverted, "refused": undone.left.count,
        "left": left.map(object("reason")).collect::<Vec<Value>>(),
        "not_whole": without.map(object("without")).collect::<Vec<Value>>(),
        "taken_by": undone.taken_by.iter().map(|run| json!({"run": run})).collect::<Vec<Value>>(),
        "mails_dropped": undone.mails_dropped, "mails_queued": undone.mails_queued,
    }))
}

fn release(app: &App, engine: &mut Engine, arguments: &Release) -> Result<()> {
    let mut cx = arguments.notice.writer(app)?;
    let held = cx.read(|tx| super::get_to_release(&cx, tx, &arguments.run))?;
    if cx.tells_people {
        ask_mails(app, &cx, engine, held.summary.mails)?;
    }
    let watch = stop::watch(&cx.cancel);
    let Committed { run, left, .. } = super::release(&mut cx, engine, &held.id)?;
    drop(watch);
    say_left(app, &left);
    let Some(run) = run else { return Ok(()) };
    let undo = format!("; undo it with `secboard run undo {}`", run.id);
    let undo = if run.is_to_undo(&cx.actor) { undo.as_str() } else { "" };
    app.done(&if run.summary.changes() == 0 {
        format!("released run `{}`, which changed nothing: nothing of it fitted any longer", run.id)
    } else {
        format!("released run `{}`{undo}", run.id)
    });
    app.print_if_asked(&RunRow::from(run.clone()))?;
    Ok(left.check(Some(&run))?)
}

fn discard(app: &App, engine: &mut Engine, id: &str) -> Result<()> {
    let run = super::discard(&app.writer()?, engine, id)?;
    app.done(&format!("discarded run `{}`: it changes nothing", run.id));
    app.print_if_asked(&RunRow::from(run))
}

/// Names the first of those that were skipped.
fn say_left(app: &App, left: &Left) {
    for (subject, reason) in left.named.iter().take(LEFT_SHOWN) {
        app.out.say(&format!("skipped `{subject}`: {reason}"));
    }
}
