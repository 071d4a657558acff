//! Randomness, the master key, and secrets sealed to the place they are stored in.
//!
//! Whatever the product has to be able to read again (a bind password, a mail password, the seed of a second factor)
//! is encrypted at rest. One 256-bit [master key](key::MasterKey) does it; it lives in a file of its own beside the
//! store, so that a stolen store alone gives nothing away. [`seal`] binds each ciphertext to the table, column and row
//! it was written for, so that whoever can write the store still cannot move the secret of one row to another.
//!
//! What need only be recognised, not read (passwords), is hashed instead; see `password`. Every random byte of the
//! product comes through [`rng::Random`], which tests replace by a generator that repeats itself.

pub(crate) mod hex;
pub(crate) mod kept;
pub(crate) mod key;
pub(crate) mod mac;
pub(crate) mod rng;
pub(crate) mod seal;
