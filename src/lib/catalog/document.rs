//! The catalogue as a document, `docs/permissions.md`.

use std::fmt::Write as _;

use super::{Level, Module, Permission};

const HEAD: &str = "# Permissions

A permission is `module.action`. Groups are granted permissions, each for one company or for all; people have what the
groups they are in grant, and a superuser has everything. Without a grant the answer is no, and nothing takes away what a
grant gives.

`secboard group grant GROUP 'risk.*'` grants a whole module, `--level` a part of it: `view` the permissions to look and the
menu link, `edit` those and the ones to add and edit, `full` all. The columns say which level holds what.

A module stands in somebody's menu when they have its `show_link` and a permission to view something in it;
`secboard user why` says which of the two is missing. Modules without `show_link` are not in the menu.
";

/// The whole catalogue, module by module.
pub(crate) fn document() -> String {
    let mut text = HEAD.to_owned();
    writeln!(text, "\n{} modules, {} permissions.", Module::all().count(), Permission::all().count()).ok();
    for module in Module::all() {
        writeln!(text, "\n## {}: {}\n", module.name, module.title).ok();
        text.push_str("| permission | lets one | view | edit | full |\n|---|---|:-:|:-:|:-:|\n");
        for permission in module.permissions() {
            let mark = |level: Level| if level.holds(permission) { "x" } else { "" };
            writeln!(
                text,
                "| `{}` | {} | {} | {} | {} |",
                permission.id(),
                permission.meaning(),
                mark(Level::View),
                mark(Level::Edit),
                mark(Level::Full),
            )
            .ok();
        }
    }
    text
}
