//! `secboard ad link`.

use clap::Args;

use crate::cli::{App, prompt};
use crate::directory::link;
use crate::directory::login_trial::connection_for;
use crate::error::Result;
use crate::run::{self, Engine};
use crate::user::directory::SYNC;

#[derive(Debug, Args)]
pub(crate) struct LinkArgs {
    /// The account: its email or id
    user: String,
    /// The connection; that of the email's domain, or the only one, unless given
    #[arg(long)]
    connection: Option<String>,
    /// What they log in with at the directory, if that is not their email
    #[arg(long)]
    login: Option<String>,
}

pub(super) fn run(app: &App, arguments: &LinkArgs, engine: &mut Engine) -> Result<()> {
    let cx = app.writer()?;
    let name = arguments.login.as_deref().unwrap_or(&arguments.user);
    let connection = connection_for(&cx, SYNC, (name, arguments.connection.as_deref()))?;
    let whom = (connection.as_str(), arguments.user.as_str(), arguments.login.as_deref());
    let link = link::plan(&cx, engine, whom)?;
    let question = format!(
        "Have `{connection}` keep the password of `{}`, who is `{}` there? The one that is set here ends.",
        link.email, link.dn
    );
    prompt::confirm(app, &question)?;
    let committed = link::tie(&cx, engine, link)?;
    run::cli::finish(app, &cx, &committed)
}
