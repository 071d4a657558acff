-- made by `cargo run -- generate .`; do not edit

CREATE TABLE store_info (
    -- What the fact is: `key_fingerprint`.
    name TEXT NOT NULL PRIMARY KEY,
    -- Its value.
    value TEXT NOT NULL
) STRICT;

CREATE TABLE settings (
    -- The setting, as `setting list` names it.
    name TEXT NOT NULL PRIMARY KEY,
    -- The value as typed and accepted; settings at their default have no row.
    value TEXT NOT NULL,
    -- When it was first set.
    created_at INTEGER NOT NULL,
    -- When it was last changed.
    updated_at INTEGER NOT NULL
) STRICT;

CREATE TABLE companies (
    -- Never reused.
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    -- As typed.
    name TEXT NOT NULL CHECK (name <> ''),
    -- Folded, so that no two names differ by case alone.
    name_folded TEXT NOT NULL UNIQUE,
    -- For file names and addresses.
    slug TEXT NOT NULL UNIQUE,
    -- Free text.
    note TEXT,
    -- The audit row of the last change.
    revision INTEGER NOT NULL,
    -- When it was made.
    created_at INTEGER NOT NULL,
    -- When it was last changed.
    updated_at INTEGER NOT NULL
) STRICT;

CREATE TABLE departments (
    -- Never reused.
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    -- Whose it is.
    company_id INTEGER NOT NULL REFERENCES companies (id),
    -- As typed.
    name TEXT NOT NULL CHECK (name <> ''),
    -- Folded; unique in the company.
    name_folded TEXT NOT NULL,
    -- The department above, if it hangs under one.
    parent_department_id INTEGER REFERENCES departments (id),
    -- The position above, if it hangs under one.
    parent_position_id INTEGER REFERENCES positions (id),
    -- `#rrggbb`, for the chart.
    color TEXT CHECK (color GLOB '#[0-9a-f][0-9a-f][0-9a-f][0-9a-f][0-9a-f][0-9a-f]'),
    -- Free text.
    note TEXT,
    -- The audit row of the last change.
    revision INTEGER NOT NULL,
    -- When it was made.
    created_at INTEGER NOT NULL,
    -- When it was last changed.
    updated_at INTEGER NOT NULL,
    UNIQUE (company_id, name_folded),
    CHECK (parent_department_id IS NULL OR parent_position_id IS NULL)
) STRICT;

CREATE INDEX departments_by_parent_department ON departments (parent_department_id)
    WHERE parent_department_id IS NOT NULL;

CREATE INDEX departments_by_parent_position ON departments (parent_position_id)
    WHERE parent_position_id IS NOT NULL;

CREATE TABLE positions (
    -- Never reused.
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    -- Whose it is.
    company_id INTEGER NOT NULL REFERENCES companies (id),
    -- The department it belongs to, also when it hangs under another position of it.
    department_id INTEGER NOT NULL REFERENCES departments (id),
    -- The position above, if it hangs under one.
    parent_position_id INTEGER REFERENCES positions (id),
    -- As typed.
    name TEXT NOT NULL CHECK (name <> ''),
    -- Folded; unique in the department.
    name_folded TEXT NOT NULL,
    -- `#rrggbb`, for the chart.
    color TEXT CHECK (color GLOB '#[0-9a-f][0-9a-f][0-9a-f][0-9a-f][0-9a-f][0-9a-f]'),
    -- Free text.
    note TEXT,
    -- The audit row of the last change.
    revision INTEGER NOT NULL,
    -- When it was made.
    created_at INTEGER NOT NULL,
    -- When it was last changed.
    updated_at INTEGER NOT NULL,
    UNIQUE (department_id, name_folded)
) STRICT;

CREATE INDEX positions_by_company ON positions (company_id);

CREATE INDEX positions_by_parent ON positions (parent_position_id) WHERE parent_position_id IS NOT NULL;

