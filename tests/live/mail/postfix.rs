//! A Postfix with a Dovecot to log in at, in a folder of its own: its own configuration, queue and ports, on loopback alone.
//! No mail can leave the machine, and nothing of the machine's own mail system is touched.

use std::fs;
use std::io::{BufRead as _, BufReader};
use std::net::{TcpListener, TcpStream};
use std::os::unix::fs::{PermissionsExt as _, chown};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair};

use crate::program::program;

/// The password of the user `app`.
pub(super) const PASSWORD: &str = "app-secret";

const MAIN: &str = "
compatibility_level = 3.6
queue_directory = DIR/queue
data_directory = DIR/data
command_directory = /usr/sbin
daemon_directory = /usr/lib/postfix/sbin
mail_owner = postfix
setgid_group = postdrop
maillog_file = DIR/log
maillog_file_prefixes = DIR
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
myhostname = mail.corp.test
mydestination =
mynetworks =
default_transport = error:no mail leaves this machine
relay_transport = error:no mail leaves this machine
local_transport = error:no local mail
disable_dns_lookups = yes
smtp_dns_support_level = disabled
smtpd_peername_lookup = no
virtual_mailbox_domains = corp.test
virtual_mailbox_base = DIR/mail
virtual_mailbox_maps = static:all/
virtual_uid_maps = static:UID
virtual_gid_maps = static:GID
virtual_minimum_uid = 1
alias_maps =
local_recipient_maps =
smtpd_tls_cert_file = DIR/cert.pem
smtpd_tls_key_file = DIR/key.pem
smtpd_tls_security_level = may
smtpd_sasl_type = dovecot
smtpd_sasl_path = private/auth
smtpd_error_sleep_time = 0
smtpd_client_connection_count_limit = 0
smtpd_recipient_restrictions = check_recipient_access regexp:DIR/etc/faults, permit_sasl_authenticated, reject
";

/// Refusals, by recipient.
const FAULTS: &str = "
/^grey@/     450 4.7.1 Greylisted, try again later
/^full@/     452 4.2.2 Mailbox full
/^unknown@/  550 5.1.1 User unknown
/^spam@/     554 5.7.1 Rejected as spam
/^drop@/     421 4.3.2 Shutting down
/^quota@/    550 5.4.5 Daily user sending quota exceeded
";

const MASTER: &str = "
127.0.0.1:STARTTLS inet n - n - - smtpd
  -o smtpd_tls_security_level=encrypt
  -o smtpd_sasl_auth_enable=yes
127.0.0.1:TLS inet n - n - - smtpd
  -o smtpd_tls_wrappermode=yes
  -o smtpd_sasl_auth_enable=yes
127.0.0.1:PLAIN inet n - n - - smtpd
  -o smtpd_recipient_restrictions=permit
postlog   unix-dgram n - n - 1 postlogd
pickup    unix n - n 60 1 pickup
cleanup   unix n - n - 0 cleanup
qmgr      unix n - n 300 1 qmgr
rewrite   unix - - n - - trivial-rewrite
bounce    unix - - n - 0 bounce
defer     unix - - n - 0 bounce
trace     unix - - n - 0 bounce
flush     unix n - n 1000? 0 flush
proxymap  unix - - n - - proxymap
error     unix - - n - - error
retry     unix - - n - - error
virtual   unix - n n - - virtual
anvil     unix - - n - 1 anvil
tlsmgr    unix - - n 1000? 1 tlsmgr
";

const DOVECOT: &str = "
base_dir = DIR/dovecot/run
state_dir = DIR/dovecot/state
log_path = DIR/dovecot/log
protocols =
ssl = no
disable_plaintext_auth = no
auth_mechanisms = plain login
auth_failure_delay = 0
service anvil {
  unix_listener anvil-auth-penalty {
    mode = 0
  }
}
passdb {
  driver = passwd-file
  args = DIR/dovecot/users
}
userdb {
  driver = static
  args = uid=postfix gid=postfix home=DIR/mail
}
service auth {
  unix_listener DIR/queue/private/auth {
    mode = 0660
    user = postfix
    group = postfix
  }
}
";

/// Both, running; they end when dropped.
pub(super) struct Postfix {
    folder: tempfile::TempDir,
    dovecot: Child,
    /// Where plain changes to TLS.
    pub(super) starttls: u16,
    /// Where TLS is spoken from the first byte.
    pub(super) tls: u16,
    /// Where everybody sends, in plain: for measuring.
    pub(super) plain: u16,
}

/// A port of which nobody listens now.
fn free_port() -> u16 {
    TcpListener::bind(("127.0.0.1", 0)).unwrap().local_addr().unwrap().port()
}

/// The number of the user `postfix`, or of its group.
fn id(flag: &str) -> u32 {
    let output = program("id").args([flag, "postfix"]).output().unwrap();
    String::from_utf8(output.stdout).unwrap().trim().parse().unwrap()
}

