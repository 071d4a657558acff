//! Who has what, and where it comes from.
//!
//! What groups grant is read once; everybody's share of it is worked out as they pass by, with the same [`grant_scope`] and
//! [`covers`] as every other question. Only active people are shown, for nobody else may do anything.

use std::borrow::Cow;
use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use serde::Serialize;

use super::Request;
use super::job::{Job, Subject, Watch, Write, counting, given};
use super::matrix::{Matrix, Names, TICK, of_scope};
use super::relay::{Coming, relay};
use super::users::{Cut, EMAIL_WIDTH, UserSelection};
use crate::catalog::{GrantScope, Permission, PermissionScopes, covers, grant_scope};
use crate::cli::output::{Field, append_json, record};
use crate::context::Context;
use crate::error::Result;
use crate::group;
use crate::store::Tx;
use crate::tabular::file::{Output, OutputError};
use crate::tabular::workbook::{CellValue, Column, RowStyle, Workbook, in_one_cell};
use crate::user::{GroupMembership, User, login};

/// The permissions by which it shows what it shows.
pub(super) const TAKES: &[&str] = &["users.export", "groups.view"];

const SUBJECT: Subject =
    Subject { action: "export.access", counted: "people", all: "everybody who is active" };

/// The sheet of everybody.
pub(super) const TITLE: &str = "People";

const COLUMNS: [Column; 6] = [
    Column::text("Full Name", 30.0),
    Column::text("Email", EMAIL_WIDTH),
    Column::text("Company", 24.0),
    Column::tick("Superuser"),
    Column::text("Roles", 30.0),
    Column::text("Groups", 60.0),
];

/// What stands before the ticks of a module.
const LEAD: [Column; 4] = [
    Column::text("Full Name", 30.0),
    Column::text("Email", EMAIL_WIDTH),
    Column::text("Company", 24.0),
    Column::tick("Superuser"),
];

record! {
    /// A permission somebody has.
    AccessRow, table ["email", "permission", "permission_company", "via"] {
        /// The login name.
        email: String,
        /// Both names.
        full_name: Option<String>,
        /// The person's company.
        company: Option<String>,
        /// Has every permission for every company.
        superuser: bool,
        /// The module.
        module: &'static str,
        /// `module.action`.
        permission: &'static str,
        /// For which company; none for all.
        permission_company: Option<Arc<str>>,
        /// The grants it comes from; none for superusers, who need none.
        via: Vec<Via>,
    }
}

/// A grant that gives somebody a permission. Many rows of the person have it, so it is put into words once.
#[derive(Debug, Clone)]
pub(crate) struct Via(Arc<Words>);

#[derive(Debug)]
struct Words {
    text: String,
    json: Vec<u8>,
}

/// A grant of a group somebody is in.
#[derive(Serialize)]
struct Through<'a> {
    group: &'a str,
    /// For this company; none for all.
    grant_company: Option<&'a str>,
    /// Why the person is in the group: `manual`, `role:SLUG`, `directory:CONNECTION`.
    origins: &'a [String],
}

impl From<Through<'_>> for Via {
    fn from(through: Through<'_>) -> Self {
        let company = through.grant_company.map_or(String::new(), |name| format!(" for {name}"));
        let text = format!("{}{company} ({})", through.group, through.origins.join(", "));
        let mut json = Vec::new();
        append_json(&mut json, &through);
        Self(Arc::new(Words { text, json }))
    }
}

impl Field for Via {
    fn text(&self) -> Cow<'_, str> {
        Cow::Borrowed(&self.0.text)
    }

    fn json(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(&self.0.json);
    }
}

/// A grant as it counts.
struct Granted {
    permission: Permission,
    /// As granted.
    company: Option<i64>,
    scope: GrantScope,
}

/// What all groups grant.
struct Grants {
    /// By name and company; each in the order of the catalogue.
    groups: HashMap<(String, Option<String>), Vec<Granted>>,
    companies: Names,
}

