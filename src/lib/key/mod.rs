//! The master key: looking at it, and replacing it.
//!
//! [`rotate`] makes a new key and, in one transaction, seals every secret anew with it and binds the store to it. The
//! file cannot be part of that transaction, so it takes three steps of which each leaves a state that opens: the new key
//! is written to `secboard.key.new`; the transaction commits; the new file takes the place of the old. Whoever opens the
//! store between the last two finds that it wants the key that waits, and finishes the step
//! ([`MasterKey::load_expected`]). `docs/adr/0001-key-rotation.md` weighs the alternatives.

pub(crate) mod cli;
mod store;

#[cfg(test)]
mod tests;

use std::path::PathBuf;

use serde_json::json;

use crate::audit::{self, Event, Fields};
use crate::config::Config;
use crate::context::Context;
use crate::crypto::key::{self, MasterKey};
use crate::crypto::seal::{self, Place};
use crate::error::{Explain, Kind, Result};
use crate::store::{SealedColumn, Tx};
use store::Secret;

/// The word for the key in the audit.
const KIND: &str = "key";

/// Why a key is not replaced.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Error {
    /// Secrets cannot be sealed anew, for they cannot be opened.
    #[error("{} cannot be opened and would be lost: {}", count(damaged.len()), damaged.join(", "))]
    Damaged {
        /// Each with table, column and row.
        damaged: Vec<String>,
    },
    /// A secret without which the store is none cannot be opened.
    #[error("{secret} cannot be opened, and the store cannot do without")]
    Needed {
        /// Which: table, column and row.
        secret: String,
    },
}

/// How many secrets that are.
fn count(secrets: usize) -> String {
    if secrets == 1 { "a sealed secret".to_owned() } else { format!("{secrets} sealed secrets") }
}

impl Explain for Error {
    fn code(&self) -> &'static str {
        match self {
            Self::Damaged { .. } => "key.damaged_secrets",
            Self::Needed { .. } => "key.needed_secret",
        }
    }

    fn kind(&self) -> Kind {
        Kind::Config
    }

    fn command(&self) -> Option<String> {
        match self {
            Self::Damaged { .. } => Some("secboard key rotate --drop-damaged".to_owned()),
            Self::Needed { .. } => None,
        }
    }

    fn advice(&self) -> Option<String> {
        Some(match self {
            Self::Damaged { .. } => {
                "put back a copy of the store in which they are whole, or go on without them".to_owned()
            }
            Self::Needed { .. } => "put back the latest copy of the store and its key".to_owned(),
        })
    }
}

/// What a rotation did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Rotated {
    /// The fingerprint of the new key.
    pub(crate) fingerprint: String,
    /// The fingerprint of the key before.
    pub(crate) old_fingerprint: String,
    /// Where the old key is kept: older copies of the store open only with it.
    pub(crate) kept: PathBuf,
    /// How many secrets were sealed anew.
    pub(crate) secrets: u64,
    /// What could not be opened and was dropped: each with table, column and row.
    pub(crate) dropped: Vec<String>,
}

/// Replaces the key of a store and seals every secret of the store with the new one; those that cannot be opened are
/// dropped, or the key stays.
pub(crate) fn rotate(
    cx: &Context,
    config: &Config,
    columns: &[SealedColumn],
    drop_damaged: bool,
) -> Result<Rotated> {
    let path = config.key.as_path();
    let new = MasterKey::generate(&*cx.rng)?;
    let fingerprint = new.fingerprint();
    let committed = cx.write(|tx| {
        // Were the key of the store still waiting for its place, the new one would overwrite it.
        MasterKey::load(path)?.expect_fingerprint(&cx.key.fingerprint())?;
        if !cx.dry_run {
            new.create_waiting(path, &config.store)?;
        }
        let dropped = drop_damaged_secrets(cx, tx, columns, drop_damaged)?;
        // Before the secrets are sealed anew, for the key of the audit may be made with its row.
        record(cx, tx, &fingerprint, &dropped)?;
        let secrets = reseal(cx, tx, columns, &new)?;
        tx.bind_key(&new)?;
        Ok((secrets, dropped))
    });
    let old_fingerprint = cx.key.fingerprint();
    if committed.is_ok() && !cx.dry_run {
        // Another process that opened the store meanwhile may have done it already, which is as good.
        MasterKey::load_expected(path, &fingerprint)?;
    }
    let kept = key::kept_path(path, &old_fingerprint);
    committed.map(|(secrets, dropped)| Rotated { fingerprint, old_fingerprint, kept, secrets, dropped })
}

/// Drops the secrets that cannot be opened, if that is wanted; returns which.
fn drop_damaged_secrets(
    cx: &Context,
    tx: &Tx<'_>,
    columns: &[SealedColumn],
    is_wanted: bool,
) -> Result<Vec<String>> {
    let mut damaged = Vec::new();
    walk(tx, columns, |column, secret| {
        if seal::open(&cx.key, place(column, secret), &secret.sealed).is_err() {
            damaged.push((column, secret.clone()));
        }
        Ok(())
    })?;
    if let Some((column, secret)) = damaged.iter().find(|(column, _)| !column.may_be_dropped) {
        return Err(Error::Needed { secret: secret.label(column) }.into());
    }
    let labels: Vec<String> = damaged.iter().map(|(column, secret)| secret.label(column)).collect();
    if !is_wanted && !labels.is_empty() {
        return Err(Error::Damaged { damaged: labels }.into());
    }
    for (column, secret) in &damaged {
        store::replace(tx, column, secret, None)?;
    }
    Ok(labels)
}

fn reseal(cx: &Context, tx: &Tx<'_>, columns: &[SealedColumn], new: &MasterKey) -> Result<u64> {
    let mut secrets = 0;
    walk(tx, columns, |column, secret| {
        let place = place(column, secret);
        let plain = seal::open(&cx.key, place, &secret.sealed)?;
        secrets += 1;
        store::replace(tx, column, secret, Some(&seal::seal(new, &*cx.rng, place, &plain)?))
    })?;
    Ok(secrets)
}

/// Hands every secret of the store to `each`.
fn walk<'a>(
    tx: &Tx<'_>,
    columns: &'a [SealedColumn],
    mut each: impl FnMut(&'a SealedColumn, &Secret) -> Result<()>,
) -> Result<()> {
    for column in columns {
        let mut last = Secret::default();
        loop {
            let batch = store::secrets_after(tx, column, &last)?;
            let Some(end) = batch.last().cloned() else { break };
            batch.iter().try_for_each(|secret| each(column, secret))?;
            last = end;
        }
    }
    Ok(())
}

fn place(column: &SealedColumn, secret: &Secret) -> Place<'static> {
    Place { table: column.table, column: column.column, row: secret.row }
}

fn record(cx: &Context, tx: &Tx<'_>, fingerprint: &str, dropped: &[String]) -> Result<()> {
    let fields = |fingerprint: &str| Fields::from_iter([("fingerprint".to_owned(), json!(fingerprint))]);
    let mut after = fields(fingerprint);
    if !dropped.is_empty() {
        after.insert("dropped".into(), json!(dropped));
    }
    let subject = Event::without_id("key.rotate", KIND, fingerprint);
    audit::change(cx, tx, subject, &fields(&cx.key.fingerprint()), &after)?;
    Ok(())
}
