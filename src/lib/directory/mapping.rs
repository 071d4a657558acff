//! What an entry of a directory says of a person, and as what attribute.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::error::Error;
use super::transport::{self, Entry};
use crate::text::email::Email;
use crate::text::guid::Guid;
use crate::text::instant::Instant;
use crate::text::note::check_line;
use crate::text::phone::parse_phone;
use crate::text::ticks;

/// The bit of `userAccountControl` that says that an account is disabled.
const DISABLED: i64 = 2;

/// What is read of somebody.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Field {
    /// The email, which is the name to log in with here.
    Email,
    /// The first name.
    FirstName,
    /// The last name.
    LastName,
    /// The phone.
    Phone,
    /// The department.
    Department,
    /// The position.
    Position,
    /// The name to log in with there.
    Login,
    /// The same with a domain.
    Principal,
    /// What stays the same whatever they are called.
    Guid,
    /// Switches of the account.
    AccountControl,
    /// When the account ends.
    Expires,
}

impl Field {
    /// Every field, in the order in which they are shown.
    pub(crate) const ALL: [Self; 11] = [
        Self::Email,
        Self::FirstName,
        Self::LastName,
        Self::Phone,
        Self::Department,
        Self::Position,
        Self::Login,
        Self::Principal,
        Self::Guid,
        Self::AccountControl,
        Self::Expires,
    ];

    /// As it is stored and typed.
    pub(crate) const fn word(self) -> &'static str {
        match self {
            Self::Email => "email",
            Self::FirstName => "first_name",
            Self::LastName => "last_name",
            Self::Phone => "phone",
            Self::Department => "department",
            Self::Position => "position",
            Self::Login => "login",
            Self::Principal => "principal",
            Self::Guid => "guid",
            Self::AccountControl => "account_control",
            Self::Expires => "expires",
        }
    }

    /// The attribute that Active Directory has it in; none of what is read only where that is asked for.
    const fn usual(self) -> Option<&'static str> {
        Some(match self {
            Self::Email => "mail",
            Self::FirstName => "givenName",
            Self::LastName => "sn",
            Self::Phone => "telephoneNumber",
            Self::Department => "department",
            Self::Position => "title",
            Self::Login => "sAMAccountName",
            Self::Principal => "userPrincipalName",
            Self::Guid => "objectGUID",
            Self::AccountControl => "userAccountControl",
            Self::Expires => return None,
        })
    }

    /// Whether it may be left out.
    const fn may_be_left_out(self) -> bool {
        !matches!(self, Self::Email | Self::FirstName | Self::LastName | Self::Guid)
    }

    fn of(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|field| field.word() == word)
    }
}

/// Which attributes are read as what, where they are not the usual ones; nothing for what is not read.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Map(BTreeMap<Field, Option<String>>);

impl Map {
    /// The attribute of a field; none where it is not read.
    pub(crate) fn attribute(&self, field: Field) -> Option<&str> {
        self.0.get(&field).map_or(field.usual(), Option::as_deref)
    }

    /// Every attribute that is read, each once.
    pub(crate) fn attributes(&self) -> Vec<&str> {
        let mut attributes: Vec<&str> =
            Field::ALL.into_iter().filter_map(|field| self.attribute(field)).collect();
        attributes.sort_unstable();
        attributes.dedup();
        attributes
    }

    /// The map with what was typed: `phone=mobile`, `phone=-` for nothing, `phone=` for the usual attribute.
    pub(crate) fn with(mut self, typed: &str) -> Result<Self, Error> {
        let bad = || Error::BadMap { given: typed.to_owned() };
        let (field, attribute) = typed.split_once('=').ok_or_else(bad)?;
        let field = Field::of(field.trim()).ok_or_else(bad)?;
        match attribute.trim() {
            name if name.is_empty() || Some(name) == field.usual() => drop(self.0.remove(&field)),
            "-" if field.usual().is_none() => drop(self.0.remove(&field)),
            "-" if field.may_be_left_out() => drop(self.0.insert(field, None)),
            "-" => return Err(Error::Needed { field: field.word() }),
            name if is_attribute(name) => drop(self.0.insert(field, Some(name.to_owned()))),
            _ => return Err(bad()),
        }
        Ok(self)
    }

    /// As JSON, as it is stored and as the audit has it.
    pub(crate) fn json(&self) -> Value {
        let fields = self.0.iter().map(|(field, name)| (field.word().to_owned(), serde_json::json!(name)));
        Value::Object(fields.collect())
    }

    /// Out of what is stored; nothing where that is no map.
    pub(crate) fn stored(fields: BTreeMap<String, Option<String>>) -> Option<Self> {
        let field = |(word, name): (String, Option<String>)| Some((Field::of(&word)?, name));
        fields.into_iter().map(field).collect::<Option<_>>().map(Self)
    }

