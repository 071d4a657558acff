//! What in a directory would keep people out, or take somebody for another: `ad lint`.
//!
//! Everything is read first, in whole; then the store is asked. Nothing is changed, here or there.

use std::collections::{BTreeSet, HashMap};

use super::error::Error;
use super::mapping::{Candidate, Field, Map};
use super::near::{self, Near};
use super::reach::Reach;
use super::search::{Groups, People};
use super::store;
use super::transport::{Entry, Step, block_on};
use crate::context::Context;
use crate::error::Result;
use crate::text::email;

/// What is not as it should be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Fault {
    /// Nothing says who somebody stays, whatever they are called.
    NoGuid,
    /// Two say that they are the same.
    GuidTwice,
    /// Somebody has no email, or none that is one.
    NoEmail,
    /// Several have the same email, be it in another letter case.
    EmailTwice,
    /// An account that is none of a directory has the email here.
    EmailIsLocal,
    /// First or last name is missing.
    NoName,
    /// A group here is nearly called as one there.
    GroupNear,
    /// Several there are called as a group here.
    GroupTwice,
    /// Another server may know more people.
    Elsewhere,
}

impl Fault {
    /// As it is printed.
    pub(crate) const fn code(self) -> &'static str {
        match self {
            Self::NoGuid => "no_guid",
            Self::GuidTwice => "guid_twice",
            Self::NoEmail => "no_email",
            Self::EmailTwice => "email_twice",
            Self::EmailIsLocal => "email_is_local",
            Self::NoName => "no_name",
            Self::GroupNear => "group_near",
            Self::GroupTwice => "group_twice",
            Self::Elsewhere => "elsewhere",
        }
    }

    /// What to do about it.
    pub(crate) const fn advice(self) -> &'static str {
        match self {
            Self::NoGuid => {
                "let the account that reads see the attribute, or name another with `--map guid=…`"
            }
            Self::GuidTwice => "name an attribute with `--map guid=…` that each has of its own",
            Self::NoEmail => "give them one in the directory, or leave them out by the filter",
            Self::EmailTwice => {
                "give each an email of their own in the directory, or leave one out by the filter"
            }
            Self::EmailIsLocal => "an email takes over no account: see whether it is the same person",
            Self::NoName => "give them a first and a last name in the directory",
            Self::GroupNear => "call both the same, letter by letter, if they are meant to be the same",
            Self::GroupTwice => {
                "leave one of that name there: until then nobody comes into it or out of it here"
            }
            Self::Elsewhere => {
                "make another connection for who is there, or name with `--search-base` an entry below which nobody else is"
            }
        }
    }
}

/// Something that is not as it should be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Finding {
    /// What.
    pub(crate) fault: Fault,
    /// Of which entry, by its name there.
    pub(crate) subject: String,
    /// In words.
    pub(crate) words: String,
}

/// What was looked at, and what was found.
pub(crate) struct Linted {
    /// The connection.
    pub(crate) connection: String,
    /// How many people there are.
    pub(crate) people: u64,
    /// What is not as it should be, in order.
    pub(crate) found: Vec<Finding>,
}

/// Somebody, as far as that matters here.
struct Known {
    dn: String,
    email: Option<String>,
    guid: Option<Vec<u8>>,
    has_names: bool,
}

impl Known {
    fn of(entry: Entry, map: &Map) -> Self {
        let guid = map.attribute(Field::Guid).and_then(|name| entry.values(name).first().cloned());
        let has = |field| map.attribute(field).is_some_and(|name| entry.text(name).is_some());
        Self {
            email: Candidate::of(&entry, map, None).email,
            guid: guid.filter(|guid| !guid.is_empty()),
            has_names: has(Field::FirstName) && has(Field::LastName),
            dn: entry.dn,
        }
    }
}

