//! A dialogue with a server: bind, read an entry, read all pages of a search.

use std::collections::{BTreeSet, HashSet};
use std::os::unix::net::UnixStream;
use std::time::Instant;

use ldap3::controls::{MakeCritical as _, PagedResults, RawControl};
use ldap3::{Ldap, LdapConnAsync, LdapConnSettings, LdapError, LdapResult, Scope, StdStream};

use super::connect::{connect, within};
use super::entry::{Entry, addresses};
use super::failure::{Answer, Cause, Failure};
use super::framer::{Ended, relay};
use super::message;
use super::range::{Range, asked_from};
use super::walk::{Step, Walk};
use super::{Credentials, Server, Way};
use crate::text::instant;
use crate::text::secret::Secret;

/// The most pages of a search: those of a hundred million people.
const MAX_PAGES: usize = 100_000;

/// The most other servers that are told of.
const MOST_ELSEWHERE: usize = 20;

/// The most bytes that all values of an attribute may have together.
const LARGEST_ATTRIBUTE: usize = 256 << 20;

/// The control by which a search is read page by page.
pub(crate) const PAGED_RESULTS: &str = "1.2.840.113556.1.4.319";

/// What is looked for.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Query<'a> {
    /// Below which entry.
    pub(crate) base: &'a str,
    /// How far below.
    pub(crate) scope: Scope,
    /// Which entries.
    pub(crate) filter: &'a str,
    /// Which of their attributes.
    pub(crate) attributes: &'a [&'a str],
    /// How many entries a page has.
    pub(crate) page_size: u32,
}

/// A connection on which a server is asked.
pub(crate) struct Session {
    ldap: Ldap,
    ended: Ended,
    way: Way,
    /// What nothing that the server says is to repeat.
    secret: Option<Secret>,
    /// Until when the certificate of the server is valid.
    pub(crate) certified_until: Option<instant::Instant>,
}

impl Session {
    /// Connects to a server.
    pub(crate) async fn open(server: &Server, way: &Way, walk: &mut Walk) -> Result<Self, Failure> {
        let connected = connect(server, way, walk).await?;
        let ended = Ended::default();
        let (ldap, driver) = pair(connected.stream, &ended)
            .await
            .map_err(|what| Failure::at(Step::Setup, Cause::Configuration { what }))?;
        tokio::spawn(driver);
        Ok(Self { ldap, ended, way: way.clone(), secret: None, certified_until: connected.certified_until })
    }

    /// Binds. A name or a password that is empty would bind as nobody, which is no answer to whether it is right.
    pub(crate) async fn bind(&mut self, who: &Credentials, walk: &mut Walk) -> Result<(), Failure> {
        let (name, password) = (who.name.as_str(), who.password.expose());
        if name.is_empty() || password.is_empty() {
            let what = "a bind needs a name and a password".to_owned();
            return Err(Failure::at(Step::Bind, Cause::Configuration { what }));
        }
        let begun = Instant::now();
        let patience = self.way.answer_timeout;
        let secret = &*self.secret.insert(who.password.clone());
        let (ldap, ended) = (&mut self.ldap, &self.ended);
        within(Step::Bind, patience, async {
            let bound = ldap.simple_bind(name, password).await;
            succeeded(&bound.map_err(|error| cause(&error, ended, Some(secret)))?, Some(secret))
        })
        .await?;
        walk.went(Step::Bind, format!("as {name}"), begun.elapsed());
        Ok(())
    }

    /// The entry of that name, with all values; nothing where there is none that may be read.
    pub(crate) async fn read(
        &mut self,
        step: Step,
        dn: &str,
        attributes: &[&str],
    ) -> Result<Option<Entry>, Failure> {
        let after = self.way.search_timeout;
        let read = async {
            match self.entry(step, dn, attributes).await {
                Err(Failure { cause: Cause::Answer(Answer { code: 32, .. }), .. }) | Ok(None) => Ok(None),
                Ok(Some(entry)) => self.completed(step, entry).await.map(Some),
                Err(failure) => Err(failure),
            }
        };
        let read = tokio::time::timeout(after, read).await;
        read.unwrap_or_else(|_| Err(Failure::at(step, Cause::TooLong { after })))
    }

