//! What every question names: a person, a company, a time.

use std::collections::BTreeMap;

use super::access::Access;
use super::snapshot::{AccessSnapshot, Person, SnapshotPeople, SnapshotScope};
use super::{Error, store};
use crate::catalog::{GrantScope, Permission, covers};
use crate::company;
use crate::context::Context;
use crate::error::{Kind, Result};
use crate::store::Tx;
use crate::text::instant::Instant;
use crate::user::login::Moment;
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

/// Somebody in the snapshot of the time in question.
pub(super) struct Scene {
    pub(super) snapshot: AccessSnapshot,
    pub(super) person: Person,
    pub(super) moment: Moment,
}

/// A permission that somebody holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct EffectivePermission {
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
            let company = company_in(cx, tx, &scene.snapshot, asked)?;
            return Ok(scene.access().allows(permission, company));
        }
        let person = store::named(tx, who, Moment::of(cx))?;
        let Some(person) = person.filter(|person| may_ask(cx, person.id, person.company)) else {
            return nobody(cx, tx, who);
        };
        let company = asked.company.map(|name| named_company(cx, tx, name)).transpose()?;
        if !person.active {
            return Ok(false);
        }
        let granted = || store::grant_scopes(tx, person.id, permission);
        Ok(person.superuser || granted()?.into_iter().any(|scope| covers(scope, company)))
    })
}

/// Everything the person has, in the order of the catalogue.
pub(crate) fn show(cx: &Context, who: &str, as_of: Option<Instant>) -> Result<Vec<EffectivePermission>> {
    cx.read(|tx| {
        let subject = subject(cx, tx, who, as_of)?;
        Ok(subject.seen_by(cx, subject.access.permissions()))
    })
}

/// Whether the person's account is active: if not, they have nothing, whatever their groups grant.
pub(crate) fn is_active(cx: &Context, who: &str, as_of: Option<Instant>) -> Result<bool> {
    cx.read(|tx| Ok(subject(cx, tx, who, as_of)?.access.active))
}

/// What each of two people has that the other lacks.
pub(crate) fn diff(
    cx: &Context,
    a: &str,
    b: &str,
    as_of: Option<Instant>,
) -> Result<(Vec<EffectivePermission>, Vec<EffectivePermission>)> {
    cx.read(|tx| {
        let (a, b) = (subject(cx, tx, a, as_of)?, subject(cx, tx, b, as_of)?);
        Ok((a.beyond(cx, &b), b.beyond(cx, &a)))
    })
}

impl Subject {
    fn beyond(&self, cx: &Context, other: &Self) -> Vec<EffectivePermission> {
        let lacks = |(permission, scope): &(Permission, GrantScope)| {
            !other.access.allows(*permission, scope.company())
        };
        self.seen_by(cx, self.access.permissions().filter(lacks))
    }

    /// What of it concerns companies that the actor has to do with.
    fn seen_by(
        &self,
        cx: &Context,
        held: impl Iterator<Item = (Permission, GrantScope)>,
    ) -> Vec<EffectivePermission> {
        let seen = cx.actor.widest_scope();
        let is_told = |scope: GrantScope| scope.company().is_none_or(|company| seen.contain(Some(company)));
        let told = held.filter(|(_, scope)| is_told(*scope));
        told.map(|(permission, scope)| {
            let company = scope.company().and_then(|id| self.companies.get(&id)).cloned();
            EffectivePermission { permission, company }
        })
        .collect()
    }
}

impl Scene {
    /// What the person may do there.
    pub(super) fn access(&self) -> Access {
        self.snapshot.access(&self.person, self.moment)
    }
}

/// The person of that email or id, for an actor who may look at them, with what they may do.
pub(super) fn subject(cx: &Context, tx: &Tx<'_>, who: &str, as_of: Option<Instant>) -> Result<Subject> {
    if as_of.is_some() {
        let scene = scene(cx, tx, who, None, as_of)?;
        let companies = scene.snapshot.companies.iter().map(|(id, company)| (*id, company.name.clone()));
        return Ok(Subject { access: scene.access(), companies: companies.collect() });
    }
    let user = somebody(cx, tx, who)?;
    let access = Access::load(cx, tx, &user)?;
    Ok(Subject { access, companies: store::companies(tx)? })
}

