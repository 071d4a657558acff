//! What an operator of one company is told of everything that is another's: what is told of what never was.

use std::io::Cursor;

use crate::harness::{Board, Ran};
use crate::named::{
    COMPANIES, CONNECTIONS, DEPARTMENTS, GROUPS, MAIL_ACCOUNTS, PEOPLE, POSITIONS, ROLES, RUNS, filtered,
};

/// What can be typed, command by command.
const REFERENCE: &str = include_str!("../../docs/cli-reference.md");

/// A board of two companies with everything in each, under names that are nearly the same.
pub(crate) fn board() -> Board {
    let board = Board::new();
    for command in [
        "company create Globex",
        "company create Empty",
        "department create Treasury --company acme-bank",
        "department create Idle --company acme-bank",
        "position create Dealer --company acme-bank --department Treasury",
        "department create Vault --company globex",
        "position create Keeper --company globex --department Vault",
        "group create Readers",
        "group create Unused",
        "group edit Readers --assignable",
        "group create Common --company acme-bank",
        "group create Common --company globex",
        "group create Foreign --company globex",
        "group grant Foreign risk.view_report",
        "role create Night",
        "role create Local --company acme-bank",
        "role create Overseer --company globex --group Foreign",
        "role create Shared --company acme-bank --company globex --group 'Common@Acme Bank' --group Foreign",
        "role create Global --group Foreign --group Readers",
        "user create --email olena@acme.example --first-name Olena --last-name Koval --company acme-bank",
        "user create --email petro@acme.example --first-name Petro --last-name Koval --company acme-bank",
        "user create --email gone@acme.example --first-name Gone --last-name Acme --company acme-bank",
        "user create --email max@globex.example --first-name Max --last-name Müller --company globex --role global",
        "user create --email left@globex.example --first-name Left --last-name Globex --company globex",
        "mail server create folder --kind file --folder .",
        "mail account create noreply --server folder --from noreply@acme.example",
        "mail account create Overseas --server folder --from noreply@globex.example --company globex",
        "mail route set --account noreply",
        "user delete gone@acme.example --yes",
        "user delete left@globex.example --yes",
    ] {
        board.run(command).ok();
    }
    board.run_with_input("user import - --accounts-only", "email\nbare@acme.example\n").ok();
    let abroad = "ad create Abroad --company globex --server ldaps://dc1.globex.example --bind-dn svc@globex.example \
        --base-dn DC=globex,DC=example --password-stdin";
    board.run_with_input(abroad, "reader-secret").ok();
    let mut photo = Cursor::new(Vec::new());
    image::GrayImage::new(240, 240).write_to(&mut photo, image::ImageFormat::Png).unwrap();
    board.write("photo.png", photo.into_inner());
    board.run("user avatar set olena@acme.example photo.png").ok();
    board
}

/// The held run of a board, which people of both companies are in.
pub(crate) fn held_run(board: &Board) -> String {
    for setting in ["brake.people", "brake.percent"] {
        board.run(&format!("setting set {setting} 0")).ok();
    }
    board.run("user deactivate olena@acme.example max@globex.example --yes");
    for setting in ["brake.people", "brake.percent"] {
        board.run(&format!("setting unset {setting}")).ok();
    }
    board.newest_run()
}

/// Someone with every permission for Acme Bank alone.
fn of_acme(board: &Board) -> String {
    for command in ["group create Everything --company acme-bank", "group grant Everything '*'"] {
        board.run(command).ok();
    }
    let new = "user create --email op@acme.example --first-name O --last-name P --company acme-bank --staff";
    board.run(&format!("{new} --group 'Everything@Acme Bank'")).ok();
    board.run("user show olena@acme.example --as op@acme.example").ok();
    "op@acme.example".to_owned()
}

/// When the last change was made.
fn last_change(board: &Board) -> String {
    let rows = board.run("audit list --limit 1 -o json").ok().json();
    rows.pointer("/0/at").and_then(serde_json::Value::as_str).unwrap().to_owned()
}

