//! `secboard user set-password`.

use clap::Args;

use super::print_changed;
use crate::cli::output;
use crate::cli::{App, NoticeArgs, prompt};
use crate::error::Result;
use crate::text::secret::Secret;
use crate::user::password::{self, MustChange};

#[derive(Debug, Args)]
pub(crate) struct SetPassword {
    /// Email or id
    user: String,
    /// Read the password from standard input
    #[arg(long, conflicts_with = "generate")]
    password_stdin: bool,
    /// Make a random one, print it once, and ask for another at the next login
    #[arg(long)]
    generate: bool,
    /// Ask for another at the next login
    #[arg(long, conflicts_with = "no_must_change")]
    must_change: bool,
    /// Ask for no other at the next login
    #[arg(long, conflicts_with = "generate")]
    no_must_change: bool,
    #[command(flatten)]
    notice: NoticeArgs,
}

pub(super) fn set_password(app: &App, arguments: &SetPassword) -> Result<()> {
    let cx = arguments.notice.writer(app)?;
    if arguments.generate {
        if !cx.dry_run {
            output::await_reader()?;
        }
        let show = |email: &str, password: &Secret| print_once(app, email, password);
        let user = password::set_generated(&cx, &arguments.user, show)?;
        app.done(&format!("set a random password for `{}`", user.facts.email));
        return Ok(());
    }
    cx.read(|tx| password::to_set(&cx, tx, &arguments.user))?;
    let password = if arguments.password_stdin {
        prompt::secret_from_stdin()?
    } else {
        prompt::ask_new_secret(app, "password", "--password-stdin")?
    };
    let must_change = match (arguments.must_change, arguments.no_must_change) {
        (true, _) => MustChange::Yes,
        (_, true) => MustChange::No,
        _ => MustChange::AsBefore,
    };
    let user = password::set(&cx, &arguments.user, &password, must_change)?;
    app.done(&format!("set the password of `{}`", user.facts.email));
    print_changed(app, &cx, user)
}

/// Prints a password that was just made, before it is set.
pub(crate) fn print_once(app: &App, email: &str, password: &Secret) -> Result<()> {
    output::secret_of(&app.out, ("email", email), ("password", password))
}
