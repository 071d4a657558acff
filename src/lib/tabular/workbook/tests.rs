use std::path::Path;

use calamine::{Data, Reader, Xlsx, open_workbook};
use jiff::Timestamp;
use jiff::civil::date;

use super::frame::cut;
use super::sheet::{letters, serial};
use super::{CellValue, Column, Fill, RowStyle, Workbook};
use crate::tabular::FileOrStream;
use crate::tabular::file::Output;

const COLUMNS: [Column; 2] = [Column::text("Name", 30.0), Column::date("Start Date")];

fn begin(path: &Path) -> Workbook {
    Workbook::create(Output::create(&FileOrStream::from(&path)).unwrap(), Timestamp::UNIX_EPOCH)
}

fn read(path: &Path, sheet: &str) -> Vec<Vec<Data>> {
    let mut book: Xlsx<_> = open_workbook(path).unwrap();
    book.worksheet_range(sheet).unwrap().rows().map(<[Data]>::to_vec).collect()
}

#[test]
fn a_workbook_reads_back_with_typed_cells() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("people.xlsx");
    let mut book = begin(&path);
    let mut sheet = book.sheet("Users", &COLUMNS, 0).unwrap();
    let fill = Some(Fill { background: 0x00_ff_cc_00, font: 0 });
    let row = [CellValue::Text("Анна"), CellValue::Date(date(2024, 2, 29))];
    sheet.row(book.style(fill), &row).unwrap();
    sheet.row(RowStyle::default(), &[CellValue::Empty, CellValue::Date(date(2024, 3, 1))]).unwrap();
    book.add(sheet).unwrap();
    book.info_sheet("About", vec![("By".into(), "admin".into())]);
    book.finish().unwrap();

    let rows = read(&path, "Users");
    assert_eq!(rows[0][1], Data::String("Start Date".into()));
    assert_eq!(rows[1][0], Data::String("Анна".into()));
    let Data::DateTime(start) = &rows[1][1] else { panic!("not a date: {:?}", rows[1][1]) };
    assert_eq!(start.to_ymd_hms_milli(), (2024, 2, 29, 0, 0, 0, 0));
    assert_eq!(read(&path, "About")[0][1], Data::String("admin".into()));
    let left: Vec<_> = std::fs::read_dir(folder.path()).unwrap().collect();
    assert_eq!(left.len(), 1, "no temporary file is left: {left:?}");
}

#[test]
fn a5_text_that_looks_like_a_formula_is_text() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("people.xlsx");
    let mut book = begin(&path);
    let mut sheet = book.sheet("Users", &COLUMNS, 0).unwrap();
    let risky = ["=1+1", "+380671234567", "-1", "@SUM(A1)", "\tx", "{=1}", "https://a.example"];
    for text in risky {
        sheet.row(RowStyle::default(), &[CellValue::Text(text)]).unwrap();
    }
    book.add(sheet).unwrap();
    book.finish().unwrap();
    let read: Vec<_> = read(&path, "Users").into_iter().skip(1).map(|row| row[0].clone()).collect();
    assert_eq!(read, risky.map(|text| Data::String(text.into())));
    let mut book: Xlsx<_> = open_workbook(&path).unwrap();
    assert!(book.worksheet_formula("Users").unwrap().is_empty());
}

#[test]
fn rows_beyond_a_sheet_go_to_the_next() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("people.xlsx");
    let mut book = begin(&path);
    let mut sheet = book.sheet("Users", &COLUMNS, 0).unwrap();
    sheet.limit_to(3);
    for name in ["a", "b", "c", "d", "e"] {
        sheet.row(RowStyle::default(), &[CellValue::Text(name)]).unwrap();
    }
    book.add(sheet).unwrap();
    book.info_sheet("About", vec![("By".into(), "admin".into())]);
    book.finish().unwrap();
    assert_eq!(read(&path, "Users").len(), 3);
    assert_eq!(read(&path, "Users 2")[2][0], Data::String("d".into()));
    assert_eq!(read(&path, "Users 3")[1][0], Data::String("e".into()));
}

