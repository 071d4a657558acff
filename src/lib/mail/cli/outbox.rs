//! `secboard mail outbox` and `mail trace`.

use std::collections::HashMap;

use clap::{Args, Subcommand};

use crate::audit::cli::listing::{self, Listing};
use crate::cli::output::{self, record};
use crate::cli::{App, Outcome, filter_text, prompt};
use crate::company;
use crate::context::Context;
use crate::error::Result;
use crate::mail::outbox::{self, Attempt, ListFilter, MailState, QueuedMail};
use crate::mail::{route, trace};
use crate::store::Tx;
use crate::text::count::counted;
use crate::text::email::Email;
use crate::text::instant::Instant;

/// Mails that a table on a terminal shows unless a limit is given.
const SHOWN: u32 = 25;

/// The outbox: every mail, whether it left, and why not
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// List mails, the newest first
    #[command(
        after_help = "A table on a terminal shows the newest 25; anything else gives all. When each was queued is its `created_at`, \
        for --columns and in every other format.\n\nExamples:\n  \
        secboard mail outbox list --state queued\n  secboard mail outbox list --state failed --since today -o json\n  \
        secboard mail outbox list --to olena@acme.example --limit 5"
    )]
    List(List),
    /// Show one mail with every attempt to send it
    #[command(
        after_help = "What a mail says is never shown.\n\nExamples:\n  secboard mail outbox show 7k3m9x2b4d\n  \
        secboard mail outbox show 7k3m9x2b4d -o json"
    )]
    Show {
        /// Its id
        #[arg(value_name = "ID")]
        mail: String,
    },
    /// Have mails go with the next flush, also those that failed or were dropped
    #[command(
        after_help = "A mail whose words and files were sealed has none left once it has ended: it is to be sent anew.\n\n\
        Examples:\n  secboard mail outbox retry 7k3m9x2b4d"
    )]
    Retry {
        /// Their ids
        #[arg(value_name = "ID", required = true)]
        mails: Vec<String>,
    },
    /// Drop mails that wait
    #[command(
        after_help = "What people are told of their accounts, and administrators of what they have to know, only a superuser \
        drops, with --reason.\n\nExamples:\n  secboard mail outbox drop 7k3m9x2b4d --yes\n  \
        secboard mail outbox drop 7k3m9x2b4d --yes --reason 'sent to everybody by mistake'"
    )]
    Drop {
        /// Their ids
        #[arg(value_name = "ID", required = true)]
        mails: Vec<String>,
    },
}

#[derive(Debug, Args)]
pub(crate) struct List {
    /// In this state
    #[arg(long, value_enum)]
    state: Option<MailState>,
    /// For this feature, such as invite
    #[arg(long, value_parser = filter_text)]
    feature: Option<String>,
    /// To this address
    #[arg(long, value_name = "EMAIL", value_parser = filter_text)]
    to: Option<String>,
    /// Queued at or after this time or day
    #[arg(long, value_name = "TIME", allow_hyphen_values = true)]
    since: Option<String>,
    /// At most so many
    #[arg(long, value_name = "N")]
    limit: Option<u32>,
}

#[derive(Debug, Args)]
pub(crate) struct Trace {
    /// An address of theirs, also a former one
    email: String,
}

record! {
    /// A mail as it is printed.
    MailRow, table ["id", "state", "message", "to", "why"] {
        /// The id.
        id: String,
        /// When it was queued, RFC 3339.
        created_at: String,
        /// `queued`, `sending`, `sent`, `failed`, `dropped`.
        state: &'static str,
        /// What it says.
        message: String,
        /// What it is for.
        feature: String,
        /// Whose mail it is.
        company: Option<String>,
        /// To which address; nothing once the person is gone.
        to: Option<String>,
        /// The run that queued it.
        run: Option<String>,
        /// How often it was tried.
        tries: i64,
        /// Until when it waits, RFC 3339; nothing where it does not.
        waits_until: Option<String>,
        /// Why it waits, failed, or was dropped.
        why: Option<String>,
        /// Its Message-ID.
        message_id: Option<String>,
        /// When it was sent, had failed or was dropped, RFC 3339.
        ended_at: Option<String>,
    }
}

