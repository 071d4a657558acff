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

/// What somebody says of themself: what is another than they were shown. The rest stays as it is by then.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
struct Profile {
    /// Whether they have names: no account without a profile, which an administrator gives it.
    has_names: bool,
    /// The first name.
    first_name: Option<String>,
    /// The last name.
    last_name: Option<String>,
    /// E.164; none, to have none.
    #[expect(clippy::option_option, reason = "the same as shown, another one, or none any more")]
    phone: Option<Option<String>>,
    /// The language of mails to them.
    language: Option<String>,
}

/// Keeps what a person says of themself.
///
/// # Errors
/// What the rules refuse, and when the store cannot be written.
fn save(cx: &Context, user: &User, profile: &Profile) -> Result<()> {
    let change = |facts: &mut Facts| {
        if profile.has_names {
            for (fact, typed) in
                [(&mut facts.first_name, &profile.first_name), (&mut facts.last_name, &profile.last_name)]
            {
                *fact = typed.clone().or_else(|| fact.take());
            }
            facts.phone = profile.phone.clone().unwrap_or_else(|| facts.phone.take());
            facts.profile_completed = true;
        }
        facts.language = profile.language.clone().or_else(|| facts.language.take());
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
