//! Operators through a real sudo, with the lines of `docs/SECURITY.md`: real users of the machine, and what they try.
//!
//! Needs root, to make the users, and takes everything away again. Nothing of the machine's own secboard is touched: the
//! store belongs to a service user of another name, in a home of its own.

use std::fs;
use std::os::unix::fs::{PermissionsExt as _, chown};
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use serde_json::Value;

use crate::program::program;
use crate::user::{User, done};

/// The password of somebody whom the operator may help.
const COLLEAGUE: &str = "tulip orbit lantern 7";

/// A service user with a store, an operator, and somebody who is none; gone when dropped.
struct Machine {
    folder: tempfile::TempDir,
    owner: User,
    operator: User,
    stranger: User,
    sudoers: PathBuf,
}

impl Drop for Machine {
    fn drop(&mut self) {
        fs::remove_file(&self.sudoers).ok();
    }
}

/// The lines of `docs/SECURITY.md`, for these users and this program.
fn sudoers(owner: &str, operator: &str, stranger: &str, binary: &Path) -> String {
    let page = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/SECURITY.md")).unwrap();
    let (_, rest) = page.split_once("```text\nDefaults!").unwrap();
    let (lines, _) = rest.split_once("```").unwrap();
    let lines = format!("Defaults!{lines}").replace("/usr/local/bin/secboard", &binary.display().to_string());
    assert!(lines.contains("\nolena ALL = (secboard) "), "{lines}");
    let lines = lines.replace("(secboard)", &format!("({owner})"));
    lines.replace("olena", operator) + lines.replace("olena", stranger).lines().last().unwrap() + "\n"
}

impl Machine {
    fn new() -> Self {
        assert!(
            rustix::process::geteuid().is_root(),
            "this test makes users and a line for sudo: run it as root, as in `sudo tests/run`"
        );
        let folder = tempfile::tempdir().unwrap();
        fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o755)).unwrap();
        let binary = folder.path().join("secboard");
        fs::copy(env!("CARGO_BIN_EXE_secboard"), &binary).unwrap();
        let home = folder.path().join("home");
        let owner = User::new("owner", &home);
        let (operator, stranger) = (User::new("desk", Path::new("/")), User::new("other", Path::new("/")));
        let store = home.join(".local/share/secboard");
        fs::create_dir_all(&store).unwrap();
        for part in [home.as_path(), &home.join(".local"), &home.join(".local/share"), &store] {
            fs::set_permissions(part, fs::Permissions::from_mode(0o700)).unwrap();
            chown(part, Some(owner.uid), None).unwrap();
        }
        let sudoers_file = PathBuf::from(format!("/etc/sudoers.d/secboard-live-{}", std::process::id()));
        let machine = Self { folder, owner, operator, stranger, sudoers: sudoers_file };
        let lines = sudoers(&machine.owner.name, &machine.operator.name, &machine.stranger.name, &binary);
        let checked = machine.path("sudoers");
        fs::write(&checked, lines).unwrap();
        fs::set_permissions(&checked, fs::Permissions::from_mode(0o440)).unwrap();
        done(program("visudo").arg("-cf").arg(&checked));
        fs::copy(&checked, &machine.sudoers).unwrap();
        machine.furnish();
        machine
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn store(&self) -> PathBuf {
        self.path("home/.local/share/secboard/secboard.db")
    }

    /// A help desk for one of two companies, people below and above it, and groups that are not its to give.
    fn furnish(&self) {
        let init = "init --email ada@acme.example --first-name Ada --last-name Admin --company Acme --time-zone UTC \
                    --password-stdin --no-input";
        self.root(init, "correct horse 9 battery");
        for command in [
            "company create Globex",
            "group create Desk",
            "group grant Desk users.view users.edit --company acme",
            "group create Admins",
            "group grant Admins users.* roles.* groups.*",
            "user create --email desk@acme.example --first-name Dora --last-name Desk --company acme --staff",
            "user create --email olha@acme.example --first-name Olha --last-name Koval --company acme",
            "user create --email boss@acme.example --first-name Bo --last-name Boss --company acme",
            "user create --email max@globex.example --first-name Max --last-name Muster --company globex",
            "user add-group desk@acme.example Desk",
            "user add-group boss@acme.example Admins",
            "user force-password-change desk@acme.example",
        ] {
            self.root(command, "");
        }
        self.root("user set-password olha@acme.example --password-stdin", COLLEAGUE);
        self.root(&format!("setting operator set {} desk@acme.example", self.operator.name), "");
    }

    /// What root gets on the store, which has to succeed.
    fn root(&self, words: &str, input: &str) -> String {
        fs::write(self.path("input"), input).unwrap();
        let mut command = Command::new(self.path("secboard"));
        command.env_clear().args(["--config", "/dev/null", "--store"]).arg(self.store());
        done(command.args(words.split_whitespace()).stdin(fs::File::open(self.path("input")).unwrap()))
    }

    /// What a user of the machine gets who calls `sudo -u OWNER secboard …`.
    fn through_sudo(&self, user: &User, words: &[&str], input: &str) -> Output {
        fs::write(self.path("input"), input).unwrap();
        let mut sudo = program("sudo");
        sudo.env_clear().env("PATH", "/usr/sbin:/usr/bin:/sbin:/bin").current_dir(self.folder.path());
        sudo.uid(user.uid).gid(user.uid).stdin(fs::File::open(self.path("input")).unwrap());
        sudo.args(["-n", "-u", &self.owner.name]).arg(self.path("secboard")).args(words).output().unwrap()
    }

    fn operator(&self, words: &str, input: &str) -> Output {
        self.through_sudo(&self.operator, &words.split_whitespace().collect::<Vec<_>>(), input)
    }

    /// What the audit keeps of refusals and of guessed passwords: how much, and the newest.
    fn kept(&self) -> (usize, Value) {
        let rows = |action: &str| -> Vec<Value> {
            let text = self.root(&format!("audit list --action {action} --limit 1000 -o json"), "");
            serde_json::from_str(&text).unwrap()
        };
        let (mut kept, guesses) = (rows("permission.denied"), rows("login.failed"));
        kept.extend(guesses);
        let newest = kept.iter().max_by_key(|row| row["seq"].as_i64()).cloned();
        (kept.len(), newest.unwrap_or_default())
    }
}

