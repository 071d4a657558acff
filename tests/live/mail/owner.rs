//! What root does with a store that belongs to somebody else: nothing that its owner could not do.

use std::fs;
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _, chown, symlink};
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use crate::user::{User, done};

/// Makes a store; the password comes on standard input.
const INIT: &str = "init --email ada@acme.example --first-name Ada --last-name Admin --company Acme --time-zone UTC \
                    --password-stdin --no-input";

/// A service user with a store of its own, which names a program that tells whom it runs as.
struct Home {
    folder: tempfile::TempDir,
    owner: User,
}

impl Home {
    fn new() -> Self {
        assert!(
            rustix::process::geteuid().is_root(),
            "this test makes a user and acts as root: run it as root, as in `sudo tests/run`"
        );
        let folder = tempfile::tempdir().unwrap();
        fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o755)).unwrap();
        fs::copy(env!("CARGO_BIN_EXE_secboard"), folder.path().join("secboard")).unwrap();
        let home = Self { owner: User::new("mailer", folder.path()), folder };
        fs::create_dir_all(home.path("home/mails")).unwrap();
        for part in ["home", "home/mails"] {
            chown(home.path(part), Some(home.owner.uid), None).unwrap();
        }
        fs::write(home.path("input"), "correct horse 9 battery").unwrap();
        done(&mut home.command(home.owner.uid, INIT));
        home
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// A command on the store, run by this user of the machine.
    fn command(&self, uid: u32, words: &str) -> Command {
        let mut command = Command::new(self.path("secboard"));
        // As sudo leaves it behind: root is root, whoever it was before.
        command.env_clear().env("SUDO_UID", "61299").current_dir("/").uid(uid).gid(uid);
        command.arg("--store").arg(self.path("home/secboard.db")).args(words.split_whitespace());
        let input = fs::read(self.path("input")).unwrap();
        let file = self.folder.path().join(format!("input-{uid}"));
        fs::write(&file, input).unwrap();
        command.stdin(fs::File::open(file).unwrap()).stdout(Stdio::piped()).stderr(Stdio::piped());
        if uid == self.owner.uid {
            command.env_remove("SUDO_UID");
        }
        command
    }

    fn owner(&self, words: &str) -> String {
        done(&mut self.command(self.owner.uid, words))
    }

    fn root(&self, words: &str) -> Output {
        self.command(0, words).output().unwrap()
    }

    fn queue(&self) {
        self.owner("mail send --to ada@acme.example --subject Hello --no-input");
    }

    /// A program that writes down as whom it runs, and then prints a token.
    fn program(&self, name: &str) -> PathBuf {
        let (program, told) = (self.path("home").join(name), self.told(name));
        let script = format!(
            "#!/bin/sh\necho \"$(id -u) $(id -G)\" > {}; cat >/dev/null; echo token\n",
            told.display()
        );
        fs::write(&program, script).unwrap();
        fs::set_permissions(&program, fs::Permissions::from_mode(0o755)).unwrap();
        program
    }

    fn told(&self, name: &str) -> PathBuf {
        self.path("home").join(format!("{name}.told"))
    }

    /// Everything that the owner's program said of itself, and that it was the owner's.
    #[track_caller]
    fn assert_ran_as_owner(&self, name: &str, by: &str) {
        let told = fs::read_to_string(self.told(name)).unwrap_or_default();
        let gid = done(Command::new("id").args(["-g", &self.owner.name]));
        assert_eq!(told, format!("{} {gid}", self.owner.uid), "{by} ran `{name}`");
        fs::remove_file(self.told(name)).unwrap();
    }
}

#[track_caller]
fn assert_ended(output: &Output, code: i32) {
    let said = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(code), "{said}");
}

