"""Sample messages: invented, realistic in size and shape, with test patient numbers only."""
