//! The SQL of filters, put together from constant parts; values are always parameters.
//!
//! A page is found first and read afterwards: its ids stand in the index that is walked, so whoever is passed by is not
//! read. Departments and positions of one name in several companies are treated alike: few people are fetched by
//! department, many are met on the walk, for which the index of names holds what filters ask.

mod search;
mod sort;
mod sql;

#[cfg(test)]
pub(in crate::user) use search::STATEMENTS as OF_SEARCHES;
use search::Search;
pub(crate) use sort::Sort;
use sort::Ties;
use sql::Where;

use super::{AccountOrigin, Employment, Filter, Page, Status, Switch, TwoFactor};
use crate::error::Result;
use crate::store::Tx;
use crate::text::fold::fold;
use crate::user::invite::{Invited, invited};
use crate::user::login::Moment;
use crate::user::store::{COLUMNS, User, by_id, in_service, user};

/// People up to which fetching and sorting beats walking.
const FEW: usize = sized(3000, 8);

/// A limit; tiny in tests, so that a handful of people comes to both sides of it.
const fn sized(limit: usize, in_tests: usize) -> usize {
    if cfg!(test) { in_tests } else { limit }
}

const LIVE: &str = "u.deleted_at IS NULL";
const BINNED: &str = "u.deleted_at IS NOT NULL";
const COMPANY: &str = "u.company_id = :company";
const COMPANIES: &str = "u.company_id IN (SELECT value FROM json_each(:companies))";
const DEPARTMENT: &str = "u.department_id = :department";
const DEPARTMENTS: &str = "u.department_id IN (SELECT value FROM json_each(:departments))";
const POSITION: &str = "u.position_id = :position";
const POSITIONS: &str = "u.position_id IN (SELECT value FROM json_each(:positions))";
/// The same without their index (a `+` keeps SQLite from using one), which leaves the walk along the names.
const ON_THE_WALK: &str = "+";
/// Few people are looked up by their group or role; many are met on the walk, and asked about one by one.
const FEW_IN_GROUPS: &str = "u.id IN (
    SELECT m.user_id FROM memberships m WHERE m.group_id IN (SELECT value FROM json_each(:groups))
    UNION ALL
    SELECT m.user_id FROM memberships_by_role m WHERE m.group_id IN (SELECT value FROM json_each(:groups)))";
const MANY_IN_GROUPS: &str = "(EXISTS (
    SELECT 1 FROM memberships m
    WHERE m.user_id = u.id AND m.group_id IN (SELECT value FROM json_each(:groups)))
    OR EXISTS (
    SELECT 1 FROM memberships_by_role m
    WHERE m.user_id = u.id AND m.group_id IN (SELECT value FROM json_each(:groups))))";
const FEW_WITH_ROLES: &str = "u.id IN (
    SELECT h.user_id FROM user_roles h WHERE h.role_id IN (SELECT value FROM json_each(:roles)))";
const MANY_WITH_ROLES: &str = "EXISTS (
    SELECT 1 FROM user_roles h WHERE h.user_id = u.id AND h.role_id IN (SELECT value FROM json_each(:roles)))";
const PROFILE_COMPLETED: &str = "u.profile_completed = 1";
const STAFF: &str = "u.staff = 1";
const SWITCH_ON: &str = "u.active = 1";
const SWITCH_OFF: &str = "u.active = 0";
const CURRENT: &str = "((u.start_date IS NOT NULL OR u.end_date IS NOT NULL)
    AND (u.start_date IS NULL OR u.start_date <= :today) AND (u.end_date IS NULL OR u.end_date >= :today))";
