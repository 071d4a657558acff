//! The command line's frame: global flags, printing, prompts, progress, errors. It knows no feature; what commands there
//! are is declared in `registry`.

mod clocks;
pub(crate) mod color;
mod filter;
mod invocation;
mod notice;
pub(crate) mod output;
mod progress;
pub(crate) mod prompt;
pub(crate) mod report;
pub(crate) mod stop;
mod store_flags;
mod values;

use std::cell::OnceCell;
use std::path::PathBuf;
use std::rc::Rc;
use std::sync::Arc;

use clap::Args;

pub(crate) use clocks::Clocks;
pub(crate) use filter::filter_text;
pub(crate) use invocation::{Invocation, path};
#[cfg(test)]
pub(crate) use invocation::{may_be_a_stream, names_a_file};
pub(crate) use notice::NoticeArgs;
pub(crate) use progress::Progress;
pub(crate) use store_flags::StoreFlags;
pub(crate) use values::values;

use crate::config::{self, Caller, Config};
use crate::context::settings::{TIME_ZONE, Table};
use crate::context::{Actor, Context, FixedClock, Refusals, RevalidateActor};
use crate::crypto::key::{KeyError, MasterKey};
use crate::crypto::rng::SystemRandom;
use crate::error::{Explain, Failure, Kind, Result};
use crate::store::Store;
use crate::tabular::{FileOrStream, InUse, file};
use crate::text::name;
use crate::text::note::check_line;
use crate::text::shell::word;
use output::{ColorChoice, Format, FormatArg, Output, Record};

/// The flags every command takes.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Global options")]
pub(crate) struct Globals {
    /// The store to work on
    #[arg(long, global = true, value_name = "PATH", value_parser = path(), help = "The store to work on [env: SECBOARD_STORE]")]
    pub(crate) store: Option<PathBuf>,
    /// The configuration file
    #[arg(long, global = true, value_name = "FILE", value_parser = path(), help = "The configuration file [env: SECBOARD_CONFIG]")]
    pub(crate) config: Option<PathBuf>,
    /// How to print
    #[arg(long, short = 'o', global = true, value_name = "FORMAT")]
    pub(crate) format: Option<FormatArg>,
    /// Print only these columns, separated by commas
    #[arg(long, global = true, value_name = "NAMES", value_delimiter = ',')]
    pub(crate) columns: Option<Vec<String>>,
    /// Write and import CSV cells as they are, without the guard against formulas
    #[arg(long, global = true)]
    pub(crate) raw: bool,
    /// Show what would change, and change nothing
    #[arg(long, global = true)]
    pub(crate) dry_run: bool,
    /// Answer every question with yes
    #[arg(long, short = 'y', global = true)]
    pub(crate) yes: bool,
    /// Act with the rights of this account, to try them
    #[arg(long = "as", global = true, value_name = "EMAIL")]
    pub(crate) acting_as: Option<String>,
    /// Answer as of this time (only with --dry-run, or where nothing is changed)
    #[arg(long, global = true, value_name = "TIME")]
    pub(crate) now: Option<String>,
    /// Why, for the audit
    #[arg(long, global = true, value_name = "TEXT")]
    pub(crate) reason: Option<String>,
    /// Say nothing but errors
    #[arg(long, short = 'q', global = true, conflicts_with = "verbose")]
    pub(crate) quiet: bool,
    /// Say more about what is done
    #[arg(long, short = 'v', global = true)]
    pub(crate) verbose: bool,
    /// When to use colours
    #[arg(long, global = true, value_name = "WHEN", default_value = "auto", hide_default_value = true)]
    pub(crate) color: ColorChoice,
    /// Never ask; fail where an answer is missing
    #[arg(long, global = true)]
    pub(crate) no_input: bool,
}

impl Globals {
    /// How rows and errors are printed: as asked, else for people.
    pub(crate) fn print_format(&self) -> Format {
        match self.format {
            Some(FormatArg::Print(format)) => format,
            Some(FormatArg::Xlsx) | None => Format::Table,
        }
    }

    /// What they say of where the store is, for commands that are printed.
    pub(crate) fn store_flags(&self) -> StoreFlags {
        StoreFlags::given(self.store.as_deref(), self.config.as_deref())
    }
}

/// How a command that did not fail ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// Done, or the answer is yes.
    Done,
    /// The answer is no, or some rows failed; what there is to say was printed.
    No,
}

