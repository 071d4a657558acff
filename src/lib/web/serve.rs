//! The pages of a site as one function, from a request to an answer, which depends on the store alone, but for forms that are
//! sent twice. Whoever reads requests from a wire stands
//! before it, and nothing else is known of that here.

use std::net::IpAddr;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Mutex, PoisonError, RwLock};
use std::time::{Duration, Instant};

use bytes::Bytes;
use http::header::{
    ALLOW, CACHE_CONTROL, CONTENT_SECURITY_POLICY, LOCATION, REFERRER_POLICY, SET_COOKIE,
    STRICT_TRANSPORT_SECURITY, X_CONTENT_TYPE_OPTIONS, X_FRAME_OPTIONS,
};
use http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode};

use super::call::{Call, Greeter};
use super::cookie::Cookies;
use super::host::name_of;
use super::language::Spoken;
use super::later::Later;
use super::layout::{Facts, Frame, Purpose, ReadFacts};
use super::repeat::{KEPT_FOR, Print, Repeats, Sent};
use super::route::{FileRoute, Found, Route, Routes, find};
use super::trouble::{self, Trouble};
use super::{Answer, Request, asset, language};
use crate::context::{Actor, Context, Site, Via, Visit};
use crate::crypto::hex::hex;
use crate::error::{Explain, Failure, Kind, Result};
use crate::i18n::Language;

/// How many random bytes a nonce has.
const NONCE_BYTES: usize = 16;

/// The pages of a site.
pub(crate) struct Pages {
    site: Arc<Site>,
    routes: Routes,
    /// Those of whose forms one may have a file.
    file_routes: &'static [FileRoute],
    greeter: Greeter,
    read_facts: ReadFacts,
    /// Hosts that are asked beside the site's own.
    hosts: RwLock<Vec<String>>,
    /// The hosts of other sites.
    sites: RwLock<Arc<Vec<String>>>,
    /// What was known of the site last, for when its store does not answer.
    known: Mutex<Arc<Facts>>,
    log: Arc<Log>,
    later: Later,
    repeats: Repeats,
}

/// Takes what is to be known of each answer.
pub(crate) type Log = Box<dyn Fn(&Served) + Send + Sync>;

/// What is to be known of an answer; nothing of it is a secret or what somebody typed.
pub(crate) struct Served {
    /// The name of the route; `none` where there is none.
    pub(crate) route: &'static str,
    /// What was asked.
    pub(crate) method: Method,
    /// What was answered.
    pub(crate) status: StatusCode,
    /// Who asked.
    pub(crate) client: IpAddr,
    /// How long it took.
    pub(crate) took: Duration,
    /// What kept it from being answered otherwise.
    pub(crate) failure: Option<Failure>,
}

/// An answer, with what is to be known of it.
pub(super) struct Done {
    pub(super) answer: Answer,
    pub(super) route: &'static str,
    pub(super) failure: Option<Failure>,
    pub(super) nonce: String,
    pub(super) secure: bool,
}

/// What stands before the paths that are asked at the hosts of other sites, and nowhere else.
const OF_SITES: &str = "/.secboard/";

impl Done {
    fn of(answer: Answer, facts: &Facts) -> Self {
        Self { answer, route: "none", failure: None, nonce: String::new(), secure: facts.secure }
    }
}

impl Pages {
    /// The pages of these routes.
    pub(crate) fn new(site: Arc<Site>, routes: Routes, read_facts: ReadFacts, log: Log) -> Self {
        let known = Facts {
            name: "secboard".to_owned(),
            host: String::new(),
            secure: false,
            purpose: Purpose::Work,
            language: Language::default(),
        };
        let (hosts, known) = (RwLock::default(), Mutex::new(Arc::new(known)));
        let log = Arc::new(log);
        let later = Later::begin(&site, &log);
        let repeats = Repeats::new(KEPT_FOR);
        Self {
            site,
            routes,
            file_routes: &[],
            greeter: |_| (),
            read_facts,
            hosts,
            sites: RwLock::default(),
            known,
            log,
            later,
            repeats,
        }
    }

    /// The same, where the forms of these routes may have a file.
    pub(crate) fn with_files_at(self, file_routes: &'static [FileRoute]) -> Self {
        Self { file_routes, ..self }
    }

    /// The same, where that tells the language of whoever is logged in.
    pub(crate) fn with_greeter(self, greeter: Greeter) -> Self {
        Self { greeter, ..self }
    }

