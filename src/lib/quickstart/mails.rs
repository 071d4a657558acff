//! The mails of a quickstart as they come into its folder, told with their links: a file has long lines broken, and nobody
//! copies a link out of it.

use std::collections::BTreeSet;
use std::ffi::OsString;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::mpsc::{self, RecvTimeoutError};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;

/// How often the folder is looked at.
const LOOK: Duration = Duration::from_millis(200);

/// More bytes than a mail of secboard has.
const LONGEST: u64 = 1024 * 1024;

/// While it lives, each new mail of a folder that has links is told.
pub(super) struct Watch {
    /// Nothing is sent on it: that it is gone is what ends the thread.
    stop: Option<mpsc::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Watch {
    /// Begins to tell of mails that come from now on.
    ///
    /// # Errors
    /// When the system gives no thread.
    pub(super) fn begin(folder: PathBuf, tell: impl Fn(&str) + Send + 'static) -> io::Result<Self> {
        let (stop, stopping) = mpsc::channel::<()>();
        let mut known = names(&folder);
        let thread = thread::Builder::new().name("mails".to_owned()).spawn(move || {
            while stopping.recv_timeout(LOOK) == Err(RecvTimeoutError::Timeout) {
                let now = names(&folder);
                for name in now.difference(&known) {
                    let mail = read(&folder.join(name)).unwrap_or_default();
                    if let Some(about) = about(&mail, &name.to_string_lossy()) {
                        tell(&about);
                    }
                }
                known = now;
            }
        })?;
        Ok(Self { stop: Some(stop), thread: Some(thread) })
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        self.stop = None;
        self.thread.take().map(JoinHandle::join);
    }
}

/// The names of the mails that are there.
fn names(folder: &Path) -> BTreeSet<OsString> {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    entries.map(|entry| entry.file_name()).filter(|name| name.as_encoded_bytes().ends_with(b".eml")).collect()
}

fn read(path: &Path) -> Option<String> {
    use std::io::Read as _;
    let mut bytes = Vec::new();
    std::fs::File::open(path).ok()?.take(LONGEST).read_to_end(&mut bytes).ok()?;
    Some(String::from_utf8_lossy(&bytes).into_owned())
}

/// To whom it goes, in which file it is, and the links of its text; nothing where it has none.
fn about(mail: &str, name: &str) -> Option<String> {
    let (head, body) = mail.split_once("\r\n\r\n").unwrap_or((mail, ""));
    let head = head.replace("\r\n ", " ");
    let to = head.lines().find_map(|line| line.strip_prefix("To: ")).unwrap_or("somebody");
    let to = to.rsplit_once('<').map_or(to, |(_, address)| address.trim_end_matches('>'));
    let text = text_of(body);
    let links = text.split_whitespace().filter(|word| word.starts_with("http://"));
    let told = links.fold(String::new(), |told, link| told + "\n  " + link);
    (!told.is_empty()).then(|| format!("mail to {to}, mails/{name}{told}"))
}

/// The first part of a mail, which is plain text.
fn text_of(body: &str) -> String {
    let (_, part) = body.split_once("Content-Type: text/plain").unwrap_or_default();
    let (head, text) = part.split_once("\r\n\r\n").unwrap_or_default();
    let text = text.split("\r\n--").next().unwrap_or_default();
    if !head.contains("base64") {
        return text.replace("=\r\n", "");
    }
    let bytes = BASE64_STANDARD.decode(text.replace("\r\n", "")).unwrap_or_default();
    String::from_utf8_lossy(&bytes).into_owned()
}

#[cfg(test)]
mod tests {
    use super::about;

    #[test]
    fn a_mail_is_told_with_its_links_in_one_piece() {
        let mail = "From: Quickstart <noreply@acme.example>\r\n\
            To: =?utf-8?b?VG9ieQ==?=\r\n \x20<toby@acme.example>\r\n\
            \r\n\
            Content-Type: text/plain; charset=utf-8\r\n\r\n\
            Choose a password:\r\nhttp://127.0.0.1:1/invite/ab=\r\ncd/\r\n\
            Content-Type: text/html; charset=utf-8\r\n\r\n<a href=3D\"http://127.0.0.1:1/invite/abcd/\">\r\n";
        let told = "mail to toby@acme.example, mails/x.eml\n  http://127.0.0.1:1/invite/abcd/";
        assert_eq!(about(mail, "x.eml").unwrap(), told);
        let in_base64 = "To: toby@acme.example\r\n\r\nContent-Type: text/plain; charset=utf-8\r\n\
            Content-Transfer-Encoding: base64\r\n\r\n\
            0J/QsNGA0L7Qu9GMOgpodHRwOi8vMTI3LjAu\r\nMC4xOjEvaW52aXRlL2FiY2QvCg==\r\n--b--\r\n";
        assert_eq!(about(in_base64, "x.eml").unwrap(), told);
        assert_eq!(about("To: ada@acme.example\r\n\r\nhello", "y.eml"), None);
    }
}
