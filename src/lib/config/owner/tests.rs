use std::os::unix::fs::{PermissionsExt as _, chown, symlink};

use super::*;

#[test]
fn the_way_to_a_file_has_every_folder_and_link_on_it() {
    let folder = tempfile::tempdir().unwrap();
    let at = folder.path().canonicalize().unwrap();
    fs::create_dir_all(at.join("real/deep")).unwrap();
    symlink("../real", at.join("real/round")).unwrap();
    symlink(at.join("real/round/deep"), at.join("short")).unwrap();
    let gone = way(&at.join("short/./store.db"));
    let below: Vec<_> = gone.iter().filter_map(|place| place.strip_prefix(&at).ok()).collect();
    let expected = ["", "short", "", "real", "real/round", "real", "real/deep", "real/deep/store.db"];
    assert_eq!(below, expected.map(Path::new));
    symlink("round", at.join("round")).unwrap();
    assert!(way(&at.join("round")).len() > 40, "a link to itself has an end");
}

#[test]
fn a15_a_store_of_root_is_nobody_elses_to_replace() {
    if !is_root() {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let (inner, store) = (folder.path().join("inner"), folder.path().join("inner/store.db"));
    fs::create_dir(&inner).unwrap();
    fs::write(&store, "").unwrap();
    let told = || check_way("another store", &store).err().map(|error| error.to_string());
    assert_eq!(told(), None);
    let theirs = format!("for `{}` is theirs to change", inner.display());
    fs::set_permissions(&inner, fs::Permissions::from_mode(0o777)).unwrap();
    assert!(told().unwrap().starts_with("everybody could put another store in the place of"));
    fs::set_permissions(&inner, fs::Permissions::from_mode(0o1777)).unwrap();
    assert!(told().unwrap().starts_with("everybody could"), "a journal could be laid beside it");
    fs::set_permissions(&inner, fs::Permissions::from_mode(0o755)).unwrap();
    fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o1777)).unwrap();
    assert_eq!(told(), None, "as in /tmp");
    // Members of a group could exchange what is in its folders.
    fs::set_permissions(&inner, fs::Permissions::from_mode(0o2775)).unwrap();
    assert_eq!(told(), None, "the group is root's");
    chown(&inner, None, Some(61_298)).unwrap();
    fs::set_permissions(&inner, fs::Permissions::from_mode(0o2775)).unwrap();
    assert!(told().unwrap().starts_with("everybody of the group 61298 could put another store"));
    fs::set_permissions(&inner, fs::Permissions::from_mode(0o755)).unwrap();
    let beside = ["wal", "journal"].map(|end| folder.path().join(format!("inner/store.db-{end}")));
    for file in [&store, &beside[0], &beside[1]] {
        fs::write(file, "").unwrap();
        fs::set_permissions(file, fs::Permissions::from_mode(0o646)).unwrap();
        assert!(told().unwrap().starts_with("everybody could"), "{}", file.display());
        fs::set_permissions(file, fs::Permissions::from_mode(0o644)).unwrap();
        assert_eq!(told(), None);
    }
    chown(&inner, Some(61_299), None).unwrap();
    let told = told().unwrap();
    assert!(told.starts_with("`uid 61299` could put another") && told.ends_with(&theirs), "{told}");
}

#[test]
fn a15_what_belongs_to_a_store_of_root_is_nobody_elses_to_replace_and_neither_is_where_one_will_be() {
    if !is_root() {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let own = folder.path().join("own");
    fs::create_dir(&own).unwrap();
    let config = |key: &str, templates: Option<&str>| Config {
        file: None,
        store: own.join("secboard.db"),
        key: folder.path().join(key),
        daemon: crate::config::Daemon::default(),
        templates: templates.map(|name| folder.path().join(name)),
        resolver: None,
    };
    let told = |key, templates| go_on_as_owner(&config(key, templates)).err().map(|error| error.to_string());
    assert_eq!(told("own/secboard.key", None), None);
    let theirs = folder.path().join("theirs");
    fs::create_dir(&theirs).unwrap();
    fs::write(theirs.join("secboard.key"), "").unwrap();
    chown(&theirs, Some(61_299), None).unwrap();
    let by_key = told("theirs/secboard.key", None).unwrap();
    assert!(by_key.starts_with("`uid 61299` could put another key in the place of"), "{by_key}");
    symlink(theirs.join("secboard.key"), own.join("secboard.key")).unwrap();
    assert!(told("own/secboard.key", None).unwrap().contains("another key"), "behind a link too");
    let by_template = told("own/other.key", Some("theirs")).unwrap();
    assert!(
        by_template.starts_with("`uid 61299` could put other templates in the place of"),
        "{by_template}"
    );
    // Of what is not there yet, whoever could make it is asked about: in a sticky folder that is everybody.
    fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o1777)).unwrap();
    let missing = check_way("another store", &folder.path().join("new/secboard.db")).unwrap_err().to_string();
    assert!(missing.starts_with("everybody could put another store in the place of"), "{missing}");
}

