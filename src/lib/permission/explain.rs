//! Why somebody may do something, or what is lacking and what to do about it.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use serde::Serialize;

use super::access::{Access, Via};
use super::ask::{Asked, Scene, company_in, scene};
use super::snapshot::{AccessSnapshot, Group, Idle, Role};
use super::store;
use crate::catalog::{GrantScope, Origin, Permission, covers, grant_scope};
use crate::context::{CompanyScope, Context};
use crate::error::Result;
use crate::text::dot;
use crate::text::shell::{Line, before, quoted, secboard};
use crate::user::login::{self, Hint};

/// The most groups that are offered.
const OFFERED: usize = 3;

/// The answer to "may this person do that, and why".
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Explanation {
    /// The person's login name.
    pub(crate) email: String,
    /// What was asked.
    pub(crate) permission: Permission,
    /// The company's name; none when the question was for all.
    pub(crate) company: Option<String>,
    /// The answer.
    pub(crate) allowed: bool,
    /// Whether the person bypasses every check.
    pub(crate) superuser: bool,
    /// The grants that say yes.
    pub(crate) because: Vec<Via>,
    /// The same as chains, one for each origin of each grant.
    pub(crate) chains: Vec<Chain>,
    /// What keeps the answer from being yes.
    pub(crate) missing: Vec<DenialReason>,
}

/// How one grant comes to the person, link by link.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Chain {
    /// What brings the group; nothing when the person was put in it.
    pub(crate) from: Option<String>,
    /// The group.
    pub(crate) group: String,
    /// The grant.
    pub(crate) grant: String,
}

/// One thing that is lacking.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct DenialReason {
    /// Its stable name.
    pub(crate) code: &'static str,
    /// What is lacking.
    pub(crate) detail: String,
    /// What to do about it.
    #[serde(flatten)]
    pub(crate) hint: Hint,
}

/// Says whether the person has the permission, and why or why not.
pub(crate) fn explain(
    cx: &Context,
    who: &str,
    permission: Permission,
    asked: Asked<'_>,
) -> Result<Explanation> {
    cx.read(|tx| {
        let scene = scene(cx, tx, who, Some(permission), asked.as_of)?;
        let company = company_in(cx, tx, &scene.snapshot, asked)?;
        let access = scene.access();
        let (visible, known) = (cx.actor.scope("groups.view"), cx.actor.widest_scope());
        let breadths = store::breadths(tx)?;
        let search = Search { scene: &scene, access: &access, permission, company, visible, known, breadths };
        let mut explanation = search.explanation();
        if asked.as_of.is_some() {
            // What was lacking then is not what is to be done now.
            explanation.missing.iter_mut().for_each(|missing| missing.hint = Hint::default());
        }
        Ok(explanation)
    })
}

/// Everything an explanation is made from.
struct Search<'a> {
    scene: &'a Scene,
    access: &'a Access,
    permission: Permission,
    company: Option<i64>,
    /// The companies whose groups the actor may be told of.
    visible: CompanyScope,
    /// The companies that the actor may be told of.
    known: CompanyScope,
    /// How many grants each group has.
    breadths: BTreeMap<i64, i64>,
}

