//! The users workbook in LibreOffice: other people's eyes on what is written.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use crate::program::program;

/// A folder with the store that `quickstart` makes: 200 people in several scripts and the first superuser.
pub(crate) struct Site {
    folder: tempfile::TempDir,
}

impl Site {
    pub(crate) fn new() -> Self {
        let site = Self { folder: tempfile::tempdir().unwrap() };
        let store = site.path("try");
        site.secboard(&["quickstart", store.to_str().unwrap(), "--no-input"]);
        site
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Runs a command on the store, which has to succeed.
    fn secboard(&self, arguments: &[&str]) -> String {
        let mut command = Command::new(env!("CARGO_BIN_EXE_secboard"));
        command.args(arguments).env("SECBOARD_STORE", self.path("try/secboard.db"));
        String::from_utf8(done(command.output().unwrap()).stdout).unwrap()
    }

    /// Writes the workbook of everybody and converts it with LibreOffice.
    fn converted(&self, filter: &str, extension: &str) -> String {
        self.converted_export("users", filter, extension)
    }

    /// Writes a workbook and converts it with LibreOffice.
    fn converted_export(&self, what: &str, filter: &str, extension: &str) -> String {
        let workbook = self.path(what).with_extension("xlsx");
        self.secboard(&["export", what, "--output", workbook.to_str().unwrap()]);
        convert(&workbook, filter);
        fs::read_to_string(self.path(what).with_extension(extension)).unwrap()
    }

    /// A group that grants something, a role that brings it, and somebody who holds the role.
    fn with_access(self) -> Self {
        for command in [
            &["group", "create", "Fim"][..],
            &["group", "grant", "Fim", "fim.view", "--all-companies"],
            &["group", "grant", "Fim", "fim.edit", "--company", "Acme Bank"],
            &["role", "create", "Watch", "--group", "Fim", "--color", "#1a237e"],
            &["user", "add-role", "2", "watch"],
        ] {
            self.secboard(command);
        }
        self
    }
}

fn done(output: Output) -> Output {
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    output
}

/// Lets LibreOffice convert a file beside it, with settings of its own so that nothing else it does is in the way.
fn convert(file: &Path, filter: &str) {
    let folder = file.parent().unwrap();
    let mut office = program("soffice");
    office.arg(format!("-env:UserInstallation=file://{}/office", folder.display()));
    office.args(["--headless", "--norestore", "--convert-to", filter, "--outdir"]).arg(folder).arg(file);
    done(office.output().unwrap());
}

#[test]
fn libreoffice_finds_the_people_of_a_list_with_their_dates() {
    let site = Site::new();
    site.secboard(&["user", "edit", "2", "--start-date", "2024-02-29", "--end-date", "2099-12-31"]);
    let csv = site.converted("csv:Text - txt - csv (StarCalc):44,34,76", "csv");
    let listed =
        site.secboard(&["user", "list", "-o", "csv", "--columns", "full_name,email,start_date,end_date"]);
    let shown: Vec<String> = csv.lines().skip(1).map(|line| columns(line, &[0, 1, 9, 10])).collect();
    let expected: Vec<String> = listed.lines().skip(1).map(|line| columns(line, &[0, 1, 2, 3])).collect();
    assert_eq!(shown, expected);
    assert!(shown.iter().any(|line| line.ends_with("2024-02-29|2099-12-31")), "{shown:?}");
}

#[test]
fn libreoffice_fills_a_row_with_the_colour_of_the_person() {
    let site = Site::new();
    site.secboard(&["user", "edit", "1", "--color", "#1a237e"]);
    let email = site.secboard(&["user", "show", "1", "-o", "csv", "--columns", "email", "--raw"]);
    let email = email.lines().nth(1).unwrap();
    let page = site.converted("html:HTML (StarCalc)", "html");
    let row = page.split("<tr>").find(|row| row.contains(email)).unwrap().to_lowercase();
    assert_eq!(row.matches("bgcolor=\"#1a237e\"").count(), 11, "every cell, also the empty ones: {row}");
    assert!(row.contains("color=\"#ffffff\""), "white is what can be read on dark blue: {row}");
}

#[test]
fn libreoffice_opens_every_export_of_access() {
    let site = Site::new().with_access();
    let roles = site.converted_export("roles", "html:HTML (StarCalc)", "html").to_lowercase();
    assert!(roles.contains("bgcolor=\"#1a237e\""), "the row has the colour of the role: {roles}");
    for what in ["groups", "permissions", "access"] {
        let page = site.converted_export(what, "html:HTML (StarCalc)", "html");
        assert!(page.contains("Fim"), "{what}");
    }
}

#[test]
fn libreoffice_shows_ticks_and_companies_below_a_header_that_stays() {
    let site = Site::new().with_access();
    let email = site.secboard(&["user", "show", "2", "-o", "csv", "--columns", "email", "--raw"]);
    let email = email.lines().nth(1).unwrap();
    let document = site.converted_export("access", "fods:OpenDocument Spreadsheet Flat XML", "fods");
    let sheet = document.split("<table:table ").find(|part| part.contains("table:name=\"fim\"")).unwrap();
    let row = sheet.split("<table:table-row").find(|row| row.contains(email)).unwrap();
    assert!(row.contains("<text:p>✓</text:p>") && row.contains("<text:p>Acme Bank</text:p>"), "{row}");
    let repeated = sheet.split("</table:table-header-rows>").next().unwrap();
    assert!(repeated.contains("<text:p>show_link</text:p>"), "the header stands on every page");
    assert!(document.contains("table:display-filter-buttons=\"true\""));
}

/// Some columns of a line of CSV without line ends or quotation marks inside.
fn columns(line: &str, places: &[usize]) -> String {
    let cells: Vec<&str> = line.split(',').map(|cell| cell.trim_matches('"')).collect();
    places.iter().map(|place| *cells.get(*place).unwrap()).collect::<Vec<_>>().join("|")
}