/// What was printed and how it ended, with the typed name as `NAME`.
fn told(ran: &Ran, name: &str) -> String {
    format!("{}\n{}\n{:?}", ran.stdout, ran.stderr, ran.code).replace(name, "NAME")
}

/// Proves for each line, with each hidden name for `{}`, that the answer is that for a name which never was.
fn are_hidden(board: &Board, operator: &str, lines: &[&str], names: &[(&str, &str)]) {
    let (mut failed, then) = (Vec::new(), last_change(board));
    for line in lines {
        for (hidden, never) in names {
            let run = |name: &str| {
                let (line, input) = line.split_once(" < ").unwrap_or((line, ""));
                let line = line.replace("{}", name).replace("THEN", &then);
                let line = format!("{line} --yes --as {operator}");
                told(&board.run_with_input(&line, &input.replace("{}", name)), name)
            };
            let (there, nowhere) = (run(hidden), run(never));
            let is_refused =
                ["Some(67)", "Some(65)", "Some(77)", "Some(1)"].iter().any(|end| there.ends_with(end));
            if there != nowhere || !is_refused {
                failed.push(format!("{line}\n`{hidden}`: {there}\n`{never}`: {nowhere}\n"));
            }
        }
    }
    assert!(failed.is_empty(), "{}", failed.join("\n"));
}

#[test]
fn a1_people_out_of_reach_are_as_if_they_had_never_been() {
    let board = board();
    let operator = of_acme(&board);
    let id = |email: &str| board.run(&format!("user show {email} -o json")).ok().json()["id"].to_string();
    let max = id("max@globex.example");
    let names = [
        ("max@globex.example", "mac@globex.example"),
        ("MAX@globex.example", "MAC@globex.example"),
        ("left@globex.example", "lest@globex.example"),
        ("bare@acme.example", "bars@acme.example"),
        (max.as_str(), "999"),
    ];
    are_hidden(&board, &operator, PEOPLE, &names);
    // Whoever may make people learns that an email is taken; there is one of each.
    for name in ["max@globex.example", "bare@acme.example"] {
        let rows = format!("email,phone\n{name},+380671234567\n");
        let ran = board.run_with_input(&format!("user import - --on-existing update --as {operator}"), &rows);
        assert!(ran.code == Some(65) && ran.stderr.contains("is taken"), "{ran}");
        let new = format!("user create --email {name} --first-name A --last-name B --company acme-bank");
        for flag in ["", "--if-absent"] {
            let ran = board.run(&format!("{new} {flag} --as {operator}"));
            assert_eq!(ran.code, Some(73));
            assert_eq!(ran.stderr, format!("error: the email `{name}` is taken\nhint: choose another\n"));
        }
        let ran = board.run(&format!("user edit olena@acme.example --email {name} --as {operator}"));
        assert_eq!(ran.stderr, format!("error: the email `{name}` is taken\nhint: choose another\n"));
    }
}

#[test]
fn a1_companies_out_of_reach_are_as_if_they_had_never_been() {
    let board = board();
    let operator = of_acme(&board);
    are_hidden(&board, &operator, COMPANIES, &[("globex", "globez"), ("Globex", "Globez")]);
}

#[test]
fn a1_places_groups_and_roles_out_of_reach_are_as_if_they_had_never_been() {
    let board = board();
    let operator = of_acme(&board);
    are_hidden(&board, &operator, DEPARTMENTS, &[("Vault", "Vaulz")]);
    are_hidden(&board, &operator, POSITIONS, &[("Keeper", "Keepez")]);
    are_hidden(&board, &operator, GROUPS, &[("Foreign", "Foreigz")]);
    are_hidden(&board, &operator, ROLES, &[("overseer", "overseez"), ("Overseer", "Overseez")]);
    let names = [("Overseas", "Oversea"), ("noreply", "noreplz")];
    are_hidden(&board, &operator, MAIL_ACCOUNTS, &names);
    are_hidden(&board, &operator, CONNECTIONS, &[("Abroad", "Abroat")]);
    let run = held_run(&board);
    are_hidden(&board, &operator, RUNS, &[(&run, "zzzzzzzzzz")]);
}

