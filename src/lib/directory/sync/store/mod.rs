//! The SQL of syncs: what was read of a directory, in temporary tables of the connection to the store, and what is known of
//! it afterwards.

mod copied;

pub(super) use copied::{each_group, each_person};
use rusqlite::{OptionalExtension as _, Row, named_params};

use super::Kept;
use super::cursor::{Cursor, Position};
use super::read::{ReadGroup, ReadPerson};
use crate::error::Result;
use crate::store::Tx;
use crate::store::value::{json, of_row};
use crate::text::guid::Guid;
use crate::text::instant::Instant;

/// People looked through at a time, while others are written.
const BATCH: i64 = 500;

/// `place` is what all spellings of a name have in common.
const MAKE: &str = "
    DROP TABLE IF EXISTS temp.read_people;
    DROP TABLE IF EXISTS temp.read_groups;
    DROP TABLE IF EXISTS temp.read_members;
    DROP TABLE IF EXISTS temp.read_memberships;
    CREATE TEMP TABLE read_people (
        id INTEGER PRIMARY KEY,
        dn TEXT NOT NULL,
        place TEXT NOT NULL,
        guid BLOB,
        email_key TEXT,
        said TEXT NOT NULL,
        primary_group BLOB,
        fault TEXT
    ) STRICT;
    CREATE TEMP TABLE read_groups (id INTEGER PRIMARY KEY, name TEXT NOT NULL, place TEXT NOT NULL, sid BLOB) STRICT;
    CREATE TEMP TABLE read_members (group_id INTEGER NOT NULL, place TEXT NOT NULL) STRICT;
    CREATE TEMP TABLE read_memberships (
        person_id INTEGER NOT NULL,
        name TEXT NOT NULL,
        PRIMARY KEY (person_id, name)
    ) STRICT, WITHOUT ROWID;";

const INDEX: &str = "
    CREATE INDEX temp.read_people_by_guid ON read_people (guid);
    CREATE INDEX temp.read_people_by_email ON read_people (email_key);
    CREATE INDEX temp.read_people_by_place ON read_people (place);
    CREATE INDEX temp.read_people_by_group ON read_people (primary_group) WHERE primary_group IS NOT NULL;
    CREATE INDEX temp.read_groups_by_place ON read_groups (place);
    CREATE INDEX temp.read_groups_by_name ON read_groups (name);
    CREATE INDEX temp.read_members_by_group ON read_members (group_id);";

const DROP: &str = "
    DROP TABLE IF EXISTS temp.read_people;
    DROP TABLE IF EXISTS temp.read_groups;
    DROP TABLE IF EXISTS temp.read_members;
    DROP TABLE IF EXISTS temp.read_memberships;";

const ADD_PERSON: &str = "
    INSERT INTO temp.read_people (dn, place, guid, email_key, said, primary_group, fault)
    VALUES (:dn, :place, :guid, :email_key, :said, :primary_group, :fault)";

const ADD_GROUP: &str = "INSERT INTO temp.read_groups (name, place, sid) VALUES (:name, :place, :sid)";

const ADD_MEMBER: &str = "INSERT INTO temp.read_members (group_id, place) VALUES (:group, :place)";

/// Whoever is in a group, in one that is in it, and so on: `UNION` visits each group once, however they are in each other.
const EXPAND: &str = "
    INSERT OR IGNORE INTO temp.read_memberships (person_id, name)
    WITH RECURSIVE inside (id) AS (
        SELECT id FROM temp.read_groups WHERE name = :name
        UNION
        SELECT g.id
        FROM inside i
        JOIN temp.read_members m ON m.group_id = i.id
        JOIN temp.read_groups g ON g.place = m.place
    )
    SELECT p.id, :name
    FROM inside i
    JOIN temp.read_members m ON m.group_id = i.id
    JOIN temp.read_people p ON p.place = m.place
    UNION
    SELECT p.id, :name
    FROM inside i
    JOIN temp.read_groups g ON g.id = i.id AND g.sid IS NOT NULL
    JOIN temp.read_people p ON p.primary_group = g.sid";

/// The same entry comes twice where it is changed while all are read: the last is what it is.
const DROP_REPEATED: &str = "
    DELETE FROM temp.read_people AS p
    WHERE EXISTS (
        SELECT 1 FROM temp.read_people later WHERE later.guid = p.guid AND later.place = p.place AND later.id > p.id
    )";

