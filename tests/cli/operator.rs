//! Sessions of operators: shell users who run secboard as the owner of the store.
//!
//! As root, the tests hand the board to another user of the machine and run as that one; as anybody else they are the
//! owner already.

use std::fs;
use std::os::unix::fs::{MetadataExt as _, chown};
use std::os::unix::process::CommandExt as _;
use std::process::Command;

use insta::assert_snapshot;

use crate::clock;
use crate::harness::{Board, Ran};

/// The number of a shell user without a name.
const SHELL_USER: &str = "61235";

/// The user that a board is handed to; no user of the machine has this number.
const OWNER: u32 = 61_234;

/// A board that belongs to a user who is not root, where that user's store is expected.
struct Site {
    board: Board,
    owner: u32,
}

impl Site {
    /// A site with the company Globex, a help desk `desk@acme.example` and somebody in each company.
    fn new() -> Self {
        let board = Board::new();
        for command in [
            "company create Globex",
            "user create --email desk@acme.example --first-name Dora --last-name Desk --company acme-bank --staff",
            "user create --email olha@acme.example --first-name Olha --last-name Koval --company acme-bank",
            "user create --email max@globex.example --first-name Max --last-name Mustermann --company globex",
        ] {
            board.run(command).ok();
        }
        board.run(&format!("setting operator set {SHELL_USER} desk@acme.example")).ok();
        let home = board.path(".local/share/secboard");
        fs::create_dir_all(&home).unwrap();
        for file in ["secboard.db", "secboard.key"] {
            fs::rename(board.path(file), home.join(file)).unwrap();
        }
        let program = board.path("secboard");
        fs::hard_link(env!("CARGO_BIN_EXE_secboard"), &program)
            .or_else(|_| fs::copy(env!("CARGO_BIN_EXE_secboard"), &program).map(drop))
            .unwrap();
        let own = fs::metadata(&home).unwrap().uid();
        let owner = if own == 0 { OWNER } else { own };
        if own == 0 {
            for path in [".", ".local", ".local/share", ".local/share/secboard"] {
                chown(board.path(path), Some(owner), Some(owner)).unwrap();
            }
            for file in ["secboard.db", "secboard.key"] {
                chown(home.join(file), Some(owner), Some(owner)).unwrap();
            }
        }
        Self { board, owner }
    }

    /// The command as the owner of the store, with `SUDO_UID` of that value.
    fn command(&self, arguments: &str, sudo_uid: Option<&str>) -> Command {
        let prepared = self.board.command(arguments);
        let mut command = Command::new(self.board.path("secboard"));
        command
            .args(prepared.get_args())
            .current_dir(self.board.path("."))
            .env_clear()
            .envs(clock::variables())
            .env("HOME", self.board.path("."))
            .env("COLUMNS", "80")
            .env("TZ", "UTC")
            .envs(sudo_uid.map(|uid| ("SUDO_UID", uid)));
        if self.owner == OWNER {
            command.uid(OWNER).gid(OWNER);
        }
        command
    }

    /// What the owner of the store gets.
    fn owner(&self, arguments: &str) -> Ran {
        self.board.run_command(arguments, self.command(arguments, None))
    }

    /// What the shell user behind sudo gets.
    fn operator(&self, arguments: &str) -> Ran {
        self.board.run_command(arguments, self.command(arguments, Some(SHELL_USER)))
    }
}

