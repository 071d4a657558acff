//! `secboard user`.

mod assignment;
mod avatar;
mod bin;
mod bulk;
mod calendar;
mod facts;
mod import;
pub(crate) mod password;
pub(crate) mod row;
mod session;
mod show;

use clap::{Args, Subcommand};

pub(crate) use self::bulk::UserSelectionArgs;
use self::facts::{FactsArgs, email};
use self::row::UserRow;
use super::avatar::PhotoChange;
use super::bulk::Verb;
use super::edit::{AskMove, Cleared, Move};
use super::filter::cli::{FilterArgs, PageArgs};
use super::filter::{self, Count};
use super::{AccessQueries, Facts, User, create as operation, edit as edit_operation, guard, invite};
use crate::audit::cli::listing::{self, Listing, PAGE};
use crate::cli::{App, NoticeArgs, Outcome, prompt};
use crate::context::Context;
use crate::error::Result;
use crate::mail::outbox;
use crate::run::{self, Engine};
use crate::tabular::FileOrStream;
use crate::user::login::Moment;

/// What to do about a list that is too long for who may not export it.
const ADVICE: &str = "print it page by page: `--per-page 100 --page 1`";

/// Counting a list for people stops here.
const COUNTED: u64 = 10_000;

/// People: who they are, whether they may log in, and why not
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Make a person: account and profile
    #[command(after_help = "Examples:\n  \
        secboard user create --email olena@acme.example --first-name Олена --last-name Шевченко --company 'Acme Bank'\n  \
        secboard user create --email temp@acme.example --first-name Max --last-name Müller --company 'Acme Bank' \
        --start-date today --end-date +30d --if-absent")]
    Create(Create),
    /// Give a profile to an account that has none
    #[command(after_help = "Examples:\n  \
        secboard user list --without-profile\n  \
        secboard user adopt old@acme.example --first-name Ann --last-name Lee --company 'Acme Bank'")]
    Adopt(Adopt),
    /// List people
    ///
    /// More than 100 people at once are an export: who acts with the permissions of an account needs users.export for
    /// them, and the audit keeps who took the list.
    #[command(after_help = "Examples:\n  \
        secboard user list --search дар --company 'Дніпро Енерго' --employment current\n  \
        secboard user list --status inactive --sort end_date:desc --page 2 --per-page 50\n  \
        secboard user list --without-profile -o jsonl")]
    List(List),
    /// Show one person
    #[command(after_help = "Examples:\n  \
        secboard user show olena@acme.example\n  \
        secboard user show olena@acme.example --as-of 2026-01-31 -o json")]
    Show(show::Show),
    /// Change a person
    #[command(
        after_help = "A new company takes roles and groups that belong to the old one: they are named, it asks first, and is a run \
        that `run undo` takes back, as is what takes a role or group from somebody that they would miss. No photo is changed \
        beside either.\n\nExamples:\n  \
        secboard user edit olena@acme.example --phone '+380 67 123 45 67' --department Treasury\n  \
        secboard user edit olena@acme.example --email olena.s@acme.example --end-date never"
    )]
    Edit(Edit),
    /// Make and change people from files, as one run that can be undone
    #[command(after_help = import::AFTER_HELP)]
    Import(import::Import),
    /// Switch accounts on
    #[command(after_help = "Examples:\n  \
        secboard user activate olena@acme.example\n  \
        secboard user activate --company 'Acme Bank' --switch off --all-matching --dry-run")]
    Activate(UserSelectionArgs),
    /// Switch accounts off
    #[command(
        after_help = "Several people are one run, which the brake may hold and `secboard run undo` takes back.\n\n\
        Examples:\n  \
        secboard user deactivate olena@acme.example --reason 'left'\n  \
        secboard user deactivate - < leavers.txt\n  \
        secboard user deactivate --employment past --all-matching --dry-run"
    )]
    Deactivate(UserSelectionArgs),
    /// Move people to the bin, which frees their emails
    #[command(
        after_help = "They stay there for the days of the setting `user.bin_days`. Several people are one run, which \
        the brake may hold.\n\nExamples:\n  \
        secboard user delete olena@acme.example --yes\n  \
        secboard user delete --company 'Old Company' --all-matching --dry-run"
    )]
    Delete(UserSelectionArgs),
    /// Bring a person back from the bin
    #[command(
        after_help = "They are as they were, without what was deleted in the meantime: that is named, with what \
        brings it back.\n\nExamples:\n  \
        secboard user list --deleted\n  \
        secboard user restore olena@acme.example\n  \
        secboard user restore olena@acme.example --email olena.s@acme.example --company 'Acme Bank'"
    )]
    Restore(bin::Restore),
    /// Permanently delete people in the bin
    #[command(
        after_help = "The audit keeps who they were. `--expired --yes` is for a daily timer.\n\nExamples:\n  \
        secboard user purge olena@acme.example\n  \
        secboard user purge --expired --yes"
    )]
    Purge(bin::Purge),
    /// End the hold on people after failed logins
    #[command(after_help = "Examples:\n  secboard user unlock olena@acme.example")]
    Unlock(bin::Unlock),
    /// Read people of a directory again, now: names, email, whether they are disabled there, their groups
    ///
    /// What a sync of everybody would find of them is so at once. Who is not found there is told, and is gone only when whole syncs
    /// do not find them.
    #[command(
        after_help = "What gives is applied in one run, what takes in another, which the brake of the connection may hold. The exit \
        code is 1 where somebody was not found, is kept aside, or is of no directory, 69 where the directory cannot be read, 75 \
        where another command follows it just now, 76 where the brake holds what takes.\n\nExamples:\n  \
        secboard user refresh olena@corp.example\n  \
        secboard user refresh --department Treasury --all-matching --dry-run"
    )]
    Refresh(UserSelectionArgs),
    /// Ask for another password at the next login
    #[command(after_help = "Examples:\n  \
        secboard user force-password-change olena@acme.example\n  \
        secboard user force-password-change --status staff --all-matching\n  \
        secboard user force-password-change olena@acme.example --off")]
    ForcePasswordChange(bulk::ForcePasswordChange),
    /// Send people a link to choose their first password
    ///
    /// The link works for the hours of the setting `link.invite_hours`, from when the mail is first tried. Inviting again
    /// ends the older link. Who has a password, or may not log in, is not invited.
    #[command(
        after_help = "Several people are one run: `secboard run undo` drops the mails that still wait, and ends the links \
        of those that were sent.\n\nExamples:\n  \
        secboard user invite olena@acme.example\n  \
        secboard user invite --company 'Acme Bank' --never-logged-in --all-matching --dry-run\n  \
        secboard user list --invited expired"
    )]
    Invite(UserSelectionArgs),
    /// Give people a role
    #[command(
        after_help = "The groups of the role come with it and follow it from then on. Several people are one run.\n\n\
        Examples:\n  \
        secboard user add-role olena@acme.example ciso\n  \
        secboard user add-role ciso --company 'Acme Bank' --status staff --all-matching --dry-run"
    )]
    AddRole(assignment::AddRole),
    /// Take a role from people
    #[command(
        after_help = "What takes something from somebody says so, and is a run that can be held and undone; for several \
        people it asks first. `--dry-run` lists what is lost.\n\nExamples:\n  \
        secboard user remove-role olena@acme.example ciso"
    )]
    RemoveRole(assignment::RemoveRole),
    /// Put people into an access group
    #[command(after_help = "Examples:\n  \
        secboard user add-group olena@acme.example 'Risk Managers'\n  \
        secboard user add-group - 'Read-Only@Acme Bank' < people.txt")]
    AddGroup(assignment::OneGroup),
    /// Take people out of an access group they were put into by hand
    #[command(
        after_help = "What a role brings stays as long as they hold the role. What takes something from somebody says \
        so, and is a run that can be held and undone; for several people it asks first. `--dry-run` lists what is \
        lost.\n\nExamples:\n  \
        secboard user remove-group olena@acme.example 'Risk Managers'"
    )]
    RemoveGroup(assignment::OneGroup),
    /// Set a person's password
    #[command(
        after_help = "Asks twice on a terminal. What the rules refuse, and the current password, are refused with \
        the reason; to be told that it is the current one counts as a failed login.\n\nExamples:\n  \
        secboard user set-password olena@acme.example\n  \
        secboard user set-password olena@acme.example --generate\n  \
        secboard user set-password olena@acme.example --password-stdin --must-change < password.txt"
    )]
    SetPassword(password::SetPassword),
    /// Photos of people
    #[command(subcommand, arg_required_else_help = true)]
    Avatar(avatar::Avatar),
    /// Where people are logged in
    #[command(subcommand, arg_required_else_help = true)]
    Session(session::SessionCommand),
    /// Show who starts and who ends in the days ahead
    #[command(after_help = "Examples:\n  \
        secboard user calendar\n  \
        secboard user calendar --days 14 --company 'Acme Bank' -o json\n  \
        secboard user calendar --ics > people.ics")]
    Calendar(calendar::Calendar),
    /// Say whether a person may log in, and why not
    #[command(after_help = "Ends with 0 if they may log in, with 1 if not.\n\nExamples:\n  \
        secboard user why olena@acme.example\n  \
        secboard user why olena@acme.example --now 2027-01-01 -o json")]
    Why {
        /// Email or id
        user: String,
    },
}

