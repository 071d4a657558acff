//! Connections: which servers of a directory are asked, how, and who the people of a company are there.
//!
//! Whoever leads logins elsewhere lets in whom they want. So what decides who is asked, whom they trust, who is found and by
//! which name is changed by superusers alone ([`leads_logins`]); the password of a connection goes to another server only by
//! the owner of the store, or given again; files are named by the owner alone.

mod following;
mod rules;
mod server;
mod store;

use std::path::PathBuf;
use std::time::Duration;

pub(crate) use following::{Following, FollowingEdit, GroupSync, Leavers, Limit, Places};
use rules::changed;
use serde_json::json;
pub(super) use server::written;
pub(crate) use store::PASSWORD;
#[cfg(test)]
pub(super) use store::STATEMENTS;

use super::error::Error;
use super::mapping::Map;
use super::transport::{Credentials, Place, Way};
use crate::audit::{self, Event, Fields};
use crate::company;
use crate::context::{CompanyScope, Context};
use crate::crypto::seal::{self, SecretLocation};
use crate::error::Result;
use crate::run::{Engine, Plan};
use crate::store::Tx;
use crate::text::fold::fold;
use crate::text::instant::Instant;
use crate::text::name::check_title;
use crate::text::secret::Secret;
use crate::text::suggest::nearest_one;
use crate::user;

/// The word for a connection in the audit.
pub(crate) const KIND: &str = "directory";

/// What looks at connections takes.
const VIEW: &str = "directory.view";

/// What changes them takes, beside what superusers alone may.
pub(super) const EDIT: &str = "directory.edit";

/// How long all pages of a search may take together: those of a million people take minutes.
const LONGEST_SEARCH: Duration = Duration::from_secs(3600);

/// How far below an entry people are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Scope {
    /// Anywhere below.
    Subtree,
    /// Directly below.
    OneLevel,
}

impl Scope {
    const WORDS: [(&'static str, Self); 2] = [("subtree", Self::Subtree), ("onelevel", Self::OneLevel)];

    /// As it is stored and typed.
    pub(crate) const fn word(self) -> &'static str {
        match self {
            Self::Subtree => "subtree",
            Self::OneLevel => "onelevel",
        }
    }
}

/// What there is to know of a connection.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Facts {
    /// Its name.
    pub(crate) name: String,
    /// Whose people it knows.
    pub(crate) company_id: i64,
    /// How that is called.
    pub(crate) company: String,
    /// Whether people log in by it; whoever tests it asks it all the same.
    pub(crate) active: bool,
    /// Its servers, in order.
    pub(crate) servers: Vec<String>,
    /// Whether `ldap://…` is asked in plain.
    pub(crate) insecure: bool,
    /// The full path of the authorities that are trusted.
    pub(crate) ca_file: Option<String>,
    /// The name that certificates must have, where it is not that of the server.
    pub(crate) certificate_name: Option<String>,
    /// Who reads.
    pub(crate) bind_dn: String,
    /// The entry of the domain.
    pub(crate) base_dn: String,
    /// The entry below which people are, if that is another.
    pub(crate) search_base: Option<String>,
    /// Which entries are people.
    pub(crate) filter: String,
    /// How far below they are.
    pub(crate) scope: Scope,
    /// How many entries are asked for at once.
    pub(crate) page_size: u32,
    /// Which attributes say what.
    pub(crate) map: Map,
    /// The domains of emails whose owners it knows.
    pub(crate) login_domains: Vec<String>,
    /// Seconds for a name, a connection, a handshake: each.
    pub(crate) connect_timeout: u32,
    /// Seconds for an answer, or a page of them.
    pub(crate) answer_timeout: u32,
    /// What a sync does.
    pub(crate) following: Following,
}

/// A connection as it is stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Connection {
    /// Never reused.
    pub(crate) id: i64,
    /// What there is to know of it.
    pub(crate) facts: Facts,
    /// When it was made.
    pub(crate) created_at: Instant,
    /// When it was last changed.
    pub(crate) updated_at: Instant,
}

