//! TLS towards servers: verified always, by the authorities of the system or those that are given, in version 1.2 or newer.

pub(crate) mod dns;
mod reach;
mod validity;

use std::fmt;
use std::fs::{self, File};
use std::io::{self, Read as _};
use std::sync::Arc;

pub(crate) use reach::{Seconds, Unreached, addresses, block_on, connected, is_end, shown};
pub(crate) use validity::good_until;

use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{
    AlertDescription, CertificateError, ClientConfig, ClientConnection, Error, ProtocolVersion,
    RootCertStore, crypto::ring::default_provider,
};
use tokio_rustls::TlsConnector;

/// The most bytes of a file of authorities; the whole list of a system has a quarter of it.
const LARGEST_FILE: u64 = 1 << 20;

/// Why TLS was refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Fault {
    /// No trusted authority vouches for the certificate.
    #[error("no trusted authority vouches for the certificate of the server")]
    UnknownAuthority,
    /// It is trusted, but as an authority.
    #[error(
        "the certificate of the server is that of an authority, which no server may show; make one for the server"
    )]
    AuthorityAsServer,
    /// It has ended.
    #[error("the certificate of the server has expired")]
    Expired,
    /// It has not begun.
    #[error("the certificate of the server is not valid yet")]
    NotYetValid,
    /// It is of another host.
    #[error("the certificate is not for `{host}`; it is for {others}")]
    WrongName {
        /// The host that was asked.
        host: String,
        /// Whom it is for.
        others: String,
    },
    /// The server knows only versions that are broken.
    #[error("the server speaks no TLS 1.2 or newer")]
    OldVersion,
    /// The server does not answer with TLS.
    #[error("the server does not speak TLS here")]
    NotTls,
    /// Anything else.
    #[error("TLS failed: {what}")]
    Other {
        /// What rustls says.
        what: String,
    },
}

/// What makes protected connections. The words of an error say what is wrong with the authorities.
pub(crate) fn connector(authorities: Option<&[u8]>) -> Result<TlsConnector, String> {
    let mut roots = RootCertStore::empty();
    if let Some(pem) = authorities {
        for certificate in CertificateDer::pem_slice_iter(pem) {
            let unread = |_| "the file of authorities holds a certificate that cannot be read".to_owned();
            roots.add(certificate.map_err(unread)?).map_err(told)?;
        }
    } else {
        // One that cannot be read is left out, as every program does.
        let found = rustls_native_certs::load_native_certs();
        roots.add_parsable_certificates(found.certs);
    }
    if roots.is_empty() {
        return Err(match authorities {
            Some(_) => "the file of authorities holds no certificate".to_owned(),
            None => "the system has no certificates of authorities".to_owned(),
        });
    }
    let config = ClientConfig::builder_with_provider(Arc::new(default_provider()))
        .with_safe_default_protocol_versions()
        .map_err(told)?
        .with_root_certificates(roots)
        .with_no_client_auth();
    Ok(TlsConnector::from(Arc::new(config)))
}

fn told(error: impl fmt::Display) -> String {
    error.to_string()
}

/// Why a file says nothing of authorities.
#[derive(Debug)]
pub(crate) enum NoAuthorities {
    /// It cannot be read.
    Unread(io::Error),
    /// It has no certificate, or one that cannot be read.
    NoCertificate,
}

/// The authorities of a file, in PEM.
pub(crate) fn authorities(path: &str) -> Result<Vec<u8>, NoAuthorities> {
    let pem = small_file(path).map_err(NoAuthorities::Unread)?;
    if are_certificates(&pem) { Ok(pem) } else { Err(NoAuthorities::NoCertificate) }
}

/// What a file holds, which nothing waits for: no pipe, no device, nothing without an end.
fn small_file(path: &str) -> io::Result<Vec<u8>> {
    let odd = |what: &str| io::Error::new(io::ErrorKind::InvalidInput, what.to_owned());
    if !fs::metadata(path)?.is_file() {
        return Err(odd("that is no file"));
    }
    let mut bytes = Vec::new();
    File::open(path)?.take(LARGEST_FILE + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > LARGEST_FILE { Err(odd("it has more than 1 MiB")) } else { Ok(bytes) }
}

/// Whether a text has certificates in PEM, each of which can be read.
fn are_certificates(pem: &[u8]) -> bool {
    let mut found = CertificateDer::pem_slice_iter(pem).peekable();
    found.peek().is_some() && found.all(|certificate| certificate.is_ok())
}

/// The host as certificates and the DNS know it.
pub(crate) fn server_name(host: &str) -> Option<ServerName<'static>> {
    if let Ok(address) = host.parse::<std::net::IpAddr>() {
        return Some(ServerName::IpAddress(address.into()));
    }
    let ascii = idna::domain_to_ascii(host.trim_end_matches('.')).ok()?;
    ServerName::try_from(ascii).ok()
}

/// What a handshake that failed means; nothing where the server only ended the connection.
pub(crate) fn fault(error: &io::Error, host: &str) -> Option<Fault> {
    let Some(error) = error.get_ref().and_then(|inner| inner.downcast_ref::<Error>()) else {
        return match error.kind() {
            io::ErrorKind::UnexpectedEof | io::ErrorKind::ConnectionReset => None,
            _ => Some(Fault::Other { what: error.to_string() }),
        };
    };
    Some(match error {
        Error::InvalidCertificate(certificate) => of_certificate(certificate, host),
        Error::AlertReceived(AlertDescription::ProtocolVersion) | Error::PeerIncompatible(_) => {
            Fault::OldVersion
        }
        Error::InvalidMessage(_) => Fault::NotTls,
        other => Fault::Other { what: other.to_string() },
    })
}

fn of_certificate(error: &CertificateError, host: &str) -> Fault {
    use CertificateError as Refused;
    match error {
        // Another authority of the same name has another key.
        Refused::UnknownIssuer | Refused::BadSignature => Fault::UnknownAuthority,
        Refused::Expired | Refused::ExpiredContext { .. } => Fault::Expired,
        Refused::NotValidYet | Refused::NotValidYetContext { .. } => Fault::NotYetValid,
        Refused::NotValidForName => Fault::WrongName { host: host.to_owned(), others: "others".to_owned() },
        Refused::NotValidForNameContext { presented, .. } => {
            Fault::WrongName { host: host.to_owned(), others: names(presented) }
        }
        // A reason of webpki that rustls gives on as it is.
        Refused::Other(other) if format!("{other:?}").contains("CaUsedAsEndEntity") => {
            Fault::AuthorityAsServer
        }
        other => Fault::Other { what: other.to_string() },
    }
}

/// Whom a certificate is for.
fn names(presented: &[String]) -> String {
    let names: Vec<String> = presented.iter().take(5).map(|name| format!("`{}`", bare(name))).collect();
    if names.is_empty() { "nobody".to_owned() } else { names.join(", ") }
}

/// A name as rustls shows it, `DnsName("…")`, without what stands around it.
fn bare(name: &str) -> &str {
    name.split('"').nth(1).unwrap_or(name)
}

/// The version that was agreed on, for people.
pub(crate) fn version(connection: &ClientConnection, name: &ServerName<'_>) -> String {
    let version = match connection.protocol_version() {
        Some(ProtocolVersion::TLSv1_2) => "TLS 1.2",
        Some(ProtocolVersion::TLSv1_3) => "TLS 1.3",
        _ => "TLS",
    };
    format!("{version}, certificate for {} verified", name.to_str())
}
