//! Whether the daemon lives, and whether it can do its work: `/healthz` and `/readyz`, for supervisors and proxies.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use http::StatusCode;
use http::header::ALLOW;
use rustix::fs::{Access, access, statvfs};
use serde_json::{Map, Value, json};

use super::metrics::{Text, seconds};
use crate::context::Site;
use crate::error::Result;
use crate::store;
use crate::text::instant::Instant;
use crate::web::Answer;

/// With less room than this, in bytes, nothing should be written any more.
const LEAST_ROOM: u64 = 16 * 1024 * 1024;

/// However often it works, a service is not late before that.
const LATE: Duration = Duration::from_secs(15 * 60);

/// In which words it ends that a service did what it is for.
const GOOD: [&str; 2] = ["nothing", "done"];

/// What is known of how the daemon is.
pub(super) struct Health {
    store: PathBuf,
    last: Mutex<BTreeMap<&'static str, LastRun>>,
    expected: Mutex<BTreeMap<&'static str, Expected>>,
}

/// When a service did its work last, and how that ended.
#[derive(Clone, Copy)]
struct LastRun {
    at: Instant,
    result: &'static str,
    /// When it did last what it is for.
    good: Option<Instant>,
}

/// A service that is switched on.
struct Expected {
    /// Since when.
    since: Instant,
    /// How often it works.
    every: Duration,
}

impl Health {
    pub(super) fn new(store: &Path) -> Self {
        Self { store: store.to_owned(), last: Mutex::default(), expected: Mutex::default() }
    }

    /// Notes that a service did its work, in the word that says how it ended.
    pub(super) fn note(&self, service: &'static str, at: Instant, result: &'static str) {
        let mut last = self.last.lock().unwrap_or_else(PoisonError::into_inner);
        let before = last.get(service).and_then(|last| last.good);
        let good = if GOOD.contains(&result) { Some(at) } else { before };
        last.insert(service, LastRun { at, result, good });
    }

    /// Takes note of which services are switched on, and how often each works; those that were before are so since then.
    pub(super) fn expect(&self, services: impl Iterator<Item = (&'static str, Duration)>, since: Instant) {
        let mut expected = self.expected.lock().unwrap_or_else(PoisonError::into_inner);
        let before = std::mem::take(&mut *expected);
        let begun = |name| before.get(name).map_or(since, |before| before.since);
        expected.extend(services.map(|(name, every)| (name, Expected { since: begun(name), every })));
    }

    /// Tells figures of it.
    pub(super) fn tell(&self, site: &Site, now: Instant, text: &mut Text) {
        let store = store_word(&site.check());
        let is_ready = store == "ok" && self.disk_word() == "ok";
        text.number(
            "secboard_ready",
            "Whether /readyz says that the daemon can do its work",
            u8::from(is_ready),
        );
        let mut log = self.store.clone().into_os_string();
        log.push("-wal");
        for (name, about, path) in [
            ("secboard_store_bytes", "How large the store is", self.store.as_path()),
            (
                "secboard_wal_bytes",
                "How large the log of the store is that is not in it yet",
                Path::new(&log),
            ),
        ] {
            if let Ok(found) = std::fs::metadata(path) {
                text.number(name, about, found.len());
            }
        }
        if let Ok(found) = statvfs(self.folder()) {
            let free = found.f_bavail.saturating_mul(found.f_frsize);
            text.number("secboard_disk_free_bytes", "How much room there is where the store is", free);
        }
        self.tell_of_services(now, text);
    }

    /// Tells when each service worked last.
    pub(super) fn tell_of_services(&self, now: Instant, text: &mut Text) {
        let expected = self.expected.lock().unwrap_or_else(PoisonError::into_inner);
        let last = self.last.lock().unwrap_or_else(PoisonError::into_inner);
        let mut tell = |name, about, of: &dyn Fn(Option<&LastRun>, &Expected) -> Option<i64>| {
            text.gauge(name, about);
            for (service, expected) in &*expected {
                if let Some(value) = of(last.get(service), expected) {
                    text.sample(name, &[("service", service)], value);
                }
            }
        };
        let name = "secboard_service_last_run_timestamp_seconds";
        tell(name, "When a service began its last work, in seconds since 1970", &|last, _| {
            Some(seconds(last?.at))
        });
        let name = "secboard_service_last_good_timestamp_seconds";
        let about = "When a service began the last work of which nothing failed or had to wait, in seconds since 1970";
        tell(name, about, &|last, _| last?.good.map(seconds));
        let about = "Whether a service has done no good work for three times as long as it should, and a quarter of an hour";
        tell("secboard_service_late", about, &|last, expected| Some(expected.is_late(last, now).into()));
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

impl Expected {
    /// Whether it should have done good work since.
    fn is_late(&self, last: Option<&LastRun>, now: Instant) -> bool {
        let good = last.and_then(|last| last.good).map_or(self.since, |good| good.max(self.since));
        seconds(now) - seconds(good) > late_after(self.every)
    }
}

/// After how many seconds a service is late that works so often.
fn late_after(every: Duration) -> i64 {
    let three = every.saturating_mul(3).max(LATE);
    i64::try_from(three.as_secs()).unwrap_or(i64::MAX)
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
