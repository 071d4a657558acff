//! The front as visitors and attackers meet it, each test on a port of its own.

use std::io::{Read as _, Write as _};
use std::net::{IpAddr, SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use bytes::Bytes;
use http::{HeaderMap, Request, Response, StatusCode};

use super::{Answers, Front, Listener, Room};
use crate::config::Trusted;

/// Answers with what it was asked, and remembers it.
#[derive(Default)]
struct Echo {
    asked: Mutex<Vec<String>>,
    refused: Mutex<Vec<(u16, String)>>,
}

impl Answers for Echo {
    fn answer(&self, request: Request<Bytes>, client: IpAddr) -> Response<Bytes> {
        let (head, body) = request.into_parts();
        let mut names: Vec<String> =
            head.headers.iter().map(|(name, value)| format!("{name}: {}", value.to_str().unwrap())).collect();
        names.sort();
        let told = format!(
            "{} {} {client} [{}] {}",
            head.method,
            head.uri,
            names.join(", "),
            String::from_utf8_lossy(&body)
        );
        self.asked.lock().unwrap().push(told.clone());
        assert_ne!(head.uri.path(), "/panic", "asked for");
        if head.uri.path() == "/slow" {
            std::thread::sleep(Duration::from_secs(2));
        }
        Response::new(Bytes::from(told))
    }

    fn takes_file(&self, path: &str) -> bool {
        path == "/file"
    }

    fn may_send_file(&self, _: &str, headers: &HeaderMap, _: IpAddr) -> bool {
        headers.get("cookie").is_some_and(|kept| kept == "kept=known")
    }

    fn note_unbelieved_proxy(&self) {}

    fn refuse(&self, status: StatusCode, _: &str, _: &HeaderMap) -> Response<Bytes> {
        let mut answer = Response::new(Bytes::from_static(b"refused"));
        *answer.status_mut() = status;
        answer
    }

    fn note_refusal(&self, status: StatusCode, client: IpAddr) {
        self.refused.lock().unwrap().push((status.as_u16(), client.to_string()));
    }
}

struct Running {
    front: Front,
    echo: Arc<Echo>,
    address: SocketAddr,
}

fn start() -> Running {
    start_with(Trusted::default(), Room { all: 2000, address: 2000 })
}

fn start_with(trusted: Trusted, room: Room) -> Running {
    let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
    let address = listener.local_addr().unwrap();
    let echo = Arc::new(Echo::default());
    let answers: Arc<dyn Answers> = Arc::<Echo>::clone(&echo);
    let front = Front::start(vec![Listener::Tcp(listener, None)], answers, trusted, room).unwrap();
    Running { front, echo, address }
}

impl Running {
    fn connect(&self) -> TcpStream {
        let stream = TcpStream::connect(self.address).unwrap();
        stream.set_read_timeout(Some(Duration::from_secs(15))).unwrap();
        stream
    }

    /// Sends bytes, and reads until the connection ends.
    fn send(&self, bytes: &[u8]) -> String {
        let mut stream = self.connect();
        stream.write_all(bytes).ok();
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer).ok();
        String::from_utf8_lossy(&answer).into_owned()
    }

    fn get(&self, path: &str) -> String {
        self.send(format!("GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n").as_bytes())
    }

    /// That a new visitor is answered, and how soon.
    fn visit(&self) -> Duration {
        let begun = Instant::now();
        let answer = self.get("/visit");
        assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
        begun.elapsed()
    }

    fn asked(&self) -> Vec<String> {
        std::mem::take(&mut self.echo.asked.lock().unwrap())
    }

    /// What was refused, which is noted when a connection has ended, and whose it was.
    fn refused(&self) -> Vec<(u16, String)> {
        for _ in 0..500 {
            let refused = std::mem::take(&mut *self.echo.refused.lock().unwrap());
            if !refused.is_empty() {
                return refused;
            }
            std::thread::sleep(Duration::from_millis(10));
        }
        Vec::new()
    }

    fn stop(self) {
        self.front.stop(Instant::now() + Duration::from_secs(10));
    }
}

fn status(answer: &str) -> &str {
    answer.split(' ').nth(1).unwrap_or("none")
}

