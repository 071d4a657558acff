//! Hashes that Django wrote, so that people who move over keep their passwords.
//!
//! Known are `pbkdf2_sha256$…`, `argon2$…`, `bcrypt_sha256$…` and `bcrypt$…`. Such a hash is checked at import, when
//! something can still be done about it: it must be complete, and its cost, which a stranger chose, within caps that
//! stay above Django's own defaults (1 200 000 rounds; 100 MiB, two passes, eight lanes; 2¹² rounds of bcrypt).

use argon2::Block;
use argon2::password_hash::phc::Output;
use sha2::{Digest as _, Sha256};
use subtle::ConstantTimeEq as _;
use zeroize::Zeroizing;

use super::error::Error;
use super::hash::{Argon2Hash, Limit};
use crate::crypto::hex::hex;
use crate::error::Result;

/// The most rounds of PBKDF2; about a second.
const MOST_ROUNDS: u32 = 3_000_000;

/// The longest salt of PBKDF2 in bytes.
const LONGEST_SALT: usize = 128;

/// The highest cost of bcrypt, as a power of two; about a second.
const MOST_BCRYPT_COST: u32 = 14;

/// What an Argon2 hash of Django may cost.
const ARGON2_LIMIT: Limit = Limit { memory_kib: 131_072, passes: 8, lanes: 16 };

/// Length of a PBKDF2 hash with SHA-256, in bytes.
const PBKDF2_LENGTH: usize = 32;

/// A hash of Django, complete and not too costly.
pub(crate) enum Scheme {
    /// PBKDF2 with HMAC-SHA-256 (RFC 8018).
    Pbkdf2 {
        /// How often HMAC is applied.
        rounds: u32,
        /// The salt, as Django wrote it: text.
        salt: String,
        /// The hash.
        output: Output,
    },
    /// Argon2id, or Argon2i of older times.
    Argon2(Argon2Hash),
    /// bcrypt over the hexadecimal SHA-256 of the password, so that all of it counts.
    BcryptSha256(String),
    /// bcrypt over the password, of which 72 bytes count.
    Bcrypt(String),
}

/// Reads a hash as Django stores it; `None` when it says that there is no password (empty, or beginning with `!`).
///
/// Fails with the reason if the hash is of an unknown kind, incomplete, or too costly to be checked at every login.
pub(crate) fn recognise(hash: &str) -> Result<Option<Scheme>, Error> {
    if hash.is_empty() || hash.starts_with('!') {
        return Ok(None);
    }
    let (kind, rest) = hash.split_once('$').ok_or(Error::HashUnknown)?;
    let scheme = match kind {
        "pbkdf2_sha256" => read_pbkdf2(rest)?,
        "argon2" => Scheme::Argon2(Argon2Hash::parse(&format!("${rest}"), ARGON2_LIMIT)?),
        "bcrypt_sha256" => Scheme::BcryptSha256(read_bcrypt("bcrypt_sha256", rest)?),
        "bcrypt" => Scheme::Bcrypt(read_bcrypt("bcrypt", rest)?),
        _ => return Err(Error::HashUnknown),
    };
    Ok(Some(scheme))
}

impl Scheme {
    /// Whether this is the hash of `password`, byte for byte; takes the same time either way.
    pub(crate) fn matches(&self, password: &str) -> Result<bool, Error> {
        match self {
            Self::Pbkdf2 { rounds, salt, output } => {
                let mut found = [0; PBKDF2_LENGTH];
                pbkdf2::pbkdf2_hmac::<Sha256>(password.as_bytes(), salt.as_bytes(), *rounds, &mut found);
                Ok(found.ct_eq(output.as_bytes()).into())
            }
            Self::Argon2(hash) => hash.matches(password, &mut vec![Block::new(); hash.block_count()]),
            Self::BcryptSha256(hash) => {
                let digest = Zeroizing::new(hex(&Sha256::digest(password)));
                bcrypt::verify(digest.as_bytes(), hash).map_err(Error::not_hashed)
            }
            Self::Bcrypt(hash) => bcrypt::verify(password, hash).map_err(Error::not_hashed),
        }
    }
}

/// Reads `rounds$salt$hash`.
fn read_pbkdf2(rest: &str) -> Result<Scheme, Error> {
    let malformed = |reason| Error::HashMalformed { kind: "pbkdf2_sha256", reason };
    let mut fields = rest.split('$');
    let (Some(rounds), Some(salt), Some(output), None) =
        (fields.next(), fields.next(), fields.next(), fields.next())
    else {
        return Err(malformed("it does not have four parts"));
    };
    let rounds = rounds.parse().ok().filter(|rounds| *rounds > 0);
    let rounds = rounds.ok_or_else(|| malformed("the number of rounds makes no sense"))?;
    if rounds > MOST_ROUNDS {
        return Err(Error::HashTooCostly { what: "the number of rounds", found: rounds, most: MOST_ROUNDS });
    }
    if salt.is_empty() || salt.len() > LONGEST_SALT {
        return Err(malformed("the salt is missing or too long"));
    }
    // 32 bytes are 43 characters of base 64 and one of padding.
    let output = output.strip_suffix('=').and_then(|text| Output::decode(text).ok());
    let output = output.filter(|output| output.len() == PBKDF2_LENGTH);
    let output = output.ok_or_else(|| malformed("the hash is not 32 bytes in base 64"))?;
    Ok(Scheme::Pbkdf2 { rounds, salt: salt.to_owned(), output })
}

/// Checks a hash of bcrypt in its usual form `$2b$12$…` and gives it back.
fn read_bcrypt(kind: &'static str, hash: &str) -> Result<String, Error> {
    let malformed = |reason| Error::HashMalformed { kind, reason };
    // `2x` marks hashes of a broken implementation, which no longer verify.
    if !["$2a$", "$2b$", "$2y$"].iter().any(|version| hash.starts_with(version)) {
        return Err(malformed("only the versions 2a, 2b and 2y are known"));
    }
    let parts: bcrypt::HashParts =
        hash.parse().map_err(|_| malformed("it does not read as 60 characters of bcrypt"))?;
    match parts.get_cost() {
        0..4 => Err(malformed("its cost makes no sense")),
        4..=MOST_BCRYPT_COST => Ok(hash.to_owned()),
        found => Err(Error::HashTooCostly { what: "the cost of bcrypt", found, most: MOST_BCRYPT_COST }),
    }
}
