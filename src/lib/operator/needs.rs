//! What each command needs: the one table that the help, the manual, the first check and `docs/operators.md` are made of.
//!
//! Before a command runs, the actor must have what it needs for some company; the operation itself then checks what
//! exactly is touched. A command that does not stand here belongs to the system actor.

use super::Error;
use crate::context::Actor;
use crate::error::Result;
use crate::run;

/// What a command needs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Needs {
    /// Nothing: it neither reads nor writes a store.
    Nothing,
    /// Root, or the owner of the store.
    System,
    /// A superuser, whatever is granted.
    Superuser,
    /// All of these permissions.
    All(&'static [&'static str]),
    /// This permission, for all companies.
    Everywhere(&'static str),
    /// Any of these permissions.
    Any(&'static [&'static str]),
}

impl Needs {
    /// The permissions it names.
    pub(super) const fn permissions(&self) -> &[&'static str] {
        match self {
            Self::All(permissions) | Self::Any(permissions) => permissions,
            Self::Everywhere(permission) => std::slice::from_ref(permission),
            Self::Nothing | Self::System | Self::Superuser => &[],
        }
    }
}

/// A command, what it needs, and for which companies.
pub(super) type Line = (&'static str, Needs, &'static str);

const PERSON: &str = "for the person's company";
const ABOUT: &str = "nothing about oneself; users.view for the company of anybody else";
const OF_WHOM: &str = "nothing about oneself; users.view for the company of anybody else, groups.view or roles.view \
    for that of a group or role";
const COMPANY: &str = "for the company";
const OF_COMPANY: &str =
    "for the company; only superusers give it a name or slug that another company has had";
const OF_NEW_COMPANY: &str = "; only superusers give it a name or slug that another company has had";
const SETTINGS: &str =
    "; superusers, for a setting that guards something, such as `site.domain` or `brake.people`";
const CUT: &str = "and shows only the companies it is held for";
const OF_GROUP: &str = "for the group's company, all if it has none";
const OF_ROLE: &str = "for the role's companies, all if it has none";
const OF_SEEN_GROUP: &str = "for the group's company, any if it has none";
const OF_SEEN_ROLE: &str = "for one of the role's companies, any if it has none";
const FILES_OF_MAIL: &str = "; root or the owner of the store, for what names a file, a folder or a program";
const FILES_OF_DIRECTORIES: &str = "; root or the owner of the store, for what names a file";
const OF_CONNECTION: &str = "for the connection's company";
const OF_SYNC: &str = "for the connection's company, and with `--all` follows those it is held for";
const OF_LEADING: &str = "for the connection's company; a superuser, for what leads logins: servers and how they are asked, who \
    reads, base, filter, attributes, domains, what a sync does; root or the owner of the store, for what names a file";
const OF_ACCOUNT: &str = "for the account's company, all if it has none";
const OF_MAIL: &str = "for the company whose mail it is, all if it is of none";
const OF_DROP: &str = "for the company whose mail it is, all if it is of none; a superuser, for what people are told of their accounts";
const GIVES: &str = "for the person's company; only what one holds, or what is assignable";

const OF_RUN: &str = "for one's own runs that needed it; users.edit for all companies for those of others";
const OF_DISCARD: &str = "for one's own runs that needed it; users.edit for all companies, and what every change of it needs, \
    for those of others that do not affect oneself";
const OF_RELEASE: &str = ", and what each change of it needs, of who releases it and of who made it";
const OF_UNDO: &str = "for one's own runs that needed it, and what taking each change back needs";