#[test]
fn a1_filters_by_what_is_out_of_reach_are_as_if_it_had_never_been() {
    let board = board();
    let operator = of_acme(&board);
    for (flag, hidden, never) in [
        ("company", "globex", "globez"),
        ("department", "Vault", "Vaulz"),
        ("position", "Keeper", "Keepez"),
        ("group", "Foreign", "Foreigz"),
        ("role", "overseer", "overseez"),
    ] {
        let lines = filtered(flag);
        let lines: Vec<&str> = lines.iter().map(String::as_str).collect();
        are_hidden(&board, &operator, &lines, &[(hidden, never)]);
    }
}

/// Whether an argument of the reference names something there may be, and whose it may be.
fn names_something(argument: &str, value: &str) -> bool {
    let named = [
        "USER",
        "OTHER",
        "COMPANY",
        "DEPARTMENT",
        "POSITION",
        "GROUP",
        "ROLE",
        "RUN",
        "ACCOUNT",
        "CONNECTION",
    ];
    named.contains(&value) || ["--user", "--person"].contains(&argument)
}

/// The arguments of every command that name something: flags, and the words of arguments without one.
fn naming() -> Vec<(String, String)> {
    let mut all = Vec::new();
    let flag = regex::Regex::new(r"(?m)^ +(?:-\w, )?(--[\w-]+) <([A-Z]+)>").unwrap();
    let place = regex::Regex::new(r"(?m)^  [<\[]([A-Z]+)[>\]](?:\.\.\.)?$").unwrap();
    for section in REFERENCE.split("\n## secboard ").skip(1) {
        let command = section.lines().next().unwrap().to_owned();
        let is_anothers =
            ["\nNeeds: root", "\nNeeds: a superuser"].iter().any(|needs| section.contains(needs));
        let is_operators = section.contains("\nNeeds: ") && !is_anothers;
        let flags = flag.captures_iter(section).map(|found| (found[1].to_owned(), found[2].to_owned()));
        let places = place.captures_iter(section).map(|found| (found[1].to_owned(), found[1].to_owned()));
        for (argument, value) in flags.chain(places) {
            if is_operators && names_something(&argument, &value) {
                all.push((command.clone(), argument));
            }
        }
    }
    all
}

#[test]
fn a1_every_argument_that_names_something_is_tried_with_what_is_out_of_reach() {
    let mut lines: Vec<String> =
        [PEOPLE, COMPANIES, DEPARTMENTS, POSITIONS, GROUPS, ROLES, RUNS, MAIL_ACCOUNTS, CONNECTIONS]
            .concat()
            .into_iter()
            .map(str::to_owned)
            .collect();
    for flag in ["company", "department", "position", "group", "role"] {
        lines.extend(filtered(flag));
    }
    let tried = |(command, argument): &&(String, String)| {
        let of_command = |line: &&String| line.starts_with(&format!("{command} "));
        lines.iter().filter(of_command).any(|line| {
            let words: Vec<&str> = line.split_whitespace().collect();
            let place = words.iter().position(|word| word.contains("{}"));
            let before = place.and_then(|place| words.get(place.checked_sub(1)?)).unwrap_or(&"");
            // A name of two words stands in quotation marks.
            if argument.starts_with("--") { before == argument } else { !before.starts_with("--") }
        })
    };
    let naming = naming();
    assert!(naming.len() > 100, "the reference is read: {}", naming.len());
    let missing: Vec<_> = naming.iter().filter(|argument| !tried(argument)).collect();
    assert!(missing.is_empty(), "add to tests/cli/named.rs: {missing:#?}");
}

