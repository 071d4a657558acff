-- Up to where the changes of directories were followed.

-- What is known, and no fact: whatever it says, the next sync may read everybody.
CREATE TABLE directory_cursors (
    -- Of which connection.
    connection_id INTEGER PRIMARY KEY REFERENCES directory_connections (id) ON DELETE CASCADE,
    -- Which database of the directory counted the changes (`invocationId`).
    server BLOB NOT NULL CHECK (length(server) = 16),
    -- The last change that was followed, by its count (`highestCommittedUSN`).
    usn INTEGER NOT NULL CHECK (usn >= 0),
    -- The audit row that came next here when that sync began.
    next_row INTEGER NOT NULL,
    -- When everybody was read last.
    full_at INTEGER NOT NULL
) STRICT;
