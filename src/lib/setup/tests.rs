use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::sync::Arc;

use super::{InitOptions, init};
use crate::config::Config;
use crate::context::{Context, SystemClock};
use crate::crypto::key::MasterKey;
use crate::crypto::rng::SeededRandom;
use crate::error::Result;
use crate::store::{self, Store};
use crate::text::secret::Secret;
use crate::user::Facts;

fn config(folder: &Path) -> Config {
    Config {
        file: None,
        store: folder.join("new/secboard.db"),
        key: folder.join("new/secboard.key"),
        daemon: crate::config::Daemon::default(),
        templates: None,
        resolver: None,
    }
}

fn options(password: &str) -> InitOptions {
    let mut superuser = Facts::new("ada@acme.example".to_owned());
    superuser.first_name = Some("Ada".to_owned());
    superuser.last_name = Some("Admin".to_owned());
    InitOptions {
        table: &crate::registry::SETTINGS,
        template: None,
        settings: vec![("site.time_zone", "Europe/Kyiv".to_owned())],
        company: "Acme Bank".to_owned(),
        superuser,
        password: Secret::new(password.to_owned()),
        must_change_password: false,
    }
}

fn make(config: &Config, options: &InitOptions) -> Result<()> {
    let more = |_: &Context, _: &store::Tx<'_>| Ok(());
    init(config, Arc::new(SystemClock), Arc::new(SeededRandom::new(7)), options, more)
}

fn names_in(folder: &Path) -> Vec<String> {
    let entries: Vec<_> =
        fs::read_dir(folder).map_or_else(|_| Vec::new(), |entries| entries.flatten().collect());
    let mut names: Vec<_> = entries.iter().map(|entry| entry.file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

#[test]
fn store_and_key_are_private_and_nothing_else_is_left() {
    let folder = tempfile::tempdir().unwrap();
    let config = config(folder.path());
    make(&config, &options("tulip-orbit-lantern")).unwrap();
    assert_eq!(names_in(&folder.path().join("new")), ["secboard.db", "secboard.key"]);
    for path in [&config.store, &config.key] {
        assert_eq!(fs::metadata(path).unwrap().permissions().mode() & 0o777, 0o600);
    }
    assert_eq!(fs::metadata(folder.path().join("new")).unwrap().permissions().mode() & 0o777, 0o700);
    assert_eq!(
        Store::open(&config.store).unwrap().read(|tx| Ok(tx.damages(20)?)).unwrap(),
        Vec::<String>::new()
    );
}

#[test]
fn nothing_that_exists_is_overwritten() {
    let folder = tempfile::tempdir().unwrap();
    let config = config(folder.path());
    make(&config, &options("tulip-orbit-lantern")).unwrap();
    let before = fs::read(&config.store).unwrap();
    assert_eq!(make(&config, &options("tulip-orbit-lantern")).unwrap_err().code(), "store.exists");
    assert_eq!(fs::read(&config.store).unwrap(), before);
    fs::remove_file(&config.store).unwrap();
    assert_eq!(make(&config, &options("tulip-orbit-lantern")).unwrap_err().code(), "setup.key_exists");
}

#[test]
fn a13_killed_before_the_store_has_its_name_the_next_attempt_works() {
    let folder = tempfile::tempdir().unwrap();
    let config = config(folder.path());
    fs::create_dir(folder.path().join("new")).unwrap();
    fs::write(folder.path().join("new/.secboard.db.0abc"), "half a store").unwrap();
    let unused = MasterKey::generate(&SeededRandom::new(8)).unwrap();
    let left = unused.create_first(&config.key).unwrap();
    make(&config, &options("tulip-orbit-lantern")).unwrap();
    Store::open(&config.store).unwrap().load_key(&config.key).unwrap();
    assert_eq!(
        MasterKey::load(&left).unwrap().fingerprint(),
        unused.fingerprint(),
        "nobody's key is deleted"
    );
}

#[test]
fn a13_killed_before_the_key_has_its_name_the_next_command_finishes() {
    let folder = tempfile::tempdir().unwrap();
    let config = config(folder.path());
    make(&config, &options("tulip-orbit-lantern")).unwrap();
    let key = MasterKey::load(&config.key).unwrap();
    fs::rename(&config.key, key.create_first(&config.key).unwrap()).unwrap();
    assert_eq!(make(&config, &options("tulip-orbit-lantern")).unwrap_err().code(), "store.exists");
    let found = Store::open(&config.store).unwrap().load_key(&config.key).unwrap();
    assert_eq!(found.fingerprint(), key.fingerprint());
    assert_eq!(names_in(&folder.path().join("new")), ["secboard.db", "secboard.key"]);
}

#[test]
fn of_two_who_make_the_same_store_one_is_refused_and_leaves_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let config = config(folder.path());
    // The other one gets there first, in the last moment.
    let overtaken = |_: &Context, _: &store::Tx<'_>| make(&config, &options("tulip-orbit-lantern"));
    let rng = Arc::new(SeededRandom::new(8));
    let failure =
        init(&config, Arc::new(SystemClock), rng, &options("tulip-orbit-lantern"), overtaken).unwrap_err();
    assert_eq!(failure.code(), "store.exists");
    assert_eq!(names_in(&folder.path().join("new")), ["secboard.db", "secboard.key"]);
    Store::open(&config.store).unwrap().load_key(&config.key).unwrap();
}

#[test]
fn a_failure_on_the_way_leaves_nothing_behind() {
    let folder = tempfile::tempdir().unwrap();
    let config = config(folder.path());
    assert_eq!(make(&config, &options("short")).unwrap_err().code(), "password.too_short");
    assert_eq!(names_in(&folder.path().join("new")), Vec::<String>::new());
}

#[test]
fn a_folder_whose_name_is_no_text_is_left_as_clean() {
    use std::os::unix::ffi::OsStrExt as _;
    let folder = tempfile::tempdir().unwrap();
    let odd = folder.path().join(std::ffi::OsStr::from_bytes(b"odd\xFF"));
    fs::create_dir(&odd).unwrap();
    let config = config(&odd);
    make(&config, &options("tulip-orbit-lantern")).unwrap();
    assert_eq!(names_in(&odd.join("new")), ["secboard.db", "secboard.key"]);
}

#[test]
fn p9_no_account_exists_that_was_not_asked_for() {
    let folder = tempfile::tempdir().unwrap();
    let config = config(folder.path());
    make(&config, &options("tulip-orbit-lantern")).unwrap();
    let store = Store::open(&config.store).unwrap();
    let emails: Vec<String> = store
        .read(|tx| {
            let mut statement = tx.sql().prepare("SELECT email FROM users")?;
            let emails = statement.query_map([], |row| row.get(0))?.collect::<Result<_, _>>()?;
            Ok(emails)
        })
        .unwrap();
    assert_eq!(emails, ["ada@acme.example"]);
}
