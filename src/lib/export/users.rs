//! People, as they are.

use std::collections::HashSet;

use super::Request;
use super::job::{Job, Subject, Watch, counting, fill, given};
use super::relay::{Coming, relay};
use crate::company::{self, Company};
use crate::context::{CompanyScope, Context};
use crate::error::Result;
use crate::store::Tx;
use crate::tabular::file::{Output, OutputError};
use crate::tabular::workbook::{CellValue, Column, Fill, Workbook, in_one_cell};
use crate::text::date::Day;
use crate::user::cli::row::UserRow;
use crate::user::filter::{self, Filter, Page, Status};
use crate::user::login::{self, Moment};
use crate::user::{GroupMembership, User};

/// The permissions by which it shows what it shows.
pub(super) const TAKES: &[&str] = &["users.export"];

const SUBJECT: Subject = Subject { action: "export.users", counted: "people", all: "everybody" };

/// The sheet of people.
pub(super) const TITLE: &str = "Users";

/// The width of a column of emails in characters: most are whole in it, and rows are written before the longest is known.
pub(super) const EMAIL_WIDTH: f64 = 48.0;

/// How many columns the workbook has.
const COUNT: usize = 11;

/// The columns people find in the workbook, in this order.
const COLUMNS: [Column; COUNT] = [
    Column::text("Full Name", 30.0),
    Column::text("Email", EMAIL_WIDTH),
    Column::text("Phone", 17.0),
    Column::text("Company", 24.0),
    Column::text("Department", 24.0),
    Column::text("Position", 24.0),
    Column::text("Account Status", 16.0),
    Column::text("Cabinet Groups", 30.0),
    Column::text("Other Groups", 30.0),
    Column::date("Start Date"),
    Column::date("End Date"),
];

/// Whom to export, and in which order.
#[derive(Debug, Clone, Default)]
pub(crate) struct UserSelection {
    /// Who.
    pub(crate) filter: Filter,
    /// In which order.
    pub(crate) page: Page,
}

/// Those people who are of companies that the actor may look at.
pub(super) struct Cut<'a> {
    people: &'a UserSelection,
    /// The names of these companies; none where nobody is left out.
    companies: Option<HashSet<String>>,
}

