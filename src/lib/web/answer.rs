//! What a visitor is answered.

use askama::Template;
use bytes::Bytes;
use http::header::{CONTENT_TYPE, LOCATION, RETRY_AFTER};
use http::{HeaderName, HeaderValue, StatusCode};

use super::Cookie;
use super::route::LocalPath;
use crate::error::{Explain, Kind, Result};

/// An answer on its way to a visitor. [`Pages`](super::Pages) adds the headers that all have.
pub(crate) struct Answer {
    pub(super) status: StatusCode,
    pub(super) headers: Vec<(HeaderName, HeaderValue)>,
    pub(super) cookies: Vec<Cookie>,
    pub(super) body: Bytes,
    /// Whether browsers may keep it: it is the same for everybody, for ever.
    pub(super) is_kept: bool,
}

/// A page that could not be written.
#[derive(Debug, thiserror::Error)]
#[error("a page could not be made of its template")]
struct Unwritten {
    source: askama::Error,
}

impl Explain for Unwritten {
    fn code(&self) -> &'static str {
        "web.template"
    }

    fn kind(&self) -> Kind {
        Kind::Bug
    }
}

impl Answer {
    /// A page.
    ///
    /// # Errors
    /// When its template fails, which is a defect.
    pub(crate) fn page(page: &impl Template) -> Result<Self> {
        let text = page.render().map_err(|source| Unwritten { source })?;
        Ok(Self::of("text/html; charset=utf-8", text))
    }

    /// A line of plain text, for programs.
    pub(crate) fn text(text: impl Into<String>) -> Self {
        Self::of("text/plain; charset=utf-8", text.into())
    }

    /// Bytes of that kind.
    pub(crate) fn of(media_type: &'static str, body: impl Into<Bytes>) -> Self {
        let headers = vec![(CONTENT_TYPE, HeaderValue::from_static(media_type))];
        Self { status: StatusCode::OK, headers, cookies: Vec::new(), body: body.into(), is_kept: false }
    }

    /// Leads to another page of the site, which is asked with GET (303); to the first one where the path leads elsewhere.
    pub(crate) fn redirect(path: &str) -> Self {
        let local = LocalPath::parse(path);
        let place = local.as_ref().map_or("/", LocalPath::as_str);
        Self::text("").with_status(StatusCode::SEE_OTHER).with_header(LOCATION, place)
    }

    /// Leads to a page of another host, which whoever answers has made up.
    pub(crate) fn lead_to(address: &str) -> Self {
        Self::text("").with_status(StatusCode::SEE_OTHER).with_header(LOCATION, address)
    }

    /// The same with another status.
    pub(crate) fn with_status(self, status: StatusCode) -> Self {
        Self { status, ..self }
    }

    /// The same with one more header; without it where no header can have that value.
    pub(crate) fn with_header(mut self, name: HeaderName, value: &str) -> Self {
        if let Ok(value) = HeaderValue::from_str(value) {
            self.headers.push((name, value));
        }
        self
    }

    /// The same with a cookie.
    pub(crate) fn with_cookie(mut self, cookie: Cookie) -> Self {
        self.cookies.push(cookie);
        self
    }

    /// The same, with the seconds after which another try is worth it.
    pub(crate) fn with_retry_after(self, seconds: Option<u32>) -> Self {
        match seconds {
            Some(seconds) => self.with_header(RETRY_AFTER, &seconds.to_string()),
            None => self,
        }
    }

    /// The same, for browsers to keep.
    pub(super) fn kept(self) -> Self {
        Self { is_kept: true, ..self }
    }
}