CREATE TABLE users (
    -- Never reused.
    id INTEGER PRIMARY KEY AUTOINCREMENT,

    -- The account: who logs in.

    -- As typed; the login name.
    email TEXT NOT NULL CHECK (email <> ''),
    -- Folded; unique over the people not in the bin.
    email_folded TEXT NOT NULL,
    -- A PHC string of ours, or a hash Django wrote; NULL when no password was ever set.
    password_hash TEXT,
    -- When the password was last set.
    password_changed_at INTEGER,
    -- The next login leads to the change page.
    must_change_password INTEGER NOT NULL DEFAULT 0 CHECK (must_change_password IN (0, 1)),
    -- The administrator's switch.
    active INTEGER NOT NULL CHECK (active IN (0, 1)),
    -- May be an operator at the shell.
    staff INTEGER NOT NULL DEFAULT 0 CHECK (staff IN (0, 1)),
    -- Bypasses every check.
    superuser INTEGER NOT NULL DEFAULT 0 CHECK (superuser IN (0, 1)),
    -- The administrator requires a second factor.
    two_factor_required INTEGER NOT NULL DEFAULT 0 CHECK (two_factor_required IN (0, 1)),
    -- `local`, or `directory` for an account that a directory manages.
    origin TEXT NOT NULL DEFAULT 'local' CHECK (origin IN ('local', 'directory')),
    -- The last complete login.
    last_login_at INTEGER,
    -- Failed logins in a row.
    first_name TEXT,
    -- As typed.
    last_name TEXT,
    -- Whose person it is; NULL in the bin once the company is gone.
    company_id INTEGER REFERENCES companies (id),
    -- A department of the company.
    department_id INTEGER REFERENCES departments (id),
    -- A position under the department.
    position_id INTEGER REFERENCES positions (id),
    -- E.164.
    phone TEXT,
    -- `#rrggbb`, for lists and workbooks.
    color TEXT CHECK (color GLOB '#[0-9a-f][0-9a-f][0-9a-f][0-9a-f][0-9a-f][0-9a-f]'),
    -- The first day login is allowed; NULL is open.
    start_date TEXT CHECK (start_date GLOB '[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]'),
    -- The last day login is allowed; NULL is open.
    end_date TEXT CHECK (end_date GLOB '[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]'),
    -- A BCP 47 tag, for pages and mails.
    language TEXT,
    -- The person has looked through the own profile after the first login.
    profile_completed INTEGER NOT NULL DEFAULT 0 CHECK (profile_completed IN (0, 1)),

    -- What last and first name, or else the email, are sorted by: the order of lists.
    sort_name TEXT NOT NULL,
    -- Folded names, email, digits of the phone: what a search looks in.
    search TEXT NOT NULL,
    -- The bin: when it was deleted.
    deleted_at INTEGER,
    -- The audit row of the last change by an administrator or the person.
    revision INTEGER NOT NULL,
    -- When it was made.
    created_at INTEGER NOT NULL,
    -- When it was last changed.
    updated_at INTEGER NOT NULL, disowned_at INTEGER, two_factor_grace_until INTEGER, directory_id INTEGER REFERENCES directory_connections (id), directory_guid BLOB CHECK (directory_guid IS NULL OR length(directory_guid) = 16), directory_disabled INTEGER NOT NULL DEFAULT 0 CHECK (directory_disabled IN (0, 1)), directory_expires_at INTEGER, directory_missing_since INTEGER, directory_seen_at INTEGER, directory_closed_from INTEGER AS (
    CASE WHEN directory_disabled = 1 OR directory_missing_since IS NOT NULL THEN 0 ELSE directory_expires_at END
) VIRTUAL,

    CHECK ((first_name IS NULL) = (last_name IS NULL)),
    CHECK (first_name IS NOT NULL OR company_id IS NULL),
    CHECK (company_id IS NOT NULL OR first_name IS NULL OR deleted_at IS NOT NULL),
    CHECK (department_id IS NULL OR company_id IS NOT NULL),
    CHECK (position_id IS NULL OR department_id IS NOT NULL),
    CHECK (start_date IS NULL OR end_date IS NULL OR start_date <= end_date)
) STRICT;

CREATE UNIQUE INDEX users_by_email ON users (email_folded) WHERE deleted_at IS NULL;

CREATE INDEX users_by_department ON users (department_id, sort_name, id) WHERE department_id IS NOT NULL;

CREATE INDEX users_by_position ON users (position_id, sort_name, id) WHERE position_id IS NOT NULL;

