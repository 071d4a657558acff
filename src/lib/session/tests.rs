use super::{Ended, Session, begin, complete, end, end_all, find, of, prove, store, touch, upkeep};
use crate::audit;
use crate::context::{Actor, Context, Via};
use crate::store::Store;
use crate::text::instant::Instant;
use crate::text::secret::Secret;
use crate::user::{Facts, create};

const OLENA: &str = "olena@acme.example";

fn site() -> (Context, i64) {
    let mut cx = Context::for_tests();
    let (user, _) = create::create(&cx, Facts::new(OLENA.to_owned()), None, false).unwrap();
    cx.via = Via::Web("203.0.113.7".parse().unwrap());
    (cx, user.id)
}

fn pass(cx: &mut Context, minutes: i64) {
    cx.stop_clock(Instant::from_micros(cx.now().micros() + minutes * super::MINUTE));
}

fn begun(cx: &Context, user: i64) -> Secret {
    cx.write(|tx| begin(cx, tx, user, "Firefox/147.0 Linux")).unwrap()
}

fn found(cx: &Context, token: &Secret) -> Option<Session> {
    cx.read(|tx| find(cx, tx, token.expose())).unwrap()
}

#[test]
fn s1_the_browser_keeps_256_bits_and_the_store_only_their_hash() {
    let (cx, user) = site();
    let (one, other) = (begun(&cx, user), begun(&cx, user));
    assert_eq!(one.expose().len(), 64);
    assert_ne!(one.expose(), other.expose());
    let session = found(&cx, &one).unwrap();
    assert!(!session.is_complete, "it opens nothing yet");
    assert_eq!(
        (session.address.as_deref(), session.browser.as_str()),
        (Some("203.0.113.7"), "Firefox, Linux")
    );
    let kept: Vec<u8> = cx
        .read(|tx| {
            Ok(tx.sql().query_row("SELECT token_hash FROM sessions WHERE id = 1", [], |row| row.get(0))?)
        })
        .unwrap();
    assert_ne!(crate::crypto::hex::hex(&kept), one.expose());
    let forged = [String::new(), "0".repeat(64), crate::crypto::hex::hex(&kept), one.expose().to_uppercase()];
    for forged in forged {
        assert_eq!(found(&cx, &Secret::new(forged)), None);
    }
}

#[test]
fn s1_a_session_that_is_proved_anew_has_another_secret() {
    let (mut cx, user) = site();
    let old = begun(&cx, user);
    let session = found(&cx, &old).unwrap();
    pass(&mut cx, 11);
    assert!(!found(&cx, &old).unwrap().is_fresh(cx.now()));
    let new = cx.write(|tx| prove(&cx, tx, &session)).unwrap();
    assert_eq!(found(&cx, &old), None);
    let renewed = found(&cx, &new).unwrap();
    assert!(renewed.is_fresh(cx.now()) && renewed.id == session.id);
}

#[test]
fn s3_a_session_ends_after_an_hour_without_use_and_after_twelve_with() {
    let (mut cx, user) = site();
    let token = begun(&cx, user);
    pass(&mut cx, 59);
    assert!(found(&cx, &token).is_some());
    pass(&mut cx, 1);
    assert_eq!(found(&cx, &token), None);
    let token = begun(&cx, user);
    for _ in 0..12 * 60 / 40 - 1 {
        pass(&mut cx, 40);
        touch(&cx, &found(&cx, &token).unwrap()).unwrap();
    }
    pass(&mut cx, 39);
    assert!(found(&cx, &token).is_some());
    pass(&mut cx, 1);
    assert_eq!(found(&cx, &token), None);
}

#[test]
fn s3_a_clock_that_steps_back_makes_no_session_last_for_ever() {
    let (mut cx, user) = site();
    let token = begun(&cx, user);
    pass(&mut cx, -600);
    assert_eq!(found(&cx, &token), None);
}

#[test]
fn s3_a_clock_that_steps_back_gives_nobody_more_time_without_use() {
    let (mut cx, user) = site();
    let token = begun(&cx, user);
    pass(&mut cx, 50);
    touch(&cx, &found(&cx, &token).unwrap()).unwrap();
    pass(&mut cx, -45);
    touch(&cx, &found(&cx, &token).unwrap()).unwrap();
    pass(&mut cx, 59);
    assert!(found(&cx, &token).is_some());
    pass(&mut cx, 1);
    assert_eq!(found(&cx, &token), None, "an hour after it was used last");
}

#[test]
fn a12_where_the_store_cannot_be_written_whoever_only_looks_goes_on() {
    let (mut cx, user) = site();
    let token = begun(&cx, user);
    pass(&mut cx, 5);
    let session = found(&cx, &token).unwrap();
    cx.read(|tx| Ok(tx.sql().pragma_update(None, "query_only", true)?)).unwrap();
    assert!(cx.write(|tx| end(&cx, tx, (&session, OLENA), Ended::Oneself)).is_err());
    touch(&cx, &session).unwrap();
    assert_eq!(found(&cx, &token).unwrap().seen_at, session.seen_at);
}

#[test]
fn the_time_of_use_is_written_once_a_minute() {
    let (mut cx, user) = site();
    let token = begun(&cx, user);
    let began = cx.now();
    cx.stop_clock(Instant::from_micros(began.micros() + super::MINUTE - 1));
    touch(&cx, &found(&cx, &token).unwrap()).unwrap();
    assert_eq!(found(&cx, &token).unwrap().seen_at, began);
    pass(&mut cx, 1);
    touch(&cx, &found(&cx, &token).unwrap()).unwrap();
    assert_eq!(found(&cx, &token).unwrap().seen_at, cx.now());
}

