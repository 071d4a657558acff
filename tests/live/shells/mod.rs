//! The completions, in the shells they are for.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::program::program;
use crate::workbook::Site;

/// A file of the project.
fn file(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(name)
}

/// What the shell prints, with `secboard` in its path and the site's store before it.
fn printed(shell: &mut Command, site: &Site) -> String {
    let folder = Path::new(env!("CARGO_BIN_EXE_secboard")).parent().unwrap();
    let path = format!("{}:{}", folder.display(), std::env::var("PATH").unwrap());
    shell.env("PATH", path).env("HOME", site.path("")).env("SECBOARD_STORE", site.path("try/secboard.db"));
    shell.env("LANG", "C.UTF-8");
    String::from_utf8(shell.output().unwrap().stdout).unwrap()
}

fn in_bash(site: &Site, line: &str) -> String {
    let script = file("tests/live/shells/complete.bash");
    let mut bash = program("bash");
    bash.arg("--norc").arg(script).arg(file("completions/secboard.bash")).arg(line);
    printed(&mut bash, site)
}

/// The line after Tab in an interactive bash.
fn typed_in_bash(site: &Site, line: &str) -> String {
    let script = file("tests/live/shells/tab.zsh");
    printed(program("zsh").arg("-f").arg(script).arg(file("completions/secboard.bash")).arg(line), site)
}

fn in_zsh(site: &Site, line: &str) -> String {
    let script = file("tests/live/shells/complete.zsh");
    printed(program("zsh").arg("-f").arg(script).arg(file("completions")).arg(line), site)
}

fn in_fish(site: &Site, line: &str) -> String {
    let script = format!("source '{}'; complete -C '{line}'", file("completions/secboard.fish").display());
    printed(program("fish").args(["--no-config", "-c", &script]), site)
}

#[test]
fn bash_completes_commands_and_values_from_the_store() {
    let site = Site::new();
    assert_eq!(in_bash(&site, "secboard compan"), "company\n");
    assert_eq!(in_bash(&site, "secboard user show admin"), "admin@acme.example\n");
    assert_eq!(
        in_bash(&site, "secboard user list --company "),
        "Acme\\ Bank\nMüller\\ \\&\\ Söhne\nДніпро\\ Енерго\n"
    );
}

#[test]
fn bash_puts_a_name_with_spaces_into_the_line_as_one_word() {
    let site = Site::new();
    for (typed, line) in [
        ("secboard company show Ac", r"secboard company show Acme\ Bank "),
        (r"secboard company show Acme\ B", r"secboard company show Acme\ Bank "),
        ("secboard company show 'Acme B", "secboard company show 'Acme Bank' "),
        ("secboard company show \"Ac", "secboard company show \"Acme Bank\" "),
        ("secboard company show mü", r"secboard company show Müller\ \&\ Söhne "),
        ("secboard company show дн", r"secboard company show Дніпро\ Енерго "),
        ("secboard user show admin@ac", "secboard user show admin@acme.example "),
    ] {
        assert_eq!(typed_in_bash(&site, typed), format!("{line}\n"), "{typed}");
    }
}

#[test]
fn zsh_completes_commands_and_values_from_the_store_at_the_first_tab() {
    let site = Site::new();
    assert_eq!(in_zsh(&site, "secboard compan"), "secboard company \n");
    assert_eq!(in_zsh(&site, "secboard user show admin"), "secboard user show admin@acme.example \n");
    assert_eq!(in_zsh(&site, "secboard company show Ac"), "secboard company show Acme\\ Bank \n");
}

#[test]
fn a_name_with_spaces_is_completed_behind_its_first_space_in_zsh_and_fish() {
    let site = Site::new();
    for (typed, line) in [
        (r"secboard company show Acme\ B", r"secboard company show Acme\ Bank "),
        ("secboard company show \"Acme B", "secboard company show \"Acme Bank\" "),
        ("secboard user list --company 'Acme B", "secboard user list --company 'Acme Bank' "),
    ] {
        assert_eq!(in_zsh(&site, typed), format!("{line}\n"), "{typed}");
    }
    for typed in [r"--company Acme\\ B", "--company \"Acme B", "--company \"A"] {
        assert_eq!(in_fish(&site, &format!("secboard user list {typed}")), "Acme Bank\n", "{typed}");
    }
}

#[test]
fn the_store_of_the_line_comes_before_that_of_the_environment() {
    let site = Site::new();
    let moved = site.path("my try");
    std::fs::rename(site.path("try"), &moved).unwrap();
    let line = format!("secboard --store \"{}/secboard.db\" user show admin", moved.display());
    assert_eq!(in_fish(&site, &line), "admin@acme.example\n");
    assert_eq!(in_zsh(&site, &line), format!("{line}@acme.example \n"));
    assert_eq!(typed_in_bash(&site, &line), format!("{line}@acme.example \n"));
}

#[test]
fn topics_are_offered_behind_help() {
    let site = Site::new();
    assert_eq!(in_bash(&site, "secboard help exi"), "exit-codes\n");
    assert_eq!(in_zsh(&site, "secboard help exi"), "secboard help exit-codes \n");
    assert_eq!(in_fish(&site, "secboard help exi"), "exit-codes\n");
    assert_eq!(in_bash(&site, "secboard help user set-p"), "set-password\n");
}

#[test]
fn fish_completes_commands_and_values_from_the_store() {
    let site = Site::new();
    assert!(in_fish(&site, "secboard compan").starts_with("company\t"));
    assert_eq!(in_fish(&site, "secboard user show admin"), "admin@acme.example\n");
    assert!(in_fish(&site, "secboard user list --company ").contains("Дніпро Енерго"));
}

#[test]
fn without_a_store_nothing_but_commands_is_offered() {
    let site = Site::new();
    std::fs::remove_file(site.path("try/secboard.key")).unwrap();
    std::fs::remove_file(site.path("try/secboard.db")).unwrap();
    assert_eq!(in_bash(&site, "secboard compan"), "company\n");
    assert_eq!(in_fish(&site, "secboard user show admin"), "");
}
