//! Questions to the person: only on a terminal, only for what is missing.

use std::io::{self, IsTerminal as _, Read as _};

use dialoguer::{Confirm, Input, Password};

use super::App;
use crate::error::{Explain, Kind, Result};
use crate::text::secret::Secret;

/// The longest secret that is read from standard input, in bytes.
const LONGEST_SECRET: u64 = 4096;

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
            Self::Interrupted => "interrupted",
            Self::Input { .. } => "prompt.input",
            Self::NotASecret { .. } => "prompt.not_a_secret",
        }
    }

    fn kind(&self) -> Kind {
        match self {
            Self::NobodyToAsk { .. } => Kind::Usage,
            Self::NotConfirmed => Kind::No,
            Self::Interrupted => Kind::Interrupted,
            Self::Input { .. } => Kind::Io,
            Self::NotASecret { .. } => Kind::Refused,
        }
    }

    fn hint(&self) -> Option<String> {
        match self {
            Self::NobodyToAsk { flag, .. } => Some(format!("give `{flag}`")),
            Self::NotASecret { .. } => Some("give one line of UTF-8".to_owned()),
            Self::NotConfirmed | Self::Interrupted | Self::Input { .. } => None,
        }
    }
}

impl From<dialoguer::Error> for Error {
    fn from(dialoguer::Error::IO(source): dialoguer::Error) -> Self {
        if source.kind() == io::ErrorKind::Interrupted { Self::Interrupted } else { Self::Input { source } }
    }
}

/// Asks whether to go on; `--yes` and `--dry-run` answer it.
pub(crate) fn confirm(app: &App, question: &str) -> Result<()> {
    if app.globals.yes || app.globals.dry_run {
        return Ok(());
    }
    let what = format!("a confirmation (“{question}”)");
    can_ask(app, what, "--yes")?;
    let yes = Confirm::new().with_prompt(question).default(false).interact().map_err(Error::from)?;
    if yes { Ok(()) } else { Err(Error::NotConfirmed.into()) }
}

/// The value of a flag, or the answer to a question when it was not given.
pub(crate) fn ask(app: &App, given: Option<String>, what: &str, flag: &'static str) -> Result<String> {
    if let Some(value) = given {
        return Ok(value);
    }
    can_ask(app, format!("the {}", what.to_lowercase()), flag)?;
    Ok(Input::<String>::new().with_prompt(what).interact_text().map_err(Error::from)?)
}

/// Asks for a new password, twice.
pub(crate) fn ask_new_password(app: &App, flag: &'static str) -> Result<Secret> {
    can_ask(app, "the password".to_owned(), flag)?;
    let password = Password::new()
        .with_prompt("New password")
        .with_confirmation("New password again", "The two differ; once more, please")
        .interact()
        .map_err(Error::from)?;
    Ok(Secret::new(password))
}

/// Reads a password from standard input: one line, without its end.
pub(crate) fn secret_from_stdin() -> Result<Secret> {
    let mut bytes = Vec::new();
    let mut input = io::stdin().lock().take(LONGEST_SECRET + 1);
    input.read_to_end(&mut bytes).map_err(|source| Error::Input { source })?;
    if bytes.len() as u64 > LONGEST_SECRET {
        return Err(Error::NotASecret { reason: "it is too long" }.into());
    }
    let mut text = String::from_utf8(bytes).map_err(|_| Error::NotASecret { reason: "it is not UTF-8" })?;
    if text.ends_with('\n') {
        text.pop();
        if text.ends_with('\r') {
            text.pop();
        }
    }
    match text.as_str() {
        "" => Err(Error::NotASecret { reason: "it is empty" }.into()),
        line if line.contains(['\n', '\r', '\0']) => {
            Err(Error::NotASecret { reason: "it has more than one line" }.into())
        }
        _ => Ok(Secret::new(text)),
    }
}

/// Whether a person can be asked.
pub(crate) fn is_possible(app: &App) -> bool {
    !app.globals.no_input && io::stdin().is_terminal() && io::stderr().is_terminal()
}

fn can_ask(app: &App, what: String, flag: &'static str) -> Result<(), Error> {
    if is_possible(app) { Ok(()) } else { Err(Error::NobodyToAsk { what, flag }) }
}
