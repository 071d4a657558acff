-- Lists go by the alphabet, no longer by code points: every place in lists is made anew, and so the search index, whose
-- order it is. `sort_key` is a function of the program.

UPDATE users SET sort_name = sort_key(coalesce(last_name || ' ' || first_name, email));

INSERT INTO users_search (users_search) VALUES ('delete-all');
INSERT INTO users_search (rowid, search) SELECT place, search FROM users_searched ORDER BY place;
