//! A statement over people while it is put together: who is looked at, under which conditions, in which order.

use rusqlite::ToSql;
use rusqlite::types::Value;

use crate::error::Result;
use crate::store::Tx;
use crate::user::filter::Page;
use crate::user::login::Moment;

/// Who is looked at, the conditions, and their values.
#[derive(Debug, Clone)]
pub(super) struct Where {
    /// The rows that are gone through, people among them as `u`.
    pub(super) from: &'static str,
    conditions: Vec<String>,
    values: Vec<(&'static str, Value)>,
}

impl Where {
    /// Everybody.
    pub(super) fn new() -> Self {
        Self { from: "users u", conditions: Vec::new(), values: Vec::new() }
    }

    pub(super) fn and(&mut self, condition: &str) {
        self.conditions.push(condition.to_owned());
    }

    pub(super) fn and_any(&mut self, conditions: &[&str]) {
        if !conditions.is_empty() {
            self.conditions.push(format!("({})", conditions.join(" OR ")));
        }
    }

    pub(super) fn value(&mut self, name: &'static str, value: impl Into<Value>) {
        self.values.push((name, value.into()));
    }

    /// One id is an equality that an index serves in order; several are a set.
    pub(super) fn among(&mut self, ids: &[i64], one: (&str, &'static str), several: (&str, &'static str)) {
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

    /// A condition on a set of ids; none when there are none.
    pub(super) fn in_set(&mut self, ids: &[i64], condition: &str, name: &'static str) {
        if !ids.is_empty() {
            self.and(condition);
            self.value(name, serde_json::Value::from(ids).to_string());
        }
    }

    pub(super) fn parameters(&self) -> Vec<(&str, &dyn ToSql)> {
        self.values.iter().map(|(name, value)| (*name, value as &dyn ToSql)).collect()
    }

    /// The statement of a list with its values; `joins` are those that its columns need.
    pub(super) fn listing(
        mut self,
        (columns, joins): (&str, &str),
        page: Page,
        moment: Moment,
    ) -> (String, Self) {
        let mut text = format!(
            "SELECT {columns} FROM {}{joins} WHERE {} ORDER BY {}",
            self.from,
            self.conditions.join(" AND "),
            page.sort.clause(page.descending)
        );
        if let Some((skip, take)) = page.window {
            text.push_str(" LIMIT :take OFFSET :skip");
            self.value(":take", i64::try_from(take).unwrap_or(i64::MAX));
            self.value(":skip", i64::try_from(skip).unwrap_or(i64::MAX));
        }
        self.moment(&text, moment);
        (text, self)
    }

    /// The ids of a list.
    pub(super) fn ids(self, tx: &Tx<'_>, page: Page, moment: Moment) -> Result<Vec<i64>> {
        let (text, sql) = self.listing(("u.id", page.sort.join), page, moment);
        let mut statement = tx.sql().prepare(&text)?;
        let ids = statement.query_map(&*sql.parameters(), |row| row.get(0))?.collect::<Result<_, _>>()?;
        Ok(ids)
    }

    /// How many there are, counted up to `limit`.
    pub(super) fn count(mut self, tx: &Tx<'_>, moment: Moment, limit: Option<u64>) -> Result<u64> {
        let text = format!(
            "SELECT count(*) FROM (SELECT 1 FROM {} WHERE {} LIMIT :limit)",
            self.from,
            self.conditions.join(" AND ")
        );
        self.moment(&text, moment);
        self.value(":limit", limit.and_then(|limit| i64::try_from(limit).ok()).unwrap_or(-1));
        let count: i64 = tx.sql().prepare(&text)?.query_row(&*self.parameters(), |row| row.get(0))?;
        Ok(count.unsigned_abs())
    }

    /// Gives the time and the day to a statement that asks for them.
    fn moment(&mut self, text: &str, moment: Moment) {
        if text.contains(":today") {
            self.value(":today", moment.today.to_string());
        }
        if text.contains(":now") {
            self.value(":now", moment.now.micros());
        }
    }
}
