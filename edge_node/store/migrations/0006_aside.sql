-- A message that cannot be read any more leaves the line, so that nothing waits behind it. Its bytes stay as they are,
-- cell by cell: what one release cannot read, a person or a later release may.
CREATE TABLE set_aside (
    id          INTEGER PRIMARY KEY,
    seq         INTEGER NOT NULL,              -- its place in `messages`, which is never given to another one
    at          REAL NOT NULL,
    why         TEXT NOT NULL,                 -- what could not be read, in our words
    uid         TEXT,                          -- from here on NULL: could not be read
    direction   TEXT,
    sender      TEXT,
    receiver    TEXT,
    root        TEXT,
    extension   TEXT,
    interaction TEXT,
    state       TEXT,                          -- as the row has it, or else its history
    correlation TEXT,
    kept_at     REAL,
    unknown     INTEGER NOT NULL,              -- it may have reached the other side
    answer      INTEGER,
    left_behind TEXT NOT NULL,                 -- tables that still hold a part of it: the page would not let it go
    stuck       INTEGER NOT NULL,              -- its row holds its place in the lane until the store is repaired
    replaced_by TEXT,                          -- uid of a copy that its sender handed in again
    until       REAL                           -- its bytes are removed after this moment
) STRICT;

CREATE INDEX set_aside_uid ON set_aside (uid);
CREATE INDEX set_aside_seq ON set_aside (seq);
CREATE INDEX set_aside_until ON set_aside (until) WHERE until IS NOT NULL;

CREATE TABLE set_aside_cells (
    aside  INTEGER NOT NULL,
    source TEXT NOT NULL,                      -- the table it was in
    number INTEGER NOT NULL,                   -- the row, where there were several
    name   TEXT NOT NULL,                      -- the column
    value  ANY
) STRICT;

CREATE INDEX set_aside_cells_aside ON set_aside_cells (aside);

-- Where a damaged row holds its place in a lane, the rest of the lane goes on under another name.
CREATE TABLE detours (
    id     INTEGER PRIMARY KEY,
    lane   BLOB NOT NULL UNIQUE,
    onward BLOB NOT NULL
) STRICT;

-- Pages of zeros, given up when the disk is full: what is written then takes these, and the file need not grow.
CREATE TABLE reserve_pages (
    id     INTEGER PRIMARY KEY,
    filler BLOB NOT NULL
) STRICT;

PRAGMA user_version = 6;
