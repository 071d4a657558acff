mod operators;

use proptest::prelude::*;

use super::dashboard::{self, Change, Dashboard};
use super::{Changes, Edit, New, Role, create, find_held_in, get, list, store};
use crate::context::Context;
use crate::error::Result;
use crate::registry::engine;
use crate::run::{Ask, Committed};
use crate::text::slug::slug;

/// Changes a role, whatever that takes; returns it and what changed.
pub(crate) fn edit(cx: &Context, role: &str, edit: &Edit) -> Result<(Role, Vec<String>)> {
    let edited = super::edit(cx, &mut engine(), role, edit, &Ask::nothing(false))?;
    Ok((edited.role, edited.changed))
}

/// Deletes a role, whatever that takes.
pub(crate) fn delete(cx: &Context, role: &str, force: bool) -> Result<(Role, Committed)> {
    let deleted = super::delete(cx, &mut engine(), role, force, &Ask::nothing(true))?;
    Ok((deleted.role, deleted.committed))
}

fn new(name: &str) -> New {
    New { name: name.to_owned(), ..New::default() }
}

fn with_companies(names: &[&str]) -> Context {
    let cx = Context::for_tests();
    for name in names {
        let company = crate::company::New { name: (*name).to_owned(), ..Default::default() };
        crate::company::create(&cx, &company, false).unwrap();
    }
    cx
}

fn names(names: &[&str]) -> Vec<String> {
    names.iter().map(|&name| name.to_owned()).collect()
}

fn add(list: &[&str]) -> Changes {
    Changes { add: names(list), ..Changes::default() }
}

fn remove(list: &[&str]) -> Changes {
    Changes { remove: names(list), ..Changes::default() }
}

#[test]
fn a_role_is_found_by_slug_and_by_name_in_any_case() {
    let cx = Context::for_tests();
    let (made, _) = create(&cx, &new("Нічна зміна"), false).unwrap();
    for name in ["нічна  ЗМІНА", "nichna-zmina"] {
        assert_eq!(get(&cx, name).unwrap(), made, "{name}");
    }
    let found = cx.read(|tx| find_held_in(tx, "nichna-zmina")).unwrap().unwrap();
    assert_eq!((found.id, found.slug.as_str(), found.active), (made.id, "nichna-zmina", true));
}

#[test]
fn no_role_is_called_by_the_slug_of_another() {
    let cx = Context::for_tests();
    create(&cx, &New { slug: Some("boss".into()), ..new("CISO") }, false).unwrap();
    let failure = create(&cx, &New { slug: Some("chief".into()), ..new("BOSS") }, false).unwrap_err();
    assert_eq!(failure.code(), "role.slug_taken");
    let failure = create(&cx, &New { slug: Some("ciso".into()), ..new("Chief") }, false).unwrap_err();
    assert_eq!(failure.code(), "role.slug_taken");
    let rename = Edit { name: Some("boss".into()), ..Edit::default() };
    assert_eq!(edit(&cx, "ciso", &rename).unwrap().1, ["name"], "its own slug is free for it");
}

#[test]
fn a_name_of_signs_alone_needs_a_slug() {
    let cx = Context::for_tests();
    assert_eq!(create(&cx, &new("—!—"), false).unwrap_err().code(), "role.no_slug");
    let (role, _) = create(&cx, &New { slug: Some("dashes".into()), ..new("—!—") }, false).unwrap();
    assert_eq!(role.slug, "dashes");
}

#[test]
fn lists_are_in_role_order_and_show_a_company_its_own() {
    let cx = with_companies(&["Acme", "Beta"]);
    for (name, order, company) in [("Zeta", 1, None), ("Alpha", 2, Some("Acme")), ("Gamma", 2, Some("beta"))]
    {
        let companies = company.map(str::to_owned).into_iter().collect();
        create(&cx, &New { order, companies, ..new(name) }, false).unwrap();
    }
    let listed = |company: Option<&str>| {
        let shown = super::Shown { company: company.map(str::to_owned), inactive: false };
        list(&cx, &shown).unwrap().into_iter().map(|role| role.name).collect::<Vec<_>>()
    };
    assert_eq!(listed(None), ["Zeta", "Alpha", "Gamma"]);
    assert_eq!(listed(Some("Acme")), ["Zeta", "Alpha"]);
}

