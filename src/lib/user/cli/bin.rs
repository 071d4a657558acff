//! `secboard user restore`, `purge` and `unlock`.

use clap::Args;

use super::bulk::names;
use super::facts::email;
use super::{print_changed, say_cleared};
use crate::cli::{App, NoticeArgs, prompt};
use crate::error::Result;
use crate::text::count::people;
use crate::text::shell::secboard;
use crate::user::bin::{self, RestoreOptions, Restored, Unlocked};

/// What is said when standard input named nobody.
const NOBODY: &str = "no change: nobody was named";

#[derive(Debug, Args)]
pub(crate) struct Restore {
    /// Email, or the id where several in the bin had that email
    user: String,
    /// Another email, when theirs was taken
    #[arg(long, value_name = "EMAIL")]
    email: Option<String>,
    /// Another company, when theirs is gone
    #[arg(long, value_name = "COMPANY")]
    company: Option<String>,
    #[command(flatten)]
    notice: NoticeArgs,
}

#[derive(Debug, Args)]
pub(crate) struct Purge {
    /// Emails or ids; `-` reads them from standard input, one a line
    #[arg(value_name = "USER", required_unless_present = "expired", conflicts_with = "expired")]
    users: Vec<String>,
    /// Everybody who has been there for longer than the setting `user.bin_days`
    #[arg(long)]
    expired: bool,
}

#[derive(Debug, Args)]
pub(crate) struct Unlock {
    /// Emails or ids; `-` reads them from standard input, one a line
    #[arg(value_name = "USER", required = true)]
    users: Vec<String>,
}

pub(super) fn restore(app: &App, arguments: Restore) -> Result<()> {
    let cx = arguments.notice.writer(app)?;
    let new_email = arguments.email.as_deref().map(|typed| email(app, typed)).transpose()?;
    let options = RestoreOptions { email: new_email, company: arguments.company };
    let Restored { user, missing, cleared, grown, left_behind } =
        bin::restore(&cx, &arguments.user, options)?;
    app.done(&format!("restored `{}`", user.facts.email));
    say_cleared(app, &cleared, false);
    if !missing.is_nothing() {
        app.out.say(&format!("lost while in the bin: {}", missing.said()));
        let undo: Vec<String> = missing.runs.iter().map(|run| format!("`secboard run undo {run}`")).collect();
        let or = if undo.is_empty() { "" } else { "or " };
        if !undo.is_empty() {
            app.out.say(&format!("bring it back with {}", undo.join(", ")));
        }
        let edit = secboard("user edit").operand(&user.facts.email).flags("…");
        app.out.say(&format!("{or}give them others with `{edit}`"));
    }
    for grown in &grown {
        app.out.say(&format!("back with {}", grown.said()));
    }
    for grown in &left_behind {
        app.out.say(&format!("left behind, for it is not yours to give: {}", grown.said()));
    }
    print_changed(app, &cx, user)
}

pub(super) fn purge(app: &App, arguments: &Purge) -> Result<()> {
    let mut cx = app.writer()?;
    let count = if arguments.expired {
        let expired = bin::count_expired(&cx)?;
        if expired > 0 {
            prompt::confirm_rehearsed(app, &mut cx, bin::purge_expired, |ended| {
                let who = people(*ended as u64);
                format!("Permanently delete {who}, whose days in the bin are over? Nothing brings them back")
            })?;
        }
        bin::purge_expired(&cx)?
    } else {
        let names = names(&arguments.users)?;
        if names.is_empty() {
            app.done(NOBODY);
            return Ok(());
        }
        prompt::confirm_rehearsed(
            app,
            &mut cx,
            |cx| bin::purge(cx, &names),
            |ended| {
                let who = match ended.as_slice() {
                    [only] => format!("`{only}`"),
                    ended => format!("{} in the bin", people(ended.len() as u64)),
                };
                format!("Permanently delete {who}? Nothing brings them back")
            },
        )?;
        bin::purge(&cx, &names)?.len()
    };
    app.done(&match count {
        0 => "no change: nobody's days in the bin are over".to_owned(),
        1 => "permanently deleted one person; the audit keeps who it was".to_owned(),
        count => format!("permanently deleted {count} people; the audit keeps who they were"),
    });
    Ok(())
}

pub(super) fn unlock(app: &App, arguments: &Unlock) -> Result<()> {
    let cx = app.writer()?;
    let names = names(&arguments.users)?;
    let unlocked = bin::unlock(&cx, &names)?;
    match (unlocked.as_slice(), names.as_slice()) {
        ([], []) => app.done(NOBODY),
        ([], [only]) => app.done(&format!("no change: `{only}` is not held")),
        ([], _) => app.done("no change: nobody of them is held"),
        _ => {}
    }
    for Unlocked { email, doubt } in unlocked {
        app.done(&format!("`{email}` may try to log in again"));
        if let Some(doubt) = doubt {
            app.done(&format!("they said that somebody else had been in their account: {doubt}"));
        }
    }
    Ok(())
}
