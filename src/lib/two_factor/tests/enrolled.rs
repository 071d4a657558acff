//! Codes of somebody who has a second factor.

use super::*;

#[test]
fn o2_a_code_is_good_a_step_early_and_a_step_late_and_each_step_once() {
    let mut site = Site::new();
    let (secret, _) = site.enrol();
    let of = |seconds: i64| code_of(&secret, at(seconds));
    assert_eq!(site.check(&of(0)), Checked::Wrong, "the one that confirmed it was used");
    for (now, code, expected) in [
        (300, 240, Checked::Wrong),
        (300, 270, Checked::Right(())),
        (300, 330, Checked::Right(())),
        (300, 300, Checked::Right(())),
        (300, 300, Checked::Wrong),
        (330, 330, Checked::Wrong),
        (330, 360, Checked::Right(())),
        (390, 360, Checked::Wrong),
        (390, 480, Checked::Wrong),
        (420, 420, Checked::Right(())),
    ] {
        site.go_to(now);
        assert_eq!(site.check(&of(code)), expected, "the code of {code} at {now}");
    }
}

#[test]
fn o4_a_clock_that_steps_back_accepts_no_used_step_and_one_that_was_ahead_locks_nobody_out() {
    let mut site = Site::new();
    let (secret, _) = site.enrol();
    let of = |seconds: i64| code_of(&secret, at(seconds));
    // A day ahead for a while, where nineteen codes were used.
    let ahead = 24 * 60 * 60;
    for step in 0..19 {
        site.go_to(ahead + step * 30);
        assert_eq!(site.check(&of(ahead + step * 30)), Checked::Right(()));
    }
    site.go_to(0);
    assert_eq!(site.check(&of(0)), Checked::Wrong, "used before the clock was ahead");
    site.go_to(60);
    assert_eq!(site.check(&of(60)), Checked::Right(()), "and nobody is locked out");
    site.go_to(ahead);
    assert_eq!(site.check(&of(ahead)), Checked::Wrong, "what was used then is used when it comes");
}

#[test]
fn o4_however_many_codes_were_used_ahead_none_is_good_again_and_what_lies_a_year_behind_is_forgotten() {
    let mut site = Site::new();
    let (secret, _) = site.enrol();
    let check = |site: &mut Site, seconds: i64| {
        site.go_to(seconds);
        site.check(&code_of(&secret, at(seconds)))
    };
    let (ahead, year) = (24 * 60 * 60, 365 * 24 * 60 * 60);
    let used_ahead: Vec<i64> = (0..40).map(|step| ahead + step * 30).collect();
    for seconds in &used_ahead {
        assert_eq!(check(&mut site, *seconds), Checked::Right(()), "{seconds}");
    }
    for seconds in (1..=25).map(|step| step * 30) {
        assert_eq!(check(&mut site, seconds), Checked::Right(()), "set back: {seconds}");
    }
    // Three wrong ones in a step, and ten in an hour, would be answered otherwise.
    for seconds in &used_ahead {
        site.cx.write(|tx| crate::throttle::forget_wrong_codes(&site.cx, tx, site.olena)).unwrap();
        assert_eq!(check(&mut site, *seconds), Checked::Wrong, "{seconds}");
    }
    let kept = |site: &Site| -> i64 {
        let count = "SELECT count(*) FROM two_factor_steps";
        site.cx.read(|tx| Ok(tx.sql().query_row(count, [], |row| row.get(0))?)).unwrap()
    };
    assert_eq!(kept(&site), 1 + 40 + 25);
    for step in 0..20 {
        assert_eq!(check(&mut site, ahead + year + (60 + step) * 30), Checked::Right(()));
    }
    assert_eq!(kept(&site), 20);
}

