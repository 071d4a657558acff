//! The second factor in a real browser: codes by `oathtool`, as an app makes them, and the picture read from the screen by
//! `zbarimg`, as a phone reads it.

use std::fs;
use std::path::PathBuf;
use std::sync::Barrier;

use super::*;

/// The links of the personal page.
const SET_UP: &str = "a[href='/personal-cabinet/2fa/setup/']";
const TURN_OFF: &str = "a[href='/personal-cabinet/2fa/disable/']";
const NEW_CODES: &str = "a[href='/personal-cabinet/2fa/backup-codes/']";

/// What leads on from a page without a form.
const ON: &str = ".actions.main a";

/// What an app shows for a secret, so many half minutes from now.
fn code(secret: &str, half_minutes: u32) -> String {
    let at = format!("now + {} seconds", 30 * half_minutes);
    let told = program("oathtool").args(["--totp", "--base32", "--now", &at, secret]).output().unwrap();
    assert!(told.status.success(), "{}", String::from_utf8_lossy(&told.stderr));
    String::from_utf8(told.stdout).unwrap().trim().to_owned()
}

/// What a phone reads from a picture of a page.
fn scan(picture: &PathBuf) -> String {
    let told = program("zbarimg").args(["--quiet", "--raw"]).arg(picture).output().unwrap();
    String::from_utf8(told.stdout).unwrap().trim().to_owned()
}

/// A site with somebody who has a password.
fn site_of_olena(look: Look) -> Site {
    let site = Site::start();
    site.has(OLENA, ("Олена", "Шевченко"), look.language);
    site.secboard_with(&["user", "set-password", OLENA, "--password-stdin", "--no-must-change"], PASSWORD);
    site
}

impl Person<'_> {
    /// Types a code, and sends it.
    fn gives(&self, code: &str) {
        self.types("code", code);
        self.sends();
    }

    /// Sets a second factor up from the page with the picture on: the secret, and the codes.
    fn enrols(&self, picture: &str) -> (String, Vec<String>) {
        self.comes_to("factor-setup-heading", picture);
        let secret = self.secret();
        for scheme in ["light", "dark"] {
            let read = scan(&self.picture(&format!("{picture}-{scheme}")));
            assert!(read.starts_with("otpauth://totp/"), "{scheme}: {read:?}");
            assert!(read.contains(&format!("secret={secret}")), "{scheme}: the picture is of another secret");
        }
        self.presses(ON);
        self.comes_to("factor-verify-title", &format!("{picture}-confirm"));
        self.gives("12345");
        self.comes_to("factor-verify-title", &format!("{picture}-no-code"));
        self.reads("code-bad");
        self.gives(&code(&secret, 0));
        self.comes_to("codes-title", &format!("{picture}-codes"));
        let codes = self.reads_all("ol.codes li");
        assert_eq!(codes.len(), 10);
        (secret, codes)
    }

    /// The secret as it stands beside the picture, for whoever types it.
    fn secret(&self) -> String {
        self.clicks("details summary");
        let secret = self.reads_all(".secret").concat().replace(' ', "");
        self.clicks("details summary");
        secret
    }

    /// Logs in up to the code.
    fn comes_to_the_code(&self, picture: &str) {
        self.logs_in(OLENA, PASSWORD);
        self.comes_to("code-title", picture);
    }
}

/// Somebody sets it up, logs in with it, uses a backup code, makes new ones, and turns it off.
fn own_wish(chromium: &Chromium, look: Look) {
    let site = site_of_olena(look);
    let olena = chromium.person(&site.address, look);
    olena.logs_in(OLENA, PASSWORD);
    olena.presses(SET_UP);
    let (secret, codes) = olena.enrols("factor-setup");

    // The codes can be taken along: what needs a script is there where scripts run.
    assert_eq!(olena.sees("[data-script=print]"), look.scripts);
    assert!(!olena.sees("[data-script=copy]"), "browsers have a clipboard for sites with TLS alone");
    let kept = olena.downloads("a[download]");
    assert!(codes.iter().all(|code| kept.contains(code)), "all ten are in the file");
    olena.presses(ON);
    olena.comes_to("cabinet-title", "cabinet-with-factor");
    olena.presses("header form button");

    // The code that confirmed it was used; the next one is taken, however it is written.
    olena.comes_to_the_code("code");
    olena.gives("");
    olena.comes_to("code-title", "code-none");
    olena.reads("code-none");
    let next = code(&secret, 1);
    olena.gives(&format!("{} {}", &next[..3], &next[3..]));
    olena.comes_to("cabinet-title", "cabinet-by-code");

    // Without the phone: a backup code, in small letters and without its dashes; once.
    let elsewhere = chromium.person(&site.address, look);
    elsewhere.comes_to_the_code("code-elsewhere");
    elsewhere.follows("code-use-backup");
    elsewhere.comes_to("code-backup-title", "backup");
    elsewhere.gives(&codes[0].to_lowercase().replace('-', ""));
    elsewhere.comes_to("cabinet-title", "cabinet-by-backup");
    elsewhere.presses("header form button");
    elsewhere.logs_in(OLENA, PASSWORD);
    elsewhere.follows("code-use-backup");
    elsewhere.gives(&codes[0]);
    elsewhere.comes_to("code-backup-title", "backup-used");
    elsewhere.reads("code-wrong");

    // New ones end the old.
    olena.opens("/personal-cabinet/");
    olena.presses(NEW_CODES);
    olena.comes_to("codes-new-title", "new-codes");
    // Twice, as people do who click on everything twice: what is shown is what counts.
    olena.presses_twice("main form button");
    olena.comes_to("codes-title", "new-codes-made");
    let new = olena.reads_all("ol.codes li");
    assert!(new.iter().all(|code| !codes.contains(code)));
    elsewhere.gives(&codes[1]);
    elsewhere.comes_to("code-backup-title", "backup-ended");
    elsewhere.gives(&new[1]);
    elsewhere.comes_to("cabinet-title", "cabinet-by-new-backup");

    // It is turned off by who has a code; everybody else is out.
    olena.presses(ON);
    olena.presses(TURN_OFF);
    olena.comes_to("factor-off-title", "factor-off");
    olena.gives(&new[2]);
    olena.comes_to("cabinet-title", "cabinet-without-factor");
    olena.reads("cabinet-factor-why");
    elsewhere.opens("/personal-cabinet/");
    assert!(elsewhere.is_on("/login/"), "whoever was logged in elsewhere is out");
    elsewhere.logs_in(OLENA, PASSWORD);
    elsewhere.comes_to("cabinet-title", "cabinet-by-password");
}

