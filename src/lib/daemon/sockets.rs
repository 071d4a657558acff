//! Where the daemon listens, as the configuration says it.

use std::fs;
use std::io;
use std::net::{SocketAddr, TcpListener};
use std::os::unix::fs::{FileTypeExt as _, MetadataExt as _, PermissionsExt as _};
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use listenfd::ListenFd;

use super::Error;
use crate::config::Listen;
use crate::web::front::{Certificates, Listener};

/// Sockets that listen, and what they are called.
#[derive(Default)]
pub(super) struct Sockets {
    /// To be given to the front.
    pub(super) listeners: Vec<Listener>,
    /// Each as a visitor would name it.
    pub(super) names: Vec<String>,
    /// Those of the file system that were made here.
    made: Vec<Made>,
}

/// A socket of the file system that was made here, and where the file system keeps it: another that is put in its place is
/// somebody else's.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Made {
    path: PathBuf,
    place: Option<(u64, u64)>,
}

impl Made {
    fn at(path: &Path) -> Self {
        Self { path: path.to_owned(), place: place(path) }
    }

    /// Takes it out of the file system, if it still is what is there.
    fn remove(&self) {
        if self.place.is_some() && place(&self.path) == self.place {
            fs::remove_file(&self.path).ok();
        }
    }
}

fn place(path: &Path) -> Option<(u64, u64)> {
    fs::symlink_metadata(path).ok().map(|found| (found.dev(), found.ino()))
}

impl Sockets {
    /// Binds all of them.
    ///
    /// # Errors
    /// When one is taken or forbidden, or systemd has handed over none that may be used.
    pub(super) fn bind(places: &[Listen], certificates: Option<&Arc<Certificates>>) -> Result<Self, Error> {
        let mut sockets = Self::default();
        for place in places {
            match place {
                Listen::Address(address) => {
                    let listening = |source| Error::Listen { place: address.to_string(), source };
                    let listener = TcpListener::bind(address).map_err(listening)?;
                    sockets.add_tcp(listener, certificates).map_err(listening)?;
                }
                Listen::Unix(path) => {
                    let listening =
                        |source| Error::Listen { place: format!("unix:{}", path.display()), source };
                    let listener = bind_unix(path).map_err(listening)?;
                    sockets.made.push(Made::at(path));
                    sockets.add_unix(listener, path.display().to_string());
                }
                Listen::Systemd => sockets.add_handed_over(certificates)?,
            }
        }
        Ok(sockets)
    }

    fn add_tcp(
        &mut self,
        listener: TcpListener,
        certificates: Option<&Arc<Certificates>>,
    ) -> io::Result<SocketAddr> {
        let address = listener.local_addr()?;
        let scheme = if certificates.is_some() { "https" } else { "http" };
        self.names.push(format!("{scheme}://{address}"));
        self.listeners.push(Listener::Tcp(listener, certificates.cloned()));
        Ok(address)
    }

    fn add_unix(&mut self, listener: UnixListener, path: String) {
        self.names.push(format!("unix:{path}"));
        self.listeners.push(Listener::Unix(listener));
    }

    /// Takes what systemd has handed over, each by what it is.
    fn add_handed_over(&mut self, certificates: Option<&Arc<Certificates>>) -> Result<(), Error> {
        let listening = |source| Error::Listen { place: "systemd".to_owned(), source };
        let mut handed = ListenFd::from_env();
        for index in 0..handed.len() {
            // What is no socket of one kind may be one of the other.
            if let Ok(Some(listener)) = handed.take_tcp_listener(index) {
                let address = self.add_tcp(listener, certificates).map_err(listening)?;
                if certificates.is_none() && !address.ip().is_loopback() {
                    return Err(Error::NotLoopback { address });
                }
            } else if let Some(listener) = handed.take_unix_listener(index).map_err(listening)? {
                self.add_unix(listener, "systemd".to_owned());
            }
        }
        if self.listeners.is_empty() { Err(Error::NoSockets) } else { Ok(()) }
    }

    /// Takes the sockets out of the file system when nobody listens any more.
    pub(super) fn remove(made: &[Made]) {
        made.iter().for_each(Made::remove);
    }

    /// Those to be removed at the end.
    pub(super) fn made(&self) -> Vec<Made> {
        self.made.clone()
    }
}

/// Binds a Unix socket that the group of the daemon may use; in the place of one that nobody listens on any more.
fn bind_unix(path: &Path) -> io::Result<UnixListener> {
    let is_socket = fs::symlink_metadata(path).is_ok_and(|found| found.file_type().is_socket());
    if is_socket
        && UnixStream::connect(path).is_err_and(|error| error.kind() == io::ErrorKind::ConnectionRefused)
    {
        fs::remove_file(path)?;
    }
    let listener = UnixListener::bind(path)?;
    fs::set_permissions(path, fs::Permissions::from_mode(0o660))?;
    Ok(listener)
}

#[cfg(test)]
mod tests {
    use super::{Sockets, bind_unix};
    use crate::config::Listen;

    #[test]
    fn a_daemon_leaves_the_socket_of_another_that_took_its_place() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("web.sock");
        let old = Sockets::bind(&[Listen::Unix(path.clone())], None).unwrap();
        let made = old.made();
        // The inode stays taken while somebody listens on it, so that the new one has another.
        std::fs::remove_file(&path).unwrap();
        let new = bind_unix(&path).unwrap();
        Sockets::remove(&made);
        assert!(path.exists());
        drop((old, new));
        std::fs::remove_file(&path).unwrap();
        let own = Sockets::bind(&[Listen::Unix(path.clone())], None).unwrap();
        Sockets::remove(&own.made());
        assert!(!path.exists());
    }
}
