//! Keyed hashes: what nobody can make without the key (HMAC-SHA-256, RFC 2104).

use std::fmt;

use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::Sha256;

/// Length of a key and of a keyed hash in bytes.
pub(crate) const LENGTH: usize = 32;

/// A key, ready for use.
#[derive(Clone)]
pub(crate) struct MacKey(Hmac<Sha256>);

impl MacKey {
    /// From the bytes of the key.
    pub(crate) fn new(bytes: &[u8; LENGTH]) -> Self {
        // A block of the hash takes the whole key: shorter ones are filled up with zeros.
        let mut block = zeroize::Zeroizing::new([0; 64]);
        for (place, byte) in block.iter_mut().zip(bytes) {
            *place = *byte;
        }
        Self(Hmac::new(&(*block).into()))
    }

    /// The keyed hash of a message.
    pub(crate) fn hash(&self, message: &[u8]) -> [u8; LENGTH] {
        let mut mac = self.0.clone();
        mac.update(message);
        mac.finalize().into_bytes().into()
    }
}

impl fmt::Debug for MacKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("MacKey(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::MacKey;
    use crate::crypto::hex::hex;

    #[test]
    fn a_keyed_hash_is_that_of_the_standard() {
        // Computed with `openssl mac -digest SHA256 -macopt hexkey:… HMAC`.
        let mut key = [0; 32];
        key.iter_mut().zip(0..).for_each(|(byte, value)| *byte = value);
        assert_eq!(
            hex(&MacKey::new(&key).hash(b"what happened")),
            "5d8f53612bf65c888bd39e26266c193d8a78e254ff0012683aa1a65fa972a6ac"
        );
    }
}
