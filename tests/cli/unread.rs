//! What becomes of commands whose standard output nobody reads any more, as of `secboard … | true` in a script.

use std::fmt::Write as _;
use std::io::Read as _;
use std::process::Stdio;
use std::thread::sleep;
use std::time::{Duration, Instant};

use rusqlite::Connection;

use crate::harness::Board;

/// A board on which every question has an answer that is no.
fn board() -> Board {
    let board = Board::new();
    let people = "email,first_name,last_name,company\nann@acme.example,Ann,Lee,Acme Bank\nben@acme.example,Ben,Lee,Acme Bank\n";
    board.run_with_input("user import - -q", people).ok();
    for line in [
        "group create Readers",
        "group grant Readers risk.view_report",
        "user add-group ann@acme.example Readers",
        "user deactivate ben@acme.example --yes",
    ] {
        board.run(line).ok();
    }
    board
}

#[test]
fn an_answer_that_is_no_is_no_though_nobody_reads_it() {
    let board = board();
    for line in [
        "permission check ben@acme.example risk.view_report",
        "permission explain ben@acme.example risk.view_report",
        "permission diff ann@acme.example ben@acme.example",
        "user why ben@acme.example",
        "mail route explain --feature invite",
        "mail doctor --offline",
    ] {
        for format in ["", " -o json", " -o csv", " -o jsonl"] {
            let line = format!("{line}{format}");
            let (read, unread) = (board.run(&line), board.run_unread(&line));
            assert_eq!(read.code, Some(1), "{line}: {read}");
            assert_eq!(unread.code, Some(1), "{line}: {unread}");
            assert_eq!(unread.stderr, read.stderr, "{line}");
        }
    }
}

#[test]
fn what_is_left_out_is_told_by_the_exit_code_though_nobody_reads_what_is_printed() {
    let board = board();
    for line in ["setting set brake.people 0", "setting set brake.percent 0"] {
        board.run(line).ok();
    }
    board.run("user activate ben@acme.example --yes").ok();
    assert_eq!(board.run("user deactivate ann@acme.example ben@acme.example --yes").code, Some(76));
    let run = board.newest_run();
    board.run("user deactivate ben@acme.example --yes").ok();
    let released = board.run_unread(&format!("run release {run} -o json"));
    assert_eq!(released.code, Some(1), "{released}");
    board.run("user activate ann@acme.example --yes").ok();
    let undone = board.run_unread(&format!("run undo {run} --yes -o csv"));
    assert_eq!(undone.code, Some(1), "{undone}");
}

#[test]
fn a_list_whose_reader_has_gone_ends_in_silence() {
    let board = board();
    for line in [
        "user list",
        "user list -o jsonl",
        "user list -o csv",
        "audit list -o json",
        "run list -o json",
        "run show RUN",
        "run show RUN -o json",
        "group members Readers -o csv",
        "permission who-can risk.view_report -o json",
        "export users --output - -o csv",
        "export groups --output -",
        "setting list",
        "help",
        "--help",
        "--version",
    ] {
        let line = line.replace("RUN", &board.newest_run());
        let unread = board.run_unread(&line);
        assert_eq!(unread.code, Some(0), "{line}: {unread}");
        assert!(!unread.stderr.contains("error"), "{line}: {unread}");
    }
}

/// Whether the log of a store that was just changed can be emptied, within a while.
#[expect(
    clippy::disallowed_methods,
    reason = "stands for a program that is not secboard, and the clock of the machine"
)]
fn is_emptied(board: &Board) -> bool {
    let store = Connection::open(board.path("secboard.db")).unwrap();
    let end = Instant::now() + Duration::from_secs(60);
    loop {
        let is_busy: bool = store.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |row| row.get(0)).unwrap();
        if !is_busy || Instant::now() > end {
            return !is_busy;
        }
        sleep(Duration::from_millis(50));
    }
}

#[test]
fn who_does_not_read_a_list_or_an_export_does_not_hold_the_log_of_the_store() {
    let board = Board::new();
    let mut people = "email,first_name,last_name,company\n".to_owned();
    for n in 0..900 {
        writeln!(people, "p{n}@acme.example,Person,Of the Night Shift {n},Acme Bank").unwrap();
    }
    board.run_with_input("user import - -q", &people).ok();
    let import = board.newest_run();
    for (line, ends) in [
        ("user list -o json", "]\n"),
        ("audit list -o jsonl", "}\n"),
        ("run show RUN", "\n"),
        ("run show RUN -o json", "]\n}\n"),
        ("export users --output - -o csv", "\n"),
        ("export users --output - -o jsonl", "}\n"),
    ] {
        let mut command = board.command(&line.replace("RUN", &import));
        let (mut reader, writer) = std::io::pipe().unwrap();
        let mut child = command.stdout(writer).stderr(Stdio::null()).spawn().unwrap();
        drop(command);
        let mut read = vec![0];
        reader.read_exact(&mut read).unwrap();
        board.run("user edit p7@acme.example --phone '' --last-name Changed").ok();
        board.run("user edit p7@acme.example --last-name 'Of the Night Shift 7'").ok();
        assert!(is_emptied(&board), "{line}");
        assert_eq!(child.try_wait().unwrap(), None, "`{line}` waits for its reader");
        reader.read_to_end(&mut read).unwrap();
        assert!(child.wait().unwrap().success(), "{line}");
        let read = String::from_utf8(read).unwrap();
        assert!(read.ends_with(ends), "{line}: {:?}", read.lines().last());
        assert!((0..900).all(|n| read.contains(&format!("p{n}@"))), "{line}: nobody is missing");
    }
}