#[test]
fn a_request_goes_on_as_it_was_read_and_without_what_is_of_the_connection() {
    let running = start();
    running.send(
        b"POST /form/?next=%2F HTTP/1.1\r\nHost: localhost:1\r\nContent-Length: 7\r\nCookie: a=b\r\n\
          Content-Type: application/x-www-form-urlencoded\r\nX-Forwarded-For: 203.0.113.9\r\nForwarded: for=1\r\n\
          X-Forwarded-Proto: https\r\nX-Secboard-Client: 203.0.113.9\r\nTE: trailers\r\nX-Mine: 1\r\n\
          Keep-Alive: 5\r\nConnection: close, x-mine\r\nOrigin: https://a.example\r\n\r\nemail=x",
    );
    insta::assert_snapshot!(running.asked().join("\n"), @"POST /form/?next=%2F 127.0.0.1 [content-length: 7, content-type: application/x-www-form-urlencoded, cookie: a=b, host: localhost:1, origin: https://a.example] email=x");
    running.stop();
}

#[test]
fn t7_a_trusted_proxy_is_believed_about_who_asks() {
    let trusted = Trusted { unix: false, networks: vec!["127.0.0.0/8".parse().unwrap()] };
    let running = start_with(trusted, Room { all: 100, address: 1 });
    running.send(
        b"GET / HTTP/1.1\r\nHost: a\r\nX-Forwarded-For: 198.51.100.1, 203.0.113.9\r\nConnection: close\r\n\r\n",
    );
    assert!(running.asked()[0].starts_with("GET / 203.0.113.9 "));
    running.front.trust(Trusted::default());
    running.send(b"GET / HTTP/1.1\r\nHost: a\r\nX-Forwarded-For: 203.0.113.9\r\nConnection: close\r\n\r\n");
    assert!(running.asked()[0].starts_with("GET / 127.0.0.1 "));
    running.stop();
}

#[test]
fn requests_on_one_connection_are_answered_one_after_the_other() {
    let running = start();
    let answers = running.send(
        b"POST /1 HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\n\r\nbodyGET /2 HTTP/1.1\r\nHost: a\r\n\r\n\
          HEAD /3 HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n",
    );
    assert_eq!(answers.matches("HTTP/1.1 200 OK").count(), 3, "{answers}");
    let asked: Vec<String> =
        running.asked().iter().map(|asked| asked.split(' ').take(2).collect::<Vec<_>>().join(" ")).collect();
    assert_eq!(asked, ["POST /1", "GET /2", "HEAD /3"]);
    assert!(answers.ends_with("\r\n\r\n"), "an answer to HEAD has no body: {answers}");
    running.stop();
}

