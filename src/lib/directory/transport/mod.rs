//! How a directory is asked: by LDAP, over TLS that is always verified.
//!
//! A connection is ours up to the messages: name, TCP, StartTLS and TLS are done here, and a [framer] stands between the
//! server and `ldap3`, which speaks LDAP on one end of a pair of sockets. What a server sends reaches `ldap3` only when it is
//! an answer to what was asked, in the shape of RFC 4511, neither too large nor too deep
//! (`docs/adr/0030-a-framer-stands-before-ldap3.md`). Every wait has an end.

use std::time::Duration;

use crate::text::secret::Secret;

mod ber;
mod connect;
mod discovery;
mod entry;
pub(crate) mod failure;
mod framer;
mod message;
mod range;
mod session;
mod time;
pub(crate) mod walk;

#[cfg(test)]
pub(super) mod tests;

pub(crate) use crate::tls::block_on;
pub(crate) use discovery::discovered;
pub(crate) use entry::Entry;
pub(crate) use failure::{Answer, Cause, Failure, Refusal};
pub(crate) use message::is_answer;
pub(crate) use range::is_range;
pub(crate) use session::{PAGED_RESULTS, Query, Session};
pub(crate) use time::instant;
pub(crate) use walk::{Step, Walk};

/// A server of a directory.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Server {
    /// Its name, which its certificate must have, or its address.
    pub(crate) host: String,
    /// The port.
    pub(crate) port: u16,
    /// How the connection is protected.
    pub(crate) protection: Protection,
}

/// Where servers of a directory are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Place {
    /// At a host.
    Host(Server),
    /// Where the DNS says that the servers of a domain are.
    Domain(Domain),
}

/// A domain whose servers the DNS names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Domain {
    /// Its name.
    pub(crate) name: String,
    /// The port of all of them; that which the DNS names if none is given.
    pub(crate) port: Option<u16>,
    /// How the connections are protected.
    pub(crate) protection: Protection,
}

/// How a connection is protected. TLS is verified always, and nothing falls back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Protection {
    /// TLS from the first byte.
    Tls,
    /// Plain first, then TLS by StartTLS; without it nothing is sent.
    StartTls,
    /// Plain, for everybody on the way to read.
    None,
}

/// How a server is asked.
#[derive(Debug, Clone)]
pub(crate) struct Way {
    /// The authorities that are trusted, in PEM; those of the system if none are given.
    pub(crate) authorities: Option<Vec<u8>>,
    /// The name that the certificate must have, where that is not the host's.
    pub(crate) certificate_name: Option<String>,
    /// For a name, a connection, a handshake of TLS: each.
    pub(crate) connect_timeout: Duration,
    /// For an answer, or a page of them.
    pub(crate) answer_timeout: Duration,
    /// For all pages of a search together.
    pub(crate) search_timeout: Duration,
}

/// Who binds, and with what.
#[derive(Debug, Clone)]
pub(crate) struct Credentials {
    /// A distinguished name, or what the directory takes for one, such as `svc@corp.example`.
    pub(crate) name: String,
    /// The password.
    pub(crate) password: Secret,
}
