//! The master key and its file.
//!
//! The file holds one line: the tag `secboard-key-1`, a space, and the key's 256 bits as 64 hexadecimal digits. Text, so
//! that it can be printed and kept in a safe; tagged, so that a later format is told from damage. It must be readable
//! by its owner alone, or it is refused: a key that others may have read protects nothing.
//!
//! The store keeps the key's [fingerprint](MasterKey::fingerprint), so that a key of another store is recognised before
//! anything is sealed with it.

use std::fmt;
use std::fs::{self, File};
use std::io::{self, Read as _, Write as _};
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

use sha2::{Digest as _, Sha256};
use zeroize::Zeroizing;

use super::hex::{hex, read_hex};
use super::kept::{is_kept_at, kept_path};
use super::mac::MacKey;
use super::rng::Random;
use crate::error::{Explain, Kind, Result};
use crate::text::shell::word;

/// What the first (and only) line of a key file begins with.
const TAG: &str = "secboard-key-1 ";

/// Length of a key in bytes.
const KEY_LENGTH: usize = 32;

/// More than any key file has; what is longer is not read to its end.
const LONGEST_FILE: u64 = 1024;

/// Mode bits that let somebody else than the owner at a file.
const OTHERS: u32 = 0o077;

/// Keeps the fingerprint apart from every other hash of the key.
const FINGERPRINT_DOMAIN: &[u8] = b"secboard master key fingerprint 1\0";

/// Keeps keys that follow from this one apart from every other keyed hash.
const DERIVATION_DOMAIN: &[u8] = b"secboard derived key 1\0";

/// How many bytes of the hash a fingerprint shows; two digits each.
const FINGERPRINT_LENGTH: usize = 8;

/// The 256-bit key that seals every secret of a store; wiped from memory when dropped.
pub(crate) struct MasterKey(Zeroizing<[u8; KEY_LENGTH]>);

impl MasterKey {
    /// A new random key.
    pub(crate) fn generate(rng: &dyn Random) -> Result<Self> {
        let mut bytes = Zeroizing::new([0; KEY_LENGTH]);
        rng.fill(bytes.as_mut_slice())?;
        Ok(Self(bytes))
    }

    /// Reads the key from its file.
    ///
    /// Fails if the file is missing, cannot be read, can be read or written by others, or does not hold a key.
    pub(crate) fn load(path: &Path) -> Result<Self, KeyError> {
        let unreadable = |source| KeyError::reading(path, source);
        // Asked before it is opened: opening a pipe waits for somebody to write into it.
        let kind = fs::metadata(path).map_err(unreadable)?.file_type();
        if !kind.is_file() && !kind.is_dir() {
            return Err(KeyError::Malformed { path: path.to_owned() });
        }
        let file = File::open(path).map_err(unreadable)?;
        let mode = file.metadata().map_err(unreadable)?.permissions().mode() & 0o7777;
        if mode & OTHERS != 0 {
            return Err(KeyError::TooOpen { path: path.to_owned(), mode });
        }
        let mut text = Zeroizing::new(Vec::new());
        file.take(LONGEST_FILE).read_to_end(&mut text).map_err(unreadable)?;
        Self::parse(&text).ok_or_else(|| KeyError::Malformed { path: path.to_owned() })
    }

    /// Writes the key to a new file of mode 0600; what exists is never overwritten.
    ///
    /// The file appears whole or not at all, and is on the disk when this returns.
    #[cfg(test)]
    pub(crate) fn create_file(&self, path: &Path) -> Result<(), KeyError> {
        self.create_new(path)
    }

    fn create_new(&self, path: &Path) -> Result<(), KeyError> {
        self.write_new(path).map_err(|source| KeyError::NotCreated { path: path.to_owned(), source })
    }

    /// Reads the key that the store with this fingerprint wants.
    ///
    /// What was cut off after the store wanted a new key, be it a rotation or the making of the store, leaves that key in
    /// the file where it waits; then it is put in its place, and the old key kept beside it. The key works even where the
    /// files cannot be moved.
    pub(crate) fn load_expected(path: &Path, fingerprint: &str) -> Result<Self, KeyError> {
        let found = Self::load(path);
        let path = &behind_links(path);
        if let Ok(key) = &found
            && key.fingerprint() == fingerprint
        {
            return found;
        }
        for waiting in [waiting_path(path), first_path(path, fingerprint)] {
            if let Ok(next) = Self::load(&waiting)
                && next.fingerprint() == fingerprint
            {
                // Nothing is lost if this fails: the next command tries again.
                replace_file(path, found.ok().as_ref(), &waiting).ok();
                return Ok(next);
            }
        }
        let key = found?;
        key.expect_fingerprint(fingerprint)?;
        Ok(key)
    }

