//! Making people of a directory local, before its connection is deleted.

use super::{Follower, SYNC};
use crate::context::Context;
use crate::context::settings::TIME_ZONE;
use crate::error::Result;
use crate::run::{self, Engine, Plan, Spec};
use crate::text::date::Day;
use crate::text::instant::Instant;
use crate::user::create::stored;
use crate::user::{Facts, store};

/// Plans that everybody of a connection is of this store from now on, without a password: each is to choose one. What groups
/// the directory gave stay theirs, as given by hand, whom it keeps out is switched off, and whose account ends there later has that as
/// their last day. Those in the bin are made so too.
pub(crate) fn plan_local(cx: &Context, engine: &mut Engine, (connection, name): (i64, &str)) -> Result<Plan> {
    let spec = Spec { kind: "directory.make_local", source: name, repeats: false, is_whole: true };
    run::plan(cx, engine, &spec, |tx, planner| {
        planner.concerns_all(cx, SYNC)?;
        let mut people = Vec::new();
        store::each_of(tx, connection, |_, id, _| {
            people.push(id);
            Ok(())
        })?;
        let mut follower = Follower::new();
        for id in people {
            let user = stored(tx, id)?;
            follower.change(cx, tx, planner, (&user, local(cx, &user.facts)))?;
            cx.cancel.check()?;
        }
        Ok(())
    })
}

/// The facts of somebody whom no directory manages any more. Whom it keeps out stays out, by the switch.
fn local(cx: &Context, facts: &Facts) -> Facts {
    let last = facts.directory_expires_at.and_then(|at| last_day(cx, at));
    let end_date = facts.end_date.into_iter().chain(last).min();
    // Who would begin when the account has ended never does.
    let begins = facts.start_date.is_none_or(|start| end_date.is_none_or(|end| start <= end));
    let mut groups = facts.groups.clone();
    groups.extend_from_slice(&facts.directory_groups);
    groups.sort_unstable();
    groups.dedup();
    Facts {
        groups,
        active: facts.active && begins && !facts.is_closed_there(cx.now()),
        end_date: if begins { end_date } else { facts.end_date },
        directory: None,
        directory_guid: None,
        directory_disabled: false,
        directory_expires_at: None,
        directory_missing_since: None,
        directory_groups: Vec::new(),
        ..facts.clone()
    }
}

/// The last day, by the clocks of the site, of an account that ends then.
fn last_day(cx: &Context, at: Instant) -> Option<Day> {
    Instant::from_micros(at.micros().saturating_sub(1)).day_in(cx.settings.get(&TIME_ZONE))
}
