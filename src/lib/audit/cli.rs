//! `secboard audit`.

use std::path::{Path, PathBuf};

use clap::{Args, Subcommand};
use serde_json::Value;

use super::{Checkpoint, Error, Fields, Filter, Row, Verdict, chain};
use crate::cli::output::{self, record};
use crate::cli::{App, Outcome, filter_text};
use crate::context::Context;
use crate::error::Result;
use crate::text::date::{DateError, Day};
use crate::text::instant::Instant;

/// The longest checkpoint file that is looked at, in bytes.
const LONGEST_CHECKPOINT: u64 = 1024;

/// The audit: who changed what, and whether the record is whole
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// List changes, the newest first
    #[command(
        after_help = "Examples:\n  secboard audit list --since 2026-11-01 --limit 50\n  secboard audit list --action user --subject ann@example.com -o json"
    )]
    List(ListArgs),
    /// Show one change with what was before and after
    #[command(after_help = "Examples:\n  secboard audit show 42\n  secboard audit show 42 -o json")]
    Show {
        /// Its number
        seq: i64,
    },
    /// Prove that no change was edited or removed
    ///
    /// Walks the whole chain of hashes. A chain that somebody rewrote as a whole fits together too; give a checkpoint
    /// that was kept elsewhere to catch that.
    #[command(
        after_help = "Examples:\n  secboard audit verify\n  secboard audit verify --checkpoint /mnt/safe/audit.checkpoint"
    )]
    Verify {
        /// A file written by `secboard audit checkpoint`
        #[arg(long, value_name = "FILE")]
        checkpoint: Option<PathBuf>,
    },
    /// Print the head of the chain, to be kept somewhere else
    #[command(after_help = "Examples:\n  secboard audit checkpoint > /mnt/safe/audit.checkpoint")]
    Checkpoint,
}

/// Which changes to list.
#[derive(Debug, Args)]
pub(crate) struct ListArgs {
    /// At or after this time or day
    #[arg(long, value_name = "TIME", allow_hyphen_values = true)]
    since: Option<String>,
    /// Before this time, or until the end of this day
    #[arg(long, value_name = "TIME", allow_hyphen_values = true)]
    until: Option<String>,
    /// By this account or shell user
    #[arg(long, value_name = "NAME", value_parser = filter_text)]
    actor: Option<String>,
    /// About this person, company, department, position, role, group, run, setting
    #[arg(long, value_name = "NAME", value_parser = filter_text)]
    subject: Option<String>,
    /// This action, such as user.edit, or all of a noun, such as user
    #[arg(long, value_name = "ACTION", value_parser = filter_text)]
    action: Option<String>,
    /// Of this run
    #[arg(long, value_name = "ID", value_parser = filter_text)]
    run: Option<String>,
    /// At most so many
    #[arg(long, value_name = "N")]
    limit: Option<u32>,
}

record! {
    /// A change as it is printed.
    AuditRow, table ["seq", "at", "actor", "action", "subject", "changed"] {
        /// The place in the chain.
        seq: i64,
        /// RFC 3339.
        at: String,
        /// Who.
        actor: String,
        /// The shell user behind.
        shell_user: Option<String>,
        /// Through which door.
        via: String,
        /// What happened.
        action: String,
        /// What it happened to.
        kind: String,
        /// The subject's id.
        subject_id: Option<i64>,
        /// The subject's name then.
        subject: String,
        /// The names of the changed fields.
        changed: Vec<String>,
        /// The changed fields as they were.
        before: Option<Fields>,
        /// The changed fields as they became.
        after: Option<Fields>,
        /// Why.
        reason: Option<String>,
        /// The run it belongs to.
        run: Option<String>,
        /// SHA-256, in hexadecimal.
        hash: String,
    }
}

impl From<Row> for AuditRow {
    fn from(row: Row) -> Self {
        let (before, after) = (fields(row.before.as_deref()), fields(row.after.as_deref()));
        let mut changed: Vec<String> =
            before.iter().chain(&after).flat_map(Fields::keys).map(Clone::clone).collect();
        changed.sort_unstable();
        changed.dedup();
        Self {
            seq: row.seq,
            at: row.at.to_string(),
            actor: row.actor,
            shell_user: row.shell_user,
            via: row.via,
            action: row.action,
            kind: row.kind,
            subject_id: row.subject_id,
            subject: row.subject,
            changed,
            before,
            after,
            reason: row.reason,
            run: row.run,
            hash: chain::hash_text(&row.hash),
        }
    }
}

record! {
    /// What a walk over the chain found, as it is printed.
    VerdictRow, table ["ok", "rows"] {
        /// Whether the chain holds.
        ok: bool,
        /// Rows that fit.
        rows: i64,
        /// The number of the last row that fits.
        head_seq: Option<i64>,
        /// Its hash, in hexadecimal.
        head_hash: Option<String>,
        /// When it was written, RFC 3339.
        head_at: Option<String>,
        /// The first row that does not fit.
        broken_seq: Option<i64>,
        /// Why it does not fit.
        broken_reason: Option<String>,
    }
}