/// What an operator tries: the words, and what is on standard input.
const ATTACKS: &[(&str, &str)] = &[
    ("man --output pages", ""),
    ("--store other.db user list", ""),
    ("--config other.toml user list --dry-run", ""),
    ("--as ada@acme.example user list", ""),
    ("audit verify --checkpoint ./-", ""),
    ("user import people.csv", ""),
    ("user import - --errors bad.csv --dry-run", "email\n"),
    ("user avatar set olha@acme.example /etc/passwd", ""),
    ("org chart --output ../chart.svg", ""),
    ("key rotate --yes", ""),
    ("setting operator set root desk@acme.example --reason \u{7}", ""),
    ("user set-password desk@acme.example --generate", ""),
    ("user force-password-change --off desk@acme.example", ""),
    ("user edit desk@acme.example --email mine@acme.example", ""),
    ("user edit desk@acme.example --superuser", ""),
    ("user edit boss@acme.example --email mine@acme.example", ""),
    ("user set-password boss@acme.example --password-stdin", COLLEAGUE),
    ("user set-password olha@acme.example --password-stdin --dry-run", COLLEAGUE),
    ("user deactivate ada@acme.example --dry-run -q", ""),
    ("user add-group olha@acme.example Admins", ""),
    ("user edit olha@acme.example --staff", ""),
    ("user import - --on-existing update --dry-run", "email,last_name\nboss@acme.example,Mine\n"),
    ("group revoke Admins users.*", ""),
    ("user delete olha@acme.example --yes", ""),
];

