//! Disks that are full or may not be written, and stores that another process holds.

use crate::site::{Ended, SECBOARD, Site, chmod, is_root, tries};

#[test]
fn a12_a_read_only_store_is_73_and_nothing_is_lost() {
    let site = Site::new();
    site.give_away();
    chmod(&site.store(), 0o400);
    let create = ["company", "create", "Late"];
    site.run_unprivileged(&create).refused(73, &["cannot be written", "must be writable"]);
    chmod(site.folder(), 0o500);
    site.run_unprivileged(&create).refused(73, &["cannot be written"]);
    chmod(site.folder(), 0o700);
    chmod(&site.store(), 0o600);
    site.assert_whole();
    assert!(!site.run(&["company", "list", "-o", "csv"]).stdout.contains("Late"));
}

/// What is read while the store is read-only leaves files beside it that are so too.
#[test]
fn a12_a_store_that_was_read_only_for_a_moment_is_written_again() {
    let site = Site::new();
    site.give_away();
    chmod(&site.store(), 0o400);
    // As a command leaves them that is killed, or could not put them away.
    for ending in ["shm", "wal"] {
        std::fs::write(site.path(&format!("secboard.db-{ending}")), "").unwrap();
        chmod(&site.path(&format!("secboard.db-{ending}")), 0o400);
    }
    site.give_away();
    site.run_unprivileged(&["user", "show", "ada@acme.example"]).refused(0, &[]);
    chmod(&site.store(), 0o600);
    site.run_unprivileged(&["company", "create", "Late"]).refused(0, &["created company"]);
    site.assert_whole();
}

#[test]
fn a12_a_store_in_a_folder_nobody_may_write_is_73() {
    let site = Site::new();
    std::fs::create_dir(site.path("closed")).unwrap();
    site.give_away();
    chmod(&site.path("closed"), 0o500);
    let words = "init --store closed/s.db --email a@b.example --first-name A --last-name B --company C --time-zone UTC \
                 --generate-password --no-input";
    let ended = site.run_unprivileged(&words.split_whitespace().collect::<Vec<_>>());
    ended.refused(73, &["cannot create", "hint: "]);
    assert!(ended.stdout.is_empty(), "no password of a store that was not made: {ended:?}");
    chmod(&site.path("closed"), 0o700);
}

/// What a limit on the size of files stops is what a full disk stops, and anybody may set one.
#[test]
fn a12_no_room_for_the_file_is_74_and_nothing_is_lost() {
    let site = Site::new();
    let make = r#""$0" company create Before && ulimit -f 1 && "$0" company create Late --note "$(printf %20000s x)""#;
    site.bash(make).refused(74, &["error: ", "hint: "]);
    site.assert_whole();
    let companies = site.run(&["company", "list", "-o", "csv"]).stdout;
    assert!(companies.contains("Before") && !companies.contains("Late"), "{companies}");
    assert_eq!(site.run(&["company", "create", "Late"]).code, Some(0), "with room again it works");
}

/// A workbook is packed in a thread beside.
#[test]
fn a12_a_system_that_gives_no_thread_is_74_and_said_in_words() {
    let site = Site::new();
    std::fs::copy(SECBOARD, site.path("secboard")).unwrap();
    site.give_away();
    let ended = site.bash_unprivileged("ulimit -u 1 && exec ./secboard export users --output z.xlsx");
    ended.refused(74, &["error: writing `", "` failed", "temporarily unavailable"]);
    assert!(!ended.stderr.contains("panicked") && !site.path("z.xlsx").exists(), "{ended:?}");
    std::fs::remove_file(site.path("secboard")).unwrap();
    site.assert_whole();
}

/// What whoever runs secboard may raise again, they do not keep it from writing with: not a row about what they were refused.
#[test]
fn a1_a_soft_limit_on_the_size_of_files_stops_nothing() {
    let site = Site::new();
    let make = r#"ulimit -S -f 1 && exec "$0" company create Late --note "$(printf %20000s x)""#;
    assert_eq!(site.bash(make).code, Some(0));
    site.assert_whole();
}

