//! Browsers that an account logged in with before: what others do does not hold them.
//!
//! Such a browser keeps the account's id, 128 random bits and a keyed hash of both and of when the password was set: with
//! another password it counts for nothing until the next login, and so it does when the master key is replaced. Another hash,
//! of both alone, tells that the browser was seen before, for which nobody has to be told of it. It opens nothing. The known browsers of an account are counted together, so that nobody who knew its password for a while has more
//! tries by keeping many.

use crate::context::Context;
use crate::crypto::hex::{hex, read_hex};
use crate::error::Result;
use crate::text::instant::Instant;
use crate::text::secret::Secret;
use subtle::ConstantTimeEq as _;

/// What keeps its hashes apart from others.
const PURPOSE: &str = "known browser";

/// What keeps those apart that tell only that a browser was seen.
const SEEN: &str = "seen browser";

/// Length of what is random, in bytes.
const RANDOM: usize = 16;

/// Length of the keyed hash in bytes.
const HASH: usize = 32;

/// What all known browsers of an account are counted as.
const COUNTED_AS: &[u8] = b"known";

/// An account, and since when it has its password.
pub(super) type Whose = (i64, Option<Instant>);

/// What a browser keeps from now on, with which that account logged in.
pub(super) fn make(cx: &Context, whose: Whose) -> Result<Secret> {
    let mut random = [0; RANDOM];
    cx.rng.fill(&mut random)?;
    let random = hex(&random);
    let (known, seen) = (hash(cx, whose, &random), seen(cx, whose.0, &random));
    Ok(Secret::new(format!("{}.{random}.{}.{}", whose.0, hex(&known), hex(&seen))))
}

/// What that browser is counted as, where it keeps what [`make`] made for that account and its password.
pub(super) fn of(cx: &Context, whose: Whose, kept: &str) -> Option<&'static [u8]> {
    let mut parts = kept.split('.');
    let (id, random, proof) = (parts.next()?, parts.next()?, parts.next()?);
    // What was kept by earlier programs has no fourth part.
    let is_whole = parts.nth(1).is_none() && id == whose.0.to_string() && random.len() == 2 * RANDOM;
    (is_whole && is_made(proof, hash(cx, whose, random))).then_some(COUNTED_AS)
}

/// Whether that account logged in with the browser at all, with whichever password: a login with it is none to be told of.
pub(super) fn is_seen(cx: &Context, user: i64, kept: &str) -> bool {
    let parts: Vec<&str> = kept.split('.').collect();
    match parts.as_slice() {
        [id, random, _, proof] => *id == user.to_string() && is_made(proof, seen(cx, user, random)),
        _ => false,
    }
}

fn is_made(proof: &str, made: [u8; HASH]) -> bool {
    let mut read = [0; HASH];
    read_hex(proof, &mut read).is_some() && bool::from(read.ct_eq(&made))
}

fn seen(cx: &Context, user: i64, random: &str) -> [u8; HASH] {
    cx.key.derived(SEEN).hash(format!("{user}.{random}").as_bytes())
}

fn hash(cx: &Context, (user, since): Whose, random: &str) -> [u8; HASH] {
    let since = since.map_or(0, Instant::micros);
    cx.key.derived(PURPOSE).hash(format!("{user}.{since}.{random}").as_bytes())
}

#[cfg(test)]
mod tests {
    use super::{is_seen, make, of};
    use crate::context::Context;
    use crate::text::instant::Instant;

    #[test]
    fn t1_a_browser_is_known_for_its_own_account_and_nobody_makes_one_up() {
        let cx = Context::for_tests();
        let kept = make(&cx, (7, None)).unwrap();
        assert!(of(&cx, (7, None), kept.expose()).is_some());
        assert!(of(&cx, (8, None), kept.expose()).is_none());
        let later = Some(Instant::from_micros(1));
        assert!(of(&cx, (7, later), kept.expose()).is_none(), "another password");
        let other = kept.expose().replacen('7', "8", 1);
        assert!(is_seen(&cx, 7, kept.expose()) && !is_seen(&cx, 8, kept.expose()));
        for forged in
            [other.as_str(), "", "7", "7..", "7.00.00", "7.00.00.00", &format!("{}.0", kept.expose())]
        {
            assert!(!is_seen(&cx, 7, forged) && !is_seen(&cx, 8, forged), "{forged}");
            assert!(of(&cx, (8, None), forged).is_none() && of(&cx, (7, None), forged).is_none(), "{forged}");
        }
        let other_site =
            Context { key: crate::crypto::key::MasterKey::generate(&*cx.rng).unwrap().into(), ..cx };
        assert!(of(&other_site, (7, None), kept.expose()).is_none());
    }
}
