//! `secboard role`.

mod dashboard;

use clap::{Args, Subcommand};

use super::dashboard::Dashboard;
use super::{Changes, Edit, Edited, New, Role, Shown};
use crate::cli::color::ColorOf;
use crate::cli::output::record;
use crate::cli::{App, Outcome, filter_text, prompt};
use crate::context::Context;
use crate::error::Result;
use crate::run::{self, Ask, Effect, Engine};
use crate::text::color::Color;

/// Roles: what somebody's job is, which groups come with it, what its holders see at a glance
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Make a role
    #[command(
        after_help = "Examples:\n  secboard role create CISO --group 'Risk Managers' --module risk --module incidents --color '#aa2244'\n  secboard role create 'Нічна зміна' --company acme-bank --order 20"
    )]
    Create(Create),
    /// List the roles that can be given, in role order
    #[command(after_help = "Examples:\n  secboard role list --company acme-bank\n  secboard role list --all")]
    List {
        /// Only those that people of this company may hold
        #[arg(long, value_parser = filter_text)]
        company: Option<String>,
        /// The inactive ones too
        #[arg(long)]
        all: bool,
    },
    /// Show one role
    #[command(after_help = "Examples:\n  secboard role show ciso")]
    Show {
        /// Its name in any letter case, or its slug
        role: String,
    },
    /// Change a role; whoever holds it has what it brings at once
    ///
    /// A role whose last company is removed is for all companies.
    #[command(
        after_help = "What takes something from somebody asks first, and is a run that can be held and undone; `--dry-run` lists \
        who loses what.\n\nExamples:\n  secboard role edit ciso --add-group 'Incident Readers' --remove-group 'Risk Managers@Acme Bank'\n  secboard role edit ciso --name 'Chief Information Security Officer' --order 10\n  secboard role edit night-shift --inactive"
    )]
    Edit(Box<EditArgs>),
    /// Delete a role that nobody holds, or with --force any
    #[command(
        after_help = "What takes something from somebody is a run that can be held and undone; `--dry-run` lists \
        who loses what. People in the bin do not keep it: it is taken from them as well, which is said, and undone.\n\n\
        Examples:\n  secboard role delete night-shift --yes\n  secboard role delete night-shift --force"
    )]
    Delete(Delete),
    /// What the holders of a role see at a glance: sections and widgets, on or off, in order
    #[command(subcommand, arg_required_else_help = true)]
    Dashboard(dashboard::Command),
}

#[derive(Debug, Args)]
pub(crate) struct Create {
    /// Its name
    name: String,
    /// How scripts name it; made from the name, whatever its script, unless given
    #[arg(long)]
    slug: Option<String>,
    /// What it is for
    #[arg(long, value_name = "TEXT")]
    description: Option<String>,
    #[command(flatten)]
    color: ColorOf,
    /// Its place in lists, the lowest first; equal ones go by name
    #[arg(long, value_name = "N", default_value_t = 0, allow_negative_numbers = true)]
    order: i64,
    /// Only people of this company may hold it; may be given more than once
    #[arg(long)]
    company: Vec<String>,
    /// A group it brings, as NAME or NAME@COMPANY; may be given more than once
    #[arg(long)]
    group: Vec<String>,
    /// A module whose widgets its dashboard may show, all unless given; may be given more than once
    #[arg(long)]
    module: Vec<String>,
    /// Do not offer it yet, and bring nothing
    #[arg(long)]
    inactive: bool,
    /// Succeed when there is one of that name already
    #[arg(long)]
    if_absent: bool,
}

