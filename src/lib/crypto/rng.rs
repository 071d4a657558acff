//! Where random bytes come from.
//!
//! Operations take a [`Random`] and never ask the system themselves, so that a test can repeat what it saw.

use crate::error::{Explain, Kind, Result};

/// The 32 digits of Crockford's base 32 in lower case: no `i`, `l`, `o`, `u`, which are misread or make words.
pub(crate) const CROCKFORD: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";

/// How many characters a [`short_id`] has: 50 bits, so that a million ids collide with a chance of one in two thousand.
const SHORT_ID_LENGTH: usize = 10;

/// A source of bytes nobody can guess.
pub(crate) trait Random: Send + Sync {
    /// Fills `bytes` with random bytes, or fails and leaves them unusable.
    fn fill(&self, bytes: &mut [u8]) -> Result<()>;
}

/// The randomness of the operating system (on Linux `getrandom(2)`).
#[derive(Debug, Clone, Copy)]
pub(crate) struct SystemRandom;

impl Random for SystemRandom {
    #[expect(clippy::disallowed_methods, reason = "the one place that asks the system for randomness")]
    fn fill(&self, bytes: &mut [u8]) -> Result<()> {
        getrandom::fill(bytes).map_err(|source| RandomError::Unavailable { source })?;
        Ok(())
    }
}

/// Why there are no random bytes.
#[derive(Debug, thiserror::Error)]
pub(crate) enum RandomError {
    /// The operating system gave none.
    #[error("the operating system gives no random bytes")]
    Unavailable {
        /// What it said instead.
        source: getrandom::Error,
    },
}

impl Explain for RandomError {
    fn code(&self) -> &'static str {
        "random.unavailable"
    }

    fn kind(&self) -> Kind {
        Kind::Io
    }

    fn advice(&self) -> Option<String> {
        Some(
            "let the process call `getrandom(2)` or read `/dev/urandom`; a sandbox may forbid both"
                .to_owned(),
        )
    }
}

/// `length` characters of `alphabet`, each with 5 random bits.
pub(crate) fn symbols(rng: &dyn Random, alphabet: &[u8; 32], length: usize) -> Result<String> {
    let mut bytes = zeroize::Zeroizing::new(vec![0; length]);
    rng.fill(&mut bytes)?;
    // 256 is a multiple of 32, so the remainder favours no character.
    let drawn = bytes.iter().filter_map(|byte| alphabet.get(usize::from(byte % 32)));
    let mut text = String::with_capacity(length);
    text.extend(drawn.map(|symbol| char::from(*symbol)));
    Ok(text)
}

/// The short random name of a run or a mail: 10 characters of Crockford's base 32, easy to read out and to type.
pub(crate) fn short_id(rng: &dyn Random) -> Result<String> {
    symbols(rng, CROCKFORD, SHORT_ID_LENGTH)
}

/// A generator that gives the same bytes for the same seed: the SHA-256 of seed and block number, block after block.
#[cfg(test)]
#[derive(Debug)]
pub(crate) struct SeededRandom {
    seed: u64,
    block: std::sync::atomic::AtomicU64,
}

#[cfg(test)]
impl SeededRandom {
    /// A generator at its first byte.
    pub(crate) fn new(seed: u64) -> Self {
        Self { seed, block: std::sync::atomic::AtomicU64::new(0) }
    }
}

#[cfg(test)]
impl Random for SeededRandom {
    fn fill(&self, bytes: &mut [u8]) -> Result<()> {
        use sha2::{Digest, Sha256};
        for chunk in bytes.chunks_mut(32) {
            let block = self.block.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
            let digest =
                Sha256::new().chain_update(self.seed.to_be_bytes()).chain_update(block.to_be_bytes());
            chunk.copy_from_slice(&digest.finalize()[..chunk.len()]);
        }
        Ok(())
    }
}

/// Counts the salts of new hashes that it is asked for.
#[cfg(test)]
#[derive(Debug, Default)]
pub(crate) struct CountingRandom(std::sync::atomic::AtomicUsize);

#[cfg(test)]
impl CountingRandom {
    /// How many those were.
    pub(crate) fn salts(&self) -> usize {
        self.0.load(std::sync::atomic::Ordering::SeqCst)
    }
}

#[cfg(test)]
impl Random for CountingRandom {
    fn fill(&self, bytes: &mut [u8]) -> Result<()> {
        let is_salt = bytes.len() == 16;
        self.0.fetch_add(usize::from(is_salt), std::sync::atomic::Ordering::SeqCst);
        SystemRandom.fill(bytes)
    }
}

#[cfg(test)]
mod tests {
    use super::{CROCKFORD, Random, SeededRandom, SystemRandom, short_id};

    #[test]
    fn a_short_id_is_ten_readable_characters() {
        let id = short_id(&SystemRandom).unwrap();
        assert_eq!(id.len(), 10);
        assert!(id.bytes().all(|byte| CROCKFORD.contains(&byte)), "{id}");
    }

    #[test]
    fn short_ids_differ_from_call_to_call() {
        let rng = SeededRandom::new(1);
        assert_ne!(short_id(&rng).unwrap(), short_id(&rng).unwrap());
    }

    #[test]
    fn the_same_seed_repeats_the_same_bytes() {
        let draw = |seed| {
            let mut bytes = [0; 40];
            SeededRandom::new(seed).fill(&mut bytes).unwrap();
            bytes
        };
        assert_eq!(draw(7), draw(7));
        assert_ne!(draw(7), draw(8));
    }

    #[test]
    fn the_system_gives_other_bytes_each_time() {
        let draw = || {
            let mut bytes = [0; 32];
            SystemRandom.fill(&mut bytes).unwrap();
            bytes
        };
        assert_ne!(draw(), draw());
    }
}
