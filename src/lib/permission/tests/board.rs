//! Random changes of everything that decides what people may do, made by the operations that people have.

use proptest::prelude::*;

use crate::catalog::Permission;
use crate::context::Context;
use crate::error::Result;
use crate::store::Tx;
use crate::text::instant::Instant;
use crate::user::avatar::PhotoChange;
use crate::user::bulk::{self, Verb};
use crate::user::{self, Facts, User, create};
use crate::{company, group, role};

/// The permissions the questions are about; more would only make each less likely to be granted.
pub(super) const PERMISSIONS: [&str; 3] = ["risk.view_report", "risk.edit_report", "risk.show_link"];

/// One change. A number says which of the things there are is meant; a change that is refused changes nothing.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Step {
    NewCompany,
    RenameCompany(usize),
    DeleteCompany(usize),
    NewGroup(Option<usize>),
    RenameGroup(usize),
    MoveGroup(usize, Option<usize>),
    Grant(usize, usize, Option<usize>),
    Revoke(usize, usize, Option<usize>),
    DeleteGroup(usize),
    NewRole(usize, Option<usize>),
    RenameRole(usize),
    SwitchRole(usize, bool),
    RoleGroup(usize, usize, bool),
    RoleCompany(usize, usize, bool),
    DeleteRole(usize),
    NewPerson(usize),
    RenamePerson(usize),
    MovePerson(usize, usize),
    SwitchPerson(usize, bool),
    EndPerson(usize, bool),
    Promote(usize, bool),
    AddRole(usize, usize, bool),
    RemoveRole(usize, usize),
    AddGroup(usize, usize),
    RemoveGroup(usize, usize),
    Bin(usize),
    Restore(usize),
    Purge(usize),
}

use Step::*;

/// Changes that can only take away.
pub(super) fn removal() -> impl Strategy<Value = Step> {
    let n = || 0..8_usize;
    let company = || proptest::option::of(0..3_usize);
    prop_oneof![
        (n(), n(), company()).prop_map(|(group, permission, company)| Revoke(group, permission, company)),
        n().prop_map(DeleteGroup),
        n().prop_map(|role| SwitchRole(role, false)),
        (n(), n()).prop_map(|(role, group)| RoleGroup(role, group, false)),
        (n(), n()).prop_map(|(person, role)| RemoveRole(person, role)),
        (n(), n()).prop_map(|(person, group)| RemoveGroup(person, group)),
        n().prop_map(|person| SwitchPerson(person, false)),
        n().prop_map(|person| Promote(person, false)),
        n().prop_map(Bin),
    ]
}

/// Any change; those that give are likelier, so that there is something to take.
pub(crate) fn step() -> impl Strategy<Value = Step> {
    let n = || 0..8_usize;
    let company = || proptest::option::of(0..3_usize);
    prop_oneof![
        4 => (n(), n(), company()).prop_map(|(group, permission, company)| Grant(group, permission, company)),
        4 => (n(), n(), any::<bool>()).prop_map(|(person, role, with)| AddRole(person, role, with)),
        4 => (n(), n()).prop_map(|(person, group)| AddGroup(person, group)),
        3 => removal(),
        2 => (n(), n()).prop_map(|(role, group)| RoleGroup(role, group, true)),
        2 => n().prop_map(NewPerson),
        1 => company().prop_map(NewGroup),
        1 => (n(), company()).prop_map(|(group, company)| NewRole(group, company)),
        1 => prop_oneof![
            Just(NewCompany),
            n().prop_map(RenameCompany),
            n().prop_map(DeleteCompany),
            n().prop_map(RenameGroup),
            (n(), company()).prop_map(|(group, company)| MoveGroup(group, company)),
            n().prop_map(RenameRole),
            n().prop_map(|role| SwitchRole(role, true)),
            (n(), n(), any::<bool>()).prop_map(|(role, company, on)| RoleCompany(role, company, on)),
            n().prop_map(DeleteRole),
        ],
        2 => prop_oneof![
            n().prop_map(RenamePerson),
            (n(), n()).prop_map(|(person, company)| MovePerson(person, company)),
            n().prop_map(|person| SwitchPerson(person, true)),
            (n(), any::<bool>()).prop_map(|(person, ended)| EndPerson(person, ended)),
            n().prop_map(|person| Promote(person, true)),
            n().prop_map(Restore),
            n().prop_map(Purge),
        ],
    ]
}

/// A site that is changed step by step, a second each.
pub(crate) struct Site {
    pub(crate) cx: Context,
    steps: i64,
}

impl Site {
    /// Two companies, three groups, two roles, three people, and nobody may do anything but the superuser.
    pub(super) fn new() -> Self {
        Self::of(Context::for_tests())
    }