impl Search<'_> {
    fn explanation(&self) -> Explanation {
        let (snapshot, person) = (&self.scene.snapshot, &self.scene.person);
        let name = |company| snapshot.company_name(company).to_owned();
        let because = self.access.because(self.permission, self.company);
        let mut because: Vec<Via> = because.map(|because| because.named(name)).collect();
        let missing = self.missing(!because.is_empty());
        let allowed = self.access.allows(self.permission, self.company);
        if !allowed {
            because.clear();
        }
        Explanation {
            email: person.email.clone(),
            permission: self.permission,
            company: self.company.map(name),
            allowed,
            superuser: person.superuser,
            chains: because.iter().flat_map(|via| self.chains(via)).collect(),
            because,
            missing,
        }
    }

    fn chains(&self, via: &Via) -> Vec<Chain> {
        let grant = match &via.grant_company {
            Some(company) => format!("grant at {company}"),
            None => "grant for all companies".to_owned(),
        };
        let chain = |origin: &Origin| Chain {
            from: match origin {
                Origin::Manual => None,
                Origin::Role(slug) => Some(format!("role {}", self.role_name(slug))),
                Origin::Directory(connection) => Some(format!("directory {connection}")),
            },
            group: format!("group {}", via.group),
            grant: grant.clone(),
        };
        via.origins.iter().map(chain).collect()
    }

    fn role_name<'a>(&'a self, slug: &'a str) -> &'a str {
        let named = self.scene.snapshot.roles.values().find(|role| role.slug == slug);
        named.map_or(slug, |role| role.name.as_str())
    }

    /// What is lacking: an active account, and a grant unless there is one or none is needed.
    fn missing(&self, granted: bool) -> Vec<DenialReason> {
        let Scene { person, moment, .. } = self.scene;
        let mut missing = Vec::new();
        if person.deleted {
            missing.push(DenialReason {
                code: "deleted",
                detail: "the account is in the bin".to_owned(),
                hint: secboard("user restore").operand(&person.email).to_string().into(),
            });
        }
        let checks = login::hindrances(&person.facts(), *moment).into_iter();
        missing.extend(checks.map(|check| DenialReason {
            code: "inactive",
            detail: format!("the account is not active: {}", check.detail),
            hint: check.hint,
        }));
        if !granted && !person.superuser {
            missing.extend(self.lacking_grant());
        }
        missing
    }

    fn lacking_grant(&self) -> Vec<DenialReason> {
        let mut missing = Vec::new();
        let mut outside: Vec<(&i64, &Group)> = Vec::new();
        for (id, group) in self.groups() {
            let is_in = self.access.memberships.iter().any(|membership| membership.group == *id);
            if is_in {
                missing.extend(self.too_narrow(group));
            } else if self.answers(group) {
                let idle = self.idle_roles(*id);
                if idle.is_empty() {
                    outside.push((id, group));
                }
                missing.extend(idle);
            }
        }
        // Who is put into a group gets all that it grants: the one that gives the least besides is named first.
        outside.sort_by_key(|(id, _)| self.breadths.get(id));
        let outside: Vec<&Group> = outside.into_iter().map(|(_, group)| group).collect();
        missing.extend(self.not_in_any(&outside));
        if missing.is_empty() {
            missing.push(self.no_grant());
        }
        missing
    }

    /// The groups with a grant of the permission that the actor may be told of, by name.
    fn groups(&self) -> Vec<(&i64, &Group)> {
        let is_own = |id: &i64| self.access.memberships.iter().any(|membership| membership.group == *id);
        let told = |company: Option<i64>| match company {
            Some(_) => self.visible.contain(company),
            None => !self.visible.is_empty(),
        };
        let snapshot = &self.scene.snapshot;
        let mut groups: Vec<_> =
            snapshot.groups.iter().filter(|(_, group)| !group.grants.is_empty()).collect();
        groups.retain(|(id, group)| is_own(id) || told(group.company));
        groups.sort_by_cached_key(|(_, group)| snapshot.group_name(group));
        groups
    }

    fn grant_scopes(group: &Group) -> impl Iterator<Item = GrantScope> {
        group.grants.iter().filter_map(|(_, company)| grant_scope(group.company, *company))
    }

    /// Whether a grant that the actor may be told of answers.
    fn answers(&self, group: &Group) -> bool {
        let told =
            |scope: &GrantScope| scope.company().is_none_or(|company| self.visible.contain(Some(company)));
        Self::grant_scopes(group).filter(told).any(|scope| covers(scope, self.company))
    }

    /// The person is in the group, but what it grants is for other companies; nothing of those that the actor has nothing to
    /// do with.
    fn too_narrow(&self, group: &Group) -> Option<DenialReason> {
        let snapshot = &self.scene.snapshot;
        let name = snapshot.group_name(group);
        if let Some(own) = group.company.filter(|own| self.company != Some(*own)) {
            return Some(DenialReason {
                code: "group_of_company",
                detail: format!("group `{name}` counts for `{}` only", snapshot.company_name(own)),
                hint: Hint::from(format!(
                    "ask with `--company{}{}`, or use a group of {}",
                    before(snapshot.company_name(own)),
                    quoted(snapshot.company_name(own)),
                    self.company.map_or_else(
                        || "no company".to_owned(),
                        |company| format!("`{}` or of no company", snapshot.company_name(company))
                    )
                )),
            });
        }
        let companies = group.grants.iter().filter_map(|(_, company)| *company);
        let companies = companies.filter(|id| self.known.contain(Some(*id)));
        let companies: Vec<String> = companies.map(|id| format!("`{}`", snapshot.company_name(id))).collect();
        (!companies.is_empty()).then(|| DenialReason {
            code: "grant_of_company",
            detail: format!(
                "group `{name}` grants `{}` for {} only",
                self.permission.id(),
                companies.join(", ")
            ),
            hint: self.grant_command(secboard("group grant").operand(&name)).into(),
        })
    }

    /// The roles the person holds that would bring the group, with why they do not.
    fn idle_roles(&self, group: i64) -> Vec<DenialReason> {
        let Scene { snapshot, person, .. } = self.scene;
        let held = person.roles.iter().filter_map(|(id, applied)| Some((snapshot.roles.get(id)?, *applied)));
        held.filter(|(role, _)| role.groups.contains(&group))
            .filter_map(|(role, applied)| {
                let group = snapshot.groups.get(&group)?;
                Some(self.idle_role(role, AccessSnapshot::idle(role, person.company, applied), group))
            })
            .collect()
    }

    fn idle_role(&self, role: &Role, idle: Option<Idle>, group: &Group) -> DenialReason {
        let Scene { snapshot, person, .. } = self.scene;
        let (slug, email, name) = (&role.slug, &person.email, snapshot.group_name(group));
        let brings = format!("role `{}` would bring group `{name}`", role.name);
        let missing = |code, why: String, hint: Hint| DenialReason {
            code,
            detail: format!("{brings}, but {why}"),
            hint,
        };
        match idle {
            Some(Idle::Inactive) => missing(
                "role_inactive",
                "it is inactive".to_owned(),
                secboard("role edit").word(slug).flags("--active").to_string().into(),
            ),
            Some(Idle::Elsewhere) => missing(
                "role_of_company",
                format!("it is only for {}", self.company_names(role)),
                "give a role that is for the person's company".to_owned().into(),
            ),
            Some(Idle::WithoutGroups) => missing(
                "role_without_groups",
                "it is held without its groups".to_owned(),
                secboard("user edit").word(email).flags("--role-groups").to_string().into(),
            ),
            None => missing(
                "group_takes_others",
                format!("that takes only people of `{}`", self.owner(group)),
                "give a group of the person's company, or of none".to_owned().into(),
            ),
        }
    }

    /// Groups whose grant would answer, if the person were in them.
    fn not_in_any(&self, outside: &[&Group]) -> Option<DenialReason> {
        let Scene { snapshot, person, .. } = self.scene;
        let takes = |group: &&&Group| group.company.is_none() || group.company == person.company;
        let (open, closed): (Vec<&Group>, Vec<&Group>) =
            outside.iter().copied().partition(|group| takes(&group));
        let permission = self.permission.id();
        let names = |groups: &[&Group]| {
            let shown = groups.iter().take(OFFERED).map(|group| format!("`{}`", snapshot.group_name(group)));
            let mut text = shown.collect::<Vec<_>>().join(", ");
            if groups.len() > OFFERED {
                write!(text, " and {} more", groups.len() - OFFERED).ok();
            }
            text
        };
        if let Some(first) = open.first() {
            return Some(DenialReason {
                code: "no_membership",
                detail: format!(
                    "no group that they are in grants `{permission}` {}; {} would",
                    self.asked(),
                    names(&open)
                ),
                hint: secboard("user add-group")
                    .word(&person.email)
                    .operand(&snapshot.group_name(first))
                    .to_string()
                    .into(),
            });
        }
        closed.first().map(|_| DenialReason {
            code: "group_takes_others",
            detail: format!("only groups that take people of other companies grant it: {}", names(&closed)),
            hint: "grant it to a group of the person's company, or of none".to_owned().into(),
        })
    }

    fn no_grant(&self) -> DenialReason {
        let permission = self.permission.id();
        let seen = if self.visible == CompanyScope::All { "" } else { " that you may look at" };
        DenialReason {
            code: "no_grant",
            detail: format!("no group{seen} grants `{permission}` {}", self.asked()),
            hint: Hint::from(format!(
                "grant it to a group, with `{}`",
                self.grant_command(secboard("group grant").word("GROUP"))
            )),
        }
    }

    /// The command that grants it to a group, begun with the group.
    fn grant_command(&self, group: Line) -> String {
        let command = group.word(self.permission.id());
        let command = match self.company {
            Some(company) => command.option("--company", self.scene.snapshot.company_name(company)),
            None => command.flags("--all-companies"),
        };
        command.to_string()
    }

    fn asked(&self) -> String {
        self.company.map_or_else(
            || "for all companies".to_owned(),
            |company| format!("for `{}`", self.scene.snapshot.company_name(company)),
        )
    }

    fn owner(&self, group: &Group) -> &str {
        group.company.map_or("", |company| self.scene.snapshot.company_name(company))
    }

    fn company_names(&self, role: &Role) -> String {
        let known = role.companies.iter().filter(|id| self.known.contain(Some(**id)));
        let names: Vec<String> =
            known.map(|id| format!("`{}`", self.scene.snapshot.company_name(*id))).collect();
        if names.is_empty() { "people of other companies".to_owned() } else { names.join(", ") }
    }
}

