-- Other sites, each with a cookie of its own: who comes from the portal by a ticket, and who is known there.

CREATE TABLE site_tickets (
    -- SHA-256 of what leads to the site.
    token_hash BLOB PRIMARY KEY CHECK (length(token_hash) = 32),
    -- The login that it is of.
    session_id INTEGER NOT NULL REFERENCES sessions (id) ON DELETE CASCADE,
    -- For which site alone.
    host TEXT NOT NULL CHECK (host <> ''),
    -- SHA-256 of what the browser keeps for the site that asked for it.
    browser_hash BLOB NOT NULL CHECK (length(browser_hash) = 32),
    -- Until when it may be used, which is once.
    expires_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE INDEX site_tickets_by_session ON site_tickets (session_id);
CREATE INDEX site_tickets_by_end ON site_tickets (expires_at);

CREATE TABLE site_sessions (
    -- SHA-256 of what the browser keeps for the site.
    token_hash BLOB PRIMARY KEY CHECK (length(token_hash) = 32),
    -- The login that it is of, with which it ends.
    session_id INTEGER NOT NULL REFERENCES sessions (id) ON DELETE CASCADE,
    -- At which site alone.
    host TEXT NOT NULL CHECK (host <> ''),
    -- When it was begun.
    created_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE INDEX site_sessions_by_session ON site_sessions (session_id);
