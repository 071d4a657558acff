//! What a run wrote down is put back as it was or not at all, whatever became of what it wrote.

use std::collections::{BTreeMap, HashMap};

use rusqlite::types::Value as Stored;
use serde_json::{Value, json};

use super::super::{self as run, Ask, Change, Coming, Done, Error, Reverted, Step, UserCounts, store};
use crate::audit;
use crate::company;
use crate::context::Context;
use crate::error::Failure;
use crate::group::{self, GrantSpec};
use crate::org::unit::{self, Draft, Selector, UnitKind, UnitParent};
use crate::registry::engine;
use crate::role;
use crate::store::Tx;
use crate::user::bulk::{self, Verb};
use crate::user::{Facts, create};

const TABLES: [&str; 11] = [
    "companies",
    "departments",
    "positions",
    "groups",
    "grants",
    "roles",
    "role_companies",
    "role_groups",
    "role_modules",
    "users",
    "memberships",
];

/// Everything there is, row by row.
type Rows = BTreeMap<&'static str, Vec<Vec<Stored>>>;

fn rows(tx: &Tx<'_>) -> Rows {
    let of = |table: &&'static str| {
        let mut statement = tx.sql().prepare(&format!("SELECT * FROM {table} ORDER BY 1, 2")).unwrap();
        let columns = statement.column_count();
        let row = |row: &rusqlite::Row<'_>| (0..columns).map(|column| row.get(column)).collect();
        let rows = statement.query_map([], row).unwrap().collect::<Result<_, _>>().unwrap();
        (*table, rows)
    };
    TABLES.iter().map(of).collect()
}

fn owned(names: &[&str]) -> Vec<String> {
    names.iter().map(|name| (*name).to_owned()).collect()
}

/// A company with a group, a role, a department in another, a position under another, and somebody in the bin.
fn fill() -> Context {
    let cx = Context::for_tests();
    for name in ["Acme", "Globex"] {
        let note = Some("a note".to_owned());
        company::create(&cx, &company::New { name: name.to_owned(), slug: None, note }, false).unwrap();
    }
    let new = group::New {
        name: "Readers".to_owned(),
        description: Some("who read".to_owned()),
        color: Some("#112233".to_owned()),
        company_id: None,
    };
    group::create(&cx, &new, Some("Acme"), false).unwrap();
    let wanted = GrantSpec {
        patterns: owned(&["fim.view", "risk.view_report"]),
        companies: owned(&["Acme"]),
        ..GrantSpec::default()
    };
    group::grant(&cx, &readers(), &wanted).unwrap();
    let new = role::New {
        name: "Keeper".to_owned(),
        description: Some("keeps".to_owned()),
        color: Some("#445566".to_owned()),
        order: 7,
        companies: owned(&["Acme"]),
        groups: owned(&["Readers@Acme"]),
        modules: owned(&["fim"]),
        ..role::New::default()
    };
    role::create(&cx, &new, false).unwrap();
    let units = [
        (UnitKind::Department, "Desk", None, None),
        (UnitKind::Department, "Till", Some("Desk"), None),
        (UnitKind::Position, "Head", Some("Till"), None),
        (UnitKind::Position, "Hand", Some("Till"), Some("Head")),
    ];
    for (kind, name, department, parent_position) in units {
        let draft = Draft {
            name: name.to_owned(),
            company: "Acme".to_owned(),
            place: UnitParent {
                department: department.map(str::to_owned),
                parent_position: parent_position.map(str::to_owned),
            },
            color: Some("#778899".to_owned()),
            note: Some("a note".to_owned()),
        };
        unit::create(&cx, kind, &draft, false).unwrap();
    }
    let facts = Facts {
        first_name: Some("Ann".to_owned()),
        last_name: Some("Binned".to_owned()),
        company: Some("Acme".to_owned()),
        department: Some("Till".to_owned()),
        position: Some("Hand".to_owned()),
        groups: owned(&["Readers@Acme"]),
        ..Facts::new("ann@acme.example".to_owned())
    };
    create::create(&cx, facts, None, false).unwrap();
    bulk::apply_one(&cx, "ann@acme.example", &Verb::Delete).unwrap();
    cx
}

fn readers() -> group::Selector {
    group::Selector { name: "Readers@Acme".to_owned(), company: None }
}

fn whole(cx: &Context, kind: UnitKind, name: &str) {
    unit::delete(cx, &mut engine(), kind, &Selector { name: name.to_owned(), ..Selector::default() })
        .unwrap();
}