#[derive(Debug, Args)]
pub(crate) struct EditArgs {
    /// Its name in any letter case, or its slug
    role: String,
    /// The new name; the slug stays
    #[arg(long)]
    name: Option<String>,
    /// The new slug
    #[arg(long)]
    slug: Option<String>,
    /// The new description; an empty one removes it
    #[arg(long, value_name = "TEXT")]
    description: Option<String>,
    #[command(flatten)]
    color: ColorOf,
    /// The new place in lists
    #[arg(long, value_name = "N", allow_negative_numbers = true)]
    order: Option<i64>,
    /// Offer it, and bring its groups to who holds it
    #[arg(long, conflicts_with = "inactive")]
    active: bool,
    /// Do not offer it, and bring nothing
    #[arg(long)]
    inactive: bool,
    /// Let people of this company hold it
    #[arg(long, value_name = "COMPANY")]
    add_company: Vec<String>,
    /// Let people of this company hold it no longer
    #[arg(long, value_name = "COMPANY")]
    remove_company: Vec<String>,
    /// Bring this group
    #[arg(long, value_name = "GROUP")]
    add_group: Vec<String>,
    /// Bring this group no longer
    #[arg(long, value_name = "GROUP")]
    remove_group: Vec<String>,
    /// Let the dashboard show widgets of this module; beside those named so, no others
    #[arg(long, value_name = "MODULE")]
    add_module: Vec<String>,
    /// Let the dashboard show widgets of this module no longer; when none is named any more, those of all
    #[arg(long, value_name = "MODULE")]
    remove_module: Vec<String>,
    /// Take it from people of companies it is no longer for
    #[arg(long)]
    force: bool,
}

#[derive(Debug, Args)]
pub(crate) struct Delete {
    /// Its name in any letter case, or its slug
    role: String,
    /// Take it from those who hold it, and delete it all the same
    #[arg(long)]
    force: bool,
}

record! {
    /// A role as it is printed.
    RoleRow, table ["name", "slug", "companies", "groups", "active", "holders"] {
        /// The id.
        id: i64,
        /// The name.
        name: String,
        /// How scripts name it.
        slug: String,
        /// The companies whose people may hold it; none for all.
        companies: Vec<String>,
        /// The groups it brings.
        groups: Vec<String>,
        /// Whether it is offered and brings its groups.
        active: bool,
        /// People outside the bin who hold it.
        holders: i64,
        /// The place in lists.
        order: i64,
        /// The modules whose widgets its dashboard may show; none for all.
        modules: Vec<String>,
        /// What it is for.
        description: Option<String>,
        /// `#rrggbb`, of its badge.
        color: Option<String>,
        /// RFC 3339.
        created_at: String,
        /// RFC 3339.
        updated_at: String,
    }
    paint |row, name| match name {
        "name" => Color::parse_optional(row.color.as_deref()?).ok()?,
        _ => None,
    }
}

impl RoleRow {
    pub(crate) fn new(role: Role) -> Self {
        Self {
            id: role.id,
            name: role.name,
            slug: role.slug,
            companies: role.companies.into_iter().map(|company| company.name).collect(),
            groups: role.groups.into_iter().map(|group| group.name).collect(),
            active: role.active,
            holders: role.holders,
            order: role.order,
            modules: role.modules,
            description: role.description,
            color: role.color,
            created_at: role.created_at.to_string(),
            updated_at: role.updated_at.to_string(),
        }
    }
}

/// Runs a verb.
pub(crate) fn run(app: &App, command: Command, engine: &mut Engine) -> Result<Outcome> {
    match command {
        Command::Create(arguments) => create(app, arguments)?,
        Command::List { company, all } => list(app, &Shown { company, inactive: all })?,
        Command::Show { role } => {
            app.out.object(&RoleRow::new(super::get(&app.reader()?, &role)?))?;
        }
        Command::Edit(arguments) => edit(app, engine, *arguments)?,
        Command::Delete(arguments) => delete(app, engine, &arguments)?,
        Command::Dashboard(verb) => dashboard::run(app, engine, verb)?,
    }
    Ok(Outcome::Done)
}

fn create(app: &App, arguments: Create) -> Result<()> {
    let new = New {
        name: arguments.name,
        slug: arguments.slug,
        description: arguments.description,
        color: arguments.color.color,
        order: arguments.order,
        companies: arguments.company,
        groups: arguments.group,
        modules: arguments.module,
        inactive: arguments.inactive,
        dashboard: Dashboard::default(),
    };
    let cx = app.writer()?;
    let (role, is_new) = super::create(&cx, &new, arguments.if_absent)?;
    if is_new {
        app.done(&format!("created role `{}`, slug `{}`", role.name, role.slug));
        app.warn_of_name(&role.name);
    } else {
        app.done(&format!("no change: there is a role `{}` already", role.name));
    }
    let row = cx.read(|tx| role.shown_to(&cx, tx))?;
    print_changed(app, row)
}

