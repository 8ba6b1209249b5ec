-- What the line remembers of its other sides.

PRAGMA user_version = 11;
