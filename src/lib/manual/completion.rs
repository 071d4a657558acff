//! Completions of bash, zsh and fish, with values from the store.
//!
//! The scripts ask secboard itself for what may follow, so they never have to be renewed. Values come from the store
//! that secboard would open; where it cannot be read, which is so for most users of a machine, or waits for an upgrade,
//! nothing is offered and nothing is said. To press Tab changes nothing.

use std::ffi::{OsStr, OsString};

use clap::{Arg, Command, ValueEnum};
use clap_complete::CompleteEnv;
use clap_complete::engine::{ArgValueCompleter, CompletionCandidate};
use clap_complete::env::{EnvCompleter, Zsh};

use super::Programs;
use super::line::Line;
use super::store::{self, Source};
use crate::catalog::{Module, Permission};
use crate::error::Result;
use crate::mail::message::Message;
use crate::role::dashboard;
use crate::store::Store;
use crate::text::character::is_driving;
use crate::text::fold::fold;
use crate::{config, mail, operator};

/// The variable by which a script asks; its value is the shell.
const VARIABLE: &str = "COMPLETE";

/// Our own, because that of `clap_complete` puts values with spaces into the line as several words.
const BASH: &str = include_str!("complete.bash");

/// Our own, because that of `clap_complete` asks with the quotation mark that the word at hand begins with.
const FISH: &str = include_str!("complete.fish");

/// The words as zsh has them, with quotation marks and backslashes; and as they are meant, the one at hand up to the cursor.
const ZSH_WORDS: [&str; 2] =
    ["\"${words[@]}\"", "\"${(@Q)words[1,CURRENT-1]}\" \"${(Q)PREFIX}\" \"${(@Q)words[CURRENT+1,-1]}\""];

/// zsh loads the file at the first Tab, as the body of a function of the file's name, which then has to answer as well.
const ZSH_FIRST_CALL: &str =
    "\n[[ \"${funcstack[1]}\" != _secboard ]] || _clap_dynamic_completer_secboard \"$@\"\n";

/// A shell whose completions there are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Shell {
    /// GNU bash.
    Bash,
    /// zsh.
    Zsh,
    /// fish.
    Fish,
}

impl Shell {
    /// Every shell.
    pub(super) const ALL: [Self; 3] = [Self::Bash, Self::Zsh, Self::Fish];

    /// The name the shell expects of the file.
    pub(super) const fn file(self) -> &'static str {
        match self {
            Self::Bash => "secboard.bash",
            Self::Zsh => "_secboard",
            Self::Fish => "secboard.fish",
        }
    }

    /// The script; writing to memory cannot fail.
    pub(super) fn script(self) -> String {
        match self {
            Self::Bash => BASH.to_owned(),
            Self::Zsh => zsh(),
            Self::Fish => FISH.to_owned(),
        }
    }
}

fn zsh() -> String {
    let mut script = Vec::new();
    Zsh.write_registration(VARIABLE, "secboard", "secboard", "secboard", &mut script).ok();
    let [raw, meant] = ZSH_WORDS;
    let text = String::from_utf8_lossy(&script).replace(raw, meant);
    text.lines().map(str::trim_end).fold(String::new(), |text, line| text + line + "\n") + ZSH_FIRST_CALL
}

/// Answers a completion script; says whether one asked.
pub(crate) fn answer(arguments: &[OsString], programs: Programs) -> bool {
    let folder = std::env::current_dir().ok();
    let line = Line::of(arguments);
    let asked = CompleteEnv::with_factory(|| with_values(programs, (programs.secboard)(), "", &line))
        .var(VARIABLE)
        .completer("secboard")
        .try_complete(arguments.iter().cloned(), folder.as_deref());
    // A shell it does not know is asked nothing either: an error would land in the person's line.
    asked.unwrap_or(true)
}

/// The command line with a source of values at each argument that has one.
fn with_values(programs: Programs, command: Command, path: &str, line: &Line) -> Command {
    command
        .mut_args(|argument| match values_of(path, argument.get_id().as_str()) {
            Some(values) => add(argument, values, line.clone(), programs),
            None => argument,
        })
        .mut_subcommands(|below| {
            let path = format!("{path} {}", below.get_name());
            with_values(programs, below, path.trim_start(), line)
        })
}

fn add(argument: Arg, values: Values, line: Line, programs: Programs) -> Arg {
    argument.add(ArgValueCompleter::new(move |typed: &OsStr| candidates(values, &line, programs, typed)))
}

