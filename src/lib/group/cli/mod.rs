//! `secboard group`.

mod grant;
mod member;
mod rows;
mod show;

use clap::{Args, Subcommand};

use super::{Deleted, Edit, Edited, New, Selector};
use crate::cli::color::ColorOf;
use crate::cli::{App, Outcome, filter_text, prompt};
use crate::context::Context;
use crate::error::Result;
use crate::run::{self, Ask, Effect, Engine};
pub(crate) use member::Members;
use rows::GroupRow;

/// Groups: what people are allowed, by being in them
#[derive(Debug, Subcommand)]
pub(crate) enum Command<P: Args> {
    /// Make a group, which grants nothing at first
    #[command(
        after_help = "Examples:\n  secboard group create 'Risk Managers'\n  secboard group create 'Auditors' --company acme-bank --color '#4477aa' --if-absent"
    )]
    Create(Create),
    /// List groups with how many people are in them
    #[command(
        after_help = "Examples:\n  secboard group list\n  secboard group list --company acme-bank -o json"
    )]
    List {
        /// Only those of this company
        #[arg(long, value_parser = filter_text)]
        company: Option<String>,
    },
    /// Show one group: what it grants, and which roles bring it
    #[command(
        after_help = "Examples:\n  secboard group show 'Risk Managers'\n  secboard group show 'Auditors@Acme Bank' -o json"
    )]
    Show(SelectorArgs),
    /// Change a group
    #[command(
        after_help = "A group becomes one of a company only while all people in it are of that company and all its \
        grants fit. One of a company that becomes one of another or of all is assignable only if that is said again. What takes something from somebody asks first, and is a run that can be held and undone; `--dry-run` lists \
        who loses what.\n\nExamples:\n  secboard group edit 'Risk Managers' --name 'Risk Team' --assignable\n  \
        secboard group edit 'Auditors' --company ''"
    )]
    Edit(EditArgs),
    /// Delete a group that nobody is in and no role brings
    #[command(
        after_help = "What takes something from somebody is a run that can be held and undone; `--dry-run` lists \
        who loses what. People in the bin do not keep it: it is taken from them as well, which is said, and undone.\n\n\
        Examples:\n  secboard group delete 'Old Group' --yes\n  \
        secboard group delete 'Old Group' --force --dry-run"
    )]
    Delete(Delete),
    /// Grant permissions to a group
    #[command(
        after_help = "A group that operators may give without having what it grants (`group edit --assignable`) is \
        no longer such a group when it is granted more, unless that is said again with --keep-assignable.\n\nExamples:\n  secboard group grant 'Risk Managers' 'risk.*' --company acme-bank\n  \
        secboard group grant 'Read-Only' --level view --module risk --module incidents\n  \
        secboard group grant 'Auditors' audit.view incidents.view --all-companies"
    )]
    Grant(grant::GrantMoreArgs),
    /// Take permissions from a group
    #[command(
        after_help = "For all companies, a permission is taken for whichever company it was granted. What is granted for \
        all companies cannot be taken for one of them. What takes something from somebody asks first, and is a run that \
        can be held and undone; `--dry-run` lists who loses what.\n\nExamples:\n  secboard group revoke 'Risk Managers' \
        risk.delete_report --company acme-bank\n  secboard group revoke 'Auditors' '*'"
    )]
    Revoke(grant::GrantArgs),
    /// List who is in a group, and why
    #[command(after_help = "Examples:\n  secboard group members 'Risk Managers'\n  \
        secboard group members 'Risk Managers' --columns email,origins -o csv")]
    Members(SelectorArgs),
    /// Put people into a group
    #[command(after_help = "Examples:\n  secboard group add-member 'Risk Managers' olena@acme.example\n  \
        secboard group add-member 'Read-Only' --all-matching --company acme-bank --dry-run")]
    AddMember(member::MemberArgs<P>),
    /// Take people out of a group they were put into by hand
    #[command(after_help = "What a role brings stays as long as they hold the role.\n\nExamples:\n  \
        secboard group remove-member 'Risk Managers' olena@acme.example\n  \
        secboard group remove-member 'Risk Managers' - < leavers.txt")]
    RemoveMember(member::MemberArgs<P>),
}

#[derive(Debug, Args)]
pub(crate) struct SelectorArgs {
    /// Its name, in any letter case, or NAME@COMPANY
    group: String,
    /// The company whose group it is, instead of NAME@COMPANY
    #[arg(long, value_name = "COMPANY", value_parser = filter_text)]
    group_company: Option<String>,
}

#[derive(Debug, Args)]
pub(crate) struct Create {
    /// Its name, without `@`
    name: String,
    /// What it is for
    #[arg(long, value_name = "TEXT")]
    description: Option<String>,
    #[command(flatten)]
    color: ColorOf,
    /// The only company it is for; all unless given
    #[arg(long)]
    company: Option<String>,
    /// Succeed when there is one of that name already
    #[arg(long)]
    if_absent: bool,
}

