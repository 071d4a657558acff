//! Pages for when something is wrong: what it is, that nothing happened, and where to go from there. Never why: causes
//! are for the log.

use askama::Template;
use http::StatusCode;

use super::Answer;
use super::layout::Frame;
use crate::crypto::key::KeyError;
use crate::error::{Failure, Kind};
use crate::store;

/// What is wrong, as a page says it.
pub(super) struct Trouble {
    status: StatusCode,
    title: &'static str,
    text: &'static str,
    /// After how many seconds another try is worth it.
    retry_after: Option<u32>,
}

/// The page of a trouble.
#[derive(Template)]
#[template(path = "web/pages/trouble.html")]
struct Page {
    frame: Frame,
    trouble: Trouble,
}

/// The seconds after which somebody may look again at a site that is being looked after.
const MAINTENANCE: u32 = 60;

impl Trouble {
    const fn new(status: StatusCode, title: &'static str, text: &'static str) -> Self {
        Self { status, title, text, retry_after: None }
    }

    /// The trouble that a status stands for.
    pub(super) fn of(status: StatusCode) -> Self {
        let (title, text) = match status {
            StatusCode::FORBIDDEN => ("trouble-forbidden", "trouble-forbidden-text"),
            StatusCode::NOT_FOUND => ("trouble-not-found", "trouble-not-found-text"),
            StatusCode::METHOD_NOT_ALLOWED => ("trouble-method", "trouble-method-text"),
            StatusCode::PAYLOAD_TOO_LARGE => ("trouble-large", "trouble-large-text"),
            StatusCode::TOO_MANY_REQUESTS | StatusCode::SERVICE_UNAVAILABLE => {
                ("trouble-busy", "trouble-busy-text")
            }
            status if status.is_server_error() => ("trouble-defect", "trouble-defect-text"),
            _ => ("trouble-bad", "trouble-bad-text"),
        };
        let is_busy = status == StatusCode::SERVICE_UNAVAILABLE;
        Self { retry_after: is_busy.then_some(1), ..Self::new(status, title, text) }
    }

    /// A host that is not one of this site's.
    pub(super) const fn host() -> Self {
        Self::new(StatusCode::BAD_REQUEST, "trouble-host", "trouble-host-text")
    }

    /// A form of another site.
    pub(super) const fn origin() -> Self {
        Self::new(StatusCode::FORBIDDEN, "trouble-origin", "trouble-origin-text")
    }

    /// What a failure is for a visitor.
    pub(super) fn of_failure(failure: &Failure) -> Self {
        let is_of_store = failure.get::<store::Error>().is_some() || failure.get::<KeyError>().is_some();
        if is_of_store && failure.kind() != Kind::Busy {
            let text = Self::new(StatusCode::SERVICE_UNAVAILABLE, "trouble-later", "trouble-later-text");
            return Self { retry_after: Some(MAINTENANCE), ..text };
        }
        let status = StatusCode::from_u16(failure.kind().http_status());
        let status = status.unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        Self { retry_after: failure.kind().retry_after(), ..Self::of(status) }
    }

    /// Whether the same may work later.
    fn is_for_a_while(&self) -> bool {
        self.status == StatusCode::SERVICE_UNAVAILABLE || self.status == StatusCode::TOO_MANY_REQUESTS
    }

    /// Where the site begins: at its own host, if another one was asked.
    fn home(&self, frame: &Frame) -> String {
        if self.title == "trouble-host" { frame.home() } else { "/".to_owned() }
    }

    fn is_later(&self) -> bool {
        self.title == "trouble-later"
    }
}

/// The page of a trouble.
pub(super) fn page(trouble: Trouble, frame: Frame) -> Answer {
    let (status, retry_after) = (trouble.status, trouble.retry_after);
    let page = Answer::page(&Page { frame, trouble });
    page.unwrap_or_else(|_| Answer::text("")).with_status(status).with_retry_after(retry_after)
}
