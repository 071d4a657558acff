//! What was read of a directory, held against the people of its connection: what gives, and what takes.
//!
//! A person is an entry by its guid, and never by their email. What the directory does not say stays as it is.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::Kept;
use super::places::Places;
use super::quarantine::Fault;
use super::read::ReadPerson;
use super::store::{self, Read};
use crate::context::Context;
use crate::directory::connection::{Connection, GroupSync};
use crate::directory::mapping::{Candidate, Expiry};
use crate::directory::near::{self, Near};
use crate::error::{Failure, Kind, Result};
use crate::group;
use crate::run::Planner;
use crate::store::Tx;
use crate::text::email;
use crate::text::guid::Guid;
use crate::text::instant::Instant;
use crate::text::name::check_name;
use crate::user::directory::{self as people, Follower};
use crate::user::{self, Facts, User};

/// From so many members on a group that loses more than half is held.
const LARGE_GROUP: u64 = 10;

/// What is to be known beside what is planned.
#[derive(Debug, Default)]
pub(crate) struct Notes {
    /// Entries of nobody here, of whom nobody is made.
    pub(crate) not_made: u64,
    /// Phones that are in no international writing, and are kept as they are.
    pub(crate) odd_phones: u64,
    /// Departments and positions that are not here, each with how many people would have it.
    pub(crate) missing_places: BTreeMap<String, u64>,
    /// Groups that take part, and that several are called as there.
    pub(crate) unclear_groups: Vec<String>,
    /// Groups that take no part, for they are called nearly as one there.
    pub(crate) near_groups: Vec<Near>,
    /// People who were not found, and are not gone yet.
    pub(crate) absent: u64,
}

/// A comparison under way.
pub(super) struct Comparison<'a> {
    cx: &'a Context,
    connection: &'a Connection,
    /// Whether it was read who is in which group.
    has_groups: bool,
    places: Places,
    /// The groups here that are called as one there, by that name: how they are named, and of which company.
    groups: HashMap<String, Vec<(String, Option<i64>)>>,
    /// The groups here as which several are called there: nobody comes into them or out of them.
    unclear: BTreeSet<String>,
    /// How many of those who were found each group has by the directory.
    members: HashMap<String, u64>,
    /// Those of whom something is to be taken, by the place where they were read.
    taken: Vec<i64>,
    /// Who is kept aside.
    pub(super) kept: Vec<Kept>,
    /// What is to be known.
    pub(super) notes: Notes,
}

/// What the directory says of an account.
struct State {
    is_disabled: Option<bool>,
    expires: Option<Expiry>,
    /// In order; nothing where groups are not followed.
    groups: Option<Vec<String>>,
}

impl<'a> Comparison<'a> {
    /// Where only what changed was read, nothing is known of groups.
    pub(super) fn new(cx: &'a Context, connection: &'a Connection, knows_groups: bool) -> Self {
        Self {
            cx,
            connection,
            has_groups: knows_groups && connection.facts.following.groups != GroupSync::Off,
            places: Places::of(&connection.facts),
            groups: HashMap::new(),
            unclear: BTreeSet::new(),
            members: HashMap::new(),
            taken: Vec::new(),
            kept: Vec::new(),
            notes: Notes::default(),
        }
    }

    /// Finds the groups that take part, and who is in them there; and who says that they are somebody else.
    pub(super) fn prepare(&mut self, tx: &Tx<'_>) -> Result<()> {
        store::mark_doubles(tx, Fault::GuidTwice.word(), Fault::EmailTwice.word())?;
        if !self.has_groups {
            return Ok(());
        }
        let company = self.connection.facts.company_id;
        group::list_in(tx, None, |group| {
            if group.company_id.is_none_or(|of| of == company) {
                let named = self.groups.entry(group.name.clone()).or_default();
                named.push((group.canonical(), group.company_id));
            }
            Ok(())
        })?;
        let theirs = store::group_names(tx)?;
        let mut ours: Vec<String> = self.groups.keys().cloned().collect();
        ours.sort_unstable();
        self.notes.near_groups = near::misses(&ours, &theirs);
        self.groups.retain(|name, _| theirs.binary_search(name).is_ok());
        for name in store::repeated_group_names(tx)? {
            if let Some(named) = self.groups.remove(&name) {
                self.unclear.extend(named.into_iter().map(|(name, _)| name));
                self.notes.unclear_groups.push(name);
            }
        }
        self.groups.keys().try_for_each(|name| store::expand(tx, name))
    }

