//! `secboard role dashboard`.

use std::fmt::Write as _;

use clap::{ArgGroup, Args, Subcommand};
use serde_json::{Value, json};

use crate::cli::App;
use crate::cli::output::{self, Format, record};
use crate::error::Result;
use crate::role::dashboard::{self, Change, Dashboard, View};
use crate::role::{self, Role};
use crate::run::Engine;
use crate::tabular::{FileOrStream, Source};

/// The longest file of a dashboard that is looked at, in bytes.
const LONGEST: u64 = 1 << 20;

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Show the dashboard of a role, or what a person sees with all roles together
    #[command(
        after_help = "Examples:\n  secboard role dashboard show ciso\n  secboard role dashboard show ciso -o json > ciso.json\n  secboard role dashboard show --person olena@acme.example"
    )]
    Show(Show),
    /// Switch and order sections and widgets
    ///
    /// What a file does not name comes last and off.
    #[command(
        after_help = "Examples:\n  secboard role dashboard set ciso --section people --off\n  secboard role dashboard set ciso --widget api_keys --widget access_review --on\n  secboard role dashboard set ciso --order top_risks,risk_plans\n  secboard role dashboard set ciso --order risks_tprm,operations\n  secboard role dashboard set auditor --file ciso.json"
    )]
    Set(Set),
    /// Give a role the dashboard that every role begins with: everything on
    #[command(after_help = "Examples:\n  secboard role dashboard reset ciso")]
    Reset {
        /// Its name in any letter case, or its slug
        role: String,
    },
}

#[derive(Debug, Args)]
#[command(group = ArgGroup::new("whose").required(true))]
pub(crate) struct Show {
    /// The role's name in any letter case, or its slug
    #[arg(group = "whose")]
    role: Option<String>,
    /// What this person sees: the dashboards of all active roles together
    #[arg(long, value_name = "EMAIL", group = "whose")]
    person: Option<String>,
}

#[derive(Debug, Args)]
#[command(
    group = ArgGroup::new("what").required(true).multiple(true),
    group = ArgGroup::new("part").multiple(true).requires("switch"),
    group = ArgGroup::new("switch").requires("part")
)]
pub(crate) struct Set {
    /// The role's name in any letter case, or its slug
    role: String,
    /// A section to switch; may be given more than once
    #[arg(long, groups = ["what", "part"])]
    section: Vec<String>,
    /// A widget to switch; may be given more than once
    #[arg(long, groups = ["what", "part"])]
    widget: Vec<String>,
    /// Show them
    #[arg(long, group = "switch")]
    on: bool,
    /// Do not show them
    #[arg(long, group = "switch")]
    off: bool,
    /// Sections, or widgets of one section, that come first, in this order; the others follow as they are
    #[arg(long, value_name = "NAMES", value_delimiter = ',', group = "what")]
    order: Vec<String>,
    /// A file with all of it, as `show -o json` prints it; - is standard input
    #[arg(long, group = "what", conflicts_with_all = ["section", "widget", "order"])]
    file: Option<FileOrStream>,
}

record! {
    /// A widget of a role's dashboard, as a CSV row.
    WidgetRow, table ["section", "widget"] {
        /// Its section.
        section: &'static str,
        /// Whether the section is shown.
        section_on: bool,
        /// Its name.
        widget: &'static str,
        /// Whether it is shown, as long as its section is.
        on: bool,
        /// The module whose data it shows.
        module: &'static str,
        /// Whether the role's modules allow it.
        allowed: bool,
    }
}

record! {
    /// A widget that a person sees, as a CSV row.
    SeenRow, table ["section", "widget"] {
        /// Its section.
        section: &'static str,
        /// Its name.
        widget: &'static str,
    }
}

/// Runs a verb.
pub(super) fn run(app: &App, engine: &Engine, command: Command) -> Result<()> {
    match command {
        Command::Show(arguments) => show(app, engine, &arguments),
        Command::Set(arguments) => set(app, arguments),
        Command::Reset { role } => say(app, dashboard::reset(&app.writer()?, &role)?),
    }
}

