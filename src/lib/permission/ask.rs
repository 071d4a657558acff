//! What every question names: a person, a company, a time.

use std::collections::BTreeMap;

use super::access::Access;
use super::world::{Part, People, Person, World};
use super::{Permission, Reach, covers, store};
use crate::company;
use crate::context::{Authority, Context, Denied};
use crate::error::{Failure, Result};
use crate::store::Tx;
use crate::text::date::Day;
use crate::text::instant::Instant;
use crate::user::{self, User};

/// Where and when something is allowed.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Asked<'a> {
    /// A company's name or slug; without one the question is "for all companies".
    pub(crate) company: Option<&'a str>,
    /// The time; now without one.
    pub(crate) as_of: Option<Instant>,
}

/// Somebody a question is about, with what they may do.
pub(super) struct Subject {
    pub(super) access: Access,
    /// The names of all companies.
    pub(super) companies: BTreeMap<i64, String>,
}

/// Somebody in the world of the time in question.
pub(super) struct Scene {
    pub(super) world: World,
    pub(super) person: Person,
    pub(super) today: Day,
}

/// A permission that somebody holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Held {
    /// Which.
    pub(crate) permission: Permission,
    /// The company it is for; none for all.
    pub(crate) company: Option<String>,
}

/// Whether the person has the permission: the quick way for one question, which reads only what answers it.
pub(crate) fn check(cx: &Context, who: &str, permission: Permission, asked: Asked<'_>) -> Result<bool> {
    cx.read(|tx| {
        if asked.as_of.is_some() {
            let scene = scene(cx, tx, who, Some(permission), asked.as_of)?;
            let company = company_in(cx, tx, &scene.world, asked.company)?;
            return Ok(scene.access().allows(permission, company));
        }
        let Some(person) = store::named(tx, who, cx.today())? else {
            return Err(user::not_found(cx, tx, who)?.into());
        };
        may_ask(cx, (person.id, &person.email), person.company)?;
        let company = asked.company.map(|name| company::id_in(cx, tx, name)).transpose()?;
        if !person.active {
            return Ok(false);
        }
        let granted = || store::reaches(tx, person.id, permission);
        Ok(person.superuser || granted()?.into_iter().any(|reach| covers(reach, company)))
    })
}

/// Everything the person has, in the order of the catalogue.
pub(crate) fn show(cx: &Context, who: &str, as_of: Option<Instant>) -> Result<Vec<Held>> {
    cx.read(|tx| {
        let subject = subject(cx, tx, who, as_of)?;
        Ok(subject.access.held().map(|(permission, reach)| subject.named(permission, reach)).collect())
    })
}

/// What each of two people has that the other lacks.
pub(crate) fn diff(cx: &Context, a: &str, b: &str, as_of: Option<Instant>) -> Result<(Vec<Held>, Vec<Held>)> {
    cx.read(|tx| {
        let (a, b) = (subject(cx, tx, a, as_of)?, subject(cx, tx, b, as_of)?);
        Ok((a.beyond(&b), b.beyond(&a)))
    })
}

impl Subject {
    fn beyond(&self, other: &Self) -> Vec<Held> {
        let lacks =
            |(permission, reach): &(Permission, Reach)| !other.access.allows(*permission, reach.company());
        self.access.held().filter(lacks).map(|(permission, reach)| self.named(permission, reach)).collect()
    }

    fn named(&self, permission: Permission, reach: Reach) -> Held {
        let company = reach.company().and_then(|id| self.companies.get(&id)).cloned();
        Held { permission, company }
    }
}

impl Scene {
    /// What the person may do there.
    pub(super) fn access(&self) -> Access {
        self.world.access(&self.person, self.today)
    }
}

/// The person of that email or id, for an actor who may look at them, with what they may do.
pub(super) fn subject(cx: &Context, tx: &Tx<'_>, who: &str, as_of: Option<Instant>) -> Result<Subject> {
    if as_of.is_some() {
        let scene = scene(cx, tx, who, None, as_of)?;
        let companies = scene.world.companies.iter().map(|(id, company)| (*id, company.name.clone()));
        return Ok(Subject { access: scene.access(), companies: companies.collect() });
    }
    let user = somebody(cx, tx, who)?;
    let access = Access::load(cx, tx, &user)?;
    Ok(Subject { access, companies: store::companies(tx)? })
}

/// The person of that email or id in the world of that time, for an actor who may look at them.
pub(super) fn scene(
    cx: &Context,
    tx: &Tx<'_>,
    who: &str,
    permission: Option<Permission>,
    as_of: Option<Instant>,
) -> Result<Scene> {
    let (id, mut world) = match as_of {
        None => {
            let id = somebody(cx, tx, who)?.id;
            (id, World::now(tx, Part { people: People::One(id), permission })?)
        }
        Some(at) => then(cx, tx, who, permission, at)?,
    };
    let Some(person) = world.people.remove(&id) else { return Err(user::not_found(cx, tx, who)?.into()) };
    may_ask(cx, (id, &person.email), person.company)?;
    Ok(Scene { world, person, today: day(cx, as_of) })
}

/// The world of that time with the person of that email or id, who may since have changed the email or be gone.
fn then(
    cx: &Context,
    tx: &Tx<'_>,
    who: &str,
    permission: Option<Permission>,
    at: Instant,
) -> Result<(i64, World)> {
    let Some(user) = user::find_or_in_bin(tx, who)? else {
        let world = World::then(tx, Part { people: People::All, permission }, at)?;
        let Some(id) = world.person(who) else { return unknown(cx, user::not_found(cx, tx, who)?.into()) };
        return Ok((id, world));
    };
    let world = World::then(tx, Part { people: People::One(user.id), permission }, at)?;
    may_ask(cx, (user.id, &user.facts.email), user.company_id)?;
    if !world.people.contains_key(&user.id) {
        return Err(user::Error::NotYet { email: user.facts.email, created_at: user.created_at, at }.into());
    }
    Ok((user.id, world))
}

/// The day of that time, or today.
pub(super) fn day(cx: &Context, as_of: Option<Instant>) -> Day {
    as_of.and_then(|at| at.day_in(cx.time_zone())).unwrap_or_else(|| cx.today())
}

/// The company of that name then, or else of that name now.
pub(super) fn company_in(
    cx: &Context,
    tx: &Tx<'_>,
    world: &World,
    name: Option<&str>,
) -> Result<Option<i64>> {
    let Some(name) = name else { return Ok(None) };
    match world.company(name) {
        Some(id) => Ok(Some(id)),
        None => Ok(Some(company::id_in(cx, tx, name)?)),
    }
}

/// The person of that email or id, for an actor who may look at them.
fn somebody(cx: &Context, tx: &Tx<'_>, who: &str) -> Result<User> {
    let user = user::get_in(cx, tx, who).or_else(|failure| unknown(cx, failure))?;
    may_ask(cx, (user.id, &user.facts.email), user.company_id)?;
    Ok(user)
}

/// The failure to find somebody, for an actor who may look at anybody; others do not learn who there is.
fn unknown<T>(cx: &Context, failure: Failure) -> Result<T> {
    cx.actor.require_anywhere("users.view")?;
    Err(failure)
}

/// Refuses an actor who may not look at that person; everybody may ask about themselves.
fn may_ask(cx: &Context, (id, email): (i64, &str), company: Option<i64>) -> Result<(), Denied> {
    match &cx.actor.authority {
        Authority::Account(account) if account.id == id => Ok(()),
        _ => cx.actor.require("users.view", company).map_err(|denied| denied.about(user::KIND, id, email)),
    }
}
