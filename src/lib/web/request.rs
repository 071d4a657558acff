//! What a visitor asks, read once and with bounds.

use std::net::IpAddr;

use bytes::Bytes;
use http::header::{CONTENT_TYPE, HOST, ORIGIN};
use http::{HeaderMap, HeaderName, Method, StatusCode};

use super::cookie::Cookies;
use super::fields::Fields;
use super::host::name_of;
use super::language;
use super::multipart;
use super::route::Parameters;
use crate::i18n::Language;

/// The most bytes of a path with its query.
const LONGEST_PATH: usize = 4096;

/// What the body of a form says of itself.
const FORM: &str = "application/x-www-form-urlencoded";

/// A request of a visitor. What it holds may be a secret: it has no `Debug`.
pub(crate) struct Request {
    /// What is asked; HEAD is read as GET.
    pub(crate) method: Method,
    /// The path as it came. It may hold a token, and stands in no log.
    pub(crate) path: String,
    /// What stands behind the question mark.
    pub(crate) query: Fields,
    /// Whose request it is, as far as the front can tell.
    pub(crate) client: IpAddr,
    pub(super) raw_query: String,
    pub(super) parameters: Parameters,
    pub(super) cookies: Cookies,
    /// The language that the browser asks for.
    pub(super) asked: Option<Language>,
    pub(super) form: Fields,
    headers: HeaderMap,
}

impl Request {
    /// Reads a request that `client` sent; `takes_file` where the form of that page may have a file.
    ///
    /// # Errors
    /// The status of what is wrong with it.
    pub(super) fn read(
        request: http::Request<Bytes>,
        client: IpAddr,
        takes_file: bool,
    ) -> Result<Self, StatusCode> {
        let (head, body) = request.into_parts();
        let (path, raw_query) = (head.uri.path(), head.uri.query().unwrap_or_default());
        if path.len() + raw_query.len() > LONGEST_PATH {
            return Err(StatusCode::URI_TOO_LONG);
        }
        let query = Fields::parse(raw_query.as_bytes()).map_err(|_| StatusCode::BAD_REQUEST)?;
        let form = match head.method {
            Method::POST => read_form(&head.headers, &body, takes_file)?,
            _ => Fields::default(),
        };
        let method = if head.method == Method::HEAD { Method::GET } else { head.method };
        Ok(Self {
            method,
            path: path.to_owned(),
            query,
            client,
            raw_query: raw_query.to_owned(),
            parameters: Parameters::new(),
            cookies: Cookies::of(&head.headers),
            asked: language::asked_for(&head.headers),
            form,
            headers: head.headers,
        })
    }

    /// The part of the path that stands in the place of that name; empty where the route has none.
    pub(crate) fn parameter(&self, name: &str) -> &str {
        let found = self.parameters.iter().find(|(other, _)| *other == name);
        found.map_or("", |(_, value)| value)
    }

    /// Whether a header is there, however often.
    pub(crate) fn has_header(&self, name: &str) -> bool {
        self.headers.contains_key(name)
    }

    /// A header that is there once, as text.
    pub(crate) fn header(&self, name: impl Into<HeaderName>) -> Option<&str> {
        let mut values = self.headers.get_all(name.into()).into_iter();
        let value = values.next()?.to_str().ok()?;
        values.next().is_none().then_some(value)
    }

    /// The host that is asked, in lower case and without its port; none where that is not said once, or is no host.
    pub(super) fn host(&self) -> Option<String> {
        let host = self.header(HOST)?.to_ascii_lowercase();
        name_of(&host).map(str::to_owned)
    }

    /// Whether the browser that sent it was on a page of one of these origins, such as `https://acme.example`.
    ///
    /// Where the origin is missing or kept secret, the browser's own word has to do that the page was of the same one.
    pub(super) fn is_from(&self, origins: &[String]) -> bool {
        match (self.header(ORIGIN), self.headers.contains_key(ORIGIN)) {
            (Some(origin), _) if origin != "null" => {
                origins.iter().any(|known| known.eq_ignore_ascii_case(origin))
            }
            (None, true) => false,
            _ => self.header(HeaderName::from_static("sec-fetch-site")) == Some("same-origin"),
        }
    }
}

fn read_form(headers: &HeaderMap, body: &Bytes, takes_file: bool) -> Result<Fields, StatusCode> {
    let said = headers.get(CONTENT_TYPE).map(|said| said.to_str().unwrap_or_default());
    if let Some(boundary) = said.filter(|_| takes_file).and_then(multipart::boundary) {
        return multipart::parse(body, boundary).map_err(|_| StatusCode::BAD_REQUEST);
    }
    let media_type = said.map(|said| said.split(';').next().unwrap_or_default().trim());
    match media_type {
        Some(media_type) if media_type.eq_ignore_ascii_case(FORM) => {
            Fields::parse(body).map_err(|_| StatusCode::BAD_REQUEST)
        }
        None if body.is_empty() => Ok(Fields::default()),
        _ => Err(StatusCode::UNSUPPORTED_MEDIA_TYPE),
    }
}

