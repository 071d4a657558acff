//! What of a person stands in the store, and in which indexes.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use serde_json::json;

use super::{acme, add, emails, person};
use crate::audit::{self, Fields};
use crate::context::{Clock, Context};
use crate::run::{self, Target as _};
use crate::store::Tx;
use crate::text::date::Day;
use crate::text::guid::Guid;
use crate::text::instant::Instant;
use crate::text::secret::Secret;
use crate::throttle;
use crate::user::avatar::PhotoChange;
use crate::user::bulk::{Verb, apply_one};
use crate::user::filter::{self, Filter};
use crate::user::password::{self, MustChange};
use crate::user::save::ASSIGNMENTS;
use crate::user::target::{LIST_INDEXES, UserTarget};
use crate::user::{Facts, KIND, User, bin, edit, store};

#[test]
fn every_statement_fits_the_schema() {
    let cx = Context::for_tests();
    cx.read(|tx| {
        for sql in [store::STATEMENTS, filter::STATEMENTS, filter::OF_SEARCHES].concat() {
            tx.sql().prepare(sql)?;
            tx.assert_no_walk_of_memberships(sql);
        }
        Ok(())
    })
    .unwrap();
}

/// A change names facts, so each has to be known where changes are written; what people hold stands in rows of its own.
#[test]
fn every_fact_alone_can_be_changed() {
    let cx = Context::for_tests();
    let facts = Facts::new("ann@acme.example".to_owned()).to_fields();
    for name in facts.keys().filter(|name| !ASSIGNMENTS.contains(&name.as_str())) {
        let changed = Fields::from_iter([(name.clone(), serde_json::Value::Null)]);
        let sql = store::update_of(&changed);
        assert!(sql.matches(" = :").count() > 3, "`{name}` is written nowhere: {sql}");
        cx.read(|tx| {
            tx.sql().prepare(&sql)?;
            Ok(())
        })
        .unwrap();
    }
}

/// What is told of somebody new are the facts that are set, and they are made again from it.
#[test]
fn somebody_new_is_told_of_by_every_fact_that_is_set() {
    let bare = Facts::new("ann@acme.example".to_owned());
    let text = |text: &str| Some(text.to_owned());
    let full = Facts {
        first_name: text("Ann"),
        last_name: text("Lee"),
        phone: text("+380441234567"),
        company: text("Acme"),
        department: text("Board"),
        position: text("Head"),
        active: false,
        start_date: Some(Day::parse("2026-01-31").unwrap()),
        end_date: Some(Day::parse("2030-02-28").unwrap()),
        staff: true,
        superuser: true,
        profile_completed: true,
        two_factor_required: true,
        must_change_password: true,
        color: text("#102030"),
        language: text("uk"),
        roles: vec!["auditor".to_owned(), "guest".to_owned()],
        roles_without_groups: vec!["guest".to_owned()],
        groups: vec!["Readers".to_owned()],
        deleted: true,
        directory: Some(1),
        directory_guid: Guid::of_bytes(&[7; 16]),
        directory_disabled: true,
        directory_expires_at: Some(Instant::from_micros(1_800_000_000_000_000)),
        directory_missing_since: Some(Instant::from_micros(1_700_000_000_000_001)),
        directory_groups: vec!["Desk".to_owned()],
        ..bare.clone()
    };
    for facts in [&bare, &full] {
        assert_eq!(facts.to_fields(), *serde_json::to_value(facts).unwrap().as_object().unwrap());
        let told = facts.as_created();
        assert_eq!(Facts::created("", &told).unwrap(), *facts);
        let set = facts.to_fields().into_iter().filter(|(name, value)| {
            name == "active" || ![json!(null), json!(false), json!([])].contains(value)
        });
        assert_eq!(told, set.collect::<Fields>());
        assert!(
            told.keys().eq(facts.to_fields().keys().filter(|name| told.contains_key(*name))),
            "in their order"
        );
    }
    assert_eq!(full.as_created().len(), full.to_fields().len(), "each of them is set here");
    assert_eq!(Facts::created("ann@acme.example", &Fields::new()).unwrap(), bare);
}

