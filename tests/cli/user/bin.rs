use insta::assert_snapshot;

use super::people;

#[test]
fn somebody_is_moved_to_the_bin_brought_back_and_ended_for_good() {
    let board = people();
    assert_snapshot!(board.run("user delete max@globex.example"), @"
    ------- stderr -------
    error: a confirmation (“Move `max@globex.example` to the bin?”) is missing, and there is no terminal to ask on
    hint: give `--yes`
    [exit status: 2]
    ");
    assert_snapshot!(board.run("user delete max@globex.example --yes --dry-run"), @"
    ------- stderr -------
    moved `max@globex.example` to the bin for 30 days; bring them back with `secboard user restore 'max@globex.example'` (dry run: nothing was changed)
    ");
    assert_snapshot!(board.run("user delete max@globex.example --yes"), @"
    ------- stderr -------
    moved `max@globex.example` to the bin for 30 days; bring them back with `secboard user restore 'max@globex.example'`
    ");
    assert_snapshot!(board.run("user delete max@globex.example --yes"), @"
    ------- stderr -------
    error: user `max@globex.example` is in the bin
    hint: bring them back with `secboard user restore 'max@globex.example'`
    [exit status: 67]
    ");
    let id = board.run("user list --deleted -o json").ok().json()[0]["id"].to_string();
    let by_id = board.run(&format!("user show {id}"));
    assert!(by_id.stderr.starts_with("error: user `max@globex.example` is in the bin"), "{by_id}");
    assert_snapshot!(board.run("user list --deleted --columns email,full_name,status,inactive_reasons"), @"
    EMAIL               FULL NAME   STATUS    INACTIVE REASONS
    max@globex.example  Max Müller  inactive  in the bin
    ");
    assert_snapshot!(board.run("user restore max@globex.example --dry-run"), @"
    ------- stderr -------
    restored `max@globex.example` (dry run: nothing was changed)
    ");
    assert_snapshot!(board.run("user restore MAX@globex.example"), @"
    ------- stderr -------
    restored `max@globex.example`
    ");
    assert_snapshot!(board.run("user restore max@globex.example"), @"
    ------- stderr -------
    error: nobody in the bin has the email `max@globex.example`
    hint: see who is in the bin with `secboard user list --deleted`
    [exit status: 67]
    ");
    board.run("user delete max@globex.example --yes").ok();
    assert_snapshot!(board.run("user purge max@globex.example"), @"
    ------- stderr -------
    error: a confirmation (“Permanently delete `max@globex.example`? Nothing brings them back”) is missing, and there is no terminal to ask on
    hint: give `--yes`
    [exit status: 2]
    ");
    assert_snapshot!(board.run("user purge max@globex.example --yes --dry-run"), @"
    ------- stderr -------
    permanently deleted one person; the audit keeps who it was (dry run: nothing was changed)
    ");
    assert_snapshot!(board.run("user purge max@globex.example --yes"), @"
    ------- stderr -------
    permanently deleted one person; the audit keeps who it was
    ");
    assert_snapshot!(board.run("user restore max@globex.example"), @"
    ------- stderr -------
    error: nobody in the bin has the email `max@globex.example`
    hint: see who is in the bin with `secboard user list --deleted`
    [exit status: 67]
    ");
    assert_snapshot!(board.run("user purge max@globex.example --yes"), @"
    ------- stderr -------
    error: nobody in the bin has the email `max@globex.example`
    hint: see who is in the bin with `secboard user list --deleted`
    [exit status: 67]
    ");
}

#[test]
fn an_email_that_was_taken_again_or_a_company_that_is_gone_is_replaced() {
    let board = people();
    board.run("user delete max@globex.example --yes").ok();
    let other =
        "user create --email max@globex.example --first-name Max --last-name Second --company acme-bank";
    board.run(other).ok();
    board.run("company delete globex --yes").ok();
    assert_snapshot!(board.run("user restore max@globex.example"), @"
    ------- stderr -------
    error: the email `max@globex.example` was taken again while its owner was in the bin
    hint: restore under another with `--email NEW`
    [exit status: 73]
    ");
    assert_snapshot!(board.run("user restore max@globex.example --email max.mueller@globex.example"), @"
    ------- stderr -------
    error: the company of `max.mueller@globex.example` was deleted in the meantime by run `[run]`
    hint: name a new one with `--company`, or bring theirs back with `secboard run undo [run]`
    [exit status: 65]
    ");
    assert_snapshot!(board.run("user restore max@globex.example --email max.mueller@globex.example --company acme-bank"), @"
    ------- stderr -------
    restored `max.mueller@globex.example`
    ");
}

#[test]
fn those_whose_days_are_over_are_ended_by_a_timer() {
    let board = people();
    board.run("user delete max@globex.example --yes").ok();
    assert_snapshot!(board.run("user purge --expired --yes"), @"
    ------- stderr -------
    no change: nobody's days in the bin are over
    ");
    board.run("setting set user.bin_days 1").ok();
    assert_snapshot!(board.run("user purge --expired --now 2099-01-01 --dry-run --yes"), @"
    ------- stderr -------
    permanently deleted one person; the audit keeps who it was (dry run: nothing was changed)
    ");
    assert_snapshot!(board.run("user purge --expired max@globex.example"), @"
    ------- stderr -------
    error: the argument '--expired' cannot be used with '[USER]...'

    Usage: secboard user purge --expired [USER]...

    For more information, try '--help'.
    [exit status: 2]
    ");
    assert_snapshot!(board.run("user purge"), @"
    ------- stderr -------
    error: the following required arguments were not provided:
      <USER>...

    Usage: secboard user purge <USER>...

    For more information, try '--help'.
    [exit status: 2]
    ");
    assert_snapshot!(board.run("user purge olena@acme.example --yes"), @"
    ------- stderr -------
    error: nobody in the bin has the email `olena@acme.example`
    hint: see who is in the bin with `secboard user list --deleted`
    [exit status: 67]
    ");
}

#[test]
fn a_purge_of_several_speaks_of_the_bin() {
    let board = people();
    assert_snapshot!(board.run("user purge olena@acme.example nobody@acme.example --yes"), @"
    ------- stderr -------
    error: nobody in the bin has the emails or ids `olena@acme.example`, `nobody@acme.example`
    hint: nothing was changed; see who is in the bin with `secboard user list --deleted`
    [exit status: 67]
    ");
    board.run("user delete olena@acme.example max@globex.example --yes").ok();
    assert_snapshot!(board.run("user purge olena@acme.example max@globex.example"), @"
    ------- stderr -------
    error: a confirmation (“Permanently delete 2 people in the bin? Nothing brings them back”) is missing, and there is no terminal to ask on
    hint: give `--yes`
    [exit status: 2]
    ");
    assert_snapshot!(board.run("user purge olena@acme.example"), @"
    ------- stderr -------
    error: a confirmation (“Permanently delete `olena@acme.example`? Nothing brings them back”) is missing, and there is no terminal to ask on
    hint: give `--yes`
    [exit status: 2]
    ");
}
