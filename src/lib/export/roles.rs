//! Roles, with what each brings.

use super::Request;
use super::job::{Job, Subject, Watch, fill, given, number};
use crate::context::Context;
use crate::error::Result;
use crate::role::cli::RoleRow;
use crate::role::{self, Shown};
use crate::tabular::file::Output;
use crate::tabular::workbook::{CellValue, Column, in_one_cell};

/// The permissions by which it shows what it shows.
pub(super) const TAKES: &[&str] = &["roles.view", "org.view"];

const SUBJECT: Subject = Subject { action: "export.roles", counted: "roles", all: "every role" };

/// The sheet of roles.
pub(super) const TITLE: &str = "Roles";

/// How many columns the workbook has.
const COUNT: usize = 10;

const COLUMNS: [Column; COUNT] = [
    Column::text("Name", 30.0),
    Column::text("Slug", 24.0),
    Column::text("Order", 10.0),
    Column::text("Status", 12.0),
    Column::text("Colour", 12.0),
    Column::text("Companies", 30.0),
    Column::text("Groups", 40.0),
    Column::text("Modules", 40.0),
    Column::text("Holders", 12.0),
    Column::text("Description", 60.0),
];

/// Exports the roles that the actor may see, the inactive ones too, in role order; returns how many.
///
/// # Errors
/// When the actor may see none, or as for people.
pub(crate) fn roles(cx: &Context, request: &Request, output: Output, watch: Watch<'_>) -> Result<u64> {
    let roles = role::list(cx, &Shown { inactive: true, ..Shown::default() })?;
    let rows: Vec<RoleRow> = roles.into_iter().map(RoleRow::new).collect();
    let job = Job::new(cx, request, SUBJECT, watch);
    match request.format.rows() {
        None => job.workbook(output, |job, book| {
            let mut sheet = book.sheet(TITLE, &COLUMNS, 1)?;
            for row in rows {
                sheet.row(book.style(fill(row.color.as_deref())), &cells(&row, &Lists::of(&row)))?;
                job.one()?;
            }
            Ok(book.add(sheet)?)
        }),
        Some(asked) => {
            let expect = || Ok(rows.len() as u64);
            job.rows(output, asked, expect, |job, write| {
                for row in rows.clone() {
                    write(&row)?;
                    job.one()?;
                }
                Ok(())
            })
        }
    }
}

/// The cells that hold several names.
struct Lists {
    companies: String,
    groups: String,
    modules: String,
}

impl Lists {
    /// No company and no module means all, and says so.
    fn of(row: &RoleRow) -> Self {
        let or_all =
            |names: &[String]| if names.is_empty() { "all".to_owned() } else { in_one_cell(names, ", ") };
        Self {
            companies: or_all(&row.companies),
            groups: in_one_cell(&row.groups, ", "),
            modules: or_all(&row.modules),
        }
    }
}

fn cells<'a>(row: &'a RoleRow, lists: &'a Lists) -> [CellValue<'a>; COUNT] {
    [
        CellValue::Text(&row.name),
        CellValue::Text(&row.slug),
        number(row.order),
        CellValue::Text(if row.active { "active" } else { "inactive" }),
        given(row.color.as_deref()),
        CellValue::Text(&lists.companies),
        given(Some(&lists.groups)),
        CellValue::Text(&lists.modules),
        number(row.holders),
        given(row.description.as_deref()),
    ]
}
