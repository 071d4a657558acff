use crate::company;
use crate::context::Context;
use crate::error::Kind;
use crate::org::Node;
use crate::org::tests::{add_person, delete, edit, place_of};
use crate::org::unit::UnitKind::{Department, Position};
use crate::org::unit::{
    self, Draft, Edit, New, Selector, Unit, UnitParent, create, create_in, department_in, departments_with,
    find_under, get, unknown_under,
};
use crate::registry::engine;
use crate::run;

/// A store with the company Acme and its departments Board, Finance and, under Finance, Treasury.
fn store() -> Context {
    let cx = Context::for_tests();
    company::create(&cx, &company::New { name: "Acme".to_owned(), ..Default::default() }, false).unwrap();
    for (name, parent) in [("Board", None), ("Finance", None), ("Treasury", Some("Finance"))] {
        make_department(&cx, name, place(parent, None));
    }
    cx
}

fn make_department(cx: &Context, name: &str, place: UnitParent) {
    create(cx, Department, &Draft { place, ..draft(name, None, None) }, false).unwrap();
}

fn draft(name: &str, department: Option<&str>, parent: Option<&str>) -> Draft {
    Draft {
        name: name.to_owned(),
        company: "Acme".to_owned(),
        place: place(department, parent),
        ..Draft::default()
    }
}

fn place(department: Option<&str>, parent: Option<&str>) -> UnitParent {
    UnitParent { department: department.map(str::to_owned), parent_position: parent.map(str::to_owned) }
}

fn make(cx: &Context, department: &str, name: &str) -> i64 {
    create(cx, Position, &draft(name, Some(department), None), false).unwrap().0.id
}

fn which(name: &str) -> Selector {
    Selector { name: name.to_owned(), ..Selector::default() }
}

fn which_in(department: &str, name: &str) -> Selector {
    Selector { name: name.to_owned(), department: Some(department.to_owned()), company: None }
}

fn of_department(position: &Unit) -> &str {
    &position.home.department.as_ref().unwrap().name
}

fn department_id(cx: &Context, name: &str) -> i64 {
    get(cx, Department, &which(name)).unwrap().0.id
}

fn acme(cx: &Context) -> i64 {
    company::get(cx, "Acme").unwrap().id
}

#[test]
fn names_are_unique_in_a_department_and_free_in_another() {
    let cx = store();
    make(&cx, "Board", "Head");
    make(&cx, "Finance", "Head");
    let failure = create(&cx, Position, &draft("HEAD", Some("board"), None), false).unwrap_err();
    assert_eq!((failure.code(), failure.kind()), ("position.exists", Kind::CannotCreate));
    let (found, _, is_new) = create(&cx, Position, &draft("head", Some("Board"), None), true).unwrap();
    assert_eq!((found.name.as_str(), is_new), ("Head", false));
    let failure = get(&cx, Position, &which("head")).unwrap_err();
    assert_eq!(failure.code(), "position.ambiguous");
    assert_eq!(
        failure.to_string(),
        "there is a position `head` in several departments: Acme / Board, Acme / Finance"
    );
    assert_eq!(of_department(&get(&cx, Position, &which_in("Finance", "head")).unwrap().0), "Finance");
    let acme = acme(&cx);
    let names = cx.read(|tx| departments_with(tx, acme, "HEAD")).unwrap();
    assert_eq!(names, ["Board", "Finance"]);
}

#[test]
fn a_position_under_another_belongs_to_its_department() {
    let cx = store();
    make(&cx, "Finance", "Head");
    let (deputy, _, _) = create(&cx, Position, &draft("Deputy", None, Some("head")), false).unwrap();
    assert_eq!((of_department(&deputy), &*deputy.home.position.as_ref().unwrap().name), ("Finance", "Head"));
    let new = New {
        name: "Clerk".into(),
        owner_id: department_id(&cx, "Board"),
        parent: Some(Node::Position(deputy.id)),
        ..New::default()
    };
    let failure = cx.write(|tx| create_in(&cx, tx, Position, &new, None)).unwrap_err();
    assert_eq!((failure.code(), failure.kind()), ("position.parent_elsewhere", Kind::Refused));
}

