//! Whether names that were written down earlier still mean the same.
//!
//! The plan of a held run and the inverse of an applied one name companies, departments, positions, roles and groups.
//! Since then a name may have passed from one to another, and to give people what bears it now would give them what they
//! never had. So each such name has to have been borne by the same thing all along.

use std::collections::HashMap;
use std::collections::hash_map::Entry;

use super::Facts;
use crate::audit::Fields;
use crate::context::Companies;
use crate::error::Result;
use crate::run::Step;
use crate::store::Tx;
use crate::{company, department, group, position, role};

/// When the things behind the names of a run were named; each name is looked up once.
#[derive(Default)]
pub(super) struct Meanings {
    named: HashMap<(&'static str, String), Vec<Named>>,
}

/// A kind and an id.
type Thing = (&'static str, i64);

/// A kind, and the audit row that gave the thing its name.
type Named = (&'static str, Option<i64>);

impl Meanings {
    /// Refuses the facts if a name in these fields may mean another thing now; one that means nothing is left to whoever
    /// looks it up to write it.
    pub(super) fn check(
        &mut self,
        tx: &Tx<'_>,
        step: &Step<'_>,
        facts: &Facts,
        fields: &Fields,
    ) -> Result<()> {
        if step.named_at.is_none() {
            return Ok(());
        }
        for (field, names) in named(facts) {
            for name in names.iter().filter(|_| fields.contains_key(field)) {
                for (kind, given) in self.named(tx, step, facts, (field, name))? {
                    step.check_named(kind, name, *given)?;
                }
            }
        }
        Ok(())
    }

    fn named(
        &mut self,
        tx: &Tx<'_>,
        step: &Step<'_>,
        facts: &Facts,
        (field, name): (&'static str, &String),
    ) -> Result<&[Named]> {
        let of = |part: &Option<String>| part.clone().unwrap_or_default();
        let place = match field {
            "department" => of(&facts.company),
            "position" => format!("{}\n{}", of(&facts.company), of(&facts.department)),
            _ => String::new(),
        };
        Ok(match self.named.entry((field, format!("{name}\n{place}"))) {
            Entry::Occupied(known) => known.into_mut(),
            Entry::Vacant(new) => {
                let named = |thing: Thing| Ok((thing.0, step.last_named(tx, thing)?));
                new.insert(look_up(tx, facts, field, name)?.into_iter().map(named).collect::<Result<_>>()?)
            }
        })
    }
}

/// The names in the facts, by field.
fn named(facts: &Facts) -> [(&'static str, &[String]); 6] {
    [
        ("company", facts.company.as_slice()),
        ("department", facts.department.as_slice()),
        ("position", facts.position.as_slice()),
        ("roles", &facts.roles),
        ("roles_without_groups", &facts.roles_without_groups),
        ("groups", &facts.groups),
    ]
}

/// What has that name now, together with what its name is a part of.
fn look_up(tx: &Tx<'_>, facts: &Facts, field: &str, name: &str) -> Result<Vec<Thing>> {
    let company = facts.company.as_deref().map_or(Ok(None), |name| company::find_in(tx, name))?;
    let company = company.map(|company| company.id);
    let department = match (company, &facts.department) {
        (Some(company), Some(name)) => {
            department::find_in(tx, company, name)?.map(|department| department.id)
        }
        _ => None,
    };
    Ok(match field {
        "company" => company.map(|id| (company::KIND, id)).into_iter().collect(),
        "department" => department.map(|id| (department::KIND, id)).into_iter().collect(),
        "position" => match department {
            Some(id) => position::find_under(tx, id, name)?.map(|found| (position::KIND, found.id)),
            None => None,
        }
        .into_iter()
        .collect(),
        "groups" => group::find_id_in(tx, name, &Companies::All)?.map_or_else(Vec::new, |found| {
            let company = found.company_id.map(|id| (company::KIND, id));
            [Some((group::KIND, found.id)), company].into_iter().flatten().collect()
        }),
        _ => role::find_held_in(tx, name)?.map(|found| (role::KIND, found.id)).into_iter().collect(),
    })
}
