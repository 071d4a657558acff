//! The tour: what to try first. Every line between the headings is a command for a shell.

use std::fmt::Write as _;
use std::path::Path;

use super::sample::COMPANIES;
use super::{SUPERUSER, somebody_to_log_in};
use crate::text::shell::{path, secboard, word};

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

/// A tour of the pages: what to open in a browser, and the commands beside it.
const PAGES: [(&str, &[&str]); 8] = [
    (
        "Log in: open ADDRESS/login/ as SUPERUSER with the password that is told above, and choose one of your own if you are asked.",
        &[],
    ),
    (
        "Invite somebody. The mail is told where this runs: open its first link in a private window, choose a password, log in.",
        &["secboard user invite COLLEAGUE", "secboard user why COLLEAGUE || true"],
    ),
    (
        "Forget that password: open ADDRESS/password_reset/, type COLLEAGUE, follow the link of the mail. Whoever was logged \
         in with the old one is out, and a notice says so.",
        &["secboard user session list COLLEAGUE"],
    ),
    (
        "Ask for a second factor. Log in as COLLEAGUE: what opens is how one is set up, with any authenticator app, and then ten \
         backup codes. Log in once more in another window, with a code of either kind.",
        &["secboard two-factor require COLLEAGUE", "secboard two-factor status COLLEAGUE"],
    ),
    (
        "A phone is lost: whoever is sure that it is them ends the second factor, and they are out until they log in anew.",
        &[
            "secboard two-factor reset COLLEAGUE --reason 'phone lost'",
            "secboard two-factor unrequire COLLEAGUE",
        ],
    ),
    (
        "First login: people who have no password yet come in by a word that their company tells them. Open \
         ADDRESS/first_login/, type NEWCOMER and sunflower lane 42.",
        &["printf 'sunflower lane 42\\n' | secboard company control-word set COMPANY --word-stdin"],
    ),
    (
        "Switch somebody off who is logged in: their next click leads to the login.",
        &["secboard user deactivate COLLEAGUE --yes"],
    ),
    (
        "All of it is in the record, and what became of each mail.",
        &["secboard audit list --subject COLLEAGUE", "secboard mail trace COLLEAGUE"],
    ),
];

/// The tour of the pages at an address, for a second terminal beside a browser.
pub(super) fn of_pages(program: &Path, store: &Path, address: &str) -> String {
    let [first, second, _] = &COMPANIES;
    let named = |text: &str| {
        text.replace("ADDRESS", address)
            .replace("SUPERUSER", SUPERUSER)
            .replace("COLLEAGUE", &somebody_to_log_in(first.name))
            .replace("NEWCOMER", &somebody_to_log_in(second.name))
            .replace("COMPANY", &word(second.name))
    };
    let mut text = format!("# In a second terminal:\n{}", begin(program, store));
    for (number, (what, commands)) in (1..).zip(PAGES) {
        let what = named(what);
        writeln!(text, "\n# {number}. {what}").ok();
        for command in commands {
            writeln!(text, "{}", named(command)).ok();
        }
    }
    text
}

/// Where its own files are, and those that it makes are to be.
fn begin(program: &Path, store: &Path) -> String {
    let folder = program.parent().unwrap_or(Path::new("."));
    let home = store.parent().unwrap_or(Path::new("."));
    let (home, folder, store) = (path(home), path(folder), path(store));
    format!("cd {home}\nexport PATH={folder}:\"$PATH\" SECBOARD_STORE={store}\n")
}

/// The tour as a shell script: comments and commands.
pub(super) fn script(program: &Path, store: &Path, switched_off: &str) -> String {
    let mut text = begin(program, store);
    for (what, command) in STEPS {
        writeln!(text, "\n# {what}\n{command}").ok();
    }
    let why = format!("{} || true", secboard("user why").operand(switched_off));
    writeln!(text, "\n# Why can somebody not log in?\n{why}").ok();
    text
}
