//! What the machine decides: where the store and its key are, where the daemon listens.
//!
//! The order of truth is flag, environment, configuration file, default. This frame is the one place that reads the
//! environment.

use std::fs;
use std::io::{self, Read as _};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use serde::Deserialize;

use crate::error::{Explain, Kind};

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
    /// The store.
    pub(crate) store: PathBuf,
    /// The master key.
    pub(crate) key: PathBuf,
    /// Where the daemon listens; loopback only.
    pub(crate) listen: SocketAddr,
}

/// The configuration file, `secboard.toml(5)`.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    store: Option<PathBuf>,
    key: Option<PathBuf>,
    listen: Option<SocketAddr>,
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
    /// The daemon would be reachable from the network without a front.
    #[error("`listen` is `{listen}`, which is not a loopback address")]
    NotLoopback {
        /// The address.
        listen: SocketAddr,
    },
}

impl Explain for Error {
    fn code(&self) -> &'static str {
        match self {
            Self::Unreadable { .. } => "config.unreadable",
            Self::Wrong { .. } => "config.wrong",
            Self::NotLoopback { .. } => "config.not_loopback",
        }
    }

    fn kind(&self) -> Kind {
        Kind::Config
    }

    fn hint(&self) -> Option<String> {
        Some(match self {
            Self::Unreadable { .. } => "name another with `--config FILE`".to_owned(),
            Self::Wrong { .. } => "the keys are `store`, `key` and `listen`; see secboard.toml(5)".to_owned(),
            Self::NotLoopback { .. } => "use an address such as `127.0.0.1:8080`".to_owned(),
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

fn resolve(store: Option<PathBuf>, file: Option<&Path>) -> Result<Config, Error> {
    let home = Home::of_this_process();
    let contents = match file {
        Some(path) => read(path)?,
        None => match home.file() {
            Some(path) if path.exists() => read(&path)?,
            _ => File::default(),
        },
    };
    settle(store, contents, &home)
}

/// What a machine-wide installation makes of the text of its configuration file.
pub(crate) fn from_text(path: &Path, text: &str) -> Result<Config, Error> {
    settle(None, parse(path, text)?, &Home::Machine)
}

fn settle(store: Option<PathBuf>, contents: File, home: &Home) -> Result<Config, Error> {
    let store = store.or(contents.store).unwrap_or_else(|| home.store());
    let listen = contents.listen.unwrap_or_else(|| SocketAddr::from(([127, 0, 0, 1], 8470)));
    if !listen.ip().is_loopback() {
        return Err(Error::NotLoopback { listen });
    }
    let key = contents.key.unwrap_or_else(|| store.with_file_name("secboard.key"));
    Ok(Config { store, key, listen })
}

/// The home of whoever calls, which shells write as `~`.
pub(crate) fn home() -> Option<PathBuf> {
    variable("HOME").map(PathBuf::from)
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

/// Whose installation this process looks for.
enum Home {
    /// Root and the service user: the machine's.
    Machine,
    /// Anybody else: their own, if they have a home.
    Own { config: Option<PathBuf>, data: PathBuf },
}

impl Home {
    fn of_this_process() -> Self {
        let uid = rustix::process::geteuid();
        if uid.is_root() || user_name(uid.as_raw()).as_deref() == Some(SERVICE_USER) {
            return Self::Machine;
        }
        let home = home();
        let folder = |name: &str, below: &str| {
            variable(name).map(PathBuf::from).or_else(|| home.as_ref().map(|home| home.join(below)))
        };
        Self::Own {
            config: folder("XDG_CONFIG_HOME", ".config"),
            data: folder("XDG_DATA_HOME", ".local/share").unwrap_or_default(),
        }
    }

    fn file(&self) -> Option<PathBuf> {
        match self {
            Self::Machine => Some(PathBuf::from(SYSTEM_FILE)),
            Self::Own { config, .. } => config.as_ref().map(|folder| folder.join("secboard/secboard.toml")),
        }
    }

    fn store(&self) -> PathBuf {
        match self {
            Self::Machine => PathBuf::from(SYSTEM_STORE),
            Self::Own { data, .. } => data.join("secboard/secboard.db"),
        }
    }
}

/// Who this process runs as, and who is said to have called it.
///
/// sudo, doas and pkexec each leave a variable that names their caller; nothing proves it but that they set it last.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Caller {
    /// The effective user of the process.
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
            euid: rustix::process::geteuid().as_raw(),
            sudo_uid: present("SUDO_UID"),
            doas_user: present("DOAS_USER"),
            pkexec_uid: present("PKEXEC_UID"),
        }
    }

    /// The name of the user at the shell: the one who called sudo, doas or pkexec, else the one this runs as.
    pub(crate) fn shell_user(&self) -> String {
        let uid = |text: &Option<String>| text.as_deref().and_then(|uid| uid.parse().ok()).map(user_label);
        uid(&self.sudo_uid)
            .or_else(|| self.doas_user.clone().filter(|name| !name.is_empty()))
            .or_else(|| uid(&self.pkexec_uid))
            .unwrap_or_else(|| user_label(self.euid))
    }
}

/// The name of a user of the machine, or the number where it has no name.
pub(crate) fn user_label(uid: u32) -> String {
    user_name(uid).unwrap_or_else(|| format!("uid {uid}"))
}

/// Whether the environment says which store or configuration to use.
pub(crate) fn redirecting_variable() -> Option<&'static str> {
    let folders: &[&str] = match Home::of_this_process() {
        Home::Machine => &[],
        Home::Own { .. } => &["XDG_CONFIG_HOME", "XDG_DATA_HOME"],
    };
    let mut names = ["SECBOARD_STORE", "SECBOARD_CONFIG"].iter().chain(folders).copied();
    names.find(|name| variable(name).is_some())
}

/// The number of columns a terminal is said to have, when it cannot be asked.
pub(crate) fn columns_hint() -> Option<u16> {
    variable("COLUMNS").and_then(|columns| columns.parse().ok())
}

/// Whether the person wants no colours (<https://no-color.org>) or has a terminal without them.
pub(crate) fn no_color() -> bool {
    variable("NO_COLOR").is_some() || variable("TERM").as_deref() == Some("dumb")
}

#[expect(clippy::disallowed_methods, reason = "the one place that reads the environment")]
fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.is_empty())
}

/// A variable as it was set; one that is no UTF-8 is there all the same, and one that is empty too.
#[expect(clippy::disallowed_methods, reason = "the one place that reads the environment")]
fn present(name: &str) -> Option<String> {
    std::env::var_os(name).map(|value| value.to_string_lossy().into_owned())
}

/// The name of a user of the machine.
fn user_name(uid: u32) -> Option<String> {
    user(|_, found| found == uid).map(|(name, _)| name)
}

/// The number of the user of the machine who has this name.
pub(crate) fn user_id(name: &str) -> Option<u32> {
    user(|found, _| found == name).map(|(_, uid)| uid)
}

fn user(is_meant: impl Fn(&str, u32) -> bool) -> Option<(String, u32)> {
    let passwd = fs::read_to_string("/etc/passwd").ok()?;
    passwd.lines().find_map(|line| {
        let mut fields = line.split(':');
        let name = fields.next()?;
        let uid = fields.nth(1)?.parse().ok()?;
        is_meant(name, uid).then(|| (name.to_owned(), uid))
    })
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
    fn the_daemon_listens_on_loopback_only() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("secboard.toml");
        std::fs::write(&file, "listen = \"0.0.0.0:8470\"\n").unwrap();
        assert!(matches!(resolve(None, Some(&file)), Err(Error::NotLoopback { .. })));
    }
}
