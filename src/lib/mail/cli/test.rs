//! `secboard mail test`.

use clap::Args;

use crate::cli::output::{self, record};
use crate::cli::{App, Outcome, stop};
use crate::error::Result;
use crate::mail::trial::{self, Tried};
use crate::text::shell::secboard;
use crate::text::width::{display_width, sanitize_for_terminal, wrapped};

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

/// The steps, the one where it ended among them.
fn rows(app: &App, tried: &Tried) -> Vec<StepRow> {
    let went = tried.walk.steps().iter().map(|gone| StepRow {
        step: gone.step.to_string(),
        ok: true,
        words: gone.words.clone(),
        milliseconds: i64::try_from(gone.took.as_millis()).ok(),
        advice: None,
    });
    let ended = tried.failure.iter().map(|(failure, advice)| StepRow {
        step: failure.step.to_string(),
        ok: false,
        words: failure.cause.to_string(),
        milliseconds: None,
        advice: Some(app.out.store_flags.in_hint(advice).into_owned()),
    });
    went.chain(ended).collect()
}

/// Prints them; on a terminal with all that a server said, in as many lines as it takes.
fn print(app: &App, rows: &[StepRow]) -> Result<()> {
    if let Some(width) = app.out.width
        && app.out.is_table()
        && app.out.columns.is_none()
    {
        return output::text(&laid_out(rows, width));
    }
    let mut list = app.out.list::<StepRow>()?;
    rows.iter().try_for_each(|row| list.row(row))?;
    list.finish()
}

/// A line for each step and as many as its words take, none wider than the terminal but where a word is.
fn laid_out(rows: &[StepRow], width: usize) -> String {
    let room = width.saturating_sub(display_width(&line("", "", "")));
    let mut lines = vec![line("STEP", "OK", "WORDS")];
    for StepRow { step, ok, words, .. } in rows {
        let mut said = wrapped(&sanitize_for_terminal(words), room).into_iter();
        lines.push(line(step, if *ok { "yes" } else { "no" }, &said.next().unwrap_or_default()));
        lines.extend(said.map(|words| line("", "", &words)));
    }
    lines.iter().flat_map(|line| [line.trim_end(), "\n"]).collect()
}

/// A line of the table.
fn line(step: &str, ok: &str, words: &str) -> String {
    format!("{step:<9}  {ok:<3}  {words}")
}

/// Tries an account.
pub(super) fn run(app: &App, arguments: &Test) -> Result<Outcome> {
    let cx = app.writer()?;
    let watch = stop::watch(&cx.cancel);
    let tried = trial::run(&cx, &arguments.account, arguments.to.as_deref())?;
    drop(watch);
    print(app, &rows(app, &tried))?;
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
        app.out.say(&format!("{}; what is changed of it or its server ends the rest, as does a mail that `mail test --to` sends", rest.said()));
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

#[cfg(test)]
mod tests {
    use super::*;

    fn row(step: &str, ok: bool, words: &str) -> StepRow {
        StepRow { step: step.into(), ok, words: words.into(), milliseconds: None, advice: None }
    }

    #[test]
    fn a_terminal_shows_all_that_a_server_said_in_lines_that_fit() {
        let able =
            "250 mail.test / STARTTLS / SIZE 1000000 / 8BITMIME / SMTPUTF8 / AUTH PLAIN LOGIN XOAUTH2 / HELP";
        let rows = [row("EHLO", true, able), row("hand-over", false, "no room")];
        insta::assert_snapshot!(laid_out(&rows, 60), @"
        STEP       OK   WORDS
        EHLO       yes  250 mail.test / STARTTLS / SIZE 1000000 /
                        8BITMIME / SMTPUTF8 / AUTH PLAIN LOGIN
                        XOAUTH2 / HELP
        hand-over  no   no room
        ");
    }
}
