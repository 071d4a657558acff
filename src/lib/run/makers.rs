//! Who has to do with a run: whoever made it and could make it still, which the targets say, and who may edit everybody.

use super::{Engine, Run};
use crate::context::{Actor, CompanyScope, Context, Denied};

/// Everything that lets somebody make runs.
pub(crate) const MAKING: &[&str] = &[
    EDITING,
    "users.add",
    "users.delete",
    "groups.edit",
    "groups.delete",
    "roles.edit",
    "roles.delete",
    "companies.delete",
    "departments.delete",
    "positions.delete",
    "two_factor.require",
    "directory.sync",
];

/// What most runs need.
pub(super) const EDITING: &str = "users.edit";

/// Refuses an actor who can make no runs.
pub(super) fn check(cx: &Context) -> Result<(), Denied> {
    cx.actor.require_any(MAKING)
}

/// Whether the actor has to do with every run, and may apply those that are held.
pub(super) fn is_over_all(actor: &Actor) -> bool {
    actor.scope(EDITING) == CompanyScope::All
}

impl Run {
    /// Whether this account made it, whatever either was called then.
    pub(super) fn is_of(&self, actor: &Actor) -> bool {
        self.actor_id.is_some_and(|id| actor.is_account(id))
    }

    /// Whether the actor may look at it, and end it while it is held.
    pub(super) fn is_seen(&self, engine: &Engine, actor: &Actor) -> bool {
        let could_make = || !actor.scope_of_any(engine.makers(&self.kind)).is_empty();
        is_over_all(actor) || self.is_of(actor) && could_make()
    }

    /// Whether the actor may take it back.
    pub(super) fn is_to_undo(&self, actor: &Actor) -> bool {
        self.is_of(actor) || actor.is_superuser()
    }

    /// Of which companies people may be whom it names to the actor.
    pub(super) fn scope(&self, engine: &Engine, actor: &Actor) -> CompanyScope {
        let permissions: Vec<&str> = engine.makers(&self.kind).iter().copied().chain([EDITING]).collect();
        actor.scope_of_any(&permissions)
    }
}
