//! How large a mail may be: what its server has said when it was last connected to.

use super::store::sizes;
use crate::error::Result;
use crate::mail::account;
use crate::mail::error::Error;
use crate::mail::message::compose::Attachment;
use crate::mail::route;
use crate::mail::server;
use crate::store::Tx;

/// Refuses attachments that are more than the server takes by which the mail would leave now, if that has said so.
pub(super) fn check(
    tx: &Tx<'_>,
    (feature, company): (&str, Option<i64>),
    attachments: &[Attachment<'_>],
) -> Result<()> {
    if attachments.is_empty() {
        return Ok(());
    }
    let looked = route::choose(tx, Some(feature), company)?;
    let Some(route) = looked.into_iter().find_map(|step| step.route.filter(|_| step.is_chosen)) else {
        return Ok(());
    };
    let server = account::by_id(tx, route.account_id)?.facts.server_id;
    let size = attachments.iter().map(|attachment| encoded(attachment.bytes.len() as u64)).sum();
    match sizes::size(tx, server)? {
        Some(limit) if size > limit => {
            Err(Error::TooLarge { size, server: server::by_id(tx, server)?.facts.name, limit }.into())
        }
        _ => Ok(()),
    }
}

/// How many bytes of a mail so many bytes of a file are: in base64, in lines of 76.
const fn encoded(bytes: u64) -> u64 {
    let letters = bytes.div_ceil(3) * 4;
    letters + letters.div_ceil(76) * 2
}
