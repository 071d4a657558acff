//! Workbooks, sound and otherwise.

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
        sheet.write(0, 0, " email ").unwrap().write(0, 1, "number").unwrap().write(0, 2, "start").unwrap();
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
        (3, "", "has a cell to the right of the last column"),
        (4, "", "has a cell to the right of the last column"),
    ];
    assert_eq!(reasons(&bad), told);
}

#[test]
fn a_sheet_is_chosen_by_name() {
    let options = |sheet: &str| ReadOptions { sheet: Some(sheet.into()), ..ReadOptions::default() };
    assert_eq!(open_as(&filled(), options("Other")).err().unwrap().code(), "input.only_header");
    let error = open_as(&filled(), options("None")).err().unwrap();
    assert_eq!(error.code(), "input.no_sheet");
    assert_eq!(error.advice().unwrap(), "it has: Sheet1, Other");
}

#[test]
fn an_empty_sheet_is_refused_where_it_is_asked_for_and_else_passed_over() {
    let empty = workbook(|_| {});
    let options = ReadOptions { sheet: Some("Sheet1".into()), ..ReadOptions::default() };
    assert_eq!(open_as(&empty, options).err().unwrap().code(), "input.empty");
    assert_eq!(refused(empty).code(), "input.only_header", "the other sheet has one cell");
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

#[test]
fn cells_far_to_the_right_are_not_lost() {
    let bytes = workbook(|sheet| {
        sheet.write(0, 0, "a").unwrap().write(1, 0, "1").unwrap();
        sheet.write(2, 9000, "far").unwrap().write(3, 0, "2").unwrap();
    });
    let (good, bad) = read(bytes);
    assert_eq!((good.len(), bad.len(), bad[0].line), (2, 1, 3));
    let wide = workbook(|sheet| {
        sheet.write(0, 0, "a").unwrap().write(0, 9000, "b").unwrap().write(1, 0, "1").unwrap();
    });
    assert_eq!(refused(wide).code(), "input.too_many_columns");
}

/// A sheet with these rows of cells as XML.
fn sheet(rows: &[&str]) -> Vec<u8> {
    sheet_since(rows, 1900)
}

/// A sheet in a workbook that counts days from that year; the style 1 is that of dates.
fn sheet_since(rows: &[&str], year: u16) -> Vec<u8> {
    let row = |(number, cells): (usize, &&str)| format!("<row r=\"{}\">{cells}</row>", number + 1);
    let data: String = rows.iter().enumerate().map(row).collect();
    let sheet = format!(
        "<worksheet xmlns=\"http://schemas.openxmlformats.org/spreadsheetml/2006/main\"><sheetData>{data}</sheetData></worksheet>"
    );
    let book = format!(
        "<workbook xmlns=\"http://schemas.openxmlformats.org/spreadsheetml/2006/main\" \
        xmlns:r=\"http://schemas.openxmlformats.org/officeDocument/2006/relationships\">\
        <workbookPr date1904=\"{}\"/>\
        <sheets><sheet name=\"People\" sheetId=\"1\" r:id=\"rId1\"/></sheets></workbook>",
        year == 1904
    );
    let styles = "<styleSheet xmlns=\"http://schemas.openxmlformats.org/spreadsheetml/2006/main\">\
        <cellXfs count=\"2\"><xf numFmtId=\"0\"/><xf numFmtId=\"14\"/></cellXfs></styleSheet>";
    let links = "<Relationships xmlns=\"http://schemas.openxmlformats.org/package/2006/relationships\">\
        <Relationship Id=\"rId1\" Target=\"worksheets/sheet1.xml\" \
        Type=\"http://schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet\"/></Relationships>";
    let root = "<Relationships xmlns=\"http://schemas.openxmlformats.org/package/2006/relationships\">\
        <Relationship Id=\"rId1\" Target=\"xl/workbook.xml\" \
        Type=\"http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument\"/></Relationships>";
    archive(&[
        ("_rels/.rels", root.as_bytes()),
        ("xl/workbook.xml", book.as_bytes()),
        ("xl/_rels/workbook.xml.rels", links.as_bytes()),
        ("xl/styles.xml", styles.as_bytes()),
        ("xl/worksheets/sheet1.xml", sheet.as_bytes()),
    ])
}

const HEADER: &str = "<c r=\"A1\" t=\"str\"><v>a</v></c><c r=\"B1\" t=\"str\"><v>b</v></c>";

/// However it is written that a formula was never calculated, its cell is not taken for empty.
#[test]
fn a_formula_without_a_result_is_no_empty_cell() {
    let reason = "has a formula without a result: open and save the file in a spreadsheet program";
    for cell in [
        "<c r=\"B2\"><f>DATE(2027,3,31)</f></c>",
        "<c r=\"B2\"><f>DATE(2027,3,31)</f><v/></c>",
        "<c r=\"B2\"><f>DATE(2027,3,31)</f><v></v></c>",
        "<c r=\"B2\" t=\"n\"><f>1+1</f><v></v></c>",
        "<c r=\"B2\" t=\"str\"><f>A2&amp;\"x\"</f></c>",
        "<c r=\"B2\" t=\"b\"><f>TRUE()</f><v/></c>",
        "<c r=\"B2\"><f t=\"shared\" ref=\"B2:B9\" si=\"0\">A2</f></c>",
        "<c r=\"B2\"><f t=\"shared\" si=\"0\"/><v/></c>",
        "<c r=\"B2\"><f t=\"array\" ref=\"B2\">A2</f></c>",
    ] {
        let row = format!("<c r=\"A2\"><v>1</v></c>{cell}");
        let (good, bad) = read(sheet(&[HEADER, &row, "<c r=\"A3\"><v>2</v></c>"]));
        assert_eq!(good, [(3, vec!["2".to_owned(), String::new()])], "{cell}");
        assert_eq!(reasons(&bad), [(2, "b", reason)], "{cell}");
        let header = format!("<c r=\"A1\" t=\"str\"><v>a</v></c>{}", cell.replace("B2", "B1"));
        let error = refused(sheet(&[&header, "<c r=\"A2\"><v>1</v></c>"]));
        assert_eq!(
            error.to_string(),
            format!("column 2 of the header of `people`, line 1, {reason}"),
            "{cell}"
        );
    }
    let error =
        refused(sheet(&["<c r=\"A1\" t=\"e\"><f>1/0</f><v>#REF!</v></c>", "<c r=\"A2\"><v>1</v></c>"]));
    assert_eq!(error.code(), "input.broken_header");
}

/// A result that is empty text is a result, and so is every other.
#[test]
fn a_formula_with_a_result_is_read_as_it() {
    let cells = "<c r=\"A2\" t=\"str\"><f>IF(TRUE,\"\",1)</f><v></v></c><c r=\"B2\"><f t=\"shared\" si=\"0\"/><v>7</v></c>";
    let (good, bad) = read(sheet(&[HEADER, cells]));
    assert_eq!((good, bad), (vec![(2, vec![String::new(), "7".to_owned()])], vec![]));
}

/// What stands to the right of the last column is not passed over for having no value.
#[test]
fn a_fault_outside_the_columns_is_told() {
    let far = "<c r=\"A2\"><v>1</v></c><c r=\"E2\"><f>A1</f></c>";
    let error = "<c r=\"A3\"><v>1</v></c><c r=\"E3\" t=\"e\"><v>#N/A</v></c>";
    let (good, bad) = read(sheet(&[HEADER, far, error]));
    assert_eq!((good.len(), bad.len()), (0, 2));
}

/// What a cell of dates with this number is read as, or the value and the reason of its fault.
fn date(number: &str, year: u16) -> Result<String, (String, String)> {
    let row = format!("<c r=\"A2\"><v>1</v></c><c r=\"B2\" s=\"1\"><v>{number}</v></c>");
    let (mut good, mut bad) = read(sheet_since(&[HEADER, &row], year));
    match bad.pop() {
        Some(fault) => Err((fault.value, fault.reason)),
        None => Ok(good.remove(0).1.remove(1)),
    }
}

/// A number that is no date is refused as the number it is, and never becomes the nearest date.
#[test]
fn a_number_out_of_the_range_of_dates_is_not_pressed_into_it() {
    for (number, year, read) in [
        ("1", 1900, "1900-01-01"),
        ("59", 1900, "1900-02-28"),
        ("61", 1900, "1900-03-01"),
        ("46022", 1900, "2025-12-31"),
        ("46022.5", 1900, "2025-12-31T12:00:00"),
        ("2958465", 1900, "9999-12-31"),
        ("0", 1904, "1904-01-01"),
        ("60", 1904, "1904-03-01"),
        ("44560", 1904, "2025-12-31"),
        ("2957003", 1904, "9999-12-31"),
        ("0.5", 1900, "12:00:00"),
    ] {
        assert_eq!(date(number, year).as_deref(), Ok(read), "{number} since {year}");
    }
    for (number, year, shown) in [
        ("1767225600000", 1900, "1767225600000"),
        ("2958466", 1900, "2958466"),
        ("3000000", 1900, "3000000"),
        ("1e300", 1900, "1e300"),
        ("0", 1900, "0"),
        ("-5", 1900, "-5"),
        ("-0.5", 1900, "-0.5"),
        ("60", 1900, "60"),
        ("60.75", 1900, "60.75"),
        ("2957004", 1904, "2957004"),
        ("-1", 1904, "-1"),
        ("-1e20", 1904, "-1e20"),
    ] {
        let refused = (shown.to_owned(), "stands in a cell of dates and is no date".to_owned());
        assert_eq!(date(number, year), Err(refused), "{number} since {year}");
    }
}

/// A number that its cell shows with zeros before it is read as it is shown.
#[test]
fn a_number_has_the_digits_that_are_shown() {
    let bytes = workbook(|sheet| {
        let padded = CellFormat::new().set_num_format("0000");
        sheet.write(0, 0, "code").unwrap().write(0, 1, "plain").unwrap();
        sheet.write_with_format(1, 0, 42, &padded).unwrap().write(1, 1, 42).unwrap();
    });
    assert_eq!(cells(bytes), [["0042", "42"]]);
}

#[test]
fn the_value_of_merged_cells_counts_for_each() {
    let plain = CellFormat::new();
    let bytes = workbook(|sheet| {
        sheet.merge_range(0, 0, 0, 1, "Our people", &plain).unwrap();
        sheet.write(1, 0, "name").unwrap().write(1, 1, "department").unwrap().write(1, 2, "room").unwrap();
        sheet.write(2, 0, "Ann").unwrap().write(3, 0, "Bea").unwrap().write(4, 0, "Cid").unwrap();
        sheet.merge_range(2, 1, 3, 2, "Treasury", &plain).unwrap();
        sheet.merge_range(5, 0, 6, 0, "Dan", &plain).unwrap();
    });
    let options = ReadOptions { header_line: Some(2), ..ReadOptions::default() };
    let (good, bad) = try_read(open_as(&bytes, options).unwrap()).unwrap();
    assert_eq!(bad, []);
    let rows: Vec<Vec<String>> = good.into_iter().map(|(_, cells)| cells).collect();
    assert_eq!(
        rows,
        [["Ann", "Treasury", "Treasury"], ["Bea", "Treasury", "Treasury"], ["Cid", "", ""], ["Dan", "", ""]]
    );
}

#[test]
fn dates_and_truth_values_are_known_for_what_they_are() {
    let mut table = open(filled()).unwrap();
    let mut row = Row::new();
    table.next_row(&mut row).unwrap();
    assert_eq!((row.kind(0), row.kind(2)), (None, Some(crate::tabular::CellKind::Date)));
    table.next_row(&mut row).unwrap();
    assert_eq!(row.kind(0), Some(crate::tabular::CellKind::Truth));
    assert_eq!(table.sheets(), ["Sheet1", "Other"]);
}
