-- Access: groups and what they grant, roles and what they bring, who holds what, and who may be at the shell.

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

-- Two NULLs are never equal, so the rule above does not see a grant for all companies twice.
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

-- What roles bring. A role brings its groups while it is active and holds for the person's company; a company's group
-- comes only to people of it.
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

-- Every membership in force, one row for each thing it comes from. SQLite looks for one person's rows in it only when the
-- person stands in the condition as a value; where it is another table's column, all rows are made first, so ask the two
-- halves apart.
CREATE VIEW memberships_in_force (user_id, group_id, origin, role_id) AS
SELECT m.user_id, m.group_id, m.origin, NULL
FROM memberships m
UNION ALL
SELECT b.user_id, b.group_id, 'role', b.role_id
FROM memberships_by_role b;

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
