//! `docs/operators.md`: who may do what, for somebody who reviews it.

use std::collections::HashMap;
use std::fmt::Write as _;

use super::needs::{self, BESIDE, NAMES, TABLE};
use crate::context::settings::{About, ChangedBy, Table};
use crate::context::{Account, Actor, Authority, CompanyScope, Service};

/// Typical operators: what they are called, and what they hold for all companies.
const OPERATORS: &[(&str, &[&str])] = &[
    ("staff without rights", &[]),
    ("help desk", &["users.view", "users.edit"]),
    ("personnel", &["users.view", "users.add", "users.edit", "users.delete", "users.export", "org.view"]),
    (
        "organisation",
        &[
            "org.view",
            "org.view_chart",
            "companies.add",
            "companies.edit",
            "companies.delete",
            "departments.add",
            "departments.edit",
            "departments.delete",
            "positions.add",
            "positions.edit",
            "positions.delete",
        ],
    ),
    (
        "access",
        &[
            "users.view",
            "users.edit",
            "groups.view",
            "groups.add",
            "groups.edit",
            "groups.delete",
            "roles.view",
            "roles.add",
            "roles.edit",
            "roles.delete",
        ],
    ),
    ("auditor", &["users.view", "users.export", "org.view", "org.view_chart", "audit.view", "settings.view"]),
];

const INTRODUCTION: &str = "\
# Who may do what

The *system actor* is root, and the user who owns the store. A *superuser* has every permission. Anybody else has what
the groups of the account grant. A mark says that the command begins; what exactly is touched is checked by the command
itself, for the companies the permission is held for, and by these rules:

- nobody changes somebody who holds permissions of administration that they lack themselves, for the same company;
- only a superuser changes superusers, and the marks `superuser` and `staff`;
- nobody, superusers included, changes their own email, roles, groups, marks, switch, dates, company or whether a second factor
  is required of them, sets their own password without the current one, spares themself a forced change of it, or ends a hold on themself;
- only a superuser changes a setting that guards something: who changes which stands [below](#settings);
- only a superuser keeps from people what is done to their accounts, with `--no-notice` or by dropping the mail that tells it;
- roles and groups are given and taken only when every grant they bring is held, or the group is assignable, which ends when it
  is granted more or reaches further, unless that is said again;
- permissions are granted only as far as they are held.

An operator names no files (only `-`), no other store, configuration or account.
";

/// The text of the file, below the line that says how it came to be.
pub(crate) fn document(settings: &Table) -> String {
    let mut text = format!("{INTRODUCTION}\n## Actors and commands\n\nThe columns:\n\n");
    for (name, held) in OPERATORS.iter().filter(|(_, held)| !held.is_empty()) {
        let held: Vec<String> = held.iter().map(|permission| format!("`{permission}`")).collect();
        writeln!(text, "- {name}: {}", held.join(", ")).ok();
    }
    let actors = actors();
    let names: Vec<&str> = actors.iter().map(|(name, _)| *name).collect();
    writeln!(text, "\n| command | needs | {} |", names.join(" | ")).ok();
    writeln!(text, "|---|---|{}", ":-:|".repeat(names.len())).ok();
    for line in TABLE {
        let marks: Vec<&str> = actors
            .iter()
            .map(|(_, actor)| if needs::check(actor, line.0).is_ok() { "✓" } else { "·" })
            .collect();
        writeln!(text, "| `{}` | {} | {} |", line.0, needs::words(line), marks.join(" | ")).ok();
    }
    text.push_str(
        "\n## Settings\n\nWhat guards something, such as the brake, the bin or where links lead, only superusers change, whatever is \
        granted. The others take `settings.edit` for all companies.\n\n\
        | setting | changed by | meaning |\n|---|---|---|\n",
    );
    for setting in settings.all() {
        let &About { name, meaning, changed_by, .. } = setting.about();
        let who = match changed_by {
            ChangedBy::Editors => "`settings.edit`",
            ChangedBy::Superusers => "superusers",
        };
        writeln!(text, "| `{name}` | {who} | {meaning} |").ok();
    }
    text.push_str("\n## Services\n\n");
    text.push_str(
        "What secboard does by itself has these permissions, for all companies, and no others:\n\n",
    );
    for service in Service::ALL {
        let held: Vec<String> =
            service.permissions().iter().map(|permission| format!("`{permission}`")).collect();
        let held = if held.is_empty() { "none".to_owned() } else { held.join(", ") };
        writeln!(text, "- {}: {held}", service.name()).ok();
    }
    text.push_str("\n## Beside what the command needs\n\n");
    for (permission, what) in BESIDE {
        writeln!(text, "- `{permission}`: {what}").ok();
    }
    text.push_str("\n## Who is told who people are\n\n");
    for rule in NAMES {
        writeln!(text, "- {rule}").ok();
    }
    text.push_str("\n## Permissions and commands\n\n");
    for (permission, commands) in by_permission() {
        let commands: Vec<String> = commands.iter().map(|command| format!("`{command}`")).collect();
        writeln!(text, "- `{permission}`: {}", commands.join(", ")).ok();
    }
    text
}

fn actors() -> Vec<(&'static str, Actor)> {
    let account = |superuser, held: &[&'static str]| {
        let held: HashMap<_, _> = held.iter().map(|permission| (*permission, CompanyScope::All)).collect();
        Actor {
            authority: Authority::Account(Account { id: 1, superuser, permissions: held }),
            ..Actor::system(None)
        }
    };
    let mut actors = vec![("system", Actor::system(None)), ("superuser", account(true, &[]))];
    actors.extend(OPERATORS.iter().map(|(name, held)| (*name, account(false, held))));
    actors
}

/// The permissions that commands need, each with the commands, in the order of the table.
pub(super) fn by_permission() -> Vec<(&'static str, Vec<&'static str>)> {
    let mut all: Vec<(&'static str, Vec<&'static str>)> = Vec::new();
    for (command, needs, _) in TABLE {
        let permissions = needs.permissions();
        for permission in permissions {
            match all.iter_mut().find(|(known, _)| known == permission) {
                Some((_, commands)) => commands.push(command),
                None => all.push((*permission, vec![*command])),
            }
        }
    }
    all
}
