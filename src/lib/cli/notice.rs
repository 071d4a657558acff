//! `--no-notice`: what is done to people's accounts without telling them by mail.
//!
//! A notice is how somebody learns that another took their account. So it is kept back by superusers alone, and never in
//! silence: every audit row of the command says that it was, with the reason.

use clap::Args;

use super::{App, Error};
use crate::context::Context;
use crate::error::Result;

/// What the reason of a change says before it, of which nobody was told.
const UNTOLD: &str = "without notice: ";

/// The flag of every command that tells people something.
#[derive(Debug, Clone, Copy, Default, Args)]
pub(crate) struct NoticeArgs {
    /// Tell people nothing of it by mail; takes a superuser, and --reason
    #[arg(long)]
    no_notice: bool,
}

impl NoticeArgs {
    /// Opens the store like [`App::writer`], for a change of which people are told unless it is to be kept from them.
    ///
    /// # Errors
    /// When it is, and no reason is given or the actor is no superuser.
    pub(crate) fn writer(self, app: &App) -> Result<Context> {
        if !self.no_notice {
            return app.writer();
        }
        let Some(reason) = &app.globals.reason else { return Err(Error::NoticeWithoutReason.into()) };
        let mut cx = app.writer()?;
        if !cx.actor.is_superuser() {
            return Err(cx.actor.denied("only a superuser keeps from people what is done to them").into());
        }
        cx.tells_people = false;
        cx.reason = Some(format!("{UNTOLD}{reason}"));
        Ok(cx)
    }
}