#[derive(Debug, Args)]
pub(crate) struct Create {
    /// The login name
    #[arg(long, value_name = "EMAIL")]
    email: Option<String>,
    #[command(flatten)]
    facts: FactsArgs,
    /// A photo: JPEG or PNG, `-` for standard input
    #[arg(long, value_name = "FILE")]
    photo: Option<FileOrStream>,
    /// Succeed when there is somebody with that email already
    #[arg(long)]
    if_absent: bool,
    /// Send them a link to choose their password
    #[arg(long, conflicts_with = "no_notice")]
    invite: bool,
    #[command(flatten)]
    notice: NoticeArgs,
}

#[derive(Debug, Args)]
pub(crate) struct Adopt {
    /// Email or id of the account
    user: String,
    #[command(flatten)]
    facts: FactsArgs,
    #[command(flatten)]
    notice: NoticeArgs,
}

#[derive(Debug, Args)]
pub(crate) struct List {
    #[command(flatten)]
    filter: FilterArgs,
    #[command(flatten)]
    page: PageArgs,
    /// Print only how many there are, exactly
    #[arg(long)]
    count: bool,
}

#[derive(Debug, Args)]
pub(crate) struct Edit {
    /// Email or id
    user: String,
    /// The new login name
    #[arg(long, value_name = "EMAIL")]
    email: Option<String>,
    #[command(flatten)]
    facts: FactsArgs,
    /// A new photo: JPEG or PNG, `-` for standard input
    #[arg(long, value_name = "FILE", conflicts_with = "remove_photo")]
    photo: Option<FileOrStream>,
    /// Remove the photo
    #[arg(long)]
    remove_photo: bool,
    #[command(flatten)]
    notice: NoticeArgs,
}

