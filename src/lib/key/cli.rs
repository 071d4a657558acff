//! `secboard key`.

use std::os::unix::fs::PermissionsExt as _;

use clap::Subcommand;

use super::GiveUp;
use crate::cli::output::record;
use crate::cli::{App, Outcome, prompt};
use crate::crypto::key::KeyError;
use crate::error::Result;
use crate::store::SealedColumn;

/// The master key: what seals the secrets of the store
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Show which key the store has, without showing the key
    #[command(after_help = "Examples:\n  secboard key show\n  secboard key show -o json")]
    Show,
    /// Replace the key and seal every secret again
    ///
    /// The old key is kept beside the new one, because copies of the store made earlier open only with it. Remove it
    /// when none of them is needed any more.
    #[command(
        after_help = "Examples:\n  secboard key rotate --dry-run\n  secboard key rotate --yes --reason 'yearly'"
    )]
    Rotate {
        /// Go on without the secrets that cannot be opened, which are lost
        #[arg(long)]
        drop_damaged: bool,
        /// Begin a new key of the audit, because the one there is is damaged or lost; takes a --reason
        ///
        /// Put back a copy of the store in which it is whole, if there is any. Of the rows there are, only the plain chain
        /// is proved from then on, and `audit verify` says so for ever; hold them against a checkpoint that was kept
        /// elsewhere. The row that begins the new key is the first that it proves.
        #[arg(long)]
        new_audit_key: bool,
    },
}

record! {
    /// The key as it is printed.
    KeyRow, table ["fingerprint", "path", "mode"] {
        /// What names the key without giving it away.
        fingerprint: String,
        /// Its file.
        path: String,
        /// The permission bits of the file.
        mode: String,
    }
}

record! {
    /// A rotation as it is printed.
    RotationRow, table ["fingerprint", "old_fingerprint", "secrets"] {
        /// The new key's fingerprint.
        fingerprint: String,
        /// The old key's fingerprint.
        old_fingerprint: String,
        /// Where the old key is kept.
        old_key: String,
        /// How many secrets were sealed again.
        secrets: i64,
        /// What could not be opened and was dropped.
        dropped: Vec<String>,
        /// The row that began a new key of the audit, where one was begun.
        audit_key_from: Option<i64>,
    }
}

/// Runs a verb.
pub(crate) fn run(app: &App, command: Command, columns: &[SealedColumn]) -> Result<Outcome> {
    match command {
        Command::Show => show(app)?,
        Command::Rotate { drop_damaged, new_audit_key } => {
            rotate(app, columns, GiveUp { secrets: drop_damaged, audit_key: new_audit_key })?;
        }
    }
    Ok(Outcome::Done)
}

fn show(app: &App) -> Result<()> {
    let (cx, path) = (app.reader()?, app.config()?.key);
    let meta =
        std::fs::metadata(&path).map_err(|source| KeyError::Unreadable { path: path.clone(), source })?;
    app.out.object(&KeyRow {
        fingerprint: cx.key.fingerprint(),
        path: path.display().to_string(),
        mode: format!("{:04o}", meta.permissions().mode() & 0o7777),
    })
}

fn rotate(app: &App, columns: &[SealedColumn], give_up: GiveUp) -> Result<()> {
    let (cx, config) = (app.writer()?, app.config()?);
    super::check(&cx, columns, give_up)?;
    prompt::confirm(app, "Replace the key of the store and seal every secret again?")?;
    let rotated = super::rotate(&cx, &config, columns, give_up)?;
    let (old, new) = (&rotated.old_fingerprint, &rotated.fingerprint);
    app.done(&format!("replaced the key {old} by {new}; secrets sealed again: {}", rotated.secrets));
    for secret in &rotated.dropped {
        app.out.say(&format!("dropped a secret that could not be opened: {secret}"));
    }
    if let Some(seq) = rotated.audit_key_from {
        app.out.say(&format!(
            "row {seq} of the audit begins a new key: of the rows before it only the plain chain is proved from now on"
        ));
    }
    if !cx.dry_run {
        app.out.say(&format!(
            "the old key is kept as `{}`: copies of the store made before now open only with it",
            rotated.kept.display()
        ));
    }
    app.print_if_asked(&RotationRow {
        old_key: rotated.kept.display().to_string(),
        fingerprint: rotated.fingerprint,
        old_fingerprint: rotated.old_fingerprint,
        secrets: i64::try_from(rotated.secrets).unwrap_or(i64::MAX),
        dropped: rotated.dropped,
        audit_key_from: rotated.audit_key_from,
    })
}
