//! The front: all that faces visitors.
//!
//! It is put together of hyper, which reads and writes HTTP on both sides, and limits of its own: how many are connected
//! and from where (`seats`), how a head looks (`head`, `stream`), what goes on and what does not (`relay`), whose request
//! it is (`visitor`). What it lets through it makes anew, and hands it over a private Unix socket (`ask`) to those who answer
//! (`behind`). It runs on one thread of its own.

mod ask;
mod behind;
pub(crate) mod head;
mod left;
mod listen;
mod relay;
mod seats;
mod stream;
mod tls;
mod visitor;

#[cfg(test)]
mod tests;

use std::convert::Infallible;
use std::io;
use std::net::IpAddr;
use std::path::PathBuf;
use std::sync::{Arc, PoisonError, RwLock};
use std::thread::JoinHandle;
use std::time::Duration;

use bytes::Bytes;
use http::header::CONNECTION;
use http::{HeaderMap, HeaderValue, Request, Response, StatusCode};
use http_body_util::Full;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::sync::watch;
use tokio::task::yield_now;
use tokio::time::{Instant, sleep, timeout_at};

use listen::Accepting;
pub(crate) use listen::Listener;
pub(crate) use seats::{Room, network};
pub(crate) use tls::Certificates;

use crate::config::Trusted;
use crate::context::join_until;
use ask::{Behind, REST};
use behind::Workers;
use relay::Bodies;
use seats::{Seat, Seats};
use stream::{Guarded, Reading};

/// How long a head may take to come.
const HEAD: Duration = Duration::from_secs(10);

/// More headers than any browser sends.
const MOST_HEADERS: usize = 64;

/// How long is waited after the system could not accept a connection.
const PAUSE: Duration = Duration::from_millis(100);

/// Descriptors that are not for visitors: of the store, of those who answer, of what the program itself has open.
const OTHER_DESCRIPTORS: u64 = 192;

/// More connections than are ever wanted.
const MOST_CONNECTIONS: u64 = 8192;

/// How many may be connected from one address: an office behind one, and no more.
const MOST_OF_AN_ADDRESS: usize = 256;

/// How many requests are answered at once, where so many may be connected.
const WORKERS: usize = 16;

/// How many are looked for at once who want to send a file.
const LOOKS: usize = 4;

/// Whoever answers.
pub(crate) trait Answers: Send + Sync {
    /// Answers a request of a visitor.
    fn answer(&self, request: Request<Bytes>, client: IpAddr) -> Response<Bytes>;

    /// The answer to what is sent to that path and refused before it is read whole.
    fn refuse(&self, status: StatusCode, path: &str, headers: &HeaderMap) -> Response<Bytes>;

    /// Whether what is sent to that path may have a file, and so be longer than any other form.
    fn takes_file(&self, path: &str) -> bool;

    /// Whether whoever asks with that head may send a file to that path, before it is read.
    fn may_send_file(&self, path: &str, headers: &HeaderMap, client: IpAddr) -> bool;

    /// Takes note that a proxy on this machine says for whom it asks, and is not believed.
    fn note_unbelieved_proxy(&self);

    /// Takes note of what was refused, and of whose it was: before a head was read, of whoever is connected.
    fn note_refusal(&self, status: StatusCode, client: IpAddr);
}

/// A front that listens.
pub(crate) struct Front {
    stop: watch::Sender<bool>,
    thread: JoinHandle<()>,
    workers: Workers,
    trusted: Arc<RwLock<Arc<Trusted>>>,
}

/// What tells whether visitors are answered.
pub(crate) struct Pulse {
    socket: PathBuf,
}

impl Pulse {
    /// Whether somebody answers within so long a time; not where all are at work.
    ///
    /// # Errors
    /// When nobody will, for nobody listens to the front any more.
    pub(crate) fn is_felt(&self, patience: Duration) -> io::Result<bool> {
        behind::greet(&self.socket, patience)
    }
}

/// Ends when the front is to stop.
async fn stopped(stopping: &mut watch::Receiver<bool>) {
    stopping.wait_for(|stop| *stop).await.map(drop).ok();
}

/// The status that hyper itself answers a head with that it cannot read.
fn refused_with(error: &hyper::Error) -> Option<StatusCode> {
    if error.is_parse_too_large() {
        Some(StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE)
    } else {
        error.is_parse().then_some(StatusCode::BAD_REQUEST)
    }
}

