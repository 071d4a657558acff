//! Which room is above which: what each folder or file directly below `src/lib/` names of the others.
//!
//! A room is read as text: each path that begins with `crate::`, and each `super::` that leads out of its room, names
//! another. What only tests use counts for nothing.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use crate::{Source, assert_none, frames, sources};

/// Where the order stands in `docs/ARCHITECTURE.md`.
const BEGIN: &str = "<!-- the order of rooms, made by `cargo test --test architecture` -->\n";
const END: &str = "<!-- end -->";

/// Who names whom, with the files in which they do.
pub(crate) type Edges = BTreeMap<(String, String), BTreeSet<String>>;

/// The modules that a file names by paths from the root of the crate.
fn named(path: &str, code: &str) -> BTreeSet<String> {
    let is_part = |c: char| c.is_alphanumeric() || c == '_';
    let first = |text: &str| text.chars().take_while(|c| is_part(*c)).collect::<String>();
    let mut named = BTreeSet::new();
    let mut add = |rest: &str| match rest.strip_prefix('{') {
        Some(list) => named.extend(items(list).map(first)),
        None => drop(named.insert(first(rest))),
    };
    code.match_indices("crate::").for_each(|(at, word)| add(&code[at + word.len()..]));
    // How many `super` lead from the file to the root: a `mod.rs` is the module of its folder.
    let depth = path.matches('/').count() + usize::from(!path.ends_with("/mod.rs"));
    for (at, word) in code.match_indices(&"super::".repeat(depth)) {
        let rest = &code[at + word.len()..];
        if !code[..at].ends_with("super::") && !rest.starts_with("super::") {
            add(rest);
        }
    }
    named
}

/// The items of a list in braces, up to the one that closes it.
fn items(list: &str) -> impl Iterator<Item = &str> {
    let (mut depth, mut start, mut items) = (0_usize, 0, Vec::new());
    for (at, c) in list.char_indices() {
        match c {
            '{' => depth += 1,
            '}' if depth == 0 => {
                items.push(&list[start..at]);
                break;
            }
            '}' => depth -= 1,
            ',' if depth == 0 => {
                items.push(&list[start..at]);
                start = at + 1;
            }
            _ => {}
        }
    }
    items.into_iter().map(str::trim)
}

/// All edges between rooms.
pub(crate) fn edges(sources: &[Source]) -> Edges {
    let sources = || sources.iter().filter(|source| !source.is_test() && source.module() != "lib");
    let rooms: BTreeSet<&str> = sources().map(Source::module).collect();
    let mut edges = Edges::new();
    for source in sources() {
        for other in named(&source.path, &source.live) {
            if rooms.contains(other.as_str()) && other != source.module() {
                let edge = (source.module().to_owned(), other);
                edges.entry(edge).or_default().insert(source.path.clone());
            }
        }
    }
    edges
}

/// The rooms floor by floor, each above all that it names; or the edges among which there is a cycle.
fn floors(sources: &[Source]) -> Result<Vec<BTreeSet<String>>, Vec<String>> {
    let edges = edges(sources);
    let mut left: BTreeSet<String> = sources.iter().map(|source| source.module().to_owned()).collect();
    left.remove("lib");
    let mut floors = Vec::new();
    while !left.is_empty() {
        let stands = |room: &&String| !edges.keys().any(|(from, to)| from == *room && left.contains(to));
        let floor: BTreeSet<String> = left.iter().filter(stands).cloned().collect();
        if floor.is_empty() {
            return Err(circling(&edges, &left));
        }
        left.retain(|room| !floor.contains(room));
        floors.push(floor);
    }
    Ok(floors)
}

/// The edges from which one comes back to where one was.
fn circling(edges: &Edges, left: &BTreeSet<String>) -> Vec<String> {
    let reaches = |from: &str, goal: &str| {
        let (mut open, mut seen) = (vec![from], BTreeSet::new());
        while let Some(room) = open.pop() {
            let next = edges.keys().filter(|(from, to)| from == room && left.contains(to));
            open.extend(next.map(|(_, to)| to.as_str()).filter(|to| seen.insert(*to)));
        }
        seen.contains(goal)
    };
    let circles = edges.iter().filter(|((from, to), _)| left.contains(from) && reaches(to, from));
    let told = |files: &BTreeSet<String>| files.iter().cloned().collect::<Vec<_>>().join(", ");
    circles.map(|((from, to), files)| format!("{from} names {to}: {}", told(files))).collect()
}

