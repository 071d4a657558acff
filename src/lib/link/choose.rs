//! Choosing a password by a link.
//!
//! The link is used up in the transaction that sets the password: of two who choose at once, one does. It logs nobody in. Of
//! who has a second factor a code is asked beside it, which is used up there too: whoever has the mailbox alone sets nothing.
//! The second factor stays as it is.

use super::{Open, opened};
use crate::context::Context;
use crate::error::Result;
use crate::store::Tx;
use crate::text::secret::Secret;
use crate::throttle::CodeBy;
use crate::token::{self, Purpose};
use crate::two_factor::{self, Checked, Typed};
use crate::user::{Origin, login, password};

/// Whose password is chosen by a link that works.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Chooser {
    /// The person.
    pub(super) id: i64,
    /// Their email, by which they log in.
    pub(super) email: String,
    /// The language of their account.
    pub(super) language: Option<String>,
    /// The fewest characters of a password of theirs.
    pub(super) shortest: usize,
    /// Whether they have one now.
    pub(super) has_password: bool,
    /// Whether a code of their second factor is asked for.
    pub(super) has_factor: bool,
    /// Whether they said that somebody else had been in their account, whose the second factor may be.
    pub(super) is_disowned: bool,
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
    Ok(open.map(|Open { user, .. }| Chooser {
        id: user.id,
        shortest: password::shortest(&cx.settings, &user),
        has_password: user.password_hash.is_some(),
        has_factor: user.second_factor.is_some(),
        is_disowned: user.disowned_at.is_some(),
        email: user.facts.email,
        language: user.facts.language,
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

/// Sets the password, by a link that works until then, and by a code where there is a second factor; the actor is who has the
/// link.
///
/// # Errors
/// What the policy refuses: the link still works.
pub(super) fn choose(
    cx: &Context,
    purpose: Purpose,
    typed: &str,
    (password, code): (&Secret, Option<&Typed>),
) -> Result<Checked<Chosen>> {
    let Some(open) = cx.read(|tx| opened(cx, tx, purpose, typed))?.filter(|open| may_choose(cx, open)) else {
        return Ok(Checked::Right(Chosen::TooLate));
    };
    // Hashed before the store is locked.
    let choice = password::prepare_choice(cx, &open.user, password)?;
    let has_factor = open.user.second_factor.is_some();
    let set = |tx: &Tx<'_>| {
        let now = opened(cx, tx, purpose, typed)?.filter(|now| {
            let fits = now.user.facts == open.user.facts && now.user.second_factor.is_some() == has_factor;
            fits && may_choose(cx, now)
        });
        match now {
            Some(Open { known, user }) if token::take(tx, &known, cx.now())? => {
                password::choose_in(cx, tx, &user, &choice)?;
                Ok(Chosen::Done)
            }
            _ => Ok(Chosen::TooLate),
        }
    };
    match (has_factor, code) {
        (false, _) => cx.write(set).map(Checked::Right),
        (true, Some(code)) => two_factor::check(cx, (open.user.id, CodeBy::Link), code, |tx, _| set(tx)),
        (true, None) => Ok(Checked::Wrong),
    }
}

/// Whether the account may have a password chosen: it is not a directory's, and may log in.
fn may_choose(cx: &Context, open: &Open) -> bool {
    open.user.origin == Origin::Local && login::is_active(&open.user, login::Moment::of(cx))
}
