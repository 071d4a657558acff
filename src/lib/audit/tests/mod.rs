mod foreign;
mod renewed;
mod tail;

use super::chain::Link;
use super::{Checkpoint, Entry, Event, Fields, Filter, MissedKey, Proof, add, change, list, note, verify};
use crate::context::{Account, Actor, Authority, Context, Service, Via};
use crate::crypto::hex::hex;
use crate::error::Result;
use crate::store::{Store, Tx};
use crate::text::instant::Instant;

/// A row without fields.
fn made(cx: &Context, tx: &Tx<'_>, company: &str) -> Result<i64> {
    note(cx, tx, Event::without_id("company.create", "company", company), &Fields::new())
}

fn three_rows() -> Context {
    let cx = Context::for_tests();
    for name in ["Acme", "Globex", "Initech"] {
        cx.write(|tx| made(&cx, tx, name)).unwrap();
    }
    cx
}

#[test]
fn a3_rows_are_numbered_from_one_and_the_chain_holds() {
    let cx = three_rows();
    let verdict = verify(&cx, Proof::default()).unwrap();
    assert_eq!((verdict.rows, verdict.broken), (3, None));
    let mut subjects = Vec::new();
    list(&cx, &Filter::default(), |row| {
        subjects.push(row.subject);
        Ok(())
    })
    .unwrap();
    assert_eq!(subjects, ["Initech", "Globex", "Acme"]);
}

#[test]
fn a3_the_audit_is_append_only() {
    let cx = three_rows();
    for sql in ["UPDATE audit SET actor = 'x' WHERE seq = 2", "DELETE FROM audit WHERE seq = 3"] {
        let failure = cx.write(|tx| Ok(tx.sql().execute(sql, [])?)).unwrap_err();
        assert!(failure.causes().iter().any(|cause| cause.contains("append-only")), "{sql}");
    }
}

/// Somebody with the file and SQLite, who takes the triggers away, and puts them back afterwards.
fn tamper(cx: &Context, sql: &str) {
    cx.write(|tx| {
        let mut statement = tx
            .sql()
            .prepare("SELECT name, sql FROM sqlite_schema WHERE type = 'trigger' AND tbl_name = 'audit'")?;
        let triggers: Vec<(String, String)> =
            statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?.collect::<Result<_, _>>()?;
        for (name, _) in &triggers {
            tx.sql().execute_batch(&format!("DROP TRIGGER {name}"))?;
        }
        tx.sql().execute_batch(sql)?;
        triggers.iter().try_for_each(|(_, sql)| Ok(tx.sql().execute_batch(sql)?))
    })
    .unwrap();
}

/// Writes a row as somebody does who knows how hashes are made, and not the key.
fn forge(cx: &Context, subject: &str, keyed: Option<[u8; 32]>) {
    cx.write(|tx| {
        let head = super::store::head(tx)?;
        let event = Event::without_id("company.create", "company", subject);
        let link = Link {
            seq: head.as_ref().map_or(1, |head| head.seq + 1),
            at: cx.now(),
            actor: "system",
            actor_id: None,
            shell_user: None,
            via: "cli",
            client: None,
            entry: Entry { event, before: None, after: None },
        };
        let hash = link.hash(head.as_ref().map(|head| &head.hash));
        tx.sql().execute(
            "INSERT INTO audit (seq, at, actor, via, action, kind, subject, hash, keyed)
             VALUES (?1, ?2, 'system', 'cli', 'company.create', 'company', ?3, ?4, ?5)",
            (link.seq, link.at.micros(), subject, hash, keyed),
        )?;
        Ok(())
    })
    .unwrap();
}

fn broken(cx: &Context) -> Option<(i64, String)> {
    verify(cx, Proof::default()).unwrap().broken
}

#[test]
fn rows_from_before_accounts_and_clients_keep_their_hash() {
    let link = |actor_id, client| Link {
        seq: 1,
        at: Instant::from_micros(0),
        actor: "system",
        actor_id,
        shell_user: None,
        via: "cli",
        client,
        entry: Entry {
            event: Event::without_id("company.create", "company", "Acme"),
            before: None,
            after: None,
        },
    };
    let old = hex(&link(None, None).hash(None));
    assert_eq!(old, "55cf43b6d51685b980a7d92360ad3352f2632275d3f72660c036f0ebbe0d783c");
    let hashes = [
        (None, None),
        (Some(1), None),
        (Some(2), None),
        (None, Some("")),
        (None, Some("a")),
        (Some(1), Some("a")),
    ]
    .map(|(id, client)| link(id, client).hash(None));
    assert_eq!(std::collections::BTreeSet::from(hashes).len(), 6, "each says something else");
}

