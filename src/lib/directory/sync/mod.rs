//! Following a directory: who is there is here, and who is gone there may not log in.
//!
//! A sync reads the directory in whole, or what changed since the last one ([`mod@read`], [`cursor`]), into temporary tables that lock nothing of the store, compares it with the
//! people of the connection ([`compare`]), and makes two runs of what differs. What gives is applied. What takes is a run of its
//! own, which the brake holds alone: somebody who broke a filter keeps nobody from being hired. The next sync plans the taking
//! anew and ends what is held.
//!
//! A read that saw an error, a limit or a lost page is none, and one that was led elsewhere takes nothing away. Who is not found
//! is asked for again by their guid, and is gone only after some whole reads in a row. What cannot be made of an entry keeps that
//! entry aside ([`quarantine`]), and nobody else.

mod again;
mod compare;
mod copy;
mod cursor;
mod places;
mod quarantine;
mod read;
mod store;

use std::collections::{BTreeSet, HashMap};

pub(crate) use again::{Again, read_again};
pub(crate) use compare::Notes;
pub(crate) use copy::{Replay, capture, replay};
use quarantine::Fault;
pub(crate) use quarantine::{Kept, lacks_something, list as quarantined, see_why};

use self::compare::Comparison;
use self::cursor::Cursor;
use super::alert::{Certificate, ends_soon, tell_certificate, tell_failing};
use super::connection::{self, Connection, Leavers};
use super::error::Error;
use super::reach::Reach;
use super::store as times;
use super::transport::block_on;
use crate::context::{Context, Via};
use crate::error::{Kind, Result};
use crate::run::{self, Committed, Engine, Plan, Planner, Spec};
use crate::setting::site::REGION;
use crate::store::{Alone, Tx};
use crate::text::count;
use crate::text::guid::Guid;
use crate::user::directory::{self as people, SYNC};

/// The runs that give, and those that take.
const GIVING: &str = "directory.sync";
const TAKING: &str = "directory.take";

/// The most people who are asked for again by their guids: where more are gone, the brake holds that.
const ASKED_AGAIN: usize = 5000;

/// People who are noted as seen at once.
const SEEN_AT_ONCE: i64 = 2000;

/// What came of a sync.
#[derive(Debug)]
pub(crate) struct Synced {
    /// The connection.
    pub(crate) connection: String,
    /// How many people were read.
    pub(crate) people: u64,
    /// Who was read.
    pub(crate) extent: Extent,
    /// The run that gives.
    pub(crate) given: Committed,
    /// The run that takes.
    pub(crate) taken: Committed,
    /// Who is kept aside.
    pub(crate) kept: Vec<Kept>,
    /// What is to be known.
    pub(crate) notes: Notes,
    /// After how many whole reads who is not found is gone.
    pub(crate) leaver_runs: u32,
    /// Where more people may be, for which nothing was taken.
    pub(crate) elsewhere: BTreeSet<String>,
    /// How those are called who were asked for by name, and were not found.
    pub(crate) missing: Vec<String>,
}

/// Who of a directory was read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Extent {
    /// Everybody.
    Everybody,
    /// Those of whom something changed.
    Changed,
    /// Those who were asked for.
    Named,
}

/// Told of each plan that was made, before it is applied.
pub(crate) type Tell<'a> = dyn FnMut(&Context) -> Result<()> + 'a;

/// What was read, and who of the connection was not found.
struct Fetched {
    people: u64,
    extent: Extent,
    /// Up to where it is followed when all this is done.
    cursor: Option<Cursor>,
    elsewhere: BTreeSet<String>,
    missing: Vec<(Guid, i64)>,
    /// What the server showed that was asked.
    certificate: Option<Certificate>,
}

/// What is to be followed.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Order<'a> {
    /// The name of the connection.
    pub(crate) name: &'a str,
    /// Whether everybody is read, though what changed may be enough.
    pub(crate) everybody: bool,
}

impl Fetched {
    /// Whether who was not found can be gone: everybody was read who could be.
    fn is_whole(&self) -> bool {
        self.extent == Extent::Everybody && self.elsewhere.is_empty()
    }
}

