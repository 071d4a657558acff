//! The README's tour and the guides run as they are printed: each `console` block, in order, the tour on a quickstart
//! store, each guide on one that was just made.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

#[path = "clock/mod.rs"]
mod clock;
#[path = "smtp/mod.rs"]
#[expect(dead_code, reason = "other tests use the rest of it")]
mod smtp;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use tempfile::TempDir;

use smtp::{Authority, Certified, Protection, Script, Server};

#[test]
fn the_tour_of_the_readme_works_as_printed() {
    let folder = tempfile::tempdir().unwrap();
    let store = folder.path().join("try/secboard.db");
    secboard(&["--quiet", "quickstart", folder.path().join("try").to_str().unwrap()]);
    runs_as_printed("README.md", &store, folder.path(), |page| page);
}

#[test]
fn the_guides_work_as_printed() {
    let (store, folder) = new_store();
    runs_as_printed("docs/access.md", &store, folder.path(), |page| page);
}

/// The files of the page are those of this test, in the shape in which the systems write them.
#[test]
fn the_guide_to_imports_works_as_printed() {
    let (store, folder) = new_store();
    for (name, text) in EXPORTS {
        fs::write(folder.path().join(name), text).unwrap();
    }
    let unicode = CSVDE.encode_utf16().flat_map(u16::to_le_bytes);
    fs::write(folder.path().join("ad.csv"), [0xFF, 0xFE].into_iter().chain(unicode).collect::<Vec<u8>>())
        .unwrap();
    runs_as_printed("docs/import.md", &store, folder.path(), |page| page);
    for (name, profile) in
        [("okta-users.csv", "okta"), ("moodle-users.csv", "moodle"), ("google-users.csv", "google")]
    {
        let file = folder.path().join(name);
        secboard(&[
            "--store",
            store.to_str().unwrap(),
            "user",
            "import",
            file.to_str().unwrap(),
            "--profile",
            profile,
            "--on-existing=update",
        ]);
    }
}

/// What `csvde -u` writes, before it is UTF-16.
const CSVDE: &str = "\
DN,objectClass,sn,title,givenName,department,company,userAccountControl,accountExpires,sAMAccountName,userPrincipalName,mail\r
\"CN=Ivo Marek,OU=Treasury,DC=acme,DC=example\",user,Marek,Dealer,Ivo,Treasury,Acme Bank,512,135694584000000000,IMA,ima@corp.acme.example,ivo@acme.example\r
\"CN=Pia Holm,OU=Branches,DC=acme,DC=example\",user,Holm,,Pia,,Acme Bank,514,9223372036854775807,PHO,pia@acme.example,\r
";

/// Exports of other systems.
const EXPORTS: [(&str, &str); 5] = [
    (
        "exportUsers.csv",
        "\u{feff}userPrincipalName,displayName,surname,mail,givenName,objectId,userType,jobTitle,department,accountEnabled,usageLocation,telephoneNumber,mobile
nora@acme.example,Nora Lindqvist,Lindqvist,nora@acme.example,Nora,7c1e0b6a,Member,Analyst,Treasury,True,SE,,+46 70 555 01 01
otto@acme.example,Otto Brandt,Brandt,,Otto,7c1e0b6b,Member,Teller,Branches,False,DE,+49 40 5550102,
",
    ),
    (
        "google.csv",
        "First Name [Required],Last Name [Required],Email Address [Required],Password [Required],Org Unit Path [Required],Status [READ ONLY],Last Sign In [READ ONLY],Work Phone,Mobile Phone,Employee Title,Department
Ivo,Marek,ivo@acme.example,****,/Finance,Active,2026/03/29 08:12:44,,+46855501001,Dealer,Treasury
Pia,Holm,pia@acme.example,****,/Branches,Suspended,Never logged in,,,,
",
    ),
    (
        "okta.csv",
        "login,firstName,lastName,email,title,displayName,mobilePhone,primaryPhone,organization,department
ivo@acme.example,Ivo,Marek,ivo@acme.example,Dealer,Ivo Marek,,+46855501001,Acme Bank,Treasury
",
    ),
    (
        "get-aduser.csv",
        "#TYPE Selected.Microsoft.ActiveDirectory.Management.ADUser
\"UserPrincipalName\";\"GivenName\";\"Surname\";\"SamAccountName\";\"mail\";\"Department\";\"Title\";\"Company\";\"Enabled\";\"AccountExpirationDate\";\"accountExpires\"
\"ima@corp.acme.example\";\"Ivo\";\"Marek\";\"IMA\";\"ivo@acme.example\";\"Treasury\";\"Dealer\";\"Acme Bank\";\"True\";\"01.01.2031 00:00:00\";\"135694584000000000\"
",
    ),
    (
        "moodle.csv",
        "username,firstname,lastname,email,course1,suspended,institution,phone1
ivo,Ivo,Marek,ivo@acme.example,SEC101,0,Acme Bank,+46855501001
pia,Pia,Holm,pia@acme.example,SEC101,1,,
",
    ),
];

