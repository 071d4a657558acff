//! The end of the chain as a transaction knows it: read once, however many rows are added.

use super::chain::{Checkpoint, Link};
use super::keyed::AuditKey;
use super::{Entry, Error, store};
use crate::context::Context;
use crate::error::Result;
use crate::store::{Memory, Tx};
use crate::text::instant::Instant;

/// What is known of the end of the chain.
#[derive(Debug, Default)]
pub(super) struct Tail {
    /// Whether the last row was asked for.
    is_known: bool,
    /// The last row; none in an empty audit.
    head: Option<Checkpoint>,
    /// The key of the audit.
    key: Option<AuditKey>,
    /// Rows were added since it was written by the key which row is the last.
    has_grown: bool,
}

impl Memory for Tail {
    fn settle(&mut self, tx: &Tx<'_>) -> Result<()> {
        if let (true, Some(key), Some(head)) = (self.has_grown, &self.key, &self.head) {
            store::set_keyed_head(tx, &key.head(&head.hash))?;
            self.has_grown = false;
        }
        Ok(())
    }
}

impl Tail {
    fn head(&mut self, tx: &Tx<'_>) -> Result<Option<&Checkpoint>> {
        if !self.is_known {
            self.head = store::head(tx)?;
            self.is_known = true;
        }
        Ok(self.head.as_ref())
    }

    /// Begins a key in the place of another.
    fn take_key(&mut self, key: AuditKey) {
        self.key = Some(key);
    }

    fn add(&mut self, cx: &Context, tx: &Tx<'_>, entry: Entry<'_>) -> Result<i64> {
        let head = self.head(tx)?.cloned();
        let seq = after(head.as_ref())?;
        let key = match &mut self.key {
            Some(key) => key,
            none => none.insert(AuditKey::for_row_after(cx, tx, head.as_ref())?),
        };
        let actor = entry.event.actor.unwrap_or(&cx.actor);
        let client = cx.via.client().map(|address| address.to_string());
        let row = Link {
            seq,
            at: cx.now(),
            actor: &actor.name,
            actor_id: actor.account_id(),
            client: client.as_deref(),
            shell_user: actor.shell_user.as_deref(),
            via: cx.via.name(),
            entry,
        };
        let hash = row.hash(head.as_ref().map(|head| &head.hash));
        store::insert(tx, &row, (&hash, &key.hash(&hash)))?;
        self.head = Some(Checkpoint { seq, at: row.at, hash, keyed: true });
        self.has_grown = true;
        Ok(seq)
    }
}

/// Adds a row to the chain.
pub(super) fn add(cx: &Context, tx: &Tx<'_>, entry: Entry<'_>) -> Result<i64> {
    tx.in_mind(|tail: &mut Tail| tail.add(cx, tx, entry))
}

/// Adds the rows that follow with this key.
pub(super) fn take_key(tx: &Tx<'_>, key: AuditKey) -> Result<()> {
    tx.in_mind(|tail: &mut Tail| {
        tail.take_key(key);
        Ok(())
    })
}

/// The number of the row after the last one.
pub(super) fn after(head: Option<&Checkpoint>) -> Result<i64> {
    let Some(head) = head else { return Ok(1) };
    let reason = || "is the highest number that there is, which no row of ours reaches".to_owned();
    let full = || Error::Damaged { seq: head.seq, column: "seq", reason: reason() };
    Ok(head.seq.checked_add(1).ok_or_else(full)?)
}

/// The number the next row will have.
pub(crate) fn next_seq(tx: &Tx<'_>) -> Result<i64> {
    tx.in_mind(|tail: &mut Tail| after(tail.head(tx)?))
}

/// When a row was written: whatever a change stamps has the time of its row.
pub(crate) fn time_of(tx: &Tx<'_>, seq: i64) -> Result<Instant> {
    tx.in_mind(|tail: &mut Tail| match tail.head(tx)? {
        Some(head) if head.seq == seq => Ok(head.at),
        _ => store::time_of(tx, seq),
    })
}