    /// Plans what gives: who comes new, what somebody is called, what lets them in again, groups they come into.
    pub(super) fn plan_gifts(&mut self, tx: &Tx<'_>, planner: &mut Planner<'_>) -> Result<()> {
        let mut follower = if self.places.makes_any() { Follower::making_places() } else { Follower::new() };
        store::each(tx, |read| {
            self.cx.cancel.check()?;
            self.give((tx, planner, &mut follower), &read)
        })
    }

    /// Plans what takes: who is disabled there or ends sooner, groups they left, and these who are gone.
    pub(super) fn plan_takings(
        &mut self,
        tx: &Tx<'_>,
        planner: &mut Planner<'_>,
        gone: &[Guid],
    ) -> Result<()> {
        let mut follower = Follower::new();
        let mut left: BTreeMap<String, u64> = BTreeMap::new();
        let mut taken = std::mem::take(&mut self.taken).into_iter().peekable();
        store::each(tx, |read| {
            if taken.next_if_eq(&read.id).is_none() {
                return Ok(());
            }
            self.cx.cancel.check()?;
            let Some(guid) = read.person.guid else { return Ok(()) };
            let Some(user) = people::with_guid(tx, self.connection.id, guid)? else { return Ok(()) };
            let facts = self.state(&user, &read).taking(&user.facts, self.mirrored());
            let stays = facts.directory_groups.clone();
            if self.take((tx, planner, &mut follower), (&user, facts), &read.person.dn)? {
                for group in user.facts.directory_groups.iter().filter(|group| !stays.contains(group)) {
                    *left.entry(group.clone()).or_default() += 1;
                }
            }
            Ok(())
        })?;
        let now = self.cx.now();
        for guid in gone {
            self.cx.cancel.check()?;
            if let Some(user) = people::with_guid(tx, self.connection.id, *guid)? {
                let facts = Facts { directory_missing_since: Some(now), ..user.facts.clone() };
                self.take((tx, planner, &mut follower), (&user, facts), "")?;
            }
        }
        for (group, losing) in left {
            let of = self.members.get(&group).copied().unwrap_or_default();
            if of >= LARGE_GROUP && losing.saturating_mul(2) > of {
                planner.hold(format!(
                    "group `{group}` would lose {losing} of the {of} people whom the directory puts into it"
                ));
            }
        }
        Ok(())
    }

    fn give(
        &mut self,
        (tx, planner, follower): (&Tx<'_>, &mut Planner<'_>, &mut Follower),
        read: &Read,
    ) -> Result<()> {
        let person = &read.person;
        let fault = person.fault.as_deref().and_then(Fault::of_word);
        let Some(guid) = person.guid.filter(|_| fault != Some(Fault::GuidTwice)) else {
            self.keep(person, fault.unwrap_or(Fault::NoGuid));
            return Ok(());
        };
        let outcome = match people::with_guid(tx, self.connection.id, guid)? {
            Some(user) if user.facts.deleted => {
                self.keep(person, Fault::InBin);
                return Ok(());
            }
            Some(user) => {
                let fault = fault.filter(|fault| *fault != Fault::EmailTwice || !has_email(&user, person));
                let facts = self.changed(tx, &user, (read, fault))?;
                if facts == user.facts {
                    // Nothing is done to them, so nobody is asked whether they may.
                    planner.unchanged();
                    return Ok(());
                }
                follower.change(self.cx, tx, planner, (&user, facts))
            }
            None => match fault {
                Some(fault) => {
                    self.keep(person, fault);
                    return Ok(());
                }
                None if !self.connection.facts.following.creates => {
                    self.notes.not_made += 1;
                    return Ok(());
                }
                None => {
                    let Some(facts) = self.made(tx, (guid, read))? else { return Ok(()) };
                    follower.create(self.cx, tx, planner, facts)
                }
            },
        };
        match outcome {
            Err(failure) if is_of_one(&failure) => {
                self.keep_because(person, Fault::Refused, failure.to_string());
                planner.refused();
                Ok(())
            }
            other => other,
        }
    }

