-- Emergency accesses, each in the commit that writes its line in the access log, until somebody has looked at it.
-- What a person said of one stands in the access log, sealed: here is only that he did.
CREATE TABLE emergencies (
    id           INTEGER PRIMARY KEY,
    at           REAL NOT NULL,
    direction    TEXT NOT NULL,
    interaction  TEXT NOT NULL,
    application  TEXT NOT NULL,                -- ours
    counterparty TEXT NOT NULL,                -- application id of the other side
    system       TEXT NOT NULL,                -- the local system
    role         TEXT NOT NULL,                -- UZI role code of the user
    ura          TEXT NOT NULL,                -- of his organisation
    message      TEXT NOT NULL,
    correlation  TEXT NOT NULL,                -- its lines in the log have it too
    result       TEXT NOT NULL,
    patient      BLOB,                         -- keyed hash
    explained_at REAL,                         -- when a reason was given; with the message, or afterwards
    explained_by TEXT NOT NULL,
    signed_at    REAL,                         -- when somebody signed it off
    signed_by    TEXT NOT NULL,
    verdict      TEXT NOT NULL                 -- 'justified' or 'unjustified'; empty until then
) STRICT;
CREATE INDEX emergencies_open ON emergencies (id) WHERE signed_at IS NULL;
CREATE INDEX emergencies_signed ON emergencies (signed_at) WHERE signed_at IS NOT NULL;

PRAGMA user_version = 15;
