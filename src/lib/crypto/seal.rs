//! Secrets as they lie in the store: encrypted, and bound to their place.
//!
//! A sealed secret is a version byte, a random 192-bit nonce, and the ciphertext of XChaCha20-Poly1305 with its tag
//! (draft-irtf-cfrg-xchacha-03); the nonce is long enough to be drawn at random for every write. The associated data
//! names the place, so that a ciphertext copied to another table, column or row does not open there.

use std::sync::{Mutex, PoisonError};

use chacha20poly1305::aead::{Aead as _, Payload};
use chacha20poly1305::{KeyInit as _, XChaCha20Poly1305, XNonce};
use zeroize::Zeroizing;

use super::key::MasterKey;
use super::rng::Random;
use crate::error::{Explain, Kind, Result};

/// The version of the layout, and the first byte of every sealed secret.
const VERSION: u8 = 1;

/// Length of the nonce in bytes.
const NONCE_LENGTH: usize = 24;

/// Where in the store a secret belongs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct SecretLocation<'a> {
    /// The table.
    pub(crate) table: &'a str,
    /// The column of the secret.
    pub(crate) column: &'a str,
    /// The id of the row; ids are never used twice.
    pub(crate) row: i64,
}

impl SecretLocation<'_> {
    /// The associated data: version, then each name with its length before it, so that no two places read the same.
    fn associated_data(&self) -> Vec<u8> {
        let mut data = vec![VERSION];
        for name in [self.table, self.column] {
            data.extend_from_slice(&name.len().to_be_bytes());
            data.extend_from_slice(name.as_bytes());
        }
        data.extend_from_slice(&self.row.to_be_bytes());
        data
    }
}

/// Encrypts `plaintext` for one place of the store.
pub(crate) fn seal(
    key: &MasterKey,
    rng: &dyn Random,
    place: SecretLocation<'_>,
    plaintext: &[u8],
) -> Result<Vec<u8>> {
    let mut nonce = [0; NONCE_LENGTH];
    rng.fill(&mut nonce)?;
    let payload = Payload { msg: plaintext, aad: &place.associated_data() };
    let ciphertext =
        cipher(key).encrypt(&XNonce::from(nonce), payload).map_err(|_| SealError::unsealed(place))?;
    Ok([&[VERSION], nonce.as_slice(), &ciphertext].concat())
}

/// Decrypts what [`seal`] made for this very place; the result is wiped when dropped.
///
/// Fails if the key is another one, a byte was changed, or the secret was sealed for another place.
pub(crate) fn open(
    key: &MasterKey,
    place: SecretLocation<'_>,
    sealed: &[u8],
) -> Result<Zeroizing<Vec<u8>>, SealError> {
    let unopened = || SealError::unopened(place);
    let body = sealed.strip_prefix(&[VERSION]).ok_or_else(unopened)?;
    let (nonce, ciphertext) = body.split_first_chunk::<NONCE_LENGTH>().ok_or_else(unopened)?;
    let payload = Payload { msg: ciphertext, aad: &place.associated_data() };
    let plaintext = cipher(key).decrypt(&XNonce::from(*nonce), payload).map_err(|_| unopened())?;
    Ok(Zeroizing::new(plaintext))
}

/// Decrypts like [`open`] what is a text.
pub(crate) fn open_text(
    key: &MasterKey,
    place: SecretLocation<'_>,
    sealed: &[u8],
) -> Result<Zeroizing<String>, SealError> {
    let plain = open(key, place, sealed)?;
    let text = std::str::from_utf8(&plain).map_err(|_| SealError::no_text(place))?;
    Ok(Zeroizing::new(text.to_owned()))
}

/// The last secret of one place that was opened, for one that every change needs: it is opened again only when the store
/// holds another.
#[derive(Default)]
pub(crate) struct Opened(Mutex<Option<Secret>>);

/// A secret as it lies in the store, and opened.
struct Secret {
    sealed: Vec<u8>,
    plain: Zeroizing<Vec<u8>>,
}

impl Opened {
    /// Decrypts like [`open`].
    pub(crate) fn open(
        &self,
        key: &MasterKey,
        place: SecretLocation<'_>,
        sealed: &[u8],
    ) -> Result<Zeroizing<Vec<u8>>, SealError> {
        let mut last = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(secret) = &*last
            && secret.sealed == sealed
        {
            return Ok(secret.plain.clone());
        }
        let plain = open(key, place, sealed)?;
        *last = Some(Secret { sealed: sealed.to_vec(), plain: plain.clone() });
        Ok(plain)
    }
}

fn cipher(key: &MasterKey) -> XChaCha20Poly1305 {
    XChaCha20Poly1305::new(key.bytes().into())
}

/// Why a secret could not be sealed or opened.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum SealError {
    /// The secret is longer than the cipher takes (256 GiB).
    #[error("the secret for `{table}.{column}` of row {row} is too long to be sealed")]
    Unsealed {
        /// The table.
        table: String,
        /// The column.
        column: String,
        /// The row.
        row: i64,
    },
    /// Another key, another place, or damage.
    #[error(
        "the secret in `{table}.{column}` of row {row} does not open: it was damaged, moved or sealed with another key"
    )]
    Unopened {
        /// The table.
        table: String,
        /// The column.
        column: String,
        /// The row.
        row: i64,
    },
    /// It opens, and is not what was sealed there.
    #[error("the secret in `{table}.{column}` of row {row} is no text")]
    NoText {
        /// The table.
        table: String,
        /// The column.
        column: String,
        /// The row.
        row: i64,
    },
}