    /// Writes the key of a store that is being made to a file where it waits for the store to stand in its place, on the
    /// disk when this returns. The file has a name of its own, so that what a cut-off attempt left is in nobody's way.
    pub(crate) fn create_first(&self, path: &Path) -> Result<PathBuf, KeyError> {
        let waiting = first_path(path, &self.fingerprint());
        self.create_new(&waiting)?;
        Ok(waiting)
    }

    /// Writes the key that is to take the place of the one at `path` to the file where it waits, on the disk when this
    /// returns. What waits there from a rotation that failed was never used and is replaced.
    pub(crate) fn create_waiting(&self, path: &Path) -> Result<(), KeyError> {
        let waiting = waiting_path(&behind_links(path));
        match fs::remove_file(&waiting) {
            Err(source) if source.kind() != io::ErrorKind::NotFound => {
                Err(KeyError::NotCreated { path: waiting, source })
            }
            _ => self.create_new(&waiting),
        }
    }

    /// What names the key without giving it away: 16 hexadecimal digits.
    pub(crate) fn fingerprint(&self) -> String {
        let digest = Sha256::new().chain_update(FINGERPRINT_DOMAIN).chain_update(self.bytes()).finalize();
        hex(digest.as_slice().get(..FINGERPRINT_LENGTH).unwrap_or_default())
    }

    /// Fails unless this is the key whose fingerprint the store remembers.
    pub(crate) fn expect_fingerprint(&self, expected: &str) -> Result<(), KeyError> {
        let found = self.fingerprint();
        if found == expected {
            return Ok(());
        }
        Err(KeyError::OtherStore { expected: expected.to_owned(), found })
    }

    /// A key for that purpose, which tells nothing of this one and of those for other purposes.
    pub(crate) fn derived(&self, purpose: &str) -> MacKey {
        MacKey::new(&MacKey::new(self.bytes()).hash(&[DERIVATION_DOMAIN, purpose.as_bytes()].concat()))
    }

    /// The key itself, for the cipher.
    pub(super) fn bytes(&self) -> &[u8; KEY_LENGTH] {
        &self.0
    }

    fn write_new(&self, path: &Path) -> io::Result<()> {
        let folder = folder_of(path);
        // A temporary file has mode 0600 from its first moment.
        let mut file = tempfile::NamedTempFile::new_in(folder)?;
        file.write_all(self.line().as_bytes())?;
        file.as_file().sync_all()?;
        file.persist_noclobber(path).map_err(|error| error.error)?;
        File::open(folder)?.sync_all()
    }

    /// The line of the key file.
    pub(crate) fn line(&self) -> Zeroizing<String> {
        // Room for all of it at once: a string that grows leaves copies behind.
        let mut line = Zeroizing::new(String::with_capacity(TAG.len() + 2 * KEY_LENGTH + 1));
        line.push_str(TAG);
        line.push_str(&Zeroizing::new(hex(self.bytes())));
        line.push('\n');
        line
    }

    /// The key that a key file holds, if it is one.
    pub(crate) fn parse(text: &[u8]) -> Option<Self> {
        let digits = std::str::from_utf8(text).ok()?.trim_end().strip_prefix(TAG)?;
        let mut bytes = Zeroizing::new([0; KEY_LENGTH]);
        read_hex(digits, bytes.as_mut_slice())?;
        Some(Self(bytes))
    }
}

impl fmt::Debug for MasterKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "MasterKey({})", self.fingerprint())
    }
}

/// The file itself, so that a link to it stays one; where there is none, the path as it is.
pub(super) fn behind_links(path: &Path) -> PathBuf {
    fs::canonicalize(path).unwrap_or_else(|_| path.to_owned())
}

/// Where the new key waits for the end of a rotation.
fn waiting_path(path: &Path) -> PathBuf {
    with_suffix(path, ".new")
}

/// Where the key of a store waits while the store is made.
fn first_path(path: &Path, fingerprint: &str) -> PathBuf {
    with_suffix(path, &format!(".new-{fingerprint}"))
}

pub(super) fn with_suffix(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(suffix);
    name.into()
}

