//! The cells of an object: its values as text, each under its key.

use std::borrow::Cow;

use serde_json::{Map, Value};

use super::super::MAX_COLUMNS;
use super::super::row::{CellKind, Fault, Row};
use crate::text::fold::fold;
use crate::text::list;

/// A table that is filled with objects, and grows with them.
pub(super) struct Filling<'a> {
    pub(super) header: &'a mut Vec<String>,
    /// Keys that are not looked into.
    pub(super) left_out: &'a [String],
}

/// The values of one object under the places of the columns.
#[derive(Default)]
struct Found<'v> {
    values: Vec<Option<&'v Value>>,
    /// The place of the column after the last that was found: most objects have their keys in one order.
    next: usize,
    /// Keys beyond all columns.
    beyond: usize,
}

impl Filling<'_> {
    /// Names the columns of the first object, also those without a value.
    pub(super) fn name(&mut self, object: &Map<String, Value>) {
        self.walk("", object, &mut Found::default());
    }

    /// Makes a row of an object; keys that come for the first time are one more column.
    pub(super) fn fill(&mut self, object: &Map<String, Value>, row: &mut Row, faults: &mut Vec<Fault>) {
        let mut found = Found::default();
        self.walk("", object, &mut found);
        for _ in 0..found.beyond {
            faults.push(Fault::of_row(format!("has a key that is none, or one more than {MAX_COLUMNS}")));
        }
        for place in 0..self.header.len() {
            let Some(value) = found.values.get(place).copied().flatten() else {
                row.push_absent();
                continue;
            };
            match text(value) {
                Ok(cell) => row.push_typed(&cell, value.is_boolean().then_some(CellKind::Truth)),
                Err(reason) => {
                    row.push("");
                    // Without the value, which may hold anything.
                    faults.push(Fault::of_cell(place, "", reason));
                }
            }
        }
    }

    fn walk<'v>(&mut self, above: &str, object: &'v Map<String, Value>, found: &mut Found<'v>) {
        for (key, value) in object {
            let heading =
                if above.is_empty() { Cow::Borrowed(key.as_str()) } else { format!("{above}.{key}").into() };
            match value {
                Value::Object(inner) if !self.is_left_out(&heading) => {
                    self.walk(&heading, inner, found);
                }
                _ => match self.place(&heading, found.next) {
                    Some(place) => {
                        if found.values.len() <= place {
                            found.values.resize(place + 1, None);
                        }
                        found.values.splice(place..=place, [Some(value)]);
                        found.next = place + 1;
                    }
                    None => found.beyond += usize::from(!value.is_null()),
                },
            }
        }
    }

    fn is_left_out(&self, heading: &str) -> bool {
        !self.left_out.is_empty() && self.left_out.iter().any(|key| fold(key) == fold(heading))
    }

    /// The column of that heading, which may be a new one.
    fn place(&mut self, heading: &str, likely: usize) -> Option<usize> {
        if self.header.get(likely).is_some_and(|column| column == heading) {
            return Some(likely);
        }
        let known = self.header.iter().position(|column| column == heading);
        known.or_else(|| {
            let fits = self.header.len() < MAX_COLUMNS && !heading.is_empty() && !heading.contains('\0');
            fits.then(|| {
                self.header.push(heading.to_owned());
                self.header.len() - 1
            })
        })
    }
}

/// A value as the text of a cell. An object is one that nobody looks into.
fn text(value: &Value) -> Result<String, &'static str> {
    match value {
        Value::Array(entries) => {
            let is_primary = |entry: &&Value| entry.get("primary").and_then(Value::as_bool) == Some(true);
            if let Some(primary) = entries.iter().find(is_primary) {
                return entry(primary);
            }
            let entries: Vec<String> = entries.iter().map(entry).collect::<Result<_, _>>()?;
            Ok(list::join(entries.into_iter().map(Cow::Owned)))
        }
        Value::Object(_) | Value::Null => Ok(String::new()),
        Value::String(text) => Ok(text.clone()),
        Value::Bool(_) | Value::Number(_) => Ok(value.to_string()),
    }
}

/// An entry of a list: a string, or an object with a `name` and perhaps a `company`, as lists are printed, or with a `value`, as SCIM
/// has emails and phones, of which one may be the primary.
fn entry(value: &Value) -> Result<String, &'static str> {
    let named = value.get("name").or_else(|| value.get("value")).unwrap_or(value);
    let Some(name) = named.as_str() else {
        return Err("holds an entry that is neither text nor an object with a `name` or `value`");
    };
    Ok(match value.get("company").and_then(Value::as_str) {
        Some(company) => format!("{name}@{company}"),
        None => name.to_owned(),
    })
}
