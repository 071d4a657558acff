//! `secboard ad test` and `secboard ad login-test`.

use clap::Args;

use crate::cli::output::record;
use crate::cli::{App, Outcome, prompt};
use crate::directory::connection::EDIT;
use crate::directory::login_trial::{self, LoginTried};
use crate::directory::trial::{self, Found};
use crate::error::Result;
use crate::text::shell::secboard;

#[derive(Debug, Args)]
pub(crate) struct LoginTest {
    /// The email, or what the person logs in with at the directory
    email: String,
    /// The connection to ask; that of the email's domain, or the only one, unless given
    #[arg(long)]
    connection: Option<String>,
    /// Read the password from standard input
    #[arg(long)]
    password_stdin: bool,
}

record! {
    /// A step as it is printed.
    StepRow, table ["server", "step", "ok", "words"] {
        /// The server that was asked.
        server: String,
        /// Which.
        step: String,
        /// Whether it is as it should be.
        ok: bool,
        /// What was found or said.
        words: String,
        /// How long it took; nothing where that says nothing.
        milliseconds: Option<i64>,
        /// What to do, where it is not as it should be.
        advice: Option<String>,
    }
}

record! {
    /// What came of a try, as it is printed.
    TryRow, table ["connection", "dn", "opens", "words"] {
        /// The connection that was asked.
        connection: String,
        /// Who was found there.
        dn: Option<String>,
        /// Whether the password opens.
        opens: bool,
        /// What came of it.
        words: String,
        /// What to do, where it does not open.
        advice: Option<String>,
    }
}

/// Asks a directory.
pub(super) fn run(app: &App, name: &str) -> Result<Outcome> {
    let tried = trial::run(&app.reader()?, name)?;
    let mut list = app.out.list::<StepRow>()?;
    tried.found.iter().try_for_each(|found| list.row(&row(app, found)))?;
    list.finish()?;
    if !tried.is_active {
        let edit = secboard("ad edit").operand(&tried.connection).flags("--active");
        let name = &tried.connection;
        app.out.say(&format!(
            "connection `{name}` is switched off, so nobody logs in by it; switch it on with `{edit}`"
        ));
    }
    for found in tried.found.iter().filter(|found| !found.is_good) {
        app.out.say(&format!("{}, {}: {}", found.server, found.step, found.words));
        if let Some(advice) = &found.advice {
            app.out.say(&format!("what to do: {}", app.out.store_flags.in_hint(advice)));
        }
    }
    if !tried.is_good() {
        return Ok(Outcome::No);
    }
    app.done(&format!("`{}` can be asked", tried.connection));
    Ok(Outcome::Done)
}

fn row(app: &App, found: &Found) -> StepRow {
    StepRow {
        server: found.server.clone(),
        step: found.step.clone(),
        ok: found.is_good,
        words: found.words.clone(),
        milliseconds: found.took.and_then(|took| i64::try_from(took.as_millis()).ok()),
        advice: found.advice.as_ref().map(|advice| app.out.store_flags.in_hint(advice).into_owned()),
    }
}

/// Tries a password.
pub(super) fn login(app: &App, arguments: &LoginTest) -> Result<Outcome> {
    let cx = app.writer()?;
    // Before anything is asked for.
    let connection =
        login_trial::connection_for(&cx, EDIT, (&arguments.email, arguments.connection.as_deref()))?;
    let password = if arguments.password_stdin {
        prompt::secret_from_stdin()?
    } else {
        prompt::ask_secret(app, "Password", "--password-stdin")?
    };
    let LoginTried { connection, dn, opens, words, advice } =
        login_trial::run(&cx, (&connection, &arguments.email), password)?;
    let advice = advice.map(|advice| app.out.store_flags.in_hint(&advice).into_owned());
    app.out.object(&TryRow { connection, dn, opens, words, advice })?;
    Ok(if opens { Outcome::Done } else { Outcome::No })
}