CREATE INDEX users_superuser ON users (id) WHERE superuser = 1;

CREATE INDEX users_staff ON users (sort_name, id) WHERE staff = 1 AND deleted_at IS NULL;

CREATE INDEX users_without_profile ON users (sort_name, id) WHERE first_name IS NULL AND deleted_at IS NULL;

CREATE INDEX users_deleted ON users (deleted_at) WHERE deleted_at IS NOT NULL;

CREATE INDEX users_starting ON users (start_date) WHERE start_date IS NOT NULL AND deleted_at IS NULL;

CREATE INDEX users_ending ON users (end_date) WHERE end_date IS NOT NULL AND deleted_at IS NULL;

CREATE TABLE photos (
    -- Whose photo it is.
    user_id INTEGER PRIMARY KEY REFERENCES users (id) ON DELETE CASCADE,
    -- `image/jpeg` or `image/png`.
    media_type TEXT NOT NULL CHECK (media_type IN ('image/jpeg', 'image/png')),
    -- Pixels across.
    width INTEGER NOT NULL,
    -- Pixels down.
    height INTEGER NOT NULL,
    -- Re-encoded, without metadata.
    image BLOB NOT NULL,
    -- When it was first set.
    created_at INTEGER NOT NULL,
    -- When it was last replaced.
    updated_at INTEGER NOT NULL
) STRICT;

CREATE TABLE audit (
    -- The place in the chain.
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    -- When.
    at INTEGER NOT NULL,
    -- Who: `system`, or the email of an account.
    actor TEXT NOT NULL,
    -- The shell user who ran the command.
    shell_user TEXT,
    -- `cli`, `web`, `directory`, `system`.
    via TEXT NOT NULL CHECK (via IN ('cli', 'web', 'directory', 'system')),
    -- What happened, such as `user.create`.
    action TEXT NOT NULL,
    -- `user`, `company`, ….
    kind TEXT NOT NULL,
    -- The row's id in its table.
    subject_id INTEGER,
    -- The name people used then.
    subject TEXT NOT NULL,
    -- The changed fields as they were, as a JSON object. Holds no secrets.
    before TEXT,
    -- The changed fields as they became.
    after TEXT,
    -- The given reason.
    reason TEXT,
    -- The run it belongs to.
    run_id TEXT,
    -- SHA-256 over the previous row's hash and this row's fields.
    hash BLOB NOT NULL CHECK (length(hash) = 32)
, actor_id -- The account that acted; none for the system actor, and in rows from before this.
    INTEGER, client -- The address that a change by web came from.
    TEXT, keyed -- HMAC-SHA-256 of the hash, with the key of the audit; none in rows from before this, which may hold anything.
    BLOB CHECK (keyed IS NULL OR length(keyed) = 32
        AND (before IS NULL OR json_valid(before) AND json_type(before) = 'object')
        AND (after IS NULL OR json_valid(after) AND json_type(after) = 'object'))) STRICT;

CREATE INDEX audit_by_subject ON audit (kind, subject_id);

CREATE INDEX audit_by_time ON audit (at);

CREATE INDEX audit_by_run ON audit (run_id) WHERE run_id IS NOT NULL;

CREATE TRIGGER audit_is_append_only_update BEFORE UPDATE ON audit BEGIN
    SELECT RAISE(ABORT, 'the audit is append-only');
END;

CREATE TRIGGER audit_is_append_only_delete BEFORE DELETE ON audit BEGIN
    SELECT RAISE(ABORT, 'the audit is append-only');
END;

CREATE TABLE groups (
    -- Never reused.
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    -- As typed. No `@`: it stands between name and company where a group is named.
    name TEXT NOT NULL CHECK (name <> '' AND instr(name, '@') = 0),
    -- Folded; unique among the groups of one company, and among those of none.
    name_folded TEXT NOT NULL,
    -- The only company whose people it takes, and for which its grants count; NULL for all.
    company_id INTEGER REFERENCES companies (id),
    -- Free text.
    description TEXT,
    -- `#rrggbb`, for lists.
    color TEXT CHECK (color GLOB '#[0-9a-f][0-9a-f][0-9a-f][0-9a-f][0-9a-f][0-9a-f]'),
    -- An operator may give and take it without holding its grants.
    assignable INTEGER NOT NULL DEFAULT 0 CHECK (assignable IN (0, 1)),
    -- The audit row of the last change.
    revision INTEGER NOT NULL,
    -- When it was made.
    created_at INTEGER NOT NULL,
    -- When it was last changed.
    updated_at INTEGER NOT NULL
) STRICT;

