//! The hash chain: what a row's hash covers, and what a walk over the rows finds.

use serde::Deserialize;
use sha2::{Digest as _, Sha256};

use super::State;
use super::keyed::{AuditKey, RENEWED};
use super::{Entry, Error};
use crate::crypto::hex::{hex, read_hex};
use crate::text::instant::Instant;

/// What a checkpoint says of a row with a keyed hash.
const KEYED: &str = "keyed";

/// What a checkpoint in CSV begins with.
const CSV_HEADER: &str = "seq,hash,at";

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
    /// The account that acted.
    pub(super) actor_id: Option<i64>,
    /// The shell user behind.
    pub(super) shell_user: Option<&'a str>,
    /// Through which door.
    pub(super) via: &'a str,
    /// The address that a change by web came from.
    pub(super) client: Option<&'a str>,
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
        let Entry { event, before, after } = &self.entry;
        hasher.update(event.subject_id.unwrap_or(0).to_le_bytes());
        let fields = [
            Some(self.actor),
            self.shell_user,
            Some(self.via),
            Some(event.action),
            Some(event.kind),
            Some(event.subject),
            *before,
            *after,
            event.reason,
            event.run,
        ];
        for field in fields {
            // Lengths count from one, so that an absent field differs from an empty one.
            hasher.update(field.map_or(0, |text| text.len() as u64 + 1).to_le_bytes());
            hasher.update(field.unwrap_or_default());
        }
        // What rows did not always have is hashed only where it is there, so that older rows keep their hash.
        if let Some(id) = self.actor_id {
            hasher.update([1]);
            hasher.update(id.to_le_bytes());
        }
        if let Some(client) = self.client {
            hasher.update([2]);
            hasher.update((client.len() as u64).to_le_bytes());
            hasher.update(client);
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
    /// Whether it has a keyed hash.
    pub(crate) keyed: bool,
}

impl Checkpoint {
    /// The line that `audit checkpoint` prints: sequence, hash and time, and the word `keyed` after a keyed row.
    pub(crate) fn line(&self) -> String {
        let keyed = if self.keyed { KEYED } else { "" };
        format!("{} {} {} {keyed}", self.seq, hash_text(&self.hash), self.at).trim_end().to_owned()
    }

    /// Reads what `audit checkpoint` printed: one line, one JSON object, or CSV with a header.
    ///
    /// # Errors
    /// [`Error::BadCheckpoint`], with `file` in it, when the line is anything else.
    pub(crate) fn parse(file: &str, text: &str) -> Result<Self, Error> {
        let bad = |reason: &str| Error::BadCheckpoint { file: file.to_owned(), reason: reason.to_owned() };
        let kept = if text.trim_start().starts_with('{') {
            serde_json::from_str(text).map_err(|_| bad("it is no JSON object with seq, hash and at"))?
        } else if text.starts_with(CSV_HEADER) {
            Kept::of_csv(text).ok_or_else(|| bad("it is no CSV with one line of seq, hash and at"))?
        } else {
            let words: Vec<&str> = text.split_whitespace().collect();
            let (seq, hash, at, keyed) = match words.as_slice() {
                [seq, hash, at] => (seq, hash, at, false),
                [seq, hash, at, word] if *word == KEYED => (seq, hash, at, true),
                _ => return Err(bad("it does not have the three words sequence, hash and time")),
            };
            let seq = seq.parse().map_err(|_| bad("its sequence is no number"))?;
            Kept { seq, hash: (*hash).to_owned(), at: (*at).to_owned(), keyed }
        };
        let at = Instant::parse(&kept.at, &jiff::tz::TimeZone::UTC);
        Ok(Self {
            seq: kept.seq,
            hash: parse_hash(&kept.hash).ok_or_else(|| bad("its hash is not 64 hexadecimal digits"))?,
            at: at.map_err(|_| bad("its time is not RFC 3339"))?,
            keyed: kept.keyed,
        })
    }
}

/// A checkpoint as it is written in a file.
#[derive(Deserialize)]
struct Kept {
    seq: i64,
    hash: String,
    at: String,
    /// Checkpoints did not always say it.
    #[serde(default)]
    keyed: bool,
}

