mod access;
mod back;

use std::path::Path;

use calamine::{Data, Reader as _, Xlsx, open_workbook};

use super::{Format, Request, UserSelection, job, users};
use crate::cli::output::stream::{Encoding, columns};
use crate::context::Context;
use crate::error::{Kind, Result};
use crate::tabular::FileOrStream;
use crate::tabular::file::Output;
use crate::tabular::guard::Guarded;
use crate::text::color::{Color, contrast};
use crate::text::date::Day;
use crate::user::cli::row::UserRow;
use crate::user::create::create;
use crate::user::filter::{self, Filter, Page};
use crate::user::{Facts, User};
use crate::{audit, company, store};

/// A store with three people of two companies, on Saturday 2026-11-21 in Kyiv.
fn people() -> Context {
    filled(Context::for_tests())
}

/// The same in a store that is a file, which others may open too.
fn people_in(store: store::Store) -> Context {
    let cx = Context::for_tests();
    store.write(|tx| tx.bind_key(&cx.key)).unwrap();
    filled(Context { store, ..cx })
}

fn filled(cx: Context) -> Context {
    for name in ["Acme", "Дніпро Енерго"] {
        company::create(&cx, &company::New { name: name.into(), ..Default::default() }, false).unwrap();
    }
    let day = |text| Day::parse(text).ok();
    let person = |email: &str, first: &str, last: &str, company: &str| Facts {
        first_name: Some(first.to_owned()),
        last_name: Some(last.to_owned()),
        company: Some(company.to_owned()),
        ..Facts::new(email.to_owned())
    };
    for facts in [
        Facts {
            color: Some("#1a237e".into()),
            phone: Some("+380671234567".into()),
            start_date: day("2026-01-05"),
            end_date: day("2026-12-31"),
            ..person("ann@acme.example", "Ann", "Able", "Acme")
        },
        Facts { end_date: day("2026-11-20"), ..person("ben@acme.example", "=1+1", "Best", "Acme") },
        person("daria@dnipro.example", "Дар'я", "Шевченко", "Дніпро Енерго"),
    ] {
        create(&cx, facts, None, false).unwrap();
    }
    cx
}

fn request(format: Format) -> Request {
    let name = format!("people.{}", format.name());
    Request { words: String::new(), format, name, mail_to: None }
}

fn rows(encoding: Encoding, asked: &[&str]) -> Request {
    let asked: Vec<String> = asked.iter().map(|name| (*name).to_owned()).collect();
    request(Format::Rows { encoding, columns: columns::<UserRow>(Some(&asked)).unwrap() })
}

/// Exports everybody into a file of a new folder and gives the folder.
fn export(cx: &Context, request: &Request) -> (tempfile::TempDir, Result<u64>) {
    export_of(cx, &UserSelection::default(), request)
}

fn export_of(cx: &Context, people: &UserSelection, request: &Request) -> (tempfile::TempDir, Result<u64>) {
    let folder = tempfile::tempdir().unwrap();
    let output = Output::create(&FileOrStream::from(&folder.path().join(&request.name))).unwrap();
    let people = users(cx, people, request, output, &mut |_| ());
    (folder, people)
}

fn text(cx: &Context, request: &Request) -> String {
    text_of(cx, &UserSelection::default(), request)
}

fn text_of(cx: &Context, people: &UserSelection, request: &Request) -> String {
    let (folder, people) = export_of(cx, people, request);
    people.unwrap();
    std::fs::read_to_string(folder.path().join(&request.name)).unwrap()
}

fn everybody(cx: &Context) -> Vec<User> {
    let mut people = Vec::new();
    let add = |user| {
        people.push(user);
        Ok(())
    };
    cx.read(|tx| filter::each(cx, tx, &Filter::default(), Page::default(), add)).unwrap();
    people
}

