//! Passwords: which are accepted, how they are stored, how they are checked.
//!
//! A new password goes through [`policy`], which asks for length and for not being guessable, and for nothing else
//! (NIST SP 800-63B-4, 3.1.1.2: no composition rules, no expiry). An accepted one is stored as an Argon2id hash by
//! [`hash`]. An account that came from Django keeps its old hash, which [`foreign`] can check, until a new password is set or
//! the first login with it, when [`verify`] says that a better hash is due.
//!
//! A password counts in its NFC form, so that it does not matter how a keyboard composes `é`. It is compared as it was
//! typed otherwise: letter case, spaces and length are the person's own. No message repeats a password or a hash.
//!
//! The common passwords that are refused are in `common.txt`; `README.md` beside it says where they are from.

mod common;
mod error;
pub(crate) mod foreign;
pub(crate) mod generate;
pub(crate) mod hash;
pub(crate) mod meters;
pub(crate) mod policy;
mod pool;
pub(crate) mod settings;
#[cfg(test)]
mod tests;

use unicode_normalization::UnicodeNormalization as _;
use zeroize::Zeroizing;

use crate::crypto::rng::Random;
use crate::error::Result;
use crate::text::secret::Secret;
pub(crate) use error::Error;
use hash::Hasher;

/// More bytes than any stored password has; Django took no more either. What is longer is wrong without being hashed.
const LONGEST_TRIED: usize = 4096;

/// What a password turned out to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// Not the password of this hash.
    Wrong,
    /// The password.
    Right,
    /// The password, but its hash is foreign, or weaker than a new one would be. A login, the only time the password itself
    /// is at hand and known to be right, stores a new hash of it; other callers take it as [`Verdict::Right`].
    RightUpgrade,
}

/// Whether `password` is the one whose hash is `stored`.
///
/// Fails if `stored` is no hash that could have been stored; what an import took never fails.
pub(crate) fn verify(hasher: &Hasher, stored: &str, password: &Secret) -> Result<Verdict> {
    if password.expose().len() > LONGEST_TRIED {
        return Ok(Verdict::Wrong);
    }
    if hash::is_own(stored) {
        hasher.verify(stored, password)
    } else {
        verify_foreign(hasher, stored, password)
    }
}

/// The same for a hash that there need not be: without one the answer costs what a wrong password costs.
///
/// # Errors
/// Those of [`verify`].
pub(crate) fn verify_or_spend(
    hasher: &Hasher,
    rng: &dyn Random,
    stored: Option<&str>,
    password: &Secret,
) -> Result<Verdict> {
    match stored {
        Some(stored) => verify(hasher, stored, password),
        None if password.expose().len() > LONGEST_TRIED => Ok(Verdict::Wrong),
        None => hasher.hash(rng, password).map(|_| Verdict::Wrong),
    }
}

/// Whether `password` is the one whose hash is `stored`: a new password must be another than the current one.
pub(crate) fn is_same(hasher: &Hasher, stored: &str, password: &Secret) -> Result<bool> {
    Ok(verify(hasher, stored, password)? != Verdict::Wrong)
}

/// Whether both are one password, in whichever form they were typed.
pub(crate) fn are_equal(one: &Secret, other: &Secret) -> bool {
    nfc(one) == nfc(other)
}

fn verify_foreign(hasher: &Hasher, stored: &str, password: &Secret) -> Result<Verdict> {
    let scheme = foreign::recognise(stored).map_err(Error::stored)?;
    let Some(scheme) = scheme else { return Ok(Verdict::Wrong) };
    let right = hasher.one_foreign(|| {
        let composed = nfc(password);
        // Django hashed what the browser sent, which need not be NFC.
        let as_typed = password.expose();
        Ok(scheme.matches(&composed)? || (as_typed != composed.as_str() && scheme.matches(as_typed)?))
    })?;
    Ok(if right { Verdict::RightUpgrade } else { Verdict::Wrong })
}

/// The form in which a password counts.
fn nfc(password: &Secret) -> Zeroizing<String> {
    // Room for all of it at once: a string that grows leaves copies behind. NFC is at most three times as long.
    let mut composed = Zeroizing::new(String::with_capacity(3 * password.expose().len()));
    composed.extend(password.expose().nfc());
    composed
}
