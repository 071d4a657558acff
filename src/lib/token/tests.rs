use std::collections::HashSet;
use std::time::Duration;

use super::*;
use crate::store::Store;

/// A store with two people, whose ids are 1 and 2.
fn site() -> Context {
    let cx = Context::for_tests();
    let sql =
        "INSERT INTO users (email, email_folded, active, sort_name, search, revision, created_at, updated_at)
        VALUES (?1, ?1, 1, ?1, ?1, 1, 1, 1)";
    for address in ["olena@acme.example", "petro@acme.example"] {
        cx.write(|tx| Ok(tx.sql().execute(sql, [address])?)).unwrap();
    }
    cx
}

fn about(purpose: Purpose, user: i64) -> About {
    About { purpose, user, mail: None, disowns: None }
}

fn made(cx: &Context, purpose: Purpose, user: i64) -> Token {
    cx.write(|tx| make(cx, tx, &about(purpose, user))).unwrap().0
}

fn is_good(cx: &Context, purpose: Purpose, token: &Token) -> bool {
    let known = cx.read(|tx| find(tx, purpose, token)).unwrap();
    known.is_some_and(|known| known.is_good(cx.now()))
}

/// Uses a token up, if that is let.
fn used(cx: &Context, purpose: Purpose, token: &Token) -> bool {
    cx.write(|tx| {
        let Some(known) = find(tx, purpose, token)? else { return Ok(false) };
        take(tx, &known, cx.now())
    })
    .unwrap()
}

fn pass(cx: &mut Context, time: Duration) {
    cx.stop_clock(later(cx.now(), time));
}

const MINUTE: Duration = Duration::from_secs(60);

#[test]
fn every_statement_prepares() {
    Store::assert_prepares(&[store::STATEMENTS]);
}

#[test]
fn l1_a_token_has_256_bits_or_more_and_the_store_has_its_hash_alone() {
    let cx = site();
    let tokens: Vec<Token> = (0..100).map(|_| made(&cx, Purpose::NotMe, 1)).collect();
    let bits = LENGTH * ALPHABET.len().ilog2() as usize;
    assert!(bits >= 256, "{bits}");
    let different: HashSet<&str> = tokens.iter().map(Token::expose).collect();
    assert_eq!(different.len(), 100);
    let sql = "SELECT hash FROM tokens ORDER BY id";
    let hashes: Vec<Vec<u8>> = cx
        .read(|tx| {
            let mut statement = tx.sql().prepare(sql)?;
            Ok(statement.query_map([], |row| row.get(0))?.collect::<Result<_, _>>()?)
        })
        .unwrap();
    for (token, hash) in tokens.iter().zip(&hashes) {
        assert_eq!(hash, Sha256::digest(token.expose()).as_slice());
    }
    assert_eq!(format!("{:?}", tokens[0]), "Token(…)");
}

#[test]
fn a_token_opens_what_it_was_made_for_and_nothing_else() {
    let cx = site();
    let token = made(&cx, Purpose::Reset, 1);
    for purpose in [Purpose::FirstLogin, Purpose::Invite, Purpose::NotMe] {
        assert!(!used(&cx, purpose, &token), "{purpose:?}");
    }
    assert!(is_good(&cx, Purpose::Reset, &token));
}

#[test]
fn l2_a_link_to_choose_a_password_works_for_an_hour_or_as_long_as_the_site_says() {
    let mut cx = site();
    for (minutes, setting) in [(60, None), (5, Some(5)), (1440, Some(1440))] {
        if let Some(setting) = setting {
            cx.settings_mut().set(&settings::RESET_MINUTES, setting);
        }
        let token = made(&cx, Purpose::Reset, 1);
        pass(&mut cx, (MINUTE * minutes).saturating_sub(Duration::from_micros(1)));
        assert!(is_good(&cx, Purpose::Reset, &token), "{minutes}");
        pass(&mut cx, Duration::from_micros(1));
        assert!(!used(&cx, Purpose::Reset, &token), "{minutes}");
    }
    for wrong in ["4", "1441", "0", "-1", ""] {
        assert!((settings::RESET_MINUTES.read)(wrong).is_err(), "{wrong}");
        assert!((settings::FIRST_LOGIN_MINUTES.read)(wrong).is_err(), "{wrong}");
    }
}

