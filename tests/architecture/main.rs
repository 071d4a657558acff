//! The rules of `docs/ARCHITECTURE.md`, proved on the source text.
//!
//! What is a frame and what a feature is read from `src/lib/lib.rs`, which lists them under these two words.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod rooms;
mod words;

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

/// Longer files are hard to keep in one's head.
const MAX_LINES: usize = 500;

/// A source file of the library.
struct Source {
    /// Below `src/lib/`, with `/`.
    path: String,
    /// Its lines without comments, up to its unit tests.
    code: String,
    /// Of these, what not only tests use.
    live: String,
    /// How many lines it has, with comments.
    lines: usize,
}

impl Source {
    fn of(path: String, text: &str) -> Self {
        Self { path, code: code(text), live: live(text), lines: text.lines().count() }
    }

    /// The folder or file directly below `src/lib/`, as a module name.
    fn module(&self) -> &str {
        self.path.split('/').next().unwrap().trim_end_matches(".rs")
    }

    fn file_name(&self) -> &str {
        self.path.rsplit('/').next().unwrap()
    }

    /// `tests.rs`, or a file in a folder `tests`.
    fn is_test(&self) -> bool {
        self.file_name() == "tests.rs" || self.path.contains("/tests/")
    }

    fn may_hold_sql(&self) -> bool {
        self.file_name() == "store.rs" || self.path.contains("store/") || self.is_test()
    }
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn rust_files(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files.extend(rust_files(&path));
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            files.push(path);
        }
    }
    files.sort();
    files
}

fn code(text: &str) -> String {
    let is_code = |line: &&str| !line.trim_start().starts_with("//");
    let text = text.split_once("#[cfg(test)]\nmod tests {").map_or(text, |(before, _)| before);
    text.lines().filter(is_code).collect::<Vec<_>>().join("\n")
}

/// The lines of code that are not for tests alone, which begin with `#[cfg(test)]` and end with the item behind it.
fn live(text: &str) -> String {
    let indent = |line: &str| line.len() - line.trim_start().len();
    let mut live = String::new();
    let mut lines = text.lines();
    while let Some(line) = lines.next() {
        if line.trim() == "#[cfg(test)]" {
            let ends = |next: &&str| indent(next) == indent(line) && next.ends_with([';', '}', ',']);
            lines.find(ends);
        } else if !line.trim_start().starts_with("//") {
            live.push_str(line);
            live.push('\n');
        }
    }
    live
}

fn sources() -> Vec<Source> {
    let library = root().join("src/lib");
    let source = |file: PathBuf| {
        let text = fs::read_to_string(&file).unwrap();
        let path = file.strip_prefix(&library).unwrap().to_str().unwrap().to_owned();
        Source::of(path, &text)
    };
    rust_files(&library).into_iter().map(source).collect()
}

/// The modules that `lib.rs` lists under `// Frames.` or `// Features.`, up to the next empty line.
fn modules_under(heading: &str) -> BTreeSet<String> {
    let text = fs::read_to_string(root().join("src/lib/lib.rs")).unwrap();
    let listed = text.lines().skip_while(|line| *line != heading).skip(1).take_while(|line| !line.is_empty());
    let modules: BTreeSet<String> = listed.filter_map(declared_module).collect();
    assert!(!modules.is_empty(), "`lib.rs` lists nothing under `{heading}`");
    modules
}

fn frames() -> BTreeSet<String> {
    let mut frames = modules_under("// Frames.");
    frames.insert("error".to_owned());
    frames
}

fn features() -> BTreeSet<String> {
    modules_under("// Features.")
}

/// The name in `mod name;`, whatever its visibility.
fn declared_module(line: &str) -> Option<String> {
    let words: Vec<&str> = line.trim().strip_suffix(';')?.split_whitespace().collect();
    match words.as_slice() {
        ["mod", name] | [_, "mod", name] => Some((*name).to_owned()),
        _ => None,
    }
}

