//! That somebody can still administer: at least one superuser of this store whom the login function lets in (a hold by
//! the throttle apart), who has no end date, and no time after which a second factor keeps them out.
//!
//! A change is refused when it takes the last of them; where there was none before, it takes nothing.

use super::login::{self, Moment};
use super::store::{self, Origin};
use super::{Error, User, guard};
use crate::context::settings::TIME_ZONE;
use crate::context::{Context, Settings};
use crate::error::Result;
use crate::store::Tx;

/// Whether the person is one of those of whom one has to remain.
pub(super) fn can_administer(user: &User, moment: Moment) -> bool {
    user.facts.superuser
        && user.origin == Origin::Local
        && user.facts.end_date.is_none()
        && user.grace_until().is_none()
        && login::lets_in(user, moment)
}

/// Refuses a change that took the last of them: it has been made, and `before` is how somebody was whom it concerned.
pub(super) fn keep_a_superuser(cx: &Context, tx: &Tx<'_>, before: Option<&User>) -> Result<()> {
    let moment = Moment { now: cx.now(), today: cx.today() };
    match before {
        Some(user) if can_administer(user, moment) && one(tx, moment)?.is_none() => {
            Err(Error::LastSuperuser { email: guard::display_name(cx, user) }.into())
        }
        _ => Ok(()),
    }
}

/// Refuses a change of settings after which none of them is let in any more.
pub(crate) fn keep_a_superuser_by(
    cx: &Context,
    tx: &Tx<'_>,
    before: &Settings,
    after: &Settings,
) -> Result<()> {
    let moment = |settings: &Settings| {
        let now = cx.now();
        Moment { now, today: now.day_in(settings.get(&TIME_ZONE)).unwrap_or_else(|| cx.today()) }
    };
    let (before, after) = (moment(before), moment(after));
    if before.today == after.today || one(tx, after)?.is_some() {
        return Ok(());
    }
    match one(tx, before)? {
        Some(last) => Err(Error::LastSuperuser { email: guard::display_name(cx, &last) }.into()),
        None => Ok(()),
    }
}

/// The first of them.
fn one(tx: &Tx<'_>, moment: Moment) -> Result<Option<User>> {
    store::find_superuser(tx, |user| can_administer(user, moment))
}
