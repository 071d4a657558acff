//! The pages in a real Chromium, as people meet them: at a desk and on a phone, in both languages, with scripts and without.
//!
//! Each page that somebody comes to is weighed, and where scripts run looked at by axe, in dark of colours alone; pictures of all of them are left in
//! `target/pictures/`.

mod browser;
mod nginx;
mod profile;
mod second_factor;
mod site;
mod sites;
mod store;

use std::time::Duration;

use browser::{Chromium, DESK, Look, PHONE, PLAIN_DESK, PLAIN_PHONE, Person};
use site::{CONTROL_WORD, HOST, Site};

use crate::program::program;

const OLENA: &str = "olena@acme.example";
const TARAS: &str = "taras@acme.example";

const PASSWORD: &str = "seven lamps by the sea";
const ANOTHER: &str = "green boats at dawn";

/// After a wrong password the next try is taken a second later.
fn wait_after_a_wrong_try() {
    std::thread::sleep(Duration::from_millis(1200));
}

impl Person<'_> {
    fn logs_in(&self, email: &str, password: &str) {
        self.opens("/login/");
        self.types("email", email);
        self.types("password", password);
        self.sends();
    }

    fn chooses(&self, password: &str, once_more: &str) {
        self.types("new_password", password);
        self.types("repeat_password", once_more);
        self.sends();
    }
}

/// Somebody is invited, chooses a password, logs in, looks around and logs out.
fn invitation(chromium: &Chromium, look: Look) {
    let site = Site::start();
    site.has(OLENA, ("Олена", "Шевченко"), look.language);
    site.secboard(&["user", "invite", OLENA]);
    let invitation = site.mail_to(OLENA, "invite");
    let olena = chromium.person(&site.address, look);

    // What looks at links before people do uses none up.
    for number in 0..20 {
        let mut curl = program("curl");
        curl.args(["--resolve", &format!("{HOST}:{}:127.0.0.1", site.port)]);
        curl.args(["--silent", "--fail", "--output", "/dev/null"])
            .args((number % 2 == 1).then_some("--head"));
        assert!(curl.arg(invitation.link("invite")).status().unwrap().success());
    }
    olena.opens(invitation.link("invite"));
    olena.comes_to("choose-first-title", "invitation");
    assert_eq!(olena.finds_in("username"), OLENA);
    assert_eq!(olena.sees("[data-script=reveal]"), look.scripts, "what only a script can do");
    if look.scripts {
        olena.types("new_password", PASSWORD);
        assert_eq!(olena.kind_of("new_password"), "password");
        olena.clicks("[data-script=reveal]");
        assert_eq!(olena.kind_of("new_password"), "text", "what was typed can be looked at");
    }
    olena.chooses(PASSWORD, ANOTHER);
    olena.comes_to("choose-first-title", "invitation-differs");
    olena.reads("choose-differs");
    assert_eq!(olena.is_at(), "summary", "what is wrong is read first");
    assert_eq!(olena.finds_in("new_password"), "", "no password is shown again");
    olena.chooses("password1", "password1");
    olena.reads("choose-common");
    olena.chooses(PASSWORD, PASSWORD);
    olena.comes_to("saved-title", "saved");

    // The link is used up, and says how to go on.
    olena.opens(invitation.link("invite"));
    olena.comes_to("expired-title", "expired");

    olena.opens("/");
    olena.comes_to("login-title", "login");
    olena.sends();
    olena.comes_to("login-title", "login-empty");
    olena.reads("login-no-email");
    olena.logs_in(OLENA, ANOTHER);
    olena.comes_to("login-title", "login-wrong");
    assert_eq!(olena.finds_in("email"), OLENA, "what was typed stays");
    assert_eq!(olena.finds_in("password"), "");
    wait_after_a_wrong_try();
    olena.types("password", PASSWORD);
    olena.sends();
    olena.comes_to("cabinet-title", "cabinet");
    olena.reads_words(OLENA);

    olena.presses("header form button");
    assert!(olena.is_on("/login/"));
    olena.opens("/personal-cabinet/");
    assert!(olena.is_on("/login/"), "nobody is logged in any more");
}

