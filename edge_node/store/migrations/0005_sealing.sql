-- Bodies and answers are sealed.

PRAGMA user_version = 5;
