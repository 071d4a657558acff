//! Reading a directory, in whole or what changed, into temporary tables that lock nothing of the store.
//!
//! People and groups are taken as they come, some at a time: only those are in memory. Nothing is compared here, and nothing
//! of the store is looked at while the server is waited for.

use std::collections::BTreeSet;

use super::Extent;
use super::cursor::{self, Cursor, Position};
use super::store;
use crate::context::Context;
use crate::directory::alert::Certificate;
use crate::directory::connection::{GroupSync, written};
use crate::directory::dn;
use crate::directory::error::Error;
use crate::directory::mapping::{Candidate, guid_of};
use crate::directory::reach::Reach;
use crate::directory::search::{Groups, People, SID};
use crate::directory::transport::{Answer, Cause, Entry, Failure, Session, Step};
use crate::error::Result;
use crate::text::email;
use crate::text::guid::Guid;

/// How many people, or members of groups, are in memory at most.
const IN_MEMORY: usize = 2000;

/// How many people are asked for by their guids at once.
const ASKED_AT_ONCE: usize = 50;

/// Somebody of a directory.
#[derive(Debug, Clone)]
pub(super) struct ReadPerson {
    /// The name of the entry.
    pub(super) dn: String,
    /// What all spellings of that have in common.
    pub(super) place: String,
    /// Which entry that stays.
    pub(super) guid: Option<Guid>,
    /// Who that would be here.
    pub(super) said: Candidate,
    /// What counts the group whose members do not name them.
    pub(super) primary_group: Option<Vec<u8>>,
    /// Why nobody is made of them, as far as they alone tell.
    pub(super) fault: Option<String>,
}

impl ReadPerson {
    /// What all spellings of the email have in common.
    pub(super) fn email_key(&self) -> Option<String> {
        self.said.email.as_deref().map(email::key)
    }
}

/// A group of a directory.
#[derive(Debug, Clone)]
pub(super) struct ReadGroup {
    /// How it is called.
    pub(super) name: String,
    /// What all spellings of the name of its entry have in common.
    pub(super) place: String,
    /// What a domain counts it by.
    pub(super) sid: Option<Vec<u8>>,
    /// The places of its members.
    pub(super) members: Vec<String>,
}

/// What was read beside people and groups.
pub(super) struct Whole {
    /// Where more people may be: what was not found here is not gone then.
    pub(super) elsewhere: BTreeSet<String>,
    /// Where the server was before it was read; nothing where it does not say that.
    pub(super) position: Option<Position>,
    /// Who was read.
    pub(super) extent: Extent,
    /// The certificate that the server showed, where it has one that tells.
    pub(super) certificate: Option<Certificate>,
}

/// Puts what is read into the tables, some at a time.
pub(super) struct Stage<'a> {
    cx: &'a Context,
    people: Vec<ReadPerson>,
    groups: Vec<ReadGroup>,
    members: usize,
    /// Why it could not be put there; then nothing more is.
    failed: Result<()>,
}

impl<'a> Stage<'a> {
    pub(super) fn new(cx: &'a Context) -> Result<Self> {
        cx.stage(store::make)?;
        Ok(Self { cx, people: Vec::new(), groups: Vec::new(), members: 0, failed: Ok(()) })
    }

    pub(super) fn person(&mut self, person: ReadPerson) {
        self.people.push(person);
        if self.people.len() >= IN_MEMORY {
            self.write();
        }
    }

    pub(super) fn group(&mut self, group: ReadGroup) {
        self.members += group.members.len() + 1;
        self.groups.push(group);
        if self.members >= IN_MEMORY {
            self.write();
        }
    }

    fn write(&mut self) {
        let (people, groups) = (std::mem::take(&mut self.people), std::mem::take(&mut self.groups));
        self.members = 0;
        if self.failed.is_ok() {
            self.failed = self.cx.stage(|tx| {
                self.cx.cancel.check()?;
                people.iter().try_for_each(|person| store::add_person(tx, person))?;
                groups.iter().try_for_each(|group| store::add_group(tx, group))
            });
        }
    }

