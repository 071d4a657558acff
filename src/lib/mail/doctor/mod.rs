//! What is wrong with how mails leave, and what to do about it: as far as can be told without sending one.
//!
//! Each check stands for itself, and says nothing where all is well. What the store tells comes first, then what lies on
//! this machine (templates, authorities, folders, programs), then what the domains of senders publish.

mod sender;
mod store;

#[cfg(test)]
pub(super) use store::STATEMENTS;

use std::fs;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use self::sender::Flaw;
use super::account::{self, Account};
use super::error::Error;
use super::message::templates::Templates;
use super::outbox::{self, Suspect};
use super::route::{self, FEATURES};
use super::server::{self, Server, ServerKind};
use super::transport::{block_on, rules};
use crate::context::Context;
use crate::error::{Explain as _, Result};
use crate::setting::site;
use crate::store::Tx;
use crate::text::count::counted;
use crate::text::shell::secboard;
use crate::tls::dns::{Dns, NoAnswer};

/// How bad something is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Severity {
    /// Mails wait, fail or are not believed.
    Error,
    /// It is not as it should be.
    Warning,
}

impl Severity {
    /// In a word.
    pub(crate) const fn word(self) -> &'static str {
        match self {
            Self::Error => "error",
            Self::Warning => "warning",
        }
    }
}

/// Something wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Finding {
    /// Of which check; stays as it is.
    pub(crate) code: &'static str,
    /// How bad it is.
    pub(crate) severity: Severity,
    /// What is wrong.
    pub(crate) what: String,
    /// What to do.
    pub(crate) advice: String,
    /// What to type for that.
    pub(crate) command: Option<String>,
}

impl Finding {
    /// What keeps mails from leaving or being believed.
    pub(crate) fn error(code: &'static str, what: impl Into<String>, advice: impl Into<String>) -> Self {
        Self { code, severity: Severity::Error, what: what.into(), advice: advice.into(), command: None }
    }

    /// The same, with what to type.
    pub(crate) fn with(self, command: impl ToString) -> Self {
        Self { command: Some(command.to_string()), ..self }
    }

    /// The same, as a warning.
    pub(crate) fn into_warning(self) -> Self {
        Self { severity: Severity::Warning, ..self }
    }
}

/// What the machine adds.
#[derive(Debug, Clone, Default)]
pub(crate) struct Machine {
    /// The folder with the site's own templates.
    pub(crate) templates: Option<PathBuf>,
    /// The DNS server to ask; none for those of the machine.
    pub(crate) resolver: Option<SocketAddr>,
    /// Whether the DNS is asked at all.
    pub(crate) is_offline: bool,
}

