//! What a server may not have repeated: what it was logged in with, however it says it, and the mails that it was given.
//!
//! A server that has been given a mail knows what it says, and some quote it when they refuse it: from then on nothing is
//! kept of its answers but their codes, with words of our own for them, by whichever worker ([`super::given`]). One that may know
//! a password from an earlier connection could say it before anybody has logged in, and the password may have been another one
//! then: until the login of a connection nothing is kept of what it says but codes.
//!
//! A server knows the secret, and what it says is printed, recorded and kept. Some repeat what was sent, as it was, decoded
//! or cut. So an answer that holds eight characters of the secret or of a usual encoding of it, whatever stands between
//! them and in whichever letter case, is kept as its codes alone; so is one that does behind references, escapes, numbers of
//! letters, wide letters or base64 (`disguise`). A server that means to tell it can still hide it in a way that nobody looks for.

use std::cell::Cell;
use std::collections::HashSet;
use std::rc::Rc;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD_NO_PAD;
use zeroize::Zeroizing;

use super::Credentials;
use super::disguise::readings;
use super::given::Given;
use crate::crypto::hex::hex;
use crate::text::secret::Secret;

/// How many characters in a row tell something; of what is shorter, all.
const TELLING: usize = 8;

/// The fewest characters of an encoding that are looked for: fewer stand in any text.
const FEWEST: usize = 4;

/// The letters of both alphabets of base32 (RFC 4648), small.
const BASE32: [&[u8; 32]; 2] = [b"abcdefghijklmnopqrstuvwxyz234567", b"0123456789abcdefghijklmnopqrstuv"];

/// What stands in the place of words that hold a secret.
pub(super) const LEFT_OUT: &str = "… (left out: it repeats what was logged in with)";

/// What stands in the place of words of a server that was given a mail or a password before.
pub(super) const UNREPEATED: &str = "… (left out: it knows mails or passwords)";

/// What a text may tell that is repeated to nobody.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Telling {
    /// Nothing.
    Nothing,
    /// What was logged in with.
    Login,
    /// Whatever the server was given before, such as a mail.
    Given,
}

impl Telling {
    /// This, or the other where this is nothing.
    pub(super) const fn or(self, other: Self) -> Self {
        match self {
            Self::Nothing => other,
            told => told,
        }
    }
}

/// What may come back: the secrets of accounts, and what mails say.
#[derive(Clone, Default)]
pub(super) struct Withheld {
    /// What the server was given, on whichever connection.
    given: Rc<Given>,
    /// Whether somebody has logged in on the connection, or nobody needs to.
    is_logged_in: Rc<Cell<bool>>,
    /// Whether mails tell no secret.
    is_telling: bool,
    secrets: Vec<Secret>,
    /// Letters and digits alone, in lower case: the secrets, and what they may be encoded as.
    forms: Vec<Zeroizing<Vec<u8>>>,
}

impl Withheld {
    /// What an account logs in with.
    pub(super) fn of(login: &Credentials) -> Self {
        let none = Self::default();
        match login {
            Credentials::None => none,
            Credentials::Plain { password: secret, .. }
            | Credentials::Login { password: secret, .. }
            | Credentials::XOAuth2 { token: secret, .. } => none.and(std::slice::from_ref(secret)),
        }
    }

    /// Other secrets too.
    pub(super) fn and(mut self, secrets: &[Secret]) -> Self {
        for secret in secrets.iter().filter(|secret| !secret.expose().is_empty()) {
            self.forms.extend(forms(secret.expose()));
            self.secrets.push(secret.clone());
        }
        self
    }

    /// What the server was given.
    pub(super) fn knowing(self, given: &Rc<Given>) -> Self {
        Self { given: Rc::clone(given), ..self }
    }

    /// Knows of what others have given to the server.
    pub(super) fn share(&mut self, given: &Rc<Given>) {
        if !Rc::ptr_eq(given, &self.given) {
            given.learn(&self.given);
            self.given = Rc::clone(given);
        }
    }

    /// Mails tell no secret: once somebody has logged in, what is said of them is told.
    pub(super) const fn tell(&mut self) {
        self.is_telling = true;
    }

    /// Another connection is opened.
    pub(super) fn begin_connection(&mut self) {
        self.is_logged_in = Rc::default();
    }

    /// The server is given a password.
    pub(super) fn give_login(&self) {
        self.given.give_login();
    }

    /// Whoever has to log in has.
    pub(super) fn end_login(&self) {
        self.is_logged_in.set(true);
    }

