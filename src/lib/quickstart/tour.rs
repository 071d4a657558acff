//! The tour: what to try first. Every line between the headings is a command for a shell.

use std::fmt::Write as _;
use std::path::Path;

use crate::text::shell::{path, secboard};

/// The steps: what a command shows, and the command.
const STEPS: [(&str, &str); 16] = [
    ("Everybody, a page at a time", "secboard user list"),
    ("Find people by any part of name, email or phone, in any script", "secboard user list --search дар"),
    (
        "Combine filters as you like",
        "secboard user list --company 'Дніпро Енерго' --employment current --status active",
    ),
    ("Change somebody", "secboard user edit admin@acme.example --phone '067 123 45 67'"),
    ("Who changed them, when, and what", "secboard audit list --subject admin@acme.example"),
    (
        "Why may somebody do something: the role, the group, the grant",
        "secboard permission explain toby.oneil000@acme.example risk.edit_report --company 'Acme Bank'",
    ),
    ("Who else may", "secboard permission who-can risk.edit_report --company 'Acme Bank'"),
    ("Who works where", "secboard org chart --company 'Müller & Söhne'"),
    ("What was done in bulk, and could be undone", "secboard run list"),
    (
        "Try a change without making it",
        "secboard user deactivate --company 'Acme Bank' --all-matching --dry-run || true",
    ),
    ("A workbook for colleagues", "secboard export users --status inactive --output inactive.xlsx"),
    ("Who may do what, a sheet a module", "secboard export access --output access.xlsx"),
    (
        "Write to somebody",
        "echo 'The site rests on Sunday.' | secboard mail send --to admin@acme.example --subject Maintenance",
    ),
    (
        "Let what waits leave; here each mail becomes a file in the folder mails",
        "secboard mail flush && ls mails",
    ),
    ("What became of the mails to somebody", "secboard mail trace admin@acme.example"),
    ("Prove that nobody altered the record", "secboard audit verify"),
];

/// The tour as a shell script: comments and commands.
pub(super) fn script(program: &Path, store: &Path, switched_off: &str) -> String {
    let folder = program.parent().unwrap_or(Path::new("."));
    let mut text = String::new();
    // Where its own files are, and those that it makes are to be.
    let home = store.parent().unwrap_or(Path::new("."));
    writeln!(
        text,
        "cd {}\nexport PATH={}:\"$PATH\" SECBOARD_STORE={}",
        path(home),
        path(folder),
        path(store)
    )
    .ok();
    for (what, command) in STEPS {
        writeln!(text, "\n# {what}\n{command}").ok();
    }
    let why = format!("{} || true", secboard("user why").operand(switched_off));
    writeln!(text, "\n# Why can somebody not log in?\n{why}").ok();
    text
}
