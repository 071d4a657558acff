//! What is said to have been somebody else.

use super::*;

#[test]
fn l9_a_link_that_nobody_asked_for_is_ended_and_nothing_else_happens() {
    let links = Links::new();
    let link = links.link(Purpose::Reset);
    let id =
        links.write(|_, tx| Ok(tx.sql().query_row("SELECT max(id) FROM tokens", [], |row| row.get(0))?));
    let not_me = links.link_about(Purpose::NotMe, Some(id));
    let mut browser = Browser::new(&links.pages);
    assert_eq!(browser.get(&not_me).heading(), "You did not ask for this?");
    assert_eq!(browser.get(&link).status(), 200, "a look changes nothing");
    browser.get(&not_me).post(&not_me, &[]);
    assert_eq!(browser.header("location"), "/not-me/ended/");
    assert_eq!(browser.get("/not-me/ended/").status(), 200);
    assert_eq!(browser.get(&link).status(), 404);
    assert_eq!(browser.get(&not_me).status(), 404, "once");
    assert_eq!((links.user(OLENA).disowned_at, links.mails().len()), (None, 0));
}

#[test]
fn l9_an_invitation_that_nobody_expected_is_ended_and_said_to_be_disowned() {
    let links = Links::new();
    let engine = &mut crate::registry::engine();
    links.serve(|cx| bulk::propose_one(cx, engine, (OLENA, &Verb::Invite), false));
    let user = links.user(OLENA).id;
    let mail = links.serve(|cx| cx.read(|tx| outbox::list(tx, &ListFilter::default())))[0].seq;
    let about = |purpose, disowns| About { purpose, user, mail: Some(mail), disowns };
    let path = |purpose, token: &token::Token| {
        format!("{}{}/", crate::mail::message::links::path(purpose), token.expose())
    };
    let (token, id, _) = links.write(|cx, tx| token::make(cx, tx, &about(Purpose::Invite, None)));
    let link = path(Purpose::Invite, &token);
    let (token, ..) = links.write(|cx, tx| token::make(cx, tx, &about(Purpose::NotMe, Some(id))));
    let not_me = path(Purpose::NotMe, &token);
    let mut browser = Browser::new(&links.pages);
    assert_eq!(browser.get(&not_me).heading(), "You did not expect this?");
    assert!(browser.page().contains("I did not expect it: end the link"), "{}", browser.page());
    assert!(!browser.page().contains("Your password"), "they have none: {}", browser.page());
    browser.post(&not_me, &[]);
    assert_eq!(browser.header("location"), "/not-me/ended/");
    assert!(!browser.get("/not-me/ended/").page().contains("Your password"), "{}", browser.page());
    assert_eq!(browser.get(&link).status(), 404);
    let invitation = links.user(OLENA).invitation.unwrap();
    let said = links.serve(|cx| Ok(invitation.said(cx.now())));
    assert!(said.starts_with("disowned, they said that they did not expect it"), "{said}");
}

#[test]
fn what_was_done_is_disowned_and_the_account_held_until_a_password_was_chosen_by_mail() {
    let links = Links::new();
    links.set_password(PASSWORD);
    let root = Facts { superuser: true, ..Facts::new("root@acme.example".into()) };
    links.serve(|cx| user::create::create(cx, root, None, false));
    let (not_me, link) = (links.link(Purpose::NotMe), links.link(Purpose::Reset));
    let mut browser = Browser::new(&links.pages);
    assert_eq!(browser.get(&not_me).heading(), "This was not you?");
    assert_eq!(links.user(OLENA).disowned_at, None, "a look changes nothing");
    browser.post(&not_me, &[]);
    assert_eq!(browser.header("location"), "/not-me/done/");
    assert!(browser.get("/not-me/done/").page().contains("Your account is protected"));
    assert_eq!(browser.get(&link).status(), 404, "every link ended");
    let held = links.user(OLENA);
    let checks = links.serve(|cx| Ok(user::login::checks(&held, user::login::Moment::of(cx))));
    assert!(checks.iter().any(|check| check.code == "throttle" && !check.ok));
    assert!(!links.serve(|cx| Ok(user::login::lets_in(&held, user::login::Moment::of(cx)))));
    let mails = links.mails();
    assert_eq!(
        mails[mails.len() - 2..],
        ["password-reset to olena@acme.example", "disowned to root@acme.example"]
    );
    links.set_password("what an administrator sets");
    assert!(links.user(OLENA).disowned_at.is_some(), "whoever has the mailbox decides");
    let link = links.link(Purpose::Reset);
    choose(browser.get(&link), &link, "a good long password");
    assert_eq!((browser.status(), links.user(OLENA).disowned_at), (303, None));
}

#[test]
fn what_was_done_is_not_guessed_at_where_the_mail_that_told_of_it_is_forgotten() {
    let links = Links::new();
    links.set_password(PASSWORD);
    let link = links.link(Purpose::Reset);
    let id =
        links.write(|_, tx| Ok(tx.sql().query_row("SELECT max(id) FROM tokens", [], |row| row.get(0))?));
    let mut browser = Browser::new(&links.pages);
    browser.get(&links.link_about(Purpose::NotMe, Some(id)));
    assert!(browser.page().contains("We sent you a link by mail."), "{}", browser.page());
    assert_eq!(browser.get(&link).status(), 200);
    assert_eq!(browser.get(&links.link(Purpose::NotMe)).heading(), "This was not you?");
    let told = "We told you of a login, or of a change of how you log in.";
    assert!(browser.page().contains(told) && !browser.page().contains("was changed"), "{}", browser.page());
}

#[test]
fn an_administrator_ends_the_hold_of_what_was_disowned_by_mistake() {
    let links = Links::new();
    let not_me = links.link(Purpose::NotMe);
    let mut browser = Browser::new(&links.pages);
    browser.get(&not_me).post(&not_me, &[]);
    assert!(links.user(OLENA).disowned_at.is_some());
    let unlocked = links.serve(|cx| user::bin::unlock(cx, &[OLENA.to_owned()]));
    assert_eq!(unlocked, [user::bin::Unlocked { email: OLENA.to_owned(), doubt: None }]);
    assert_eq!(links.user(OLENA).disowned_at, None);
}
