//! `secboard two-factor`.

use std::borrow::Cow;

use clap::{Args, Subcommand};

use super::reset::{Reset, reset};
use super::status::{Status, status};
use crate::cli::output::{Field, record};
use crate::cli::{App, NoticeArgs};
use crate::error::Result;
use crate::run::Engine;
use crate::user::bulk::Verb;
use crate::user::cli::UserSelectionArgs;

/// An hour in microseconds.
const HOUR: i64 = 3_600_000_000;

/// The longest time to set a second factor up again, in hours.
const MOST_HOURS: i64 = 30 * 24;

/// Second factors: who has one, who has to, and what to do when it is lost
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Show how a person's second factor stands
    ///
    /// The last codes that were taken are told by how many seconds they were late; early is less than zero. Codes that are all
    /// late, or all early, tell that the clock of the phone is wrong, or that of this machine.
    #[command(after_help = "Examples:\n  \
        secboard two-factor status olena@acme.example\n  \
        secboard user list --two-factor missing")]
    Status {
        /// Email or id
        user: String,
    },
    /// Require a second factor of people
    ///
    /// Who has none is led to set one up at the next request, and nothing else opens before; who has one cannot remove it.
    #[command(
        after_help = "Several people are one run, which `secboard run undo` takes back.\n\nExamples:\n  \
        secboard two-factor require olena@acme.example\n  \
        secboard two-factor require --status staff --all-matching --dry-run"
    )]
    Require(UserSelectionArgs),
    /// Require no second factor of people; those who have one keep it
    #[command(after_help = "Examples:\n  secboard two-factor unrequire olena@acme.example")]
    Unrequire(UserSelectionArgs),
    /// End the second factor of people who lost it, with all backup codes
    ///
    /// They are logged out, also where they have none yet, and told by mail. Where a second factor is required, the next login leads to set another up. Make
    /// sure that it is them: whoever knows their password can do that. Of several people all are done, or none.
    #[command(after_help = "Examples:\n  \
        secboard two-factor reset olena@acme.example --reason 'phone lost, called back'\n  \
        secboard two-factor reset olena@acme.example --reason 'phone lost' --grace 24h\n  \
        secboard two-factor reset olena@acme.example max@acme.example --reason 'new phones'")]
    Reset(ResetArgs),
}

#[derive(Debug, Args)]
pub(crate) struct ResetArgs {
    /// Emails or ids
    #[arg(required = true, value_name = "USER")]
    users: Vec<String>,
    /// Let nobody log in by the account after this time, unless another was set up: `1h` to `30d`
    #[arg(long, value_name = "TIME", value_parser = grace)]
    grace: Option<i64>,
    #[command(flatten)]
    notice: NoticeArgs,
}

/// Hours or days, in microseconds.
fn grace(text: &str) -> Result<i64, String> {
    let number = |digits: &str| digits.parse::<u16>().ok().map(i64::from);
    let hours = text
        .strip_suffix('h')
        .and_then(number)
        .or_else(|| text.strip_suffix('d').and_then(number).map(|days| days * 24));
    match hours {
        Some(hours) if (1..=MOST_HOURS).contains(&hours) => Ok(hours * HOUR),
        _ => Err("hours such as `24h`, or days such as `7d`: `1h` to `30d`".to_owned()),
    }
}

record! {
    /// How a second factor stands, as printed.
    StatusRow, table ["email", "required", "enrolled_at", "backup_codes_left", "late", "held_until"] {
        /// Whose.
        email: String,
        /// Whether one is required.
        required: bool,
        /// Whether they have one.
        enrolled: bool,
        /// Since when: RFC 3339.
        enrolled_at: Option<String>,
        /// The secret of the app was lost when the key was replaced: only backup codes count.
        secret_lost: Lost,
        /// How many backup codes they did not use yet.
        backup_codes_left: Option<i64>,
        /// Until when they have to set one up: RFC 3339.
        grace_until: Option<String>,
        /// Until when no code is taken, after too many wrong ones: RFC 3339.
        held_until: Option<String>,
        /// By how many seconds the last codes were late, the last first; early is less than zero.
        late: Late,
    }
}

/// Whether the secret was lost, which people are told only where it was.
#[derive(Debug, Clone)]
pub(crate) struct Lost(bool);

/// Seconds, which people are told only where one of them is worth it.
#[derive(Debug, Clone)]
pub(crate) struct Late(Vec<i64>);

impl Field for Lost {
    fn text(&self) -> Cow<'_, str> {
        if self.0 { self.0.text() } else { Cow::Borrowed("") }
    }

    fn csv(&self) -> Cow<'_, str> {
        self.0.csv()
    }

    fn json(&self, out: &mut Vec<u8>) {
        self.0.json(out);
    }
}