#[test]
fn a12_a_workbook_without_room_is_74_and_nothing_else_is_said() {
    let site = Site::new();
    let ended = site.run(&["export", "users", "--format", "xlsx", "--output", "/dev/full"]);
    ended.refused(74, &["error: no space is left for `/dev/full`", "hint: make room"]);
    assert!(ended.stderr.starts_with("error: "), "the archive says nothing of its own: {}", ended.stderr);
}

/// A real full disk needs a mount of its own, which root makes where nobody else sees it.
#[test]
fn a12_a_full_disk_is_74_and_nothing_is_lost() {
    let site = Site::new();
    if !can_mount(&site) {
        return;
    }
    let ended = on_a_disk(
        &site,
        r#""$0" company create Before
            fill
            code=0; "$0" company create Late || code=$?
            list=0; "$0" company list > /dev/null || list=$?
            rm disk/filler
            keep
            "$0" company list -o csv --columns name
            echo "$code $list""#,
    );
    ended.refused(0, &["the disk is full", "free some space"]);
    assert!(ended.stdout.contains("Before") && !ended.stdout.contains("Late"), "{ended:?}");
    assert!(ended.stdout.contains("\n74 0\n"), "who reads needs no room: {ended:?}");
    site.assert_whole();
}

/// Runs lines of bash with `$0` in a folder `disk` of its own that holds a copy of store and key, which `freeze` mounts
/// read-only and `fill` leaves without room.
fn on_a_disk(site: &Site, lines: &str) -> Ended {
    site.bash(&lines_on_a_disk(lines))
}

/// The same as a line of bash. What `keep` puts beside the disk stays.
pub(crate) fn lines_on_a_disk(lines: &str) -> String {
    format!(
        r#"exec unshare -m bash -c '
            set -e
            freeze() {{ mount -o remount,ro disk; }}
            keep() {{ cp -p disk/secboard.* .; }}
            fill() {{ head -c 8M /dev/zero > disk/filler 2> /dev/null || true; }}
            mkdir disk
            mount -t tmpfs -o mode=755,size=4m none disk
            cp -p secboard.* disk/
            export SECBOARD_STORE=$PWD/disk/secboard.db
            {lines}
            umount disk && rmdir disk' "$0""#
    )
}

#[test]
fn a12_a_store_on_a_read_only_disk_is_read() {
    let site = Site::new();
    if !can_mount(&site) {
        return;
    }
    let ended = on_a_disk(
        &site,
        r#"freeze
            "$0" user list -o csv --columns email
            "$0" user why ada@acme.example > /dev/null
            "$0" audit verify > /dev/null
            "$0" export users -o csv --output - > /dev/null || echo "export $?"
            code=0; "$0" company create Late || code=$?
            echo "create $code""#,
    );
    ended.refused(0, &["cannot be written"]);
    assert_eq!(
        ended.stdout,
        "email
ada@acme.example
export 73
create 73
",
        "an export is in the audit: {ended:?}"
    );
    site.assert_whole();
}

#[test]
fn a12_changes_that_only_the_log_has_are_not_passed_over_on_a_read_only_disk() {
    let site = Site::new();
    if !can_mount(&site) {
        return;
    }
    let other = site.sql();
    other.execute("UPDATE companies SET note = 'late'", []).unwrap();
    let ended = on_a_disk(
        &site,
        r#"rm -f disk/secboard.db-shm; freeze; code=0; "$0" user list || code=$?; echo $code"#,
    );
    ended.refused(0, &["its latest changes are in `-wal`", "hint: open it once where it can be written"]);
    assert_eq!(
        ended.stdout,
        "73
"
    );
    other.close().unwrap();
}

pub(crate) fn can_mount(site: &Site) -> bool {
    tries("mounts disks", is_root() && site.bash("unshare -m mount -t tmpfs none /mnt").code == Some(0))
}

#[test]
fn a12_a_store_that_another_process_holds_is_75_after_ten_seconds() {
    let site = Site::new();
    let other = site.sql();
    other.execute_batch("BEGIN IMMEDIATE").unwrap();
    let reads = site.run(&["user", "list"]);
    assert_eq!(reads.code, Some(0), "who only reads does not wait: {reads:?}");
    site.add("late").refused(75, &["the store is busy", "try again"]);
    other.execute_batch("ROLLBACK").unwrap();
    other.close().unwrap();
    assert_eq!(site.add("later").code, Some(0));
    site.assert_whole();
}
