//! Questions to the person: only on a terminal, only for what is missing.

use std::fs::File;
use std::io::{self, IsTerminal as _, Read, Write as _};
use std::os::fd::AsFd as _;

use dialoguer::Input;
use dialoguer::console::Term;
use rustix::termios::{LocalModes, OptionalActions, SpecialCodeIndex, Termios, tcgetattr, tcsetattr};
use zeroize::Zeroizing;

use super::{App, output, stop};
use crate::context::Context;
use crate::error::{Explain, Kind, Result};
use crate::text::secret::Secret;
use crate::text::width::sanitize_for_terminal;

/// The longest secret that is read from standard input, in bytes.
const LONGEST_SECRET: usize = 4096;

/// What Ctrl-C types.
const CTRL_C: u8 = 3;

/// A question that got no answer.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Error {
    /// There is nobody to ask.
    #[error("{what} is missing, and there is no terminal to ask on")]
    NobodyToAsk {
        /// What would have been asked.
        what: String,
        /// The flag that answers it.
        flag: &'static str,
    },
    /// The person said no.
    #[error("not confirmed; nothing was changed")]
    NotConfirmed,
    /// The person ended the input, with Ctrl-D, before there was an answer.
    #[error("no answer; nothing was changed")]
    NoAnswer,
    /// The terminal went away or Ctrl-C was pressed.
    #[error("interrupted; nothing was changed")]
    Interrupted,
    /// Standard input could not be read.
    #[error("cannot read standard input")]
    Input {
        /// Why.
        source: io::Error,
    },
    /// A secret on standard input is no text, or too long.
    #[error("what came on standard input is no password: {reason}")]
    NotASecret {
        /// Why.
        reason: &'static str,
    },
}

impl Explain for Error {
    fn code(&self) -> &'static str {
        match self {
            Self::NobodyToAsk { .. } => "prompt.nobody_to_ask",
            Self::NotConfirmed => "prompt.not_confirmed",
            Self::NoAnswer => "prompt.no_answer",
            Self::Interrupted => "interrupted",
            Self::Input { .. } => "prompt.input",
            Self::NotASecret { .. } => "prompt.not_a_secret",
        }
    }

    fn kind(&self) -> Kind {
        match self {
            Self::NobodyToAsk { .. } => Kind::Usage,
            Self::NotConfirmed | Self::NoAnswer => Kind::No,
            Self::Interrupted => Kind::Interrupted,
            Self::Input { .. } => Kind::Io,
            Self::NotASecret { .. } => Kind::Refused,
        }
    }

    fn advice(&self) -> Option<String> {
        match self {
            Self::NobodyToAsk { flag, .. } => Some(format!("give `{flag}`")),
            Self::NotASecret { .. } => Some("give one line of UTF-8".to_owned()),
            Self::NotConfirmed | Self::NoAnswer | Self::Interrupted | Self::Input { .. } => None,
        }
    }
}

impl From<dialoguer::Error> for Error {
    fn from(dialoguer::Error::IO(source): dialoguer::Error) -> Self {
        match source.kind() {
            io::ErrorKind::Interrupted => Self::Interrupted,
            io::ErrorKind::UnexpectedEof => Self::NoAnswer,
            _ => Self::Input { source },
        }
    }
}

/// Asks whether to go on; `--yes` and `--dry-run` answer it. Returns whether somebody did.
pub(crate) fn confirm(app: &App, question: &str) -> Result<bool> {
    if !asks(app) {
        return Ok(false);
    }
    let what = format!("a confirmation (“{question}”)");
    can_ask(app, what, "--yes")?;
    let answer = yes_or_no(&sanitize_for_terminal(&app.out.clocks.in_text(question)));
    if answer.is_err() {
        writeln!(io::stderr()).ok();
    }
    match answer {
        Ok(true) => Ok(true),
        Ok(false) | Err(Error::NoAnswer) => Err(Error::NotConfirmed.into()),
        Err(error) => Err(error.into()),
    }
}

/// Whether a question is asked at all: with `--yes` it is answered, and a dry run needs no answer.
pub(crate) const fn asks(app: &App) -> bool {
    !(app.globals.yes || app.globals.dry_run)
}

/// Asks whether to go on with what can be done: it is rehearsed first, so that nobody is asked about what is refused. What
/// is done after the answer is what was rehearsed, or nothing.
pub(crate) fn confirm_rehearsed<T>(
    app: &App,
    cx: &mut Context,
    work: impl FnOnce(&Context) -> Result<T>,
    question: impl FnOnce(&T) -> String,
) -> Result<()> {
    if !asks(app) {
        return Ok(());
    }
    let (rehearsed, meanings) = cx.rehearse(work)?;
    confirm(app, &question(&rehearsed))?;
    cx.asked.promise_rehearsed(meanings);
    Ok(())
}

