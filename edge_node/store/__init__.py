"""What is kept on disk, in one SQLite database."""
