//! The references in `docs/`.

use std::fmt::Write as _;

use clap::Command;

use super::visible;
use crate::error::{Kind, Result};
use crate::store;

/// Says how the file came to be.
const MADE: &str = "made by `cargo run -- generate .`; do not edit";

/// `docs/cli-reference.md`: the help of every command.
pub(super) fn commands(tree: &Command) -> String {
    let mut text = format!("<!-- {MADE} -->\n\n# Commands\n");
    push(&mut text, tree);
    text
}

fn push(text: &mut String, command: &Command) {
    let path = command.get_bin_name().unwrap_or(command.get_name());
    let help = command.clone().render_long_help().to_string();
    let lines: Vec<&str> = help.lines().map(str::trim_end).collect();
    writeln!(text, "\n## {path}\n\n```text\n{}\n```", lines.join("\n").trim_end()).ok();
    for below in visible(command) {
        push(text, below);
    }
}

/// `docs/exit-codes.md`.
pub(super) fn exit_codes() -> String {
    let mut text = format!(
        "<!-- {MADE} -->\n\n# Exit codes\n\nThe numbers above 64 are those of `sysexits.h` where it has one. `kind` is the name in a JSON error,\nand the status that of an answer by HTTP, with its `Retry-After` in seconds.\n\n| code | kind | status | retry | when |\n|---:|---|---:|---:|---|\n| 0 | | | | done, or nothing to do |\n"
    );
    for kind in Kind::ALL {
        let (exit, name, status) = (kind.exit_code(), kind.name(), kind.http_status());
        let retry_after = kind.retry_after().map_or_else(String::new, |seconds| seconds.to_string());
        writeln!(text, "| {exit} | `{name}` | {status} | {retry_after} | {} |", kind.meaning()).ok();
    }
    text.push_str(
        "\nCtrl-C, SIGTERM and SIGHUP end the work of a command with 130, and nothing is changed. One that only waits for an\nanswer is ended by SIGTERM and SIGHUP as any program is: a shell says 143 and 129.\nWhat serves until it is told to end, `secboardd` and `secboard quickstart --serve`, ends with 0.\n",
    );
    text
}

/// A document that a feature writes about itself.
pub(super) fn of_feature(text: &str) -> String {
    format!("<!-- {MADE} -->\n\n{text}")
}

/// `docs/schema.sql`: what a new store has after all migrations.
pub(super) fn schema() -> Result<String> {
    let statements = store::schema()?;
    Ok(format!("-- {MADE}\n\n{};\n", statements.join(";\n\n")))
}