/// Looks at all people and groups of a directory.
///
/// # Errors
/// When it cannot be read in whole.
pub(crate) fn run(cx: &Context, name: &str) -> Result<Linted> {
    let reach = Reach::named(cx, name)?;
    let read = block_on(read(&reach)).map_err(|source| Error::NoRuntime { source })?;
    let Read { people, groups, elsewhere } = read?;
    let mut found = Vec::new();
    let words = "another server may know more people there, and is not asked";
    let elsewhere = elsewhere.into_iter();
    found.extend(elsewhere.map(|subject| Finding {
        fault: Fault::Elsewhere,
        subject,
        words: words.to_owned(),
    }));
    alone(&people, &mut found);
    twice(&people, &mut found);
    let company = reach.connection.facts.company_id;
    cx.read(|tx| {
        for known in &people {
            if let Some(email) = &known.email
                && store::is_local(tx, &email::key(email))?
            {
                let words = format!("an account here has the email `{email}`, and is none of a directory");
                found.push(Finding { fault: Fault::EmailIsLocal, subject: known.dn.clone(), words });
            }
        }
        let ours = store::group_names(tx, company)?;
        found.extend(nearly_called(&ours, &groups));
        found.extend(several_called(&ours, &groups));
        Ok(())
    })?;
    found.sort_by(|a, b| (a.fault, &a.subject).cmp(&(b.fault, &b.subject)));
    Ok(Linted { connection: reach.name().to_owned(), people: people.len() as u64, found })
}

/// What was read of a directory.
struct Read {
    people: Vec<Known>,
    groups: Vec<String>,
    /// Where more people may be.
    elsewhere: BTreeSet<String>,
}

async fn read(reach: &Reach) -> Result<Read, Error> {
    let (mut session, _) = reach.enter_any().await?;
    let facts = &reach.connection.facts;
    let (mut people, mut groups) = (Vec::new(), Vec::new());
    let read = async {
        let asked = People::of(facts);
        let elsewhere = session
            .search(Step::People, asked.query(), |entry| people.push(Known::of(entry, &facts.map)))
            .await?;
        let asked = Groups::named(facts);
        session
            .search(Step::Groups, asked.query(), |entry| {
                groups.extend(entry.text(Groups::NAME).map(str::to_owned));
            })
            .await?;
        Ok(elsewhere)
    };
    let read = read.await;
    session.close().await;
    let elsewhere = read.map_err(|failure| Error::Unavailable { name: reach.name().to_owned(), failure })?;
    Ok(Read { people, groups, elsewhere })
}

/// What is not as it should be of one person alone.
fn alone(people: &[Known], found: &mut Vec<Finding>) {
    let mut add = |fault, known: &Known, words: &str| {
        found.push(Finding { fault, subject: known.dn.clone(), words: words.to_owned() });
    };
    for known in people {
        if known.guid.is_none() {
            add(Fault::NoGuid, known, "nothing says who that stays, whatever they are called");
        }
        if known.email.is_none() {
            add(Fault::NoEmail, known, "there is no email, or none that is one");
        }
        if !known.has_names {
            add(Fault::NoName, known, "first or last name is missing");
        }
    }
}

/// Who has the guid or the email of another.
fn twice(people: &[Known], found: &mut Vec<Finding>) {
    let (mut guids, mut emails): (HashMap<&[u8], u32>, HashMap<String, u32>) =
        (HashMap::new(), HashMap::new());
    let key = |known: &Known| known.email.as_deref().map(email::key);
    for known in people {
        if let Some(guid) = &known.guid {
            *guids.entry(guid).or_default() += 1;
        }
        if let Some(email) = key(known) {
            *emails.entry(email).or_default() += 1;
        }
    }
    for known in people {
        let of_guid = known.guid.as_ref().and_then(|guid| guids.get(guid.as_slice()));
        if let Some(count @ 2..) = of_guid {
            let words = format!("{count} entries have the same guid");
            found.push(Finding { fault: Fault::GuidTwice, subject: known.dn.clone(), words });
        }
        let of_email = key(known).and_then(|email| emails.get(&email));
        if let (Some(count @ 2..), Some(email)) = (of_email, &known.email) {
            let words = format!("{count} entries have the email `{email}`");
            found.push(Finding { fault: Fault::EmailTwice, subject: known.dn.clone(), words });
        }
    }
}

/// Our groups that are called as one there but for letter case, blanks, dashes, and are called as none exactly.
fn nearly_called(ours: &[String], theirs: &[String]) -> Vec<Finding> {
    let found = near::misses(ours, theirs).into_iter();
    found
        .map(|Near { ours, theirs }| {
            let words = format!("the group `{ours}` here is called `{theirs}` there");
            Finding { fault: Fault::GroupNear, subject: ours, words }
        })
        .collect()
}

/// Our groups as which several are called there.
fn several_called(ours: &[String], theirs: &[String]) -> Vec<Finding> {
    let several = |ours: &String| {
        let count = theirs.iter().filter(|their| *their == ours).count();
        let words = format!("{count} groups are called so there");
        (count > 1).then(|| Finding { fault: Fault::GroupTwice, subject: ours.clone(), words })
    };
    ours.iter().filter_map(several).collect()
}
