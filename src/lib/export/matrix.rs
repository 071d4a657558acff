//! Workbooks of what is allowed: a sheet for each module of the catalogue, a row for each group or person that has
//! something in it, a column for each of its permissions.

use std::borrow::Cow;
use std::collections::HashMap;
use std::sync::Arc;

use crate::catalog::{GrantScope, Module, Permission, PermissionScopes};
use crate::context::CompanyScope;
use crate::error::Result;
use crate::tabular::file::OutputError;
use crate::tabular::workbook::{CellValue, Column, RowStyle, Sheet, Workbook, in_one_cell};

/// Allowed for all companies; plain text, so it shows on paper and to who sees no colours.
pub(super) const TICK: &str = "✓";

/// The names of companies by id.
pub(super) type Names = HashMap<i64, Arc<str>>;

/// The sheets of all modules, in the order of the catalogue.
pub(super) struct Matrix {
    modules: Vec<(Vec<Permission>, Sheet)>,
}

impl Matrix {
    /// Begins the sheets; each row begins with the columns of `lead`, of which the first `fixed` stay when one scrolls.
    pub(super) fn begin(book: &Workbook, lead: &[Column], fixed: u16) -> Result<Self, OutputError> {
        let modules = Module::all().map(|module| {
            let permissions: Vec<Permission> = module.permissions().collect();
            let ticks = permissions.iter().map(|permission| Column::tick(permission.action()));
            let columns: Vec<Column> = lead.iter().cloned().chain(ticks).collect();
            Ok((permissions, book.sheet(module.name, &columns, fixed)?))
        });
        Ok(Self { modules: modules.collect::<Result<_, OutputError>>()? })
    }

    /// Adds a row to the sheet of each module in which something is allowed.
    pub(super) fn row(
        &mut self,
        lead: &[CellValue<'_>],
        scopes: &PermissionScopes,
        names: &Names,
    ) -> Result<(), OutputError> {
        for (permissions, sheet) in &mut self.modules {
            if permissions.iter().all(|permission| scopes.of(*permission).is_empty()) {
                continue;
            }
            let texts: Vec<Cow<'_, str>> =
                permissions.iter().map(|permission| text(scopes.of(*permission), names)).collect();
            let ticks = texts.iter().map(|text| match text.as_ref() {
                "" => CellValue::Empty,
                text => CellValue::Text(text),
            });
            let cells: Vec<CellValue<'_>> = lead.iter().copied().chain(ticks).collect();
            sheet.row(RowStyle::default(), &cells)?;
        }
        Ok(())
    }

    /// Ends the sheets.
    pub(super) fn finish(self, book: &mut Workbook) -> Result<(), OutputError> {
        self.modules.into_iter().try_for_each(|(_, sheet)| book.add(sheet))
    }
}

/// A tick for all companies, else the names of those there are.
fn text<'a>(scope: &CompanyScope, names: &'a Names) -> Cow<'a, str> {
    match scope {
        CompanyScope::All => Cow::Borrowed(TICK),
        CompanyScope::These(companies) => match companies.as_slice() {
            [] => Cow::Borrowed(""),
            [company] => Cow::Borrowed(name(*company, names)),
            several => {
                let mut several: Vec<&str> = several.iter().map(|company| name(*company, names)).collect();
                several.sort_unstable();
                Cow::Owned(in_one_cell(&several, ", "))
            }
        },
    }
}

/// The name of a company of some grant.
pub(super) fn name(company: i64, names: &Names) -> &str {
    names.get(&company).map_or("", AsRef::as_ref)
}

/// The name of the company of a scope; none for all.
pub(super) fn of_scope(scope: GrantScope, names: &Names) -> Option<Arc<str>> {
    match scope {
        GrantScope::Everywhere => None,
        GrantScope::Company(company) => Some(names.get(&company).cloned().unwrap_or_default()),
    }
}

#[cfg(test)]
mod tests {
    use crate::catalog::Module;

    #[test]
    fn every_module_can_name_a_sheet() {
        for module in Module::all() {
            assert!(module.name.chars().count() <= 31, "{}", module.name);
            assert!(!module.name.contains(['[', ']', ':', '*', '?', '/', '\\', '\'']), "{}", module.name);
        }
    }
}
