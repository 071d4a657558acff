//! Second factors, worked forward from the audit: who has one since when, how many backup codes are left, and until when one is
//! to be set up.

use serde::Deserialize;
use serde_json::json;

use super::RowRef;
use super::people::{FieldDelta, Person};
use super::store::Walked;
use crate::audit::{Error, State};
use crate::error::Result;
use crate::text::instant::Instant;

/// What a row says that a second factor became; absent is unchanged.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Delta {
    second_factor: Option<String>,
    backup_codes: Option<i64>,
    grace_until: FieldDelta<Instant>,
}

/// The second factor of somebody, on the way from the first row to the last.
#[derive(Debug, Default)]
pub(super) struct Factor {
    /// Since when there is one.
    enrolled: Option<i64>,
    codes: i64,
    /// Until when one is to be set up, and the row that said so.
    grace: Option<(i64, i64)>,
}

impl Factor {
    /// Takes the next row.
    ///
    /// # Errors
    /// When it does not decode.
    pub(super) fn follow(&mut self, (seq, at): (i64, i64), after: &str) -> Result<(), Error> {
        let delta: Delta = serde_json::from_str(after).map_err(|error| Error::Damaged {
            seq,
            column: "after",
            reason: format!("says of a second factor what cannot be: {error}"),
        })?;
        if let Some(word) = delta.second_factor {
            (self.enrolled, self.codes) = ((word == "enrolled").then_some(at), 0);
        }
        self.codes = delta.backup_codes.unwrap_or(self.codes);
        if let FieldDelta::Became(until) = delta.grace_until {
            self.grace = until.map(|until| (until.micros(), seq));
        }
        Ok(())
    }

    /// Until when that person has to set one up: said after it was last required, or no longer.
    pub(super) fn grace_of(&self, person: &Person) -> Option<i64> {
        self.grace.filter(|(_, said)| *said > person.two_factor_said).map(|(until, _)| until)
    }
}

impl State {
    /// Holds what is stored of the second factor of a person against what the rows tell.
    pub(super) fn check_factor(&mut self, walked: &mut Walked<'_>, id: i64, factor: &Factor) -> Result<()> {
        let at = RowRef { table: "two_factors", row: &id };
        let (mut enrolled, mut codes) = (None, 0);
        walked.factor_of(id, |since| enrolled = Some(since))?;
        walked.codes_of(id, |left| codes = left)?;
        match (factor.enrolled, enrolled) {
            (Some(expected), Some(found)) => {
                self.compare_time(at, "enrolled_at", Some(expected), Some(found));
            }
            (None, None) => {}
            (_, found) => self.note_row(at, found.is_some()),
        }
        let expected = factor.enrolled.map_or(0, |_| factor.codes);
        let at = RowRef { table: "backup_codes", row: &format!("{id} (user)") };
        self.compare(at, "how many are left", &json!(expected), &json!(codes));
        Ok(())
    }
}
