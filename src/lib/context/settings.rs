//! What a setting is. Which ones there are say the features that own them; the registry collects them as one [`Table`].
//!
//! The store keeps only what differs from the default. What the machine decides rather than the site (where the store
//! is, where the daemon listens) is in the configuration file instead.

use std::any::Any;
use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::tz::TimeZone;

use super::Context;
use crate::error::Result as Outcome;
use crate::store::Tx;

/// What everybody is told of a setting.
pub(crate) struct About {
    /// The name on the command line and in the store.
    pub(crate) name: &'static str,
    /// What it means, in one sentence.
    pub(crate) meaning: &'static str,
    /// The values it takes, for people.
    pub(crate) values: &'static str,
    /// Who may change it.
    pub(crate) changed_by: ChangedBy,
}

/// Who may change a setting.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ChangedBy {
    /// Whoever may edit settings: it says how things are called and written.
    Editors,
    /// Superusers alone: it guards. It decides where links and logins lead, who is let in and until when, what passwords are taken,
    /// what is held or asked about, how long something can be brought back or looked up, and who is told.
    Superusers,
}

impl ChangedBy {
    /// In a word: the permission that it takes, or who.
    pub(crate) const fn word(self) -> &'static str {
        match self {
            Self::Editors => "settings.edit",
            Self::Superusers => "superusers",
        }
    }
}

/// One setting, in the file of the feature that owns it.
pub(crate) struct Setting<T> {
    /// What everybody is told of it.
    pub(crate) about: About,
    /// The value unless set.
    pub(crate) default: T,
    /// Takes a value, or says why not.
    pub(crate) read: fn(&str) -> Result<T, String>,
    /// Writes a value in its own spelling; empty when none is set.
    pub(crate) show: fn(&T) -> String,
    /// What else is asked of a new value. A stored one is not asked: a list that has become shorter since must not lock
    /// anybody out.
    pub(crate) check: fn(&T) -> Result<(), String>,
}

/// A setting, whatever its values are.
pub(crate) trait Definition: Sync {
    /// What everybody is told of it.
    fn about(&self) -> &About;
    /// The value in force as text.
    fn show(&self, settings: &Settings) -> String;
    /// The default as text.
    fn show_default(&self) -> String;
    /// Takes a stored value, or says why not.
    fn set(&self, settings: &mut Settings, text: &str) -> Result<(), String>;
    /// Says what keeps the value in force from being set now, if anything does.
    fn check(&self, settings: &Settings) -> Result<(), String>;
}

impl<T: Any + Send + Sync> Definition for Setting<T> {
    fn about(&self) -> &About {
        &self.about
    }

    fn show(&self, settings: &Settings) -> String {
        (self.show)(settings.get(self))
    }

    fn show_default(&self) -> String {
        (self.show)(&self.default)
    }

    fn set(&self, settings: &mut Settings, text: &str) -> Result<(), String> {
        settings.set(self, (self.read)(text)?);
        Ok(())
    }

    fn check(&self, settings: &Settings) -> Result<(), String> {
        (self.check)(settings.get(self))
    }
}

/// Every setting there is, and what is asked of all.
pub(crate) struct Table {
    /// Those of each feature, in the order in which they are listed.
    pub(crate) features: &'static [&'static [&'static dyn Definition]],
    /// Reads those of a store.
    pub(crate) read: fn(&'static Self, &Tx<'_>) -> Outcome<Settings>,
    /// Refuses a change, from the one to the other, after which nobody could administer any more.
    pub(crate) keep_an_administrator: fn(&Context, &Tx<'_>, &Settings, &Settings) -> Outcome<()>,
}

impl Table {
    /// Every setting.
    pub(crate) fn all(&self) -> impl Iterator<Item = &'static dyn Definition> {
        self.features.iter().copied().flatten().copied()
    }

    /// The setting of that name.
    pub(crate) fn find(&self, name: &str) -> Option<&'static dyn Definition> {
        self.all().find(|definition| definition.about().name == name)
    }

    /// The settings of a store.
    pub(crate) fn load(&'static self, tx: &Tx<'_>) -> Outcome<Settings> {
        (self.read)(self, tx)
    }
}

