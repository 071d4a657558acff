//! TLS of mail: what a handshake that failed means, without what may not be repeated.

use super::failure::Cause;
use super::withheld::Withheld;
use crate::tls::{self, Fault};

/// What a handshake that failed means.
pub(super) fn fault(error: &std::io::Error, host: &str, withheld: &Withheld) -> Cause {
    match tls::fault(error, host) {
        None => Cause::Closed,
        Some(Fault::WrongName { host, others }) => {
            Cause::Tls(Fault::WrongName { host, others: withheld.without(others) })
        }
        Some(fault) => Cause::Tls(fault),
    }
}
