//! People whom a directory manages: what it says of them is facts like any other, and nobody else says it.

use super::last::superuser;
use super::{acme, add, emails, person};
use crate::audit::{self, Proof};
use crate::context::Context;
use crate::directory::connection::{self, Edit};
use crate::error::{Kind, Result};
use crate::registry::engine;
use crate::run::{self, Ask, Planner, Run, Spec};
use crate::store::Tx;
use crate::text::date::Day;
use crate::text::guid::Guid;
use crate::text::instant::Instant;
use crate::text::secret::Secret;
use crate::user::avatar::PhotoChange;
use crate::user::bulk::{self, Verb};
use crate::user::directory::{Follower, plan_local, saw, with_guid};
use crate::user::filter::{self, Filter, Page, Sort, Status};
use crate::user::login::{Moment, checks, is_active, may_log_in};
use crate::user::{Facts, User, as_of, bin, edit, get, password};
use crate::{company, group, permission};

/// A connection to a directory; its id.
fn corp(cx: &Context, name: &str, company: &str) -> i64 {
    let edit = Edit {
        servers: vec!["ldaps://dc1.corp.test".to_owned()],
        bind_dn: Some("svc@corp.test".to_owned()),
        base_dn: Some("DC=corp,DC=test".to_owned()),
        password: Some(Secret::new("reader-secret".to_owned())),
        ..Edit::default()
    };
    connection::create(cx, (name, company), &edit).unwrap().id
}

fn guid(number: u8) -> Guid {
    Guid::of_bytes(&[number; 16]).unwrap()
}

/// Somebody new as a directory has them.
fn entry(connection: i64, number: u8) -> Facts {
    Facts {
        directory: Some(connection),
        directory_guid: Some(guid(number)),
        ..person(&format!("p{number}@corp.test"), "Ann", "Lee")
    }
}

fn follow(
    cx: &Context,
    work: impl FnOnce(&Tx<'_>, &mut Planner<'_>, &mut Follower) -> Result<()>,
) -> Result<Option<Run>> {
    let spec = Spec { kind: "directory.sync", source: "corp", repeats: true, is_whole: false };
    let plan = run::plan(cx, &mut engine(), &spec, |tx, planner| {
        planner.concerns_all(cx, "directory.sync")?;
        work(tx, planner, &mut Follower::new())
    })?;
    Ok(run::commit(cx, &mut engine(), plan)?.run)
}

fn make(cx: &Context, entries: &[Facts]) -> Run {
    let planned = |tx: &Tx<'_>, planner: &mut Planner<'_>, follower: &mut Follower| {
        entries.iter().try_for_each(|facts| follower.create(cx, tx, planner, facts.clone()))
    };
    follow(cx, planned).unwrap().unwrap()
}

fn say(cx: &Context, who: &str, change: impl FnOnce(&mut Facts)) -> Result<Option<Run>> {
    follow(cx, |tx, planner, follower| {
        let user = crate::user::with_email(tx, who)?.unwrap();
        let mut facts = user.facts.clone();
        change(&mut facts);
        follower.change(cx, tx, planner, (&user, facts))
    })
}

/// Has the clock go on by so many seconds.
fn pass(cx: &mut Context, seconds: i64) {
    cx.stop_clock(Instant::from_micros(cx.now().micros() + seconds * 1_000_000));
}

/// Whether all tables are as the audit tells.
fn assert_proved(cx: &Context) {
    let verdict = audit::verify(cx, Proof { state: Some(crate::state::TABLES), ..Proof::default() }).unwrap();
    assert_eq!(verdict.state.unwrap().first, []);
}

fn desk(cx: &Context) {
    group::create(cx, &group::New { name: "Desk".to_owned(), ..Default::default() }, None, false).unwrap();
}

