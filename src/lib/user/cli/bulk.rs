//! `secboard user activate`, `deactivate`, `delete`, `force-password-change`: on one person, on several, on a filter.

use std::cmp::Ordering;
use std::io::{self, Read as _};

use clap::Args;

use super::{note_where_links_lead, print_changed};
use crate::catalog::Origin;
use crate::cli::prompt;
use crate::cli::{App, stop};
use crate::context::Context;
use crate::error::{Failure, Result};
use crate::group;
use crate::run::{self, Engine};
use crate::text::count;
use crate::text::email;
use crate::text::shell::secboard;
use crate::user::BIN_DAYS;
use crate::user::User;
use crate::user::bulk::{self, DoneToOne, Error, Verb, Who};
use crate::user::directory::{self, Meant};
use crate::user::filter::cli::FilterArgs;
use crate::user::guard;

/// The most bytes of names on standard input: a million of the longest emails.
const LONGEST_INPUT: u64 = 256 << 20;

/// The most names, so that many short ones take no more memory than they are worth.
const MOST_NAMES: usize = 1_000_000;

/// The most characters of one of them; no email or id has as many.
const LONGEST_NAME: usize = 1000;

/// How many characters of a longer one are shown.
const SHOWN_OF_LONG_NAME: usize = 40;

/// People whose refusal is told; the rest is counted.
const REFUSALS_TOLD: usize = 20;

#[derive(Debug, Args)]
pub(crate) struct UserSelectionArgs {
    /// Emails or ids; `-` reads them from standard input, one a line
    #[arg(value_name = "USER")]
    users: Vec<String>,
    /// Everybody who passes the filters; everybody at all without one
    #[arg(long)]
    all_matching: bool,
    #[command(flatten)]
    filter: FilterArgs,
}

#[derive(Debug, Args)]
pub(crate) struct ForcePasswordChange {
    #[command(flatten)]
    people: UserSelectionArgs,
    /// Let them keep the password they have
    #[arg(long)]
    off: bool,
}

impl ForcePasswordChange {
    /// Runs the verb.
    pub(super) fn run(&self, app: &App, engine: &mut Engine) -> Result<()> {
        self.people.run(app, engine, &Verb::ForcePasswordChange(!self.off))
    }
}

impl group::cli::Members for UserSelectionArgs {
    fn change(&self, app: &App, engine: &mut Engine, group: String, is_member: bool) -> Result<()> {
        self.run(app, engine, &if is_member { Verb::AddGroup(group) } else { Verb::RemoveGroup(group) })
    }
}

impl UserSelectionArgs {
    /// Runs a verb on the people that are meant.
    pub(crate) fn run(&self, app: &App, engine: &mut Engine, verb: &Verb) -> Result<()> {
        self.check()?;
        match self.users.as_slice() {
            [only] if only != "-" => apply_one(app, engine, only, verb),
            _ => apply_as_run(app, engine, self, verb),
        }
    }

    /// Refuses a line of one name where people and a role or group are needed: it is not said who is meant, or which.
    pub(super) fn check_beside(&self, name: &str, what: &'static str) -> Result<(), Error> {
        match self.check() {
            Err(Error::Nobody) => Err(Error::OneName { name: name.to_owned(), what }),
            other => other,
        }
    }

    fn check(&self) -> Result<(), Error> {
        match (self.users.is_empty(), self.all_matching, self.filter.is_empty()) {
            (false, false, true) | (true, true, _) => Ok(()),
            (false, _, _) => Err(Error::NamedAndFiltered),
            (true, false, true) => Err(Error::Nobody),
            (true, false, false) => Err(Error::FilterWithoutAll),
        }
    }

    /// Those who are meant whom directories manage.
    pub(crate) fn managed(&self, cx: &Context) -> Result<Meant> {
        self.check()?;
        directory::meant(cx, &self.who(cx, "users.edit")?)
    }

    fn who(&self, cx: &Context, permission: &'static str) -> Result<Who> {
        if self.all_matching {
            let filter = cx.read(|tx| self.filter.filter(cx, tx, permission))?;
            if filter.deleted {
                return Err(Error::FilterOfBin.into());
            }
            return Ok(Who::Filtered(Box::new(filter), self.filter.words()));
        }
        Ok(Who::Named(names(&self.users)?))
    }
}

/// The names that were given, with those on standard input in place of `-`: none when nothing came.
pub(super) fn names(given: &[String]) -> Result<Vec<String>> {
    let mut names = Vec::new();
    for name in given {
        if name == "-" { names.extend(listed(&read_input()?)?) } else { names.push(name.clone()) }
    }
    Ok(names)
}

