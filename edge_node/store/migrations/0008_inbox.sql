-- What local systems fetch. A lock is an ordinary lease: the message is IN_FLIGHT under a fence, and beside it stands
-- who has it, under which name of the lock, and until when.

CREATE TABLE inbox_locks (
    seq     INTEGER PRIMARY KEY,               -- of the message
    lock    TEXT NOT NULL,                     -- 128 random bits
    owner   TEXT NOT NULL,                     -- name of the local system
    fence   INTEGER NOT NULL,                  -- of the lease
    ends    INTEGER                            -- as `due` is written; NULL: it is over
) STRICT;

CREATE INDEX inbox_locks_ends ON inbox_locks (ends) WHERE ends IS NOT NULL;

-- A lock goes with its message, whichever release removes that.
CREATE TRIGGER inbox_locks_gone AFTER DELETE ON messages BEGIN
    DELETE FROM inbox_locks WHERE seq = old.seq;
END;

-- The heads that an application can fetch, oldest first.
CREATE INDEX messages_inbox ON messages (receiver, seq)
    WHERE direction = 'in' AND head = 1 AND state IN ('KEPT', 'WAITING');

PRAGMA user_version = 8;