const FAULT_OF_GUIDS: &str = "
    UPDATE temp.read_people SET fault = :fault
    WHERE guid IN (SELECT guid FROM temp.read_people WHERE guid IS NOT NULL GROUP BY guid HAVING count(*) > 1)";

const FAULT_OF_EMAILS: &str = "
    UPDATE temp.read_people SET fault = :fault
    WHERE fault IS NULL AND email_key IN (
        SELECT email_key FROM temp.read_people WHERE email_key IS NOT NULL GROUP BY email_key HAVING count(*) > 1
    )";

const PEOPLE: &str = "
    SELECT p.id, p.dn, p.guid, p.said, p.fault, (
        SELECT json_group_array(m.name) FROM temp.read_memberships m WHERE m.person_id = p.id
    ) AS in_groups
    FROM temp.read_people p
    WHERE p.id > :after
    ORDER BY p.id
    LIMIT :batch";

const GUIDS: &str = "
    SELECT DISTINCT guid FROM temp.read_people
    WHERE guid > :after
    ORDER BY guid
    LIMIT :batch";

const COUNT: &str = "SELECT count(*) FROM temp.read_people";

const IS_READ: &str = "SELECT EXISTS (SELECT 1 FROM temp.read_people WHERE guid = :guid)";

const IS_ENTRY_READ: &str = "
    SELECT EXISTS (SELECT 1 FROM temp.read_people WHERE iif(:guid IS NULL, dn = :dn, guid = :guid))";

/// Somebody who is no person of the connection yet.
const IS_ANYBODY_NEW: &str = "
    SELECT EXISTS (
        SELECT 1 FROM temp.read_people p
        WHERE NOT EXISTS (SELECT 1 FROM users u WHERE u.directory_id = :connection AND u.directory_guid = p.guid)
    )";

const CURSOR: &str = "
    SELECT server, usn, next_row, full_at FROM directory_cursors WHERE connection_id = :connection";

const SET_CURSOR: &str = "
    INSERT INTO directory_cursors (connection_id, server, usn, next_row, full_at)
    VALUES (:connection, :server, :usn, :next_row, :full_at)
    ON CONFLICT (connection_id) DO UPDATE
    SET server = excluded.server, usn = excluded.usn, next_row = excluded.next_row, full_at = excluded.full_at";

const FORGET_CURSOR: &str = "DELETE FROM directory_cursors WHERE connection_id = :connection";

/// What decides here who comes where, and what takes back what a sync did.
const WAS_CHANGED_HERE: &str = "
    SELECT EXISTS (
        SELECT 1 FROM audit
        WHERE seq >= :next_row
            AND (kind IN ('directory', 'group', 'department', 'position', 'setting')
                OR action IN ('run.undo', 'run.discard', 'user.restore'))
    )";

const GROUP_NAMES: &str = "SELECT DISTINCT name FROM temp.read_groups ORDER BY name";

/// Several groups of one name: each is an entry of its own.
const REPEATED_GROUP_NAMES: &str = "
    SELECT name FROM temp.read_groups GROUP BY name HAVING count(DISTINCT place) > 1 ORDER BY name";

const QUARANTINE: &str = "
    SELECT dn, guid, email, code, words, found_at
    FROM directory_quarantine
    WHERE connection_id = :connection
    ORDER BY id";

const CLEAR_QUARANTINE: &str = "DELETE FROM directory_quarantine WHERE connection_id = :connection";

const ADD_QUARANTINE: &str = "
    INSERT INTO directory_quarantine (connection_id, dn, guid, email, code, words, found_at)
    VALUES (:connection, :dn, :guid, :email, :code, :words, :found_at)";

const ABSENT: &str = "
    SELECT a.user_id, a.runs
    FROM directory_absences a JOIN users u ON u.id = a.user_id
    WHERE u.directory_id = :connection
    ORDER BY a.user_id";

/// Who is noted as gone is on no way to that any more.
const IS_ANYBODY_ABSENT: &str = "
    SELECT EXISTS (
        SELECT 1 FROM directory_absences a JOIN users u ON u.id = a.user_id
        WHERE u.directory_id = :connection AND u.directory_missing_since IS NULL
    )";

