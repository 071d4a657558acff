//! `secboard audit`.

pub(crate) mod listing;

use clap::{Args, Subcommand};

use std::borrow::Cow;

use super::{
    Checkpoint, Difference, Error, Fields, Filter, HoldTables, MissedKey, Proof, Row, Verdict, chain,
};
use crate::cli::output::{self, Field, append_json, record};
use crate::cli::{App, Outcome, filter_text};
use crate::context::Context;
use crate::crypto::key::KeyError;
use crate::error::{Explain, Failure, Result};
use crate::tabular::{FileOrStream, Source};
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
    /// Walks the whole chain of hashes, and with the key of the store proves that each row was written by a program that
    /// had the key: who has only the store's file cannot do that. Without the key the chain alone is proved. Who has both
    /// can rewrite all of it; give a checkpoint that was kept elsewhere to catch that. Says too when the clock ran
    /// backwards, which breaks nothing, and when triggers or views of the store are not as they were made.
    /// With `--state`, what the tables hold is proved too: people, roles, groups and the rest are read from the tables
    /// themselves, and no index can hide a change. That lists and searches find all of it is another question, for they are
    /// read from indexes: `--file` answers it, and takes longest.
    /// The audit has no hashes of passwords and no counts of failed logins: with `--state` too, those that somebody
    /// replaced in the file are not found.
    /// With `--quiet`, nothing is printed as long as all is well.
    #[command(
        after_help = "Examples:\n  secboard audit verify\n  secboard audit verify --state\n  secboard audit verify --state --file\n  secboard audit verify --checkpoint /mnt/safe/audit.checkpoint\n  secboard audit verify --checkpoint - < audit.checkpoint"
    )]
    Verify {
        /// A file written by `secboard audit checkpoint`; `-` is standard input
        #[arg(long, value_name = "FILE")]
        checkpoint: Option<FileOrStream>,
        /// Prove also that people, companies, groups and the rest are as the audit tells
        #[arg(long)]
        state: bool,
        /// Prove also that no page of the file is damaged, and that each index has every row, so that lists hide nobody
        #[arg(long)]
        file: bool,
    },
    /// Print the head of the chain, to be kept somewhere else
    #[command(after_help = "Examples:\n  secboard audit checkpoint > /mnt/safe/audit.checkpoint")]
    Checkpoint,
}

/// The columns of a table about several things that were called alike.
const TOLD_APART: [&str; 8] = ["seq", "at", "actor", "action", "kind", "subject_id", "subject", "changed"];

/// So many of those that were called alike are named.
const APART_NAMED: usize = 10;