/// Every command.
pub(super) const TABLE: &[Line] = &[
    ("init", Needs::System, ""),
    ("quickstart", Needs::System, ""),
    ("user create", Needs::All(&["users.add"]), PERSON),
    ("user adopt", Needs::Everywhere("users.edit"), ", for an account is of none before"),
    ("user list", Needs::All(&["users.view"]), CUT),
    ("user show", Needs::All(&["users.view"]), PERSON),
    ("user edit", Needs::All(&["users.edit"]), "for the person's company, and the new one"),
    ("user import", Needs::Any(&["users.add", "users.edit"]), "for each person's company, old and new"),
    ("user activate", Needs::All(&["users.edit"]), PERSON),
    ("user deactivate", Needs::All(&["users.edit"]), PERSON),
    ("user delete", Needs::All(&["users.delete"]), PERSON),
    ("user restore", Needs::All(&["users.edit"]), "for the person's company, and the new one"),
    ("user purge", Needs::All(&["users.delete"]), PERSON),
    ("user unlock", Needs::All(&["users.edit"]), PERSON),
    ("user refresh", Needs::All(&["users.edit"]), PERSON),
    ("user force-password-change", Needs::All(&["users.edit"]), PERSON),
    ("user set-password", Needs::All(&["users.edit"]), PERSON),
    ("user invite", Needs::All(&["users.edit"]), PERSON),
    ("user add-role", Needs::All(&["users.edit"]), GIVES),
    ("user remove-role", Needs::All(&["users.edit"]), GIVES),
    ("user add-group", Needs::All(&["users.edit"]), GIVES),
    ("user remove-group", Needs::All(&["users.edit"]), GIVES),
    ("user avatar set", Needs::All(&["users.edit"]), PERSON),
    ("user avatar show", Needs::All(&["users.view"]), PERSON),
    ("user avatar remove", Needs::All(&["users.edit"]), PERSON),
    ("user session list", Needs::All(&["users.view"]), PERSON),
    ("user session end", Needs::All(&["users.edit"]), PERSON),
    ("user calendar", Needs::All(&["users.view"]), CUT),
    ("user why", Needs::All(&["users.view"]), PERSON),
    ("two-factor status", Needs::All(&["users.view"]), PERSON),
    ("two-factor require", Needs::All(&["two_factor.require"]), PERSON),
    ("two-factor unrequire", Needs::All(&["two_factor.require"]), PERSON),
    ("two-factor reset", Needs::All(&["two_factor.reset"]), PERSON),
    ("role create", Needs::All(&["roles.add"]), OF_ROLE),
    ("role list", Needs::All(&["roles.view"]), CUT),
    ("role show", Needs::All(&["roles.view"]), OF_SEEN_ROLE),
    ("role edit", Needs::All(&["roles.edit"]), OF_ROLE),
    ("role delete", Needs::All(&["roles.delete"]), OF_ROLE),
    ("role dashboard show", Needs::All(&["roles.view"]), OF_SEEN_ROLE),
    ("role dashboard set", Needs::All(&["roles.edit"]), OF_ROLE),
    ("role dashboard reset", Needs::All(&["roles.edit"]), OF_ROLE),
    ("group create", Needs::All(&["groups.add"]), OF_GROUP),
    ("group list", Needs::All(&["groups.view"]), CUT),
    ("group show", Needs::All(&["groups.view"]), OF_SEEN_GROUP),
    ("group edit", Needs::All(&["groups.edit"]), OF_GROUP),
    ("group delete", Needs::All(&["groups.delete"]), OF_GROUP),
    ("group grant", Needs::All(&["groups.edit"]), "for the group's company; only what one holds"),
    ("group revoke", Needs::All(&["groups.edit"]), "for the group's company; only what one holds"),
    (
        "group members",
        Needs::All(&["groups.view"]),
        "for the group's company, any if it has none; people are named with users.view for theirs",
    ),
    ("group add-member", Needs::All(&["groups.edit", "users.edit"]), GIVES),
    ("group remove-member", Needs::All(&["groups.edit", "users.edit"]), GIVES),
    ("permission list", Needs::Nothing, ""),
    ("permission show", Needs::All(&[]), ABOUT),
    ("permission check", Needs::All(&[]), ABOUT),
    ("permission explain", Needs::All(&[]), ABOUT),
    ("permission who-can", Needs::All(&["users.view"]), CUT),
    ("permission diff", Needs::All(&[]), ABOUT),
    ("permission matrix", Needs::All(&[]), OF_WHOM),
    ("company create", Needs::Everywhere("companies.add"), OF_NEW_COMPANY),
    ("company list", Needs::All(&["org.view"]), CUT),
    ("company show", Needs::All(&["org.view"]), COMPANY),
    ("company edit", Needs::All(&["companies.edit"]), OF_COMPANY),
    ("company control-word set", Needs::All(&["companies.edit"]), COMPANY),
    ("company control-word rotate", Needs::All(&["companies.edit"]), COMPANY),
    ("company control-word remove", Needs::All(&["companies.edit"]), COMPANY),
    ("company delete", Needs::All(&["companies.delete"]), COMPANY),
    ("department create", Needs::All(&["departments.add"]), COMPANY),
    ("department list", Needs::All(&["org.view"]), CUT),
    ("department show", Needs::All(&["org.view"]), COMPANY),
    ("department edit", Needs::All(&["departments.edit"]), COMPANY),
    ("department delete", Needs::All(&["departments.delete"]), COMPANY),
    ("position create", Needs::All(&["positions.add"]), COMPANY),
    ("position list", Needs::All(&["org.view"]), CUT),
    ("position show", Needs::All(&["org.view"]), COMPANY),
    ("position edit", Needs::All(&["positions.edit"]), COMPANY),
    ("position delete", Needs::All(&["positions.delete"]), COMPANY),
    ("org chart", Needs::All(&["org.view_chart"]), CUT),
    ("export users", Needs::All(&["users.export"]), CUT),
    ("export roles", Needs::All(&["roles.view"]), CUT),
    ("export groups", Needs::All(&["groups.view"]), CUT),
    ("export permissions", Needs::All(&["groups.view"]), CUT),
    ("export access", Needs::All(&["users.export", "groups.view"]), CUT),
    ("run list", Needs::Any(run::MAKING), OF_RUN),
    ("run show", Needs::Any(run::MAKING), OF_RUN),
    ("run undo", Needs::Any(run::MAKING), OF_UNDO),
    ("run release", Needs::Everywhere("users.edit"), OF_RELEASE),
    ("run discard", Needs::Any(run::MAKING), OF_DISCARD),
    ("audit list", Needs::Everywhere("audit.view"), ""),
    ("audit show", Needs::Everywhere("audit.view"), ""),
    ("audit verify", Needs::Everywhere("audit.view"), ""),
    ("audit checkpoint", Needs::Everywhere("audit.view"), ""),
    ("setting list", Needs::All(&["settings.view"]), "for some company"),
    ("setting get", Needs::All(&["settings.view"]), "for some company"),
    ("setting set", Needs::Everywhere("settings.edit"), SETTINGS),
    ("setting unset", Needs::Everywhere("settings.edit"), SETTINGS),
    ("setting operator list", Needs::System, ""),
    ("setting operator set", Needs::System, ""),
    ("setting operator remove", Needs::System, ""),
    ("mail server create", Needs::Superuser, FILES_OF_MAIL),
    ("mail server list", Needs::Everywhere("mail.view"), ""),
    ("mail server show", Needs::Everywhere("mail.view"), ""),
    ("mail server edit", Needs::Superuser, FILES_OF_MAIL),
    ("mail server delete", Needs::Superuser, ""),
    ("mail account create", Needs::Superuser, ""),
    ("mail account list", Needs::All(&["mail.view"]), CUT),
    ("mail account show", Needs::All(&["mail.view"]), OF_ACCOUNT),
    ("mail account edit", Needs::Superuser, ""),
    ("mail account delete", Needs::Superuser, ""),
    ("mail account dkim", Needs::Superuser, ""),
    ("mail route set", Needs::Superuser, ""),
    ("mail route unset", Needs::Superuser, ""),
    ("mail route list", Needs::All(&["mail.view"]), CUT),
    ("mail route explain", Needs::All(&["mail.view"]), "for the company, all without one"),
    ("mail flush", Needs::Everywhere("mail.send"), ""),
    ("mail test", Needs::All(&["mail.send"]), OF_ACCOUNT),
    ("upkeep", Needs::System, ""),
    ("mail send", Needs::All(&["mail.send"]), "for the company, all without one"),
    ("mail outbox list", Needs::All(&["mail.view"]), CUT),
    ("mail outbox show", Needs::All(&["mail.view"]), OF_MAIL),
    ("mail outbox retry", Needs::All(&["mail.send"]), OF_MAIL),
    ("mail outbox drop", Needs::All(&["mail.send"]), OF_DROP),
    ("mail trace", Needs::All(&["mail.view"]), CUT),
    ("mail preview", Needs::All(&["mail.send"]), "for some company"),
    ("mail contact list", Needs::Everywhere("mail.view"), ""),
    ("mail contact show", Needs::Everywhere("mail.view"), ""),
    ("mail contact close", Needs::Everywhere("mail.send"), ""),
    ("mail doctor", Needs::Everywhere("mail.view"), ""),
    ("ad create", Needs::Superuser, FILES_OF_DIRECTORIES),
    ("ad list", Needs::All(&["directory.view"]), CUT),
    ("ad show", Needs::All(&["directory.view"]), OF_CONNECTION),
    ("ad edit", Needs::All(&["directory.edit"]), OF_LEADING),
    ("ad delete", Needs::Superuser, FILES_OF_DIRECTORIES),
    ("ad capture", Needs::All(&["directory.sync"]), OF_CONNECTION),
    ("ad replay", Needs::Nothing, ""),
    ("ad link", Needs::All(&["directory.sync", "users.edit"]), OF_CONNECTION),
    ("ad lint", Needs::All(&["directory.edit"]), OF_CONNECTION),
    ("ad test", Needs::All(&["directory.edit"]), OF_CONNECTION),
    ("ad plan", Needs::All(&["directory.sync"]), OF_CONNECTION),
    ("ad sync", Needs::All(&["directory.sync"]), OF_SYNC),
    ("ad quarantine", Needs::All(&["directory.sync"]), OF_CONNECTION),
    ("ad login-test", Needs::All(&["directory.edit"]), OF_CONNECTION),
    ("key show", Needs::System, ""),
    ("key rotate", Needs::System, ""),
    ("help", Needs::Nothing, ""),
    ("completions", Needs::Nothing, ""),
    ("man", Needs::Nothing, ""),
    ("generate", Needs::System, ""),
];