const FUTURE: &str = "u.start_date > :today";
const PAST: &str = "u.end_date < :today";
const NO_DATES: &str = "(u.start_date IS NULL AND u.end_date IS NULL)";
const DATE_FROM: &str = "u.start_date >= :date_from";
const DATE_TO: &str = "(u.end_date IS NULL OR u.end_date <= :date_to)";
const STARTS: &str = "u.start_date >= :starts_first AND u.start_date <= :starts_last";
const ENDS: &str = "u.end_date >= :ends_first AND u.end_date <= :ends_last";
const TWO_FACTOR_ENROLLED: &str = "EXISTS (SELECT 1 FROM two_factors f WHERE f.user_id = u.id)";
const TWO_FACTOR_REQUIRED: &str = "u.two_factor_required = 1";
const TWO_FACTOR_MISSING: &str =
    "(u.two_factor_required = 1 AND NOT EXISTS (SELECT 1 FROM two_factors f WHERE f.user_id = u.id))";
const LOCAL: &str = "u.origin = 'local'";
const DIRECTORY: &str = "u.origin = 'directory'";
const LAST_LOGIN_BEFORE: &str = "u.last_login_at < :last_login_before";
const NEVER_LOGGED_IN: &str = "u.last_login_at IS NULL";
const WITHOUT_PROFILE: &str = "u.first_name IS NULL";
const COUNT_IN_DEPARTMENTS: &str = "
    SELECT count(*) FROM (
        SELECT 1 FROM users
        WHERE department_id IN (SELECT value FROM json_each(:ids)) AND department_id IS NOT NULL
        LIMIT :few)";

const COUNT_IN_POSITIONS: &str = "
    SELECT count(*) FROM (
        SELECT 1 FROM users
        WHERE position_id IN (SELECT value FROM json_each(:ids)) AND position_id IS NOT NULL
        LIMIT :few)";

const COUNT_IN_GROUPS: &str = "
    SELECT count(*) FROM (
        SELECT 1 FROM memberships m WHERE m.group_id IN (SELECT value FROM json_each(:ids))
        UNION ALL
        SELECT 1 FROM memberships_by_role m WHERE m.group_id IN (SELECT value FROM json_each(:ids))
        LIMIT :few)";

const COUNT_WITH_ROLES: &str = "
    SELECT count(*) FROM (
        SELECT 1 FROM user_roles h
        WHERE h.role_id IN (SELECT value FROM json_each(:ids))
        LIMIT :few)";

const DEPARTMENT_IDS: &str = "
    SELECT id FROM departments
    WHERE name_folded = :name AND (:companies = '[]' OR company_id IN (SELECT value FROM json_each(:companies)))";

const POSITION_IDS: &str = "
    SELECT id FROM positions
    WHERE name_folded = :name AND (:companies = '[]' OR company_id IN (SELECT value FROM json_each(:companies)))";