/// What is given of a connection; absent facts stay as they are. An empty text takes away what may be missing.
#[derive(Debug, Clone, Default)]
pub(crate) struct Edit {
    /// The name.
    pub(crate) name: Option<String>,
    /// Whether people log in by it.
    pub(crate) active: Option<bool>,
    /// Its servers; none for those it has.
    pub(crate) servers: Vec<String>,
    /// Whether `ldap://…` is asked in plain.
    pub(crate) insecure: Option<bool>,
    /// The authorities that are trusted.
    pub(crate) ca_file: Option<PathBuf>,
    /// Whether the authorities of the system are trusted again.
    pub(crate) no_ca_file: bool,
    /// The name that certificates must have.
    pub(crate) certificate_name: Option<String>,
    /// Who reads.
    pub(crate) bind_dn: Option<String>,
    /// The password of who reads.
    pub(crate) password: Option<Secret>,
    /// The entry of the domain.
    pub(crate) base_dn: Option<String>,
    /// The entry below which people are.
    pub(crate) search_base: Option<String>,
    /// Which entries are people; `default` for the usual filter.
    pub(crate) filter: Option<String>,
    /// How far below they are.
    pub(crate) scope: Option<Scope>,
    /// How many entries are asked for at once.
    pub(crate) page_size: Option<u32>,
    /// Attributes, as they are typed.
    pub(crate) map: Vec<String>,
    /// Domains of emails; an empty one for none at all, and none for those it has.
    pub(crate) login_domains: Vec<String>,
    /// Seconds.
    pub(crate) connect_timeout: Option<u32>,
    /// Seconds.
    pub(crate) answer_timeout: Option<u32>,
    /// What a sync does.
    pub(crate) following: FollowingEdit,
}

impl Facts {
    /// As the audit has them.
    fn fields(&self) -> Fields {
        let mut fields = audit::fields_of([
            ("name", json!(self.name)),
            ("company", json!(self.company)),
            ("active", json!(self.active)),
            ("servers", json!(self.servers)),
            ("insecure", json!(self.insecure)),
            ("ca_file", json!(self.ca_file)),
            ("certificate_name", json!(self.certificate_name)),
            ("bind_dn", json!(self.bind_dn)),
            ("base_dn", json!(self.base_dn)),
            ("search_base", json!(self.search_base)),
            ("filter", json!(self.filter)),
            ("scope", json!(self.scope.word())),
            ("page_size", json!(self.page_size)),
            ("map", self.map.json()),
            ("login_domains", json!(self.login_domains)),
            ("connect_timeout", json!(self.connect_timeout)),
            ("answer_timeout", json!(self.answer_timeout)),
        ]);
        fields.extend(audit::fields_of(self.following.fields()));
        fields
    }

    /// The entry below which people are.
    pub(super) fn people_base(&self) -> &str {
        self.search_base.as_deref().unwrap_or(&self.base_dn)
    }

    /// Where its servers are, each as it is written.
    pub(super) fn places(&self) -> Result<Vec<(String, Place)>, Error> {
        let place = |written: &String| Ok((written.clone(), server::parse(written, self.insecure)?.0));
        self.servers.iter().map(place).collect()
    }

    /// How they are asked. The file of authorities is read now.
    pub(super) fn way(&self) -> Result<Way, Error> {
        Ok(Way {
            authorities: self.ca_file.as_deref().map(rules::authorities).transpose()?,
            certificate_name: self.certificate_name.clone(),
            connect_timeout: Duration::from_secs(self.connect_timeout.into()),
            answer_timeout: Duration::from_secs(self.answer_timeout.into()),
            search_timeout: LONGEST_SEARCH,
        })
    }
}

/// Refuses an actor who is no superuser: whoever leads logins elsewhere lets in whom they want.
fn require_superuser(cx: &Context) -> Result<()> {
    if cx.actor.is_superuser() {
        return Ok(());
    }
    Err(cx.actor.denied("only a superuser changes where logins lead").into())
}

