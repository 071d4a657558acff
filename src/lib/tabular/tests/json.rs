//! JSON lines and arrays.

use super::*;

#[test]
fn lines_and_arrays_are_understood() {
    let lines = "{\"email\":\"a\",\"age\":3,\"on\":true,\"x\":null}\n\n{\"x\":\"y\",\"email\":\"b\"}";
    assert_eq!(cells(lines), [["a", "3", "true", ""], ["b", "", "", "y"]]);
    let array = "\n[\n{\"a\": \"]}\\\"\", \"b\": [\"x\", \"y\"]},\n\n{\"a\": \"1\"}\n]\n";
    let options = ReadOptions { format: Some(Format::Jsonl), ..ReadOptions::default() };
    let (good, bad) = try_read(open_as(array.as_bytes(), options).unwrap()).unwrap();
    assert_eq!(bad, []);
    assert_eq!(good, [(3, vec!["]}\"".into(), "x; y".into()]), (5, vec!["1".into(), String::new()])]);
}

#[test]
fn lists_of_named_objects_become_their_names() {
    let line = r#"{"email":"a@b.example","groups":[{"name":"One","company":null},{"name":"Two"}]}"#;
    assert_eq!(cells(line), [["a@b.example", "One; Two"]]);
}

#[test]
fn bad_lines_are_told_and_the_rest_is_read() {
    let text = "{\"a\":\"1\"}\n[1]\n{\"a\":\n{\"a\":{\"b\":1}}\n{\"a\":\"2\",\"z\":1}\n{\"a\":\"3\",\"z\":null}\n\
                {\"a\":[\"x;y\"]}\n{\"a\":[[]]}\n";
    let (good, bad) = read(text);
    assert_eq!(good.iter().map(|(line, _)| *line).collect::<Vec<_>>(), [1, 4, 5, 6, 7]);
    let told = [
        (2, "", "is not a JSON object"),
        (3, "", "is not JSON (EOF while parsing a value, character 5)"),
        (8, "a", "holds an entry that is neither text nor an object with a `name` or `value`"),
    ];
    assert_eq!(reasons(&bad), told);
}

#[test]
fn a_key_that_comes_later_is_one_more_column() {
    let rows = cells("{\"a\":\"1\"}\n{\"z\":\"2\",\"a\":\"3\",\"y\":null}\n{\"y\":\"4\"}");
    assert_eq!(rows, [vec!["1"], vec!["3", "2", ""], vec!["", "", "4"]]);
    let keys: Vec<String> = (0..2000).map(|key| format!("\"k{key}\":1")).collect();
    let (good, bad) = read(format!("{{\"a\":1}}\n{{{}}}\n{{\"a\":2}}", keys.join(",")));
    assert_eq!((good.len(), bad.len()), (2, 1001), "no row makes the table wider than a thousand columns");
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
        let told = failed.map_or_else(|error| error.code() == "input.malformed", |(_, bad)| !bad.is_empty());
        assert!(told, "{text}");
    }
    assert_eq!(open_as(b"[]", options()).err().unwrap().code(), "input.empty");
    assert_eq!(open_as(b"[1]", options()).err().unwrap().code(), "input.malformed");
}

#[test]
fn what_stands_in_an_object_is_a_column_of_both_keys() {
    let text =
        "[{\"pk\":1,\"fields\":{\"email\":\"a\",\"more\":{\"x\":true}}},{\"fields\":{\"email\":\"b\"}}]";
    let mut table = open(text).unwrap();
    assert_eq!(table.header(), ["pk", "fields.email", "fields.more.x"]);
    let mut row = Row::new();
    assert_eq!(table.next_row(&mut row).unwrap(), Next::Row);
    assert_eq!(row.iter().collect::<Vec<_>>(), ["1", "a", "true"]);
    assert_eq!(row.kind(2), Some(crate::tabular::CellKind::Truth));
    let left_out = vec!["Fields".to_owned()];
    let table = open_as(text.as_bytes(), ReadOptions { left_out, ..ReadOptions::default() }).unwrap();
    assert_eq!(table.header(), ["pk", "fields"], "nobody looks into what is left out");
}

#[test]
fn objects_inside_of_one_object_are_rows() {
    let members = "{\"ann\": {\"n\": 1},\n \"bob\": {\"n\": 2, \"x\": \"}\"}}";
    assert_eq!(cells(members), [vec!["1", "ann"], vec!["2", "bob", "}"]]);
    let list =
        "{\"total\": 2, \"meta\": {\"a\": [1]}, \"users\": [{\"n\": 1}, {\"n\": 2}], \"next\": null}\n";
    assert_eq!(cells(list), [["1"], ["2"]]);
    for text in [
        "{\"a\":{\"n\":1},",
        "{\"t\":1,\"u\":[{\"n\":1}]",
        "{\"a\":{\"n\":1}} x",
        "{\"t\":1,\"u\":[{\"n\":1}}",
    ] {
        let failed = open(text).and_then(try_read);
        assert!(failed.is_err() || failed.is_ok_and(|(_, bad)| !bad.is_empty()), "{text}");
    }
}

#[test]
fn a_key_twice_is_refused() {
    let (good, bad) = read("{\"a\":\"1\"}\n{\"a\":\"2\",\"a\":\"3\"}\n{\"b\":{\"c\":1,\"c\":2}}\n");
    assert_eq!(good.len(), 1);
    assert_eq!(reasons(&bad), [(2, "", "holds a key twice"), (3, "", "holds a key twice")]);
}
