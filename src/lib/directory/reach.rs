//! Servers are asked in their order, and one that fails hands on to the next.

use std::net::SocketAddr;

use super::connection::{self, Connection, EDIT};
use super::error::Error;
use super::transport::{Cause, Credentials, Failure, Place, Server, Session, Step, Walk, Way, discovered};
use crate::context::Context;
use crate::error::Result;
use crate::user::directory::SYNC;

/// What is said of a connection that names no server.
pub(super) const NO_SERVER: &str = "it has no server";

/// That nobody was asked.
pub(super) fn no_server() -> Failure {
    Failure { step: Step::Setup, cause: Cause::Configuration { what: NO_SERVER.to_owned() } }
}

/// A connection as it is asked: its servers, how, and who reads.
pub(super) struct Reach {
    /// The connection.
    pub(super) connection: Connection,
    /// Where its servers are, in order, each as it is written.
    pub(super) places: Vec<(String, Place)>,
    /// Who is asked for the servers of a domain, if not those that the machine asks.
    resolver: Option<SocketAddr>,
    /// How they are asked.
    pub(super) way: Way,
    /// Who reads.
    pub(super) reader: Credentials,
}

impl Reach {
    /// How the connection of that name is asked; the password is opened and the authorities are read, which may take
    /// time, and nothing waits for that.
    pub(super) fn named(cx: &Context, name: &str) -> Result<Self> {
        Self::for_whom(cx, name, EDIT)
    }

    /// The same for who follows it.
    pub(super) fn to_follow(cx: &Context, name: &str) -> Result<Self> {
        Self::for_whom(cx, name, SYNC)
    }

    fn for_whom(cx: &Context, name: &str, permission: &'static str) -> Result<Self> {
        cx.actor.require_anywhere(permission)?;
        let (connection, reader) = cx.read(|tx| {
            let connection = connection::get_in(tx, name, &cx.actor.scope(permission))?;
            let reader = connection::credentials(cx, tx, &connection)?;
            Ok((connection, reader))
        })?;
        let places = connection.facts.places()?;
        let way = connection.facts.way()?;
        Ok(Self { connection, places, resolver: cx.resolver, way, reader })
    }

    /// How the connection of that id is asked about somebody who would log in, whoever they are.
    pub(super) fn of(cx: &Context, id: i64) -> Result<Self> {
        let (connection, reader) = cx.read(|tx| {
            let connection = connection::by_id(tx, id)?;
            let reader = connection::credentials(cx, tx, &connection)?;
            Ok((connection, reader))
        })?;
        let (places, way) = (connection.facts.places()?, connection.facts.way()?);
        Ok(Self { connection, places, resolver: cx.resolver, way, reader })
    }

    /// The name of the connection.
    pub(super) fn name(&self) -> &str {
        &self.connection.facts.name
    }

    /// The servers of a place, each as it is written. Those of a domain are looked for now.
    pub(super) async fn servers_at(
        &self,
        (written, place): &(String, Place),
        walk: &mut Walk,
    ) -> Result<Vec<(String, Server)>, Failure> {
        match place {
            Place::Host(server) => Ok(vec![(written.clone(), server.clone())]),
            Place::Domain(domain) => {
                let found = discovered(domain, &self.way, self.resolver, walk).await?;
                Ok(found.into_iter().map(|server| (connection::written(&server), server)).collect())
            }
        }
    }

    /// A session with a server, in which the reader has bound.
    pub(super) async fn enter(&self, server: &Server, walk: &mut Walk) -> Result<Session, Failure> {
        let mut session = Session::open(server, &self.way, walk).await?;
        session.bind(&self.reader, walk).await?;
        Ok(session)
    }

    /// A session with the first server that lets the reader in, and which that is.
    pub(super) async fn enter_any(&self) -> Result<(Session, Server), Error> {
        let mut last = no_server();
        for place in &self.places {
            match self.enter_at(place).await {
                Ok(entered) => return Ok(entered),
                Err(failure) => last = failure,
            }
            if last.refused().is_some() {
                break;
            }
        }
        Err(Error::Unavailable { name: self.name().to_owned(), failure: last })
    }

    /// The same with the servers of one place. A password that one refuses is not tried at the next: all of them count, and
    /// would lock the reader.
    pub(super) async fn enter_at(&self, place: &(String, Place)) -> Result<(Session, Server), Failure> {
        let mut last = no_server();
        for (_, server) in self.servers_at(place, &mut Walk::default()).await? {
            match self.enter(&server, &mut Walk::default()).await {
                Ok(session) => return Ok((session, server)),
                Err(failure) => last = failure,
            }
            if last.refused().is_some() {
                break;
            }
        }
        Err(last)
    }
}
