-- The search index in the order of lists, so that a page of those who match is found without looking at all of them.

DROP TABLE users_search;

-- What the search index holds of a person.
CREATE VIEW users_searched AS
SELECT
    id,
    -- Where it stands: the first two letters of `sort_name` in 18 and 16 bits, then the id in 29. Never falls as
    -- `sort_name` rises; a first letter that 18 bits cannot hold leaves the second one out.
    (min(unicode(sort_name), 0x3FFFF) << 45)
        | (iif(unicode(sort_name) < 0x3FFFF, min(coalesce(unicode(substr(sort_name, 2, 1)), 0), 0xFFFF), 0) << 29)
        | id AS place,
    -- Two line ends, so that every one or two letters of a person begin three.
    search || char(10, 10) AS search
FROM users;

-- Serves "contains" in any script. Whoever writes a person writes here too: triggers would make SQLite flush the index at
-- every row.
CREATE VIRTUAL TABLE users_search USING fts5 (
    search,
    content = 'users_searched', content_rowid = 'place', detail = none, columnsize = 0,
    tokenize = 'trigram case_sensitive 1'
);

-- Which three letters there are.
CREATE VIRTUAL TABLE users_trigrams USING fts5vocab (users_search, instance);

INSERT INTO users_search (rowid, search) SELECT place, search FROM users_searched ORDER BY place;