/// Which changes to list.
#[derive(Debug, Args)]
pub(crate) struct ListArgs {
    /// At or after this time or day
    #[arg(long, value_name = "TIME", allow_hyphen_values = true)]
    since: Option<String>,
    /// Before this time, or until the end of this day
    #[arg(long, value_name = "TIME", allow_hyphen_values = true)]
    until: Option<String>,
    /// By this account, also under an earlier email, or by whoever had this email then, or this shell user
    #[arg(long, value_name = "NAME", value_parser = filter_text)]
    actor: Option<String>,
    /// About this person, company, department, position, role, group, run or setting, also under another name: by a name
    /// it had at any time, by id, or by kind and id, such as 'user 2'
    #[arg(long, value_name = "NAME", value_parser = filter_text)]
    subject: Option<String>,
    /// This action, such as user.edit, or all of a noun, such as user
    #[arg(long, value_name = "ACTION", value_parser = filter_text)]
    action: Option<String>,
    /// Of the run whose id begins so
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
        /// Who, as the account was called then.
        actor: String,
        /// The account's id.
        actor_id: Option<i64>,
        /// The shell user behind.
        shell_user: Option<String>,
        /// Through which door.
        via: String,
        /// The address that a change by web came from.
        client: Option<String>,
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

impl AuditRow {
    fn of(row: Row) -> Result<Self> {
        let side = |text: &Option<String>, fields: Fields| text.is_some().then_some(fields);
        let (before, after) =
            (side(&row.before, row.fields_before()?), side(&row.after, row.fields_after()?));
        let mut changed: Vec<String> =
            before.iter().chain(&after).flat_map(Fields::keys).map(Clone::clone).collect();
        changed.sort_unstable();
        changed.dedup();
        Ok(Self {
            seq: row.seq,
            at: row.at.to_string(),
            actor: row.actor,
            actor_id: row.actor_id,
            shell_user: row.shell_user,
            via: row.via,
            client: row.client,
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
        })
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
        /// The first row that has a keyed hash, those of a lost key apart.
        keyed_from: Option<i64>,
        /// How many rows have a keyed hash of a key that was lost.
        keyed_lost: Option<i64>,
        /// The row that began a new key in the place of a lost one: those before it have the plain chain alone.
        new_key_from: Option<i64>,
        /// Whether the keyed hashes were proved, which takes the key of the store.
        keyed_proved: bool,
        /// Rows whose time lies before that of the row before.
        times_back: i64,
        /// The first of them.
        times_back_from: Option<i64>,
        /// Whether the key of the audit is damaged, or that of the store is no key or another than the store names.
        key_is_damaged: bool,
        /// What of the store's tables, indexes, triggers and views is not as it was made.
        altered: Vec<String>,
        /// What is wrong with the file.
        damages: Vec<String>,
        /// People, companies and the rest that were held against the audit.
        subjects: Option<i64>,
        /// How many of their fields differ.
        differences: Option<i64>,
        /// The first of them.
        differing: Vec<Difference>,
    }
}

impl From<Verdict> for VerdictRow {
    fn from(verdict: Verdict) -> Self {
        let ok = verdict.is_good();
        let head = verdict.head.as_ref();
        let (broken_seq, broken_reason) = verdict.broken.unzip();
        let (times_back_from, times_back) = verdict.times_back.unzip();
        Self {
            ok,
            rows: verdict.rows,
            head_seq: head.map(|head| head.seq),
            head_hash: head.map(|head| chain::hash_text(&head.hash)),
            head_at: head.map(|head| head.at.to_string()),
            broken_seq,
            broken_reason,
            keyed_from: verdict.keyed_from,
            keyed_lost: Some(verdict.keyed_lost).filter(|lost| *lost > 0),
            new_key_from: verdict.new_key_from,
            keyed_proved: verdict.keyed_proved,
            key_is_damaged: verdict.key_is_damaged || verdict.key_is_wrong,
            times_back: times_back.unwrap_or(0),
            times_back_from,
            altered: verdict.altered,
            damages: verdict.damages,
            subjects: verdict.state.as_ref().map(|state| state.subjects),
            differences: verdict.state.as_ref().map(|state| state.differences),
            differing: verdict.state.map(|state| state.first).unwrap_or_default(),
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
        /// Whether it has a keyed hash.
        keyed: bool,
    }
}

/// Runs a verb.
pub(crate) fn run(app: &App, command: Command, hold: HoldTables) -> Result<Outcome> {
    match command {
        Command::List(arguments) => list(app, arguments),
        Command::Show { seq } => {
            app.out.object(&AuditRow::of(super::show(&app.reader()?, seq)?)?)?;
            Ok(Outcome::Done)
        }
        Command::Verify { checkpoint, state, file } => {
            verify(app, checkpoint.as_ref(), Proof { state: state.then_some(hold), file, ..Proof::default() })
        }
        Command::Checkpoint => checkpoint(app),
    }
}

fn list(app: &App, arguments: ListArgs) -> Result<Outcome> {
    let cx = app.reader()?;
    let mut filter = Filter {
        since: arguments.since.map(|text| cx.time(&text)).transpose()?,
        until: arguments.until.map(|text| until(&cx, &text)).transpose()?,
        actor: arguments.actor,
        subject: arguments.subject,
        action: arguments.action,
        run: arguments.run,
        limit: arguments.limit,
    };
    let asked = super::find(&cx, &mut filter)?;
    let mut out = app.out.clone();
    if let (Some(several), Some(subject)) = (asked.several(), &filter.subject) {
        tell_apart(app, subject, &several);
        if out.is_table() && out.columns.is_none() {
            out.columns = Some(TOLD_APART.map(str::to_owned).to_vec());
        }
    }
    // Begun with the first row: an error is to be all that there is.
    let mut list = None;
    super::list_found(&cx, &filter, &asked, |row| {
        let list = match &mut list {
            Some(list) => list,
            none => none.insert(out.long_list::<AuditRow>()?),
        };
        list.row(&AuditRow::of(row)?)
    })?;
    list.map_or_else(|| out.long_list::<AuditRow>(), Ok)?.finish()?;
    Ok(Outcome::Done)
}

/// Says that a name or an id belonged to several, and how to ask about one.
fn tell_apart(app: &App, subject: &str, several: &[String]) {
    let named: Vec<&str> = several.iter().take(APART_NAMED).map(String::as_str).collect();
    let more = several.len() - named.len();
    let more = if more > 0 { format!(" and {more} more") } else { String::new() };
    let example = several.iter().find(|name| name.contains(' '));
    let advice =
        example.map_or_else(String::new, |name| format!("; ask about one with `--subject '{name}'`"));
    app.out.say(&format!("note: `{subject}` is or was {}{more}{advice}", named.join(", ")));
}

/// The whole of a last day is meant, so the filter ends where the next one begins.
fn until(cx: &Context, text: &str) -> Result<Instant, DateError> {
    let Ok(day) = Day::parse_relative(text, cx.today()) else { return Instant::parse(text, cx.time_zone()) };
    let next = day.date().tomorrow().ok().and_then(Day::new);
    Ok(next.map_or(Instant::from_micros(i64::MAX), |next| Instant::start_of(next, cx.time_zone())))
}

fn verify(app: &App, checkpoint: Option<&FileOrStream>, proof: Proof<'_>) -> Result<Outcome> {
    let (cx, keyless) = app.reader_without_key()?;
    cx.actor.require("audit.view", None)?;
    let checkpoint = checkpoint.map(read_checkpoint).transpose()?;
    let missed_key = keyless.as_ref().map(MissedKey::of);
    if let Some(why) = &keyless {
        let only = "only the plain chain is proved, which whoever has the store can rewrite";
        app.out.warn(&match missed_key {
            Some(MissedKey::Wrong) => format!("{why}; {only}"),
            _ => format!("warning: {why}; without the key {only}"),
        });
    }
    let proof = Proof { checkpoint: checkpoint.as_ref(), missed_key, ..proof };
    let verdict = super::verify(&cx, proof)?;
    say(app, &verdict);
    let row = VerdictRow::from(verdict);
    if !(row.ok && app.out.quiet && app.out.is_table()) {
        app.out.object(&row)?;
    }
    Ok(if row.ok { Outcome::Done } else { Outcome::No })
}

impl MissedKey {
    fn of(why: &Failure) -> Self {
        match why.get() {
            Some(KeyError::Malformed { .. } | KeyError::OtherStore { .. }) => Self::Wrong,
            _ => Self::Away,
        }
    }
}

fn say(app: &App, verdict: &Verdict) {
    if let Some((seq, reason)) = &verdict.broken {
        app.out.say(&format!("the audit is broken at row {seq}: {reason}"));
    }
    if let Some((seq, count)) = verdict.times_back {
        let more = if count > 1 { format!(" and {} more", count - 1) } else { String::new() };
        app.out.say(&format!(
            "note: the time of row {seq}{more} lies before that of the row before: a clock was wrong, which breaks nothing"
        ));
    }
    if let Some(seq) = verdict.new_key_from {
        let proved = match seq - 1 {
            0 => "no row before it is left".to_owned(),
            1 => "of row 1 only the plain chain is proved, as it was then, and for ever".to_owned(),
            before => format!(
                "of the rows 1 to {before} only the plain chain is proved, as it was then, and for ever"
            ),
        };
        app.out.say(&format!(
            "note: row {seq} began a new key of the audit in the place of a lost one: {proved}"
        ));
    } else if verdict.keyed_lost > 0 {
        app.out.say(&format!(
            "note: the key of the audit was lost once: the keyed hashes of {} rows from before prove nothing",
            verdict.keyed_lost
        ));
    }
    if verdict.key_is_damaged {
        let damaged: &dyn Explain = &Error::BadKey;
        app.out.say(&format!("{damaged}; of the rows only the plain chain is proved"));
        app.out.say(&format!("hint: {}", damaged.hint().unwrap_or_default()));
    }
    for name in &verdict.altered {
        app.out.say(&format!("`{name}` in the store is not as secboard made it"));
    }
    for damage in &verdict.damages {
        app.out.say(&format!("the file is damaged: {damage}"));
    }
    let Some(state) = &verdict.state else { return };
    for difference in &state.first {
        app.out.say(&difference.sentence());
    }
    let named = i64::try_from(state.first.len()).unwrap_or(i64::MAX);
    if state.differences > named {
        app.out.say(&format!("and {} more that differ", state.differences - named));
    }
}

fn read_checkpoint(place: &FileOrStream) -> Result<Checkpoint> {
    let text = Source::named(place).read(LONGEST_CHECKPOINT)?;
    Ok(Checkpoint::parse(&place.to_string(), &String::from_utf8_lossy(&text))?)
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
        app.out.object(&CheckpointRow { seq: head.seq, hash, at, keyed: head.keyed })?;
    }
    Ok(Outcome::Done)
}

impl Field for Difference {
    fn text(&self) -> Cow<'_, str> {
        Cow::Owned(self.sentence())
    }

    fn json(&self, out: &mut Vec<u8>) {
        append_json(out, self);
    }
}

#[cfg(test)]
mod tests {
    use super::until;
    use crate::context::Context;

    #[test]
    fn a_last_day_is_meant_as_a_whole_in_the_sites_zone() {
        let cx = Context::for_tests();
        assert_eq!(cx.time("2026-11-21").unwrap().to_string(), "2026-11-20T22:00:00.000000Z");
        assert_eq!(until(&cx, "2026-11-21").unwrap().to_string(), "2026-11-21T22:00:00.000000Z");
        assert_eq!(until(&cx, "today").unwrap(), until(&cx, "2026-11-21").unwrap());
        assert_eq!(until(&cx, "2026-11-21T12:00").unwrap().to_string(), "2026-11-21T10:00:00.000000Z");
        assert!(until(&cx, "9999-12-31").is_ok());
        assert!(cx.time("soon").is_err());
    }
}