impl Postfix {
    pub(super) fn start() -> Self {
        assert!(
            rustix::process::geteuid().is_root(),
            "Postfix is started by root alone: run this as root, as in `sudo tests/run`"
        );
        let folder = tempfile::tempdir().unwrap();
        let (uid, gid) = (id("-u"), id("-g"));
        let (starttls, tls, plain) = (free_port(), free_port(), free_port());
        let path = |name: &str| folder.path().join(name);
        fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o755)).unwrap();
        for name in ["etc", "queue", "data", "mail", "dovecot"] {
            fs::create_dir(path(name)).unwrap();
        }
        chown(path("data"), Some(uid), None).unwrap();
        chown(path("mail"), Some(uid), Some(gid)).unwrap();
        let write = |name: &str, text: &str| {
            let text = text.replace("DIR", folder.path().to_str().unwrap());
            let text = text.replace("UID", &uid.to_string()).replace("GID", &gid.to_string());
            let text = text.replace(":STARTTLS", &format!(":{starttls}")).replace(":TLS", &format!(":{tls}"));
            let text = text.replace(":PLAIN", &format!(":{plain}"));
            fs::write(path(name), text).unwrap();
        };
        write("etc/main.cf", MAIN);
        write("etc/master.cf", MASTER);
        write("etc/faults", FAULTS);
        write("dovecot/dovecot.conf", DOVECOT);
        write("dovecot/users", &format!("app:{{PLAIN}}{PASSWORD}\n"));
        let (authority, certificate, key) = certified();
        write("ca.pem", &authority);
        write("cert.pem", &certificate);
        write("key.pem", &key);
        fs::set_permissions(path("key.pem"), fs::Permissions::from_mode(0o600)).unwrap();
        // Makes the folders of the queue, which Dovecot puts its socket into.
        let checked = Self::postfix(&path("etc"), "check");
        assert!(checked.status.success(), "{}", String::from_utf8_lossy(&checked.stderr));
        let dovecot = program("dovecot")
            .args(["-F", "-c"])
            .arg(path("dovecot/dovecot.conf"))
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let postfix = Self { folder, dovecot, starttls, tls, plain };
        let started = Self::postfix(&postfix.path("etc"), "start");
        assert!(started.status.success(), "{}", String::from_utf8_lossy(&started.stderr));
        postfix.wait_until_it_answers();
        postfix
    }

    fn postfix(configuration: &std::path::Path, verb: &str) -> std::process::Output {
        let mut command: Command = program("postfix");
        command.arg("-c").arg(configuration).arg(verb).stdin(Stdio::null()).output().unwrap()
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn wait_until_it_answers(&self) {
        let begun = Instant::now();
        let greets = || {
            let stream = TcpStream::connect(("127.0.0.1", self.starttls)).ok()?;
            stream.set_read_timeout(Some(Duration::from_secs(2))).ok()?;
            let mut line = String::new();
            BufReader::new(stream).read_line(&mut line).ok()?;
            line.starts_with("220").then_some(())
        };
        while greets().is_none() || !self.path("queue/private/auth").exists() {
            let log = || fs::read_to_string(self.path("log")).unwrap_or_default();
            assert!(begun.elapsed() < Duration::from_secs(60), "Postfix does not answer: {}", log());
            std::thread::sleep(Duration::from_millis(50));
        }
    }

    /// The authority that vouches for it.
    pub(super) fn authority(&self) -> PathBuf {
        self.path("ca.pem")
    }

    /// The mails that have arrived, once there are so many.
    pub(super) fn mails(&self, count: usize) -> Vec<PathBuf> {
        let begun = Instant::now();
        loop {
            let entries = fs::read_dir(self.path("mail/all/new")).into_iter().flatten();
            let mails: Vec<PathBuf> = entries.map(|entry| entry.unwrap().path()).collect();
            if mails.len() >= count {
                return mails;
            }
            assert!(
                begun.elapsed() < Duration::from_secs(60),
                "{} of {count} mails have arrived",
                mails.len()
            );
            std::thread::sleep(Duration::from_millis(50));
        }
    }
}

impl Drop for Postfix {
    fn drop(&mut self) {
        Self::postfix(&self.path("etc"), "stop");
        self.dovecot.kill().ok();
        self.dovecot.wait().ok();
    }
}

/// An authority, a certificate for `localhost`, and its key.
fn certified() -> (String, String, String) {
    let mut params = CertificateParams::new(Vec::new()).unwrap();
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let key = KeyPair::generate().unwrap();
    let authority = params.self_signed(&key).unwrap().pem();
    let issuer = Issuer::new(params, key);
    let params = CertificateParams::new(vec!["localhost".to_owned(), "127.0.0.1".to_owned()]).unwrap();
    let key = KeyPair::generate().unwrap();
    let certificate = params.signed_by(&key, &issuer).unwrap().pem();
    (authority, certificate, key.serialize_pem())
}
