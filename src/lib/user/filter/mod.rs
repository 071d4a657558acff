//! Which people: the filters that lists, exports and bulk verbs share.
//!
//! The same filter repeated takes any of its values; different filters must all hold.

pub(crate) mod cli;
mod store;

pub(crate) use store::Sort;
#[cfg(test)]
pub(super) use store::{OF_SEARCHES, STATEMENTS, counts_matches_alone};

use serde::{Deserialize, Serialize};

use super::invite::Invited;
use super::login::{Employment, Moment};
use super::{Error, User};
use crate::context::{CompanyScope, Context};
use crate::error::Result;
use crate::store::Tx;
use crate::text::date::Day;
use crate::text::instant::Instant;
use crate::{group, role};

/// `--status`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Status {
    /// Switch and dates allow login today.
    Active,
    /// Switch or dates do not allow login today.
    Inactive,
    /// The person has looked through the own profile.
    ProfileCompleted,
    /// May be an operator.
    Staff,
}

/// `--switch`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Switch {
    /// On.
    On,
    /// Off.
    Off,
}

/// `--two-factor`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum TwoFactor {
    /// They have one.
    Enrolled,
    /// Required by an administrator.
    Required,
    /// Required, and they have none.
    Missing,
}

/// `--origin`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum AccountOrigin {
    /// Made here.
    Local,
    /// Managed by a directory.
    Directory,
}

/// Some days in a row, both ends included.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Ahead {
    /// The first.
    pub(crate) first: Day,
    /// The last.
    pub(crate) last: Day,
}

/// Which people, all conditions together.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Filter {
    /// A part of name, email or phone.
    pub(crate) search: Option<String>,
    /// Of any of these companies.
    pub(crate) companies: Vec<i64>,
    /// In any of these departments.
    pub(crate) departments: Vec<i64>,
    /// In any of these positions.
    pub(crate) positions: Vec<i64>,
    /// In any of these groups, however that comes.
    pub(crate) groups: Vec<i64>,
    /// Holding any of these roles.
    pub(crate) roles: Vec<i64>,
    /// Any of these.
    pub(crate) status: Vec<Status>,
    /// Any of these.
    pub(crate) switch: Vec<Switch>,
    /// Any of these.
    pub(crate) employment: Vec<Employment>,
    /// Starting then or later.
    pub(crate) date_from: Option<Day>,
    /// Ending then or earlier, or open.
    pub(crate) date_to: Option<Day>,
    /// Any of these.
    pub(crate) two_factor: Vec<TwoFactor>,
    /// Whose last invitation stands like any of these.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) invited: Vec<Invited>,
    /// Any of these.
    pub(crate) origin: Vec<AccountOrigin>,
    /// Starting on these days.
    pub(crate) starts: Option<Ahead>,
    /// Ending on these days.
    pub(crate) ends: Option<Ahead>,
    /// Last login before then.
    pub(crate) last_login_before: Option<Instant>,
    /// Never logged in.
    pub(crate) never_logged_in: bool,
    /// Accounts without a profile.
    pub(crate) without_profile: bool,
    /// In the bin, instead of outside it.
    pub(crate) deleted: bool,
}

/// In which order, and which part.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Page {
    /// The order.
    pub(crate) sort: Sort,
    /// The other way round.
    pub(crate) descending: bool,
    /// How many to leave out, and how many to take; all when absent.
    pub(crate) window: Option<(u64, u64)>,
}

/// How many people pass a filter.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Count {
    /// So many.
    Exactly(u64),
    /// More than so many; nobody counted further.
    MoreThan(u64),
}

impl Count {
    /// So many; more, where nobody counted further.
    pub(crate) const fn at_least(self) -> u64 {
        match self {
            Self::Exactly(count) => count,
            Self::MoreThan(count) => count.saturating_add(1),
        }
    }
}

/// Calls `each` with everybody who passes, in order, as of now.
pub(crate) fn each(
    cx: &Context,
    tx: &Tx<'_>,
    filter: &Filter,
    page: Page,
    each: impl FnMut(User) -> Result<()>,
) -> Result<()> {
    store::each(tx, filter, page, Moment::of(cx), each)
}