#[test]
fn a3_who_has_only_the_store_cannot_forge_a_row() {
    let fits = |why: &str| why.contains("keyed hash");
    let forged: [fn(&Context); 5] = [
        |cx| forge(cx, "Evil", None),
        |cx| forge(cx, "Evil", Some([7; 32])),
        |cx| tamper(cx, "UPDATE audit SET keyed = zeroblob(32) WHERE seq = 2"),
        |cx| tamper(cx, "UPDATE audit SET keyed = NULL WHERE seq = 3"),
        |cx| tamper(cx, "DELETE FROM audit_keys"),
    ];
    for (number, forge) in forged.into_iter().enumerate() {
        let cx = three_rows();
        forge(&cx);
        let found = broken(&cx);
        assert!(found.as_ref().is_some_and(|(_, why)| fits(why)), "{number}: {found:?}");
        let plain = verify(&cx, Proof { missed_key: Some(MissedKey::Away), ..Proof::default() }).unwrap();
        assert_eq!(
            (plain.broken, plain.keyed_proved),
            (None, false),
            "{number}: the plain chain says no more"
        );
    }
}

#[test]
fn a3_a_chain_from_before_keyed_hashes_stays_good_and_says_where_they_begin() {
    let cx = Context::for_tests();
    forge(&cx, "Old", None);
    forge(&cx, "Older", None);
    cx.write(|tx| made(&cx, tx, "New")).unwrap();
    let verdict = verify(&cx, Proof::default()).unwrap();
    assert_eq!((verdict.rows, &verdict.broken, verdict.keyed_from), (3, &None, Some(3)));
    // Where they begin is sealed with the key, so that it cannot be moved to later.
    tamper(&cx, "UPDATE audit SET keyed = NULL");
    assert_eq!(broken(&cx).map(|(seq, _)| seq), Some(3));
    // Nor can the rows since be cut off and the count of rows set back.
    tamper(&cx, "DELETE FROM audit WHERE seq = 3; UPDATE sqlite_sequence SET seq = 2 WHERE name = 'audit'");
    assert_eq!(broken(&cx).map(|(seq, _)| seq), Some(3));
}

#[test]
fn a3_a_key_that_was_lost_and_made_anew_is_told_by_a_checkpoint() {
    let cx = three_rows();
    let checkpoint = super::checkpoint(&cx).unwrap().unwrap();
    assert!(checkpoint.keyed);
    tamper(&cx, "DELETE FROM audit_keys; UPDATE audit SET keyed = NULL");
    cx.write(|tx| made(&cx, tx, "Later")).unwrap();
    let verdict = verify(&cx, Proof::default()).unwrap();
    assert_eq!((verdict.broken, verdict.keyed_from), (None, Some(4)));
    let broken =
        verify(&cx, Proof { checkpoint: Some(&checkpoint), ..Proof::default() }).unwrap().broken.unwrap();
    assert_eq!(
        broken,
        (3, "the keyed hash that it had at the checkpoint is lost, or the key of it".to_owned())
    );
}

#[test]
fn a3_a_row_is_that_of_the_checkpoint_in_hash_and_time() {
    let cx = three_rows();
    let head = super::checkpoint(&cx).unwrap().unwrap();
    let earlier = Instant::from_micros(head.at.micros() - 1);
    for other in [
        Checkpoint { at: earlier, ..head.clone() },
        Checkpoint { seq: 2, ..head.clone() },
        Checkpoint { hash: [0; 32], ..head.clone() },
        Checkpoint { seq: 4, ..head.clone() },
    ] {
        assert!(
            verify(&cx, Proof { checkpoint: Some(&other), ..Proof::default() }).unwrap().broken.is_some(),
            "{other:?}"
        );
    }
    assert_eq!(verify(&cx, Proof { checkpoint: Some(&head), ..Proof::default() }).unwrap().broken, None);
}