    /// The same in this store.
    pub(crate) fn of(cx: Context) -> Self {
        let mut site = Self { cx, steps: 0 };
        let superuser = Facts { superuser: true, ..Facts::new("root@acme.example".to_owned()) };
        create::create(&site.cx, superuser, None, false).unwrap();
        let first = [NewCompany, NewCompany, NewGroup(None), NewGroup(Some(0)), NewGroup(None)];
        let then = [NewRole(0, None), NewRole(1, Some(0)), NewPerson(0), NewPerson(0), NewPerson(1)];
        first.into_iter().chain(then).for_each(|step| site.take(step));
        site
    }

    /// A site after these steps.
    pub(super) fn after(steps: &[Step]) -> Self {
        let mut site = Self::new();
        for step in steps {
            site.take(*step);
        }
        site
    }

    /// The same site as others have it, who open its store themselves and call things otherwise.
    pub(crate) fn to_others(&self, cx: Context) -> Self {
        Self { cx, steps: self.steps + 500 }
    }

    /// The time of the last step.
    pub(super) fn now(&self) -> Instant {
        self.cx.now()
    }

    /// Makes a change; a refusal is an answer too.
    pub(crate) fn take(&mut self, step: Step) {
        self.steps += 1;
        let later = Instant::from_micros(self.cx.now().micros() + 1_000_000);
        self.cx.stop_clock(later);
        self.change(step).ok();
    }

    fn change(&self, step: Step) -> Result<()> {
        match step {
            NewCompany | RenameCompany(_) | DeleteCompany(_) => self.change_company(step),
            NewGroup(_) | RenameGroup(_) | MoveGroup(..) | Grant(..) | Revoke(..) | DeleteGroup(_) => {
                self.change_group(step)
            }
            NewRole(..) | RenameRole(_) | SwitchRole(..) | RoleGroup(..) | RoleCompany(..)
            | DeleteRole(_) => self.change_role(step),
            NewPerson(company) => self.new_person(company),
            Restore(person) | Purge(person) => self.change_bin(step, person),
            _ => self.change_person(step),
        }
    }

    fn change_company(&self, step: Step) -> Result<()> {
        let name = format!("C{:03}", self.steps);
        match step {
            NewCompany => {
                company::create(&self.cx, &company::New { name, ..Default::default() }, false).map(drop)
            }
            RenameCompany(n) => {
                let edit = company::Edit { name: Some(name), ..Default::default() };
                company::edit(&self.cx, &self.company(n), &edit).map(drop)
            }
            DeleteCompany(n) => company::tests::delete(&self.cx, &self.company(n)).map(drop),
            _ => Ok(()),
        }
    }

    fn change_group(&self, step: Step) -> Result<()> {
        let cx = &self.cx;
        let name = format!("G{:03}", self.steps);
        let edit = |n, edit: group::Edit| group::tests::edit(cx, &self.group(n), &edit).map(drop);
        match step {
            NewGroup(company) => {
                let company = company.map(|n| self.company(n));
                let new = group::New { name, ..Default::default() };
                group::create(cx, &new, company.as_deref(), false).map(drop)
            }
            RenameGroup(n) => edit(n, group::Edit { name: Some(name), ..Default::default() }),
            MoveGroup(n, company) => {
                let company = company.map_or_else(String::new, |n| self.company(n));
                edit(n, group::Edit { company: Some(company), ..Default::default() })
            }
            Grant(n, permission, company) => {
                group::grant(cx, &self.group(n), &self.order(permission, company)).map(drop)
            }
            Revoke(n, permission, company) => {
                group::tests::revoke(cx, &self.group(n), &self.order(permission, company)).map(drop)
            }
            DeleteGroup(n) => group::tests::delete(cx, &self.group(n), true).map(drop),
            _ => Ok(()),
        }
    }

    fn change_role(&self, step: Step) -> Result<()> {
        let cx = &self.cx;
        let edit = |n, edit: role::Edit| role::tests::edit(cx, &self.role(n), &edit).map(drop);
        let changes = |name: String, adds| {
            let (add, remove) = if adds { (vec![name], Vec::new()) } else { (Vec::new(), vec![name]) };
            role::Changes { add, remove }
        };
        match step {
            NewRole(group, company) => {
                let groups = vec![self.group(group).name];
                let companies = company.into_iter().map(|n| self.company(n)).collect();
                let name = format!("R{:03}", self.steps);
                role::create(cx, &role::New { name, companies, groups, ..Default::default() }, false)
                    .map(drop)
            }
            RenameRole(n) => {
                let slug = Some(format!("r{}", self.steps));
                edit(n, role::Edit { slug, ..Default::default() })
            }
            SwitchRole(n, on) => edit(n, role::Edit { active: Some(on), ..Default::default() }),
            RoleGroup(n, group, adds) => {
                let groups = changes(self.group(group).name, adds);
                edit(n, role::Edit { groups, ..Default::default() })
            }
            RoleCompany(n, company, adds) => {
                let companies = changes(self.company(company), adds);
                edit(n, role::Edit { companies, ..Default::default() })
            }
            DeleteRole(n) => role::tests::delete(cx, &self.role(n), true).map(drop),
            _ => Ok(()),
        }
    }

