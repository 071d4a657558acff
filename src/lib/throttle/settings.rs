//! What the site decides of throttles.

use crate::context::settings::{About, ChangedBy, Definition, Setting, number};

/// All of them, in the order in which they are listed.
pub(crate) const SETTINGS: &[&dyn Definition] =
    &[&LOGIN_FAILURES, &ACCOUNT_FAILURES, &ADDRESS_FAILURES, &HOLD_MINUTES, &LINK_PEOPLE];

/// The most a counter keeps the times of.
const MOST: u32 = 1000;

const fn counted(name: &'static str, meaning: &'static str, default: u32) -> Setting<u32> {
    Setting {
        about: About { name, meaning, values: "1 to 1000", changed_by: ChangedBy::Superusers },
        default,
        read: |text| number(text, 1, MOST),
        show: u32::to_string,
        check: |_| Ok(()),
    }
}

/// Failed logins an hour that hold an account for one address.
pub(super) static LOGIN_FAILURES: Setting<u32> = counted(
    "throttle.login_failures",
    "failed logins an hour after which an account is held for the address they came from",
    10,
);

/// Failed logins an hour that hold an account.
pub(super) static ACCOUNT_FAILURES: Setting<u32> = counted(
    "throttle.account_failures",
    "failed logins an hour, from anywhere, after which an account is held for everybody but browsers it logged in with",
    100,
);

/// Failed logins in ten minutes that hold an address.
pub(super) static ADDRESS_FAILURES: Setting<u32> = counted(
    "throttle.address_failures",
    "failed logins in 10 minutes, of any accounts, after which an address is held for 10 minutes",
    30,
);

/// For how long.
pub(super) static HOLD_MINUTES: Setting<u32> = Setting {
    about: About {
        name: "throttle.hold_minutes",
        meaning: "minutes for which an account is held after failed logins",
        values: "1 to 1440",
        changed_by: ChangedBy::Superusers,
    },
    default: 15,
    read: |text| number(text, 1, 1440),
    show: u32::to_string,
    check: |_| Ok(()),
};

/// For how many people a link is asked from one address.
pub(super) static LINK_PEOPLE: Setting<u32> = counted(
    "throttle.link_people",
    "different emails in 10 minutes for which somebody at one address may ask for a link",
    100,
);
