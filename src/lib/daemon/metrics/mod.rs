//! What whoever watches the daemon is told: `/metrics`, in the text format of Prometheus, on an address of its own.
//!
//! It is told to everybody who can connect there, which is this machine, so nothing of a person is in it. What it costs is
//! bounded: counts are kept in memory, and what is asked of the store looks at no more than
//! [`MOST_ROWS`](crate::context::meters::MOST_ROWS) rows.

mod requests;
mod text;

use std::net::{IpAddr, SocketAddr, TcpListener};
use std::sync::Arc;

use bytes::Bytes;
use http::header::{ALLOW, CACHE_CONTROL, CONTENT_TYPE};
use http::{HeaderMap, HeaderValue, Method, Request, Response, StatusCode};

use super::health::Health;
use super::log::{Level, Log};
use super::refusals::Refusals;
use super::{Error, Parts};
use crate::config::Trusted;
use crate::context::{Actor, Clock as _, Site, SystemClock, Via, Visit};
use crate::store::LATEST;
use crate::text::instant::Instant;
use crate::web::front::{Answers, Certificates, Front, Listener, Room};
pub(super) use requests::Requests;
pub(super) use text::Text;

/// Whoever watches asks by one connection, or two.
const ROOM: Room = Room { all: 8, address: 8 };

/// What is told of.
pub(super) struct Figures {
    pub(super) parts: Parts,
    pub(super) site: Arc<Site>,
    pub(super) health: Arc<Health>,
    pub(super) requests: Arc<Requests>,
    pub(super) refusals: Arc<Refusals>,
    pub(super) certificates: Option<Arc<Certificates>>,
    /// When the daemon began.
    pub(super) began: Instant,
}

/// Tells it at an address, of which the log is told.
///
/// # Errors
/// When the address is taken, or the system gives no threads or sockets.
pub(super) fn listen(address: SocketAddr, figures: Figures, log: &Log) -> Result<Front, Error> {
    let listening = |source| Error::Listen { place: address.to_string(), source };
    let listener = TcpListener::bind(address).map_err(listening)?;
    let bound = listener.local_addr().map_err(listening)?;
    let listeners = vec![Listener::Tcp(listener, None)];
    let front = Front::start(listeners, Arc::new(figures), Trusted::default(), ROOM).map_err(listening)?;
    log.say(Level::Info, &format!("telling figures at http://{bound}/metrics"));
    Ok(front)
}

impl Answers for Figures {
    fn answer(&self, request: Request<Bytes>, _: IpAddr) -> Response<Bytes> {
        match (request.uri().path(), request.method()) {
            ("/metrics", &Method::GET | &Method::HEAD) => {
                let mut response = plain(StatusCode::OK, self.text());
                let prometheus = HeaderValue::from_static("text/plain; version=0.0.4; charset=utf-8");
                response.headers_mut().insert(CONTENT_TYPE, prometheus);
                response
            }
            ("/metrics", _) => {
                let mut response = plain(StatusCode::METHOD_NOT_ALLOWED, "only GET and HEAD\n");
                response.headers_mut().insert(ALLOW, HeaderValue::from_static("GET, HEAD"));
                response
            }
            _ => plain(StatusCode::NOT_FOUND, "only /metrics is here\n"),
        }
    }

    fn refuse(&self, status: StatusCode, _: &str, _: &HeaderMap) -> Response<Bytes> {
        plain(status, "refused\n")
    }

    fn takes_file(&self, _: &str) -> bool {
        false
    }

    fn may_send_file(&self, _: &str, _: &HeaderMap, _: IpAddr) -> bool {
        false
    }

    fn note_unbelieved_proxy(&self) {}

    fn note_refusal(&self, status: StatusCode, client: IpAddr) {
        self.refusals.count(status, client, std::time::Instant::now());
    }
}

fn plain(status: StatusCode, text: impl Into<Bytes>) -> Response<Bytes> {
    let mut response = Response::new(text.into());
    *response.status_mut() = status;
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("text/plain; charset=utf-8"));
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

impl Figures {
    /// All of it.
    fn text(&self) -> String {
        let mut text = Text::default();
        text.gauge("secboard_build_info", "The version that runs");
        text.sample("secboard_build_info", &[("version", env!("CARGO_PKG_VERSION"))], 1);
        text.number(
            "secboard_start_time_seconds",
            "When the daemon began, in seconds since 1970",
            seconds(self.began),
        );
        self.health.tell(&self.site, SystemClock.now(), &mut text);
        self.tell_of_store(&mut text);
        self.tell_of_certificate(&mut text);
        for counter in self.parts.counters {
            text.counter(counter.name, counter.about);
            for (value, count) in self.site.meters().read(counter) {
                text.sample(counter.name, &[(counter.label, value)], count);
            }
        }
        self.requests.tell(&mut text);
        self.refusals.tell_figures(&mut text);
        text.whole()
    }

    /// What is asked of the store; a gauge that cannot be read is left out, and counted as such.
    fn tell_of_store(&self, text: &mut Text) {
        text.number("secboard_schema", "The schema that this version has", LATEST);
        let mut unread: u32 = 0;
        for gauge in self.parts.gauges {
            let visit = Visit::of(Actor::nobody(None), Via::System);
            let Ok(values) = self.site.serve(visit, gauge.read) else {
                unread += 1;
                continue;
            };
            text.gauge(gauge.name, gauge.about);
            for (value, number) in values {
                let label = gauge.label.map(|label| (label, value));
                text.sample(gauge.name, label.as_slice(), number);
            }
        }
        let about = "Figures that could not be read of the store this time, and are not here";
        text.number("secboard_figures_unread", about, unread);
    }

    fn tell_of_certificate(&self, text: &mut Text) {
        let Some(until) = self.certificates.as_ref().and_then(|certificates| certificates.good_until())
        else {
            return;
        };
        let about = "Until when the certificate of the site is good, in seconds since 1970";
        text.number("secboard_certificate_expires_timestamp_seconds", about, seconds(until));
    }
}

/// Whole seconds since 1970.
pub(super) fn seconds(at: Instant) -> i64 {
    at.micros().div_euclid(1_000_000)
}
