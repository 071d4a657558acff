//! Making people of a directory local, before its connection is deleted.

use super::Follower;
use crate::context::Context;
use crate::error::Result;
use crate::run::{self, Engine, Plan, Spec};
use crate::text::instant::Instant;
use crate::user::create::stored;
use crate::user::{Facts, store};

/// Plans that everybody of a connection is of this store from now on, without a password: each is to choose one. What groups
/// the directory gave stay theirs, as given by hand, and whom it keeps out is switched off. Those in the bin are made so too.
pub(crate) fn plan_local(cx: &Context, engine: &mut Engine, (connection, name): (i64, &str)) -> Result<Plan> {
    let spec = Spec { kind: "directory.make_local", source: name, repeats: false, is_whole: true };
    run::plan(cx, engine, &spec, |tx, planner| {
        planner.concerns_all(cx, "directory.sync")?;
        let mut people = Vec::new();
        store::each_of(tx, connection, |_, id, _| {
            people.push(id);
            Ok(())
        })?;
        let mut follower = Follower::new();
        for id in people {
            let user = stored(tx, id)?;
            follower.change(cx, tx, planner, (&user, local(&user.facts, cx.now())))?;
            cx.cancel.check()?;
        }
        Ok(())
    })
}

/// The facts of somebody whom no directory manages any more. Whom it keeps out stays out, by the switch.
fn local(facts: &Facts, now: Instant) -> Facts {
    let mut groups = facts.groups.clone();
    groups.extend_from_slice(&facts.directory_groups);
    groups.sort_unstable();
    groups.dedup();
    Facts {
        groups,
        active: facts.active && !facts.is_closed_there(now),
        directory: None,
        directory_guid: None,
        directory_disabled: false,
        directory_expires_at: None,
        directory_missing_since: None,
        directory_groups: Vec::new(),
        ..facts.clone()
    }
}