#[test]
fn who_is_made_by_a_run_is_of_the_directory_and_an_undo_takes_all_of_it_away() {
    let cx = acme();
    let id = corp(&cx, "corp", "Acme");
    desk(&cx);
    let at = Instant::from_micros(cx.now().micros() + 3_600_000_000);
    let run = make(
        &cx,
        &[Facts { directory_groups: vec!["Desk".into()], directory_expires_at: Some(at), ..entry(id, 1) }],
    );
    let user = get(&cx, "p1@corp.test").unwrap();
    assert_eq!((user.facts.directory, user.facts.directory_guid), (Some(id), Some(guid(1))));
    assert_eq!(
        (user.facts.directory_expires_at, &user.facts.directory_groups[..]),
        (Some(at), &["Desk".to_owned()][..])
    );
    assert_eq!(user.in_groups[0].origins, ["directory:corp"], "people read the name");
    let stored: String = cx
        .read(|tx| Ok(tx.sql().query_row("SELECT origin FROM memberships", [], |row| row.get(0))?))
        .unwrap();
    assert_eq!(stored, format!("directory:{id}"), "the id is what is stored");
    assert_proved(&cx);
    assert_eq!(run::undo(&cx, &mut engine(), &run.id).unwrap().reverted, 1);
    assert!(cx.read(|tx| with_guid(tx, id, guid(1))).unwrap().is_none());
    assert_proved(&cx);
}

#[test]
fn d5_an_entry_is_one_account_also_in_the_bin_and_comes_back_from_it() {
    let cx = acme();
    let id = corp(&cx, "corp", "Acme");
    make(&cx, &[entry(id, 1), entry(id, 2)]);
    bulk::apply_one(&cx, "p1@corp.test", &Verb::Delete).unwrap();
    let found = cx.read(|tx| with_guid(tx, id, guid(1))).unwrap().unwrap();
    assert!(found.facts.deleted);
    let again = Facts { email: "new@corp.test".into(), ..entry(id, 1) };
    let failure = follow(&cx, |tx, planner, follower| follower.create(&cx, tx, planner, again)).unwrap_err();
    assert_eq!((failure.code(), failure.kind()), ("user.entry_taken", Kind::CannotCreate));
    bin::restore(&cx, "p1@corp.test", bin::RestoreOptions::default()).unwrap();
    assert_eq!(get(&cx, "p1@corp.test").unwrap().facts.directory_guid, Some(guid(1)));
    let failure = say(&cx, "p2@corp.test", |facts| facts.directory_guid = Some(guid(1))).unwrap_err();
    assert_eq!(failure.code(), "user.entry_taken");
    let other = corp(&cx, "other", "Acme");
    say(&cx, "p2@corp.test", |facts| (facts.directory, facts.directory_guid) = (Some(other), Some(guid(1))))
        .unwrap();
    assert_proved(&cx);
}

#[test]
fn d5_a_mail_that_somebody_has_takes_nobody_over() {
    let cx = acme();
    let id = corp(&cx, "corp", "Acme");
    add(&cx, person("P1@Corp.test", "Ann", "Local"));
    let failure =
        follow(&cx, |tx, planner, follower| follower.create(&cx, tx, planner, entry(id, 1))).unwrap_err();
    assert_eq!(failure.code(), "user.exists");
    assert_eq!(get(&cx, "p1@corp.test").unwrap().facts.directory, None);
}

#[test]
fn what_a_directory_says_is_worked_back_and_taken_back_like_any_fact() {
    let mut cx = acme();
    let id = corp(&cx, "corp", "Acme");
    desk(&cx);
    make(&cx, &[Facts { directory_groups: vec!["Desk".into()], ..entry(id, 1) }]);
    let then = cx.now();
    pass(&mut cx, 60);
    let run = say(&cx, "p1@corp.test", |facts| {
        facts.directory_missing_since = Some(cx.now());
        facts.directory_groups.clear();
    })
    .unwrap()
    .unwrap();
    let now = get(&cx, "p1@corp.test").unwrap();
    assert!(!is_active(&now, Moment::of(&cx)));
    assert_proved(&cx);
    let past = cx.read(|tx| as_of(&cx, tx, &permission::AccessQueries, "p1@corp.test", then)).unwrap();
    assert_eq!((past.facts.directory_missing_since, past.in_groups[0].origins.len()), (None, 1));
    assert_eq!(past.in_groups[0].origins, ["directory:corp"]);
    assert_eq!(past.facts.directory_groups, ["Desk"]);
    run::undo(&cx, &mut engine(), &run.id).unwrap();
    let back = get(&cx, "p1@corp.test").unwrap();
    assert_eq!((back.facts.clone(), is_active(&back, Moment::of(&cx))), (past.facts, true));
    assert_proved(&cx);
}

