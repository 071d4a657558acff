-- Servers of mail that know something.

CREATE TABLE mail_given (
    -- The host of a server that was given a mail or a password once, folded: what it says may tell it, and is kept as its codes.
    host TEXT PRIMARY KEY CHECK (host <> '')
) STRICT, WITHOUT ROWID;

-- Of those that are there nobody knows what they were given.
INSERT INTO mail_given (host)
SELECT DISTINCT fold(host) FROM mail_servers WHERE host IS NOT NULL AND id IN (SELECT server_id FROM mail_accounts);
