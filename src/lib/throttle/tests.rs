use super::{
    Account, CodeBy, Gate, LinkAsk, LoginTry, Source, count_factor_success, count_failure, count_refused,
    count_success, count_wrong_code, look, look_factor, meters, record_failure, record_holds, store,
    take_ask, take_contact, take_mail, upkeep,
};
use crate::audit;
use crate::context::{Actor, Context, Via};
use crate::text::instant::Instant;
use crate::user::{Facts, User, create, get};

const OLENA: &str = "olena@acme.example";
const HERE: &str = "203.0.113.7";
const THERE: &str = "198.51.100.9";

/// A store with Olena, asked by a visitor.
fn site() -> (Context, i64) {
    let mut cx = Context::for_tests();
    let (user, _) = create::create(&cx, Facts::new(OLENA.to_owned()), None, false).unwrap();
    cx.via = Via::Web(HERE.parse().unwrap());
    (cx, user.id)
}

fn from<'a>(account: Account<'a>, address: &str) -> LoginTry<'a> {
    LoginTry { account, source: Source::Address(address.parse().unwrap()), known_browser: None }
}

fn pass(cx: &mut Context, seconds: i64) {
    cx.stop_clock(Instant::from_micros(cx.now().micros() + seconds * 1_000_000));
}

fn gate(cx: &Context, login: &LoginTry<'_>) -> Gate {
    cx.read(|tx| look(cx, tx, login)).unwrap()
}

/// A wrong password, as the page has it: counted where it is taken.
fn fail(cx: &Context, login: &LoginTry<'_>) -> Gate {
    cx.write(|tx| {
        let gate = look(cx, tx, login)?;
        match gate {
            Gate::Open => {
                let failure = count_failure(cx, tx, login)?;
                record_failure(cx, tx, (login, OLENA), &failure)?;
            }
            Gate::Shut => {
                let refused = count_refused(cx, tx, login)?;
                record_holds(cx, tx, (login, OLENA), &refused)?;
            }
            Gate::SourceHeld(_) => {}
        }
        Ok(gate)
    })
    .unwrap()
}

/// So many failures, each as soon as it is taken.
fn fail_often(cx: &mut Context, login: &LoginTry<'_>, times: usize) {
    for time in 0..times {
        assert_eq!(fail(cx, login), Gate::Open, "failure {time}");
        pass(cx, 10);
    }
}

fn olena(cx: &mut Context) -> User {
    let via = std::mem::replace(&mut cx.via, Via::Cli);
    let user = get(cx, OLENA).unwrap();
    cx.via = via;
    user
}

/// The rows about logins, the oldest first: action, subject and what is told.
fn rows(cx: &Context) -> Vec<(String, String, String)> {
    let mut rows = Vec::new();
    audit::list(cx, &audit::Filter::default(), |row| {
        if row.kind == "login" {
            rows.push((row.action, row.subject, row.after.unwrap_or_default()));
        }
        Ok(())
    })
    .unwrap();
    rows.reverse();
    rows
}

fn actions(cx: &Context) -> Vec<String> {
    rows(cx).into_iter().map(|(action, ..)| action).collect()
}

#[test]
fn t1_after_each_failure_the_next_try_waits_longer() {
    let (mut cx, id) = site();
    let here = from(Account::Of(id), HERE);
    for wait in [1, 3, 5, 10, 10] {
        assert_eq!(fail(&cx, &here), Gate::Open);
        pass(&mut cx, wait - 1);
        assert_eq!(gate(&cx, &here), Gate::Shut, "{wait}");
        pass(&mut cx, 1);
        assert_eq!(gate(&cx, &here), Gate::Open, "{wait}");
    }
}

#[test]
fn t1_ten_failures_an_hour_hold_an_account_for_the_address_they_came_from() {
    let (mut cx, id) = site();
    let (here, there) = (from(Account::Of(id), HERE), from(Account::Of(id), THERE));
    fail_often(&mut cx, &here, 10);
    pass(&mut cx, 15 * 60 - 11);
    assert_eq!((gate(&cx, &here), gate(&cx, &there)), (Gate::Shut, Gate::Open));
    pass(&mut cx, 1);
    assert_eq!(gate(&cx, &here), Gate::Open);
    assert_eq!(fail(&cx, &here), Gate::Open);
    pass(&mut cx, 10);
    assert_eq!(gate(&cx, &here), Gate::Shut, "it was the eleventh in this hour");
    pass(&mut cx, 3600);
    fail_often(&mut cx, &here, 9);
    assert_eq!(gate(&cx, &here), Gate::Open, "of another hour");
}

