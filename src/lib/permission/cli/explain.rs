//! `secboard permission explain`.

use std::borrow::Cow;
use std::fmt::Write as _;

use clap::Args;

use super::{ForCompany, PersonAsked};
use crate::catalog::Permission;
use crate::cli::output::{self, Field, append_json, record};
use crate::cli::{App, Outcome};
use crate::error::Result;
use crate::permission::access::Via;
use crate::permission::explain::{DenialReason, Explanation, explain};
use crate::text::width::sanitize_lines;
use crate::user::login::Hint;

#[derive(Debug, Args)]
pub(crate) struct Explain {
    #[command(flatten)]
    asked: PersonAsked,
    /// Print a graph for Graphviz
    #[arg(long)]
    dot: bool,
}

record! {
    /// An explanation as printed.
    ExplanationRow, table ["allowed", "because", "missing"] {
        /// The person.
        email: String,
        /// What was asked.
        permission: &'static str,
        /// The company it was asked for.
        company: ForCompany,
        /// The answer.
        allowed: bool,
        /// Has everything whatever the groups.
        superuser: bool,
        /// The grants that say yes.
        because: Vec<Via>,
        /// What keeps the answer from being yes.
        missing: Vec<DenialReason>,
    }
}

impl Field for DenialReason {
    fn text(&self) -> Cow<'_, str> {
        Cow::Borrowed(&self.detail)
    }

    fn json(&self, out: &mut Vec<u8>) {
        append_json(out, self);
    }
}

pub(super) fn run(app: &App, arguments: &Explain) -> Result<Outcome> {
    let cx = app.reader()?;
    let asked = &arguments.asked;
    let permission = Permission::parse(&asked.permission)?;
    let mut explanation = explain(&cx, &asked.user, permission, asked.place.asked(&cx)?)?;
    for missing in &mut explanation.missing {
        let Hint { advice, command } = &mut missing.hint;
        *advice = advice.as_deref().map(|advice| app.out.store_flags.in_text(advice).into_owned());
        *command = command.as_deref().map(|command| app.out.store_flags.in_command(command).into_owned());
    }
    let allowed = explanation.allowed;
    if arguments.dot {
        output::text(&explanation.dot())?;
    } else if app.out.is_table() && app.out.columns.is_none() {
        let text = sentences(&explanation);
        app.out.prose(&sanitize_lines(&text))?;
    } else {
        app.out.object(&ExplanationRow::from(explanation))?;
    }
    Ok(if allowed { Outcome::Done } else { Outcome::No })
}

fn sentences(explanation: &Explanation) -> String {
    let Explanation { email, permission, allowed, superuser, chains, missing, .. } = explanation;
    let (answer, verb) = if *allowed { ("yes", "has") } else { ("no", "does not have") };
    let mut text = format!("{answer}: {email} {verb} {} {}\n", permission.id(), explanation.place());
    if *superuser && *allowed {
        text.push_str("  superuser: every permission for every company\n");
    }
    for chain in chains {
        writeln!(text, "  {}", chain.text()).ok();
    }
    for missing in missing {
        writeln!(text, "  {}", missing.detail).ok();
        if let Some(hint) = missing.hint.said() {
            writeln!(text, "    what to do: {hint}").ok();
        }
    }
    text
}

impl From<Explanation> for ExplanationRow {
    fn from(explanation: Explanation) -> Self {
        Self {
            email: explanation.email,
            permission: explanation.permission.id(),
            company: ForCompany(explanation.company),
            allowed: explanation.allowed,
            superuser: explanation.superuser,
            because: explanation.because,
            missing: explanation.missing,
        }
    }
}