    fn file_route(&self, path: &str) -> Option<&'static FileRoute> {
        self.file_routes.iter().find(|route| route.path == path)
    }

    /// Whether what is sent to that path may have a file.
    pub(crate) fn takes_file(&self, path: &str) -> bool {
        self.file_route(path).is_some()
    }

    /// Whether a browser with that head may send a file to that path. Where that cannot be found out, it is when it is answered.
    pub(crate) fn may_send_file(&self, path: &str, headers: &HeaderMap, client: IpAddr) -> bool {
        let Some(FileRoute { kept: (name, is_somebodys), .. }) = self.file_route(path) else { return false };
        let cookies = Cookies::of(headers);
        let Some(kept) = cookies.get(name, self.known().secure) else { return false };
        let visit = Visit::of(Actor::nobody(None), Via::Web(client));
        self.site.serve(visit, |cx| is_somebodys(cx, kept)).unwrap_or(true)
    }

    /// The site whose pages they are.
    pub(crate) fn site(&self) -> &Site {
        &self.site
    }

    /// Lets the pages be asked for at these hosts too.
    pub(crate) fn allow_hosts(&self, hosts: Vec<String>) {
        *self.hosts.write().unwrap_or_else(PoisonError::into_inner) = hosts;
    }

    /// Lets other sites ask at these hosts who visits them.
    pub(crate) fn allow_sites(&self, sites: Vec<String>) {
        *self.sites.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(sites);
    }

    fn sites(&self) -> Arc<Vec<String>> {
        Arc::clone(&self.sites.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Does until then what is left to do after other answers, and nothing more.
    pub(crate) fn end(&self, until: Instant) {
        self.later.end(until);
        self.repeats.end();
    }

    /// Waits until what is done after other answers is done.
    #[cfg(test)]
    pub(crate) fn settle(&self) {
        self.later.settle();
    }

    /// Answers a request of `client`. For HEAD the answer has the body that GET has; whoever writes it leaves it out.
    pub(crate) fn answer(&self, request: http::Request<Bytes>, client: IpAddr) -> http::Response<Bytes> {
        let begun = Instant::now();
        let method = request.method().clone();
        let done = self.answer_or_fail(request, client);
        let Done { answer, route, failure, nonce, secure } = done;
        let status = answer.status;
        (self.log)(&Served { route, method, status, client, took: begun.elapsed(), failure });
        finish(answer, &nonce, secure, &self.sites())
    }

    /// The page for a request to a path that is refused before it is read whole.
    pub(crate) fn refuse(
        &self,
        status: StatusCode,
        path: &str,
        headers: &HeaderMap,
    ) -> http::Response<Bytes> {
        let facts = self.known();
        let language = language::of_head(headers, facts.secure).unwrap_or(facts.language);
        let frame = || Frame::new(language, &facts, "", "");
        let too_large = (status == StatusCode::PAYLOAD_TOO_LARGE).then(|| self.file_route(path)).flatten();
        let answer = too_large.and_then(|route| (route.too_large)(frame()).ok());
        let answer = answer.map(|answer| answer.with_status(status));
        finish(answer.unwrap_or_else(|| trouble::page(Trouble::of(status), frame())), "", facts.secure, &[])
    }

    /// An answer that no route gave, with the headers that all have.
    pub(crate) fn finish(&self, answer: Answer) -> http::Response<Bytes> {
        finish(answer, "", self.known().secure, &[])
    }

    fn known(&self) -> Arc<Facts> {
        Arc::clone(&self.known.lock().unwrap_or_else(PoisonError::into_inner))
    }

    fn trouble(&self, trouble: Trouble, language: Option<Language>) -> Done {
        let facts = self.known();
        let frame = Frame::new(language.unwrap_or(facts.language), &facts, "", "");
        Done::of(trouble::page(trouble, frame), &facts)
    }

    fn answer_or_fail(&self, request: http::Request<Bytes>, client: IpAddr) -> Done {
        let language = language::of_head(request.headers(), self.known().secure);
        let visit = Visit::of(Actor::nobody(None), Via::Web(client));
        let begun = self.site.serve(visit, |cx| self.begin(cx, request, client));
        match begun {
            Ok(Ok(begun)) => self.dispatch(begun),
            Ok(Err(status)) => self.trouble(Trouble::of(status), language),
            Err(failure) => {
                let done = self.trouble(Trouble::of_failure(&failure), language);
                Done { failure: Some(failure), ..done }
            }
        }
    }

    /// Reads the request, and what has to be known of the site before it is answered.
    fn begin(
        &self,
        cx: &Context,
        request: http::Request<Bytes>,
        client: IpAddr,
    ) -> Result<std::result::Result<Begun, StatusCode>> {
        let facts = Arc::new((self.read_facts)(&cx.settings));
        *self.known.lock().unwrap_or_else(PoisonError::into_inner) = Arc::clone(&facts);
        let mut nonce = [0; NONCE_BYTES];
        cx.rng.fill(&mut nonce)?;
        let sent = Sent::of(&request, client);
        let takes_file = self.takes_file(request.uri().path());
        Ok(Request::read(request, client, takes_file).map(|request| Begun {
            sent,
            request,
            facts,
            settings: Arc::clone(&cx.settings),
            random: Arc::clone(&cx.rng),
            now: cx.now(),
            nonce: hex(&nonce),
        }))
    }

    fn dispatch(&self, begun: Begun) -> Done {
        let Begun { sent, mut request, facts, settings, random, now, nonce } = begun;
        let spoken = Spoken::of(&request, &facts);
        let (sites, portal) = (self.sites(), facts.origin(&facts.host));
        let asked_site = asked_site(&sites, &request, &facts);
        let facts = match &asked_site {
            Some(site) => Arc::new(Facts { host: site.clone(), ..Facts::clone(&facts) }),
            None => facts,
        };
        let own: [Routes; 2] = [&[asset::ROUTES], self.routes];
        let found = own.into_iter().map(|routes| find(routes, &request.path));
        let found = found.fold(Found::Nothing, Found::or);
        let is_elsewhere = request.path.starts_with(OF_SITES) != asked_site.is_some();
        let found = if is_elsewhere { Found::Nothing } else { found };
        let is_without_slash = matches!(found, Found::WithoutSlash) && request.method == Method::GET;
        let (route, handler) = match found {
            Found::Route(route, parameters) => {
                request.parameters = parameters;
                (route.name, Some(route))
            }
            Found::WithoutSlash | Found::Nothing => ("none", None),
        };
        let call = Call {
            site: &self.site,
            request: &request,
            settings,
            now,
            spoken: spoken.into(),
            greeter: self.greeter,
            facts: Arc::clone(&facts),
            sites,
            asked_site,
            portal,
            nonce: nonce.clone(),
            random,
            cookies: std::cell::RefCell::default(),
            is_of_form: std::cell::Cell::default(),
            later: &self.later,
        };
        let secure = facts.secure;
        let done = |mut answer: Answer, failure| {
            answer.cookies.append(&mut call.cookies.take());
            Done { answer, route, failure, nonce: nonce.clone(), secure }
        };
        match (self.permit(&call, handler.map(|route| route.methods)), handler) {
            (Err((answer, failure)), _) => done(answer, Some(failure)),
            (Ok(()), None) if is_without_slash => done(with_slash(&request), None),
            (Ok(()), None) => done(call.not_found(), None),
            (Ok(()), Some(route)) => self.repeats.once(sent, || {
                let (answer, failure) = run(route, &call);
                let done = done(answer, failure);
                let after = || request.cookies.print_after(&done.answer.cookies, secure);
                let after: Option<Print> = call.is_of_form.get().then(after);
                (done, after)
            }),
        }
    }

    /// Refuses what no handler need look at: another host, another method, a form of another site.
    fn permit(
        &self,
        call: &Call<'_>,
        methods: Option<&[Method]>,
    ) -> std::result::Result<(), (Answer, Failure)> {
        let hosts = self.hosts.read().unwrap_or_else(PoisonError::into_inner);
        let own = || [call.facts.host.as_str()].into_iter().chain(hosts.iter().map(String::as_str));
        let asked = call.request.host().unwrap_or_default();
        if !own().any(|host| own_name(host).eq_ignore_ascii_case(&asked)) {
            return Err((trouble::page(Trouble::host(), call.frame()), Refused::Host.into()));
        }
        call.remember_language();
        let method = &call.request.method;
        if let Some(methods) = methods.filter(|methods| !methods.contains(method)) {
            let mut names: Vec<&str> = methods.iter().map(Method::as_str).collect();
            if methods.contains(&Method::GET) {
                names.push("HEAD");
            }
            let answer = call.trouble(StatusCode::METHOD_NOT_ALLOWED).with_header(ALLOW, &names.join(", "));
            return Err((answer, Refused::Method.into()));
        }
        // A host is no other, though both are of this site.
        let is_asked = |host: &&str| own_name(host).eq_ignore_ascii_case(&asked);
        let origins = || own().filter(is_asked).map(|host| call.facts.origin(host)).collect::<Vec<_>>();
        if *method != Method::GET && !call.request.is_from(&origins()) {
            call.greet();
            return Err((trouble::page(Trouble::origin(), call.frame()), Refused::Origin.into()));
        }
        Ok(())
    }
}

/// What is refused before any handler looks at it.
#[derive(Debug, thiserror::Error)]
enum Refused {
    #[error("the site is not asked by that host")]
    Host,
    #[error("the page is not asked with that method")]
    Method,
    #[error("the form is of another site")]
    Origin,
}

impl Explain for Refused {
    fn code(&self) -> &'static str {
        match self {
            Self::Host => "web.host",
            Self::Method => "web.method",
            Self::Origin => "web.origin",
        }
    }

    fn kind(&self) -> Kind {
        Kind::Usage
    }
}

