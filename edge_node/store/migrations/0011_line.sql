-- What the line remembers of its other sides.

-- Heads of lanes to a place that is down: due only at the end of this run of the process, so that no claim comes past
-- them. What an older run set is due at once, so nothing rests for ever. A line that is no longer true does no harm.
CREATE TABLE resting (
    id        INTEGER PRIMARY KEY,             -- order in which they went to rest
    seq       INTEGER NOT NULL UNIQUE,         -- of the message
    direction TEXT NOT NULL,
    place     TEXT NOT NULL,                   -- a way, or a destination behind it
    priority  INTEGER NOT NULL
) STRICT;

CREATE INDEX resting_place ON resting (direction, place, priority, id);

-- Messages that do not go the way of most, SOAP: what is in their bytes is sealed.
CREATE TABLE other_ways (
    seq    INTEGER PRIMARY KEY,                -- of the message
    format TEXT NOT NULL
) STRICT;

-- Both lines go with their message, whichever release removes that.
CREATE TRIGGER resting_gone AFTER DELETE ON messages BEGIN
    DELETE FROM resting WHERE seq = old.seq;
    DELETE FROM other_ways WHERE seq = old.seq;
END;

-- Pushes that are handed over while their sender waits: they hold their lane although nothing of them is kept. A
-- registration whose outcome nobody knows stays here, for the removal that may come after it.
CREATE TABLE passing (
    direction TEXT NOT NULL,
    sender    TEXT NOT NULL,
    root      TEXT NOT NULL,
    extension TEXT NOT NULL,
    lane      BLOB NOT NULL,
    removal   INTEGER NOT NULL,
    unknown   INTEGER NOT NULL,                -- its outcome; 0 while it is on its way
    holds     INTEGER NOT NULL,                -- until when it holds its lane, written as `due` is
    forget_at REAL NOT NULL,
    PRIMARY KEY (direction, sender, root, extension)
) WITHOUT ROWID, STRICT;

CREATE INDEX passing_lane ON passing (lane);
CREATE INDEX passing_forget ON passing (forget_at);

PRAGMA user_version = 11;
