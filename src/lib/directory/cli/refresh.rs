//! `secboard user refresh`.

use super::sync::{SyncedRow, tell};
use crate::cli::{App, Outcome, stop};
use crate::context::Context;
use crate::directory::sync::{self, Again};
use crate::error::{Failure, Result};
use crate::run::Engine;
use crate::run::cli::Plans;
use crate::text::count::people;
use crate::user::cli::UserSelectionArgs;

/// People who are passed over and named; the rest is counted.
const PASSED_OVER_SHOWN: usize = 20;

/// Reads people again, one connection after the other; one that fails keeps no other from it.
pub(crate) fn refresh(app: &App, meant: &UserSelectionArgs, engine: &mut Engine) -> Result<Outcome> {
    let mut cx = app.writer()?;
    let meant = meant.managed(&cx)?;
    let mut outcome = if meant.passed_over.is_empty() { Outcome::Done } else { Outcome::No };
    for (who, why) in meant.passed_over.iter().take(PASSED_OVER_SHOWN) {
        app.out.say(&format!("skipped `{who}`: {why}"));
    }
    if let Some(more @ 1..) = meant.passed_over.len().checked_sub(PASSED_OVER_SHOWN) {
        app.out.say(&format!("and {more} more are skipped"));
    }
    if meant.local > 0 {
        app.out.say(&format!("of no directory: {}", people(meant.local)));
    }
    let is_rows = !app.out.is_table() && !cx.dry_run;
    let mut rows = if is_rows { Some(app.out.list::<SyncedRow>()?) } else { None };
    let mut plans = if cx.dry_run { Some(Plans::begin(app)?) } else { None };
    let mut failed: Option<Failure> = None;
    for (connection, who) in &meant.managed {
        if let Some(failure) = failed.take() {
            app.out.say(&format!("error: {failure}"));
        }
        let again = Again { connection: *connection, people: who };
        let synced = one(&mut cx, engine, &again, plans.as_mut());
        let told = synced.and_then(|synced| {
            rows.as_mut().map_or(Ok(()), |rows| rows.row(&SyncedRow::from(&synced)))?;
            tell(app, &cx, &synced)
        });
        match told {
            Ok(Outcome::Done) => {}
            Ok(other) => outcome = other,
            Err(failure) => failed = Some(failure),
        }
        cx.cancel.check()?;
    }
    rows.map_or(Ok(()), crate::cli::output::List::finish)?;
    plans.map_or(Ok(()), Plans::finish)?;
    failed.map_or(Ok(outcome), Err)
}

fn one(
    cx: &mut Context,
    engine: &mut Engine,
    again: &Again<'_>,
    plans: Option<&mut Plans<'_>>,
) -> Result<sync::Synced> {
    let cancel = cx.cancel.clone();
    let _watch = stop::watch(&cancel);
    match plans {
        Some(plans) => {
            let mut tell = |cx: &Context| plans.print(cx);
            sync::read_again(cx, engine, again, Some(&mut tell))
        }
        None => sync::read_again(cx, engine, again, None),
    }
}
