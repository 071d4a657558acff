//! What is told of people by the commands that show them.

use super::access::{Access, Membership};
use super::modules::modules;
use super::snapshot::{AccessSnapshot, Person, SnapshotPeople, SnapshotScope};
use crate::catalog::{Permission, Visibility};
use crate::context::{CompanyScope, Context};
use crate::error::Result;
use crate::store::Tx;
use crate::text::instant::Instant;
use crate::user::{self, GroupMembership, PastAssignments, User};

/// The answers of this room.
pub(crate) struct AccessQueries;

impl user::AccessQueries for AccessQueries {
    fn assignments_at(&self, tx: &Tx<'_>, id: i64, at: Instant) -> Result<Option<PastAssignments>> {
        let snapshot = AccessSnapshot::as_of(
            tx,
            SnapshotScope { people: SnapshotPeople::One(id), permission: None },
            at,
        )?;
        Ok(snapshot.people.get(&id).map(|person| snapshot.assignments(person)))
    }

    fn scope(&self, cx: &Context, tx: &Tx<'_>, user: &User, permission: &str) -> Result<CompanyScope> {
        let Some(permission) = Permission::find(permission) else { return Ok(CompanyScope::none()) };
        Ok(CompanyScope::of_grants(&Access::load(cx, tx, user)?.scopes(permission)))
    }

    fn menu(&self, cx: &Context, tx: &Tx<'_>, user: &User) -> Result<Vec<Visibility>> {
        Ok(modules(&Access::load(cx, tx, user)?))
    }
}

impl AccessSnapshot {
    fn assignments(&self, person: &Person) -> PastAssignments {
        let company = |id: i64| self.company_name(id).to_owned();
        let role = |(id, applied): (&i64, &bool)| Some((self.roles.get(id)?.slug.clone(), *applied));
        let mut roles: Vec<_> = person.roles.iter().filter_map(role).collect();
        roles.sort_unstable();
        let group = |membership: Membership| {
            let name = self.groups.get(&membership.group)?.name.clone();
            let origins = membership.origins.into_iter().map(String::from).collect();
            Some(GroupMembership { name, company: membership.company.map(company), origins })
        };
        PastAssignments {
            company: person.company.map(|id| (id, company(id))),
            roles,
            groups: self.memberships(person).into_iter().filter_map(group).collect(),
        }
    }
}
