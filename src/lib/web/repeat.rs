//! Forms that are sent twice: by two clicks, or by a browser that sends again what was not answered.
//!
//! What a form is for is done once, and each time it is sent it is answered the same: with the page, the codes on it and the
//! secret of the session that the first was given. So it is for every form, whatever it does, and no feature has to know of it
//! (`docs/adr/0037-a-form-that-is-sent-twice-is-answered-the-same.md`).
//!
//! Two are the same where everything is that an answer may depend on: the address, the page, every field with the token, which
//! each showing of a form has its own of, and the cookies, as they were or as the first answer left them. While one is
//! answered the others wait for it, and for a short time after that its answer is kept: in memory alone, within bounds,
//! and wiped.

use std::collections::VecDeque;
use std::net::IpAddr;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, OnceLock, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use bytes::Bytes;
use http::header::{ACCEPT_LANGUAGE, CONTENT_TYPE, HOST, USER_AGENT};
use http::{HeaderName, HeaderValue, Method, Request, StatusCode};
use sha2::{Digest as _, Sha256};
use zeroize::Zeroizing;

use super::cookie::Cookies;
use super::csrf;
use super::front::network;
use super::serve::Done;
use super::{Answer, Cookie};

/// For how long an answer is kept after it was made.
pub(super) const KEPT_FOR: Duration = Duration::from_secs(10);

/// How many answers are kept at once, and how many of one address; of IPv6, of one network.
const MOST: usize = 512;
const MOST_OF_AN_ADDRESS: usize = 64;

/// How many bytes of pages are kept at once.
const MOST_BYTES: usize = 8 * 1024 * 1024;

/// What tells cookies, or all the rest of a form, from others.
pub(super) type Print = [u8; 32];

/// A form as it was sent. Nothing that was typed can be read from it.
#[derive(Clone, PartialEq, Eq)]
pub(super) struct Sent {
    client: IpAddr,
    /// Of everything but the cookies.
    form: Print,
    /// Of the token, which each showing of a form has its own of; none where a file is sent, or no token.
    showing: Option<Print>,
    cookies: Print,
}

impl Sent {
    /// What a request of `client` sends; nothing where it sends no form.
    pub(super) fn of(request: &Request<Bytes>, client: IpAddr) -> Option<Self> {
        if request.method() != Method::POST {
            return None;
        }
        let mut form = Sha256::new();
        let mut add = |part: &[u8]| {
            form.update(part.len().to_be_bytes());
            form.update(part);
        };
        add(client.to_string().as_bytes());
        add(request.uri().to_string().as_bytes());
        add(request.body());
        for name in [HOST, CONTENT_TYPE, ACCEPT_LANGUAGE, USER_AGENT] {
            let mut values = request.headers().get_all(name).into_iter();
            add(values.next().map_or(&[][..], HeaderValue::as_bytes));
            values.for_each(|value| add(value.as_bytes()));
            add(&[]);
        }
        let cookies = Cookies::of(request.headers()).print();
        let token = request.body().split(|byte| *byte == b'&').find(|pair| is_token(pair));
        let showing = token.map(|token| Sha256::digest(token).into());
        Some(Self { client, form: form.finalize().into(), showing, cookies })
    }
}

/// Whether a field of a form is its token.
fn is_token(pair: &[u8]) -> bool {
    pair.strip_prefix(csrf::FIELD.as_bytes()).is_some_and(|rest| rest.first() == Some(&b'='))
}

/// An answer as it is kept. What it says may be a secret, and is wiped.
struct Kept {
    status: StatusCode,
    headers: Vec<(HeaderName, HeaderValue)>,
    cookies: Vec<Cookie>,
    body: Zeroizing<Vec<u8>>,
    route: &'static str,
    nonce: String,
    secure: bool,
}

