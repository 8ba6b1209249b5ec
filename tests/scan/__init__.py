"""Ten thousand messages through a real node, and a search of all that leaves it for whom they were about."""