#[test]
fn a_position_is_found_in_departments_below() {
    let cx = store();
    let deep = make(&cx, "Treasury", "Clerk");
    make(&cx, "Finance", "Chief");
    make_department(&cx, "Reporting", place(Some("Finance"), Some("Chief")));
    let reporter = make(&cx, "Reporting", "Reporter");
    let find = |department: &str, name: &str| {
        let id = department_id(&cx, department);
        cx.read(|tx| find_under(tx, id, name)).unwrap().map(|position| position.id)
    };
    assert_eq!(find("Treasury", "clerk"), Some(deep));
    assert_eq!(find("Finance", "clerk"), Some(deep));
    assert_eq!(find("Finance", "reporter"), Some(reporter), "also below a position of it");
    assert_eq!(find("Board", "clerk"), None);
    make_department(&cx, "Leasing", place(Some("Finance"), None));
    make(&cx, "Leasing", "Clerk");
    let finance = department_id(&cx, "Finance");
    let several = cx.read(|tx| find_under(tx, finance, "clerk")).unwrap_err();
    assert_eq!(several.code(), "position.ambiguous", "none of two is nearer");
    assert!(several.to_string().contains("Leasing") && several.to_string().contains("Treasury"), "{several}");
    let near = make(&cx, "Finance", "Clerk");
    assert_eq!(find("Finance", "clerk"), Some(near), "the nearest one");
}

#[test]
fn who_asks_for_one_that_is_not_there_learns_what_was_meant() {
    let cx = store();
    make(&cx, "Finance", "Accountant");
    let acme = acme(&cx);
    let finance = cx.read(|tx| department_in(&cx, tx, acme, "Finance")).unwrap();
    let failure =
        crate::error::Failure::from(cx.read(|tx| unknown_under(tx, acme, finance.id, "Acountant")).unwrap());
    assert_eq!((failure.code(), failure.kind()), ("position.not_found", Kind::NotFound));
    assert_eq!(failure.to_string(), "there is no position `Acountant` in `Finance`");
    assert_eq!(failure.explain().hint().unwrap(), "did you mean `Accountant`?");
    let failure = get(&cx, Position, &which("Pilot")).unwrap_err();
    assert_eq!(
        (failure.code(), failure.to_string().as_str()),
        ("position.not_found", "there is no position `Pilot`")
    );
}

#[test]
fn bad_names_colours_and_places_are_refused() {
    let cx = store();
    let code = |draft: &Draft| create(&cx, Position, draft, false).unwrap_err().code();
    assert_eq!(code(&draft("", Some("Board"), None)), "name.refused");
    let red = Draft { color: Some("red".into()), ..draft("Head", Some("Board"), None) };
    assert_eq!(code(&red), "color.malformed");
    assert_eq!(code(&draft("Head", None, None)), "position.no_place");
    assert_eq!(code(&draft("Head", Some("Bored"), None)), "department.not_found");
    assert_eq!(code(&draft("Head", None, Some("Boss"))), "position.not_found");
    let new = New { name: "Head".into(), owner_id: 999, ..New::default() };
    assert_eq!(
        cx.write(|tx| create_in(&cx, tx, Position, &new, None)).unwrap_err().code(),
        "position.no_place"
    );
}

#[test]
fn nothing_hangs_under_itself_across_departments_and_positions() {
    let cx = store();
    make(&cx, "Board", "Chief");
    create(&cx, Position, &draft("Deputy", None, Some("Chief")), false).unwrap();
    make_department(&cx, "Engineering", place(None, Some("Deputy")));
    make(&cx, "Engineering", "Engineer");
    for place in [
        place(None, Some("Chief")),
        place(None, Some("Deputy")),
        place(None, Some("Engineer")),
        place(Some("Engineering"), None),
    ] {
        let failure =
            edit(&cx, Position, &which("Chief"), &Edit { place: Some(place.clone()), ..Edit::default() });
        assert_eq!(failure.unwrap_err().code(), "org.cycle", "{place:?}");
    }
}

#[test]
fn a_moved_position_takes_those_under_it_along() {
    let cx = store();
    make(&cx, "Board", "Chief");
    create(&cx, Position, &draft("Deputy", None, Some("Chief")), false).unwrap();
    create(&cx, Position, &draft("Clerk", None, Some("Deputy")), false).unwrap();
    let change = Edit { place: Some(place(Some("Finance"), None)), ..Edit::default() };
    assert_eq!(edit(&cx, Position, &which("Chief"), &change).unwrap().2, ["department"]);
    assert_eq!(of_department(&get(&cx, Position, &which("Clerk")).unwrap().0), "Finance");
    assert_eq!(get(&cx, Position, &which("Clerk")).unwrap().0.home.position.unwrap().name, "Deputy");

    make(&cx, "Board", "Clerk");
    let change = Edit { place: Some(place(Some("Board"), None)), ..Edit::default() };
    assert_eq!(edit(&cx, Position, &which("Chief"), &change).unwrap_err().code(), "position.exists");
    assert_eq!(of_department(&get(&cx, Position, &which("Chief")).unwrap().0), "Finance", "nothing moved");
}

