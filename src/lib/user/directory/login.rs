//! What a login at a directory shows of an account.

use super::saw;
use crate::audit::{self, Event};
use crate::context::{Actor, Context, Service};
use crate::error::Result;
use crate::store::Tx;
use crate::text::email;
use crate::user::create::stored;
use crate::user::org_lookup::Ids;
use crate::user::store::Stamp;
use crate::user::{Facts, KIND, User, store};

/// What the entry of somebody says who logs in.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Shown {
    /// Whether the account is disabled.
    pub(crate) is_disabled: bool,
    /// The email, where the entry lacks nothing that a person needs.
    pub(crate) email: Option<String>,
    /// First and last name.
    pub(crate) names: Option<(String, String)>,
    /// The phone.
    pub(crate) phone: Option<String>,
}

impl Shown {
    /// What is said of somebody, written into their facts. Where the email is another one, a sync decides whether it can be
    /// theirs, and they are called as they were until then; an account without a profile gets one by a sync, with its company.
    fn write(&self, facts: &mut Facts) {
        facts.directory_disabled = self.is_disabled;
        facts.directory_missing_since = None;
        if !facts.has_profile() || self.email.as_deref().map(email::key) != Some(email::key(&facts.email)) {
            return;
        }
        if let Some((first, last)) = &self.names {
            (facts.first_name, facts.last_name) = (Some(first.clone()), Some(last.clone()));
        }
        if self.phone.is_some() {
            facts.phone.clone_from(&self.phone);
        }
    }
}

/// Writes what a login at the directory shows: the entry is there, and the account is neither disabled, unless the entry says
/// so all the same, nor expired; how they are called, and their phone. Whoever logs in changes nothing of that themself: it is
/// what secboard finds by itself. The person as they are then.
///
/// # Errors
/// When the store cannot be written.
pub(crate) fn note_login(cx: &Context, tx: &Tx<'_>, user: &User, shown: &Shown) -> Result<User> {
    let mut facts = Facts {
        directory_expires_at: user.facts.directory_expires_at.filter(|at| *at > cx.now()),
        ..user.facts.clone()
    };
    shown.write(&mut facts);
    let (before, after) = user.facts.difference(&facts);
    if !after.is_empty() {
        let itself = Actor::service(Service::Sync);
        let event = Event::of("directory.login", (KIND, user.id), &facts.email).by(&itself);
        let revision = audit::change(cx, tx, event, &before, &after)?;
        let now = audit::time_of(tx, revision)?;
        let stamp = Stamp { id: user.id, ids: Ids::default(), deleted_at: None, revision, now };
        store::update(tx, &facts, &after, &stamp)?;
    }
    if let (Some(connection), Some(guid)) = (facts.directory, facts.directory_guid) {
        saw(tx, (connection, guid), cx.now())?;
    }
    stored(tx, user.id)
}
