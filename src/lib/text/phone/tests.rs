//! Which numbers are taken, and as what.

use proptest::prelude::*;

use super::*;

fn stored(input: &str, region: Option<&str>) -> String {
    parse_phone(input, region).unwrap().as_str().to_owned()
}

fn fault(input: &str, region: Option<&str>) -> PhoneFault {
    parse_phone(input, region).unwrap_err().fault
}

#[test]
fn international_numbers_need_no_region() {
    for (input, expected) in [
        ("+380676555564", "+380676555564"),
        ("+49 30 6581698", "+49306581698"),
        ("+44 (0)20 7927-5444", "+442079275444"),
        (" +1 202.555.0173 ", "+12025550173"),
        ("＋380676555564", "+380676555564"),
    ] {
        assert_eq!(stored(input, None), expected, "{input}");
        assert_eq!(stored(input, Some("UA")), expected, "{input}");
    }
}

#[test]
fn national_numbers_are_read_as_in_the_default_region() {
    assert_eq!(stored("067 655-55-64", Some("UA")), "+380676555564");
    assert_eq!(stored("020 7927 5444", Some("gb")), "+442079275444");
    assert_eq!(stored("00 380 67 655 5564", Some("UA")), "+380676555564");
    assert_eq!(fault("067 655-55-64", None), PhoneFault::NoCountry);
}

#[test]
fn regions_without_numbers_are_none() {
    for region in ["UA", "ua", "GB", "US", "DE", "AX"] {
        assert!(is_region(region), "{region}");
    }
    for region in ["XX", "ZZ", "UK", "001", "Ukraine", ""] {
        assert!(!is_region(region), "{region}");
    }
}

#[test]
fn a_refusal_says_what_is_wrong() {
    for (input, expected) in [
        ("", PhoneFault::Empty),
        ("call me", PhoneFault::Character { found: 'c' }),
        ("+442079275444#", PhoneFault::Character { found: '#' }),
        ("+999 123 456 789", PhoneFault::UnknownCountry),
        ("+38067", PhoneFault::TooShort),
        ("+3806765555641234", PhoneFault::TooLong),
        ("+380006555564", PhoneFault::NotAssigned),
        ("+", PhoneFault::Unreadable),
    ] {
        assert_eq!(fault(input, None), expected, "{input}");
    }
    assert_eq!(fault("123", Some("Ukraine")), PhoneFault::UnknownRegion { region: "Ukraine".into() });
}

#[test]
fn well_formed_digits_are_still_checked_against_the_number_plan() {
    assert!(parse_phone("+11111111111", None).is_err());
    assert!(parse_phone("+4420792754441", None).is_err());
}

#[test]
fn the_message_names_the_number_and_the_reason() {
    let error = parse_phone("+38067", None).unwrap_err();
    assert_eq!(error.to_string(), "`+38067` is not a phone number: it is too short for its country");
    assert_eq!((error.code(), error.kind()), ("phone.malformed", Kind::Refused));
    assert!(error.advice().is_some());
}

/// Each is stored as the number that was meant, or refused, and never as one with a digit more or less.
#[test]
fn no_spelling_gains_or_loses_a_digit() {
    for (input, expected) in [
        ("+49301234567.0", "+49301234567"),
        ("\u{202A}+49 30 1234567\u{202C}", "+49301234567"),
        ("+49\u{200B}30\u{AD}1234567\u{FEFF}", "+49301234567"),
        ("+49\u{A0}30\u{202F}1234567", "+49301234567"),
        ("+49\u{2009}30\u{3000}1234567", "+49301234567"),
        ("＋４９３０１２３４５６７", "+49301234567"),
        ("+٤٩٣٠١٢٣٤٥٦٧", "+49301234567"),
        ("(+49) 30/1234567", "+49301234567"),
        ("+49 (0)30/1234567", "+49301234567"),
        ("+49 30 1234567.", "+49301234567"),
        ("+33 1.42.68.53.00", "+33142685300"),
        ("+49 30 658169-0", "+49306581690"),
    ] {
        assert_eq!(stored(input, None), expected, "{input}");
    }
    assert_eq!(stored("030/1234567", Some("DE")), "+49301234567");
    assert_eq!(stored("(0)30 1234567", Some("DE")), "+49301234567");
    assert_eq!(stored("+39 (0)6 12345678", None), "+390612345678", "a zero that is part of it");
    assert_eq!(fault("+46 8 (0)123456", None), PhoneFault::TrunkZero);
    assert_eq!(fault("+247 (0)62889", None), PhoneFault::TrunkZero, "both are numbers there");
    assert_eq!(stored("301234567.0", Some("DE")), "+49301234567");
    assert_eq!(stored("030.1234567", Some("DE")), "+49301234567");
    for (input, expected) in [
        ("+49301234567.00", PhoneFault::Fraction),
        ("+49301234567.5", PhoneFault::Fraction),
        ("+49 30 1234567.0", PhoneFault::Fraction),
        ("+49301234567.25", PhoneFault::Fraction),
        ("0.671234567", PhoneFault::Fraction),
        ("-0.671234567", PhoneFault::Fraction),
        (".301234567", PhoneFault::Fraction),
        ("3.01234567", PhoneFault::Fraction),
        ("301.234567", PhoneFault::Fraction),
        ("-301234567", PhoneFault::Negative),
        ("\u{2212}301234567", PhoneFault::Negative),
        ("- 030 1234567", PhoneFault::Negative),
        ("+-49301234567", PhoneFault::Negative),
        ("-+49301234567", PhoneFault::Negative),
        ("+49301234567-", PhoneFault::Negative),
        ("-301234567.0", PhoneFault::Fraction),
        ("4.93012E+11", PhoneFault::Exponent),
        ("4.93012e11", PhoneFault::Exponent),
        ("+49 30 6581698/99", PhoneFault::Extension),
        ("+49 30 6581698 x12", PhoneFault::Extension),
        ("+49 30 6581698 ext. 12", PhoneFault::Extension),
        ("+49 30 6581698 доб. 12", PhoneFault::Extension),
        ("+49306581698#12", PhoneFault::Extension),
        ("+49306581698;ext=12", PhoneFault::Extension),
        ("+49306581698,,12", PhoneFault::Extension),
        ("+49 30 6581698 (12)", PhoneFault::Extension),
        ("+49 30 6581698/6581699", PhoneFault::Several),
        ("+49 30 65816/65817", PhoneFault::Several),
        ("+49 30 6581698 / +49 171 1234567", PhoneFault::Several),
        ("+49 30 6581698, +49 171 1234567", PhoneFault::Several),
        ("+49 30 6581698; 0171 1234567", PhoneFault::Several),
        ("+49 30 6581698\n+49 171 1234567", PhoneFault::Several),
        ("+49 30 6581698 +49 171 1234567", PhoneFault::Several),
        ("++49 30 6581698", PhoneFault::Several),
        ("49 30 6581698 +", PhoneFault::Several),
        ("+1-800-FLOWERS", PhoneFault::Character { found: 'F' }),
        ("+49 30 6581698 home", PhoneFault::Character { found: 'h' }),
        ("tel:+49306581698", PhoneFault::Character { found: 't' }),
        ("+49306581698²", PhoneFault::Character { found: '²' }),
        ("+49 30 658169½", PhoneFault::Character { found: '½' }),
        ("+49\t306581698", PhoneFault::Character { found: '\t' }),
        ("+49306581698*", PhoneFault::Character { found: '*' }),
    ] {
        assert_eq!(fault(input, None), expected, "{input}");
        assert_eq!(fault(input, Some("DE")), expected, "{input}");
    }
    let unseen = parse_phone("+49\u{1}306581698", None).unwrap_err().to_string();
    assert!(unseen.contains("the invisible character U+0001"), "{unseen}");
}

