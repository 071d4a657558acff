-- Notices: what was told already, so that it is told once.

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