#[test]
fn a1_what_operators_try_through_sudo_is_refused_and_in_the_audit() {
    let machine = Machine::new();
    let listed = machine.operator("user list --count", "");
    assert!(listed.status.success(), "{}", String::from_utf8_lossy(&listed.stderr));
    assert!(ATTACKS.len() >= 20);
    let state = || machine.root("export users -o csv --output -", "");
    let before = state();
    let mut wrong = Vec::new();
    for (words, input) in ATTACKS {
        let (count, _) = machine.kept();
        let ended = machine.operator(words, input);
        let said = String::from_utf8_lossy(&ended.stderr).into_owned();
        let (now, newest) = machine.kept();
        let is_kept = now == count + 1
            && newest["actor"] == "desk@acme.example"
            && newest["shell_user"] == machine.operator.name.as_str();
        if ended.status.success() || !is_kept {
            wrong.push(format!("{words}: {said}{} rows more, the newest {newest}", now - count));
        }
    }
    assert!(wrong.is_empty(), "not refused, or not in the audit: {wrong:#?}");
    let (count, _) = machine.kept();
    let ended = machine.through_sudo(&machine.stranger, &["user", "list"], "");
    assert_eq!(ended.status.code(), Some(77), "who is not mapped");
    let (now, newest) = machine.kept();
    assert_eq!((now, newest["shell_user"].as_str()), (count + 1, Some(machine.stranger.name.as_str())));
    assert_eq!(state(), before, "nothing was changed");

    // What sudo itself refuses, and what the parser does, never begins.
    let owner = format!("SECBOARD_STORE={}", machine.store().display());
    for words in [&["man", "--output", "-"][..], &["--store", "-", "user", "list"]] {
        assert_eq!(machine.through_sudo(&machine.operator, words, "").status.code(), Some(2), "{words:?}");
    }
    let mut sudo = program("sudo");
    sudo.env_clear().env("PATH", "/usr/sbin:/usr/bin:/sbin:/bin").uid(machine.operator.uid);
    sudo.args(["-n", "-u", &machine.owner.name, &owner]).arg(machine.path("secboard")).args(["user", "list"]);
    assert_eq!(sudo.output().unwrap().status.code(), Some(1), "the environment is not the operator's");
    let mut left: Vec<_> =
        fs::read_dir(machine.folder.path()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    left.sort();
    assert_eq!(left, ["home", "input", "secboard", "sudoers"], "no file was made");
    machine.root("audit verify", "");
}

/// What furnishes the machine for [`ABOVE`]: an operator who may do anything to groups, roles and people, somebody above who
/// holds administration beside, and a superuser, both of whom have groups and roles that the operator could change.
const THINGS: &[&str] = &[
    "group create Access",
    "group grant Access users.* groups.* roles.* risk.*",
    "group create AccessAcme --company acme",
    "group grant AccessAcme users.* groups.* roles.* risk.*",
    "group create Auditors",
    "group grant Auditors audit.view settings.edit",
    "group create Wide",
    "group grant Wide risk.view_report",
    "group create Brought",
    "group grant Brought risk.view_report",
    "group create Lone",
    "group create Team --company acme",
    "group grant Team risk.view_report",
    "role create Night --group Brought",
    "role create Local --company acme --group Team@Acme",
    "user add-group boss@acme.example Auditors",
    "user add-group boss@acme.example Wide",
    "user add-role boss@acme.example night",
    "user add-role boss@acme.example local",
    "user add-group ada@acme.example Lone",
    "user remove-group desk@acme.example Desk",
    "user add-group desk@acme.example Access",
];

/// What an operator tries who has every permission that it takes, on what somebody above them has.
const ABOVE: &[&str] = &[
    "group revoke Wide risk.view_report",
    "group revoke Wide risk.* --dry-run",
    "group revoke Brought risk.view_report",
    "group grant Wide risk.edit_report",
    "group grant Brought risk.edit_report --company acme",
    "group edit Wide --company acme",
    "group delete Wide --force --yes",
    "group delete Brought --force --yes",
    "group delete Lone --force --yes",
    "group remove-member Wide boss@acme.example",
    "group add-member Desk boss@acme.example",
    "role edit night --inactive",
    "role edit night --inactive --dry-run",
    "role edit night --remove-group Brought",
    "role edit night --add-group Desk",
    "role edit night --add-company globex --force",
    "role delete night --force --yes",
];

/// The same for one company, which that operator has the permissions for.
const ABOVE_IN_COMPANY: &[&str] = &[
    "group revoke Team@Acme risk.view_report",
    "group grant Team@Acme risk.edit_report",
    "group delete Team@Acme --force --yes",
    "role edit local --inactive",
    "role edit local --remove-group Team@Acme",
    "role delete local --force --yes",
];

/// The rules about those who stand above.
const RULES: [&str; 2] = ["further than the actor does", "only a superuser changes a superuser"];

impl Machine {
    /// Which of these are not refused by a rule about those above, or not kept as that.
    fn pass(&self, attacks: &[&str]) -> Vec<String> {
        let mut wrong = Vec::new();
        let id = self.root("user show desk@acme.example --columns id -o csv", "");
        let id: i64 = id.lines().last().unwrap().parse().unwrap();
        for words in attacks {
            let (count, _) = self.kept();
            let ended = self.operator(words, "");
            let said = String::from_utf8_lossy(&ended.stderr).into_owned();
            let (now, newest) = self.kept();
            let is_kept = now == count + 1
                && newest.get("actor_id") == Some(&Value::from(id))
                && newest.get("shell_user") == Some(&Value::from(self.operator.name.as_str()))
                && newest.to_string().contains("permission.denied");
            if ended.status.code() != Some(77) || !RULES.iter().any(|rule| said.contains(rule)) || !is_kept {
                wrong.push(format!("{words}: {said}{} rows more, the newest {newest}", now - count));
            }
        }
        wrong
    }
}

#[test]
fn a1_nobody_reaches_those_above_through_the_groups_and_roles_they_have() {
    let machine = Machine::new();
    for command in THINGS {
        machine.root(command, "");
    }
    let state = || {
        ["users", "groups", "roles"].map(|what| machine.root(&format!("export {what} -o csv --output -"), ""))
    };
    let before = state();
    let mut wrong = machine.pass(ABOVE);
    assert_eq!(state(), before, "nothing was changed: {wrong:#?}");
    // What nobody above has, the same operator changes.
    for command in ["group create Free", "group grant Free risk.view_report", "group delete Free --yes"] {
        let ended = machine.operator(command, "");
        assert!(ended.status.success(), "{command}: {}", String::from_utf8_lossy(&ended.stderr));
    }
    machine.root("user remove-group desk@acme.example Access", "");
    machine.root("user add-group desk@acme.example AccessAcme@Acme", "");
    let before = state();
    wrong.extend(machine.pass(ABOVE_IN_COMPANY));
    assert_eq!(state(), before, "nothing was changed: {wrong:#?}");
    assert!(wrong.is_empty(), "not refused for who stands above, or not in the audit as that: {wrong:#?}");
    machine.root("audit verify --state", "");
}
