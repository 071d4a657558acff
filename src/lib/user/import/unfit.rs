//! Headings with which a file cannot be imported: all that is unknown and all that is missing, told at once, with the command
//! that comes next.

use super::cell::yes_or_no;
use super::columns::{Columns, Headings};
use super::doubled::numbered;
use super::error::{Error, map, option};
use super::field::Field;
use super::heading::squeezed;
use super::opposite::{Way, answers, is_opposite, is_time};
use super::profile::Profile;
use super::{OnExisting, Options};
use crate::tabular::Table;
use crate::text::secret::is_secret_name;

/// Headings that are named at most; more are counted.
const NAMED: usize = 40;

/// What is wrong with the headings of a file.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct UnfitHeadings {
    file: String,
    unknown: Vec<String>,
    missing: Vec<Field>,
    /// Pairs of columns that mean one field by themselves, with its name.
    doubled: Vec<(String, String, &'static str)>,
    /// One of the unknown holds passwords.
    has_password: bool,
    /// The sheets of the workbook, if there are several.
    sheets: Vec<String>,
    /// Columns that the next command leaves out, and that may say who is switched off.
    lost: Vec<String>,
    /// The line that seems to name the columns, if it is a later one.
    header_line: Option<u64>,
    /// What to type next.
    pub(super) command: String,
}

impl UnfitHeadings {
    /// Looks at the headings of a file that was opened.
    pub(super) fn of(table: &Table, columns: &mut Columns<'_>, options: &Options) -> Result<(), Error> {
        let refused = columns.take_refused();
        // Of a file whose later rows may have more columns, that is known row by row.
        let missing =
            if table.grows() && refused.is_empty() { Vec::new() } else { missing(columns, options) };
        if refused.is_empty() && missing.is_empty() {
            return Ok(());
        }
        let is_mapped = |name: &str| columns.rules().says(name);
        let (mut unknown, mut doubled, mut has_password) = (Vec::new(), Vec::new(), false);
        for (_, error) in refused {
            match error {
                Error::UnknownColumn { column, .. } => unknown.push(column),
                Error::PasswordColumn { column, .. } if !is_mapped(&column) => {
                    has_password = true;
                    unknown.push(column);
                }
                Error::TwoColumns { field, first, second, .. }
                    if !is_mapped(&first) && !is_mapped(&second) =>
                {
                    doubled.push((first, second, field));
                }
                other => return Err(other),
            }
        }
        let mut unfit = Self { unknown, doubled, has_password, ..Self::without(table, missing) };
        unfit.header_line = options.read.header_line.is_none().then(|| later_header(table)).flatten();
        Err(unfit.with_command(table, options))
    }

    /// Looks at the headings of a file whose rows were all read, and of which some could not be used: what no row says is told
    /// once.
    pub(super) fn of_all(table: &Table, columns: &Columns<'_>, options: &Options) -> Result<(), Error> {
        match missing(columns, options) {
            missing if missing.is_empty() => Ok(()),
            missing => Err(Self::without(table, missing).with_command(table, options)),
        }
    }

    fn without(table: &Table, missing: Vec<Field>) -> Self {
        Self {
            file: table.name().to_owned(),
            unknown: Vec::new(),
            missing,
            doubled: Vec::new(),
            has_password: false,
            sheets: Some(table.sheets()).filter(|sheets| sheets.len() > 1).unwrap_or_default().to_vec(),
            lost: Vec::new(),
            header_line: None,
            command: String::new(),
        }
    }

    fn with_command(mut self, table: &Table, options: &Options) -> Error {
        let additions = match self.header_line {
            Some(line) => format!(" --header-line {line}"),
            None => self.additions(table, options),
        };
        self.command = format!("{}{additions}", options.typed);
        Error::Headings(Box::new(self))
    }