/// Exports what the active people among those meant may do; returns how many people were looked at.
///
/// # Errors
/// When the actor may not export people or see no group, or as for people.
pub(crate) fn access(
    cx: &Context,
    people: &UserSelection,
    request: &Request,
    output: Output,
    watch: Watch<'_>,
) -> Result<u64> {
    let people = people.cut_to(cx, TAKES)?;
    let job = Job::new(cx, request, SUBJECT, watch);
    match request.format.rows() {
        None => job.workbook(output, |job, book| workbook(job, book, &people)),
        Some(asked) => {
            let expect = || match people.count_active(cx)? {
                Some(count) => Ok(count),
                None => counting(|one| cx.read(|tx| active(cx, tx, &people, |_| one()))),
            };
            job.rows(output, asked, expect, |job, write| {
                cx.read(|tx| {
                    let mut shares = Shares::of(Grants::load(cx, tx)?);
                    relay(
                        |pass| each(job, tx, &people, pass),
                        |users| {
                            for user in users {
                                rows(&mut shares, &user, write)?;
                            }
                            Ok(())
                        },
                    )
                })
            })
        }
    }
}

/// Calls `each` with everybody active, and counts them.
fn each(
    job: &mut Job<'_>,
    tx: &Tx<'_>,
    people: &Cut<'_>,
    mut each: impl FnMut(User) -> Result<()>,
) -> Result<()> {
    active(job.cx, tx, people, |user| {
        each(user)?;
        job.one()
    })
}

fn active(
    cx: &Context,
    tx: &Tx<'_>,
    people: &Cut<'_>,
    mut each: impl FnMut(User) -> Result<()>,
) -> Result<()> {
    let moment = login::Moment::of(cx);
    people.each_in(cx, tx, |user| {
        if user.facts.deleted || !login::is_active(&user, moment) { Ok(()) } else { each(user) }
    })
}

fn workbook(job: &mut Job<'_>, book: &mut Workbook, people: &Cut<'_>) -> Result<()> {
    let cx = job.cx;
    cx.read(|tx| {
        let shares = Shares::of(Grants::load(cx, tx)?);
        relay(|pass| each(job, tx, people, pass), |users| Ok(write(book, users, shares)?))
    })
}

fn write(book: &mut Workbook, people: Coming<'_, User>, mut shares: Shares) -> Result<(), OutputError> {
    let mut everybody = book.sheet(TITLE, &COLUMNS, 2)?;
    let mut matrix = Matrix::begin(book, &LEAD, 2)?;
    for user in people {
        let facts = &user.facts;
        let full_name = facts.full_name();
        let superuser = if facts.superuser { CellValue::Text(TICK) } else { CellValue::Empty };
        let (email, company) = (CellValue::Text(&facts.email), given(facts.company.as_deref()));
        let lead = [given(Some(&full_name)), email, company, superuser];
        let roles = in_one_cell(&facts.roles, ", ");
        let groups = in_one_cell(&user.in_groups.iter().map(with_origins).collect::<Vec<_>>(), ", ");
        let held = [given(Some(&roles)), given(Some(&groups))];
        let cells: Vec<CellValue<'_>> = lead.iter().chain(&held).copied().collect();
        everybody.row(RowStyle::default(), &cells)?;
        let (scopes, names) = shares.share_of(&user);
        matrix.row(&lead, scopes, names)?;
    }
    book.add(everybody)?;
    matrix.finish(book)
}

/// A group and all that a membership in it comes from.
fn with_origins(group: &GroupMembership) -> String {
    format!("{} ({})", group.canonical(), group.origins.join(", "))
}

