//! What the machine decides: where the store and its key are, where the daemon listens, with what mails are made.
//!
//! The order of truth is flag, environment, configuration file, default. This frame is the one place that reads the
//! environment.

mod daemon;
mod inherited;
mod owner;
mod users;

use std::ffi::OsString;
use std::fs;
use std::io::{self, Read as _};
use std::net::{IpAddr, SocketAddr};
use std::path::{Path, PathBuf};

use serde::Deserialize;

use crate::error::{Explain, Kind};
use daemon::OneOrMany;
pub(crate) use daemon::{Daemon, Listen, LogFormat, Services, TlsFiles, Trusted};
pub(crate) use inherited::close_inherited;
use owner::begun_as;
pub(crate) use owner::{Error as OwnerError, as_owner, go_on_as_owner, was_root, way};
use users::{home_of, user_name};
pub(crate) use users::{user_id, user_label};

/// The configuration file of a machine-wide installation.
const SYSTEM_FILE: &str = "/etc/secboard/secboard.toml";

/// The store of a machine-wide installation.
const SYSTEM_STORE: &str = "/var/lib/secboard/secboard.db";

/// The system user that a machine-wide installation runs as.
const SERVICE_USER: &str = "secboard";

/// More bytes than any configuration file has.
const LONGEST_FILE: u64 = 64 * 1024;

/// Where things are, after flags, environment, file and defaults have been heard.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Config {
    /// The file that says so, which need not be there; none where it cannot be known.
    pub(crate) file: Option<PathBuf>,
    /// The store.
    pub(crate) store: PathBuf,
    /// The master key.
    pub(crate) key: PathBuf,
    /// How the daemon listens and runs.
    pub(crate) daemon: Daemon,
    /// The folder with the site's own templates of mails.
    pub(crate) templates: Option<PathBuf>,
    /// The DNS server that is asked; none for those of the machine.
    pub(crate) resolver: Option<SocketAddr>,
}

/// The configuration file, `secboard.toml(5)`.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    store: Option<PathBuf>,
    key: Option<PathBuf>,
    templates: Option<PathBuf>,
    resolver: Option<Resolver>,
    listen: Option<OneOrMany>,
    tls_certificate: Option<PathBuf>,
    tls_key: Option<PathBuf>,
    metrics_listen: Option<String>,
    trusted_proxies: Option<Vec<String>>,
    allowed_hosts: Option<Vec<String>>,
    sites: Option<Vec<String>>,
    services: Option<Services>,
    log_format: Option<LogFormat>,
}

/// The address of a DNS server, with a port where that is not the usual one.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(try_from = "String")]
struct Resolver(SocketAddr);

impl TryFrom<String> for Resolver {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        let with_port = text.parse::<SocketAddr>();
        let address = with_port.or_else(|_| text.parse::<IpAddr>().map(|ip| SocketAddr::new(ip, 53)));
        address.map(Self).map_err(|_| format!("`{text}` is no address such as `10.0.0.1` or `[::1]:5353`"))
    }
}

/// A configuration file that cannot be used.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Error {
    /// It cannot be read.
    #[error("cannot read the configuration file `{path}`", path = path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// It is no TOML, has an unknown key, or a value of the wrong kind.
    #[error("the configuration file `{path}` is wrong", path = path.display())]
    Wrong {
        /// The file.
        path: PathBuf,
        /// What and where.
        source: Box<toml::de::Error>,
    },
    /// Nothing says where the store is.
    #[error(
        "there is no home to look for a store in: `HOME` is not set, and `{user}` has none on this machine"
    )]
    NoHome {
        /// Who this runs as.
        user: String,
    },
    /// Whose home, and who is at the shell, cannot be known.
    #[error("the users of this machine cannot be looked up")]
    Users {
        /// Why.
        source: io::Error,
    },
    /// The daemon would be reachable from the network without TLS.
    #[error("`listen` is `{listen}`, which is not a loopback address, and there is no certificate")]
    NotLoopback {
        /// The address.
        listen: SocketAddr,
    },
    /// A certificate without its key, or the other way round.
    #[error("`tls_certificate` and `tls_key` go together, and one of them is missing")]
    HalfTls,
    /// A value that means nothing.
    #[error("`{key}` is `{value}`")]
    Value {
        /// Which key of the file.
        key: &'static str,
        /// What it says.
        value: String,
        /// What it could say.
        expected: &'static str,
    },
}