#[test]
fn a3_tables_indexes_triggers_and_views_are_as_they_were_made() {
    for (sql, name) in [
        ("DROP TRIGGER audit_is_append_only_delete", "audit_is_append_only_delete"),
        (
            "DROP TRIGGER audit_is_append_only_update;
             CREATE TRIGGER audit_is_append_only_update BEFORE UPDATE ON audit BEGIN SELECT 1; END",
            "audit_is_append_only_update",
        ),
        ("CREATE TRIGGER x AFTER INSERT ON users BEGIN SELECT 1; END", "x"),
        (
            "DROP VIEW memberships_in_force;
             CREATE VIEW memberships_in_force (user_id, group_id, origin, role_id) AS SELECT 1, 2, 'manual', 3",
            "memberships_in_force",
        ),
        (
            "DROP INDEX users_by_email; CREATE INDEX users_by_email ON users (email_folded)
                WHERE deleted_at IS NULL",
            "users_by_email",
        ),
        ("DROP INDEX users_superuser", "users_superuser"),
        ("ALTER TABLE companies ADD COLUMN more TEXT", "companies"),
        ("CREATE TABLE more (id INTEGER)", "more"),
    ] {
        let cx = three_rows();
        assert!(verify(&cx, Proof::default()).unwrap().is_good());
        cx.write(|tx| Ok(tx.sql().execute_batch(sql)?)).unwrap();
        let verdict = verify(&cx, Proof::default()).unwrap();
        assert_eq!((verdict.is_good(), verdict.altered), (false, vec![name.to_owned()]));
    }
}

#[test]
fn a3_rows_that_are_cut_off_the_end_are_missed_by_the_key() {
    let cut = |seq: i64| {
        format!(
            "DELETE FROM audit WHERE seq > {seq}; UPDATE sqlite_sequence SET seq = {seq} WHERE name = 'audit';"
        )
    };
    let cx = three_rows();
    tamper(&cx, &cut(2));
    assert_eq!(broken(&cx), Some((3, "the chain ends here, but by its key it went on".to_owned())));
    // The keyed hash of the row that is last now does not make it the last one, and nothing does not either.
    tamper(&cx, "UPDATE audit_keys SET head = (SELECT keyed FROM audit WHERE seq = 2)");
    assert_eq!(broken(&cx).map(|(seq, _)| seq), Some(3));
    tamper(&cx, "UPDATE audit_keys SET head = NULL");
    assert_eq!(broken(&cx).map(|(seq, _)| seq), Some(3));
}

#[test]
fn a3_no_row_takes_the_place_of_those_that_were_cut_off_the_end() {
    for (sql, why) in [
        ("DELETE FROM audit WHERE seq = 3", "row 3 was written once"),
        ("DELETE FROM audit WHERE seq > 1", "row 3 was written once"),
        ("UPDATE sqlite_sequence SET seq = 9000000000000000000 WHERE name = 'audit'", "was written once"),
        (
            "DELETE FROM audit WHERE seq = 3; UPDATE sqlite_sequence SET seq = 2 WHERE name = 'audit'",
            "by its key it went on",
        ),
        (
            "DELETE FROM audit WHERE seq = 3; UPDATE sqlite_sequence SET seq = 2 WHERE name = 'audit';
            UPDATE audit_keys SET head = NULL",
            "by its key it went on",
        ),
        (
            "DELETE FROM audit; UPDATE sqlite_sequence SET seq = 0 WHERE name = 'audit';
            UPDATE audit_keys SET head = NULL",
            "row 1 was written once",
        ),
    ] {
        let cx = three_rows();
        tamper(&cx, sql);
        for _ in 0..3 {
            let refused = cx.write(|tx| made(&cx, tx, "Initech")).unwrap_err();
            assert_eq!(refused.code(), "audit.cut_off");
            assert!(refused.to_string().ends_with(why), "{refused}");
            assert!(!verify(&cx, Proof::default()).unwrap().is_good());
        }
        // The owner of the store goes on, and what was done is told for ever.
        let from = cx.write(|tx| super::renew_key(&cx, tx)).unwrap();
        cx.write(|tx| made(&cx, tx, "Initech")).unwrap();
        cx.write(|tx| made(&cx, tx, "Hooli")).unwrap();
        assert_eq!(verify(&cx, Proof::default()).unwrap().new_key_from, Some(from), "{sql}");
    }
}

