-- The last row of the audit is known by the key, so that none is cut off the end.

ALTER TABLE audit_keys ADD COLUMN head -- HMAC-SHA-256 of the hash of the last row, with the key of the audit, as a head and not as a row; NULL until the first row after this.
    BLOB CHECK (length(head) = 32);
