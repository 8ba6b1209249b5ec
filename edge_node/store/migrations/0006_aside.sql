-- What cannot be read is set aside, and the reserve of the access log.

PRAGMA user_version = 6;
