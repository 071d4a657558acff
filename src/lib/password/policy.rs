//! Which new passwords are accepted.
//!
//! Length, and not being what somebody else would try first: that is all. What makes a password easy to guess is that
//! it is popular, or that it is made of words which everybody who knows the person knows too.

use std::cmp::Reverse;

use super::common::is_common;
use super::error::Error;
use super::nfc;
use crate::text::fold::fold;
use crate::text::secret::Secret;

/// The most characters (Unicode scalar values after NFC) of a password.
pub(crate) const LONGEST_CHARACTERS: usize = 128;

/// The most bytes of a password, four for each character.
pub(crate) const LONGEST_BYTES: usize = 512;

/// How many characters have to be left without the words of the context.
const LEAST_OWN: usize = 8;

/// Shorter words occur in good passwords by chance and are not counted.
const SHORTEST_WORD: usize = 4;

/// How strict new passwords are checked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum PasswordProfile {
    /// At least 8 characters, as the manual says.
    Normal,
    /// At least 15 characters, or 10 where a second factor is required (NIST SP 800-63B).
    Strict,
}

/// How long a password of this account has to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Policy {
    /// The site's choice.
    pub(crate) profile: PasswordProfile,
    /// Whether the account may not log in without a second factor.
    pub(crate) second_factor: bool,
}

impl Policy {
    /// The fewest characters.
    pub(crate) const fn shortest(self) -> usize {
        match (self.profile, self.second_factor) {
            (PasswordProfile::Normal, _) => 8,
            (PasswordProfile::Strict, true) => 10,
            (PasswordProfile::Strict, false) => 15,
        }
    }
}

/// The words of a person's surroundings, as they are stored; empty ones count for nothing.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct About<'a> {
    /// First name, last name, patronymic.
    pub(crate) names: &'a [&'a str],
    /// The email address.
    pub(crate) email: &'a str,
    /// The company.
    pub(crate) company: &'a str,
    /// The name of the site.
    pub(crate) site: &'a str,
}

/// Fails with the reason unless `password` may be set.
///
/// That it differs from the current password is asked by [`super::is_same`], which has to hash it.
pub(crate) fn check(password: &Secret, policy: Policy, about: &About<'_>) -> Result<(), Error> {
    check_length(password, policy.shortest())?;
    // The folded text is as secret as the password.
    let folded = Secret::new(fold(password.expose()));
    check_context(&folded, about)?;
    if is_common(folded.expose()) { Err(Error::Common) } else { Ok(()) }
}

fn check_length(password: &Secret, shortest: usize) -> Result<(), Error> {
    // Looked at before anything is done with it, so that a very long one costs nothing. NFC of a longer text may be
    // shorter, at most three times (Hangul).
    if password.expose().len() > 3 * LONGEST_BYTES {
        return Err(Error::TooLong);
    }
    let composed = nfc(password);
    let length = composed.chars().count();
    if length > LONGEST_CHARACTERS || composed.len() > LONGEST_BYTES {
        return Err(Error::TooLong);
    }
    if length < shortest { Err(Error::TooShort { length, shortest }) } else { Ok(()) }
}

/// Fails if too little of the password is left without the words everybody knows.
fn check_context(folded: &Secret, about: &About<'_>) -> Result<(), Error> {
    let mut own = Secret::new(folded.expose().to_owned());
    let mut found = Vec::new();
    for word in words(about) {
        if own.expose().contains(&word.text) {
            // A sign in place of each word, so that what stood around it does not join to another word.
            own = Secret::new(own.expose().replace(&word.text, "\0"));
            found.push(word.whose);
        }
    }
    let left = own.expose().chars().filter(|c| *c != '\0').count();
    if found.is_empty() || left >= LEAST_OWN {
        return Ok(());
    }
    found.sort_unstable();
    found.dedup();
    Err(Error::Context { words: found.join(" and ") })
}

/// A word of the context, folded.
struct Word {
    whose: &'static str,
    text: String,
}

/// The words that count, the longest first, so that a part of a word does not hide the whole.
fn words(about: &About<'_>) -> Vec<Word> {
    let local_part = about.email.rsplit_once('@').map_or("", |(local, _)| local);
    let sources = about.names.iter().map(|name| ("the name", *name)).chain([
        ("the email address", local_part),
        ("the company", about.company),
        ("the name of this site", about.site),
    ]);
    let mut words: Vec<_> = sources
        .flat_map(|(whose, text)| forms(text).into_iter().map(move |text| Word { whose, text }))
        // Only as a whole: that a word is in the domain does not make it the person's.
        .chain([Word { whose: "the email address", text: fold(about.email) }])
        .filter(|word| word.text.chars().count() >= SHORTEST_WORD)
        .collect();
    words.sort_by_key(|word| Reverse(word.text.len()));
    words
}

/// The folded text as a whole, without its spaces and signs, and each of its parts.
fn forms(text: &str) -> Vec<String> {
    let whole = fold(text);
    let parts: Vec<_> = whole.split(|c: char| !c.is_alphanumeric()).map(str::to_owned).collect();
    let joined = parts.concat();
    [vec![whole, joined], parts].concat()
}
