//! A server and its accounts fit each other, from whichever side they are changed, and what names files says what is wrong
//! with them.

use insta::assert_snapshot;

use crate::harness::Board;

/// A server at which nobody logs in, with an account that is routed.
fn board() -> Board {
    let board = Board::new();
    for command in [
        "company create Beta",
        "mail server create relay --host mail.acme.example --auth none",
        "mail account create noreply --server relay --from noreply@acme.example",
        "mail route set --account noreply",
    ] {
        board.run(command).ok();
    }
    board
}

#[test]
fn an_account_that_no_longer_fits_its_server_is_named_from_either_side() {
    let board = board();
    assert_snapshot!(board.run("mail route explain -q -o csv"), @"
    step,account,active,second,chosen
    the site's default,noreply,yes,,yes
    ");
    assert_snapshot!(board.run("mail server edit relay --auth plain"), @"
    ------- stderr -------
    changed mail server `relay`: auth
    warning: the mail account `noreply` cannot log in: the mail server `relay` logs in, so the account needs a user name; give it what it lacks with `secboard mail account edit 'noreply' --user … --password-stdin`
    ");
    assert_snapshot!(board.run("mail route explain -q -o csv"), @"
    step,account,active,second,chosen
    the site's default,noreply,yes,,yes
    [exit status: 1]
    ");
    assert_snapshot!(board.run("mail test --account noreply"), @"
    ------- stderr -------
    error: the mail account `noreply` cannot log in: the mail server `relay` logs in, so the account needs a user name
    hint: give it what it lacks with `secboard mail account edit 'noreply' --user … --password-stdin`
    [exit status: 65]
    ");
    let edit = "mail account edit noreply --user app --password-stdin";
    assert_snapshot!(board.run_with_input(edit, "secret-of-app\n"), @"
    ------- stderr -------
    changed mail account `noreply`: user, password
    ");
    board.run("mail route explain").ok();
    assert_snapshot!(board.run("mail account edit noreply --no-password"), @"
    ------- stderr -------
    changed mail account `noreply`: password
    warning: the mail account `noreply` cannot log in: the mail server `relay` logs in with a password, and the account has none; give it what it lacks with `secboard mail account edit 'noreply' --password-stdin`
    ");
}

#[test]
fn a_key_that_is_not_there_is_a_file_that_is_not_there() {
    let board = board();
    assert_snapshot!(board.run("mail account dkim noreply --selector a --key nope.pem"), @"
    ------- stderr -------
    error: there is no file `nope.pem`
    hint: check the name; `-` reads standard input
    [exit status: 66]
    ");
    assert_snapshot!(board.run("mail account dkim noreply --selector a --key /"), @"
    ------- stderr -------
    error: `/` is a directory
    hint: name a file in it
    [exit status: 66]
    ");
}

#[test]
fn an_account_that_routes_of_others_need_is_not_made_one_companys_alone() {
    let board = board();
    assert_snapshot!(board.run("mail account edit noreply --company Beta"), @"
    ------- stderr -------
    error: the mail account `noreply` cannot be of company `Beta` alone: it is needed by 1 route (default)
    hint: give these routes another account with `secboard mail route set`, or unset them
    [exit status: 65]
    ");
}

#[test]
fn a_program_or_folder_that_is_not_there_is_refused_and_one_that_went_is_told_apart() {
    let board = board();
    assert_snapshot!(board.run("mail server create local --kind sendmail --command /nonexist"), @"
    ------- stderr -------
    error: there is no program `/nonexist`
    hint: see where it is, or install it first
    [exit status: 66]
    ");
    assert_snapshot!(board.run("mail server create local --kind sendmail --command sendmail"), @"
    ------- stderr -------
    error: `sendmail` is not the full path of a program
    hint: begin the command with a path from `/` on
    [exit status: 65]
    ");
    std::fs::create_dir(board.path("mails")).unwrap();
    board.run("mail server create folder --kind file --folder mails").ok();
    board.run("mail account create f --server folder --from f@acme.example").ok();
    std::fs::remove_dir(board.path("mails")).unwrap();
    let tried = board.run("mail test --account f");
    assert_eq!(tried.code, Some(1));
    assert!(
        tried.stderr.contains(
            "what to do: make the folder, or name another with `secboard mail server edit 'folder' --folder …`"
        ),
        "{}",
        tried.stderr
    );
}

#[test]
fn a_password_in_plain_is_told_of_without_a_port() {
    let board = board();
    assert_snapshot!(board.run("mail server create plain --host mail.acme.example --security none"), @"
    ------- stderr -------
    error: passwords would go to the server in plain, for everybody on the way to read
    hint: take `--security starttls` or `tls`; `--force` if nobody else is on the way
    [exit status: 65]
    ");
}
