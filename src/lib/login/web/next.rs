//! Where somebody goes on, once what they have to do first is done: the address has it, from page to page.

use http::Method;

use super::{CABINET, LOGIN};
use crate::web::{Answer, Call, LocalPath};

/// Where the visitor of a page of the login goes on.
pub(super) fn next(call: &Call<'_>) -> String {
    asked(call).unwrap_or_else(|| CABINET.to_owned())
}

/// Whether the address says where that is.
pub(super) fn has_next(call: &Call<'_>) -> bool {
    asked(call).is_some()
}

/// To a step of the login, and from there on to where the visitor goes on, which may be the page that was asked for.
pub(super) fn to_step(call: &Call<'_>, step: &str) -> Answer {
    match wanted(call).filter(|wanted| wanted != CABINET) {
        Some(next) => Answer::redirect(&with_next(step, &next)),
        None => Answer::redirect(step),
    }
}

/// To the login, and from there back to the page that was asked for.
pub(super) fn to_login(call: &Call<'_>) -> Answer {
    let address = wanted(call).map(|next| with_next(LOGIN, &next));
    Answer::redirect(address.as_deref().unwrap_or(LOGIN))
}

/// The address of another page of the login, from which one goes on to the same place.
pub(super) fn on_the_way(call: &Call<'_>, page: &str) -> String {
    asked(call).map_or_else(|| page.to_owned(), |next| with_next(page, &next))
}

/// Where the visitor asked to go on, or else the page that they asked for, where it is one to be led back to.
fn wanted(call: &Call<'_>) -> Option<String> {
    let path = &call.request.path;
    let is_plain = path.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"/-_.".contains(&byte));
    let is_page = is_plain && path != "/" && !path.starts_with(LOGIN);
    asked(call).or_else(|| (is_page && call.request.method == Method::GET).then(|| path.clone()))
}

pub(super) fn with_next(page: &str, next: &str) -> String {
    let before = match page {
        "?" => "",
        _ if page.contains('?') => "&",
        _ => "?",
    };
    let mut address = format!("{page}{before}next=");
    for letter in next.chars() {
        match letter {
            '%' => address.push_str("%25"),
            '&' => address.push_str("%26"),
            '#' => address.push_str("%23"),
            '+' => address.push_str("%2B"),
            _ => address.push(letter),
        }
    }
    address
}

fn asked(call: &Call<'_>) -> Option<String> {
    let asked = call.request.query.text("next").ok().and_then(LocalPath::parse);
    asked.map(|path| path.as_str().to_owned())
}

#[cfg(test)]
mod tests {
    use super::with_next;

    #[test]
    fn where_one_goes_on_is_one_value_of_the_address_whatever_is_in_it() {
        assert_eq!(with_next("/login/", "/update_profile/"), "/login/?next=/update_profile/");
        assert_eq!(with_next("?with=backup", "/a?b=1&c=%2F#d"), "?with=backup&next=/a?b=1%26c=%252F%23d");
        assert_eq!(with_next("?", "/a+b"), "?next=/a%2Bb");
    }
}
