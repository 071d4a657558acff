//! Who acts, and how far that reaches.

use std::collections::{BTreeSet, HashMap};
use std::fmt;

use crate::error::{Explain, Kind};
use crate::text::shell::secboard;

/// In the place of an account's id while it is not known who acts: no account has it.
const NOBODY: i64 = 0;

/// Who acts. It is lent to operations with the context it belongs to, and cannot be copied to be kept.
#[derive(Debug, PartialEq, Eq)]
#[cfg_attr(test, derive(Clone))]
pub(crate) struct Actor {
    /// `system`, or the email of the account whose permissions decide.
    pub(crate) name: String,
    /// The shell user behind it, as far as the system says.
    pub(crate) shell_user: Option<String>,
    /// What the actor may do.
    pub(crate) authority: Authority,
}

/// What an actor may do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Authority {
    /// Root, or the user that owns the store: everything.
    System,
    /// An account's permissions.
    Account(Account),
}

/// An account that acts, with what it may do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Account {
    /// The person's id.
    pub(crate) id: i64,
    /// Has every permission, for every company.
    pub(crate) superuser: bool,
    /// Where each permission reaches; one that is missing reaches nowhere.
    pub(crate) held: HashMap<&'static str, Companies>,
}

/// A set of companies.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Companies {
    /// All, those to come and none at all included.
    All,
    /// These, by id.
    These(BTreeSet<i64>),
}

impl Companies {
    /// No company.
    pub(crate) const fn none() -> Self {
        Self::These(BTreeSet::new())
    }

    /// Whether `company` is among them; what belongs to no company is only among all.
    pub(crate) fn contain(&self, company: Option<i64>) -> bool {
        match (self, company) {
            (Self::All, _) => true,
            (Self::These(ids), Some(id)) => ids.contains(&id),
            (Self::These(_), None) => false,
        }
    }

    /// Whether all of `others` are among them.
    pub(crate) fn cover(&self, others: &Self) -> bool {
        match (self, others) {
            (Self::All, _) => true,
            (Self::These(_), Self::All) => false,
            (Self::These(own), Self::These(others)) => own.is_superset(others),
        }
    }

    /// These and the others.
    fn and(self, others: Self) -> Self {
        match (self, others) {
            (Self::These(mut own), Self::These(others)) => {
                own.extend(others);
                Self::These(own)
            }
            _ => Self::All,
        }
    }

    /// Whether there is none.
    pub(crate) fn is_empty(&self) -> bool {
        matches!(self, Self::These(ids) if ids.is_empty())
    }
}

/// The actor may not do this.
#[derive(Debug, thiserror::Error)]
#[error("`{actor}` may not do this: {why}")]
pub(crate) struct Denied {
    /// Who.
    pub(crate) actor: String,
    /// Why not.
    pub(crate) why: Why,
    /// To whom or what it would have been done, where that is one thing.
    pub(crate) subject: Option<Box<Subject>>,
}

/// Why an actor may not.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Why {
    /// A permission is missing, or does not reach this far.
    Missing {
        /// The permission.
        permission: &'static str,
        /// For which companies it was asked.
        reach: &'static str,
    },
    /// A rule says no, whatever the permissions.
    Rule(String),
}

/// What a refused command was about, as the audit names it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Subject {
    /// `user`, `group`, ….
    pub(crate) kind: &'static str,
    /// The id.
    pub(crate) id: i64,
    /// The name.
    pub(crate) name: String,
}

impl fmt::Display for Why {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Missing { permission, reach } => {
                write!(f, "it needs the permission `{permission}` {reach}")
            }
            Self::Rule(rule) => f.write_str(rule),
        }
    }
}

impl Denied {
    /// The same, with what it was about.
    pub(crate) fn about(self, kind: &'static str, id: i64, name: &str) -> Self {
        Self { subject: Some(Box::new(Subject { kind, id, name: name.to_owned() })), ..self }
    }
}