    /// Somebody who comes new; nothing of whom an account has the email.
    fn made(&mut self, tx: &Tx<'_>, (guid, read): (Guid, &Read)) -> Result<Option<Facts>> {
        let said = &read.person.said;
        let email = said.email.clone().unwrap_or_default();
        if let Some(words) = taken(tx, &email, None)? {
            self.keep_because(&read.person, Fault::EmailTaken, words);
            return Ok(None);
        }
        let mut facts = Facts {
            directory: Some(self.connection.id),
            directory_guid: Some(guid),
            company: Some(self.connection.facts.company.clone()),
            directory_disabled: said.is_disabled.unwrap_or_default(),
            directory_expires_at: said.expires.and_then(Expiry::end),
            directory_groups: self
                .groups_of(Some(self.connection.facts.company_id), read)
                .unwrap_or_default(),
            ..Facts::new(email)
        };
        self.write(tx, &mut facts, said, true)?;
        Ok(Some(facts))
    }

    /// Somebody there is, with what gives. Of whom is kept aside nothing but what lets them in changes.
    fn changed(&mut self, tx: &Tx<'_>, user: &User, (read, fault): (&Read, Option<Fault>)) -> Result<Facts> {
        let said = &read.person.said;
        let state = self.state(user, read);
        for group in &user.facts.directory_groups {
            *self.members.entry(group.clone()).or_default() += 1;
        }
        if state.taking(&user.facts, self.mirrored()) != user.facts {
            self.taken.push(read.id);
        }
        let mut facts = state.giving(&user.facts);
        if let Some(fault) = fault {
            self.keep(&read.person, fault);
            return Ok(facts);
        }
        let email = said.email.clone().unwrap_or_default();
        if email != facts.email {
            if let Some(words) = taken(tx, &email, Some(user.id))? {
                self.keep_because(&read.person, Fault::EmailTaken, words);
                return Ok(facts);
            }
            facts.email = email;
        }
        self.write(tx, &mut facts, said, user.company_id == Some(self.connection.facts.company_id))?;
        Ok(facts)
    }

    /// Writes what is said of somebody; where they are in the company of the connection, also where they work there.
    fn write(&mut self, tx: &Tx<'_>, facts: &mut Facts, said: &Candidate, is_ours: bool) -> Result<()> {
        for (name, said) in
            [(&mut facts.first_name, &said.first_name), (&mut facts.last_name, &said.last_name)]
        {
            if let Some(said) = said {
                *name = Some(check_name(said)?);
            }
        }
        if let Some(phone) = said.fitting_phone() {
            self.notes.odd_phones += u64::from(said.has_odd_phone());
            facts.phone = Some(phone.to_owned());
        }
        if is_ours {
            self.places.write(tx, facts, said, &mut self.notes.missing_places)?;
        }
        Ok(())
    }

    fn state(&self, user: &User, read: &Read) -> State {
        State {
            is_disabled: read.person.said.is_disabled,
            expires: read.person.said.expires,
            groups: self.groups_of(user.company_id, read),
        }
    }

    /// The groups here that somebody of a company is in there, in order; nothing where they are not known.
    fn groups_of(&self, company: Option<i64>, read: &Read) -> Option<Vec<String>> {
        if !self.has_groups {
            return None;
        }
        let called = read.in_groups.iter().filter_map(|name| self.groups.get(name)).flatten();
        let fit = called.filter(|(_, of)| of.is_none() || *of == company);
        let mut names: Vec<String> = fit.map(|(name, _)| name.clone()).collect();
        names.sort_unstable();
        Some(names)
    }

    /// Where who left a group there is taken out here: the groups of which nobody is.
    fn mirrored(&self) -> Option<&BTreeSet<String>> {
        (self.connection.facts.following.groups == GroupSync::Mirror).then_some(&self.unclear)
    }

