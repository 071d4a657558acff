//! What answers behind the front: `tiny_http` on a Unix socket in a folder that only this user can open.
//!
//! It only ever sees whole requests with bounds, from a peer that always reads, so that none of its faults can be reached
//! (`docs/adr/0022-hyper-stands-before-tiny-http.md`).

use std::io::{self, Cursor, Read as _, Write as _};
use std::net::IpAddr;
use std::os::unix::fs::PermissionsExt as _;
use std::os::unix::net::{UnixListener, UnixStream};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use bytes::Bytes;
use http::StatusCode;

use super::Answers;
use super::left;
use super::relay::CLIENT;
use crate::context::join_until;

/// The name of the socket in its folder.
pub(super) const SOCKET: &str = "pages.sock";

/// What the front asks to see whether somebody is there.
const GREETING: &[u8] = b"GET / HTTP/1.1\r\nHost: front\r\nConnection: close\r\n\r\n";

/// What it is answered.
const GREETED: &[u8] = b"HTTP/1.1 200";

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
        let place = std::env::temp_dir();
        let folder =
            tempfile::Builder::new().prefix(left::PREFIX).permissions(only_mine()).tempdir_in(&place)?;
        // Ages are told by the clock that gives the times.
        left::sweep(&place, folder.path().metadata()?.modified()?);
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

    /// Ends them after what they are at, and waits for that no longer than until then.
    pub(super) fn stop(self, until: Instant) {
        self.stopping.store(true, Ordering::SeqCst);
        for _ in &self.threads {
            self.server.unblock();
        }
        for thread in self.threads {
            join_until(thread, until);
        }
    }
}

/// Greets whoever answers at a socket, by a connection of its own: whether somebody did within so long a time.
///
/// # Errors
/// When nobody listens there, or what is heard is no answer.
pub(super) fn greet(socket: &Path, patience: Duration) -> io::Result<bool> {
    use io::ErrorKind::{ConnectionRefused, NotFound};
    let mut stream = match UnixStream::connect(socket) {
        Ok(stream) => stream,
        Err(error) if matches!(error.kind(), ConnectionRefused | NotFound) => return Err(error),
        // That the system has no room for another connection just now says nothing of who listens.
        Err(_) => return Ok(false),
    };
    stream.set_read_timeout(Some(patience))?;
    stream.set_write_timeout(Some(patience))?;
    let mut answer = [0; GREETED.len()];
    match stream.write_all(GREETING).and_then(|()| stream.read_exact(&mut answer)) {
        Ok(()) if answer == *GREETED => Ok(true),
        Ok(()) => Err(io::ErrorKind::InvalidData.into()),
        Err(error) if matches!(error.kind(), io::ErrorKind::WouldBlock | io::ErrorKind::TimedOut) => {
            Ok(false)
        }
        Err(error) => Err(error),
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
        Read::Nothing => answers.refuse(StatusCode::BAD_REQUEST, "", &http::HeaderMap::new()),
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

#[cfg(test)]
mod tests {
    use std::net::IpAddr;
    use std::sync::{Arc, Barrier};
    use std::time::{Duration, Instant};

    use bytes::Bytes;
    use http::{HeaderMap, Request, Response, StatusCode};

    use super::{Answers, Workers, greet};

    /// Answers when everybody who waits for it is there, and once more.
    struct Waits(Barrier);

    impl Answers for Waits {
        fn answer(&self, _: Request<Bytes>, _: IpAddr) -> Response<Bytes> {
            self.0.wait();
            self.0.wait();
            Response::new(Bytes::new())
        }

        fn takes_file(&self, _: &str) -> bool {
            false
        }

        fn may_send_file(&self, _: &str, _: &HeaderMap, _: IpAddr) -> bool {
            false
        }

        fn note_unbelieved_proxy(&self) {}

        fn note_refusal(&self, _: StatusCode, _: IpAddr) {}

        fn refuse(&self, _: StatusCode, _: &str, _: &HeaderMap) -> Response<Bytes> {
            Response::new(Bytes::new())
        }
    }

    /// Asks something, as the front does, and leaves the answer alone.
    fn ask(socket: &std::path::Path) -> std::os::unix::net::UnixStream {
        use std::io::Write as _;
        let mut stream = std::os::unix::net::UnixStream::connect(socket).unwrap();
        stream.write_all(b"GET / HTTP/1.1\r\nHost: a\r\nX-Secboard-Client: 192.0.2.1\r\n\r\n").unwrap();
        stream
    }

    #[test]
    fn it_is_noticed_when_nobody_answers_any_more() {
        let waits = Arc::new(Waits(Barrier::new(3)));
        let answers: Arc<dyn Answers> = Arc::<Waits>::clone(&waits);
        let workers = Workers::start(&answers, 2).unwrap();
        let socket = workers.socket();
        assert!(greet(&socket, Duration::from_secs(10)).unwrap());
        let visitors = [ask(&socket), ask(&socket)];
        waits.0.wait();
        assert!(!greet(&socket, Duration::from_millis(50)).unwrap(), "all are at work");
        waits.0.wait();
        assert!(greet(&socket, Duration::from_secs(10)).unwrap());
        std::fs::remove_file(&socket).unwrap();
        assert!(greet(&socket, Duration::from_secs(10)).is_err(), "whoever comes finds nobody");
        drop(visitors);
        workers.stop(Instant::now() + Duration::from_secs(10));
    }
}
