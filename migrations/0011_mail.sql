-- Mail: by which servers mails leave, with which accounts, and which account is taken for what.

CREATE TABLE mail_servers (
    -- Never reused.
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    -- As typed.
    name TEXT NOT NULL CHECK (name <> ''),
    -- Folded, so that no two names differ by case alone.
    name_folded TEXT NOT NULL UNIQUE,
    -- `smtp` speaks SMTP, `file` is a folder of mails, `sendmail` a local program.
    kind TEXT NOT NULL CHECK (kind IN ('smtp', 'file', 'sendmail')),
    -- Its name, which its certificate must have, or its address.
    host TEXT CHECK (host <> ''),
    -- The port.
    port INTEGER CHECK (port BETWEEN 1 AND 65535),
    -- How the connection is protected.
    security TEXT CHECK (security IN ('starttls', 'tls', 'none')),
    -- The full path of the authorities that are trusted, in PEM; NULL for those of the system.
    ca_file TEXT CHECK (ca_file LIKE '/%'),
    -- How its accounts log in.
    auth TEXT CHECK (auth IN ('plain', 'login', 'xoauth2', 'none')),
    -- The program that prints a token of OAuth 2, and its arguments: a JSON array of texts.
    token_command TEXT CHECK (json_valid(token_command) AND json_type(token_command) = 'array'),
    -- The full path of the folder.
    folder TEXT CHECK (folder LIKE '/%'),
    -- The program that takes mails as sendmail does, and its arguments: a JSON array of texts.
    command TEXT CHECK (json_valid(command) AND json_type(command) = 'array'),
    -- Seconds to wait for a name, a connection, a handshake: each.
    connect_timeout INTEGER NOT NULL CHECK (connect_timeout BETWEEN 1 AND 600),
    -- Seconds to wait for the answer to a command.
    answer_timeout INTEGER NOT NULL CHECK (answer_timeout BETWEEN 1 AND 600),
    -- Seconds to wait for a whole mail and the answer behind it.
    mail_timeout INTEGER NOT NULL CHECK (mail_timeout BETWEEN 1 AND 3600),
    -- The most mails a minute; NULL for any number.
    rate INTEGER CHECK (rate BETWEEN 1 AND 100000),
    -- The most connections at once.
    connections INTEGER NOT NULL CHECK (connections BETWEEN 1 AND 20),
    -- The audit row of the last change.
    revision INTEGER NOT NULL,
    -- When it was made.
    created_at INTEGER NOT NULL,
    -- When it was last changed.
    updated_at INTEGER NOT NULL,
    CHECK ((kind = 'smtp') = (host IS NOT NULL)),
    CHECK ((kind = 'smtp') = (port IS NOT NULL)),
    CHECK ((kind = 'smtp') = (security IS NOT NULL)),
    CHECK ((kind = 'smtp') = (auth IS NOT NULL)),
    CHECK (ca_file IS NULL OR security <> 'none'),
    CHECK ((coalesce(auth, '') = 'xoauth2') = (token_command IS NOT NULL)),
    CHECK ((kind = 'file') = (folder IS NOT NULL)),
    CHECK ((kind = 'sendmail') = (command IS NOT NULL))
) STRICT;

CREATE TABLE mail_accounts (
    -- Never reused.
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    -- As typed.
    name TEXT NOT NULL CHECK (name <> ''),
    -- Folded, so that no two names differ by case alone.
    name_folded TEXT NOT NULL UNIQUE,
    -- By which server its mails leave.
    server_id INTEGER NOT NULL REFERENCES mail_servers (id),
    -- The only company whose mails it sends; NULL for any.
    company_id INTEGER REFERENCES companies (id),
    -- Whom its mails are from.
    from_address TEXT NOT NULL CHECK (instr(from_address, '@') > 1),
    -- The name beside that address.
    from_name TEXT CHECK (from_name <> ''),
    -- Where answers go, if elsewhere.
    reply_to TEXT CHECK (instr(reply_to, '@') > 1),
    -- The name it logs in with.
    user_name TEXT CHECK (user_name <> ''),
    -- The password, sealed to this row.
    password_sealed BLOB,
    -- The domain that signs its mails.
    dkim_domain TEXT CHECK (dkim_domain <> ''),
    -- Under which name that domain publishes the key.
    dkim_selector TEXT CHECK (dkim_selector <> ''),
    -- What that domain has to publish.
    dkim_record TEXT CHECK (dkim_record <> ''),
    -- The private key, sealed to this row.
    dkim_key_sealed BLOB,
    -- Whether it sends.
    active INTEGER NOT NULL CHECK (active IN (0, 1)),
    -- The audit row of the last change.
    revision INTEGER NOT NULL,
    -- When it was made.
    created_at INTEGER NOT NULL,
    -- When it was last changed.
    updated_at INTEGER NOT NULL,
    CHECK ((dkim_domain IS NULL) = (dkim_selector IS NULL)),
    CHECK ((dkim_domain IS NULL) = (dkim_record IS NULL)),
    CHECK (dkim_key_sealed IS NULL OR dkim_domain IS NOT NULL),
    CHECK (password_sealed IS NULL OR user_name IS NOT NULL)
) STRICT;

CREATE INDEX mail_accounts_by_server ON mail_accounts (server_id);
CREATE INDEX mail_accounts_by_company ON mail_accounts (company_id) WHERE company_id IS NOT NULL;

CREATE TABLE mail_routes (
    -- Never reused.
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    -- What the mails are for; NULL for whatever has no route of its own.
    feature TEXT CHECK (feature <> '' AND feature NOT GLOB '*[^a-z0-9-]*'),
    -- Whose mails; NULL for those of any company, and of none.
    company_id INTEGER REFERENCES companies (id),
    -- The account that sends them.
    account_id INTEGER NOT NULL REFERENCES mail_accounts (id),
    -- The account that sends them while the first rests.
    second_id INTEGER REFERENCES mail_accounts (id) CHECK (second_id <> account_id),
    -- The audit row of the last change.
    revision INTEGER NOT NULL,
    -- When it was made.
    created_at INTEGER NOT NULL,
    -- When it was last changed.
    updated_at INTEGER NOT NULL
) STRICT;

CREATE UNIQUE INDEX mail_routes_by_use ON mail_routes (coalesce(feature, ''), coalesce(company_id, 0));
CREATE INDEX mail_routes_by_company ON mail_routes (company_id) WHERE company_id IS NOT NULL;
CREATE INDEX mail_routes_by_account ON mail_routes (account_id);
CREATE INDEX mail_routes_by_second ON mail_routes (second_id) WHERE second_id IS NOT NULL;