#[test]
fn what_is_as_it_was_is_no_change_and_being_seen_is_no_row() {
    let cx = acme();
    let id = corp(&cx, "corp", "Acme");
    make(&cx, &[entry(id, 1)]);
    assert!(say(&cx, "p1@corp.test", |_| ()).unwrap().is_none());
    let rows = |cx: &Context| cx.read(audit::next_seq).unwrap();
    let before = rows(&cx);
    assert!(cx.write(|tx| saw(tx, (id, guid(1)), cx.now())).unwrap());
    assert!(!cx.write(|tx| saw(tx, (id, guid(9)), cx.now())).unwrap(), "nobody is that entry");
    assert_eq!(rows(&cx), before);
    assert_proved(&cx);
}

#[test]
fn d6_switch_and_directory_keep_out_each_for_itself_and_why_says_which() {
    let mut cx = acme();
    let id = corp(&cx, "corp", "Acme");
    make(&cx, &[entry(id, 1)]);
    let why = |cx: &Context| {
        let user = get(cx, "p1@corp.test").unwrap();
        let found =
            checks(&user, Moment::of(cx)).into_iter().find(|check| check.code == "directory").unwrap();
        (found.ok, found.detail)
    };
    assert_eq!(why(&cx), (true, "managed by `corp`, never seen since".to_owned()));
    cx.write(|tx| saw(tx, (id, guid(1)), cx.now())).unwrap();
    pass(&mut cx, 125);
    say(&cx, "p1@corp.test", |facts| facts.directory_disabled = true).unwrap();
    assert_eq!(why(&cx), (false, "disabled there; `corp`, seen 2 minutes ago".to_owned()));
    bulk::apply_one(&cx, "p1@corp.test", &Verb::Deactivate).unwrap();
    say(&cx, "p1@corp.test", |facts| facts.directory_disabled = false).unwrap();
    let user = get(&cx, "p1@corp.test").unwrap();
    assert!(!user.facts.active && !is_active(&user, Moment::of(&cx)), "the switch is the administrator's");
    bulk::apply_one(&cx, "p1@corp.test", &Verb::Activate).unwrap();
    let expires = Instant::from_micros(cx.now().micros() + 5_000_000);
    say(&cx, "p1@corp.test", |facts| facts.directory_expires_at = Some(expires)).unwrap();
    assert!(why(&cx).0, "not yet");
    pass(&mut cx, 5);
    assert!(!why(&cx).0, "from that moment on");
}

