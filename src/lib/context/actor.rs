//! Who acts, and for which companies.

use std::cell::Cell;
use std::collections::HashMap;
use std::fmt;

use super::CompanyScope;
use crate::error::{Explain, Kind};
use crate::text::shell::secboard;

/// Who acts. It is lent to operations with the context it belongs to, and cannot be copied to be kept.
#[derive(Debug, PartialEq, Eq)]
#[cfg_attr(test, derive(Clone))]
pub(crate) struct Actor {
    /// `system`, the email of the account that acts, the name of a service, or `nobody`.
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
    /// The person of that id at the web: their own account and nothing else, whatever they hold.
    Oneself(i64),
    /// A service of secboard itself: what its work takes.
    Service(Service),
    /// Nobody yet: who acts before it is known who does.
    Nobody,
    /// One of those above who carries out what another of them decided: only what both may do.
    OnBehalf(Box<OnBehalf>),
}

/// Who carries out what somebody else decided.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct OnBehalf {
    /// What whoever carries it out may do.
    own: Authority,
    /// What whoever decided it may do.
    other: Authority,
    /// The name of that one.
    name: String,
    /// Whether it is asked just now what that one may do alone.
    is_other_alone: Cell<bool>,
}

/// What secboard does by itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Service {
    /// Sends the mails that wait.
    Outbox,
    /// Takes over people from a directory.
    Sync,
    /// Reminds people of what is ahead.
    Reminders,
    /// Ends what has been kept long enough.
    CleanUp,
}

impl Service {
    /// Every service.
    pub(crate) const ALL: [Self; 4] = [Self::Outbox, Self::Sync, Self::Reminders, Self::CleanUp];

    /// The name in the audit.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Outbox => "outbox",
            Self::Sync => "sync",
            Self::Reminders => "reminders",
            Self::CleanUp => "clean-up",
        }
    }

    /// The permissions that its work takes, for all companies.
    pub(crate) const fn permissions(self) -> &'static [&'static str] {
        match self {
            Self::Outbox | Self::Reminders => &[],
            Self::Sync => &["users.view", "users.add", "users.edit", "directory.sync"],
            Self::CleanUp => &["users.delete"],
        }
    }
}

