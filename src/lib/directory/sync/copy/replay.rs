//! Following a copy, in a store that is made for it and goes with it.

use std::collections::BTreeSet;

use tempfile::TempDir;

use super::{Does, Ends, FORMAT, Group, Line, Person};
use crate::company;
use crate::context::settings::Table;
use crate::context::{Actor, Context, Settings};
use crate::crypto::key::MasterKey;
use crate::crypto::rng::SystemRandom;
use crate::directory::connection::{self, Connection, Edit, FollowingEdit, GroupSync, Places};
use crate::directory::error::Error;
use crate::directory::mapping::{Candidate, Expiry};
use crate::directory::sync::read::{ReadGroup, ReadPerson, Stage};
use crate::directory::sync::{Extent, Fetched, Synced, Tell, follow, store};
use crate::error::Result;
use crate::group;
use crate::run::Engine;
use crate::store::Store;
use crate::text::instant::Instant;
use crate::text::secret::Secret;
use crate::user::Facts;
use crate::user::create::create;

/// What the connection and its company are called there.
const NAME: &str = "capture";

/// A phone in international writing, and one in none.
const GOOD_PHONE: &str = "+380440000000";
const ODD_PHONE: &str = "0000";

/// How many microseconds away an account ends, or ended.
const A_YEAR: i64 = 365 * 86_400 * 1_000_000;

/// A copy and the store in which it is followed.
pub(crate) struct Replay {
    /// That store.
    pub(crate) cx: Context,
    connection: Connection,
    people: u64,
    _folder: TempDir,
}

impl Replay {
    /// Reads a copy into a store that is made for it.
    ///
    /// # Errors
    /// When it is none, or no store can be made.
    pub(crate) fn of(text: &str, settings: &'static Table) -> Result<Self> {
        let copy = Copied::parse(text)?;
        let folder = tempfile::tempdir().map_err(|source| Error::NoScratch { source })?;
        let key = MasterKey::generate(&SystemRandom)?;
        let made = Store::create(&folder.path().join("replay.db"))?;
        made.write(|tx| tx.bind_key(&key))?;
        let mut cx = Context::new(made, key, Settings::new(settings), Actor::system(None));
        cx.tells_people = false;
        let connection = copy.prepare(&cx)?;
        let mut stage = Stage::new(&cx)?;
        for person in &copy.people {
            stage.person(person.read(cx.now()));
        }
        for group in &copy.groups {
            stage.group(group.read());
        }
        stage.finish()?;
        cx.dry_run = true;
        let people = cx.stage(store::count)?;
        Ok(Self { cx, connection, people, _folder: folder })
    }
}

/// Plans what a sync would do, and tells it.
///
/// # Errors
/// When the plan cannot be told.
pub(crate) fn replay(replay: &Replay, engine: &mut Engine, tell: &mut Tell<'_>) -> Result<Synced> {
    let fetched = Fetched {
        people: replay.people,
        extent: Extent::Everybody,
        cursor: None,
        elsewhere: BTreeSet::new(),
        missing: Vec::new(),
        certificate: None,
    };
    follow(&replay.cx, engine, (&replay.connection, fetched), Some(tell))
}

/// A copy as it was read.
struct Copied {
    does: Does,
    people: Vec<Person>,
    groups: Vec<Group>,
}

impl Copied {
    fn parse(text: &str) -> Result<Self, Error> {
        let bad = |line: usize| Error::BadCopy { line };
        let mut lines = (1..).zip(text.lines());
        let (_, first) = lines.next().ok_or_else(|| bad(1))?;
        let Ok(Line::Capture { format: FORMAT, does }) = serde_json::from_str(first) else {
            return Err(bad(1));
        };
        let mut copy = Self { does, people: Vec::new(), groups: Vec::new() };
        let mut is_whole = false;
        let mut last = 1;
        for (number, line) in lines {
            last = number;
            match serde_json::from_str(line) {
                Ok(Line::Person(person)) if !is_whole => copy.people.push(*person),
                Ok(Line::Group(group)) if !is_whole => copy.groups.push(group),
                Ok(Line::End { people, groups }) if !is_whole => {
                    is_whole = (people, groups) == (copy.people.len() as u64, copy.groups.len() as u64);
                    if !is_whole {
                        return Err(bad(number));
                    }
                }
                _ => return Err(bad(number)),
            }
        }
        // What has no end was cut.
        if is_whole { Ok(copy) } else { Err(bad(last + 1)) }
    }

    /// Makes what is there before the sync: groups, accounts that are none of a directory, the connection.
    fn prepare(&self, cx: &Context) -> Result<Connection> {
        company::create(cx, &company::New { name: NAME.to_owned(), ..Default::default() }, false)?;
        let here: BTreeSet<&String> =
            self.groups.iter().filter(|group| group.is_here).map(|group| &group.name).collect();
        for name in here {
            group::create(cx, &group::New { name: name.clone(), ..Default::default() }, None, false)?;
        }
        let taken =
            self.people.iter().filter(|person| person.is_taken).filter_map(|person| person.email.clone());
        for email in taken.collect::<BTreeSet<_>>() {
            let local = Facts {
                first_name: Some("local".to_owned()),
                last_name: Some("account".to_owned()),
                company: Some(NAME.to_owned()),
                ..Facts::new(email)
            };
            create(cx, local, None, false)?;
        }
        let places = |makes| Some(if makes { Places::Create } else { Places::Match });
        let following = FollowingEdit {
            creates: Some(self.does.makes_people),
            groups: Some(if self.does.follows_groups { GroupSync::Mirror } else { GroupSync::Off }),
            departments: places(self.does.makes_departments),
            positions: places(self.does.makes_positions),
            ..FollowingEdit::default()
        };
        let edit = Edit {
            servers: vec!["ldaps://capture.example".to_owned()],
            bind_dn: Some(NAME.to_owned()),
            base_dn: Some("DC=capture".to_owned()),
            password: Some(Secret::new(NAME.to_owned())),
            following,
            ..Edit::default()
        };
        connection::create(cx, (NAME, NAME), &edit)
    }
}

impl Person {
    fn read(&self, now: Instant) -> ReadPerson {
        let at = |micros: i64| Expiry::At(Instant::from_micros(now.micros().saturating_add(micros)));
        ReadPerson {
            dn: format!("CN={}", self.place),
            place: self.place.clone(),
            guid: self.guid,
            said: Candidate {
                email: self.email.clone(),
                first_name: self.first_name.clone(),
                last_name: self.last_name.clone(),
                phone: self.has_good_phone.map(|good| if good { GOOD_PHONE } else { ODD_PHONE }.to_owned()),
                department: self.department.clone(),
                position: self.position.clone(),
                is_disabled: self.is_disabled,
                expires: self.ends.map(|ends| match ends {
                    Ends::Never => Expiry::Never,
                    Ends::Ended => at(-A_YEAR),
                    Ends::Later => at(A_YEAR),
                }),
            },
            primary_group: self.primary_group.as_ref().map(|sid| sid.as_bytes().to_vec()),
            fault: self.fault.map(|fault| fault.word().to_owned()),
        }
    }
}

impl Group {
    fn read(&self) -> ReadGroup {
        ReadGroup {
            name: self.name.clone(),
            place: self.place.clone(),
            sid: self.sid.as_ref().map(|sid| sid.as_bytes().to_vec()),
            members: self.members.clone(),
        }
    }
}
