//! Where somebody is logged in, for an administrator.

use super::{Error, get_in, guard};
use crate::context::Context;
use crate::error::Result;
use crate::session::{self, Ended, Session};

/// The sessions of a person, the one used last first.
///
/// # Errors
/// When there is nobody of that name, or the actor may not look at them.
pub(super) fn list(cx: &Context, who: &str) -> Result<Vec<Session>> {
    cx.read(|tx| {
        let user = get_in(cx, tx, who, "users.view")?;
        guard::require_view(cx, &user)?;
        session::of(cx, tx, user.id)
    })
}

/// Ends a session of a person, or all where none is named, also those of logins that are not finished; the person's email,
/// and how many were ended.
///
/// # Errors
/// When there is nobody of that name, the actor may not change them, or they have no such session.
pub(super) fn end(cx: &Context, who: &str, id: Option<i64>) -> Result<(String, usize)> {
    cx.write(|tx| {
        let user = get_in(cx, tx, who, "users.edit")?;
        guard::require_manage(cx, tx, &user, "users.edit")?;
        let email = user.facts.email;
        let Some(id) = id else {
            let ended = session::end_all(cx, tx, (user.id, &email), None, Ended::Administrator)?;
            return Ok((email, ended));
        };
        let theirs = session::of(cx, tx, user.id)?;
        let Some(named) = theirs.iter().find(|session| session.id == id) else {
            return Err(Error::NoSession { email, id }.into());
        };
        session::end(cx, tx, (named, &email), Ended::Administrator)?;
        Ok((email, 1))
    })
}
