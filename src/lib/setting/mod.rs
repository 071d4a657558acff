//! Settings: what the site decides, such as its time zone and how strict passwords are checked.
//!
//! [`DEFINITIONS`] names them all; the store keeps only those that differ from their default, in the spelling the
//! setting itself gives them (`ua` becomes `UA`). A name that does not exist and a value the setting does not take are
//! refused before anything is written.

pub(crate) mod cli;
mod store;

#[cfg(test)]
mod tests;

use serde_json::json;

use crate::audit::{self, Event, Fields};
use crate::context::settings::{DEFINITIONS, Definition, definition};
use crate::context::{Context, Settings};
use crate::error::{Explain, Kind, Result};
use crate::store::Tx;
use crate::text::phone::is_region;
use crate::text::suggest::nearest;
use crate::user;

/// The word for a setting in the audit.
pub(crate) const KIND: &str = "setting";

/// A setting with its value in force.
#[derive(Clone)]
pub(crate) struct Setting {
    /// How it is called, what it means, what it takes.
    pub(crate) definition: &'static Definition,
    /// The value in force; empty when none is set.
    pub(crate) value: String,
    /// The value it has unless set.
    pub(crate) default: String,
}

impl Setting {
    fn of(definition: &'static Definition, settings: &Settings) -> Self {
        let value = (definition.show)(settings);
        Self { definition, value, default: (definition.show)(&Settings::default()) }
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
    },
}

impl Explain for Error {
    fn code(&self) -> &'static str {
        match self {
            Self::NotFound { .. } => "setting.not_found",
            Self::BadValue { .. } => "setting.bad_value",
        }
    }

    fn kind(&self) -> Kind {
        match self {
            Self::NotFound { .. } => Kind::NotFound,
            Self::BadValue { .. } => Kind::Refused,
        }
    }

    fn command(&self) -> Option<String> {
        match self {
            Self::NotFound { name } if nearest(name, names()).is_empty() => {
                Some("secboard setting list".to_owned())
            }
            _ => None,
        }
    }

    fn advice(&self) -> Option<String> {
        Some(match self {
            Self::NotFound { name } => match nearest(name, names()).first() {
                Some(near) => format!("did you mean `{near}`?"),
                None => "see them".to_owned(),
            },
            Self::BadValue { name, .. } => {
                let values = definition(name).map_or("", |definition| definition.values);
                format!("it takes: {values}")
            }
        })
    }
}

/// The names of all settings.
pub(crate) fn names() -> impl Iterator<Item = &'static str> {
    DEFINITIONS.iter().map(|definition| definition.name)
}

/// Every setting, in the order of their definitions.
pub(crate) fn list(cx: &Context) -> Result<Vec<Setting>> {
    cx.actor.require_anywhere("settings.view")?;
    let settings = cx.read(Settings::load)?;
    Ok(DEFINITIONS.iter().map(|definition| Setting::of(definition, &settings)).collect())
}

/// One setting.
pub(crate) fn get(cx: &Context, name: &str) -> Result<Setting> {
    cx.actor.require_anywhere("settings.view")?;
    let definition = find(name)?;
    Ok(Setting::of(definition, &cx.read(Settings::load)?))
}

/// Gives a setting a value; returns it, and whether it had another before.
pub(crate) fn set(cx: &Context, name: &str, value: &str) -> Result<(Setting, bool)> {
    cx.write(|tx| set_in(cx, tx, name, value))
}

/// Gives a setting a value in a transaction of the caller.
pub(crate) fn set_in(cx: &Context, tx: &Tx<'_>, name: &str, value: &str) -> Result<(Setting, bool)> {
    let definition = find_to_change(cx, name)?;
    let old = Settings::load(tx)?;
    let mut new = old.clone();
    apply(&mut new, name, value)?;
    change(cx, tx, "setting.set", definition, (&old, &new))
}

/// Gives a setting a value in memory only.
pub(crate) fn apply(settings: &mut Settings, name: &str, value: &str) -> Result<()> {
    let definition = find(name)?;
    let refused = |reason| Error::BadValue { name: definition.name, value: value.to_owned(), reason };
    (definition.set)(settings, value).map_err(refused)?;
    // Not when settings are read: a region that a later list of them lacks must not lock anybody out.
    if definition.name == "site.region" && settings.region.as_deref().is_some_and(|region| !is_region(region))
    {
        return Err(refused("no phone numbers of such a region are known".to_owned()).into());
    }
    Ok(())
}

/// Takes a setting back to its default; returns it, and whether it had another value before.
pub(crate) fn unset(cx: &Context, name: &str) -> Result<(Setting, bool)> {
    let definition = find_to_change(cx, name)?;
    cx.write(|tx| {
        let old = Settings::load(tx)?;
        let mut new = old.clone();
        apply(&mut new, name, &(definition.show)(&Settings::default()))?;
        change(cx, tx, "setting.unset", definition, (&old, &new))
    })
}

fn change(
    cx: &Context,
    tx: &Tx<'_>,
    action: &str,
    definition: &'static Definition,
    (before, after): (&Settings, &Settings),
) -> Result<(Setting, bool)> {
    let (old, new) = (Setting::of(definition, before), Setting::of(definition, after));
    if old.value == new.value {
        return Ok((new, false));
    }
    user::keep_a_superuser_by(cx, tx, before, after)?;
    let subject = Event::without_id(action, KIND, new.definition.name);
    audit::change(cx, tx, subject, &fields(&old), &fields(&new))?;
    if new.value == new.default {
        store::delete(tx, new.definition.name)?;
    } else {
        store::put(tx, new.definition.name, &new.value, cx.now())?;
    }
    Ok((new, true))
}

fn fields(setting: &Setting) -> Fields {
    Fields::from_iter([("value".to_owned(), json!(setting.value))])
}

/// The setting of that name, for an actor who may change it.
fn find_to_change(cx: &Context, name: &str) -> Result<&'static Definition> {
    cx.actor.require("settings.edit", None)?;
    let definition = find(name)?;
    if definition.is_of_superusers() && !cx.actor.is_superuser() {
        let why = format!("only a superuser changes `{}`", definition.name);
        return Err(cx.actor.denied(why).into());
    }
    Ok(definition)
}

fn find(name: &str) -> Result<&'static Definition, Error> {
    definition(name).ok_or_else(|| Error::NotFound { name: name.to_owned() })
}
