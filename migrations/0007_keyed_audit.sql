-- Rows of the audit say which account acted and from where, and carry a hash that nobody makes without the store's key.

ALTER TABLE audit ADD COLUMN actor_id -- The account that acted; none for the system actor, and in rows from before this.
    INTEGER;

ALTER TABLE audit ADD COLUMN client -- The address that a change by web came from.
    TEXT;

ALTER TABLE audit ADD COLUMN keyed -- HMAC-SHA-256 of the hash, with the key of the audit; none in rows from before this, which may hold anything.
    BLOB CHECK (keyed IS NULL OR length(keyed) = 32
        AND (before IS NULL OR json_valid(before) AND json_type(before) = 'object')
        AND (after IS NULL OR json_valid(after) AND json_type(after) = 'object'));

CREATE TABLE audit_keys (
    -- There is one.
    id INTEGER PRIMARY KEY CHECK (id = 1),
    -- The key of the audit and the number of the first row that has a keyed hash, sealed to this row.
    sealed BLOB NOT NULL,
    -- When it was made.
    created_at INTEGER NOT NULL
) STRICT;