/// The connections of the actor that are followed, by name.
pub(crate) fn followed(cx: &Context) -> Result<Vec<String>> {
    cx.actor.require_anywhere(SYNC)?;
    let scope = cx.actor.scope(SYNC);
    let connections = cx.read(connection::all)?.into_iter();
    let followed = connections.filter(|one| one.facts.active && scope.contain(Some(one.facts.company_id)));
    Ok(followed.map(|one| one.facts.name).collect())
}

/// Follows a directory; with `tell` everything is planned and told, and nothing is changed.
///
/// # Errors
/// When another process follows it just now, when it cannot be read in whole, or when the connection is switched off.
pub(crate) fn run(
    cx: &mut Context,
    engine: &mut Engine,
    order: Order<'_>,
    tell: Option<&mut Tell<'_>>,
) -> Result<Synced> {
    let door = std::mem::replace(&mut cx.via, Via::Directory);
    let synced = run_alone(cx, engine, order, tell);
    cx.via = door;
    synced
}

fn run_alone(
    cx: &Context,
    engine: &mut Engine,
    order: Order<'_>,
    tell: Option<&mut Tell<'_>>,
) -> Result<Synced> {
    let reach = Reach::to_follow(cx, order.name)?;
    let _alone = alone(cx, &reach, tell.is_none())?;
    let (id, is_done) = (reach.connection.id, tell.is_none());
    if is_done {
        cx.write(|tx| times::begin_sync(tx, id, cx.now()))?;
    }
    let synced = fetch_all(cx, &reach, order.everybody).and_then(|fetched| {
        if let Some(certificate) =
            fetched.certificate.as_ref().filter(|shown| is_done && ends_soon(cx, shown))
        {
            cx.write(|tx| tell_certificate(cx, tx, (id, reach.name()), certificate))?;
        }
        follow(cx, engine, (&reach.connection, fetched), tell)
    });
    let forgotten = cx.cancel.regardless(|| cx.stage(store::drop_all));
    // Whoever breaks it off says nothing of the directory.
    let is_told = is_done && !synced.as_ref().is_err_and(|failure| failure.kind() == Kind::Interrupted);
    if is_told
        && cx
            .read(|tx| times::sync_times(tx, id))?
            .is_some_and(|(_, since)| since.is_some() != synced.is_err())
    {
        cx.write(|tx| times::end_sync(tx, id, (synced.is_err(), cx.now())))?;
    }
    if is_told && synced.is_err() {
        cx.write(|tx| tell_failing(cx, tx, (id, reach.name())))?;
    }
    synced.and_then(|synced| forgotten.map(|()| synced))
}

/// Keeps other processes from following the same directory; what is done, and not only planned, takes that it is switched on.
fn alone(cx: &Context, reach: &Reach, is_done: bool) -> Result<Alone> {
    let name = || reach.name().to_owned();
    if is_done && !reach.connection.facts.active {
        return Err(Error::Inactive { name: name() }.into());
    }
    let alone = cx.store.alone(&format!("sync-{}", reach.connection.id))?;
    Ok(alone.ok_or_else(|| Error::BusySync { name: name() })?)
}

/// Reads everybody, or what changed, as long as that is wanted.
fn fetch_all(cx: &Context, reach: &Reach, everybody: bool) -> Result<Fetched> {
    let region = cx.settings.get(&REGION).as_deref();
    let since = if everybody { None } else { cursor::usable(cx, &reach.connection)? };
    let fetched = block_on(cx.cancel.unless_unwanted(fetch(cx, reach, region, since)));
    let fetched = fetched.map_err(|source| Error::NoRuntime { source })?;
    cx.cancel.check()?;
    fetched.unwrap_or_else(|| Err(crate::store::Error::Interrupted.into()))
}

