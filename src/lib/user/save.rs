//! The one way a person is written: rules, places, email, audit row, person, and what they are told of it.

use serde_json::json;

use super::facts::Created;
use super::grown::{self, Grown};
use super::login::Moment;
use super::notice::{self, About, Causes};
use super::org_lookup::OrgLookup;
use super::store::{Stamp, User};
use super::{Error, Facts, KIND, directory, guard, last, rules, store, unrestored};
use crate::audit::{self, Event, Fields};
use crate::context::Context;
use crate::error::Result;
use crate::mail::outbox;
use crate::session::{self, Ended};
use crate::store::Tx;
use crate::text::email;
use crate::token;

/// The facts that stand in tables of their own.
pub(super) const ASSIGNMENTS: [&str; 4] = ["roles", "roles_without_groups", "groups", "directory_groups"];

/// How a change is recorded.
#[derive(Debug, Clone, Copy)]
pub(super) struct Record<'a> {
    /// Such as `user.edit`.
    pub(super) action: &'a str,
    /// The run it belongs to.
    pub(super) run: Option<&'a str>,
    /// Why, when it is not the reason given on the command line.
    pub(super) reason: Option<&'a str>,
    /// An imported password hash comes with a new person; the audit says only that.
    pub(super) with_password: bool,
    /// The person was not told of what this takes back: that an address is as it was before tells them nothing.
    pub(super) is_untold: bool,
}

impl<'a> Record<'a> {
    /// A change outside any run.
    pub(super) const fn of(action: &'a str) -> Self {
        Self { action, run: None, reason: None, with_password: false, is_untold: false }
    }

