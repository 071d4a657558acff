//! A connection to a server, protected before anything is said on it.

use std::time::{Duration, Instant};

use rustls::ClientConnection;
use tokio::io::{AsyncRead, AsyncWrite, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::time::timeout;

use super::failure::{Answer, Cause, Failure};
use super::framer::{Messages, broken};
use super::message::extended;
use super::walk::{Step, Walk};
use super::{Protection, Server, Way};
use crate::text::instant;
use crate::tls;
use crate::tls::good_until;

/// The request for StartTLS (RFC 4511, 4.14.1), as message 1.
const START_TLS: &[u8] = b"\x30\x1d\x02\x01\x01\x77\x18\x80\x161.3.6.1.4.1.1466.20037";

/// What carries the messages.
pub(super) trait Stream: AsyncRead + AsyncWrite + Send + Unpin {}

impl<T: AsyncRead + AsyncWrite + Send + Unpin> Stream for T {}

/// A connection to a server.
pub(super) struct Connected {
    pub(super) stream: Box<dyn Stream>,
    /// Until when the certificate of the server is valid, where it has one that tells.
    pub(super) certified_until: Option<instant::Instant>,
}

/// Connects to a server.
pub(super) async fn connect(server: &Server, way: &Way, walk: &mut Walk) -> Result<Connected, Failure> {
    let mut stream = reach(server, way.connect_timeout, walk).await?;
    match server.protection {
        Protection::None => return Ok(Connected { stream: Box::new(stream), certified_until: None }),
        Protection::StartTls => {
            let begun = Instant::now();
            within(Step::StartTls, way.answer_timeout, start_tls(&mut stream)).await?;
            walk.went(Step::StartTls, "the server begins TLS", begun.elapsed());
        }
        Protection::Tls => {}
    }
    protect(stream, server, way, walk).await
}

/// A connection to the first address that answers.
async fn reach(server: &Server, patience: Duration, walk: &mut Walk) -> Result<TcpStream, Failure> {
    let failed = |step| move |unreached: tls::Unreached| Failure::at(step, unreached.into());
    let begun = Instant::now();
    let addresses = tls::addresses(&server.host, server.port, patience).await.map_err(failed(Step::Dns))?;
    walk.went(Step::Dns, tls::shown(&addresses), begun.elapsed());
    let begun = Instant::now();
    let (stream, address) = tls::connected(&addresses, patience).await.map_err(failed(Step::Tcp))?;
    walk.went(Step::Tcp, address.to_string(), begun.elapsed());
    Ok(stream)
}

/// Asks for TLS. What comes behind the answer was not protected, and nobody knows from whom it is.
async fn start_tls(stream: &mut TcpStream) -> Result<(), Cause> {
    stream.write_all(START_TLS).await.map_err(|error| broken(&error))?;
    let mut messages = Messages::default();
    let answer = messages.next(stream).await?.ok_or(Cause::Closed)?;
    let (code, words) = extended(&answer, 1).map_err(|_| Cause::Nonsense)?;
    if code != 0 {
        return Err(Cause::NoStartTls(Answer { code, words }.without(None)));
    }
    if messages.is_behind() { Err(Cause::Injected) } else { Ok(()) }
}

async fn protect(
    stream: TcpStream,
    server: &Server,
    way: &Way,
    walk: &mut Walk,
) -> Result<Connected, Failure> {
    let setup = |what| Failure::at(Step::Setup, Cause::Configuration { what });
    let host = way.certificate_name.as_deref().unwrap_or(&server.host);
    let name = tls::server_name(host).ok_or_else(|| setup(format!("`{host}` is no host")))?;
    let connector = tls::connector(way.authorities.as_deref()).map_err(setup)?;
    let begun = Instant::now();
    let stream = within(Step::Tls, way.connect_timeout, async {
        let handshake = connector.connect(name.clone(), stream).await;
        handshake.map_err(|error| tls::fault(&error, host).map_or(Cause::Closed, Cause::Tls))
    })
    .await?;
    let connection = stream.get_ref().1;
    let certified_until = end_of_certificate(connection);
    let mut words = tls::version(connection, &name);
    if let Some(end) = certified_until {
        words = format!("{words}, until {end}");
    }
    walk.went(Step::Tls, words, begun.elapsed());
    Ok(Connected { stream: Box::new(stream), certified_until })
}

fn end_of_certificate(connection: &ClientConnection) -> Option<instant::Instant> {
    good_until(connection.peer_certificates()?.first()?)
}

/// What `future` gives, if it does so in time.
pub(super) async fn within<T>(
    step: Step,
    patience: Duration,
    future: impl Future<Output = Result<T, Cause>>,
) -> Result<T, Failure> {
    match timeout(patience, future).await {
        Ok(result) => result.map_err(|cause| Failure::at(step, cause)),
        Err(_) => Err(Failure::at(step, Cause::TimedOut { after: patience })),
    }
}
