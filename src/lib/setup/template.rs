//! What a new store may begin with: groups, one for each tier of access, and roles, one for each job, that bring them.
//!
//! The tiers are about the modules that other programs serve. Who administers secboard itself is nobody's tier: that is
//! the business of superusers until it is delegated on purpose, with a group made for it.

use crate::catalog::{Level, Permission};
use crate::context::Context;
use crate::error::Result;
use crate::group::{self, Grant};
use crate::role::{self, dashboard::Dashboard};
use crate::store::Tx;

/// A set of groups and roles to begin with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Template {
    /// Groups Full Access, Read-Only, Risk Only, Incident Response; roles CISO, Risk Manager, Internal Auditor, SOC Analyst,
    /// Read-Only Auditor.
    Manual,
}

/// A tier of access.
struct Tier {
    name: &'static str,
    description: &'static str,
    color: &'static str,
    /// How much of which modules; no module for all but those of administration.
    holds: &'static [(Level, &'static [&'static str])],
}

/// A job.
struct Job {
    name: &'static str,
    description: &'static str,
    color: &'static str,
    groups: &'static [&'static str],
    /// The modules whose widgets its dashboard may show; none for all.
    modules: &'static [&'static str],
    /// The sections of its dashboard.
    sections: &'static [&'static str],
}

const TIERS: &[Tier] = &[
    Tier {
        name: "Full Access",
        description: "Everything in every module, the administration of accounts apart",
        color: "#b71c1c",
        holds: &[(Level::Full, &[])],
    },
    Tier {
        name: "Read-Only",
        description: "Looking at every module, the administration of accounts apart",
        color: "#546e7a",
        holds: &[(Level::View, &[])],
    },
    Tier {
        name: "Risk Only",
        description: "Everything about risks, and nothing else",
        color: "#e65100",
        holds: &[(Level::Full, &["risk"])],
    },
    Tier {
        name: "Incident Response",
        description: "Everything about incidents and changed files, and looking at what is attacked",
        color: "#01579b",
        holds: &[(Level::Full, &["incidents", "fim"]), (Level::View, &["assets", "phishing"])],
    },
];

const JOBS: &[Job] = &[
    Job {
        name: "CISO",
        description: "Answers for information security as a whole",
        color: "#b71c1c",
        groups: &["Full Access"],
        modules: &[],
        sections: &["top_panel", "risks_tprm", "compliance", "operations", "access", "people"],
    },
    Job {
        name: "Risk Manager",
        description: "Assesses risks and follows their treatment",
        color: "#e65100",
        groups: &["Risk Only"],
        modules: &["risk"],
        sections: &["risks_tprm", "people"],
    },
    Job {
        name: "Internal Auditor",
        description: "Checks controls and evidence, and changes nothing",
        color: "#4a148c",
        groups: &["Read-Only"],
        modules: &[],
        sections: &["compliance", "access", "risks_tprm"],
    },
    Job {
        name: "SOC Analyst",
        description: "Works on incidents and alerts",
        color: "#01579b",
        groups: &["Incident Response"],
        modules: &["incidents", "fim", "phishing"],
        sections: &["top_panel", "operations", "people"],
    },
    Job {
        name: "Read-Only Auditor",
        description: "Looks at everything for a while, such as from outside",
        color: "#546e7a",
        groups: &["Read-Only"],
        modules: &[],
        sections: &["top_panel", "compliance"],
    },
];

/// The distance of roles in their order, so that others fit between.
const STEP: i64 = 10;

/// Makes what of the template there is not yet, in a transaction of the caller. What has one of its names stays as it is,
/// but groups get the grants they lack.
pub(crate) fn apply(cx: &Context, tx: &Tx<'_>, template: Template) -> Result<()> {
    let Template::Manual = template;
    TIERS.iter().try_for_each(|tier| make_group(cx, tx, tier))?;
    (1..).zip(JOBS).try_for_each(|(place, job)| make_role(cx, tx, job, place * STEP))
}

