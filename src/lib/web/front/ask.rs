//! How the front asks whoever answers: in turns, by connections that are kept for a while.

use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use http::header::{CONNECTION, CONTENT_LENGTH, DATE, SERVER, TRANSFER_ENCODING};
use http::{Method, Request, Response, StatusCode, Version};
use http_body_util::{BodyExt as _, Full, Limited};
use hyper::body::{Body as _, Incoming};
use hyper::client::conn::http1::{SendRequest, handshake};
use hyper_util::rt::TokioIo;
use tokio::net::UnixStream;
use tokio::sync::{AcquireError, Semaphore};
use tokio::time::{Instant, sleep_until, timeout};

/// The most bytes of an answer.
const LONGEST_ANSWER: usize = 8 * 1024 * 1024;

/// How long a request waits for its turn, and how long its answer may take to be made.
const TURN: Duration = Duration::from_secs(10);
const ANSWERING: Duration = Duration::from_secs(30);

/// How long a connection to whoever answers is kept without being used.
pub(super) const REST: Duration = Duration::from_secs(30);

/// How many requests may wait for their turn.
const MOST_WAITING: usize = 512;

/// Connections that wait to be used again, the one that was used last at the end, each with when that was.
#[derive(Default)]
struct Kept {
    resting: Vec<(SendRequest<Full<Bytes>>, Instant)>,
    /// Whether somebody sees to it that they end.
    is_watched: bool,
}

impl Kept {
    /// Ends those that were not used for so long; when the next of them will be one.
    fn end_unused(&mut self, rest: Duration) -> Option<Instant> {
        let now = Instant::now();
        let unused = self.resting.iter().take_while(|(_, used)| *used + rest <= now).count();
        self.resting.drain(..unused);
        self.resting.first().map(|(_, used)| *used + rest)
    }
}

/// Whoever answers, behind a Unix socket: asked by some connections that are kept.
pub(super) struct Behind {
    socket: PathBuf,
    kept: Mutex<Kept>,
    /// How long a connection is kept without being used.
    rest: Duration,
    turns: Arc<Semaphore>,
    /// Turns of requests that may change something: some are left for those who only look, however long a change waits.
    changes: Arc<Semaphore>,
    /// How many may be asked at once, and so how many connections are kept.
    most: usize,
    waiting: Semaphore,
    /// Held while a connection is opened.
    opening: tokio::sync::Mutex<()>,
}

impl Behind {
    pub(super) fn new(socket: PathBuf, most: usize, rest: Duration) -> Self {
        let waiting = Semaphore::new(MOST_WAITING);
        let turns = Arc::new(Semaphore::new(most));
        let (kept, opening) = (Mutex::default(), tokio::sync::Mutex::default());
        let changes = Arc::new(Semaphore::new((most * 3 / 4).max(1)));
        Self { socket, kept, rest, turns, changes, most, waiting, opening }
    }

    /// Asks, and reads the answer whole. Whoever answers is at it to its end, whether the visitor waits for that or not: so
    /// long the turn is taken.
    ///
    /// # Errors
    /// The status of a visitor who is not answered.
    pub(super) async fn ask(
        self: &Arc<Self>,
        request: Request<Full<Bytes>>,
    ) -> Result<Response<Full<Bytes>>, StatusCode> {
        const BUSY: StatusCode = StatusCode::SERVICE_UNAVAILABLE;
        let _waits = self.waiting.try_acquire().map_err(|_| BUSY)?;
        let may_change = *request.method() == Method::POST;
        let turn = timeout(TURN, async {
            let change =
                if may_change { Some(Arc::clone(&self.changes).acquire_owned().await) } else { None };
            Ok::<_, AcquireError>((change.transpose()?, Arc::clone(&self.turns).acquire_owned().await?))
        });
        let turn = turn.await.map_err(|_| BUSY)?.map_err(|_| BUSY)?;
        let behind = Arc::clone(self);
        let asked = tokio::spawn(async move {
            let answer = behind.ask_now(request).await;
            drop(turn);
            answer
        });
        let answered = timeout(ANSWERING, asked).await.map_err(|_| BUSY)?;
        answered.unwrap_or(Err(())).map_err(|()| StatusCode::BAD_GATEWAY)
    }

