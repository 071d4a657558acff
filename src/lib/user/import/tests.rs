use std::fs;

use super::{Bad, Import, Mapping, OnExisting, Options, Rules, open, plan};
use crate::audit;
use crate::company;
use crate::context::Context;
use crate::error::{BadRow, Result};
use crate::registry::engine;
use crate::run::{self, Change, Run, State, Summary};
use crate::run::{BRAKE_PEOPLE, BRAKE_PERCENT};
use crate::tabular::file::Output;
use crate::tabular::{Encoding, FileOrStream, Format, ReadOptions};
use crate::text::date::Day;
use crate::user::create::create;
use crate::user::filter::{self, Filter, Page};
use crate::user::store::{self, PasswordHash};
use crate::user::{Facts, User, get};

/// A store with the company `Acme` and its superuser, on Saturday 2026-11-21 in Kyiv.
fn acme() -> Context {
    let cx = Context::for_tests();
    company::create(&cx, &company::New { name: "Acme".into(), ..Default::default() }, false).unwrap();
    let root = Facts { superuser: true, ..person("root@acme.example") };
    let (root, _) = create(&cx, root, None, false).unwrap();
    cx.write(|tx| store::set_imported_hash(tx, root.id, "a hash")).unwrap();
    cx
}

fn person(email: &str) -> Facts {
    Facts {
        first_name: Some("Ann".to_owned()),
        last_name: Some("Lee".to_owned()),
        company: Some("Acme".to_owned()),
        ..Facts::new(email.to_owned())
    }
}

fn update() -> Options {
    Options { on_existing: OnExisting::Update, ..Options::default() }
}

fn create_missing() -> Options {
    Options { create_missing: true, ..Options::default() }
}

/// The plan of an import of files of these contents, named `0.csv` and so on; for the tests of others too.
pub(crate) fn plan_of_files(
    cx: &Context,
    files: &[impl AsRef<[u8]>],
    options: &Options,
    bad: &mut Bad,
) -> Result<run::Plan> {
    let folder = tempfile::tempdir().unwrap();
    let paths: Vec<FileOrStream> =
        (0..files.len()).map(|at| FileOrStream::File(folder.path().join(format!("{at}.csv")))).collect();
    for (path, bytes) in paths.iter().zip(files) {
        fs::write(path.file().unwrap(), bytes).unwrap();
    }
    let inputs = open(cx, &paths, options)?;
    plan(cx, &mut engine(), inputs, Import { options, bad, tick: &mut |_| () })
}

/// Imports files of these contents.
fn import_files(
    cx: &Context,
    files: &[&[u8]],
    options: &Options,
    bad: &mut Bad,
) -> Result<(Option<Run>, Summary)> {
    let committed = run::commit(cx, &mut engine(), plan_of_files(cx, files, options, bad)?)?;
    Ok((committed.run, committed.summary))
}

fn import_text(cx: &Context, text: &str, options: &Options) -> Result<(Option<Run>, Summary)> {
    import_files(cx, &[text.as_bytes()], options, &mut Bad::default())
}

/// The run of an import that must work.
fn imported(cx: &Context, text: &str, options: &Options) -> Run {
    import_text(cx, text, options)
        .unwrap_or_else(|failure| panic!("{:?}", failure.explain().rows()))
        .0
        .unwrap()
}

/// What is wrong with a file, as `line column reason`.
fn faults(cx: &Context, text: &str, options: &Options) -> Vec<String> {
    let failure = import_text(cx, text, options).unwrap_err();
    assert_eq!(failure.code(), "import.refused");
    failure.explain().rows().iter().map(|row| format!("{} {} {}", row.line, row.column, row.reason)).collect()
}

fn everybody(cx: &Context) -> Vec<User> {
    let mut people = Vec::new();
    cx.read(|tx| {
        filter::each(cx, tx, &Filter::default(), Page::default(), |user| {
            people.push(user);
            Ok(())
        })
    })
    .unwrap();
    people
}