impl Kept {
    fn of(done: &Done) -> Self {
        let Done { answer, route, nonce, secure, failure: _ } = done;
        Self {
            status: answer.status,
            headers: answer.headers.clone(),
            cookies: answer.cookies.clone(),
            body: Zeroizing::new(answer.body.to_vec()),
            route: *route,
            nonce: nonce.clone(),
            secure: *secure,
        }
    }

    /// The same once more.
    fn done(&self) -> Done {
        let answer = Answer {
            status: self.status,
            headers: self.headers.clone(),
            cookies: self.cookies.clone(),
            body: Bytes::copy_from_slice(&self.body),
            is_kept: false,
        };
        Done { answer, route: self.route, failure: None, nonce: self.nonce.clone(), secure: self.secure }
    }
}

/// A form that is being answered.
struct AtWork {
    sent: Sent,
    /// What it was answered; nothing where that broke off.
    answered: OnceLock<Option<Arc<Kept>>>,
    /// Whether something else was sent by the same showing since, so that what is sent after that is another form.
    is_overtaken: AtomicBool,
}

impl AtWork {
    fn is_joined_by(&self, sent: &Sent) -> bool {
        self.sent == *sent && !self.is_overtaken.load(Ordering::Relaxed)
    }
}

/// A form that was answered a short while ago.
struct Known {
    sent: Sent,
    /// The cookies of the browser after the answer.
    after: Print,
    until: Instant,
    answer: Arc<Kept>,
}

impl Known {
    fn is_of(&self, sent: &Sent, now: Instant) -> bool {
        let is_its = sent.cookies == self.sent.cookies || sent.cookies == self.after;
        self.until > now && self.sent.form == sent.form && is_its
    }
}

#[derive(Default)]
struct State {
    at_work: Vec<Arc<AtWork>>,
    /// The one that was answered first comes first.
    known: VecDeque<Known>,
    is_over: bool,
}

impl State {
    fn keep(&mut self, known: Known) {
        let client = network(known.sent.client);
        self.known.push_back(known);
        let is_of = |known: &Known| network(known.sent.client) == client;
        let mut of_client = self.known.iter().enumerate().filter(|(_, known)| is_of(known));
        if let (Some((first, _)), true) = (of_client.next(), of_client.count() >= MOST_OF_AN_ADDRESS) {
            self.known.remove(first);
        }
        let bytes =
            |known: &VecDeque<Known>| -> usize { known.iter().map(|one| one.answer.body.len()).sum() };
        while self.known.len() > MOST || bytes(&self.known) > MOST_BYTES {
            self.known.pop_front();
        }
    }

    /// Forgets what the same showing of a form was answered when something else was typed: a page that somebody went back to can
    /// be sent as it was at first, and means it.
    fn forget_others(&mut self, sent: &Sent) {
        let is_other = |known: &Sent| known.showing == sent.showing && known.form != sent.form;
        if sent.showing.is_some() {
            self.known.retain(|known| !is_other(&known.sent));
            for work in self.at_work.iter().filter(|work| is_other(&work.sent)) {
                work.is_overtaken.store(true, Ordering::Relaxed);
            }
        }
    }

    /// Forgets what was kept long enough.
    fn forget(&mut self, now: Instant) {
        while self.known.front().is_some_and(|known| known.until <= now) {
            self.known.pop_front();
        }
    }
}

struct Shared {
    state: Mutex<State>,
    changed: Condvar,
    kept_for: Duration,
}

impl Shared {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Forgets each answer when its time has come, until all is over.
    fn watch(&self) {
        let mut state = self.state();
        while !state.is_over {
            let now = Instant::now();
            state.forget(now);
            state = match state.known.front().map(|known| known.until.saturating_duration_since(now)) {
                Some(left) => {
                    self.changed.wait_timeout(state, left).unwrap_or_else(PoisonError::into_inner).0
                }
                None => self.changed.wait(state).unwrap_or_else(PoisonError::into_inner),
            };
        }
    }
}

