//! The composition root: the entry of the command line, and every command, one line a feature.

use std::ffi::OsString;
use std::panic::{AssertUnwindSafe, catch_unwind};

use clap::{ArgMatches, CommandFactory as _, FromArgMatches, Parser, Subcommand};

use crate::cli::output::{self, Format, FormatArg};
use crate::cli::report;
use crate::cli::{self, App, Globals, Invocation, Outcome};
use crate::context::meters::{Counter, Gauge};
use crate::context::settings::Table;
use crate::error::{Died, Explain, Kind, Result};
use crate::manual::Programs;
use crate::org::unit::{self, UnitKind};
use crate::run::{self, Engine, Target};
use crate::store::SealedColumn;
use crate::upkeep::Task;
use crate::web::Routes;
use crate::{
    audit, company, contact, daemon, directory, export, group, key, link, login, mail, manual, operator, org,
    password, permission, profile, quickstart, role, session, setting, setup, state, throttle, token,
    two_factor, upkeep, user, verify,
};

/// The whole command line.
#[derive(Debug, Parser)]
#[command(
    name = "secboard",
    version,
    about = "Administer people and what they may do, from a shell",
    disable_help_subcommand = true,
    propagate_version = false,
    arg_required_else_help = true,
    subcommand_required = true,
    max_term_width = 100
)]
pub(crate) struct Cli {
    /// The flags every command takes.
    #[command(flatten)]
    pub(crate) globals: Globals,
    /// The noun.
    #[command(subcommand)]
    pub(crate) command: Command,
}

/// The nouns.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Make a store, its key and the first superuser
    #[command(after_help = setup::cli::EXAMPLES)]
    Init(setup::cli::Init),
    /// Try secboard: a folder with a store, made-up people, a workbook, and a tour of commands
    #[command(after_help = quickstart::cli::EXAMPLES)]
    Quickstart(quickstart::cli::Quickstart),
    /// People: who they are, whether they may log in, and why not
    #[command(alias = "users", subcommand, arg_required_else_help = true)]
    User(LazySubcommands<user::cli::Command>),
    /// Second factors: who has one, who has to, and what to do when it is lost
    #[command(subcommand, arg_required_else_help = true)]
    TwoFactor(LazySubcommands<two_factor::cli::Command>),
    /// Companies: whose people, departments and positions everything else is
    #[command(alias = "companies", subcommand, arg_required_else_help = true)]
    Company(LazySubcommands<company::cli::Command>),
    /// Departments: parts of a company, under each other or under the position that leads them
    #[command(alias = "departments", subcommand, arg_required_else_help = true)]
    Department(LazySubcommands<unit::cli::department::Command>),
    /// Positions: what people are in a department
    #[command(alias = "positions", subcommand, arg_required_else_help = true)]
    Position(LazySubcommands<unit::cli::position::Command>),
    /// The organisation as one tree
    #[command(subcommand, arg_required_else_help = true)]
    Org(LazySubcommands<org::cli::Command>),
    /// Groups: what people are allowed, by being in them
    #[command(alias = "groups", subcommand, arg_required_else_help = true)]
    Group(LazySubcommands<group::cli::Command<user::cli::UserSelectionArgs>>),
    /// Roles: what somebody's job is, which groups come with it, what its holders see at a glance
    #[command(alias = "roles", subcommand, arg_required_else_help = true)]
    Role(LazySubcommands<role::cli::Command>),
    /// Permissions: what there is to be allowed, who may do what, and why
    #[command(alias = "permissions", subcommand, arg_required_else_help = true)]
    Permission(LazySubcommands<permission::cli::Command>),
    /// Exports: workbooks and files of rows to hand out
    #[command(alias = "exports", subcommand, arg_required_else_help = true)]
    Export(LazySubcommands<export::cli::Command>),
    /// Runs: what was changed in bulk, to look at and to undo
    #[command(alias = "runs", subcommand, arg_required_else_help = true)]
    Run(LazySubcommands<run::cli::Command>),
    /// The audit: who changed what, and whether the record is whole
    #[command(subcommand, arg_required_else_help = true)]
    Audit(LazySubcommands<audit::cli::Command>),
    /// Settings: what the site decides, such as its time zone
    #[command(alias = "settings", subcommand, arg_required_else_help = true)]
    Setting(LazySubcommands<setting::cli::Command<operator::cli::Command>>),
    /// Mail: by which servers and accounts mails leave, and whether they would
    #[command(subcommand, arg_required_else_help = true)]
    Mail(LazySubcommands<mail::cli::Command<contact::cli::Command>>),
    /// Directories: which servers know the people of a company, and how they are asked
    #[command(subcommand, arg_required_else_help = true)]
    Ad(LazySubcommands<directory::cli::Command>),
    /// Do once what is to be done time after time: send mails, remind people, end what was kept long enough
    #[command(after_help = upkeep::cli::EXAMPLES)]
    Upkeep(upkeep::cli::Upkeep<Upkeep>),
    /// The master key: what seals the secrets of the store
    #[command(subcommand, arg_required_else_help = true)]
    Key(LazySubcommands<key::cli::Command>),
    /// Show help on a topic or a command
    #[command(after_help = manual::cli::HELP_EXAMPLES)]
    Help(manual::cli::Help),
    /// Print what a shell needs to complete secboard's commands and names
    #[command(after_help = manual::cli::COMPLETIONS_EXAMPLES)]
    Completions(manual::cli::Completions),
    /// Write the man pages
    #[command(after_help = manual::cli::MAN_EXAMPLES)]
    Man(manual::cli::ManPages),
    /// Write everything that is made from the code: man pages, completions, references
    #[command(hide = true)]
    Generate(manual::cli::Generate),
}

