//! Mails by a local program that takes them as sendmail does.
//!
//! It is called by its path with its own arguments, then `-i` (a dot alone ends nothing), `-f` and the sender, `--` and
//! the recipient: no shell, no environment but a path, and no terminal. The mail is its standard input. How it exits says
//! whose the failure is, by the numbers of `sysexits.h`.

use std::fs::File;
use std::io::{self, PipeReader, Read as _, Seek as _, SeekFrom};
use std::path::Path;
use std::process::{ExitStatus, Stdio};
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process_group};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::unix::pipe::Sender;
use tokio::process::{Child, Command};
use zeroize::Zeroizing;

use super::failure::{Cause, Failure, Whose};
use super::reply::shown;
use super::walk::{Step, Walk};
use crate::mail::message::compose::Composed;
use crate::mail::server::check_closed;
use crate::text::secret::Secret;
use crate::tls::Seconds;

/// What starts the program in a session of its own, of util-linux: in that of this process it could type into the terminal
/// that root works at.
const SETSID: &str = "/usr/bin/setsid";

/// What a program's exit says that was not started: as in shells, and of [`SETSID`].
const NOT_STARTED: [i32; 2] = [126, 127];

/// The path that the program finds others by.
const PATH: &str = "/usr/sbin:/usr/bin:/sbin:/bin";

/// The most bytes of what it says that are read.
const MAX_WORDS: u64 = 4096;

/// The most bytes of a token.
const MAX_TOKEN: usize = 16 << 10;

/// A program with all that it starts, which ends with it where it is dropped before its end. What a program leaves behind
/// that came to its end, such as a queue of its own, goes on.
struct Group(Child);

impl Group {
    /// Starts it as a session of its own, with an environment of nothing but a path.
    fn spawn(mut command: Command) -> io::Result<Self> {
        let spawned = command.env_clear().env("PATH", PATH).current_dir("/").kill_on_drop(true).spawn();
        let unstarted = |error: io::Error| io::Error::new(error.kind(), format!("`{SETSID}`: {error}"));
        spawned.map(Self).map_err(unstarted)
    }
}

/// The command that starts a program: it becomes that program in a new session, whose number is that of its process.
fn command_of(program: &[String]) -> Command {
    let mut command = Command::new(SETSID);
    command.args(program);
    command
}

impl Drop for Group {
    fn drop(&mut self) {
        // The id is known until it has ended and was waited for, and so is nobody else's.
        let id = self.0.id().and_then(|id| Pid::from_raw(id.try_into().ok()?));
        if let Some(id) = id {
            kill_process_group(id, Signal::KILL).ok();
        }
    }
}

/// Hands a mail to the program. What it says may quote the mail, and is told only where that is no secret.
pub(super) async fn run(
    command: &[String],
    mail: &Composed,
    (patience, is_told): (Duration, bool),
    walk: &mut Walk,
) -> Result<String, Failure> {
    let begun = Instant::now();
    check(command, &mut Walk::default())?;
    let unstarted = |error: io::Error| local(Whose::Account, format!("the program cannot be run: {error}"));
    // A file, not a pipe: what the program leaves running behind it may keep its end open for ever.
    let words = tempfile::tempfile().map_err(unstarted)?;
    let (mut child, pipe) =
        words.try_clone().and_then(|words| start(command, mail, words)).map_err(unstarted)?;
    let input = mail.bytes.split(|byte| *byte == b'\r').collect::<Vec<_>>().concat();
    // Its end, if it takes longer, comes when it is dropped.
    let Ok(ended) = tokio::time::timeout(patience, feed(&mut child.0, pipe, &input)).await else {
        let cause = Cause::TimedOut { after: patience };
        return Err(Failure { step: Step::Local, cause, whose: Whose::Unknown });
    };
    let (status, is_read) = ended.map_err(|error| local(Whose::Unknown, format!("the program: {error}")))?;
    let words = |code| match said(words) {
        Ok(words) if is_told => format!(": {words}"),
        _ => format!(" ({})", meaning(code)),
    };
    let code = status.code();
    match code {
        Some(0) if !is_read => {
            Err(local(Whose::Account, "the program ended well without reading the mail".to_owned()))
        }
        Some(0) => {
            walk.went(Step::Local, "the program took it", begun.elapsed());
            Ok("the program took it".to_owned())
        }
        Some(ended) if NOT_STARTED.contains(&ended) => {
            Err(local(Whose::Account, format!("the program cannot be run{}", words(ended))))
        }
        Some(code) => Err(local(whose(code), format!("the program ended with {code}{}", words(code)))),
        None => Err(local(Whose::Unknown, "the program was ended by a signal".to_owned())),
    }
}