fn changes(cx: &Context, run: &Run) -> Vec<Change> {
    let mut changes = Vec::new();
    cx.read(|tx| {
        run::changes(tx, &run.id, |change, _| {
            changes.push(change);
            Ok(())
        })
    })
    .unwrap();
    changes
}

const ANN: &str = "email,first_name,last_name,company\nann@acme.example,Ann,Lee,ACME\n";

#[test]
fn a_company_that_is_to_be_made_is_named_by_its_slug_too() {
    let cx = acme();
    let text =
        "email,first_name,last_name,company\nann@x.example,Ann,Lee,Дніпро\nbob@x.example,Bob,Lee,dnipro\n";
    assert_eq!(imported(&cx, text, &create_missing()).summary.also("companies"), 1);
    assert_eq!(get(&cx, "bob@x.example").unwrap().facts.company.as_deref(), Some("Дніпро"));
}

#[test]
fn every_field_of_a_row_is_read() {
    let cx = acme();
    let text = "e-mail;First Name;last_name;company;department;position;phone;start_date;end_date;active;color;\
        is_staff;superuser;require_2fa;must_change_password;profile_completed;language\n\
        ann@acme.example;Дар'я;O'Neil;acme;IT;Engineer;+380671234567;today;2027-01-31;no;#FFCC00;\
        yes;1;TRUE;true;Yes;uk\n";
    let run = imported(&cx, text, &create_missing());
    assert_eq!(
        (run.summary.people.create, run.summary.also("departments"), run.summary.also("positions")),
        (1, 1, 1)
    );
    let facts = get(&cx, "ann@acme.example").unwrap().facts;
    assert_eq!(
        facts,
        Facts {
            first_name: Some("Дар'я".into()),
            last_name: Some("O'Neil".into()),
            department: Some("IT".into()),
            position: Some("Engineer".into()),
            phone: Some("+380671234567".into()),
            start_date: Day::parse("2026-11-21").ok(),
            end_date: Day::parse("2027-01-31").ok(),
            active: false,
            color: Some("#ffcc00".into()),
            staff: true,
            superuser: true,
            two_factor_required: true,
            must_change_password: true,
            profile_completed: true,
            language: Some("uk".into()),
            ..person("ann@acme.example")
        }
    );
    assert_eq!(audit::verify(&cx, audit::Proof::default()).unwrap().broken, None);
}

#[test]
fn all_that_is_wrong_is_told_at_once_and_nothing_is_imported() {
    let cx = acme();
    let text = "email,first_name,last_name,company,phone,end_date,start_date,color\n\
        good@x.example,A,B,Acme,,,,\n\
        no-at,A,B,Acme,12,2026-13-01,,red\n\
        b@x.example,,B,Nowhere,,,,\n\
        c@x.example,A,B,Acme,,2026-01-01,2026-01-02,\n\
        GOOD@X.example,A,C,Acme,,,,\n\
        ROOT@acme.example,A,B,Acme,,,,\n";
    let found = faults(&cx, text, &Options::default());
    let places: Vec<String> =
        found.iter().map(|fault| fault.split(' ').take(2).collect::<Vec<_>>().join(" ")).collect();
    assert_eq!(
        places,
        [
            "3 email",
            "3 phone",
            "3 end_date",
            "3 color",
            "4 first_name",
            "4 company",
            "5 end_date",
            "6 email",
            "7 email"
        ],
        "{found:#?}"
    );
    assert!(found[7].contains("line 2"), "the first of the doubled rows is named");
    assert_eq!(everybody(&cx).len(), 1, "all or nothing");
    assert_eq!(cx.read(audit::next_seq).unwrap(), 3, "not even an audit row");
}

