//! `secboard group add-member` and `remove-member`: what `user add-group` and `remove-group` do, said the other way round.

use clap::Args;

use crate::cli::{App, filter_text};
use crate::error::Result;
use crate::group::{self, Which};
use crate::run::Engine;
use crate::user::bulk::Verb;
use crate::user::cli::People;

#[derive(Debug, Args)]
pub(crate) struct MemberArgs {
    /// The group, in any letter case, or NAME@COMPANY
    #[arg(value_name = "GROUP")]
    of_group: String,
    /// The company whose group it is, instead of NAME@COMPANY
    #[arg(long, value_name = "COMPANY", value_parser = filter_text)]
    group_company: Option<String>,
    #[command(flatten)]
    people: People,
}

impl MemberArgs {
    /// Does to the people what `verb` makes of the group's name.
    pub(super) fn run(self, app: &App, engine: &mut Engine, verb: fn(String) -> Verb) -> Result<()> {
        let which = Which { name: self.of_group, company: self.group_company };
        let name = group::name_to_give(&app.reader()?, &which)?;
        self.people.run(app, engine, &verb(name))
    }
}