/// What can be done by runs to what there is, beside changes of people outside the bin.
const DEEDS: [fn(&Context); 8] = [
    |cx| {
        let wanted = GrantSpec { patterns: owned(&["*"]), ..GrantSpec::default() };
        group::revoke(cx, &mut engine(), &readers(), &wanted, &Ask::nothing(false)).unwrap();
    },
    |cx| {
        role::delete(cx, &mut engine(), "keeper", true, &Ask::nothing(false)).unwrap();
        let edit = group::Edit {
            name: Some("Writers".to_owned()),
            description: Some(String::new()),
            color: Some("#aabbcc".to_owned()),
            assignable: Some(true),
            ..group::Edit::default()
        };
        group::edit(cx, &mut engine(), &readers(), &edit, &Ask::nothing(false)).unwrap();
    },
    |cx| {
        role::delete(cx, &mut engine(), "keeper", true, &Ask::nothing(false)).unwrap();
        group::delete(cx, &mut engine(), &readers(), true, &Ask::nothing(false)).unwrap();
    },
    |cx| {
        let edit = role::Edit {
            name: Some("Watcher".to_owned()),
            slug: Some("watcher".to_owned()),
            description: Some(String::new()),
            color: Some(String::new()),
            order: Some(1),
            active: Some(false),
            ..role::Edit::default()
        };
        role::edit(cx, &mut engine(), "keeper", &edit, &Ask::nothing(false)).unwrap();
    },
    |cx| {
        role::delete(cx, &mut engine(), "keeper", true, &Ask::nothing(false)).unwrap();
    },
    |cx| whole(cx, UnitKind::Position, "Hand"),
    |cx| {
        whole(cx, UnitKind::Position, "Hand");
        whole(cx, UnitKind::Position, "Head");
        whole(cx, UnitKind::Department, "Till");
    },
    |cx| {
        company::delete(cx, &mut engine(), "Globex").unwrap();
    },
];

/// The changes that were planned last, each with the row that tells of it.
fn done(cx: &Context) -> Vec<Done> {
    cx.read(|tx| {
        let mut done = Vec::new();
        store::each_staged(tx, |row| {
            let subject_id = row.change.subject_id.unwrap();
            let revision = audit::changes_of(tx, &row.change.kind, subject_id)?.remove(0).seq;
            done.push(Done { change: row.change, subject_id, revision });
            Ok(())
        })?;
        Ok(done)
    })
    .unwrap()
}

/// What there is when a change was taken back after those that came later; all in a transaction that is given up.
fn reverted(cx: &Context, done: &Done, later: &[Done]) -> Result<(Reverted, Rows), Failure> {
    let mut found = None;
    let ended: Result<(), Failure> = cx.write(|tx| {
        let mut engine = engine();
        let coming = Coming { run: Some("run"), people: &UserCounts::default(), meant: None, is_undo: true };
        engine.each(|target| target.begin(cx, tx, &coming))?;
        let made = HashMap::new();
        let step = Step { run: Some("run"), made_by: "user.edit.undo", seq: 1, is_fresh: false, made: &made };
        let mut revert = |done: &Done| engine.target("run", &done.change.kind)?.revert(cx, tx, &step, done);
        for done in later.iter().rev() {
            assert_eq!(revert(done)?, Reverted::Yes);
        }
        let outcome = revert(done)?;
        found = Some((outcome, rows(tx)));
        Err(Error::TakesAccess.into())
    });
    found.ok_or_else(|| ended.unwrap_err())
}

/// The change with one value spoilt, once for each value and way to spoil it.
fn spoilt(change: &Change) -> Vec<(String, Change)> {
    let mut all = Vec::new();
    let sides = [&change.before, &change.ids.before];
    for (place, side) in sides.into_iter().enumerate() {
        for field in side.keys() {
            for value in [None, Some(json!({})), Some(json!([{}])), Some(Value::Null)] {
                // A fact that is empty may have been so, and one that an update does not name was not changed.
                let may_be = match value {
                    Some(Value::Null) => true,
                    None => change.action == run::Action::Update,
                    Some(_) => false,
                };
                if place == 0 && may_be {
                    continue;
                }
                let mut changed = change.clone();
                let fields = if place == 0 { &mut changed.before } else { &mut changed.ids.before };
                let what = format!("{} of {}, {place}: {field} is {value:?}", change.kind, change.subject);
                match value {
                    Some(value) => drop(fields.insert(field.clone(), value)),
                    None => drop(fields.remove(field)),
                }
                all.push((what, changed));
            }
        }
    }
    all
}

#[test]
fn what_does_not_read_is_never_taken_back_as_something_else() {
    let mut refused = 0;
    for deed in DEEDS {
        let cx = fill();
        deed(&cx);
        let changes = done(&cx);
        assert!(!changes.is_empty());
        for (place, done) in changes.iter().enumerate() {
            let later = &changes[place + 1..];
            let whole = reverted(&cx, done, later).unwrap();
            assert_eq!(whole.0, Reverted::Yes, "{} of {}", done.change.kind, done.change.subject);
            for (what, change) in spoilt(&done.change) {
                match reverted(&cx, &Done { change, ..done.clone() }, later) {
                    Err(failure) => {
                        assert_eq!(failure.code(), "run.unreadable", "{what}");
                        refused += 1;
                    }
                    Ok((Reverted::No(why), _)) => {
                        assert_eq!(why, Error::WithoutIds.to_string(), "{what}");
                        refused += 1;
                    }
                    found => assert_eq!(found.unwrap(), whole, "{what}"),
                }
            }
        }
    }
    assert!(refused > 100, "{refused}");
}

#[test]
fn a_subject_whose_revision_does_not_read_is_not_changed() {
    let mut change = Change::of(run::Action::Delete, "thing", ("it".to_owned(), 1), Default::default());
    let found = |change: &Change| {
        change.unchanged("thing", |_| Ok(Some(3)), |revision| *revision).map_err(|failure| failure.code())
    };
    assert_eq!(found(&change), Err("run.without_ids"));
    for (revision, expected) in [
        (json!(3), Ok(3)),
        (json!(4), Err("run.changed")),
        (json!("3"), Err("run.unreadable")),
        (Value::Null, Err("run.unreadable")),
    ] {
        change.ids.before.insert("revision".to_owned(), revision);
        assert_eq!(found(&change), expected);
    }
}