const SET_ABSENT: &str = "
    INSERT INTO directory_absences (user_id, runs) VALUES (:user, :runs)
    ON CONFLICT (user_id) DO UPDATE SET runs = excluded.runs";

const FORGET_ABSENT: &str = "DELETE FROM directory_absences WHERE user_id = :user";

/// Somebody as they were read, with the names of the groups they are in.
pub(super) struct Read {
    pub(super) id: i64,
    pub(super) person: ReadPerson,
    pub(super) in_groups: Vec<String>,
}

/// Makes empty tables.
pub(super) fn make(tx: &Tx<'_>) -> Result<()> {
    tx.look_up_in_temporary_tables(true)?;
    Ok(tx.sql().execute_batch(MAKE)?)
}

/// Makes what was read easy to find.
pub(super) fn index(tx: &Tx<'_>) -> Result<()> {
    Ok(tx.sql().execute_batch(INDEX)?)
}

/// Forgets what was read.
pub(super) fn drop_all(tx: &Tx<'_>) -> Result<()> {
    tx.sql().execute_batch(DROP)?;
    tx.look_up_in_temporary_tables(false)
}

pub(super) fn add_person(tx: &Tx<'_>, person: &ReadPerson) -> Result<()> {
    let said = serde_json::to_string(&person.said).unwrap_or_default();
    tx.sql().prepare_cached(ADD_PERSON)?.execute(named_params! {
        ":dn": person.dn,
        ":place": person.place,
        ":guid": person.guid.as_ref().map(|guid| guid.bytes().as_slice()),
        ":email_key": person.email_key(),
        ":said": said,
        ":primary_group": person.primary_group,
        ":fault": person.fault,
    })?;
    Ok(())
}

pub(super) fn add_group(tx: &Tx<'_>, group: &ReadGroup) -> Result<()> {
    let sql = tx.sql();
    let values = named_params! { ":name": group.name, ":place": group.place, ":sid": group.sid };
    sql.prepare_cached(ADD_GROUP)?.execute(values)?;
    let id = sql.last_insert_rowid();
    let mut add = sql.prepare_cached(ADD_MEMBER)?;
    for place in &group.members {
        add.execute(named_params! { ":group": id, ":place": place })?;
    }
    Ok(())
}

/// Notes who is in the groups of that name, directly or by others.
pub(super) fn expand(tx: &Tx<'_>, name: &str) -> Result<()> {
    tx.sql().prepare_cached(EXPAND)?.execute(named_params! { ":name": name })?;
    Ok(())
}

/// Notes who has the guid, and who the email, of another.
pub(super) fn mark_doubles(tx: &Tx<'_>, guid_twice: &str, email_twice: &str) -> Result<()> {
    tx.sql().prepare_cached(DROP_REPEATED)?.execute([])?;
    tx.sql().prepare_cached(FAULT_OF_GUIDS)?.execute(named_params! { ":fault": guid_twice })?;
    tx.sql().prepare_cached(FAULT_OF_EMAILS)?.execute(named_params! { ":fault": email_twice })?;
    Ok(())
}

fn read(row: &Row<'_>) -> rusqlite::Result<Read> {
    of_row(("read_people", "id"), row, |row| {
        let guid: Option<Vec<u8>> = row.get("guid")?;
        Ok(Read {
            id: row.get("id")?,
            person: ReadPerson {
                dn: row.get("dn")?,
                place: String::new(),
                guid: guid.as_deref().and_then(Guid::of_bytes),
                said: json(row, "said")?,
                primary_group: None,
                fault: row.get("fault")?,
            },
            in_groups: json(row, "in_groups")?,
        })
    })
}

/// Calls `each` with everybody who was read, in their order; it may write while it is called.
pub(super) fn each(tx: &Tx<'_>, mut each: impl FnMut(Read) -> Result<()>) -> Result<()> {
    let mut after = 0;
    loop {
        let mut statement = tx.sql().prepare_cached(PEOPLE)?;
        let batch = statement.query_map(named_params! { ":after": after, ":batch": BATCH }, read)?;
        let batch = batch.collect::<Result<Vec<_>, _>>()?;
        drop(statement);
        let Some(last) = batch.last() else { return Ok(()) };
        after = last.id;
        batch.into_iter().try_for_each(&mut each)?;
    }
}

