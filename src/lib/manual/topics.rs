//! The help topics: what is the same for all commands, said once.

use std::fmt::Write as _;

use crate::error::Kind;

/// A text of `secboard help TOPIC`.
pub(super) struct Topic {
    /// The word on the command line.
    pub(super) name: &'static str,
    /// What it is about, in a line.
    pub(super) about: &'static str,
    /// The text.
    pub(super) text: fn() -> String,
}

/// Every topic.
pub(super) const TOPICS: &[Topic] = &[
    Topic { name: "exit-codes", about: "how a command tells a script how it ended", text: exit_codes },
    Topic { name: "formats", about: "tables, JSON, JSON Lines, CSV", text: || FORMATS.to_owned() },
    Topic { name: "dates", about: "how days and times are typed", text: || DATES.to_owned() },
    Topic { name: "filters", about: "how people are chosen", text: || FILTERS.to_owned() },
];

fn exit_codes() -> String {
    let mut text = "How a command ended:\n\n    0  done, or nothing to do\n".to_owned();
    for kind in Kind::ALL {
        writeln!(text, "  {:>3}  {}", kind.exit_code(), kind.meaning()).ok();
    }
    text.push_str("\nCtrl-C, SIGTERM and SIGHUP end the work of a command with 130, and nothing is\nchanged. One that only waits for an answer is ended by SIGTERM and SIGHUP as\nany program is: a shell says 143 and 129. What serves until it is told to end,\n`secboardd` and `secboard quickstart --serve`, ends with 0.\n");
    text.push_str("\nWith `--format json` an error is one object on standard error: `error.kind`\nis the name of its class, `error.code` says exactly which error it is, and both\nstay as they are.\n");
    text
}

const FORMATS: &str = "\
How a command prints (`--format`, `-o`):

  table  for people; columns that do not fit a terminal are left out and named,
         and what is to be read whole stands below its row
  json   one document: a list is an array, one thing an object
  jsonl  one object a line; a long list is printed as it is read
  csv    RFC 4180 with a header; several values in a cell are joined by `; `

The names of fields are the same in all formats, and `--columns a,b` chooses and
orders them. Standard output holds data alone; what is said to you goes to
standard error.

Times in tables and sentences are told by the clocks of the site
(`site.time_zone`), to the second; json, jsonl and csv have them in UTC, with
six digits of a second.

In CSV a cell that begins with one of = + - @ or a tab gets an apostrophe in
front, so that no spreadsheet takes it for a formula, and an import takes that
apostrophe away. A program that reads the file wants `--raw`. What was written
with `--raw`, by secboard or another program, comes back as it is with
`user import --raw`.
";

const DATES: &str = "\
Days:

  2026-11-21              year, month, day
  today, tomorrow, yesterday
  +30d  -1w  +6m  +1y     so many days, weeks, months, years from today
  never                   no end, where a day may be absent

Times:

  2026-11-21T18:00:00Z    RFC 3339, with an offset
  2026-11-21T18:00        in the site's time zone
  2026-11-21              the first moment of the day in the site's time zone
  today, -1d              the same of a day counted from today

Days begin and end in the site's time zone:
`secboard setting get site.time_zone`.
";

const FILTERS: &str = "\
Lists, exports and bulk commands on people choose them by filters.

Several different filters: a person must pass all of them.
The same filter several times: passing one of them is enough.

`--search TEXT` finds the text anywhere in name, email and phone, in any script
and letter case. Phone numbers are compared by their digits, apostrophes in any
of their forms.

`secboard help user list` names every filter.
";
