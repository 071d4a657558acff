//! What commands on people refuse.

use super::User;
use crate::error::{Explain, Kind};
use crate::i18n::Language;
use crate::text::date::Day;
use crate::text::instant::Instant;
use crate::text::shell::secboard;

/// What commands on people refuse.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Error {
    /// Nobody has this email or id.
    #[error("there is no user `{who}`")]
    NotFound {
        /// As typed.
        who: String,
        /// An email that is nearly the same.
        near: Option<String>,
    },
    /// Not logged in there, or no longer.
    #[error("`{email}` has no session {id}")]
    NoSession {
        /// Who.
        email: String,
        /// As typed.
        id: i64,
    },
    /// Not made yet at the asked time.
    #[error("`{email}` did not exist then, but since {created_at}")]
    NotYet {
        /// Who.
        email: String,
        /// Since when.
        created_at: Instant,
        /// The asked time.
        at: Instant,
    },
    /// Somebody else had, or nobody, what is this person's email today.
    #[error("nobody had the email `{email}` then")]
    AnotherThen {
        /// The email.
        email: String,
        /// Who has it today.
        id: i64,
    },
    /// Only people in the bin had that email then.
    #[error("several people in the bin had the email `{email}` then")]
    SeveralThen {
        /// The email.
        email: String,
        /// Who.
        ids: Vec<i64>,
    },
    /// Changed between the planning and the release of a run.
    #[error("`{email}` has been changed since the run was planned")]
    ChangedSincePlanned {
        /// Who.
        email: String,
    },
    /// Somebody whom the filter of a held run no longer takes.
    #[error("`{email}` is no longer among those the run was meant for")]
    NoLongerMeant {
        /// Who.
        email: String,
    },
    /// The filter that was kept with a run does not read.
    #[error("the column `meant` of `runs`, row `{run}`, does not read")]
    FilterOfRun {
        /// The run.
        run: String,
        /// Why.
        source: serde_json::Error,
    },
    /// Only in the bin.
    #[error("user `{email}` is in the bin")]
    InBin {
        /// The email.
        email: String,
    },
    /// Not in the bin.
    #[error("nobody in the bin has the email `{email}`")]
    NotInBin {
        /// As typed.
        email: String,
    },
    /// Several people in the bin had the email.
    #[error("several people in the bin had the email `{email}`")]
    SeveralInBin {
        /// As typed.
        email: String,
        /// Each by id, with when they were deleted and of which company they are.
        people: Vec<String>,
    },
    /// The email is taken.
    #[error("there is a user `{email}` already")]
    Exists {
        /// The email of the one there is.
        email: String,
    },
    /// The email is that of somebody whom the actor may not look at.
    #[error("the email `{email}` is taken")]
    Taken {
        /// As typed.
        email: String,
    },
    /// The new email is another's.
    #[error("there is a user `{email}` already")]
    EmailTaken {
        /// The email of the other.
        email: String,
    },
    /// Restoring meets a taken email.
    #[error("the email `{email}` was taken again while its owner was in the bin")]
    EmailTakenAgain {
        /// The email.
        email: String,
    },
    /// Restoring meets a company that is gone.
    #[error("the company of `{email}` was deleted in the meantime{}", by(run.as_ref()))]
    CompanyGone {
        /// Who.
        email: String,
        /// The run that took it from them.
        run: Option<String>,
    },
    /// Something a person must have is missing.
    #[error("{what} is missing")]
    Missing {
        /// What, in words.
        what: &'static str,
        /// The field.
        field: &'static str,
        /// The flag that gives it.
        flag: &'static str,
    },
    /// The end lies before the start.
    #[error("the end date {end} lies before the start date {start}")]
    EndBeforeStart {
        /// The first day.
        start: Day,
        /// The last day.
        end: Day,
    },
    /// A department or position without what it belongs to.
    #[error("a {what} needs a {of}")]
    Without {
        /// What was given.
        what: &'static str,
        /// What is missing.
        of: &'static str,
    },
    /// The position stands in several departments.
    #[error("position `{position}` stands in several departments of `{company}`")]
    PositionAmbiguous {
        /// The position.
        position: String,
        /// The company.
        company: String,
    },
    /// A department lies elsewhere than its path says.
    #[error("`{department}` lies in {lies_in}, not in {said}")]
    OtherParent {
        /// The department.
        department: String,
        /// What it lies in.
        lies_in: String,
        /// What the path says.
        said: String,
    },
    /// The role is for people of other companies.
    #[error("role `{role}` is not for the company of `{email}`")]
    RoleElsewhere {
        /// The role's slug.
        role: String,
        /// Who.
        email: String,
    },
    /// An inactive role is given to nobody.
    #[error("role `{role}` is inactive")]
    RoleInactive {
        /// The role's slug.
        role: String,
    },
    /// The group takes only people of its company.
    #[error("group `{group}` takes only people of its company, which `{email}` is not")]
    GroupElsewhere {
        /// The group.
        group: String,
        /// Who.
        email: String,
    },
    /// Nobody could administer any more.
    #[error("`{email}` is the last superuser who can log in")]
    LastSuperuser {
        /// Who: the email, or for who may not look at them the id.
        email: String,
    },
    /// The account has a profile already.
    #[error("`{email}` has a profile already")]
    HasProfile {
        /// Who.
        email: String,
    },
    /// The account has no profile to change.
    #[error("`{email}` has no profile yet")]
    NoProfile {
        /// Who.
        email: String,
    },
    /// The password is the directory's.
    #[error("the password of `{email}` is managed by the directory")]
    DirectoryPassword {
        /// Who.
        email: String,
    },
    /// No photo is stored.
    #[error("`{email}` has no photo")]
    NoPhoto {
        /// Who.
        email: String,
    },
    /// A language that pages and mails do not have.
    #[error("there are no texts in the language `{language}`")]
    Language {
        /// As typed.
        language: String,
    },
    /// A filter names a department or position that is nowhere.
    #[error("there is no {what} `{name}`")]
    UnknownPlace {
        /// `department` or `position`.
        what: &'static str,
        /// As typed.
        name: String,
    },
    /// An imported password was sealed for another run.
    #[error("a sealed password of run `{run}` belongs to another run")]
    SealedElsewhere {
        /// The run.
        run: String,
    },
    /// What is stored of a person does not fit together; only a damaged store has such.
    #[error("what is stored of `{email}` cannot be read")]
    Stored {
        /// Who.
        email: String,
        /// Why.
        source: serde_json::Error,
    },
}

