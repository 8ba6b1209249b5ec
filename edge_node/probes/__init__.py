"""Looks at the machine and says what it saw."""
