//! The token in each form, by which a form that another site sends in a visitor's name is known.
//!
//! It is the time it was made, what tells it from each other, and a keyed hash of both; the key is the secret of a cookie: of the form cookie, or of
//! what the visitor is known by. Another site can make a browser send the cookie and cannot read it, so it cannot make
//! the token. Nothing is stored, and a form stays good when the daemon starts anew.

use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use sha2::{Digest as _, Sha256};
use subtle::ConstantTimeEq as _;

use crate::crypto::mac::{LENGTH, MacKey};
use crate::text::instant::Instant;

/// The cookie that forms are bound to before it is known who visits.
pub(super) const FORM_COOKIE: &str = "secboard-form";

/// The field of the token.
pub(super) const FIELD: &str = "csrf";

/// For how many seconds a form is good.
pub(super) const GOOD_FOR: u32 = 12 * 60 * 60;

/// How many bytes the secret of the form cookie has.
pub(super) const SECRET_BYTES: usize = 32;

/// How many random bytes tell a form from each other that was shown.
pub(super) const SHOWING_BYTES: usize = 8;

/// How many bytes a token has before its hash.
const HEAD: usize = 8 + SHOWING_BYTES;

/// The token of a form that was made then, bound to a secret; no other showing of it has the same.
pub(super) fn token(secret: &str, now: Instant, showing: [u8; SHOWING_BYTES]) -> String {
    let mut head = [0; HEAD];
    let (seconds, rest) = head.split_at_mut(8);
    seconds.copy_from_slice(&now.timestamp().as_second().to_be_bytes());
    rest.copy_from_slice(&showing);
    BASE64_URL_SAFE_NO_PAD.encode([head.as_slice(), &keyed(secret, head)].concat())
}

/// How many seconds ago a token was made for this secret; none where it was not, or too long ago. One from later is from
/// before the clock was set back.
pub(super) fn age(token: &str, secret: &str, now: Instant) -> Option<u64> {
    let token = BASE64_URL_SAFE_NO_PAD.decode(token).ok()?;
    let (head, hash) = token.split_first_chunk::<HEAD>()?;
    let (seconds, _) = head.split_first_chunk::<8>()?;
    let age = now.timestamp().as_second().abs_diff(i64::from_be_bytes(*seconds));
    let is_ours = bool::from(keyed(secret, *head).as_slice().ct_eq(hash));
    (is_ours && age <= u64::from(GOOD_FOR)).then_some(age)
}

fn keyed(secret: &str, head: [u8; HEAD]) -> [u8; LENGTH] {
    let key = zeroize::Zeroizing::new(<[u8; LENGTH]>::from(Sha256::digest(secret)));
    MacKey::new(&key).hash(&[b"form", head.as_slice()].concat())
}

#[cfg(test)]
mod tests {
    use jiff::tz::TimeZone;

    use super::{age, token};
    use crate::text::instant::Instant;

    fn at(time: &str) -> Instant {
        Instant::parse(time, &TimeZone::UTC).unwrap()
    }

    fn is_good(token: &str, secret: &str, now: Instant) -> bool {
        age(token, secret, now).is_some()
    }

    #[test]
    fn s8_a_token_is_good_for_its_secret_and_half_a_day() {
        let now = at("2026-11-21T10:00:00Z");
        let made = token("secret", now, [1; 8]);
        assert_ne!(made, token("secret", now, [2; 8]));
        assert!(is_good(&made, "secret", now));
        assert!(is_good(&made, "secret", at("2026-11-21T22:00:00Z")));
        assert!(!is_good(&made, "secret", at("2026-11-21T22:00:01Z")));
        assert!(is_good(&made, "secret", at("2026-11-21T09:00:00Z")), "the clock was set back");
        assert!(!is_good(&made, "another", now));
        for wrong in
            ["", "x", "AAAA", &made[1..], &made[..made.len() - 1], &format!("{made}A"), &"A".repeat(64)]
        {
            assert!(!is_good(wrong, "secret", now), "{wrong}");
        }
    }
}
