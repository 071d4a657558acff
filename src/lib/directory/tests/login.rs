//! Logging in by a directory: what it is asked, what it is never asked, and what is made of its answers.

use std::time::{Duration, Instant as Moment};

use super::{least, site};
use crate::context::{Context, Via};
use crate::directory::connection::{self, Edit};
use crate::directory::transport::tests::peer::{At, Directory, Entry, Fault, Script};
use crate::login::{self, Begun, Browser};
use crate::registry::engine;
use crate::run::{self, Spec};
use crate::text::guid::Guid;
use crate::text::instant::Instant;
use crate::text::secret::Secret;
use crate::user::bulk::{Verb, apply_one};
use crate::user::directory::Follower;
use crate::user::proof::{Elsewhere, Proved};
use crate::user::{Facts, get};

const OLENA: &str = "o.koval@acme.example";
const DN: &str = "CN=olena,OU=Staff,DC=corp,DC=test";
const RIGHT: &str = "olena-secret";

/// Olena's `objectGUID`.
fn guid() -> Guid {
    let bytes: Vec<u8> = b"olena".iter().copied().cycle().take(16).collect();
    Guid::of_bytes(&bytes).unwrap()
}

fn script() -> Script {
    Script::of(vec![Entry::person("olena", "Olena", "Koval"), Entry::person("petro", "Petro", "O'Neil")])
}

/// A site with a connection to these servers, where Olena's account is tied to her entry, asked by a visitor.
fn tied(servers: Vec<String>) -> Context {
    let profile = Facts {
        first_name: Some("Olena".to_owned()),
        last_name: Some("Koval".to_owned()),
        company: Some("Acme".to_owned()),
        ..Facts::new(OLENA.to_owned())
    };
    tied_as(servers, profile)
}

fn tied_as(servers: Vec<String>, account: Facts) -> Context {
    let mut cx = site();
    let edit = Edit {
        servers,
        insecure: Some(true),
        connect_timeout: Some(2),
        login_domains: vec!["corp.test".to_owned()],
        ..least()
    };
    let corp = connection::create(&cx, ("corp", "Acme"), &edit).unwrap();
    let facts = Facts { directory: Some(corp.id), directory_guid: Some(guid()), ..account };
    let spec = Spec { kind: "directory.sync", source: "corp", repeats: true, is_whole: false };
    let plan =
        run::plan(&cx, &mut engine(), &spec, |tx, planner| Follower::new().create(&cx, tx, planner, facts))
            .unwrap();
    run::commit(&cx, &mut engine(), plan).unwrap();
    cx.via = Via::Web("203.0.113.7".parse().unwrap());
    cx
}

fn at(directory: &Directory) -> Context {
    tied(vec![format!("ldap://localhost:{}", directory.port())])
}

fn log_in(cx: &Context, email: &str, password: &str) -> Proved<Begun> {
    login::log_in(cx, (email, &Secret::new(password.to_owned())), Browser::default()).unwrap()
}

/// How often her password was tried there.
fn binds(directory: &Directory) -> usize {
    directory.asked().iter().filter(|asked| **asked == format!("bind {DN}")).count()
}

fn pass(cx: &mut Context, minutes: i64) {
    cx.stop_clock(Instant::from_micros(cx.now().micros() + minutes * 60_000_000));
}

#[test]
fn the_password_of_the_directory_opens_and_no_other() {
    let directory = Directory::start(script());
    let mut cx = at(&directory);
    assert!(matches!(log_in(&cx, OLENA, "a wrong password"), Proved::Wrong));
    pass(&mut cx, 5);
    assert!(matches!(log_in(&cx, "O.Koval@ACME.example", RIGHT), Proved::Right(_)));
    let olena = get(&cx, OLENA).unwrap();
    assert_eq!(olena.last_login_at, Some(cx.now()));
    assert_eq!(olena.managed_by.unwrap().seen_at, Some(cx.now()));
    assert_eq!(binds(&directory), 2);
}

