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

use std::path::{Path, PathBuf};

use serde_json::json;

use crate::audit::{self, Entry, Fields};
use crate::context::Context;
use crate::crypto::key::{self, MasterKey};
use crate::crypto::seal::{self, Place};
use crate::error::Result;
use crate::store::Tx;
use store::{COLUMNS, Column, Secret};

/// The word for the key in the audit.
const KIND: &str = "key";

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
}

/// Replaces the key at `path` and seals every secret of the store with the new one.
pub(crate) fn rotate(cx: &Context, path: &Path) -> Result<Rotated> {
    let new = MasterKey::generate(&*cx.rng)?;
    let fingerprint = new.fingerprint();
    let committed = cx.write(|tx| {
        // Were the key of the store still waiting for its place, the new one would overwrite it.
        MasterKey::load(path)?.expect_fingerprint(&cx.key.fingerprint())?;
        if !cx.dry_run {
            new.create_waiting(path)?;
        }
        // Before the secrets are sealed anew, for the key of the audit may be made with its row.
        record(cx, tx, &fingerprint)?;
        let secrets = reseal(cx, tx, &new)?;
        tx.bind_key(&new)?;
        Ok(secrets)
    });
    let old_fingerprint = cx.key.fingerprint();
    if committed.is_ok() && !cx.dry_run {
        // Another process that opened the store meanwhile may have done it already, which is as good.
        MasterKey::load_expected(path, &fingerprint)?;
    }
    let kept = key::kept_path(path, &old_fingerprint);
    committed.map(|secrets| Rotated { fingerprint, old_fingerprint, kept, secrets })
}

fn reseal(cx: &Context, tx: &Tx<'_>, new: &MasterKey) -> Result<u64> {
    let mut secrets = 0;
    for column in COLUMNS {
        let mut last = Secret::default();
        loop {
            let batch = store::secrets_after(tx, column, &last)?;
            let Some(end) = batch.last().cloned() else { break };
            for secret in &batch {
                reseal_one(cx, tx, column, secret, new)?;
                secrets += 1;
            }
            last = end;
        }
    }
    Ok(secrets)
}

fn reseal_one(cx: &Context, tx: &Tx<'_>, column: &Column, secret: &Secret, new: &MasterKey) -> Result<()> {
    let place = Place { table: column.table, column: column.column, row: secret.row };
    let plain = seal::open(&cx.key, place, &secret.sealed)?;
    store::replace(tx, column, secret, &seal::seal(new, &*cx.rng, place, &plain)?)
}

fn record(cx: &Context, tx: &Tx<'_>, fingerprint: &str) -> Result<()> {
    let fields = |fingerprint: &str| {
        audit::fields_text(&Fields::from_iter([("fingerprint".to_owned(), json!(fingerprint))]))
    };
    let (before, after) = (fields(&cx.key.fingerprint()), fields(fingerprint));
    let entry = Entry::new("key.rotate", KIND, fingerprint);
    audit::record(cx, tx, Entry { before: before.as_deref(), after: after.as_deref(), ..entry })?;
    Ok(())
}
