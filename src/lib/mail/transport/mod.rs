//! How a mail leaves: by SMTP, into a folder, or by a local program.
//!
//! A [`Sender`] belongs to one worker. It keeps its connection between mails, opens a new one when the server has ended
//! it, and tells of every mail one [`Outcome`]. Each step that it took is told to a [`Walk`], with the words of the
//! server. Every wait has an end of its own, and every answer a bound.

use std::rc::Rc;
use std::time::Duration;

use self::failure::Failure;
use super::message::compose::Composed;
use crate::text::secret::Secret;

mod abilities;
mod disguise;
pub(crate) mod failure;
mod folder;
pub(crate) mod given;
mod judgement;
mod local;
mod reply;
pub(crate) mod rules;
mod smtp;
mod tls;
pub(crate) mod turn;
pub(crate) mod walk;
mod wire;
mod withheld;

#[cfg(test)]
pub(crate) mod tests;

pub(crate) use self::local::token_of;
pub(crate) use self::reply::{Reply, Suspicion};
pub(crate) use self::walk::Walk;
pub(crate) use crate::tls::block_on;
use given::Given;
use turn::Turn;

/// What a server of mail is.
#[derive(Clone)]
pub(crate) enum Server {
    /// One that speaks SMTP.
    Smtp(Smtp),
    /// A folder of `.eml` files.
    Folder(std::path::PathBuf),
    /// A local program that takes a mail as sendmail does: the path and its arguments. No shell reads them.
    Program {
        /// The program and its arguments.
        command: Vec<String>,
        /// How long it may take with a mail.
        patience: Duration,
    },
}

/// A server that speaks SMTP.
#[derive(Clone)]
pub(crate) struct Smtp {
    /// Its name, which its certificate must have, or its address.
    pub(crate) host: String,
    /// The port.
    pub(crate) port: u16,
    /// How the connection is protected.
    pub(crate) security: Security,
    /// The authorities that are trusted, in PEM; those of the system if none are given.
    pub(crate) authorities: Option<Vec<u8>>,
    /// Who logs in, and how.
    pub(crate) login: Credentials,
    /// The passwords of its other accounts, which nobody repeats either.
    pub(crate) others: Vec<Secret>,
    /// What it was given before.
    pub(crate) given: Rc<Given>,
    /// How the sender calls itself: the host of the site.
    pub(crate) hello: String,
    /// How long is waited.
    pub(crate) patience: Patience,
}

/// How a connection is protected. TLS is verified always, and nothing falls back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Security {
    /// Plain first, then TLS by the command STARTTLS; without it nothing is sent.
    StartTls,
    /// TLS from the first byte.
    Tls,
    /// Plain.
    None,
}

/// How an account logs in.
#[derive(Clone)]
pub(crate) enum Credentials {
    /// Not at all.
    None,
    /// Name and password in one line.
    Plain {
        /// The name.
        user: String,
        /// The password.
        password: Secret,
    },
    /// Name and password in two lines, for older servers.
    Login {
        /// The name.
        user: String,
        /// The password.
        password: Secret,
    },
    /// A token of OAuth 2.
    XOAuth2 {
        /// The name.
        user: String,
        /// The token.
        token: Secret,
    },
}

/// How long each wait may last, however little by little something comes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Patience {
    /// For a name, a connection, a handshake of TLS: each.
    pub(crate) connect: Duration,
    /// For the answer to a command, and for the greeting.
    pub(crate) command: Duration,
    /// For a whole mail and the answer behind it.
    pub(crate) mail: Duration,
}

impl Default for Patience {
    fn default() -> Self {
        Self {
            connect: Duration::from_secs(20),
            command: Duration::from_secs(60),
            mail: Duration::from_secs(300),
        }
    }
}

/// What became of a mail.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// It was taken; with what the server said.
    Sent {
        /// Its words.
        words: String,
    },
    /// It was not, or nobody knows; whose failure it is, the failure says.
    Failed(Failure),
}

impl Outcome {
    /// The outcome without words of a server that another has given something meanwhile.
    pub(crate) fn unrepeated(self) -> Self {
        match self {
            Self::Sent { words } => Self::Sent {
                words: Reply::parse(words.as_bytes()).map_or(words, |reply| reply.in_codes().to_string()),
            },
            Self::Failed(failure) => Self::Failed(failure.unrepeated()),
        }
    }
}

/// Sends mails through one server, one after the other.
pub(crate) struct Sender {
    way: Way,
    /// Whether what a server or a program says of a mail is told in its own words.
    is_telling: bool,
}

/// The most bytes of a mail that a server takes, as it said when it was last connected to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum SizeLimit {
    /// It was not connected to.
    Unknown,
    /// It names none, or one that no server has.
    None,
    /// So many.
    Bytes(u64),
}

enum Way {
    Smtp(Box<smtp::Client>),
    Folder(std::path::PathBuf),
    Program { command: Vec<String>, patience: Duration },
}

impl Sender {
    /// A sender without a connection. Fails if no trust can be set up: authorities that cannot be read, a host that is no
    /// name.
    pub(crate) fn new(server: &Server) -> Result<Self, Failure> {
        let way = match server {
            Server::Smtp(smtp) => Way::Smtp(Box::new(smtp::Client::new(smtp.clone())?)),
            Server::Folder(folder) => Way::Folder(folder.clone()),
            Server::Program { command, patience } => {
                Way::Program { command: command.clone(), patience: *patience }
            }
        };
        Ok(Self { way, is_telling: false })
    }

    /// The same for mails that tell no secret: what a server or a program says of them is told in its own words.
    pub(crate) fn telling(mut self) -> Self {
        if let Way::Smtp(client) = &mut self.way {
            client.tell();
        }
        Self { is_telling: true, ..self }
    }

    /// Hands one mail over, when it is its turn.
    pub(crate) async fn send(&mut self, mail: &Composed, walk: &mut Walk, turn: &mut Turn<'_>) -> Outcome {
        let sent = match &mut self.way {
            Way::Smtp(client) => client.send(mail, walk, turn).await,
            Way::Folder(folder) => {
                turn.begin().await;
                folder::write(folder, mail, walk)
            }
            Way::Program { command, patience } => {
                turn.begin().await;
                local::run(command, mail, (*patience, self.is_telling), walk).await
            }
        };
        match sent {
            Ok(words) => Outcome::Sent { words },
            Err(failure) => Outcome::Failed(failure),
        }
    }

    /// Walks as far as can be gone without a mail: connection, protection, login and, to an address, the sender and the
    /// recipient. Nothing is sent.
    pub(crate) async fn try_out(&mut self, mail: &Composed, walk: &mut Walk) -> Result<(), Failure> {
        match &mut self.way {
            Way::Smtp(client) => client.try_out(mail, walk).await,
            Way::Folder(folder) => folder::check(folder, walk),
            Way::Program { command, .. } => local::check(command, walk),
        }
    }

    /// The most bytes of a mail that the server takes.
    pub(crate) fn size_limit(&self) -> SizeLimit {
        match &self.way {
            Way::Smtp(client) => client.size_limit(),
            Way::Folder(_) | Way::Program { .. } => SizeLimit::Unknown,
        }
    }

    /// Ends the connection politely.
    pub(crate) async fn close(self) {
        if let Way::Smtp(client) = self.way {
            client.close().await;
        }
    }
}
