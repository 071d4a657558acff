//! Accounts of mail: whom mails are from, with what they log in, and what signs them.
//!
//! Password and key are sealed to the row of the account. They are opened only to be used: nothing that is shown, told by
//! an error or kept by the audit has them.

mod dkim;
mod store;

pub(crate) use dkim::{remove_key, set_key};
#[cfg(test)]
pub(super) use store::STATEMENTS;
pub(crate) use store::{DKIM_KEY, PASSWORD};

use serde_json::{Value, json};

use super::address::Mailbox;
use super::dkim::Record;
use super::error::{Error, ServerOrAccount};
use super::server::{self, Auth, Server};
use super::{require_superuser, route};
use crate::audit::{self, Event, Fields};
use crate::company;
use crate::context::{CompanyScope, Context};
use crate::crypto::seal::{self, SecretLocation};
use crate::error::Result;
use crate::store::Tx;
use crate::text::count::named_among;
use crate::text::email::Email;
use crate::text::fold::fold;
use crate::text::instant::Instant;
use crate::text::name::check_title;
use crate::text::note::check_line;
use crate::text::secret::Secret;
use crate::text::suggest::nearest_one;

/// The word for an account in the audit.
pub(crate) const KIND: &str = "mail_account";

/// What there is to know of an account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Facts {
    /// Its name.
    pub(crate) name: String,
    /// By which server its mails leave.
    pub(crate) server_id: i64,
    /// How that is called.
    pub(crate) server: String,
    /// The only company whose mails it sends.
    pub(crate) company_id: Option<i64>,
    /// How that is called.
    pub(crate) company: Option<String>,
    /// Whom its mails are from.
    pub(crate) from: String,
    /// The name beside that.
    pub(crate) from_name: Option<String>,
    /// Where answers go, if elsewhere.
    pub(crate) reply_to: Option<String>,
    /// The name it logs in with.
    pub(crate) user: Option<String>,
    /// What signs its mails.
    pub(crate) dkim: Option<Dkim>,
    /// Whether it sends.
    pub(crate) active: bool,
}

/// What signs, without the key itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Dkim {
    /// The domain.
    pub(crate) domain: String,
    /// Under which name it publishes the key.
    pub(crate) selector: String,
    /// What it has to publish.
    pub(crate) record: String,
}

impl Dkim {
    /// What the domain has to publish.
    pub(crate) fn record(&self) -> Record {
        Record { name: format!("{}._domainkey.{}", self.selector, self.domain), text: self.record.clone() }
    }
}

/// An account as it is stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Account {
    /// Never reused.
    pub(crate) id: i64,
    /// What there is to know of it.
    pub(crate) facts: Facts,
    /// Whether it has a password.
    pub(crate) has_password: bool,
    /// When it was made.
    pub(crate) created_at: Instant,
    /// When it was last changed.
    pub(crate) updated_at: Instant,
}

/// What is done about the password.
#[derive(Debug, Clone, Default)]
pub(crate) enum NewPassword {
    /// It stays.
    #[default]
    Same,
    /// This is the new one.
    Is(Secret),
    /// It is taken off.
    No,
}

/// What is given of an account; absent facts stay as they are. An empty text takes away what may be missing.
#[derive(Debug, Clone, Default)]
pub(crate) struct Edit {
    /// The name.
    pub(crate) name: Option<String>,
    /// The server.
    pub(crate) server: Option<String>,
    /// The company.
    pub(crate) company: Option<String>,
    /// Whom its mails are from.
    pub(crate) from: Option<String>,
    /// The name beside that.
    pub(crate) from_name: Option<String>,
    /// Where answers go.
    pub(crate) reply_to: Option<String>,
    /// The name it logs in with.
    pub(crate) user: Option<String>,
    /// The password.
    pub(crate) password: NewPassword,
    /// Whether it sends.
    pub(crate) active: Option<bool>,
}

impl Facts {
    /// As the audit has them.
    fn fields(&self) -> Fields {
        let dkim = |part: fn(&Dkim) -> &String| self.dkim.as_ref().map(part);
        audit::fields_of([
            ("name", json!(self.name)),
            ("server", json!(self.server)),
            ("company", json!(self.company)),
            ("from", json!(self.from)),
            ("from_name", json!(self.from_name)),
            ("reply_to", json!(self.reply_to)),
            ("user", json!(self.user)),
            ("dkim_domain", json!(dkim(|dkim| &dkim.domain))),
            ("dkim_selector", json!(dkim(|dkim| &dkim.selector))),
            ("dkim_record", json!(dkim(|dkim| &dkim.record))),
            ("active", json!(self.active)),
        ])
    }

