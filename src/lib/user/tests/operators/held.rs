//! Who ends a run that the brake holds.

use super::{OPERATOR, acting, names, several, site};
use crate::context::Context;
use crate::error::Kind;
use crate::registry::engine;
use crate::run::{self, BRAKE_PEOPLE, BRAKE_PERCENT, Run};
use crate::user::bulk::{Verb, Who};

/// A run that is held, which would switch these people off.
fn held(cx: &Context, people: &[&str]) -> Run {
    let run = several(cx, &Who::Named(names(people)), &Verb::Deactivate).unwrap().run.unwrap();
    assert_eq!(run.state, run::State::Held);
    run
}

#[test]
fn a1_a_held_run_is_ended_by_who_made_it_or_could_apply_all_of_it_and_not_by_whom_it_is_about() {
    let mut cx = site(&["users.view", "users.edit"], &[]);
    cx.settings_mut().set(&BRAKE_PEOPLE, 0);
    cx.settings_mut().set(&BRAKE_PERCENT, 0);
    let about_the_operator = held(&cx, &[OPERATOR, "plain@acme.example"]);
    let about_a_superior = held(&cx, &["boss@acme.example", "plain@acme.example"]);
    let below = held(&cx, &["plain@acme.example", "peer@acme.example"]);
    acting(&mut cx);
    let own = held(&cx, &["plain@acme.example", "peer@acme.example"]);
    let discard = |run: &Run| run::discard(&cx, &mut engine(), &run.id).map(|run| run.state);
    for (run, why) in
        [(&about_the_operator, "about themself"), (&about_a_superior, "who could apply all of it")]
    {
        let failure = discard(run).unwrap_err();
        assert_eq!(failure.kind(), Kind::Denied, "{failure}");
        assert!(failure.to_string().contains(why), "{failure}");
        assert_eq!(cx.read(|tx| run::get(tx, &run.id)).unwrap().state, run::State::Held);
    }
    for run in [&below, &own] {
        assert_eq!(discard(run).unwrap(), run::State::Discarded);
    }
}
