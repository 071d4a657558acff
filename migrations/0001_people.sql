-- The first schema: the store's own facts, organisation, people, runs, audit, settings.
-- Times are UTC in microseconds since 1970, days are `YYYY-MM-DD`, booleans 0 or 1.

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
    failed_logins INTEGER NOT NULL DEFAULT 0,
    -- Logins are refused until then.
    held_until INTEGER,

    -- The profile: who it is. All NULL for an account without a profile.

    -- As typed.
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
    updated_at INTEGER NOT NULL,

    CHECK ((first_name IS NULL) = (last_name IS NULL)),
    CHECK (first_name IS NOT NULL OR company_id IS NULL),
    CHECK (company_id IS NOT NULL OR first_name IS NULL OR deleted_at IS NOT NULL),
    CHECK (department_id IS NULL OR company_id IS NOT NULL),
    CHECK (position_id IS NULL OR department_id IS NOT NULL),
    CHECK (start_date IS NULL OR end_date IS NULL OR start_date <= end_date)
) STRICT;

CREATE UNIQUE INDEX users_by_email ON users (email_folded) WHERE deleted_at IS NULL;
-- Lists of everybody, and of a company, walk these in order; switch and dates stand there so that counting reads no row.
-- What filters ask stands in the first one, so that a walk past those who do not match reads no row either.
CREATE INDEX users_by_name ON users (
    sort_name, id, company_id, department_id, position_id, active, start_date, end_date, staff, two_factor_required,
    profile_completed, origin, last_login_at
) WHERE deleted_at IS NULL;
CREATE INDEX users_by_company ON users (company_id, sort_name, id, active, start_date, end_date) WHERE deleted_at IS NULL;
CREATE INDEX users_by_department ON users (department_id, sort_name, id) WHERE department_id IS NOT NULL;
CREATE INDEX users_by_position ON users (position_id, sort_name, id) WHERE position_id IS NOT NULL;
CREATE INDEX users_superuser ON users (id) WHERE superuser = 1;
CREATE INDEX users_staff ON users (sort_name, id) WHERE staff = 1 AND deleted_at IS NULL;
CREATE INDEX users_without_profile ON users (sort_name, id) WHERE first_name IS NULL AND deleted_at IS NULL;
CREATE INDEX users_deleted ON users (deleted_at) WHERE deleted_at IS NOT NULL;
CREATE INDEX users_starting ON users (start_date) WHERE start_date IS NOT NULL AND deleted_at IS NULL;
CREATE INDEX users_ending ON users (end_date) WHERE end_date IS NOT NULL AND deleted_at IS NULL;

-- Serves "contains" for three and more characters of any script. Whoever writes a person writes here too: triggers would
-- make SQLite flush the index at every row.
CREATE VIRTUAL TABLE users_search USING fts5 (
    search,
    content = 'users', content_rowid = 'id', detail = none, columnsize = 0, tokenize = 'trigram case_sensitive 1'
);

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