impl From<Verdict> for VerdictRow {
    fn from(verdict: Verdict) -> Self {
        let head = verdict.head.as_ref();
        let (broken_seq, broken_reason) = verdict.broken.unzip();
        Self {
            ok: broken_seq.is_none(),
            rows: verdict.rows,
            head_seq: head.map(|head| head.seq),
            head_hash: head.map(|head| chain::hash_text(&head.hash)),
            head_at: head.map(|head| head.at.to_string()),
            broken_seq,
            broken_reason,
        }
    }
}

record! {
    /// The head of the chain, as it is printed for programs.
    CheckpointRow, table ["seq", "hash", "at"] {
        /// The row.
        seq: i64,
        /// Its hash, in hexadecimal.
        hash: String,
        /// When it was written, RFC 3339.
        at: String,
    }
}

/// Runs a verb.
pub(crate) fn run(app: &App, command: Command) -> Result<Outcome> {
    match command {
        Command::List(arguments) => list(app, arguments),
        Command::Show { seq } => {
            app.out.object(&AuditRow::from(super::show(&app.reader()?, seq)?))?;
            Ok(Outcome::Done)
        }
        Command::Verify { checkpoint } => verify(app, checkpoint.as_deref()),
        Command::Checkpoint => checkpoint(app),
    }
}

fn list(app: &App, arguments: ListArgs) -> Result<Outcome> {
    let cx = app.reader()?;
    let filter = Filter {
        since: arguments.since.map(|text| cx.time(&text)).transpose()?,
        until: arguments.until.map(|text| until(&cx, &text)).transpose()?,
        actor: arguments.actor,
        subject: arguments.subject,
        action: arguments.action,
        run: arguments.run,
        limit: arguments.limit,
    };
    let mut list = app.out.list::<AuditRow>()?;
    super::list(&cx, &filter, |row| list.row(&row.into()))?;
    list.finish()?;
    Ok(Outcome::Done)
}

/// The whole of a last day is meant, so the filter ends where the next one begins.
fn until(cx: &Context, text: &str) -> Result<Instant, DateError> {
    let Ok(day) = Day::parse_relative(text, cx.today()) else { return Instant::parse(text, cx.time_zone()) };
    let next = day.date().tomorrow().ok().and_then(Day::new);
    Ok(next.map_or(Instant::from_micros(i64::MAX), |next| Instant::start_of(next, cx.time_zone())))
}

fn verify(app: &App, checkpoint: Option<&Path>) -> Result<Outcome> {
    let checkpoint = checkpoint.map(read_checkpoint).transpose()?;
    let verdict = super::verify(&app.reader()?, checkpoint.as_ref())?;
    if let Some((seq, reason)) = &verdict.broken {
        app.out.say(&format!("the audit is broken at row {seq}: {reason}"));
    }
    let row = VerdictRow::from(verdict);
    app.out.object(&row)?;
    Ok(if row.ok { Outcome::Done } else { Outcome::No })
}

fn read_checkpoint(path: &Path) -> Result<Checkpoint> {
    use std::io::Read as _;
    let file = path.display().to_string();
    let mut text = String::new();
    std::fs::File::open(path)
        .and_then(|input| input.take(LONGEST_CHECKPOINT).read_to_string(&mut text))
        .map_err(|source| Error::UnreadableCheckpoint { file: file.clone(), source })?;
    Ok(Checkpoint::parse(&file, &text)?)
}

fn checkpoint(app: &App) -> Result<Outcome> {
    let Some(head) = super::checkpoint(&app.reader()?)? else {
        app.out.say("the audit is empty: there is no head to keep yet");
        return Ok(Outcome::No);
    };
    if app.out.is_table() && app.out.columns.is_none() {
        output::text(&format!("{}\n", head.line()))?;
    } else {
        let (hash, at) = (chain::hash_text(&head.hash), head.at.to_string());
        app.out.object(&CheckpointRow { seq: head.seq, hash, at })?;
    }
    Ok(Outcome::Done)
}

/// The fields of one side; what is no JSON object, which only somebody else can have written, is shown as it is.
fn fields(text: Option<&str>) -> Option<Fields> {
    let text = text?;
    Some(match serde_json::from_str(text) {
        Ok(Value::Object(fields)) => fields,
        _ => Fields::from_iter([("?".to_owned(), Value::from(text))]),
    })
}

#[cfg(test)]
mod tests {
    use super::{fields, until};
    use crate::context::Context;

    #[test]
    fn a_last_day_is_meant_as_a_whole_in_the_sites_zone() {
        let cx = Context::for_tests();
        assert_eq!(cx.time("2026-11-21").unwrap().to_string(), "2026-11-20T22:00:00Z");
        assert_eq!(until(&cx, "2026-11-21").unwrap().to_string(), "2026-11-21T22:00:00Z");
        assert_eq!(until(&cx, "today").unwrap(), until(&cx, "2026-11-21").unwrap());
        assert_eq!(until(&cx, "2026-11-21T12:00").unwrap().to_string(), "2026-11-21T10:00:00Z");
        assert!(until(&cx, "9999-12-31").is_ok());
        assert!(cx.time("soon").is_err());
    }

    #[test]
    fn what_is_no_object_is_shown_as_it_is() {
        assert_eq!(fields(Some("{\"a\":1}")).unwrap()["a"], 1);
        assert_eq!(fields(Some("oops")).unwrap()["?"], "oops");
        assert_eq!(fields(None), None);
    }
}
