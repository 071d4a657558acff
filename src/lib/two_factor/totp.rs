//! Codes of an authenticator app: six digits for each half minute, by SHA-1 and a secret of 160 bits, as every app has it.

use totp_rs::{Builder, Totp};
use zeroize::Zeroizing;

use super::{Error, in_groups};
use crate::context::Context;
use crate::error::Result;
use crate::setting::site;
use crate::text::instant::Instant;
use crate::text::secret::Secret as Text;

/// Length of a secret in bytes: 160 bits.
const LENGTH: usize = 20;

/// How long a code is shown, in seconds.
pub(super) const STEP: i64 = 30;

/// How many steps a year has.
pub(super) const STEPS_OF_A_YEAR: i64 = 365 * 24 * 60 * 60 / STEP;

/// How many steps a code may be early or late.
const AROUND: u16 = 1;

/// How many steps around now a first code is looked for, to say that a clock is wrong.
const FAR_AROUND: u16 = 20;

/// The most characters of the name of the site that an app is told: a longer one makes a picture that is hard to read.
const LONGEST_ISSUER: usize = 40;

/// The bytes of a secret.
pub(super) type Secret = Zeroizing<Vec<u8>>;

/// A new secret.
pub(super) fn new_secret(cx: &Context) -> Result<Secret> {
    let mut secret = Zeroizing::new(vec![0; LENGTH]);
    cx.rng.fill(&mut secret)?;
    Ok(secret)
}

fn totp(secret: &Secret, around: u16) -> Totp {
    // Six digits and steps of half a minute are what an app takes for granted; the secret is made here, and long enough.
    Builder::new().with_secret(secret.to_vec()).with_skew(around).build_noncompliant()
}

fn seconds(at: Instant) -> u64 {
    u64::try_from(at.micros().div_euclid(1_000_000)).unwrap_or_default()
}

/// The step whose code this is, at about that time.
pub(super) fn step_of(secret: &Secret, code: &Text, now: Instant) -> Option<i64> {
    check(secret, code, now, AROUND)
}

/// By how many minutes the clock is wrong that made this code, where it is a little: ahead of ours is more than zero.
pub(super) fn minutes_off(secret: &Secret, code: &Text, now: Instant) -> Option<i64> {
    let step = check(secret, code, now, FAR_AROUND)?;
    let here = now.micros().div_euclid(1_000_000).div_euclid(STEP);
    let minutes = (step - here) * STEP / 60;
    Some(if minutes == 0 { (step - here).signum() } else { minutes })
}

fn check(secret: &Secret, code: &Text, now: Instant, around: u16) -> Option<i64> {
    totp(secret, around).check(code.expose(), seconds(now)).and_then(|step| i64::try_from(step).ok())
}

/// The secret as people type it, in groups of four; and the address by which an app takes it over.
pub(super) fn shown(cx: &Context, secret: &Secret, email: &str) -> Result<(Text, Text)> {
    // A colon stands between both in the address.
    let plain = |text: &str| text.replace(':', " ");
    let issuer: String =
        plain(cx.settings.get(&site::NAME).as_ref()).trim().chars().take(LONGEST_ISSUER).collect();
    let issuer = Some(issuer.trim().to_owned()).filter(|issuer| !issuer.is_empty());
    let totp = Builder::new()
        .with_secret(secret.to_vec())
        .with_account_name(plain(email))
        .with_issuer(issuer)
        .build()
        .map_err(|source| Error::NoAddress { source })?;
    let address = totp.to_url().map_err(|source| Error::NoAddress { source })?;
    let letters = Zeroizing::new(totp.secret().to_base32());
    Ok((in_groups(&letters, ' '), Text::new(address)))
}

/// The code of that time.
#[cfg(test)]
pub(crate) fn code_at(secret: &Secret, at: Instant) -> String {
    totp(secret, AROUND).generate(seconds(at)).to_string()
}
