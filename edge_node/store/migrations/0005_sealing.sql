-- Bodies and answers are sealed, each day under a key of its own. What was written before has no key yet: it is read
-- as it is, and sealed in the background.

-- A key seals what is kept during one day of the node's clock (UTC), and is destroyed when nothing needs it any more.
CREATE TABLE day_keys (
    id  INTEGER PRIMARY KEY AUTOINCREMENT,     -- never given twice: it is written in what was sealed
    day INTEGER NOT NULL UNIQUE                -- since 1970-01-01
) STRICT;

-- Each key of a day, wrapped once for each key that opens it: the store's own, and each recovery key of the site.
CREATE TABLE wrapped_keys (
    key  INTEGER NOT NULL,
    by   TEXT NOT NULL,                        -- id of the key that opens it
    blob BLOB NOT NULL,
    PRIMARY KEY (key, by)
) WITHOUT ROWID, STRICT;

-- With a key, `body` holds all of the bytes sealed, and the columns beside it are empty.
ALTER TABLE bodies ADD COLUMN key INTEGER;     -- NULL: not sealed yet
CREATE INDEX bodies_key ON bodies (key);

ALTER TABLE answers ADD COLUMN key INTEGER;    -- NULL: not sealed yet; 0: it could not be opened
ALTER TABLE answers ADD COLUMN owner TEXT;     -- whose answer it is, as it was sealed
CREATE INDEX answers_key ON answers (key);

PRAGMA user_version = 5;
