//! What two texts are compared by: the same key for everything a reader takes for the same.
//!
//! `fold` follows the caseless matching of the Unicode standard (chapter 3.13, toNFKC_Casefold) and goes a little
//! further, because people type what their keyboard offers: every apostrophe is `'`, every stretch of white space one
//! space, and the dotted and dotless I of Turkish meet. Nearly all text is ASCII or plain Cyrillic, which needs no
//! normalisation and takes the short way.
//!
//! The same key makes people findable: [`search_text`] is stored with a person, and a [`Term`] is looked up in it.

use unicode_normalization::UnicodeNormalization;

use super::character::is_invisible;
use super::email;

/// The key by which texts are compared; folding it again changes nothing.
pub(crate) fn fold(text: &str) -> String {
    let mut key = Key::with_capacity(text.len());
    if text.chars().all(is_simple) {
        text.chars().for_each(|c| key.push(fold_simple(c)));
        return key.finish();
    }
    let visible = text.chars().filter(|&c| !is_invisible(c)).map(apostrophe);
    visible.nfkd().flat_map(fold_letter).for_each(|c| key.push(c));
    key.finish().nfkc().collect()
}

/// Whether `c` is folded by [`fold_simple`]: it neither composes with a neighbour nor decomposes in a way that is kept.
const fn is_simple(c: char) -> bool {
    matches!(c, '\0'..='\x7F' | 'Ѐ'..='џ' | 'Ґ' | 'ґ' | 'ʼ' | '‘' | '’')
}

fn fold_simple(c: char) -> char {
    if c.is_ascii() {
        return apostrophe(c.to_ascii_lowercase());
    }
    apostrophe(c).to_lowercase().next().unwrap_or(c)
}

/// Full case folding of one decomposed character.
///
/// Through upper case and back: ß and ẞ become `ss`, ς becomes `σ`, ı becomes `i`. The standard library's tables are
/// those of the current Unicode version.
fn fold_letter(c: char) -> impl Iterator<Item = char> {
    let upper = c.to_lowercase().flat_map(char::to_uppercase);
    upper.flat_map(char::to_lowercase).map(apostrophe)
}

/// The characters that keyboards, word processors and transliterations use for an apostrophe, as one.
const fn apostrophe(c: char) -> char {
    match c {
        '`' | '´' | 'ʹ' | 'ʻ' | 'ʼ' | '‘' | '’' | '‛' | '′' => '\'',
        c => c,
    }
}

/// The key while it is made.
struct Key {
    text: String,
    space: bool,
}

impl Key {
    fn with_capacity(bytes: usize) -> Self {
        Self { text: String::with_capacity(bytes), space: false }
    }

    fn push(&mut self, c: char) {
        // İ decomposes into I and a dot above, which the small letter carries already.
        let dot_on_i = c == '\u{307}' && !self.space && self.text.ends_with('i');
        if c.is_whitespace() {
            self.space = !self.text.is_empty();
        } else if !dot_on_i {
            if self.space {
                self.text.push(' ');
                self.space = false;
            }
            self.text.push(c);
        }
    }

    fn finish(self) -> String {
        self.text
    }
}

/// What of a person is searched.
#[derive(Debug, Clone, Copy)]
pub(crate) struct SearchParts<'a> {
    /// The first name; empty for an account without a profile.
    pub first_name: &'a str,
    /// The last name; empty for an account without a profile.
    pub last_name: &'a str,
    /// The email as typed.
    pub email: &'a str,
    /// The phone in E.164.
    pub phone: Option<&'a str>,
}

/// The text that is stored with a person and in which a [`Term`] is looked up.
///
/// Both orders of the names, the email in each of its spellings and the digits of the phone, each on a line of its own: a
/// folded term holds no line end, so it never matches across two of them.
pub(crate) fn search_text(parts: SearchParts<'_>) -> String {
    let first_last = fold(&format!("{} {}", parts.first_name, parts.last_name));
    let last_first = fold(&format!("{} {}", parts.last_name, parts.first_name));
    let mut lines = vec![first_last, last_first, email::key(parts.email)];
    lines.extend(email::ascii_spelling(parts.email));
    lines.extend(parts.phone.map(digits));
    lines.retain(|line| !line.is_empty());
    lines.join("\n")
}

/// What is looked for: a person is found when their [`search_text`] contains `folded`, or `digits` if there are any.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Term {
    /// The term, folded; empty when nothing but white space was typed.
    pub folded: String,
    /// The digits of a term that looks like a phone and differs from `folded`.
    pub digits: Option<String>,
}

/// Makes ready what a person typed into a search.
///
/// The zeros before a national number are left out, because the stored number begins with its country instead.
pub(crate) fn search_term(text: &str) -> Term {
    let folded = fold(text);
    let digits = looks_like_phone(&folded)
        .then(|| without_trunk_zeros(&digits(&folded.replace("(0)", ""))).to_owned());
    let digits = digits.filter(|digits| *digits != folded);
    Term { folded, digits }
}

fn looks_like_phone(folded: &str) -> bool {
    let phone = |c: char| c.is_ascii_digit() || " +()-./‐–—−".contains(c);
    folded.chars().all(phone) && folded.contains(|c: char| c.is_ascii_digit())
}

fn digits(text: &str) -> String {
    text.chars().filter(char::is_ascii_digit).collect()
}