/// What those above do for people, and know of them.
pub(crate) struct Above<'a> {
    /// What people may do.
    pub(crate) answers: &'a dyn AccessQueries,
    /// Reads people of directories again.
    pub(crate) refresh: fn(&App, &UserSelectionArgs, &mut Engine) -> Result<Outcome>,
}

/// Runs a verb.
pub(crate) fn run(app: &App, command: Command, engine: &mut Engine, above: &Above<'_>) -> Result<Outcome> {
    let answers = above.answers;
    match command {
        Command::Create(arguments) => create(app, arguments)?,
        Command::Adopt(arguments) => adopt(app, arguments)?,
        Command::List(arguments) => list(app, &arguments)?,
        Command::Show(arguments) => show::show(app, answers, &arguments)?,
        Command::Edit(arguments) => edit(app, engine, &arguments)?,
        Command::Import(arguments) => return import::import(app, &arguments, engine),
        Command::Activate(people) => people.run(app, engine, &Verb::Activate)?,
        Command::Deactivate(people) => people.run(app, engine, &Verb::Deactivate)?,
        Command::Delete(people) => people.run(app, engine, &Verb::Delete)?,
        Command::Restore(arguments) => bin::restore(app, arguments)?,
        Command::Purge(arguments) => bin::purge(app, &arguments)?,
        Command::Unlock(arguments) => bin::unlock(app, &arguments)?,
        Command::Refresh(people) => return (above.refresh)(app, &people, engine),
        Command::ForcePasswordChange(arguments) => arguments.run(app, engine)?,
        Command::Invite(people) => people.run(app, engine, &Verb::Invite)?,
        Command::AddRole(arguments) => arguments.run(app, engine)?,
        Command::RemoveRole(arguments) => arguments.run(app, engine)?,
        Command::AddGroup(arguments) => arguments.add(app, engine)?,
        Command::RemoveGroup(arguments) => arguments.remove(app, engine)?,
        Command::Avatar(verb) => avatar::run(app, &verb)?,
        Command::Session(verb) => session::run(app, &verb)?,
        Command::Calendar(arguments) => calendar::calendar(app, &arguments)?,
        Command::SetPassword(arguments) => password::set_password(app, &arguments)?,
        Command::Why { user } => return show::why(app, answers, &user),
    }
    Ok(Outcome::Done)
}