/// Prints a role that was made or changed, where that is asked for, to who may look at it: a change shows nothing else.
fn print_changed(app: &App, role: Option<Role>) -> Result<()> {
    if let Some(role) = role {
        return app.print_if_asked(&RoleRow::new(role));
    }
    if !app.out.is_table() || app.out.columns.is_some() {
        app.out.say("note: the role is not printed, which takes `roles.view` for a company that it is for");
    }
    Ok(())
}

fn list(app: &App, shown: &Shown) -> Result<()> {
    let mut list = app.out.list::<RoleRow>()?;
    for role in super::list(&app.reader()?, shown)? {
        list.row(&RoleRow::new(role))?;
    }
    list.finish()
}

fn edit(app: &App, engine: &mut Engine, arguments: EditArgs) -> Result<()> {
    let edit = Edit {
        name: arguments.name,
        slug: arguments.slug,
        description: arguments.description,
        color: arguments.color.color,
        order: arguments.order,
        active: (arguments.active || arguments.inactive).then_some(arguments.active),
        companies: Changes { add: arguments.add_company, remove: arguments.remove_company },
        groups: Changes { add: arguments.add_group, remove: arguments.remove_group },
        modules: Changes { add: arguments.add_module, remove: arguments.remove_module },
        force: arguments.force,
    };
    let is_forced = edit.force && !(edit.companies.add.is_empty() && edit.companies.remove.is_empty());
    let mut cx = app.writer()?;
    if is_forced {
        let rehearsal = |cx: &Context| super::edit(cx, engine, &arguments.role, &edit, &Ask::nothing(false));
        prompt::confirm_rehearsed(app, &mut cx, rehearsal, |edited| {
            let take = format!("Take role `{}` from people it will not be for?", edited.role.name);
            run::cli::question(&edited.committed.summary.effect, &take)
        })?;
    }
    let question = |effect: &Effect| if is_forced { Ok(false) } else { run::cli::ask(app, effect) };
    let ask = Ask { with_losses: cx.dry_run, question: &question };
    let Edited { role, changed, committed } = super::edit(&cx, engine, &arguments.role, &edit, &ask)?;
    let done = if changed.is_empty() {
        "no change".to_owned()
    } else {
        let for_all = role.companies.is_empty() && changed.iter().any(|field| field == "companies");
        let for_all = if for_all { "; it is for all companies now" } else { "" };
        format!("changed role `{}`: {}{for_all}", role.name, changed.join(", "))
    };
    if edit.name.is_some() {
        app.warn_of_name(&role.name);
    }
    if let Some(role) = cx.read(|tx| role.shown_to(&cx, tx))? {
        return run::cli::finish_changed(app, &cx, &committed, &done, &RoleRow::new(role));
    }
    let with_losses = cx.dry_run && committed.run.is_some();
    run::cli::finish_proposed(app, &cx, &committed, (&done, with_losses))?;
    if with_losses { Ok(()) } else { print_changed(app, None) }
}

fn delete(app: &App, engine: &mut Engine, arguments: &Delete) -> Result<()> {
    let mut cx = app.writer()?;
    let rehearsal =
        |cx: &Context| super::delete(cx, engine, &arguments.role, arguments.force, &Ask::nothing(false));
    prompt::confirm_rehearsed(app, &mut cx, rehearsal, |deleted| {
        let in_bin = deleted.committed.in_bin.asked();
        let question = format!("Delete role `{}`{}{in_bin}?", deleted.role.name, deleted.held());
        run::cli::question(&deleted.committed.summary.effect, &question)
    })?;
    let with_losses = cx.dry_run || !app.out.is_table();
    let ask = Ask::nothing(with_losses);
    let deleted = super::delete(&cx, engine, &arguments.role, arguments.force, &ask)?;
    let done = format!("deleted role `{}`{}", deleted.role.name, deleted.held());
    run::cli::finish_proposed(app, &cx, &deleted.committed, (&done, with_losses))
}
