//! `secboard upkeep`.

use insta::assert_snapshot;
use serde_json::Value;

use crate::harness::Board;

/// A board on which somebody's account ends tomorrow, and somebody has been in the bin for too long once it is next month.
fn board() -> Board {
    let board = Board::new();
    let person = |email: &str| format!("--email {email} --first-name A --last-name B --company 'Acme Bank'");
    board.run(&format!("user create {} --end-date +1d", person("ends@acme.example"))).ok();
    board.run(&format!("user create {}", person("gone@acme.example"))).ok();
    board.run("user delete gone@acme.example --yes").ok();
    board
}

#[test]
fn what_is_to_be_done_time_after_time_is_done_once() {
    let board = board();
    assert_snapshot!(board.run("upkeep --dry-run"), @"
    TASK               RESULT   DETAIL
    reminders          done     1 person reminded
    bin                nothing  0 people permanently deleted
    links              nothing  0 links forgotten
    mails              nothing  0 mails forgotten
    messages           nothing  0 messages forgotten
    counters           nothing  0 counters forgotten
    sessions           nothing  0 sessions forgotten
    enrolments         nothing  0 secrets forgotten
    unfinished-logins  nothing  0 people told
    directories        nothing  no directory is due
    outbox             nothing  nothing is due
    ------- stderr -------
    all could be done (dry run: nothing was changed)
    ");
    assert_snapshot!(board.run("upkeep -o json"), @r#"
    [
    {"task":"reminders","result":"done","detail":"1 person reminded","count":1},
    {"task":"bin","result":"nothing","detail":"0 people permanently deleted","count":0},
    {"task":"links","result":"nothing","detail":"0 links forgotten","count":0},
    {"task":"mails","result":"nothing","detail":"0 mails forgotten","count":0},
    {"task":"messages","result":"nothing","detail":"0 messages forgotten","count":0},
    {"task":"counters","result":"nothing","detail":"0 counters forgotten","count":0},
    {"task":"sessions","result":"nothing","detail":"0 sessions forgotten","count":0},
    {"task":"enrolments","result":"nothing","detail":"0 secrets forgotten","count":0},
    {"task":"unfinished-logins","result":"nothing","detail":"0 people told","count":0},
    {"task":"directories","result":"nothing","detail":"no directory is due","count":0},
    {"task":"outbox","result":"nothing","detail":"no account sends mails of `reminder`; 1 mail waits","count":0}
    ]
    "#);
    let told = board.run("user why ends@acme.example -o json").json();
    assert_eq!(told.pointer("/mails/0/message").and_then(Value::as_str), Some("account-ending"));
    assert_snapshot!(board.run("upkeep"), @"
    TASK               RESULT   DETAIL
    reminders          nothing  0 people reminded
    bin                nothing  0 people permanently deleted
    links              nothing  0 links forgotten
    mails              nothing  0 mails forgotten
    messages           nothing  0 messages forgotten
    counters           nothing  0 counters forgotten
    sessions           nothing  0 sessions forgotten
    enrolments         nothing  0 secrets forgotten
    unfinished-logins  nothing  0 people told
    directories        nothing  no directory is due
    outbox             nothing  no account sends mails of `reminder`; 1 mail waits
    ");
    assert_snapshot!(board.run("upkeep --quiet"), @"");
}

#[test]
fn whoever_was_in_the_bin_for_too_long_is_deleted_by_the_service() {
    let board = board();
    assert_snapshot!(board.run("upkeep --only bin --now +60d --dry-run"), @"
    TASK  RESULT  DETAIL
    bin   done    1 person permanently deleted
    ------- stderr -------
    all could be done (dry run: nothing was changed)
    ");
    assert_eq!(board.run("user list --deleted --count").ok().stdout, "1\n");
}

#[test]
fn tasks_are_chosen_by_name() {
    let board = board();
    assert_snapshot!(board.run("upkeep --only reminders"), @"
    TASK       RESULT  DETAIL
    reminders  done    1 person reminded
    ");
    let except = board.run("upkeep --except reminders,bin -o json").ok().json();
    assert!(except.as_array().unwrap().iter().all(|row| row["task"] != "reminders" && row["task"] != "bin"));
    assert_snapshot!(board.run("upkeep --only remind"), @"
    ------- stderr -------
    error: invalid value 'remind' for '--only <TASK>'
      [possible values: reminders, bin, links, mails, messages, counters, sessions, enrolments, unfinished-logins, directories, outbox]

      tip: a similar value exists: 'reminders'

    For more information, try '--help'.
    [exit status: 2]
    ");
    assert_eq!(board.run("upkeep --only bin --except bin").code, Some(2));
}
