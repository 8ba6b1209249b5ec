-- The access log as a chain: each record holds the hash of the one before it, and the node signs where the chain is.
-- The table `journal` stays for the release before this one; what is found in it is taken up into the chain.

-- The records that are in no file of their own yet. The text is hashed and signed as it stands: it is never changed.
CREATE TABLE log_records (
    seq    INTEGER PRIMARY KEY,
    hash   BLOB NOT NULL,                      -- SHA-256 over the hash before it and the text
    record TEXT NOT NULL
) STRICT;

-- What the node signed: the hash at that record is this one.
CREATE TABLE log_heads (
    seq       INTEGER PRIMARY KEY,
    statement TEXT NOT NULL,
    signature BLOB NOT NULL
) STRICT;

-- A segment is open, then full, then in a file. It is known here until its file is pruned.
CREATE TABLE log_segments (
    number INTEGER PRIMARY KEY,
    chain  TEXT NOT NULL,                      -- another one after a break
    first  INTEGER NOT NULL,                   -- seq
    began  REAL NOT NULL,
    state  TEXT NOT NULL CHECK (state IN ('open', 'full', 'filed')),
    last   INTEGER,                            -- seq; of an open one nobody needs it
    ended  REAL,
    hash   BLOB,                               -- at `last`
    file   TEXT                                -- name in the folder of the log
) STRICT;

-- The key of each segment, and under 0 the one that signs, as each key that opens the store can open it.
CREATE TABLE log_keys (
    segment INTEGER NOT NULL,
    by      TEXT NOT NULL,
    blob    BLOB NOT NULL,
    PRIMARY KEY (segment, by)
) WITHOUT ROWID, STRICT;

-- Lines of a command that had no key of the store: they are chained by the next one that has.
CREATE TABLE log_waiting (
    id      INTEGER PRIMARY KEY,
    at      REAL NOT NULL,
    line    TEXT NOT NULL,
    patient BLOB                               -- keyed hash
) STRICT;

-- Where the log was found to be bent, until a person says that it was seen.
CREATE TABLE log_breaches (
    id      INTEGER PRIMARY KEY,
    at      REAL NOT NULL,
    chain   TEXT NOT NULL,                     -- the one that was sealed off
    detail  TEXT NOT NULL,                     -- what and where, as JSON
    seen_at REAL,
    seen_by TEXT
) STRICT;

PRAGMA user_version = 13;
