//! What answers behind the front: `tiny_http` on a Unix socket in a folder that only this user can open.
//!
//! It only ever sees whole requests with bounds, from a peer that always reads, so that none of its faults can be reached
//! (`docs/adr/0022-hyper-stands-before-tiny-http.md`).

use std::io::{self, Cursor, Read as _};
use std::net::IpAddr;
use std::os::unix::fs::PermissionsExt as _;
use std::os::unix::net::UnixListener;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;

use bytes::Bytes;
use http::StatusCode;

use super::Answers;
use super::relay::CLIENT;

/// The name of the socket in its folder.
const SOCKET: &str = "pages.sock";

/// Threads that answer, and where they listen.
pub(super) struct Workers {
    /// Only this user can open it, and it goes with the workers.
    folder: tempfile::TempDir,
    server: Arc<tiny_http::Server>,
    stopping: Arc<AtomicBool>,
    threads: Vec<JoinHandle<()>>,
}

impl Workers {
    /// Starts so many workers.
    pub(super) fn start(answers: &Arc<dyn Answers>, count: usize) -> io::Result<Self> {
        let folder = tempfile::Builder::new().prefix("secboardd-").permissions(only_mine()).tempdir()?;
        let listener = UnixListener::bind(folder.path().join(SOCKET))?;
        let server = tiny_http::Server::from_listener(listener, None).map_err(io::Error::other)?;
        let (server, stopping) = (Arc::new(server), Arc::new(AtomicBool::new(false)));
        let mut threads = Vec::with_capacity(count);
        for number in 0..count {
            let (server, stopping, answers) =
                (Arc::clone(&server), Arc::clone(&stopping), Arc::clone(answers));
            let work = move || {
                while !stopping.load(Ordering::SeqCst) {
                    if let Ok(request) = server.recv() {
                        serve(request, &*answers);
                    }
                }
            };
            threads.push(std::thread::Builder::new().name(format!("page {number}")).spawn(work)?);
        }
        Ok(Self { folder, server, stopping, threads })
    }

    /// Where they listen.
    pub(super) fn socket(&self) -> PathBuf {
        self.folder.path().join(SOCKET)
    }

    /// Ends them after what they are at.
    pub(super) fn stop(self) {
        self.stopping.store(true, Ordering::SeqCst);
        for _ in &self.threads {
            self.server.unblock();
        }
        for thread in self.threads {
            thread.join().ok();
        }
    }
}

fn only_mine() -> std::fs::Permissions {
    std::fs::Permissions::from_mode(0o700)
}

/// Answers a request; a defect costs this answer and nothing else.
fn serve(mut request: tiny_http::Request, answers: &dyn Answers) {
    let answer = catch_unwind(AssertUnwindSafe(|| match read(&mut request) {
        Read::Asked(read, client) => answers.answer(read, client),
        Read::Greeting => http::Response::new(Bytes::new()),
        Read::Nothing => answers.refuse(StatusCode::BAD_REQUEST, &http::HeaderMap::new()),
    }));
    let answer = answer.unwrap_or_else(|_| {
        let mut answer = http::Response::new(Bytes::new());
        *answer.status_mut() = StatusCode::INTERNAL_SERVER_ERROR;
        answer
    });
    // The front has gone away with whoever asked it; nobody else is concerned.
    request.respond(written(answer)).ok();
}

/// What `tiny_http` read.
enum Read {
    /// A request, as the pages take it, with the address of who asked.
    Asked(http::Request<Bytes>, IpAddr),
    /// The front looks whether somebody is there.
    Greeting,
    /// What the front never sends.
    Nothing,
}

fn read(request: &mut tiny_http::Request) -> Read {
    let is_client =
        |header: &&tiny_http::Header| CLIENT.as_str().eq_ignore_ascii_case(header.field.as_str().as_str());
    let Some(client) = request.headers().iter().find(is_client) else { return Read::Greeting };
    let Ok(client) = client.value.as_str().parse() else { return Read::Nothing };
    match read_of(request) {
        Some(read) => Read::Asked(read, client),
        None => Read::Nothing,
    }
}

fn read_of(request: &mut tiny_http::Request) -> Option<http::Request<Bytes>> {
    let mut body = Vec::new();
    request.as_reader().read_to_end(&mut body).ok()?;
    let mut read = http::Request::builder().method(request.method().as_str()).uri(request.url());
    for header in request.headers() {
        let name = header.field.as_str().as_str();
        if !CLIENT.as_str().eq_ignore_ascii_case(name) {
            read = read.header(name, header.value.as_str());
        }
    }
    read.body(Bytes::from(body)).ok()
}

/// An answer of the pages, as `tiny_http` writes it.
fn written(answer: http::Response<Bytes>) -> tiny_http::Response<Cursor<Bytes>> {
    let (head, body) = answer.into_parts();
    let headers = head
        .headers
        .iter()
        .filter_map(|(name, value)| tiny_http::Header::from_bytes(name.as_str(), value.as_bytes()).ok());
    let length = Some(body.len());
    // The front wants to know how long an answer is.
    tiny_http::Response::new(head.status.as_u16().into(), headers.collect(), Cursor::new(body), length, None)
        .with_chunked_threshold(usize::MAX)
}
