//! A form on its way between a visitor and the site.
//!
//! What was typed can only be read by [`Form::submitted`], which gives it where the form was one of this site and of
//! this visitor. Everything else shows the form again with what was typed (never a password), with a word that says why.

use http::StatusCode;

use super::csrf::{self, FIELD};
use super::fields::{FieldFault, Fields};
use super::layout::Texts;
use super::{Answer, Binding, Call};
use crate::error::{Failure, Kind, Result};
use crate::text::instant::Instant;

/// A form of a page, as it is shown: the field `form` of the page, for `web/pages/form.html`.
pub(crate) struct Form<'a> {
    typed: Option<&'a Fields>,
    /// How many seconds ago it was shown, where what was typed may be acted upon.
    age: Option<u64>,
    busy: Option<u32>,
    /// After how many seconds the visitor may send it again.
    held: Option<u32>,
    token: String,
    texts: Texts,
    values: Vec<(&'static str, String)>,
    problems: Vec<Problem>,
}

/// What is wrong with a field.
pub(crate) struct Problem {
    /// Which one.
    pub(crate) field: &'static str,
    /// What stands among all problems.
    pub(crate) summary: String,
    /// What stands beside the field.
    pub(crate) text: String,
}

/// Something that is said above a form that is shown again.
pub(crate) struct Note {
    /// In a few words.
    pub(crate) title: String,
    /// What to do about it.
    pub(crate) text: String,
}

impl<'a> Form<'a> {
    /// The form of a page: empty when the page is asked for, with what was typed when it was sent.
    ///
    /// # Errors
    /// When there is no randomness.
    pub(crate) fn open(call: &'a Call<'_>, binding: Binding<'_>) -> Result<Self> {
        let typed = (call.request.method == http::Method::POST).then_some(&call.request.form);
        let age = typed.and_then(|typed| call.bound_for(typed, binding));
        let token = call.token(binding)?;
        let texts = call.frame().texts();
        Ok(Self {
            typed,
            age,
            busy: None,
            held: None,
            token,
            texts,
            values: Vec::new(),
            problems: Vec::new(),
        })
    }

