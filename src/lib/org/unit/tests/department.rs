use crate::company;
use crate::context::Context;
use crate::error::Kind;
use crate::org::Node;
use crate::org::tests::{add_person, delete, edit, place_of};
use crate::org::unit::UnitKind::{Department, Position};
use crate::org::unit::{Draft, Edit, New, Selector, UnitParent, create, create_in, department_in, get};

/// A store with the companies Acme and Beta.
fn store() -> Context {
    let cx = Context::for_tests();
    for name in ["Acme", "Beta"] {
        company::create(&cx, &company::New { name: name.to_owned(), ..Default::default() }, false).unwrap();
    }
    cx
}

fn draft(company: &str, name: &str, place: UnitParent) -> Draft {
    Draft { name: name.to_owned(), company: company.to_owned(), place, ..Draft::default() }
}

fn make(cx: &Context, company: &str, name: &str) -> i64 {
    create(cx, Department, &draft(company, name, UnitParent::default()), false).unwrap().0.id
}

fn under(name: &str) -> UnitParent {
    UnitParent { department: Some(name.to_owned()), parent_position: None }
}

fn held_by(name: &str) -> UnitParent {
    UnitParent { department: None, parent_position: Some(name.to_owned()) }
}

fn make_position(cx: &Context, department: &str, name: &str) -> i64 {
    create(cx, Position, &draft("Acme", name, under(department)), false).unwrap().0.id
}

fn which(name: &str) -> Selector {
    Selector { name: name.to_owned(), ..Selector::default() }
}

fn company_id(cx: &Context, name: &str) -> i64 {
    company::get(cx, name).unwrap().id
}

#[test]
fn names_are_unique_in_a_company_and_free_in_another() {
    let cx = store();
    make(&cx, "Acme", "Фінанси");
    make(&cx, "Beta", "Фінанси");
    let failure =
        create(&cx, Department, &draft("acme", "ФІНАНСИ", UnitParent::default()), false).unwrap_err();
    assert_eq!((failure.code(), failure.kind()), ("department.exists", Kind::CannotCreate));
    let (found, _, is_new) =
        create(&cx, Department, &draft("acme", "фінанси", UnitParent::default()), true).unwrap();
    assert_eq!((found.name.as_str(), is_new), ("Фінанси", false));
}

#[test]
fn the_name_is_enough_where_one_company_has_it() {
    let cx = store();
    make(&cx, "Acme", "IT");
    assert_eq!(get(&cx, Department, &which("it")).unwrap().0.company, "Acme");
    make(&cx, "Beta", "IT");
    let failure = get(&cx, Department, &which("IT")).unwrap_err();
    assert_eq!(failure.code(), "department.ambiguous");
    assert_eq!(failure.to_string(), "there is a department `IT` in several companies: Acme, Beta");
    let which = Selector { company: Some("beta".into()), ..which("IT") };
    assert_eq!(get(&cx, Department, &which).unwrap().0.company, "Beta");
}

#[test]
fn who_asks_for_one_that_is_not_there_learns_where_to_look() {
    let cx = store();
    make(&cx, "Acme", "Treasury");
    let hint = |company: &str, name: &str| {
        let company = company_id(&cx, company);
        let failure = cx.read(|tx| department_in(&cx, tx, company, name)).unwrap_err();
        assert_eq!((failure.code(), failure.kind()), ("department.not_found", Kind::NotFound));
        failure.explain().hint().unwrap()
    };
    assert_eq!(hint("Acme", "Tresury"), "did you mean `Treasury`?");
    assert_eq!(hint("Beta", "treasury"), "other companies have one: Acme");
    assert!(hint("Beta", "Sales").contains("department create 'Sales'"));
    assert_eq!(
        get(&cx, Department, &which("Sales")).unwrap_err().to_string(),
        "there is no department `Sales`"
    );
}

#[test]
fn bad_names_colours_and_parents_are_refused() {
    let cx = store();
    make(&cx, "Beta", "Elsewhere");
    let code = |draft: &Draft| create(&cx, Department, draft, false).unwrap_err().code();
    assert_eq!(code(&draft("Acme", "a\u{202E}b", UnitParent::default())), "name.refused");
    let red = Draft { color: Some("red".into()), ..draft("Acme", "IT", UnitParent::default()) };
    assert_eq!(code(&red), "color.malformed");
    assert_eq!(code(&draft("Nobody", "IT", UnitParent::default())), "company.not_found");
    assert_eq!(code(&draft("Acme", "IT", under("Elsewhere"))), "department.not_found");
    assert_eq!(code(&draft("Acme", "IT", held_by("Boss"))), "position.not_found");
}

