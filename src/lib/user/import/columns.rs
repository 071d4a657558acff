//! What the columns of a file mean: each heading is matched to what is done with the column, and each field to where its
//! value comes from.

use super::Error;
use super::doubled::{Column, Numbers};
use super::field::{Field, Whom};
use super::heading::{Foreign, Origin, ReadOnly, counts_ticks, normal, squeezed};
use super::opposite::{Way, is_opposite};
use super::rules::{Clear, Constant, Rules, Words};
use crate::text::secret::{holds_hash, is_secret_name};

/// What is done with a column.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Meaning {
    /// It is a field.
    Field(Field),
    /// It is worked out here, and compared unless it becomes another by itself.
    ReadOnly(ReadOnly),
    /// It has no name; a value in it is a fault, unless unknown columns are left out.
    Unnamed,
    /// It is left out as was said by its name.
    LeftOut,
    /// It is left out as one of those that nobody knows, and named.
    Ignored,
    /// It cannot be used.
    Refused,
}

/// Where the value of a field comes from.
#[derive(Debug)]
pub(super) struct ValueSource<'r> {
    pub(super) field: Field,
    /// The columns, in the order in which the first filled one counts.
    pub(super) columns: Vec<SourceColumn<'r>>,
    /// Where none of them is filled.
    pub(super) constant: Option<&'r str>,
}

/// A column of a field.
#[derive(Debug)]
pub(super) struct SourceColumn<'r> {
    pub(super) place: usize,
    /// What its words stand for.
    pub(super) words: Option<&'r Words>,
    /// It counts in ticks, with 0 for never.
    pub(super) counts_ticks: bool,
    /// Its place among the mappings, which is its rank; none for one that means the field by itself.
    rank: Option<usize>,
}

/// What each column of one file means.
#[derive(Debug)]
pub(super) struct Columns<'r> {
    rules: &'r Rules,
    whom: Whom,
    origin: Origin,
    numbers: Numbers,
    meanings: Vec<Meaning>,
    sources: Vec<ValueSource<'r>>,
    /// Columns that cannot be used, with why.
    refused: Vec<(usize, Error)>,
}

/// A file and its headings.
#[derive(Debug, Clone, Copy)]
pub(super) struct Headings<'a> {
    pub(super) file: &'a str,
    pub(super) header: &'a [String],
}

impl<'r> Columns<'r> {
    /// Matches the headings of a file, for an import of them.
    pub(super) fn new(headings: Headings<'_>, rules: &'r Rules, whom: Whom) -> Self {
        let origin = Origin::of(headings.header, whom);
        let constants = rules.constants.iter().filter(|constant| whom.has(constant.field));
        let sources = constants.map(|constant| ValueSource {
            field: constant.field,
            columns: Vec::new(),
            constant: Some(&constant.value),
        });
        let sources = sources.collect();
        let mut columns = Self {
            rules,
            whom,
            origin,
            numbers: Numbers::default(),
            meanings: Vec::new(),
            sources,
            refused: Vec::new(),
        };
        columns.extend(headings);
        columns
    }