/// The person of that email or id in the snapshot of that time, for an actor who may look at them.
pub(super) fn scene(
    cx: &Context,
    tx: &Tx<'_>,
    who: &str,
    permission: Option<Permission>,
    as_of: Option<Instant>,
) -> Result<Scene> {
    let (id, mut snapshot) = match as_of {
        None => {
            let id = somebody(cx, tx, who)?.id;
            (id, AccessSnapshot::now(tx, SnapshotScope { people: SnapshotPeople::One(id), permission })?)
        }
        Some(at) => snapshot_as_of(cx, tx, who, permission, at)?,
    };
    let person = snapshot.people.remove(&id).filter(|person| may_ask(cx, id, person.company));
    let Some(person) = person else { return nobody(cx, tx, who) };
    Ok(Scene { snapshot, person, moment: moment(cx, as_of) })
}

/// The snapshot of that time with the person of that id, or of that email then, who may since have changed it or be gone.
fn snapshot_as_of(
    cx: &Context,
    tx: &Tx<'_>,
    who: &str,
    permission: Option<Permission>,
    at: Instant,
) -> Result<(i64, AccessSnapshot)> {
    let id = match user::id_then(cx, tx, who, at) {
        Err(failure) if failure.kind() == Kind::NotFound => {
            cx.actor.require_anywhere("users.view")?;
            return Err(failure);
        }
        found => found?,
    };
    let now = user::by_id(tx, id)?;
    // Who is of another company since is not asked about as they were before.
    if now.as_ref().is_some_and(|user| !may_ask(cx, id, user.company_id)) {
        return nobody(cx, tx, who);
    }
    let snapshot =
        AccessSnapshot::as_of(tx, SnapshotScope { people: SnapshotPeople::One(id), permission }, at)?;
    if snapshot.people.contains_key(&id) {
        return Ok((id, snapshot));
    }
    match now {
        Some(user) => {
            Err(user::Error::NotYet { email: user.facts.email, created_at: user.created_at, at }.into())
        }
        None => nobody(cx, tx, who),
    }
}

/// That time with its day, or now.
pub(super) fn moment(cx: &Context, as_of: Option<Instant>) -> Moment {
    let day = as_of.and_then(|at| at.day_in(cx.time_zone()));
    Moment { now: as_of.unwrap_or_else(|| cx.now()), today: day.unwrap_or_else(|| cx.today()) }
}

/// The company that is asked for: of the past, the one that had this name or slug then.
pub(super) fn company_in(
    cx: &Context,
    tx: &Tx<'_>,
    snapshot: &AccessSnapshot,
    asked: Asked<'_>,
) -> Result<Option<i64>> {
    let Some(name) = asked.company else { return Ok(None) };
    let seen = cx.actor.widest_scope();
    match snapshot.company(name).filter(|id| seen.contain(Some(*id))) {
        Some(id) => Ok(Some(id)),
        None if asked.as_of.is_none() => Ok(Some(named_company(cx, tx, name)?)),
        None => {
            let told = snapshot.companies.iter().filter(|(id, _)| seen.contain(Some(**id)));
            Err(Error::no_such("company", name, told.map(|(_, company)| company.name.clone())).into())
        }
    }
}

/// The company of that name; who asks has any permission there.
pub(super) fn named_company(cx: &Context, tx: &Tx<'_>, name: &str) -> Result<i64> {
    company::id_in(tx, name, &cx.actor.widest_scope())
}

/// The person of that email or id, for an actor who may look at them.
fn somebody(cx: &Context, tx: &Tx<'_>, who: &str) -> Result<User> {
    match user::get_in(cx, tx, who, "users.view") {
        Ok(user) => Ok(user),
        Err(failure) if failure.kind() == Kind::NotFound => nobody(cx, tx, who),
        Err(failure) => Err(failure),
    }
}

/// The error that there is nobody of that email or id; who may look at nobody at all is told that instead.
fn nobody<T>(cx: &Context, tx: &Tx<'_>, who: &str) -> Result<T> {
    cx.actor.require_anywhere("users.view")?;
    Err(user::not_found(cx, tx, who, "users.view")?.into())
}

/// Whether the actor may look at that person; everybody may ask about themselves.
fn may_ask(cx: &Context, id: i64, company: Option<i64>) -> bool {
    cx.actor.is_account(id) || cx.actor.scope("users.view").contain(company)
}