#[test]
fn a15_root_runs_what_a_store_names_as_the_owner_of_the_store() {
    let home = Home::new();
    let (sendmail, token) = (home.program("sendmail"), home.program("token"));
    home.owner(&format!("mail server create machine --kind sendmail --command {}", sendmail.display()));
    home.owner("mail account create noreply --server machine --from noreply@acme.example");
    home.owner("mail route set --account noreply");
    for by in ["mail flush", "upkeep", "mail test --account noreply --to ada@acme.example"] {
        home.queue();
        assert_ended(&home.root(by), 0);
        home.assert_ran_as_owner("sendmail", by);
    }
    let server = "mail server create office --host localhost --port 1 --security none --force --auth xoauth2 --token-command";
    home.owner(&format!("{server} {}", token.display()));
    home.owner("mail account create office --server office --from noreply@acme.example --user noreply");
    assert_ended(&home.root("mail test --account office"), 1);
    home.assert_ran_as_owner("token", "mail test");
    home.owner("mail route set --account office");
    home.queue();
    assert_ended(&home.root("mail flush"), 69);
    home.assert_ran_as_owner("token", "mail flush");
    let by = home.owner("audit list --action mail.test -o json");
    assert!(by.contains("\"system\"") && by.contains("61299"), "it was root all the same: {by}");
    assert_eq!(fs::metadata(home.path("home/secboard.db")).unwrap().uid(), home.owner.uid);
}

/// What root's shell has open, and the terminal that it is at, are none of the owner's.
#[test]
fn a15_programs_of_the_owner_have_nothing_that_root_has_open_and_no_terminal() {
    let home = Home::new();
    let told = home.told("program");
    let program = home.path("home/program");
    let script = format!(
        "#!/bin/sh\n{{ cut -d ' ' -f 1,6 /proc/$$/stat; ls -l /proc/self/fd; cat /proc/keys; }} > {}; cat > /dev/null; echo token\n",
        told.display()
    );
    fs::write(&program, script).unwrap();
    fs::set_permissions(&program, fs::Permissions::from_mode(0o755)).unwrap();
    home.owner(&format!("mail server create machine --kind sendmail --command {}", program.display()));
    home.owner("mail account create noreply --server machine --from noreply@acme.example");
    home.owner("mail route set --account noreply");
    let office = "mail server create office --host localhost --port 1 --security none --force --auth xoauth2 --token-command";
    home.owner(&format!("{office} {}", program.display()));
    home.owner("mail account create office --server office --from noreply@acme.example --user noreply");
    fs::write(home.path("secret"), "root's own").unwrap();
    // Not every system keeps keys, or lets this test have some.
    if let Ok(session) = keyutils_raw::keyctl_join_session_keyring(None) {
        keyutils_raw::add_key("user", "secboard-canary", b"root's own", session).unwrap();
    }
    for (words, expected) in
        [("mail test --account noreply --to ada@acme.example", 0), ("mail test --account office", 1)]
    {
        let mut command = Command::new("sh");
        command.env_clear().arg("-c").arg(format!(
            "exec 7< {}; exec {} --store {} {words}",
            home.path("secret").display(),
            home.path("secboard").display(),
            home.path("home/secboard.db").display()
        ));
        assert_ended(&command.output().unwrap(), expected);
        let told = fs::read_to_string(&told).unwrap();
        let (ids, open) = told.split_once('\n').unwrap();
        let (process, session) = ids.split_once(' ').unwrap();
        assert_eq!(process, session, "it has a session of its own");
        assert!(!open.contains("secret") && open.contains("/proc/"), "{open}");
        assert!(!open.contains("secboard-canary"), "root's keys stay with root: {open}");
    }
}

#[test]
fn a15_root_writes_and_reads_where_the_owner_of_a_store_may() {
    let home = Home::new();
    let mails = home.path("home/mails");
    home.owner(&format!("mail server create folder --kind file --folder {}", mails.display()));
    home.owner("mail account create noreply --server folder --from noreply@acme.example");
    home.owner("mail route set --account noreply");
    home.queue();
    assert_ended(&home.root("mail flush"), 0);
    let written = fs::read_dir(&mails).unwrap().next().unwrap().unwrap();
    assert_eq!(written.metadata().unwrap().uid(), home.owner.uid);

    // The folder becomes a link to one of root's.
    let secret = home.path("secret");
    fs::create_dir(&secret).unwrap();
    fs::set_permissions(&secret, fs::Permissions::from_mode(0o700)).unwrap();
    swap(&home, &mails, &secret);
    home.queue();
    assert_ended(&home.root("mail flush"), 69);
    assert_ended(&home.root("mail test --account noreply"), 1);
    assert_eq!(fs::read_dir(&secret).unwrap().count(), 0, "nothing was written through the link");

    // A link to what only root may read tells nothing of it.
    fs::write(secret.join("shadow"), "root:canary").unwrap();
    let authority = home.path("home/ca.pem");
    let certificate = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
    fs::write(&authority, certificate.cert.pem()).unwrap();
    chown(&authority, Some(home.owner.uid), None).unwrap();
    home.owner(&format!("mail server create relay --host localhost --ca-file {}", authority.display()));
    swap(&home, &authority, &secret.join("shadow"));
    let found = home.root("mail doctor --offline");
    assert_ended(&found, 1);
    let told = String::from_utf8_lossy(&found.stdout).into_owned();
    assert!(told.contains("ca.pem") && told.contains("cannot be read") && !told.contains("canary"), "{told}");
}