#[test]
fn with_partial_the_good_rows_come_in_and_leave_no_place_for_the_bad_ones() {
    let cx = acme();
    let options = Options { partial: true, ..create_missing() };
    let text = "email,first_name,last_name,company,department\n\
        a@x.example,A,B,New,IT\n\
        bad,A,B,Other,IT\n\
        c@x.example,A,B,Other2,IT,more\n";
    let mut bad = Bad::default();
    let (run, summary) = import_files(&cx, &[text.as_bytes()], &options, &mut bad).unwrap();
    assert_eq!((summary.people.create, summary.people.refused, summary.also("companies")), (1, 2, 1));
    assert_eq!(run.unwrap().state, State::Applied);
    let error = bad.error(true).unwrap();
    assert_eq!(error.to_string(), "left out 2 of 3 rows");
    assert_eq!(crate::error::Explain::kind(&error).exit_code(), 1);
    assert_eq!(company::get(&cx, "Other").unwrap_err().code(), "company.not_found");
}

#[test]
fn an_email_that_stands_twice_is_found_across_files_and_letter_cases() {
    let cx = acme();
    let one = "email,first_name,last_name,company\nСтефан@x.example,A,B,Acme\n";
    let two = "email,first_name,last_name,company\nc@x.example,A,B,Acme\nСТЕФАН@x.example,A,C,Acme\n";
    let failure =
        import_files(&cx, &[one.as_bytes(), two.as_bytes()], &Options::default(), &mut Bad::default())
            .unwrap_err();
    let rows = failure.explain().rows();
    assert_eq!((rows.len(), rows[0].line), (1, 3));
    assert!(rows[0].reason.contains("line 2") && rows[0].reason.contains("0.csv"), "{}", rows[0].reason);
}

#[test]
fn existing_people_are_refused_left_or_changed() {
    let cx = acme();
    imported(&cx, ANN, &Options::default());
    assert_eq!(faults(&cx, ANN, &Options::default()).len(), 1);
    let changed = ANN.replace("Lee", "Kay");
    let skip = Options { on_existing: OnExisting::Skip, ..Options::default() };
    let (run, summary) = import_text(&cx, &changed, &skip).unwrap();
    assert_eq!((run, summary.people.unchanged), (None, 1));
    let run = imported(&cx, &changed, &update());
    assert_eq!(run.summary.people.update, 1);
    let change = &changes(&cx, &run)[0];
    assert_eq!((change.before.len(), change.after["last_name"].as_str()), (1, Some("Kay")));
    let (run, summary) = import_text(&cx, &changed, &update()).unwrap();
    assert_eq!((run, summary.people.unchanged), (None, 1), "a second time there is nothing to do");
}

#[test]
fn an_update_needs_only_the_email_and_an_empty_cell_changes_nothing() {
    let cx = acme();
    let options = create_missing();
    imported(
        &cx,
        "email,first_name,last_name,company,department,phone,end_date\na@x.example,A,B,Acme,IT,+380671234567,2027-01-01\n",
        &options,
    );
    imported(&cx, "email,phone,end_date\nA@X.example,,never\n", &update());
    let facts = get(&cx, "a@x.example").unwrap().facts;
    assert_eq!(
        (facts.phone.as_deref(), facts.end_date, facts.email.as_str()),
        (Some("+380671234567"), None, "a@x.example")
    );
}

#[test]
fn somebody_who_changes_the_company_leaves_the_department_behind() {
    let cx = acme();
    imported(
        &cx,
        "email,first_name,last_name,company,department,position\na@x.example,A,B,Acme,IT,Chief\n",
        &create_missing(),
    );
    let update = Options { create_missing: true, ..update() };
    let work = |cx: &Context| {
        let facts = get(cx, "a@x.example").unwrap().facts;
        (facts.company.unwrap(), facts.department, facts.position)
    };
    let text = "email,company,department\na@x.example,acme,it\n";
    assert_eq!(import_text(&cx, text, &update).unwrap().0, None, "other letters are no other place");
    imported(&cx, "email,company,department\na@x.example,Globex,IT\n", &update);
    assert_eq!(work(&cx), ("Globex".to_owned(), Some("IT".to_owned()), None));
    imported(&cx, "email,company\na@x.example,Acme\n", &update);
    assert_eq!(work(&cx), ("Acme".to_owned(), None, None));
}

