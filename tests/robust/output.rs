//! Standard output: data only, and no harm when nobody reads it to the end.

use std::io::Write as _;
use std::process::Stdio;
use std::time::Duration;

use rustix::fs::{OFlags, fcntl_getfl, fcntl_setfl};
use serde_json::Value;

use crate::site::{Ended, Site};

/// A site with more people than a pipe holds.
fn crowded() -> Site {
    let site = Site::new();
    let line = r#"{ echo email,first_name,last_name,company
        for i in $(seq 1500); do echo "p$i@acme.example,Given$i,Family$i,Acme"; done
        } | "$0" user import - --format csv"#;
    let ended = site.bash(line);
    assert_eq!(ended.code, Some(0), "{ended:?}");
    site
}

#[test]
fn a10_output_closed_early_is_0_and_silent() {
    let site = crowded();
    let commands = [
        "user list -o jsonl",
        "user list -o json",
        "user list -o csv",
        "user list",
        "audit list",
        "audit list -o jsonl",
        "audit list -o csv",
        "export users -o jsonl --output -",
        "export users -o csv --output -",
        "--help",
        "user create --help",
        "setting list",
    ];
    for command in commands {
        // What reads closes at once or after a line; the status is that of secboard, not of the reader.
        for reader in ["head -1", "true"] {
            let ended =
                site.bash(&format!(r#""$0" {command} | {reader} > /dev/null; exit "${{PIPESTATUS[0]}}""#));
            assert_eq!(ended.code, Some(0), "{command} | {reader}: {ended:?}");
            assert_eq!(ended.stderr, "", "{command} | {reader}");
        }
    }
}

#[test]
fn p8_a_generated_password_that_nobody_saw_is_not_set() {
    let site = Site::new();
    assert_eq!(site.add("ann").code, Some(0));
    let hash = || {
        let sql = "SELECT password_hash FROM users WHERE email = 'ann@acme.example'";
        site.sql().query_row(sql, [], |row| row.get::<_, Option<String>>(0)).unwrap()
    };
    let set = r#""$0" user set-password ann@acme.example --generate"#;
    for unseen in ["> /dev/full", "| true; exit ${PIPESTATUS[0]}", ">&-"] {
        // The reader has gone before the command begins.
        let ended = site.bash(&format!("{{ sleep 0.2; {set}; }} {unseen}"));
        ended.refused(74, &["the password could not be shown, so it is not set", "hint: "]);
        assert_eq!(hash(), None, "{unseen}");
    }
    let ended = site.bash(set);
    assert_eq!(ended.code, Some(0), "{ended:?}");
    assert!(hash().is_some() && ended.stdout.trim().len() >= 15);
    let init = r#""$0" --store new/s.db init --email ada@acme.example --first-name A --last-name B --company C \
        --time-zone UTC --generate-password --no-input"#;
    for unseen in ["> /dev/full", ">&-"] {
        site.bash(&format!("{init} {unseen}")).refused(74, &["the password could not be shown"]);
        assert_eq!(std::fs::read_dir(site.path("new")).unwrap().count(), 0, "{unseen}: no store is made");
    }
    assert_eq!(site.bash(init).code, Some(0));
}

/// The first end is never read.
fn full_pipe() -> (std::io::PipeReader, std::io::PipeWriter) {
    let (reader, mut writer) = std::io::pipe().unwrap();
    let flags = fcntl_getfl(&writer).unwrap();
    fcntl_setfl(&writer, flags | OFlags::NONBLOCK).unwrap();
    while writer.write(b"x").is_ok() {}
    fcntl_setfl(&writer, flags).unwrap();
    (reader, writer)
}

#[test]
fn p8_a_generated_password_that_nobody_reads_keeps_nobody_waiting() {
    let site = Site::new();
    assert_eq!(site.add("ann").code, Some(0));
    let (_reader, writer) = full_pipe();
    let mut set = site.secboard(&["user", "set-password", "ann@acme.example", "--generate"]);
    let mut set = set.stdout(writer).stderr(Stdio::piped()).spawn().unwrap();
    // Long enough for it to have its hash and the lock.
    std::thread::sleep(Duration::from_secs(1));
    assert_eq!(site.add("bob").code, Some(0));
    assert!(set.try_wait().unwrap().is_none(), "others do not wait for that reader");
    let ended = Ended::from(set);
    ended.refused(74, &["the password could not be shown, so it is not set", "nobody reads standard output"]);
    let sql = "SELECT password_hash FROM users WHERE email = 'ann@acme.example'";
    assert_eq!(site.sql().query_row(sql, [], |row| row.get::<_, Option<String>>(0)).unwrap(), None);
}

#[test]
fn a10_standard_output_is_data_only() {
    let site = crowded();
    let documents = [
        "user list",
        "user show ada@acme.example",
        "user why ada@acme.example",
        "company list",
        "company create Two",
        "department create Sales --company Acme",
        "setting list",
        "setting set site.name Here",
        "audit list",
        "audit verify",
        "audit checkpoint",
        "run list",
        "key show",
        "user edit ada@acme.example --last-name Other",
    ];
    for command in documents {
        let ended = site.bash(&format!(r#""$0" -v {command} -o json 2>/dev/null"#));
        assert_eq!(ended.code, Some(0), "{command}: {ended:?}");
        if let Err(error) = serde_json::from_str::<Value>(&ended.stdout) {
            panic!("{command}: {error}: {ended:?}");
        }
    }
}

#[test]
fn a10_an_error_leaves_standard_output_empty_and_is_one_object() {
    let site = Site::new();
    for command in
        ["user show nobody@acme.example", "user list --columns nonsense", "user create --email x", "--bogus"]
    {
        let ended = site.bash(&format!(r#""$0" -o json {command}"#));
        assert_eq!(ended.stdout, "", "{command}");
        let error: Value =
            serde_json::from_str(&ended.stderr).unwrap_or_else(|_| panic!("{command}: {ended:?}"));
        assert_eq!(
            error.pointer("/error/exit").and_then(Value::as_i64),
            ended.code.map(i64::from),
            "{command}"
        );
    }
}

/// What was changed stays changed, whether or not anybody reads that it was.
#[test]
fn a12_a_reader_who_goes_away_takes_no_change_back() {
    let site = Site::new();
    let import = r#"{ echo email,first_name,last_name,company; echo new@acme.example,Ann,Lee,Acme; } > new.csv
        "$0" user import new.csv -o json | true; exit "${PIPESTATUS[0]}""#;
    assert_eq!(site.bash(import).code, Some(0));
    assert_eq!(site.people(), 2);
    let deactivate = r#""$0" user deactivate new@acme.example --yes -o json > /dev/full"#;
    site.bash(deactivate).refused(74, &["No space left"]);
    let shown = site.run(&["user", "show", "new@acme.example", "-o", "json"]).stdout;
    assert!(shown.contains(r#""active":false"#), "{shown}");
}

#[test]
fn an_empty_word_names_no_run() {
    let site = crowded();
    for verb in ["show", "undo", "release", "discard"] {
        site.run(&["run", verb, "", "--yes"]).refused(67, &["there is no run"]);
    }
    assert_eq!(site.people(), 1501);
}

#[test]
fn a12_a_full_disk_behind_standard_output_is_74() {
    let site = Site::new();
    for command in ["user list", "user list -o json", "audit list -o csv", "--help", "--version"] {
        let ended = site.bash(&format!(r#""$0" {command} > /dev/full"#));
        ended.refused(74, &["error", "No space left"]);
    }
}
