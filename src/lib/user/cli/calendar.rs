//! `secboard user calendar`.

use clap::Args;

use crate::audit::cli::listing::{self, Listing};
use crate::cli::App;
use crate::cli::output::{record, text};
use crate::error::Result;
use crate::setting::site;
use crate::text::date::Day;
use crate::user::calendar::{self, Entry};
use crate::user::filter::cli::FilterArgs;

#[derive(Debug, Args)]
pub(crate) struct Calendar {
    /// Days to look ahead, today included
    #[arg(long, value_name = "N", default_value_t = 60, value_parser = clap::value_parser!(u32).range(0..=3660))]
    days: u32,
    /// Write a calendar file (iCalendar) for mail and calendar programs
    #[arg(long)]
    ics: bool,
    #[command(flatten)]
    filter: FilterArgs,
}

record! {
    /// A day of a person as printed.
    EntryRow, table ["date", "event", "email", "full_name", "company"] {
        /// `YYYY-MM-DD`.
        date: String,
        /// `start` or `end`.
        event: &'static str,
        /// Whose.
        email: String,
        /// Both names.
        full_name: Option<String>,
        /// Company.
        company: Option<String>,
    }
}

impl From<Entry> for EntryRow {
    fn from(entry: Entry) -> Self {
        let facts = entry.user.facts;
        Self {
            date: entry.day.to_string(),
            event: entry.event.name(),
            full_name: facts.has_profile().then(|| facts.full_name()),
            email: facts.email,
            company: facts.company,
        }
    }
}

pub(super) fn calendar(app: &App, arguments: &Calendar) -> Result<()> {
    let cx = app.reader()?;
    let last = Day::parse_relative(&format!("+{}d", arguments.days), cx.today())?;
    let filter = cx.read(|tx| arguments.filter.filter(&cx, tx, "users.view"))?;
    let entries = cx.read(|tx| calendar::ahead(&cx, tx, &filter, last))?;
    let advice = "look fewer days ahead, or narrow it down with filters";
    let listing = Listing::of(&filter.companies, arguments.filter.words(), advice);
    listing::give(app, &cx, &listing, |_| Ok(entries.len() as u64))?;
    if arguments.ics {
        return text(&calendar::ics(&entries, cx.settings.get(&site::DOMAIN).as_ref()));
    }
    if entries.is_empty() && app.out.is_table() {
        app.out.say(&format!("nothing matches: nobody starts or ends until {last}"));
        return Ok(());
    }
    let mut rows = app.out.list::<EntryRow>()?;
    entries.into_iter().try_for_each(|entry| rows.row(&entry.into()))?;
    rows.finish()
}
