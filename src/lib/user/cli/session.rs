//! `secboard user session`.

use clap::{Args, Subcommand};

use crate::cli::App;
use crate::cli::output::record;
use crate::error::Result;
use crate::session::Session;
use crate::user::sessions;

/// Where people are logged in
#[derive(Debug, Subcommand)]
pub(crate) enum SessionCommand {
    /// List where a person is logged in
    #[command(after_help = "Examples:\n  secboard user session list olena@acme.example")]
    List {
        /// Email or id
        user: String,
    },
    /// Log a person out, everywhere or in one place
    #[command(after_help = "Examples:\n  \
        secboard user session end olena@acme.example\n  \
        secboard user session end olena@acme.example --id 42")]
    End(End),
}

#[derive(Debug, Args)]
pub(crate) struct End {
    /// Email or id
    user: String,
    /// Only this session, as `user session list` names it
    #[arg(long, value_name = "ID")]
    id: Option<i64>,
}

record! {
    /// A session as printed.
    SessionRow, table ["id", "browser", "address", "seen_at", "begun_at"] {
        /// The id.
        id: i64,
        /// The browser, in a few words.
        browser: String,
        /// From where it was begun.
        address: Option<String>,
        /// When it was used last, to the minute: RFC 3339.
        seen_at: String,
        /// When it was begun: RFC 3339.
        begun_at: String,
    }
}

impl From<Session> for SessionRow {
    fn from(session: Session) -> Self {
        Self {
            id: session.id,
            browser: session.browser,
            address: session.address,
            seen_at: session.seen_at.to_string(),
            begun_at: session.begun_at.to_string(),
        }
    }
}

/// Runs a verb.
pub(super) fn run(app: &App, command: &SessionCommand) -> Result<()> {
    match command {
        SessionCommand::List { user } => {
            let cx = app.reader()?;
            let mut list = app.out.list::<SessionRow>()?;
            for session in sessions::list(&cx, user)? {
                list.row(&session.into())?;
            }
            list.finish()
        }
        SessionCommand::End(End { user, id }) => {
            let cx = app.writer()?;
            let (email, ended) = sessions::end(&cx, user, *id)?;
            app.done(&match ended {
                0 => format!("no change: `{email}` is not logged in"),
                1 => format!("ended a session of `{email}`"),
                many => format!("ended {many} sessions of `{email}`"),
            });
            Ok(())
        }
    }
}
