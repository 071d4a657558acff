-- Second factors: the secret that an authenticator app makes codes of, the codes that were used, and backup codes.

CREATE TABLE two_factors (
    -- Whose.
    user_id INTEGER PRIMARY KEY REFERENCES users (id) ON DELETE CASCADE,
    -- The secret of the app, sealed to this row; NULL where it could not be opened when the key was replaced: only backup
    -- codes count then.
    secret_sealed BLOB,
    -- When a code of the app confirmed it.
    enrolled_at INTEGER NOT NULL
) STRICT;

CREATE TABLE two_factor_enrolments (
    -- The session in which the secret was shown and waits for a first code of it.
    session_id INTEGER PRIMARY KEY REFERENCES sessions (id) ON DELETE CASCADE,
    -- Whose.
    user_id INTEGER NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    -- The secret, sealed to this row; NULL where it could not be opened when the key was replaced: another is shown.
    secret_sealed BLOB,
    -- When it was shown.
    created_at INTEGER NOT NULL
) STRICT;

CREATE INDEX two_factor_enrolments_by_user ON two_factor_enrolments (user_id);
CREATE INDEX two_factor_enrolments_by_age ON two_factor_enrolments (created_at);

CREATE TABLE two_factor_steps (
    -- The order of use.
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    -- Whose.
    user_id INTEGER NOT NULL REFERENCES two_factors (user_id) ON DELETE CASCADE,
    -- The time step whose code was accepted, which is so once: the number of half minutes since 1970.
    step INTEGER NOT NULL,
    -- When it was accepted.
    used_at INTEGER NOT NULL,
    UNIQUE (user_id, step)
) STRICT;

CREATE TABLE backup_codes (
    -- Never reused.
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    -- Whose.
    user_id INTEGER NOT NULL REFERENCES two_factors (user_id) ON DELETE CASCADE,
    -- The Argon2id hash of the code; those that were made together have one salt, so that a try takes one hash.
    hash TEXT NOT NULL CHECK (hash <> ''),
    -- When it was used.
    used_at INTEGER,
    -- When it was made.
    created_at INTEGER NOT NULL
) STRICT;

CREATE INDEX backup_codes_by_user ON backup_codes (user_id);

-- Until when the person has to have a second factor, which is required and was reset; nobody logs in by the account from
-- then on.
ALTER TABLE users ADD COLUMN two_factor_grace_until INTEGER;

-- When the second factor was right last in this session.
ALTER TABLE sessions ADD COLUMN factor_at INTEGER;

-- When the person was told that the second factor did not follow the password.
ALTER TABLE sessions ADD COLUMN told_at INTEGER;

CREATE INDEX sessions_unfinished ON sessions (created_at) WHERE complete = 0 AND factor_at IS NULL AND told_at IS NULL;

-- Wrong codes are counted as failed logins are.
CREATE TABLE throttle_counters_new (
    -- What is counted.
    kind TEXT NOT NULL CHECK (kind IN (
        'login', 'login-account', 'login-source', 'login-browser',
        'link-account', 'link-person', 'link-people', 'link-source',
        'control-word', 'second-factor'
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

INSERT INTO throttle_counters_new SELECT * FROM throttle_counters;
DROP TABLE throttle_counters;
ALTER TABLE throttle_counters_new RENAME TO throttle_counters;

CREATE INDEX throttle_counters_by_user ON throttle_counters (user_id) WHERE user_id IS NOT NULL;
CREATE INDEX throttle_counters_by_end ON throttle_counters (expires_at);