    /// Matches the headings that came since; those that cannot be used are refused in each row that has them.
    pub(super) fn extend(&mut self, headings: Headings<'_>) {
        if self.meanings.len() == headings.header.len() {
            return;
        }
        self.numbers.extend(headings.header);
        for place in self.meanings.len()..headings.header.len() {
            let column = self.numbers.column(headings.header, place);
            let meaning = self.meaning(headings.file, column).and_then(|meaning| match meaning {
                Meaning::Field(field) => self.add(headings, place, field),
                other => Ok(other),
            });
            self.meanings.push(meaning.unwrap_or_else(|error| {
                self.refused.push((place, error));
                Meaning::Refused
            }));
        }
        let first = |source: &ValueSource<'_>| {
            source.columns.iter().map(|column| column.place).min().unwrap_or(usize::MAX)
        };
        self.sources.sort_by_key(first);
    }

    /// One more column of a field: several are in order where each was mapped to it. What a file of options names for a field
    /// is all that it takes for it: another column that would mean the field by itself is left out, and named.
    fn add(&mut self, headings: Headings<'_>, place: usize, field: Field) -> Result<Meaning, Error> {
        let named = self.numbers.column(headings.header, place);
        let rank = self.rules.mapping(named).map(|(rank, _)| rank);
        if rank.is_none() && self.rules.names_one_of(headings.header, field) {
            return Ok(Meaning::Ignored);
        }
        let others = self.source(field).map(|source| source.columns.as_slice()).unwrap_or_default();
        // Without a rank of its own for each nobody said which of them is the first.
        let is_unranked =
            |other: &&SourceColumn<'_>| rank.is_none() || other.rank.is_none_or(|of| Some(of) == rank);
        if let Some(other) = others.iter().find(is_unranked) {
            return Err(Error::TwoColumns {
                file: headings.file.to_owned(),
                field: field.name(),
                first: self.name(headings.header, other.place),
                second: self.name(headings.header, place),
            });
        }
        let (words, counts_ticks) = (self.rules.words_of(named), counts_ticks(named.heading));
        let column = SourceColumn { place, words, counts_ticks, rank };
        match self.sources.iter_mut().find(|source| source.field == field) {
            Some(source) => {
                source.columns.push(column);
                source.columns.sort_by_key(|column| column.rank);
            }
            None => self.sources.push(ValueSource { field, columns: vec![column], constant: None }),
        }
        Ok(Meaning::Field(field))
    }

    /// Whether nothing but what is mapped says of a column that gives rights that it does so here.
    fn is_of_another_system(&self) -> bool {
        self.rules.ignore_unknown && self.origin == Origin::Elsewhere
    }

    fn meaning(&self, file: &str, named: Column<'_>) -> Result<Meaning, Error> {
        let (file, column) = (file.to_owned(), self.numbers.name(named));
        let heading = named.heading;
        if heading.is_empty() {
            return Ok(Meaning::Unnamed);
        }
        let known = Field::of_heading(&squeezed(heading));
        if let Some((_, mapping)) = self.rules.mapping(named) {
            let Some(field) = mapping.field else { return Ok(Meaning::LeftOut) };
            // Taken for anything else, it would be stored, and repeated, for everybody to read.
            let is_secret =
                known.map_or_else(|| is_secret_name(heading), |known| known == Field::PasswordHash);
            if is_secret && field != Field::PasswordHash {
                return Err(Error::PasswordColumn { file, column });
            }
            self.check_active(&file, field, named)?;
            return Ok(Meaning::Field(field));
        }
        if holds_hash(heading) {
            return Err(Error::HashForHeading { file });
        }
        // One of its like was chosen.
        if self.numbers.is_doubled(named) && self.rules.chooses(heading) {
            return Ok(Meaning::Ignored);
        }
        match known {
            // Where columns may be unknown the file is another system's, and means its own rights by its words.
            Some(field) if field.gives_rights() && self.is_of_another_system() => {
                return Ok(Meaning::Ignored);
            }
            Some(field) if self.whom.has(field) => {
                self.check_active(&file, field, named)?;
                return Ok(Meaning::Field(field));
            }
            Some(Field::PasswordHash) if !self.rules.ignore_unknown => {
                return Err(Error::PasswordColumn { file, column });
            }
            // An account alone has no such field.
            Some(_) => return Ok(Meaning::Ignored),
            None => {}
        }
        match self.origin.knows(heading) {
            Some(Foreign::Known(what)) => Ok(Meaning::ReadOnly(what)),
            Some(Foreign::LeftOut) => Ok(Meaning::Ignored),
            None if self.rules.ignore_unknown => Ok(Meaning::Ignored),
            None if is_secret_name(heading) => Err(Error::PasswordColumn { file, column }),
            None => Err(Error::UnknownColumn {
                file,
                near: Field::near(&normal(heading)).first().map(|near| (*near).to_owned()),
                column,
            }),
        }
    }

    /// Refuses a column that would be read as active where it says that somebody is not.
    fn check_active(&self, file: &str, field: Field, named: Column<'_>) -> Result<(), Error> {
        let is_turned = is_opposite(named.heading);
        let words = self.rules.words_of(named);
        let (file, column) = (|| file.to_owned(), || self.numbers.name(named));
        match words {
            _ if field != Field::Active => Ok(()),
            None if is_turned => Err(Error::Opposite { file: file(), column: column() }),
            None => Ok(()),
            Some(words) => match words.misread_as_active(is_turned) {
                Some(word) => {
                    Err(Error::OppositeWord { file: file(), column: column(), word: word.to_owned() })
                }
                None => Ok(()),
            },
        }
    }

    /// Takes the columns that cannot be used out, with why.
    pub(super) fn take_refused(&mut self) -> Vec<(usize, Error)> {
        std::mem::take(&mut self.refused)
    }

    /// The columns that cannot be used, with why.
    pub(super) fn refused(&self) -> &[(usize, Error)] {
        &self.refused
    }

    /// Whether anybody reads the column, and what is wrong in it is a fault.
    pub(super) fn is_read(&self, place: usize) -> bool {
        match self.meanings.get(place) {
            Some(Meaning::Unnamed) => !self.rules.ignore_unknown,
            Some(Meaning::LeftOut | Meaning::Ignored) => false,
            _ => true,
        }
    }

    /// The headings that are left out without having been named.
    pub(super) fn ignored(&self, header: &[String]) -> impl Iterator<Item = String> {
        let ignored = self.meanings.iter().enumerate().filter(|(_, meaning)| **meaning == Meaning::Ignored);
        ignored.map(|(place, _)| self.name(header, place))
    }

    /// The columns among those that are left out without having been named that may say who is switched off.
    pub(super) fn may_say_who_is_off<'a>(
        &'a self,
        header: &'a [String],
    ) -> impl Iterator<Item = (usize, Way)> + 'a {
        let ignored = self.meanings.iter().enumerate().filter(|(_, meaning)| **meaning == Meaning::Ignored);
        ignored.filter_map(|(place, _)| Some((place, Way::of(header.get(place)?, header)?)))
    }

    /// The headings of those, but for a status where another column says who is active, and for one that holds times.
    pub(super) fn lost(&self, header: &[String], holds_times: impl Fn(usize) -> bool) -> Vec<String> {
        let is_said = self.place(Field::Active).is_some();
        let is_lost = |(place, way): &(usize, Way)| *way == Way::Off || !is_said && !holds_times(*place);
        self.may_say_who_is_off(header).filter(is_lost).map(|(place, _)| self.name(header, place)).collect()
    }

    /// The columns without a name that are left out, whatever is in them.
    pub(super) fn nameless(&self) -> impl Iterator<Item = usize> + '_ {
        let places = self.meanings.iter().enumerate().filter(|_| self.rules.ignore_unknown);
        places.filter(|(_, meaning)| **meaning == Meaning::Unnamed).map(|(place, _)| place)
    }

    /// Whether somebody said what the words of a column stand for.
    pub(super) fn has_words(&self, place: usize) -> bool {
        let mut columns = self.sources.iter().flat_map(|source| &source.columns);
        columns.any(|column| column.place == place && column.words.is_some())
    }

    /// What to call a column so that no other is meant.
    pub(super) fn name(&self, header: &[String], place: usize) -> String {
        self.numbers.name(self.numbers.column(header, place))
    }

    /// The columns that are read to be compared.
    pub(super) fn compared(&self) -> impl Iterator<Item = (usize, ReadOnly)> + '_ {
        self.meanings.iter().enumerate().filter_map(|(place, meaning)| match meaning {
            Meaning::ReadOnly(what) if !what.is_passed_over => Some((place, *what)),
            _ => None,
        })
    }

    /// Where the value of a field comes from, if anything says it.
    pub(super) fn source(&self, field: Field) -> Option<&ValueSource<'r>> {
        self.sources
            .iter()
            .find(|source| source.field == field && (source.constant.is_some() || !source.columns.is_empty()))
    }

    /// The first column of a field.
    pub(super) fn place(&self, field: Field) -> Option<usize> {
        self.source(field).and_then(|source| source.columns.first()).map(|column| column.place)
    }

    /// Where each field comes from that anything says, by the first of its columns from left to right.
    pub(super) fn sources(&self) -> &[ValueSource<'r>] {
        &self.sources
    }

    /// Refuses what was typed and would do nothing to such a file.
    pub(super) fn check_options(&self, file: &str) -> Result<(), Error> {
        let file = || file.to_owned();
        let is_meant = |words: &&Words| {
            let mut columns = self.sources.iter().flat_map(|source| &source.columns);
            words.is_optional || columns.any(|column| column.words.is_some_and(|of| of == *words))
        };
        if let Some(words) = self.rules.words.iter().find(|words| !is_meant(words)) {
            return Err(Error::WordsOfNoField { file: file(), heading: words.heading.clone() });
        }
        let is_written = |constant: &&Constant| constant.is_optional || self.whom.has(constant.field);
        if let Some(constant) = self.rules.constants.iter().find(|constant| !is_written(constant)) {
            return Err(Error::NotOfAccounts { field: constant.field.name() });
        }
        let is_cleared = |clear: &&Clear| clear.is_optional || self.place(clear.field).is_some();
        match self.rules.clear.iter().find(|clear| !is_cleared(clear)) {
            Some(clear) => Err(Error::ClearsNothing { file: file(), field: clear.field.name() }),
            None => Ok(()),
        }
    }

    /// The fields that nothing says.
    pub(super) fn unsaid(&self) -> impl Iterator<Item = Field> + '_ {
        let is_whole = self.source(Field::FullName).is_some();
        let is_name = move |field: &Field| is_whole && matches!(field, Field::FirstName | Field::LastName);
        self.whom.fields().filter(move |field| self.source(*field).is_none() && !is_name(field))
    }

    pub(super) const fn rules(&self) -> &'r Rules {
        self.rules
    }
}