/// A whole line, of which `y` and `yes` alone mean yes. What was typed before the question could be read is no answer to
/// it and is thrown away, such as the rest of a text that was pasted.
fn yes_or_no(question: &str) -> Result<bool, Error> {
    let failed = |source| Error::Input { source };
    let terminal = Asked::start(LocalModes::ISIG).map_err(failed)?;
    write!(io::stderr(), "{question} [y/N] ").map_err(failed)?;
    let line = terminal.line().map_err(failed)?;
    drop(terminal);
    match line.strip_suffix(b"\n") {
        Some(answer) => Ok(matches!(answer.trim_ascii().to_ascii_lowercase().as_slice(), b"y" | b"yes")),
        None if line.last() == Some(&CTRL_C) => Err(Error::Interrupted),
        None => Err(Error::NoAnswer),
    }
}

/// The value of a flag, or the answer to a question when it was not given.
pub(crate) fn ask(app: &App, given: Option<String>, what: &str, flag: &'static str) -> Result<String> {
    if let Some(value) = given {
        return Ok(value);
    }
    can_ask(app, format!("the {}", what.to_lowercase()), flag)?;
    Ok(answer(|| Input::<String>::new().with_prompt(what).interact_text())?)
}

/// The answer to a question. One that ends with Ctrl-C leaves the terminal as it was: a question hides the cursor and
/// does not show it again when it fails.
fn answer<T>(question: impl FnOnce() -> dialoguer::Result<T>) -> Result<T, Error> {
    let failed = |source| Error::Input { source };
    let righting = Terminal::as_it_is().and_then(Terminal::righted_at_the_end).map_err(failed)?;
    let held = stop::hold();
    let answer = question();
    drop((held, righting));
    if answer.is_err() {
        Term::stderr().show_cursor().ok();
        writeln!(io::stderr()).ok();
    }
    Ok(answer?)
}

/// Asks for something that is kept secret, once: what is wrong with it will be seen.
pub(crate) fn ask_secret(app: &App, what: &str, flag: &'static str) -> Result<Secret> {
    can_ask(app, format!("the {}", what.to_lowercase()), flag)?;
    Ok(Secret::new(hidden_line(what)?.to_string()))
}

/// Asks for something new that is kept secret, twice.
pub(crate) fn ask_new_secret(app: &App, what: &str, flag: &'static str) -> Result<Secret> {
    can_ask(app, format!("the {what}"), flag)?;
    loop {
        let secret = hidden_line(&format!("New {what}"))?;
        if *secret == *hidden_line(&format!("New {what} again"))? {
            return Ok(Secret::new(secret.to_string()));
        }
        writeln!(io::stderr(), "The two differ; once more, please").ok();
    }
}

/// Asks for a line that is not shown as it is typed, until there is one.
fn hidden_line(question: &str) -> Result<Zeroizing<String>, Error> {
    let failed = |source| Error::Input { source };
    loop {
        let terminal = Asked::start(LocalModes::ECHO | LocalModes::ISIG).map_err(failed)?;
        write!(io::stderr(), "{question}: ").map_err(failed)?;
        let line = terminal.line();
        drop(terminal);
        writeln!(io::stderr()).ok();
        let line = line.map_err(failed)?;
        match line.strip_suffix(b"\n") {
            Some(b"") => {}
            Some(line) => {
                let text = std::str::from_utf8(line);
                let text = text.map_err(|_| Error::NotASecret { reason: "it is not UTF-8" })?;
                return Ok(Zeroizing::new(text.to_owned()));
            }
            None if line.last() == Some(&CTRL_C) => return Err(Error::Interrupted),
            None => return Err(Error::NoAnswer),
        }
    }
}

/// The terminal of standard input while it answers a question; dropped, or when a signal ends the process meanwhile, it is
/// as it was before.
struct Asked {
    terminal: Terminal,
    _righting: stop::Righting,
}

impl Asked {
    /// Without some modes. Ctrl-C ends the line here instead of the process, which would leave the terminal so.
    fn start(without: LocalModes) -> io::Result<Self> {
        let terminal = Terminal::as_it_is()?;
        let righting = Terminal::as_it_is()?.righted_at_the_end()?;
        let mut asking = terminal.before.clone();
        asking.local_modes.remove(without);
        asking.special_codes[SpecialCodeIndex::VEOL] = CTRL_C;
        tcsetattr(&terminal.input, OptionalActions::Flush, &asking)?;
        Ok(Self { terminal, _righting: righting })
    }