#[test]
fn l3_an_invitation_outlives_a_weekend_and_lives_for_thirty_days_at_most() {
    let mut cx = site();
    let token = made(&cx, Purpose::Invite, 1);
    pass(&mut cx, (MINUTE * 60 * 72).saturating_sub(Duration::from_micros(1)));
    assert!(is_good(&cx, Purpose::Invite, &token));
    pass(&mut cx, Duration::from_micros(1));
    assert!(!used(&cx, Purpose::Invite, &token));
    assert_eq!((settings::INVITE_HOURS.read)("720"), Ok(720));
    assert!((settings::INVITE_HOURS.read)("721").is_err());
    assert!((settings::INVITE_HOURS.read)("0").is_err());
}

#[test]
fn l4_a_newer_token_ends_the_older_of_its_purpose_and_of_its_account() {
    let cx = site();
    let older = made(&cx, Purpose::Reset, 1);
    let (of_another, other_purpose) = (made(&cx, Purpose::Reset, 2), made(&cx, Purpose::Invite, 1));
    let newer = made(&cx, Purpose::Reset, 1);
    assert!(!used(&cx, Purpose::Reset, &older));
    assert!(is_good(&cx, Purpose::Reset, &newer));
    assert!(is_good(&cx, Purpose::Reset, &of_another) && is_good(&cx, Purpose::Invite, &other_purpose));
    let disowning = [made(&cx, Purpose::NotMe, 1), made(&cx, Purpose::NotMe, 1)];
    assert!(disowning.iter().all(|token| is_good(&cx, Purpose::NotMe, token)));
}

#[test]
fn l4_all_tokens_of_an_account_end_together() {
    let cx = site();
    let purposes = Purpose::WORDS.map(|(_, purpose)| purpose);
    let tokens = purposes.map(|purpose| made(&cx, purpose, 1));
    let of_another = made(&cx, Purpose::Reset, 2);
    cx.write(|tx| end_all(tx, 1, cx.now())).unwrap();
    for (purpose, token) in purposes.into_iter().zip(&tokens) {
        assert!(!used(&cx, purpose, token), "{purpose:?}");
    }
    assert!(is_good(&cx, Purpose::Reset, &of_another));
}

#[test]
fn l5_of_all_who_use_a_token_one_may() {
    let cx = site();
    let token = made(&cx, Purpose::Reset, 1);
    let known = cx.read(|tx| find(tx, Purpose::Reset, &token)).unwrap().unwrap();
    let won: Vec<bool> = (0..5).map(|_| cx.write(|tx| take(tx, &known, cx.now())).unwrap()).collect();
    assert_eq!(won, [true, false, false, false, false]);
}

#[test]
fn a_token_of_a_clock_that_was_ahead_is_no_good_once_it_is_right() {
    let mut cx = site();
    let now = cx.now();
    pass(&mut cx, MINUTE * 60 * 24 * 365);
    let token = made(&cx, Purpose::Reset, 1);
    cx.stop_clock(now);
    assert!(!is_good(&cx, Purpose::Reset, &token) && !used(&cx, Purpose::Reset, &token));
    pass(&mut cx, MINUTE);
    let token = made(&cx, Purpose::Reset, 1);
    cx.stop_clock(now);
    assert!(used(&cx, Purpose::Reset, &token), "a minute is what clocks differ by");
}

#[test]
fn what_has_not_the_form_of_a_token_is_none() {
    let cx = site();
    let token = made(&cx, Purpose::Reset, 1);
    let text = token.expose();
    let wrong = [
        String::new(),
        text[..51].to_owned(),
        format!("{text}0"),
        text.to_ascii_uppercase(),
        format!("{}ї", &text[..50]),
        format!("{}!", &text[..51]),
    ];
    for wrong in wrong {
        assert_eq!(Token::parse(&wrong), None, "{wrong}");
    }
    assert_eq!(Token::parse(text), Some(token));
}

#[test]
fn tokens_are_forgotten_a_month_after_they_ran_out() {
    let mut cx = site();
    let token = made(&cx, Purpose::Reset, 1);
    pass(&mut cx, MINUTE * 60 * 24 * 30 + MINUTE * 60);
    assert_eq!(upkeep::forget(&cx).unwrap(), 0);
    pass(&mut cx, Duration::from_micros(1));
    cx.dry_run = true;
    assert_eq!(upkeep::forget(&cx).unwrap(), 1);
    cx.dry_run = false;
    assert_eq!(upkeep::forget(&cx).unwrap(), 1);
    assert_eq!(cx.read(|tx| find(tx, Purpose::Reset, &token)).unwrap(), None);
}
