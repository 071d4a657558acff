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
    is_told_nothing_unless_it_is_trusted(&samba);
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