/// Puts a link in the place of something.
fn swap(home: &Home, place: &Path, target: &Path) {
    fs::remove_file(place).or_else(|_| fs::remove_dir_all(place)).unwrap();
    symlink(target, place).unwrap();
    rustix::fs::chownat(
        rustix::fs::CWD,
        place,
        Some(rustix::fs::Uid::from_raw(home.owner.uid)),
        None,
        rustix::fs::AtFlags::SYMLINK_NOFOLLOW,
    )
    .unwrap();
}

#[test]
fn root_that_may_not_become_the_owner_is_told_what_to_type_and_does_nothing() {
    let home = Home::new();
    let store = home.path("home/secboard.db");
    let before = fs::read(&store).unwrap();
    let mut bounded = Command::new("setpriv");
    bounded.args(["--inh-caps=-all", "--bounding-set=-setuid,-setgid"]).arg(home.path("secboard"));
    bounded.env_clear().env("PATH", "/usr/bin:/bin").current_dir("/");
    bounded.arg("--store").arg(&store).args(["mail", "doctor", "--offline"]);
    let refused = bounded.output().unwrap();
    let said = String::from_utf8_lossy(&refused.stderr);
    assert_eq!(refused.status.code(), Some(77), "{said}");
    let name = &home.owner.name;
    assert!(said.contains(&format!("error: the store belongs to `{name}`")), "{said}");
    assert!(said.contains("root cannot become that user here"), "{said}");
    assert!(said.contains(&format!("hint: run `sudo -u {name} secboard …`")), "{said}");
    assert_eq!(fs::read(&store).unwrap(), before);
}

#[test]
fn a15_root_does_everything_with_a_store_as_its_owner() {
    let home = Home::new();
    let secret = home.path("secret");
    fs::write(&secret, "root's own").unwrap();
    fs::set_permissions(&secret, fs::Permissions::from_mode(0o600)).unwrap();
    let is_untouched = || {
        let found = fs::metadata(&secret).unwrap();
        found.uid() == 0 && fs::read_to_string(&secret).unwrap() == "root's own"
    };

    // What root makes is the owner's, and where the owner may not write root does not either.
    assert_ended(&home.root(&format!("export users --output {}", home.path("home/users.csv").display())), 0);
    assert_eq!(fs::metadata(home.path("home/users.csv")).unwrap().uid(), home.owner.uid);
    let refused = home.root(&format!("export users --output {}", home.path("users.csv").display()));
    let said = String::from_utf8_lossy(&refused.stderr).into_owned();
    assert!(!refused.status.success() && said.contains("root works as whom the store belongs to"), "{said}");

    // The owner has links in the place of a key that waits and of the key lead to a file of root's.
    let key = home.path("home/secboard.key");
    fs::rename(&key, home.path("home/secboard.key.new")).unwrap();
    symlink(&secret, &key).unwrap();
    for command in
        ["user list --count", "key show", "audit verify", "key rotate --yes", "mail preview password-set"]
    {
        home.root(command);
        assert!(is_untouched(), "{command}");
    }
    fs::remove_file(&key).unwrap();
    fs::rename(home.path("home/secboard.key.new"), &key).unwrap();
    assert_ended(&home.root("key rotate --yes"), 0);
    assert_eq!(fs::metadata(&key).unwrap().uid(), home.owner.uid);
    home.owner("audit verify");

    // A store that root makes in a folder of the owner is made by the owner.
    fs::create_dir(home.path("home/second")).unwrap();
    chown(home.path("home/second"), Some(home.owner.uid), None).unwrap();
    let mut init = Command::new(home.path("secboard"));
    init.env_clear().current_dir("/").arg("--store").arg(home.path("home/second/secboard.db"));
    init.args(INIT.split_whitespace()).stdin(fs::File::open(home.path("input")).unwrap());
    done(&mut init);
    for file in ["secboard.db", "secboard.key"] {
        assert_eq!(
            fs::metadata(home.path("home/second").join(file)).unwrap().uid(),
            home.owner.uid,
            "{file}"
        );
    }
}

