-- Names and addresses are compared without any character that nobody sees, and an international domain by its own letters:
-- `bücher.example` and `xn--bcher-kva.example` are one. Every key is made anew; `fold`, `email_key`, `search_text` and
-- `sort_key` are functions of the program, which has looked first whether two would become one.

UPDATE companies SET name_folded = fold(name) WHERE name_folded <> fold(name);
UPDATE departments SET name_folded = fold(name) WHERE name_folded <> fold(name);
UPDATE positions SET name_folded = fold(name) WHERE name_folded <> fold(name);
UPDATE groups SET name_folded = fold(name) WHERE name_folded <> fold(name);
UPDATE roles SET name_folded = fold(name) WHERE name_folded <> fold(name);

-- Whose keys change, so that the search index of a large store is not written anew for a few.
CREATE TEMP TABLE refolded AS
SELECT id FROM users
WHERE email_folded <> email_key(email)
    OR search <> search_text(first_name, last_name, email, phone)
    OR sort_name <> sort_key(coalesce(last_name || ' ' || first_name, email));

INSERT INTO users_search (users_search, rowid, search)
SELECT 'delete', place, search FROM users_searched WHERE id IN (SELECT id FROM refolded) ORDER BY place;

UPDATE users
SET email_folded = email_key(email),
    search = search_text(first_name, last_name, email, phone),
    sort_name = sort_key(coalesce(last_name || ' ' || first_name, email))
WHERE id IN (SELECT id FROM refolded);

INSERT INTO users_search (rowid, search)
SELECT place, search FROM users_searched WHERE id IN (SELECT id FROM refolded) ORDER BY place;

DROP TABLE refolded;
