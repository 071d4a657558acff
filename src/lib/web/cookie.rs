//! Cookies: what a browser keeps for the site.
//!
//! Over https each is called `__Host-…`, which browsers let no other host and no page over http set. Over http, which is
//! for a machine of one's own, the name is plain.

use std::borrow::Cow;

use http::HeaderMap;
use http::header::COOKIE;
use sha2::{Digest as _, Sha256};
use zeroize::Zeroize as _;

/// What browsers ask of a cookie of this name: Secure, no domain, the path `/`.
const OF_HOST: &str = "__Host-";

/// A cookie that is to be set. Its value may be a secret, is not printed, and is wiped.
#[derive(Clone)]
pub(crate) struct Cookie {
    /// Its name, without what https puts before it.
    pub(crate) name: &'static str,
    /// Its value: letters, digits, `-`, `_`, `.`; empty to end it.
    pub(crate) value: String,
    /// For how many seconds it is kept; as long as the browser is open where that is not said.
    pub(crate) seconds: Option<u32>,
}

impl Cookie {
    /// One that makes the browser forget it.
    pub(crate) fn ended(name: &'static str) -> Self {
        Self { name, value: String::new(), seconds: Some(0) }
    }

    /// As the header says it.
    pub(super) fn header(&self, secure: bool) -> String {
        let Self { name, value, seconds } = self;
        let (prefix, secure) = if secure { (OF_HOST, "; Secure") } else { ("", "") };
        let kept = seconds.map(|seconds| format!("; Max-Age={seconds}")).unwrap_or_default();
        format!("{prefix}{name}={value}; Path=/{kept}; HttpOnly; SameSite=Lax{secure}")
    }
}

impl Drop for Cookie {
    fn drop(&mut self) {
        self.value.zeroize();
    }
}

/// The cookies that a browser sent.
pub(super) struct Cookies(Vec<(String, String)>);

impl Cookies {
    pub(super) fn of(headers: &HeaderMap) -> Self {
        let lines = headers.get_all(COOKIE).into_iter().filter_map(|value| value.to_str().ok());
        let pairs = lines.flat_map(|line| line.split(';')).filter_map(|pair| pair.trim().split_once('='));
        Self(pairs.map(|(name, value)| (name.to_owned(), value.to_owned())).collect())
    }

    /// What tells them from others, in whichever order they are sent.
    pub(super) fn print(&self) -> [u8; 32] {
        self.print_after(&[], false)
    }

    /// The same of what the browser sends after an answer that set those.
    pub(super) fn print_after(&self, set: &[Cookie], secure: bool) -> [u8; 32] {
        let prefix = if secure { OF_HOST } else { "" };
        let is_set = |name: &str| {
            name.strip_prefix(prefix).is_some_and(|name| set.iter().any(|cookie| cookie.name == name))
        };
        let kept = self.0.iter().filter(|(name, _)| !is_set(name));
        let mut pairs: Vec<(Cow<'_, str>, &str)> =
            kept.map(|(name, value)| (name.as_str().into(), value.as_str())).collect();
        // Of two that set the same the last one counts.
        let last = set.iter().enumerate().filter(|(place, cookie)| {
            !set.iter().skip(place + 1).any(|later| later.name == cookie.name) && !cookie.value.is_empty()
        });
        pairs.extend(
            last.map(|(_, cookie)| (format!("{prefix}{}", cookie.name).into(), cookie.value.as_str())),
        );
        pairs.sort();
        let mut print = Sha256::new();
        for (name, value) in pairs {
            for part in [&*name, "=", value, ";"] {
                print.update(part);
            }
        }
        print.finalize().into()
    }

    /// The value of a cookie; none where it is there with two values, one of which somebody else has set.
    pub(super) fn get(&self, name: &str, secure: bool) -> Option<&str> {
        let prefix = if secure { OF_HOST } else { "" };
        let is_it = |(sent, _): &&(String, String)| sent.strip_prefix(prefix) == Some(name);
        let mut values = self.0.iter().filter(is_it).map(|(_, value)| value.as_str());
        let first = values.next().filter(|value| !value.is_empty())?;
        values.all(|other| other == first).then_some(first)
    }
}

#[cfg(test)]
mod tests {
    use http::header::COOKIE;
    use http::{HeaderMap, HeaderValue};

    use super::{Cookie, Cookies};

    #[test]
    fn s2_a_cookie_is_of_this_host_alone_and_no_script_reads_it() {
        let cookie = Cookie { name: "secboard", value: "abc".to_owned(), seconds: None };
        assert_eq!(cookie.header(true), "__Host-secboard=abc; Path=/; HttpOnly; SameSite=Lax; Secure");
        assert_eq!(cookie.header(false), "secboard=abc; Path=/; HttpOnly; SameSite=Lax");
        assert_eq!(
            Cookie::ended("secboard").header(true),
            "__Host-secboard=; Path=/; Max-Age=0; HttpOnly; SameSite=Lax; Secure"
        );
    }

    #[test]
    fn s2_a_cookie_that_another_host_planted_counts_for_nothing() {
        let read = |lines: &[&'static str], secure| {
            let mut headers = HeaderMap::new();
            for line in lines {
                headers.append(COOKIE, HeaderValue::from_static(line));
            }
            Cookies::of(&headers).get("secboard", secure).map(str::to_owned)
        };
        assert_eq!(read(&["a=1; __Host-secboard=x", "b=2"], true).as_deref(), Some("x"));
        assert_eq!(read(&["secboard=x"], true), None, "not set by this host over https");
        assert_eq!(read(&["__Host-secboard=x; __Host-secboard=y"], true), None);
        assert_eq!(read(&["secboard=x; secboard=x"], false).as_deref(), Some("x"));
        assert_eq!(read(&["secboard="], false), None);
    }
}
