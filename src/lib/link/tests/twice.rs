//! Links whose form is sent by two clicks.

use super::*;

/// Sends the form that is shown twice at once; where both lead.
fn click_twice(browser: &mut Browser<'_>, link: &str, fields: &[(&str, &str)]) -> [String; 2] {
    let mut first = browser.clone();
    std::thread::scope(|scope| {
        let first = scope.spawn(|| first.post(link, fields).header("location").to_owned());
        let second = browser.post(link, fields).header("location").to_owned();
        [first.join().unwrap(), second]
    })
}

#[test]
fn l5_two_clicks_choose_a_password_and_lead_to_where_it_is_said() {
    let links = Links::new();
    for purpose in [Purpose::Reset, Purpose::Invite, Purpose::FirstLogin] {
        let link = links.link(purpose);
        let mut browser = Browser::new(&links.pages);
        browser.get(&link);
        let password = format!("{PASSWORD} {purpose:?}");
        let fields = [("new_password", password.as_str()), ("repeat_password", &password)];
        assert_eq!(click_twice(&mut browser, &link, &fields), ["/password_reset/saved/"; 2], "{purpose:?}");
        assert_eq!(browser.get(&link).status(), 404);
    }
}

#[test]
fn l9_two_clicks_protect_an_account_and_say_so() {
    let links = Links::new();
    let link = links.link(Purpose::NotMe);
    let mut browser = Browser::new(&links.pages);
    browser.get(&link);
    assert_eq!(click_twice(&mut browser, &link, &[]), ["/not-me/done/"; 2]);
    assert!(links.user(OLENA).disowned_at.is_some());
}

#[test]
fn t4_two_clicks_are_one_ask_for_a_link() {
    let links = Links::new();
    links.set_password(PASSWORD);
    let mut browser = Browser::new(&links.pages);
    browser.get("/password_reset/");
    let asked = click_twice(&mut browser, "/password_reset/", &[("email", OLENA)]);
    assert_eq!(asked, ["/password_reset/done/"; 2]);
    let mails = links.mails().into_iter().filter(|mail| mail.starts_with("password-reset")).count();
    assert_eq!(mails, 1);
    let asks = links.serve(|cx| {
        cx.read(|tx| {
            Ok(tx.sql().query_row(
                "SELECT max(json_array_length(times)) FROM throttle_counters",
                [],
                |row| row.get::<_, i64>(0),
            )?)
        })
    });
    assert_eq!(asks, 1);
}
