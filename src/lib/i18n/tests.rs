use jiff::tz::{TimeZone, offset};

use super::moment::{ENGLISH, UKRAINIAN};
use super::{Catalogue, Language, Values, checks, day, moment};
use crate::text::date::Day;
use crate::text::instant::Instant;

#[test]
fn no_text_of_times_is_missing_or_unused() {
    checks::check(ENGLISH, UKRAINIAN, &[include_str!("moment.rs")]);
}

#[test]
fn an_apostrophe_in_ukrainian_is_of_one_kind() {
    for other in ["name = Імʼя", "name = ім'я", "name = пам`ять"] {
        assert!(checks::has_other_apostrophe(other), "{other}");
    }
    for fine in ["name = Ім’я", "name = `--dry-run`", "name = { $what } 'так'", "# Лист з `ім`", ""]
    {
        assert!(!checks::has_other_apostrophe(fine), "{fine}");
    }
}

#[test]
fn a_tag_names_a_language_whatever_country_stands_behind_it() {
    for (tag, language) in [
        ("en", Some(Language::English)),
        ("en-GB", Some(Language::English)),
        ("uk", Some(Language::Ukrainian)),
        ("UK-ua", Some(Language::Ukrainian)),
        ("uk_UA", Some(Language::Ukrainian)),
        ("ru", None),
        ("ukr", None),
        ("", None),
    ] {
        assert_eq!(Language::of_tag(tag), language, "{tag}");
    }
    for language in Language::ALL {
        assert_eq!(Language::of_tag(language.tag()), Some(language));
        assert_eq!(language.identifier().to_string(), language.tag(), "known to Fluent");
    }
}

#[test]
fn ukrainian_counts_in_three_forms_and_english_in_two() {
    let texts = Catalogue::new(
        "days = { $n ->\n [one] { $n } day\n *[other] { $n } days\n }",
        "days = { $n ->\n [one] { $n } день\n [few] { $n } дні\n *[many] { $n } днів\n }",
    );
    let said = |language, n: u32| texts.text(language, "days", &Values::default().with("n", n)).unwrap();
    let ukrainian: Vec<String> = [0, 1, 2, 4, 5, 11, 12, 14, 21, 22, 25, 101, 111, 1002, 1012]
        .into_iter()
        .map(|n| said(Language::Ukrainian, n))
        .collect();
    assert_eq!(
        ukrainian.join(", "),
        "0 днів, 1 день, 2 дні, 4 дні, 5 днів, 11 днів, 12 днів, 14 днів, 21 день, 22 дні, 25 днів, 101 день, \
         111 днів, 1002 дні, 1012 днів"
    );
    assert_eq!([0, 1, 2].map(|n| said(Language::English, n)), ["0 days", "1 day", "2 days"]);
}

#[test]
fn nothing_stands_around_a_value_and_english_stands_in() {
    let texts = Catalogue::new("a = to { $x }.\nb = only here", "a = до { $x }.");
    let x = Values::default().with("x", "https://acme.example");
    assert_eq!(texts.text(Language::Ukrainian, "a", &x).as_deref(), Some("до https://acme.example."));
    assert_eq!(texts.text(Language::Ukrainian, "b", &x).as_deref(), Some("only here"));
    assert_eq!(texts.text(Language::English, "c", &x), None);
    assert_eq!(texts.text(Language::English, "a", &Values::default()), None, "a value is lacking");
}

#[test]
fn times_are_told_by_the_clocks_of_the_site() {
    let at = Instant::parse("2026-11-29T12:05:59Z", &TimeZone::UTC).unwrap();
    let fixed = TimeZone::fixed(offset(2));
    assert_eq!(moment(Language::English, at, &TimeZone::UTC), "29 November 2026, 12:05 (UTC)");
    assert_eq!(moment(Language::Ukrainian, at, &fixed), "29 листопада 2026 р., 14:05 (UTC+02)");
    let Ok(kyiv) = TimeZone::get("Europe/Kyiv") else { return };
    assert_eq!(moment(Language::English, at, &kyiv), "29 November 2026, 14:05 (Kyiv)");
    assert_eq!(moment(Language::Ukrainian, at, &kyiv), "29 листопада 2026 р., 14:05 (Київ)");
    let far = TimeZone::get("America/Argentina/Buenos_Aires").unwrap();
    assert_eq!(moment(Language::Ukrainian, at, &far), "29 листопада 2026 р., 09:05 (Buenos Aires)");
}

#[test]
fn every_month_has_its_name() {
    let named = |language| -> Vec<String> {
        (1..=12).map(|month| day(language, Day::parse(&format!("2027-{month:02}-01")).unwrap())).collect()
    };
    insta::assert_snapshot!(named(Language::English).join("; "), @"1 January 2027; 1 February 2027; 1 March 2027; 1 April 2027; 1 May 2027; 1 June 2027; 1 July 2027; 1 August 2027; 1 September 2027; 1 October 2027; 1 November 2027; 1 December 2027");
    insta::assert_snapshot!(named(Language::Ukrainian).join("; "), @"1 січня 2027 р.; 1 лютого 2027 р.; 1 березня 2027 р.; 1 квітня 2027 р.; 1 травня 2027 р.; 1 червня 2027 р.; 1 липня 2027 р.; 1 серпня 2027 р.; 1 вересня 2027 р.; 1 жовтня 2027 р.; 1 листопада 2027 р.; 1 грудня 2027 р.");
}