    pub(super) fn finish(mut self) -> Result<()> {
        self.write();
        self.failed?;
        self.cx.stage(store::index)
    }
}

/// Reads what changed since it was followed the last time, where that is known and enough; else everybody, and the groups where
/// they are followed.
///
/// # Errors
/// When not all of it came: then nothing is said of anybody.
pub(super) async fn read(
    cx: &Context,
    reach: &Reach,
    region: Option<&str>,
    since: Option<&Cursor>,
) -> Result<(Session, Whole)> {
    let (mut session, server) = reach.enter_any().await?;
    let shown = session.certified_until.map(|until| Certificate { server: written(&server), until });
    let asked = Asked { cx, reach, region };
    match asked.read(&mut session, since).await {
        Ok(whole) => Ok((session, Whole { certificate: shown, ..whole })),
        Err(failure) => {
            session.close().await;
            Err(failure)
        }
    }
}

/// Reads these entries, and the groups where they are followed; where more people may be.
///
/// # Errors
/// When not all of it came: then nothing is said of anybody.
pub(super) async fn read_some(
    cx: &Context,
    reach: &Reach,
    region: Option<&str>,
    guids: &[Guid],
) -> Result<BTreeSet<String>> {
    let mut stage = Stage::new(cx)?;
    let (mut session, _) = reach.enter_any().await?;
    let some = Asked { cx, reach, region }.some(&mut session, &mut stage, guids).await;
    session.close().await;
    let elsewhere = some.map_err(|failure| unread(reach, failure))?;
    stage.finish()?;
    Ok(elsewhere)
}

/// What is asked of a directory.
struct Asked<'a> {
    cx: &'a Context,
    reach: &'a Reach,
    region: Option<&'a str>,
}

impl Asked<'_> {
    async fn read(&self, session: &mut Session, since: Option<&Cursor>) -> Result<Whole> {
        let position = cursor::position(session).await.map_err(|failure| unread(self.reach, failure))?;
        let from = since.zip(position.as_ref()).and_then(|(since, now)| since.goes_on_at(now));
        if let Some(from) = from
            && let Some(elsewhere) = self.changes(session, from).await?
        {
            return Ok(Whole { elsewhere, position, extent: Extent::Changed, certificate: None });
        }
        let mut stage = Stage::new(self.cx)?;
        let elsewhere =
            self.everybody(session, &mut stage).await.map_err(|failure| unread(self.reach, failure))?;
        stage.finish()?;
        Ok(Whole { elsewhere, position, extent: Extent::Everybody, certificate: None })
    }

    async fn everybody(
        &self,
        session: &mut Session,
        stage: &mut Stage<'_>,
    ) -> std::result::Result<BTreeSet<String>, Failure> {
        let facts = &self.reach.connection.facts;
        let asked = if self.has_groups() { People::with_groups(facts) } else { People::of(facts) };
        let people = |entry: Entry| stage.person(person(&entry, self.reach, self.region));
        let mut elsewhere = session.search(Step::People, asked.query(), people).await?;
        elsewhere.extend(self.groups(session, stage).await?);
        Ok(elsewhere)
    }

    /// Reads these entries, and the groups.
    async fn some(
        &self,
        session: &mut Session,
        stage: &mut Stage<'_>,
        guids: &[Guid],
    ) -> std::result::Result<BTreeSet<String>, Failure> {
        let facts = &self.reach.connection.facts;
        let mut elsewhere = BTreeSet::new();
        for some in guids.chunks(ASKED_AT_ONCE) {
            let asked = People::with_guids(facts, some);
            let people = |entry: Entry| stage.person(person(&entry, self.reach, self.region));
            elsewhere.extend(session.search(Step::People, asked.query(), people).await?);
        }
        elsewhere.extend(self.groups(session, stage).await?);
        Ok(elsewhere)
    }

    /// Reads the groups with their members, where they are followed.
    async fn groups(
        &self,
        session: &mut Session,
        stage: &mut Stage<'_>,
    ) -> std::result::Result<BTreeSet<String>, Failure> {
        if !self.has_groups() {
            return Ok(BTreeSet::new());
        }
        let asked = Groups::with_members(&self.reach.connection.facts);
        let groups = |entry: Entry| stage.group(group(&entry));
        session.search(Step::Groups, asked.query(), groups).await
    }

    /// Reads the people of whom something changed. Nothing where that does not tell who is in which group: a group changed, or
    /// somebody came new who may be in one.
    async fn changes(&self, session: &mut Session, from: i64) -> Result<Option<BTreeSet<String>>> {
        let (facts, unread) = (&self.reach.connection.facts, |failure: Failure| unread(self.reach, failure));
        if self.has_groups() {
            let mut is_any_changed = false;
            let asked = Groups::changed(facts, from);
            let found = session.search(Step::Groups, asked.query(), |_| is_any_changed = true).await;
            found.map_err(unread)?;
            if is_any_changed {
                return Ok(None);
            }
        }
        let mut stage = Stage::new(self.cx)?;
        let asked = People::changed(facts, from);
        let people = |entry: Entry| stage.person(person(&entry, self.reach, self.region));
        let elsewhere = session.search(Step::People, asked.query(), people).await.map_err(unread)?;
        stage.finish()?;
        let id = self.reach.connection.id;
        let is_unclear = self.has_groups() && self.cx.stage(|tx| store::is_anybody_new(tx, id))?;
        Ok((!is_unclear).then_some(elsewhere))
    }

    fn has_groups(&self) -> bool {
        self.reach.connection.facts.following.groups != GroupSync::Off
    }
}