/// So many of the entries that were read, behind that one.
pub(super) fn guids(tx: &Tx<'_>, after: Option<Guid>, batch: i64) -> Result<Vec<Guid>> {
    let mut statement = tx.sql().prepare_cached(GUIDS)?;
    let after = after.map_or_else(Vec::new, |guid| guid.bytes().to_vec());
    let guids = statement.query_map(named_params! { ":after": after, ":batch": batch }, |row| {
        Ok(Guid::of_bytes(row.get_ref(0)?.as_blob()?))
    })?;
    Ok(guids.filter_map(Result::transpose).collect::<Result<_, _>>()?)
}

/// How many people were read.
pub(super) fn count(tx: &Tx<'_>) -> Result<u64> {
    let count: i64 = tx.sql().prepare_cached(COUNT)?.query_row([], |row| row.get(0))?;
    Ok(count.unsigned_abs())
}

/// Whether somebody was read who is that entry.
pub(super) fn is_read(tx: &Tx<'_>, guid: Guid) -> Result<bool> {
    let values = named_params! { ":guid": guid.bytes().as_slice() };
    Ok(tx.sql().prepare_cached(IS_READ)?.query_row(values, |row| row.get(0))?)
}

/// Whether the entry of somebody who was kept aside was read.
pub(super) fn is_entry_read(tx: &Tx<'_>, kept: &Kept) -> Result<bool> {
    let values =
        named_params! { ":guid": kept.guid.as_ref().map(|guid| guid.bytes().as_slice()), ":dn": kept.dn };
    Ok(tx.sql().prepare_cached(IS_ENTRY_READ)?.query_row(values, |row| row.get(0))?)
}

/// Whether somebody was read who is no person of the connection.
pub(super) fn is_anybody_new(tx: &Tx<'_>, connection: i64) -> Result<bool> {
    let values = named_params! { ":connection": connection };
    Ok(tx.sql().prepare_cached(IS_ANYBODY_NEW)?.query_row(values, |row| row.get(0))?)
}

/// Up to where a connection was followed.
pub(super) fn cursor(tx: &Tx<'_>, connection: i64) -> Result<Option<Cursor>> {
    let mut statement = tx.sql().prepare_cached(CURSOR)?;
    let cursor = statement.query_row(named_params! { ":connection": connection }, |row| {
        Ok(Cursor {
            position: Position { server: row.get(0)?, usn: row.get(1)? },
            next_row: row.get(2)?,
            full_at: Instant::from_micros(row.get(3)?),
        })
    });
    Ok(cursor.optional()?)
}

/// Keeps up to where a connection was followed; none forgets it.
pub(super) fn set_cursor(tx: &Tx<'_>, connection: i64, cursor: Option<&Cursor>) -> Result<()> {
    match cursor {
        Some(Cursor { position, next_row, full_at }) => {
            tx.sql().prepare_cached(SET_CURSOR)?.execute(named_params! {
                ":connection": connection,
                ":server": position.server,
                ":usn": position.usn,
                ":next_row": next_row,
                ":full_at": full_at.micros(),
            })?
        }
        None => {
            tx.sql().prepare_cached(FORGET_CURSOR)?.execute(named_params! { ":connection": connection })?
        }
    };
    Ok(())
}

/// Whether something was changed here since that row of the audit that only a whole read follows.
pub(super) fn was_changed_here(tx: &Tx<'_>, next_row: i64) -> Result<bool> {
    let values = named_params! { ":next_row": next_row };
    Ok(tx.sql().prepare_cached(WAS_CHANGED_HERE)?.query_row(values, |row| row.get(0))?)
}

/// The names of the groups that were read.
pub(super) fn group_names(tx: &Tx<'_>) -> Result<Vec<String>> {
    let mut statement = tx.sql().prepare_cached(GROUP_NAMES)?;
    let names = statement.query_map([], |row| row.get(0))?;
    Ok(names.collect::<Result<_, _>>()?)
}

/// The names that several of them have.
pub(super) fn repeated_group_names(tx: &Tx<'_>) -> Result<Vec<String>> {
    let mut statement = tx.sql().prepare_cached(REPEATED_GROUP_NAMES)?;
    let names = statement.query_map([], |row| row.get(0))?;
    Ok(names.collect::<Result<_, _>>()?)
}

