-- When the token of a message that waits has ended, only a new signature lets it go on: its signer is told then, and
-- not when the line is back.

ALTER TABLE messages ADD COLUMN token_ends_at REAL;         -- NULL: no token, one that does not say, or told already

CREATE INDEX messages_token_ends ON messages (token_ends_at) WHERE token_ends_at IS NOT NULL;

PRAGMA user_version = 4;