#[test]
fn o3_three_wrong_codes_wait_for_the_next_step_and_ten_hold() {
    let mut site = Site::new();
    let (secret, codes) = site.enrol();
    let wrong = |site: &Site| site.check("000000");
    let mut now = 60;
    for number in 0..9 {
        site.go_to(now);
        assert_eq!(wrong(&site), Checked::Wrong, "{number}");
        if number % 3 == 2 {
            let next = Checked::NextStep(Instant::from_micros(at(now + 15).micros()));
            assert_eq!(site.check(&code_of(&secret, at(now))), next, "also a right one");
            assert_eq!(site.check(codes[0].expose()), next, "and a backup code");
            now += 30;
        }
    }
    site.go_to(now);
    let held = Checked::Held(at(now + 15 * 60));
    assert_eq!(site.check("7K3M-9QXT-2VBD-8HRW"), held, "backup codes share the count");
    site.go_to(now + 15 * 60 - 1);
    assert_eq!(site.check(&code_of(&secret, at(now + 15 * 60 - 1))), held);
    assert_eq!(site.check(codes[0].expose()), held);
    site.go_to(now + 15 * 60);
    assert_eq!(
        wrong(&site),
        Checked::Held(at(now + 30 * 60)),
        "within the hour the next wrong one holds again"
    );
    site.go_to(now + 30 * 60);
    assert_eq!(site.check(&code_of(&secret, at(now + 30 * 60))), Checked::Right(()));
    assert_eq!(wrong(&site), Checked::Wrong, "a right one ends the count");
    let rows = site.rows("login");
    let actions: Vec<&str> = rows.iter().map(|(action, _)| action.as_str()).collect();
    assert_eq!(actions.iter().filter(|action| **action == "login.held").count(), 2, "{rows:?}");
    assert!(rows[0].1.contains("second factor"), "{rows:?}");
}

#[test]
fn o3_t3_wrong_codes_of_whoever_has_the_password_alone_hold_neither_a_link_nor_a_browser_that_is_known() {
    let ways = [CodeBy::Password, CodeBy::KnownBrowser, CodeBy::Link];
    for (number, by) in ways.into_iter().enumerate() {
        let mut site = Site::new();
        let (_, codes) = site.enrol();
        for number in 0..10 {
            site.go_to(60 + 30 * number);
            site.check_by(by, "000000");
        }
        for other in ways {
            let code = codes[number].expose();
            let is_held = matches!(site.check_by(other, "7K3M-9QXT-2VBD-8HRW"), Checked::Held(_));
            assert_eq!(is_held, other == by, "{by:?} {other:?}");
            if other != by && ways[(number + 1) % 3] == other {
                assert_eq!(site.check_by(other, code), Checked::Right(()));
                assert!(
                    matches!(site.check_by(by, "000000"), Checked::Held(_)),
                    "which ends no hold of others"
                );
            }
        }
    }
}

#[test]
fn o3_an_administrator_ends_the_hold() {
    let mut site = Site::new();
    let (secret, _) = site.enrol();
    for number in 0..10 {
        site.go_to(60 + 30 * number);
        site.check("000000");
    }
    assert!(matches!(site.check("000000"), Checked::Held(_)));
    let checks = crate::user::login::checks(&site.user(), crate::user::login::Moment::of(&site.cx));
    let told = checks.iter().find(|check| check.code == "two_factor").unwrap();
    assert!(told.ok && told.detail.contains("held after wrong codes until"), "{told:?}");
    let throttle = checks.iter().find(|check| check.code == "throttle").unwrap();
    assert_eq!(throttle.detail, "not held", "the password is taken");
    site.shell(|cx| crate::user::bin::unlock(cx, &[OLENA.to_owned()])).unwrap();
    site.go_to(60 + 300);
    assert_eq!(site.check(&code_of(&secret, at(360))), Checked::Right(()));
}

#[test]
fn o6_ten_codes_of_80_bits_are_good_once_each() {
    let mut site = Site::new();
    let (_, codes) = site.enrol();
    assert_eq!(codes.len(), 10);
    let letters: std::collections::BTreeSet<char> =
        codes.iter().flat_map(|code| code.expose().chars()).filter(|letter| *letter != '-').collect();
    assert!(codes.iter().all(|code| code.expose().len() == 16 + 3), "16 times five bits");
    assert!(letters.iter().all(|letter| "0123456789ABCDEFGHJKMNPQRSTVWXYZ".contains(*letter)), "{letters:?}");
    for (number, code) in codes.iter().enumerate() {
        site.go_to(60 + i64::try_from(number).unwrap());
        assert_eq!(site.check(&code.expose().to_lowercase()), Checked::Right(()));
        assert_eq!(site.check(code.expose()), Checked::Wrong, "used");
        assert_eq!(usize::try_from(site.user().second_factor.unwrap().codes_left).unwrap(), 9 - number);
    }
}