    async fn ask_now(self: &Arc<Self>, request: Request<Full<Bytes>>) -> Result<Response<Full<Bytes>>, ()> {
        let mut request = request;
        // A connection that was kept may have ended meanwhile; one that is new has not.
        while let Some(mut sender) = self.pop() {
            match sender.try_send_request(request).await {
                Ok(answer) => return self.read(answer, sender).await,
                Err(mut failed) => request = failed.take_message().ok_or(())?,
            }
        }
        let mut sender = self.open().await?;
        let answer = sender.send_request(request).await.map_err(drop)?;
        self.read(answer, sender).await
    }

    /// Opens a connection, one after the other, and sees that somebody has taken it: of two that come at once `tiny_http`
    /// may leave one until another one ends.
    async fn open(&self) -> Result<SendRequest<Full<Bytes>>, ()> {
        let _alone = self.opening.lock().await;
        let stream = UnixStream::connect(&self.socket).await.map_err(drop)?;
        let (mut sender, connection) = handshake(TokioIo::new(stream)).await.map_err(drop)?;
        tokio::spawn(async move { connection.await.ok() });
        let greeting = sender.send_request(Request::new(Full::default())).await.map_err(drop)?;
        greeting.into_body().collect().await.map_err(drop)?;
        sender.ready().await.map_err(drop)?;
        Ok(sender)
    }

    async fn read(
        self: &Arc<Self>,
        answer: Response<Incoming>,
        mut sender: SendRequest<Full<Bytes>>,
    ) -> Result<Response<Full<Bytes>>, ()> {
        let (mut head, body) = answer.into_parts();
        let announced = body.size_hint().exact();
        let body = Limited::new(body, LONGEST_ANSWER).collect().await.map_err(drop)?.to_bytes();
        for name in [CONNECTION, TRANSFER_ENCODING, DATE, SERVER] {
            head.headers.remove(name);
        }
        if announced.is_some() {
            head.headers.remove(CONTENT_LENGTH);
        }
        head.version = Version::HTTP_11;
        if timeout(Duration::from_secs(1), sender.ready()).await.is_ok_and(|ready| ready.is_ok()) {
            self.keep(sender);
        }
        Ok(Response::from_parts(head, Full::new(body)))
    }

    /// Keeps a connection until it is used again, or was not for too long.
    fn keep(self: &Arc<Self>, sender: SendRequest<Full<Bytes>>) {
        let mut kept = self.kept();
        if kept.resting.len() < self.most {
            kept.resting.push((sender, Instant::now()));
        }
        if !kept.is_watched {
            kept.is_watched = true;
            tokio::spawn(Arc::clone(self).end_unused());
        }
    }

    /// Ends connections as they were not used for too long, until none is kept.
    async fn end_unused(self: Arc<Self>) {
        let mut next = Instant::now() + self.rest;
        loop {
            sleep_until(next).await;
            let mut kept = self.kept();
            let Some(unused) = kept.end_unused(self.rest) else {
                kept.is_watched = false;
                return;
            };
            next = unused;
        }
    }

    fn pop(&self) -> Option<SendRequest<Full<Bytes>>> {
        self.kept().resting.pop().map(|(sender, _)| sender)
    }

    fn kept(&self) -> MutexGuard<'_, Kept> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use std::io::{Read as _, Write as _};
    use std::net::IpAddr;
    use std::os::unix::net::{UnixListener, UnixStream};
    use std::sync::atomic::{AtomicUsize, Ordering};
    use std::sync::mpsc::{Sender, channel};
    use std::sync::{Arc, Condvar, Mutex};
    use std::time::{Duration, Instant};

    use bytes::Bytes;
    use http::{HeaderMap, HeaderValue, Method, Request, Response, StatusCode};
    use http_body_util::Full;
    use tokio::time::{sleep, timeout};

    use super::{Behind, REST};
    use crate::web::front::Answers;
    use crate::web::front::behind::Workers;
    use crate::web::front::relay::CLIENT;

    /// Answers changes when it is let go on, and everything else at once.
    #[derive(Default)]
    struct Held {
        begun: AtomicUsize,
        is_open: Mutex<bool>,
        opened: Condvar,
    }

    impl Held {
        fn open(&self) {
            *self.is_open.lock().unwrap() = true;
            self.opened.notify_all();
        }
    }

    impl Answers for Held {
        fn answer(&self, request: Request<Bytes>, _: IpAddr) -> Response<Bytes> {
            if *request.method() == Method::POST {
                self.begun.fetch_add(1, Ordering::SeqCst);
                let is_open = self.is_open.lock().unwrap();
                drop(self.opened.wait_while(is_open, |is_open| !*is_open).unwrap());
            }
            Response::new(Bytes::from_static(b"answered"))
        }