#[test]
fn a_change_writes_only_the_indexes_over_what_changed() {
    let color = Fields::from_iter([("color".to_owned(), "#ffcc00".into())]);
    let sql = store::update_of(&color);
    assert_eq!(
        sql,
        "UPDATE users SET color = :color, revision = :revision, updated_at = :now WHERE id = :id"
    );
}

/// Which indexes of lists there are.
fn list_indexes(cx: &Context) -> usize {
    let sql = "SELECT count(*) FROM sqlite_schema WHERE type = 'index' AND name = ?1";
    let is_there = |name: &&str| {
        cx.read(|tx| Ok(tx.sql().query_row(sql, [*name], |row| row.get::<_, i64>(0))?)).unwrap() == 1
    };
    LIST_INDEXES.iter().filter(|name| is_there(name)).count()
}

#[test]
fn very_many_new_people_are_sorted_into_lists_at_the_end() {
    let cx = acme();
    add(&cx, person("zoe@acme.example", "Zoe", "Zeta"));
    let mut people = UserTarget::default();
    let mut begin = |create| {
        let new = run::UserCounts { create, ..Default::default() };
        let coming = run::Coming { run: None, people: &new, meant: None, is_undo: false };
        cx.write(|tx| people.begin(&cx, tx, &coming)).unwrap();
    };
    begin(9_999);
    assert_eq!(list_indexes(&cx), LIST_INDEXES.len(), "few stay in the indexes as they come");
    begin(10_000);
    assert_eq!(list_indexes(&cx), 0);
    add(&cx, person("ann@acme.example", "Ann", "Alpha"));
    cx.write(|tx| people.finish(&cx, tx)).unwrap();
    assert_eq!(list_indexes(&cx), LIST_INDEXES.len());
    assert_eq!(emails(&cx, &Filter::default()), ["ann@acme.example", "zoe@acme.example"]);
    assert_eq!(cx.read(|tx| Ok(tx.damages(20)?)).unwrap(), Vec::<String>::new());
}

#[test]
fn very_many_who_are_hardly_missed_leave_lists_at_once() {
    let cx = acme();
    add(&cx, person("zoe@acme.example", "Zoe", "Zeta"));
    let mut people = UserTarget::default();
    let mut begin = |delete, is_undo| {
        let gone = run::UserCounts { delete, ..Default::default() };
        cx.write(|tx| people.begin(&cx, tx, &run::Coming { run: None, people: &gone, meant: None, is_undo }))
            .unwrap();
    };
    begin(9_999, true);
    assert_eq!(list_indexes(&cx), LIST_INDEXES.len(), "few leave the indexes as they go");
    begin(10_000, false);
    assert_eq!(list_indexes(&cx), LIST_INDEXES.len(), "whoever goes to the bin is there still");
    begin(10_000, true);
    assert_eq!(list_indexes(&cx), 0);
    cx.write(|tx| people.finish(&cx, tx)).unwrap();
    assert_eq!(list_indexes(&cx), LIST_INDEXES.len());
    assert_eq!(emails(&cx, &Filter::default()), ["zoe@acme.example"]);
    assert_eq!(cx.read(|tx| Ok(tx.damages(20)?)).unwrap(), Vec::<String>::new());
}

#[test]
fn the_search_index_follows_every_change() {
    let cx = acme();
    let user = add(&cx, person("ann@acme.example", "Ann", "Lee"));
    edit::edit(&cx, "ann@acme.example", &PhotoChange::Keep, |facts| {
        facts.last_name = Some("Шевченко".into());
        Ok(())
    })
    .unwrap();
    // What FTS5 itself says of the index against the table it serves.
    let check = "INSERT INTO users_search (users_search, rank) VALUES ('integrity-check', 1)";
    cx.write(|tx| Ok(tx.sql().execute(check, [])?)).unwrap();
    cx.write(|tx| store::erase(tx, user.id)).unwrap();
    cx.write(|tx| Ok(tx.sql().execute(check, [])?)).unwrap();
}

