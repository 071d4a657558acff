use proptest::prelude::*;

use super::{Branch, Form, Kind, TextStyle, json_lines, read, render};
use crate::company;
use crate::context::Context;
use crate::org::Node;
use crate::org::tests::add_person;
use crate::org::unit::{self, UnitKind};
use crate::store::Tx;
use crate::text::color::Color;

/// Acme: Board with the position Chief, who leads IT; Finance with a part Treasury; people at every level.
fn acme() -> Context {
    let cx = Context::for_tests();
    let new = company::New { name: "Acme".into(), ..Default::default() };
    let company = company::create(&cx, &new, false).unwrap().0.id;
    let (board, chief) = cx
        .write(|tx| {
            let board = make_department(&cx, tx, (company, "Board"), None);
            let new = unit::New { name: "Chief".into(), owner_id: board, ..Default::default() };
            let chief = unit::create_in(&cx, tx, UnitKind::Position, &new, None)?;
            make_department(&cx, tx, (company, "IT"), Some(Node::Position(chief)));
            let finance = make_department(&cx, tx, (company, "Finance"), None);
            make_department(&cx, tx, (company, "Treasury"), Some(Node::Department(finance)));
            Ok((board, chief))
        })
        .unwrap();
    add_person(&cx, "one@acme.example", (company, Some(board), Some(chief)), false);
    add_person(&cx, "two@acme.example", (company, Some(board), None), false);
    add_person(&cx, "three@acme.example", (company, None, None), false);
    add_person(&cx, "gone@acme.example", (company, None, None), true);
    cx
}

fn make_department(cx: &Context, tx: &Tx<'_>, (owner_id, name): (i64, &str), parent: Option<Node>) -> i64 {
    let color = (name == "IT").then(|| "#4477aa".to_owned());
    let new = unit::New { name: name.into(), owner_id, parent, color, ..Default::default() };
    unit::create_in(cx, tx, UnitKind::Department, &new, None).unwrap()
}

fn branch(kind: Kind, name: &str, below: Vec<Branch>) -> Branch {
    Branch { below, ..Branch::new(kind, name.to_owned()) }
}

