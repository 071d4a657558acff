//! Setting a person's password: policy, hash, audit row.
//!
//! What is set here is known to an administrator; a generated one is always flagged, so that the person chooses another
//! at the next login.
//!
//! A new password has to differ from the one the person has, and to say that it does not tells whoever sets it what that
//! is. So such an answer counts as a failed login, and is in the audit; a dry run, which could ask for ever without changing
//! anything, counts whichever answer it gets. Who is held by the throttle is given no answer. It is counted in the transaction
//! that the answer comes from, so that nobody learns it from a command that they end before.

use serde_json::json;

use super::create::stored;
use super::proof::{Claim, Proved, prove};
use super::store::{self, Origin, PasswordHash, User};
use super::{Error, Facts, KIND, get_in, guard, invite, notice};
use crate::audit::{self, Event, Fields};
use crate::context::{Context, Settings};
use crate::error::Result;
use crate::mail::outbox;
use crate::password::hash::Hasher;
use crate::password::policy::{About, Policy, check};
use crate::password::settings::PROFILE;
use crate::password::{are_equal, generate, is_same};
use crate::session::{self, Ended};
use crate::setting::site;
use crate::store::Tx;
use crate::text::secret::Secret;
use crate::throttle::{self, Account, LoginTry, Of, Source};
use crate::token;

/// Whether the next login leads to the change page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum MustChange {
    /// It does.
    Yes,
    /// It does not.
    No,
    /// As it was before.
    AsBefore,
}

/// The person `who`, for an actor who may set their password.
pub(super) fn to_set(cx: &Context, tx: &Tx<'_>, who: &str) -> Result<User> {
    let user = get_in(cx, tx, who, "users.edit")?;
    guard::require_manage(cx, tx, &user, "users.edit")?;
    guard::not_oneself(cx, &user, "nobody sets their own password without the current one")?;
    has_own_password(&user)?;
    Ok(user)
}

/// Sets the password of the person `who`.
pub(crate) fn set(cx: &Context, who: &str, password: &Secret, must_change: MustChange) -> Result<User> {
    set_checked(cx, who, (password, must_change), |user| is_current(cx, user, password), |_| Ok(()))
}

/// Sets a password as an administrator does.
#[cfg(test)]
pub(crate) fn set_for_tests(cx: &Context, who: &str, password: &str) -> Result<User> {
    set(cx, who, &Secret::new(password.to_owned()), MustChange::No)
}

/// Gives the person `who` a random password and flags it for change. It is shown before it counts; where that fails, the
/// old one stays. A dry run, which sets none, shows none.
pub(super) fn set_generated(
    cx: &Context,
    who: &str,
    mut show: impl FnMut(&str, &Secret) -> Result<()>,
) -> Result<User> {
    let password = generate::generate(&*cx.rng)?;
    let show = |user: &User| if cx.dry_run { Ok(()) } else { show(&user.facts.email, &password) };
    set_checked(cx, who, (&password, MustChange::Yes), |_| Ok(None), show)
}

/// What came of setting a password.
enum Set {
    Done(Box<User>),
    /// It is the one that the person has.
    Same,
    /// Somebody set another since the look, so that nothing is known of it.
    Anew(Box<User>),
}