#[test]
fn a_new_row_holds_json_objects_or_nothing() {
    let cx = three_rows();
    for side in ["oops", "[1]", "7", "{\"a\":"] {
        let event = Event::without_id("company.edit", "company", "Acme");
        for (before, after) in [(Some(side), None), (None, Some(side))] {
            assert!(cx.write(|tx| add(&cx, tx, Entry { event, before, after })).is_err(), "{side}");
        }
    }
}

#[test]
fn rows_are_found_by_the_account_that_acted_whatever_it_was_called() {
    let mut cx = Context::for_tests();
    let new =
        |email: &str| crate::user::Facts { superuser: true, ..crate::user::Facts::new(email.to_owned()) };
    let add = |cx: &Context, email| crate::user::create::create(cx, new(email), None, false).unwrap().0.id;
    let ann = add(&cx, "ann@acme.example");
    let system = cx.actor.clone();
    let act = |cx: &mut Context, id, name: &str, subject: &str| {
        let held = std::collections::HashMap::new();
        let authority = Authority::Account(Account { id, superuser: true, permissions: held });
        cx.actor = Actor { name: name.to_owned(), authority, ..system.clone() };
        cx.write(|tx| made(cx, tx, subject)).unwrap();
        cx.actor = system.clone();
    };
    act(&mut cx, ann, "ann@acme.example", "one");
    crate::user::edit::edit(&cx, "1", &crate::user::avatar::PhotoChange::Keep, |facts| {
        facts.email = "lee@acme.example".to_owned();
        Ok(())
    })
    .unwrap();
    let other = add(&cx, "ann@acme.example");
    act(&mut cx, ann, "lee@acme.example", "two");
    act(&mut cx, other, "ann@acme.example", "three");
    let found = |actor: &str| {
        let filter =
            Filter { actor: Some(actor.to_owned()), action: Some("company".to_owned()), ..Filter::default() };
        let mut found = Vec::new();
        list(&cx, &filter, |row| {
            found.push(row.subject);
            Ok(())
        })
        .unwrap();
        found
    };
    assert_eq!(found("LEE@acme.example"), ["two", "one"], "the account, also under its earlier email");
    assert_eq!(found("ann@acme.example"), ["three", "one"], "the account, and who was called so then");
    assert_eq!((found("1"), found("2")), (vec!["two".into(), "one".into()], vec!["three".into()]));
    assert_eq!(found("root").len(), 3, "the shell user");
    for nobody in ["3", "nobdy", "an@acme.example"] {
        let filter = Filter { actor: Some(nobody.to_owned()), ..Filter::default() };
        assert_eq!(list(&cx, &filter, |_| Ok(())).unwrap_err().code(), "audit.unknown_actor", "{nobody}");
    }
}

#[test]
fn a3_an_edited_row_is_named() {
    let cx = three_rows();
    tamper(&cx, "UPDATE audit SET subject = 'Evil' WHERE seq = 2");
    assert_eq!(verify(&cx, Proof::default()).unwrap().broken.map(|(seq, _)| seq), Some(2));
}

#[test]
fn a3_a_removed_row_is_named_also_at_the_end() {
    let cx = three_rows();
    tamper(&cx, "DELETE FROM audit WHERE seq = 2");
    assert_eq!(verify(&cx, Proof::default()).unwrap().broken.map(|(seq, _)| seq), Some(3));
    let cx = three_rows();
    tamper(&cx, "DELETE FROM audit WHERE seq = 3");
    assert_eq!(verify(&cx, Proof::default()).unwrap().broken.map(|(seq, _)| seq), Some(3));
}

#[test]
fn a3_a_chain_rewritten_as_a_whole_is_caught_by_a_checkpoint() {
    let cx = three_rows();
    let checkpoint = super::checkpoint(&cx).unwrap().unwrap();
    assert_eq!(
        verify(&cx, Proof { checkpoint: Some(&checkpoint), ..Proof::default() }).unwrap().broken,
        None
    );
    tamper(
        &cx,
        "DELETE FROM audit; DELETE FROM audit_keys; DELETE FROM sqlite_sequence WHERE name = 'audit'",
    );
    for name in ["Acme", "Evil", "Initech"] {
        cx.write(|tx| made(&cx, tx, name)).unwrap();
    }
    assert_eq!(verify(&cx, Proof::default()).unwrap().broken, None, "it fits together");
    assert_eq!(
        verify(&cx, Proof { checkpoint: Some(&checkpoint), ..Proof::default() })
            .unwrap()
            .broken
            .map(|(seq, _)| seq),
        Some(3)
    );
}

