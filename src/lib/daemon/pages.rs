//! The pages that are of nobody but the site itself.

use std::sync::LazyLock;

use askama::Template;

use crate::context::Settings;
use crate::i18n::Catalogue;
use crate::setting::site;
use crate::web::{Answer, Call, Facts, Frame, GET, Purpose, Route, Texts};

/// Their routes.
pub(crate) const ROUTES: &[Route] = &[
    Route {
        name: "admin",
        pattern: "/secboard_admin/",
        methods: GET,
        handler: |call| page(call, "admin-title", "admin-text"),
    },
    Route { name: "robots", pattern: "/robots.txt", methods: GET, handler: |_| Ok(robots()) },
];

static TEXTS: LazyLock<Catalogue> =
    LazyLock::new(|| Catalogue::new(include_str!("text/en.ftl"), include_str!("text/uk.ftl")));

/// A page that says one thing.
#[derive(Template)]
#[template(path = "daemon/pages/said.html")]
struct Said {
    frame: Frame,
    title: String,
    text: String,
}

fn page(call: &Call<'_>, title: &str, text: &str) -> crate::error::Result<Answer> {
    call.greet();
    let texts = Texts::new(&TEXTS, call.language());
    Answer::page(&Said { frame: call.frame(), title: texts.say(title), text: texts.say(text) })
}

/// No page is for search engines.
fn robots() -> Answer {
    Answer::text("User-agent: *\nDisallow: /\n")
}

/// What pages have to know of the site.
pub(crate) fn facts(settings: &Settings) -> Facts {
    Facts {
        name: settings.get(&site::NAME).to_string(),
        host: settings.get(&site::DOMAIN).to_string(),
        secure: *settings.get(&site::PROTOCOL) == "https",
        purpose: match *settings.get(&site::KIND) {
            "test" => Purpose::Test,
            "demo" => Purpose::Demo,
            _ => Purpose::Work,
        },
        language: *settings.get(&site::LANGUAGE),
    }
}

#[cfg(test)]
mod tests {
    use crate::i18n::checks;

    #[test]
    fn every_text_is_there_in_each_language_and_said_somewhere() {
        checks::check(include_str!("text/en.ftl"), include_str!("text/uk.ftl"), &[include_str!("pages.rs")]);
    }
}
