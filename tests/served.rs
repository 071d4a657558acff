//! `secboard quickstart --serve`: the tour that it prints, walked through in a process of its own.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

#[path = "browser/mod.rs"]
#[expect(dead_code, reason = "other tests use the rest of it")]
mod browser;
#[path = "clock/mod.rs"]
mod clock;

use std::fs;
use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::sync::mpsc;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use browser::{Browser, Page};

/// How long anything may take before it is taken for lost.
const PATIENCE: Duration = Duration::from_secs(30);

/// A quickstart that is served: what it said, and what it goes on to say.
struct Served {
    child: Child,
    told: mpsc::Receiver<String>,
    /// The block of addresses and the tour.
    text: String,
}

/// A place for quickstarts, with a folder of its own for what is temporary.
struct Place(tempfile::TempDir);

impl Place {
    fn new() -> Self {
        let place = Self(tempfile::tempdir().unwrap());
        fs::create_dir(place.path("temporary")).unwrap();
        place
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    /// `secboard quickstart try …`, with nothing of the environment of the test but what finds programs.
    fn quickstart(&self, flags: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_secboard"));
        command.env_clear().envs(clock::variables()).env("PATH", "/usr/bin:/bin");
        command.env("SECBOARD_CONFIG", "/dev/null").env("TMPDIR", self.path("temporary"));
        command.args(["quickstart", "try"]).args(flags).current_dir(self.0.path());
        command
    }

    fn serve(&self) -> Served {
        let mut command = self.quickstart(&["--serve"]);
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let (tell, told) = mpsc::channel();
        let outputs: [Box<dyn std::io::Read + Send>; 2] =
            [Box::new(child.stdout.take().unwrap()), Box::new(child.stderr.take().unwrap())];
        for output in outputs {
            let tell = tell.clone();
            std::thread::spawn(move || {
                BufReader::new(output).lines().map_while(Result::ok).for_each(|line| {
                    tell.send(line).ok();
                });
            });
        }
        let mut served = Served { child, told, text: String::new() };
        served.wait_for("secboard mail trace");
        served
    }

    /// Nothing is left of the sockets by which the daemon's parts talk to each other.
    fn assert_tidy(&self) {
        let left: Vec<_> = fs::read_dir(self.path("temporary")).unwrap().collect();
        assert!(left.is_empty(), "{left:?}");
    }
}

impl Served {
    /// Waits until a line begins with these words; what follows them.
    fn wait_for(&mut self, words: &str) -> String {
        let until = Instant::now() + PATIENCE;
        while let Ok(line) = self.told.recv_timeout(until.saturating_duration_since(Instant::now())) {
            self.text.push_str(&line);
            self.text.push('\n');
            if let Some(rest) = line.strip_prefix(words) {
                return rest.trim().to_owned();
            }
        }
        panic!("nothing was told of {words:?}, but\n{}", self.text);
    }

    /// What it said on the line that begins with this word.
    fn said(&self, word: &str) -> &str {
        let line = self.text.lines().find_map(|line| line.strip_prefix(word));
        line.unwrap_or_else(|| panic!("{}", self.text)).trim()
    }

    /// Who visits its pages.
    fn visitor(&self) -> Browser {
        let site = self.said("address").trim_end_matches('/');
        Browser::new(site.trim_start_matches("http://"), site)
    }

    /// The link of this kind in the next mail to somebody that has one, as the path of the page.
    fn link_of_mail_to(&mut self, email: &str, kind: &str) -> String {
        self.wait_for(&format!("mail to {email}, "));
        let rest = self.wait_for(&format!("  {}{kind}/", self.said("address").to_owned()));
        format!("/{kind}/{rest}")
    }

    /// Runs those commands of the tour that have these words, as they are printed.
    fn run_of_tour(&self, words: &str) {
        let lines = self.text.lines().filter(|line| !line.starts_with('#'));
        let script: Vec<&str> = lines
            .skip_while(|line| !line.starts_with("cd "))
            .filter(|line| line.starts_with("cd ") || line.starts_with("export ") || line.contains(words))
            .collect();
        assert!(script.len() > 2, "{words}: {}", self.text);
        let mut shell = Command::new("/bin/sh");
        shell.env_clear().envs(clock::variables()).env("PATH", "/usr/bin:/bin").current_dir("/");
        let done = shell.args(["-euc", &script.join("\n")]).output().unwrap();
        assert!(done.status.success(), "{words}: {}", stderr(&done));
    }