CREATE UNIQUE INDEX groups_by_name ON groups (name_folded, coalesce(company_id, 0));

CREATE INDEX groups_by_company ON groups (company_id) WHERE company_id IS NOT NULL;

CREATE TABLE grants (
    -- Who gets it.
    group_id INTEGER NOT NULL REFERENCES groups (id) ON DELETE CASCADE,
    -- `module.action`, as the catalogue has it; text, so that a new permission needs no migration.
    permission TEXT NOT NULL CHECK (instr(permission, '.') > 1),
    -- For this company; NULL for all.
    company_id INTEGER REFERENCES companies (id),
    -- When it was granted.
    created_at INTEGER NOT NULL,
    UNIQUE (group_id, permission, company_id)
) STRICT;

CREATE UNIQUE INDEX grants_for_all ON grants (group_id, permission) WHERE company_id IS NULL;

CREATE INDEX grants_by_permission ON grants (permission, group_id, company_id);

CREATE INDEX grants_by_company ON grants (company_id) WHERE company_id IS NOT NULL;

CREATE TABLE memberships (
    -- Who.
    user_id INTEGER NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    -- Of which group.
    group_id INTEGER NOT NULL REFERENCES groups (id),
    -- `manual`, or `directory:` and the connection. What roles bring is worked out, never stored.
    origin TEXT NOT NULL DEFAULT 'manual' CHECK (origin = 'manual' OR origin LIKE 'directory:_%'),
    -- Since when.
    created_at INTEGER NOT NULL,
    PRIMARY KEY (user_id, group_id, origin)
) STRICT, WITHOUT ROWID;

CREATE INDEX memberships_by_group ON memberships (group_id, user_id);

CREATE TABLE roles (
    -- Never reused.
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    -- As typed.
    name TEXT NOT NULL CHECK (name <> ''),
    -- Folded, so that no two names differ by case alone.
    name_folded TEXT NOT NULL UNIQUE,
    -- How scripts name it.
    slug TEXT NOT NULL UNIQUE CHECK (slug <> ''),
    -- Free text.
    description TEXT,
    -- `#rrggbb`, of its badge.
    color TEXT CHECK (color GLOB '#[0-9a-f][0-9a-f][0-9a-f][0-9a-f][0-9a-f][0-9a-f]'),
    -- The place in lists; equal ones go by name.
    sort_order INTEGER NOT NULL DEFAULT 0,
    -- An inactive role is not offered and brings nothing.
    active INTEGER NOT NULL DEFAULT 1 CHECK (active IN (0, 1)),
    -- The sections and widgets of its dashboard as JSON; NULL for those every role begins with.
    dashboard TEXT CHECK (dashboard IS NULL OR json_valid(dashboard)),
    -- The audit row of the last change.
    revision INTEGER NOT NULL,
    -- When it was made.
    created_at INTEGER NOT NULL,
    -- When it was last changed.
    updated_at INTEGER NOT NULL
) STRICT;

CREATE TABLE role_companies (
    -- Which role.
    role_id INTEGER NOT NULL REFERENCES roles (id) ON DELETE CASCADE,
    -- A company whose people may hold it; a role without any is for all.
    company_id INTEGER NOT NULL REFERENCES companies (id),
    PRIMARY KEY (role_id, company_id)
) STRICT, WITHOUT ROWID;

CREATE INDEX role_companies_by_company ON role_companies (company_id);

CREATE TABLE role_groups (
    -- Which role.
    role_id INTEGER NOT NULL REFERENCES roles (id) ON DELETE CASCADE,
    -- A group it brings to who holds it.
    group_id INTEGER NOT NULL REFERENCES groups (id),
    PRIMARY KEY (role_id, group_id)
) STRICT, WITHOUT ROWID;

CREATE INDEX role_groups_by_group ON role_groups (group_id);