/// Looks at what a room above has to do with mails.
pub(crate) type Check = fn(&Context, &Tx<'_>) -> Result<Vec<Finding>>;

/// Everything that is found, the nearest to the store first.
pub(crate) fn run(cx: &Context, machine: &Machine, check: Check) -> Result<Vec<Finding>> {
    cx.actor.require("mail.view", None)?;
    let mut found = Vec::new();
    let accounts = cx.read(|tx| {
        check_site(cx, &mut found);
        let servers = server::all(tx)?;
        let accounts = account::all(tx)?;
        for server in &servers {
            check_server(server, &mut found);
        }
        for account in &accounts {
            let server = servers.iter().find(|server| server.id == account.facts.server_id);
            check_account(cx, tx, account, server, &mut found);
        }
        check_routes(tx, &accounts, &mut found)?;
        check_outbox(cx, tx, &mut found)?;
        found.extend(check(cx, tx)?);
        let leaves = |account: &Account| {
            let of = servers.iter().find(|server| server.id == account.facts.server_id);
            account.facts.active && of.is_some_and(|server| server.facts.way.kind() != ServerKind::File)
        };
        Ok(accounts.into_iter().filter(leaves).collect::<Vec<_>>())
    })?;
    if let Some(folder) = &machine.templates {
        check_templates(cx, folder, &mut found);
    }
    if !machine.is_offline && !accounts.is_empty() {
        let asked = block_on(ask(&accounts, machine.resolver, &mut found));
        asked.map_err(|source| Error::NoRuntime { source })?;
    }
    Ok(found)
}

/// Links that lead nowhere.
fn check_site(cx: &Context, found: &mut Vec<Finding>) {
    let domain = cx.settings.get(&site::DOMAIN);
    let host = site::without_port(domain);
    if host == "localhost" && *cx.settings.get(&site::KIND) == "production" {
        let what = "the host in links is `localhost`, so mails with links wait";
        let advice = "set the host by which people reach this site, with `secboard setting set site.domain …`; or say that this is no \
            production";
        found.push(Finding::error("site.domain", what, advice).with("secboard setting set site.kind test"));
    }
}

/// A server that cannot work as it is.
fn check_server(server: &Server, found: &mut Vec<Finding>) {
    let facts = &server.facts;
    let name = &facts.name;
    let edit = || secboard("mail server edit").operand(name);
    if let Some(smtp) = facts.way.smtp()
        && let Err(objection) =
            rules::check(smtp.port, smtp.protection.security(), smtp.login.auth().has_password())
    {
        let advice = objection.advice().unwrap_or_default();
        found.push(
            Finding::error("mail.port_security", format!("server `{name}`: {objection}"), advice)
                .with(edit().flags(objection.cure()))
                .into_warning(),
        );
    }
    if let Some(file) = facts.way.ca_file()
        && let Err(failure) = server::authorities(file)
    {
        let advice = "put the file back, name another, or trust the authorities of the system";
        found.push(
            Finding::error("mail.server", format!("server `{name}`: {failure}"), advice)
                .with(edit().flags("--no-ca-file")),
        );
    }
    if let Some(folder) = facts.way.folder().filter(|folder| !Path::new(folder).is_dir()) {
        let what = format!("server `{name}`: the folder `{folder}` is not there");
        found.push(Finding::error("mail.server", what, "make it again"));
    }
    for command in facts.way.programs() {
        let program = command.first().map_or("", String::as_str);
        if !fs::metadata(program).is_ok_and(|program| program.is_file()) {
            let what = format!("server `{name}`: the program `{program}` is not there");
            found.push(Finding::error("mail.server", what, "install it, or name another"));
        } else if let Err(open) = server::check_closed(program) {
            let advice = open.advice().unwrap_or_default();
            found.push(Finding::error("mail.server", format!("server `{name}`: {open}"), advice));
        }
    }
}

/// An account that could not log in or sign.
fn check_account(
    cx: &Context,
    tx: &Tx<'_>,
    account: &Account,
    server: Option<&Server>,
    found: &mut Vec<Finding>,
) {
    let name = &account.facts.name;
    let edit = || secboard("mail account edit").operand(name);
    if account::password(cx, tx, account.id).is_err() {
        let what = format!("the password of account `{name}` does not open with this key");
        found.push(Finding::error("mail.account", what, "give it again").with(edit().flags("--password")));
    }
    if account::key(cx, tx, account.id).is_err() {
        let what =
            format!("the key that signs for account `{name}` does not open with this key of the store");
        let dkim = || secboard("mail account dkim").operand(name);
        let again = dkim().flags("--selector … --key FILE");
        let advice = format!("give it again, with `{again}`, or sign no longer");
        let command = dkim().flags("--remove");
        found.push(Finding::error("mail.account", what, advice).with(command));
    }
    let Some(server) = server.map(|server| &server.facts) else { return };
    if server.way.auth().has_password() && !account.has_password {
        let what = format!("server `{}` wants a password, and account `{name}` has none", server.name);
        found.push(Finding::error("mail.account", what, "give one").with(edit().flags("--password")));
    }
}

/// Mails that no account would send.
fn check_routes(tx: &Tx<'_>, accounts: &[Account], found: &mut Vec<Finding>) -> Result<()> {
    let routes = route::all(tx)?;
    for route in &routes {
        let what = route::told(route.feature.as_deref(), route.company.as_deref());
        for (id, is_second) in [(Some(route.account_id), false), (route.second_id, true)] {
            let Some(account) = accounts.iter().find(|account| Some(account.id) == id) else { continue };
            if account.facts.active {
                continue;
            }
            let name = &account.facts.name;
            let inactive = Finding::error(
                "mail.account",
                format!("{what}: account `{name}` is to send it, and is not active"),
                "name another with `secboard mail route set --account …`, or let it send",
            )
            .with(secboard("mail account edit").operand(name).flags("--active"));
            found.push(if is_second { inactive.into_warning() } else { inactive });
        }
    }
    let sends = |feature: Option<&str>| {
        routes.iter().any(|route| route.company_id.is_none() && route.feature.as_deref() == feature)
    };
    let without: Vec<String> = FEATURES
        .iter()
        .filter(|feature| !sends(Some(feature)))
        .map(|feature| format!("`{feature}`"))
        .collect();
    if !sends(None) && !without.is_empty() {
        let what = if routes.is_empty() {
            "no account is to send anything, so every mail waits".to_owned()
        } else {
            format!("no account is to send {}, so such mails wait", without.join(", "))
        };
        found.push(match accounts {
            [] => Finding::error(
                "mail.feature",
                what,
                "make a server and an account, with `secboard mail server create …` and `secboard mail account create …`, and take \
                the account for all, with `secboard mail route set --account …`",
            ),
            [only] => {
                let command = secboard("mail route set").option("--account", &only.facts.name);
                Finding::error("mail.feature", what, "take the account for all of them").with(command)
            }
            _ => Finding::error(
                "mail.feature",
                what,
                "take one of the accounts for all, with `secboard mail route set --account …`",
            ),
        });
    }
    Ok(())
}

/// Mails that wait, and what they wait for.
fn check_outbox(cx: &Context, tx: &Tx<'_>, found: &mut Vec<Finding>) -> Result<()> {
    for resting in store::resting(tx, cx.now())? {
        let name = &resting.account;
        let what = format!(
            "account `{name}` rests until {}, and has sent nothing since {}: {}: {}",
            resting.until, resting.since, resting.step, resting.answer
        );
        let command = secboard("mail test").option("--account", name);
        let advice = match resting.step.as_str() {
            "RCPT" | "message" => "`--to` tries a recipient that was refused; see what keeps it from sending",
            _ => "see what keeps it from sending",
        };
        found.push(Finding::error("mail.resting", what, advice).with(command));
    }
    for waiting in store::waiting(tx)? {
        if FEATURES.contains(&waiting.feature.as_str())
            || route::chosen(tx, &waiting.feature, waiting.company_id)?.is_some()
        {
            continue;
        }
        let told = route::told(Some(&waiting.feature), waiting.company.as_deref());
        let count = counted(&[(waiting.count.unsigned_abs(), "mail waits", "mails wait")]);
        let what = format!("{told}: {count}, for no account is to send them");
        let mut set = secboard("mail route set").option("--feature", &waiting.feature);
        if let Some(company) = &waiting.company {
            set = set.option("--company", company);
        }
        let advice = format!("name one, with `{}`", set.flags("--account …"));
        found.push(Finding::error("mail.feature", what, advice));
    }
    for Suspect { id, workers, due_at } in outbox::suspects(tx)? {
        let what = format!(
            "{workers} workers in a row ended while they sent mail {id}, which goes again at {due_at}, alone"
        );
        let advice = "see whether this machine or secboard was ended from outside; if not, what it sends is to blame: look at it, \
            and drop it if nobody needs it";
        let command = secboard("mail outbox show").operand(&id);
        found.push(Finding::error("mail.worker", what, advice).with(command).into_warning());
    }
    if let Some((count, oldest)) = outbox::waiting_for_long(cx, tx)? {
        let count = counted(&[(count, "mail waits", "mails wait")]);
        let what = format!("{count} for more than an hour, the oldest since {oldest}");
        let advice = "what sends them is `secboard mail flush`, run by a timer; see why they wait";
        let command = "secboard mail outbox list --state queued";
        found.push(Finding::error("mail.old", what, advice).with(command));
    }
    if let Some((count, last, at)) = outbox::unmade(cx, tx)? {
        let count = counted(&[(count, "mail", "mails")]);
        let what =
            format!("{count} could not be made in the last 7 days, and failed: the last one `{last}`, {at}");
        let advice = "once it is mended, have them sent with `secboard mail outbox retry …`, but give `mail send` and exports again, \
            for what those said is gone; see why";
        let command = secboard("mail outbox show").operand(&last);
        found.push(Finding::error("mail.unmade", what, advice).with(command));
    }
    Ok(())
}

/// Templates of the site that are passed over.
fn check_templates(cx: &Context, folder: &Path, found: &mut Vec<Finding>) {
    let (_, faults) = Templates::load(folder, cx.now());
    found.extend(faults.into_iter().map(|fault| {
        Finding::error("mail.templates", fault.to_string(), "correct it; the built-in text is sent instead")
    }));
}

/// What the domains of senders publish.
async fn ask(accounts: &[Account], resolver: Option<SocketAddr>, found: &mut Vec<Finding>) {
    if let Err(silence) = ask_all(accounts, resolver, found).await {
        let advice =
            "see whether this machine reaches a DNS server, or name one as `resolver` in secboard.toml";
        found.push(Finding::error("mail.dns", silence.to_string(), advice));
    }
}

async fn ask_all(
    accounts: &[Account],
    resolver: Option<SocketAddr>,
    found: &mut Vec<Finding>,
) -> Result<(), NoAnswer> {
    let dns = Dns::new(resolver)?;
    let mut domains: Vec<String> = Vec::new();
    for account in accounts {
        let Ok(sender) = account.facts.sender() else { continue };
        let domain = sender.path().domain().to_owned();
        if !domains.contains(&domain) {
            found.extend(sender::check_spf(&dns, &domain).await?.map(of_dns));
            found.extend(sender::check_dmarc(&dns, &domain).await?.map(of_dns));
            domains.push(domain);
        }
        if let Some(dkim) = &account.facts.dkim {
            let name = &account.facts.name;
            let flaw = sender::check_dkim(&dns, dkim).await?.map(of_dns);
            found.extend(flaw.map(|flaw| flaw.with(secboard("mail account dkim").operand(name))));
        }
    }
    Ok(())
}

fn of_dns(flaw: Flaw) -> Finding {
    Finding { code: "mail.dns", severity: flaw.severity, what: flaw.what, advice: flaw.advice, command: None }
}