/// The value of every setting: those that were set, and the defaults of the others.
#[derive(Clone)]
pub(crate) struct Settings {
    /// What there is to set.
    pub(crate) table: &'static Table,
    set: BTreeMap<&'static str, Arc<dyn Any + Send + Sync>>,
}

impl Settings {
    /// Every setting at its default.
    pub(crate) const fn new(table: &'static Table) -> Self {
        Self { table, set: BTreeMap::new() }
    }

    /// The value in force.
    pub(crate) fn get<'a, T: Any>(&'a self, setting: &'a Setting<T>) -> &'a T {
        let set = self.set.get(setting.about.name);
        set.and_then(|value| value.downcast_ref()).unwrap_or(&setting.default)
    }

    /// Gives a setting a value.
    pub(crate) fn set<T: Any + Send + Sync>(&mut self, setting: &Setting<T>, value: T) {
        self.set.insert(setting.about.name, Arc::new(value));
    }
}

#[cfg(test)]
impl Default for Settings {
    fn default() -> Self {
        Self::new(&crate::registry::SETTINGS)
    }
}

/// Where days begin and end; every operation needs it.
pub(crate) static TIME_ZONE: Setting<TimeZone> = Setting {
    about: About {
        name: "site.time_zone",
        meaning: "where days begin and end: start and end dates count in it",
        values: "IANA name, such as Europe/Kyiv",
        changed_by: ChangedBy::Superusers,
    },
    default: TimeZone::UTC,
    read: |text| TimeZone::get(text).map_err(|_| "it is no IANA time zone".to_owned()),
    show: |zone| zone.iana_name().unwrap_or("UTC").to_owned(),
    check: |_| Ok(()),
};

/// Reads one of a few words, each with what it stands for.
pub(crate) fn one_of<T: Clone>(text: &str, values: &[(&str, T)]) -> Result<T, String> {
    let found = values.iter().find(|(word, _)| *word == text);
    found.map(|(_, value)| value.clone()).ok_or_else(|| {
        let words: Vec<&str> = values.iter().map(|(word, _)| *word).collect();
        format!("it is none of {}", words.join(", "))
    })
}

/// Reads a whole number between two, both included.
pub(crate) fn number(text: &str, least: u32, most: u32) -> Result<u32, String> {
    let Ok(number) = text.parse::<i64>() else { return Err("it is not a whole number".to_owned()) };
    match u32::try_from(number) {
        Ok(number) if (least..=most).contains(&number) => Ok(number),
        _ => Err(format!("it is not between {least} and {most}")),
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::Settings;

    #[test]
    fn every_default_is_a_value_its_own_setting_accepts() {
        let mut settings = Settings::default();
        for definition in settings.table.all() {
            let (name, value) = (definition.about().name, definition.show_default());
            assert_eq!(definition.set(&mut settings, &value), Ok(()), "{name}");
            assert_eq!(definition.check(&settings), Ok(()), "{name}");
            assert_eq!(definition.show(&settings), value, "{name}");
        }
    }

    /// Their values are found by name.
    #[test]
    fn no_two_settings_have_one_name() {
        let table = Settings::default().table;
        let names: BTreeSet<&str> = table.all().map(|definition| definition.about().name).collect();
        assert_eq!(names.len(), table.all().count());
        assert!(names.len() > 10, "{names:?}");
    }

    #[test]
    fn wrong_values_say_why() {
        let refuse = |name: &str, value: &str| {
            let mut settings = Settings::default();
            settings.table.find(name).unwrap().set(&mut settings, value).unwrap_err()
        };
        assert_eq!(refuse("site.time_zone", "Kyiv"), "it is no IANA time zone");
        assert_eq!(refuse("user.bin_days", "0"), "it is not between 1 and 3650");
        assert_eq!(refuse("user.bin_days", "-3"), "it is not between 1 and 3650");
        assert_eq!(refuse("user.bin_days", "many"), "it is not a whole number");
        assert_eq!(refuse("site.protocol", "ftp"), "it is none of https, http");
        assert!(refuse("site.domain", "https://x/").contains("host name"));
    }
}
