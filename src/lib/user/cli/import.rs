//! `secboard user import`.

use clap::Args;

use super::note_where_links_lead;
use crate::cli::stop::{self, Watch};
use crate::cli::{App, NoticeArgs, Outcome, Progress, output, values};
use crate::context::Context;
use crate::error::Result;
use crate::run::{self, Committed, Engine, Plan};
use crate::tabular::{Encoding, FileOrStream, Format, ReadOptions};
use crate::user::import::{self, Bad, Field, Mapping, OnExisting, Options};

values! {
    OnExisting {
        Fail "fail": "Refuse the row",
        Skip "skip": "Skip them",
        Update "update": "Change what the row has",
    }
}

/// After the help of `user import`.
pub(super) const AFTER_HELP: &str = "\
The first line names the columns. `--template` prints those there are; other columns of an export are not read. An \
empty cell leaves the field as it is, or at its default on a new person; `never` clears a date. Switches are yes or \
no, true or false, 1 or 0. Days are written 2026-03-31, or counted from today: +30d. `;` stands between roles or \
groups; an entry that holds one stands in quotation marks. Groups that a role brings are not given by hand too, \
unless groups_by_hand names them. `--raw` takes CSV cells as they are: an apostrophe before a formula stays.

What `secboard export users` writes as csv or jsonl can be imported again; its workbook is to hand out, and cannot.

All rows are imported or none, unless `--partial` is given; so it is with rows about what somebody else changed while \
the file was read. With `--dry-run` the whole plan is printed; otherwise its \
summary, and `secboard run show` has the changes.

`--accounts-only` reads email, password_hash and whatever else an account has without a profile. The hashes are those \
of Django; they are taken for new accounts only.

Examples:
  secboard user import --template > people.csv
  secboard user import people.csv --create-missing --dry-run
  secboard user import people.xlsx --map 'Work mail=email' --map 'Salary=-' --on-existing update
  secboard user import people.csv --partial --errors refused.csv
  secboard user import accounts.csv --accounts-only";

#[derive(Debug, Args)]
pub(crate) struct Import {
    /// CSV, JSONL or XLSX files; `-` is standard input
    #[arg(value_name = "FILE", required_unless_present = "template")]
    files: Vec<FileOrStream>,
    /// Print an empty CSV file with every column
    #[arg(long, conflicts_with = "files")]
    template: bool,
    /// What a column means, or `-` to leave it out: 'E-mail=email', 'Salary=-'
    #[arg(long, value_name = "HEADING=FIELD")]
    map: Vec<String>,
    /// What to do with people who exist already
    #[arg(long, value_name = "WHAT", default_value = "fail")]
    on_existing: OnExisting,
    /// Make companies, departments and positions that do not exist
    #[arg(long)]
    create_missing: bool,
    /// Import the good rows and leave the bad ones out; ends with 1 when there are bad ones
    #[arg(long)]
    partial: bool,
    /// Make accounts without profiles, with their password hashes
    #[arg(long)]
    accounts_only: bool,
    /// Send new people a link to choose their password; who brings one, or may not log in yet, gets none
    #[arg(long, conflicts_with = "no_notice")]
    invite: bool,
    /// Write everything that is wrong to a CSV file
    #[arg(long, value_name = "FILE")]
    errors: Option<FileOrStream>,
    #[command(flatten)]
    notice: NoticeArgs,
    #[command(flatten)]
    read: Read,
}

#[derive(Debug, Args)]
#[command(next_help_heading = "How the files are read")]
pub(crate) struct Read {
    /// The format, else the name and the first bytes tell
    #[arg(long, value_name = "FORMAT")]
    input_format: Option<Format>,
    /// The encoding of CSV and JSONL
    #[arg(long, value_name = "ENCODING", default_value = "auto")]
    encoding: Encoding,
    /// What separates the cells of CSV, else the header tells; `tab` for a tab
    #[arg(long, value_name = "CHARACTER", value_parser = delimiter, allow_hyphen_values = true)]
    delimiter: Option<char>,
    /// The sheet of a workbook, else the first
    #[arg(long, value_name = "NAME")]
    sheet: Option<String>,
}

fn delimiter(text: &str) -> Result<char, &'static str> {
    let mut characters = text.chars();
    match (text, characters.next(), characters.next()) {
        ("tab" | "\\t", _, _) => Ok('\t'),
        (_, Some(only), None) => Ok(only),
        _ => Err("give one character, or `tab`"),
    }
}

impl Import {
    fn options(&self, raw: bool) -> Result<Options> {
        let read = ReadOptions {
            format: self.read.input_format,
            encoding: self.read.encoding,
            delimiter: self.read.delimiter,
            sheet: self.read.sheet.clone(),
            raw,
        };
        let map = self.map.iter().map(|text| Mapping::parse(text)).collect::<Result<_, _>>()?;
        Ok(Options {
            read,
            map,
            on_existing: self.on_existing,
            create_missing: self.create_missing,
            partial: self.partial,
            accounts_only: self.accounts_only,
            invite: self.invite,
        })
    }
}

pub(super) fn import(app: &App, arguments: &Import, engine: &mut Engine) -> Result<Outcome> {
    if arguments.template {
        let options = arguments.options(app.globals.raw)?;
        let names: Vec<&str> = options.fields().iter().copied().map(Field::name).collect();
        output::text(&format!("{}\n", names.join(",")))?;
        return Ok(Outcome::Done);
    }
    let cx = arguments.notice.writer(app)?;
    let options = arguments.options(app.globals.raw)?;
    let inputs = import::open(&arguments.files, &options)?;
    let mut bad = match &arguments.errors {
        Some(path) => Bad::written_to(app.output(path)?)?,
        None => Bad::default(),
    };
    let watch = stop::watch(&cx.cancel);
    let progress = Progress::rows(app, "importing");
    let mut tick = |rows| progress.at(rows);
    let job = import::Import { options: &options, bad: &mut bad, tick: &mut tick };
    let plan = import::plan(&cx, engine, inputs, job);
    let committed = plan.and_then(|plan| commit(app, &cx, engine, plan, (progress, watch)));
    bad.note_denied(&cx);
    bad.warnings().for_each(|warning| app.out.say(&format!("warning: {warning}")));
    let committed = committed?;
    run::cli::finish(app, &cx, &committed)?;
    note_where_links_lead(app, &cx, arguments.invite && committed.summary.mails > 0);
    match bad.error(options.partial) {
        Some(error) => Err(error.into()),
        None => Ok(Outcome::Done),
    }
}

/// Applies the plan; where it would send very many mails, if that is let.
fn commit(
    app: &App,
    cx: &Context,
    engine: &mut Engine,
    plan: Plan,
    working: (Progress, Watch),
) -> Result<Committed> {
    let working = if run::cli::are_many(cx, engine, plan.mails()) {
        drop(working);
        run::cli::ask_mails(app, cx, engine, plan.mails())?;
        (None, stop::watch(&cx.cancel))
    } else {
        (Some(working.0), working.1)
    };
    let committed = run::commit(cx, engine, plan);
    drop(working);
    committed
}