impl Explain for Error {
    fn code(&self) -> &'static str {
        match self {
            Self::Unreadable { .. } => "config.unreadable",
            Self::Wrong { .. } => "config.wrong",
            Self::NoHome { .. } => "config.no_home",
            Self::Users { .. } => "config.users",
            Self::NotLoopback { .. } => "config.not_loopback",
            Self::HalfTls => "config.half_tls",
            Self::Value { .. } => "config.value",
        }
    }

    fn kind(&self) -> Kind {
        Kind::Config
    }

    fn advice(&self) -> Option<String> {
        Some(match self {
            Self::Unreadable { .. } => "name another with `--config FILE`".to_owned(),
            Self::Wrong { .. } => format!(
                "the keys are `store`, `key`, `templates`, `resolver`, {}; see secboard.toml(5)",
                daemon::KEYS
            ),
            Self::NoHome { .. } => "name the store with `--store PATH` or `SECBOARD_STORE`".to_owned(),
            Self::Users { .. } => "try again; if it stays so, look at what `getent passwd` says".to_owned(),
            Self::NotLoopback { .. } => {
                "use an address such as `127.0.0.1:8470`, or give `tls_certificate` and `tls_key`".to_owned()
            }
            Self::HalfTls => "give both, each the path of a file".to_owned(),
            Self::Value { expected, .. } => format!("give {expected}"),
        })
    }
}

/// Works out where things are; `store` and `file` are those of the command line, before `SECBOARD_STORE` and
/// `SECBOARD_CONFIG`.
///
/// The variables are read here and not by clap, to which a variable is as good as an argument: a noun alone would no
/// longer list its verbs, and usage lines would name flags nobody gave.
///
/// # Errors
/// When a named configuration file cannot be read, or any is wrong. A default file that does not exist is no error.
pub(crate) fn load(store: Option<&Path>, file: Option<&Path>) -> Result<Config, Error> {
    let or_variable = |given: Option<&Path>, name| match given {
        Some(path) => Some(path.to_owned()),
        None => variable(name).map(PathBuf::from),
    };
    resolve(or_variable(store, "SECBOARD_STORE"), or_variable(file, "SECBOARD_CONFIG").as_deref())
}

/// The configuration file that [`load`] reads, if that can be known; it need not be there, nor read.
pub(crate) fn file(given: Option<&Path>) -> Option<PathBuf> {
    let named = given.map(Path::to_owned).or_else(|| variable("SECBOARD_CONFIG").map(PathBuf::from));
    named.or_else(|| Home::of_this_process(XDG).ok()?.file())
}

/// Where things are when nobody says so: no flag, no variable.
///
/// # Errors
/// Those of [`load`].
pub(crate) fn unredirected() -> Result<Config, Error> {
    let home = Home::of_this_process(&[])?;
    let contents = home.contents()?;
    settle(None, (home.file(), contents), home)
}

fn resolve(store: Option<PathBuf>, file: Option<&Path>) -> Result<Config, Error> {
    let home = Home::of_this_process(XDG)?;
    let contents = file.map_or_else(|| home.contents(), read)?;
    let file = file.map(Path::to_owned).or_else(|| home.file());
    settle(store, (file, contents), home)
}

/// What a machine-wide installation makes of the text of its configuration file.
pub(crate) fn from_text(path: &Path, text: &str) -> Result<Config, Error> {
    settle(None, (Some(path.to_owned()), parse(path, text)?), Home::Machine)
}

fn settle(
    store: Option<PathBuf>,
    (file, contents): (Option<PathBuf>, File),
    home: Home,
) -> Result<Config, Error> {
    let store = store.or(contents.store).map_or_else(|| home.store(), Ok)?;
    let daemon = daemon::Keys {
        listen: contents.listen,
        tls_certificate: contents.tls_certificate,
        tls_key: contents.tls_key,
        metrics_listen: contents.metrics_listen,
        trusted_proxies: contents.trusted_proxies.unwrap_or_default(),
        allowed_hosts: contents.allowed_hosts.unwrap_or_default(),
        sites: contents.sites.unwrap_or_default(),
        services: contents.services.unwrap_or_default(),
        log_format: contents.log_format.unwrap_or_default(),
    };
    let daemon = daemon.settle()?;
    let key = contents.key.unwrap_or_else(|| store.with_file_name("secboard.key"));
    let resolver = contents.resolver.map(|Resolver(address)| address);
    Ok(Config { file, store, key, daemon, templates: contents.templates, resolver })
}

