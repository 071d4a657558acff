//! The daemon among sudden death, two tabs and other writers: what it told is done, what it did not tell is done whole or
//! not at all, and the next daemon goes on.

use std::fs;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use crate::browser::{Browser, Page};
use crate::daemon::Daemon;
use crate::site::{Site, email};

const PASSWORD: &str = "harbour violet anvil";

/// How many people there are in each round.
const PEOPLE: usize = 6;

/// A site whose mails lie in a folder, with so many people who were invited, and the links of their mails.
fn invited(people: usize) -> (Site, Vec<(String, String)>) {
    let (site, mails) = (Site::new(), tempfile::tempdir().unwrap());
    let folder = mails.path().display();
    let made = site.bash(&format!(
        r#""$0" setting set site.kind test &&
           "$0" mail server create folder --kind file --folder {folder} &&
           "$0" mail account create noreply --server folder --from noreply@acme.example &&
           "$0" mail route set --account noreply"#
    ));
    assert_eq!(made.code, Some(0), "{made:?}");
    for number in 0..people {
        assert_eq!(site.add(&format!("Tab{number}")).code, Some(0));
        assert_eq!(site.run(&["user", "invite", &email(&format!("Tab{number}"))]).code, Some(0));
    }
    let sent = site.run(&["mail", "flush"]);
    assert_eq!(sent.code, Some(0), "{sent:?}");
    let links = fs::read_dir(mails.path()).unwrap().map(|entry| {
        let text = fs::read_to_string(entry.unwrap().path()).unwrap().replace("=\r\n", "").replace("=\n", "");
        let after = |words: &str| text.split_once(words).unwrap().1;
        let token = after("/invite/").split('/').next().unwrap();
        let to = after("\nTo: ").lines().next().unwrap();
        let to = to.rsplit('<').next().unwrap().trim_end_matches('>').to_owned();
        (to, format!("/invite/{token}/"))
    });
    let mut links: Vec<_> = links.collect();
    links.sort();
    assert_eq!(links.len(), people, "{links:?}");
    (site, links)
}

fn choose(browser: &mut Browser, link: &str, password: &str) -> Option<Page> {
    browser.fill_in(link, &[("new_password", password), ("repeat_password", password)])
}

fn log_in(browser: &mut Browser, email: &str, password: &str) -> Option<Page> {
    browser.fill_in("/login/", &[("email", email), ("password", password)])
}

/// How far somebody came, as they were told.
#[derive(Debug, Clone, Default)]
struct Told {
    has_chosen: bool,
    is_in: Option<Browser>,
}

/// What somebody does who was invited: chooses a password, logs in, and asks for a link that nobody needs.
fn go_on(mut browser: Browser, (email, link): &(String, String), told: &mut Told) -> Option<()> {
    if !told.has_chosen {
        let page = choose(&mut browser, link, PASSWORD)?;
        told.has_chosen = page.location == "/password_reset/saved/";
        // Whoever was not told has to look whether it worked.
        assert!(told.has_chosen || page.status == 404, "{page:?}");
    }
    let page = log_in(&mut browser, email, PASSWORD)?;
    assert_eq!(page.location, "/personal-cabinet/", "{page:?}");
    told.is_in = Some(browser.clone());
    let page = browser.fill_in("/password_reset/", &[("email", email)])?;
    assert_eq!(page.location, "/password_reset/done/", "{page:?}");
    Some(())
}

/// Whether somebody has a password, by which the link was used, the invitation accepted and the audit told: all of it or nothing.
fn has_chosen(site: &Site, email: &str) -> bool {
    let sql = site.sql();
    let all: (bool, bool, bool, bool) = sql
        .query_row(
            "SELECT u.password_hash IS NOT NULL, i.accepted_at IS NOT NULL, t.ended_by IS 'used',
                 EXISTS (SELECT 1 FROM audit a
                     WHERE a.kind = 'user' AND a.subject_id = u.id AND a.action = 'user.set_password')
             FROM users u
             JOIN invitations i ON i.user_id = u.id
             JOIN tokens t ON t.mail = i.mail AND t.purpose = 'invite'
             WHERE u.email = ?1",
            [email],
            |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?)),
        )
        .unwrap();
    assert!(all == (true, true, true, true) || all == (false, false, false, false), "{email}: {all:?}");
    all.0
}

/// Logins and sessions: whoever is in has a row of the audit for it, and nobody else has one.
fn assert_logins_are_told(site: &Site) {
    let count = |sql| -> i64 { site.sql().query_row(sql, [], |row| row.get(0)).unwrap() };
    let sessions = count("SELECT count(*) FROM sessions WHERE complete = 1");
    assert_eq!(sessions, count("SELECT count(*) FROM audit WHERE action = 'login.done'"));
    let asked = count("SELECT count(*) FROM audit WHERE action = 'link.ask'");
    assert_eq!(asked, count("SELECT count(*) FROM mails WHERE message IN ('password-reset', 'first-login')"));
}

fn kills() -> u64 {
    std::env::var("SECBOARD_TEST_KILLS").map_or(6, |kills| kills.parse().unwrap())
}