fn show(app: &App, engine: &Engine, arguments: &Show) -> Result<()> {
    let cx = app.reader()?;
    if let Some(person) = &arguments.person {
        return print_view(app, &dashboard::of_person(&cx, engine, person)?);
    }
    print(app, &role::get(&cx, arguments.role.as_deref().unwrap_or_default())?)
}

fn set(app: &App, arguments: Set) -> Result<()> {
    let cx = app.writer()?;
    if let Some(file) = &arguments.file {
        return say(app, dashboard::replace(&cx, &arguments.role, &read(file)?)?);
    }
    let change = Change {
        sections: arguments.section,
        widgets: arguments.widget,
        on: arguments.on,
        order: arguments.order,
    };
    say(app, dashboard::change(&cx, &arguments.role, &change)?)
}

fn read(file: &FileOrStream) -> Result<Dashboard> {
    let bytes = Source::named(file).read(LONGEST)?;
    Ok(Dashboard::parse(&bytes)?)
}

fn say(app: &App, (role, changed): (Role, bool)) -> Result<()> {
    if changed {
        app.done(&format!("changed the dashboard of role `{}`", role.name));
    } else {
        app.done("no change");
    }
    if app.out.is_table() { Ok(()) } else { print(app, &role) }
}

fn print(app: &App, role: &Role) -> Result<()> {
    match app.out.format {
        Format::Table => output::text(&tree(role)),
        Format::Csv => list(app, role),
        Format::Json | Format::Jsonl => app.out.document(&document(role)),
    }
}

fn list(app: &App, role: &Role) -> Result<()> {
    let mut list = app.out.list::<WidgetRow>()?;
    for section in role.dashboard.sections() {
        for widget in &section.widgets {
            list.row(&WidgetRow {
                section: section.name,
                section_on: section.on,
                widget: widget.name,
                on: widget.on,
                module: widget.module(),
                allowed: widget.is_allowed(&role.modules),
            })?;
        }
    }
    list.finish()
}

/// The dashboard as a tree: `[x]` is shown, `[ ]` is off, `[-]` is on but not allowed by the role's modules.
fn tree(role: &Role) -> String {
    let mark = |on: bool| if on { "[x]" } else { "[ ]" };
    let mut text = String::new();
    for section in role.dashboard.sections() {
        writeln!(text, "{} {}", mark(section.on), section.name).ok();
        for widget in &section.widgets {
            if widget.is_allowed(&role.modules) {
                writeln!(text, "    {} {}", mark(widget.on), widget.name).ok();
            } else {
                let why = format!("module {} is not allowed", widget.module());
                writeln!(text, "    [-] {} ({why})", widget.name).ok();
            }
        }
    }
    text
}

fn document(role: &Role) -> Value {
    let sections = role.dashboard.sections().iter().map(|section| {
        let widgets = section.widgets.iter().map(|widget| {
            json!({
                "widget": widget.name,
                "on": widget.on,
                "module": widget.module(),
                "allowed": widget.is_allowed(&role.modules),
            })
        });
        json!({ "section": section.name, "on": section.on, "widgets": widgets.collect::<Vec<_>>() })
    });
    json!({ "role": role.slug, "modules": role.modules, "sections": sections.collect::<Vec<_>>() })
}

fn print_view(app: &App, view: &View) -> Result<()> {
    match app.out.format {
        Format::Table => tell_view(app, view),
        Format::Csv => list_view(app, view),
        Format::Json | Format::Jsonl => app.out.document(&json!(view)),
    }
}

fn list_view(app: &App, view: &View) -> Result<()> {
    let mut list = app.out.list::<SeenRow>()?;
    for section in &view.sections {
        for widget in &section.widgets {
            list.row(&SeenRow { section: section.name, widget })?;
        }
    }
    list.finish()
}

fn tell_view(app: &App, view: &View) -> Result<()> {
    if view.sections.is_empty() {
        app.out.say(&format!("`{}` sees nothing: no active role shows anything", view.person));
    }
    let mut text = String::new();
    for section in &view.sections {
        writeln!(text, "{}", section.name).ok();
        for widget in &section.widgets {
            writeln!(text, "    {widget}").ok();
        }
    }
    output::text(&text)
}
