//! What is exported comes back: every field that can be written, whatever things and people are called.

use std::fs;
use std::path::Path;

use jiff::Timestamp;
use proptest::prelude::*;

use super::{everybody, request, text};
use crate::cli::output::Record as _;
use crate::cli::output::stream::{Encoding, columns};
use crate::context::Context;
use crate::export::Format;
use crate::org::unit::{self, UnitKind};
use crate::registry::engine;
use crate::run;
use crate::tabular::FileOrStream;
use crate::tabular::file::Output;
use crate::tabular::guard::Guarded;
use crate::tabular::workbook::{CellValue, Column, RowStyle, Workbook};
use crate::text::date::Day;
use crate::text::name::check_name;
use crate::user::cli::row::UserRow;
use crate::user::create::create;
use crate::user::import::{Bad, Field, Import, Options, Whom, open, plan};
use crate::user::login::Moment;
use crate::user::{Facts, User};
use crate::{company, group, role};

/// Names that are part of the grammar of lists, of commands, of CSV or of formulas.
const COMPANIES: [&str; 5] =
    ["Acme; Sons", "a@b, \"c\"", "=1+1;@SUM(A1)", "'quoted' |=2", "\"Ü\" ;\"; $(id) `id` <&>_x0041_"];
const DEPARTMENT: &str = "R&D; \"Süd\", @home";
const POSITION: &str = "Chief; \"of\" =1+1";
const GROUPS: [&str; 3] = ["Readers", "\"Writers\" |, 'x'", "=Auditors"];

/// A group of each company, as it is named everywhere.
fn own_group(company: &str) -> String {
    group::canonical("Own \"one\"", Some(company))
}

/// A store with everything people can hold, and nobody.
fn without_people() -> Context {
    let cx = Context::for_tests();
    for (number, name) in COMPANIES.into_iter().enumerate() {
        let slug = Some(format!("c{number}"));
        company::create(&cx, &company::New { name: name.into(), slug, note: None }, false).unwrap();
        let company = name.to_owned();
        let draft = unit::Draft { name: DEPARTMENT.into(), company: company.clone(), ..Default::default() };
        unit::create(&cx, UnitKind::Department, &draft, false).unwrap();
        let place = unit::UnitParent { department: Some(DEPARTMENT.into()), parent_position: None };
        let draft = unit::Draft { name: POSITION.into(), company, place, ..Default::default() };
        unit::create(&cx, UnitKind::Position, &draft, false).unwrap();
        let new = group::New { name: "Own \"one\"".into(), ..Default::default() };
        group::create(&cx, &new, Some(name), false).unwrap();
    }
    for name in GROUPS {
        group::create(&cx, &group::New { name: name.into(), ..Default::default() }, None, false).unwrap();
    }
    let own = COMPANIES.map(own_group);
    let readers = vec![GROUPS[0].to_owned()];
    for (slug, groups) in
        [("plain", vec![]), ("reads", readers.clone()), ("owns", own.to_vec()), ("rests", readers)]
    {
        let new = role::New {
            name: format!("The; \"{slug}\""),
            slug: Some(slug.into()),
            groups,
            ..Default::default()
        };
        role::create(&cx, &new, false).unwrap();
    }
    cx
}

/// Switches the role off that is held by people who were given it before.
fn rest(cx: &Context) {
    let switched =
        cx.write(|tx| Ok(tx.sql().execute("UPDATE roles SET active = 0 WHERE slug = 'rests'", [])?));
    assert_eq!(switched.unwrap(), 1);
}

/// A first or last name.
fn name() -> impl Strategy<Value = String> {
    "[A-Zб=+@'\"-][a-zя;,|@='\" <&-]{0,7}".prop_filter_map("no name", |name| check_name(&name).ok())
}

fn some<T: Clone + std::fmt::Debug + 'static>(values: &'static [T]) -> impl Strategy<Value = Vec<T>> {
    prop::sample::subsequence(values, 0..=values.len())
}

fn day() -> impl Strategy<Value = Option<Day>> {
    prop::option::of(prop::sample::select(vec!["2024-02-29", "2026-11-21", "9999-12-31"]))
        .prop_map(|day| day.and_then(|day| Day::parse(day).ok()))
}

/// Somebody, whose email is made unique by `number`.
fn person(number: usize) -> impl Strategy<Value = Facts> {
    let who =
        (name(), name(), prop::sample::select(vec!["", "o'", "=", "+", "{|}", "дар'я"]), 0..COMPANIES.len());
    let place = (any::<(bool, bool)>(), prop::option::of(Just("+380671234567")), day(), day());
    let held = (some(&["owns", "plain", "reads", "rests"]), any::<[bool; 4]>(), some(&GROUPS), any::<bool>());
    let marks = (any::<[bool; 6]>(), prop::option::of(Just("#00ff7f")), prop::option::of(Just("uk")));
    (who, place, held, marks).prop_map(move |(who, place, held, marks)| {
        let ((first, last, local, company), (in_place, phone, one, other)) = (who, place);
        let ((roles, bare, groups, in_own), (marks, color, language)) = (held, marks);
        let (start_date, end_date) =
            if one <= other || other.is_none() { (one, other) } else { (other, one) };
        let mut groups: Vec<String> = groups.into_iter().map(str::to_owned).collect();
        groups.extend(in_own.then(|| own_group(COMPANIES[company])));
        groups.sort_unstable();
        let without = roles.iter().zip(bare).filter(|(_, bare)| *bare).map(|(role, _)| (*role).to_owned());
        Facts {
            first_name: Some(first),
            last_name: Some(last),
            phone: phone.map(str::to_owned),
            company: Some(COMPANIES[company].to_owned()),
            department: in_place.0.then(|| DEPARTMENT.to_owned()),
            position: (in_place.0 && in_place.1).then(|| POSITION.to_owned()),
            active: marks[0],
            staff: marks[1],
            superuser: marks[2],
            profile_completed: marks[3],
            two_factor_required: marks[4],
            must_change_password: marks[5],
            start_date,
            end_date,
            color: color.map(str::to_owned),
            language: language.map(str::to_owned),
            roles_without_groups: without.collect(),
            roles: roles.into_iter().map(str::to_owned).collect(),
            groups,
            ..Facts::new(format!("{local}{number}@x.example"))
        }
    })
}