    /// The entry of that name, as it is given at once.
    async fn entry(&mut self, step: Step, dn: &str, attributes: &[&str]) -> Result<Option<Entry>, Failure> {
        let filter = "(objectClass=*)";
        let query = Query { base: dn, scope: Scope::Base, filter, attributes, page_size: 0 };
        let mut found = None;
        self.page(step, query, None, (&mut |entry| found = Some(entry), &mut BTreeSet::new())).await?;
        Ok(found)
    }

    /// An entry with all values of the attributes of which it has some.
    async fn completed(&mut self, step: Step, mut entry: Entry) -> Result<Entry, Failure> {
        while let Some(mut range) = entry.take_range() {
            let attribute = range.name.clone();
            let lost = || Failure::at(step, Cause::LostValues { attribute: attribute.clone() });
            let mut values = Vec::new();
            let (mut from, mut size) = (0, 0_usize);
            loop {
                if range.from != from {
                    return Err(lost());
                }
                let next = range.next().map_err(|_| lost())?;
                size += range.values.iter().map(|value| value.len() + size_of::<Vec<u8>>()).sum::<usize>();
                if size > LARGEST_ATTRIBUTE {
                    return Err(Failure::at(step, Cause::TooMany));
                }
                values.append(&mut range.values);
                let Some(next) = next else { break };
                let asked = asked_from(&attribute, next);
                let found = self
                    .entry(step, &entry.dn, &[asked.as_str()])
                    .await?
                    .and_then(|mut more| more.take_range());
                let is_it = |more: &Range| more.name.eq_ignore_ascii_case(&attribute);
                (from, range) = (next, found.filter(is_it).ok_or_else(lost)?);
            }
            entry.put(attribute, values);
        }
        Ok(entry)
    }

    /// Calls `each` with every entry of all pages, which then has all its values. Returns where else the server says that
    /// there may be more; other servers are never asked, for nobody has said that they may be.
    ///
    /// # Errors
    /// When any page, and be it the last, did not come as it should: what was handed on is then not all there is.
    pub(crate) async fn search(
        &mut self,
        step: Step,
        query: Query<'_>,
        each: impl FnMut(Entry),
    ) -> Result<BTreeSet<String>, Failure> {
        let after = self.way.search_timeout;
        let all = tokio::time::timeout(after, self.pages(step, query, each)).await;
        all.unwrap_or_else(|_| Err(Failure::at(step, Cause::TooLong { after })))
    }

    async fn pages(
        &mut self,
        step: Step,
        query: Query<'_>,
        mut each: impl FnMut(Entry),
    ) -> Result<BTreeSet<String>, Failure> {
        let mut elsewhere = BTreeSet::new();
        let mut cookie = Vec::new();
        let mut seen = HashSet::new();
        while seen.len() < MAX_PAGES {
            let mut partial = Vec::new();
            let mut sorted =
                |entry: Entry| if entry.is_partial() { partial.push(entry) } else { each(entry) };
            let next = self.page(step, query, Some(cookie), (&mut sorted, &mut elsewhere)).await?;
            for entry in partial {
                each(self.completed(step, entry).await?);
            }
            cookie = next.ok_or_else(|| Failure::at(step, Cause::LostPage))?;
            if cookie.is_empty() {
                return Ok(elsewhere);
            }
            if !seen.insert(cookie.clone()) {
                return Err(Failure::at(step, Cause::SamePage));
            }
        }
        Err(Failure::at(step, Cause::Endless))
    }

