//! What a handler is given: the request, the site it is asked of, and what every page needs.

use std::cell::{Cell, RefCell};
use std::sync::Arc;

use http::StatusCode;

use super::csrf::{self, FORM_COOKIE, SECRET_BYTES, SHOWING_BYTES};
use super::language::Spoken;
use super::later::{Later, Pace};
use super::layout::{Facts, Frame};
use super::trouble::{self, Trouble};
use super::{Answer, Cookie, Request, language};
use crate::context::{Actor, Settings, Site, Via, Visit};
use crate::crypto::hex::hex;
use crate::crypto::rng::Random;
use crate::error::Result;
use crate::i18n::Language;
use crate::text::instant::Instant;

/// A request that is being answered.
pub(crate) struct Call<'a> {
    /// Whose operations answer it.
    pub(crate) site: &'a Site,
    /// What is asked.
    pub(crate) request: &'a Request,
    /// The settings as they were when it came.
    pub(crate) settings: Arc<Settings>,
    /// When it came.
    pub(crate) now: Instant,
    pub(super) spoken: Cell<Spoken>,
    pub(super) greeter: Greeter,
    pub(super) facts: Arc<Facts>,
    /// The hosts of other sites.
    pub(super) sites: Arc<Vec<String>>,
    /// Which of them is asked.
    pub(super) asked_site: Option<String>,
    /// The origin of the portal.
    pub(super) portal: String,
    pub(super) nonce: String,
    pub(super) random: Arc<dyn Random>,
    /// Set while it is answered, beside those of the answer.
    pub(super) cookies: RefCell<Vec<Cookie>>,
    /// Whether a form was sent that had been shown to the visitor.
    pub(super) is_of_form: Cell<bool>,
    pub(super) later: &'a Later,
}

