//! What may be named where: frames name no feature, not in strings either, and only the command line names clap.

use std::collections::{BTreeMap, BTreeSet};

use crate::rooms::edges;
use crate::{Source, assert_none, features, frames, root, rust_files, sources};

/// Words of features that a frame has for things of its own, or types for people.
const OWN_WORDS: &[(&str, &str)] = &[
    ("crypto/key.rs", "key."),
    ("crypto/key.rs", "secboard key"),
    ("context/actor.rs", "permission.denied"),
    ("context/actor.rs", "directory.sync"),
    ("context/mod.rs", "directory"),
    ("store/error.rs", "secboard quickstart"),
    ("store/error.rs", "secboard setting list"),
    ("tabular/mod.rs", "password"),
    ("cli/output/table.rs", "permission"),
    ("tabular/json/cells.rs", "company"),
    ("tabular/json/mod.rs", "key"),
    ("text/secret.rs", "password"),
    ("text/secret.rs", "token"),
];

/// Who needs clap outside of files for the command line: what is made of its declaration, and what declares it.
const MAY_NAME_CLAP: &[&str] = &["cli/", "registry.rs", "manual/"];

/// Who describes rows to print outside of files for the command line: `export`, which writes them into files and
/// workbooks, and the root.
const MAY_DESCRIBE_ROWS: &[&str] = &["cli/", "registry.rs", "export/"];

/// The texts of a language in every feature, by file and name.
fn texts(language: &str) -> BTreeMap<String, String> {
    let mut texts = BTreeMap::new();
    for entry in std::fs::read_dir(root().join("src/lib")).unwrap() {
        let file = entry.unwrap().path().join("text").join(language).with_extension("ftl");
        let Ok(source) = std::fs::read_to_string(&file) else { continue };
        let folder = file.parent().unwrap().display().to_string();
        for line in source.lines().filter(|line| line.starts_with(char::is_alphabetic)) {
            let (name, text) = line.split_once('=').unwrap();
            texts.insert(format!("{folder} {}", name.trim()), text.trim().to_owned());
        }
    }
    assert!(texts.len() > 100, "{texts:?}");
    texts
}

#[test]
fn what_is_one_text_in_english_is_one_in_ukrainian() {
    let (english, ukrainian) = (texts("en"), texts("uk"));
    let mut said: BTreeMap<&str, BTreeMap<&str, &str>> = BTreeMap::new();
    for (name, text) in &english {
        said.entry(text).or_default().insert(&ukrainian[name], name);
    }
    said.retain(|_, translations| translations.len() > 1);
    assert!(said.is_empty(), "{said:#?}");
}

/// The strings in code, as they are written.
fn strings(code: &str) -> Vec<&str> {
    let (mut found, mut start, mut escaped) = (Vec::new(), None, false);
    for (at, c) in code.char_indices() {
        match (c, start) {
            ('\\', _) if !escaped => {
                escaped = true;
                continue;
            }
            ('"', Some(begun)) if !escaped => {
                found.push(&code[begun..at]);
                start = None;
            }
            ('"', None) if !escaped && !code[..at].ends_with('\'') => start = Some(at + 1),
            _ => {}
        }
        escaped = false;
    }
    found
}

/// The tables and views of the schema that are not the store's own.
fn tables() -> BTreeSet<String> {
    let schema = std::fs::read_to_string(root().join("docs/schema.sql")).unwrap();
    let made = ["CREATE TABLE ", "CREATE VIRTUAL TABLE ", "CREATE VIEW "];
    let name = |line: &str| made.iter().find_map(|made| line.strip_prefix(made)).map(first_word);
    let mut tables: BTreeSet<String> = schema.lines().filter_map(name).collect();
    assert!(tables.remove("store_info") && tables.contains("users_search"), "{tables:?}");
    tables
}

fn first_word(text: &str) -> String {
    text.trim_start_matches('"').chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect()
}

/// The tables that a string reads or writes.
fn tables_in(string: &str) -> impl Iterator<Item = String> {
    let words = ["FROM ", "JOIN ", "INTO ", "UPDATE "];
    words.into_iter().flat_map(|word| string.split(word).skip(1)).map(first_word)
}

