//! Nothing that is stored or typed drives the terminal it is shown on.

use crate::site::Site;
use crate::terminal::Terminal;

/// A new title, a cleared screen, a colour by one C1 character, text from right to left, a deletion.
const HOSTILE: &str = "\u{1B}]0;mine\u{7}\u{1B}[2J\u{9B}31m\u{202E}\u{7F}\u{2028}";

/// Every text of the store that people decide, as an earlier version or another program may have written it.
const TEXTS: [(&str, &str); 15] = [
    ("companies", "name"),
    ("companies", "note"),
    ("departments", "name"),
    ("departments", "note"),
    ("positions", "name"),
    ("positions", "note"),
    ("users", "first_name"),
    ("users", "last_name"),
    ("users", "email"),
    ("groups", "name"),
    ("groups", "description"),
    ("roles", "name"),
    ("roles", "description"),
    ("runs", "source"),
    ("runs", "reason"),
];

/// A store in which every text drives whatever shows it.
fn hostile() -> Site {
    let site = Site::new();
    site.add("bo");
    for arguments in [
        &["department", "create", "Desk", "--company", "Acme", "--note", "x"][..],
        &["position", "create", "Clerk", "--company", "Acme", "--department", "Desk", "--note", "x"],
        &["user", "edit", "2", "--department", "Desk", "--position", "Clerk"],
        &["group", "create", "Readers", "--description", "x", "--company", "Acme"],
        &["group", "grant", "Readers", "risk.view_report", "--company", "Acme"],
        &["role", "create", "Boss", "--description", "x", "--group", "Readers"],
        &["user", "add-role", "2", "boss"],
        &["user", "add-group", "2", "Readers"],
        &["user", "deactivate", "--search", "bo", "--all-matching", "--reason", "x", "--yes"],
        &["setting", "set", "site.name", "Site"],
    ] {
        let ended = site.run(arguments);
        assert_eq!(ended.code, Some(0), "{arguments:?}: {ended:?}");
    }
    let store = site.sql();
    store.execute_batch("DROP TRIGGER audit_is_append_only_update").unwrap();
    for (table, column) in TEXTS {
        let changed =
            store.execute(&format!("UPDATE {table} SET {column} = {column} || ?1"), [HOSTILE]).unwrap();
        assert!(changed > 0, "{table}");
    }
    for sql in [
        "UPDATE audit SET subject = subject || ?1, actor = actor || ?1, reason = ?1",
        "UPDATE run_changes SET subject = subject || ?1, reason = ?1, undo_refused = ?1",
        "UPDATE settings SET value = value || ?1 WHERE name = 'site.name'",
    ] {
        assert!(store.execute(sql, [HOSTILE]).unwrap() > 0, "{sql}");
    }
    store.close().unwrap();
    site
}

/// What of [`HOSTILE`] is seen: a sign for what was taken out, or its number in JSON.
const SEEN: [&str; 2] = ["\u{FFFD}]0;mine\u{FFFD}", "\\u001b]0;mine\\u0007"];

#[track_caller]
fn is_harmless(site: &Site, arguments: &[&str]) -> String {
    let seen = Terminal::start(site, arguments).all();
    let drives = |c: char| {
        let turns = matches!(c, '\u{61C}' | '\u{200E}' | '\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}');
        (c.is_control() && !"\r\n".contains(c)) || turns || c == '\u{2028}'
    };
    assert!(!seen.contains(drives), "{arguments:?}: {seen:?}");
    assert!(!seen.is_empty(), "{arguments:?}");
    seen
}