#[test]
fn an_edit_says_what_changed_and_writes_nothing_else() {
    let cx = with_companies(&["Beta", "Acme"]);
    create(&cx, &new("CISO"), false).unwrap();
    let change = Edit { companies: add(&["Beta", "acme"]), modules: add(&["risk"]), ..Edit::default() };
    let (role, changed) = edit(&cx, "ciso", &change).unwrap();
    assert_eq!(changed, ["companies", "modules"]);
    assert_eq!(role.companies.iter().map(|company| &company.name).collect::<Vec<_>>(), ["Acme", "Beta"]);
    assert_eq!(edit(&cx, "ciso", &change).unwrap().1, Vec::<String>::new());
    let back = Edit { companies: remove(&["beta"]), modules: remove(&["risk", "fim"]), ..Edit::default() };
    let (role, _) = edit(&cx, "ciso", &back).unwrap();
    assert_eq!((role.companies.len(), role.modules.len()), (1, 0));
    assert_eq!(crate::audit::verify(&cx, crate::audit::Proof::default()).unwrap().rows, 5);
}

#[test]
fn a_deleted_id_is_not_used_again() {
    let cx = Context::for_tests();
    let first = create(&cx, &new("CISO"), false).unwrap().0.id;
    delete(&cx, "ciso", false).unwrap();
    assert!(create(&cx, &new("CISO"), false).unwrap().0.id > first);
}

#[test]
fn a_stored_dashboard_outlives_widgets_that_come_and_go() {
    let stored = r#"{"sections": [
        {"section": "people", "on": true, "widgets": [{"widget": "gone", "on": true}, {"widget": "quiz_results", "on": true}]},
        {"section": "weather", "on": true, "widgets": []},
        {"section": "people", "on": false, "widgets": []}
    ]}"#;
    let dashboard: Dashboard = serde_json::from_str(stored).unwrap();
    let order: Vec<_> = dashboard.sections().iter().map(|section| (section.name, section.on)).collect();
    assert_eq!(order.first(), Some(&("people", true)));
    assert_eq!(order.len(), 6);
    assert!(order.iter().skip(1).all(|(_, on)| !on), "what is not named is off");
    let people = dashboard.sections().first().unwrap();
    let widgets: Vec<_> = people.widgets.iter().map(|widget| (widget.name, widget.on)).collect();
    assert_eq!(widgets.first(), Some(&("quiz_results", true)));
    assert_eq!(widgets.len(), 4);
    for damaged in ["", "[]", "{\"sections\": 1}"] {
        assert!(serde_json::from_str::<Dashboard>(damaged).is_err(), "{damaged} is no dashboard");
    }
}

#[test]
fn every_widget_shows_a_module_of_the_catalogue() {
    for section in Dashboard::default().sections() {
        for widget in &section.widgets {
            crate::catalog::Module::parse(widget.module()).unwrap();
        }
    }
    let mut names: Vec<_> = dashboard::section_names().chain(dashboard::widget_names()).collect();
    names.sort_unstable();
    names.dedup();
    assert_eq!(names.len(), 6 + 24, "no name stands for two things");
}

