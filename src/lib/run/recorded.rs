//! What a change wrote down, read as strictly as a column of a table.
//!
//! A field that is not what it is to be ends the change. Read as absent, a company would be all companies, and what was
//! dropped would be told as put back.

use serde::Deserialize;
use serde_json::Value;

use super::{Change, Error};
use crate::audit::Fields;
use crate::error::Result;
use crate::text::instant::Instant;

/// One side of a change: its fields, and what the names in them mean.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Recorded<'a> {
    pub(super) fields: &'a Fields,
    pub(super) ids: &'a Fields,
}

impl<'a> Recorded<'a> {
    /// The names of its fields.
    pub(crate) fn names(self) -> impl Iterator<Item = &'a str> {
        self.fields.keys().map(String::as_str)
    }

    /// Whether a field was written down.
    pub(crate) fn has(self, field: &str) -> bool {
        self.fields.contains_key(field)
    }

    /// What stands in a field.
    pub(crate) fn field<T: Deserialize<'a>>(self, field: &str) -> Result<T, Error> {
        let value = self.fields.get(field);
        read(field, value.ok_or_else(|| Error::unreadable(field, "it was not written down"))?)
    }

    /// What stands beside the fields: the id behind a name, or what the subject is found unchanged by.
    pub(crate) fn id<T: Deserialize<'a>>(self, field: &str) -> Result<T, Error> {
        read(field, self.ids.get(field).ok_or(Error::WithoutIds)?)
    }

    /// The same, where there may be none.
    pub(crate) fn id_if_any<T: Deserialize<'a>>(self, field: &str) -> Result<Option<T>, Error> {
        self.ids.get(field).map(|id| read(field, id)).transpose()
    }

    /// The id behind the name in a field; none where the field is empty.
    pub(crate) fn id_behind(self, field: &str) -> Result<Option<i64>, Error> {
        self.field::<Option<&str>>(field)?.map(|_| self.id(field)).transpose()
    }

    /// The ids behind the names in a field that holds a list: as many as there are names.
    pub(crate) fn ids<T: Deserialize<'a>>(self, field: &str) -> Result<Vec<T>, Error> {
        let names: Vec<&str> = self.field(field)?;
        let ids: Vec<T> = self.id_if_any(field)?.unwrap_or_default();
        if ids.len() == names.len() { Ok(ids) } else { Err(Error::WithoutIds) }
    }

    /// When the subject was made.
    pub(crate) fn made_at(self) -> Result<Instant, Error> {
        self.id("created_at").map(Instant::from_micros)
    }
}

impl Change {
    /// The fields as they were.
    pub(crate) const fn was(&self) -> Recorded<'_> {
        Recorded { fields: &self.before, ids: &self.ids.before }
    }

    /// The fields as they will be.
    pub(crate) const fn will_be(&self) -> Recorded<'_> {
        Recorded { fields: &self.after, ids: &self.ids.after }
    }

    /// The subject, if it is as it was when the change was planned; `revision` says at which audit row it is.
    pub(crate) fn unchanged<T>(
        &self,
        kind: &'static str,
        find: impl FnOnce(i64) -> Result<Option<T>>,
        revision: impl FnOnce(&T) -> i64,
    ) -> Result<T> {
        let name = || self.subject.clone();
        let found = self.subject_id.map(find).transpose()?.flatten();
        let Some(subject) = found else { return Err(Error::Gone { kind, name: name() }.into()) };
        if self.was().id::<i64>("revision")? == revision(&subject) {
            Ok(subject)
        } else {
            Err(Error::Changed { kind, name: name() }.into())
        }
    }
}

fn read<'a, T: Deserialize<'a>>(field: &str, value: &'a Value) -> Result<T, Error> {
    T::deserialize(value).map_err(|source| Error::unreadable(field, source))
}
