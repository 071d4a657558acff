//! What administrators are told of directories by mail: that one could not be followed for a day, once a day; that the certificate
//! of a server that was asked is about to end, within 30 days once and within 7 days once.

use super::store;
use crate::context::Context;
use crate::error::Result;
use crate::mail::message::Message;
use crate::store::Tx;
use crate::text::instant::Instant;
use crate::user::notice::{self, tell_daily};

/// For how many microseconds syncs fail before it is told.
const A_DAY: i64 = 86_400 * 1_000_000;

/// A certificate that a server showed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Certificate {
    /// The server, as it is written.
    pub(super) server: String,
    /// Until when it is valid.
    pub(super) until: Instant,
}

/// Tells that every sync has failed for a day, where it is so.
pub(super) fn tell_failing(cx: &Context, tx: &Tx<'_>, (id, name): (i64, &str)) -> Result<()> {
    let Some((_, Some(since))) = store::sync_times(tx, id)? else { return Ok(()) };
    if cx.now().micros().saturating_sub(since.micros()) < A_DAY {
        return Ok(());
    }
    let message = Message::DirectoryFails { connection: name.to_owned(), since };
    tell_daily(cx, tx, &format!("directory fails: {id}"), &message)
}

/// Whether there is something to tell of a certificate.
pub(super) fn ends_soon(cx: &Context, certificate: &Certificate) -> bool {
    notice::certificate_ends_soon(cx, certificate.until)
}

/// Tells that a certificate is about to end, unless that was told since it passed the same mark.
pub(super) fn tell_certificate(
    cx: &Context,
    tx: &Tx<'_>,
    (id, name): (i64, &str),
    certificate: &Certificate,
) -> Result<()> {
    let Certificate { server, until } = certificate;
    let message =
        Message::CertificateEnds { connection: name.to_owned(), server: server.clone(), until: *until };
    notice::tell_certificate(cx, tx, (&format!("{id} {server}"), *until), &message)
}
