//! Who is told who people are: `docs/operators.md` has the rule, and these hold every command to it.

use insta::assert_snapshot;

use crate::harness::Board;
use crate::needs::LINES;
use crate::visibility::{board, held_run};

/// What names somebody of the board.
const NAMES: &[&str] =
    &["ada@", "olena", "petro", "koval", "max@", "müller", "gone@", "left@", "bare@", "dora@", "desk"];

/// What else could tell who has something, or loses it; some of it is refused.
const MORE: &[&str] = &[
    "group members Held",
    "group show Held",
    "group delete Held",
    "group delete Held --force",
    "group edit Held --company globex",
    "group revoke Held risk.view_report",
    "group revoke Administration audit.view",
    "group delete Administration --force",
    "role show night",
    "role delete night",
    "role delete night --force",
    "role edit night --inactive",
    "role edit night --remove-group Held",
    "role edit night --add-company globex",
    "role edit night --add-company globex --force",
    "company show acme-bank",
    "company delete acme-bank",
    "company delete globex",
    "department show Treasury",
    "department delete Treasury",
    "position delete Dealer",
    "permission matrix --group Held",
    "permission matrix --role night",
    "permission who-can risk.view_report",
    "setting set site.time_zone Pacific/Kiritimati",
    "export groups --output -",
    "export roles --output -",
    "export permissions --output -",
];

/// People of both companies who have groups by hand and by role, and one who stands above every operator here.
fn furnished() -> Board {
    let board = board();
    for command in [
        "group create Held",
        "group grant Held risk.view_report",
        "group create Administration",
        "group grant Administration audit.view",
        "role edit night --add-group Held",
        "user add-role olena@acme.example night",
        "user add-role max@globex.example night",
        "user add-group petro@acme.example Held",
        "user create --email dora@acme.example --first-name Dora --last-name Desk --company acme-bank",
        "user add-group dora@acme.example Administration",
        "user edit olena@acme.example --department Treasury --position Dealer",
        "group create Keepers",
        "group grant Keepers '*'",
        "group revoke Keepers users.* --yes",
        "group revoke Keepers audit.view --yes",
        "group revoke Keepers org.view_chart --yes",
        "user create --email op@acme.example --first-name O --last-name P --company acme-bank --staff",
        "user add-group op@acme.example Keepers",
    ] {
        board.run(command).ok();
    }
    board
}

/// Who may look at mails is shown to whom they are.
fn shows_mails(line: &str) -> bool {
    line.starts_with("mail outbox ") || line.starts_with("mail trace ")
}

#[test]
fn a1_who_may_not_look_at_people_is_told_how_many_there_are_and_never_who() {
    let board = furnished();
    let held = held_run(&board);
    let of_table = LINES.iter().map(|(command, arguments)| {
        let arguments =
            arguments.replace("ME", "op@acme.example").replace("HELD", &held).replace("OWN", &held);
        format!("{command} {arguments}")
    });
    let lines: Vec<String> = of_table.chain(MORE.iter().map(|line| (*line).to_owned())).collect();
    let (mut failed, mut done) = (Vec::new(), 0);
    for line in lines.iter().filter(|line| !shows_mails(line)) {
        let (line, input) = line.split_once(" < ").unwrap_or((line, ""));
        let typed = format!("{line} {input}").to_lowercase();
        for format in ["table", "json"] {
            let ran = board.run_with_input(
                &format!("{line} --yes --dry-run -v -o {format} --as op@acme.example"),
                input,
            );
            done += usize::from(ran.code == Some(0));
            let told = format!("{}\n{}", ran.stdout, ran.stderr).to_lowercase();
            let named = NAMES.iter().filter(|name| !typed.contains(**name) && told.contains(**name));
            let named: Vec<_> = named.collect();
            if !named.is_empty() {
                failed.push(format!("{line} names {named:?}:\n{told}"));
            }
        }
    }
    assert!(failed.is_empty(), "{}", failed.join("\n"));
    assert!(done > 60, "{done} were done");
}

