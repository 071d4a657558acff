//! Every bad file a person may hand over, and that good ones come back as they went.

use std::io::{Cursor, Write};

use proptest::prelude::*;
use zip::write::{SimpleFileOptions, ZipWriter};

use super::file::Output;
use super::write::CsvWriter;
use super::{Encoding, Format, InputError, Next, ReadOptions, Row, Source, Table};
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

mod csv {
    use super::*;

    #[test]
    fn a_plain_file_gives_its_rows() {
        let mut table = open("email , name\na@x,Анна\nb@x,\"B, c\"\n").unwrap();
        assert_eq!(table.header(), ["email", "name"]);
        assert_eq!(table.name(), "people");
        let mut row = Row::new();
        assert_eq!(table.next_row(&mut row).unwrap(), Next::Row);
        assert_eq!((row.line(), row.len(), row.get(0), row.get(1), row.get(2)), (2, 2, "a@x", "Анна", ""));
        assert_eq!(table.next_row(&mut row).unwrap(), Next::Row);
        assert_eq!(row.get(1), "B, c");
        assert_eq!(table.next_row(&mut row).unwrap(), Next::End);
        assert_eq!(table.next_row(&mut row).unwrap(), Next::End);
    }

    #[test]
    fn the_delimiter_is_found() {
        for delimiter in [",", ";", "\t", "|"] {
            let text = "email,groups\na,\"x,y;z\tu|v\"\nb,c\n".replace("l,g", &format!("l{delimiter}g"));
            let text =
                text.replace("a,\"", &format!("a{delimiter}\"")).replace("b,", &format!("b{delimiter}"));
            assert_eq!(cells(text), [["a", "x,y;z\tu|v"], ["b", "c"]]);
        }
    }

    #[test]
    fn a_delimiter_that_does_not_split_is_refused_with_the_one_that_would() {
        let options = ReadOptions { delimiter: Some(','), ..ReadOptions::default() };
        let error = open_as(b"email;name\na;b\n", options).err().unwrap();
        assert_eq!((error.code(), error.kind()), ("input.wrong_delimiter", Kind::Refused));
        assert!(error.hint().unwrap().contains("`;`"));
    }

    #[test]
    fn a_delimiter_that_cannot_be_one_is_a_wrong_command_line() {
        for delimiter in ['"', '\n', '§'] {
            let options = ReadOptions { delimiter: Some(delimiter), ..ReadOptions::default() };
            assert_eq!(open_as(b"a,b\n1,2\n", options).err().unwrap().kind(), Kind::Usage);
        }
    }

    #[test]
    fn one_column_is_a_table_too() {
        assert_eq!(cells("email\na@x\nb@x"), [["a@x"], ["b@x"]]);
    }

    #[test]
    fn ragged_rows_are_told_and_the_rest_is_read() {
        let (good, bad) = read("a,b,c\n1,2,3\n1,2\n1,2,3,4\n4,5,6\n");
        assert_eq!(good.len(), 2);
        let told =
            [(3, "", "has 2 cells where the header has 3"), (4, "", "has 4 cells where the header has 3")];
        assert_eq!(reasons(&bad), told);
    }

    #[test]
    fn lines_are_counted_through_line_breaks_blank_lines_and_both_line_ends() {
        let text = "a,b\n1,\"x\ny\nz\"\n\n\n2,q\n3\n";
        for text in [text.to_owned(), text.replace('\n', "\r\n")] {
            let (good, bad) = read(&text);
            assert_eq!(good.iter().map(|(line, _)| *line).collect::<Vec<_>>(), [2, 7]);
            assert_eq!(bad[0].line, 8);
        }
    }

    #[test]
    fn rows_of_nothing_are_passed_over() {
        assert_eq!(cells("a,b\n1,2\n,\n , \n3,4\n,,,\n"), [["1", "2"], ["3", "4"]]);
    }

    #[test]
    fn a_zero_byte_costs_its_row() {
        let (good, bad) = read("a,b\n1,2\n3,x\0y\n5,6\n");
        assert_eq!(good.len(), 2);
        assert_eq!(reasons(&bad), [(3, "b", "holds a zero byte")]);
        assert_eq!(bad[0].value, "x\\u{0}y");
    }

    #[test]
    fn a_quotation_mark_never_closed_is_found() {
        let (good, bad) = read("a,b\n1,2\n\"3,4\n5,6\n");
        assert_eq!(good.len(), 1);
        assert_eq!(bad[0].line, 3);
        assert!(bad[0].hint.as_ref().unwrap().contains("quotation mark"));

        let endless = format!("a,b\n1,2\n\"3,4\n{}", "5,6\n".repeat(1 << 20));
        let error = try_read(open(endless).unwrap()).unwrap_err();
        assert!(matches!(error, InputError::RowTooLong { line: 3, .. }), "{error}");
    }