/// What a string has of a feature: its name alone, as the first part of a longer one, or as a command.
fn feature_in<'a>(string: &str, features: &'a BTreeSet<String>) -> Option<&'a String> {
    let begins = |feature: &&String| {
        let rest = string.strip_prefix(feature.as_str());
        let is_name = rest.is_some_and(|rest| {
            rest.is_empty() || rest.strip_prefix('.').is_some_and(|rest| rest.starts_with(char::is_lowercase))
        });
        is_name || string.split("secboard ").skip(1).any(|typed| first_word(typed) == **feature)
    };
    features.iter().find(begins)
}

/// The words of features and the tables in the strings of frames.
fn foreign(sources: &[Source]) -> Vec<String> {
    let (frames, features, tables) = (frames(), features(), tables());
    let mut found = Vec::new();
    // Migrations make the tables of all.
    let of_frames = sources.iter().filter(|source| {
        frames.contains(source.module()) && !source.is_test() && source.path != "store/migrate.rs"
    });
    for source in of_frames {
        for string in strings(&source.live) {
            let is_own = OWN_WORDS.iter().any(|(path, word)| source.path == *path && string.contains(word));
            if let Some(feature) = feature_in(string, &features).filter(|_| !is_own) {
                found.push(format!("{} says {feature}: {string:?}", source.path));
            }
            let tables = tables_in(string).filter(|table| tables.contains(table) && !is_own);
            found.extend(tables.map(|table| format!("{} names the table {table}", source.path)));
        }
    }
    found
}

#[test]
fn no_frame_names_a_feature() {
    let frames = frames();
    let edges = edges(&sources());
    let broken = edges.iter().filter(|((from, to), _)| frames.contains(from) && !frames.contains(to));
    assert_none(
        broken.map(|((_, to), files)| format!("{files:?} name {to}")).collect(),
        "a frame knows no feature",
    );
}

#[test]
fn no_frame_has_a_word_or_a_table_of_a_feature_in_a_string() {
    assert_none(foreign(&sources()), "let the feature own it, and the registry collect it");
}

#[test]
fn a_word_or_a_table_in_a_frame_is_found() {
    let found = |path: &str, text: &str| !foreign(&[Source::of(path.to_owned(), text)]).is_empty();
    for text in [
        r#"const NAME: &str = "user.bin_days";"#,
        r#"const KIND: &str = "group";"#,
        r#"const HINT: &str = "see `secboard user list`";"#,
        r#"const SQL: &str = "SELECT id FROM users";"#,
        r#"const SQL: &str = "say \"x\" INSERT INTO runs (id) VALUES (1)";"#,
    ] {
        assert!(found("context/mod.rs", text) && found("store/info.rs", text), "{text}");
        assert!(!found("user/mod.rs", text) && !found("store/tests.rs", text), "{text}");
    }
    for text in
        [r#"const A: &str = "users are people";"#, r#"const A: &str = "SELECT value FROM store_info";"#]
    {
        assert!(!found("store/info.rs", text), "{text}");
    }
}

/// The files that name something of the command line and are neither its files nor among those who may.
fn outside_of_the_command_line(sources: &[Source], word: &str, may: &[&str]) -> Vec<String> {
    let is_cli = |path: &str| path.ends_with("/cli.rs") || path.contains("/cli/");
    let named = sources.iter().filter(|source| !source.is_test() && source.live.contains(word));
    let paths = named.map(|source| source.path.clone());
    paths.filter(|path| !is_cli(path) && !may.iter().any(|may| path.starts_with(may))).collect()
}

#[test]
fn clap_stays_in_files_of_the_command_line() {
    let broken = outside_of_the_command_line(&sources(), "clap::", MAY_NAME_CLAP);
    assert_none(broken, "say in the feature's cli.rs how the command line takes it");
    assert!(rust_files(&root().join("src/lib/user/cli")).len() > 5);
}

#[test]
fn what_is_printed_is_described_in_files_of_the_command_line() {
    let broken = outside_of_the_command_line(&sources(), "cli::output", MAY_DESCRIBE_ROWS);
    assert_none(broken, "move the row into the feature's cli.rs");
    for file in MAY_DESCRIBE_ROWS {
        let is_needed = |source: &Source| source.path.starts_with(file) && source.live.contains("output");
        assert!(sources().iter().any(is_needed), "{file} needs no leave any more");
    }
    let row = |path: &str| {
        let source = Source::of(path.to_owned(), "use crate::cli::output::record;\n");
        outside_of_the_command_line(&[source], "cli::output", MAY_DESCRIBE_ROWS)
    };
    assert_eq!(row("user/bin.rs"), ["user/bin.rs"]);
    assert!(row("user/cli/rows.rs").is_empty());
}