#[test]
fn a_move_that_parts_people_from_their_position_is_refused() {
    let cx = store();
    let clerk = make(&cx, "Treasury", "Clerk");
    let finance = department_id(&cx, "Finance");
    add_person(&cx, "a@acme.example", (acme(&cx), Some(finance), Some(clerk)), false);
    let away = Edit { place: Some(place(Some("Board"), None)), ..Edit::default() };
    assert_eq!(edit(&cx, Position, &which("Clerk"), &away).unwrap_err().code(), "org.people_outside");
    let up = Edit { place: Some(place(Some("Finance"), None)), ..Edit::default() };
    edit(&cx, Position, &which("Clerk"), &up).unwrap();
}

#[test]
fn an_edit_says_what_changed_and_removes_what_is_empty() {
    let cx = store();
    let full = Draft { color: Some("#FFCC00".into()), ..draft("Head", Some("Board"), None) };
    assert_eq!(create(&cx, Position, &full, false).unwrap().0.color.unwrap(), "#ffcc00");
    let change = Edit { name: Some("Chair".into()), color: Some(String::new()), ..Edit::default() };
    let (position, _, changed) = edit(&cx, Position, &which("Head"), &change).unwrap();
    assert_eq!((changed, position.color), (vec!["name".to_owned(), "color".to_owned()], None));
    assert!(edit(&cx, Position, &which("Chair"), &change).unwrap().2.is_empty());
    make(&cx, "Board", "Head");
    assert_eq!(edit(&cx, Position, &which("Head"), &change).unwrap_err().code(), "position.exists");
}

#[test]
fn what_is_used_stays() {
    let cx = store();
    let head = make(&cx, "Board", "Head");
    create(&cx, Position, &draft("Deputy", None, Some("Head")), false).unwrap();
    make_department(&cx, "Audit", place(None, Some("Head")));
    let board = department_id(&cx, "Board");
    add_person(&cx, "a@acme.example", (acme(&cx), Some(board), Some(head)), false);
    let failure = delete(&cx, Position, &which("Head")).unwrap_err();
    assert_eq!((failure.code(), failure.kind()), ("position.in_use", Kind::Refused));
    assert_eq!(
        failure.to_string(),
        "position `Head` is in use: 1 person, 1 position under it, 1 department under it"
    );
}

#[test]
fn people_in_the_bin_lose_a_deleted_position() {
    let cx = store();
    let head = make(&cx, "Board", "Head");
    let board = department_id(&cx, "Board");
    let person = add_person(&cx, "a@acme.example", (acme(&cx), Some(board), Some(head)), true);
    delete(&cx, Position, &which("Head")).unwrap();
    assert_eq!(place_of(&cx, person), (Some(board), None));
}

#[test]
fn a_unit_that_was_taken_from_people_in_the_bin_comes_back_as_it_was() {
    let cx = store();
    let head = make(&cx, "Board", "Head");
    let deputy = Draft {
        color: Some("#ffcc00".into()),
        note: Some("one".into()),
        ..draft("Deputy", None, Some("Head"))
    };
    let deputy = create(&cx, Position, &deputy, false).unwrap().0;
    make_department(
        &cx,
        "Audit",
        UnitParent { parent_position: Some("Deputy".into()), ..UnitParent::default() },
    );
    let audit = department_id(&cx, "Audit");
    let board = department_id(&cx, "Board");
    let ann = add_person(&cx, "a@acme.example", (acme(&cx), Some(audit), None), true);
    let bob = add_person(&cx, "b@acme.example", (acme(&cx), Some(board), Some(deputy.id)), true);
    let mut runs = Vec::new();
    let before = [(Department, "Audit"), (Position, "Deputy")].map(|(kind, name)| {
        let unit = get(&cx, kind, &which(name)).unwrap().0;
        let (_, committed) = unit::delete(&cx, &mut engine(), kind, &which(name)).unwrap();
        runs.push(committed.run.unwrap().id);
        unit
    });
    assert_eq!([ann, bob].map(|id| place_of(&cx, id)), [(None, None), (Some(board), None)]);
    for (run, unit) in runs.iter().zip(&before).rev() {
        let undone = run::undo(&cx, &mut engine(), run).unwrap();
        assert_eq!((undone.reverted, undone.left.count), (2, 0));
        let now = get(&cx, unit.kind, &which(&unit.name)).unwrap().0;
        assert_eq!(Unit { revision: unit.revision, ..now }, *unit);
    }
    assert_eq!([ann, bob].map(|id| place_of(&cx, id)), [(Some(audit), None), (Some(board), Some(deputy.id))]);
    assert_eq!(get(&cx, Position, &which("Head")).unwrap().0.id, head);
}