#[test]
fn d6_a_login_that_opens_says_that_the_account_is_open_there_and_nothing_else() {
    let directory = Directory::start(script());
    let cx = at(&directory);
    let stale = "
        UPDATE users SET directory_disabled = 1, directory_missing_since = 1, directory_expires_at = 1
        WHERE directory_id IS NOT NULL";
    cx.write(|tx| Ok(tx.sql().execute_batch(stale)?)).unwrap();
    assert!(matches!(log_in(&cx, OLENA, RIGHT), Proved::Right(_)));
    let facts = get(&cx, OLENA).unwrap().facts;
    assert_eq!(
        (facts.directory_disabled, facts.directory_missing_since, facts.directory_expires_at),
        (false, None, None)
    );
}

#[test]
fn a_login_makes_names_and_phone_anew_where_a_sync_would() {
    let directory = Directory::start(script());
    let cx = at(&directory);
    let entry = |mail: &str, last: &str| {
        let mut olena = Entry::person("olena", "Олена", last);
        olena.attributes.retain(|(name, values)| name != "mail" && (name != "sn" || values[0] != b""));
        olena.add("mail", mail.as_bytes());
        olena.add("telephoneNumber", b"+380 44 123 45 67");
        olena
    };
    let known = || {
        let facts = get(&cx, OLENA).unwrap().facts;
        [facts.first_name, facts.last_name, facts.phone].map(Option::unwrap_or_default).join("|")
    };
    // Another email is for a sync to judge; and who lacks a name is kept aside by one.
    for (mail, last, expected) in [
        ("olena@corp.test", "Shevchenko", "Olena|Koval|"),
        ("nobody", "Koval", "Olena|Koval|"),
        (OLENA, "", "Olena|Koval|"),
        ("O.Koval@Acme.Example", "Коваль", "Олена|Коваль|+380441234567"),
        ("olena@corp.test", "Married", "Олена|Коваль|+380441234567"),
        (OLENA, "Married", "Олена|Married|+380441234567"),
    ] {
        directory.becomes(Script::of(vec![entry(mail, last)]));
        assert!(matches!(log_in(&cx, OLENA, RIGHT), Proved::Right(_)));
        assert_eq!(known(), expected, "{mail} {last}");
    }
    assert_eq!(get(&cx, OLENA).unwrap().facts.email, OLENA);
}

/// A profile has a company, and a login knows of none.
#[test]
fn an_account_without_a_profile_logs_in_and_gets_none_by_it() {
    let directory = Directory::start(script());
    let servers = vec![format!("ldap://localhost:{}", directory.port())];
    let cx = tied_as(servers, Facts::new(OLENA.to_owned()));
    assert!(matches!(log_in(&cx, OLENA, RIGHT), Proved::Right(_)));
    assert!(!get(&cx, OLENA).unwrap().facts.has_profile());
}

#[test]
fn whom_the_switch_keeps_out_is_not_tried() {
    let directory = Directory::start(script());
    let cx = at(&directory);
    apply_one(&cx, OLENA, &Verb::Deactivate).unwrap();
    assert!(matches!(log_in(&cx, OLENA, RIGHT), Proved::Wrong));
    assert_eq!(binds(&directory), 0);
}

#[test]
fn t9_wrong_passwords_end_before_the_directory_would_lock_the_account() {
    let directory = Directory::start(script());
    let mut cx = at(&directory);
    for _ in 0..10 {
        assert!(matches!(log_in(&cx, OLENA, "a wrong password"), Proved::Wrong));
        pass(&mut cx, 2);
    }
    // It locks after five in half an hour; two are left for whatever else she uses.
    assert_eq!(binds(&directory), 3);
    assert!(matches!(log_in(&cx, OLENA, RIGHT), Proved::Wrong), "what is not tried opens nothing");
    pass(&mut cx, 40);
    assert!(matches!(log_in(&cx, OLENA, RIGHT), Proved::Right(_)), "and when that time is over it is tried");
}

#[test]
fn a_right_password_that_is_too_old_is_told_apart_and_any_other_refusal_is_a_wrong_one() {
    for (data, expected) in [
        ("532", Some(Elsewhere::PasswordExpired)),
        ("773", Some(Elsewhere::PasswordToChange)),
        ("533", None),
        ("701", None),
        ("775", None),
        ("530", None),
    ] {
        let mut script = script();
        script.accounts.iter_mut().find(|account| account.name == DN).unwrap().refused = Some(data);
        let directory = Directory::start(script);
        let told = match log_in(&at(&directory), OLENA, RIGHT) {
            Proved::Elsewhere(told) => Some(told),
            Proved::Wrong => None,
            Proved::Right(_) | Proved::SourceHeld(_) => panic!("{data} let in"),
        };
        assert_eq!(told, expected, "{data}");
    }
}

