//! Which modules somebody sees in the menu: those whose link is shown and that may be looked at. They are two
//! permissions, and the answer names the one that is missing.

use super::Access;
use crate::catalog::{Module, Permission, Visibility};

/// Every module of the menu, in the order of the catalogue.
pub(super) fn modules(access: &Access) -> Vec<Visibility> {
    Module::all()
        .filter_map(|module| module.show_link().map(|link| visibility(access, module, link)))
        .collect()
}

fn visibility(access: &Access, module: Module, link: Permission) -> Visibility {
    let has = |permission: Permission| !access.scopes(permission).is_empty();
    let views: Vec<Permission> = module.permissions().filter(|permission| permission.is_view()).collect();
    let view = views.iter().copied().any(has);
    let show_link = has(link);
    let first = views.first().map_or("", |permission| permission.id());
    let why = match (view, show_link) {
        (true, true) => None,
        _ if !access.active => Some("the account is not active".to_owned()),
        (true, false) => Some(format!("`{}` is missing: the link is not shown", link.id())),
        (false, true) => Some(format!(
            "the link is shown, but nothing may be viewed: a permission such as `{first}` is missing"
        )),
        (false, false) => {
            Some(format!("`{}` and a view permission such as `{first}` are missing", link.id()))
        }
    };
    Visibility { module: module.name, view, show_link, why }
}