impl Field for Late {
    fn text(&self) -> Cow<'_, str> {
        if self.0.iter().all(|seconds| *seconds == 0) { Cow::Borrowed("") } else { self.0.text() }
    }

    fn csv(&self) -> Cow<'_, str> {
        self.0.csv()
    }

    fn json(&self, out: &mut Vec<u8>) {
        self.0.json(out);
    }
}

impl From<Status> for StatusRow {
    fn from(status: Status) -> Self {
        Self {
            email: status.email,
            required: status.is_required,
            enrolled: status.enrolled_at.is_some(),
            enrolled_at: status.enrolled_at.map(|at| at.to_string()),
            secret_lost: Lost(status.is_secret_lost),
            backup_codes_left: status.codes_left.map(i64::from),
            grace_until: status.grace_until.map(|at| at.to_string()),
            held_until: status.held_until.map(|at| at.to_string()),
            late: Late(status.late),
        }
    }
}

/// Runs a verb.
pub(crate) fn run(app: &App, command: Command, engine: &mut Engine) -> Result<()> {
    match command {
        Command::Status { user } => {
            let cx = app.reader()?;
            app.out.object(&StatusRow::from(status(&cx, &user)?))
        }
        Command::Require(people) => people.run(app, engine, &Verb::RequireSecondFactor(true)),
        Command::Unrequire(people) => people.run(app, engine, &Verb::RequireSecondFactor(false)),
        Command::Reset(ResetArgs { users, grace, notice }) => {
            let cx = notice.writer(app)?;
            for reset in reset(&cx, &users, grace)? {
                app.done(&said(&reset));
            }
            Ok(())
        }
    }
}

/// What a reset did, in words.
fn said(reset: &Reset) -> String {
    let Reset { email, was_enrolled, had_begun, is_logged_out, is_required, grace_until } = reset;
    let next = match (is_required, grace_until) {
        (true, Some(until)) => format!("; they set one up at the next login, until {until}"),
        (true, None) => "; they set one up at the next login".to_owned(),
        (false, _) => String::new(),
    };
    let out = if *is_logged_out { ", and was logged out" } else { "" };
    match (was_enrolled, had_begun, is_logged_out, grace_until) {
        (true, ..) => format!("ended the second factor of `{email}`{next}"),
        (false, false, false, None) => format!("no change: `{email}` has no second factor"),
        (false, true, ..) => format!("`{email}` has no second factor{out}; what was begun was ended{next}"),
        (false, false, ..) => format!("`{email}` has no second factor{out}{next}"),
    }
}

#[cfg(test)]
mod tests {
    use super::{Field, HOUR, Late, Lost, Reset, grace, said};

    #[test]
    fn a_reset_says_what_it_ended() {
        let email = "olena@acme.example".to_owned();
        let none = Reset {
            email,
            was_enrolled: false,
            had_begun: false,
            is_logged_out: false,
            is_required: true,
            grace_until: None,
        };
        assert_eq!(said(&none), "no change: `olena@acme.example` has no second factor");
        let out = Reset { is_logged_out: true, ..none };
        let next = "; they set one up at the next login";
        assert_eq!(
            said(&out),
            format!("`olena@acme.example` has no second factor, and was logged out{next}")
        );
        let begun = Reset { had_begun: true, is_logged_out: false, ..out.clone() };
        assert_eq!(
            said(&begun),
            format!("`olena@acme.example` has no second factor; what was begun was ended{next}")
        );
        let enrolled = Reset { was_enrolled: true, is_required: false, ..out };
        assert_eq!(said(&enrolled), "ended the second factor of `olena@acme.example`");
    }

    #[test]
    fn a_time_is_hours_or_days() {
        assert_eq!(grace("24h"), Ok(24 * HOUR));
        assert_eq!(grace("30d"), Ok(720 * HOUR));
        for text in ["", "h", "0h", "-1h", "721h", "31d", "24", "24 h", "1w", "٢٤h"] {
            assert!(grace(text).is_err(), "{text}");
        }
    }

    fn shown(field: &dyn Field) -> (String, String, String) {
        let mut json = Vec::new();
        field.json(&mut json);
        (field.text().into_owned(), field.csv().into_owned(), String::from_utf8(json).unwrap())
    }

    #[test]
    fn people_are_told_what_is_worth_it_and_programs_are_told_all() {
        let told = |text: &str, csv: &str, json: &str| (text.to_owned(), csv.to_owned(), json.to_owned());
        assert_eq!(shown(&Lost(false)), told("", "no", "false"));
        assert_eq!(shown(&Lost(true)), told("yes", "yes", "true"));
        assert_eq!(shown(&Late(vec![0, 0])), told("", "0; 0", "[0,0]"));
        assert_eq!(shown(&Late(vec![0, -12])), told("0; -12", "0; -12", "[0,-12]"));
        assert_eq!(shown(&Late(Vec::new())), told("", "", "[]"));
    }
}
