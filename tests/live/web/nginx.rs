//! nginx before the daemon, with the file that `packaging/` has for it: it speaks TLS and says who visits, and no log has what
//! would open an account.

use std::fs;
use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, Stdio};
use std::time::{Duration, Instant};

use super::browser::{Chromium, DESK};
use super::site::{HOST, Site, free_port};
use super::sites::WIKI;
use super::{ANOTHER, OLENA, PASSWORD};
use crate::program::program;

const PACKAGED: &str = include_str!("../../../packaging/nginx/secboard.conf");

/// How long nginx may take to start.
const PATIENCE: Duration = Duration::from_secs(10);

/// What a visitor is answered.
struct Answer {
    status: u16,
    head: String,
    body: String,
}

/// nginx in a folder of the site; it ends when this is dropped.
pub(super) struct Nginx {
    child: Child,
    pub(super) port: u16,
}

impl Nginx {
    /// Starts it before the daemon of the site, in the place of the paths and ports of the packaged file its own.
    fn start(site: &Site) -> Self {
        Self::start_at(site, free_port(), "")
    }

    /// The same at that port, with more servers.
    pub(super) fn start_at(site: &Site, port: u16, more: &str) -> Self {
        let made = rcgen::generate_simple_self_signed(vec![HOST.to_owned(), WIKI.to_owned()]).unwrap();
        fs::write(site.path("chain.pem"), made.cert.pem()).unwrap();
        fs::write(site.path("key.pem"), made.signing_key.serialize_pem()).unwrap();
        let plain = free_port();
        let folder = site.path("").display().to_string();
        let folder = folder.trim_end_matches('/');
        let changed = [
            ("server 127.0.0.1:8470;", format!("server 127.0.0.1:{};", site.port)),
            ("listen 80;", format!("listen 127.0.0.1:{plain};")),
            ("listen 443 ssl;", format!("listen 127.0.0.1:{port} ssl;")),
            ("server_name secboard.acme.example;", format!("server_name {HOST};")),
            ("/etc/nginx/secboard/", format!("{folder}/")),
            ("/var/log/nginx/", format!("{folder}/")),
        ];
        let server = changed.into_iter().fold(PACKAGED.to_owned(), |text, (packaged, own)| {
            assert!(text.contains(packaged), "{packaged}");
            text.replace(packaged, &own)
        });
        let kinds = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"];
        let temporary = kinds.map(|kind| format!("{kind}_temp_path {folder}/temporary-{kind};\n")).concat();
        let config = format!(
            "daemon off;\nmaster_process off;\npid {folder}/nginx.pid;\nerror_log {folder}/nginx.log;\n\
             events {{}}\nhttp {{\n{temporary}{server}{more}}}\n"
        );
        fs::write(site.path("nginx.conf"), config).unwrap();
        let mut command = program("nginx");
        command.arg("-p").arg(folder).arg("-c").arg(site.path("nginx.conf"));
        let child = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        let begun = Instant::now();
        while TcpStream::connect(("127.0.0.1", port)).is_err() {
            let log = fs::read_to_string(site.path("nginx.log")).unwrap_or_default();
            assert!(begun.elapsed() < PATIENCE, "nginx does not start: {log}");
            std::thread::sleep(Duration::from_millis(20));
        }
        Self { child, port }
    }

    /// The host of the site, as links and requests name it.
    fn host(&self) -> String {
        format!("{HOST}:{}", self.port)
    }

    /// Asks for a page from an address of this machine.
    fn ask(&self, from: &str, path: &str, more: &[&str]) -> Answer {
        let mut curl = program("curl");
        curl.args(["--silent", "--include", "--insecure", "--max-time", "20", "--interface", from]);
        curl.args(["--resolve", &format!("{}:127.0.0.1", self.host())]).args(more);
        let output = curl.arg(format!("https://{}{path}", self.host())).output().unwrap();
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        let (head, body) = text.split_once("\r\n\r\n").unwrap_or((&text, ""));
        let status = head.split(' ').nth(1).and_then(|status| status.parse().ok());
        let status = status.unwrap_or_else(|| panic!("{from} {path}: {text}"));
        Answer { status, head: head.to_lowercase(), body: body.to_owned() }
    }

    /// Types a name and a password into the form of the login; the answer.
    fn log_in(&self, site: &Site, from: &str, (email, password): (&str, &str), more: &[&str]) -> Answer {
        let (email, password) = (format!("email={email}"), format!("password={password}"));
        let form = ["--data-urlencode", &email, "--data-urlencode", &password];
        self.send(site, (from, "/login/"), &[&form[..], more].concat())
    }

