//! What the site decides of sessions.

use crate::context::settings::{About, ChangedBy, Definition, Setting, number};

/// All of them, in the order in which they are listed.
pub(crate) const SETTINGS: &[&dyn Definition] = &[&IDLE_MINUTES, &HOURS, &KEEP_DAYS];

/// For how long a session lasts that nobody uses.
pub(super) static IDLE_MINUTES: Setting<u32> = Setting {
    about: About {
        name: "session.idle_minutes",
        meaning: "minutes after which a session ends that nobody uses",
        values: "5 to 60",
        changed_by: ChangedBy::Superusers,
    },
    default: 60,
    read: |text| number(text, 5, 60),
    show: u32::to_string,
    check: |_| Ok(()),
};

/// For how long a session lasts however it is used.
pub(super) static HOURS: Setting<u32> = Setting {
    about: About {
        name: "session.hours",
        meaning: "hours after which a session ends, however it is used",
        values: "1 to 12",
        changed_by: ChangedBy::Superusers,
    },
    default: 12,
    read: |text| number(text, 1, 12),
    show: u32::to_string,
    check: |_| Ok(()),
};

/// How long ended sessions are kept.
pub(super) static KEEP_DAYS: Setting<u32> = Setting {
    about: About {
        name: "session.keep_days",
        meaning: "days for which it is known that somebody had a session, from where, and how it ended",
        values: "1 to 3650",
        changed_by: ChangedBy::Superusers,
    },
    default: 90,
    read: |text| number(text, 1, 3650),
    show: u32::to_string,
    check: |_| Ok(()),
};