/// Every condition but the search.
fn conditions(tx: &Tx<'_>, filter: &Filter) -> Result<Where> {
    let mut sql = Where::new();
    sql.and(if filter.deleted { BINNED } else { LIVE });
    sql.among(&filter.companies, (COMPANY, ":company"), (COMPANIES, ":companies"));
    let departments = walked(tx, COUNT_IN_DEPARTMENTS, &filter.departments, DEPARTMENTS)?;
    sql.among(&filter.departments, (DEPARTMENT, ":department"), (&departments, ":departments"));
    let positions = walked(tx, COUNT_IN_POSITIONS, &filter.positions, POSITIONS)?;
    sql.among(&filter.positions, (POSITION, ":position"), (&positions, ":positions"));
    let groups = if is_many(tx, COUNT_IN_GROUPS, &filter.groups)? { MANY_IN_GROUPS } else { FEW_IN_GROUPS };
    sql.in_set(&filter.groups, groups, ":groups");
    let roles = if is_many(tx, COUNT_WITH_ROLES, &filter.roles)? { MANY_WITH_ROLES } else { FEW_WITH_ROLES };
    sql.in_set(&filter.roles, roles, ":roles");
    sql.and_any(&words(&filter.status, |status| match status {
        Status::Active => in_service!(),
        Status::Inactive => concat!("(NOT ", in_service!(), ")"),
        Status::ProfileCompleted => PROFILE_COMPLETED,
        Status::Staff => STAFF,
    }));
    sql.and_any(&words(&filter.switch, |switch| match switch {
        Switch::On => SWITCH_ON,
        Switch::Off => SWITCH_OFF,
    }));
    sql.and_any(&words(&filter.employment, |employment| match employment {
        Employment::Current => CURRENT,
        Employment::Future => FUTURE,
        Employment::Past => PAST,
        Employment::None => NO_DATES,
    }));
    sql.and_any(&words(&filter.two_factor, |two_factor| match two_factor {
        TwoFactor::Enrolled => TWO_FACTOR_ENROLLED,
        TwoFactor::Required => TWO_FACTOR_REQUIRED,
        TwoFactor::Missing => TWO_FACTOR_MISSING,
    }));
    sql.and_any(&words(&filter.invited, |invited| match invited {
        Invited::Pending => invited!("pending"),
        Invited::Accepted => invited!("accepted"),
        Invited::Disowned => invited!("disowned"),
        Invited::Expired => invited!("expired"),
    }));
    sql.and_any(&words(&filter.origin, |origin| match origin {
        AccountOrigin::Local => LOCAL,
        AccountOrigin::Directory => DIRECTORY,
    }));
    if let Some(day) = filter.date_from {
        sql.and(DATE_FROM);
        sql.value(":date_from", day.to_string());
    }
    if let Some(day) = filter.date_to {
        sql.and(DATE_TO);
        sql.value(":date_to", day.to_string());
    }
    if let Some(days) = filter.starts {
        sql.and(STARTS);
        sql.value(":starts_first", days.first.to_string());
        sql.value(":starts_last", days.last.to_string());
    }
    if let Some(days) = filter.ends {
        sql.and(ENDS);
        sql.value(":ends_first", days.first.to_string());
        sql.value(":ends_last", days.last.to_string());
    }
    if let Some(at) = filter.last_login_before {
        sql.and(LAST_LOGIN_BEFORE);
        sql.value(":last_login_before", at.micros());
    }
    if filter.never_logged_in {
        sql.and(NEVER_LOGGED_IN);
    }
    if filter.without_profile {
        sql.and(WITHOUT_PROFILE);
    }
    Ok(sql)
}

/// The condition of several places: by their index for few people, on the walk for many.
fn walked(tx: &Tx<'_>, count: &str, ids: &[i64], condition: &str) -> Result<String> {
    if ids.len() < 2 {
        return Ok(String::new());
    }
    Ok(if is_many(tx, count, ids)? { format!("{ON_THE_WALK}{condition}") } else { condition.to_owned() })
}

/// Whether more people than a few belong to these.
fn is_many(tx: &Tx<'_>, count: &str, ids: &[i64]) -> Result<bool> {
    if ids.is_empty() {
        return Ok(false);
    }
    let few = i64::try_from(FEW).unwrap_or(i64::MAX);
    let ids = serde_json::Value::from(ids).to_string();
    let parameters = rusqlite::named_params! { ":ids": ids, ":few": few + 1 };
    let people: i64 = tx.sql().prepare_cached(count)?.query_row(parameters, |row| row.get(0))?;
    Ok(people > few)
}

