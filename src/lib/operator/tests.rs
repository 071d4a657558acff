use std::path::PathBuf;

use super::needs::{self, BESIDE, Needs, TABLE};
use super::shell::{CallerIdentity, Shell, identify_at, refuse_without_store};
use super::{Error, document, list, matrix_document, remove, set};
use crate::catalog::Permission;
use crate::cli::{may_be_a_stream, names_a_file};
use crate::config::Caller;
use crate::context::Context;
use crate::error::{Explain as _, Kind};
use crate::registry;
use crate::store::Store;
use crate::tabular::FileOrStream;
use crate::user::{Facts, create};

const OWNER: u32 = 61_234;

fn identity(
    euid: u32,
    sudo: Option<&str>,
    doas: Option<&str>,
    pkexec: Option<&str>,
) -> Result<CallerIdentity, String> {
    let text = |value: Option<&str>| value.map(str::to_owned);
    let caller = Caller { euid, sudo_uid: text(sudo), doas_user: text(doas), pkexec_uid: text(pkexec) };
    let shell = Shell { caller, owner: OWNER, path: PathBuf::from("/var/lib/secboard/secboard.db") };
    identify_at(&shell).map_err(|error| error.to_string())
}

#[test]
fn a15_what_root_does_as_the_owner_are_commands() {}

#[test]
fn a1_root_and_the_owner_without_a_caller_are_the_system_actor() {
    let system = Ok(CallerIdentity::System);
    assert_eq!(identity(0, None, None, None), system);
    assert_eq!(identity(0, Some("1000"), None, None), system, "root through sudo is root");
    assert_eq!(identity(0, Some("rubbish"), None, None), system);
    assert_eq!(identity(OWNER, None, None, None), system);
    assert_eq!(identity(OWNER, Some("0"), None, None), system, "root's own sudo, as in cron");
    assert_eq!(identity(OWNER, None, Some("root"), None), system);
    assert_eq!(identity(OWNER, Some("61234"), None, None), system, "the owner through sudo");
}

#[test]
fn a1_the_owner_on_behalf_of_somebody_is_that_somebody() {
    assert_eq!(identity(OWNER, Some("1000"), None, None), Ok(CallerIdentity::Delegated { uid: 1000 }));
    assert_eq!(identity(OWNER, None, None, Some("1000")), Ok(CallerIdentity::Delegated { uid: 1000 }));
    assert_eq!(
        identity(OWNER, Some("1000"), None, Some("1000")),
        Ok(CallerIdentity::Delegated { uid: 1000 })
    );
    let daemon = crate::config::user_id("daemon").unwrap().unwrap();
    assert_eq!(identity(OWNER, None, Some("daemon"), None), Ok(CallerIdentity::Delegated { uid: daemon }));
}

#[test]
fn a1_anybody_else_is_refused_whatever_the_variables_say() {
    for sudo in [None, Some("0"), Some("61234"), Some("1000")] {
        let refused = identity(1000, sudo, None, None).unwrap_err();
        assert!(refused.contains("belongs to `uid 61234`"), "{refused}");
    }
}

#[test]
fn a1_a_variable_that_names_nobody_or_somebody_else_is_refused() {
    for value in ["", " 1000", "+1000", "-1", "0x0", "4294967296", "root", "1000 "] {
        let refused = identity(OWNER, Some(value), None, None).unwrap_err();
        assert!(refused.contains("names no user"), "{refused}");
    }
    assert!(identity(OWNER, None, Some("no-such-user"), None).is_err());
    let refused = identity(OWNER, Some("0"), None, Some("1000")).unwrap_err();
    assert!(refused.contains("different users"), "a second variable does not hide the first: {refused}");
}

fn person(cx: &Context, email: &str, change: impl FnOnce(&mut Facts)) {
    let mut facts = Facts::new(email.to_owned());
    change(&mut facts);
    create::create(cx, facts, None, false).unwrap();
}

