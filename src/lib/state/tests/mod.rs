//! Whatever is changed past secboard is found, and what secboard changes is all in the audit.

mod columns;

use super::store::{CHANGES_OF_THINGS, FACTOR, KINDS, UNCHANGED_UNTIL};
use crate::audit::{self, Proof, State, Tally};
use crate::catalog::Permission;
use crate::context::Context;
use crate::org::unit::{self, UnitKind};
use crate::photo::check_photo;
use crate::store::Store;
use crate::store::Tx;
use crate::user::avatar::{self, PhotoChange};
use crate::user::{Facts, bulk, create, edit};
use crate::{company, group, operator, permission, role, setting};

/// A store with one of everything, each with all that there is to it.
pub(super) fn site() -> Context {
    let cx = Context::for_tests();
    for name in ["Acme", "Globex"] {
        let new = company::New { name: name.to_owned(), note: Some("a note".to_owned()), slug: None };
        company::create(&cx, &new, false).unwrap();
    }
    let [top, below] = ["Board", "Sales"].map(|name| {
        let department = (name == "Sales").then(|| "Board".to_owned());
        let draft = unit::Draft {
            name: name.to_owned(),
            company: "Acme".to_owned(),
            place: unit::UnitParent { department, parent_position: None },
            color: Some("#102030".to_owned()),
            note: Some("a note".to_owned()),
        };
        unit::create(&cx, UnitKind::Department, &draft, false).unwrap();
        name
    });
    for (name, department, parent) in
        [("Head", top, None), ("Seller", below, None), ("Trainee", below, Some("Seller"))]
    {
        let place = unit::UnitParent {
            department: Some(department.to_owned()),
            parent_position: parent.map(str::to_owned),
        };
        let draft = unit::Draft {
            name: name.to_owned(),
            company: "Acme".to_owned(),
            place,
            color: None,
            note: Some("a note".to_owned()),
        };
        unit::create(&cx, UnitKind::Position, &draft, false).unwrap();
    }
    group::create(&cx, &group::New { name: "Readers".to_owned(), ..Default::default() }, None, false)
        .unwrap();
    let new = group::New {
        name: "Writers".to_owned(),
        description: Some("they write".to_owned()),
        ..Default::default()
    };
    group::create(&cx, &new, Some("Acme"), false).unwrap();
    let order = group::GrantSpec { patterns: vec!["risk.view_report".to_owned()], ..Default::default() };
    let readers = group::Selector { name: "Readers".to_owned(), company: None };
    group::grant(&cx, &readers, &order).unwrap();
    group::grant(
        &cx,
        &readers,
        &group::GrantSpec {
            patterns: vec!["risk.edit_report".to_owned()],
            companies: vec!["Acme".to_owned()],
            ..Default::default()
        },
    )
    .unwrap();
    let new = role::New {
        name: "Auditor".to_owned(),
        companies: vec!["Acme".to_owned()],
        groups: vec!["Writers@Acme".to_owned()],
        modules: vec!["risk".to_owned()],
        color: Some("#102030".to_owned()),
        ..Default::default()
    };
    role::create(&cx, &new, false).unwrap();
    let change = role::dashboard::Change { widgets: vec!["top_risks".to_owned()], ..Default::default() };
    role::dashboard::change(&cx, "auditor", &change).unwrap();
    let facts = Facts {
        first_name: Some("Ann".to_owned()),
        last_name: Some("Lee".to_owned()),
        company: Some("Acme".to_owned()),
        department: Some("Sales".to_owned()),
        position: Some("Trainee".to_owned()),
        phone: Some("+380671234567".to_owned()),
        roles: vec!["auditor".to_owned()],
        groups: vec!["Readers".to_owned()],
        ..Facts::new("ann@acme.example".to_owned())
    };
    create::create(&cx, facts, None, false).unwrap();
    create::create(
        &cx,
        Facts { superuser: true, staff: true, ..Facts::new("root@acme.example".to_owned()) },
        None,
        false,
    )
    .unwrap();
    avatar::set(&cx, "1", &check_photo(&picture(200)).unwrap()).unwrap();
    operator::set(&cx, "4242", "root@acme.example", None).unwrap();
    setting::set(&cx, "user.bin_days", "31").unwrap();
    cx
}

