//! Files of options, and those shipped for the exports of other systems.
//!
//! What such a file says of a column counts where the file to import has it: one file of options serves exports with more and
//! with fewer columns. A field lists its headings in the order in which the first filled one counts.

use std::collections::BTreeMap;
use std::num::NonZeroU64;

use serde::Deserialize;

use super::Error;
use super::field::Field;
use super::heading::is_same;
use super::rules::{Clear, Constant, Mapping, Rules, Words, delimiter, email_domain, separator};
use crate::tabular::{Encoding, ReadOptions};
use crate::text::date_order::DateOrder;
use crate::text::fold::fold;

/// Options for the export of one other system.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Profile {
    Entra,
    Google,
    Okta,
    Ad,
    Moodle,
}

impl Profile {
    pub(crate) const ALL: [Self; 5] = [Self::Entra, Self::Google, Self::Okta, Self::Ad, Self::Moodle];

    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Entra => "entra",
            Self::Google => "google",
            Self::Okta => "okta",
            Self::Ad => "ad",
            Self::Moodle => "moodle",
        }
    }

    /// The file itself.
    pub(crate) const fn text(self) -> &'static str {
        match self {
            Self::Entra => include_str!("profiles/entra.toml"),
            Self::Google => include_str!("profiles/google.toml"),
            Self::Okta => include_str!("profiles/okta.toml"),
            Self::Ad => include_str!("profiles/ad.toml"),
            Self::Moodle => include_str!("profiles/moodle.toml"),
        }
    }

    /// What it says.
    pub(crate) fn options(self) -> Result<FileOptions, Error> {
        FileOptions::parse(self.name(), self.text())
    }

    /// The profile of the system that writes such a header, if it is one of them.
    pub(super) fn of_header(header: &[String]) -> Option<Self> {
        // A name in small letters is one that others write with capitals.
        let is_small = |known: &str| !known.contains(char::is_uppercase);
        let is = |heading: &str, known: &str| heading == known || !is_small(known) && is_same(heading, known);
        let has = |known: &String| header.iter().any(|heading| is(heading, known));
        Self::ALL.into_iter().find(|profile| {
            let known = profile.options().map(|options| options.recognised_by).unwrap_or_default();
            !known.is_empty() && known.iter().all(has)
        })
    }
}

/// What a file of options says.
#[derive(Debug, Clone, Default)]
pub(crate) struct FileOptions {
    /// How rows are read.
    pub(crate) rules: Rules,
    encoding: Option<Encoding>,
    delimiter: Option<char>,
    sheet: Option<String>,
    header_line: Option<NonZeroU64>,
    recognised_by: Vec<String>,
}

/// The file as it is written.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct Written {
    recognised_by: Vec<String>,
    ignore_unknown: bool,
    leave_out: Vec<String>,
    map: BTreeMap<String, OneOrMany>,
    values: BTreeMap<String, BTreeMap<String, String>>,
    set: BTreeMap<String, String>,
    clear: Vec<String>,
    date_format: Option<String>,
    email_domain: Option<String>,
    department_separator: Option<String>,
    header_line: Option<NonZeroU64>,
    encoding: Option<String>,
    delimiter: Option<String>,
    sheet: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(untagged)]
enum OneOrMany {
    One(String),
    Many(Vec<String>),
}

impl OneOrMany {
    fn into_vec(self) -> Vec<String> {
        match self {
            Self::One(one) => vec![one],
            Self::Many(many) => many,
        }
    }
}

