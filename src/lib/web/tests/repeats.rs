//! Forms that are sent twice.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Condvar, PoisonError};
use std::time::Duration;

use super::*;
use crate::web::Cookie;
use crate::web::repeat::{Repeats, Sent};
use crate::web::serve::Done;

/// How often each form was acted upon.
static DONE: Mutex<Vec<String>> = Mutex::new(Vec::new());

/// Whether a form named so may be answered.
static MAY_END: (Mutex<Vec<String>>, Condvar) = (Mutex::new(Vec::new()), Condvar::new());

fn times(name: &str) -> usize {
    DONE.lock().unwrap().iter().filter(|done| *done == name).count()
}

fn let_end(name: &str) {
    MAY_END.0.lock().unwrap().push(name.to_owned());
    MAY_END.1.notify_all();
}

/// Does what is asked by name, and says how often it was done; a name that begins with `slow` has to be let end.
fn deed(call: &Call<'_>) -> Result<Answer> {
    let form = Form::open(call, Binding::FormCookie)?;
    let Some(name) = form.submitted().and_then(|fields| fields.text("name").ok()) else {
        return form.answer(&Shown { frame: call.frame(), form: &form });
    };
    DONE.lock().unwrap().push(name.to_owned());
    if name.starts_with("slow") {
        let is_held = |may_end: &mut Vec<String>| !may_end.iter().any(|may| may == name);
        drop(
            MAY_END.1.wait_while(MAY_END.0.lock().unwrap(), is_held).unwrap_or_else(PoisonError::into_inner),
        );
    }
    let times = times(name);
    match name.split_once(' ').map_or(name, |(kind, _)| kind) {
        "busy" => Err(Busy.into()),
        "held" => {
            let mut form = form;
            form.hold("name", "wait", (call.now, Instant::from_micros(call.now.micros() + 1_000_000)));
            form.answer(&Shown { frame: call.frame(), form: &form })
        }
        "panics" => panic!("asked for"),
        _ => Ok(Answer::text(format!("done {times}")).with_cookie(Cookie {
            name: "secret",
            value: format!("{times}"),
            seconds: None,
        })),
    }
}

#[derive(Template)]
#[template(
    source = r#"{% import "web/pages/form.html" as f %}{{ frame.site() }}{% call f::token(form) %}{% endcall %}"#,
    ext = "html"
)]
struct Shown<'a> {
    frame: Frame,
    form: &'a Form<'a>,
}

const DEEDS: Routes = &[&[Route { name: "deed", pattern: "/deed/", methods: GET_AND_POST, handler: deed }]];

fn with_deeds(work: impl FnOnce(&Pages)) {
    let site = TestSite::new();
    work(&Pages::new(Arc::clone(&site.site), DEEDS, facts, Box::new(|_| ())));
}

fn send(browser: &mut Browser<'_>, name: &str) -> String {
    browser.post("/deed/", &[("name", name)]);
    format!("{} {}", browser.status(), browser.page())
}

#[test]
fn l5_a_form_that_is_sent_twice_is_acted_upon_once_and_answered_the_same() {
    with_deeds(|pages| {
        let mut browser = Browser::new(pages);
        browser.get("/deed/");
        let shown = browser.clone();
        assert_eq!(send(&mut browser, "same"), "200 done 1");
        let first = browser.shown.headers().clone();
        let again = |mut browser: Browser<'_>| {
            let answer = send(&mut browser, "same");
            assert_eq!(*browser.shown.headers(), first, "with the same secret");
            answer
        };
        assert_eq!(again(shown.clone()), "200 done 1");
        // The answer has come, and the page of the form is there still.
        let cookies = browser.cookies.clone();
        assert!(browser.cookie("__Host-secret").is_some());
        assert_eq!(again(Browser { cookies, ..shown.clone() }), "200 done 1");
        assert_eq!(times("same"), 1);
    });
}