/// What all connections share.
struct Shared {
    seats: Arc<Seats>,
    behind: Arc<Behind>,
    bodies: Bodies,
    answers: Arc<dyn Answers>,
    trusted: Arc<RwLock<Arc<Trusted>>>,
}

impl Room {
    /// As much as this process has descriptors for, of which it may have as many as the system lets it.
    pub(crate) fn of_this_process() -> Self {
        use rustix::process::{Resource, getrlimit, setrlimit};
        let limit = getrlimit(Resource::Nofile);
        let raised = rustix::process::Rlimit { current: limit.maximum, ..limit };
        setrlimit(Resource::Nofile, raised).ok();
        let descriptors = getrlimit(Resource::Nofile).current.unwrap_or(u64::MAX);
        let all = descriptors.saturating_sub(OTHER_DESCRIPTORS).clamp(16, MOST_CONNECTIONS);
        Self { all: usize::try_from(all).unwrap_or(usize::MAX), address: MOST_OF_AN_ADDRESS }
    }
}

impl Front {
    /// Listens, and has visitors answered.
    ///
    /// # Errors
    /// When the system gives no threads, no folder or no socket.
    pub(crate) fn start(
        listeners: Vec<Listener>,
        answers: Arc<dyn Answers>,
        trusted: Trusted,
        room: Room,
    ) -> io::Result<Self> {
        let answering = WORKERS.min(room.all);
        let workers = Workers::start(&answers, answering)?;
        let runtime =
            tokio::runtime::Builder::new_current_thread().enable_all().max_blocking_threads(LOOKS).build()?;
        let listeners = {
            let _inside = runtime.enter();
            listeners.into_iter().map(Listener::begin).collect::<io::Result<Vec<_>>>()?
        };
        let trusted = Arc::new(RwLock::new(Arc::new(trusted)));
        let shared = Arc::new(Shared {
            seats: Seats::new(room),
            behind: Arc::new(Behind::new(workers.socket(), answering, REST)),
            bodies: Bodies::default(),
            answers,
            trusted: Arc::clone(&trusted),
        });
        let (stop, stopping) = watch::channel(false);
        let work = move || runtime.block_on(shared.run(listeners, stopping));
        let thread = std::thread::Builder::new().name("front".to_owned()).spawn(work)?;
        Ok(Self { stop, thread, workers, trusted })
    }

    /// What tells whether visitors are answered.
    pub(crate) fn pulse(&self) -> Pulse {
        Pulse { socket: self.workers.socket() }
    }

    /// Believes others about who visits, from the next request on.
    pub(crate) fn trust(&self, trusted: Trusted) {
        *self.trusted.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(trusted);
    }

    /// Takes no more requests, answers those at hand, waits for that no longer than until then, and ends.
    pub(crate) fn stop(self, until: std::time::Instant) {
        self.stop.send_replace(true);
        if join_until(self.thread, until) {
            self.workers.stop(until);
        }
    }
}

impl Shared {
    /// Accepts on all listeners until it is to stop, and then lets those at hand come to their end.
    async fn run(self: Arc<Self>, listeners: Vec<Accepting>, stopping: watch::Receiver<bool>) {
        let accepting: Vec<_> = listeners
            .into_iter()
            .map(|listener| tokio::spawn(Arc::clone(&self).accept(listener, stopping.clone())))
            .collect();
        for task in accepting {
            task.await.ok();
        }
        while self.seats.count() > 0 {
            sleep(Duration::from_millis(10)).await;
        }
    }

    async fn accept(self: Arc<Self>, listener: Accepting, mut stopping: watch::Receiver<bool>) {
        loop {
            let accepted = tokio::select! {
                accepted = listener.accept() => accepted,
                () = stopped(&mut stopping) => return,
            };
            let Ok((stream, peer)) = accepted else {
                // Mostly there are no descriptors left: somebody has to go, and the others are served meanwhile.
                self.seats.make_room();
                sleep(PAUSE).await;
                continue;
            };
            // Whoever stands for many is not counted as one.
            let counted = peer.filter(|_| !self.trusted().includes(peer));
            if let Some(seat) = self.seats.take(counted) {
                tokio::spawn(Arc::clone(&self).serve(stream, peer, seat, stopping.clone()));
            }
            // Whoever has to go for that goes now, and not after all who wait were accepted.
            yield_now().await;
        }
    }

