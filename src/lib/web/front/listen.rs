//! Where the front listens: addresses and Unix sockets, bound by whoever starts it.

use std::io;
use std::net::IpAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::{TcpListener, TcpStream, UnixListener, UnixStream};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::server::TlsStream;

use super::tls::Certificates;

/// How many connections may wait to be accepted, where the system lets them.
const MOST_WAITING: i32 = 4096;

/// A socket that listens.
pub(crate) enum Listener {
    /// On an address, with TLS where there is a certificate.
    Tcp(std::net::TcpListener, Option<Arc<Certificates>>),
    /// On a path.
    Unix(std::os::unix::net::UnixListener),
}

/// The same, of the runtime of the front.
pub(super) enum Accepting {
    Tcp(TcpListener, Option<Arc<Certificates>>),
    Unix(UnixListener),
}

impl Listener {
    /// Begins to accept; only in the runtime of the front.
    pub(super) fn begin(self) -> io::Result<Accepting> {
        match self {
            Self::Tcp(listener, certificates) => {
                // More than the standard library asks for: whoever finds no place tries again only a second later.
                rustix::net::listen(&listener, MOST_WAITING)?;
                listener.set_nonblocking(true)?;
                Ok(Accepting::Tcp(TcpListener::from_std(listener)?, certificates))
            }
            Self::Unix(listener) => {
                rustix::net::listen(&listener, MOST_WAITING)?;
                listener.set_nonblocking(true)?;
                Ok(Accepting::Unix(UnixListener::from_std(listener)?))
            }
        }
    }
}

impl Accepting {
    /// The next connection, and the address it comes from; a Unix socket has none.
    pub(super) async fn accept(&self) -> io::Result<(Accepted, Option<IpAddr>)> {
        match self {
            Self::Tcp(listener, certificates) => {
                let (stream, peer) = listener.accept().await?;
                stream.set_nodelay(true).ok();
                let acceptor = certificates.as_ref().map(|certificates| certificates.acceptor());
                Ok((Accepted::Tcp(stream, acceptor), Some(peer.ip().to_canonical())))
            }
            Self::Unix(listener) => Ok((Accepted::Unix(listener.accept().await?.0), None)),
        }
    }
}

/// A connection before anything was said.
pub(super) enum Accepted {
    Tcp(TcpStream, Option<TlsAcceptor>),
    Unix(UnixStream),
}

impl Accepted {
    /// Shakes hands, where that is done.
    pub(super) async fn shake_hands(self) -> io::Result<Stream> {
        Ok(match self {
            Self::Tcp(stream, None) => Stream::Tcp(stream),
            Self::Tcp(stream, Some(acceptor)) => Stream::Tls(Box::new(acceptor.accept(stream).await?)),
            Self::Unix(stream) => Stream::Unix(stream),
        })
    }
}

/// A connection over which HTTP is spoken.
pub(super) enum Stream {
    Tcp(TcpStream),
    Tls(Box<TlsStream<TcpStream>>),
    Unix(UnixStream),
}

impl AsyncRead for Stream {
    fn poll_read(self: Pin<&mut Self>, cx: &mut Context<'_>, into: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Self::Tcp(stream) => Pin::new(stream).poll_read(cx, into),
            Self::Tls(stream) => Pin::new(stream).poll_read(cx, into),
            Self::Unix(stream) => Pin::new(stream).poll_read(cx, into),
        }
    }
}

impl AsyncWrite for Stream {
    fn poll_write(self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        match self.get_mut() {
            Self::Tcp(stream) => Pin::new(stream).poll_write(cx, bytes),
            Self::Tls(stream) => Pin::new(stream).poll_write(cx, bytes),
            Self::Unix(stream) => Pin::new(stream).poll_write(cx, bytes),
        }
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Self::Tcp(stream) => Pin::new(stream).poll_flush(cx),
            Self::Tls(stream) => Pin::new(stream).poll_flush(cx),
            Self::Unix(stream) => Pin::new(stream).poll_flush(cx),
        }
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Self::Tcp(stream) => Pin::new(stream).poll_shutdown(cx),
            Self::Tls(stream) => Pin::new(stream).poll_shutdown(cx),
            Self::Unix(stream) => Pin::new(stream).poll_shutdown(cx),
        }
    }
}
