//! A browser as far as forms go, for tests with a daemon in a process of its own.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::time::Duration;

/// A browser: it keeps cookies, and sends forms with the token that they were shown with.
#[derive(Debug, Clone)]
pub(crate) struct Browser {
    /// Where it connects to.
    address: String,
    /// The site as it is typed, such as `http://127.0.0.1:8470`.
    site: String,
    /// What it keeps, by name.
    pub(crate) cookies: Vec<(String, String)>,
}

/// A page as it came; all of it, or it never did.
#[derive(Debug, Clone)]
pub(crate) struct Page {
    /// The status.
    pub(crate) status: u16,
    /// Where it leads; empty where it leads nowhere.
    pub(crate) location: String,
    /// Everything behind its head.
    pub(crate) body: String,
}

impl Page {
    fn token(&self) -> &str {
        let rest = self.body.split_once("name=\"csrf\" value=\"").map_or("", |(_, rest)| rest);
        rest.split('"').next().unwrap_or_default()
    }
}

impl Browser {
    /// One that was just opened, and asks a site at that address.
    pub(crate) fn new(address: &str, site: &str) -> Self {
        Self { address: address.to_owned(), site: site.to_owned(), cookies: Vec::new() }
    }

    /// Connects to another address from now on, for the same site.
    pub(crate) fn move_to(&mut self, address: &str) {
        address.clone_into(&mut self.address);
    }

    /// Asks for a page; nothing where the daemon went away.
    pub(crate) fn get(&mut self, path: &str) -> Option<Page> {
        self.ask("GET", path, "")
    }

    /// Opens a page, fills in its form and sends it, again where the site is busy; nothing where the daemon went away
    /// meanwhile.
    pub(crate) fn fill_in(&mut self, path: &str, fields: &[(&str, &str)]) -> Option<Page> {
        for _ in 0..100 {
            let shown = self.get(path)?;
            let answer = self.post(path, &shown, fields)?;
            if answer.status != 503 {
                return Some(answer);
            }
        }
        panic!("the site is always busy: {path}");
    }

    /// Sends the form of a page that is shown.
    pub(crate) fn post(&mut self, path: &str, shown: &Page, fields: &[(&str, &str)]) -> Option<Page> {
        let encoded =
            |text: &str| text.bytes().fold(String::new(), |encoded, byte| encoded + &format!("%{byte:02x}"));
        let token = ("csrf", shown.token());
        let pairs = [token].into_iter().chain(fields.iter().copied());
        let pairs: Vec<String> =
            pairs.map(|(name, value)| format!("{}={}", encoded(name), encoded(value))).collect();
        self.ask("POST", path, &pairs.join("&"))
    }

    fn ask(&mut self, method: &str, path: &str, body: &str) -> Option<Page> {
        let cookies: Vec<String> =
            self.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
        let host = self.site.split_once("://")?.1;
        let mut stream = TcpStream::connect(&self.address).ok()?;
        stream.set_read_timeout(Some(Duration::from_secs(60))).unwrap();
        write!(
            stream,
            "{method} {path} HTTP/1.1\r\nHost: {host}\r\nOrigin: {}\r\nCookie: {}\r\n\
             Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {}\r\nConnection: close\r\n\r\n\
             {body}",
            self.site,
            cookies.join("; "),
            body.len()
        )
        .ok()?;
        let mut answer = String::new();
        stream.read_to_string(&mut answer).ok()?;
        let (head, body) = answer.split_once("\r\n\r\n")?;
        let values = |name: &str| {
            let of = |line: &str| {
                let (found, value) = line.split_once(": ")?;
                found.eq_ignore_ascii_case(name).then(|| value.to_owned())
            };
            head.lines().filter_map(of).collect::<Vec<String>>()
        };
        for line in values("set-cookie") {
            let (name, rest) = line.split_once('=')?;
            self.cookies.retain(|(known, _)| known != name);
            self.cookies.push((name.to_owned(), rest.split(';').next()?.to_owned()));
        }
        Some(Page {
            status: head.split(' ').nth(1)?.parse().ok()?,
            location: values("location").pop().unwrap_or_default(),
            body: body.to_owned(),
        })
    }
}