/// Whether a command works with the store of the site; `quickstart` has one of its own.
pub(super) fn is_of_store(command: &str) -> bool {
    of(command) != Needs::Nothing && !matches!(command, "generate" | "quickstart")
}

/// What a command asks for beside what it needs: a permission, and for which part of which commands.
pub(super) const BESIDE: &[(&str, &str)] = &[
    (
        "users.export",
        "for more than 100 people at once in `user list`, `user calendar`, `group members`, `permission who-can`, `org chart` and \
        `run show`, for all companies they may be of",
    ),
    ("two_factor.require", "to change whether a person needs a second factor"),
    ("companies.add", "for `user import --create-missing` to make a company, for all companies"),
    ("departments.add", "for `user import --create-missing` to make a department"),
    ("positions.add", "for `user import --create-missing` to make a position"),
];

/// Who is told who people are, beside the system actor and superusers.
pub(super) const NAMES: &[&str] = &[
    "A person's name, email and id are told to who holds `users.view` for the person's company. To everybody else people are \
    counted: in `group members` and `role delete`, in what a change takes, in questions, hints and refusals.",
    "Who holds what a command does to people (`users.edit`, `users.delete`) or hands out (`users.export`) for the person's \
    company names them to that command, and is answered about whom they named or handed out.",
    "A run names those whom it changes to who made it, and to who holds `users.edit` for all companies.",
    "The chart shows people to who may view it: `org.view_chart`, for the company. `--no-people` leaves them out.",
    "The audit tells everything to who holds `audit.view`, for all companies.",
    "Everybody is told of themself.",
];

