//! `secboard mail send`.

use std::path::PathBuf;

use clap::Args;

use crate::cli::output::record;
use crate::cli::{App, Outcome, path};
use crate::error::{Failure, Result};
use crate::mail::send::{self, Error, File, Letter, MAX_BYTES, MAX_TEXT};
use crate::tabular::{FileOrStream, InputError, Source};

#[derive(Debug, Args)]
pub(crate) struct Send {
    /// Whom it is to
    #[arg(long, value_name = "EMAIL")]
    to: String,
    /// The subject, one line
    #[arg(long)]
    subject: String,
    /// The text, in UTF-8; standard input unless given
    #[arg(long, value_name = "FILE", default_value = "-", hide_default_value = true)]
    text: FileOrStream,
    /// A file that goes with it; several times for several
    #[arg(long = "attach", value_name = "FILE", value_parser = path())]
    files: Vec<PathBuf>,
    /// What it is for, by which its account is chosen; message unless given. What secboard itself sends for is a superuser's
    #[arg(long, value_name = "WORD")]
    feature: Option<String>,
    /// For which company it is sent
    #[arg(long)]
    company: Option<String>,
    /// Where answers go, if elsewhere than those to the account
    #[arg(long, value_name = "EMAIL")]
    reply_to: Option<String>,
}

record! {
    /// A queued mail as it is printed.
    QueuedRow, table ["id"] {
        /// Its id.
        id: String,
        /// `queued`.
        state: &'static str,
    }
}

/// Queues a mail.
pub(super) fn run(app: &App, arguments: Send) -> Result<Outcome> {
    let cx = app.writer()?;
    let text = Source::named(&arguments.text).read(MAX_TEXT + 1)?;
    if text.len() as u64 > MAX_TEXT {
        return Err(Error::TextTooLong.into());
    }
    let text = String::from_utf8(text).map_err(|_| Error::TextNotUtf8)?;
    // Editors of Windows put a mark in front of it that is no part of the text.
    let text = text.strip_prefix('\u{FEFF}').map(str::to_owned).unwrap_or(text);
    let letter = Letter {
        to: arguments.to,
        subject: arguments.subject,
        text,
        files: read_files(&arguments.files)?,
        feature: arguments.feature,
        company: arguments.company,
        reply_to: arguments.reply_to,
    };
    let queued = send::send(&cx, &letter)?;
    let id = &queued.id;
    if !cx.dry_run {
        let printed = if app.out.is_table() && app.out.columns.is_none() {
            app.out.value(id)
        } else {
            app.out.object(&QueuedRow { id: id.clone(), state: "queued" })
        };
        if printed.is_err() {
            // Whoever tries again would send it twice.
            app.out.say(&format!("the mail `{id}` is queued all the same"));
        }
        printed?;
    }
    app.done(&format!("queued a mail to {}", letter.to));
    if let Some(told) = queued.told() {
        app.out.say(&told);
    }
    Ok(Outcome::Done)
}

/// A file that is not there is told as one to attach: `-` is none.
fn attached(failure: InputError) -> Failure {
    match failure {
        InputError::Missing { file } => Error::NoFile { file }.into(),
        failure => failure.into(),
    }
}

/// Files whole, as long as a mail can carry them.
fn read_files(paths: &[PathBuf]) -> Result<Vec<File>> {
    let mut files = Vec::new();
    let mut bytes = 0;
    send::check_files(paths.len(), bytes)?;
    for path in paths {
        let name = path.file_name().unwrap_or_default();
        let unreadable = || Error::NameNotUtf8 { name: name.to_string_lossy().into_owned() };
        let name = name.to_str().ok_or_else(unreadable)?.to_owned();
        let contents = Source::named(&FileOrStream::from(path)).read(MAX_BYTES + 1).map_err(attached)?;
        bytes += contents.len() as u64;
        send::check_files(paths.len(), bytes)?;
        files.push(File { name, bytes: contents.into() });
    }
    Ok(files)
}
