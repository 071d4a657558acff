//! What there is to know of a server: by what mails leave decides what it has, so nothing else can be said of it.

use serde_json::json;

use crate::audit::{self, Fields};
use crate::mail::transport::Security;

/// What a server is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum ServerKind {
    /// It speaks SMTP.
    #[default]
    Smtp,
    /// A folder of mails.
    File,
    /// A local program.
    Sendmail,
}

impl ServerKind {
    pub(super) const WORDS: [(&'static str, Self); 3] =
        [("smtp", Self::Smtp), ("file", Self::File), ("sendmail", Self::Sendmail)];

    /// As it is stored and typed.
    pub(crate) const fn word(self) -> &'static str {
        match self {
            Self::Smtp => "smtp",
            Self::File => "file",
            Self::Sendmail => "sendmail",
        }
    }
}

/// How accounts log in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Auth {
    /// Name and password in one line.
    Plain,
    /// Name and password in two lines.
    Login,
    /// A token of OAuth 2.
    XOAuth2,
    /// Not at all.
    None,
}

impl Auth {
    pub(super) const WORDS: [(&'static str, Self); 4] =
        [("plain", Self::Plain), ("login", Self::Login), ("xoauth2", Self::XOAuth2), ("none", Self::None)];

    /// As it is stored and typed.
    pub(crate) const fn word(self) -> &'static str {
        match self {
            Self::Plain => "plain",
            Self::Login => "login",
            Self::XOAuth2 => "xoauth2",
            Self::None => "none",
        }
    }

    /// Whether it takes a password.
    pub(crate) const fn has_password(self) -> bool {
        matches!(self, Self::Plain | Self::Login)
    }
}

/// How securities are stored.
pub(super) const SECURITIES: [(&str, Security); 3] =
    [("starttls", Security::StartTls), ("tls", Security::Tls), ("none", Security::None)];

/// As it is stored and typed.
pub(crate) const fn security_word(security: Security) -> &'static str {
    match security {
        Security::StartTls => "starttls",
        Security::Tls => "tls",
        Security::None => "none",
    }
}

/// What there is to know of a server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Facts {
    /// Its name.
    pub(crate) name: String,
    /// By what mails leave.
    pub(crate) way: Way,
    /// Seconds for a name, a connection, a handshake: each.
    pub(crate) connect_timeout: u32,
    /// Seconds for the answer to a command.
    pub(crate) answer_timeout: u32,
    /// Seconds for a mail and the answer behind it.
    pub(crate) mail_timeout: u32,
    /// The most mails a minute.
    pub(crate) rate: Option<u32>,
    /// The most connections at once.
    pub(crate) connections: u32,
}

/// By what mails leave.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Way {
    /// By a server that speaks SMTP.
    Smtp(Smtp),
    /// Into a folder.
    File {
        /// Its full path.
        folder: String,
    },
    /// By a local program.
    Sendmail {
        /// The program and its arguments.
        command: Vec<String>,
    },
}

/// A server that speaks SMTP.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Smtp {
    /// Its name or address.
    pub(crate) host: String,
    /// The port.
    pub(crate) port: u16,
    /// How the connection is protected.
    pub(crate) protection: Protection,
    /// How accounts log in.
    pub(crate) login: Login,
}

/// How the connection to a server is protected, and by whom it is vouched for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Protection {
    /// Plain first, then TLS.
    StartTls {
        /// The full path of the authorities that are trusted; none for those of the system.
        ca_file: Option<String>,
    },
    /// TLS from the first byte.
    Tls {
        /// The full path of the authorities that are trusted; none for those of the system.
        ca_file: Option<String>,
    },
    /// Not at all.
    None,
}

/// How accounts log in, and what prints a token where they need one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Login {
    /// Name and password in one line.
    Plain,
    /// Name and password in two lines.
    InTwoLines,
    /// A token of OAuth 2.
    XOAuth2 {
        /// The program that prints it, and its arguments.
        token_command: Vec<String>,
    },
    /// Not at all.
    None,
}

impl Protection {
    /// That security, by those authorities; none where there is nothing that they could vouch for.
    pub(super) fn of(security: Security, ca_file: Option<String>) -> Option<Self> {
        match (security, ca_file) {
            (Security::StartTls, ca_file) => Some(Self::StartTls { ca_file }),
            (Security::Tls, ca_file) => Some(Self::Tls { ca_file }),
            (Security::None, None) => Some(Self::None),
            (Security::None, Some(_)) => None,
        }
    }

    /// Which it is.
    pub(crate) const fn security(&self) -> Security {
        match self {
            Self::StartTls { .. } => Security::StartTls,
            Self::Tls { .. } => Security::Tls,
            Self::None => Security::None,
        }
    }