#[test]
fn whoever_loses_access_is_counted_so_and_the_brake_holds_too_many() {
    let mut cx = acme();
    let rows: Vec<String> = (0..4).map(|at| format!("u{at}@x.example,A,B,Acme\n")).collect();
    imported(&cx, &format!("email,first_name,last_name,company\n{}", rows.concat()), &Options::default());
    let text = "email,active,start_date,end_date\n\
        u0@x.example,no,,\nu1@x.example,,tomorrow,\nu2@x.example,,,yesterday\nu3@x.example,,,tomorrow\n";
    cx.settings_mut().set(&BRAKE_PEOPLE, 2);
    cx.settings_mut().set(&BRAKE_PERCENT, 0);
    let run = imported(&cx, text, &update());
    assert_eq!((run.summary.people.deactivate, run.summary.people.update), (3, 1));
    assert_eq!(run.state, State::Held);
    assert!(get(&cx, "u0@x.example").unwrap().facts.active, "nothing happens before the release");
    run::release(&mut cx, &mut engine(), &run.id).unwrap();
    assert!(!get(&cx, "u0@x.example").unwrap().facts.active);
}

#[test]
fn the_last_superuser_is_not_imported_away() {
    let cx = acme();
    for text in ["email,superuser\nroot@acme.example,no\n", "email,active\nroot@acme.example,no\n"] {
        assert_eq!(import_text(&cx, text, &update()).unwrap_err().code(), "user.last_superuser");
    }
    assert!(get(&cx, "root@acme.example").unwrap().facts.superuser);
}

#[test]
fn undo_brings_back_what_was() {
    let cx = acme();
    let facts = |cx: &Context| everybody(cx).into_iter().map(|user| user.facts).collect::<Vec<_>>();
    let before = facts(&cx);
    let run = imported(&cx, &ANN.replace("ACME", "New"), &create_missing());
    assert_eq!(run::undo(&cx, &mut engine(), &run.id).unwrap().reverted, 2);
    assert_eq!(facts(&cx), before);
    assert_eq!(company::get(&cx, "New").unwrap_err().code(), "company.not_found");

    imported(&cx, ANN, &Options::default());
    let before = facts(&cx);
    let text = ANN.replace("Lee", "Kay").replace("ACME", "Newer");
    let run = imported(&cx, &text, &Options { create_missing: true, ..update() });
    assert_ne!(facts(&cx), before);
    assert_eq!(run::undo(&cx, &mut engine(), &run.id).unwrap().reverted, 2);
    assert_eq!(facts(&cx), before);
}

const DJANGO: &str = "pbkdf2_sha256$720000$c2FsdA$R3nCVkNHJKrnIUVfAHXcTSjAJqNQqI1aKYJPPwrTZ8Y=";

#[test]
fn accounts_alone_bring_their_hashes_which_stand_nowhere_else() {
    let cx = acme();
    let options = Options { accounts_only: true, ..Options::default() };
    let text = format!(
        "id,email,password,is_active,is_staff,is_superuser,first_name,last_login\n\
        1,old@x.example,{DJANGO},1,0,1,Ignored,\n2,new@x.example,!unusable,0,1,0,,\n"
    );
    let run = imported(&cx, &text, &options);
    let old = get(&cx, "old@x.example").unwrap();
    assert_eq!(old.password_hash.as_ref().map(PasswordHash::expose), Some(DJANGO));
    assert!(old.facts.superuser && !old.facts.has_profile());
    let new = get(&cx, "new@x.example").unwrap();
    assert!(new.password_hash.is_none() && new.facts.staff && !new.facts.active);
    let planned = changes(&cx, &run);
    assert_eq!(planned[0].after["password"], "imported");
    assert_eq!(planned[1].after.get("password"), None);
    assert!(planned.iter().all(|change| change.sealed.is_none()), "wiped when it was applied");
    let mut audited = Vec::new();
    audit::list(&cx, &audit::Filter::default(), |row| {
        audited.extend(row.before.into_iter().chain(row.after));
        Ok(())
    })
    .unwrap();
    let audited = audited.concat();
    assert!(!audited.contains("pbkdf2") && audited.contains("imported"));
}