    /// One line with its end; without one when Ctrl-C, Ctrl-D or a closed terminal ended it.
    fn line(&self) -> io::Result<Zeroizing<Vec<u8>>> {
        let mut line = Zeroizing::new(vec![0; LONGEST_SECRET]);
        let mut length = 0;
        loop {
            // A terminal takes no longer lines than there is room for.
            let count = (&self.terminal.input).read(line.get_mut(length..).unwrap_or_default())?;
            length += count;
            if count == 0 || matches!(line.get(..length), Some([.., b'\n' | CTRL_C])) {
                line.truncate(length);
                return Ok(line);
            }
        }
    }
}

impl Drop for Asked {
    fn drop(&mut self) {
        self.terminal.put_back();
    }
}

/// The terminal of standard input, and how it is now.
struct Terminal {
    input: File,
    before: Termios,
}

impl Terminal {
    fn as_it_is() -> io::Result<Self> {
        let input = File::from(io::stdin().as_fd().try_clone_to_owned()?);
        let before = tcgetattr(&input)?;
        Ok(Self { input, before })
    }

    fn put_back(&self) {
        tcsetattr(&self.input, OptionalActions::Flush, &self.before).ok();
    }

    /// Puts it back should a signal end the process.
    fn righted_at_the_end(self) -> io::Result<stop::Righting> {
        stop::put_right_at_the_end(move || {
            Term::stderr().show_cursor().ok();
            // At once: what was written may wait for a terminal that nobody reads any more.
            tcsetattr(&self.input, OptionalActions::Now, &self.before).ok();
        })
    }
}

/// Reads a password from standard input: one line, without its end. Somebody at a terminal is told that it waits for them.
pub(crate) fn secret_from_stdin() -> Result<Secret> {
    if io::stdin().is_terminal() {
        let told = "reading the password from the terminal, where it shows: one line, Enter and Ctrl-D\n";
        io::stderr().write_all(told.as_bytes()).ok();
    }
    // Past the lock of standard input, whose buffer nobody wipes.
    let input = io::stdin().as_fd().try_clone_to_owned().map_err(|source| Error::Input { source })?;
    Ok(read_secret(File::from(input))?)
}

/// Every buffer that the secret passes through is wiped, and has room for all of it: one that grows leaves copies behind.
fn read_secret(input: impl Read) -> Result<Secret, Error> {
    let longest = LONGEST_SECRET + 1;
    let mut bytes = Zeroizing::new(Vec::with_capacity(2 * longest));
    input.take(longest as u64).read_to_end(&mut bytes).map_err(|source| Error::Input { source })?;
    if bytes.len() > LONGEST_SECRET {
        return Err(Error::NotASecret { reason: "it is too long" });
    }
    let text = std::str::from_utf8(&bytes).map_err(|_| Error::NotASecret { reason: "it is not UTF-8" })?;
    let line = text.strip_suffix('\n').map_or(text, |line| line.strip_suffix('\r').unwrap_or(line));
    if line.is_empty() {
        return Err(Error::NotASecret { reason: "it is empty" });
    }
    if line.contains(['\n', '\r', '\0']) {
        return Err(Error::NotASecret { reason: "it has more than one line" });
    }
    Ok(Secret::new(line.to_owned()))
}

/// Whether a person can be asked.
pub(crate) fn is_possible(app: &App) -> bool {
    !app.globals.no_input && io::stdin().is_terminal() && io::stderr().is_terminal()
}

/// Refuses to ask where nobody can be asked, or where what the question is about could not be written above it.
fn can_ask(app: &App, what: String, flag: &'static str) -> Result<()> {
    output::settle()?;
    if is_possible(app) { Ok(()) } else { Err(Error::NobodyToAsk { what, flag }.into()) }
}

#[cfg(test)]
mod tests {
    use super::{LONGEST_SECRET, read_secret};

    fn read(bytes: &[u8]) -> Result<String, String> {
        read_secret(bytes).map(|secret| secret.expose().to_owned()).map_err(|error| error.to_string())
    }

    #[test]
    fn a_secret_is_one_line_without_its_end() {
        for bytes in ["tulip orbit", "tulip orbit\n", "tulip orbit\r\n"] {
            assert_eq!(read(bytes.as_bytes()), Ok("tulip orbit".to_owned()));
        }
        assert_eq!(read(&[b'x'; LONGEST_SECRET]).map(|secret| secret.len()), Ok(LONGEST_SECRET));
    }

    #[test]
    fn d10_what_is_no_line_of_text_is_refused() {
        let long = [b'x'; LONGEST_SECRET + 1];
        let bad: [(&[u8], &str); 6] = [
            (b"", "empty"),
            (b"\n", "empty"),
            (b"a\nb", "more than one line"),
            (b"a\0", "more than one line"),
            (b"\xff", "not UTF-8"),
            (&long, "too long"),
        ];
        for (bytes, reason) in bad {
            assert!(read(bytes).unwrap_err().contains(reason), "{reason}");
        }
    }
}
