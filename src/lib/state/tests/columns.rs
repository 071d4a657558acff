//! Every column of every table is proved by the audit, or is excepted by name.

use super::{picture, site, sql, state};
use crate::audit::{Difference, Tally};
use crate::context::{Actor, Context};
use crate::directory::connection;
use crate::mail::{account, route, server};
use crate::photo::check_photo;
use crate::registry::engine;
use crate::run::{self, Ask, Spec};
use crate::state::TABLES;
use crate::text::guid::Guid;
use crate::text::instant::Instant;
use crate::user::directory::Follower;
use crate::user::{Facts, avatar, bin, bulk, create};
use crate::{group, operator, role, setting, two_factor, user};

/// What the audit does not tell, as `docs/SECURITY.md` names it.
const EXCEPTED: [&str; 45] = [
    "alerts",
    "audit_keys.created_at",
    "backup_codes.created_at",
    "backup_codes.hash",
    "backup_codes.id",
    "contact_messages",
    "control_words",
    "directory_absences",
    "directory_connections.password_sealed",
    "directory_cursors",
    "directory_quarantine",
    "directory_syncs",
    "directory_tries",
    "end_reminders",
    "invitations",
    "login_rows",
    "mail_accounts.dkim_key_sealed",
    "mail_accounts.password_sealed",
    "mail_attempts",
    "mail_given",
    "mail_rests",
    "mail_sizes",
    "mails",
    "run_changes.sealed",
    "run_changes.undo_refused",
    "runs.created_at",
    "runs.summary",
    "runs.updated_at",
    "sessions",
    "site_sessions",
    "site_tickets",
    "store_info.name",
    "store_info.value",
    "throttle_counters",
    "tokens",
    "two_factor_enrolments",
    "two_factor_steps",
    "two_factors.secret_sealed",
    "users.directory_seen_at",
    "users.disowned_at",
    "users.last_login_at",
    "users.password_hash",
    "users.search",
    "users.sort_name",
    "users_search",
];

/// What the chain of hashes proves.
const BY_CHAIN: [&str; 2] = ["audit", "audit_keys"];

/// Ann sets a second factor up; her backup codes.
fn enrol_ann(cx: &mut Context) -> Vec<String> {
    let mut ann = user::get(cx, "ann@acme.example").unwrap();
    if ann.password_hash.is_none() {
        ann = user::password::set_for_tests(cx, "ann@acme.example", "correct horse battery").unwrap();
    }
    as_ann(cx, |cx| two_factor::tests::enrol(cx, &ann).1)
}

/// Does something that only Ann does.
fn as_ann<T>(cx: &mut Context, work: impl FnOnce(&Context) -> T) -> T {
    let actor = std::mem::replace(&mut cx.actor, Actor::oneself(1, "ann@acme.example"));
    let done = work(cx);
    cx.actor = actor;
    done
}

/// The store of [`site`], with what sends mails, a run, and people in the bin.
fn everything() -> Context {
    let mut cx = site();
    enrol_ann(&mut cx);
    for email in ["gone@acme.example", "left@acme.example"] {
        create::create(&cx, Facts::new(email.to_owned()), None, false).unwrap();
    }
    let who = bulk::Who::Named(["gone@acme.example", "left@acme.example"].map(str::to_owned).to_vec());
    let plan = bulk::plan(&cx, &mut engine(), &who, &bulk::Verb::Delete, |_, _| ()).unwrap();
    run::commit(&cx, &mut engine(), plan).unwrap();
    let server = server::Edit {
        host: Some("mail.acme.example".to_owned()),
        auth: Some(server::Auth::None),
        ..Default::default()
    };
    server::create(&cx, ("Out", false), server::ServerKind::Smtp, &server).unwrap();
    for name in ["First", "Second"] {
        let account = account::Edit {
            server: Some("Out".to_owned()),
            from: Some("board@acme.example".to_owned()),
            ..Default::default()
        };
        account::create(&cx, name, &account).unwrap();
    }
    let corp = connection::Edit {
        servers: vec!["ldaps://dc1.acme.example".to_owned()],
        bind_dn: Some("svc@acme.example".to_owned()),
        base_dn: Some("DC=acme,DC=example".to_owned()),
        ..Default::default()
    };
    let corp = connection::create(&cx, ("Corp", "Acme"), &corp).unwrap().id;
    follow(&cx, corp);
    route::set(&cx, (Some("notices"), Some("Acme")), ("First", Some("Second"))).unwrap();
    cx
}

