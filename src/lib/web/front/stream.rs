//! A connection as hyper sees it: one plain head at a time, its body to the byte, and no waiting for who does not read.

use std::future::Future as _;
use std::io;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker, ready};
use std::time::Duration;

use bytes::{Buf as _, BytesMut};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::time::{Sleep, sleep};

use super::head;

/// How long an answer may take to be read by the visitor.
const WRITING: Duration = Duration::from_secs(20);

/// How long, and how many bytes, of what nobody wants are read after the answer, so that a visitor who still sends sees
/// it.
const LINGERING: Duration = Duration::from_secs(1);
const LINGERED: usize = 1024 * 1024;

/// How many bytes are read from the wire at once.
const CHUNK: usize = 4096;

/// What hyper is given in the place of a head that is not plain; it answers 400 and closes.
const REFUSED: &[u8] = b"\0\r\n\r\n";

/// What may be read next, known to the connection and to whoever answers.
#[derive(Clone, Default)]
pub(super) struct Reading(Arc<Mutex<(Phase, Option<Waker>)>>);

#[derive(Clone, Copy, Default, PartialEq, Eq)]
enum Phase {
    /// A head is waited for.
    #[default]
    Head,
    /// A head was handed over, and nobody has said yet how long its body is.
    Handed,
    /// This much of a body is still to be read.
    Body(u64),
    /// Nothing more: what came is refused.
    Over,
}

impl Reading {
    /// Says how long the body of the request is that was handed over.
    pub(super) fn body(&self, length: u64) {
        let mut state = self.state();
        if state.0 == Phase::Handed {
            state.0 = if length == 0 { Phase::Head } else { Phase::Body(length) };
        }
        if let Some(waker) = state.1.take() {
            waker.wake();
        }
    }

    fn state(&self) -> MutexGuard<'_, (Phase, Option<Waker>)> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A connection that is read and written with care.
pub(super) struct Guarded<S> {
    inner: S,
    reading: Reading,
    /// What came and was not handed over.
    held: BytesMut,
    /// How much of it may be.
    allowed: usize,
    /// How much of it was searched for the end of a head.
    searched: usize,
    writing: Option<Pin<Box<Sleep>>>,
    lingering: Option<(Pin<Box<Sleep>>, usize)>,
}

impl<S: AsyncRead + AsyncWrite + Unpin> Guarded<S> {
    pub(super) fn new(inner: S, reading: Reading) -> Self {
        let held = BytesMut::new();
        Self { inner, reading, held, allowed: 0, searched: 0, writing: None, lingering: None }
    }

    /// Hands over what may be, up to the room there is.
    fn hand_over(&mut self, into: &mut ReadBuf<'_>) {
        let count = self.allowed.min(into.remaining()).min(self.held.len());
        if let Some(bytes) = self.held.get(..count) {
            into.put_slice(bytes);
        }
        self.held.advance(count);
        self.allowed -= count;
    }

