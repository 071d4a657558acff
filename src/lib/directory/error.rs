//! What a command about directories refuses.

use std::io;

use super::transport::Failure;
use crate::error::{Explain, Kind};
use crate::text::count::people;
use crate::text::shell::secboard;

/// What a command about directories refuses.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Error {
    /// Nothing is called so.
    #[error("there is no connection `{name}`")]
    NotFound {
        /// The name as typed.
        name: String,
        /// The name that is nearly the same.
        near: Option<String>,
    },
    /// The name is taken.
    #[error("there is a connection `{name}` already")]
    Exists {
        /// The name of the one there is.
        name: String,
    },
    /// People are of the connection.
    #[error("`{name}` manages {}", managed(*.live, *.in_bin))]
    HasPeople {
        /// The connection.
        name: String,
        /// How many are outside the bin.
        live: u64,
        /// How many are in it.
        in_bin: u64,
    },
    /// A server is none.
    #[error("`{server}` is no server of a directory")]
    BadServer {
        /// As typed.
        server: String,
    },
    /// TLS and none at once.
    #[error("`--insecure` is for servers that begin with `ldap://`, and `{server}` speaks TLS")]
    InsecureTls {
        /// The server.
        server: String,
    },
    /// Authorities without TLS.
    #[error("`--ca-file` and `--certificate-name` say whom to trust, and with `--insecure` nobody is asked")]
    TrustInPlain,
    /// The name of an entry is none.
    #[error("`{dn}` is no name of an entry")]
    BadDn {
        /// As typed.
        dn: String,
    },
    /// The filter is none.
    #[error("`{filter}` is no filter of LDAP")]
    BadFilter {
        /// As typed.
        filter: String,
    },
    /// A domain is none.
    #[error("`{domain}` is no domain")]
    BadDomain {
        /// As typed.
        domain: String,
    },
    /// A domain belongs to another connection.
    #[error("logins of `{domain}` belong to the connection `{connection}`")]
    DomainTaken {
        /// The domain.
        domain: String,
        /// The other connection.
        connection: String,
    },
    /// A map that is none.
    #[error("`{given}` does not say which attribute is read as what")]
    BadMap {
        /// As typed.
        given: String,
    },
    /// A fact that nobody can be without.
    #[error("`{field}` cannot be left out")]
    Needed {
        /// The fact.
        field: &'static str,
    },
    /// The authorities cannot be read.
    #[error("the authorities in `{path}` cannot be read")]
    Authorities {
        /// The file.
        path: String,
        /// Why.
        source: io::Error,
    },
    /// The file has no authorities.
    #[error("`{path}` holds no certificate in PEM")]
    NoAuthorities {
        /// The file.
        path: String,
    },
    /// The password of a connection is gone.
    #[error("the password of the connection `{name}` is gone")]
    PasswordGone {
        /// The connection.
        name: String,
    },
    /// Nobody can say which connection knows somebody.
    #[error("no connection is for logins of `{email}`")]
    NoConnection {
        /// The email as typed.
        email: String,
    },
    /// What was typed is no name to log in with.
    #[error("that is no name to log in with")]
    BadLogin,
    /// No server answered.
    #[error("the directory `{name}` cannot be asked: {failure}")]
    Unavailable {
        /// The connection.
        name: String,
        /// What the last server said.
        failure: Failure,
    },
    /// The entry below which people are is not there.
    #[error("connection `{name}`: there is no entry `{base}`")]
    NoBase {
        /// The connection.
        name: String,
        /// Which entry.
        base: String,
    },
    /// The connection is switched off.
    #[error("connection `{name}` is switched off, and follows nobody")]
    Inactive {
        /// The connection.
        name: String,
    },
    /// Another process follows the directory just now.
    #[error("connection `{name}` is followed just now by another command")]
    BusySync {
        /// The connection.
        name: String,
    },
    /// An account is one of a directory already.
    #[error("`{email}` is an account of the directory `{connection}` already")]
    Linked {
        /// Who.
        email: String,
        /// The connection.
        connection: String,
    },
    /// An account is of another company than the connection.
    #[error("`{email}` is not of `{company}`, whose people `{name}` knows")]
    OtherCompany {
        /// Who.
        email: String,
        /// The connection.
        name: String,
        /// Its company.
        company: String,
    },
    /// A name belongs to nobody there, or to several.
    #[error("{} called `{login}` in `{name}`", if *found == 0 { "nobody is" } else { "more than one person is" })]
    NotOne {
        /// The connection.
        name: String,
        /// The name.
        login: String,
        /// How many beside the first.
        found: usize,
    },
    /// As many logins wait for directories as may.
    #[error("the directory `{name}` is not asked, for too many logins wait")]
    TooManyLogins {
        /// The connection.
        name: String,
    },
    /// Another server may know more, so that no copy is whole.
    #[error("more of the directory `{name}` may be at `{address}`, which is not asked")]
    Elsewhere {
        /// The connection.
        name: String,
        /// Where.
        address: String,
    },
    /// A copy cannot be written.
    #[error("the copy cannot be written")]
    Unwritten {
        /// Why.
        source: io::Error,
    },
    /// What is to be followed is no copy, or was cut.
    #[error("line {line} is none of a copy of a directory")]
    BadCopy {
        /// Which line; the one behind the last where that is no end.
        line: usize,
    },
    /// No store can be made to follow a copy in.
    #[error("no store can be made to follow the copy in")]
    NoScratch {
        /// Why.
        source: io::Error,
    },
    /// What asks cannot be started.
    #[error("no directory can be asked from here")]
    NoRuntime {
        /// Why.
        source: io::Error,
    },
}