/// Sets the password unless `is_current` says that it is the one there is, and unless `last` fails, which is done last
/// before it counts.
fn set_checked(
    cx: &Context,
    who: &str,
    (password, must_change): (&Secret, MustChange),
    is_current: impl Fn(&User) -> Result<Option<bool>>,
    mut last: impl FnMut(&User) -> Result<()>,
) -> Result<User> {
    let mut user = cx.read(|tx| to_set(cx, tx, who))?;
    let hash = prepare(cx, &user, password)?;
    loop {
        let is_current = is_current(&user)?;
        if let (true, false, Some(is_current)) = (cx.dry_run, is_held(cx, &user), is_current) {
            cx.write_in_earnest(|tx| count_guess(cx, tx, &user, is_current))?;
        }
        let set = cx.write(|tx| {
            let now = to_set(cx, tx, who)?;
            if now.password_hash != user.password_hash {
                return Ok(Set::Anew(Box::new(now)));
            }
            // A dry run was counted already, and held by that perhaps.
            if is_current == Some(true) && !is_held(cx, if cx.dry_run { &user } else { &now }) {
                if !cx.dry_run {
                    count_guess(cx, tx, &now, true)?;
                }
                return Ok(Set::Same);
            }
            // Whoever has another name since the look may not have this one.
            check_policy(cx, &now, password)?;
            let flag = match must_change {
                MustChange::Yes => true,
                MustChange::No => false,
                MustChange::AsBefore => now.facts.must_change_password,
            };
            set_in(cx, tx, &now, &hash, flag)?;
            let changed = stored(tx, now.id)?;
            last(&changed)?;
            Ok(Set::Done(Box::new(changed)))
        })?;
        match set {
            Set::Done(changed) => return Ok(*changed),
            Set::Same => return Err(crate::password::Error::Same.into()),
            Set::Anew(now) => user = *now,
        }
    }
}

/// Whether this is the password that the person has; nothing is known of who has none.
fn is_current(cx: &Context, user: &User, password: &Secret) -> Result<Option<bool>> {
    let is_it = |stored: &PasswordHash| is_same(&Hasher::of(cx)?, stored.expose(), password);
    user.password_hash.as_ref().map(is_it).transpose()
}

/// Whether the throttle holds the person, everywhere or for the shell: nobody is told there what their password is.
fn is_held(cx: &Context, user: &User) -> bool {
    let here = Source::of(cx).text();
    let mut holds = user
        .holds
        .iter()
        .filter(|hold| hold.of == Of::Logins && hold.source.as_ref().is_none_or(|source| *source == here));
    holds.any(|hold| hold.until(cx.now()).is_some())
}

/// Counts as a failed login that somebody learns whether this is the person's password.
fn count_guess(cx: &Context, tx: &Tx<'_>, user: &User, is_current: bool) -> Result<()> {
    let mut after = Fields::new();
    after.insert("command".into(), json!("user set-password"));
    after.insert("dry_run".into(), json!(cx.dry_run));
    after.insert("is_current".into(), json!(is_current));
    let email = &user.facts.email;
    audit::note(cx, tx, Event::of("login.failed", (throttle::KIND, user.id), email), &after)?;
    let login = LoginTry { account: Account::Of(user.id), source: Source::of(cx), known_browser: None };
    let failure = throttle::count_failure(cx, tx, &login)?;
    throttle::record_holds(cx, tx, (&login, email), &failure)
}

/// Refuses an account whose password is the directory's.
pub(super) fn has_own_password(user: &User) -> Result<(), Error> {
    match user.origin {
        Origin::Local => Ok(()),
        Origin::Directory => Err(Error::DirectoryPassword { email: user.facts.email.clone() }),
    }
}

/// Checks a new password for a person by the policy, and hashes it.
///
/// Hashing takes a while, so this is done before the store is locked for the change.
pub(super) fn prepare(cx: &Context, user: &User, password: &Secret) -> Result<String> {
    has_own_password(user)?;
    check_policy(cx, user, password)?;
    Hasher::of(cx)?.hash(&*cx.rng, password)
}

/// How many characters a new password of a person has at least.
pub(crate) fn shortest(settings: &Settings, user: &User) -> usize {
    policy(settings, &user.facts).shortest()
}

fn policy(settings: &Settings, facts: &Facts) -> Policy {
    Policy { profile: *settings.get(&PROFILE), second_factor: facts.two_factor_required }
}

/// Checks a password that is to be somebody's.
///
/// # Errors
/// What the policy refuses.
pub(crate) fn check_policy(cx: &Context, user: &User, password: &Secret) -> Result<()> {
    let facts = &user.facts;
    let names =
        [facts.first_name.as_deref().unwrap_or_default(), facts.last_name.as_deref().unwrap_or_default()];
    let about = About {
        names: &names,
        email: &facts.email,
        company: facts.company.as_deref().unwrap_or_default(),
        site: cx.settings.get(&site::NAME).as_ref(),
    };
    Ok(check(password, policy(&cx.settings, facts), &about)?)
}