    /// Reads more from the wire; the number of bytes, none at its end.
    fn poll_more(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<usize>> {
        let mut chunk = [0; CHUNK];
        let mut read = ReadBuf::new(&mut chunk);
        ready!(Pin::new(&mut self.inner).poll_read(cx, &mut read))?;
        self.held.extend_from_slice(read.filled());
        Poll::Ready(Ok(read.filled().len()))
    }

    /// Looks for a whole head in what came.
    fn find_head(&mut self) -> Phase {
        match head::end(&self.held, self.searched) {
            Some(end) => {
                self.searched = 0;
                let is_plain = self.held.get(..end).is_some_and(head::is_plain);
                if end <= head::LONGEST && is_plain {
                    self.allowed = end;
                    return Phase::Handed;
                }
                if end <= head::LONGEST {
                    self.held = BytesMut::from(REFUSED);
                }
                // A head that is too long is handed over as it is, for hyper to say so.
                self.allowed = self.held.len();
                Phase::Over
            }
            None if self.held.len() > head::LONGEST => {
                self.allowed = self.held.len();
                Phase::Over
            }
            None => {
                self.searched = self.held.len();
                Phase::Head
            }
        }
    }

    /// Fails once the visitor has not read for too long what is written.
    fn check_writing(&mut self, cx: &mut Context<'_>) -> io::Result<()> {
        let writing = self.writing.get_or_insert_with(|| Box::pin(sleep(WRITING)));
        match writing.as_mut().poll(cx) {
            Poll::Ready(()) => Err(io::ErrorKind::TimedOut.into()),
            Poll::Pending => Ok(()),
        }
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin> AsyncRead for Guarded<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        into: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let this = &mut *self;
        loop {
            if this.allowed > 0 && !this.held.is_empty() {
                this.hand_over(into);
                return Poll::Ready(Ok(()));
            }
            let phase = this.reading.state().0;
            match phase {
                Phase::Head => {
                    let found = this.find_head();
                    this.reading.state().0 = found;
                    if found == Phase::Head && ready!(this.poll_more(cx))? == 0 {
                        return Poll::Ready(Ok(()));
                    }
                }
                Phase::Body(left) => {
                    if this.held.is_empty() && ready!(this.poll_more(cx))? == 0 {
                        return Poll::Ready(Ok(()));
                    }
                    let next = usize::try_from(left).unwrap_or(usize::MAX).min(this.held.len());
                    let left = left - next as u64;
                    this.allowed = next;
                    this.reading.state().0 = if left == 0 { Phase::Head } else { Phase::Body(left) };
                }
                Phase::Handed | Phase::Over => {
                    this.reading.state().1 = Some(cx.waker().clone());
                    return Poll::Pending;
                }
            }
        }
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin> AsyncWrite for Guarded<S> {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let this = &mut *self;
        match Pin::new(&mut this.inner).poll_write(cx, bytes) {
            Poll::Pending => {
                this.check_writing(cx)?;
                Poll::Pending
            }
            written @ Poll::Ready(_) => written,
        }
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let this = &mut *self;
        match Pin::new(&mut this.inner).poll_flush(cx) {
            Poll::Pending => {
                this.check_writing(cx)?;
                Poll::Pending
            }
            flushed @ Poll::Ready(_) => {
                this.writing = None;
                flushed
            }
        }
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let this = &mut *self;
        if this.lingering.is_none() {
            ready!(Pin::new(&mut this.inner).poll_shutdown(cx))?;
            this.lingering = Some((Box::pin(sleep(LINGERING)), 0));
        }
        loop {
            this.held.clear();
            let more = this.poll_more(cx);
            let Some((time, count)) = &mut this.lingering else { return Poll::Ready(Ok(())) };
            match more {
                Poll::Ready(Ok(read)) if read > 0 && *count < LINGERED => *count += read,
                Poll::Ready(_) => return Poll::Ready(Ok(())),
                Poll::Pending => return time.as_mut().poll(cx).map(Ok),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

    use super::{Guarded, Reading};

    fn block_on<T>(work: impl Future<Output = T>) -> T {
        tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .start_paused(true)
            .build()
            .unwrap()
            .block_on(work)
    }

    async fn read_some(stream: &mut Guarded<tokio::io::DuplexStream>) -> Option<String> {
        let mut bytes = [0; 64];
        let read = tokio::time::timeout(std::time::Duration::from_secs(1), stream.read(&mut bytes));
        let count = read.await.ok()?.unwrap();
        Some(String::from_utf8_lossy(&bytes[..count]).into_owned())
    }

    #[test]
    fn f5_a_head_is_handed_over_alone_and_a_body_to_the_byte() {
        block_on(async {
            let (mut visitor, wire) = tokio::io::duplex(1024);
            let reading = Reading::default();
            let mut stream = Guarded::new(wire, reading.clone());
            let first = "POST / HTTP/1.1\r\nHost: a\r\n\r\n";
            visitor.write_all(format!("{first}bodyGET /2 HTTP/1.1\r\n").as_bytes()).await.unwrap();
            assert_eq!(read_some(&mut stream).await.as_deref(), Some(first));
            assert_eq!(read_some(&mut stream).await, None, "nothing is read before its length is said");
            reading.body(4);
            assert_eq!(read_some(&mut stream).await.as_deref(), Some("body"));
            assert_eq!(read_some(&mut stream).await, None, "half a head is not handed over");
            visitor.write_all(b"\r\n").await.unwrap();
            assert_eq!(read_some(&mut stream).await.as_deref(), Some("GET /2 HTTP/1.1\r\n\r\n"));
            reading.body(0);
            visitor.write_all(b"GET /3 HTTP/1.1\nHost: a\n\n").await.unwrap();
            assert_eq!(read_some(&mut stream).await.as_deref(), Some("\0\r\n\r\n"));
            assert_eq!(read_some(&mut stream).await, None, "nothing is read after what was refused");
        });
    }

    #[test]
    fn f1_who_does_not_read_the_answer_is_left_after_20_seconds() {
        block_on(async {
            let (_visitor, wire) = tokio::io::duplex(16);
            let mut stream = Guarded::new(wire, Reading::default());
            let begun = tokio::time::Instant::now();
            let written = stream.write_all(&[b'x'; 64]).await;
            assert_eq!(written.unwrap_err().kind(), std::io::ErrorKind::TimedOut);
            assert_eq!(begun.elapsed().as_secs(), 20);
        });
    }
}
