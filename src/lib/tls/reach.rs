//! Connections by TCP, before anything is said on them, and what everybody has in common who asks servers.

use std::fmt;
use std::io;
use std::net::SocketAddr;
use std::time::Duration;

use tokio::net::{TcpStream, lookup_host};
use tokio::time::timeout;

/// The most addresses of a host that are tried: they share the time.
const MAX_ADDRESSES: usize = 8;

/// Why there is no connection.
#[derive(Debug)]
pub(crate) enum Unreached {
    /// The host has no address.
    Unresolved {
        /// The host.
        host: String,
        /// What the resolver said.
        what: String,
    },
    /// No address takes a connection.
    Unreachable {
        /// What the system said of the last.
        what: String,
    },
    /// Nothing came in time.
    TimedOut {
        /// How long was waited.
        after: Duration,
    },
}

/// The addresses of a host.
pub(crate) async fn addresses(
    host: &str,
    port: u16,
    patience: Duration,
) -> Result<Vec<SocketAddr>, Unreached> {
    let unresolved = |what: String| Unreached::Unresolved { host: host.to_owned(), what };
    let ascii = idna::domain_to_ascii(host).unwrap_or_else(|_| host.to_owned());
    let found = match timeout(patience, lookup_host((ascii.as_str(), port))).await {
        Ok(found) => found.map_err(|error| unresolved(error.to_string()))?,
        Err(_) => return Err(Unreached::TimedOut { after: patience }),
    };
    let addresses: Vec<_> = found.take(MAX_ADDRESSES).collect();
    if addresses.is_empty() {
        return Err(unresolved("the name is there without one".to_owned()));
    }
    Ok(addresses)
}

/// Addresses without their port, for people.
pub(crate) fn shown(addresses: &[SocketAddr]) -> String {
    addresses.iter().map(|address| address.ip().to_string()).collect::<Vec<_>>().join(", ")
}

/// A connection to the first address that takes one, and which that is.
pub(crate) async fn connected(
    addresses: &[SocketAddr],
    patience: Duration,
) -> Result<(TcpStream, SocketAddr), Unreached> {
    // Those that answer nothing share the time.
    let share = patience / u32::try_from(addresses.len().max(1)).unwrap_or(1);
    let mut last = Unreached::TimedOut { after: share };
    for address in addresses {
        last = match timeout(share, TcpStream::connect(address)).await {
            Ok(Ok(stream)) => {
                // A question waits for its answer anyway; only a delay could come of it.
                stream.set_nodelay(true).ok();
                return Ok((stream, *address));
            }
            Ok(Err(error)) => Unreached::Unreachable { what: format!("{address}: {error}") },
            Err(_) => Unreached::TimedOut { after: share },
        };
    }
    Err(last)
}

/// Whether an error of a connection means that the other side has ended it.
pub(crate) fn is_end(error: &io::Error) -> bool {
    use io::ErrorKind::{BrokenPipe, ConnectionAborted, ConnectionReset, UnexpectedEof};
    matches!(error.kind(), BrokenPipe | ConnectionAborted | ConnectionReset | UnexpectedEof)
}

/// Runs what asks servers, on this thread alone.
pub(crate) fn block_on<T>(asking: impl Future<Output = T>) -> io::Result<T> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let result = runtime.block_on(asking);
    // A look-up of a name that was given up goes on in a thread of its own, which nobody waits for.
    runtime.shutdown_background();
    Ok(result)
}

/// A time in seconds, as people say it.
pub(crate) struct Seconds(pub(crate) Duration);

impl fmt::Display for Seconds {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0.as_secs() {
            0 => write!(f, "{} ms", self.0.as_millis()),
            1 => f.write_str("1 second"),
            seconds => write!(f, "{seconds} seconds"),
        }
    }
}
