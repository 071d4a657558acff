//! `secboard key`.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;

use insta::assert_snapshot;

use crate::audit::tamper;
use crate::harness::Board;

#[test]
fn the_key_is_shown_by_its_fingerprint_alone() {
    let board = Board::new();
    let secret = fs::read_to_string(board.path("secboard.key")).unwrap();
    let secret = secret.split_whitespace().last().unwrap();
    assert_snapshot!(board.run("key show"), @"
    FINGERPRINT  [fingerprint]
    PATH         [board]/secboard.key
    MODE         0600
    ");
    assert_snapshot!(board.run("key show -o json"), @r#"{"fingerprint":"[fingerprint]","path":"[board]/secboard.key","mode":"0600"}"#);
    for format in ["table", "json", "csv"] {
        assert!(!board.run(&format!("key show -v -o {format}")).ok().stdout.contains(secret));
    }
    assert!(!board.run("audit list -o json").ok().stdout.contains(secret));
}

#[test]
fn a6_the_key_is_rotated_and_the_old_one_opens_the_store_no_more() {
    let board = Board::new();
    let old = fs::read(board.path("secboard.key")).unwrap();
    assert_snapshot!(board.run("key rotate"), @"
    ------- stderr -------
    error: a confirmation (“Replace the key of the store and seal every secret again?”) is missing, and there is no terminal to ask on
    hint: give `--yes`
    [exit status: 2]
    ");
    assert_snapshot!(board.run("key rotate --dry-run"), @"
    ------- stderr -------
    replaced the key [fingerprint] by [fingerprint]; secrets sealed again: 1 (dry run: nothing was changed)
    ");
    assert_eq!(fs::read(board.path("secboard.key")).unwrap(), old, "a dry run changes nothing");
    assert_snapshot!(board.run("key rotate --yes --reason yearly"), @"
    ------- stderr -------
    replaced the key [fingerprint] by [fingerprint]; secrets sealed again: 1
    the old key is kept as `[board]/secboard.key.old-[fingerprint]`: copies of the store made before now open only with it
    ");
    let key = board.path("secboard.key");
    assert_ne!(fs::read(&key).unwrap(), old);
    assert_eq!(fs::metadata(&key).unwrap().permissions().mode() & 0o777, 0o600);
    board.run("user list").ok();
    board.run("audit verify").ok();
    assert_snapshot!(board.run("audit list --action key -o jsonl --columns action,reason"), @r#"{"action":"key.rotate","reason":"yearly"}"#);
    fs::write(&key, &old).unwrap();
    assert_snapshot!(board.run("user list"), @"
    ------- stderr -------
    error: the key belongs to another store: its fingerprint is `[fingerprint]`, this store wants `[fingerprint]`
    hint: name the key of this store, or put it back from the backup of this store
    [exit status: 78]
    ");
}

#[test]
fn a3_a_damaged_key_of_the_audit_stops_every_change_and_the_owner_begins_another_for_ever_told() {
    let board = Board::new();
    board.run("company create Globex").ok();
    tamper(&board, "UPDATE audit_keys SET sealed = x'00'");
    assert_snapshot!(board.run("company create Initech"), @"
    ------- stderr -------
    error: the key of the audit is damaged: the secret in `audit_keys.sealed` of row 1 does not open
    hint: put back the latest copy of the store in which it is whole; if there is none, the rows there are keep the plain chain alone, and root or the owner of the store begins a new one with `secboard key rotate --new-audit-key --reason 'the key of the audit was lost'`
    [exit status: 78]
    ");
    assert_snapshot!(board.run("key rotate --yes"), @"
    ------- stderr -------
    error: the key of the audit is damaged: the secret in `audit_keys.sealed` of row 1 does not open
    hint: put back the latest copy of the store in which it is whole; if there is none, the rows there are keep the plain chain alone, and root or the owner of the store begins a new one with `secboard key rotate --new-audit-key --reason 'the key of the audit was lost'`
    [exit status: 78]
    ");
    assert_snapshot!(board.run("key rotate --yes --drop-damaged"), @"
    ------- stderr -------
    error: the key of the audit is damaged: the secret in `audit_keys.sealed` of row 1 does not open
    hint: put back the latest copy of the store in which it is whole; if there is none, the rows there are keep the plain chain alone, and root or the owner of the store begins a new one with `secboard key rotate --new-audit-key --reason 'the key of the audit was lost'`
    [exit status: 78]
    ");
    let verified = board.run("audit verify -o json");
    assert_eq!(verified.code, Some(1), "{verified:?}");
    assert_eq!(verified.json()["key_is_damaged"], true);
    assert_snapshot!(board.run("audit verify").stderr, @"
    the key of the audit is damaged: the secret in `audit_keys.sealed` of row 1 does not open; of the rows only the plain chain is proved
    hint: put back the latest copy of the store in which it is whole; if there is none, the rows there are keep the plain chain alone, and root or the owner of the store begins a new one with `secboard key rotate --new-audit-key --reason 'the key of the audit was lost'`
    ");
    // Only the owner of the store does, and says why.
    assert_snapshot!(board.run("--as ada@acme.example key rotate --new-audit-key --reason x --yes"), @"
    ------- stderr -------
    error: there is no answer, for it could not be recorded: the key of the audit is damaged: the secret in `audit_keys.sealed` of row 1 does not open
    hint: see that the store can be written, and ask again
    [exit status: 78]
    ");
    assert_snapshot!(board.run("key rotate --new-audit-key --yes"), @"
    ------- stderr -------
    error: a new key of the audit takes a reason, which the audit tells for ever
    hint: say with `--reason` how the key was lost
    [exit status: 2]
    ");
    assert_snapshot!(board.run("key rotate --new-audit-key --reason 'a bad disk' --yes --dry-run"), @"
    ------- stderr -------
    replaced the key [fingerprint] by [fingerprint]; secrets sealed again: 1 (dry run: nothing was changed)
    row 7 of the audit begins a new key: of the rows before it only the plain chain is proved from now on
    ");
    assert_eq!(board.run("company create Initech").code, Some(78), "a dry run mends nothing");
    assert_snapshot!(board.run("key rotate --new-audit-key --reason 'a bad disk' --yes"), @"
    ------- stderr -------
    replaced the key [fingerprint] by [fingerprint]; secrets sealed again: 1
    row 7 of the audit begins a new key: of the rows before it only the plain chain is proved from now on
    the old key is kept as `[board]/secboard.key.old-[fingerprint]`: copies of the store made before now open only with it
    ");
    board.run("company create Initech").ok();
    assert_snapshot!(board.run("audit list --action audit -o jsonl --columns action,actor,reason,after"), @r#"{"action":"audit.new_key","actor":"system","reason":"a bad disk","after":{"keyed_before":6,"highest_before":6}}"#);
    assert_snapshot!(board.run("audit verify").stderr, @"note: row 7 began a new key of the audit in the place of a lost one: of the rows 1 to 6 only the plain chain is proved, as it was then, and for ever");
    // However often the key of the store is replaced afterwards.
    board.run("key rotate --yes").ok();
    let told = board.run("audit verify -o json --state").ok().json();
    assert_eq!((&told["ok"], &told["keyed_proved"]), (&true.into(), &true.into()));
    assert_eq!((&told["new_key_from"], &told["keyed_from"]), (&7.into(), &7.into()));
    assert_snapshot!(board.run("key rotate --new-audit-key --reason 'once more' --yes"), @"
    ------- stderr -------
    error: nothing is wrong with the key of the audit, which proves its rows: no new one is begun
    hint: replace the key of the store, which seals it again with `secboard key rotate`
    [exit status: 65]
    ");
}

#[test]
fn a3_a_key_of_the_audit_that_was_taken_away_is_not_made_anew_in_silence() {
    let board = Board::new();
    tamper(&board, "DELETE FROM audit_keys");
    assert_snapshot!(board.run("company create Initech"), @"
    ------- stderr -------
    error: the key of the audit is lost: `audit_keys` has no row, and rows of `audit` were written with it
    hint: put back the latest copy of the store in which it is whole; if there is none, the rows there are keep the plain chain alone, and root or the owner of the store begins a new one with `secboard key rotate --new-audit-key --reason 'the key of the audit was lost'`
    [exit status: 78]
    ");
    board.run("key rotate --new-audit-key --reason 'somebody took it' --yes").ok();
    board.run("company create Initech").ok();
    // Who has the store alone does not make it unsaid.
    tamper(
        &board,
        "UPDATE audit SET keyed = NULL WHERE seq < (SELECT max(seq) FROM audit WHERE action = 'audit.new_key')",
    );
    assert!(board.run("audit verify").ok().stderr.contains("began a new key of the audit"));
    tamper(&board, "UPDATE audit SET action = 'audit.x' WHERE action = 'audit.new_key'");
    assert_eq!(board.run("audit verify").code, Some(1));
}
