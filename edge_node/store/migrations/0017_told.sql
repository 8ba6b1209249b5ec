-- What each local system told of itself: counts and limits, nothing of one patient or one user. The last counts.
CREATE TABLE told_figures (
    system  TEXT PRIMARY KEY,                  -- its name in the settings
    at      REAL NOT NULL,
    figures TEXT NOT NULL                      -- JSON
) STRICT;

PRAGMA user_version = 17;
