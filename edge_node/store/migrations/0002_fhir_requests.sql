-- A FHIR request is more than its bytes: its method and headers go with them (its address has been in `path` all
-- along). What was kept before is SOAP, which is what the defaults say.

ALTER TABLE bodies ADD COLUMN format TEXT NOT NULL DEFAULT 'soap';
ALTER TABLE bodies ADD COLUMN method TEXT NOT NULL DEFAULT 'POST';
ALTER TABLE bodies ADD COLUMN headers TEXT NOT NULL DEFAULT '[]';            -- JSON list of pairs

-- The other side recognises a copy, so a handover with an unknown outcome is repeated without a new token.
ALTER TABLE messages ADD COLUMN repeatable INTEGER NOT NULL DEFAULT 0;

PRAGMA user_version = 2;