impl SealError {
    fn unsealed(place: SecretLocation<'_>) -> Self {
        Self::Unsealed { table: place.table.to_owned(), column: place.column.to_owned(), row: place.row }
    }

    fn no_text(place: SecretLocation<'_>) -> Self {
        Self::NoText { table: place.table.to_owned(), column: place.column.to_owned(), row: place.row }
    }

    fn unopened(place: SecretLocation<'_>) -> Self {
        Self::Unopened { table: place.table.to_owned(), column: place.column.to_owned(), row: place.row }
    }
}

impl Explain for SealError {
    fn code(&self) -> &'static str {
        match self {
            Self::Unsealed { .. } => "seal.too_long",
            Self::Unopened { .. } => "seal.not_opened",
            Self::NoText { .. } => "seal.no_text",
        }
    }

    fn kind(&self) -> Kind {
        match self {
            Self::Unsealed { .. } => Kind::Refused,
            Self::Unopened { .. } | Self::NoText { .. } => Kind::Config,
        }
    }

    fn advice(&self) -> Option<String> {
        match self {
            Self::Unsealed { .. } => None,
            Self::Unopened { .. } | Self::NoText { .. } => {
                Some("enter the secret again, or restore the store with its key from a backup".to_owned())
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{SealError, SecretLocation, open, open_text, seal};
    use crate::crypto::key::MasterKey;
    use crate::crypto::rng::SeededRandom;

    const HERE: SecretLocation<'_> = SecretLocation { table: "mail_server", column: "password", row: 7 };

    fn key(seed: u64) -> MasterKey {
        MasterKey::generate(&SeededRandom::new(seed)).unwrap()
    }

    fn sealed(plaintext: &[u8]) -> Vec<u8> {
        seal(&key(1), &SeededRandom::new(2), HERE, plaintext).unwrap()
    }

    #[test]
    fn a6_a_secret_opens_where_it_was_sealed() {
        let opened = open(&key(1), HERE, &sealed(b"correct horse")).unwrap();
        assert_eq!(opened.as_slice(), b"correct horse");
    }

    #[test]
    fn a6_a_secret_moved_to_another_place_does_not_open() {
        let sealed = sealed(b"correct horse");
        let elsewhere = [
            SecretLocation { row: 8, ..HERE },
            SecretLocation { row: -7, ..HERE },
            SecretLocation { column: "dkim_key", ..HERE },
            SecretLocation { table: "connection", ..HERE },
            SecretLocation { table: "mail_serverp", column: "assword", ..HERE },
        ];
        for place in elsewhere {
            assert!(matches!(open(&key(1), place, &sealed), Err(SealError::Unopened { .. })), "{place:?}");
        }
    }

    #[test]
    fn a6_a_secret_does_not_open_with_another_key() {
        assert!(open(&key(2), HERE, &sealed(b"correct horse")).is_err());
    }

    #[test]
    fn a6_a_secret_that_is_to_be_a_text_and_is_none_is_no_other_text() {
        assert_eq!(open_text(&key(1), HERE, &sealed("вірний".as_bytes())).unwrap().as_str(), "вірний");
        let opened = open_text(&key(1), HERE, &sealed(b"correct \xff horse"));
        assert!(matches!(opened, Err(SealError::NoText { row: 7, .. })));
    }

    #[test]
    fn a6_the_same_secret_never_looks_the_same_twice() {
        let rng = SeededRandom::new(3);
        let once = seal(&key(1), &rng, HERE, b"correct horse").unwrap();
        let again = seal(&key(1), &rng, HERE, b"correct horse").unwrap();
        assert_ne!(once, again);
    }

    #[test]
    fn a6_no_byte_of_a_sealed_secret_can_be_changed_or_cut() {
        let good = sealed(b"x");
        for at in 0..good.len() {
            let mut changed = good.clone();
            changed[at] ^= 1;
            assert!(open(&key(1), HERE, &changed).is_err(), "byte {at}");
            assert!(open(&key(1), HERE, &good[..at]).is_err(), "cut to {at}");
        }
    }

    proptest! {
        #[test]
        fn a6_any_secret_comes_back_as_it_was(plaintext: Vec<u8>, row: i64, table: String, column: String) {
            let place = SecretLocation { table: &table, column: &column, row };
            let sealed = seal(&key(1), &SeededRandom::new(4), place, &plaintext).unwrap();
            let opened = open(&key(1), place, &sealed).unwrap();
            prop_assert_eq!(opened.as_slice(), plaintext.as_slice());
        }

        #[test]
        fn a6_bytes_that_were_never_sealed_do_not_open(bytes: Vec<u8>) {
            prop_assert!(open(&key(1), HERE, &bytes).is_err());
        }
    }
}
