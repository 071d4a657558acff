-- Sessions: who is logged in, with which browser.

CREATE TABLE sessions (
    -- Never reused.
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    -- SHA-256 of what the browser keeps.
    token_hash BLOB NOT NULL UNIQUE CHECK (length(token_hash) = 32),
    -- Whose.
    user_id INTEGER NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    -- Whether every step of the login was done; until then it opens nothing else.
    complete INTEGER NOT NULL CHECK (complete IN (0, 1)),
    -- From where it was begun.
    address TEXT,
    -- With which browser, in a few words.
    browser TEXT NOT NULL,
    -- When the password was right last.
    proved_at INTEGER NOT NULL,
    -- When it was used last, to the minute.
    seen_at INTEGER NOT NULL,
    -- When it ended; NULL while nobody ended it.
    ended_at INTEGER,
    -- Why.
    ended_by TEXT CHECK ((ended_by IS NULL) = (ended_at IS NULL)),
    -- When it was begun.
    created_at INTEGER NOT NULL
) STRICT;

CREATE INDEX sessions_by_user ON sessions (user_id) WHERE ended_at IS NULL;
CREATE INDEX sessions_by_use ON sessions (seen_at);
