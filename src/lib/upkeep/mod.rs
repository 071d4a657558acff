//! Upkeep: what secboard does by itself, done once.
//!
//! Each feature says in a [`Task`] what it has to do, and the registry lists them. A task acts as the service that does it,
//! with no more permissions than that takes. One that fails does not keep the others from theirs.

pub(crate) mod cli;

#[cfg(test)]
mod tests;

use std::fmt::Display;
use std::mem::replace;

use crate::context::{Actor, Context, Reopen, Service, Via};
use crate::error::{Explain, Kind, Result};

/// What a feature has to do by itself, time after time.
pub(crate) struct Task {
    /// The word on the command line.
    pub(crate) name: &'static str,
    /// What it does, in a sentence that goes on.
    pub(crate) about: &'static str,
    /// Who does it.
    pub(crate) service: Service,
    /// Does it; what takes long opens the store again when its key was replaced.
    pub(crate) run: fn(&Context, &Reopen<'_>) -> Result<Report>,
}

/// What a task did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Report {
    /// To how many things it did it.
    pub(crate) count: u64,
    /// In words.
    pub(crate) said: String,
    /// What became of the rest, where there is one.
    pub(crate) rest: Option<Rest>,
}

/// What a task could not do, and is told of in its report.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Rest {
    /// Some of it failed.
    Failed,
    /// It waits for a server that cannot be reached.
    Waits,
}

impl Report {
    /// That it was done, to so many things.
    pub(crate) const fn of(count: u64, said: String) -> Self {
        Self { count, said, rest: None }
    }
}

/// An upkeep that did not do everything.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Error {
    /// Some of it failed.
    #[error("not everything was done: {}", .tasks.join("; "))]
    Failed {
        /// Of which tasks, each with why.
        tasks: Vec<String>,
    },
    /// What is left waits for a server.
    #[error("not everything could be done yet: {}", .tasks.join("; "))]
    Waits {
        /// Of which tasks, each with why.
        tasks: Vec<String>,
    },
}

impl Explain for Error {
    fn code(&self) -> &'static str {
        match self {
            Self::Failed { .. } => "upkeep.failed",
            Self::Waits { .. } => "upkeep.waits",
        }
    }

    fn kind(&self) -> Kind {
        match self {
            Self::Failed { .. } => Kind::No,
            Self::Waits { .. } => Kind::Unavailable,
        }
    }
}

/// Does all of these, and tells `each` what became of it.
///
/// # Errors
/// When something is left of one of them, after all were done; at once when it is no longer wanted.
pub(crate) fn run(
    (cx, reopen): (&mut Context, &Reopen<'_>),
    tasks: &[&'static Task],
    mut each: impl FnMut(&Task, &Result<Report>),
) -> Result<()> {
    let (mut failed, mut waiting) = (Vec::new(), Vec::new());
    for task in tasks {
        cx.cancel.check()?;
        let done = as_service((cx, reopen), task);
        each(task, &done);
        let why = |why: &dyn Display| format!("{}: {why}", task.name);
        match done {
            Err(failure) if failure.kind() == Kind::Interrupted => return Err(failure),
            Err(failure) if failure.kind() == Kind::Unavailable => waiting.push(why(&failure)),
            Err(failure) => failed.push(why(&failure)),
            Ok(Report { rest: Some(Rest::Waits), said, .. }) => waiting.push(why(&said)),
            Ok(Report { rest: Some(Rest::Failed), said, .. }) => failed.push(why(&said)),
            Ok(Report { rest: None, .. }) => {}
        }
    }
    match (failed.is_empty(), waiting.is_empty()) {
        (false, _) => Err(Error::Failed { tasks: failed }.into()),
        (true, false) => Err(Error::Waits { tasks: waiting }.into()),
        (true, true) => Ok(()),
    }
}

/// Does a task as its service, for the shell user who asked for it.
fn as_service((cx, reopen): (&mut Context, &Reopen<'_>), task: &Task) -> Result<Report> {
    let (actor, via) = become_service(cx, task.service);
    let reopen = || {
        let mut again = reopen()?;
        become_service(&mut again, task.service);
        Ok(again)
    };
    let done = (task.run)(cx, &reopen);
    (cx.actor, cx.via) = (actor, via);
    done
}

/// Has a service act; who acted, and through which door.
fn become_service(cx: &mut Context, service: Service) -> (Actor, Via) {
    let service = Actor { shell_user: cx.actor.shell_user.clone(), ..Actor::service(service) };
    (replace(&mut cx.actor, service), replace(&mut cx.via, Via::System))
}
