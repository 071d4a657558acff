//! The certificate of the site, read again when its files change.

use std::io;
use std::os::unix::fs::MetadataExt as _;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError, RwLock};

use rustls::ServerConfig;
use rustls::crypto::ring;
use rustls::pki_types::pem::{self, PemObject as _};
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio_rustls::TlsAcceptor;

use crate::config::TlsFiles;
use crate::text::instant::Instant;
use crate::tls::good_until;

/// A certificate and its key, as they are now.
pub(crate) struct Certificates {
    files: TlsFiles,
    last: Mutex<Last>,
    in_use: RwLock<InUse>,
}

/// What shakes hands, and until when its certificate is good, as far as that says so.
type InUse = (Arc<ServerConfig>, Option<Instant>);

/// What a file is told by that it was changed, or that it may be read now: where it is, how long, and when it, its owner or
/// its mode were changed last.
type Stamp = Option<[i64; 7]>;

/// What came of the last look.
struct Last {
    /// The files that are in use.
    read: [Stamp; 2],
    /// The files that could not be used, and why: of that it was told.
    failed: Option<([Stamp; 2], String)>,
}

impl Certificates {
    /// Reads them.
    ///
    /// # Errors
    /// When a file cannot be read, is no PEM, or the two do not belong together.
    pub(crate) fn read(files: TlsFiles) -> io::Result<Self> {
        let (found, in_use) = (stamps(&files), read(&files)?);
        let last = Last { read: found, failed: None };
        Ok(Self { files, last: Mutex::new(last), in_use: RwLock::new(in_use) })
    }

    /// Reads them again if a file was changed since they were read, or where that is asked for; whether they were. As long as
    /// they cannot be used it is tried again each time.
    ///
    /// # Errors
    /// Those of [`Certificates::read`], once for each cause or whenever it is asked for; then the old ones stay in use.
    pub(crate) fn read_again(&self, is_asked: bool) -> io::Result<bool> {
        let found = stamps(&self.files);
        let mut last = self.last.lock().unwrap_or_else(PoisonError::into_inner);
        if last.read == found && !is_asked {
            return Ok(false);
        }
        match read(&self.files) {
            Ok(in_use) => {
                *last = Last { read: found, failed: None };
                *self.in_use.write().unwrap_or_else(PoisonError::into_inner) = in_use;
                Ok(true)
            }
            Err(error) => {
                let failed = Some((found, error.to_string()));
                let is_told = last.failed == failed && !is_asked;
                last.failed = failed;
                if is_told { Ok(false) } else { Err(error) }
            }
        }
    }

    /// The file of the certificate.
    pub(crate) fn file(&self) -> &Path {
        &self.files.certificate
    }

    /// Until when the certificate is good, if it says so.
    pub(crate) fn good_until(&self) -> Option<Instant> {
        self.in_use.read().unwrap_or_else(PoisonError::into_inner).1
    }

    /// What shakes hands with the next visitor.
    pub(super) fn acceptor(&self) -> TlsAcceptor {
        TlsAcceptor::from(Arc::clone(&self.in_use.read().unwrap_or_else(PoisonError::into_inner).0))
    }
}

fn stamps(files: &TlsFiles) -> [Stamp; 2] {
    let stamp = |path: &Path| -> Stamp {
        let found = std::fs::metadata(path).ok()?;
        let (modified, changed) = ((found.mtime(), found.mtime_nsec()), (found.ctime(), found.ctime_nsec()));
        let place = (found.dev().cast_signed(), found.ino().cast_signed(), found.size().cast_signed());
        Some([place.0, place.1, place.2, modified.0, modified.1, changed.0, changed.1])
    };
    [stamp(&files.certificate), stamp(&files.key)]
}