#[cfg(test)]
mod tests {
    use super::{Columns, Field, Headings, Meaning, Rules, Whom};
    use crate::user::import::rules::{Mapping, Words};

    fn columns(header: &[&str], map: &[&str]) -> Result<Vec<Meaning>, String> {
        let header: Vec<String> = header.iter().map(|&heading| heading.to_owned()).collect();
        let maps = map.iter().map(|text| Mapping::parse(text).unwrap()).collect();
        let rules = Rules { maps, ..Rules::default() };
        rules.check_headings("f", &header).map_err(|error| error.to_string())?;
        let columns = Columns::new(Headings { file: "f", header: &header }, &rules, Whom::People);
        match columns.refused.first() {
            Some((_, error)) => Err(error.to_string()),
            None => Ok(columns.meanings),
        }
    }

    #[test]
    fn headings_match_without_case_and_in_the_words_of_other_systems() {
        for (heading, field) in [
            ("E-Mail", Field::Email),
            ("First Name", Field::FirstName),
            ("sn", Field::LastName),
            ("require_2fa", Field::TwoFactorRequired),
            ("IS_STAFF", Field::Staff),
            ("Colour", Field::Color),
            ("telephoneNumber", Field::Phone),
            ("primaryEmail", Field::Email),
            ("jobTitle", Field::Position),
            ("Last Name [Required]", Field::LastName),
        ] {
            assert_eq!(columns(&[heading], &[]).unwrap(), [Meaning::Field(field)], "{heading}");
        }
    }

