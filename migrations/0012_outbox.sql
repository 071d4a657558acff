-- The outbox: each mail is a row before anything is sent, and stays one after that.

CREATE TABLE mails (
    -- The order in which mails were queued; never reused.
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    -- Ten random characters.
    id TEXT NOT NULL UNIQUE,
    -- What it says, such as `password-set`.
    message TEXT NOT NULL CHECK (message <> ''),
    -- What it is for, by which its account is chosen.
    feature TEXT NOT NULL CHECK (feature <> '' AND feature NOT GLOB '*[^a-z0-9-]*'),
    -- 0: somebody waits for it; 1: notices and alerts; 2: the rest, and whatever a run queued.
    urgency INTEGER NOT NULL CHECK (urgency IN (0, 1, 2)),
    -- Whose mail it is; NULL for those of no company, and once it is gone.
    company_id INTEGER REFERENCES companies (id) ON DELETE SET NULL,
    -- To which person; NULL where it is to none, and once they are gone.
    user_id INTEGER REFERENCES users (id) ON DELETE SET NULL,
    -- To which address; NULL once the person is gone.
    to_address TEXT CHECK (instr(to_address, '@') > 1),
    -- The key by which that address is compared, as `users.email_folded`.
    to_folded TEXT,
    -- The name beside the address.
    to_name TEXT CHECK (to_name <> ''),
    -- What it tells, where that is no secret: a JSON object; NULL once the person is gone.
    facts TEXT CHECK (json_valid(facts)),
    -- What it tells and what is attached, where that is a secret, sealed to this row; NULL once the mail has ended.
    sealed BLOB,
    -- Whether a link in it has a token.
    has_link INTEGER NOT NULL CHECK (has_link IN (0, 1)),
    -- The token, made at the first attempt and sealed to this row; NULL once the mail has ended.
    link_sealed BLOB,
    -- Until when the token is good.
    link_until INTEGER,
    -- The run that queued it.
    run TEXT,
    -- How far it is.
    state TEXT NOT NULL CHECK (state IN ('queued', 'sending', 'sent', 'failed', 'dropped')),
    -- Not before that.
    due_at INTEGER NOT NULL,
    -- How many attempts were begun since it was queued or told to go again; what was the account's failure is none.
    attempts INTEGER NOT NULL CHECK (attempts >= 0),
    -- Its Message-ID, made at the first attempt.
    message_id TEXT CHECK (message_id LIKE '<%@%>'),
    -- Which worker sends it now.
    worker TEXT,
    -- Until when no other worker may.
    leased_until INTEGER,
    -- When it was sent, had failed or was dropped.
    ended_at INTEGER,
    -- Why it failed, was dropped, or waits; NULL once the person is gone.
    why TEXT,
    -- When it was queued.
    created_at INTEGER NOT NULL,
    CHECK ((to_address IS NULL) = (to_folded IS NULL)),
    CHECK (to_name IS NULL OR to_address IS NOT NULL),
    CHECK (facts IS NULL OR sealed IS NULL),
    CHECK (has_link = 1 OR (link_sealed IS NULL AND link_until IS NULL)),
    CHECK ((state = 'sending') = (worker IS NOT NULL)),
    CHECK ((worker IS NULL) = (leased_until IS NULL)),
    CHECK ((state IN ('sent', 'failed', 'dropped')) = (ended_at IS NOT NULL)),
    CHECK (ended_at IS NULL OR (sealed IS NULL AND link_sealed IS NULL))
) STRICT;

-- What waits, in the order in which it goes; what decides about it stands there, so that those who cannot go are passed over
-- without a look at their rows.
CREATE INDEX mails_waiting ON mails (urgency, due_at, seq, feature, company_id, has_link) WHERE state = 'queued';
CREATE INDEX mails_by_route ON mails (feature, company_id, due_at) WHERE state = 'queued';
CREATE INDEX mails_sending ON mails (leased_until) WHERE state = 'sending';
CREATE INDEX mails_ended ON mails (ended_at) WHERE ended_at IS NOT NULL;
CREATE INDEX mails_by_user ON mails (user_id, seq) WHERE user_id IS NOT NULL;
CREATE INDEX mails_by_address ON mails (to_folded, seq) WHERE to_folded IS NOT NULL;
CREATE INDEX mails_by_company ON mails (company_id, seq) WHERE company_id IS NOT NULL;
CREATE INDEX mails_by_run ON mails (run) WHERE run IS NOT NULL AND state = 'queued';

CREATE TABLE mail_attempts (
    -- Whose.
    mail INTEGER NOT NULL REFERENCES mails (seq) ON DELETE CASCADE,
    -- Counted from 1.
    number INTEGER NOT NULL CHECK (number > 0),
    -- When it began.
    at INTEGER NOT NULL,
    -- The account that sent, as it was called.
    account TEXT NOT NULL,
    -- The step at which it ended before its end.
    step TEXT,
    -- The answer of the server, or what else happened; NULL before, and once the person is gone.
    answer TEXT,
    -- `begun` has no end yet; `later` may go later; of `unknown` nobody knows whether the server took it.
    outcome TEXT NOT NULL CHECK (outcome IN ('begun', 'sent', 'later', 'failed', 'unknown')),
    -- How many milliseconds it took.
    milliseconds INTEGER CHECK (milliseconds >= 0),
    PRIMARY KEY (mail, number)
) STRICT, WITHOUT ROWID;

CREATE INDEX mail_attempts_by_account ON mail_attempts (account, at);

CREATE TABLE mail_rests (
    -- Which account rests, since it failed: no mail leaves by it. Stays until a mail has left by it again.
    account_id INTEGER PRIMARY KEY REFERENCES mail_accounts (id) ON DELETE CASCADE,
    -- When it failed last.
    since INTEGER NOT NULL,
    -- Until when it rests.
    until INTEGER NOT NULL CHECK (until > since),
    -- How often it has failed since a mail left by it.
    times INTEGER NOT NULL CHECK (times > 0),
    -- When it failed first since a mail left by it.
    first_at INTEGER NOT NULL,
    -- At which step.
    step TEXT NOT NULL,
    -- The answer of the server, or what else happened.
    answer TEXT NOT NULL
) STRICT;

CREATE TABLE mail_sizes (
    -- Which server has said how large a mail may be.
    server_id INTEGER PRIMARY KEY REFERENCES mail_servers (id) ON DELETE CASCADE,
    -- In bytes.
    bytes INTEGER NOT NULL CHECK (bytes > 0)
) STRICT;

-- What was changed of an account or its server may have mended it: it rests no longer.
CREATE TRIGGER mail_accounts_changed AFTER UPDATE ON mail_accounts BEGIN
    DELETE FROM mail_rests WHERE account_id = NEW.id;
END;

CREATE TRIGGER mail_servers_changed AFTER UPDATE ON mail_servers BEGIN
    DELETE FROM mail_rests WHERE account_id IN (SELECT id FROM mail_accounts WHERE server_id = NEW.id);
    DELETE FROM mail_sizes WHERE server_id = NEW.id;
END;