#[test]
fn a_shell_user_is_mapped_once_and_taken_away_once() {
    let cx = Context::for_tests();
    person(&cx, "olena@acme.example", |facts| facts.staff = true);
    person(&cx, "max@acme.example", |_| ());
    let ((operator, why_not), is_new) = set(&cx, "61235", "olena@acme.example", Some(OWNER)).unwrap();
    assert_eq!((operator.shell_user.as_str(), why_not, is_new), ("uid 61235", None, true));
    assert!(!set(&cx, "61235", "olena@acme.example", Some(OWNER)).unwrap().1);
    let ((_, why_not), is_changed) = set(&cx, "61235", "max@acme.example", Some(OWNER)).unwrap();
    assert!(is_changed && why_not.is_some_and(|why| why.contains("not marked as staff")));
    assert_eq!(list(&cx).unwrap().len(), 1);
    assert!(remove(&cx, "61235").unwrap().is_some());
    assert!(remove(&cx, "61235").unwrap().is_none());
    assert_eq!(set(&cx, "0", "olena@acme.example", Some(OWNER)).unwrap_err().kind(), Kind::Refused);
    let owner = OWNER.to_string();
    assert_eq!(set(&cx, &owner, "olena@acme.example", Some(OWNER)).unwrap_err().code(), "operator.owner");
    assert_eq!(
        set(&cx, "no-such-user", "olena@acme.example", Some(OWNER)).unwrap_err().kind(),
        Kind::NotFound
    );
}

#[test]
fn an_account_that_cannot_be_read_is_an_error_and_no_reason_why_somebody_may_not_act() {
    let cx = Context::for_tests();
    person(&cx, "olena@acme.example", |facts| facts.staff = true);
    set(&cx, "61235", "olena@acme.example", Some(OWNER)).unwrap();
    let spoil = "PRAGMA ignore_check_constraints = ON; UPDATE users SET start_date = '2026-02-31'";
    cx.write(|tx| Ok(tx.sql().execute_batch(spoil)?)).unwrap();
    assert_eq!(list(&cx).unwrap_err().code(), "store.undecodable");
}

#[test]
fn of_several_numbers_with_one_name_none_is_taken_by_the_name() {
    let cx = Context::for_tests();
    person(&cx, "olena@acme.example", |facts| facts.staff = true);
    set(&cx, "61235", "olena@acme.example", Some(OWNER)).unwrap();
    let mut operator = cx.read(|tx| super::store::by_uid(tx, 61_235)).unwrap().unwrap();
    operator.shell_user = "gone-from-here".to_owned();
    for uid in [61_235, 61_236] {
        let operator = super::map::Operator { uid, ..operator.clone() };
        cx.write(|tx| super::store::put(tx, &operator, 1)).unwrap();
    }
    let refused = remove(&cx, "gone-from-here").unwrap_err();
    assert_eq!(refused.kind(), Kind::Refused);
    assert_eq!(refused.explain().hint().unwrap(), "give the number: 61235, 61236");
    assert!(remove(&cx, "61236").unwrap().is_some());
    assert_eq!(remove(&cx, "gone-from-here").unwrap().unwrap().uid, 61_235);
}

/// The commands that do something: those without commands below.
fn leaves(command: &clap::Command, path: &str, found: &mut Vec<(String, clap::Command)>) {
    if !path.is_empty() && command.get_subcommands().next().is_none() {
        found.push((path.to_owned(), command.clone()));
    }
    for below in command.get_subcommands() {
        leaves(below, format!("{path} {}", below.get_name()).trim_start(), found);
    }
}

fn commands() -> Vec<(String, clap::Command)> {
    let mut found = Vec::new();
    leaves(&registry::whole_command(), "", &mut found);
    found
}

#[test]
fn a1_every_command_stands_in_the_table_and_says_what_it_needs() {
    let mut missing = Vec::new();
    for (path, command) in commands() {
        let told = command.get_after_help().is_some_and(|help| help.to_string().starts_with("Needs: "));
        if needs::line(&path).is_none() || !told {
            missing.push(path);
        }
    }
    assert!(missing.is_empty(), "add to operator/needs.rs: {missing:?}");
    let commands: Vec<String> = commands().into_iter().map(|(path, _)| path).collect();
    let gone: Vec<&str> = TABLE
        .iter()
        .map(|(path, ..)| *path)
        .filter(|path| !commands.iter().any(|known| known == path))
        .collect();
    assert!(gone.is_empty(), "there is no such command: {gone:?}");
}

#[test]
fn a1_every_permission_of_the_table_is_of_the_catalogue() {
    for (command, needs, _) in TABLE {
        let permissions = needs.permissions();
        for permission in permissions {
            assert!(Permission::find(permission).is_some(), "{command}: {permission}");
        }
    }
}

/// Permissions that the code asks for stand in the document, so that nobody who reviews it misses one.
#[test]
fn a1_every_permission_that_is_asked_for_is_in_the_document() {
    let text = document(&registry::SETTINGS);
    let known: Vec<&str> =
        matrix_document::by_permission().iter().map(|(permission, _)| *permission).collect();
    let beside: Vec<&str> = BESIDE.iter().map(|(permission, _)| *permission).collect();
    let mut missing = Vec::new();
    for (file, code) in sources(std::path::Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/src/lib"))) {
        for permission in Permission::all().map(Permission::id) {
            if code.contains(&format!("\"{permission}\""))
                && !known.contains(&permission)
                && !beside.contains(&permission)
            {
                missing.push(format!("{file}: {permission}"));
            }
        }
    }
    assert!(missing.is_empty(), "add to operator/needs.rs: {missing:?}");
    assert!(beside.iter().all(|permission| text.contains(permission)));
}

