//! Reading some people of a directory again, now: what the directory says of them is so here, as after a sync.
//!
//! It makes runs of its own. Up to where the directory was followed, and who is kept aside, stays as the last sync left it; who is
//! not found is told, and is gone only when whole reads did not find them.

use super::{Extent, Fetched, Synced, Tell, make_both, note_seen, store, synced};
use crate::context::{Context, Via};
use crate::directory::error::Error;
use crate::directory::reach::Reach;
use crate::directory::transport::block_on;
use crate::error::Result;
use crate::run::{Engine, Spec};
use crate::setting::site::REGION;
use crate::text::guid::Guid;

/// The runs that give, and those that take.
const GIVING: &str = "directory.refresh";
const TAKING: &str = "directory.refresh_take";

/// The people of a connection who are read again. Whether the actor may is the caller's to ask.
#[derive(Debug)]
pub(crate) struct Again<'a> {
    /// The id of the connection.
    pub(crate) connection: i64,
    /// Their entries, each with how the person is called.
    pub(crate) people: &'a [(Guid, String)],
}

/// Reads people again; with `tell` everything is planned and told, and nothing is changed.
///
/// # Errors
/// When another process follows the directory just now, when it does not answer in whole, or when the connection is switched
/// off.
pub(crate) fn read_again(
    cx: &mut Context,
    engine: &mut Engine,
    again: &Again<'_>,
    tell: Option<&mut Tell<'_>>,
) -> Result<Synced> {
    let door = std::mem::replace(&mut cx.via, Via::Directory);
    let synced = read_alone(cx, engine, again, tell);
    cx.via = door;
    synced
}

fn read_alone(
    cx: &Context,
    engine: &mut Engine,
    again: &Again<'_>,
    tell: Option<&mut Tell<'_>>,
) -> Result<Synced> {
    let reach = Reach::of(cx, again.connection)?;
    let _alone = super::alone(cx, &reach, tell.is_none())?;
    let synced = fetch(cx, &reach, again)
        .and_then(|(fetched, missing)| follow(cx, engine, (&reach, fetched), tell, missing));
    let forgotten = cx.cancel.regardless(|| cx.stage(store::drop_all));
    synced.and_then(|synced| forgotten.map(|()| synced))
}

/// Reads the entries; with how those are called who were not found.
fn fetch(cx: &Context, reach: &Reach, again: &Again<'_>) -> Result<(Fetched, Vec<String>)> {
    let region = cx.settings.get(&REGION).as_deref();
    let guids: Vec<Guid> = again.people.iter().map(|(guid, _)| *guid).collect();
    let read = block_on(cx.cancel.unless_unwanted(super::read::read_some(cx, reach, region, &guids)));
    let read = read.map_err(|source| Error::NoRuntime { source })?;
    cx.cancel.check()?;
    let elsewhere = read.unwrap_or_else(|| Err(crate::store::Error::Interrupted.into()))?;
    cx.stage(|tx| {
        let mut missing = Vec::new();
        for (guid, name) in again.people {
            if !store::is_read(tx, *guid)? {
                missing.push(name.clone());
            }
        }
        let people = store::count(tx)?;
        let extent = Extent::Named;
        Ok((
            Fetched { people, extent, cursor: None, elsewhere, missing: Vec::new(), certificate: None },
            missing,
        ))
    })
}

fn follow(
    cx: &Context,
    engine: &mut Engine,
    (reach, fetched): (&Reach, Fetched),
    mut tell: Option<&mut Tell<'_>>,
    missing: Vec<String>,
) -> Result<Synced> {
    let connection = &reach.connection;
    let specs =
        [GIVING, TAKING].map(|kind| Spec { kind, source: reach.name(), repeats: false, is_whole: false });
    let made = make_both(cx, engine, (connection, &fetched), &specs, &mut tell)?;
    note_seen(cx, connection)?;
    Ok(Synced { missing, ..synced(connection, fetched, made) })
}
