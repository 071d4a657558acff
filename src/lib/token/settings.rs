//! What the site decides of links.

use crate::context::settings::{About, ChangedBy, Definition, Setting, number};

/// All of them, in the order in which they are listed.
pub(crate) const SETTINGS: &[&dyn Definition] = &[&RESET_MINUTES, &FIRST_LOGIN_MINUTES, &INVITE_HOURS];

/// How long a link to choose another password is good.
pub(super) static RESET_MINUTES: Setting<u32> = Setting {
    about: About {
        name: "link.reset_minutes",
        meaning: "minutes for which a link to choose another password works, from the first attempt to send it",
        values: "5 to 1440",
        changed_by: ChangedBy::Superusers,
    },
    default: 60,
    read: |text| number(text, 5, 24 * 60),
    show: u32::to_string,
    check: |_| Ok(()),
};

/// How long a link of the first login is good.
pub(super) static FIRST_LOGIN_MINUTES: Setting<u32> = Setting {
    about: About {
        name: "link.first_login_minutes",
        meaning: "minutes for which a link to log in for the first time works, from the first attempt to send it",
        values: "5 to 1440",
        changed_by: ChangedBy::Superusers,
    },
    default: 60,
    read: |text| number(text, 5, 24 * 60),
    show: u32::to_string,
    check: |_| Ok(()),
};

/// How long an invitation is good.
pub(super) static INVITE_HOURS: Setting<u32> = Setting {
    about: About {
        name: "link.invite_hours",
        meaning: "hours for which an invitation works, from the first attempt to send it; the default outlives a weekend",
        values: "1 to 720",
        changed_by: ChangedBy::Superusers,
    },
    default: 72,
    read: |text| number(text, 1, 30 * 24),
    show: u32::to_string,
    check: |_| Ok(()),
};
