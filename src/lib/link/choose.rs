//! Choosing a password by a link.
//!
//! The link is used up in the transaction that sets the password: of two who choose at once, one does. It logs nobody in.

use super::{Open, opened};
use crate::context::Context;
use crate::error::Result;
use crate::password::policy::Policy;
use crate::password::settings::PROFILE;
use crate::text::secret::Secret;
use crate::token::{self, Purpose};
use crate::user::{Origin, login, password};

/// Whose password is chosen by a link that works.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Chooser {
    /// The person.
    pub(super) id: i64,
    /// Their email, by which they log in.
    pub(super) email: String,
    /// The fewest characters of a password of theirs.
    pub(super) shortest: usize,
    /// Whether they have one now.
    pub(super) has_password: bool,
}

/// What came of choosing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Chosen {
    /// The password was set.
    Done,
    /// The link no longer works.
    TooLate,
}

/// Whose password is chosen by this link, if it works. Nothing is changed by looking.
pub(super) fn look(cx: &Context, purpose: Purpose, typed: &str) -> Result<Option<Chooser>> {
    let open = cx.read(|tx| opened(cx, tx, purpose, typed))?.filter(|open| may_choose(cx, open));
    Ok(open.map(|Open { user, .. }| {
        let policy =
            Policy { profile: *cx.settings.get(&PROFILE), second_factor: user.facts.two_factor_required };
        let has_password = user.password_hash.is_some();
        Chooser { id: user.id, email: user.facts.email, shortest: policy.shortest(), has_password }
    }))
}

/// Whether the policy lets whoever has this link choose that password, as far as can be told at once; of a link that does not
/// work nothing is said.
///
/// # Errors
/// What the policy refuses.
pub(super) fn check(cx: &Context, purpose: Purpose, typed: &str, password: &Secret) -> Result<()> {
    let open = cx.read(|tx| opened(cx, tx, purpose, typed))?.filter(|open| may_choose(cx, open));
    open.map_or(Ok(()), |open| password::check_policy(cx, &open.user, password))
}

/// Sets the password, by a link that works until then; the actor is who has the link.
///
/// # Errors
/// What the policy refuses: the link still works.
pub(super) fn choose(cx: &Context, purpose: Purpose, typed: &str, password: &Secret) -> Result<Chosen> {
    let Some(open) = cx.read(|tx| opened(cx, tx, purpose, typed))?.filter(|open| may_choose(cx, open)) else {
        return Ok(Chosen::TooLate);
    };
    // Hashed before the store is locked.
    let hash = password::prepare_choice(cx, &open.user, password)?;
    cx.write(|tx| {
        let now = opened(cx, tx, purpose, typed)?
            .filter(|now| may_choose(cx, now) && now.user.facts == open.user.facts);
        match now {
            Some(Open { known, user }) if token::take(tx, &known, cx.now())? => {
                password::choose_in(cx, tx, &user, &hash)?;
                Ok(Chosen::Done)
            }
            _ => Ok(Chosen::TooLate),
        }
    })
}

/// Whether the account may have a password chosen: it is not a directory's, and may log in.
fn may_choose(cx: &Context, open: &Open) -> bool {
    open.user.origin == Origin::Local && login::is_active(&open.user, cx.today())
}