/// Decides who acts; given by the composition root, for the frame knows neither accounts nor permissions.
pub(crate) trait Authenticator {
    /// Before the store of `config` is opened: refuses a process that has no business with it.
    fn check_process(&self, app: &App, config: &Config) -> Result<()>;

    /// Who acts on the opened store; refuses those who may not do what the command does.
    fn authenticate(&self, app: &App, cx: &Context) -> Result<Actor>;

    /// Asks before each change whether that is still so.
    fn revalidate(&self) -> RevalidateActor;
}

/// A running command: how it was called, and its output.
pub(crate) struct App {
    /// The command, and the files it was given.
    pub(crate) invocation: Invocation,
    /// Who decides who acts.
    pub(crate) authenticator: Box<dyn Authenticator>,
    /// What there is to set.
    pub(crate) settings: &'static Table,
    /// The global flags.
    pub(crate) globals: Globals,
    /// Where and how to print.
    pub(crate) out: Output,
    /// What the command was refused while it did the rest.
    pub(crate) refusals: Refusals,
    config: OnceCell<Config>,
}

/// Global flags that contradict each other or the command.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Error {
    /// `--now` on a command that changes something.
    #[error("`--now` cannot date a change")]
    NowOnChange,
    /// `--no-notice` without `--reason`.
    #[error("`--no-notice` needs a reason, which the audit keeps")]
    NoticeWithoutReason,
    /// The reason cannot be stored.
    #[error(
        "the reason has more than 1000 characters, or control characters, or such as turn the direction of text"
    )]
    Reason,
}

impl Explain for Error {
    fn code(&self) -> &'static str {
        match self {
            Self::NowOnChange => "now.on_change",
            Self::NoticeWithoutReason => "notice.without_reason",
            Self::Reason => "reason.refused",
        }
    }

    fn kind(&self) -> Kind {
        match self {
            Self::NowOnChange | Self::NoticeWithoutReason => Kind::Usage,
            Self::Reason => Kind::Refused,
        }
    }

    fn advice(&self) -> Option<String> {
        match self {
            Self::NowOnChange => Some("add `--dry-run`, or leave `--now` out".to_owned()),
            Self::NoticeWithoutReason => Some("add `--reason TEXT`".to_owned()),
            Self::Reason => None,
        }
    }
}

impl App {
    /// An app with these flags, printing to this process's standard output.
    pub(crate) fn new(
        globals: Globals,
        invocation: Invocation,
        authenticator: Box<dyn Authenticator>,
        settings: &'static Table,
    ) -> Self {
        let out = Output {
            format: globals.print_format(),
            columns: globals.columns.clone(),
            color: output::wants_color(globals.color),
            width: output::terminal_width(),
            quiet: globals.quiet,
            raw: globals.raw,
            store_flags: globals.store_flags(),
            clocks: Clocks::default(),
        };
        let (refusals, config) = (Refusals::default(), OnceCell::new());
        Self { invocation, authenticator, settings, globals, out, refusals, config }
    }

    /// Where store, key and daemon are, as it was when that was first asked: by then who asks may have become the owner of the
    /// store, who need not be able to read the configuration of root.
    pub(crate) fn config(&self) -> Result<Config> {
        if let Some(config) = self.config.get() {
            return Ok(config.clone());
        }
        let config = config::load(self.globals.store.as_deref(), self.globals.config.as_deref())?;
        Ok(self.config.get_or_init(|| config).clone())
    }

    /// Begins the file that the command line names as an output.
    ///
    /// # Errors
    /// When it cannot be made, or is one of those in use.
    pub(crate) fn output(&self, place: &FileOrStream) -> Result<file::Output> {
        Ok(file::Output::create_beside(place, &self.in_use(place))?)
    }

    /// The files that no output replaces, be they named themselves or by a link that somebody laid: store, key,
    /// configuration, and what the command reads. Where it cannot be known where the store is, none is.
    pub(crate) fn in_use(&self, output: &FileOrStream) -> InUse {
        let mut files = InUse::default();
        if let Ok(config) = self.config() {
            files.spare("the store, or belongs to it", &config.store, &["-wal", "-shm", "-journal"]);
            files.spare("a key of the store", &config.key, &[".old-", ".new"]);
        }
        if let Some(config) = config::file(self.globals.config.as_deref()) {
            files.spare("the configuration file", &config, &[]);
        }
        self.invocation.beside(output).for_each(|place| files.spare_input(place));
        files
    }