/// The names of a list: one a line, but for blank lines and comments.
fn listed(text: &str) -> Result<Vec<String>, Error> {
    let lines = text.trim_start_matches('\u{feff}').lines().map(str::trim).zip(1..);
    let names = lines.filter(|(line, _)| !line.is_empty() && !line.starts_with('#'));
    let names: Vec<String> =
        names.take(MOST_NAMES + 1).map(|(name, line)| short_enough(name, line)).collect::<Result<_, _>>()?;
    if names.len() > MOST_NAMES {
        return Err(Error::BadList { reason: format!("it has more than {MOST_NAMES} names") });
    }
    Ok(names)
}

fn short_enough(name: &str, line: usize) -> Result<String, Error> {
    if name.chars().nth(LONGEST_NAME).is_none() {
        return Ok(name.to_owned());
    }
    let beginning: String = name.chars().take(SHOWN_OF_LONG_NAME).collect();
    let reason = format!("line {line}, `{beginning}…`, has more than {LONGEST_NAME} characters");
    Err(Error::BadList { reason })
}

fn read_input() -> Result<String, Error> {
    let mut bytes = Vec::new();
    let read = io::stdin().lock().take(LONGEST_INPUT + 1).read_to_end(&mut bytes);
    read.map_err(|source| Error::NoList { source })?;
    if bytes.len() as u64 > LONGEST_INPUT {
        return Err(Error::BadList { reason: "it is too long".to_owned() });
    }
    String::from_utf8(bytes).map_err(|_| Error::BadList { reason: "it is not UTF-8".to_owned() })
}

fn apply_one(app: &App, engine: &mut Engine, who: &str, verb: &Verb) -> Result<()> {
    let mut cx = app.writer()?;
    if *verb == Verb::Delete {
        prompt::confirm_rehearsed(
            app,
            &mut cx,
            |cx| bulk::apply_one(cx, who, verb),
            |(user, _)| format!("Move `{}` to the bin?", user.facts.email),
        )?;
    }
    let DoneToOne { user, is_changed, committed } = bulk::propose_one(&cx, engine, (who, verb), cx.dry_run)?;
    let email = &user.facts.email;
    let (did, is) = match verb {
        Verb::Activate => (format!("activated `{email}`"), "is active already"),
        Verb::Deactivate => (format!("deactivated `{email}`"), "is inactive already"),
        Verb::Delete => (in_bin(email, *cx.settings.get(&BIN_DAYS)), "is in the bin already"),
        Verb::ForcePasswordChange(true) => {
            (format!("`{email}` has to choose another password at the next login"), "has to do so already")
        }
        Verb::ForcePasswordChange(false) => {
            (format!("`{email}` may keep the password"), "may keep the password already")
        }
        Verb::RequireSecondFactor(true) => {
            (format!("`{email}` has to have a second factor"), "has to have a second factor already")
        }
        Verb::RequireSecondFactor(false) => {
            (format!("`{email}` needs no second factor"), "needs no second factor already")
        }
        Verb::Invite => (format!("invited `{email}`"), "is invited already"),
        Verb::AddRole { role, .. } => {
            (format!("`{email}` holds the role `{role}`"), "holds the role already")
        }
        Verb::RemoveRole(role) => {
            (format!("`{email}` no longer holds the role `{role}`"), "does not hold the role")
        }
        Verb::AddGroup(group) => (format!("`{email}` is in the group `{group}`"), "is in the group already"),
        Verb::RemoveGroup(group) | Verb::LeaveGroup(group) => {
            (format!("`{email}` was taken out of the group `{group}`"), "was not put into the group by hand")
        }
    };
    let done = if is_changed { did } else { format!("no change: `{email}` {is}") };
    note_where_links_lead(app, &cx, *verb == Verb::Invite);
    let with_losses = cx.dry_run && committed.run.is_some();
    run::cli::finish_proposed(app, &cx, &committed, (&done, with_losses))?;
    if let Some((group, origins)) = still_in(&user, verb) {
        app.out.say(&format!("still in `{group}` through {origins}"));
    }
    if with_losses { Ok(()) } else { print_changed(app, &cx, user) }
}

/// What keeps a person in a group they were taken out of.
fn still_in<'a>(user: &User, verb: &'a Verb) -> Option<(&'a str, String)> {
    let Verb::RemoveGroup(group) = verb else { return None };
    let stays = user.in_groups.iter().find(|other| other.canonical() == *group)?;
    let by_hand = Origin::Manual.to_string();
    let origins: Vec<&str> =
        stays.origins.iter().map(String::as_str).filter(|origin| *origin != by_hand).collect();
    (!origins.is_empty()).then(|| (group.as_str(), origins.join(", ")))
}

fn in_bin(email: &str, days: u32) -> String {
    format!(
        "moved `{email}` to the bin for {days} days; bring them back with `{}`",
        secboard("user restore").operand(email)
    )
}

