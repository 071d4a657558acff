//! A request on its way from a visitor to whoever answers: looked at, read whole, made anew from what was read.

use std::net::IpAddr;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use http::header::{CONNECTION, CONTENT_ENCODING, CONTENT_LENGTH, HOST, TRANSFER_ENCODING, UPGRADE};
use http::request::Parts;
use http::{HeaderMap, HeaderName, HeaderValue, Method, Request, StatusCode, Uri, Version};
use http_body_util::{BodyExt as _, Full, Limited};
use hyper::body::Incoming;
use tokio::sync::{Semaphore, SemaphorePermit};
use tokio::time::timeout;

use super::seats::network;
use crate::web::host::name_of;

/// The most bytes of a body, and of one with a file.
const LONGEST_BODY: u64 = 64 * 1024;
const LONGEST_FILE: u64 = 3 * 1024 * 1024;

/// The most bytes of a body that always finds room, and how many longer ones are held at once: 64 MiB of them.
const SHORT_BODY: u64 = 4 * 1024;
const MOST_LONG_BODIES: usize = 1024;

/// How many of those with a file are held at once, 24 MiB of them, and how many of one address; of IPv6, of one network.
const MOST_FILES: usize = 8;
const MOST_FILES_OF_AN_ADDRESS: usize = 2;

/// How long a body may take to come, and one with a file, so that a slow line sends it.
const BODY: Duration = Duration::from_secs(10);
const FILE: Duration = Duration::from_secs(30);

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

/// The most bytes of a body, which may have a file.
pub(super) const fn longest(takes_file: bool) -> u64 {
    if takes_file { LONGEST_FILE } else { LONGEST_BODY }
}

/// Whether a body of that length may only be one with a file.
pub(super) const fn has_file(length: u64) -> bool {
    length > LONGEST_BODY
}