/// Where the values of an argument come from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Values {
    Settings,
    Permissions,
    Modules,
    Sections,
    Widgets,
    /// What mails are for.
    Features,
    /// What mails say.
    Messages,
    /// Topics and commands.
    Help,
    Stored(Source),
    /// People, or what they are given or lose: one list of words on the command line, of which that is the last.
    PeopleOr(Source),
}

/// The values of an argument, by the words of its command and its name.
pub(super) fn values_of(command: &str, argument: &str) -> Option<Values> {
    let (noun, verb) = command.split_once(' ').unwrap_or((command, ""));
    let source = match (noun, argument) {
        ("user", "users") if verb == "add-role" => return Some(Values::PeopleOr(Source::ActiveRoles)),
        ("user", "users") if verb == "remove-role" => return Some(Values::PeopleOr(Source::Roles)),
        ("user", "users") if matches!(verb, "add-group" | "remove-group") => {
            return Some(Values::PeopleOr(Source::Groups));
        }
        ("user", "roles") => Source::ActiveRoles,
        ("setting", "user") => Source::StaffEmails,
        ("mail", "server") => Source::MailServers,
        ("mail", "account" | "second") => Source::MailAccounts,
        ("ad", "connection") => Source::Connections,
        ("mail", "feature") => return Some(Values::Features),
        ("mail", "message") => return Some(Values::Messages),
        ("mail", "mail" | "mails") => Source::Mails,
        ("mail", "to" | "email") | ("export", "mail_to") | ("ad", "email") => Source::Emails,
        ("help", "words") => return Some(Values::Help),
        ("setting", "name") => return Some(Values::Settings),
        ("role", "section") => return Some(Values::Sections),
        ("role", "widget") => return Some(Values::Widgets),
        (_, "module" | "add_module" | "remove_module") => return Some(Values::Modules),
        (_, "permission" | "permissions") => return Some(Values::Permissions),
        (_, "role" | "roles" | "with_role") => Source::Roles,
        (_, "group" | "groups" | "in_group" | "of_group" | "add_group" | "remove_group") => Source::Groups,
        ("user" | "permission", "who" | "user" | "other_user" | "users" | "people") | ("group", "users") => {
            Source::Emails
        }
        ("run", "id" | "run") | (_, "run") => Source::Runs,
        (_, "company" | "to_company" | "group_company" | "add_company" | "remove_company") => {
            Source::Companies
        }
        (_, "department" | "parent_department" | "to_department") => Source::Departments,
        (_, "position" | "parent_position") => Source::Positions,
        _ => return None,
    };
    Some(Values::Stored(source))
}

fn candidates(values: Values, line: &Line, programs: Programs, typed: &OsStr) -> Vec<CompletionCandidate> {
    let Some(typed) = typed.to_str() else { return Vec::new() };
    let found = match values {
        Values::Settings => beginning(programs.settings.all().map(|setting| setting.about().name), typed),
        Values::Permissions => beginning(Permission::all().map(Permission::id), typed),
        Values::Modules => beginning(Module::all().map(|module| module.name), typed),
        Values::Sections => beginning(dashboard::section_names(), typed),
        Values::Widgets => beginning(dashboard::widget_names(), typed),
        Values::Features => beginning(mail::route::FEATURES.into_iter(), typed),
        Values::Messages => beginning(Message::names().into_iter(), typed),
        Values::Help => line.help(&(programs.secboard)(), typed),
        Values::Stored(source) => stored(line, &[source], typed).unwrap_or_default(),
        Values::PeopleOr(source) => stored(line, &[Source::Emails, source], typed).unwrap_or_default(),
    };
    found.into_iter().map(CompletionCandidate::new).collect()
}

fn beginning(names: impl Iterator<Item = &'static str>, typed: &str) -> Vec<String> {
    names.filter(|name| name.starts_with(typed)).map(str::to_owned).collect()
}

fn stored(line: &Line, sources: &[Source], typed: &str) -> Result<Vec<String>> {
    let config = line.config()?;
    // Names are no secret to who may read the store as it is; an operator sees only some.
    if !operator::is_system(&config) {
        return Ok(Vec::new());
    }
    config::go_on_as_owner(&config)?;
    let typed = fold(typed);
    Store::open_to_look(&config.store)?.read(|tx| {
        let found = sources.iter().map(|source| store::beginning_with(tx, *source, &typed));
        let mut names = found.collect::<Result<Vec<_>>>()?.concat();
        // A shell shows them, and takes each line for one.
        names.retain(|name| !name.contains(is_driving));
        Ok(names)
    })
}
