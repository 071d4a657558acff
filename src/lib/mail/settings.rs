//! What the site decides of mails.

use crate::context::settings::{About, ChangedBy, Definition, Setting, number};
use crate::text::email::Email;

/// All of them, in the order in which they are listed.
pub(crate) const SETTINGS: &[&dyn Definition] = &[&KEEP_DAYS, &BURST, &ALERTS_TO];

/// How long it is known what became of a mail.
pub(crate) static KEEP_DAYS: Setting<u32> = Setting {
    about: About {
        name: "mail.keep_days",
        meaning: "days for which it is known of a mail that has ended to whom it went, when, with which answer",
        values: "1 to 3650",
        changed_by: ChangedBy::Superusers,
    },
    default: 180,
    read: |text| number(text, 1, 3650),
    show: u32::to_string,
    check: |_| Ok(()),
};

/// How many mails a command queues without being asked about.
pub(crate) static BURST: Setting<u32> = Setting {
    about: About {
        name: "mail.burst",
        meaning: "a command that would queue more mails than this asks first",
        values: "0 to 1000000",
        changed_by: ChangedBy::Superusers,
    },
    default: 500,
    read: |text| number(text, 0, 1_000_000),
    show: u32::to_string,
    check: |_| Ok(()),
};

/// Who is told what administrators have to know.
pub(crate) static ALERTS_TO: Setting<Vec<Email>> = Setting {
    about: About {
        name: "alerts.to",
        meaning: "who is told what administrators have to know, such as a run that is held; none: the active superusers",
        values: "email addresses, separated by commas",
        changed_by: ChangedBy::Superusers,
    },
    default: Vec::new(),
    read: addresses,
    show: |addresses| shown(addresses),
    check: |_| Ok(()),
};

/// Writes addresses as they are read.
pub(crate) fn shown(addresses: &[Email]) -> String {
    addresses.iter().map(Email::as_str).collect::<Vec<_>>().join(", ")
}

/// The most addresses that are told.
const MAX_ADDRESSES: usize = 20;

/// Reads addresses between commas.
///
/// # Errors
/// Why these are none.
pub(crate) fn addresses(text: &str) -> Result<Vec<Email>, String> {
    let mut addresses: Vec<Email> = Vec::new();
    for part in text.split(',').map(str::trim).filter(|part| !part.is_empty()) {
        let email = Email::parse(part).map_err(|error| error.to_string())?;
        if addresses.iter().all(|known| known.folded() != email.folded()) {
            addresses.push(email);
        }
    }
    match addresses.len() {
        0 if !text.is_empty() => Err("it has no address".to_owned()),
        count if count > MAX_ADDRESSES => {
            Err(format!("it has {count} addresses; at most {MAX_ADDRESSES} are taken"))
        }
        _ => Ok(addresses),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn alerts_go_to_addresses_each_of_which_is_one() {
        let read = |text| (ALERTS_TO.read)(text).map(|addresses| (ALERTS_TO.show)(&addresses));
        assert_eq!(read("").unwrap(), "");
        assert_eq!(
            read(" a@acme.example,b@acme.example , A@ACME.example,").unwrap(),
            "a@acme.example, b@acme.example"
        );
        assert!(read("a@acme.example b@acme.example").unwrap_err().contains("is not an email address"));
        assert_eq!(read(" , ").unwrap_err(), "it has no address");
        let many: Vec<String> = (0..21).map(|number| format!("a{number}@acme.example")).collect();
        assert_eq!(read(&many.join(",")).unwrap_err(), "it has 21 addresses; at most 20 are taken");
    }
}