#[test]
fn a15_root_makes_and_serves_no_quickstart_in_a_folder_of_somebody_else() {
    let home = Home::new();
    fs::create_dir(home.path("home/empty")).unwrap();
    let made = home.path("home/try");
    let quickstart = |uid: u32, folder: &Path, serve: bool| {
        let mut command = Command::new(home.path("secboard"));
        command.env_clear().current_dir("/").uid(uid).gid(uid).arg("quickstart").arg(folder);
        command.args(serve.then_some("--serve")).stdin(Stdio::null()).output().unwrap()
    };
    assert_ended(&quickstart(home.owner.uid, &made, false), 0);
    chown(home.path("home/empty"), Some(home.owner.uid), None).unwrap();
    for (folder, serve) in [(made.as_path(), true), (&home.path("home/empty"), false)] {
        let refused = quickstart(0, folder, serve);
        assert_ended(&refused, 77);
        let said = String::from_utf8_lossy(&refused.stderr).into_owned();
        assert!(said.contains("is not yours alone"), "{said}");
    }
    // A folder of root's below one of somebody else can be exchanged.
    let refused = quickstart(0, &home.path("home/roots/deep"), false);
    assert_ended(&refused, 77);
    assert!(!home.path("home/roots").exists(), "what is refused leaves no folders");
    assert!(String::from_utf8_lossy(&refused.stderr).contains("could put another store in the place of"));
}

/// Neither root's nor the owner's: somebody else wrote the words of mails, or could.
#[test]
fn a15_what_belongs_to_a_third_user_is_refused_to_root_who_works_as_the_owner() {
    let home = Home::new();
    let third = User::new("third", home.folder.path());
    let (templates, config) = (home.path("templates"), home.path("secboard.toml"));
    fs::create_dir(&templates).unwrap();
    let write = |templates: &Path| {
        let store = home.path("home/secboard.db");
        fs::write(&config, format!("store = {store:?}\ntemplates = {templates:?}\n")).unwrap();
    };
    write(&templates);
    let look = || {
        let mut look = Command::new(home.path("secboard"));
        look.env_clear().arg("--config").arg(&config).args(["user", "list"]).output().unwrap()
    };
    assert_ended(&look(), 0);
    chown(&templates, Some(third.uid), None).unwrap();
    let refused = look();
    assert_ended(&refused, 77);
    assert!(String::from_utf8_lossy(&refused.stderr).contains("could put other templates in the place of"));
    chown(&templates, Some(home.owner.uid), None).unwrap();
    assert_ended(&look(), 0);
    chown(&config, Some(third.uid), None).unwrap();
    assert_ended(&look(), 77);
}

#[test]
fn a15_the_file_of_the_configuration_is_on_the_checked_way_at_every_door() {
    let home = Home::new();
    let (roots, theirs) = (home.path("roots"), home.path("home/secboard.toml"));
    fs::create_dir(&roots).unwrap();
    let store = roots.join("secboard.db");
    let mut init = Command::new(home.path("secboard"));
    init.env_clear().current_dir("/").arg("--store").arg(&store);
    init.args(INIT.split_whitespace()).stdin(fs::File::open(home.path("input")).unwrap());
    done(&mut init);
    fs::write(&theirs, format!("store = {:?}\n", store.display().to_string())).unwrap();
    chown(&theirs, Some(home.owner.uid), None).unwrap();
    let told = "could put another configuration in the place of";
    let mut look = Command::new(home.path("secboard"));
    let looked = look.env_clear().arg("--config").arg(&theirs).args(["user", "list"]).output().unwrap();
    assert_ended(&looked, 77);
    assert!(String::from_utf8_lossy(&looked.stderr).contains(told));
    let mut daemon = Command::new(env!("CARGO_BIN_EXE_secboardd"));
    let checked = daemon.env_clear().args(["--check", "--config"]).arg(&theirs).output().unwrap();
    assert_ended(&checked, 77);
    assert!(String::from_utf8_lossy(&checked.stderr).contains(told));
}