    fn event(self, id: i64, email: &'a str) -> Event<'a> {
        Event::of(self.action, (KIND, id), email).in_run(self.run).because(self.reason)
    }
}

/// A saved change: the person's id and the fields that changed.
pub(super) struct Saved {
    /// Whose.
    pub(super) id: i64,
    /// The person now.
    pub(super) facts: Facts,
    /// As they are now.
    pub(super) after: Fields,
    /// What gives more than it did when they came to the bin from which they are back, and is not the actor's to give.
    pub(super) left_behind: Vec<Grown>,
}

impl Saved {
    /// Whether nothing changed.
    pub(super) fn is_nothing(&self) -> bool {
        self.after.is_empty()
    }
}

/// Makes a person; their id.
pub(super) fn insert(
    cx: &Context,
    tx: &Tx<'_>,
    places: &mut OrgLookup,
    facts: Facts,
    record: Record<'_>,
) -> Result<i64> {
    let mut facts = facts;
    rules::check(&facts)?;
    directory::check(tx, None, &facts)?;
    let ids = places.resolve(cx, tx, None, &mut facts)?;
    guard::require_create(cx, tx, &facts, &ids)?;
    free_email(cx, tx, &facts.email, None)?;
    let id = audit::new_id(tx, (KIND, "users"))?;
    let after = Created { facts: &facts, with_password: record.with_password };
    let revision = audit::change(cx, tx, record.event(id, &facts.email), &Fields::new(), &after)?;
    let now = audit::time_of(tx, revision)?;
    let company = ids.company;
    store::insert(tx, &facts, &Stamp { id, ids, deleted_at: None, revision, now })?;
    let about = About { id, company, facts: &facts, run: record.run };
    notice::tell(cx, tx, &about, "", Causes::of_new(&facts))?;
    Ok(id)
}

/// Changes a person; writes nothing when nothing changes.
pub(super) fn update(
    cx: &Context,
    tx: &Tx<'_>,
    places: &mut OrgLookup,
    old: &User,
    facts: Facts,
    record: Record<'_>,
) -> Result<Saved> {
    let comes_back = old.facts.deleted && !facts.deleted;
    // A superuser may give everything.
    let grown = if comes_back && !cx.actor.is_superuser() {
        grown::since(cx, tx, &mut places.history, old)?
    } else {
        Vec::new()
    };
    update_with(cx, tx, places, (old, &grown), facts, record)
}

/// Changes a person, of whom it is known what gives more than it did when they came to the bin; writes nothing when nothing
/// changes.
pub(super) fn update_with(
    cx: &Context,
    tx: &Tx<'_>,
    places: &mut OrgLookup,
    (old, grown): (&User, &[Grown]),
    facts: Facts,
    record: Record<'_>,
) -> Result<Saved> {
    let mut facts = facts;
    let comes_back = old.facts.deleted && !facts.deleted;
    let left_behind: Vec<Grown> = grown.iter().filter(|grown| grown.stays_behind()).cloned().collect();
    if !left_behind.is_empty() {
        facts = grown::without(&facts, &left_behind);
    }
    if comes_back && facts.has_profile() && facts.company.is_none() {
        let run = unrestored::run_that_took_company(tx, old.id)?;
        return Err(Error::CompanyGone { email: facts.email, run }.into());
    }
    rules::check(&facts)?;
    directory::check(tx, Some(old), &facts)?;
    let ids = guard::about(old, places.resolve(cx, tx, Some(old), &mut facts))?;
    if left_behind.is_empty() {
        guard::require_change(cx, tx, old, &facts, &ids)?;
    } else {
        // What stays behind is neither given nor taken by whoever brings somebody back.
        let rest = User { facts: grown::without(&old.facts, &left_behind), ..old.clone() };
        guard::require_change(cx, tx, &rest, &facts, &ids)?;
    }
    free_new_email(cx, tx, old, &facts)?;
    let (before, after) = old.facts.difference(&facts);
    if after.is_empty() {
        return Ok(Saved { id: old.id, facts, after, left_behind });
    }
    let revision = audit::change(cx, tx, record.event(old.id, &facts.email), &before, &after)?;
    let now = audit::time_of(tx, revision)?;
    let deleted_at = if facts.deleted { old.deleted_at.or(Some(now)) } else { None };
    let company = ids.company;
    let stamp = Stamp { id: old.id, ids, deleted_at, revision, now };
    store::update(tx, &facts, &after, &stamp)?;
    // What a directory gave is written with its connection.
    if ASSIGNMENTS.iter().chain(&["directory"]).any(|field| after.contains_key(*field)) {
        store::hold_only(tx, &facts, &stamp)?;
    }
    end_sessions(cx, tx, old, &facts)?;
    if ends_links(&old.facts, &facts, Moment::of(cx)) {
        token::end_all(tx, old.id, now)?;
    }
    let causes = Causes::of(&before, &after);
    let causes = if comes_back { causes.with_return(&facts) } else { causes };
    let causes = if record.is_untold { causes.without_email() } else { causes };
    let about = About { id: old.id, company, facts: &facts, run: record.run };
    notice::tell(cx, tx, &about, &old.facts.email, causes)?;
    // A run may make one superuser and take another: it asks at its end.
    if record.run.is_none() {
        last::keep_a_superuser(cx, tx, Some(old))?;
    }
    Ok(Saved { id: old.id, facts, after, left_behind })
}

/// Ends the sessions of somebody who logs in by another name or another password from now on, or not at all.
fn end_sessions(cx: &Context, tx: &Tx<'_>, old: &User, new: &Facts) -> Result<()> {
    let why = if is_out(new, Moment::of(cx)) {
        Ended::Access
    } else if email::key(&old.facts.email) != email::key(&new.email) {
        Ended::Email
    } else if old.facts.directory != new.directory {
        Ended::Password
    } else {
        return Ok(());
    };
    session::end_all(cx, tx, (old.id, &new.email), None, why).map(drop)
}

/// Whether a change ends the links that were mailed: of who goes to the bin, is switched off or is kept out by a directory,
/// those in the mailbox of another address, and those for a password that is kept elsewhere by now.
fn ends_links(old: &Facts, new: &Facts, moment: Moment) -> bool {
    is_out(new, moment) && !is_out(old, moment)
        || email::key(&old.email) != email::key(&new.email)
        || old.directory != new.directory
}

/// Whether nobody logs in by the account, dates apart, which end by themselves.
fn is_out(facts: &Facts, moment: Moment) -> bool {
    facts.deleted || !facts.active || facts.is_closed_there(moment.now)
}

/// Takes from somebody in the bin, by `write`, what ends or is no longer for them.
pub(super) fn lose(
    cx: &Context,
    tx: &Tx<'_>,
    (old, facts): (&User, &Facts),
    record: Record<'_>,
    write: impl FnOnce(&Tx<'_>) -> Result<()>,
) -> Result<()> {
    guard::lose(cx, tx, old, facts)?;
    let (before, after) = old.facts.difference(facts);
    let revision = audit::change(cx, tx, record.event(old.id, &facts.email), &before, &after)?;
    write(tx)?;
    store::stamp(tx, old.id, revision, audit::time_of(tx, revision)?)
}

/// Permanently deletes a person; the audit keeps who it was.
pub(super) fn erase(cx: &Context, tx: &Tx<'_>, user: &User, record: Record<'_>) -> Result<()> {
    // Whoever made somebody by a run may take that back.
    let permission = if record.run.is_some() { "users.edit" } else { "users.delete" };
    guard::require_erase(cx, tx, user, permission)?;
    let mut before = user.facts.as_created();
    before.insert("deleted".into(), json!(user.facts.deleted));
    audit::change(cx, tx, record.event(user.id, &user.facts.email), &before, &Fields::new())?;
    outbox::forget_person(cx, tx, user.id, &email::key(&user.facts.email))?;
    store::erase(tx, user.id)
}

/// Refuses to give somebody an email that is another's: a new one, or the one they come back with.
pub(super) fn free_new_email(cx: &Context, tx: &Tx<'_>, old: &User, facts: &Facts) -> Result<()> {
    let is_new = old.facts.deleted || email::key(&old.facts.email) != email::key(&facts.email);
    if facts.deleted || !is_new { Ok(()) } else { free_email(cx, tx, &facts.email, Some(old.id)) }
}

/// Refuses an email that somebody else has. It is one store with one name space, so that much is said even to who may not
/// look at the other, and no more.
pub(super) fn free_email(cx: &Context, tx: &Tx<'_>, email: &str, own: Option<i64>) -> Result<()> {
    match store::by_email(tx, &email::key(email))? {
        Some(other) if Some(other.id) != own && !guard::is_seen(cx, &other, "users.edit") => {
            Err(Error::Taken { email: email.to_owned() }.into())
        }
        Some(other) if Some(other.id) != own => {
            let email = other.facts.email;
            Err(if own.is_some() { Error::EmailTaken { email } } else { Error::Exists { email } }.into())
        }
        _ => Ok(()),
    }
}
