//! How a file is to be read: what its columns mean, what their words stand for, and what it does not say itself.
//!
//! All of it comes from options ([`crate::user::cli`]), from a file of options or from a profile ([`mod@super::profile`]). What
//! was typed is stronger than a file, and a file than a profile.

use super::Error;
use super::doubled::{self, Column, numbered};
use super::error::option;
use super::field::Field;
use super::heading::is_same;
use super::opposite::{is_opposite, is_yes};
use crate::text::date_order::DateOrder;
use crate::text::fold::fold;

/// How to read a file.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Rules {
    /// Headings that mean something else than they say; of several for one field the first that is filled counts.
    pub(crate) maps: Vec<Mapping>,
    /// What the words of a column stand for.
    pub(crate) words: Vec<Words>,
    /// What is the same for everybody of whom the file does not say it.
    pub(crate) constants: Vec<Constant>,
    /// In which order days are written that are not written as ISO 8601 has them.
    pub(crate) date_order: Option<DateOrder>,
    /// Columns that nobody knows are left out.
    pub(crate) ignore_unknown: bool,
    /// What stands behind the `@` where a cell has the part before it only.
    pub(crate) email_domain: Option<String>,
    /// What stands between a department and those in it.
    pub(crate) department_separator: Option<String>,
    /// Fields that an empty cell clears.
    pub(crate) clear: Vec<Clear>,
}

/// A heading and the field it is to mean; none for a column that is left out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Mapping {
    pub(super) heading: String,
    pub(super) field: Option<Field>,
    /// Of a file of options, which is for many files: it counts where there is such a column.
    pub(super) is_optional: bool,
}

/// What the words of a column stand for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Words {
    pub(super) heading: String,
    /// Each word folded, with its value.
    pub(super) values: Vec<(String, String)>,
    pub(super) is_optional: bool,
}

/// A field and its value for everybody of whom the file does not say it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Constant {
    pub(super) field: Field,
    pub(super) value: String,
    /// Of a file of options: it counts where such an import writes the field.
    pub(super) is_optional: bool,
}

/// A field that an empty cell clears.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Clear {
    pub(super) field: Field,
    /// Of a file of options: it counts where there is such a column.
    pub(super) is_optional: bool,
}

impl Mapping {
    /// Reads `HEADING=FIELD`, or `HEADING=-` to leave a column out.
    pub(crate) fn parse(text: &str) -> Result<Self, Error> {
        let (heading, field) = text.rsplit_once('=').ok_or_else(|| bad_mapping(text, None))?;
        let field = match field.trim() {
            "-" => None,
            name => Some(Field::of_name(name).ok_or_else(|| bad_mapping(text, Some(name)))?),
        };
        Ok(Self { heading: heading.to_owned(), field, is_optional: false })
    }
}

fn bad_mapping(text: &str, field: Option<&str>) -> Error {
    let near = field.and_then(|field| Field::near(field).first().map(|near| (*near).to_owned()));
    Error::BadMapping { text: text.to_owned(), near }
}

impl Words {
    /// Reads `HEADING:Word=value,Word=value`.
    pub(crate) fn parse(text: &str) -> Result<Self, Error> {
        let bad = || Error::BadWords { text: text.to_owned() };
        let first_value = text.find('=').ok_or_else(bad)?;
        let colon = text.get(..first_value).and_then(|before| before.rfind(':')).ok_or_else(bad)?;
        let (heading, words) = text.split_at_checked(colon).ok_or_else(bad)?;
        let values = words.trim_start_matches(':').split(',').map(|word| {
            let (word, value) = word.split_once('=').ok_or_else(bad)?;
            Ok((fold(word.trim()), value.trim().to_owned()))
        });
        Ok(Self {
            heading: heading.to_owned(),
            values: values.collect::<Result<_, Error>>()?,
            is_optional: false,
        })
    }

