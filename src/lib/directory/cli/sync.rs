//! `secboard ad plan`, `secboard ad sync` and `secboard ad quarantine`.

use clap::Args;

use crate::cli::output::record;
use crate::cli::{App, Outcome, stop};
use crate::context::Context;
use crate::directory::near::Near;
use crate::directory::sync::{self, Extent, Kept, Order, Synced};
use crate::error::{Failure, Result};
use crate::run::cli::{Plans, say_one};
use crate::run::{Committed, Engine};
use crate::text::count::{counted, people};

/// Places that are told of; the rest is counted.
const PLACES_SHOWN: usize = 20;

/// Groups that are told of; the rest is counted.
const GROUPS_SHOWN: usize = 20;

/// Entries that are named where nothing is kept of them; the rest is counted.
const KEPT_SHOWN: usize = 20;

#[derive(Debug, Args)]
pub(crate) struct Sync {
    /// The name of the connection, in any letter case
    #[arg(required_unless_present = "all", conflicts_with = "all")]
    connection: Option<String>,
    /// Follow every connection that is switched on
    #[arg(long)]
    all: bool,
    /// Read everybody, though what changed since the last sync may be enough
    #[arg(long)]
    full: bool,
}

record! {
    /// What came of a sync, as it is printed.
    SyncedRow, table ["connection", "people", "created", "changed", "losing", "quarantined", "run", "taking_run", "held_because"] {
        /// The connection.
        connection: String,
        /// How many people were read.
        people: i64,
        /// Whether that is everybody, and not only those of whom something changed.
        full: bool,
        /// People created.
        created: i64,
        /// People who are given something, such as another name, access or a group.
        changed: i64,
        /// People from whom something is taken, or would be.
        taken: i64,
        /// People who may do less than before, or would.
        losing: i64,
        /// People who are given nothing.
        unchanged: i64,
        /// Entries that were kept aside.
        quarantined: i64,
        /// People who were not found, and are not gone yet.
        absent: i64,
        /// Groups here that are called nearly as one there, and so take no part: how each is called, here and there.
        near_groups: Vec<String>,
        /// The run that gives.
        run: Option<String>,
        /// The run that takes.
        taking_run: Option<String>,
        /// Why the brake held one of them.
        held_because: Option<String>,
    }
}

record! {
    /// An entry that is kept aside, as it is printed.
    KeptRow, table ["code", "email", "dn", "words"] {
        /// Why.
        code: String,
        /// The email.
        email: Option<String>,
        /// The name of the entry there.
        dn: String,
        /// Which entry it stays.
        guid: Option<String>,
        /// Why, in words.
        words: String,
        /// Since when, RFC 3339.
        since: String,
    }
}

impl From<Kept> for KeptRow {
    fn from(kept: Kept) -> Self {
        let Kept { dn, guid, email, code, words, since } = kept;
        Self { code, email, dn, guid: guid.map(|guid| guid.to_string()), words, since: since.to_string() }
    }
}

impl From<&Synced> for SyncedRow {
    fn from(synced: &Synced) -> Self {
        let number = |count: u64| i64::try_from(count).unwrap_or(i64::MAX);
        let (given, taken) = (&synced.given.summary, &synced.taken.summary);
        let run = |committed: &Committed| committed.run.as_ref().map(|run| run.id.clone());
        Self {
            connection: synced.connection.clone(),
            people: number(synced.people),
            full: synced.extent == Extent::Everybody,
            created: number(given.people.create),
            changed: number(given.people.update + given.people.deactivate),
            taken: number(taken.people.update + taken.people.deactivate),
            losing: number(taken.effect.people),
            unchanged: number(given.people.unchanged),
            quarantined: number(synced.kept.len() as u64),
            absent: number(synced.notes.absent + synced.missing.len() as u64),
            near_groups: synced
                .notes
                .near_groups
                .iter()
                .map(|Near { ours, theirs }| format!("{ours} ~ {theirs}"))
                .collect(),
            run: run(&synced.given),
            taking_run: run(&synced.taken),
            held_because: [&synced.taken, &synced.given]
                .into_iter()
                .find_map(|committed| committed.run.as_ref()?.held_because.clone()),
        }
    }
}

/// Shows what a sync would do.
pub(super) fn plan(app: &App, (name, everybody): (&str, bool), engine: &mut Engine) -> Result<Outcome> {
    let mut cx = app.writer()?;
    cx.dry_run = true;
    let mut plans = Plans::begin(app)?;
    let synced = {
        let cancel = cx.cancel.clone();
        let _watch = stop::watch(&cancel);
        let mut tell = |cx: &Context| plans.print(cx);
        sync::run(&mut cx, engine, Order { name, everybody }, Some(&mut tell))?
    };
    plans.finish()?;
    tell(app, &cx, &synced)
}

