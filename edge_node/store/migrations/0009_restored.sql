-- After a restore, and what is remembered of backups.

-- Backups, drills and restores, the newest few of each kind; `status` and `check` ask when the last good one was.
CREATE TABLE backups (
    id     INTEGER PRIMARY KEY,
    kind   TEXT NOT NULL,                      -- backup, drill, restore
    at     REAL NOT NULL,
    code   TEXT NOT NULL,                      -- empty: it went well
    detail TEXT NOT NULL                       -- JSON: names, sizes, counts; nothing of a message
) STRICT;

CREATE INDEX backups_kind ON backups (kind, id);

-- What a restore holds back, by age: released a little at a time, counted at every look. Costs other messages nothing.
CREATE INDEX messages_restored ON messages (direction, kept_at, seq)
    WHERE state = 'HELD' AND last_code = 'EN-RESTORED';

PRAGMA user_version = 9;
