//! In which language a visitor reads.
//!
//! What they chose in the footer counts before what their account has, that before what their browser asks for, and that before
//! what the site says. Whose account it is, is known once a page has asked: by a session, or by a link that works.

use http::HeaderMap;
use http::header::ACCEPT_LANGUAGE;

use super::Request;
use super::cookie::Cookies;
use super::layout::Facts;
use crate::i18n::Language;

/// The cookie that remembers what was chosen, and the field of the query that chooses.
pub(super) const CHOSEN: &str = "lang";

/// The field of the query of a page to which somebody is led who is not known there: the language of the page before.
pub(super) const LED_IN: &str = "in";

/// For how many seconds the choice is remembered: a year.
pub(super) const REMEMBERED: u32 = 365 * 24 * 60 * 60;

/// More languages than anybody asks for.
const MOST: usize = 20;

/// The language of an answer, and what decided it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Spoken {
    /// The visitor chose it here.
    Chosen(Language),
    /// It is that of their account.
    Known(Language),
    /// Their browser asks for it, or nobody does and it is that of the site.
    Asked(Language),
}

impl Spoken {
    /// That of a request, while it is not known whose it is.
    pub(super) fn of(request: &Request, facts: &Facts) -> Self {
        let of_query = |name| request.query.text(name).ok().and_then(Language::tagged);
        let chosen = of_query(CHOSEN).or_else(|| remembered(&request.cookies, facts.secure));
        chosen.map_or_else(
            || Self::Asked(of_query(LED_IN).or(request.asked).unwrap_or(facts.language)),
            Self::Chosen,
        )
    }

    pub(super) const fn language(self) -> Language {
        match self {
            Self::Chosen(language) | Self::Known(language) | Self::Asked(language) => language,
        }
    }
}

/// The language that the head of a request tells, of a site that is reached by https or not.
pub(super) fn of_head(headers: &HeaderMap, secure: bool) -> Option<Language> {
    remembered(&Cookies::of(headers), secure).or_else(|| asked_for(headers))
}

fn remembered(cookies: &Cookies, secure: bool) -> Option<Language> {
    cookies.get(CHOSEN, secure).and_then(Language::tagged)
}

/// The language that a browser asks for most among those there are.
pub(super) fn asked_for(headers: &HeaderMap) -> Option<Language> {
    let line = headers.get(ACCEPT_LANGUAGE)?.to_str().ok()?;
    let mut best: Option<(Language, u32)> = None;
    for range in line.split(',').take(MOST) {
        let (tag, weight) = range.split_once(';').unwrap_or((range, "q=1"));
        let weight = thousandths(weight);
        let Some(language) = Language::of_tag(tag.trim()) else { continue };
        if weight > best.map_or(0, |(_, most)| most) {
            best = Some((language, weight));
        }
    }
    best.map(|(language, _)| language)
}

/// A weight such as `q=0.8`; what is none counts for nothing.
fn thousandths(weight: &str) -> u32 {
    let Some(number) = weight.trim().strip_prefix("q=") else { return 0 };
    let (whole, part) = number.split_once('.').unwrap_or((number, ""));
    let digits = part.chars().chain("000".chars()).take(3).collect::<String>();
    match (whole.parse::<u32>(), digits.parse::<u32>()) {
        (Ok(whole), Ok(part)) if whole <= 1 && part < 1000 => whole * 1000 + part,
        _ => 0,
    }
}

#[cfg(test)]
mod tests {
    use http::header::ACCEPT_LANGUAGE;
    use http::{HeaderMap, HeaderValue};

    use super::asked_for;
    use crate::i18n::Language::{English, Ukrainian};

    #[test]
    fn the_language_is_the_one_that_is_asked_for_most_among_those_there_are() {
        for (line, language) in [
            ("uk", Some(Ukrainian)),
            ("uk-UA,uk;q=0.9,en;q=0.8", Some(Ukrainian)),
            ("de-DE,de;q=0.9,en;q=0.5,uk;q=0.7", Some(Ukrainian)),
            ("en-GB, uk;q=0.9", Some(English)),
            ("uk;q=0,en;q=0.1", Some(English)),
            ("uk;q=0", None),
            ("uk;q=2.5,en;q=x", None),
            ("de", None),
            ("*", None),
            ("", None),
        ] {
            let headers = HeaderMap::from_iter([(ACCEPT_LANGUAGE, HeaderValue::from_static(line))]);
            assert_eq!(asked_for(&headers), language, "{line}");
        }
    }
}
