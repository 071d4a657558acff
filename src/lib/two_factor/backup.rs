//! Backup codes: 80 random bits each, in base 32 without look-alikes, kept as Argon2id hashes.

use super::typed::CHARACTERS;
use super::{BACKUP_CODES, in_groups, store};
use crate::context::Context;
use crate::crypto::rng::{CROCKFORD, symbols};
use crate::error::Result;
use crate::password::hash::Hasher;
use crate::store::Tx;
use crate::text::secret::Secret;

/// Codes that were just made, and what is kept of them.
pub(super) struct Made {
    /// As they are shown, once.
    pub(super) codes: Vec<Secret>,
    hashes: Vec<String>,
}

/// Makes new ones. Hashing takes a while, so this is done before the store is locked.
pub(super) fn make(cx: &Context) -> Result<Made> {
    let plain = (0..BACKUP_CODES)
        .map(|_| Ok(Secret::new(symbols(&*cx.rng, CROCKFORD, CHARACTERS)?)))
        .collect::<Result<Vec<_>>>()?;
    let hashes = Hasher::of(cx)?.hash_together(&*cx.rng, &plain)?;
    Ok(Made { codes: plain.iter().map(|code| in_groups(code.expose(), '-')).collect(), hashes })
}

/// Puts new codes in the place of all others.
pub(super) fn replace(cx: &Context, tx: &Tx<'_>, user: i64, made: &Made) -> Result<()> {
    store::remove_codes(tx, user)?;
    made.hashes.iter().try_for_each(|hash| store::insert_code(tx, user, hash, cx.now()))
}

/// The hash of a code that was typed, as that of the same code would be kept: one hash, however many codes there are.
pub(super) fn hashed(cx: &Context, user: i64, typed: &Secret) -> Result<Option<String>> {
    match cx.read(|tx| store::any_code(tx, user))? {
        Some(stored) => Ok(Some(Hasher::of(cx)?.hash_like(&stored, typed)?)),
        None => Ok(None),
    }
}
