use std::collections::HashSet;

use super::list::ADMINISTRATION;
use super::{GrantScope, Level, Module, Permission, covers, grant_scope, matching};
use crate::error::Failure;

#[test]
fn the_catalogue_has_254_permissions_each_once_and_each_of_a_module_it_lists() {
    let ids: HashSet<&str> = Permission::all().map(Permission::id).collect();
    assert_eq!((ids.len(), Permission::all().count()), (254, 254));
    let by_module: usize = Module::all().map(|module| module.permissions().count()).sum();
    assert_eq!(by_module, 254);
}

#[test]
fn every_module_of_administration_is_one_of_the_catalogue() {
    let administers = |module: &Module| module.permissions().all(Permission::administers);
    let modules: Vec<&str> = Module::all().filter(administers).map(|module| module.name).collect();
    assert_eq!(modules, ADMINISTRATION, "in the same order");
}

#[test]
fn an_unknown_permission_offers_the_nearest() {
    let error = Permission::parse("risk.edit_raport").unwrap_err();
    let hint = Failure::from(error).explain().hint().unwrap();
    assert!(hint.starts_with("did you mean `risk.edit_report`"), "{hint}");
}

#[test]
fn a_pattern_names_one_permission_a_module_or_all() {
    assert_eq!(matching("incidents.add").unwrap().len(), 1);
    assert_eq!(matching("incidents.*").unwrap().len(), 6);
    assert_eq!(matching("*").unwrap().len(), 254);
    assert!(matching("nothing.*").is_err());
    assert!(matching("incidents.").is_err());
}

#[test]
fn levels_hold_each_other() {
    let ids = |level: Level| -> Vec<&str> {
        let fim = Module::parse("fim").unwrap();
        fim.permissions().filter(|permission| level.holds(*permission)).map(Permission::action).collect()
    };
    assert_eq!(ids(Level::View), ["view", "show_link"]);
    assert_eq!(ids(Level::Edit), ["view", "edit", "add", "show_link"]);
    assert_eq!(ids(Level::Full), ["view", "edit", "add", "delete", "configure", "show_link"]);
}

#[test]
fn a2_a_grant_covers_its_company_or_all_and_a_companys_group_only_its_own() {
    assert_eq!(grant_scope(None, None), Some(GrantScope::Everywhere));
    assert_eq!(grant_scope(None, Some(1)), Some(GrantScope::Company(1)));
    assert_eq!(grant_scope(Some(1), None), Some(GrantScope::Company(1)));
    assert_eq!(grant_scope(Some(1), Some(1)), Some(GrantScope::Company(1)));
    assert_eq!(grant_scope(Some(1), Some(2)), None);
    assert!(covers(GrantScope::Everywhere, None) && covers(GrantScope::Everywhere, Some(7)));
    assert!(covers(GrantScope::Company(1), Some(1)));
    assert!(!covers(GrantScope::Company(1), Some(2)) && !covers(GrantScope::Company(1), None));
}