#[test]
fn o7_codes_are_kept_as_argon2id_hashes_of_one_salt_so_that_a_try_takes_one() {
    let site = Site::new();
    let (_, codes) = site.enrol();
    let hashes: Vec<String> = site
        .cx
        .read(|tx| {
            let mut hashes = tx.sql().prepare("SELECT hash FROM backup_codes")?;
            let hashes = hashes.query_map([], |row| row.get(0))?;
            Ok(hashes.collect::<std::result::Result<_, _>>()?)
        })
        .unwrap();
    let parts: Vec<(&str, &str)> = hashes.iter().map(|hash| hash.rsplit_once('$').unwrap()).collect();
    assert_eq!(parts.len(), 10);
    assert!(parts[0].0.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{}", parts[0].0);
    assert!(parts.iter().all(|(salt, _)| *salt == parts[0].0));
    let outputs: std::collections::BTreeSet<&str> = parts.iter().map(|(_, output)| *output).collect();
    assert_eq!(outputs.len(), 10);
    let new = super::super::backup::make(&site.cx).unwrap();
    assert_eq!(new.codes.len(), 10);
    assert!(codes.iter().all(|code| hashes.iter().all(|hash| !hash.contains(code.expose()))));
}

#[test]
fn o8_use_and_new_codes_are_told_and_new_ones_end_the_old() {
    let mut site = Site::new();
    let (_, codes) = site.enrol();
    site.go_to(60);
    for code in codes.iter().take(7) {
        assert_eq!(site.check(code.expose()), Checked::Right(()));
    }
    let old = site.code_set();
    let new = site.new_codes(old).unwrap();
    assert!(site.new_codes(old).is_none(), "asked for twice at once, they are made once");
    assert_eq!(site.check(codes[8].expose()), Checked::Wrong);
    assert_eq!(site.check(new[0].expose()), Checked::Right(()));
    let mails = site.mails();
    assert_eq!(mails[0], "password-set");
    assert_eq!(mails[1], "factor-added");
    // Three are told at once, and the others in one that waits.
    assert_eq!(mails[2..5], ["backup-code-used"; 3]);
    assert_eq!(mails[5..], ["backup-code-used", "backup-codes-made"]);
    let rows: Vec<String> = site.rows("two_factor").into_iter().map(|(action, _)| action).collect();
    assert_eq!(rows[0], "two_factor.enrol");
    assert_eq!(rows.last().unwrap(), "two_factor.use_code");
    assert_eq!(rows[8], "two_factor.new_codes");
}

#[test]
fn s5_adding_and_removing_it_ends_every_other_session() {
    let site = Site::new();
    let other = site.log_in();
    let alive = |site: &Site| -> Vec<i64> {
        let sessions = site.cx.read(|tx| session::of(&site.cx, tx, site.olena)).unwrap();
        sessions.iter().map(|session| session.id).collect()
    };
    assert_eq!(alive(&site), [other, site.session]);
    site.enrol();
    assert_eq!(alive(&site), [site.session]);
    let third = site.log_in();
    assert_eq!(alive(&site), [third, site.session]);
    let olena = site.user();
    site.cx.write(|tx| disable(&site.cx, tx, &olena, site.session)).unwrap();
    assert_eq!(alive(&site), [site.session]);
    assert_eq!(site.user().second_factor, None);
    assert_eq!(site.mails().last().unwrap(), "factor-removed");
}

#[test]
fn o9_who_has_to_have_it_cannot_remove_it() {
    let mut site = Site::new();
    site.enrol();
    site.shell(|cx| {
        crate::user::bulk::apply_one(cx, OLENA, &crate::user::bulk::Verb::RequireSecondFactor(true))
    })
    .unwrap();
    let olena = site.user();
    let failure = site.cx.write(|tx| disable(&site.cx, tx, &olena, site.session)).unwrap_err();
    assert_eq!(failure.code(), "two_factor.required");
    assert!(site.user().second_factor.is_some());
}
