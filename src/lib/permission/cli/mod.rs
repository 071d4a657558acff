//! `secboard permission`.

mod explain;
mod list;
mod matrix;

use clap::{Args, Subcommand};
use serde_json::json;

use super::access::Via;
use super::ask::{self, Asked, EffectivePermission};
use super::who_can::{self, Holder};
use crate::audit::cli::listing::{self, Listing};
use crate::catalog::{Module, Permission};
use crate::cli::output::{self, Field, append_json, record};
use crate::cli::{App, Outcome, filter_text};
use crate::context::Context;
use crate::error::Result;
use crate::text::instant::Instant;
use crate::text::shell::secboard;

/// Permissions: what there is to be allowed, who may do what, and why
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// List the permissions there are
    #[command(after_help = "Examples:\n  \
        secboard permission list --module risk\n  \
        secboard permission list --search evidence\n  \
        secboard permission list --modules -o json")]
    List(list::List),
    /// Say yes or no: may this person do that?
    #[command(after_help = "Ends with 0 if they may, with 1 if not.\n\nExamples:\n  \
        secboard permission check olena@acme.example risk.edit_report --company Acme && echo go\n  \
        secboard permission check olena@acme.example risk.edit_report --as-of 2026-01-31")]
    Check(PersonAsked),
    /// Say why a person may do something, or what is lacking and what to do about it
    #[command(after_help = "Ends with 0 if they may, with 1 if not.\n\nExamples:\n  \
        secboard permission explain olena@acme.example risk.edit_report --company Acme\n  \
        secboard permission explain olena@acme.example risk.edit_report -o json\n  \
        secboard permission explain olena@acme.example risk.edit_report --dot | dot -Tsvg > why.svg")]
    Explain(explain::Explain),
    /// List everybody who has a permission, with where it comes from
    #[command(after_help = "Examples:\n  \
        secboard permission who-can risk.edit_report --company Acme\n  \
        secboard permission who-can users.delete -o json\n  \
        secboard permission who-can users.delete --as-of 2026-01-31")]
    WhoCan(WhoCan),
    /// Show what each of two people has that the other lacks
    #[command(
        after_help = "Ends with 0 if both have the same, with 1 if not, as diff does.\n\nExamples:\n  \
        secboard permission diff olena@acme.example taras@acme.example\n  \
        secboard permission diff olena@acme.example taras@acme.example --module risk -o json"
    )]
    Diff(Diff),
    /// Show all modules with what a person, a group or a role has of each
    #[command(after_help = "Examples:\n  \
        secboard permission matrix --user olena@acme.example --company Acme\n  \
        secboard permission matrix --group 'Risk Managers' --module risk\n  \
        secboard permission matrix --role ciso -o json")]
    Matrix(matrix::MatrixArgs),
    /// List what a person may do
    #[command(after_help = "Examples:\n  \
        secboard permission show olena@acme.example\n  \
        secboard permission show olena@acme.example --module risk -o json")]
    Show(Show),
}

/// How many companies are named.
const NAMED: usize = 3;

/// When a question is asked for.
#[derive(Debug, Clone, Args)]
struct AsOf {
    /// As it was at this time, or when this day began
    #[arg(long, value_name = "TIME", allow_hyphen_values = true)]
    as_of: Option<String>,
}

/// Where and when a question is asked for.
#[derive(Debug, Clone, Args)]
struct ScopeArgs {
    /// For this company; without it, for all companies
    #[arg(long, value_name = "COMPANY", value_parser = filter_text)]
    company: Option<String>,
    #[command(flatten)]
    as_of: AsOf,
}

/// A question about one person and one permission.
#[derive(Debug, Args)]
pub(crate) struct PersonAsked {
    /// Email or id
    user: String,
    /// Such as `risk.edit_report`
    permission: String,
    #[command(flatten)]
    place: ScopeArgs,
}

#[derive(Debug, Args)]
pub(crate) struct WhoCan {
    /// Such as `risk.edit_report`
    permission: String,
    #[command(flatten)]
    place: ScopeArgs,
}

#[derive(Debug, Args)]
pub(crate) struct Diff {
    /// Email or id of one person
    user: String,
    /// Email or id of the other
    #[arg(value_name = "OTHER")]
    other_user: String,
    /// Only permissions of this module
    #[arg(long, value_name = "MODULE", value_parser = filter_text)]
    module: Option<String>,
    #[command(flatten)]
    as_of: AsOf,
}

