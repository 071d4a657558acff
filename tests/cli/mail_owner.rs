//! What a server of mails names of this machine belongs to the owner of the store: no operator sets it, takes it off or has it
//! run, and what needs it waits for the owner.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;

use insta::assert_snapshot;

use crate::harness::Board;
use crate::mail_flush::queue;

/// A board whose mails leave by a program, with another account by a token of one.
fn board() -> Board {
    let board = Board::new();
    board.write("program", "#!/bin/sh\ncat > /dev/null\n");
    fs::set_permissions(board.path("program"), fs::Permissions::from_mode(0o755)).unwrap();
    let program = board.path("program").display().to_string();
    board.run(&format!("mail server create machine --kind sendmail --command {program}")).ok();
    board.run("mail account create noreply --server machine --from noreply@acme.example").ok();
    board.run("mail route set --account noreply").ok();
    let office = "mail server create office --host localhost --auth xoauth2 --token-command";
    board.run(&format!("{office} {program}")).ok();
    board
}

#[test]
fn a15_an_operator_takes_off_nothing_that_the_owner_named() {
    let board = board();
    board.run("mail server create folder --kind file --folder .").ok();
    for command in [
        "mail server edit office --auth plain",
        "mail server delete office --yes",
        "mail server delete folder --yes",
    ] {
        let ran = board.run(&format!("{command} --as ada@acme.example"));
        assert_eq!(ran.code, Some(77), "{command}: {ran}");
        assert!(ran.stderr.contains("only root or the owner of the store names files"), "{ran}");
    }
    board.run("mail server edit office --rate 30 --as ada@acme.example").ok();
    let kept = board.run("mail server show office -o json").ok().json();
    assert_eq!((&kept["auth"], kept["token_command"].is_null()), (&"xoauth2".into(), false));
    board.run("mail server edit office --auth plain").ok();
}

#[test]
fn an_operator_has_no_program_run_and_lets_no_account_rest_for_it() {
    let board = board();
    queue(&board, &["olena@acme.example"]);
    assert_snapshot!(board.run("mail flush --as ada@acme.example"), @"
    ------- stderr -------
    error: account `noreply` sends by a program, which only root and the owner of the store have run; 1 mail waits
    hint: it leaves when the owner of the store sends
    [exit status: 69]
    ");
    assert_snapshot!(board.run("mail flush --dry-run --as ada@acme.example"), @"
    ------- stderr -------
    account `noreply` sends by a program, which only root and the owner of the store have run; 1 mail waits
    nothing would go (dry run: nothing was changed)
    ");
    assert_snapshot!(board.run("mail test --account noreply --to ada@acme.example --as ada@acme.example"), @"
    ------- stderr -------
    error: `ada@acme.example` may not do this: the account sends by a program, which only root or the owner of the store has run
    hint: ask an administrator who may
    [exit status: 77]
    ");
    assert_snapshot!(board.run("mail account list --columns name,rests_until"), @"
    NAME     RESTS UNTIL
    noreply
    ");
    assert_snapshot!(board.run("mail outbox list --columns state,to,why"), @"
    STATE   TO                  WHY
    queued  olena@acme.example
    ");
    assert_snapshot!(board.run("mail flush"), @"
    ------- stderr -------
    1 sent
    ");
}