/// A handler that panicked, which has told why by then.
#[derive(Debug, thiserror::Error)]
#[error("the page could not be made")]
pub(super) struct Panicked;

impl Explain for Panicked {
    fn code(&self) -> &'static str {
        "web.panicked"
    }

    fn kind(&self) -> Kind {
        Kind::Bug
    }
}

/// Runs a handler; one that panics has failed, and nobody else is concerned. A failure has a page too.
fn run(route: &Route, call: &Call<'_>) -> (Answer, Option<Failure>) {
    let answered = catch_unwind(AssertUnwindSafe(|| (route.handler)(call)));
    match answered.unwrap_or_else(|_| Err(Panicked.into())) {
        Ok(answer) => (answer, None),
        Err(failure) => (trouble::page(Trouble::of_failure(&failure), call.frame()), Some(failure)),
    }
}

/// What is known when a request is about to be answered.
struct Begun {
    sent: Option<Sent>,
    request: Request,
    facts: Arc<Facts>,
    settings: Arc<crate::context::Settings>,
    random: Arc<dyn crate::crypto::rng::Random>,
    now: crate::text::instant::Instant,
    nonce: String,
}

/// A host of this site without its port.
fn own_name(host: &str) -> &str {
    name_of(host).unwrap_or(host)
}

/// Which other site is asked; none at the host of the portal.
fn asked_site(sites: &[String], request: &Request, facts: &Facts) -> Option<String> {
    let asked = request.host().unwrap_or_default();
    let is_it = |host: &str| own_name(host).eq_ignore_ascii_case(&asked);
    sites.iter().find(|site| is_it(site) && !is_it(&facts.host)).cloned()
}

