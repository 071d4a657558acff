//! Lists of more people than a page: an export, whatever prints them.

use std::fmt::Write as _;

use insta::assert_snapshot;

use crate::harness::Board;

/// What prints people, many of them.
const LISTS: [&str; 10] = [
    "user list -o csv",
    "user list",
    "user list --company acme-bank -o jsonl",
    "user list --per-page 101",
    "user list --sort email --per-page 1000 --page 1 -o json",
    "user calendar --days 900 -o json",
    "user calendar --days 900 --ics",
    "group members Everybody -o csv",
    "permission who-can tasks.view -o csv",
    "org chart",
];

/// A board with that many people, who end on that day, beside three: `desk` may look at people, `clerk` may export them
/// too, and Ada may all.
fn board(people: usize, end: &str) -> Board {
    let board = Board::new();
    let mut csv = "email,first_name,last_name,company,end_date,groups\n".to_owned();
    for number in 1..=people {
        writeln!(csv, "p{number}@acme.example,P,N{number},Acme Bank,{end},Everybody").unwrap();
    }
    board.write("people.csv", csv);
    for command in [
        "group create Everybody",
        "group grant Everybody tasks.view --all-companies",
        "group create Desk",
        "group grant Desk users.view users.edit groups.view org.view_chart --all-companies",
        "group create Clerks",
        "group grant Clerks users.export --all-companies",
        "user create --email desk@acme.example --first-name D --last-name Desk --company acme-bank --staff --group Desk",
        "user create --email clerk@acme.example --first-name C --last-name Clerk --company acme-bank --staff --group Desk --group Clerks",
        "user import people.csv --yes",
    ] {
        board.run(command).ok();
    }
    board
}

fn exports(board: &Board) -> String {
    board.run("audit list --action export -o jsonl --columns actor,action,subject,after").ok().stdout
}

