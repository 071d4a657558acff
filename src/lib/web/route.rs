//! Routes: which handler answers which path.

use http::Method;

use super::{Answer, Call, Frame};
use crate::context::Context;
use crate::error::Result;

/// Answers a request.
pub(crate) type Handler = fn(&Call<'_>) -> Result<Answer>;

/// What a page may be asked with where nothing is changed; HEAD is asked as GET is.
pub(crate) const GET: &[Method] = &[Method::GET];

/// What a page with a form is asked with.
pub(crate) const GET_AND_POST: &[Method] = &[Method::GET, Method::POST];

/// A path, and who answers it.
pub(crate) struct Route {
    /// Its name in logs, where the path itself may hold a secret.
    pub(crate) name: &'static str,
    /// Its path; `{token}` stands for one part of it that is not empty.
    pub(crate) pattern: &'static str,
    /// What it may be asked with.
    pub(crate) methods: &'static [Method],
    /// Who answers.
    pub(crate) handler: Handler,
}

/// Whether what a browser keeps in a cookie is somebody's.
pub(crate) type IsKept = fn(&Context, &str) -> Result<bool>;

/// A route of whose forms one may have a file, and so be longer than any other.
pub(crate) struct FileRoute {
    /// Its path.
    pub(crate) path: &'static str,
    /// The page for what is longer than that too, and was not read.
    pub(crate) too_large: fn(Frame) -> Result<Answer>,
    /// The cookie by which it is known who may send one, and whether what a browser keeps there is somebody's: looked at before a
    /// byte of the file is read.
    pub(crate) kept: (&'static str, IsKept),
}

/// The routes of each feature.
pub(crate) type Routes = &'static [&'static [Route]];

/// What stands in the place of the names of a pattern.
pub(crate) type Parameters = Vec<(&'static str, String)>;

/// What a path leads to.
pub(super) enum Found {
    /// A route.
    Route(&'static Route, Parameters),
    /// Nothing; with a slash behind it, a route.
    WithoutSlash,
    /// Nothing.
    Nothing,
}

impl Found {
    /// This, or where it is nothing the other.
    pub(super) fn or(self, other: Self) -> Self {
        match self {
            Self::Nothing => other,
            found => found,
        }
    }
}

/// Finds the route of a path, as it came.
pub(super) fn find(routes: Routes, path: &str) -> Found {
    let all = || routes.iter().copied().flatten();
    if let Some(found) = all().find_map(|route| Some((route, matched(route.pattern, path)?))) {
        return Found::Route(found.0, found.1);
    }
    let with_slash = format!("{path}/");
    if all().any(|route| matched(route.pattern, &with_slash).is_some()) {
        return Found::WithoutSlash;
    }
    Found::Nothing
}

/// The parameters of a path that a pattern fits.
fn matched(pattern: &'static str, path: &str) -> Option<Parameters> {
    let mut parameters = Vec::new();
    let mut parts = path.split('/');
    for expected in pattern.split('/') {
        let part = parts.next()?;
        match expected.strip_prefix('{').and_then(|name| name.strip_suffix('}')) {
            Some(name) => parameters.push((name, parameter(part)?)),
            None if part == expected => {}
            None => return None,
        }
    }
    parts.next().is_none().then_some(parameters)
}

fn parameter(part: &str) -> Option<String> {
    let decoded = super::fields::decode(part.as_bytes(), false);
    String::from_utf8(decoded.to_vec()).ok().filter(|text| !text.is_empty())
}

/// Where in the site somebody is led: a path, with its query, that no browser takes for another site.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct LocalPath(String);

impl LocalPath {
    /// Takes a path; none where a browser would go elsewhere with it, or a header could not hold it.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let is_local = text.starts_with('/') && !text.starts_with("//");
        let is_plain = text.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'\\');
        (is_local && is_plain && text.len() <= 2048).then(|| Self(text.to_owned()))
    }

    /// The path.
    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::{Found, GET, LocalPath, Route, Routes, find};
    use crate::web::Answer;

    const fn route(name: &'static str, pattern: &'static str) -> Route {
        Route { name, pattern, methods: GET, handler: |_| Ok(Answer::redirect("/")) }
    }

    const ROUTES: Routes =
        &[&[route("start", "/")], &[route("link", "/link/{token}/"), route("all", "/all")]];

    #[test]
    fn a_path_leads_to_its_route_with_what_stands_in_it() {
        let told = |path: &str| match find(ROUTES, path) {
            Found::Route(route, parameters) => format!("{} {parameters:?}", route.name),
            Found::WithoutSlash => "slash".to_owned(),
            Found::Nothing => "nothing".to_owned(),
        };
        for (path, leads_to) in [
            ("/", "start []"),
            ("/all", "all []"),
            ("/link/abc/", r#"link [("token", "abc")]"#),
            ("/link/a%2Fb/", r#"link [("token", "a/b")]"#),
            ("/link/abc", "slash"),
            ("/link//", "nothing"),
            ("/link/%FF/", "nothing"),
            ("/link/a/b/", "nothing"),
            ("/all/", "nothing"),
            ("/ALL", "nothing"),
            ("", "slash"),
        ] {
            assert_eq!(told(path), leads_to, "{path}");
        }
    }

    #[test]
    fn nobody_is_led_to_another_site() {
        for path in ["/", "/a/?next=/b/", "/a#b"] {
            assert_eq!(LocalPath::parse(path).unwrap().as_str(), path);
        }
        for path in [
            "",
            "a",
            "//evil.example",
            "/\\evil.example",
            "https://evil.example/",
            "/a\r\nSet-Cookie: x",
            "/ä",
        ] {
            assert_eq!(LocalPath::parse(path), None, "{path}");
        }
        assert_eq!(LocalPath::parse(&format!("/{}", "a".repeat(3000))), None);
    }
}