/// Who is kept aside.
pub(super) fn quarantine(tx: &Tx<'_>, connection: i64) -> Result<Vec<Kept>> {
    let mut statement = tx.sql().prepare_cached(QUARANTINE)?;
    let kept = statement.query_map(named_params! { ":connection": connection }, |row| {
        of_row(("directory_quarantine", "dn"), row, |row| {
            let guid: Option<Vec<u8>> = row.get("guid")?;
            Ok(Kept {
                dn: row.get("dn")?,
                guid: guid.as_deref().and_then(Guid::of_bytes),
                email: row.get("email")?,
                code: row.get("code")?,
                words: row.get("words")?,
                since: Instant::from_micros(row.get("found_at")?),
            })
        })
    })?;
    Ok(kept.collect::<Result<_, _>>()?)
}

/// Keeps these aside, and nobody else.
pub(super) fn set_quarantine(tx: &Tx<'_>, connection: i64, kept: &[Kept]) -> Result<()> {
    let sql = tx.sql();
    sql.prepare_cached(CLEAR_QUARANTINE)?.execute(named_params! { ":connection": connection })?;
    let mut add = sql.prepare_cached(ADD_QUARANTINE)?;
    for kept in kept {
        add.execute(named_params! {
            ":connection": connection,
            ":dn": kept.dn,
            ":guid": kept.guid.as_ref().map(|guid| guid.bytes().as_slice()),
            ":email": kept.email,
            ":code": kept.code,
            ":words": kept.words,
            ":found_at": kept.since.micros(),
        })?;
    }
    Ok(())
}

/// In how many reads in a row each person of a connection was not found who is not gone yet.
pub(super) fn absent(tx: &Tx<'_>, connection: i64) -> Result<Vec<(i64, u32)>> {
    let mut statement = tx.sql().prepare_cached(ABSENT)?;
    let values = named_params! { ":connection": connection };
    let absent = statement.query_map(values, |row| Ok((row.get(0)?, row.get(1)?)))?;
    Ok(absent.collect::<Result<_, _>>()?)
}

/// Whether somebody is on the way to being gone.
pub(super) fn is_anybody_absent(tx: &Tx<'_>, connection: i64) -> Result<bool> {
    let values = named_params! { ":connection": connection };
    Ok(tx.sql().prepare_cached(IS_ANYBODY_ABSENT)?.query_row(values, |row| row.get(0))?)
}

/// Notes in how many reads in a row somebody was not found; none forgets it.
pub(super) fn set_absent(tx: &Tx<'_>, user: i64, runs: Option<u32>) -> Result<()> {
    match runs {
        Some(runs) => {
            tx.sql().prepare_cached(SET_ABSENT)?.execute(named_params! { ":user": user, ":runs": runs })?
        }
        None => tx.sql().prepare_cached(FORGET_ABSENT)?.execute(named_params! { ":user": user })?,
    };
    Ok(())
}

#[cfg(test)]
const STATEMENTS: &[&str] = &[
    copied::PEOPLE,
    copied::GROUPS,
    ADD_PERSON,
    ADD_GROUP,
    ADD_MEMBER,
    EXPAND,
    DROP_REPEATED,
    FAULT_OF_GUIDS,
    FAULT_OF_EMAILS,
    PEOPLE,
    GUIDS,
    COUNT,
    IS_READ,
    IS_ENTRY_READ,
    IS_ANYBODY_NEW,
    CURSOR,
    SET_CURSOR,
    FORGET_CURSOR,
    WAS_CHANGED_HERE,
    GROUP_NAMES,
    REPEATED_GROUP_NAMES,
    QUARANTINE,
    CLEAR_QUARANTINE,
    ADD_QUARANTINE,
    ABSENT,
    IS_ANYBODY_ABSENT,
    SET_ABSENT,
    FORGET_ABSENT,
];

#[cfg(test)]
mod tests {
    use super::{STATEMENTS, drop_all, index, make};
    use crate::context::Context;

    #[test]
    fn every_statement_fits_the_schema() {
        let cx = Context::for_tests();
        cx.store
            .stage(|tx| {
                make(tx)?;
                index(tx)?;
                for statement in STATEMENTS {
                    tx.sql().prepare(statement)?;
                }
                drop_all(tx)
            })
            .unwrap();
    }
}