fn apply_as_run(app: &App, engine: &mut Engine, people: &UserSelectionArgs, verb: &Verb) -> Result<()> {
    let mut cx = app.writer()?;
    let who = people.who(&cx, verb.needs())?;
    if matches!(&who, Who::Named(names) if names.is_empty()) {
        app.out.say("nobody was named");
    }
    let mut watch = stop::watch(&cx.cancel);
    let mut refusals = Refusals::default();
    let plan = bulk::plan(&cx, engine, &who, verb, |user, failure| {
        refusals.say(app, &display_name(&cx, &who, user), failure);
    })?;
    let meant = plan.people();
    if verb.is_destructive() && meant > 0 {
        let (question, place) =
            if *verb == Verb::Delete { ("Move", " to the bin") } else { ("Deactivate", "") };
        drop(watch);
        if prompt::asks(app) {
            // Who is not as they were when the plan was made is left out of it; so it takes nobody else.
            cx.rehearse(|cx| run::commit(cx, engine, plan.clone()))?;
        }
        prompt::confirm(app, &format!("{question} {}{place}?", count::people(meant)))?;
        watch = stop::watch(&cx.cancel);
    }
    if verb.takes_assignments() && prompt::asks(app) {
        drop(watch);
        let effect = cx.rehearse(|cx| run::commit(cx, engine, plan.clone()))?.0.summary.effect;
        if !effect.is_nothing() {
            run::cli::ask(app, &effect)?;
        }
        watch = stop::watch(&cx.cancel);
    }
    if run::cli::are_many(&cx, engine, plan.mails()) {
        drop(watch);
        run::cli::ask_mails(app, &cx, engine, plan.mails())?;
        watch = stop::watch(&cx.cancel);
    }
    let committed = run::commit(&cx, engine, plan)?;
    drop(watch);
    run::cli::finish(app, &cx, &committed)?;
    note_where_links_lead(app, &cx, *verb == Verb::Invite && committed.summary.mails > 0);
    let people = &committed.summary.people;
    match people.refused {
        0 => Ok(()),
        left => {
            let of = people.all() + committed.summary.also("invitations");
            Err(Error::SomeLeft { left, of }.into())
        }
    }
}

/// How a person is called who is skipped: as they were named, for that tells nothing new.
fn display_name(cx: &Context, who: &Who, user: &User) -> String {
    let is_named =
        |names: &[String]| names.iter().any(|name| email::key(name) == email::key(&user.facts.email));
    match who {
        Who::Named(names) if is_named(names) => user.facts.email.clone(),
        _ => guard::display_name(cx, user),
    }
}

/// People who are skipped, told one by one until it is too much.
#[derive(Default)]
struct Refusals {
    told: usize,
}

impl Refusals {
    fn say(&mut self, app: &App, who: &str, failure: &Failure) {
        self.told += 1;
        match self.told.cmp(&REFUSALS_TOLD) {
            Ordering::Less => app.out.say(&format!("skipped `{who}`: {failure}")),
            Ordering::Equal => app.out.say("and more are skipped; they are counted as refused"),
            Ordering::Greater => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{UserSelectionArgs, listed};
    use crate::user::bulk::Error;

    #[test]
    fn a_list_has_comments_and_blank_lines() {
        let names = listed("\u{feff}# leavers\r\na@x.example\r\n\n  7  \n").unwrap();
        assert_eq!(names, ["a@x.example", "7"]);
    }

    #[test]
    fn a_name_of_a_list_is_as_long_as_any_can_be_and_shown_shortened() {
        let longest = "ї".repeat(1000);
        assert_eq!(listed(&longest).unwrap(), [longest.as_str()]);
        let error = listed(&format!("a@x.example\n\n{}\n", "x".repeat(50 << 20))).unwrap_err();
        let shown = "x".repeat(40);
        assert_eq!(
            error.to_string(),
            format!(
                "what came on standard input is no list of people: line 3, `{shown}…`, has more than 1000 characters"
            )
        );
    }

    #[test]
    fn a_list_has_as_many_names_as_are_worth_their_memory() {
        let text = "7\n".repeat(super::MOST_NAMES);
        assert_eq!(listed(&text).unwrap().len(), super::MOST_NAMES);
        assert!(
            listed(&format!("{text}7\n"))
                .unwrap_err()
                .to_string()
                .ends_with("it has more than 1000000 names")
        );
    }

    #[test]
    fn people_are_named_or_filtered_but_not_both() {
        let people = |users: &[&str], all_matching| UserSelectionArgs {
            users: users.iter().map(|user| (*user).to_owned()).collect(),
            all_matching,
            filter: super::FilterArgs::default(),
        };
        assert!(people(&["a"], false).check().is_ok());
        assert!(people(&[], true).check().is_ok());
        assert!(matches!(people(&["a"], true).check(), Err(Error::NamedAndFiltered)));
        assert!(matches!(people(&[], false).check(), Err(Error::Nobody)));
    }
}
