//! Browsers that an account logged in with before: what others do does not hold them.
//!
//! Such a browser keeps the account's id, 128 random bits and a keyed hash of both. It opens nothing; when the master key is
//! replaced, it counts for nothing until the next login.

use crate::context::Context;
use crate::crypto::hex::{hex, read_hex};
use crate::error::Result;
use crate::text::secret::Secret;
use subtle::ConstantTimeEq as _;

/// What keeps its hashes apart from others.
const PURPOSE: &str = "known browser";

/// Length of what is random, in bytes.
const RANDOM: usize = 16;

/// Length of the keyed hash in bytes.
const HASH: usize = 32;

/// What a browser keeps from now on, with which that account logged in.
pub(super) fn make(cx: &Context, user: i64) -> Result<Secret> {
    let mut random = [0; RANDOM];
    cx.rng.fill(&mut random)?;
    let random = hex(&random);
    Ok(Secret::new(format!("{user}.{random}.{}", hex(&hash(cx, user, &random)))))
}

/// What tells that browser from others, where it keeps what [`make`] made for that account.
pub(super) fn of(cx: &Context, user: i64, kept: &str) -> Option<Vec<u8>> {
    let mut parts = kept.split('.');
    let (id, random, proof) = (parts.next()?, parts.next()?, parts.next()?);
    let mut read = [0; HASH];
    read_hex(proof, &mut read)?;
    let is_whole = parts.next().is_none() && id == user.to_string() && random.len() == 2 * RANDOM;
    let is_made = bool::from(read.ct_eq(&hash(cx, user, random)));
    (is_whole && is_made).then(|| random.as_bytes().to_vec())
}

fn hash(cx: &Context, user: i64, random: &str) -> [u8; HASH] {
    cx.key.derived(PURPOSE).hash(format!("{user}.{random}").as_bytes())
}

#[cfg(test)]
mod tests {
    use super::{make, of};
    use crate::context::Context;

    #[test]
    fn t1_a_browser_is_known_for_its_own_account_and_nobody_makes_one_up() {
        let cx = Context::for_tests();
        let kept = make(&cx, 7).unwrap();
        assert!(of(&cx, 7, kept.expose()).is_some());
        assert!(of(&cx, 8, kept.expose()).is_none());
        let other = kept.expose().replacen('7', "8", 1);
        for forged in [other.as_str(), "", "7", "7..", "7.00.00", &format!("{}0", kept.expose())] {
            assert!(of(&cx, 8, forged).is_none() && of(&cx, 7, forged).is_none(), "{forged}");
        }
        let other_site =
            Context { key: crate::crypto::key::MasterKey::generate(&*cx.rng).unwrap().into(), ..cx };
        assert!(of(&other_site, 7, kept.expose()).is_none());
    }
}
