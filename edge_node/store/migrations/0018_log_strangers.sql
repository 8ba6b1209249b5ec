-- Records that lay behind the last one of the node and that it did not write: moved here, as they were found.
CREATE TABLE log_strangers (
    id     INTEGER PRIMARY KEY,
    at     REAL NOT NULL,                     -- when they were found
    seq    INTEGER NOT NULL,                  -- where they lay
    hash   BLOB NOT NULL,
    record TEXT NOT NULL
) STRICT;

PRAGMA user_version = 18;