#[test]
fn a13_a_daemon_that_is_killed_between_any_two_steps_leaves_each_link_used_if_and_only_if_its_password_was_set()
 {
    let (site, links) = invited(PEOPLE);
    let mut told = vec![Told::default(); PEOPLE];
    for kill in 0..kills() {
        let mut daemon = Daemon::start(&site);
        std::thread::scope(|scope| {
            for (link, told) in links.iter().zip(&mut told) {
                let browser = daemon.browser();
                scope.spawn(move || go_on(browser, link, told));
            }
            std::thread::sleep(Duration::from_millis(20 + kill * 173 % 900));
            daemon.kill();
        });
        for ((email, _), told) in links.iter().zip(&mut told) {
            let has_password = has_chosen(&site, email);
            assert!(has_password || !told.has_chosen, "{email} was told that a password was set");
            told.has_chosen = has_password;
        }
        assert_logins_are_told(&site);
    }
    site.assert_whole();
    let mut daemon = Daemon::start(&site);
    for (link, told) in links.iter().zip(&mut told) {
        if let Some(mut browser) = told.is_in.take() {
            browser.move_to(&daemon.address);
            let page = browser.get("/personal-cabinet/").unwrap();
            assert_eq!(page.status, 200, "whoever was told that they are in still is: {page:?}");
        }
        go_on(daemon.browser(), link, told).unwrap();
        assert!(has_chosen(&site, &link.0));
    }
    assert_eq!(daemon.stop(), Some(0));
    assert_logins_are_told(&site);
    site.assert_whole();
}

#[test]
fn what_a_killed_daemon_left_goes_when_the_next_one_starts() {
    let site = Site::new();
    let mut daemon = Daemon::start(&site);
    daemon.kill();
    assert_eq!(daemon.left().len(), 1, "{:?}", daemon.left());
    let mut next = daemon.start_again(&site);
    assert_eq!(next.left().len(), 1, "{:?}", next.left());
    assert_eq!(next.browser().get("/login/").unwrap().status, 200);
    assert_eq!((next.stop(), next.left()), (Some(0), Vec::new()));
}

#[test]
fn l5_of_many_tabs_that_use_a_link_at_once_one_does() {
    let (site, links) = invited(1);
    let (email, link) = &links[0];
    let mut daemon = Daemon::start(&site);
    let passwords: Vec<String> = (0..8).map(|tab| format!("{PASSWORD} {tab}")).collect();
    let mut browser = daemon.browser();
    let shown = browser.get(link).unwrap();
    // All of them have the same page, with the same cookies.
    let chosen: Vec<&String> = std::thread::scope(|scope| {
        let tabs: Vec<_> = passwords
            .iter()
            .map(|password| {
                let (mut tab, shown) = (browser.clone(), &shown);
                let fields = [("new_password", password.as_str()), ("repeat_password", password.as_str())];
                scope.spawn(move || tab.post(link, shown, &fields).unwrap())
            })
            .collect();
        let pages: Vec<Page> = tabs.into_iter().map(|tab| tab.join().unwrap()).collect();
        assert!(pages.iter().all(|page| [303, 404, 503].contains(&page.status)), "{pages:?}");
        passwords.iter().zip(pages).filter(|(_, page)| page.status == 303).map(|(word, _)| word).collect()
    });
    assert_eq!(chosen.len(), 1, "{chosen:?}");
    assert!(has_chosen(&site, email));
    assert_eq!(log_in(&mut daemon.browser(), email, chosen[0]).unwrap().location, "/personal-cabinet/");
    assert_eq!(daemon.stop(), Some(0));
    site.assert_whole();
}

#[test]
fn a11_the_command_line_and_the_daemon_write_together_and_lose_nothing() {
    let (site, links) = invited(PEOPLE);
    let mut daemon = Daemon::start(&site);
    let is_over = AtomicBool::new(false);
    std::thread::scope(|scope| {
        let visitors: Vec<_> = links
            .iter()
            .map(|link| {
                let mut told = Told::default();
                let browser = daemon.browser();
                scope.spawn(move || {
                    go_on(browser, link, &mut told).unwrap();
                    assert!(told.has_chosen, "{link:?}");
                })
            })
            .collect();
        let commands = scope.spawn(|| {
            let mut made = 0;
            while !is_over.load(Ordering::SeqCst) {
                let ended = site.add(&format!("New{made}"));
                assert_eq!(ended.code, Some(0), "{ended:?}");
                made += 1;
            }
            made
        });
        for visitor in visitors {
            visitor.join().unwrap();
        }
        is_over.store(true, Ordering::SeqCst);
        let made = commands.join().unwrap();
        assert_eq!(site.people(), PEOPLE as u64 + 1 + made);
    });
    assert!(links.iter().all(|(email, _)| has_chosen(&site, email)));
    assert_eq!(daemon.stop(), Some(0));
    assert_logins_are_told(&site);
    site.assert_whole();
}

#[test]
fn whoever_is_switched_off_by_a_command_is_out_with_the_next_request() {
    let (site, links) = invited(1);
    let mut daemon = Daemon::start(&site);
    let mut told = Told::default();
    go_on(daemon.browser(), &links[0], &mut told).unwrap();
    let mut browser = told.is_in.unwrap();
    assert_eq!(browser.get("/personal-cabinet/").unwrap().status, 200);
    site.done(&format!("user deactivate {}", links[0].0));
    assert_eq!(browser.get("/personal-cabinet/").unwrap().location, "/login/?next=/personal-cabinet/");
    let left: i64 = site
        .sql()
        .query_row("SELECT count(*) FROM sessions WHERE ended_at IS NULL", [], |row| row.get(0))
        .unwrap();
    assert_eq!(left, 0, "no session is left");
    assert_eq!(daemon.stop(), Some(0));
}