/// The example number of every region, spelled in many ways: read as itself, or refused.
#[test]
fn every_region_s_numbers_are_themselves_or_refused_however_they_are_spelled() {
    let mut regions = 0;
    for region in PHONE_NUMBER_UTIL.get_supported_regions() {
        let Ok(example) = PHONE_NUMBER_UTIL.get_example_number(region) else { continue };
        regions += 1;
        let number = example.format_as(PhoneNumberFormat::E164).into_owned();
        let code = region.to_string();
        let same = |spelled: &str, region: Option<&str>| match parse_phone(spelled, region) {
            Ok(phone) => assert_eq!(phone.as_str(), number, "{code}: {spelled}"),
            Err(error) => panic!("{code}: {error}"),
        };
        let never_another = |spelled: &str, region: Option<&str>| {
            if let Ok(phone) = parse_phone(spelled, region) {
                assert_eq!(phone.as_str(), number, "{code}: {spelled}");
            }
        };
        let international = example.format_as(PhoneNumberFormat::International).into_owned();
        let national = example.format_as(PhoneNumberFormat::National).into_owned();
        same(&number, None);
        same(&international, None);
        same(&national, Some(&code));
        for blank in ["\u{A0}", "\u{202F}", "\u{2009}", ".", "-", "\u{200B}"] {
            same(&international.replace(' ', blank), None);
        }
        for (before, behind) in [("\u{202A}", "\u{202C}"), ("", ".0"), (" ", "."), ("\u{2066}", "\u{2069}")] {
            same(&format!("{before}{number}{behind}"), None);
        }
        let digits = number.trim_start_matches('+');
        for behind in [
            "/9",
            "/99",
            "/1234",
            " x12",
            "x1",
            " ext. 123",
            " #7",
            ";ext=5",
            ",5",
            ".5",
            ".00",
            "e+11",
            "²",
            " (1)",
        ] {
            for spelled in
                [format!("{number}{behind}"), format!("{international}{behind}"), format!("{digits}{behind}")]
            {
                assert!(parse_phone(&spelled, Some(&code)).is_err(), "{code}: {spelled}");
            }
            assert!(
                parse_phone(&format!("{national}{behind}"), Some(&code)).is_err(),
                "{code}: {national}{behind}"
            );
        }
        for second in
            [format!("{number} {number}"), format!("{number}/{number}"), format!("{number};{number}")]
        {
            assert!(parse_phone(&second, Some(&code)).is_err(), "{code}: {second}");
        }
        for place in 3..digits.len() {
            let (head, tail) = digits.split_at(place);
            for separator in ["/", " ", "-", ".", " / ", "(0)"] {
                if (separator, tail) == (".", "0") {
                    continue; // As a program writes a number: no such digit was meant.
                }
                never_another(&format!("+{head}{separator}{tail}"), None);
            }
        }
    }
    assert!(regions > 200, "{regions} regions");
}

proptest! {
    #[test]
    fn whatever_is_typed_gets_an_answer(text in "[+0-9 ()٣a.-]{0,20}") {
        if let Ok(phone) = parse_phone(&text, Some("UA")) {
            prop_assert_eq!(parse_phone(phone.as_str(), None), Ok(phone.clone()));
            prop_assert!(phone.to_string().len() <= 16);
        }
    }
}