#[test]
fn tables_grow_side_by_side() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("people.xlsx");
    let mut book = begin(&path);
    let mut sheets: Vec<_> = (0..40)
        .map(|number| book.sheet(&format!("Sheet {number}"), &[Column::tick("a")], 1).unwrap())
        .collect();
    for row in ["first", "second"] {
        for sheet in &mut sheets {
            sheet.row(RowStyle::default(), &[CellValue::Text(row)]).unwrap();
        }
    }
    for sheet in sheets {
        book.add(sheet).unwrap();
    }
    book.finish().unwrap();
    for sheet in ["Sheet 0", "Sheet 39"] {
        let rows = read(&path, sheet);
        let cells = rows.iter().map(|row| row[0].to_string()).collect::<Vec<_>>();
        assert_eq!(cells, ["a", "first", "second"]);
    }
}

#[test]
fn dates_before_spreadsheets_agree_stay_text() {
    assert_eq!(serial(date(1900, 3, 1)), Some(61));
    assert_eq!(serial(date(1900, 2, 28)), None);
}

#[test]
fn the_same_rows_make_the_same_bytes() {
    let folder = tempfile::tempdir().unwrap();
    let made = ["a.xlsx", "b.xlsx"].map(|name| {
        let path = folder.path().join(name);
        let mut book = begin(&path);
        let mut sheet = book.sheet("Users", &COLUMNS, 0).unwrap();
        let style = book.style(Some(Fill { background: 1, font: 2 }));
        sheet.row(style, &[CellValue::Text("a"), CellValue::Empty]).unwrap();
        book.add(sheet).unwrap();
        book.finish().unwrap();
        std::fs::read(path).unwrap()
    });
    assert_eq!(made[0], made[1]);
}

#[test]
fn a_text_too_long_for_a_cell_is_cut_between_characters() {
    let long = "😀".repeat(20_000);
    assert_eq!(cut(&long).encode_utf16().count(), 32_766);
    assert_eq!(cut("short"), "short");
}

#[test]
fn every_text_reads_back_as_it_was() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("people.xlsx");
    let mut book = begin(&path);
    let mut sheet = book.sheet("Users", &COLUMNS, 0).unwrap();
    let texts = [
        "a & b",
        "<b>",
        " around ",
        "two\nlines",
        "tab\t.",
        "bell\u{7}",
        "_x0041_",
        "_x00e9_b_",
        "_x_",
        "კაპანაძე",
        "太郎",
    ];
    for text in texts {
        sheet.row(RowStyle::default(), &[CellValue::Text(text)]).unwrap();
    }
    book.add(sheet).unwrap();
    book.finish().unwrap();
    let read: Vec<_> = read(&path, "Users").into_iter().skip(1).map(|row| row[0].to_string()).collect();
    assert_eq!(read, texts);
}

#[test]
fn columns_are_named_as_spreadsheets_do() {
    let named = [0, 25, 26, 51, 52, 701, 702, 16_383].map(letters);
    assert_eq!(named, ["A", "Z", "AA", "AZ", "BA", "ZZ", "AAA", "XFD"]);
}

#[test]
fn a_row_stands_once_and_no_sheets_are_selected_together() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("people.xlsx");
    let mut book = begin(&path);
    for title in ["Users", "Groups"] {
        let mut sheet = book.sheet(title, &COLUMNS, 0).unwrap();
        sheet.row(RowStyle::default(), &[CellValue::Text("a")]).unwrap();
        book.add(sheet).unwrap();
    }
    book.finish().unwrap();
    let mut archive = zip::ZipArchive::new(std::fs::File::open(&path).unwrap()).unwrap();
    for number in [1, 2] {
        let mut member = archive.by_name(&format!("xl/worksheets/sheet{number}.xml")).unwrap();
        let sheet = std::io::read_to_string(&mut member).unwrap();
        let rows: Vec<&str> = sheet.split("<row r=\"").skip(1).map(|row| &row[..1]).collect();
        assert_eq!(rows, ["1", "2"]);
        assert!(!sheet.contains("tabSelected") && sheet.contains("<autoFilter ref=\"A1:B2\"/>"), "{sheet}");
    }
}

#[test]
fn a_list_that_no_cell_holds_ends_between_two_names_and_says_how_many_are_missing() {
    let names: Vec<String> = (0..400).map(|number| format!("{}{number:03}", "g".repeat(197))).collect();
    let text = super::in_one_cell(&names, ", ");
    assert!(text.encode_utf16().count() <= 32_767);
    let (shown, more) = text.rsplit_once(", … and ").unwrap();
    assert!(shown.split(", ").all(|name| names.contains(&name.to_owned())));
    assert_eq!(more, format!("{} more", 400 - shown.split(", ").count()));
    assert_eq!(super::in_one_cell(&["a", "b"], ", "), "a, b");
}
