//! `--store` where there is no store, or something that is none.

use std::ffi::OsStr;
use std::fs::{self, File, OpenOptions};
use std::os::fd::AsRawFd as _;
use std::os::unix::ffi::OsStrExt as _;
use std::os::unix::fs::{lchown, symlink};
use std::os::unix::process::CommandExt as _;
use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

use crate::site::{Ended, SECBOARD, Site, chmod, is_root};

fn list(site: &Site, store: &str) -> Ended {
    site.run(&["--store", store, "user", "list"])
}

#[test]
fn a12_a_store_that_is_not_there_is_66_and_not_made() {
    let site = Site::new();
    list(&site, "no.db").refused(66, &["there is no store at `no.db`", "secboard --store no.db init"]);
    list(&site, "no/such/folder/s.db").refused(66, &["there is no store"]);
    list(&site, "secboard.db/s.db").refused(66, &["Not a directory"]);
    assert_eq!(site.files(), ["secboard.db", "secboard.key"]);
}

#[test]
fn a12_a_store_that_was_removed_is_not_made_anew() {
    let site = Site::new();
    fs::remove_file(site.store()).unwrap();
    site.add("late").refused(66, &["there is no store", "hint: "]);
    assert_eq!(site.files(), ["secboard.key"]);
}

#[test]
fn a12_what_is_no_store_is_78() {
    let site = Site::new();
    fs::write(site.path("text"), "no database, but longer than any magic number is").unwrap();
    fs::write(site.path("empty"), "").unwrap();
    for other in ["text", "empty", ".", "/dev/null"] {
        list(&site, other).refused(78, &["is not a secboard store", "nothing was touched"]);
    }
    assert_eq!(fs::metadata(site.path("empty")).unwrap().len(), 0);
}

#[test]
fn a12_links_that_lead_nowhere_are_66() {
    let site = Site::new();
    symlink("loop-b", site.path("loop-a")).unwrap();
    symlink("loop-a", site.path("loop-b")).unwrap();
    symlink("nowhere", site.path("dangling")).unwrap();
    list(&site, "loop-a").refused(66, &["cannot open the store", "symbolic links"]);
    list(&site, "dangling").refused(66, &["there is no store"]);
    assert!(!site.path("nowhere").exists());
}

#[test]
fn a12_a_pipe_in_place_of_store_or_key_is_not_waited_for() {
    let site = Site::new();
    assert_eq!(site.bash("mkfifo pipe").code, Some(0));
    let pipe = site.path("pipe");
    for arguments in [&["--store", "pipe", "user", "list"][..], &["init", "--store", "pipe"]] {
        let mut child = site.secboard(arguments).spawn().unwrap();
        let code = ended_within(&mut child, Duration::from_secs(20)).code();
        assert!(matches!(code, Some(73 | 78)), "{arguments:?}: {code:?}");
    }
    fs::rename(&pipe, site.key()).unwrap();
    let mut child = site.secboard(&["user", "list"]).spawn().unwrap();
    assert_eq!(ended_within(&mut child, Duration::from_secs(20)).code(), Some(78));
}

#[test]
fn a12_a_pipe_that_nobody_reads_is_not_waited_for_as_an_output() {
    let site = Site::new();
    fs::write(site.path("people.csv"), "email,first_name,last_name,company\n,A,B,Acme\n").unwrap();
    assert_eq!(site.bash("mkfifo pipe").code, Some(0));
    for line in [
        "export users --format csv --output pipe",
        "export users --format xlsx --output pipe",
        "org chart --output pipe",
        "user import people.csv --errors pipe",
    ] {
        let arguments: Vec<&str> = line.split(' ').collect();
        let mut child = site.secboard(&arguments).stderr(Stdio::piped()).spawn().unwrap();
        ended_within(&mut child, Duration::from_secs(20));
        Ended::from(child).refused(73, &["nobody reads the pipe `pipe`", "hint: name a file"]);
    }
    let read = "exec 3<> pipe; \"$0\" export users --format csv --output pipe; head -n 1 <&3 | cut -c 1-3";
    assert_eq!(site.bash(read).stdout, "id,\n", "a pipe with a reader is written");
    let devices = "\"$0\" export users --format csv --output /dev/stdout | head -n 1 | cut -c 1-3
        \"$0\" export users --format csv --output /dev/null && echo done";
    assert_eq!(site.bash(devices).stdout, "id,\ndone\n");
}

