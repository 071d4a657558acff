//! `secboard user show` and `secboard user why`.

use clap::Args;
use serde_json::json;

use crate::catalog::Visibility;
use crate::cli::output::{self, Format, record};
use crate::cli::{App, Outcome};
use crate::error::{Explain, Failure, Result};
use crate::text::shell::secboard;
use crate::text::width::sanitize_for_terminal;
use crate::user::cli::row::UserRow;
use crate::user::last_mails::{LastMail, last_mails};
use crate::user::login::{self, Check, Hint, Moment};
use crate::user::{self, AccessQueries, GroupMembership, guard};

#[derive(Debug, Args)]
pub(crate) struct Show {
    /// Email or id
    user: String,
    /// As they were at this time, or when this day began; the last login only if there was none since, and no invitation
    #[arg(long, value_name = "TIME", allow_hyphen_values = true)]
    as_of: Option<String>,
}

record! {
    /// A check as printed.
    CheckRow, table ["code", "ok", "detail"] {
        /// The check.
        code: &'static str,
        /// Whether it lets the person through.
        ok: bool,
        /// What was found.
        detail: String,
        /// What to know, or to do.
        advice: Option<String>,
        /// What to type.
        command: Option<String>,
    }
}

record! {
    /// A group that somebody is in.
    MembershipRow, table ["group", "company", "origins"] {
        /// Its name.
        group: String,
        /// Its company; none for a group of all.
        company: Option<String>,
        /// What puts them there: `manual`, `role:SLUG`, `directory:CONNECTION`.
        origins: Vec<String>,
    }
}

impl From<GroupMembership> for MembershipRow {
    fn from(membership: GroupMembership) -> Self {
        let GroupMembership { name: group, company, origins } = membership;
        Self { group, company, origins }
    }
}

impl From<Check> for CheckRow {
    fn from(check: Check) -> Self {
        let Hint { advice, command } = check.hint;
        Self { code: check.code, ok: check.ok, detail: check.detail, advice, command }
    }
}

pub(super) fn show(app: &App, answers: &dyn AccessQueries, arguments: &Show) -> Result<()> {
    let cx = app.reader()?;
    let as_of = arguments.as_of.as_deref().map(|text| cx.past_time(text)).transpose()?;
    let mut row = cx.read(|tx| {
        let Some(at) = as_of else {
            let now = user::get_in(&cx, tx, &arguments.user, "users.view")?;
            guard::require_view(&cx, &now)?;
            return Ok(UserRow::new(now, Moment::of(&cx)));
        };
        let then = user::as_of(&cx, tx, answers, &arguments.user, at)?;
        let today = at.day_in(cx.time_zone()).unwrap_or_else(|| cx.today());
        Ok(UserRow::new(then, Moment { now: at, today }))
    })?;
    if !app.out.is_table() || app.out.columns.is_some() {
        return app.out.object(&row);
    }
    // For people, what they are in and what puts them there stands in a table of its own below.
    let groups = std::mem::take(&mut row.groups);
    row.groups_by_hand.clear();
    row.groups_by_directory.clear();
    app.out.object(&row)?;
    if groups.is_empty() {
        app.out.say("in no group");
        return Ok(());
    }
    output::text("\n")?;
    let mut list = app.out.list::<MembershipRow>()?;
    groups.into_iter().try_for_each(|membership| list.row(&membership.into()))?;
    list.finish()
}

