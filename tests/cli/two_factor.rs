//! Second factors as administrators see them; people enrol at the web, which has tests of its own.

use insta::assert_snapshot;

use crate::harness::Board;

fn board() -> Board {
    let board = Board::new();
    for (email, first) in [("olena@acme.example", "Олена"), ("max@acme.example", "Max")] {
        let names = format!("--first-name {first} --last-name Koval --company 'Acme Bank'");
        board.run(&format!("user create --email {email} {names}")).ok();
    }
    board
}

#[test]
fn it_is_required_of_one_person_or_of_many_and_found_where_it_is_missing() {
    let board = board();
    assert_snapshot!(board.run("two-factor require olena@acme.example"), @"
    ------- stderr -------
    `olena@acme.example` has to have a second factor
    ");
    assert_snapshot!(board.run("two-factor require olena@acme.example"), @"
    ------- stderr -------
    no change: `olena@acme.example` has to have a second factor already
    ");
    assert_snapshot!(board.run("user list --two-factor missing --columns email,two_factor_required,two_factor_enrolled,backup_codes_left"), @"
    EMAIL               TWO FACTOR REQUIRED  TWO FACTOR ENROLLED  BACKUP CODES LEFT
    olena@acme.example  yes                  no
    ");
    assert_snapshot!(board.run("user list --two-factor enrolled --columns email"), @"
    ------- stderr -------
    nothing matches
    ");
    assert_snapshot!(board.run("user why olena@acme.example --columns code,detail"), @"
    CODE             DETAIL
    exists           account and profile
    active           the administrator's switch is on
    dates            no dates are set
    directory        not managed by a directory
    password         no password was ever set
    throttle         not held
    two_factor       required, not enrolled: the login leads there
    password_change  not asked for
    ------- stderr -------
    olena@acme.example may not log in
    [exit status: 1]
    ");
    assert_snapshot!(board.run("two-factor require --company 'Acme Bank' --all-matching"), @"
    ------- stderr -------
    people: 2 changed, 1 unchanged
    run `[run]`; undo it with `secboard run undo [run]`
    ");
    assert_snapshot!(board.run(&format!("run undo {} --yes", board.newest_run())), @"
    ------- stderr -------
    run `[run]`: 2 taken back
    ");
    assert_snapshot!(board.run("two-factor unrequire olena@acme.example"), @"
    ------- stderr -------
    `olena@acme.example` needs no second factor
    ");
    assert_snapshot!(board.run("user list --two-factor missing --columns email"), @"
    ------- stderr -------
    nothing matches
    ");
}

#[test]
fn o10_second_factors_of_several_people_are_reset_together_or_not_at_all() {
    let board = board();
    board.run("two-factor require olena@acme.example max@acme.example").ok();
    assert_snapshot!(board.run("two-factor reset olena@acme.example nobody@acme.example --reason 'new phones' --grace 24h"), @"
    ------- stderr -------
    error: there is no user `nobody@acme.example`
    hint: look for them with `secboard user list --search 'nobody@acme.example'`
    [exit status: 67]
    ");
    assert_snapshot!(board.run("two-factor status olena@acme.example --columns grace_until -o json"), @r#"{"grace_until":null}"#);
    assert_snapshot!(board.run("two-factor reset olena@acme.example max@acme.example OLENA@acme.example --reason 'new phones' --grace 24h"), @"
    ------- stderr -------
    `olena@acme.example` has no second factor; they set one up at the next login, until [time]
    `max@acme.example` has no second factor; they set one up at the next login, until [time]
    ");
}

#[test]
fn a_reset_takes_a_reason_and_a_time_to_set_another_up_only_where_that_is_required() {
    let board = board();
    assert_snapshot!(board.run("two-factor reset olena@acme.example"), @"
    ------- stderr -------
    error: a second factor is reset with a reason, which the audit keeps
    hint: say with `--reason` how you made sure that it is them
    [exit status: 2]
    ");
    assert_snapshot!(board.run("two-factor reset olena@acme.example --reason 'phone lost'"), @"
    ------- stderr -------
    no change: `olena@acme.example` has no second factor
    ");
    assert_snapshot!(board.run("two-factor reset olena@acme.example --reason 'phone lost' --grace 24h"), @"
    ------- stderr -------
    error: `olena@acme.example` needs no second factor, so no time to set one up ends
    hint: leave `--grace` out, or require a second factor first with `secboard two-factor require 'olena@acme.example'`
    [exit status: 65]
    ");
    assert_snapshot!(board.run("two-factor reset olena@acme.example --reason 'phone lost' --grace tomorrow"), @"
    ------- stderr -------
    error: invalid value 'tomorrow' for '--grace <TIME>': hours such as `24h`, or days such as `7d`: `1h` to `30d`

    For more information, try '--help'.
    [exit status: 2]
    ");
    board.run("two-factor require olena@acme.example").ok();
    assert_snapshot!(board.run("two-factor reset olena@acme.example --reason 'new phone' --grace 24h"), @"
    ------- stderr -------
    `olena@acme.example` has no second factor; they set one up at the next login, until [time]
    ");
    assert_snapshot!(board.run("two-factor status olena@acme.example"), @"
    EMAIL        olena@acme.example
    REQUIRED     yes
    ENROLLED     no
    GRACE UNTIL  [time]
    ");
    assert_snapshot!(board.run("user why olena@acme.example --now 2999-01-01 --columns code,ok"), @"
    CODE             OK
    exists           yes
    active           yes
    dates            yes
    directory        yes
    password         no
    throttle         yes
    two_factor       no
    password_change  yes
    ------- stderr -------
    olena@acme.example may not log in
    [exit status: 1]
    ");
}

#[test]
fn whoever_may_reset_and_require_does_that_and_no_more() {
    let board = board();
    board.run("group create Desk").ok();
    board.run("group grant Desk two_factor.require two_factor.reset --company 'Acme Bank'").ok();
    board.run("user edit max@acme.example --staff").ok();
    board.run("user add-group max@acme.example Desk").ok();
    let desk = |arguments: &str| board.run(&format!("{arguments} --as max@acme.example"));
    assert_snapshot!(desk("two-factor require olena@acme.example"), @"
    ------- stderr -------
    `olena@acme.example` has to have a second factor
    ");
    assert_snapshot!(desk("two-factor reset olena@acme.example --reason 'phone lost' --grace 1h"), @"
    ------- stderr -------
    `olena@acme.example` has no second factor; they set one up at the next login, until [time]
    ");
    assert_snapshot!(desk("two-factor require max@acme.example"), @"
    ------- stderr -------
    error: `max@acme.example` may not do this: nobody changes their own email, roles, groups, marks, switch, dates, company or whether a second factor is required of them
    hint: ask an administrator who may
    [exit status: 77]
    ");
    assert_snapshot!(desk("two-factor reset max@acme.example --reason x"), @"
    ------- stderr -------
    error: `max@acme.example` may not do this: nobody resets their own second factor; it is removed on the personal page
    hint: ask an administrator who may
    [exit status: 77]
    ");
    assert_snapshot!(desk("two-factor status olena@acme.example"), @"
    ------- stderr -------
    error: `max@acme.example` may not do this: it needs the permission `users.view` for some company
    hint: see what there is with `secboard permission explain max@acme.example users.view`
    [exit status: 77]
    ");
    assert_snapshot!(desk("two-factor require ada@acme.example"), @"
    ------- stderr -------
    error: `max@acme.example` may not do this: only a superuser changes a superuser
    hint: ask an administrator who may
    [exit status: 77]
    ");
    assert_snapshot!(desk("user edit olena@acme.example --language uk"), @"
    ------- stderr -------
    error: `max@acme.example` may not do this: it needs the permission `users.edit` for some company
    hint: see what there is with `secboard permission explain max@acme.example users.edit`
    [exit status: 77]
    ");
}