    #[test]
    fn a_mapping_names_a_column_or_leaves_it_out() {
        let found = columns(&["Пошта", "Salary"], &["пошта=email", "Salary=-"]);
        assert_eq!(found.unwrap(), [Meaning::Field(Field::Email), Meaning::LeftOut]);
        assert!(Mapping::parse("Пошта").is_err());
        assert!(Mapping::parse("Пошта=emial").unwrap_err().to_string().contains("emial"));
        assert!(columns(&["email"], &["Mail=email"]).is_err(), "no such heading");
    }

    #[test]
    fn one_of_equal_headings_is_chosen_by_its_number() {
        let (mail, other) = (Meaning::Field(Field::Email), Meaning::Ignored);
        let header = ["Mail", "Mail", "Mail"];
        assert_eq!(columns(&header, &["Mail#2=email"]).unwrap(), [other, mail, other]);
        let left_out = Meaning::LeftOut;
        assert_eq!(columns(&header, &["Mail=-", "Mail#3=email"]).unwrap(), [left_out, left_out, mail]);
        assert_eq!(columns(&header, &["Mail#1=-", "mail#3=-"]).unwrap(), [left_out, mail, left_out]);
        assert_eq!(columns(&header, &["Mail#3=email", "Mail#1=email"]).unwrap(), [mail, other, mail]);
        assert!(columns(&header, &["Mail=email"]).unwrap_err().contains("`Mail#1` and `Mail#2`"));
        assert!(columns(&header, &["Mail#4=email"]).unwrap_err().contains("Mail#4"));
        let unknown = columns(&["email", "Salary", "Salary"], &["Salary#2=-"]).unwrap_err();
        assert!(unknown.contains("`Salary#1`"), "{unknown}");
    }

