//! What the site decides of passwords.

use super::policy::PasswordProfile;
use crate::context::settings::{About, ChangedBy, Definition, Setting, number, one_of};

/// All of them, in the order in which they are listed.
pub(crate) const SETTINGS: &[&dyn Definition] = &[&PROFILE, &MEMORY_KIB, &PASSES];

/// How strict new passwords are checked.
pub(crate) static PROFILE: Setting<PasswordProfile> = Setting {
    about: About {
        name: "password.profile",
        meaning: "strict asks for 15 characters, or 10 where a second factor is required, instead of 8",
        values: "normal, strict",
        changed_by: ChangedBy::Superusers,
    },
    default: PasswordProfile::Normal,
    read: |text| one_of(text, &[("normal", PasswordProfile::Normal), ("strict", PasswordProfile::Strict)]),
    show: |profile| match profile {
        PasswordProfile::Normal => "normal".to_owned(),
        PasswordProfile::Strict => "strict".to_owned(),
    },
    check: |_| Ok(()),
};

/// Argon2id memory in KiB.
pub(super) static MEMORY_KIB: Setting<u32> = Setting {
    about: About {
        name: "password.memory_kib",
        meaning: "memory one Argon2id hash takes; weaker hashes are renewed at login",
        values: "19456 to 1048576",
        changed_by: ChangedBy::Superusers,
    },
    default: 19_456,
    read: |text| number(text, 19_456, 1_048_576),
    show: u32::to_string,
    check: |_| Ok(()),
};

/// Argon2id passes.
pub(super) static PASSES: Setting<u32> = Setting {
    about: About {
        name: "password.passes",
        meaning: "passes of one Argon2id hash",
        values: "2 to 16",
        changed_by: ChangedBy::Superusers,
    },
    default: 2,
    read: |text| number(text, 2, 16),
    show: u32::to_string,
    check: |_| Ok(()),
};
