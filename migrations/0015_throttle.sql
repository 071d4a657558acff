-- What is counted against guessing: failed logins, and asks for links. What was typed for nobody's account may be a password,
-- and is kept nowhere; a keyed hash stands for it.

CREATE TABLE throttle_counters (
    -- What is counted.
    kind TEXT NOT NULL CHECK (kind IN (
        'login', 'login-account', 'login-source', 'login-browser',
        'link-account', 'link-person', 'link-people', 'link-source',
        'control-word'
    )),
    -- Of which account: the id of a person; for a name that nobody has, a keyed hash of it, as 64 hexadecimal digits; empty
    -- where all are meant.
    account TEXT NOT NULL,
    -- From where: an address (IPv6: its network of 64 bits), `shell`, or the keyed hash of a browser; empty for anywhere.
    source TEXT NOT NULL,
    -- The person, where the account is one.
    user_id INTEGER REFERENCES users (id) ON DELETE CASCADE CHECK (user_id IS NULL OR account = CAST(user_id AS TEXT)),
    -- When it was counted, the oldest first: a list of times, as JSON.
    times TEXT NOT NULL CHECK (json_valid(times) AND json_type(times) = 'array'),
    -- Since when it is held.
    held_at INTEGER,
    -- Until when.
    held_until INTEGER CHECK ((held_until IS NULL) = (held_at IS NULL)),
    -- How many tries were refused since, because they came too soon.
    refused INTEGER NOT NULL DEFAULT 0 CHECK (refused >= 0),
    -- When the audit was told of a failure last.
    told_at INTEGER,
    -- When it was last counted.
    updated_at INTEGER NOT NULL,
    -- From when on nothing of it counts any more.
    expires_at INTEGER NOT NULL,
    PRIMARY KEY (kind, account, source)
) STRICT, WITHOUT ROWID;

CREATE INDEX throttle_counters_by_user ON throttle_counters (user_id) WHERE user_id IS NOT NULL;
CREATE INDEX throttle_counters_by_end ON throttle_counters (expires_at);

CREATE TABLE login_rows (
    -- There is one row.
    id INTEGER PRIMARY KEY CHECK (id = 1),
    -- The minute that is counted: when it began.
    minute INTEGER NOT NULL,
    -- How many rows about failed logins the audit took in it.
    written INTEGER NOT NULL CHECK (written >= 0),
    -- How many more there would have been.
    left_out INTEGER NOT NULL CHECK (left_out >= 0)
) STRICT;

-- Who is held stays held, as long as it was to be.
INSERT INTO throttle_counters (kind, account, source, user_id, times, held_at, held_until, updated_at, expires_at)
SELECT 'login-account', CAST(id AS TEXT), '', id, '[]', min(updated_at, held_until - 1), held_until, updated_at, held_until
FROM users
WHERE held_until IS NOT NULL;

ALTER TABLE users DROP COLUMN failed_logins;
ALTER TABLE users DROP COLUMN held_until;