impl Explain for Denied {
    fn code(&self) -> &'static str {
        "permission.denied"
    }

    fn kind(&self) -> Kind {
        Kind::Denied
    }

    fn command(&self) -> Option<String> {
        match &self.why {
            Why::Missing { permission, .. } => {
                Some(secboard("permission explain").word(&self.actor).word(permission).to_string())
            }
            Why::Rule(_) => None,
        }
    }

    fn advice(&self) -> Option<String> {
        match &self.why {
            Why::Missing { .. } => Some("see what there is".to_owned()),
            Why::Rule(_) => Some("ask an administrator who may".to_owned()),
        }
    }
}

impl Actor {
    /// The owner of the store, who may do everything.
    pub(crate) fn system(shell_user: Option<String>) -> Self {
        Self { name: "system".to_owned(), shell_user, authority: Authority::System }
    }

    /// Somebody who may do nothing: who acts before it is known who does.
    pub(crate) fn nobody(shell_user: Option<String>) -> Self {
        let account = Account { id: NOBODY, superuser: false, held: HashMap::new() };
        Self { name: "nobody".to_owned(), shell_user, authority: Authority::Account(account) }
    }

    /// For which companies the actor has the permission.
    pub(crate) fn reach(&self, permission: &str) -> Companies {
        match &self.authority {
            Authority::System => Companies::All,
            Authority::Account(account) if account.superuser => Companies::All,
            Authority::Account(account) => {
                account.held.get(permission).cloned().unwrap_or_else(Companies::none)
            }
        }
    }

    /// For which companies the actor has any of these permissions.
    pub(crate) fn reach_of_any(&self, permissions: &[&str]) -> Companies {
        permissions.iter().fold(Companies::none(), |all, permission| all.and(self.reach(permission)))
    }

    /// For which companies the actor has any permission at all.
    pub(crate) fn reach_at_all(&self) -> Companies {
        match &self.authority {
            Authority::Account(account) if !account.superuser => {
                account.held.values().cloned().fold(Companies::none(), Companies::and)
            }
            _ => Companies::All,
        }
    }

    /// Whether the actor has any of these permissions for `company`; for what belongs to no company, for all.
    pub(crate) fn has_any(&self, permissions: &[&str], company: Option<i64>) -> bool {
        permissions.iter().any(|permission| self.reach(permission).contain(company))
    }

    /// Refuses unless the actor has the permission for `company`; what belongs to no company needs it for all.
    pub(crate) fn require(&self, permission: &'static str, company: Option<i64>) -> Result<(), Denied> {
        if self.reach(permission).contain(company) {
            return Ok(());
        }
        Err(self
            .missing(permission, if company.is_some() { "for that company" } else { "for all companies" }))
    }

    /// Refuses unless the actor has the permission for some company.
    pub(crate) fn require_anywhere(&self, permission: &'static str) -> Result<(), Denied> {
        if self.reach(permission).is_empty() {
            return Err(self.missing(permission, "for some company"));
        }
        Ok(())
    }

    /// Refuses by a rule.
    pub(crate) fn denied(&self, why: impl Into<String>) -> Denied {
        Denied { actor: self.name.clone(), why: Why::Rule(why.into()), subject: None }
    }

    fn missing(&self, permission: &'static str, reach: &'static str) -> Denied {
        Denied { actor: self.name.clone(), why: Why::Missing { permission, reach }, subject: None }
    }

    /// Whether the actor is the owner of the store.
    pub(crate) fn is_system(&self) -> bool {
        self.authority == Authority::System
    }

    /// The id of the account that acts; none for the owner of the store, and while it is not known who acts.
    pub(crate) fn account_id(&self) -> Option<i64> {
        match &self.authority {
            Authority::System => None,
            Authority::Account(account) => Some(account.id).filter(|id| *id != NOBODY),
        }
    }

    /// Whether the actor is the account of that id.
    pub(crate) fn is_account(&self, id: i64) -> bool {
        self.account_id() == Some(id)
    }

    /// Whether the actor bypasses every check of permissions.
    pub(crate) fn is_superuser(&self) -> bool {
        match &self.authority {
            Authority::System => true,
            Authority::Account(account) => account.superuser,
        }
    }
}