/// A command line that no single command refuses.
#[derive(Debug, thiserror::Error)]
enum Error {
    /// `--format xlsx` on a command that prints rows.
    #[error("only `secboard export` writes workbooks")]
    WorkbookElsewhere,
}

impl Explain for Error {
    fn code(&self) -> &'static str {
        "format.workbook"
    }

    fn kind(&self) -> Kind {
        Kind::Usage
    }

    fn advice(&self) -> Option<String> {
        Some("use `-o table`, `json`, `jsonl` or `csv`".to_owned())
    }
}

/// The verbs of a noun, declared when that noun is typed: to declare those of all nouns takes longer than most commands
/// do.
#[derive(Debug)]
pub(crate) struct LazySubcommands<T>(T);

impl<T: Subcommand> Subcommand for LazySubcommands<T> {
    fn augment_subcommands(noun: clap::Command) -> clap::Command {
        noun.defer(|noun| operator::cli::noun_with_requirements(T::augment_subcommands(noun)))
    }

    fn augment_subcommands_for_update(noun: clap::Command) -> clap::Command {
        T::augment_subcommands_for_update(noun)
    }

    fn has_subcommand(name: &str) -> bool {
        T::has_subcommand(name)
    }
}

impl<T: Subcommand> FromArgMatches for LazySubcommands<T> {
    fn from_arg_matches(matches: &ArgMatches) -> std::result::Result<Self, clap::Error> {
        T::from_arg_matches(matches).map(Self)
    }

    fn update_from_arg_matches(&mut self, matches: &ArgMatches) -> std::result::Result<(), clap::Error> {
        self.0.update_from_arg_matches(matches)
    }
}

/// The command line as it is parsed: with what each command needs. What is below a noun is there once it is parsed or
/// built.
pub(crate) fn command() -> clap::Command {
    operator::cli::with_requirements(Cli::command())
}

/// The whole command line, as it is documented and completed.
pub(crate) fn whole_command() -> clap::Command {
    let mut command = command();
    command.build();
    command
}

/// What runs can change, in no particular order, and what measures it.
pub(crate) fn engine() -> Engine {
    let targets: Vec<Box<dyn Target>> = vec![
        Box::new(company::target::CompanyTarget),
        Box::new(unit::target::UnitTarget(UnitKind::Department)),
        Box::new(unit::target::UnitTarget(UnitKind::Position)),
        Box::new(user::target::UserTarget::default()),
        Box::new(user::invite::target::InvitationTarget::default()),
        Box::new(group::target::GroupTarget),
        Box::new(role::target::RoleTarget),
    ];
    let measure = Box::new(permission::Losses::default());
    Engine::new(targets, measure, &user::bulk::Everybody, &user::Notices, operator::acting_account)
}

/// What is to be done time after time, in the order in which it is: what is queued on the way leaves at its end.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Upkeep;

impl upkeep::cli::Tasks for Upkeep {
    const ALL: &'static [&'static Task] = &[
        &user::upkeep::REMINDERS,
        &user::upkeep::BIN,
        &token::CLEAN_UP,
        &mail::outbox::CLEAN_UP,
        &contact::upkeep::CLEAN_UP,
        &throttle::upkeep::CLEAN_UP,
        &session::upkeep::CLEAN_UP,
        &two_factor::upkeep::CLEAN_UP,
        &login::upkeep::UNFINISHED,
        &DIRECTORIES,
        &OUTBOX,
    ];
}

/// Follows directories.
static DIRECTORIES: Task =
    directory::upkeep::following(|cx, reopen| directory::upkeep::follow(cx, reopen, engine));

/// Sends mails to people.
static OUTBOX: Task = mail::outbox::sending(|cx, reopen| mail::outbox::send(cx, reopen, &READERS));

/// People as they read mails.
pub(crate) static READERS: user::MailReaders = user::MailReaders { access: &permission::AccessQueries };