    #[test]
    fn a_file_without_rows_is_refused() {
        assert_eq!(refused("").code(), "input.empty");
        assert_eq!(refused(" \n\n").code(), "input.empty");
        assert_eq!(refused("\u{FEFF}").code(), "input.empty");
        assert_eq!(refused("a,b\n").code(), "input.only_header");
        assert_eq!(refused("a,b\n,\n").code(), "input.only_header");
    }

    #[test]
    fn a_header_must_name_each_column_once() {
        assert!(
            matches!(refused("a,b,A\n1,2,3"), InputError::DuplicateColumn { column, .. } if column == "A")
        );
        assert!(matches!(refused("a,,c\n1,2,3"), InputError::UnnamedColumn { number: 2, .. }));
        assert_eq!(refused(format!("{}z\n", "a,".repeat(2000))).code(), "input.too_many_columns");
    }

    #[test]
    fn secrets_are_not_shown() {
        let (_, bad) = read("email,password_hash\na,x\0y\n");
        assert_eq!(bad[0].value, "");
    }

    #[test]
    fn a_workbook_named_csv_is_not_read_as_text() {
        let options = ReadOptions { format: Some(Format::Csv), ..ReadOptions::default() };
        assert_eq!(open_as(b"PK\x03\x04....", options).err().unwrap().code(), "input.not_text");
    }
}

mod encodings {
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
        ] {
            let text = format!("email,name\na@x,Ann\nb@x,{name}\n");
            let bytes = encoding.encode(&text).0.into_owned();
            let error = refused(&bytes);
            assert!(matches!(error, InputError::WrongEncoding { line: 3, .. }), "{error}");
            assert!(error.hint().unwrap().contains(&format!("--encoding {label}")));
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
}

mod json {
    use super::*;

    #[test]
    fn lines_and_arrays_are_understood() {
        let lines = "{\"email\":\"a\",\"age\":3,\"on\":true,\"x\":null}\n\n{\"x\":\"y\",\"email\":\"b\"}";
        assert_eq!(cells(lines), [["a", "3", "true", ""], ["b", "", "", "y"]]);
        let array = "\n[\n{\"a\": \"]}\\\"\", \"b\": [\"x\", \"y\"]},\n\n{\"a\": \"1\"}\n]\n";
        let options = ReadOptions { format: Some(Format::Jsonl), ..ReadOptions::default() };
        let (good, bad) = try_read(open_as(array.as_bytes(), options).unwrap()).unwrap();
        assert_eq!(bad, []);
        assert_eq!(good, [(3, vec!["]}\"".into(), "x;y".into()]), (5, vec!["1".into(), String::new()])]);
    }

    #[test]
    fn lists_of_named_objects_become_their_names() {
        let line = r#"{"email":"a","groups":[{"name":"One","company":null},{"name":"Two"}]}"#;
        assert_eq!(cells(line), [["a", "One;Two"]]);
    }

    #[test]
    fn bad_lines_are_told_and_the_rest_is_read() {
        let text = "{\"a\":\"1\"}\n[1]\n{\"a\":\n{\"a\":{\"b\":1}}\n{\"a\":\"2\",\"z\":1}\n{\"a\":\"3\",\"z\":null}\n\
                    {\"a\":[\"x;y\"]}\n{\"a\":[[]]}\n";
        let (good, bad) = read(text);
        assert_eq!(good.iter().map(|(line, _)| *line).collect::<Vec<_>>(), [1, 6]);
        let told = [
            (2, "", "is not a JSON object"),
            (3, "", "is not JSON (EOF while parsing a value, character 5)"),
            (4, "a", "is an object, not a single value"),
            (5, "z", "is not among the keys of the first object"),
            (7, "a", "holds an entry with `;`, which separates entries"),
            (8, "a", "holds an entry that is neither text nor an object with a `name`"),
        ];
        assert_eq!(reasons(&bad), told);
    }

    #[test]
    fn a_line_without_end_costs_its_row() {
        let text = format!("{{\"a\":\"1\"}}\n{{\"a\":\"{}\"}}\n{{\"a\":\"2\"}}\n", "x".repeat(2 << 20));
        let (good, bad) = read(text);
        assert_eq!(good.iter().map(|(line, _)| *line).collect::<Vec<_>>(), [1, 3]);
        assert_eq!(bad[0].line, 2);
    }