fn words<T: Copy>(values: &[T], word: impl Fn(T) -> &'static str) -> Vec<&'static str> {
    values.iter().map(|value| word(*value)).collect()
}

/// Calls `each` with everybody who passes, in order.
pub(super) fn each(
    tx: &Tx<'_>,
    filter: &Filter,
    page: Page,
    moment: Moment,
    mut each: impl FnMut(User) -> Result<()>,
) -> Result<()> {
    if page.window.is_some() {
        for id in page_ids(tx, filter, page, moment)? {
            by_id(tx, id)?.map_or(Ok(()), &mut each)?;
        }
        return Ok(());
    }
    let mut sql = conditions(tx, filter)?;
    if let Some(search) = searched(tx, filter)? {
        search.compare(&mut sql);
        search.along_list(tx, &mut sql)?;
    }
    let (text, sql) = sql.listing(COLUMNS, page, moment);
    let mut statement = tx.sql().prepare(&text)?;
    let mut rows = statement.query(&*sql.parameters())?;
    while let Some(row) = rows.next()? {
        each(user(row)?)?;
    }
    Ok(())
}

/// The ids of a page, in order.
fn page_ids(tx: &Tx<'_>, filter: &Filter, page: Page, moment: Moment) -> Result<Vec<i64>> {
    let mut sql = conditions(tx, filter)?;
    let Some(search) = searched(tx, filter)? else { return sql.ids(tx, page, moment) };
    search.compare(&mut sql);
    match page.sort.ties {
        _ if page.sort.is_by_name() => return search.page(tx, &sql, page, moment),
        Ties::None => search.if_few(tx, &mut sql)?,
        Ties::ById | Ties::ByName => search.through_matches(tx, &mut sql)?,
    }
    sql.ids(tx, page, moment)
}

fn searched(tx: &Tx<'_>, filter: &Filter) -> Result<Option<Search>> {
    filter.search.as_deref().map(|text| Search::new(tx, text)).transpose()
}

/// How many pass, counted up to `limit`.
pub(super) fn count(tx: &Tx<'_>, filter: &Filter, moment: Moment, limit: Option<u64>) -> Result<u64> {
    counting(tx, filter, limit)?.count(tx, moment, limit)
}

fn counting(tx: &Tx<'_>, filter: &Filter, limit: Option<u64>) -> Result<Where> {
    let mut sql = conditions(tx, filter)?;
    if let Some(search) = searched(tx, filter)? {
        search.compare(&mut sql);
        let alone = Filter { search: None, ..filter.clone() } == Filter::default();
        if limit.is_none() || alone {
            search.through_matches(tx, &mut sql)?;
        } else {
            search.through_matches_unless_many(tx, &mut sql)?;
        }
    }
    Ok(sql)
}

/// Whether a count up to a limit looks at those alone whom the index of searches names.
#[cfg(test)]
pub(in crate::user) fn counts_matches_alone(tx: &Tx<'_>, filter: &Filter) -> bool {
    counting(tx, filter, Some(10)).unwrap().from != Where::new().from
}

/// How SQLite finds a page of those who pass without a search, a step a line.
#[cfg(test)]
pub(super) fn plan(tx: &Tx<'_>, filter: &Filter, page: Page, moment: Moment) -> String {
    let (text, sql) = conditions(tx, filter).unwrap().listing(("u.id", ""), page, moment);
    let mut statement = tx.sql().prepare(&format!("EXPLAIN QUERY PLAN {text}")).unwrap();
    let steps = statement.query_map(&*sql.parameters(), |row| row.get::<_, String>(3)).unwrap();
    steps.collect::<Result<Vec<_>, _>>().unwrap().join("\n")
}

pub(super) fn department_ids(tx: &Tx<'_>, companies: &[i64], name: &str) -> Result<Vec<i64>> {
    ids(tx, DEPARTMENT_IDS, companies, name)
}

pub(super) fn position_ids(tx: &Tx<'_>, companies: &[i64], name: &str) -> Result<Vec<i64>> {
    ids(tx, POSITION_IDS, companies, name)
}

fn ids(tx: &Tx<'_>, sql: &str, companies: &[i64], name: &str) -> Result<Vec<i64>> {
    let companies = serde_json::Value::from(companies).to_string();
    let parameters = rusqlite::named_params! { ":name": fold(name), ":companies": companies };
    let mut statement = tx.sql().prepare_cached(sql)?;
    let ids = statement.query_map(parameters, |row| row.get(0))?.collect::<Result<_, _>>()?;
    Ok(ids)
}

#[cfg(test)]
pub(in crate::user) const STATEMENTS: &[&str] = &[
    COUNT_IN_DEPARTMENTS,
    COUNT_IN_POSITIONS,
    COUNT_IN_GROUPS,
    COUNT_WITH_ROLES,
    DEPARTMENT_IDS,
    POSITION_IDS,
];
