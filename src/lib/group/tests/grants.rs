use proptest::prelude::*;

use super::{cx_with_companies, make, revoke, which};
use crate::audit;
use crate::catalog::{Level, Permission};
use crate::context::Context;
use crate::error::Result;
use crate::group::{GrantSpec, grant, show};

fn wanted(patterns: &[&str], companies: &[&str]) -> GrantSpec {
    let own = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect();
    GrantSpec { patterns: own(patterns), companies: own(companies), ..GrantSpec::default() }
}

/// What a group grants, as the audit writes it.
fn granted(cx: &Context, name: &str) -> Vec<String> {
    show(cx, &which(name)).unwrap().grants.iter().map(super::super::Grant::text).collect()
}

fn add(cx: &Context, patterns: &[&str], companies: &[&str]) -> Result<(Vec<String>, usize, usize)> {
    let done = grant(cx, &which("Risk"), &wanted(patterns, companies))?;
    Ok((done.added.iter().map(super::super::Grant::text).collect(), done.already, done.covered))
}

fn take(cx: &Context, patterns: &[&str], companies: &[&str]) -> Result<Vec<String>> {
    let done = revoke(cx, &which("Risk"), &wanted(patterns, companies))?;
    Ok(done.removed.iter().map(super::super::Grant::text).collect())
}

fn cx() -> Context {
    let cx = cx_with_companies();
    make(&cx, "Risk", None).unwrap();
    cx
}

#[test]
fn what_is_new_is_told_from_what_was_there() {
    let cx = cx();
    assert_eq!(add(&cx, &["fim.view"], &["acme"]).unwrap().0, ["fim.view@Acme"]);
    let (added, already, covered) = add(&cx, &["fim.view", "fim.edit"], &["Acme", "ACME"]).unwrap();
    assert_eq!((added, already, covered), (vec!["fim.edit@Acme".to_owned()], 1, 0));
    assert_eq!(add(&cx, &["fim.view"], &[]).unwrap().0, ["fim.view"]);
    assert_eq!(add(&cx, &["fim.view"], &["globex"]).unwrap(), (vec![], 0, 1));
}

#[test]
fn a3_granting_what_is_there_writes_no_audit_row() {
    let cx = cx();
    add(&cx, &["fim.*"], &[]).unwrap();
    let rows = audit::verify(&cx, audit::Proof::default()).unwrap().rows;
    assert_eq!(add(&cx, &["fim.*"], &["acme"]).unwrap(), (vec![], 0, 6));
    assert_eq!(take(&cx, &["risk.*"], &[]).unwrap(), Vec::<String>::new());
    assert_eq!(audit::verify(&cx, audit::Proof::default()).unwrap().rows, rows);
}

#[test]
fn levels_and_patterns_come_together() {
    let cx = cx();
    let both = GrantSpec {
        patterns: vec!["audit.view".to_owned()],
        level: Some(Level::View),
        modules: vec!["fim".to_owned()],
        ..GrantSpec::default()
    };
    grant(&cx, &which("Risk"), &both).unwrap();
    assert_eq!(granted(&cx, "Risk"), ["fim.view", "fim.show_link", "audit.view"]);
    revoke(&cx, &which("Risk"), &both).unwrap();
    assert_eq!(granted(&cx, "Risk"), Vec::<String>::new());
}

#[test]
fn a2_nothing_subtracts_from_a_grant_for_all() {
    let cx = cx();
    add(&cx, &["fim.view"], &[]).unwrap();
    assert_eq!(take(&cx, &["fim.view"], &["acme"]).unwrap_err().code(), "group.granted_for_all");
    assert_eq!(granted(&cx, "Risk"), ["fim.view"]);
}

#[test]
fn revoking_for_all_leaves_nothing_for_any_company() {
    let cx = cx();
    add(&cx, &["fim.view"], &["acme", "globex"]).unwrap();
    add(&cx, &["fim.view"], &[]).unwrap();
    assert_eq!(take(&cx, &["fim.view"], &[]).unwrap(), ["fim.view", "fim.view@Acme", "fim.view@Globex"]);
}

#[test]
fn a_companys_group_grants_for_its_company_alone() {
    let cx = cx_with_companies();
    make(&cx, "Risk", Some("Acme")).unwrap();
    assert_eq!(add(&cx, &["fim.view"], &["Globex"]).unwrap_err().code(), "group.other_company");
    add(&cx, &["fim.view"], &[]).unwrap();
    assert_eq!(take(&cx, &["fim.view"], &["Globex"]).unwrap_err().code(), "group.granted_for_all");
    assert_eq!(take(&cx, &["fim.view"], &["Acme"]).unwrap(), ["fim.view"]);
}

#[test]
fn what_the_catalogue_has_dropped_can_still_be_revoked() {
    let cx = cx();
    super::sql(&cx, "INSERT INTO grants SELECT id, 'old.thing', NULL, 0 FROM groups");
    assert_eq!(granted(&cx, "Risk"), ["old.thing"]);
    assert_eq!(take(&cx, &["old.thing"], &[]).unwrap(), ["old.thing"]);
    assert_eq!(take(&cx, &["old.thing"], &[]).unwrap_err().code(), "permission.not_found");
}

fn patterns() -> impl Strategy<Value = Vec<String>> {
    let ids: Vec<String> = Permission::all().map(|known| known.id().to_owned()).collect();
    let modules = ["risk.*", "fim.*", "groups.*"].map(str::to_owned).to_vec();
    let one = prop_oneof![proptest::sample::select(ids), proptest::sample::select(modules)];
    proptest::collection::vec(one, 1..4)
}

fn wanted_grants() -> impl Strategy<Value = Vec<GrantSpec>> {
    let companies = proptest::sample::subsequence(vec!["Acme".to_owned(), "Globex".to_owned()], 0..=2);
    let wanted = (patterns(), companies).prop_map(|(patterns, companies)| GrantSpec {
        patterns,
        companies,
        ..GrantSpec::default()
    });
    proptest::collection::vec(wanted, 1..6)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn what_was_granted_and_revoked_again_leaves_nothing(wanted_grants in wanted_grants()) {
        let cx = cx();
        for wanted in &wanted_grants {
            grant(&cx, &which("Risk"), wanted).unwrap();
            let again = grant(&cx, &which("Risk"), wanted).unwrap();
            prop_assert!(again.added.is_empty());
        }
        for wanted in &wanted_grants {
            let for_all = GrantSpec { companies: Vec::new(), ..wanted.clone() };
            revoke(&cx, &which("Risk"), &for_all).unwrap();
        }
        prop_assert_eq!(granted(&cx, "Risk"), Vec::<String>::new());
        prop_assert!(audit::verify(&cx, audit::Proof::default()).is_ok());
    }
}
