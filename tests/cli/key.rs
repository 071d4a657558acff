//! `secboard key`.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;

use insta::assert_snapshot;

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
    error: a confirmation (“Replace the key of the store and seal every secret anew?”) is missing, and there is no terminal to ask on
    hint: give `--yes`
    [exit status: 2]
    ");
    assert_snapshot!(board.run("key rotate --dry-run"), @"
    ------- stderr -------
    replaced the key [fingerprint] by [fingerprint]; secrets sealed anew: 1 (dry run: nothing was changed)
    ");
    assert_eq!(fs::read(board.path("secboard.key")).unwrap(), old, "a dry run changes nothing");
    assert_snapshot!(board.run("key rotate --yes --reason yearly"), @"
    ------- stderr -------
    replaced the key [fingerprint] by [fingerprint]; secrets sealed anew: 1
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
