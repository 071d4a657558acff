//! Trying the password of one person, and saying to the administrator why it does not open: `ad login-test`.
//!
//! A wrong password counts in the directory. So tries are recorded before they are made, and end before the directory would
//! lock the account ([`lockout`]).

use serde_json::json;

use super::connection::{self, Connection};
use super::error::Error;
use super::lockout::{self, Lockout};
use super::reach::Reach;
use super::search::People;
use super::transport::{Cause, Credentials, Entry, Failure, Server, Session, Step, Walk, block_on};
use super::trial::advice;
use super::tries;
use crate::audit::{self, Event, fields_of};
use crate::context::Context;
use crate::error::Result;
use crate::store::Tx;
use crate::text::fold::fold;
use crate::text::note::check_line;
use crate::text::secret::Secret;

/// The longest name to log in with, in characters.
const LONGEST_LOGIN: usize = 256;

/// The word for a try in the audit.
const KIND: &str = "directory_login";

/// What came of a try.
pub(crate) struct LoginTried {
    /// The connection that was asked.
    pub(crate) connection: String,
    /// Who was found, if somebody was.
    pub(crate) dn: Option<String>,
    /// Whether the password opens.
    pub(crate) opens: bool,
    /// What came of it, in words.
    pub(crate) words: String,
    /// What to do, where it does not open.
    pub(crate) advice: Option<String>,
}

/// Which connection is asked about somebody: the one that is named, or that of the domain, or the only one there is.
pub(crate) fn connection_for(
    cx: &Context,
    permission: &'static str,
    (login, named): (&str, Option<&str>),
) -> Result<String> {
    cx.actor.require_anywhere(permission)?;
    check_login(login)?;
    let seen = cx.actor.scope(permission);
    cx.read(|tx| {
        if let Some(name) = named {
            return Ok(connection::get_in(tx, name, &seen)?.facts.name);
        }
        let all = connection::all(tx)?;
        let domain = login.rsplit_once('@').map(|(_, domain)| fold(domain)).unwrap_or_default();
        let of_domain = all.iter().find(|connection| connection.facts.login_domains.contains(&domain));
        let may_be_asked = |connection: &&Connection| {
            connection.facts.active && seen.contain(Some(connection.facts.company_id))
        };
        let mut open = all.iter().filter(may_be_asked);
        // A password of people whom one knows is for no other, and be it switched off.
        let chosen = match (of_domain, open.next(), open.next()) {
            (Some(connection), ..) => Some(connection).filter(may_be_asked),
            (None, only, None) => only,
            (None, ..) => None,
        };
        let none = || Error::NoConnection { email: login.to_owned() };
        Ok(chosen.ok_or_else(none)?.facts.name.clone())
    })
}

/// Tries a password at a connection.
pub(crate) fn run(cx: &Context, (connection, login): (&str, &str), password: Secret) -> Result<LoginTried> {
    cx.actor.require_anywhere(connection::EDIT)?;
    check_login(login)?;
    let reach = Reach::named(cx, connection)?;
    let found = block_on(find(&reach, login)).map_err(|source| Error::NoRuntime { source })??;
    let (account, lockout, server) = match found {
        Ok(found) => found,
        Err(tried) => return Ok(tried),
    };
    // What cannot be recorded is not begun: a wrong password cannot be taken back. It is counted and begun in one transaction,
    // for others may try at the same time.
    let counted = cx.write(|tx| {
        let counted = tries::counted(cx, tx, reach.connection.id, (&account, lockout))?;
        if counted < lockout.tries() {
            record(cx, tx, &reach.connection, &account.dn, "begun")?;
        }
        Ok(counted)
    })?;
    let tried = |opens, words: String, advice| LoginTried {
        connection: reach.name().to_owned(),
        dn: Some(account.dn.clone()),
        opens,
        words,
        advice,
    };
    if counted >= lockout.tries() {
        let words = format!("not tried: {lockout}, and {counted} were wrong already");
        let advice =
            "wait until that time is over, or log in once at the directory itself, which ends the count";
        return Ok(tried(false, words, Some(advice.to_owned())));
    }
    if cx.dry_run {
        return Ok(tried(false, "not tried, for this is a dry run".to_owned(), None));
    }
    let who = Credentials { name: account.dn.clone(), password };
    let bound = block_on(bind(&reach, &server, &who)).map_err(|source| Error::NoRuntime { source })?;
    let failure = bound.err();
    let refused = failure.as_ref().and_then(Failure::refused).cloned();
    // Nothing that a server says is in the audit.
    let outcome = match (&failure, &refused) {
        (None, _) => "opened",
        (Some(_), Some(_)) => "refused",
        (Some(failure), None) if failure.step < Step::Bind => "unreached",
        (Some(_), None) => "failed",
    };
    cx.write(|tx| record(cx, tx, &reach.connection, &account.dn, outcome))?;
    match (failure, refused) {
        (None, _) => Ok(tried(true, "the password opens".to_owned(), None)),
        (Some(_), Some(answer)) => {
            let advice = answer.refusal().map(|refusal| refusal.advice().to_owned());
            Ok(tried(false, answer.to_string(), advice))
        }
        (Some(failure @ Failure { cause: Cause::Answer(_), .. }), None) => {
            let advice = advice(&failure, &reach);
            Ok(tried(false, failure.to_string(), Some(advice)))
        }
        (Some(failure), None) => Err(Error::Unavailable { name: reach.name().to_owned(), failure }.into()),
    }
}

