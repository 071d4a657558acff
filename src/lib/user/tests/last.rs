//! Nobody can lock everyone out.

use super::{acme, add, day, person};
use crate::context::Context;
use crate::error::Result;
use crate::setting;
use crate::text::date::Day;
use crate::throttle::Hold;
use crate::user::avatar::PhotoChange;
use crate::user::bulk::{self, Verb};
use crate::user::login::{Moment, checks};
use crate::user::store::{self, Origin};
use crate::user::{Facts, User, create, edit, get, last};

/// A superuser with a password.
pub(super) fn superuser(cx: &Context, email: &str) -> User {
    let user = add(cx, Facts { superuser: true, ..person(email, "Root", "Root") });
    cx.write(|tx| store::set_imported_hash(tx, user.id, "a hash")).unwrap();
    get(cx, email).unwrap()
}

fn change(cx: &Context, email: &str, change: impl Fn(&mut Facts)) -> Result<()> {
    edit::edit(cx, email, &PhotoChange::Keep, |facts| {
        change(facts);
        Ok(())
    })
    .map(drop)
}

fn demoted(cx: &Context) -> Result<()> {
    change(cx, "root@acme.example", |facts| facts.superuser = false)
}

#[test]
fn the_last_superuser_stays() {
    let cx = acme();
    superuser(&cx, "root@acme.example");
    let lose = |lose: fn(&mut Facts)| change(&cx, "root@acme.example", lose).unwrap_err().code();
    assert_eq!(lose(|facts| facts.superuser = false), "user.last_superuser");
    assert_eq!(lose(|facts| facts.active = false), "user.last_superuser");
    assert_eq!(lose(|facts| facts.end_date = day("2030-01-01")), "user.last_superuser");
    assert_eq!(lose(|facts| facts.start_date = day("2030-01-01")), "user.last_superuser");
    superuser(&cx, "second@acme.example");
    demoted(&cx).unwrap();
}

#[test]
fn a_superuser_who_cannot_log_in_or_whose_end_is_set_is_no_other() {
    type Change = fn(&mut Facts);
    let others: [(&str, Change); 5] = [
        ("off", |facts| facts.active = false),
        ("to start", |facts| facts.start_date = day("2026-11-22")),
        ("over", |facts| facts.end_date = day("2026-11-20")),
        ("about to end", |facts| facts.end_date = day("2999-01-01")),
        ("no superuser", |facts| facts.superuser = false),
    ];
    for (what, lose) in others {
        let cx = acme();
        superuser(&cx, "root@acme.example");
        superuser(&cx, "other@acme.example");
        change(&cx, "other@acme.example", lose).unwrap();
        assert_eq!(demoted(&cx).unwrap_err().code(), "user.last_superuser", "the other is {what}");
    }
    let cx = acme();
    superuser(&cx, "root@acme.example");
    add(&cx, Facts { superuser: true, ..person("other@acme.example", "Without", "Password") });
    assert_eq!(demoted(&cx).unwrap_err().code(), "user.last_superuser", "the other has no password");
    superuser(&cx, "gone@acme.example");
    bulk::apply_one(&cx, "gone@acme.example", &Verb::Delete).unwrap();
    assert_eq!(demoted(&cx).unwrap_err().code(), "user.last_superuser", "the third is in the bin");
}

#[test]
fn who_counts_is_whom_the_login_function_lets_in_a_hold_apart() {
    let cx = acme();
    let moment = Moment { now: cx.now(), today: cx.today() };
    let root = superuser(&cx, "root@acme.example");
    let held = User { holds: vec![Hold::for_ever(moment.now)], ..root.clone() };
    assert!(checks(&root, moment).iter().all(|check| check.ok) && last::can_administer(&root, moment));
    assert!(!checks(&held, moment).iter().all(|check| check.ok) && last::can_administer(&held, moment));
    for cannot in [
        User { password_hash: None, ..root.clone() },
        User { origin: Origin::Directory, ..root.clone() },
        User { facts: Facts { superuser: false, ..root.facts.clone() }, ..root.clone() },
        User { facts: Facts { deleted: true, ..root.facts.clone() }, ..root.clone() },
    ] {
        assert!(!last::can_administer(&cannot, moment), "{cannot:?}");
    }
}

#[test]
fn a_superuser_who_could_not_log_in_anyway_is_changed_freely() {
    let cx = acme();
    add(&cx, Facts { superuser: true, ..person("root@acme.example", "R", "T") });
    change(&cx, "root@acme.example", |facts| facts.phone = Some("+380671234567".into())).unwrap();
    demoted(&cx).unwrap();
}

#[test]
fn an_adoption_ends_the_last_superuser_as_little_as_an_edit() {
    let cx = acme();
    let bare = add(&cx, Facts { superuser: true, ..Facts::new("bare@acme.example".to_owned()) });
    cx.write(|tx| store::set_imported_hash(tx, bare.id, "a hash")).unwrap();
    let adopt = |ends: Option<Day>| {
        create::adopt(&cx, "bare@acme.example", |facts| {
            let (first, last) = (Some("Ann".to_owned()), Some("Lee".to_owned()));
            (facts.first_name, facts.last_name, facts.company) = (first, last, Some("Acme".to_owned()));
            facts.end_date = ends;
            Ok(())
        })
    };
    assert_eq!(adopt(day("2999-01-01")).unwrap_err().code(), "user.last_superuser");
    adopt(None).unwrap();
}

#[test]
fn no_other_time_zone_takes_the_last_superusers_day() {
    let mut cx = acme();
    setting::set(&cx, "site.time_zone", "Pacific/Kiritimati").unwrap();
    // Where it is the 22nd already.
    cx.stop_clock(cx.time("2026-11-21T12:00:00Z").unwrap());
    let zone = jiff::tz::TimeZone::get("Pacific/Kiritimati").unwrap();
    cx.settings_mut().set(&crate::context::settings::TIME_ZONE, zone);
    superuser(&cx, "root@acme.example");
    change(&cx, "root@acme.example", |facts| facts.start_date = day("2026-11-22")).unwrap();
    let west = |zone| setting::set(&cx, "site.time_zone", zone).map(drop);
    assert_eq!(west("America/New_York").unwrap_err().code(), "user.last_superuser");
    assert_eq!(setting::unset(&cx, "site.time_zone").map(drop).unwrap_err().code(), "user.last_superuser");
    west("Pacific/Auckland").expect("the same day there");
    setting::set(&cx, "site.name", "Acme").expect("no other setting is about days");
    superuser(&cx, "other@acme.example");
    west("America/New_York").unwrap();
}

#[test]
fn the_last_superuser_is_looked_for_along_the_index_of_superusers() {
    let plan = Context::for_tests().read(|tx| Ok(store::superusers_plan(tx))).unwrap();
    assert!(plan.starts_with("SCAN u USING INDEX users_superuser"), "{plan}");
}