/// Looks at the head of a request, whose body may have so many bytes.
///
/// # Errors
/// The status that it is refused with.
pub(super) fn look_at(head: &Parts, longest: u64) -> Result<Asked, StatusCode> {
    if matches!(head.method, Method::CONNECT | Method::TRACE) || !is_known(&head.method) {
        return Err(StatusCode::METHOD_NOT_ALLOWED);
    }
    if !matches!(head.version, Version::HTTP_10 | Version::HTTP_11) {
        return Err(StatusCode::BAD_REQUEST);
    }
    if head.headers.contains_key(TRANSFER_ENCODING) {
        return Err(StatusCode::LENGTH_REQUIRED);
    }
    // Nobody unpacks what is sent.
    let is_packed = |value: &HeaderValue| !value.as_bytes().eq_ignore_ascii_case(b"identity");
    if head.headers.get_all(CONTENT_ENCODING).into_iter().any(is_packed) {
        return Err(StatusCode::UNSUPPORTED_MEDIA_TYPE);
    }
    if head.headers.contains_key(UPGRADE) {
        return Err(StatusCode::BAD_REQUEST);
    }
    let host = one(&head.headers, HOST)?.ok_or(StatusCode::BAD_REQUEST)?;
    if !is_for(&head.uri, host) {
        return Err(StatusCode::BAD_REQUEST);
    }
    let length = length(&head.headers)?;
    if length > longest {
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
    let is_named =
        host.as_bytes().iter().all(is_host) && host.to_str().is_ok_and(|host| name_of(host).is_some());
    let is_path = target.path().starts_with('/');
    let is_here = target.authority().is_none_or(|asked| asked.as_str().as_bytes() == host.as_bytes());
    is_named && is_path && is_here
}

/// Room for the long bodies of all who are connected, which together would be more than a machine may have.
pub(super) struct Bodies {
    long: Semaphore,
    /// Whose bodies with a file are held.
    files: Mutex<Vec<IpAddr>>,
}

impl Default for Bodies {
    fn default() -> Self {
        Self { long: Semaphore::new(MOST_LONG_BODIES), files: Mutex::default() }
    }
}

/// The room of one body, until it is dropped.
pub(super) enum Held<'a> {
    /// That of a short one, which needs none.
    Short,
    /// That of a long one.
    Long { _permit: SemaphorePermit<'a> },
    /// That of one with a file.
    File(&'a Bodies, IpAddr),
}

impl Drop for Held<'_> {
    fn drop(&mut self) {
        if let Self::File(bodies, network) = self {
            let mut files = bodies.files();
            if let Some(place) = files.iter().position(|holder| holder == network) {
                files.swap_remove(place);
            }
        }
    }
}

impl Bodies {
    /// Room for a body of that length that a visitor sends, until it is given back.
    ///
    /// # Errors
    /// That the site is busy.
    pub(super) fn room(&self, length: u64, client: IpAddr) -> Result<Held<'_>, StatusCode> {
        if length <= SHORT_BODY {
            return Ok(Held::Short);
        }
        if length <= LONGEST_BODY {
            let permit = self.long.try_acquire().map_err(|_| StatusCode::SERVICE_UNAVAILABLE)?;
            return Ok(Held::Long { _permit: permit });
        }
        let client = network(client);
        let mut files = self.files();
        let of_client = files.iter().filter(|holder| **holder == client).count();
        if files.len() >= MOST_FILES || of_client >= MOST_FILES_OF_AN_ADDRESS {
            return Err(StatusCode::SERVICE_UNAVAILABLE);
        }
        files.push(client);
        Ok(Held::File(self, client))
    }

    fn files(&self) -> MutexGuard<'_, Vec<IpAddr>> {
        self.files.lock().unwrap_or_else(PoisonError::into_inner)
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
    let limit = usize::try_from(LONGEST_FILE).unwrap_or(usize::MAX);
    let patience = if length > LONGEST_BODY { FILE } else { BODY };
    match timeout(patience, Limited::new(body, limit).collect()).await {
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

#[cfg(test)]
mod tests {
    use std::net::IpAddr;

    use http::StatusCode;

    use super::{Bodies, LONGEST_BODY, LONGEST_FILE, MOST_FILES, MOST_LONG_BODIES, SHORT_BODY};

    #[test]
    fn f3_long_bodies_take_bounded_room_and_short_ones_always_find_some() {
        let (bodies, ann) = (Bodies::default(), visitor(1));
        let held: Vec<_> = (0..MOST_LONG_BODIES).map(|_| bodies.room(LONGEST_BODY, ann).unwrap()).collect();
        let refused = bodies.room(SHORT_BODY + 1, ann).err();
        assert_eq!(refused, Some(StatusCode::SERVICE_UNAVAILABLE));
        assert!(bodies.room(SHORT_BODY, ann).is_ok());
        let files: Vec<_> =
            (0..MOST_FILES).map(|number| bodies.room(LONGEST_FILE, visitor(number)).unwrap()).collect();
        assert_eq!(bodies.room(LONGEST_BODY + 1, visitor(MOST_FILES)).err(), refused);
        drop(held);
        assert!(bodies.room(LONGEST_BODY, ann).is_ok(), "those with a file keep nobody else out");
        drop(files);
        assert!(bodies.room(LONGEST_FILE, ann).is_ok());
    }

    #[test]
    fn f3_one_network_holds_few_of_the_places_for_files() {
        let bodies = Bodies::default();
        let of_one = |last: u16| IpAddr::from([0x2001, 0xdb8, 0, 7, 0, 0, 0, last]);
        let held: Vec<_> = (0..2).map(|last| bodies.room(LONGEST_FILE, of_one(last)).unwrap()).collect();
        assert_eq!(bodies.room(LONGEST_FILE, of_one(9)).err(), Some(StatusCode::SERVICE_UNAVAILABLE));
        assert!(bodies.room(LONGEST_FILE, visitor(1)).is_ok(), "everybody else finds room");
        drop(held);
        assert!(bodies.room(LONGEST_FILE, of_one(9)).is_ok());
    }

    fn visitor(number: usize) -> IpAddr {
        IpAddr::from([192, 0, 2, u8::try_from(number).unwrap()])
    }
}