    /// What was typed, where the form was sent from a page of this site that this visitor was shown not too long ago.
    pub(crate) fn submitted(&self) -> Option<&'a Fields> {
        self.typed.filter(|_| self.age.is_some())
    }

    /// How many seconds before it was sent it had been shown; none where it may not be acted upon.
    pub(crate) const fn age(&self) -> Option<u64> {
        self.age
    }

    /// What stands in a field until something is typed.
    pub(crate) fn fill(&mut self, field: &'static str, value: impl Into<String>) {
        self.values.push((field, value.into()));
    }

    /// Says what is wrong with a field.
    pub(crate) fn refuse(&mut self, field: &'static str, text: impl Into<String>) {
        let text = text.into();
        self.problems.push(Problem { field, summary: text.clone(), text });
    }

    /// Says that nothing is taken from the visitor until then.
    pub(crate) fn hold(
        &mut self,
        field: &'static str,
        text: impl Into<String>,
        (now, until): (Instant, Instant),
    ) {
        let micros = until.micros().saturating_sub(now.micros()).max(0);
        self.held = Some(u32::try_from(micros / 1_000_000).unwrap_or(u32::MAX).saturating_add(1));
        self.refuse(field, text);
    }

    /// Says what is wrong with a field, in one way among all problems and in another beside it.
    pub(crate) fn refuse_as(
        &mut self,
        field: &'static str,
        summary: impl Into<String>,
        text: impl Into<String>,
    ) {
        self.problems.push(Problem { field, summary: summary.into(), text: text.into() });
    }

    /// The value of a field, or nothing and a problem beside it: `missing` where nothing was typed.
    pub(crate) fn text(&mut self, fields: &'a Fields, field: &'static str, missing: &str) -> Option<&'a str> {
        match fields.text(field) {
            Ok(text) => Some(text),
            Err(FieldFault::Missing) => {
                self.refuse(field, missing);
                None
            }
            Err(FieldFault::Doubled | FieldFault::NotText) => {
                self.refuse(field, self.texts.say("form-again"));
                None
            }
            Err(FieldFault::TooLong) => {
                self.refuse(field, self.texts.say("form-long"));
                None
            }
        }
    }

    /// Whether nobody has sent it yet: nothing is said above it that has the focus.
    pub(crate) const fn is_untouched(&self) -> bool {
        self.typed.is_none()
    }

    /// Whether something is wrong.
    pub(crate) fn is_refused(&self) -> bool {
        !self.problems.is_empty()
    }

    /// Has the form shown again where the site was too busy.
    ///
    /// # Errors
    /// The failure itself, when it is another.
    pub(crate) fn keep_if_busy(&mut self, failure: Failure) -> Result<()> {
        if failure.kind() != Kind::Busy {
            return Err(failure);
        }
        self.busy = Kind::Busy.retry_after();
        Ok(())
    }

    /// The answer that shows the form on its page: 200 for one that nobody has sent yet, 422 for one that was refused or
    /// is too old, 429 for one of a visitor who is held, 503 for one that the site was too busy for.
    ///
    /// # Errors
    /// Those of [`Answer::page`].
    pub(crate) fn answer(&self, page: &impl askama::Template) -> Result<Answer> {
        let status = match (self.busy, self.held, self.typed) {
            (Some(_), ..) => StatusCode::SERVICE_UNAVAILABLE,
            (None, Some(_), _) => StatusCode::TOO_MANY_REQUESTS,
            (None, None, Some(_)) => StatusCode::UNPROCESSABLE_ENTITY,
            (None, None, None) => StatusCode::OK,
        };
        Ok(Answer::page(page)?.with_status(status).with_retry_after(self.busy.or(self.held)))
    }

    /// The title of the page, which says when something is wrong.
    pub(crate) fn title(&self, title: &str) -> String {
        if self.is_refused() { self.texts.say_with("form-error", "title", title) } else { title.to_owned() }
    }

    /// What stands in a field that may be shown again.
    pub(crate) fn value(&self, field: &str) -> String {
        let filled = || self.values.iter().rfind(|(name, _)| *name == field).map(|(_, value)| value.clone());
        self.typed.and_then(|typed| typed.shown(field)).or_else(filled).unwrap_or_default()
    }

    /// What is wrong with a field.
    pub(crate) fn problem(&self, field: &str) -> Option<&str> {
        self.problems.iter().find(|problem| problem.field == field).map(|problem| problem.text.as_str())
    }

    /// All that is wrong, in the order in which it was found.
    pub(crate) fn problems(&self) -> &[Problem] {
        &self.problems
    }

    /// A text of forms.
    pub(crate) fn say(&self, name: &str) -> String {
        self.texts.say(name)
    }

    /// The token that the form is sent with.
    pub(crate) fn token(&self) -> &str {
        &self.token
    }

    /// What is said above the form beside what is wrong with its fields.
    pub(crate) fn note(&self) -> Option<Note> {
        let (title, text) = match (self.busy, self.typed) {
            (Some(_), _) => ("form-busy", "form-busy-text"),
            (None, Some(_)) if self.age.is_none() => ("form-old", "form-old-text"),
            _ => return None,
        };
        Some(Note { title: self.say(title), text: self.say(text) })
    }
}

impl Call<'_> {
    /// How many seconds ago a form was shown to who is known by this secret; none where it was not.
    fn bound_for(&self, typed: &Fields, binding: Binding<'_>) -> Option<u64> {
        let token = typed.text(FIELD).ok()?;
        let secret = match binding {
            Binding::FormCookie => self.cookie(csrf::FORM_COOKIE),
            Binding::Secret(secret) => Some(secret),
        };
        let age = csrf::age(token, secret?, self.now);
        self.is_of_form.set(self.is_of_form.get() || age.is_some());
        age
    }
}
