//! Headings: when two are the same, and what can be told from one alone.

use crate::text::fold::fold;

/// What an export of ours has beside the fields, all of it worked out by secboard.
const READ_ONLY: [(&str, ReadOnly); 17] = [
    ("id", ReadOnly::Other),
    ("full_name", ReadOnly::FullName),
    ("status", ReadOnly::Status),
    ("login_allowed", ReadOnly::LoginAllowed),
    ("inactive_reasons", ReadOnly::Other),
    ("employment", ReadOnly::Employment),
    ("origin", ReadOnly::Other),
    ("directory_connection", ReadOnly::Other),
    ("two_factor_enrolled", ReadOnly::Other),
    ("backup_codes_left", ReadOnly::Other),
    ("has_password", ReadOnly::Other),
    ("invited", ReadOnly::Other),
    ("last_login_at", ReadOnly::Other),
    ("password_changed_at", ReadOnly::Other),
    ("created_at", ReadOnly::Other),
    ("updated_at", ReadOnly::Other),
    ("deleted_at", ReadOnly::Other),
];

/// Names that stand in exports of ours and in no other file: by one of them ours are known.
const MARKS: [&str; 6] = [
    "login_allowed",
    "inactive_reasons",
    "two_factor_enrolled",
    "backup_codes_left",
    "roles_without_groups",
    "groups_by_hand",
];

/// What the users of Django have beside what an account has here.
const OF_DJANGO: [&str; 4] = ["id", "last_login", "date_joined", "username"];

/// Headings that only the users workbook has.
const OF_HAND_OUT: [&str; 4] = ["full_name", "account_status", "cabinet_groups", "other_groups"];

/// Words in headings that say the opposite of active.
const OPPOSITE: [&str; 10] = [
    "block",
    "suspend",
    "disable",
    "lock",
    "inactive",
    "terminated",
    "deaktiv",
    "gesperrt",
    "archived",
    "deleted",
];

/// A column that is worked out and not written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum ReadOnly {
    FullName,
    Status,
    LoginAllowed,
    Employment,
    /// What is of no account here: numbers and times, which change by themselves.
    Other,
}

/// What wrote a file, as its headings show.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Origin {
    /// An export of ours that comes back.
    Ours,
    /// The accounts of a Django site.
    Django,
    Elsewhere,
}

impl Origin {
    pub(super) fn of(header: &[String], accounts_only: bool) -> Self {
        if header.iter().any(|heading| MARKS.contains(&heading.as_str())) {
            return Self::Ours;
        }
        let has = |name: &str| header.iter().any(|heading| heading == name);
        if accounts_only && has("password") { Self::Django } else { Self::Elsewhere }
    }

    /// What a heading of such a file that names no field is.
    pub(super) fn read_only(self, heading: &str) -> Option<ReadOnly> {
        match self {
            Self::Ours => READ_ONLY.iter().find(|(name, _)| *name == heading).map(|(_, what)| *what),
            Self::Django => OF_DJANGO.contains(&heading).then_some(ReadOnly::Other),
            Self::Elsewhere => None,
        }
    }
}

/// Whether these are the headings of the users workbook.
pub(super) fn is_hand_out(header: &[String]) -> bool {
    OF_HAND_OUT.iter().all(|known| header.iter().any(|heading| normal(heading) == *known))
}

/// Whether a heading says the opposite of active.
pub(super) fn is_opposite(heading: &str) -> bool {
    let heading = squeezed(heading);
    OPPOSITE.iter().any(|word| heading.contains(word)) && !heading.contains("unlock")
}

/// Whether two headings are the same: written alike, or but for what templates add to them.
pub(super) fn is_same(one: &str, other: &str) -> bool {
    one == other || normal(one) == normal(other)
}

/// A heading without regard to letter case, with `_` for what separates words, and without what templates put there for
/// whoever fills them in: `[…]`, `*`, and that it is required.
pub(super) fn normal(heading: &str) -> String {
    let mut plain = String::with_capacity(heading.len());
    let mut rest = heading;
    while let Some((before, inside)) = rest.split_once('[') {
        let Some((_, after)) = inside.split_once(']') else { break };
        plain.push_str(before);
        rest = after;
    }
    plain.push_str(rest);
    let folded = fold(plain.trim_matches(|c: char| c.is_whitespace() || c == '*'));
    let folded =
        folded.strip_suffix("(required)").or_else(|| folded.strip_suffix(" required")).unwrap_or(&folded);
    let folded = folded.trim_end_matches([' ', '*', ':']);
    // What is nothing else is a name all the same.
    if folded.is_empty() { fold(heading.trim()) } else { folded.replace([' ', '-', '.', '\u{a0}'], "_") }
}

/// A heading as [`normal`], without what separates its words: `givenName` is `Given name`.
pub(super) fn squeezed(heading: &str) -> String {
    normal(heading).replace('_', "")
}

#[cfg(test)]
mod tests {
    use super::{is_opposite, is_same, normal};

    #[test]
    fn what_templates_add_to_a_heading_is_passed_over() {
        for (heading, plain) in [
            ("First Name [Required]", "first_name"),
            ("User name [userPrincipalName] Required", "user_name"),
            ("*Email*", "email"),
            ("Email (required)", "email"),
            ("Status [READ ONLY]", "status"),
            ("name.givenName", "name_givenname"),
            ("E-Mail: ", "e_mail"),
            ("[x]", "[x]"),
            ("a [b", "a_[b"),
            ("Required", "required"),
        ] {
            assert_eq!(normal(heading), plain, "{heading}");
        }
        assert!(is_same("Пошта", "пошта") && !is_same("Mail", "Email"));
    }

    #[test]
    fn headings_that_say_the_opposite_of_active_are_known() {
        for heading in ["suspended", "Block sign in", "is_disabled", "Locked", "Inactive", "Gesperrt"] {
            assert!(is_opposite(heading), "{heading}");
        }
        assert!(!is_opposite("Active") && !is_opposite("Enabled") && !is_opposite("Unlocked"));
    }
}