pub(super) fn why(app: &App, answers: &dyn AccessQueries, who: &str) -> Result<Outcome> {
    let cx = app.reader()?;
    let moment = Moment::of(&cx);
    let (email, checks, modules, mails, invited) = cx.read(|tx| {
        if let Some(user) = user::find_or_in_bin(&cx, tx, who)? {
            guard::require_view(&cx, &user)?;
            let modules = answers.menu(&cx, tx, &user)?;
            let mails = last_mails(&cx, tx, &user)?;
            let checks = login::checks(&user, moment);
            return Ok((user.facts.email, checks, modules, mails, user.invitation));
        }
        let unknown = Failure::from(user::not_found(&cx, tx, who, "users.view")?);
        Ok((who.to_owned(), vec![login::unknown(who, hint(unknown.explain()))], Vec::new(), None, None))
    })?;
    let checks = meaning_the_store(app, checks);
    let may_log_in = checks.iter().all(|check| check.ok);
    match app.out.format {
        Format::Table => {
            say(app, &email, checks, mails.as_deref().unwrap_or_default())?;
            if let Some(invitation) = &invited {
                app.out.say(&format!("invited: {}", invitation.said(moment.now)));
            }
            say_of_menu(app, &email, may_log_in, &modules);
        }
        Format::Csv => list(app, checks)?,
        Format::Json | Format::Jsonl => {
            let modules: serde_json::Map<_, _> =
                modules.iter().map(|module| (module.module.to_owned(), json!(module))).collect();
            app.out.document(&json!({
                "email": email, "may_log_in": may_log_in, "at": moment.now, "checks": checks, "modules": modules,
                "mails": mails, "invited": invited.map(|invitation| invitation.state(moment.now).word()),
            }))?;
        }
    }
    Ok(if may_log_in { Outcome::Done } else { Outcome::No })
}

/// Which modules are not in the menu for want of one of two permissions; that none is, where whoever logs in has nothing to do.
fn say_of_menu(app: &App, email: &str, may_log_in: bool, modules: &[Visibility]) {
    for module in modules.iter().filter(|module| module.is_half()) {
        let why = module.why.as_deref().unwrap_or_default();
        app.out.say(&format!("module {} is not in the menu: {why}", module.module));
    }
    if may_log_in && modules.iter().all(|module| !module.view && !module.show_link) {
        let command = secboard("user add-group").word(email).flags("GROUP").to_string();
        let command = app.out.store_flags.in_command(&command);
        app.out.say(&format!(
            "no module is in the menu: they are in no group that grants one; put them in one with `{command}`"
        ));
    }
}

/// The checks with commands that mean the store that was given.
fn meaning_the_store(app: &App, mut checks: Vec<Check>) -> Vec<Check> {
    let flags = &app.out.store_flags;
    for Hint { advice, command } in checks.iter_mut().map(|check| &mut check.hint) {
        *advice = advice.as_deref().map(|advice| flags.in_text(advice).into_owned());
        *command = command.as_deref().map(|command| flags.in_command(command).into_owned());
    }
    checks
}

/// What an error says is to be done.
fn hint(error: &dyn Explain) -> Hint {
    Hint { advice: error.advice(), command: error.command() }
}

fn list(app: &App, checks: Vec<Check>) -> Result<()> {
    let mut list = app.out.list::<CheckRow>()?;
    checks.into_iter().try_for_each(|check| list.row(&check.into()))?;
    list.finish()
}

/// The checks, below them what to do and the last mails, and what the checks come to.
fn say(app: &App, email: &str, checks: Vec<Check>, mails: &[LastMail]) -> Result<()> {
    let may_log_in = checks.iter().all(|check| check.ok);
    let remedies = remedies(&checks);
    list(app, checks)?;
    if app.out.columns.is_none() {
        app.out.prose(&format!("{remedies}{}", lines_of(mails)))?;
    }
    app.out.say(&format!("{email} {}", if may_log_in { "may log in" } else { "may not log in" }));
    Ok(())
}

/// What to do about each check that does not let the person through, a line each: whole, for it is to be copied.
fn remedies(checks: &[Check]) -> String {
    let failed = checks.iter().filter(|check| !check.ok);
    let hints = failed.filter_map(|check| Some((check.code, check.hint.said()?)));
    let lines: Vec<String> =
        hints.map(|(code, hint)| format!("  {code}: {}\n", sanitize_for_terminal(&hint))).collect();
    if lines.is_empty() { String::new() } else { format!("what to do:\n{}", lines.concat()) }
}

/// Mails, a line each.
fn lines_of(mails: &[LastMail]) -> String {
    let line = |mail: &LastMail| {
        let answer = mail.answer.as_deref().map(|answer| format!(": {answer}")).unwrap_or_default();
        let LastMail { at, message, state, .. } = mail;
        format!("  {at}  {message}, {state}{}\n", sanitize_for_terminal(&answer))
    };
    let lines: String = mails.iter().map(line).collect();
    if lines.is_empty() { lines } else { format!("last mails:\n{lines}") }
}
