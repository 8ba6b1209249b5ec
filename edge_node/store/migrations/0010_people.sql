-- What people ask of the queue, found without walking it.

-- How many messages of each state wait for which receiver, by the five minutes in which they were kept. Kept right by
-- the database itself, so also where another release writes, or a repair. What is over for good is not counted, nor
-- what is being handed over: that is little, and a message that goes at once then costs nothing here.
CREATE TABLE tallies (
    direction TEXT NOT NULL,
    state     TEXT NOT NULL,
    receiver  TEXT NOT NULL,
    slot      INTEGER NOT NULL,                -- kept_at / 300
    n         INTEGER NOT NULL,
    PRIMARY KEY (direction, state, receiver, slot)
) WITHOUT ROWID, STRICT;

INSERT INTO tallies
    SELECT direction, state, receiver, CAST(kept_at / 300 AS INTEGER), count(*) FROM messages
    WHERE state IN ('KEPT', 'WAITING', 'NEEDS_TOKEN', 'HELD', 'EXPIRED', 'DEAD') GROUP BY 1, 2, 3, 4;

CREATE TRIGGER tallies_came AFTER INSERT ON messages
WHEN new.state IN ('KEPT', 'WAITING', 'NEEDS_TOKEN', 'HELD', 'EXPIRED', 'DEAD') BEGIN
    INSERT INTO tallies VALUES (new.direction, new.state, new.receiver, CAST(new.kept_at / 300 AS INTEGER), 1)
        ON CONFLICT DO UPDATE SET n = n + 1;
END;

CREATE TRIGGER tallies_moved AFTER UPDATE OF state ON messages
WHEN old.state <> new.state
    AND (old.state IN ('KEPT', 'WAITING', 'NEEDS_TOKEN', 'HELD', 'EXPIRED', 'DEAD')
        OR new.state IN ('KEPT', 'WAITING', 'NEEDS_TOKEN', 'HELD', 'EXPIRED', 'DEAD')) BEGIN
    UPDATE tallies SET n = n - 1
        WHERE direction = old.direction AND state = old.state AND receiver = old.receiver
        AND slot = CAST(old.kept_at / 300 AS INTEGER);
    DELETE FROM tallies
        WHERE direction = old.direction AND state = old.state AND receiver = old.receiver
        AND slot = CAST(old.kept_at / 300 AS INTEGER) AND n = 0;
    INSERT INTO tallies SELECT new.direction, new.state, new.receiver, CAST(new.kept_at / 300 AS INTEGER), 1
        WHERE new.state IN ('KEPT', 'WAITING', 'NEEDS_TOKEN', 'HELD', 'EXPIRED', 'DEAD')
        ON CONFLICT DO UPDATE SET n = n + 1;
END;

CREATE TRIGGER tallies_gone AFTER DELETE ON messages
WHEN old.state IN ('KEPT', 'WAITING', 'NEEDS_TOKEN', 'HELD', 'EXPIRED', 'DEAD') BEGIN
    UPDATE tallies SET n = n - 1
        WHERE direction = old.direction AND state = old.state AND receiver = old.receiver
        AND slot = CAST(old.kept_at / 300 AS INTEGER);
    DELETE FROM tallies
        WHERE direction = old.direction AND state = old.state AND receiver = old.receiver
        AND slot = CAST(old.kept_at / 300 AS INTEGER) AND n = 0;
END;

-- What is stuck, by cause. These states are rare, so a message that goes its way costs nothing here.
CREATE INDEX messages_stuck ON messages (state, direction, last_code, receiver, interaction)
    WHERE state IN ('DEAD', 'EXPIRED', 'HELD', 'NEEDS_TOKEN');

-- Removals from the index, by lane: what one of them took back is not sent after it.
CREATE INDEX messages_removals ON messages (lane, seq) WHERE removal = 1;

PRAGMA user_version = 10;