    /// Whom its mails are from, as mails have it.
    pub(super) fn sender(&self) -> Result<Mailbox> {
        Ok(Mailbox::new(self.from_name.as_deref().unwrap_or_default(), &Email::parse(&self.from)?)?)
    }

    /// Where answers go, as mails have it.
    pub(super) fn answers(&self) -> Result<Option<Mailbox>> {
        self.reply_to.as_deref().map(|address| Ok(Mailbox::new("", &Email::parse(address)?)?)).transpose()
    }
}

/// The account of that id.
pub(super) fn by_id(tx: &Tx<'_>, id: i64) -> Result<Account> {
    store::get(tx, id)
}

/// Whether accounts of that server have a password.
pub(crate) fn wants_password(cx: &Context, server: &str) -> Result<bool> {
    require_superuser(cx)?;
    cx.read(|tx| Ok(server::get_in(tx, server)?.facts.way.auth().has_password()))
}

/// The account of that name, if there is one.
pub(crate) fn find(cx: &Context, name: &str) -> Result<Option<Account>> {
    require_superuser(cx)?;
    cx.read(|tx| store::find(tx, &fold(&check_title(name)?)))
}

/// Makes an account.
pub(crate) fn create(cx: &Context, name: &str, given: &Edit) -> Result<Account> {
    cx.write(|tx| {
        require_superuser(cx)?;
        let name = free_name(tx, name, None)?;
        let server = server::get_in(tx, given.server.as_deref().unwrap_or_default())?;
        let nothing = Facts {
            name,
            server_id: server.id,
            server: server.facts.name,
            company_id: None,
            company: None,
            from: String::new(),
            from_name: None,
            reply_to: None,
            user: None,
            dkim: None,
            active: true,
        };
        let facts = changed(tx, &nothing, given)?;
        check_login(tx, &facts, matches!(given.password, NewPassword::Is(_)))?;
        let id = audit::new_id(tx, (KIND, "mail_accounts"))?;
        let mut after = facts.fields();
        if matches!(given.password, NewPassword::Is(_)) {
            after.insert("password".to_owned(), json!("set"));
        }
        let event = Event::of("mail_account.create", (KIND, id), &facts.name);
        let revision = audit::change(cx, tx, event, &Fields::new(), &after)?;
        store::insert(tx, id, &facts, (revision, cx.now()))?;
        put_password(cx, tx, id, &given.password)?;
        store::get(tx, id)
    })
}

/// Changes an account; returns it and the names of the facts that changed.
pub(crate) fn edit(cx: &Context, name: &str, given: &Edit) -> Result<(Account, Vec<String>)> {
    cx.write(|tx| {
        require_superuser(cx)?;
        let old = get_in(tx, name, &CompanyScope::All)?;
        let mut new = changed(tx, &old.facts, given)?;
        if let Some(name) = &given.name {
            new.name = free_name(tx, name, Some(old.id))?;
        }
        let has_password = match given.password {
            NewPassword::Same => old.has_password,
            NewPassword::Is(_) => true,
            NewPassword::No => false,
        };
        if given.server.is_some() || given.user.is_some() || matches!(given.password, NewPassword::Is(_)) {
            check_login(tx, &new, has_password)?;
        }
        let is_led_elsewhere = new.server_id != old.facts.server_id
            && old.has_password
            && matches!(given.password, NewPassword::Same);
        if is_led_elsewhere && !cx.actor.is_system() {
            let why = "its password would go to another server; give it again, with `--password-stdin`";
            return Err(cx.actor.denied(why).into());
        }
        check_key_covers(&new)?;
        route::check_company_of(tx, (old.id, &new.name), new.company_id, new.company.as_deref())?;
        let (mut before, mut after) = audit::difference(&old.facts.fields(), &new.fields());
        note_password(&old, &given.password, &mut before, &mut after);
        if after.is_empty() {
            return Ok((old, Vec::new()));
        }
        let changed = after.keys().cloned().collect();
        let event = Event::of("mail_account.edit", (KIND, old.id), &new.name);
        let revision = audit::change(cx, tx, event, &before, &after)?;
        // A password needs a user, before and after.
        if matches!(given.password, NewPassword::No) {
            store::set_password(tx, old.id, None)?;
        }
        store::update(tx, old.id, &new, (revision, cx.now()))?;
        put_password(cx, tx, old.id, &given.password)?;
        Ok((store::get(tx, old.id)?, changed))
    })
}

