//! `secboard mail preview`.

use clap::Args;

use crate::cli::output::{self, record};
use crate::cli::{App, Outcome};
use crate::error::Result;
use crate::i18n::Language;
use crate::mail::preview::{Preview, preview};
use crate::text::width::sanitize_lines;

#[derive(Debug, Args)]
pub(crate) struct PreviewArgs {
    /// The message, such as password-set
    message: String,
    /// Whose mail it would be; it is not sent
    #[arg(long, value_name = "EMAIL")]
    to: String,
    /// In which language; that of the person unless given
    #[arg(long, value_enum)]
    language: Option<Language>,
    /// Print the HTML part
    #[arg(long)]
    html: bool,
}

record! {
    /// A preview as it is printed for programs.
    PreviewRow, table ["message", "language", "subject"] {
        /// The name of the message.
        message: &'static str,
        /// The language.
        language: &'static str,
        /// The subject.
        subject: String,
        /// The text part.
        text: String,
        /// The HTML part.
        html: String,
    }
}

impl From<Preview> for PreviewRow {
    fn from(preview: Preview) -> Self {
        Self {
            message: preview.message,
            language: preview.language.tag(),
            subject: preview.rendered.subject,
            text: preview.rendered.text,
            html: preview.rendered.html,
        }
    }
}

/// Shows a message as it would be.
pub(super) fn run(app: &App, arguments: &PreviewArgs) -> Result<Outcome> {
    let cx = app.reader()?;
    let templates = super::templates(app, &cx)?;
    let shown = preview(&cx, &templates, (&arguments.message, &arguments.to), arguments.language)?;
    let fault = shown.fault.as_ref().map(ToString::to_string);
    if !app.out.is_table() || app.out.columns.is_some() {
        app.out.object(&PreviewRow::from(shown))?;
    } else {
        let text = if arguments.html {
            shown.rendered.html
        } else {
            format!("Subject: {}\n\n{}", shown.rendered.subject, shown.rendered.text)
        };
        // A template may hold anything.
        output::text(&if app.out.width.is_some() { sanitize_lines(&text) } else { text })?;
    }
    let Some(fault) = fault else { return Ok(Outcome::Done) };
    app.out.say(&format!("not all of the site's own templates are in use here: {fault}"));
    Ok(Outcome::No)
}
