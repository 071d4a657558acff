//! The people and the groups of a connection, as they are searched for.

use super::connection::{Facts, Scope};
use super::filter;
use super::mapping::Field;
use super::transport::Query;
use crate::text::guid::Guid;

impl From<Scope> for ldap3::Scope {
    fn from(scope: Scope) -> Self {
        match scope {
            Scope::Subtree => Self::Subtree,
            Scope::OneLevel => Self::OneLevel,
        }
    }
}

/// The attribute that a domain counts its people and groups by.
pub(super) const SID: &str = "objectSid";

/// The people of a connection: all of them, or those whom a name belongs to.
pub(super) struct People<'a> {
    facts: &'a Facts,
    filter: String,
    attributes: Vec<&'a str>,
}

impl<'a> People<'a> {
    /// All, with what the map reads.
    pub(super) fn of(facts: &'a Facts) -> Self {
        Self { facts, filter: filter::of_people(&facts.filter), attributes: facts.map.attributes() }
    }

    /// All, with what the map reads and what says in which group somebody is whose members do not name them.
    pub(super) fn with_groups(facts: &'a Facts) -> Self {
        let mut people = Self::of(facts);
        people.attributes.extend([Self::PRIMARY_GROUP, SID]);
        people
    }

    /// Those of whom something changed from this count of a server on, with what the map reads.
    pub(super) fn changed(facts: &'a Facts, from: i64) -> Self {
        let all = Self::of(facts);
        Self { filter: filter::of_changes(&all.filter, from), ..all }
    }

    /// Those who are these entries, with what the map reads and what says in which group somebody is whose members do not name
    /// them.
    pub(super) fn with_guids(facts: &'a Facts, guids: &[Guid]) -> Self {
        let name = facts.map.attribute(Field::Guid).unwrap_or_default();
        Self { filter: filter::of_guids(&facts.filter, name, guids), ..Self::with_groups(facts) }
    }

    /// Those among all who are these entries.
    pub(super) fn who_are(facts: &'a Facts, guids: &[Guid]) -> Self {
        let name = facts.map.attribute(Field::Guid).unwrap_or_default();
        let filter = filter::of_guids(&facts.filter, name, guids);
        Self { facts, filter, attributes: vec![name] }
    }

    /// The attribute with the number of the group that no member names.
    pub(super) const PRIMARY_GROUP: &'static str = "primaryGroupID";

    /// Those whom a name belongs to, by email or what they log in with there, with these attributes.
    pub(super) fn called(facts: &'a Facts, login: &str, attributes: &[&'a str]) -> Self {
        let names = [Field::Email, Field::Principal, Field::Login];
        let names = names.into_iter().filter_map(|field| facts.map.attribute(field));
        let filter = filter::of_login(&facts.filter, names, login);
        Self { facts, filter, attributes: attributes.to_vec() }
    }

    /// The one with that GUID, with these attributes. Directories have it as bytes, or in the text of it.
    pub(super) fn with_guid(facts: &'a Facts, guid: Guid, attributes: &[&'a str]) -> Self {
        let name = facts.map.attribute(Field::Guid).unwrap_or_default();
        let filter = filter::of_guids(&facts.filter, name, &[guid]);
        Self { facts, filter, attributes: attributes.to_vec() }
    }

    /// What is asked.
    pub(super) fn query(&self) -> Query<'_> {
        Query {
            base: self.facts.people_base(),
            scope: self.facts.scope.into(),
            filter: &self.filter,
            attributes: &self.attributes,
            page_size: self.facts.page_size,
        }
    }
}

/// The groups of a connection.
pub(super) struct Groups<'a> {
    facts: &'a Facts,
    filter: String,
    attributes: &'static [&'static str],
}

impl<'a> Groups<'a> {
    /// The attribute that has the name.
    pub(super) const NAME: &'static str = "cn";

    /// The attribute that has the names of the members' entries.
    pub(super) const MEMBER: &'static str = "member";

    /// Which entries are groups.
    const FILTER: &'static str = "(|(objectClass=group)(objectClass=groupOfNames))";

    /// By name.
    pub(super) fn named(facts: &'a Facts) -> Self {
        Self { facts, filter: Self::FILTER.to_owned(), attributes: &[Self::NAME] }
    }

    /// Those of which something changed from this count of a server on, by name.
    pub(super) fn changed(facts: &'a Facts, from: i64) -> Self {
        Self { filter: filter::of_changes(Self::FILTER, from), ..Self::named(facts) }
    }

    /// With their members, and what people have of the group that does not name them.
    pub(super) fn with_members(facts: &'a Facts) -> Self {
        Self { attributes: &[Self::NAME, Self::MEMBER, SID], ..Self::named(facts) }
    }

    /// What is asked.
    pub(super) fn query(&self) -> Query<'_> {
        Query {
            base: &self.facts.base_dn,
            scope: ldap3::Scope::Subtree,
            filter: &self.filter,
            attributes: self.attributes,
            page_size: self.facts.page_size,
        }
    }
}
