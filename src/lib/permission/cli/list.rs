//! `secboard permission list`.

use clap::Args;

use crate::catalog::{Module, Permission};
use crate::cli::output::record;
use crate::cli::{App, filter_text};
use crate::error::Result;
use crate::text::fold::fold;

#[derive(Debug, Args)]
pub(crate) struct List {
    /// Only those of this module
    #[arg(long, value_name = "MODULE", value_parser = filter_text)]
    module: Option<String>,
    /// Only those whose name, module or meaning contains this, in any letter case
    #[arg(long, value_name = "TEXT", value_parser = filter_text)]
    search: Option<String>,
    /// The modules instead of the permissions
    #[arg(long)]
    modules: bool,
}

record! {
    /// A permission as printed.
    PermissionRow, table ["module", "permission", "meaning"] {
        /// The module.
        module: &'static str,
        /// The permission.
        permission: &'static str,
        /// What it lets one do.
        meaning: &'static str,
    }
}

record! {
    /// A module as printed.
    ModuleRow, table ["module", "title", "permissions", "menu"] {
        /// The name.
        module: &'static str,
        /// As people read it.
        title: &'static str,
        /// How many permissions it has.
        permissions: i64,
        /// Whether it has a link in the menu.
        menu: bool,
    }
}

pub(super) fn run(app: &App, arguments: &List) -> Result<()> {
    let module = arguments.module.as_deref().map(Module::parse).transpose()?;
    let searched = arguments.search.as_deref().map(fold);
    let modules = Module::all().filter(|each| module.is_none_or(|module| module == *each));
    let found = modules.flat_map(|module| module.permissions().map(move |permission| (module, permission)));
    let found = found.filter(|(module, permission)| {
        searched.as_ref().is_none_or(|text| {
            let words = [permission.id(), permission.meaning(), module.title];
            words.iter().any(|words| fold(words).contains(text.as_str()))
        })
    });
    let found: Vec<(Module, Permission)> = found.collect();
    if arguments.modules { modules_of(app, &found) } else { permissions(app, &found) }
}

fn permissions(app: &App, found: &[(Module, Permission)]) -> Result<()> {
    let mut list = app.out.list::<PermissionRow>()?;
    for (module, permission) in found {
        let (permission, meaning) = (permission.id(), permission.meaning());
        list.row(&PermissionRow { module: module.name, permission, meaning })?;
    }
    list.finish()
}

fn modules_of(app: &App, found: &[(Module, Permission)]) -> Result<()> {
    let mut list = app.out.list::<ModuleRow>()?;
    for group in found.chunk_by(|(a, _), (b, _)| a == b) {
        let Some((module, _)) = group.first() else { continue };
        let permissions = i64::try_from(module.permissions().count()).unwrap_or(i64::MAX);
        let menu = module.show_link().is_some();
        list.row(&ModuleRow { module: module.name, title: module.title, permissions, menu })?;
    }
    list.finish()
}