fn make_group(cx: &Context, tx: &Tx<'_>, tier: &Tier) -> Result<()> {
    if group::find_in(tx, tier.name)?.is_none() {
        let new = group::New {
            name: tier.name.to_owned(),
            description: Some(tier.description.to_owned()),
            color: Some(tier.color.to_owned()),
            ..group::New::default()
        };
        group::create_in(cx, tx, &new, None)?;
    }
    let grants = Permission::all().filter(|permission| tier.has(*permission)).map(|permission| Grant {
        permission: permission.id().to_owned(),
        company_id: None,
        company: None,
    });
    group::grant_in(cx, tx, group::get_in(tx, tier.name)?, grants, false)?;
    Ok(())
}

impl Tier {
    fn has(&self, permission: Permission) -> bool {
        self.holds.iter().any(|(level, modules)| {
            let meant = if modules.is_empty() {
                is_for_a_tier(permission)
            } else {
                modules.contains(&permission.module())
            };
            meant && level.holds(permission)
        })
    }
}

/// Whether a tier of all modules holds it. The menu entry "Options" opens the way to user management alone, so who has none
/// of that has no use for it.
fn is_for_a_tier(permission: Permission) -> bool {
    !permission.administers() && permission.module() != "options"
}

fn make_role(cx: &Context, tx: &Tx<'_>, job: &Job, order: i64) -> Result<()> {
    if role::find_in(tx, job.name)?.is_some() {
        return Ok(());
    }
    let owned = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect();
    let new = role::New {
        name: job.name.to_owned(),
        description: Some(job.description.to_owned()),
        color: Some(job.color.to_owned()),
        order,
        groups: owned(job.groups),
        modules: owned(job.modules),
        dashboard: Dashboard::of(job.sections),
        ..role::New::default()
    };
    role::create_in(cx, tx, &new, None)?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::{JOBS, TIERS, Template, apply};
    use crate::catalog::{Module, Permission};
    use crate::context::Context;
    use crate::{audit, group, role};

    fn rows(cx: &Context) -> usize {
        let mut rows = 0;
        audit::list(cx, &audit::Filter::default(), |_| {
            rows += 1;
            Ok(())
        })
        .unwrap();
        rows
    }

    #[test]
    fn it_makes_tiers_and_jobs_each_change_recorded_and_a_second_time_nothing() {
        let cx = Context::for_tests();
        let before = rows(&cx);
        cx.write(|tx| apply(&cx, tx, Template::Manual)).unwrap();
        let made = rows(&cx);
        assert_eq!(made - before, TIERS.len() * 2 + JOBS.len(), "a group, its grants, a role: a row each");
        let roles = role::list(&cx, &role::Shown::default()).unwrap();
        let names: Vec<&str> = roles.iter().map(|role| role.name.as_str()).collect();
        assert_eq!(names, ["CISO", "Risk Manager", "Internal Auditor", "SOC Analyst", "Read-Only Auditor"]);
        for role in roles {
            assert!(role.color.is_some() && !role.groups.is_empty() && role.dashboard.recorded().is_object());
        }
        cx.write(|tx| apply(&cx, tx, Template::Manual)).unwrap();
        assert_eq!(rows(&cx), made);
    }

    #[test]
    fn what_somebody_changed_meanwhile_stays() {
        let cx = Context::for_tests();
        let new = group::New { name: "read-only".into(), ..group::New::default() };
        group::create(&cx, &new, None, false).unwrap();
        cx.write(|tx| apply(&cx, tx, Template::Manual)).unwrap();
        let found = cx.read(|tx| group::get_in(tx, "Read-Only")).unwrap();
        assert_eq!((found.name.as_str(), found.description), ("read-only", None));
        assert!(found.grants > 0);
    }

    #[test]
    fn a2_no_tier_hands_out_the_administration_of_secboard() {
        for tier in TIERS {
            let of_menu = |permission: &Permission| permission.module() == "options";
            let mut kept = Permission::all().filter(|one| one.administers() || of_menu(one));
            assert!(!kept.any(|permission| tier.has(permission)), "{}", tier.name);
        }
    }

    #[test]
    fn every_module_and_group_it_names_is_there() {
        let modules = TIERS.iter().flat_map(|tier| tier.holds).flat_map(|(_, modules)| *modules);
        for module in modules.chain(JOBS.iter().flat_map(|job| job.modules)) {
            Module::parse(module).unwrap();
        }
        for group in JOBS.iter().flat_map(|job| job.groups) {
            assert!(TIERS.iter().any(|tier| tier.name == *group), "{group}");
        }
    }
}
