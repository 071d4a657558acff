//! TLS: verified always, by the authorities of the system or those that are given.

use std::sync::Arc;

use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{
    AlertDescription, CertificateError, ClientConfig, Error, RootCertStore, crypto::ring::default_provider,
};
use tokio_rustls::TlsConnector;

use super::failure::{Cause, TlsFault};
use super::withheld::Withheld;

/// What makes protected connections.
pub(super) fn connector(authorities: Option<&[u8]>) -> Result<TlsConnector, Cause> {
    let refused = |what: String| Cause::Configuration { what };
    let mut roots = RootCertStore::empty();
    if let Some(pem) = authorities {
        for certificate in CertificateDer::pem_slice_iter(pem) {
            let unread =
                |_| refused("the file of authorities holds a certificate that cannot be read".to_owned());
            roots.add(certificate.map_err(unread)?).map_err(|error| refused(error.to_string()))?;
        }
    } else {
        // One that cannot be read is left out, as every program does.
        let found = rustls_native_certs::load_native_certs();
        roots.add_parsable_certificates(found.certs);
    }
    if roots.is_empty() {
        return Err(refused(match authorities {
            Some(_) => "the file of authorities holds no certificate".to_owned(),
            None => "the system has no certificates of authorities".to_owned(),
        }));
    }
    let config = ClientConfig::builder_with_provider(Arc::new(default_provider()))
        .with_safe_default_protocol_versions()
        .map_err(|error| refused(error.to_string()))?
        .with_root_certificates(roots)
        .with_no_client_auth();
    Ok(TlsConnector::from(Arc::new(config)))
}

/// What a handshake that failed means.
pub(super) fn fault(error: &std::io::Error, host: &str, withheld: &Withheld) -> Cause {
    let Some(error) = error.get_ref().and_then(|inner| inner.downcast_ref::<Error>()) else {
        return Cause::Tls(match error.kind() {
            std::io::ErrorKind::UnexpectedEof | std::io::ErrorKind::ConnectionReset => {
                return Cause::Closed;
            }
            _ => TlsFault::Other { what: error.to_string() },
        });
    };
    Cause::Tls(match error {
        Error::InvalidCertificate(certificate) => of_certificate(certificate, host, withheld),
        Error::AlertReceived(AlertDescription::ProtocolVersion) | Error::PeerIncompatible(_) => {
            TlsFault::OldVersion
        }
        Error::InvalidMessage(_) => TlsFault::NotTls,
        other => TlsFault::Other { what: other.to_string() },
    })
}

fn of_certificate(error: &CertificateError, host: &str, withheld: &Withheld) -> TlsFault {
    use CertificateError as Fault;
    match error {
        // Another authority of the same name has another key.
        Fault::UnknownIssuer | Fault::BadSignature => TlsFault::UnknownAuthority,
        Fault::Expired | Fault::ExpiredContext { .. } => TlsFault::Expired,
        Fault::NotValidYet | Fault::NotValidYetContext { .. } => TlsFault::NotYetValid,
        Fault::NotValidForName => TlsFault::WrongName { host: host.to_owned(), others: "others".to_owned() },
        Fault::NotValidForNameContext { presented, .. } => {
            TlsFault::WrongName { host: host.to_owned(), others: withheld.without(names(presented)) }
        }
        // A reason of webpki that rustls gives on as it is.
        Fault::Other(other) if format!("{other:?}").contains("CaUsedAsEndEntity") => {
            TlsFault::AuthorityAsServer
        }
        other => TlsFault::Other { what: other.to_string() },
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
pub(super) fn version(
    stream: &tokio_rustls::client::TlsStream<tokio::net::TcpStream>,
    name: &ServerName<'_>,
) -> String {
    let version = match stream.get_ref().1.protocol_version() {
        Some(rustls::ProtocolVersion::TLSv1_2) => "TLS 1.2",
        Some(rustls::ProtocolVersion::TLSv1_3) => "TLS 1.3",
        _ => "TLS",
    };
    format!("{version}, certificate for {} verified", name.to_str())
}