#[test]
fn t1_a_hundred_failures_an_hour_hold_an_account_for_everybody_but_its_own_browsers() {
    let (mut cx, id) = site();
    for network in 0..20 {
        let address = format!("198.51.100.{network}");
        fail_often(&mut cx, &from(Account::Of(id), &address), 5);
    }
    let elsewhere = from(Account::Of(id), HERE);
    assert_eq!(gate(&cx, &elsewhere), Gate::Shut);
    let own = LoginTry { known_browser: Some(b"browser of Olena"), ..elsewhere };
    assert_eq!(gate(&cx, &own), Gate::Open);
    let user = olena(&mut cx);
    assert_eq!(user.holds.iter().filter(|hold| hold.source.is_none()).count(), 1);
    fail_often(&mut cx, &own, 10);
    assert_eq!(gate(&cx, &own), Gate::Shut, "by its own failures it is");
}

#[test]
fn t1_thirty_failures_in_ten_minutes_hold_an_address() {
    let (mut cx, id) = site();
    for number in 0..30 {
        let name = format!("nobody{number}@acme.example");
        assert_eq!(fail(&cx, &from(Account::Nobodys(&name), HERE)), Gate::Open);
    }
    let here = from(Account::Of(id), HERE);
    assert!(matches!(gate(&cx, &here), Gate::SourceHeld(_)));
    assert_eq!(gate(&cx, &from(Account::Of(id), THERE)), Gate::Open);
    let own = LoginTry { known_browser: Some(b"browser of Olena"), ..here };
    assert_eq!(gate(&cx, &own), Gate::Open, "a colleague at the same address");
    pass(&mut cx, 600);
    assert_eq!(gate(&cx, &here), Gate::Open);
}

#[test]
fn t1_the_right_password_ends_the_count_from_there_and_a_hold_ends_though_tries_go_on() {
    let (mut cx, id) = site();
    let here = from(Account::Of(id), HERE);
    fail_often(&mut cx, &here, 9);
    cx.write(|tx| count_success(&cx, tx, &here)).unwrap();
    fail_often(&mut cx, &here, 9);
    assert_eq!(gate(&cx, &here), Gate::Open);
    assert_eq!(fail(&cx, &here), Gate::Open);
    for _ in 0..18 {
        pass(&mut cx, 45);
        assert_eq!(fail(&cx, &here), Gate::Shut);
    }
    pass(&mut cx, 90);
    assert_eq!(gate(&cx, &here), Gate::Open);
}

#[test]
fn t1_of_many_tries_at_once_one_is_answered() {
    let (cx, id) = site();
    let here = from(Account::Of(id), HERE);
    let tries = (0..50).filter(|_| gate(&cx, &here) == Gate::Open).count();
    assert_eq!(tries, 50, "all looked before any of them failed");
    let answered = (0..50).filter(|_| fail(&cx, &here) == Gate::Open).count();
    assert_eq!(answered, 1);
}

