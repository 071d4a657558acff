//! Where each page of links leads whom, by which link: the checked-in table `routes.txt`.

use std::fmt::Write as _;

use super::*;
use crate::login::{Browser as LoginBrowser, begin};
use crate::web::GET;

/// Links as somebody may come with them.
const LINKS: [&str; 9] = [
    "good",
    "used",
    "replaced by a newer one",
    "run out",
    "of another page",
    "of who is switched off",
    "of who is in the bin",
    "in capitals",
    "cut",
];

/// Who is logged in to the browser.
const VISITORS: [&str; 3] = ["nobody", "its owner", "somebody else"];

/// The pages that a link leads to.
const PAGES: [(&str, Purpose); 5] = [
    ("/reset/{token}/", Purpose::Reset),
    ("/invite/{token}/", Purpose::Invite),
    ("/first_login/{token}/", Purpose::FirstLogin),
    ("/not-me/{token}/ of a link", Purpose::NotMe),
    ("/not-me/{token}/ of a notice", Purpose::NotMe),
];

struct Table {
    links: Links,
    /// How many passwords were chosen, so that each is another.
    chosen: std::cell::Cell<usize>,
}

impl Table {
    fn new() -> Self {
        let links = Links::new();
        links.serve(|cx| {
            let facts = Facts { superuser: true, ..Facts::new("root@acme.example".to_owned()) };
            user::create::create(cx, facts, None, false)
        });
        links.set_password(PASSWORD);
        Self { links, chosen: std::cell::Cell::new(0) }
    }

    /// Everything as it was: Olena is active, and has a password that she need not change.
    fn reset(&self) {
        self.links.write(|_, tx| {
            let sql =
                "UPDATE users SET active = 1, deleted_at = NULL, disowned_at = NULL, must_change_password = 0
                       WHERE email = ?1";
            tx.sql().execute(sql, [OLENA])?;
            tx.sql()
                .execute("UPDATE tokens SET ended_at = 1, ended_by = 'account' WHERE ended_at IS NULL", [])?;
            Ok(tx.sql().execute("DELETE FROM sessions", [])?)
        });
    }

    /// The path of a link to a page, as it is for one of [`LINKS`].
    fn path(&self, (page, purpose): (&str, Purpose), link: &str) -> String {
        let links = &self.links;
        let disowns = page.ends_with("of a link").then(|| {
            links.link(Purpose::Reset);
            links.write(|_, tx| Ok(tx.sql().query_row("SELECT max(id) FROM tokens", [], |row| row.get(0))?))
        });
        let good = links.link_about(purpose, disowns);
        let update = |sql: &str| links.write(|_, tx| Ok(tx.sql().execute(sql, [OLENA])?));
        let of_user = "WHERE user_id = (SELECT id FROM users WHERE email = ?1)";
        let token = good.split('/').nth(2).unwrap();
        match link {
            "used" => drop(update(&format!("UPDATE tokens SET ended_at = 1, ended_by = 'used' {of_user}"))),
            "replaced by a newer one" => {
                update(&format!("UPDATE tokens SET ended_at = 1, ended_by = 'newer' {of_user}"));
            }
            "run out" => {
                update(&format!("UPDATE tokens SET made_at = 1, expires_at = 2 {of_user}"));
            }
            "of who is switched off" => drop(update("UPDATE users SET active = 0 WHERE email = ?1")),
            "of who is in the bin" => drop(update("UPDATE users SET deleted_at = 1 WHERE email = ?1")),
            "of another page" => {
                let other = if purpose == Purpose::Reset { Purpose::Invite } else { Purpose::Reset };
                return format!("{}{token}/", crate::mail::message::links::path(other));
            }
            "in capitals" => return good.replace(token, &token.to_uppercase()),
            "cut" => return good.replace(token, &token[..token.len() - 3]),
            _ => {}
        }
        good
    }

    /// A browser in which one of [`VISITORS`] is logged in.
    fn browser(&self, who: &str) -> (Browser<'_>, Option<String>) {
        let email = match who {
            "its owner" => OLENA,
            "somebody else" => "root@acme.example",
            _ => return (Browser::new(&self.links.pages), None),
        };
        let user = self.links.user(email);
        let begun = self.links.write(|cx, tx| begin(cx, tx, &user, LoginBrowser::default()));
        let token = begun.token.expose().to_owned();
        (Browser::with_cookie(&self.links.pages, "__Host-secboard", &token), Some(token))
    }

    /// Where a browser comes that opens a link, and where its form leads.
    fn outcomes(&self, page: (&str, Purpose), link: &str, who: &str) -> (String, String) {
        self.reset();
        let (mut browser, session) = self.browser(who);
        let path = self.path(page, link);
        let shown = outcome(browser.get(&path));
        self.chosen.set(self.chosen.get() + 1);
        let password = format!("{PASSWORD} {}", self.chosen.get());
        let sent = outcome(choose(&mut browser, &path, &password));
        let kept = browser.cookie("__Host-secboard").map(str::to_owned);
        assert_eq!(kept, session, "l6: no link logs anybody in");
        (shown, sent)
    }
}

/// What a page is called, without the name of the site.
fn title<'a>(browser: &'a Browser<'_>) -> &'a str {
    browser.between("<title>", " – ")
}

/// Where a page leads, or what it is called.
fn outcome(browser: &Browser<'_>) -> String {
    match browser.status() {
        303 => format!("to {}", browser.header("location")),
        200 => title(browser).to_owned(),
        status => format!("{status} {}", title(browser)),
    }
}

#[test]
fn l7_each_page_of_a_link_leads_everybody_where_they_have_to_go() {
    let at = Table::new();
    let mut table = String::new();
    for page in PAGES {
        writeln!(table, "{}", page.0).unwrap();
        for link in LINKS {
            let outcomes = VISITORS.map(|who| at.outcomes(page, link, who));
            assert!(
                outcomes.iter().all(|(shown, _)| *shown == outcomes[0].0),
                "{page:?} {link}: {outcomes:?}"
            );
            assert!(outcomes.iter().all(|(_, sent)| *sent == outcomes[0].1), "{page:?} {link}: {outcomes:?}");
            let (shown, sent) = &outcomes[0];
            writeln!(table, "    {link:<26}GET  {shown}\n{:30}POST {sent}", "").unwrap();
        }
    }
    for route in ROUTES.iter().flat_map(|routes| routes.iter()).filter(|route| route.methods == GET) {
        let shown = VISITORS.map(|who| outcome(at.browser(who).0.get(route.pattern)));
        assert!(shown.iter().all(|other| *other == shown[0]), "{}: {shown:?}", route.pattern);
        writeln!(table, "{:<30}GET  {}", route.pattern, shown[0]).unwrap();
    }
    let checked_in = include_str!("../routes.txt");
    assert_eq!(table, checked_in, "write it into src/lib/link/routes.txt when it is meant:\n{table}");
}
