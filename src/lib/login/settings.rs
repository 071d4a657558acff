//! What the site decides of logins.

use crate::context::settings::{About, ChangedBy, Definition, Setting, one_of};

/// All of them, in the order in which they are listed.
pub(crate) const SETTINGS: &[&dyn Definition] = &[&NEW_BROWSER];

/// Whether people are told of a login with a browser that was not used for their account before.
pub(super) static NEW_BROWSER: Setting<bool> = Setting {
    about: About {
        name: "notice.new_browser",
        meaning: "whether people are told by mail of a login with a browser that was not used for their account before",
        values: "yes or no",
        changed_by: ChangedBy::Superusers,
    },
    default: true,
    read: |text| one_of(text, &[("yes", true), ("no", false)]),
    show: |on| if *on { "yes" } else { "no" }.to_owned(),
    check: |_| Ok(()),
};