/// Refuses what nobody is called before it is sent anywhere.
fn check_login(login: &str) -> Result<()> {
    check_line(login)?;
    if login.trim().is_empty() || login.chars().count() > LONGEST_LOGIN {
        return Err(Error::BadLogin.into());
    }
    Ok(())
}

/// Whom a name belongs to, when accounts are locked there, and at which server that was asked; or why nobody is tried.
type Search = std::result::Result<(Entry, Lockout, Server), LoginTried>;

async fn find(reach: &Reach, login: &str) -> Result<Search, Error> {
    let (mut session, server) = reach.enter_any().await?;
    let searched = search(reach, &mut session, login).await;
    session.close().await;
    let failed = |failure| Error::Unavailable { name: reach.name().to_owned(), failure };
    let (mut people, lockout) = searched.map_err(failed)?;
    let nobody = |words: &str, advice: &str| LoginTried {
        connection: reach.name().to_owned(),
        dn: None,
        opens: false,
        words: words.to_owned(),
        advice: Some(advice.to_owned()),
    };
    Ok(match (people.pop(), people.is_empty()) {
        (Some(account), true) if !account.dn.is_empty() => Ok((account, lockout, server)),
        (None, _) => Err(nobody(
            "nobody there is called so",
            "see whether the filter and the base of the connection take them in, with `secboard ad test`",
        )),
        _ => Err(nobody(
            "more than one person there is called so, so nobody is tried",
            "have the directory call them differently, or narrow the filter of the connection",
        )),
    })
}

async fn search(reach: &Reach, session: &mut Session, login: &str) -> Result<(Vec<Entry>, Lockout), Failure> {
    let facts = &reach.connection.facts;
    let asked = People::called(facts, login.trim(), &lockout::TRIED);
    let mut people = Vec::new();
    session.search(Step::People, asked.query(), |entry| people.push(entry)).await?;
    let domain = session.read(Step::Base, &facts.base_dn, &lockout::ATTRIBUTES).await?;
    Ok((people, Lockout::of(domain.as_ref())))
}

/// Binds as somebody, at one server: a password that is wrong at one is not tried at the next.
async fn bind(reach: &Reach, server: &Server, who: &Credentials) -> Result<(), Failure> {
    let mut walk = Walk::default();
    let mut session = Session::open(server, &reach.way, &mut walk).await?;
    let bound = session.bind(who, &mut walk).await;
    session.close().await;
    bound
}

fn record(cx: &Context, tx: &Tx<'_>, connection: &Connection, dn: &str, outcome: &str) -> Result<()> {
    let told = fields_of([("dn", json!(dn)), ("outcome", json!(outcome))]);
    let event = Event::of("directory.login_test", (KIND, connection.id), &connection.facts.name);
    audit::note(cx, tx, event, &told)?;
    Ok(())
}