record! {
    /// A mail to somebody as it is printed.
    TraceRow, table ["id", "state", "message", "to", "answer"] below ["answer"] {
        /// The id.
        id: String,
        /// When it was queued, RFC 3339.
        at: String,
        /// `queued`, `sending`, `sent`, `failed`, `dropped`.
        state: &'static str,
        /// What it says.
        message: String,
        /// What it is for.
        feature: String,
        /// To which address.
        to: Option<String>,
        /// How often it was tried.
        tries: i64,
        /// The account that tried last.
        account: Option<String>,
        /// What the server answered it, or why the mail waits, failed, or was dropped.
        answer: Option<String>,
        /// When it was sent, had failed or was dropped, RFC 3339.
        ended_at: Option<String>,
    }
}

record! {
    /// An attempt as it is printed.
    AttemptRow, table ["number", "at", "account", "outcome", "step", "answer", "milliseconds"] below ["answer"] {
        /// Counted from 1.
        number: i64,
        /// When it began, RFC 3339.
        at: String,
        /// The account that sent.
        account: String,
        /// `begun`, `sent`, `later`, `failed`, `unknown`.
        outcome: &'static str,
        /// Where it ended before its end.
        step: Option<String>,
        /// What the server answered, or what else happened.
        answer: Option<String>,
        /// How long it took.
        milliseconds: Option<i64>,
    }
}

impl MailRow {
    fn new(mail: QueuedMail, companies: &HashMap<i64, String>, now: Instant) -> Self {
        let waits = mail.state == MailState::Queued;
        Self {
            id: mail.id,
            created_at: mail.created_at.to_string(),
            state: mail.state.word(),
            message: mail.message,
            feature: mail.feature,
            company: mail.company_id.and_then(|id| companies.get(&id).cloned()),
            to: mail.to,
            run: mail.run,
            tries: mail.tries.into(),
            waits_until: (waits && mail.due_at > now).then(|| mail.due_at.to_string()),
            why: mail.why,
            message_id: mail.message_id,
            ended_at: mail.ended_at.map(|at| at.to_string()),
        }
    }
}

impl From<trace::Traced> for TraceRow {
    fn from(trace::Traced { mail, last }: trace::Traced) -> Self {
        let (account, answered) = last.map(|last| (last.account, last.answer)).unzip();
        let answered = answered.flatten();
        let answer = match mail.state {
            // What it waits for; why it ended, which is no server's doing.
            MailState::Queued | MailState::Dropped => mail.why.or(answered),
            MailState::Sending | MailState::Sent | MailState::Failed => answered.or(mail.why),
        };
        Self {
            id: mail.id,
            at: mail.created_at.to_string(),
            state: mail.state.word(),
            message: mail.message,
            feature: mail.feature,
            to: mail.to,
            tries: mail.tries.into(),
            account,
            answer,
            ended_at: mail.ended_at.map(|at| at.to_string()),
        }
    }
}

impl From<Attempt> for AttemptRow {
    fn from(attempt: Attempt) -> Self {
        Self {
            number: attempt.number.into(),
            at: attempt.at.to_string(),
            account: attempt.account,
            outcome: attempt.outcome.word(),
            step: attempt.step,
            answer: attempt.answer,
            milliseconds: attempt.milliseconds,
        }
    }
}

/// Runs a verb.
pub(super) fn run(app: &App, command: Command) -> Result<()> {
    match command {
        Command::List(arguments) => list(app, &arguments),
        Command::Show { mail } => show(app, &mail),
        Command::Retry { mails } => retry(app, &mails),
        Command::Drop { mails } => drop_waiting(app, &mails),
    }
}

/// What companies are called.
fn companies(tx: &Tx<'_>) -> Result<HashMap<i64, String>> {
    let mut names = HashMap::new();
    company::list_in(tx, |company| {
        names.insert(company.id, company.name);
        Ok(())
    })?;
    Ok(names)
}