#[test]
fn t1_tries_that_come_too_soon_hold_the_address_they_come_from() {
    let (mut cx, id) = site();
    let (here, there) = (from(Account::Of(id), HERE), from(Account::Of(id), THERE));
    let gates: Vec<Gate> = (0..30).map(|_| fail(&cx, &here)).collect();
    assert_eq!((gates[0], gates[1..].iter().all(|gate| *gate == Gate::Shut)), (Gate::Open, true));
    assert!(matches!(fail(&cx, &here), Gate::SourceHeld(_)), "which is known before anything is hashed");
    assert_eq!(gate(&cx, &there), Gate::Open, "the account is not held by that");
    let (action, subject, told) = rows(&cx).pop().unwrap();
    assert_eq!((action.as_str(), subject.as_str()), ("login.held", HERE));
    assert!(told.contains(r#""failures":30"#), "{told}");
    pass(&mut cx, 600);
    assert_eq!(gate(&cx, &here), Gate::Open);
}

#[test]
fn t1_tries_of_a_known_browser_that_come_too_soon_hold_that_accounts_browsers_and_nobody_else() {
    let (cx, id) = site();
    let browser = Some(b"browser of Olena".as_slice());
    let own = LoginTry { known_browser: browser, ..from(Account::Of(id), HERE) };
    for _ in 0..30 {
        fail(&cx, &own);
    }
    assert!(matches!(gate(&cx, &own), Gate::SourceHeld(_)));
    assert_eq!(gate(&cx, &from(Account::Of(id), HERE)), Gate::Open);
    let colleague = LoginTry { known_browser: browser, ..from(Account::Of(id + 1), HERE) };
    assert_eq!(gate(&cx, &colleague), Gate::Open);
    let (action, subject, told) = rows(&cx).pop().unwrap();
    assert_eq!((action.as_str(), subject.as_str()), ("login.held", OLENA));
    assert!(told.contains(r#""from":"known browsers""#), "{told}");
}

#[test]
fn t4_unknown_names_are_held_as_known_ones_are_and_kept_nowhere() {
    let (mut cx, _) = site();
    let typed = from(Account::Nobodys("hunter2 my password"), HERE);
    fail_often(&mut cx, &typed, 10);
    assert_eq!(gate(&cx, &typed), Gate::Shut);
    let kept: Vec<String> = cx
        .read(|tx| {
            let mut statement =
                tx.sql().prepare("SELECT account || source || times FROM throttle_counters")?;
            Ok(statement.query_map([], |row| row.get(0))?.collect::<Result<_, _>>()?)
        })
        .unwrap();
    assert_eq!(kept.len(), 3);
    assert!(!kept.concat().contains("hunter2"));
    assert!(rows(&cx).iter().all(|row| !format!("{row:?}").contains("hunter2")));
}

#[test]
fn t8_a_row_for_the_first_failure_in_a_while_and_one_for_each_hold() {
    let (mut cx, id) = site();
    let here = from(Account::Of(id), HERE);
    fail_often(&mut cx, &here, 10);
    assert_eq!(actions(&cx), ["login.failed", "login.held"]);
    let (_, subject, told) = rows(&cx).remove(1);
    assert_eq!(subject, OLENA);
    assert!(told.contains(r#""failures":10"#) && told.contains(r#""from":"203.0.113.7""#), "{told}");
    pass(&mut cx, 900);
    assert_eq!(fail(&cx, &here), Gate::Open);
    assert_eq!(actions(&cx), ["login.failed", "login.held", "login.failed", "login.held"]);
}

#[test]
fn t8_above_600_rows_a_minute_all_the_rest_are_one() {
    let (mut cx, id) = site();
    for number in 0..1000_u32 {
        let address = std::net::Ipv4Addr::from_bits(0x0a00_0000 + number).to_string();
        cx.write(|tx| {
            let login = from(Account::Of(id), &address);
            let failure = count_failure(&cx, tx, &login)?;
            record_failure(&cx, tx, (&login, OLENA), &failure)
        })
        .unwrap();
    }
    assert_eq!(actions(&cx).len(), 600);
    pass(&mut cx, 60);
    cx.actor = Actor::system(None);
    (upkeep::CLEAN_UP.run)(&cx, &|| unreachable!("the key stays")).unwrap();
    let (action, _, told) = rows(&cx).pop().unwrap();
    assert_eq!(action, "login.left_out");
    assert!(told.contains(r#""rows":401"#), "with the hold of the account: {told}");
    assert_eq!(actions(&cx).len(), 601);
}

#[test]
fn t8_logins_are_told_within_the_same_bounds() {
    let (cx, id) = site();
    cx.write(|tx| {
        let login = || audit::Event::of("login.done", (super::KIND, id), OLENA);
        (0..700).try_for_each(|_| super::record(&cx, tx, login(), &audit::Fields::new()))
    })
    .unwrap();
    assert_eq!(actions(&cx).len(), 600);
}

/// Asks from there for that email; whether it was looked at.
fn asks(cx: &Context, source: Source, typed: &str) -> bool {
    cx.write(|tx| take_ask(cx, tx, &LinkAsk { source, typed })).unwrap()
}

#[test]
fn t1_asks_from_one_source_for_one_email_are_looked_at_5_times_in_10_minutes_and_15_in_30() {
    let (mut cx, _) = site();
    let (here, there) = (Source::of(&cx), Source::Address(THERE.parse().unwrap()));
    let mut taken = Vec::new();
    for _ in 0..6 {
        taken.push((0..20).filter(|_| asks(&cx, here, OLENA)).count());
        assert!(!asks(&cx, here, OLENA));
        assert!(asks(&cx, there, OLENA), "t3: from elsewhere they are helped");
        pass(&mut cx, 600);
    }
    assert_eq!(taken, [5, 5, 5, 5, 5, 5], "who asked in vain is held no longer for it");
    let mut taken = Vec::new();
    for _ in 0..6 {
        taken.push((0..20).filter(|_| asks(&cx, here, "nobody")).count());
        pass(&mut cx, 300);
    }
    assert_eq!(taken, [5, 0, 5, 0, 5, 0]);
}

#[test]
fn t3_what_one_person_asks_for_at_an_address_uses_up_nothing_of_the_others_there() {
    let (cx, _) = site();
    let here = Source::of(&cx);
    assert_eq!((0..50).filter(|_| asks(&cx, here, "nobody")).count(), 5);
    assert!(asks(&cx, here, OLENA));
}

#[test]
fn t1_an_office_behind_one_address_asks_for_100_emails_in_10_minutes() {
    let (mut cx, _) = site();
    let here = Source::of(&cx);
    let taken = (0..200).filter(|number| asks(&cx, here, &format!("person{number}@acme.example"))).count();
    assert_eq!(taken, 100);
    assert!(asks(&cx, here, "person7@acme.example"), "one that is among them already");
    pass(&mut cx, 600);
    assert!(asks(&cx, here, "person150@acme.example"));
}

#[test]
fn t3_a_person_gets_three_mails_an_hour_and_then_still_one() {
    let (mut cx, id) = site();
    let mails =
        |cx: &Context, asks| (0..asks).filter(|_| cx.write(|tx| take_mail(cx, tx, id)).unwrap()).count();
    let mut hourly = Vec::new();
    for _ in 0..5 {
        hourly.push(mails(&cx, 20));
        pass(&mut cx, 3600);
    }
    assert_eq!(hourly, [3, 3, 1, 1, 1]);
}

#[test]
fn counters_that_count_no_more_are_forgotten_and_holds_are_not() {
    let (mut cx, id) = site();
    fail_often(&mut cx, &from(Account::Of(id), HERE), 1);
    let left = |cx: &Context| {
        cx.read(|tx| {
            Ok(tx.sql().query_row("SELECT count(*) FROM throttle_counters", [], |row| row.get(0))?)
        })
        .map(|count: i64| count)
        .unwrap()
    };
    let clean = |cx: &Context| (upkeep::CLEAN_UP.run)(cx, &|| unreachable!("the key stays")).unwrap().count;
    cx.actor = Actor::system(None);
    assert_eq!((clean(&cx), left(&cx)), (0, 3));
    pass(&mut cx, 3600);
    assert_eq!((clean(&cx), left(&cx)), (3, 0));
    fail_often(&mut cx, &from(Account::Of(id), HERE), 1);
    pass(&mut cx, -7200);
    assert_eq!((clean(&cx), left(&cx)), (3, 0), "a clock that was set back");
}

#[test]
fn every_statement_fits_the_schema() {
    let cx = Context::for_tests();
    cx.read(|tx| {
        for sql in store::STATEMENTS {
            tx.sql().prepare(sql)?;
        }
        Ok(())
    })
    .unwrap();
}

#[test]
fn what_is_tried_is_counted_for_whoever_watches() {
    let (mut cx, id) = site();
    let here = from(Account::Of(id), HERE);
    fail_often(&mut cx, &here, 1);
    fail(&cx, &here);
    fail(&cx, &here);
    cx.write(|tx| count_success(&cx, tx, &here)).unwrap();
    let of =
        |counter| cx.meters.read(counter).into_iter().filter(|(_, count)| *count > 0).collect::<Vec<_>>();
    assert_eq!(of(&meters::LOGINS), [("right", 1), ("wrong", 2), ("not_taken", 1)]);
    let by = (id, CodeBy::Password);
    for _ in 0..3 {
        cx.write(|tx| count_wrong_code(&cx, tx, (id, OLENA), CodeBy::Password).map(drop)).unwrap();
    }
    cx.read(|tx| look_factor(&cx, tx, by).map(drop)).unwrap();
    cx.write(|tx| count_factor_success(&cx, tx, by)).unwrap();
    assert_eq!(of(&meters::CODES), [("right", 1), ("wrong", 3), ("not_taken", 1)]);
    for _ in 0..7 {
        let ask = LinkAsk { source: Source::of(&cx), typed: OLENA };
        cx.write(|tx| take_ask(&cx, tx, &ask).map(drop)).unwrap();
    }
    for _ in 0..6 {
        cx.write(|tx| take_contact(&cx, tx).map(drop)).unwrap();
    }
    assert_eq!(of(&meters::REFUSED), [("link", 2), ("contact", 1)]);
}