/// Every mixture of what decides, once: the function that answers for one person and the SQL that answers for all say the same.
#[test]
fn the_login_function_and_the_lists_agree_about_people_of_every_kind() {
    let cx = acme();
    let id = corp(&cx, "corp", "Acme");
    let now = cx.now().micros();
    let today = cx.today();
    let sql = format!(
        "WITH
            days (day) AS (VALUES (NULL), ('{past}'), ('{today}'), ('{future}')),
            times (at) AS (VALUES (NULL), ({now} - 1), ({now}), ({now} + 1)),
            switch (it) AS (VALUES (0), (1)),
            missing (since) AS (VALUES (NULL), ({now} + 1)),
            kinds (kind) AS (VALUES (0), (1), (2), (3), (4)),
            everybody AS (
                SELECT row_number() OVER () AS n, active.it AS active, first.day AS first, last.day AS last, kind,
                    disabled.it AS disabled, times.at AS expires, missing.since AS missing
                FROM switch active, days first, days last, kinds, switch disabled, times, missing
                WHERE (first.day IS NULL OR last.day IS NULL OR first.day <= last.day)
                    AND (kind > 2 OR disabled.it = 0 AND times.at IS NULL AND missing.since IS NULL)
            )
        INSERT INTO users (email, email_folded, active, start_date, end_date, password_hash, origin, directory_id,
            directory_guid, directory_disabled, directory_expires_at, directory_missing_since, deleted_at, disowned_at,
            two_factor_required, two_factor_grace_until, sort_name, search, revision, created_at, updated_at)
        SELECT 'p' || n, 'p' || n, active, first, last, iif(kind IN (1, 2), 'x', NULL), iif(kind > 2, 'directory', 'local'),
            iif(kind > 2, {id}, NULL), iif(kind > 2, randomblob(16), NULL), disabled, expires, missing,
            iif(n % 7 = 0, 1, NULL), iif(n % 11 = 0, 1, NULL), kind = 2, iif(kind = 2, {now} - 2 + n % 4, NULL),
            'p' || n, '', 1, 0, 0
        FROM everybody",
        past = "2026-01-01",
        future = today.after(1).unwrap(),
    );
    cx.write(|tx| Ok(tx.sql().execute_batch(&sql)?)).unwrap();
    let moment = Moment::of(&cx);
    let listed = |filter: &Filter, sort: &str| -> Vec<User> {
        let sort = *Sort::ALL.iter().find(|known| known.name == sort).unwrap();
        let page = Page { sort, ..Page::default() };
        let mut people = Vec::new();
        cx.read(|tx| {
            filter::each(&cx, tx, filter, page, |user| {
                people.push(user);
                Ok(())
            })
        })
        .unwrap();
        people
    };
    for deleted in [false, true] {
        let of = |status: Status| Filter { status: vec![status], deleted, ..Filter::default() };
        let (active, inactive) =
            (listed(&of(Status::Active), "email"), listed(&of(Status::Inactive), "email"));
        assert!(active.iter().all(|user| is_active(user, moment)));
        assert!(inactive.iter().all(|user| !is_active(user, moment)));
        let all = Filter { deleted, ..Filter::default() };
        assert_eq!(active.len() + inactive.len(), listed(&all, "email").len(), "everybody is one of both");
        assert!(active.len() > 50 && inactive.len() > 500 || deleted);
        let may: Vec<bool> =
            listed(&all, "login_allowed").iter().map(|user| may_log_in(user, moment)).collect();
        assert!(may.is_sorted(), "whom the function lets in come last");
        let is_active: Vec<bool> =
            listed(&all, "status").iter().map(|user| !is_active(user, moment)).collect();
        assert!(is_active.is_sorted());
        assert!(deleted || may.iter().any(|may| *may));
    }
    let closed_from: Vec<(i64, Option<i64>)> = cx
        .read(|tx| {
            let mut statement = tx.sql().prepare("SELECT id, directory_closed_from FROM users")?;
            let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?;
            Ok(rows.collect::<Result<_, _>>()?)
        })
        .unwrap();
    for (id, closed_from) in closed_from {
        let user = cx.read(|tx| crate::user::by_id(tx, id)).unwrap().unwrap();
        assert_eq!(user.facts.service().closed_from.map(Instant::micros), closed_from);
    }
}

#[test]
fn one_superuser_of_this_store_stays_who_may_log_in() {
    let cx = acme();
    let id = corp(&cx, "corp", "Acme");
    let root = superuser(&cx, "root@acme.example");
    let entry = |facts: &mut Facts| (facts.directory, facts.directory_guid) = (Some(id), Some(guid(1)));
    let failure = say(&cx, "root@acme.example", entry).unwrap_err();
    assert_eq!(failure.code(), "user.last_superuser");
    assert_eq!(get(&cx, "root@acme.example").unwrap(), root, "and nothing of it is done");
    superuser(&cx, "other@acme.example");
    say(&cx, "root@acme.example", entry).unwrap();
    let linked = get(&cx, "root@acme.example").unwrap();
    assert_eq!(linked.password_hash, None, "a password that is the directory's is not here");
    assert!(
        bulk::apply_one(&cx, "other@acme.example", &Verb::Deactivate)
            .is_err_and(|f| f.code() == "user.last_superuser")
    );
}

#[test]
fn no_password_is_set_and_none_is_asked_to_be_changed_here() {
    let cx = acme();
    let id = corp(&cx, "corp", "Acme");
    make(&cx, &[entry(id, 1)]);
    let set = password::set_for_tests(&cx, "p1@corp.test", "correct horse battery").unwrap_err();
    let forced = bulk::apply_one(&cx, "p1@corp.test", &Verb::ForcePasswordChange(true)).unwrap_err();
    let edited = edit::edit(&cx, "p1@corp.test", &PhotoChange::Keep, |facts| {
        facts.must_change_password = true;
        Ok(())
    });
    for failure in [set, forced, edited.err().unwrap()] {
        assert_eq!(failure.code(), "user.directory_password");
        assert_eq!(failure.to_string(), "the password of `p1@corp.test` is managed by the directory");
    }
    assert!(!bulk::apply_one(&cx, "p1@corp.test", &Verb::Activate).unwrap().1);
    let invited = bulk::propose_one(&cx, &mut engine(), ("p1@corp.test", &Verb::Invite), false);
    assert_eq!(invited.err().unwrap().code(), "user.not_invited");
}

