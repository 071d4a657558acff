//! The bin: bringing people back, deleting them permanently; and ending a hold after failed logins.

use serde_json::json;

use super::bulk::{self, find_all, named};
use super::create::stored;
use super::edit::{Cleared, NamedFields, clear_what_does_not_fit, taken_away};
use super::grown::{self, Grown};
use super::org_lookup::OrgLookup;
use super::save::{self, Record};
use super::unrestored::{self, Unrestored};
use super::{Error, KIND, User, guard, login, store};
use crate::audit::{self, Event, Fields};
use crate::context::Context;
use crate::context::settings::{About, ChangedBy, Definition, Setting, number};
use crate::error::{Kind, Result};
use crate::state::History;
use crate::store::Tx;
use crate::text::email;
use crate::text::instant::Instant;
use crate::text::person_selector::PersonSelector;
use crate::throttle;

/// What the site decides of people.
pub(crate) const SETTINGS: &[&dyn Definition] = &[&BIN_DAYS];

/// Days a deleted person stays in the bin.
pub(crate) static BIN_DAYS: Setting<u32> = Setting {
    about: About {
        name: "user.bin_days",
        meaning: "days a deleted person can be restored",
        values: "1 to 3650",
        changed_by: ChangedBy::Superusers,
    },
    default: 30,
    read: |text| number(text, 1, 3650),
    show: u32::to_string,
    check: |_| Ok(()),
};

/// Microseconds in a day of the bin.
pub(super) const DAY: i64 = 86_400 * 1_000_000;

/// What somebody who comes back gets again.
#[derive(Debug, Clone, Default)]
pub(crate) struct RestoreOptions {
    /// Another email, when theirs was taken.
    pub(crate) email: Option<String>,
    /// Another company, when theirs is gone.
    pub(crate) company: Option<String>,
}

/// Somebody who came back from the bin.
#[derive(Debug)]
pub(crate) struct Restored {
    /// Who.
    pub(crate) user: User,
    /// What they lost while they were there.
    pub(crate) missing: Unrestored,
    /// What they had until now, and does not fit where they are now.
    pub(crate) cleared: Cleared,
    /// What they have again, and gives more than it did.
    pub(crate) grown: Vec<Grown>,
    /// What gives more than it did, and was left behind, for that is not the actor's to give.
    pub(crate) left_behind: Vec<Grown>,
}

/// The person in the bin with that id or email, for an actor who may end them.
#[cfg(test)]
pub(crate) fn get_deleted(cx: &Context, who: &str) -> Result<User> {
    cx.read(|tx| {
        let user = get_in(cx, tx, who, "users.delete")?;
        guard::require_manage(cx, tx, &user, "users.delete")?;
        Ok(user)
    })
}

/// Brings a person back from the bin, as they were but for what is gone since, what belongs elsewhere by now, and what gives
/// more by now than the actor may give; all of it is told, and so is what gives more.
///
/// # Errors
/// When the email was taken again or the company is gone, and no other is given.
pub(crate) fn restore(cx: &Context, who: &str, options: RestoreOptions) -> Result<Restored> {
    cx.write(|tx| {
        let user = get_in(cx, tx, who, "users.edit")?;
        guard::require_manage(cx, tx, &user, "users.edit")?;
        let mut missing = match unrestored::in_bin_since(tx, user.id)? {
            Some(seq) => unrestored::since(tx, &History::of(tx)?, (user.id, seq))?,
            None => Unrestored::default(),
        };
        let mut places = OrgLookup::default();
        let mut grown = grown::since(cx, tx, &mut places.history, &user)?;
        let mut facts = user.facts.clone();
        let mut cleared = Cleared::default();
        facts.deleted = false;
        match options.email {
            Some(email) => facts.email = email,
            None if store::by_email(tx, &email::key(&facts.email))?.is_some() => {
                return Err(Error::EmailTakenAgain { email: facts.email }.into());
            }
            None => {}
        }
        if let Some(company) = options.company {
            facts.company = Some(company);
            missing.be_elsewhere();
            places.name_company(cx, tx, &mut facts)?;
            let fields = clear_what_does_not_fit(&user.facts, &mut facts, &NamedFields::default());
            cleared.fields = fields.into_iter().map(str::to_owned).collect();
        }
        let saved =
            save::update_with(cx, tx, &mut places, (&user, &grown), facts, Record::of("user.restore"))?;
        let user_then = user;
        let user = stored(tx, saved.id)?;
        let left_behind = saved.left_behind;
        let asked = grown::without(&user_then.facts, &left_behind);
        cleared.taken = taken_away(cx, tx, &mut places, &user_then, (&asked, &user.facts))?;
        grown.retain(|grown| grown.is_of(&user.facts));
        Ok(Restored { user, missing, cleared, grown, left_behind })
    })
}