#[cfg(test)]
mod tests {
    use std::net::{IpAddr, Ipv4Addr};

    use bytes::Bytes;
    use http::StatusCode;

    use super::Request;

    const CLIENT: IpAddr = IpAddr::V4(Ipv4Addr::new(192, 0, 2, 7));

    fn read(method: &str, uri: &str, headers: &[(&str, &str)], body: &str) -> Result<Request, StatusCode> {
        let mut request = http::Request::builder().method(method).uri(uri);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        Request::read(request.body(Bytes::copy_from_slice(body.as_bytes())).unwrap(), CLIENT, uri == "/file/")
    }

    #[test]
    fn a_form_is_read_where_it_is_one() {
        let form = ("content-type", "application/x-www-form-urlencoded; charset=UTF-8");
        let request = read("POST", "/a/?next=/b/", &[form], "email=x").unwrap();
        assert_eq!((request.form.text("email"), request.query.text("next")), (Ok("x"), Ok("/b/")));
        assert!(read("POST", "/", &[], "").is_ok());
        assert!(read("GET", "/", &[form], "email=x").unwrap().form.text("email").is_err());
        let refused = |headers: &[(&str, &str)]| read("POST", "/", headers, "email=x").err();
        assert_eq!(refused(&[]), Some(StatusCode::UNSUPPORTED_MEDIA_TYPE));
        assert_eq!(refused(&[("content-type", "text/plain")]), Some(StatusCode::UNSUPPORTED_MEDIA_TYPE));
        let long = format!("/{}", "a".repeat(5000));
        assert_eq!(read("GET", &long, &[], "").err(), Some(StatusCode::URI_TOO_LONG));
    }

    #[test]
    fn f5_a_file_is_read_where_one_is_asked_for_and_nowhere_else() {
        let form = ("content-type", "multipart/form-data; boundary=b");
        let body =
            "--b\r\nContent-Disposition: form-data; name=\"photo\"; filename=\"a.png\"\r\n\r\nx\r\n--b--\r\n";
        assert_eq!(read("POST", "/file/", &[form], body).unwrap().form.bytes("photo"), Ok(&b"x"[..]));
        assert_eq!(read("POST", "/file/", &[form], "--b").err(), Some(StatusCode::BAD_REQUEST));
        assert_eq!(read("POST", "/", &[form], body).err(), Some(StatusCode::UNSUPPORTED_MEDIA_TYPE));
    }

    #[test]
    fn s8_only_a_page_of_the_site_sends_a_form() {
        let origins = ["https://acme.example".to_owned(), "https://other.example:8443".to_owned()];
        let is_from = |headers: &[(&str, &str)]| read("POST", "/", headers, "").unwrap().is_from(&origins);
        for sent in ["https://acme.example", "https://ACME.example", "https://other.example:8443"] {
            assert!(is_from(&[("origin", sent)]), "{sent}");
        }
        for sent in
            ["http://acme.example", "https://acme.example.evil.example", "https://acme.example:8443", "", "x"]
        {
            assert!(!is_from(&[("origin", sent), ("sec-fetch-site", "same-origin")]), "{sent}");
        }
        for missing in [&[][..], &[("origin", "null")]] {
            assert!(!is_from(missing));
            assert!(is_from(&[missing, &[("sec-fetch-site", "same-origin")]].concat()));
            for site in ["same-site", "cross-site", "none"] {
                assert!(!is_from(&[missing, &[("sec-fetch-site", site)]].concat()), "{site}");
            }
        }
        let twice = [
            ("origin", "https://acme.example"),
            ("origin", "https://acme.example"),
            ("sec-fetch-site", "same-origin"),
        ];
        assert!(!is_from(&twice));
    }

    #[test]
    fn the_host_is_what_is_asked_without_its_port() {
        let host = |headers: &[(&str, &str)]| read("GET", "/", headers, "").unwrap().host();
        assert_eq!(host(&[("host", "ACME.example:8443")]).as_deref(), Some("acme.example"));
        assert_eq!(host(&[("host", "[::1]:80")]).as_deref(), Some("[::1]"));
        assert_eq!(host(&[("host", "[::1]")]).as_deref(), Some("[::1]"));
        assert_eq!(host(&[]), None);
        assert_eq!(host(&[("host", "a"), ("host", "a")]), None);
    }
}