/// Makes somebody of a directory, of whom all is said that one can.
fn follow(cx: &Context, connection: i64) {
    let facts = Facts {
        directory: Some(connection),
        directory_guid: Guid::of_bytes(&[7; 16]),
        directory_disabled: true,
        directory_expires_at: Some(cx.now()),
        directory_missing_since: Some(cx.now()),
        directory_groups: vec!["Readers".to_owned()],
        ..Facts::new("there@acme.example".to_owned())
    };
    let spec = Spec { kind: "directory.sync", source: "Corp", repeats: true, is_whole: false };
    let plan = run::plan(cx, &mut engine(), &spec, |tx, planner| {
        Follower::making_places().create(cx, tx, planner, facts)
    })
    .unwrap();
    run::commit(cx, &mut engine(), plan).unwrap();
}

/// Whoever changes any column past secboard is found, but for those that are said to be excepted.
#[test]
fn a3_every_column_is_proved_or_excepted_by_name() {
    let cx = everything();
    assert_eq!(state(&cx).first, []);
    let columns: Vec<(String, String, String)> = cx
        .read(|tx| {
            let mut columns = tx.sql().prepare(
                "SELECT t.name, c.name, c.type
                FROM sqlite_schema t JOIN pragma_table_info(t.name) c
                WHERE t.type = 'table' AND t.name NOT GLOB 'sqlite_*' AND t.name NOT GLOB 'users_search_*'
                    AND t.name <> 'users_trigrams'",
            )?;
            let columns = columns.query_map([], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?;
            Ok(columns.collect::<Result<_, _>>()?)
        })
        .unwrap();
    let mut excepted = Vec::new();
    for (table, column, kind) in &columns {
        let name = format!("{table}.{column}");
        let is_excepted = |of: &&&str| **of == name || **of == table.as_str();
        if let Some(of) = EXCEPTED.iter().find(is_excepted) {
            excepted.push(*of);
            continue;
        }
        if BY_CHAIN.contains(&table.as_str()) {
            continue;
        }
        let other = match kind.as_str() {
            // A switch the other way round, and a time two hours later.
            "INTEGER" => format!("iif({column} IN (0, 1), 1 - {column}, coalesce({column}, 0) + 7200000000)"),
            "TEXT" => format!("coalesce({column}, '') || 'x'"),
            _ => "x'00'".to_owned(),
        };
        let found = cx.store.rehearse(|tx| {
            tx.sql().execute_batch("PRAGMA ignore_check_constraints = ON; PRAGMA defer_foreign_keys = ON")?;
            let changed = tx.sql().execute(&format!("UPDATE {table} SET {column} = {other}"), [])?;
            tx.sql().execute_batch("PRAGMA ignore_check_constraints = OFF")?;
            assert!(changed > 0, "{name} is in no row");
            let mut tally = Tally::default();
            let runs = (TABLES.runs)(tx, &mut tally)?;
            Ok((TABLES.subjects)(&cx, tx, &mut tally)?.with(runs).differences)
        });
        assert!(found.is_err() || found.is_ok_and(|differences| differences > 0), "{name} is not proved");
    }
    excepted.dedup();
    excepted.sort_unstable();
    excepted.dedup();
    assert_eq!(excepted, EXCEPTED, "each is a column or table that there is");
    let security = include_str!("../../../../docs/SECURITY.md");
    for name in EXCEPTED {
        assert!(security.contains(&format!("`{name}`")), "docs/SECURITY.md does not name `{name}`");
    }
}

#[test]
fn a3_when_somebody_went_to_the_bin_is_proved() {
    let cx = everything();
    sql(&cx, "UPDATE users SET deleted_at = deleted_at - 86400000000 WHERE id = 3");
    let told: Vec<String> = state(&cx).first.iter().map(Difference::sentence).collect();
    assert_eq!(told.len(), 1);
    assert!(told[0].starts_with("row 3 of `users`: deleted_at is `"), "{told:?}");
}

/// What is changed, taken and given again, or put back by an undo, is as old as it says.
#[test]
fn a3_times_follow_what_is_done() {
    let mut cx = everything();
    let role = |apply: bool| {
        if apply {
            bulk::Verb::AddRole { role: "auditor".to_owned(), with_groups: true }
        } else {
            bulk::Verb::RemoveRole("auditor".to_owned())
        }
    };
    let member = |add: bool| {
        let group = "Readers".to_owned();
        if add { bulk::Verb::AddGroup(group) } else { bulk::Verb::RemoveGroup(group) }
    };
    let grants = |of: &str| group::GrantSpec { patterns: vec![of.to_owned()], ..Default::default() };
    let readers = group::Selector { name: "Readers".to_owned(), company: None };
    let of_ann = |cx: &Context, verb: &bulk::Verb| {
        bulk::apply_one(cx, "ann@acme.example", verb).unwrap();
    };
    let steps: [&dyn Fn(&Context); 16] = [
        &|cx| of_ann(cx, &bulk::Verb::ForcePasswordChange(true)),
        &|cx| of_ann(cx, &bulk::Verb::AddRole { role: "auditor".to_owned(), with_groups: false }),
        &|cx| of_ann(cx, &role(false)),
        &|cx| of_ann(cx, &role(true)),
        &|cx| of_ann(cx, &member(false)),
        &|cx| of_ann(cx, &member(true)),
        &|cx| {
            avatar::remove(cx, "1").unwrap();
        },
        &|cx| {
            avatar::set(cx, "1", &check_photo(&picture(220)).unwrap()).unwrap();
        },
        &|cx| {
            avatar::set(cx, "1", &check_photo(&picture(240)).unwrap()).unwrap();
        },
        &|cx| {
            group::revoke(cx, &mut engine(), &readers, &grants("risk.view_report"), &Ask::nothing(false))
                .unwrap();
        },
        &|cx| {
            group::grant(cx, &readers, &grants("risk.view_report")).unwrap();
        },
        &|cx| {
            setting::set(cx, "user.bin_days", "30").unwrap();
            setting::set(cx, "user.bin_days", "32").unwrap();
        },
        &|cx| {
            setting::set(cx, "user.bin_days", "33").unwrap();
        },
        &|cx| {
            operator::set(cx, "4242", "ann@acme.example", None).unwrap();
            operator::remove(cx, "4242").unwrap();
            operator::set(cx, "4242", "root@acme.example", None).unwrap();
        },
        &|cx| {
            let deleted = role::delete(cx, &mut engine(), "auditor", true, &Ask::nothing(false)).unwrap();
            run::undo(cx, &mut engine(), &deleted.committed.run.unwrap().id).unwrap();
        },
        &|cx| {
            let back = bin::restore(cx, "gone@acme.example", bin::RestoreOptions::default()).unwrap();
            bulk::apply_one(cx, &back.user.facts.email, &bulk::Verb::Delete).unwrap();
        },
    ];
    for (number, step) in steps.into_iter().enumerate() {
        cx.stop_clock(Instant::from_micros(cx.now().micros() + 86_400_000_000));
        step(&cx);
        assert_eq!(state(&cx).first, [], "step {number}");
    }
}

#[test]
fn a3_a_second_factor_that_is_taken_given_or_delayed_past_secboard_is_found() {
    let cx = everything();
    for (change, table, field) in [
        ("DELETE FROM two_factors", "two_factors", "it"),
        ("INSERT INTO two_factors VALUES (2, NULL, 0)", "two_factors", "it"),
        ("UPDATE two_factors SET enrolled_at = 1", "two_factors", "enrolled_at"),
        ("DELETE FROM backup_codes WHERE id = 1", "backup_codes", "how many are left"),
        ("UPDATE backup_codes SET used_at = 1 WHERE id = 1", "backup_codes", "how many are left"),
        (
            "INSERT INTO backup_codes (user_id, hash, created_at) VALUES (1, 'x', 0)",
            "backup_codes",
            "how many are left",
        ),
        ("UPDATE users SET two_factor_grace_until = 1 WHERE id = 2", "users", "two_factor_grace_until"),
    ] {
        let found = cx.store.rehearse(|tx| {
            tx.sql().execute_batch(change)?;
            (TABLES.subjects)(&cx, tx, &mut Tally::default())
        });
        let found = found.unwrap();
        let is_named = found.first.iter().any(|one| (one.table, one.field.as_str()) == (table, field));
        assert!(is_named, "{change}: {:?}", found.first);
    }
}

#[test]
fn a3_a_second_factor_follows_what_is_done() {
    let mut cx = site();
    let (ann, day) = ("ann@acme.example", 86_400_000_000);
    let require = |cx: &Context, on| {
        bulk::apply_one(cx, ann, &bulk::Verb::RequireSecondFactor(on)).unwrap();
    };
    let steps: [&dyn Fn(&mut Context); 9] = [
        &|cx| require(cx, true),
        &|cx| {
            let code = enrol_ann(cx).remove(0);
            as_ann(cx, |cx| two_factor::tests::use_code(cx, 1, &code));
        },
        &|cx| {
            let user = user::get(cx, ann).unwrap();
            as_ann(cx, |cx| two_factor::tests::make_codes(cx, &user));
        },
        &|cx| two_factor::tests::reset_factor_until(cx, ann, Some(10 * day)).unwrap(),
        &|cx| {
            enrol_ann(cx);
        },
        &|cx| two_factor::tests::reset_factor_until(cx, ann, Some(10 * day)).unwrap(),
        &|cx| require(cx, false),
        &|cx| require(cx, true),
        &|cx| {
            enrol_ann(cx);
            bulk::apply_one(cx, ann, &bulk::Verb::Delete).unwrap();
            bin::purge(cx, &[ann.to_owned()]).unwrap();
        },
    ];
    cx.reason = Some("phone lost".to_owned());
    for (number, step) in steps.into_iter().enumerate() {
        cx.stop_clock(Instant::from_micros(cx.now().micros() + day));
        step(&mut cx);
        assert_eq!(state(&cx).first, [], "step {number}");
    }
}