    /// Plans what takes from somebody; whether it is planned. Whom a rule protects is kept aside by the name of their entry,
    /// of whom nothing is left without one, and keeps nobody else from being kept out.
    fn take(
        &mut self,
        (tx, planner, follower): (&Tx<'_>, &mut Planner<'_>, &mut Follower),
        (user, facts): (&User, Facts),
        dn: &str,
    ) -> Result<bool> {
        if facts == user.facts {
            return Ok(false);
        }
        match follower.change(self.cx, tx, planner, (user, facts)) {
            Ok(()) => Ok(true),
            Err(failure) if is_of_one(&failure) => {
                planner.refused();
                let guid = user.facts.directory_guid;
                if !self.kept.iter().any(|kept| kept.guid == guid) {
                    self.kept.push(Kept {
                        dn: dn.to_owned(),
                        guid,
                        email: Some(user.facts.email.clone()),
                        code: Fault::Refused.word().to_owned(),
                        words: failure.to_string(),
                        since: self.cx.now(),
                    });
                }
                Ok(false)
            }
            Err(failure) => Err(failure),
        }
    }

    fn keep(&mut self, person: &ReadPerson, fault: Fault) {
        self.keep_because(person, fault, fault.words().to_owned());
    }

    fn keep_because(&mut self, person: &ReadPerson, fault: Fault, words: String) {
        self.kept.push(Kept {
            dn: person.dn.clone(),
            guid: person.guid,
            email: person.said.email.clone(),
            code: fault.word().to_owned(),
            words,
            since: self.cx.now(),
        });
    }
}

impl State {
    /// With what lets somebody in, or into groups.
    fn giving(&self, facts: &Facts) -> Facts {
        let mut facts = Facts { directory_missing_since: None, ..facts.clone() };
        if self.is_disabled == Some(false) {
            facts.directory_disabled = false;
        }
        if let Some(expires) = self.expires
            && is_later(expires, facts.directory_expires_at)
        {
            facts.directory_expires_at = expires.end();
        }
        if let Some(groups) = &self.groups {
            facts.directory_groups.extend(groups.iter().cloned());
            facts.directory_groups.sort_unstable();
            facts.directory_groups.dedup();
        }
        facts
    }

    /// With what keeps somebody out, or takes them out of groups but these; out of none where groups are not mirrored.
    fn taking(&self, facts: &Facts, mirrored_but: Option<&BTreeSet<String>>) -> Facts {
        let mut facts = facts.clone();
        if self.is_disabled == Some(true) {
            facts.directory_disabled = true;
        }
        if let Some(expires) = self.expires
            && !is_later(expires, facts.directory_expires_at)
        {
            facts.directory_expires_at = expires.end();
        }
        if let (Some(groups), Some(but)) = (&self.groups, mirrored_but) {
            facts.directory_groups.retain(|group| groups.contains(group) || but.contains(group));
        }
        facts
    }
}

/// Whether an account ends later than it did.
fn is_later(expires: Expiry, before: Option<Instant>) -> bool {
    match (expires, before) {
        (Expiry::Never, _) => true,
        (Expiry::At(_), None) => false,
        (Expiry::At(at), Some(before)) => at > before,
    }
}

/// Whether somebody has the email that is said of them.
fn has_email(user: &User, person: &ReadPerson) -> bool {
    person.email_key().is_some_and(|key| key == email::key(&user.facts.email))
}

/// Why an email cannot be that of a new account, or of this one.
fn taken(tx: &Tx<'_>, email: &str, own: Option<i64>) -> Result<Option<String>> {
    let other = user::with_email(tx, email)?.filter(|other| Some(other.id) != own);
    Ok(other.map(|other| match other.facts.directory {
        None => format!("an account here has the email `{email}`, and is none of a directory"),
        Some(_) => format!("another account of a directory has the email `{email}`"),
    }))
}

/// Whether a failure is about one person, so that the others can go on.
fn is_of_one(failure: &Failure) -> bool {
    matches!(failure.kind(), Kind::Refused | Kind::NotFound | Kind::CannotCreate | Kind::Denied)
}
