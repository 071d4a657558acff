//! Entries of a directory, taken apart without a panic.

use ldap3::ResultEntry;
use ldap3::asn1::{PL, StructureTag};

use super::range::{Range, is_range};
use crate::text::character::is_driving;

/// The most characters of an address that are kept.
const LONGEST_ADDRESS: usize = 300;

/// An entry: its name and its attributes.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Entry {
    /// Its distinguished name.
    pub(crate) dn: String,
    /// Names as the server spells them, each with its values.
    attributes: Vec<(String, Vec<Vec<u8>>)>,
}

impl Entry {
    /// An entry out of what a search gives; nothing where that is none.
    pub(super) fn of(found: ResultEntry) -> Option<Self> {
        let mut parts = elements(found.0)?.into_iter();
        let dn = text(parts.next()?)?;
        let attributes = elements(parts.next()?)?.into_iter().map(attribute).collect::<Option<_>>()?;
        Some(Self { dn, attributes })
    }

    /// The values of an attribute, whose letter case does not count.
    pub(crate) fn values(&self, name: &str) -> &[Vec<u8>] {
        let found = self.attributes.iter().find(|(of, _)| of.eq_ignore_ascii_case(name));
        found.map_or(&[], |(_, values)| values)
    }

    /// Whether some attribute has only some of its values.
    pub(super) fn is_partial(&self) -> bool {
        self.attributes.iter().any(|(name, _)| is_range(name))
    }

    /// Takes out an attribute that has only some of its values.
    pub(super) fn take_range(&mut self) -> Option<Range> {
        let place = self.attributes.iter().position(|(name, _)| is_range(name))?;
        let (name, values) = self.attributes.swap_remove(place);
        Range::of(&name, values).ok()
    }

    /// Puts all values of an attribute, in the place of the empty one that a server gives beside some.
    pub(super) fn put(&mut self, name: String, values: Vec<Vec<u8>>) {
        self.attributes.retain(|(of, _)| !of.eq_ignore_ascii_case(&name));
        self.attributes.push((name, values));
    }

    /// The first value of an attribute that is a text and not empty, without blanks around it.
    pub(crate) fn text(&self, name: &str) -> Option<&str> {
        let mut texts = self.values(name).iter().filter_map(|value| std::str::from_utf8(value).ok());
        texts.find_map(|text| Some(text.trim()).filter(|text| !text.is_empty()))
    }

    /// The number that an attribute has.
    pub(crate) fn number(&self, name: &str) -> Option<i64> {
        self.text(name)?.parse().ok()
    }

    /// An entry of texts.
    #[cfg(test)]
    pub(crate) fn made(dn: &str, attributes: &[(&str, &[&str])]) -> Self {
        let values = |values: &[&str]| values.iter().map(|value| value.as_bytes().to_vec()).collect();
        let attributes = attributes.iter().map(|(name, of)| ((*name).to_owned(), values(of))).collect();
        Self { dn: dn.to_owned(), attributes }
    }
}

/// Where a reference leads, but for the partitions that Active Directory keeps beside the people of each domain. Nothing where
/// that cannot be told: it may be where more people are.
pub(super) fn addresses(reference: ResultEntry) -> Option<Vec<String>> {
    let found = elements(reference.0)?.into_iter().map(text).collect::<Option<Vec<_>>>()?;
    if found.is_empty() {
        return None;
    }
    let shown = found
        .iter()
        .map(|address| address.chars().filter(|c| !is_driving(*c)).take(LONGEST_ADDRESS).collect());
    let is_own = |address: &String| {
        let entry = address.splitn(4, '/').nth(3).unwrap_or_default().to_ascii_lowercase();
        ["dc=domaindnszones,", "dc=forestdnszones,", "cn=configuration,"]
            .iter()
            .any(|own| entry.starts_with(own))
    };
    Some(shown.filter(|address| !is_own(address)).collect())
}

fn attribute(element: StructureTag) -> Option<(String, Vec<Vec<u8>>)> {
    let mut parts = elements(element)?.into_iter();
    let name = text(parts.next()?)?;
    let values = elements(parts.next()?)?.into_iter().map(bytes).collect::<Option<_>>()?;
    Some((name, values))
}

fn elements(element: StructureTag) -> Option<Vec<StructureTag>> {
    match element.payload {
        PL::C(elements) => Some(elements),
        PL::P(_) => None,
    }
}

fn bytes(element: StructureTag) -> Option<Vec<u8>> {
    match element.payload {
        PL::P(bytes) => Some(bytes),
        PL::C(_) => None,
    }
}

fn text(element: StructureTag) -> Option<String> {
    String::from_utf8(bytes(element)?).ok()
}