/// A square picture.
fn picture(side: u32) -> Vec<u8> {
    let mut picture = std::io::Cursor::new(Vec::new());
    image::RgbImage::new(side, side).write_to(&mut picture, image::ImageFormat::Png).unwrap();
    picture.into_inner()
}

fn state(cx: &Context) -> State {
    let verdict = audit::verify(cx, Proof { state: Some(super::TABLES), ..Proof::default() }).unwrap();
    assert_eq!(verdict.broken, None);
    verdict.state.unwrap()
}

fn sql(cx: &Context, sql: &str) {
    cx.write(|tx: &Tx<'_>| Ok(tx.sql().execute_batch(sql)?)).unwrap();
}

#[test]
fn a3_the_audit_tells_of_everything_there_is() {
    let cx = site();
    let state = state(&cx);
    assert_eq!(state.first, []);
    assert_eq!((state.differences, state.subjects), (0, 14));
}

#[test]
fn a3_whatever_is_changed_past_secboard_is_found() {
    let changes = [
        ("UPDATE users SET superuser = 1 WHERE id = 1", "users", "superuser"),
        ("UPDATE users SET staff = 1 WHERE id = 1", "users", "staff"),
        ("UPDATE users SET active = 0 WHERE id = 1", "users", "active"),
        ("UPDATE users SET email = 'x@acme.example' WHERE id = 1", "users", "email"),
        ("UPDATE users SET email_folded = 'x@acme.example' WHERE id = 1", "users", "email_folded"),
        ("UPDATE users SET first_name = 'Eve' WHERE id = 1", "users", "first_name"),
        ("UPDATE users SET last_name = 'Eve' WHERE id = 1", "users", "last_name"),
        ("UPDATE users SET phone = NULL WHERE id = 1", "users", "phone"),
        ("UPDATE users SET position_id = NULL, department_id = NULL, company_id = 2 WHERE id = 1", "users", "company_id"),
        ("UPDATE users SET department_id = 1 WHERE id = 1", "users", "department_id"),
        ("UPDATE users SET position_id = 2 WHERE id = 1", "users", "position_id"),
        ("UPDATE users SET start_date = '2026-01-01' WHERE id = 1", "users", "start_date"),
        ("UPDATE users SET end_date = '2030-01-01' WHERE id = 1", "users", "end_date"),
        ("UPDATE users SET profile_completed = 1 WHERE id = 1", "users", "profile_completed"),
        ("UPDATE users SET two_factor_required = 1 WHERE id = 1", "users", "two_factor_required"),
        ("UPDATE users SET must_change_password = 1 WHERE id = 1", "users", "must_change_password"),
        ("UPDATE users SET color = '#ffffff' WHERE id = 1", "users", "color"),
        ("UPDATE users SET language = 'uk' WHERE id = 1", "users", "language"),
        ("UPDATE users SET deleted_at = 1 WHERE id = 1", "users", "being in the bin"),
        ("UPDATE users SET password_hash = 'x' WHERE id = 1", "users", "having a password"),
        ("UPDATE users SET origin = 'directory' WHERE id = 1", "users", "origin"),
        ("UPDATE users SET revision = 1 WHERE id = 1", "users", "revision"),
        ("UPDATE users SET revision = 99 WHERE id = 1", "users", "revision"),
        ("UPDATE users SET created_at = created_at - 61000000 WHERE id = 1", "users", "created_at"),
        ("UPDATE users SET updated_at = updated_at + 61000000 WHERE id = 1", "users", "updated_at"),
        ("UPDATE users SET password_changed_at = 1 WHERE id = 1", "users", "password_changed_at"),
        ("UPDATE sqlite_sequence SET seq = 1 WHERE name = 'users'", "sqlite_sequence", "seq"),
        ("UPDATE sqlite_sequence SET seq = 1 WHERE name = 'companies'", "sqlite_sequence", "seq"),
        ("DELETE FROM sqlite_sequence", "sqlite_sequence", "seq"),
        ("DELETE FROM users WHERE id = 1", "users", "it"),
        (
            "INSERT INTO users (email, email_folded, active, superuser, sort_name, search, revision, created_at, updated_at)
             VALUES ('eve@x', 'eve@x', 1, 1, 'e', 'e', 1, 0, 0)",
            "users",
            "it",
        ),
        ("INSERT INTO user_roles VALUES (2, 1, 1, 0)", "user_roles", "it"),
        ("DELETE FROM user_roles", "user_roles", "it"),
        ("UPDATE user_roles SET apply_groups = 0", "user_roles", "it"),
        ("INSERT INTO memberships VALUES (2, 1, 'manual', 0)", "memberships", "it"),
        ("INSERT INTO memberships VALUES (2, 1, 'directory:x', 0)", "memberships", "it"),
        ("DELETE FROM memberships", "memberships", "it"),
        ("DELETE FROM photos", "photos", "it"),
        ("INSERT INTO photos VALUES (2, 'image/png', 1, 1, x'00', 0, 0)", "photos", "it"),
        ("UPDATE photos SET image = zeroblob(length(image))", "photos", "the picture"),
        ("UPDATE companies SET name = 'Evil', name_folded = 'evil' WHERE id = 1", "companies", "name"),
        ("UPDATE companies SET name_folded = 'evil' WHERE id = 1", "companies", "name_folded"),
        ("UPDATE companies SET slug = 'evil' WHERE id = 1", "companies", "slug"),
        ("UPDATE companies SET note = NULL WHERE id = 1", "companies", "note"),
        ("UPDATE companies SET revision = 2 WHERE id = 1", "companies", "revision"),
        ("UPDATE departments SET parent_department_id = NULL WHERE id = 2", "departments", "parent"),
        ("UPDATE departments SET name = 'X' WHERE id = 2", "departments", "name"),
        ("UPDATE positions SET department_id = 1 WHERE id = 2", "positions", "department"),
        ("UPDATE positions SET parent_position_id = 1 WHERE id = 3", "positions", "parent_position"),
        ("UPDATE groups SET assignable = 1 WHERE id = 1", "groups", "assignable"),
        ("UPDATE groups SET company_id = NULL WHERE id = 2", "groups", "company"),
        ("INSERT INTO grants VALUES (1, 'users.edit', NULL, 0)", "grants", "it"),
        ("DELETE FROM grants WHERE company_id IS NULL", "grants", "it"),
        ("UPDATE grants SET company_id = 2 WHERE company_id = 1", "grants", "it"),
        ("UPDATE roles SET active = 0", "roles", "active"),
        ("UPDATE roles SET dashboard = NULL", "roles", "dashboard"),
        ("DELETE FROM role_companies", "roles", "companies"),
        ("INSERT INTO role_groups VALUES (1, 1)", "roles", "groups"),
        ("DELETE FROM role_modules", "roles", "modules"),
        ("UPDATE operators SET user_id = 1", "operators", "user_id"),
        ("UPDATE operators SET shell_user = 'eve'", "operators", "shell_user"),
        ("INSERT INTO operators VALUES (7, 'eve', 2, 1, 0, 0)", "operators", "it"),
        ("DELETE FROM operators", "operators", "it"),
        ("UPDATE settings SET value = '3'", "settings", "value"),
        ("DELETE FROM settings", "settings", "value"),
        ("INSERT INTO settings VALUES ('site.name', 'Evil', 0, 0)", "settings", "value"),
    ];
    let cx = site();
    for (change, table, field) in changes {
        let found = cx.store.rehearse(|tx| {
            tx.sql().execute_batch(change)?;
            let mut tally = Tally::default();
            let runs = (super::TABLES.runs)(tx, &mut tally)?;
            Ok((super::TABLES.subjects)(&cx, tx, &mut tally)?.with(runs))
        });
        let found = found.unwrap();
        let is_named = found.first.iter().any(|one| (one.table, one.field.as_str()) == (table, field));
        assert!(is_named && found.differences > 0, "{change}: {:?}", found.first);
    }
}

/// Makes an index again with the rows alone that its definition has with `part` in the place of `whole`, and leaves no sign of
/// that in the schema.
fn thin_out(cx: &Context, index: &str, (whole, part): (&str, &str)) {
    let rewrite = |from: &str, to: &str| {
        format!(
            "PRAGMA writable_schema = ON;
            UPDATE sqlite_schema SET sql = replace(sql, '{from}', '{to}') WHERE name = '{index}';
            PRAGMA writable_schema = RESET;"
        )
    };
    cx.write(|tx| {
        tx.sql().set_db_config(rusqlite::config::DbConfig::SQLITE_DBCONFIG_DEFENSIVE, false)?;
        tx.sql().execute_batch(&rewrite(whole, part))?;
        tx.sql().execute_batch(&format!("REINDEX {index}"))?;
        Ok(tx.sql().execute_batch(&rewrite(part, whole))?)
    })
    .unwrap();
}

/// Whoever is left out of an index stands in no list. The tables are as the audit tells all the same, and no index is asked
/// what they hold.
#[test]
fn a3_somebody_whom_an_index_leaves_out_is_found_in_the_file() {
    let cx = site();
    thin_out(&cx, "users_by_name", ("WHERE deleted_at IS NULL", "WHERE deleted_at IS NULL AND id < 0"));
    thin_out(
        &cx,
        "grants_by_permission",
        ("(permission, group_id, company_id)", "(permission, group_id, company_id) WHERE 0"),
    );
    let prove =
        |file| audit::verify(&cx, Proof { state: Some(super::TABLES), file, ..Proof::default() }).unwrap();
    let state = prove(false);
    assert!(state.is_good(), "{state:?}");
    let file = prove(true);
    assert!(!file.is_good());
    for index in ["users_by_name", "grants_by_permission"] {
        assert!(file.damages.iter().any(|damage| damage.contains(index)), "{:?}", file.damages);
    }
}

/// State is worked forward by an index of the audit, and the chain by none.
#[test]
fn a3_a_change_that_the_index_of_the_audit_leaves_out_is_found() {
    let revision = |cx: &Context| {
        cx.read(|tx| {
            Ok(tx.sql().query_row("SELECT revision FROM users WHERE id = 1", [], |row| row.get(0))?)
        })
    };
    let cx = site();
    let before: i64 = revision(&cx).unwrap();
    edit::edit(&cx, "ann@acme.example", &PhotoChange::Keep, |facts| {
        facts.active = false;
        Ok(())
    })
    .unwrap();
    let after: i64 = revision(&cx).unwrap();
    let part = format!("(kind, subject_id) WHERE seq <> {after}");
    thin_out(&cx, "audit_by_subject", ("(kind, subject_id)", &part));
    sql(&cx, &format!("UPDATE users SET active = 1, revision = {before} WHERE id = 1"));
    let verdict = audit::verify(&cx, Proof { state: Some(super::TABLES), ..Proof::default() }).unwrap();
    assert_eq!(verdict.damages, ["the index `audit_by_subject` has other rows than the audit"]);
    assert!(!verdict.is_good());
}

#[test]
fn a3_no_index_but_that_of_the_audit_is_asked_what_the_tables_hold() {
    let cx = Context::for_tests();
    cx.read(|tx| {
        for sql in super::store::STATEMENTS {
            let mut plan = tx.sql().prepare(&format!("EXPLAIN QUERY PLAN {sql}"))?;
            let values = vec![1; plan.parameter_count()];
            let steps = plan.query_map(rusqlite::params_from_iter(values), |row| row.get::<_, String>(3))?;
            for step in steps {
                let step = step?;
                let is_table = !step.contains("INDEX") || step.contains("INDEX audit_by_subject");
                assert!(is_table, "{step}: {sql}");
            }
        }
        Ok(())
    })
    .unwrap();
}

#[test]
fn a3_no_difference_tells_a_secret() {
    let cx = site();
    sql(&cx, "UPDATE users SET password_hash = 'a secret' WHERE id = 1");
    let told: Vec<String> = state(&cx).first.iter().map(super::Difference::sentence).collect();
    assert_eq!(told, ["row 1 of `users`: having a password is 1, and by the audit 0"]);
}

#[test]
fn a3_only_the_first_differences_are_named_and_all_are_counted() {
    let cx = site();
    sql(
        &cx,
        "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 100)
         INSERT INTO grants SELECT 1, 'x.' || i, NULL, 0 FROM n",
    );
    let state = state(&cx);
    assert_eq!((state.differences, state.first.len()), (100, 20));
}

#[test]
fn a3_names_are_those_of_the_time_of_the_row() {
    let cx = site();
    let rename = |name: &str, to: &str| {
        let slug = Some(to.to_lowercase());
        let edit = company::Edit { name: Some(to.to_owned()), slug, ..Default::default() };
        company::edit(&cx, name, &edit).unwrap();
    };
    rename("Acme", "Initech");
    rename("Globex", "Acme");
    let facts = Facts {
        first_name: Some("Bob".to_owned()),
        last_name: Some("Ray".to_owned()),
        company: Some("Acme".to_owned()),
        ..Facts::new("bob@x.example".to_owned())
    };
    create::create(&cx, facts, None, false).unwrap();
    assert_eq!(state(&cx).first, []);
    sql(&cx, "UPDATE users SET company_id = 1 WHERE id = 3");
    assert_eq!(state(&cx).first.len(), 1);
}

#[test]
fn a3_who_is_in_the_bin_loses_places_by_the_audit_too() {
    let cx = site();
    bulk::apply_one(&cx, "ann@acme.example", &bulk::Verb::Delete).unwrap();
    let which = |name: &str| unit::Selector { name: name.to_owned(), ..Default::default() };
    // The seller's place moves out from under Sales, and so does the trainee's below it.
    let to = unit::Edit {
        place: Some(unit::UnitParent { department: Some("Board".to_owned()), parent_position: None }),
        ..Default::default()
    };
    crate::org::tests::edit(&cx, UnitKind::Position, &which("Seller"), &to).unwrap();
    assert_eq!(state(&cx).first, []);
    for name in ["Trainee", "Seller"] {
        crate::org::tests::delete(&cx, UnitKind::Position, &which(name)).unwrap();
    }
    crate::org::tests::delete(&cx, UnitKind::Department, &which("Sales")).unwrap();
    assert_eq!(state(&cx).first, []);
    edit::edit(&cx, "root@acme.example", &PhotoChange::Keep, |facts| {
        facts.email = "boss@acme.example".to_owned();
        Ok(())
    })
    .unwrap();
    assert_eq!(state(&cx).first, []);
    let permission = Permission::parse("risk.view_report").unwrap();
    assert!(permission::check(&cx, "2", permission, permission::Asked::default()).unwrap());
}

/// The number of the row that was written last.
pub(super) fn last_row(cx: &Context) -> i64 {
    cx.read(|tx| Ok(tx.sql().query_row("SELECT max(seq) FROM audit", [], |row| row.get(0))?)).unwrap()
}

#[test]
fn every_statement_fits_the_schema() {
    Store::assert_prepares(&[super::store::STATEMENTS]);
}

/// What one walk counts and the other does not would be told as damage of an index.
#[test]
fn both_walks_go_by_the_same_kinds() {
    for statement in [CHANGES_OF_THINGS, UNCHANGED_UNTIL] {
        let (_, kinds) = statement.split_once("kind IN (").unwrap();
        let (kinds, _) = kinds.split_once(')').unwrap();
        let kinds: Vec<&str> = kinds.split(',').map(|kind| kind.trim().trim_matches('\'')).collect();
        assert_eq!([&kinds[..], &[FACTOR]].concat(), KINDS);
    }
}
