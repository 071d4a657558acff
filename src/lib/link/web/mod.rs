//! The pages of links.
//!
//! Opening a link changes nothing, for mail programs open them too; a form does what it is for. One page answers every link
//! that does not work, whyever.

mod ask;
mod choose;
mod disown;

use std::sync::LazyLock;

use crate::error::Result;
use crate::i18n::Catalogue;
use crate::web::{Answer, Call, Frame, GET, GET_AND_POST, Route, Texts};

/// Every page of links.
pub(crate) const ROUTES: &[Route] = &[
    Route { name: "reset-ask", pattern: "/password_reset/", methods: GET_AND_POST, handler: ask::reset },
    Route { name: "reset-asked", pattern: "/password_reset/done/", methods: GET, handler: ask::reset_done },
    Route { name: "reset-chosen", pattern: "/password_reset/saved/", methods: GET, handler: choose::saved },
    Route { name: "reset", pattern: "/reset/{token}/", methods: GET_AND_POST, handler: choose::reset },
    Route { name: "invite", pattern: "/invite/{token}/", methods: GET_AND_POST, handler: choose::invite },
    Route {
        name: "first-login-ask",
        pattern: "/first_login/",
        methods: GET_AND_POST,
        handler: ask::first_login,
    },
    Route {
        name: "first-login-asked",
        pattern: "/first_login/done/",
        methods: GET,
        handler: ask::first_login_done,
    },
    Route {
        name: "first-login",
        pattern: "/first_login/{token}/",
        methods: GET_AND_POST,
        handler: choose::first_login,
    },
    Route { name: "not-me-done", pattern: "/not-me/done/", methods: GET, handler: disown::done },
    Route { name: "not-me-ended", pattern: "/not-me/ended/", methods: GET, handler: disown::ended },
    Route { name: "not-me", pattern: "/not-me/{token}/", methods: GET_AND_POST, handler: disown::not_me },
    // What mail programs make of links: a bracket or a full stop behind them belongs to them, or all of them is in capitals.
    Route { name: "reset", pattern: "/reset/{token}/{rest}", methods: GET, handler: with_rest },
    Route { name: "invite", pattern: "/invite/{token}/{rest}", methods: GET, handler: with_rest },
    Route { name: "first-login", pattern: "/first_login/{token}/{rest}", methods: GET, handler: with_rest },
    Route { name: "not-me", pattern: "/not-me/{token}/{rest}", methods: GET, handler: with_rest },
    Route { name: "reset", pattern: "/RESET/{token}/", methods: GET, handler: expired },
    Route { name: "invite", pattern: "/INVITE/{token}/", methods: GET, handler: expired },
    Route { name: "first-login", pattern: "/FIRST_LOGIN/{token}/", methods: GET, handler: expired },
    Route { name: "not-me", pattern: "/NOT-ME/{token}/", methods: GET, handler: expired },
];

/// What stands behind a link in a text, and no token has.
const BEHIND: &[char] = &['>', ')', ']', '.', ',', ';', ':', '!', '?', '"', '\'', '»', '”', '’'];

static TEXTS: LazyLock<Catalogue> =
    LazyLock::new(|| Catalogue::new(include_str!("../text/en.ftl"), include_str!("../text/uk.ftl")));

fn texts(call: &Call<'_>) -> Texts {
    Texts::new(&TEXTS, call.language())
}

/// Those of a page that asks nobody who they are, and may be read by somebody who is logged in.
fn texts_for_all(call: &Call<'_>) -> Texts {
    call.greet();
    texts(call)
}

/// A link that does not work.
#[derive(askama::Template)]
#[template(path = "link/pages/expired.html")]
struct Expired {
    frame: Frame,
    t: Texts,
}

/// The token of the link that is opened, without what a mail program took for a part of it.
fn token<'a>(call: &'a Call<'_>) -> &'a str {
    call.request.parameter("token").trim_end_matches(BEHIND)
}

/// A link with something behind it: to the link itself where that is nothing but marks, which are in no path of ours.
fn with_rest(call: &Call<'_>) -> Result<Answer> {
    let is_marks = call.request.parameter("rest").trim_end_matches(BEHIND).is_empty();
    match call.request.path.rsplit_once('/').filter(|_| is_marks) {
        Some((link, _)) => Ok(Answer::redirect(&format!("{link}/"))),
        None => expired(call),
    }
}

/// The page of a link that does not work: too old, used, replaced, of something else, or never one.
fn expired(call: &Call<'_>) -> Result<Answer> {
    let t = texts_for_all(call);
    let page = Expired { frame: call.frame(), t };
    Ok(Answer::page(&page)?.with_status(http::StatusCode::NOT_FOUND))
}

#[cfg(test)]
mod tests {
    use crate::i18n::checks;

    #[test]
    fn every_text_is_there_in_each_language_and_said_somewhere() {
        checks::check(
            include_str!("../text/en.ftl"),
            include_str!("../text/uk.ftl"),
            &[
                include_str!("ask.rs"),
                include_str!("choose.rs"),
                include_str!("disown.rs"),
                include_str!("../pages/ask.html"),
                include_str!("../pages/asked.html"),
                include_str!("../pages/choose.html"),
                include_str!("../pages/disown.html"),
                include_str!("../pages/disowned.html"),
                include_str!("../pages/expired.html"),
                include_str!("../pages/first_login.html"),
                include_str!("../pages/saved.html"),
            ],
        );
    }
}
