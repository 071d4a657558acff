//! Between the server and `ldap3`: hands on whole messages, and none that was not looked at.

use std::io;
use std::sync::{Arc, Mutex, PoisonError};

use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use tokio::net::UnixStream;
use zeroize::Zeroizing;

use super::ber::header;
use super::failure::{Answer, Cause};
use super::message::{self, Asked, Heard, LARGEST};
use crate::tls::is_end;

/// How many bytes are read at once, at least.
const CHUNK: usize = 64 << 10;

/// Why the connection ended, which `ldap3` does not know.
#[derive(Debug, Clone, Default)]
pub(super) struct Ended(Arc<Mutex<Option<Cause>>>);

impl Ended {
    /// Takes why it ended, if it has.
    pub(super) fn take(&self) -> Option<Cause> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).take()
    }

    fn set(&self, cause: Cause) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).get_or_insert(cause);
    }
}

/// Messages out of a stream of bytes.
#[derive(Default)]
pub(super) struct Messages {
    unread: Zeroizing<Vec<u8>>,
}

impl Messages {
    /// The next whole message; nothing where the stream ends between two.
    pub(super) async fn next(
        &mut self,
        stream: &mut (impl AsyncRead + Unpin),
    ) -> Result<Option<Zeroizing<Vec<u8>>>, Cause> {
        loop {
            if let Some(whole) = self.whole()? {
                let message = Zeroizing::new(self.unread.drain(..whole).collect());
                if self.unread.is_empty() {
                    // What is behind its end is wiped, and the room of a large message is given back.
                    self.unread = Zeroizing::default();
                }
                return Ok(Some(message));
            }
            self.unread.reserve(CHUNK);
            match stream.read_buf(&mut *self.unread).await.map_err(|error| broken(&error))? {
                0 if self.unread.is_empty() => return Ok(None),
                0 => return Err(Cause::Closed),
                _ => {}
            }
        }
    }

    /// Whether something was read behind the last message.
    pub(super) fn is_behind(&self) -> bool {
        !self.unread.is_empty()
    }

    /// The length of the first message, if it is all there.
    fn whole(&self) -> Result<Option<usize>, Cause> {
        let Some(found) = header(&self.unread).map_err(|_| Cause::Nonsense)? else { return Ok(None) };
        // What is no message is refused at once, not after its announced length.
        if found.tag != super::ber::SEQUENCE {
            return Err(Cause::Nonsense);
        }
        match found.length.checked_add(found.content) {
            Some(length) if length <= LARGEST => Ok((length <= self.unread.len()).then_some(length)),
            _ => Err(Cause::TooLarge),
        }
    }
}

/// Hands messages on in both directions until one side ends.
pub(super) async fn relay(ours: UnixStream, server: impl AsyncRead + AsyncWrite, ended: Ended) {
    let (mut our_reader, mut our_writer) = ours.into_split();
    let (mut server_reader, mut server_writer) = tokio::io::split(server);
    let asked = Mutex::new(None);
    let asking = async {
        let mut messages = Messages::default();
        while let Some(message) = messages.next(&mut our_reader).await? {
            note(&asked, message::asked(&message).map_err(|_| Cause::Nonsense)?);
            server_writer.write_all(&message).await.map_err(|error| broken(&error))?;
            // What TLS keeps back goes out with the flush.
            server_writer.flush().await.map_err(|error| broken(&error))?;
        }
        server_writer.shutdown().await.ok();
        Ok(())
    };
    let answering = async {
        let mut messages = Messages::default();
        while let Some(message) = messages.next(&mut server_reader).await? {
            match message::check(&message, noted(&asked)).map_err(|_| Cause::Nonsense)? {
                Heard::Answer => our_writer.write_all(&message).await.map_err(|error| broken(&error))?,
                Heard::Notice(code, words) => return Err(Cause::Answer(Answer { code, words })),
            }
        }
        Err(Cause::Closed)
    };
    let gone: Result<(), Cause> = tokio::select! {
        gone = asking => gone,
        gone = answering => gone,
    };
    if let Err(cause) = gone {
        ended.set(cause);
    }
}

fn note(asked: &Mutex<Option<Asked>>, now: Asked) {
    *asked.lock().unwrap_or_else(PoisonError::into_inner) = Some(now);
}

fn noted(asked: &Mutex<Option<Asked>>) -> Option<Asked> {
    *asked.lock().unwrap_or_else(PoisonError::into_inner)
}

/// What an error of a connection means.
pub(super) fn broken(error: &io::Error) -> Cause {
    if is_end(error) { Cause::Closed } else { Cause::Broken { what: error.to_string() } }
}
