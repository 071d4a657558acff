//! A person as printed and exported: the field names scripts rely on.

use std::borrow::Cow;

use crate::cli::output::{Field, Record as _, append_json, record};
use crate::text::color::Color;
use crate::user::login::{Employment, Moment, inactive_reasons, may_log_in};
use crate::user::{GroupMembership, Origin, User};

record! {
    /// A person as printed and exported.
    UserRow, table ["full_name", "email", "company", "department", "status", "roles", "groups"] {
        /// The id.
        id: i64,
        /// The login name.
        email: String,
        /// First name.
        first_name: Option<String>,
        /// Last name.
        last_name: Option<String>,
        /// Both names.
        full_name: Option<String>,
        /// E.164.
        phone: Option<String>,
        /// Company.
        company: Option<String>,
        /// Department.
        department: Option<String>,
        /// Position.
        position: Option<String>,
        /// The administrator's switch.
        active: bool,
        /// `active` or `inactive`, as evaluated today; in tables with `AD` behind it for an account of a directory.
        status: Status,
        /// Whether the login function lets them in: the status, a password, no hold.
        login_allowed: bool,
        /// Why not.
        inactive_reasons: Vec<String>,
        /// `YYYY-MM-DD`.
        start_date: Option<String>,
        /// `YYYY-MM-DD`.
        end_date: Option<String>,
        /// `current`, `future`, `past`, `none`.
        employment: &'static str,
        /// May be an operator.
        staff: bool,
        /// Bypasses every check.
        superuser: bool,
        /// The own profile was looked through.
        profile_completed: bool,
        /// `local` or `directory`.
        origin: &'static str,
        /// The connection whose directory manages the account.
        directory_connection: Option<String>,
        /// Which entry of the directory they are.
        directory_guid: Option<String>,
        /// The account is disabled there.
        directory_disabled: Option<bool>,
        /// RFC 3339: when the account expires there.
        directory_expires_at: Option<String>,
        /// RFC 3339: since when the entry is gone there.
        directory_missing_since: Option<String>,
        /// RFC 3339: when the entry was last seen there.
        directory_seen_at: Option<String>,
        /// A second factor is required.
        two_factor_required: bool,
        /// They have one.
        two_factor_enrolled: bool,
        /// How many backup codes they did not use yet; nothing without a second factor.
        backup_codes_left: Option<i64>,
        /// The next login leads to the change page.
        must_change_password: bool,
        /// A password was set.
        has_password: bool,
        /// How the last invitation stands: `pending`, `accepted`, `disowned`, `expired`; nothing if they were never invited.
        invited: Option<&'static str>,
        /// `#rrggbb`.
        color: Option<String>,
        /// BCP 47.
        language: Option<String>,
        /// The slugs of the roles held, in role order.
        roles: Vec<String>,
        /// Those whose groups do not come with them.
        roles_without_groups: Vec<String>,
        /// The groups, each with its company and all it comes from.
        groups: Vec<GroupMembership>,
        /// Those of the groups that were given by hand, whether a role brings them too or not.
        groups_by_hand: Vec<String>,
        /// Those of the groups that a directory puts them into.
        groups_by_directory: Vec<String>,
        /// RFC 3339.
        last_login_at: Option<String>,
        /// RFC 3339.
        password_changed_at: Option<String>,
        /// RFC 3339.
        created_at: String,
        /// RFC 3339.
        updated_at: String,
    }
    paint |row, field| match field {
        "full_name" => row.color.as_deref().and_then(|color| Color::parse(color).ok()),
        _ => None,
    }
}

/// How an account stands.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Status {
    /// `active` or `inactive`.
    word: &'static str,
    /// Whether a directory manages the account.
    is_of_directory: bool,
}

impl Field for Status {
    fn text(&self) -> Cow<'_, str> {
        if self.is_of_directory { Cow::Owned(format!("{}, AD", self.word)) } else { Cow::Borrowed(self.word) }
    }

    fn csv(&self) -> Cow<'_, str> {
        Cow::Borrowed(self.word)
    }

    fn json(&self, out: &mut Vec<u8>) {
        append_json(out, self.word);
    }
}

impl Field for GroupMembership {
    fn text(&self) -> Cow<'_, str> {
        Cow::Owned(self.canonical())
    }

    fn json(&self, out: &mut Vec<u8>) {
        append_json(out, self);
    }
}

impl UserRow {
    /// The value of a field as an export in CSV has it; empty where there is no field of that name.
    pub(crate) fn csv(&self, name: &str) -> Cow<'_, str> {
        let place = Self::FIELDS.iter().position(|known| *known == name);
        place.map(|place| self.field(place).csv()).unwrap_or_default()
    }

    /// The person as of then.
    pub(crate) fn new(user: User, moment: Moment) -> Self {
        let (today, login_allowed) = (moment.today, may_log_in(&user, moment));
        let reasons =
            if user.facts.deleted { vec!["in the bin".to_owned()] } else { inactive_reasons(&user, moment) };
        let facts = user.facts;
        let (directory_connection, seen_at) = user.managed_by.map(|by| (by.connection, by.seen_at)).unzip();
        let seen_at = seen_at.flatten();
        let full_name = facts.has_profile().then(|| facts.full_name());
        Self {
            id: user.id,
            employment: Employment::of(facts.start_date, facts.end_date, today).name(),
            status: Status {
                word: if reasons.is_empty() { "active" } else { "inactive" },
                is_of_directory: user.origin == Origin::Directory,
            },
            login_allowed,
            inactive_reasons: reasons,
            email: facts.email,
            first_name: facts.first_name,
            last_name: facts.last_name,
            full_name,
            phone: facts.phone,
            company: facts.company,
            department: facts.department,
            position: facts.position,
            active: facts.active,
            start_date: facts.start_date.map(|day| day.to_string()),
            end_date: facts.end_date.map(|day| day.to_string()),
            staff: facts.staff,
            superuser: facts.superuser,
            profile_completed: facts.profile_completed,
            origin: user.origin.name(),
            directory_disabled: facts.directory.map(|_| facts.directory_disabled),
            directory_guid: facts.directory_guid.map(|guid| guid.to_string()),
            directory_expires_at: facts.directory_expires_at.map(|at| at.to_string()),
            directory_missing_since: facts.directory_missing_since.map(|at| at.to_string()),
            directory_seen_at: seen_at.map(|at| at.to_string()),
            directory_connection,
            two_factor_required: facts.two_factor_required,
            two_factor_enrolled: user.second_factor.is_some(),
            backup_codes_left: user.second_factor.map(|factor| factor.codes_left.into()),
            must_change_password: facts.must_change_password,
            has_password: user.password_hash.is_some(),
            invited: user.invitation.map(|invitation| invitation.state(moment.now).word()),
            color: facts.color,
            language: facts.language,
            roles: user.role_assignments.into_iter().map(|assignment| assignment.slug).collect(),
            roles_without_groups: facts.roles_without_groups,
            groups: user.in_groups,
            groups_by_hand: facts.groups,
            groups_by_directory: facts.directory_groups,
            last_login_at: user.last_login_at.map(|at| at.to_string()),
            password_changed_at: user.password_changed_at.map(|at| at.to_string()),
            created_at: user.created_at.to_string(),
            updated_at: user.updated_at.to_string(),
        }
    }
}
