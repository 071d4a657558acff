//! Argon2id (RFC 9106), as PHC strings: `$argon2id$v=19$m=19456,t=2,p=1$salt$hash`.
//!
//! The parameters stand in each hash, so that they can be raised at any time: older hashes still verify, and
//! [`Verdict::RightUpgrade`] says when to replace one. The defaults are those OWASP names as the least (19 MiB, two
//! passes, one lane).

use std::num::NonZero;
use std::sync::LazyLock;
use std::thread;
use std::time::Duration;

use argon2::password_hash::phc::{Output, ParamsString, Salt};
use argon2::{ARGON2ID_IDENT, Algorithm, Argon2, Block, Params, PasswordHash, Version};
use subtle::ConstantTimeEq as _;

use super::error::Error;
use super::pool::{Patience, Pool, Seat};
use super::settings::{MEMORY_KIB, PASSES};
use super::{Verdict, nfc};
use crate::context::{Context, Settings};
use crate::crypto::rng::Random;
use crate::error::Result;
use crate::text::secret::Secret;

/// Length of the salt in bytes, as RFC 9106 recommends.
const SALT_LENGTH: usize = 16;

/// Length of a hash in bytes.
const OUTPUT_LENGTH: usize = 32;

/// What our own hashes may cost at most: the upper ends of the settings.
const OWN_LIMIT: Limit = Limit { memory_kib: 1_048_576, passes: 16, lanes: 1 };

/// What one new hash costs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct HashCost {
    /// Memory in KiB.
    pub(crate) memory_kib: u32,
    /// Passes over it.
    pub(crate) passes: u32,
}

impl HashCost {
    /// The cost that the settings ask for.
    pub(crate) fn of(settings: &Settings) -> Self {
        Self { memory_kib: *settings.get(&MEMORY_KIB), passes: *settings.get(&PASSES) }
    }
}

/// What every hasher of the process shares: its seats, and the turn of foreign hashes.
struct Machine {
    pool: Pool,
    foreign: Pool,
}

/// The one of this process.
static MACHINE: LazyLock<Machine> = LazyLock::new(|| {
    let processors = thread::available_parallelism().map_or(1, NonZero::get);
    Machine { pool: Pool::new(processors), foreign: Pool::new(1) }
});

/// How many hashes run in this process, and how many wait; those of other programs do not count.
pub(super) fn load() -> (i64, i64) {
    let (running, waiting) = MACHINE.pool.load();
    let count = |number| i64::try_from(number).unwrap_or(i64::MAX);
    (count(running), count(waiting))
}

/// How long a visitor waits for a hash to begin.
const VISITOR_WAITS: Duration = Duration::from_secs(2);

/// Hashes and verifies passwords, in the seats of the process: at most one a processor at once.
pub(crate) struct Hasher {
    params: Params,
    patience: Patience,
}

impl Hasher {
    /// A hasher for that work: of the cost that the settings ask for, and with no more patience than its door allows.
    pub(crate) fn of(cx: &Context) -> Result<Self> {
        let patience =
            if cx.via.client().is_some() { Patience::Short(VISITOR_WAITS) } else { Patience::Endless };
        Ok(Self { patience, ..Self::new(HashCost::of(&cx.settings))? })
    }

    /// A hasher that makes hashes of this cost, and waits until it can.
    pub(super) fn new(cost: HashCost) -> Result<Self> {
        let params =
            Params::new(cost.memory_kib, cost.passes, 1, Some(OUTPUT_LENGTH)).map_err(Error::not_hashed)?;
        Ok(Self { params, patience: Patience::Endless })
    }