#[test]
fn a5_more_than_a_page_of_people_needs_the_permission_to_export_them() {
    let board = board(101, "2027-01-31");
    let run = format!("run show {}", board.newest_run());
    for list in LISTS.into_iter().chain([run.as_str()]) {
        let refused = board.run(&format!("{list} --as desk@acme.example --now 2026-12-01"));
        assert_eq!((refused.code, refused.stdout.as_str()), (Some(77), ""), "{list}: {}", refused.stderr);
        assert!(
            refused.stderr.contains("more than 100 people at once need the permission `users.export`"),
            "{list}"
        );
    }
    assert_snapshot!(board.run("user list --as desk@acme.example -o csv"), @"
    ------- stderr -------
    error: `desk@acme.example` may not do this: more than 100 people at once need the permission `users.export` for all companies they may be of
    hint: print it page by page: `--per-page 100 --page 1`
    [exit status: 77]
    ");
    let page = board.run("user list --as desk@acme.example --per-page 100 -o csv --columns email").ok();
    assert_eq!(page.stdout.lines().count(), 101);
    let rest =
        board.run("user list --as desk@acme.example --per-page 100 --page 2 -o csv --columns email").ok();
    assert_eq!(rest.stdout.lines().count(), 5);
    assert_eq!(board.run("user list --count --as desk@acme.example").ok().stdout, "104\n");
    board.run("org chart --no-people --as desk@acme.example").ok();
    assert_eq!(exports(&board), "", "a page is no export");
}

#[test]
fn a_list_that_fits_a_page_is_a_page() {
    let board = board(97, "2027-01-31");
    let run = format!("run show {}", board.newest_run());
    for list in LISTS.into_iter().chain([run.as_str()]) {
        let listed = board.run(&format!("{list} --as desk@acme.example --now 2026-12-01"));
        assert_eq!(listed.code, Some(0), "{list}: {}", listed.stderr);
    }
    assert_eq!(exports(&board), "");
}

#[test]
fn a5_a_whole_list_is_audited_as_an_export_is_also_on_a_dry_run() {
    let board = board(101, "+30d");
    for list in LISTS {
        let listed = board.run(&format!("{list} --as clerk@acme.example --dry-run"));
        assert_eq!(listed.code, Some(0), "{list}: {}", listed.stderr);
    }
    assert_snapshot!(exports(&board), @r#"
    {"actor":"clerk@acme.example","action":"export.list","subject":"org chart","after":{"format":"table","people":104}}
    {"actor":"clerk@acme.example","action":"export.list","subject":"permission who-can","after":{"format":"csv","people":102,"filters":"tasks.view"}}
    {"actor":"clerk@acme.example","action":"export.list","subject":"group members","after":{"format":"csv","people":101,"filters":"Everybody"}}
    {"actor":"clerk@acme.example","action":"export.list","subject":"user calendar","after":{"format":"table","people":101}}
    {"actor":"clerk@acme.example","action":"export.list","subject":"user calendar","after":{"format":"json","people":101}}
    {"actor":"clerk@acme.example","action":"export.list","subject":"user list","after":{"format":"json","people":104}}
    {"actor":"clerk@acme.example","action":"export.list","subject":"user list","after":{"format":"table","people":101}}
    {"actor":"clerk@acme.example","action":"export.list","subject":"user list","after":{"format":"jsonl","people":104,"filters":"--company acme-bank"}}
    {"actor":"clerk@acme.example","action":"export.list","subject":"user list","after":{"format":"table","people":104}}
    {"actor":"clerk@acme.example","action":"export.list","subject":"user list","after":{"format":"csv","people":104}}
    "#);
    assert_snapshot!(board.run("user list --as ada@acme.example --now 2026-12-01"), @"
    ------- stderr -------
    error: `--now` cannot date the row of the audit that more than 100 people at once get
    hint: leave `--now` out, or print a page
    [exit status: 2]
    ");
    let owner = board.run("user list -o csv --columns email").ok();
    assert_eq!(
        (owner.stdout.lines().count(), exports(&board).lines().count()),
        (105, LISTS.len()),
        "the owner's is none"
    );
}

/// What would be done to people names them: so many of them, and in the audit, as a list does.
#[test]
fn a5_a_plan_of_more_than_a_page_names_a_page_or_is_an_export() {
    let board = board(101, "+30d");
    board.run("group grant Desk groups.edit groups.delete tasks.view --all-companies").ok();
    let plans = [
        "user invite --group Everybody --all-matching --yes",
        "user deactivate --search acme.example --company acme-bank --all-matching",
        "group revoke Everybody tasks.view --all-companies",
        "group delete Everybody --force",
    ];
    for plan in plans {
        for form in ["csv", "jsonl", "json", "table"] {
            let rows = |who: &str| {
                let planned = board.run(&format!("{plan} --dry-run -o {form} --as {who}"));
                let named =
                    (1..=101).filter(|n| planned.stdout.contains(&format!("p{n}@acme.example"))).count();
                (named, planned)
            };
            let before = exports(&board);
            let (named, planned) = rows("desk@acme.example");
            assert_eq!(named, 100, "{plan} {form}: {planned:?}");
            assert!(planned.stderr.contains("only the first 100 of 10"), "{plan} {form}: {planned:?}");
            assert_eq!(exports(&board), before, "{plan} {form}");
            let (named, planned) = rows("clerk@acme.example");
            assert_eq!(named, 101, "{plan} {form}: {planned:?}");
            assert_eq!(exports(&board).lines().count(), before.lines().count() + 1, "{plan} {form}");
        }
    }
}

/// An invitation is no change of a person, and names one all the same.
#[test]
fn a5_a_run_of_invitations_is_a_list_of_people() {
    let board = board(101, "+30d");
    board.run("user invite --group Everybody --all-matching --yes").ok();
    let run = board.newest_run();
    for form in ["csv", "jsonl", "json", "table"] {
        let refused = board.run(&format!("run show {run} -o {form} --as desk@acme.example"));
        assert_eq!((refused.code, refused.stdout.as_str()), (Some(77), ""), "{form}");
        board.run(&format!("run show {run} -o {form} --as clerk@acme.example")).ok();
    }
    assert_eq!(exports(&board).lines().count(), 4);
}

/// Whoever takes back a run of theirs is told what was skipped: a page of it, as of any list.
#[test]
fn a5_an_undo_that_skips_more_than_a_page_names_a_page_or_is_an_export() {
    let board = board(101, "+30d");
    board.run("group grant Desk tasks.view --all-companies").ok();
    let force = "user force-password-change --group Everybody --all-matching --yes";
    for who in ["desk@acme.example", "clerk@acme.example"] {
        board.run(&format!("{force} --as {who}")).ok();
        let run = board.newest_run();
        board.run(&format!("{force} --off")).ok();
        for form in ["csv", "jsonl", "json"] {
            let undone = board.run(&format!("run undo {run} --yes --dry-run -o {form} --as {who}"));
            let named = (1..=101).filter(|n| undone.stdout.contains(&format!("p{n}@acme.example"))).count();
            let most = if who.starts_with("desk") { 100 } else { 101 };
            assert_eq!((undone.code, named), (Some(1), most), "{form}: {undone}");
        }
    }
    assert_eq!(exports(&board).lines().count(), 3, "those of the clerk");
}