/// What of a person does not read is an error with its place, and never what there is by default: another origin would
/// open an account that a directory closed.
#[test]
fn a_damaged_person_is_an_error_and_no_other_person() {
    let cx = acme();
    let id = add(&cx, person("ann@acme.example", "Ann", "Lee")).id;
    for (column, value) in [("origin", "elsewhere"), ("start_date", "2026-02-31"), ("end_date", "2026-13-01")]
    {
        let failure = cx
            .read(|tx| {
                tx.sql().pragma_update(None, "ignore_check_constraints", true)?;
                tx.sql().execute(&format!("UPDATE users SET {column} = '{value}' WHERE id = {id}"), [])?;
                crate::user::get_in(&cx, tx, "ann@acme.example", "users.view")
            })
            .unwrap_err();
        assert_eq!(failure.code(), "store.undecodable");
        let place = format!("the column `{column}` of `users`, row {id}, does not read: `{value}`");
        assert!(failure.to_string().contains(&place), "{failure}");
    }
}

#[test]
fn a_change_of_somebody_who_is_not_there_is_not_told_as_done() {
    let cx = acme();
    let now = cx.now();
    for change in [
        |tx: &Tx<'_>, now| store::stamp(tx, 404, 1, now),
        |tx: &Tx<'_>, now| store::set_password(tx, 404, "x", false, 1, now),
        |tx: &Tx<'_>, _| store::set_imported_hash(tx, 404, "x"),
    ] {
        assert_eq!(cx.write(|tx| change(tx, now)).unwrap_err().code(), "store.astray");
    }
}

/// A clock that is a microsecond later whenever it is looked at, as a machine's is.
struct Ticking(AtomicI64);

impl Clock for Ticking {
    fn now(&self) -> Instant {
        Instant::from_micros(self.0.fetch_add(1, Ordering::SeqCst) + 1)
    }
}

/// However often the clock is read on the way: person and audit tell the same time of a change.
#[test]
fn a_change_has_one_time() {
    const ANN: &str = "ann@acme.example";
    let mut cx = acme();
    cx.clock = Arc::new(Ticking(AtomicI64::new(cx.now().micros())));
    let id = add(&cx, person(ANN, "Ann", "Lee")).id;
    let changed = |cx: &Context, changes: usize| -> User {
        let read = |tx: &Tx<'_>| Ok((store::by_id(tx, id)?.unwrap(), audit::changes_of(tx, KIND, id)?));
        let (user, rows) = cx.read(|tx| read(tx)).unwrap();
        assert_eq!((rows.len(), user.revision), (changes, rows[0].seq));
        assert_eq!(user.updated_at, rows[0].at, "{}", rows[0].action);
        assert_eq!(user.created_at, rows[changes - 1].at);
        user
    };
    changed(&cx, 1);
    edit::edit(&cx, ANN, &PhotoChange::Keep, |facts| {
        facts.staff = true;
        Ok(())
    })
    .unwrap();
    changed(&cx, 2);
    password::set(&cx, ANN, &Secret::new("correct horse battery".to_owned()), MustChange::AsBefore).unwrap();
    let user = changed(&cx, 3);
    assert_eq!(user.password_changed_at, Some(user.updated_at));
    cx.write(|tx| throttle::hold(&cx, tx, id, Instant::from_micros(i64::MAX / 2))).unwrap();
    bin::unlock(&cx, &[ANN.to_owned()]).unwrap();
    changed(&cx, 4);
    apply_one(&cx, ANN, &Verb::Delete).unwrap();
    let user = changed(&cx, 5);
    assert_eq!(user.deleted_at, Some(user.updated_at));
    bin::restore(&cx, ANN, bin::RestoreOptions::default()).unwrap();
    changed(&cx, 6);
}