CREATE TABLE role_modules (
    -- Which role.
    role_id INTEGER NOT NULL REFERENCES roles (id) ON DELETE CASCADE,
    -- A module of the catalogue whose widgets its dashboard may show; a role without any may show all.
    module TEXT NOT NULL,
    PRIMARY KEY (role_id, module)
) STRICT, WITHOUT ROWID;

CREATE TABLE user_roles (
    -- Who.
    user_id INTEGER NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    -- Holds which role.
    role_id INTEGER NOT NULL REFERENCES roles (id),
    -- Whether its groups come with it.
    apply_groups INTEGER NOT NULL DEFAULT 1 CHECK (apply_groups IN (0, 1)),
    -- Since when.
    created_at INTEGER NOT NULL,
    PRIMARY KEY (user_id, role_id)
) STRICT, WITHOUT ROWID;

CREATE INDEX user_roles_by_role ON user_roles (role_id, user_id, apply_groups);

CREATE VIEW memberships_by_role (user_id, group_id, role_id) AS
SELECT h.user_id, b.group_id, h.role_id
FROM user_roles h
JOIN users u ON u.id = h.user_id
JOIN roles r ON r.id = h.role_id
JOIN role_groups b ON b.role_id = h.role_id
JOIN groups g ON g.id = b.group_id
WHERE h.apply_groups = 1
    AND r.active = 1
    AND (g.company_id IS NULL OR g.company_id = u.company_id)
    AND (NOT EXISTS (SELECT 1 FROM role_companies c WHERE c.role_id = h.role_id)
        OR EXISTS (SELECT 1 FROM role_companies c WHERE c.role_id = h.role_id AND c.company_id = u.company_id));

CREATE TABLE operators (
    -- The user of the system who runs secboard through sudo, doas or pkexec.
    uid INTEGER PRIMARY KEY,
    -- The name that user had when mapped, for lists.
    shell_user TEXT NOT NULL CHECK (shell_user <> ''),
    -- Whose permissions decide.
    user_id INTEGER NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    -- The audit row of the last change.
    revision INTEGER NOT NULL,
    -- When it was mapped.
    created_at INTEGER NOT NULL,
    -- When it was last changed.
    updated_at INTEGER NOT NULL
) STRICT;

CREATE INDEX operators_by_user ON operators (user_id);

CREATE VIEW users_searched AS
SELECT
    id,
    -- Where it stands: the first two letters of `sort_name` in 18 and 16 bits, then the id in 29. Never falls as
    -- `sort_name` rises; a first letter that 18 bits cannot hold leaves the second one out.
    (min(unicode(sort_name), 0x3FFFF) << 45)
        | (iif(unicode(sort_name) < 0x3FFFF, min(coalesce(unicode(substr(sort_name, 2, 1)), 0), 0xFFFF), 0) << 29)
        | id AS place,
    -- Two line ends, so that every one or two letters of a person begin three.
    search || char(10, 10) AS search
FROM users;

CREATE VIRTUAL TABLE users_search USING fts5 (
    search,
    content = 'users_searched', content_rowid = 'place', detail = none, columnsize = 0,
    tokenize = 'trigram case_sensitive 1'
);

CREATE VIRTUAL TABLE users_trigrams USING fts5vocab (users_search, instance);

CREATE TABLE audit_keys (
    -- There is one.
    id INTEGER PRIMARY KEY CHECK (id = 1),
    -- The key of the audit and the number of the first row that has a keyed hash, sealed to this row.
    sealed BLOB NOT NULL,
    -- When it was made.
    created_at INTEGER NOT NULL
, head -- HMAC-SHA-256 of the hash of the last row, with the key of the audit, as a head and not as a row; NULL until the first row after this.
    BLOB CHECK (length(head) = 32)) STRICT;

