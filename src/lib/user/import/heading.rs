//! Headings: when two are the same, and what can be told from one alone.

use super::field::Whom;
use crate::text::fold::fold;

/// What to change instead of what follows from it.
const NAMES: Option<&str> = Some("change `first_name` and `last_name`");
const ACTIVE: Option<&str> = Some("change `active`, `start_date` or `end_date`");
const DATES: Option<&str> = Some("change `start_date` and `end_date`");
const DIRECTORY: Option<&str> = Some("have it changed in the directory, which alone says it");
const PASSWORD: Option<&str> = Some("change `must_change_password`");

/// What an export of ours has beside the fields, all of it worked out by secboard.
const READ_ONLY: [ReadOnly; 22] = [
    ReadOnly::of("id", None),
    ReadOnly::of("full_name", NAMES),
    ReadOnly::of("status", ACTIVE),
    ReadOnly::by_itself("login_allowed"),
    ReadOnly::of("inactive_reasons", ACTIVE),
    ReadOnly::of("employment", DATES),
    ReadOnly::of("origin", DIRECTORY),
    ReadOnly::of("directory_connection", DIRECTORY),
    ReadOnly::of("directory_guid", DIRECTORY),
    ReadOnly::by_itself("directory_disabled"),
    ReadOnly::by_itself("directory_expires_at"),
    ReadOnly::by_itself("directory_missing_since"),
    ReadOnly::by_itself("directory_seen_at"),
    ReadOnly::by_itself("groups_by_directory"),
    ReadOnly::by_itself("two_factor_enrolled"),
    ReadOnly::by_itself("backup_codes_left"),
    ReadOnly::of("has_password", PASSWORD),
    ReadOnly::by_itself("invited"),
    ReadOnly::by_itself("last_login_at"),
    ReadOnly::by_itself("password_changed_at"),
    ReadOnly::of("created_at", None),
    ReadOnly::by_itself("updated_at"),
];

/// Names that stand in exports of ours and in no other file, nor in one that was made from the template: by one of them ours
/// are known.
const MARKS: [&str; 4] = ["login_allowed", "inactive_reasons", "two_factor_enrolled", "backup_codes_left"];

/// What the users of Django have beside what an account has here.
const OF_DJANGO: [&str; 4] = ["id", "last_login", "date_joined", "username"];

/// Headings that only the users workbook has.
const OF_HAND_OUT: [&str; 4] = ["full_name", "account_status", "cabinet_groups", "other_groups"];

/// A column that is worked out and not written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct ReadOnly {
    /// Its heading, as our exports spell it.
    pub(super) name: &'static str,
    /// The columns that can be changed, as advice; none where nothing that is imported changes it.
    pub(super) instead: Option<&'static str>,
    /// It becomes another by itself, as people log in, enrol and are edited and a directory is asked, and nobody means
    /// anything by it.
    pub(super) is_passed_over: bool,
}

impl ReadOnly {
    /// What is compared.
    const fn of(name: &'static str, instead: Option<&'static str>) -> Self {
        Self { name, instead, is_passed_over: false }
    }

    /// What becomes another by itself.
    const fn by_itself(name: &'static str) -> Self {
        Self { name, instead: None, is_passed_over: true }
    }
}

/// What is done with a column of a file whose origin is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Foreign {
    /// It is worked out here.
    Known(ReadOnly),
    /// It is left out, and named.
    LeftOut,
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
    pub(super) fn of(header: &[String], whom: Whom) -> Self {
        if header.iter().any(|heading| MARKS.contains(&heading.as_str())) {
            return Self::Ours;
        }
        let has = |name: &str| header.iter().any(|heading| heading == name);
        if whom == Whom::Accounts && has("password") { Self::Django } else { Self::Elsewhere }
    }

    /// What is done with a column of this heading that names no field; nothing is known of any other.
    pub(super) fn knows(self, heading: &str) -> Option<Foreign> {
        match self {
            Self::Ours => READ_ONLY.into_iter().find(|of| of.name == heading).map(Foreign::Known),
            Self::Django => OF_DJANGO.contains(&heading).then_some(Foreign::LeftOut),
            Self::Elsewhere => None,
        }
    }
}

/// Whether these are the headings of the users workbook.
pub(super) fn is_hand_out(header: &[String]) -> bool {
    OF_HAND_OUT.iter().all(|known| header.iter().any(|heading| normal(heading) == *known))
}

/// Whether a column counts in ticks, with 0 for never: the day on which an account of Active Directory expires.
pub(super) fn counts_ticks(heading: &str) -> bool {
    squeezed(heading) == "accountexpires"
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
    use super::{Foreign, Origin, is_same, normal, squeezed};
    use crate::cli::output::Record as _;
    use crate::user::cli::row::UserRow;
    use crate::user::import::field::{Field, Whom};

    /// What is exported is either written by an import, or worked out: then it is compared, or becomes another by itself.
    #[test]
    fn every_column_of_an_export_is_known_when_it_comes_back() {
        let mut passed_over = Vec::new();
        for &name in UserRow::FIELDS {
            let is_field = Field::of_heading(&squeezed(name)).is_some();
            let known = Origin::Ours.knows(name);
            assert_eq!(is_field, known.is_none(), "{name}");
            passed_over
                .extend(matches!(known, Some(Foreign::Known(of)) if of.is_passed_over).then_some(name));
        }
        passed_over.sort_unstable();
        assert_eq!(
            passed_over,
            [
                "backup_codes_left",
                "directory_disabled",
                "directory_expires_at",
                "directory_missing_since",
                "directory_seen_at",
                "groups_by_directory",
                "invited",
                "last_login_at",
                "login_allowed",
                "password_changed_at",
                "two_factor_enrolled",
                "updated_at",
            ]
        );
    }

    /// Whoever fills the template in may add a column of another system.
    #[test]
    fn a_file_that_was_made_from_the_template_is_no_export() {
        for whom in [Whom::People, Whom::Accounts] {
            let header: Vec<String> = whom.fields().map(|field| field.name().to_owned()).collect();
            assert_eq!(Origin::of(&header, whom), Origin::Elsewhere, "{whom:?}");
        }
        let header: Vec<String> = UserRow::FIELDS.iter().map(|&name| name.to_owned()).collect();
        assert_eq!(Origin::of(&header, Whom::People), Origin::Ours);
    }

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
}