#[test]
fn f5_malformed_requests_are_refused_and_reach_nobody() {
    let running = start();
    let many: Vec<String> = (0..65).map(|number| format!("X-{number}: 1\r\n")).collect();
    let many = many.concat();
    let many = format!("GET / HTTP/1.1\r\nHost: a\r\n{many}\r\n");
    for (request, expected) in [
        // Smuggling: bodies whose end two programs see in two places.
        ("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", "411"),
        (
            "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
            "4",
        ),
        (
            "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: xchunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\n",
            "4",
        ),
        ("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding : chunked\r\n\r\n0\r\n\r\n", "400"),
        ("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\nContent-Length: 5\r\n\r\nbody!", "400"),
        ("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\nContent-Length: 4\r\n\r\nbody", "400"),
        ("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 4, 4\r\n\r\nbody", "400"),
        ("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: +4\r\n\r\nbody", "400"),
        ("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 0x4\r\n\r\nbody", "400"),
        ("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: -1\r\n\r\n", "400"),
        ("POST / HTTP/1.1\r\nHost: a\r\nContent-Length:\r\n\r\n", "400"),
        ("GET / HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\n\r\nbody", "400"),
        // What is packed, which nobody unpacks.
        ("POST / HTTP/1.1\r\nHost: a\r\nContent-Encoding: gzip\r\nContent-Length: 4\r\n\r\nbody", "415"),
        ("POST / HTTP/1.1\r\nHost: a\r\nContent-Encoding:\r\nContent-Length: 4\r\n\r\nbody", "415"),
        // Lines that end or go on as they should not.
        ("GET / HTTP/1.1\nHost: a\n\n", "400"),
        ("GET / HTTP/1.1\r\nHost: a\nX: b\r\n\r\n", "400"),
        ("GET / HTTP/1.1\r\nHost: a\rX: b\r\n\r\n", "400"),
        ("GET / HTTP/1.1\r\nHost: a\r\n folded\r\n\r\n", "400"),
        ("\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n", "400"),
        // Bytes that nobody sends.
        ("GET / HTTP/1.1\r\nHost: a\r\nX: a\0b\r\n\r\n", "400"),
        ("GET / HTTP/1.1\r\nHost: a\r\nX: \u{e4}\r\n\r\n", "400"),
        ("GET /\u{e4} HTTP/1.1\r\nHost: a\r\n\r\n", "400"),
        ("GET / HTTP/1.1\r\nHost: a\r\n\u{1}: b\r\n\r\n", "400"),
        ("\0\0\0\r\n\r\n", "400"),
        // Hosts and targets.
        ("GET / HTTP/1.1\r\n\r\n", "400"),
        ("GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n", "400"),
        ("GET / HTTP/1.1\r\nHost:\r\n\r\n", "400"),
        ("GET / HTTP/1.1\r\nHost: localhost:\r\n\r\n", "400"),
        ("GET / HTTP/1.1\r\nHost: localhost:0\r\n\r\n", "400"),
        ("GET / HTTP/1.1\r\nHost: localhost:99999999\r\n\r\n", "400"),
        ("GET / HTTP/1.1\r\nHost: a/b\r\n\r\n", "400"),
        ("GET / HTTP/1.1\r\nHost: a@b\r\n\r\n", "400"),
        ("GET http://elsewhere/ HTTP/1.1\r\nHost: a\r\n\r\n", "400"),
        ("GET a HTTP/1.1\r\nHost: a\r\n\r\n", "400"),
        ("OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n", "400"),
        // What is not spoken here.
        ("CONNECT a:443 HTTP/1.1\r\nHost: a:443\r\n\r\n", "405"),
        ("TRACE / HTTP/1.1\r\nHost: a\r\n\r\n", "405"),
        ("BREW / HTTP/1.1\r\nHost: a\r\n\r\n", "405"),
        ("get / HTTP/1.1\r\nHost: a\r\n\r\n", "400"),
        ("GET / HTTP/2.0\r\nHost: a\r\n\r\n", "400"),
        ("GET / HTTP/9.9\r\nHost: a\r\n\r\n", "400"),
        ("GET /\r\n\r\n", "400"),
        ("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", "400"),
        ("GET / HTTP/1.1\r\nHost: a\r\nConnection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\n\r\n", "400"),
        (&many, "431"),
    ] {
        let answer = running.send(request.as_bytes());
        assert!(status(&answer).starts_with(expected), "{request:?}: {answer}");
        assert_eq!(answer.matches("HTTP/1.1").count(), 1, "one answer, whatever follows: {request:?}");
        assert_eq!(running.asked(), Vec::<String>::new(), "{request:?} was passed on");
        let noted = running.refused();
        let answered = (status(&answer).parse().unwrap(), "127.0.0.1".to_owned());
        assert_eq!(noted, [answered], "{request:?} is noted once");
    }
    running.visit();
    running.stop();
}

