//! A request on its way from a visitor to whoever answers: looked at, read whole, made anew from what was read.

use std::net::IpAddr;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use http::header::{CONNECTION, CONTENT_LENGTH, DATE, HOST, SERVER, TRANSFER_ENCODING, UPGRADE};
use http::request::Parts;
use http::{HeaderMap, HeaderName, HeaderValue, Method, Request, Response, StatusCode, Uri, Version};
use http_body_util::{BodyExt as _, Full, Limited};
use hyper::body::{Body, Incoming};
use hyper::client::conn::http1::{SendRequest, handshake};
use hyper_util::rt::TokioIo;
use tokio::net::UnixStream;
use tokio::sync::{AcquireError, Semaphore, SemaphorePermit};
use tokio::time::timeout;

/// The most bytes of a body.
const LONGEST_BODY: u64 = 64 * 1024;

/// The most bytes of an answer.
const LONGEST_ANSWER: usize = 8 * 1024 * 1024;

/// The most bytes of a body that always finds room, and how many longer ones are held at once: 64 MiB of them.
const SHORT_BODY: u64 = 4 * 1024;
const MOST_LONG_BODIES: usize = 1024;

/// How long a body may take to come.
const BODY: Duration = Duration::from_secs(10);

/// How long a request waits for its turn, and how long its answer may take to be made.
const TURN: Duration = Duration::from_secs(10);
const ANSWERING: Duration = Duration::from_secs(30);

/// How many requests may wait for their turn.
const MOST_WAITING: usize = 512;

/// The header by which whoever answers is told the address of the visitor.
pub(super) const CLIENT: HeaderName = HeaderName::from_static("x-secboard-client");

/// Headers that are of a connection, or that a proxy says: none of them goes on.
const NOT_PASSED_ON: [&str; 16] = [
    "connection",
    "keep-alive",
    "proxy-connection",
    "proxy-authenticate",
    "proxy-authorization",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
    "expect",
    "content-length",
    "host",
    "forwarded",
    "x-real-ip",
    "x-secboard-client",
    "via",
];

/// What proxies say of the request that they were asked.
const FORWARDED: &str = "x-forwarded-";

/// What is asked, as far as its head says.
pub(super) struct Asked {
    /// How long its body is.
    pub(super) length: u64,
    host: HeaderValue,
}

/// Looks at the head of a request.
///
/// # Errors
/// The status that it is refused with.
pub(super) fn look_at(head: &Parts) -> Result<Asked, StatusCode> {
    if matches!(head.method, Method::CONNECT | Method::TRACE) || !is_known(&head.method) {
        return Err(StatusCode::METHOD_NOT_ALLOWED);
    }
    if !matches!(head.version, Version::HTTP_10 | Version::HTTP_11) {
        return Err(StatusCode::BAD_REQUEST);
    }
    if head.headers.contains_key(TRANSFER_ENCODING) {
        return Err(StatusCode::LENGTH_REQUIRED);
    }
    if head.headers.contains_key(UPGRADE) {
        return Err(StatusCode::BAD_REQUEST);
    }
    let host = one(&head.headers, HOST)?.ok_or(StatusCode::BAD_REQUEST)?;
    if !is_for(&head.uri, host) {
        return Err(StatusCode::BAD_REQUEST);
    }
    let length = length(&head.headers)?;
    if length > LONGEST_BODY {
        return Err(StatusCode::PAYLOAD_TOO_LARGE);
    }
    if length > 0 && head.method != Method::POST {
        return Err(StatusCode::BAD_REQUEST);
    }
    Ok(Asked { length, host: host.clone() })
}

fn is_known(method: &Method) -> bool {
    [Method::GET, Method::HEAD, Method::POST, Method::PUT, Method::PATCH, Method::DELETE, Method::OPTIONS]
        .contains(method)
}

/// A header that is there once, or not at all.
fn one(headers: &HeaderMap, name: HeaderName) -> Result<Option<&HeaderValue>, StatusCode> {
    let mut values = headers.get_all(name).into_iter();
    match (values.next(), values.next()) {
        (value, None) => Ok(value),
        _ => Err(StatusCode::BAD_REQUEST),
    }
}

fn length(headers: &HeaderMap) -> Result<u64, StatusCode> {
    let Some(value) = one(headers, CONTENT_LENGTH)? else { return Ok(0) };
    let digits = value.to_str().map_err(|_| StatusCode::BAD_REQUEST)?;
    if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(StatusCode::BAD_REQUEST);
    }
    // More digits than a number has are a length that is too great.
    digits.parse().map_err(|_| StatusCode::PAYLOAD_TOO_LARGE)
}

/// Whether a target is a path of the host that is asked.
fn is_for(target: &Uri, host: &HeaderValue) -> bool {
    let is_host = |byte: &u8| byte.is_ascii_alphanumeric() || b".-_:[]".contains(byte);
    let is_named = !host.is_empty() && host.as_bytes().iter().all(is_host);
    let is_path = target.path().starts_with('/');
    let is_here = target.authority().is_none_or(|asked| asked.as_str().as_bytes() == host.as_bytes());
    is_named && is_path && is_here
}

/// Room for the long bodies of all who are connected, which together would be more than a machine may have.
pub(super) struct Bodies(Semaphore);

impl Default for Bodies {
    fn default() -> Self {
        Self(Semaphore::new(MOST_LONG_BODIES))
    }
}