/// Follows one directory or all.
pub(super) fn run(app: &App, arguments: &Sync, engine: &mut Engine) -> Result<Outcome> {
    let mut cx = app.writer()?;
    if let (Some(name), true) = (&arguments.connection, cx.dry_run) {
        drop(cx);
        return plan(app, (name, arguments.full), engine);
    }
    let names = match &arguments.connection {
        Some(name) => vec![name.clone()],
        None => sync::followed(&cx)?,
    };
    let mut list = if app.out.is_table() { None } else { Some(app.out.list::<SyncedRow>()?) };
    let (mut outcome, mut failed): (Outcome, Option<Failure>) = (Outcome::Done, None);
    for name in names {
        if let Some(failure) = failed.take() {
            app.out.say(&format!("error: {failure}"));
        }
        let synced = {
            let cancel = cx.cancel.clone();
            let _watch = stop::watch(&cancel);
            let order = Order { name: &name, everybody: arguments.full };
            sync::run(&mut cx, engine, order, None)
        };
        let told = synced.and_then(|synced| {
            list.as_mut().map_or(Ok(()), |list| list.row(&SyncedRow::from(&synced)))?;
            tell(app, &cx, &synced)
        });
        match told {
            Ok(Outcome::Done) => {}
            Ok(other) => outcome = other,
            Err(failure) => failed = Some(failure),
        }
        cx.cancel.check()?;
    }
    list.map_or(Ok(()), crate::cli::output::List::finish)?;
    failed.map_or(Ok(outcome), Err)
}

/// Says what came of a sync.
pub(super) fn tell(app: &App, cx: &Context, synced: &Synced) -> Result<Outcome> {
    let name = &synced.connection;
    let errors = [
        say_one(app, cx, &synced.given, &format!("`{name}` gives")),
        say_one(app, cx, &synced.taken, &format!("`{name}` takes")),
    ];
    if synced.given.run.is_none() && synced.taken.run.is_none() {
        app.done(&match (synced.extent, synced.people) {
            (Extent::Everybody | Extent::Named, count) => {
                format!("`{name}`: nothing to do for {}", people(count))
            }
            (Extent::Changed, 0) => format!("`{name}`: nothing changed there since the last sync"),
            (Extent::Changed, count) => {
                format!("`{name}`: nothing to do for {} of whom something changed there", people(count))
            }
        });
    }
    notes(app, cx, synced);
    if let Some(error) = errors.into_iter().flatten().last() {
        return Err(error.into());
    }
    let is_whole = synced.kept.is_empty() && synced.elsewhere.is_empty() && synced.missing.is_empty();
    Ok(if is_whole { Outcome::Done } else { Outcome::No })
}

/// Says what is to be known beside.
fn notes(app: &App, cx: &Context, synced: &Synced) {
    let (name, notes) = (&synced.connection, &synced.notes);
    if !synced.kept.is_empty() {
        let kept = counted(&[(synced.kept.len() as u64, "entry", "entries")]);
        // Only a sync keeps who they are.
        let is_stored = !cx.dry_run && synced.extent != Extent::Named;
        let why = if is_stored { format!("; {}", sync::see_why(name)) } else { String::new() };
        app.out.say(&format!("kept aside: {kept}{why}"));
        for kept in synced.kept.iter().take(if is_stored { 0 } else { KEPT_SHOWN }) {
            app.out.say(&format!("  {}: {}", kept.dn, kept.words));
        }
    }
    if notes.absent > 0 {
        let (absent, runs) = (people(notes.absent), synced.leaver_runs);
        app.out.say(&format!(
            "not found: {absent}, who are gone after {runs} whole reads in a row that do not find them"
        ));
    }
    for who in synced.missing.iter().take(KEPT_SHOWN) {
        app.out.say(&format!("not found there: {who}"));
    }
    if let Some(more @ 1..) = synced.missing.len().checked_sub(KEPT_SHOWN) {
        app.out.say(&format!("and {more} more were not found there"));
    }
    if notes.not_made > 0 {
        app.out.say(&format!("not made, for the connection makes nobody: {}", people(notes.not_made)));
    }
    for group in &notes.unclear_groups {
        app.out.say(&format!(
            "several groups are called `{group}` there: nobody comes into the one here, or out of it"
        ));
    }
    for Near { ours, theirs } in notes.near_groups.iter().take(GROUPS_SHOWN) {
        app.out.say(&format!(
            "the group `{ours}` here is called `{theirs}` there: nobody comes into it until both are called the same"
        ));
    }
    if let Some(more @ 1..) = notes.near_groups.len().checked_sub(GROUPS_SHOWN) {
        app.out.say(&format!("and {more} more groups are called nearly as one there"));
    }
    if notes.odd_phones > 0 {
        app.out.say(&format!(
            "warning: phones in no international writing, kept as they are: {}",
            notes.odd_phones
        ));
    }
    for (place, count) in notes.missing_places.iter().take(PLACES_SHOWN) {
        app.out.say(&format!("there is no {place} here: {}", people(*count)));
    }
    if let Some(more @ 1..) = notes.missing_places.len().checked_sub(PLACES_SHOWN) {
        app.out.say(&format!("and {more} more departments and positions are not here"));
    }
    for address in &synced.elsewhere {
        app.out.say(&format!("more people may be at `{address}`, which is not asked: so nothing was taken"));
    }
}

/// Lists who is kept aside.
pub(super) fn quarantine(app: &App, name: &str) -> Result<()> {
    let kept = sync::quarantined(&app.reader()?, name)?;
    let mut list = app.out.list::<KeptRow>()?;
    kept.into_iter().try_for_each(|kept| list.row(&kept.into()))?;
    list.finish()
}