#[test]
fn a_parent_is_of_the_same_company() {
    let cx = store();
    let elsewhere = make(&cx, "Beta", "Elsewhere");
    let new = New {
        name: "IT".into(),
        owner_id: company_id(&cx, "Acme"),
        parent: Some(Node::Department(elsewhere)),
        ..New::default()
    };
    let failure = cx.write(|tx| create_in(&cx, tx, Department, &new, None)).unwrap_err();
    assert_eq!(failure.code(), "department.parent_elsewhere");
}

#[test]
fn nothing_hangs_under_itself_across_departments_and_positions() {
    let cx = store();
    make(&cx, "Acme", "Board");
    make_position(&cx, "Board", "Chief Engineer");
    create(&cx, Department, &draft("Acme", "Engineering", held_by("Chief Engineer")), false).unwrap();
    create(&cx, Department, &draft("Acme", "IT", under("Engineering")), false).unwrap();
    make_position(&cx, "IT", "Admin");
    for parent in [under("Board"), under("IT"), held_by("Chief Engineer"), held_by("Admin")] {
        let change = Edit { place: Some(parent.clone()), ..Edit::default() };
        let failure = edit(&cx, Department, &which("Board"), &change).unwrap_err();
        assert_eq!((failure.code(), failure.kind()), ("org.cycle", Kind::Refused), "{parent:?}");
    }
    let change = Edit { place: Some(held_by("Chief Engineer")), ..Edit::default() };
    assert_eq!(edit(&cx, Department, &which("IT"), &change).unwrap().2, ["parent", "parent_position"]);
    assert_eq!(get(&cx, Department, &which("IT")).unwrap().0.home.position.unwrap().name, "Chief Engineer");
}

#[test]
fn an_edit_says_what_changed_and_removes_what_is_empty() {
    let cx = store();
    let full = Draft {
        color: Some("#FFCC00".into()),
        note: Some("third floor".into()),
        ..draft("Acme", "IT", UnitParent::default())
    };
    assert_eq!(create(&cx, Department, &full, false).unwrap().0.color.unwrap(), "#ffcc00");
    let change = Edit {
        name: Some("Computing".into()),
        color: Some(String::new()),
        note: Some(String::new()),
        ..Edit::default()
    };
    let (department, _, changed) = edit(&cx, Department, &which("IT"), &change).unwrap();
    assert_eq!(changed, ["name", "color", "note"]);
    assert_eq!((department.color, department.note), (None, None));
    assert!(edit(&cx, Department, &which("Computing"), &change).unwrap().2.is_empty());
    make(&cx, "Acme", "HR");
    let change = Edit { name: Some("hr".into()), ..Edit::default() };
    assert_eq!(edit(&cx, Department, &which("Computing"), &change).unwrap_err().code(), "department.exists");
}

#[test]
fn what_is_used_stays() {
    let cx = store();
    let it = make(&cx, "Acme", "IT");
    create(&cx, Department, &draft("Acme", "Helpdesk", under("IT")), false).unwrap();
    make_position(&cx, "IT", "Admin");
    add_person(&cx, "a@acme.example", (company_id(&cx, "Acme"), Some(it), None), false);
    let failure = delete(&cx, Department, &which("IT")).unwrap_err();
    assert_eq!((failure.code(), failure.kind()), ("department.in_use", Kind::Refused));
    assert_eq!(failure.to_string(), "department `IT` is in use: 1 person, 1 position, 1 department under it");
}

#[test]
fn people_in_the_bin_lose_a_deleted_department() {
    let cx = store();
    let it = make(&cx, "Acme", "IT");
    let person = add_person(&cx, "a@acme.example", (company_id(&cx, "Acme"), Some(it), None), true);
    delete(&cx, Department, &which("IT")).unwrap();
    assert_eq!(place_of(&cx, person), (None, None));
    assert!(make(&cx, "Acme", "IT") > it, "the id is not used again");
}

#[test]
fn a_move_that_parts_people_from_their_position_is_refused() {
    let cx = store();
    let acme = company_id(&cx, "Acme");
    let board = make(&cx, "Acme", "Board");
    create(&cx, Department, &draft("Acme", "IT", under("Board")), false).unwrap();
    let admin = make_position(&cx, "IT", "Admin");
    add_person(&cx, "a@acme.example", (acme, Some(board), Some(admin)), false);
    let gone = add_person(&cx, "b@acme.example", (acme, Some(board), Some(admin)), true);
    let top = Edit { place: Some(UnitParent::default()), ..Edit::default() };
    let failure = edit(&cx, Department, &which("IT"), &top).unwrap_err();
    assert_eq!((failure.code(), failure.kind()), ("org.people_outside", Kind::Refused));
    cx.write(|tx| {
        Ok(tx.sql().execute("UPDATE users SET position_id = NULL WHERE deleted_at IS NULL", [])?)
    })
    .unwrap();
    edit(&cx, Department, &which("IT"), &top).unwrap();
    assert_eq!(place_of(&cx, gone), (Some(board), None), "the bin does not hinder a move");
}
