//! Whose request it is: the address of the connection, or what a trusted proxy says.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use http::{HeaderMap, HeaderName};

use crate::config::Trusted;

/// What proxies say of who asked them.
const FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");

/// How nginx calls in it who came by a Unix socket.
const BY_SOCKET: &str = "unix:";

/// This machine, for whoever comes by a Unix socket.
pub(super) const HERE: IpAddr = IpAddr::V4(Ipv4Addr::LOCALHOST);

/// Whose request it is: of those that the proxies name, the last one that is no trusted proxy itself. Whoever is not
/// trusted speaks for themself, and whoever comes through the Unix socket (`None`) without being believed, for this
/// machine.
pub(super) fn visitor(trusted: &Trusted, peer: Option<IpAddr>, headers: &HeaderMap) -> IpAddr {
    let peer_or_here = peer.unwrap_or(HERE);
    if !trusted.includes(peer) {
        return peer_or_here;
    }
    let lines: Vec<&str> =
        headers.get_all(FORWARDED_FOR).into_iter().filter_map(|line| line.to_str().ok()).collect();
    let mut visitor = peer_or_here;
    for name in lines.iter().rev().flat_map(|line| line.rsplit(',')) {
        let Some(named) = named(name.trim()) else { return visitor };
        let address = match named {
            Named::Address(address) => Some(address),
            Named::BySocket => None,
        };
        visitor = address.unwrap_or(HERE);
        if !trusted.includes(address) {
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

/// Whom an entry names.
enum Named {
    /// Whoever has this address.
    Address(IpAddr),
    /// Whoever came to the proxy by a Unix socket.
    BySocket,
}

/// Whom an entry names, by an address with a port or without; nothing where it is something else.
fn named(entry: &str) -> Option<Named> {
    if entry == BY_SOCKET {
        return Some(Named::BySocket);
    }
    let alone = entry.parse::<IpAddr>().ok();
    let with_port = || entry.parse::<SocketAddr>().ok().map(|address| address.ip());
    let in_brackets = || entry.strip_prefix('[')?.strip_suffix(']')?.parse::<Ipv6Addr>().ok().map(IpAddr::V6);
    let address = alone.or_else(with_port).or_else(in_brackets)?;
    Some(Named::Address(address.to_canonical()))
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
        let visitor = |trusted: &Trusted, peer: Option<&str>, lines: &[&str]| {
            let mut headers = HeaderMap::new();
            for line in lines {
                headers.append(FORWARDED_FOR, line.parse().unwrap());
            }
            super::visitor(trusted, peer.map(address), &headers).to_string()
        };
        let of = |peer, lines: &[&str]| visitor(&trusted, Some(peer), lines);
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
        for named in ["203.0.113.9:567", " 203.0.113.9 ", "198.51.100.1, 203.0.113.9:567,10.0.0.2:80"] {
            assert_eq!(of("10.0.0.1", &[named]), "203.0.113.9", "{named}");
        }
        for named in ["2001:db8::1", "[2001:db8::1]:567", "[2001:db8::1]", "[2001:db8::1]:567, unix:"] {
            assert_eq!(of("10.0.0.1", &[named]), "2001:db8::1", "{named}");
        }
        assert_eq!(
            of("10.0.0.1", &["203.0.113.9, unix:"]),
            "203.0.113.9",
            "from one proxy to the next by a socket"
        );
        let without = Trusted { unix: false, ..trusted.clone() };
        assert_eq!(visitor(&without, Some("10.0.0.1"), &["203.0.113.9, unix:"]), "127.0.0.1");
        for rubbish in
            ["203.0.113.9:", "203.0.113.9:x", "[203.0.113.9]", "2001:db8::1]", "unknown", "_hidden", ""]
        {
            assert_eq!(of("10.0.0.1", &[rubbish]), "10.0.0.1", "{rubbish}");
        }
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
