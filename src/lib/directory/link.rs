//! Tying an account of this store to its entry in a directory, on purpose: `ad link`. An email that is the same does that to
//! nobody.

use super::connection;
use super::error::Error;
use super::mapping::{Candidate, Expiry, guid_of};
use super::reach::Reach;
use super::search::People;
use super::transport::{Entry, Step, block_on};
use crate::context::Context;
use crate::error::Result;
use crate::run::{self, Engine, Plan, Spec};
use crate::text::guid::Guid;
use crate::text::instant::Instant;
use crate::user::directory::{Follower, SYNC, saw};
use crate::user::{self, Facts, User};

/// An account that is to be tied.
pub(crate) struct Link {
    /// The change.
    pub(crate) plan: Plan,
    /// How the account is called.
    pub(crate) email: String,
    /// The name of the entry.
    pub(crate) dn: String,
    connection: i64,
    guid: Guid,
    found_at: Instant,
}

/// Plans to tie the account `who` to the entry that has its email, or is called `login`.
///
/// # Errors
/// When the directory cannot be asked, when it is not exactly one entry, and what the rules refuse: also that the last superuser
/// of this store is one of a directory.
pub(crate) fn plan(
    cx: &Context,
    engine: &mut Engine,
    (connection, who, login): (&str, &str, Option<&str>),
) -> Result<Link> {
    cx.actor.require_anywhere(SYNC)?;
    let (connection, user) = cx.read(|tx| {
        let connection = connection::get_in(tx, connection, &cx.actor.scope(SYNC))?;
        Ok((connection, user::get_in(cx, tx, who, "users.edit")?))
    })?;
    check(&connection, &user)?;
    let reach = Reach::of(cx, connection.id)?;
    let login = login.unwrap_or(&user.facts.email);
    let mut found = block_on(find(&reach, login)).map_err(|source| Error::NoRuntime { source })??;
    let found_at = cx.now();
    let not_one = |found| Error::NotOne { name: reach.name().to_owned(), login: login.to_owned(), found };
    let entry = found.pop().filter(|_| found.is_empty()).ok_or_else(|| not_one(found.len()))?;
    let map = &reach.connection.facts.map;
    let guid = guid_of(&entry, map).ok_or_else(|| not_one(0))?;
    let said = Candidate::of(&entry, map, None);
    let spec = Spec { kind: "directory.link", source: &user.facts.email, repeats: false, is_whole: true };
    let (plan, email) = run::plan_for(cx, engine, &spec, |tx, planner| {
        let user = user::get_in(cx, tx, who, "users.edit")?;
        planner.concerns_all(cx, "users.edit")?;
        let facts = Facts {
            directory: Some(connection.id),
            directory_guid: Some(guid),
            directory_disabled: said.is_disabled == Some(true),
            directory_expires_at: said.expires.and_then(Expiry::end),
            must_change_password: false,
            ..user.facts.clone()
        };
        Follower::new().change(cx, tx, planner, (&user, facts))?;
        Ok(user.facts.email)
    })?;
    Ok(Link { plan, email, dn: entry.dn, connection: connection.id, guid, found_at })
}

/// Ties it, and keeps when the entry was seen.
///
/// # Errors
/// What the rules refuse.
pub(crate) fn tie(cx: &Context, engine: &mut Engine, link: Link) -> Result<run::Committed> {
    let committed = run::commit(cx, engine, link.plan)?;
    if !cx.dry_run {
        cx.write(|tx| saw(tx, (link.connection, link.guid), link.found_at))?;
    }
    Ok(committed)
}

fn check(connection: &connection::Connection, user: &User) -> Result<(), Error> {
    let email = || user.facts.email.clone();
    if let Some(by) = &user.managed_by {
        return Err(Error::Linked { email: email(), connection: by.connection.clone() });
    }
    if user.company_id != Some(connection.facts.company_id) {
        let (name, company) = (connection.facts.name.clone(), connection.facts.company.clone());
        return Err(Error::OtherCompany { email: email(), name, company });
    }
    Ok(())
}

async fn find(reach: &Reach, login: &str) -> Result<Vec<Entry>, Error> {
    let (mut session, _) = reach.enter_any().await?;
    let facts = &reach.connection.facts;
    let attributes = facts.map.attributes();
    let asked = People::called(facts, login.trim(), &attributes);
    let mut people = Vec::new();
    let searched = session.search(Step::People, asked.query(), |entry| people.push(entry)).await;
    session.close().await;
    searched.map_err(|failure| Error::Unavailable { name: reach.name().to_owned(), failure })?;
    Ok(people)
}
