//! What somebody held at a time: the company, the roles, the groups.

use super::access::Membership;
use super::world::{Part, People, Person, World};
use crate::error::Result;
use crate::store::Tx;
use crate::text::instant::Instant;
use crate::user::InGroup;

/// Where somebody worked and what they held, as everything was named then.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct PastHoldings {
    /// The company, with its name.
    pub(crate) company: Option<(i64, String)>,
    /// The roles by slug, each with whether its groups came with it.
    pub(crate) roles: Vec<(String, bool)>,
    /// The groups by name, each with all it came from.
    pub(crate) groups: Vec<InGroup>,
}

impl PastHoldings {
    /// What the person with that id held at `at`; nothing when there was no such person.
    pub(crate) fn then(tx: &Tx<'_>, id: i64, at: Instant) -> Result<Option<Self>> {
        let world = World::then(tx, Part { people: People::One(id), permission: None }, at)?;
        Ok(world.people.get(&id).map(|person| Self::of(&world, person)))
    }

    fn of(world: &World, person: &Person) -> Self {
        let company = |id: i64| world.company_name(id).to_owned();
        let role = |(id, applied): (&i64, &bool)| Some((world.roles.get(id)?.slug.clone(), *applied));
        let mut roles: Vec<_> = person.roles.iter().filter_map(role).collect();
        roles.sort_unstable();
        let group = |membership: Membership| {
            let name = world.groups.get(&membership.group)?.name.clone();
            let origins = membership.origins.into_iter().map(String::from).collect();
            Some(InGroup { name, company: membership.company.map(company), origins })
        };
        Self {
            company: person.company.map(|id| (id, company(id))),
            roles,
            groups: world.memberships(person).into_iter().filter_map(group).collect(),
        }
    }
}
