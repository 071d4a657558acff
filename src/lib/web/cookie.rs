//! Cookies: what a browser keeps for the site.
//!
//! Over https each is called `__Host-…`, which browsers let no other host and no page over http set. Over http, which is
//! for a machine of one's own, the name is plain.

use http::HeaderMap;
use http::header::COOKIE;

/// What browsers ask of a cookie of this name: Secure, no domain, the path `/`.
const OF_HOST: &str = "__Host-";

/// A cookie that is to be set. Its value may be a secret, and is not printed.
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

/// The cookies that a browser sent.
pub(super) struct Cookies(Vec<(String, String)>);

impl Cookies {
    pub(super) fn of(headers: &HeaderMap) -> Self {
        let lines = headers.get_all(COOKIE).into_iter().filter_map(|value| value.to_str().ok());
        let pairs = lines.flat_map(|line| line.split(';')).filter_map(|pair| pair.trim().split_once('='));
        Self(pairs.map(|(name, value)| (name.to_owned(), value.to_owned())).collect())
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