/// The code of the library, without tests, the catalogue and the typical operators.
fn sources(folder: &std::path::Path) -> Vec<(String, String)> {
    let mut all = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.display().to_string();
        if path.is_dir() {
            all.extend(sources(&path));
        } else if !name.contains("tests")
            && !name.ends_with("catalog/list.rs")
            && !name.ends_with("operator/matrix_document.rs")
        {
            let code = std::fs::read_to_string(&path).unwrap();
            let code = code.split("#[cfg(test)]").next().unwrap_or_default();
            let lines = code.lines().filter(|line| !line.trim_start().starts_with("//"));
            all.push((name, lines.collect::<Vec<_>>().join("\n")));
        }
    }
    all
}

/// An operator may name no file; what takes one is known by the type of its value.
#[test]
fn a1_every_argument_that_names_a_file_is_known_as_one() {
    for (path, command) in commands() {
        for argument in command.get_arguments() {
            let shown = argument.get_value_names().unwrap_or_default().iter().map(clap::builder::Str::as_str);
            let looks =
                shown.into_iter().any(|name| ["FILE", "FILES", "FOLDER", "PATH", "DIR"].contains(&name));
            assert!(
                !looks || !argument.get_action().takes_values() || names_a_file(argument),
                "{path}: `{}` has to be a `FileOrStream` or a path",
                argument.get_id()
            );
        }
    }
}

/// Who lets `-` through decides what it means, elsewhere: so the parser does, once.
#[test]
fn a1_a_dash_is_the_standard_stream_or_refused_by_the_parser() {
    let arguments = commands().into_iter().flat_map(|(path, command)| {
        let arguments: Vec<_> = command.get_arguments().cloned().collect();
        arguments.into_iter().map(move |argument| (path.clone(), argument))
    });
    let mut folders = 0;
    for (path, argument) in arguments.filter(|(_, argument)| names_a_file(argument)) {
        let alone = clap::Arg::new("file").value_parser(argument.get_value_parser().clone());
        let parsed = clap::Command::new("alone").arg(alone).try_get_matches_from(["alone", "-"]);
        let is_stream =
            parsed.is_ok_and(|found| found.get_one::<FileOrStream>("file") == Some(&FileOrStream::Stream));
        assert_eq!(is_stream, may_be_a_stream(&argument), "{path}: `{}`", argument.get_id());
        folders += usize::from(!is_stream);
        // A folder is no operator's, who names none; and what belongs to operators takes a stream.
        let is_folder_of_operators =
            !is_stream && !argument.is_global_set() && needs::of(&path) != Needs::System;
        // What sends mails and leads logins is superusers', and what names a file there the owner's alone.
        let is_owners = ["man", "mail send", "ad create", "ad edit"].contains(&path.as_str())
            || path.starts_with("mail server ");
        assert!(!is_folder_of_operators || is_owners, "{path}: `{}`", argument.get_id());
    }
    assert!(folders >= 5, "`--store`, `--config` and those of `man`, `generate`, `quickstart`");
}

#[test]
fn every_statement_fits_the_schema() {
    Store::assert_prepares(&[super::store::STATEMENTS]);
}

#[test]
fn an_operator_without_a_store_is_told_whom_to_ask_and_not_what_only_its_owner_may() {
    let caller = |euid, sudo: &str| Caller {
        euid,
        sudo_uid: Some(sudo.to_owned()),
        doas_user: None,
        pkexec_uid: None,
    };
    let path = std::path::Path::new("/none/s.db");
    assert!(refuse_without_store(&caller(0, "1000"), path).is_ok());
    let refused = refuse_without_store(&caller(500, "1000"), path).unwrap_err();
    assert_eq!((refused.code(), refused.kind()), ("store.missing", Kind::NoInput));
    assert_eq!(refused.advice().unwrap(), "ask somebody who administers this machine");
}

#[test]
fn an_operator_who_names_a_folder_is_not_told_to_give_the_stream_that_it_does_not_take() {
    let of = |takes_stream| {
        let (argument, value) = ("--output".to_owned(), ".".to_owned());
        Error::File { argument, value, takes_stream }.advice().unwrap()
    };
    assert!(of(true).starts_with("give `-`"));
    assert_eq!(of(false), "leave it out, or ask the owner of the store");
}
