//! Groups, with how much hangs on each.

use super::Request;
use super::job::{Job, Subject, Watch, counting, fill, given, number};
use crate::cli::output::record;
use crate::context::Context;
use crate::error::Result;
use crate::group::{self, Shown};
use crate::tabular::file::Output;
use crate::tabular::workbook::{CellValue, Column, in_one_cell};

/// The permissions by which it shows what it shows.
pub(super) const TAKES: &[&str] = &["groups.view"];

const SUBJECT: Subject = Subject { action: "export.groups", counted: "groups", all: "every group" };

/// The sheet of groups.
pub(super) const TITLE: &str = "Groups";

/// How many columns the workbook has.
const COUNT: usize = 8;

const COLUMNS: [Column; COUNT] = [
    Column::text("Name", 30.0),
    Column::text("Company", 24.0),
    Column::text("Description", 50.0),
    Column::text("Colour", 12.0),
    Column::text("Assignable", 13.0),
    Column::text("Members", 12.0),
    Column::text("Roles", 40.0),
    Column::text("Grants", 12.0),
];

record! {
    /// A group of an export.
    GroupRow, table ["name", "company", "members", "roles", "grants"] {
        /// The id.
        id: i64,
        /// The name.
        name: String,
        /// The only company it is for.
        company: Option<String>,
        /// What it is for.
        description: Option<String>,
        /// `#rrggbb`.
        color: Option<String>,
        /// Operators may give it without holding its grants.
        assignable: bool,
        /// People outside the bin.
        members: i64,
        /// The slugs of the roles that bring it.
        roles: Vec<String>,
        /// How much it grants.
        grants: i64,
        /// RFC 3339.
        created_at: String,
        /// RFC 3339.
        updated_at: String,
    }
}

impl From<Shown> for GroupRow {
    fn from(shown: Shown) -> Self {
        let Shown { group, grants, roles } = shown;
        Self {
            id: group.id,
            name: group.name,
            company: group.company,
            description: group.description,
            color: group.color,
            assignable: group.assignable,
            members: group.members,
            roles,
            grants: i64::try_from(grants.len()).unwrap_or(i64::MAX),
            created_at: group.created_at.to_string(),
            updated_at: group.updated_at.to_string(),
        }
    }
}

/// Exports the groups that the actor may see, by name; returns how many.
///
/// # Errors
/// When the actor may see none, or as for people.
pub(crate) fn groups(cx: &Context, request: &Request, output: Output, watch: Watch<'_>) -> Result<u64> {
    cx.actor.require_anywhere("groups.view")?;
    let job = Job::new(cx, request, SUBJECT, watch);
    match request.format.rows() {
        None => job.workbook(output, |job, book| {
            let mut sheet = book.sheet(TITLE, &COLUMNS, 1)?;
            group::each_shown(cx, |shown| {
                let row = GroupRow::from(shown);
                let roles = in_one_cell(&row.roles, ", ");
                sheet.row(book.style(fill(row.color.as_deref())), &cells(&row, &roles))?;
                job.one()
            })?;
            Ok(book.add(sheet)?)
        }),
        Some(asked) => {
            let expect = || counting(|one| group::each_shown(cx, |_| one()));
            job.rows(output, asked, expect, |job, write| {
                group::each_shown(cx, |shown| {
                    write(&GroupRow::from(shown))?;
                    job.one()
                })
            })
        }
    }
}

fn cells<'a>(row: &'a GroupRow, roles: &'a str) -> [CellValue<'a>; COUNT] {
    [
        CellValue::Text(&row.name),
        given(row.company.as_deref()),
        given(row.description.as_deref()),
        given(row.color.as_deref()),
        if row.assignable { CellValue::Text("yes") } else { CellValue::Empty },
        number(row.members),
        given(Some(roles)),
        number(row.grants),
    ]
}
