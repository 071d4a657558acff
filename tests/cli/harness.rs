//! A folder with a store in it, and the `secboard` command run there as a script would run it.
//!
//! Nothing of the machine shows through: the environment is empty, the home and the store are the test's own, the width
//! is fixed, and there is no terminal. Times and random names become words in [`Ran`]'s text, so that snapshots stay.

use std::fmt::{self, Write as _};
use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::LazyLock;
use std::time::UNIX_EPOCH;

use jiff::Timestamp;
use regex::Regex;
use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;
use tempfile::TempDir;

use crate::clock;

/// The first superuser of every store.
pub(crate) const SUPERUSER: &str = "ada@acme.example";

/// The first superuser's password.
pub(crate) const PASSWORD: &str = "lantern-copper-orbit";

const STORE_AND_KEY: [&str; 2] = ["secboard.db", "secboard.key"];

const A_TIME: &str = r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)";

/// What differs between two runs of the same test, and the word that stands for it.
const VARYING: &[(&str, &str)] = &[
    (A_TIME, "[time]"),
    (r"\b\d{8}T\d{6}Z\b", "[stamp]"),
    (r"\b[0-9a-f]{64}\b", "[hash]"),
    (r"\b[0-9a-f]{16}\b", "[fingerprint]"),
    (r"\b(run:? `?)[0-9a-z]{10}\b", "$1[run]"),
    (r"\b(run (show|undo|release|discard) )[0-9a-z]{10}\b", "$1[run]"),
    (r"(?m)^[0-9a-z]{10}(  \[time\])", "[run]     $1"),
    (r"(?m)^(ID +)[0-9a-z]{10}$", "$1[run]"),
    (r#"(\{"id":")[0-9a-z]{10}""#, "$1[run]\""),
    (r"(?m)^(SHELL USER  ).*", "$1[shell user]"),
    (r#"("run(_id)?":\s*")[0-9a-z]{10}""#, "$1[run]\""),
    (r#"("shell_user":\s*")[^"]*""#, "$1[shell user]\""),
];

static FILTERS: LazyLock<Vec<(Regex, &str)>> =
    LazyLock::new(|| VARYING.iter().map(|(find, word)| (Regex::new(find).unwrap(), *word)).collect());

static TIME: LazyLock<Regex> = LazyLock::new(|| Regex::new(A_TIME).unwrap());

/// The day of the clock.
static TODAY: LazyLock<Regex> = LazyLock::new(|| Regex::new(r"\btoday is \d{4}-\d\d-\d\d\b").unwrap());

/// The heading of a table's column of times: what is before it, its name, the room behind.
static TIME_COLUMN: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r"^((?:.* {2})?)((?:[A-Z]+ )?AT)( {2,})\S").unwrap());

/// A folder with a store, a key and a home; gone when dropped.
pub(crate) struct Board {
    folder: TempDir,
}

impl Board {
    /// A board whose store holds the company `Acme Bank` and its superuser Ada, in the time zone of Kyiv.
    pub(crate) fn new() -> Self {
        let board = Self::without_store();
        for file in STORE_AND_KEY {
            fs::copy(TEMPLATE.join(file), board.path(file)).unwrap();
        }
        board
    }

    /// A board on which no store was made yet.
    pub(crate) fn without_store() -> Self {
        let board = Self { folder: tempfile::tempdir().unwrap() };
        board.write("secboard.toml", "");
        board
    }

    /// A file on the board.
    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Puts a file on the board; commands find it under its name alone.
    pub(crate) fn write(&self, name: &str, contents: impl AsRef<[u8]>) {
        fs::write(self.path(name), contents).unwrap();
    }

    /// Runs `secboard` with these arguments, quoted as in a shell.
    pub(crate) fn run(&self, arguments: &str) -> Ran {
        self.run_with_input(arguments, "")
    }

    /// Runs `secboard` with this text on standard input.
    pub(crate) fn run_with_input(&self, arguments: &str, input: &str) -> Ran {
        let mut command = self.command(arguments);
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        // A command that does not read its input may have ended before it is written.
        child.stdin.take().unwrap().write_all(input.as_bytes()).ok();
        self.ran(arguments, child)
    }

    /// Runs an import of ever more people from standard input, and presses Ctrl-C in the middle of it.
    pub(crate) fn interrupted_import(&self, arguments: &str) -> Ran {
        let mut command = self.command(arguments);
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        let mut input = child.stdin.take().unwrap();
        writeln!(input, "email,first_name,last_name,company").unwrap();
        // A pipe holds far fewer rows: when the last of these is written, the command reads.
        for row in 0..5000 {
            writeln!(input, "p{row}@acme.example,A,B,Acme Bank").unwrap();
        }
        kill_process(Pid::from_child(&child), Signal::INT).unwrap();
        let mut row = 5000;
        while writeln!(input, "p{row}@acme.example,A,B,Acme Bank").is_ok() {
            row += 1;
        }
        self.ran(arguments, child)
    }

    /// What a started command did, when it has ended.
    fn ran(&self, arguments: &str, child: Child) -> Ran {
        let output = child.wait_with_output().unwrap();
        Ran {
            command: arguments.to_owned(),
            stdout: String::from_utf8(output.stdout).unwrap(),
            stderr: String::from_utf8(output.stderr).unwrap(),
            code: output.status.code(),
            folder: self.folder.path().to_owned(),
        }
    }

    /// The id of the run that was made last.
    pub(crate) fn newest_run(&self) -> String {
        let runs = self.run("run list --limit 1 -o json").ok().json();
        runs.pointer("/0/id").and_then(Value::as_str).unwrap().to_owned()
    }

    /// What these columns say of somebody, as a line of CSV.
    pub(crate) fn shown(&self, email: &str, columns: &str) -> String {
        let shown = self.run(&format!("user show {email} -o csv --columns {columns}")).ok().stdout;
        shown.lines().nth(1).unwrap().to_owned()
    }

    /// Runs a command that was prepared by the test, without anything on its standard input.
    pub(crate) fn run_command(&self, arguments: &str, mut command: Command) -> Ran {
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        self.ran(arguments, command.spawn().unwrap())
    }

    /// Runs `secboard` with a standard output that nobody reads any more.
    pub(crate) fn run_unread(&self, arguments: &str) -> Ran {
        let mut command = self.command(arguments);
        let (reader, writer) = std::io::pipe().unwrap();
        drop(reader);
        command.stdin(Stdio::null()).stdout(writer).stderr(Stdio::piped());
        let child = command.spawn().unwrap();
        self.ran(arguments, child)
    }

    /// Runs a line that was printed to be copied, `secboard …`, in a shell.
    pub(crate) fn run_in_sh(&self, line: &str) -> Ran {
        let secboard = self.command("");
        let mut sh = Command::new("sh");
        sh.args(["-c", &format!("secboard() {{ \"$0\" \"$@\"; }}; {line}")]).arg(secboard.get_program());
        sh.current_dir(self.folder.path()).env_clear();
        sh.envs(secboard.get_envs().filter_map(|(name, value)| Some((name, value?))));
        self.run_command(line, sh)
    }

    /// The command that [`Board::run`] would run, for tests that need another standard output or a signal.
    pub(crate) fn command(&self, arguments: &str) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_secboard"));
        command
            .args(words(arguments))
            .current_dir(self.folder.path())
            .env_clear()
            .envs(clock::variables())
            .env("HOME", self.folder.path())
            .env("SECBOARD_STORE", self.path("secboard.db"))
            .env("SECBOARD_CONFIG", self.path("secboard.toml"))
            .env("COLUMNS", "80")
            .env("LANG", "C.UTF-8")
            .env("TZ", "UTC");
        command
    }
}

