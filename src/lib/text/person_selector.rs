//! Whom somebody means by what they typed.

use super::email;

/// What an account is looked up by: its id, or an email.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum PersonSelector {
    /// A number is an id.
    Id(i64),
    /// Anything else is an email, as it is compared ([`email::key`]).
    Email(String),
}

impl PersonSelector {
    /// What was typed.
    pub(crate) fn of(typed: &str) -> Self {
        typed.parse().map_or_else(|_| Self::Email(email::key(typed)), Self::Id)
    }
}

#[cfg(test)]
mod tests {
    use super::PersonSelector;

    #[test]
    fn a_number_is_an_id_and_anything_else_an_email_in_whatever_spelling() {
        let email = |key: &str| PersonSelector::Email(key.to_owned());
        assert_eq!(PersonSelector::of("7"), PersonSelector::Id(7));
        assert_eq!(PersonSelector::of("7 "), email("7"));
        assert_eq!(PersonSelector::of("7@ACME.example"), email("7@acme.example"));
        assert_eq!(PersonSelector::of("9223372036854775808"), email("9223372036854775808"));
    }
}
