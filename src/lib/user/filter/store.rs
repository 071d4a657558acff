//! The SQL of filters, put together from constant parts; values are always parameters.
//!
//! A search of three or more characters asks the trigram index first. When few people match, they are fetched and
//! sorted; when many do, walking the list in its order finds a page of them sooner. One or two characters are too few
//! for trigrams and so common that walking is quick. Departments and positions of one name in several companies are
//! treated alike: few people are fetched by department, many are met on the walk, for which the index of names holds
//! what filters ask.

use rusqlite::ToSql;

use super::{Employed, Filter, From, Page, Sort, Status, Switch, TwoFactor};
use crate::error::Result;
use crate::store::Tx;
use crate::text::date::Day;
use crate::text::fold::{Term, fold, search_term};
use crate::user::store::{User, select, user};

/// Matches up to which fetching and sorting beats walking.
const FEW: i64 = 3000;

const SELECT: &str = select!("");

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
const ACTIVE: &str = "(u.active = 1 AND (u.start_date IS NULL OR u.start_date <= :today)
    AND (u.end_date IS NULL OR u.end_date >= :today))";
const INACTIVE: &str = "(u.active = 0 OR u.start_date > :today OR u.end_date < :today)";
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
const TWO_FACTOR_REQUIRED: &str = "u.two_factor_required = 1";
const TWO_FACTOR_MISSING: &str = "u.two_factor_required = 0";
const LOCAL: &str = "u.origin = 'local'";
const DIRECTORY: &str = "u.origin = 'directory'";
const LAST_LOGIN_BEFORE: &str = "u.last_login_at < :last_login_before";
const NEVER_LOGGED_IN: &str = "u.last_login_at IS NULL";
const WITHOUT_PROFILE: &str = "u.first_name IS NULL";
const TEXT: &str = "contains(u.search, :text)";
const TEXT_OR_DIGITS: &str = "(contains(u.search, :text) OR contains(u.search, :digits))";
const TRIGRAMS: &str = "u.id IN (SELECT rowid FROM users_search WHERE users_search MATCH :trigrams)";

const COUNT_MATCHES: &str = "
    SELECT count(*) FROM (
        SELECT 1 FROM users_search s JOIN users u ON u.id = s.rowid
        WHERE users_search MATCH :trigrams AND (contains(u.search, :text) OR contains(u.search, :digits))
        LIMIT :few)";

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

const DEPARTMENT_IDS: &str = "
    SELECT id FROM departments
    WHERE name_folded = :name AND (:companies = '[]' OR company_id IN (SELECT value FROM json_each(:companies)))";

const POSITION_IDS: &str = "
    SELECT id FROM positions
    WHERE name_folded = :name AND (:companies = '[]' OR company_id IN (SELECT value FROM json_each(:companies)))";

/// A condition with its values.
#[derive(Default)]
struct Where {
    conditions: Vec<String>,
    values: Vec<(&'static str, Box<dyn ToSql>)>,
}

impl Where {
    fn and(&mut self, condition: &str) {
        self.conditions.push(condition.to_owned());
    }

    fn and_any(&mut self, conditions: &[&str]) {
        if !conditions.is_empty() {
            self.conditions.push(format!("({})", conditions.join(" OR ")));
        }
    }

    fn value(&mut self, name: &'static str, value: impl ToSql + 'static) {
        self.values.push((name, Box::new(value)));
    }

    /// One id is an equality that an index serves in order; several are a set.
    fn among(&mut self, ids: &[i64], one: (&str, &'static str), several: (&str, &'static str)) {
        match ids {
            [] => {}
            [id] => {
                self.and(one.0);
                self.value(one.1, *id);
            }
            ids => {
                self.and(several.0);
                self.value(several.1, serde_json::Value::from(ids).to_string());
            }
        }
    }

    /// Gives the day to a statement that asks for it.
    fn today(&mut self, text: &str, today: Day) {
        if text.contains(":today") {
            self.value(":today", today.to_string());
        }
    }

