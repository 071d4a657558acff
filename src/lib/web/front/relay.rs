//! A request on its way from a visitor to whoever answers: looked at, read whole, made anew from what was read.

use std::net::IpAddr;
use std::path::PathBuf;
use std::sync::{Mutex, PoisonError};
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
use tokio::sync::{AcquireError, Semaphore};
use tokio::time::timeout;

/// The most bytes of a body.
const LONGEST_BODY: u64 = 64 * 1024;

/// The most bytes of an answer.
const LONGEST_ANSWER: usize = 8 * 1024 * 1024;

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
    turns: Semaphore,
    /// Turns of requests that may change something: some are left for those who only look, however long a change waits.
    changes: Semaphore,
    /// How many may be asked at once, and so how many connections are kept.
    most: usize,
    waiting: Semaphore,
    /// Held while a connection is opened.
    opening: tokio::sync::Mutex<()>,
}

impl Behind {
    pub(super) fn new(socket: PathBuf, most: usize) -> Self {
        let waiting = Semaphore::new(MOST_WAITING);
        let (kept, turns, opening) = (Mutex::default(), Semaphore::new(most), tokio::sync::Mutex::default());
        let changes = Semaphore::new((most * 3 / 4).max(1));
        Self { socket, kept, turns, changes, most, waiting, opening }
    }

    /// Asks, and reads the answer whole.
    ///
    /// # Errors
    /// The status of a visitor who is not answered.
    pub(super) async fn ask(
        &self,
        request: Request<Full<Bytes>>,
    ) -> Result<Response<Full<Bytes>>, StatusCode> {
        const BUSY: StatusCode = StatusCode::SERVICE_UNAVAILABLE;
        let _waits = self.waiting.try_acquire().map_err(|_| BUSY)?;
        let may_change = *request.method() == Method::POST;
        let turn = timeout(TURN, async {
            let change = if may_change { Some(self.changes.acquire().await) } else { None };
            Ok::<_, AcquireError>((change.transpose()?, self.turns.acquire().await?))
        });
        let _turn = turn.await.map_err(|_| BUSY)?.map_err(|_| BUSY)?;
        let answered = timeout(ANSWERING, self.ask_now(request)).await;
        answered.map_err(|_| BUSY)?.map_err(|()| StatusCode::BAD_GATEWAY)
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
