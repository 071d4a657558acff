//! Pseudonyms: what stands in the place of what names somebody.

use crate::crypto::hex::hex;
use crate::crypto::mac::{LENGTH, MacKey};
use crate::crypto::rng::Random;
use crate::error::Result;
use crate::text::email;
use crate::text::fold::fold;
use crate::text::guid::Guid;

/// How many bytes of a hash a pseudonym has: enough that no two of a hundred million are the same.
const SHOWN: usize = 12;

/// Makes the same of the same, and nothing that can be told without the key, which nobody keeps.
pub(super) struct Pseudonyms(MacKey);

impl Pseudonyms {
    pub(super) fn new(rng: &dyn Random) -> Result<Self> {
        let mut key = [0; LENGTH];
        rng.fill(&mut key)?;
        Ok(Self(MacKey::new(&key)))
    }

    /// Of a value of that kind.
    pub(super) fn of(&self, kind: &str, value: &[u8]) -> String {
        let hash = self.0.hash(&[kind.as_bytes(), b"\0", value].concat());
        let shown = hash.get(..SHOWN).unwrap_or_default();
        format!("{kind}{}", hex(shown))
    }

    /// Of an email: the same in any letter case.
    pub(super) fn email(&self, of: &str) -> String {
        format!("{}@capture.example", self.of("e", email::key(of).as_bytes()))
    }

    /// Of a name that counts in any letter case, such as that of a department.
    pub(super) fn folded(&self, kind: &str, name: &str) -> String {
        self.of(kind, fold(name).as_bytes())
    }

    /// Of a guid, which is one again.
    pub(super) fn guid(&self, of: &Guid) -> Option<Guid> {
        Guid::of_bytes(self.0.hash(&[b"guid\0", of.bytes().as_slice()].concat()).get(..16)?)
    }
}
