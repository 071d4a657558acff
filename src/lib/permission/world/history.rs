//! Taking a [`World`] back in time: every audit row since is undone, the last first.
//!
//! The audit names companies, groups and roles as they were named at the time of the row; the world has been taken back
//! to just that time when the row is undone, so its names are the right ones. A row that says what a thing was before and
//! nothing after tells of its end, one the other way round of its making.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use serde_json::Value;

use super::store::{self, Change};
use super::{Company, Group, Part, Person, Role, World};
use crate::audit::Fields;
use crate::error::Result;
use crate::permission::Permission;
use crate::store::Tx;
use crate::text::date::Day;
use crate::text::instant::Instant;
use crate::{company, group, role, user};

/// What a membership is written down as that was given by hand.
const MANUAL: &str = "manual";

pub(super) fn work_back(tx: &Tx<'_>, world: World, part: Part, at: Instant) -> Result<World> {
    let mut back = Past { world, part, names: None };
    store::changes(tx, part, at, |change| {
        back.undo(&change);
        Ok(())
    })?;
    Ok(back.world)
}

/// A world on its way back.
struct Past {
    world: World,
    part: Part,
    /// Ids by name; made when first needed after a name changed.
    names: Option<Names>,
}

#[derive(Default)]
struct Names {
    companies: HashMap<String, i64>,
    groups: HashMap<String, i64>,
    roles: HashMap<String, i64>,
}

impl Past {
    fn undo(&mut self, change: &Change) {
        match change.kind.as_str() {
            user::KIND => self.undo_person(change),
            company::KIND => self.undo_company(change),
            group::KIND => self.undo_group(change),
            role::KIND => self.undo_role(change),
            _ => {}
        }
    }

    fn undo_person(&mut self, Change { id, before, after, .. }: &Change) {
        if was_made(before, after, "email") {
            self.world.people.remove(id);
            return;
        }
        let ended = before.contains_key("email").then(Person::default);
        let Some(mut person) = self.world.people.remove(id).or(ended) else { return };
        set_plain_facts(&mut person, before);
        if let Some(company) = before.get("company") {
            person.company = self.company(company);
        }
        self.set_roles(&mut person, before);
        if let Some(names) = before.get("groups") {
            let groups: Vec<i64> =
                texts(names).filter_map(|name| self.names().groups.get(name).copied()).collect();
            person.groups.retain(|(_, origin)| origin != MANUAL);
            person.groups.extend(groups.into_iter().map(|group| (group, MANUAL.to_owned())));
        }
        self.world.people.insert(*id, person);
    }

    fn set_roles(&mut self, person: &mut Person, before: &Fields) {
        let ids = |past: &mut Self, field: &str| -> Option<BTreeSet<i64>> {
            let names = &past.names().roles;
            before.get(field).map(|slugs| texts(slugs).filter_map(|slug| names.get(slug).copied()).collect())
        };
        let without = ids(self, "roles_without_groups");
        if let Some(held) = ids(self, "roles") {
            let applied = |id: &i64| person.roles.get(id).copied().unwrap_or(true);
            person.roles = held.into_iter().map(|id| (id, applied(&id))).collect::<BTreeMap<_, _>>();
        }
        if let Some(without) = without {
            for (id, applied) in &mut person.roles {
                *applied = !without.contains(id);
            }
        }
    }

    fn undo_company(&mut self, Change { id, before, after, .. }: &Change) {
        self.names = None;
        if was_made(before, after, "name") {
            self.world.companies.remove(id);
            return;
        }
        let company: &mut Company = self.world.companies.entry(*id).or_default();
        set_text(&mut company.name, before, "name");
        set_text(&mut company.slug, before, "slug");
        // People in the bin lose a company that is deleted, and nothing else is written down of it.
        let in_bin = before.get("people_in_bin").and_then(Value::as_array).into_iter().flatten();
        for person in in_bin.filter_map(Value::as_i64) {
            if let Some(person) = self.world.people.get_mut(&person) {
                person.company = Some(*id);
            }
        }
    }

