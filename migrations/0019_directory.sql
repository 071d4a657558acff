-- Directories: where people are known, and who is asked whether a password is right.

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
) STRICT;

CREATE INDEX directory_connections_by_company ON directory_connections (company_id);
