//! Logging somebody in by a directory: whom a name belongs to there, and whether the password opens that account.
//!
//! Servers are asked in their order, three seconds for each step; one that failed is asked last for a minute. A wrong password counts in
//! the directory: what was tried is counted here as well, and tries end before the directory would lock the account
//! ([`lockout`]). Nothing of the store is locked while a server is waited for, and only so many logins wait at
//! once.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use super::connection::{self, Connection};
use super::error::Error;
use super::lockout::{self, Lockout};
use super::mapping::{Candidate, guid_of};
use super::reach::Reach;
use super::search::People;
use super::sync;
use super::transport::{Answer, Credentials, Entry, Failure, Refusal, Server, Session, Step, Walk, block_on};
use super::tries;
use crate::context::Context;
use crate::error::Result;
use crate::setting::site::REGION;
use crate::store::Tx;
use crate::text::fold::fold;
use crate::text::guid::Guid;
use crate::text::instant::Instant;
use crate::text::name::check_name;
use crate::text::secret::Secret;
use crate::user::User;
use crate::user::directory::Shown;

/// How long a server is waited for at each step of a login.
const PATIENCE: Duration = Duration::from_secs(3);

/// For how many microseconds a server that failed is asked last.
const REST: i64 = 60 * 1_000_000;

/// How many logins wait for directories at once: each keeps a thread of the site.
const MOST: usize = 8;

/// The longest name to log in with, in characters.
const LONGEST_LOGIN: usize = 256;

/// Logins that wait now.
static WAITING: AtomicUsize = AtomicUsize::new(0);

/// When which server of which connection failed last.
static FAILED: Mutex<BTreeMap<(i64, String), i64>> = Mutex::new(BTreeMap::new());

/// Whose password is asked about, and at which connection.
pub(crate) struct Asked<'a> {
    connection: i64,
    whom: Whom<'a>,
}

/// Who is meant there.
enum Whom<'a> {
    /// The entry that an account is tied to.
    Entry(Guid),
    /// Whom a name belongs to.
    Called(&'a str),
}

impl<'a> Asked<'a> {
    /// Who is asked about somebody who would log in: the connection that their account is tied to, or for a name that no account
    /// has, the one for logins of its domain. Nobody for an account of this store, and where the connection is switched off.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub(crate) fn about(tx: &Tx<'_>, user: Option<&User>, typed: &'a str) -> Result<Option<Self>> {
        let is_active = |connection: &Connection| connection.facts.active;
        if let Some(user) = user {
            let (Some(id), Some(guid)) = (user.facts.directory, user.facts.directory_guid) else {
                return Ok(None);
            };
            let connection = connection::by_id(tx, id)?;
            return Ok(is_active(&connection).then_some(Self { connection: id, whom: Whom::Entry(guid) }));
        }
        let is_name = typed.chars().count() <= LONGEST_LOGIN && !typed.chars().any(char::is_control);
        let Some((_, domain)) = typed.rsplit_once('@').filter(|_| is_name) else { return Ok(None) };
        let domain = fold(domain);
        let of_domain = connection::all(tx)?
            .into_iter()
            .find(|connection| is_active(connection) && connection.facts.login_domains.contains(&domain));
        Ok(of_domain.map(|connection| Self { connection: connection.id, whom: Whom::Called(typed) }))
    }

    /// The connection that is asked.
    pub(crate) const fn connection(&self) -> i64 {
        self.connection
    }
}

/// Somebody who was found.
pub(crate) struct Found {
    reach: Reach,
    server: Server,
    entry: Entry,
    lockout: Lockout,
    _waits: Waits,
}

/// What a directory says of a password.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Said {
    /// It opens the account.
    Opens,
    /// It does not.
    Refused,
    /// It was not tried, so that the account is not locked.
    NotTried,
    /// It is right, and too old.
    Expired,
    /// It is right, and has to be changed there first.
    ToChange,
}

/// Looks for who is meant; nobody where the directory knows none or several of that name.
///
/// # Errors
/// When no server can be asked, or too many logins wait for directories.
pub(crate) fn find(cx: &Context, asked: &Asked<'_>) -> Result<Option<Found>> {
    let mut reach = Reach::of(cx, asked.connection)?;
    let busy = || Error::TooManyLogins { name: reach.name().to_owned() };
    let waits = Waits::begin().ok_or_else(busy)?;
    reach.way.connect_timeout = reach.way.connect_timeout.min(PATIENCE);
    reach.way.answer_timeout = reach.way.answer_timeout.min(PATIENCE);
    reach.way.search_timeout = reach.way.search_timeout.min(PATIENCE);
    let now = cx.now();
    reach.places.sort_by_key(|(written, _)| is_resting((asked.connection, written), now));
    let searched =
        block_on(search(&reach, &asked.whom, now)).map_err(|source| Error::NoRuntime { source })?;
    let (mut people, lockout, server) = searched?;
    let entry = people.pop().filter(|entry| people.is_empty() && !entry.dn.is_empty());
    Ok(entry.map(|entry| Found { reach, server, entry, lockout, _waits: waits }))
}

impl Found {
    /// Which entry it is.
    pub(crate) fn guid(&self) -> Option<Guid> {
        guid_of(&self.entry, &self.reach.connection.facts.map)
    }

