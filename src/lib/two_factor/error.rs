//! What is refused of second factors.

use crate::error::{Explain, Kind};
use crate::text::shell::secboard;

/// What is refused of second factors.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Error {
    /// There is one already.
    #[error("`{email}` has a second factor already")]
    Enrolled {
        /// Who.
        email: String,
    },
    /// There is none.
    #[error("`{email}` has no second factor")]
    NotEnrolled {
        /// Who.
        email: String,
    },
    /// It may not be removed.
    #[error("a second factor is required of `{email}`")]
    Required {
        /// Who.
        email: String,
    },
    /// A reset without a reason.
    #[error("a second factor is reset with a reason, which the audit keeps")]
    WithoutReason,
    /// A time to enrol again, for somebody who need not.
    #[error("`{email}` needs no second factor, so no time to set one up ends")]
    GraceWithoutRequirement {
        /// Who.
        email: String,
    },
    /// No address for an app can be made.
    #[error("no address for an app can be made of the name of the site and the email")]
    NoAddress {
        /// Why.
        source: totp_rs::TotpError,
    },
    /// The address is too long for a picture.
    #[error("the address for an app is too long for a picture")]
    NoPicture {
        /// Why.
        source: qrcode::types::QrError,
    },
}

impl Explain for Error {
    fn code(&self) -> &'static str {
        match self {
            Self::Enrolled { .. } => "two_factor.enrolled",
            Self::NotEnrolled { .. } => "two_factor.not_enrolled",
            Self::Required { .. } => "two_factor.required",
            Self::WithoutReason => "two_factor.without_reason",
            Self::GraceWithoutRequirement { .. } => "two_factor.grace_without_requirement",
            Self::NoAddress { .. } => "two_factor.no_address",
            Self::NoPicture { .. } => "two_factor.no_picture",
        }
    }

    fn kind(&self) -> Kind {
        match self {
            Self::Enrolled { .. }
            | Self::NotEnrolled { .. }
            | Self::Required { .. }
            | Self::GraceWithoutRequirement { .. } => Kind::Refused,
            Self::WithoutReason => Kind::Usage,
            Self::NoAddress { .. } | Self::NoPicture { .. } => Kind::Config,
        }
    }

    fn field(&self) -> Option<&'static str> {
        match self {
            Self::GraceWithoutRequirement { .. } => Some("grace"),
            _ => None,
        }
    }

    fn command(&self) -> Option<String> {
        match self {
            Self::GraceWithoutRequirement { email } => {
                Some(secboard("two-factor require").operand(email).to_string())
            }
            _ => None,
        }
    }

    fn advice(&self) -> Option<String> {
        Some(match self {
            Self::WithoutReason => "say with `--reason` how you made sure that it is them".to_owned(),
            Self::GraceWithoutRequirement { .. } => {
                "leave `--grace` out, or require a second factor first".to_owned()
            }
            Self::NoAddress { .. } | Self::NoPicture { .. } => {
                "give the site another name: the setting `site.name`".to_owned()
            }
            Self::Enrolled { .. } | Self::NotEnrolled { .. } | Self::Required { .. } => return None,
        })
    }
}