/// The home of whoever calls, which shells write as `~`: that of the environment, else that of the account.
///
/// # Errors
/// When there is neither, or the account cannot be looked up.
pub(crate) fn home() -> Result<PathBuf, Error> {
    if let Some(home) = folder_variable("HOME") {
        return Ok(home);
    }
    let uid = begun_as();
    match home_of(uid)?.filter(|home| home.is_absolute()) {
        Some(home) => Ok(home),
        None => Err(Error::NoHome { user: user_label(uid)? }),
    }
}

fn read(path: &Path) -> Result<File, Error> {
    let unreadable = |source| Error::Unreadable { path: path.to_owned(), source };
    let mut text = String::new();
    let file = fs::File::open(path).map_err(unreadable)?;
    file.take(LONGEST_FILE + 1).read_to_string(&mut text).map_err(unreadable)?;
    if text.len() as u64 > LONGEST_FILE {
        return Err(unreadable(io::ErrorKind::FileTooLarge.into()));
    }
    parse(path, &text)
}

fn parse(path: &Path, text: &str) -> Result<File, Error> {
    toml::from_str(text).map_err(|source| Error::Wrong { path: path.to_owned(), source: Box::new(source) })
}

/// The variables that move a user's own configuration and store.
const XDG: &[&str] = &["XDG_CONFIG_HOME", "XDG_DATA_HOME"];

/// Whose installation this process looks for.
enum Home {
    /// Root and the service user: the machine's.
    Machine,
    /// Anybody else: their own.
    Own {
        /// Where configurations are; none for who has no home.
        config: Option<PathBuf>,
        /// Where stores are.
        data: Result<PathBuf, Error>,
    },
}

impl Home {
    /// That of this process, which listens to these variables of [`XDG`].
    fn of_this_process(variables: &[&str]) -> Result<Self, Error> {
        let uid = begun_as();
        if uid == 0 || user_name(uid)?.as_deref() == Some(SERVICE_USER) {
            return Ok(Self::Machine);
        }
        let folder = |name: &str, below: &str| {
            let named = if variables.contains(&name) { folder_variable(name) } else { None };
            named.map_or_else(|| Ok(home()?.join(below)), Ok)
        };
        let config = match folder("XDG_CONFIG_HOME", ".config") {
            Err(Error::NoHome { .. }) => None,
            found => Some(found?),
        };
        Ok(Self::Own { config, data: folder("XDG_DATA_HOME", ".local/share") })
    }

    /// What its configuration file says, if there is one.
    fn contents(&self) -> Result<File, Error> {
        let Some(path) = self.file() else { return Ok(File::default()) };
        match read(&path) {
            Err(Error::Unreadable { source, .. })
                if matches!(source.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory) =>
            {
                Ok(File::default())
            }
            contents => contents,
        }
    }

    /// Where its configuration file is, if there is one.
    fn file(&self) -> Option<PathBuf> {
        match self {
            Self::Machine => Some(PathBuf::from(SYSTEM_FILE)),
            Self::Own { config, .. } => Some(config.as_ref()?.join("secboard/secboard.toml")),
        }
    }

    fn store(self) -> Result<PathBuf, Error> {
        match self {
            Self::Machine => Ok(PathBuf::from(SYSTEM_STORE)),
            Self::Own { data, .. } => Ok(data?.join("secboard/secboard.db")),
        }
    }
}

/// Who this process runs as, and who is said to have called it.
///
/// sudo, doas and pkexec each leave a variable that names their caller; nothing proves it but that they set it last.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Caller {
    /// The effective user that the process was begun as.
    pub(crate) euid: u32,
    /// `SUDO_UID`, a number.
    pub(crate) sudo_uid: Option<String>,
    /// `DOAS_USER`, a name.
    pub(crate) doas_user: Option<String>,
    /// `PKEXEC_UID`, a number.
    pub(crate) pkexec_uid: Option<String>,
}

impl Caller {
    /// That of this process.
    pub(crate) fn of_this_process() -> Self {
        Self {
            euid: begun_as(),
            sudo_uid: present("SUDO_UID"),
            doas_user: present("DOAS_USER"),
            pkexec_uid: present("PKEXEC_UID"),
        }
    }

