//! `secboard help`, `secboard completions`, `secboard man`.

use std::path::PathBuf;

use clap::Args;

use super::Programs;
use super::completion::Shell;
use crate::cli::{App, Outcome, output, path};
use crate::error::Result;
use crate::tabular::FileOrStream;

/// Examples of `help`.
pub(crate) const HELP_EXAMPLES: &str = "Examples:\n  secboard help exit-codes\n  secboard help user list";
/// Examples of `completions`.
pub(crate) const COMPLETIONS_EXAMPLES: &str = "Examples:\n  secboard completions bash > ~/.local/share/bash-completion/completions/secboard\n  secboard completions zsh > ~/.zfunc/_secboard\n  secboard completions fish > ~/.config/fish/completions/secboard.fish";
/// Examples of `man`.
pub(crate) const MAN_EXAMPLES: &str = "Examples:\n  secboard man --output ~/.local/share/man/man1";

/// `secboard help`.
#[derive(Debug, Args)]
pub(crate) struct Help {
    /// A topic, or the words of a command
    words: Vec<String>,
}

/// `secboard completions`.
#[derive(Debug, Args)]
pub(crate) struct Completions {
    /// The shell
    shell: Shell,
}

/// `secboard man`.
#[derive(Debug, Args)]
pub(crate) struct ManPages {
    /// Write the pages to this folder instead of naming them
    #[arg(long, value_name = "FOLDER", value_parser = path())]
    output: Option<PathBuf>,
}

/// `secboard generate`.
#[derive(Debug, Args)]
pub(crate) struct Generate {
    /// The root of the source
    #[arg(value_parser = path())]
    folder: PathBuf,
}

/// Shows help.
pub(crate) fn help(programs: Programs, arguments: &Help) -> Result<Outcome> {
    output::text(&super::help(programs, &arguments.words)?)?;
    Ok(Outcome::Done)
}

/// Prints the script that a shell wants.
pub(crate) fn completions(arguments: &Completions) -> Result<Outcome> {
    output::text(&arguments.shell.script())?;
    Ok(Outcome::Done)
}

/// Writes the man pages.
pub(crate) fn man(app: &App, programs: Programs, arguments: &ManPages) -> Result<Outcome> {
    let pages = super::man_pages(programs);
    if let Some(folder) = &arguments.output {
        super::write(folder, &pages, &app.in_use(&FileOrStream::from(folder)))?;
        app.done(&format!("wrote {} pages to `{}`", pages.len(), folder.display()));
    } else {
        let names: Vec<&str> = pages.iter().map(|(name, _)| name.as_str()).collect();
        output::text(&format!("{}\n", names.join("\n")))?;
    }
    Ok(Outcome::Done)
}

/// Writes everything that is made from the code.
pub(crate) fn generate(app: &App, programs: Programs, arguments: &Generate) -> Result<Outcome> {
    let documents = super::documents(programs)?;
    super::write(&arguments.folder, &documents, &app.in_use(&FileOrStream::from(&arguments.folder)))?;
    app.done(&format!("wrote {} files", documents.len()));
    Ok(Outcome::Done)
}