    fn undo_group(&mut self, Change { id, before, after, .. }: &Change) {
        if was_made(before, after, "name") {
            self.world.groups.remove(id);
            self.names = None;
            return;
        }
        let taken = self.grants(before);
        let given = self.grants(after);
        let company = before.get("company").map(|company| self.company(company));
        if before.contains_key("name") || company.is_some() {
            self.names = None;
        }
        let group: &mut Group = self.world.groups.entry(*id).or_default();
        set_text(&mut group.name, before, "name");
        if let Some(company) = company {
            group.company = company;
        }
        group.grants.retain(|grant| !given.contains(grant));
        group.grants.extend(taken);
    }

    fn undo_role(&mut self, Change { id, before, after, .. }: &Change) {
        if was_made(before, after, "name") {
            self.world.roles.remove(id);
            self.names = None;
            return;
        }
        let names = self.names();
        let ids = |field: &str, names: &HashMap<String, i64>| -> Option<BTreeSet<i64>> {
            before
                .get(field)
                .map(|listed| texts(listed).filter_map(|name| names.get(name).copied()).collect())
        };
        let (companies, groups) = (ids("companies", &names.companies), ids("groups", &names.groups));
        if before.contains_key("slug") {
            self.names = None;
        }
        let role: &mut Role = self.world.roles.entry(*id).or_default();
        set_text(&mut role.name, before, "name");
        set_text(&mut role.slug, before, "slug");
        set_switch(&mut role.active, before, "active");
        role.companies = companies.unwrap_or(std::mem::take(&mut role.companies));
        role.groups = groups.unwrap_or(std::mem::take(&mut role.groups));
    }

    /// The grants of one side that are looked at: `permission`, or `permission@Company`.
    fn grants(&mut self, side: &Fields) -> BTreeSet<(Permission, Option<i64>)> {
        let Some(listed) = side.get("grants") else { return BTreeSet::new() };
        let asked = self.part.permission;
        let companies = &self.names().companies;
        let grant = |text: &str| {
            let (id, company) = text.split_once('@').map_or((text, None), |(id, name)| (id, Some(name)));
            let permission =
                Permission::find(id).filter(|found| asked.is_none_or(|asked| asked == *found))?;
            match company {
                Some(name) => Some((permission, Some(*companies.get(name)?))),
                None => Some((permission, None)),
            }
        };
        texts(listed).filter_map(grant).collect()
    }

    fn company(&mut self, name: &Value) -> Option<i64> {
        self.names().companies.get(name.as_str()?).copied()
    }

    fn names(&mut self) -> &Names {
        let world = &self.world;
        self.names.get_or_insert_with(|| Names {
            companies: world.companies.iter().map(|(id, company)| (company.name.clone(), *id)).collect(),
            groups: world.groups.iter().map(|(id, group)| (world.group_name(group), *id)).collect(),
            roles: world.roles.iter().map(|(id, role)| (role.slug.clone(), *id)).collect(),
        })
    }
}

/// Whether a row tells of the making of a thing, all of which have a name.
fn was_made(before: &Fields, after: &Fields, name: &str) -> bool {
    before.is_empty() && after.contains_key(name)
}

fn set_plain_facts(person: &mut Person, before: &Fields) {
    set_text(&mut person.email, before, "email");
    for (fact, name) in [(&mut person.first_name, "first_name"), (&mut person.last_name, "last_name")] {
        if let Some(value) = before.get(name) {
            *fact = value.as_str().map(str::to_owned);
        }
    }
    for (day, name) in [(&mut person.start_date, "start_date"), (&mut person.end_date, "end_date")] {
        if let Some(value) = before.get(name) {
            *day = value.as_str().and_then(|text| Day::parse(text).ok());
        }
    }
    for (switch, name) in [
        (&mut person.active, "active"),
        (&mut person.superuser, "superuser"),
        (&mut person.deleted, "deleted"),
    ] {
        set_switch(switch, before, name);
    }
}

fn set_text(text: &mut String, before: &Fields, name: &str) {
    if let Some(value) = before.get(name).and_then(Value::as_str) {
        value.clone_into(text);
    }
}

fn set_switch(switch: &mut bool, before: &Fields, name: &str) {
    if let Some(value) = before.get(name).and_then(Value::as_bool) {
        *switch = value;
    }
}

fn texts(list: &Value) -> impl Iterator<Item = &str> {
    list.as_array().into_iter().flatten().filter_map(Value::as_str)
}
