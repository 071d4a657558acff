//! Texts that are not UTF-8, or not quite.

use super::*;

const TEXT: &str = "email,name\na@x,Анна\nb@x,Жанна\n";

fn utf_16(text: &str, mark: bool, bytes: fn(u16) -> [u8; 2]) -> Vec<u8> {
    let mark = if mark { "\u{FEFF}" } else { "" };
    mark.encode_utf16().chain(text.encode_utf16()).flat_map(bytes).collect()
}

#[test]
fn a_byte_order_mark_is_no_part_of_the_header() {
    assert_eq!(open(format!("\u{FEFF}{TEXT}")).unwrap().header(), ["email", "name"]);
}

#[test]
fn utf_16_is_recognised_with_and_without_a_mark() {
    for mark in [true, false] {
        for bytes in [u16::to_le_bytes, u16::to_be_bytes] {
            let found = cells(utf_16(TEXT, mark, bytes));
            assert_eq!(found, [["a@x", "Анна"], ["b@x", "Жанна"]], "mark: {mark}");
        }
    }
}

#[test]
fn utf_16_holds_for_files_larger_than_any_buffer() {
    let text = format!("{TEXT}{}", "c@x,Марія\n".repeat(50_000));
    assert_eq!(cells(utf_16(&text, true, u16::to_le_bytes)).len(), 50_002);
}

#[test]
fn half_a_pair_in_utf_16_costs_its_row() {
    let mut bytes = utf_16(TEXT, true, u16::to_le_bytes);
    bytes.extend(utf_16("c@x,", false, u16::to_le_bytes));
    bytes.extend([0x00, 0xD8]);
    let (good, bad) = read(bytes);
    assert_eq!(good.len(), 2);
    assert_eq!((bad[0].line, bad[0].column.as_str()), (4, "name"));
}

#[test]
fn windows_files_are_refused_with_the_encoding_to_ask_for() {
    for (encoding, label, asked, name) in [
        (encoding_rs::WINDOWS_1251, "windows-1251", Encoding::Windows1251, "Жанна"),
        (encoding_rs::WINDOWS_1252, "windows-1252", Encoding::Windows1252, "Müller"),
        (encoding_rs::WINDOWS_1250, "windows-1250", Encoding::Windows1250, "Wałęsa"),
    ] {
        let text = format!("email,name\na@x,Ann\nb@x,{name}\n");
        let bytes = encoding.encode(&text).0.into_owned();
        let error = refused(&bytes);
        assert!(matches!(error, InputError::WrongEncoding { line: 3, .. }), "{error}");
        assert!(error.advice().unwrap().contains(&format!("--encoding {label}")));
        let table = open_as(&bytes, ReadOptions { encoding: asked, ..ReadOptions::default() }).unwrap();
        assert_eq!(try_read(table).unwrap().0[1].1, ["b@x", name]);
    }
}

#[test]
fn bad_bytes_far_into_a_file_cost_their_row() {
    let mut bytes = format!("email,name\n{}", "a@x,Анна\n".repeat(20_000)).into_bytes();
    bytes.extend(b"b@x,\xC6\xE0\nc@x,d\n");
    let (good, bad) = read(bytes);
    assert_eq!(good.len(), 20_001);
    assert_eq!(reasons(&bad), [(20_002, "name", "does not fit the file's encoding")]);
}

#[test]
fn a_character_cut_by_two_cells_is_not_one() {
    let mut bytes = format!("email,name\n{}", "a@x,Анна\n".repeat(20_000)).into_bytes();
    bytes.extend(b"\xD0,\x90\n");
    let (_, bad) = read(bytes);
    assert_eq!(bad.len(), 2);
}

/// An encoding is named where the words are words in it.
#[test]
fn an_encoding_in_which_nobody_writes_such_words_is_not_offered() {
    let advice = |bytes: &[u8]| refused([b"email,name\na@x,", bytes, b"\n"].concat()).advice().unwrap();
    for (encoding, name, offered) in [
        (encoding_rs::WINDOWS_1252, "Conceição", "windows-1252"),
        (encoding_rs::WINDOWS_1252, "Müßig", "windows-1252"),
        (encoding_rs::WINDOWS_1252, "Søren O’Neil", "windows-1252"),
        (encoding_rs::WINDOWS_1251, "Шевченко", "windows-1251"),
        (encoding_rs::WINDOWS_1251, "Олена", "windows-1251"),
        (encoding_rs::WINDOWS_1250, "Wałęsa", "windows-1250"),
        (encoding_rs::WINDOWS_1250, "Kučera", "windows-1250"),
        (encoding_rs::WINDOWS_1250, "Jiří", "windows-1250"),
        (encoding_rs::WINDOWS_1250, "Zdeněk", "windows-1250"),
        (encoding_rs::WINDOWS_1250, "Erdős", "windows-1250"),
        (encoding_rs::WINDOWS_1250, "Černý", "windows-1250"),
        (encoding_rs::WINDOWS_1252, "Hélène", "windows-1252"),
        (encoding_rs::WINDOWS_1252, "Bjørn Østergaard", "windows-1252"),
        (encoding_rs::WINDOWS_1252, "Simões", "windows-1252"),
        (encoding_rs::WINDOWS_1252, "Nicolò", "windows-1252"),
        (encoding_rs::WINDOWS_1252, "Ibáñez", "windows-1252"),
        (encoding_rs::KOI8_U, "Шевченко", "UTF-8"),
        (encoding_rs::MACINTOSH, "Müller", "UTF-8"),
        (encoding_rs::IBM866, "Шевченко", "UTF-8"),
    ] {
        let told = advice(&encoding.encode(name).0);
        assert!(told.contains(offered), "{name} of {}: {told}", encoding.name());
    }
}

#[test]
fn lines_are_counted_whatever_ends_them() {
    for end in ["\n", "\r\n", "\r"] {
        let bytes =
            [format!("email,name{end}a@x,Ann{end}b@x,").as_bytes(), b"M\xFCller", end.as_bytes()].concat();
        assert!(matches!(refused(&bytes), InputError::WrongEncoding { line: 3, .. }), "{end:?}");
    }
}