    /// A mail is given: whatever is said from now on may quote it.
    pub(super) fn give_mail(&self) {
        if !self.is_telling {
            self.given.give_mail();
        }
    }

    /// What a text tells, or may tell.
    pub(super) fn told_by(&self, text: &str) -> Telling {
        let is_before_login = self.given.was_given() && !self.is_logged_in.get();
        match () {
            () if is_before_login || !self.is_telling && self.given.has_mail() => Telling::Given,
            () if self.is_in(text) => Telling::Login,
            () => Telling::Nothing,
        }
    }

    /// Whether a text tells something of a secret.
    fn is_in(&self, text: &str) -> bool {
        if self.secrets.is_empty() {
            return false;
        }
        let (whole, cut): (Vec<_>, Vec<_>) = self.forms.iter().partition(|form| form.len() <= TELLING);
        let pieces: HashSet<&[u8]> = cut.iter().flat_map(|form| form.windows(TELLING)).collect();
        readings(text).iter().any(|reading| {
            let text = bare(reading);
            self.secrets.iter().any(|secret| reading.contains(secret.expose()))
                || text.windows(TELLING).any(|piece| pieces.contains(piece))
                || whole.iter().any(|form| text.windows(form.len()).any(|piece| piece == form.as_slice()))
        })
    }

    /// A text, or that it was left out.
    pub(super) fn without(&self, text: String) -> String {
        match self.told_by(&text) {
            Telling::Nothing => text,
            Telling::Login => LEFT_OUT.to_owned(),
            Telling::Given => UNREPEATED.to_owned(),
        }
    }
}

/// Letters and digits alone, in lower case: a secret, and what it may be encoded as.
fn forms(text: &str) -> impl Iterator<Item = Zeroizing<Vec<u8>>> {
    let plain = bare(text);
    let reversed = Zeroizing::new(plain.iter().rev().copied().collect());
    let digits = Zeroizing::new(hex(text.as_bytes()));
    let encoded =
        (0..3).map(|before| in_base64(text.as_bytes(), before)).chain([bare(&digits), turned(&plain)]);
    let in_base32 =
        (0..5).flat_map(|before| BASE32.map(|letters| in_base32(text.as_bytes(), before, letters)));
    let encoded = encoded.chain(in_base32);
    let encoded: Vec<_> = encoded.filter(|form| form.len() >= FEWEST).collect();
    [plain, reversed].into_iter().chain(encoded).filter(|form| !form.is_empty())
}

/// The letters and digits of a text in lower case, wiped when they are dropped.
fn bare(text: &str) -> Zeroizing<Vec<u8>> {
    // As large as it can get, so that it does not grow and leave copies behind: a letter may have a longer small one.
    let mut bare = Zeroizing::new(Vec::with_capacity(3 * text.len()));
    for letter in text.chars().filter(|letter| letter.is_alphanumeric()).flat_map(char::to_lowercase) {
        let mut bytes = [0; 4];
        bare.extend_from_slice(letter.encode_utf8(&mut bytes).as_bytes());
    }
    bare
}

/// What base64 makes of bytes behind so many others: the characters that depend on them alone.
fn in_base64(bytes: &[u8], before: usize) -> Zeroizing<Vec<u8>> {
    let mut padded = Zeroizing::new(vec![0; before]);
    padded.reserve_exact(bytes.len());
    padded.extend_from_slice(bytes);
    let encoded = Zeroizing::new(BASE64_STANDARD_NO_PAD.encode(&*padded));
    let first = (before * 8).div_ceil(6);
    let last = padded.len() * 8 / 6;
    bare(encoded.get(first..last).unwrap_or_default())
}

/// What base32 makes of bytes behind so many others, in the letters of one of its alphabets: those that depend on them alone.
fn in_base32(bytes: &[u8], before: usize, letters: &[u8; 32]) -> Zeroizing<Vec<u8>> {
    let size = before + bytes.len();
    let (first, end) = ((before * 8).div_ceil(5), size * 8 / 5);
    let bit = |place: usize| {
        let byte = place.checked_div(8).and_then(|at| at.checked_sub(before)).and_then(|at| bytes.get(at));
        byte.map_or(0, |byte| usize::from(byte >> (7 - place % 8) & 1))
    };
    let value = |letter: usize| (0..5).fold(0, |value, next| value * 2 + bit(letter * 5 + next));
    Zeroizing::new((first..end).filter_map(|letter| letters.get(value(letter)).copied()).collect())
}

