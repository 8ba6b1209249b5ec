-- After a restore, and which releases can use this file.

PRAGMA user_version = 9;
