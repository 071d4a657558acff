//! `secboard group add-member` and `remove-member`: what `user add-group` and `remove-group` do, said the other way round.

use clap::Args;

use crate::cli::{App, filter_text};
use crate::error::Result;
use crate::group::{self, Selector};
use crate::run::Engine;

#[derive(Debug, Args)]
pub(crate) struct MemberArgs<P: Args> {
    /// The group, in any letter case, or NAME@COMPANY
    #[arg(value_name = "GROUP")]
    of_group: String,
    /// The company whose group it is, instead of NAME@COMPANY
    #[arg(long, value_name = "COMPANY", value_parser = filter_text)]
    group_company: Option<String>,
    #[command(flatten)]
    people: P,
}

/// How a command line says which people are meant.
pub(crate) trait Members: Args {
    /// Puts them into the group of this name, or takes them out.
    fn change(&self, app: &App, engine: &mut Engine, group: String, is_member: bool) -> Result<()>;
}

impl<P: Members> MemberArgs<P> {
    /// Puts the people into the group, or takes them out.
    pub(super) fn run(self, app: &App, engine: &mut Engine, is_member: bool) -> Result<()> {
        let which = Selector { name: self.of_group, company: self.group_company };
        let name = group::name_to_give(&app.reader()?, &which)?;
        self.people.change(app, engine, name, is_member)
    }
}