    /// Opens the store for a command that only reads; `--now` sets its clock.
    pub(crate) fn reader(&self) -> Result<Context> {
        self.open(&self.config()?)
    }

    /// Opens the store of `config` for whoever is at the door.
    pub(crate) fn open(&self, config: &Config) -> Result<Context> {
        let cx = self.open_for_nobody(config)?;
        self.let_in(config, cx)
    }

    /// Opens the store like [`App::reader`], and also where its key cannot be read: then with why, and with a key that
    /// opens nothing.
    pub(crate) fn reader_without_key(&self) -> Result<(Context, Option<Failure>)> {
        let config = self.config()?;
        match self.open(&config) {
            Err(failure) if failure.get::<KeyError>().is_some() => {
                let cx =
                    self.context(&config, Store::open(&config.store)?, MasterKey::generate(&SystemRandom)?)?;
                Ok((self.let_in(&config, cx)?, Some(failure)))
            }
            opened => Ok((opened?, None)),
        }
    }

    /// Lets whoever is at the door act on the opened store.
    fn let_in(&self, config: &Config, mut cx: Context) -> Result<Context> {
        if self.globals.reason.is_some() && self.reason().is_none() {
            return Err(Error::Reason.into());
        }
        if self.globals.verbose {
            self.out.say(&format!("store {}, key {}", config.store.display(), config.key.display()));
        }
        if Store::is_too_open(&config.store) {
            self.out.say(&format!(
                "warning: other users of this machine can read the store; run `chmod 600 {}`",
                word(&config.store.to_string_lossy())
            ));
        }
        cx.actor = self.authenticator.authenticate(self, &cx)?;
        cx.revalidate_actor = self.authenticator.revalidate();
        // Not before it is known who acts: an account that has ended would be none in a time of its own choice.
        if let Some(now) = &self.globals.now {
            cx.clock = Arc::new(FixedClock::new(cx.time(now)?));
        }
        Ok(cx)
    }

    /// Opens the store of `config` for an actor who may do nothing, until it is known who acts.
    pub(crate) fn open_for_nobody(&self, config: &Config) -> Result<Context> {
        self.authenticator.check_process(self, config)?;
        let store = Store::open(&config.store)?;
        let key = store.load_key(&config.key)?;
        self.context(config, store, key)
    }

    fn context(&self, config: &Config, store: Store, key: MasterKey) -> Result<Context> {
        let settings = store.read(|tx| self.settings.load(tx))?;
        self.out.clocks.are_of(settings.get(&TIME_ZONE));
        let nobody = Actor::nobody(Some(Caller::of_this_process().shell_user()?));
        Ok(Context {
            reason: self.reason().map(str::to_owned),
            dry_run: self.globals.dry_run,
            templates: config.templates.clone(),
            resolver: config.resolver,
            refusals: Rc::clone(&self.refusals),
            ..Context::new(store, key, settings, nobody)
        })
    }

    /// The reason given, if it can be stored.
    fn reason(&self) -> Option<&str> {
        let fits = |text: &&str| text.chars().count() <= 1000 && check_line(text).is_ok();
        self.globals.reason.as_deref().filter(fits)
    }

    /// Opens the store for a command that changes something.
    pub(crate) fn writer(&self) -> Result<Context> {
        if self.globals.now.is_some() && !self.globals.dry_run {
            return Err(Error::NowOnChange.into());
        }
        self.reader()
    }

    /// Prints the changed thing for programs; people were told in a sentence.
    pub(crate) fn print_if_asked<R: Record>(&self, row: &R) -> Result<()> {
        if self.out.is_table() && self.out.columns.is_none() { Ok(()) } else { self.out.object(row) }
    }

    /// Warns of a name that was just typed for a company, a group or the like, and can pass for another.
    pub(crate) fn warn_of_name(&self, name: &str) {
        if let Some(warning) = name::warning(name) {
            self.out.say(&format!("warning: {warning}"));
        }
    }

    /// Says what was done, or with `--dry-run` what would be.
    pub(crate) fn done(&self, message: &str) {
        if self.globals.dry_run {
            self.out.say(&format!("{message} (dry run: nothing was changed)"));
        } else {
            self.out.say(message);
        }
    }
}
