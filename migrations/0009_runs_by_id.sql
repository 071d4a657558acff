-- Runs that can be ended while they are held, and that keep what the names in their changes mean.

ALTER TABLE run_changes RENAME TO old_run_changes;

ALTER TABLE runs RENAME TO old_runs;

DROP INDEX runs_by_time;

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
    meant TEXT CHECK (json_valid(meant)),
    -- The given reason.
    reason TEXT,
    -- The audit row of the first change; the others follow in the order of `run_changes.seq`, one each.
    first_audit_seq INTEGER,
    -- When it was planned.
    created_at INTEGER NOT NULL,
    -- When its state last changed.
    updated_at INTEGER NOT NULL
) STRICT;

INSERT INTO runs (id, kind, source, state, actor, actor_id, summary, held_because, reason, first_audit_seq, created_at,
    updated_at)
SELECT id, kind, source, state, actor, actor_id, summary, held_because, reason, first_audit_seq, created_at, updated_at
FROM old_runs
ORDER BY rowid;

CREATE INDEX runs_by_time ON runs (created_at);

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
    before TEXT CHECK (json_valid(before)),
    -- The changed fields as they become.
    after TEXT CHECK (json_valid(after)),
    -- The ids behind the names in those fields; NULL where there are none, and for runs from before this.
    ids TEXT CHECK (json_valid(ids)),
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

INSERT INTO run_changes (run_id, seq, action, kind, subject, subject_id, before, after, reason, sealed, undo_refused)
SELECT run_id, seq, action, kind, subject, subject_id, before, after, reason, sealed, undo_refused
FROM old_run_changes;

DROP TABLE old_run_changes;

DROP TABLE old_runs;