    /// Reads several; what is said of one column belongs together.
    pub(crate) fn parse_all(texts: &[String]) -> Result<Vec<Self>, Error> {
        let mut all: Vec<Self> = Vec::new();
        for text in texts {
            let new = Self::parse(text)?;
            match all.iter_mut().find(|words| is_same(&words.heading, &new.heading)) {
                Some(words) => words.values.extend(new.values),
                None => all.push(new),
            }
        }
        Ok(all)
    }

    /// A word that says that somebody is off and would be read as active; in a column that says it of everybody, a yes.
    pub(super) fn misread_as_active(&self, is_turned: bool) -> Option<&str> {
        let is_active = |value: &str| matches!(fold(value).as_str(), "yes" | "true" | "1");
        let is_misread = |(word, value): &&(String, String)| {
            is_active(value) && (is_opposite(word) || is_turned && is_yes(word))
        };
        self.values.iter().find(is_misread).map(|(word, _)| word.as_str())
    }

    /// What a word stands for; nothing if it is not listed.
    pub(super) fn value(&self, word: &str) -> Option<&str> {
        let word = fold(word);
        self.values.iter().find(|(known, _)| *known == word).map(|(_, value)| value.as_str())
    }
}

impl Constant {
    /// Reads `FIELD=VALUE`.
    pub(crate) fn parse(text: &str) -> Result<Self, Error> {
        let bad = |near| Error::BadConstant { text: text.to_owned(), near };
        let (name, value) = text.split_once('=').ok_or_else(|| bad(None))?;
        let near = || Field::near(name).first().map(|near| (*near).to_owned());
        let field = Field::of_name(name).ok_or_else(|| bad(near()))?;
        // One email is one person's, and a hash one account's.
        let is_common = !matches!(field, Field::Email | Field::PasswordHash | Field::FullName);
        if value.trim().is_empty() || !is_common {
            Err(bad(None))
        } else {
            Ok(Self { field, value: value.trim().to_owned(), is_optional: false })
        }
    }
}

impl Rules {
    /// Takes what these do not say from weaker ones, the words of a column one by one. Where one of several columns was chosen by its number, the others of its
    /// like are left out, whatever those say of their heading.
    pub(crate) fn or(mut self, weaker: Self) -> Self {
        let is_unsaid = |map: &Mapping| !self.says(&map.heading) && !self.chooses(&map.heading);
        let maps = weaker.maps.into_iter().filter(is_unsaid).collect::<Vec<_>>();
        for weaker in weaker.words {
            match self.words.iter_mut().find(|words| is_same(&words.heading, &weaker.heading)) {
                // The first that is listed counts.
                Some(words) => words.values.extend(weaker.values),
                None => self.words.push(weaker),
            }
        }
        let constants =
            weaker.constants.into_iter().filter(|constant| self.constant(constant.field).is_none());
        let constants = constants.collect::<Vec<_>>();
        self.maps.extend(maps);
        self.constants.extend(constants);
        self.clear.extend(weaker.clear);
        Self {
            date_order: self.date_order.or(weaker.date_order),
            ignore_unknown: self.ignore_unknown || weaker.ignore_unknown,
            email_domain: self.email_domain.or(weaker.email_domain),
            department_separator: self.department_separator.or(weaker.department_separator),
            ..self
        }
    }

