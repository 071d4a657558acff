//! `secboard user import` of what `secboard export users` wrote: what is worked out in it is compared.

use insta::assert_snapshot;

use crate::harness::Board;

/// A board with somebody new, and what is exported of them.
fn exported() -> (Board, String) {
    let board = Board::new();
    board.write("people.csv", "email,first_name,last_name,company\nann@x.example,Ann,Lee,Acme Bank\n");
    board.run("user import people.csv").ok();
    let exported = board.run("export users --search ann@x.example -o csv --output -").ok().stdout;
    (board, exported)
}

/// The same with another value in one column.
fn with(exported: &str, column: &str, value: &str) -> String {
    let (header, row) = exported.trim_end().split_once('\n').unwrap();
    let cells =
        header.split(',').zip(row.split(',')).map(|(name, cell)| if name == column { value } else { cell });
    let cells: Vec<&str> = cells.collect();
    format!("{header}\n{}\n", cells.join(","))
}

/// What is worked out is known in exports of ours alone, and no change to it is lost in silence.
#[test]
fn a_status_is_never_passed_over() {
    let board = Board::new();
    board.write(
        "foreign.csv",
        "email,first_name,last_name,company,Status\na@x.example,A,B,Acme Bank,Terminated\n",
    );
    assert_snapshot!(board.run("user import foreign.csv"), @"
    ------- stderr -------
    error: `foreign.csv`: the column `Status` is not known
    hint: who is switched off may stand in `Status`, which `--ignore-unknown` leaves out: `--map 'Status=active' --values 'Status:WORD=yes,WORD=no'` takes it; say what a column is, and leave out what is not needed with `secboard user import foreign.csv --ignore-unknown`
    [exit status: 65]
    ");
    board.write("people.csv", "email,first_name,last_name,company\nann@x.example,Ann,Lee,Acme Bank\n");
    board.run("user import people.csv").ok();
    let exported = board.run("export users --search ann@x.example -o csv --output -").ok().stdout;
    board.write("back.csv", exported.replace("yes,active,", "yes,inactive,").replace("Ann Lee", "Ann Kay"));
    assert_snapshot!(board.run("user import back.csv --on-existing update"), @"
    ------- stderr -------
    error: refused 1 of 1 rows, so nothing was imported
      back.csv:2, `full_name`: `Ann Kay` is worked out and cannot be written: it is `Ann Lee`
          change `first_name` and `last_name`, or leave the column out with `--map 'full_name=-'`
      back.csv:2, `status`: `inactive` is worked out and cannot be written: it is `active`
          change `active`, `start_date` or `end_date`, or leave the column out with `--map 'status=-'`
    hint: faults: 2; `--errors FILE` writes them all to a file; `--partial` imports the other rows
    [exit status: 65]
    ");
}

/// Whatever column it is: a value that is not what the store has is refused, with what to change instead.
#[test]
fn no_change_to_a_column_that_is_worked_out_is_lost() {
    let (board, exported) = exported();
    let mut told = String::new();
    for (column, value) in [
        ("id", "77"),
        ("full_name", "Ann Kay"),
        ("status", "inactive"),
        ("inactive_reasons", "switched off"),
        ("employment", "past"),
        ("origin", "directory"),
        ("has_password", "yes"),
        ("created_at", "2020-01-31T10:00:00Z"),
    ] {
        board.write("back.csv", with(&exported, column, value));
        let ran = board.run("user import back.csv --on-existing update");
        assert_eq!(ran.code, Some(65), "{column}: {ran}");
        let text = ran.to_string();
        told.extend(
            text.lines()
                .skip_while(|line| !line.starts_with("  back.csv:2"))
                .take(2)
                .flat_map(|line| [line, "\n"]),
        );
        let left_out = format!("user import back.csv --on-existing update --map {column}=-");
        assert!(board.run(&left_out).ok().stderr.contains("1 unchanged"), "{column}");
    }
    assert_snapshot!(told, @"
    back.csv:2, `id`: `77` is worked out and cannot be written: it is `2`
        no column changes it: export again, or leave the column out with `--map 'id=-'`
    back.csv:2, `full_name`: `Ann Kay` is worked out and cannot be written: it is `Ann Lee`
        change `first_name` and `last_name`, or leave the column out with `--map 'full_name=-'`
    back.csv:2, `status`: `inactive` is worked out and cannot be written: it is `active`
        change `active`, `start_date` or `end_date`, or leave the column out with `--map 'status=-'`
    back.csv:2, `inactive_reasons`: `switched off` is worked out and cannot be written: there is none
        change `active`, `start_date` or `end_date`, or leave the column out with `--map 'inactive_reasons=-'`
    back.csv:2, `employment`: `past` is worked out and cannot be written: it is `none`
        change `start_date` and `end_date`, or leave the column out with `--map 'employment=-'`
    back.csv:2, `origin`: `directory` is worked out and cannot be written: it is `local`
        have it changed in the directory, which alone says it, or leave the column out with `--map 'origin=-'`
    back.csv:2, `has_password`: is worked out and cannot be written: it is `no`
        change `must_change_password`, or leave the column out with `--map 'has_password=-'`
    back.csv:2, `created_at`: `[time]` is worked out and cannot be written: it is `[time]`
        no column changes it: export again, or leave the column out with `--map 'created_at=-'`
    ");
}

/// People log in, choose a password, enrol, mistype and are edited between an export and its import, a directory is asked, and
/// nobody means anything by it.
#[test]
fn what_becomes_another_by_itself_is_passed_over() {
    let (board, exported) = exported();
    for (column, value) in [
        ("login_allowed", "yes"),
        ("two_factor_enrolled", "yes"),
        ("backup_codes_left", "3"),
        ("invited", "pending"),
        ("directory_disabled", "yes"),
        ("directory_expires_at", "2026-01-31T10:00:00Z"),
        ("directory_missing_since", "2026-01-31T10:00:00Z"),
        ("groups_by_directory", "Staff"),
        ("last_login_at", "2026-01-31T10:00:00Z"),
        ("password_changed_at", "2026-01-31T10:00:00Z"),
        ("updated_at", "2020-01-31T10:00:00Z"),
    ] {
        board.write("back.csv", with(&exported, column, value));
        let ran = board.run("user import back.csv --on-existing update").ok();
        assert!(ran.stderr.contains("1 unchanged"), "{column}: {ran}");
    }
    board.write("back.csv", &exported);
    board.run("user edit ann@x.example --phone +380671234567").ok();
    board
        .run_with_input("user set-password ann@x.example --password-stdin", "correct horse battery 9\n")
        .ok();
    assert_eq!(board.shown("ann@x.example", "has_password,login_allowed"), "yes,yes");
    assert!(board.run("user import back.csv --on-existing update").ok().stderr.contains("1 unchanged"));
}

/// A file that was imported is imported again, and changes nothing.
#[test]
fn the_same_file_may_come_twice() {
    let (board, exported) = exported();
    let changed = with(&with(&exported, "first_name", "Anna"), "full_name", "Anna Lee");
    board.write("back.csv", changed);
    assert!(board.run("user import back.csv --on-existing update").ok().stderr.contains("1 changed"));
    assert!(board.run("user import back.csv --on-existing update").ok().stderr.contains("1 unchanged"));
}

/// What an export says of somebody who is new here is compared with what the row makes of them.
#[test]
fn a_status_is_not_passed_over_with_somebody_new() {
    let (_, exported) = exported();
    let board = Board::new();
    let changed = with(&with(&exported, "status", "inactive"), "full_name", "Ann Kay");
    board.write("people.csv", with(&changed, "employment", "past"));
    assert_snapshot!(board.run("user import people.csv"), @"
    ------- stderr -------
    error: refused 1 of 1 rows, so nothing was imported
      people.csv:2, `full_name`: `Ann Kay` is worked out and cannot be written: it will be `Ann Lee`
          change `first_name` and `last_name`, or leave the column out with `--map 'full_name=-'`
      people.csv:2, `status`: `inactive` is worked out and cannot be written: it will be `active`
          change `active`, `start_date` or `end_date`, or leave the column out with `--map 'status=-'`
      people.csv:2, `employment`: `past` is worked out and cannot be written: it will be `none`
          change `start_date` and `end_date`, or leave the column out with `--map 'employment=-'`
    hint: faults: 3; `--errors FILE` writes them all to a file; `--partial` imports the other rows
    [exit status: 65]
    ");
    board.write("people.csv", &exported);
    board.run("user import people.csv").ok();
    assert_eq!(board.shown("ann@x.example", "full_name,status"), "Ann Lee,active");
}

/// Spreadsheet programs and JSON write the same in their own way.
#[test]
fn what_says_the_same_in_other_words_is_no_change() {
    let (board, exported) = exported();
    for word in ["FALSE", "0"] {
        board.write("back.csv", with(&exported, "has_password", word));
        let ran = board.run("user import back.csv --on-existing update").ok();
        assert!(ran.stderr.contains("1 unchanged"), "{word}");
    }
}

/// Whoever edits the email in an export means the person that the row is of, and no second one.
#[test]
fn an_edited_email_in_our_own_export_makes_no_second_person() {
    let (board, exported) = exported();
    board.write("back.csv", with(&exported, "email", "kay@x.example"));
    assert_snapshot!(board.run("user import back.csv --on-existing update"), @"
    ------- stderr -------
    error: refused 1 of 1 rows, so nothing was imported
      back.csv:2, `email`: `kay@x.example` is nobody's, and the row has the id 2, which is that of `ann@x.example`
          people are known by their email: change it with `secboard user edit 'ann@x.example' --email 'kay@x.example'`; where it is somebody new, leave the column out with `--map 'id=-'`
    hint: faults: 1; `--errors FILE` writes them all to a file; `--partial` imports the other rows
    [exit status: 65]
    ");
    board.write(
        "elsewhere.csv",
        with(&with(&exported, "email", "kay@x.example"), "created_at", "2020-01-01T00:00:00Z"),
    );
    let of_another_store = board.run("user import elsewhere.csv --on-existing update --dry-run").ok();
    assert!(of_another_store.stdout.contains("+ user kay@x.example"), "{of_another_store}");
    board.run("user import back.csv --map id=- --dry-run").ok();
}
