//! What operators learn of companies, departments and positions beyond their sight.

use super::delete;
use crate::context::for_tests::is_denied;
use crate::context::{Actor, CompanyScope, Context};
use crate::error::{Kind, Result};
use crate::org::unit::{self, UnitKind::Department, UnitKind::Position};
use crate::registry::engine;
use crate::{company, run, user};

/// Acme and Globex, each with the department Finance and the position Head in it; Globex also has Vault with Keeper.
fn cx() -> Context {
    let cx = Context::for_tests();
    for (company, department, position) in
        [("Acme", "Finance", "Head"), ("Globex", "Finance", "Head"), ("Globex", "Vault", "Keeper")]
    {
        company::create(&cx, &company::New { name: company.to_owned(), ..Default::default() }, true).unwrap();
        let draft =
            unit::Draft { name: department.to_owned(), company: company.to_owned(), ..Default::default() };
        unit::create(&cx, Department, &draft, false).unwrap();
        let place = unit::UnitParent { department: Some(department.to_owned()), parent_position: None };
        let draft = unit::Draft {
            name: position.to_owned(),
            company: company.to_owned(),
            place,
            ..Default::default()
        };
        unit::create(&cx, Position, &draft, false).unwrap();
    }
    cx
}

/// Lets an operator act who has these permissions for Acme.
fn act(cx: &mut Context, for_acme: &[&'static str]) {
    let acme = company::get(cx, "Acme").unwrap().id;
    cx.actor = Actor::operator_with(&[(for_acme, CompanyScope::of([acme]))]);
}

fn department(name: &str, company: Option<&str>) -> unit::Selector {
    position(name, None, company)
}

fn position(name: &str, department: Option<&str>, company: Option<&str>) -> unit::Selector {
    let (department, company) = (department.map(str::to_owned), company.map(str::to_owned));
    unit::Selector { name: name.to_owned(), department, company }
}

/// What is said and advised.
fn told<T: std::fmt::Debug>(result: Result<T>) -> String {
    let failure = result.unwrap_err();
    assert_eq!(failure.kind(), Kind::NotFound, "{failure}");
    format!("{failure}; {}", failure.explain().hint().unwrap_or_default())
}

#[test]
fn a1_who_deletes_a_position_takes_it_from_people_in_the_bin_and_learns_no_names() {
    let mut cx = cx();
    for email in ["ann@acme.example", "bob@acme.example"] {
        let facts = user::Facts {
            first_name: Some("Ann".to_owned()),
            last_name: Some("Lee".to_owned()),
            company: Some("Acme".to_owned()),
            department: Some("Finance".to_owned()),
            position: Some("Head".to_owned()),
            ..user::Facts::new(email.to_owned())
        };
        user::create::create(&cx, facts, None, false).unwrap();
        user::bulk::apply_one(&cx, email, &user::bulk::Verb::Delete).unwrap();
    }
    let head = position("Head", Some("Finance"), None);
    let in_bin = |cx: &mut Context| {
        let ((_, committed), _) = cx.rehearse(|cx| unit::delete(cx, &mut engine(), Position, &head)).unwrap();
        committed.in_bin.named()
    };
    act(&mut cx, &["org.view", "positions.delete", "users.view"]);
    assert_eq!(in_bin(&mut cx), "2 people in the bin (ann@acme.example, bob@acme.example)");
    act(&mut cx, &["org.view", "positions.delete"]);
    assert_eq!(in_bin(&mut cx), "2 people in the bin");
    let (_, committed) = unit::delete(&cx, &mut engine(), Position, &head).unwrap();
    assert_eq!((committed.in_bin.named().as_str(), committed.left.count), ("2 people in the bin", 0));
    let mut subjects = Vec::new();
    let run = committed.run.unwrap().id;
    cx.read(|tx| {
        run::changes(tx, &run, |change, _| {
            subjects.push(change.subject);
            Ok(())
        })
    })
    .unwrap();
    assert_eq!(subjects, ["1", "2", "Head"]);
}

#[test]
fn a1_no_company_is_offered_that_the_operator_may_not_see() {
    let mut cx = cx();
    assert!(told(company::get(&cx, "Globix")).contains("did you mean `Globex`?"));
    act(&mut cx, &["org.view"]);
    assert!(!told(company::get(&cx, "Globix")).contains("Globex"));
    assert!(told(company::get(&cx, "Acmee")).contains("did you mean `Acme`?"));
}

#[test]
fn a1_departments_of_companies_beyond_sight_are_neither_meant_nor_offered() {
    let mut cx = cx();
    act(&mut cx, &["org.view", "departments.edit"]);
    assert_eq!(unit::get(&cx, Department, &department("Finance", None)).unwrap().0.company, "Acme");
    let none = told(unit::get(&cx, Department, &department("Voult", None)));
    assert_eq!(told(unit::get(&cx, Department, &department("Vault", None))), none.replace("Voult", "Vault"));
    assert!(!none.contains("Vault"));
    assert!(!told(unit::get(&cx, Department, &department("Vault", Some("Acme")))).contains("Globex"));
    for name in ["Vault", "Voult"] {
        let there = told(unit::get(&cx, Department, &department(name, Some("Globex"))));
        let nowhere = told(unit::get(&cx, Department, &department(name, Some("Initech"))));
        assert_eq!(there.replace("Globex", "Initech"), nowhere);
        assert!(is_denied(delete(&cx, Department, &department(name, None))));
    }
    act(&mut cx, &["departments.edit"]);
    let edit = unit::Edit { note: Some("ours".to_owned()), ..Default::default() };
    assert_eq!(super::edit(&cx, Department, &department("Finance", None), &edit).unwrap().0.company, "Acme");
}

#[test]
fn a1_positions_of_companies_beyond_sight_are_neither_meant_nor_offered() {
    let mut cx = cx();
    act(&mut cx, &["org.view", "positions.edit"]);
    for department in [None, Some("Finance")] {
        let (found, _) = unit::get(&cx, Position, &position("Head", department, None)).unwrap();
        assert_eq!(found.company, "Acme");
    }
    let none = told(unit::get(&cx, Position, &position("Keepar", None, None)));
    assert_eq!(
        told(unit::get(&cx, Position, &position("Keeper", None, None))),
        none.replace("Keepar", "Keeper")
    );
    assert!(!none.contains("Keeper"));
    for name in ["Keeper", "Keepar"] {
        for department in [None, Some("Vault")] {
            let there = told(unit::get(&cx, Position, &position(name, department, Some("Globex"))));
            let nowhere = told(unit::get(&cx, Position, &position(name, department, Some("Initech"))));
            assert_eq!(there.replace("Globex", "Initech"), nowhere);
        }
        assert!(is_denied(delete(&cx, Position, &position(name, None, None))));
    }
    let edit = unit::Edit { note: Some("ours".to_owned()), ..Default::default() };
    assert_eq!(super::edit(&cx, Position, &position("Head", None, None), &edit).unwrap().0.company, "Acme");
    told(unit::list(&cx, Position, (Some("Globex"), None), |_, _| Ok(())));
}
