//! Command lines nobody would write: refused by the table of exit codes, never by a panic.

use std::ffi::OsString;
use std::os::unix::ffi::OsStringExt as _;

use crate::site::Site;

/// What a command line alone can lead to. 70, a defect, is not among them, and neither is 101, a panic.
const CODES: &[i32] = &[0, 1, 2, 65, 66, 67, 73, 74, 76, 77, 78];

/// Command lines tried.
const LINES: u64 = 300;

const VERBS: &[&str] = &[
    "user list",
    "user show",
    "user create",
    "user edit",
    "user adopt",
    "user why",
    "company create",
    "company list",
    "company show",
    "company edit",
    "company delete",
    "department create",
    "department list",
    "department edit",
    "position create",
    "position list",
    "setting get",
    "setting set",
    "setting unset",
    "audit list",
    "audit show",
    "audit verify",
    "run list",
    "run show",
    "run undo",
    "key show",
    "user import",
    "user activate",
    "user deactivate",
    "user delete",
    "export users",
    "org chart",
    "user",
    "company",
    "",
];

const FLAGS: &[&str] = &[
    "--email",
    "--first-name",
    "--last-name",
    "--company",
    "--department",
    "--position",
    "--phone",
    "--color",
    "--start-date",
    "--end-date",
    "--language",
    "--search",
    "--status",
    "--employment",
    "--sort",
    "--page",
    "--per-page",
    "--columns",
    "--now",
    "--since",
    "--until",
    "--limit",
    "--reason",
    "--dry-run",
    "--yes",
    "--format",
    "--note",
    "--name",
    "--superuser",
    "--inactive",
    "--if-absent",
    "--count",
    "--deleted",
    "--as-of",
    "--checkpoint",
    "--photo",
    "--output",
    "--company=Acme",
    "--first-name=A",
    "--last-name=B",
    "--email=new@acme.example",
    "-o",
    "--",
];

const VALUES: &[&str] = &[
    "",
    " ",
    "-",
    "--",
    "0",
    "-1",
    "1",
    "1.5",
    "18446744073709551616",
    "-9223372036854775808",
    "9223372036854775807",
    "ada@acme.example",
    "ADA@ACME.EXAMPLE",
    "a@b",
    "@",
    "Acme",
    "a'b\"c",
    "%",
    "_",
    "*",
    "[",
    "\\",
    "\u{0}'; DROP",
    "'; DROP TABLE users; --",
    "\u{202e}gnp",
    "\u{1b}[2J",
    "\n",
    "e\u{301}\u{301}\u{301}",
    "İ",
    "ß",
    "ﬃ",
    "👩‍👩‍👧‍👦",
    "\u{feff}",
    "\u{10ffff}",
    "today",
    "never",
    "+30d",
    "-1w",
    "+99999999999999999999d",
    "2024-02-30",
    "0000-00-00",
    "9999-12-31",
    "+999999d",
    "-999999d",
    "9999-12-31T23:59:59Z",
    "-9999-01-01T00:00:00Z",
    "#ffffff",
    "#GGGGGG",
    "+380671234567",
    "+",
    "json",
    "csv",
    "asc",
    "name:desc",
    "email:sideways",
    ":",
    ",",
    ",,",
    "/",
    "/dev/null",
    ".",
    "/nowhere/at/all",
    "active",
    "inactive",
    "site.time_zone",
    "Mars/Olympus",
    "site.region",
    "user.create",
    "1/0",
];

/// A small generator (splitmix64), so that every run tries the same lines.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut word = self.0;
        word = (word ^ (word >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        word = (word ^ (word >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        usize::try_from((word ^ (word >> 31)) % sides as u64).unwrap()
    }

    fn pick<'a>(&mut self, from: &[&'a str]) -> &'a str {
        from.get(self.roll(from.len())).copied().unwrap_or_default()
    }

    fn value(&mut self) -> OsString {
        match self.roll(20) {
            0 => OsString::from_vec(vec![b'a', 0xFF, 0xFE, b'@']),
            1 => "x".repeat(100_000).into(),
            // No program can be given a NUL in an argument.
            _ => self.pick(VALUES).replace('\u{0}', "").into(),
        }
    }

    fn line(&mut self) -> Vec<OsString> {
        let mut line: Vec<OsString> = self.pick(VERBS).split_whitespace().map(OsString::from).collect();
        for _ in 0..self.roll(6) {
            match self.roll(3) {
                0 => line.push(self.value()),
                1 => line.push(self.pick(FLAGS).into()),
                _ => line.extend([self.pick(FLAGS).into(), self.value()]),
            }
        }
        line
    }
}

#[test]
fn a9_no_command_line_leads_out_of_the_table_of_exit_codes() {
    let site = Site::new();
    // Whatever they name, it is not as root that these lines meet it.
    site.give_away();
    let mut dice = Dice(1);
    for _ in 0..LINES {
        let line = dice.line();
        let ended = site.run_unprivileged(&line);
        assert!(ended.code.is_some_and(|code| CODES.contains(&code)), "{line:.200?}: {ended:.2000?}");
        assert!(!ended.stderr.contains("panicked"), "{line:.200?}: {ended:.2000?}");
        assert!(!ended.stderr.contains('\u{1b}'), "an escape reaches the terminal: {line:.200?}");
    }
    let verified = site.run(&["audit", "verify"]);
    assert_eq!(verified.code, Some(0), "{verified:?}");
}
