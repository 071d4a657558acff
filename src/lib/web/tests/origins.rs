//! Whose pages a form is taken from, and by which host it is sent.

use super::*;

/// The status of a form that a page of `origin` sends to `host`.
fn sent(pages: &Pages, host: &str, origin: &str) -> u16 {
    let mut browser = Browser::new(pages);
    let look = Request::builder().uri("/sample/abc/").header("host", host);
    let token = browser.send(look.body(Bytes::new()).unwrap()).token();
    let form = Request::builder().method(Method::POST).uri("/sample/abc/").header("host", host);
    let form = form.header("content-type", "application/x-www-form-urlencoded").header("origin", origin);
    let body = Bytes::from(format!("csrf={token}&email=olena%40acme.example"));
    browser.send(form.body(body).unwrap()).status()
}

#[test]
fn s9_a_browsers_own_form_is_taken_though_the_host_of_the_site_has_the_port_of_its_scheme() {
    let site = TestSite::new();
    let with_port =
        |settings: &Settings| Facts { host: "secboard.acme.example:443".to_owned(), ..facts(settings) };
    let pages = Pages::new(Arc::clone(&site.site), ROUTES, with_port, Box::new(|_| ()));
    pages.allow_hosts(vec!["other.example:443".to_owned(), "third.example:80".to_owned()]);
    for host in ["secboard.acme.example", "other.example"] {
        assert_eq!(sent(&pages, host, &format!("https://{host}")), 303, "{host}");
    }
    assert_eq!(sent(&pages, "third.example", "https://third.example:80"), 303, "that is no port of https");
}

#[test]
fn s8_a_page_of_one_of_the_hosts_sends_no_form_to_another() {
    let site = TestSite::new();
    let (pages, _) = pages(&site);
    pages.allow_hosts(vec!["other.example:8443".to_owned()]);
    let (own, other) = ("secboard.acme.example", "other.example:8443");
    let origin = |host: &str| format!("https://{host}");
    assert_eq!((sent(&pages, own, &origin(own)), sent(&pages, other, &origin(other))), (303, 303));
    assert_eq!((sent(&pages, own, &origin(other)), sent(&pages, other, &origin(own))), (403, 403));
}

#[test]
fn s8_a_host_that_is_not_ours_is_refused() {
    let site = TestSite::new();
    let (pages, _) = pages(&site);
    pages.allow_hosts(vec!["other.example:8443".to_owned()]);
    let mut browser = Browser::new(&pages);
    let mut status = |host: &'static str| {
        let request = Request::builder().uri("/text/").header("host", host);
        browser.send(request.body(Bytes::new()).unwrap()).status()
    };
    assert_eq!(status("SECBOARD.acme.example:443"), 200);
    assert_eq!(status("other.example"), 200);
    assert_eq!(status("evil.example"), 400);
    assert_eq!(status("secboard.acme.example.evil.example"), 400);
}

#[test]
fn l8_a_host_that_is_not_ours_is_refused_before_anything_else() {
    with(|browser| {
        for (method, path) in [
            (Method::GET, "/sample/abc?lang=uk"),
            (Method::GET, "/nothing/"),
            (Method::HEAD, "/nothing"),
            (Method::POST, "/sample/abc/"),
            (Method::DELETE, "/text/"),
            (Method::GET, "/static/style.css"),
        ] {
            let request = Request::builder().method(method.clone()).uri(path).header("host", "evil.example");
            browser.send(request.body(Bytes::new()).unwrap());
            let told = (browser.status(), browser.header(LOCATION), browser.header(SET_COOKIE));
            assert_eq!(told, (400, "", ""), "{method} {path}");
            assert!(browser.page().contains("href=\"https://secboard.acme.example/\""), "{}", browser.page());
        }
    });
}
