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

/// What the hash of a password begins with, as Django, bcrypt, Argon2, PHP and the users of a machine have it.
const HASHES: [&str; 18] = [
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
    "$P$",
    "$H$",
    "$S$",
];

/// What stands in braces before the password of a directory (RFC 2307), or of Spring, hashed or not: as far as its first digit or
/// hyphen.
const SCHEMES: [&str; 13] = [
    "sha",
    "ssha",
    "md",
    "smd",
    "crypt",
    "pbkdf",
    "argon",
    "bcrypt",
    "scrypt",
    "blf",
    "clear",
    "cleartext",
    "noop",
];

/// Whether a text holds what looks like the hash of a password, complete or not: it is not repeated to anybody.
pub(crate) fn holds_hash(text: &str) -> bool {
    text.matches('$').nth(1).is_some() && HASHES.iter().any(|beginning| text.contains(beginning))
        || text.contains('{') && text.split('{').skip(1).any(is_behind_scheme)
}

/// Whether this is the name of a scheme, such as `SSHA512`, its closing brace and something behind it.
fn is_behind_scheme(text: &str) -> bool {
    let Some((scheme, value)) = text.split_once('}') else { return false };
    let scheme = scheme.to_ascii_lowercase();
    let scheme = scheme.strip_prefix("x-").unwrap_or(&scheme);
    let is_part = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
    let name = scheme.split(|c: char| !c.is_ascii_alphabetic()).next().unwrap_or_default();
    SCHEMES.contains(&name) && scheme.chars().all(is_part) && value.starts_with(|c: char| !c.is_whitespace())
}

/// Words of which one in the name of a column says that its values are secrets, in the languages of our neighbours too.
const SECRET_WORDS: [&str; 38] = [
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
    "senha",
    "contrasena",
    "contrasenya",
    "palavrapasse",
    "wachtwoord",
    "adgangskode",
    "passord",
    "losenord",
    "salasana",
    "haslo",
    "lozinka",
    "geslo",
    "zaporka",
    "jelszó",
    "jelszo",
    "şifre",
    "slaptažodis",
    "парола",
    "密码",
    "密碼",
];

/// Words that say so where they stand alone; as parts of others they say nothing.
const SECRET_TOKENS: [&str; 9] = ["pin", "pins", "pincode", "pinnumber", "puk", "otp", "totp", "пін", "пин"];

/// Whether what stands under this name is a secret: it is not repeated to anybody.
pub(crate) fn is_secret_name(name: &str) -> bool {
    if words_of(name).iter().any(|word| SECRET_TOKENS.contains(&word.as_str())) {
        return true;
    }
    let plain = |c: &char| !matches!(c, ' ' | '_' | '-' | '.');
    let name: String = name.chars().filter(plain).flat_map(char::to_lowercase).collect();
    SECRET_WORDS.iter().any(|word| name.contains(word))
}

/// The words of a name, in small letters: those of `doorPin` are two.
fn words_of(name: &str) -> Vec<String> {
    let (mut words, mut word, mut was_small) = (Vec::new(), String::new(), false);
    for letter in name.chars() {
        if !letter.is_alphanumeric() || was_small && letter.is_uppercase() {
            words.push(std::mem::take(&mut word));
        }
        if letter.is_alphanumeric() {
            word.extend(letter.to_lowercase());
        }
        was_small = letter.is_lowercase();
    }
    words.push(word);
    words
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
        for name in ["PIN", "Door PIN", "doorPin", "pin_code", "PIN-Code", "ПІН-код", "OTP"] {
            assert!(is_secret_name(name), "{name}");
        }
        for name in ["email", "passport", "key", "Pass", "Shipping", "opinion", "Spinnerei", "Pinboard"] {
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
            "{SSHA}5en6G6MezRroT3XKqkdPOmY/BfQ=",
            "{SHA512-CRYPT}$6$abc",
            "{crypt}ab3kdj",
            "{SSHA512}abc",
            "{BLF-CRYPT}x",
            "{PBKDF2-SHA256}1000$x",
            "x {noop}lantern",
            "$P$BabC$",
        ] {
            assert!(holds_hash(hash), "{hash}");
        }
        for other in [
            "",
            "$",
            "from $5 to $6",
            "argon2",
            "Acme $$",
            "{SSHA}",
            "{0}abc",
            "{name}x",
            "a { b",
            "{SHA} is old",
        ] {
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
