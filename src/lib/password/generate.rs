//! Passwords made by secboard, for an administrator to hand over.

use crate::crypto::rng::{self, Random};
use crate::error::Result;
use crate::text::secret::Secret;

/// 32 characters that are not taken for one another in any font: no `0` and `o`, no `1` and `l`.
const ALPHABET: &[u8; 32] = b"23456789abcdefghijkmnpqrstuvwxyz";

/// Four groups of five characters; 5 bits each make 100 bits.
const GROUPS: usize = 4;
const GROUP_LENGTH: usize = 5;

/// A random password such as `k7wmd-3xqfp-92rtb-nhz6c`: 100 bits, easy to read out and to type.
pub(crate) fn generate(rng: &dyn Random) -> Result<Secret> {
    let symbols = Secret::new(rng::symbols(rng, ALPHABET, GROUPS * GROUP_LENGTH)?);
    let mut password = String::with_capacity(GROUPS * (GROUP_LENGTH + 1));
    for (at, symbol) in symbols.expose().chars().enumerate() {
        if at > 0 && at % GROUP_LENGTH == 0 {
            password.push('-');
        }
        password.push(symbol);
    }
    Ok(Secret::new(password))
}