#[test]
fn a_hash_that_cannot_be_used_is_refused_without_being_shown() {
    let cx = acme();
    let options = Options {
        accounts_only: true,
        rules: Rules { maps: vec![Mapping::parse("pw=password_hash").unwrap()], ..Rules::default() },
        ..Options::default()
    };
    let text = "email,pw\na@x.example,md5$abc$secretsecret\n";
    let failure = import_text(&cx, text, &options).unwrap_err();
    let row: &BadRow = &failure.explain().rows()[0];
    assert_eq!((row.column.as_str(), row.value.as_str()), ("pw", ""));
    assert!(!format!("{failure:?} {failure}").contains("secretsecret"));
}

#[test]
fn a11_a_secret_is_never_repeated_whatever_its_column_is_taken_for() {
    let cx = acme();
    let quiet = |text: &str, map: &[&str]| {
        let maps = map.iter().map(|text| Mapping::parse(text).unwrap()).collect();
        let rules = Rules { maps, ..Rules::default() };
        let format = text.starts_with('{').then_some(Format::Jsonl);
        let read = ReadOptions { format, ..ReadOptions::default() };
        let options = Options { accounts_only: true, rules, read, ..create_missing() };
        let failure = import_text(&cx, text, &options).unwrap_err();
        let told = format!("{failure} {:?} {:?}", failure.explain().hint(), failure.explain().rows());
        assert!(!told.contains("kept"), "{told}");
        failure.code().to_owned()
    };
    for field in ["email", "language", "start_date", "active", "roles", "groups_by_hand"] {
        let other = if field == "email" { "mail=-" } else { "mail=email" };
        for value in ["pbkdf2_sha256$600000$kept$kept", "argon2$argon2id$kept", "$2b$12$kept"] {
            let text = format!("mail,pw\nann@acme.example,{value}\n");
            assert_eq!(quiet(&text, &[other, &format!("pw={field}")]), "import.refused", "{field} {value}");
        }
        let text = "mail,password_hash\nann@acme.example,kept\n";
        assert_eq!(
            quiet(text, &[other, &format!("password_hash={field}")]),
            "import.password_column",
            "{field}"
        );
    }
    assert_eq!(quiet("email,pbkdf2_sha256$600000$kept$kept=\na@x.example,b\n", &[]), "input.hash_in_header");
    assert_eq!(quiet("a@x.example;md5$kept$kept\nb@x.example;c\n", &["x=email"]), "input.hash_in_header");
    let later = "{\"email\":\"a@x.example\"}\n{\"email\":\"b@x.example\",\"md5$kept$kept\":\"x\"}\n";
    assert_eq!(quiet(later, &[]), "import.refused");
}

#[test]
fn passwords_do_not_come_in_among_profiles() {
    let cx = acme();
    let text = ANN.replace("company\n", "company,password\n").replace("ACME\n", "ACME,x\n");
    assert_eq!(import_text(&cx, &text, &Options::default()).unwrap_err().code(), "import.password_column");
}

