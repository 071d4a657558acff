//! What secboard is measured against: SQLite and the workbook library, doing the bare work and nothing beside it.

use std::collections::HashMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use hmac::{Hmac, KeyInit as _, Mac as _};
use rusqlite::types::ValueRef;
use rusqlite::{Connection, params};
use rust_xlsxwriter::{Color, ExcelDateTime, Format, Workbook, Worksheet, XlsxError};
use sha2::{Digest as _, Sha256};

use crate::site::Site;

/// The columns of the workbook, with what a person needs for them.
pub(crate) const CELLS: &str = "
    SELECT u.first_name || ' ' || u.last_name, u.email, u.phone, c.name, d.name, p.name, u.active, u.start_date,
        u.end_date, u.color
    FROM users u
    LEFT JOIN companies c ON c.id = u.company_id
    LEFT JOIN departments d ON d.id = u.department_id
    LEFT JOIN positions p ON p.id = u.position_id
    WHERE u.deleted_at IS NULL
    ORDER BY u.sort_name, u.id";

/// The columns of a list that CSV and JSON Lines hold, as far as they are stored.
pub(crate) const LIST: &str = "
    SELECT u.id, u.email, u.first_name, u.last_name, u.phone, c.name AS company, d.name AS department,
        p.name AS position, u.active, u.start_date, u.end_date, u.staff, u.superuser, u.profile_completed, u.origin,
        u.two_factor_required, u.must_change_password, u.password_hash IS NOT NULL AS has_password, u.color, u.language,
        u.last_login_at, u.password_changed_at, u.created_at, u.updated_at
    FROM users u
    LEFT JOIN companies c ON c.id = u.company_id
    LEFT JOIN departments d ON d.id = u.department_id
    LEFT JOIN positions p ON p.id = u.position_id
    WHERE u.deleted_at IS NULL
    ORDER BY u.sort_name, u.id";

/// Opens a store with nothing but what SQLite brings.
pub(crate) fn open(store: &Path) -> Connection {
    Connection::open(store).unwrap()
}

/// One person's cells.
#[derive(Debug)]
pub(crate) struct Cells {
    texts: Vec<Option<String>>,
    days: [Option<String>; 2],
    color: Option<String>,
}

/// Everybody's cells, in memory.
pub(crate) fn cells(store: &Path) -> Vec<Cells> {
    let connection = open(store);
    let mut statement = connection.prepare(CELLS).unwrap();
    let people = statement.query_map([], |row| {
        let mut texts = (0..6).map(|place| row.get(place)).collect::<Result<Vec<_>, _>>()?;
        let status = if row.get(6)? { "active" } else { "inactive" };
        texts.extend([Some(status.to_owned()), None, None]);
        Ok(Cells { texts, days: [row.get(7)?, row.get(8)?], color: row.get(9)? })
    });
    people.unwrap().collect::<Result<_, _>>().unwrap()
}

/// The formats of one fill: of texts and of days.
struct Fill {
    text: Format,
    day: Format,
}

/// Writes cells as the bare library would: a sheet in constant memory, level 4, fills that every viewer shows, each
/// format made once, and none where none is needed.
pub(crate) fn workbook(people: &[Cells], path: &Path) {
    let mut book = Workbook::new();
    book.set_zip_compression_level(4);
    book.set_tempdir(path.parent().unwrap()).unwrap();
    let day = Format::new().set_num_format("yyyy-mm-dd");
    let mut fills = HashMap::new();
    let sheet = book.add_worksheet_with_constant_memory().unwrap();
    for (row, person) in (0..).zip(people) {
        match &person.color {
            None => plain(sheet, row, person, &day).unwrap(),
            Some(color) => {
                let fill = fills.entry(color).or_insert_with(|| {
                    let text =
                        Format::new().set_background_color(color.as_str()).set_font_color(Color::Black);
                    Fill { day: text.clone().set_num_format("yyyy-mm-dd"), text }
                });
                filled(sheet, row, person, fill).unwrap();
            }
        }
    }
    book.save(path).unwrap();
}

fn plain(sheet: &mut Worksheet, row: u32, person: &Cells, format: &Format) -> Result<(), XlsxError> {
    for (column, text) in (0..).zip(&person.texts) {
        if let Some(text) = text {
            sheet.write_string(row, column, text)?;
        }
    }
    for (column, day) in (9..).zip(&person.days) {
        if let Some(day) = day {
            sheet.write_datetime_with_format(row, column, ExcelDateTime::parse_from_str(day)?, format)?;
        }
    }
    Ok(())
}

fn filled(sheet: &mut Worksheet, row: u32, person: &Cells, fill: &Fill) -> Result<(), XlsxError> {
    for (column, text) in (0..).zip(&person.texts) {
        match text {
            Some(text) => sheet.write_string_with_format(row, column, text, &fill.text)?,
            None => sheet.write_blank(row, column, &fill.text)?,
        };
    }
    for (column, day) in (9..).zip(&person.days) {
        match day {
            Some(day) => sheet.write_datetime_with_format(
                row,
                column,
                ExcelDateTime::parse_from_str(day)?,
                &fill.day,
            )?,
            None => sheet.write_blank(row, column, &fill.text)?,
        };
    }
    Ok(())
}

