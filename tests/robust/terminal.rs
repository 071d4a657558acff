//! Questions on a terminal: whoever answers with Ctrl-C gets the terminal back as it was.

use std::fs::{File, OpenOptions};
use std::io::{Read as _, Write as _};
use std::os::unix::ffi::OsStrExt as _;
use std::os::unix::process::ExitStatusExt as _;
use std::path::PathBuf;
use std::process::{Child, Stdio};

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::process::{Pid, Signal, kill_process};
use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};
use rustix::termios::{LocalModes, tcgetattr};

use crate::site::{SECBOARD, Site};

/// A terminal with a command on it.
pub(crate) struct Terminal {
    keys: File,
    screen: File,
    child: Child,
    seen: Vec<u8>,
}

impl Terminal {
    /// Starts secboard on a terminal of its own.
    pub(crate) fn start(site: &Site, arguments: &[&str]) -> Self {
        Self::start_program(site, SECBOARD, arguments)
    }

    /// Starts any program on a terminal of its own.
    fn start_program(site: &Site, program: &str, arguments: &[&str]) -> Self {
        let keys = File::from(openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY).unwrap());
        grantpt(&keys).unwrap();
        unlockpt(&keys).unwrap();
        let name = ptsname(&keys, Vec::new()).unwrap();
        let path = PathBuf::from(std::ffi::OsStr::from_bytes(name.as_bytes()));
        let screen = OpenOptions::new().read(true).write(true).open(path).unwrap();
        let end = || Stdio::from(screen.try_clone().unwrap());
        let mut command = site.program("setsid");
        command.args(["--ctty", program]).args(arguments);
        let child = command.stdin(end()).stdout(end()).stderr(end()).spawn().unwrap();
        Self { keys, screen, child, seen: Vec::new() }
    }

    /// Waits until the command has written this.
    fn wait_for(&mut self, words: &str) {
        let mut some = [0; 4096];
        while !self.seen().contains(words) {
            // A terminal that its command has left says nothing any more, and this side still holds it open.
            let mut screen = [PollFd::new(&self.keys, PollFlags::IN)];
            let half_a_minute = Timespec { tv_sec: 30, tv_nsec: 0 };
            let is_said = poll(&mut screen, Some(&half_a_minute)).unwrap() > 0;
            assert!(is_said, "`{words}` is not said: {}", self.seen());
            let count = self.keys.read(&mut some).unwrap();
            self.seen.extend_from_slice(some.get(..count).unwrap());
        }
    }

    /// All that the command writes until it ends.
    pub(crate) fn all(self) -> String {
        let Self { mut keys, screen, mut child, mut seen } = self;
        drop(screen);
        let mut some = [0; 4096];
        // A terminal nobody holds any more cannot be read.
        while let Ok(count @ 1..) = keys.read(&mut some) {
            seen.extend_from_slice(some.get(..count).unwrap());
        }
        child.wait().unwrap();
        String::from_utf8_lossy(&seen).into_owned()
    }

    fn seen(&self) -> String {
        String::from_utf8_lossy(&self.seen).into_owned()
    }

    fn type_in(&mut self, text: &str) {
        self.keys.write_all(text.as_bytes()).unwrap();
    }

    fn shows_what_is_typed(&self) -> bool {
        tcgetattr(&self.screen).unwrap().local_modes.contains(LocalModes::ECHO | LocalModes::ISIG)
    }

    /// The exit code; none when a signal ended the command.
    fn code(&mut self) -> Option<i32> {
        self.child.wait().unwrap().code()
    }
}

#[test]
fn ctrl_c_at_a_password_gives_the_terminal_back() {
    let site = Site::new();
    for (typed, said, code) in [
        ("\u{3}", "interrupted; nothing was changed", 130),
        ("half a passw\u{3}", "interrupted; nothing was changed", 130),
        ("\u{4}", "no answer; nothing was changed", 1),
    ] {
        let mut terminal = Terminal::start(&site, &["user", "set-password", "ada@acme.example"]);
        terminal.wait_for("New password: ");
        assert!(!terminal.shows_what_is_typed());
        terminal.type_in(typed);
        terminal.wait_for(said);
        assert_eq!(terminal.code(), Some(code), "{typed:?}: {}", terminal.seen());
        assert!(terminal.shows_what_is_typed(), "{typed:?}");
    }
}

