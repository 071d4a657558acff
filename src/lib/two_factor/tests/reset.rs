//! What an administrator does about a second factor that was lost.

use super::super::reset::reset;
use super::super::status::status;
use super::*;
use crate::user::bulk::{Verb, apply_one};
use crate::user::login::{Moment, may_log_in};

const HOUR: i64 = 3_600_000_000;

fn require(site: &mut Site, on: bool) {
    site.shell(|cx| apply_one(cx, OLENA, &Verb::RequireSecondFactor(on))).unwrap();
}

fn because(site: &mut Site, reason: &str, grace: Option<i64>) -> Result<()> {
    site.cx.reason = Some(reason.to_owned());
    site.shell(|cx| reset(cx, &[OLENA.to_owned()], grace).map(drop))
}

#[test]
fn o10_a_reset_takes_a_reason_ends_secret_codes_and_sessions_and_leaves_the_requirement() {
    let mut site = Site::new();
    require(&mut site, true);
    let (secret, codes) = site.enrol();
    let without = site.shell(|cx| reset(cx, &[OLENA.to_owned()], None).map(drop)).unwrap_err();
    assert_eq!(without.code(), "two_factor.without_reason");
    assert_eq!(because(&mut site, "  ", None).unwrap_err().code(), "two_factor.without_reason");
    because(&mut site, "phone lost", None).unwrap();
    let user = site.user();
    assert!(user.second_factor.is_none() && user.facts.two_factor_required);
    site.go_to(60);
    assert_eq!(site.check(&code_of(&secret, at(60))), Checked::Wrong);
    assert_eq!(site.check(codes[0].expose()), Checked::Wrong);
    assert_eq!(site.cx.read(|tx| session::of(&site.cx, tx, site.olena)).unwrap(), []);
    assert_eq!(site.mails().last().unwrap(), "factor-reset");
    let rows = site.rows("two_factor");
    assert_eq!(rows.last().unwrap().0, "two_factor.reset");
    // Nothing is left of it, and nothing is to be done twice.
    let before = rows.len();
    because(&mut site, "again", None).unwrap();
    assert_eq!(site.rows("two_factor").len(), before);
}

#[test]
fn o10_a_reset_of_who_has_none_yet_ends_what_is_being_set_up_and_who_does_it() {
    let mut site = Site::new();
    let secret = offer(&site.cx, &site.user(), site.session).unwrap().secret;
    because(&mut site, "somebody else is at it", None).unwrap();
    assert_eq!(site.cx.read(|tx| session::of(&site.cx, tx, site.olena)).unwrap(), []);
    assert!(matches!(site.confirm(&code_of(secret.expose(), at(0))), Confirmed::Stale));
    assert_eq!(site.mails().last().unwrap(), "factor-reset");
    assert_eq!(site.rows("two_factor").last().unwrap().0, "two_factor.reset");
    let (mails, rows) = (site.mails(), site.rows("two_factor"));
    because(&mut site, "again", None).unwrap();
    assert_eq!((site.mails(), site.rows("two_factor")), (mails, rows), "nothing is to be done twice");
    // Whoever is given a time to set one up is told until when.
    require(&mut site, true);
    because(&mut site, "new here", Some(24 * HOUR)).unwrap();
    assert_eq!(site.mails().iter().filter(|name| *name == "factor-reset").count(), 2);
}

#[test]
fn a_reset_of_who_has_nothing_and_left_a_browser_open_yesterday_changes_nothing() {
    let mut site = Site::new();
    site.go_to(24 * 60 * 60);
    let (mails, rows) = (site.mails(), site.rows("session"));
    because(&mut site, "just in case", None).unwrap();
    assert_eq!((site.mails(), site.rows("session")), (mails, rows));
    assert!(site.rows("two_factor").is_empty());
}

#[test]
fn o10_when_the_time_to_set_another_up_ends_nobody_logs_in() {
    let mut site = Site::new();
    site.enrol();
    let refused = because(&mut site, "phone lost", Some(24 * HOUR)).unwrap_err();
    assert_eq!(refused.code(), "two_factor.grace_without_requirement");
    require(&mut site, true);
    because(&mut site, "phone lost", Some(24 * HOUR)).unwrap();
    let may = |site: &Site| may_log_in(&site.user(), Moment::of(&site.cx));
    assert!(may(&site));
    site.go_to(24 * 60 * 60 - 1);
    assert!(may(&site));
    site.go_to(24 * 60 * 60);
    assert!(!may(&site));
    // Another day, in which they enrol.
    because(&mut site, "on holiday", Some(24 * HOUR)).unwrap();
    assert!(may(&site));
    site.session = site.log_in();
    site.enrol();
    site.go_to(72 * 60 * 60);
    assert!(may(&site));
    assert_eq!(site.user().two_factor_grace_until, None);
}

#[test]
fn a_time_that_ends_counts_for_the_requirement_it_was_given_with() {
    let mut site = Site::new();
    require(&mut site, true);
    because(&mut site, "new here", Some(HOUR)).unwrap();
    site.go_to(2 * 60 * 60);
    assert!(!may_log_in(&site.user(), Moment::of(&site.cx)));
    require(&mut site, false);
    assert!(may_log_in(&site.user(), Moment::of(&site.cx)));
    require(&mut site, true);
    assert!(may_log_in(&site.user(), Moment::of(&site.cx)), "required anew, with no time to it");
}

#[test]
fn the_last_superuser_is_given_no_time_that_ends() {
    let mut site = Site::new();
    site.shell(|cx| {
        crate::user::edit::edit(cx, OLENA, &crate::user::avatar::PhotoChange::Keep, |facts| {
            facts.superuser = true;
            facts.two_factor_required = true;
            Ok(())
        })
    })
    .unwrap();
    site.enrol();
    let failure = because(&mut site, "phone lost", Some(HOUR)).unwrap_err();
    assert_eq!(failure.code(), "user.last_superuser");
    assert!(site.user().second_factor.is_some());
    because(&mut site, "phone lost", None).unwrap();
}

#[test]
fn the_past_is_told_as_it_was() {
    let mut site = Site::new();
    let (_, codes) = site.enrol();
    site.go_to(60);
    site.check(codes[0].expose());
    site.go_to(120);
    because(&mut site, "phone lost", None).unwrap();
    let left = |site: &mut Site, seconds: i64| {
        let then = site.shell(|cx| {
            cx.read(|tx| crate::user::as_of(cx, tx, &crate::permission::AccessQueries, OLENA, at(seconds)))
        });
        then.unwrap().second_factor.map(|factor| factor.codes_left)
    };
    site.go_to(300);
    assert_eq!(
        [0, 30, 60, 119, 120].map(|seconds| left(&mut site, seconds)),
        [Some(10), Some(10), Some(9), Some(9), None]
    );
}

#[test]
fn how_it_stands_tells_when_codes_are_late() {
    let mut site = Site::new();
    let (secret, codes) = site.enrol();
    for (now, code) in [(300, 300), (600, 570), (900, 930)] {
        site.go_to(now);
        assert_eq!(site.check(&code_of(&secret, at(code))), Checked::Right(()));
    }
    site.check(codes[0].expose());
    let status = site.shell(|cx| status(cx, OLENA)).unwrap();
    assert_eq!(status.late, [-15, 16, 0, 0]);
    assert_eq!((status.codes_left, status.is_required, status.is_secret_lost), (Some(9), false, false));
}
