//! What people are told by mail of what is done to their accounts, and `--no-notice`.

use std::fs;

use insta::assert_snapshot;
use serde_json::{Value, json};

use crate::harness::{Board, SUPERUSER};

/// A board with Ada and Olena, who was told nothing so far. Nothing can be sent from it: there is no server.
fn board() -> Board {
    let board = Board::new();
    let olena = "--email olena@acme.example --first-name Олена --last-name Шевченко --company 'Acme Bank'";
    board.run(&format!("user create {olena}")).ok();
    board
}

/// A text of an object.
fn text<'a>(object: &'a Value, field: &str) -> &'a str {
    object.get(field).and_then(Value::as_str).unwrap()
}

/// The last three mails to somebody, newest first.
fn mails(board: &Board, who: &str) -> String {
    let told = board.run(&format!("user why {who} -o json")).json();
    let of = |mail: &Value| format!("{} {}", text(mail, "message"), text(mail, "state"));
    told.get("mails").and_then(Value::as_array).unwrap().iter().map(of).collect::<Vec<_>>().join(", ")
}

/// The reason of the newest row of the audit.
fn last_reason(board: &Board) -> Value {
    board.run("audit list --limit 1 -o json").ok().json().pointer("/0/reason").unwrap().clone()
}

#[test]
fn a4_people_are_told_what_is_done_to_their_accounts_though_nothing_can_be_sent() {
    let board = board();
    board.run("user edit olena@acme.example --email olena.s@acme.example").ok();
    assert_eq!(mails(&board, "olena.s@acme.example"), "email-changed-new queued, email-changed-old queued");
    board.run("user edit olena.s@acme.example --staff").ok();
    board.run("user set-password olena.s@acme.example --generate").ok();
    assert_eq!(
        mails(&board, "olena.s@acme.example"),
        "password-set queued, staff-given queued, email-changed-new queued"
    );
    assert_snapshot!(board.run("user why olena.s@acme.example"), @"
    CODE             OK   DETAIL
    exists           yes  account and profile
    active           yes  the administrator's switch is on
    dates            yes  no dates are set
    directory        yes  not managed by a directory
    password         yes  set
    throttle         yes  not held
    two_factor       yes  not required
    password_change  yes  a new password is asked for after the login
    last mails:
      [time]  password-set, queued: no account is to send what is for `security-notice`
      [time]  staff-given, queued: no account is to send what is for `security-notice`
      [time]  email-changed-new, queued: no account is to send what is for `security-notice`
    ------- stderr -------
    olena.s@acme.example may log in
    no module is in the menu: they are in no group that grants one; put them in one with `secboard user add-group olena.s@acme.example GROUP`
    ");
}

#[test]
fn the_last_mails_are_shown_to_who_may_see_mails() {
    let board = board();
    board.run("user edit olena@acme.example --staff").ok();
    for (name, permissions) in [("desk", "users.view"), ("post", "users.view mail.view")] {
        board.run(&format!("group create {name}")).ok();
        board.run(&format!("group grant {name} {permissions}")).ok();
        let new =
            format!("--email {name}@acme.example --first-name A --last-name B --company 'Acme Bank' --staff");
        board.run(&format!("user create {new} --group {name}")).ok();
    }
    let shown =
        |who: &str| board.run(&format!("user why olena@acme.example --as {who}@acme.example -o json")).json();
    assert_eq!(shown("desk")["mails"], Value::Null);
    assert_eq!(shown("post")["mails"][0]["message"], "staff-given");
    assert!(!board.run("user why olena@acme.example --as desk@acme.example").stdout.contains("last mails"));
    assert_eq!(board.run("user why nobody@acme.example -o json").json()["mails"], Value::Null);
    assert_eq!(
        board.run(&format!("user why {SUPERUSER} -o json")).json()["mails"],
        json!([]),
        "init tells nobody"
    );
}

#[test]
fn a_notice_is_kept_back_by_a_superuser_with_a_reason_alone() {
    let board = board();
    let edit = "user edit olena@acme.example --staff --no-notice";
    assert_snapshot!(board.run(edit), @"
    ------- stderr -------
    error: `--no-notice` needs a reason, which the audit keeps
    hint: add `--reason TEXT`
    [exit status: 2]
    ");
    board.run("group create Desk").ok();
    board.run("group grant Desk users.view users.edit").ok();
    let new =
        "--email desk@acme.example --first-name A --last-name B --company 'Acme Bank' --staff --group Desk";
    board.run(&format!("user create {new}")).ok();
    let set = "user set-password olena@acme.example --generate --no-notice --reason moved";
    assert_snapshot!(board.run(&format!("{set} --as desk@acme.example")), @"
    ------- stderr -------
    error: `desk@acme.example` may not do this: only a superuser keeps from people what is done to them
    hint: ask an administrator who may
    [exit status: 77]
    ");
    board.run(&format!("{edit} --reason 'told by phone'")).ok();
    assert_eq!(last_reason(&board), "without notice: told by phone");
    board.run(set).ok();
    assert_eq!(last_reason(&board), "without notice: moved");
    assert_eq!(mails(&board, "olena@acme.example"), "");
}

/// Whoever may change people and send mails keeps from nobody what was done to them: not by the bin, not by another address,
/// not by an account that takes the old one, and not by dropping the mail.
#[test]
fn a4_an_operator_keeps_no_notice_back() {
    let board = board();
    board.run("group create Desk").ok();
    board.run("group grant Desk users.* mail.view mail.send").ok();
    let new = "--first-name A --last-name B --company 'Acme Bank'";
    board.run(&format!("user create --email desk@acme.example {new} --staff --group Desk")).ok();
    let did = |command: &str| board.run(&format!("{command} --as desk@acme.example")).ok();
    did("user set-password olena@acme.example --generate");
    did("user edit olena@acme.example --email thief@acme.example");
    did(&format!("user create --email olena@acme.example {new}"));
    did("user deactivate thief@acme.example");
    did("user delete thief@acme.example --yes");
    let waiting = board.run("mail outbox list --to olena@acme.example -o json").ok().json();
    let ids: Vec<&str> = waiting.as_array().unwrap().iter().map(|mail| text(mail, "id")).collect();
    assert_eq!(ids.len(), 2);
    for id in &ids {
        let refused = board.run(&format!("mail outbox drop {id} --yes --reason tidy --as desk@acme.example"));
        assert_eq!(refused.code, Some(77), "{refused}");
    }
    fs::create_dir(board.path("mails")).unwrap();
    board.run("mail server create folder --kind file --folder mails").ok();
    board.run("mail account create noreply --server folder --from noreply@acme.example").ok();
    board.run("mail route set --account noreply").ok();
    did("mail flush");
    assert_snapshot!(board.run("mail outbox list --columns state,message,to"), @"
    STATE  MESSAGE            TO
    sent   email-changed-new  thief@acme.example
    sent   email-changed-old  olena@acme.example
    sent   password-set       olena@acme.example
    sent   staff-given        desk@acme.example
    ");
}

#[test]
fn a4_a_superuser_drops_a_notice_with_a_reason_that_the_audit_keeps() {
    let board = board();
    board.run("user set-password olena@acme.example --generate").ok();
    let id = text(&board.run("mail outbox list -o json").ok().json()[0], "id").to_owned();
    let drop = format!("mail outbox drop {id} --yes");
    assert_snapshot!(board.run(&drop).to_string().replace(&id, "[mail]"), @"
    ------- stderr -------
    error: the mail `[mail]` tells somebody what they have to know: to drop it needs a reason, which the audit keeps
    hint: add `--reason TEXT`
    [exit status: 2]
    ");
    board.run(&format!("{drop} --reason 'told by phone'")).ok();
    assert_eq!(last_reason(&board), "told by phone");
    let row = board.run("audit list --limit 1 -o json").ok().json();
    assert_eq!(text(&row[0], "action"), "mail.drop");
    assert_eq!(mails(&board, "olena@acme.example"), "password-set dropped");
}

#[test]
fn every_command_that_tells_people_can_keep_it_from_them() {
    let board = board();
    let quietly = |command: &str| board.run(&format!("{command} --no-notice --reason quiet")).ok();
    let person = |email: &str| format!("--email {email} --first-name A --last-name B --company 'Acme Bank'");
    quietly(&format!("user create {} --superuser", person("a@acme.example")));
    board.run_with_input("user import - --accounts-only", "email\nb@acme.example\n").ok();
    quietly("user adopt b@acme.example --first-name B --last-name B --company 'Acme Bank' --staff");
    quietly("user edit a@acme.example --email a@new.example");
    quietly("user set-password a@new.example --generate");
    board.run("user delete b@acme.example --yes").ok();
    quietly("user restore b@acme.example --email b@new.example");
    board.write("people.csv", "email,staff\nolena@acme.example,yes\n");
    quietly("user import people.csv --on-existing update");
    board.write("people.csv", "email,staff\nolena@acme.example,no\n");
    board.run("user import people.csv --on-existing update").ok();
    let run = board.newest_run();
    quietly(&format!("run undo {run} --yes"));
    for who in ["a@new.example", "b@new.example", "olena@acme.example"] {
        assert_eq!(mails(&board, who), "", "{who}");
    }
}

#[test]
fn an_import_counts_its_mails_and_asks_before_very_many() {
    let board = board();
    board.run("setting set mail.burst 1").ok();
    board.write(
        "people.csv",
        "email,first_name,last_name,company,staff\n\
        olena@acme.example,,,,yes\n\
        max@acme.example,Max,Müller,Acme Bank,yes\n\
        ann@acme.example,Ann,Lee,Acme Bank,\n",
    );
    let import = "user import people.csv --on-existing update";
    assert_snapshot!(board.run(&format!("{import} --dry-run")), @"
    ~ user olena@acme.example  staff: no → yes
    + user max@acme.example  first_name=Max, last_name=Müller, company=Acme Bank, active=yes, staff=yes
    + user ann@acme.example  first_name=Ann, last_name=Lee, company=Acme Bank, active=yes
    ------- stderr -------
    people: 2 created, 1 changed; mails: 2 (dry run: nothing was changed)
    ");
    assert_eq!(board.run(&format!("{import} --dry-run -o json")).ok().json()["mails"], 2);
    assert_snapshot!(board.run(import), @"
    ------- stderr -------
    error: a confirmation (“2 mails would be sent. Go on?”) is missing, and there is no terminal to ask on
    hint: give `--yes`
    [exit status: 2]
    ");
    assert_snapshot!(board.run(&format!("{import} --no-notice --reason quiet --dry-run")), @"
    ~ user olena@acme.example  staff: no → yes
    + user max@acme.example  first_name=Max, last_name=Müller, company=Acme Bank, active=yes, staff=yes
    + user ann@acme.example  first_name=Ann, last_name=Lee, company=Acme Bank, active=yes
    ------- stderr -------
    people: 2 created, 1 changed (dry run: nothing was changed)
    ");
    assert_snapshot!(board.run(&format!("{import} --yes")), @"
    ------- stderr -------
    people: 2 created, 1 changed; mails: 2
    run `[run]`; undo it with `secboard run undo [run]`
    ");
    let run = board.newest_run();
    assert_eq!(board.run(&format!("run show {run} -o json")).ok().json()["mails"], 2);
    assert_snapshot!(board.run(&format!("run undo {run} --yes")), @"
    ------- stderr -------
    run `[run]`: 3 taken back, 2 mails dropped
    ");
    assert_eq!(mails(&board, "olena@acme.example"), "staff-given dropped");
}

#[test]
fn who_was_told_of_nothing_is_told_nothing_of_its_undo() {
    let board = board();
    board.run("company create Globex").ok();
    board.run("group create Desk --company acme-bank").ok();
    board.run("user add-group olena@acme.example Desk").ok();
    board.run("user edit olena@acme.example --company globex --email olena@globex.example --yes").ok();
    let run = board.newest_run();
    assert_eq!(mails(&board, "olena@globex.example"), "email-changed-new queued, email-changed-old queued");
    let undone = board.run(&format!("run undo {run} --yes -o json")).ok().json();
    assert_eq!((&undone["mails_dropped"], &undone["mails_queued"]), (&json!(2), &json!(0)));
    assert_eq!(mails(&board, "olena@acme.example"), "email-changed-new dropped, email-changed-old dropped");
}

/// A held run that switches Olena off and makes her staff.
fn held(board: &Board) -> String {
    for setting in ["brake.people", "brake.percent"] {
        board.run(&format!("setting set {setting} 0")).ok();
    }
    board.write("people.csv", "email,active,staff\nolena@acme.example,no,yes\n");
    let held = board.run("user import people.csv --on-existing update");
    assert_eq!(held.code, Some(76), "{held}");
    board.newest_run()
}

#[test]
fn a_run_that_is_held_is_told_to_the_superusers_and_tells_people_when_it_is_released() {
    let board = board();
    let run = held(&board);
    assert_eq!(mails(&board, SUPERUSER), "run-held queued");
    assert_eq!(mails(&board, "olena@acme.example"), "");
    assert_eq!(board.run(&format!("run show {run} -o json")).ok().json()["mails"], 1);
    board.run("setting set mail.burst 0").ok();
    assert_snapshot!(board.run(&format!("run release {run}")), @"
    ------- stderr -------
    error: a confirmation (“1 mail would be sent. Go on?”) is missing, and there is no terminal to ask on
    hint: give `--yes`
    [exit status: 2]
    ");
    board.run(&format!("run release {run} --yes")).ok();
    assert_eq!(mails(&board, "olena@acme.example"), "staff-given queued");
}

#[test]
fn a_run_that_is_held_is_told_to_the_addresses_that_superusers_named() {
    let board = board();
    for command in [
        "group create Setters",
        "group grant Setters settings.view settings.edit",
        "user edit olena@acme.example --staff --no-notice --reason test",
        "group add-member Setters olena@acme.example",
    ] {
        board.run(command).ok();
    }
    assert_snapshot!(board.run("setting set alerts.to olena@acme.example --as olena@acme.example"), @"
    ------- stderr -------
    error: `olena@acme.example` may not do this: only a superuser changes `alerts.to`
    hint: ask an administrator who may
    [exit status: 77]
    ");
    assert_eq!(board.run("setting set alerts.to nobody").code, Some(65));
    board.run("setting set alerts.to 'watch@acme.example, olena@acme.example'").ok();
    let run = held(&board);
    let told = board.run("mail outbox list --feature alert --columns state,message,to").ok();
    assert_snapshot!(told, @"
    STATE   MESSAGE   TO
    queued  run-held  olena@acme.example
    queued  run-held  watch@acme.example
    ");
    assert_eq!(mails(&board, SUPERUSER), "", "who is named is told, in the place of the superusers");
    board.run("setting set site.domain people.acme.example").ok();
    fs::create_dir(board.path("mails")).unwrap();
    board.run("mail server create folder --kind file --folder mails").ok();
    board.run("mail account create noreply --server folder --from noreply@acme.example").ok();
    board.run("mail route set --account noreply").ok();
    board.run("mail flush").ok();
    let arrived = fs::read_dir(board.path("mails")).unwrap().map(|mail| mail.unwrap().path());
    let arrived: Vec<String> = arrived.map(|path| fs::read_to_string(path).unwrap()).collect();
    assert_eq!(arrived.len(), 2);
    assert!(arrived.iter().all(|mail| mail.contains(&format!("secboard run release {run}"))), "{arrived:?}");
}

#[test]
fn a_run_is_released_without_notice() {
    let board = board();
    let run = held(&board);
    board.run("setting set mail.burst 0").ok();
    board.run(&format!("run release {run} --no-notice --reason quiet")).ok();
    assert_eq!(mails(&board, "olena@acme.example"), "");
    assert_eq!(board.run(&format!("run show {run} -o json")).ok().json()["mails"], 0);
}
