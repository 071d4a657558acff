//! `secboard user import`.

use clap::Args;

use super::note_where_links_lead;
use crate::cli::stop::{self, Watch};
use crate::cli::{App, NoticeArgs, Outcome, Progress, output, values};
use crate::context::Context;
use crate::error::Result;
use crate::run::{self, Committed, Engine, Plan};
use crate::tabular::{Encoding, FileOrStream, Format, ReadOptions, Source};
use crate::text::date_order::DateOrder;
use crate::user::import::{
    self, Bad, Clear, Constant, Field, FileOptions, Mapping, OnExisting, Options, Profile, Reading, Rules,
    Words,
};

values! {
    DateOrder {
        Dmy "dmy": "31.12.2026, 31 December 2026, 31-DEC-26",
        Mdy "mdy": "12/31/2026, December 31, 2026",
        Ymd "ymd": "2026/12/31, 20261231",
    }
    Profile {
        Entra "entra": "Microsoft Entra ID: the list of users that its portal downloads",
        Google "google": "Google Workspace: the list of users that its console downloads",
        Okta "okta": "Okta: the names of its template",
        Ad "ad": "Active Directory: `csvde` and `Get-ADUser`",
        Moodle "moodle": "Moodle: the names of its upload of users",
    }
    OnExisting {
        Fail "fail": "Refuse the row",
        Skip "skip": "Skip them",
        Update "update": "Change what the row has",
    }
}

/// Bytes of a file of options.
const MOST_OPTIONS: u64 = 1 << 20;

/// After the help of `user import`.
pub(super) const AFTER_HELP: &str = "\
The first line names the columns. `--template` prints those there are. Letter case, blanks and what templates add to \
headings make no difference; mail, givenName, sn, jobTitle and the like are known. What is unknown or missing is told at \
once, with the command that comes next.

An empty cell leaves the field as it is, or at its default on a new person, unless `--clear` is said; `never` clears a \
date. Switches are yes or no, true or false, 1 or 0. Days are written 2026-03-31, or counted from today: +30d; of a time \
its day counts. With `--date-format` any separator and English months are read; a year of two digits only beside the name \
of a month, as one from 1950 to 2049 (`31-DEC-99` ends nothing, and is refused as an end). `;` stands between roles or groups; an entry that holds one stands in quotation marks. Groups that a role \
brings are not given by hand too, unless groups_by_hand names them. `--raw` takes CSV cells as they are: an apostrophe \
before a formula stays.

`--map NAME=full_name` takes First Last or Last, First apart. A row that repeats another is passed over and counted. In \
JSON, `fields.email` is the key email in the object fields; the people may stand in an array, on lines, or in an object.

What `secboard export users` writes as csv or jsonl can be imported again; its workbook is to hand out, and cannot. What \
is worked out in such a file (status, full_name) is compared, and refused where it was changed; what becomes another by \
itself (last_login_at, updated_at) is passed over.

All rows are imported or none, unless `--partial` is given; so it is with rows about what somebody else changed while \
the file was read. With `--dry-run` the whole plan is printed; otherwise its \
summary, and `secboard run show` has the changes.

`--accounts-only` reads email, password_hash and whatever else an account has without a profile. The hashes are those \
of Django; they are taken for new accounts only.

Examples:
  secboard user import --template > people.csv
  secboard user import people.csv --create-missing --dry-run
  secboard user import exportUsers.csv --profile entra --set company='Acme Bank' --create-missing --dry-run
  secboard user import people.xlsx --map 'Work mail=email' --map 'Salary=-' --on-existing update
  secboard user import staff.csv --map suspended=active --values suspended:1=no,0=yes --date-format dmy --ignore-unknown
  secboard user import people.csv --partial --errors refused.csv
  secboard user import accounts.csv --accounts-only";

