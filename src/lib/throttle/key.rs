//! What is counted: which account, from where.

use std::net::IpAddr;

use super::counter::{HOUR, after};
use crate::context::Context;
use crate::crypto::hex::hex;
use crate::text::instant::Instant;

/// What keeps the hashes made here apart from every other that the master key makes.
const PURPOSE: &str = "throttle";

/// The account that is tried. What was typed may be a password, so it has no `Debug`.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Account<'a> {
    /// A person's, by id.
    Of(i64),
    /// Nobody's, or of whomever it may be: what was typed in the place of an email, folded. It may be a password.
    Nobodys(&'a str),
}

/// Where a try comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Source {
    /// The command line.
    Shell,
    /// A visitor's address.
    Address(IpAddr),
}

/// How many bits of an IPv6 address name a network: whoever has one of its addresses has all of them.
const NETWORK: u32 = 64;

impl Source {
    /// Where the work of this context comes from.
    pub(crate) fn of(cx: &Context) -> Self {
        cx.via.client().map_or(Self::Shell, Self::Address)
    }

    /// As it is kept and shown.
    pub(crate) fn text(self) -> String {
        match self {
            Self::Shell => "shell".to_owned(),
            Self::Address(address) => match address.to_canonical() {
                IpAddr::V4(address) => address.to_string(),
                IpAddr::V6(address) => {
                    let network = address.to_bits() & (u128::MAX << (128 - NETWORK));
                    format!("{}/{NETWORK}", std::net::Ipv6Addr::from_bits(network))
                }
            },
        }
    }
}

/// What there are counters of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// Failed logins of an account from a source.
    Login,
    /// Failed logins of an account from anywhere.
    LoginAccount,
    /// Failed logins of all accounts from a source.
    LoginSource,
    /// Failed logins of an account from a browser that it logged in with before.
    LoginBrowser,
    /// Mails with a link to a person.
    LinkAccount,
    /// Asks from a source for a link to one email, whoever has it or nobody.
    LinkPerson,
    /// Different emails for which a link was asked from a source.
    LinkPeople,
    /// Wrong codes of the second factor of an account.
    SecondFactor,
    /// Messages by the contact form from a source.
    Contact,
    /// Answers to an address that was typed there.
    ContactReply,
}

impl Kind {
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Login => "login",
            Self::LoginAccount => "login-account",
            Self::LoginSource => "login-source",
            Self::LoginBrowser => "login-browser",
            Self::LinkAccount => "link-account",
            Self::LinkPerson => "link-person",
            Self::LinkPeople => "link-people",
            Self::SecondFactor => "second-factor",
            Self::Contact => "contact",
            Self::ContactReply => "contact-reply",
        }
    }

    /// From when on nothing counts that was counted now.
    pub(super) const fn expiry(self, now: Instant) -> Instant {
        let hours = match self {
            Self::LinkAccount | Self::Contact | Self::ContactReply => 24,
            _ => 1,
        };
        after(now, hours * HOUR)
    }
}

/// Which counter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Place {
    pub(super) kind: Kind,
    pub(super) account: String,
    pub(super) source: String,
    pub(super) user_id: Option<i64>,
}

impl Place {
    /// That of an account, from a source or from anywhere.
    pub(super) fn of(cx: &Context, kind: Kind, account: Account<'_>, source: Option<String>) -> Self {
        let (account, user_id) = match account {
            Account::Of(id) => (id.to_string(), Some(id)),
            Account::Nobodys(typed) => (hashed(cx, "account", typed.as_bytes()), None),
        };
        Self { kind, account, source: source.unwrap_or_default(), user_id }
    }

    /// That of a source, whatever the account.
    pub(super) fn of_source(kind: Kind, source: Source) -> Self {
        Self { kind, account: String::new(), source: source.text(), user_id: None }
    }
}

/// The keyed hash of something, as it is kept in its place. The key follows from the master key; once that is replaced,
/// what was counted of nobody's accounts begins anew, and everything else goes on.
pub(super) fn hashed(cx: &Context, what: &str, value: &[u8]) -> String {
    hex(&cx.key.derived(PURPOSE).hash(&[what.as_bytes(), b"\0", value].concat()))
}

#[cfg(test)]
mod tests {
    use super::Source;

    fn text(address: &str) -> String {
        Source::Address(address.parse().unwrap()).text()
    }

    #[test]
    fn t1_an_address_of_ipv6_counts_as_its_network() {
        assert_eq!(text("203.0.113.7"), "203.0.113.7");
        assert_eq!(text("::ffff:203.0.113.7"), "203.0.113.7", "one address in two spellings");
        assert_eq!(text("2001:db8:1:2:3:4:5:6"), "2001:db8:1:2::/64");
        assert_eq!(text("2001:db8:1:2:ffff::"), "2001:db8:1:2::/64");
    }
}