#[test]
fn ctrl_c_at_a_confirmation_gives_the_terminal_back() {
    let site = Site::new();
    site.add("bo");
    let mut terminal = Terminal::start(&site, &["user", "delete", "bo@acme.example"]);
    terminal.wait_for("[y/N]");
    terminal.type_in("\u{3}");
    terminal.wait_for("interrupted; nothing was changed");
    assert_eq!(terminal.code(), Some(130), "{}", terminal.seen());
    assert!(terminal.shows_what_is_typed());
    assert_eq!(site.people(), 2);
}

/// A command that waits for an answer has begun nothing, and ends as any program does that is told to: a shell says 143 of
/// SIGTERM, and 129 of a terminal that went away.
#[test]
fn a_signal_at_a_question_ends_the_command_and_gives_the_terminal_back() {
    let site = Site::new();
    site.add("bo");
    for (arguments, question) in [
        (&["user", "set-password", "ada@acme.example"][..], "New password: "),
        (&["user", "delete", "bo@acme.example"], "[y/N]"),
        (&["user", "create"], "Email"),
    ] {
        for signal in [Signal::TERM, Signal::HUP] {
            let mut terminal = Terminal::start(&site, arguments);
            terminal.wait_for(question);
            kill_process(Pid::from_child(&terminal.child), signal).unwrap();
            assert_eq!(terminal.child.wait().unwrap().signal(), Some(signal.as_raw()), "{}", terminal.seen());
            assert!(terminal.shows_what_is_typed(), "{arguments:?}");
        }
    }
    assert_eq!(site.people(), 2);
}

/// Only `y` and `yes` are yes, as a whole line: neither another word that begins so, nor the letter in another.
#[test]
fn what_is_not_yes_is_no() {
    let site = Site::new();
    site.add("bo");
    for typed in ["\u{4}", "\n", "n\n", "why?\n", "maybe\n", "yes please\n", "history | tail -1\n"] {
        let mut terminal = Terminal::start(&site, &["user", "delete", "bo@acme.example"]);
        terminal.wait_for("[y/N]");
        terminal.type_in(typed);
        terminal.wait_for("not confirmed; nothing was changed");
        assert_eq!(terminal.code(), Some(1), "{typed:?}: {}", terminal.seen());
    }
    assert_eq!(site.people(), 2);
    for (name, typed) in [("bo", "yes\n"), ("cy", "Y\n")] {
        site.add(name);
        let mut terminal = Terminal::start(&site, &["user", "delete", &format!("{name}@acme.example")]);
        terminal.wait_for("[y/N]");
        terminal.type_in(typed);
        assert_eq!(terminal.code(), Some(0), "{typed:?}: {}", terminal.all());
    }
}