    /// Every field with its attribute, as it is typed.
    pub(crate) fn shown(&self) -> Vec<String> {
        let shown = |field: Field| format!("{}={}", field.word(), self.attribute(field).unwrap_or("-"));
        Field::ALL.into_iter().map(shown).collect()
    }
}

/// Whether a text may be the name of an attribute, by RFC 4512: a name or numbers, with options.
fn is_attribute(name: &str) -> bool {
    let is_part = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '.' | ';');
    name.len() <= 100 && name.starts_with(|c: char| c.is_ascii_alphanumeric()) && name.chars().all(is_part)
}

/// The longest phone that is kept as it is, in characters.
const LONGEST_PHONE: usize = 50;

/// When an account ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Expiry {
    /// It does not.
    Never,
    /// Then.
    At(Instant),
}

impl Expiry {
    /// When, if at all.
    pub(crate) const fn end(self) -> Option<Instant> {
        match self {
            Self::Never => None,
            Self::At(at) => Some(at),
        }
    }
}

/// What somebody of a directory would be here.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Candidate {
    /// The email, if it is one.
    pub(crate) email: Option<String>,
    /// The first name.
    pub(crate) first_name: Option<String>,
    /// The last name.
    pub(crate) last_name: Option<String>,
    /// The phone, in international writing where it can be.
    pub(crate) phone: Option<String>,
    /// The department.
    pub(crate) department: Option<String>,
    /// The position.
    pub(crate) position: Option<String>,
    /// Whether the account is disabled there; nothing where that is not said.
    pub(crate) is_disabled: Option<bool>,
    /// When it ends there; nothing where that is not said.
    pub(crate) expires: Option<Expiry>,
}

impl Candidate {
    /// Somebody out of an entry; phones without a country are of that region.
    pub(crate) fn of(entry: &Entry, map: &Map, region: Option<&str>) -> Self {
        let text = |field| map.attribute(field).and_then(|name| entry.text(name));
        let owned = |field| text(field).map(str::to_owned);
        let control = map.attribute(Field::AccountControl).and_then(|name| entry.number(name));
        let phone = text(Field::Phone).map(|typed| {
            parse_phone(typed, region).map_or_else(|_| typed.to_owned(), |phone| phone.as_str().to_owned())
        });
        Self {
            email: text(Field::Email).and_then(|typed| Some(Email::parse(typed).ok()?.as_str().to_owned())),
            first_name: owned(Field::FirstName),
            last_name: owned(Field::LastName),
            phone,
            department: owned(Field::Department),
            position: owned(Field::Position),
            is_disabled: control.map(|control| control & DISABLED != 0),
            expires: text(Field::Expires).and_then(expiry),
        }
    }

    /// The phone, where it can be kept.
    pub(crate) fn fitting_phone(&self) -> Option<&str> {
        let fits = |phone: &&str| check_line(phone).is_ok() && phone.chars().count() <= LONGEST_PHONE;
        self.phone.as_deref().filter(fits)
    }

    /// Whether the phone is in no international writing.
    pub(crate) fn has_odd_phone(&self) -> bool {
        self.phone.as_deref().is_some_and(|phone| parse_phone(phone, None).is_err())
    }

    /// As people read it.
    pub(crate) fn told(&self) -> String {
        let names = [&self.first_name, &self.last_name].map(Option::as_deref);
        let name = names.into_iter().flatten().collect::<Vec<_>>().join(" ");
        let mut parts = vec![format!("{name} <{}>", self.email.as_deref().unwrap_or("no email"))];
        parts.extend(self.phone.clone());
        parts.extend(self.department.as_ref().map(|department| format!("department `{department}`")));
        parts.extend(self.position.as_ref().map(|position| format!("position `{position}`")));
        if self.is_disabled == Some(true) {
            parts.push("disabled".to_owned());
        }
        parts.join(", ")
    }
}

/// Which entry that stays, whatever it is called: the bytes of Active Directory, or the text of others.
pub(crate) fn guid_of(entry: &Entry, map: &Map) -> Option<Guid> {
    let values = entry.values(map.attribute(Field::Guid)?);
    let value = values.first().filter(|_| values.len() == 1)?;
    Guid::of_bytes(value).or_else(|| Guid::parse(std::str::from_utf8(value).ok()?.trim()))
}

/// A time as Active Directory counts it, in ten millionths of a second since 1601 with 0 and the largest number for never, or
/// as directories write it.
fn expiry(text: &str) -> Option<Expiry> {
    match text.parse::<i64>() {
        Ok(0 | i64::MAX) => Some(Expiry::Never),
        Ok(ticks) if ticks > 0 => Some(Expiry::At(Instant::from_micros(ticks::since_1970(ticks)))),
        Ok(_) => None,
        Err(_) => transport::instant(text).map(Expiry::At),
    }
}
