//! Servers are asked in their order, and one that fails hands on to the next.

use super::connection::{self, Connection, EDIT};
use super::error::Error;
use super::transport::{Cause, Credentials, Failure, Server, Session, Step, Walk, Way};
use crate::context::Context;
use crate::error::Result;

/// What is said of a connection that names no server.
pub(super) const NO_SERVER: &str = "it has no server";

/// A connection as it is asked: its servers, how, and who reads.
pub(super) struct Reach {
    /// The connection.
    pub(super) connection: Connection,
    /// Its servers, in order, each as it is written and as it is asked.
    pub(super) servers: Vec<(String, Server)>,
    /// How they are asked.
    pub(super) way: Way,
    /// Who reads.
    pub(super) reader: Credentials,
}

impl Reach {
    /// How the connection of that name is asked; the password is opened and the authorities are read, which may take
    /// time, and nothing waits for that.
    pub(super) fn named(cx: &Context, name: &str) -> Result<Self> {
        cx.actor.require_anywhere(EDIT)?;
        let (connection, reader) = cx.read(|tx| {
            let connection = connection::get_in(tx, name, &cx.actor.scope(EDIT))?;
            let reader = connection::credentials(cx, tx, &connection)?;
            Ok((connection, reader))
        })?;
        let servers = connection.facts.servers.iter().cloned().zip(connection.facts.reached()?).collect();
        let way = connection.facts.way()?;
        Ok(Self { connection, servers, way, reader })
    }

    /// The name of the connection.
    pub(super) fn name(&self) -> &str {
        &self.connection.facts.name
    }

    /// A session with a server, in which the reader has bound.
    pub(super) async fn enter(&self, server: &Server, walk: &mut Walk) -> Result<Session, Failure> {
        let mut session = Session::open(server, &self.way, walk).await?;
        session.bind(&self.reader, walk).await?;
        Ok(session)
    }

    /// A session with the first server that lets the reader in, and which that is. A password that one refuses is not tried at
    /// the next: all of them count, and would lock the reader.
    pub(super) async fn enter_any(&self) -> Result<(Session, &Server), Error> {
        let mut last = None;
        for server in &self.servers {
            match self.enter(&server.1, &mut Walk::default()).await {
                Ok(session) => return Ok((session, &server.1)),
                Err(failure) => {
                    let is_refused = failure.refused().is_some();
                    last = Some(failure);
                    if is_refused {
                        break;
                    }
                }
            }
        }
        let no_server =
            || Failure { step: Step::Setup, cause: Cause::Configuration { what: NO_SERVER.to_owned() } };
        Err(Error::Unavailable { name: self.name().to_owned(), failure: last.unwrap_or_else(no_server) })
    }
}
