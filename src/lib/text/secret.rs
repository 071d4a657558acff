//! Text that must not be seen again: passwords, keys, tokens as they were typed.

use std::fmt;

use zeroize::Zeroizing;

/// A secret text; wiped from memory when dropped, and never printed.
///
/// It has no `Display` and no `Serialize`, so that it cannot slip into a message, a log or an export.
#[derive(Clone)]
pub(crate) struct Secret(Zeroizing<String>);

impl Secret {
    /// Takes the text over, so that no copy of it stays behind.
    pub(crate) fn new(text: String) -> Self {
        Self(Zeroizing::new(text))
    }

    /// The secret itself, for the one place that needs it.
    pub(crate) fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::Secret;

    #[test]
    fn a_secret_does_not_show_in_debug_output() {
        let secret = Secret::new("correct horse".into());
        assert_eq!(format!("{secret:?} {:?}", Some(&secret)), "Secret(…) Some(Secret(…))");
        assert_eq!(secret.clone().expose(), "correct horse");
    }
}
