//! By which account what waits would leave now.

use std::collections::HashMap;
use std::collections::hash_map::Entry;

use super::super::QueuedMail;
use super::super::store::work::{self, Rest, Waiting};
use super::{Because, Left};
use crate::context::Context;
use crate::error::Result;
use crate::mail::account::{self, Account};
use crate::mail::outbox::may_link;
use crate::mail::{route, server};
use crate::store::Tx;

/// How mails of one use leave.
enum By {
    Account { id: i64, server: i64 },
    Not(Because),
}

/// By which account mails of each use leave now, and how many are due.
pub(in crate::mail::outbox) struct Ways {
    uses: Vec<(Waiting, By)>,
    servers: HashMap<i64, server::Facts>,
    /// Whether mails with links may leave.
    pub(super) links: bool,
    /// The accounts whose rest is over, and by which nothing has left since.
    on_trial: Vec<Rest>,
}

impl Ways {
    /// As it is now, for somebody who has programs run or has not.
    pub(in crate::mail::outbox) fn of(cx: &Context, tx: &Tx<'_>, runs_programs: bool) -> Result<Self> {
        let rests = work::rests(tx)?;
        let mut accounts: HashMap<i64, Account> = HashMap::new();
        let mut servers: HashMap<i64, server::Facts> = HashMap::new();
        let mut uses = Vec::new();
        for waiting in work::waiting(tx, cx.now())? {
            let usage = (waiting.feature.as_str(), waiting.company_id);
            let mut by = choose(cx, tx, usage, &rests, &mut accounts)?;
            if let By::Account { server, id } = by {
                let facts = match servers.entry(server) {
                    Entry::Occupied(known) => known.into_mut(),
                    Entry::Vacant(unknown) => unknown.insert(server::by_id(tx, server)?.facts),
                };
                let has_program = facts.way.programs().next().is_some();
                if let Some(account) = accounts.get(&id).filter(|_| has_program && !runs_programs) {
                    by = By::Not(Because::OfOwner { account: account.facts.name.clone() });
                }
            }
            uses.push((waiting, by));
        }
        let is_over = |rest: &&Rest| rest.until <= cx.now();
        let on_trial = rests.iter().filter(is_over).cloned().collect();
        Ok(Self { uses, servers, links: may_link(cx), on_trial })
    }

    fn due(&self, waiting: &Waiting) -> u64 {
        waiting.due - if self.links { 0 } else { waiting.links }
    }

    /// The servers by which something can leave now: their connections at once, or how many mails there are if these are
    /// fewer.
    pub(super) fn servers(&self) -> Vec<(i64, u64)> {
        let mut due: Vec<(i64, u64)> = Vec::new();
        for (waiting, by) in &self.uses {
            let By::Account { server, .. } = by else { continue };
            match due.iter_mut().find(|(other, _)| other == server) {
                Some((_, mails)) => *mails += self.due(waiting),
                None => due.push((*server, self.due(waiting))),
            }
        }
        let connections = |server: &i64| self.servers.get(server).map_or(1, |facts| facts.connections);
        due.iter().map(|(server, mails)| (*server, (*mails).min(connections(server).into()))).collect()
    }

    /// The most mails a minute of a server.
    pub(super) fn rate(&self, server: i64) -> Option<u32> {
        self.servers.get(&server).and_then(|facts| facts.rate)
    }

    /// The accounts of a server of which nobody knows whether they are well again.
    pub(super) fn on_trial(&self, server: i64) -> Vec<&Rest> {
        let leaves = |account: i64| {
            let by =
                |by: &By| matches!(by, By::Account { id, server: at } if (*id, *at) == (account, server));
            self.uses.iter().any(|(_, way)| by(way))
        };
        self.on_trial.iter().filter(|rest| leaves(rest.account_id)).collect()
    }

