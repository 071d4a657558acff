//! The hash chain: what a row's hash covers, and what a walk over the rows finds.

use serde::Deserialize;
use sha2::{Digest as _, Sha256};

use super::{Entry, Error};
use crate::crypto::hex::{hex, read_hex};
use crate::text::instant::Instant;

/// SHA-256 of a row.
pub(super) type Hash = [u8; 32];

/// A row as it is hashed.
pub(super) struct Link<'a> {
    /// The place in the chain, from 1.
    pub(super) seq: i64,
    /// When.
    pub(super) at: Instant,
    /// Who.
    pub(super) actor: &'a str,
    /// The shell user behind.
    pub(super) shell_user: Option<&'a str>,
    /// Through which door.
    pub(super) via: &'a str,
    /// What happened.
    pub(super) entry: Entry<'a>,
}

impl Link<'_> {
    /// SHA-256 over the previous hash (32 zero bytes before the first row) and every field, each with its length, so
    /// that no two different rows have the same bytes.
    pub(super) fn hash(&self, previous: Option<&Hash>) -> Hash {
        let mut hasher = Sha256::new();
        hasher.update(previous.unwrap_or(&[0; 32]));
        hasher.update(self.seq.to_le_bytes());
        hasher.update(self.at.micros().to_le_bytes());
        let entry = &self.entry;
        hasher.update(entry.subject_id.unwrap_or(0).to_le_bytes());
        let fields = [
            Some(self.actor),
            self.shell_user,
            Some(self.via),
            Some(entry.action),
            Some(entry.kind),
            Some(entry.subject),
            entry.before,
            entry.after,
            entry.reason,
            entry.run,
        ];
        for field in fields {
            // Lengths count from one, so that an absent field differs from an empty one.
            hasher.update(field.map_or(0, |text| text.len() as u64 + 1).to_le_bytes());
            hasher.update(field.unwrap_or_default());
        }
        hasher.finalize().into()
    }
}

/// The head of the chain at some time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Checkpoint {
    /// The row.
    pub(crate) seq: i64,
    /// When it was written.
    pub(crate) at: Instant,
    /// Its hash.
    pub(crate) hash: Hash,
}

impl Checkpoint {
    /// The line that `audit checkpoint` prints: sequence, hash and time.
    pub(crate) fn line(&self) -> String {
        format!("{} {} {}", self.seq, hash_text(&self.hash), self.at)
    }

    /// Reads what `audit checkpoint` printed: sequence, hash and time in one line, or as one JSON object.
    ///
    /// # Errors
    /// [`Error::BadCheckpoint`], with `file` in it, when the line is anything else.
    pub(crate) fn parse(file: &str, text: &str) -> Result<Self, Error> {
        let bad = |reason: &str| Error::BadCheckpoint { file: file.to_owned(), reason: reason.to_owned() };
        let kept = if text.trim_start().starts_with('{') {
            serde_json::from_str(text).map_err(|_| bad("it is no JSON object with seq, hash and at"))?
        } else {
            let mut words = text.split_whitespace();
            let (Some(seq), Some(hash), Some(at), None) =
                (words.next(), words.next(), words.next(), words.next())
            else {
                return Err(bad("it does not have the three words sequence, hash and time"));
            };
            let seq = seq.parse().map_err(|_| bad("its sequence is no number"))?;
            Kept { seq, hash: hash.to_owned(), at: at.to_owned() }
        };
        let at = Instant::parse(&kept.at, &jiff::tz::TimeZone::UTC);
        Ok(Self {
            seq: kept.seq,
            hash: parse_hash(&kept.hash).ok_or_else(|| bad("its hash is not 64 hexadecimal digits"))?,
            at: at.map_err(|_| bad("its time is not RFC 3339"))?,
        })
    }
}

/// A checkpoint as it is written in a file.
#[derive(Deserialize)]
struct Kept {
    seq: i64,
    hash: String,
    at: String,
}

/// A hash in hexadecimal.
pub(super) fn hash_text(hash: &Hash) -> String {
    hex(hash)
}

fn parse_hash(text: &str) -> Option<Hash> {
    let mut hash = [0; 32];
    read_hex(text, &mut hash)?;
    Some(hash)
}

/// What a walk over the chain found.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Verdict {
    /// Rows that fit.
    pub(crate) rows: i64,
    /// The first row that does not fit, and why.
    pub(crate) broken: Option<(i64, String)>,
    /// The last row that fits.
    pub(crate) head: Option<Checkpoint>,
}
