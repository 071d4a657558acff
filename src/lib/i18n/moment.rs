//! Days and points in time as people read them, with the place whose clock is meant.

use std::sync::LazyLock;

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;

use super::{Catalogue, Language, Values};
use crate::text::date::Day;
use crate::text::instant::Instant;

pub(super) const ENGLISH: &str = include_str!("en/moment.ftl");
pub(super) const UKRAINIAN: &str = include_str!("uk/moment.ftl");

static TEXTS: LazyLock<Catalogue> = LazyLock::new(|| Catalogue::new(ENGLISH, UKRAINIAN));

/// A point in time by the clocks of a zone, such as `29 November 2026, 14:05 (Kyiv)`.
pub(crate) fn moment(language: Language, at: Instant, zone: &TimeZone) -> String {
    let at = at.timestamp();
    let local = zone.to_datetime(at);
    let (hour, minute) = (local.hour(), local.minute());
    let values = Values::default()
        .with("day", date(language, local.date()))
        .with("time", format!("{hour:02}:{minute:02}"))
        .with("place", place(language, zone, at));
    TEXTS.text(language, "moment", &values).unwrap_or_else(|| at.to_string())
}

/// A day, such as `29 November 2026`.
pub(crate) fn day(language: Language, day: Day) -> String {
    date(language, day.date())
}

fn date(language: Language, date: Date) -> String {
    let month = TEXTS.text(language, "month", &Values::default().with("number", date.month()));
    let values = Values::default()
        .with("day", date.day().to_string())
        .with("month", month.unwrap_or_default())
        .with("year", date.year().to_string());
    TEXTS.text(language, "day", &values).unwrap_or_else(|| date.to_string())
}

/// The place that a zone is named after, or how far its clocks are from UTC.
fn place(language: Language, zone: &TimeZone, at: Timestamp) -> String {
    let Some(name) = zone.iana_name().filter(|name| *name != "UTC") else {
        let offset = zone.to_offset(at);
        return if offset.is_zero() { "UTC".to_owned() } else { format!("UTC{offset}") };
    };
    let zone = name.rsplit('/').next().unwrap_or(name);
    let city = zone.replace('_', " ");
    let values = Values::default().with("zone", zone).with("city", city.clone());
    TEXTS.text(language, "place", &values).unwrap_or(city)
}