/// Finds out who is logged in, and tells the call their language by [`Call::know_language`].
pub(crate) type Greeter = fn(&Call<'_>);

/// What the forms of a page are bound to: whoever does not know it cannot send them.
#[derive(Clone, Copy)]
pub(crate) enum Binding<'a> {
    /// The form cookie, which is set where it is missing: while it is not known who visits.
    FormCookie,
    /// A secret of the visitor, such as the one by which they are known.
    Secret(&'a str),
}

impl Call<'_> {
    /// A visit by an actor, through the web, from the address of the visitor: for [`Site::serve`].
    pub(crate) fn visit(&self, actor: Actor) -> Visit {
        Visit::of(actor, Via::Web(self.request.client))
    }

    /// Has work done once this is answered, as soon as what came before it at its pace is: the answer tells nothing of it. It
    /// may be begun again as long as the store is busy; `route` is how a log calls it.
    ///
    /// # Errors
    /// When too much waits: the site is busy.
    pub(crate) fn later(
        &self,
        (route, pace): (&'static str, Pace),
        work: impl Fn(&Site) -> Result<()> + Send + 'static,
    ) -> Result<()> {
        Ok(self.later.add((route, self.request.client), pace, Box::new(work))?)
    }

    /// In which language it is answered, as far as it is known by now who asks.
    pub(crate) fn language(&self) -> Language {
        self.spoken.get().language()
    }

    /// It is now known who asks, and that their account has that language: it is answered in that one from here on, unless
    /// they chose another here.
    pub(crate) fn know_language(&self, stored: Option<&str>) {
        let stored = stored.and_then(Language::of_tag);
        if let (Spoken::Known(_) | Spoken::Asked(_), Some(stored)) = (self.spoken.get(), stored) {
            self.spoken.set(Spoken::Known(stored));
        }
    }

    /// Answers in the language of whoever is logged in, if anybody is: for pages that do not ask who that is.
    pub(crate) fn greet(&self) {
        if let Spoken::Asked(_) = self.spoken.get() {
            (self.greeter)(self);
        }
    }

    /// Leads to a page at which nobody is known, in the language of this one.
    pub(crate) fn lead_on(&self, path: &str) -> Answer {
        match self.spoken.get() {
            Spoken::Known(language) => {
                Answer::redirect(&format!("{path}?{}={}", language::LED_IN, language.tag()))
            }
            Spoken::Chosen(_) | Spoken::Asked(_) => Answer::redirect(path),
        }
    }

    /// What the page has around it.
    pub(crate) fn frame(&self) -> Frame {
        let frame = Frame::new(self.language(), &self.facts, &self.nonce, &self.request.raw_query);
        if self.asked_site.is_some() { frame.at_site() } else { frame }
    }

    /// The host of the other site that is asked; none at the portal.
    pub(crate) fn asked_site(&self) -> Option<&str> {
        self.asked_site.as_deref()
    }

    /// The other site of that host, as it is configured.
    pub(crate) fn site_called(&self, host: &str) -> Option<String> {
        self.sites.iter().find(|site| site.eq_ignore_ascii_case(host)).cloned()
    }

    /// Where the portal is, such as `https://secboard.acme.example`.
    pub(crate) fn portal(&self) -> String {
        self.portal.clone()
    }

    /// Where the pages are that are asked.
    pub(crate) fn origin(&self) -> String {
        self.facts.origin(&self.facts.host)
    }

    /// Where the pages of another site are.
    pub(crate) fn origin_of(&self, host: &str) -> String {
        self.facts.origin(host)
    }

    /// The value of a cookie of this site.
    pub(crate) fn cookie(&self, name: &str) -> Option<&str> {
        self.request.cookies.get(name, self.facts.secure)
    }

    /// The token of a form that is shown now. [`Form`](super::Form) has its own; this is for forms of one button.
    ///
    /// # Errors
    /// When there is no randomness.
    pub(crate) fn token(&self, binding: Binding<'_>) -> Result<String> {
        let secret = match binding {
            Binding::FormCookie => self.form_cookie()?,
            Binding::Secret(secret) => secret.to_owned(),
        };
        let mut showing = [0; SHOWING_BYTES];
        self.random.fill(&mut showing)?;
        Ok(csrf::token(&secret, self.now, showing))
    }

    /// The secret of the form cookie, which is set anew so that it lives as long as the form.
    fn form_cookie(&self) -> Result<String> {
        let mut cookies = self.cookies.borrow_mut();
        if let Some(cookie) = cookies.iter().find(|cookie| cookie.name == FORM_COOKIE) {
            return Ok(cookie.value.clone());
        }
        let value = if let Some(value) = self.cookie(FORM_COOKIE).filter(|value| is_secret(value)) {
            value.to_owned()
        } else {
            let mut bytes = [0; SECRET_BYTES];
            self.random.fill(&mut bytes)?;
            hex(&bytes)
        };
        cookies.push(Cookie { name: FORM_COOKIE, value: value.clone(), seconds: Some(csrf::GOOD_FOR) });
        Ok(value)
    }

    /// The page that says that there is none.
    pub(crate) fn not_found(&self) -> Answer {
        self.trouble(StatusCode::NOT_FOUND)
    }

    /// The page that says that what was asked is not understood.
    pub(crate) fn bad_request(&self) -> Answer {
        self.trouble(StatusCode::BAD_REQUEST)
    }

    pub(super) fn trouble(&self, status: StatusCode) -> Answer {
        self.greet();
        trouble::page(Trouble::of(status), self.frame())
    }

    /// Remembers the language that was chosen by this request.
    pub(super) fn remember_language(&self) {
        if self.request.query.text(language::CHOSEN) == Ok(self.language().tag()) {
            let value = self.language().tag().to_owned();
            let seconds = Some(language::REMEMBERED);
            self.cookies.borrow_mut().push(Cookie { name: language::CHOSEN, value, seconds });
        }
    }
}

/// Whether a value is one that was given by [`Call::form_cookie`].
fn is_secret(value: &str) -> bool {
    value.len() == 2 * SECRET_BYTES && value.bytes().all(|byte| byte.is_ascii_hexdigit())
}
