//! The step of a login that asks a directory, in the place of the hash of a password.
//!
//! The throttle is asked first, as for every login, and what it does not take is sent nowhere. What the directory says is
//! acted upon in one transaction, in which everything is looked at again: what is known of the account is made anew by a login
//! that opens it. A password of this store opens no account of a directory, whatever becomes of that.

use serde_json::json;

use crate::audit::{Event, fields_of};
use crate::context::Context;
use crate::directory::login::{Asked, Said, find};
use crate::error::{Kind, Result};
use crate::store::Tx;
use crate::text::secret::Secret;
use crate::throttle::{self, Account, Gate, LoginTry, Source};
use crate::user::directory::Shown;
use crate::user::login::{Moment, lets_in};
use crate::user::proof::{Claim, Elsewhere, Proved};
use crate::user::{self, Facts, User, directory};

/// Checks the password of whoever says that they are somebody, at the directory that is asked; does `right` where it opens.
///
/// # Errors
/// When the store cannot be read or written, and those of `right`.
pub(super) fn prove_there<T>(
    cx: &Context,
    (asked, claim): (&Asked<'_>, Claim<'_>),
    password: &Secret,
    right: impl FnOnce(&Tx<'_>, User) -> Result<T>,
) -> Result<Proved<T>> {
    let attempt = |user: Option<&User>| LoginTry {
        account: user.map_or(Account::Nobodys(claim.typed), |user| Account::Of(user.id)),
        source: Source::of(cx),
        known_browser: claim.known_browser,
    };
    let first = attempt(claim.user);
    if let Some(shut) = shut(cx, (&first, claim.user))? {
        return Ok(shut);
    }
    let found = match find(cx, asked) {
        Ok(found) => found,
        Err(failure) => return away(cx, (&first, claim.user), failure),
    };
    let Some(found) = found else { return wrong(cx, (&first, claim.user)) };
    let user = match (claim.user, found.guid()) {
        (Some(user), _) => Some(user.clone()),
        (None, None) => None,
        (None, Some(guid)) => cx.read(|tx| directory::with_guid(tx, asked.connection(), guid))?,
    };
    let Some(user) = user.filter(|user| lets_in(&open_there(user), Moment::of(cx))) else {
        return wrong(cx, (&first, claim.user));
    };
    let attempt = attempt(Some(&user));
    // A name of theirs that is none here was not known to be theirs before.
    if claim.user.is_none()
        && let Some(shut) = shut(cx, (&attempt, Some(&user)))?
    {
        return Ok(shut);
    }
    match found.try_password(cx, password) {
        Ok(Said::Opens) => opened(cx, (&attempt, &user), &found.shown(cx), right),
        Ok(Said::Refused) => wrong(cx, (&attempt, Some(&user))),
        Ok(Said::NotTried) => refused(cx, (&attempt, Some(&user))),
        Ok(Said::Expired) => Ok(elsewhere(cx, Elsewhere::PasswordExpired)),
        Ok(Said::ToChange) => Ok(elsewhere(cx, Elsewhere::PasswordToChange)),
        Err(failure) => away(cx, (&attempt, Some(&user)), failure),
    }
}

/// The person as they would be if the directory kept them out by nothing: that is what it is asked about.
fn open_there(user: &User) -> User {
    let facts = Facts {
        directory_disabled: false,
        directory_expires_at: None,
        directory_missing_since: None,
        ..user.facts.clone()
    };
    User { facts, ..user.clone() }
}

/// Lets somebody in whose password opens their account there, if everything is still so.
fn opened<T>(
    cx: &Context,
    (attempt, user): (&LoginTry<'_>, &User),
    shown: &Shown,
    right: impl FnOnce(&Tx<'_>, User) -> Result<T>,
) -> Result<Proved<T>> {
    cx.write_in_earnest(|tx| {
        let entry = |user: &User| (user.facts.directory, user.facts.directory_guid);
        let now = user::by_id(tx, user.id)?.filter(|now| entry(now) == entry(user) && !now.facts.deleted);
        let (gate, email) = (throttle::look(cx, tx, attempt)?, user.facts.email.as_str());
        match (gate, now) {
            (Gate::SourceHeld(until), _) => return Ok(Proved::SourceHeld(until)),
            (Gate::Open, Some(now)) => {
                let now = directory::note_login(cx, tx, &now, shown)?;
                if lets_in(&now, Moment::of(cx)) {
                    throttle::count_success(cx, tx, attempt)?;
                    return right(tx, now).map(Proved::Right);
                }
                let failure = throttle::count_failure(cx, tx, attempt)?;
                throttle::record_failure(cx, tx, (attempt, email), &failure)?;
            }
            (Gate::Open, None) => {
                let failure = throttle::count_failure(cx, tx, attempt)?;
                throttle::record_failure(cx, tx, (attempt, email), &failure)?;
            }
            (Gate::Shut, _) => {
                let failure = throttle::count_refused(cx, tx, attempt)?;
                throttle::record_holds(cx, tx, (attempt, email), &failure)?;
            }
        }
        Ok(Proved::Wrong)
    })
}

/// Who tries, and whose account it is, where there is one.
type Tried<'a> = (&'a LoginTry<'a>, Option<&'a User>);

fn email_of(user: Option<&User>) -> &str {
    user.map_or("", |user| &user.facts.email)
}

/// The answer where the throttle does not take the try.
fn shut<T>(cx: &Context, (attempt, user): Tried<'_>) -> Result<Option<Proved<T>>> {
    match cx.read(|tx| throttle::look(cx, tx, attempt))? {
        Gate::Open => Ok(None),
        Gate::SourceHeld(until) => Ok(Some(Proved::SourceHeld(until))),
        Gate::Shut => refused(cx, (attempt, user)).map(Some),
    }
}

/// Answers a try that was not taken as a wrong password is.
fn refused<T>(cx: &Context, (attempt, user): Tried<'_>) -> Result<Proved<T>> {
    cx.write_in_earnest(|tx| {
        let refused = throttle::count_refused(cx, tx, attempt)?;
        throttle::record_holds(cx, tx, (attempt, email_of(user)), &refused)?;
        Ok(Proved::Wrong)
    })
}

/// Counts a failure.
fn wrong<T>(cx: &Context, (attempt, user): Tried<'_>) -> Result<Proved<T>> {
    cx.write_in_earnest(|tx| {
        let failure = throttle::count_failure(cx, tx, attempt)?;
        throttle::record_failure(cx, tx, (attempt, email_of(user)), &failure)?;
        Ok(Proved::Wrong)
    })
}

/// That the directory could not be asked: the audit is told why, the person to try again later. It is no failure of theirs.
fn away<T>(cx: &Context, (_, user): Tried<'_>, failure: crate::error::Failure) -> Result<Proved<T>> {
    if !matches!(failure.kind(), Kind::Unavailable | Kind::Config | Kind::Io | Kind::NoInput | Kind::Refused)
    {
        return Err(failure);
    }
    let told = fields_of([("why", json!(failure.code()))]);
    cx.write_in_earnest(|tx| {
        let event = match user {
            Some(user) => Event::of("login.away", (throttle::KIND, user.id), &user.facts.email),
            None => Event::without_id("login.away", throttle::KIND, "an unknown account"),
        };
        throttle::record(cx, tx, event, &told)
    })?;
    Ok(elsewhere(cx, Elsewhere::Away))
}

/// What a directory says beside right and wrong.
fn elsewhere<T>(cx: &Context, said: Elsewhere) -> Proved<T> {
    let outcome = if said == Elsewhere::Away { "directory_away" } else { "expired" };
    cx.meters.count(&throttle::meters::LOGINS, outcome);
    Proved::Elsewhere(said)
}