    fn trusted(&self) -> Arc<Trusted> {
        Arc::clone(&self.trusted.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Serves a connection to its end.
    async fn serve(
        self: Arc<Self>,
        stream: listen::Accepted,
        peer: Option<IpAddr>,
        seat: Seat,
        stopping: watch::Receiver<bool>,
    ) {
        let seat = Arc::new(seat);
        let until = Instant::now() + HEAD;
        let connection = async {
            // Before a head can come there may be a handshake, which has as long as a head has.
            let Ok(Ok(stream)) = timeout_at(until, stream.shake_hands()).await else { return };
            self.converse(stream, peer, &seat, stopping).await;
        };
        tokio::select! {
            () = connection => (),
            () = seat.dismissed() => (),
        }
    }

    async fn converse(
        &self,
        stream: impl AsyncRead + AsyncWrite + Unpin,
        peer: Option<IpAddr>,
        seat: &Seat,
        mut stopping: watch::Receiver<bool>,
    ) {
        let reading = Reading::default();
        let stream = TokioIo::new(Guarded::new(stream, reading.clone()));
        let service = service_fn(|request| {
            let answered = self.answer(request, peer, (seat, &reading));
            async move {
                let answer = answered.await;
                seat.waits();
                Ok::<_, Infallible>(answer)
            }
        });
        let mut builder = http1::Builder::new();
        builder.timer(TokioTimer::new()).header_read_timeout(HEAD);
        builder.max_buf_size(head::LONGEST).max_headers(MOST_HEADERS).half_close(false);
        let mut connection = std::pin::pin!(builder.serve_connection(stream, service));
        let ended = tokio::select! {
            ended = connection.as_mut() => ended,
            () = stopped(&mut stopping) => {
                connection.as_mut().graceful_shutdown();
                connection.await
            }
        };
        if let Some(status) = ended.err().as_ref().and_then(refused_with) {
            self.answers.note_refusal(status, peer.unwrap_or(visitor::HERE));
        }
    }

    /// Has a request answered; how long its body is, is said before anything is waited for.
    fn answer<'a>(
        &'a self,
        request: Request<Incoming>,
        peer: Option<IpAddr>,
        (seat, reading): (&'a Seat, &Reading),
    ) -> impl Future<Output = Response<Full<Bytes>>> + use<'a> {
        let (head, body) = request.into_parts();
        let longest = relay::longest(self.answers.takes_file(head.uri.path()));
        let asked = relay::look_at(&head, longest);
        if let Ok(asked) = &asked {
            reading.body(asked.length);
        }
        async move {
            let (uri, headers) = (head.uri.clone(), head.headers.clone());
            let trusted = self.trusted();
            let client = visitor::visitor(&trusted, peer, &headers);
            let answered = async {
                let asked = asked?;
                if relay::has_file(asked.length) && !self.may_send_file(uri.path(), &headers, client).await {
                    return Err(StatusCode::FORBIDDEN);
                }
                let _room = self.bodies.room(asked.length, client)?;
                let body = relay::read_body(body, asked.length).await?;
                seat.asks();
                if visitor::is_unbelieved_proxy(&trusted, peer, &head.headers) {
                    self.answers.note_unbelieved_proxy();
                }
                self.behind.ask(relay::anew(head, asked, body, client)?).await
            };
            answered.await.unwrap_or_else(|status| {
                self.answers.note_refusal(status, client);
                self.refuse(status, uri.path(), &headers)
            })
        }
    }

    /// Whether somebody may send a file, asked where it holds nobody else up.
    async fn may_send_file(&self, path: &str, headers: &HeaderMap, client: IpAddr) -> bool {
        let (answers, path, headers) = (Arc::clone(&self.answers), path.to_owned(), headers.clone());
        let looked = tokio::task::spawn_blocking(move || answers.may_send_file(&path, &headers, client));
        looked.await.unwrap_or(false)
    }

    /// The answer to what was refused, after which the connection ends.
    fn refuse(&self, status: StatusCode, path: &str, headers: &HeaderMap) -> Response<Full<Bytes>> {
        let mut answer = self.answers.refuse(status, path, headers).map(Full::new);
        answer.headers_mut().insert(CONNECTION, HeaderValue::from_static("close"));
        answer
    }
}