/// What a program prints: the token that an account logs in with.
pub(crate) async fn token_of(command: &[String], patience: Duration) -> Result<Secret, Failure> {
    let failed =
        |what: String| Failure { step: Step::Auth, cause: Cause::Local { what }, whose: Whose::Account };
    check(command, &mut Walk::default()).map_err(|failure| failed(failure.cause.to_string()))?;
    let asked = tokio::time::timeout(patience, ask(command)).await;
    let endless = |_| failed(format!("the command of the token does not end within {}", Seconds(patience)));
    let (status, words) = asked
        .map_err(endless)?
        .map_err(|error| failed(format!("the command of the token cannot be run: {error}")))?;
    // It may fail for that nobody reads on.
    if words.len() >= MAX_TOKEN {
        return Err(failed("the command of the token prints more than a token can have".to_owned()));
    }
    let ended = status.code();
    if let Some(code) = ended.filter(|code| NOT_STARTED.contains(code)) {
        return Err(failed(format!("the command of the token cannot be run ({})", meaning(code))));
    }
    if !status.success() {
        return Err(failed(format!("the command of the token failed: {status}")));
    }
    let token = words.trim_ascii();
    let what = match std::str::from_utf8(token) {
        _ if token.is_empty() => "nothing",
        Ok(token) if token.bytes().all(|byte| byte.is_ascii_graphic()) => {
            return Ok(Secret::new(token.to_owned()));
        }
        _ if token.contains(&b'\n') => "several lines, and a token is one",
        _ => "what is no token: it has letters, digits and signs of ASCII alone, without a space",
    };
    Err(failed(format!("the command of the token prints {what}")))
}

/// Runs a program to its end; what it prints is wiped when it is dropped.
async fn ask(command: &[String]) -> io::Result<(ExitStatus, Zeroizing<Vec<u8>>)> {
    let mut command = command_of(command);
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::null());
    let mut child = Group::spawn(command)?;
    // As large as a token can be, so that it does not grow and leave copies behind.
    let mut words = Zeroizing::new(Vec::with_capacity(2 * MAX_TOKEN));
    if let Some(stdout) = child.0.stdout.take() {
        let most = u64::try_from(MAX_TOKEN).unwrap_or(u64::MAX);
        stdout.take(most).read_to_end(&mut words).await?;
    }
    Ok((child.0.wait().await?, words))
}

/// Whether there is such a program, and nobody who may not can have put it there.
pub(super) fn check(command: &[String], walk: &mut Walk) -> Result<(), Failure> {
    let program = command.first().map_or("", String::as_str);
    let is_there = Path::new(program).is_absolute() && Path::new(program).is_file();
    if !is_there {
        let what = format!("there is no program `{program}`");
        return Err(local(Whose::Account, what));
    }
    check_closed(program).map_err(|open| local(Whose::Account, open.to_string()))?;
    walk.went(Step::Local, format!("`{program}` is there"), Duration::ZERO);
    Ok(())
}

/// The pipe by which a program gets a mail: what is written, and what is still to be read when it has ended.
struct Input {
    writer: Sender,
    reader: PipeReader,
}

fn start(command: &[String], mail: &Composed, words: File) -> io::Result<(Group, Input)> {
    let (reader, writer) = io::pipe()?;
    let mut command = command_of(command);
    command
        .args(["-i", "-f"])
        .args([mail.sender.to_string(), "--".to_owned(), mail.recipient.to_string()])
        .stdin(reader.try_clone()?)
        .stdout(Stdio::null())
        .stderr(words);
    let input = Input { writer: Sender::from_owned_fd(writer.into())?, reader };
    Ok((Group::spawn(command)?, input))
}

/// Gives the mail to the program and waits for its end; also whether it read all of it.
async fn feed(child: &mut Child, pipe: Input, input: &[u8]) -> io::Result<(ExitStatus, bool)> {
    let Input { mut writer, reader } = pipe;
    let writing = async move { writer.write_all(input).await.is_ok() };
    // Nobody reads on when it has ended: it says why by how it exits.
    let (status, is_written) = tokio::select! {
        biased;
        is_written = writing => (child.wait().await?, is_written),
        status = child.wait() => (status?, false),
    };
    Ok((status, is_written && rustix::io::ioctl_fionread(&reader)? == 0))
}

/// The beginning of what the program said.
fn said(mut file: File) -> io::Result<String> {
    let mut said = Vec::new();
    file.seek(SeekFrom::Start(0))?;
    file.take(MAX_WORDS).read_to_end(&mut said)?;
    let words = String::from_utf8_lossy(&said).split_whitespace().collect::<Vec<_>>().join(" ");
    Ok(shown(&words))
}

/// By `sysexits.h`: what is wrong with the mail or its recipient, what may be better later, and all else.
const fn whose(code: i32) -> Whose {
    match code {
        65 | 67 | 68 => Whose::MailForGood,
        75 => Whose::MailForNow,
        _ => Whose::Account,
    }
}

/// What `sysexits.h` says of it.
const fn meaning(code: i32) -> &'static str {
    match code {
        64 => "it was called wrongly",
        65 => "the mail is refused",
        67 => "no such user",
        68 => "no such host",
        69 => "something it needs is not there",
        71..=74 => "the system refused something",
        75 => "put off",
        76 => "another server did not follow",
        77 => "it is not permitted",
        78 => "it is not configured right",
        126 => "the system refuses to start it",
        127 => "it, or what it is run by, is not there",
        _ => "it failed",
    }
}

fn local(whose: Whose, what: String) -> Failure {
    Failure { step: Step::Local, cause: Cause::Local { what }, whose }
}
