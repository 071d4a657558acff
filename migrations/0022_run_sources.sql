-- Runs that come from one thing of the store.

-- The id of what it came from, such as a connection, whatever that is called; NULL for what has none.
ALTER TABLE runs ADD COLUMN source_id INTEGER;
