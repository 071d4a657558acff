//! The key of the audit: what a row's keyed hash is made with, so that who has only the store's file cannot forge rows.
//!
//! It lies in the store, sealed with the master key, and is not derived from that: rows keep their keyed hashes when the
//! master key is replaced. With it is sealed which row was the first to have one, so that nobody can take the keyed hashes
//! from later rows and say that there never were any. `docs/adr/0009-the-audit-has-a-key.md` weighs the alternatives.
//!
//! A key that is damaged or lost stops every change, for what is written then would look as if it were proved; so do rows that
//! were cut off the end, which the next row would take the place of. Only the owner of the store begins another ([`renew`]), with a row that says so, for ever: it is the first that the new key
//! proves, and which row that is is sealed with the key.

use serde_json::json;
use zeroize::Zeroizing;

use super::chain::{Checkpoint, Hash};
use super::store;
use super::{Error, Event, Fields, next_seq, note, tail};
use crate::context::Context;
use crate::crypto::mac::{self, MacKey};
use crate::crypto::seal::{self, SecretLocation};
use crate::error::Result;
use crate::store::Tx;

/// The row of the only key there is.
pub(super) const ROW: i64 = 1;

/// What a head is hashed with before the hash of its row.
const HEAD: &[u8] = b"last row";

/// The action of the row that begins a new key in the place of one that was damaged or lost.
pub(super) const RENEWED: &str = "audit.new_key";

const PLACE: SecretLocation<'_> = SecretLocation { table: "audit_keys", column: "sealed", row: ROW };

/// The key of the audit.
#[derive(Debug, Clone)]
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

    /// The key of this store for the row after `head`, made now if it has none yet: that row is the first that has a keyed hash.
    pub(super) fn for_row_after(cx: &Context, tx: &Tx<'_>, head: Option<&Checkpoint>) -> Result<Self> {
        check_nothing_foreign(tx)?;
        match Self::of_store(cx, tx)? {
            Some(key) => key.check_end(tx, head).map(|()| key),
            None if store::has_keyed(tx)? => Err(Error::LostKey.into()),
            None => check_nothing_cut(tx, head).and_then(|()| Self::make(cx, tx, tail::after(head)?)),
        }
    }

    /// Refuses a chain that does not end where it ended when the last row was written.
    fn check_end(&self, tx: &Tx<'_>, head: Option<&Checkpoint>) -> Result<()> {
        let (reached, highest) = (head.map_or(0, |head| head.seq), store::highest(tx)?);
        let is_last = head.is_some_and(|head| head.seq >= highest)
            && store::keyed_head(tx)? == head.map(|head| self.head(&head.hash));
        if is_last { Ok(()) } else { Err(Error::CutOff { reached, highest: highest.max(self.first) }.into()) }
    }

    /// A new key, in the place of any other.
    fn make(cx: &Context, tx: &Tx<'_>, seq: i64) -> Result<Self> {
        let mut plain = Zeroizing::new([0; mac::LENGTH + size_of::<i64>()]);
        let (key, first) = plain.split_at_mut(mac::LENGTH);
        cx.rng.fill(key)?;
        first.copy_from_slice(&seq.to_le_bytes());
        let sealed = seal::seal(&cx.key, &*cx.rng, PLACE, &*plain)?;
        store::put_key(tx, &sealed, cx.now())?;
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
        let plain = cx.opened.open(&cx.key, PLACE, sealed).map_err(|_| Error::BadKey)?;
        let parts = plain.split_first_chunk().and_then(|(key, first)| Some((key, first.try_into().ok()?)));
        let (key, first) = parts.ok_or(Error::BadKey)?;
        Ok(Self { mac: MacKey::new(key), first: i64::from_le_bytes(first) })
    }
}

/// Refuses a store in which something acts by itself that is none of ours: what is told might not be written.
fn check_nothing_foreign(tx: &Tx<'_>) -> Result<()> {
    match tx.foreign_schema()? {
        Some(alteration) => Err(Error::Foreign(alteration).into()),
        None => Ok(()),
    }
}

/// Refuses to go on with a key of the audit that is damaged or lost, or from an end that is none.
pub(crate) fn check_key(cx: &Context, tx: &Tx<'_>) -> Result<()> {
    check_nothing_foreign(tx)?;
    match AuditKey::of_store(cx, tx)? {
        Some(key) => key.check_end(tx, store::head(tx)?.as_ref()),
        None if store::has_keyed(tx)? => Err(Error::LostKey.into()),
        None => check_nothing_cut(tx, store::head(tx)?.as_ref()),
    }
}

/// Refuses a chain without a key that does not end with the last row that is known to have been written.
fn check_nothing_cut(tx: &Tx<'_>, head: Option<&Checkpoint>) -> Result<()> {
    let (reached, highest) = (head.map_or(0, |head| head.seq), store::highest(tx)?);
    if reached >= highest { Ok(()) } else { Err(Error::CutOff { reached, highest }.into()) }
}

/// Refuses to begin a new key where nothing is wrong with the one there is.
pub(crate) fn check_may_renew(cx: &Context, tx: &Tx<'_>) -> Result<()> {
    if !cx.actor.is_system() {
        return Err(cx
            .actor
            .denied("only root and the owner of the store begin a new key of the audit")
            .into());
    }
    match check_key(cx, tx) {
        Ok(()) => Err(Error::KeyIsWhole.into()),
        Err(failure)
            if matches!(failure.get(), Some(Error::BadKey | Error::LostKey | Error::CutOff { .. })) =>
        {
            Ok(())
        }
        Err(failure) => Err(failure),
    }
}

/// Begins a new key in the place of one that is damaged or lost, or that tells of rows which are gone. Returns the number of the row that says so, the first that
/// the new key proves.
pub(crate) fn renew(cx: &Context, tx: &Tx<'_>) -> Result<i64> {
    check_may_renew(cx, tx)?;
    let seq = next_seq(tx)?;
    let told = Fields::from_iter([
        ("keyed_before".to_owned(), json!(store::keyed_rows(tx)?)),
        ("highest_before".to_owned(), json!(store::highest(tx)?)),
    ]);
    // What is gone is told by this row; else the next would be taken for one of those again.
    store::set_highest(tx)?;
    tail::take_key(tx, AuditKey::make(cx, tx, seq)?)?;
    note(cx, tx, Event::without_id(RENEWED, "key", "audit"), &told)
}