/// Fails with the list of those who broke a rule.
fn assert_none(broken: Vec<String>, rule: &str) {
    assert!(broken.is_empty(), "{rule}:\n  {}", broken.join("\n  "));
}

#[test]
fn everything_below_the_library_is_a_frame_a_feature_or_the_root() {
    let (frames, features) = (frames(), features());
    let known = |module: &str| {
        matches!(module, "lib" | "registry" | "daemon" | "bench" | "fuzzing")
            || frames.contains(module)
            || features.contains(module)
    };
    let sources = sources();
    let broken = sources.iter().map(Source::module).filter(|module| !known(module)).map(str::to_owned);
    assert_none(broken.collect(), "list the module in lib.rs as a frame or a feature");
    assert!(frames.is_disjoint(&features));
}

#[test]
fn nothing_is_decided_by_the_code_of_an_error() {
    let steers = |line: &&str| {
        let asked = line.contains(".code()") || line.contains("\"code\"]");
        asked
            && ["==", "!=", "match ", "matches!(", ".split", ".starts_with(", ".contains("]
                .iter()
                .any(|by| line.contains(by))
    };
    let mut broken = Vec::new();
    for source in sources().iter().filter(|source| !source.is_test()) {
        broken.extend(
            source.code.lines().filter(steers).map(|line| format!("{}: {}", source.path, line.trim())),
        );
    }
    assert_none(broken, "ask for the type of the error with `Failure::get`, or for its `field()`");
}

#[test]
fn rusqlite_stays_in_store_files_and_the_store_frame() {
    let sources = sources();
    let broken = sources
        .iter()
        .filter(|source| source.code.contains("rusqlite") && !source.may_hold_sql())
        .map(|source| source.path.clone());
    assert_none(broken.collect(), "move what needs rusqlite into the feature's store.rs");
}

#[test]
fn sql_stays_in_store_files_and_the_store_frame() {
    let statements =
        ["SELECT ", "INSERT INTO ", "INSERT OR ", "UPDATE ", "DELETE FROM ", "CREATE ", "PRAGMA "];
    let mut broken = Vec::new();
    for source in sources().iter().filter(|source| !source.may_hold_sql()) {
        let lines = source.code.lines().filter(|line| statements.iter().any(|word| line.contains(word)));
        broken.extend(lines.map(|line| format!("{}: {}", source.path, line.trim())));
    }
    assert_none(broken, "move the statement into the feature's store.rs");
}

/// The names of the constants that are SQL statements: those that begin as one, and those a macro makes.
fn statements(code: &str) -> Vec<&str> {
    let begins = |value: &str| {
        let text = value.trim_start_matches(|c: char| c.is_whitespace() || "[\"\\".contains(c));
        ["SELECT ", "INSERT ", "UPDATE ", "DELETE ", "WITH "].iter().any(|word| text.starts_with(word))
    };
    let is_made = |value: &str| value.split_once("!(").is_some_and(|(name, _)| !name.contains('"'));
    let constants = code.split("const ").skip(1).filter_map(|rest| {
        let (name, rest) = rest.split_once(": ")?;
        let value = rest
            .strip_prefix("&str =")
            .or_else(|| rest.strip_prefix("[&str;")?.split_once('=').map(|(_, value)| value));
        value.filter(|value| begins(value) || is_made(value)).map(|_| name)
    });
    constants.collect()
}

/// Whether a name stands in a list of statements.
fn is_listed(name: &str, code: &str) -> bool {
    let lists = code.split("STATEMENTS: &[&str] =").skip(1).filter_map(|rest| rest.split_once(';'));
    let is_part = |c: char| c.is_alphanumeric() || c == '_';
    lists.flat_map(|(list, _)| list.split(|c| !is_part(c))).any(|word| word == name)
}