/// Every column that holds sealed secrets.
pub(crate) const SEALED: &[SealedColumn] = &[
    run::SEALED,
    audit::SEALED,
    mail::account::PASSWORD,
    mail::account::DKIM_KEY,
    directory::connection::PASSWORD,
    mail::outbox::SEALED,
    mail::outbox::LINK_SEALED,
    contact::TEXT,
    two_factor::SECRET,
    two_factor::ENROLMENT,
];

/// Every setting, each of the feature that owns it.
pub(crate) static SETTINGS: Table = Table {
    features: &[
        setting::site::SETTINGS,
        user::SETTINGS,
        run::SETTINGS,
        password::settings::SETTINGS,
        throttle::settings::SETTINGS,
        session::settings::SETTINGS,
        token::SETTINGS,
        login::settings::SETTINGS,
        mail::settings::SETTINGS,
        contact::settings::SETTINGS,
    ],
    read: setting::load,
    keep_an_administrator: user::keep_a_superuser_by,
};

/// Every page, each of the feature that shows it.
pub(crate) const ROUTES: Routes = &[
    daemon::pages::ROUTES,
    login::web::ROUTES,
    profile::web::ROUTES,
    link::web::ROUTES,
    contact::web::ROUTES,
    verify::web::ROUTES,
];

/// What is counted, each by the feature that does it.
const COUNTERS: &[&Counter] = &[
    &throttle::meters::LOGINS,
    &throttle::meters::CODES,
    &throttle::meters::REFUSED,
    &mail::outbox::meters::ENDED,
];

/// What is so now, each of the feature that knows it.
const GAUGES: &[&Gauge] = &[
    &session::OPEN,
    &mail::outbox::meters::MAILS,
    &mail::outbox::meters::OLDEST,
    &mail::outbox::meters::RESTING,
    &run::HELD,
    &password::meters::RUNNING,
    &password::meters::WAITING,
    &audit::HEAD,
];

/// What the daemon serves and does.
pub(crate) const DAEMON: daemon::Parts = daemon::Parts {
    settings: &SETTINGS,
    routes: ROUTES,
    file_routes: profile::web::FILE_ROUTES,
    greeter: login::web::greet,
    tasks: <Upkeep as upkeep::cli::Tasks>::ALL,
    template_faults: mail::template_faults,
    tell_of_certificate: user::notice::tell_of_site_certificate,
    counters: COUNTERS,
    gauges: GAUGES,
};

/// The programs that the manual is about.
pub(crate) const PROGRAMS: Programs =
    Programs { secboard: whole_command, daemon: daemon::cli::command, settings: &SETTINGS };

/// Parses the command line, runs the command, reports its error; returns the exit code.
pub(crate) fn main(arguments: Vec<OsString>) -> u8 {
    cli::stop::survive_file_size_limit();
    if manual::completion::answer(&arguments, PROGRAMS) {
        return 0;
    }
    if asks_version(&arguments) {
        let told = output::text(concat!("secboard ", env!("CARGO_PKG_VERSION"), "\n"));
        return told.map_or_else(|failure| report::plain(&failure, Format::Table), |()| 0);
    }
    let mut command = command();
    let parsed = command.try_get_matches_from_mut(&arguments).and_then(|matches| {
        let invocation = Invocation::of(&command, &matches, &arguments);
        let parsed = Cli::from_arg_matches(&matches).map_err(|error| error.format(&mut command))?;
        Ok((parsed, invocation))
    });
    let (parsed, invocation) = match parsed {
        Ok(parsed) => parsed,
        Err(error) => return report::usage(&report::with_tip(error, &command, &arguments), &arguments),
    };
    let format = parsed.globals.print_format();
    let app = App::new(parsed.globals, invocation, Box::new(operator::ShellAuthenticator), &SETTINGS);
    let done = catch_unwind(AssertUnwindSafe(|| dispatch(&app, parsed.command)));
    let done = done.unwrap_or_else(|panic| Err(Died::of("the command", &*panic).into()));
    // Who reads what was printed is waited for now that nothing of the store is held any more.
    let settled = output::settle();
    match done.and_then(|outcome| settled.map(|()| outcome)) {
        Ok(Outcome::Done) => 0,
        Ok(Outcome::No) => Kind::No.exit_code(),
        Err(failure) => report::report(&failure, format, &app.out.store_flags, &app.out.clocks),
    }
}

/// Whether only the version is asked for; the tree of all commands is not built for that.
fn asks_version(arguments: &[OsString]) -> bool {
    matches!(arguments, [_, only] if only == "--version" || only == "-V")
}

/// Runs a command, if whoever asks may; what is refused is an audit row.
fn dispatch(app: &App, command: Command) -> Result<Outcome> {
    let outcome = operator::admit(app).and_then(|()| carry_out(app, command));
    operator::record_refusals(app, outcome)
}