/// An account that acts, with what it may do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Account {
    /// The person's id.
    pub(crate) id: i64,
    /// Has every permission, for every company.
    pub(crate) superuser: bool,
    /// For which companies each permission is held; one that is missing is held for none.
    pub(crate) permissions: HashMap<&'static str, CompanyScope>,
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
    /// A permission is missing, or not held for these companies.
    Missing {
        /// The permission.
        permission: &'static str,
        /// For which companies it was asked.
        scope: &'static str,
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
            Self::Missing { permission, scope } => {
                write!(f, "it needs the permission `{permission}` {scope}")
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
        Self { name: "nobody".to_owned(), shell_user, authority: Authority::Nobody }
    }

    /// The person of that id and email, who acts on their own account at the web.
    pub(crate) fn oneself(id: i64, email: &str) -> Self {
        Self { name: email.to_owned(), shell_user: None, authority: Authority::Oneself(id) }
    }

    /// A service, which nobody at a shell is behind.
    pub(crate) fn service(service: Service) -> Self {
        Self { name: service.name().to_owned(), shell_user: None, authority: Authority::Service(service) }
    }

    /// For which companies the actor has the permission.
    pub(crate) fn scope(&self, permission: &str) -> CompanyScope {
        self.authority.scope(permission)
    }

    /// For which companies the actor has any of these permissions.
    pub(crate) fn scope_of_any(&self, permissions: &[&str]) -> CompanyScope {
        permissions.iter().fold(CompanyScope::none(), |all, permission| all.and(&self.scope(permission)))
    }

    /// For which companies the actor is told who people are. Of everybody else it is told how many they are
    /// (`docs/adr/0018-people-are-named-to-who-may-look-at-them.md`).
    pub(crate) fn reach_of_names(&self) -> CompanyScope {
        match &self.authority {
            Authority::OnBehalf(both) => both.own.scope("users.view"),
            own => own.scope("users.view"),
        }
    }

    /// For which companies the actor has any permission at all.
    pub(crate) fn widest_scope(&self) -> CompanyScope {
        self.authority.widest_scope()
    }

    /// Whether the actor has any of these permissions for `company`; for what belongs to no company, for all.
    pub(crate) fn has_any(&self, permissions: &[&str], company: Option<i64>) -> bool {
        permissions.iter().any(|permission| self.scope(permission).contain(company))
    }

    /// Refuses unless the actor has the permission for `company`; what belongs to no company needs it for all.
    pub(crate) fn require(&self, permission: &'static str, company: Option<i64>) -> Result<(), Denied> {
        if self.scope(permission).contain(company) {
            return Ok(());
        }
        let scope = if company.is_some() { "for that company" } else { "for all companies" };
        Err(self.missing(permission, scope, |scope| scope.contain(company)))
    }

    /// Refuses unless the actor has the permission for some company.
    pub(crate) fn require_anywhere(&self, permission: &'static str) -> Result<(), Denied> {
        if self.scope(permission).is_empty() {
            return Err(self.missing(permission, "for some company", |scope| !scope.is_empty()));
        }
        Ok(())
    }

    /// Refuses unless the actor has one of these permissions for some company.
    pub(crate) fn require_any(&self, permissions: &[&str]) -> Result<(), Denied> {
        if permissions.iter().any(|permission| !self.scope(permission).is_empty()) {
            return Ok(());
        }
        let any = permissions.join("`, `");
        Err(self.denied(format!("it needs one of the permissions `{any}` for some company")))
    }

    /// Refuses by a rule.
    pub(crate) fn denied(&self, why: impl Into<String>) -> Denied {
        let actor = match &self.authority {
            Authority::OnBehalf(both) if !both.other.is_system() => {
                format!("{}` on behalf of `{}", self.name, both.name)
            }
            _ => self.name.clone(),
        };
        Denied { actor, why: Why::Rule(why.into()), subject: None }
    }

    /// Refuses for want of a permission that a scope has to pass; of two who act together it names the one who lacks it.
    fn missing(
        &self,
        permission: &'static str,
        scope: &'static str,
        passes: impl Fn(&CompanyScope) -> bool,
    ) -> Denied {
        let lacking = match &self.authority {
            Authority::OnBehalf(both) if passes(&both.own.scope(permission)) => &both.name,
            _ => &self.name,
        };
        Denied { actor: lacking.clone(), why: Why::Missing { permission, scope }, subject: None }
    }

    /// Has the actor carry out what another decided: only what both may do, until [`Actor::for_themself`].
    pub(super) fn on_behalf_of(&mut self, other: Self) {
        let own = std::mem::replace(&mut self.authority, Authority::Nobody);
        self.authority = Authority::OnBehalf(Box::new(OnBehalf {
            own,
            other: other.authority,
            name: other.name,
            is_other_alone: Cell::new(false),
        }));
    }

    /// Has the actor do their own again.
    pub(super) fn for_themself(&mut self) {
        if let Authority::OnBehalf(both) = std::mem::replace(&mut self.authority, Authority::Nobody) {
            self.authority = both.own;
        }
    }

    /// Whether the actor carries out what this one decided, with what they may do.
    pub(crate) fn is_on_behalf_of(&self, other: &Self) -> bool {
        matches!(&self.authority, Authority::OnBehalf(both) if both.other == other.authority)
    }

    /// Does what the one decided on whose behalf the actor acts, with the rights of that one alone, for what becomes of it
    /// to be known and taken back; nothing where the actor acts for themself.
    pub(crate) fn as_who_decided<T>(&self, work: impl FnOnce() -> T) -> Option<T> {
        let Authority::OnBehalf(both) = &self.authority else { return None };
        both.is_other_alone.set(true);
        let done = work();
        both.is_other_alone.set(false);
        Some(done)
    }

    /// Whether the actor is the owner of the store.
    pub(crate) fn is_system(&self) -> bool {
        self.authority.is_system()
    }

    /// The id of the account that acts; none for the owner of the store and for services, and while it is not known who
    /// acts.
    pub(crate) fn account_id(&self) -> Option<i64> {
        self.authority.account_id()
    }

    /// Whether the actor is the person of that id at the web, who may see and change what is theirs alone.
    pub(crate) fn is_oneself(&self, id: i64) -> bool {
        self.authority == Authority::Oneself(id)
    }

    /// Whether nobody stands above the actor: a service does its work on everybody, and gains nothing by it.
    pub(crate) const fn is_service(&self) -> bool {
        matches!(self.authority, Authority::Service(_))
    }

    /// Whether the actor is the account of that id, or acts on its behalf.
    pub(crate) fn is_account(&self, id: i64) -> bool {
        let decided = match &self.authority {
            Authority::OnBehalf(both) => both.other.account_id(),
            _ => None,
        };
        decided == Some(id) || self.account_id() == Some(id)
    }

    /// Whether the actor bypasses every check of permissions.
    pub(crate) fn is_superuser(&self) -> bool {
        self.authority.is_superuser()
    }
}