    /// Sends the form of a page; the answer.
    fn send(&self, site: &Site, (from, path): (&str, &str), more: &[&str]) -> Answer {
        let jar = site.path(&format!("cookies-{from}")).display().to_string();
        let kept = ["--cookie-jar", &jar, "--cookie", &jar];
        let page = self.ask(from, path, &kept);
        let token = page.body.split_once("name=\"csrf\" value=\"").unwrap().1.split_once('"').unwrap().0;
        let (token, origin) = (format!("csrf={token}"), format!("Origin: https://{}", self.host()));
        let form = ["--data-urlencode", &token, "-H", &origin];
        self.ask(from, path, &[&kept[..], &form, more].concat())
    }
}

impl Drop for Nginx {
    fn drop(&mut self) {
        self.child.kill().ok();
        self.child.wait().ok();
    }
}

/// A site behind nginx, with Olena who can log in; `lines` are of its configuration.
fn behind_nginx(lines: &str) -> (Site, Nginx) {
    let mut site = Site::make();
    site.run_daemon(lines);
    let nginx = Nginx::start(&site);
    site.answer_at("https", &nginx.host());
    site.has(OLENA, ("Olena", "Shevchenko"), "en");
    site.secboard_with(&["user", "set-password", OLENA, "--password-stdin", "--no-must-change"], PASSWORD);
    (site, nginx)
}

#[test]
fn s2_behind_nginx_a_browser_logs_in_and_keeps_a_cookie_for_that_host_alone() {
    let (site, nginx) = behind_nginx("trusted_proxies = [\"127.0.0.1\"]\n");
    let chromium = Chromium::start();
    let olena = chromium.person(&site.address, DESK);
    olena.logs_in(OLENA, PASSWORD);
    olena.comes_to("cabinet-title", "behind-nginx");
    let cookies = olena.cookies();
    let session = cookies.iter().find(|cookie| cookie["name"] == "__Host-secboard").unwrap();
    assert_eq!(
        (&session["secure"], &session["httpOnly"], &session["sameSite"]),
        (&true.into(), &true.into(), &"Lax".into())
    );
    olena.presses("header form button");
    assert!(olena.is_on("/login/"));

    let page = nginx.ask("127.0.0.1", "/login/", &[]);
    assert!(page.head.contains("strict-transport-security: max-age="), "{}", page.head);
    assert_eq!(nginx.ask("127.0.0.1", "/login/", &["-H", "Host: elsewhere.example"]).status, 400);
}

#[test]
fn t7_behind_nginx_tries_are_counted_by_visitor_and_not_by_what_a_visitor_says() {
    let (site, nginx) = behind_nginx("trusted_proxies = [\"127.0.0.1\"]\n");
    site.secboard(&["setting", "set", "throttle.address_failures", "3"]);
    let forged = ["-H", "X-Forwarded-For: 127.0.0.9"];
    for number in 0..3 {
        let nobody = format!("nobody{number}@acme.example");
        let answer = nginx.log_in(&site, "127.0.0.2", (&nobody, ANOTHER), &forged);
        assert_eq!(answer.status, 422, "{}", answer.body);
    }
    let held = nginx.log_in(&site, "127.0.0.2", (OLENA, PASSWORD), &forged);
    assert_eq!(held.status, 429, "{}", held.body);
    assert!(held.head.contains("retry-after: "), "{}", held.head);
    for other in ["127.0.0.3", "127.0.0.9"] {
        assert_eq!(nginx.log_in(&site, other, (OLENA, PASSWORD), &[]).status, 303, "{other}");
    }
    let log = site.log();
    assert!(log.contains("client=127.0.0.2") && log.contains("client=127.0.0.3"), "{log}");
    assert!(!log.contains("client=127.0.0.1\n"), "{log}");
}

#[test]
fn t7_a_proxy_that_is_not_trusted_is_the_visitor_and_nothing_leads_round_in_circles() {
    let (site, nginx) = behind_nginx("");
    let page = nginx.ask("127.0.0.2", "/", &["--location", "--max-redirs", "2"]);
    assert_eq!(page.status, 303, "to the login, and no further");
    assert!(page.body.contains("HTTP/1.1 200 OK") && page.body.contains("<h1>Log in</h1>"), "{}", page.body);
    assert_eq!(nginx.ask("127.0.0.2", "/login/", &["-H", "X-Forwarded-Proto: http"]).status, 200);
    assert_eq!(nginx.log_in(&site, "127.0.0.2", (OLENA, PASSWORD), &[]).status, 303);
    let log = site.log();
    assert!(log.contains("client=127.0.0.1") && !log.contains("client=127.0.0.2"), "{log}");
}

/// Everything under a folder that a log could be, as text.
fn logs(site: &Site) -> String {
    let files = ["nginx.log", "secboard.access.log", "secboard.error.log"];
    let of_nginx = files.iter().map(|name| fs::read_to_string(site.path(name)).unwrap_or_default());
    of_nginx.collect::<String>() + site.log().as_str()
}