impl Explanation {
    /// For whom it was asked, in words.
    pub(crate) fn place(&self) -> String {
        self.company
            .as_ref()
            .map_or_else(|| "for all companies".to_owned(), |company| format!("for {company}"))
    }

    /// As a graph that Graphviz draws: the person on the left, the grants on the right, what is lacking dashed.
    pub(crate) fn dot(&self) -> String {
        let mut text = String::from("digraph access {\n  rankdir=LR;\n  node [shape=box];\n");
        let answer = format!("{} {}", self.permission.id(), self.place());
        let mut edge = |from: &str, to: &str, style: &str| {
            writeln!(text, "  {} -> {}{style};", dot::quoted(from), dot::quoted(to)).ok();
        };
        for chain in &self.chains {
            let mut from = self.email.as_str();
            for link in chain.from.iter().chain([&chain.group, &chain.grant]) {
                edge(from, link, "");
                from = link;
            }
            edge(from, &answer, "");
        }
        if self.superuser {
            edge(&self.email, "superuser", "");
            edge("superuser", &answer, "");
        }
        for missing in &self.missing {
            edge(&self.email, &missing.detail, " [style=dashed]");
            edge(&missing.detail, &answer, " [style=dashed]");
        }
        let mut lines: Vec<&str> = Vec::new();
        for line in text.lines() {
            if !lines.contains(&line) {
                lines.push(line);
            }
        }
        lines.join("\n") + "\n}\n"
    }
}

impl Chain {
    /// `role CISO → group Risk Managers → grant at Acme`.
    pub(crate) fn text(&self) -> String {
        let links = self.from.iter().chain([&self.group, &self.grant]);
        links.map(String::as_str).collect::<Vec<_>>().join(" → ")
    }
}