    #[test]
    fn a_broken_array_is_refused() {
        let options = || ReadOptions { format: Some(Format::Jsonl), ..ReadOptions::default() };
        for text in ["[{\"a\":1}", "[{\"a\":1},", "[{\"a\":1}] {}", "[{\"a\":1}}]", "[{\"a\":1},{"] {
            let failed = open_as(text.as_bytes(), options()).and_then(try_read);
            let told =
                failed.map_or_else(|error| error.code() == "input.malformed", |(_, bad)| !bad.is_empty());
            assert!(told, "{text}");
        }
        assert_eq!(open_as(b"[]", options()).err().unwrap().code(), "input.empty");
        assert_eq!(open_as(b"[1]", options()).err().unwrap().code(), "input.malformed");
    }
}

mod workbooks {
    use super::*;
    use rust_xlsxwriter::{ExcelDateTime, Format as CellFormat, Formula};

    fn workbook(fill: impl FnOnce(&mut rust_xlsxwriter::Worksheet)) -> Vec<u8> {
        let mut book = rust_xlsxwriter::Workbook::new();
        fill(book.add_worksheet());
        book.add_worksheet().set_name("Other").unwrap().write(0, 0, "x").unwrap();
        book.save_to_buffer().unwrap()
    }

    fn archive(members: &[(&str, &[u8])]) -> Vec<u8> {
        let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
        for (name, content) in members {
            writer.start_file(*name, SimpleFileOptions::default()).unwrap();
            writer.write_all(content).unwrap();
        }
        writer.finish().unwrap().into_inner()
    }

    fn filled() -> Vec<u8> {
        workbook(|sheet| {
            let day = CellFormat::new().set_num_format("yyyy-mm-dd");
            sheet
                .write(0, 0, " email ")
                .unwrap()
                .write(0, 1, "number")
                .unwrap()
                .write(0, 2, "start")
                .unwrap();
            sheet.write(1, 0, "a@x").unwrap().write(1, 1, 380_671_234_567_u64).unwrap();
            let date = ExcelDateTime::from_ymd(2024, 2, 29).unwrap();
            sheet.write_datetime_with_format(1, 2, &date, &day).unwrap();
            sheet.write(3, 0, true).unwrap().write(3, 1, 1.5).unwrap();
            sheet.write(3, 2, Formula::new("=1+1").set_result("2")).unwrap();
        })
    }

    #[test]
    fn cells_become_text() {
        let mut table = open(filled()).unwrap();
        assert_eq!(table.header(), ["email", "number", "start"]);
        let mut row = Row::new();
        assert_eq!(table.next_row(&mut row).unwrap(), Next::Row);
        assert_eq!(row.iter().collect::<Vec<_>>(), ["a@x", "380671234567", "2024-02-29"]);
        assert_eq!(table.next_row(&mut row).unwrap(), Next::Row);
        assert_eq!((row.line(), row.iter().collect::<Vec<_>>()), (4, vec!["true", "1.5", "2"]));
        assert_eq!(table.next_row(&mut row).unwrap(), Next::End);
    }

    #[test]
    fn errors_of_formulas_and_stray_cells_are_told() {
        let bytes = workbook(|sheet| {
            sheet.write(0, 0, "a").unwrap().write(0, 1, "b").unwrap();
            sheet.write(1, 0, "1").unwrap();
            sheet.write(1, 1, Formula::new("=1/0").set_result("#DIV/0!")).unwrap();
            sheet.write(2, 0, "2").unwrap().write(2, 4, "stray").unwrap();
            sheet.write(3, 0, "3").unwrap().write(3, 9000, "far").unwrap();
            sheet.write(4, 0, "4").unwrap();
        });
        let (good, bad) = read(bytes);
        assert_eq!(good, [(5, vec!["4".into(), String::new()])]);
        let told = [
            (2, "b", "is the error that a formula gave, not a value"),
            (3, "", "has a cell to the right of the last column: `stray`"),
            (4, "", "has a cell to the right of the last column: `far`"),
        ];
        assert_eq!(reasons(&bad), told);
    }

    #[test]
    fn a_sheet_is_chosen_by_name() {
        let options = |sheet: &str| ReadOptions { sheet: Some(sheet.into()), ..ReadOptions::default() };
        assert_eq!(open_as(&filled(), options("Other")).err().unwrap().code(), "input.only_header");
        let error = open_as(&filled(), options("None")).err().unwrap();
        assert_eq!(error.code(), "input.no_sheet");
        assert_eq!(error.hint().unwrap(), "it has: Sheet1, Other");
    }

    #[test]
    fn an_empty_sheet_is_refused() {
        assert_eq!(refused(workbook(|_| {})).code(), "input.empty");
    }

