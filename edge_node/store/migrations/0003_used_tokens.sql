-- A token signs one message. Which message each one was used for is remembered until the token ends, so that a second
-- use is refused before the switchboard takes it for theft.

CREATE TABLE used_tokens (
    token     BLOB PRIMARY KEY,                -- digest of its id
    message   BLOB NOT NULL,                   -- digest of the message it was used for: direction, sender, id, content
    forget_at REAL NOT NULL
) WITHOUT ROWID, STRICT;

CREATE INDEX used_tokens_forget ON used_tokens (forget_at);

PRAGMA user_version = 3;
