//! People as they were: whom a name meant then, and what was known of them.
//!
//! An email means who had it then, which may be somebody else than today; an id always means the same person, also one who
//! is permanently deleted. What was then is worked out from the audit, by the order of its rows.

use super::directory::ManagedBy;
use super::store::{self, PasswordHash, User};
use super::{AccessQueries, Error, Facts, KIND, guard, not_found, second_factor};
use crate::audit::{self, Row};
use crate::context::{CompanyScope, Context};
use crate::error::Result;
use crate::state;
use crate::store::Tx;
use crate::text::email;
use crate::text::instant::Instant;
use crate::text::person_selector::PersonSelector;

/// How somebody stood to an email at a time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Ownership {
    /// They had it.
    Had,
    /// They had it, in the bin.
    HadInBin,
    /// They had another, or were not there.
    HadNot,
}

/// The id of the person whom `who` meant at `at`. Whether there was a person of an id then is not looked at.
///
/// # Errors
/// When nobody had that email then, or only several people in the bin.
pub(crate) fn id_then(cx: &Context, tx: &Tx<'_>, who: &str, at: Instant) -> Result<i64> {
    let folded = match PersonSelector::of(who) {
        PersonSelector::Id(id) => return Ok(id),
        PersonSelector::Email(key) => key,
    };
    let seq = audit::last_at(tx, at)?;
    let now = store::by_email(tx, &folded)?;
    // Mostly it is whoever has it today, and then there is no need to look at everybody.
    if let Some(user) = &now
        && ownership(tx, user.id, seq, &folded)? == Ownership::Had
    {
        return Ok(user.id);
    }
    let mut in_bin = Vec::new();
    for id in audit::called(tx, KIND, &folded, seq)? {
        match ownership(tx, id, seq, &folded)? {
            Ownership::Had => return Ok(id),
            Ownership::HadInBin if is_told(cx, tx, id)? => in_bin.push(id),
            Ownership::HadInBin | Ownership::HadNot => {}
        }
    }
    match (in_bin.as_slice(), now) {
        ([id], _) => Ok(*id),
        ([], Some(user)) if guard::is_seen(cx, &user, "users.view") => {
            let email = user.facts.email;
            Err(if at < user.created_at {
                Error::NotYet { email, created_at: user.created_at, at }
            } else {
                Error::AnotherThen { email, id: user.id }
            }
            .into())
        }
        ([], _) => Err(not_found(cx, tx, who, "users.view")?.into()),
        _ => Err(Error::SeveralThen { email: who.to_owned(), ids: in_bin }.into()),
    }
}

/// Whether the actor may be told of that person; of who is permanently deleted, who may look at everybody.
fn is_told(cx: &Context, tx: &Tx<'_>, id: i64) -> Result<bool> {
    Ok(match store::by_id(tx, id)? {
        Some(user) => guard::is_seen(cx, &user, "users.view"),
        None => cx.actor.scope("users.view") == CompanyScope::All,
    })
}

/// How a person stood to an email when the audit had come to the row `seq`.
fn ownership(tx: &Tx<'_>, id: i64, seq: i64, folded: &str) -> Result<Ownership> {
    let mut rows = audit::changes_of(tx, KIND, id)?;
    rows.retain(|row| row.seq <= seq);
    let Some(last) = rows.first() else { return Ok(Ownership::HadNot) };
    if email::key(&last.subject) != folded || ends(last)? {
        return Ok(Ownership::HadNot);
    }
    Ok(if binned_by(&rows)?.is_some() { Ownership::HadInBin } else { Ownership::Had })
}

/// Whether the row tells of a person's end.
fn ends(row: &Row) -> Result<bool> {
    Ok(row.after.is_none() && row.fields_before()?.contains_key("email"))
}