fn ended_within(child: &mut std::process::Child, limit: Duration) -> std::process::ExitStatus {
    let step = Duration::from_millis(10);
    for _ in 0..limit.as_millis() / step.as_millis() {
        if let Some(status) = child.try_wait().unwrap() {
            return status;
        }
        std::thread::sleep(step);
    }
    child.kill().unwrap();
    panic!("still waiting after {limit:?}");
}

#[test]
fn a12_a_store_of_somebody_else_is_66() {
    let site = Site::new();
    site.give_away();
    chmod(&site.store(), 0o000);
    site.run_unprivileged(&["user", "list"]).refused(66, &["cannot open the store", "Permission denied"]);
    chmod(&site.store(), 0o600);
    site.assert_whole();
}

/// Who has neither `HOME` nor an account is told so, and a relative folder is passed over: no command works on a store in
/// whatever folder it stands in.
#[test]
fn a12_without_a_home_no_store_is_looked_for_or_made_where_the_command_stands() {
    let site = Site::new();
    site.give_away();
    let standing_in = site.path("here");
    fs::create_dir(&standing_in).unwrap();
    if is_root() {
        // Somebody without an account of the machine.
        chmod(site.folder(), 0o755);
        lchown(&standing_in, Some(61_298), Some(61_298)).unwrap();
    }
    let run = |variables: &[(&str, &str)], words: &str| -> Ended {
        let binary = File::open(SECBOARD).unwrap();
        let mut command = site.program(&format!("/proc/self/fd/{}", binary.as_raw_fd()));
        command.env_clear().envs(variables.iter().copied()).current_dir(&standing_in);
        if is_root() {
            command.uid(61_298).gid(61_298);
        }
        command.args(words.split_whitespace()).output().unwrap().into()
    };
    let init = "init --email a@b.example --first-name A --last-name B --company C --time-zone UTC \
                --generate-password --no-input";
    for variables in [&[][..], &[("XDG_DATA_HOME", "rel"), ("XDG_CONFIG_HOME", "rel")], &[("HOME", "rel")]] {
        for words in ["user list", init] {
            // Whoever runs the tests has a home, but need not have a store there.
            if is_root() {
                run(variables, words)
                    .refused(78, &["there is no home to look for a store in", "`--store PATH`"]);
            }
        }
    }
    let store = format!("{init} --store {}", site.path("here/named.db").display());
    assert_eq!(run(&[], &store).code, Some(0), "a store that is named needs no home");
    let mut made: Vec<_> =
        fs::read_dir(&standing_in).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    made.sort();
    assert_eq!(made, ["named.db", "secboard.key"]);
}

#[test]
fn a12_a_variable_names_what_it_names_whatever_its_encoding() {
    let site = Site::new();
    let folder = site.folder().join(OsStr::from_bytes(b"b\xfccher"));
    fs::create_dir(&folder).unwrap();
    for file in ["secboard.db", "secboard.key"] {
        fs::rename(site.path(file), folder.join(file)).unwrap();
    }
    let list = |variable: &str, value: &Path| -> Ended {
        let mut command = site.secboard(&["user", "list", "--count"]);
        command.env_remove("SECBOARD_STORE").env(variable, value).output().unwrap().into()
    };
    assert_eq!(list("SECBOARD_STORE", &folder.join("secboard.db")).code, Some(0));
    list("SECBOARD_CONFIG", &folder.join("none.toml")).refused(78, &["cannot read the configuration file"]);
    let config = folder.join("secboard.toml");
    fs::write(&config, format!("store = '{}'\n", site.path("named.db").display())).unwrap();
    list("SECBOARD_CONFIG", &config).refused(66, &["named.db"]);
}

/// A link that somebody else laid into a folder everybody writes to is followed as far as the kernel follows it.
#[test]
fn a5_an_output_goes_where_the_kernel_would_let_it() {
    let site = Site::new();
    let (shared, victim) = (site.path("shared"), site.path("victim.csv"));
    fs::create_dir(&shared).unwrap();
    fs::write(&victim, "before").unwrap();
    let link = shared.join("people.csv");
    symlink(&victim, &link).unwrap();
    if is_root() {
        lchown(&link, Some(65534), Some(65534)).unwrap();
    }
    chmod(&shared, 0o1777);
    let follows = OpenOptions::new().append(true).open(&link).is_ok();
    let output = link.display().to_string();
    let ended = site.run(&["export", "users", "-o", "csv", "--output", &output]);
    assert_eq!(ended.code, Some(if follows { 0 } else { 73 }), "{ended:?}");
    assert_eq!(fs::read_to_string(&victim).unwrap() != "before", follows);
    let nowhere = shared.join("nowhere.csv");
    symlink("none", &nowhere).unwrap();
    let output = nowhere.display().to_string();
    fs::write(site.path("people.csv"), "email,first_name,last_name,company\na@b.example,A,B,Acme\n").unwrap();
    let commands: [&[&str]; 3] = [
        &["export", "users", "-o", "csv", "--output", &output],
        &["org", "chart", "--form", "svg", "--output", &output],
        &["user", "import", "people.csv", "--errors", &output],
    ];
    for command in commands {
        site.run(command).refused(73, &["cannot create", "leads nowhere"]);
    }
    assert!(fs::symlink_metadata(&nowhere).unwrap().is_symlink() && !shared.join("none").exists());
}

