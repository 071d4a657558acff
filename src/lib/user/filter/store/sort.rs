//! The orders that people are listed in.

use crate::user::invite::stands;
use crate::user::store::{in_service, may_log_in};

/// Current, future, past, and those without dates.
const BY_EMPLOYMENT: &str = "CASE
    WHEN u.start_date IS NULL AND u.end_date IS NULL THEN 3
    WHEN u.end_date < :today THEN 2
    WHEN u.start_date > :today THEN 1
    ELSE 0 END";

/// `--sort`: an order of people.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Sort {
    /// Its name on the command line.
    pub(crate) name: &'static str,
    /// What people are ordered by.
    by: &'static str,
    /// What that asks of other tables.
    pub(super) join: &'static str,
    /// The order of those who are alike by that.
    pub(super) ties: Ties,
}

/// The order of those who are alike.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Ties {
    /// There are none.
    None,
    /// By id.
    ById,
    /// By name; who has nothing to order by comes last.
    ByName,
}

impl Sort {
    /// Last name, first name.
    pub(crate) const NAME: Self = Self { ties: Ties::ById, ..Self::by("name", "u.sort_name") };

    /// The day somebody starts.
    pub(crate) const START_DATE: Self = Self::by("start_date", "u.start_date");

    /// The last day of somebody.
    pub(crate) const END_DATE: Self = Self::by("end_date", "u.end_date");

    /// Every order: `name`, and the fields of a person as printed that hold one value.
    pub(crate) const ALL: [Self; 38] = [
        Self::NAME,
        Self { ties: Ties::None, ..Self::by("id", "u.id") },
        Self { ties: Ties::None, ..Self::by("email", "u.email_folded") },
        Self::by("first_name", "sort_key(u.first_name)"),
        Self { name: "last_name", ..Self::NAME },
        Self { name: "full_name", ..Self::NAME },
        Self::by("phone", "u.phone"),
        Self {
            join: " LEFT JOIN companies c ON c.id = u.company_id",
            ..Self::by("company", "sort_key(c.name_folded)")
        },
        Self {
            join: " LEFT JOIN departments d ON d.id = u.department_id",
            ..Self::by("department", "sort_key(d.name_folded)")
        },
        Self {
            join: " LEFT JOIN positions p ON p.id = u.position_id",
            ..Self::by("position", "sort_key(p.name_folded)")
        },
        Self::by("active", "u.active"),
        // Those who are active come first.
        Self::by("status", concat!("NOT ", in_service!())),
        Self::by("login_allowed", may_log_in!()),
        Self::START_DATE,
        Self::END_DATE,
        Self::by("employment", BY_EMPLOYMENT),
        Self::by("staff", "u.staff"),
        Self::by("superuser", "u.superuser"),
        Self::by("profile_completed", "u.profile_completed"),
        Self::by("origin", "u.origin"),
        Self {
            join: " LEFT JOIN directory_connections k ON k.id = u.directory_id",
            ..Self::by("directory_connection", "sort_key(k.name_folded)")
        },
        Self::by("directory_guid", "u.directory_guid"),
        Self::by("directory_disabled", "iif(u.directory_id IS NULL, NULL, u.directory_disabled)"),
        Self::by("directory_expires_at", "u.directory_expires_at"),
        Self::by("directory_missing_since", "u.directory_missing_since"),
        Self::by("directory_seen_at", "u.directory_seen_at"),
        Self::by("two_factor_required", "u.two_factor_required"),
        Self::by("two_factor_enrolled", "EXISTS (SELECT 1 FROM two_factors f WHERE f.user_id = u.id)"),
        Self::by(
            "backup_codes_left",
            "(SELECT sum(b.used_at IS NULL) FROM backup_codes b WHERE b.user_id = u.id)",
        ),
        Self::by("must_change_password", "u.must_change_password"),
        Self::by("has_password", "u.password_hash IS NOT NULL"),
        Self::by("invited", concat!("(SELECT ", stands!(), " FROM invitations i WHERE i.user_id = u.id)")),
        Self::by("color", "u.color"),
        Self::by("language", "u.language"),
        Self::by("last_login_at", "u.last_login_at"),
        Self::by("password_changed_at", "u.password_changed_at"),
        Self { ties: Ties::ById, ..Self::by("created_at", "u.created_at") },
        Self { ties: Ties::ById, ..Self::by("updated_at", "u.updated_at") },
    ];

    const fn by(name: &'static str, by: &'static str) -> Self {
        Self { name, by, join: "", ties: Ties::ByName }
    }

    /// Whether it is the order of lists, in which the index of searches stands too.
    pub(super) fn is_by_name(self) -> bool {
        self.by == Self::NAME.by
    }

    /// What stands behind `ORDER BY`.
    pub(super) fn clause(self, descending: bool) -> String {
        let (by, turn) = (self.by, if descending { " DESC" } else { "" });
        match self.ties {
            Ties::None => format!("{by}{turn}"),
            Ties::ById => format!("{by}{turn}, u.id{turn}"),
            Ties::ByName => format!("{by}{turn} NULLS LAST, u.sort_name, u.id"),
        }
    }
}

impl Default for Sort {
    fn default() -> Self {
        Self::NAME
    }
}