fn list(app: &App, arguments: &List) -> Result<()> {
    let cx = app.reader()?;
    let is_on_terminal = app.out.is_table() && app.out.width.is_some();
    let limit = arguments.limit.unwrap_or(if is_on_terminal { SHOWN } else { u32::MAX });
    let since = arguments.since.as_deref().map(|since| cx.past_time(since)).transpose()?;
    let to = arguments.to.as_deref().map(Email::parse).transpose()?;
    let feature = arguments.feature.as_deref().map(route::check_feature).transpose()?;
    let filter = ListFilter {
        address: to.as_ref().map(Email::as_str),
        state: arguments.state,
        feature: feature.as_deref(),
        since,
        scope: cx.actor.scope("mail.view"),
        limit,
        ..ListFilter::default()
    };
    let (mails, companies) = cx.read(|tx| {
        let mails = outbox::list(tx, &filter)?;
        Ok((outbox::explained(&cx, tx, mails)?, companies(tx)?))
    })?;
    let listing = Listing {
        scope: filter.scope.clone(),
        words: String::new(),
        advice: "print the newest with `--limit 100`",
    };
    listing::give(app, &cx, &listing, |_| Ok(mails.len() as u64))?;
    let is_cut = is_on_terminal && arguments.limit.is_none() && mails.len() as u64 == u64::from(SHOWN);
    let mut list = app.out.long_list::<MailRow>()?;
    mails.into_iter().try_for_each(|mail| list.row(&MailRow::new(mail, &companies, cx.now())))?;
    list.finish()?;
    if is_cut {
        app.out.say(&format!("the newest {SHOWN}; `--limit N` for more"));
    }
    Ok(())
}

fn show(app: &App, id: &str) -> Result<()> {
    let cx = app.reader()?;
    let (mails, attempts, companies) = cx.read(|tx| {
        let mail = outbox::get_for(&cx, tx, id, &["mail.view"])?;
        let attempts = outbox::attempts(tx, mail.seq)?;
        Ok((outbox::explained(&cx, tx, vec![mail])?, attempts, companies(tx)?))
    })?;
    let Some(mail) = mails.into_iter().next() else { return Ok(()) };
    let row = MailRow::new(mail, &companies, cx.now());
    let is_text = app.out.is_table() && app.out.columns.is_none();
    if is_text {
        app.out.object(&row)?;
        if attempts.is_empty() {
            return Ok(());
        }
        output::text("\n")?;
    }
    let is_document = app.out.format == output::Format::Json;
    let mut list = app.out.list::<AttemptRow>()?;
    if is_document {
        output::begin_object(&row, "attempts")?;
    }
    attempts.into_iter().try_for_each(|attempt| list.row(&attempt.into()))?;
    list.finish()?;
    if is_document { output::text("}\n") } else { Ok(()) }
}

fn retry(app: &App, ids: &[String]) -> Result<()> {
    let cx = app.writer()?;
    let mails = outbox::retry(&cx, ids)?;
    let mails = cx.read(|tx| outbox::explained(&cx, tx, mails))?;
    let mut reasons: Vec<&str> = mails.iter().filter_map(|mail| mail.why.as_deref()).collect();
    reasons.dedup();
    let kept = mails.iter().filter(|mail| mail.why.is_some()).count();
    if kept < mails.len() {
        app.done(&format!("{} with the next flush", going(mails.len() - kept)));
    }
    if kept > 0 {
        let does = if kept == 1 { "waits" } else { "wait" };
        app.done(&format!("{} {does}: {}", told(kept), reasons.join("; ")));
    }
    print(app, &cx, mails)
}

fn drop_waiting(app: &App, ids: &[String]) -> Result<()> {
    let mut cx = app.writer()?;
    let question = |mails: &Vec<QueuedMail>| format!("Drop {}?", told(mails.len()));
    prompt::confirm_rehearsed(app, &mut cx, |cx| outbox::drop_waiting(cx, ids), question)?;
    let mails = outbox::drop_waiting(&cx, ids)?;
    app.done(&format!("dropped {}", told(mails.len())));
    print(app, &cx, mails)
}

fn told(mails: usize) -> String {
    counted(&[(mails as u64, "mail", "mails")])
}

fn going(mails: usize) -> String {
    format!("{} {}", told(mails), if mails == 1 { "goes" } else { "go" })
}

/// Prints the changed mails for programs.
fn print(app: &App, cx: &Context, mails: Vec<QueuedMail>) -> Result<()> {
    if app.out.is_table() && app.out.columns.is_none() {
        return Ok(());
    }
    let companies = cx.read(companies)?;
    let mut list = app.out.list::<MailRow>()?;
    mails.into_iter().try_for_each(|mail| list.row(&MailRow::new(mail, &companies, cx.now())))?;
    list.finish()
}

/// Prints what became of the mails to somebody.
pub(super) fn trace(app: &App, arguments: &Trace) -> Result<Outcome> {
    let traced = trace::trace(&app.reader()?, &arguments.email)?;
    let mut list = app.out.list::<TraceRow>()?;
    traced.into_iter().try_for_each(|traced| list.row(&traced.into()))?;
    list.finish()?;
    Ok(Outcome::Done)
}