    pub(super) fn code(&self) -> &'static str {
        match (self.unknown.len(), self.missing.is_empty()) {
            (0, true) => "import.two_columns",
            (0, false) => "import.missing_columns",
            (1, true) if self.has_password => "import.password_column",
            _ => "import.unknown_column",
        }
    }

    pub(super) fn sentence(&self) -> String {
        let Self { file, unknown, missing, .. } = self;
        let mut said = Vec::new();
        if missing.contains(&Field::Email) {
            said.push("people are known by their email, and no column is email".to_owned());
        }
        let others: Vec<&str> =
            missing.iter().filter(|field| **field != Field::Email).map(|field| field.name()).collect();
        if !others.is_empty() {
            said.push(format!("there is no column {}", others.join(", ")));
        }
        for (first, second, field) in &self.doubled {
            said.push(format!("the columns `{first}` and `{second}` both mean {field}"));
        }
        match unknown.as_slice() {
            [] => {}
            [one] if self.has_password => said.push(format!("the column `{one}` holds passwords")),
            [one] => said.push(format!("the column `{one}` is not known")),
            many => said.push(format!("{} columns are not known: {}", many.len(), named(many))),
        }
        format!("`{file}`: {}", said.join("; "))
    }

    pub(super) fn advice(&self) -> String {
        if let Some(line) = self.header_line {
            return format!("line {line} seems to name the columns: say so");
        }
        let mut said = Vec::new();
        if self.has_password {
            said.push(
                "passwords are not imported: `--invite` sends new people a link to choose their own, and \
                `--accounts-only` imports accounts with their hashes"
                    .to_owned(),
            );
        }
        if !self.sheets.is_empty() {
            said.push(format!(
                "the workbook has the sheets {}; `--sheet` says which is read",
                self.sheets.join(", ")
            ));
        }
        if let Some(first) = self.lost.first() {
            said.push(format!(
                "who is switched off may stand in {}, which `--ignore-unknown` leaves out: `{} {}` takes it",
                named(&self.lost),
                map(first, "active").trim(),
                option("--values", &format!("{first}:WORD=yes,WORD=no")).trim()
            ));
        }
        said.push("say what a column is, and leave out what is not needed".to_owned());
        said.join("; ")
    }

    /// What to add to the command.
    fn additions(&mut self, table: &Table, options: &Options) -> String {
        let profile = Profile::of_header(table.header());
        match profile.and_then(|profile| Self::profile(profile, table, options)) {
            Some((additions, lost)) => {
                self.lost = lost;
                additions
            }
            None => self.maps(table, options),
        }
    }

    /// The profile of the system that wrote the file, where it knows the columns; and what it leaves out that may say who is
    /// switched off.
    fn profile(profile: Profile, table: &Table, options: &Options) -> Option<(String, Vec<String>)> {
        let rules = options.rules.clone().or(profile.options().ok()?.rules);
        let columns =
            Columns::new(Headings { file: table.name(), header: table.header() }, &rules, options.whom());
        if !columns.refused().is_empty() || columns.source(Field::Email).is_none() {
            return None;
        }
        let mut additions = match options.profile {
            None => format!(" --profile {}", profile.name()),
            Some(typed) if typed == profile => String::new(),
            Some(_) => return None,
        };
        for field in missing(&columns, options) {
            additions.push_str(&set(field));
        }
        if is_company_empty(&columns, table, options) {
            additions.push_str(&set(Field::Company));
        }
        let has_places = PLACES.iter().any(|place| columns.source(*place).is_some());
        additions.push_str(create_missing(has_places, options));
        let holds_times = |place| table.first_row().is_some_and(|row| is_time(row.get(place).trim()));
        Some((additions, columns.lost(table.header(), holds_times)))
    }

    fn maps(&mut self, table: &Table, options: &Options) -> String {
        let mut additions = String::new();
        for (first, second, field) in &self.doubled {
            additions.extend([" ", &map(first, field), " ", &map(second, field)]);
        }
        let mut found: Vec<Field> = Vec::new();
        let is_free = |field: Field| self.missing.contains(&field) || options.rules.constant(field).is_none();
        let headings = Headings { file: table.name(), header: table.header() };
        let columns = Columns::new(headings, &options.rules, options.whom());
        let taken: Vec<Field> =
            Field::ALL.into_iter().filter(|field| columns.place(*field).is_some()).collect();
        let mut left = Vec::new();
        // What is left out without having been named may be what is missing.
        let ignored: Vec<String> = columns.ignored(table.header()).collect();
        let is_unknown = |heading: &String| self.unknown.contains(heading);
        for heading in self.unknown.iter().chain(ignored.iter().filter(|heading| !is_unknown(heading))) {
            let guess = guessed(heading, table)
                .filter(|field| !taken.contains(field) && !found.contains(field) && is_free(*field))
                .filter(|field| {
                    is_unknown(heading) || self.missing.contains(field) || *field == Field::FullName
                });
            // Both names are there already, or one of them is.
            let guess = guess.filter(|field| {
                *field != Field::FullName
                    || self.missing.contains(&Field::FirstName) && self.missing.contains(&Field::LastName)
            });
            match guess {
                Some(field) => {
                    additions.push(' ');
                    additions.push_str(&map(heading, field.name()));
                    if let Some(words) = words_of_active(heading, table).filter(|_| field == Field::Active) {
                        additions.extend([" ", &option("--values", &words)]);
                    }
                    found.push(field);
                }
                None if is_unknown(heading) => left.push(heading.clone()),
                None => {}
            }
        }
        let is_whole = found.contains(&Field::FullName);
        for field in self.missing.iter().filter(|field| !found.contains(field)) {
            match field {
                Field::FirstName | Field::LastName if is_whole => {}
                Field::Company => additions.push_str(&set(*field)),
                _ => {
                    additions.push(' ');
                    additions.push_str(&map("HEADING", field.name()));
                }
            }
        }
        if is_company_empty(&columns, table, options) {
            additions.push_str(&set(Field::Company));
        }
        if !left.is_empty() {
            additions.push_str(" --ignore-unknown");
        }
        let is_said = taken.contains(&Field::Active) || found.contains(&Field::Active);
        left.retain(|heading| match Way::of(heading, table.header()) {
            None => false,
            Some(Way::Off) => true,
            Some(Way::On | Way::Status) => !is_said && !is_time(&first_cell(heading, table)),
        });
        self.lost = left;
        let has_places = PLACES.iter().any(|place| taken.contains(place) || found.contains(place));
        additions.push_str(create_missing(has_places, options));
        additions
    }
}

