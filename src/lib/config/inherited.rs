//! What whoever starts this process hands on to it beside the three usual streams.

use std::env;
use std::ffi::{OsStr, OsString};
use std::fs;
use std::os::fd::RawFd;
use std::process;

/// The first descriptor that is none of the usual streams; systemd hands over sockets from there on.
const FIRST: RawFd = 3;

/// How far is looked where the system does not say what is open.
const MOST: RawFd = 1024;

/// Closes what root's shell had open and hands on to a process that root then leaves to somebody else
/// ([`super::go_on_as_owner`]): the programs that the owner of a store names would have it. What an argument or the environment
/// names, such as `/dev/fd/63`, and the sockets of systemd stay.
///
/// To be called before anything else is opened.
pub(crate) fn close_inherited(arguments: &[OsString]) {
    if !rustix::process::geteuid().is_root() {
        return;
    }
    let variables = env::vars_os().filter(|(name, _)| name.as_encoded_bytes().starts_with(b"SECBOARD_"));
    let mut kept: Vec<RawFd> = variables.filter_map(|(_, value)| named(&value)).collect();
    kept.extend(arguments.iter().filter_map(|argument| named(argument)));
    let number = |name| super::variable(name)?.to_str()?.parse::<u32>().ok();
    if number("LISTEN_PID") == Some(process::id()) {
        let sockets = number("LISTEN_FDS").and_then(|count| RawFd::try_from(count).ok());
        kept.extend(FIRST..FIRST.saturating_add(sockets.unwrap_or(0)));
    }
    for descriptor in
        open().into_iter().filter(|descriptor| *descriptor >= FIRST && !kept.contains(descriptor))
    {
        // The one by which this list was read is closed already.
        nix::unistd::close(descriptor).ok();
    }
}

/// The descriptors that are open.
fn open() -> Vec<RawFd> {
    let Ok(listed) = fs::read_dir("/proc/self/fd") else { return (FIRST..MOST).collect() };
    listed.flatten().filter_map(|entry| entry.file_name().to_str()?.parse().ok()).collect()
}

/// The descriptor that a path in an argument names.
fn named(argument: &OsStr) -> Option<RawFd> {
    let (_, rest) = argument.to_str()?.rsplit_once("/fd/")?;
    rest.chars().take_while(char::is_ascii_digit).collect::<String>().parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_descriptor_is_named_as_shells_name_them() {
        for (argument, expected) in [
            ("/dev/fd/63", Some(63)),
            ("--config=/proc/self/fd/12", Some(12)),
            ("/proc/217/fd/4/people.csv", Some(4)),
            ("/dev/fd/", None),
            ("people.csv", None),
        ] {
            assert_eq!(named(OsStr::new(argument)), expected, "{argument}");
        }
    }
}
