-- What was done: runs with their inverse, and the audit chain.

CREATE TABLE runs (
    -- Ten random characters.
    id TEXT NOT NULL PRIMARY KEY,
    -- What made it, such as `user.import`.
    kind TEXT NOT NULL,
    -- What it came from: a file's name, the filters of a bulk verb.
    source TEXT NOT NULL,
    -- `held` by the brake, or how far it went.
    state TEXT NOT NULL CHECK (state IN ('held', 'applied', 'undone', 'partly_undone')),
    -- Who ran it.
    actor TEXT NOT NULL,
    -- Counts by action, as a plan prints them.
    summary TEXT NOT NULL CHECK (json_valid(summary)),
    -- Why the brake held it.
    held_because TEXT,
    -- The given reason.
    reason TEXT,
    -- The audit row of the first change; the others follow in the order of `run_changes.seq`, one each.
    first_audit_seq INTEGER,
    -- When it was planned.
    created_at INTEGER NOT NULL,
    -- When its state last changed.
    updated_at INTEGER NOT NULL
) STRICT;

CREATE INDEX runs_by_time ON runs (created_at);

CREATE TABLE run_changes (
    -- The run.
    run_id TEXT NOT NULL REFERENCES runs (id) ON DELETE CASCADE,
    -- The order of planning and applying.
    seq INTEGER NOT NULL,
    -- `create`, `update`, `deactivate`, `delete`, ….
    action TEXT NOT NULL,
    -- `user`, `company`, `department`, `position`.
    kind TEXT NOT NULL,
    -- The name people use.
    subject TEXT NOT NULL,
    -- The row's id; NULL for what the run creates, whose id stands in the audit.
    subject_id INTEGER,
    -- The changed fields as they were: the inverse. Holds no secrets.
    before TEXT,
    -- The changed fields as they become.
    after TEXT,
    -- Why the plan changes it.
    reason TEXT,
    -- An imported password hash, sealed to this row until it is applied.
    sealed BLOB,
    -- Why undo had to leave it as it is.
    undo_refused TEXT,
    PRIMARY KEY (run_id, seq)
) STRICT, WITHOUT ROWID;

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
) STRICT;

CREATE INDEX audit_by_subject ON audit (kind, subject_id);
CREATE INDEX audit_by_time ON audit (at);
CREATE INDEX audit_by_run ON audit (run_id) WHERE run_id IS NOT NULL;

CREATE TRIGGER audit_is_append_only_update BEFORE UPDATE ON audit BEGIN
    SELECT RAISE(ABORT, 'the audit is append-only');
END;
CREATE TRIGGER audit_is_append_only_delete BEFORE DELETE ON audit BEGIN
    SELECT RAISE(ABORT, 'the audit is append-only');
END;
