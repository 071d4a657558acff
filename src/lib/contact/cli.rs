//! `secboard mail contact`.

use clap::{Args, Subcommand};

use super::{ListFilter, Received, Topic};
use crate::audit::cli::listing::{self, Listing};
use crate::cli::output::{self, record};
use crate::cli::{App, values};
use crate::context::CompanyScope;
use crate::error::Result;
use crate::text::count::counted;
use crate::text::width::sanitize_lines;

/// Messages that a table on a terminal shows unless a limit is given.
const SHOWN: u32 = 25;

/// Whether somebody has seen to a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum State {
    /// Nobody yet.
    Open,
    /// Somebody has.
    Closed,
}

values! {
    State {
        Open "open": "Nobody has closed it yet",
        Closed "closed": "Somebody has seen to it",
    }
    Topic {
        General "general": "Whatever has no other topic",
        Support "support": "Help",
        Sales "sales": "Buying",
        Partnership "partnership": "Working together",
        Security "security": "Something unsafe",
        Feedback "feedback": "What somebody thinks of it",
        Other "other": "Something else",
    }
}

/// Messages by the contact form: what people wrote, and whether somebody has seen to it
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// List messages, the newest first
    #[command(
        after_help = "A table on a terminal shows the newest 25; anything else gives all. Who wrote is what they say of themselves: \
        nobody has checked it.\n\nExamples:\n  \
        secboard mail contact list --state open\n  secboard mail contact list --topic security --since -7d -o json"
    )]
    List(List),
    /// Show one message with what was written
    #[command(after_help = "Examples:\n  secboard mail contact show 7k3m9x2b4d\n  \
        secboard mail contact show 7k3m9x2b4d -o json")]
    Show {
        /// Its id
        #[arg(value_name = "ID")]
        message: String,
    },
    /// Say that somebody has seen to messages
    #[command(after_help = "They stay as long as the setting `contact.keep_days` says.\n\nExamples:\n  \
        secboard mail contact close 7k3m9x2b4d\n  \
        secboard mail contact close 7k3m9x2b4d --reason 'answered by phone'")]
    Close {
        /// Their ids
        #[arg(value_name = "ID", required = true)]
        messages: Vec<String>,
    },
}

#[derive(Debug, Args)]
pub(crate) struct List {
    /// Open or closed
    #[arg(long, value_enum)]
    state: Option<State>,
    /// About this
    #[arg(long, value_enum)]
    topic: Option<Topic>,
    /// That came at or after this time or day
    #[arg(long, value_name = "TIME", allow_hyphen_values = true)]
    since: Option<String>,
    /// At most so many
    #[arg(long, value_name = "N")]
    limit: Option<u32>,
}

record! {
    /// A message as it is printed.
    MessageRow, table ["id", "state", "topic", "email", "subject"] {
        /// The id.
        id: String,
        /// When it came, RFC 3339.
        created_at: String,
        /// `open`, `closed`.
        state: &'static str,
        /// What it is about.
        topic: &'static str,
        /// Who wrote, as they say.
        name: String,
        /// Where they are answered, as they say.
        email: String,
        /// Their phone, as they say.
        phone: Option<String>,
        /// Their company, as they say.
        company: Option<String>,
        /// The subject.
        subject: String,
        /// The language of the page on which they wrote.
        language: String,
        /// From which address.
        client: Option<String>,
        /// How many mails told of it.
        mails: i64,
        /// Whether they were sent the answer that is the same for everybody.
        answered: bool,
        /// When it was closed, RFC 3339.
        closed_at: Option<String>,
        /// By whom.
        closed_by: Option<String>,
        /// What was written, told of one message alone; nothing where it was lost with a key.
        text: Option<String>,
    }
}

impl From<Received> for MessageRow {
    fn from(received: Received) -> Self {
        let (closed_at, closed_by) = received.closed.unzip();
        Self {
            id: received.id,
            created_at: received.created_at.to_string(),
            state: if closed_at.is_some() { "closed" } else { "open" },
            topic: received.topic.word(),
            name: received.name,
            email: received.email,
            phone: received.phone,
            company: received.company,
            subject: received.subject,
            language: received.language,
            client: received.client,
            mails: received.mails.into(),
            answered: received.is_answered,
            closed_at: closed_at.map(|at| at.to_string()),
            closed_by,
            text: None,
        }
    }
}

/// Runs a verb.
pub(crate) fn run(app: &App, command: Command) -> Result<()> {
    match command {
        Command::List(arguments) => list(app, &arguments),
        Command::Show { message } => show(app, &message),
        Command::Close { messages } => close(app, &messages),
    }
}

fn list(app: &App, arguments: &List) -> Result<()> {
    let cx = app.reader()?;
    let is_on_terminal = app.out.is_table() && app.out.width.is_some();
    let filter = ListFilter {
        is_closed: arguments.state.map(|state| state == State::Closed),
        topic: arguments.topic,
        since: arguments.since.as_deref().map(|since| cx.past_time(since)).transpose()?,
        limit: arguments.limit.or(is_on_terminal.then_some(SHOWN)),
    };
    let messages = super::list(&cx, &filter)?;
    let listing = Listing {
        scope: CompanyScope::All,
        words: String::new(),
        advice: "print the newest with `--limit 100`",
    };
    listing::give(app, &cx, &listing, |_| Ok(messages.len() as u64))?;
    let is_cut = is_on_terminal && arguments.limit.is_none() && messages.len() as u64 == u64::from(SHOWN);
    let mut list = app.out.long_list::<MessageRow>()?;
    messages.into_iter().try_for_each(|message| list.row(&message.into()))?;
    list.finish()?;
    if is_cut {
        app.out.say(&format!("the newest {SHOWN}; `--limit N` for more"));
    }
    Ok(())
}

fn show(app: &App, id: &str) -> Result<()> {
    let (message, text) = super::get(&app.reader()?, id)?;
    let row = MessageRow::from(message);
    if app.out.is_table() && app.out.columns.is_none() {
        app.out.object(&row)?;
        let text =
            text.as_deref().map_or_else(|| "what was written was lost with a key".to_owned(), sanitize_lines);
        return output::text(&format!("\n{}\n", text.trim_end()));
    }
    app.out.object(&MessageRow { text, ..row })
}

fn close(app: &App, ids: &[String]) -> Result<()> {
    let cx = app.writer()?;
    let messages = super::close(&cx, ids)?;
    let closed = messages.iter().filter(|(_, is_new)| *is_new).count() as u64;
    if closed == 0 {
        app.done("no change: they are closed already");
    } else {
        app.done(&format!("closed {}", counted(&[(closed, "message", "messages")])));
    }
    if app.out.is_table() && app.out.columns.is_none() {
        return Ok(());
    }
    let mut list = app.out.list::<MessageRow>()?;
    messages.into_iter().try_for_each(|(message, _)| list.row(&message.into()))?;
    list.finish()
}