    #[test]
    fn several_columns_of_a_field_are_in_the_order_of_their_mappings() {
        let header = ["office", "mobile"].map(str::to_owned);
        let maps = ["mobile=phone", "office=phone"].map(|text| Mapping::parse(text).unwrap()).to_vec();
        let rules = Rules { maps, ..Rules::default() };
        let columns = Columns::new(Headings { file: "f", header: &header }, &rules, Whom::People);
        let places: Vec<usize> =
            columns.source(Field::Phone).unwrap().columns.iter().map(|column| column.place).collect();
        assert_eq!(places, [1, 0]);
    }

    #[test]
    fn what_is_worked_out_is_known_in_files_of_ours_alone() {
        assert!(columns(&["id", "email", "status", "login_allowed"], &[]).is_ok());
        for heading in ["id", "status", "Status", "full_name", "employment", "last_login"] {
            assert!(columns(&["email", heading], &[]).is_err(), "{heading}");
        }
    }

    #[test]
    fn unknown_and_doubled_columns_are_refused() {
        assert!(columns(&["email", "salary"], &[]).unwrap_err().contains("salary"));
        assert!(columns(&["email", "E-mail"], &[]).unwrap_err().contains("E-mail"));
        assert!(
            columns(&["phone", "Phone"], &["phone=phone"]).is_err(),
            "the order of two of one name is nobody's"
        );
        assert!(columns(&["email", "password"], &[]).unwrap_err().contains("password"));
        assert!(columns(&["email", "Kennwort"], &["Kennwort=last_name"]).unwrap_err().contains("Kennwort"));
    }

    #[test]
    fn the_opposite_of_active_needs_its_words() {
        assert!(columns(&["suspended"], &["suspended=active"]).unwrap_err().contains("suspended"));
        let header = ["suspended".to_owned()];
        let rules = Rules {
            maps: vec![Mapping::parse("suspended=active").unwrap()],
            words: vec![Words::parse("suspended:1=no,0=yes").unwrap()],
            ..Rules::default()
        };
        let columns = Columns::new(Headings { file: "f", header: &header }, &rules, Whom::People);
        assert_eq!(columns.meanings, [Meaning::Field(Field::Active)]);
    }
}