fn create(app: &App, arguments: Create) -> Result<()> {
    let cx = arguments.notice.writer(app)?;
    let typed = prompt::ask(app, arguments.email, "Email", "--email")?;
    let mut facts = Facts::new(email(app, &typed)?);
    require_profile(app, arguments.facts)?.apply(&cx, &mut facts)?;
    let photo = arguments.photo.as_ref().map(avatar::read).transpose()?;
    let (user, is_new) =
        operation::create_then(&cx, facts, photo.as_ref(), arguments.if_absent, |tx, user| {
            if arguments.invite { invite::invite_in(&cx, tx, user, ("user.invite", None)) } else { Ok(()) }
        })?;
    if is_new {
        let invited = if arguments.invite { ", and invited them" } else { "" };
        app.done(&format!("created user `{}`, id {}{invited}", user.facts.email, user.id));
        note_where_links_lead(app, &cx, arguments.invite);
    } else {
        app.done(&format!("no change: there is a user `{}` already", user.facts.email));
    }
    if is_new {
        app.print_if_asked(&UserRow::new(user, Moment::of(&cx)))
    } else {
        print_changed(app, &cx, user)
    }
}

/// Says that mails with links wait, where they would lead nowhere.
fn note_where_links_lead(app: &App, cx: &Context, is_mailed: bool) {
    if is_mailed && !outbox::may_link(cx) {
        app.out.say("note: mails with links wait until the setting `site.domain` says where they lead");
    }
}

/// Prints somebody who was changed, where that is asked for, to who may look at them: a change shows nothing else.
fn print_changed(app: &App, cx: &Context, user: User) -> Result<()> {
    if guard::require_view(cx, &user).is_ok() {
        return app.print_if_asked(&UserRow::new(user, Moment::of(cx)));
    }
    if !app.out.is_table() || app.out.columns.is_some() {
        app.out.say("note: the person is not printed, which takes `users.view` for their company");
    }
    Ok(())
}

fn adopt(app: &App, arguments: Adopt) -> Result<()> {
    let cx = arguments.notice.writer(app)?;
    let given = require_profile(app, arguments.facts)?;
    let user = operation::adopt(&cx, &arguments.user, |facts| given.apply(&cx, facts))?;
    app.done(&format!("`{}` has a profile now", user.facts.email));
    print_changed(app, &cx, user)
}

/// Asks for what a profile cannot be without.
fn require_profile(app: &App, mut given: FactsArgs) -> Result<FactsArgs> {
    given.first_name = Some(prompt::ask(app, given.first_name, "First name", "--first-name")?);
    given.last_name = Some(prompt::ask(app, given.last_name, "Last name", "--last-name")?);
    given.company = Some(prompt::ask(app, given.company, "Company", "--company")?);
    Ok(given)
}

fn edit(app: &App, engine: &mut Engine, arguments: &Edit) -> Result<()> {
    let cx = arguments.notice.writer(app)?;
    let new_email = arguments.email.as_deref().map(|typed| email(app, typed)).transpose()?;
    let photo = match &arguments.photo {
        Some(file) => PhotoChange::Set(avatar::read(file)?),
        None if arguments.remove_photo => PhotoChange::Remove,
        None => PhotoChange::Keep,
    };
    let question = |it: &Move<'_>| {
        let take = format!("Take {} from `{}`?", it.taken.join(", "), it.email);
        prompt::confirm(app, &run::cli::question(it.effect, &take))
    };
    let ask = AskMove { with_losses: cx.dry_run, question: &question };
    let change = |facts: &mut Facts| {
        if let Some(email) = &new_email {
            facts.email.clone_from(email);
        }
        arguments.facts.apply(&cx, facts)
    };
    let edited = edit_operation::propose(&cx, engine, &arguments.user, &photo, change, &ask)?;
    let done = if edited.changed.is_empty() {
        "no change".to_owned()
    } else {
        format!("changed user `{}`: {}", edited.user.facts.email, edited.changed.join(", "))
    };
    let ended = if guard::require_view(&cx, &edited.user).is_ok() {
        let row = UserRow::new(edited.user, Moment::of(&cx));
        run::cli::finish_changed(app, &cx, &edited.committed, &done, &row)
    } else {
        run::cli::finish_proposed(app, &cx, &edited.committed, (&done, false))
            .and_then(|()| print_changed(app, &cx, edited.user))
    };
    let is_held = edited.committed.run.as_ref().is_some_and(|run| run.held_because.is_some());
    say_cleared(app, &edited.cleared, is_held);
    ended
}