#[test]
fn ten_thousand_bad_rows_are_counted_and_a_thousand_kept() {
    let cx = acme();
    let rows: Vec<String> = (0..10_000).map(|at| format!("bad{at},A,B,Acme\n")).collect();
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("refused.csv");
    let mut bad = Bad::written_to(Output::create(&FileOrStream::from(&path)).unwrap()).unwrap();
    let text = format!("email,first_name,last_name,company\n{}", rows.concat());
    let failure = import_files(&cx, &[text.as_bytes()], &Options::default(), &mut bad).unwrap_err();
    assert_eq!(failure.to_string(), "refused 10000 of 10000 rows, so nothing was imported");
    assert_eq!(failure.explain().rows().len(), 1000);
    assert_eq!(fs::read_to_string(&path).unwrap().lines().count(), 10_001);
}

#[test]
fn files_of_other_systems_are_read_and_broken_ones_are_named() {
    let utf16: Vec<u8> =
        [0xFF, 0xFE].into_iter().chain(ANN.encode_utf16().flat_map(u16::to_le_bytes)).collect();
    let with_mark = [b"\xEF\xBB\xBF".as_slice(), ANN.as_bytes()].concat();
    let (cyrillic, _, _) = encoding_rs::WINDOWS_1251
        .encode("email,first_name,last_name,company\na@x.example,Дарина,Їжак,Acme\n");
    let in_1251 = Options {
        read: ReadOptions { encoding: Encoding::Windows1251, ..ReadOptions::default() },
        ..Options::default()
    };
    for (bytes, options) in
        [(utf16.as_slice(), Options::default()), (&with_mark, Options::default()), (&cyrillic, in_1251)]
    {
        let cx = acme();
        assert!(import_files(&cx, &[bytes], &options, &mut Bad::default()).is_ok());
        assert_eq!(everybody(&cx).len(), 2);
    }
    let comma = Options {
        read: ReadOptions { delimiter: Some(','), ..ReadOptions::default() },
        ..Options::default()
    };
    for (bytes, options, code) in [
        (&*cyrillic, Options::default(), "input.wrong_encoding"),
        (b"".as_slice(), Options::default(), "input.empty"),
        (b"email,first_name,last_name,company\n", Options::default(), "input.only_header"),
        (b"email;first_name\na;b\n", comma, "input.wrong_delimiter"),
        (b"email,salary\na,b\n", Options::default(), "import.unknown_column"),
        (b"email,company\na,b\n", Options::default(), "import.missing_columns"),
        (b"Full Name,Email,Company,Account Status\na,b,c,d\n", Options::default(), "import.unknown_column"),
    ] {
        let failure = import_files(&acme(), &[bytes], &options, &mut Bad::default()).unwrap_err();
        assert_eq!(failure.code(), code);
    }
    let cx = acme();
    let found = faults(
        &cx,
        "email,first_name,last_name,company\na@x.example,A,B,Acme,more\nb@x.example,A\0,B,Acme\n",
        &Options::default(),
    );
    assert_eq!(found.len(), 2, "a ragged row and a zero byte: {found:?}");
}

#[test]
fn an_interrupted_import_leaves_nothing() {
    let cx = acme();
    let folder = tempfile::tempdir().unwrap();
    let (path, refused) = (folder.path().join("people.csv"), folder.path().join("refused.csv"));
    fs::write(&path, "email,first_name,last_name,company\nbad,A,B,Acme\na@x.example,A,B,Acme\n").unwrap();
    let options = Options { partial: true, ..Options::default() };
    let inputs = open(&cx, &[FileOrStream::File(path)], &options).unwrap();
    let mut bad = Bad::written_to(Output::create(&FileOrStream::from(&refused)).unwrap()).unwrap();
    let mut tick = |read| {
        if read == 2 {
            cx.cancel.cancel();
        }
    };
    let job = Import { options: &options, bad: &mut bad, tick: &mut tick };
    let failure = plan(&cx, &mut engine(), inputs, job).err().unwrap();
    drop(bad);
    assert_eq!(failure.kind().exit_code(), 130);
    assert_eq!(cx.cancel.regardless(|| everybody(&cx)).len(), 1);
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1, "no half of a file stays");
}