    fn new_person(&self, company: usize) -> Result<()> {
        let facts = Facts {
            first_name: Some("P".to_owned()),
            last_name: Some(self.steps.to_string()),
            company: Some(self.company(company)),
            ..Facts::new(format!("p{}@acme.example", self.steps))
        };
        create::create(&self.cx, facts, None, false).map(drop)
    }

    fn change_bin(&self, step: Step, n: usize) -> Result<()> {
        let binned = self.people(true);
        let Some(person) = binned.get(n % binned.len().max(1)) else { return Ok(()) };
        let id = person.id.to_string();
        match step {
            Restore(_) => {
                let options = user::bin::RestoreOptions {
                    company: person.facts.company.is_none().then(|| self.company(n)),
                    email: None,
                };
                user::bin::restore(&self.cx, &id, options).map(drop)
            }
            _ => user::bin::purge(&self.cx, &[id]).map(drop),
        }
    }

    fn change_person(&self, step: Step) -> Result<()> {
        let edit = |n, change: &dyn Fn(&mut Facts)| {
            let changed = user::edit::edit(&self.cx, &self.person(n), &PhotoChange::Keep, |facts| {
                change(facts);
                Ok(())
            });
            changed.map(drop)
        };
        let verb = |n, verb: Verb| bulk::apply_one(&self.cx, &self.person(n), &verb).map(drop);
        match step {
            RenamePerson(n) => edit(n, &|facts| facts.email = format!("q{}@acme.example", self.steps)),
            MovePerson(n, company) => {
                let company = self.company(company);
                edit(n, &|facts| facts.company = Some(company.clone()))
            }
            SwitchPerson(n, on) => edit(n, &|facts| facts.active = on),
            EndPerson(n, ended) => {
                let day =
                    Instant::from_micros(self.now().micros() - 86_400_000_000).day_in(self.cx.time_zone());
                edit(n, &|facts| facts.end_date = day.filter(|_| ended))
            }
            Promote(n, on) => edit(n, &|facts| facts.superuser = on),
            AddRole(n, role, with_groups) => verb(n, Verb::AddRole { role: self.role(role), with_groups }),
            RemoveRole(n, role) => verb(n, Verb::RemoveRole(self.role(role))),
            AddGroup(n, group) => verb(n, Verb::AddGroup(self.group(group).name)),
            RemoveGroup(n, group) => verb(n, Verb::RemoveGroup(self.group(group).name)),
            Bin(n) => verb(n, Verb::Delete),
            _ => Ok(()),
        }
    }

    /// The names of all companies.
    pub(super) fn companies(&self) -> Vec<String> {
        let mut names = Vec::new();
        self.read(|tx| {
            company::list_in(tx, |company| {
                names.push(company.name);
                Ok(())
            })
        });
        names
    }

    /// The name of a company.
    pub(crate) fn company(&self, n: usize) -> String {
        nth(&self.companies(), n)
    }

    /// A group.
    pub(crate) fn group(&self, n: usize) -> group::Selector {
        let mut names = Vec::new();
        self.read(|tx| {
            group::list_in(tx, None, |group| {
                names.push(group.canonical());
                Ok(())
            })
        });
        group::Selector { name: nth(&names, n), company: None }
    }

    /// The slug of a role.
    pub(crate) fn role(&self, n: usize) -> String {
        nth(&self.read(role::list_in).into_iter().map(|role| role.slug).collect::<Vec<_>>(), n)
    }

    /// The email of a person outside the bin.
    pub(crate) fn person(&self, n: usize) -> String {
        nth(&self.people(false).into_iter().map(|user| user.facts.email).collect::<Vec<_>>(), n)
    }

    /// Everybody, by id: those in the bin or those outside.
    pub(crate) fn people(&self, deleted: bool) -> Vec<User> {
        let ids = 1..=self.steps + 1;
        let find = if deleted { user::bin::get_deleted } else { user::get };
        ids.filter_map(|id| find(&self.cx, &id.to_string()).ok()).collect()
    }

    /// Reads in one snapshot.
    pub(crate) fn read<T>(&self, work: impl FnOnce(&Tx<'_>) -> Result<T>) -> T {
        self.cx.read(work).unwrap()
    }

    fn order(&self, permission: usize, company: Option<usize>) -> group::GrantSpec {
        group::GrantSpec {
            patterns: vec![nth(&PERMISSIONS.map(str::to_owned), permission)],
            companies: company.into_iter().map(|n| self.company(n)).collect(),
            ..Default::default()
        }
    }
}

/// The permissions the questions are about.
pub(super) fn permissions() -> impl Iterator<Item = Permission> {
    PERMISSIONS.into_iter().map(|id| Permission::parse(id).unwrap())
}

fn nth(names: &[String], n: usize) -> String {
    names.get(n % names.len().max(1)).cloned().unwrap_or_default()
}
