//! The settings: typed, each with its meaning and default, in one table.
//!
//! The store keeps only what differs from the default. What the machine decides rather than the site (where the store
//! is, where the daemon listens) is in the configuration file instead.

use jiff::tz::TimeZone;

use crate::error::{Explain, Kind, Result as Outcome};
use crate::store::Tx;
use crate::text::note::check_line;

/// A stored setting that cannot be read.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Error {
    /// The value is none the setting takes.
    #[error("the setting `{name}` has the value `{value}`, but {reason}")]
    Stored {
        /// The setting.
        name: String,
        /// Its value.
        value: String,
        /// Why not.
        reason: String,
    },
}

impl Explain for Error {
    fn code(&self) -> &'static str {
        "setting.stored"
    }

    fn kind(&self) -> Kind {
        Kind::Config
    }

    fn advice(&self) -> Option<String> {
        Some("another secboard wrote it; use that one, or a newer".to_owned())
    }
}

/// How strict new passwords are checked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum PasswordProfile {
    /// At least 8 characters, as the manual says.
    #[default]
    Normal,
    /// At least 15 characters, or 10 where a second factor is required (NIST SP 800-63B).
    Strict,
}

/// Every setting, with its value in force.
#[derive(Debug, Clone)]
pub(crate) struct Settings {
    /// The name of the site in pages and mails; a context word no password may lean on.
    pub(crate) site_name: String,
    /// The host in links.
    pub(crate) site_domain: String,
    /// `https` or `http`, in links.
    pub(crate) site_protocol: String,
    /// `production`, `test` or `demo`.
    pub(crate) site_kind: String,
    /// Where days begin and end.
    pub(crate) time_zone: TimeZone,
    /// The region whose national phone numbers are accepted, ISO 3166-1; none accepts only international ones.
    pub(crate) region: Option<String>,
    /// The language of people who chose none, BCP 47.
    pub(crate) language: String,
    /// Days a deleted person stays in the bin.
    pub(crate) bin_days: u32,
    /// The brake holds a run when more people than this lose access …
    pub(crate) brake_people: u32,
    /// … and more than this share of those in scope, in per cent.
    pub(crate) brake_percent: u32,
    /// How strict new passwords are checked.
    pub(crate) password_profile: PasswordProfile,
    /// Argon2id memory in KiB.
    pub(crate) password_memory_kib: u32,
    /// Argon2id passes.
    pub(crate) password_passes: u32,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            site_name: "secboard".to_owned(),
            site_domain: "localhost".to_owned(),
            site_protocol: "https".to_owned(),
            site_kind: "production".to_owned(),
            time_zone: TimeZone::UTC,
            region: None,
            language: "en".to_owned(),
            bin_days: 30,
            brake_people: 20,
            brake_percent: 5,
            password_profile: PasswordProfile::Normal,
            password_memory_kib: 19_456,
            password_passes: 2,
        }
    }
}

/// One setting: how it is called, what it means, how it is read and written.
pub(crate) struct Definition {
    /// The name on the command line and in the store.
    pub(crate) name: &'static str,
    /// What it means, in one sentence.
    pub(crate) meaning: &'static str,
    /// The values it takes, for people.
    pub(crate) values: &'static str,
    /// Writes the value in force as text; empty when none is set.
    pub(crate) show: fn(&Settings) -> String,
    /// Takes a value, or says why not.
    pub(crate) set: fn(&mut Settings, &str) -> Result<(), String>,
}

impl Definition {
    /// Whether it decides where links and logins lead, or what passwords are taken: only superusers change such.
    pub(crate) fn is_of_superusers(&self) -> bool {
        matches!(self.name, "site.domain" | "site.protocol") || self.name.starts_with("password.")
    }
}