    /// Two of these that say different things of the same.
    pub(crate) fn contradiction(&self) -> Option<(String, String)> {
        let maps = self.maps.iter().enumerate().find_map(|(place, one)| {
            let differs =
                |other: &&Mapping| one.field != other.field && is_same(&one.heading, &other.heading);
            let other = self.maps.iter().skip(place + 1).find(differs)?;
            let told = |map: &Mapping| {
                option("--map", &format!("{}={}", map.heading, map.field.map_or("-", Field::name)))
            };
            Some((told(one), told(other)))
        });
        let words = || {
            self.words.iter().find_map(|words| {
                words.values.iter().enumerate().find_map(|(place, (word, value))| {
                    let mut later = words.values.iter().skip(place + 1);
                    let (_, other) =
                        later.find(|(same, other)| same == word && fold(other) != fold(value))?;
                    let told = |value: &str| option("--values", &format!("{}:{word}={value}", words.heading));
                    Some((told(value), told(other)))
                })
            })
        };
        let told =
            |constant: &Constant| option("--set", &format!("{}={}", constant.field.name(), constant.value));
        let constants = || {
            self.constants.iter().enumerate().find_map(|(place, one)| {
                let mut later = self.constants.iter().skip(place + 1);
                let other = later.find(|other| one.field == other.field && one.value != other.value)?;
                Some((told(one), told(other)))
            })
        };
        let cleared = || {
            let constant = self.constants.iter().find(|constant| self.clears(constant.field))?;
            Some((told(constant), option("--clear", constant.field.name())))
        };
        maps.or_else(words).or_else(constants).or_else(cleared)
    }

    /// The mapping of a column, with its place among all.
    pub(super) fn mapping(&self, column: Column<'_>) -> Option<(usize, &Mapping)> {
        let place = said_of(column, self.maps.iter().map(|map| map.heading.as_str()))?;
        self.maps.get(place).map(|map| (place, map))
    }

    pub(super) fn words_of(&self, column: Column<'_>) -> Option<&Words> {
        let place = said_of(column, self.words.iter().map(|words| words.heading.as_str()))?;
        self.words.get(place)
    }

    /// Whether a mapping is of what is called so, whatever number it has.
    pub(super) fn says(&self, name: &str) -> bool {
        let heading = numbered(name).map_or(name, |(heading, _)| heading);
        self.maps.iter().any(|map| is_same(&map.heading, name) || is_same(&map.heading, heading))
    }

    /// Whether one of several columns of this heading is said to be a field, by its number.
    pub(super) fn chooses(&self, heading: &str) -> bool {
        let chosen = self.maps.iter().filter(|map| map.field.is_some());
        let chosen = chosen.filter_map(|map| numbered(&map.heading));
        chosen.into_iter().any(|(of, _)| is_same(of, heading))
    }

    /// Whether a file of options says that one of these columns is the field.
    pub(super) fn names_one_of(&self, header: &[String], field: Field) -> bool {
        let mut maps = self.maps.iter().filter(|map| map.is_optional && map.field == Some(field));
        maps.any(|map| doubled::has(header, &map.heading))
    }

    pub(super) fn constant(&self, field: Field) -> Option<&str> {
        self.constants.iter().find(|constant| constant.field == field).map(|constant| constant.value.as_str())
    }

    /// Whether an empty cell clears the field.
    pub(super) fn clears(&self, field: Field) -> bool {
        self.clear.iter().any(|clear| clear.field == field)
    }

    /// The headings that are left out by name.
    pub(super) fn left_out(&self) -> Vec<String> {
        self.maps.iter().filter(|map| map.field.is_none()).map(|map| map.heading.clone()).collect()
    }

    /// Refuses what is said of a column that the file does not have.
    pub(super) fn check_headings(&self, file: &str, header: &[String]) -> Result<(), Error> {
        let maps = self.maps.iter().filter(|map| !map.is_optional).map(|map| &map.heading);
        let words = self.words.iter().filter(|words| !words.is_optional).map(|words| &words.heading);
        // Nobody looks into a key that is left out, so it may be one of an object.
        match maps.chain(words).find(|said| !doubled::has(header, said)) {
            None => Ok(()),
            Some(heading) => Err(Error::MappedColumnMissing {
                file: file.to_owned(),
                heading: heading.clone(),
                header: doubled::names(header),
            }),
        }
    }
}

