-- What was seen first when: security updates that wait, settings with the release they are used by.
CREATE TABLE sightings (
    kind     TEXT NOT NULL,
    name     TEXT NOT NULL,
    first_at REAL NOT NULL,
    PRIMARY KEY (kind, name)
) WITHOUT ROWID, STRICT;

-- Incidents, from when they were found until they are closed. What is written here names no patient.
CREATE TABLE incidents (
    id          INTEGER PRIMARY KEY,
    detected_at REAL NOT NULL,
    what        TEXT NOT NULL,
    is_breach   INTEGER NOT NULL,              -- of personal data
    owner       TEXT NOT NULL,
    opened_at   REAL NOT NULL,
    opened_by   TEXT NOT NULL,
    reported_at REAL,
    reported_to TEXT NOT NULL DEFAULT '',
    closed_at   REAL,
    closed_by   TEXT NOT NULL DEFAULT ''
) STRICT;

-- Which settings and release somebody approved.
CREATE TABLE approvals (
    seq      INTEGER PRIMARY KEY,
    digest   TEXT NOT NULL,                    -- of the settings
    release  TEXT NOT NULL,
    change   TEXT NOT NULL,                    -- number of the change, as the organisation has it
    approver TEXT NOT NULL,
    at       REAL NOT NULL,
    by_whom  TEXT NOT NULL,
    why      TEXT NOT NULL
) STRICT;

-- What was done to put the node out of use: 'begun' is the first step; each step counts once, the last time it was told.
CREATE TABLE leaving (
    step    TEXT PRIMARY KEY,
    at      REAL NOT NULL,
    owner   TEXT NOT NULL,
    note    TEXT NOT NULL,
    by_whom TEXT NOT NULL
) STRICT;

PRAGMA user_version = 16;
