//! Refusals, which the audit keeps like everything else that happens, whatever the flags.
//!
//! Nobody learns from a refusal that leaves no trace: where its row cannot be written, that is the answer.
//!
//! A refusal does not obey what it refuses: who asked for another store or configuration is written into the audit of the
//! store that is expected, and nothing is looked for where they pointed.

use serde_json::json;

use super::shell::{self, CallerIdentity};
use super::{Error, authenticator};
use crate::audit::{self, Event, Fields};
use crate::cli::{App, Outcome};
use crate::config::{self, Caller, OwnerError};
use crate::context::{Context, Denied, Refusal};
use crate::error::{Failure, Kind, Result};
use crate::store::Tx;

/// Records what a command was refused, in a transaction of its own: as a whole, or in part while it did the rest. Returns
/// what is answered.
///
/// Who may not even open the store leaves no row, nor does root before a store that others could replace.
///
/// # Errors
/// [`Error::Unrecorded`] in the place of a refusal, or of what was done beside it, whose row cannot be written.
pub(crate) fn record(app: &App, outcome: Result<Outcome>) -> Result<Outcome> {
    let mut refusals = app.refusals.take();
    if let Some(failure) = outcome.as_ref().err().filter(|failure| is_kept(failure)) {
        let subject = failure.get::<Denied>().and_then(|denied| denied.subject.as_deref().cloned());
        refusals.push(Refusal { subject, why: failure.to_string() });
    }
    if refusals.is_empty() {
        return outcome;
    }
    match write(app, &refusals) {
        Ok(()) => outcome,
        Err(why) => Err(Error::Unrecorded { in_part: outcome.is_ok(), why }.into()),
    }
}

fn is_kept(failure: &Failure) -> bool {
    failure.kind() == Kind::Denied
        && !matches!(failure.get(), Some(Error::NotOwner { .. }))
        && failure.get::<OwnerError>().is_none()
}

fn write(app: &App, refusals: &[Refusal]) -> Result<()> {
    let identity = shell::identify(&Caller::of_this_process());
    let config = match identity {
        Ok(CallerIdentity::System) => app.config()?,
        _ => config::unredirected()?,
    };
    // What was refused without a store, such as making one, is refused where nothing can be written.
    if shell::owner(&config.store).is_none() {
        return Ok(());
    }
    let mut cx = Context { dry_run: false, ..app.open_for_nobody(&config)? };
    // Whom an operator wanted to be is no matter: it is theirs.
    let actor = match identity {
        Ok(CallerIdentity::Delegated { uid }) => authenticator::delegated_actor(&cx, uid),
        _ => authenticator::who(app, &cx),
    };
    if let Ok(actor) = actor {
        cx.actor = actor;
    }
    cx.write(|tx| refusals.iter().try_for_each(|refusal| put(app, &cx, tx, refusal)))
}

fn put(app: &App, cx: &Context, tx: &Tx<'_>, refusal: &Refusal) -> Result<()> {
    let command = &app.invocation.command;
    let mut after = Fields::new();
    after.insert("command".into(), json!(command));
    after.insert("why".into(), json!(refusal.why));
    if app.globals.dry_run {
        after.insert("dry_run".into(), json!(true));
    }
    let subject = match &refusal.subject {
        Some(subject) => Event::of("permission.denied", (subject.kind, subject.id), &subject.name),
        None => Event::without_id("permission.denied", "command", command),
    };
    audit::note(cx, tx, subject, &after)?;
    Ok(())
}
