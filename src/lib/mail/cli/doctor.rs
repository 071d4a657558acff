//! `secboard mail doctor`.

use clap::Args;

use crate::cli::output::record;
use crate::cli::{App, Outcome};
use crate::error::Result;
use crate::mail::doctor::{self, Check, Finding, Machine, Severity};
use crate::text::width::sanitize_for_terminal;

#[derive(Debug, Args)]
pub(crate) struct Doctor {
    /// Ask nobody else: leave out what domains publish in the DNS
    #[arg(long)]
    offline: bool,
}

record! {
    /// A finding as it is printed.
    FindingRow, table ["code", "severity", "what", "advice"] {
        /// Of which check.
        code: &'static str,
        /// `error` or `warning`.
        severity: &'static str,
        /// What is wrong.
        what: String,
        /// What to do.
        advice: String,
        /// What to type for that.
        command: Option<String>,
    }
}

impl FindingRow {
    /// As it is printed, with commands that mean the store of this one.
    fn of(app: &App, finding: Finding) -> Self {
        let flags = &app.out.store_flags;
        Self {
            code: finding.code,
            severity: finding.severity.word(),
            what: finding.what,
            advice: flags.in_text(&finding.advice).into_owned(),
            command: finding.command.map(|command| flags.in_hint(&command).into_owned()),
        }
    }
}

/// Looks at everything, and says what is wrong.
pub(super) fn run(app: &App, arguments: &Doctor, check: Check) -> Result<Outcome> {
    let config = app.config()?;
    let machine =
        Machine { templates: config.templates, resolver: config.resolver, is_offline: arguments.offline };
    let found = doctor::run(&app.reader()?, &machine, check)?;
    let is_well = found.iter().all(|finding| finding.severity != Severity::Error);
    let found: Vec<FindingRow> = found.into_iter().map(|finding| FindingRow::of(app, finding)).collect();
    if app.out.is_table() && app.out.columns.is_none() {
        for FindingRow { code, severity, what, advice, command } in &found {
            let command = command.as_ref().map(|command| format!(":\n  {command}")).unwrap_or_default();
            // Much of it was said by others: the DNS, a server, whoever wrote a template.
            let [what, advice] = [what, advice].map(|text| sanitize_for_terminal(text));
            app.out.prose(&format!("{severity} {code}: {what}\n  {advice}{command}\n"))?;
        }
        if found.is_empty() {
            app.out.say("all is well");
        }
    } else {
        let mut list = app.out.list::<FindingRow>()?;
        found.iter().try_for_each(|finding| list.row(finding))?;
        list.finish()?;
    }
    Ok(if is_well { Outcome::Done } else { Outcome::No })
}
