//! Where a name stands in lists, in one order for every reader and every script.
//!
//! Folded names compared letter by letter put Ґ and Є after Я, and Å after Z, for that is where their code points are.
//! [`sort_key`] makes a text whose order by code points is close to the order of the alphabet: an approximation of the
//! first level of the root collation (UTS #10, CLDR root).
//!
//! - Latin and Greek letters stand with the letter they are made of: Å with A, Ł with L, Æ as ae, ώ with ω.
//! - Cyrillic letters have the place that the alphabets of Ukraine and its neighbours give them: ґ after г, є after е,
//!   і, ї, й after и, ў after у; ё stands with е.
//! - All else keeps its code point: ideographs go by radical and strokes, kana and Hangul by sound.
//!
//! It knows no tailoring by country, as one list serves everybody: Swedish readers find Å with A, not after Z, and Turkish
//! readers Ç with C. Names that differ in nothing else have one key, and whoever sorts by it breaks ties by id.

use unicode_normalization::char::decompose_canonical;

use super::fold::fold;

/// After a letter: another letter of its own comes, after all words with the first one. The number orders several.
///
/// Private use, so that it is above every letter and in no name.
const AFTER: u32 = 0x0010_FFF0;

/// The place of a person in lists: by last name, then first name, or by email where there is no profile.
pub(crate) fn place_in_lists(last_name: Option<&str>, first_name: Option<&str>, email: &str) -> String {
    match (last_name, first_name) {
        (Some(last), Some(first)) => sort_key(&format!("{last} {first}")),
        _ => sort_key(email),
    }
}

/// The text by whose code points a name is sorted.
pub(crate) fn sort_key(name: &str) -> String {
    let folded = fold(name);
    if folded.is_ascii() {
        return folded;
    }
    let mut key = String::with_capacity(folded.len() + 8);
    folded.chars().for_each(|c| push(&mut key, c));
    key
}

/// Adds what one folded letter is sorted by.
fn push(key: &mut String, c: char) {
    if c.is_ascii() {
        key.push(c);
    } else if let Some((base, number)) = after(c) {
        key.push(base);
        key.extend(char::from_u32(AFTER + number));
    } else if let Some(letters) = spelt(c) {
        key.push_str(letters);
    } else if is_alphabetic_script(c) {
        decompose_canonical(c, |part| {
            if !is_mark(part) {
                key.push(part);
            }
        });
    } else {
        key.push(c);
    }
}

/// The letter that `c` follows as a letter of its own, and as which one after it.
const fn after(c: char) -> Option<(char, u32)> {
    Some(match c {
        'ә' => ('а', 1),
        'ґ' => ('г', 1),
        'ғ' => ('г', 2),
        'ђ' => ('д', 1),
        'ѓ' => ('д', 2),
        'є' => ('е', 1),
        'җ' => ('ж', 1),
        'ѕ' => ('з', 1),
        'ҙ' => ('з', 2),
        'і' => ('и', 1),
        'ї' => ('и', 2),
        'й' => ('и', 3),
        'ј' => ('и', 4),
        'қ' => ('к', 1),
        'ҡ' => ('к', 2),
        'љ' => ('л', 1),
        'ң' => ('н', 1),
        'њ' => ('н', 2),
        'ө' => ('о', 1),
        'ҫ' => ('с', 1),
        'ћ' => ('т', 1),
        'ќ' => ('т', 2),
        'ў' => ('у', 1),
        'ұ' => ('у', 2),
        'ү' => ('у', 3),
        'ҳ' => ('х', 1),
        'һ' => ('х', 2),
        'ҷ' => ('ч', 1),
        'џ' => ('ч', 2),
        'ə' => ('e', 1),
        'ŋ' => ('n', 1),
        _ => return None,
    })
}

/// The plain letters of one that Unicode does not decompose.
const fn spelt(c: char) -> Option<&'static str> {
    Some(match c {
        'ß' => "ss",
        'æ' => "ae",
        'œ' => "oe",
        'þ' => "th",
        'đ' | 'ð' => "d",
        'ħ' => "h",
        'ı' => "i",
        'ł' => "l",
        'ø' => "o",
        'ŧ' => "t",
        _ => return None,
    })
}

