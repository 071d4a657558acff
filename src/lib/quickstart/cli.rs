//! `secboard quickstart`.

use std::path::PathBuf;
use std::sync::Arc;

use clap::Args;

use super::{Error, check_empty, check_own, make, make_folder, make_mail, serve, tour};
use crate::cli::{App, Outcome, output, path};
use crate::config::{self, Config};
use crate::context::SystemClock;
use crate::crypto::rng::SystemRandom;
use crate::daemon::Parts;
use crate::error::{Failure, Result};
use crate::export::{self, Format, Request, UserSelection};
use crate::password;
use crate::run::Engine;
use crate::tabular::FileOrStream;

/// The examples of its help.
pub(crate) const EXAMPLES: &str = "Examples:\n  secboard quickstart\n  secboard quickstart /tmp/try --serve";

/// Try secboard: a folder with a store, made-up people, a workbook, and a tour of commands
#[derive(Debug, Args)]
pub(crate) struct Quickstart {
    /// The folder to make
    #[arg(default_value = "secboard-quickstart", value_name = "DIR", value_parser = path())]
    folder: PathBuf,
    /// Serve its pages on a free port of this machine until Ctrl-C; a folder made before is served again
    #[arg(long)]
    serve: bool,
}

/// Runs the command; `parts` are what the daemon serves.
pub(crate) fn run(app: &App, arguments: &Quickstart, engine: &mut Engine, parts: Parts) -> Result<Outcome> {
    let folder = std::path::absolute(&arguments.folder).unwrap_or_else(|_| arguments.folder.clone());
    if app.globals.store.is_some() {
        return Err(Error::StoreNamed.into());
    }
    let is_there = arguments.serve && serve::is_quickstart(&folder);
    if !is_there {
        check_empty(&folder)?;
    }
    let store = folder.join("secboard.db");
    let config = Config { key: folder.join("secboard.key"), store, ..app.config()? };
    check_own(&folder)?;
    if is_there {
        config::go_on_as_owner(&config)?;
    }
    let there = is_there.then(|| app.open(&config)).transpose()?;
    if let Some(cx) = &there {
        serve::require_demo(cx, &folder)?;
    }
    if app.globals.dry_run {
        let what = match (is_there, arguments.serve) {
            (false, false) => "make",
            (false, true) => "make and serve",
            (true, _) => "serve",
        };
        app.done(&format!("would {what} `{}` with a store of made-up people", folder.display()));
        return Ok(Outcome::Done);
    }
    if let Some(cx) = there {
        serve::serve(app, (&cx, config), (&folder, None), parts)?;
        return Ok(Outcome::Done);
    }
    let made = make_folder(&folder)?;
    // Somebody else may have made it by now, or can put another in its place.
    let admitted = check_own(&folder).map_err(Failure::from);
    admitted.and_then(|()| Ok(config::go_on_as_owner(&config)?)).inspect_err(|_| made.take_away())?;
    let password = password::generate::generate(&SystemRandom)?;
    let shown = password.expose().to_owned();
    make(&config, Arc::new(SystemClock), Arc::new(SystemRandom), password, (app.settings, engine))?;
    let cx = app.open(&config)?;
    make_mail(&cx, &folder)?;
    export::users(
        &cx,
        &UserSelection::default(),
        &whole(),
        app.output(&FileOrStream::File(folder.join("users.xlsx")))?,
        &mut |_| (),
    )?;
    let tour = tour::script(&super::program(), &config.store, &super::somebody_switched_off());
    std::fs::write(folder.join("tour.sh"), format!("set -eu\n{tour}"))
        .map_err(|source| Error::CannotWrite { folder: folder.clone(), source })?;
    app.out.say(&format!(
        "made {} with 3 companies, 200 made-up people, users.xlsx, and the folder mails for what is sent",
        folder.display()
    ));
    if arguments.serve {
        serve::serve(app, (&cx, config), (&folder, Some(&shown)), parts)?;
        return Ok(Outcome::Done);
    }
    app.out.say(&format!(
        "superuser: {} with the password {shown} (the first login asks for another)\n\
         \nNow try these, exactly as they stand here; the same lines are in {}:\n",
        super::SUPERUSER,
        folder.join("tour.sh").display(),
    ));
    output::text(&tour)?;
    Ok(Outcome::Done)
}

/// The users workbook with everybody in it.
fn whole() -> Request {
    Request { format: Format::Xlsx, name: "users.xlsx".to_owned(), words: String::new(), mail_to: None }
}