/// The connection of that name, if there is one.
pub(crate) fn find(cx: &Context, name: &str) -> Result<Option<Connection>> {
    require_superuser(cx)?;
    cx.read(|tx| store::find(tx, &fold(&check_title(name)?)))
}

/// Makes a connection.
pub(crate) fn create(cx: &Context, (name, company): (&str, &str), given: &Edit) -> Result<Connection> {
    cx.write(|tx| {
        require_superuser(cx)?;
        let name = free_name(tx, name, None)?;
        let company = company::get_in(tx, company, &CompanyScope::All)?;
        let facts = changed(cx, &rules::new(name, (company.id, company.name)), given)?;
        rules::check_domains_are_free(tx, &facts.login_domains, None)?;
        let id = audit::new_id(tx, (KIND, "directory_connections"))?;
        let mut after = facts.fields();
        if given.password.is_some() {
            after.insert("password".to_owned(), json!("set"));
        }
        let event = Event::of("directory.create", (KIND, id), &facts.name);
        let revision = audit::change(cx, tx, event, &Fields::new(), &after)?;
        store::insert(tx, id, &facts, (revision, cx.now()))?;
        put_password(cx, tx, id, given.password.as_ref())?;
        store::get(tx, id)
    })
}

/// Changes a connection; returns it and the names of the facts that changed.
pub(crate) fn edit(cx: &Context, name: &str, given: &Edit) -> Result<(Connection, Vec<String>)> {
    cx.write(|tx| {
        cx.actor.require_anywhere(EDIT)?;
        let old = get_in(tx, name, &cx.actor.scope(EDIT))?;
        let mut new = changed(cx, &old.facts, given)?;
        if let Some(name) = &given.name {
            new.name = free_name(tx, name, Some(old.id))?;
        }
        if leads_logins(&old.facts) != leads_logins(&new) || given.password.is_some() {
            require_superuser(cx)?;
        }
        // Only now: it tells of connections of others.
        rules::check_domains_are_free(tx, &new.login_domains, Some(old.id))?;
        if given.password.is_none()
            && !cx.actor.is_system()
            && leads_password(&old.facts) != leads_password(&new)
        {
            let why = "its password would go to another server; give it again, with `--password-stdin`";
            return Err(cx.actor.denied(why).into());
        }
        let (mut before, mut after) = audit::difference(&old.facts.fields(), &new.fields());
        if given.password.is_some() {
            before.insert("password".to_owned(), json!("set"));
            after.insert("password".to_owned(), json!("changed"));
        }
        if after.is_empty() {
            return Ok((old, Vec::new()));
        }
        let changed = after.keys().cloned().collect();
        let event = Event::of("directory.edit", (KIND, old.id), &new.name);
        let revision = audit::change(cx, tx, event, &before, &after)?;
        store::update(tx, old.id, &new, (revision, cx.now()))?;
        put_password(cx, tx, old.id, given.password.as_ref())?;
        Ok((store::get(tx, old.id)?, changed))
    })
}

/// What decides whom somebody who logs in is, and who says so.
fn leads_logins(facts: &Facts) -> Facts {
    let (name, active) = (String::new(), true);
    Facts { name, active, page_size: 0, connect_timeout: 0, answer_timeout: 0, ..facts.clone() }
}

/// What decides who is told the password of who reads.
fn leads_password(facts: &Facts) -> (&[String], bool, Option<&str>, Option<&str>) {
    (&facts.servers, facts.insecure, facts.ca_file.as_deref(), facts.certificate_name.as_deref())
}

/// Deletes a connection.
pub(crate) fn delete(cx: &Context, name: &str) -> Result<Connection> {
    cx.write(|tx| {
        require_superuser(cx)?;
        let connection = get_in(tx, name, &CompanyScope::All)?;
        if connection.facts.ca_file.is_some() {
            rules::require_system(cx)?;
        }
        let (live, in_bin) = user::directory::count_of(tx, connection.id)?;
        if live > 0 || in_bin > 0 {
            return Err(Error::HasPeople { name: connection.facts.name, live, in_bin }.into());
        }
        let event = Event::of("directory.delete", (KIND, connection.id), &connection.facts.name);
        audit::change(cx, tx, event, &connection.facts.fields(), &Fields::new())?;
        store::delete(tx, connection.id)?;
        Ok(connection)
    })
}

