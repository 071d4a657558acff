//! The rows of the table of goals, one function each.

use std::cell::OnceCell;
use std::path::Path;
use std::process::{Command, Stdio};

use secboard::bench::{Changes, Crowd};

use crate::access;
use crate::daemon;
use crate::mails;
use crate::measure::{self, Goal, Table, process, short, timed, watched, watched_to};
use crate::peers;
use crate::people;
use crate::site::{Site, secboard};

/// A row: its number and how it is measured.
pub(crate) type Row = (&'static str, fn(&Site, &mut Table));

/// Every row.
pub(crate) const ALL: &[Row] = &[
    ("1", start),
    ("2", list),
    ("3", search),
    ("4", import),
    ("4p", import_by_profile),
    ("4b", import_of_bad_rows),
    ("5", workbook),
    ("6", undo),
    ("7", change),
    ("7", crowd),
    ("8", verify),
    ("8a", verify_state),
    ("9", access::check),
    ("10", access::who_can),
    ("10", access::export),
    ("11", mails::outbox),
    ("12", daemon::logins),
    ("13", daemon::pages),
    ("14", daemon::waiting),
    ("15", daemon::rest),
];

fn user(site: &Site, arguments: &[&str]) -> Command {
    let mut command = site.secboard();
    command.arg("user").args(arguments);
    command
}

/// Row 1: the start of a process.
fn start(site: &Site, table: &mut Table) {
    let email = people::email(site.people / 2);
    let show = || measure::start(|| user(site, &["show", &email]));
    let sqlite = || measure::start(|| site.sqlite("select 1"));
    table.compare(
        ("1", site.people, "`user show`; peer: `sqlite3 'select 1'`"),
        Goal::Ratio(3.0),
        show,
        sqlite,
    );
    let empty = empty_program(site);
    let version = || {
        measure::start(|| {
            let mut command = Command::new(env!("CARGO_BIN_EXE_secboard"));
            command.arg("--version");
            command
        })
    };
    let nothing = || measure::start(|| Command::new(&empty));
    table.compare(
        ("1", site.people, "`--version`; peer: an empty program"),
        Goal::Ratio(2.0),
        version,
        nothing,
    );
}

/// A Rust program that does nothing.
fn empty_program(site: &Site) -> std::path::PathBuf {
    let (source, program) = (site.path("empty.rs"), site.path("empty-program"));
    std::fs::write(&source, "fn main() {}").unwrap();
    let mut rustc = Command::new("rustc");
    rustc.args(["-O", "-C", "strip=symbols", "-o"]).arg(&program).arg(&source);
    assert!(rustc.status().unwrap().success());
    program
}

/// Row 2: pages of lists with filters.
fn list(site: &Site, table: &mut Table) {
    let company = people::company(3);
    let three = ["list", "--company", &company, "--status", "active", "--employment", "current"];
    let other = ["list", "--department", "Department 4", "--switch", "on", "--origin", "local"];
    let wide = ["list", "--status", "inactive", "--employment", "past", "--origin", "local"];
    for (what, filters, page) in [
        ("a company, page 1", three, "1"),
        ("a company, page 100", three, "100"),
        ("a department everywhere, page 1", other, "1"),
        ("a department everywhere, page 100", other, "100"),
        ("nothing an index knows, page 1", wide, "1"),
        ("nothing an index knows, page 100", wide, "100"),
    ] {
        let what = format!("list with three filters: {what}");
        let ours = || short(|| user(site, &[&filters[..], &["--page", page, "--per-page", "25"]].concat()));
        table.measure(("2", site.people, &what), Goal::Millis(12.0), ours);
    }
    let ours = || short(|| user(site, &["list", "--page", "100", "--per-page", "25"]));
    table.measure(("2", site.people, "list of everybody, page 100"), Goal::Millis(12.0), ours);
    for order in ["email", "created_at:desc"] {
        let what = format!("list of everybody, page 1, `--sort {order}`");
        let ours = || short(|| user(site, &["list", "--sort", order, "--page", "1", "--per-page", "25"]));
        table.measure(("2", site.people, &what), Goal::Millis(30.0), ours);
    }
    let ours = || short(|| user(site, &[&wide[..], &["--count"]].concat()));
    table.measure(("2", site.people, "`--count`, exact"), Goal::Millis(300.0), ours);
}

/// Row 3: searches, a page of 25.
fn search(site: &Site, table: &mut Table) {
    let rare = people::phone(site.people / 3);
    let email = people::email(site.people / 3);
    for (what, term, most) in [
        ("a whole email", &*email, 12.0),
        ("a phone of one person", rare.trim_start_matches("+38"), 12.0),
        ("a common name, Cyrillic", "шевченко", 12.0),
        ("half of all", "example", 12.0),
        ("three letters, Georgian", "კაპ", 12.0),
        ("both names", "олена шевченко", 12.0),
        ("nobody", "zzyzzx", 12.0),
        ("two letters, common", "ол", 50.0),
        ("two letters, late in the alphabet", "კა", 50.0),
        ("one letter, nobody", "Ж", 50.0),
        ("one letter, late in the alphabet", "山", 50.0),
        ("one digit, everybody", "1", 50.0),
    ] {
        let what = format!("search, page 1: {what}");
        let ours = || short(|| user(site, &["list", "--search", term, "--page", "1"]));
        table.measure(("3", site.people, &what), Goal::Millis(most), ours);
    }
    let filtered = ["list", "--search", "шевченко", "--status", "active", "--page", "1"];
    let what = "search, page 1: a common name, Cyrillic, and a filter";
    table.measure(("3", site.people, what), Goal::Millis(50.0), || short(|| user(site, &filtered)));
}

/// Row 4: the import.
fn import(site: &Site, table: &mut Table) {
    let bare = peers::Import::new(site);
    let ours = || watched(&mut site.import(&site.empty()));
    let peer = || {
        let cost = process(&mut bare.command());
        assert_eq!(bare.rows(), i64::try_from(site.people).unwrap() + 1);
        cost
    };
    let names = ("4", site.people, "import; peer: `sqlite3 .import` into the same table with its indexes");
    let own = table.compare(names, Goal::Ratio(2.0), ours, peer);
    table.measure(("4", site.people, "import: memory"), Goal::Memory(256.0), || own);
}

/// Row 4p: the same people in the words of another system, read by its profile.
fn import_by_profile(site: &Site, table: &mut Table) {
    let file = site.path("entra.csv");
    people::write_as_entra(&site.path("people.csv"), &file);
    let ours = || {
        let store = site.empty();
        let cost = watched(Site::import_of(&store, &file).args(["--profile", "entra"]));
        assert_eq!(people_in(&store), i64::try_from(site.people).unwrap() + 1);
        cost
    };
    let peer = || watched(&mut site.import(&site.empty()));
    let names = ("4p", site.people, "import with a profile; peer: the plain import");
    table.compare(names, Goal::Ratio(1.1), ours, peer);
}

fn people_in(store: &Path) -> i64 {
    peers::open(store).query_row("SELECT count(*) FROM users", [], |row| row.get(0)).unwrap()
}

/// Row 4b: a file in which every row is bad.
fn import_of_bad_rows(site: &Site, table: &mut Table) {
    /// Bytes that are printed at most, however many rows are bad.
    const MOST: usize = 64 * 1024;
    let file = site.path("bad.csv");
    people::write_bad(&site.path("people.csv"), &file);
    let printed = Site::import_of(&site.empty(), &file).stderr(Stdio::piped()).output().unwrap().stderr;
    assert!(printed.len() <= MOST, "{} bytes were printed", printed.len());
    let what =
        format!("import of bad rows alone, {} bytes printed; peer: the import of good ones", printed.len());
    let ours = || watched_to(&mut Site::import_of(&site.empty(), &file), 65);
    let peer = || watched(&mut site.import(&site.empty()));
    table.compare(("4b", site.people, &what), Goal::Ratio(3.0), ours, peer);
}

fn export(site: &Site, name: &str) -> Command {
    let mut command = site.secboard();
    command.args(["export", "users", "--output"]).arg(site.path(name));
    command
}

/// Row 5: the workbook, CSV, JSON Lines.
fn workbook(site: &Site, table: &mut Table) {
    let people = OnceCell::new();
    let ours = || watched(&mut export(site, "people.xlsx"));
    let bare = || {
        let people = people.get_or_init(|| peers::cells(&site.path("secboard.db")));
        timed(|| peers::workbook(people, &site.path("bare.xlsx")))
    };
    let names = ("5", site.people, "workbook; peer: the bare library, cells in memory already");
    let own = table.compare(names, Goal::Ratio(0.7), ours, bare);
    table.measure(("5", site.people, "workbook: memory"), Goal::Memory(64.0), || own);
    for name in ["people.csv", "people.jsonl"] {
        let what = format!("{name}; peer: `sqlite3` selecting the same columns");
        let mode = if name == "people.csv" { "-csv" } else { "-json" };
        let sqlite = || {
            let mut command = Command::new("sqlite3");
            process(command.arg(mode).arg(site.path("secboard.db")).arg(peers::LIST))
        };
        let ours = || watched(&mut export(site, &format!("out-{name}")));
        table.compare(("5", site.people, &what), Goal::Ratio(1.25), ours, sqlite);
    }
}

/// Row 6: taking the import back.
fn undo(site: &Site, table: &mut Table) {
    let store = std::cell::RefCell::new(site.path("secboard.db"));
    let import = || {
        *store.borrow_mut() = site.empty();
        process(&mut site.import(&store.borrow()))
    };
    let undo = || {
        let store = store.borrow();
        let mut undo = secboard(&store);
        undo.args(["run", "undo", &last_run(&store), "--yes"]);
        watched(&mut undo)
    };
    let names = ("6", site.people, "`run undo` of the import; peer: the import");
    let own = table.compare(names, Goal::Ratio(0.8), undo, import);
    table.measure(("6", site.people, "`run undo`: memory"), Goal::Memory(256.0), || own);
}

fn last_run(store: &Path) -> String {
    peers::open(store)
        .query_row("SELECT id FROM runs ORDER BY rowid DESC LIMIT 1", [], |row| row.get(0))
        .unwrap()
}

/// Row 7: small durable changes.
fn change(site: &Site, table: &mut Table) {
    /// Changes timed as one.
    const CHANGES: usize = 300;
    let ours = Changes::on(&site.copy("copy")).unwrap();
    let store = site.fresh("bare").join("secboard.db");
    std::fs::copy(site.path("secboard.db"), &store).unwrap();
    let bare = peers::open(&store);
    bare.execute_batch("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;").unwrap();
    let (mut made, mut bare_made) = (0, 0);
    let own = || {
        made += CHANGES;
        timed(|| ours.make(made - CHANGES..made).unwrap())
    };
    let peer = || {
        bare_made += CHANGES;
        timed(|| peers::change(&bare, bare_made - CHANGES..bare_made))
    };
    let names = ("7", site.people, "300 durable changes with audit; peer: the two statements in bare SQLite");
    table.compare(names, Goal::Rate(0.8), own, peer);
}

/// Row 7 as well: the same of several at once.
fn crowd(site: &Site, table: &mut Table) {
    /// Changes timed as one.
    const CHANGES: usize = 800;
    let one = Changes::on(&site.copy("one")).unwrap();
    for threads in [1, 2, 8, 32] {
        let ours = Crowd::on(&site.copy("crowd")).unwrap();
        let (mut made, mut one_made) = (0, 0);
        let own = || {
            made += CHANGES;
            timed(|| ours.make(threads, made - CHANGES..made).unwrap())
        };
        let peer = || {
            one_made += CHANGES;
            timed(|| one.make(one_made - CHANGES..one_made).unwrap())
        };
        let what = format!("800 durable changes by {threads} at once; peer: one after the other");
        table.compare(("7", site.people, &what), Goal::Rate(0.8), own, peer);
    }
}

/// Row 8: the audit.
fn verify(site: &Site, table: &mut Table) {
    let store = site.path("secboard.db");
    let ours = || {
        let mut command = site.secboard();
        watched(command.args(["audit", "verify"]))
    };
    let peer = || timed(|| peers::hash_audit(&store));
    let names = ("8", site.people, "`audit verify`; peer: selecting the rows, hashing the same bytes");
    table.compare(names, Goal::Ratio(2.0), ours, peer);
}

/// Row 8a: the audit, and that the tables hold what it tells.
fn verify_state(site: &Site, table: &mut Table) {
    let verify = |arguments: &[&str]| {
        let mut command = site.secboard();
        watched(command.args(["audit", "verify"]).args(arguments))
    };
    let names = ("8a", site.people, "`audit verify --state`; peer: `audit verify`");
    let own = table.compare(names, Goal::Ratio(3.0), || verify(&["--state"]), || verify(&[]));
    table.measure(("8a", site.people, "`audit verify --state`: memory"), Goal::Memory(64.0), || own);
}
