//! The door of the shell: what is looked at before a command begins, before its store is opened, and once it is open.

use super::needs::{self, Needs};
use super::shell::{self, CallerIdentity};
use super::{Error, account, map};
use crate::catalog::Permission;
use crate::cli::{App, Authenticator};
use crate::config::{self, Caller, Config};
use crate::context::{Actor, Context, RevalidateActor};
use crate::error::Result;
use crate::store::Tx;
use crate::user;

/// The door of the `secboard` command.
pub(crate) struct ShellAuthenticator;

/// Before a command begins: refuses an operator who redirects it, who names a file, or whose command it is not; has root
/// become the owner of the store, and refuses a store in whose place others can put another.
pub(crate) fn admit(app: &App) -> Result<()> {
    let command = &app.invocation.command;
    let needs = needs::of(command);
    if needs == Needs::Nothing && app.invocation.files.is_empty() {
        return Ok(());
    }
    let identity = shell::identify(&Caller::of_this_process())?;
    let acts_as_itself = identity == CallerIdentity::System && app.globals.acting_as.is_none();
    if needs == Needs::System && !acts_as_itself {
        return Err(Error::SystemOnly { command: command.clone() }.into());
    }
    if identity == CallerIdentity::System {
        return go_on_as_owner(app, command);
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
            let takes_stream = !app.invocation.paths_only.contains(argument);
            let (argument, value) = (argument.clone(), place.to_string());
            return Err(Error::File { argument, value, takes_stream }.into());
        }
    }
    go_on_as_owner(app, command)
}

fn go_on_as_owner(app: &App, command: &str) -> Result<()> {
    if !needs::is_of_store(command) {
        return Ok(());
    }
    Ok(config::go_on_as_owner(&app.config()?)?)
}

impl Authenticator for ShellAuthenticator {
    fn check_process(&self, _app: &App, config: &Config) -> Result<()> {
        match shell::before(config) {
            Some(shell) => Ok(shell::check_owner(&shell)?),
            None => Ok(shell::refuse_without_store(&Caller::of_this_process(), &config.store)?),
        }
    }

    fn authenticate(&self, app: &App, cx: &Context) -> Result<Actor> {
        let actor = who(app, cx)?;
        needs::check(&actor, &app.invocation.command)?;
        Ok(actor)
    }

    fn revalidate(&self) -> RevalidateActor {
        revalidate_actor
    }
}

/// Who acts: the system actor, the account that is tried on, or that of the shell user.
pub(super) fn who(app: &App, cx: &Context) -> Result<Actor> {
    match (shell::identify(&Caller::of_this_process())?, &app.globals.acting_as) {
        (CallerIdentity::System, None) => Ok(Actor::system(cx.actor.shell_user.clone())),
        (CallerIdentity::System, Some(email)) => cx.read(|tx| match user::find_in(tx, email)? {
            Some(user) => account::actor(cx, tx, &user),
            None => Err(user::not_found(cx, tx, email, "users.view")?.into()),
        }),
        (CallerIdentity::Delegated { .. }, Some(_)) => {
            Err(Error::Redirected { what: "--as".to_owned() }.into())
        }
        (CallerIdentity::Delegated { uid }, None) => delegated_actor(cx, uid),
    }
}

/// The account of a shell user.
pub(super) fn delegated_actor(cx: &Context, uid: u32) -> Result<Actor> {
    cx.read(|tx| account::actor(cx, tx, &map::account_of(tx, uid)?))
}

/// Refuses an account that lost something since the command began: the mapping, the switch, a permission. A dry run may
/// be about another day, and changes nothing.
pub(crate) fn revalidate_actor(cx: &Context, tx: &Tx<'_>) -> Result<()> {
    let Some(id) = cx.actor.account_id().filter(|_| !cx.dry_run) else { return Ok(()) };
    let user = match shell::identify(&Caller::of_this_process())? {
        CallerIdentity::Delegated { uid } => Some(map::account_of(tx, uid)?),
        CallerIdentity::System => user::by_id(tx, id)?,
    };
    let now = user.filter(|user| user.id == id).map(|user| account::actor(cx, tx, &user)).transpose()?;
    let has_all = |now: &Actor| {
        now.is_superuser() >= cx.actor.is_superuser()
            && Permission::all().all(|each| now.scope(each.id()).cover(&cx.actor.scope(each.id())))
    };
    if now.is_some_and(|now| has_all(&now)) {
        return Ok(());
    }
    Err(cx.actor.denied("it lost permissions since the command began").into())
}