CREATE TABLE runs (
    -- Ten random characters.
    id TEXT NOT NULL PRIMARY KEY,
    -- What made it, such as `user.import`.
    kind TEXT NOT NULL,
    -- What it came from: a file's name, the filters of a bulk verb.
    source TEXT NOT NULL,
    -- `held` by the brake, how far it went, or how it ended while it was held.
    state TEXT NOT NULL CHECK (state IN ('held', 'applied', 'undone', 'partly_undone', 'discarded', 'superseded')),
    -- Who ran it.
    actor TEXT NOT NULL,
    -- The account that ran it; none for the system actor, and for the first runs there were.
    actor_id INTEGER,
    -- Counts by kind and action, as a plan prints them.
    summary TEXT NOT NULL CHECK (json_valid(summary)),
    -- Why the brake held it.
    held_because TEXT,
    -- Who was meant, by a filter of ids: asked again for each change when it is released.
    meant TEXT CHECK (meant IS NULL OR json_valid(meant)),
    -- The given reason.
    reason TEXT,
    -- The audit row of the first change; the others follow in the order of `run_changes.seq`, one each.
    first_audit_seq INTEGER,
    -- When it was planned.
    created_at INTEGER NOT NULL,
    -- When its state last changed.
    updated_at INTEGER NOT NULL
, source_id INTEGER) STRICT;

CREATE TABLE run_changes (
    -- The run.
    run_id TEXT NOT NULL REFERENCES runs (id) ON DELETE CASCADE,
    -- The order of planning and applying.
    seq INTEGER NOT NULL,
    -- What it does to its subject.
    action TEXT NOT NULL CHECK (action IN ('create', 'update', 'deactivate', 'delete')),
    -- `user`, `company`, `department`, `position`, `group`, `role`.
    kind TEXT NOT NULL,
    -- The name people use.
    subject TEXT NOT NULL,
    -- The row's id; NULL for what the run creates, whose id stands in the audit.
    subject_id INTEGER,
    -- The changed fields as they were: the inverse. Holds no secrets.
    before TEXT CHECK (before IS NULL OR json_valid(before)),
    -- The changed fields as they become.
    after TEXT CHECK (after IS NULL OR json_valid(after)),
    -- The ids behind the names in those fields; NULL where there are none, and for runs from before this.
    ids TEXT CHECK (ids IS NULL OR json_valid(ids)),
    -- Why the plan changes it.
    reason TEXT,
    -- An imported password hash, sealed to this row until it is applied.
    sealed BLOB,
    -- Why it was left out when the run was applied.
    left_out TEXT,
    -- Why undo had to leave it as it is.
    undo_refused TEXT,
    PRIMARY KEY (run_id, seq)
) STRICT, WITHOUT ROWID;

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
    token_command TEXT CHECK (token_command IS NULL OR json_valid(token_command) AND json_type(token_command) = 'array'),
    -- The full path of the folder.
    folder TEXT CHECK (folder LIKE '/%'),
    -- The program that takes mails as sendmail does, and its arguments: a JSON array of texts.
    command TEXT CHECK (command IS NULL OR json_valid(command) AND json_type(command) = 'array'),
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
    facts TEXT CHECK (facts IS NULL OR json_valid(facts)),
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

CREATE TRIGGER mail_accounts_changed AFTER UPDATE ON mail_accounts BEGIN
    DELETE FROM mail_rests WHERE account_id = NEW.id;
END;

CREATE TRIGGER mail_servers_changed AFTER UPDATE ON mail_servers BEGIN
    DELETE FROM mail_rests WHERE account_id IN (SELECT id FROM mail_accounts WHERE server_id = NEW.id);
    DELETE FROM mail_sizes WHERE server_id = NEW.id;
END;

CREATE TABLE end_reminders (
    -- Whose account ends.
    user_id INTEGER NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    -- The last day of which they were reminded.
    end_date TEXT NOT NULL CHECK (end_date GLOB '[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]'),
    -- How many days before it that was due.
    days INTEGER NOT NULL CHECK (days IN (1, 7, 30)),
    PRIMARY KEY (user_id, end_date, days)
) STRICT, WITHOUT ROWID;

CREATE INDEX end_reminders_by_day ON end_reminders (end_date);

CREATE TABLE alerts (
    -- What administrators were told of.
    cause TEXT NOT NULL PRIMARY KEY CHECK (cause <> ''),
    -- When they were told of it last.
    told_at INTEGER NOT NULL,
    -- The id of the last mail that told it.
    mail TEXT NOT NULL CHECK (mail <> '')
) STRICT, WITHOUT ROWID;

CREATE INDEX runs_by_time ON runs (created_at);

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
, factor_at INTEGER, told_at INTEGER) STRICT;