impl UserSelection {
    /// Those of companies for which the actor has all of these permissions.
    pub(super) fn cut_to(&self, cx: &Context, permissions: &[&'static str]) -> Result<Cut<'_>> {
        permissions.iter().try_for_each(|permission| cx.actor.require_anywhere(permission))?;
        let grant_scopes: Vec<CompanyScope> =
            permissions.iter().map(|permission| cx.actor.scope(permission)).collect();
        if grant_scopes.iter().all(|scope| *scope == CompanyScope::All) {
            return Ok(Cut { people: self, companies: None });
        }
        let mut companies = HashSet::new();
        let all = |company: &Company| grant_scopes.iter().all(|scope| scope.contain(Some(company.id)));
        cx.read(|tx| {
            company::list_in(tx, |company| {
                if all(&company) {
                    companies.insert(company.name);
                }
                Ok(())
            })
        })?;
        Ok(Cut { people: self, companies: Some(companies) })
    }
}

impl Cut<'_> {
    fn each(&self, cx: &Context, each: impl FnMut(User) -> Result<()>) -> Result<()> {
        cx.read(|tx| self.each_in(cx, tx, each))
    }

    /// How many are meant.
    fn count(&self, cx: &Context) -> Result<u64> {
        if self.companies.is_some() {
            return counting(|one| self.each(cx, |_| one()));
        }
        Ok(cx.read(|tx| filter::count(cx, tx, &self.people.filter, None))?.at_least())
    }

    /// How many of those who are meant are active, unless that takes a look at each.
    pub(super) fn count_active(&self, cx: &Context) -> Result<Option<u64>> {
        let filter = &self.people.filter;
        if filter.deleted {
            return Ok(Some(0));
        }
        if self.companies.is_some() || !matches!(filter.status.as_slice(), [] | [Status::Active]) {
            return Ok(None);
        }
        let active = Filter { status: vec![Status::Active], ..filter.clone() };
        Ok(Some(cx.read(|tx| filter::count(cx, tx, &active, None))?.at_least()))
    }

    /// Calls `each` with everybody who is meant, in a transaction of the caller.
    pub(super) fn each_in(
        &self,
        cx: &Context,
        tx: &Tx<'_>,
        mut each: impl FnMut(User) -> Result<()>,
    ) -> Result<()> {
        let shows = |user: &User| match (&self.companies, &user.facts.company) {
            (None, _) => true,
            (Some(companies), Some(own)) => companies.contains(own),
            (Some(_), None) => false,
        };
        filter::each(cx, tx, &self.people.filter, self.people.page, |user| {
            if shows(&user) { each(user) } else { Ok(()) }
        })
    }
}

/// Exports people to `output`; returns how many.
///
/// # Errors
/// When reading, writing or the audit fails, or `watch` does; a file then never appears.
pub(crate) fn users(
    cx: &Context,
    people: &UserSelection,
    request: &Request,
    output: Output,
    watch: Watch<'_>,
) -> Result<u64> {
    let people = people.cut_to(cx, TAKES)?;
    let job = Job::new(cx, request, SUBJECT, watch);
    let moment = Moment::of(cx);
    match request.format.rows() {
        None => job.workbook(output, |job, book| {
            relay(
                |pass| {
                    people.each(cx, |user| {
                        pass(Line::new(user, moment))?;
                        job.one()
                    })
                },
                |lines| Ok(write(book, lines)?),
            )
        }),
        Some(asked) => {
            let expect = || people.count(cx);
            job.rows(output, asked, expect, |job, write| {
                people.each(cx, |user| {
                    write(&UserRow::new(user, moment))?;
                    job.one()
                })
            })
        }
    }
}

/// A row of the workbook; made beside the store, so that the thread that writes has only to write.
struct Line {
    fill: Option<Fill>,
    full_name: String,
    email: String,
    phone: Option<String>,
    company: Option<String>,
    department: Option<String>,
    position: Option<String>,
    status: &'static str,
    own_groups: String,
    other_groups: String,
    start_date: Option<Day>,
    end_date: Option<Day>,
}

impl Line {
    /// The person, in their colour, as of then.
    fn new(user: User, moment: Moment) -> Self {
        let [own_groups, other_groups] = [true, false].map(|own| groups(&user, own));
        let status = if login::is_active(&user, moment) { "active" } else { "inactive" };
        let facts = user.facts;
        Self {
            fill: fill(facts.color.as_deref()),
            full_name: facts.full_name(),
            email: facts.email,
            phone: facts.phone,
            company: facts.company,
            department: facts.department,
            position: facts.position,
            status,
            own_groups,
            other_groups,
            start_date: facts.start_date,
            end_date: facts.end_date,
        }
    }

    /// In the order of the columns.
    fn cells(&self) -> [CellValue<'_>; COUNT] {
        [
            given(Some(&self.full_name)),
            given(Some(&self.email)),
            given(self.phone.as_deref()),
            given(self.company.as_deref()),
            given(self.department.as_deref()),
            given(self.position.as_deref()),
            CellValue::Text(self.status),
            given(Some(&self.own_groups)),
            given(Some(&self.other_groups)),
            day(self.start_date),
            day(self.end_date),
        ]
    }
}

/// Writes the rows that come.
fn write(book: &mut Workbook, lines: Coming<'_, Line>) -> Result<(), OutputError> {
    let mut sheet = book.sheet(TITLE, &COLUMNS, 0)?;
    for line in lines {
        sheet.row(book.style(line.fill), &line.cells())?;
    }
    book.add(sheet)
}

/// The groups that are of the person's company or of none, or else the others.
fn groups(user: &User, own: bool) -> String {
    let is_own = |group: &GroupMembership| group.company.is_none() || group.company == user.facts.company;
    let wanted = user.in_groups.iter().filter(|group| is_own(group) == own);
    in_one_cell(&wanted.map(GroupMembership::canonical).collect::<Vec<_>>(), ", ")
}

fn day(day: Option<Day>) -> CellValue<'static> {
    day.map_or(CellValue::Empty, |day| CellValue::Date(day.date()))
}