/// Reads everybody, and asks again for those who were not found; or what changed.
async fn fetch(cx: &Context, reach: &Reach, region: Option<&str>, since: Option<Cursor>) -> Result<Fetched> {
    let (now, next_row) = (cx.now(), cursor::next_row(cx)?);
    let (mut session, read) = read::read(cx, reach, region, since.as_ref()).await?;
    let read::Whole { elsewhere, position, extent, certificate } = read;
    let is_everybody = extent == Extent::Everybody;
    let full_at = if is_everybody { now } else { since.map_or(now, |since| since.full_at) };
    let cursor = position.map(|position| Cursor { position, next_row, full_at });
    if !is_everybody {
        session.close().await;
        let people = cx.stage(store::count)?;
        return Ok(Fetched { people, extent, cursor, elsewhere, missing: Vec::new(), certificate });
    }
    let (people, mut missing) = cx.stage(|tx| {
        let mut missing = Vec::new();
        people::each_of(tx, reach.connection.id, |guid, id, is_in_bin| {
            if !is_in_bin && !store::is_read(tx, guid)? {
                missing.push((guid, id));
            }
            Ok(())
        })?;
        Ok((store::count(tx)?, missing))
    })?;
    if people > 0 && !missing.is_empty() && missing.len() <= ASKED_AGAIN {
        let guids: Vec<Guid> = missing.iter().map(|(guid, _)| *guid).collect();
        let there = read::are_there(&mut session, reach, &guids).await?;
        missing.retain(|(guid, _)| !there.contains(guid));
    }
    session.close().await;
    Ok(Fetched { people, extent, cursor, elsewhere, missing, certificate })
}

fn follow(
    cx: &Context,
    engine: &mut Engine,
    (connection, fetched): (&Connection, Fetched),
    mut tell: Option<&mut Tell<'_>>,
) -> Result<Synced> {
    let specs = [GIVING, TAKING].map(|kind| spec(kind, connection));
    let Made { given, taken, mut kept, notes, gone } =
        make_both(cx, engine, (connection, &fetched), &specs, &mut tell)?;
    let newest = taken.run.as_ref().map(|run| run.id.as_str());
    if fetched.is_whole() {
        run::supersede_all(cx, &spec(TAKING, connection), Some(connection.id), newest)?;
    }
    if fetched.extent != Extent::Everybody {
        kept = quarantine::with_unread(cx, connection.id, kept)?;
    }
    let kept = quarantine::replace(cx, connection.id, kept)?;
    if fetched.is_whole() {
        note_absent(cx, connection, &gone)?;
    }
    note_seen(cx, connection)?;
    let is_all_done = fetched.elsewhere.is_empty() && given.left.count == 0 && taken.left.count == 0;
    cursor::note(cx, connection.id, fetched.cursor.as_ref().filter(|_| is_all_done))?;
    let notes = Notes { absent: gone.absent, ..notes };
    Ok(synced(connection, fetched, Made { given, taken, kept, notes, gone }))
}

/// What was made of what was read.
struct Made {
    given: Committed,
    taken: Committed,
    kept: Vec<Kept>,
    notes: Notes,
    gone: Gone,
}