    /// Ends it as Ctrl-C does, or another signal; the exit code.
    fn end(mut self, signal: &str) -> Option<i32> {
        let id = self.child.id().to_string();
        assert!(Command::new("kill").args(["-s", signal, &id]).status().unwrap().success());
        let begun = Instant::now();
        let code = self.child.wait().unwrap().code();
        assert!(begun.elapsed() < PATIENCE, "{:?}", begun.elapsed());
        code
    }
}

fn stderr(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

/// The first text between these two.
fn between(text: &str, before: &str, after: &str) -> String {
    let (_, rest) = text.split_once(before).unwrap_or_else(|| panic!("{text}"));
    rest.split_once(after).unwrap().0.trim().to_owned()
}

/// The code that an authenticator app shows now, which was given this secret.
#[expect(clippy::disallowed_methods, reason = "an app goes by the clock of the machine, as the daemon does")]
fn code_of(secret: &str) -> String {
    let secret = totp_rs::Secret::try_from_base32(secret.replace(' ', "")).unwrap();
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs();
    let app = totp_rs::Builder::new().with_secret(secret.as_bytes().to_vec()).build_noncompliant();
    app.generate(now).to_string()
}

/// Where an answer leads.
fn leads_to(page: Option<Page>) -> String {
    page.unwrap().location
}

#[test]
fn the_tour_of_the_pages_works_as_printed() {
    let place = Place::new();
    let mut served = place.serve();
    let colleague = served.said("secboard user invite").to_owned();
    let typed =
        served.text.split_once("first_login/, type ").unwrap().1.split('.').collect::<Vec<_>>().join(".");
    let (newcomer, word) = typed.split_once(" and ").unwrap();
    let (newcomer, word) = (newcomer.to_owned(), word.split_once('.').unwrap().0.to_owned());

    // 1. The superuser logs in with the password that was printed, and is asked for another.
    let mut admin = served.visitor();
    let password = served.said("password").split(' ').next().unwrap().to_owned();
    let email = served.said("login").to_owned();
    let answer = admin.fill_in("/login/", &[("email", &email), ("password", &password)]);
    assert_eq!(leads_to(answer), "/personal-cabinet/");
    assert_eq!(leads_to(admin.get("/personal-cabinet/")), "/password_change/");
    let own = "four quiet horses run";
    let fields = [("current_password", &*password), ("new_password", own), ("repeat_password", own)];
    assert_eq!(leads_to(admin.fill_in("/password_change/", &fields)), "/personal-cabinet/?saved=password");
    assert!(admin.get("/personal-cabinet/").unwrap().body.contains(&email));

    // 2. A colleague is invited, chooses a password by the link that is told, and logs in.
    served.run_of_tour("user invite");
    let link = served.link_of_mail_to(&colleague, "invite");
    let mut toby = served.visitor();
    let chosen = [("new_password", "seven lamps by the sea"), ("repeat_password", "seven lamps by the sea")];
    assert_eq!(leads_to(toby.fill_in(&link, &chosen)), "/password_reset/saved/");
    let login = [("email", &*colleague), ("password", "seven lamps by the sea")];
    assert_eq!(leads_to(toby.fill_in("/login/", &login)), "/personal-cabinet/");
    assert!(toby.get("/personal-cabinet/").unwrap().body.contains(&colleague));
    served.run_of_tour("user why");

    // 3. They forget it, and are out where they were in.
    toby.fill_in("/password_reset/", &[("email", &colleague)]).unwrap();
    let link = served.link_of_mail_to(&colleague, "reset");
    let chosen = [("new_password", "green boats at dawn"), ("repeat_password", "green boats at dawn")];
    served.visitor().fill_in(&link, &chosen);
    assert_eq!(leads_to(toby.get("/personal-cabinet/")), "/login/?next=/personal-cabinet/");
    served.run_of_tour("user session list");

    // 4. A second factor is asked for, and set up in mid-session; a backup code lets in as a code does.
    let login = [("email", &*colleague), ("password", "green boats at dawn")];
    toby.fill_in("/login/", &login);
    assert!(toby.get("/personal-cabinet/").unwrap().body.contains(&colleague));
    served.run_of_tour("two-factor require");
    assert_eq!(leads_to(toby.get("/personal-cabinet/")), "/login/2fa/setup/");
    let secret = between(&toby.get("/login/2fa/setup/").unwrap().body, r#"<p class="secret">"#, "</p>");
    let codes = toby.fill_in("/login/2fa/verify/", &[("code", &code_of(&secret))]).unwrap().body;
    let backup = between(&codes, "<li>", "</li>");
    assert!(toby.get("/personal-cabinet/").unwrap().body.contains(&colleague));
    let mut elsewhere = served.visitor();
    elsewhere.fill_in("/login/", &login);
    assert_eq!(leads_to(elsewhere.get("/personal-cabinet/")), "/login/2fa/");
    assert_eq!(leads_to(elsewhere.fill_in("/login/2fa/", &[("code", &backup)])), "/personal-cabinet/");
    served.run_of_tour("two-factor status");

    // 5. The phone is lost.
    served.run_of_tour("two-factor reset");
    for browser in [&mut toby, &mut elsewhere] {
        assert_eq!(leads_to(browser.get("/personal-cabinet/")), "/login/?next=/personal-cabinet/");
    }
    served.run_of_tour("two-factor unrequire");

    // 6. A newcomer comes in by the control word.
    served.run_of_tour("control-word set");
    let mut giorgi = served.visitor();
    giorgi.fill_in("/first_login/", &[("email", &newcomer), ("control_word", &word)]);
    let link = served.link_of_mail_to(&newcomer, "first_login");
    assert!(giorgi.get(&link).unwrap().body.contains(&newcomer));

    // 7. Whoever is switched off is out with the next click. 8. The record has it all.
    toby.fill_in("/login/", &[("email", &colleague), ("password", "green boats at dawn")]);
    assert!(toby.get("/personal-cabinet/").unwrap().body.contains(&colleague));
    served.run_of_tour("user deactivate");
    assert_eq!(leads_to(toby.get("/personal-cabinet/")), "/login/?next=/personal-cabinet/");
    served.run_of_tour("audit list");
    served.run_of_tour("mail trace");

    let log = fs::read_to_string(place.path("try/secboardd.log")).unwrap();
    assert!(log.contains("route=login status=303") && !log.contains(&link), "{log}");
    assert_eq!(served.end("INT"), Some(0));
    place.assert_tidy();
}

#[test]
fn a_folder_that_was_made_is_served_again_where_it_was_and_once_at_a_time() {
    let place = Place::new();
    assert!(place.quickstart(&[]).output().unwrap().status.success());
    let served = place.serve();
    let address = served.said("address").to_owned();
    let password = "the one that was printed when the folder was made; or choose another by the reset mail";
    assert!(served.said("password").starts_with(password), "{}", served.text);

    let second = place.quickstart(&["--serve"]).output().unwrap();
    assert_eq!(second.status.code(), Some(73), "{}", stderr(&second));
    assert!(stderr(&second).contains("is being served"), "{}", stderr(&second));

    assert_eq!(served.end("TERM"), Some(0));
    let again = place.serve();
    assert_eq!(again.said("address"), address, "links of mails that were written stay good");
    assert!(again.visitor().get("/login/").unwrap().status == 200);
    assert_eq!(again.end("HUP"), Some(0), "as when its terminal is closed");
    place.assert_tidy();
}

#[test]
fn what_is_no_quickstart_is_not_served() {
    let place = Place::new();
    fs::create_dir(place.path("try")).unwrap();
    fs::write(place.path("try/mine.txt"), "mine").unwrap();
    let refused = place.quickstart(&["--serve"]).output().unwrap();
    assert_eq!(refused.status.code(), Some(73), "{}", stderr(&refused));
    assert_eq!(fs::read_dir(place.path("try")).unwrap().count(), 1);

    // A store that people work with is not led elsewhere, whatever lies beside it.
    fs::remove_dir_all(place.path("try")).unwrap();
    assert!(place.quickstart(&[]).output().unwrap().status.success());
    set(&place.path("try/secboard.db"), "site.kind", "production");
    for arguments in [&["--serve"][..], &["--serve", "--dry-run"]] {
        let refused = place.quickstart(arguments).output().unwrap();
        assert_eq!(refused.status.code(), Some(73), "{}", stderr(&refused));
    }
    assert!(!place.path("try/secboardd.log").exists());
}

#[test]
fn a_dry_run_makes_and_serves_nothing() {
    let place = Place::new();
    let done = place.quickstart(&["--serve", "--dry-run"]).output().unwrap();
    assert!(done.status.success() && stderr(&done).starts_with("would make and serve"), "{}", stderr(&done));
    assert!(!place.path("try").exists());
}

fn set(store: &Path, name: &str, value: &str) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_secboard"));
    command.env_clear().envs(clock::variables()).arg("--store").arg(store);
    assert!(command.args(["setting", "set", name, value]).status().unwrap().success());
}