/// Permanently deletes people in the bin, all or none; returns their emails.
pub(crate) fn purge(cx: &Context, names: &[String]) -> Result<Vec<String>> {
    cx.write(|tx| {
        let find = |who: &str| find_in(cx, tx, who, "users.delete");
        let users = find_all(names, find, |who| match who {
            [only] => Ok(not_in_bin(only).into()),
            _ => Ok(bulk::Error::NoneInBin { who: who.to_vec() }.into()),
        })?;
        users.iter().try_for_each(|user| save::erase(cx, tx, user, Record::of("user.purge")))?;
        Ok(users.into_iter().map(|user| user.facts.email).collect())
    })
}

/// Permanently deletes everybody who has been in the bin longer than the setting says and is the actor's to end; returns how
/// many.
pub(crate) fn purge_expired(cx: &Context) -> Result<usize> {
    cx.write(|tx| {
        tx.expect_many()?;
        let ids = expired(cx, tx)?;
        for id in &ids {
            save::erase(cx, tx, &stored(tx, *id)?, Record::of("user.purge"))?;
        }
        Ok(ids.len())
    })
}

/// How many [`purge_expired`] would end.
pub(crate) fn count_expired(cx: &Context) -> Result<usize> {
    cx.read(|tx| Ok(expired(cx, tx)?.len()))
}

/// Somebody whose hold was ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Unlocked {
    /// Who.
    pub(crate) email: String,
    /// What is to be done about a second factor that may be of somebody else, who gets in again by it.
    pub(crate) doubt: Option<String>,
}

/// Ends the hold on people after failed logins, or after they said that it was not them; returns those who were held.
pub(crate) fn unlock(cx: &Context, names: &[String]) -> Result<Vec<Unlocked>> {
    cx.write(|tx| {
        let mut users = named(cx, tx, names, "users.edit")?;
        for user in &users {
            guard::require_manage(cx, tx, user, "users.edit")?;
            guard::not_oneself(cx, user, "nobody ends a hold on themself")?;
        }
        let until = |user: &User| user.holds.iter().filter_map(|hold| hold.until(cx.now())).max();
        users.retain(|user| until(user).is_some() || user.disowned_at.is_some());
        for user in &users {
            let held = |until: Option<Instant>, is_disowned: bool| {
                let mut held = Fields::from_iter([("held_until".to_owned(), json!(until))]);
                if user.disowned_at.is_some() {
                    held.insert("disowned".to_owned(), json!(is_disowned));
                }
                held
            };
            let subject = Event::of("user.unlock", (KIND, user.id), &user.facts.email);
            let revision = audit::change(cx, tx, subject, &held(until(user), true), &held(None, false))?;
            throttle::unlock(tx, user.id)?;
            store::set_disowned(tx, user.id, None)?;
            store::stamp(tx, user.id, revision, audit::time_of(tx, revision)?)?;
        }
        let unlocked =
            |user: User| Unlocked { doubt: login::doubtful_factor(&user), email: user.facts.email };
        Ok(users.into_iter().map(unlocked).collect())
    })
}

/// Those whose days in the bin are over; whoever is not the actor's to end was not asked for, so that is no refusal.
fn expired(cx: &Context, tx: &Tx<'_>) -> Result<Vec<i64>> {
    let ids = store::binned_before(tx, expiry(cx))?;
    if cx.actor.is_superuser() {
        return Ok(ids);
    }
    let mut theirs = Vec::new();
    for id in ids {
        match guard::require_erase(cx, tx, &stored(tx, id)?, "users.delete") {
            Ok(()) => theirs.push(id),
            Err(failure) if failure.kind() == Kind::Denied => {}
            Err(failure) => return Err(failure),
        }
    }
    Ok(theirs)
}

fn expiry(cx: &Context) -> Instant {
    Instant::from_micros(cx.now().micros() - i64::from(*cx.settings.get(&BIN_DAYS)) * DAY)
}

fn get_in(cx: &Context, tx: &Tx<'_>, who: &str, permission: &str) -> Result<User> {
    Ok(find_in(cx, tx, who, permission)?.ok_or_else(|| not_in_bin(who))?)
}

/// The person in the bin with that id or email whom the actor may look at, or for whom the actor has this permission.
///
/// # Errors
/// When several had that email.
pub(super) fn find_in(cx: &Context, tx: &Tx<'_>, who: &str, permission: &str) -> Result<Option<User>> {
    let mut found = called_in_bin(tx, who)?;
    found.retain(|user| guard::is_seen(cx, user, permission));
    if found.len() > 1 {
        return Err(Error::several_in_bin(who, &found).into());
    }
    Ok(found.pop())
}

/// The one in the bin with that id, or everybody there who had that email, whoever asks.
pub(super) fn called_in_bin(tx: &Tx<'_>, who: &str) -> Result<Vec<User>> {
    match PersonSelector::of(who) {
        PersonSelector::Id(id) => {
            Ok(store::by_id(tx, id)?.filter(|user| user.facts.deleted).into_iter().collect())
        }
        PersonSelector::Email(key) => store::in_bin(tx, &key),
    }
}

fn not_in_bin(who: &str) -> Error {
    Error::NotInBin { email: who.to_owned() }
}
