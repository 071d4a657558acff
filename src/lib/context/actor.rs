//! Who acts, and how far that reaches.

use std::collections::{BTreeSet, HashMap};

use crate::error::{Explain, Kind};

/// Who acts.
#[derive(Debug, Clone, PartialEq, Eq)]
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

    /// Whether there is none.
    pub(crate) fn is_empty(&self) -> bool {
        matches!(self, Self::These(ids) if ids.is_empty())
    }
}

/// The actor may not do this.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Denied {
    /// A permission is missing, or does not reach this far.
    #[error("`{actor}` may not do this: it needs the permission `{permission}` {reach}")]
    Missing {
        /// Who.
        actor: String,
        /// The permission.
        permission: &'static str,
        /// For which companies it was asked.
        reach: &'static str,
    },
    /// A rule says no, whatever the permissions.
    #[error("`{actor}` may not do this: {why}")]
    Rule {
        /// Who.
        actor: String,
        /// The rule.
        why: String,
    },
}

impl Explain for Denied {
    fn code(&self) -> &'static str {
        "permission.denied"
    }

    fn kind(&self) -> Kind {
        Kind::Denied
    }

    fn hint(&self) -> Option<String> {
        match self {
            Self::Missing { actor, permission, .. } => {
                Some(format!("see what there is with `secboard permission explain {actor} {permission}`"))
            }
            Self::Rule { .. } => Some("ask an administrator who may".to_owned()),
        }
    }
}

impl Actor {
    /// The owner of the store, who may do everything.
    pub(crate) fn system(shell_user: Option<String>) -> Self {
        Self { name: "system".to_owned(), shell_user, authority: Authority::System }
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

    /// Refuses unless the actor has the permission for `company`; what belongs to no company needs it for all.
    pub(crate) fn require(&self, permission: &'static str, company: Option<i64>) -> Result<(), Denied> {
        if self.reach(permission).contain(company) {
            return Ok(());
        }
        let reach = if company.is_some() { "for that company" } else { "for all companies" };
        Err(Denied::Missing { actor: self.name.clone(), permission, reach })
    }

    /// Refuses unless the actor has the permission for some company.
    pub(crate) fn require_anywhere(&self, permission: &'static str) -> Result<(), Denied> {
        if self.reach(permission).is_empty() {
            return Err(Denied::Missing { actor: self.name.clone(), permission, reach: "for some company" });
        }
        Ok(())
    }

    /// Refuses by a rule.
    pub(crate) fn denied(&self, why: impl Into<String>) -> Denied {
        Denied::Rule { actor: self.name.clone(), why: why.into() }
    }

    /// Whether the actor is the owner of the store.
    pub(crate) fn is_system(&self) -> bool {
        self.authority == Authority::System
    }

    /// Whether the actor bypasses every check of permissions.
    pub(crate) fn is_superuser(&self) -> bool {
        match &self.authority {
            Authority::System => true,
            Authority::Account(account) => account.superuser,
        }
    }
}