impl Bodies {
    /// Room for a body of that length, until it is given back; a short one needs none.
    ///
    /// # Errors
    /// That the site is busy.
    pub(super) fn room(&self, length: u64) -> Result<Option<SemaphorePermit<'_>>, StatusCode> {
        if length <= SHORT_BODY {
            return Ok(None);
        }
        self.0.try_acquire().map(Some).map_err(|_| StatusCode::SERVICE_UNAVAILABLE)
    }
}

/// Reads the body that a head announced.
///
/// # Errors
/// The status that the request is refused with.
pub(super) async fn read_body(body: Incoming, length: u64) -> Result<Bytes, StatusCode> {
    if length == 0 {
        return Ok(Bytes::new());
    }
    let limit = usize::try_from(LONGEST_BODY).unwrap_or(usize::MAX);
    match timeout(BODY, Limited::new(body, limit).collect()).await {
        Err(_) => Err(StatusCode::REQUEST_TIMEOUT),
        Ok(Err(_)) => Err(StatusCode::BAD_REQUEST),
        Ok(Ok(read)) => Ok(read.to_bytes()),
    }
}

/// Makes the request anew: what was read of it, and nothing else.
pub(super) fn anew(
    head: Parts,
    asked: Asked,
    body: Bytes,
    client: IpAddr,
) -> Result<Request<Full<Bytes>>, StatusCode> {
    let target = head.uri.path_and_query().cloned().ok_or(StatusCode::BAD_REQUEST)?;
    let mut request = Request::new(Full::new(body));
    *request.method_mut() = head.method;
    *request.uri_mut() = Uri::from(target);
    let mut headers = passed_on(&head.headers);
    headers.insert(HOST, asked.host);
    let client = HeaderValue::from_str(&client.to_string()).map_err(|_| StatusCode::BAD_REQUEST)?;
    headers.insert(CLIENT, client);
    *request.headers_mut() = headers;
    Ok(request)
}

/// The headers that are of the request itself.
fn passed_on(headers: &HeaderMap) -> HeaderMap {
    let of_connection: Vec<String> = headers
        .get_all(CONNECTION)
        .into_iter()
        .filter_map(|line| line.to_str().ok())
        .flat_map(|line| line.split(','))
        .map(|name| name.trim().to_ascii_lowercase())
        .collect();
    let goes_on = |name: &HeaderName| {
        let name = name.as_str();
        !NOT_PASSED_ON.contains(&name)
            && !name.starts_with(FORWARDED)
            && !of_connection.iter().any(|other| other == name)
    };
    let mut passed = HeaderMap::with_capacity(headers.len());
    for (name, value) in headers.iter().filter(|(name, _)| goes_on(name)) {
        passed.append(name.clone(), value.clone());
    }
    passed
}

/// Whoever answers, behind a Unix socket: asked by some connections that are kept.
pub(super) struct Behind {
    socket: PathBuf,
    kept: Mutex<Vec<SendRequest<Full<Bytes>>>>,
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
    pub(super) fn new(socket: PathBuf, most: usize) -> Self {
        let waiting = Semaphore::new(MOST_WAITING);
        let turns = Arc::new(Semaphore::new(most));
        let (kept, opening) = (Mutex::default(), tokio::sync::Mutex::default());
        let changes = Arc::new(Semaphore::new((most * 3 / 4).max(1)));
        Self { socket, kept, turns, changes, most, waiting, opening }
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

    async fn ask_now(&self, request: Request<Full<Bytes>>) -> Result<Response<Full<Bytes>>, ()> {
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
        &self,
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
            let mut kept = self.kept();
            if kept.len() < self.most {
                kept.push(sender);
            }
        }
        Ok(Response::from_parts(head, Full::new(body)))
    }

    fn pop(&self) -> Option<SendRequest<Full<Bytes>>> {
        self.kept().pop()
    }

    fn kept(&self) -> std::sync::MutexGuard<'_, Vec<SendRequest<Full<Bytes>>>> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use std::net::IpAddr;
    use std::sync::atomic::{AtomicUsize, Ordering};
    use std::sync::{Arc, Condvar, Mutex};
    use std::time::{Duration, Instant};

    use bytes::Bytes;
    use http::{HeaderMap, HeaderValue, Method, Request, Response, StatusCode};
    use http_body_util::Full;
    use tokio::time::{sleep, timeout};

    use super::{Behind, Bodies, CLIENT, LONGEST_BODY, MOST_LONG_BODIES, SHORT_BODY};
    use crate::web::front::Answers;
    use crate::web::front::behind::Workers;

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

        fn note_unbelieved_proxy(&self) {}

        fn note_refusal(&self, _: StatusCode, _: IpAddr) {}

        fn refuse(&self, status: StatusCode, _: &HeaderMap) -> Response<Bytes> {
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
            let behind = Arc::new(Behind::new(workers.socket(), 4));
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

    #[test]
    fn f3_long_bodies_take_bounded_room_and_short_ones_always_find_some() {
        let bodies = Bodies::default();
        let held: Vec<_> = (0..MOST_LONG_BODIES).map(|_| bodies.room(LONGEST_BODY).unwrap()).collect();
        let refused = bodies.room(SHORT_BODY + 1).err();
        assert_eq!(refused, Some(StatusCode::SERVICE_UNAVAILABLE));
        assert!(bodies.room(SHORT_BODY).is_ok());
        drop(held);
        assert!(bodies.room(LONGEST_BODY).is_ok());
    }
}
