//! Whether the daemon lives, and whether it can do its work: `/healthz` and `/readyz`, for supervisors and proxies.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use http::StatusCode;
use http::header::ALLOW;
use rustix::fs::{Access, access, statvfs};
use serde_json::{Map, Value, json};

use crate::context::Site;
use crate::error::Result;
use crate::store;
use crate::text::instant::Instant;
use crate::web::Answer;

/// With less room than this, in bytes, nothing should be written any more.
const LEAST_ROOM: u64 = 16 * 1024 * 1024;

/// What is known of how the daemon is.
pub(super) struct Health {
    store: PathBuf,
    last: Mutex<BTreeMap<&'static str, LastRun>>,
}

/// When a service did its work last, and how that ended.
#[derive(Clone, Copy)]
struct LastRun {
    at: Instant,
    result: &'static str,
}

impl Health {
    pub(super) fn new(store: &Path) -> Self {
        Self { store: store.to_owned(), last: Mutex::default() }
    }

    /// Notes that a service did its work, in the word that says how it ended.
    pub(super) fn note(&self, service: &'static str, at: Instant, result: &'static str) {
        self.last.lock().unwrap_or_else(PoisonError::into_inner).insert(service, LastRun { at, result });
    }

    /// How a service ended its work last.
    #[cfg(test)]
    pub(super) fn last(&self, service: &str) -> Option<&'static str> {
        self.last.lock().unwrap_or_else(PoisonError::into_inner).get(service).map(|last| last.result)
    }

    /// The answer to a path of a supervisor; none where it is not one.
    pub(super) fn answer(&self, path: &str, is_read: bool, site: &Site) -> Option<Answer> {
        match path {
            "/healthz" | "/readyz" if !is_read => {
                let refused = Answer::text("only GET and HEAD\n").with_header(ALLOW, "GET, HEAD");
                Some(refused.with_status(StatusCode::METHOD_NOT_ALLOWED))
            }
            "/healthz" => Some(Answer::text("ok\n")),
            "/readyz" => Some(self.ready(site)),
            _ => None,
        }
    }

    fn ready(&self, site: &Site) -> Answer {
        let store = store_word(&site.check());
        // Of a store that is not there nothing says whether it can be written.
        let disk = if store == "missing" { room_word(self.folder()) } else { self.disk_word() };
        let is_ready = store == "ok" && disk == "ok";
        let services: Map<String, Value> = self
            .last
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .iter()
            .map(|(name, last)| {
                ((*name).to_owned(), json!({ "last_run": last.at.to_string(), "result": last.result }))
            })
            .collect();
        let told = json!({ "ready": is_ready, "store": store, "disk": disk, "services": services });
        let status = if is_ready { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
        Answer::of("application/json", format!("{told}\n")).with_status(status)
    }

    /// Whether the store can be written, as far as that is seen without writing.
    fn disk_word(&self) -> &'static str {
        let folder = self.folder();
        let can_write = |path: &Path| access(path, Access::WRITE_OK).is_ok();
        if !can_write(&self.store) || !can_write(folder) {
            return "read-only";
        }
        room_word(folder)
    }

    fn folder(&self) -> &Path {
        self.store.parent().unwrap_or(Path::new("."))
    }
}

/// Whether there is room where a folder is.
fn room_word(folder: &Path) -> &'static str {
    match statvfs(folder) {
        Ok(found) if found.f_bavail.saturating_mul(found.f_frsize) < LEAST_ROOM => "full",
        _ => "ok",
    }
}

/// How the store is, in a word.
fn store_word(checked: &Result<()>) -> &'static str {
    let Err(failure) = checked else { return "ok" };
    match failure.get::<store::Error>() {
        Some(store::Error::Missing { .. }) => "missing",
        Some(store::Error::Older { .. }) => "older",
        Some(store::Error::Newer { .. }) => "newer",
        Some(store::Error::Busy { .. }) => "busy",
        _ => "unusable",
    }
}