/// A row for each permission and company.
fn rows(shares: &mut Shares, user: &User, write: Write<'_, AccessRow>) -> Result<()> {
    let facts = &user.facts;
    let mut row = AccessRow {
        email: facts.email.clone(),
        full_name: facts.has_profile().then(|| facts.full_name()),
        company: facts.company.clone(),
        superuser: facts.superuser,
        module: "",
        permission: "",
        permission_company: None,
        via: Vec::new(),
    };
    shares.share_of(user);
    let Shares { grants, everything, share } = shares;
    let share = if facts.superuser { everything } else { share };
    let held = if facts.superuser { Vec::new() } else { grants.held_by(user) };
    let mut rest = held.as_slice();
    for permission in Permission::all() {
        let same = rest.iter().take_while(|(granted, _)| granted.permission == permission).count();
        let (same, further) = rest.split_at(same);
        rest = further;
        row.module = permission.module();
        row.permission = permission.id();
        for scope in share.of(permission).grant_scopes() {
            row.permission_company = of_scope(scope, &grants.companies);
            row.via.clear();
            row.via.extend(covering(same, scope));
            write(&row)?;
        }
    }
    Ok(())
}

/// A grant of a group somebody is in, and as it is told.
type GrantVia<'a> = (&'a Granted, Via);

/// Those that count for it.
fn covering(held: &[GrantVia<'_>], scope: GrantScope) -> impl Iterator<Item = Via> {
    let asked = match scope {
        GrantScope::Everywhere => None,
        GrantScope::Company(company) => Some(company),
    };
    held.iter().filter(move |(granted, _)| covers(granted.scope, asked)).map(|(_, via)| via.clone())
}

/// What each person has of the grants, one after the other.
struct Shares {
    grants: Grants,
    everything: PermissionScopes,
    share: PermissionScopes,
}

impl Shares {
    fn of(grants: Grants) -> Self {
        Self { grants, everything: PermissionScopes::everything(), share: PermissionScopes::none() }
    }

    /// What the person has, and the names of companies in it.
    fn share_of(&mut self, user: &User) -> (&PermissionScopes, &Names) {
        if user.facts.superuser {
            return (&self.everything, &self.grants.companies);
        }
        self.share.clear();
        for group in &user.in_groups {
            for granted in self.grants.of(group) {
                self.share.add(granted.permission, granted.scope);
            }
        }
        (&self.share, &self.grants.companies)
    }
}

impl Grants {
    /// Those that the actor may see.
    fn load(cx: &Context, tx: &Tx<'_>) -> Result<Self> {
        let mut all = Self { groups: HashMap::new(), companies: Names::new() };
        group::each_granting(cx, tx, |group, grants| {
            all.companies.extend(group.company_id.zip(group.company.as_deref().map(Arc::from)));
            let mut granted = Vec::with_capacity(grants.len());
            for grant in grants {
                let scope = grant_scope(group.company_id, grant.company_id);
                if let (Some(permission), Some(scope)) = (Permission::find(&grant.permission), scope) {
                    granted.push(Granted { permission, company: grant.company_id, scope });
                }
                all.companies.extend(grant.company_id.zip(grant.company.map(Arc::from)));
            }
            all.groups.insert((group.name, group.company), granted);
            Ok(())
        })?;
        Ok(all)
    }

    fn of(&self, group: &GroupMembership) -> &[Granted] {
        // A key of borrowed parts would need a type of its own; a group is looked up once a person.
        let key = (group.name.clone(), group.company.clone());
        self.groups.get(&key).map_or(&[], Vec::as_slice)
    }

    /// What the person's groups grant, in the order of the catalogue, and group by group for each permission.
    fn held_by(&self, user: &User) -> Vec<GrantVia<'_>> {
        let mut held = Vec::new();
        for group in &user.in_groups {
            let name = group.canonical();
            let mut told: BTreeMap<Option<i64>, Via> = BTreeMap::new();
            let via = |company: Option<i64>| {
                let grant_company = company.and_then(|id| self.companies.get(&id)).map(AsRef::as_ref);
                Via::from(Through { group: &name, grant_company, origins: &group.origins })
            };
            for granted in self.of(group) {
                let company = granted.company;
                held.push((granted, told.entry(company).or_insert_with(|| via(company)).clone()));
            }
        }
        held.sort_by_key(|(granted, _)| granted.permission);
        held
    }
}
