//! Refusals, which the audit keeps like everything else that happens.

use serde_json::json;

use super::door;
use crate::audit::{self, Entry, Fields};
use crate::cli::App;
use crate::context::Denied;
use crate::error::{Failure, Kind, Result};

/// Records that a command was refused, in a transaction of its own, unless nothing is to be changed.
///
/// Who may not even open the store leaves no row. A row that cannot be written changes nothing of the refusal; it is said.
pub(crate) fn record(app: &App, failure: &Failure) {
    if failure.kind() != Kind::Denied || failure.code() == "operator.not_owner" || app.globals.dry_run {
        return;
    }
    if let Err(error) = write(app, failure) {
        app.out.say(&format!("warning: the refusal is not in the audit: {error}"));
    }
}

fn write(app: &App, failure: &Failure) -> Result<()> {
    let config = app.config()?;
    // What was refused without a store, such as making one, is refused where nothing can be written.
    if !config.store.exists() {
        return Ok(());
    }
    let mut cx = app.open_for_nobody(&config)?;
    if let Ok(actor) = door::who(app, &cx) {
        cx.actor = actor;
    }
    let mut after = Fields::new();
    after.insert("command".into(), json!(app.invocation.command));
    after.insert("why".into(), json!(failure.to_string()));
    let after = audit::fields_text(&after);
    let denied = failure.get::<Denied>().and_then(|denied| denied.subject.as_deref());
    let entry = match denied {
        Some(subject) => Entry {
            subject_id: Some(subject.id),
            ..Entry::new("permission.denied", subject.kind, &subject.name)
        },
        None => Entry::new("permission.denied", "command", &app.invocation.command),
    };
    cx.write(|tx| audit::record(&cx, tx, Entry { after: after.as_deref(), ..entry }))?;
    Ok(())
}
