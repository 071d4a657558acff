use jiff::tz::{TimeZone, offset};

use super::{Message, Reader, Site};
use crate::i18n::Language;
use crate::text::instant::Instant;

mod composed;
mod overridden;
mod rendered;

fn at() -> Instant {
    Instant::parse("2026-11-29T12:05:00Z", &TimeZone::UTC).unwrap()
}

fn site() -> Site {
    Site {
        name: "Acme Bank".into(),
        protocol: "https",
        host: "secboard.acme.example".into(),
        color: None,
        zone: TimeZone::fixed(offset(2)),
    }
}

fn reader(language: Language) -> Reader {
    Reader { name: "Олена".into(), account: "olena@acme.example".into(), language }
}

fn sample(name: &str) -> Message {
    Message::samples(at()).into_iter().find(|message| message.name() == name).unwrap()
}
