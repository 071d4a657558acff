//! Connections to a real domain controller of Samba: what `ad test` finds, and why a password does not open.

mod samba;

use std::io::Write as _;
use std::path::PathBuf;
use std::process::{Command, Output, Stdio};

use serde_json::Value;

use samba::{PASSWORD, Samba};

/// A store in a folder of its own, with a connection to that controller.
struct Site {
    folder: tempfile::TempDir,
}

impl Site {
    fn new(samba: &Samba, scheme: &str) -> Self {
        let site = Self { folder: tempfile::tempdir().unwrap() };
        let init = [
            "init",
            "--email",
            "ada@corp.test",
            "--first-name",
            "Ada",
            "--last-name",
            "Admin",
            "--company",
            "Corp",
        ];
        let init = [&init[..], &["--time-zone", "UTC", "--password-stdin", "--no-input"]].concat();
        assert!(site.run(&init, "correct horse 9 battery").status.success());
        let (server, authority) = (format!("{scheme}://{}", samba.address), samba.authority());
        let create = ["ad", "create", "corp", "--company", "Corp", "--server", &server];
        let trust = ["--ca-file", authority.to_str().unwrap(), "--login-domain", "corp.test"];
        let reader = ["--bind-dn", "svc@corp.test", "--base-dn", "DC=corp,DC=test", "--password-stdin"];
        let staff = ["--search-base", "OU=Staff,DC=corp,DC=test"];
        let made = site.run(&[&create[..], &trust[..], &reader[..], &staff[..]].concat(), PASSWORD);
        assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
        site
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn run(&self, arguments: &[&str], input: &str) -> Output {
        let mut command = Command::new(env!("CARGO_BIN_EXE_secboard"));
        command.args(arguments).current_dir(self.folder.path()).env_clear();
        command.env("HOME", self.folder.path()).env("SECBOARD_STORE", self.path("secboard.db"));
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        // A command that does not read its input may have ended before it is written.
        child.stdin.take().unwrap().write_all(input.as_bytes()).ok();
        child.wait_with_output().unwrap()
    }

    /// What `ad test` found, by step.
    #[track_caller]
    fn test(&self, code: i32) -> Vec<(String, String)> {
        let ran = self.run(&["ad", "test", "corp", "-o", "json"], "");
        assert_eq!(ran.status.code(), Some(code), "{}", String::from_utf8_lossy(&ran.stderr));
        let steps: Vec<Value> = serde_json::from_slice(&ran.stdout).unwrap();
        let text = |step: &Value, name: &str| step.get(name).and_then(Value::as_str).unwrap().to_owned();
        steps.iter().map(|step| (text(step, "step"), text(step, "words"))).collect()
    }

    /// What came of a password.
    fn login(&self, login: &str, password: &str) -> String {
        let ran = self.run(&["ad", "login-test", login, "--password-stdin", "-o", "json"], password);
        let tried: Value = serde_json::from_slice(&ran.stdout).unwrap();
        tried.get("words").and_then(Value::as_str).unwrap().to_owned()
    }
}

fn step<'a>(steps: &'a [(String, String)], name: &str) -> &'a str {
    steps.iter().find(|(step, _)| step == name).map_or("", |(_, words)| words)
}

/// One controller for all of it: to make one takes most of the time.
#[test]
fn d1_t9_a_controller_is_asked_and_tells_apart_why_a_password_does_not_open() {
    let samba = Samba::start();
    is_asked(&samba);
    is_followed(&samba);
    is_told_nothing_unless_it_is_trusted(&samba);
    is_followed_by_what_changed(&samba);
}

