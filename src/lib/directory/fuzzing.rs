//! Any bytes, to every parser of what a directory sends and of what is typed about one.

use super::{filter, transport};

/// Shows bytes to them; panics only over a promise that one breaks.
pub(crate) fn parse(bytes: &[u8]) {
    if transport::is_answer(bytes) {
        let parsed = ldap3::asn1::parse_tag(bytes);
        assert!(parsed.is_ok_and(|(rest, _)| rest.is_empty()), "what is handed on is whole");
    }
    crate::tls::good_until(bytes);
    let text = String::from_utf8_lossy(bytes);
    transport::instant(&text);
    transport::is_range(&text);
    // Whatever is typed is a value; whether it is a filter is only asked.
    let login: String = text.chars().take(256).collect();
    assert!(filter::is_filter(&filter::of_login(filter::USUAL, ["mail"].into_iter(), &login)));
    filter::is_filter(&text);
}
