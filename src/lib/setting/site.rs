//! The settings of the site as a whole.

use std::borrow::Cow;

use crate::context::settings::{About, ChangedBy, Definition, Setting, TIME_ZONE, one_of};
use crate::i18n::Language;
use crate::text::note::check_line;
use crate::text::phone::is_region;

/// All of them, in the order in which they are listed.
pub(crate) const SETTINGS: &[&dyn Definition] =
    &[&NAME, &DOMAIN, &PROTOCOL, &KIND, &TIME_ZONE, &REGION, &LANGUAGE];

/// The name of the site; a context word no password may lean on.
pub(crate) static NAME: Setting<Cow<'static, str>> = Setting {
    about: About {
        name: "site.name",
        meaning: "name of the site in pages, mails and the password rules",
        values: "text",
        changed_by: ChangedBy::Superusers,
    },
    default: Cow::Borrowed("secboard"),
    read: |text| line(text, 100).map(Cow::Owned),
    show: Cow::to_string,
    check: |_| Ok(()),
};

/// The host in links.
pub(crate) static DOMAIN: Setting<Cow<'static, str>> = Setting {
    about: About {
        name: "site.domain",
        meaning: "host name in links; never taken from a request",
        values: "host name, with a port if needed",
        changed_by: ChangedBy::Superusers,
    },
    default: Cow::Borrowed("localhost"),
    read: |text| host(text).map(Cow::Owned),
    show: Cow::to_string,
    check: |_| Ok(()),
};

/// The scheme of links.
pub(crate) static PROTOCOL: Setting<&str> = Setting {
    about: About {
        name: "site.protocol",
        meaning: "scheme of links",
        values: "https, http",
        changed_by: ChangedBy::Superusers,
    },
    default: "https",
    read: |text| one_of(text, &[("https", "https"), ("http", "http")]),
    show: |scheme| (*scheme).to_owned(),
    check: |_| Ok(()),
};

/// What the installation is for.
pub(crate) static KIND: Setting<&str> = Setting {
    about: About {
        name: "site.kind",
        meaning: "what this installation is for",
        values: "production, test, demo",
        changed_by: ChangedBy::Superusers,
    },
    default: "production",
    read: |text| one_of(text, &[("production", "production"), ("test", "test"), ("demo", "demo")]),
    show: |kind| (*kind).to_owned(),
    check: |_| Ok(()),
};

/// The region whose national phone numbers are accepted, ISO 3166-1; none accepts only international ones.
pub(crate) static REGION: Setting<Option<String>> = Setting {
    about: About {
        name: "site.region",
        meaning: "region whose national phone numbers are accepted; none: international ones only",
        values: "ISO 3166-1 letters, such as UA or GB",
        changed_by: ChangedBy::Editors,
    },
    default: None,
    read: region,
    show: |region| region.clone().unwrap_or_default(),
    check: |region| {
        let is_known = region.as_deref().is_none_or(is_region);
        is_known.then_some(()).ok_or_else(|| "no phone numbers of such a region are known".to_owned())
    },
};

pub(crate) static LANGUAGE: Setting<Language> = Setting {
    about: About {
        name: "site.language",
        meaning: "language for people who chose none",
        values: "en, uk",
        changed_by: ChangedBy::Editors,
    },
    default: Language::English,
    read: |text| one_of(text, &Language::ALL.map(|language| (language.tag(), language))),
    show: |language| language.tag().to_owned(),
    check: |_| Ok(()),
};

fn line(text: &str, most: usize) -> Result<String, String> {
    let text = text.trim();
    match text.chars().count() {
        0 => Err("it is empty".to_owned()),
        count if count > most => Err(format!("it has {count} characters; at most {most} are taken")),
        _ if check_line(text).is_err() => {
            Err("it has control characters, or such as turn the direction of text".to_owned())
        }
        _ => Ok(text.to_owned()),
    }
}

/// The host of a value of `site.domain`, without the port behind it; an address of IPv6 without its brackets.
pub(crate) fn without_port(domain: &str) -> &str {
    match domain.strip_prefix('[') {
        Some(address) => address.split(']').next().unwrap_or_default(),
        None if domain.matches(':').count() > 1 => domain,
        None => domain.split(':').next().unwrap_or_default(),
    }
}

fn host(text: &str) -> Result<String, String> {
    let allowed = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | ':' | '[' | ']');
    // A dot at its end is how name servers write a whole name, and nobody else does.
    let (name, port) = text.split_at(text.rfind(':').filter(|_| !text.ends_with(']')).unwrap_or(text.len()));
    let name = name.strip_suffix('.').unwrap_or(name);
    if !name.is_empty() && !name.ends_with('.') && text.len() <= 255 && text.chars().all(allowed) {
        Ok(format!("{name}{port}").to_ascii_lowercase())
    } else {
        Err("it is no host name (write it in ASCII, without scheme and path)".to_owned())
    }
}

fn region(text: &str) -> Result<Option<String>, String> {
    if text.is_empty() {
        return Ok(None);
    }
    let region = text.to_ascii_uppercase();
    if region.len() == 2 && region.chars().all(|c| c.is_ascii_uppercase()) {
        Ok(Some(region))
    } else {
        Err("it is not the two letters of a region".to_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::host;

    #[test]
    fn a_host_in_links_ends_with_no_dot() {
        for (typed, kept) in [
            ("Acme.example", "acme.example"),
            ("acme.example.", "acme.example"),
            ("acme.example.:8443", "acme.example:8443"),
            ("localhost:8443", "localhost:8443"),
            ("[::1]", "[::1]"),
            ("[::1]:8443", "[::1]:8443"),
        ] {
            assert_eq!(host(typed).as_deref(), Ok(kept), "{typed}");
        }
        for refused in ["", ".", "..", "acme.example..", ".:8443", "https://acme.example", "acme example"] {
            assert!(host(refused).is_err(), "{refused}");
        }
    }
}