fn is_asked(samba: &Samba) {
    let site = Site::new(samba, "ldap");
    let steps = site.test(0);
    assert_eq!(step(&steps, "StartTLS"), "the server begins TLS");
    assert!(step(&steps, "TLS").starts_with("TLS 1."), "{steps:?}");

    let site = Site::new(samba, "ldaps");
    let steps = site.test(0);
    assert_eq!(step(&steps, "bind"), "as svc@corp.test");
    assert!(step(&steps, "root DSE").ends_with("DC=corp,DC=test"), "{steps:?}");
    // Those of the second page are disabled, as is one of the first.
    assert_eq!(step(&steps, "people"), "1107 people; 1101 disabled");
    assert!(
        step(&steps, "lockout").starts_with("an account is locked after 3 wrong passwords within"),
        "{steps:?}"
    );
    assert!(step(&steps, "sample").contains("@corp.test>"), "{steps:?}");

    let linted = site.run(&["ad", "lint", "corp", "-o", "json"], "");
    assert_eq!(String::from_utf8_lossy(&linted.stdout), "[]\n", "nobody there would be kept out");
    assert_eq!(linted.status.code(), Some(0));

    for (login, password, words) in [
        ("ok@corp.test", PASSWORD, "the password opens"),
        ("ok", PASSWORD, "the password opens"),
        ("dis@corp.test", PASSWORD, "the account is disabled (answer 49, data 533)"),
        ("exp@corp.test", PASSWORD, "the account has expired (answer 49, data 701)"),
        ("must@corp.test", PASSWORD, "the password has to be changed (answer 49, data 773)"),
        ("old@corp.test", PASSWORD, "the password has expired (answer 49, data 532)"),
        ("lock@corp.test", "wrong", "the password is wrong (answer 49, data 52e)"),
        ("nobody@corp.test", PASSWORD, "nobody there is called so"),
        ("*", PASSWORD, "nobody there is called so"),
    ] {
        assert_eq!(site.login(login, password), words, "{login}");
    }
    // T9: it is locked after three, so one is all that is tried; its owner still gets in.
    for _ in 0..9 {
        let words = site.login("lock@corp.test", "wrong");
        assert!(words.starts_with("not tried: an account is locked after 3 wrong passwords"), "{words}");
    }
    let owner =
        site.run(&["ad", "edit", "corp", "--bind-dn", "lock@corp.test", "--password-stdin"], PASSWORD);
    assert!(owner.status.success());
    assert_eq!(step(&site.test(0), "bind"), "as lock@corp.test");
    let wrong = site.run(&["ad", "edit", "corp", "--bind-dn", "svc@corp.test", "--password-stdin"], "wrong");
    assert!(wrong.status.success());
    assert_eq!(step(&site.test(1), "bind"), "the password is wrong (answer 49, data 52e)");
}

/// What comes of a command, and what it said.
fn said(site: &Site, command: &str) -> (Option<i32>, String) {
    let arguments: Vec<&str> = command.split(' ').collect();
    let ran = site.run(&arguments, "");
    let text = [ran.stdout, ran.stderr].concat();
    (ran.status.code(), String::from_utf8_lossy(&text).into_owned())
}

#[track_caller]
fn went(site: &Site, command: &str, code: i32, words: &[&str]) {
    let (ended, text) = said(site, command);
    assert_eq!(ended, Some(code), "{command}: {text}");
    for words in words {
        assert!(text.contains(words), "{command}: {words}: {text}");
    }
}

fn is_followed(samba: &Samba) {
    let site = Site::new(samba, "ldaps");
    for group in ["Everybody", "Traders", "Domain"] {
        went(&site, &format!("group create {group}"), 0, &[]);
    }
    went(&site, "group edit Domain --name Domain-Users", 0, &[]);
    went(&site, "ad edit corp --departments create --positions create --map expires=accountExpires", 0, &[]);
    let before = said(&site, "user list -o csv");
    went(&site, "ad plan corp", 0, &["people: 1107 created", "directory_disabled=yes"]);
    assert_eq!(said(&site, "user list -o csv"), before);
    went(&site, "ad sync corp", 0, &["people: 1107 created"]);
    // The places that it made are read with once; then what changed is enough.
    went(&site, "ad sync corp", 0, &["nothing to do for 1107 people"]);
    went(&site, "ad sync corp", 0, &["nothing changed there since the last sync"]);
    went(&site, "ad sync corp --full", 0, &["nothing to do for 1107 people"]);
    went(&site, "user why ok@corp.test", 0, &["seen"]);
    went(&site, "user why dis@corp.test", 1, &["disabled there"]);
    went(&site, "user why exp@corp.test", 1, &["expired there"]);
    went(&site, "user show ok@corp.test", 0, &["Дар'я", "Відділ ІТ", "Інженер", "+380"]);
    // Nested groups, and one of a thousand and more.
    went(&site, "ad edit corp --group-sync mirror", 0, &[]);
    went(&site, "ad sync corp", 0, &["people: 1101 changed, 6 unchanged"]);
    went(&site, "ad sync corp --full", 0, &["nothing to do for 1107 people"]);
    went(&site, "user show ok@corp.test --columns groups", 0, &["Traders"]);
    // Somebody breaks the filter: the brake holds, and one command brings all back.
    for filter in ["(cn=nobody)", "(cn=user000*)"] {
        went(&site, &format!("ad edit corp --leaver-runs 1 --filter {filter}"), 0, &[]);
        went(&site, "ad sync corp", 76, &["is held"]);
        went(&site, "user why ok@corp.test", 0, &[]);
    }
    went(&site, "ad edit corp --filter default --leaver-runs 2", 0, &[]);
    went(&site, "ad sync corp", 0, &["nothing to do for 1107 people"]);
    let (_, runs) = said(&site, "run list --columns id,kind,state -o csv");
    assert_eq!(runs.matches("directory.take,superseded").count(), 2, "{runs}");
    let made = runs.lines().filter(|line| line.contains("directory.sync,applied"));
    for run in made {
        went(&site, &format!("run undo {} --yes", run.split(',').next().unwrap()), 0, &[]);
    }
    assert_eq!(said(&site, "user list -o csv"), before);
    went(&site, "audit verify --state", 0, &[]);
}

