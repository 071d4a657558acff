//! What must hold of a person's facts, whoever writes them. Single values are checked by their own types in `text`.

use super::{Error, Facts};

/// The languages that pages and mails have.
pub(super) const LANGUAGES: [&str; 2] = ["en", "uk"];

/// Checks the facts against each other.
pub(super) fn check(facts: &Facts) -> Result<(), Error> {
    if facts.has_profile() && facts.company.is_none() && !facts.deleted {
        return Err(Error::Missing { field: "the company", flag: "--company" });
    }
    if let (Some(start), Some(end)) = (facts.start_date, facts.end_date)
        && end < start
    {
        return Err(Error::EndBeforeStart { start, end });
    }
    match &facts.language {
        Some(language) if !LANGUAGES.contains(&language.as_str()) => {
            Err(Error::Language { language: language.clone() })
        }
        _ => Ok(()),
    }
}