/// Leads to the same path with a slash behind it, which some mail programs take away.
fn with_slash(request: &Request) -> Answer {
    let query = if request.raw_query.is_empty() { String::new() } else { format!("?{}", request.raw_query) };
    Answer::redirect(&format!("{}/{query}", request.path)).with_status(StatusCode::PERMANENT_REDIRECT)
}

/// Adds the headers that every answer has.
fn finish(answer: Answer, nonce: &str, secure: bool, sites: &[String]) -> http::Response<Bytes> {
    let Answer { status, headers: own, cookies, body, is_kept } = answer;
    let mut response = http::Response::new(body);
    *response.status_mut() = status;
    let headers = response.headers_mut();
    let kept = if is_kept { "public, max-age=31536000, immutable" } else { "no-store" };
    for (name, value) in [
        (CACHE_CONTROL, kept),
        (X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (X_FRAME_OPTIONS, "DENY"),
        (REFERRER_POLICY, "strict-origin"),
        (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
    ] {
        headers.insert(name, HeaderValue::from_static(value));
    }
    if secure {
        headers.insert(STRICT_TRANSPORT_SECURITY, HeaderValue::from_static("max-age=31536000"));
    }
    if let Ok(policy) = HeaderValue::from_str(&policy(nonce, secure, sites)) {
        headers.insert(CONTENT_SECURITY_POLICY, policy);
    }
    headers.extend(own);
    if headers.contains_key(LOCATION) {
        headers.remove(http::header::CONTENT_TYPE);
    }
    let cookies = cookies.iter().filter_map(|cookie| HeaderValue::from_str(&cookie.header(secure)).ok());
    for cookie in cookies {
        headers.append(SET_COOKIE, cookie);
    }
    response
}

/// What a browser may do with a page: load what the site itself serves, run the script that the page names, and send its forms
/// there. A form of the login may lead on to another site, which browsers count as sending it there.
fn policy(nonce: &str, secure: bool, sites: &[String]) -> String {
    let scheme = if secure { "https" } else { "http" };
    let sites: Vec<String> = sites.iter().map(|site| format!(" {scheme}://{site}")).collect();
    let sites = sites.concat();
    let script = if nonce.is_empty() { String::new() } else { format!(" script-src 'nonce-{nonce}';") };
    format!(
        "default-src 'none'; style-src 'self'; img-src 'self';{script} form-action 'self'{sites}; base-uri 'none'; \
         frame-ancestors 'none'"
    )
}
