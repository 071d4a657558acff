//! `secboard setting`.

use clap::Subcommand;

use super::Setting;
use crate::cli::output::record;
use crate::cli::{App, Outcome};
use crate::error::Result;

/// Settings: what the site decides, such as its time zone
#[derive(Debug, Subcommand)]
pub(crate) enum Command<O: Subcommand> {
    /// List all settings with their values
    #[command(
        after_help = "Examples:\n  secboard setting list\n  secboard setting list --columns name,value,values,meaning"
    )]
    List,
    /// Print the value of a setting
    #[command(
        after_help = "Examples:\n  secboard setting get site.time_zone\n  secboard setting get site.time_zone -o json"
    )]
    Get {
        /// Its name
        name: String,
    },
    /// Give a setting a value
    #[command(
        after_help = "Examples:\n  secboard setting set site.time_zone Europe/Kyiv\n  secboard setting set password.profile strict"
    )]
    Set {
        /// Its name
        name: String,
        /// The value
        #[arg(allow_hyphen_values = true)]
        value: String,
    },
    /// Take a setting back to its default
    #[command(after_help = "Examples:\n  secboard setting unset user.bin_days")]
    Unset {
        /// Its name
        name: String,
    },
    /// Operators: which account each shell user has
    #[command(subcommand, arg_required_else_help = true)]
    Operator(O),
}

record! {
    /// A setting as it is printed.
    SettingRow, table ["name", "value", "default", "changed_by", "meaning"] {
        /// The name.
        name: String,
        /// The value in force.
        value: String,
        /// The value unless set.
        default: String,
        /// Whether the value in force is the default.
        is_default: bool,
        /// Who may change it: `superusers`, or whoever has the permission `settings.edit`.
        changed_by: &'static str,
        /// The values it takes.
        values: String,
        /// What it means.
        meaning: String,
    }
}

impl From<Setting> for SettingRow {
    fn from(setting: Setting) -> Self {
        Self {
            name: setting.definition.about().name.to_owned(),
            is_default: setting.value == setting.default,
            value: setting.value,
            default: setting.default,
            changed_by: setting.definition.about().changed_by.word(),
            values: setting.definition.about().values.to_owned(),
            meaning: setting.definition.about().meaning.to_owned(),
        }
    }
}

/// Runs a verb.
pub(crate) fn run<O: Subcommand>(
    app: &App,
    command: Command<O>,
    operator: fn(&App, &O) -> Result<Outcome>,
) -> Result<Outcome> {
    match command {
        Command::List => list(app)?,
        Command::Get { name } => get(app, &name)?,
        Command::Set { name, value } => {
            let changed = super::set(&app.writer()?, &name, &value)?;
            say(app, changed, "set")?;
        }
        Command::Unset { name } => {
            let changed = super::unset(&app.writer()?, &name)?;
            say(app, changed, "unset")?;
        }
        Command::Operator(verb) => return operator(app, &verb),
    }
    Ok(Outcome::Done)
}

fn list(app: &App) -> Result<()> {
    let mut list = app.out.list::<SettingRow>()?;
    for setting in super::list(&app.reader()?)? {
        list.row(&setting.into())?;
    }
    list.finish()
}

/// The bare value for `$(…)` in scripts, unless a format or columns were asked for.
fn get(app: &App, name: &str) -> Result<()> {
    let setting = super::get(&app.reader()?, name)?;
    if app.out.is_table() && app.out.columns.is_none() {
        return app.out.value(&setting.value);
    }
    app.out.object(&SettingRow::from(setting))
}

fn say(app: &App, (setting, is_changed): (Setting, bool), verb: &str) -> Result<()> {
    let (name, value) = (setting.definition.about().name, &setting.value);
    if is_changed {
        app.done(&format!("{verb} `{name}`: `{value}`"));
    } else {
        app.done(&format!("no change: `{name}` is `{value}` already"));
    }
    app.print_if_asked(&SettingRow::from(setting))
}