/// The relay of the page is one of the test's own, at the port that it has; `sendmail` is that of the machine.
#[test]
#[cfg_attr(not(feature = "live-tests"), ignore = "asks for a program that `tests/run` installs")]
fn the_guide_to_mail_works_as_printed() {
    let (store, folder) = new_store();
    let authority = Authority::new();
    let protection = Protection::StartTls(authority.server("localhost", Certified::Now));
    let server = Server::start(Script { protection, ..Script::default() });
    fs::write(folder.path().join("ca.pem"), authority.pem()).unwrap();
    let port = server.port().to_string();
    runs_as_printed("docs/mail.md", &store, folder.path(), |page| page.replace("2587", &port));
    assert_eq!(server.received().len(), 2);
}

/// A store that was just made, in a folder of its own.
fn new_store() -> (PathBuf, TempDir) {
    let folder = tempfile::tempdir().unwrap();
    let store = folder.path().join("secboard.db");
    secboard(&[
        "--quiet",
        "--store",
        store.to_str().unwrap(),
        "init",
        "--email=admin@acme.example",
        "--first-name=Ada",
        "--last-name=Admin",
        "--company=Acme Bank",
        "--time-zone=Europe/Kyiv",
        "--generate-password",
        "--no-input",
    ]);
    (store, folder)
}

const SECBOARD: &str = env!("CARGO_BIN_EXE_secboard");

fn secboard(arguments: &[&str]) {
    let mut command = Command::new(SECBOARD);
    command.args(arguments).env_clear().envs(clock::variables()).env("SECBOARD_CONFIG", "/dev/null");
    let made = command.output().unwrap();
    assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
}

/// Runs each command in the `console` blocks of a page in a shell, in that folder, and holds what it prints against what
/// stands there.
fn runs_as_printed(page: &str, store: &Path, folder: &Path, adapted: impl Fn(String) -> String) {
    let programs = Path::new(SECBOARD).parent().unwrap().display();
    let text = adapted(fs::read_to_string(page).unwrap());
    let steps = steps(&text);
    assert!(!steps.is_empty());
    for step in steps {
        let shell = Command::new("sh")
            .args(["-c", &format!("{{ {}\n}} 2>&1", step.command)])
            .current_dir(folder)
            .env_clear()
            .envs(clock::variables())
            .env("PATH", format!("{programs}:/usr/bin:/bin"))
            .env("HOME", folder)
            .env("SECBOARD_STORE", store)
            .env("SECBOARD_CONFIG", "/dev/null")
            .env("COLUMNS", "200")
            .output()
            .unwrap();
        let printed = String::from_utf8(shell.stdout).unwrap();
        let lines: Vec<&str> = printed.lines().map(str::trim_end).collect();
        let is_so = shell.status.code() == Some(step.code) && is_like(&step.printed, &lines);
        assert!(is_so, "{page}:\n$ {}\n? {:?}\n{printed}", step.command, shell.status.code());
    }
}

/// A command of a page, with what it prints there.
struct Step<'a> {
    command: String,
    code: i32,
    printed: Vec<&'a str>,
}