/// Deletes an account that no route names.
pub(crate) fn delete(cx: &Context, name: &str) -> Result<Account> {
    cx.write(|tx| {
        require_superuser(cx)?;
        let account = get_in(tx, name, &CompanyScope::All)?;
        let routes = route::of_account(tx, account.id)?;
        if !routes.is_empty() {
            let uses = named_among(routes.len(), &routes, "route", "routes");
            return Err(
                Error::InUse { what: ServerOrAccount::Account, name: account.facts.name, uses }.into()
            );
        }
        let event = Event::of("mail_account.delete", (KIND, account.id), &account.facts.name);
        audit::change(cx, tx, event, &account.facts.fields(), &Fields::new())?;
        store::delete(tx, account.id)?;
        Ok(account)
    })
}

/// Every account that the actor may see, by name.
pub(crate) fn list(cx: &Context) -> Result<Vec<Account>> {
    cx.actor.require_anywhere("mail.view")?;
    let seen = cx.actor.scope("mail.view");
    let mut accounts = cx.read(store::list)?;
    accounts.retain(|account| seen.contain(account.facts.company_id));
    Ok(accounts)
}

/// The account of that name.
pub(crate) fn get(cx: &Context, name: &str) -> Result<Account> {
    cx.actor.require_anywhere("mail.view")?;
    cx.read(|tx| get_in(tx, name, &cx.actor.scope("mail.view")))
}

/// The account of that name among those of some companies, in a transaction of the caller. Of any other is said what is
/// said of one there is not.
pub(super) fn get_in(tx: &Tx<'_>, name: &str, seen: &CompanyScope) -> Result<Account> {
    let is_seen = |account: &Account| seen.contain(account.facts.company_id);
    if let Some(account) = store::find(tx, &fold(name))?.filter(is_seen) {
        return Ok(account);
    }
    let mut accounts = store::list(tx)?;
    accounts.retain(is_seen);
    let names = accounts.iter().map(|account| account.facts.name.as_str());
    let near = nearest_one(name, names);
    Err(Error::NotFound { what: ServerOrAccount::Account, name: name.to_owned(), near }.into())
}

/// Every account, whoever may look at them.
pub(crate) fn all(tx: &Tx<'_>) -> Result<Vec<Account>> {
    store::list(tx)
}

/// The password; none if there is none.
pub(super) fn password(cx: &Context, tx: &Tx<'_>, id: i64) -> Result<Option<Secret>> {
    opened(cx, store::password(tx, id)?, place(&PASSWORD, id))
}

/// The passwords of the other accounts of a host. One that does not open is left out: nobody logs in with it.
pub(super) fn other_passwords(cx: &Context, tx: &Tx<'_>, id: i64, host: &str) -> Result<Vec<Secret>> {
    let sealed = store::other_passwords(tx, id, host)?;
    let opened =
        sealed.into_iter().filter_map(|(id, sealed)| opened(cx, Some(sealed), place(&PASSWORD, id)).ok());
    Ok(opened.flatten().collect())
}

/// The key that signs; none if there is none.
pub(super) fn key(cx: &Context, tx: &Tx<'_>, id: i64) -> Result<Option<Secret>> {
    opened(cx, store::key(tx, id)?, place(&DKIM_KEY, id))
}

fn opened(cx: &Context, sealed: Option<Vec<u8>>, place: SecretLocation<'_>) -> Result<Option<Secret>> {
    let Some(sealed) = sealed else { return Ok(None) };
    let mut plain = seal::open_text(&cx.key, place, &sealed)?;
    Ok(Some(Secret::new(std::mem::take(&mut plain))))
}

const fn place(column: &crate::store::SealedColumn, id: i64) -> SecretLocation<'static> {
    SecretLocation { table: column.table, column: column.column, row: id }
}

fn put_password(cx: &Context, tx: &Tx<'_>, id: i64, password: &NewPassword) -> Result<()> {
    match password {
        NewPassword::Same | NewPassword::No => Ok(()),
        NewPassword::Is(secret) => {
            let sealed = seal::seal(&cx.key, &*cx.rng, place(&PASSWORD, id), secret.expose().as_bytes())?;
            store::set_password(tx, id, Some(&sealed))
        }
    }
}

/// What the audit is told of the password: that it changed.
fn note_password(old: &Account, password: &NewPassword, before: &mut Fields, after: &mut Fields) {
    let (was, is) = match (old.has_password, password) {
        (_, NewPassword::Same) | (false, NewPassword::No) => return,
        (false, NewPassword::Is(_)) => (Value::Null, "set"),
        (true, NewPassword::Is(_)) => (json!("set"), "changed"),
        (true, NewPassword::No) => (json!("set"), "removed"),
    };
    before.insert("password".to_owned(), was);
    after.insert("password".to_owned(), json!(is));
}

