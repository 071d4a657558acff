//! Which account a shell user has.
//!
//! The number of the user decides, for that is what sudo hands on; the name it had is kept, so that a number that was
//! given to somebody else since gives them nothing.

use serde_json::json;

use super::{Error, KIND, account, store};
use crate::audit::{self, Event, Fields};
use crate::config;
use crate::context::Context;
use crate::error::Result;
use crate::store::Tx;
use crate::text::instant::Instant;
use crate::user::{self, User};

/// A shell user and the account behind.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Operator {
    /// The number of the shell user.
    pub(crate) uid: u32,
    /// The name it had when it was mapped.
    pub(crate) shell_user: String,
    /// The account.
    pub(crate) user_id: i64,
    /// The account's email.
    pub(crate) email: String,
    /// When it was mapped first.
    pub(crate) created_at: Instant,
    /// When it was mapped last.
    pub(crate) updated_at: Instant,
}

/// An operator, and why the account may not act today, if it may not.
pub(crate) type Listed = (Operator, Option<String>);

/// Every operator, by name.
pub(crate) fn list(cx: &Context) -> Result<Vec<Listed>> {
    require_system(cx)?;
    cx.read(|tx| store::list(tx)?.into_iter().map(|operator| listed(cx, tx, operator)).collect())
}

/// Maps a shell user, by name or number, to an account; returns the operator and whether anything changed. `owner` is the
/// number of the user that the store belongs to, if it belongs to one.
pub(crate) fn set(cx: &Context, shell_user: &str, who: &str, owner: Option<u32>) -> Result<(Listed, bool)> {
    require_system(cx)?;
    let uid = uid_of(shell_user)?;
    if uid == 0 {
        return Err(Error::Root.into());
    }
    if owner == Some(uid) {
        return Err(Error::Owner { shell_user: label(uid)? }.into());
    }
    let shell_user = label(uid)?;
    cx.write(|tx| {
        let user = user::get_in(cx, tx, who, "users.view")?;
        let old = store::by_uid(tx, uid)?;
        let new = Operator {
            uid,
            shell_user,
            user_id: user.id,
            email: user.facts.email,
            created_at: cx.now(),
            updated_at: cx.now(),
        };
        if let Some(old) = &old
            && (old.user_id, &old.shell_user) == (new.user_id, &new.shell_user)
        {
            return Ok((listed(cx, tx, old.clone())?, false));
        }
        let revision = record(cx, tx, "operator.set", old.as_ref(), Some(&new))?;
        store::put(tx, &new, revision)?;
        Ok((listed(cx, tx, new)?, true))
    })
}

/// Takes the account from a shell user; returns whether there was one.
pub(crate) fn remove(cx: &Context, shell_user: &str) -> Result<Option<Operator>> {
    require_system(cx)?;
    cx.write(|tx| {
        // A user who is gone from the machine is still known by the name of then.
        let known = match uid_of(shell_user) {
            Err(Error::NoShellUser { .. }) => None,
            found => Some(found?),
        };
        let is_meant = |operator: &Operator| match known {
            Some(uid) => operator.uid == uid,
            None => operator.shell_user == shell_user,
        };
        let mut meant: Vec<Operator> = store::list(tx)?.into_iter().filter(is_meant).collect();
        if meant.len() > 1 {
            let uids = meant.iter().map(|operator| operator.uid).collect();
            return Err(Error::SeveralShellUsers { name: shell_user.to_owned(), uids }.into());
        }
        let Some(old) = meant.pop() else {
            return if known.is_some() { Ok(None) } else { Err(no_user(shell_user).into()) };
        };
        record(cx, tx, "operator.remove", Some(&old), None)?;
        store::delete(tx, old.uid)?;
        Ok(Some(old))
    })
}

/// The account behind a shell user.
pub(super) fn account_of(tx: &Tx<'_>, uid: u32) -> Result<User> {
    let shell_user = label(uid)?;
    let Some(operator) = store::by_uid(tx, uid)? else { return Err(Error::Unmapped { shell_user }.into()) };
    if operator.shell_user != shell_user {
        return Err(Error::Renamed { shell_user, uid, mapped: operator.shell_user }.into());
    }
    user::by_id(tx, operator.user_id)?.ok_or_else(|| Error::Unmapped { shell_user }.into())
}

fn listed(cx: &Context, tx: &Tx<'_>, operator: Operator) -> Result<Listed> {
    let why_not = match account_of(tx, operator.uid) {
        Ok(user) => account::check(cx, &user).err().map(|error| error.to_string()),
        Err(failure) => match failure.get::<Error>() {
            None | Some(Error::Machine(_)) => return Err(failure),
            Some(error) => Some(error.to_string()),
        },
    };
    Ok((operator, why_not))
}

fn require_system(cx: &Context) -> Result<()> {
    if cx.actor.is_system() {
        return Ok(());
    }
    Err(cx.actor.denied("who is an operator is decided by root and by the owner of the store").into())
}

fn uid_of(shell_user: &str) -> Result<u32, Error> {
    match shell_user.parse() {
        Ok(uid) => Ok(uid),
        Err(_) => config::user_id(shell_user)?.ok_or_else(|| no_user(shell_user)),
    }
}

fn label(uid: u32) -> Result<String, Error> {
    Ok(config::user_label(uid)?)
}

fn no_user(name: &str) -> Error {
    Error::NoShellUser { name: name.to_owned() }
}

fn record(
    cx: &Context,
    tx: &Tx<'_>,
    action: &str,
    old: Option<&Operator>,
    new: Option<&Operator>,
) -> Result<i64> {
    let fields = |operator: Option<&Operator>| {
        let mut fields = Fields::new();
        if let Some(operator) = operator {
            fields.insert("uid".into(), json!(operator.uid));
            fields.insert("account".into(), json!(operator.email));
            fields.insert("account_id".into(), json!(operator.user_id));
        }
        fields
    };
    let subject = new.or(old).map_or("", |operator| operator.shell_user.as_str());
    audit::change(cx, tx, Event::without_id(action, KIND, subject), &fields(old), &fields(new))
}
