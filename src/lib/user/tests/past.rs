//! What is answered of the past is about whom the name meant then, in the order in which things happened.

use super::{acme, add, person};
use crate::context::Context;
use crate::error::{Failure, Kind};
use crate::org::unit::{self, UnitKind};
use crate::text::instant::Instant;
use crate::text::secret::Secret;
use crate::user::avatar::PhotoChange;
use crate::user::bulk::{self, Verb};
use crate::user::password;
use crate::user::past::binned_by;
use crate::user::{User, as_of, bin, edit};
use crate::{audit, company};

/// Noon of a day in November 2026, in Kyiv.
fn noon(day: i64) -> Instant {
    let first = Instant::parse("2026-11-01T10:00:00Z", &jiff::tz::TimeZone::UTC).unwrap();
    Instant::from_micros(first.micros() + (day - 1) * 86_400_000_000)
}

fn on(cx: &mut Context, day: i64) -> &Context {
    cx.stop_clock(noon(day));
    cx
}

fn then(cx: &Context, who: &str, day: i64) -> Result<User, Failure> {
    cx.read(|tx| as_of(cx, tx, &crate::permission::AccessQueries, who, noon(day)))
}

fn name(cx: &Context, who: &str, day: i64) -> String {
    then(cx, who, day).unwrap().facts.full_name()
}

fn rename(cx: &Context, who: &str, email: &str) {
    edit::edit(cx, who, &PhotoChange::Keep, |facts| {
        facts.email = email.to_owned();
        Ok(())
    })
    .unwrap();
}

#[test]
fn a_name_means_who_had_it_then_and_an_id_always_the_same_person() {
    let mut cx = acme();
    let ann = add(on(&mut cx, 22), person("it@acme.example", "Ann", "Lee")).id.to_string();
    rename(on(&mut cx, 23), "it@acme.example", "ann@acme.example");
    let bob = add(on(&mut cx, 24), person("IT@acme.example", "Bob", "Ray")).id.to_string();
    bulk::apply_one(on(&mut cx, 25), "it@acme.example", &Verb::Delete).unwrap();
    let cy = add(on(&mut cx, 26), person("it@acme.example", "Cy", "Fox")).id.to_string();
    bin::purge(on(&mut cx, 27), std::slice::from_ref(&bob)).unwrap();
    bulk::apply_one(on(&mut cx, 28), "it@acme.example", &Verb::Delete).unwrap();

    let had = |day| name(&cx, "it@acme.example", day);
    assert_eq!([22, 24, 26].map(had), ["Ann Lee", "Bob Ray", "Cy Fox"]);
    assert_eq!(had(25), "Bob Ray", "the only one in the bin then");
    assert_eq!(had(28), "Cy Fox", "the only one in the bin then");
    assert_eq!(then(&cx, "it@acme.example", 23).unwrap_err().kind(), Kind::NotFound, "nobody had it then");
    assert_eq!([22, 24, 28].map(|day| name(&cx, &ann, day)), ["Ann Lee"; 3]);
    let gone = then(&cx, &bob, 25).unwrap();
    assert_eq!((gone.facts.full_name().as_str(), gone.facts.deleted), ("Bob Ray", true));
    assert_eq!((gone.created_at, gone.updated_at), (noon(24), noon(25)));
    assert_eq!(then(&cx, &bob, 27).unwrap_err().kind(), Kind::NotFound, "permanently deleted");
    assert_eq!(then(&cx, &cy, 22).unwrap_err().code(), "user.not_yet");
}

#[test]
fn what_there_was_of_a_password_is_what_the_audit_tells_of_then() {
    let mut cx = acme();
    let ann = add(on(&mut cx, 22), person("ann@acme.example", "Ann", "Lee")).id.to_string();
    let secret = Secret::new("wet canoe on a tidy desk 7".to_owned());
    password::set(on(&mut cx, 24), &ann, &secret, password::MustChange::Yes).unwrap();
    bulk::apply_one(on(&mut cx, 26), &ann, &Verb::Delete).unwrap();
    let had = |cx: &Context, day| {
        let then = then(cx, &ann, day).unwrap();
        (
            then.password_hash.is_some(),
            then.password_changed_at,
            then.facts.must_change_password,
            then.deleted_at,
        )
    };
    let told = [
        (23, (false, None, false, None)),
        (25, (true, Some(noon(24)), true, None)),
        (27, (true, Some(noon(24)), true, Some(noon(26)))),
    ];
    cx.stop_clock(noon(28));
    for (day, then) in told {
        assert_eq!(had(&cx, day), then, "day {day}");
    }
    bin::purge(on(&mut cx, 29), std::slice::from_ref(&ann)).unwrap();
    for (day, then) in told {
        assert_eq!(had(&cx, day), then, "day {day}, and permanently deleted since");
    }
}

#[test]
fn several_who_had_a_name_in_the_bin_are_told_apart_by_id() {
    let mut cx = acme();
    for day in [22, 24] {
        add(on(&mut cx, day), person("it@acme.example", "Ann", "Lee"));
        bulk::apply_one(on(&mut cx, day + 1), "it@acme.example", &Verb::Delete).unwrap();
    }
    let failure = then(&cx, "it@acme.example", 26).unwrap_err();
    assert_eq!(
        (failure.code(), failure.explain().hint().as_deref()),
        ("user.several_then", Some("ask by id: 1, 2"))
    );
}

#[test]
fn who_has_a_name_today_and_had_another_then_is_not_meant() {
    let mut cx = acme();
    add(on(&mut cx, 22), person("ann@acme.example", "Ann", "Lee"));
    rename(on(&mut cx, 24), "ann@acme.example", "lee@acme.example");
    let failure = then(&cx, "lee@acme.example", 23).unwrap_err();
    assert_eq!(failure.to_string(), "nobody had the email `lee@acme.example` then");
    assert_eq!(failure.explain().hint().unwrap(), "who has it today is asked about by id: 1");
}