#[test]
fn a1_the_owner_does_everything_and_a_shell_user_only_what_the_account_may() {
    let site = Site::new();
    site.owner("user list").ok();
    assert_snapshot!(site.operator("user list"), @"
    ------- stderr -------
    error: `desk@acme.example` may not do this: it needs the permission `users.view` for some company
    hint: see what there is with `secboard permission explain desk@acme.example users.view`
    [exit status: 77]
    ");
    assert_snapshot!(site.owner("audit list --action permission --columns actor,action,subject"), @"
    ACTOR              ACTION             SUBJECT
    desk@acme.example  permission.denied  user list
    ");
}

#[test]
fn a1_a_shell_user_without_an_account_is_refused_and_told_who_can_help() {
    let site = Site::new();
    let command = site.command("user list", Some("61299"));
    assert_snapshot!(site.board.run_command("user list", command), @"
    ------- stderr -------
    error: the shell user `uid 61299` is no operator
    hint: an administrator changes that with `secboard setting operator set 61299 EMAIL`
    [exit status: 77]
    ");
    let command = site.command("user list", Some("0 "));
    assert_snapshot!(site.board.run_command("user list", command), @"
    ------- stderr -------
    error: `SUDO_UID` is `0 `, which names no user of this machine
    hint: sudo, doas and pkexec set these variables themselves; do not set them by hand
    [exit status: 77]
    ");
}

#[test]
fn a1_an_account_that_may_not_log_in_or_is_no_staff_may_not_act() {
    let site = Site::new();
    site.owner("user deactivate desk@acme.example").ok();
    assert_snapshot!(site.operator("user list"), @"
    ------- stderr -------
    error: `desk@acme.example` may not act: the administrator's switch is off
    hint: an administrator sees more with `secboard user why 'desk@acme.example'`
    [exit status: 77]
    ");
    site.owner("user activate desk@acme.example").ok();
    site.owner("user edit desk@acme.example --end-date 2020-01-01").ok();
    assert_snapshot!(site.operator("user list"), @"
    ------- stderr -------
    error: `desk@acme.example` may not act: the end date 2020-01-01 has passed, today is [today]
    hint: an administrator sees more with `secboard user why 'desk@acme.example'`
    [exit status: 77]
    ");
    site.owner("user edit desk@acme.example --end-date never --no-staff").ok();
    assert_snapshot!(site.operator("user list"), @"
    ------- stderr -------
    error: `desk@acme.example` may not act at the shell: the account is not marked as staff
    hint: an administrator changes that with `secboard user edit 'desk@acme.example' --staff`
    [exit status: 77]
    ");
    assert_snapshot!(site.owner("setting operator list"), @"
    SHELL USER  [shell user]
    uid 61235   61235  desk@acme.example  no       `desk@acme.example` may not act at the shell: the account is not marked as staff
    ");
}

#[test]
fn a1_somebody_who_is_not_the_owner_is_told_whose_the_store_is() {
    let site = Site::new();
    // A file of root's, whoever runs the test.
    for sudo_uid in [None, Some("0"), Some(SHELL_USER)] {
        let mut command = site.command("user list", sudo_uid);
        command.env("SECBOARD_STORE", "/etc/passwd");
        let ran = site.board.run_command("user list", command);
        assert_eq!(ran.code, Some(77), "{ran}");
    }
    let mut command = site.command("user list", None);
    command.env("SECBOARD_STORE", "/etc/passwd");
    let ran = site.board.run_command("user list", command).to_string();
    assert_snapshot!(ran.replace(&format!("uid {}", site.owner), "[owner]"), @"
    ------- stderr -------
    error: the store `/etc/passwd` belongs to `root`, and this runs as `[owner]`
    hint: run `sudo -u root secboard …`
    [exit status: 77]
    ");
}

#[test]
fn a1_an_operator_redirects_nothing_and_names_no_file() {
    let site = Site::new();
    site.owner("user edit desk@acme.example --superuser").ok();
    site.operator("user list").ok();
    for command in [
        "user list --store other.db",
        "user list --config other.toml",
        "user list --as ada@acme.example",
        "user import people.csv",
        "user import - --errors bad.csv",
        "user create --email a@b.example --first-name A --last-name B --company globex --photo a.jpg",
        "user edit olha@acme.example --photo ./-",
        "user avatar set olha@acme.example /etc/passwd",
        "user avatar show olha@acme.example --output photo.jpg",
        "export users --output /tmp/people.xlsx",
        "org chart --output chart.svg",
        "audit verify --checkpoint head",
        "audit verify --checkpoint ./-",
        "man --output pages",
        "man --output ./-",
        "init --email a@b.example",
        "quickstart elsewhere",
        "generate .",
        "key show",
        "key rotate",
        "setting operator list",
        "setting operator set 61236 olha@acme.example",
        "setting operator remove 61235",
    ] {
        let ran = site.operator(command);
        assert_eq!(ran.code, Some(77), "{command}: {ran}");
        assert_eq!(ran.stdout, "", "{command}");
    }
    for variable in ["SECBOARD_STORE", "SECBOARD_CONFIG", "XDG_CONFIG_HOME", "XDG_DATA_HOME"] {
        let mut command = site.command("user list", Some(SHELL_USER));
        command.env(variable, site.board.path(".local/share/secboard/secboard.db"));
        assert_eq!(site.board.run_command("user list", command).code, Some(77), "{variable}");
    }
    assert_snapshot!(site.operator("user import people.csv"), @"
    ------- stderr -------
    error: an operator reads and writes no files, and `FILES` is `people.csv`
    hint: give `-`, and let the shell read or write the file: `< FILE`, `> FILE`
    [exit status: 77]
    ");
    assert_snapshot!(site.operator("key show"), @"
    ------- stderr -------
    error: `secboard key show` belongs to root and to the owner of the store
    hint: ask somebody who administers this machine
    [exit status: 77]
    ");
    site.operator("export users --output - -o csv").ok();
    site.operator("help user list").ok();
    site.operator("completions bash").ok();
}

#[test]
fn a1_a_dash_is_no_folder_and_a_checkpoint_comes_on_standard_input() {
    let site = Site::new();
    for command in ["man --output -", "--store - user list", "--config - user list"] {
        let ran = site.operator(command);
        assert_eq!(ran.code, Some(2), "{command}: {ran}");
        assert!(!site.board.path("-").exists(), "{command}");
    }
    site.owner("group create Auditors").ok();
    site.owner("group grant Auditors audit.view").ok();
    site.owner("user add-group desk@acme.example Auditors").ok();
    let checkpoint = site.operator("audit checkpoint").ok().stdout;
    site.board.write("-", "1 00 2026-01-01T00:00:00Z\n");
    let input = site.board.path("kept");
    fs::write(&input, checkpoint).unwrap();
    let verify = "audit verify --checkpoint -";
    let mut command = site.command(verify, Some(SHELL_USER));
    command.stdin(fs::File::open(input).unwrap());
    let output = command.output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{said}");
}

#[test]
fn a1_a_refusal_does_not_obey_what_it_refuses() {
    let site = Site::new();
    let elsewhere = site.board.path("elsewhere");
    fs::create_dir(&elsewhere).unwrap();
    for file in ["secboard.db", "secboard.key"] {
        fs::copy(site.board.path(".local/share/secboard").join(file), elsewhere.join(file)).unwrap();
        chown(elsewhere.join(file), Some(site.owner), Some(site.owner)).unwrap();
    }
    let other = elsewhere.join("secboard.db").display().to_string();
    site.board.write("other.toml", format!("store = '{other}'\n"));
    let before = fs::read(&other).unwrap();
    let told = |there: &str, not_there: &str| {
        let [there, not_there] = [there, not_there].map(|path| {
            let ran = site.operator(path);
            assert_eq!(ran.code, Some(77), "{path}: {ran}");
            ran.stderr
        });
        assert_eq!(there, not_there, "what is there is told nobody");
    };
    told(&format!("--store {other} user list"), "--store /root/none.db user list");
    told("--config other.toml user list", "--config none.toml user list");
    told("--config other.toml key show --dry-run -q", "--config secboard.db/x key show --dry-run -q");
    for variable in ["SECBOARD_STORE", "SECBOARD_CONFIG", "XDG_DATA_HOME"] {
        let mut command = site.command("user list", Some(SHELL_USER));
        command.env(variable, if variable == "SECBOARD_CONFIG" { "other.toml" } else { &other });
        assert_eq!(site.board.run_command("user list", command).code, Some(77), "{variable}");
    }
    assert_eq!(site.operator("key rotate --reason 'a\tb' --now tomorrow").code, Some(77));
    assert_eq!(fs::read(&other).unwrap(), before, "nothing is written where a refused command pointed");
    assert_eq!(fs::read_dir(&elsewhere).unwrap().count(), 2);
    let refused = site.owner("audit list --action permission.denied -o json").json();
    let commands: Vec<_> = refused.as_array().unwrap().iter().map(|row| row["subject"].clone()).collect();
    assert_eq!(commands.len(), 10, "{commands:?}");
}

#[test]
fn a1_a_number_that_belongs_to_another_name_now_is_no_operator() {
    let site = Site::new();
    site.owner("setting operator set daemon desk@acme.example").ok();
    assert_snapshot!(site.owner("setting operator list --columns shell_user,account,may_act"), @"
    SHELL USER  [shell user]
    daemon      desk@acme.example  yes
    uid 61235   desk@acme.example  yes
    ");
    site.owner("setting operator remove daemon").ok();
    assert_snapshot!(site.owner("setting operator remove daemon"), @"
    ------- stderr -------
    no change: `daemon` is no operator
    ");
    let owner = site.owner(&format!("setting operator set {} desk@acme.example", site.owner));
    assert_eq!(owner.code, Some(65), "{owner}");
    assert!(
        owner.stderr.contains("owns the store, may do everything with it and cannot be mapped"),
        "{owner}"
    );
    assert_snapshot!(site.owner("setting operator set nobody-at-all desk@acme.example"), @"
    ------- stderr -------
    error: there is no user `nobody-at-all` on this machine
    hint: give its name, or its number
    [exit status: 67]
    ");
}

#[test]
fn a1_everybody_may_ask_what_they_may_do_themselves() {
    let site = Site::new();
    for question in ["show", "matrix --user"] {
        site.operator(&format!("permission {question} desk@acme.example")).ok();
    }
    for (refused, permission) in [
        ("--user max@globex.example", "users.view"),
        ("--user nobody@globex.example", "users.view"),
        ("--group Vault", "groups.view"),
        ("--role keeper", "roles.view"),
    ] {
        let ran = site.operator(&format!("permission matrix {refused}"));
        assert_eq!(ran.code, Some(77), "{refused}: {ran}");
        assert!(ran.stderr.contains(&format!("needs the permission `{permission}`")), "{refused}: {ran}");
    }
}

#[test]
fn a1_as_lowers_the_system_actor_to_an_account_and_the_audit_says_so() {
    let board = Board::new();
    board
        .run("user create --email desk@acme.example --first-name Dora --last-name Desk --company acme-bank")
        .ok();
    assert_snapshot!(board.run("--as desk@acme.example user list"), @"
    ------- stderr -------
    error: `desk@acme.example` may not act at the shell: the account is not marked as staff
    hint: an administrator changes that with `secboard user edit 'desk@acme.example' --staff`
    [exit status: 77]
    ");
    board.run("user edit desk@acme.example --staff").ok();
    assert_snapshot!(board.run("--as desk@acme.example user delete ada@acme.example --yes"), @"
    ------- stderr -------
    error: `desk@acme.example` may not do this: it needs the permission `users.delete` for some company
    hint: see what there is with `secboard permission explain desk@acme.example users.delete`
    [exit status: 77]
    ");
    assert_snapshot!(board.run("--as nobody@acme.example user list"), @"
    ------- stderr -------
    error: there is no user `nobody@acme.example`
    hint: look for them with `secboard user list --search 'nobody@acme.example'`
    [exit status: 67]
    ");
    assert_eq!(board.run("--as ada@acme.example key rotate --yes").code, Some(77));
    board.run("--as ada@acme.example company create Globex").ok();
    assert_snapshot!(board.run("audit list --columns actor,action,subject --limit 3"), @"
    ACTOR              ACTION             SUBJECT
    ada@acme.example   company.create     Globex
    ada@acme.example   permission.denied  key rotate
    desk@acme.example  permission.denied  user delete
    ");
}

/// A board with a help desk for Acme Bank alone, an administrator above it, and somebody in another company.
fn help_desk() -> Board {
    let board = Board::new();
    for command in [
        "company create Globex",
        "group create 'Help desk'",
        "group grant 'Help desk' users.view users.edit users.export --company acme-bank",
        "group create Admins",
        "group grant Admins 'users.*' 'roles.*'",
        "group create Lunch",
        "group edit Lunch --assignable",
        "user create --email desk@acme.example --first-name Dora --last-name Desk --company acme-bank --staff",
        "user create --email olha@acme.example --first-name Olha --last-name Koval --company acme-bank",
        "user create --email boss@acme.example --first-name Bo --last-name Boss --company acme-bank",
        "user create --email max@globex.example --first-name Max --last-name Muster --company globex",
        "user add-group desk@acme.example 'Help desk'",
        "user add-group boss@acme.example Admins",
    ] {
        board.run(command).ok();
    }
    board
}

/// What the help desk gets.
fn desk(board: &Board, arguments: &str) -> Ran {
    board.run(&format!("--as desk@acme.example {arguments}"))
}

#[test]
fn a1_an_operator_sees_the_own_companies_only() {
    let board = help_desk();
    assert_snapshot!(desk(&board, "user list --columns email,company"), @"
    EMAIL              COMPANY
    ada@acme.example   Acme Bank
    boss@acme.example  Acme Bank
    desk@acme.example  Acme Bank
    olha@acme.example  Acme Bank
    ");
    assert_eq!(desk(&board, "user list --count").stdout, "4\n");
    assert_snapshot!(desk(&board, "user list --company globex"), @"
    ------- stderr -------
    error: there is no company `globex`
    hint: make it with `secboard company create 'globex'`, or see those there are with `secboard company list`
    [exit status: 67]
    ");
    assert_eq!(desk(&board, "user list --search max -o json").stdout, "[]\n");
    assert_eq!(desk(&board, "user show max@globex.example").code, Some(67));
    assert_eq!(desk(&board, "user why max@globex.example").code, Some(1));
    assert_snapshot!(desk(&board, "user show max@globex.exampel"), @"
    ------- stderr -------
    error: there is no user `max@globex.exampel`
    hint: look for them with `secboard user list --search 'max@globex.exampel'`
    [exit status: 67]
    ");
    assert!(!desk(&board, "export users -o csv --output -").ok().stdout.contains("globex"));
    assert_eq!(desk(&board, "company list").code, Some(77));
    assert_eq!(desk(&board, "audit list").code, Some(77));
}

#[test]
fn a1_an_operator_changes_those_below_and_is_told_why_not_those_above() {
    let board = help_desk();
    desk(&board, "user edit olha@acme.example --phone '+380 67 123 45 67'").ok();
    assert_snapshot!(desk(&board, "user edit boss@acme.example --email mine@acme.example"), @"
    ------- stderr -------
    error: `desk@acme.example` may not do this: the person holds the permission of administration `users.view` further than the actor does
    hint: ask an administrator who may
    [exit status: 77]
    ");
    assert_snapshot!(desk(&board, "user deactivate ada@acme.example"), @"
    ------- stderr -------
    error: `desk@acme.example` may not do this: only a superuser changes a superuser
    hint: ask an administrator who may
    [exit status: 77]
    ");
    assert_snapshot!(desk(&board, "user edit desk@acme.example --end-date never --superuser"), @"
    ------- stderr -------
    error: `desk@acme.example` may not do this: nobody changes their own email, roles, groups, marks, switch, dates, company or whether a second factor is required of them
    hint: ask an administrator who may
    [exit status: 77]
    ");
    assert_snapshot!(desk(&board, "user edit olha@acme.example --staff"), @"
    ------- stderr -------
    error: `desk@acme.example` may not do this: only a superuser changes the marks `staff` and `superuser`
    hint: ask an administrator who may
    [exit status: 77]
    ");
    assert_snapshot!(desk(&board, "user edit olha@acme.example --company globex"), @"
    ------- stderr -------
    error: there is no company `globex`
    hint: make it with `secboard company create 'globex'`, or see those there are with `secboard company list`
    [exit status: 67]
    ");
    assert_snapshot!(desk(&board, "user edit olha@acme.example --two-factor-required"), @"
    ------- stderr -------
    error: `desk@acme.example` may not do this: it needs the permission `two_factor.require` for that company
    hint: see what there is with `secboard permission explain desk@acme.example two_factor.require`
    [exit status: 77]
    ");
    desk(&board, "user add-group olha@acme.example Lunch").ok();
    assert_snapshot!(desk(&board, "user add-group olha@acme.example Admins"), @"
    ------- stderr -------
    error: `desk@acme.example` may not do this: `Admins` is not assignable, so who gives or takes it has to have all that it grants
    hint: ask an administrator who may
    [exit status: 77]
    ");
    assert_snapshot!(
        board.run("audit list --action permission --columns actor,action,kind,subject --limit 3"), @"
    ACTOR              ACTION             KIND  SUBJECT
    desk@acme.example  permission.denied  user  olha@acme.example
    desk@acme.example  permission.denied  user  olha@acme.example
    desk@acme.example  permission.denied  user  olha@acme.example
    ");
}

#[test]
fn a1_bulk_and_import_are_refused_person_by_person() {
    let board = help_desk();
    assert_snapshot!(desk(&board, "user force-password-change --all-matching"), @"
    ------- stderr -------
    skipped `ada@acme.example`: `desk@acme.example` may not do this: only a superuser changes a superuser
    skipped `boss@acme.example`: `desk@acme.example` may not do this: the person holds the permission of administration `users.view` further than the actor does
    people: 2 changed, 2 refused
    run `[run]`; undo it with `secboard run undo [run]`
    error: skipped 2 of 4 people
    hint: see above why; change them apart, or ask an administrator who may
    [exit status: 1]
    ");
    board.write(
        "people.csv",
        "email,phone\nolha@acme.example,+380671234568\nboss@acme.example,+380671234569\n",
    );
    assert_snapshot!(desk(&board, "user import people.csv --on-existing update --partial"), @"
    ------- stderr -------
    people: 1 changed, 1 refused
    run `[run]`; undo it with `secboard run undo [run]`
    error: left out 1 of 2 rows
      people.csv:3, `email`: `desk@acme.example` may not do this: the person holds the permission of administration `users.view` further than the actor does
          ask an administrator who may
    hint: faults: 1; `--errors FILE` writes them all to a file
    [exit status: 1]
    ");
    assert_eq!(desk(&board, "user import people.csv --on-existing update").code, Some(65));
    assert_eq!(desk(&board, "user import people.csv --on-existing update --dry-run").code, Some(65));
    assert_snapshot!(board.run("audit list --action permission.denied --columns subject --limit 5"), @"
    SUBJECT
    user import
    user import
    user import
    boss@acme.example
    ada@acme.example
    ");
    let newest = board.run("audit list --action permission.denied --limit 1 -o json").json();
    let why = newest[0]["after"]["why"].as_str().unwrap();
    assert!(why.starts_with("people.csv:3: `desk@acme.example` may not do this"), "{why}");
    let named = desk(&board, "user force-password-change --off boss@acme.example olha@acme.example");
    assert!(named.stderr.starts_with("skipped `boss@acme.example`"), "as it was typed: {named}");
    assert_eq!(named.code, Some(1));
    let run = board.newest_run();
    desk(&board, &format!("run undo {run} --yes")).ok();
    board.run("user deactivate olha@acme.example boss@acme.example --yes").ok();
    let run = board.newest_run();
    assert_eq!(desk(&board, &format!("run undo {run} --yes")).code, Some(67), "it is not their own");
    assert_eq!(desk(&board, &format!("run release {run}")).code, Some(77));
}

#[test]
fn a1_a_dry_run_is_refused_alike_and_leaves_the_same_row() {
    let board = help_desk();
    assert_eq!(desk(&board, "user deactivate boss@acme.example --dry-run").code, Some(77));
    desk(&board, "user force-password-change --all-matching --dry-run");
    board.write("people.csv", "email,phone\nboss@acme.example,+380671234569\n");
    desk(&board, "user import people.csv --on-existing update --dry-run --now 2026-01-01");
    let rows = board.run("audit list --action permission --columns subject,after -o jsonl").ok().stdout;
    let rows: Vec<&str> = rows.lines().collect();
    assert_eq!(rows.len(), 4, "{rows:?}");
    for (row, subject) in rows.iter().zip(["user import", "boss@", "ada@", "boss@"]) {
        assert!(row.contains(subject) && row.contains(r#""dry_run":true"#), "{row}");
    }
    let dated = board.run("audit list --action permission.denied --until 2026-01-31 --columns action");
    assert_eq!(dated.stdout, "", "by the clock: {dated}");
    assert_eq!(desk(&board, "user deactivate boss@acme.example --reason 'a try'").code, Some(77));
    assert_snapshot!(
        board.run("audit list --action permission --limit 1 --columns actor,subject,after,reason -o jsonl"), @r#"{"actor":"desk@acme.example","subject":"boss@acme.example","after":{"command":"user deactivate","why":"`desk@acme.example` may not do this: the person holds the permission of administration `users.view` further than the actor does"},"reason":"a try"}"#);
}

#[test]
fn a1_an_account_that_has_ended_does_not_act_in_a_time_of_its_own_choice() {
    let board = help_desk();
    board.run("user edit desk@acme.example --end-date 2026-01-31").ok();
    let ran = desk(&board, "--now 2026-01-01 user list");
    assert_eq!(ran.code, Some(77), "{ran}");
    let dated = board.run("audit list --action permission.denied --until 2026-01-31 --columns action");
    assert_eq!(dated.stdout, "", "a refusal is dated by the clock: {dated}");
}

#[test]
fn a1_an_operator_is_told_nothing_of_people_groups_and_roles_of_other_companies() {
    let board = help_desk();
    for command in [
        "department create Treasury --company globex",
        "group create Vault --company globex",
        "group create Vault --company acme-bank",
        "role create Keeper --company globex",
        "user edit max@globex.example --department Treasury",
    ] {
        board.run(command).ok();
    }
    let max = board.run("user show max@globex.example -o csv --columns id").stdout;
    let max = max.lines().last().unwrap();
    board.run("company create Initech").ok();
    board.run("group create Vault --company initech").ok();
    for command in [
        format!("user edit {max} --department Treasurr"),
        format!("user edit {max} --role keeper"),
        format!("user adopt {max} --first-name A --last-name B --company globex"),
        format!("user activate {max} olha@acme.example"),
        format!("user add-role {max} olha@acme.example keeper"),
        "user create --email new@acme.example --first-name A --last-name B --company globex --department Treasurr"
            .to_owned(),
        "user create --email new@acme.example --first-name A --last-name B --company acme-bank --group Vaul"
            .to_owned(),
        "user add-group olha@acme.example Vaul".to_owned(),
        "user add-role olha@acme.example Keepr".to_owned(),
        "user edit olha@acme.example --role Keepr".to_owned(),
        "user edit olha@acme.example --group Vault".to_owned(),
        "user list --group Vaul".to_owned(),
        "user list --role Keepr".to_owned(),
        "permission matrix --group Vaul".to_owned(),
        "permission matrix --role Keepr".to_owned(),
    ] {
        let ran = desk(&board, &command);
        let said = format!("{}{}", ran.stdout, ran.stderr);
        for secret in ["max@", "Treasury", "Vault@Globex", "Vault@Initech", "Keeper"] {
            assert!(!said.contains(secret), "{command}: {said}");
        }
    }
}

#[test]
fn a1_counts_and_explanations_are_of_the_operators_companies() {
    let board = help_desk();
    for command in [
        "group grant 'Help desk' groups.view roles.view --company acme-bank",
        "group grant Lunch risk.view_report --company globex",
        "role create Clerk",
        "user add-role olha@acme.example max@globex.example clerk",
    ] {
        board.run(command).ok();
    }
    assert_eq!(board.run("role show clerk -o json").json()["holders"], 2);
    assert_eq!(desk(&board, "role show clerk -o json").json()["holders"], 1);
    assert_eq!(desk(&board, "role list -o json").json()[0]["holders"], 1);
    let explained = desk(&board, "permission explain olha@acme.example risk.view_report --company globex");
    assert!(!explained.to_string().contains("Lunch"), "its grant is for Globex: {explained}");
}

/// What may not be done is told at the cell that asks for it, on the screen and in the file of faults.
#[test]
fn a_denied_cell_of_an_import_is_named() {
    let board = help_desk();
    let mut told = String::new();
    for (columns, cells) in [
        ("groups", "Lunch; Admins"),
        ("groups_by_hand", "Admins"),
        ("groups,groups_by_hand", "Lunch,Admins"),
        ("groups_by_hand,groups", "Lunch,Admins"),
        ("phone,staff", "+380671234567,yes"),
        ("staff,superuser", "no,yes"),
        ("language,two_factor_required", "uk,yes"),
        ("company,phone", "Globex,+380671234567"),
        ("department,groups", "Nowhere,Admins"),
    ] {
        board.write("people.csv", format!("email,{columns}\nolha@acme.example,{cells}\n"));
        let ran = desk(&board, "user import people.csv --on-existing update --errors bad.csv");
        assert_eq!(ran.code, Some(65), "{columns}: {ran}");
        let faults = fs::read_to_string(board.path("bad.csv")).unwrap();
        told.push_str(faults.strip_prefix("file,line,column,value,reason,advice\n").unwrap());
    }
    assert_snapshot!(told, @r#"
    people.csv,2,groups,Lunch; Admins,"`desk@acme.example` may not do this: `Admins` is not assignable, so who gives or takes it has to have all that it grants",ask an administrator who may
    people.csv,2,groups_by_hand,Admins,"`desk@acme.example` may not do this: `Admins` is not assignable, so who gives or takes it has to have all that it grants",ask an administrator who may
    people.csv,2,groups_by_hand,Admins,"`desk@acme.example` may not do this: `Admins` is not assignable, so who gives or takes it has to have all that it grants",ask an administrator who may
    people.csv,2,groups,Admins,"`desk@acme.example` may not do this: `Admins` is not assignable, so who gives or takes it has to have all that it grants",ask an administrator who may
    people.csv,2,staff,yes,`desk@acme.example` may not do this: only a superuser changes the marks `staff` and `superuser`,ask an administrator who may
    people.csv,2,superuser,yes,`desk@acme.example` may not do this: only a superuser changes the marks `staff` and `superuser`,ask an administrator who may
    people.csv,2,two_factor_required,yes,`desk@acme.example` may not do this: it needs the permission `two_factor.require` for that company,see what there is with `secboard permission explain desk@acme.example two_factor.require`
    people.csv,2,company,Globex,there is no company `Globex`,`--create-missing` makes what is missing
    people.csv,2,department,Nowhere,there is no department `Nowhere` in `Acme Bank`,`--create-missing` makes what is missing
    "#);
}

/// A permission that a row lacks is a fault of that row and names it; the rest goes on.
#[test]
fn a_place_that_is_not_the_operators_to_make_is_a_fault_of_its_row() {
    let board = help_desk();
    board.run("group grant 'Help desk' users.add --company acme-bank").ok();
    let rows = "email,first_name,last_name,company,department,position\n\
        a@acme.example,A,A,Acme Bank,Garage,\n\
        b@acme.example,B,B,Initech,,\n\
        c@acme.example,C,C,Globex,,\n\
        d@acme.example,D,D,Acme Bank,,\n";
    board.write("people.csv", rows);
    let import = "user import people.csv --create-missing --partial --errors bad.csv";
    assert_eq!(desk(&board, import).code, Some(1));
    assert_snapshot!(fs::read_to_string(board.path("bad.csv")).unwrap(), @"
    file,line,column,value,reason,advice
    people.csv,2,department,Garage,`desk@acme.example` may not do this: it needs the permission `departments.add` for that company,see what there is with `secboard permission explain desk@acme.example departments.add`
    people.csv,3,company,Initech,`desk@acme.example` may not do this: it needs the permission `companies.add` for all companies,see what there is with `secboard permission explain desk@acme.example companies.add`
    people.csv,4,company,Globex,`desk@acme.example` may not do this: it needs the permission `companies.add` for all companies,see what there is with `secboard permission explain desk@acme.example companies.add`
    ");
    board.run("user show d@acme.example").ok();
    let newest = board.run("audit list --action permission.denied --limit 1 -o json").json();
    let why = newest[0]["after"]["why"].as_str().unwrap();
    assert!(why.contains("departments.add") && why.ends_with("(rows refused like that: 3)"), "{why}");
    board.run("group grant 'Help desk' departments.add --company acme-bank").ok();
    board.write("people.csv", "email,first_name,last_name,company,department,position\na@acme.example,A,A,Acme Bank,Garage,Driver\n");
    assert_eq!(desk(&board, import).code, Some(1));
    assert_snapshot!(fs::read_to_string(board.path("bad.csv")).unwrap(), @"
    file,line,column,value,reason,advice
    people.csv,2,position,Driver,`desk@acme.example` may not do this: it needs the permission `positions.add` for that company,see what there is with `secboard permission explain desk@acme.example positions.add`
    ");
    board.run("group grant 'Help desk' positions.add --company acme-bank").ok();
    desk(&board, import).ok();
    board.run("group create Makers").ok();
    board.run("group grant Makers companies.add").ok();
    board.run("user add-group desk@acme.example Makers").ok();
    board.write(
        "people.csv",
        "email,first_name,last_name,company\ne@acme.example,E,E,Globex\nf@acme.example,F,F,Acme Bank\n",
    );
    assert_snapshot!(desk(&board, import), @"
    ------- stderr -------
    people: 1 created, 1 refused
    run `[run]`; undo it with `secboard run undo [run]`
    error: left out 1 of 2 rows
      people.csv:2, `company`: there is a company `Globex` already
          ask an administrator who may
    hint: faults: 1, all in `bad.csv`
    [exit status: 1]
    ");
}

/// What one cell says does not end the import when another cell is read after it.
#[test]
fn an_unknown_group_by_hand_is_a_fault_of_its_row() {
    let board = help_desk();
    board.write(
        "people.csv",
        "email,groups,groups_by_hand\nolha@acme.example,Lunch,Nowhere\nboss@acme.example,Lunch,\n",
    );
    assert_snapshot!(board.run("user import people.csv --on-existing update --partial"), @"
    ------- stderr -------
    1 person may do less than before: 10 permissions of theirs go
    people: 1 changed, 1 refused
    run `[run]`; undo it with `secboard run undo [run]`
    error: left out 1 of 2 rows
      people.csv:2, `groups_by_hand`: there is no group `Nowhere`
          see them with `secboard group list`
    hint: faults: 1; `--errors FILE` writes them all to a file
    [exit status: 1]
    ");
}

#[test]
fn a1_an_undo_names_no_company_out_of_reach() {
    let board = Board::new();
    for line in [
        "company create Globex",
        "department create Vault --company globex",
        "user create --email max@globex.example --first-name Max --last-name M --company globex",
        "group create Editors",
        "group grant Editors users.view users.edit users.add --company globex",
        "user create --email desk@acme.example --first-name De --last-name Sk --company acme-bank --staff",
        "user add-group desk@acme.example Editors",
    ] {
        board.run(line).ok();
    }
    let people = "email,company,department\nmax@globex.example,Globex,Vault\n";
    board.run_with_input("--as desk@acme.example user import - --on-existing update -q", people).ok();
    let run = board.newest_run();
    for line in [
        "group grant Editors users.edit --company acme-bank",
        "group revoke Editors '*' --company globex --yes",
    ] {
        board.run(line).ok();
    }
    assert_snapshot!(board.run(&format!("--as desk@acme.example run undo {run} --yes")), @"
    ------- stderr -------
    skipped `max@globex.example`: `desk@acme.example` may not do this: it needs the permission `users.edit` for that company
    run `[run]`: 0 taken back, 1 left
    [exit status: 1]
    ");
}