/// The longest day, when the clocks are put back, in microseconds.
const DAY: i64 = 25 * 3600 * 1_000_000;

/// People that a message names; the rest is counted.
pub(super) const NAMED: usize = 100;

impl Error {
    /// The error that an email does not say who in the bin is meant.
    pub(super) fn several_in_bin(email: &str, people: &[User]) -> Self {
        let told = |user: &User| {
            let company = user.facts.company.as_deref().unwrap_or("no company");
            let when = user.deleted_at.map(|at| format!(", deleted {at}")).unwrap_or_default();
            format!("{}, of {company}{when}", user.id)
        };
        Self::SeveralInBin { email: email.to_owned(), people: people.iter().take(NAMED).map(told).collect() }
    }
}

impl Explain for Error {
    fn code(&self) -> &'static str {
        match self {
            Self::NotFound { .. } => "user.not_found",
            Self::InBin { .. } => "user.in_bin",
            Self::NoSession { .. } => "user.no_session",
            Self::NotYet { .. } => "user.not_yet",
            Self::AnotherThen { .. } => "user.another_then",
            Self::SeveralThen { .. } => "user.several_then",
            Self::ChangedSincePlanned { .. } => "user.changed_since_planned",
            Self::NoLongerMeant { .. } => "user.no_longer_meant",
            Self::FilterOfRun { .. } => "user.filter_of_run",
            Self::NotInBin { .. } => "user.not_in_bin",
            Self::SeveralInBin { .. } => "user.several_in_bin",
            Self::Exists { .. } | Self::EmailTaken { .. } | Self::Taken { .. } => "user.exists",
            Self::EmailTakenAgain { .. } => "user.email_taken_again",
            Self::CompanyGone { .. } => "user.company_gone",
            Self::Missing { .. } => "user.missing",
            Self::EndBeforeStart { .. } => "user.end_before_start",
            Self::Without { .. } => "user.without",
            Self::PositionAmbiguous { .. } => "user.position_ambiguous",
            Self::OtherParent { .. } => "user.other_parent",
            Self::RoleElsewhere { .. } => "user.role_elsewhere",
            Self::RoleInactive { .. } => "user.role_inactive",
            Self::GroupElsewhere { .. } => "user.group_elsewhere",
            Self::LastSuperuser { .. } => "user.last_superuser",
            Self::HasProfile { .. } => "user.has_profile",
            Self::NoProfile { .. } => "user.no_profile",
            Self::DirectoryPassword { .. } => "user.directory_password",
            Self::NoPhoto { .. } => "user.no_photo",
            Self::Language { .. } => "user.language",
            Self::UnknownPlace { .. } => "user.unknown_place",
            Self::SealedElsewhere { .. } => "user.sealed_elsewhere",
            Self::Stored { .. } => "user.stored",
        }
    }

    fn kind(&self) -> Kind {
        match self {
            Self::NotFound { .. }
            | Self::UnknownPlace { .. }
            | Self::NoSession { .. }
            | Self::NotYet { .. }
            | Self::AnotherThen { .. }
            | Self::SeveralThen { .. }
            | Self::InBin { .. }
            | Self::NotInBin { .. }
            | Self::NoPhoto { .. } => Kind::NotFound,
            Self::Exists { .. }
            | Self::Taken { .. }
            | Self::EmailTaken { .. }
            | Self::EmailTakenAgain { .. }
            | Self::HasProfile { .. } => Kind::CannotCreate,
            Self::Missing { .. } => Kind::Usage,
            Self::SeveralInBin { .. }
            | Self::CompanyGone { .. }
            | Self::ChangedSincePlanned { .. }
            | Self::NoLongerMeant { .. }
            | Self::EndBeforeStart { .. }
            | Self::Without { .. }
            | Self::PositionAmbiguous { .. }
            | Self::OtherParent { .. }
            | Self::RoleElsewhere { .. }
            | Self::RoleInactive { .. }
            | Self::GroupElsewhere { .. }
            | Self::LastSuperuser { .. }
            | Self::NoProfile { .. }
            | Self::DirectoryPassword { .. }
            | Self::Language { .. } => Kind::Refused,
            Self::SealedElsewhere { .. } | Self::Stored { .. } | Self::FilterOfRun { .. } => Kind::Config,
        }
    }

    fn field(&self) -> Option<&'static str> {
        match self {
            Self::Exists { .. }
            | Self::Taken { .. }
            | Self::EmailTaken { .. }
            | Self::EmailTakenAgain { .. } => Some("email"),
            Self::CompanyGone { .. } => Some("company"),
            Self::Missing { field, .. } => Some(field),
            Self::EndBeforeStart { .. } => Some("end_date"),
            Self::Without { of, .. } => Some(of),
            Self::PositionAmbiguous { .. } => Some("position"),
            Self::OtherParent { .. } => Some("department"),
            Self::RoleElsewhere { .. } | Self::RoleInactive { .. } => Some("roles"),
            Self::GroupElsewhere { .. } => Some("groups"),
            Self::Language { .. } => Some("language"),
            Self::UnknownPlace { what, .. } => Some(what),
            _ => None,
        }
    }

    fn command(&self) -> Option<String> {
        let line = match self {
            Self::NotFound { who, near: None } if who.trim().is_empty() => secboard("user list"),
            Self::NotFound { who, near: None } => secboard("user list").option("--search", who),
            Self::NotYet { email, created_at, at } if created_at.micros() - at.micros() >= DAY => {
                secboard("audit list").option("--subject", email)
            }
            Self::NoSession { email, .. } => secboard("user session list").operand(email),
            Self::InBin { email } => secboard("user restore").operand(email),
            Self::Exists { email } | Self::EmailTaken { email } => secboard("user show").operand(email),
            Self::RoleElsewhere { role, .. } => secboard("role show").word(role),
            Self::RoleInactive { role } => secboard("role edit").word(role).flags("--active"),
            Self::HasProfile { email } => secboard("user edit").operand(email),
            Self::NoProfile { email } => secboard("user adopt").operand(email),
            Self::NotInBin { .. } => return Some("secboard user list --deleted".to_owned()),
            Self::GroupElsewhere { .. } => return Some("secboard group list".to_owned()),
            Self::UnknownPlace { what, .. } => return Some(format!("secboard {what} list")),
            Self::SealedElsewhere { .. } | Self::Stored { .. } | Self::FilterOfRun { .. } => {
                return Some("secboard audit verify".to_owned());
            }
            Self::CompanyGone { run: Some(run), .. } => return Some(format!("secboard run undo {run}")),
            _ => return None,
        };
        Some(line.to_string())
    }

    fn advice(&self) -> Option<String> {
        Some(match self {
            Self::NotFound { near: Some(near), .. } => format!("did you mean `{near}`?"),
            Self::NotFound { near: None, .. } => "look for them".to_owned(),
            Self::NoSession { .. } => "see where they are logged in".to_owned(),
            Self::NotYet { created_at, at, .. } if created_at.micros() - at.micros() < DAY => {
                format!(
                    "that was taken as `{at}`: a day means its first moment, and a time without an offset is in the time \
                    zone of the site; try `{created_at}`"
                )
            }
            Self::NotYet { .. } => "see what is known of them".to_owned(),
            Self::AnotherThen { id, .. } => format!("who has it today is asked about by id: {id}"),
            Self::SeveralThen { ids, .. } => {
                let ids: Vec<String> = ids.iter().map(i64::to_string).collect();
                format!("ask by id: {}", ids.join(", "))
            }
            Self::ChangedSincePlanned { .. } | Self::NoLongerMeant { .. } => "make the change again, so that it is planned on what there is now".to_owned(),
            Self::InBin { .. } => "bring them back".to_owned(),
            Self::NotInBin { .. } => "see who is in the bin".to_owned(),
            Self::SeveralInBin { people, .. } => format!("say who by the id: {}", people.join("; ")),
            Self::Taken { .. } => "choose another".to_owned(),
            Self::Exists { .. } => "add `--if-absent` if that is all right, or see who it is".to_owned(),
            Self::EmailTaken { .. } => "choose another email, or see who has it".to_owned(),
            Self::EmailTakenAgain { .. } => "restore under another with `--email NEW`".to_owned(),
            Self::CompanyGone { run: None, .. } => "name the new one with `--company`".to_owned(),
            Self::CompanyGone { .. } => "name a new one with `--company`, or bring theirs back".to_owned(),
            Self::Missing { flag, .. } => format!("give `{flag}`"),
            Self::EndBeforeStart { .. } => "both days are included; `never` clears one".to_owned(),
            Self::Without { of, .. } => format!("give `--{of}` too"),
            Self::PositionAmbiguous { .. } => "give `--department` too".to_owned(),
            Self::OtherParent { .. } => {
                "write the path as the store has it, or move the department first".to_owned()
            }
            Self::RoleElsewhere { .. } => "see its companies".to_owned(),
            Self::RoleInactive { .. } => "switch it on".to_owned(),
            Self::GroupElsewhere { .. } => "use a group of their company, or one of no company; see them".to_owned(),
            Self::LastSuperuser { .. } => {
                "let another superuser log in first, without an end date: `secboard user edit EMAIL --superuser`, and \
                `secboard user set-password EMAIL`"
                    .to_owned()
            }
            Self::HasProfile { .. } => "change it".to_owned(),
            Self::NoProfile { .. } => "give them one".to_owned(),
            Self::DirectoryPassword { .. } => "change it in the directory".to_owned(),
            Self::NoPhoto { email } => format!("set one with `{}`", secboard("user avatar set").operand(email).word("FILE")),
            Self::Language { .. } => format!("use {}", Language::tags()),
            Self::UnknownPlace { .. } => "see them".to_owned(),
            Self::SealedElsewhere { .. } | Self::Stored { .. } | Self::FilterOfRun { .. } => "restore a copy of the store; see what is wrong".to_owned(),
        })
    }
}

fn by(run: Option<&String>) -> String {
    run.map(|run| format!(" by run `{run}`")).unwrap_or_default()
}