#[test]
fn every_statement_stands_in_a_list_that_a_test_prepares() {
    let sources = sources();
    let mut broken = Vec::new();
    let mut known = 0;
    for source in sources.iter().filter(|source| source.may_hold_sql() && !source.is_test()) {
        let above = source
            .path
            .rsplit_once('/')
            .map_or("mod.rs".to_owned(), |(folder, _)| format!("{folder}/mod.rs"));
        let above = sources.iter().find(|other| other.path == above);
        let lists = [Some(source), above].into_iter().flatten();
        let missing = |name: &&str| !lists.clone().any(|source| is_listed(name, &source.code));
        let names = statements(&source.code);
        known += names.len();
        broken.extend(names.into_iter().filter(missing).map(|name| format!("{}: {name}", source.path)));
    }
    assert!(known > 150, "only {known} statements were recognized");
    assert_none(broken, "list it in `STATEMENTS`");
}

#[test]
fn every_feature_with_commands_stands_in_the_registry() {
    let sources = sources();
    // Or below the commands of another feature, as `setting operator`.
    let declares = |source: &&Source| {
        source.path == "registry.rs"
            || source.path.ends_with("/cli.rs")
            || source.path.ends_with("/cli/mod.rs")
    };
    let mut broken = Vec::new();
    for feature in features() {
        let files = [format!("{feature}/cli.rs"), format!("{feature}/cli/mod.rs")];
        let is_commands = |source: &Source| files.contains(&source.path) && source.code.contains("fn run");
        let has_commands = sources.iter().any(is_commands);
        let named = format!("{feature}::cli::");
        let is_declared = sources.iter().filter(declares).any(|source| source.code.contains(&named));
        if has_commands && !is_declared {
            broken.push(feature);
        }
    }
    assert_none(broken, "add a line to registry.rs");
}

/// The names of the settings that a file defines.
fn settings(code: &str) -> impl Iterator<Item = &str> {
    code.split("static ").skip(1).filter_map(|rest| rest.split_once(": Setting<").map(|(name, _)| name))
}

#[test]
fn every_setting_stands_in_a_list_that_the_registry_collects() {
    let sources = sources();
    let lists: Vec<&str> = sources
        .iter()
        .filter_map(|source| source.live.split_once("SETTINGS: &[&dyn Definition] ="))
        .filter_map(|(_, rest)| rest.split_once(';').map(|(list, _)| list))
        .collect();
    let is_listed = |name: &str| {
        let named = format!("&{name}");
        lists.iter().any(|list| list.split([',', '[', ']']).any(|item| item.trim() == named))
    };
    let mut broken = Vec::new();
    let mut known = 0;
    for source in sources.iter().filter(|source| !source.is_test()) {
        let missing = settings(&source.live).inspect(|_| known += 1).filter(|name| !is_listed(name));
        broken.extend(missing.map(|name| format!("{}: {name}", source.path)));
    }
    assert!(known > 10, "only {known} settings were recognized");
    assert_none(broken, "list it in the `SETTINGS` of its feature");
    let registry = sources.iter().find(|source| source.path == "registry.rs").unwrap();
    let (_, table) = registry.live.split_once("features: &[").unwrap();
    let (collected, _) = table.split_once("],").unwrap();
    assert_eq!(collected.matches("SETTINGS").count(), lists.len(), "let registry.rs collect every list");
}

#[test]
fn the_crate_root_lies_in_the_library_folder() {
    assert!(root().join("src/lib/lib.rs").is_file());
    let beside: BTreeSet<String> = fs::read_dir(root().join("src"))
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    assert_eq!(beside, BTreeSet::from(["bin".to_owned(), "lib".to_owned()]), "`src` holds these two folders");
}