/// The commands of a page: each begins behind `$ `, goes on behind `> `, ends with the number behind `? ` or with 0, and an
/// empty line stands behind what it prints.
fn steps(page: &str) -> Vec<Step<'_>> {
    let mut steps: Vec<Step<'_>> = Vec::new();
    let (mut is_console, mut is_printed) = (false, false);
    for line in page.lines() {
        match steps.last_mut() {
            _ if line.starts_with("```") => (is_console, is_printed) = (line == "```console", false),
            _ if !is_console => {}
            _ if line.starts_with("$ ") => {
                steps.push(Step { command: line[2..].to_owned(), code: 0, printed: Vec::new() });
                is_printed = true;
            }
            Some(step) if is_printed && step.printed.is_empty() && line.starts_with("> ") => {
                step.command.push('\n');
                step.command.push_str(&line[2..]);
            }
            Some(step) if is_printed && step.printed.is_empty() && line.starts_with("? ") => {
                step.code = line[2..].parse().unwrap();
            }
            Some(step) if is_printed && !line.is_empty() => step.printed.push(line.trim_end()),
            _ => is_printed = false,
        }
    }
    steps
}

/// Whether lines are as expected, where `...` stands for any lines, and `[..]` for anything in a line.
fn is_like(expected: &[&str], lines: &[&str]) -> bool {
    match (expected, lines) {
        ([], []) => true,
        (["...", rest @ ..], _) => {
            (0..=lines.len()).any(|count| lines.get(count..).is_some_and(|left| is_like(rest, left)))
        }
        ([first, rest @ ..], [line, left @ ..]) => is_line_like(first, line) && is_like(rest, left),
        _ => false,
    }
}

fn is_line_like(expected: &str, line: &str) -> bool {
    let Some((begin, rest)) = expected.split_once("[..]") else { return expected == line };
    let Some(left) = line.strip_prefix(begin) else { return false };
    left.char_indices().map(|(at, _)| at).chain([left.len()]).any(|at| is_line_like(rest, &left[at..]))
}

#[test]
fn what_is_printed_is_held_against_the_page() {
    assert!(is_like(&["a", "...", "b [..] d[..]"], &["a", "x", "y", "b c d"]));
    assert!(is_like(&["..."], &[]));
    for lines in [&["a"][..], &["a", "b c e"], &["a", "b c d", "x"], &["b c d"]] {
        assert!(!is_like(&["a", "...", "b [..] d[..]"], lines), "{lines:?}");
    }
    let page = "```console\n$ a \\\n> b\n? 2\nc\n\n$ d\n\n```\n```sh\n$ e\n```\n";
    let steps: Vec<_> = steps(page).into_iter().map(|step| (step.command, step.code, step.printed)).collect();
    assert_eq!(steps, [("a \\\nb".to_owned(), 2, vec!["c"]), ("d".to_owned(), 0, vec![])]);
}

/// Everything is shown at a desk and on a phone, in light and in dark, where it is come to there, and weighs little.
#[test]
fn the_pictures_of_the_pages_are_there_and_small() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/pictures");
    let page = fs::read_to_string(folder.join("README.md")).unwrap();
    let named: Vec<&str> = page.split("](").skip(1).map(|rest| rest.split(')').next().unwrap()).collect();
    let mut bytes = 0;
    for entry in fs::read_dir(&folder).unwrap().map(Result::unwrap) {
        let name = entry.file_name().into_string().unwrap();
        assert!(name == "README.md" || named.contains(&name.as_str()), "{name} is shown nowhere");
        bytes += entry.metadata().unwrap().len();
    }
    assert!(bytes < 2 * 1024 * 1024, "{bytes} bytes");
    for name in &named {
        assert!(folder.join(name).exists(), "{name}");
    }
    let shows = |end: &str| named.iter().filter(|name| name.ends_with(end)).count();
    let sections = page.matches("\n## ").count();
    for end in ["-light.png", "-dark.png"] {
        assert!(shows(end) > sections, "{end}");
    }
    let readme = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("README.md")).unwrap();
    let in_readme = readme.split("(docs/pictures/").skip(1).map(|rest| rest.split(')').next().unwrap());
    let pictures: Vec<&str> = in_readme.filter(|name| *name != "README.md").collect();
    assert_eq!(pictures.len(), 2);
    assert!(pictures.iter().all(|name| named.contains(name)), "{pictures:?}");
}