    #[test]
    fn what_is_no_workbook_is_refused() {
        let options = || ReadOptions { format: Some(Format::Xlsx), ..ReadOptions::default() };
        assert_eq!(open_as(b"a,b\n1,2\n", options()).err().unwrap().code(), "input.bad_workbook");
        assert_eq!(refused(archive(&[("a.txt", b"text")])).code(), "input.bad_workbook");
        let bytes = filled();
        assert_eq!(refused(&bytes[..bytes.len() / 2]).code(), "input.bad_workbook");
        assert_eq!(refused(b"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1...").code(), "input.protected");
    }

    #[test]
    fn an_archive_that_unpacks_to_too_much_is_refused() {
        let zeros = vec![b' '; 80 << 20];
        let error = refused(archive(&[("xl/sharedStrings.xml", &zeros)]));
        assert_eq!(error.code(), "input.too_large");
    }

    #[test]
    fn a_long_text_between_tags_is_refused() {
        let mut text = b"<sst><si><t>".to_vec();
        let mut noise = 1_u32;
        text.extend((0..2_000_000).map(|_| {
            noise = noise.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            b'a' + (noise >> 24) as u8 % 26
        }));
        assert_eq!(refused(archive(&[("xl/sharedStrings.xml", &text)])).code(), "input.too_large");
    }

    #[test]
    fn a_count_that_would_take_all_memory_is_refused() {
        let text = b"<sst count=\"1\" uniqueCount=\"99999999999999\"></sst>";
        assert_eq!(refused(archive(&[("xl/sharedStrings.xml", text)])).code(), "input.too_large");
    }

    #[test]
    fn reading_may_stop_before_the_end() {
        let bytes = workbook(|sheet| {
            for row in 0..20_000 {
                sheet.write(row, 0, "x").unwrap();
            }
        });
        drop(open(bytes).unwrap());
    }
}

mod sources {
    use super::*;

    #[test]
    fn missing_files_and_directories_are_told_apart() {
        let folder = tempfile::tempdir().unwrap();
        let open =
            |path: &std::path::Path| Table::open(Source::named(path), ReadOptions::default()).err().unwrap();
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
        let table = Table::open(Source::named(&path), ReadOptions::default()).unwrap();
        let (good, bad) = try_read(table).unwrap();
        assert_eq!(good.len(), 1);
        assert_eq!(bad[0].file, path.display().to_string());
    }
}

mod outputs {
    use super::*;
    use std::os::unix::fs::PermissionsExt;

    #[test]
    fn a5_a_file_appears_complete_and_private() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("people.csv");
        std::fs::write(&path, "before").unwrap();
        let mut output = Output::create(&path).unwrap();
        output.write_all(b"after").unwrap();
        output.flush().unwrap();
        assert_eq!(std::fs::read_to_string(&path).unwrap(), "before");
        output.commit().unwrap();
        assert_eq!(std::fs::read_to_string(&path).unwrap(), "after");
        assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
    }

    #[test]
    fn a_file_given_up_leaves_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let mut output = Output::create(&folder.path().join("people.csv")).unwrap();
        output.write_all(b"half").unwrap();
        drop(output);
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
    }

    #[test]
    fn a_place_that_cannot_be_written_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let missing = Output::create(&folder.path().join("none/people.csv")).err().unwrap();
        assert_eq!((missing.code(), missing.kind()), ("output.cannot_create", Kind::CannotCreate));
        let directory = Output::create(folder.path()).err().unwrap();
        assert_eq!((directory.code(), directory.kind()), ("output.directory", Kind::CannotCreate));
    }

    #[test]
    fn a_full_disk_and_a_closed_pipe_are_told_apart() {
        let output = Output::stream("-", Box::new(std::io::sink()));
        let full = output.failed(std::io::ErrorKind::StorageFull.into());
        assert_eq!((full.code(), full.kind()), ("output.disk_full", Kind::Io));
        assert_eq!(output.failed(std::io::ErrorKind::BrokenPipe.into()).code(), "output.closed");
    }

    #[test]
    fn a_device_is_written_and_stays_a_device() {
        let full = std::path::Path::new("/dev/full");
        let mut output = Output::create(full).unwrap();
        output.write_all(b"x").unwrap();
        assert_eq!(output.commit().unwrap_err().code(), "output.disk_full");
        assert!(!std::fs::metadata(full).unwrap().is_file());
    }
}

fn write(rows: &[Vec<String>], raw: bool) -> Vec<u8> {
    let mut writer = CsvWriter::new(Vec::new(), raw);
    for row in rows {
        writer.row(row.iter().map(String::as_str)).unwrap();
    }
    writer.finish().unwrap()
}

/// Cells full of what CSV has to take care of.
fn cell() -> impl Strategy<Value = String> {
    prop_oneof!["[^\0]{0,12}", "['=+@\t\r\n\", ;-]{0,5}[0-9a-я]{0,3}"]
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
