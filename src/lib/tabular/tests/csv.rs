//! CSV: delimiters, ragged rows, lines.

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
        let text = text.replace("a,\"", &format!("a{delimiter}\"")).replace("b,", &format!("b{delimiter}"));
        assert_eq!(cells(text), [["a", "x,y;z\tu|v"], ["b", "c"]]);
    }
}

#[test]
fn a_delimiter_that_does_not_split_is_refused_with_the_one_that_would() {
    let options = ReadOptions { delimiter: Some(','), ..ReadOptions::default() };
    let error = open_as(b"email;name\na;b\n", options).err().unwrap();
    assert_eq!((error.code(), error.kind()), ("input.wrong_delimiter", Kind::Refused));
    assert!(error.advice().unwrap().contains("`;`"));
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
    let (good, bad) = read("a,b,c\n1,2,3\n1,2,3,4\n4,5,6\n");
    assert_eq!(good.len(), 2);
    assert_eq!(reasons(&bad), [(3, "", "has 4 cells where the header has 3")]);
}

/// A spreadsheet program leaves out what is empty at the end of a row, and writes delimiters for what was once touched.
#[test]
fn cells_that_are_missing_at_the_end_are_empty() {
    assert_eq!(cells("a,b,c\n1\n1,2\n1,2,3,,\n"), [["1", "", ""], ["1", "2", ""], ["1", "2", "3"]]);
    assert_eq!(cells("a,b,,\n1,2,,\n3\n"), [["1", "2", "", ""], ["3", "", "", ""]]);
    let (good, bad) = read("a,,c\n1,2,3\n4,,5\n");
    assert_eq!((good.len(), reasons(&bad)), (1, vec![(2, "", "has a value in column 2, which has no name")]));
}

#[test]
fn lines_before_the_header_are_passed_over() {
    assert_eq!(cells("sep=;\na;b,c\n1;2\n"), [["1", "2"]]);
    assert_eq!(cells("#TYPE Selected.ADUser\r\na,b\r\n1,2\r\n"), [["1", "2"]]);
    for end in ["\n", "\r\n", "\r"] {
        let text = ["Our people", "", "a,b", "1,2", ""].join(end);
        let options = ReadOptions { header_line: Some(3), ..ReadOptions::default() };
        let (good, _) = try_read(open_as(text.as_bytes(), options).unwrap()).unwrap();
        assert_eq!(good, [(4, vec!["1".to_owned(), "2".to_owned()])], "{end:?}");
    }
    let options = ReadOptions { header_line: Some(9), ..ReadOptions::default() };
    let failure = open_as(b"a,b\n1,2\n", options).err().unwrap();
    assert!(matches!(failure, InputError::NoSuchLine { line: 9, lines: 2, .. }), "{failure}");
}

#[test]
fn what_a_directory_writes_is_called_by_its_name() {
    assert_eq!(refused("version: 1\n\ndn: uid=a,dc=x\ncn: A\n").code(), "input.ldif");
    assert_eq!(refused("\"CN=A,DC=x,DC=y\",user\n\"CN=B,DC=x,DC=y\",user\n").code(), "input.no_header");
}

/// What is wrong in a column that nobody reads is no fault, but for what makes other rows of the file.
#[test]
fn faults_count_in_columns_that_are_read() {
    let mut table = open("a,b\n1,x\0\n2,\"y\n").unwrap();
    let mut row = Row::new();
    assert_eq!(table.next_row_of(&mut row, &mut |_, place| place == 0).unwrap(), Next::Row);
    assert!(matches!(table.next_row_of(&mut row, &mut |_, place| place == 0).unwrap(), Next::Bad(_)));
}

#[test]
fn lines_are_counted_through_line_breaks_blank_lines_and_both_line_ends() {
    let text = "a,b\n1,\"x\ny\nz\"\n\n\n2,q\n3,4,5\n";
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
    assert!(bad[0].advice.as_deref().is_some_and(|advice| advice.contains("take the byte out")));
}

#[test]
fn a_quotation_mark_never_closed_is_found() {
    let (good, bad) = read("a,b\n1,2\n\"3,4\n5,6\n");
    assert_eq!(good.len(), 1);
    assert_eq!(bad[0].line, 3);
    assert_eq!(reasons(&bad), [(3, "a", "has a quotation mark that is not closed")]);

    let endless = format!("a,b\n1,2\n\"3,4\n{}", "5,6\n".repeat(1 << 20));
    let error = try_read(open(endless).unwrap()).unwrap_err();
    assert!(matches!(error, InputError::RowTooLong { line: 3, .. }), "{error}");
}

/// A row whose quotation marks hold what looks like other rows.
const SWALLOWING: &str =
    "has a quotation mark that is closed on a later line, behind what looks like other rows";

