//! The SQL of what was read of a directory, as it was read.

use rusqlite::Row;

use crate::directory::sync::read::{ReadGroup, ReadPerson};
use crate::error::Result;
use crate::store::Tx;
use crate::store::value::{json, of_row};
use crate::text::guid::Guid;

pub(super) const PEOPLE: &str = "
    SELECT id, dn, place, guid, said, primary_group, fault FROM temp.read_people ORDER BY id";

pub(super) const GROUPS: &str = "
    SELECT g.id, g.name, g.place, g.sid, (
        SELECT json_group_array(m.place) FROM temp.read_members m WHERE m.group_id = g.id
    ) AS members
    FROM temp.read_groups g
    ORDER BY g.id";

/// Calls `each` with everybody who was read, in their order.
pub(in crate::directory::sync) fn each_person(
    tx: &Tx<'_>,
    mut each: impl FnMut(ReadPerson) -> Result<()>,
) -> Result<()> {
    let mut statement = tx.sql().prepare_cached(PEOPLE)?;
    for read in statement.query_map([], |row| of_row(("read_people", "id"), row, person))? {
        each(read?)?;
    }
    Ok(())
}

/// Calls `each` with every group that was read, in their order.
pub(in crate::directory::sync) fn each_group(
    tx: &Tx<'_>,
    mut each: impl FnMut(ReadGroup) -> Result<()>,
) -> Result<()> {
    let mut statement = tx.sql().prepare_cached(GROUPS)?;
    for read in statement.query_map([], |row| of_row(("read_groups", "id"), row, group))? {
        each(read?)?;
    }
    Ok(())
}

fn person(row: &Row<'_>) -> rusqlite::Result<ReadPerson> {
    let guid: Option<Vec<u8>> = row.get("guid")?;
    Ok(ReadPerson {
        dn: row.get("dn")?,
        place: row.get("place")?,
        guid: guid.as_deref().and_then(Guid::of_bytes),
        said: json(row, "said")?,
        primary_group: row.get("primary_group")?,
        fault: row.get("fault")?,
    })
}

fn group(row: &Row<'_>) -> rusqlite::Result<ReadGroup> {
    Ok(ReadGroup {
        name: row.get("name")?,
        place: row.get("place")?,
        sid: row.get("sid")?,
        members: json(row, "members")?,
    })
}