/// What to do about a folder is to change the store's own alone; whoever took the right to write from `/tmp` would break the
/// machine.
#[test]
fn advice_about_a_store_changes_no_folder_that_others_use() {
    if !is_root() {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let (own, store) = (folder.path().join("own"), folder.path().join("own/store.db"));
    fs::create_dir(&own).unwrap();
    fs::write(&store, "").unwrap();
    let advice = |path: &Path, mode| {
        fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
        let advice = check_way("another store", &store).unwrap_err().advice().unwrap();
        fs::set_permissions(path, fs::Permissions::from_mode(0o755)).unwrap();
        advice
    };
    let leave = |path: &Path| format!("leave it to root alone, with `chmod go-w {}`", path.display());
    let beside = store.display();
    let moved = format!("move it, with what lies beside it (`{beside}*`), to a folder of root alone");
    assert_eq!(advice(&own, 0o777), leave(&own));
    assert_eq!(advice(&store, 0o666), leave(&store));
    assert_eq!(advice(&own, 0o1777), moved, "as directly in /tmp");
    assert_eq!(advice(folder.path(), 0o777), moved, "others may be in it");
    let found = fs::metadata(&own).unwrap();
    for of_system in ["/", "/srv", "/var/local", "/usr/local/share"] {
        let of_system = Path::new(of_system);
        assert!(!is_own_folder(of_system, &found, &of_system.join("store.db")), "{}", of_system.display());
    }
    assert!(is_own_folder(Path::new("/srv/secboard"), &found, Path::new("/srv/secboard/store.db")));
}

#[test]
fn a15_whom_an_access_control_list_names_is_somebody_else() {
    use rustix::fs::{XattrFlags, lremovexattr, lsetxattr};

    const NAME: &str = "system.posix_acl_access";
    if !is_root() {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let store = folder.path().join("store.db");
    fs::write(&store, "").unwrap();
    // As acl(5) and the kernel have it: the owner, a user, the group, the mask, others.
    let mut list = 2_u32.to_le_bytes().to_vec();
    for (tag, may, who) in [(1_u16, 7_u16, -1_i32), (2, 7, 61_299), (4, 5, -1), (16, 7, -1), (32, 5, -1)] {
        list.extend([tag.to_le_bytes(), may.to_le_bytes()].concat());
        list.extend(who.to_le_bytes());
    }
    // Not every file system keeps them.
    if lsetxattr(folder.path(), NAME, &list, XattrFlags::empty()).is_err() {
        return;
    }
    let told = || check_way("another store", &store).err().map(|error| error.to_string());
    let by_list = "everybody whom its access control list names could put";
    assert!(told().unwrap().starts_with(by_list));
    lremovexattr(folder.path(), NAME).unwrap();
    fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o755)).unwrap();
    assert_eq!(told(), None);
    // What SQLite makes beside the store would get the list of its folder.
    lsetxattr(folder.path(), "system.posix_acl_default", &list, XattrFlags::empty()).unwrap();
    assert!(told().unwrap().starts_with(by_list));
    lremovexattr(folder.path(), "system.posix_acl_default").unwrap();
    fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o775)).unwrap();
    assert!(check_way("another store", &store).is_ok(), "the group is root's");
}

#[test]
fn an_owner_is_named_as_sudo_takes_them() {
    assert_eq!(as_owner("secboard"), "sudo -u secboard secboard …");
    assert_eq!(as_owner("uid 61299"), "sudo -u '#61299' secboard …");
}
