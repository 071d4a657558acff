//! What every page has around it: header, bar of a test system, footer, language.

use std::sync::{Arc, LazyLock};

use super::{asset, language};
use crate::context::Settings;
use crate::i18n::{Catalogue, FluentValue, Language, Values};
use crate::text::initial::initial;

/// The texts of the layout, of forms and of error pages.
static TEXTS: LazyLock<Catalogue> =
    LazyLock::new(|| Catalogue::new(include_str!("text/en.ftl"), include_str!("text/uk.ftl")));

/// What the pages have to know of the site, whatever its settings are called.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Facts {
    /// Its name.
    pub(crate) name: String,
    /// Its host, with a port where links have one.
    pub(crate) host: String,
    /// Whether it is reached by https.
    pub(crate) secure: bool,
    /// What it is for.
    pub(crate) purpose: Purpose,
    /// The language of who asked for none.
    pub(crate) language: Language,
}

/// What a site is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Purpose {
    /// Work.
    Work,
    /// Tests of what is to come.
    Test,
    /// To be looked at.
    Demo,
}

/// Reads the facts of a site from its settings.
pub(crate) type ReadFacts = fn(&Settings) -> Facts;

impl Facts {
    /// What a browser calls the pages of a host: it leaves out the port that a scheme has anyway.
    pub(super) fn origin(&self, host: &str) -> String {
        let (scheme, port) = if self.secure { ("https", ":443") } else { ("http", ":80") };
        format!("{scheme}://{}", host.strip_suffix(port).unwrap_or(host))
    }
}

/// The texts of a feature in the language of the visitor.
#[derive(Clone, Copy)]
pub(crate) struct Texts {
    catalogue: &'static Catalogue,
    language: Language,
}

impl Texts {
    /// Those of a catalogue in a language.
    pub(crate) const fn new(catalogue: &'static Catalogue, language: Language) -> Self {
        Self { catalogue, language }
    }

    /// A text. A test of its feature proves that each is there.
    pub(crate) fn say(&self, name: &str) -> String {
        self.say_values(name, &Values::default())
    }

    /// A text with one value.
    pub(crate) fn say_with<'a>(&self, name: &str, value: &'a str, of: impl Into<FluentValue<'a>>) -> String {
        self.say_values(name, &Values::default().with(value, of))
    }

    /// A text with its values.
    pub(crate) fn say_values(&self, name: &str, values: &Values<'_>) -> String {
        self.catalogue.text(self.language, name, values).unwrap_or_else(|| name.to_owned())
    }
}

/// A form of one button in the header of a page.
#[derive(Clone)]
pub(crate) struct HeaderButton {
    /// Where it is posted.
    pub(crate) action: &'static str,
    /// What stands on it.
    pub(crate) label: String,
    /// The token of the form, of [`Call::token`](super::Call::token).
    pub(crate) token: String,
}

/// What a page has around it, for `web/pages/layout.html`: the field `frame` of every page.
#[derive(Clone)]
pub(crate) struct Frame {
    /// In which language it is.
    pub(crate) language: Language,
    facts: Arc<Facts>,
    /// What the script of the page is known by.
    pub(crate) nonce: String,
    /// The path of the stylesheet.
    pub(crate) style: String,
    /// The path of the script.
    pub(crate) script: String,
    query: String,
    /// Whether it can be shown in another language: not where it is shown once.
    pub(crate) has_languages: bool,
    /// The button in its header.
    pub(crate) button: Option<HeaderButton>,
}

impl Frame {
    /// That of a page in a language, which was asked for with a query. A page whose script has no nonce has none.
    pub(super) fn new(language: Language, facts: &Arc<Facts>, nonce: &str, query: &str) -> Self {
        Self {
            language,
            facts: Arc::clone(facts),
            nonce: nonce.to_owned(),
            style: asset::path("style.css"),
            script: asset::path("script.js"),
            query: query.to_owned(),
            has_languages: true,
            button: None,
        }
    }

    /// The same with a button in its header.
    pub(crate) fn with_button(self, button: HeaderButton) -> Self {
        Self { button: Some(button), ..self }
    }

    /// The same at the host of another site, where the pages of the portal are not.
    pub(super) fn at_site(self) -> Self {
        let (style, script) = (format!("/.secboard{}", self.style), format!("/.secboard{}", self.script));
        Self { style, script, has_languages: false, ..self }
    }

    /// The same of a page that is shown once, and gone when somebody follows a link to another language.
    pub(crate) fn once(self) -> Self {
        Self { has_languages: false, ..self }
    }

    /// A text of the layout.
    pub(crate) fn say(&self, name: &str) -> String {
        self.texts().say(name)
    }

    /// The texts of the layout.
    pub(super) fn texts(&self) -> Texts {
        Texts::new(&TEXTS, self.language)
    }

    /// The name of the site.
    pub(crate) fn site(&self) -> &str {
        &self.facts.name
    }

    /// Where the pages are, as a browser calls it.
    pub(crate) fn origin(&self) -> String {
        self.facts.origin(&self.facts.host)
    }

    /// The host of the site.
    pub(crate) fn host(&self) -> &str {
        &self.facts.host
    }

    /// The address at which the site begins, whatever was asked.
    pub(super) fn home(&self) -> String {
        if self.facts.host.is_empty() { "/".to_owned() } else { self.facts.origin(&self.facts.host) + "/" }
    }

    /// What stands for a logo.
    pub(crate) fn mark(&self) -> String {
        initial(&self.facts.name)
    }

    /// What the bar above everything says, where there is one.
    pub(crate) fn bar(&self) -> Option<String> {
        match self.facts.purpose {
            Purpose::Work => None,
            Purpose::Test => Some(self.say("layout-test")),
            Purpose::Demo => Some(self.say("layout-demo")),
        }
    }

    /// The languages that can be chosen: tag, name, link, whether it is the one of the page.
    pub(crate) fn languages(&self) -> [(&'static str, &'static str, String, bool); 2] {
        Language::ALL.map(|other| {
            let name = match other {
                Language::English => "English",
                Language::Ukrainian => "Українська",
            };
            (other.tag(), name, self.link(other), other == self.language)
        })
    }

    /// The same page in that language, with what else it was asked with.
    fn link(&self, language: Language) -> String {
        let chosen = format!("{}={}", language::CHOSEN, language.tag());
        let is_other = |pair: &&str| !pair.is_empty() && pair.split('=').next() != Some(language::CHOSEN);
        let pairs: Vec<&str> = self.query.split('&').filter(is_other).chain([chosen.as_str()]).collect();
        format!("?{}", pairs.join("&"))
    }
}

#[cfg(test)]
mod tests {
    use crate::i18n::checks;

    #[test]
    fn every_text_is_there_in_each_language_and_said_somewhere() {
        checks::check(
            include_str!("text/en.ftl"),
            include_str!("text/uk.ftl"),
            &[
                include_str!("layout.rs"),
                include_str!("form.rs"),
                include_str!("trouble.rs"),
                include_str!("pages/layout.html"),
                include_str!("pages/form.html"),
                include_str!("pages/trouble.html"),
            ],
        );
    }
}
