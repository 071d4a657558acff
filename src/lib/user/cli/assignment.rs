//! `secboard user add-role`, `remove-role`, `add-group`, `remove-group`.

use clap::Args;

use super::bulk::UserSelectionArgs;
use crate::cli::{App, filter_text};
use crate::error::Result;
use crate::run::Engine;
use crate::user::bulk::Verb;
use crate::{group, role};

#[derive(Debug, Args)]
#[command(allow_missing_positional = true)]
pub(crate) struct AddRole {
    #[command(flatten)]
    people: UserSelectionArgs,
    /// The role, by slug or name; the last of the names given
    #[arg(required = true)]
    role: String,
    /// Leave out the groups of the role
    #[arg(long)]
    no_role_groups: bool,
}

#[derive(Debug, Args)]
#[command(allow_missing_positional = true)]
pub(crate) struct RemoveRole {
    #[command(flatten)]
    people: UserSelectionArgs,
    /// The role, by slug or name; the last of the names given
    #[arg(required = true)]
    role: String,
}

#[derive(Debug, Args)]
#[command(allow_missing_positional = true)]
pub(crate) struct OneGroup {
    #[command(flatten)]
    people: UserSelectionArgs,
    /// The access group; the last of the names given
    #[arg(required = true)]
    group: String,
    /// The company whose group it is, when several have one of that name
    #[arg(long, value_name = "COMPANY", value_parser = filter_text)]
    group_company: Option<String>,
}

impl AddRole {
    /// Runs the verb.
    pub(super) fn run(&self, app: &App, engine: &mut Engine) -> Result<()> {
        self.people.check_beside(&self.role, "role")?;
        let role = slug(app, &self.role)?;
        self.people.run(app, engine, &Verb::AddRole { role, with_groups: !self.no_role_groups })
    }
}

impl RemoveRole {
    /// Runs the verb.
    pub(super) fn run(&self, app: &App, engine: &mut Engine) -> Result<()> {
        self.people.check_beside(&self.role, "role")?;
        self.people.run(app, engine, &Verb::RemoveRole(slug(app, &self.role)?))
    }
}

impl OneGroup {
    /// Puts people into the group.
    pub(super) fn add(&self, app: &App, engine: &mut Engine) -> Result<()> {
        self.people.run(app, engine, &Verb::AddGroup(self.canonical(app)?))
    }

    /// Takes people out of the group, as far as they are in it by hand.
    pub(super) fn remove(&self, app: &App, engine: &mut Engine) -> Result<()> {
        self.people.run(app, engine, &Verb::RemoveGroup(self.canonical(app)?))
    }

    fn canonical(&self, app: &App) -> Result<String> {
        self.people.check_beside(&self.group, "group")?;
        let name = group::canonical(&self.group, self.group_company.as_deref());
        let cx = app.reader()?;
        cx.read(|tx| Ok(group::resolve(&cx, tx, &name, "users.edit")?.canonical()))
    }
}

fn slug(app: &App, role: &str) -> Result<String> {
    let cx = app.reader()?;
    cx.read(|tx| Ok(role::resolve(&cx, tx, role, "users.edit")?.slug))
}