/// A password is changed by whom it is, by order, by a forgotten one's link; and disowned by who did not change it.
fn passwords(chromium: &Chromium, look: Look) {
    let site = Site::start();
    site.has(OLENA, ("Олена", "Шевченко"), look.language);
    site.secboard_with(&["user", "set-password", OLENA, "--password-stdin", "--must-change"], PASSWORD);
    site.mail_to(OLENA, "not-me");
    let olena = chromium.person(&site.address, look);
    let elsewhere = chromium.person(&site.address, look);

    // An administrator set it, so another is asked for before anything else.
    olena.logs_in(OLENA, PASSWORD);
    olena.comes_to("change-forced-title", "change-forced");
    olena.opens("/personal-cabinet/");
    assert!(olena.is_on("/password_change/"));
    olena.types("current_password", PASSWORD);
    olena.chooses(ANOTHER, ANOTHER);
    olena.comes_to("cabinet-title", "cabinet-after-change");
    site.mail_to(OLENA, "not-me");

    // Where one is logged in is seen, and ended.
    elsewhere.logs_in(OLENA, ANOTHER);
    elsewhere.comes_to("cabinet-title", "cabinet-of-two");
    // She is told of a browser that is new.
    site.mail_to(OLENA, "not-me");
    olena.opens("/personal-cabinet/");
    olena.presses("form[action='/personal-cabinet/sessions/'] button");
    olena.comes_to("cabinet-title", "session-ended");
    elsewhere.opens("/personal-cabinet/");
    assert!(elsewhere.is_on("/login/"));
    elsewhere.logs_in(OLENA, ANOTHER);
    olena.opens("/personal-cabinet/");
    olena.presses("form:has(input[value=others]) button");
    olena.comes_to("cabinet-title", "others-ended");
    elsewhere.opens("/personal-cabinet/");
    assert!(elsewhere.is_on("/login/"));

    // One's own change, first with a wrong password, then with the right one: others are out.
    elsewhere.logs_in(OLENA, ANOTHER);
    olena.presses("a[href='/password_change/']");
    olena.comes_to("change-title", "change");
    olena.types("current_password", "not my password");
    olena.chooses(PASSWORD, PASSWORD);
    olena.comes_to("change-title", "change-wrong");
    olena.reads("password-wrong");
    wait_after_a_wrong_try();
    olena.types("current_password", ANOTHER);
    olena.chooses(PASSWORD, PASSWORD);
    olena.comes_to("cabinet-title", "cabinet-changed");
    elsewhere.opens("/personal-cabinet/");
    assert!(elsewhere.is_on("/login/"));

    // She says that it was not her who changed it: everybody is out, and only the mail lets her in again.
    elsewhere.opens(site.mail_to(OLENA, "not-me").link("not-me"));
    elsewhere.comes_to("disown-title", "not-me");
    elsewhere.sends();
    elsewhere.comes_to("disowned-title", "protected");
    olena.opens("/personal-cabinet/");
    assert!(olena.is_on("/login/"));
    elsewhere.opens(site.mail_to(OLENA, "reset").link("reset"));
    elsewhere.comes_to("choose-title", "choose");
    elsewhere.chooses(ANOTHER, ANOTHER);
    elsewhere.comes_to("saved-title", "saved-again");
    elsewhere.follows("saved-login");
    elsewhere.types("email", OLENA);
    elsewhere.types("password", ANOTHER);
    elsewhere.sends();
    elsewhere.comes_to("cabinet-title", "cabinet-again");
}

/// Who has forgotten a password, or never had one, asks for a link.
fn links(chromium: &Chromium, look: Look) {
    let site = Site::start();
    site.has(OLENA, ("Олена", "Шевченко"), look.language);
    site.secboard_with(&["user", "set-password", OLENA, "--password-stdin", "--no-must-change"], PASSWORD);
    site.has(TARAS, ("Тарас", "Шевченко"), look.language);
    let olena = chromium.person(&site.address, look);

    olena.opens("/login/");
    olena.follows("login-forgotten");
    olena.comes_to("ask-title", "reset-ask");
    olena.types("email", "olena");
    olena.sends();
    olena.comes_to("ask-title", "reset-ask-wrong");
    assert_eq!(olena.finds_in("email"), "olena");
    olena.types("email", OLENA);
    olena.sends();
    olena.comes_to("asked-title", "reset-asked");
    let mail = site.mail_to(OLENA, "reset");

    // Somebody who did not ask ends the link, and stays logged in.
    olena.opens(mail.link("not-me"));
    olena.comes_to("disown-link-title", "not-asked");
    olena.sends();
    olena.comes_to("disowned-link-title", "link-ended");
    olena.opens(mail.link("reset"));
    olena.comes_to("expired-title", "link-expired");
    olena.follows("expired-new");
    assert!(olena.is_on("/password_reset/"));

    let taras = chromium.person(&site.address, look);
    taras.opens("/login/");
    taras.follows("login-first");
    taras.comes_to("first-title", "first-login");
    taras.sends();
    taras.comes_to("first-title", "first-login-empty");
    taras.types("email", TARAS);
    taras.types("control_word", CONTROL_WORD);
    taras.sends();
    taras.comes_to("asked-title", "first-login-asked");
    taras.opens(site.mail_to(TARAS, "first_login").link("first_login"));
    taras.comes_to("choose-first-title", "first-login-choose");
    taras.chooses(PASSWORD, PASSWORD);
    taras.comes_to("saved-title", "first-login-saved");
    taras.logs_in(TARAS, PASSWORD);
    taras.comes_to("cabinet-title", "first-login-in");
}