/// The folder a file is in; the current one for a bare name.
pub(crate) fn folder_of(path: &Path) -> &Path {
    path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

/// Keeps the old key, then puts the waiting file in its place; at no moment is there none.
fn replace_file(path: &Path, old: Option<&MasterKey>, waiting: &Path) -> io::Result<()> {
    if let Some(old) = old {
        let kept = kept_path(path, &old.fingerprint());
        if !is_kept_at(&kept, old) {
            old.write_new(&kept)?;
        }
    }
    fs::rename(waiting, path)?;
    File::open(folder_of(path))?.sync_all()
}

/// What can be wrong with the key or its file.
#[derive(Debug, thiserror::Error)]
pub(crate) enum KeyError {
    /// There is no such file.
    #[error("the key `{}` is missing; without it the secrets of the store cannot be opened", path.display())]
    Missing {
        /// Where it was looked for.
        path: PathBuf,
    },
    /// The file is there, but reading it failed.
    #[error("cannot read the key `{}`", path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// Others than the owner can read or change the file.
    #[error("the key `{}` is open to others (mode {mode:04o})", path.display())]
    TooOpen {
        /// The file.
        path: PathBuf,
        /// Its permission bits.
        mode: u32,
    },
    /// The file holds something else than a key.
    #[error("`{}` is not a secboard key, or was damaged", path.display())]
    Malformed {
        /// The file.
        path: PathBuf,
    },
    /// The key is a good one, but of another store.
    #[error("the key belongs to another store: its fingerprint is `{found}`, this store wants `{expected}`")]
    OtherStore {
        /// The fingerprint the store remembers.
        expected: String,
        /// The fingerprint of the key at hand.
        found: String,
    },
    /// Another process replaced the key since this one read it.
    #[error("the key was replaced while this command ran; nothing was changed")]
    Replaced,
    /// Something else is where the old key is to be kept.
    #[error("the old key cannot be kept: `{}` is there, and is not that key", path.display())]
    PlaceTaken {
        /// What is there.
        path: PathBuf,
    },
    /// The new file could not be written.
    #[error("cannot create the key `{}`", path.display())]
    NotCreated {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
}

impl KeyError {
    fn reading(path: &Path, source: io::Error) -> Self {
        let path = path.to_owned();
        if source.kind() == io::ErrorKind::NotFound {
            return Self::Missing { path };
        }
        Self::Unreadable { path, source }
    }
}

impl Explain for KeyError {
    fn code(&self) -> &'static str {
        match self {
            Self::Missing { .. } => "key.missing",
            Self::Unreadable { .. } => "key.unreadable",
            Self::TooOpen { .. } => "key.too_open",
            Self::Malformed { .. } => "key.malformed",
            Self::OtherStore { .. } => "key.other_store",
            Self::Replaced => "key.replaced",
            Self::PlaceTaken { .. } => "key.place_taken",
            Self::NotCreated { .. } => "key.not_created",
        }
    }

    fn kind(&self) -> Kind {
        match self {
            Self::NotCreated { source, .. } if source.kind() == io::ErrorKind::StorageFull => Kind::Io,
            Self::NotCreated { .. } | Self::PlaceTaken { .. } => Kind::CannotCreate,
            Self::Replaced => Kind::Busy,
            _ => Kind::Config,
        }
    }

    fn advice(&self) -> Option<String> {
        match self {
            Self::Missing { .. } | Self::Malformed { .. } => {
                Some("put back the key that was saved with the backup of this store".to_owned())
            }
            Self::Unreadable { .. } => Some("run as the user who owns the store and its key".to_owned()),
            Self::TooOpen { path, .. } => Some(format!("run `chmod 600 {}`", word(&path.to_string_lossy()))),
            Self::OtherStore { .. } => {
                Some("name the key of this store, or put it back from the backup of this store".to_owned())
            }
            Self::Replaced => Some("run it again".to_owned()),
            Self::PlaceTaken { .. } => {
                Some("nothing was changed; move that file away, and try again".to_owned())
            }
            Self::NotCreated { .. } => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::os::unix::fs::PermissionsExt as _;
    use std::path::PathBuf;

    use super::{KeyError, MasterKey};
    use crate::crypto::rng::SeededRandom;
    use crate::error::{Explain as _, Kind};

    fn key(seed: u64) -> MasterKey {
        MasterKey::generate(&SeededRandom::new(seed)).unwrap()
    }

    /// A folder, and the path of a key file in it that does not exist yet.
    fn place() -> (tempfile::TempDir, PathBuf) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("secboard.key");
        (folder, path)
    }

    fn written(text: impl AsRef<[u8]>) -> (tempfile::TempDir, PathBuf) {
        let (folder, path) = place();
        fs::write(&path, text).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();
        (folder, path)
    }

    #[test]
    fn a_key_file_gives_the_same_key_back() {
        let (_folder, path) = place();
        key(1).create_file(&path).unwrap();
        assert_eq!(MasterKey::load(&path).unwrap().bytes(), key(1).bytes());
    }

    #[test]
    fn a_key_file_is_one_tagged_line_for_its_owner_alone() {
        let (_folder, path) = place();
        key(1).create_file(&path).unwrap();
        let text = fs::read_to_string(&path).unwrap();
        assert_eq!(text.len(), "secboard-key-1 ".len() + 64 + 1);
        assert_eq!(text.lines().count(), 1);
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o7777, 0o600);
    }

    #[test]
    fn an_existing_key_is_never_overwritten() {
        let (folder, path) = place();
        key(1).create_file(&path).unwrap();
        let error = key(2).create_file(&path).unwrap_err();
        assert_eq!((error.code(), error.kind()), ("key.not_created", Kind::CannotCreate));
        assert_eq!(MasterKey::load(&path).unwrap().bytes(), key(1).bytes());
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1, "nothing is left beside it");
    }

    #[test]
    fn a12_a_missing_key_says_to_restore_it() {
        let (_folder, path) = place();
        let error = MasterKey::load(&path).unwrap_err();
        assert!(matches!(error, KeyError::Missing { .. }));
        assert_eq!(error.kind(), Kind::Config);
        assert!(error.advice().unwrap().contains("backup"));
    }

    #[test]
    fn a_key_that_others_can_read_is_refused_with_the_remedy() {
        let (_folder, path) = place();
        key(1).create_file(&path).unwrap();
        for mode in [0o640, 0o604, 0o660, 0o644, 0o601] {
            fs::set_permissions(&path, fs::Permissions::from_mode(mode)).unwrap();
            let error = MasterKey::load(&path).unwrap_err();
            assert!(matches!(error, KeyError::TooOpen { .. }), "{mode:o}");
            assert_eq!(error.advice().unwrap(), format!("run `chmod 600 {}`", path.display()));
        }
        fs::set_permissions(&path, fs::Permissions::from_mode(0o400)).unwrap();
        assert!(MasterKey::load(&path).is_ok(), "read-only for the owner is fine");
    }

    #[test]
    fn what_is_not_a_key_is_refused() {
        let zeros = "0".repeat(64);
        let bad = [
            String::new(),
            "secboard-key-1 ".to_owned(),
            zeros.clone(),
            format!("secboard-key-2 {zeros}\n"),
            format!("secboard-key-1 {zeros}00\n"),
            format!("secboard-key-1 {}\n", "0".repeat(63)),
            format!("secboard-key-1 {}\n", "g".repeat(64)),
            format!("secboard-key-1 {}\n", "é".repeat(32)),
            format!("secboard-key-1 {zeros}\nmore\n"),
            "x".repeat(1_000_000),
        ];
        for text in bad {
            let (_folder, path) = written(&text);
            assert!(matches!(MasterKey::load(&path), Err(KeyError::Malformed { .. })), "{text:.90}");
        }
        let (_folder, path) = written([0xff, 0xfe, 0]);
        assert!(matches!(MasterKey::load(&path), Err(KeyError::Malformed { .. })));
    }

    #[test]
    fn a_folder_in_place_of_the_key_is_not_read() {
        let (folder, _path) = place();
        fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o700)).unwrap();
        assert!(matches!(MasterKey::load(folder.path()), Err(KeyError::Unreadable { .. })));
    }

    #[test]
    fn a_key_of_another_store_is_recognised() {
        let remembered = key(1).fingerprint();
        key(1).expect_fingerprint(&remembered).unwrap();
        let error = key(2).expect_fingerprint(&remembered).unwrap_err();
        assert_eq!((error.code(), error.kind()), ("key.other_store", Kind::Config));
        assert!(error.to_string().contains(&remembered));
    }

    #[test]
    fn neither_fingerprint_nor_debug_shows_the_key() {
        let key = key(1);
        let digits = super::hex(key.bytes());
        assert_eq!(key.fingerprint().len(), 16);
        assert!(!digits.contains(&key.fingerprint()));
        assert_eq!(format!("{key:?}"), format!("MasterKey({})", key.fingerprint()));
    }
}