/// How many people a sync read, whether that was everybody, how many were changed, and from how many something was taken.
#[track_caller]
fn read(site: &Site, flags: &[&str]) -> (u64, bool, u64, u64) {
    let ran = site.run(&[&["ad", "sync", "corp", "-o", "json"][..], flags].concat(), "");
    assert_eq!(ran.status.code(), Some(0), "{}", String::from_utf8_lossy(&ran.stderr));
    let rows: Vec<Value> = serde_json::from_slice(&ran.stdout).unwrap();
    let number = |name: &str| rows[0].get(name).and_then(Value::as_u64).unwrap();
    let is_full = rows[0].get("full").and_then(Value::as_bool).unwrap();
    (number("people"), is_full, number("changed"), number("taken"))
}

/// Of whom nothing changed nobody is read, until it has to be everybody.
fn is_followed_by_what_changed(samba: &Samba) {
    let site = Site::new(samba, "ldaps");
    went(&site, "ad edit corp --leaver-runs 1", 0, &[]);
    assert_eq!(read(&site, &[]), (1107, true, 0, 0));
    assert_eq!(read(&site, &[]), (0, false, 0, 0));
    samba.change("rename");
    assert_eq!(read(&site, &[]), (1, false, 1, 0));
    went(&site, "user show ok@corp.test", 0, &["Married"]);
    assert_eq!(read(&site, &[]), (0, false, 0, 0));
    samba.change("disable");
    assert_eq!(read(&site, &[]), (1, false, 0, 1));
    went(&site, "user why ok@corp.test", 1, &["disabled there"]);
    // Who was deleted is among no changes: a read of everybody finds it.
    samba.change("delete");
    assert_eq!(read(&site, &[]), (0, false, 0, 0));
    assert_eq!(read(&site, &["--full"]), (1106, true, 0, 1));
    went(&site, "user why old@corp.test", 1, &["gone there"]);
    assert_eq!(read(&site, &[]), (0, false, 0, 0));
    // What a controller counted before it was restored from a copy says nothing.
    samba.change("restore");
    assert_eq!(read(&site, &[]), (1106, true, 0, 0));
    assert_eq!(read(&site, &[]), (0, false, 0, 0));
    went(&site, "audit verify --state", 0, &[]);
}

fn is_told_nothing_unless_it_is_trusted(samba: &Samba) {
    let site = Site::new(samba, "ldaps");
    let trusted = site.run(&["ad", "edit", "corp", "--certificate-name", "dc2.corp.test"], "");
    assert!(trusted.status.success());
    let told = site.test(1);
    assert!(
        step(&told, "TLS").contains("the certificate is not for `dc2.corp.test`; it is for `dc1.corp.test`"),
        "{told:?}"
    );
    assert_eq!(step(&told, "bind"), "");
    // Signing is wanted of whom nothing protects.
    let server = format!("ldap://{}", samba.address);
    let flags = ["--server", &server, "--insecure", "--no-ca-file", "--certificate-name", ""];
    assert!(site.run(&[&["ad", "edit", "corp"][..], &flags[..]].concat(), "").status.success());
    assert!(step(&site.test(1), "bind").starts_with("the server wants a protected connection (answer 8)"));
}
