//! Every bad file a person may hand over, and that good ones come back as they went.

mod csv;
mod encodings;
mod json;
mod outputs;
mod workbooks;

use std::io::{Cursor, Write};

use proptest::prelude::*;
use zip::write::{SimpleFileOptions, ZipWriter};

use super::file::Output;
use super::guard::Guarded;
use super::write::CsvWriter;
use super::{Encoding, FileOrStream, Format, InputError, Next, ReadOptions, Row, Source, Table};
use crate::error::{BadRow, Explain, Kind};

fn open_as(bytes: &[u8], options: ReadOptions) -> Result<Table, InputError> {
    let reader = Box::new(Cursor::new(bytes.to_vec()));
    Table::open(Source::Stream { name: "people".into(), reader }, options)
}

fn open(bytes: impl AsRef<[u8]>) -> Result<Table, InputError> {
    open_as(bytes.as_ref(), ReadOptions::default())
}

fn refused(bytes: impl AsRef<[u8]>) -> InputError {
    open(bytes).err().expect("must be refused")
}

/// All good rows with their lines, and all bad ones.
type Content = (Vec<(u64, Vec<String>)>, Vec<BadRow>);

fn try_read(mut table: Table) -> Result<Content, InputError> {
    let (mut good, mut bad) = (Vec::new(), Vec::new());
    let mut row = Row::new();
    loop {
        match table.next_row(&mut row)? {
            Next::Row => good.push((row.line(), row.iter().map(str::to_owned).collect())),
            Next::Bad(rows) => bad.extend(rows),
            Next::End => return Ok((good, bad)),
        }
    }
}

fn read(bytes: impl AsRef<[u8]>) -> Content {
    try_read(open(bytes).unwrap()).unwrap()
}

fn cells(bytes: impl AsRef<[u8]>) -> Vec<Vec<String>> {
    let (good, bad) = read(bytes);
    assert_eq!(bad, []);
    good.into_iter().map(|(_, cells)| cells).collect()
}

fn reasons(bad: &[BadRow]) -> Vec<(u64, &str, &str)> {
    bad.iter().map(|row| (row.line, row.column.as_str(), row.reason.as_str())).collect()
}

mod sources {
    use super::*;

    #[test]
    fn missing_files_and_directories_are_told_apart() {
        let folder = tempfile::tempdir().unwrap();
        let open = |path: &std::path::Path| {
            Table::open(Source::named(&FileOrStream::from(&path)), ReadOptions::default()).err().unwrap()
        };
        let missing = open(&folder.path().join("none.csv"));
        assert_eq!((missing.code(), missing.kind()), ("input.missing", Kind::NoInput));
        let directory = open(folder.path());
        assert_eq!((directory.code(), directory.kind()), ("input.directory", Kind::NoInput));
    }

    #[test]
    fn a_file_is_read_by_its_extension_and_named_as_typed() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("people.JSON");
        std::fs::write(&path, "[{\"a\": 1}, 2]").unwrap();
        let table = Table::open(Source::named(&FileOrStream::from(&path)), ReadOptions::default()).unwrap();
        let (good, bad) = try_read(table).unwrap();
        assert_eq!(good.len(), 1);
        assert_eq!(bad[0].file, path.display().to_string());
    }
}

fn write(rows: &[Vec<String>], raw: bool) -> Vec<u8> {
    let mut writer = CsvWriter::new(Vec::new(), if raw { Guarded::Nowhere } else { Guarded::Everywhere });
    for row in rows {
        writer.row(row.iter().map(String::as_str)).unwrap();
    }
    writer.finish().unwrap()
}

/// Cells full of what CSV has to take care of, but for what looks like rows between two marks that nobody closed: text that a
/// delimiter or the end of a row follows.
fn cell() -> impl Strategy<Value = String> {
    let any = prop_oneof!["[^\0]{0,12}", "['=+@\t\r\n\", ;-]{0,5}[0-9a-я]{0,3}"];
    any.prop_filter("rows", |cell| {
        let has_text = cell.contains(|c: char| !matches!(c, ',' | '\r' | '\n' | ' ' | '\t'));
        !(has_text && cell.contains('\n') && cell.ends_with([',', '\n']) && cell.contains(','))
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn no_bytes_make_it_panic(bytes in proptest::collection::vec(any::<u8>(), 0..400), start in 0..6_usize) {
        let starts: [&[u8]; 6] = [b"", b"a,b\n1,2\n", b"{\"a\":1}\n", b"[{\"a\":1},", b"PK\x03\x04", b"\xFF\xFE"];
        let bytes = [starts[start], &bytes].concat();
        for format in [None, Some(Format::Csv), Some(Format::Jsonl), Some(Format::Xlsx)] {
            for encoding in [Encoding::Auto, Encoding::Utf8, Encoding::Utf16, Encoding::Windows1251] {
                let options = ReadOptions { format, encoding, ..ReadOptions::default() };
                // Any answer will do, as long as there is one.
                drop(open_as(&bytes, options).and_then(try_read));
            }
        }
    }

    #[test]
    fn csv_comes_back_as_it_went(rows in proptest::collection::vec(proptest::collection::vec(cell(), 3), 1..8)) {
        let mut all = vec![vec!["a".to_owned(), "b".into(), "c".into()]];
        all.extend(rows.clone());
        let options = ReadOptions { format: Some(Format::Csv), delimiter: Some(','), ..ReadOptions::default() };
        let kept: Vec<_> =
            rows.into_iter().filter(|row| !row.concat().chars().all(char::is_whitespace)).collect();
        match open_as(&write(&all, false), options) {
            Err(InputError::OnlyHeader { .. }) => prop_assert!(kept.is_empty()),
            table => {
                let (good, bad) = try_read(table.unwrap()).unwrap();
                prop_assert_eq!(bad, vec![]);
                prop_assert_eq!(good.into_iter().map(|(_, cells)| cells).collect::<Vec<_>>(), kept);
            }
        }
    }
}

#[test]
fn a_damaged_workbook_never_panics() {
    let mut book = rust_xlsxwriter::Workbook::new();
    book.add_worksheet().write(0, 0, "a").unwrap().write(1, 0, "b").unwrap();
    let bytes = book.save_to_buffer().unwrap();
    for place in (0..bytes.len()).step_by(97) {
        let mut damaged = bytes.clone();
        damaged[place] ^= 0x55;
        drop(open(damaged).and_then(try_read));
    }
}

#[test]
fn raw_csv_has_no_guard() {
    let rows = vec![vec!["=1".to_owned(), "+380 1".into()]];
    assert_eq!(write(&rows, true), b"=1,+380 1\n");
    assert_eq!(write(&rows, false), b"'=1,+380 1\n");
}
