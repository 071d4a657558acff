//! A connection to a server, protected before anything is said on it.

use std::time::{Duration, Instant};

use rustls::ClientConnection;
use tokio::io::{AsyncRead, AsyncWrite, AsyncWriteExt as _};
use tokio::net::{TcpStream, lookup_host};
use tokio::time::timeout;

use super::certificate::end_of;
use super::failure::{Answer, Cause, Failure};
use super::framer::{Messages, broken};
use super::message::extended;
use super::walk::{Step, Walk};
use super::{Protection, Server, Way};
use crate::text::instant;
use crate::tls;

/// The most addresses of a host that are tried.
const MAX_ADDRESSES: usize = 8;

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
    let host = server.host.as_str();
    let ascii = idna::domain_to_ascii(host).unwrap_or_else(|_| host.to_owned());
    let unresolved = |what: String| Cause::Unresolved { host: host.to_owned(), what };
    let begun = Instant::now();
    let addresses: Vec<_> = within(Step::Dns, patience, async {
        let found = lookup_host((ascii.as_str(), server.port)).await;
        Ok(found.map_err(|error| unresolved(error.to_string()))?.take(MAX_ADDRESSES).collect())
    })
    .await?;
    let shown: Vec<String> = addresses.iter().map(|address| address.ip().to_string()).collect();
    walk.went(Step::Dns, shown.join(", "), begun.elapsed());
    // Those that answer nothing share the time.
    let share = patience / u32::try_from(addresses.len().max(1)).unwrap_or(1);
    let mut last = Failure::at(Step::Dns, unresolved("the name is there without one".to_owned()));
    for address in addresses {
        let begun = Instant::now();
        let unreachable = |error: std::io::Error| Cause::Unreachable { what: format!("{address}: {error}") };
        let connecting = async { TcpStream::connect(address).await.map_err(unreachable) };
        match within(Step::Tcp, share, connecting).await {
            Ok(stream) => {
                // A question waits for its answer anyway; only a delay could come of it.
                stream.set_nodelay(true).ok();
                walk.went(Step::Tcp, address.to_string(), begun.elapsed());
                return Ok(stream);
            }
            Err(failure) => last = failure,
        }
    }
    Err(last)
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
    end_of(connection.peer_certificates()?.first()?)
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
