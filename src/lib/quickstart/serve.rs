//! `secboard quickstart --serve`: the pages of a quickstart, on this machine alone, until it is told to end.
//!
//! The daemon runs within the command, with nothing but what is in the folder. Where it listens is what its links say: the
//! port is a free one, and when the folder is served again it is the same, if nobody else has it, so that mails that were
//! written stay good.

use std::fs::{File, OpenOptions, TryLockError};
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::Path;

use super::mails::Watch;
use super::{Error, SUPERUSER, tour};
use crate::cli::{App, output, stop};
use crate::config::{self, Config, Listen};
use crate::context::Context;
use crate::daemon::{self, Parts};
use crate::error::Result;
use crate::setting::site::{DOMAIN, KIND};
use crate::{setting, user};

/// What the daemon tells, in the folder of the quickstart.
const LOG: &str = "secboardd.log";

/// Whether a folder looks like that of a quickstart; what its store is for is asked when that is open.
pub(super) fn is_quickstart(folder: &Path) -> bool {
    ["secboard.db", "secboard.key", "tour.sh", "mails"].iter().all(|name| folder.join(name).exists())
}

/// Refuses a store that is not for trying things out: what is sent from it is not led elsewhere.
pub(super) fn require_demo(cx: &Context, folder: &Path) -> Result<(), Error> {
    if *cx.settings.get(&KIND) == "demo" {
        return Ok(());
    }
    Err(Error::NotEmpty { folder: folder.to_owned() })
}

/// Serves a quickstart until it is told to end. `password` is that of its superuser, where it was just made.
pub(super) fn serve(
    app: &App,
    (cx, config): (&Context, Config),
    (folder, password): (&Path, Option<&str>),
    parts: Parts,
) -> Result<()> {
    let log = begin_log(folder)?;
    let daemon = config::Daemon { listen: vec![Listen::Address(place(cx))], ..config::Daemon::default() };
    let store = config.store.clone();
    let cannot_watch = |source| Error::CannotWrite { folder: folder.to_owned(), source };
    let out = app.out.clone();
    let _watch = Watch::begin(folder.join("mails"), move |mail| out.say(mail)).map_err(cannot_watch)?;
    // What was begun is done when somebody ends it: no signal may kill it where it stands.
    let _held = stop::watch(&cx.cancel);
    daemon::serve_within(Config { daemon, ..config }, parts, log, &|names| {
        cx.cancel.check()?;
        let address = names.first().map(String::as_str).unwrap_or_default();
        set_address(cx, address)?;
        let password = match password {
            Some(password) => format!("{password} (the first login asks for another)"),
            None => format!("{}: {address}/password_reset/", which_password(cx)?),
        };
        output::text(&told(folder, address, &password))?;
        output::text(&tour::of_pages(&super::program(), &store, address))
    })?;
    app.out.say(&format!("ended; `{}` serves it again", again(folder)));
    Ok(())
}

/// The command that serves a folder again.
fn again(folder: &Path) -> String {
    format!("secboard quickstart {} --serve", crate::text::shell::path(folder))
}

/// Where the daemon tells what it does. Whoever has it open alone serves the folder: a second one would lead the links of the
/// first elsewhere.
fn begin_log(folder: &Path) -> Result<File, Error> {
    let cannot_write = |source| Error::CannotWrite { folder: folder.to_owned(), source };
    let path = folder.join(LOG);
    let file = OpenOptions::new().append(true).create(true).mode(0o600).open(path).map_err(cannot_write)?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => Err(Error::Served { folder: folder.to_owned() }),
        Err(TryLockError::Error(source)) => Err(cannot_write(source)),
    }
}

/// Where it listens: where it did before, if nobody else does now, else on a free port.
fn place(cx: &Context) -> SocketAddr {
    let before: Option<SocketAddr> = cx.settings.get(&DOMAIN).parse().ok();
    let is_free = |address: &SocketAddr| address.ip().is_loopback() && TcpListener::bind(address).is_ok();
    before.filter(is_free).unwrap_or(SocketAddr::from((Ipv4Addr::LOCALHOST, 0)))
}

/// Has links lead to where it listens.
fn set_address(cx: &Context, address: &str) -> Result<()> {
    let domain = address.trim_start_matches("http://");
    if cx.settings.get(&DOMAIN) == domain {
        return Ok(());
    }
    cx.write(|tx| {
        setting::set_in(cx, tx, "site.protocol", "http")?;
        setting::set_in(cx, tx, "site.domain", domain)?;
        Ok(())
    })
}

/// Which password the superuser of a folder has that was made before, and what to do without it.
fn which_password(cx: &Context) -> Result<&'static str> {
    let user = cx.read(|tx| user::with_email(tx, SUPERUSER))?;
    Ok(if user.is_some_and(|user| user.facts.must_change_password) {
        "the one that was printed when the folder was made; or choose another by the reset mail"
    } else {
        "the one that you chose; forgotten"
    })
}

/// Where everything is, for who has just begun.
fn told(folder: &Path, address: &str, password: &str) -> String {
    format!(
        "address   {address}/\n\
         login     {SUPERUSER}\n\
         password  {password}\n\
         mails     {mails}; those with links are told here too\n\
         log       {log}\n\
         end       Ctrl-C; `{again}` serves it again\n\n",
        mails = folder.join("mails").display(),
        log = folder.join(LOG).display(),
        again = again(folder),
    )
}