#[test]
fn a16_nothing_stored_drives_the_terminal() {
    let site = hostile();
    for format in ["table", "json", "jsonl", "csv"] {
        for command in [
            &["user", "list"][..],
            &["user", "show", "2"],
            &["user", "why", "2"],
            &["user", "calendar", "--days", "30"],
            &["company", "list"],
            &["company", "show", "acme"],
            &["department", "list"],
            &["position", "list"],
            &["group", "list"],
            &["role", "list"],
            &["role", "show", "boss"],
            &["role", "dashboard", "show", "boss"],
            &["run", "list"],
            &["audit", "list"],
            &["audit", "show", "3"],
            &["audit", "verify"],
            &["setting", "list"],
            &["setting", "get", "site.name"],
            &["permission", "explain", "2", "risk.view_report", "--company", "acme"],
            &["permission", "who-can", "risk.view_report", "--company", "acme"],
            &["permission", "matrix", "--user", "2"],
            &["export", "users", "--output", "-"],
            &["export", "roles", "--output", "-"],
            &["user", "activate", "--all-matching", "--switch", "off", "--dry-run"],
        ] {
            let words = [command, &["--verbose", "--color", "never", "--no-input", "-o", format]].concat();
            let seen = is_harmless(&site, &words);
            let is_list_of_names = matches!(command, [noun, "list"] if *noun != "setting");
            assert!(!is_list_of_names || SEEN.iter().any(|sign| seen.contains(sign)), "{words:?}: {seen:?}");
        }
    }
    let run: String = site.sql().query_row("SELECT id FROM runs", [], |row| row.get(0)).unwrap();
    for command in [
        &["run", "show", &run, "--color", "never"][..],
        &["run", "show", &run, "-o", "json"],
        &["org", "chart", "--color", "never"],
        &["org", "chart", "--form", "json"],
        &["org", "chart", "--form", "dot"],
        &["org", "chart", "--form", "mermaid"],
        &["org", "chart", "--form", "svg"],
        &["user", "calendar", "--ics"],
        &["permission", "explain", "2", "risk.view_report", "--dot"],
        &["user", "restore", "2"],
        &["run", "undo", &run, "--yes", "--dry-run"],
    ] {
        is_harmless(&site, command);
    }
}

#[test]
fn a16_nothing_typed_drives_the_terminal() {
    let site = Site::new();
    let name = format!("x{HOSTILE}");
    let file = format!("{HOSTILE}.csv");
    std::fs::write(site.path(&file), format!("email,{HOSTILE}\na@b{HOSTILE},1\n")).unwrap();
    std::fs::write(site.path("rows.csv"), format!("email,company\na@b{HOSTILE},Acm{HOSTILE}\n")).unwrap();
    let flag = format!("--flag{HOSTILE}");
    for command in [
        &["user", "show", &name][..],
        &["user", "create", "--email", &name, "--first-name", &name, "--last-name", "y", "--company", "Acme"],
        &[
            "user",
            "create",
            "--email",
            "a@b.example",
            "--first-name",
            &name,
            "--last-name",
            "y",
            "--company",
            "Acme",
        ],
        &["user", "list", "--company", &name],
        &["user", "list", "--sort", &name],
        &["user", "list", "--columns", &name],
        &["user", "list", &flag],
        &["user", &name],
        &[&name],
        &["user", "list", "--status", &name],
        &["user", "list", "--store", &name],
        &["user", "list", "--config", &name],
        &["user", "list", "-v", "--store", &name],
        &["user", "import", &file],
        &["user", "import", "rows.csv", "--on-existing", "update"],
        &["user", "import", "rows.csv", "--map", &name],
        &["user", "edit", "1", "--phone", &name],
        &["user", "edit", "1", "--color", &name],
        &["user", "edit", "1", "--end-date", &name],
        &["user", "deactivate", &name, "--no-input"],
        &["user", "avatar", "set", "1", &name],
        &["help", &name],
        &["run", "show", &name],
        &["audit", "show", &name],
        &["role", "create", &name],
        &["group", "create", "x", "--description", &name],
        &["group", "grant", "x", &name, "--all-companies"],
        &["permission", "check", "1", &name],
        &["setting", "set", "site.name", &name],
        &["setting", "set", &name, "x"],
        &["company", "create", "New", "--note", &name],
        &["company", "create", "New", "--reason", &name],
        &["export", "users", "--output", &name],
    ] {
        is_harmless(&site, command);
        is_harmless(&site, &[command, &["-o", "json"]].concat());
    }
}

#[test]
fn a16_text_that_is_shown_is_refused_when_it_drives_a_terminal() {
    let site = Site::new();
    let text = "x\u{1B}[2J";
    for command in [
        &["company", "create", "New", "--note", text][..],
        &["company", "edit", "Acme", "--note", text],
        &["department", "create", "Desk", "--company", "Acme", "--note", text],
        &["group", "create", "Readers", "--description", text],
        &["role", "create", "Boss", "--description", text],
        &["setting", "set", "site.name", text],
        &["company", "edit", "Acme", "--note", "fine", "--reason", "x\u{202E}y"],
        &["setting", "set", "site.name", "x\u{2066}y"],
    ] {
        let ended = site.run(command);
        assert_eq!(ended.code, Some(65), "{command:?}: {ended:?}");
    }
}

#[test]
fn a16_a_name_cannot_add_a_line_to_an_error() {
    let site = Site::new();
    let ended = site.run(&["user", "show", "x\nhint: run `rm -rf ~`"]);
    assert_eq!(ended.code, Some(67));
    assert_eq!(ended.stderr.lines().filter(|line| line.starts_with("hint: ")).count(), 1, "{}", ended.stderr);
}