/// What they are used by, and until when that is good.
fn read(files: &TlsFiles) -> io::Result<InUse> {
    let wrong = |path: &Path, why: &dyn std::fmt::Display| {
        io::Error::other(format!("`{}` cannot be used: {why}", path.display()))
    };
    let chain = CertificateDer::pem_file_iter(&files.certificate)
        .and_then(Iterator::collect::<Result<Vec<_>, _>>)
        .map_err(|why| wrong(&files.certificate, &why))?;
    let Some(good_until) = chain.first().map(|first| good_until(first)) else {
        return Err(wrong(&files.certificate, &"it holds no certificate"));
    };
    let key = PrivateKeyDer::from_pem_file(&files.key).map_err(|why| match why {
        pem::Error::NoItemsFound => wrong(&files.key, &"it holds no private key"),
        why => wrong(&files.key, &why),
    })?;
    let mut config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .map_err(io::Error::other)?
        .with_no_client_auth()
        .with_single_cert(chain, key)
        .map_err(|why| wrong(&files.certificate, &why))?;
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok((Arc::new(config), good_until))
}

#[cfg(test)]
mod tests {
    use std::fs::{self, File, Permissions};
    use std::os::unix::fs::PermissionsExt as _;
    use std::sync::Arc;

    use super::{Certificates, TlsFiles};

    /// A certificate for `localhost` and its key, as PEM.
    fn made() -> (String, String) {
        let made = rcgen::generate_simple_self_signed(vec!["localhost".to_owned()]).unwrap();
        (made.cert.pem(), made.signing_key.serialize_pem())
    }

    #[test]
    fn a_file_without_what_it_is_for_is_said_to_be_so() {
        let folder = tempfile::tempdir().unwrap();
        let files =
            TlsFiles { certificate: folder.path().join("chain.pem"), key: folder.path().join("key.pem") };
        let (chain, key) = made();
        let said = |in_chain: &str, in_key: &str| {
            fs::write(&files.certificate, in_chain).unwrap();
            fs::write(&files.key, in_key).unwrap();
            Certificates::read(files.clone()).err().map(|error| error.to_string()).unwrap_or_default()
        };
        for empty in ["", "a note\n", &key] {
            assert!(said(empty, &key).ends_with("chain.pem` cannot be used: it holds no certificate"));
        }
        for empty in ["", "a note\n", &chain] {
            assert!(said(&chain, empty).ends_with("key.pem` cannot be used: it holds no private key"));
        }
        assert_eq!(said(&chain, &key), "");
    }

    #[test]
    fn a_certificate_that_could_not_be_read_is_taken_once_it_can_be() {
        let folder = tempfile::tempdir().unwrap();
        let files =
            TlsFiles { certificate: folder.path().join("chain.pem"), key: folder.path().join("key.pem") };
        let (chain, key) = made();
        fs::write(&files.certificate, &chain).unwrap();
        fs::write(&files.key, &key).unwrap();
        let certificates = Certificates::read(files.clone()).unwrap();
        let in_use = || Arc::as_ptr(&certificates.in_use.read().unwrap().0);
        let first = in_use();
        assert!(!certificates.read_again(false).unwrap(), "nothing was changed");

        // The key comes a little after its certificate, with the same times: a program put both there so.
        let (chain, key) = made();
        let times = fs::metadata(&files.key).unwrap();
        let times = fs::FileTimes::new().set_modified(times.modified().unwrap());
        fs::write(&files.certificate, &chain).unwrap();
        assert!(certificates.read_again(false).is_err(), "they do not belong together");
        assert!(!certificates.read_again(false).unwrap(), "of which it is told once");
        assert!(certificates.read_again(true).is_err(), "and to whoever asks");
        fs::write(&files.key, &key).unwrap();
        File::options().write(true).open(&files.key).unwrap().set_times(times).unwrap();
        assert!(certificates.read_again(false).unwrap());
        let second = in_use();
        assert_ne!(first, second);

        // Only its mode is changed, which no time of its content tells.
        fs::set_permissions(&files.key, Permissions::from_mode(0o640)).unwrap();
        assert!(certificates.read_again(false).unwrap());
        assert!(!certificates.read_again(false).unwrap());
        assert!(certificates.read_again(true).unwrap(), "SIGHUP reads whatever was seen");
    }
}
