-- What was told of the certificates of this site. Each step of each countdown is told once, whatever restarts between.
CREATE TABLE certificate_notices (
    seq         INTEGER PRIMARY KEY,
    at          REAL NOT NULL,
    telling     TEXT NOT NULL,                 -- ends, refused
    days        INTEGER NOT NULL,              -- of the step; 0: it has ended
    fingerprint TEXT NOT NULL,                 -- of the certificate, SHA-256
    part        TEXT NOT NULL,                 -- own, local, ca, anchor
    name        TEXT NOT NULL,                 -- what the settings call it
    subject     TEXT NOT NULL,
    ends_at     REAL NOT NULL,
    UNIQUE (fingerprint, telling, days)
) STRICT;

-- How far each way of telling came with them.
CREATE TABLE certificate_told (
    way  TEXT PRIMARY KEY,
    upto INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

PRAGMA user_version = 12;
