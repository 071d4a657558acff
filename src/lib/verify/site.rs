//! Sites with a host of their own: how somebody who is logged in at the portal becomes known there.
//!
//! The site keeps a secret in the browser and sends it to the portal, which knows of the secret only its hash. The portal makes a
//! ticket for that site and that browser, good for 30 seconds and once; the site takes it and gives the browser a cookie of
//! its own host. What that opens is asked of the login at the portal, each time, and it ends with it.

use sha2::{Digest as _, Sha256};

use serde_json::json;

use super::store;
use crate::audit::{Event, fields_of};
use crate::context::{Actor, Context};
use crate::crypto::hex::{hex, read_hex};
use crate::error::Result;
use crate::login::{self, Visitor};
use crate::session;
use crate::text::instant::Instant;
use crate::text::secret::Secret;
use crate::throttle;

/// How many bytes a secret has.
const LENGTH: usize = 32;

/// For how long a ticket is good, in microseconds.
const GOOD_FOR: i64 = 30 * 1_000_000;

/// A secret for a browser to keep.
pub(super) fn secret(cx: &Context) -> Result<Secret> {
    let mut bytes = zeroize::Zeroizing::new([0; LENGTH]);
    cx.rng.fill(bytes.as_mut_slice())?;
    Ok(Secret::new(hex(bytes.as_slice())))
}

/// The hash of a secret, where it is one.
pub(super) fn hash_of(secret: &str) -> Option<[u8; LENGTH]> {
    let mut bytes = zeroize::Zeroizing::new([0; LENGTH]);
    read_hex(secret, bytes.as_mut_slice())?;
    Some(Sha256::digest(secret.as_bytes()).into())
}

/// The hash that an address has.
pub(super) fn read_hash(text: &str) -> Option<[u8; LENGTH]> {
    let mut hash = [0; LENGTH];
    read_hex(text, &mut hash)?;
    Some(hash)
}

/// A ticket of a visitor of the portal for a site, and for the browser that keeps what has that hash.
pub(super) fn ticket(
    cx: &Context,
    visitor: &Visitor,
    (host, browser): (&str, [u8; LENGTH]),
) -> Result<Secret> {
    let token = secret(cx)?;
    let Some(hash) = hash_of(token.expose()) else { return Ok(token) };
    let expires_at = Instant::from_micros(cx.now().micros().saturating_add(GOOD_FOR));
    cx.write(|tx| {
        store::forget_tickets(tx, (cx.now(), expires_at))?;
        store::insert_ticket(tx, &hash, visitor.session.id, (host, &browser), expires_at)
    })?;
    Ok(token)
}

/// Takes a ticket at its site, in its browser; what the browser is to keep. None where there is no such ticket, or the login
/// is over.
pub(super) fn redeem(cx: &Context, (host, browser): (&str, &str), ticket: &str) -> Result<Option<Secret>> {
    let (Some(ticket), Some(browser)) = (hash_of(ticket), hash_of(browser)) else { return Ok(None) };
    let latest = Instant::from_micros(cx.now().micros().saturating_add(GOOD_FOR));
    let session = cx.write(|tx| store::take_ticket(tx, &ticket, (host, &browser), (cx.now(), latest)))?;
    let Some(session) = session else { return Ok(None) };
    let found = login::enter_as(cx, |tx| session::by_id(cx, tx, session))?;
    let Some(visitor) = found.filter(|visitor| visitor.step.is_none()) else { return Ok(None) };
    let token = secret(cx)?;
    let Some(hash) = hash_of(token.expose()) else { return Ok(None) };
    cx.write(|tx| {
        store::insert_session(tx, &hash, visitor.session.id, host, cx.now())?;
        let person = Actor::oneself(visitor.user.id, &visitor.user.facts.email);
        let event = Event::of("login.site", (throttle::KIND, visitor.user.id), &visitor.user.facts.email);
        throttle::record(cx, tx, event.by(&person), &fields_of([("site", json!(host))]))
    })?;
    Ok(Some(token))
}

/// Who visits a site with that cookie.
pub(super) fn enter(cx: &Context, host: &str, kept: &str) -> Result<Option<Visitor>> {
    let Some(hash) = hash_of(kept) else { return Ok(None) };
    login::enter_as(cx, |tx| match store::session_of(tx, &hash, host)? {
        Some(session) => session::by_id(cx, tx, session),
        None => Ok(None),
    })
}
