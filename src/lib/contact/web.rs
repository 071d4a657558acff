//! The page of the contact form.
//!
//! Programs fill in every form they find. One that fills in the field that nobody sees is answered as people are, and nothing is
//! kept. A form that comes back sooner than anybody reads the page is shown again with what was typed, so that somebody who was
//! quick loses nothing.

use std::sync::LazyLock;

use super::settings::{ADDRESS, EMAIL, HOURS, LINKS, PHONE};
use super::written::{self, Fault};
use super::{Taken, Topic, Written, receive};
use crate::context::Actor;
use crate::error::Result;
use crate::i18n::{Catalogue, Values};
use crate::text::email::Email;
use crate::web::{Answer, Binding, Call, FieldFault, Fields, Form, Frame, GET, GET_AND_POST, Route, Texts};

/// Its routes.
pub(crate) const ROUTES: &[Route] = &[
    Route { name: "contact", pattern: "/contact/", methods: GET_AND_POST, handler: contact },
    Route { name: "contact-sent", pattern: SENT, methods: GET, handler: sent },
];

/// The page after it.
const SENT: &str = "/contact/sent/";

/// The field that nobody sees.
const TRAP: &str = "website";

/// In fewer seconds than this nobody has read the page and written something.
const SHORTEST: u64 = 3;

static TEXTS: LazyLock<Catalogue> =
    LazyLock::new(|| Catalogue::new(include_str!("text/en.ftl"), include_str!("text/uk.ftl")));

/// How else the site is reached.
struct Direct {
    email: Option<String>,
    phone: String,
    /// The phone as a program dials it.
    dialled: String,
    hours: String,
    address: String,
    /// The links, each with how it is called.
    links: Vec<(String, String)>,
}

impl Direct {
    fn of(call: &Call<'_>) -> Self {
        let settings = &call.settings;
        let phone = settings.get(&PHONE).clone();
        let called = |link: &String| {
            let rest = link.strip_prefix("https://").unwrap_or(link);
            (link.clone(), rest.trim_end_matches('/').to_owned())
        };
        Self {
            email: settings.get(&EMAIL).as_ref().map(|email| email.as_str().to_owned()),
            dialled: phone.chars().filter(|c| c.is_ascii_digit() || *c == '+').collect(),
            phone,
            hours: settings.get(&HOURS).clone(),
            address: settings.get(&ADDRESS).clone(),
            links: settings.get(&LINKS).iter().map(called).collect(),
        }
    }

    fn is_empty(&self) -> bool {
        let texts = [&self.phone, &self.hours, &self.address];
        self.email.is_none() && self.links.is_empty() && texts.iter().all(|text| text.is_empty())
    }
}

#[derive(askama::Template)]
#[template(path = "contact/pages/contact.html")]
struct Page<'a> {
    frame: Frame,
    form: &'a Form<'a>,
    t: Texts,
    direct: Direct,
    /// The topics: word, name, whether it is chosen.
    topics: Vec<(&'static str, String, bool)>,
}

#[derive(askama::Template)]
#[template(path = "contact/pages/sent.html")]
struct Sent {
    frame: Frame,
    t: Texts,
}

fn texts(call: &Call<'_>) -> Texts {
    call.greet();
    Texts::new(&TEXTS, call.language())
}

/// `/contact/`.
fn contact(call: &Call<'_>) -> Result<Answer> {
    let t = texts(call);
    let mut form = Form::open(call, Binding::FormCookie)?;
    if let Some(fields) = form.submitted() {
        if fields.bytes(TRAP) != Err(FieldFault::Missing) {
            return Ok(Answer::redirect(SENT));
        }
        let written = typed(call, &mut form, fields, t);
        if form.age().is_some_and(|age| age < SHORTEST) {
            form.refuse("message", t.say("contact-quick"));
        } else if let Some(written) = written {
            match call.site.serve(call.visit(Actor::nobody(None)), |cx| receive(cx, &written)) {
                Ok(Taken::Kept) => return Ok(Answer::redirect(SENT)),
                Ok(Taken::Held(until)) => form.hold("message", t.say("contact-held"), (call.now, until)),
                Err(failure) => form.keep_if_busy(failure)?,
            }
        }
    }
    let chosen = form.value("topic");
    let topics = Topic::WORDS.iter().map(|(word, topic)| (*word, t.say(name(*topic)), *word == chosen));
    let (topics, direct) = (topics.collect(), Direct::of(call));
    form.answer(&Page { frame: call.frame(), form: &form, t, direct, topics })
}

