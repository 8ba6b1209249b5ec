-- What people ask of the queue, found without walking it.

PRAGMA user_version = 10;