/// Every connection that the actor may see, by name.
pub(crate) fn list(cx: &Context) -> Result<Vec<Connection>> {
    cx.actor.require_anywhere(VIEW)?;
    let seen = cx.actor.scope(VIEW);
    let mut connections = cx.read(store::list)?;
    connections.retain(|connection| seen.contain(Some(connection.facts.company_id)));
    Ok(connections)
}

/// How many people a connection has outside the bin, and in it.
pub(crate) fn people(cx: &Context, connection: &Connection) -> Result<(u64, u64)> {
    cx.read(|tx| user::directory::count_of(tx, connection.id))
}

/// Plans that everybody of a connection that is to be deleted is of this store from now on.
pub(crate) fn make_local(cx: &Context, engine: &mut Engine, name: &str) -> Result<Plan> {
    require_superuser(cx)?;
    let connection = cx.read(|tx| get_in(tx, name, &CompanyScope::All))?;
    if connection.facts.ca_file.is_some() {
        rules::require_system(cx)?;
    }
    user::directory::plan_local(cx, engine, (connection.id, &connection.facts.name))
}

/// The connection of that name.
pub(crate) fn get(cx: &Context, name: &str) -> Result<Connection> {
    cx.actor.require_anywhere(VIEW)?;
    cx.read(|tx| get_in(tx, name, &cx.actor.scope(VIEW)))
}

/// The connection of that name among those of some companies. Of any other is said what is said of one there is not.
pub(super) fn get_in(tx: &Tx<'_>, name: &str, seen: &CompanyScope) -> Result<Connection> {
    let is_seen = |connection: &Connection| seen.contain(Some(connection.facts.company_id));
    if let Some(connection) = store::find(tx, &fold(name))?.filter(is_seen) {
        return Ok(connection);
    }
    let mut connections = store::list(tx)?;
    connections.retain(is_seen);
    let names = connections.iter().map(|connection| connection.facts.name.as_str());
    let near = nearest_one(name, names);
    Err(Error::NotFound { name: name.to_owned(), near }.into())
}

/// The connection of that id, whoever asks.
pub(super) fn by_id(tx: &Tx<'_>, id: i64) -> Result<Connection> {
    store::get(tx, id)
}

/// Every connection, whoever may look at them.
pub(super) fn all(tx: &Tx<'_>) -> Result<Vec<Connection>> {
    store::list(tx)
}

/// Who reads, with the password.
pub(super) fn credentials(cx: &Context, tx: &Tx<'_>, connection: &Connection) -> Result<Credentials> {
    let gone = || Error::PasswordGone { name: connection.facts.name.clone() };
    let sealed = store::password(tx, connection.id)?.ok_or_else(gone)?;
    let mut plain = seal::open_text(&cx.key, place(connection.id), &sealed)?;
    let password = Secret::new(std::mem::take(&mut plain));
    Ok(Credentials { name: connection.facts.bind_dn.clone(), password })
}

const fn place(id: i64) -> SecretLocation<'static> {
    SecretLocation { table: PASSWORD.table, column: PASSWORD.column, row: id }
}

fn put_password(cx: &Context, tx: &Tx<'_>, id: i64, password: Option<&Secret>) -> Result<()> {
    let Some(password) = password else { return Ok(()) };
    let sealed = seal::seal(&cx.key, &*cx.rng, place(id), password.expose().as_bytes())?;
    store::set_password(tx, id, &sealed)
}

/// A name that no other connection has.
fn free_name(tx: &Tx<'_>, name: &str, own: Option<i64>) -> Result<String> {
    let name = check_title(name)?;
    match store::find(tx, &fold(&name))?.filter(|other| Some(other.id) != own) {
        Some(other) => Err(Error::Exists { name: other.facts.name }.into()),
        None => Ok(name),
    }
}
