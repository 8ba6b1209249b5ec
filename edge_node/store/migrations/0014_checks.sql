-- What the checks found, each time a result changed: "since when" is true across restarts.
CREATE TABLE check_history (
    seq    INTEGER PRIMARY KEY,
    name   TEXT NOT NULL,
    at     REAL NOT NULL,
    result TEXT NOT NULL,                      -- good, warned, violated, unknown, not used
    value  TEXT NOT NULL
) STRICT;
CREATE INDEX check_history_name ON check_history (name, seq);

-- Violations that a named person accepts until a moment. The last one of a check counts.
CREATE TABLE check_waivers (
    seq      INTEGER PRIMARY KEY,
    name     TEXT NOT NULL,
    owner    TEXT NOT NULL,
    reason   TEXT NOT NULL,
    until    REAL NOT NULL,
    given_at REAL NOT NULL,
    given_by TEXT NOT NULL,
    ended_at REAL                              -- taken back before its end
) STRICT;

-- What a named person declares, since no machine can see it. The last one of a check counts.
CREATE TABLE check_attestations (
    seq       INTEGER PRIMARY KEY,
    name      TEXT NOT NULL,
    owner     TEXT NOT NULL,
    statement TEXT NOT NULL,
    is_met    INTEGER NOT NULL,
    made_at   REAL NOT NULL,
    until     REAL NOT NULL,
    made_by   TEXT NOT NULL
) STRICT;

-- What could not be reached, or did not run, and from when to when.
CREATE TABLE outages (
    seq      INTEGER PRIMARY KEY,
    part     TEXT NOT NULL,                    -- switchboard, broker, a local system, node
    began_at REAL NOT NULL,
    ended_at REAL                              -- null: it lasts
) STRICT;
CREATE INDEX outages_open ON outages (part) WHERE ended_at IS NULL;

-- When this node was last known to run.
CREATE TABLE alive (
    one INTEGER PRIMARY KEY CHECK (one = 1),
    at  REAL NOT NULL
) STRICT;

PRAGMA user_version = 14;
