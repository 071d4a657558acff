//! What a mail command refuses.

use std::io;

use super::said::{left_off, waiting};
use crate::error::{Explain, Kind};
use crate::text::shell::secboard;

/// A server or an account.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ServerOrAccount {
    /// By what mails leave.
    Server,
    /// With what sender and password.
    Account,
}

impl ServerOrAccount {
    /// The word for one.
    pub(crate) const fn word(self) -> &'static str {
        match self {
            Self::Server => "mail server",
            Self::Account => "mail account",
        }
    }
}

/// What a mail command refuses.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Error {
    /// Nothing is called so.
    #[error("there is no {} `{name}`", what.word())]
    NotFound {
        /// What was looked for.
        what: ServerOrAccount,
        /// The name as typed.
        name: String,
        /// The name that is nearly the same.
        near: Option<String>,
    },
    /// The name is taken.
    #[error("there is a {} `{name}` already", what.word())]
    Exists {
        /// What.
        what: ServerOrAccount,
        /// The name of the one there is.
        name: String,
    },
    /// Something refers to it.
    #[error("{} `{name}` is in use: {uses}", what.word())]
    InUse {
        /// What.
        what: ServerOrAccount,
        /// Its name.
        name: String,
        /// What refers to it.
        uses: String,
    },
    /// A server of that kind has no such thing.
    #[error("a mail server of kind `{kind}` takes no `{flag}`")]
    NotOfKind {
        /// The kind.
        kind: &'static str,
        /// What was given.
        flag: &'static str,
    },
    /// A server of that kind cannot do without.
    #[error("a mail server of kind `{kind}` needs `{flag}`")]
    Missing {
        /// The kind.
        kind: &'static str,
        /// What is missing.
        flag: &'static str,
    },
    /// The host is neither a name nor an address.
    #[error("`{host}` is no name of a host and no address")]
    BadHost {
        /// As typed.
        host: String,
    },
    /// The first word of a command is no full path.
    #[error("`{program}` is not the full path of a program")]
    NoProgram {
        /// As typed.
        program: String,
    },
    /// There is no such program.
    #[error("there is no program `{program}`")]
    MissingProgram {
        /// The path.
        program: String,
    },
    /// Authorities without TLS.
    #[error("`--ca-file` says whom to trust, and with `--security none` nobody is asked")]
    TrustInPlain {
        /// Whether the server has them already.
        is_kept: bool,
    },
    /// A token without a command that prints it, or the other way round.
    #[error("`--auth xoauth2` and `--token-command` belong together")]
    TokenCommand,
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
    /// The folder is none.
    #[error("`{path}` is no folder")]
    NoFolder {
        /// As given.
        path: String,
    },
    /// The server wants a user.
    #[error("the mail server `{server}` logs in, so the account needs a user name")]
    NeedsUser {
        /// The server.
        server: String,
    },
    /// The server wants a password.
    #[error("the mail server `{server}` logs in with a password, and the account has none")]
    NeedsPassword {
        /// The server.
        server: String,
    },
    /// The server takes no user or password.
    #[error("the mail server `{server}` takes no {what}")]
    Needless {
        /// The server.
        server: String,
        /// What it does not take.
        what: &'static str,
    },
    /// An account lacks what its server wants of it.
    #[error("the mail account `{account}` cannot log in: {why}")]
    CannotLogIn {
        /// The account.
        account: String,
        /// What it lacks.
        why: Box<Self>,
    },
    /// The domain of the key is not that of the sender.
    #[error("a signature of `{domain}` says nothing about mails from `{from}`")]
    ForeignDomain {
        /// The account.
        account: String,
        /// The domain that signs.
        domain: String,
        /// Whom mails are from.
        from: String,
    },
    /// The account has no key.
    #[error("the mails of `{account}` are not signed")]
    Unsigned {
        /// The account.
        account: String,
    },
    /// A key that was to be, and cannot be opened or is gone.
    #[error("the key that signs the mails of `{account}` is gone")]
    KeyGone {
        /// The account.
        account: String,
    },
    /// The feature is no word.
    #[error("`{feature}` is no feature")]
    BadFeature {
        /// As typed.
        feature: String,
    },
    /// An account of a company is for that company.
    #[error("the mail account `{account}` is of company `{company}` alone")]
    Elsewhere {
        /// The account.
        account: String,
        /// Its company.
        company: String,
    },
    /// A route of others needs the account, which shall be of a company alone.
    #[error("the mail account `{account}` cannot be of company `{company}` alone: it is needed by {routes}")]
    RoutedElsewhere {
        /// The account.
        account: String,
        /// The company that it shall be of.
        company: String,
        /// The routes, counted, with the first of them.
        routes: String,
    },
    /// The second account is the first.
    #[error("`{account}` cannot stand in for itself")]
    Twice {
        /// The account.
        account: String,
    },
    /// There is no such route.
    #[error("there is no mail route for {route}")]
    NoRoute {
        /// Which.
        route: String,
    },
    /// What is attached is more than the server takes.
    #[error("the mail would have some {size} bytes, and the server `{server}` takes {limit}")]
    TooLarge {
        /// The size it would have, at least.
        size: u64,
        /// The server by which it would leave.
        server: String,
        /// What that takes.
        limit: u64,
    },
    /// No mail has that id.
    #[error("there is no mail `{id}`")]
    NoMail {
        /// As typed.
        id: String,
    },
    /// A mail is too far for that.
    #[error("the mail `{id}` cannot be {what}: it is {state}")]
    WrongState {
        /// The mail.
        id: String,
        /// How far it is.
        state: &'static str,
        /// What cannot be done.
        what: &'static str,
    },
    /// What people are told is kept from them, and no reason is given.
    #[error(
        "the mail `{id}` tells somebody what they have to know: to drop it needs a reason, which the audit keeps"
    )]
    DropWithoutReason {
        /// The mail.
        id: String,
    },
    /// What a mail said was wiped when it ended.
    #[error("the mail `{id}` has ended, and what it said is no longer there")]
    NothingLeft {
        /// The mail.
        id: String,
    },
    /// What a mail says does not read.
    #[error("what the mail in row {seq} says does not read")]
    UnreadableMail {
        /// The row.
        seq: i64,
    },
    /// What a mail says cannot be stored.
    #[error("what the mail says cannot be stored")]
    Unwritable {
        /// Why.
        source: serde_json::Error,
    },
    /// An account rests, and mails wait for it.
    #[error("account `{account}` rests until {until}; {}", waiting(*mails))]
    Rests {
        /// The account.
        account: String,
        /// Until when.
        until: String,
        /// How many mails wait.
        mails: u64,
        /// Where it failed, and what was said there.
        said: String,
    },
    /// An account does not send, and mails wait for it.
    #[error("account `{account}` is switched off; {}", waiting(*mails))]
    SwitchedOff {
        /// The account.
        account: String,
        /// How many mails wait.
        mails: u64,
    },
    /// An account needs a program that is not the operator's to run, and mails wait for it.
    #[error("account `{account}` sends by a program, which only root and the owner of the store have run; {}", waiting(*mails))]
    OfOwner {
        /// The account.
        account: String,
        /// How many mails wait.
        mails: u64,
    },
    /// No account is routed, and mails wait for one.
    #[error("no account sends mails of `{feature}`; {}", waiting(*mails))]
    Unrouted {
        /// The feature.
        feature: String,
        /// How many mails wait.
        mails: u64,
    },
    /// Links would lead to nowhere, and mails with links wait.
    #[error("links would lead to `localhost`; {}", waiting(*mails))]
    NoDomain {
        /// How many mails wait.
        mails: u64,
    },
    /// Whoever asked that mails be sent wants no more.
    #[error("interrupted; {}", left_off(*sent, *unanswered))]
    CutShort {
        /// How many were sent.
        sent: u64,
        /// Of how many nobody knows whether they were.
        unanswered: u64,
    },
    /// What sends cannot be started.
    #[error("nothing can be sent from here")]
    NoRuntime {
        /// Why.
        source: io::Error,
    },
}

