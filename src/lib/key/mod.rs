//! The master key: looking at it, and replacing it.
//!
//! [`rotate`] makes a new key and, in one transaction, seals every secret again with it and binds the store to it. The
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
use crate::crypto::kept;
use crate::crypto::key::MasterKey;
use crate::crypto::seal::{self, SecretLocation};
use crate::error::{Explain, Kind, Result};
use crate::store::{SealedColumn, Tx};
use store::Secret;

/// The word for the key in the audit.
const KIND: &str = "key";

/// Why a key is not replaced.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Error {
    /// Secrets cannot be sealed again, for they cannot be opened.
    #[error("{} cannot be opened and would be lost: {}", count(damaged.len()), damaged.join(", "))]
    Damaged {
        /// Each with table, column and row.
        damaged: Vec<String>,
    },
    /// A new key of the audit is not begun without a word.
    #[error("a new key of the audit takes a reason, which the audit tells for ever")]
    WithoutReason,
}

/// How many secrets that are.
fn count(secrets: usize) -> String {
    if secrets == 1 { "a sealed secret".to_owned() } else { format!("{secrets} sealed secrets") }
}

impl Explain for Error {
    fn code(&self) -> &'static str {
        match self {
            Self::Damaged { .. } => "key.damaged_secrets",
            Self::WithoutReason => "key.without_reason",
        }
    }

    fn kind(&self) -> Kind {
        match self {
            Self::Damaged { .. } => Kind::Config,
            Self::WithoutReason => Kind::Usage,
        }
    }

    fn command(&self) -> Option<String> {
        match self {
            Self::Damaged { .. } => Some("secboard key rotate --drop-damaged".to_owned()),
            Self::WithoutReason => None,
        }
    }

    fn advice(&self) -> Option<String> {
        Some(match self {
            Self::Damaged { .. } => {
                "put back a copy of the store in which they are whole, or go on without them".to_owned()
            }
            Self::WithoutReason => "say with `--reason` how the key was lost".to_owned(),
        })
    }
}

/// What cannot be opened, and is given up.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct GiveUp {
    /// Secrets, which are dropped.
    pub(crate) secrets: bool,
    /// The key of the audit, in whose place a new one is begun.
    pub(crate) audit_key: bool,
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
    /// How many secrets were sealed again.
    pub(crate) secrets: u64,
    /// What could not be opened and was dropped: each with table, column and row.
    pub(crate) dropped: Vec<String>,
    /// The row that began a new key of the audit, where one was begun.
    pub(crate) audit_key_from: Option<i64>,
}

/// Refuses what [`rotate`] would refuse because of what cannot be opened.
pub(crate) fn check(cx: &Context, columns: &[SealedColumn], give_up: GiveUp) -> Result<()> {
    cx.read(|tx| {
        if give_up.audit_key {
            check_new_audit_key(cx, tx)?;
        } else {
            audit::check_key(cx, tx)?;
        }
        damaged(cx, tx, columns, give_up).map(drop)
    })
}

/// Replaces the key of a store and seals every secret of the store with the new one; those that cannot be opened are
/// given up, or the key stays.
pub(crate) fn rotate(
    cx: &Context,
    config: &Config,
    columns: &[SealedColumn],
    give_up: GiveUp,
) -> Result<Rotated> {
    let path = config.key.as_path();
    let new = MasterKey::generate(&*cx.rng)?;
    let fingerprint = new.fingerprint();
    let committed = cx.write(|tx| {
        // Were the key of the store still waiting for its place, the new one would overwrite it.
        MasterKey::load(path)?.expect_fingerprint(&cx.key.fingerprint())?;
        kept::check_can_be_kept(path, &cx.key)?;
        if !cx.dry_run {
            new.create_waiting(path)?;
        }
        let audit_key_from = if give_up.audit_key {
            check_new_audit_key(cx, tx)?;
            Some(audit::renew_key(cx, tx)?)
        } else {
            audit::check_key(cx, tx)?;
            None
        };
        let dropped = drop_damaged(cx, tx, columns, give_up)?;
        // Before the secrets are sealed again, for the key of the audit may be made with its row.
        record(cx, tx, &fingerprint, &dropped)?;
        let secrets = reseal(cx, tx, columns, &new)?;
        tx.bind_key(&new)?;
        Ok((secrets, dropped, audit_key_from))
    });
    let old_fingerprint = cx.key.fingerprint();
    if committed.is_ok() && !cx.dry_run {
        // Another process that opened the store meanwhile may have done it already, which is as good.
        MasterKey::load_expected(path, &fingerprint)?;
    }
    let kept = kept::kept_path(path, &old_fingerprint);
    committed.map(|(secrets, dropped, audit_key_from)| Rotated {
        fingerprint,
        old_fingerprint,
        kept,
        secrets,
        dropped,
        audit_key_from,
    })
}

fn check_new_audit_key(cx: &Context, tx: &Tx<'_>) -> Result<()> {
    audit::check_may_renew(cx, tx)?;
    if cx.reason.as_deref().is_none_or(|reason| reason.trim().is_empty()) {
        return Err(Error::WithoutReason.into());
    }
    Ok(())
}

/// Drops the secrets that cannot be opened, if that is wanted; returns which.
fn drop_damaged(cx: &Context, tx: &Tx<'_>, columns: &[SealedColumn], give_up: GiveUp) -> Result<Vec<String>> {
    let damaged = damaged(cx, tx, columns, give_up)?;
    for (column, secret) in &damaged {
        store::replace(tx, column, secret, None)?;
    }
    Ok(damaged.iter().map(|(column, secret)| secret.label(column)).collect())
}

/// The secrets that cannot be opened, which are refused unless they are given up; the key of the audit apart, which is looked
/// after by itself.
fn damaged<'a>(
    cx: &Context,
    tx: &Tx<'_>,
    columns: &'a [SealedColumn],
    give_up: GiveUp,
) -> Result<Vec<(&'a SealedColumn, Secret)>> {
    let mut damaged = Vec::new();
    walk(tx, columns, |column, secret| {
        if column.table != audit::SEALED.table
            && seal::open(&cx.key, place(column, secret), &secret.sealed).is_err()
        {
            damaged.push((column, secret.clone()));
        }
        Ok(())
    })?;
    if !give_up.secrets && !damaged.is_empty() {
        let damaged = damaged.iter().map(|(column, secret)| secret.label(column)).collect();
        return Err(Error::Damaged { damaged }.into());
    }
    Ok(damaged)
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

fn place(column: &SealedColumn, secret: &Secret) -> SecretLocation<'static> {
    SecretLocation { table: column.table, column: column.column, row: secret.row }
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