#[test]
fn a_directory_that_is_away_lets_nobody_in_by_a_password_of_this_store() {
    let port = Directory::start(script()).port();
    let cx = tied(vec![format!("ldap://localhost:{port}")]);
    let hash = "UPDATE users SET password_hash = 'pbkdf2_sha256$1000$saltsaltsalt$/hsTjUM/5SSgsTVxKDoDSp6ReeOTiulcbR0tf1Ce3gs='";
    cx.write(|tx| Ok(tx.sql().execute_batch(hash)?)).unwrap();
    let tried = log_in(&cx, OLENA, "an old password");
    assert!(matches!(tried, Proved::Elsewhere(Elsewhere::Away)));
    let failed = cx.read(|tx| {
        let sql = "SELECT count(*) FROM throttle_counters WHERE json_array_length(times) > 0";
        Ok(tx.sql().query_row(sql, [], |row| row.get::<_, i64>(0))?)
    });
    assert_eq!(failed.unwrap(), 0, "that is no failure of theirs");
}

#[test]
fn a_server_that_goes_on_answering_and_comes_to_no_end_is_waited_for_no_longer_than_one_that_is_silent() {
    let endless = Directory::start(script().with(At::PageEnd(0), Fault::Trickle));
    let directory = Directory::start(script());
    let servers = [&endless, &directory].map(|server| format!("ldap://localhost:{}", server.port()));
    assert!(matches!(log_in(&tied(servers.to_vec()), OLENA, RIGHT), Proved::Right(_)));
    assert_eq!(binds(&endless), 0, "the end of its answer takes more than three seconds");
}

#[test]
fn the_second_server_answers_when_the_first_does_not_and_is_then_asked_first() {
    let silent = Directory::start(script().with(At::Bind, Fault::Hang));
    let directory = Directory::start(script());
    let servers = [&silent, &directory].map(|server| format!("ldap://localhost:{}", server.port()));
    let mut cx = tied(servers.to_vec());
    let begun = Moment::now();
    assert!(matches!(log_in(&cx, OLENA, RIGHT), Proved::Right(_)));
    assert!(begun.elapsed() < Duration::from_secs(20), "bounded, on a busy machine too");
    let asked = silent.asked().len();
    assert!(matches!(log_in(&cx, OLENA, RIGHT), Proved::Right(_)));
    assert_eq!(silent.asked().len(), asked, "for a minute the one that failed is asked last");
    pass(&mut cx, 2);
    assert!(matches!(log_in(&cx, OLENA, RIGHT), Proved::Right(_)));
    assert!(silent.asked().len() > asked);
}

#[test]
fn d2_a_name_of_the_directory_is_whose_it_is_there_and_nothing_that_is_typed_is_more_than_a_name() {
    let directory = Directory::start(script());
    let cx = at(&directory);
    assert!(matches!(log_in(&cx, "olena@corp.test", RIGHT), Proved::Right(_)));
    for name in
        ["*@corp.test", "olena)(mail=*@corp.test", "\0@corp.test", "petro@corp.test", "nobody@corp.test"]
    {
        assert!(matches!(log_in(&cx, name, RIGHT), Proved::Wrong), "{name}");
    }
    assert_eq!(directory.asked().iter().filter(|asked| asked.starts_with("bind CN=")).count(), 1);
}

#[test]
fn an_empty_password_is_sent_nowhere() {
    let directory = Directory::start(script());
    assert!(matches!(log_in(&at(&directory), OLENA, ""), Proved::Wrong));
    assert_eq!(binds(&directory), 0);
}

#[test]
fn a_connection_that_is_switched_off_takes_no_login() {
    let directory = Directory::start(script());
    let cx = at(&directory);
    connection::edit(&cx, "corp", &Edit { active: Some(false), ..Edit::default() }).unwrap();
    for name in [OLENA, "olena@corp.test"] {
        assert!(matches!(log_in(&cx, name, RIGHT), Proved::Wrong));
    }
    assert!(directory.asked().is_empty());
}