/// What a file of another system names that is seldom there already.
const PLACES: [Field; 2] = [Field::Department, Field::Position];

const fn create_missing(has_places: bool, options: &Options) -> &'static str {
    if has_places && !options.create_missing { " --create-missing" } else { "" }
}

/// The fields without which no row can be used.
fn missing(columns: &Columns<'_>, options: &Options) -> Vec<Field> {
    let is_update = options.on_existing == OnExisting::Update;
    let needed: &[Field] = if options.accounts_only || is_update {
        &[Field::Email]
    } else {
        &[Field::Email, Field::FirstName, Field::LastName, Field::Company]
    };
    let unsaid: Vec<Field> = columns.unsaid().collect();
    needed.iter().copied().filter(|field| unsaid.contains(field)).collect()
}

/// Whether the first person has no company where a column says it, and no option does.
fn is_company_empty(columns: &Columns<'_>, table: &Table, options: &Options) -> bool {
    let is_new = !options.accounts_only && options.on_existing != OnExisting::Update;
    let source = columns.source(Field::Company).filter(|source| is_new && source.constant.is_none());
    source.zip(table.first_row()).is_some_and(|(source, row)| {
        source.columns.iter().all(|column| row.get(column.place).trim().is_empty())
    })
}

/// The line that names the columns, where titles stand above it: of the first few the one with most headings that are known,
/// if the header has hardly any.
fn later_header(table: &Table) -> Option<u64> {
    let known = |cells: &[String]| {
        let is_known = |cell: &&String| {
            let name = squeezed(cell);
            Field::of_heading(&name).or_else(|| Field::guessed(&name)).is_some()
        };
        cells.iter().filter(is_known).count()
    };
    let found = table.beginning().iter().map(|(line, cells)| (known(cells), *line));
    // Of several with as many the first.
    let best = found.max_by_key(|(known, line)| (*known, std::cmp::Reverse(*line)));
    best.filter(|(count, _)| *count >= 2 && known(table.header()) == 0).map(|(_, line)| line)
}

