//! Where each route leads whom: the checked-in table `routes.txt`.

use sha2::{Digest as _, Sha256};

use super::*;

/// Who asks for a page.
const VISITORS: [&str; 12] = [
    "nobody",
    "must change",
    "must have a factor",
    "must type a code",
    "has typed a code",
    "grace over",
    "deactivated",
    "ended yesterday",
    "session ended",
    "another site",
    "plain",
    "superuser",
];

/// A site as it is for one of [`VISITORS`].
fn board_of(who: &str) -> Board {
    let board = Board::new();
    match who {
        "must change" => board.change(|facts| facts.must_change_password = true),
        "must have a factor" => board.change(|facts| facts.two_factor_required = true),
        "must type a code" | "has typed a code" => {
            factor::enrolled(&board, &mut board.logged_in());
        }
        "grace over" => {
            board.change(|facts| facts.two_factor_required = true);
            board.shell(|cx| {
                let sql = "UPDATE users SET two_factor_grace_until = :now WHERE email = :email";
                let parameters = named_params! { ":now": cx.now().micros(), ":email": OLENA };
                cx.write(|tx| Ok(tx.sql().execute(sql, parameters)?))
            });
        }
        "deactivated" => board.change(|facts| facts.active = false),
        "ended yesterday" => board.change(|facts| facts.end_date = Day::parse("2026-11-20").ok()),
        "superuser" => board.change(|facts| facts.superuser = true),
        _ => {}
    }
    board
}

/// What the browser of one of [`VISITORS`] keeps: a session as it was begun a second ago, or long ago.
fn cookie_of(board: &Board, who: &str) -> String {
    if who == "nobody" {
        return String::new();
    }
    let begun = board.shell(|cx| {
        let user = crate::user::get(cx, OLENA)?;
        cx.write(|tx| crate::login::begin(cx, tx, &user, crate::login::Browser::default()))
    });
    if who == "has typed a code" {
        let token = begun.token.expose();
        let passed = board.shell(|cx| {
            let session = cx.read(|tx| crate::session::find(cx, tx, token))?.unwrap();
            cx.write(|tx| {
                crate::session::complete(cx, tx, &session, OLENA)?;
                crate::session::pass_factor(cx, tx, &session)
            })
        });
        return format!("__Host-secboard={}", passed.expose());
    }
    if who == "another site" {
        return format!("__Host-secboard={}", of_another_site(board, begun.token.expose()));
    }
    if who == "session ended" {
        board.pass(60 * 60);
    }
    format!("__Host-secboard={}", begun.token.expose())
}

/// What the browser of somebody who is logged in keeps for another site, and sends to the portal here.
fn of_another_site(board: &Board, token: &str) -> String {
    let own = "a1".repeat(32);
    board.shell(|cx| {
        let session = cx.read(|tx| crate::session::find(cx, tx, token))?.unwrap();
        let hash = Sha256::digest(own.as_bytes()).to_vec();
        cx.write(|tx| {
            let sql = "INSERT OR REPLACE INTO site_sessions (token_hash, session_id, host, created_at)
                VALUES (:hash, :session, 'wiki.acme.example', :now)";
            let now = cx.now().micros();
            let parameters = named_params! { ":hash": hash, ":session": session.id, ":now": now };
            Ok(tx.sql().execute(sql, parameters)?)
        })
    });
    own
}

#[test]
fn l7_s10_o9_each_route_leads_everybody_where_they_have_to_go() {
    let boards = VISITORS.map(|who| (who, board_of(who)));
    let mut table = String::new();
    for route in ROUTES {
        for method in route.methods {
            writeln!(table, "{method} {}", route.pattern).unwrap();
            for (who, board) in &boards {
                let request = Request::builder()
                    .method(method)
                    .uri(route.pattern)
                    .header("origin", "https://secboard.acme.example")
                    .header("cookie", cookie_of(board, who))
                    .header("content-type", "application/x-www-form-urlencoded");
                let body = if *method == Method::POST { "end=others" } else { "" };
                let mut browser = board.browser();
                browser.send(request.body(body.into()).unwrap());
                writeln!(table, "    {who:<20}{}", outcome(&browser)).unwrap();
            }
        }
    }
    let checked_in = include_str!("../routes.txt");
    assert_eq!(table, checked_in, "write it into src/lib/login/routes.txt when it is meant:\n{table}");
}
