//! Who is held, as it is shown with a person.

use super::counter::Span;
use crate::text::instant::Instant;

/// What is not taken for a while.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Of {
    /// Passwords.
    Logins,
    /// Codes of the second factor, after a right password.
    Codes,
}

/// Logins of a person, or their codes, are not taken for a while.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Hold {
    /// What is held.
    pub(crate) of: Of,
    /// From where; none for everywhere.
    pub(crate) source: Option<String>,
    span: Span,
}

impl Hold {
    /// One from everywhere, since then and for ever.
    #[cfg(test)]
    pub(crate) fn for_ever(since: Instant) -> Self {
        Self { of: Of::Logins, source: None, span: Span { since, until: Instant::from_micros(i64::MAX) } }
    }

    /// Until when, while it lasts.
    pub(crate) fn until(&self, now: Instant) -> Option<Instant> {
        Some(self.span.until).filter(|_| self.span.covers(now))
    }
}

/// Reads the holds of a person: a list of kind, source, since when and until when.
///
/// # Errors
/// When it is no such list.
pub(crate) fn holds(json: &str) -> serde_json::Result<Vec<Hold>> {
    let mut rows: Vec<(String, String, i64, i64)> = serde_json::from_str(json)?;
    rows.sort_unstable();
    let hold = |(kind, source, since, until): (String, String, i64, i64)| Hold {
        of: if kind == "second-factor" { Of::Codes } else { Of::Logins },
        source: match kind.as_str() {
            "login-account" | "second-factor" => None,
            "login-browser" => Some("a known browser".to_owned()),
            _ => Some(source),
        },
        span: Span { since: Instant::from_micros(since), until: Instant::from_micros(until) },
    };
    Ok(rows.into_iter().map(hold).collect())
}
