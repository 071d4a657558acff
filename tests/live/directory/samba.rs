//! A domain controller of Samba in a folder of its own, on an address of loopback of its own: LDAP has no other ports there.

use std::fs;
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::os::unix::fs::PermissionsExt as _;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair};

use crate::program::program;

/// The password of everybody.
pub(super) const PASSWORD: &str = "Us3r-Passw0rd!";

const RUN: &str = "[global]
  netbios name = DC1
  realm = CORP.TEST
  workgroup = CORP
  server role = active directory domain controller
  server services = ldap
  interfaces = ADDRESS/8
  bind interfaces only = yes
  disable netbios = yes
  private dir = DIR/private
  lock directory = DIR/run
  state directory = DIR/state
  cache directory = DIR/cache
  pid directory = DIR/run
  ncalrpc dir = DIR/run/ncalrpc
  winbindd socket directory = DIR/run/winbindd
  ntp signd socket directory = DIR/run/ntp_signd
  log file = DIR/log
  logging = file
  ldap server require strong auth = yes
  tls enabled = yes
  tls keyfile = DIR/key.pem
  tls certfile = DIR/cert.pem
  tls cafile = DIR/ca.pem
[sysvol]
  path = DIR/state/sysvol
";

/// A running domain controller; it ends when dropped.
pub(super) struct Samba {
    folder: tempfile::TempDir,
    controller: Child,
    /// Where it listens.
    pub(super) address: Ipv4Addr,
}

/// An address at which nobody listens for LDAP.
fn free_address() -> Ipv4Addr {
    let [_, a, b, c] = std::process::id().to_be_bytes();
    let is_free =
        |address: &Ipv4Addr| [389, 636].iter().all(|port| TcpListener::bind((*address, *port)).is_ok());
    let mut candidates =
        (1..250).map(|more| Ipv4Addr::new(127, 64 + (a.wrapping_add(more) % 128), b, c.max(1)));
    // Only root listens on ports below 1024.
    candidates.find(is_free).unwrap()
}

impl Samba {
    pub(super) fn start() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let address = free_address();
        let controller = Self::prepared(&folder, address).unwrap();
        Self { folder, controller, address }
    }

    /// The domain made and the controller started; what it said if it did not.
    fn prepared(folder: &tempfile::TempDir, address: Ipv4Addr) -> Result<Child, String> {
        let path = |name: &str| folder.path().join(name);
        let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/live/directory/domain.py");
        // Debian's own Python, to which the package belongs.
        let mut python = Command::new("/usr/bin/python3");
        python.arg(script).arg(path("dc")).args([&address.to_string(), PASSWORD]).env("TDB_NO_FSYNC", "1");
        let made = python.output().map_err(|error| error.to_string())?;
        if !made.status.success() {
            return Err(String::from_utf8_lossy(&made.stderr).into_owned());
        }
        certify(&path("dc"), address);
        let dc = path("dc").display().to_string();
        let run = RUN.replace("DIR", &dc).replace("ADDRESS", &address.to_string());
        fs::write(path("dc/run.conf"), run).unwrap();
        for name in ["run", "cache", "state"] {
            fs::create_dir_all(path("dc").join(name)).unwrap();
        }
        let mut samba = program("samba");
        samba.args(["-F", "-M", "single", "--no-process-group", "-s"]).arg(path("dc/run.conf"));
        samba.env("TDB_NO_FSYNC", "1").stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        let mut controller = samba.spawn().map_err(|error| error.to_string())?;
        let begun = Instant::now();
        while TcpStream::connect((address, 636)).is_err() {
            if begun.elapsed() > Duration::from_secs(60)
                || controller.try_wait().is_ok_and(|end| end.is_some())
            {
                controller.kill().ok();
                controller.wait().ok();
                return Err(fs::read_to_string(path("dc/log")).unwrap_or_default());
            }
            std::thread::sleep(Duration::from_millis(100));
        }
        Ok(controller)
    }

    /// Changes what the domain has, while the controller runs: see `change.py`.
    #[track_caller]
    pub(super) fn change(&self, what: &str) {
        let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/live/directory/change.py");
        let mut python = Command::new("/usr/bin/python3");
        python.arg(script).arg(self.folder.path().join("dc")).arg(what).env("TDB_NO_FSYNC", "1");
        let changed = python.output().unwrap();
        assert!(changed.status.success(), "{what}: {}", String::from_utf8_lossy(&changed.stderr));
    }

    /// What a client trusts.
    pub(super) fn authority(&self) -> PathBuf {
        self.folder.path().join("dc/ca.pem")
    }
}

impl Drop for Samba {
    fn drop(&mut self) {
        self.controller.kill().ok();
        self.controller.wait().ok();
    }
}

/// An authority, and a certificate for the address and the name of the controller.
fn certify(folder: &std::path::Path, address: Ipv4Addr) {
    let mut params = CertificateParams::new(Vec::new()).unwrap();
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let key = KeyPair::generate().unwrap();
    fs::write(folder.join("ca.pem"), params.self_signed(&key).unwrap().pem()).unwrap();
    let issuer = Issuer::new(params, key);
    let names = vec!["dc1.corp.test".to_owned(), address.to_string()];
    let key = KeyPair::generate().unwrap();
    let certificate = CertificateParams::new(names).unwrap().signed_by(&key, &issuer).unwrap();
    fs::write(folder.join("cert.pem"), certificate.pem()).unwrap();
    fs::write(folder.join("key.pem"), key.serialize_pem()).unwrap();
    // Samba refuses a key that others can read.
    fs::set_permissions(folder.join("key.pem"), fs::Permissions::from_mode(0o600)).unwrap();
}