/// A question is about who and what it names, and about what an answer takes, also when others give the name away or add
/// to what is taken while it waits.
#[test]
fn a3_what_is_done_is_what_was_asked_about() {
    let site = Site::new();
    for (email, group) in [("bo", "Readers"), ("cy", "Writers")] {
        site.add(email);
        site.done(&format!("group create {group}"));
        site.done(&format!("role create {group}-role"));
        site.done(&format!("company create {group}-company"));
        site.done(&format!("department create {group}-unit --company Acme"));
        site.done(&format!(
            "mail server create {group}-server --kind file --folder {}",
            site.folder().display()
        ));
    }
    site.done("group grant Readers incidents.view");
    site.done("group create Full");
    site.done("group grant Full incidents.view");
    site.done("group add-member Full ada@acme.example");
    site.done("group add-member Full bo@acme.example");
    for (command, meanwhile) in [
        (
            "user delete bo@acme.example",
            &[
                "user edit bo@acme.example --email bo2@acme.example",
                "user edit cy@acme.example --email bo@acme.example",
            ][..],
        ),
        (
            "group delete Readers",
            &["group edit Readers --name Readers2", "group edit Writers --name Readers"],
        ),
        (
            "role delete Readers-role",
            &[
                "role edit Readers-role --name First --slug first",
                "role edit Writers-role --name Readers-role --slug readers-role",
            ],
        ),
        (
            "company delete Readers-company",
            &[
                "company edit Readers-company --name First --slug first",
                "company edit Writers-company --name Readers-company --slug readers-company",
            ],
        ),
        (
            "department delete Readers-unit --company Acme",
            &[
                "department edit Readers-unit --company Acme --name First",
                "department edit Writers-unit --company Acme --name Readers-unit",
            ],
        ),
        (
            "mail server delete Readers-server",
            &[
                "mail server edit Readers-server --name First",
                "mail server edit Writers-server --name Readers-server",
            ],
        ),
        ("group revoke Full incidents.view", &["group add-member Full bo@acme.example"]),
        ("group delete Full --force", &["group edit Full --description Other"]),
    ] {
        let arguments: Vec<&str> = command.split(' ').collect();
        let mut terminal = Terminal::start(&site, &arguments);
        terminal.wait_for("[y/N]");
        for line in meanwhile {
            site.done(line);
        }
        terminal.type_in("y\n");
        terminal.wait_for("what was asked about has changed meanwhile; nothing was changed");
        assert_eq!(terminal.code(), Some(75), "{command}: {}", terminal.seen());
    }
    assert_eq!(site.people(), 3);
}

/// What others do to something else while a question waits does not keep the answer from being carried out.
#[test]
fn what_does_not_touch_the_question_does_not_hinder_the_answer() {
    let site = Site::new();
    site.add("bo");
    let mut terminal = Terminal::start(&site, &["user", "delete", "bo@acme.example"]);
    terminal.wait_for("[y/N]");
    site.add("cy");
    site.done("user edit ada@acme.example --phone +380671234567");
    terminal.type_in("y\n");
    assert_eq!(terminal.code(), Some(0), "{}", terminal.all());
}

/// The rest of a text that was pasted answers no question that it came before.
#[test]
fn what_was_typed_before_a_question_is_no_answer_to_it() {
    let site = Site::new();
    site.add("bo");
    let mut terminal = Terminal::start(&site, &["user", "delete", "bo@acme.example"]);
    terminal.type_in("y\n");
    terminal.wait_for("[y/N]");
    terminal.type_in("\n");
    terminal.wait_for("not confirmed; nothing was changed");
    assert_eq!(terminal.code(), Some(1), "{}", terminal.seen());
    assert_eq!(site.people(), 2);
}

/// Nobody is asked about what is refused whatever the answer.
#[test]
fn what_can_be_known_is_known_before_anybody_is_asked() {
    let site = Site::new();
    site.add("bo");
    for (arguments, said) in [
        (&["user", "delete", "ada@acme.example"][..], "the last superuser"),
        (&["user", "delete", "bo@acme.example", "nobody@acme.example"], "nobody@acme.example"),
        (&["user", "purge", "bo@acme.example", "ada@acme.example"], "nobody in the bin has the emails"),
        (&["company", "delete", "Acme"], "is in use"),
        (&["run", "undo", "7k3m"], "there is no run"),
    ] {
        let seen = Terminal::start(&site, arguments).all();
        assert!(!seen.contains("[y/N]") && seen.contains(said), "{arguments:?}: {seen}");
    }
}

#[test]
fn a11_a_question_that_nobody_answers_keeps_nobody_from_writing() {
    let site = Site::new();
    site.add("bo");
    for line in [
        "group create Readers",
        "group grant Readers risk.view_report --all-companies",
        "user add-group bo@acme.example ada@acme.example Readers",
    ] {
        let ended = site.run(&line.split(' ').collect::<Vec<_>>());
        assert_eq!(ended.code, Some(0), "{ended:?}");
    }
    let run: String = site.sql().query_row("SELECT id FROM runs", [], |row| row.get(0)).unwrap();
    for (round, arguments) in [
        &["user", "delete", "bo@acme.example"][..],
        &["group", "revoke", "Readers", "risk.view_report"],
        &["group", "delete", "Readers", "--force"],
        &["run", "undo", &run],
        &["user", "deactivate", "--search", "meanwhile0", "--all-matching"],
        &["user", "deactivate", "bo@acme.example", "meanwhile1@acme.example"],
    ]
    .into_iter()
    .enumerate()
    {
        let mut terminal = Terminal::start(&site, arguments);
        terminal.wait_for("[y/N]");
        let begun = std::time::Instant::now();
        assert_eq!(site.add(&format!("meanwhile{round}")).code, Some(0));
        assert!(begun.elapsed().as_secs() < 1, "{:?}", begun.elapsed());
        terminal.type_in("n\n");
        terminal.wait_for("not confirmed");
        assert_eq!(terminal.code(), Some(1), "{}", terminal.seen());
    }
}