#[test]
fn s6_sessions_are_listed_and_ended_and_the_audit_tells_of_it() {
    let (mut cx, user) = site();
    let tokens: Vec<Secret> = (0..3).map(|_| begun(&cx, user)).collect();
    let sessions: Vec<Session> = tokens.iter().map(|token| found(&cx, token).unwrap()).collect();
    let kept = cx
        .write(|tx| {
            complete(&cx, tx, &sessions[0], OLENA)?;
            complete(&cx, tx, &sessions[1], OLENA)?;
            prove(&cx, tx, &sessions[1])
        })
        .unwrap();
    let ids = |cx: &Context| -> Vec<i64> {
        cx.read(|tx| of(cx, tx, user)).unwrap().iter().map(|session| session.id).collect()
    };
    assert_eq!(ids(&cx), [2, 1], "the third has steps of the login before it");
    assert!(cx.write(|tx| end(&cx, tx, (&sessions[0], OLENA), Ended::Oneself)).unwrap());
    assert!(!cx.write(|tx| end(&cx, tx, (&sessions[0], OLENA), Ended::Oneself)).unwrap(), "it has ended");
    assert_eq!(ids(&cx), [2]);
    assert_eq!(cx.write(|tx| end_all(&cx, tx, (user, OLENA), Some(2), Ended::Password)).unwrap(), 1);
    assert!(found(&cx, &kept).is_some() && found(&cx, &tokens[2]).is_none());
    let mut told = Vec::new();
    cx.actor = Actor::system(None);
    audit::list(&cx, &audit::Filter::default(), |row| {
        if row.kind == "session" {
            told.push((row.action, row.subject, row.after.unwrap()));
        }
        Ok(())
    })
    .unwrap();
    let row = |why: &str| {
        ("session.end".to_owned(), OLENA.to_owned(), format!(r#"{{"sessions":1,"because":"{why}"}}"#))
    };
    assert_eq!(told, [row("password"), row("oneself")]);
}

#[test]
fn a_person_has_so_many_sessions_and_the_oldest_ends() {
    let (cx, user) = site();
    let (other, _) = create::create(&cx, Facts::new("petro@acme.example".into()), None, false).unwrap();
    let kept = begun(&cx, other.id);
    let tokens: Vec<Secret> = (0..=super::MOST).map(|_| begun(&cx, user)).collect();
    let lasting: Vec<bool> = tokens.iter().map(|token| found(&cx, token).is_some()).collect();
    assert_eq!((lasting[0], lasting[1..].iter().all(|lasts| *lasts)), (false, true));
    assert!(found(&cx, &kept).is_some(), "another's is not counted");
}

#[test]
fn a_person_has_so_many_sessions_that_are_whole_and_the_one_that_was_opened_last_stays() {
    let (cx, user) = site();
    let open = |token: &Secret| {
        let session = found(&cx, token).unwrap();
        assert!(cx.write(|tx| complete(&cx, tx, &session, OLENA)).unwrap());
    };
    let late = begun(&cx, user);
    let tokens: Vec<Secret> = (0..=super::MOST).map(|_| begun(&cx, user)).inspect(open).collect();
    let count = |cx: &Context| cx.read(|tx| of(cx, tx, user)).unwrap().len();
    assert_eq!(count(&cx), 50);
    assert!(found(&cx, &tokens[0]).is_none() && found(&cx, &tokens[1]).is_some(), "the oldest ended");
    open(&late);
    assert_eq!(count(&cx), 50);
    assert!(found(&cx, &late).is_some(), "begun before them, and opened after");
    assert!(found(&cx, &tokens[1]).is_none() && found(&cx, &tokens[2]).is_some(), "the next oldest ended");
    let whys: Vec<String> = cx
        .read(|tx| {
            let mut ended =
                tx.sql().prepare("SELECT DISTINCT ended_by FROM sessions WHERE ended_at NOT NULL")?;
            let whys = ended.query_map([], |row| row.get(0))?;
            Ok(whys.collect::<Result<_, _>>()?)
        })
        .unwrap();
    assert_eq!(whys, [Ended::TooMany.name()]);
    let rows = cx.read(|tx| audit::changes_of(tx, "session", user)).unwrap();
    let told: Vec<_> =
        rows.into_iter().filter(|row| row.action == "session.end").filter_map(|row| row.after).collect();
    assert_eq!(told, [r#"{"sessions":1,"because":"too-many"}"#; 2]);
}

#[test]
fn s6_logins_that_are_not_finished_end_no_session() {
    let (cx, user) = site();
    let token = begun(&cx, user);
    let session = found(&cx, &token).unwrap();
    cx.write(|tx| complete(&cx, tx, &session, OLENA)).unwrap();
    let unfinished: Vec<Secret> = (0..=super::MOST).map(|_| begun(&cx, user)).collect();
    assert!(found(&cx, &token).is_some(), "whoever has the password alone ends nothing");
    assert!(found(&cx, &unfinished[0]).is_none(), "and these are bounded too");
}

#[test]
fn sessions_are_forgotten_after_the_days_of_the_setting() {
    let (mut cx, user) = site();
    let token = begun(&cx, user);
    let clean = |cx: &Context| (upkeep::CLEAN_UP.run)(cx, &|| unreachable!("the key stays")).unwrap().count;
    pass(&mut cx, 30);
    touch(&cx, &found(&cx, &token).unwrap()).unwrap();
    pass(&mut cx, 90 * 24 * 60);
    assert_eq!(clean(&cx), 0);
    pass(&mut cx, 1);
    assert_eq!((clean(&cx), clean(&cx)), (1, 0));
}

#[test]
fn every_statement_fits_the_schema() {
    Store::assert_prepares(&[store::STATEMENTS]);
}
