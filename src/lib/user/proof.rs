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

/// Who somebody says they are. What was typed may be a password, so it has no `Debug`.
#[derive(Clone, Copy)]
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
    /// The password is kept by a directory, which says more than that it is wrong.
    Elsewhere(Elsewhere),
}

/// What is told of a password that a directory keeps.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Elsewhere {
    /// It is right, and too old there.
    PasswordExpired,
    /// It is right, and has to be changed there first.
    PasswordToChange,
    /// The directory cannot be asked now.
    Away,
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
    let mut right = Some(right);
    let mut anew = None;
    loop {
        let claim = Claim { user: anew.as_ref().or(claim.user), ..claim };
        let is_last = anew.is_some();
        match try_once(cx, claim, password, (&mut right, is_last))? {
            Tried::Answered(proved) => return Ok(proved),
            Tried::Anew(user) => anew = Some(*user),
        }
    }
}

/// What came of a try.
enum Tried<T> {
    Answered(Proved<T>),
    /// The password was right, and meanwhile another hash was stored, mostly of the same password by another login: it has to
    /// be checked by that.
    Anew(Box<User>),
}

fn try_once<T>(
    cx: &Context,
    claim: Claim<'_>,
    password: &Secret,
    (right, is_last): (&mut Option<impl FnOnce(&Tx<'_>, User) -> Result<T>>, bool),
) -> Result<Tried<T>> {
    let account = claim.user.map_or(Account::Nobodys(claim.typed), |user| Account::Of(user.id));
    let attempt = LoginTry { account, source: Source::of(cx), known_browser: claim.known_browser };
    let gate = cx.read(|tx| throttle::look(cx, tx, &attempt))?;
    if let Gate::SourceHeld(until) = gate {
        return Ok(Tried::Answered(Proved::SourceHeld(until)));
    }
    let hasher = Hasher::of(cx)?;
    let stored = claim.user.filter(|user| gate == Gate::Open && user.origin == Origin::Local);
    let stored = stored.and_then(|user| user.password_hash.as_ref());
    let verdict = verify_or_spend(&hasher, &*cx.rng, stored.map(store::PasswordHash::expose), password)?;
    // Another hash takes as long again: only whoever is let in may learn that the password is right.
    let is_weak = verdict == Verdict::RightUpgrade;
    let better = if is_weak && claim.user.is_some_and(|user| login::lets_in(user, Moment::of(cx))) {
        Some(hasher.hash(&*cx.rng, password)?)
    } else {
        None
    };
    let email = claim.user.map_or("", |user| &user.facts.email);
    cx.write_in_earnest(|tx| {
        let now = claim.user.map(|user| store::by_id(tx, user.id)).transpose()?.flatten();
        let now = now.filter(|now| verdict != Verdict::Wrong && login::lets_in(now, Moment::of(cx)));
        let proved = match (throttle::look(cx, tx, &attempt)?, now) {
            (Gate::SourceHeld(until), _) => Proved::SourceHeld(until),
            (Gate::Shut, _) => {
                let refused = throttle::count_refused(cx, tx, &attempt)?;
                throttle::record_holds(cx, tx, (&attempt, email), &refused)?;
                Proved::Wrong
            }
            (Gate::Open, Some(user)) if user.password_hash.as_ref() == stored => {
                throttle::count_success(cx, tx, &attempt)?;
                if let Some(hash) = &better {
                    store::set_imported_hash(tx, user.id, hash)?;
                }
                match right.take() {
                    Some(right) => Proved::Right(right(tx, user)?),
                    None => Proved::Wrong,
                }
            }
            (Gate::Open, Some(user)) if !is_last => return Ok(Tried::Anew(Box::new(user))),
            (Gate::Open, _) => {
                let failure = throttle::count_failure(cx, tx, &attempt)?;
                throttle::record_failure(cx, tx, (&attempt, email), &failure)?;
                Proved::Wrong
            }
        };
        Ok(Tried::Answered(proved))
    })
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::{Claim, Proved, prove};
    use crate::context::{Context, Via};
    use crate::crypto::rng::CountingRandom;
    use crate::text::secret::Secret;
    use crate::user::bulk::{Verb, apply_one};
    use crate::user::tests::{acme, add, person};
    use crate::user::{User, get, store};

    const ANN: &str = "ann@acme.example";

    /// A hash that is weaker than new ones, and its password.
    const WEAK: &str = "pbkdf2_sha256$1000$saltsaltsalt$/hsTjUM/5SSgsTVxKDoDSp6ReeOTiulcbR0tf1Ce3gs=";
    const PASSWORD: &str = "an old password";

    /// A site with Ann, whose hash is weak, asked by a visitor.
    fn site() -> (Context, User) {
        let mut cx = acme();
        add(&cx, person(ANN, "Ann", "Lee"));
        let id = get(&cx, ANN).unwrap().id;
        cx.write(|tx| store::set_imported_hash(tx, id, WEAK)).unwrap();
        let ann = get(&cx, ANN).unwrap();
        cx.via = Via::Web("203.0.113.7".parse().unwrap());
        (cx, ann)
    }

    fn try_as(cx: &Context, ann: &User, password: &str) -> Proved<()> {
        let claim = Claim { user: Some(ann), typed: ANN, known_browser: None };
        prove(cx, claim, &Secret::new(password.to_owned()), |_, _| Ok(())).unwrap()
    }

    #[test]
    fn p6_of_two_logins_at_once_while_a_hash_is_made_anew_both_are_let_in() {
        let (cx, seen_by_both) = site();
        assert_eq!(try_as(&cx, &seen_by_both, PASSWORD), Proved::Right(()));
        assert_eq!(try_as(&cx, &seen_by_both, PASSWORD), Proved::Right(()), "by the hash that is there now");
        let failed = cx.read(|tx| {
            let sql = "SELECT count(*) FROM throttle_counters WHERE json_array_length(times) > 0";
            Ok(tx.sql().query_row(sql, [], |row| row.get::<_, i64>(0))?)
        });
        assert_eq!(failed.unwrap(), 0, "and nothing is counted");
        assert_eq!(try_as(&cx, &seen_by_both, "a wrong password"), Proved::Wrong);
    }

    #[test]
    fn t5_the_right_password_of_an_account_that_may_not_log_in_costs_what_a_wrong_one_does() {
        let (mut cx, _) = site();
        cx.via = Via::Cli;
        apply_one(&cx, ANN, &Verb::Deactivate).unwrap();
        let ann = get(&cx, ANN).unwrap();
        cx.via = Via::Web("203.0.113.7".parse().unwrap());
        let hashes = |cx: &mut Context, password| {
            let counted = Arc::new(CountingRandom::default());
            cx.rng = Arc::<CountingRandom>::clone(&counted);
            assert_eq!(try_as(cx, &ann, password), Proved::Wrong);
            counted.salts()
        };
        assert_eq!(
            (hashes(&mut cx, PASSWORD), hashes(&mut cx, "a wrong password")),
            (0, 1),
            "the second came too soon"
        );
        cx.stop_clock(crate::text::instant::Instant::from_micros(cx.now().micros() + 10_000_000));
        assert_eq!(hashes(&mut cx, "a wrong password"), 0);
    }
}
