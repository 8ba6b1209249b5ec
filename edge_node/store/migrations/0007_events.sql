-- What local systems are told of their messages, written in the same commit as the step that causes it. A number is
-- never given twice, also when the newest were removed: who reads remembers how far it read by it.

CREATE TABLE events (
    seq         INTEGER PRIMARY KEY AUTOINCREMENT,
    at          REAL NOT NULL,
    application TEXT NOT NULL,                 -- ours: whom it is for
    kind        TEXT NOT NULL,
    uid         TEXT NOT NULL,
    direction   TEXT NOT NULL,
    root        TEXT NOT NULL,                 -- the message id
    extension   TEXT NOT NULL,
    interaction TEXT NOT NULL,
    sender      TEXT NOT NULL,
    receiver    TEXT NOT NULL,
    state       TEXT NOT NULL,
    code        TEXT NOT NULL,
    unknown     INTEGER NOT NULL,
    kept_at     REAL NOT NULL
) STRICT;

CREATE INDEX events_application ON events (application, seq);
CREATE INDEX events_at ON events (at);

-- How far each way of telling came. An empty application stands for the whole site.
CREATE TABLE told (
    application TEXT NOT NULL,
    way         TEXT NOT NULL,
    upto        INTEGER NOT NULL,
    PRIMARY KEY (application, way)
) WITHOUT ROWID, STRICT;

-- A push in that waits too long is told once: 0 not looked at, 1 older than the age of acute care and not of it, 2 told.
ALTER TABLE messages ADD COLUMN late INTEGER NOT NULL DEFAULT 0;

CREATE INDEX messages_late ON messages (late, kept_at) WHERE direction = 'in' AND ended_at IS NULL;

PRAGMA user_version = 7;
