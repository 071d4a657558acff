//! What a login at a directory shows of an account.

use super::saw;
use crate::audit::{self, Event};
use crate::context::{Actor, Context, Service};
use crate::error::Result;
use crate::store::Tx;
use crate::user::create::stored;
use crate::user::org_lookup::Ids;
use crate::user::store::Stamp;
use crate::user::{Facts, KIND, User, store};

/// Writes what a login at the directory shows: the entry is there, and the account is neither disabled, unless the entry says
/// so all the same, nor expired. Whoever logs in changes nothing of that themself: it is what secboard finds by itself. The
/// person as they are then.
///
/// # Errors
/// When the store cannot be written.
pub(crate) fn note_login(cx: &Context, tx: &Tx<'_>, user: &User, is_disabled: bool) -> Result<User> {
    let facts = Facts {
        directory_disabled: is_disabled,
        directory_missing_since: None,
        directory_expires_at: user.facts.directory_expires_at.filter(|at| *at > cx.now()),
        ..user.facts.clone()
    };
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