/// Who types Ctrl-Z keeps nobody from writing for as long as the command stands still.
#[test]
fn a11_ctrl_z_stops_no_command_that_has_locked_the_store() {
    let site = Site::new();
    let rows: Vec<String> = (0..4000).map(|n| format!("p{n}@acme.example,P,N{n},Acme\n")).collect();
    let rows = rows.concat();
    std::fs::write(site.path("people.csv"), format!("email,first_name,last_name,company\n{rows}")).unwrap();
    // As an interactive shell does it: a job of its own, which comes to the front again.
    let line = r#""$0" user import people.csv --yes; echo "then $?"; fg; echo "at last $?""#;
    let mut terminal = Terminal::start_program(&site, "bash", &["-mc", line, SECBOARD]);
    let other = site.sql();
    other.busy_timeout(std::time::Duration::ZERO).unwrap();
    while other.execute_batch("BEGIN IMMEDIATE; ROLLBACK").is_ok() {
        std::thread::sleep(std::time::Duration::from_millis(1));
    }
    terminal.type_in("\u{1a}");
    terminal.wait_for("then ");
    assert_eq!(site.add("meanwhile").code, Some(0), "{}", terminal.seen());
    assert_eq!(site.people(), 4002);
    terminal.wait_for("at last 0");
    assert!(
        terminal.seen().contains("then 147") || terminal.seen().contains("then 148"),
        "{}",
        terminal.seen()
    );
}

/// The last to close the store locks all of it.
#[test]
fn a11_ctrl_z_behind_the_answer_leaves_the_store_to_others() {
    let site = Site::new();
    let line =
        r#"trap : TSTP; "$0" user edit ada@acme.example --last-name "L$1"; echo "then $?"; kill -9 %1"#;
    for round in 0..20 {
        let number = round.to_string();
        let mut terminal = Terminal::start_program(&site, "bash", &["-mc", line, SECBOARD, &number]);
        terminal.wait_for("ada@acme.example");
        terminal.type_in("\u{1a}");
        terminal.wait_for("then ");
        assert_eq!(site.add(&format!("meanwhile{round}")).code, Some(0), "{}", terminal.seen());
        terminal.all();
    }
}

#[test]
fn a_password_is_asked_for_twice_and_not_shown() {
    let site = Site::new();
    let mut terminal = Terminal::start(&site, &["user", "set-password", "ada@acme.example"]);
    terminal.wait_for("New password: ");
    terminal.type_in("\n");
    for (question, typed) in [
        ("New password: \r\nNew password: ", "copper lantern orbit\n"),
        ("again: ", "copper lantern orbits\n"),
        ("once more, please\r\nNew password: ", "copper lantern ørbit\n"),
    ] {
        terminal.wait_for(question);
        terminal.type_in(typed);
    }
    terminal.wait_for("once more, please\r\nNew password: \r\nNew password again: ");
    terminal.type_in("copper lantern ørbit\n");
    assert_eq!(terminal.code(), Some(0), "{}", terminal.seen());
    assert!(!terminal.seen().contains("copper"));
}

#[test]
fn who_types_a_password_on_standard_input_is_told_that_it_waits() {
    let site = Site::new();
    let words = ["user", "set-password", "ada@acme.example", "--password-stdin"];
    let mut terminal = Terminal::start(&site, &words);
    terminal.wait_for("reading the password from the terminal, where it shows: one line, Enter and Ctrl-D");
    terminal.type_in("correct horse 9 battery staple\n\u{4}");
    assert_eq!(terminal.code(), Some(0));
}
