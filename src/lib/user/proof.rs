//! That somebody is who they say: the password, tried as the throttle allows.
//!
//! A try is looked at before the password is checked, and again in the transaction that its answer comes from: by then
//! somebody else may have failed, the account may have been switched off, another password set. Every refusal costs the
//! same, whoever is meant: one hash, and one transaction in which it is counted.

use super::login::{self, Moment};
use super::store::{self, Origin, User};
use crate::context::Context;
use crate::error::Result;
use crate::password::hash::Hasher;
use crate::password::{Verdict, verify_or_spend};
use crate::store::Tx;
use crate::text::instant::Instant;
use crate::text::secret::Secret;
use crate::throttle::{self, Account, Gate, LoginTry, Source};

/// Who somebody says they are.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Claim<'a> {
    /// Whose account it is, where there is one.
    pub(crate) user: Option<&'a User>,
    /// What was typed for it, folded.
    pub(crate) typed: &'a str,
    /// The browser, where that account logged in with it before.
    pub(crate) known_browser: Option<&'a [u8]>,
}

/// What came of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Proved<T> {
    /// They are; with what that led to.
    Right(T),
    /// They are not, may not log in, or came too soon: nobody is told which.
    Wrong,
    /// Nothing from their address is taken until then.
    SourceHeld(Instant),
}

/// Checks the password of whoever says that they are somebody, and does `right` in the transaction in which that is found to
/// be so. A hash that is weaker than new ones are is made anew.
///
/// # Errors
/// When too many passwords are being checked, when the store is busy, and those of `right`.
pub(crate) fn prove<T>(
    cx: &Context,
    claim: Claim<'_>,
    password: &Secret,
    right: impl FnOnce(&Tx<'_>, User) -> Result<T>,
) -> Result<Proved<T>> {
    let account = claim.user.map_or(Account::Nobodys(claim.typed), |user| Account::Of(user.id));
    let attempt = LoginTry { account, source: Source::of(cx), known_browser: claim.known_browser };
    let gate = cx.read(|tx| throttle::look(cx, tx, &attempt))?;
    if let Gate::SourceHeld(until) = gate {
        return Ok(Proved::SourceHeld(until));
    }
    let hasher = Hasher::of(cx)?;
    let stored = claim.user.filter(|user| gate == Gate::Open && user.origin == Origin::Local);
    let stored = stored.and_then(|user| user.password_hash.as_ref());
    let verdict = verify_or_spend(&hasher, &*cx.rng, stored.map(store::PasswordHash::expose), password)?;
    let better = if verdict == Verdict::RightUpgrade { Some(hasher.hash(&*cx.rng, password)?) } else { None };
    cx.write_in_earnest(|tx| {
        let now = claim.user.map(|user| store::by_id(tx, user.id)).transpose()?.flatten();
        let now = now.filter(|now| {
            verdict != Verdict::Wrong
                && now.password_hash.as_ref() == stored
                && login::lets_in(now, Moment::of(cx))
        });
        match (throttle::look(cx, tx, &attempt)?, now) {
            (Gate::SourceHeld(until), _) => Ok(Proved::SourceHeld(until)),
            (Gate::Shut, _) => {
                throttle::count_refused(cx, tx, &attempt)?;
                Ok(Proved::Wrong)
            }
            (Gate::Open, None) => {
                let failure = throttle::count_failure(cx, tx, &attempt)?;
                let email = claim.user.map_or("", |user| &user.facts.email);
                throttle::record_failure(cx, tx, (&attempt, email), &failure)?;
                Ok(Proved::Wrong)
            }
            (Gate::Open, Some(user)) => {
                throttle::count_success(cx, tx, &attempt)?;
                if let Some(hash) = &better {
                    store::set_imported_hash(tx, user.id, hash)?;
                }
                right(tx, user).map(Proved::Right)
            }
        }
    })
}