#[cfg(test)]
impl Error {
    /// That the connection of that name cannot be asked.
    pub(crate) fn unavailable(name: String) -> Self {
        use super::transport::{Cause, Step};
        Self::Unavailable { name, failure: Failure { step: Step::Tcp, cause: Cause::Closed } }
    }
}

impl Explain for Error {
    fn code(&self) -> &'static str {
        match self {
            Self::NotFound { .. } => "directory.not_found",
            Self::Exists { .. } => "directory.exists",
            Self::HasPeople { .. } => "directory.has_people",
            Self::BadServer { .. } => "directory.bad_server",
            Self::InsecureTls { .. } => "directory.insecure_tls",
            Self::TrustInPlain => "directory.trust_in_plain",
            Self::BadDn { .. } => "directory.bad_dn",
            Self::BadFilter { .. } => "directory.bad_filter",
            Self::BadDomain { .. } => "directory.bad_domain",
            Self::DomainTaken { .. } => "directory.domain_taken",
            Self::BadMap { .. } => "directory.bad_map",
            Self::Needed { .. } => "directory.needed",
            Self::Authorities { .. } | Self::NoAuthorities { .. } => "directory.authorities",
            Self::PasswordGone { .. } => "directory.password_gone",
            Self::NoConnection { .. } => "directory.no_connection",
            Self::BadLogin => "directory.bad_login",
            Self::Unavailable { .. } => "directory.unavailable",
            Self::Linked { .. } => "directory.linked",
            Self::OtherCompany { .. } => "directory.other_company",
            Self::NotOne { .. } => "directory.not_one",
            Self::TooManyLogins { .. } => "directory.too_many_logins",
            Self::Elsewhere { .. } => "directory.elsewhere",
            Self::Unwritten { .. } => "directory.unwritten",
            Self::BadCopy { .. } => "directory.bad_copy",
            Self::NoScratch { .. } => "directory.no_scratch",
            Self::NoRuntime { .. } => "directory.no_runtime",
            Self::NoBase { .. } => "directory.no_base",
            Self::Inactive { .. } => "directory.inactive",
            Self::BusySync { .. } => "directory.busy",
        }
    }

    fn kind(&self) -> Kind {
        match self {
            Self::NotFound { .. } | Self::NoConnection { .. } | Self::NotOne { .. } => Kind::NotFound,
            Self::Exists { .. } => Kind::CannotCreate,
            Self::Authorities { .. } => Kind::NoInput,
            Self::PasswordGone { .. } => Kind::Config,
            Self::Unavailable { .. } | Self::TooManyLogins { .. } | Self::Elsewhere { .. } => {
                Kind::Unavailable
            }
            Self::NoRuntime { .. } | Self::Unwritten { .. } | Self::NoScratch { .. } => Kind::Io,
            Self::BusySync { .. } => Kind::Busy,
            _ => Kind::Refused,
        }
    }

    fn field(&self) -> Option<&'static str> {
        match self {
            Self::NotFound { .. } => Some("connection"),
            Self::Exists { .. } => Some("name"),
            Self::BadServer { .. } => Some("server"),
            Self::InsecureTls { .. } => Some("insecure"),
            Self::TrustInPlain | Self::Authorities { .. } | Self::NoAuthorities { .. } => Some("ca_file"),
            Self::BadFilter { .. } => Some("filter"),
            Self::BadDomain { .. } | Self::DomainTaken { .. } => Some("login_domain"),
            Self::BadMap { .. } => Some("map"),
            Self::NoConnection { .. } | Self::BadLogin => Some("email"),
            _ => None,
        }
    }

    fn command(&self) -> Option<String> {
        match self {
            Self::NotFound { near: None, .. } | Self::NoConnection { .. } => {
                Some("secboard ad list".to_owned())
            }
            Self::Unavailable { name, .. } | Self::NoBase { name, .. } => {
                Some(secboard("ad test").operand(name).to_string())
            }
            Self::Inactive { name } => Some(secboard("ad edit").operand(name).flags("--active").to_string()),
            Self::DomainTaken { connection, .. } => Some(secboard("ad show").operand(connection).to_string()),
            Self::PasswordGone { name } => {
                Some(secboard("ad edit").operand(name).flags("--password").to_string())
            }
            Self::HasPeople { name, .. } => {
                Some(secboard("ad delete").operand(name).flags("--make-local").to_string())
            }
            _ => None,
        }
    }

    fn advice(&self) -> Option<String> {
        let advice = match self {
            Self::NotFound { near: Some(near), .. } => return Some(format!("did you mean `{near}`?")),
            Self::NotFound { near: None, .. } => "see what there is",
            Self::NoConnection { .. } => {
                "name one with `--connection`, or give one the domain with `secboard ad edit … --login-domain …`; see \
                 what there is"
            }
            Self::HasPeople { .. } => {
                "have them as people of this store without a password, which each is to choose by a link that is mailed to them,"
            }
            Self::BadServer { .. } => {
                "write it as `ldaps://dc1.corp.example`, or `ldap://dc1.corp.example` for StartTLS, with `:PORT` behind \
                 it where that is another; for the servers of a domain as `ldaps+srv://corp.example`"
            }
            Self::InsecureTls { .. } => {
                "leave `--insecure` out; where the connection has it already, `--no-insecure` takes it off"
            }
            Self::TrustInPlain => {
                "leave one of them out; what the connection has already goes with `--no-insecure`, or with `--no-ca-file` \
                 and `--certificate-name ''`"
            }
            Self::BadDn { .. } => "write it as `DC=corp,DC=example`",
            Self::BadFilter { .. } => "write it as `(objectClass=user)`; `default` is the usual one",
            Self::BadDomain { .. } => "write what stands behind the @, such as `corp.example`",
            Self::DomainTaken { .. } => "look at the other one",
            Self::BadMap { .. } => {
                "write it as `phone=mobile`: email, first_name, last_name, phone, department, position, login, principal, \
                 guid, account_control or expires, and an attribute, `-` for none, or nothing for the usual one"
            }
            Self::Needed { .. } => "name its attribute",
            Self::Authorities { .. } => {
                "see whether it is there, and whether the owner of the store may read it"
            }
            Self::NoAuthorities { .. } => "give the certificate of the authority, not its key",
            Self::PasswordGone { .. } => "give it again",
            Self::BadLogin => "type an email or the name of an account, at most 256 characters in one line",
            Self::Unavailable { .. } | Self::NoBase { .. } => "see every step",
            Self::Inactive { .. } => "switch it on",
            Self::BusySync { .. } => "try again when that has ended",
            Self::OtherCompany { .. } => "name the connection of their company with `--connection`",
            Self::NotOne { .. } => {
                "say what they log in with there with `--login`, and see whether the filter of the connection takes them in"
            }
            Self::Elsewhere { .. } => "name with `--search-base` an entry below which nobody else is",
            Self::BadCopy { .. } => "give what `secboard ad capture` wrote, as it wrote it",
            Self::Linked { .. }
            | Self::Unwritten { .. }
            | Self::NoScratch { .. }
            | Self::Exists { .. }
            | Self::NoRuntime { .. }
            | Self::TooManyLogins { .. } => return None,
        };
        Some(advice.to_owned())
    }
}

/// How many people, and how many of them are in the bin.
pub(super) fn managed(live: u64, in_bin: u64) -> String {
    let all = people(live.saturating_add(in_bin));
    match in_bin {
        0 => all,
        in_bin => format!("{all}, {in_bin} of them in the bin"),
    }
}
