//! How sending ends that did not come to its end: with everything that keeps mails from leaving, or broken off by something
//! else after mails had left.

use std::error::Error as Source;
use std::fmt;

use super::error::Error;
use super::outbox::worker::{Left, Report};
use crate::error::{Explain, Failure, Kind};

/// What keeps mails from leaving, the first and the others.
#[derive(Debug, thiserror::Error)]
#[error("{first}")]
pub(super) struct Hindered {
    first: Error,
    others: Vec<Error>,
}

impl Hindered {
    /// By what was left; nothing where nothing was.
    pub(super) fn by(left: &[Left]) -> Option<Self> {
        let mut errors = left.iter().cloned().map(Error::from);
        Some(Self { first: errors.next()?, others: errors.collect() })
    }
}

impl Explain for Hindered {
    fn code(&self) -> &'static str {
        self.first.code()
    }

    fn kind(&self) -> Kind {
        self.first.kind()
    }

    fn command(&self) -> Option<String> {
        self.first.command()
    }

    fn advice(&self) -> Option<String> {
        self.first.advice()
    }

    fn others(&self) -> Vec<&dyn Explain> {
        self.others.iter().map(|other| -> &dyn Explain { other }).collect()
    }
}

/// What an error of the store says of the transaction that failed, which is not true of those before it.
const CLAIM: &str = "nothing was changed";

/// Something failed after other mails had left, and that is written down.
#[derive(Debug)]
pub(super) struct BrokenOff {
    done: String,
    why: Failure,
}

impl fmt::Display for BrokenOff {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let why = self.why.to_string();
        write!(f, "{}; then {}", self.done, why.trim_end_matches(CLAIM).trim_end_matches("; "))
    }
}

impl Source for BrokenOff {
    fn source(&self) -> Option<&(dyn Source + 'static)> {
        self.why.explain().source()
    }
}

impl BrokenOff {
    /// What failed, with what was done before; as it is where nothing was.
    pub(super) fn after(report: &Report, why: Failure) -> Failure {
        let done = report.done();
        if done.is_empty() { why } else { Self { done, why }.into() }
    }
}

impl Explain for BrokenOff {
    fn code(&self) -> &'static str {
        self.why.code()
    }

    fn kind(&self) -> Kind {
        self.why.kind()
    }

    fn field(&self) -> Option<&'static str> {
        self.why.explain().field()
    }

    fn command(&self) -> Option<String> {
        self.why.explain().command()
    }

    fn advice(&self) -> Option<String> {
        let advice = self.why.explain().advice()?;
        Some(advice.trim_start_matches(CLAIM).trim_start_matches("; ").to_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::Error as StoreError;

    fn full() -> Failure {
        StoreError::from(rusqlite::Error::SqliteFailure(rusqlite::ffi::Error::new(13), None)).into()
    }

    #[test]
    fn what_left_before_the_disk_was_full_is_told_and_that_nothing_was_changed_is_not() {
        let report = Report { sent: 5, failed: 1, ..Report::default() };
        let broken_off = BrokenOff::after(&report, full());
        assert_eq!(broken_off.to_string(), "5 sent, 1 failed; then the disk is full");
        assert_eq!((broken_off.code(), broken_off.kind()), (full().code(), full().kind()));
        assert!(broken_off.explain().advice().unwrap().starts_with("free some space"));
        assert_eq!(broken_off.causes(), full().causes(), "in the words of the store");
        assert!(!full().causes().is_empty());
        assert_eq!(BrokenOff::after(&Report::default(), full()).to_string(), full().to_string());
    }
}