/// Which of these is said of the column: the one with its number, else the one that is written just so, else one that is the
/// same.
fn said_of<'s>(column: Column<'_>, said: impl Iterator<Item = &'s str> + Clone) -> Option<usize> {
    let place = |is: &dyn Fn(&str) -> bool| said.clone().position(is);
    place(&|said| column.is_numbered(said))
        .or_else(|| place(&|said| said == column.heading))
        .or_else(|| place(&|said| column.is(said)))
}

impl Clear {
    /// Reads the name of a field that an empty cell may clear.
    pub(crate) fn parse(name: &str) -> Result<Self, Error> {
        let field = Field::of_name(name).filter(|field| field.is_optional());
        let field = field.ok_or_else(|| Error::NotOptional { field: name.to_owned() })?;
        Ok(Self { field, is_optional: false })
    }
}

/// Reads what stands behind the `@`, with it or without.
///
/// # Errors
/// What to give instead.
pub(crate) fn email_domain(text: &str) -> Result<String, &'static str> {
    let domain = text.trim().trim_start_matches('@');
    if domain.contains('.') && !domain.contains(['@', ' ']) {
        Ok(domain.to_owned())
    } else {
        Err("give a domain, such as `acme.example`")
    }
}

/// Reads what stands between a department and those in it, blanks and all.
///
/// # Errors
/// What to give instead.
pub(crate) fn separator(text: &str) -> Result<String, &'static str> {
    if text.trim().is_empty() { Err("give what stands between, such as `>`") } else { Ok(text.to_owned()) }
}

/// Reads what separates the cells of CSV.
///
/// # Errors
/// What to give instead.
pub(crate) fn delimiter(text: &str) -> Result<char, &'static str> {
    let mut characters = text.chars();
    match (text, characters.next(), characters.next()) {
        ("tab" | "\\t", _, _) => Ok('\t'),
        (_, Some(only), None) => Ok(only),
        _ => Err("give one character, or `tab`"),
    }
}

#[cfg(test)]
mod tests {
    use super::{Constant, Mapping, Rules, Words};

    #[test]
    fn words_stand_behind_their_heading() {
        let words = Words::parse("Status [READ ONLY]:Active=yes,Suspended=no,n/a=").unwrap();
        assert_eq!(words.heading, "Status [READ ONLY]");
        assert_eq!(
            (words.value("ACTIVE"), words.value("N/A"), words.value("Gone")),
            (Some("yes"), Some(""), None)
        );
        assert_eq!(Words::parse("a:b:c=d").unwrap().heading, "a:b");
        for text in ["", "Status", "Status:Active", "Active=yes", "Status:Active=yes,Suspended"] {
            assert!(Words::parse(text).is_err(), "{text}");
        }
    }

    #[test]
    fn a_constant_is_one_that_many_may_have() {
        assert_eq!(Constant::parse("company=Acme = Sons").unwrap().value, "Acme = Sons");
        for text in ["company", "company=", "email=a@x.example", "compnay=Acme", "password_hash=x"] {
            assert!(Constant::parse(text).is_err(), "{text}");
        }
    }

    #[test]
    fn what_was_typed_is_stronger() {
        let rules = |map: &str, constant: &str| Rules {
            maps: vec![Mapping::parse(map).unwrap()],
            constants: vec![Constant::parse(constant).unwrap()],
            ..Rules::default()
        };
        let both = rules("Mail=email", "company=A").or(rules("mail=-", "company=B"));
        assert_eq!(both, rules("Mail=email", "company=A"));
        assert_eq!(rules("Mail=email", "company=A").or(rules("Phone=phone", "staff=no")).maps.len(), 2);
        let maps = |typed: &str| rules(typed, "company=A").or(rules("mail=email", "company=B")).maps;
        assert_eq!(
            maps("Mail#2=email"),
            [Mapping::parse("Mail#2=email").unwrap()],
            "the others are left out"
        );
        assert_eq!(maps("Mail#2=-").len(), 2, "the others mean what they meant");
    }
}