#[derive(Debug, Args)]
pub(crate) struct Import {
    /// CSV, JSONL or XLSX files; `-` is standard input
    #[arg(value_name = "FILE", required_unless_present_any = ["template", "show_profile"])]
    files: Vec<FileOrStream>,
    /// Print an empty CSV file with every column
    #[arg(long, conflicts_with = "files")]
    template: bool,
    /// Print the options of a profile, to start a file of your own from
    #[arg(long, value_name = "PROFILE", conflicts_with_all = ["files", "template"])]
    show_profile: Option<Profile>,
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
    meaning: Meaning,
    #[command(flatten)]
    read: Read,
}

#[derive(Debug, Args)]
#[command(next_help_heading = "What the columns mean")]
pub(crate) struct Meaning {
    /// What a column means, or `-` to leave it out: 'E-mail=email', 'Salary=-', and 'Mail#2=email' for the second of that name; of several for one field the first filled cell counts
    #[arg(long, value_name = "HEADING=FIELD")]
    map: Vec<String>,
    /// Leave out every column that is not known, and in files that are not ours those of roles, groups, staff and superusers;
    /// the summary names them
    #[arg(long)]
    ignore_unknown: bool,
    /// A value where the file has none, column or cell: company='Acme Bank'; with `--on-existing update` it takes the place of what was there
    #[arg(long, value_name = "FIELD=VALUE")]
    set: Vec<String>,
    /// What the words of a column stand for: 'Status:Active=yes,Suspended=no'; of yes and no, roles, groups or languages any other word is a fault, but those that a profile knows
    #[arg(long, value_name = "HEADING:WORD=VALUE,…")]
    values: Vec<String>,
    /// In which order days are written that are not written 2026-03-31
    #[arg(long, value_name = "ORDER")]
    date_format: Option<DateOrder>,
    /// What stands behind the @ where a cell has only the part before it
    #[arg(long, value_name = "DOMAIN", value_parser = import::email_domain)]
    email_domain: Option<String>,
    /// What stands between a department and those in it: ' > ', or /
    #[arg(long, value_name = "TEXT", value_parser = import::separator)]
    department_separator: Option<String>,
    /// Clear this field where its cell is empty
    #[arg(long, value_name = "FIELD")]
    clear: Vec<String>,
    /// Options for the export of another system
    #[arg(long, value_name = "PROFILE")]
    profile: Option<Profile>,
    /// A TOML file with any of these options, `-` for standard input; what is typed is stronger
    #[arg(long, value_name = "FILE")]
    options_from: Option<FileOrStream>,
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
    #[arg(long, value_name = "CHARACTER", value_parser = import::delimiter, allow_hyphen_values = true)]
    delimiter: Option<char>,
    /// The sheet of a workbook, else the first with anything in it; the list of a JSON object, such as data.users
    #[arg(long, value_name = "NAME")]
    sheet: Option<String>,
    /// The line that names the columns of CSV and workbooks, else the first; those before it are passed over
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..))]
    header_line: Option<u64>,
}

impl Meaning {
    /// What was typed, and how it says that files are read.
    fn rules(&self, read: &mut ReadOptions) -> Result<Rules> {
        let mut rules = Rules {
            maps: self.map.iter().map(|text| Mapping::parse(text)).collect::<Result<_, _>>()?,
            words: Words::parse_all(&self.values)?,
            constants: self.set.iter().map(|text| Constant::parse(text)).collect::<Result<_, _>>()?,
            date_order: self.date_format,
            ignore_unknown: self.ignore_unknown,
            email_domain: self.email_domain.clone(),
            department_separator: self.department_separator.clone(),
            clear: self.clear.iter().map(|name| Clear::parse(name)).collect::<Result<_, _>>()?,
        };
        if let Some((one, other)) = rules.contradiction() {
            return Err(import::Error::Contradiction { one, other }.into());
        }
        let file = self.options_from.as_ref().map(options_of).transpose()?;
        let profile = self.profile.map(Profile::options).transpose()?;
        for options in file.into_iter().chain(profile) {
            options.fill(read);
            rules = rules.or(options.rules);
        }
        Ok(rules)
    }
}

/// The options in a file.
fn options_of(file: &FileOrStream) -> Result<FileOptions> {
    let source = Source::named(file);
    let name = source.name();
    let text = source.read(MOST_OPTIONS)?;
    Ok(FileOptions::parse(&name, &String::from_utf8_lossy(&text))?)
}