/// Those of these entries who are people of the connection after all: who was moved while they were read is not gone.
pub(super) async fn are_there(
    session: &mut Session,
    reach: &Reach,
    guids: &[Guid],
) -> Result<BTreeSet<Guid>> {
    let facts = &reach.connection.facts;
    let mut found = BTreeSet::new();
    for some in guids.chunks(ASKED_AT_ONCE) {
        let asked = People::who_are(facts, some);
        let each = |entry: Entry| found.extend(guid_of(&entry, &facts.map));
        session.search(Step::People, asked.query(), each).await.map_err(|failure| unread(reach, failure))?;
    }
    Ok(found)
}

/// A base that is not there is a mistake in the connection, and no trouble of the server.
fn unread(reach: &Reach, failure: Failure) -> Error {
    let name = reach.name().to_owned();
    match failure.cause {
        Cause::Answer(Answer { code: 32, .. }) => {
            let facts = &reach.connection.facts;
            let base = if failure.step == Step::Groups { &facts.base_dn } else { facts.people_base() };
            Error::NoBase { name, base: base.to_owned() }
        }
        _ => Error::Unavailable { name, failure },
    }
}

fn person(entry: &Entry, reach: &Reach, region: Option<&str>) -> ReadPerson {
    let map = &reach.connection.facts.map;
    let (guid, said) = (guid_of(entry, map), Candidate::of(entry, map, region));
    let fault = super::Fault::of(guid, &said).map(|fault| fault.word().to_owned());
    ReadPerson {
        place: dn::key(&entry.dn),
        guid,
        said,
        primary_group: primary_group(entry),
        fault,
        dn: entry.dn.clone(),
    }
}

/// What counts the group of somebody whose members do not name them: the number of the domain, and its own.
fn primary_group(entry: &Entry) -> Option<Vec<u8>> {
    let number = u32::try_from(entry.number(People::PRIMARY_GROUP)?).ok()?;
    let own = entry.values(SID).first()?;
    let domain = own.get(..own.len().checked_sub(4)?)?;
    Some([domain, &number.to_le_bytes()].concat())
}

fn group(entry: &Entry) -> ReadGroup {
    let member = |value: &Vec<u8>| dn::key(&String::from_utf8_lossy(value));
    ReadGroup {
        name: entry.text(Groups::NAME).unwrap_or_default().to_owned(),
        place: dn::key(&entry.dn),
        sid: entry.values(SID).first().cloned(),
        members: entry.values(Groups::MEMBER).iter().map(member).collect(),
    }
}