fn read(path: &Path, sheet: &str) -> Vec<Vec<Data>> {
    let mut book: Xlsx<_> = open_workbook(path).unwrap();
    book.worksheet_range(sheet).unwrap().rows().map(<[Data]>::to_vec).collect()
}

#[test]
fn the_workbook_has_a_row_for_everybody_with_real_dates() {
    let cx = people();
    let (folder, people) = export(&cx, &request(Format::Xlsx));
    assert_eq!(people.unwrap(), 3);
    let rows = read(&folder.path().join("people.xlsx"), users::TITLE);
    let cells = |row: usize| rows[row].iter().map(ToString::to_string).collect::<Vec<_>>();
    assert_eq!(
        cells(0),
        [
            "Full Name",
            "Email",
            "Phone",
            "Company",
            "Department",
            "Position",
            "Account Status",
            "Cabinet Groups",
            "Other Groups",
            "Start Date",
            "End Date"
        ]
    );
    let day = |cell: &Data| match cell {
        Data::DateTime(day) => day.to_ymd_hms_milli(),
        other => panic!("not a date: {other:?}"),
    };
    assert_eq!(cells(1)[..7], ["Ann Able", "ann@acme.example", "+380671234567", "Acme", "", "", "active"]);
    assert_eq!((day(&rows[1][9]), day(&rows[1][10])), ((2026, 1, 5, 0, 0, 0, 0), (2026, 12, 31, 0, 0, 0, 0)));
    assert_eq!(cells(2)[6], "inactive", "the last day was yesterday");
    assert_eq!(cells(3)[0], "Дар'я Шевченко");
}

#[test]
fn the_second_sheet_says_when_by_whom_and_with_which_filters() {
    let cx = people();
    let request = Request { words: "--status active".into(), ..request(Format::Xlsx) };
    let (folder, people) = export(&cx, &request);
    people.unwrap();
    let lines = read(&folder.path().join("people.xlsx"), job::ABOUT);
    let lines: Vec<String> = lines.iter().map(|line| format!("{}: {}", line[0], line[1])).collect();
    for expected in [
        "Made: 2026-11-21 12:00:00 +02:00",
        "By: system (shell user root)",
        "Filters: --status active",
        "People: 3",
    ] {
        assert!(lines.contains(&expected.to_owned()), "{lines:?}");
    }
}

#[test]
fn text_stays_readable_on_every_fill() {
    for color in ["#000000", "#ffffff", "#777777", "#1a237e", "#ffcc00"] {
        let fill = job::fill(Some(color)).unwrap();
        let shown = |color: u32| Color::parse(&format!("#{color:06x}")).unwrap();
        assert_eq!(shown(fill.background).to_string(), color);
        assert!(contrast(shown(fill.background), shown(fill.font)) >= 4.5, "{color}");
    }
}

#[test]
fn a5_formulas_are_text_in_every_format() {
    let cx = people();
    let (folder, people) = export(&cx, &request(Format::Xlsx));
    people.unwrap();
    let rows = read(&folder.path().join("people.xlsx"), users::TITLE);
    assert_eq!(rows[2][0], Data::String("=1+1 Best".into()));
    let csv = text(&cx, &rows_of_names(false));
    assert_eq!(csv, "first_name\nAnn\n'=1+1\nДар'я\n");
    assert_eq!(text(&cx, &rows_of_names(true)), csv.replace("'=", "="), "--raw is for machines");
}

fn rows_of_names(raw: bool) -> Request {
    let guarded = if raw { Guarded::Nowhere } else { Guarded::Everywhere };
    rows(Encoding::Csv { guarded, shown: false }, &["first_name"])
}

