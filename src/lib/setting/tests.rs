use std::collections::HashMap;

use super::site::LANGUAGE;
use super::{get, list, set, unset};
use crate::audit;
use crate::context::{Account, Authority, CompanyScope, Context};
use crate::error::Kind;
use crate::i18n::Language;
use crate::store::Store;

#[test]
fn a_fresh_store_has_every_setting_at_its_default() {
    let settings = list(&Context::for_tests()).unwrap();
    assert!(settings.len() > 5);
    for setting in settings {
        assert_eq!(setting.value, setting.default, "{}", setting.definition.about().name);
    }
}

#[test]
fn a_value_is_kept_in_the_settings_own_spelling() {
    let cx = Context::for_tests();
    assert!(set(&cx, "site.region", "ua").unwrap().1);
    assert_eq!(get(&cx, "site.region").unwrap().value, "UA");
}

#[test]
fn the_same_value_again_changes_nothing() {
    let cx = Context::for_tests();
    assert!(set(&cx, "user.bin_days", "7").unwrap().1);
    assert!(!set(&cx, "user.bin_days", "007").unwrap().1);
    assert!(unset(&cx, "user.bin_days").unwrap().1);
    assert!(!unset(&cx, "user.bin_days").unwrap().1);
    assert_eq!(audit::verify(&cx, audit::Proof::default()).unwrap().rows, 2);
}

#[test]
fn a_default_set_by_hand_leaves_no_row() {
    let cx = Context::for_tests();
    set(&cx, "user.bin_days", "7").unwrap();
    set(&cx, "user.bin_days", "30").unwrap();
    cx.read(|tx| {
        assert_eq!(super::stored(tx)?, []);
        Ok(())
    })
    .unwrap();
}

#[test]
fn a3_a_change_is_audited_with_the_value_before_and_after() {
    let cx = Context::for_tests();
    set(&cx, "site.name", "Acme").unwrap();
    let row = audit::show(&cx, 1).unwrap();
    assert_eq!(
        (row.action.as_str(), row.kind.as_str(), row.subject.as_str()),
        ("setting.set", "setting", "site.name")
    );
    assert_eq!(row.before.as_deref(), Some(r#"{"value":"secboard"}"#));
    assert_eq!(row.after.as_deref(), Some(r#"{"value":"Acme"}"#));
}

#[test]
fn an_unknown_name_is_answered_with_the_nearest() {
    let Err(failure) = set(&Context::for_tests(), "site.timezone", "UTC") else { panic!("accepted") };
    assert_eq!(failure.kind(), Kind::NotFound);
    assert_eq!(failure.explain().hint().unwrap(), "did you mean `site.time_zone`?");
}

#[test]
fn a_value_it_does_not_take_is_refused_and_changes_nothing() {
    let cx = Context::for_tests();
    let Err(failure) = set(&cx, "user.bin_days", "0") else { panic!("accepted") };
    assert_eq!(failure.kind(), Kind::Refused);
    assert_eq!(failure.to_string(), "`0` is no value for `user.bin_days`: it is not between 1 and 3650");
    assert_eq!(failure.explain().hint().unwrap(), "it takes: 1 to 3650");
    assert_eq!(get(&cx, "user.bin_days").unwrap().value, "30");
}

#[test]
fn every_statement_fits_the_schema() {
    Store::assert_prepares(&[super::store::STATEMENTS]);
}

#[test]
fn a15_only_superusers_change_what_guards_whatever_is_granted() {
    let mut cx = Context::for_tests();
    let held = HashMap::from([("settings.edit", CompanyScope::All), ("settings.view", CompanyScope::All)]);
    let operator = |superuser| Authority::Account(Account { id: 7, superuser, permissions: held.clone() });
    let guarded = |name: &str| !["site.region", "site.language"].contains(&name);
    for setting in list(&cx).unwrap() {
        let name = setting.definition.about().name;
        cx.actor.authority = operator(false);
        let codes = [set(&cx, name, &setting.value), unset(&cx, name)]
            .map(|result| result.err().map(|failure| (failure.kind(), failure.to_string())));
        for refused in codes {
            assert_eq!(refused.is_some(), guarded(name), "{name}: {refused:?}");
            assert!(refused.is_none_or(|(kind, _)| kind == Kind::Denied), "{name}");
        }
        cx.actor.authority = operator(true);
        set(&cx, name, &setting.value).unwrap();
    }
}

#[test]
fn the_language_of_the_site_is_one_that_there_are_texts_in() {
    let cx = Context::for_tests();
    let tags = Language::ALL.map(Language::tag);
    assert_eq!(LANGUAGE.about.values, tags.join(", "));
    for tag in tags {
        assert_eq!(set(&cx, "site.language", tag).unwrap().0.value, tag);
    }
    assert!(set(&cx, "site.language", "de").is_err_and(|failure| failure.kind() == Kind::Refused));
}