    /// The right to run one hash.
    fn seat(&self) -> Result<Seat<'static>, Error> {
        MACHINE.pool.take(self.params.block_count(), self.patience).ok_or(Error::Busy)
    }

    /// The hash to be stored for `password`, with a new random salt.
    pub(crate) fn hash(&self, rng: &dyn Random, password: &Secret) -> Result<String> {
        let mut salt = [0; SALT_LENGTH];
        rng.fill(&mut salt)?;
        let output = self.output(&self.params, &salt, password)?;
        Ok(phc(&self.params, &salt, &output)?)
    }

    /// The hashes to be stored for secrets that are tried together, with one new random salt: so one hash, by
    /// [`Hasher::hash_like`], tells which of them somebody has.
    pub(crate) fn hash_together(&self, rng: &dyn Random, secrets: &[Secret]) -> Result<Vec<String>> {
        let mut salt = [0; SALT_LENGTH];
        rng.fill(&mut salt)?;
        let hash = |secret: &Secret| {
            let output = self.output(&self.params, &salt, secret)?;
            Ok(phc(&self.params, &salt, &output)?)
        };
        secrets.iter().map(hash).collect()
    }

    /// The hash of a secret with salt and cost of the own hash `stored`: the same text, where it is the same secret.
    pub(crate) fn hash_like(&self, stored: &str, secret: &Secret) -> Result<String> {
        let stored = Argon2Hash::parse(stored, OWN_LIMIT).map_err(Error::stored)?;
        let output = self.output(&stored.params, &stored.salt, secret)?;
        Ok(phc(&stored.params, &stored.salt, &output)?)
    }

    /// What Argon2id makes of a secret, in a seat.
    fn output(&self, params: &Params, salt: &[u8], secret: &Secret) -> Result<[u8; OUTPUT_LENGTH]> {
        let mut output = [0; OUTPUT_LENGTH];
        let argon2 = Argon2::new(Algorithm::Argon2id, Version::V0x13, params.clone());
        let mut seat = self.seat()?;
        let memory = seat.blocks(params.block_count());
        argon2
            .hash_password_into_with_memory(nfc(secret).as_bytes(), salt, &mut output, memory)
            .map_err(Error::not_hashed)?;
        Ok(output)
    }

    /// Whether `password` is the one of our own hash `stored`.
    pub(super) fn verify(&self, stored: &str, password: &Secret) -> Result<Verdict> {
        let stored = Argon2Hash::parse(stored, OWN_LIMIT).map_err(Error::stored)?;
        let mut seat = self.seat()?;
        let memory = seat.blocks(stored.block_count());
        Ok(match stored.matches(&nfc(password), memory)? {
            false => Verdict::Wrong,
            true if self.is_weaker(&stored) => Verdict::RightUpgrade,
            true => Verdict::Right,
        })
    }

    /// Runs a check of a foreign hash, whose cost is not ours to choose: one at a time, in the seat of an own one.
    pub(super) fn one_foreign<T>(&self, check: impl FnOnce() -> Result<T>) -> Result<T> {
        let _alone = MACHINE.foreign.take(0, self.patience).ok_or(Error::Busy)?;
        let _seat = self.seat()?;
        check()
    }

    /// Whether a hash costs less to guess than a new one would.
    fn is_weaker(&self, stored: &Argon2Hash) -> bool {
        let now = &self.params;
        stored.algorithm != Algorithm::Argon2id
            || stored.params.m_cost() < now.m_cost()
            || stored.params.t_cost() < now.t_cost()
            || stored.output.len() < OUTPUT_LENGTH
    }
}

fn phc(params: &Params, salt: &[u8], output: &[u8]) -> Result<String, Error> {
    let hash = PasswordHash {
        algorithm: ARGON2ID_IDENT,
        version: Some(Version::V0x13.into()),
        params: ParamsString::try_from(params).map_err(Error::not_hashed)?,
        salt: Some(Salt::new(salt).map_err(Error::not_hashed)?),
        hash: Some(Output::new(output).map_err(Error::not_hashed)?),
    };
    Ok(hash.to_string())
}

/// Whether this is a hash that [`Hasher::hash`] made.
pub(super) fn is_own(stored: &str) -> bool {
    stored.starts_with("$argon2id$")
}

/// What a hash may cost to be checked at all.
#[derive(Debug, Clone, Copy)]
pub(super) struct Limit {
    pub(super) memory_kib: u32,
    pub(super) passes: u32,
    pub(super) lanes: u32,
}

impl Limit {
    fn check(self, params: &Params) -> Result<(), Error> {
        let costs = [
            ("memory in KiB", params.m_cost(), self.memory_kib),
            ("the number of passes", params.t_cost(), self.passes),
            ("the number of lanes", params.p_cost(), self.lanes),
        ];
        match costs.into_iter().find(|(_, found, most)| found > most) {
            Some((what, found, most)) => Err(Error::HashTooCostly { what, found, most }),
            None => Ok(()),
        }
    }
}

/// A parsed Argon2 hash, ours or a foreign one.
pub(crate) struct Argon2Hash {
    algorithm: Algorithm,
    params: Params,
    salt: Salt,
    output: Output,
}

impl Argon2Hash {
    /// Reads a PHC string of Argon2id or Argon2i in version 1.3.
    pub(super) fn parse(phc: &str, limit: Limit) -> Result<Self, Error> {
        let malformed = |reason| Error::HashMalformed { kind: "argon2", reason };
        let hash = PasswordHash::new(phc).map_err(|_| malformed("it does not read as a PHC string"))?;
        let algorithm = Algorithm::new(hash.algorithm.as_str()).ok();
        let algorithm = algorithm.filter(|algorithm| *algorithm != Algorithm::Argon2d);
        let algorithm = algorithm
            .ok_or_else(|| malformed("only the variants `argon2id` and `argon2i` are for passwords"))?;
        if hash.version != Some(Version::V0x13.into()) {
            return Err(malformed("only version 19 is known"));
        }
        let params = Params::try_from(&hash).map_err(|_| malformed("its parameters make no sense"))?;
        limit.check(&params)?;
        let salt = hash.salt.ok_or_else(|| malformed("it has no salt"))?;
        let output = hash.hash.ok_or_else(|| malformed("it ends before the hash"))?;
        Ok(Self { algorithm, params, salt, output })
    }

    /// How many blocks of memory [`Argon2Hash::matches`] needs.
    pub(crate) const fn block_count(&self) -> usize {
        self.params.block_count()
    }

    /// Whether this is the hash of `password`; takes the same time either way.
    pub(super) fn matches(&self, password: &str, memory: &mut [Block]) -> Result<bool, Error> {
        let mut output = vec![0; self.output.len()];
        Argon2::new(self.algorithm, Version::V0x13, self.params.clone())
            .hash_password_into_with_memory(password.as_bytes(), &self.salt, &mut output, memory)
            .map_err(Error::not_hashed)?;
        Ok(output.ct_eq(self.output.as_bytes()).into())
    }
}