/// Whatever an output is called, and however it comes to be called so: by its name, through a link, or before it is there.
#[test]
fn an_output_replaces_nothing_that_is_in_use() {
    let site = Site::new();
    let config = site.path(".config/secboard/secboard.toml");
    fs::create_dir_all(config.parent().unwrap()).unwrap();
    fs::write(&config, "listen = \"127.0.0.1:8471\"\n").unwrap();
    fs::create_dir(site.path("shared")).unwrap();
    let photo = image::RgbImage::new(200, 200);
    photo.save(site.path("ada.png")).unwrap();
    let set = site.run(&["user", "avatar", "set", "ada@acme.example", "ada.png"]);
    assert_eq!(set.code, Some(0), "{set:?}");
    fs::write(site.path("bad.csv"), "email,first_name,last_name,company\nbad,A,B,Acme\n").unwrap();
    let old_key = site.path("secboard.key.old-0123456789abcdef");
    fs::write(&old_key, "an old key").unwrap();
    let commands: [&[&str]; 9] = [
        &["export", "users", "-o", "csv", "--output"],
        &["export", "roles", "-o", "csv", "--output"],
        &["export", "groups", "-o", "csv", "--output"],
        &["export", "permissions", "-o", "csv", "--output"],
        &["export", "access", "-o", "csv", "--output"],
        &["export", "users", "-o", "xlsx", "--output"],
        &["user", "avatar", "show", "ada@acme.example", "--output"],
        &["org", "chart", "--form", "svg", "--output"],
        &["user", "import", "bad.csv", "--errors"],
    ];
    let kept = [site.store(), site.key(), old_key, config.clone()];
    let absent = ["secboard.db-wal", "secboard.db-shm", "secboard.db-journal", "secboard.key.new"];
    let before: Vec<_> = kept.iter().map(|file| fs::read(file).unwrap()).collect();
    for command in commands {
        let refused = |output: &Path| {
            let mut command = site.secboard(&[command, &[output.to_str().unwrap()]].concat());
            let ended: Ended = command.env("SECBOARD_CONFIG", &config).output().unwrap().into();
            ended.refused(73, &["and is not written over", "hint: name another file"]);
        };
        for file in &kept {
            refused(file);
            let link = site.path("shared/l.csv");
            symlink(file, &link).unwrap();
            refused(&link);
            fs::remove_file(link).unwrap();
        }
        for name in absent {
            refused(Path::new(name));
            assert!(!site.path(name).exists(), "{command:?} {name}");
        }
    }
    site.run(&["user", "import", "bad.csv", "--errors", "./bad.csv"])
        .refused(73, &["what this command reads"]);
    site.run(&["user", "import", "bad.csv", "--errors", "bad.csv"]).refused(73, &["what this command reads"]);
    let ended = site.bash(r#""$0" user import - --format csv --errors bad.csv < bad.csv"#);
    ended.refused(73, &["what this command reads"]);
    symlink(site.store(), site.path("shared/secboard.1")).unwrap();
    site.run(&["man", "--output", "shared"]).refused(73, &["is the store"]);
    for (file, before) in kept.iter().zip(before) {
        assert!(fs::read(file).unwrap() == before, "{}", file.display());
    }
    assert!(fs::read_to_string(site.path("bad.csv")).unwrap().starts_with("email,first_name"));
    // Any other file behind a link is replaced, and the link stays.
    fs::write(site.path("other.csv"), "old").unwrap();
    symlink(site.path("other.csv"), site.path("shared/l.csv")).unwrap();
    assert_eq!(site.run(&["export", "users", "-o", "csv", "--output", "shared/l.csv"]).code, Some(0));
    assert!(fs::read_to_string(site.path("other.csv")).unwrap().contains("ada@acme.example"));
    assert!(fs::symlink_metadata(site.path("shared/l.csv")).unwrap().is_symlink());
}
