//! Several names in one cell, as exports write them and imports read them: `Risk Managers; Operators@Acme Bank`.
//!
//! `;` stands between the entries, and a company's name may hold one. An entry that could be misread stands in quotation
//! marks, in which a quotation mark is written twice, as in a cell of CSV: `"Operators@Acme; Sons"; Readers`. So whatever
//! names there are, what is written comes back.

use std::borrow::Cow;

use crate::error::{Explain, Kind};

const SEPARATOR: char = ';';
const MARK: char = '"';

/// A list that cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum ListError {
    #[error("a quotation mark that begins an entry is not closed")]
    Unclosed,
    #[error("something stands between a closing quotation mark and the next `;`")]
    AfterMark,
}

impl Explain for ListError {
    fn code(&self) -> &'static str {
        "list.malformed"
    }

    fn kind(&self) -> Kind {
        Kind::Refused
    }

    fn advice(&self) -> Option<String> {
        Some("write an entry that begins with a quotation mark or holds `;` like `\"Acme; Sons\"`, each `\"` of its own twice".into())
    }
}

/// The entries as one text.
pub(crate) fn join<'a>(entries: impl IntoIterator<Item = Cow<'a, str>>) -> String {
    let mut text = String::new();
    for (count, entry) in entries.into_iter().enumerate() {
        if count > 0 {
            text.push(SEPARATOR);
            text.push(' ');
        }
        text.push_str(&quoted(&entry));
    }
    text
}

/// One entry as it stands in a list.
pub(crate) fn quoted(entry: &str) -> Cow<'_, str> {
    let is_plain = !entry.contains(SEPARATOR) && !entry.starts_with(MARK) && entry.trim() == entry;
    if is_plain { Cow::Borrowed(entry) } else { Cow::Owned(format!("\"{}\"", entry.replace(MARK, "\"\""))) }
}

/// The entries of a text, without the empty ones.
pub(crate) fn split(text: &str) -> Result<Vec<String>, ListError> {
    let mut entries = Vec::new();
    let mut rest = text.trim_start();
    while !rest.is_empty() {
        let (entry, after) = if let Some(inner) = rest.strip_prefix(MARK) {
            quoted_entry(inner)?
        } else {
            let (entry, after) = rest.split_once(SEPARATOR).unwrap_or((rest, ""));
            (entry.trim_end().to_owned(), after)
        };
        if !entry.is_empty() {
            entries.push(entry);
        }
        rest = after.trim_start();
    }
    Ok(entries)
}

/// The entry whose quotation mark was opened, and what stands behind the separator after it.
fn quoted_entry(mut rest: &str) -> Result<(String, &str), ListError> {
    let mut entry = String::new();
    loop {
        let (part, after) = rest.split_once(MARK).ok_or(ListError::Unclosed)?;
        entry.push_str(part);
        let Some(more) = after.strip_prefix(MARK) else {
            let after = after.trim_start();
            let next = if after.is_empty() { Some("") } else { after.strip_prefix(SEPARATOR) };
            return Ok((entry, next.ok_or(ListError::AfterMark)?));
        };
        entry.push(MARK);
        rest = more;
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn plain_names_stay_plain() {
        let names = ["Risk Managers", "Read-Only@Acme Bank", "the \"old\" ones"];
        let text = join(names.map(Cow::Borrowed));
        assert_eq!(text, "Risk Managers; Read-Only@Acme Bank; the \"old\" ones");
        assert_eq!(split(&text).unwrap(), names);
        assert_eq!(split(" a;;b ; ").unwrap(), ["a", "b"]);
        assert_eq!(split(" ").unwrap(), [""; 0]);
    }

    #[test]
    fn what_could_be_misread_stands_in_quotation_marks() {
        assert_eq!(quoted("Group@acme-bank;Power"), "\"Group@acme-bank;Power\"");
        assert_eq!(quoted("\"A\" team"), "\"\"\"A\"\" team\"");
        assert_eq!(split("\"Group@acme-bank;Power\";Readers").unwrap(), ["Group@acme-bank;Power", "Readers"]);
    }

    #[test]
    fn a_list_that_is_no_list_is_refused() {
        assert_eq!(split("\"a;b"), Err(ListError::Unclosed));
        assert_eq!(split("\"a\" b;c"), Err(ListError::AfterMark));
        assert!(ListError::Unclosed.advice().unwrap().contains("\"Acme; Sons\""));
    }

    proptest! {
        #[test]
        fn whatever_the_entries_are_called_they_come_back(entries in prop::collection::vec("[ab;\"@' ,|я]{0,6}", 0..5)) {
            let named: Vec<String> = entries.iter().filter(|entry| !entry.is_empty()).cloned().collect();
            let text = join(named.iter().map(|entry| Cow::Borrowed(entry.as_str())));
            prop_assert_eq!(split(&text), Ok(named));
        }
    }
}
