//! Texts in the language of whoever reads them.
//!
//! The texts are Fluent files, a file a language, compiled in. A feature owns the texts that it says and makes a
//! [`Catalogue`] of them; here lie only those of times and days. English is complete, and stands in for what another
//! language lacks; a test of each catalogue (`checks`) proves that none lacks anything, that each text takes the same
//! values in every language, and that every text is said somewhere.

use std::borrow::Cow;

use fluent_bundle::concurrent::FluentBundle;
use fluent_bundle::{FluentArgs, FluentResource};
use unic_langid::LanguageIdentifier;

mod moment;

#[cfg(test)]
pub(crate) mod checks;
#[cfg(test)]
mod tests;

pub(crate) use fluent_bundle::FluentValue;
pub(crate) use moment::{day, moment};

/// A language that the texts are written in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub(crate) enum Language {
    /// The one that is always complete.
    #[default]
    English,
    /// Ukrainian.
    Ukrainian,
}

impl Language {
    /// All of them.
    pub(crate) const ALL: [Self; 2] = [Self::English, Self::Ukrainian];

    /// The language as BCP 47 writes it.
    pub(crate) const fn tag(self) -> &'static str {
        match self {
            Self::English => "en",
            Self::Ukrainian => "uk",
        }
    }

    /// The language of this tag.
    pub(crate) fn tagged(tag: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|language| language.tag() == tag)
    }

    /// The tags there are, as a sentence names them.
    pub(crate) fn tags() -> String {
        Self::ALL.map(|language| format!("`{}`", language.tag())).join(" or ")
    }

    /// The language that a tag such as `uk-UA` asks for; none where no texts are written in it.
    pub(crate) fn of_tag(tag: &str) -> Option<Self> {
        let primary = tag.split(['-', '_']).next().unwrap_or_default();
        Self::ALL.into_iter().find(|language| language.tag().eq_ignore_ascii_case(primary))
    }

    /// How the rules of plural are found.
    fn identifier(self) -> LanguageIdentifier {
        self.tag().parse().unwrap_or_default()
    }
}

/// The texts of one feature in every language.
pub(crate) struct Catalogue {
    english: FluentBundle<FluentResource>,
    ukrainian: FluentBundle<FluentResource>,
}

impl Catalogue {
    /// Reads the texts; one that cannot be read is left out, which a test of the feature forbids.
    pub(crate) fn new(english: &str, ukrainian: &str) -> Self {
        Self {
            english: bundle(Language::English, english),
            ukrainian: bundle(Language::Ukrainian, ukrainian),
        }
    }

    /// The text of a name, with its values; in English where the language lacks it. None where there is no such text,
    /// or it takes a value that is not given.
    pub(crate) fn text(&self, language: Language, name: &str, values: &Values<'_>) -> Option<String> {
        let own = match language {
            Language::English => &self.english,
            Language::Ukrainian => &self.ukrainian,
        };
        said(own, name, values).or_else(|| said(&self.english, name, values))
    }
}

/// The values that a text is said with.
#[derive(Default)]
pub(crate) struct Values<'a>(FluentArgs<'a>);

impl<'a> Values<'a> {
    /// Adds one: a text stays as it is, a number decides the plural.
    pub(crate) fn with(mut self, name: impl Into<Cow<'a, str>>, value: impl Into<FluentValue<'a>>) -> Self {
        self.0.set(name, value);
        self
    }
}

fn bundle(language: Language, source: &str) -> FluentBundle<FluentResource> {
    let mut bundle = FluentBundle::new_concurrent(vec![language.identifier()]);
    // Marks around each value, for a mix of directions; mails and pages are of one, and the marks break links.
    bundle.set_use_isolating(false);
    let resource = FluentResource::try_new(source.to_owned()).unwrap_or_else(|(readable, _)| readable);
    // Of two texts of one name the first is kept.
    bundle.add_resource(resource).ok();
    bundle
}

fn said(bundle: &FluentBundle<FluentResource>, name: &str, values: &Values<'_>) -> Option<String> {
    let pattern = bundle.get_message(name)?.value()?;
    let mut errors = Vec::new();
    let text = bundle.format_pattern(pattern, Some(&values.0), &mut errors).into_owned();
    errors.is_empty().then_some(text)
}