/// `/contact/sent/`.
fn sent(call: &Call<'_>) -> Result<Answer> {
    let t = texts(call);
    Answer::page(&Sent { frame: call.frame(), t })
}

/// What was typed, where nothing is wrong with it; what is wrong stands beside each field.
fn typed(call: &Call<'_>, form: &mut Form<'_>, fields: &Fields, t: Texts) -> Option<Written> {
    let mut line = |field, most, missing| {
        value(form, (fields, t), field, Some(missing), |typed| written::line(typed, most))
    };
    let name = line("name", written::NAME, "contact-no-name").ok().flatten();
    let email = line("email", 254, "contact-no-email").ok().flatten();
    let email = email.and_then(|typed| {
        let parsed = Email::parse(&typed).ok();
        if parsed.is_none() {
            form.refuse("email", t.say("contact-bad-email"));
        }
        parsed
    });
    let mut free = |field, most| value(form, (fields, t), field, None, |typed| written::line(typed, most));
    let (company, phone) = (free("company", written::COMPANY), free("phone", written::PHONE));
    let topic = topic(form, fields, t);
    let mut line = |field, most, missing| {
        value(form, (fields, t), field, Some(missing), |typed| written::line(typed, most))
    };
    let subject = line("subject", written::SUBJECT, "contact-no-subject").ok().flatten();
    let text = value(form, (fields, t), "message", Some("contact-no-message"), written::text).ok().flatten();
    Some(Written {
        topic: topic?,
        name: name?,
        email: email?,
        phone: phone.ok()?,
        company: company.ok()?,
        subject: subject?,
        text: text?,
        language: call.language(),
    })
}

/// The value of a field, or nothing and a problem beside it; a field without `missing` may be empty.
fn value(
    form: &mut Form<'_>,
    (fields, t): (&Fields, Texts),
    field: &'static str,
    missing: Option<&str>,
    check: impl Fn(&str) -> std::result::Result<String, Fault>,
) -> std::result::Result<Option<String>, Refused> {
    let typed = match fields.text(field) {
        Ok(typed) => check(typed),
        Err(FieldFault::Missing) => Err(Fault::Missing),
        Err(FieldFault::TooLong) => Err(Fault::TooLong(most(field))),
        Err(FieldFault::Doubled | FieldFault::NotText) => {
            form.refuse(field, t.say("contact-again"));
            return Err(Refused);
        }
    };
    let count = |name, count: usize| t.say_values(name, &Values::default().with("count", count.to_string()));
    let problem = match (typed, missing) {
        (Ok(value), _) => return Ok(Some(value)),
        (Err(Fault::Missing), None) => return Ok(None),
        (Err(Fault::Missing), Some(missing)) => t.say(missing),
        (Err(Fault::TooShort(least)), _) => count("contact-short", least),
        (Err(Fault::TooLong(most)), _) => count("contact-long", most),
        (Err(Fault::Driving), _) => t.say("contact-driving"),
    };
    form.refuse(field, problem);
    Err(Refused)
}

/// What is wrong with a field stands beside it.
struct Refused;

/// The most characters of a field.
fn most(field: &str) -> usize {
    match field {
        "message" => written::TEXT,
        "subject" => written::SUBJECT,
        "company" => written::COMPANY,
        "phone" => written::PHONE,
        _ => written::NAME,
    }
}

fn topic(form: &mut Form<'_>, fields: &Fields, t: Texts) -> Option<Topic> {
    let topic = fields.text("topic").ok().and_then(Topic::of_word);
    if topic.is_none() {
        form.refuse("topic", t.say("contact-no-topic"));
    }
    topic
}

/// The text that names a topic.
const fn name(topic: Topic) -> &'static str {
    match topic {
        Topic::General => "contact-general",
        Topic::Support => "contact-support",
        Topic::Sales => "contact-sales",
        Topic::Partnership => "contact-partnership",
        Topic::Security => "contact-security",
        Topic::Feedback => "contact-feedback",
        Topic::Other => "contact-other",
    }
}
