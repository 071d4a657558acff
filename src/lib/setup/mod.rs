//! Making a store: the file, its key, the first settings, the first company and the first superuser.
//!
//! Nothing stands at the store's path until everything is in it: the store is filled under another name beside it and
//! renamed at the end. Just before, its key is written to where it waits; the rename makes both count at once, for whoever
//! opens the store finds the key there and puts it in its place ([`MasterKey::load_expected`]). So a death at any moment
//! leaves a complete store, or files under names of their own that no later attempt meets. Nothing that exists is ever
//! overwritten, and there is no password that somebody did not choose.

pub(crate) mod cli;
pub(crate) mod template;

#[cfg(test)]
mod tests;

use std::fs::{self, DirBuilder, File};
use std::os::unix::fs::DirBuilderExt as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use tempfile::TempPath;

use crate::audit::{self, Event, Fields};
use crate::company;
use crate::config::{Caller, Config};
use crate::context::settings::Table;
use crate::context::{Actor, Clock, Context, Settings};
use crate::crypto::key::{MasterKey, folder_of};
use crate::crypto::rng::{Random, short_id};
use crate::error::{Explain, Kind, Result};
use crate::setting;
use crate::setup::template::Template;
use crate::store::{Store, Tx};
use crate::text::secret::Secret;
use crate::user::{self, Facts};

/// What a new store begins with.
pub(crate) struct InitOptions {
    /// What there is to set.
    pub(crate) table: &'static Table,
    /// Settings that differ from their default: names and values.
    pub(crate) settings: Vec<(&'static str, String)>,
    /// The first company.
    pub(crate) company: String,
    /// The first superuser, of that company.
    pub(crate) superuser: Facts,
    /// Their password.
    pub(crate) password: Secret,
    /// Whether the first login asks for another.
    pub(crate) must_change_password: bool,
    /// Groups and roles.
    pub(crate) template: Option<Template>,
}

/// Why no store was made.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Error {
    /// Something stands where the key would be.
    #[error("`{path}` exists already", path = path.display())]
    KeyExists {
        /// The file.
        path: PathBuf,
    },
    /// The folder cannot be made, or the finished store not be put into its place.
    #[error("cannot create `{path}`", path = path.display())]
    CannotCreate {
        /// The file or folder.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
}

impl Explain for Error {
    fn code(&self) -> &'static str {
        match self {
            Self::KeyExists { .. } => "setup.key_exists",
            Self::CannotCreate { .. } => "setup.cannot_create",
        }
    }

    fn kind(&self) -> Kind {
        Kind::CannotCreate
    }

    fn advice(&self) -> Option<String> {
        Some(match self {
            Self::KeyExists { .. } => {
                "nothing was touched; it may be the key of another store, so move it away only if you are sure".to_owned()
            }
            Self::CannotCreate { .. } => "name a folder you can write to with `--store PATH`".to_owned(),
        })
    }
}

/// Refuses a place where a store or a key stands already.
pub(crate) fn check_free(config: &Config) -> Result<()> {
    if config.store.symlink_metadata().is_ok() {
        return Err(crate::store::Error::Exists { path: config.store.clone() }.into());
    }
    if config.key.symlink_metadata().is_ok() {
        return Err(Error::KeyExists { path: config.key.clone() }.into());
    }
    Ok(())
}

/// Makes a store and its key, then lets `more` fill it further before it appears under its name.
pub(crate) fn init(
    config: &Config,
    clock: Arc<dyn Clock>,
    rng: Arc<dyn Random>,
    options: &InitOptions,
    more: impl FnOnce(&Context, &Tx<'_>) -> Result<()>,
) -> Result<()> {
    check_free(config)?;
    make_folder(&config.store)?;
    let unfinished = Unfinished::beside(&config.store, &*rng)?;
    let key = MasterKey::generate(&*rng)?;
    let mut settings = Settings::new(options.table);
    for (name, value) in &options.settings {
        setting::apply(&mut settings, name, value)?;
    }
    let actor = Actor::system(Some(Caller::of_this_process().shell_user()?));
    // Whoever makes a store is told nothing of the account that they make with it.
    let tells_people = false;
    let cx = Context {
        clock,
        rng,
        tells_people,
        ..Context::new(Store::create(&unfinished.path)?, key, settings, actor)
    };
    // Not through the context: the store is bound to its key only now.
    cx.store.write(|tx| {
        fill(&cx, tx, options)?;
        more(&cx, tx)
    })?;
    let Context { store, key, .. } = cx;
    // The last to close moves everything from the write-ahead log into the file.
    drop(store);
    check_free(config)?;
    let waiting = key.create_first(&config.key)?;
    unfinished.put_in_place(&config.store).inspect_err(|_| drop(fs::remove_file(waiting)))?;
    sync_folder_of(&config.store)?;
    // Another process that opened the store meanwhile may have done it already, which is as good.
    MasterKey::load_expected(&config.key, &key.fingerprint())?;
    Ok(())
}

fn fill(cx: &Context, tx: &Tx<'_>, options: &InitOptions) -> Result<()> {
    tx.bind_key(&cx.key)?;
    audit::note(cx, tx, Event::without_id("store.init", "store", "store"), &Fields::new())?;
    for (name, value) in &options.settings {
        setting::set_in(cx, tx, name, value)?;
    }
    let new = company::New { name: options.company.clone(), ..company::New::default() };
    company::create_in(cx, tx, &new, None)?;
    let facts = Facts {
        company: Some(options.company.clone()),
        must_change_password: options.must_change_password,
        ..options.superuser.clone()
    };
    user::create_first_superuser(cx, tx, facts, &options.password)?;
    options.template.map_or(Ok(()), |template| template::apply(cx, tx, template))
}

/// A store under a name of its own until it is finished; removed when it never is.
struct Unfinished {
    path: PathBuf,
}

impl Unfinished {
    fn beside(store: &Path, rng: &dyn Random) -> Result<Self> {
        let name = store.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        Ok(Self { path: store.with_file_name(format!(".{name}.{}", short_id(rng)?)) })
    }

    /// Gives the finished store its name, which fails rather than replaces when another appeared there meanwhile.
    fn put_in_place(self, store: &Path) -> Result<(), Error> {
        let cannot = |source| Error::CannotCreate { path: store.to_owned(), source };
        let unfinished = TempPath::try_from_path(&self.path).map_err(cannot)?;
        unfinished.persist_noclobber(store).map_err(|error| cannot(error.error))
    }
}

impl Drop for Unfinished {
    fn drop(&mut self) {
        for suffix in ["", "-wal", "-shm"] {
            let mut path = self.path.clone().into_os_string();
            path.push(suffix);
            fs::remove_file(path).ok();
        }
    }
}

/// Makes the folder of `path` and those above it, each on the disk when this returns.
fn make_folder(path: &Path) -> Result<(), Error> {
    let folder = folder_of(path);
    if folder.exists() {
        return Ok(());
    }
    make_folder(folder)?;
    let made = DirBuilder::new().recursive(true).mode(0o700).create(folder);
    made.map_err(|source| Error::CannotCreate { path: folder.to_owned(), source })?;
    sync_folder_of(folder)
}

/// Puts the names in the folder of `path` on the disk.
fn sync_folder_of(path: &Path) -> Result<(), Error> {
    let synced = File::open(folder_of(path)).and_then(|folder| folder.sync_all());
    synced.map_err(|source| Error::CannotCreate { path: path.to_owned(), source })
}