/// Every setting, in the order `setting list` prints.
pub(crate) const DEFINITIONS: &[Definition] = &[
    Definition {
        name: "site.name",
        meaning: "name of the site in pages, mails and the password rules",
        values: "text",
        show: |s| s.site_name.clone(),
        set: |s, v| text(v, 100).map(|v| s.site_name = v),
    },
    Definition {
        name: "site.domain",
        meaning: "host name in links; never taken from a request",
        values: "host name, with a port if needed",
        show: |s| s.site_domain.clone(),
        set: |s, v| host(v).map(|v| s.site_domain = v),
    },
    Definition {
        name: "site.protocol",
        meaning: "scheme of links",
        values: "https, http",
        show: |s| s.site_protocol.clone(),
        set: |s, v| one_of(v, &["https", "http"]).map(|v| s.site_protocol = v),
    },
    Definition {
        name: "site.kind",
        meaning: "what this installation is for",
        values: "production, test, demo",
        show: |s| s.site_kind.clone(),
        set: |s, v| one_of(v, &["production", "test", "demo"]).map(|v| s.site_kind = v),
    },
    Definition {
        name: "site.time_zone",
        meaning: "where days begin and end: start and end dates count in it",
        values: "IANA name, such as Europe/Kyiv",
        show: |s| s.time_zone.iana_name().unwrap_or("UTC").to_owned(),
        set: |s, v| {
            TimeZone::get(v).map(|v| s.time_zone = v).map_err(|_| "it is no IANA time zone".to_owned())
        },
    },
    Definition {
        name: "site.region",
        meaning: "region whose national phone numbers are accepted; none: international ones only",
        values: "ISO 3166-1 letters, such as UA or GB",
        show: |s| s.region.clone().unwrap_or_default(),
        set: |s, v| region(v).map(|v| s.region = v),
    },
    Definition {
        name: "site.language",
        meaning: "language for people who chose none",
        values: "en, uk",
        show: |s| s.language.clone(),
        set: |s, v| one_of(v, &["en", "uk"]).map(|v| s.language = v),
    },
    Definition {
        name: "user.bin_days",
        meaning: "days a deleted person can be restored",
        values: "1 to 3650",
        show: |s| s.bin_days.to_string(),
        set: |s, v| number(v, 1, 3650).map(|v| s.bin_days = v),
    },
    Definition {
        name: "brake.people",
        meaning: "a run is held when more people than this, and than brake.percent, would lose access; or would leave a group and are half of it",
        values: "0 to 1000000",
        show: |s| s.brake_people.to_string(),
        set: |s, v| number(v, 0, 1_000_000).map(|v| s.brake_people = v),
    },
    Definition {
        name: "brake.percent",
        meaning: "share of the people in scope, for brake.people",
        values: "0 to 100",
        show: |s| s.brake_percent.to_string(),
        set: |s, v| number(v, 0, 100).map(|v| s.brake_percent = v),
    },
    Definition {
        name: "password.profile",
        meaning: "strict asks for 15 characters, or 10 where a second factor is required, instead of 8",
        values: "normal, strict",
        show: |s| match s.password_profile {
            PasswordProfile::Normal => "normal".to_owned(),
            PasswordProfile::Strict => "strict".to_owned(),
        },
        set: |s, v| {
            one_of(v, &["normal", "strict"]).map(|v| {
                s.password_profile =
                    if v == "strict" { PasswordProfile::Strict } else { PasswordProfile::Normal };
            })
        },
    },
    Definition {
        name: "password.memory_kib",
        meaning: "memory one Argon2id hash takes; weaker hashes are renewed at login",
        values: "19456 to 1048576",
        show: |s| s.password_memory_kib.to_string(),
        set: |s, v| number(v, 19_456, 1_048_576).map(|v| s.password_memory_kib = v),
    },
    Definition {
        name: "password.passes",
        meaning: "passes of one Argon2id hash",
        values: "2 to 16",
        show: |s| s.password_passes.to_string(),
        set: |s, v| number(v, 2, 16).map(|v| s.password_passes = v),
    },
];

impl Settings {
    /// The settings of a store. A name this program does not know is left alone; a value it cannot read refuses.
    pub(crate) fn load(tx: &Tx<'_>) -> Outcome<Self> {
        let mut settings = Self::default();
        for (name, value) in tx.settings()? {
            if let Some(definition) = definition(&name) {
                (definition.set)(&mut settings, &value).map_err(|reason| Error::Stored {
                    name,
                    value,
                    reason,
                })?;
            }
        }
        Ok(settings)
    }
}

/// The definition of a setting, if there is one of that name.
pub(crate) fn definition(name: &str) -> Option<&'static Definition> {
    DEFINITIONS.iter().find(|definition| definition.name == name)
}

fn text(value: &str, most: usize) -> Result<String, String> {
    let value = value.trim();
    match value.chars().count() {
        0 => Err("it is empty".to_owned()),
        count if count > most => Err(format!("it has {count} characters; at most {most} are taken")),
        _ if check_line(value).is_err() => {
            Err("it has control characters, or such as turn the direction of text".to_owned())
        }
        _ => Ok(value.to_owned()),
    }
}

fn host(value: &str) -> Result<String, String> {
    let allowed = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | ':' | '[' | ']');
    if !value.is_empty() && value.len() <= 255 && value.chars().all(allowed) {
        Ok(value.to_ascii_lowercase())
    } else {
        Err("it is no host name (write it in ASCII, without scheme and path)".to_owned())
    }
}

fn one_of(value: &str, values: &[&str]) -> Result<String, String> {
    if values.contains(&value) {
        Ok(value.to_owned())
    } else {
        Err(format!("it is none of {}", values.join(", ")))
    }
}

fn region(value: &str) -> Result<Option<String>, String> {
    if value.is_empty() {
        return Ok(None);
    }
    let value = value.to_ascii_uppercase();
    if value.len() == 2 && value.chars().all(|c| c.is_ascii_uppercase()) {
        Ok(Some(value))
    } else {
        Err("it is not the two letters of a region".to_owned())
    }
}

fn number(value: &str, least: u32, most: u32) -> Result<u32, String> {
    let Ok(number) = value.parse::<i64>() else { return Err("it is not a whole number".to_owned()) };
    match u32::try_from(number) {
        Ok(number) if (least..=most).contains(&number) => Ok(number),
        _ => Err(format!("it is not between {least} and {most}")),
    }
}

#[cfg(test)]
mod tests {
    use super::{DEFINITIONS, Settings, definition};

    #[test]
    fn every_default_is_a_value_its_own_setting_accepts() {
        for definition in DEFINITIONS {
            let mut settings = Settings::default();
            let value = (definition.show)(&settings);
            assert_eq!((definition.set)(&mut settings, &value), Ok(()), "{}", definition.name);
            assert_eq!((definition.show)(&settings), value, "{}", definition.name);
        }
    }

    #[test]
    fn wrong_values_say_why() {
        let refuse = |name: &str, value: &str| {
            (definition(name).unwrap().set)(&mut Settings::default(), value).unwrap_err()
        };
        assert_eq!(refuse("site.time_zone", "Kyiv"), "it is no IANA time zone");
        assert_eq!(refuse("user.bin_days", "0"), "it is not between 1 and 3650");
        assert_eq!(refuse("user.bin_days", "-3"), "it is not between 1 and 3650");
        assert_eq!(refuse("user.bin_days", "many"), "it is not a whole number");
        assert_eq!(refuse("site.protocol", "ftp"), "it is none of https, http");
        assert!(refuse("site.domain", "https://x/").contains("host name"));
    }
}