fn people() -> impl Strategy<Value = Vec<Facts>> {
    (0..5_usize).map(person).collect::<Vec<_>>()
}

fn facts(cx: &Context) -> Vec<Facts> {
    let mut facts: Vec<Facts> = everybody(cx).into_iter().map(|user| user.facts).collect();
    facts.sort_by(|one, other| one.email.cmp(&other.email));
    facts
}

/// A file of everybody as a spreadsheet program would save it: a row for each, days as days.
fn workbook(path: &Path, people: Vec<User>, moment: Moment) {
    let columns: Vec<Column> = Whom::People.fields().map(|field| Column::text(field.name(), 20.0)).collect();
    let mut book =
        Workbook::create(Output::create(&FileOrStream::from(&path)).unwrap(), Timestamp::UNIX_EPOCH);
    let mut sheet = book.sheet("People", &columns, 0).unwrap();
    for user in people {
        let days = [user.facts.start_date, user.facts.end_date];
        let row = UserRow::new(user, moment);
        let place = |field: Field| UserRow::FIELDS.iter().position(|name| *name == field.name()).unwrap();
        let texts: Vec<String> =
            Whom::People.fields().map(|field| row.field(place(field)).csv().into_owned()).collect();
        let cells: Vec<CellValue<'_>> = Whom::People
            .fields()
            .zip(&texts)
            .map(|(field, text)| match (field, days) {
                (Field::StartDate, [Some(day), _]) | (Field::EndDate, [_, Some(day)]) => {
                    CellValue::Date(day.date())
                }
                _ => CellValue::Text(text),
            })
            .collect();
        sheet.row(RowStyle::default(), &cells).unwrap();
    }
    book.add(sheet).unwrap();
    book.finish().unwrap();
}

/// Everybody in a file of that kind, read into a store without people.
fn back(cx: &Context, kind: &str, options: &Options) -> Vec<Facts> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join(format!("people.{kind}"));
    let encoding = match kind {
        "csv" => Some(Encoding::Csv { guarded: Guarded::Everywhere, shown: false }),
        "jsonl" => Some(Encoding::Jsonl),
        "json" => Some(Encoding::Json),
        _ => None,
    };
    match encoding {
        Some(encoding) => {
            let columns = columns::<UserRow>(None).unwrap();
            fs::write(&path, text(cx, &request(Format::Rows { encoding, columns }))).unwrap();
        }
        None => workbook(&path, everybody(cx), Moment::of(cx)),
    }
    let empty = without_people();
    rest(&empty);
    let inputs = open(&empty, &[FileOrStream::File(path)], options).unwrap();
    let mut bad = Bad::default();
    let job = Import { options, bad: &mut bad, tick: &mut |_| () };
    let planned = plan(&empty, &mut engine(), inputs, job);
    let imported = planned.and_then(|plan| run::commit(&empty, &mut engine(), plan));
    if let Err(failure) = imported {
        panic!("{kind}: {failure}: {:#?}", failure.explain().rows());
    }
    facts(&empty)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(12))]

    #[test]
    fn whoever_is_exported_comes_back_as_they_were(people in people()) {
        let cx = without_people();
        for facts in &people {
            create(&cx, facts.clone(), None, false).unwrap();
        }
        rest(&cx);
        let before = facts(&cx);
        prop_assert_eq!(before.len(), people.len());
        for kind in ["csv", "jsonl", "json", "xlsx"] {
            prop_assert_eq!(back(&cx, kind, &Options::default()), before.clone(), "{}", kind);
        }
    }
}

#[test]
fn an_account_without_a_profile_comes_back_with_all_it_has() {
    let cx = without_people();
    let bare = Facts {
        active: false,
        start_date: Day::parse("2026-01-01").ok(),
        end_date: Day::parse("2026-12-31").ok(),
        staff: true,
        two_factor_required: true,
        must_change_password: true,
        profile_completed: true,
        language: Some("uk".into()),
        roles: vec!["plain".into(), "reads".into()],
        roles_without_groups: vec!["plain".into()],
        groups: vec![GROUPS[1].into(), "Readers".into()],
        ..Facts::new("bare@x.example".into())
    };
    create(&cx, bare.clone(), None, false).unwrap();
    let options = Options { accounts_only: true, ..Options::default() };
    for kind in ["csv", "jsonl", "json", "xlsx"] {
        assert_eq!(back(&cx, kind, &options), std::slice::from_ref(&bare), "{kind}");
    }
}

#[test]
fn a_group_held_by_hand_and_by_role_comes_back_with_both_halves() {
    let cx = without_people();
    let in_both = |email: &str, groups: &[&str]| Facts {
        first_name: Some("Ann".into()),
        last_name: Some("Lee".into()),
        company: Some(COMPANIES[0].into()),
        roles: vec!["reads".into()],
        groups: groups.iter().map(|group| (*group).to_owned()).collect(),
        ..Facts::new(email.into())
    };
    for facts in [in_both("both@x.example", &["Readers"]), in_both("role@x.example", &[])] {
        create(&cx, facts, None, false).unwrap();
    }
    for kind in ["csv", "jsonl", "xlsx"] {
        assert_eq!(back(&cx, kind, &Options::default()), facts(&cx), "{kind}");
    }
}
