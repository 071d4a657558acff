//! What is wrong with the settings of a server before it is tried.

use super::Security;
use crate::error::{Explain, Kind};

/// A pair of port and security that cannot work, or gives a password away.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Objection {
    /// TLS from the first byte on the port of submission.
    #[error("port {port} speaks plain first and changes to TLS by STARTTLS, so `tls` would wait for ever")]
    TlsOnSubmission {
        /// The port.
        port: u16,
    },
    /// STARTTLS on the port of SMTP over TLS.
    #[error("port {port} speaks TLS from the first byte, so `starttls` would wait for ever")]
    StartTlsOnTls {
        /// The port.
        port: u16,
    },
    /// A password over a connection that everybody can read.
    #[error("passwords would go to the server in plain, for everybody on the way to read")]
    PlainPassword,
}

impl Explain for Objection {
    fn code(&self) -> &'static str {
        match self {
            Self::TlsOnSubmission { .. } | Self::StartTlsOnTls { .. } => "mail.security_of_port",
            Self::PlainPassword => "mail.plain_password",
        }
    }

    fn kind(&self) -> Kind {
        Kind::Refused
    }

    fn field(&self) -> Option<&'static str> {
        Some("security")
    }

    fn advice(&self) -> Option<String> {
        Some(match self {
            Self::TlsOnSubmission { .. } => {
                "write `--port 587 --security starttls` or `--port 465 --security tls`; `--force` if this server is \
                 different"
                    .to_owned()
            }
            Self::StartTlsOnTls { .. } => {
                "write `--port 465 --security tls` or `--port 587 --security starttls`; `--force` if this server is \
                 different"
                    .to_owned()
            }
            Self::PlainPassword => {
                "take `--security starttls` or `tls`; `--force` if nobody else is on the way".to_owned()
            }
        })
    }
}

impl Objection {
    /// What is to be changed of a server that stays at its port.
    pub(crate) const fn cure(self) -> &'static str {
        match self {
            Self::TlsOnSubmission { .. } | Self::PlainPassword => "--security starttls",
            Self::StartTlsOnTls { .. } => "--security tls",
        }
    }
}

/// What speaks against a port with a security. The submission port is 587, or 25 and 2525 as some providers have it;
/// the port of SMTP over TLS is 465.
pub(crate) fn check(port: u16, security: Security, has_password: bool) -> Result<(), Objection> {
    match (port, security) {
        (587 | 25 | 2525, Security::Tls) => Err(Objection::TlsOnSubmission { port }),
        (465, Security::StartTls) => Err(Objection::StartTlsOnTls { port }),
        (_, Security::None) if has_password => Err(Objection::PlainPassword),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_port_and_a_security_that_cannot_meet_are_refused_with_the_right_pair() {
        let code = |port, security, has_password| {
            check(port, security, has_password).err().map(|error| error.code())
        };
        assert_eq!(code(587, Security::Tls, true), Some("mail.security_of_port"));
        assert_eq!(code(25, Security::Tls, false), Some("mail.security_of_port"));
        assert_eq!(code(465, Security::StartTls, true), Some("mail.security_of_port"));
        assert_eq!(code(25, Security::None, true), Some("mail.plain_password"));
        for (port, security, has_password) in [
            (587, Security::StartTls, true),
            (465, Security::Tls, true),
            (2587, Security::Tls, true),
            (2465, Security::StartTls, true),
            (25, Security::None, false),
        ] {
            assert_eq!(code(port, security, has_password), None);
        }
        let error = check(465, Security::StartTls, false).unwrap_err();
        assert!(error.to_string().starts_with("port 465 speaks TLS from the first byte"));
        assert!(error.advice().unwrap().contains("--port 465 --security tls"));
    }
}