CREATE INDEX sessions_by_user ON sessions (user_id) WHERE ended_at IS NULL;

CREATE INDEX sessions_by_use ON sessions (seen_at);

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

CREATE TABLE control_words (
    -- Whose: the word that people of the company type, beside their email, to be sent a link for their first login.
    company_id INTEGER PRIMARY KEY REFERENCES companies (id) ON DELETE CASCADE,
    -- Its Argon2id hash.
    hash TEXT NOT NULL CHECK (hash <> ''),
    -- When it was set.
    set_at INTEGER NOT NULL
) STRICT;

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

CREATE INDEX sessions_unfinished ON sessions (created_at) WHERE complete = 0 AND factor_at IS NULL AND told_at IS NULL;

CREATE TABLE directory_connections (
    -- Never reused.
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    -- As typed.
    name TEXT NOT NULL CHECK (name <> ''),
    -- Folded, so that no two names differ by case alone.
    name_folded TEXT NOT NULL UNIQUE,
    -- Whose people it knows.
    company_id INTEGER NOT NULL REFERENCES companies (id),
    -- Whether it is asked.
    active INTEGER NOT NULL CHECK (active IN (0, 1)),
    -- Its servers in the order in which they are asked: a JSON array of `ldaps://…` (TLS) and `ldap://…` (StartTLS).
    servers TEXT NOT NULL CHECK (json_valid(servers) AND json_type(servers) = 'array' AND json_array_length(servers) > 0),
    -- Whether `ldap://…` is asked in plain, for everybody on the way to read.
    insecure INTEGER NOT NULL CHECK (insecure IN (0, 1)),
    -- The full path of the authorities that are trusted, in PEM; NULL for those of the system.
    ca_file TEXT CHECK (ca_file LIKE '/%'),
    -- The name that certificates must have, where it is not that of the server.
    certificate_name TEXT CHECK (certificate_name <> ''),
    -- Who reads: a distinguished name, or what the directory takes for one.
    bind_dn TEXT NOT NULL CHECK (bind_dn <> ''),
    -- The password of who reads, sealed to this row.
    password_sealed BLOB,
    -- The entry of the domain.
    base_dn TEXT NOT NULL CHECK (base_dn <> ''),
    -- The entry below which people are; NULL for that of the domain.
    search_base TEXT CHECK (search_base <> ''),
    -- Which entries are people: a filter of LDAP.
    filter TEXT NOT NULL CHECK (filter LIKE '(%)'),
    -- How far below they are.
    scope TEXT NOT NULL CHECK (scope IN ('subtree', 'onelevel')),
    -- How many entries are asked for at once.
    page_size INTEGER NOT NULL CHECK (page_size BETWEEN 1 AND 1000),
    -- Which attributes say what, where they are not the usual ones: a JSON object, with null for what is not read.
    map TEXT NOT NULL CHECK (json_valid(map) AND json_type(map) = 'object'),
    -- The domains of emails whose owners it knows: a JSON array of texts.
    login_domains TEXT NOT NULL CHECK (json_valid(login_domains) AND json_type(login_domains) = 'array'),
    -- Seconds to wait for a name, a connection, a handshake: each.
    connect_timeout INTEGER NOT NULL CHECK (connect_timeout BETWEEN 1 AND 600),
    -- Seconds to wait for an answer, or a page of them.
    answer_timeout INTEGER NOT NULL CHECK (answer_timeout BETWEEN 1 AND 600),
    -- The audit row of the last change.
    revision INTEGER NOT NULL,
    -- When it was made.
    created_at INTEGER NOT NULL,
    -- When it was last changed.
    updated_at INTEGER NOT NULL
, creates INTEGER NOT NULL DEFAULT 1 CHECK (creates IN (0, 1)), group_sync TEXT NOT NULL DEFAULT 'off'
    CHECK (group_sync IN ('off', 'additive', 'mirror')), departments TEXT NOT NULL DEFAULT 'match'
    CHECK (departments IN ('match', 'create', 'ignore')), positions TEXT NOT NULL DEFAULT 'match'
    CHECK (positions IN ('match', 'create', 'ignore')), leavers TEXT NOT NULL DEFAULT 'deactivate'
    CHECK (leavers IN ('deactivate', 'ignore')), leaver_runs INTEGER NOT NULL DEFAULT 2 CHECK (leaver_runs BETWEEN 1 AND 100), brake_people INTEGER CHECK (brake_people BETWEEN 0 AND 1000000), brake_percent INTEGER CHECK (brake_percent BETWEEN 0 AND 100)) STRICT;

