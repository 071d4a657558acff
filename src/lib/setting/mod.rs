//! Settings: what the site decides, such as its time zone and how strict passwords are checked.
//!
//! Each is defined by the feature that owns it, those of the site as a whole in [`site`]; the registry collects them as one
//! table. The store keeps only those that differ from their default, in the spelling the setting itself gives them (`ua`
//! becomes `UA`). A name that does not exist and a value the setting does not take are refused before anything is written.

pub(crate) mod cli;
pub(crate) mod site;
mod store;

#[cfg(test)]
mod tests;

use serde_json::json;

use crate::audit::{self, Event, Fields};
use crate::context::settings::{About, ChangedBy, Definition, Table};
use crate::context::{Context, Settings};
use crate::error::{Explain, Kind, Result};
use crate::store::Tx;
use crate::text::suggest::nearest;

/// The word for a setting in the audit.
pub(crate) const KIND: &str = "setting";

/// A setting with its value in force.
#[derive(Clone)]
pub(crate) struct Setting {
    /// How it is called, what it means, what it takes.
    pub(crate) definition: &'static dyn Definition,
    /// The value in force; empty when none is set.
    pub(crate) value: String,
    /// The value it has unless set.
    pub(crate) default: String,
}

impl Setting {
    fn of(definition: &'static dyn Definition, settings: &Settings) -> Self {
        Self { definition, value: definition.show(settings), default: definition.show_default() }
    }
}

/// What a setting command refuses.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Error {
    /// No setting has this name.
    #[error("there is no setting `{name}`")]
    NotFound {
        /// The name as typed.
        name: String,
        /// The name that is most like it.
        near: Option<&'static str>,
    },
    /// The setting does not take the value.
    #[error("`{value}` is no value for `{name}`: {reason}")]
    BadValue {
        /// The setting.
        name: &'static str,
        /// The value as typed.
        value: String,
        /// Why not.
        reason: String,
        /// What it takes.
        values: &'static str,
    },
    /// A stored value is none the setting takes.
    #[error("the setting `{name}` has the value `{value}`, but {reason}")]
    Stored {
        /// The setting.
        name: String,
        /// Its value.
        value: String,
        /// Why not.
        reason: String,
    },
}

impl Explain for Error {
    fn code(&self) -> &'static str {
        match self {
            Self::NotFound { .. } => "setting.not_found",
            Self::BadValue { .. } => "setting.bad_value",
            Self::Stored { .. } => "setting.stored",
        }
    }

    fn kind(&self) -> Kind {
        match self {
            Self::NotFound { .. } => Kind::NotFound,
            Self::BadValue { .. } => Kind::Refused,
            Self::Stored { .. } => Kind::Config,
        }
    }

    fn command(&self) -> Option<String> {
        match self {
            Self::NotFound { near: None, .. } => Some("secboard setting list".to_owned()),
            _ => None,
        }
    }

    fn advice(&self) -> Option<String> {
        Some(match self {
            Self::NotFound { near: Some(near), .. } => format!("did you mean `{near}`?"),
            Self::NotFound { near: None, .. } => "see them".to_owned(),
            Self::BadValue { values, .. } => format!("it takes: {values}"),
            Self::Stored { .. } => "another secboard wrote it; use that one, or a newer".to_owned(),
        })
    }
}

/// The settings of a store. A name this program does not know is left alone; a value it cannot read refuses.
pub(crate) fn load(table: &'static Table, tx: &Tx<'_>) -> Result<Settings> {
    let mut settings = Settings::new(table);
    for (name, value) in stored(tx)? {
        if let Some(definition) = table.find(&name) {
            definition.set(&mut settings, &value).map_err(|reason| Error::Stored { name, value, reason })?;
        }
    }
    Ok(settings)
}

/// The settings that differ from their default: names and values.
fn stored(tx: &Tx<'_>) -> Result<Vec<(String, String)>> {
    store::all(tx)
}

/// Every setting, in the order of the table.
pub(crate) fn list(cx: &Context) -> Result<Vec<Setting>> {
    cx.actor.require_anywhere("settings.view")?;
    let table = cx.settings.table;
    let settings = cx.read(|tx| table.load(tx))?;
    Ok(table.all().map(|definition| Setting::of(definition, &settings)).collect())
}

/// One setting.
pub(crate) fn get(cx: &Context, name: &str) -> Result<Setting> {
    cx.actor.require_anywhere("settings.view")?;
    let table = cx.settings.table;
    let definition = find(table, name)?;
    Ok(Setting::of(definition, &cx.read(|tx| table.load(tx))?))
}

/// Gives a setting a value; returns it, and whether it had another before.
pub(crate) fn set(cx: &Context, name: &str, value: &str) -> Result<(Setting, bool)> {
    cx.write(|tx| set_in(cx, tx, name, value))
}

/// Gives a setting a value in a transaction of the caller.
pub(crate) fn set_in(cx: &Context, tx: &Tx<'_>, name: &str, value: &str) -> Result<(Setting, bool)> {
    let definition = find_to_change(cx, name)?;
    change(cx, tx, "setting.set", definition, value)
}

/// Gives a setting a value in memory only.
pub(crate) fn apply(settings: &mut Settings, name: &str, value: &str) -> Result<()> {
    let definition = find(settings.table, name)?;
    let &About { name, values, .. } = definition.about();
    let checked = definition.set(settings, value).and_then(|()| definition.check(settings));
    checked.map_err(|reason| Error::BadValue { name, value: value.to_owned(), reason, values }.into())
}

/// Takes a setting back to its default; returns it, and whether it had another value before.
pub(crate) fn unset(cx: &Context, name: &str) -> Result<(Setting, bool)> {
    let definition = find_to_change(cx, name)?;
    cx.write(|tx| change(cx, tx, "setting.unset", definition, &definition.show_default()))
}

fn change(
    cx: &Context,
    tx: &Tx<'_>,
    action: &str,
    definition: &'static dyn Definition,
    value: &str,
) -> Result<(Setting, bool)> {
    let table = cx.settings.table;
    let name = definition.about().name;
    let before = table.load(tx)?;
    let mut after = before.clone();
    apply(&mut after, name, value)?;
    let (old, new) = (Setting::of(definition, &before), Setting::of(definition, &after));
    if old.value == new.value {
        return Ok((new, false));
    }
    (table.keep_an_administrator)(cx, tx, &before, &after)?;
    audit::change(cx, tx, Event::without_id(action, KIND, name), &fields(&old), &fields(&new))?;
    if new.value == new.default {
        store::delete(tx, name)?;
    } else {
        store::put(tx, name, &new.value, cx.now())?;
    }
    Ok((new, true))
}

fn fields(setting: &Setting) -> Fields {
    Fields::from_iter([("value".to_owned(), json!(setting.value))])
}

/// The setting of that name, for an actor who may change it.
fn find_to_change(cx: &Context, name: &str) -> Result<&'static dyn Definition> {
    cx.actor.require("settings.edit", None)?;
    let definition = find(cx.settings.table, name)?;
    let &About { name, changed_by, .. } = definition.about();
    if changed_by == ChangedBy::Superusers && !cx.actor.is_superuser() {
        return Err(cx.actor.denied(format!("only a superuser changes `{name}`")).into());
    }
    Ok(definition)
}

fn find(table: &Table, name: &str) -> Result<&'static dyn Definition, Error> {
    let names = || table.all().map(|definition| definition.about().name);
    let near = || nearest(name, names()).first().copied();
    table.find(name).ok_or_else(|| Error::NotFound { name: name.to_owned(), near: near() })
}