    /// The full path of the authorities that are trusted.
    pub(crate) const fn ca_file(&self) -> Option<&String> {
        match self {
            Self::StartTls { ca_file } | Self::Tls { ca_file } => ca_file.as_ref(),
            Self::None => None,
        }
    }
}

impl Login {
    /// That way to log in; none where a token needs a program, or a program no token.
    pub(super) fn of(auth: Auth, token_command: Option<Vec<String>>) -> Option<Self> {
        match (auth, token_command) {
            (Auth::Plain, None) => Some(Self::Plain),
            (Auth::Login, None) => Some(Self::InTwoLines),
            (Auth::XOAuth2, Some(token_command)) => Some(Self::XOAuth2 { token_command }),
            (Auth::None, None) => Some(Self::None),
            _ => None,
        }
    }

    /// Which it is.
    pub(crate) const fn auth(&self) -> Auth {
        match self {
            Self::Plain => Auth::Plain,
            Self::InTwoLines => Auth::Login,
            Self::XOAuth2 { .. } => Auth::XOAuth2,
            Self::None => Auth::None,
        }
    }

    /// The program that prints a token, and its arguments.
    pub(crate) const fn token_command(&self) -> Option<&Vec<String>> {
        match self {
            Self::XOAuth2 { token_command } => Some(token_command),
            Self::Plain | Self::InTwoLines | Self::None => None,
        }
    }
}

impl Smtp {
    /// What has to fit together.
    pub(super) const fn pair(&self) -> (u16, Security, Auth) {
        (self.port, self.protection.security(), self.login.auth())
    }
}

impl Way {
    /// What it is.
    pub(crate) const fn kind(&self) -> ServerKind {
        match self {
            Self::Smtp(_) => ServerKind::Smtp,
            Self::File { .. } => ServerKind::File,
            Self::Sendmail { .. } => ServerKind::Sendmail,
        }
    }

    /// What there is to know of a server that speaks SMTP.
    pub(crate) const fn smtp(&self) -> Option<&Smtp> {
        match self {
            Self::Smtp(smtp) => Some(smtp),
            Self::File { .. } | Self::Sendmail { .. } => None,
        }
    }

    /// The folder.
    pub(crate) fn folder(&self) -> Option<&str> {
        match self {
            Self::File { folder } => Some(folder),
            Self::Smtp(_) | Self::Sendmail { .. } => None,
        }
    }

    /// The local program, and its arguments.
    pub(crate) const fn command(&self) -> Option<&Vec<String>> {
        match self {
            Self::Sendmail { command } => Some(command),
            Self::Smtp(_) | Self::File { .. } => None,
        }
    }

    /// The program that prints a token, and its arguments.
    pub(crate) fn token_command(&self) -> Option<&Vec<String>> {
        self.smtp().and_then(|smtp| smtp.login.token_command())
    }

    /// The full path of the authorities that are trusted.
    pub(crate) fn ca_file(&self) -> Option<&String> {
        self.smtp().and_then(|smtp| smtp.protection.ca_file())
    }

    /// How accounts log in; those of a folder or a program do not.
    pub(crate) fn auth(&self) -> Auth {
        self.smtp().map_or(Auth::None, |smtp| smtp.login.auth())
    }

    /// Where passwords go.
    pub(super) fn place(&self) -> Option<(&str, u16, Security)> {
        self.smtp().map(|smtp| (smtp.host.as_str(), smtp.port, smtp.protection.security()))
    }

    /// The programs that it runs.
    pub(crate) fn programs(&self) -> impl Iterator<Item = &Vec<String>> {
        [self.token_command(), self.command()].into_iter().flatten()
    }

    /// What it names of this machine: files and folders as they are, programs with what they are called with.
    pub(super) fn named(&self) -> Vec<&str> {
        let paths = [self.ca_file().map(String::as_str), self.folder()].into_iter().flatten();
        paths.chain(self.programs().flatten().map(String::as_str)).collect()
    }
}

impl Facts {
    /// As the audit has them.
    pub(super) fn fields(&self) -> Fields {
        let way = &self.way;
        let smtp = way.smtp();
        audit::fields_of([
            ("name", json!(self.name)),
            ("kind", json!(way.kind().word())),
            ("host", json!(smtp.map(|smtp| &smtp.host))),
            ("port", json!(smtp.map(|smtp| smtp.port))),
            ("security", json!(smtp.map(|smtp| security_word(smtp.protection.security())))),
            ("ca_file", json!(way.ca_file())),
            ("auth", json!(smtp.map(|smtp| smtp.login.auth().word()))),
            ("token_command", json!(way.token_command())),
            ("folder", json!(way.folder())),
            ("command", json!(way.command())),
            ("connect_timeout", json!(self.connect_timeout)),
            ("answer_timeout", json!(self.answer_timeout)),
            ("mail_timeout", json!(self.mail_timeout)),
            ("rate", json!(self.rate)),
            ("connections", json!(self.connections)),
        ])
    }
}
