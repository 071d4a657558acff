//! What must hold of a person's facts, whoever writes them. Single values are checked by their own types in `text`.

use super::{Error, Facts};
use crate::i18n::Language;

/// Checks the facts against each other.
pub(super) fn check(facts: &Facts) -> Result<(), Error> {
    if facts.first_name.is_some() != facts.last_name.is_some() {
        return Err(Error::Missing {
            what: "one of the two names",
            field: if facts.first_name.is_none() { "first_name" } else { "last_name" },
            flag: "--first-name and --last-name",
        });
    }
    let needs_profile = [&facts.company, &facts.department, &facts.position, &facts.phone, &facts.color];
    if !facts.has_profile() && needs_profile.iter().any(|fact| fact.is_some()) {
        return Err(Error::NoProfile { email: facts.email.clone() });
    }
    if facts.has_profile() && facts.company.is_none() && !facts.deleted {
        return Err(Error::Missing { what: "the company", field: "company", flag: "--company NAME" });
    }
    check_dates(facts)?;
    facts.language.as_deref().map_or(Ok(()), |language| check_language(language).map(|_| ()))
}

/// The end does not lie before the start.
pub(super) fn check_dates(facts: &Facts) -> Result<(), Error> {
    match (facts.start_date, facts.end_date) {
        (Some(start), Some(end)) if end < start => Err(Error::EndBeforeStart { start, end }),
        _ => Ok(()),
    }
}

/// A language that pages and mails have.
pub(super) fn check_language(language: &str) -> Result<&str, Error> {
    match Language::tagged(language) {
        Some(_) => Ok(language),
        None => Err(Error::Language { language: language.to_owned() }),
    }
}
