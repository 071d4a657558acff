-- When directories were followed.

-- What is known, and no fact.
CREATE TABLE directory_syncs (
    -- Of which connection.
    connection_id INTEGER PRIMARY KEY REFERENCES directory_connections (id) ON DELETE CASCADE,
    -- When the last sync began, whatever came of it.
    begun_at INTEGER NOT NULL,
    -- Since when every sync has failed; NULL where the last one did not.
    failing_since INTEGER
) STRICT;
