//! The key of the audit: what a row's keyed hash is made with, so that who has only the store's file cannot forge rows.
//!
//! It lies in the store, sealed with the master key, and is not derived from that: rows keep their keyed hashes when the
//! master key is replaced. With it is sealed which row was the first to have one, so that nobody can take the keyed hashes
//! from later rows and say that there never were any. `docs/adr/0009-the-audit-has-a-key.md` weighs the alternatives.

use zeroize::Zeroizing;

use super::Error;
use super::chain::Hash;
use super::store;
use crate::context::Context;
use crate::crypto::mac::{self, MacKey};
use crate::crypto::seal::{self, Place};
use crate::error::Result;
use crate::store::Tx;

/// The row of the only key there is.
pub(super) const ROW: i64 = 1;

/// What a head is hashed with before the hash of its row.
const HEAD: &[u8] = b"last row";

const PLACE: Place<'_> = Place { table: "audit_keys", column: "sealed", row: ROW };

/// The key of the audit.
#[derive(Debug)]
pub(super) struct AuditKey {
    mac: MacKey,
    /// The first row that has a keyed hash.
    pub(super) first: i64,
}

impl AuditKey {
    /// The key of this store, if it has one yet.
    pub(super) fn of_store(cx: &Context, tx: &Tx<'_>) -> Result<Option<Self>> {
        store::sealed_key(tx)?.map(|sealed| Self::opened(cx, &sealed)).transpose()
    }

    /// The key of this store, made now if it has none yet: the row `seq` is the first that has a keyed hash.
    pub(super) fn for_row(cx: &Context, tx: &Tx<'_>, seq: i64) -> Result<Self> {
        if let Some(key) = Self::of_store(cx, tx)? {
            return Ok(key);
        }
        let mut plain = Zeroizing::new([0; mac::LENGTH + size_of::<i64>()]);
        let (key, first) = plain.split_at_mut(mac::LENGTH);
        cx.rng.fill(key)?;
        first.copy_from_slice(&seq.to_le_bytes());
        let sealed = seal::seal(&cx.key, &*cx.rng, PLACE, &*plain)?;
        store::insert_key(tx, &sealed, cx.now())?;
        Self::opened(cx, &sealed)
    }

    /// The keyed hash of a row, whose hash covers the row and all before it.
    pub(super) fn hash(&self, hash: &Hash) -> Hash {
        self.mac.hash(hash)
    }

    /// The keyed hash of the last row as what is last: that of no row, so that nobody can make an earlier row the last.
    pub(super) fn head(&self, hash: &Hash) -> Hash {
        self.mac.hash(&[HEAD, hash].concat())
    }

    fn opened(cx: &Context, sealed: &[u8]) -> Result<Self> {
        let plain = cx.opened.open(&cx.key, PLACE, sealed)?;
        let parts = plain.split_first_chunk().and_then(|(key, first)| Some((key, first.try_into().ok()?)));
        let (key, first) = parts.ok_or(Error::BadKey)?;
        Ok(Self { mac: MacKey::new(key), first: i64::from_le_bytes(first) })
    }
}
