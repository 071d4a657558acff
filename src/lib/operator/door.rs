//! The door of the shell: what is looked at before a command begins, before its store is opened, and once it is open.

use super::needs::{self, Needs};
use super::shell::{self, Standing};
use super::{Error, account, map};
use crate::catalog::Permission;
use crate::cli::{App, Door};
use crate::config::{self, Caller, Config};
use crate::context::{Actor, Context, StillMay};
use crate::error::Result;
use crate::store::Tx;
use crate::user;

/// The door of the `secboard` command.
pub(crate) struct AtTheShell;

/// Before a command begins: refuses an operator who redirects it, who names a file, or whose command it is not.
pub(crate) fn admit(app: &App) -> Result<()> {
    let command = &app.invocation.command;
    let needs = needs::of(command);
    if needs == Needs::Nothing && app.invocation.files.is_empty() {
        return Ok(());
    }
    let standing = shell::standing(&Caller::of_this_process())?;
    let acts_as_itself = standing == Standing::System && app.globals.acting_as.is_none();
    if needs == Needs::System && !acts_as_itself {
        return Err(Error::SystemOnly { command: command.clone() }.into());
    }
    if standing == Standing::System {
        return Ok(());
    }
    if app.globals.acting_as.is_some() {
        return Err(Error::Redirected { what: "--as".to_owned() }.into());
    }
    if let Some(variable) = config::redirecting_variable()? {
        return Err(Error::Redirected { what: variable.to_owned() }.into());
    }
    for (argument, place) in &app.invocation.files {
        if matches!(argument.as_str(), "--store" | "--config") {
            return Err(Error::Redirected { what: argument.clone() }.into());
        }
        if place.file().is_some() {
            return Err(Error::File { argument: argument.clone(), value: place.to_string() }.into());
        }
    }
    Ok(())
}

impl Door for AtTheShell {
    fn knock(&self, _app: &App, config: &Config) -> Result<()> {
        Ok(shell::before(config).map_or(Ok(()), |shell| shell::check_owner(&shell))?)
    }

    fn enter(&self, app: &App, cx: &Context) -> Result<Actor> {
        let actor = who(app, cx)?;
        needs::check(&actor, &app.invocation.command)?;
        Ok(actor)
    }

    fn again(&self) -> StillMay {
        still_may
    }
}

/// Who acts: the system actor, the account that is tried on, or that of the shell user.
pub(super) fn who(app: &App, cx: &Context) -> Result<Actor> {
    match (shell::standing(&Caller::of_this_process())?, &app.globals.acting_as) {
        (Standing::System, None) => Ok(Actor::system(cx.actor.shell_user.clone())),
        (Standing::System, Some(email)) => cx.read(|tx| match user::find_in(tx, email)? {
            Some(user) => account::actor(cx, tx, &user),
            None => Err(user::not_found(cx, tx, email, "users.view")?.into()),
        }),
        (Standing::Delegated { .. }, Some(_)) => Err(Error::Redirected { what: "--as".to_owned() }.into()),
        (Standing::Delegated { uid }, None) => behind(cx, uid),
    }
}

/// The account of a shell user.
pub(super) fn behind(cx: &Context, uid: u32) -> Result<Actor> {
    cx.read(|tx| account::actor(cx, tx, &map::account_of(tx, uid)?))
}

/// Refuses an account that lost something since the command began: the mapping, the switch, a permission. A dry run may
/// be about another day, and changes nothing.
pub(crate) fn still_may(cx: &Context, tx: &Tx<'_>) -> Result<()> {
    let Some(id) = cx.actor.account_id().filter(|_| !cx.dry_run) else { return Ok(()) };
    let user = match shell::standing(&Caller::of_this_process())? {
        Standing::Delegated { uid } => Some(map::account_of(tx, uid)?),
        Standing::System => user::by_id(tx, id)?,
    };
    let now = user.filter(|user| user.id == id).map(|user| account::actor(cx, tx, &user)).transpose()?;
    let has_all = |now: &Actor| {
        now.is_superuser() >= cx.actor.is_superuser()
            && Permission::all().all(|each| now.reach(each.id()).cover(&cx.actor.reach(each.id())))
    };
    if now.is_some_and(|now| has_all(&now)) {
        return Ok(());
    }
    Err(cx.actor.denied("it lost permissions since the command began").into())
}