/// Selects the rows of the audit and hashes the bytes that `audit verify` hashes: of each row the hash of the row before
/// and the fields, each with its length, and for the keyed hash of the row, with a key of nobody's, that hash.
pub(crate) fn hash_audit(store: &Path) {
    let connection = open(store);
    let mut statement = connection
        .prepare(
            "SELECT seq, at, actor, actor_id, shell_user, via, client, action, kind, subject_id, subject, before, after,
                reason, run_id, hash, keyed
             FROM audit
             ORDER BY seq",
        )
        .unwrap();
    let mut rows = statement.query([]).unwrap();
    let (mut previous, mut keyed) = ([0; 32], 0);
    let key = Hmac::<Sha256>::new(&[0; 64].into());
    while let Some(row) = rows.next().unwrap() {
        let mut hash = Sha256::new();
        hash.update(previous);
        for place in 0..15 {
            match row.get_ref(place).unwrap() {
                ValueRef::Text(bytes) | ValueRef::Blob(bytes) => {
                    hash.update(bytes.len().to_le_bytes());
                    hash.update(bytes);
                }
                ValueRef::Integer(number) => hash.update(number.to_le_bytes()),
                _ => hash.update([0; 8]),
            }
        }
        previous = hash.finalize().into();
        let mut mac = key.clone();
        mac.update(&previous);
        keyed += usize::from(
            mac.finalize().into_bytes().as_slice() == row.get_ref(16).unwrap().as_blob().unwrap(),
        );
    }
    assert_eq!(keyed, 0, "nobody has that key");
}

/// The id of one of some people.
fn someone(number: usize) -> i64 {
    2 + i64::try_from(number % 500).unwrap()
}

/// Makes durable changes as an edit does: the same two statements, in one transaction each, and nothing asked before.
pub(crate) fn change(connection: &Connection, changes: std::ops::Range<usize>) {
    let mut seq: i64 = connection.query_row("SELECT max(seq) FROM audit", [], |row| row.get(0)).unwrap();
    for number in changes {
        seq += 1;
        connection.execute_batch("BEGIN IMMEDIATE").unwrap();
        let before = format!("{{\"color\":\"#{:06x}\"}}", number.saturating_sub(500));
        let after = format!("{{\"color\":\"#{number:06x}\"}}");
        connection
            .prepare_cached(
                "INSERT INTO audit (seq, at, actor, shell_user, via, action, kind, subject_id, subject, before, after,
                    reason, run_id, hash, keyed)
                 VALUES (?1, ?2, 'system', NULL, 'cli', 'user.edit', 'user', ?3, ?4, ?5, ?6, NULL, NULL, ?7, ?7)",
            )
            .unwrap()
            .execute(params![seq, seq, someone(number), "somebody@example.org", before, after, [0_u8; 32]])
            .unwrap();
        connection
            .prepare_cached("UPDATE users SET color = ?2, revision = ?3, updated_at = ?4 WHERE id = ?1")
            .unwrap()
            .execute(params![someone(number), format!("#{number:06x}"), seq, seq])
            .unwrap();
        connection.execute_batch("COMMIT").unwrap();
    }
}

/// The rows of a store as a file, and a script with which `sqlite3` imports them into the same table with its indexes.
///
/// A file knows no NULL, so an absent value is an empty text there: checks and types are left out, and the conditions of
/// partial indexes speak of empty texts. The search index is filled at the end, in one go, as SQLite does it best.
#[derive(Debug)]
pub(crate) struct Import {
    folder: PathBuf,
    schema: String,
}

impl Import {
    /// Writes the rows of the site's store.
    pub(crate) fn new(site: &Site) -> Self {
        let folder = site.fresh("sqlite");
        let mut dump = Command::new("sqlite3");
        dump.args(["-csv", "-noheader"]).arg(site.path("secboard.db")).arg("SELECT * FROM users");
        fs::write(folder.join("users.csv"), dump.output().unwrap().stdout).unwrap();
        let connection = open(&site.path("secboard.db"));
        let texts = |query: &str| -> Vec<String> {
            let mut statement = connection.prepare(query).unwrap();
            let texts = statement.query_map([], |row| row.get(0)).unwrap();
            texts.collect::<Result<_, _>>().unwrap()
        };
        // With what is generated: in the peer it is a column as any other, filled from the file.
        let columns = texts(
            "SELECT name || ' ' || replace(type, 'GENERATED ALWAYS', '') || iif(pk, ' PRIMARY KEY', '')
             FROM pragma_table_xinfo('users')",
        );
        let beside = texts(
            "SELECT sql FROM sqlite_schema
             WHERE sql IS NOT NULL AND name <> 'users'
                AND (tbl_name = 'users' AND type = 'index' OR name IN ('users_search', 'users_searched'))",
        );
        let beside: Vec<String> =
            beside.iter().map(|sql| sql.replace("IS NULL", "= ''").replace("IS NOT NULL", "<> ''")).collect();
        let schema = format!("CREATE TABLE users ({});\n{};\n", columns.join(", "), beside.join(";\n"));
        Self { folder, schema }
    }

    /// The command that imports into a new file.
    pub(crate) fn command(&self) -> Command {
        for name in ["peer.db", "peer.db-wal", "peer.db-shm"] {
            fs::remove_file(self.folder.join(name)).ok();
        }
        let script = format!(
            "PRAGMA journal_mode = WAL;\nPRAGMA synchronous = FULL;\n{}.mode csv\n.import users.csv users\n\
             INSERT INTO users_search (rowid, search) SELECT place, search FROM users_searched ORDER BY place;\n",
            self.schema
        );
        fs::write(self.folder.join("import.sql"), script).unwrap();
        let mut import = Command::new("sqlite3");
        import.current_dir(&self.folder).args(["peer.db", ".read import.sql"]);
        import
    }

    /// How many rows arrived, and whether a search finds the one it should.
    pub(crate) fn rows(&self) -> i64 {
        let peer = open(&self.folder.join("peer.db"));
        let found: i64 =
            peer.query_row("SELECT count(*) FROM users_search('\"exa\"')", [], |row| row.get(0)).unwrap();
        let rows = peer.query_row("SELECT count(*) FROM users", [], |row| row.get(0)).unwrap();
        assert_eq!(found, rows, "the search index holds everybody");
        rows
    }
}