/// An administrator asks for it while somebody is logged in: nothing else opens until it is set up.
fn order(chromium: &Chromium, look: Look) {
    let site = site_of_olena(look);
    let olena = chromium.person(&site.address, look);
    olena.logs_in(OLENA, PASSWORD);
    olena.comes_to("cabinet-title", "cabinet-before-order");
    site.secboard(&["two-factor", "require", OLENA]);
    for page in ["/personal-cabinet/", "/update_profile/", "/password_change/"] {
        olena.opens(page);
        assert!(olena.is_on("/login/2fa/setup/"), "{page}");
    }
    olena.reads("factor-setup-forced");
    let (_, codes) = olena.enrols("factor-forced");
    olena.presses(ON);
    olena.opens("/personal-cabinet/");
    olena.comes_to("cabinet-title", "cabinet-after-order");
    olena.reads("cabinet-factor-required");

    // The phone is lost, and the administrator ends it: another is set up before anything else opens.
    let reset = ["two-factor", "reset", OLENA, "--reason", "phone lost", "--grace", "24h"];
    site.secboard(&reset);
    olena.opens("/personal-cabinet/");
    assert!(olena.is_on("/login/"), "who had the phone is out");
    olena.logs_in(OLENA, PASSWORD);
    let (_, other) = olena.enrols("factor-after-reset");
    assert!(other.iter().all(|code| !codes.contains(code)));
}

#[test]
fn o5_o6_o8_whoever_wishes_sets_it_up_and_turns_it_off_at_a_desk_and_on_a_phone() {
    let chromium = Chromium::start();
    for look in [DESK, PHONE] {
        own_wish(&chromium, look);
    }
}

#[test]
fn o5_o6_o8_whoever_wishes_sets_it_up_and_turns_it_off_without_scripts() {
    let chromium = Chromium::start();
    for look in [PLAIN_PHONE, PLAIN_DESK] {
        own_wish(&chromium, look);
    }
}

#[test]
fn o9_o10_of_whom_it_is_asked_nothing_else_opens_at_a_desk_on_a_phone_and_without_scripts() {
    let chromium = Chromium::start();
    for look in [DESK, PHONE, PLAIN_PHONE] {
        order(&chromium, look);
    }
}

#[test]
fn o2_o7_of_two_browsers_that_use_one_code_at_once_one_comes_in() {
    let (chromium, site) = (Chromium::start(), site_of_olena(DESK));
    let olena = chromium.person(&site.address, DESK);
    olena.logs_in(OLENA, PASSWORD);
    olena.presses(SET_UP);
    let (secret, codes) = olena.enrols("factor-of-two");
    let come_in = |page: &str, code: &str| {
        let together = Barrier::new(2);
        let try_it = || {
            let person = chromium.person(&site.address, PLAIN_DESK);
            person.logs_in(OLENA, PASSWORD);
            person.opens(page);
            person.types("code", code);
            together.wait();
            person.sends();
            person.opens("/personal-cabinet/");
            u32::from(person.is_on("/personal-cabinet/"))
        };
        std::thread::scope(|scope| {
            let both = [scope.spawn(try_it), scope.spawn(try_it)];
            both.map(|one| one.join().unwrap()).iter().sum::<u32>()
        })
    };
    assert_eq!(come_in("/login/2fa/?with=backup", &codes[3]), 1, "a backup code");
    assert_eq!(come_in("/login/2fa/", &code(&secret, 1)), 1, "a code of the app");
}

#[test]
fn a_clock_that_is_wrong_is_told_by_how_much() {
    let (chromium, site) = (Chromium::start(), site_of_olena(DESK));
    let olena = chromium.person(&site.address, DESK);
    olena.logs_in(OLENA, PASSWORD);
    olena.presses(SET_UP);
    let secret = olena.secret();
    olena.presses(ON);
    olena.gives(&code(&secret, 8));
    olena.comes_to("factor-verify-title", "factor-clock");
    olena.reads_words("4 minutes ahead");
    assert!(fs::exists(olena.picture("factor-clock-light")).unwrap());
}
