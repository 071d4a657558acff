//! Every route of the portal, asked with the cookie of another site.

use super::*;

#[test]
fn s10_at_every_route_of_the_portal_the_cookie_of_another_site_is_answered_as_none_is() {
    let board = Board::new();
    let of_wiki = board.at_wiki().0[&(WIKI.to_owned(), "__Host-secboard".to_owned())].clone();
    let pages = Pages::new(Arc::clone(&board.at.site), crate::registry::ROUTES, facts, Box::new(|_| ()));
    pages.allow_sites(vec![WIKI.to_owned(), SHOP.to_owned()]);
    let ask = |method: &http::Method, path: &str, cookie: &str| {
        let request = Request::builder()
            .method(method)
            .uri(path)
            .header("host", PORTAL)
            .header("origin", format!("https://{PORTAL}"))
            .header("content-type", "application/x-www-form-urlencoded")
            .header("cookie", cookie);
        let answer = pages.answer(request.body(Bytes::new()).unwrap(), CLIENT);
        (answer.status(), header(&answer, "location").to_owned(), header(&answer, "remote-user").to_owned())
    };
    let mut asked = 0;
    for route in crate::registry::ROUTES.iter().copied().flatten() {
        let path = route.pattern.replace("{token}", "0123456789abcdef");
        for method in route.methods {
            let with = ask(method, &path, &format!("__Host-secboard={of_wiki}"));
            assert_eq!(with, ask(method, &path, ""), "{method} {path}");
            assert_eq!(with.2, "", "{method} {path}");
            asked += 1;
        }
    }
    assert!(asked > 40, "{asked} routes");
}
