//! Browsers that an account logged in with before: what others do does not hold them.
//!
//! Such a browser keeps, for each of the accounts that logged in there last, so that people who share it are known, the account's id, 128 random bits and a keyed hash of both and of when the password was set: with
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

/// How many accounts a browser is known for at the most.
const MOST: usize = 5;

/// What stands between what it keeps for one account and for another.
const BETWEEN: char = '-';

/// What all known browsers of an account are counted as.
const COUNTED_AS: &[u8] = b"known";

/// An account, and since when it has its password.
pub(super) type Whose = (i64, Option<Instant>);

/// What a browser keeps from now on, with which that account logged in, and which kept that before.
pub(super) fn make(cx: &Context, whose: Whose, kept: Option<&str>) -> Result<Secret> {
    let mut random = [0; RANDOM];
    cx.rng.fill(&mut random)?;
    let random = hex(&random);
    let (known, seen) = (hash(cx, whose, &random), seen(cx, whose.0, &random));
    let made = format!("{}.{random}.{}.{}", whose.0, hex(&known), hex(&seen));
    let others = parts(kept.unwrap_or_default()).filter(|part| {
        let other = part.split('.').next().and_then(|id| id.parse().ok());
        other.is_some_and(|other| other != whose.0 && is_seen(cx, other, part))
    });
    let all: Vec<&str> = std::iter::once(made.as_str()).chain(others).take(MOST).collect();
    Ok(Secret::new(all.join(&BETWEEN.to_string())))
}

/// What a browser keeps for each account, as far as it may keep any.
fn parts(kept: &str) -> impl Iterator<Item = &str> {
    kept.split(BETWEEN).take(MOST)
}

/// What that browser is counted as, where it keeps what [`make`] made for that account and its password.
pub(super) fn of(cx: &Context, whose: Whose, kept: &str) -> Option<&'static [u8]> {
    parts(kept).any(|part| is_of(cx, whose, part)).then_some(COUNTED_AS)
}

fn is_of(cx: &Context, whose: Whose, part: &str) -> bool {
    let mut parts = part.split('.');
    let (Some(id), Some(random), Some(proof)) = (parts.next(), parts.next(), parts.next()) else {
        return false;
    };
    // What was kept by earlier programs has no fourth part.
    let is_whole = parts.nth(1).is_none() && id == whose.0.to_string() && random.len() == 2 * RANDOM;
    is_whole && is_made(proof, hash(cx, whose, random))
}

/// Whether that account logged in with the browser at all, with whichever password: a login with it is none to be told of.
pub(super) fn is_seen(cx: &Context, user: i64, kept: &str) -> bool {
    parts(kept).any(|part| match part.split('.').collect::<Vec<_>>().as_slice() {
        [id, random, _, proof] => *id == user.to_string() && is_made(proof, seen(cx, user, random)),
        _ => false,
    })
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
        let kept = make(&cx, (7, None), None).unwrap();
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
        let huge = ["1.00.00.00"; 5].join("-") + "-" + kept.expose();
        assert!(of(&cx, (7, None), &huge).is_none(), "no more is looked at than a browser keeps");
        let other_site =
            Context { key: crate::crypto::key::MasterKey::generate(&*cx.rng).unwrap().into(), ..cx };
        assert!(of(&other_site, (7, None), kept.expose()).is_none());
    }

    #[test]
    fn t1_a_browser_is_known_for_the_five_accounts_that_logged_in_there_last() {
        let cx = Context::for_tests();
        let mut kept = None::<String>;
        for user in [1, 2, 3, 2, 4, 5, 6] {
            kept = Some(make(&cx, (user, None), kept.as_deref()).unwrap().expose().to_owned());
        }
        let kept = kept.unwrap();
        let known = |user| of(&cx, (user, None), &kept).is_some() && is_seen(&cx, user, &kept);
        assert_eq!((1..8).filter(|user| known(*user)).collect::<Vec<_>>(), [2, 3, 4, 5, 6]);
        assert!(kept.starts_with("6.") && kept.len() < 1000, "{kept}");
        assert!(kept.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-.".contains(&byte)), "{kept}");
        // What nobody made is not kept.
        let forged = format!("9.00.00.00-{}", make(&cx, (1, None), None).unwrap().expose());
        let kept = make(&cx, (2, None), Some(&forged)).unwrap();
        assert_eq!(kept.expose().matches('-').count(), 1);
        assert!(is_seen(&cx, 1, kept.expose()));
    }
}
