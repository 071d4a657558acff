//! The bytes of a dialogue: written and read within a time, read within a bound, and without what may not be repeated.

use std::io;
use std::time::Duration;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_rustls::client::TlsStream;

use super::failure::{Cause, Failure};
use super::reply::{Line, MAX_LINE, MAX_LINES, Reply, shown};
use super::walk::Step;
use super::withheld::Withheld;
use crate::tls::is_end;

/// How much of what is no answer is shown.
const GLIMPSE: usize = 60;

/// A connection to a server.
pub(super) struct Wire {
    stream: Stream,
    /// What was read and not used yet.
    unread: Vec<u8>,
    withheld: Withheld,
}

/// What carries the bytes.
pub(super) enum Stream {
    /// Plain.
    Plain(TcpStream),
    /// Protected.
    Tls(Box<TlsStream<TcpStream>>),
}

impl Wire {
    /// A connection of which nothing was read yet. What it withholds may have been said on an earlier one.
    pub(super) const fn new(stream: Stream, withheld: Withheld) -> Self {
        Self { stream, unread: Vec::new(), withheld }
    }

    /// The stream beneath, if nothing was read ahead of what was asked for, and it is plain.
    pub(super) fn into_plain(self) -> Option<TcpStream> {
        match self.stream {
            Stream::Plain(stream) if self.unread.is_empty() => Some(stream),
            _ => None,
        }
    }

    /// The server is given a mail, and may quote it from now on.
    pub(super) fn give_mail(&self) {
        self.withheld.give_mail();
    }

    /// Says something and hears the answer.
    pub(super) async fn ask(
        &mut self,
        step: Step,
        line: &[u8],
        patience: Duration,
    ) -> Result<Reply, Failure> {
        within(step, patience, async {
            self.check_silent().await?;
            self.write(line).await?;
            self.reply().await
        })
        .await
    }

    /// Says something that is not answered.
    pub(super) async fn say(&mut self, step: Step, bytes: &[u8], patience: Duration) -> Result<(), Failure> {
        within(step, patience, async {
            self.check_silent().await?;
            self.write(bytes).await
        })
        .await
    }

    /// Hears an answer.
    pub(super) async fn hear(&mut self, step: Step, patience: Duration) -> Result<Reply, Failure> {
        within(step, patience, self.reply()).await
    }

    /// Refuses a server that has said something before it was asked, which would be taken for the answer to what comes now.
    /// That it ends the connection it may say at any time.
    async fn check_silent(&mut self) -> Result<(), Cause> {
        if self.unread.is_empty() {
            // What has arrived is known once the system was asked, which is done meanwhile.
            tokio::task::yield_now().await;
            let mut bytes = [0; 1024];
            // An end of the connection is told by what is done next. Without a timer: the shortest that there is lasts a
            // millisecond, which is longer than a mail takes.
            let arrived = tokio::select! {
                biased;
                read = self.read(&mut bytes) => read.ok(),
                () = std::future::ready(()) => None,
            };
            let count = arrived.unwrap_or_default();
            self.unread.extend_from_slice(bytes.get(..count).unwrap_or_default());
        }
        match self.unread.as_slice() {
            [] => Ok(()),
            [b'4', b'2', b'1', ..] => Err(Cause::Answer(self.reply().await?)),
            _ => Err(Cause::Early),
        }
    }

    async fn read(&mut self, bytes: &mut [u8]) -> io::Result<usize> {
        match &mut self.stream {
            Stream::Plain(stream) => stream.read(bytes).await,
            Stream::Tls(stream) => stream.read(bytes).await,
        }
    }

    async fn write(&mut self, bytes: &[u8]) -> Result<(), Cause> {
        let written = match &mut self.stream {
            Stream::Plain(stream) => async { stream.write_all(bytes).await }.await,
            // What TLS keeps back goes out with the flush.
            Stream::Tls(stream) => {
                async {
                    stream.write_all(bytes).await?;
                    stream.flush().await
                }
                .await
            }
        };
        written.map_err(|error| broken(&error))
    }

    async fn reply(&mut self) -> Result<Reply, Cause> {
        let mut lines = Vec::new();
        loop {
            let line = self.line().await?;
            let nonsense = || Cause::Nonsense { said: self.glimpse(&line) };
            let parsed = Line::parse(&line).ok_or_else(nonsense)?;
            let is_last = parsed.is_last;
            lines.push(parsed);
            if is_last {
                return Ok(Reply::of(lines).ok_or_else(nonsense)?.without(&self.withheld));
            }
            if lines.len() >= MAX_LINES {
                return Err(Cause::Endless);
            }
        }
    }

    /// One line, with its line end.
    async fn line(&mut self) -> Result<Vec<u8>, Cause> {
        let mut searched = 0;
        loop {
            let end = self.unread.iter().skip(searched).position(|byte| *byte == b'\n');
            if let Some(end) = end {
                let rest = self.unread.split_off(searched + end + 1);
                return Ok(std::mem::replace(&mut self.unread, rest));
            }
            searched = self.unread.len();
            if searched > MAX_LINE {
                // A server of something else may be all one line; what it said tells more than how long it was.
                return Err(match Line::parse(&self.unread) {
                    Some(_) => Cause::Endless,
                    None => Cause::Nonsense { said: self.glimpse(&self.unread) },
                });
            }
            let mut bytes = [0; 1024];
            match self.read(&mut bytes).await.map_err(|error| broken(&error))? {
                0 => return Err(Cause::Closed),
                count => self.unread.extend_from_slice(bytes.get(..count).unwrap_or_default()),
            }
        }
    }

    /// The beginning of what is no answer.
    fn glimpse(&self, bytes: &[u8]) -> String {
        let beginning = String::from_utf8_lossy(bytes.get(..GLIMPSE).unwrap_or(bytes)).into_owned();
        shown(self.withheld.without(beginning).trim_end_matches(['\r', '\n']))
    }
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

/// What an error of a connection means.
fn broken(error: &io::Error) -> Cause {
    if is_end(error) { Cause::Closed } else { Cause::Broken { what: error.to_string() } }
}
