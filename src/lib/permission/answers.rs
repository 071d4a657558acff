//! What is told of people by the commands that show them.

use super::access::{Access, Membership};
use super::modules::modules;
use super::world::{Part, People, Person, World};
use crate::catalog::Visibility;
use crate::context::Context;
use crate::error::Result;
use crate::store::Tx;
use crate::text::instant::Instant;
use crate::user::{self, InGroup, PastHoldings, User};

/// The answers of this room.
pub(crate) struct Answers;

impl user::Answers for Answers {
    fn held_then(&self, tx: &Tx<'_>, id: i64, at: Instant) -> Result<Option<PastHoldings>> {
        let world = World::then(tx, Part { people: People::One(id), permission: None }, at)?;
        Ok(world.people.get(&id).map(|person| world.holdings(person)))
    }

    fn menu(&self, cx: &Context, tx: &Tx<'_>, user: &User) -> Result<Vec<Visibility>> {
        Ok(modules(&Access::load(cx, tx, user)?))
    }
}

impl World {
    fn holdings(&self, person: &Person) -> PastHoldings {
        let company = |id: i64| self.company_name(id).to_owned();
        let role = |(id, applied): (&i64, &bool)| Some((self.roles.get(id)?.slug.clone(), *applied));
        let mut roles: Vec<_> = person.roles.iter().filter_map(role).collect();
        roles.sort_unstable();
        let group = |membership: Membership| {
            let name = self.groups.get(&membership.group)?.name.clone();
            let origins = membership.origins.into_iter().map(String::from).collect();
            Some(InGroup { name, company: membership.company.map(company), origins })
        };
        PastHoldings {
            company: person.company.map(|id| (id, company(id))),
            roles,
            groups: self.memberships(person).into_iter().filter_map(group).collect(),
        }
    }
}