        fn takes_file(&self, _: &str) -> bool {
            false
        }

        fn may_send_file(&self, _: &str, _: &HeaderMap, _: IpAddr) -> bool {
            false
        }

        fn note_unbelieved_proxy(&self) {}

        fn note_refusal(&self, _: StatusCode, _: IpAddr) {}

        fn refuse(&self, status: StatusCode, _: &str, _: &HeaderMap) -> Response<Bytes> {
            let mut answer = Response::new(Bytes::new());
            *answer.status_mut() = status;
            answer
        }
    }

    fn request(method: Method) -> Request<Full<Bytes>> {
        let mut request = Request::new(Full::default());
        *request.method_mut() = method;
        *request.uri_mut() = http::Uri::from_static("/login/");
        request.headers_mut().insert(CLIENT, HeaderValue::from_static("203.0.113.7"));
        request
    }

    /// Three of four workers may be at changes. The visitors of those three go away, and others come, and go, and come.
    #[test]
    fn f1_a_visitor_who_goes_away_gives_no_turn_back_before_the_worker_is_done() {
        let held = Arc::new(Held::default());
        let answers: Arc<dyn Answers> = Arc::<Held>::clone(&held);
        let workers = Workers::start(&answers, 4).unwrap();
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let behind = Arc::new(Behind::new(workers.socket(), 4, REST));
            let ask = |method| {
                let behind = Arc::clone(&behind);
                tokio::spawn(async move { behind.ask(request(method)).await.map(|answer| answer.status()) })
            };
            for _ in 0..4 {
                let visitors = [(); 3].map(|()| ask(Method::POST));
                while held.begun.load(Ordering::SeqCst) < 3 {
                    sleep(Duration::from_millis(1)).await;
                }
                // So that a change that is let in would be.
                sleep(Duration::from_millis(20)).await;
                visitors.iter().for_each(tokio::task::JoinHandle::abort);
            }
            assert_eq!(held.begun.load(Ordering::SeqCst), 3, "no more than three are at changes");
            let looked = timeout(Duration::from_secs(5), ask(Method::GET)).await;
            assert_eq!(looked.expect("a worker is left for those who look").unwrap(), Ok(StatusCode::OK));
            held.open();
            assert_eq!(ask(Method::POST).await.unwrap(), Ok(StatusCode::OK), "turns come back");
        });
        workers.stop(Instant::now() + Duration::from_secs(10));
    }

    /// Answers whatever it is asked on a connection, and says when that has ended.
    fn answer_all(mut stream: UnixStream, ended: &Sender<()>) {
        let (mut read, mut bytes) = (Vec::new(), [0; 1024]);
        while let Ok(count @ 1..) = stream.read(&mut bytes) {
            read.extend_from_slice(&bytes[..count]);
            if read.ends_with(b"\r\n\r\n") {
                read.clear();
                stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n").unwrap();
            }
        }
        ended.send(()).unwrap();
    }

    #[test]
    fn a_connection_that_is_kept_is_used_again_and_ends_when_it_was_not_used_for_a_while() {
        let folder = tempfile::tempdir().unwrap();
        let socket = folder.path().join("socket");
        let listener = UnixListener::bind(&socket).unwrap();
        let (opened, openings) = channel();
        let (ended, ends) = channel();
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let ended = ended.clone();
                std::thread::spawn(move || answer_all(stream, &ended));
                opened.send(()).unwrap();
            }
        });
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let rest = Duration::from_secs(2);
            let behind = Arc::new(Behind::new(socket, 4, rest));
            for round in 1..=2 {
                let begun = Instant::now();
                for _ in 0..3 {
                    assert_eq!(behind.ask(request(Method::GET)).await.unwrap().status(), StatusCode::OK);
                }
                assert_eq!(ends.try_iter().count(), 0, "round {round}: what is used goes on");
                while ends.try_recv().is_err() {
                    assert!(begun.elapsed() < Duration::from_secs(60), "round {round}: it never ends");
                    sleep(Duration::from_millis(10)).await;
                }
                assert!(begun.elapsed() >= rest, "round {round}: it is kept for a while");
                assert_eq!(openings.try_iter().count(), 1, "round {round}: one is used for all");
            }
        });
    }
}