/// Compares what was read with the people of the connection, and makes the run that gives and the one that takes.
fn make_both(
    cx: &Context,
    engine: &mut Engine,
    (connection, fetched): (&Connection, &Fetched),
    [giving, taking]: &[Spec<'_>; 2],
    tell: &mut Option<&mut Tell<'_>>,
) -> Result<Made> {
    let mut comparison = Comparison::new(cx, connection, fetched.extent != Extent::Changed);
    cx.stage(|tx| comparison.prepare(tx))?;
    let given = run::plan(cx, engine, giving, |tx, planner| {
        begin(tx, planner, connection)?;
        comparison.plan_gifts(tx, planner)
    })?;
    let given = make(cx, engine, given, tell)?;
    let gone = if fetched.is_whole() { gone(cx, connection, fetched)? } else { Gone::default() };
    let taken = run::plan(cx, engine, taking, |tx, planner| {
        begin(tx, planner, connection)?;
        if !fetched.elsewhere.is_empty() {
            return Ok(());
        }
        hold_if_many(cx, planner, (fetched, &gone));
        comparison.plan_takings(tx, planner, &gone.people)
    })?;
    let taken = make(cx, engine, taken, tell)?;
    Ok(Made { given, taken, kept: comparison.kept, notes: comparison.notes, gone })
}

fn synced(connection: &Connection, fetched: Fetched, made: Made) -> Synced {
    Synced {
        connection: connection.facts.name.clone(),
        people: fetched.people,
        extent: fetched.extent,
        given: made.given,
        taken: made.taken,
        kept: made.kept,
        notes: made.notes,
        leaver_runs: connection.facts.following.leaver_runs,
        elsewhere: fetched.elsewhere,
        missing: Vec::new(),
    }
}

fn spec<'a>(kind: &'a str, connection: &'a Connection) -> Spec<'a> {
    Spec { kind, source: &connection.facts.name, repeats: true, is_whole: false }
}

/// Says of which connection a plan is, and has the brake of that hold it, by the people whom it concerns.
fn begin(tx: &Tx<'_>, planner: &mut Planner<'_>, connection: &Connection) -> Result<()> {
    let following = &connection.facts.following;
    planner.comes_from_id(connection.id);
    planner.concerns(people::count_of(tx, connection.id)?.0);
    planner.brake(following.brake_people, following.brake_percent);
    Ok(())
}

/// Has the brake hold what takes where the directory has nobody, or very many are gone, whether or not they could log in.
fn hold_if_many(cx: &Context, planner: &mut Planner<'_>, (fetched, gone): (&Fetched, &Gone)) {
    let many = gone.people.len() as u64;
    if fetched.people == 0 && many > 0 {
        planner.hold("the directory has nobody".to_owned());
    } else if many > planner.allowed(cx) {
        planner.hold(format!("{} would be gone", count::people(many)));
    }
}

/// Makes what is planned, once it was told to whom asks for it.
fn make(
    cx: &Context,
    engine: &mut Engine,
    plan: Plan,
    tell: &mut Option<&mut Tell<'_>>,
) -> Result<Committed> {
    if let Some(tell) = tell {
        tell(cx)?;
    }
    run::commit(cx, engine, plan)
}

/// Who is gone, and who is on the way to that.
#[derive(Default)]
struct Gone {
    /// Those who are.
    people: Vec<Guid>,
    /// In how many reads in a row those and others were not found, by their ids; no more is counted than it takes.
    counts: HashMap<i64, u32>,
    /// How many are not gone yet.
    absent: u64,
}

/// Who is gone: whom enough whole reads in a row did not find; all of them where nobody at all was found, which is held.
fn gone(cx: &Context, connection: &Connection, fetched: &Fetched) -> Result<Gone> {
    let following = &connection.facts.following;
    let mut gone = Gone::default();
    if following.leavers == Leavers::Ignore {
        return Ok(gone);
    }
    let before: HashMap<i64, u32> = cx.read(|tx| store::absent(tx, connection.id))?.into_iter().collect();
    cx.read(|tx| {
        for (guid, id) in &fetched.missing {
            let Some(user) = people::with_guid(tx, connection.id, *guid)? else { continue };
            if user.facts.directory_missing_since.is_some() {
                continue;
            }
            let runs = before.get(id).copied().unwrap_or_default().saturating_add(1);
            if runs >= following.leaver_runs || fetched.people == 0 {
                gone.people.push(*guid);
            }
            gone.absent += u64::from(runs < following.leaver_runs);
            // Also of whom is gone: until that is applied, the next sync has to know it.
            gone.counts.insert(*id, runs.min(following.leaver_runs));
        }
        Ok(())
    })?;
    Ok(gone)
}

/// Notes who was not found and is not noted as gone; nothing is written where nothing changed.
fn note_absent(cx: &Context, connection: &Connection, gone: &Gone) -> Result<()> {
    let before: HashMap<i64, u32> = cx.read(|tx| store::absent(tx, connection.id))?.into_iter().collect();
    if before == gone.counts {
        return Ok(());
    }
    cx.write(|tx| {
        for id in before.keys().filter(|id| !gone.counts.contains_key(id)) {
            store::set_absent(tx, *id, None)?;
        }
        gone.counts.iter().try_for_each(|(id, runs)| store::set_absent(tx, *id, Some(*runs)))
    })
}

/// Notes when everybody was seen who is there: some at a time, so that nobody waits for it.
fn note_seen(cx: &Context, connection: &Connection) -> Result<()> {
    let (now, mut last) = (cx.now(), None);
    loop {
        let guids = cx.stage(|tx| store::guids(tx, last, SEEN_AT_ONCE))?;
        let Some(behind) = guids.last().copied() else { return Ok(()) };
        cx.write(|tx| {
            guids.iter().try_for_each(|guid| people::saw(tx, (connection.id, *guid), now).map(drop))
        })?;
        last = Some(behind);
    }
}
