//! Tokens: what the links in mails carry, and whoever has one may do once.
//!
//! A token has 260 random bits and stands in the mail alone: the store keeps its SHA-256, bound to what it opens
//! ([`Purpose`]) and to whose account that is. It is made when its mail is first tried, so that its life counts from then.
//! [`take`] uses it up, by one statement: of two who use it at once, one does. A newer token ends the older ones of its
//! purpose; whatever gives an account another password, another address or no login at all ends all of it ([`end_all`]).

mod purpose;
mod settings;
mod store;
mod upkeep;

#[cfg(test)]
mod tests;

pub(crate) use purpose::Purpose;
pub(crate) use settings::SETTINGS;
pub(crate) use upkeep::CLEAN_UP;

use std::fmt;
use std::time::Duration;

use sha2::{Digest as _, Sha256};
use zeroize::Zeroizing;

use crate::context::Context;
use crate::crypto::rng::symbols;
use crate::error::Result;
use crate::store::Tx;
use crate::text::instant::Instant;

/// The characters of a token: 5 bits each, none to be taken for another.
const ALPHABET: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";

/// How many it has: 260 bits.
const LENGTH: usize = 52;

/// A token as it stands in a link. It opens an account, so it has no `Debug` of its own, and is wiped when dropped.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Token(Zeroizing<String>);

impl Token {
    /// A token, if the text has the form of one.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let is_one = text.len() == LENGTH && text.bytes().all(|byte| ALPHABET.contains(&byte));
        is_one.then(|| Self(Zeroizing::new(text.to_owned())))
    }

    /// The text that stands in the link, for the mail and what is sealed of it.
    pub(crate) fn expose(&self) -> &str {
        &self.0
    }

    /// One that opens nothing, for samples of mails.
    pub(crate) fn sample(purpose: Purpose) -> Self {
        Self(Zeroizing::new(purpose.word().bytes().map(char::from).cycle().take(LENGTH).collect()))
    }

    fn hash(&self) -> [u8; 32] {
        Sha256::digest(self.0.as_bytes()).into()
    }
}

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Token(…)")
    }
}

/// For what a token is made, and what is known of it later.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct About {
    /// What it opens.
    pub(crate) purpose: Purpose,
    /// Whose account.
    pub(crate) user: i64,
    /// The mail that carries it.
    pub(crate) mail: Option<i64>,
    /// The token that it disowns, if it came with one.
    pub(crate) disowns: Option<i64>,
}

/// A token as the store knows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Known {
    /// Never reused.
    pub(crate) id: i64,
    /// What it opens, and whose.
    pub(crate) about: About,
    /// When it was made.
    pub(crate) made_at: Instant,
    /// Until when it is good.
    pub(crate) expires_at: Instant,
    /// When it was used or ended.
    pub(crate) ended_at: Option<Instant>,
}

impl Known {
    /// Whether it still opens something at that time. One that was made in the future is none: a clock was ahead.
    pub(crate) fn is_good(&self, now: Instant) -> bool {
        self.ended_at.is_none() && now < self.expires_at && self.made_at <= latest(now)
    }
}

/// Makes a token, which is good from now on; what of the same purpose is older ends. The token, its id, and until when it
/// is good.
pub(crate) fn make(cx: &Context, tx: &Tx<'_>, about: &About) -> Result<(Token, i64, Instant)> {
    let token = Token(Zeroizing::new(symbols(&*cx.rng, ALPHABET, LENGTH)?));
    let (now, life) = (cx.now(), about.purpose.life(&cx.settings));
    if about.purpose.ends_older() {
        store::end_purpose(tx, about.user, about.purpose, now)?;
    }
    let until = later(now, life);
    let id = store::insert(tx, &token.hash(), about, (now, until))?;
    Ok((token, id, until))
}

/// What is known of a token of that purpose, good or no longer; nothing of what was never one.
pub(crate) fn find(tx: &Tx<'_>, purpose: Purpose, token: &Token) -> Result<Option<Known>> {
    Ok(store::find(tx, &token.hash())?.filter(|known| known.about.purpose == purpose))
}

/// Uses a token up, if it is good: whoever gets `true` may do what it opens, and nobody else.
pub(crate) fn take(tx: &Tx<'_>, known: &Known, now: Instant) -> Result<bool> {
    store::take(tx, known.id, (now, latest(now)))
}

/// Ends a token that was disowned; whether it was good until now.
pub(crate) fn disown(tx: &Tx<'_>, id: i64, now: Instant) -> Result<bool> {
    store::disown(tx, id, now)
}

/// Ends the tokens of an account that open this.
pub(crate) fn end_purpose(tx: &Tx<'_>, user: i64, purpose: Purpose, now: Instant) -> Result<()> {
    store::end_purpose(tx, user, purpose, now)
}

/// Ends every token of an account.
pub(crate) fn end_all(tx: &Tx<'_>, user: i64, now: Instant) -> Result<()> {
    store::end_all(tx, user, now)
}

/// Whether the link of a mail ended with every other of its account, and none was made for it since.
pub(crate) fn ended_with_account(tx: &Tx<'_>, mail: i64) -> Result<bool> {
    store::ended_with_account(tx, mail)
}

/// Ends the tokens that a mail carried.
pub(crate) fn end_of_mail(tx: &Tx<'_>, mail: i64, now: Instant) -> Result<()> {
    store::end_of_mail(tx, mail, now)
}

/// How long what was made by a clock that is a little ahead of this one counts as made now.
const TOLERANCE: Duration = Duration::from_secs(3600);

/// What was made later than this was made by a clock that was ahead.
fn latest(now: Instant) -> Instant {
    later(now, TOLERANCE)
}

fn later(at: Instant, by: Duration) -> Instant {
    Instant::from_micros(at.micros().saturating_add(i64::try_from(by.as_micros()).unwrap_or(i64::MAX)))
}
