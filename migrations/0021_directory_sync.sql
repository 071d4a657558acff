-- What a sync does with the people of a directory, and what it learned there.

-- Whether it makes people who are not here yet.
ALTER TABLE directory_connections ADD COLUMN creates INTEGER NOT NULL DEFAULT 1 CHECK (creates IN (0, 1));

-- Whether it puts people into the groups that are called as those there, and takes them out again.
ALTER TABLE directory_connections ADD COLUMN group_sync TEXT NOT NULL DEFAULT 'off'
    CHECK (group_sync IN ('off', 'additive', 'mirror'));

-- What it does with departments: those of that name are taken, made where they are missing, or none is read.
ALTER TABLE directory_connections ADD COLUMN departments TEXT NOT NULL DEFAULT 'match'
    CHECK (departments IN ('match', 'create', 'ignore'));

-- The same of positions.
ALTER TABLE directory_connections ADD COLUMN positions TEXT NOT NULL DEFAULT 'match'
    CHECK (positions IN ('match', 'create', 'ignore'));

-- Whether people who are gone there may not log in any more.
ALTER TABLE directory_connections ADD COLUMN leavers TEXT NOT NULL DEFAULT 'deactivate'
    CHECK (leavers IN ('deactivate', 'ignore'));

-- After how many whole reads that did not find them.
ALTER TABLE directory_connections ADD COLUMN leaver_runs INTEGER NOT NULL DEFAULT 2 CHECK (leaver_runs BETWEEN 1 AND 100);

-- What takes from more people than this, and than the share, is held; NULL for what holds everywhere.
ALTER TABLE directory_connections ADD COLUMN brake_people INTEGER CHECK (brake_people BETWEEN 0 AND 1000000);

-- The share of the people of the connection, in per cent; NULL for what holds everywhere.
ALTER TABLE directory_connections ADD COLUMN brake_percent INTEGER CHECK (brake_percent BETWEEN 0 AND 100);

-- Entries that the last sync kept aside, with why. What is known, and no fact: the audit does not have it.
CREATE TABLE directory_quarantine (
    -- In the order in which they were read.
    id INTEGER PRIMARY KEY,
    -- Of which connection.
    connection_id INTEGER NOT NULL REFERENCES directory_connections (id) ON DELETE CASCADE,
    -- The name of the entry there.
    dn TEXT NOT NULL,
    -- Which entry it stays; NULL where nothing says that.
    guid BLOB CHECK (guid IS NULL OR length(guid) = 16),
    -- The email; NULL where there is none.
    email TEXT,
    -- Why, as programs read it.
    code TEXT NOT NULL CHECK (code <> ''),
    -- Why, in words.
    words TEXT NOT NULL,
    -- Since when it is kept aside for that.
    found_at INTEGER NOT NULL
) STRICT;

CREATE INDEX directory_quarantine_by_connection ON directory_quarantine (connection_id, id);

-- People whom the last whole reads did not find, and who are not gone yet. What is known, and no fact.
CREATE TABLE directory_absences (
    -- Who.
    user_id INTEGER PRIMARY KEY REFERENCES users (id) ON DELETE CASCADE,
    -- How many reads in a row.
    runs INTEGER NOT NULL CHECK (runs > 0)
) STRICT;