#[test]
fn l5_a_form_that_differs_in_anything_is_another() {
    with_deeds(|pages| {
        let mut browser = Browser::new(pages);
        browser.get("/deed/");
        let shown = browser.clone();
        assert_eq!(send(&mut browser, "other"), "200 done 1");
        let mut anew = shown.clone();
        assert_eq!(send(anew.get("/deed/"), "other"), "200 done 2", "shown once more");
        let mut further = shown.clone();
        further.cookies.push(("__Host-secret".to_owned(), "another".to_owned()));
        assert_eq!(send(&mut further, "other"), "200 done 3", "another cookie");
        let token = shown.token();
        let of = |uri: &str, agent: &str, body: &str| {
            let cookies: Vec<String> =
                shown.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
            Request::post(uri)
                .header("host", "secboard.acme.example")
                .header("origin", "https://secboard.acme.example")
                .header("content-type", "application/x-www-form-urlencoded")
                .header("user-agent", agent)
                .header(COOKIE, cookies.join("; "))
                .body(Bytes::from(format!("csrf={token}&name=other{body}")))
                .unwrap()
        };
        let neighbour: IpAddr = "192.0.2.8".parse().unwrap();
        for (request, client, times) in [
            (of("/deed/", "a", ""), CLIENT, 4),
            (of("/deed/", "a", ""), CLIENT, 4),
            (of("/deed/", "b", ""), CLIENT, 5),
            (of("/deed/?a=b", "a", ""), CLIENT, 6),
            (of("/deed/", "a", "&more=1"), CLIENT, 7),
            (of("/deed/", "a", ""), neighbour, 8),
            // Who went back to the page and sends what was sent first means it: something else was sent since.
            (of("/deed/", "a", ""), CLIENT, 9),
        ] {
            assert_eq!(pages.answer(request, client).body(), &format!("done {times}"));
        }
    });
}

#[test]
fn l5_of_two_that_are_sent_at_once_the_second_waits_for_the_answer_of_the_first() {
    with_deeds(|pages| {
        let mut browser = Browser::new(pages);
        browser.get("/deed/");
        let answers: Vec<String> = std::thread::scope(|scope| {
            let clicks: Vec<_> = (0..3)
                .map(|_| {
                    let mut browser = browser.clone();
                    scope.spawn(move || send(&mut browser, "slow"))
                })
                .collect();
            while times("slow") == 0 {
                std::thread::sleep(Duration::from_millis(1));
            }
            std::thread::sleep(Duration::from_millis(100));
            let_end("slow");
            clicks.into_iter().map(|click| click.join().unwrap()).collect()
        });
        assert_eq!((answers, times("slow")), (vec!["200 done 1".to_owned(); 3], 1));
    });
}

#[test]
fn what_is_sent_after_something_else_is_acted_upon_though_the_first_is_at_work_still() {
    with_deeds(|pages| {
        let mut browser = Browser::new(pages);
        browser.get("/deed/");
        std::thread::scope(|scope| {
            let of = |name: &'static str| {
                let mut browser = browser.clone();
                scope.spawn(move || send(&mut browser, name))
            };
            let first = of("slow first");
            while times("slow first") == 0 {
                std::thread::sleep(Duration::from_millis(1));
            }
            assert_eq!(send(&mut browser.clone(), "other since"), "200 done 1");
            let again = of("slow first");
            while times("slow first") == 1 {
                std::thread::sleep(Duration::from_millis(1));
            }
            let_end("slow first");
            assert_eq!((first.join().unwrap(), again.join().unwrap()).1, "200 done 2");
        });
    });
}

