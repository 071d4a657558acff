//! A message as somebody would read it, with made-up facts.

use super::message::Message;
use super::message::templates::{Fault, Rendered, Templates};
use super::person;
use super::ready::site_of;
use crate::context::Context;
use crate::error::{Explain, Kind, Result};
use crate::i18n::Language;
use crate::text::email::Email;
use crate::text::suggest::nearest;

/// No message is called so.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("there is no message `{name}`")]
pub(crate) struct NoMessage {
    name: String,
    near: Option<&'static str>,
}

impl Explain for NoMessage {
    fn code(&self) -> &'static str {
        "mail.no_message"
    }

    fn kind(&self) -> Kind {
        Kind::NotFound
    }

    fn field(&self) -> Option<&'static str> {
        Some("message")
    }

    fn command(&self) -> Option<String> {
        self.near.is_none().then(|| "secboard help mail preview".to_owned())
    }

    fn advice(&self) -> Option<String> {
        Some(match self.near {
            Some(near) => format!("did you mean `{near}`?"),
            None => "see those there are".to_owned(),
        })
    }
}

/// A message as it would be.
pub(crate) struct Preview {
    /// The name of the message.
    pub(crate) message: &'static str,
    /// The language.
    pub(crate) language: Language,
    /// Subject, text and HTML.
    pub(crate) rendered: Rendered,
    /// What is wrong with the site's own template, in whose place the built-in one stands.
    pub(crate) fault: Option<Fault>,
}

/// Renders a message for whoever has an address, in their language unless another is asked for.
pub(crate) fn preview(
    cx: &Context,
    templates: &Templates,
    (name, to): (&str, &str),
    language: Option<Language>,
) -> Result<Preview> {
    cx.actor.require_anywhere("mail.send")?;
    let samples = Message::samples(cx.now());
    let Some(message) = samples.iter().find(|message| message.name() == name) else {
        let near = nearest(name, Message::names()).first().copied();
        return Err(NoMessage { name: name.to_owned(), near }.into());
    };
    let to = Email::parse(to)?;
    let person = cx.read(|tx| person::of_address(cx, tx, &to))?;
    let mut reader = person::reader(cx, &to, person.as_ref());
    reader.language = language.unwrap_or(reader.language);
    let (rendered, fault) = templates.render(message, &site_of(cx), &reader)?;
    Ok(Preview { message: message.name(), language: reader.language, rendered, fault })
}
