use insta::assert_snapshot;
use serde_json::Value;

use super::people;
use crate::harness::{PASSWORD, Ran};

/// The answer apart from the modules, which a session of `permission` shows.
fn without_modules(ran: &Ran) -> String {
    let mut answer = ran.json();
    answer.as_object_mut().unwrap().remove("modules").unwrap();
    format!("{answer:#}")
}

#[test]
fn somebody_who_may_log_in() {
    let board = people();
    assert_snapshot!(board.run("user why ada@acme.example --now 2026-03-01"), @"
    CODE             OK   DETAIL
    exists           yes  account and profile
    active           yes  the administrator's switch is on
    dates            yes  no dates are set
    directory        yes  not managed by a directory
    password         yes  set
    throttle         yes  not held
    two_factor       yes  not required
    password_change  yes  not asked for
    ------- stderr -------
    ada@acme.example may log in
    ");
    assert_snapshot!(board.run("user why ada@acme.example --now 2026-03-01 -o csv --columns code,ok"), @"
    code,ok
    exists,yes
    active,yes
    dates,yes
    directory,yes
    password,yes
    throttle,yes
    two_factor,yes
    password_change,yes
    ");
    assert_snapshot!(without_modules(&board.run("user why ada@acme.example --now 2026-03-01T00:00:00Z -o json")), @r#"
    {
      "email": "ada@acme.example",
      "may_log_in": true,
      "at": "2026-03-01T00:00:00.000000Z",
      "checks": [
        {
          "code": "exists",
          "ok": true,
          "detail": "account and profile",
          "advice": null,
          "command": null
        },
        {
          "code": "active",
          "ok": true,
          "detail": "the administrator's switch is on",
          "advice": null,
          "command": null
        },
        {
          "code": "dates",
          "ok": true,
          "detail": "no dates are set",
          "advice": null,
          "command": null
        },
        {
          "code": "directory",
          "ok": true,
          "detail": "not managed by a directory",
          "advice": null,
          "command": null
        },
        {
          "code": "password",
          "ok": true,
          "detail": "set",
          "advice": null,
          "command": null
        },
        {
          "code": "throttle",
          "ok": true,
          "detail": "not held",
          "advice": null,
          "command": null
        },
        {
          "code": "two_factor",
          "ok": true,
          "detail": "not required",
          "advice": null,
          "command": null
        },
        {
          "code": "password_change",
          "ok": true,
          "detail": "not asked for",
          "advice": null,
          "command": null
        }
      ],
      "invited": null,
      "mails": []
    }
    "#);
}

#[test]
fn somebody_who_may_not_is_told_why_and_what_to_do() {
    let board = people();
    board.run("user edit max@globex.example --inactive").ok();
    assert_snapshot!(board.run("user why max@globex.example --now 2026-03-01"), @"
    CODE             OK   DETAIL
    exists           yes  account and profile
    active           no   the administrator's switch is off
    dates            no   the end date 2025-12-31 has passed, today is 2026-03-01
    directory        yes  not managed by a directory
    password         no   no password was ever set
    throttle         yes  not held
    two_factor       yes  not required
    password_change  yes  not asked for
    what to do:
      active: secboard user activate 'max@globex.example'
      dates: secboard user edit 'max@globex.example' --end-date never
      password: invite them with `secboard user invite 'max@globex.example'`, or give first access with `secboard user set-password 'max@globex.example' --generate`
    ------- stderr -------
    max@globex.example may not log in
    [exit status: 1]
    ");
    assert_snapshot!(board.run("user why yamada@acme.example --now 2026-03-01"), @"
    CODE             OK   DETAIL
    exists           yes  account and profile
    active           yes  the administrator's switch is on
    dates            no   the start date 2099-04-01 lies ahead, today is 2026-03-01
    directory        yes  not managed by a directory
    password         no   no password was ever set
    throttle         yes  not held
    two_factor       yes  not required
    password_change  yes  not asked for
    what to do:
      dates: secboard user edit 'yamada@acme.example' --start-date today
      password: invite them with `secboard user invite 'yamada@acme.example'`, or give first access with `secboard user set-password 'yamada@acme.example' --generate`
    ------- stderr -------
    yamada@acme.example may not log in
    [exit status: 1]
    ");
    board.run_with_input("user set-password yamada@acme.example --password-stdin", PASSWORD).ok();
    assert_eq!(board.run("user why yamada@acme.example --now 2099-03-31").code, Some(1));
    assert_eq!(board.run("user why yamada@acme.example --now 2099-04-01").code, Some(0));
}

#[test]
fn somebody_in_the_bin_or_unknown_may_not_either() {
    let board = people();
    board.run("user delete max@globex.example --yes").ok();
    assert_snapshot!(board.run("user why max@globex.example --now 2026-03-01"), @"
    CODE             OK   DETAIL
    exists           no   the account is in the bin
    active           yes  the administrator's switch is on
    dates            no   the end date 2025-12-31 has passed, today is 2026-03-01
    directory        yes  not managed by a directory
    password         no   no password was ever set
    throttle         yes  not held
    two_factor       yes  not required
    password_change  yes  not asked for
    what to do:
      exists: secboard user restore 'max@globex.example'
      dates: secboard user edit 'max@globex.example' --end-date never
      password: invite them with `secboard user invite 'max@globex.example'`, or give first access with `secboard user set-password 'max@globex.example' --generate`
    ------- stderr -------
    max@globex.example may not log in
    [exit status: 1]
    ");
    assert_snapshot!(board.run("user why olna@acme.example"), @"
    CODE    OK  DETAIL
    exists  no  nobody has the email `olna@acme.example`
    what to do:
      exists: did you mean `olena@acme.example`?
    ------- stderr -------
    olna@acme.example may not log in
    [exit status: 1]
    ");
    assert_snapshot!(board.run("user why olna@acme.example --now 2026-03-01T00:00:00Z -o json"), @r#"
    {
      "email": "olna@acme.example",
      "may_log_in": false,
      "at": "[time]",
      "checks": [
        {
          "code": "exists",
          "ok": false,
          "detail": "nobody has the email `olna@acme.example`",
          "advice": "did you mean `olena@acme.example`?",
          "command": null
        }
      ],
      "modules": {},
      "mails": null,
      "invited": null
    }
    [exit status: 1]
    "#);
}

#[test]
fn what_to_do_can_be_copied_into_a_shell_whatever_the_email() {
    let board = people();
    board.run(r#"user create --email "o'neil@acme.example" --first-name Shay --last-name "O'Neil" --company "Acme Bank""#).ok();
    board.run(r#"user deactivate "o'neil@acme.example""#).ok();
    let why = board.run(r#"user why "o'neil@acme.example" -o json"#).json();
    let hint = why.pointer("/checks/1/command").and_then(Value::as_str).unwrap();
    assert_eq!(hint, r"secboard user activate 'o'\''neil@acme.example'");
    assert_snapshot!(board.run_in_sh(hint), @"
    ------- stderr -------
    activated `o'neil@acme.example`
    ");
}
