//! Every parser of outside input on the inputs that its fuzz target begins with, those that once broke it among them.

#![expect(
    clippy::unwrap_used,
    clippy::print_stderr,
    reason = "a test fails by panicking, and names the input before"
)]

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use secboard::fuzzing::TARGETS;

fn fuzz() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz")
}

fn names_in(folder: &str) -> BTreeSet<String> {
    let entries = fs::read_dir(fuzz().join(folder)).unwrap();
    let stem = |path: PathBuf| path.file_stem().unwrap().to_str().unwrap().to_owned();
    entries.map(|entry| stem(entry.unwrap().path())).collect()
}

#[test]
fn d10_every_parser_bears_the_seeds_of_its_fuzz_target() {
    for (target, parse) in TARGETS {
        for entry in fs::read_dir(fuzz().join("seeds").join(target)).unwrap() {
            let path = entry.unwrap().path();
            eprintln!("{}", path.display());
            parse(&fs::read(path).unwrap());
        }
    }
}

#[test]
fn every_parser_has_a_program_and_seeds() {
    let targets: BTreeSet<String> = TARGETS.iter().map(|(target, _)| (*target).to_owned()).collect();
    let manifest = fs::read_to_string(fuzz().join("Cargo.toml")).unwrap();
    let built: BTreeSet<String> = manifest
        .lines()
        .filter_map(|line| {
            Some(line.strip_prefix("path = \"fuzz_targets/")?.strip_suffix(".rs\"")?.to_owned())
        })
        .collect();
    assert_eq!(targets, names_in("fuzz_targets"));
    assert_eq!(targets, names_in("seeds"));
    assert_eq!(targets, built);
}