/// What a heading may mean, or the last key of those that lead to a value of JSON. What gives somebody rights is never
/// offered: another system means others by it.
fn guessed(heading: &str, table: &Table) -> Option<Field> {
    let heading = numbered(heading).map_or(heading, |(heading, _)| heading);
    let name = squeezed(heading);
    let last = || heading.rsplit_once('.').and_then(|(_, last)| Field::of_heading(&squeezed(last)));
    let near = || Field::near(&name).first().and_then(|near| Field::of_name(near));
    let cell = first_cell(heading, table);
    if is_secret_name(heading) {
        return None;
    }
    // Whatever a column is called: what is in it says that it may be the email, unless it is somebody else's or a second one.
    let is_email = || is_email(&cell) && !OTHER_EMAILS.iter().any(|part| name.contains(part));
    let by_cell = || is_email().then_some(Field::Email);
    // Who is off may be said in any words.
    let is_off = || is_opposite(heading).then_some(Field::Active);
    let guess = Field::guessed(&name).or_else(is_off).or_else(last).or_else(near).or_else(by_cell);
    // A time is no yes, nor is anything that is no answer.
    let is_answer = |field: &Field| match field {
        Field::Active => answers(&cell).is_some(),
        Field::Email => cell.is_empty() || cell.contains('@'),
        _ => true,
    };
    // A number is not the name of what it counts.
    let is_offered = |field: &Field| {
        !field.gives_rights() && *field != Field::PasswordHash && !name.ends_with("id") && is_answer(field)
    };
    guess.filter(is_offered)
}

/// Parts of the names of emails by which the person of the row is not known.
const OTHER_EMAILS: [&str; 10] = [
    "manager",
    "supervisor",
    "vorgesetz",
    "керівник",
    "second",
    "recovery",
    "private",
    "privat",
    "personal",
    "alternat",
];

fn is_email(cell: &str) -> bool {
    cell.contains('@') && !cell.contains([' ', '/', ';', ','])
}

/// What the words of a column that is to say who is active stand for, in the spelling of its first cell; none where they are
/// understood as they are.
fn words_of_active(heading: &str, table: &Table) -> Option<String> {
    let answers = answers(&first_cell(heading, table));
    if is_opposite(heading) {
        let (yes, no) = answers.unwrap_or(("True", "False"));
        return Some(format!("{heading}:{yes}=no,{no}=yes"));
    }
    let (yes, no) = answers.filter(|(yes, _)| yes_or_no(yes).is_err())?;
    Some(format!("{heading}:{yes}=yes,{no}=no"))
}

/// The cell of the first row in a column.
fn first_cell(heading: &str, table: &Table) -> String {
    let place = table.header().iter().position(|known| known == heading);
    place.and_then(|place| Some(table.first_row()?.get(place).trim().to_owned())).unwrap_or_default()
}

fn set(field: Field) -> String {
    format!(" --set {}=NAME", field.name())
}

fn named(headings: &[String]) -> String {
    let mut names: Vec<String> = headings.iter().take(NAMED).map(|heading| format!("`{heading}`")).collect();
    if headings.len() > NAMED {
        names.push(format!("and {} more", headings.len() - NAMED));
    }
    names.join(", ")
}