#[derive(Debug, Args)]
pub(crate) struct Show {
    /// Email or id
    user: String,
    /// Only permissions of this module
    #[arg(long, value_name = "MODULE", value_parser = filter_text)]
    module: Option<String>,
    #[command(flatten)]
    as_of: AsOf,
}

/// A company, or all of them.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub(crate) struct ForCompany(Option<String>);

impl Field for ForCompany {
    fn text(&self) -> std::borrow::Cow<'_, str> {
        self.0.as_deref().unwrap_or("(all companies)").into()
    }

    fn csv(&self) -> std::borrow::Cow<'_, str> {
        self.0.text()
    }

    fn json(&self, out: &mut Vec<u8>) {
        self.0.json(out);
    }
}

impl Field for Via {
    fn text(&self) -> std::borrow::Cow<'_, str> {
        let origins: Vec<String> = self.origins.iter().map(ToString::to_string).collect();
        format!("{} ({})", self.group, origins.join(", ")).into()
    }

    fn json(&self, out: &mut Vec<u8>) {
        append_json(out, self);
    }
}

record! {
    /// The answer to a question, as printed.
    AnswerRow, table ["allowed"] {
        /// Whether they may.
        allowed: bool,
    }
}

record! {
    /// Somebody who has a permission, as printed.
    HolderRow, table ["full_name", "email", "superuser", "via"] {
        /// The login name.
        email: String,
        /// Both names.
        full_name: Option<String>,
        /// Has it whatever the groups.
        superuser: bool,
        /// The grants that say yes.
        via: Vec<Via>,
    }
}

record! {
    /// A permission somebody has, as printed.
    HeldRow, table ["permission", "company"] {
        /// The module.
        module: &'static str,
        /// The permission.
        permission: &'static str,
        /// The company it is for.
        company: ForCompany,
    }
}

record! {
    /// A permission that one of two people has, as printed.
    OnlyRow, table ["only", "permission", "company"] {
        /// Who has it.
        only: String,
        /// The permission.
        permission: &'static str,
        /// The company it is for.
        company: ForCompany,
    }
}

impl ScopeArgs {
    /// Whether it is asked for all companies.
    const fn is_for_all(&self) -> bool {
        self.company.is_none()
    }

    fn asked(&self, cx: &Context) -> Result<Asked<'_>> {
        Ok(Asked { company: self.company.as_deref(), as_of: self.as_of.time(cx)? })
    }
}

impl AsOf {
    fn time(&self, cx: &Context) -> Result<Option<Instant>> {
        Ok(self.as_of.as_deref().map(|text| cx.past_time(text)).transpose()?)
    }
}

/// Whether a permission is of the module asked for.
fn of_module(module: Option<&str>) -> Result<impl Fn(Permission) -> bool> {
    let module = module.map(Module::parse).transpose()?;
    Ok(move |permission: Permission| module.is_none_or(|module| module.name == permission.module()))
}

/// Runs a verb.
pub(crate) fn run(app: &App, command: Command) -> Result<Outcome> {
    match command {
        Command::List(arguments) => list::run(app, &arguments)?,
        Command::Check(asked) => return check(app, &asked),
        Command::Explain(arguments) => return explain::run(app, &arguments),
        Command::WhoCan(arguments) => who_can(app, &arguments)?,
        Command::Diff(arguments) => return diff(app, &arguments),
        Command::Matrix(arguments) => matrix::run(app, &arguments)?,
        Command::Show(arguments) => show(app, &arguments)?,
    }
    Ok(Outcome::Done)
}

fn check(app: &App, asked: &PersonAsked) -> Result<Outcome> {
    let cx = app.reader()?;
    let permission = Permission::parse(&asked.permission)?;
    let allowed = ask::check(&cx, &asked.user, permission, asked.place.asked(&cx)?)?;
    if app.out.is_table() {
        output::text(if allowed { "yes\n" } else { "no\n" })?;
        if !allowed && asked.place.is_for_all() {
            say_for_which(app, &cx, asked, permission)?;
        }
    } else {
        app.out.object(&AnswerRow { allowed })?;
    }
    Ok(if allowed { Outcome::Done } else { Outcome::No })
}