/// The person with that email or id as they were at `at`, worked back from what the audit recorded since.
pub(crate) fn as_of(
    cx: &Context,
    tx: &Tx<'_>,
    answers: &dyn AccessQueries,
    who: &str,
    at: Instant,
) -> Result<User> {
    let id = id_then(cx, tx, who, at)?;
    let now = store::by_id(tx, id)?;
    let nobody = || not_found(cx, tx, who, "users.view");
    if let Some(user) = &now {
        if !guard::is_seen(cx, user, "users.view") {
            return Err(nobody()?.into());
        }
        guard::require_view(cx, user)?;
    }
    let seq = audit::last_at(tx, at)?;
    let (since, until): (Vec<Row>, Vec<Row>) =
        audit::changes_of(tx, KIND, id)?.into_iter().partition(|row| row.seq > seq);
    let (Some(first), Some(last)) = (until.last(), until.first()) else {
        let Some(user) = now else { return Err(nobody()?.into()) };
        return Err(Error::NotYet { email: user.facts.email, created_at: user.created_at, at }.into());
    };
    let Some(held) = answers.assignments_at(tx, id, at)? else { return Err(nobody()?.into()) };
    let mut user = now.unwrap_or_else(|| User::gone(id, &last.subject));
    for row in &since {
        let stored = |source| Error::Stored { email: row.subject.clone(), source };
        user.facts = user.facts.with(&row.fields_before()?).map_err(stored)?;
    }
    user.hold(held);
    manage_by(tx, &mut user)?;
    if !guard::is_seen(cx, &user, "users.view") {
        return Err(nobody()?.into());
    }
    guard::require_view(cx, &user)?;
    [user.facts.department, user.facts.position] = state::places_then(tx, id, seq)?;
    let set_by = password_row(&until)?;
    user.password_hash = set_by.as_ref().map(|_| PasswordHash::lost());
    user.password_changed_at = set_by.and_then(|(row, how)| (how == "changed").then_some(row.at));
    user.deleted_at = binned_by(&until)?.map(|row| row.at);
    // What the audit does not have is not told of now: the last login stands for then only while there was none since.
    user.last_login_at = user.last_login_at.filter(|time| *time <= at);
    user.holds = Vec::new();
    user.invitation = None;
    (user.second_factor, user.two_factor_grace_until) = second_factor::then(tx, id, seq)?;
    (user.created_at, user.updated_at, user.revision) = (first.at, last.at, last.seq);
    Ok(user)
}

/// Says which directory managed the account then; when it was seen there last is not known of the past.
fn manage_by(tx: &Tx<'_>, user: &mut User) -> Result<()> {
    user.origin = store::Origin::of(&user.facts);
    user.managed_by = None;
    if let Some(id) = user.facts.directory {
        let connection = store::connection_name(tx, id)?.unwrap_or_else(|| id.to_string());
        user.managed_by = Some(ManagedBy { connection, is_active: true, seen_at: None });
    }
    Ok(())
}

/// The last of these changes, newest first, that set a password, and how: one that was imported has no time.
fn password_row(changes: &[Row]) -> Result<Option<(&Row, String)>> {
    for row in changes {
        if let Some(how) = row.became("password")? {
            return Ok(Some((row, how)));
        }
        // It goes when a directory takes the account over, or leaves it.
        if row.fields_after()?.contains_key("directory") {
            return Ok(None);
        }
    }
    Ok(None)
}

/// The change by which somebody is in the bin after these, newest first.
pub(super) fn binned_by(changes: &[Row]) -> Result<Option<&Row>> {
    for row in changes {
        if let Some(is_in_bin) = row.became::<bool>("deleted")? {
            return Ok(Some(row).filter(|_| is_in_bin));
        }
    }
    Ok(None)
}

impl User {
    /// Somebody of whom the store knows no more than the audit.
    fn gone(id: i64, email: &str) -> Self {
        Self {
            id,
            facts: Facts::new(email.to_owned()),
            password_hash: None,
            password_changed_at: None,
            origin: store::Origin::Local,
            last_login_at: None,
            holds: Vec::new(),
            deleted_at: None,
            revision: 0,
            created_at: Instant::from_micros(0),
            updated_at: Instant::from_micros(0),
            sort_name: String::new(),
            role_assignments: Vec::new(),
            company_id: None,
            disowned_at: None,
            second_factor: None,
            two_factor_grace_until: None,
            invitation: None,
            in_groups: Vec::new(),
            managed_by: None,
        }
    }
}