impl Import {
    /// Refuses to read standard input more than once: whoever reads it second finds nothing.
    fn check_streams(&self) -> Result<(), import::Error> {
        let read = self.files.iter().chain(&self.meaning.options_from);
        if read.filter(|file| **file == FileOrStream::Stream).count() > 1 {
            return Err(import::Error::StandardInputTwice);
        }
        Ok(())
    }

    /// What was typed of how files are read.
    fn reading(&self) -> Vec<Reading> {
        let Self { read, meaning, .. } = self;
        let typed = [
            (read.sheet.is_some(), Reading::Sheet),
            (read.delimiter.is_some(), Reading::Delimiter),
            (read.encoding != Encoding::Auto, Reading::Encoding),
            (read.header_line.is_some(), Reading::HeaderLine),
            (meaning.date_format.is_some(), Reading::DateFormat),
            (meaning.department_separator.is_some(), Reading::DepartmentSeparator),
        ];
        typed.into_iter().filter(|(is_typed, _)| *is_typed).map(|(_, option)| option).collect()
    }

    fn options(&self, app: &App) -> Result<Options> {
        let mut read = ReadOptions {
            format: self.read.input_format,
            encoding: self.read.encoding,
            delimiter: self.read.delimiter,
            sheet: self.read.sheet.clone(),
            raw: app.globals.raw,
            header_line: self.read.header_line,
            left_out: Vec::new(),
        };
        let rules = self.meaning.rules(&mut read)?;
        Ok(Options {
            read,
            rules,
            on_existing: self.on_existing,
            create_missing: self.create_missing,
            partial: self.partial,
            accounts_only: self.accounts_only,
            invite: self.invite,
            profile: self.meaning.profile,
            reading: self.reading(),
            typed: app.invocation.typed.clone(),
        })
    }
}

pub(super) fn import(app: &App, arguments: &Import, engine: &mut Engine) -> Result<Outcome> {
    if let Some(profile) = arguments.show_profile {
        output::text(profile.text())?;
        return Ok(Outcome::Done);
    }
    if arguments.template {
        let options = arguments.options(app)?;
        let names: Vec<&str> = options.whom().fields().map(Field::name).collect();
        output::text(&format!("{}\n", names.join(",")))?;
        return Ok(Outcome::Done);
    }
    arguments.check_streams()?;
    let cx = arguments.notice.writer(app)?;
    let options = arguments.options(app)?;
    let watch = stop::watch(&cx.cancel);
    let inputs = import::open(&cx, &arguments.files, &options)?;
    let mut bad = match &arguments.errors {
        Some(path) => Bad::written_to(app.output(path)?)?,
        None => Bad::default(),
    };
    let progress = Progress::rows(app, "importing");
    let mut tick = |rows| progress.at(rows);
    let job = import::Import { options: &options, bad: &mut bad, tick: &mut tick };
    let plan = import::plan(&cx, engine, inputs, job);
    let committed = plan.and_then(|plan| commit(app, &cx, engine, plan, (progress, watch)));
    bad.note_denied(&cx);
    bad.warnings().for_each(|warning| app.out.say(&format!("warning: {warning}")));
    bad.notes().for_each(|note| app.out.say(&note));
    let committed = committed?;
    if committed.run.as_ref().is_none_or(|run| run.held_because.is_none()) {
        run::cli::say_effect(app, &committed.summary.effect);
    }
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

#[cfg(test)]
mod tests {
    use clap::ValueEnum as _;

    use super::{DateOrder, Profile};

    /// A file of options spells orders and profiles as the command line does.
    #[test]
    fn a_value_goes_by_one_name() {
        for profile in Profile::ALL {
            assert_eq!(Profile::from_str(profile.name(), false), Ok(profile));
        }
        assert_eq!(Profile::value_variants().len(), Profile::ALL.len());
        for order in DateOrder::value_variants() {
            let name = order.to_possible_value().unwrap();
            assert_eq!(DateOrder::named(name.get_name()), Some(*order));
        }
    }
}