/// A person's own change of their password, in the session `kept`, which alone goes on: the current one is asked for as a
/// login asks for it. Then `last` is done, in the same transaction.
///
/// # Errors
/// What the rules refuse of the new one, and those of [`prove`].
pub(crate) fn change_own<T>(
    cx: &Context,
    claim: Claim<'_>,
    (current, new): (&Secret, &Secret),
    kept: i64,
    last: impl FnOnce(&Tx<'_>, User) -> Result<T>,
) -> Result<Proved<T>> {
    let Some(user) = claim.user else { return Ok(Proved::Wrong) };
    // What is refused of the new one tells nothing of the current one, and costs no try.
    let hash = prepare(cx, user, new)?;
    prove(cx, claim, current, |tx, now| {
        if are_equal(current, new) {
            return Err(crate::password::Error::Same.into());
        }
        check_policy(cx, &now, new)?;
        set_keeping(cx, tx, &now, (&hash, false), Some(kept))?;
        last(tx, stored(tx, now.id)?)
    })
}

/// A password that somebody chooses by a link in a mail to them.
pub(crate) struct Choice {
    hash: String,
    is_same: bool,
}

/// Checks a password that somebody chooses for themself, by a link in a mail to them, and hashes it. Whether it is the one
/// that they have is not told yet: they may still have to show that it is they.
///
/// # Errors
/// What the policy refuses.
pub(crate) fn prepare_choice(cx: &Context, user: &User, password: &Secret) -> Result<Choice> {
    has_own_password(user)?;
    check_policy(cx, user, password)?;
    let is_same = is_current(cx, user, password)? == Some(true);
    Ok(Choice { hash: Hasher::of(cx)?.hash(&*cx.rng, password)?, is_same })
}

/// Sets a password that somebody chose by a link in a mail to them. Whoever has the mailbox is let in again: a forced change
/// is done, holds end, and an invitation is accepted.
///
/// # Errors
/// [`crate::password::Error::Same`] when it is the one that they have.
pub(crate) fn choose_in(cx: &Context, tx: &Tx<'_>, user: &User, choice: &Choice) -> Result<()> {
    if choice.is_same {
        return Err(crate::password::Error::Same.into());
    }
    set_in(cx, tx, user, &choice.hash, false)?;
    store::set_disowned(tx, user.id, None)?;
    throttle::unlock(tx, user.id)?;
    invite::set_accepted(tx, user.id, cx.now())
}

/// Stores a prepared hash; the audit learns that the password changed, nothing else, and the person is told of it.
pub(super) fn set_in(cx: &Context, tx: &Tx<'_>, user: &User, hash: &str, must_change: bool) -> Result<()> {
    set_keeping(cx, tx, user, (hash, must_change), None)
}

/// Does as [`set_in`], and leaves one of the person's sessions.
fn set_keeping(
    cx: &Context,
    tx: &Tx<'_>,
    user: &User,
    (hash, must_change): (&str, bool),
    kept: Option<i64>,
) -> Result<()> {
    let (mut before, mut after) = (Fields::new(), Fields::new());
    after.insert("password".into(), json!("changed"));
    if user.facts.must_change_password != must_change {
        before.insert("must_change_password".into(), json!(user.facts.must_change_password));
        after.insert("must_change_password".into(), json!(must_change));
    }
    let subject = Event::of("user.set_password", (KIND, user.id), &user.facts.email);
    let revision = audit::change(cx, tx, subject, &before, &after)?;
    store::set_password(tx, user.id, hash, must_change, revision, audit::time_of(tx, revision)?)?;
    session::end_all(cx, tx, (user.id, &user.facts.email), kept, Ended::Password)?;
    token::end_all(tx, user.id, cx.now())?;
    outbox::drop_letters(cx, tx, user.id, "the password was set since")?;
    notice::tell_password(cx, tx, user)
}