/// Somebody writes by the contact form, and the site answers.
fn contact(chromium: &Chromium, look: Look) {
    let site = Site::start();
    for (name, value) in [
        ("contact.to_general", TARAS),
        ("contact.phone", "+380 44 123 45 67"),
        ("contact.email", "support@acme.example"),
        ("contact.hours", "9:00–18:00"),
        ("contact.auto_reply", "on"),
        ("contact.auto_reply_subject", "Thank you"),
        ("contact.auto_reply_body", "Hello {name}, we read \"{subject}\"."),
        ("contact.auto_reply_address", "support@acme.example"),
    ] {
        site.secboard(&["setting", "set", name, value]);
    }
    let olena = chromium.person(&site.address, look);
    olena.opens("/login/");
    olena.presses("footer a[href='/contact/']");
    olena.comes_to("contact-title", "contact");
    std::thread::sleep(Duration::from_secs(4));
    olena.sends();
    olena.comes_to("contact-title", "contact-empty");
    olena.reads("contact-no-name");
    olena.types("name", "Олена Шевченко");
    olena.types("email", OLENA);
    olena.types("subject", "The report of March");
    olena.types("message", "It ends in the middle of a line.");
    std::thread::sleep(Duration::from_secs(4));
    olena.sends();
    olena.comes_to("sent-title", "contact-sent");
    let told = site.secboard(&["mail", "contact", "list", "-o", "json"]);
    assert!(told.contains("\"mails\":1") && told.contains("\"answered\":true"), "{told}");
}

#[test]
fn somebody_writes_by_the_contact_form_at_a_desk_and_on_a_phone_with_scripts_and_without() {
    let chromium = Chromium::start();
    for look in [DESK, PHONE, PLAIN_DESK, PLAIN_PHONE] {
        contact(&chromium, look);
    }
}

#[test]
fn whoever_is_invited_comes_in_at_a_desk_and_on_a_phone() {
    let chromium = Chromium::start();
    for look in [DESK, PHONE] {
        invitation(&chromium, look);
    }
}

#[test]
fn whoever_is_invited_comes_in_without_scripts() {
    let chromium = Chromium::start();
    for look in [PLAIN_PHONE, PLAIN_DESK] {
        invitation(&chromium, look);
    }
}

#[test]
fn passwords_are_changed_and_disowned_at_a_desk_and_on_a_phone() {
    let chromium = Chromium::start();
    for look in [DESK, PHONE] {
        passwords(&chromium, look);
    }
}

#[test]
fn passwords_are_changed_and_disowned_without_scripts() {
    let chromium = Chromium::start();
    for look in [PLAIN_PHONE, PLAIN_DESK] {
        passwords(&chromium, look);
    }
}

#[test]
fn links_are_asked_for_at_a_desk_and_on_a_phone() {
    let chromium = Chromium::start();
    for look in [DESK, PHONE] {
        links(&chromium, look);
    }
}

#[test]
fn links_are_asked_for_without_scripts() {
    let chromium = Chromium::start();
    for look in [PLAIN_PHONE, PLAIN_DESK] {
        links(&chromium, look);
    }
}

#[test]
fn the_language_of_the_pages_is_that_of_the_browser_until_another_is_chosen() {
    let (chromium, site) = (Chromium::start(), Site::start());
    let mut olena = chromium.person(&site.address, PLAIN_PHONE);
    olena.opens("/login/");
    olena.comes_to("login-title", "login-in-english");
    olena.chooses_language("uk");
    olena.comes_to("login-title", "login-in-ukrainian");
    olena.follows("login-forgotten");
    olena.comes_to("ask-title", "reset-ask-in-ukrainian");
}
