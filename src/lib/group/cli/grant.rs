//! `secboard group grant` and `revoke`.

use clap::Args;

use super::SelectorArgs;
use super::rows::GroupRow;
use crate::catalog::Level;
use crate::cli::App;
use crate::error::Result;
use crate::group::{self, GrantSpec, Granted, Revoked, named};
use crate::run::{self, Ask, Effect, Engine};
use crate::text::shell::secboard;

/// What to grant.
#[derive(Debug, Args)]
pub(crate) struct GrantMoreArgs {
    #[command(flatten)]
    grants: GrantArgs,
    /// Leave a group that is assignable so with what it grants now
    #[arg(long)]
    keep_assignable: bool,
}

/// Which grants are meant.
#[derive(Debug, Args)]
pub(crate) struct GrantArgs {
    #[command(flatten)]
    named: SelectorArgs,
    /// MODULE.ACTION, 'MODULE.*' for all of a module, or '*' for all there are
    #[arg(value_name = "PERMISSION", required_unless_present = "level")]
    permissions: Vec<String>,
    /// How much of each --module
    #[arg(long, requires = "module")]
    level: Option<Level>,
    /// A module for --level; may be given several times
    #[arg(long, requires = "level")]
    module: Vec<String>,
    /// For this company; may be given several times
    #[arg(long)]
    company: Vec<String>,
    /// For all companies, those to come included; so it is unless a company is given
    #[arg(long, conflicts_with = "company")]
    all_companies: bool,
}

impl GrantArgs {
    fn wanted(self) -> (SelectorArgs, GrantSpec) {
        let wanted = GrantSpec {
            patterns: self.permissions,
            level: self.level,
            modules: self.module,
            companies: self.company,
            keeps_assignable: false,
        };
        (self.named, wanted)
    }
}

pub(super) fn grant(app: &App, arguments: GrantMoreArgs) -> Result<()> {
    let (which, wanted) = arguments.grants.wanted();
    let wanted = GrantSpec { keeps_assignable: arguments.keep_assignable, ..wanted };
    let granted = group::grant(&app.writer()?, &which.into(), &wanted)?;
    app.done(&said(&granted));
    if granted.ended_assignable {
        let name = granted.group.canonical();
        let edit = secboard("group edit").operand(&name).flags("--assignable");
        app.out.say(&format!(
            "`{name}` is no longer assignable: only who has what it grants gives and takes it, unless `{edit}`"
        ));
    }
    app.print_if_asked(&GroupRow::from(granted.group))
}

pub(super) fn revoke(app: &App, engine: &mut Engine, arguments: GrantArgs) -> Result<()> {
    let (which, wanted) = arguments.wanted();
    let cx = app.writer()?;
    let question = |effect: &Effect| run::cli::ask(app, effect);
    let ask = Ask { with_losses: cx.dry_run, question: &question };
    let Revoked { group, removed, committed } = group::revoke(&cx, engine, &which.into(), &wanted, &ask)?;
    let name = group.canonical();
    let done = if removed.is_empty() {
        format!("no change: `{name}` does not grant that")
    } else {
        format!("`{name}` no longer grants {}", named(&removed))
    };
    run::cli::finish_changed(app, &cx, &committed, &done, &GroupRow::from(group))
}

fn said(granted: &Granted) -> String {
    let name = granted.group.canonical();
    let mut notes = Vec::new();
    if granted.already > 0 {
        notes.push(format!("{} granted already", granted.already));
    }
    if granted.covered > 0 {
        notes.push(format!("{} granted for all companies already", granted.covered));
    }
    let notes = notes.join(", ");
    match (granted.added.is_empty(), notes.is_empty()) {
        (true, true) => format!("no change to `{name}`: nothing was to be granted"),
        (true, false) => format!("no change to `{name}`: {notes}"),
        (false, true) => format!("`{name}` now grants {}", named(&granted.added)),
        (false, false) => format!("`{name}` now grants {}; {notes}", named(&granted.added)),
    }
}