impl Explain for Error {
    fn code(&self) -> &'static str {
        match self {
            Self::NotFound { what: ServerOrAccount::Server, .. } => "mail.server_not_found",
            Self::NotFound { what: ServerOrAccount::Account, .. } => "mail.account_not_found",
            Self::Exists { what: ServerOrAccount::Server, .. } => "mail.server_exists",
            Self::Exists { what: ServerOrAccount::Account, .. } => "mail.account_exists",
            Self::InUse { what: ServerOrAccount::Server, .. } => "mail.server_in_use",
            Self::InUse { what: ServerOrAccount::Account, .. } => "mail.account_in_use",
            Self::NotOfKind { .. } => "mail.not_of_kind",
            Self::Missing { .. } => "mail.missing",
            Self::BadHost { .. } => "mail.bad_host",
            Self::NoProgram { .. } | Self::MissingProgram { .. } => "mail.no_program",
            Self::TrustInPlain { .. } => "mail.trust_in_plain",
            Self::TokenCommand => "mail.token_command",
            Self::Authorities { .. } | Self::NoAuthorities { .. } => "mail.authorities",
            Self::NoFolder { .. } => "mail.no_folder",
            Self::NeedsUser { .. } => "mail.needs_user",
            Self::NeedsPassword { .. } => "mail.needs_password",
            Self::Needless { .. } => "mail.needless",
            Self::CannotLogIn { why, .. } => why.code(),
            Self::ForeignDomain { .. } => "mail.foreign_domain",
            Self::Unsigned { .. } => "mail.not_signed",
            Self::KeyGone { .. } => "mail.key_gone",
            Self::BadFeature { .. } => "mail.bad_feature",
            Self::Elsewhere { .. } | Self::RoutedElsewhere { .. } => "mail.elsewhere",
            Self::Twice { .. } => "mail.twice",
            Self::NoRoute { .. } => "mail.no_route",
            Self::TooLarge { .. } => "mail.too_large",
            Self::NoMail { .. } => "mail.not_found",
            Self::WrongState { .. } => "mail.wrong_state",
            Self::NothingLeft { .. } => "mail.nothing_left",
            Self::DropWithoutReason { .. } => "mail.drop_without_reason",
            Self::UnreadableMail { .. } => "mail.unreadable",
            Self::Unwritable { .. } => "mail.unwritable",
            Self::Rests { .. } => "mail.account_rests",
            Self::SwitchedOff { .. } => "mail.account_switched_off",
            Self::OfOwner { .. } => "mail.of_owner",
            Self::Unrouted { .. } => "mail.unrouted",
            Self::NoDomain { .. } => "mail.no_domain",
            Self::CutShort { .. } => "interrupted",
            Self::NoRuntime { .. } => "mail.no_runtime",
        }
    }

    fn kind(&self) -> Kind {
        match self {
            Self::NotFound { .. } | Self::NoRoute { .. } | Self::Unsigned { .. } | Self::NoMail { .. } => {
                Kind::NotFound
            }
            Self::Exists { .. } => Kind::CannotCreate,
            Self::Authorities { .. } | Self::NoFolder { .. } | Self::MissingProgram { .. } => Kind::NoInput,
            Self::KeyGone { .. } | Self::UnreadableMail { .. } => Kind::Config,
            Self::Unwritable { .. } => Kind::Bug,
            Self::Rests { .. }
            | Self::SwitchedOff { .. }
            | Self::OfOwner { .. }
            | Self::Unrouted { .. }
            | Self::NoDomain { .. } => Kind::Unavailable,
            Self::CutShort { .. } => Kind::Interrupted,
            Self::DropWithoutReason { .. } => Kind::Usage,
            Self::NoRuntime { .. } => Kind::Io,
            _ => Kind::Refused,
        }
    }

    fn field(&self) -> Option<&'static str> {
        match self {
            Self::NotFound { what: ServerOrAccount::Server, .. } => Some("server"),
            Self::NotFound { what: ServerOrAccount::Account, .. } | Self::Elsewhere { .. } => Some("account"),
            Self::Exists { .. } => Some("name"),
            Self::RoutedElsewhere { .. } => Some("company"),
            Self::BadHost { .. } => Some("host"),
            Self::TrustInPlain { .. } | Self::Authorities { .. } | Self::NoAuthorities { .. } => {
                Some("ca_file")
            }
            Self::TokenCommand => Some("token_command"),
            Self::NoFolder { .. } => Some("folder"),
            Self::NeedsUser { .. } => Some("user"),
            Self::NeedsPassword { .. } => Some("password"),
            Self::ForeignDomain { .. } => Some("domain"),
            Self::BadFeature { .. } => Some("feature"),
            Self::Twice { .. } => Some("second"),
            _ => None,
        }
    }

    fn command(&self) -> Option<String> {
        match self {
            Self::NotFound { what: ServerOrAccount::Server, near: None, .. } => {
                Some("secboard mail server list".to_owned())
            }
            Self::NotFound { what: ServerOrAccount::Account, near: None, .. } => {
                Some("secboard mail account list".to_owned())
            }
            Self::NoRoute { .. } => Some("secboard mail route list".to_owned()),
            Self::WrongState { id, .. } => Some(secboard("mail outbox show").operand(id).to_string()),
            Self::SwitchedOff { account, .. } => {
                Some(secboard("mail account edit").operand(account).flags("--active").to_string())
            }
            Self::Rests { account, .. } => {
                Some(secboard("mail test").option("--account", account).to_string())
            }
            Self::ForeignDomain { account, .. } => {
                Some(secboard("mail account dkim").operand(account).flags("--remove").to_string())
            }
            Self::NeedsUser { server } => {
                Some(secboard("mail server edit").operand(server).flags("--auth none").to_string())
            }
            _ => None,
        }
    }

    fn advice(&self) -> Option<String> {
        Some(match self {
            Self::NotFound { near: Some(near), .. } => format!("did you mean `{near}`?"),
            Self::NotFound { near: None, .. } | Self::NoRoute { .. } => "see those there are".to_owned(),
            Self::Exists { .. } => "choose another name".to_owned(),
            Self::InUse { what: ServerOrAccount::Server, .. } => {
                "delete its accounts, or give them another server with `secboard mail account edit … --server …`".to_owned()
            }
            Self::InUse { what: ServerOrAccount::Account, .. } | Self::RoutedElsewhere { .. } => {
                "give these routes another account with `secboard mail route set`, or unset them".to_owned()
            }
            Self::NotOfKind { .. } => "leave it out; the kind of a server is chosen when it is made".to_owned(),
            Self::Missing { .. } => "give it".to_owned(),
            Self::BadHost { .. } => "write it like `mail.acme.example`, without port".to_owned(),
            Self::NoProgram { .. } => "begin the command with a path from `/` on".to_owned(),
            Self::TrustInPlain { is_kept: true } => "take it off with `--no-ca-file`, or choose `starttls` or `tls`".to_owned(),
            Self::TrustInPlain { .. } => "leave it out, or choose `starttls` or `tls`".to_owned(),
            Self::TokenCommand => "give both, or another `--auth` without a command".to_owned(),
            Self::Authorities { .. } | Self::NoAuthorities { .. } => {
                "give a file with the certificate of the authority, which begins with `-----BEGIN CERTIFICATE-----`"
                    .to_owned()
            }
            Self::NoFolder { .. } => "make it first".to_owned(),
            Self::MissingProgram { .. } => "see where it is, or install it first".to_owned(),
            Self::NeedsUser { .. } => {
                "add `--user`, or let nobody log in at the server".to_owned()
            }
            Self::NeedsPassword { .. } => "add `--password-stdin`".to_owned(),
            Self::CannotLogIn { account, why } => {
                let edit = secboard("mail account edit").operand(account);
                let needs_user = matches!(**why, Self::NeedsUser { .. });
                let lacks = if needs_user { "--user … --password-stdin" } else { "--password-stdin" };
                format!("give it what it lacks with `{}`", edit.flags(lacks))
            }
            Self::Needless { .. } => "leave it out, or choose another `--auth` for the server".to_owned(),
            Self::ForeignDomain { .. } => {
                "sign with the domain of the sender, or one above it; an old signature ends".to_owned()
            }
            Self::Unsigned { account } | Self::KeyGone { account } => {
                let dkim = secboard("mail account dkim").operand(account).flags("--selector … --key …");
                format!("give it a key with `{dkim}`")
            }
            Self::BadFeature { .. } => {
                "write it in at most 40 letters a to z, digits and hyphens, such as `invite`".to_owned()
            }
            Self::Elsewhere { .. } => "take one of no company, or route it for its own".to_owned(),
            Self::Twice { .. } => "name another account as the second".to_owned(),
            Self::TooLarge { .. } => "attach less, or hand the file out another way".to_owned(),
            Self::NoMail { .. } => "take an id that `secboard mail outbox list` shows".to_owned(),
            Self::WrongState { .. } => "see what became of it".to_owned(),
            Self::NothingLeft { .. } => "send it anew".to_owned(),
            Self::DropWithoutReason { .. } => "add `--reason TEXT`".to_owned(),
            Self::UnreadableMail { .. } => "another secboard wrote it; use that one, or a newer".to_owned(),
            Self::Rests { said, .. } => {
                let is_of_recipient = said.starts_with("RCPT") || said.starts_with("message");
                let to = if is_of_recipient { "`--to` tries a recipient that was refused; " } else { "" };
                format!("it failed at {said}; what is changed of it or its server ends the rest, as does a mail that `mail test --to` sends; {to}see what to do")
            }
            Self::SwitchedOff { .. } => {
                "route another account with `secboard mail route set`, or let it send".to_owned()
            }
            Self::OfOwner { .. } => "it leaves when the owner of the store sends".to_owned(),
            Self::Unrouted { .. } => {
                "choose one with `secboard mail route set --account …`, for all features or with `--feature`".to_owned()
            }
            Self::NoDomain { .. } => "say where links lead with `secboard setting set site.domain …`".to_owned(),
            Self::NoRuntime { .. } | Self::Unwritable { .. } | Self::CutShort { .. } => return None,
        })
    }
}