    /// One page, or all of a search that has none; returns what the next is asked for with, if the server says that.
    async fn page(
        &mut self,
        step: Step,
        query: Query<'_>,
        cookie: Option<Vec<u8>>,
        (each, elsewhere): (&mut impl FnMut(Entry), &mut BTreeSet<String>),
    ) -> Result<Option<Vec<u8>>, Failure> {
        let (ldap, ended, secret) = (&mut self.ldap, &self.ended, self.secret.as_ref());
        let patience = self.way.answer_timeout;
        let mut left = if cookie.is_some() { query.page_size } else { 1 };
        within(step, patience, async {
            if let Some(cookie) = cookie {
                ldap.with_controls(paged(query.page_size, cookie));
            }
            let told = |error: LdapError| cause(&error, ended, secret);
            let searched = ldap.streaming_search(query.base, query.scope, query.filter, query.attributes);
            let mut stream = searched.await.map_err(told)?;
            while let Some(found) = stream.next().await.map_err(told)? {
                if found.is_ref() {
                    let found = addresses(found).ok_or(Cause::Nonsense)?.into_iter();
                    elsewhere.extend(found.take(MOST_ELSEWHERE.saturating_sub(elsewhere.len())));
                } else {
                    left = left.checked_sub(1).ok_or(Cause::TooMany)?;
                    each(Entry::of(found).ok_or(Cause::Nonsense)?);
                }
            }
            let result = stream.finish().await;
            succeeded(&result, secret)?;
            next_page(&result)
        })
        .await
    }

    /// Ends the connection politely.
    pub(crate) async fn close(mut self) {
        tokio::time::timeout(self.way.connect_timeout, self.ldap.unbind()).await.ok();
    }
}

/// `ldap3` on one end of a pair of sockets, on whose other end a framer stands before the server.
async fn pair(
    server: Box<dyn super::connect::Stream>,
    ended: &Ended,
) -> Result<(Ldap, impl Future<Output = ()> + Send + use<>), String> {
    let told = |error: std::io::Error| error.to_string();
    let (theirs, ours) = UnixStream::pair().map_err(told)?;
    ours.set_nonblocking(true).map_err(told)?;
    let ours = tokio::net::UnixStream::from_std(ours).map_err(told)?;
    let settings = LdapConnSettings::new().set_std_stream(StdStream::Unix(theirs));
    let made = LdapConnAsync::with_settings(settings, "ldapi:///").await;
    let (connection, ldap) = made.map_err(|error| error.to_string())?;
    let ended = ended.clone();
    let driver = async move {
        let driving = async { connection.drive().await.ok() };
        tokio::join!(driving, relay(ours, server, ended));
    };
    Ok((ldap, driver))
}

fn paged(size: u32, cookie: Vec<u8>) -> RawControl {
    PagedResults { size: i32::try_from(size).unwrap_or(i32::MAX), cookie }.critical().into()
}

/// What the next page is asked for with: nothing behind the last, and none at all where the server does not say.
fn next_page(result: &LdapResult) -> Result<Option<Vec<u8>>, Cause> {
    let control = result.ctrls.iter().find(|control| control.1.ctype == PAGED_RESULTS);
    let value = control.and_then(|control| control.1.val.as_ref());
    value.map(|value| message::cookie(value).map_err(|_| Cause::Nonsense)).transpose()
}

fn succeeded(result: &LdapResult, secret: Option<&Secret>) -> Result<(), Cause> {
    if result.rc == 0 {
        return Ok(());
    }
    let answer = Answer { code: result.rc, words: result.text.clone() };
    Err(Cause::Answer(answer.without(secret)))
}

/// What an error of `ldap3` means: mostly that the framer ended the connection, which knows why.
fn cause(error: &LdapError, ended: &Ended, secret: Option<&Secret>) -> Cause {
    match (ended.take(), error) {
        (Some(Cause::Answer(answer)), _) => Cause::Answer(answer.without(secret)),
        (Some(cause), _) => cause,
        (None, LdapError::FilterParsing) => {
            Cause::Configuration { what: "the filter is none of LDAP".to_owned() }
        }
        (None, _) => Cause::Closed,
    }
}