#[test]
fn the_other_formats_hold_the_rows_of_a_list_under_the_json_names() {
    let cx = people();
    let jsonl = text(&cx, &rows(Encoding::Jsonl, &["email", "status"]));
    let first = jsonl.lines().next().unwrap();
    assert_eq!(first, r#"{"email":"ann@acme.example","status":"active"}"#);
    let json: serde_json::Value = serde_json::from_str(&text(&cx, &rows(Encoding::Json, &["id"]))).unwrap();
    assert_eq!(json.as_array().unwrap().len(), 3);
}

#[test]
fn only_those_whom_the_filters_show_are_exported() {
    let cx = people();
    let filter = Filter { search: Some("дар".into()), ..Filter::default() };
    let people = UserSelection { filter, ..UserSelection::default() };
    assert_eq!(
        text_of(&cx, &people, &rows(Encoding::Jsonl, &["email"])),
        "{\"email\":\"daria@dnipro.example\"}\n"
    );
}

#[test]
fn a5_an_export_is_audited_with_its_filters_and_its_number_of_people() {
    let cx = people();
    let request = Request {
        words: "--company Acme".into(),
        ..rows(Encoding::Csv { guarded: Guarded::Everywhere, shown: false }, &["id"])
    };
    text(&cx, &request);
    let mut rows = Vec::new();
    audit::list(&cx, &audit::Filter { action: Some("export".into()), ..Default::default() }, |row| {
        rows.push(row);
        Ok(())
    })
    .unwrap();
    assert_eq!(rows.len(), 1);
    assert_eq!(
        (rows[0].action.as_str(), rows[0].kind.as_str(), rows[0].subject.as_str()),
        ("export.users", "export", "people.csv")
    );
    assert_eq!(rows[0].after.as_deref(), Some(r#"{"format":"csv","people":3,"filters":"--company Acme"}"#));
}

/// The rows of exports in the audit, the oldest first: action, and what it says.
fn audited(cx: &Context) -> Vec<(String, String)> {
    let mut rows = Vec::new();
    audit::list(cx, &audit::Filter { action: Some("export".into()), ..Default::default() }, |row| {
        rows.insert(0, (row.action, row.after.unwrap_or_default()));
        Ok(())
    })
    .unwrap();
    rows
}

/// Somebody who reads what an export sends, and looks into the audit at each piece.
struct Reader {
    store: std::path::PathBuf,
    /// How many rows the audit had when the first piece came.
    rows_at_first: std::sync::Arc<std::sync::Mutex<Option<i64>>>,
    /// After so many bytes it is gone.
    leaves_after: usize,
}

impl std::io::Write for Reader {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        let rows = || {
            let store = store::Store::open(&self.store).unwrap();
            store.read(audit::next_seq).unwrap()
        };
        self.rows_at_first.lock().unwrap().get_or_insert_with(rows);
        if self.leaves_after < bytes.len() {
            return Err(std::io::ErrorKind::BrokenPipe.into());
        }
        self.leaves_after -= bytes.len();
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

/// What is sent cannot be called back: the audit has it before its first byte, and again when it breaks off.
#[test]
fn a5_what_leaves_through_a_pipe_is_in_the_audit_before() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("s.db");
    let cx = people_in(store::Store::create(&path).unwrap());
    for format in [Format::Xlsx, rows_of_names(false).format] {
        for (leaves_after, ends_well) in [(usize::MAX, true), (0, false)] {
            let before = cx.read(audit::next_seq).unwrap();
            let rows_at_first = std::sync::Arc::default();
            let reader = Reader {
                store: path.clone(),
                rows_at_first: std::sync::Arc::clone(&rows_at_first),
                leaves_after,
            };
            let output = Output::stream("-", Box::new(reader));
            let sent = users(&cx, &UserSelection::default(), &request(format.clone()), output, &mut |_| ());
            assert_eq!(sent.is_ok(), ends_well);
            assert_eq!(*rows_at_first.lock().unwrap(), Some(before + 1), "one row before the first byte");
            let rows = audited(&cx);
            let told = rows.iter().rev().find(|(action, _)| action == "export.users").unwrap();
            assert!(told.1.contains("\"people\":3"), "{told:?}");
            assert_eq!(cx.read(audit::next_seq).unwrap(), before + if ends_well { 1 } else { 2 });
            if !ends_well {
                let (action, after) = rows.last().unwrap();
                assert_eq!(action, "export.failed");
                assert!(after.contains("\"why\":\"output.closed\""), "{after}");
            }
        }
    }
}

/// Where the audit cannot be written, nothing leaves.
#[test]
fn a5_nothing_leaves_that_the_audit_cannot_keep() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("s.db");
    let cx = people_in(store::Store::create(&path).unwrap());
    cx.store.read(|tx| Ok(tx.sql().pragma_update(None, "query_only", true)?)).unwrap();
    for format in [Format::Xlsx, rows_of_names(false).format] {
        let rows_at_first = std::sync::Arc::default();
        let reader = Reader {
            store: path.clone(),
            rows_at_first: std::sync::Arc::clone(&rows_at_first),
            leaves_after: usize::MAX,
        };
        let output = Output::stream("-", Box::new(reader));
        let sent = users(&cx, &UserSelection::default(), &request(format), output, &mut |_| ());
        assert_eq!(sent.unwrap_err().code(), "store.read_only");
        assert_eq!(*rows_at_first.lock().unwrap(), None, "not a byte");
    }
}

#[test]
fn an_export_that_is_stopped_says_how_far_it_came() {
    let cx = people();
    let output = Output::stream("-", Box::new(std::io::sink()));
    let stopped = users(&cx, &UserSelection::default(), &rows_of_names(false), output, &mut |people| {
        if people == 2 {
            cx.cancel.cancel();
        }
    });
    cx.cancel.reset();
    assert_eq!(stopped.unwrap_err().kind(), Kind::Interrupted);
    let (action, after) = audited(&cx).pop().unwrap();
    assert_eq!(
        (action.as_str(), after.as_str()),
        ("export.failed", r#"{"export":"export.users","people":2,"why":"interrupted"}"#)
    );
}

#[test]
fn a5_a_file_is_for_its_owner_alone() {
    use std::os::unix::fs::PermissionsExt as _;
    let cx = people();
    for format in [Format::Xlsx, rows_of_names(false).format] {
        let request = request(format);
        let (folder, people) = export(&cx, &request);
        people.unwrap();
        let mode = std::fs::metadata(folder.path().join(&request.name)).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600, "{}", request.name);
    }
}

#[test]
fn a_wish_to_stop_leaves_nothing() {
    let cx = people();
    for request in [request(Format::Xlsx), rows_of_names(false)] {
        let folder = tempfile::tempdir().unwrap();
        let output = Output::create(&FileOrStream::from(&folder.path().join(&request.name))).unwrap();
        let stopped = users(&cx, &UserSelection::default(), &request, output, &mut |people| {
            if people == 2 {
                cx.cancel.cancel();
            }
        });
        cx.cancel.reset();
        assert_eq!(stopped.unwrap_err().kind(), Kind::Interrupted);
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0, "{}", request.name);
    }
}

#[test]
fn a_late_wish_to_stop_ends_the_writing_itself() {
    let folder = tempfile::tempdir().unwrap();
    let request = request(Format::Xlsx);
    let output =
        Output::create(&FileOrStream::from(&folder.path().join(&request.name))).unwrap().stopped_by(|| true);
    assert!(users(&people(), &UserSelection::default(), &request, output, &mut |_| ()).is_err());
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
}

#[test]
fn a12_no_space_is_an_io_error() {
    let cx = people();
    for request in [request(Format::Xlsx), rows_of_names(false)] {
        let full = Output::create(&FileOrStream::from(&"/dev/full")).unwrap();
        let failure = users(&cx, &UserSelection::default(), &request, full, &mut |_| ()).unwrap_err();
        assert_eq!((failure.code(), failure.kind()), ("output.disk_full", Kind::Io), "{}", request.name);
    }
}