fn carry_out(app: &App, command: Command) -> Result<Outcome> {
    if app.globals.format == Some(FormatArg::Xlsx) && !matches!(command, Command::Export(_)) {
        return Err(Error::WorkbookElsewhere.into());
    }
    match command {
        Command::Init(arguments) => setup::cli::run(app, arguments),
        Command::Quickstart(arguments) => quickstart::cli::run(app, &arguments, &mut engine(), DAEMON),
        Command::User(LazySubcommands(verb)) => {
            let above =
                user::cli::Above { answers: &permission::AccessQueries, refresh: directory::cli::refresh };
            user::cli::run(app, verb, &mut engine(), &above)
        }
        Command::TwoFactor(LazySubcommands(verb)) => {
            two_factor::cli::run(app, verb, &mut engine()).map(|()| Outcome::Done)
        }
        Command::Company(LazySubcommands(verb)) => company::cli::run(app, verb, &mut engine()),
        Command::Department(LazySubcommands(verb)) => unit::cli::department::run(app, verb, &mut engine()),
        Command::Position(LazySubcommands(verb)) => unit::cli::position::run(app, verb, &mut engine()),
        Command::Org(LazySubcommands(verb)) => org::cli::run(app, verb),
        Command::Group(LazySubcommands(verb)) => group::cli::run(app, verb, &mut engine()),
        Command::Role(LazySubcommands(verb)) => role::cli::run(app, verb, &mut engine()),
        Command::Permission(LazySubcommands(verb)) => permission::cli::run(app, verb),
        Command::Export(LazySubcommands(verb)) => export::cli::run(app, verb),
        Command::Run(LazySubcommands(verb)) => run::cli::run(app, verb, &mut engine()),
        Command::Audit(LazySubcommands(verb)) => audit::cli::run(app, verb, state::TABLES),
        Command::Setting(LazySubcommands(verb)) => setting::cli::run(app, verb, operator::cli::run),
        Command::Upkeep(arguments) => upkeep::cli::run(app, &arguments),
        Command::Mail(LazySubcommands(verb)) => {
            let above = mail::cli::Above {
                readers: &READERS,
                contact: contact::cli::run,
                check: contact::doctor::check,
            };
            mail::cli::run(app, verb, &above)
        }
        Command::Ad(LazySubcommands(verb)) => directory::cli::run(app, verb, &mut engine()),
        Command::Key(LazySubcommands(verb)) => key::cli::run(app, verb, SEALED),
        Command::Help(arguments) => manual::cli::help(PROGRAMS, &arguments),
        Command::Completions(arguments) => manual::cli::completions(&arguments),
        Command::Man(arguments) => manual::cli::man(app, PROGRAMS, &arguments),
        Command::Generate(arguments) => manual::cli::generate(app, PROGRAMS, &arguments),
    }
}

#[cfg(test)]
mod tests {
    use clap::error::ErrorKind;

    use super::{command, whole_command};

    /// Verbs whose options narrow what they show, beside the shared filters.
    const SHOWING: [&str; 6] = ["list", "members", "who-can", "matrix", "chart", "calendar"];

    /// Options of those verbs that say something else, or are refused when they are read as a time.
    const OTHERS: [&str; 8] =
        ["since", "until", "as-of", "date-from", "date-to", "last-login-before", "sort", "output"];

    fn walk(command: &clap::Command, path: &str, each: &mut impl FnMut(&str, &clap::Arg)) {
        let mut verbs = command.get_subcommands().peekable();
        if verbs.peek().is_none() {
            command.get_arguments().for_each(|argument| each(path, argument));
        }
        for verb in verbs {
            walk(verb, &format!("{path} {}", verb.get_name()), each);
        }
    }

    /// `--search "$UNSET"` must not mean everybody, in any command that has such a flag.
    #[test]
    fn no_filter_takes_nothing_for_everything() {
        let mut filters = 0;
        walk(&whole_command(), "secboard", &mut |path, argument| {
            let Some(long) = argument.get_long() else { return };
            let verb = path.rsplit(' ').next().unwrap();
            let narrows = argument.get_help_heading() == Some("Filters")
                || (SHOWING.contains(&verb) && !argument.is_global_set());
            if !narrows || !argument.get_action().takes_values() || OTHERS.contains(&long) {
                return;
            }
            filters += 1;
            for nothing in ["", " ", "\u{200b}"] {
                let words = path.split(' ').map(str::to_owned).chain([format!("--{long}={nothing}")]);
                let error = command().try_get_matches_from(words).unwrap_err();
                let is_refused = matches!(error.kind(), ErrorKind::ValueValidation | ErrorKind::InvalidValue);
                assert!(is_refused, "{path} --{long} {nothing:?}: {error}");
            }
        });
        assert!(filters > 100, "{filters} filters");
    }
}