/// A name that no other account has.
fn free_name(tx: &Tx<'_>, name: &str, own: Option<i64>) -> Result<String> {
    let name = check_title(name)?;
    match store::find(tx, &fold(&name))?.filter(|other| Some(other.id) != own) {
        Some(other) => Err(Error::Exists { what: ServerOrAccount::Account, name: other.facts.name }.into()),
        None => Ok(name),
    }
}

/// The facts with what was given.
fn changed(tx: &Tx<'_>, old: &Facts, given: &Edit) -> Result<Facts> {
    let mut new = old.clone();
    if let Some(server) = &given.server {
        let server = server::get_in(tx, server)?;
        (new.server_id, new.server) = (server.id, server.facts.name);
    }
    if let Some(company) = &given.company {
        (new.company_id, new.company) = match company.as_str() {
            "" => (None, None),
            name => {
                let company = company::get_in(tx, name, &CompanyScope::All)?;
                (Some(company.id), Some(company.name))
            }
        };
    }
    if let Some(from) = &given.from {
        new.from = Email::parse(from)?.to_string();
    }
    if let Some(name) = &given.from_name {
        new.from_name = Some(name.trim().to_owned()).filter(|name| !name.is_empty());
    }
    if let Some(reply_to) = &given.reply_to {
        new.reply_to = match reply_to.as_str() {
            "" => None,
            address => Some(Email::parse(address)?.as_str().to_owned()),
        };
    }
    if let Some(user) = &given.user {
        check_line(user)?;
        new.user = Some(user.clone()).filter(|user| !user.is_empty());
    }
    new.active = given.active.unwrap_or(old.active);
    new.sender()?;
    new.answers()?;
    Ok(new)
}

/// Refuses a user or a password that the server does not take, and an account without what it wants.
fn check_login(tx: &Tx<'_>, facts: &Facts, has_password: bool) -> Result<()> {
    let server = server::by_id(tx, facts.server_id)?;
    match login_fault(&server.facts, facts, has_password) {
        Some(fault) => Err(fault.into()),
        None => Ok(()),
    }
}

/// Why an account cannot log in at a server, if it cannot.
fn login_fault(at: &server::Facts, facts: &Facts, has_password: bool) -> Option<Error> {
    let server = at.name.clone();
    match at.way.auth() {
        Auth::None if facts.user.is_some() => Some(Error::Needless { server, what: "user name" }),
        Auth::Plain | Auth::Login | Auth::XOAuth2 if facts.user.is_none() => {
            Some(Error::NeedsUser { server })
        }
        Auth::None | Auth::XOAuth2 if has_password => Some(Error::Needless { server, what: "password" }),
        Auth::Plain | Auth::Login if !has_password => Some(Error::NeedsPassword { server }),
        _ => None,
    }
}

/// Why accounts of a server, as that is now or shall be, cannot log in there: those that lack what it wants of them.
pub(crate) fn unfit_for(cx: &Context, server: &Server) -> Result<Vec<Error>> {
    let mut accounts = cx.read(store::list)?;
    accounts.retain(|account| account.facts.server_id == server.id);
    Ok(accounts.iter().filter_map(|account| unfit_at(&server.facts, account)).collect())
}

/// Why an account, as it is or shall be, cannot log in at its server, if it lacks what that wants.
pub(crate) fn unfit(cx: &Context, account: &Account) -> Result<Option<Error>> {
    let server = cx.read(|tx| server::by_id(tx, account.facts.server_id))?;
    Ok(unfit_at(&server.facts, account))
}

/// Like [`unfit`], of the account of that id.
pub(crate) fn unfit_of(cx: &Context, id: i64) -> Result<Option<Error>> {
    unfit(cx, &cx.read(|tx| by_id(tx, id))?)
}

/// Why an account cannot log in at that server. What it has and the server does not ask for keeps no mail back.
pub(super) fn unfit_at(server: &server::Facts, account: &Account) -> Option<Error> {
    let why = match login_fault(server, &account.facts, account.has_password)? {
        why @ (Error::NeedsUser { .. } | Error::NeedsPassword { .. }) => Box::new(why),
        _ => return None,
    };
    Some(Error::CannotLogIn { account: account.facts.name.clone(), why })
}

/// Refuses a key that does not speak for the sender.
fn check_key_covers(facts: &Facts) -> Result<()> {
    let Some(dkim) = &facts.dkim else { return Ok(()) };
    if super::dkim::speaks_for(&dkim.domain, facts.sender()?.path()) {
        return Ok(());
    }
    Err(Error::ForeignDomain {
        account: facts.name.clone(),
        domain: dkim.domain.clone(),
        from: facts.from.clone(),
    }
    .into())
}
