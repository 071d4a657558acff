use super::list::{append_object, chosen};
use super::{Format, Output, Record, StoreFlags, record, table};

record! {
    /// A row of the tests.
    Row, table ["name", "tags"] {
        /// A number.
        id: i64,
        /// A name.
        name: String,
        /// Words.
        tags: Vec<String>,
        /// Nothing.
        note: Option<String>,
    }
}

fn row(name: &str) -> Row {
    Row { id: 1, name: name.to_owned(), tags: vec!["a".into(), "b".into()], note: None }
}

fn output(width: Option<usize>) -> Output {
    Output {
        format: Format::Table,
        columns: None,
        color: false,
        width,
        quiet: true,
        raw: false,
        store_flags: StoreFlags::default(),
    }
}

#[test]
fn json_has_all_fields_under_their_names() {
    let mut line = Vec::new();
    append_object(&mut line, &row("Ann \"A\""), &chosen::<Row>(None, Row::FIELDS).unwrap());
    assert_eq!(
        String::from_utf8(line).unwrap(),
        r#"{"id":1,"name":"Ann \"A\"","tags":["a","b"],"note":null}"#
    );
}

#[test]
fn an_unknown_column_is_named_with_the_nearest() {
    let failure = chosen::<Row>(Some(&["nmae".to_owned()]), Row::FIELDS).unwrap_err();
    assert_eq!(
        failure.explain().hint().unwrap(),
        "did you mean `name`? the columns are id, name, tags, note"
    );
}

#[test]
fn a_table_never_breaks_a_line() {
    let rows = [row(&"long ".repeat(40)), row("山田太郎\u{1b}[2J\n")];
    let text = table::table(&output(Some(40)), &rows, &chosen::<Row>(None, Row::TABLE).unwrap(), false);
    assert_eq!(text.lines().count(), 3, "{text}");
    assert!(text.lines().all(|line| crate::text::width::display_width(line) <= 40), "{text}");
    assert!(!text.contains('\u{1b}'));
}

#[test]
fn colours_make_no_line_longer() {
    let colored = Output { color: true, ..output(Some(40)) };
    let rows = [row(&"long ".repeat(40)), row("short")];
    let text = table::table(&colored, &rows, &chosen::<Row>(None, Row::TABLE).unwrap(), false);
    assert!(text.lines().all(|line| !line.ends_with(' ')), "{text:?}");
    let style = regex::Regex::new("\u{1b}\\[[0-9;]*m").unwrap();
    let plain = style.replace_all(&text, "");
    assert_ne!(plain, text, "the header is bold");
    assert!(plain.lines().all(|line| crate::text::width::display_width(line) <= 40), "{plain}");
    let plain: Vec<&str> = plain.lines().map(str::trim_end).collect();
    let expected = table::table(&output(Some(40)), &rows, &chosen::<Row>(None, Row::TABLE).unwrap(), false);
    assert_eq!(plain, expected.lines().collect::<Vec<_>>());
}

record! {
    /// A row with a permission.
    Allowed, table ["module", "permission", "meaning"] {
        /// A module.
        module: &'static str,
        /// Its permission.
        permission: &'static str,
        /// What it means.
        meaning: String,
    }
}

#[test]
fn permissions_do_not_read_alike_on_a_narrow_terminal() {
    let permission = "compliance_internal.a_permission_of_a_long_name";
    let row = Allowed { module: "compliance_internal", permission, meaning: "word ".repeat(20) };
    let columns = chosen::<Allowed>(None, Allowed::TABLE).unwrap();
    let text = table::table(&output(Some(80)), &[row], &columns, false);
    assert!(text.contains(permission), "{text}");
    assert!(text.lines().all(|line| crate::text::width::display_width(line) <= 80), "{text}");
}