/// What a command printed, and how it ended.
#[derive(Debug)]
pub(crate) struct Ran {
    command: String,
    /// Standard output as it came.
    pub(crate) stdout: String,
    /// Standard error as it came.
    pub(crate) stderr: String,
    /// The exit code; none when a signal ended it.
    pub(crate) code: Option<i32>,
    folder: PathBuf,
}

impl Ran {
    /// Insists that the command succeeded.
    #[track_caller]
    pub(crate) fn ok(self) -> Self {
        assert_eq!(self.code, Some(0), "`secboard {}` failed:\n{}", self.command, self.stderr);
        self
    }

    /// Standard output as one JSON document.
    #[track_caller]
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.stdout).unwrap_or_else(|error| panic!("{error}: {}", self.stdout))
    }

    /// Standard error as one JSON document.
    #[track_caller]
    pub(crate) fn json_error(&self) -> Value {
        serde_json::from_str(&self.stderr).unwrap_or_else(|error| panic!("{error}: {}", self.stderr))
    }
}

/// The whole outcome, with words for what varies: standard output, then standard error and the exit code where there is
/// something to say. A day stays that the command was told with `--now`.
impl fmt::Display for Ran {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut text = self.stdout.clone();
        if !self.stderr.is_empty() {
            text.push_str("------- stderr -------\n");
            text.push_str(&self.stderr);
        }
        match self.code {
            Some(0) => {}
            Some(code) => writeln!(text, "[exit status: {code}]")?,
            None => text.push_str("[ended by a signal]\n"),
        }
        if !self.command.contains("--now ") {
            text = TODAY.replace_all(&text, "today is [today]").into_owned();
        }
        f.write_str(&steady(&text, &self.folder))
    }
}