/// What a command needs.
pub(crate) fn of(command: &str) -> Needs {
    line(command).map_or(Needs::System, |(_, needs, _)| *needs)
}

pub(super) fn line(command: &str) -> Option<&'static Line> {
    TABLE.iter().find(|(name, ..)| *name == command)
}

/// Refuses an actor who has not what the command needs for any company.
pub(super) fn check(actor: &Actor, command: &str) -> Result<()> {
    match of(command) {
        Needs::Nothing => Ok(()),
        Needs::System if actor.is_system() => Ok(()),
        Needs::System => Err(Error::SystemOnly { command: command.to_owned() }.into()),
        Needs::Superuser if actor.is_superuser() => Ok(()),
        Needs::Superuser => Err(actor.denied(format!("only a superuser uses `secboard {command}`")).into()),
        Needs::All(permissions) => {
            permissions.iter().try_for_each(|permission| Ok(actor.require_anywhere(permission)?))
        }
        Needs::Everywhere(permission) => Ok(actor.require(permission, None)?),
        Needs::Any(permissions) => Ok(actor.require_any(permissions)?),
    }
}

/// What a command needs, in words.
pub(super) fn words((_, needs, scope): &Line) -> String {
    let (permissions, and) = match needs {
        Needs::Nothing => return "nothing".to_owned(),
        Needs::System => return "root, or the owner of the store".to_owned(),
        Needs::Superuser => return format!("a superuser, whatever is granted{scope}"),
        Needs::Everywhere(permission) => return format!("{permission}, for all companies{scope}"),
        Needs::All(permissions) => (permissions, " and "),
        Needs::Any(permissions) => (permissions, " or "),
    };
    if permissions.is_empty() { (*scope).to_owned() } else { format!("{}, {scope}", permissions.join(and)) }
}