CREATE INDEX directory_connections_by_company ON directory_connections (company_id);

CREATE UNIQUE INDEX users_by_guid ON users (directory_id, directory_guid) WHERE directory_id IS NOT NULL;

CREATE INDEX users_by_name ON users (
    sort_name, id, company_id, department_id, position_id, active, start_date, end_date, staff, two_factor_required,
    profile_completed, origin, last_login_at, directory_closed_from
) WHERE deleted_at IS NULL;

CREATE INDEX users_by_company ON users (
    company_id, sort_name, id, active, start_date, end_date, directory_closed_from
) WHERE deleted_at IS NULL;

CREATE VIEW memberships_named (user_id, group_id, origin) AS
SELECT
    m.user_id, m.group_id,
    CASE m.origin
        WHEN 'manual' THEN m.origin
        ELSE coalesce(
            (SELECT 'directory:' || c.name FROM directory_connections c WHERE c.id = CAST(substr(m.origin, 11) AS INTEGER)),
            m.origin
        )
    END
FROM memberships m;

CREATE VIEW memberships_in_force (user_id, group_id, origin, role_id) AS
SELECT m.user_id, m.group_id, m.origin, NULL
FROM memberships_named m
UNION ALL
SELECT b.user_id, b.group_id, 'role', b.role_id
FROM memberships_by_role b;

CREATE TABLE directory_tries (
    -- The order of the tries.
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    -- Which directory was asked.
    connection_id INTEGER NOT NULL REFERENCES directory_connections (id) ON DELETE CASCADE,
    -- Whose password was tried: the name of the entry.
    dn TEXT NOT NULL CHECK (dn <> ''),
    -- When it was sent.
    tried_at INTEGER NOT NULL
) STRICT;

CREATE INDEX directory_tries_by_entry ON directory_tries (connection_id, dn, tried_at);

CREATE TABLE directory_quarantine (
    -- In the order in which they were read.
    id INTEGER PRIMARY KEY,
    -- Of which connection.
    connection_id INTEGER NOT NULL REFERENCES directory_connections (id) ON DELETE CASCADE,
    -- The name of the entry there.
    dn TEXT NOT NULL,
    -- Which entry it stays; NULL where nothing says that.
    guid BLOB CHECK (guid IS NULL OR length(guid) = 16),
    -- The email; NULL where there is none.
    email TEXT,
    -- Why, as programs read it.
    code TEXT NOT NULL CHECK (code <> ''),
    -- Why, in words.
    words TEXT NOT NULL,
    -- Since when it is kept aside for that.
    found_at INTEGER NOT NULL
) STRICT;

CREATE INDEX directory_quarantine_by_connection ON directory_quarantine (connection_id, id);

CREATE TABLE directory_absences (
    -- Who.
    user_id INTEGER PRIMARY KEY REFERENCES users (id) ON DELETE CASCADE,
    -- How many reads in a row.
    runs INTEGER NOT NULL CHECK (runs > 0)
) STRICT;

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

CREATE TABLE "throttle_counters" (
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

CREATE INDEX throttle_counters_by_user ON throttle_counters (user_id) WHERE user_id IS NOT NULL;

CREATE INDEX throttle_counters_by_end ON throttle_counters (expires_at);

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

CREATE TABLE mail_given (
    -- The host of a server that was given a mail or a password once, folded: what it says may tell it, and is kept as its codes.
    host TEXT PRIMARY KEY CHECK (host <> '')
) STRICT, WITHOUT ROWID;

CREATE TABLE directory_syncs (
    -- Of which connection.
    connection_id INTEGER PRIMARY KEY REFERENCES directory_connections (id) ON DELETE CASCADE,
    -- When the last sync began, whatever came of it.
    begun_at INTEGER NOT NULL,
    -- Since when every sync has failed; NULL where the last one did not.
    failing_since INTEGER
) STRICT;
