//! The small adapter to `tiny_http`, and what it has to be guarded against.
//!
//! `tiny_http` reads a body that nobody wanted when the request is dropped, into a buffer of the length the client
//! announced: an announcement of a terabyte aborts the process. A request with a body larger than [`LARGEST_BODY`] is
//! therefore answered and then never dropped. That costs its connection until the process ends, so after
//! [`MOST_ABANDONED`] of them the daemon ends by itself and leaves it to the supervisor to start it again. It also has no
//! time-outs; both are why it listens on the loopback interface only, behind a front that has limits.

use std::io::Cursor;
use std::net::{SocketAddr, TcpListener};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread::JoinHandle;

use tiny_http::{Header, Method, Request, Response};

use super::Error;
use crate::context::Site;
use crate::error::Result;
use crate::store;

/// The largest body that is read and thrown away, in bytes.
const LARGEST_BODY: usize = 64 * 1024;

/// How many connections may be lost to oversized bodies.
const MOST_ABANDONED: usize = 256;

/// Requests answered at the same time.
const WORKERS: usize = 4;

type Answer = Response<Cursor<Vec<u8>>>;

/// Nothing where the store answers, else what keeps it from it.
type Health = Result<(), &'static str>;

/// A listening server and its workers.
pub(super) struct Server {
    shared: Arc<Shared>,
    workers: Vec<JoinHandle<()>>,
    address: SocketAddr,
}

struct Shared {
    http: tiny_http::Server,
    site: Site,
    stopping: AtomicBool,
    worn: AtomicBool,
    abandoned: AtomicUsize,
}

impl Server {
    /// Listens and answers; `gave_up` is called when the server can no longer go on.
    pub(super) fn start(
        address: SocketAddr,
        site: Site,
        gave_up: impl Fn() + Clone + Send + 'static,
    ) -> Result<Self, Error> {
        let listening = |source| Error::Listen { address, source };
        let listener = TcpListener::bind(address).map_err(listening)?;
        let address = listener.local_addr().map_err(listening)?;
        // Accepted connections inherit it; without it every kept connection waits 40 ms for each answer.
        rustix::net::sockopt::set_tcp_nodelay(&listener, true).map_err(|error| listening(error.into()))?;
        let http = tiny_http::Server::from_listener(listener, None)
            .map_err(|error| listening(std::io::Error::other(error)))?;
        let shared = Arc::new(Shared {
            http,
            site,
            stopping: AtomicBool::new(false),
            worn: AtomicBool::new(false),
            abandoned: AtomicUsize::new(0),
        });
        let workers = (0..WORKERS)
            .map(|_| {
                let (shared, gave_up) = (Arc::clone(&shared), gave_up.clone());
                std::thread::spawn(move || shared.work(&gave_up))
            })
            .collect();
        Ok(Self { shared, workers, address })
    }

    /// Where it listens.
    pub(super) fn address(&self) -> SocketAddr {
        self.address
    }

    /// Answers what was begun, then ends.
    pub(super) fn stop(self) -> Result<()> {
        self.shared.stopping.store(true, Ordering::SeqCst);
        for _ in &self.workers {
            self.shared.http.unblock();
        }
        for worker in self.workers {
            worker.join().ok();
        }
        if self.shared.worn.load(Ordering::SeqCst) { Err(Error::Worn.into()) } else { Ok(()) }
    }
}

impl Shared {
    fn work(&self, gave_up: &dyn Fn()) {
        while !self.stopping.load(Ordering::SeqCst) {
            match self.http.recv() {
                Ok(request) => self.serve(request, gave_up),
                Err(_) if self.stopping.load(Ordering::SeqCst) => {}
                // The listener is gone for good after one failed accept.
                Err(_) => return self.give_up(gave_up),
            }
        }
    }

    fn give_up(&self, gave_up: &dyn Fn()) {
        self.worn.store(true, Ordering::SeqCst);
        gave_up();
    }

    fn serve(&self, request: Request, gave_up: &dyn Fn()) {
        if request.body_length().is_some_and(|length| length > LARGEST_BODY) {
            // Not `respond`, which drops the request: see the module.
            std::mem::forget(request.upgrade("close", text(413, "the body is too large\n")));
            if self.abandoned.fetch_add(1, Ordering::SeqCst) + 1 >= MOST_ABANDONED {
                self.give_up(gave_up);
            }
            return;
        }
        let answer = answer(request.method(), request.url(), || self.health());
        // A client that went away misses its answer; nobody else is concerned.
        request.respond(answer).ok();
    }

    fn health(&self) -> Health {
        self.site.check().map_err(|failure| match failure.get() {
            Some(store::Error::Older { .. }) => "the store waits for its upgrade\n",
            _ => "the store does not answer\n",
        })
    }
}

/// The answer to a request.
fn answer(method: &Method, url: &str, health: impl Fn() -> Health) -> Answer {
    let path = url.split_once('?').map_or(url, |(path, _)| path);
    match (path, method) {
        ("/healthz", Method::Get | Method::Head) => match health() {
            Ok(()) => text(200, "ok\n"),
            Err(why) => text(503, why),
        },
        ("/healthz", _) => with_header(text(405, "only GET and HEAD\n"), "Allow", "GET, HEAD"),
        _ => text(404, "there is no such page\n"),
    }
}

fn text(status: u16, body: &str) -> Answer {
    let answer = Response::from_string(body).with_status_code(status);
    with_header(with_header(answer, "Cache-Control", "no-store"), "X-Content-Type-Options", "nosniff")
}

fn with_header(answer: Answer, name: &str, value: &str) -> Answer {
    match Header::from_bytes(name, value) {
        Ok(header) => answer.with_header(header),
        Err(()) => answer,
    }
}