/// How many pass; with a limit nobody counts further than that.
pub(crate) fn count(cx: &Context, tx: &Tx<'_>, filter: &Filter, limit: Option<u64>) -> Result<Count> {
    let counted = store::count(tx, filter, Moment::of(cx), limit.map(|limit| limit + 1))?;
    Ok(match limit {
        Some(limit) if counted > limit => Count::MoreThan(limit),
        _ => Count::Exactly(counted),
    })
}

/// How many people outside the bin the actor has the permission for.
pub(crate) fn in_scope(cx: &Context, tx: &Tx<'_>, permission: &str) -> Result<u64> {
    let companies = match cx.actor.scope(permission) {
        CompanyScope::All => Vec::new(),
        CompanyScope::These(ids) if ids.is_empty() => return Ok(0),
        CompanyScope::These(ids) => ids,
    };
    store::count(tx, &Filter { companies, ..Filter::default() }, Moment::of(cx), None)
}

/// The departments of these names, in these companies or in any; an unknown name is an error.
fn department_ids(tx: &Tx<'_>, companies: &[i64], names: &[String]) -> Result<Vec<i64>> {
    ids(names, "department", |name| store::department_ids(tx, companies, name))
}

/// The positions of these names, in these companies or in any; an unknown name is an error.
fn position_ids(tx: &Tx<'_>, companies: &[i64], names: &[String]) -> Result<Vec<i64>> {
    ids(names, "position", |name| store::position_ids(tx, companies, name))
}

/// The groups of these names, for who has the permission; an unknown one is an error.
fn group_ids(cx: &Context, tx: &Tx<'_>, names: &[String], permission: &'static str) -> Result<Vec<i64>> {
    names.iter().map(|name| Ok(group::resolve(cx, tx, name, permission)?.id)).collect()
}

/// The roles of these names or slugs, for who has the permission; an unknown one is an error.
fn role_ids(cx: &Context, tx: &Tx<'_>, names: &[String], permission: &'static str) -> Result<Vec<i64>> {
    names.iter().map(|name| Ok(role::resolve(cx, tx, name, permission)?.id)).collect()
}

fn ids(names: &[String], what: &'static str, find: impl Fn(&str) -> Result<Vec<i64>>) -> Result<Vec<i64>> {
    let mut all = Vec::new();
    for name in names {
        let found = find(name)?;
        if found.is_empty() {
            return Err(Error::UnknownPlace { what, name: name.clone() }.into());
        }
        all.extend(found);
    }
    Ok(all)
}

#[cfg(test)]
mod tests {
    use super::{Employment, Filter, Moment, Page, Status, Switch, store};
    use crate::context::Context;

    /// How SQLite finds and sorts those who pass, without the look-ups of names and of what they hold.
    fn plan(filter: &Filter) -> Vec<String> {
        let cx = Context::for_tests();
        let page = Page { window: Some((0, 25)), ..Page::default() };
        let plan = cx.read(|tx| Ok(store::plan(tx, filter, page, Moment::of(&cx)))).unwrap();
        plan.lines().map(str::to_owned).collect()
    }

    #[test]
    fn everybody_is_a_walk_along_the_names() {
        assert_eq!(plan(&Filter::default()), ["SCAN u USING INDEX users_by_name"]);
    }

    #[test]
    fn a_company_or_department_is_a_walk_along_its_own_names() {
        let company = Filter {
            companies: vec![1],
            status: vec![Status::Active],
            employment: vec![Employment::Current],
            ..Filter::default()
        };
        assert_eq!(plan(&company), ["SEARCH u USING INDEX users_by_company (company_id=?)"]);
        let department = Filter { departments: vec![1], switch: vec![Switch::On], ..Filter::default() };
        assert_eq!(plan(&department), ["SEARCH u USING INDEX users_by_department (department_id=?)"]);
    }

    #[test]
    fn what_no_index_begins_with_is_met_on_the_walk_and_nothing_is_sorted() {
        let filter = Filter {
            status: vec![Status::Inactive],
            employment: vec![Employment::Past],
            ..Filter::default()
        };
        assert_eq!(plan(&filter), ["SCAN u USING INDEX users_by_name"]);
    }
}