impl Authority {
    fn scope(&self, permission: &str) -> CompanyScope {
        match self {
            Self::System => CompanyScope::All,
            Self::Account(account) => account.scope(permission),
            Self::Service(service) if service.permissions().contains(&permission) => CompanyScope::All,
            Self::Service(_) | Self::Oneself(_) | Self::Nobody => CompanyScope::none(),
            Self::OnBehalf(both) => match both.alone() {
                Some(other) => other.scope(permission),
                None => both.own.scope(permission).within(&both.other.scope(permission)),
            },
        }
    }

    fn widest_scope(&self) -> CompanyScope {
        match self {
            Self::Account(account) => account.widest_scope(),
            Self::Service(service) if service.permissions().is_empty() => CompanyScope::none(),
            Self::System | Self::Service(_) => CompanyScope::All,
            Self::Oneself(_) | Self::Nobody => CompanyScope::none(),
            Self::OnBehalf(both) => match both.alone() {
                Some(other) => other.widest_scope(),
                None => both.own.widest_scope().within(&both.other.widest_scope()),
            },
        }
    }

    fn account_id(&self) -> Option<i64> {
        match self {
            Self::Account(account) => Some(account.id),
            Self::Oneself(id) => Some(*id),
            Self::System | Self::Service(_) | Self::Nobody => None,
            Self::OnBehalf(both) => both.alone().unwrap_or(&both.own).account_id(),
        }
    }

    fn is_system(&self) -> bool {
        match self {
            Self::System => true,
            Self::OnBehalf(both) => both.alone().is_some_and(Self::is_system),
            Self::Account(_) | Self::Oneself(_) | Self::Service(_) | Self::Nobody => false,
        }
    }

    fn is_superuser(&self) -> bool {
        match self {
            Self::System => true,
            Self::Account(account) => account.superuser,
            Self::Oneself(_) | Self::Service(_) | Self::Nobody => false,
            Self::OnBehalf(both) => match both.alone() {
                Some(other) => other.is_superuser(),
                None => both.own.is_superuser() && both.other.is_superuser(),
            },
        }
    }
}

impl OnBehalf {
    /// Who decided it, while only that one is asked.
    fn alone(&self) -> Option<&Authority> {
        self.is_other_alone.get().then_some(&self.other)
    }
}

impl Account {
    fn scope(&self, permission: &str) -> CompanyScope {
        if self.superuser {
            return CompanyScope::All;
        }
        self.permissions.get(permission).cloned().unwrap_or_else(CompanyScope::none)
    }

    fn widest_scope(&self) -> CompanyScope {
        if self.superuser {
            return CompanyScope::All;
        }
        self.permissions.values().fold(CompanyScope::none(), CompanyScope::and)
    }
}
