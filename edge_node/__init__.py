"""The edge node: stands between a care provider's own system and the national switchboard."""

__version__ = "0.1.0"
