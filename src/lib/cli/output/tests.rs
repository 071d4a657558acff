use super::list::{append_object, chosen};
use super::{Clocks, Format, Output, Record, StoreFlags, record, table};

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
        clocks: Clocks::default(),
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

record! {
    /// What somebody answered.
    Answer, table ["id", "answer", "by"] below ["answer"] {
        /// A number.
        id: i64,
        /// All of it is to be read.
        answer: Option<String>,
        /// When.
        by: String,
    }
}

#[test]
fn what_is_to_be_read_whole_stands_below_its_row_where_its_column_does_not_fit() {
    let answer = |id, answer: Option<&str>| Answer {
        id,
        answer: answer.map(str::to_owned),
        by: "2026-11-29T12:05:00.123456Z".to_owned(),
    };
    let long =
        "450 4.2.0 greylisted, see https://postgrey.example.org/help/acme.example.html and try again later";
    let rows = [answer(1, Some(long)), answer(2, None), answer(3, Some("451 no"))];
    let columns = chosen::<Answer>(None, Answer::TABLE).unwrap();
    let narrow = "\
ID  BY
1   2026-11-29T12:05:00+00:00
  450 4.2.0 greylisted, see
  https://postgrey.example.org/help/acme.example.html
  and try again later
2   2026-11-29T12:05:00+00:00
3   2026-11-29T12:05:00+00:00
  451 no
";
    assert_eq!(table::table(&output(Some(30)), &rows, &columns, false), narrow);
    assert_eq!(table::table(&output(Some(30)), &rows, &columns, true), narrow, "also where it is asked for");
    let wide = table::table(&output(None), &rows, &columns, false);
    assert!(wide.lines().nth(1).unwrap().contains(long), "{wide}");
    let short = table::table(&output(Some(60)), &rows[1..], &columns, false);
    assert_eq!(short.lines().nth(2).unwrap(), "3   451 no  2026-11-29T12:05:00+00:00");
}

record! {
    /// A person of a list.
    Person, table ["full_name", "email", "company", "status", "seen_at", "roles"] {
        /// The name.
        full_name: &'static str,
        /// The email.
        email: &'static str,
        /// Where they work.
        company: &'static str,
        /// What they are.
        status: &'static str,
        /// When they were seen.
        seen_at: &'static str,
        /// What they have.
        roles: Vec<String>,
    }
}

#[test]
fn emails_and_times_are_whole_in_80_and_120_columns_whatever_people_and_companies_are_called() {
    let person = |full_name, email, company| Person {
        full_name,
        email,
        company,
        status: "active",
        seen_at: "2026-12-01T08:00:00+02:00",
        roles: vec!["Risk Manager".into(), "Internal Auditor".into()],
    };
    let rows = [
        person(
            "Олександра Христофорівна Верхоглядова-Нечипоренко",
            "oleksandra.verkhohliadova@banka-acme.example",
            "ПрАТ Перший Київський банк",
        ),
        person("阿卜杜拉希米提·买买提艾力", "abudula@acme.example", "中国石油天然气股份有限公司西北分公司"),
    ];
    let columns = chosen::<Person>(None, Person::TABLE).unwrap();
    let at = |room| table::table(&output(Some(room)), &rows, &columns, false);
    insta::assert_snapshot!(at(80), @"
    FULL NAME     EMAIL                                         COMPANY       STATUS
    Олександра …  oleksandra.verkhohliadova@banka-acme.example  ПрАТ Перший…  active
    阿卜杜拉希…   abudula@acme.example                          中国石油天…   active
    ");
    insta::assert_snapshot!(at(120), @"
    FULL NAME            EMAIL                                         COMPANY             STATUS  SEEN AT
    Олександра Христоф…  oleksandra.verkhohliadova@banka-acme.example  ПрАТ Перший Київс…  active  2026-12-01T08:00:00+02:00
    阿卜杜拉希米提·买…   abudula@acme.example                          中国石油天然气股…   active  2026-12-01T08:00:00+02:00
    ");
    for room in [80, 120] {
        assert!(at(room).lines().all(|line| crate::text::width::display_width(line) <= room));
    }
}