/// Something that a directory would say of somebody; the number is that of a connection.
type Said = fn(&mut Facts, i64);

#[test]
fn what_nobody_can_be_of_a_directory_is_refused() {
    let cx = acme();
    let id = corp(&cx, "corp", "Acme");
    add(&cx, person("ann@acme.example", "Ann", "Lee"));
    let refused: [(&str, Said); 5] = [
        ("user.without_directory", |facts, _| facts.directory_disabled = true),
        ("user.without_directory", |facts, _| facts.directory_groups = vec!["Desk".into()]),
        ("user.without_directory", |facts, _| facts.directory_guid = Some(guid(1))),
        ("user.without_entry", |facts, id| facts.directory = Some(id)),
        ("user.connection_gone", |facts, id| {
            (facts.directory, facts.directory_guid) = (Some(id + 1), Some(guid(1)));
        }),
    ];
    for (code, change) in refused {
        assert_eq!(say(&cx, "ann@acme.example", |facts| change(facts, id)).unwrap_err().code(), code);
    }
}

#[test]
fn a_group_that_ends_is_taken_from_who_has_it_by_a_directory_and_given_back() {
    let cx = acme();
    let id = corp(&cx, "corp", "Acme");
    desk(&cx);
    let put = |number| Facts { directory_groups: vec!["Desk".into()], ..entry(id, number) };
    make(&cx, &[put(1), put(2), Facts { groups: vec!["Desk".into()], ..put(3) }]);
    for gone in ["p2@corp.test", "p3@corp.test"] {
        bulk::apply_one(&cx, gone, &Verb::Delete).unwrap();
    }
    let which = group::Selector { name: "Desk".to_owned(), company: None };
    let deleted = group::delete(&cx, &mut engine(), &which, true, &Ask::nothing(false)).unwrap();
    assert_eq!(get(&cx, "p1@corp.test").unwrap().facts.directory_groups, [""; 0]);
    assert_proved(&cx);
    run::undo(&cx, &mut engine(), &deleted.committed.run.unwrap().id).unwrap();
    assert_eq!(get(&cx, "p1@corp.test").unwrap().facts.directory_groups, ["Desk"]);
    for (number, by_hand) in [(2, 0), (3, 1)] {
        let user = cx.read(|tx| with_guid(tx, id, guid(number))).unwrap().unwrap();
        assert_eq!((user.facts.directory_groups.len(), user.facts.groups.len()), (1, by_hand));
    }
    assert_proved(&cx);
}

#[test]
fn a_group_by_a_directory_is_left_with_the_company_it_is_of() {
    let cx = acme();
    let id = corp(&cx, "corp", "Acme");
    company::create(&cx, &company::New { name: "Globex".into(), ..Default::default() }, false).unwrap();
    group::create(&cx, &group::New { name: "Desk".to_owned(), ..Default::default() }, Some("Acme"), false)
        .unwrap();
    make(&cx, &[Facts { directory_groups: vec!["Desk@Acme".into()], ..entry(id, 1) }]);
    edit::edit(&cx, "p1@corp.test", &PhotoChange::Keep, |facts| {
        facts.company = Some("Globex".into());
        Ok(())
    })
    .unwrap();
    assert_eq!(get(&cx, "p1@corp.test").unwrap().facts.directory_groups, [""; 0]);
    assert_proved(&cx);
}