    /// Tries the password: once, at the server that found the entry.
    ///
    /// # Errors
    /// When the server does not answer.
    pub(crate) fn try_password(&self, cx: &Context, password: &Secret) -> Result<Said> {
        // A directory takes a name without a password for a login of nobody, and lets that in.
        if password.expose().is_empty() {
            return Ok(Said::NotTried);
        }
        let connection = self.reach.connection.id;
        // What cannot be recorded is not begun: a wrong password cannot be taken back.
        let begun = cx.write_in_earnest(|tx| {
            let counted = tries::counted(cx, tx, connection, (&self.entry, self.lockout))?;
            if counted >= self.lockout.tries() {
                return Ok(None);
            }
            tries::begin(cx, tx, (connection, &self.entry.dn), self.lockout).map(Some)
        })?;
        let Some(begun) = begun else { return Ok(Said::NotTried) };
        let who = Credentials { name: self.entry.dn.clone(), password: password.clone() };
        let bound =
            block_on(bind(&self.reach, &self.server, &who)).map_err(|source| Error::NoRuntime { source })?;
        let said = match bound {
            Ok(()) => Said::Opens,
            Err(failure) => match failure.refused().map(Answer::refusal) {
                Some(Some(Refusal::PasswordExpired)) => Said::Expired,
                Some(Some(Refusal::MustChangePassword)) => Said::ToChange,
                Some(_) => return Ok(Said::Refused),
                None => {
                    // What never reached it was counted by nobody.
                    if failure.step < Step::Bind {
                        cx.write_in_earnest(|tx| tries::forget(tx, begun))?;
                    }
                    let name = self.reach.name().to_owned();
                    return Err(Error::Unavailable { name, failure }.into());
                }
            },
        };
        cx.write_in_earnest(|tx| tries::forget_all(tx, connection, &self.entry.dn))?;
        Ok(said)
    }

    /// What the entry says of them; of one that a sync would keep aside only whether the account is disabled, though it opens.
    pub(crate) fn shown(&self, cx: &Context) -> Shown {
        let region = cx.settings.get(&REGION).as_deref();
        let said = Candidate::of(&self.entry, &self.reach.connection.facts.map, region);
        let is_disabled = said.is_disabled == Some(true);
        let name = |name: &Option<String>| check_name(name.as_deref()?).ok();
        match name(&said.first_name).zip(name(&said.last_name)) {
            Some(names) if !sync::lacks_something(self.guid(), &said) => {
                let phone = said.fitting_phone().map(str::to_owned);
                Shown { is_disabled, email: said.email, names: Some(names), phone }
            }
            _ => Shown { is_disabled, ..Shown::default() },
        }
    }
}

/// The people who are meant, when accounts are locked there, and the server that told it.
type Searched = std::result::Result<(Vec<Entry>, Lockout, Server), Error>;

async fn search(reach: &Reach, whom: &Whom<'_>, now: Instant) -> Searched {
    let connection = reach.connection.id;
    let mut last = None;
    for place in &reach.places {
        let asked = async {
            let (mut session, server) = reach.enter_at(place).await?;
            let found = search_at(reach, &mut session, whom).await;
            session.close().await;
            found.map(|(people, lockout)| (people, lockout, server))
        };
        match asked.await {
            Ok(found) => {
                note(connection, &place.0, None);
                return Ok(found);
            }
            Err(failure) => {
                note(connection, &place.0, Some(now));
                // A password that one server refuses is not tried at the next: all of them count.
                let is_refused = failure.refused().is_some();
                last = Some(failure);
                if is_refused {
                    break;
                }
            }
        }
    }
    let failure = last.unwrap_or_else(super::reach::no_server);
    Err(Error::Unavailable { name: reach.name().to_owned(), failure })
}

async fn search_at(
    reach: &Reach,
    session: &mut Session,
    whom: &Whom<'_>,
) -> std::result::Result<(Vec<Entry>, Lockout), Failure> {
    let facts = &reach.connection.facts;
    let mut attributes = facts.map.attributes();
    attributes.extend(lockout::TRIED);
    let asked = match whom {
        Whom::Entry(guid) => People::with_guid(facts, *guid, &attributes),
        Whom::Called(name) => People::called(facts, name.trim(), &attributes),
    };
    let mut people = Vec::new();
    session.search(Step::People, asked.query(), |entry| people.push(entry)).await?;
    let domain = session.read(Step::Base, &facts.base_dn, &lockout::ATTRIBUTES).await?;
    Ok((people, Lockout::of(domain.as_ref())))
}

/// Binds as somebody, at one server: a password that is wrong at one is not tried at the next.
async fn bind(reach: &Reach, server: &Server, who: &Credentials) -> std::result::Result<(), Failure> {
    let mut walk = Walk::default();
    let mut session = Session::open(server, &reach.way, &mut walk).await?;
    let bound = session.bind(who, &mut walk).await;
    session.close().await;
    bound
}

/// Whether a server failed a short while ago.
fn is_resting((connection, written): (i64, &str), now: Instant) -> bool {
    let failed = FAILED.lock().unwrap_or_else(PoisonError::into_inner);
    let since = failed.get(&(connection, written.to_owned())).map(|at| now.micros().saturating_sub(*at));
    since.is_some_and(|since| (0..REST).contains(&since))
}

/// Notes when a server failed, or that it answers.
fn note(connection: i64, written: &str, failed_at: Option<Instant>) {
    let mut failed = FAILED.lock().unwrap_or_else(PoisonError::into_inner);
    let server = (connection, written.to_owned());
    match failed_at {
        Some(at) => drop(failed.insert(server, at.micros())),
        None => drop(failed.remove(&server)),
    }
}

/// A login that waits for a directory.
struct Waits;

impl Waits {
    fn begin() -> Option<Self> {
        let begun = WAITING.fetch_update(Ordering::AcqRel, Ordering::Acquire, |waiting| {
            Some(waiting + 1).filter(|waiting| *waiting <= MOST)
        });
        begun.is_ok().then_some(Self)
    }
}

impl Drop for Waits {
    fn drop(&mut self) {
        WAITING.fetch_sub(1, Ordering::AcqRel);
    }
}
