//! What is known of a person's second factor: whether they have one, how many backup codes are left, and until when they have
//! to have one. How it is made and asked for is in `two_factor`.

use super::store::User;
use super::{KIND, get_in, guard, last};
use crate::audit::{self, Row};
use crate::context::{Actor, Context};
use crate::error::Result;
use crate::store::Tx;
use crate::text::instant::Instant;

/// The kind of rows about second factors; their subject is the person.
pub(crate) const FACTOR_KIND: &str = "two_factor";

/// The second factor of a person.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct SecondFactor {
    /// When a first code confirmed it.
    pub(crate) enrolled_at: Instant,
    /// How many backup codes were not used yet.
    pub(crate) codes_left: u32,
}

impl User {
    /// Until when they have to have a second factor, which is required and which they do not have.
    pub(crate) fn grace_until(&self) -> Option<Instant> {
        self.two_factor_grace_until.filter(|_| self.facts.two_factor_required && self.second_factor.is_none())
    }
}

/// The person `who`, for an actor who may reset their second factor.
///
/// # Errors
/// When there is nobody of that name, or the actor may not.
pub(crate) fn to_reset(cx: &Context, tx: &Tx<'_>, who: &str) -> Result<User> {
    let user = get_in(cx, tx, who, "two_factor.reset")?;
    guard::require_manage(cx, tx, &user, "two_factor.reset")?;
    guard::not_oneself(
        cx,
        &user,
        "nobody resets their own second factor; it is removed on the personal page",
    )?;
    Ok(user)
}

/// The person `who`, for an actor who may look at how their second factor stands.
///
/// # Errors
/// When there is nobody of that name, or the actor may not.
pub(crate) fn to_look_at(cx: &Context, tx: &Tx<'_>, who: &str) -> Result<User> {
    let user = get_in(cx, tx, who, "users.view")?;
    guard::require_view(cx, &user)?;
    Ok(user)
}

/// Refuses anybody who would change the second factor of somebody else as theirs.
pub(crate) fn only_oneself(actor: &Actor, user: &User) -> Result<()> {
    if actor.is_oneself(user.id) {
        return Ok(());
    }
    let denied = actor.denied("a second factor is set up and removed by its person alone");
    Err(denied.about(KIND, user.id, &user.facts.email).into())
}

/// Refuses what took the last superuser who may administer: of whom `before` was one.
pub(crate) fn keep_a_superuser(cx: &Context, tx: &Tx<'_>, before: &User) -> Result<()> {
    last::keep_a_superuser(cx, tx, Some(before))
}

/// The second factor as the rows up to `seq` tell of it, and until when it had to be there.
pub(super) fn then(tx: &Tx<'_>, id: i64, seq: i64) -> Result<(Option<SecondFactor>, Option<Instant>)> {
    let mut factor: Option<SecondFactor> = None;
    let mut grace = None;
    let mut rows: Vec<Row> = audit::changes_of(tx, FACTOR_KIND, id)?;
    rows.extend(audit::changes_of(tx, KIND, id)?);
    rows.retain(|row| row.seq <= seq);
    rows.sort_unstable_by_key(|row| row.seq);
    for row in rows {
        let after = row.fields_after()?;
        match after.get("second_factor").and_then(serde_json::Value::as_str) {
            Some("enrolled") => factor = Some(SecondFactor { enrolled_at: row.at, codes_left: 0 }),
            Some(_) => factor = None,
            None => {}
        }
        if let (Some(factor), Some(left)) = (&mut factor, row.became::<u32>("backup_codes")?) {
            factor.codes_left = left;
        }
        if after.contains_key("grace_until") {
            grace = row.became::<Option<Instant>>("grace_until")?.flatten();
        } else if after.contains_key("two_factor_required") {
            grace = None;
        }
    }
    Ok((factor, grace))
}
