-- What local systems fetch.

PRAGMA user_version = 8;
