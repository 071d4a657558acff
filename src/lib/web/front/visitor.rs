//! Whose request it is: the address of the connection, or what a trusted proxy says.

use std::net::IpAddr;

use http::{HeaderMap, HeaderName};

use crate::config::Trusted;

/// What proxies say of who asked them.
const FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");

/// Whose request it is: of those that the proxies name, the last one that is no trusted proxy itself. Whoever is not
/// trusted speaks for themself, and whoever comes through the Unix socket (`None`) without being believed, for this
/// machine.
pub(super) fn visitor(trusted: &Trusted, peer: Option<IpAddr>, headers: &HeaderMap) -> IpAddr {
    let peer_or_here = peer.unwrap_or(IpAddr::from([127, 0, 0, 1]));
    if !trusted.includes(peer) {
        return peer_or_here;
    }
    let lines: Vec<&str> =
        headers.get_all(FORWARDED_FOR).into_iter().filter_map(|line| line.to_str().ok()).collect();
    let mut visitor = peer_or_here;
    for name in lines.iter().rev().flat_map(|line| line.rsplit(',')) {
        let Ok(address) = name.trim().parse::<IpAddr>() else { return visitor };
        visitor = address.to_canonical();
        if !trusted.includes(Some(visitor)) {
            return visitor;
        }
    }
    visitor
}

/// Whether somebody on this machine says for whom they ask, and is not believed: most likely a proxy.
pub(super) fn is_unbelieved_proxy(trusted: &Trusted, peer: Option<IpAddr>, headers: &HeaderMap) -> bool {
    let is_here = peer.is_none_or(|peer| peer.is_loopback());
    is_here && headers.contains_key(FORWARDED_FOR) && !trusted.includes(peer)
}

#[cfg(test)]
mod tests {
    use std::net::IpAddr;

    use http::HeaderMap;

    use super::FORWARDED_FOR;
    use crate::config::Trusted;

    fn address(text: &str) -> IpAddr {
        text.parse().unwrap()
    }

    #[test]
    fn t7_the_address_of_a_visitor_comes_only_from_trusted_proxies() {
        let networks = vec!["10.0.0.0/8".parse().unwrap()];
        let trusted = Trusted { unix: true, networks };
        let visitor = |trusted: &Trusted, peer: Option<&str>, lines: &[&'static str]| {
            let mut headers = HeaderMap::new();
            for line in lines {
                headers.append(FORWARDED_FOR, line.parse().unwrap());
            }
            super::visitor(trusted, peer.map(address), &headers).to_string()
        };
        let of = |peer, lines: &[&'static str]| visitor(&trusted, Some(peer), lines);
        assert_eq!(of("192.0.2.7", &["203.0.113.9"]), "192.0.2.7", "nobody speaks for others");
        assert_eq!(of("10.0.0.1", &["203.0.113.9"]), "203.0.113.9");
        assert_eq!(
            of("10.0.0.1", &["198.51.100.1, 203.0.113.9"]),
            "203.0.113.9",
            "what the visitor said is not"
        );
        assert_eq!(of("10.0.0.1", &["198.51.100.1, 203.0.113.9, 10.0.0.2"]), "203.0.113.9");
        assert_eq!(of("10.0.0.1", &["198.51.100.1", "203.0.113.9"]), "203.0.113.9");
        assert_eq!(of("10.0.0.1", &["::ffff:203.0.113.9"]), "203.0.113.9");
        assert_eq!(of("10.0.0.1", &["rubbish, 10.0.0.2"]), "10.0.0.2");
        assert_eq!(of("10.0.0.1", &["203.0.113.9, rubbish"]), "10.0.0.1");
        assert_eq!(of("10.0.0.1", &[]), "10.0.0.1");
        assert_eq!(visitor(&trusted, None, &["203.0.113.9"]), "203.0.113.9");
        assert_eq!(visitor(&Trusted::default(), None, &["203.0.113.9"]), "127.0.0.1");
    }

    #[test]
    fn t7_a_proxy_on_this_machine_that_is_not_believed_is_noticed() {
        let networks = vec!["10.0.0.0/8".parse().unwrap()];
        let trusted = Trusted { unix: true, networks };
        let is_noticed = |peer: Option<&str>, is_said: bool| {
            let mut headers = HeaderMap::new();
            if is_said {
                headers.append(FORWARDED_FOR, "203.0.113.9".parse().unwrap());
            }
            super::is_unbelieved_proxy(&trusted, peer.map(address), &headers)
        };
        assert!(is_noticed(Some("127.0.0.1"), true) && is_noticed(Some("::1"), true));
        assert!(!is_noticed(Some("127.0.0.1"), false), "a visitor on this machine");
        assert!(!is_noticed(Some("192.0.2.1"), true), "anybody may say that");
        assert!(!is_noticed(Some("10.0.0.1"), true) && !is_noticed(None, true), "who is believed");
    }
}