impl Kept {
    /// None of the cells is ever quoted.
    fn of_csv(text: &str) -> Option<Self> {
        let mut lines = text.lines();
        let (header, cells) = (lines.next()?, lines.next()?);
        if lines.any(|line| !line.is_empty()) {
            return None;
        }
        let cells: Vec<&str> = cells.split(',').collect();
        let cell = |name| cells.get(header.split(',').position(|field| field == name)?).copied();
        Some(Self {
            seq: cell("seq")?.parse().ok()?,
            hash: cell("hash")?.to_owned(),
            at: cell("at")?.to_owned(),
            keyed: match cell("keyed") {
                None | Some("no") => false,
                Some("yes") => true,
                Some(_) => return None,
            },
        })
    }
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

/// What the rows are held against.
#[derive(Debug, Clone)]
pub(super) struct Against {
    /// A head that was kept elsewhere.
    pub(super) checkpoint: Option<Checkpoint>,
    /// What is known of the key of the audit.
    pub(super) key: KnownKey,
}

/// What is known of the key of the audit.
#[derive(Debug, Clone)]
pub(super) enum KnownKey {
    /// This is it.
    This(AuditKey),
    /// The store has none: no row has been written since there are any.
    None,
    /// The key that it is sealed with is not at hand.
    Sealed,
}

/// What a walk over the chain found.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Verdict {
    /// Rows that fit.
    pub(crate) rows: i64,
    /// The first row that does not fit, and why.
    pub(crate) broken: Option<(i64, String)>,
    /// The last row that fits.
    pub(crate) head: Option<Checkpoint>,
    /// The first row that has a keyed hash, those of a lost key apart.
    pub(crate) keyed_from: Option<i64>,
    /// How many rows have a keyed hash of a key that was lost.
    pub(crate) keyed_lost: i64,
    /// The row that began a new key in the place of a lost one: those before it have the plain chain alone.
    pub(crate) new_key_from: Option<i64>,
    /// Whether the keyed hashes were proved, which takes the key of the store.
    pub(crate) keyed_proved: bool,
    /// The rows whose time lies before that of the row before, and how many there are: the clock was wrong then.
    pub(crate) times_back: Option<(i64, i64)>,
    /// What of the store's schema is not as it was made.
    pub(crate) altered: Vec<String>,
    /// Whether the key of the audit cannot be opened with the key of the store.
    pub(crate) key_is_damaged: bool,
    /// Whether the key of the store is no key, or another than the store names.
    pub(crate) key_is_wrong: bool,
    /// What is wrong with the file, as far as that was asked for.
    pub(crate) damages: Vec<String>,
    /// What the tables hold beside what the audit tells, where that was asked for.
    pub(crate) state: Option<State>,
}

impl Verdict {
    /// Takes the next row.
    ///
    /// # Errors
    /// When it does not continue the chain walked so far: why.
    pub(super) fn follow(
        &mut self,
        link: &Link<'_>,
        (hash, keyed): (Hash, Option<Hash>),
        against: &Against,
    ) -> Result<(), String> {
        let expected = self.rows + 1;
        if link.seq != expected {
            return Err(format!("row {expected} is missing"));
        }
        if link.hash(self.head.as_ref().map(|head| &head.hash)) != hash {
            return Err("its hash does not fit its fields and the row before".to_owned());
        }
        let head = Checkpoint { seq: link.seq, at: link.at, hash, keyed: keyed.is_some() };
        check_key(&against.key, &head, keyed)?;
        // A key that was lost and made again proves nothing of the rows before.
        let is_lost = matches!(&against.key, KnownKey::This(key) if link.seq < key.first);
        against.checkpoint.as_ref().map_or(Ok(()), |checkpoint| checkpoint.check(&head, is_lost))?;
        if let Some(before) = &self.head
            && link.at < before.at
        {
            let (_, count) = self.times_back.get_or_insert((link.seq, 0));
            *count += 1;
        }
        // The last that there is; that it is there is proved by the new key.
        if link.entry.event.action == RENEWED {
            self.new_key_from = Some(link.seq);
        }
        if keyed.is_some() && is_lost {
            self.keyed_lost += 1;
        } else if keyed.is_some() {
            self.keyed_from.get_or_insert(link.seq);
        }
        self.rows = expected;
        self.head = Some(head);
        Ok(())
    }

    /// Whether nothing was found.
    pub(crate) fn is_good(&self) -> bool {
        let differs = self.state.as_ref().is_some_and(|state| state.differences > 0);
        let is_whole = self.broken.is_none() && !self.key_is_damaged && !self.key_is_wrong;
        is_whole && self.altered.is_empty() && self.damages.is_empty() && !differs
    }
}

impl Checkpoint {
    /// Whether the row of the same number is the one this was taken of.
    fn check(&self, row: &Self, key_is_lost: bool) -> Result<(), String> {
        if self.seq != row.seq {
            return Ok(());
        }
        if self.hash != row.hash {
            return Err("the chain does not pass through the checkpoint".to_owned());
        }
        if self.at != row.at {
            return Err("the checkpoint has another time than the row".to_owned());
        }
        if self.keyed && (!row.keyed || key_is_lost) {
            return Err("the keyed hash that it had at the checkpoint is lost, or the key of it".to_owned());
        }
        Ok(())
    }
}

fn check_key(key: &KnownKey, row: &Checkpoint, keyed: Option<Hash>) -> Result<(), String> {
    match (key, keyed) {
        (KnownKey::This(key), _) if row.seq < key.first => Ok(()),
        (KnownKey::This(key), Some(keyed)) if keyed != key.hash(&row.hash) => {
            Err("its keyed hash was made without the key of the store".to_owned())
        }
        (KnownKey::This(key), None) => {
            Err(format!("its keyed hash is missing; every row from {} on has one", key.first))
        }
        (KnownKey::None, Some(_)) => {
            Err("it has a keyed hash, and the store has lost the key of it".to_owned())
        }
        _ => Ok(()),
    }
}