    fn parameters(&self) -> Vec<(&str, &dyn ToSql)> {
        self.values.iter().map(|(name, value)| (*name, &**value)).collect()
    }
}

fn conditions(tx: &Tx<'_>, filter: &Filter) -> Result<Where> {
    let mut sql = Where::default();
    sql.and(if filter.deleted { BINNED } else { LIVE });
    sql.among(&filter.companies, (COMPANY, ":company"), (COMPANIES, ":companies"));
    let departments = walked(tx, COUNT_IN_DEPARTMENTS, &filter.departments, DEPARTMENTS)?;
    sql.among(&filter.departments, (DEPARTMENT, ":department"), (&departments, ":departments"));
    let positions = walked(tx, COUNT_IN_POSITIONS, &filter.positions, POSITIONS)?;
    sql.among(&filter.positions, (POSITION, ":position"), (&positions, ":positions"));
    sql.and_any(&words(&filter.status, |status| match status {
        Status::Active => ACTIVE,
        Status::Inactive => INACTIVE,
        Status::ProfileCompleted => PROFILE_COMPLETED,
        Status::Staff => STAFF,
    }));
    sql.and_any(&words(&filter.switch, |switch| match switch {
        Switch::On => SWITCH_ON,
        Switch::Off => SWITCH_OFF,
    }));
    sql.and_any(&words(&filter.employment, |employment| match employment {
        Employed::Current => CURRENT,
        Employed::Future => FUTURE,
        Employed::Past => PAST,
        Employed::None => NO_DATES,
    }));
    sql.and_any(&words(&filter.two_factor, |two_factor| match two_factor {
        TwoFactor::Required => TWO_FACTOR_REQUIRED,
        TwoFactor::Missing => TWO_FACTOR_MISSING,
    }));
    sql.and_any(&words(&filter.origin, |origin| match origin {
        From::Local => LOCAL,
        From::Directory => DIRECTORY,
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
    if let Some(text) = &filter.search {
        search(tx, &mut sql, &search_term(text))?;
    }
    Ok(sql)
}

/// The condition of several places: by their index for few people, on the walk for many.
fn walked(tx: &Tx<'_>, count: &str, ids: &[i64], condition: &str) -> Result<String> {
    if ids.len() < 2 {
        return Ok(String::new());
    }
    let ids = serde_json::Value::from(ids).to_string();
    let parameters = rusqlite::named_params! { ":ids": ids, ":few": FEW + 1 };
    let people: i64 = tx.sql().prepare_cached(count)?.query_row(parameters, |row| row.get(0))?;
    Ok(if people > FEW { format!("{ON_THE_WALK}{condition}") } else { condition.to_owned() })
}

fn words<T: Copy>(values: &[T], word: impl Fn(T) -> &'static str) -> Vec<&'static str> {
    values.iter().map(|value| word(*value)).collect()
}

fn search(tx: &Tx<'_>, sql: &mut Where, term: &Term) -> Result<()> {
    if let Some(trigrams) = trigrams(term)
        && has_few(tx, term, &trigrams)?
    {
        sql.and(TRIGRAMS);
        sql.value(":trigrams", trigrams);
    }
    sql.and(if term.digits.is_some() { TEXT_OR_DIGITS } else { TEXT });
    sql.value(":text", term.folded.clone());
    if let Some(digits) = &term.digits {
        sql.value(":digits", digits.clone());
    }
    Ok(())
}

/// The query of the trigram index that everything containing the term passes; none when the term is too short.
fn trigrams(term: &Term) -> Option<String> {
    let all_of = |text: &str| {
        let letters: Vec<char> = text.chars().collect();
        let words: Vec<String> = letters
            .windows(3)
            .map(|three| format!("\"{}\"", three.iter().collect::<String>().replace('"', "\"\"")))
            .collect();
        (!words.is_empty()).then(|| words.join(" AND "))
    };
    let text = all_of(&term.folded)?;
    match &term.digits {
        Some(digits) => Some(format!("({text}) OR ({})", all_of(digits)?)),
        None => Some(text),
    }
}

fn has_few(tx: &Tx<'_>, term: &Term, trigrams: &str) -> Result<bool> {
    let digits = term.digits.as_ref().unwrap_or(&term.folded);
    let count: i64 = tx.sql().prepare_cached(COUNT_MATCHES)?.query_row(
        rusqlite::named_params! { ":trigrams": trigrams, ":text": term.folded, ":digits": digits, ":few": FEW + 1 },
        |row| row.get(0),
    )?;
    Ok(count <= FEW)
}

/// Calls `each` with everybody who passes, in order.
pub(super) fn each(
    tx: &Tx<'_>,
    filter: &Filter,
    page: Page,
    today: Day,
    mut each: impl FnMut(User) -> Result<()>,
) -> Result<()> {
    let (text, sql) = listing(tx, filter, page, today)?;
    let mut statement = tx.sql().prepare(&text)?;
    let mut rows = statement.query(&*sql.parameters())?;
    while let Some(row) = rows.next()? {
        each(user(row)?)?;
    }
    Ok(())
}

/// The statement of a list, with its values.
fn listing(tx: &Tx<'_>, filter: &Filter, page: Page, today: Day) -> Result<(String, Where)> {
    let mut sql = conditions(tx, filter)?;
    let mut text = format!("{SELECT} WHERE {} ORDER BY {}", sql.conditions.join(" AND "), order(page));
    sql.today(&text, today);
    if let Some((skip, take)) = page.window {
        text.push_str(" LIMIT :take OFFSET :skip");
        sql.value(":take", i64::try_from(take).unwrap_or(i64::MAX));
        sql.value(":skip", i64::try_from(skip).unwrap_or(i64::MAX));
    }
    Ok((text, sql))
}

/// How SQLite goes about a list, a step a line.
#[cfg(test)]
pub(super) fn plan(tx: &Tx<'_>, filter: &Filter, page: Page, today: Day) -> String {
    let (text, sql) = listing(tx, filter, page, today).unwrap();
    let mut statement = tx.sql().prepare(&format!("EXPLAIN QUERY PLAN {text}")).unwrap();
    let steps = statement.query_map(&*sql.parameters(), |row| row.get::<_, String>(3)).unwrap();
    steps.collect::<Result<Vec<_>, _>>().unwrap().join("\n")
}

/// How many pass, counted up to `limit`.
pub(super) fn count(tx: &Tx<'_>, filter: &Filter, today: Day, limit: Option<u64>) -> Result<u64> {
    let mut sql = conditions(tx, filter)?;
    let text = format!(
        "SELECT count(*) FROM (SELECT 1 FROM users u WHERE {} LIMIT :limit)",
        sql.conditions.join(" AND ")
    );
    sql.today(&text, today);
    sql.value(":limit", limit.and_then(|limit| i64::try_from(limit).ok()).unwrap_or(-1));
    let count: i64 = tx.sql().prepare(&text)?.query_row(&*sql.parameters(), |row| row.get(0))?;
    Ok(count.unsigned_abs())
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

fn order(page: Page) -> &'static str {
    match (page.sort, page.descending) {
        (Sort::Name, false) => "u.sort_name, u.id",
        (Sort::Name, true) => "u.sort_name DESC, u.id DESC",
        (Sort::Email, false) => "u.email_folded",
        (Sort::Email, true) => "u.email_folded DESC",
        (Sort::Company, false) => "c.name_folded NULLS LAST, u.sort_name, u.id",
        (Sort::Company, true) => "c.name_folded DESC NULLS LAST, u.sort_name, u.id",
        (Sort::Department, false) => "d.name_folded NULLS LAST, u.sort_name, u.id",
        (Sort::Department, true) => "d.name_folded DESC NULLS LAST, u.sort_name, u.id",
        (Sort::Position, false) => "p.name_folded NULLS LAST, u.sort_name, u.id",
        (Sort::Position, true) => "p.name_folded DESC NULLS LAST, u.sort_name, u.id",
        (Sort::Status, false) => {
            "(u.active = 1 AND (u.start_date IS NULL OR u.start_date <= :today)
                AND (u.end_date IS NULL OR u.end_date >= :today)) DESC, u.sort_name, u.id"
        }
        (Sort::Status, true) => {
            "(u.active = 1 AND (u.start_date IS NULL OR u.start_date <= :today)
                AND (u.end_date IS NULL OR u.end_date >= :today)), u.sort_name, u.id"
        }
        (Sort::StartDate, false) => "u.start_date NULLS LAST, u.sort_name, u.id",
        (Sort::StartDate, true) => "u.start_date DESC NULLS LAST, u.sort_name, u.id",
        (Sort::EndDate, false) => "u.end_date NULLS LAST, u.sort_name, u.id",
        (Sort::EndDate, true) => "u.end_date DESC NULLS LAST, u.sort_name, u.id",
        (Sort::CreatedAt, false) => "u.created_at, u.id",
        (Sort::CreatedAt, true) => "u.created_at DESC, u.id DESC",
        (Sort::UpdatedAt, false) => "u.updated_at, u.id",
        (Sort::UpdatedAt, true) => "u.updated_at DESC, u.id DESC",
        (Sort::LastLoginAt, false) => "u.last_login_at NULLS LAST, u.id",
        (Sort::LastLoginAt, true) => "u.last_login_at DESC NULLS LAST, u.id",
        (Sort::Id, false) => "u.id",
        (Sort::Id, true) => "u.id DESC",
    }
}