#[test]
fn who_is_made_local_has_no_password_and_keeps_the_groups_and_an_undo_gives_the_directory_back() {
    let cx = acme();
    let id = corp(&cx, "corp", "Acme");
    desk(&cx);
    let disabled = Facts { directory_disabled: true, ..entry(id, 2) };
    make(&cx, &[Facts { directory_groups: vec!["Desk".into()], ..entry(id, 1) }, disabled, entry(id, 3)]);
    bulk::apply_one(&cx, "p3@corp.test", &Verb::Delete).unwrap();
    let refused = connection::delete(&cx, "corp").unwrap_err();
    assert_eq!(refused.to_string(), "`corp` manages 3 people, 1 of them in the bin");
    let plan = plan_local(&cx, &mut engine(), (id, "corp")).unwrap();
    let made = run::commit(&cx, &mut engine(), plan).unwrap();
    let run = made.run.unwrap();
    let local = get(&cx, "p1@corp.test").unwrap();
    assert_eq!(
        (local.facts.directory, local.password_hash, &local.facts.groups[..]),
        (None, None, &["Desk".to_owned()][..])
    );
    assert_eq!(local.in_groups[0].origins, ["manual"]);
    assert!(!get(&cx, "p2@corp.test").unwrap().facts.active, "who was kept out there is kept out here");
    assert_proved(&cx);
    run::undo(&cx, &mut engine(), &run.id).unwrap();
    assert_eq!(get(&cx, "p1@corp.test").unwrap().facts.directory_groups, ["Desk"]);
    assert_proved(&cx);
    let plan = plan_local(&cx, &mut engine(), (id, "corp")).unwrap();
    let run = run::commit(&cx, &mut engine(), plan).unwrap().run.unwrap();
    connection::delete(&cx, "corp").unwrap();
    let undone = run::undo(&cx, &mut engine(), &run.id).unwrap();
    assert_eq!((undone.reverted, undone.left.count), (0, 3), "there is nothing to go back to");
    assert_proved(&cx);
}

#[test]
fn whose_account_ends_there_later_has_that_as_their_last_day_when_they_are_made_local() {
    let mut cx = acme();
    let id = corp(&cx, "corp", "Acme");
    cx.stop_clock(Instant::parse("2026-03-01T12:00:00Z", &jiff::tz::TimeZone::UTC).unwrap());
    // What ends at midnight, by the clocks of the site, has its last day before it.
    let ends = Instant::parse("2026-03-31T21:00:00Z", &jiff::tz::TimeZone::UTC).unwrap();
    let day = |text| Some(Day::parse(text).unwrap());
    let expires = |number| Facts { directory_expires_at: Some(ends), ..entry(id, number) };
    make(
        &cx,
        &[
            expires(1),
            Facts { end_date: day("2026-03-15"), ..expires(2) },
            Facts { end_date: day("2026-05-01"), ..expires(3) },
            Facts { start_date: day("2026-06-01"), end_date: day("2026-12-31"), ..expires(4) },
            Facts { end_date: day("2026-05-01"), ..entry(id, 5) },
        ],
    );
    let plan = plan_local(&cx, &mut engine(), (id, "corp")).unwrap();
    run::commit(&cx, &mut engine(), plan).unwrap();
    let local = |number| get(&cx, &format!("p{number}@corp.test")).unwrap().facts;
    assert_eq!(
        [1, 2, 3].map(|number| local(number).end_date),
        ["2026-03-31", "2026-03-15", "2026-03-31"].map(day)
    );
    assert!([1, 2, 3, 5].map(local).iter().all(|facts| facts.active));
    assert_eq!(
        (local(4).active, local(4).end_date),
        (false, day("2026-12-31")),
        "who would begin after it never does"
    );
    assert_eq!(local(5).end_date, day("2026-05-01"));
    assert_proved(&cx);
}

#[test]
fn who_follows_directories_changes_nobody_by_hand() {
    use crate::context::{Account, Actor, Authority, CompanyScope};
    let mut cx = acme();
    let id = corp(&cx, "corp", "Acme");
    add(&cx, person("ann@acme.example", "Ann", "Lee"));
    let act = |cx: &mut Context, permission: &'static str| {
        let permissions = [(permission, CompanyScope::All)].into_iter().collect();
        let authority = Authority::Account(Account { id: 99, superuser: false, permissions });
        cx.actor = Actor { name: "op@acme.example".to_owned(), shell_user: None, authority };
    };
    act(&mut cx, "directory.sync");
    make(&cx, &[entry(id, 1)]);
    say(&cx, "p1@corp.test", |facts| facts.phone = Some("+380441234567".into())).unwrap();
    let by_hand = edit::edit(&cx, "p1@corp.test", &PhotoChange::Keep, |_| Ok(()));
    assert_eq!(by_hand.err().unwrap().kind(), Kind::NotFound);
    act(&mut cx, "users.edit");
    let denied = say(&cx, "p1@corp.test", |facts| facts.directory_disabled = true).unwrap_err();
    assert_eq!(denied.kind(), Kind::Denied);
    assert_eq!(emails(&cx, &Filter::default()).len(), 2);
}