#[test]
fn every_file_is_reached_by_a_mod() {
    let library = root().join("src/lib");
    let mut reached = BTreeSet::from([library.join("lib.rs")]);
    let mut open = vec![library.join("lib.rs")];
    while let Some(file) = open.pop() {
        let folder = match file.file_name().unwrap().to_str().unwrap() {
            "lib.rs" | "mod.rs" => file.parent().unwrap().to_owned(),
            _ => file.with_extension(""),
        };
        for module in fs::read_to_string(&file).unwrap().lines().filter_map(declared_module) {
            let places = [folder.join(format!("{module}.rs")), folder.join(&module).join("mod.rs")];
            open.extend(places.into_iter().filter(|place| place.is_file() && reached.insert(place.clone())));
        }
    }
    let files = rust_files(&library).into_iter();
    let broken = files.filter(|file| !reached.contains(file)).map(|file| file.display().to_string());
    assert_none(broken.collect(), "no `mod` leads to the file, so it is never compiled");
}

#[test]
fn the_migrations_on_disk_are_those_that_are_applied_without_gaps() {
    let mut on_disk: Vec<String> = fs::read_dir(root().join("migrations"))
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    on_disk.sort();
    let list = fs::read_to_string(root().join("src/lib/store/migrate.rs")).unwrap();
    let applied: Vec<String> = list
        .lines()
        .filter_map(|line| line.trim().strip_prefix("(\"")?.split_once("\", include_str!"))
        .map(|(name, _)| name.to_owned())
        .collect();
    assert_eq!(on_disk, applied);
    for (index, name) in on_disk.iter().enumerate() {
        assert!(name.starts_with(&format!("{:04}_", index + 1)), "`{name}` is not number {}", index + 1);
        assert!(
            list.contains(&format!("migrations/{name}\"")),
            "`{name}` is listed under another file's text"
        );
    }
}

#[test]
fn the_binaries_only_ring_the_library() {
    for name in ["secboard", "secboardd"] {
        let text = fs::read_to_string(root().join(format!("src/bin/{name}.rs"))).unwrap();
        let code = code(&text);
        let lines: Vec<&str> = code.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
        let call = format!("secboard::{name}()");
        assert_eq!(lines, ["use std::process::ExitCode;", "fn main() -> ExitCode {", &call, "}"]);
    }
}

#[test]
fn no_file_is_too_long() {
    let sources = sources();
    let long = sources.iter().filter(|source| source.lines > MAX_LINES);
    let broken = long.map(|source| format!("{}: {} lines", source.path, source.lines));
    assert_none(broken.collect(), "split the file by what it tells");
}

#[test]
fn no_file_is_a_drawer_for_everything() {
    let drawers = ["util", "utils", "helper", "helpers", "misc", "stuff"];
    let sources = sources();
    let broken = sources
        .iter()
        .filter(|source| source.path.split('/').any(|part| drawers.contains(&part.trim_end_matches(".rs"))))
        .map(|source| source.path.clone());
    assert_none(broken.collect(), "name the file after what it holds");
}

/// The id of the promise that a test proves by its name: `a1` of `a1_nobody_raises_themselves`.
fn promise(line: &str) -> Option<String> {
    let (id, _) = line.trim().strip_prefix("fn ")?.split_once('_')?;
    let number = id.strip_prefix(['a', 'd', 'f', 'p'])?;
    (!number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit())).then(|| id.to_uppercase())
}

#[test]
fn every_promise_that_a_test_names_stands_in_the_security_policy() {
    let policy = fs::read_to_string(root().join("docs/SECURITY.md")).unwrap();
    let rows = policy.lines().filter_map(|line| line.strip_prefix("| ")?.split_once(" |"));
    let told: BTreeSet<&str> = rows.flat_map(|(ids, _)| ids.split(", ")).collect();
    let mut proved = BTreeSet::new();
    for file in [rust_files(&root().join("src")), rust_files(&root().join("tests"))].concat() {
        proved.extend(fs::read_to_string(file).unwrap().lines().filter_map(promise));
    }
    assert!(proved.contains("A1"));
    let broken = proved.into_iter().filter(|id| !told.contains(&**id));
    assert_none(broken.collect(), "say in docs/SECURITY.md what is promised");
}