/// Says for which single companies somebody may what they may not for all.
fn say_for_which(app: &App, cx: &Context, asked: &PersonAsked, permission: Permission) -> Result<()> {
    let held = ask::show(cx, &asked.user, asked.place.as_of.time(cx)?)?;
    let of_it = held.into_iter().filter(|held| held.permission == permission);
    let companies: Vec<String> =
        of_it.filter_map(|held| held.company).map(|name| format!("`{name}`")).collect();
    if !companies.is_empty() {
        let few = companies.iter().take(NAMED).map(String::as_str).collect::<Vec<_>>().join(", ");
        let more = match companies.len().saturating_sub(NAMED) {
            0 => String::new(),
            more => format!(" and {more} more"),
        };
        app.out.say(&format!("not for all companies, but for {few}{more}: ask with `--company`"));
    }
    Ok(())
}

fn who_can(app: &App, arguments: &WhoCan) -> Result<()> {
    let cx = app.reader()?;
    let permission = Permission::parse(&arguments.permission)?;
    let listing = Listing {
        scope: cx.actor.scope("users.view"),
        words: permission.id().to_owned(),
        advice: "ask about one company with `--company`, or about one person with `permission check`",
    };
    listing::give(app, &cx, &listing, |_| {
        let mut count = 0;
        who_can::who_can(&cx, permission, arguments.place.asked(&cx)?, |_| {
            count += 1;
            Ok(())
        })?;
        Ok(count)
    })?;
    let mut list = app.out.long_list::<HolderRow>()?;
    who_can::who_can(&cx, permission, arguments.place.asked(&cx)?, |holder| {
        let Holder { email, full_name, superuser, via } = holder;
        list.row(&HolderRow { email, full_name, superuser, via })
    })?;
    list.finish()?;
    if app.out.is_table() && arguments.place.is_for_all() {
        let more = who_can::only_for_companies(&cx, permission, arguments.place.as_of.time(&cx)?)?;
        if more > 0 {
            let hold = if more == 1 { "holds" } else { "hold" };
            app.out
                .say(&format!("for all companies; {more} more {hold} it for single companies (`--company`)"));
        }
    }
    Ok(())
}

fn show(app: &App, arguments: &Show) -> Result<()> {
    let cx = app.reader()?;
    let is_asked = of_module(arguments.module.as_deref())?;
    let mut list = app.out.list::<HeldRow>()?;
    let mut held = ask::show(&cx, &arguments.user, arguments.as_of.time(&cx)?)?;
    let has_none = held.is_empty();
    held.retain(|held| is_asked(held.permission));
    for EffectivePermission { permission, company } in held {
        let row = HeldRow {
            module: permission.module(),
            permission: permission.id(),
            company: ForCompany(company),
        };
        list.row(&row)?;
    }
    list.finish()?;
    if has_none && app.out.is_table() {
        let user = arguments.user.as_str();
        let is_active = ask::is_active(&cx, user, arguments.as_of.time(&cx)?)?;
        let command = if is_active { secboard("user show") } else { secboard("user why") };
        let command = command.operand(user).to_string();
        let command = app.out.store_flags.in_command(&command);
        let why = if is_active { "in no group that grants anything" } else { "not active" };
        app.out.say(&format!("`{user}` is {why}: see `{command}`"));
    }
    Ok(())
}

fn diff(app: &App, arguments: &Diff) -> Result<Outcome> {
    let cx = app.reader()?;
    let is_asked = of_module(arguments.module.as_deref())?;
    let (a, b) = (&arguments.user, &arguments.other_user);
    let (mut only_a, mut only_b) = ask::diff(&cx, a, b, arguments.as_of.time(&cx)?)?;
    only_a.retain(|held| is_asked(held.permission));
    only_b.retain(|held| is_asked(held.permission));
    let same = only_a.is_empty() && only_b.is_empty();
    match app.out.format {
        output::Format::Json | output::Format::Jsonl => {
            let side = |held: &[EffectivePermission]| -> Vec<_> {
                let entry = |held: &EffectivePermission| json!({"permission": held.permission.id(), "company": held.company});
                held.iter().map(entry).collect()
            };
            app.out.document(&json!({ "only_a": side(&only_a), "only_b": side(&only_b) }))?;
        }
        output::Format::Table if same => app.out.say("no difference"),
        output::Format::Table | output::Format::Csv => {
            let mut list = app.out.list::<OnlyRow>()?;
            for (who, held) in [(a, only_a), (b, only_b)] {
                for EffectivePermission { permission, company } in held {
                    let (only, company) = (who.clone(), ForCompany(company));
                    list.row(&OnlyRow { only, permission: permission.id(), company })?;
                }
            }
            list.finish()?;
        }
    }
    Ok(if same { Outcome::Done } else { Outcome::No })
}
