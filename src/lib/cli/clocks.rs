//! The clocks that people read times by: those of the site, once its settings were read.
//!
//! Whatever knows a time tells it as programs read it, in UTC with six digits of a second. Only where something is printed for
//! people it becomes a time of their day.

use std::borrow::Cow;
use std::sync::{Arc, OnceLock};

use jiff::tz::TimeZone;

use crate::text::instant::by_clocks_of;

/// The zone of the site, shared by whatever prints; UTC where no store was opened.
#[derive(Debug, Clone, Default)]
pub(crate) struct Clocks {
    zone: Arc<OnceLock<TimeZone>>,
}

impl Clocks {
    /// From now on times are told by the clocks of that zone; a command has one.
    pub(crate) fn are_of(&self, zone: &TimeZone) {
        self.zone.get_or_init(|| zone.clone());
    }

    /// A text for people, with its times by these clocks.
    pub(crate) fn in_text<'a>(&self, text: &'a str) -> Cow<'a, str> {
        by_clocks_of(text, self.zone.get().unwrap_or(&TimeZone::UTC))
    }
}
