//! Hosts: names of the DNS, or addresses.

use std::net::IpAddr;

/// A host without blanks around it and dots behind it; nothing where that is neither a name nor an address.
pub(crate) fn checked(typed: &str) -> Option<&str> {
    let host = typed.trim().trim_end_matches('.');
    if host.parse::<IpAddr>().is_ok() {
        return Some(host);
    }
    let ascii = idna::domain_to_ascii_strict(host).ok()?;
    // What is all digits at its end is an address that is none.
    let is_number =
        ascii.rsplit('.').next().is_none_or(|last| last.bytes().all(|byte| byte.is_ascii_digit()));
    (ascii.len() <= 253 && !is_number).then_some(host)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_host_is_a_name_or_an_address() {
        for (typed, host) in [
            (" Mail.acme.example. ", "Mail.acme.example"),
            ("пошта.укр", "пошта.укр"),
            ("127.0.0.1", "127.0.0.1"),
            ("2001:db8::1", "2001:db8::1"),
        ] {
            assert_eq!(checked(typed), Some(host));
        }
        let long = "a.".repeat(128);
        for bad in ["", ".", "a b", "a_b", "256.0.0.1", "1.2.3", "-a.example", "a..b", long.as_str()] {
            assert_eq!(checked(bad), None, "{bad}");
        }
    }
}
