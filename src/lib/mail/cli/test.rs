//! `secboard mail test`.

use clap::Args;

use crate::cli::output::record;
use crate::cli::{App, Outcome};
use crate::error::Result;
use crate::mail::trial;
use crate::text::shell::secboard;

#[derive(Debug, Args)]
pub(crate) struct Test {
    /// The account to try
    #[arg(long)]
    account: String,
    /// Send a mail to this address
    #[arg(long, value_name = "EMAIL")]
    to: Option<String>,
}

record! {
    /// A step as it is printed.
    StepRow, table ["step", "ok", "words"] {
        /// Which.
        step: String,
        /// Whether it went well.
        ok: bool,
        /// What was found or said.
        words: String,
        /// How long it took; nothing where it ended.
        milliseconds: Option<i64>,
        /// What to do, where it ended.
        advice: Option<String>,
    }
}

/// Tries an account.
pub(super) fn run(app: &App, arguments: &Test) -> Result<Outcome> {
    let tried = trial::run(&app.writer()?, &arguments.account, arguments.to.as_deref())?;
    let mut list = app.out.list::<StepRow>()?;
    for gone in tried.walk.steps() {
        list.row(&StepRow {
            step: gone.step.to_string(),
            ok: true,
            words: gone.words.clone(),
            milliseconds: i64::try_from(gone.took.as_millis()).ok(),
            advice: None,
        })?;
    }
    if let Some((failure, advice)) = &tried.failure {
        let (step, words) = (failure.step.to_string(), failure.cause.to_string());
        let advice = Some(app.out.store_flags.in_hint(advice).into_owned());
        list.row(&StepRow { step, ok: false, words, milliseconds: None, advice })?;
    }
    list.finish()?;
    if let Some(why) = &tried.unrecorded {
        app.out.warn(&format!("warning: the audit has only that it began, and not how it ended: {why}"));
    }
    if !tried.is_active {
        let edit = secboard("mail account edit").operand(&tried.account).flags("--active");
        app.out.say(&format!(
            "account `{}` is switched off, so no mail leaves by it but this; let it send with `{edit}`",
            tried.account
        ));
    }
    if let Some(rest) = &tried.rest {
        app.out.say(&format!("{}; what is changed of it or its server ends the rest", rest.said()));
    }
    match tried.failure {
        Some((failure, advice)) => {
            app.out.say(&format!("{failure}"));
            app.out.say(&format!("what to do: {advice}"));
            Ok(Outcome::No)
        }
        None if tried.is_sent => {
            app.done(&format!("`{}` sent a mail", tried.account));
            Ok(Outcome::Done)
        }
        None => {
            app.done(&format!("`{}` would send; nothing was sent", tried.account));
            Ok(Outcome::Done)
        }
    }
}