#[derive(Debug, Args)]
pub(crate) struct EditArgs {
    #[command(flatten)]
    named: SelectorArgs,
    /// The new name
    #[arg(long)]
    name: Option<String>,
    /// What it is for; an empty one removes it
    #[arg(long, value_name = "TEXT")]
    description: Option<String>,
    #[command(flatten)]
    color: ColorOf,
    /// The only company it shall be for; an empty one makes it a group for all
    #[arg(long)]
    company: Option<String>,
    /// Let operators give and take it without holding what it grants
    #[arg(long, conflicts_with = "no_assignable")]
    assignable: bool,
    /// Let operators give and take it only when they hold what it grants
    #[arg(long, conflicts_with = "assignable")]
    no_assignable: bool,
}

#[derive(Debug, Args)]
pub(crate) struct Delete {
    #[command(flatten)]
    named: SelectorArgs,
    /// Take it from people and roles first
    #[arg(long)]
    force: bool,
}

impl From<SelectorArgs> for Selector {
    fn from(named: SelectorArgs) -> Self {
        Self { name: named.group, company: named.group_company }
    }
}

/// Runs a verb.
pub(crate) fn run<P: Members>(app: &App, command: Command<P>, engine: &mut Engine) -> Result<Outcome> {
    match command {
        Command::Create(arguments) => create(app, arguments)?,
        Command::List { company } => show::list(app, company.as_deref())?,
        Command::Show(named) => show::show(app, &named.into())?,
        Command::Edit(arguments) => edit(app, engine, arguments)?,
        Command::Delete(arguments) => delete(app, engine, arguments)?,
        Command::Grant(arguments) => grant::grant(app, arguments)?,
        Command::Revoke(arguments) => grant::revoke(app, engine, arguments)?,
        Command::Members(named) => show::members(app, &named.into())?,
        Command::AddMember(arguments) => arguments.run(app, engine, true)?,
        Command::RemoveMember(arguments) => arguments.run(app, engine, false)?,
    }
    Ok(Outcome::Done)
}

fn create(app: &App, arguments: Create) -> Result<()> {
    let new = New {
        name: arguments.name,
        company_id: None,
        description: arguments.description,
        color: arguments.color.color,
    };
    let company = arguments.company.as_deref();
    let (group, is_new) = super::create(&app.writer()?, &new, company, arguments.if_absent)?;
    let name = group.canonical();
    if is_new {
        app.done(&format!("created group `{name}`; it grants nothing yet"));
        app.warn_of_name(&group.name);
    } else {
        app.done(&format!("no change: there is a group `{name}` already"));
    }
    app.print_if_asked(&GroupRow::from(group))
}

fn edit(app: &App, engine: &mut Engine, arguments: EditArgs) -> Result<()> {
    let edit = Edit {
        name: arguments.name,
        description: arguments.description,
        color: arguments.color.color,
        company: arguments.company,
        assignable: match (arguments.assignable, arguments.no_assignable) {
            (false, false) => None,
            (on, _) => Some(on),
        },
    };
    let cx = app.writer()?;
    let which = arguments.named.into();
    let question = |effect: &Effect| run::cli::ask(app, effect);
    let ask = Ask { with_losses: cx.dry_run, question: &question };
    let Edited { group, changed, committed } = super::edit(&cx, engine, &which, &edit, &ask)?;
    let done = if changed.is_empty() {
        "no change".to_owned()
    } else {
        format!("changed group `{}`: {}", group.canonical(), changed.join(", "))
    };
    if edit.name.is_some() {
        app.warn_of_name(&group.name);
    }
    run::cli::finish_changed(app, &cx, &committed, &done, &GroupRow::from(group))
}

fn delete(app: &App, engine: &mut Engine, arguments: Delete) -> Result<()> {
    let mut cx = app.writer()?;
    let (which, force) = (arguments.named.into(), arguments.force);
    let rehearsal = |cx: &Context| super::delete(cx, engine, &which, force, &Ask::nothing(false));
    prompt::confirm_rehearsed(app, &mut cx, rehearsal, |Deleted { group, uses, committed }| {
        let in_bin = &committed.in_bin;
        let from = match (uses.is_empty(), in_bin.is_nobody()) {
            (true, _) => in_bin.asked(),
            (false, true) => format!(" and take it from {uses}"),
            (false, false) => format!(" and take it from {uses}, and {}", in_bin.counted()),
        };
        let question = format!("Delete group `{}`{from}?", group.canonical());
        run::cli::question(&committed.summary.effect, &question)
    })?;
    let with_losses = cx.dry_run || !app.out.is_table();
    let ask = Ask::nothing(with_losses);
    let Deleted { group, uses, committed } = super::delete(&cx, engine, &which, force, &ask)?;
    let taken = if uses.is_empty() { String::new() } else { format!("; it was taken from {uses}") };
    let done = format!("deleted group `{}`{taken}", group.canonical());
    run::cli::finish_proposed(app, &cx, &committed, (&done, with_losses))
}