#[test]
fn a1_people_are_named_for_the_companies_one_may_look_at_them_in_and_counted_for_others() {
    let board = furnished();
    for command in [
        "group create Lookers --company acme-bank",
        "group grant Lookers users.view --company acme-bank",
        "user add-group op@acme.example Lookers",
    ] {
        board.run(command).ok();
    }
    assert_snapshot!(board.run("group members Held --as op@acme.example --columns email,origins"), @"
    EMAIL               ORIGINS
    olena@acme.example  role:night
    petro@acme.example  manual
    ------- stderr -------
    note: 1 person is not named, which takes `users.view` for their company
    ");
    assert_snapshot!(board.run("group delete Held --as op@acme.example"), @"
    ------- stderr -------
    error: group `Held` is in use: 3 people (olena@acme.example, petro@acme.example, …), 1 role (night)
    hint: take it from them first with `secboard group remove-member 'Held' …` and `secboard role edit … --remove-group 'Held'`, or add `--force`
    [exit status: 65]
    ");
    assert_snapshot!(board.run("role delete night --as op@acme.example"), @"
    ------- stderr -------
    error: role `night` is held by 2 people (olena@acme.example, …)
    hint: take it from them first with `secboard user remove-role EMAIL ROLE`, or add `--force`
    [exit status: 65]
    ");
    assert_snapshot!(board.run("role edit night --inactive --dry-run --as op@acme.example"), @"
    EMAIL               GROUPS  PERMISSIONS
    olena@acme.example  Held    risk.view_report
    ------- stderr -------
    changed role `Night`: active (dry run: nothing was changed)
    2 people would be able to do less than before: 1 would be in no group any more, 2 permissions of theirs would go
    ");
    // The same without being allowed to look at anybody.
    board.run("user remove-group op@acme.example Lookers").ok();
    assert_snapshot!(board.run("group members Held --as op@acme.example"), @"
    ------- stderr -------
    nothing matches
    note: 3 people are not named, which takes `users.view` for their company
    ");
    assert_snapshot!(board.run("group delete Held --as op@acme.example"), @"
    ------- stderr -------
    error: group `Held` is in use: 3 people, 1 role (night)
    hint: take it from them first with `secboard group remove-member 'Held' …` and `secboard role edit … --remove-group 'Held'`, or add `--force`
    [exit status: 65]
    ");
    assert_snapshot!(board.run("role delete night --as op@acme.example"), @"
    ------- stderr -------
    error: role `night` is held by 2 people
    hint: take it from them first with `secboard user remove-role EMAIL ROLE`, or add `--force`
    [exit status: 65]
    ");
    assert_snapshot!(board.run("role edit night --inactive --dry-run --as op@acme.example"), @"
    ------- stderr -------
    changed role `Night`: active (dry run: nothing was changed)
    2 people would be able to do less than before: 1 would be in no group any more, 2 permissions of theirs would go
    ");
    assert_snapshot!(board.run("group delete Administration --force --yes --as op@acme.example"), @"
    ------- stderr -------
    error: `op@acme.example` may not do this: `Administration` is not assignable, so who gives or takes it has to have `audit.view` as far as the group grants it
    hint: ask an administrator who may
    [exit status: 77]
    ");
}

#[test]
fn a1_a_refusal_names_nothing_that_a_look_would_not_show() {
    let board = furnished();
    for command in [
        "group create Enders",
        "group grant Enders companies.delete groups.delete roles.edit users.edit",
        "group create Lookers",
        "group grant Lookers users.view --company acme-bank",
        "user create --email end@acme.example --first-name E --last-name N --company acme-bank --staff",
        "user add-group end@acme.example Enders",
        "user add-group end@acme.example Lookers",
        "group create Far",
        "group grant Far risk.view_report --company empty",
        "role create Away --company empty --group Far",
        "role create Both --company acme-bank --company globex",
        "user add-role max@globex.example both",
    ] {
        board.run(command).ok();
    }
    let ended = |line: &str| board.run(&format!("{line} --as end@acme.example"));
    assert_snapshot!(ended("role edit both --remove-company globex --dry-run"), @"
    ------- stderr -------
    error: role `both` is held by people of other companies or of none: 1 person
    hint: take it from them first with `secboard user remove-role EMAIL ROLE`, or add `--force`
    [exit status: 65]
    ");
    assert_snapshot!(ended("company delete empty --dry-run"), @"
    ------- stderr -------
    error: company `Empty` is in use: 1 grant of 1 group, 1 role
    hint: move or delete what refers to it first
    [exit status: 65]
    ");
    assert_snapshot!(ended("group delete Far --dry-run"), @"
    ------- stderr -------
    error: group `Far` is in use: 1 role
    hint: take it from them first with `secboard group remove-member 'Far' …` and `secboard role edit … --remove-group 'Far'`, or add `--force`
    [exit status: 65]
    ");
    for command in [
        "group create Deep --company globex",
        "role edit both --add-group Deep@Globex",
        "group create Power",
        "group grant Power audit.view",
        "role create Strong --group Power",
    ] {
        board.run(command).ok();
    }
    assert_snapshot!(ended("role edit both --remove-company globex --force --dry-run"), @"
    ------- stderr -------
    error: the role `Both` is not for the company of a group that it brings, so nobody could get it from there
    hint: leave the group out, or add its company to the role
    [exit status: 65]
    ");
    assert_snapshot!(ended("role edit strong --inactive"), @"
    ------- stderr -------
    error: `end@acme.example` may not do this: who gives or takes a group that is not assignable has to have all that it grants
    hint: ask an administrator who may
    [exit status: 77]
    ");
    assert_snapshot!(ended("user add-role petro@acme.example strong"), @"
    ------- stderr -------
    error: `end@acme.example` may not do this: who gives or takes a group that is not assignable has to have all that it grants
    hint: ask an administrator who may
    [exit status: 77]
    ");
    assert_snapshot!(ended("role edit both --name Twice -o json"), @"
    ------- stderr -------
    changed role `Twice`: name
    note: the role is not printed, which takes `roles.view` for a company that it is for
    ");
    assert_snapshot!(ended("user edit max@globex.example --first-name X --dry-run -o json"), @"
    ------- stderr -------
    changed user `max@globex.example`: first_name (dry run: nothing was changed)
    note: the person is not printed, which takes `users.view` for their company
    ");
    assert_snapshot!(ended("user deactivate max@globex.example --columns email,first_name"), @"
    ------- stderr -------
    deactivated `max@globex.example`
    note: the person is not printed, which takes `users.view` for their company
    ");
    assert!(
        ended("user edit petro@acme.example --first-name X --dry-run -o json").ok().stdout.contains("petro@")
    );
    board.run("group grant Lookers groups.view roles.view").ok();
    assert_snapshot!(ended("company delete empty --dry-run"), @"
    ------- stderr -------
    error: company `Empty` is in use: 1 grant of 1 group (`Far`), 1 role (`away`)
    hint: move or delete what refers to it first
    [exit status: 65]
    ");
    assert_snapshot!(ended("group delete Far --dry-run"), @"
    ------- stderr -------
    error: group `Far` is in use: 1 role (away)
    hint: take it from them first with `secboard group remove-member 'Far' …` and `secboard role edit … --remove-group 'Far'`, or add `--force`
    [exit status: 65]
    ");
}
