//! In which language a visitor reads.
//!
//! What they chose in the footer counts before what their browser asks for, and that before what the site says.

use http::HeaderMap;
use http::header::ACCEPT_LANGUAGE;

use crate::i18n::Language;

/// The cookie that remembers what was chosen, and the field of the query that chooses.
pub(super) const CHOSEN: &str = "lang";

/// For how many seconds the choice is remembered: a year.
pub(super) const REMEMBERED: u32 = 365 * 24 * 60 * 60;

/// More languages than anybody asks for.
const MOST: usize = 20;

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
