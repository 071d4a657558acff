//! The man pages, read by mandoc.

use std::fs;
use std::path::Path;

use crate::program::program;

#[test]
fn mandoc_has_nothing_to_say_of_the_man_pages() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("man");
    let pages: Vec<_> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    assert!(!pages.is_empty());
    let output = program("mandoc").arg("-Tlint").args(&pages).output().unwrap();
    let complaints = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success() && complaints.is_empty(), "{complaints}");
}
