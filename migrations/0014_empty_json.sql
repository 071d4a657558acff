-- Whether nothing is JSON: SQLite answers nothing itself, and up to 3.41 it answered no, so that an older shell took every
-- empty column for damage. Each rule says what it means. The texts of the rules alone are others: what they let pass is the
-- same, and no row is written.

PRAGMA writable_schema = ON;

UPDATE sqlite_schema
SET sql = replace(sql, 'meant TEXT CHECK (json_valid(meant))', 'meant TEXT CHECK (meant IS NULL OR json_valid(meant))')
WHERE type = 'table' AND name = 'runs';

UPDATE sqlite_schema
SET sql = replace(replace(replace(sql,
    'before TEXT CHECK (json_valid(before))', 'before TEXT CHECK (before IS NULL OR json_valid(before))'),
    'after TEXT CHECK (json_valid(after))', 'after TEXT CHECK (after IS NULL OR json_valid(after))'),
    'ids TEXT CHECK (json_valid(ids))', 'ids TEXT CHECK (ids IS NULL OR json_valid(ids))')
WHERE type = 'table' AND name = 'run_changes';

UPDATE sqlite_schema
SET sql = replace(replace(sql,
    'CHECK (json_valid(token_command) AND json_type(token_command) = ''array'')',
    'CHECK (token_command IS NULL OR json_valid(token_command) AND json_type(token_command) = ''array'')'),
    'CHECK (json_valid(command) AND json_type(command) = ''array'')',
    'CHECK (command IS NULL OR json_valid(command) AND json_type(command) = ''array'')')
WHERE type = 'table' AND name = 'mail_servers';

UPDATE sqlite_schema
SET sql = replace(sql, 'facts TEXT CHECK (json_valid(facts))', 'facts TEXT CHECK (facts IS NULL OR json_valid(facts))')
WHERE type = 'table' AND name = 'mails';

PRAGMA writable_schema = RESET;

-- A change that SQLite makes itself: it tells every open connection that the schema is another.
DROP INDEX runs_by_time;

CREATE INDEX runs_by_time ON runs (created_at);
