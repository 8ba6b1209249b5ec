-- The first schema: queue, duplicate memory, history, counters and journal in one file, because a commit
-- across attached WAL files is not atomic. Never edited once released: the next change is 0002.

-- What the store knows of itself: the run of the process, the id of the key that hashes patient numbers.
CREATE TABLE meta (
    key   TEXT PRIMARY KEY,
    value ANY NOT NULL
) WITHOUT ROWID, STRICT;

-- One row a kept message. Its bytes are in `bodies`, so that walking the queue never reads them.
CREATE TABLE messages (
    seq         INTEGER PRIMARY KEY,           -- order of arrival
    uid         TEXT NOT NULL,                 -- 128 random bits, the public name
    direction   TEXT NOT NULL CHECK (direction IN ('out', 'in')),
    sender      TEXT NOT NULL,
    receiver    TEXT NOT NULL,
    root        TEXT NOT NULL,                 -- the message id
    extension   TEXT NOT NULL,
    interaction TEXT NOT NULL,
    ordering    TEXT NOT NULL,                 -- ordering group
    patient     BLOB,                          -- keyed hash; the number itself is in no column
    lane        BLOB NOT NULL,                 -- hash of what must stay in order
    priority    INTEGER NOT NULL CHECK (priority BETWEEN 0 AND 2),
    state       TEXT NOT NULL,
    head        INTEGER CHECK (head IN (0, 1)),-- 1: first of its lane; 0: behind it; NULL: in no lane
    due         INTEGER,                       -- run * 2^40 + monotonic ms: what an older run set is due at once
    expires_at  REAL,                          -- seconds since the epoch; NULL: never
    lifetime_s  REAL,
    attempts    INTEGER NOT NULL DEFAULT 0,    -- handovers begun
    fence       INTEGER NOT NULL DEFAULT 0,    -- of the last lease
    run         INTEGER,                       -- of the process that holds the lease
    unknown     INTEGER NOT NULL DEFAULT 0,    -- a handover may have reached the other side
    token       BLOB NOT NULL,                 -- digest of its tokens' ids; empty: it has none
    spent       INTEGER NOT NULL DEFAULT 0,    -- its token may have been seen: not sent again before a renewal
    removal     INTEGER NOT NULL DEFAULT 0,    -- takes a registration back: never waits
    superseded  INTEGER NOT NULL DEFAULT 0,    -- a removal came after it: never sent (again)
    again       INTEGER NOT NULL DEFAULT 0,    -- a removal to be sent once more after its acknowledgement
    last_code   TEXT NOT NULL DEFAULT '',
    correlation TEXT NOT NULL,
    digest      BLOB NOT NULL,
    size        INTEGER NOT NULL,              -- bytes of the body
    kept_at     REAL NOT NULL,
    ended_at    REAL,
    body_until  REAL,                          -- the body is removed after this moment
    answer      INTEGER                        -- what the other side said in the end
) STRICT;

CREATE UNIQUE INDEX messages_uid ON messages (uid);
CREATE INDEX messages_id ON messages (extension, root);
-- Only the head of a lane is in the due index: a blocked lane of 100,000 costs a claim nothing.
CREATE INDEX messages_due ON messages (direction, priority, due, seq) WHERE head = 1 AND due IS NOT NULL;
-- One head a lane, kept so by the database itself.
CREATE UNIQUE INDEX messages_head ON messages (lane) WHERE head = 1;
CREATE INDEX messages_lane ON messages (lane, seq) WHERE head IS NOT NULL;
CREATE INDEX messages_expires ON messages (expires_at) WHERE head IS NOT NULL AND expires_at IS NOT NULL;
-- For people, and for the leases of older runs.
CREATE INDEX messages_state ON messages (direction, state, seq);
CREATE INDEX messages_body_until ON messages (body_until) WHERE body_until IS NOT NULL;
CREATE INDEX messages_ended ON messages (ended_at) WHERE ended_at IS NOT NULL;

-- The bytes, as they came and as they go.
CREATE TABLE bodies (
    seq          INTEGER PRIMARY KEY,
    path         TEXT NOT NULL,
    soap_action  TEXT NOT NULL,
    content_type TEXT NOT NULL,
    body         BLOB NOT NULL
) STRICT;

-- Answers given to senders, to be given again byte for byte, and what the other side said in the end.
CREATE TABLE answers (
    id           INTEGER PRIMARY KEY,
    status       INTEGER NOT NULL,
    content_type TEXT NOT NULL,
    headers      TEXT NOT NULL,                -- JSON list of pairs
    body         BLOB NOT NULL
) STRICT;

-- Which message ids were seen, with what content, and how they were answered first.
CREATE TABLE duplicates (
    direction TEXT NOT NULL,
    sender    TEXT NOT NULL,
    root      TEXT NOT NULL,
    extension TEXT NOT NULL,
    digest    BLOB NOT NULL,
    state     TEXT NOT NULL CHECK (state IN ('open', 'answered', 'unknown')),
    uid       TEXT,                            -- NULL: a push that was not kept
    run       INTEGER NOT NULL,                -- of the process that has it in hand
    answer    INTEGER,
    forget_at REAL,                            -- NULL while the message lives
    PRIMARY KEY (direction, sender, root, extension)
) WITHOUT ROWID, STRICT;

CREATE INDEX duplicates_begun ON duplicates (run) WHERE state = 'open' AND uid IS NULL;
CREATE INDEX duplicates_forget ON duplicates (forget_at) WHERE forget_at IS NOT NULL;

-- What happened to each message, step by step.
CREATE TABLE history (
    seq   INTEGER NOT NULL,
    step  INTEGER NOT NULL,
    at    REAL NOT NULL,
    event TEXT NOT NULL,
    state TEXT NOT NULL,                       -- after the step
    code  TEXT NOT NULL,
    who   TEXT NOT NULL,                       -- 'node', or the person
    why   TEXT NOT NULL,
    PRIMARY KEY (seq, step)
) WITHOUT ROWID, STRICT;

-- How many messages are in each state: kept in the same commit, so that nobody ever counts a million rows.
CREATE TABLE counters (
    direction TEXT NOT NULL,
    state     TEXT NOT NULL,
    n         INTEGER NOT NULL,
    PRIMARY KEY (direction, state)
) WITHOUT ROWID, STRICT;

-- The access log. Lines are added, never changed.
CREATE TABLE journal (
    seq         INTEGER PRIMARY KEY,
    at          REAL NOT NULL,
    direction   TEXT NOT NULL,
    event       TEXT NOT NULL,
    interaction TEXT NOT NULL,
    message_id  TEXT NOT NULL,
    sender      TEXT NOT NULL,
    receiver    TEXT NOT NULL,
    outcome     TEXT NOT NULL,
    correlation TEXT NOT NULL,
    patient     BLOB
) STRICT;

PRAGMA user_version = 1;