#[test]
fn f5_a_target_with_a_host_of_its_own_is_read_as_one_of_this_host() {
    let running = start();
    running.send(b"GET http://localhost/a?b HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
    assert!(running.asked()[0].starts_with("GET /a?b 127.0.0.1 [host: localhost]"));
    running.stop();
}

#[test]
fn f1_whoever_only_waits_keeps_nobody_out_and_is_left() {
    let running = start_with(Trusted::default(), Room { all: 600, address: 500 });
    let begun = Instant::now();
    let mut waiting: Vec<TcpStream> = Vec::new();
    for number in 0..1000 {
        let mut stream = running.connect();
        // Some say nothing, some begin a head, some begin another one after an answer.
        if number % 3 > 0 {
            stream.write_all(b"GET / HTTP/1.1\r\nX-Slow").ok();
        }
        waiting.push(stream);
    }
    assert!(running.visit() < Duration::from_secs(1), "a new visitor is answered within a second");
    let mut byte = [0];
    let last = waiting.last_mut().unwrap();
    last.read_exact(&mut byte).ok();
    let left_after = begun.elapsed();
    assert!(
        left_after < Duration::from_secs(14),
        "who sends no head is left after 10 seconds: {left_after:?}"
    );
    running.stop();
}

#[test]
fn f1_slow_bodies_hold_nobody_up() {
    let running = start();
    let slow: Vec<TcpStream> = (0..100)
        .map(|_| {
            let mut stream = running.connect();
            stream.write_all(b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 2000\r\n\r\nhalf").unwrap();
            stream
        })
        .collect();
    assert!(running.visit() < Duration::from_secs(1));
    assert_eq!(running.asked().len(), 1, "a body that has not come whole is passed on to nobody");
    drop(slow);
    running.stop();
}

#[test]
fn f1_whoever_sends_a_body_byte_by_byte_keeps_nobody_out() {
    let running = start_with(Trusted::default(), Room { all: 30, address: 30 });
    let mut slow: Vec<TcpStream> = (0..30).map(|_| running.connect()).collect();
    let trickle = |slow: &mut Vec<TcpStream>, bytes: &[u8]| {
        for stream in slow {
            stream.write_all(bytes).ok();
        }
        std::thread::sleep(Duration::from_millis(200));
    };
    trickle(&mut slow, b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 2000\r\n\r\n");
    for _ in 0..5 {
        trickle(&mut slow, b"x");
        assert!(running.visit() < Duration::from_secs(1));
    }
    // Whoever has sent all of it is answered, however many come meanwhile.
    let mut whole = running.connect();
    whole
        .write_all(b"POST /slow HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nConnection: close\r\n\r\nx")
        .unwrap();
    std::thread::sleep(Duration::from_millis(200));
    slow = (0..60).map(|_| running.connect()).collect();
    let mut answer = String::new();
    whole.read_to_string(&mut answer).unwrap();
    assert_eq!(status(&answer), "200");
    drop(slow);
    running.stop();
}

#[test]
fn f1_answers_that_nobody_reads_hold_nobody_up() {
    let running = start();
    let mut greedy: Vec<TcpStream> = (0..20).map(|_| running.connect()).collect();
    let request = format!("GET /{} HTTP/1.1\r\nHost: a\r\n\r\n", "x".repeat(3000)).repeat(200);
    for stream in &mut greedy {
        stream.set_write_timeout(Some(Duration::from_millis(50))).unwrap();
        stream.write_all(request.as_bytes()).ok();
    }
    assert!(running.visit() < Duration::from_secs(1));
    drop(greedy);
    running.stop();
}

#[test]
fn f2_a_head_without_an_end_is_refused_at_16_kilobytes() {
    let running = start();
    let mut stream = running.connect();
    stream.write_all(b"GET / HTTP/1.1\r\nHost: a\r\nX: ").unwrap();
    let mut sent = 0;
    let block = [b'x'; 4096];
    stream.set_write_timeout(Some(Duration::from_secs(2))).unwrap();
    while sent < 64 * 1024 * 1024 && stream.write_all(&block).is_ok() {
        sent += block.len();
    }
    assert!(sent < 16 * 1024 * 1024, "{sent} bytes were taken");
    let mut answer = String::new();
    stream.read_to_string(&mut answer).ok();
    assert!(answer.is_empty() || status(&answer) == "431", "{answer}");
    let whole = format!("GET / HTTP/1.1\r\nHost: a\r\nX: {}\r\n\r\n", "x".repeat(17 * 1024));
    assert_eq!(status(&running.send(whole.as_bytes())), "431");
    running.visit();
    running.stop();
}

#[test]
fn f3_whoever_is_nobody_takes_no_room_of_those_who_send_a_file() {
    let running = start();
    let head = |cookie: &str| {
        format!(
            "POST /file HTTP/1.1\r\nHost: a\r\nCookie: {cookie}\r\nConnection: close\r\nContent-Length: 70000\r\n\r\n"
        )
    };
    // Nothing of the file is sent: whoever is nobody is answered before.
    for _ in 0..20 {
        assert_eq!(status(&running.send(head("kept=guessed").as_bytes())), "403");
    }
    let whole = format!("{}{}", head("kept=known"), "x".repeat(70_000));
    assert_eq!(status(&running.send(whole.as_bytes())), "200");
    running.stop();
}

#[test]
fn f3_a_body_that_is_too_large_is_refused_when_it_is_announced() {
    let running = start();
    for length in
        ["65537", "1073741824", "100000000000000", "18446744073709551615", "99999999999999999999999"]
    {
        let answer = running
            .send(format!("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: {length}\r\n\r\n").as_bytes());
        assert!(status(&answer).starts_with('4'), "{length}: {answer}");
        assert!(
            answer.to_ascii_lowercase().contains("connection: close") || status(&answer) == "400",
            "{answer}"
        );
    }
    // Who sends it all the same sees the answer before the connection ends.
    let mut whole = b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 200000\r\n\r\n".to_vec();
    whole.resize(whole.len() + 200_000, b'x');
    assert_eq!(status(&running.send(&whole)), "413");
    let largest = format!(
        "POST / HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Length: 65536\r\n\r\n{}",
        "x".repeat(65_536)
    );
    assert_eq!(status(&running.send(largest.as_bytes())), "200");
    running.stop();
}

#[test]
fn f3_a_body_with_a_file_may_be_longer_and_only_where_one_is_taken() {
    let running = start();
    let sent = |path: &str, length: usize| {
        let head = format!(
            "POST {path} HTTP/1.1\r\nHost: a\r\nCookie: kept=known\r\nConnection: close\r\nContent-Length: {length}\r\n\r\n"
        );
        let mut whole = head.into_bytes();
        whole.resize(whole.len() + length, b'x');
        status(&running.send(&whole)).to_owned()
    };
    let most = 3 * 1024 * 1024;
    assert_eq!(sent("/file", most), "200");
    assert_eq!(sent("/file", most + 1), "413");
    assert_eq!(sent("/file/more", 65_537), "413");
    assert_eq!(sent("/", 65_537), "413");
    running.stop();
}

/// `tiny_http` alone may leave one of two connections that come at once until another ends.
#[test]
fn many_who_come_at_once_are_all_answered() {
    let running = start();
    let begun = Instant::now();
    std::thread::scope(|scope| {
        for _ in 0..64 {
            scope.spawn(|| assert!(running.get("/").starts_with("HTTP/1.1 200")));
        }
    });
    assert!(begun.elapsed() < Duration::from_secs(5), "{:?}", begun.elapsed());
    let begun = Instant::now();
    running.stop();
    assert!(begun.elapsed() < Duration::from_secs(2), "nobody is left waiting");
}

#[test]
fn changes_that_wait_hold_up_nobody_who_only_looks() {
    let running = start();
    let request = b"POST /slow HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";
    let mut waiting: Vec<TcpStream> = (0..24).map(|_| running.connect()).collect();
    for stream in &mut waiting {
        stream.write_all(request).unwrap();
    }
    std::thread::sleep(Duration::from_millis(300));
    assert!(running.visit() < Duration::from_secs(1));
    for mut stream in waiting {
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        assert_eq!(status(&answer), "200", "and each of them comes to its turn");
    }
    running.stop();
}

#[test]
fn f5_whoever_panics_costs_one_answer() {
    let running = start();
    for _ in 0..20 {
        assert_eq!(status(&running.get("/panic")), "500");
    }
    running.visit();
    running.stop();
}

#[test]
fn a_socket_that_cannot_be_listened_on_ends_the_start() {
    let no_listener = std::net::UdpSocket::bind(("127.0.0.1", 0)).unwrap();
    let no_listener = TcpListener::from(std::os::fd::OwnedFd::from(no_listener));
    let answers: Arc<dyn Answers> = Arc::new(Echo::default());
    let room = Room { all: 10, address: 10 };
    assert!(Front::start(vec![Listener::Tcp(no_listener, None)], answers, Trusted::default(), room).is_err());
}
