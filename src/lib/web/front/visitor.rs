//! Whose request it is: the address of the connection, or what a trusted proxy says.

use std::net::IpAddr;
use std::str::FromStr;

use http::{HeaderMap, HeaderName};

/// What proxies say of who asked them.
const FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");

/// Who stands between visitors and the site, and is believed about who they are.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Trusted {
    /// Whoever comes through the Unix socket.
    pub(crate) unix: bool,
    /// Whoever comes from these networks.
    pub(crate) networks: Vec<Network>,
}

/// The addresses that begin with the same bits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Network {
    address: IpAddr,
    bits: u8,
}

impl FromStr for Network {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let wrong = || format!("`{text}` is no network such as `10.0.0.0/8` or `::1`");
        let (address, bits) = text.split_once('/').map_or((text, None), |(address, bits)| (address, Some(bits)));
        let address: IpAddr = address.parse().map_err(|_| wrong())?;
        let most = if address.is_ipv4() { 32 } else { 128 };
        let bits = bits.map_or(Ok(most), str::parse).map_err(|_| wrong())?;
        (bits <= most).then_some(Self { address, bits }).ok_or_else(wrong)
    }
}

impl Network {
    /// Whether an address is in it.
    fn contains(&self, other: IpAddr) -> bool {
        let beyond = |most: u32| most.saturating_sub(u32::from(self.bits));
        match (self.address, other) {
            (IpAddr::V4(own), IpAddr::V4(other)) => {
                (own.to_bits() ^ other.to_bits()).checked_shr(beyond(32)).unwrap_or(0) == 0
            }
            (IpAddr::V6(own), IpAddr::V6(other)) => {
                (own.to_bits() ^ other.to_bits()).checked_shr(beyond(128)).unwrap_or(0) == 0
            }
            _ => false,
        }
    }
}

impl Trusted {
    /// Whether whoever is connected from there is believed; `None` is the Unix socket.
    pub(super) fn includes(&self, peer: Option<IpAddr>) -> bool {
        match peer {
            None => self.unix,
            Some(address) => self.networks.iter().any(|network| network.contains(address)),
        }
    }

    /// Whose request it is: of those that the proxies name, the last one that is no trusted proxy itself. Whoever is not
    /// trusted speaks for themself, and whoever comes through the Unix socket without being believed, for this machine.
    pub(super) fn visitor(&self, peer: Option<IpAddr>, headers: &HeaderMap) -> IpAddr {
        let peer_or_here = peer.unwrap_or(IpAddr::from([127, 0, 0, 1]));
        if !self.includes(peer) {
            return peer_or_here;
        }
        let lines: Vec<&str> =
            headers.get_all(FORWARDED_FOR).into_iter().filter_map(|line| line.to_str().ok()).collect();
        let named = lines.iter().rev().flat_map(|line| line.rsplit(','));
        let mut visitor = peer_or_here;
        for name in named {
            let Ok(address) = name.trim().parse::<IpAddr>() else { return visitor };
            visitor = address.to_canonical();
            if !self.includes(Some(visitor)) {
                return visitor;
            }
        }
        visitor
    }
}

#[cfg(test)]
mod tests {
    use std::net::IpAddr;

    use http::HeaderMap;

    use super::{FORWARDED_FOR, Network, Trusted};

    fn address(text: &str) -> IpAddr {
        text.parse().unwrap()
    }

    #[test]
    fn a_network_is_the_addresses_that_begin_alike() {
        for (network, inside, outside) in [
            ("10.0.0.0/8", "10.255.1.2", "11.0.0.1"),
            ("192.0.2.7", "192.0.2.7", "192.0.2.8"),
            ("192.0.2.128/25", "192.0.2.200", "192.0.2.1"),
            ("2001:db8::/32", "2001:db8:1::1", "2001:db9::1"),
            ("0.0.0.0/0", "203.0.113.9", "::1"),
            ("::/0", "::1", "10.0.0.1"),
        ] {
            let network: Network = network.parse().unwrap();
            assert!(network.contains(address(inside)) && !network.contains(address(outside)), "{network:?}");
        }
        for wrong in ["", "acme.example", "10.0.0.0/33", "10.0.0.0/", "10.0.0.0/8/8", "::/129", "10.0.0.0/-1"] {
            assert!(wrong.parse::<Network>().is_err(), "{wrong}");
        }
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
            trusted.visitor(peer.map(address), &headers).to_string()
        };
        let of = |peer, lines: &[&'static str]| visitor(&trusted, Some(peer), lines);
        assert_eq!(of("192.0.2.7", &["203.0.113.9"]), "192.0.2.7", "nobody speaks for others");
        assert_eq!(of("10.0.0.1", &["203.0.113.9"]), "203.0.113.9");
        assert_eq!(of("10.0.0.1", &["198.51.100.1, 203.0.113.9"]), "203.0.113.9", "what the visitor said is not");
        assert_eq!(of("10.0.0.1", &["198.51.100.1, 203.0.113.9, 10.0.0.2"]), "203.0.113.9");
        assert_eq!(of("10.0.0.1", &["198.51.100.1", "203.0.113.9"]), "203.0.113.9");
        assert_eq!(of("10.0.0.1", &["::ffff:203.0.113.9"]), "203.0.113.9");
        assert_eq!(of("10.0.0.1", &["rubbish, 10.0.0.2"]), "10.0.0.2");
        assert_eq!(of("10.0.0.1", &["203.0.113.9, rubbish"]), "10.0.0.1");
        assert_eq!(of("10.0.0.1", &[]), "10.0.0.1");
        assert_eq!(visitor(&trusted, None, &["203.0.113.9"]), "203.0.113.9");
        assert_eq!(visitor(&Trusted::default(), None, &["203.0.113.9"]), "127.0.0.1");
    }
}