/// Fewer digits than this are a part of a number, whose zeros count.
const DIGITS_OF_A_NATIONAL_NUMBER: usize = 7;

fn without_trunk_zeros(digits: &str) -> &str {
    let significant = digits.trim_start_matches('0');
    let is_part = digits.len() < DIGITS_OF_A_NATIONAL_NUMBER;
    if is_part || significant.is_empty() { digits } else { significant }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn texts_that_readers_take_for_the_same_have_one_key() {
        for (one, other) in [
            ("Дар'я", "ДАР’Я"),
            ("Дарʼя", "дар`я"),
            ("Straße", "STRASSE"),
            ("STRAẞE", "strasse"),
            ("ΟΔΥΣΣΕΥΣ", "Οδυσσεύς".replace('ύ', "υ").as_str()),
            ("İstanbul", "istanbul"),
            ("ISTANBUL", "ıstanbul"),
            ("Müller", "MU\u{308}LLER"),
            ("Андрій", "АНДРІИ\u{306}"),
            ("ﬁn", "FIN"),
            ("Ａｂ", "ab"),
            ("O'Neil", "o´neil"),
            ("  Anna \t\u{A0} Maria\n", "anna maria"),
            ("soft\u{AD}hyphen", "softhyphen"),
            ("a\u{115F}b\u{3164}c\u{2800}d", "abcd"),
            ("ҐАЛАҐАН", "ґалаґан"),
        ] {
            assert_eq!(fold(one), fold(other), "{one} and {other}");
        }
    }

    #[test]
    fn different_letters_stay_different() {
        for (one, other) in [("и", "й"), ("u", "ü"), ("і", "i"), ("е", "є"), ("山", "田"), ("a b", "ab")]
        {
            assert_ne!(fold(one), fold(other), "{one} and {other}");
        }
    }

    #[test]
    fn the_key_of_every_letter_is_stable() {
        let ideographs = 0x3400..0xAC00;
        for c in (0..0x2_0000).filter(|code| !ideographs.contains(code)).filter_map(char::from_u32) {
            let key = fold(&format!("x{c}x"));
            assert_eq!(fold(&key), key, "U+{:04X}", u32::from(c));
        }
    }

    #[test]
    fn both_ways_of_folding_agree() {
        for c in (0..=0x52F).filter_map(char::from_u32).filter(|&c| is_simple(c)) {
            let long: String = std::iter::once(apostrophe(c)).nfkd().flat_map(fold_letter).nfkc().collect();
            assert_eq!(fold_simple(c).to_string(), long, "U+{:04X}", u32::from(c));
        }
    }

    proptest! {
        #[test]
        fn folding_twice_is_folding_once(text in any::<String>()) {
            let key = fold(&text);
            prop_assert_eq!(fold(&key), key);
        }

        #[test]
        fn folding_marks_twice_is_folding_once(text in "[iIİıΑᾳß' \u{300}-\u{345}]{0,8}") {
            let key = fold(&text);
            prop_assert_eq!(fold(&key), key);
        }

        #[test]
        fn case_never_matters(text in any::<String>()) {
            prop_assert_eq!(fold(&fold(&text).to_uppercase()), fold(&text));
        }
    }

    const DARIA: SearchParts<'_> = SearchParts {
        first_name: "Дар’я",
        last_name: "О\u{2019}Коннор",
        email: "Daria@Acme.example",
        phone: Some("+380676555564"),
    };

    fn finds(query: &str) -> bool {
        let text = search_text(DARIA);
        let term = search_term(query);
        text.contains(&term.folded) || term.digits.is_some_and(|digits| text.contains(&digits))
    }

    #[test]
    fn a_person_is_found_by_any_part_of_what_is_known() {
        for query in
            ["дар'я", "ДАР", "о`коннор дар", "я о'кон", "daria@acme", "+380 67", "(067) 655-55-64", "0"]
        {
            assert!(finds(query), "{query}");
        }
        for query in ["мар'я", "daria@acme.example 380", "068 655 55 64"] {
            assert!(!finds(query), "{query}");
        }
    }

    #[test]
    fn only_a_term_that_looks_like_a_phone_is_reduced_to_digits() {
        assert_eq!(search_term("+44 (20) 79").digits.as_deref(), Some("442079"));
        assert_eq!(search_term("+44 (0)20 79").digits.as_deref(), Some("442079"));
        assert_eq!(search_term("20–79").digits.as_deref(), Some("2079"), "as word processors write the dash");
        assert_eq!(search_term("4420").digits, None, "the folded term says it already");
        assert_eq!(search_term("user 007").digits, None);
        assert_eq!(search_term("+-").digits, None);
        assert_eq!(search_term("0 000 000").digits.as_deref(), Some("0000000"));
    }

    #[test]
    fn an_account_without_profile_is_searched_by_email_alone() {
        let parts = SearchParts { first_name: "", last_name: "", email: "Root@x.example", phone: None };
        assert_eq!(search_text(parts), "root@x.example");
    }

    #[test]
    fn either_spelling_of_an_international_address_finds_the_person() {
        for email in ["anna@Bücher.example", "anna@xn--bcher-kva.example"] {
            let text = search_text(SearchParts { first_name: "", last_name: "", email, phone: None });
            for typed in ["anna@BÜCH", "bücher.example", "anna@xn--bcher", "XN--bcher-kva.example"] {
                assert!(text.contains(&search_term(typed).folded), "{typed} in {text}");
            }
        }
    }
}
