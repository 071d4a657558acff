//! How the host of a request is read: once, for whoever asks.

/// A host without its port; none where what stands behind the colon is no port, or nothing before it.
pub(super) fn name_of(host: &str) -> Option<&str> {
    let (name, port) = match host.rsplit_once(':') {
        // The colons of an address of IPv6 are its own.
        Some((name, port)) if !port.ends_with(']') => (name, Some(port)),
        _ => (host, None),
    };
    let is_bracketed = name.starts_with('[') && name.ends_with(']') && name.len() > 2;
    let is_name = !name.is_empty() && !name.contains([':', '[', ']']);
    let is_port = |port: &str| {
        port.bytes().all(|byte| byte.is_ascii_digit()) && port.parse::<u16>().is_ok_and(|port| port > 0)
    };
    Some(name).filter(|_| (is_bracketed || is_name) && port.is_none_or(is_port))
}

#[cfg(test)]
mod tests {
    use super::name_of;

    #[test]
    fn a_host_has_a_name_and_perhaps_a_port() {
        for (host, name) in [
            ("acme.example", "acme.example"),
            ("acme.example:8443", "acme.example"),
            ("a:65535", "a"),
            ("[::1]", "[::1]"),
            ("[::1]:80", "[::1]"),
        ] {
            assert_eq!(name_of(host), Some(name), "{host}");
        }
        for host in [
            "",
            ":80",
            "a:",
            "a:0",
            "a:65536",
            "a:99999999",
            "a:+80",
            "a:b",
            "a:1:2",
            "::1",
            "[::1",
            "[]",
            "[::1]x",
        ] {
            assert_eq!(name_of(host), None, "{host}");
        }
    }
}