impl FileOptions {
    /// Reads a file of options of this name.
    pub(crate) fn parse(name: &str, text: &str) -> Result<Self, Error> {
        let bad = |reason: String| Error::BadOptions { file: name.to_owned(), reason };
        let written: Written = toml::from_str(text).map_err(|error| bad(first_line(&error)))?;
        let told = |option: &str, reason: &str| bad(format!("{option}: {reason}"));
        let domain = written.email_domain.map(|text| email_domain(&text));
        let between = written.department_separator.map(|text| separator(&text));
        let order = written.date_format.map(|name| {
            DateOrder::named(&name).ok_or_else(|| bad(format!("`{name}` is none of dmy, mdy and ymd")))
        });
        let mut rules = Rules {
            ignore_unknown: written.ignore_unknown,
            date_order: order.transpose()?,
            email_domain: domain.transpose().map_err(|reason| told("email_domain", reason))?,
            department_separator: between
                .transpose()
                .map_err(|reason| told("department_separator", reason))?,
            ..Rules::default()
        };
        for (field, headings) in written.map {
            let known = Field::of_name(&field).ok_or_else(|| bad(format!("there is no field `{field}`")))?;
            let headings = headings.into_vec().into_iter();
            rules.maps.extend(headings.map(|heading| Mapping {
                heading,
                field: Some(known),
                is_optional: true,
            }));
        }
        let left_out = written.leave_out.into_iter();
        rules.maps.extend(left_out.map(|heading| Mapping { heading, field: None, is_optional: true }));
        rules.words.extend(written.values.into_iter().map(|(heading, words)| Words {
            heading,
            values: words.into_iter().map(|(word, value)| (fold(&word), value)).collect(),
            is_optional: true,
        }));
        for (field, value) in written.set {
            let constant = Constant::parse(&format!("{field}={value}"))?;
            rules.constants.push(Constant { is_optional: true, ..constant });
        }
        for name in &written.clear {
            rules.clear.push(Clear { is_optional: true, ..Clear::parse(name)? });
        }
        if let Some((one, other)) = rules.contradiction() {
            return Err(bad(format!("`{}` and `{}` contradict each other", one.trim(), other.trim())));
        }
        let encoding = written
            .encoding
            .map(|name| Encoding::named(&name).ok_or_else(|| bad(format!("there is no encoding `{name}`"))));
        let delimiter = written.delimiter.map(|text| delimiter(&text));
        Ok(Self {
            rules,
            encoding: encoding.transpose()?,
            delimiter: delimiter.transpose().map_err(|reason| told("delimiter", reason))?,
            sheet: written.sheet,
            header_line: written.header_line,
            recognised_by: written.recognised_by,
        })
    }

    /// Says how a file is read where that was not typed.
    pub(crate) fn fill(&self, read: &mut ReadOptions) {
        if read.encoding == Encoding::Auto {
            read.encoding = self.encoding.unwrap_or_default();
        }
        read.delimiter = read.delimiter.or(self.delimiter);
        read.header_line = read.header_line.or(self.header_line.map(NonZeroU64::get));
        if read.sheet.is_none() {
            read.sheet.clone_from(&self.sheet);
        }
    }
}

/// What is wrong, without the picture of the line.
fn first_line(error: &toml::de::Error) -> String {
    error.message().lines().next().unwrap_or_default().to_owned()
}

#[cfg(test)]
mod tests {
    use super::{FileOptions, Profile};

    #[test]
    fn every_profile_reads_and_knows_its_own_file() {
        for profile in Profile::ALL {
            let options = profile.options().unwrap();
            assert_eq!(Profile::of_header(&options.recognised_by), Some(profile), "{}", profile.name());
            assert!(options.rules.ignore_unknown && !options.rules.maps.is_empty());
        }
        let of = |header: &[&str]| {
            Profile::of_header(&header.iter().map(|&heading| heading.to_owned()).collect::<Vec<_>>())
        };
        assert_eq!(of(&["email", "firstname"]), None);
        assert_eq!(of(&["username", "firstname", "lastname", "email"]), Some(Profile::Moodle));
        assert_eq!(of(&["username", "firstName", "lastName", "email"]), None, "Keycloak's");
    }

    #[test]
    fn what_a_file_of_options_says_wrongly_is_told() {
        let wrong = |text: &str| FileOptions::parse("o.toml", text).unwrap_err().to_string();
        assert!(wrong("ignor_unknown = true").contains("ignor_unknown"));
        assert!(wrong("[map]\nemial = \"Mail\"").contains("emial"));
        assert!(wrong("date_format = \"dym\"").contains("dym"));
        assert!(wrong("clear = [\"email\"]").contains("email"));
        assert!(wrong("delimiter = \";;\"").contains("one character"));
        for nothing in ["", "  "] {
            let text = format!("department_separator = \"{nothing}\"");
            assert!(wrong(&text).contains("department_separator: give what stands between"), "{text}");
        }
        assert!(wrong("email_domain = \"acme\"").contains("email_domain: give a domain"));
        assert!(wrong("header_line = 0").contains("nonzero"), "{}", wrong("header_line = 0"));
        assert!(wrong("encoding = \"koi8\"").contains("koi8"));
    }
}