/// The values of the cookies that curl has kept.
fn cookies(path: &Path) -> Vec<String> {
    let jar = fs::read_to_string(path).unwrap();
    let values = jar.lines().filter_map(|line| line.split('\t').nth(6));
    values.map(str::to_owned).collect()
}

/// What the daemon answers to those bytes, without nginx.
fn raw(site: &Site, request: &str) -> String {
    let mut stream = TcpStream::connect(("127.0.0.1", site.port)).unwrap();
    stream.write_all(request.as_bytes()).unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    answer
}

#[test]
fn l8_no_log_has_a_token_a_cookie_a_password_or_what_somebody_typed() {
    for format in ["text", "json"] {
        let (mut site, nginx) =
            behind_nginx(&format!("trusted_proxies = [\"127.0.0.1\"]\nlog_format = \"{format}\"\n"));
        site.secboard(&["user", "force-password-change", OLENA]);
        let mut secrets = vec!["c4n4ry".to_owned(), PASSWORD.to_owned(), PASSWORD.replace(' ', "+")];

        nginx.log_in(
            &site,
            "127.0.0.2",
            ("c4n4ry@acme.example", "c4n4ry of a password"),
            &["-H", "Cookie: c4n4ry=c4n4ry"],
        );
        nginx.log_in(&site, "127.0.0.2", (OLENA, PASSWORD), &[]);
        secrets.extend(cookies(&site.path("cookies-127.0.0.2")));
        nginx.ask(
            "127.0.0.2",
            "/c4n4ry/?c4n4ry=c4n4ry",
            &["-H", "Referer: https://elsewhere.example/c4n4ry"],
        );
        let asked = ["--data-urlencode", "email=c4n4ry@acme.example"];
        assert_eq!(nginx.send(&site, ("127.0.0.3", "/password_reset/"), &asked).status, 303);
        site.secboard(&[
            "user",
            "create",
            "--email",
            "taras@acme.example",
            "--first-name",
            "T",
            "--last-name",
            "S",
            "--company",
            "Acme Bank",
            "--invite",
        ]);
        let mail = site.mail_to("taras@acme.example", "invite");
        for kind in ["invite", "not-me"] {
            let path = mail.link(kind).strip_prefix(&site.address).unwrap();
            let token = path.trim_matches('/').split('/').nth(1).unwrap();
            secrets.extend([token.to_owned(), token.to_uppercase()]);
            assert_eq!(nginx.ask("127.0.0.2", path, &[]).status, 200);
            for odd in [
                path.to_uppercase(),
                format!("/{path}"),
                path.replace('-', "%2d"),
                format!("{path}?a=b"),
                format!("/x{path}"),
            ] {
                nginx.ask("127.0.0.2", &odd, &[]);
            }
            // In the query of another page, where it came from, and in what neither nginx nor the daemon takes.
            nginx.ask("127.0.0.2", &format!("/login/?next={path}"), &[]);
            nginx.ask("127.0.0.2", "/login/", &["-H", &format!("Referer: {}", mail.link(kind))]);
            for odd in [format!("Host: {token}"), format!("Origin: {token}"), format!("X-{token}: {token}")] {
                nginx.ask("127.0.0.2", path, &["-H", &odd, "--data", "a=b"]);
            }
            assert_eq!(nginx.ask("127.0.0.2", path, &["-H", "Host: a b"]).status, 400);
            let direct =
                raw(&site, &format!("GET {path} HTTP/1.1\r\nHost: {token}\r\nHost: {token}\r\n\r\n"));
            assert!(direct.starts_with("HTTP/1.1 400"), "{direct}");
            nginx.ask("127.0.0.2", path, &["--data", &"x".repeat(70_000)]);
        }
        // Also where nobody answers any more, and nginx has to say why.
        let told = logs(&site);
        site.end_daemon();
        let path = mail.link("invite").strip_prefix(&site.address).unwrap();
        let resting = nginx.ask("127.0.0.2", path, &[]);
        assert_eq!(resting.status, 503);
        assert!(resting.body.contains("being looked after") && resting.head.contains("retry-after: 30"));

        let told = told + logs(&site).as_str();
        assert!(
            told.contains("/invite/***/") && told.contains("/not-me/***/"),
            "the pages are there: {told}"
        );
        for secret in secrets {
            assert!(!told.contains(&secret), "{secret} stands in a log:\n{told}");
        }
    }
}

#[test]
fn the_packaged_file_of_nginx_is_taken_by_nginx_without_a_warning() {
    let (site, _nginx) = behind_nginx("trusted_proxies = [\"127.0.0.1\"]\n");
    let config = site.path("nginx.conf");
    let mut check = program("nginx");
    let said: std::process::Output =
        check.arg("-t").arg("-p").arg(site.path("")).arg("-c").arg(config).output().unwrap();
    let said = String::from_utf8_lossy(&said.stderr).into_owned();
    assert!(said.contains("test is successful") && !said.contains("[warn]"), "{said}");
}