/// A row whose quotation marks lose or join text is told with its line, in whichever column, and what is whole is read.
#[test]
fn quotation_marks_lose_nobody_in_silence() {
    let unclosed = "has a quotation mark that is not closed";
    let (good, bad) = read("a,b,c\n1,2,3\n4,5,\"6\n7,8,9\n1,2,3\n");
    assert_eq!((good.len(), reasons(&bad)), (1, vec![(3, "c", unclosed)]));
    for (text, line, column, reason) in [
        ("a,b\n1,\"2\" 3\n4,5\n", 2, "b", "has text behind a closing quotation mark"),
        ("a,b\n1,\"2\n3,\"4\"\n5,6\n", 2, "b", "has text behind a closing quotation mark"),
        ("a,b\n1,\"2\n3,\"\n5,6\n", 2, "b", SWALLOWING),
        ("a,b\n1, \"2, 3\"\n5,6\n", 2, "b", "has blanks before a quotation mark"),
    ] {
        for text in [text.to_owned(), text.replace('\n', "\r\n")] {
            let (good, bad) = read(&text);
            assert_eq!(reasons(&bad), [(line, column, reason)], "{text}");
            assert_eq!(good.last().unwrap().1.len(), 2, "the rows behind it are read");
        }
    }
    let error = refused("a,\"b\n1,2\n3,4\n");
    assert_eq!(error.code(), "input.broken_header");
    assert_eq!(error.to_string(), format!("column 2 of the header of `people`, line 1, {unclosed}"));
    assert_eq!(cells("a,b\n5\" disk,\"x, \"\"y\"\"\nz\"\n"), [["5\" disk", "x, \"y\"\nz"]]);
}

/// A cell in quotation marks may hold delimiters and line breaks, and of what ends no row of this file anything.
#[test]
fn a_cell_of_delimiters_and_line_breaks_is_one_cell() {
    for cell in [",", ",,", "\n", "\r", "\n,", ",\r\n,", ",\r", "\r,", " ,\n,\n", "x\ry,"] {
        for text in [format!("a,b\n\"{cell}\",1\n"), format!("a,b\r\n\"{cell}\",1\r\n")] {
            assert_eq!(cells(&text), [[cell, "1"]], "{text:?}");
        }
        assert_eq!(cells(format!("a,b\n1,\"{cell}\"\n")), [["1", cell]], "{cell:?}");
    }
    let (good, bad) = read("a,b\r1,\"2\r3,\"\r5,6\r");
    assert_eq!((good.len(), reasons(&bad)), (1, vec![(2, "b", SWALLOWING)]), "here it ends the rows");
}

/// Lines are those an editor shows, whatever ends them, and across the pieces in which a file is read.
#[test]
fn a_lone_carriage_return_ends_a_line() {
    for end in ["\n", "\r\n", "\r"] {
        let text = format!("a,b{end}1,2{end}{end}3,3,3{end}\"4{end}\",5{end}6,6,6{end}");
        let (good, bad) = read(&text);
        assert_eq!(good.iter().map(|(line, _)| *line).collect::<Vec<_>>(), [2, 5], "{end:?}");
        assert_eq!(bad.iter().map(|row| row.line).collect::<Vec<_>>(), [4, 7], "{end:?}");
    }
    let many = format!("a,b{}\rx,y,z", "\r1,2".repeat(40_000));
    assert_eq!(read(&many).1.first().unwrap().line, 40_002);
}

#[test]
fn a_file_without_rows_is_refused() {
    assert_eq!(refused("").code(), "input.empty");
    assert_eq!(refused(" \n\n").code(), "input.empty");
    assert_eq!(refused("\u{FEFF}").code(), "input.empty");
    assert_eq!(refused("a,b\n").code(), "input.only_header");
    assert_eq!(refused("a,b\n,\n").code(), "input.only_header");
    assert_eq!(refused(",,\n1,2,3\n").code(), "input.empty");
}

#[test]
fn a_header_has_a_thousand_columns_at_most() {
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

#[test]
fn a_picture_is_not_text() {
    assert_eq!(refused(b"\x89PNG\r\n\x1A\n\0\0\0\rIHDR").code(), "input.not_text");
}

#[test]
fn raw_cells_keep_what_looks_like_a_guard() {
    let text = "a,b\n'=1,\"x;'-2\"\n";
    assert_eq!(cells(text), [["=1", "x;-2"]]);
    let (good, _) =
        try_read(open_as(text.as_bytes(), ReadOptions { raw: true, ..Default::default() }).unwrap()).unwrap();
    assert_eq!(good, [(2, vec!["'=1".to_owned(), "x;'-2".to_owned()])]);
}