/// The forms of a site that are being answered, and those that were a short while ago.
pub(super) struct Repeats(Arc<Shared>);

impl Repeats {
    /// None yet. An answer is kept for so long; not at all where no thread can be had that forgets it in time.
    pub(super) fn new(kept_for: Duration) -> Self {
        let (state, changed) = (Mutex::default(), Condvar::new());
        let shared = Arc::new(Shared { state, changed, kept_for });
        let watched = Arc::clone(&shared);
        let thread = thread::Builder::new().name("repeats".to_owned()).spawn(move || watched.watch());
        shared.state().is_over = thread.is_err();
        Self(shared)
    }

    /// Forgets everything, and keeps nothing more.
    pub(super) fn end(&self) {
        let mut state = self.0.state();
        state.is_over = true;
        state.known.clear();
        self.0.changed.notify_all();
    }

    /// How many answers are kept now.
    #[cfg(test)]
    pub(super) fn kept(&self) -> usize {
        self.0.state().known.len()
    }

    /// Answers a form by that work, or as the same form was answered that was sent before. The work tells with which cookies the
    /// browser comes after the answer, where the form was one that this site had shown to it; only that is kept.
    pub(super) fn once(&self, sent: Option<Sent>, work: impl FnOnce() -> (Done, Option<Print>)) -> Done {
        let Some(sent) = sent else { return work().0 };
        let begun = match self.begin(sent) {
            Ok(begun) => begun,
            Err(answer) => return answer.done(),
        };
        let (done, after) = work();
        begun.end(&done, after);
        done
    }

    /// Has a form answered by whoever asks; gives the answer where there is one, or will be in a moment.
    fn begin(&self, sent: Sent) -> Result<Begun<'_>, Arc<Kept>> {
        let mut state = self.0.state();
        state.forget_others(&sent);
        loop {
            let now = Instant::now();
            if let Some(known) = state.known.iter().find(|known| known.is_of(&sent, now)) {
                return Err(Arc::clone(&known.answer));
            }
            let Some(same) = state.at_work.iter().find(|work| work.is_joined_by(&sent)).map(Arc::clone)
            else {
                break;
            };
            while same.answered.get().is_none() {
                state = self.0.changed.wait(state).unwrap_or_else(PoisonError::into_inner);
            }
            if let Some(Some(answer)) = same.answered.get() {
                return Err(Arc::clone(answer));
            }
        }
        let work = Arc::new(AtWork { sent, answered: OnceLock::new(), is_overtaken: AtomicBool::new(false) });
        state.at_work.push(Arc::clone(&work));
        Ok(Begun { shared: &self.0, work })
    }
}

impl Drop for Repeats {
    fn drop(&mut self) {
        self.end();
    }
}

/// A form that is being answered by whoever has this.
struct Begun<'a> {
    shared: &'a Shared,
    work: Arc<AtWork>,
}

impl Begun<'_> {
    fn end(self, done: &Done, after: Option<Print>) {
        let answer = Arc::new(Kept::of(done));
        // What a site was too busy for may be sent again at once, and so may what came too soon.
        let is_for_a_while =
            answer.status.is_server_error() || answer.status == StatusCode::TOO_MANY_REQUESTS;
        let mut state = self.shared.state();
        let is_to_be_kept =
            !is_for_a_while && !state.is_over && !self.work.is_overtaken.load(Ordering::Relaxed);
        if let (Some(after), true) = (after, is_to_be_kept) {
            let until = Instant::now() + self.shared.kept_for;
            let (sent, answer) = (self.work.sent.clone(), Arc::clone(&answer));
            state.keep(Known { sent, after, until, answer });
        }
        self.work.answered.set(Some(answer)).ok();
    }
}

impl Drop for Begun<'_> {
    fn drop(&mut self) {
        self.work.answered.set(None).ok();
        self.shared.state().at_work.retain(|work| !Arc::ptr_eq(work, &self.work));
        self.shared.changed.notify_all();
    }
}
