//! What the daemon tells of itself, line by line, where the supervisor takes it, or in a file.
//!
//! A line names routes, never paths, and the codes of errors: a path may hold the token of a link, and the words of an
//! error what somebody typed. What is told whole are faults of the machine, which nobody typed.

use std::fs::File;
use std::io::Write as _;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{PoisonError, RwLock};

use jiff::tz::TimeZone;
use serde_json::{Map, Value};

use crate::config::LogFormat;
use crate::context::{Clock, SystemClock};
use crate::error::{Failure, Kind};
use crate::text::instant::by_clocks_of;
use crate::text::width::{sanitize_for_terminal, sanitize_json};
use crate::web::Served;

/// How much a line matters.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Level {
    /// What went as it should.
    Info,
    /// What somebody should look at.
    Warning,
    /// What was not done.
    Error,
}

impl Level {
    const fn name(self) -> &'static str {
        match self {
            Self::Info => "info",
            Self::Warning => "warning",
            Self::Error => "error",
        }
    }
}

/// Where the lines go.
pub(super) struct Log {
    is_json: AtomicBool,
    /// By whose clocks people are told times.
    zone: RwLock<TimeZone>,
    /// None is standard error.
    file: Option<File>,
}

impl Log {
    pub(super) fn new(format: LogFormat, file: Option<File>) -> Self {
        let is_json = AtomicBool::new(format == LogFormat::Json);
        Self { is_json, zone: RwLock::new(TimeZone::UTC), file }
    }

    /// Tells people the times of the lines that follow by the clocks of a zone.
    pub(super) fn go_by_clocks_of(&self, zone: &TimeZone) {
        self.zone.write().unwrap_or_else(PoisonError::into_inner).clone_from(zone);
    }

    /// Writes the lines that follow in another way.
    pub(super) fn write_as(&self, format: LogFormat) {
        self.is_json.store(format == LogFormat::Json, Ordering::Relaxed);
    }

    /// Writes a line.
    pub(super) fn say(&self, level: Level, message: &str) {
        self.say_with(level, message, &[]);
    }

    /// Writes a line with what belongs to it.
    pub(super) fn say_with(&self, level: Level, message: &str, facts: &[(&str, Value)]) {
        let mut line = if self.is_json.load(Ordering::Relaxed) {
            json(level, message, facts)
        } else {
            let zone = self.zone.read().unwrap_or_else(PoisonError::into_inner);
            by_clocks_of(&text(level, message, facts), &zone).into_owned()
        };
        line.push('\n');
        match self.file.as_ref() {
            Some(mut file) => file.write_all(line.as_bytes()).ok(),
            None => std::io::stderr().write_all(line.as_bytes()).ok(),
        };
    }

    /// Tells of an answer.
    pub(super) fn served(&self, served: &Served) {
        let Served { route, method, status, client, took, failure } = served;
        // What browsers load with each page says nothing.
        if *route == "static" && failure.is_none() {
            return;
        }
        let milliseconds = u64::try_from(took.as_millis()).unwrap_or(u64::MAX);
        let mut facts = vec![
            ("method", Value::from(method.as_str())),
            ("route", Value::from(*route)),
            ("status", Value::from(status.as_u16())),
            ("milliseconds", Value::from(milliseconds)),
            ("client", Value::from(client.to_string())),
        ];
        let level = match failure {
            Some(_) if status.is_server_error() => Level::Error,
            Some(_) => Level::Warning,
            None => Level::Info,
        };
        if let Some(failure) = failure {
            facts.push(("code", Value::from(failure.code())));
            facts.extend(cause(failure).map(|cause| ("because", Value::from(cause))));
        }
        self.say_with(level, "answered", &facts);
    }
}

/// What of a failure is of the machine, and was typed by nobody.
pub(super) fn cause(failure: &Failure) -> Option<String> {
    let is_of_machine =
        matches!(failure.kind(), Kind::Bug | Kind::Io | Kind::Config | Kind::NoInput | Kind::Busy);
    is_of_machine.then(|| {
        let causes = failure.causes();
        std::iter::once(failure.to_string()).chain(causes).collect::<Vec<_>>().join(": ")
    })
}

/// What a failure of the configuration says, as `--check` does: what is wrong, where, and what to do; on one line.
pub(super) fn told(failure: &Failure) -> String {
    let (said, causes) = (std::iter::once(failure.to_string()), failure.causes());
    let all = said.chain(causes).chain(failure.explain().advice()).collect::<Vec<_>>().join(": ");
    all.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn text(level: Level, message: &str, facts: &[(&str, Value)]) -> String {
    use std::fmt::Write as _;
    let mut line = "secboardd: ".to_owned();
    if level != Level::Info {
        line.push_str(level.name());
        line.push_str(": ");
    }
    line.push_str(message);
    for (name, value) in facts {
        let value = match value {
            Value::String(text) if !text.contains(' ') => text.clone(),
            other => other.to_string(),
        };
        write!(line, " {name}={value}").ok();
    }
    sanitize_for_terminal(&line).into_owned()
}

fn json(level: Level, message: &str, facts: &[(&str, Value)]) -> String {
    let mut object = Map::new();
    object.insert("at".to_owned(), SystemClock.now().to_string().into());
    object.insert("level".to_owned(), level.name().into());
    object.insert("message".to_owned(), message.into());
    for (name, value) in facts {
        object.insert((*name).to_owned(), value.clone());
    }
    sanitize_json(&Value::Object(object).to_string()).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn people_are_told_times_by_the_clocks_of_their_site_and_programs_in_utc() {
        let file = tempfile::NamedTempFile::new().unwrap();
        let log = Log::new(LogFormat::Text, Some(file.reopen().unwrap()));
        log.go_by_clocks_of(&TimeZone::fixed(jiff::tz::offset(2)));
        let said = "account `out` rests until 2026-11-29T12:05:00.000000Z";
        log.say_with(Level::Warning, "a task was done", &[("said", said.into())]);
        log.write_as(LogFormat::Json);
        log.say_with(Level::Warning, "a task was done", &[("said", said.into())]);
        let written = std::fs::read_to_string(file.path()).unwrap();
        let (people, programs) = written.split_once('\n').unwrap();
        assert_eq!(
            people,
            "secboardd: warning: a task was done said=\"account `out` rests until 2026-11-29T14:05:00+02:00\""
        );
        let programs: Value = serde_json::from_str(programs).unwrap();
        assert_eq!(programs["said"], said);
    }

    #[test]
    fn a_line_is_for_people_or_for_programs() {
        let facts =
            [("route", Value::from("start")), ("status", Value::from(200)), ("because", "a b".into())];
        assert_eq!(
            text(Level::Info, "answered", &facts),
            "secboardd: answered route=start status=200 because=\"a b\""
        );
        assert_eq!(text(Level::Warning, "\u{1b}[31m", &[]), "secboardd: warning: \u{fffd}[31m");
        let object: Value = serde_json::from_str(&json(Level::Error, "answered", &facts)).unwrap();
        assert_eq!((&object["level"], &object["status"]), (&Value::from("error"), &Value::from(200)));
    }
}
