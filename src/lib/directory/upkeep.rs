//! Following directories by itself, time after time.

use super::connection;
use super::store;
use super::sync::{self, Order, Synced};
use crate::context::{Context, Reopen, Service};
use crate::error::{Kind, Result};
use crate::run::{Committed, Engine};
use crate::text::count::{counted, people};
use crate::upkeep::{Report, Rest, Task};

/// For how many microseconds a directory that was followed is not followed again: somewhat less than an hour, so that what
/// works once an hour does it each time.
const A_WHILE: i64 = 55 * 60 * 1_000_000;

/// Follows the directories that are due, with an engine of runs that the composition root knows.
pub(crate) const fn following(run: fn(&Context, &Reopen<'_>) -> Result<Report>) -> Task {
    Task {
        name: "directories",
        about: "follow the directories that were not followed for an hour, as `secboard ad sync` does",
        service: Service::Sync,
        run,
    }
}

/// Follows the directories that are due. One that fails keeps no other from being followed.
pub(crate) fn follow(cx: &Context, reopen: &Reopen<'_>, engine: fn() -> Engine) -> Result<Report> {
    let due = due(cx)?;
    let count = due.len() as u64;
    if cx.dry_run || due.is_empty() {
        return Ok(Report::of(count, followed(count)));
    }
    let (mut done, mut told, mut rest) = (0, Vec::new(), None);
    for name in due {
        cx.cancel.check()?;
        let order = Order { name: &name, everybody: false };
        // With the key of now, which may be another since the last one.
        match sync::run(&mut reopen()?, &mut engine(), order, None) {
            Ok(synced) => {
                done += 1;
                told.extend(said(&synced));
                if is_held(&synced) {
                    rest = Some(Rest::Failed);
                }
            }
            Err(failure) if failure.kind() == Kind::Interrupted => return Err(failure),
            // Somebody follows it just now.
            Err(failure) if failure.kind() == Kind::Busy => {}
            Err(failure) => {
                let waits = failure.kind() == Kind::Unavailable && rest.is_none();
                rest = Some(if waits { Rest::Waits } else { Rest::Failed });
                told.push(failure.to_string());
            }
        }
    }
    told.insert(0, followed(done));
    Ok(Report { count: done, said: told.join("; "), rest })
}

/// The connections that are switched on and were not followed for a while, by name. What was followed ahead of the clock, which
/// was set back since, is due.
fn due(cx: &Context) -> Result<Vec<String>> {
    cx.read(|tx| {
        let mut due = Vec::new();
        for connection in connection::all(tx)?.into_iter().filter(|one| one.facts.active) {
            let last = store::sync_times(tx, connection.id)?;
            let age = last.map(|(begun, _)| cx.now().micros().saturating_sub(begun.micros()));
            if age.is_none_or(|age| !(0..A_WHILE).contains(&age)) {
                due.push(connection.facts.name);
            }
        }
        Ok(due)
    })
}

fn followed(count: u64) -> String {
    let count = counted(&[(count, "directory", "directories")]);
    if count.is_empty() { "no directory is due".to_owned() } else { format!("{count} followed") }
}

fn is_held(synced: &Synced) -> bool {
    [&synced.given, &synced.taken]
        .iter()
        .any(|made| made.run.as_ref().is_some_and(|run| run.held_because.is_some()))
}

/// What there is to know of a sync.
fn said(synced: &Synced) -> Option<String> {
    let mut told = Vec::new();
    let given = changes(&synced.given);
    if given > 0 {
        told.push(format!("{} created or changed", people(given)));
    }
    let taken = changes(&synced.taken);
    if is_held(synced) {
        told.push("what takes is held".to_owned());
    } else if taken > 0 {
        told.push(format!("taken from {}", people(taken)));
    }
    if !synced.kept.is_empty() {
        told.push(format!("{} kept aside", counted(&[(synced.kept.len() as u64, "entry", "entries")])));
    }
    (!told.is_empty()).then(|| format!("`{}`: {}", synced.connection, told.join(", ")))
}

/// How many people a run changes, or would.
const fn changes(made: &Committed) -> u64 {
    let people = &made.summary.people;
    people.create + people.update + people.deactivate
}