/// The order as `docs/ARCHITECTURE.md` has it: the ground first.
fn told(sources: &[Source], floors: &[BTreeSet<String>]) -> String {
    let (edges, frames) = (edges(sources), frames());
    let mut text = "\n| room | stands on |\n|---|---|\n".to_owned();
    for room in floors.iter().flatten() {
        let below = edges.keys().filter(|(from, to)| from == room && !frames.contains(to));
        let below: Vec<&str> = below.map(|(_, to)| to.as_str()).collect();
        let kind = if frames.contains(room) { " (frame)" } else { "" };
        writeln!(text, "| `{room}`{kind} | {} |", below.join(", ")).unwrap();
    }
    text.push('\n');
    text
}

#[test]
fn no_room_is_above_and_below_another() {
    if let Err(circles) = floors(&sources()) {
        assert_none(circles, "rooms that name each other in a circle; move what is shared below both");
    }
}

#[test]
fn the_order_of_rooms_in_the_architecture_is_current() {
    let sources = sources();
    let Ok(floors) = floors(&sources) else { return };
    let path = crate::root().join("docs/ARCHITECTURE.md");
    let text = std::fs::read_to_string(&path).unwrap();
    let (before, rest) = text.split_once(BEGIN).expect("the place of the order is marked");
    let (order, after) = rest.split_once(END).expect("the end of the order is marked");
    let current = told(&sources, &floors);
    if order != current {
        std::fs::write(&path, format!("{before}{BEGIN}{current}{END}{after}")).unwrap();
        panic!("docs/ARCHITECTURE.md has a new order of rooms now: look at it and commit it");
    }
}

/// A tree of three rooms in their order.
fn made_up() -> Vec<Source> {
    let source = |path: &str, text: &str| Source::of(path.to_owned(), text);
    vec![
        source("lib.rs", "mod ground;\nmod first;\nmod second;\n"),
        source("ground/mod.rs", "pub struct Stone;\n"),
        source("first/mod.rs", "mod cli;\nuse crate::ground::Stone;\n"),
        source("first/cli.rs", "use super::Stone;\n// use crate::second;\n"),
        source("second/deep/mod.rs", "use crate::{first::{cli, Stone}, ground};\n"),
        source("second/tests.rs", "use crate::first;\n"),
    ]
}

#[test]
fn the_order_of_a_made_up_tree_is_found() {
    let floors = floors(&made_up()).unwrap();
    let floors: Vec<Vec<String>> = floors.into_iter().map(|floor| floor.into_iter().collect()).collect();
    assert_eq!(floors, [["ground"], ["first"], ["second"]]);
}

#[test]
fn an_edge_that_is_put_back_is_found_however_it_is_written() {
    let back = |path: &str, text: &str| {
        let mut sources = made_up();
        sources.push(Source::of(path.to_owned(), text));
        floors(&sources)
    };
    for (path, text) in [
        ("ground/mod.rs", "use crate::second::Roof;\n"),
        ("ground/mod.rs", "use crate::{second::Roof, error};\n"),
        ("ground/mod.rs", "use crate::{\n    error::{self, Kind},\n    second,\n};\n"),
        ("ground/mod.rs", "fn f() {\n    crate::second::build();\n}\n"),
        ("ground/mod.rs", "use super::second;\n"),
        ("ground/wall.rs", "fn f() {\n    super::super::second::build();\n}\n"),
        ("ground/wall/mod.rs", "use super::super::second;\n"),
    ] {
        let circles = back(path, text).unwrap_err();
        assert!(circles.contains(&format!("ground names second: {path}")), "{text}: {circles:?}");
        assert!(circles.iter().all(|edge| !edge.starts_with("first names second")), "{circles:?}");
    }
    for (path, text) in [
        ("ground/tests.rs", "use crate::second;\n"),
        ("ground/mod.rs", "#[cfg(test)]\nuse crate::second;\n"),
        ("ground/mod.rs", "#[cfg(test)]\nmod tests {\n    use crate::second;\n}\n"),
        (
            "ground/mod.rs",
            "impl Stone {\n    #[cfg(test)]\n    fn f() {\n        crate::second::f();\n    }\n}\n",
        ),
        ("ground/wall.rs", "use super::second;\n"),
        ("ground/mod.rs", "use crate::secondary;\n"),
    ] {
        assert!(back(path, text).is_ok(), "{text}");
    }
}
