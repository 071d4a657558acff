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
    let told = [(3, "", "has 2 cells where the header has 3"), (4, "", "has 4 cells where the header has 3")];
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
    assert!(bad[0].hint.as_deref().is_some_and(|hint| hint.contains("take the byte out")));
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
    assert!(matches!(refused("a,b,A\n1,2,3"), InputError::DuplicateColumn { column, .. } if column == "A"));
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

#[test]
fn a_picture_is_not_text() {
    assert_eq!(refused(b"\x89PNG\r\n\x1A\n\0\0\0\rIHDR").code(), "input.not_text");
}
