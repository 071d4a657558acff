//! GUIDs, by which directories name their entries whatever they are called and wherever they are.

use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// The 16 bytes of an `objectGUID`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Guid([u8; 16]);

/// The places of the bytes as the text has them: of the first three parts the lowest comes first in a directory.
const ORDER: [usize; 16] = [3, 2, 1, 0, 5, 4, 7, 6, 8, 9, 10, 11, 12, 13, 14, 15];

/// Before which of them a dash stands.
const DASHES: [usize; 4] = [4, 6, 8, 10];

impl Guid {
    /// Out of the bytes as a directory has them; nothing where they are not 16.
    pub(crate) fn of_bytes(bytes: &[u8]) -> Option<Self> {
        bytes.try_into().ok().map(Self)
    }

    /// As a directory has them.
    pub(crate) const fn bytes(&self) -> &[u8; 16] {
        &self.0
    }

    /// Out of the text that tools of directories write, such as `2f1c1f8a-53a0-4bd5-9a3b-0c5e6f1d2a40`.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let mut bytes = [0; 16];
        let mut left = text;
        for (place, at) in ORDER.into_iter().enumerate() {
            if DASHES.contains(&place) {
                left = left.strip_prefix('-')?;
            }
            let digits = left.get(..2).filter(|two| two.bytes().all(|byte| byte.is_ascii_hexdigit()))?;
            *bytes.get_mut(at)? = u8::from_str_radix(digits, 16).ok()?;
            left = left.get(2..)?;
        }
        left.is_empty().then_some(Self(bytes))
    }
}

impl fmt::Display for Guid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (place, at) in ORDER.into_iter().enumerate() {
            let dash = if DASHES.contains(&place) { "-" } else { "" };
            write!(f, "{dash}{:02x}", self.0.get(at).copied().unwrap_or_default())?;
        }
        Ok(())
    }
}

impl Serialize for Guid {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Guid {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = <std::borrow::Cow<'de, str>>::deserialize(deserializer)?;
        Self::parse(&text).ok_or_else(|| serde::de::Error::custom("is no GUID"))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn the_text_is_the_one_that_tools_of_directories_write() {
        let bytes: Vec<u8> = (0..16).collect();
        let guid = Guid::of_bytes(&bytes).unwrap();
        assert_eq!(guid.to_string(), "03020100-0504-0706-0809-0a0b0c0d0e0f");
        assert_eq!(Guid::parse("03020100-0504-0706-0809-0A0B0C0D0E0F"), Some(guid));
    }

    #[test]
    fn what_is_no_guid_is_not_read_as_one() {
        assert_eq!((Guid::of_bytes(&[0; 15]), Guid::of_bytes(&[0; 17])), (None, None));
        let whole = "03020100-0504-0706-0809-0a0b0c0d0e0f";
        for text in [
            "",
            "03020100",
            &whole[1..],
            &whole.replace('-', ""),
            &format!("{whole}0"),
            &whole.replace("0a", "+a"),
        ] {
            assert_eq!(Guid::parse(text), None, "{text}");
        }
    }

    proptest! {
        #[test]
        fn every_guid_comes_back_out_of_its_text(bytes: [u8; 16]) {
            let guid = Guid::of_bytes(&bytes).unwrap();
            prop_assert_eq!(Guid::parse(&guid.to_string()), Some(guid));
            prop_assert_eq!(guid.bytes(), &bytes);
        }

        #[test]
        fn no_text_is_too_odd(text: String) {
            Guid::parse(&text);
        }
    }
}
