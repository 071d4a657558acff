//! The key that signs: RSA of 2048 bits or more, or Ed25519, in the forms that people have it in.

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use ring::rand::SystemRandom;
use ring::signature::{Ed25519KeyPair, KeyPair as _, RSA_PKCS1_SHA256, RsaKeyPair};
use rustls::pki_types::PrivateKeyDer;
use rustls::pki_types::pem::PemObject as _;
use sha2::{Digest as _, Sha256};
use zeroize::Zeroizing;

use crate::error::{Explain, Kind};

/// Length of the seed of an Ed25519 key in bytes.
const SEED_LENGTH: usize = 32;

/// What stands before an RSA public key in a record: the algorithm, and that a string of bits follows (RFC 5280).
const RSA_ALGORITHM: [u8; 15] =
    [0x30, 0x0D, 0x06, 0x09, 0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x01, 0x01, 0x01, 0x05, 0x00];

/// A private key. It has no `Debug`, so that it cannot slip into a message.
pub(crate) enum SigningKey {
    /// RSA, signed as RFC 8301 asks.
    Rsa(Box<RsaKeyPair>),
    /// Ed25519 (RFC 8463), which not every receiver knows yet.
    Ed25519(Box<Ed25519KeyPair>),
}

/// Why a key is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(crate) enum KeyFault {
    /// It is none.
    #[error("this is no private key in PEM, nor an Ed25519 key in base64")]
    NoKey,
    /// It wants a pass phrase.
    #[error("the key is encrypted with a pass phrase")]
    Encrypted,
    /// It is what the others publish.
    #[error("this is a public key")]
    Public,
    /// RSA of less than 2048 bits.
    #[error("the RSA key is too short: receivers ask for 2048 bits at least")]
    TooShort,
    /// RSA of more than 4096 bits.
    #[error("the RSA key is too long: receivers take 4096 bits at most")]
    TooLong,
    /// Another algorithm.
    #[error("the key is neither RSA nor Ed25519")]
    OtherAlgorithm,
    /// A key that is not whole.
    #[error("the key is damaged")]
    Damaged,
}

impl Explain for KeyFault {
    fn code(&self) -> &'static str {
        "mail.dkim_key"
    }

    fn kind(&self) -> Kind {
        Kind::Refused
    }

    fn field(&self) -> Option<&'static str> {
        Some("key")
    }

    fn advice(&self) -> Option<String> {
        Some(match self {
            Self::Encrypted => "take the pass phrase off with `openssl pkey -in KEY -out PLAIN`".to_owned(),
            Self::Public => "give the private key it belongs to".to_owned(),
            _ => "make one with `openssl genpkey -algorithm RSA -pkeyopt rsa_keygen_bits:2048`".to_owned(),
        })
    }
}

impl SigningKey {
    /// Reads a key: PKCS#1 or PKCS#8 in PEM, or the seed of an Ed25519 key in base64.
    pub(crate) fn import(text: &str) -> Result<Self, KeyFault> {
        if !text.contains("-----BEGIN") {
            return seed(text);
        }
        if text.contains("ENCRYPTED") {
            return Err(KeyFault::Encrypted);
        }
        if text.contains("PUBLIC KEY-----") {
            return Err(KeyFault::Public);
        }
        match PrivateKeyDer::from_pem_slice(text.as_bytes()) {
            Ok(PrivateKeyDer::Pkcs1(key)) => rsa(RsaKeyPair::from_der(key.secret_pkcs1_der())),
            Ok(PrivateKeyDer::Pkcs8(key)) => pkcs8(key.secret_pkcs8_der()),
            Ok(_) => Err(KeyFault::OtherAlgorithm),
            Err(_) => Err(KeyFault::NoKey),
        }
    }

    /// How a signature names the algorithm.
    pub(super) const fn algorithm(&self) -> &'static str {
        match self {
            Self::Rsa(_) => "rsa-sha256",
            Self::Ed25519(_) => "ed25519-sha256",
        }
    }

    /// The signature of a text; none where the system gives no randomness to hide the key with.
    pub(super) fn sign(&self, text: &[u8]) -> Option<Vec<u8>> {
        match self {
            Self::Rsa(key) => {
                let mut signature = vec![0; key.public().modulus_len()];
                key.sign(&RSA_PKCS1_SHA256, &SystemRandom::new(), text, &mut signature).ok()?;
                Some(signature)
            }
            Self::Ed25519(key) => Some(key.sign(Sha256::digest(text).as_slice()).as_ref().to_vec()),
        }
    }

    /// What is published of it.
    pub(super) fn record(&self) -> String {
        let (kind, public) = match self {
            Self::Rsa(key) => ("rsa", rsa_public(key.public().as_ref())),
            Self::Ed25519(key) => ("ed25519", key.public_key().as_ref().to_vec()),
        };
        format!("v=DKIM1; k={kind}; p={}", BASE64_STANDARD.encode(public))
    }
}

fn seed(text: &str) -> Result<SigningKey, KeyFault> {
    let seed = Zeroizing::new(BASE64_STANDARD.decode(text.trim()).map_err(|_| KeyFault::NoKey)?);
    if seed.len() != SEED_LENGTH {
        return Err(KeyFault::NoKey);
    }
    let key = Ed25519KeyPair::from_seed_unchecked(&seed).map_err(|_| KeyFault::Damaged)?;
    Ok(SigningKey::Ed25519(Box::new(key)))
}

fn pkcs8(der: &[u8]) -> Result<SigningKey, KeyFault> {
    // OpenSSL writes Ed25519 keys without their public half.
    if let Ok(key) = Ed25519KeyPair::from_pkcs8_maybe_unchecked(der) {
        return Ok(SigningKey::Ed25519(Box::new(key)));
    }
    rsa(RsaKeyPair::from_pkcs8(der))
}

fn rsa(key: Result<RsaKeyPair, ring::error::KeyRejected>) -> Result<SigningKey, KeyFault> {
    match key {
        Ok(key) => Ok(SigningKey::Rsa(Box::new(key))),
        Err(rejected) => Err(match rejected.to_string().as_str() {
            "TooSmall" => KeyFault::TooShort,
            "TooLarge" => KeyFault::TooLong,
            "WrongAlgorithm" => KeyFault::OtherAlgorithm,
            _ => KeyFault::Damaged,
        }),
    }
}

/// A `SubjectPublicKeyInfo` of the two numbers of an RSA key.
fn rsa_public(numbers: &[u8]) -> Vec<u8> {
    let bits = tagged(0x03, &[&[0], numbers].concat());
    tagged(0x30, &[RSA_ALGORITHM.as_slice(), &bits].concat())
}

/// A value of DER: its tag, its length, itself.
fn tagged(tag: u8, value: &[u8]) -> Vec<u8> {
    let length: Vec<u8> = value.len().to_be_bytes().into_iter().skip_while(|byte| *byte == 0).collect();
    let mut der = vec![tag];
    match (u8::try_from(value.len()), u8::try_from(length.len())) {
        (Ok(short), _) if short < 0x80 => der.push(short),
        (_, Ok(bytes)) => {
            der.push(0x80 | bytes);
            der.extend(length);
        }
        // No length has so many bytes.
        (_, Err(_)) => {}
    }
    der.extend_from_slice(value);
    der
}