/// Names are unique over all companies, so that one is taken cannot be kept from who would take it; nothing else is said.
#[test]
fn a1_a_name_that_is_taken_out_of_reach_is_said_to_be_taken_and_no_more() {
    let board = board();
    let operator = of_acme(&board);
    for flag in ["", "--if-absent"] {
        let ran = board.run(&format!("role create OVERSEER --company acme-bank {flag} --as {operator}"));
        assert_eq!(ran.stderr, "error: the name `OVERSEER` is taken\nhint: choose another\n");
    }
    for line in ["role create New --company acme-bank --slug overseer", "role edit local --slug overseer"] {
        let ran = board.run(&format!("{line} --as {operator}"));
        let told = "error: the slug `overseer` belongs to another role\nhint: choose another with `--slug`\n";
        assert_eq!(ran.stderr, told, "{line}");
    }
    // Groups, departments and positions are named within their company.
    for line in [
        "group create Foreign --company acme-bank",
        "department create Vault --company acme-bank",
        "position create Keeper --company acme-bank --department Treasury",
    ] {
        board.run(&format!("{line} --as {operator}")).ok();
    }
}

/// A name that stands for one thing within reach and for others out of reach means that one.
#[test]
fn a1_what_is_out_of_reach_makes_no_name_ambiguous() {
    let board = board();
    let operator = of_acme(&board);
    for line in [
        "group show Common",
        "group members Common",
        "user add-group olena@acme.example Common",
        "user list --group Common",
        "permission matrix --group Common",
        "permission matrix --group Common --as-of THEN",
        "role edit local --add-group Common",
        "user create --email n@acme.example --first-name A --last-name B --company acme-bank --group Common",
    ] {
        let line = line.replace("THEN", &last_change(&board));
        board.run(&format!("{line} --as {operator}")).ok();
    }
}

/// Nothing that is printed for an operator names what is out of reach, or counts it.
#[test]
fn a1_lists_and_shared_things_say_nothing_of_what_is_out_of_reach() {
    let board = board();
    let operator = of_acme(&board);
    for line in [
        "group grant Readers fim.view --company globex",
        "user add-group olena@acme.example Readers",
        "user add-group max@globex.example Readers",
    ] {
        board.run(line).ok();
    }
    for line in [
        "user list",
        "user calendar --days 3660",
        "user show olena@acme.example -o json",
        "company list",
        "department list",
        "position list",
        "org chart",
        "group list",
        "group show Readers -o json",
        "group members Readers",
        "role list -o json",
        "role show shared -o json",
        "role show global -o json",
        "role edit local --description text -o json",
        "permission show olena@acme.example -o json",
        "permission diff olena@acme.example op@acme.example -o json",
        "permission matrix --user olena@acme.example -o json",
        "permission matrix --group Readers -o json",
        "permission matrix --role global -o json",
        "permission explain olena@acme.example fim.view -o json",
        "permission explain olena@acme.example fim.view --company acme-bank",
        "permission who-can risk.view_report -o json",
        "export users -o csv",
        "export roles -o csv",
        "export groups -o csv",
        "export permissions -o csv",
        "export access -o csv",
    ] {
        let ran = board.run(&format!("{line} --as {operator}"));
        let told = format!("{}{}", ran.stdout, ran.stderr);
        let hidden = ["Globex", "globex", "Foreign", "Vault", "Keeper", "Overseer", "Müller"];
        let leaks: Vec<_> = hidden.iter().filter(|word| told.contains(**word)).collect();
        assert!(leaks.is_empty() && !told.contains("[exit status: 2]"), "{line}: {leaks:?}\n{told}");
        assert!(ran.code.is_some_and(|code| code < 2), "{line}: {told}");
    }
    let readers = board.run(&format!("group list -o json --as {operator}")).json();
    let readers = readers.as_array().unwrap().iter().find(|group| group["name"] == "Readers").unwrap();
    assert_eq!((&readers["members"], &readers["grants"]), (&1.into(), &0.into()));
    let global = board.run(&format!("role show global -o json --as {operator}")).json();
    assert_eq!((&global["holders"], &global["groups"]), (&0.into(), &serde_json::json!(["Readers"])));
}