/// The text with words for what varies between two runs.
fn steady(text: &str, folder: &Path) -> String {
    let mut text = narrow_times(&text.replace(&folder.display().to_string(), "[board]"));
    for (find, word) in FILTERS.iter() {
        text = find.replace_all(&text, *word).into_owned();
    }
    text
}

/// A table whose column of times is as wide in every run: a time has as many digits of a second as it needs.
fn narrow_times(text: &str) -> String {
    let Some(found) = TIME_COLUMN.captures(text.lines().next().unwrap_or_default()) else {
        return text.to_owned();
    };
    let (start, width) = (found[1].chars().count(), found[2].chars().count() + found[3].chars().count());
    let mut narrow = String::new();
    for line in text.split_inclusive('\n') {
        let cell: String = line.chars().skip(start).take(width).collect();
        if cell.starts_with(&found[2]) || TIME.is_match(&cell) {
            narrow.extend(line.chars().take(start));
            let cell = TIME.replace(cell.trim_end(), "[time]");
            write!(narrow, "{cell:<12}").unwrap();
            narrow.extend(line.chars().skip(start + width));
        } else {
            narrow.push_str(line);
        }
    }
    narrow
}

/// A folder with a fresh store and its key, made once for each build of the command, and each shift of its clock. It lies
/// among what is built, because nobody is left at the end of a test to remove what it shares with all others.
static TEMPLATE: LazyLock<PathBuf> = LazyLock::new(|| {
    let built = fs::metadata(env!("CARGO_BIN_EXE_secboard")).unwrap().modified().unwrap();
    let shelf = Path::new(env!("CARGO_TARGET_TMPDIR"));
    let built = built.duration_since(UNIX_EPOCH).unwrap().as_nanos();
    let template = shelf.join(format!("board-{built}{}", clock::shift()));
    if !template.exists() {
        let board = Board::without_store();
        let init = format!(
            "init --email {SUPERUSER} --first-name Ada --last-name Admin --company 'Acme Bank' \
             --time-zone Europe/Kyiv --password-stdin --no-input"
        );
        board.run_with_input(&init, PASSWORD).ok();
        put(&board, shelf, &template);
    }
    template
});

/// Puts what a board holds under the name `template`, whole or not at all, in place of those of earlier builds. Of many
/// tests that do so at once one does.
fn put(board: &Board, shelf: &Path, template: &Path) {
    for earlier in fs::read_dir(shelf).unwrap().map(|entry| entry.unwrap().path()) {
        let name = earlier.file_name().unwrap().to_string_lossy().into_owned();
        if name.starts_with("board-") && earlier != template {
            fs::remove_dir_all(earlier).ok();
        }
    }
    let copy = tempfile::tempdir_in(shelf).unwrap();
    for file in STORE_AND_KEY {
        fs::copy(board.path(file), copy.path().join(file)).unwrap();
    }
    if fs::rename(copy.path(), template).is_err() {
        assert!(template.exists(), "the template cannot be put in its place");
    }
}

/// The words of a command line, with `'…'` and `"…"` around those that hold spaces.
fn words(line: &str) -> Vec<String> {
    let mut words = Vec::new();
    let mut word: Option<String> = None;
    let mut quote = None;
    for character in line.chars() {
        match (quote, character) {
            (Some(open), _) if open == character => quote = None,
            (None, '\'' | '"') => {
                quote = Some(character);
                word.get_or_insert_default();
            }
            (None, ' ') => words.extend(word.take()),
            _ => word.get_or_insert_default().push(character),
        }
    }
    assert!(quote.is_none(), "a quote is not closed: {line}");
    words.extend(word);
    words
}

#[test]
fn words_are_split_as_a_shell_does() {
    assert_eq!(words(r#"a  'b c' "d'e" f'g'h '' "#), ["a", "b c", "d'e", "fgh", ""]);
}

#[test]
#[expect(clippy::disallowed_methods, reason = "the clock is what is tested")]
fn a_command_sees_the_time_that_its_test_sees() {
    let board = Board::new();
    let before = Timestamp::now();
    board.run("company create Globex").ok();
    let rows = board.run("audit list --action company.create --limit 1 -o json").ok().json();
    let at: Timestamp = rows[0]["at"].as_str().unwrap().parse().unwrap();
    assert!((before..=Timestamp::now()).contains(&at), "{at}");
}

#[test]
fn what_tests_share_is_not_left_in_the_temporary_folder() {
    let board = Board::new();
    assert!(board.path("secboard.db").exists());
    assert!(TEMPLATE.starts_with(env!("CARGO_TARGET_TMPDIR")));
}
