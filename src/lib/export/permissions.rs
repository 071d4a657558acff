//! What groups grant.

use std::sync::Arc;

use super::Request;
use super::job::{Job, Subject, Watch, counting};
use super::matrix::{Matrix, Names};
use crate::catalog::{Permission, PermissionScopes, grant_scope};
use crate::cli::output::record;
use crate::context::Context;
use crate::error::Result;
use crate::group::{self, Found, Grant};
use crate::tabular::file::Output;
use crate::tabular::workbook::{CellValue, Column, Workbook};

/// The permissions by which it shows what it shows.
pub(super) const TAKES: &[&str] = &["groups.view"];

const SUBJECT: Subject = Subject { action: "export.permissions", counted: "grants", all: "every group" };

const LEAD: [Column; 1] = [Column::text("Group", 36.0)];

record! {
    /// A grant of an export.
    GrantRow, table ["group", "company", "permission", "grant_company"] {
        /// The group's name.
        group: String,
        /// The group's company.
        company: Option<String>,
        /// The module.
        module: String,
        /// `module.action`.
        permission: String,
        /// For which company; none for all.
        grant_company: Option<String>,
    }
}

/// Exports what groups grant, those that the actor may see; returns how many grants.
///
/// # Errors
/// When the actor may see no group, or as for people.
pub(crate) fn permissions(cx: &Context, request: &Request, output: Output, watch: Watch<'_>) -> Result<u64> {
    cx.actor.require_anywhere("groups.view")?;
    let job = Job::new(cx, request, SUBJECT, watch);
    match request.format.rows() {
        None => job.workbook(output, workbook),
        Some(asked) => {
            let expect = || counting(|one| each(cx, |_, grants| grants.iter().try_for_each(|_| one())));
            job.rows(output, asked, expect, |job, write| {
                each(job.cx, |group, grants| {
                    for grant in grants {
                        write(&GrantRow::new(&group, grant))?;
                        job.one()?;
                    }
                    Ok(())
                })
            })
        }
    }
}

fn each(cx: &Context, each: impl FnMut(Found, Vec<Grant>) -> Result<()>) -> Result<()> {
    cx.read(|tx| group::each_granting(cx, tx, each))
}

/// A row for each group and module in which it grants something. Cells say for which companies that counts: a company's
/// group grants nothing for others.
fn workbook(job: &mut Job<'_>, book: &mut Workbook) -> Result<()> {
    let mut matrix = Matrix::begin(book, &LEAD, 1)?;
    let mut scopes = PermissionScopes::none();
    each(job.cx, |group, grants| {
        scopes.clear();
        let mut names = Names::new();
        names.extend(group.company_id.zip(group.company.as_deref().map(Arc::from)));
        for grant in grants {
            names.extend(grant.company_id.zip(grant.company.map(Arc::from)));
            if let (Some(permission), Some(scope)) =
                (Permission::find(&grant.permission), grant_scope(group.company_id, grant.company_id))
            {
                scopes.add(permission, scope);
                job.one()?;
            }
        }
        matrix.row(&[CellValue::Text(&group.canonical())], &scopes, &names)?;
        Ok(())
    })?;
    Ok(matrix.finish(book)?)
}

impl GrantRow {
    fn new(group: &Found, grant: Grant) -> Self {
        let module = grant.permission.split_once('.').map_or("", |(module, _)| module);
        Self {
            group: group.name.clone(),
            company: group.company.clone(),
            module: module.to_owned(),
            permission: grant.permission,
            grant_company: grant.company,
        }
    }
}