#[test]
fn a3_a_row_that_is_no_text_is_named_and_nothing_breaks() {
    let cx = three_rows();
    tamper(&cx, "UPDATE audit SET subject = CAST(x'ff' AS TEXT) WHERE seq = 2");
    let (seq, reason) = verify(&cx, Proof::default()).unwrap().broken.unwrap();
    assert_eq!(seq, 2);
    assert!(reason.contains("never written"), "{reason}");
}

#[test]
fn subjects_are_found_in_any_letter_case_of_any_script() {
    let cx = three_rows();
    cx.write(|tx| made(&cx, tx, "Дніпро")).unwrap();
    let count = |subject: &str, limit: Option<u32>| {
        let filter = Filter { subject: Some(subject.to_owned()), limit, ..Filter::default() };
        let mut count = 0;
        list(&cx, &filter, |_| {
            count += 1;
            Ok(())
        })
        .unwrap();
        count
    };
    assert_eq!((count("ДНІПРО", None), count("acme", None)), (1, 1));
    assert_eq!(count("acme", Some(0)), 0);
}

#[test]
fn a_checkpoint_is_read_as_it_was_printed() {
    let head = super::checkpoint(&three_rows()).unwrap().unwrap();
    assert_eq!(Checkpoint::parse("f", &format!("{}\n", head.line())).unwrap(), head);
    let (hash, at) = (super::chain::hash_text(&head.hash), head.at);
    let csv = format!(
        "seq,hash,at,keyed\r\n{},{hash},{at},{}\r\n",
        head.seq,
        if head.keyed { "yes" } else { "no" }
    );
    assert_eq!(Checkpoint::parse("f", &csv).unwrap(), head, "as `-o csv` prints it");
    for bad in ["seq,hash,at", "seq,hash,at\n3,4", "seq,hash,at\n3,4,5\n6,7,8"] {
        assert!(Checkpoint::parse("f", bad).is_err(), "{bad}");
    }
    for bad in ["", "3", "3 abc 2026-11-21T10:00:00Z", "x y z", "3 4 5 6", "3 4 5 keyed"] {
        assert!(Checkpoint::parse("f", bad).is_err(), "{bad}");
    }
}

#[test]
fn every_statement_fits_the_schema() {
    Store::assert_prepares(&[super::store::STATEMENTS, super::store::OF_RUNS, super::store::OF_KEY]);
}

#[test]
fn a_row_says_the_door_the_account_and_from_the_web_the_address() {
    let mut cx = Context::for_tests();
    let person = Actor::oneself(7, "ann@acme.example");
    let service = Actor::service(Service::CleanUp);
    let address = "2001:db8::7".parse().unwrap();
    for (actor, via) in
        [(person, Via::Web(address)), (service.clone(), Via::System), (service, Via::Directory)]
    {
        (cx.actor, cx.via) = (actor, via);
        let of = |name: &str| Fields::from_iter([("name".to_owned(), name.into())]);
        let subject = Event::of("company.edit", ("company", 1), "Acme").because(Some("a merger"));
        cx.write(|tx| change(&cx, tx, subject, &of("Acme"), &of("Acme Bank"))).unwrap();
    }
    cx.actor = Actor::system(None);
    let mut told = Vec::new();
    list(&cx, &Filter::default(), |row| {
        assert_eq!(row.reason.as_deref(), Some("a merger"));
        told.push((row.actor, row.actor_id, row.via, row.client));
        Ok(())
    })
    .unwrap();
    let row = |actor: &str, id, via: &str, client: Option<&str>| {
        (actor.to_owned(), id, via.to_owned(), client.map(str::to_owned))
    };
    assert_eq!(
        told,
        [
            row("clean-up", None, "directory", None),
            row("clean-up", None, "system", None),
            row("ann@acme.example", Some(7), "web", Some("2001:db8::7")),
        ]
    );
    assert_eq!(verify(&cx, Proof::default()).unwrap().rows, 3);
    tamper(&cx, "UPDATE audit SET client = '2001:db8::8' WHERE seq = 1");
    assert_eq!(broken(&cx).map(|(seq, _)| seq), Some(1), "the address is in the hash");
}
