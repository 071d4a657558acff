//! What is counted of tries.

use crate::context::meters::Counter;

/// Passwords that were tried.
pub(crate) static LOGINS: Counter = Counter {
    name: "secboard_logins_total",
    about: "Passwords that were tried, by what came of it: not_taken is held or too soon, address_held from an address that is held, \
            expired right and too old in a directory",
    label: "outcome",
    values: &["right", "wrong", "not_taken", "address_held", "expired", "directory_away"],
};

/// Codes of second factors that were tried.
pub(crate) static CODES: Counter = Counter {
    name: "secboard_codes_total",
    about: "Codes of second factors and backup codes that were tried, by what came of it",
    label: "outcome",
    values: &["right", "wrong", "not_taken"],
};

/// What came too often.
pub(crate) static REFUSED: Counter = Counter {
    name: "secboard_throttled_total",
    about: "Asks for a link by mail and messages by the contact form that came too often",
    label: "what",
    values: &["link", "contact"],
};