/// The letters of the alphabet turned by half of it (ROT13).
fn turned(bare: &[u8]) -> Zeroizing<Vec<u8>> {
    let turn = |letter: &u8| match letter {
        b'a'..=b'm' => letter + 13,
        b'n'..=b'z' => letter - 13,
        other => *other,
    };
    Zeroizing::new(bare.iter().map(turn).collect())
}

#[cfg(test)]
mod tests {
    use base64::prelude::BASE64_URL_SAFE;

    use super::*;

    fn withheld(password: &str) -> Withheld {
        Withheld::of(&Credentials::Plain {
            user: "app".to_owned(),
            password: Secret::new(password.to_owned()),
        })
    }

    #[test]
    fn m4_a_secret_is_known_however_it_is_said() {
        let secret = "Trust no-0ne, Ї!";
        let withheld = withheld(secret);
        let line = |text: &str| BASE64_STANDARD_NO_PAD.encode(text);
        let spaced: Vec<String> = secret.chars().map(String::from).collect();
        let each = |written: &dyn Fn(char) -> String| secret.chars().map(written).collect::<String>();
        for said in [
            secret.to_owned(),
            secret.to_lowercase(),
            secret.to_uppercase(),
            secret.replace(' ', ""),
            spaced.join(" "),
            spaced.join("-"),
            secret.chars().rev().collect(),
            "Trust no-0n".to_owned(),
            "t no-0ne, Ї!".to_owned(),
            line(secret),
            line(&format!("\0app\0{secret}")),
            line(&format!("\0app1\0{secret}")),
            line(&format!("user=app\x01auth=Bearer {secret}\x01\x01")),
            line(secret)[..10].to_owned(),
            line(secret)[6..].to_owned(),
            line(secret).to_lowercase(),
            BASE64_URL_SAFE.encode(format!("\0app\0{secret}")),
            hex(secret.as_bytes()),
            hex(secret.as_bytes()).to_uppercase(),
            secret.bytes().map(|byte| format!("%{byte:02X}")).collect::<Vec<_>>().concat(),
            secret.replace('u', "&#117;").replace(' ', "&nbsp;"),
            each(&|letter| format!("&#{};", u32::from(letter))),
            each(&|letter| format!("&#x{:x};", u32::from(letter))),
            each(&|letter| format!("\\u{:04x}", u32::from(letter))),
            each(&|letter| format!("{}, ", u32::from(letter))),
            each(&|letter| format!("0x{:02x} ", u32::from(letter))),
            each(&|letter| char::from_u32(u32::from(letter) + 0xFEE0).map_or(String::new(), String::from)),
            line(&line(&format!("\0app\0{secret}"))),
            line(&line(&line(secret))),
            "KRZHK43UEBXG6LJQNZSSYIGQQ4QQ".to_owned(),
            "AHP7ASRK41N6UB9GDPIIO86GGSGG".to_owned(),
            "MFYHAOSUOJ2XG5BANZXS2MDOMUWCBUEHEE======".to_owned(),
            "Gehfg ab-0ar".to_owned(),
        ] {
            assert!(withheld.is_in(&format!("5.7.8 no: <{said}> is wrong")), "{said}");
        }
        for said in [
            "",
            "authentication failed",
            "2.7.0 welcome",
            "no trust",
            "queued as 4F2A77B1C0D3E",
            "5.7.8 Username and Password not accepted. For more information, go to \
             https://support.google.com/mail/?p=BadCredentials 5b1f17b1804b1-43 - gsmtp",
            "5.7.139 Authentication unsuccessful, SmtpClientAuthentication is disabled for the Tenant. \
             [FR0P281CA0123.DEUP281.PROD.OUTLOOK.COM 2026-11-29T12:05:00.123Z 08DE2F0A1B2C3D4E]",
        ] {
            assert!(!withheld.is_in(said), "{said}");
        }
    }

    #[test]
    fn m4_a_short_secret_is_known_as_a_whole() {
        for (secret, said) in
            [("x", "for x"), ("?!", "is ?! wrong"), ("pw1", "P W 1"), ("geheim", "Z2VoZWlt")]
        {
            assert!(withheld(secret).is_in(said), "{secret} {said}");
        }
        for (secret, said) in [("", "all"), ("?!", "authentication failed"), ("geheim", "geheilt")] {
            assert!(!withheld(secret).is_in(said), "{secret} {said}");
        }
        assert!(!Withheld::of(&Credentials::None).is_in("anything"));
    }
}
