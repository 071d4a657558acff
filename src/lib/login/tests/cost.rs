//! What a login costs that is refused: the same, whoever is meant.

use std::time::{Duration, Instant as Moment};

use super::*;
use crate::crypto::rng::{CountingRandom, Random};
use crate::text::secret::Secret;
use crate::user::proof::Proved;

/// A store with Olena, who has a password, asked by a visitor, and how many salts were drawn.
fn store() -> (Context, Arc<CountingRandom>) {
    let mut cx = Context::for_tests();
    create::create(&cx, Facts::new(OLENA.to_owned()), None, false).unwrap();
    password::set_for_tests(&cx, OLENA, PASSWORD).unwrap();
    let random = Arc::new(CountingRandom::default());
    cx.rng = Arc::clone(&random) as Arc<dyn Random>;
    cx.via = Via::Web(crate::web::tests::CLIENT);
    (cx, random)
}

fn refused(cx: &Context, email: &str, password: &str) {
    let password = Secret::new(password.to_owned());
    let tried = crate::login::log_in(cx, (email, &password), crate::login::Browser::default()).unwrap();
    assert!(matches!(tried, Proved::Wrong), "{email}");
}

#[test]
fn t6_for_a_name_that_nobody_has_one_hash_is_made_as_for_whoever_is_held() {
    let (cx, random) = store();
    let made = |email: &str| {
        let before = random.salts();
        refused(&cx, email, "a wrong password");
        random.salts() - before
    };
    assert_eq!(made("nobody@acme.example"), 1);
    assert_eq!(made("nobody@acme.example"), 1, "too soon after the last one");
    assert_eq!(made("not even an email"), 1);
    assert_eq!(made(OLENA), 0, "theirs is checked, with the salt that it has");
    assert_eq!(made(OLENA), 1, "too soon: theirs is not looked at, and it costs as much");
}

/// The tries come in turn, so that whatever else the machine does meets all of them alike: what differs between them within
/// a turn is held against what one of them takes.
#[test]
fn t5_the_medians_of_200_logins_lie_within_5_milliseconds_whoever_is_meant() {
    let (mut cx, _) = store();
    cx.via = Via::Cli;
    let off = "off@acme.example";
    create::create(&cx, Facts::new(off.to_owned()), None, false).unwrap();
    password::set_for_tests(&cx, off, PASSWORD).unwrap();
    apply_one(&cx, off, &Verb::Deactivate).unwrap();
    cx.via = Via::Web(crate::web::tests::CLIENT);
    let everybody = [("nobody@acme.example", PASSWORD), (OLENA, "a wrong password"), (off, PASSWORD)];
    let mut later: Vec<Vec<Duration>> = vec![Vec::new(); everybody.len()];
    let mut sooner = later.clone();
    for _ in 0..200 {
        // Nothing of the last turn counts any more.
        cx.stop_clock(Instant::from_micros(cx.now().micros() + 2 * 3_600_000_000));
        let took = everybody.map(|(email, password)| {
            let begun = Moment::now();
            refused(&cx, email, password);
            begun.elapsed()
        });
        for (place, took_here) in took.iter().enumerate() {
            later[place].push(took_here.saturating_sub(took[0]));
            sooner[place].push(took[0].saturating_sub(*took_here));
        }
    }
    for (place, (email, _)) in everybody.iter().enumerate() {
        let median = |times: &mut Vec<Duration>| {
            times.sort_unstable();
            times[times.len() / 2]
        };
        let (later, sooner) = (median(&mut later[place]), median(&mut sooner[place]));
        assert!(later.max(sooner) <= Duration::from_millis(5), "{email}: {later:?} later, {sooner:?} sooner");
    }
}