    /// The name of the user at the shell: the one who called sudo, doas or pkexec, else the one this runs as.
    ///
    /// # Errors
    /// When the users of the machine cannot be looked up.
    pub(crate) fn shell_user(&self) -> Result<String, Error> {
        // What no number is was set by nobody who can be named.
        let label = |text: &str| text.parse().map_or_else(|_| Ok("unknown".to_owned()), user_label);
        let doas_user = self.doas_user.as_ref().filter(|name| !name.is_empty());
        if let Some(uid) = &self.sudo_uid {
            label(uid)
        } else if let Some(name) = doas_user {
            Ok(name.clone())
        } else {
            self.pkexec_uid.as_ref().map_or_else(|| user_label(self.euid), |uid| label(uid))
        }
    }
}

/// Which variable of the environment says what store or configuration to use, if one does.
///
/// # Errors
/// When it cannot be known whose installation this process looks for.
pub(crate) fn redirecting_variable() -> Result<Option<&'static str>, Error> {
    let folders: &[&str] = match Home::of_this_process(&[])? {
        Home::Machine => &[],
        Home::Own { .. } => XDG,
    };
    let mut names = ["SECBOARD_STORE", "SECBOARD_CONFIG"].iter().chain(folders).copied();
    Ok(names.find(|name| variable(name).is_some()))
}

/// The number of columns a terminal is said to have, when it cannot be asked.
pub(crate) fn columns_hint() -> Option<u16> {
    variable("COLUMNS").and_then(|columns| columns.to_str()?.parse().ok())
}

/// Whether the person wants no colours (<https://no-color.org>) or has a terminal without them.
pub(crate) fn no_color() -> bool {
    variable("NO_COLOR").is_some() || variable("TERM").is_some_and(|term| term == "dumb")
}

/// A variable that names a folder. One that is relative would name another in every folder, and is passed over, as the
/// standard of the XDG folders says.
fn folder_variable(name: &str) -> Option<PathBuf> {
    variable(name).map(PathBuf::from).filter(|path| path.is_absolute())
}

/// A variable that is set to something. Paths are bytes: one that is no UTF-8 names what it names.
#[expect(clippy::disallowed_methods, reason = "the one place that reads the environment")]
fn variable(name: &str) -> Option<OsString> {
    std::env::var_os(name).filter(|value| !value.is_empty())
}

/// A variable as it was set; one that is no UTF-8 is there all the same, and one that is empty too.
#[expect(clippy::disallowed_methods, reason = "the one place that reads the environment")]
fn present(name: &str) -> Option<String> {
    std::env::var_os(name).map(|value| value.to_string_lossy().into_owned())
}

#[cfg(test)]
mod tests {
    use super::{Error, resolve};
    use std::path::Path;

    #[test]
    fn an_unknown_key_refuses_to_start_and_says_which() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("secboard.toml");
        std::fs::write(&file, "store = \"/x/s.db\"\nlisen = \"127.0.0.1:1\"\n").unwrap();
        let Err(Error::Wrong { source, .. }) = resolve(None, Some(&file)) else { panic!("accepted") };
        assert!(source.to_string().contains("lisen"), "{source}");
    }

    #[test]
    fn d10_a_file_without_an_end_is_refused() {
        assert!(matches!(resolve(None, Some(Path::new("/dev/zero"))), Err(Error::Unreadable { .. })));
    }

    #[test]
    fn a_flag_beats_the_file_and_the_key_lies_beside_the_store() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("secboard.toml");
        std::fs::write(&file, "store = \"/x/s.db\"\n").unwrap();
        assert_eq!(resolve(None, Some(&file)).unwrap().key, Path::new("/x/secboard.key"));
        assert_eq!(resolve(Some("/y/t.db".into()), Some(&file)).unwrap().store, Path::new("/y/t.db"));
    }

    #[test]
    fn a_resolver_is_an_address_with_or_without_a_port() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("secboard.toml");
        let resolver = |text: &str| {
            std::fs::write(&file, format!("store = \"/x/s.db\"\nresolver = \"{text}\"\n")).unwrap();
            resolve(None, Some(&file)).ok()?.resolver.map(|address| address.to_string())
        };
        assert_eq!(resolver("10.0.0.53").as_deref(), Some("10.0.0.53:53"));
        assert_eq!(resolver("::1").as_deref(), Some("[::1]:53"));
        assert_eq!(resolver("127.0.0.1:5353").as_deref(), Some("127.0.0.1:5353"));
        assert_eq!(resolver("dns.acme.example"), None);
    }
}
