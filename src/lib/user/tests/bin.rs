use super::{acme, add, emails, person};
use crate::context::Context;
use crate::text::instant::Instant;
use crate::user::bin::{self, RestoreOptions};
use crate::user::bulk::{Verb, apply_one};
use crate::user::filter::Filter;
use crate::user::{User, find_or_in_bin, get};

/// Ann, in the bin.
fn ann_in_bin(cx: &Context) -> User {
    add(cx, person("ann@acme.example", "Ann", "O'Neil"));
    apply_one(cx, "ann@acme.example", &Verb::Delete).unwrap().0
}

#[test]
fn the_bin_frees_the_email_and_gives_people_back_as_they_were() {
    let cx = acme();
    add(&cx, person("ann@acme.example", "Ann", "O'Neil"));
    let before = get(&cx, "ann@acme.example").unwrap().facts;
    apply_one(&cx, "ann@acme.example", &Verb::Delete).unwrap();
    assert_eq!(get(&cx, "ann@acme.example").unwrap_err().code(), "user.in_bin");
    let restored = bin::restore(&cx, "ANN@acme.example", RestoreOptions::default()).unwrap();
    assert!(restored.missing.is_nothing());
    let user = restored.user;
    assert_eq!(user.facts, before);
    assert_eq!(user.deleted_at, None);
}

#[test]
fn a_taken_email_is_told_and_another_is_taken() {
    let cx = acme();
    let old = ann_in_bin(&cx);
    add(&cx, person("ann@acme.example", "Ann", "Another"));
    let failure = bin::restore(&cx, "ann@acme.example", RestoreOptions::default()).unwrap_err();
    assert_eq!((failure.code(), failure.kind().exit_code()), ("user.email_taken_again", 73));
    let options = RestoreOptions { email: Some("ann.o@acme.example".into()), company: None };
    let user = bin::restore(&cx, &old.id.to_string(), options).unwrap().user;
    assert_eq!((user.id, user.facts.email.as_str()), (old.id, "ann.o@acme.example"));
}

#[test]
fn several_in_the_bin_with_one_email_are_told_apart_by_their_ids() {
    let mut cx = acme();
    let first = ann_in_bin(&cx);
    let second = ann_in_bin(&cx);
    let which = "ann@acme.example";
    let refused = [
        bin::restore(&cx, which, RestoreOptions::default()).map(drop),
        bin::get_deleted(&cx, which).map(drop),
        bin::purge(&cx, &[which.into()]).map(drop),
        cx.read(|tx| find_or_in_bin(&cx, tx, which)).map(drop),
    ];
    for refused in refused {
        let refused = refused.unwrap_err();
        assert_eq!((refused.code(), refused.kind().exit_code()), ("user.several_in_bin", 65));
        let hint = refused.explain().hint().unwrap();
        for user in [&first, &second] {
            let told = format!("{}, of Acme, deleted {}", user.id, user.deleted_at.unwrap());
            assert!(hint.contains(&told), "{hint}");
        }
    }
    assert_eq!(get(&cx, which).unwrap_err().code(), "user.in_bin");
    let found = cx.read(|tx| find_or_in_bin(&cx, tx, &first.id.to_string())).unwrap();
    assert_eq!(found.unwrap().id, first.id);
    assert_eq!(
        bin::restore(&cx, &first.id.to_string(), RestoreOptions::default()).unwrap().user.id,
        first.id
    );
    delete_again(&mut cx);
    assert_eq!(bin::purge(&cx, &[second.id.to_string()]).unwrap().len(), 1);
    assert_eq!(
        bin::restore(&cx, which, RestoreOptions::default()).unwrap().user.id,
        first.id,
        "the only one left"
    );
}

/// Ann goes to the bin again, a while later.
fn delete_again(cx: &mut Context) {
    cx.stop_clock(Instant::from_micros(cx.now().micros() + 1));
    apply_one(cx, "ann@acme.example", &Verb::Delete).unwrap();
}

#[test]
fn only_who_is_in_the_bin_can_be_ended_and_all_or_none() {
    let cx = acme();
    ann_in_bin(&cx);
    add(&cx, person("bob@acme.example", "Bob", "Lee"));
    let failure = bin::purge(&cx, &["bob@acme.example".into()]).unwrap_err();
    assert_eq!(failure.code(), "user.not_in_bin");
    let both = ["ann@acme.example".into(), "bob@acme.example".into()];
    assert!(bin::purge(&cx, &both).is_err());
    assert!(bin::get_deleted(&cx, "ann@acme.example").is_ok(), "she stays too");
    assert_eq!(bin::purge(&cx, &both[..1]).unwrap().len(), 1);
    assert_eq!(bin::get_deleted(&cx, "ann@acme.example").unwrap_err().code(), "user.not_in_bin");
}

#[test]
fn people_expire_after_the_days_of_the_setting() {
    let mut cx = acme();
    ann_in_bin(&cx);
    let after = |days: i64, micros: i64| Instant::from_micros(cx.now().micros() + days * bin::DAY + micros);
    let (at, later) = (after(30, 0), after(30, 1));
    cx.stop_clock(at);
    assert_eq!(bin::purge_expired(&cx).unwrap(), 0);
    cx.stop_clock(later);
    assert_eq!((bin::count_expired(&cx).unwrap(), bin::purge_expired(&cx).unwrap()), (1, 1));
    assert_eq!(emails(&cx, &Filter { deleted: true, ..Filter::default() }), Vec::<String>::new());
}

#[test]
fn who_is_not_held_is_not_unlocked() {
    let cx = acme();
    let user = add(&cx, person("ann@acme.example", "Ann", "O'Neil"));
    assert!(bin::unlock(&cx, &["ann@acme.example".into()]).unwrap().is_empty());
    assert_eq!(get(&cx, "ann@acme.example").unwrap(), user);
    let until = Instant::from_micros(cx.now().micros() + 1);
    cx.write(|tx| crate::throttle::hold(&cx, tx, user.id, until)).unwrap();
    assert_eq!(bin::unlock(&cx, &["ann@acme.example".into()]).unwrap()[0].email, "ann@acme.example");
    let now = get(&cx, "ann@acme.example").unwrap();
    assert!(now.holds.is_empty() && now.revision > user.revision);
}
