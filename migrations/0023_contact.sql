-- What people wrote by the contact form.

CREATE TABLE contact_messages (
    -- The order in which they came; never reused.
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    -- Ten random characters.
    id TEXT NOT NULL UNIQUE,
    -- What it is about.
    topic TEXT NOT NULL CHECK (topic IN ('general', 'support', 'sales', 'partnership', 'security', 'feedback', 'other')),
    -- Who wrote, as they say.
    name TEXT NOT NULL CHECK (name <> ''),
    -- Where they are answered, as they say.
    email TEXT NOT NULL CHECK (instr(email, '@') > 1),
    -- Their phone, as they say.
    phone TEXT CHECK (phone <> ''),
    -- Their company, as they say.
    company TEXT CHECK (company <> ''),
    -- The subject: one line.
    subject TEXT NOT NULL CHECK (subject <> ''),
    -- What they wrote, sealed to this row; NULL where it could not be opened when the key was replaced.
    text_sealed BLOB,
    -- The language of the page on which they wrote.
    language TEXT NOT NULL CHECK (language <> ''),
    -- From which address.
    client TEXT,
    -- How many mails told of it.
    mails INTEGER NOT NULL CHECK (mails >= 0),
    -- Whether they were sent the answer that is sent to everybody.
    answered INTEGER NOT NULL CHECK (answered IN (0, 1)),
    -- When it came.
    created_at INTEGER NOT NULL,
    -- When it was closed.
    closed_at INTEGER,
    -- By whom.
    closed_by TEXT CHECK (closed_by <> ''),
    CHECK ((closed_at IS NULL) = (closed_by IS NULL))
) STRICT;

CREATE INDEX contact_messages_by_age ON contact_messages (created_at);

-- Messages by the contact form are counted, and the answers to them.
CREATE TABLE throttle_counters_new (
    -- What is counted.
    kind TEXT NOT NULL CHECK (kind IN (
        'login', 'login-account', 'login-source', 'login-browser',
        'link-account', 'link-person', 'link-people', 'link-source',
        'control-word', 'second-factor', 'contact', 'contact-reply'
    )),
    -- Of which account: the id of a person; for a name that nobody has, or an address that is answered, a keyed hash of it, as
    -- 64 hexadecimal digits; empty where all are meant.
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
