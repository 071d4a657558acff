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

/// What the hash of a password begins with, as Django, bcrypt, Argon2 and the users of a machine have it.
const HASHES: [&str; 15] = [
    "pbkdf2_sha",
    "argon2$",
    "bcrypt$",
    "bcrypt_sha256$",
    "scrypt$",
    "sha1$",
    "md5$",
    "$argon2",
    "$2a$",
    "$2b$",
    "$2y$",
    "$1$",
    "$5$",
    "$6$",
    "$y$",
];

/// Whether a text holds what looks like the hash of a password, complete or not: it is not repeated to anybody.
pub(crate) fn holds_hash(text: &str) -> bool {
    text.matches('$').nth(1).is_some() && HASHES.iter().any(|beginning| text.contains(beginning))
}

/// Words of which one in the name of a column says that its values are secrets, in the languages of our neighbours too.
const SECRET_WORDS: [&str; 18] = [
    "password",
    "passwd",
    "passwort",
    "kennwort",
    "passphrase",
    "pwd",
    "secret",
    "hash",
    "token",
    "apikey",
    "privatekey",
    "motdepasse",
    "contraseña",
    "parola",
    "hasło",
    "heslo",
    "lösenord",
    "парол",
];

/// Whether what stands under this name is a secret: it is not repeated to anybody.
pub(crate) fn is_secret_name(name: &str) -> bool {
    let plain = |c: &char| !matches!(c, ' ' | '_' | '-' | '.');
    let name: String = name.chars().filter(plain).flat_map(char::to_lowercase).collect();
    SECRET_WORDS.iter().any(|word| name.contains(word))
}

#[cfg(test)]
mod tests {
    use super::{Secret, holds_hash, is_secret_name};

    #[test]
    fn names_of_secrets_are_known_in_several_languages() {
        for name in
            ["Password [Required]", "user.PASSWD", "pwd", "Kennwort", "API key", "Mot de passe", "Пароль"]
        {
            assert!(is_secret_name(name), "{name}");
        }
        for name in ["email", "passport", "key", "Pass"] {
            assert!(!is_secret_name(name), "{name}");
        }
    }

    #[test]
    fn hashes_are_known_wherever_they_stand_and_money_is_none() {
        for hash in [
            "pbkdf2_sha256$1200000$salt$AbC=",
            "a;argon2$argon2id$v=19$m=8",
            "$2b$12$abc",
            "$6$salt$abc",
            "md5$a$b",
        ] {
            assert!(holds_hash(hash), "{hash}");
        }
        for other in ["", "$", "from $5 to $6", "argon2", "Acme $$"] {
            assert!(!holds_hash(other), "{other}");
        }
    }

    #[test]
    fn a_secret_does_not_show_in_debug_output() {
        let secret = Secret::new("correct horse".into());
        assert_eq!(format!("{secret:?} {:?}", Some(&secret)), "Secret(…) Some(Secret(…))");
        assert_eq!(secret.clone().expose(), "correct horse");
    }
}