#[test]
fn a_clock_that_was_wrong_once_falsifies_no_past() {
    let mut cx = acme();
    let edit = |cx: &Context, last: &str| {
        edit::edit(cx, "1", &PhotoChange::Keep, |facts| {
            facts.last_name = Some(last.to_owned());
            Ok(())
        })
        .unwrap();
    };
    add(on(&mut cx, 22), person("ann@acme.example", "Ann", "One"));
    // Years ahead, and then years behind.
    edit(on(&mut cx, 4000), "Two");
    edit(on(&mut cx, 23), "Three");
    edit(on(&mut cx, -4000), "Four");
    edit(on(&mut cx, 24), "Five");
    assert_eq!(
        [22, 23, 24].map(|day| name(&cx, "ann@acme.example", day)),
        ["Ann Four", "Ann Four", "Ann Five"]
    );
    let verdict = audit::verify(&cx, audit::Proof::default()).unwrap();
    assert_eq!((verdict.broken, verdict.times_back), (None, Some((4, 2))));
}

#[test]
fn places_are_named_as_they_were_called_then() {
    let mut cx = acme();
    let draft = unit::Draft { name: "Sales".into(), company: "acme".into(), ..Default::default() };
    unit::create(&cx, UnitKind::Department, &draft, false).unwrap();
    let place = unit::UnitParent { department: Some("Sales".into()), parent_position: None };
    let seller = unit::Draft { name: "Seller".into(), company: "acme".into(), place, ..Default::default() };
    unit::create(&cx, UnitKind::Position, &seller, false).unwrap();
    let mut ann = person("ann@acme.example", "Ann", "Lee");
    (ann.department, ann.position) = (Some("Sales".into()), Some("Seller".into()));
    add(on(&mut cx, 22), ann);
    let which = unit::Selector { name: "Sales".into(), ..Default::default() };
    let edit = unit::Edit { name: Some("Market".into()), ..Default::default() };
    crate::org::tests::edit(on(&mut cx, 24), UnitKind::Department, &which, &edit).unwrap();
    bulk::apply_one(on(&mut cx, 25), "1", &Verb::Delete).unwrap();
    let which = unit::Selector { name: "Seller".into(), ..Default::default() };
    crate::org::tests::delete(on(&mut cx, 26), UnitKind::Position, &which).unwrap();
    let places = |day| {
        let facts = then(&cx, "1", day).unwrap().facts;
        [facts.department, facts.position].map(Option::unwrap_or_default)
    };
    assert_eq!(places(23), ["Sales", "Seller"]);
    assert_eq!(places(25), ["Market", "Seller"]);
    assert_eq!(places(26), ["Market", ""]);
}

#[test]
fn what_a_damaged_row_says_is_an_error_and_not_a_guess() {
    let mut cx = acme();
    add(on(&mut cx, 22), person("ann@acme.example", "Ann", "Lee"));
    rename(on(&mut cx, 24), "ann@acme.example", "lee@acme.example");
    for (side, why) in [("{\"email\":", "EOF"), ("[]", "no JSON object"), ("{\"email\":7}", "`email`")] {
        cx.write(|tx| {
            let sql = "DROP TRIGGER IF EXISTS audit_is_append_only_update";
            tx.sql().execute(sql, [])?;
            let sql = "UPDATE audit SET keyed = NULL, before = ?1 WHERE seq = 3";
            Ok(tx.sql().execute(sql, [side])?)
        })
        .unwrap();
        let failure = then(&cx, "1", 23).unwrap_err();
        assert_eq!((failure.code(), failure.kind()), ("audit.damaged", Kind::Config), "{side}");
        let text = failure.to_string();
        assert!(text.contains("`before` of row 3 of the table `audit`") && text.contains(why), "{text}");
    }
}

#[test]
fn a_company_is_named_as_it_was_called_then() {
    let mut cx = acme();
    add(on(&mut cx, 22), person("ann@acme.example", "Ann", "Lee"));
    let edit = company::Edit { name: Some("Globex".to_owned()), ..company::Edit::default() };
    company::edit(on(&mut cx, 24), "Acme", &edit).unwrap();
    let asked = |company, day| crate::permission::Asked { company: Some(company), as_of: Some(noon(day)) };
    let permission = crate::catalog::Permission::parse("risk.view_report").unwrap();
    let check = |company, day| crate::permission::check(&cx, "1", permission, asked(company, day));
    assert!(check("Acme", 23).is_ok() && check("Globex", 24).is_ok());
    assert_eq!(check("Globex", 23).unwrap_err().code(), "company.not_found");
    // The slug stays.
    assert!(check("acme", 24).is_ok());
}

#[test]
fn a_row_that_does_not_say_whether_somebody_is_in_the_bin_is_an_error() {
    let cx = acme();
    let id = add(&cx, person("ann@acme.example", "Ann", "Lee")).id;
    bulk::apply_one(&cx, "ann@acme.example", &Verb::Delete).unwrap();
    let mut rows = cx.read(|tx| audit::changes_of(tx, crate::user::KIND, id)).unwrap();
    assert_eq!(binned_by(&rows).unwrap().map(|row| row.seq), Some(rows[0].seq));
    for value in ["\"true\"", "1", "null", "{}"] {
        rows[0].after = Some(format!("{{\"deleted\": {value}}}"));
        assert_eq!(binned_by(&rows).unwrap_err().code(), "audit.damaged", "{value}");
    }
}
