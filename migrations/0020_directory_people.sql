-- People of directories: which entry somebody is there, and what the directory says of them.

-- The connection that manages the account; NULL for an account of this store.
ALTER TABLE users ADD COLUMN directory_id INTEGER REFERENCES directory_connections (id);

-- The entry's `objectGUID`, as the directory has it.
ALTER TABLE users ADD COLUMN directory_guid BLOB CHECK (directory_guid IS NULL OR length(directory_guid) = 16);

-- The account is disabled there.
ALTER TABLE users ADD COLUMN directory_disabled INTEGER NOT NULL DEFAULT 0 CHECK (directory_disabled IN (0, 1));

-- When the account expires there; NULL for never.
ALTER TABLE users ADD COLUMN directory_expires_at INTEGER;

-- Since when the entry is gone there, as full reads of the directory found; NULL while it is there.
ALTER TABLE users ADD COLUMN directory_missing_since INTEGER;

-- When the entry was last seen there. What is known, and no fact: the audit does not have it.
ALTER TABLE users ADD COLUMN directory_seen_at INTEGER;

-- From when on the directory keeps the account closed: 0 for always, NULL for never.
ALTER TABLE users ADD COLUMN directory_closed_from INTEGER AS (
    CASE WHEN directory_disabled = 1 OR directory_missing_since IS NOT NULL THEN 0 ELSE directory_expires_at END
) VIRTUAL;

-- An entry is one account, also in the bin.
CREATE UNIQUE INDEX users_by_guid ON users (directory_id, directory_guid) WHERE directory_id IS NOT NULL;

-- What decides who may log in stands in the indexes of lists, so that counting reads no row.
DROP INDEX users_by_name;
DROP INDEX users_by_company;
CREATE INDEX users_by_name ON users (
    sort_name, id, company_id, department_id, position_id, active, start_date, end_date, staff, two_factor_required,
    profile_completed, origin, last_login_at, directory_closed_from
) WHERE deleted_at IS NULL;
CREATE INDEX users_by_company ON users (
    company_id, sort_name, id, active, start_date, end_date, directory_closed_from
) WHERE deleted_at IS NULL;

-- Memberships with the names of connections, for people to read: `manual`, or `directory:` and the name.
CREATE VIEW memberships_named (user_id, group_id, origin) AS
SELECT
    m.user_id, m.group_id,
    CASE m.origin
        WHEN 'manual' THEN m.origin
        ELSE coalesce(
            (SELECT 'directory:' || c.name FROM directory_connections c WHERE c.id = CAST(substr(m.origin, 11) AS INTEGER)),
            m.origin
        )
    END
FROM memberships m;

DROP VIEW memberships_in_force;

-- Every membership in force, one row for each thing it comes from. SQLite looks for one person's rows in it only when the
-- person stands in the condition as a value; where it is another table's column, all rows are made first, so ask the two
-- halves apart.
CREATE VIEW memberships_in_force (user_id, group_id, origin, role_id) AS
SELECT m.user_id, m.group_id, m.origin, NULL
FROM memberships_named m
UNION ALL
SELECT b.user_id, b.group_id, 'role', b.role_id
FROM memberships_by_role b;

-- Passwords that were tried at a directory by logins, so that no account is locked there by what is tried here. One that opened
-- the account ends what was counted of it, and one that never came to the directory is not kept.
CREATE TABLE directory_tries (
    -- The order of the tries.
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    -- Which directory was asked.
    connection_id INTEGER NOT NULL REFERENCES directory_connections (id) ON DELETE CASCADE,
    -- Whose password was tried: the name of the entry.
    dn TEXT NOT NULL CHECK (dn <> ''),
    -- When it was sent.
    tried_at INTEGER NOT NULL
) STRICT;

CREATE INDEX directory_tries_by_entry ON directory_tries (connection_id, dn, tried_at);
