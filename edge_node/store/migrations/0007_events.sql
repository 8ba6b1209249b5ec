-- What local systems are told.

PRAGMA user_version = 7;
