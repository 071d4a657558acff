//! Making a copy.

use std::collections::BTreeSet;
use std::io::Write;

use super::pseudonym::Pseudonyms;
use super::{Does, Ends, FORMAT, Group, Line, Person};
use crate::context::Context;
use crate::directory::connection::{Connection, GroupSync, Places};
use crate::directory::error::Error;
use crate::directory::mapping::Expiry;
use crate::directory::reach::Reach;
use crate::directory::store::{group_names, is_local};
use crate::directory::sync::quarantine::Fault;
use crate::directory::sync::read::{ReadGroup, ReadPerson};
use crate::directory::sync::{Fetched, alone, fetch_all, store};
use crate::error::Result;
use crate::store::Tx;
use crate::text::email;
use crate::text::name::check_title;

/// Reads everybody and the groups, as a sync does, and writes that as a copy.
///
/// # Errors
/// When another process follows the directory just now, when it cannot be read in whole, or nothing can be written.
pub(crate) fn capture(cx: &Context, name: &str, out: &mut dyn Write) -> Result<()> {
    let reach = Reach::to_follow(cx, name)?;
    let _alone = alone(cx, &reach, false)?;
    let written = fetch_all(cx, &reach, true).and_then(|fetched| {
        let Fetched { elsewhere, .. } = fetched;
        if let Some(address) = elsewhere.into_iter().next() {
            return Err(Error::Elsewhere { name: reach.name().to_owned(), address }.into());
        }
        Copy::begin(cx, &reach.connection)?.write(out)
    });
    let forgotten = cx.cancel.regardless(|| cx.stage(store::drop_all));
    written.and(forgotten)
}

/// A copy under way.
struct Copy<'a> {
    cx: &'a Context,
    connection: &'a Connection,
    names: Pseudonyms,
    /// The groups for people of the connection, by name.
    groups: BTreeSet<String>,
}

impl<'a> Copy<'a> {
    fn begin(cx: &'a Context, connection: &'a Connection) -> Result<Self> {
        let groups = cx.read(|tx| group_names(tx, connection.facts.company_id))?;
        let names = Pseudonyms::new(&*cx.rng)?;
        Ok(Self { cx, connection, names, groups: groups.into_iter().collect() })
    }

    fn write(&self, out: &mut dyn Write) -> Result<()> {
        let following = &self.connection.facts.following;
        let does = Does {
            makes_people: following.creates,
            follows_groups: following.groups != GroupSync::Off,
            makes_departments: following.departments == Places::Create,
            makes_positions: following.positions == Places::Create,
        };
        line(out, &Line::Capture { format: FORMAT, does })?;
        let (mut people, mut groups) = (0, 0);
        self.cx.stage(|tx| {
            store::each_person(tx, |read| {
                self.cx.cancel.check()?;
                people += 1;
                line(out, &Line::Person(Box::new(self.person(tx, &read)?)))
            })?;
            store::each_group(tx, |read| {
                groups += 1;
                line(out, &Line::Group(self.group(&read)))
            })
        })?;
        line(out, &Line::End { people, groups })
    }

    fn person(&self, tx: &Tx<'_>, read: &ReadPerson) -> Result<Person> {
        let (names, said) = (&self.names, &read.said);
        let called =
            |kind: &str, name: &Option<String>| name.as_deref().map(|name| names.of(kind, name.as_bytes()));
        let place = |kind: &str, name: &Option<String>| {
            name.as_deref().filter(|name| check_title(name).is_ok()).map(|name| names.folded(kind, name))
        };
        let is_taken = match &said.email {
            Some(email) => is_local(tx, &email::key(email))?,
            None => false,
        };
        Ok(Person {
            place: names.of("p", read.place.as_bytes()),
            guid: read.guid.as_ref().and_then(|guid| names.guid(guid)),
            email: said.email.as_deref().map(|email| names.email(email)),
            is_taken,
            first_name: called("n", &said.first_name),
            last_name: called("n", &said.last_name),
            has_good_phone: said.fitting_phone().map(|_| !said.has_odd_phone()),
            department: place("d", &said.department),
            position: place("t", &said.position),
            is_disabled: said.is_disabled,
            ends: said.expires.map(|expires| match expires {
                Expiry::Never => Ends::Never,
                Expiry::At(at) if at <= self.cx.now() => Ends::Ended,
                Expiry::At(_) => Ends::Later,
            }),
            primary_group: read.primary_group.as_ref().map(|sid| names.of("s", sid)),
            fault: read.fault.as_deref().and_then(Fault::of_word),
        })
    }

    fn group(&self, read: &ReadGroup) -> Group {
        let of_place = |place: &String| self.names.of("p", place.as_bytes());
        Group {
            name: self.names.of("g", read.name.as_bytes()),
            place: of_place(&read.place),
            sid: read.sid.as_ref().map(|sid| self.names.of("s", sid)),
            members: read.members.iter().map(of_place).collect(),
            is_here: self.groups.contains(&read.name),
        }
    }
}

fn line(out: &mut dyn Write, line: &Line) -> Result<()> {
    let unwritten = |source| Error::Unwritten { source };
    serde_json::to_writer(&mut *out, line).map_err(|error| unwritten(error.into()))?;
    Ok(out.write_all(b"\n").map_err(unwritten)?)
}