#[test]
fn a_person_sees_the_union_of_roles_in_role_order_cut_to_their_modules() {
    let cx = Context::for_tests();
    create(&cx, &New { modules: names(&["risk"]), ..new("Risk") }, false).unwrap();
    create(&cx, &New { modules: names(&["fim", "incidents"]), ..new("Watch") }, false).unwrap();
    let off = Change { sections: names(&["top_panel"]), ..Change::default() };
    dashboard::change(&cx, "watch", &off).unwrap();
    let order = Change { order: names(&["people", "risks_tprm"]), ..Change::default() };
    dashboard::change(&cx, "risk", &order).unwrap();
    let roles = cx.read(store::list).unwrap();
    let shown = dashboard::together(&roles).into_iter().map(|section| (section.name, section.widgets));
    assert_eq!(
        shown.collect::<Vec<_>>(),
        [
            ("people", vec!["department_risk_profile"]),
            ("risks_tprm", vec!["risks_by_level", "top_risks", "risk_plans"]),
            ("operations", vec!["incidents_by_period", "mttd_mttr", "incident_categories", "fim_critical"]),
        ]
    );
}

fn any_change() -> impl Strategy<Value = Change> {
    let sections: Vec<_> = dashboard::section_names().map(str::to_owned).collect();
    let widgets: Vec<_> = dashboard::widget_names().map(str::to_owned).collect();
    let order = proptest::sample::subsequence(sections.clone(), 0..=6).prop_shuffle();
    let sections = proptest::sample::subsequence(sections, 0..=6);
    let widgets = proptest::sample::subsequence(widgets, 0..=24);
    (sections, widgets, any::<bool>(), order).prop_map(|(sections, widgets, on, order)| Change {
        sections,
        widgets,
        on,
        order,
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]

    #[test]
    fn whatever_was_arranged_is_stored_as_it_is_and_reset(changes in proptest::collection::vec(any_change(), 1..5)) {
        let cx = Context::for_tests();
        create(&cx, &new("CISO"), false).unwrap();
        for change in &changes {
            let (role, _) = dashboard::change(&cx, "ciso", change).unwrap();
            let names: Vec<_> = role.dashboard.sections().iter().map(|section| section.name).collect();
            prop_assert!(change.order.iter().zip(&names).all(|(wanted, name)| wanted == name));
            let stored = role.dashboard.stored().map(|text| serde_json::from_str::<Dashboard>(&text).unwrap());
            prop_assert_eq!(stored.unwrap_or_default(), role.dashboard);
        }
        let (role, _) = dashboard::reset(&cx, "ciso").unwrap();
        prop_assert_eq!(role.dashboard, Dashboard::default());
    }

    #[test]
    fn a_role_has_a_slug_or_is_refused(name in any::<String>()) {
        let cx = Context::for_tests();
        match create(&cx, &new(&name), false) {
            Ok((role, _)) => {
                prop_assert_eq!(slug(&role.slug), Some(role.slug.clone()));
                prop_assert_eq!(get(&cx, &role.name).unwrap().id, role.id);
                prop_assert_eq!(get(&cx, &role.slug).unwrap().id, role.id);
            }
            Err(failure) => prop_assert!(["name.refused", "role.no_slug"].contains(&failure.code())),
        }
    }
}

#[test]
fn every_statement_fits_the_schema() {
    let cx = Context::for_tests();
    cx.read(|tx| {
        for sql in store::STATEMENTS {
            tx.sql().prepare(sql)?;
            tx.assert_no_walk_of_memberships(sql);
        }
        Ok(())
    })
    .unwrap();
}

#[test]
fn a_role_brings_no_group_of_a_company_it_is_not_for() {
    let cx = with_companies(&["Acme", "Globex"]);
    let guards = crate::group::New { name: "Guards".to_owned(), ..Default::default() };
    crate::group::create(&cx, &guards, Some("Globex"), false).unwrap();
    let role = New { companies: names(&["Acme"]), groups: names(&["Guards"]), ..new("Of Acme") };
    assert_eq!(create(&cx, &role, false).unwrap_err().code(), "role.group_elsewhere");
    let (role, _) = create(&cx, &New { companies: Vec::new(), ..role }, false).unwrap();
    assert_eq!(role.groups.first().map(|group| group.name.as_str()), Some("Guards@Globex"));
    let narrow = Edit { companies: add(&["Acme"]), ..Edit::default() };
    assert_eq!(edit(&cx, "of-acme", &narrow).unwrap_err().code(), "role.group_elsewhere");
}
