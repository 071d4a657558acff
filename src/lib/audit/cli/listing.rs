//! Lists of people that a command prints.
//!
//! A page is for looking something up. More than a page is a copy of the people there are, however it is printed: whoever
//! acts with the permissions of an account needs `users.export` for it, for all companies the list may be about, and it is
//! in the audit before its first line is. The owner of the store has its file anyway, and reads it where nothing can be
//! written.

use serde_json::json;

use crate::audit::{self, Event, Fields};
use crate::cli::App;
use crate::cli::output::Format;
use crate::context::{CompanyScope, Context};
use crate::error::{Explain, Kind, Result};

/// People on a page.
pub(crate) const PAGE: u64 = 100;

/// The word for what is handed out, in the audit.
const KIND: &str = "export";

/// A list that is not printed.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Error {
    /// `--now` with more than a page of people, for which the audit gets a row.
    #[error("`--now` cannot date the row of the audit that more than {PAGE} people at once get")]
    DatedList,
    /// More than a page of people, for who may not export them.
    #[error(
        "`{actor}` may not do this: more than {PAGE} people at once need the permission `users.export` for all companies they may be of"
    )]
    WholeList {
        /// Who.
        actor: String,
        /// What to do instead.
        advice: &'static str,
    },
}

impl Explain for Error {
    fn code(&self) -> &'static str {
        match self {
            Self::DatedList => "export.dated_list",
            Self::WholeList { .. } => "export.whole_list",
        }
    }

    fn kind(&self) -> Kind {
        match self {
            Self::DatedList => Kind::Usage,
            Self::WholeList { .. } => Kind::Denied,
        }
    }

    fn advice(&self) -> Option<String> {
        Some(match self {
            Self::DatedList => "leave `--now` out, or print a page".to_owned(),
            Self::WholeList { advice, .. } => (*advice).to_owned(),
        })
    }
}

/// A list that is about to be printed.
#[derive(Debug)]
pub(crate) struct Listing {
    /// Companies whose people may be in it.
    pub(crate) scope: CompanyScope,
    /// The filters in words; empty for none.
    pub(crate) words: String,
    /// What to do about one that is too long.
    pub(crate) advice: &'static str,
}

impl Listing {
    /// A list of people who pass filters that are cut to these companies; none is all.
    pub(crate) fn of(companies: &[i64], words: String, advice: &'static str) -> Self {
        let these = || CompanyScope::of(companies.iter().copied());
        let scope = if companies.is_empty() { CompanyScope::All } else { these() };
        Self { scope, words, advice }
    }
}

/// How the rows are printed, as on the command line.
const fn name(format: Format) -> &'static str {
    match format {
        Format::Table => "table",
        Format::Json => "json",
        Format::Jsonl => "jsonl",
        Format::Csv => "csv",
    }
}

/// Lets a list be printed, or refuses it whole. `count` says how many people it holds, and need not count beyond a limit.
pub(crate) fn give(
    app: &App,
    cx: &Context,
    listing: &Listing,
    count: impl Fn(Option<u64>) -> Result<u64>,
) -> Result<()> {
    if cx.actor.is_system() || count(Some(PAGE))? <= PAGE {
        return Ok(());
    }
    if !cx.actor.scope("users.export").cover(&listing.scope) {
        return Err(Error::WholeList { actor: cx.actor.name.clone(), advice: listing.advice }.into());
    }
    if app.globals.now.is_some() {
        return Err(Error::DatedList.into());
    }
    note(app, cx, count(None)?, &listing.words)
}

/// How many of the people that a plan is about, or what became of it, it may name: all, where a list of them could be
/// printed, which is in the audit then; else those on a page, and that is said. It may be about people of every company.
pub(crate) fn most_named(app: &App, cx: &Context, people: impl FnOnce() -> Result<u64>) -> Result<u64> {
    if cx.actor.is_system() {
        return Ok(u64::MAX);
    }
    let people = people()?;
    if people <= PAGE {
        return Ok(u64::MAX);
    }
    if app.globals.now.is_some() || !cx.actor.scope("users.export").cover(&CompanyScope::All) {
        app.out.say(&format!(
            "only the first {PAGE} of {people} are named: more than {PAGE} people at once need the permission \
             `users.export` for all companies, and no `--now`"
        ));
        return Ok(PAGE);
    }
    note(app, cx, people, "")?;
    Ok(u64::MAX)
}

/// Tells the audit of so many people who are printed.
fn note(app: &App, cx: &Context, people: u64, words: &str) -> Result<()> {
    let mut fields = Fields::new();
    fields.insert("format".to_owned(), name(app.out.format).into());
    fields.insert("people".to_owned(), json!(people));
    if !words.is_empty() {
        fields.insert("filters".to_owned(), json!(words));
    }
    let subject = Event::without_id("export.list", KIND, &app.invocation.command);
    // What is printed is printed, also on a dry run.
    cx.write_in_earnest(|tx| audit::note(cx, tx, subject, &fields))?;
    Ok(())
}