/// Says what does not fit where somebody works now, or would.
fn say_cleared(app: &App, cleared: &Cleared, is_held: bool) {
    if let Some(what) = cleared.said() {
        let would = if is_held || app.globals.dry_run { "would be " } else { "" };
        app.out.say(&format!("{would}cleared, as belonging elsewhere: {what}"));
    }
}

fn list(app: &App, arguments: &List) -> Result<()> {
    let cx = app.reader()?;
    let people_look_at_it = app.out.is_table() && app.out.width.is_some();
    let page = arguments.page.page(people_look_at_it)?;
    let moment = Moment::of(&cx);
    let filter = cx.read(|tx| arguments.filter.filter(&cx, tx, "users.view"))?;
    let count = |limit| cx.read(|tx| filter::count(&cx, tx, &filter, limit));
    if arguments.count {
        return crate::cli::output::text(&format!("{}\n", count(None)?.at_least()));
    }
    let (skip, take) = page.window.unwrap_or((0, u64::MAX));
    let listing = Listing::of(&filter.companies, arguments.filter.words(), ADVICE);
    listing::give(app, &cx, &listing, |limit| match limit {
        Some(_) if take <= PAGE => Ok(take),
        _ => {
            let matching = count(limit.map(|limit| limit.saturating_add(skip)))?.at_least();
            Ok(matching.saturating_sub(skip).min(take))
        }
    })?;
    cx.read(|tx| {
        let mut list = app.out.long_list::<UserRow>()?;
        let mut printed = 0;
        filter::each(&cx, tx, &filter, page, |user| {
            printed += 1;
            list.row(&UserRow::new(user, moment))
        })?;
        let is_empty_page = app.out.is_table() && printed == 0 && page.window.is_some();
        if !is_empty_page {
            list.finish()?;
        }
        // In a pipe all are printed, and whoever closes it early must meet silence.
        if is_empty_page || (people_look_at_it && printed > 0) {
            let count = filter::count(&cx, tx, &filter, Some(COUNTED))?;
            app.out.say(&place(printed, page.window, count));
        }
        Ok(())
    })
}

/// Where the printed people stand among all who match.
fn place(printed: u64, window: Option<(u64, u64)>, count: Count) -> String {
    let (skip, take) = window.unwrap_or((0, u64::MAX));
    let last = skip + printed;
    let of = match count {
        // A page that is not full ends the list.
        Count::MoreThan(_) if printed > 0 && printed < take => format!("of {last}"),
        Count::MoreThan(count) if last <= count => format!("of more than {count}; `--count` says exactly"),
        Count::MoreThan(_) => "of more; `--count` says how many".to_owned(),
        Count::Exactly(count) => format!("of {count}"),
    };
    match (printed, window) {
        (0, _) if matches!(count, Count::Exactly(0)) => "nothing matches".to_owned(),
        (0, Some(_)) if matches!(count, Count::MoreThan(_)) => {
            "nobody on this page; `--count` says how many there are".to_owned()
        }
        (0, Some(_)) => format!("nobody on this page {of}"),
        (printed, None) => format!("{printed} {of}"),
        (_, Some(_)) => format!("{} to {last} {of}", skip + 1),
    }
}

#[cfg(test)]
mod tests {
    use super::{Count, place};

    #[test]
    fn a_page_says_how_many_there_are_as_far_as_they_were_counted() {
        let page = |number: u64| Some(((number - 1) * 25, 25));
        let many = Count::MoreThan(10_000);
        for (printed, window, count, said) in [
            (0, None, Count::Exactly(0), "nothing matches"),
            (4, page(1), Count::Exactly(4), "1 to 4 of 4"),
            (0, page(9), Count::Exactly(4), "nobody on this page of 4"),
            (25, page(1), many, "1 to 25 of more than 10000; `--count` says exactly"),
            (25, page(400), many, "9976 to 10000 of more than 10000; `--count` says exactly"),
            (1, page(401), many, "10001 to 10001 of 10001"),
            (25, page(401), many, "10001 to 10025 of more; `--count` says how many"),
            (0, page(402), many, "nobody on this page; `--count` says how many there are"),
        ] {
            assert_eq!(place(printed, window, count), said);
        }
    }
}
