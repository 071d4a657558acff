//! The own profile: what a person changes of themself at the web, which is how they are called, their phone, their language and
//! their photo.
//!
//! It goes the way of every change of a person (`user::edit`), with the person as the actor, who may change no more than that
//! of themself. Whoever saves it, with names, has completed it.

pub(crate) mod web;

#[cfg(test)]
mod tests;

use crate::context::Context;
use crate::error::Result;
use crate::photo;
use crate::user::avatar::PhotoChange;
use crate::user::edit::edit;
use crate::user::{Facts, User};

/// What somebody says of themself.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Profile {
    /// First and last name; nothing for an account without a profile, which an administrator gives it.
    names: Option<(String, String)>,
    /// E.164.
    phone: Option<String>,
    /// The language of mails to them.
    language: Option<String>,
}

/// Keeps what a person says of themself.
///
/// # Errors
/// What the rules refuse, and when the store cannot be written.
fn save(cx: &Context, user: &User, profile: &Profile) -> Result<()> {
    let change = |facts: &mut Facts| {
        if let Some((first, last)) = &profile.names {
            (facts.first_name, facts.last_name) = (Some(first.clone()), Some(last.clone()));
            facts.phone.clone_from(&profile.phone);
            facts.profile_completed = true;
        }
        facts.language.clone_from(&profile.language);
        Ok(())
    };
    edit(cx, &user.id.to_string(), &PhotoChange::Keep, change).map(drop)
}

/// Keeps a picture that a person sent of themself, or removes theirs where there is none.
///
/// # Errors
/// What is wrong with the picture, that too many are sent at once, and when the store cannot be written.
fn save_photo(cx: &Context, user: &User, picture: Option<&[u8]>) -> Result<()> {
    let change = match picture {
        Some(bytes) => PhotoChange::Set(photo::check_in_turn(bytes)?),
        None => PhotoChange::Remove,
    };
    edit(cx, &user.id.to_string(), &change, |_| Ok(())).map(drop)
}
