//! The tokens of links in mails: made when a mail is first tried, so that their life counts from then, and kept sealed in its
//! row until it has ended.

use std::time::Duration;

use super::store::{LINK_SEALED, work};
use crate::context::Context;
use crate::crypto::rng::symbols;
use crate::crypto::seal::{self, SecretLocation};
use crate::error::Result;
use crate::store::Tx;
use crate::text::instant::Instant;
use crate::text::secret::Secret;

/// The characters of a token: 5 bits each, none to be taken for another.
const ALPHABET: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";

/// How many it has: 260 bits.
const LENGTH: usize = 52;

/// The token of a mail, and whether it is new: the one it has while that is good, else another.
pub(super) fn token(cx: &Context, tx: &Tx<'_>, seq: i64, life: Duration) -> Result<(Secret, bool)> {
    let place = SecretLocation { table: LINK_SEALED.table, column: LINK_SEALED.column, row: seq };
    if let (Some(sealed), Some(until)) = work::link(tx, seq)?
        && until > cx.now()
    {
        let plain = seal::open(&cx.key, place, &sealed)?;
        return Ok((Secret::new(String::from_utf8_lossy(&plain).into_owned()), false));
    }
    let token = Secret::new(symbols(&*cx.rng, ALPHABET, LENGTH)?);
    let sealed = seal::seal(&cx.key, &*cx.rng, place, token.expose().as_bytes())?;
    let life = i64::try_from(life.as_micros()).unwrap_or(i64::MAX);
    work::set_link(tx, seq, &sealed, Instant::from_micros(cx.now().micros().saturating_add(life)))?;
    Ok((token, true))
}