/// A company whose one department has a name full of what the forms treat specially.
fn tricky() -> Vec<Branch> {
    let department = branch(Kind::Department, r#"R&D "<b>\n" #1; `x`"#, Vec::new());
    vec![branch(Kind::Company, "Acme", vec![department])]
}

fn draw(charts: &[Branch], form: Form) -> String {
    render(charts, form, false, TextStyle::default()).unwrap()
}

#[test]
fn people_stand_at_their_lowest_place_and_the_bin_is_left_out() {
    let charts = read(&acme(), Some("acme"), true).unwrap();
    assert_eq!(
        draw(&charts, Form::Text),
        "\
Acme
├── Anna three@acme.example <three@acme.example>
├── Board
│   ├── Anna two@acme.example <two@acme.example>
│   └── (Chief)
│       ├── Anna one@acme.example <one@acme.example>
│       └── IT
└── Finance
    └── Treasury
"
    );
}

#[test]
fn people_can_be_left_out() {
    let charts = read(&acme(), None, false).unwrap();
    let text = draw(&charts, Form::Text);
    assert_eq!(text, "Acme\n├── Board\n│   └── (Chief)\n│       └── IT\n└── Finance\n    └── Treasury\n");
}

#[test]
fn an_unknown_company_is_refused() {
    assert_eq!(read(&acme(), Some("Acne"), true).unwrap_err().code(), "company.not_found");
}

#[test]
fn json_nests_like_the_organisation() {
    let cx = acme();
    let charts = read(&cx, Some("Acme"), true).unwrap();
    let one: serde_json::Value =
        serde_json::from_str(&render(&charts, Form::Json, true, TextStyle::default()).unwrap()).unwrap();
    let chief = &one["departments"][0]["positions"][0];
    assert_eq!(one["company"], "Acme");
    assert_eq!(one["people"][0]["email"], "three@acme.example");
    assert_eq!(chief["name"], "Chief");
    assert_eq!(chief["people"][0]["full_name"], "Anna one@acme.example");
    assert_eq!(chief["departments"][0]["color"], "#4477aa");
    assert_eq!(one["departments"][1]["departments"][0]["name"], "Treasury");
    let all: serde_json::Value = serde_json::from_str(&draw(&charts, Form::Json)).unwrap();
    assert_eq!(all, serde_json::json!([one]));
    assert_eq!(json_lines(&charts).unwrap().lines().count(), 1);
}

#[test]
fn lines_fit_the_terminal_and_stored_text_cannot_drive_it() {
    let name = format!("山田\u{1b}[2J{}", "太郎".repeat(40));
    let charts = vec![branch(Kind::Company, "Acme", vec![branch(Kind::Department, &name, Vec::new())])];
    let text = render(&charts, Form::Text, false, TextStyle { width: Some(20), color: false }).unwrap();
    assert!(!text.contains('\u{1b}'));
    assert!(text.lines().all(|line| crate::text::width::display_width(line) <= 20), "{text}");
    let narrow = render(&charts, Form::Text, false, TextStyle { width: Some(2), color: false }).unwrap();
    assert!(narrow.lines().all(|line| crate::text::width::display_width(line) <= 2), "{narrow}");
}

#[test]
fn names_are_painted_where_colours_are_wanted() {
    let mut charts = tricky();
    charts[0].below[0].color = Some(Color::parse("#000080").unwrap());
    let style = TextStyle { width: None, color: true };
    let text = render(&charts, Form::Text, false, style).unwrap();
    assert!(text.contains("\u{1b}[48;2;0;0;128;38;2;255;255;255mR&D"), "{text:?}");
}

#[test]
fn labels_hold_whatever_a_name_holds() {
    let charts = tricky();
    assert!(draw(&charts, Form::Dot).contains(r#"[label="R&amp;D \"<b>\\n\" #1; `x`", "#));
    assert!(
        draw(&charts, Form::Mermaid).contains(r#"["R#38;D #34;#60;b#62;#92;n#34; #35;1#59; #96;x#96;"]"#)
    );
    let svg = draw(&charts, Form::Svg);
    assert!(svg.contains("R&amp;D &quot;&lt;b&gt;\\n&quot; #1; `x`</text>"), "{svg}");
    let odd = [branch(Kind::Company, "a\u{FFFE}\u{1}\nb", Vec::new())];
    assert!(draw(&odd, Form::Svg).contains(">a�� b</text>"));
    assert!(draw(&odd, Form::Dot).contains("� b\""));
}

#[test]
fn every_node_but_a_company_hangs_on_one_edge() {
    let charts = read(&acme(), None, true).unwrap();
    let dot = draw(&charts, Form::Dot);
    assert_eq!((dot.matches("[label=").count(), dot.matches(" -> ").count()), (9, 8));
    assert!(dot.contains("[label=\"IT\", fillcolor=\"#4477aa\", fontcolor=\"#ffffff\"]"), "{dot}");
    let mermaid = draw(&charts, Form::Mermaid);
    assert_eq!(mermaid.matches(" --- ").count(), 8);
}

#[test]
fn a_store_without_companies_makes_empty_charts() {
    let charts = read(&Context::for_tests(), None, true).unwrap();
    assert_eq!(draw(&charts, Form::Text), "");
    assert_eq!(draw(&charts, Form::Json), "[]\n");
    assert!(draw(&charts, Form::Dot).ends_with("}\n"));
    assert!(draw(&charts, Form::Svg).ends_with("</svg>\n"));
}

#[test]
fn a_tree_too_deep_to_follow_is_refused() {
    let cx = Context::for_tests();
    let new = company::New { name: "Acme".into(), ..Default::default() };
    let company = company::create(&cx, &new, false).unwrap().0.id;
    cx.write(|tx| {
        let mut parent = None;
        for number in 0..1002 {
            let id = make_department(&cx, tx, (company, &format!("D{number}")), parent);
            parent = Some(Node::Department(id));
        }
        Ok(())
    })
    .unwrap();
    let failure = read(&cx, None, true).unwrap_err();
    assert_eq!(failure.code(), "org.too_deep");
    assert!(failure.to_string().contains("`D1000`"), "{failure}");
}

/// The rectangles of the boxes in a picture, and the picture's size.
fn boxes(svg: &str) -> (Vec<[usize; 4]>, [usize; 2]) {
    let attribute = |tag: &str, name: &str| -> usize {
        tag.split(&format!(" {name}=\""))
            .nth(1)
            .and_then(|rest| rest.split('"').next())
            .unwrap()
            .parse()
            .unwrap()
    };
    let tags = svg.split("<g><title>").skip(1).map(|part| part.split("<rect").nth(1).unwrap());
    let boxes = tags.map(|tag| ["x", "y", "width", "height"].map(|name| attribute(tag, name))).collect();
    (boxes, ["width", "height"].map(|name| attribute(svg, name)))
}

fn assert_tidy(charts: &[Branch], count: usize) {
    let svg = draw(charts, Form::Svg);
    let (mut boxes, [width, height]) = boxes(&svg);
    assert_eq!(boxes.len(), count);
    assert!(boxes.iter().all(|[x, y, w, h]| x + w <= width && y + h <= height), "all in the picture");
    boxes.sort_unstable();
    for (index, [x, y, w, h]) in boxes.iter().enumerate() {
        for [right, other, ..] in boxes[index + 1..].iter().take_while(|[right, ..]| *right < x + w) {
            assert!(y + h <= *other || other + h <= *y, "{x} {y} and {right} {other} overlap");
        }
    }
}

#[test]
fn a_thousand_boxes_do_not_overlap() {
    let people =
        |count: usize| (0..count).map(|n| branch(Kind::Person, &format!("Anna {n}"), Vec::new())).collect();
    let position = |n: usize| branch(Kind::Position, &format!("Position {n}"), people(3));
    let department = |n: usize| {
        let mut below: Vec<Branch> = (0..3).map(position).collect();
        below.push(branch(Kind::Department, &format!("Part {n}"), people(n % 40)));
        branch(Kind::Department, &"Dept ".repeat(n % 9 + 1), below)
    };
    let chart = branch(Kind::Company, "Acme", (0..31).map(department).collect());
    let count = 1 + (0..31).map(|n| 1 + 3 * 4 + 1 + n % 40).sum::<usize>();
    assert_tidy(&[chart.clone(), chart], 2 * count);
}

fn any_branch() -> impl Strategy<Value = Branch> {
    let kind = || prop_oneof![Just(Kind::Department), Just(Kind::Position), Just(Kind::Person)];
    let leaf = (kind(), "\\PC{0,40}").prop_map(|(kind, name)| branch(kind, &name, Vec::new()));
    leaf.prop_recursive(6, 120, 9, move |inner| {
        (kind(), "\\PC{0,40}", prop::collection::vec(inner, 0..9))
            .prop_map(|(kind, name, below)| branch(kind, &name, below))
    })
}

fn size(branch: &Branch) -> usize {
    1 + branch.below.iter().map(size).sum::<usize>()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn no_tree_makes_boxes_overlap(chart in any_branch()) {
        let count = size(&chart);
        assert_tidy(&[chart], count);
    }
}