#[test]
fn what_the_site_was_too_busy_for_or_no_form_of_it_was_sent_for_is_tried_anew() {
    with_deeds(|pages| {
        for (name, status) in [("busy", "503"), ("panics", "500"), ("held", "429")] {
            let mut browser = Browser::new(pages);
            browser.get("/deed/");
            for time in 1..3 {
                assert!(send(&mut browser.clone(), name).starts_with(status), "{name}");
                assert_eq!(times(name), time);
            }
        }
        let mut browser = Browser::new(pages);
        browser.get("/deed/").post_alone("/deed/", &[("name", "unshown")]);
        assert_eq!((browser.status(), times("unshown")), (422, 0));
        // Its answer has another token each time.
        let token = browser.token();
        assert_ne!(browser.post_alone("/deed/", &[("name", "unshown")]).token(), token);
    });
}

/// A form of that address with that text.
fn sent(client: IpAddr, text: &str) -> Option<Sent> {
    let request = Request::post("/").body(Bytes::copy_from_slice(text.as_bytes())).unwrap();
    Sent::of(&request, client)
}

/// How often forms were acted upon, of those that were sent.
struct Counted {
    repeats: Repeats,
    times: AtomicUsize,
}

impl Counted {
    fn new(kept_for: Duration) -> Self {
        Self { repeats: Repeats::new(kept_for), times: AtomicUsize::new(0) }
    }

    /// Sends a form, which is answered by a page of so many bytes; whether it was acted upon.
    fn send(&self, client: u8, text: &str, bytes: usize) -> bool {
        self.send_from(IpAddr::V4(Ipv4Addr::new(192, 0, 2, client)), text, bytes)
    }

    fn send_from(&self, client: IpAddr, text: &str, bytes: usize) -> bool {
        let before = self.times.load(Ordering::SeqCst);
        self.repeats.once(sent(client, text), || {
            self.times.fetch_add(1, Ordering::SeqCst);
            let answer = Answer::of("text/plain", vec![b'x'; bytes]);
            (Done { answer, route: "deed", failure: None, nonce: String::new(), secure: true }, Some([0; 32]))
        });
        self.times.load(Ordering::SeqCst) > before
    }
}

#[test]
fn an_answer_is_kept_for_its_time_and_is_gone_then_though_nobody_asks() {
    let counted = Counted::new(Duration::from_millis(50));
    assert!(counted.send(1, "a", 10));
    let until = std::time::Instant::now() + Duration::from_secs(30);
    while counted.repeats.kept() > 0 && std::time::Instant::now() < until {
        std::thread::sleep(Duration::from_millis(5));
    }
    assert_eq!(counted.repeats.kept(), 0);
    assert!(counted.send(1, "a", 10));
    let counted = Counted::new(Duration::from_secs(60));
    assert!(counted.send(1, "a", 10) && !counted.send(1, "a", 10));
    counted.repeats.end();
    assert_eq!(counted.repeats.kept(), 0);
    assert!(counted.send(1, "a", 10) && counted.send(1, "a", 10), "nothing is kept at the end");
}

#[test]
fn who_sends_many_forms_takes_the_room_of_nobody_else() {
    let counted = Counted::new(Duration::from_secs(60));
    assert!(counted.send(1, "mine", 10));
    for number in 0..100 {
        assert!(counted.send(2, &format!("theirs {number}"), 10));
    }
    assert!(!counted.send(1, "mine", 10));
    assert!(!counted.send(2, "theirs 99", 10) && counted.send(2, "theirs 0", 10));
    assert_eq!(counted.repeats.kept(), 65);
    // Whoever has one address of a network has all of them.
    for number in 0..100 {
        let address = IpAddr::from([0x2001, 0xdb8, 0, 7, 0, 0, 0, number]);
        assert!(counted.send_from(address, "theirs", 10));
    }
    assert_eq!(counted.repeats.kept(), 129);
    // Of all addresses together there is room for 8 MiB.
    for client in 10..30 {
        assert!(counted.send(client, "large", 1024 * 1024));
    }
    assert_eq!(counted.repeats.kept(), 8);
    assert!(!counted.send(29, "large", 10) && counted.send(1, "mine", 10));
}