    /// The uses whose mails leave by some accounts of a server, as the statement takes them.
    pub(super) fn uses_of(&self, server: i64, is_meant: impl Fn(i64) -> bool) -> String {
        let by = |by: &By| matches!(by, By::Account { id, server: at } if *at == server && is_meant(*id));
        let uses = self.uses.iter().filter(|(_, way)| by(way));
        let uses: Vec<(&str, i64)> = uses
            .map(|(waiting, _)| (waiting.feature.as_str(), waiting.company_id.unwrap_or_default()))
            .collect();
        serde_json::to_string(&uses).unwrap_or_default()
    }

    /// The account by which mails of a use leave.
    pub(super) fn account(&self, feature: &str, company: Option<i64>) -> Option<i64> {
        let is_it = |waiting: &Waiting| waiting.feature == feature && waiting.company_id == company;
        self.uses.iter().find_map(|(waiting, by)| match by {
            By::Account { id, .. } if is_it(waiting) => Some(*id),
            _ => None,
        })
    }

    /// What keeps a mail that is due from leaving.
    pub(in crate::mail::outbox) fn kept_by(&self, mail: &QueuedMail) -> Option<Because> {
        let is_its =
            |waiting: &Waiting| (&waiting.feature, waiting.company_id) == (&mail.feature, mail.company_id);
        match self.uses.iter().find(|(waiting, _)| is_its(waiting)) {
            Some((_, By::Not(because))) => Some(because.clone()),
            _ if mail.has_link && !self.links => Some(Because::NoDomain),
            _ => None,
        }
    }

    /// What is due and cannot leave.
    pub(super) fn left(&self) -> Vec<Left> {
        let mut left: Vec<Left> = Vec::new();
        let mut add =
            |mails: u64, because: Because| match left.iter_mut().find(|left| left.because == because) {
                _ if mails == 0 => {}
                Some(same) => same.mails += mails,
                None => left.push(Left { mails, because }),
            };
        for (waiting, by) in &self.uses {
            match by {
                By::Not(because) => add(self.due(waiting), because.clone()),
                By::Account { .. } => {}
            }
            add(waiting.due - self.due(waiting), Because::NoDomain);
        }
        left
    }
}

/// What keeps mails of a use, which is a feature and a company, from leaving now.
pub(in crate::mail::outbox) fn kept(
    cx: &Context,
    tx: &Tx<'_>,
    usage: (&str, Option<i64>),
) -> Result<Option<Because>> {
    match choose(cx, tx, usage, &work::rests(tx)?, &mut HashMap::new())? {
        By::Not(because) => Ok(Some(because)),
        By::Account { .. } => Ok(None),
    }
}

/// The account of a route, or its second while it rests.
fn choose(
    cx: &Context,
    tx: &Tx<'_>,
    (feature, company): (&str, Option<i64>),
    rests: &[Rest],
    accounts: &mut HashMap<i64, Account>,
) -> Result<By> {
    let looked = route::choose(tx, Some(feature), company)?;
    let Some(route) = looked.into_iter().find(|step| step.is_chosen).and_then(|step| step.route) else {
        return Ok(By::Not(Because::NoRoute { feature: feature.to_owned() }));
    };
    let resting = |id: i64| rests.iter().find(|rest| rest.account_id == id && rest.until > cx.now());
    let mut known = |id: i64| -> Result<Account> {
        if let Some(account) = accounts.get(&id) {
            return Ok(account.clone());
        }
        let account = account::by_id(tx, id)?;
        accounts.insert(id, account.clone());
        Ok(account)
    };
    let first = known(route.account_id)?;
    if !first.facts.active {
        return Ok(By::Not(Because::Inactive { account: first.facts.name }));
    }
    let by = |account: &Account| By::Account { id: account.id, server: account.facts.server_id };
    let Some(rest) = resting(first.id) else { return Ok(by(&first)) };
    if let Some(second) = route.second_id {
        let second = known(second)?;
        if second.facts.active && resting(second.id).is_none() {
            return Ok(by(&second));
        }
    }
    Ok(By::Not(Because::Rests(rest.clone())))
}
