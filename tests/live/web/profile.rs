//! The personal page in a real browser: what people change themselves, and their photo.

use std::fs;

use super::*;

/// The link to the profile.
const EDIT: &str = "a[href='/update_profile/']";

/// The button beside the field of a photo.
const USE: &str = "form[enctype] button";

/// Somebody changes their name, phone and language, and gives a photo and takes it away.
fn own_profile(chromium: &Chromium, look: Look) {
    let site = Site::start();
    site.has(OLENA, ("Олена", "Шевченко"), look.language);
    site.secboard_with(&["user", "set-password", OLENA, "--password-stdin", "--no-must-change"], PASSWORD);
    let mut olena = chromium.person(&site.address, look);
    olena.logs_in(OLENA, PASSWORD);
    olena.presses(EDIT);
    olena.comes_to("profile-title", "profile");
    assert_eq!(olena.finds_in("first_name"), "Олена");
    olena.reads_words("Acme Bank");

    // What is wrong is said beside its field, and what was typed stays.
    olena.types("first_name", "");
    olena.types("phone", "five");
    olena.sends();
    olena.comes_to("profile-title", "profile-wrong");
    olena.reads("profile-no-first-name");
    olena.reads("profile-bad-phone");
    assert_eq!(olena.finds_in("phone"), "five");

    // What is saved is seen at once, in the language that was chosen.
    olena.types("first_name", "Леся");
    olena.types("phone", "+380 44 123 45 67");
    let other = if look.language == "en" { "uk" } else { "en" };
    olena.clicks(&format!("#language option[value={other}]"));
    olena.sends();
    olena.has_language(other);
    olena.comes_to("cabinet-title", "profile-saved");
    olena.reads_words("Леся Шевченко");
    let facts = site.secboard(&["user", "show", OLENA, "-o", "json"]);
    assert!(facts.contains("\"phone\":\"+380441234567\""), "{facts}");
    let by = site.secboard(&["audit", "list", "--subject", OLENA, "-o", "json"]);
    assert!(by.contains(&format!("\"actor\":\"{OLENA}\"")), "she is the one who changed it: {by}");

    // A photo: what cannot be one is said why.
    let picture = olena.picture("profile-saved-light");
    let (cut, gif) = (site.path("cut.png"), site.path("gif.png"));
    let whole = fs::read(&picture).unwrap();
    fs::write(&cut, &whole[..whole.len() / 2]).unwrap();
    fs::write(&gif, b"GIF89a\x01\x00\x01\x00\x00\x00\x00;").unwrap();
    olena.presses(EDIT);
    olena.presses(USE);
    olena.comes_to("profile-title", "photo-none");
    olena.reads("photo-none");
    for (file, why) in [(&cut, "photo-damaged"), (&gif, "photo-format")] {
        olena.takes_file("photo", file);
        olena.presses(USE);
        olena.comes_to("profile-title", why);
        olena.reads(why);
    }
    olena.takes_file("photo", &picture);
    olena.presses(USE);
    olena.comes_to("cabinet-title", "photo-given");
    assert!(olena.sees("img.photo"), "the photo is on the page");
    olena.presses(EDIT);
    olena.presses("form:has(input[name=remove]) button");
    olena.comes_to("cabinet-title", "photo-removed");
    assert!(!olena.has("img.photo"));
}

#[test]
fn people_change_their_profile_at_a_desk_and_on_a_phone() {
    let chromium = Chromium::start();
    for look in [DESK, PHONE] {
        own_profile(&chromium, look);
    }
}

#[test]
fn people_change_their_profile_without_scripts() {
    let chromium = Chromium::start();
    for look in [PLAIN_PHONE, PLAIN_DESK] {
        own_profile(&chromium, look);
    }
}