/// Latin, Greek and Cyrillic, and the marks they are written with.
const fn is_alphabetic_script(c: char) -> bool {
    matches!(c, '\u{80}'..='\u{52F}' | '\u{1E00}'..='\u{1FFF}')
}

/// Combining diacritical marks: accents, breathings, the strokes and dots of Latin letters.
const fn is_mark(c: char) -> bool {
    matches!(c, '\u{300}'..='\u{36F}')
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn sorted(mut names: Vec<&str>) -> Vec<&str> {
        names.reverse();
        names.sort_by_key(|name| sort_key(name));
        names
    }

    #[track_caller]
    fn is_in_order(names: &[&str]) {
        assert_eq!(sorted(names.to_vec()), names);
    }

    #[test]
    fn ukrainian_names_are_in_the_order_of_the_alphabet() {
        is_in_order(&[
            "Авраменко",
            "Бойко",
            "Вовк",
            "Гончар",
            "Гуцул",
            "Ґалаґан",
            "Дячук",
            "Ерстенюк",
            "Євтушенко",
            "Жук",
            "Зінченко",
            "Иванов",
            "Іваненко",
            "Їжакевич",
            "Йовенко",
            "Коваль",
            "Яковенко",
        ]);
    }

    #[test]
    fn the_whole_alphabet_of_each_neighbour_is_in_order() {
        for alphabet in [
            "абвгґдеєжзиіїйклмнопрстуфхцчшщьюя",
            "абвгдежзийклмнопрстуфхцчшщъыьэюя",
            "абвгдеёжзійклмнопрстуўфхцчшыьэюя",
            "абвгдђежзијклљмнњопрстћуфхцчџш",
            "абвгдѓежзѕијклљмнњопрстќуфхцчџш",
            "αβγδεζηθικλμνξοπρστυφχψω",
            "abcdeəfghijklmnopqrstuvwxyz",
        ] {
            let names: Vec<String> = alphabet.chars().map(|letter| format!("{letter}а")).collect();
            // ё stands with е, and Belarusian ё comes right after it.
            is_in_order(&names.iter().map(String::as_str).filter(|name| *name != "ёа").collect::<Vec<_>>());
        }
    }

    #[test]
    fn latin_letters_stand_with_those_they_are_made_of() {
        is_in_order(&[
            "Aalto",
            "Ångström",
            "Azevedo",
            "Çelik",
            "Davis",
            "Łukasik",
            "Lynch",
            "Özil",
            "Petit",
            "Šimić",
            "Zimmer",
        ]);
        for (one, other) in [
            ("Ærø", "aero"),
            ("Øster", "oster"),
            ("Đorđe", "dorde"),
            ("Straße", "strasse"),
            ("Ωμέγα", "ωμεγα"),
        ] {
            assert_eq!(sort_key(one), sort_key(other), "{one} and {other}");
        }
    }

    #[test]
    fn the_second_name_decides_between_names_that_differ_in_a_mark_alone() {
        is_in_order(&["Müller Anna", "Muller Bert", "Müller Cid"]);
    }

    #[test]
    fn scripts_without_case_keep_their_own_order() {
        is_in_order(&["가나", "각", "나"]);
        is_in_order(&["か", "が", "き"]);
        is_in_order(&["山", "田"]);
        assert_ne!(sort_key("कि"), sort_key("का"), "vowel signs of other scripts are letters");
    }

    #[test]
    fn whoever_has_no_profile_stands_where_the_email_says() {
        assert_eq!(place_in_lists(Some("Šimić"), Some("Ana"), "x@a.example"), "simic ana");
        assert_eq!(place_in_lists(None, None, "Élodie@a.example"), "elodie@a.example");
    }

    proptest! {
        #[test]
        fn texts_that_readers_take_for_the_same_have_one_place(text in any::<String>()) {
            prop_assert_eq!(sort_key(&fold(&text)), sort_key(&text));
        }
    }
}
