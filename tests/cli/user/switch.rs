use insta::assert_snapshot;

use super::people;

#[test]
fn an_account_is_switched_off_and_on() {
    let board = people();
    assert_snapshot!(board.run("user deactivate olena@acme.example --reason 'on leave'"), @"
    ------- stderr -------
    deactivated `olena@acme.example`
    ");
    assert_snapshot!(board.run("user deactivate OLENA@acme.example"), @"
    ------- stderr -------
    no change: `olena@acme.example` is inactive already
    ");
    assert_snapshot!(board.run("user activate olena@acme.example -o json --columns email,active,status"), @r#"
    {"email":"olena@acme.example","active":true,"status":"active"}
    ------- stderr -------
    activated `olena@acme.example`
    "#);
    assert_snapshot!(board.run("user activate olena@acme.example"), @"
    ------- stderr -------
    no change: `olena@acme.example` is active already
    ");
    assert_snapshot!(board.run("user deactivate olena@acme.example --dry-run"), @"
    ------- stderr -------
    deactivated `olena@acme.example` (dry run: nothing was changed)
    ");
    assert_snapshot!(board.run("user show olena@acme.example --columns active"), @"ACTIVE  yes");
}

#[test]
fn the_last_superuser_is_not_switched_off() {
    let board = people();
    assert_snapshot!(board.run("user deactivate ada@acme.example"), @"
    ------- stderr -------
    error: `ada@acme.example` is the last superuser who can log in
    hint: let another superuser log in first, without an end date: `secboard user edit EMAIL --superuser`, and `secboard user set-password EMAIL`
    [exit status: 65]
    ");
    assert_snapshot!(board.run("user delete ada@acme.example --yes"), @"
    ------- stderr -------
    error: `ada@acme.example` is the last superuser who can log in
    hint: let another superuser log in first, without an end date: `secboard user edit EMAIL --superuser`, and `secboard user set-password EMAIL`
    [exit status: 65]
    ");
}

#[test]
fn another_password_is_asked_for_at_the_next_login() {
    let board = people();
    assert_snapshot!(board.run("user force-password-change ada@acme.example"), @"
    ------- stderr -------
    `ada@acme.example` has to choose another password at the next login
    ");
    assert_snapshot!(board.run("user force-password-change ada@acme.example"), @"
    ------- stderr -------
    no change: `ada@acme.example` has to do so already
    ");
    assert_snapshot!(board.run("user why ada@acme.example --now 2026-03-01"), @"
    CODE             OK   DETAIL
    exists           yes  account and profile
    active           yes  the administrator's switch is on
    dates            yes  no dates are set
    directory        yes  not managed by a directory
    password         yes  set
    throttle         yes  not held
    two_factor       yes  not required
    password_change  yes  a new password is asked for after the login
    ------- stderr -------
    ada@acme.example may log in
    ");
    assert_snapshot!(board.run("user force-password-change ada@acme.example --off"), @"
    ------- stderr -------
    `ada@acme.example` may keep the password
    ");
    assert_snapshot!(board.run("user force-password-change ada@acme.example --off"), @"
    ------- stderr -------
    no change: `ada@acme.example` may keep the password already
    ");
}

#[test]
fn nobody_is_held_so_there_is_nobody_to_unlock() {
    let board = people();
    assert_snapshot!(board.run("user unlock olena@acme.example"), @"
    ------- stderr -------
    no change: `olena@acme.example` is not held
    ");
    assert_snapshot!(board.run("user unlock olena@acme.example max@globex.example"), @"
    ------- stderr -------
    no change: nobody of them is held
    ");
    assert_snapshot!(board.run("user unlock nobody@acme.example"), @"
    ------- stderr -------
    error: there is no user `nobody@acme.example`
    hint: look for them with `secboard user list --search 'nobody@acme.example'`
    [exit status: 67]
    ");
    assert_snapshot!(board.run("user unlock"), @"
    ------- stderr -------
    error: the following required arguments were not provided:
      <USER>...

    Usage: secboard user unlock <USER>...

    For more information, try '--help'.
    [exit status: 2]
    ");
}

/// Holds an account as failed logins at the pages will do.
#[expect(clippy::disallowed_methods, reason = "stands for a program that is not the command line")]
fn hold(board: &crate::harness::Board, email: &str) {
    let store = rusqlite::Connection::open(board.path("secboard.db")).unwrap();
    let sql = "
        INSERT INTO throttle_counters (kind, account, source, user_id, times, held_at, held_until, updated_at, expires_at)
        SELECT 'login-account', id, '', id, '[]', 0, ?1, 0, ?1 FROM users WHERE email = ?2";
    assert_eq!(store.execute(sql, (i64::MAX / 4, email)).unwrap(), 1);
}

#[test]
fn somebody_held_after_failed_logins_is_unlocked() {
    let board = people();
    hold(&board, "ada@acme.example");
    assert_eq!(board.run("user why ada@acme.example").code, Some(1));
    assert_snapshot!(board.run("user unlock ada@acme.example --dry-run"), @"
    ------- stderr -------
    `ada@acme.example` may try to log in again (dry run: nothing was changed)
    ");
    assert_snapshot!(board.run("user unlock ada@acme.example olena@acme.example"), @"
    ------- stderr -------
    `ada@acme.example` may try to log in again
    ");
    assert_eq!(board.run("user why ada@acme.example").code, Some(0));
}

/// Logs a person in as the pages do, at the moment in which they were made.
#[expect(clippy::disallowed_methods, reason = "stands for a program that is not the command line")]
fn log_in(board: &crate::harness::Board, email: &str, token: u8) {
    let store = rusqlite::Connection::open(board.path("secboard.db")).unwrap();
    let sql = "
        INSERT INTO sessions (token_hash, user_id, complete, address, browser, proved_at, seen_at, created_at)
        SELECT ?1, id, 1, '203.0.113.7', 'Firefox, Linux', created_at, created_at, created_at FROM users WHERE email = ?2";
    assert_eq!(store.execute(sql, (vec![token; 32], email)).unwrap(), 1);
}

#[test]
fn s6_where_somebody_is_logged_in_is_listed_and_ended() {
    let board = people();
    for token in 1..=3 {
        log_in(&board, "olena@acme.example", token);
    }
    let ids = || board.run("user session list olena@acme.example -o csv --columns id").ok().stdout;
    assert_eq!(ids(), "id\n3\n2\n1\n");
    assert_eq!(board.run("user session end olena@acme.example --id 2").code, Some(0));
    assert_eq!(board.run("user session end olena@acme.example --id 2").code, Some(67));
    board.run("user session end olena@acme.example --dry-run").ok();
    assert_eq!(ids(), "id\n3\n1\n");
    let ended = board.run("user session end olena@acme.example").ok().to_string();
    assert!(ended.contains("ended 2 sessions of `olena@acme.example`"), "{ended}");
    assert_eq!(ids(), "id\n");
    let told = board.run("audit list --action session -o csv --columns action,subject").ok().stdout;
    assert_eq!(told, "action,subject\nsession.end,olena@acme.example\nsession.end,olena@acme.example\n");
}

#[test]
fn s4_somebody_who_is_switched_off_has_no_session_left() {
    let board = people();
    log_in(&board, "olena@acme.example", 1);
    board.run("user deactivate olena@acme.example").ok();
    board.run("user activate olena@acme.example").ok();
    let left = board.run("user session list olena@acme.example -o csv --columns id").ok().stdout;
    assert_eq!(left, "id\n");
}
