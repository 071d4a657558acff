-- Tokens: what the links in mails carry, and how people are invited by them.

CREATE TABLE tokens (
    -- Never reused.
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    -- The SHA-256 of the token, which itself is in the mail alone.
    hash BLOB NOT NULL UNIQUE CHECK (length(hash) = 32),
    -- What it opens.
    purpose TEXT NOT NULL CHECK (purpose IN ('reset', 'first-login', 'invite', 'not-me')),
    -- Whose account.
    user_id INTEGER NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    -- Of `not-me`: the token that came in the same mail and is disowned with it; NULL where the mail is a notice.
    about INTEGER REFERENCES tokens (id) ON DELETE SET NULL,
    -- The mail that carries it; NULL once that is forgotten.
    mail INTEGER REFERENCES mails (seq) ON DELETE SET NULL,
    -- When it was made.
    made_at INTEGER NOT NULL,
    -- Until when it is good.
    expires_at INTEGER NOT NULL CHECK (expires_at > made_at),
    -- When it was used, replaced by a newer one, ended with all of the account, or disowned.
    ended_at INTEGER,
    -- Which of these.
    ended_by TEXT CHECK (ended_by IN ('used', 'newer', 'account', 'disowned')),
    CHECK (about IS NULL OR purpose = 'not-me'),
    CHECK ((ended_at IS NULL) = (ended_by IS NULL))
) STRICT;

CREATE INDEX tokens_by_user ON tokens (user_id, purpose) WHERE ended_at IS NULL;
CREATE INDEX tokens_of_user ON tokens (user_id);
CREATE INDEX tokens_by_mail ON tokens (mail) WHERE mail IS NOT NULL;
CREATE INDEX tokens_by_about ON tokens (about) WHERE about IS NOT NULL;
CREATE INDEX tokens_by_expiry ON tokens (expires_at);

CREATE TABLE invitations (
    -- Who was invited; the last invitation counts.
    user_id INTEGER PRIMARY KEY REFERENCES users (id) ON DELETE CASCADE,
    -- The mail that invites them; NULL once that is forgotten.
    mail INTEGER REFERENCES mails (seq) ON DELETE SET NULL,
    -- Its row of the audit.
    revision INTEGER NOT NULL,
    -- When they chose a password by a link of ours.
    accepted_at INTEGER,
    -- When they were invited.
    created_at INTEGER NOT NULL
) STRICT;

CREATE INDEX invitations_by_mail ON invitations (mail) WHERE mail IS NOT NULL;

-- When the person said of what was done to their account that it was not them: nobody logs in until they have chosen a
-- password by a mail to their address.
ALTER TABLE users ADD COLUMN disowned_at INTEGER;

CREATE TABLE control_words (
    -- Whose: the word that people of the company type, beside their email, to be sent a link for their first login.
    company_id INTEGER PRIMARY KEY REFERENCES companies (id) ON DELETE CASCADE,
    -- Its Argon2id hash.
    hash TEXT NOT NULL CHECK (hash <> ''),
    -- When it was set.
    set_at INTEGER NOT NULL
) STRICT;
